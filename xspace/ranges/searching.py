"""Searching in a range: where numbers come among its rounded elements, exactly.

Elements are floats, or counts of a unit.  So a number ``x`` is compared with all of them as its
floor is, the largest float or count that is not above ``x``: ``e <= x`` is ``e <= floor`` and
``e > x`` is ``e > floor``.  As rounding keeps the order, one place parts the elements that come
before ``x`` from the others.  An estimate from the exact progression says where it is, and elements
around it decide.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.fixed import QUICK_BITS, log2_fixed, log2_quick
from ..exact.progression import LOG_BITS, LONGEST_LINE, Arithmetic, Geometric
from ..exact.rounding import DATES, NAT
from ..ground.messages import describe_integer
from ..ground.thresholds import SEARCHED, SEARCHED_TIMES

__all__ = ["Queries", "Search", "read_queries"]

Array = npt.NDArray[Any]

#: Integers up to here are floats.
_WHOLE = 1 << 53

_MAX = math.nextafter(math.inf, 0)


class Queries(NamedTuple):
    """Floors of numbers; whether they are the numbers themselves; and which are NaN or NaT."""

    floors: Array  #: of float64, or int64 for dates
    exact: Array
    lost: Array


class Search:
    """The rounded elements of a progression, negated if ``negative``; ``element(i)`` is one."""

    def __init__(
        self,
        line: Arithmetic | Geometric,
        negative: bool,
        counts: bool,
        element: Callable[[int], float | int],
    ) -> None:
        self.line, self.negative, self.counts = line, negative, counts
        self.element, self.num = element, line.num
        first, last = (element(0), element(self.num - 1)) if self.num else (0, 0)
        self.falling, self._constant = first > last, first if first == last else None

    def place(self, x: Fraction | float, side: str) -> int:
        """How many elements come before ``x``, in the order of the range; all of them for NaN."""
        if x != x:  # NaN
            return self.num
        floor, exact = _floor_count(x) if self.counts else _floor_float(x)
        return self._place(floor, exact, side)

    def places(self, queries: Queries, side: str, make: Callable[[], Array]) -> Array:
        """The same of many; ``make()`` is the array of all elements."""
        floors, exact, lost = queries
        if self.num <= min(SEARCHED, SEARCHED_TIMES * floors.size):
            found = self._in_array(make(), floors, self._counts_equal(exact, side))
        else:
            each = zip(floors.tolist(), exact.tolist(), strict=True)
            numbers = [0 if x != x else self._place(x, is_exact, side) for x, is_exact in each]
            found = _as_indices(numbers)
        if lost.any():
            found[lost] = _as_indices([self.num])
        return found

    def _counts_equal(self, exact: Any, side: str) -> Any:
        """Whether elements equal to the floor come before the number."""
        return exact & (side == "right") | ~exact & (not self.falling)

    def _in_array(self, elements: Array, floors: Array, with_equal: Array) -> Array:
        rising = elements[::-1] if self.falling else elements
        low, high = (np.searchsorted(rising, floors, side) for side in ("left", "right"))
        if self.falling:
            low, high = self.num - high, self.num - low
        return np.where(with_equal, high, low).astype(np.intp)

    def _place(self, floor: Any, exact: bool, side: str) -> int:
        with_equal = bool(self._counts_equal(np.bool_(exact), side))
        is_past = _PAST[self.falling, with_equal]
        if self._constant is not None:  # rounded: the exact progression may go anywhere
            return 0 if is_past(self._constant, floor) else self.num
        guess = self._estimate(floor, with_equal != self.falling)
        return _first(lambda i: is_past(self.element(i), floor), guess, self.num)

    def _estimate(self, floor: Any, above: bool) -> int:
        """About the place at which elements pass the floor, or its next neighbour if ``above``."""
        if floor in _ENDS[above]:  # no number is beyond it
            return self.num if above != self.falling else 0
        n, d = (floor + above, 1) if self.counts else _between(floor, above)
        line, n = self.line, -n if self.negative else n
        if isinstance(line, Arithmetic):
            offset, step = n * line.den - d * line.a, d * line.b
        elif n <= 0:  # below all powers
            return self.num if self.falling != self.negative else 0
        elif line.num > LONGEST_LINE:
            offset, step = _long_line(line, n, d)
        else:
            first, step = line.log2_line()
            offset = (log2_quick(n, d) << (LOG_BITS - QUICK_BITS)) - line.log2_scale() - first
        return min(max(-(-offset // step), 0), self.num) if step else 0


def _long_line(line: Geometric, n: int, d: int) -> tuple[int, int]:
    """How far ``n/d`` is from the first element, and a step, to as many bits as places have."""
    reach = line.a.bit_length() + line.num.bit_length() + line.b.bit_length()
    wp = 64 + max(reach - line.den.bit_length(), line.num.bit_length())
    log = log2_fixed(*line.base, wp)
    offset = (log2_fixed(n, d, wp) - log2_fixed(*line.scale, wp)) * line.den
    return offset - line.a * log, line.b * log


_PAST = {
    (False, False): operator.ge,
    (False, True): operator.gt,
    (True, False): operator.le,
    (True, True): operator.lt,
}


def _first(is_past: Callable[[int], bool], guess: int, num: int) -> int:
    """The first index that is past, as all that follow are, or ``num``; quick if ``guess`` is near.

    All below ``low`` are not past, and all from ``high`` on are.
    """
    low, high, stride = 0, num, 1
    if guess < num and not is_past(guess):
        low = guess + 1
        while low < high:
            probe = min(low + stride, num) - 1
            if is_past(probe):
                high = probe
                break
            low, stride = probe + 1, 2 * stride
    else:
        high = guess
        while low < high:
            probe = max(high - stride, 0)
            if not is_past(probe):
                low = probe + 1
                break
            high, stride = probe, 2 * stride
    while low < high:
        middle = (low + high) // 2
        if is_past(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _as_indices(numbers: list[int]) -> Array:
    """Indices of NumPy; an OverflowError for those that it has none for."""
    largest = max(numbers, default=0)
    if largest > sys.maxsize:
        count = describe_integer(largest)
        msg = f"more elements come before x than an index of an array can tell: {count}"
        raise OverflowError(msg)
    return np.array(numbers, np.intp)


def _between(floor: float, above: bool) -> tuple[int, int]:
    """Halfway to the next float, where rounding turns over; infinity is as if it were one."""
    neighbour = math.nextafter(floor, math.inf if above else -math.inf)
    (a, b), (c, d) = (_BEYOND.get(x) or x.as_integer_ratio() for x in (floor, neighbour))
    return a * d + c * b, 2 * b * d


_ENDS = {True: (math.inf,), False: (-math.inf,)}
_BEYOND = {math.inf: (1 << 1024, 1), -math.inf: (-1 << 1024, 1)}


def _floor_float(x: Fraction | float) -> tuple[float, bool]:
    """The largest float that is not above a number, and whether they are equal."""
    if isinstance(x, float):
        return x, True
    try:
        floor = x.numerator / x.denominator
    except OverflowError:
        return (_MAX if x > 0 else -math.inf), False
    if floor == x:
        return floor, True
    return (floor if floor < x else math.nextafter(floor, -math.inf)), False


def _floor_count(x: Fraction | float) -> tuple[int, bool]:
    """The same among the counts of 64 bits."""
    floor = math.floor(x) if math.isfinite(x) else NAT if x < 0 else DATES.high + 1
    if NAT <= floor <= DATES.high:
        return floor, floor == x
    return (DATES.high if floor > 0 else NAT), False


def read_queries(
    flat: Array,
    unit: np.dtype[Any] | None,
    counts: bool,
    read: Callable[[Any], Fraction | float],
) -> Queries:
    """Many numbers, or dates for a range of ``unit``; ``read`` gives one of them, exactly."""
    if unit is not None and flat.dtype == unit:
        floors = flat.view(np.int64)
        return Queries(floors, np.ones(flat.size, np.bool_), floors == NAT)
    if counts and flat.dtype.kind in "iu" and np.can_cast(flat.dtype, np.int64):
        return Queries(flat.astype(np.int64), *(np.full(flat.size, b) for b in (True, False)))
    if not counts and flat.dtype.kind in "biuf" and flat.dtype.itemsize <= 8:
        floors = flat.astype(np.float64)
        if flat.dtype.itemsize < 8 or flat.dtype.kind == "f" or not (np.abs(floors) > _WHOLE).any():
            return Queries(floors, np.ones(flat.size, np.bool_), np.isnan(floors))
    floor = _floor_count if counts else _floor_float
    lost = np.zeros(flat.size, np.bool_)
    pairs = []
    for i, item in enumerate(flat):
        x = read(item)
        lost[i] = x != x
        pairs.append((0, True) if lost[i] else floor(x))
    floors = np.array([f for f, _ in pairs], np.int64 if counts else np.float64)
    return Queries(floors, np.array([exact for _, exact in pairs], np.bool_), lost)
