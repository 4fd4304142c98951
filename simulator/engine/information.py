"""What one side knows and the other does not, until a document or a court shows it.

An implementer's sales and margin are its own knowledge: a holder takes them for
``B exp(sigma z - sigma^2/2)`` and ``g`` alike, and reckons with that whatever it reckons.  Sales data and an
account of use show the sales, royalties paid on them do, and the first round of evidence in court shows both.
Silence moves nothing; courts and metrics see the truth.

A holder's patents are its own knowledge too: which they are (a patent list, without which there is nothing to
examine), whether it still owns them (transfer status), how long they last (protection terms).  Its charts and
licences may be secrets that it shows only under a confidentiality agreement.
*Source*: the seeds treat sales data and accounts of use as documents that are owed; the forms are this
project's.
"""

from __future__ import annotations

import math

from simulator.compiled import compiled, inlined
from simulator.engine.draws import PRIVATE_MARGIN, PRIVATE_SALES, normal
from simulator.engine.generations import mean_strength
from simulator.engine.market import Market
from simulator.engine.regions import reach
from simulator.engine.state import Licence, Matter
from simulator.rules.remedy import exclusion_gain
from simulator.vocabulary import Disclosure, Judgment

CHART_BITS = (1 << Disclosure.CLAIM_CHARTS) | (1 << Disclosure.CONFORMITY_EVIDENCE)
COMPARABLE_BITS = (1 << Disclosure.COMPARABLES) | (1 << Disclosure.POOL_RATES)
SECRET_BITS = CHART_BITS | COMPARABLE_BITS
AGREEMENT_BIT = 1 << Disclosure.CONFIDENTIALITY_AGREEMENT
PATENT_BITS = (1 << Disclosure.PATENT_LIST) | (1 << Disclosure.CLAIM_CHARTS)
TRANSFER_BIT, TERMS_BIT = 1 << Disclosure.TRANSFER_STATUS, 1 << Disclosure.PROTECTION_TERMS
NO_JUDGMENT = int(Judgment.NONE)
SALES_BITS = (1 << Disclosure.SALES_DATA) | (1 << Disclosure.ACCOUNT_OF_USE)


@inlined
def first_figures(mkt: Market, licence: Licence, seed: int, replication: int, k: int) -> None:
    """What the holder of negotiation ``k`` takes sales and margin for, over what they are."""
    if mkt.private == 1:
        licence.sales_seen = guess(mkt.sales_spread, normal(seed, replication, k, PRIVATE_SALES, 0))
        licence.margin_seen = guess(mkt.margin_spread, normal(seed, replication, k, PRIVATE_MARGIN, 0))


@inlined
def guess(spread: float, z: float) -> float:
    """A log-normal factor of mean one; exactly one without spread."""
    return math.exp(spread * z - 0.5 * spread * spread) if spread > 0.0 else 1.0


@inlined
def opens_secrets(m: Matter) -> bool:
    """Whether the implementer signs a confidentiality agreement when it is asked to, or has signed one."""
    si = m.implementer_strategy
    return bool(si.refuses_confidentiality == 0 and si.withholds & AGREEMENT_BIT == 0)


@inlined
def knows_patents(m: Matter) -> bool:
    """Whether the implementer knows which patents there are to examine."""
    return bool(m.market.list_first == 0 or m.negotiation.disclosures & PATENT_BITS != 0)


@inlined
def is_told(m: Matter, document: int) -> bool:
    """Whether a fact about the patents is known: by its document, by evidence heard, by a judgment."""
    negotiation = m.negotiation
    told = negotiation.disclosures & document != 0 or negotiation.acts_court > 0
    return bool(told or m.suit.judgment != NO_JUDGMENT)


@inlined
def owned(m: Matter) -> float:
    """How sure the implementer is that the patents are the holder's: ``1 - tau`` until it is shown."""
    tau = m.market.ownership_doubt
    if tau <= 0.0 or m.suit.arbitration == 1 or is_told(m, TRANSFER_BIT):
        return 1.0
    return 1.0 - tau


