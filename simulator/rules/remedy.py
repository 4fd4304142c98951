"""What judgment is worth: damages, court rates, and licences under exclusion.  Money at judgment, USD m."""

from __future__ import annotations

import math

from simulator.compiled import compiled


@compiled
def liability(validity: float, asserted: float) -> float:
    """Probability that at least one asserted patent is upheld: ``1 - (1 - validity)**n``.

    >>> liability(0.5, 4.0)
    0.9375
    """
    return 1.0 - math.pow(1.0 - validity, asserted)


@compiled
def fault_uplift(weight: float, holder: float, implementer: float) -> float:
    """How fault moves a court's rate: ``1 + w (F_i - F_h) / (F_i + F_h + 1)``, within ``1 -+ w``.

    >>> fault_uplift(0.2, 0.0, 1.0)
    1.1
    """
    if weight <= 0.0:
        return 1.0
    moved = 1.0 + weight * (implementer - holder) / (implementer + holder + 1.0)
    return min(1.0 + weight, max(1.0 - weight, moved))


@compiled
def loss_share(holder: float, implementer: float) -> float:
    """The implementer's part of the interest and delay loss: ``F_i / (F_i + F_h)``, one half if both are 0.

    *Source*: ACT v Oppo/Vivo (Supreme People's Court 2023), equal fault, equal parts.

    >>> loss_share(1.0, 1.0)
    0.5
    """
    total = holder + implementer
    return 0.5 if total <= 0.0 else implementer / total


@compiled
def logit(probability: float) -> float:
    """Log odds, infinite at 0 and 1.

    >>> logit(0.5)
    0.0
    """
    if probability <= 0.0:
        return -math.inf
    return math.inf if probability >= 1.0 else math.log(probability / (1.0 - probability))


@compiled
def injunction_probability(
    prior: float, ceiling: float, slope: float, holder: float, implementer: float
) -> float:
    """``p_max logistic(logit(p_0) + b (F_i - F_h))`` with fault weights ``F``; before hard gates.

    ``prior`` is ``logit(p_0)``.

    >>> injunction_probability(0.0, 1.0, 1.0, 0.0, 0.0)
    0.5
    >>> injunction_probability(logit(1.0), 0.9, 1.0, 2.0, 0.0)
    0.9
    """
    return ceiling / (1.0 + math.exp(-prior - slope * (implementer - holder)))


@compiled
def direct_award(rate: float, coverage: float, uplift: float, future: float, past: float) -> float:
    """A court-set rate on everything it covers: ``y rho u (a + kappa P)``.

    ``future`` discounted sales to come, ``past`` kappa times past sales with interest, both USD m.

    >>> direct_award(0.01, 1.0, 1.0, 100.0, 50.0)
    1.5
    """
    return coverage * rate * uplift * (future + past)


@compiled
def denied_award(rate: float, past: float, future: float, forum: float, remainder: float) -> float:
    """Injunction denied: ``rho (kappa P (x + omega (1 - x)) + omega a)``.

    >>> denied_award(0.01, 100.0, 100.0, 0.2, 0.5)
    1.1
    """
    return rate * (past * (forum + remainder * (1.0 - forum)) + remainder * future)


@compiled
def exclusion_gain(forum: float, margin: float, excluded: float, redesign: float) -> float:
    """What exclusion costs the implementer: ``G = x g_net sum d**(s-t) B(s) + C_r``.

    ``excluded`` discounted sales over the months excluded (USD m), ``margin`` net of other royalties.

    >>> exclusion_gain(0.25, 0.5, 1000.0, 5.0)
    130.0
    """
    return forum * margin * excluded + redesign


@compiled
def injunction_licence(
    rate: float, past: float, future: float, forum: float, remainder: float, beta: float, gain: float
) -> float:
    """A licence under exclusion before bounds: ``rho (kappa P (x + w (1-x)) + w (1-x) a) + beta G``.

    With ``x = 1``, no past use and the whole margin at stake this is Shapiro's (2010) ``beta g``.

    >>> injunction_licence(0.01, 0.0, 1000.0, 1.0, 0.7, 0.5, 200.0)
    100.0
    """
    outside = remainder * (1.0 - forum)
    return rate * (past * (forum + outside) + outside * future) + beta * gain


@compiled
def bounded(value: float, cap: float, refused: float, ability: float) -> float:
    """A licence under exclusion within its bounds: ``min(g, max(X_den, min(X, cap)))``.

    Nobody has to enforce an injunction: it is worth no less than its refusal (``refused``), whatever the cap;
    nothing above the ``ability`` to pay is ever paid.

    >>> bounded(5.0, 4.0, 1.0, 3.0)
    3.0
    >>> bounded(5.0, 1.0, 2.0, 3.0)
    2.0
    >>> bounded(5.0, 1.0, 4.0, 3.0)
    3.0
    """
    return min(ability, max(refused, min(value, cap)))
