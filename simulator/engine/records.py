"""How a record is written down: a class whose fields carry their kind, and in a comment unit and meaning.

A record's dtype is made from its class (``dtype_of``), and so is the page ``docs/state.md``.  Codes are
those of ``vocabulary``.  Records are ``np.record``, so that ``suit.court_rate`` reads the same in compiled
code and, with the compiler off, in plain Python; to mypy they are the classes, so a field that does not
exist is found before anything runs.  Money is USD m, rates are fractions of price, ``_h`` is the holder's,
``_i`` the implementer's.  Fields come in an order that leaves no gaps: records are equal if their bytes are.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args, get_type_hints

import numpy as np

from simulator.vocabulary import Comparable, Disclosure, Fault, Signal

MAX_STEPS = 24
MAX_HORIZON = 600  # months
MAX_REGIONS = 3
MAX_GENERATIONS = 8
MAX_YEARS = MAX_HORIZON // 12 + 1
MAX_KEPT = 4  # each side's estimate, with the court's bias and without
MAX_COMPARABLES = 64  # licences of one holder that a court looks at, the latest
N_FAULTS = len(Fault)
# Columns of a record of curves: monthly factors by months, and annuities.
HOLDER_DISCOUNT, IMPLEMENTER_DISCOUNT, GROWTH = 0, 1, 2
LICENCE_INTEREST, COURT_INTEREST, NO_INTEREST, ESCROW_INTEREST = 3, 4, 5, 6
SOCIAL, LICENCE_DEFLATOR, COURT_DEFLATOR = 7, 8, 9
WORTH_HOLDER, WORTH_IMPLEMENTER, USE = 0, 1, 2
DEFLATORS = 3  # sales to date are deflated by licence interest, by court interest, and not at all

F8 = Annotated[float, "f8"]
I8 = Annotated[int, "i8"]
I4 = Annotated[int, "i4"]
I2 = Annotated[int, "i2"]
I1 = Annotated[int, "i1"]
Weights = Annotated[Any, "f8", (N_FAULTS,)]
Items = Annotated[Any, "i8", (len(Disclosure),)]
Months = Annotated[Any, "f8", (MAX_HORIZON + 1,)]
Instances = Annotated[Any, "f8", (2, MAX_HORIZON + 1)]
Signals = Annotated[Any, "f8", (len(Signal),)]
Logs = Annotated[Any, "f8", (10,)]
Factors = Annotated[Any, "f8", (MAX_HORIZON + 1, 10)]
Annuities = Annotated[Any, "f8", (MAX_HORIZON + 1, 5)]
Comparables = Annotated[Any, "f8", (MAX_COMPARABLES, len(Comparable))]
Kept = Annotated[Any, "f8", (MAX_KEPT, 3)]
ByRegion = Annotated[Any, "f8", (MAX_REGIONS,)]
ByGeneration = Annotated[Any, "f8", (MAX_GENERATIONS,)]
ByYear = Annotated[Any, "f8", (MAX_YEARS,)]
ToDate = Annotated[Any, "f8", (DEFLATORS,)]


def record(*fields: tuple[str, str] | tuple[str, str, tuple[int, ...]]) -> np.dtype:
    """A dtype whose scalars are ``np.record``, aligned as the processor likes it.

    Fields come in an order that leaves no gaps, so that records are equal if their bytes are.
    """
    return np.dtype((np.record, np.dtype(list(fields), align=True)))


def bytes_before(kind: np.dtype[Any], field: str) -> int:
    """How many bytes of a record come before a field.

    >>> bytes_before(record(("ask", "f8"), ("month", "i4"), ("bid", "f4")), "bid")
    12
    """
    places: Any = kind.fields
    return int(places[field][1])


def dtype_of(cls: type) -> np.dtype[Any]:
    """The dtype of a record class, in the order of its fields."""
    hints = get_type_hints(cls, include_extras=True)
    return record(*((name, *get_args(hint)[1:]) for name, hint in hints.items()))
