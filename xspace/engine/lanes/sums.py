"""Elements of lanes that are sums: arithmetic progressions between array ends.

A lane counts in a unit ``u`` of its own, ``2**-50`` of the binade of its larger end.  Heads are
multiples of it: ``p = a1 + i*s1`` is exact.  What is left, ``c = a2 + i*s2``, is at most ``num``
units, and off by far less than ``2**-G`` of one.

Where both ends are multiples of ``2**-K`` units, every element is a fraction of a small
denominator, and either on a midpoint or more than ``2**-G`` units away from all of them.  So
rounding ``c`` to a multiple of ``2**-G`` settles every rounding at once, midpoints too, and
nothing has to be tested (docs/method).  Adding a large number to ``c`` does it, and the same
number is taken off ``p`` beforehand.  Other lanes are tested.
"""

from __future__ import annotations

from typing import Any

from ..words import DoubleWord
from .bounds import Bounds, column
from .tables import Tables, frexp, power_of_two

__all__ = ["Sums"]

#: Bits of the longest ``div``, and of that of an exact lane of a narrow format: for more, elements
#: next to zero need more than a lane has.
LONGEST_BITS = 15
LONGEST_NARROW_BITS = 13
#: Ends of a lane, but for zeros.
_TINY, _HUGE = 2.0**-900, 2.0**1000


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


class Sums:
    """The `Kernel` of ``linspace``; ``narrow`` is for 24 bits and less.

    The high parts of the ends are the ends rounded to nearest.
    """

    def __init__(
        self,
        xp: Any,
        tables: Tables,
        start: DoubleWord,
        stop: DoubleWord,
        div: int,
        *,
        narrow: bool,
    ) -> None:
        self.xp, self.div, self.narrow, self.bits = xp, div, narrow, div.bit_length()
        a, b, bits = start.high, stop.high, self.bits
        largest = xp.where(abs(a) > abs(b), abs(a), abs(b))
        good = (largest >= _TINY) & (largest <= _HUGE)
        one, zero = xp.ones_like(a), xp.zeros_like(a)
        self.lows = tuple(zero + end.low for end in (start, stop))
        is_zero = (largest == 0) & (self.lows[0] == 0) & (self.lows[1] == 0)
        self.refused = ~(good | is_zero) | (bits > LONGEST_BITS)
        for end in (a, b):
            # A zero keeps its sign, and a NaN may be the smaller end.
            self.refused = self.refused | ((end == 0) & xp.signbit(end)) | (end != end)
        a, b = (xp.where(self.refused, zero, end) for end in (a, b))
        self.ends = a, b
        _, exponent = frexp(xp, xp.where(good, largest, one))
        binade = power_of_two(xp, tables, xp.astype(exponent, xp.int64) - 1)
        to_unit = binade * to_multiple(0)
        head, last_head = (a + to_unit) - to_unit, (b + to_unit) - to_unit
        tail, last_tail = a - head, b - last_head
        to_grid = binade * to_multiple(multiple_bits(bits, narrow=narrow))
        # Of a narrow format, ends of so few bits that an element which float64 rounds onto a
        # midpoint of the format is on it.
        exact = ~self.refused
        for number in (a, b) if narrow else (tail, last_tail):
            exact = exact & ((number + to_grid) - to_grid == number)
        if narrow and bits > LONGEST_NARROW_BITS:
            exact = exact & ~exact
        for low in self.lows:
            exact = exact & (low == 0)
        tail, last_tail = tail + self.lows[0], last_tail + self.lows[1]
        span = last_head - head
        self.step = (span * (1 / div) + to_unit) - to_unit
        self.step_tail = ((span - self.step * div) + (last_tail - tail)) * (1 / div)
        # Exact lanes are raised to their grid; the others are tested.
        raised = xp.where(exact, binade * to_multiple(settled_bits(bits)), zero)
        self.head, self.tail = head - raised, tail + raised
        room = largest * 2.0 ** -room_bits(bits, narrow=narrow)
        self.room = xp.where(exact, room, zero)
        error = error_units(bits, narrow=narrow) * 2.0**-50
        self.error = xp.where(exact, zero, binade * error)

    def block(self, samples: range) -> Bounds:
        """Bounds of elements; an end is itself, and may be too small for the units of its lane."""
        xp, (a, b) = self.xp, self.ends
        i = column(xp, samples, a)
        p, c = self.head + i * self.step, i * self.step_tail + self.tail
        up, down = p + (c + self.error), p + (c - self.error)
        unsure = (abs(up) < self.room) & (up != 0)
        if self.narrow:
            unsure = unsure | (xp.signbit(up) != xp.signbit(down))  # zeros of two signs are equal
        if samples.start > 0 and self.div not in samples:
            return Bounds(up, down, unsure)
        at_start, at_stop = i == 0, i == self.div
        if self.narrow:  # rounded once only if it is one float
            at_start, at_stop = at_start & (self.lows[0] == 0), at_stop & (self.lows[1] == 0)
        up, down = (xp.where(at_start, a, xp.where(at_stop, b, x)) for x in (up, down))
        return Bounds(up, down, unsure & ~(at_start | at_stop))
