"""Dates: grids of NumPy's ``datetime64`` and ``timedelta64``, exact until the floor to their unit.

A date is a count of units.  Two of them are brought to the finer unit of both, as NumPy's promotion
has it, at their exact values; the grid between them is an arithmetic progression like any other,
and an element is its floor.
"""

from __future__ import annotations

import datetime
from contextlib import suppress
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..deferred.date_batch import DateBatch
from ..deferred.ways import way_of
from ..exact.lines import arange_line
from ..exact.number import Scalar
from ..exact.progression import Arithmetic
from ..exact.rounding import DATES, NAT
from ..grids.dates import DateGrid, LostDates, date_source, date_step, floored_one, read_count
from ..grids.target import Target
from ..grids.units import DAY, Unit, exact_count, no_fixed_length, promote, unit_of
from ..ground.messages import describe, shown
from ..ground.sizes import check_length
from ..lanes.dates import date_lanes, date_steps
from ..libraries import NUMPY, Backend, find_backend
from ..libraries.numpy import numpy_dtype
from ..libraries.scalars import DATES_OF_PYTHON, check_class, is_array, is_date, is_integer
from .arguments import read_axis
from .assemble import assemble
from .lengths import count_elements

__all__ = [
    "arange_dates",
    "date_array",
    "date_count",
    "date_ends",
    "date_place",
    "date_value",
    "linspace_dates",
    "read_steps",
    "rescaled_ends",
    "span_of",
]

_MICROSECOND = datetime.timedelta(microseconds=1)


class Place(NamedTuple):
    """Where dates go: NumPy, or a library whose arrays are made of NumPy's."""

    backend: Backend
    layout: Any = None


_SINGLE = (np.generic, *DATES_OF_PYTHON)


# Arguments.


def _read(given: dict[str, Any], backend: Backend = NUMPY) -> dict[str, Any]:
    """The arguments as arrays of dates, if all of them are dates; a TypeError names them.

    Arrays of NumPy's, or of the backend's if that is another one.
    """
    dated = next(name for name, value in given.items() if is_date(value))
    for name, value in given.items():
        if not is_date(value):
            msg = (
                f"{dated} is a date or a span of time, which goes with no real number or the like: "
                f"{name} is {describe(value)}"
            )
            raise TypeError(msg)
    return {
        name: value
        if backend is not NUMPY and is_array(value) and not isinstance(value, np.ndarray)
        else _read_date(name, value)
        for name, value in given.items()
    }


def _read_date(name: str, value: Any) -> npt.NDArray[Any]:
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        msg = f"{name} has a time zone, which NumPy's dates have not: convert it to UTC and drop it"
        raise TypeError(msg)
    if isinstance(value, DATES_OF_PYTHON):
        try:
            return np.asarray(_of_python(value))
        except OverflowError:
            msg = f"{name}: {shown(value)} is too long for an int64 of microseconds"
            raise OverflowError(msg) from None
    if not isinstance(value, (np.generic, np.ndarray)):
        msg = f"{name} is an array of dates of another library than numpy: {type(value).__name__}"
        raise TypeError(msg)
    check_class(name, value)
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


def _finite_count(name: str, value: npt.NDArray[Any], unit: Unit) -> Scalar:
    count = read_count(value, unit)
    if not count.is_finite:
        msg = f"{name} must not be NaT"
        raise ValueError(msg)
    return count


def date_place(
    device: Any, xp: Any, chunks: Any = None, spec: Any = None, ends: tuple[Any, ...] = ()
) -> Place:
    """NumPy, or dask; a TypeError or ValueError for any other place."""
    given = dict(zip(("start", "stop"), ends, strict=False))
    arrays = {n: x for n, x in given.items() if not isinstance(x, _SINGLE) and is_array(x)}
    if xp is None and all(isinstance(x, np.ndarray) for x in arrays.values()):
        arrays = {}
    backend = find_backend(xp, arrays)
    if not backend.has_dates:
        msg = f"xp is {backend.name}: only numpy and dask.array have arrays of dates"
        raise TypeError(msg)
    where = backend.read_device(device)
    return Place(backend, way_of(backend).layout(backend, where, chunks, spec))


def _read_dtype(dtype: Any, unit: Unit) -> Unit:
    """The dtype of the result: as asked for, else that of the ends."""
    if dtype is None:
        return unit
    wanted = numpy_dtype(dtype)
    if wanted.kind != unit.dtype.kind:
        msg = f"dtype {shown(dtype)} is not for a grid of {unit.dtype}"
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


def _assembled(grid: DateGrid | LostDates, out: Unit, place: Place) -> Any:
    """The array of a grid of dates."""
    where = Target(grid.caller, place.backend, DATES, out.dtype, None, layout=place.layout)
    return assemble(grid, where)


