"""Populations that reply to what they see: best-response and logit dynamics, and logit equilibrium."""

from __future__ import annotations

import numpy as np
from scipy.optimize import root
from scipy.special import softmax

from simulator.evolution.replicator import Array, Mixes, Trajectory, as_mix, integrate

STEP = 1.25
"""Growth of the rationality from one point of the logit branch to the next."""


def best_response(
    A: Array, B: Array, start: tuple[Array, Array], until: float, *, points: int = 201, turns: int = 100_000
) -> Trajectory:
    """``x' = best reply to y - x``, the same for y (Gilboa and Matsui 1991, Econometrica 59: 859-867).

    Solved exactly: between two turns each mix moves straight towards a corner as ``exp(-t)``, and payoffs
    with it, so the moment at which another strategy becomes the best reply has a closed form.  Of equal best
    replies the first is taken, and a reply is kept until another is better.  Turns crowd together where the
    path spirals into a mixed equilibrium: after ``turns`` of them it is taken to have arrived.

    >>> A, B = np.array([[3.0, 0.0], [5.0, 1.0]]), np.array([[3.0, 5.0], [0.0, 1.0]])
    >>> path = best_response(A, B, (np.array([0.9, 0.1]), np.array([0.5, 0.5])), np.log(10.0))
    >>> path.end[0].round(3)  # 0.9 exp(-t) of the first strategy are left
    array([0.09, 0.91])
    """
    x, y = as_mix(start[0]), as_mix(start[1])
    times = np.linspace(0.0, until, points)
    now, area = 0.0, [np.zeros_like(x), np.zeros_like(y)]
    corners = [int((A @ y).argmax()), int((x @ B).argmax())]
    track = [np.empty((points, x.size)), np.empty((points, y.size))]
    for turn in range(turns + 1):
        wait, reply = _next_turn(A @ y, A[:, corners[1]], corners[0])
        wait_other, reply_other = _next_turn(x @ B, B[corners[0]], corners[1])
        last = turn == turns
        step = until - now if last else min(wait, wait_other, until - now)
        targets = [x, y] if last else [np.eye(mix.size)[k] for mix, k in zip((x, y), corners, strict=True)]
        seen = (times >= now) & (times <= now + step)
        decay = np.exp(-(times[seen] - now))[:, None]
        for side, (mix, target) in enumerate(zip((x, y), targets, strict=True)):
            track[side][seen] = target + decay * (mix - target)
            area[side] += step * target - np.expm1(-step) * (mix - target)
        x, y = (goal + np.exp(-step) * (mix - goal) for mix, goal in zip((x, y), targets, strict=True))
        now += step
        if now >= until:
            break
        corners = [
            reply if wait <= wait_other else corners[0],
            reply_other if wait_other <= wait else corners[1],
        ]
    return Trajectory(times, (track[0], track[1]), (area[0] / until, area[1] / until))


def _next_turn(gain: Array, goal: Array, reply: int) -> tuple[float, int]:
    """When another strategy beats ``reply``, and which: payoffs are ``goal + exp(-t) (gain - goal)``."""
    ahead, final = gain[reply] - gain, goal[reply] - goal
    overtakes = np.flatnonzero(final < 0.0)
    if not overtakes.size:
        return np.inf, reply
    lead = np.maximum(ahead[overtakes], 0.0)
    waits = np.log1p(lead / -final[overtakes])
    first = int(waits.argmin())
    return float(waits[first]), int(overtakes[first])


def logit(
    A: Array, B: Array, start: tuple[Array, Array], until: float, *, rationality: float, points: int = 201
) -> Trajectory:
    """``x' = softmax(rationality A y) - x``, the same for y: smoothed replies (Fudenberg and Levine 1998).

    ``rationality`` is the inverse of the noise, per unit of payoff: 0 plays evenly, infinity best replies.
    """

    def rate(now: Mixes) -> Mixes:
        x, y = now
        return softmax(rationality * (A @ y)) - x, softmax(rationality * (x @ B)) - y

    return integrate(rate, [as_mix(start[0]), as_mix(start[1])], until, points=points, tolerance=1e-9)


def logit_equilibrium(A: Array, B: Array, rationality: float) -> tuple[Array, Array]:
    """The logit quantal response equilibrium (McKelvey and Palfrey 1995, Games Econ. Behav. 10: 6-38).

    Followed from the even mix at rationality 0 upwards in small factors: the branch that leads, in almost
    every game, to one Nash equilibrium.  Where it turns back, the nearest solution is followed on.

    >>> A = np.array([[1.0, -1.0], [-1.0, 1.0]])
    >>> [mix.tolist() for mix in logit_equilibrium(A, -A, 5.0)]
    [[0.5, 0.5], [0.5, 0.5]]

    Raises:
        ValueError: the branch is lost (no solution near the last one).
    """
    m, n = A.shape
    point = np.concatenate([np.full(m, 1.0 / m), np.full(n, 1.0 / n)])
    spread = max(float(np.ptp(A)), float(np.ptp(B)))
    level = min(rationality, 0.1 / spread) if spread > 0.0 else rationality
    while True:
        point = _solve(A, B, level, point)
        if level >= rationality:
            return point[:m], point[m:]
        level = min(rationality, level * STEP)


def _solve(A: Array, B: Array, rationality: float, guess: Array) -> Array:
    """Fixed point of the logit replies near ``guess``."""
    m, n = A.shape

    def gap(point: Array) -> Array:
        x, y = point[:m], point[m:]
        replies = softmax(rationality * (A @ y)), softmax(rationality * (x @ B))
        return np.asarray(point - np.concatenate(replies))

    def slope(point: Array) -> Array:
        x, y = softmax(rationality * (A @ point[m:])), softmax(rationality * (point[:m] @ B))
        one = rationality * (np.diag(x) - np.outer(x, x)) @ A
        two = rationality * (np.diag(y) - np.outer(y, y)) @ B.T
        return np.asarray(np.block([[np.eye(m), -one], [-two, np.eye(n)]]))

    solution = root(gap, guess, jac=slope, tol=1e-13)
    if np.abs(gap(solution.x)).max() > 1e-9:
        raise ValueError(f"no logit equilibrium found at rationality {rationality:g}: {solution.message}")
    return np.asarray(solution.x)
