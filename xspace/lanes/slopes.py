"""First derivatives of real grids by their ends, correctly rounded, in host memory.

The engine makes them, and says what it leaves open.  Lanes that it does not take are made by the
integers that traced programs are made of: rounded upwards and downwards where these cannot tell a
side, which leaves few elements, if any, for exact numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..engine.integers.ends import End, read_float, read_integer, read_number
from ..engine.integers.limbs import Words
from ..engine.integers.outer import Places
from ..engine.integers.slopes import SLOPES
from ..engine.narrow import host_dtype
from ..engine.native.filling import fill_lanes
from ..exact.number import Scalar
from ..exact.rounding import FORMATS, FloatFormat, Format
from ..exact.slopes import rounded_slope
from ..libraries.scalars import read_scalar
from .host import Flat, lane_shape

if TYPE_CHECKING:
    from .plan import Ends, Plan

__all__ = ["host_slopes", "read_end", "scalars_of", "slopes_of_lanes"]

#: So many elements are made at a time, and so many in a row.
_TOGETHER, _ROW = 1 << 14, 64

#: Exponents of ends that are cut to 176 bits, from which on a power may lose some of its own.
_LARGE = 40

#: Of an element that is within its error of a midpoint: downwards, and upwards.
_BOTH = np.array([-1, 1]).reshape(2, 1, 1, 1)


def host_slopes(plan: Plan, ends: Ends) -> npt.NDArray[Any]:
    """The derivatives of ``plan.orders`` in the plan's format, with the elements along axis 0."""
    caller, fmt, by = plan.target.caller, plan.target.fmt, plan.orders.index(1)
    shape = lane_shape(ends)
    flat = {n: _flat(v, shape) for n, v in ends.items()}
    out = np.empty((plan.num, math.prod(shape)), host_dtype(fmt))
    if out.size:
        left = fill_lanes(out, caller, flat, plan.div, fmt, by)
        places, lanes = left or (np.empty(0, np.int64), np.arange(out.shape[1]))
        if lanes.size:
            chosen = {n: v if isinstance(v, Scalar) else v[lanes] for n, v in flat.items()}
            out[:, lanes] = slopes_of_lanes(caller, chosen, plan.num, plan.div, fmt, by)
        for place in places.tolist():
            i, lane = divmod(place, out.shape[1])
            out[i, lane] = rounded_slope(caller, scalars_of(flat, lane), by, i, plan.div, fmt)
    return out.reshape((plan.num, *shape))


def _flat(end: Any, shape: tuple[int, ...]) -> Any:
    """An end as an array of one dimension, of a type of NumPy's own."""
    if isinstance(end, Scalar):
        return end
    array = end if end.dtype.kind in "iuf" else end.astype(np.float64)
    return np.broadcast_to(array, shape).reshape(-1)


def scalars_of(flat: Flat, lane: int) -> tuple[Scalar, ...]:
    """The ends of a lane as scalars."""
    return tuple(
        v if isinstance(v, Scalar) else read_scalar(n, v[lane].item()) for n, v in flat.items()
    )


def slopes_of_lanes(
    caller: str, flat: Flat, num: int, div: int, fmt: Format, by: int
) -> npt.NDArray[Any]:
    """The same without the engine, of lanes along the second axis."""
    assert isinstance(fmt, FloatFormat)
    count = max((v.size for v in flat.values() if not isinstance(v, Scalar)), default=1)
    out = np.empty((num, count), host_dtype(fmt))
    width = max(_TOGETHER // num, 1)
    for first in range(0, count, width):
        some = slice(first, first + width)
        chosen = {n: v if isinstance(v, Scalar) else v[some] for n, v in flat.items()}
        for begin in range(0, num, _TOGETHER):
            part = out[begin : begin + _TOGETHER, some]
            doubtful = _by_integers(part, caller, chosen, begin, div, fmt, by)
            for i, lane in np.argwhere(doubtful).tolist():
                ends = scalars_of(chosen, lane)
                part[i, lane] = rounded_slope(caller, ends, by, begin + i, div, fmt)
    return out


def _by_integers(
    out: npt.NDArray[Any],
    caller: str,
    flat: Flat,
    begin: int,
    div: int,
    fmt: FloatFormat,
    by: int,
) -> npt.NDArray[np.bool_]:
    """Write the derivatives from an element on; which of them are left open."""
    words = Words(np, 64)
    rows = np.arange(0, len(out), _ROW)[:, None, None] + begin
    places = Places(rows, np.arange(_ROW)[None, :, None], div)
    with np.errstate(all="ignore"):
        ends = [read_end(words, value) for value in flat.values()]
        bits = SLOPES[caller](words, *ends, places, fmt, by, _BOTH)
    bits = np.broadcast_to(bits, (2, len(rows), _ROW, out.shape[1]))
    low, high = bits.reshape(2, -1, out.shape[1])[:, : len(out)]
    out[...] = low.astype(f"uint{8 * out.itemsize}").view(out.dtype)
    doubtful: npt.NDArray[np.bool_] = low != high
    if caller == "logspace":
        start, stop, base = ends
        far = (start.expo > _LARGE) | (stop.expo > _LARGE) | (by == 2)
        doubtful |= (by == 2) & base.zero | (far & (not (start.exact and stop.exact)))
    return doubtful


def read_end(words: Words, value: Any) -> End:
    """An end in integers, from a scalar or from an array of one dimension."""
    if isinstance(value, Scalar):
        return read_number(words, value)
    if value.dtype.kind == "f":
        bits = value.view(f"int{8 * value.dtype.itemsize}")
        fmt = FORMATS[value.dtype.name]
        assert isinstance(fmt, FloatFormat)
        return read_float(words, bits.astype(np.int64), fmt)
    return read_integer(words, value.astype(np.int64), signed=value.dtype != np.uint64)