def linspace_dates(
    ends: tuple[Any, Any],
    num: int,
    endpoint: bool,
    dtype: Any,
    axis: Any,
    retstep: bool,
    place: Place,
) -> Any:
    """``linspace`` between dates or spans of time, scalars or arrays."""
    start, stop = _read({"start": ends[0], "stop": ends[1]}, place.backend).values()
    unit = promote({"start": start.dtype, "stop": stop.dtype})
    out = _read_dtype(dtype, unit)
    unit = _working_unit(unit, out)
    axis = read_axis(axis, max(start.ndim, stop.ndim) + 1)
    div = num - 1 if endpoint else num
    span = unit_of(span_of(unit.dtype))
    arrays = [x for x in (start, stop) if not isinstance(x, np.ndarray)]
    if arrays:
        known = (x if isinstance(x, np.ndarray) else None for x in (start, stop))
        batch = DateBatch(num, bool(endpoint), unit, out, span, (next(known), next(known)))
        way = way_of(place.backend)
        samples = way.batch_in_parts(batch, arrays, place.layout)
        samples = place.backend.with_first_axis_at(axis, samples)
        return (samples, way.steps_in_parts(batch, arrays)) if retstep else samples
    if start.ndim or stop.ndim:
        start, stop = np.broadcast_arrays(start, stop)
        samples = date_lanes(start, stop, num, endpoint, unit, out)
        samples = np.moveaxis(samples, 0, axis)
        return (samples, date_steps(start, stop, div, unit, span)) if retstep else samples
    first, last = read_count(start, unit), read_count(stop, unit)
    samples = _assembled(date_source(first, last, num, endpoint, unit, out), out, place)
    if not retstep:
        return samples
    return samples, date_step(first, last, div, span).astype(span.dtype)


def arange_dates(start: Any, stop: Any, step: Any, inclusive: str, dtype: Any, place: Place) -> Any:
    """``arange`` of dates or spans of time; an integer step counts units of the ends."""
    counts, places, working, out = read_steps(start, stop, step, inclusive, dtype)
    line = arange_line(counts["start"], counts["step"], *places)
    grid = DateGrid(check_length(line, "arange"), working, out, "arange")
    return _assembled(grid, out, place)


def read_steps(
    start: Any, stop: Any, step: Any, inclusive: str, dtype: Any = None
) -> tuple[dict[str, Scalar], tuple[int, int], Unit, Unit]:
    """Bounds and step in one unit, places of the elements; that unit, and that of the result."""
    given = {"start": start, "stop": stop, "step": step}
    is_count = is_integer(step)
    left_out = {"stop"} if stop is None else set()
    left_out |= {"step"} if is_count else set()
    read = _read_single({n: v for n, v in given.items() if n not in left_out})
    if stop is None:
        read = _from_zero(read)
    unit = promote({"start": read["start"].dtype, "stop": read["stop"].dtype})
    if is_count:  # one unit, so many times
        read["step"] = np.array(1, np.int64).view(unit.dtype.str.replace("M8", "m8"))
    pace = read["step"]
    unit = _unit_with_step(unit, pace.dtype)
    out = _read_dtype(dtype, unit)
    working = _working_unit(unit, out)
    pace_unit = unit_of(pace.dtype)
    if working.is_calendar != pace_unit.is_calendar and not pace_unit.is_generic:
        raise no_fixed_length({"step": pace.dtype, "dtype": out.dtype})
    counts = {n: _finite_count(n, read[n], working) for n in given}
    if is_count:
        counts["step"] = Scalar(int(step) * counts["step"].n, counts["step"].d)
    return counts, count_elements(counts, inclusive), working, out


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
        floored_one(count, unit, unit, "LinRange")  # an OverflowError for one that is too large
    return *counts, unit.dtype


def rescaled_ends(
    ends: tuple[Scalar, ...], dtype: np.dtype[Any], out: Any
) -> tuple[tuple[Scalar, ...], np.dtype[Any]]:
    """The ends in the unit in which a grid for the dtype ``out`` is exact, and that unit."""
    unit = unit_of(dtype)
    working = _working_unit(unit, _read_dtype(out, unit))
    counts = [exact_count(Fraction(end.n, end.d), unit, working) for end in ends]
    return tuple(Scalar(c.numerator, c.denominator) for c in counts), working.dtype


def date_array(
    line: Arithmetic, unit: np.dtype[Any], dtype: Any, caller: str, device: Any, xp: Any
) -> Any:
    """The array of a progression of units, floored to the units of ``dtype``."""
    place, have = date_place(device, xp), unit_of(unit)
    out = _read_dtype(dtype, have)
    return _assembled(DateGrid(line, have, out, caller), out, place)


def span_of(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype of the spans of time between two dates, or two spans."""
    return np.dtype(dtype.str.replace("M8", "m8"))


def date_value(count: int | None, dtype: np.dtype[Any]) -> Any:
    """The date or span of so many units; NaT for none."""
    count = NAT if count is None else count
    return np.array(count, np.int64).view(dtype)[()]


def date_count(value: Any, dtype: np.dtype[Any]) -> Scalar:
    """What a date is in units of ``dtype``; a TypeError for what is no date of that kind."""
    if not is_date(value):
        msg = f"x must be a date or a span of time, got {describe(value)}"
        raise TypeError(msg)
    (array,) = _read_single({"x": value}).values()
    with suppress(OverflowError):  # units of which the finer one has no 64 bits
        promote({"x": array.dtype, "the range": dtype})
    return read_count(array, unit_of(dtype))
