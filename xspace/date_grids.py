"""One grid of dates: exact counts of a unit, floored to the unit of the result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .arguments import Scalar
from .backends import NUMPY
from .exact.rounding import IntFormat
from .produce import make_on_host
from .progression import Arithmetic
from .special import exponents
from .target import Target
from .units import DAY, Unit, exact_count, month_of, unit_of

__all__ = [
    "DATES",
    "NAT",
    "date_grid",
    "date_step",
    "floored",
    "floored_one",
    "read_count",
    "to_months",
]

#: NumPy's NaT.
NAT = -(1 << 63)

#: What a date counts in: all of int64 but NaT.
DATES = IntFormat("int64", NAT + 1, (1 << 63) - 1)

#: Days that become months at a time.
_BLOCK = 1 << 14


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
    n, d = (unit.size / out.size).as_integer_ratio()
    counts = Arithmetic(line.a * n, line.b * n, line.den * d, line.num)
    target = Target(caller, NUMPY, DATES, np.dtype(np.int64), None)
    return make_on_host(counts, target, places=places).view(out.dtype)


def to_months(days: npt.NDArray[Any], out: Unit) -> None:
    """Days replaced by the months or years that they lie in."""
    flat = days.reshape(-1)  # a view, of new arrays
    for first in range(0, flat.size, _BLOCK):
        part = flat[first : first + _BLOCK]
        np.floor_divide(month_of(part), int(out.size), out=part)


def floored_one(count: Scalar, unit: Unit, out: Unit, caller: str, index: int = 0) -> Any:
    """One date, which errors call element ``index``; NaT for NaN."""
    if not count.is_finite:
        return np.array("NaT", out.dtype)
    line = Arithmetic(count.n, 0, count.d, index + 1)
    return floored(line, unit, out, caller, range(index, index + 1))[0]


def date_grid(
    first: Scalar, last: Scalar, num: int, endpoint: bool, unit: Unit, out: Unit
) -> npt.NDArray[Any]:
    """The ``linspace`` between two ends; beside NaT the samples are NaT, but an end is itself."""
    if first.is_finite and last.is_finite:
        return floored(exponents(first, last, num, endpoint), unit, out, "linspace")
    samples = np.full(num, "NaT", out.dtype)
    samples[:1] = floored_one(first, unit, out, "linspace")
    if endpoint and num > 1:
        samples[-1] = floored_one(last, unit, out, "linspace", num - 1)
    return samples


def date_step(first: Scalar, last: Scalar, div: int, unit: Unit) -> Any:
    """The step, floored to its unit; NaT where there is none."""
    if div < 1 or not (first.is_finite and last.is_finite):
        return np.timedelta64("NaT")
    n = last.n * first.d - first.n * last.d
    return floored_one(Scalar(n, first.d * last.d * div), unit, unit, "linspace")
