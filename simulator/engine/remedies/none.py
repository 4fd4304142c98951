"""No court: nothing can be given."""

from __future__ import annotations

from simulator.compiled import compiled, inlined


@inlined
def expected() -> float:
    """Nothing."""
    return 0.0


@compiled
def effect() -> None:
    """Nothing."""
