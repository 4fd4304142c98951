"""From files to checked specifications; whatever is wrong with them is said in one ``ScenarioError``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from simulator.errors import Problem, ScenarioError, nearest
from simulator.spec.base import Spec
from simulator.spec.case import Case, load_case
from simulator.spec.experiment import Experiment, ExperimentFile, experiment_problems, variant_text
from simulator.spec.extend import lay_over
from simulator.spec.file_checks import file_problems, stem
from simulator.spec.find import builtin, locate, resolve, suggestion
from simulator.spec.market import Market
from simulator.spec.mechanism import combined
from simulator.spec.points import read_points
from simulator.spec.problems import build, quoted
from simulator.spec.protocol import protocol_problems
from simulator.spec.ranges import range_problems
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario, ScenarioFile
from simulator.spec.schema import KINDS, dated, kind_of
from simulator.spec.strategy import Strategy
from simulator.spec.yaml import Document, Keys, read

__all__ = [
    "MODELS",
    "builtin",
    "check",
    "load_experiment",
    "load_market",
    "load_regime",
    "load_scenario",
    "load_strategy",
]

S = TypeVar("S", bound=Spec)

MODELS: dict[str, type[Spec]] = {
    "regime": Regime,
    "market": Market,
    "strategy": Strategy,
    "scenario": ScenarioFile,
    "case": Case,
    "experiment": ExperimentFile,
}
"""The specification of each kind of file."""


@dataclass(frozen=True)
class Sourced(Generic[S]):
    """A specification and the text it came from."""

    spec: S
    text: Document


def load_scenario(
    name_or_path: str | Path,
    *,
    regimes: Sequence[str] | None = None,
    replications: int | None = None,
    seed: int | None = None,
) -> Scenario:
    """A scenario with everything it refers to.

    ``regimes`` replaces the scenario's list (names as in its file, identifiers of its regimes, or paths);
    where the baseline is not among them the first becomes the baseline.  ``replications`` (at least 1) and
    ``seed`` (at least 0) replace the file's.  Raises ``ScenarioError``.
    """
    path = resolve("scenario", name_or_path)
    text = _open("scenario", path)
    own = build(ScenarioFile, text, [*file_problems("scenario", text), *_missing(text)])
    options = {"regimes": regimes, "replications": replications, "seed": seed}
    given = {key: value for key, value in options.items() if value is not None}
    if problems := [*_option_problems(regimes, replications, seed)]:
        raise ScenarioError(*problems)
    return _gather(own.model_copy(update=given), path, own.regimes)


def load_experiment(
    name_or_path: str | Path,
    *,
    replications: int | None = None,
    seed: int | None = None,
    measures: Collection[str] = (),
    quick: bool = False,
) -> Experiment:
    """An experiment with its scenario, its regimes, their variants and the points of its design.

    ``replications`` and ``seed`` replace the file's; ``quick`` plays what the file says of it.  Outcomes
    are checked against ``measures`` where some are given.  Raises ``ScenarioError``.
    """
    path = resolve("experiment", name_or_path)
    text = _open("experiment", path)
    own = build(ExperimentFile, text, [*experiment_problems(text, measures), *_missing_parts(text)])
    planned, own = own, own.quickened() if quick else own
    table = read_points(text, own.design.file, own.uncertainties) if own.design.file else ()
    if problems := [*_option_problems(None, replications, seed)]:
        raise ScenarioError(*problems)
    base = load_scenario(_found("scenario", own.scenario, path))
    laws = _laws(own, text) or {law.regime: law for law in base.regimes}
    varied = {axis.strategy for axis in (*own.levers, *own.uncertainties) if axis.strategy} - set(
        base.strategies
    )
    players = {
        name: _simple("strategy", Strategy, _found("strategy", name, path)).spec for name in sorted(varied)
    }
    loaded = base.model_copy(
        update={
            "regimes": tuple(laws.values()),
            "baseline": own.baseline or (base.baseline if base.baseline in laws else next(iter(laws))),
            "strategies": base.strategies | players,
            "set": base.set | own.set,
            "replications": replications or own.replications,
            "seed": own.seed if seed is None else seed,
        }
    )
    if quick and own.quick is not None and own.quick.points is not None:
        table = table[: own.quick.points]
    experiment = own.on(loaded, text, table)
    return experiment.model_copy(update={"departures": planned.departing(own, loaded), "quick": quick})


def load_regime(name_or_path: str | Path) -> Regime:
    """A regime, laid over the one it extends.  Raises ``ScenarioError``."""
    return _regime(resolve("regime", name_or_path), {}).spec


def load_market(name_or_path: str | Path) -> Market:
    """A market; its mixes may name strategies that only a scenario supplies.  Raises ``ScenarioError``."""
    return _simple("market", Market, resolve("market", name_or_path)).spec


def load_strategy(name_or_path: str | Path) -> Strategy:
    """A strategy.  Raises ``ScenarioError``."""
    return _simple("strategy", Strategy, resolve("strategy", name_or_path)).spec


def check(path: Path) -> str:
    """Check a file of any kind, with all it refers to, and name its kind.  Raises ``ScenarioError``.

    What only higher floors know is checked there: the methods and units of a case by
    ``rates.case_checks``, the outcomes of an experiment against the metrics there are.
    """
    text = read(path.resolve())
    kind = kind_of(text)
    if kind is None:
        first: Keys = tuple(text.data)[:1]
        rule = f"a file begins with its kind and name; the kinds: {', '.join(KINDS)}"
        what = f"begins with the key {first[0]}" if first else "has no keys"
        raise ScenarioError(text.problem(first, what, rule, f"regime: {path.stem}"))
    CHECKS[kind](path.resolve())
    return kind


CHECKS: dict[str, Callable[[Path], object]] = {
    "case": load_case,
    "experiment": load_experiment,
    "scenario": load_scenario,
    "regime": load_regime,
    "market": load_market,
    "strategy": load_strategy,
}
"""How a file of each kind is checked."""


@dataclass
class Gathering:
    """Collects the problems of several files, so that one report names them all."""

    problems: dict[Problem, None] = field(default_factory=dict)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Go on behind the block when it raises ``ScenarioError``."""
        try:
            yield
        except ScenarioError as error:
            self.problems.update(dict.fromkeys(error.problems))

    def report(self) -> None:
        """Raise everything gathered."""
        if self.problems:
            raise ScenarioError(*self.problems)


