"""Lanes in any namespace: whole arrays, and nothing whose shape depends on the data.

The same arithmetic as in `blocks` and `sums`, written as expressions.  No value is read
by the host; doubtful elements and refused lanes come as arrays of booleans.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...exact.rounding import FloatFormat
from ...ground.thresholds import LANE_TABLES
from ..words import DoubleWord
from .exponents import DELTA, NARROW_DELTA, Exponents, exponents, lane_columns, lane_powers
from .sums import (
    LONGEST_BITS,
    LONGEST_NARROW_BITS,
    error_units,
    multiple_bits,
    room_bits,
    settled_bits,
    to_multiple,
)
from .tables import Tables, frexp, power_of_two

__all__ = ["LaneArrays", "make_lanes"]

#: Ends of a lane, but for zeros.
_TINY, _HUGE = 2.0**-900, 2.0**1000


class LaneArrays(NamedTuple):
    """Elements, samples first; which of them are doubtful; and which lanes are not made at all."""

    values: Any
    doubtful: Any
    refused: Any


def make_lanes(
    xp: Any,
    tables: Tables,
    kind: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    samples: range,
    div: int,
    fmt: FloatFormat,
) -> LaneArrays:
    """Some samples of all lanes, as float64 or float32 (``fmt``).

    ``start``, ``stop`` are float64 arrays of one shape, as is ``base`` unless it is made of two
    Python floats; a low part may be the number 0.  ``samples`` has step 1.
    """
    if kind == "linspace":
        return _sums(xp, tables, start, stop, samples, div, fmt)
    lanes = exponents(xp, tables, kind, start, stop, base, div)
    narrow = fmt.precision < 53
    make = _powers if len(samples) < LANE_TABLES else _products
    up, down = make(xp, tables, lanes, samples, start.high, narrow)
    if narrow:
        up, down = xp.astype(up, xp.float32), xp.astype(down, xp.float32)
    return LaneArrays(up, up != down, ~lanes.good)


def _powers(
    xp: Any, tables: Tables, lanes: Exponents, samples: range, like: Any, narrow: bool
) -> tuple[Any, Any]:
    """Upper and lower bounds of elements, as rounded."""
    head, tail, full = lane_powers(xp, tables, lanes, _column(xp, samples, like))
    if narrow:
        return full * (1 + NARROW_DELTA), full * (1 - NARROW_DELTA)
    error = full * DELTA
    return head + (tail + error), head + (tail - error)


def _products(
    xp: Any, tables: Tables, lanes: Exponents, samples: range, like: Any, narrow: bool
) -> tuple[Any, Any]:
    """The same from two tables a lane."""
    columns = lane_columns(len(samples))
    rows = -(-len(samples) // columns)
    slow = range(samples.start, samples.start + rows * columns, columns)
    high = lane_powers(xp, tables, lanes, _column(xp, slow, like))
    zero = xp.zeros_like(like)
    fast = _column(xp, range(columns), like)
    low = lane_powers(xp, tables, lanes._replace(head=zero, tail=zero), fast)

    def outer(a: Any, b: Any) -> Any:
        product = xp.expand_dims(a, axis=1) * xp.expand_dims(b, axis=0)
        return xp.reshape(product, (rows * columns, *like.shape))[: len(samples), ...]

    if narrow:
        full = outer(high.full, low.full)
        return full * (1 + NARROW_DELTA), full * (1 - NARROW_DELTA)
    error = low.full * DELTA
    p, low_part = outer(high.head, low.head), outer(high.tail, low.full)
    return (
        p + (outer(high.head, low.tail + error) + low_part),
        p + (outer(high.head, low.tail - error) + low_part),
    )


def _column(xp: Any, samples: range, like: Any) -> Any:
    """Sample numbers as float64, to be broadcast against the lanes."""
    place = {} if getattr(like, "device", None) is None else {"device": like.device}
    i = xp.arange(samples.start, samples.stop, samples.step, dtype=xp.float64, **place)
    return xp.reshape(i, (-1, *(1 for _ in like.shape)))


def _sums(
    xp: Any,
    tables: Tables,
    start: DoubleWord,
    stop: DoubleWord,
    samples: range,
    div: int,
    fmt: FloatFormat,
) -> LaneArrays:
    """Arithmetic progressions; see `sums`, with the same units and bounds."""
    a, b, bits = start.high, stop.high, div.bit_length()
    narrow = fmt.precision < 53
    largest = xp.where(abs(a) > abs(b), abs(a), abs(b))
    good = (largest >= _TINY) & (largest <= _HUGE)
    refused = ~(good | (largest == 0)) | (bits > LONGEST_BITS)
    for end in (a, b):
        refused = refused | ((end == 0) & xp.signbit(end))
    one, zero = xp.ones_like(a), xp.zeros_like(a)
    a, b = xp.where(refused, zero, a), xp.where(refused, zero, b)
    _, exponent = frexp(xp, xp.where(good, largest, one))
    binade = power_of_two(xp, tables, xp.astype(exponent, xp.int64) - 1)
    to_unit = binade * to_multiple(0)
    head, last_head = (a + to_unit) - to_unit, (b + to_unit) - to_unit
    tail, last_tail = a - head, b - last_head
    to_grid = binade * to_multiple(multiple_bits(bits, narrow=narrow))
    exact = ~refused
    for number in (a, b) if narrow else (tail, last_tail):
        exact = exact & ((number + to_grid) - to_grid == number)
    if narrow and bits > LONGEST_NARROW_BITS:
        exact = exact & ~exact
    for low in (start.low, stop.low):
        exact = exact & (zero + low == 0)
    tail, last_tail = tail + start.low, last_tail + stop.low
    span = last_head - head
    step = (span * (1 / div) + to_unit) - to_unit
    step_tail = ((span - step * div) + (last_tail - tail)) * (1 / div)
    # Exact lanes are raised to their grid; the others are tested.
    raised = xp.where(exact, binade * to_multiple(settled_bits(bits)), zero)
    error = xp.where(exact, zero, binade * (error_units(bits, narrow=narrow) * 2.0**-50))
    i = _column(xp, samples, a)
    p = (head - raised) + i * step
    c = i * step_tail + (tail + raised)
    up, down = p + (c + error), p + (c - error)
    room = room_bits(bits, narrow=narrow)
    small = exact & (abs(up) < largest * 2.0**-room) & (up != 0)
    if narrow:
        up, down = xp.astype(up, xp.float32), xp.astype(down, xp.float32)
        small = small | (xp.signbit(up) != xp.signbit(down))  # zeros of two signs are equal
        a, b = xp.astype(a, xp.float32), xp.astype(b, xp.float32)
    # An end is itself; it may be too small for the units of its lane.
    at_start, at_stop = i == 0, i == div
    if narrow:  # rounded once only if it is one float
        at_start, at_stop = at_start & (start.low == 0), at_stop & (stop.low == 0)
    known = at_start | at_stop
    doubtful = ((up != down) | small) & ~known
    up = xp.where(at_start, a, xp.where(at_stop, b, up))
    return LaneArrays(up, doubtful, refused)
