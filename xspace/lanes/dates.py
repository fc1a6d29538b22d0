"""Lanes of dates: all grids between arrays of ends at once, in integers of 64 bits.

With whole numbers ``a`` and ``b`` as ends, ``d = b - a`` and ``q, r = divmod(d, div)``, element
``i`` of a lane is exactly

    floor((a*(div - i) + b*i) / div) = floor(a + i*(q*div + r) / div) = a + i*q + floor(i*r / div).

* ``|d|`` is below ``2**64``: an unsigned number holds it, whatever the ends are.
* ``r < div`` and ``i <= div``, so that ``i*r < div**2 <= 2**64`` where ``div <= 2**32``: an
  unsigned number holds the product, and its quotient is the true one.
* Sums and the product ``i*q`` are taken modulo ``2**64``.  The element lies between the ends, so in
  the range of an int64, where only one number has that remainder.

A falling lane has a negative ``d``; with ``n, m = divmod(|d|, div)``, its ``q`` is ``-n`` and its
``r`` is zero, or ``-n - 1`` and ``div - m`` if there is an ``m``; ``0 <= r < div`` holds again.

Ends with a denominator are floored twice, which is the same: ``floor(floor(x) / n) = floor(x / n)``
for a whole number ``n``.

Lanes for which this is not so are made alone: those with an end of more than 64 bits, be it that it
is none of the elements or that it is an error, and those of more than ``2**32`` steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.rounding import DATES, NAT
from ..grids.dates import date_source, date_step, read_count, to_months
from ..grids.units import DAY, Unit, base_counts, unit_of
from ..ground.thresholds import DATE_BLOCK, DATE_LANES_BESIDE

__all__ = ["date_lanes", "date_steps"]

Array = npt.NDArray[Any]

#: The largest number of steps for which the proof holds.
_LONGEST = 1 << 32


class _Ends(NamedTuple):
    """Flat ends: numerators over ``den`` where they are ``good``, which NaT is as a zero."""

    start: Array
    stop: Array
    den: int
    good: Array
    lost: tuple[Array, Array]  #: where they are NaT


def date_lanes(
    start: Array,
    stop: Array,
    num: int,
    endpoint: bool,
    unit: Unit,
    out: Unit,
    places: range | None = None,
) -> Array:
    """The samples of ``linspace`` along axis 0, in the unit ``out``, or those at the places.

    ``start`` and ``stop`` have one shape, ``unit`` is that of the exact grid; places have step 1.
    """
    places = range(num) if places is None else places
    months = out.is_calendar and not unit.is_calendar
    div = max(num - 1 if endpoint else num, 1)
    ends = _read(start, stop, unit, unit_of(DAY) if months else out)
    good = ends.good & (div <= _LONGEST)
    samples = np.empty((len(places), start.size), np.int64)
    if places and good.any():
        _fill(samples, ends, div, places.start)
        if months:
            to_months(samples, out)
        _spread(samples, ends.lost, places, num - 1 if endpoint else num)
    for lane in np.flatnonzero(~good).tolist():
        first, last = (read_count(x.flat[lane], unit) for x in (start, stop))
        with _named(lane, start.shape):
            grid = date_source(first, last, num, endpoint, unit, out).make(places)
        samples[:, lane] = grid.view(np.int64)
    return samples.view(out.dtype).reshape((len(places), *start.shape))


def date_steps(start: Array, stop: Array, div: int, unit: Unit, span: Unit) -> Array:
    """The step of every lane, floored to ``span``, the unit of the exact grid as a span of time."""
    if div < 1:
        return np.full(start.shape, NAT, np.int64).view(span.dtype)
    ends = _read(start, stop, unit, unit)
    # Of a divisor of more than 64 bits the quotient is that of the largest: 0 or -1.
    quotients, _ = _slopes(ends.start, ends.stop, min(div * ends.den, (1 << 64) - 1))
    steps = quotients.view(np.int64)
    # A quotient of more than 63 bits has another sign, or is NaT.
    good = ends.good & ((steps < 0) == (ends.stop < ends.start)) & (steps != NAT)
    steps[ends.lost[0] | ends.lost[1]] = NAT
    for lane in np.flatnonzero(~good).tolist():
        first, last = (read_count(x.flat[lane], unit) for x in (start, stop))
        with _named(lane, start.shape):
            steps[lane] = date_step(first, last, div, span).astype(np.int64)
    return steps.view(span.dtype).reshape(start.shape)


def _read(start: Array, stop: Array, unit: Unit, out: Unit) -> _Ends:
    """The ends in ``out``, exactly, by way of ``unit``."""
    read = []
    for end in (start, stop):
        counts = end.reshape(-1).view(np.int64)
        lost = counts == NAT
        counts, ratio, good = base_counts(np.where(lost, 0, counts), unit_of(end.dtype), unit)
        read.append((counts, ratio * unit.size / out.size, good, lost))
    den = math.lcm(*(ratio.denominator for _, ratio, *_ in read))
    numerators = []
    for counts, ratio, good, _ in read:
        factor = int(ratio * den)
        good &= np.abs(counts) <= DATES.high // factor
        numerators.append(np.where(good, counts, 0) * min(factor, DATES.high))
    (_, _, good, lost), (_, _, also_good, also_lost) = read
    return _Ends(numerators[0], numerators[1], den, good & also_good, (lost, also_lost))


def _slopes(start: Array, stop: Array, div: int) -> tuple[Array, Array]:
    """``divmod(stop - start, div)``, unsigned: the quotients modulo ``2**64``."""
    a, b, n = start.view(np.uint64), stop.view(np.uint64), np.uint64(div)
    falls = stop < start
    q, r = np.divmod(np.where(falls, a - b, b - a), n)
    return np.where(falls, -q - (r > 0), q), np.where(falls & (r > 0), n - r, r)


def _fill(samples: Array, ends: _Ends, div: int, first: int) -> None:
    """Write elements of all lanes from ``first`` on, the good ones of which are right."""
    (num, count), n = samples.shape, np.uint64(div)
    start = ends.start.view(np.uint64)
    quotient, remainder = _slopes(ends.start, ends.stop, div)
    turned = count < DATE_LANES_BESIDE  # then blocks have their samples next to each other
    width = min(count, DATE_BLOCK)
    height = max(DATE_BLOCK // width, 1)
    for left in range(0, count, width):
        lanes = slice(left, left + width)
        a, q, r = (
            x[lanes, None] if turned else x[None, lanes] for x in (start, quotient, remainder)
        )
        for top in range(0, num, height):
            i = np.arange(first + top, first + min(top + height, num), dtype=np.uint64)
            i = i[None, :] if turned else i[:, None]
            block = r * i
            block //= n
            block += a
            block += q * i
            counts = block.view(np.int64)
            _divide(counts, ends.den)
            samples[top : top + height, lanes] = counts.T if turned else counts


def _divide(counts: Array, den: int) -> None:
    """Floors of quotients, in place."""
    if den > DATES.high:  # -1 or 0
        counts >>= 63
    elif den > 1:
        counts //= den


def _spread(samples: Array, lost: tuple[Array, Array], places: range, last: int) -> None:
    """NaT beside an end that is NaT, but not in place of the other end, the sample ``last``."""
    at_start, at_stop = lost
    lanes = at_start | at_stop
    if not lanes.any():
        return
    samples[max(1 - places.start, 0) : max(last - places.start, 0), lanes] = NAT
    if last in places and last:
        samples[last - places.start, at_stop] = NAT
    if 0 in places:
        samples[0, at_start] = NAT


@contextmanager
def _named(lane: int, shape: tuple[int, ...]) -> Iterator[None]:
    """Errors that say which lane it is."""
    try:
        yield
    except OverflowError as error:
        place = tuple(int(k) for k in np.unravel_index(lane, shape))
        msg = f"{error} (in lane {place})"
        raise OverflowError(msg) from None