@inlined
def in_force(m: Matter, start: int, end: int) -> float:
    """What of the patents counts over months ``start`` to ``end`` before the horizon, of those of month 0.

    The mean share still in force, 1 before it is told: ``1 - x m / T`` in month ``m``; where shares of the
    standard drift, times the holder's mean strength, which is public.
    """
    mkt, part = m.market, 1.0
    end = min(end, mkt.horizon)
    if mkt.expiring > 0.0 and is_told(m, TERMS_BIT):
        part = 1.0 - 0.5 * mkt.expiring / mkt.horizon * (start + max(start, end))
    if mkt.drifts == 1:
        part *= mean_strength(m.holder, start, end)
    return part


@inlined
def hear_evidence(licence: Licence) -> None:
    """The first round of evidence in court shows sales and margin."""
    licence.sales_seen = 1.0
    licence.margin_seen = 1.0


@inlined
def left_by_cap(m: Matter) -> float:
    """What a cap leaves of a year's royalties, a multiple of those on the sales that the holder sees."""
    if m.market.caps == 0 or m.licence.lump == 1:  # one sum is paid at once
        return 1.0
    return min(1.0, m.market.cap * m.licence.sales_seen)


@compiled
def misread(m: Matter) -> None:
    """Mark an outlook that the holder reads with other figures; a licence's base is the holder's own.

    What a cap leaves is kept: a document may show the true sales before what is decided now is signed.
    """
    licence, view = m.licence, m.outlook
    view.misread = 1 if licence.sales_seen != 1.0 or licence.margin_seen != 1.0 else 0
    view.base_h *= licence.sales_seen
    licence.cap_leaves = left_by_cap(m)
    view.paid_on = view.base_i - (1.0 - licence.cap_leaves) * view.ahead


@inlined
def own_base(m: Matter) -> float:
    """What a rate is paid on as the implementer knows it, USD m: ``l_i`` less what a cap leaves unpaid."""
    return m.outlook.paid_on if m.market.caps == 1 and m.outlook.misread == 1 else m.outlook.base_i


Figures = tuple[float, float, float, float, float, float, float, float, float, float, float, float, float]


@compiled
def figures(m: Matter) -> Figures:
    """All of the outlook that sales and margin enter, but for the holder's own base of a licence."""
    view = m.outlook
    return (
        view.base_i,
        view.margin,
        view.ability,
        view.accrued,
        view.plain,
        view.future_h,
        view.future_i,
        view.gain,
        view.gain_interim,
        view.pay,
        view.deposit_past,
        view.sales,
        view.payable,
    )


@compiled
def take_as_holder(m: Matter) -> Figures:
    """Put the holder's figures into the outlook; returns the true ones, for ``set_back``."""
    imp, negotiation, view = m.implementer, m.negotiation, m.outlook
    true = figures(m)
    sales, x = m.licence.sales_seen, reach(m.forum, imp)
    others = imp.stack + max(0.0, imp.estimates - negotiation.counted)
    margin = max(0.0, imp.margin * m.licence.margin_seen - others)
    redesign = view.gain - x * view.margin * view.excluded
    redesign_interim = view.gain_interim - x * view.margin * view.excluded_interim
    view.gain = exclusion_gain(x, margin, sales * view.excluded, redesign)
    view.gain_interim = exclusion_gain(x, margin, sales * view.excluded_interim, redesign_interim)
    view.ability = margin * view.future_now / view.base_i if view.base_i > 0.0 else 0.0
    view.margin = margin
    view.base_i *= sales
    view.accrued *= sales
    view.plain *= sales
    view.future_h *= sales
    view.future_i *= sales
    view.deposit_past *= sales
    view.sales *= sales
    view.payable *= sales
    view.pay = margin * view.payable
    view.misread = 0
    return true


@compiled
def set_back(m: Matter, true: Figures) -> None:
    """Put the true figures back into the outlook."""
    view = m.outlook
    view.base_i, view.margin, view.ability, view.accrued = true[0], true[1], true[2], true[3]
    view.plain, view.future_h, view.future_i, view.gain = true[4], true[5], true[6], true[7]
    view.gain_interim, view.pay, view.deposit_past, view.sales = true[8], true[9], true[10], true[11]
    view.payable = true[12]
    view.misread = 1
