"""Arithmetic progressions between array ends, into NumPy memory.

A lane counts in a unit ``u`` of its own, ``2**-50`` of the binade of its larger end.  Heads are
multiples of it: ``p = a1 + i*s1`` is exact.  What is left, ``c = a2 + i*s2``, is at most ``num``
units, and off by far less than ``2**-G`` of one.

Where both ends are multiples of ``2**-K`` units, every element is a fraction of a small
denominator, and either on a midpoint or more than ``2**-G`` units away from all of them.  So
rounding ``c`` to a multiple of ``2**-G`` settles every rounding at once, midpoints too, and
nothing has to be tested (docs/method).  Adding a large number to ``c`` does it, and the same
number is taken off ``p`` beforehand: four operations an element.  Other lanes are tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.rounding import FloatFormat, Format, IntFormat
from ...ground.thresholds import SUM_BLOCK, SUM_ROW, SUM_WIDTH
from ..narrow import host_dtype, round_into
from ..words import DoubleWord, two_sum
from .blocks import Indices, Remaining, some_lanes

__all__ = [
    "LONGEST_BITS",
    "LONGEST_NARROW_BITS",
    "error_units",
    "fill_sums",
    "multiple_bits",
    "room_bits",
    "settled_bits",
    "to_multiple",
]

Array = npt.NDArray[np.float64]

#: Bits of the longest ``div``, and of that of an exact lane of a narrow format: for more, elements
#: next to zero need more than a lane has.
LONGEST_BITS = 15
LONGEST_NARROW_BITS = 13
#: Ends of a lane, but for zeros; ends of an integer lane.
_TINY, _HUGE = 2.0**-900, 2.0**1000
_LARGEST_INTEGER = 2.0**52
_EXPONENT = 0x7FF << 52
_NEGATIVE_ZERO = -(1 << 63)


def to_multiple(k: int) -> float:
    """As much of a binade leaves a multiple of ``2**-k`` units, if added and subtracted."""
    return 1.5 * 2.0 ** (2 - k)


def multiple_bits(bits: int, *, narrow: bool) -> int:
    """``K``: the ends of an exact lane are multiples of ``2**-K`` units (``bits``: of ``div``)."""
    return 3 - bits if narrow else 50 - 2 * bits


def settled_bits(bits: int) -> int:
    """``G``: the tails of an exact lane are rounded to multiples of ``2**-G`` units."""
    return 50 - bits


def room_bits(bits: int, *, narrow: bool) -> int:
    """Elements of an exact lane below ``2**-room`` of its larger end need more than it has."""
    return 29 - bits if narrow else 47 - 2 * bits


def error_units(bits: int, *, narrow: bool) -> float:
    """Half width of the rounding test, in units; of narrow formats ``1/8`` unit is their own."""
    return 0.5 if narrow else 2.0 ** (bits + 4 - 53)


_UNIT = 2.0**-50  #: of a binade
_TO_UNIT = to_multiple(0)


class _Lanes(NamedTuple):
    """``head + tail`` of the first element and of a step; heads are multiples of the unit.

    In raised lanes the first head is lowered, and the tail raised, by a number so large that sums
    with the tail are multiples of ``2**-G`` units.
    """

    head: Array
    tail: Array
    step_head: Array
    step_tail: Array

    def some(self, lanes: Any) -> _Lanes:
        return _Lanes(*(part[lanes] for part in self))


def fill_sums(
    out: npt.NDArray[Any], start: DoubleWord, stop: DoubleWord, div: int, fmt: Format
) -> Remaining:
    """Write the elements of lanes into ``out``, of shape ``(num, lanes)`` and `host_dtype`.

    The high parts of the ends are the ends rounded to nearest.
    """
    count = out.shape[1]
    if div.bit_length() > LONGEST_BITS:
        return Remaining(np.empty(0, np.intp), np.arange(count))
    doubtful: list[int] = []
    refused: list[Indices] = [np.empty(0, np.intp)]
    with np.errstate(all="ignore"):  # overflow to infinity is a result, and so is underflow
        for first in range(0, count, SUM_WIDTH):
            part = slice(first, first + SUM_WIDTH)
            a, b = some_lanes(start, part), some_lanes(stop, part)
            block = _Block(out[:, part], (a, b), div, fmt)
            doubtful += [i * count + first + lane for i, lane in block.fill()]
            refused.append(np.flatnonzero(~block.good) + first)
    return Remaining(np.array(doubtful, np.intp), np.concatenate(refused))


class _Block:
    """Some of the lanes of a call."""

    def __init__(
        self, out: npt.NDArray[Any], ends: tuple[DoubleWord, DoubleWord], div: int, fmt: Format
    ) -> None:
        self.out, self.ends, self.div, self.fmt = out, ends, div, fmt
        self.a, self.b = (np.ascontiguousarray(end.high) for end in ends)
        self.bits = div.bit_length()
        self.narrow = isinstance(fmt, FloatFormat) and fmt.precision < 53
        a, b = np.abs(self.a), np.abs(self.b)
        self.largest = np.maximum(a, b)
        self.good, self.exact = self._classes(np.minimum(a, b, out=a))

    def _classes(self, smallest: Array) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Lanes that are made here, and those that need no test: ends are multiples of ``2**-K``.

        For the narrow formats, of so many units that an element which float64 rounds onto a
        midpoint of the format is on it.
        """
        largest, limit = self.largest, _HUGE
        if isinstance(self.fmt, IntFormat):
            limit = _LARGEST_INTEGER
        k = multiple_bits(self.bits, narrow=self.narrow)
        lows = [low for _, low in self.ends if isinstance(low, np.ndarray)]
        if not self.narrow and not lows and largest.min() >= _TINY and largest.max() <= limit:
            smallest *= 2.0 ** (k - 3)  # the last bit of what is as large is one of 2**-K units
            all_exact = smallest >= largest
            if all_exact.all():
                return all_exact, all_exact
        good = (largest >= _TINY) & (largest <= limit)
        zero = largest == 0  # not one with a trace of a number that float64 calls zero
        for low in lows:
            zero &= low == 0
        good |= zero
        for end in (self.a, self.b):
            good &= end.view(np.int64) != _NEGATIVE_ZERO  # it keeps its sign: not done here
        exact = good & (self.bits <= (LONGEST_NARROW_BITS if self.narrow else LONGEST_BITS))
        unit = _binade(largest)
        to_unit, to_grid = unit * _TO_UNIT, unit * to_multiple(k)
        for end in (self.a, self.b):
            number = end if self.narrow else end - ((end + to_unit) - to_unit)
            exact &= (number + to_grid) - to_grid == number
        for low in lows:
            exact &= low == 0
        return good, exact

    def _lanes(self, which: Any, *, raised: bool) -> _Lanes:
        """The sums of some lanes; docs/method has what is exact."""
        a, b = self.a[which], self.b[which]
        binade = _binade(self.largest[which])
        to_unit = binade * _TO_UNIT
        raise_by = to_multiple(settled_bits(self.bits)) if raised else 0.0
        lowered = binade * (_TO_UNIT - raise_by)
        head = a + lowered
        head -= to_unit
        tail = a - head
        span = b + lowered
        span -= to_unit
        span_tail = b - span
        for (_, low), part in zip(self.ends, (tail, span_tail), strict=True):
            if isinstance(low, np.ndarray):
                part += low[which]
        span -= head
        span_tail -= tail
        step = span * (1 / self.div)
        step += to_unit
        step -= to_unit
        span -= step * self.div
        span += span_tail
        span *= 1 / self.div
        return _Lanes(head, tail, step, span)

    def fill(self) -> Iterator[tuple[int, int]]:
        """Write everything; sample and lane of elements that are doubtful."""
        tested = np.flatnonzero(self.good > self.exact)
        if tested.size < self.good.size:
            lanes = self._lanes(slice(None), raised=True)
            yield from self._fill_exact(lanes)
            if not isinstance(self.fmt, IntFormat):
                yield from self._next_to_zero(lanes)
        if tested.size:
            every = tested.size == self.good.size
            out = self.out if every else np.empty((len(self.out), tested.size), self.out.dtype)
            found = self._fill_tested(out, tested)
            # An end is itself; it may be too small for the units of its lane.
            known, whole = {}, isinstance(self.fmt, IntFormat)
            wide = self.fmt.name == "float64"
            for i, end in ((0, self.ends[0]), (self.div, self.ends[1])):
                if not whole and i < len(out) and (wide or not isinstance(end.low, np.ndarray)):
                    known[i] = out[i] = _to_format(end.high[tested], self.fmt)
            if not every:
                self.out[:, tested] = out
            yield from ((i, int(tested[lane])) for i, lane in found if i not in known)

    def _fill_exact(self, lanes: _Lanes) -> Iterator[tuple[int, int]]:
        """Lanes whose elements are right once their tails are multiples of ``2**-G`` units."""
        for rows, p, c in _blocks(self.out.shape, lanes):
            part = self.out[rows]
            if isinstance(self.fmt, IntFormat):
                y, error = two_sum(p, c)
                whole = np.floor(y)
                whole += np.where(whole == y, np.floor(error), 0.0)
                np.copyto(part, whole, casting="unsafe")
                bad = ((whole < self.fmt.low) | (whole > self.fmt.high)) & self.exact
                yield from _places(bad, rows.start)
            elif self.narrow:
                round_into(part, p + c, self.fmt)
            else:
                np.add(p, c, out=part)

    def _next_to_zero(self, lanes: _Lanes) -> Iterator[tuple[int, int]]:
        """The element next to zero where a lane crosses it, if it is not zero but too small.

        The others are at least about half a step away from zero.
        """
        room = room_bits(self.bits, narrow=self.narrow)
        place = self.a / lanes.step_head
        place -= np.rint(place)
        np.abs(place, out=place)
        near = place < 2.0 ** (self.bits + 1 - room)
        if not near.any():
            return
        lane = np.flatnonzero(near & self.exact & ((self.a < 0) != (self.b < 0)))
        some = lanes.some(lane)
        i = np.rint(-self.a[lane] / some.step_head)
        x = np.abs((some.head + i * some.step_head) + (some.tail + i * some.step_tail))
        small = (x < self.largest[lane] * 2.0**-room) & (x > 0) & (i < self.out.shape[0])
        for at in np.flatnonzero(small):
            yield int(i[at]), int(lane[at])

    def _fill_tested(self, out: npt.NDArray[Any], which: Indices) -> list[tuple[int, int]]:
        lanes = self._lanes(which, raised=False)
        error = _binade(self.largest[which])
        error *= error_units(self.bits, narrow=self.narrow) * _UNIT
        lanes = lanes._replace(tail=lanes.tail + error)
        error *= 2
        doubtful: list[tuple[int, int]] = []
        for rows, p, c in _blocks(out.shape, lanes):
            y = p + c
            c -= error
            c += p
            part = out[rows]
            if isinstance(self.fmt, IntFormat):
                whole = np.floor(c)
                bad = (whole == c) | (whole != np.floor(y))
                bad |= (whole < self.fmt.low) | (whole > self.fmt.high)
                np.copyto(part, whole, casting="unsafe")
            else:
                if self.narrow:
                    round_into(part, y, self.fmt)
                else:
                    part[...] = y
                lower = _to_format(c, self.fmt)
                bad = part != lower
                if self.narrow and part.dtype.kind == "f":  # zeros of two signs are equal
                    bad |= np.signbit(part) != np.signbit(lower)
            doubtful += _places(bad, rows.start)
        return doubtful


