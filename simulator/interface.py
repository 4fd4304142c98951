"""What Python asks: names and paths, understood or refused in words; a comparison that shows itself."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from simulator import study
from simulator.batch.files import put
from simulator.comparison.comparison import Comparison
from simulator.errors import Problem, ScenarioError, nearest
from simulator.evolution.evolved import Adaptation
from simulator.figures.comparison import PLOTS
from simulator.figures.style import Figure, style
from simulator.spec.given import names, shown, whole, yes_or_no
from simulator.spec.load import load_scenario, varied_scenario
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.writing.folders import replacing, there, writable
from simulator.writing.manifest import manifest
from simulator.writing.terminal import html

FORMATS = ("svg", "png", "pdf")


@dataclass(frozen=True, repr=False)
class ShownComparison(Comparison):
    """A comparison that a notebook shows as its table and plane, and that draws and writes itself."""

    origin: dict[str, Any] = field(default_factory=dict)

    def plot(self, name: object = "plane") -> Figure:
        """A figure of the report, ready to be shown or saved.

        Raises ``ScenarioError`` for a name that is no figure, and where this comparison has no data for it.
        """
        plots = {plot.name: plot for plot in PLOTS}
        if not isinstance(name, str) or name not in plots:
            near = nearest(str(name), plots)
            raise ScenarioError(
                Problem("plot", None, "", f"no figure is called {shown(name)}", near, '.plot("plane")')
            )
        if plots[name].rows(self.tables).empty:
            rule = "two regimes and two replications, or more"
            raise ScenarioError(Problem("plot", None, name, "there is nothing to draw", rule))
        with style():
            return plots[name].draw(self.tables)

    def report(self, path: str | Path, formats: Sequence[str] | str = ("svg", "png")) -> Path:
        """Write the report; returns where it is.

        Into a folder with its tables, figures and manifest, or, where ``path`` ends in ``.html``, alone into
        that file.
        """
        from simulator.report.comparison import publish_comparison

        drawn, target = _formats(formats), _path(path, "report")
        if target.suffix != ".html":
            stated = ("scenario_hash", "equal_procedure")
            same = all(there(target).get(key) == self.origin.get(key) for key in stated)
            with writable(target), replacing(target, adding=same) as beside:
                publish_comparison(self.tables, beside, self.origin, [], drawn)
            return target / "report.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            publish_comparison(self.tables, Path(folder), self.origin, [], ["svg"])
            put(target, Path(folder, "report.html").read_bytes())
        return target

    def _repr_html_(self) -> str:
        """The table, and the plane where there are regimes to compare."""
        if len(self.tables.order) < 2 or len(self.tables.plane) == 0:
            return html(self.table())
        drawn = io.StringIO()
        self.plot("plane").savefig(drawn, format="svg")
        svg = drawn.getvalue()
        return f"{html(self.table())}\n{svg[svg.index('<svg') :]}"


def compare(
    scenario: Scenario | str | Path,
    *,
    regimes: Sequence[str] | str | None = None,
    set: Mapping[str, float] | None = None,  # noqa: A002 - the word of the files
    baseline: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    equal_procedure: bool = False,
    evolved: Adaptation | bool = False,
    out: str | Path | None = None,
    formats: Sequence[str] | str = ("svg", "png"),
    workers: int = 1,
) -> ShownComparison:
    """Play a scenario under each of its regimes, with the same markets and chance, and compare them.

    ``scenario`` is a built-in name, a path, or what ``load_scenario`` gave; ``regimes``, ``set``,
    ``baseline``, ``replications`` and ``seed`` replace what it says, as in ``load_scenario``.  With
    ``equal_procedure``, only the remedy of each regime is its own; with ``evolved``, every metric is also
    taken at the mix of strategies that people adapting come to (``True``: as the command has them adapt).
    With ``out``, everything is written into that folder, figures in ``formats``.  The numbers do not depend
    on ``workers``.  Raises ``ScenarioError``.
    """
    played = _scenario(
        scenario, regimes=regimes, set=set, baseline=baseline, replications=replications, seed=seed
    )
    if problem := whole(workers, "workers", 1, 2**16, needed=True):
        raise ScenarioError(problem)
    how = evolved if isinstance(evolved, Adaptation) else None
    if how is None and yes_or_no(evolved, "evolved"):
        how = study.adaptation(budget=256)
    compared = study.compare(
        played,
        workers=workers,
        out=None if out is None else _path(out, "out"),
        equal_procedure=yes_or_no(equal_procedure, "equal_procedure"),
        formats=_formats(formats),
        evolved=how,
    )
    origin = manifest(played, equal_procedure=equal_procedure)
    return ShownComparison(compared.scenario, compared.tables, compared.written, origin)


def run(
    scenario: Scenario | str | Path,
    regime: str | Regime,
    *,
    set: Mapping[str, float] | None = None,  # noqa: A002 - the word of the files
    replications: int | None = None,
    seed: int | None = None,
    out: str | Path | None = None,
    workers: int = 1,
) -> ShownComparison:
    """Play a scenario under one regime: one of its own, built-in, or a path; else as ``compare``."""
    played = _scenario(scenario, set=set, replications=replications, seed=seed)
    if isinstance(regime, Regime):
        played = played.model_copy(update={"regimes": (regime,), "baseline": regime.regime})
        return compare(played, out=out, workers=workers)
    if not isinstance(regime, str | Path):
        raise ScenarioError(Problem("regime", None, "", f"got {shown(regime)}", "a name or a path", "upc"))
    return compare(played, regimes=[str(regime)], out=out, workers=workers)


def _scenario(given: Scenario | str | Path, **options: Any) -> Scenario:
    """The scenario a caller means.  Raises ``ScenarioError``."""
    if isinstance(given, Scenario):
        return varied_scenario(given, **options)
    if isinstance(given, str | Path):
        return load_scenario(given, **options)
    rule = "a built-in name, a path, or what load_scenario gave"
    raise ScenarioError(Problem("scenario", None, "", f"got {shown(given)}", rule, 'compare("cellular")'))


def _path(given: object, option: str) -> Path:
    if not isinstance(given, str | Path) or not str(given):
        rule = "the path of a folder"
        raise ScenarioError(
            Problem(option, None, "", f"got {shown(given)}", rule, f'{option}="results/mine"')
        )
    return Path(given)


def _formats(given: Sequence[str] | str) -> list[str]:
    drawn = names(given, "formats", "svg") or []
    wrong = [one for one in drawn if one not in FORMATS]
    if wrong or not drawn:
        what = f"got {wrong[0]}" if wrong else "got an empty list"
        raise ScenarioError(Problem("formats", None, "", what, f"some of {', '.join(FORMATS)}", '"svg,pdf"'))
    return drawn
