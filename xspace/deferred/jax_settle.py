"""What the engine leaves open in a program of JAX, settled exactly: the handler of XLA calls it.

It runs in threads of XLA's, while whoever started the program waits: nothing of JAX is called
here, which might wait for the program in turn.  A program raises no errors for values, so what has
no value is NaN, and an integer beyond its format is the end of the range.
"""

from __future__ import annotations

import math
from ast import literal_eval
from bisect import bisect_left
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..engine.integers.lanes import step_bits
from ..engine.integers.limbs import Words
from ..engine.integers.outer import Places
from ..engine.narrow import host_dtype, to_bits
from ..engine.native.filling import ELEMENTS
from ..exact.lines import linspace_step, progression_of
from ..exact.number import Scalar
from ..exact.rounding import FORMATS, FloatFormat, Format, IntFormat
from ..exact.slopes import rounded_slope
from ..grids.from_scalars import source_of
from ..grids.real import Limit
from ..grids.source import Line
from ..grids.target import Target
from ..ground.thresholds import JAX_SETTLED_TOGETHER
from ..lanes.host import host_lanes
from ..lanes.plan import Plan
from ..lanes.slopes import read_end, scalars_of, slopes_of_lanes
from ..libraries import NUMPY
from .jax_words import BITS, scalar_of

__all__ = ["FUNCTIONS", "settle"]

#: The functions and the formats, as the handler numbers them.
FUNCTIONS = ("logspace", "geomspace", "linspace", "step")
_FORMATS = tuple(FORMATS.values())

#: So many elements are made at a time.
_TOGETHER = 1 << 16

#: Memory and its shape.
View = tuple[memoryview, tuple[int, ...]]


class _Call(NamedTuple):
    """A call of the handler: the grid of every lane is along the middle axis of ``out``."""

    caller: str
    fmt: Format
    endpoint: bool
    which: int
    div: int
    ends: dict[str, Any]
    out: npt.NDArray[Any]

    @property
    def num(self) -> int:
        """How many elements a lane has."""
        return int(self.out.shape[1])

    def at(self, lanes: npt.NDArray[np.int64]) -> dict[str, Any]:
        """The ends of some lanes."""
        return {n: v if isinstance(v, Scalar) else v[lanes] for n, v in self.ends.items()}

    def is_finite(self, name: str, lanes: npt.NDArray[np.int64]) -> npt.NDArray[np.bool]:
        """Which lanes have an end that is a number."""
        end = self.at(lanes)[name]
        finite = np.array(end.is_finite) if isinstance(end, Scalar) else np.isfinite(end)
        return np.broadcast_to(finite, lanes.shape)

    def of(self, lane: int) -> tuple[Scalar, ...]:
        """The ends of a lane as scalars."""
        return scalars_of(self.ends, lane)


