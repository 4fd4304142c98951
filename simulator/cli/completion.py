"""What the shell completes: names of built-in files and of parameters; ``frandsim --install-completion``."""

from __future__ import annotations

from collections.abc import Callable


def completing(*kinds: str) -> Callable[[str], list[str]]:
    """Completes the name of a built-in of these kinds."""

    def complete(incomplete: str) -> list[str]:
        from simulator.spec.find import builtin

        return [name for kind in kinds for name in builtin(kind) if name.startswith(incomplete)]

    return complete


def completing_list(kind: str) -> Callable[[str], list[str]]:
    """Completes the last of several names by comma; those before stay and are not offered again."""
    names = completing(kind)

    def complete(incomplete: str) -> list[str]:
        before, comma, last = incomplete.rpartition(",")
        return [before + comma + name for name in names(last) if name not in before.split(",")]

    return complete


def setting(incomplete: str) -> list[str]:
    """Completes what ``--set`` takes: a parameter, or the share of a strategy, and its equals sign."""
    from simulator.parameters import registry
    from simulator.spec.find import builtin

    known = [*registry(), *(f"share({name})" for name in builtin("strategies"))]
    return [f"{name}=" for name in known if name.startswith(incomplete)]


def shown(incomplete: str) -> list[str]:
    """Completes what ``show`` prints: built-in files and parameters."""
    from simulator.parameters import registry
    from simulator.spec.find import PLURAL

    names = completing(*PLURAL.values())(incomplete)
    return [*dict.fromkeys(names), *(name for name in registry() if name.startswith(incomplete))]


def ends(incomplete: str) -> list[str]:
    """Completes how a negotiation may end."""
    from simulator.vocabulary import Outcome

    return [word for outcome in Outcome if (word := outcome.name.lower()).startswith(incomplete)]


def causes(incomplete: str) -> list[str]:
    """Completes why one may fail."""
    from simulator.vocabulary import Cause

    return [word for cause in Cause if (word := cause.name.lower()).startswith(incomplete)]
