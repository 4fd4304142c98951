"""frandsim: a multi-agent simulation of standard-essential-patent licensing under different rules.

A regime is a set of rules, a market is a table of parties; the engine plays the same months under every
regime with the same chance, and a comparison says what the rules changed:

>>> import simulator
>>> comparison = simulator.compare("duopoly", regimes=["eu-hvzte-2015", "none"], replications=20)
>>> changed = comparison.to_json()["differences"]["none"]["effective_rate_over_frand"]
>>> changed["mean"] < 0  # without a court, implementers pay less
True

One market under one regime, month by month, with agents whose moves can be replaced:

>>> model = simulator.LicensingModel("duopoly", regime="eu-hvzte-2015")
>>> model.run_model()
>>> len(model.outcomes())
1
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.agents import Court, Implementer, LicensingModel, SEPHolder
    from simulator.errors import ScenarioError
    from simulator.experiments.adaptors import ema_model, ema_results, salib_evaluate, salib_problem, varying
    from simulator.experiments.scenarios import RunConfiguration, run_scenarios
    from simulator.interface import compare, run
    from simulator.spec.load import load_scenario
    from simulator.spec.market import Market
    from simulator.spec.regime import Regime
    from simulator.spec.scenario import Scenario
    from simulator.spec.strategy import Strategy
    from simulator.study import load_experiment
    from simulator.vocabulary import Move

    __version__: str

__all__ = [
    "Court",
    "Implementer",
    "LicensingModel",
    "Market",
    "Move",
    "Regime",
    "RunConfiguration",
    "SEPHolder",
    "Scenario",
    "ScenarioError",
    "Strategy",
    "__version__",
    "compare",
    "ema_model",
    "ema_results",
    "load_experiment",
    "load_scenario",
    "run",
    "run_scenarios",
    "salib_evaluate",
    "salib_problem",
    "varying",
]

_HOMES = {
    "agents": ("Court", "Implementer", "LicensingModel", "SEPHolder"),
    "experiments.adaptors": ("ema_model", "ema_results", "salib_evaluate", "salib_problem", "varying"),
    "experiments.scenarios": ("RunConfiguration", "run_scenarios"),
    "errors": ("ScenarioError",),
    "spec.load": ("load_scenario",),
    "spec.market": ("Market",),
    "spec.regime": ("Regime",),
    "spec.scenario": ("Scenario",),
    "spec.strategy": ("Strategy",),
    "interface": ("compare", "run"),
    "study": ("load_experiment",),
    "vocabulary": ("Move",),
}
"""Where the public names live: they are imported when first asked for, so that the command stays quick."""


def __getattr__(name: str) -> Any:
    """A public name, or the version of the installed distribution."""
    from importlib import import_module

    if name == "__version__":
        return _version()
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(import_module(f"{__name__}.{home}"), name))


def __dir__() -> list[str]:
    """What completion offers."""
    return sorted({*globals(), *__all__})


def _version() -> str:
    """The version that is installed; ``0+source`` where the package only lies on the path."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("frandsim")
    except PackageNotFoundError:
        return "0+source"
