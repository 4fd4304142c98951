"""Lemke and Howson's path to an equilibrium of a bimatrix game; apart, for its library loads slowly."""

from __future__ import annotations

import numpy as np

from simulator.compiled import kept_apart
from simulator.evolution.equilibria import scaled
from simulator.evolution.game import Values
from simulator.evolution.learned.meta import DUST

with kept_apart():
    from quantecon.game_theory import NormalFormGame, Player
    from quantecon.game_theory import lemke_howson as path_of

PIVOTS = 20
"""Pivots of a path at most, for each strategy of the game."""


def lemke_howson(A: Values, B: Values, label: int) -> tuple[Values, Values] | None:
    """The equilibrium at the end of the path that drops a label; none where rounding makes the path endless.

    ``A``, ``B``: payoffs of both sides, (m, n).  Lexicographic pivots that divide (quantecon): those on whole
    numbers square them at every step, and what a float holds is outgrown on the way through a game of twenty
    plans.  *Source*: Lemke and Howson (1964), Journal of the Society for Industrial and Applied Mathematics
    12:413.
    """
    game = NormalFormGame((Player(scaled(A)), Player(np.ascontiguousarray(scaled(B).T))))
    ends, path = path_of(game, init_pivot=label, max_iter=PIVOTS * sum(A.shape), full_output=True)
    if not path.converged:
        return None
    x, y = (np.where(mix > DUST, mix, 0.0) for mix in ends)
    return x / x.sum(), y / y.sum()
