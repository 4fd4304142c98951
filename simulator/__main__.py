"""``frandsim`` and ``python -m simulator``: the command line."""

from __future__ import annotations

import os


def main() -> None:
    """Run the command line; Ctrl-C while it is still being imported ends it without a traceback."""
    try:
        from simulator.cli import main as command
    except KeyboardInterrupt:
        os._exit(130)
    command()


if __name__ == "__main__":
    main()