def _option_problems(
    regimes: Sequence[str] | None, replications: int | None, seed: int | None
) -> Iterator[Problem]:
    """What is wrong with what replaces a scenario's own."""
    names = [stem(name) for name in regimes or ()]
    if regimes is not None and not names:
        yield Problem("regimes", None, "", "got an empty list", "at least one regime")
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Problem("regimes", None, "", f"{name} is named twice", "each regime once")
    for option, value, least, most in (
        ("replications", replications, 1, 2**32),
        ("seed", seed, 0, 2**63 - 1),
    ):
        if value is not None and not least <= value <= most:
            rule = f"at least {least}" if value < least else f"at most {most}"
            yield Problem(option, None, "", f"got {value}", rule)


def _gather(own: ScenarioFile, path: Path, listed: tuple[str, ...]) -> Scenario:
    """Load what a scenario refers to; ``listed`` are the regimes its file names."""
    gathering = Gathering()
    known: dict[Path, Sourced[Regime]] = {}
    laws: dict[str, Regime] = {}
    supplied: dict[str, Strategy] = {}
    strategies: dict[str, Strategy] = {}
    for name in own.strategies:
        with gathering.gather():
            one = _simple("strategy", Strategy, _found("strategy", name, path)).spec
            supplied[one.strategy] = one
    with gathering.gather():
        market = _simple("market", Market, _found("market", own.market, path))
        refused = {stem(name) for name in own.strategies} - set(supplied)
        strategies = _strategies(market, supplied, refused)
    for name in own.regimes:
        with gathering.gather():
            entry = next((entry for entry in listed if stem(entry) == name), name)
            law = _regime(_found("regime", entry, path), known).spec
            laws[law.regime] = law
    gathering.report()
    return Scenario(
        scenario=own.scenario,
        title=own.title,
        market=market.spec,
        regimes=tuple(laws.values()),
        strategies=strategies | supplied,
        baseline=stem(own.baseline) if stem(own.baseline) in laws else next(iter(laws)),
        replications=own.replications,
        seed=own.seed,
        set=own.set,
        notes=own.notes,
    )


def _strategies(
    market: Sourced[Market], supplied: dict[str, Strategy], refused: set[str]
) -> dict[str, Strategy]:
    """The strategies a market's mixes name: the scenario's own, else built-in; not the ``refused``."""
    gathering = Gathering()
    result: dict[str, Strategy] = {}
    shipped = builtin("strategies")
    for side, groups in (("holders", market.spec.holders), ("implementers", market.spec.implementers)):
        party = side.removesuffix("s")
        for place, mix in enumerate(group.strategies for group in groups):
            for name in (name for name in mix if name not in refused):
                at: Keys = (side, place, "strategies", name)
                with gathering.gather():
                    if name not in supplied and name not in shipped:
                        rule = nearest(name, [*supplied, *shipped])
                        raise ScenarioError(
                            market.text.problem(at, f"no strategy is called {quoted(name)}", rule)
                        )
                    one = supplied.get(name) or result.get(name)
                    one = one or _simple("strategy", Strategy, shipped[name]).spec
                    if one.party != party:
                        what = f"{name} is a strategy of the {one.party}"
                        raise ScenarioError(market.text.problem(at, what, f"this mix is of {side}"))
                    result[name] = one
    gathering.report()
    return result


