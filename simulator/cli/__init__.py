"""The command line: ``frandsim ...``, every command a few lines.

Results go to standard output, everything else to standard error.  Exit status: 0 done, 1 failed, 2 bad
input, 130 interrupted.  What is heavy to import is imported by the command that needs it.
"""

from __future__ import annotations

import sys
from errno import ENAMETOOLONG
from pathlib import Path

from simulator.batch.interrupt import Interrupted, leave, listening
from simulator.batch.tally import BatchError
from simulator.cli.options import app as app
from simulator.cli.output import speak, tell
from simulator.errors import ScenarioError, printable

# isort: off
# Commands are listed by --help in the order of these lines.
from simulator.cli import studies  # noqa: F401
from simulator.cli import batches  # noqa: F401
from simulator.cli import inquiries  # noqa: F401
from simulator.cli import law  # noqa: F401
from simulator.cli import files  # noqa: F401
from simulator.cli import catalogue  # noqa: F401
from simulator.cli import page  # noqa: F401
# isort: on


def main() -> None:
    """Run the command line."""
    speak()
    try:
        Path.cwd()
    except OSError:
        tell("frandsim: the working directory is gone; go to another")
        sys.exit(2)
    try:
        with listening():
            app(prog_name="frandsim")
    except ScenarioError as error:
        tell(str(error))
        sys.exit(2)
    except OSError as error:
        if error.errno == ENAMETOOLONG:
            tell("frandsim: a name is longer than a file system takes: 255 bytes")
            sys.exit(2)
        place = f"{printable(str(error.filename))}: " if error.filename else ""
        tell(f"frandsim: {place}{error.strerror or error}")
        sys.exit(1)
    except BatchError as error:
        tell(f"frandsim: {error}")
        sys.exit(1)
    except Interrupted as stop:
        tell(f"frandsim: {str(stop) or 'interrupted; nothing is left half-written'}")
        leave()
