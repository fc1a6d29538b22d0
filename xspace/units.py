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

__all__ = ["DAY", "MONTH", "Unit", "exact_count", "no_fixed_length", "promote", "unit_of"]

DAY = np.dtype("M8[D]")
MONTH = np.dtype("M8[M]")

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


def no_fixed_length(given: dict[str, np.dtype[Any]]) -> TypeError:
    """The error of units that do not mix."""
    listed = ", ".join(f"{name} in {dtype}" for name, dtype in given.items())
    return TypeError(f"{listed}: months and years have no fixed number of days")


def exact_count(count: int, unit: Unit, wanted: Unit) -> Fraction:
    """A count of one unit in another one, where `promote` allows it.

    Months and years as dates are their first day.  A date in months lies between two of them, in
    the middle, if it is not the beginning of one.
    """
    if unit.is_generic:
        return Fraction(count)
    if unit.is_calendar == wanted.is_calendar:
        return count * unit.size / wanted.size
    if unit.is_calendar:
        return _first_day(int(count * unit.size)) * _SECONDS["D"] / wanted.size
    days = count * unit.size / _SECONDS["D"]
    month = _month(math.floor(days))
    whole = _first_day(month) == days
    return (month if whole else month + Fraction(1, 2)) / wanted.size


def _first_day(month: int) -> int:
    """The day since 1970-01-01 on which a month since 1970-01 begins.

    In the proleptic Gregorian calendar, with years that begin in March: so the leap day is the
    last one, and month ``m`` of a year begins after ``(153*m + 2) // 5`` days.
    """
    year, march_month = divmod(month - 2, 12)
    year += 1970
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + (153 * march_month + 2) // 5 - 719468


def _month(day: int) -> int:
    """The month since 1970-01 in which a day since 1970-01-01 lies."""
    month = day * 4800 // 146097  # 400 years; off by one at most
    while _first_day(month) > day:
        month -= 1
    while _first_day(month + 1) <= day:
        month += 1
    return month
