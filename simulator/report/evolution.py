"""What a study of evolution leaves in its folder: each table with its figure, the answer, the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.figures.evolution import figures
from simulator.figures.style import based_on, caption, style
from simulator.report.publisher import Publisher


def publish_evolution(
    tables: Mapping[str, pd.DataFrame],
    folder: Path,
    about: Mapping[str, Any],
    replications: int,
    answer: str = "",
    counts: Mapping[str, int] | None = None,
) -> list[Path]:
    """Write each table as CSV with its figure in SVG and PNG, the answer, and manifest.json last.

    ``replications`` is what captions state; ``counts`` says of which figures it is another number.
    """
    into = Publisher(folder, about)
    for name, table in tables.items():
        into.table(name, table)
    if answer:
        into.text("answer.md", answer)
    for name, (draw, data, title) in figures(tables).items():
        with style():
            count = (counts or {}).get(name, replications)
            figure = caption(draw(*data), f"{title} {based_on(count, about['seed'])}")
        into.figure(name, figure, title)
    return into.close()
