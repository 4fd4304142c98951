"""What a study of evolution leaves in its folder: each table with its figure, the answer, the manifest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.evolution.learned.words import save
from simulator.figures.evolution import figures
from simulator.figures.style import based_on, caption, style
from simulator.report.publisher import Publisher
from simulator.spec.regime import Regime
from simulator.spec.strategy import Strategy
from simulator.writing.folders import moved, replacing


def publish_evolution(
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    about: Mapping[str, Any],
    replications: int,
    laws: Iterable[Regime],
    answer: str = "",
    counts: Mapping[str, int] | None = None,
    strategies: Sequence[Strategy] = (),
) -> list[Path]:
    """Write each table as CSV with its figure in SVG and PNG, the answer, and manifest.json last.

    ``replications`` is what captions state; ``counts`` says of which figures it is another number.  ``laws``
    are the regimes that the tables are about; ``strategies`` that were learned go into a folder of that name.
    """
    with replacing(folder) as beside:
        learned = save(strategies, beside / "strategies") if strategies else []
        into = Publisher(beside, about, written=learned)
        _write(into, tables, replications, laws, answer, counts)
        return moved(into.close(), beside, folder)


def _write(
    into: Publisher,
    tables: Mapping[str, pd.DataFrame],
    replications: int,
    laws: Iterable[Regime],
    answer: str,
    counts: Mapping[str, int] | None,
) -> None:
    for name, table in tables.items():
        into.table(name, table)
    if answer:
        into.text("answer.md", answer)
    for name, (draw, data, title) in figures(tables, laws).items():
        with style():
            count = (counts or {}).get(name, replications)
            figure = caption(draw(*data), f"{title} {based_on(count, into.origin['seed'])}")
        into.figure(name, figure, title)
