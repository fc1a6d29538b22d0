"""Dates: grids of NumPy's ``datetime64`` and ``timedelta64``, exact until the floor to their unit.

A date is a count of units.  Two of them are brought to the finer unit of both, as NumPy's promotion
has it, at their exact values; the grid between them is an arithmetic progression like any other,
and an element is its floor.
"""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .arguments import Scalar, describe, is_integer, read_axis
from .backends import NUMPY, find_backend
from .backends.numpy import numpy_dtype
from .exact.rounding import IntFormat
from .grids import arange_line, check_length
from .produce import make_on_host
from .progression import Arithmetic
from .special import exponents
from .target import Target
from .units import DAY, MONTH, Unit, exact_count, no_fixed_length, promote, unit_of

__all__ = [
    "DATES",
    "arange_dates",
    "date_array",
    "date_count",
    "date_ends",
    "date_value",
    "has_dates",
    "is_date",
    "linspace_dates",
    "rescaled_ends",
]

#: NumPy's NaT.
_NAT = -(1 << 63)

#: What a date counts in: all of int64 but NaT.
DATES = IntFormat("int64", _NAT + 1, (1 << 63) - 1)

_NUMBERS = frozenset({int, float})
_MICROSECOND = datetime.timedelta(microseconds=1)
_OF_PYTHON = (datetime.date, datetime.timedelta)  # a datetime is a date, too


def has_dates(start: Any, stop: Any) -> bool:
    """Whether one of the ends is a date or a span of time."""
    if type(start) in _NUMBERS and type(stop) in _NUMBERS:
        return False
    return is_date(start) or is_date(stop)


def is_date(value: Any) -> bool:
    """Whether it is a date or a span of time, of NumPy or of Python, or an array of them."""
    if type(value) in _NUMBERS:
        return False
    return isinstance(value, _OF_PYTHON) or _kind(value) in ("m", "M")


def _kind(value: Any) -> str:
    """NumPy's letter for the kind of an array's dtype: ``"M"`` for dates, ``"m"`` for spans."""
    return getattr(getattr(value, "dtype", None), "kind", "")


# Arguments.


