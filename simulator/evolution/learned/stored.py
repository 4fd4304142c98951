"""What was learned, kept by the hash of all it depends on: a start found there is not learned again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from simulator.batch.files import keep, kept
from simulator.batch.provenance import versions
from simulator.evolution.game import GamePlan
from simulator.evolution.learned.certificate import Certificate, Deviation, Recall
from simulator.evolution.learned.coding import key
from simulator.evolution.learned.contest import StrategyMix
from simulator.evolution.learned.double_oracle import Learned, Round, Start
from simulator.evolution.learned.meta import MetaEquilibrium
from simulator.evolution.stored_games import game_hash
from simulator.spec.space import Space
from simulator.spec.strategy import Strategy
from simulator.writing.manifest import digest

LEARNS = ("certificate", "coding", "contest", "double_oracle", "lemke_howson", "meta", "oracle")
"""The modules on which it depends what is learned; the others tell and keep it."""
CERTIFIES = ("certificate", "coding", "contest", "oracle")
"""Those on which it depends what searches find at an end."""
MEASURES = (*CERTIFIES, "checks", "files", "regime", "tables", "../market")
"""Those on which it depends what else is measured there."""

SEARCHES = ("cma", "nashpy", "quantecon", "scipy")
"""Libraries that search and solve."""


@cache
def learning_code(modules: tuple[str, ...] = LEARNS) -> str:
    """Digest of the code that learns, and of the versions of what it searches and solves with."""
    files = [Path(__file__).parent / f"{name}.py" for name in modules]
    libraries = json.dumps(versions(SEARCHES)).encode()
    return digest(libraries + b"".join(path.name.encode() + path.read_bytes() for path in files))


def learned_hash(plan: GamePlan, spaces: tuple[Space, ...], how: dict[str, Any]) -> str:
    """Digest of everything learning depends on but the number of starts."""
    stated = {
        "game": game_hash(plan),
        "spaces": [space.model_dump(mode="json") for space in spaces],
        "how": how,
        "code": learning_code(),
    }
    return _digest(stated)


def certified_hash(
    plan: GamePlan,
    spaces: tuple[Space, ...],
    how: dict[str, Any],
    end: Sequence[StrategyMix[Strategy]],
) -> str:
    """Digest of everything it depends on what searches find at an end (what each kind plays there)."""
    stated = [game_hash(plan), [space.model_dump(mode="json") for space in spaces], how, _plays(end)]
    return _digest({"of": stated, "code": learning_code(CERTIFIES)})


def measured_hash(plan: GamePlan, certified: str) -> str:
    """Digest of everything it depends on what else is measured at an end with this certificate."""
    played = [plan.scenario.replications, plan.scenario.block]
    return _digest({"of": certified, "played": played, "code": learning_code(MEASURES)})


def menu_hash(menu: Sequence[StrategyMix[Strategy]]) -> str:
    """Digest of a mix of each kind."""
    return _digest(_plays(menu))


def _plays(mixes: Sequence[StrategyMix[Strategy]]) -> list[Any]:
    """What is done in mixes, whatever the strategies are called."""
    return [[list(map(key, mix.strategies)), mix.shares.tolist()] for mix in mixes]


def _digest(stated: Any) -> str:
    return digest(json.dumps(stated, ensure_ascii=False, sort_keys=True).encode())


def write(path: Path, learned: Learned[Strategy]) -> None:
    """Keep what was learned from a start; a file appears under its name only when it is whole."""
    certificate = learned.certificate
    stated: dict[str, Any] = {
        "start": learned.start.name,
        "pools": [[one.model_dump(mode="json") for one in pool] for pool in learned.pools],
        "equilibria": [
            {
                "shares": [share.tolist() for share in one.shares],
                "payoffs": one.payoffs,
                "regret": one.regret,
            }
            for one in learned.equilibria
        ],
        "quantal": [share.tolist() for share in learned.quantal],
        "rounds": [{"gains": one.gains, "negotiations": one.negotiations} for one in learned.rounds],
        "certificate": None if certificate is None else _of_certificate(certificate),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(path, (json.dumps(stated, ensure_ascii=False, indent=1) + "\n").encode())


def read(path: Path) -> Learned[Strategy] | None:
    """What was learned; none where there is no file, or a damaged one."""
    data = kept(path)
    if data is None:
        return None
    stated = json.loads(data)
    pools = tuple(tuple(map(strategy_of, pool)) for pool in stated["pools"])
    equilibria = tuple(
        MetaEquilibrium(
            tuple(np.array(share) for share in one["shares"]), tuple(one["payoffs"]), one["regret"]
        )
        for one in stated["equilibria"]
    )
    rounds = tuple(Round(tuple(one["gains"]), one["negotiations"]) for one in stated["rounds"])
    response = tuple(np.array(share) for share in stated["quantal"])
    certificate = None if stated["certificate"] is None else _certificate(stated["certificate"])
    return Learned(Start(stated["start"], ()), pools, equilibria, rounds, response, certificate)


def write_certificate(path: Path, certificate: Certificate[Strategy]) -> None:
    """Keep the certificate of an end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(path, (json.dumps(_of_certificate(certificate), ensure_ascii=False, indent=1) + "\n").encode())


def read_certificate(path: Path) -> Certificate[Strategy] | None:
    """The certificate of an end; none where there is no file, or a damaged one."""
    data = kept(path)
    return None if data is None else _certificate(json.loads(data))


def write_measured(path: Path, measured: list[dict[str, Any]]) -> None:
    """Keep what else was measured of the best deviations of an end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(path, (json.dumps(measured, ensure_ascii=False, indent=1) + "\n").encode())


def read_measured(path: Path) -> list[dict[str, Any]] | None:
    """What else was measured of an end; none where there is no file, or a damaged one."""
    data = kept(path)
    rows: list[dict[str, Any]] | None = None if data is None else json.loads(data)
    return rows


def write_recall(path: Path, there: Recall) -> None:
    """Keep the recall of a regime's searches."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keep(path, json.dumps({"gains": there.gains, "kinds": there.kinds}).encode())


def read_recall(path: Path) -> Recall | None:
    """The recall of a regime's searches; none where it was not measured, or the file is damaged."""
    data = kept(path)
    if data is None:
        return None
    stated = json.loads(data)
    return Recall(tuple((short, long) for short, long in stated["gains"]), stated["kinds"])


def strategy_of(stated: dict[str, Any]) -> Strategy:
    """A strategy as it was dumped.  Raises ``ValueError`` for what is none."""
    return Strategy.model_validate_json(json.dumps(stated))


def _of_certificate(certificate: Certificate[Strategy]) -> dict[str, Any]:
    return {
        "deviations": [
            {
                "kind": one.kind,
                "strategy": one.strategy.model_dump(mode="json"),
                "known": one.known,
                "gain": one.gain,
                "low": one.low,
                "high": one.high,
            }
            for one in certificate.deviations
        ],
        "negotiations": certificate.negotiations,
        "searches": certificate.searches,
        "replications": certificate.replications,
    }


def _certificate(stated: dict[str, Any]) -> Certificate[Strategy]:
    deviations = tuple(
        Deviation(
            one["kind"], strategy_of(one["strategy"]), one["known"], one["gain"], one["low"], one["high"]
        )
        for one in stated["deviations"]
    )
    return Certificate(deviations, stated["negotiations"], stated["searches"], stated["replications"])
