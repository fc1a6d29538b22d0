"""Lanes at the edges of the range: overflow, subnormal numbers, zeros of a sign, infinities.

The kernels for lanes refuse them.  Here they are made many at a time all the same, with a rounding
test on the last rounding:

* sums times a power of two, and scaled back; below ``2**-1021``, where the spacing is that of the
  subnormal numbers, as integers in units of the least of them;
* powers as a number in [1, 2) and an exponent, which meet when the number is rounded;
* what is constant between its ends.

The bounds are in docs/method/lanes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.rounding import FloatFormat, Format, IntFormat
from ...ground.thresholds import EDGE_BLOCK
from ..narrow import host_dtype, round_to_format, to_bits
from ..words import TRACE, DoubleWord, add
from .blocks import Indices, Remaining, some_lanes
from .exponents import NARROW_DELTA, Exponents, exponents_of, in_steps, log2_scalar, of_logspace
from .sums import fill_sums
from .tables import INDEX_BITS, Powers, host_tables, log2_words, powers
from .whole import LONGEST, whole_sums

__all__ = ["fill_edges"]

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: Half width of the rounding test, relative to the element: logarithms here are up to `_REACH`.
_DELTA = 2.0**-70
_REACH = 2000.0
#: Ends from which on a lane is large, and below which it is small; what these are scaled by.
_LARGE, _SMALL, _DOWN, _UP = 2.0**900, 2.0**-900, -200, 500
#: Numbers below this are multiples of the least one, which is ``2**-_QUANTUM``; as integers, ends
#: below ``2**_BITS`` of it can be doubled twice.
_TINY, _QUANTUM, _BITS = 2.0**-1021, 1074, 61
_FLOAT64 = FloatFormat("float64", 53, -1022, 1023)


class _Block(NamedTuple):
    """Elements, samples first; which of them are open, and which lanes are not made."""

    values: npt.NDArray[Any]
    doubtful: Flags
    refused: Flags


def fill_edges(
    out: npt.NDArray[Any],
    remaining: Remaining,
    kind: str,
    ends: tuple[DoubleWord, DoubleWord, DoubleWord],
    div: int,
    fmt: Format,
) -> Remaining:
    """Write lanes that have been refused, as `fill_lanes` writes the others; what is left."""
    num, count = out.shape
    is_refused = np.zeros(count, np.bool_)
    is_refused[remaining.refused] = True
    doubtful, refused = [remaining.doubtful[~is_refused[remaining.doubtful % count]]], []
    width = max(EDGE_BLOCK // num, 1)
    with np.errstate(all="ignore"):  # overflow and underflow are results here
        for first in range(0, remaining.refused.size, width):
            lanes = remaining.refused[first : first + width]
            start, stop, base = (some_lanes(end, lanes) for end in ends)
            if kind == "linspace":
                block = _sums(num, start, stop, div, fmt)
            else:
                block = _powers(num, kind, start, stop, base, div, fmt)
            good = ~block.refused
            out[:, lanes[good]] = block.values[:, good]
            refused.append(lanes[block.refused])
            sample, lane = np.nonzero(block.doubtful & good)
            doubtful.append(sample * count + lanes[lane])
    empty = np.empty(0, np.intp)
    return Remaining(np.concatenate(doubtful), np.concatenate([empty, *refused]))


def _has_low(end: DoubleWord) -> Any:
    return np.zeros(end.high.shape) + end.low != 0


def _limits(
    block: _Block, start: DoubleWord, stop: DoubleWord, div: int, fmt: Format, *, signs: bool
) -> None:
    """Lanes with an end that is not finite; with ``signs``, of two signs, too: see `grids.real`."""
    a, b = start.high, stop.high
    finite = np.isfinite(a) & np.isfinite(b)
    limit = np.where(np.isfinite(a), b, np.where(np.isfinite(b), a, a + b))
    which = ~finite & block.refused
    if signs:
        opposite = (np.sign(a) != np.sign(b)) & (a != 0) & (b != 0)
        limit = np.where(opposite, np.nan, limit)
        which = (~finite | opposite) & (a != 0) & (b != 0) & block.refused
    if isinstance(fmt, IntFormat) or not which.any():
        return
    # A low part may decide the only rounding, and an infinity with one is a number.
    which &= ~(_has_low(start) | _has_low(stop))
    lanes = np.flatnonzero(which)
    values = np.repeat(limit[None, lanes], len(block.values), axis=0)
    values[0] = a[lanes]
    if 0 < div < len(values):
        values[div] = b[lanes]
    block.values[:, lanes] = _rounded(values, fmt)
    block.doubtful[:, lanes] = False
    block.refused[lanes] = False


def _rounded(values: Array, fmt: FloatFormat) -> npt.NDArray[Any]:
    if fmt.precision == 53:
        return values
    rounded = round_to_format(values, fmt)
    if fmt.precision < 24:
        rounded[np.isnan(values)] = to_bits(np.nan, fmt)
    return rounded


def _empty(num: int, count: int, fmt: Format) -> _Block:
    return _Block(
        np.zeros((num, count), host_dtype(fmt)),
        np.zeros((num, count), np.bool_),
        np.ones(count, np.bool_),
    )


def _sums(num: int, start: DoubleWord, stop: DoubleWord, div: int, fmt: Format) -> _Block:
    """Lanes of ``linspace``, in groups of one scale."""
    a, b = start.high + 0.0, stop.high + 0.0  # zeros lose their signs
    largest = np.maximum(np.abs(a), np.abs(b))
    block = _empty(num, a.size, fmt)
    known = np.isfinite(a) & np.isfinite(b)
    small = (largest < _SMALL) & (largest > 0)
    low = _has_low(start) | _has_low(stop)
    for scale, which in (
        (0, known & ~small & (largest <= _LARGE)),
        (_DOWN, known & (largest > _LARGE)),
        (_UP, known & small & ~low),  # a low part may be a trace here, and too large
    ):
        lanes = np.flatnonzero(which)
        if lanes.size and not (scale == _DOWN and isinstance(fmt, IntFormat)):
            _scaled_sums(block, lanes, (a, start.low), (b, stop.low), div, fmt, scale)
    if not isinstance(fmt, IntFormat):
        _sign_zeros(block, start.high, stop.high, div, fmt)
    _limits(block, start, stop, div, fmt, signs=False)
    return block


def _scaled_sums(
    block: _Block, lanes: Indices, a: Any, b: Any, div: int, fmt: Format, scale: int
) -> None:
    """Lanes times ``2**scale``, scaled back."""
    ends = [some_lanes(DoubleWord(*end), lanes) for end in (a, b)]
    made_as = _FLOAT64 if scale else fmt
    values = np.empty((len(block.values), lanes.size), host_dtype(made_as))
    start, stop = (_scaled(end, scale) for end in ends)
    remaining = fill_sums(values, start, stop, div, made_as)
    doubtful = np.zeros(values.shape, np.bool_)
    doubtful.reshape(-1)[remaining.doubtful] = True
    block.refused[lanes] = False
    block.refused[lanes[remaining.refused]] = True
    if scale:
        np.ldexp(values, -scale, out=values)
        if scale == _UP:
            _settle_tiny(values, doubtful, ends[0].high, ends[1].high, div)
        if isinstance(fmt, IntFormat):
            values = np.where(np.signbit(values), -1, 0)  # the floor of what is next to zero
            block.refused[lanes] |= (values < fmt.low).any(axis=0)
        elif fmt.precision < 53:
            if scale == _DOWN:  # not to be rounded twice
                doubtful |= np.abs(values) < 2.0**200
            values = _rounded(values, fmt)
        for i, end in ((0, ends[0]), (div, ends[1])):
            known = ~_has_low(end)
            if i < len(values) and isinstance(fmt, FloatFormat):  # however small beside the other
                values[i, known] = _rounded(end.high[known], fmt)
                doubtful[i, known] = False
    block.values[:, lanes] = values
    block.doubtful[:, lanes] = doubtful


def _scaled(end: DoubleWord, scale: int) -> DoubleWord:
    """An end times ``2**scale``; beside a large one, what gets lost leaves a trace."""
    high, low = np.ldexp(end.high, scale) + 0.0, end.low  # no zero of a sign
    if scale == _UP:  # of lanes without low parts
        return DoubleWord(high, 0.0)
    faint = (np.ldexp(high, -scale) != end.high) | _has_low(end)
    if not faint.any():
        return DoubleWord(high, 0.0)
    low = np.ldexp(np.zeros(high.shape) + low, scale)
    return DoubleWord(high, np.where(faint & (np.abs(low) < TRACE), TRACE, low))


def _settle_tiny(values: Array, doubtful: Flags, a: Array, b: Array, div: int) -> None:
    """Write elements below `_TINY`: to the nearest integer of units, ties to even."""
    sample, lane = np.nonzero((np.abs(values) < _TINY) | doubtful)
    first, last = a[lane], b[lane]
    limit = 2.0 ** (_BITS - _QUANTUM)
    fits = (np.abs(first) < limit) & (np.abs(last) < limit) & (div < LONGEST)
    doubtful[sample[~fits], lane[~fits]] = True
    sample, lane = sample[fits], lane[fits]
    # Twice the element: its floor is an odd number from one half on, and a tie if it is all.
    m, n = (np.ldexp(2.0 * x[fits], _QUANTUM).astype(np.int64) for x in (first, last))
    twice = whole_sums(m, n, sample, div)
    is_whole = (n - m) % div * sample % div == 0
    nearest = (twice + 1) >> 1
    nearest -= is_whole & (twice & 3 == 1)
    number = np.ldexp(nearest.astype(np.float64), -_QUANTUM)
    settled = np.abs(number) < _TINY
    sample, lane, twice, number = (x[settled] for x in (sample, lane, twice, number))
    values[sample, lane] = np.copysign(number, np.where(twice < 0, -1.0, 1.0))
    doubtful[sample, lane] = False


def _sign_zeros(block: _Block, a: Array, b: Array, div: int, fmt: FloatFormat) -> None:
    """Ends of ``-0.0`` keep their sign; between two of them everything is ``-0.0``."""
    negative = [(end == 0) & np.signbit(end) for end in (a, b)]
    zero = to_bits(-0.0, fmt)
    block.values[0, negative[0]] = zero
    block.doubtful[0, negative[0]] = False
    if div < len(block.values):
        block.values[div, negative[1]] = zero
        block.doubtful[div, negative[1]] = False
    block.values[:, negative[0] & negative[1]] = zero


def _powers(
    num: int,
    kind: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    div: int,
    fmt: Format,
) -> _Block:
    """Lanes of ``logspace`` and ``geomspace``."""
    block = _empty(num, start.high.size, fmt)
    if kind == "geomspace":
        first, last = log2_scaled(start), log2_scaled(stop)
        span, good = (
            add(last, DoubleWord(-first.high, -first.low)),
            np.isfinite(last.high + first.high),
        )
        first, span = in_steps(first), in_steps(span)
    else:
        log = log2_scaled(base) if isinstance(base.high, np.ndarray) else _log2_scalar(base)
        first, span, good = of_logspace(np, start, stop, base, in_steps(log))
        good = good & np.isfinite(first.high)
    reach = _REACH * 2**INDEX_BITS
    lanes = exponents_of(np, first, span, good, div, (-reach, reach))
    if isinstance(fmt, IntFormat):  # what is out of range is an error
        top = fmt.high.bit_length() * 2.0**INDEX_BITS
        good = lanes.good & (np.maximum(lanes.head, lanes.head + div * lanes.step_head) < top)
        lanes = lanes._replace(good=good)
    np.copyto(block.refused, ~lanes.good)
    _fill_powers(block, lanes, fmt)
    if kind == "geomspace":
        _limits(block, start, stop, div, fmt, signs=True)
    return block


def log2_scaled(x: DoubleWord) -> DoubleWord:
    """The binary logarithm of any positive number as `log2_words`; NaN of others.

    Numbers that are small have no low part here: it may be a trace, and too large.
    """
    high, low = x.high, np.zeros(x.high.shape) + x.low
    small, large = high < _SMALL, high > _LARGE
    good = (high > 0) & (high < np.inf) & ~(small & (low != 0))
    scale = np.where(small, _UP, np.where(large, _DOWN, 0))
    scaled = DoubleWord(np.ldexp(np.where(good, high, 1.0), scale), np.ldexp(low, scale))
    log = add(
        DoubleWord(-scale.astype(np.float64), np.zeros(scale.shape)),
        log2_words(np, host_tables(), scaled, relative=True),
    )
    return DoubleWord(np.where(good, log.high, np.nan), log.low)


def _log2_scalar(base: DoubleWord) -> DoubleWord:
    if not 0 < base.high < np.inf or (base.high < _SMALL and base.low):
        return DoubleWord(np.nan, 0.0)
    log, steps = log2_scalar(base.high, base.low), 2.0**-INDEX_BITS
    return DoubleWord(log.high * steps, log.low * steps)


def _fill_powers(block: _Block, lanes: Exponents, fmt: Format) -> None:
    i = np.arange(len(block.values), dtype=np.float64)[:, None]
    head, tail = lanes.head + i * lanes.step_head, lanes.tail + i * lanes.step_tail
    if lanes.long:
        middle = np.rint(tail * 2.0**24) * 2.0**-24
        head, tail = head + middle, tail - middle
    expo = np.floor(head * 2.0**-INDEX_BITS)
    head -= expo * 2.0**INDEX_BITS
    power = powers(np, host_tables(), head, tail)
    fill = _fill_wide if fmt == _FLOAT64 else _fill_narrow
    fill(block, power, expo.astype(np.int64), fmt)


def _fill_wide(block: _Block, power: Powers, expo: npt.NDArray[np.int64], _: Format) -> None:
    error = power.full * _DELTA
    up, down = power.head + (power.tail + error), power.head + (power.tail - error)
    np.ldexp(up, expo, out=block.values)
    np.not_equal(block.values, np.ldexp(down, expo), out=block.doubtful)
    tiny = expo <= -1022
    if not tiny.any():
        return
    # A multiple of the least number: the nearest integer of a sum that is cut at one unit.
    unit = np.maximum(expo[tiny] + _QUANTUM, -60)
    head, tail = power.head[tiny], power.tail[tiny]
    full = head + tail
    rest, top = np.ldexp(tail - (full - head), unit), np.ldexp(full, unit)
    whole = np.rint(top)
    top -= whole
    slack = np.ldexp(error[tiny], unit) + 2.0**-52
    high, low = np.rint(top + (rest + slack)), np.rint(top + (rest - slack))
    block.values[tiny] = np.ldexp(whole + high, -_QUANTUM)
    block.doubtful[tiny] = high != low


def _fill_narrow(block: _Block, power: Powers, expo: npt.NDArray[np.int64], fmt: Format) -> None:
    """Shorter floats, and integers."""
    up, down = (np.ldexp(power.full * x, expo) for x in (1 + NARROW_DELTA, 1 - NARROW_DELTA))
    if isinstance(fmt, FloatFormat):
        block.values[...] = round_to_format(up, fmt)
        np.not_equal(block.values, round_to_format(down, fmt), out=block.doubtful)
        return
    whole = np.floor(up)
    block.doubtful[...] = (whole != np.floor(down)) | (whole > min(fmt.high, 2.0**63))
    np.copyto(block.values, np.minimum(whole, 2.0**62), casting="unsafe")