def _read(given: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    """The arguments as arrays of dates, if all of them are dates; a TypeError names them."""
    dated = next(name for name, value in given.items() if is_date(value))
    for name, value in given.items():
        if not is_date(value):
            msg = (
                f"{dated} is a date or a span of time, which goes with no real number or the like: "
                f"{name} is {describe(value)}"
            )
            raise TypeError(msg)
    return {name: _read_date(name, value) for name, value in given.items()}


def _read_date(name: str, value: Any) -> npt.NDArray[Any]:
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        msg = f"{name} has a time zone, which NumPy's dates have not: convert it to UTC and drop it"
        raise TypeError(msg)
    if isinstance(value, _OF_PYTHON):
        try:
            return np.asarray(_of_python(value))
        except OverflowError:
            msg = f"{name}: {value!r} is too long for an int64 of microseconds"
            raise OverflowError(msg) from None
    if not isinstance(value, (np.generic, np.ndarray)):
        msg = f"{name} is an array of dates of another library than numpy: {type(value).__name__}"
        raise TypeError(msg)
    return np.asarray(value).astype(value.dtype.newbyteorder("="), copy=False)


def _of_python(value: Any) -> Any:
    """A date of the standard library; one of a subclass that says so is of finer units."""
    for method in ("to_datetime64", "to_timedelta64"):
        if hasattr(value, method):
            return getattr(value, method)()
    if isinstance(value, datetime.timedelta):
        return np.timedelta64(value // _MICROSECOND, "us")
    return np.datetime64(value, "us" if isinstance(value, datetime.datetime) else "D")


def _read_single(given: dict[str, Any]) -> dict[str, npt.NDArray[Any]]:
    arrays = _read(given)
    for name, array in arrays.items():
        if array.ndim:
            msg = f"{name} must be a scalar or a 0-d array, got an array of shape {array.shape}"
            raise TypeError(msg)
    return arrays


def _count(value: npt.NDArray[Any], unit: Unit) -> Scalar:
    """One date in a unit; NaT as NaN."""
    count = int(value.view(np.int64))
    if count == _NAT:
        return Scalar(0, 0, math.nan)
    exact = exact_count(count, unit_of(value.dtype), unit)
    return Scalar(exact.numerator, exact.denominator)


def _finite_count(name: str, value: npt.NDArray[Any], unit: Unit) -> Scalar:
    count = _count(value, unit)
    if not count.is_finite:
        msg = f"{name} must not be NaT"
        raise ValueError(msg)
    return count


def _check_place(device: Any, xp: Any) -> None:
    if xp is not None and (other := find_backend(xp, {})) is not NUMPY:
        msg = f"xp is {other.name}: only numpy has arrays of dates"
        raise TypeError(msg)
    NUMPY.read_device(device)


def _read_dtype(dtype: Any, unit: Unit) -> Unit:
    """The dtype of the result: as asked for, else that of the ends."""
    if dtype is None:
        return unit
    wanted = numpy_dtype(dtype)
    if wanted.kind != unit.dtype.kind:
        msg = f"dtype {dtype!r} is not for a grid of {unit.dtype}"
        raise TypeError(msg)
    out = unit_of(wanted.newbyteorder("="))
    if out.is_generic:
        return unit
    if out.is_span and out.is_calendar != unit.is_calendar and not unit.is_generic:
        raise no_fixed_length({"start and stop": unit.dtype, "dtype": wanted})
    return out


def _working_unit(unit: Unit, out: Unit) -> Unit:
    """The unit of the exact grid: days where the ends are months and the result is not."""
    if unit.is_generic:
        return out
    return unit_of(DAY) if unit.is_calendar and not out.is_calendar else unit


# Grids.


def _floored(line: Arithmetic, unit: Unit, out: Unit, caller: str) -> npt.NDArray[Any]:
    if out.is_calendar and not unit.is_calendar:  # months of days
        days = _floored(line, unit, unit_of(DAY), caller)
        months = days.astype(MONTH).view(np.int64)
        return (months // int(out.size)).view(out.dtype)
    n, d = (unit.size / out.size).as_integer_ratio()
    counts = Arithmetic(line.a * n, line.b * n, line.den * d, line.num)
    target = Target(caller, NUMPY, DATES, np.dtype(np.int64), None)
    return make_on_host(counts, target).view(out.dtype)


def _floored_one(count: Scalar, unit: Unit, out: Unit, caller: str) -> Any:
    """One date; NaT for NaN."""
    if not count.is_finite:
        return np.array("NaT", out.dtype)
    return _floored(Arithmetic(count.n, 0, count.d, 1), unit, out, caller)[0]


def linspace_dates(
    ends: tuple[Any, Any],
    num: int,
    endpoint: bool,
    dtype: Any,
    device: Any,
    axis: Any,
    xp: Any,
    retstep: bool,
) -> Any:
    """``linspace`` between dates or spans of time, scalars or arrays."""
    _check_place(device, xp)
    start, stop = _read({"start": ends[0], "stop": ends[1]}).values()
    unit = promote({"start": start.dtype, "stop": stop.dtype})
    out = _read_dtype(dtype, unit)
    unit = _working_unit(unit, out)
    start, stop = np.broadcast_arrays(start, stop)
    place = read_axis(axis, start.ndim + 1)
    samples = np.empty((num, *start.shape), out.dtype)
    steps = np.empty(start.shape, unit.dtype.str.replace("M8", "m8"))
    for lane in np.ndindex(start.shape):
        first, last = _count(start[lane], unit), _count(stop[lane], unit)
        where: Any = (slice(None), *lane)
        samples[where] = _lane(first, last, num, endpoint, unit, out)
        if retstep:  # which may be longer than its unit can count, where no sample is
            steps[lane] = _step(first, last, num - 1 if endpoint else num, unit_of(steps.dtype))
    samples = np.moveaxis(samples, 0, place)
    return (samples, steps[()]) if retstep else samples


def _lane(
    first: Scalar, last: Scalar, num: int, endpoint: bool, unit: Unit, out: Unit
) -> npt.NDArray[Any]:
    """The samples between two ends; beside NaT they are NaT, but an end is itself."""
    if first.is_finite and last.is_finite:
        return _floored(exponents(first, last, num, endpoint), unit, out, "linspace")
    samples = np.full(num, "NaT", out.dtype)
    samples[:1] = _floored_one(first, unit, out, "linspace")
    if endpoint and num > 1:
        samples[-1] = _floored_one(last, unit, out, "linspace")
    return samples


def _step(first: Scalar, last: Scalar, div: int, unit: Unit) -> Any:
    """The step, floored to its unit; NaT where there is none."""
    if div < 1 or not (first.is_finite and last.is_finite):
        return np.timedelta64("NaT")
    n = last.n * first.d - first.n * last.d
    return _floored_one(Scalar(n, first.d * last.d * div), unit, unit, "linspace")


def arange_dates(start: Any, stop: Any, step: Any, dtype: Any, device: Any, xp: Any) -> Any:
    """``arange`` of dates or spans of time; an integer step counts units of the ends."""
    _check_place(device, xp)
    given = {"start": start, "stop": stop, "step": step}
    is_count = is_integer(step)
    left_out = {"stop"} if stop is None else set()
    left_out |= {"step"} if is_count else set()
    read = _read_single({n: v for n, v in given.items() if n not in left_out})
    if stop is None:
        read = _from_zero(read)
    unit = promote({"start": read["start"].dtype, "stop": read["stop"].dtype})
    if is_count:
        count = int(step)
        if not DATES.low <= count <= DATES.high:
            msg = f"step: {describe(count)} is too long for an int64 of {unit.dtype}"
            raise OverflowError(msg)
        read["step"] = np.array(count, np.int64).view(unit.dtype.str.replace("M8", "m8"))
    pace = read["step"]
    unit = _unit_with_step(unit, pace.dtype)
    out = _read_dtype(dtype, unit)
    working = _working_unit(unit, out)
    pace_unit = unit_of(pace.dtype)
    if working.is_calendar != pace_unit.is_calendar and not pace_unit.is_generic:
        raise no_fixed_length({"step": pace.dtype, "dtype": out.dtype})
    line = arange_line(*(_finite_count(n, read[n], working) for n in given))
    return _floored(check_length(line, "arange"), working, out, "arange")


def _from_zero(read: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    """The arguments of an `arange` whose only end is its stop."""
    stop = read["start"]
    if stop.dtype.kind == "M":
        msg = "stop is missing: dates have no zero to begin with"
        raise ValueError(msg)
    return read | {"start": np.zeros_like(stop), "stop": stop}


def _unit_with_step(unit: Unit, step: np.dtype[Any]) -> Unit:
    """The finer unit of the ends and the step; the dates of a step in days are days."""
    if step.kind != "m":
        msg = f"step must be a span of time, got a {step}"
        raise TypeError(msg)
    given = {"start and stop": unit.dtype, "step": step}
    if unit.is_span:
        return promote(given)
    if unit_of(step).is_calendar and not unit.is_calendar:
        raise no_fixed_length(given)
    return promote(given | {"step": np.dtype(step.str.replace("m8", "M8"))})


# What a LinRange needs.


def date_ends(start: Any, stop: Any) -> tuple[Scalar, Scalar, np.dtype[Any]]:
    """Both ends as counts of the finer unit, and the dtype that says which."""
    first, last = _read_single({"start": start, "stop": stop}).values()
    unit = promote({"start": first.dtype, "stop": last.dtype})
    counts = _finite_count("start", first, unit), _finite_count("stop", last, unit)
    for count in counts:
        _floored_one(count, unit, unit, "LinRange")  # an OverflowError for one that is too large
    return *counts, unit.dtype


def rescaled_ends(
    ends: tuple[Scalar, ...], dtype: np.dtype[Any], out: Any
) -> tuple[tuple[Scalar, ...], np.dtype[Any]]:
    """The ends in the unit in which a grid for the dtype ``out`` is exact, and that unit."""
    unit = unit_of(dtype)
    working = _working_unit(unit, _read_dtype(out, unit))
    counts = [exact_count(end.n, unit, working) for end in ends]
    return tuple(Scalar(c.numerator, c.denominator) for c in counts), working.dtype


def date_array(
    line: Arithmetic, unit: np.dtype[Any], dtype: Any, caller: str, device: Any, xp: Any
) -> npt.NDArray[Any]:
    """The array of a progression of units, floored to the units of ``dtype``."""
    _check_place(device, xp)
    have = unit_of(unit)
    return _floored(line, have, _read_dtype(dtype, have), caller)


def date_value(count: int, dtype: np.dtype[Any]) -> Any:
    """The date or span of so many units."""
    return np.array(count, np.int64).view(dtype)[()]


def date_count(value: Any, dtype: np.dtype[Any]) -> Scalar:
    """What a date is in units of ``dtype``; a TypeError for what is no date of that kind."""
    if not is_date(value):
        msg = f"x must be a date or a span of time, got {describe(value)}"
        raise TypeError(msg)
    (array,) = _read_single({"x": value}).values()
    promote({"x": array.dtype, "the range": dtype})
    return _count(array, unit_of(dtype))
