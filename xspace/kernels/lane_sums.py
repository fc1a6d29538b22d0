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

from ..exact.rounding import FloatFormat, Format, IntFormat
from .lane_blocks import Indices, Made
from .narrow import host_dtype, round_into
from .words import End, two_sum

__all__ = ["fill_sums"]

Array = npt.NDArray[np.float64]

#: Bits of the longest ``div``: for more, elements next to zero need more than a lane has.
_LONGEST, _LONGEST_NARROW = 15, 13
#: Lanes of a block, and elements of the scratch arrays.
_WIDTH, _BLOCK = 8192, 16384
#: Ends of a lane, but for zeros; ends of an integer lane.
_TINY, _HUGE = 2.0**-900, 2.0**1000
_LARGEST_INTEGER = 2.0**52
_EXPONENT = 0x7FF << 52
_NEGATIVE_ZERO = -(1 << 63)


class _Lanes(NamedTuple):
    """``head + tail`` of the first element and of a step; heads are multiples of the unit."""

    head: Array
    tail: Array
    step_head: Array
    step_tail: Array
    unit: Array

    def some(self, lanes: Any) -> _Lanes:
        return _Lanes(*(part[lanes] for part in self))


def fill_sums(out: npt.NDArray[Any], start: End, stop: End, div: int, fmt: Format) -> Made:
    """Write the elements of lanes into ``out``, of shape ``(num, lanes)`` and `host_dtype`.

    The high parts of the ends are the ends rounded to nearest.
    """
    num, count = out.shape
    if div.bit_length() > _LONGEST:
        return Made(np.empty(0, np.intp), np.arange(count))
    doubtful: list[int] = []
    refused: list[Indices] = [np.empty(0, np.intp)]
    with np.errstate(all="ignore"):  # overflow to infinity is a result, and so is underflow
        for first in range(0, count, _WIDTH):
            part = slice(first, first + _WIDTH)
            a, b = (
                End(*(w[part] if isinstance(w, np.ndarray) else w for w in end))
                for end in (start, stop)
            )
            block = _Block(out[:, part], (a, b), div, fmt)
            doubtful += [i * count + first + lane for i, lane in block.fill()]
            refused.append(np.flatnonzero(~block.good) + first)
    return Made(np.array(doubtful, np.intp), np.concatenate(refused))


