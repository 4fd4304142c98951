"""From files to checked specifications; whatever is wrong with them is said in one ``ScenarioError``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from simulator.errors import Problem, ScenarioError, nearest
from simulator.spec import what_if
from simulator.spec.base import Spec
from simulator.spec.case import Case, load_case
from simulator.spec.experiment import Experiment, ExperimentFile, experiment_problems, variant_document
from simulator.spec.extend import lay_over
from simulator.spec.file_checks import file_problems, stem
from simulator.spec.find import PLURAL, builtin, locate, resolve
from simulator.spec.given import names, plain, shown, whole
from simulator.spec.market import Market
from simulator.spec.mechanism import combined
from simulator.spec.periods import count_in_months
from simulator.spec.points import read_points
from simulator.spec.problems import build, quoted
from simulator.spec.protocol import protocol_problems
from simulator.spec.ranges import range_problems, share_of
from simulator.spec.regime import Regime
from simulator.spec.register import FILE, plan_digest, stated_on
from simulator.spec.scenario import Scenario, ScenarioFile
from simulator.spec.schema import KINDS, current, kind_of
from simulator.spec.space import Space, space_problems
from simulator.spec.strategy import Strategy
from simulator.spec.without_effect import effect_problems
from simulator.spec.yaml import Document, Keys, read
from simulator.spec.yaml import shown as file_shown

__all__ = [
    "MODELS",
    "builtin",
    "check",
    "load_experiment",
    "load_market",
    "load_regime",
    "load_scenario",
    "load_space",
    "load_strategy",
    "varied_scenario",
]

S = TypeVar("S", bound=Spec)

MODELS: dict[str, type[Spec]] = {
    "regime": Regime,
    "market": Market,
    "strategy": Strategy,
    "space": Space,
    "scenario": ScenarioFile,
    "case": Case,
    "experiment": ExperimentFile,
}
"""The specification of each kind of file."""


@dataclass(frozen=True)
class Sourced(Generic[S]):
    """A specification and the document it came from."""

    spec: S
    document: Document


def load_scenario(
    name_or_path: str | Path,
    *,
    regimes: Sequence[str] | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    baseline: str | None = None,
    set: Mapping[str, float] | None = None,  # noqa: A002 - the word of the files
) -> Scenario:
    """A scenario with everything it refers to.

    ``regimes`` replaces the scenario's list (names as in its file, identifiers of its regimes, or paths; a
    string may hold several, by comma); where the baseline is not among them the first becomes the baseline.
    ``replications`` (at least 1), ``seed`` (at least 0) and ``baseline`` replace the file's.  ``set`` lays
    values over it: of parameters by dotted name, of the share of a strategy as ``share(STRATEGY)``.  Raises
    ``ScenarioError``.

    >>> load_scenario("duopoly", regimes="upc,uk-global", set={"court.interest.court": 0.08}).baseline
    'upc'
    """
    regimes = names(regimes, "regimes")
    path = resolve("scenario", name=name_or_path)
    document = _open("scenario", path)
    stated = build(ScenarioFile, document, [*file_problems("scenario", document), *_missing(document)])
    if problems := [*_option_problems(regimes, replications, seed)]:
        raise ScenarioError(*problems)
    options = {"regimes": regimes, "replications": plain(replications), "seed": plain(seed)}
    given = {key: value for key, value in options.items() if value is not None}
    return _varied(_gather(stated.model_copy(update=given), path, stated.regimes), baseline, set)


def varied_scenario(
    scenario: Scenario,
    *,
    regimes: Sequence[str] | str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    baseline: str | None = None,
    set: Mapping[str, float] | None = None,  # noqa: A002 - the word of the files
) -> Scenario:
    """A loaded scenario with what the arguments replace; see ``load_scenario``.  Raises ``ScenarioError``."""
    listed = names(regimes, "regimes")
    if problems := [*_option_problems(listed, replications, seed)]:
        raise ScenarioError(*problems)
    given = {"replications": plain(replications), "seed": plain(seed)}
    update: dict[str, object] = {key: value for key, value in given.items() if value is not None}
    if listed is not None:
        own = {law.regime: law for law in scenario.regimes}
        laws = tuple(own.get(stem(name)) or load_regime(name) for name in listed)
        first = scenario.baseline if scenario.baseline in {law.regime for law in laws} else laws[0].regime
        update |= {"regimes": laws, "baseline": first}
    return _varied(scenario.model_copy(update=update), baseline, set)


def _varied(scenario: Scenario, baseline: str | None, over: Mapping[str, float] | None) -> Scenario:
    """The scenario with another baseline and what is set for one run."""
    if baseline is not None:
        scenario = what_if.with_baseline(scenario, baseline)
    if over is not None and not isinstance(over, Mapping):
        rule = "values by name"
        example = 'set={"court.interest.court": 0.08}'
        raise ScenarioError(Problem("set", None, "", f"got {shown(over)}", rule, example))
    return what_if.laid_over(scenario, over, load_strategy) if over else scenario


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
    path = resolve("experiment", name=name_or_path)
    document = _open("experiment", path)
    stated = build(
        ExperimentFile, document, [*experiment_problems(document, measures), *_missing_parts(document)]
    )
    planned, stated = stated, stated.quickened() if quick else stated
    table = read_points(document, stated.design.file, stated.uncertainties) if stated.design.file else ()
    whole_table = table
    if problems := [*_option_problems(None, replications, seed)]:
        raise ScenarioError(*problems)
    base = load_scenario(_found("scenario", stated.scenario, path))
    regimes = _regimes(stated, document) or {regime.regime: regime for regime in base.regimes}
    varied = {axis.strategy for axis in (*stated.levers, *stated.uncertainties) if axis.strategy} - set(
        base.strategies
    )
    players = {
        name: _simple("strategy", Strategy, _found("strategy", name, path)).spec for name in sorted(varied)
    }
    scenario = base.model_copy(
        update={
            "regimes": tuple(regimes.values()),
            "baseline": stated.baseline
            or (base.baseline if base.baseline in regimes else next(iter(regimes))),
            "strategies": base.strategies | players,
            "set": base.set | stated.set,
            "replications": plain(replications) or stated.replications,
            "seed": stated.seed if seed is None else plain(seed),
        }
    )
    if quick and stated.quick is not None and stated.quick.points is not None:
        table = table[: stated.quick.points]
    experiment = stated.on(scenario, document, table)
    register, digest = path.parent.parent / FILE, plan_digest(planned, whole_table)
    said = {
        "stated_in": register,
        "digest": digest,
        "stated": stated_on(register, planned.experiment, digest),
    }
    how = {"departures": planned.departing(stated, scenario), "quick": quick}
    return experiment.model_copy(update=said | how)


def load_regime(name_or_path: str | Path) -> Regime:
    """A regime, laid over the one it extends.  Raises ``ScenarioError``."""
    return _regime(resolve("regime", name=name_or_path), {}).spec


def load_market(name_or_path: str | Path) -> Market:
    """A market; its mixes may name strategies that only a scenario supplies.  Raises ``ScenarioError``."""
    return _simple("market", Market, resolve("market", name=name_or_path)).spec


def load_strategy(name_or_path: str | Path) -> Strategy:
    """A strategy.  Raises ``ScenarioError``."""
    return _simple("strategy", Strategy, resolve("strategy", name=name_or_path)).spec


def load_space(name_or_path: str | Path) -> Space:
    """A strategy space.  Raises ``ScenarioError``."""
    path = resolve("space", name=name_or_path)
    document = _open("space", path)
    return build(Space, document, [*file_problems("space", document), *space_problems(document)])


def check(path: Path) -> str:
    """Check a file of any kind, with all it refers to, and name its kind.  Raises ``ScenarioError``.

    What only higher floors know is checked there: the methods and units of a case by
    ``rates.case_checks``, the outcomes of an experiment against the metrics there are.
    """
    path = path.resolve() if path.exists() else path.absolute()  # a link that leads nowhere keeps its name
    document = read(path)
    kind = kind_of(document)
    if kind is None:
        first: Keys = tuple(document.data)[:1]
        rule = f"a file begins with its kind and name; the kinds: {', '.join(KINDS)}"
        what = f"begins with the key {first[0]}" if first else "has no keys"
        raise ScenarioError(document.problem(first, what, rule, f"regime: {path.stem}"))
    CHECKS[kind](path)
    return kind


CHECKS: dict[str, Callable[[Path], object]] = {
    "case": load_case,
    "experiment": load_experiment,
    "scenario": load_scenario,
    "regime": load_regime,
    "market": load_market,
    "strategy": load_strategy,
    "space": load_space,
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
        if problem := whole(value, option, least, most):
            yield problem


def _gather(stated: ScenarioFile, path: Path, listed: tuple[str, ...]) -> Scenario:
    """Load what a scenario refers to; ``listed`` are the regimes its file names."""
    gathering = Gathering()
    known: dict[Path, Sourced[Regime]] = {}
    regimes: dict[str, Regime] = {}
    supplied: dict[str, Strategy] = {}
    strategies: dict[str, Strategy] = {}
    for name in stated.strategies:
        with gathering.gather():
            strategy = _simple("strategy", Strategy, _found("strategy", name, path)).spec
            supplied[strategy.strategy] = strategy
    with gathering.gather():
        market = _simple("market", Market, _found("market", stated.market, path))
        refused = {stem(name) for name in stated.strategies} - set(supplied)
        strategies = _strategies(market, supplied, refused)
    for name in stated.regimes:
        with gathering.gather():
            entry = next((entry for entry in listed if stem(entry) == name), name)
            regime = _regime(_found("regime", entry, path), known).spec
            regimes[regime.regime] = regime
    shares = {player: number.value for name, number in stated.set.items() if (player := share_of(name))}
    for name in shares:
        with gathering.gather():
            if name not in supplied:
                strategies[name] = _simple("strategy", Strategy, _found("strategy", name, path)).spec
    gathering.report()
    scenario = Scenario(
        scenario=stated.scenario,
        title=stated.title,
        market=market.spec,
        regimes=tuple(regimes.values()),
        strategies=strategies | supplied,
        baseline=stem(stated.baseline) if stem(stated.baseline) in regimes else next(iter(regimes)),
        replications=stated.replications,
        seed=stated.seed,
        set={name: number for name, number in stated.set.items() if share_of(name) is None},
        notes=stated.notes,
    )
    return what_if.divided(scenario, shares, Problem(file_shown(path), None, "set", ""))


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
                        rule = nearest(name, (*supplied, *shipped))
                        raise ScenarioError(
                            market.document.problem(at, f"no strategy is called {quoted(name)}", rule)
                        )
                    strategy = supplied.get(name) or result.get(name)
                    strategy = strategy or _simple("strategy", Strategy, shipped[name]).spec
                    if strategy.party != party:
                        what = f"{name} is a strategy of the {strategy.party}"
                        raise ScenarioError(market.document.problem(at, what, f"this mix is of {side}"))
                    result[name] = strategy
    gathering.report()
    return result


def _regimes(stated: ExperimentFile, document: Document) -> dict[str, Regime]:
    """The regimes an experiment names, its variants, and those between two whose rules it mixes."""
    gathering = Gathering()
    known: dict[Path, Sourced[Regime]] = {}
    regimes: dict[str, Regime] = {}
    documents: dict[str, Document] = {}
    for name in stated.regimes:
        with gathering.gather():
            regime = _regime(_found("regime", name, document.path), known)
            regimes[regime.spec.regime], documents[regime.spec.regime] = regime.spec, regime.document
    for name, variant in stated.variants.items():
        with gathering.gather():
            base = _regime(_found("regime", variant.of, document.path), known).document
            documents[name] = varied = lay_over(base, count_in_months(variant_document(document, name)))
            regimes[name] = build(
                Regime, varied, [*range_problems("regime", varied), *protocol_problems(varied)]
            )
    gathering.report()
    return regimes | (combined(stated.mechanisms, document, documents) if stated.mechanisms else {})


def _missing_parts(document: Document) -> Iterator[Problem]:
    """Names in an experiment file behind which there is no file."""
    variants = document.get("variants")
    named: list[tuple[str, Keys]] = [("scenario", ("scenario",)), *_listed(document, "regime", "regimes")]
    names = variants if isinstance(variants, dict) else ()
    named += [("regime", ("variants", name, "of")) for name in names]
    further = document.get("learning", "markets")
    for name in further if isinstance(further, dict) else ():
        if locate("scenario", name, document.path) is None:
            yield _unknown("scenario", name, document, ("learning", "markets", name))
    axes = [*_listed(document, "strategy", "levers"), *_listed(document, "strategy", "uncertainties")]
    named += [(kind, (*keys, "strategy")) for kind, keys in axes]
    yield from _without_file(document, named)


def _missing(document: Document) -> Iterator[Problem]:
    """Names in a scenario file behind which there is no file."""
    named: list[tuple[str, Keys]] = [("market", ("market",)), *_listed(document, "regime", "regimes")]
    yield from _without_file(document, [*named, *_listed(document, "strategy", "strategies")])
    over = document.get("set")
    for name in over if isinstance(over, dict) else ():
        strategy = share_of(name)
        if strategy is not None and locate("strategy", strategy, document.path) is None:
            yield _unknown("strategy", strategy, document, ("set", name))


def _listed(document: Document, kind: str, key: str) -> list[tuple[str, Keys]]:
    entries = document.get(key)
    return [(kind, (key, place)) for place in range(len(entries) if isinstance(entries, tuple) else 0)]


def _without_file(document: Document, named: Iterable[tuple[str, Keys]]) -> Iterator[Problem]:
    for kind, keys in named:
        name = document.get(*keys)
        if isinstance(name, str) and locate(kind, name, document.path) is None:
            yield _unknown(kind, name, document, keys)


def _unknown(kind: str, name: str, document: Document, keys: Keys) -> Problem:
    what = f"no {kind} {quoted(name)}, beside this file or built-in"
    return document.problem(keys, what, nearest(name, builtin(PLURAL[kind]), further=document.beside))


def _found(kind: str, name: str, path: Path) -> Path:
    """The file behind a name in a scenario that was checked, or in a list that replaces its regimes."""
    return locate(kind, name, path) or resolve(kind, name=name)


def _open(kind: str, path: Path) -> Document:
    """Read a file that is expected to be of a kind."""
    document = read(path)
    if kind not in document.data and (other := kind_of(document)):
        raise ScenarioError(
            document.problem((other,), f"this is a {other} file", f"a {kind} is expected here")
        )
    document = current(document)
    return count_in_months(document) if kind == "regime" else document


def _simple(kind: str, model: type[S], path: Path) -> Sourced[S]:
    document = _open(kind, path)
    return Sourced(build(model, document, file_problems(kind, document)), document)


def _regime(path: Path, known: dict[Path, Sourced[Regime]], chain: tuple[Path, ...] = ()) -> Sourced[Regime]:
    """A regime with its baselines; ``known`` keeps those already read, ``chain`` the ones that extend it."""
    if path in known:
        return known[path]
    document = _open("regime", path)
    name = document.get("extends")
    if isinstance(name, str):
        base = locate("regime", name, path)
        if base is None and stem(name) == path.stem:
            raise ScenarioError(document.problem(("extends",), "a regime extends itself", "end the circle"))
        if base is None:
            raise ScenarioError(_unknown("regime", name, document, ("extends",)))
        if base in (*chain, path):
            circle = " extends ".join(file.stem for file in (*chain, path, base))
            raise ScenarioError(
                document.problem(("extends",), f"regimes extend each other: {circle}", "end the circle")
            )
        parent = _regime(base, known, (*chain, path))
        document = lay_over(parent.document, document)
        before = parent.spec
    else:
        before = None
    law = build(Regime, document, file_problems("regime", document)).stated_in(document, before)
    if idle := [*effect_problems(document)]:
        raise ScenarioError(*idle)
    known[path] = Sourced(law, document)
    return known[path]
