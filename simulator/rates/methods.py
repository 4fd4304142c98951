"""The register of methods a case file may name: function, kinds of its arguments, equation.

Kinds keep units apart.  ``rate``, ``money``, ``per_unit``, ``count`` and ``any`` stand for one kind of
their group, the same throughout a call: families are not divided by patents,
nor cents averaged with per cent.  Every formula is monotone in each argument.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.rates import (
    comparable,
    cross_check,
    fault,
    hypothetical,
    incremental,
    interest,
    multimode,
    policy,
    pool,
    roll_forward,
    top_down,
)
from simulator.spec.case import CURRENCIES, UNITS

PER_UNIT = frozenset(f"{currency}_per_unit" for currency in CURRENCIES)
GROUPS = {
    "money": frozenset(CURRENCIES),
    "per_unit": PER_UNIT,
    "rate": PER_UNIT | {"price_share"},
    "count": frozenset({"families", "patents"}),
    "any": frozenset(unit.kind for unit in UNITS.values()),
}

GUANGDONG_2018 = {
    1: ("comparable licences", ("adjusted", "unpacked", "comparables")),
    2: ("market value of the patents in suit", ("top_down", "multimode", "incremental", "contribution")),
    3: ("terms of comparable pools", ("pool", "pool_ceiling")),
    4: ("other methods", ("hypothetical", "mean", "roll_forward")),
}
"""Guangdong High People's Court, guidelines on SEP disputes (2018), article 18: basis, and methods here."""


@dataclass(frozen=True)
class Method:
    """A method: how it is called, what it takes and gives, and its equation."""

    name: str
    function: Callable[..., float]
    arguments: Mapping[str, str]
    result: str
    formula: str
    optional: frozenset[str] = frozenset()

    def kind(self, given: Mapping[str, str | Sequence[str]]) -> str:
        """The kind of the result for arguments of these kinds.

        Raises:
            ValueError: an argument is missing, unknown, or of a kind the method does not take.
        """
        missing = [name for name in self.arguments if name not in given and name not in self.optional]
        unknown = [name for name in given if name not in self.arguments]
        if missing or unknown:
            wanted = ", ".join(f"{name}: ..." for name in self.arguments if name not in self.optional)
            more = f" and, if need be, {', '.join(sorted(self.optional))}" if self.optional else ""
            raise ValueError(f"takes arguments: {{{wanted}}}{more}; got {', '.join(given) or 'none'}")
        bound: dict[str, str] = {}
        for name, kinds in given.items():
            pattern = self.arguments[name]
            if pattern.endswith("*") == isinstance(kinds, str):
                raise ValueError(f"{name} is {'a list' if pattern.endswith('*') else 'one number'}")
            for kind in (kinds,) if isinstance(kinds, str) else kinds:
                _bind(bound, name, pattern.rstrip("*"), kind)
        return _resolved(self.result, bound)

    def __call__(self, arguments: Mapping[str, Any]) -> float:
        """The result in base units, of arguments in base units."""
        return float(self.function(**arguments))


def _bind(bound: dict[str, str], name: str, pattern: str, kind: str) -> None:
    if pattern not in GROUPS:
        if kind != pattern:
            raise ValueError(f"{name} is a {pattern}, got a {kind}")
        return
    if kind not in GROUPS[pattern]:
        raise ValueError(f"{name} is a {pattern}, got a {kind}")
    if bound.setdefault(pattern, kind) != kind:
        raise ValueError(f"{name} is a {kind} where the others are {bound[pattern]}")


def _resolved(pattern: str, bound: Mapping[str, str]) -> str:
    if pattern in bound:
        return bound[pattern]
    if pattern == "per_unit" and "money" in bound:
        return f"{bound['money']}_per_unit"
    if pattern == "money" and "per_unit" in bound:
        return bound["per_unit"].removesuffix("_per_unit")
    return pattern


def _stated(value: float) -> float:
    return value


def _ratio(numerator: float, denominator: float) -> float:
    return numerator / denominator


def _total(values: Sequence[float]) -> float:
    return math.fsum(values)


def _difference(first: float, second: float) -> float:
    return first - second


def _less(value: float, discount: float) -> float:
    return value * (1.0 - discount)


def _product(amount: float, exchange: float) -> float:
    return amount * exchange


def _method(name: str, function: Callable[..., float], signature: str, formula: str) -> Method:
    """A method from its signature: ``argument kind, ... -> kind``; ``?`` optional, ``*`` a list."""
    given, result = signature.split(" -> ")
    pairs = [argument.split() for argument in given.split(", ")]
    arguments = {argument.rstrip("?"): kind for argument, kind in pairs}
    optional = frozenset(argument.rstrip("?") for argument, _ in pairs if argument.endswith("?"))
    plain = getattr(function, "py_func", function)  # recomputing a judgment needs no machine code
    return Method(name, plain, arguments, result, formula, optional)


_TOP_DOWN = (
    "aggregate rate, own count, total count, generation_weight? number, regional_factor? number -> rate"
)

