"""With all that one side alone may know, the policy of standard setting, lock-in and regions on, all ways of
playing give the same bits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from simulator.agents import LicensingModel
from simulator.engine.build import build
from simulator.engine.run import run_chunk
from simulator.outcomes.rows import Labels, frame
from simulator.spec.load import load_scenario
from simulator.spec.market import Territory
from simulator.spec.scenario import Scenario
from tests.play import Rows, quantity

LAWS = ("staged-baseline", "de-munich-security", "uk-global")
ON = {
    "information.sales": 0.4, "information.margin": 0.4, "information.calculation": 0.2,
    "information.charts_secret": 1, "information.list_first": 1, "information.ownership_doubt": 0.2,
    "information.expiring": 0.3, "sso.mandatory": 1, "sso.verified": 0.5, "sso.detection": 0.3,
    "sso.estoppel": 1, "sso.commitment": 3, "lock_in.alternative": 2, "lock_in.fixed": 0.1,
    "lock_in.growing": 6, "lock_in.exclusion": 12, "court.security.share": 1, "licences.term": 36,
    "licences.lump_share": 0.3, "standard.horizon": 90,
}  # fmt: skip
SEED, REPLICATIONS = 3, 2


def everything() -> Scenario:
    loaded = load_scenario("duopoly", regimes=list(LAWS))
    names = ("us", "europe", "rest")
    regions = tuple(
        Territory(region=name, factor=quantity(factor), forums=forums)
        for name, factor, forums in zip(names, (1, 0.8, 0.5), ((), ("de-munich-security",), ()), strict=True)
    )
    shares = {name: quantity(share) for name, share in zip(names, (0.2, 0.3, 0.5), strict=True)}
    market = loaded.market
    market = market.model_copy(
        update={
            "standard": market.standard.model_copy(update={"regions": regions}),
            "implementers": tuple(
                group.model_copy(update={"regions": shares}) for group in market.implementers
            ),
            "holders": tuple(
                group.model_copy(update={"strength": {"us": quantity(1.5)}}) for group in market.holders
            ),
        }
    )
    numbers = {name: quantity(value) for name, value in ON.items()}
    return loaded.model_copy(update={"market": market, "set": numbers})


def played() -> Rows:
    return run_chunk(build(everything()), SEED, range(REPLICATIONS))


def test_mesa_and_a_run_give_the_same_bits() -> None:
    one = everything()
    batch = frame(played(), Labels.of(one))
    for replication in range(REPLICATIONS):
        for name in LAWS:
            model = LicensingModel(one, regime=name, replication=replication, seed=SEED)
            model.run_model()
            alone = batch[(batch["replication"] == replication) & (batch["regime"] == name)]
            mine = model.outcomes()
            for column in mine:
                kept = [side[column] for side in (mine, alone)]
                a, b = (
                    side.astype(str).to_numpy() if side.dtype == "category" else side.to_numpy()
                    for side in kept
                )
                assert a.tobytes() == b.tobytes() if a.dtype != object else list(a) == list(b), column


def test_plain_python_gives_the_same_bits(root: Path, tmp_path: Path) -> None:
    stored = tmp_path / "rows.npy"
    code = (
        "import sys; import numpy as np; sys.path[:0] = [sys.argv[2]]\n"
        "from tests.engine.test_knowledge_alike import played\n"
        "np.save(sys.argv[1], played().view(np.ndarray))"
    )
    subprocess.run(
        [sys.executable, "-c", code, stored, root],
        env=os.environ | {"FRANDSIM_COMPILER": "off"},
        check=True,
    )
    assert np.load(stored).tobytes() == played().tobytes()
