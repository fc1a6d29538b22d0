"""Lanes: grids whose ends are arrays, one grid for each element of the ends.

Each lane of ``logspace`` and ``geomspace`` is ``2**(X + i*S)`` with ``X`` and ``S`` in double-word
arithmetic, of `tables`.  Heads are multiples of one unit, so that ``X1 + i*S1`` is exact, and
the tails ``X2 + i*S2`` are small.  Here is the arithmetic by lane, and elements one by one for any
namespace; `blocks` has the loops for NumPy.

Everything is followed by a rounding test.  Elements that fail it are doubtful, and lanes outside
of the range of the arithmetic are refused as a whole: the caller makes them exactly.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from ..words import DoubleWord, multiply, two_sum
from .tables import INDEX_BITS, TO_HEAD, Powers, Tables, log2_number, log2_words, powers

__all__ = [
    "DELTA",
    "NARROW_DELTA",
    "Exponents",
    "lane_columns",
    "exponents",
    "exponents_of",
    "in_steps",
    "lane_powers",
    "log2_scalar",
    "of_logspace",
]

#: Half width of the rounding test of an outer product, relative to the element.
DELTA = 2.0**-72
#: The same of a rounded element, for formats of 24 bits and less.
NARROW_DELTA = 2.0**-48

#: Binary logarithms between which a lane is made here, in steps of the table.
_LOWEST, _HIGHEST = -960.0 * 2**INDEX_BITS, 1020.0 * 2**INDEX_BITS
#: Ends of logspace from here on are refused.
_LARGEST = 2.0**60
#: Where a base, or an end of geomspace, has a low part, larger exponents are refused.
_LARGEST_ROUNDED = 2.0**16
#: From these numbers of steps on, tails are not small, and lanes refused.
_LONG, _LONGEST = 1 << 14, 1 << 17
#: Positive ends and bases: low parts are off by ``2**-106`` of them, traces included.
_TINY, _HUGE = 2.0**-900, 2.0**1000


class Exponents(NamedTuple):
    """Binary logarithms of lanes, ``head + tail`` of the first element and of a step.

    They are in units of ``2**-16``.  ``head + i*step_head`` is exact.
    """

    head: Any
    tail: Any
    step_head: Any
    step_tail: Any
    good: Any  #: lanes that the arithmetic holds for; the others are all zeros
    long: bool  #: whether tails may grow beyond ``2**-10``


def lane_columns(num: int) -> int:
    """Entries of the faster one of two tables: about the square root, at most 32.

    Two tables are for `LANE_TABLES` samples and more: a row spans a quarter of a lane or less.
    """
    return int(min(1 << (num.bit_length() // 2), 32))


def exponents(
    xp: Any,
    tables: Tables,
    kind: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    div: int,
) -> Exponents:
    """The logarithms of the lanes of a ``logspace`` or ``geomspace``, off by less than ``2**-73``.

    That is for elements in the range of good lanes, and before the roundings of
    ``tail + i*step_tail``.
    """
    if kind == "logspace":
        log, inside = _log_of_base(xp, tables, base)
        first, span, good = of_logspace(xp, start, stop, base, log)
        good = good & inside
    else:
        first, span, good = _of_geomspace(xp, tables, start, stop)
    return exponents_of(xp, first, span, good, div, (_LOWEST, _HIGHEST))


def exponents_of(
    xp: Any, first: DoubleWord, span: DoubleWord, good: Any, div: int, limits: tuple[float, float]
) -> Exponents:
    """The same from the first logarithm and the span; both ends have to be between the limits."""
    head, tail = _grid_parts(first)
    span_head, span_tail = _grid_parts(span)
    last = head + span_head
    for end in (head, last):
        good = good & (end > limits[0]) & (end < limits[1])
    step_head = (span_head / div + TO_HEAD) - TO_HEAD
    # What is left of the span is exact, a multiple of the unit below half of ``div`` of them.
    step_tail = ((span_head - step_head * div) + span_tail) / div
    parts = (head, tail, step_head, step_tail)
    zero = xp.zeros_like(head)
    good = good & (div < _LONGEST)
    head, tail, step_head, step_tail = (xp.where(good, part, zero) for part in parts)
    return Exponents(head, tail, step_head, step_tail, good, div >= _LONG)


def _log_of_base(xp: Any, tables: Tables, base: DoubleWord) -> tuple[DoubleWord, Any]:
    """Its logarithm in steps, and where it is right."""
    if isinstance(base.high, float):
        # Near the ends of the range a pair of floats does not hold an exact number well enough.
        inside = _TINY <= base.high <= _HUGE
        return log2_scalar(base.high, base.low) if inside else log2_scalar(1.0, 0.0), inside
    inside = (base.high >= _TINY) & (base.high <= _HUGE)
    safe = DoubleWord(xp.where(inside, base.high, xp.ones_like(base.high)), base.low)
    return in_steps(log2_words(xp, tables, safe, relative=True)), inside


def of_logspace(
    xp: Any, start: DoubleWord, stop: DoubleWord, base: DoubleWord, log: DoubleWord
) -> tuple[DoubleWord, DoubleWord, Any]:
    """First logarithm, last minus first, and where they are right if that of the base is."""
    largest = xp.where(abs(start.high) > abs(stop.high), abs(start.high), abs(stop.high))
    good = largest < _LARGEST
    if not isinstance(base.low, float):
        good = good & ((base.low == 0) | (largest < _LARGEST_ROUNDED))
    elif base.low:
        good = good & (largest < _LARGEST_ROUNDED)
    difference, error = two_sum(stop.high, -start.high)
    span = DoubleWord(difference, error + (stop.low - start.low))
    return multiply(start, log), multiply(span, log), good


def _of_geomspace(
    xp: Any, tables: Tables, start: DoubleWord, stop: DoubleWord
) -> tuple[DoubleWord, DoubleWord, Any]:
    good = (start.high >= _TINY) & (stop.high >= _TINY)
    good = good & (start.high <= _HUGE) & (stop.high <= _HUGE)
    one = xp.ones_like(start.high)
    safe = [DoubleWord(xp.where(good, end.high, one), end.low) for end in (start, stop)]
    logs = [in_steps(log2_words(xp, tables, end, relative=False)) for end in safe]
    difference, error = two_sum(logs[1].high, -logs[0].high)
    return logs[0], DoubleWord(difference, error + (logs[1].low - logs[0].low)), good


@lru_cache(maxsize=256)
def log2_scalar(high: float, low: float) -> DoubleWord:
    """The binary logarithm of one base, in steps of the table."""
    base = Fraction(high) + Fraction(low)
    return in_steps(log2_number(base.numerator, base.denominator))


def in_steps(x: DoubleWord) -> DoubleWord:
    """A binary logarithm in steps of the table."""
    scale = 2.0**INDEX_BITS
    return DoubleWord(x.high * scale, x.low * scale)


def _grid_parts(x: DoubleWord) -> DoubleWord:
    """The nearest multiple of a unit, exactly, and what is left."""
    head = (x.high + TO_HEAD) - TO_HEAD
    return DoubleWord(head, (x.high - head) + x.low)


def lane_powers(xp: Any, tables: Tables, lanes: Exponents, i: Any) -> Powers:
    """Elements ``i`` of the lanes; ``i`` and the lanes broadcast."""
    head = lanes.head + i * lanes.step_head
    tail = lanes.tail + i * lanes.step_tail
    if lanes.long:
        carried = (tail + TO_HEAD) - TO_HEAD
        head, tail = head + carried, tail - carried
    return powers(xp, tables, head, tail)
