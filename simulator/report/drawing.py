"""Figures drawn by a second process, started early enough to have loaded the plots by then.

It is a Python of its own, fed through pipes: it neither runs the caller's script again, as multiprocessing
would, nor shares locks with the caller's threads, as a fork would.  What it does not draw, the caller does.
"""

from __future__ import annotations

import atexit
import copy
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from simulator.comparison.tables import Tables
    from simulator.figures.comparison import Plot

SERVE = "from simulator.report.drawing import serve; serve()"


class Draughtsman:
    """The second process; it ends when it is let go, or with this one."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, sys.path))
        self.process = subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-P", "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path},
            start_new_session=True,  # an interrupt ends it by its pipe
        )

    def ask(self, task: Any) -> Any:
        """Hand over a task, wait for the answer.

        Raises ``OSError``, ``EOFError`` where the process is gone.
        """
        data = pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)  # whole, or nothing is sent
        into, back = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)
        into.write(data)
        into.flush()
        return pickle.load(back)  # noqa: S301 - from a process of our own

    def let_go(self) -> None:
        """End the process."""
        self.process.kill()
        with suppress(OSError), self.process:  # closes the pipes
            pass


_waiting: list[Draughtsman] = []


def prepare() -> None:
    """Start the second process, so that it has loaded the plots when they are wanted; once is enough."""
    with suppress(OSError):
        if not _waiting and (os.cpu_count() or 1) > 1:
            _waiting.append(Draughtsman())


@atexit.register
def dismiss() -> None:
    """End the second process where it was not needed."""
    while _waiting:
        _waiting.pop().let_go()


class Drawing:
    """Figures being drawn into a folder, in the second process if it was prepared, until :meth:`finished`."""

    def __init__(
        self,
        tables: Tables,
        plots: Sequence[Plot],
        folder: Path,
        about: Mapping[str, Any],
        formats: Sequence[str],
    ) -> None:
        self.plots, self.job = plots, (tables, folder, about, formats)
        self.helper = _waiting.pop() if _waiting else None
        self.queue = ThreadPoolExecutor(1)
        self.asked: list[Future[list[Path]]] = []
        if self.helper is not None:
            self.queue.submit(self.helper.ask, (_for_figures(tables), folder, about, formats))
            self.asked = [self.queue.submit(self.helper.ask, plot.name) for plot in plots]

    def finished(self) -> list[list[Path]]:
        """Draw what the other process has not begun, from the last; the files of every figure, in order."""
        written: list[list[Path]] = []
        for place, plot in reversed(list(enumerate(self.plots))):
            if self.asked and not self.asked[place].cancel():
                with suppress(OSError, EOFError, pickle.UnpicklingError):
                    written.append(self.asked[place].result())
                    continue
            written.append(draw(plot, *self.job))
        return written[::-1]

    def close(self) -> None:
        """Let the other process go."""
        if self.helper is not None:
            self.helper.let_go()
        self.queue.shutdown(cancel_futures=True)


def draw(
    plot: Plot, tables: Tables, folder: Path, about: Mapping[str, Any], formats: Sequence[str]
) -> list[Path]:
    """Draw a figure into a folder; returns its files.  ``about`` is the manifest."""
    from simulator.figures.style import based_on, caption, style
    from simulator.report.publisher import Publisher

    said = f"{plot.title}. Scenario {tables.evidence.scenario.scenario},"
    count, seed = tables.evidence.replications, tables.evidence.scenario.seed
    with style():
        figure = caption(plot.draw(tables), f"{said} {based_on(count, seed, plot.marks)}")
    into = Publisher(folder, about, formats=formats)
    into.figure(f"figures/{plot.name}", figure, plot.title)
    return into.files


def serve() -> None:
    """Draw what the other side of the pipes asks for, until it is gone."""
    from simulator.figures.comparison import PLOTS

    known = {plot.name: plot for plot in PLOTS}
    job: Any = None
    with suppress(EOFError, BrokenPipeError):
        while True:
            task = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
            answer: Any = None
            if isinstance(task, str):
                answer = draw(known[task], *job)
            else:
                job = task
            pickle.dump(answer, sys.stdout.buffer)
            sys.stdout.buffer.flush()


def _for_figures(tables: Tables) -> Tables:
    """The tables without the negotiations they are computed from, once those that figures draw are."""
    evidence, light = copy.copy(tables.evidence), copy.copy(tables)
    evidence.forget()
    object.__setattr__(light, "evidence", evidence)
    return light
