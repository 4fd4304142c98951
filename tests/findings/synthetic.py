"""Outcomes as an engine might deliver them: plausible rows, the same luck in every regime."""

from __future__ import annotations

import numpy as np

from simulator.engine.outcomes import OUTCOME
from simulator.findings.outcomes import Rows
from simulator.spec.market import Market
from simulator.spec.regime import Regime
from simulator.spec.scenario import Scenario
from simulator.spec.strategy import Strategy
from simulator.vocabulary import Cause, Fault, Outcome

NAMES = (
    ("no-court", "control", "none"),
    ("eu-hvzte-2015", "in_force", "indirect"),
    ("eu-sep-reg-2023", "withdrawn", "indirect"),
    ("de-frand-2020", "in_force", "indirect"),
    ("de-orange-book-2009", "superseded", "indirect"),
    ("upc-2024", "in_force", "both"),
    ("uk-global-2020", "in_force", "both"),
    ("uk-rdt-2025", "proposed", "direct"),
    ("us-ebay-2006", "in_force", "indirect"),
    ("us-2021-draft", "draft", "indirect"),
    ("jp-meti-2022", "non_binding", "indirect"),
    ("cn-rate-2023", "in_force", "direct"),
    ("cn-spc-act-2023", "in_force", "direct"),
    ("in-intex-2023", "in_force", "both"),
    ("adaptive", "control", "adaptive"),
)


def _quantity(value: float) -> dict[str, object]:
    return {"value": value, "source": "assumption"}


def _step(title: str, actor: str, act: str) -> dict[str, object]:
    phase = "litigation" if act == "go_to_third_party" else "commercial"
    return {"title": title, "phase": phase, "actor": actor, "act": act, "source": "assumption"}


def regime(name: str, status: str = "in_force", mode: str = "direct", steps: int = 6) -> Regime:
    """A regime with a short protocol."""
    acts = [
        ("notice", _step("Notice of infringement", "holder", "notify")),
        ("willingness", _step("Willingness to take a licence", "implementer", "declare_willing")),
        ("offer", _step("Written FRAND offer", "holder", "offer")),
        ("counter", _step("Counter-offer", "implementer", "counter")),
        ("security", _step("Security", "implementer", "deposit")),
        ("third_party", _step("Court", "either", "go_to_third_party")),
    ]
    return Regime.model_validate(
        {
            "regime": name,
            "title": f"Regime {name}",
            "jurisdiction": name.split("-", maxsplit=1)[0].upper(),
            "source": "made up for this test",
            "status": status,
            "valid_from": "2015-07-16",
            "steps": dict(acts[:steps]),
            "court": {
                "mode": mode,
                "standing": {"holder": "infringement"},
                "rate": {"method": "comparables_checked" if mode == "direct" else "top_down_essential"},
                "docket": _quantity(10),
            },
        }
    )


def scenario(regimes: int = 15, replications: int = 20, seed: int = 7) -> Scenario:
    """A scenario over the first regimes of the list, three holders and eight implementers."""
    conduct = {"reply_delay": _quantity(1)}
    strategies = {
        name: Strategy.model_validate(
            {
                "strategy": name,
                "party": party,
                "title": name.replace("_", " "),
                "story": "made up for this test",
                "source": "assumption",
                "anchor": _quantity(1.3),
                "conduct": conduct,
            }
        )
        for name, party in [("good_faith", "holder"), ("hold_up", "holder"), ("hold_out", "implementer")]
    }
    market = Market.model_validate(
        {
            "market": "small",
            "title": "A small market",
            "source": "assumption",
            "standard": {
                "generations": (
                    {
                        "generation": "5g",
                        "aggregate_burden": _quantity(0.04),
                        "value_share": _quantity(1),
                        "families": _quantity(2000),
                    },
                ),
                "horizon": _quantity(120),
            },
            "holders": ({"group": "all", "count": 3, "strategies": {"good_faith": 0.5, "hold_up": 0.5}},),
            "implementers": ({"group": "all", "count": 8, "strategies": {"hold_out": 1.0}},),
        }
    )
    return Scenario(
        scenario="synthetic",
        title="A synthetic comparison",
        market=market,
        regimes=tuple(regime(*row, steps=5 if row[0] == "no-court" else 6) for row in NAMES[:regimes]),
        strategies=strategies,
        baseline=NAMES[min(1, regimes - 1)][0],
        replications=replications,
        seed=seed,
        set={},
    )


def outcomes(scenario: Scenario, replications: range | None = None) -> Rows:
    """The outcomes of these replications in canonical order; any replication may be had alone."""
    span = range(scenario.replications) if replications is None else replications
    parts = [_one(scenario, r, k) for r in span for k in range(len(scenario.regimes))]
    return np.concatenate(parts)


