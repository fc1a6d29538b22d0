"""Units of time: what NumPy's dates and spans of time count, and one unit in terms of another.

Exact in fractions.  Only months and years are no multiples of a second: as dates they begin with
their first day, as spans they go with nothing but each other.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "DAY",
    "Unit",
    "base_counts",
    "exact_count",
    "month_of",
    "no_fixed_length",
    "promote",
    "unit_of",
]

DAY = np.dtype("M8[D]")

Counts = npt.NDArray[Any]

_MONTHS = {"Y": 12, "M": 1}
_SECONDS = {
    u: Fraction(1, 1000**k) for k, u in enumerate(("s", "ms", "us", "ns", "ps", "fs", "as"))
}
_SECONDS |= {u: Fraction(n) for u, n in (("m", 60), ("h", 3600), ("D", 86400), ("W", 604800))}


class Unit(NamedTuple):
    """What a dtype counts, in months or in seconds."""

    dtype: np.dtype[Any]
    size: Fraction
    is_calendar: bool
    is_generic: bool  #: spans of no unit, which take on any other

    @property
    def is_span(self) -> bool:
        """Whether it measures spans of time, not dates."""
        return self.dtype.kind == "m"


@lru_cache(maxsize=256)
def unit_of(dtype: np.dtype[Any]) -> Unit:
    """The unit of a dtype."""
    name, count = np.datetime_data(dtype)
    if name in _MONTHS:
        return Unit(dtype, Fraction(_MONTHS[name] * count), True, False)
    return Unit(dtype, _SECONDS.get(name, Fraction(1)) * count, False, name == "generic")


def promote(given: dict[str, np.dtype[Any]]) -> Unit:
    """The finer unit of all; a TypeError names the arguments."""
    names, dtypes = list(given), list(given.values())
    for name, dtype in given.items():
        if dtype.kind != dtypes[0].kind:
            msg = f"{names[0]} is a {dtypes[0]} and {name} a {dtype}: wanted two of one kind"
            raise TypeError(msg)
    try:
        return unit_of(np.result_type(*dtypes))
    except TypeError:
        raise no_fixed_length(given) from None
    except OverflowError:
        msg = f"{_listed(given)}: no unit of NumPy's counts both"
        raise OverflowError(msg) from None


def no_fixed_length(given: dict[str, np.dtype[Any]]) -> TypeError:
    """The error of units that do not mix."""
    return TypeError(f"{_listed(given)}: months and years have no fixed number of days")


def _listed(given: dict[str, np.dtype[Any]]) -> str:
    return ", ".join(f"{name} in {dtype}" for name, dtype in given.items())


def exact_count(count: int | Fraction, unit: Unit, wanted: Unit) -> Fraction:
    """A count of one unit in another one, where `promote` allows it.

    Months and years as dates are their first day.  A date in months lies between two of them, in
    the middle, if it is not the beginning of one.
    """
    if unit.is_generic:
        return Fraction(count)
    if unit.is_calendar == wanted.is_calendar:
        return count * unit.size / wanted.size
    if unit.is_calendar:
        day: int = _first_day(int(count * unit.size))
        return day * _SECONDS["D"] / wanted.size
    days = count * unit.size / _SECONDS["D"]
    month: int = month_of(math.floor(days))
    whole = _first_day(month) == days
    return (month if whole else month + Fraction(1, 2)) / wanted.size


def base_counts(counts: Counts, unit: Unit, wanted: Unit) -> tuple[Counts, Fraction, Counts]:
    """`exact_count` of an array, as integers times one ratio; and where these are right.

    From months to days is no ratio: then the integers are days, if they fit into 64 bits.
    """
    everywhere = np.ones(counts.shape, np.bool_)
    if unit.is_generic:
        return counts, Fraction(1), everywhere
    if unit.is_calendar == wanted.is_calendar:
        return counts, unit.size / wanted.size, everywhere
    size = int(unit.size)
    fits = np.abs(counts) <= _MOST_MONTHS // size
    return _first_day(np.where(fits, counts, 0) * size), _SECONDS["D"] / wanted.size, fits


#: Months whose first days, fewer than 31 times as many, fit into an int64.
_MOST_MONTHS = 1 << 58


def _first_day(month: Any) -> Any:
    """The day since 1970-01-01 on which a month since 1970-01 begins; of integers, or an array.

    In the proleptic Gregorian calendar, with years that begin in March: so the leap day is the
    last one, and month ``m`` of a year begins after ``(153*m + 2) // 5`` days.
    """
    year, march_month = divmod(month - 2, 12)
    year += 1970
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + (153 * march_month + 2) // 5 - 719468


#: Days of 400 years; the 1970 of them before the epoch are four times 400 years and this.
_CYCLE = 146097
_OFFSET = 719468 - 4 * _CYCLE


def month_of(day: Any) -> Any:
    """The month since 1970-01 in which a day since 1970-01-01 lies; of integers, or an array.

    Whole cycles are taken out first, so that nothing overflows an int64.
    """
    cycle, day = divmod(day, _CYCLE)
    cycles, day = divmod(day + _OFFSET, _CYCLE)
    # Day 0 is the first of March: of 4 years the last day, of 100 years the last one but of 400.
    year = (day - day // 1460 + day // 36524 - day // 146096) // 365
    day = day - (365 * year + year // 4 - year // 100)
    year = 400 * (cycle + cycles + 4) + year - 1970
    return 12 * year + (5 * day + 2) // 153 + 2
