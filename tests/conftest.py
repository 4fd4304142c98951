"""What every test shares."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import settings

from simulator.agents import LicensingModel
from simulator.compiled import cache_folder, is_on
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.engine.trace import follow
from simulator.spec.base import Quantity
from simulator.spec.load import load_scenario
from simulator.writing.folders import alone

os.environ.setdefault("MPLBACKEND", "Agg")  # before matplotlib is imported: figures go to files

# The same examples on every machine and every run, and no deadline: a first call compiles.
settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Where there is no machine code yet, workers share the compiling instead of doing the same twice."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or not session.items or not is_on():
        return
    scenario = load_scenario("duopoly", replications=1)
    on = {"bargaining.breakdown": Quantity(value=0.01, source="any")}
    whole = scenario.model_copy(update={"set": {**scenario.set, **on}})
    jobs: list[Callable[[], object]] = [
        lambda: run_chunk(build(scenario), scenario.seed, range(1)),
        lambda: run_chunk(build(whole), scenario.seed, range(1)),
        lambda: LicensingModel(scenario).step(),
        lambda: follow(build(scenario), 0, scenario.seed, 0, 0),
    ]
    first = int(worker["workerid"].removeprefix("gw"))
    for place in range(len(jobs)):
        number = (first + place) % len(jobs)
        folder = cache_folder() / f"compiling-{number}"
        folder.mkdir(exist_ok=True)
        with alone(folder), suppress(Exception):  # what fails is told by the tests
            jobs[number]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="write the golden tables instead of comparing with them"
    )


@pytest.fixture(scope="session")
def rewrite_golden(request: pytest.FixtureRequest) -> bool:
    """Whether the golden tables are to be written (``make golden``)."""
    return bool(request.config.getoption("--rewrite-golden"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return Path(__file__).parents[1]
