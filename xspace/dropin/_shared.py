"""What several drop-in modules need: exact lengths, promotion as NumPy has it, one refusal."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Integral, Number
from typing import Any

import numpy as np

from ..call.arguments import read_single
from ..ground.float_environment import in_standard_environment
from ..libraries.scalars import is_complex, read_scalar

__all__ = [
    "arange_dtype",
    "check_base",
    "exact_step",
    "floating_dtype",
    "has_dimensions",
    "is_number",
    "read_range",
    "weak",
]

_INT64, _FLOAT64 = np.dtype(np.int64), np.dtype(np.float64)

_NUMBERS = (Number, np.generic)


def is_number(value: Any) -> bool:
    """Whether it is a scalar whose exact value counts; arrays of no dimensions are not."""
    return isinstance(value, _NUMBERS)


def has_dimensions(value: Any) -> bool:
    """Whether it is an array of at least one dimension."""
    return bool(getattr(value, "ndim", 0))


def weak(value: Any) -> Any:
    """What promotes as ``value`` does: a dtype, or a Python number that only has its kind.

    The number itself would be checked for its size; and a ``Fraction``, which is no number to
    NumPy, counts as a float.
    """
    dtype = getattr(value, "dtype", None)
    if dtype is not None:
        return dtype
    if is_complex(value):
        return 0j
    return 0 if isinstance(value, Integral) else 0.0


def floating_dtype(*values: Any) -> Any:
    """The dtype of a ``linspace`` between values, by NumPy's promotion."""
    if all(type(value) in (int, float) for value in values):
        return np.dtype(np.float64)
    return np.result_type(*map(weak, values), 0.0)


def arange_dtype(*values: Any) -> Any:
    """The dtype of an ``arange``, by NumPy's promotion; None for dates, which have their own.

    NumPy computes with the start 0 and the step 1 as int64, so that no dtype is below 64 bits.
    """
    types = set(map(type, values))
    if types <= {int, float}:
        return _FLOAT64 if float in types else _INT64
    kinds = [weak(value) for value in values]
    if any(getattr(kind, "kind", "") in ("m", "M") for kind in kinds):
        return None
    return np.result_type(*(np.result_type(kind) for kind in kinds), np.int64)


@in_standard_environment
def read_range(
    stop: Any,
    step: Any,
    start: Any = 0,
    *,
    names: tuple[str, str, str] = ("start", "stop", "step"),
    zero: type[Exception] = ZeroDivisionError,
    infinite: type[Exception] = OverflowError,
    nan: type[Exception] = ValueError,
) -> tuple[Any, Any, Any]:
    """Start, stop and step of an ``arange``; the library's errors where there is no such range.

    An infinite step leaves nothing but the start, as NumPy has it.  It becomes a finite one, in its
    own direction and as long as the range.
    """
    if type(start) is type(stop) is type(step) is int and step:
        return start, stop, step
    given = dict(zip(names, (start, stop, step), strict=True))
    read = {name: read_single(name, value) for name, value in given.items()}
    first, last, pace = read.values()
    if pace.is_finite and pace.n == 0:
        msg = "step must not be zero"
        raise zero(msg)
    for name, number in read.items():
        if math.isnan(number.special):
            msg = f"{name} must be a number, got nan"
            raise nan(msg)
        if not number.is_finite and name != "step":
            msg = f"{name} must be finite, got {number.special}"
            raise infinite(msg)
    if not pace.is_finite:
        way = abs(Fraction(last.n, last.d) - Fraction(first.n, first.d))
        step = (way or 1) * int(pace.sign)
    return start, stop, step


@in_standard_environment
def exact_step(start: Any, stop: Any, div: int) -> Any:
    """The exact step between two real scalars, for a rounding to come; NaN where there is none."""
    first, last = read_scalar("start", start), read_scalar("stop", stop)
    if div < 1 or not (first.is_finite and last.is_finite):
        return math.nan
    return (Fraction(last.n, last.d) - Fraction(first.n, first.d)) / div


def check_base(base: Any, start: Any, stop: Any, axis: Any) -> None:
    """A ValueError for a base with dimensions that the library would not pair with the lanes.

    The library broadcasts the base against its samples.  If these lie along the first axis, before
    as many dimensions of lanes as the base has, that is the same; else it is something else.
    """
    rank = getattr(base, "ndim", 0)
    lanes = max(getattr(end, "ndim", 0) for end in (start, stop))
    if rank and (rank > lanes or axis not in (0, -1 - lanes)):
        msg = (
            f"base has {rank} dimensions: wanted a scalar, or samples along axis 0 and endpoints "
            "of as many dimensions, because this library broadcasts the base against the samples"
        )
        raise ValueError(msg)
