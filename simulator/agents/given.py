"""What a model is made from: scenario, regime, numbers, classes of firms; checked as a file is."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from simulator.errors import Problem, ScenarioError, nearest
from simulator.parameters import registry
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.spec.ranges import of_parameter
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario

if TYPE_CHECKING:
    from simulator.agents.model import LicensingModel


Maker: TypeAlias = Callable[..., Any]

"""A class of firm, or a function of (model, index, group) that makes one."""


def whole(name: str, value: object, below: int) -> int:
    """A whole number, also as text: a form hands over text."""
    try:
        number = int(value) if isinstance(value, str) else operator.index(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise ValueError(f"{name}: got {value!r}, must be a whole number") from None
    if not 0 <= number < below:
        raise ValueError(f"{name}: got {number}, must lie in [0, {below - 1}]")
    return number


def seed_of(seed: int | None, rng: int | None) -> int | None:
    """The seed, under either of its two names.  Raises ``ValueError``."""
    if seed is not None and rng is not None:
        raise ValueError("seed and rng are two names of one number: give one")
    given = rng if seed is None else seed
    return None if given is None else whole("seed", given, 2**63)


def played_under(
    scenario: Scenario | str | Path | None,
    regime: str | Regime | None,
    seed: int | None,
    numbers: Mapping[str, float | Quantity],
) -> tuple[Scenario, int]:
    """The scenario with overrides laid in, and the place of the regime in it."""
    if regime is not None and not isinstance(regime, str | Regime):
        rule = "a name, a path, or what load_regime gave"
        raise ScenarioError(Problem("LicensingModel", None, "regime", f"got {regime!r:.40}", rule, "upc"))
    if not isinstance(scenario, Scenario):
        named = [regime] if isinstance(regime, str) else None
        scenario = load_scenario("duopoly" if scenario is None else scenario, regimes=named)
        regime = scenario.regimes[0].regime if named else regime
    if isinstance(regime, Regime):
        scenario = scenario.model_copy(update={"regimes": (regime,), "baseline": regime.regime})
        regime = regime.regime
    names = [one.regime for one in scenario.regimes]
    wanted = scenario.baseline if regime is None else regime
    if wanted not in names:
        raise ScenarioError(
            Problem(scenario.scenario, None, "regimes", f"got {wanted}", nearest(wanted, names))
        )
    laid = {name: _quantity(name, value) for name, value in numbers.items()}
    update = {"set": scenario.set | laid, "seed": scenario.seed if seed is None else seed}
    return scenario.model_copy(update=update), names.index(wanted)


def _quantity(name: str, given: float | Quantity) -> Quantity:
    """A number laid over the registry's, checked as a scenario file's is."""
    where = "LicensingModel"
    if name not in registry():
        raise ScenarioError(Problem(where, None, name, "no such parameter", nearest(name, registry())))
    bounds = of_parameter(name)
    if isinstance(given, bool) or not isinstance(given, Quantity | int | float):
        raise ScenarioError(Problem(where, None, name, f"got {given!r:.40}", bounds.rule()))
    value = given.value if isinstance(given, Quantity) else float(given)
    if not bounds.low <= value <= bounds.high or (bounds.whole and value != int(value)):
        example = f"{name.replace('.', '__')}={bounds.default:g}"
        raise ScenarioError(Problem(where, None, name, f"got {value:g}", bounds.rule(value), example))
    return given if isinstance(given, Quantity) else Quantity(value=value, source="assumption of the caller")


def firms(
    model: LicensingModel,
    kind: type[Any],
    given: Maker | Mapping[int | str, Maker] | None,
    groups: Sequence[Any],
) -> Iterator[Any]:
    """One side's agents."""
    members = [group.group for group in groups for _ in range(group.count)]
    chosen: Mapping[int | str, Maker] = given if isinstance(given, Mapping) else {}
    for key in chosen:
        if key not in members and key not in range(len(members)):
            known = f"a number below {len(members)} or a group: {', '.join(dict.fromkeys(members))}"
            raise ValueError(f"there is no {kind.__name__} {key!r}; {known}")
    rest: Maker = kind if given is None or isinstance(given, Mapping) else given
    for index, group in enumerate(members):
        firm = chosen.get(index, chosen.get(group, rest))(model, index, group)
        if not isinstance(firm, kind):
            raise TypeError(f"{kind.__name__} {index} would be a {type(firm).__name__}, which is not one")
        yield firm