class _Block:
    """Some of the lanes of a call."""

    def __init__(
        self, out: npt.NDArray[Any], ends: tuple[End, End], div: int, fmt: Format
    ) -> None:
        self.out, self.div, self.fmt = out, div, fmt
        self.a, self.b = (np.ascontiguousarray(end.high) for end in ends)
        self.bits = div.bit_length()
        self.narrow = isinstance(fmt, FloatFormat) and fmt.precision < 53
        self.largest = np.maximum(np.abs(self.a), np.abs(self.b))
        self.good = self._good()
        unit = (self.largest.view(np.int64) & _EXPONENT).view(np.float64)
        unit *= 2.0**-50
        to_unit = unit * (1.5 * 2.0**52)
        parts = [_cut(end, low, to_unit) for end, (_, low) in zip((self.a, self.b), ends)]
        (head, tail), (last_head, last_tail) = parts
        # All of this is exact but the sum and the quotient that make the tail of a step.
        span = last_head - head
        step = span / div
        step += to_unit
        step -= to_unit
        span -= step * div
        span += last_tail - tail
        span /= div
        self.lanes = _Lanes(head, tail, step, span, unit)
        to_grid = unit * (1.5 * 2.0 ** (2 + self.bits))
        self.raised = self.lanes._replace(head=head - to_grid, tail=tail + to_grid)
        exact = self.good.copy()
        if self.narrow:
            exact &= self.bits <= _LONGEST_NARROW
            numbers, bits = [self.a, self.b], 49 + self.bits
        else:
            numbers, bits = [tail, last_tail], 2 + 2 * self.bits
        to_grid = unit * (1.5 * 2.0**bits)
        for number, (_, low) in zip(numbers, ends):
            exact &= (number + to_grid) - to_grid == number
            if isinstance(low, np.ndarray):
                exact &= low == 0
        self.exact = exact

    def _good(self) -> npt.NDArray[np.bool_]:
        """Lanes in range; a zero with a sign keeps it, which is not done here."""
        limit = _LARGEST_INTEGER if isinstance(self.fmt, IntFormat) else _HUGE
        good = (self.largest >= _TINY) & (self.largest <= limit)
        good |= self.largest == 0
        good &= self.a.view(np.int64) != _NEGATIVE_ZERO
        good &= self.b.view(np.int64) != _NEGATIVE_ZERO
        return good

    def fill(self) -> Iterator[tuple[int, int]]:
        """Write everything; sample and lane of elements that are doubtful."""
        tested = np.flatnonzero(self.good & ~self.exact)
        if tested.size < self.good.size:
            self._fill_exact()
            if not isinstance(self.fmt, IntFormat):
                yield from self._next_to_zero()
        if tested.size:
            out = np.empty((self.out.shape[0], tested.size), self.out.dtype)
            found = self._fill_tested(out, self.lanes.some(tested))
            # An end is itself; it may be too small for the units of its lane.
            for i, end in ((0, self.a), (self.div, self.b)):
                if i < len(out):
                    out[i] = _to_format(end[tested], self.fmt)
            self.out[:, tested] = out
            yield from ((i, int(tested[lane])) for i, lane in found if 0 < i < self.div)

    def _fill_exact(self) -> None:
        """Lanes whose elements are right once their tails are multiples of ``2**-G`` units."""
        for rows, p, c in _blocks(self.out.shape, self.raised):
            part = self.out[rows]
            if isinstance(self.fmt, IntFormat):
                y, rest = two_sum(p, c)
                whole = np.floor(y)
                whole += np.where(whole == y, np.floor(rest), 0.0)
                np.copyto(part, whole, casting="unsafe")
            elif self.narrow:
                p += c
                round_into(part, p, self.fmt)
            else:
                np.add(p, c, out=part)

    def _next_to_zero(self) -> Iterator[tuple[int, int]]:
        """The element next to zero where a lane crosses it, if it is not zero but too small.

        The others are at least about half a step away from zero.
        """
        num = self.out.shape[0]
        room = 29 - self.bits if self.narrow else 47 - 2 * self.bits
        place = self.a / (self.a - self.b)
        place *= self.div
        crossing = np.abs(place - np.rint(place)) < 2.0 ** (self.bits + 1 - room)
        crossing &= (self.a < 0) != (self.b < 0)
        crossing &= self.exact
        if not crossing.any():
            return
        lane = np.flatnonzero(crossing)
        some, i = self.raised.some(lane), np.rint(place[lane])
        x = np.abs((some.head + i * some.step_head) + (some.tail + i * some.step_tail))
        small = (x < self.largest[lane] * 2.0**-room) & (x > 0) & (i < num)
        for at in np.flatnonzero(small):
            yield int(i[at]), int(lane[at])

    def _fill_tested(self, out: npt.NDArray[Any], lanes: _Lanes) -> list[tuple[int, int]]:
        error = lanes.unit * 2.0 ** (self.bits + 2 - 53)
        lanes = lanes._replace(tail=lanes.tail + error)
        error *= 2
        doubtful: list[tuple[int, int]] = []
        for rows, p, c in _blocks(out.shape, lanes):
            y = p + c
            c -= error
            p += c
            part = out[rows]
            if isinstance(self.fmt, IntFormat):
                whole = np.floor(p)
                bad = (whole == p) | (whole != np.floor(y))
                np.copyto(part, whole, casting="unsafe")
            else:
                part[...] = _to_format(y, self.fmt)
                bad = part != _to_format(p, self.fmt)
            if bad.any():
                sample, lane = np.nonzero(bad)
                doubtful += zip((sample + rows.start).tolist(), lane.tolist(), strict=True)
        return doubtful


def _cut(end: Array, low: Any, to_unit: Array) -> tuple[Array, Array]:
    """The nearest multiple of a unit, and what is left."""
    head = end + to_unit
    head -= to_unit
    tail = end - head
    if isinstance(low, np.ndarray):
        tail += low
    return head, tail


def _blocks(shape: tuple[int, ...], lanes: _Lanes) -> Iterator[tuple[slice, Array, Array]]:
    """Rows with their sums of heads and sums of tails, in memory that is used again."""
    num, width = shape
    height = min(max(_BLOCK // width, 1), num)
    p, c = np.empty((height, width)), np.empty((height, width))
    i = np.arange(num, dtype=np.float64)[:, None]
    heads = i[:height] * lanes.step_head
    for top in range(0, num, height):
        end = min(top + height, num)
        if end - top < height:
            p, c, heads = (part[: end - top] for part in (p, c, heads))
        np.add(heads, lanes.head + top * lanes.step_head, out=p)
        np.multiply(i[top:end], lanes.step_tail, out=c)
        np.add(c, lanes.tail, out=c)
        yield slice(top, end), p, c


def _to_format(x: Array, fmt: Format) -> npt.NDArray[Any]:
    """Float64 numbers rounded to the format, or their floors, as `host_dtype` has them."""
    if isinstance(fmt, IntFormat):
        return np.floor(x).astype(host_dtype(fmt))
    if fmt.precision == 53:
        return x
    rounded = np.empty(x.shape, host_dtype(fmt))
    round_into(rounded, x, fmt)
    return rounded
