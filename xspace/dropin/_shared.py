"""What several drop-in modules need: exact lengths, promotion as NumPy has it, one refusal."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Integral, Number
from typing import Any

import numpy as np

from ..arguments import is_complex, read_scalar
from ..float_environment import in_standard_environment

__all__ = [
    "arange_dtype",
    "check_base",
    "exact_step",
    "floating_dtype",
    "has_dimensions",
    "is_number",
    "weak",
]

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
    kinds = [weak(value) for value in values if value is not None]
    if any(getattr(kind, "kind", "") in ("m", "M") for kind in kinds):
        return None
    return np.result_type(*(np.result_type(kind) for kind in kinds), np.int64)


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