METHODS = {
    name: _method(name, function, signature, formula)
    for name, function, signature, formula in (
        (
            "top_down",
            top_down.top_down,
            _TOP_DOWN,
            "aggregate x own / total x generation_weight x regional_factor",
        ),
        (
            "top_down_profit",
            top_down.top_down_profit,
            "price per_unit, margin number, top_share number, own count, total count -> per_unit",
            "price x margin x top_share x own / total",
        ),
        ("per_patent", top_down.per_patent, "rate rate, count count -> rate", "rate / count"),
        (
            "roll_forward",
            roll_forward.roll_forward,
            "previous price_share, coefficient price_share, price_ratio number -> price_share",
            "(previous + coefficient) x price_ratio",
        ),
        (
            "multimode",
            multimode.multimode,
            "aggregates rate*, shares number*, weights number* -> rate",
            "sum of aggregate x share x weight over generations",
        ),
        (
            "generation_term",
            multimode.generation_term,
            "aggregate rate, share number, weight number -> rate",
            "aggregate x share x weight",
        ),
        (
            "blend",
            multimode.blend,
            "first rate, second rate, weight number -> rate",
            "weight x first + (1 - weight) x second",
        ),
        (
            "unblend",
            multimode.unblend,
            "blended rate, second rate, weight number -> rate",
            "(blended - (1 - weight) x second) / weight",
        ),
        ("pool", pool.pool, "share rate, membership number -> rate", "share x (1 + membership)"),
        (
            "pool_ceiling",
            pool.pool_ceiling,
            "highest_rate rate, share number, membership number -> rate",
            "highest_rate x share x (1 + membership)",
        ),
        ("adjusted", comparable.adjusted, "value any, factor number -> any", "value x factor"),
        ("less", _less, "value any, discount number -> any", "value x (1 - discount)"),
        (
            "comparables",
            comparable.comparables,
            "rates rate*, weights number* -> rate",
            "exp(sum of weight x ln rate / sum of weight)",
        ),
        ("mean", hypothetical.mean_of_indicators, "values any* -> any", "sum of values / their number"),
        ("midpoint", hypothetical.midpoint, "low any, high any -> any", "(low + high) / 2"),
        (
            "contribution",
            hypothetical.contribution,
            "value rate, standard_to_product number, portfolio_to_standard number -> rate",
            "value x standard_to_product x portfolio_to_standard",
        ),
        (
            "hypothetical",
            hypothetical.hypothetical,
            "contributed rate, stack_room rate, adoption rate, floor rate -> rate",
            "min(max(contributed, floor), stack_room, adoption)",
        ),
        (
            "bargaining_position",
            hypothetical.bargaining_position,
            "rate any, bid any, ask any -> number",
            "(rate - bid) / (ask - bid)",
        ),
        (
            "incremental",
            incremental.incremental,
            "value rate, alternative_value rate, holder_share? number -> rate",
            "holder_share x max(0, value - alternative_value)",
        ),
        ("checked", cross_check.checked, "rate any, low any, high any -> any", "rate clipped to [low, high]"),
        (
            "implied_aggregate",
            cross_check.implied_aggregate,
            "rate rate, share number -> rate",
            "rate / share",
        ),
        ("fault_share", fault.fault_share, "own number, other number -> number", "own / (own + other)"),
        (
            "apportioned_loss",
            fault.apportioned_loss,
            "loss any, own number, other number -> any",
            "loss x own / (own + other)",
        ),
        (
            "compound_interest",
            interest.compound,
            "principal money, rate per_year, periods_per_year number, years years -> money",
            "principal x ((1 + rate / periods_per_year)^(periods_per_year x years) - 1)",
        ),
        (
            "simple_interest",
            interest.simple,
            "principal money, rate per_year, years years -> money",
            "principal x rate x years",
        ),
        ("unpacked", interest.unpacked, "lump money, units units -> per_unit", "lump / units"),
        (
            "over_years",
            interest.over_years,
            "yearly money, years years -> money",
            "yearly x years",
        ),
        (
            "tiered",
            interest.tiered,
            "rates per_unit*, thresholds units*, units units -> money",
            "sum of rate x units within its tier",
        ),
        ("lump_sum", interest.lump_sum, "rate per_unit, units units -> money", "rate x units"),
        (
            "effective_rate",
            interest.effective_rate,
            "payment money, sales money -> price_share",
            "payment / sales",
        ),
        ("on_sales", interest.on_sales, "rate price_share, sales money -> money", "rate x sales"),
        ("per_unit", interest.per_unit, "rate price_share, price per_unit -> per_unit", "rate x price"),
        ("ad_valorem", interest.ad_valorem, "fee per_unit, price per_unit -> price_share", "fee / price"),
        ("in_rmb", _product, "amount usd, exchange exchange -> rmb", "amount x exchange"),
        (
            "multiple_of",
            policy.discrimination_multiple,
            "offer any, reference any -> number",
            "offer / reference",
        ),
        ("stated", _stated, "value any -> any", "value, as stated"),
        ("ratio", _ratio, "numerator any, denominator any -> number", "numerator / denominator"),
        ("total", _total, "values any* -> any", "sum of values"),
        ("difference", _difference, "first any, second any -> any", "first - second"),
    )
}
"""Methods by the name a case file uses."""