def _one(scenario: Scenario, replication: int, k: int, holders: int = 3, implementers: int = 8) -> Rows:
    luck = np.random.default_rng((scenario.seed, replication))
    n, horizon = holders * implementers, 120
    market, talks, court, price, error = (
        luck.normal(),
        *(luck.uniform(size=n) for _ in range(3)),
        luck.normal(size=n),
    )
    notice = luck.integers(0, 24, n)
    size = np.exp(luck.normal(size=n) * 0.5)
    extra = luck.uniform(size=(n, len(Fault)))
    mode = scenario.regimes[k].court.mode.name
    rows = np.zeros(n, OUTCOME)
    rows["regime"], rows["replication"] = k, replication
    rows["negotiation"] = np.arange(n)
    rows["holder"], rows["implementer"] = np.divmod(np.arange(n), implementers)
    rows["holder_strategy"], rows["implementer_strategy"] = rows["holder"] % 2, 2
    rows["counted"] = notice < 23
    agree = 0.35 + 0.03 * k + 0.05 * market
    decided = {
        "NONE": Outcome.UNLICENSED,
        "DIRECT": Outcome.COURT_RATE,
        "INDIRECT": Outcome.INJUNCTION_LICENCE,
        "BOTH": Outcome.COURT_RATE,
        "ADAPTIVE": Outcome.ARBITRAL_AWARD,
    }[mode]
    rest = np.select(
        [court < 0.45, court < 0.85, court < 0.9],
        [Outcome.SETTLED_IN_COURT, decided, Outcome.EXIT],
        Outcome.UNLICENSED,
    )
    rest = np.where(mode == "NONE", Outcome.UNLICENSED, rest)
    rows["outcome"] = np.where(talks < agree, Outcome.NEGOTIATED, rest)
    deadlocked = ~np.isin(rows["outcome"], [Outcome.NEGOTIATED, Outcome.SETTLED_IN_COURT])
    rows["cause"] = np.where(deadlocked, 1 + (price * 3.99).astype(int), Cause.NONE)
    rows["filed"] = (rows["outcome"] != Outcome.NEGOTIATED) & (mode != "NONE")
    rows["filer"] = np.where(rows["filed"], 0, -1)
    rows["filing_month"] = np.where(rows["filed"], notice + 24, -1)
    rows["injunction"] = rows["outcome"] == Outcome.INJUNCTION_LICENCE
    rows["judgments"] = rows["filed"] & deadlocked
    rows["notice_month"] = notice
    unlicensed = np.isin(rows["outcome"], [Outcome.EXIT, Outcome.UNLICENSED])
    months = np.where(rows["filed"], 24 + 40 * price, 3 + 21 * talks).round()
    rows["months_to_licence"] = np.where(unlicensed, horizon - notice, np.minimum(months, horizon - notice))
    rows["licence_month"] = np.where(unlicensed, horizon, notice + rows["months_to_licence"])
    rows["months_unlicensed"] = rows["months_to_licence"]
    rows["months_pending"] = np.where(rows["filed"], 12 + 24 * price, 0)
    rows["rounds"] = 2 + 10 * talks
    faults = extra < np.linspace(0.0, 0.5, len(Fault)) * (0.4 + 0.04 * k)
    faults[:, 20:] = False
    rows["faults"] = (faults << np.arange(len(Fault))).sum(axis=1)
    rows["last_step"] = np.minimum((talks * 8).astype(int), len(scenario.regimes[k].steps) - 1)
    rows["frand_rate"] = 0.0017
    rows["first_ask"], rows["first_bid"] = (
        0.0017 * 1.5 * np.exp(0.3 * error),
        0.0017 * 0.6 * np.exp(-0.3 * error),
    )
    share = np.exp(0.35 * error + 0.05 * (7 - k))
    rows["rate"] = np.where(unlicensed, np.nan, 0.0017 * share)
    rows["court_rate"] = np.where(rows["judgments"] == 1, 0.0017 * np.exp(0.2 * error), np.nan)
    rows["entitlement"] = 20 * size
    rows["paid"] = np.where(unlicensed, 0, rows["entitlement"] * share)
    suit = np.where(rows["filed"], 3 + 2 * price, 0)
    rows["cost_holder"], rows["cost_implementer"] = 0.4 + suit, 0.3 + suit
    rows["cost_litigation"], rows["cost_public"] = 2 * suit, 0.02 * rows["months_pending"]
    rows["margin_lost"] = np.where(rows["injunction"], 4 * price, 0)
    rows["output_lost"] = 0.05 * (rows["paid"] - rows["entitlement"])
    rows["surplus_benchmark"], rows["margin_benchmark"] = 900 * size, 600 * size
    return rows