def settle(
    plan: memoryview,
    text: str,
    arguments: list[View],
    out: View,
    places: memoryview,
    lanes: memoryview,
) -> None:
    """Write elements, given by their places in memory, and whole lanes."""
    call = _read(np.frombuffer(plan, np.int64).tolist(), text, arguments, out)
    refused = np.frombuffer(lanes, np.int64)
    together = max(_TOGETHER // max(call.num, 1), 1)
    for first in range(0, refused.size, together):
        _write_lanes(call, refused[first : first + together])
    open_ = np.frombuffer(places, np.int64)
    if open_.size:
        _write_elements(call, open_)


def _read(words: list[int], text: str, arguments: list[View], out: View) -> _Call:
    function, code, endpoint, after, which, div = words[:6]
    memory, shape = out
    axis = len(shape) - 1 - after
    before, behind = math.prod(shape[:axis]), math.prod(shape[axis + 1 :])
    lanes = shape[:axis] + shape[axis + 1 :]
    fmt = _FORMATS[code]
    grid = np.frombuffer(memory, host_dtype(fmt)).reshape(before, shape[axis], behind)
    ends: dict[str, Any] = {}
    given = iter(arguments)
    for name, end in _ends(text):
        if isinstance(end, str):
            there, own = next(given)
            array = _array(FORMATS[end], there, own[: len(lanes)])
            end = np.broadcast_to(array, lanes).reshape(-1)
        ends[name] = end
    return _Call(FUNCTIONS[function], fmt, bool(endpoint), which, div, ends, grid)


@lru_cache(maxsize=256)
def _ends(text: str) -> tuple[tuple[str, Any], ...]:
    """The ends by name: scalars that are written in a program, and the formats of the others."""
    return tuple(
        (name, word if isinstance(word, str) else scalar_of(word))
        for name, word in literal_eval(text)
    )


def _array(fmt: Format, memory: memoryview, shape: tuple[int, ...]) -> npt.NDArray[Any]:
    bits = np.frombuffer(memory, host_dtype(fmt)).reshape(shape)
    if fmt.name == "bfloat16":  # the upper half of a float32
        return (bits.astype(np.uint32) << 16).view(np.float32)
    return bits.view(fmt.name)


def _write_lanes(call: _Call, lanes: npt.NDArray[np.int64]) -> None:
    """All elements of some lanes."""
    rows, columns = np.divmod(lanes, call.out.shape[2])
    if call.which != ELEMENTS:
        given = call.caller, call.at(lanes), call.num, call.div, call.fmt
        call.out[rows, :, columns] = slopes_of_lanes(*given, call.which).T
        return
    bounded = call.is_finite("start", lanes) & call.is_finite("stop", lanes)
    if call.caller != "step" and not bounded.all():
        call.out[rows[~bounded], :, columns[~bounded]] = _unbounded(call, lanes[~bounded]).T
        rows, columns, lanes = rows[bounded], columns[bounded], lanes[bounded]
    alone = call.num > JAX_SETTLED_TOGETHER
    found = None if alone else _by_integers(call, lanes, np.arange(call.num))
    call.out[rows, :, columns] = (_exactly(call, lanes) if found is None else found).T


def _exactly(call: _Call, lanes: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Lanes along the second axis: as an eager call makes them all, or else one by one."""
    target = Target(call.caller, NUMPY, call.fmt, host_dtype(call.fmt), None)
    shape = call.num, lanes.size
    if call.caller != "step":
        try:
            samples = host_lanes(Plan(call.num, call.endpoint, target), call.at(lanes))
        except (OverflowError, ValueError):
            pass
        else:
            return np.broadcast_to(samples.reshape(call.num, -1), shape)
    found = np.empty(shape, call.out.dtype)
    for k, lane in enumerate(lanes.tolist()):
        found[:, k] = _lane(call, call.of(lane))
    return found


def _unbounded(call: _Call, lanes: npt.NDArray[np.int64]) -> npt.NDArray[Any]:
    """Lanes between ends of which one or both are infinite or NaN, along the second axis.

    Between the ends they are constants; an element at a finite end is made from it alone.
    """
    last = call.num - 1
    few = _by_integers(call, lanes, np.minimum([0, 1, last], last), exactly=False)
    found = np.repeat(few[1:2], call.num, axis=0)
    found[0], found[last] = few[0], few[2]
    for name, i in (("start", 0), ("stop", last))[: 1 + (call.endpoint and last > 0)]:
        finite = call.is_finite(name, lanes)
        if finite.any():
            ends = {**call.ends, "start": call.ends[name], "stop": call.ends[name]}
            alone = call._replace(endpoint=True, ends=ends, out=call.out[:, :1])
            found[i, finite] = _exactly(alone, lanes[finite])[0]
    return found


def _by_integers(
    call: _Call, lanes: npt.NDArray[np.int64], index: npt.NDArray[np.int64], *, exactly: bool = True
) -> Any:
    """Lanes along the second axis by the integers that other programs are made of.

    None where these are not exact.
    """
    words = Words(np, 64)
    with np.errstate(all="ignore"):
        read = [read_end(words, value) for value in call.at(lanes).values()]
        is_sum = call.caller in ("linspace", "step") and all(end.exact for end in read)
        if exactly and not is_sum:
            return None
        if call.caller == "step":
            bits = step_bits(words, read[0], read[1], call.div, call.fmt)
        else:
            places = Places(index[:, None, None], np.zeros((1, 1, 1), np.int64), call.div)
            bits = BITS[call.caller](words, *read, places, call.fmt)[:, 0]
    dtype = call.out.dtype
    bits = np.broadcast_to(bits, (index.size, lanes.size))
    return bits.astype(f"uint{8 * dtype.itemsize}").view(dtype)


def _lane(call: _Call, ends: tuple[Scalar, ...]) -> Any:
    """The elements of a lane that may have none."""
    caller, fmt = call.caller, call.fmt
    if caller == "step":
        start, stop = ends
        return to_bits(linspace_step(start, stop, call.div, fmt), fmt)
    if caller == "geomspace" and any(end.sign == 0 for end in ends):
        return 0 if isinstance(fmt, IntFormat) else to_bits(math.nan, fmt)
    try:
        return source_of(caller, ends, call.num, call.endpoint, fmt).make(range(call.num))
    except (OverflowError, ValueError):
        assert isinstance(fmt, IntFormat)
        return _cut(caller, ends, call.num, call.endpoint, fmt)


def _cut(
    caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, fmt: IntFormat
) -> npt.NDArray[Any]:
    """Elements of an integer format, the ends of its range beyond it, and 0 for NaN."""
    source = source_of(caller, ends, num, endpoint, fmt)
    near = source_of(caller, ends, num, endpoint, FORMATS["float64"]).make(range(num))
    host = np.where(near < 0, fmt.low, fmt.high).astype(host_dtype(fmt))
    host[np.isnan(near)] = 0

    def fits(i: int) -> bool:
        try:
            source.make(range(i, i + 1))
        except (OverflowError, ValueError):
            return False
        return True

    if isinstance(source, Line):
        # Those that fit are neighbours, and with them is the one that is deepest in the range.
        middle = int(np.argmin(np.maximum(fmt.low - near, near - fmt.high)))
        if fits(middle):
            first = bisect_left(range(middle), True, key=fits)
            last = bisect_left(range(middle, num), True, key=lambda i: not fits(i)) + middle
            host[first:last] = source.make(range(first, last))
    elif isinstance(source, Limit) and source.is_power:
        for i in filter(fits, range(num)):
            host[i] = source.make(range(i, i + 1))[0]
    else:  # constants between ends that stand for themselves
        few = np.abs(near) <= 1
        host[few] = near[few].astype(host.dtype)
        for i, end in ((0, ends[0]), (num - 1, ends[1]))[: 1 + (endpoint and num > 1)]:
            if end.is_finite:
                host[i] = _cut(caller, (end, end, *ends[2:]), 1, True, fmt)[0]
    return host


def _write_elements(call: _Call, places: npt.NDArray[np.int64]) -> None:
    """Single elements of lanes that are progressions."""
    found: dict[int, Any] = {}
    fmt = call.fmt
    width = call.out.shape[2]
    for place in places.tolist():
        row, i, column = (int(k) for k in np.unravel_index(place, call.out.shape))
        lane = row * width + column
        if call.which != ELEMENTS:
            given = call.caller, call.of(lane), call.which, i, call.div
            call.out[row, i, column] = rounded_slope(*given, fmt)
            continue
        if lane not in found:
            found[lane] = progression_of(call.caller, call.of(lane), call.num, call.endpoint)
        line, negative = found[lane]
        value = line.rounded(i, fmt)
        value = -value if negative else value
        if isinstance(fmt, IntFormat):
            value = min(max(value, fmt.low), fmt.high)
        else:
            assert isinstance(fmt, FloatFormat)
        call.out[row, i, column] = to_bits(value, fmt)
