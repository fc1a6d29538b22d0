"""Ranges of dates as `numpy.arange` reads them: from all that becomes a date or a span there.

NumPy counts whole units of one dtype, so the elements are integers.  It is asked how it reads each
argument, and no more: its own length wraps around where the ends are 2**63 units apart, which is
584 years of nanoseconds.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..arange import arange
from ..exact.rounding import NAT
from ..ground.messages import describe
from ..libraries.scalars import is_date

__all__ = ["arange_dates", "is_range_of_dates"]


def is_range_of_dates(bounds: Iterable[Any], dtype: Any) -> bool:
    """Whether NumPy makes dates or spans of time of it: by the dtype, else by the arguments."""
    if dtype is None:
        return any(map(is_date, bounds))
    return getattr(dtype, "kind", "") in ("m", "M")


def arange_dates(start: Any, stop: Any, step: Any, dtype: np.dtype[Any] | None) -> Any:
    """The range that NumPy would make.

    A stop that is a span or an integer counts from the start, if that is a date; integers are as
    many units of the dtype, or of the finest argument.
    """
    kind = _kind(start, stop) if dtype is None else dtype.kind
    if start is None and kind == "M":
        msg = "stop is missing: dates have no zero to begin with"
        raise ValueError(msg)
    kinds = {"start": kind, "stop": "m" if _is_span(stop) else kind, "step": "m"}
    given = {"start": 0 if start is None else start, "stop": stop, "step": step}
    read = {name: _read(name, value, kinds[name], dtype) for name, value in given.items()}
    if dtype is None or _is_generic(dtype):
        unit = np.result_type(*(array.dtype for array in read.values()))
    else:
        unit = dtype.newbyteorder("=")
    counts = {name: _count(name, array, unit) for name, array in read.items()}
    if kinds["stop"] != kind:
        counts["stop"] += counts["start"]
    start, stop, step = counts.values()
    return arange(start, stop, step, dtype=np.int64).view(unit).astype(dtype or unit, copy=False)


def _kind(*ends: Any) -> str:
    """Dates if one of the ends is a date, else spans of time."""
    return "M" if any(is_date(end) and not _is_span(end) for end in ends) else "m"


def _is_span(value: Any) -> bool:
    """Whether it is a span of time, or an integer, which counts units."""
    if isinstance(value, (int, np.integer, np.bool_, datetime.timedelta)):
        return True
    return getattr(getattr(value, "dtype", None), "kind", "") == "m"


def _is_generic(dtype: np.dtype[Any]) -> bool:
    """Whether a dtype of dates says no unit."""
    return np.datetime_data(dtype)[0] == "generic"


def _read(name: str, value: Any, kind: str, dtype: np.dtype[Any] | None) -> Any:
    """What NumPy makes of an argument, in its own units; of an integer a date in the dtype's."""
    if value is None or (is_date(value) and (kind == "m") != _is_span(value)):
        wanted = "a date" if kind == "M" else "a span of time or an integer"
        msg = f"{name} must be {wanted}, got {describe(value)}"
        raise (TypeError if value is None else ValueError)(msg)
    if kind == "M" and dtype is not None and isinstance(value, (int, np.integer)):
        return np.array(value, dtype.newbyteorder("="))
    return np.array(value, f"{kind}8")


def _count(name: str, array: Any, unit: np.dtype[Any]) -> int:
    """The units of one argument, if its own become such."""
    wanted = f"{array.dtype.kind}{unit.str[2:]}"  # after the order of bytes and the kind
    count = int(array.astype(wanted, casting="same_kind").view(np.int64))
    if count == NAT:
        msg = f"{name} must not be NaT"
        raise ValueError(msg)
    return count
