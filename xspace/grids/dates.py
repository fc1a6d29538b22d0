"""One grid of dates: exact counts of a unit, floored to the unit of the result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.lines import exponents
from ..exact.number import Scalar
from ..exact.progression import Arithmetic
from ..exact.rounding import DATES, NAT, Format
from ..ground.thresholds import DATE_BLOCK
from .source import Line, between_ends
from .units import DAY, Unit, exact_count, month_of, unit_of

__all__ = [
    "date_step",
    "floored",
    "floored_one",
    "read_count",
    "to_months",
]


def read_count(value: npt.NDArray[Any], unit: Unit) -> Scalar:
    """One date in a unit; NaT as NaN."""
    count = int(value.view(np.int64))
    if count == NAT:
        return Scalar(0, 0, math.nan)
    exact = exact_count(count, unit_of(value.dtype), unit)
    return Scalar(exact.numerator, exact.denominator)


def floored(
    line: Arithmetic, unit: Unit, out: Unit, caller: str, places: range | None = None
) -> npt.NDArray[Any]:
    """The dates of a progression of counts of ``unit``; ``places`` picks a slice of them."""
    if out.is_calendar and not unit.is_calendar:
        days = floored(line, unit, unit_of(DAY), caller, places).view(np.int64)
        to_months(days, out)
        return days.view(out.dtype)
    counts = Line(caller, _counts(line, unit, out), DATES)
    return counts.make(range(line.num) if places is None else places).view(out.dtype)


def _counts(line: Arithmetic, unit: Unit, out: Unit) -> Arithmetic:
    """A progression of ``unit`` as one of ``out``, of which it is a multiple or a part."""
    n, d = (unit.size / out.size).as_integer_ratio()
    return Arithmetic(line.a * n, line.b * n, line.den * d, line.num)


def to_months(days: npt.NDArray[Any], out: Unit) -> None:
    """Days replaced by the months or years that they lie in."""
    flat = days.reshape(-1)  # a view, of new arrays
    for first in range(0, flat.size, DATE_BLOCK):
        part = flat[first : first + DATE_BLOCK]
        np.floor_divide(month_of(part), int(out.size), out=part)


def floored_one(count: Scalar, unit: Unit, out: Unit, caller: str, index: int = 0) -> Any:
    """One date, which errors call element ``index``; NaT for NaN."""
    if not count.is_finite:
        return np.array("NaT", out.dtype)
    line = Arithmetic(count.n, 0, count.d, index + 1)
    return floored(line, unit, out, caller, range(index, index + 1))[0]


class DateGrid:
    """Dates of which any part can be made (`source.Source`), from a few numbers."""

    fmt: Format = DATES

    def __init__(self, line: Arithmetic, unit: Unit, out: Unit, caller: str) -> None:
        self.line, self.unit, self.out, self.caller = line, unit, out, caller
        self.num = line.num

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""
        numbers = self.line.a, self.line.b, self.line.den, self.num
        return (*map(hex, numbers), self.unit.dtype.str, self.out.dtype.str)

    def check(self) -> None:
        """The error of the first element that does not fit, if there is one."""
        months = self.out.is_calendar and not self.unit.is_calendar
        counts = _counts(self.line, self.unit, unit_of(DAY) if months else self.out)
        Line(self.caller, counts, DATES).check()

    def make(self, places: range) -> npt.NDArray[Any]:
        """The dates at these places."""
        return floored(self.line, self.unit, self.out, self.caller, places)


class LostDates:
    """The same with an end that is NaT: a constant between its ends."""

    fmt: Format = DATES

    def __init__(self, shown: npt.NDArray[Any], num: int, endpoint: bool, caller: str) -> None:
        self.shown, self.num, self.endpoint, self.caller = shown, num, endpoint, caller

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""
        return (*self.shown.view(np.int64).tolist(), self.num, self.endpoint, self.shown.dtype.str)

    def check(self) -> None:
        """Nothing: the ends have been read."""

    def make(self, places: range) -> npt.NDArray[Any]:
        """The dates at these places."""
        return between_ends(self.shown, self.num, self.endpoint, places)


def date_source(
    first: Scalar, last: Scalar, num: int, endpoint: bool, unit: Unit, out: Unit
) -> DateGrid | LostDates:
    """The ``linspace`` between two ends; beside NaT the samples are NaT, but an end is itself."""
    if first.is_finite and last.is_finite:
        return DateGrid(exponents(first, last, num, endpoint), unit, out, "linspace")
    return _lost_dates(first, last, num, endpoint, unit, out)


def _lost_dates(
    first: Scalar, last: Scalar, num: int, endpoint: bool, unit: Unit, out: Unit
) -> LostDates:
    shown = np.full(min(num, 3 if endpoint else 2), "NaT", out.dtype)
    shown[:1] = floored_one(first, unit, out, "linspace")
    if endpoint and num > 1:
        shown[-1] = floored_one(last, unit, out, "linspace", num - 1)
    return LostDates(shown, num, bool(endpoint), "linspace")


def date_step(first: Scalar, last: Scalar, div: int, unit: Unit) -> Any:
    """The step, floored to its unit; NaT where there is none."""
    if div < 1 or not (first.is_finite and last.is_finite):
        return np.timedelta64("NaT")
    n = last.n * first.d - first.n * last.d
    return floored_one(Scalar(n, first.d * last.d * div), unit, unit, "linspace")
