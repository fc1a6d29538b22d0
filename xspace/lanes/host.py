"""Batches in host memory: a kernel for all lanes, and exact grids for what it leaves open."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..engine.lanes.fill import Remaining, fill_lanes
from ..engine.lanes.spirals import LONGEST as SPIRAL_LONGEST
from ..engine.lanes.spirals import Point, fill_spirals
from ..engine.lanes.whole import LONGEST, to_integers, whole_powers, whole_sums
from ..engine.narrow import host_dtype, stored, to_bits
from ..engine.native.filling import fill_lanes as fill_lanes_natively
from ..engine.words import TRACE, DoubleWord, fast_two_sum
from ..exact.lines import progression_of
from ..exact.number import Scalar, complex_parts
from ..exact.rounding import FloatFormat, Format, IntFormat
from ..grids.complex import complex_dtype
from ..grids.from_scalars import source_of
from ..ground.thresholds import LANE_PICKED, LANE_SLICED
from ..libraries.scalars import read_scalar
from .limits import fill_limits, set_zeros

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["Flat", "Repair", "host_lanes", "lane_shape", "scalar_words"]

#: The largest integer of a word.
_LARGEST = (1 << 63) - 1

#: The ends by name: scalars, or NumPy arrays of one dimension, an element a lane.
Flat = dict[str, Any]


def host_lanes(plan: Plan, ends: dict[str, Any], samples: range | None = None) -> npt.NDArray[Any]:
    """The samples of ends in host memory, along axis 0, as `host_dtype` stores them.

    ``samples`` picks some of them; the others are not there all at once.
    """
    fmt, shape = plan.target.fmt, lane_shape(ends)
    count = math.prod(shape)
    if samples is None or len(samples) == plan.num:
        samples = range(plan.num)
    if plan.target.is_complex:
        return _complex_lanes(plan, ends, samples)
    out = np.empty((len(samples), count), host_dtype(fmt))
    if count:
        flat = {
            n: v if isinstance(v, Scalar) else _broadcast(v, shape).reshape(-1)
            for n, v in ends.items()
        }
        if len(samples) < plan.num > LANE_SLICED:
            Repair(plan, flat, shape).lanes(out, np.arange(count), samples)
        elif len(samples) < plan.num:
            _fill_some(out, plan, flat, shape, samples)
        else:
            _fill(out, Repair(plan, flat, shape))
    return out.reshape((len(samples), *shape))


def _complex_lanes(plan: Plan, ends: dict[str, Any], samples: range) -> npt.NDArray[Any]:
    """The same of complex lanes: their parts, where these are real lanes, else one by one."""
    shape = lane_shape(ends)
    parts = [{n: _part(v, k) for n, v in ends.items()} for k in (0, 1)]
    out = np.empty((len(samples), math.prod(shape)), complex_dtype(plan.target.fmt))
    if not out.size:
        return out.reshape((len(samples), *shape))
    real = plan._replace(target=plan.target._replace(dtype=None, is_complex=False))
    if plan.target.caller == "linspace":
        out.real, out.imag = (host_lanes(real, part, samples).reshape(out.shape) for part in parts)
        return out.reshape((len(samples), *shape))
    flat = {
        n: v if isinstance(v, Scalar) else _broadcast(v, shape).reshape(-1) for n, v in ends.items()
    }
    on_ray = np.ones(shape, np.bool_)
    for n in ends:
        on_ray &= (_value(parts[1][n]) == 0) & np.isfinite(_value(parts[0][n]))
    if plan.target.caller == "geomspace":
        first, last = (_value(parts[0][n]) for n in ("start", "stop"))
        on_ray &= ((first > 0) & (last > 0)) | ((first < 0) & (last < 0))
    else:
        on_ray &= _value(parts[0]["base"]) > 0
    lanes = np.flatnonzero(on_ray)
    if lanes.size:
        chosen = {
            n: v if isinstance(v, Scalar) else _broadcast(v, shape).reshape(-1)[lanes]
            for n, v in parts[0].items()
        }
        out[:, lanes] = host_lanes(real, chosen, samples).reshape(len(samples), -1)
    _fill_spirals(out, Repair(plan, flat, shape), np.flatnonzero(~on_ray), samples)
    return out.reshape((len(samples), *shape))


def _fill_spirals(
    out: npt.NDArray[Any], repair: Repair, lanes: npt.NDArray[np.intp], samples: range
) -> None:
    """Write complex lanes, as many at a time as go into a block, and what is open one by one."""
    plan, flat = repair.plan, repair.flat
    fmt = plan.target.fmt
    assert isinstance(fmt, FloatFormat)
    if plan.div >= SPIRAL_LONGEST or len(samples) < plan.num or not plan.num:
        repair.lanes(out, lanes, samples)
        return
    base = _point(flat.get("base", Scalar(1, 1)), None)
    width = max(LANE_PICKED // plan.num, 1)
    for first in range(0, lanes.size, width):
        part = lanes[first : first + width]
        start, stop = (_point(flat[n], part) for n in ("start", "stop"))
        here = base if isinstance(base.re, float) else Point(base.re[part], base.im[part])
        spirals = fill_spirals(plan.target.caller, plan.num, start, stop, here, plan.div, fmt)
        block = np.empty(spirals.re.shape, out.dtype)
        block.real, block.imag = spirals.re, spirals.im
        out[:, part] = block
        doubtful = spirals.doubtful & ~spirals.refused
        # On an axis all elements of a lane are: it takes as long as one or two of them.
        many = doubtful.sum(axis=0) > 1 + plan.num // 64
        repair.lanes(out, part[spirals.refused | many], samples)
        for i, lane in np.argwhere(doubtful & ~many).tolist():
            out[i, part[lane]] = repair.lane(part[lane], range(i, i + 1))[0]


def _point(value: Any, lanes: npt.NDArray[np.intp] | None) -> Point:
    """Complex ends as float64 parts; NaN for what these do not hold.

    A scalar is two numbers, or as many arrays as there are lanes, if these are given.
    """
    parts = []
    for k in (0, 1):
        part = _part(value, k)
        if isinstance(part, Scalar):
            high, low = scalar_words(part)
            number = math.nan if low else high
            parts.append(number if lanes is None else np.full(lanes.size, number))
        else:
            high, low = _array_words(part if lanes is None else part[lanes], part.size)
            parts.append(np.where(low != 0, np.nan, high) if isinstance(low, np.ndarray) else high)
    return Point(*parts)


def _part(value: Any, k: int) -> Any:
    """The real or the imaginary part of an end."""
    if isinstance(value, Scalar):
        return complex_parts(value)[k]
    return value.imag if k else value.real


def _value(part: Any) -> Any:
    """A part as floats, to look at its sign."""
    return scalar_words(part).high if isinstance(part, Scalar) else part


def _fill_some(
    out: npt.NDArray[Any], plan: Plan, flat: Flat, shape: tuple[int, ...], samples: range
) -> None:
    """Some samples of lanes that are short: so many lanes at a time are made with all of them."""
    count = out.shape[1]
    width = max(LANE_PICKED // plan.num, 1)
    for first in range(0, count, width):
        numbers = np.arange(first, min(first + width, count))
        chosen = {n: v if isinstance(v, Scalar) else v[numbers] for n, v in flat.items()}
        whole = np.empty((plan.num, len(numbers)), out.dtype)
        _fill(whole, Repair(plan, chosen, shape, numbers))
        out[:, first : first + width] = whole[samples.start : samples.stop : samples.step]


def lane_shape(ends: dict[str, Any]) -> tuple[int, ...]:
    """The shape that the ends broadcast to."""
    shapes = {v.shape for v in ends.values() if not isinstance(v, Scalar)}
    if len(shapes) == 1:
        return tuple(*shapes)
    try:
        return np.broadcast_shapes(*shapes)
    except RuntimeError as error:  # of more than 32 axes
        msg = f"{' and '.join(ends)} cannot be broadcast together: {error}"
        raise ValueError(msg) from error


def _broadcast(array: npt.NDArray[Any], shape: tuple[int, ...]) -> npt.NDArray[Any]:
    return array if array.shape == shape else np.broadcast_to(array, shape)


def _fill(out: npt.NDArray[Any], repair: Repair) -> None:
    plan = repair.plan
    if len(out) == 0:
        repair.check_zeros()
        return
    left = fill_lanes_natively(out, plan.target.caller, repair.flat, plan.div, repair.fmt)
    remaining = _fill_with_numpy(out, repair) if left is None else Remaining(*left)
    refused = remaining.refused
    if refused.size and plan.target.caller != "logspace":
        refused = _fill_limits(out, repair, refused)
    repair.lanes(out, refused)
    for i, lane, value in repair.elements(out, remaining.doubtful):
        out[i, lane] = value


def _fill_limits(
    out: npt.NDArray[Any], repair: Repair, lanes: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """Write lanes that have a limit, or zeros of a sign; what is left of them."""
    plan, fmt = repair.plan, repair.fmt
    chosen = {n: v if isinstance(v, Scalar) else v[lanes] for n, v in repair.flat.items()}
    start, stop = (_array_words(v, lanes.size) for v in chosen.values())
    block = np.empty((len(out), lanes.size), out.dtype)
    made = np.zeros(lanes.size, np.bool_)
    if isinstance(fmt, FloatFormat):
        made = fill_limits(block, plan.target.caller, start, stop, plan.div, fmt)
    signs = [(end.high == 0) & np.signbit(end.high) & (end.low == 0) for end in (start, stop)]
    signed = (signs[0] | signs[1]) & ~made
    if plan.target.caller == "linspace" and signed.any():
        unsigned = {n: _unsigned(v, signed) for n, v in chosen.items()}
        part = np.empty((len(out), np.count_nonzero(signed)), out.dtype)
        numbers = lanes[signed] if repair.numbers is None else repair.numbers[lanes[signed]]
        _fill(part, Repair(plan, unsigned, repair.shape, numbers))
        if isinstance(fmt, FloatFormat):
            set_zeros(part, signs[0][signed], signs[1][signed], plan.div, fmt)
        block[:, signed] = part
        made |= signed
    out[:, lanes[made]] = block[:, made]
    return lanes[~made]


def _unsigned(end: Any, lanes: npt.NDArray[np.bool_]) -> Any:
    """Some of the lanes of an end, zeros without a sign."""
    if isinstance(end, Scalar):
        return Scalar(0, 1) if end.n == 0 and end.is_finite else end
    return end[lanes] + end.dtype.type(0)


def _fill_with_numpy(out: npt.NDArray[Any], repair: Repair) -> Remaining:
    count, plan, flat = out.shape[1], repair.plan, repair.flat
    kind, fmt = plan.target.caller, plan.target.fmt
    start, stop = (_array_words(flat[n], count) for n in ("start", "stop"))
    base = _base_words(flat.get("base"))
    # Lanes of a geomspace below zero are made of magnitudes, and negated.
    negative = None
    if kind == "geomspace" and (start.high < 0).any():
        negative = (start.high < 0) & (stop.high < 0)
        start, stop = _magnitudes(start, negative), _magnitudes(stop, negative)
    remaining = fill_lanes(out, kind, start, stop, base, plan.div, fmt)
    if negative is not None and negative.any():
        if isinstance(fmt, IntFormat) and fmt.low == 0:  # an error, which a lane of its own raises
            refused = np.union1d(remaining.refused, np.flatnonzero(negative))
            remaining = remaining._replace(refused=refused)
        else:
            out[:, negative] = _negated(out[:, negative])
    if kind != "linspace":
        return _settle_powers(out, remaining, kind, (start, stop, base), negative, repair)
    if isinstance(fmt, IntFormat) and (remaining.doubtful.size or remaining.refused.size):
        return _settle_sums(out, remaining, start, stop, repair)
    return remaining


def _settle_powers(
    out: npt.NDArray[Any],
    remaining: Remaining,
    kind: str,
    ends: tuple[DoubleWord, DoubleWord, DoubleWord],
    negative: npt.NDArray[np.bool_] | None,
    repair: Repair,
) -> Remaining:
    """Write the doubtful elements that are integers; what is left."""
    fmt = repair.fmt
    whole = isinstance(fmt, IntFormat)
    i, lane = np.divmod(remaining.doubtful, out.shape[1])
    value, known = whole_powers(kind, ends, i, lane, repair.plan.div, truncate=whole)
    if negative is not None:
        value = np.where(negative[lane], -value, value)
    if isinstance(fmt, IntFormat):
        known &= (value >= fmt.low) & (value <= min(fmt.high, _LARGEST))
        out[i[known], lane[known]] = value[known].astype(out.dtype)
    else:
        known &= np.abs(value) <= 1 << 53
        out[i[known], lane[known]] = stored(value[known].astype(np.float64), fmt)
    return remaining._replace(doubtful=remaining.doubtful[~known])


def _settle_sums(
    out: npt.NDArray[Any], remaining: Remaining, start: DoubleWord, stop: DoubleWord, repair: Repair
) -> Remaining:
    """Write the lanes between integers that have elements left open; what is left."""
    div, fmt = repair.plan.div, repair.fmt
    (a, a_known), (b, b_known) = to_integers(start), to_integers(stop)
    known = a_known & b_known & (div < LONGEST)
    open_ = np.zeros(out.shape[1], np.bool_)
    open_[remaining.refused] = True
    open_[remaining.doubtful % out.shape[1]] = True
    assert isinstance(fmt, IntFormat)
    width = max(LANE_PICKED // len(out), 1)
    lanes = np.flatnonzero(known & open_)
    for first in range(0, lanes.size, width):
        part = lanes[first : first + width]
        values = whole_sums(a[part], b[part], np.arange(len(out))[:, None], div)
        ends = values[[0, -1]]  # of lanes that are monotone
        fits = ((ends >= fmt.low) & (ends <= min(fmt.high, _LARGEST))).all(axis=0)
        out[:, part[fits]] = values[:, fits].astype(out.dtype)
        known[part[~fits]] = False
    return Remaining(
        remaining.doubtful[~known[remaining.doubtful % out.shape[1]]],
        remaining.refused[~known[remaining.refused]],
    )


def _negated(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return values ^ np.uint16(0x8000) if values.dtype == np.uint16 else np.negative(values)


def scalar_words(x: Scalar) -> DoubleWord:
    """A scalar as two floats; an infinity or NaN where it is not finite or beyond float64.

    They are it only where the low one is zero: what is too small for a low part leaves a trace of
    its sign, and a number beyond float64 one of any sign.
    """
    if not x.is_finite or x.n == 0:
        return DoubleWord(x.special, 0.0)
    try:
        high = x.n / x.d
    except OverflowError:
        return DoubleWord(math.inf if x.n > 0 else -math.inf, TRACE)
    n, d = high.as_integer_ratio()
    remainder = x.n * d - n * x.d
    low = remainder / (x.d * d)
    return DoubleWord(
        high, math.copysign(max(abs(low), TRACE), 1 if remainder > 0 else -1) if remainder else 0.0
    )


def _base_words(base: Any) -> DoubleWord:
    if base is None:
        return DoubleWord(1.0, 0.0)
    return scalar_words(base) if isinstance(base, Scalar) else _array_words(base, base.size)


def _array_words(value: Any, count: int) -> DoubleWord:
    """An end as contiguous float64 arrays; the low part is 0.0 where there is none."""
    if isinstance(value, Scalar):
        high, low = scalar_words(value)
        return DoubleWord(np.full(count, high), np.full(count, low) if low else 0.0)
    if value.dtype == np.float64:
        return DoubleWord(np.ascontiguousarray(value, np.float64), 0.0)
    if value.dtype.kind in "iu" and value.dtype.itemsize == 8:
        upper = (value >> 32).astype(np.float64) * 2.0**32
        high, low = fast_two_sum(upper, (value & 0xFFFFFFFF).astype(np.float64))
        return DoubleWord(high, low if low.any() else 0.0)
    with np.errstate(all="ignore"):
        high = np.ascontiguousarray(value, dtype=np.float64)
    if value.dtype.kind == "f" and value.dtype.itemsize > 8:
        return DoubleWord(high, _rest(value, high))
    return DoubleWord(high, 0.0)


def _rest(value: npt.NDArray[Any], high: npt.NDArray[np.float64]) -> Any:
    """What longer floats are beyond float64 numbers, or a trace of it; 0.0 if it is nothing."""
    with np.errstate(all="ignore"):
        remainder = value - high
        remainder[~np.isfinite(remainder)] = 0
        low = remainder.astype(np.float64)
    remainder[np.isinf(high) & np.isfinite(value)] = 1
    faint = (remainder != 0) & (np.abs(low) < TRACE)
    low[faint] = np.copysign(TRACE, remainder[faint])
    return low if low.any() else 0.0


def _magnitudes(end: DoubleWord, negative: npt.NDArray[np.bool_]) -> DoubleWord:
    """Lanes between negative ends turned around zero."""
    sign = np.where(negative, -1.0, 1.0)
    return DoubleWord(end.high * sign, end.low if isinstance(end.low, float) else end.low * sign)


class Repair:
    """Exact elements and lanes of a batch, or of the ``numbers`` that some of its lanes have."""

    def __init__(
        self,
        plan: Plan,
        flat: Flat,
        shape: tuple[int, ...],
        numbers: npt.NDArray[np.intp] | None = None,
    ) -> None:
        self.plan, self.flat, self.shape, self.numbers = plan, flat, shape, numbers
        fmt = plan.target.fmt
        self.fmt: Format = fmt
        self.dtype = host_dtype(fmt)

    def ends(self, lane: int) -> tuple[Scalar, ...]:
        """The ends of a lane as scalars."""
        return tuple(
            v if isinstance(v, Scalar) else read_scalar(n, v[lane].item())
            for n, v in self.flat.items()
        )

    def lane(self, lane: int, samples: range | None = None) -> npt.NDArray[Any]:
        """A lane as a grid of its own, or some of its samples; errors say which lane it is."""
        plan, target = self.plan, self.plan.target
        kind = target.caller, self.ends(lane), plan.num, plan.endpoint, target.fmt
        try:
            source = source_of(*kind, is_complex=target.is_complex)
            if samples is None:
                return source.make(range(plan.num))
            source.check()
            return source.make(samples)
        except (OverflowError, ValueError) as error:
            number = lane if self.numbers is None else self.numbers[lane]
            place = tuple(int(k) for k in np.unravel_index(number, self.shape))
            msg = f"{error} (in lane {place})"
            raise type(error)(msg) from None

    def lanes(
        self, out: npt.NDArray[Any], lanes: npt.NDArray[np.intp], samples: range | None = None
    ) -> None:
        """Write lanes as grids of their own, or some of their samples."""
        for lane in lanes.tolist():
            out[:, lane] = self.lane(lane, samples)

    def elements(
        self, out: npt.NDArray[Any], places: npt.NDArray[np.intp]
    ) -> Iterator[tuple[int, int, Any]]:
        """Sample, lane and exact value of elements given by flat indices into ``out``."""
        if not places.size:
            return
        sample, lane = np.divmod(places, out.shape[1])
        order = np.argsort(lane, kind="stable")
        pairs = zip(lane[order].tolist(), sample[order].tolist(), strict=True)
        for number, group in groupby(pairs, key=lambda pair: pair[0]):
            yield from self._of_lane(number, [i for _, i in group])

    def _of_lane(self, lane: int, samples: list[int]) -> Iterator[tuple[int, int, Any]]:
        plan = self.plan
        found = progression_of(plan.target.caller, self.ends(lane), plan.num, plan.endpoint)
        if found is None or len(samples) > 16 + plan.num // 16:
            grid = self.lane(lane)
            yield from ((i, lane, grid[i]) for i in samples)
            return
        line, negative = found
        for i in samples:
            value = line.rounded(i, self.fmt)
            value = -value if negative else value
            if isinstance(self.fmt, IntFormat) and not self.fmt.low <= value <= self.fmt.high:
                self.lane(lane)  # for its error
            yield i, lane, to_bits(value, self.fmt)

    def check_zeros(self) -> None:
        """The error of a ``geomspace`` with a zero, where no element is made."""
        if self.plan.target.caller != "geomspace":
            return
        zero = np.zeros(self.shape, bool).reshape(-1)
        for value in self.flat.values():
            zero |= (value.n == 0 != value.d) if isinstance(value, Scalar) else value == 0
        for lane in np.flatnonzero(zero)[:1].tolist():
            self.lane(lane)