def _laws(own: ExperimentFile, text: Document) -> dict[str, Regime]:
    """The regimes an experiment names, its variants, and those between two whose rules it mixes."""
    gathering = Gathering()
    known: dict[Path, Sourced[Regime]] = {}
    laws: dict[str, Regime] = {}
    texts: dict[str, Document] = {}
    for name in own.regimes:
        with gathering.gather():
            one = _regime(_found("regime", name, text.path), known)
            laws[one.spec.regime], texts[one.spec.regime] = one.spec, one.text
    for name, variant in own.variants.items():
        with gathering.gather():
            base = _regime(_found("regime", variant.of, text.path), known).text
            texts[name] = varied = lay_over(base, variant_text(text, name))
            laws[name] = build(
                Regime, varied, [*range_problems("regime", varied), *protocol_problems(varied)]
            )
    gathering.report()
    return laws | (combined(own.mechanisms, text, texts) if own.mechanisms else {})


def _missing_parts(text: Document) -> Iterator[Problem]:
    """Names in an experiment file behind which there is no file."""
    variants = text.get("variants")
    named: list[tuple[str, Keys]] = [("scenario", ("scenario",)), *_listed(text, "regime", "regimes")]
    named += [("regime", ("variants", name, "of")) for name in variants or ()]
    axes = [*_listed(text, "strategy", "levers"), *_listed(text, "strategy", "uncertainties")]
    named += [(kind, (*keys, "strategy")) for kind, keys in axes]
    yield from _without_file(text, named)


def _missing(text: Document) -> Iterator[Problem]:
    """Names in a scenario file behind which there is no file."""
    named: list[tuple[str, Keys]] = [("market", ("market",)), *_listed(text, "regime", "regimes")]
    yield from _without_file(text, [*named, *_listed(text, "strategy", "strategies")])


def _listed(text: Document, kind: str, key: str) -> list[tuple[str, Keys]]:
    entries = text.get(key)
    return [(kind, (key, place)) for place in range(len(entries) if isinstance(entries, tuple) else 0)]


def _without_file(text: Document, named: Iterable[tuple[str, Keys]]) -> Iterator[Problem]:
    for kind, keys in named:
        name = text.get(*keys)
        if isinstance(name, str) and locate(kind, name, text.path) is None:
            yield _unknown(kind, name, text, keys)


def _unknown(kind: str, name: str, text: Document, keys: Keys) -> Problem:
    what = f"no {kind} {quoted(name)}, beside this file or built-in"
    return text.problem(keys, what, suggestion(kind, name, text.path.parent))


def _found(kind: str, name: str, path: Path) -> Path:
    """The file behind a name in a scenario that was checked, or in a list that replaces its regimes."""
    return locate(kind, name, path) or resolve(kind, name)


def _open(kind: str, path: Path) -> Document:
    """Read a file that is expected to be of a kind."""
    text = read(path)
    if kind not in text.data and (other := kind_of(text)):
        raise ScenarioError(text.problem((other,), f"this is a {other} file", f"a {kind} is expected here"))
    return dated(text)


def _simple(kind: str, model: type[S], path: Path) -> Sourced[S]:
    text = _open(kind, path)
    return Sourced(build(model, text, file_problems(kind, text)), text)


def _regime(path: Path, known: dict[Path, Sourced[Regime]], chain: tuple[Path, ...] = ()) -> Sourced[Regime]:
    """A regime with its baselines; ``known`` keeps those already read, ``chain`` the ones that extend it."""
    if path in known:
        return known[path]
    text = _open("regime", path)
    name = text.get("extends")
    if isinstance(name, str):
        base = locate("regime", name, path)
        if base is None and stem(name) == path.stem:
            raise ScenarioError(text.problem(("extends",), "a regime extends itself", "end the circle"))
        if base is None:
            raise ScenarioError(_unknown("regime", name, text, ("extends",)))
        if base in (*chain, path):
            circle = " extends ".join(file.stem for file in (*chain, path, base))
            raise ScenarioError(
                text.problem(("extends",), f"regimes extend each other: {circle}", "end the circle")
            )
        text = lay_over(_regime(base, known, (*chain, path)).text, text)
    known[path] = Sourced(build(Regime, text, file_problems("regime", text)), text)
    return known[path]
