"""Ends that were learned before, searched anew: how far from an equilibrium they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.errors import Problem, ScenarioError
from simulator.evolution.game import plan
from simulator.evolution.learned import stored
from simulator.evolution.learned.certificate import Certificate, Run
from simulator.evolution.learned.contest import LicensingContest, StrategyMix
from simulator.evolution.learned.files import End, bests, given_ends, measure_best
from simulator.evolution.learned.regime import (
    LearningPlan,
    Searched,
    place,
    played_at,
    recalled,
    spaces_of,
)
from simulator.evolution.learned.stages import CREDIBLE, LEARNED, MENU
from simulator.evolution.learned.tables import certificate_cells
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy


def certified_anew(
    scenario: Scenario,
    regime: str,
    ends: Sequence[End],
    how: LearningPlan,
    *,
    folder: Path | None = None,
    workers: int = 1,
    told: Callable[[str], None] | None = None,
) -> list[End]:
    """The ends of a regime with certificates of new searches, and with the recall under that regime.

    Searches begin at the named strategies and at what a kind plays at any of the ends.  What is in ``folder``
    by its hash is not searched again.  Luck has the addresses of a certificate of learning: right after that,
    searches differ by where they begin.  Raises ``ScenarioError`` for ends without the menu's long run, and
    as :func:`simulator.evolution.game.plan` does.
    """
    long_run = [end for end in ends if end.stage == MENU]
    done = list(long_run)
    if ends and not long_run:
        what, rule = f"has no {MENU}, which recall is measured against", "frandsim experiment NAME --relearn"
        raise ScenarioError(Problem(scenario.market.market, None, regime, what, rule))
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        for stage in (LEARNED, CREDIBLE):
            own = [end for end in ends if end.stage == stage]
            if not own:
                continue
            asked, spaces = replace(how, credible=stage == CREDIBLE), spaces_of(scenario, how.spaces)
            if asked.credible:
                spaces = tuple(space.credible() for space in spaces)
            game = LicensingContest(plan(scenario, regime), spaces, credible=asked.credible)
            kept = place(folder, game.plan, spaces, asked)
            menu = _bare(game, long_run[0].mixes) if asked.credible else long_run[0].mixes
            recall = recalled(game, menu, asked, kept, run=pool.map)
            searched = Searched(game, spaces, asked, played_at(game, [end.mixes for end in own]), folder)
            if not asked.credible:
                done = given_ends(game, long_run[0], searched.given(menu, recall, run=pool.map))
            for number, end in enumerate(own):
                certificate, measured = _measured(searched, number, end.mixes, run=pool.map)
                certificate = replace(certificate, recall=recall)
                said = (end.certificate or {}) | certificate_cells(game, certificate)
                deviations = bests(game, certificate, measured)
                done.append(replace(end, deviations=deviations, certificate=said))
                if told is not None:
                    told(f"{regime}, {stage}, {end.start}: {certificate.text()}")
    return done


def _measured(
    searched: Searched, number: int, mixes: Sequence[StrategyMix[Strategy]], *, run: Run
) -> tuple[Certificate[Strategy], list[dict[str, Any]]]:
    """The certificate of an end (its place addresses its luck), and what is measured of its best."""
    certificate, name = searched.certificate(number, mixes, run=run)
    kept, name = searched.kept, f"measured-{stored.measured_hash(searched.game.plan, name)}.json"
    measured = None if kept is None else stored.read_measured(kept / name)
    if measured is None:
        measured = measure_best(searched.game, mixes, certificate, run=run)
        if kept is not None:
            stored.write_measured(kept / name, measured)
    return certificate, measured


def _bare(game: LicensingContest, mixes: Sequence[StrategyMix[Strategy]]) -> list[StrategyMix[Strategy]]:
    """The menu's long run as a game plays it that lacks what commits a party."""
    codings = [game.codings[kind.side] for kind in game.kinds]
    return [
        StrategyMix(tuple(map(own.credibly, mix.strategies)), mix.shares)
        for mix, own in zip(mixes, codings, strict=True)
    ]
