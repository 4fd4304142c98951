"""The engine's state: one structured record per regime, step, strategy, holder, implementer, pair.

Field comments give units; codes are those of ``vocabulary``.  Records use ``np.record``, so the same
attribute syntax works in compiled code and, with the compiler off, in plain Python.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simulator.vocabulary import Comparable, Fault

MAX_STEPS = 24
MAX_HORIZON = 600  # months
# Rows of a record of curves: monthly factors by months, and annuities.
HOLDER_DISCOUNT, IMPLEMENTER_DISCOUNT, GROWTH = 0, 1, 2
LICENCE_INTEREST, COURT_INTEREST, NO_INTEREST, ESCROW_INTEREST = 3, 4, 5, 6
SOCIAL, LICENCE_DEFLATOR, COURT_DEFLATOR = 7, 8, 9
WORTH_HOLDER, WORTH_IMPLEMENTER, USE = 0, 1, 2
MAX_COMPARABLES = 64  # licences of one holder that a court looks at, the latest
N_FAULTS = len(Fault)


def record(*fields: tuple[str, str] | tuple[str, str, tuple[int, ...]]) -> np.dtype:
    """A dtype whose scalars are ``np.record``, aligned as the processor likes it.

    Fields come in an order that leaves no gaps, so that records are equal if their bytes are.
    """
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def _group(kind: str, names: str) -> list[tuple[str, str]]:
    return [(name, kind) for name in names.split()]


REGIME = record(
    *_group(
        "i8",
        "mode binding standing_holder standing_implementer suit_from early liability_gate test cap "
        "months_excluded take_within method keep_tainted comparables_needed limitation from_notice "
        "security_base sequential apportion interim interim_after interim_rate capacity provisional "
        "appeal_months arbitration_wait "
        "bar_months evidence_every window appeal baseball aggregate_cap n_steps recognised suit_bars "
        "notices undertakings offer_duties anti_hold_up anti_stacking",
    ),
    *_group(
        "f8",
        "forum_share coverage remainder logit_product logit_licensing p_max slope redesign_cost court_error "
        "method_factor method_bias licence_share court_share security_share loser_pays public_cost "
        "litigation_factor uplift half_range extreme detected_h detected_i false_findings cure d1 d2 "
        "variation unpacking "
        "total_control wide_adoption adequate_reward non_discrimination meeting reversal "
        "arbitration_months arbitration_cost arbitration_error log_licence log_court log_escrow",
    ),
    ("weight", "f8", (N_FAULTS,)),
    ("remaining", "f8", (2, MAX_HORIZON + 1)),
)
"""One regime's court.  Months, probabilities, shares and USD m as in the registry; ``recognised`` is
a mask of Fault bits; ``log_*`` monthly log interest; ``remaining[instance, elapsed]`` expected months."""

STEP = record(
    *_group(
        "i8",
        "actor act phase must may deadline then miss_fault miss_court miss_go "
        "lack_fault lack_court lack_go needs_frand",
    )
)
"""One protocol step; ``deadline`` -1 = none; ``*_go`` -1 = stay; ``*_fault`` -1 = none."""

STRATEGY = record(
    *_group(
        "i8",
        "side tactic ambush alternate reply_delay refuses withholds forthcoming initiates threatens "
        "stalls demands refuses_confidentiality justifies window sue_after patience",
    ),
    *_group("f8", "anchor goodwill floor over_declaration waits_for_peers"),
    ("path", "f8", (MAX_HORIZON + 1,)),
)
"""``path[age]``: share of the way to the last offer gone ``age`` months after the first."""

MARKET = record(
    *_group("i8", "horizon n_holders n_implementers least_left licensed_use notice_spread"),
    *_group(
        "f8",
        "burden rest_share spread bias suspicion cost_chart cost_verify cost_comparables cost_talks "
        "cost_filing cost_monthly cost_trial beta moderate_ask moderate_bid elasticity "
        "pass_through social log_social breakdown breakdown_growth",
    ),
    ("signal_sd", "f8", (4,)),
)

HOLDER_GROUP = record(
    *_group("i8", "kind first_mix n_mix"),
    *_group("f8", "share share_spread quality_spread validity asserted essentiality discount log_d"),
)
IMPLEMENTER_GROUP = record(
    *_group("i8", "first_mix n_mix"),
    *_group("f8", "sales sales_spread growth margin region_factor discount log_d log_growth"),
)
CURVES = record(
    ("last", "i8"),
    ("log", "f8", (10,)),
    ("power", "f8", (MAX_HORIZON + 1, 10)),
    ("annuity", "f8", (MAX_HORIZON + 1, 5)),
)
"""What depends only on months, for a regime, a holder group and an implementer group: monthly factors to
the power of the months, up to ``last``, and annuities: sales to come as either side discounts them, and use
to come with each kind of interest (``USE``: licence, court, none)."""

MIX = record(("strategy", "i8"), ("upto", "f8"))

HOLDER = record(
    *_group("i8", "group kind strategy n_comparables n_licensed licensed_at_start"),
    *_group("f8", "families quality share count_share declared_share over liability"),
    ("comparables", "f8", (MAX_COMPARABLES, len(Comparable))),
)
"""``comparables``: by licence, a ring of the latest, and ``Comparable`` column."""

IMPLEMENTER = record(
    *_group("i8", "group strategy exited n_licensed n_excluded"),
    *_group(
        "f8",
        "scale margin region sales stack signed unit_sales output estimates frand_stack "
        "base_value sales_value triangle "
        "sales_loss unsigned_share unsigned_at_start frand_weight",
    ),
    ("to_date", "f8", (3,)),
)
"""``sales`` USD m this month if nothing is excluded; ``stack`` sum of running rates; ``*_value``
discounted to month 0; ``estimates`` own estimates of rates not yet signed; ``unsigned_share`` their share
of all families; ``to_date[kind]`` sales before this month deflated by licence interest, court interest,
none."""

SALES = record(("before", "f8", (MAX_HORIZON + 1, 3)))
"""An implementer's ``before[month, kind]``: what ``to_date`` was at the month's start."""

PAIR = record(
    *_group("i4", "holder implementer wait step barred assured missed done excused faults cured disclosures"),
    *_group(
        "i1",
        "status outcome arbitration verdict filer verified holder_entitled implementer_entitled zopa_true "
        "zopa_held holder_did implementer_did ask_before bid_before lacked broken",
    ),
    *_group(
        "f8",
        "frand rho_h rho_i counted fault_h fault_i w_h l_i r_h r_i last_ask last_bid older_ask older_bid "
        "frand_offer estimate escrow account cost_h cost_i",
    ),
    *_group(
        "i2",
        "due entered first_use contact filed_month bar_until first_ask_month first_bid_month "
        "entitled_since last_step rounds misses_i",
    ),
    *_group(
        "f8",
        "mu_h v_h mu_i v_i shift_h shift_i found_h found_i court_rate rate first_ask first_bid "
        "interim_rate paid sales_mark place cost_lit cost_public margin_lost lit_h lit_i "
        "months_pending months_excluded escrow_cost_i shared_fault running",
    ),
    *_group("i4", "filings judgments suits_lost"),
    *_group(
        "i2",
        "acts_chart acts_verify acts_comparables acts_court start_month decision_month window_end "
        "excluded_since escrow_month first_filing licence_month",
    ),
    *_group("i1", "interim_on stage first_filer appealed injunction shut"),
)
"""One negotiation.  Money in USD m, discounted to month 0 where it is an account of the past
(``paid``, ``cost_*``), at the current month where it is a value (``w_h``, ``l_i``).
What every month of talks touches comes first, in four cache lines.  ``broken``: talks have broken down.
``place`` in the docket: the month of filing and a draw."""

OUTLOOK = record(
    *_group("i8", "threat months"),
    *_group(
        "f8",
        "base_h base_i margin ability accrued plain future_h future_i gain pay "
        "patience_h patience_i accrual escrow_accrual cost account deposit_past",
    ),
)
"""What judgment hangs on besides estimates and faults, for one negotiation at one month, USD m there:
the sales a licence is paid on, and at the month of judgment past use (with interest and without), sales
to come, what exclusion costs and what can be paid; ``patience_*`` and ``*accrual`` over the months to it."""

MOVE = record(
    *_group("f8", "ask bid"),
    *_group("i2", "act_h act_i accept_h accept_i file_h file_i settle"),
    *_group("i1", "appeal_h appeal_i"),
)
"""What the parties do this month (``act_*`` a Move code; ``ask``/``bid`` nan = no offer)."""

COURT = record(*_group("i8", "queued open_cases"))


class Rules(NamedTuple):
    """What a run is played under: constant arrays."""

    regimes: np.ndarray
    steps: np.ndarray
    strategies: np.ndarray
    market: np.ndarray
    holder_groups: np.ndarray
    holder_group_of: np.ndarray
    implementer_groups: np.ndarray
    implementer_group_of: np.ndarray
    mixes: np.ndarray
    curves: np.ndarray  # [regime, holder group, implementer group]


class State(NamedTuple):
    """One market under one regime: modified in place by every month."""

    holders: np.ndarray
    implementers: np.ndarray
    sales: np.ndarray  # [implementer]
    pairs: np.ndarray
    moves: np.ndarray
    court: np.ndarray
    active: np.ndarray  # indices of open negotiations, the first ``n_active`` count
    cases: np.ndarray  # scratch: indices of negotiations before a court this month
    places: np.ndarray  # scratch: their places in the queue
    outlook: np.ndarray  # scratch: one record
