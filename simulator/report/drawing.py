"""Figures drawn by a helper, started early enough to have loaded the plots by then.

What it does not draw, the caller does.
"""

from __future__ import annotations

import atexit
import copy
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.batch.helper import Gone, Helper, attend

if TYPE_CHECKING:
    from simulator.comparison.tables import Tables
    from simulator.figures.comparison import Plot

_waiting: list[Helper] = []


def prepare() -> None:
    """Start the helper, so that it has loaded the plots when they are wanted; once is enough."""
    with suppress(OSError):
        if not _waiting and (os.cpu_count() or 1) > 1:
            _waiting.append(Helper(__name__, told=False))


@atexit.register
def dismiss() -> None:
    """End the helper where it was not needed."""
    while _waiting:
        _waiting.pop().let_go()


class Drawing:
    """Figures being drawn into a folder, by the helper if there is one, until :meth:`finished`."""

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
        """Draw what the helper has not begun, from the last; the files of every figure, in order."""
        written: list[list[Path]] = []
        for place, plot in reversed(list(enumerate(self.plots))):
            if self.asked and not self.asked[place].cancel():
                with suppress(Gone):
                    written.append(self.asked[place].result())
                    continue
            written.append(draw(plot, *self.job))
        return written[::-1]

    def close(self) -> None:
        """Let the helper go."""
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

    def drawn(task: Any) -> list[Path] | None:
        nonlocal job
        if isinstance(task, str):
            return draw(known[task], *job)
        job = task
        return None

    attend(drawn)


def _for_figures(tables: Tables) -> Tables:
    """The tables without the negotiations they are computed from, once those that figures draw are."""
    evidence, light = copy.copy(tables.evidence), copy.copy(tables)
    evidence.forget()
    object.__setattr__(light, "evidence", evidence)
    return light