def _places(bad: npt.NDArray[np.bool_], first: int) -> list[tuple[int, int]]:
    """Sample and lane of flags, of rows that begin with sample ``first``."""
    if not bad.any():
        return []
    sample, lane = np.nonzero(bad)
    return list(zip((sample + first).tolist(), lane.tolist(), strict=True))


def _binade(x: Array) -> Array:
    """The power of two at or below each magnitude."""
    return (x.view(np.int64) & _EXPONENT).view(np.float64)


def _blocks(shape: tuple[int, ...], lanes: _Lanes) -> Iterator[tuple[slice, Array, Array]]:
    """Rows with their sums of heads, which are exact, and of tails."""
    num, width = shape
    if width >= SUM_ROW:
        p, c = lanes.head.copy(), np.empty(width)
        for i in range(num):
            if i:
                np.add(p, lanes.step_head, out=p)
            np.multiply(lanes.step_tail, float(i), out=c)
            np.add(c, lanes.tail, out=c)
            yield slice(i, i + 1), p, c
        return
    height = min(SUM_BLOCK // width, num)
    samples = np.arange(num, dtype=np.float64)[:, None]
    p = lanes.head + samples[:height] * lanes.step_head
    c, stride = np.empty((height, width)), height * lanes.step_head
    for top in range(0, num, height):
        if top:
            np.add(p, stride, out=p)
        rows = slice(top, min(top + height, num))
        if rows.stop - top < height:
            p, c = p[: rows.stop - top], c[: rows.stop - top]
        np.multiply(samples[rows], lanes.step_tail, out=c)
        np.add(c, lanes.tail, out=c)
        yield rows, p, c


def _to_format(x: Array, fmt: Format) -> npt.NDArray[Any]:
    """Float64 numbers rounded to the format, or their floors, as `host_dtype` has them."""
    if isinstance(fmt, IntFormat):
        return np.floor(x).astype(host_dtype(fmt))
    if fmt.precision == 53:
        return x
    rounded = np.empty(x.shape, host_dtype(fmt))
    round_into(rounded, x, fmt)
    return rounded
