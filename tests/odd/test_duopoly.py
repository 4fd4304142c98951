"""The model can be rebuilt from its page: the plain duopoly against the engine, twelve measures, eight laws.

``duopoly.py`` rests on ``docs/odd.md`` alone and has draws of its own, so the two agree in
distribution, not in bits.  The engine only plays the other side here, and reads the files.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from ruamel.yaml import YAML
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from simulator.spec.load import load_regime, load_scenario
from simulator.vocabulary import Outcome
from tests.odd.duopoly import play
from tests.play import outcomes

REGIMES = {
    "none": "nobody sues",
    "us-ebay": "an injunction by four factors, the holder's good faith required",
    "de-munich-security": "an injunction by conduct, a deposit, a tribunal by consent, enforced at once",
    "uk-global": "a rate and an injunction against refusal, payments on account, costs by the nearer offer",
    "cn-rate-setting": "a rate that either side may ask for, faults of no account",
    "eu-sep-regulation": "suits barred before register and conciliation, steps in strict order",
    "cn-spc-act-2023": "a rate for half of the sales, interest shared by fault",
    "cn-proposed": "a rate against hold-up, an injunction against hold-out, reasons for extreme offers",
}
ENGINE_SEED, PLAIN_SEED = 7, 3
OWN = (Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT)


def registry(root: Path) -> dict[str, float]:
    """Every parameter's default, as the page of parameters has it."""
    entries = YAML(typ="safe").load((root / "simulator/parameters.yaml").read_text(encoding="utf-8"))
    return {name: float(entry["default"]) for name, entry in entries.items()}


def market_file(root: Path) -> dict[str, Any]:
    """The built-in market, as its file reads."""
    market: dict[str, Any] = YAML(typ="safe").load(
        (root / "scenarios/markets/duopoly.yaml").read_text(encoding="utf-8")
    )
    return market


def plain(name: str, replications: int, root: Path) -> dict[str, npt.NDArray[np.float64]]:
    """The twelve measures of so many negotiations, by the plain model."""
    strategies = load_scenario("duopoly", regimes=[name]).strategies
    rows = play(
        load_regime(name).model_dump(mode="json"),
        market_file(root),
        {key: strategy.model_dump(mode="json") for key, strategy in strategies.items()},
        registry(root),
        replications,
        PLAIN_SEED,
    )
    return {measure: np.array([row[measure] for row in rows]) for measure in rows[0]}


def shipped(name: str, replications: int) -> dict[str, npt.NDArray[np.float64]]:
    """The same by the engine."""
    rows = outcomes(load_scenario("duopoly", regimes=[name], replications=replications, seed=ENGINE_SEED))
    paid = rows["paid"] / rows["entitlement"]
    named: dict[str, Any] = {
        "agreed": np.isin(rows["outcome"], OWN),
        "filed": rows["filed"],
        "judgments": rows["judgments"],
        "months_to_licence": rows["months_to_licence"],
        "rate": np.nan_to_num(rows["rate"] / rows["frand_rate"]),
        "paid": paid,
        "underpaid": np.maximum(0, 1 - paid),
        "cost_holder": rows["cost_holder"],
        "cost_implementer": rows["cost_implementer"],
        "margin_lost": rows["margin_lost"],
        "faults_holder": rows["fault_weight_holder"],
        "faults_implementer": rows["fault_weight_implementer"],
    }
    return {measure: np.asarray(values, dtype=float) for measure, values in named.items()}


def p_value(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Two samples have one mean: the two-sided test by their standard errors; sure values must be equal."""
    apart = float(a.mean() - b.mean())
    error = sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    if error < 1e-12:
        return 1.0 if abs(apart) < 1e-9 else 0.0
    return float(2 * norm.sf(abs(apart) / error))


def rejected(replications: int, root: Path, names: Iterable[str] = REGIMES) -> list[str]:
    """Measures by law whose means differ, adjusted over all of them at once (Holm 1979, 5 %)."""
    named, values = [], []
    for name in names:
        ours, theirs = shipped(name, replications), plain(name, replications, root)
        assert list(ours) == list(theirs)
        for measure in ours:
            named.append(f"{name}: {measure} {ours[measure].mean():.5g} and {theirs[measure].mean():.5g}")
            values.append(p_value(ours[measure], theirs[measure]))
    differs = multipletests(values, alpha=0.05, method="holm")[0]
    return [line for line, bad in zip(named, differs, strict=True) if bad]


def test_plain_model_is_the_engine(root: Path) -> None:
    """96 pairs of means at 300 replications."""
    assert rejected(300, root) == []


@pytest.mark.slow
def test_plain_model_is_the_engine_at_2000(root: Path) -> None:
    """The same at 2,000."""
    assert rejected(2000, root) == []


def test_imports_nothing_of_ours(root: Path) -> None:
    """The plain model stands on the page alone."""
    for name in ("duopoly", "case", "values"):
        tree = ast.parse((root / f"tests/odd/{name}.py").read_text(encoding="utf-8"))
        modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import)]
        assert modules <= {
            "__future__",
            "math",
            "random",
            "statistics",
            "typing",
            "tests.odd.case",
            "tests.odd.values",
        }


def test_a_wrong_rule_is_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deadlines that run a month less are told apart: the comparison can fail."""
    from tests.odd import duopoly

    advance = duopoly.Negotiation.advance

    def early(self: duopoly.Negotiation, step: dict[str, Any]) -> None:
        if step["deadline"] is not None:
            step = step | {"deadline": {"value": step["deadline"]["value"] - 1}}
        advance(self, step)

    monkeypatch.setattr(duopoly.Negotiation, "advance", early)
    assert rejected(300, root, ["eu-sep-regulation"])
