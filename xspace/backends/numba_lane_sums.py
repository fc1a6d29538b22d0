"""Compiled loops for ``linspace`` between array ends: the extra ``fast``.

The arithmetic of `kernels.lane_sums`, lane by lane and element by element in the same operations,
so that the same elements are left to the caller.  Lanes come in tiles; what they need is in one
array of scratch, with offsets that the compiler knows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..kernels.lane_blocks import Made
from ..kernels.lane_sums import LONGEST, LONGEST_NARROW
from ..kernels.words import End
from .numba_words import aligned
from .numba_words import compiled as _compiled

__all__ = ["READ", "bits", "compiled_sums", "fill_sums", "float_of", "parts", "take", "two_sum"]

Array = npt.NDArray[Any]

#: Lanes of a tile, and places of a tile in the scratch array.
_WIDTH = 512
_A, _A_LOW, _B, _B_LOW, _HEAD, _TAIL, _STEP, _STEP_TAIL, _ERROR, _LARGEST, _KIND, _NEAR = (
    k * _WIDTH for k in range(12)
)
_SCRATCH = 12 * _WIDTH
#: Lanes after which a batch that had others is expected to have plain ones again.
_AGAIN = 16 * _WIDTH
_REFUSED, _TESTED, _EXACT = 0.0, 1.0, 2.0

_TINY, _HUGE = 2.0**-900, 2.0**1000
_EXPONENT = 0x7FF << 52
_NEGATIVE_ZERO = -(1 << 63)
_TO_UNIT = 1.5 * 2.0**2

#: The type of a part of an end, which may be read-only.
READ = "Array(f8, 1, 'C', True)"
_NONE = np.empty(0)


@_compiled("b1(f8, f8, f8)")
def _fused(a: Any, b: Any, c: Any) -> Any:
    return a * b + c != 0.0


if _fused(1 + 2.0**-30, 1 - 2.0**-30, -1.0):
    # Error-free transforms need every operation to be rounded by itself.
    raise ImportError("numba fuses multiplications and additions")


@_compiled()
def bits(x: Any) -> Any:
    """The bits of a float64 number."""
    x = np.float64(x)
    return x.view(np.int64)


@_compiled()
def float_of(number: Any) -> Any:
    """The float64 number of these bits."""
    number = np.int64(number)
    return number.view(np.float64)


@_compiled()
def two_sum(a: Any, b: Any) -> Any:
    """A sum and its error, as `words.two_sum`."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


@_compiled()
def take(s: Any, n: Any, values: Any, first: Any, one: Any) -> None:
    """Some of the lanes of an array into the scratch; ``one`` for all where the array is empty."""
    if values.size:
        part = values[first : first + n]  # of an index that is a sum, the sign would be asked
        for k in range(n):
            s[k] = part[k]
    else:
        for k in range(n):
            s[k] = one


@_compiled()
def _is_multiple(x: Any, to_unit: Any, to_grid: Any) -> Any:
    """Whether an end, but for its multiple of the unit, is on the grid."""
    rest = x - ((x + to_unit) - to_unit)
    return (rest + to_grid) - to_grid == rest


@_compiled()
def _classify(s: Any, n: Any, narrow: Any, grid: Any) -> None:
    """Which lanes are refused, which are tested, and which are exact."""
    for k in range(n):
        a, b = s[_A + k], s[_B + k]
        largest = max(abs(a), abs(b))
        binade = float_of(bits(largest) & _EXPONENT)
        zero = (largest == 0.0) & (s[_A_LOW + k] == 0.0) & (s[_B_LOW + k] == 0.0)
        good = ((largest >= _TINY) | zero) & (abs(a) <= _HUGE) & (abs(b) <= _HUGE)
        good &= ((a != 0.0) | (bits(a) >= 0)) & ((b != 0.0) | (bits(b) >= 0))
        to_unit = 0.0 if narrow else binade * _TO_UNIT
        to_grid = binade * grid
        exact = good & (s[_A_LOW + k] == 0.0) & (s[_B_LOW + k] == 0.0) & (grid > 0.0)
        if narrow:
            exact &= ((a + to_grid) - to_grid == a) & ((b + to_grid) - to_grid == b)
        else:
            exact &= _is_multiple(a, to_unit, to_grid) & _is_multiple(b, to_unit, to_grid)
        s[_LARGEST + k] = largest
        s[_KIND + k] = _EXACT if exact else _TESTED if good else _REFUSED


@_compiled()
def _prepare(s: Any, n: Any, div: Any, raise_by: Any, width: Any, near: Any) -> Any:
    """The sums of lanes, as `_Block._lanes`; how many are tested, and how many may come near zero.

    Lanes that are refused are all zeros.
    """
    tested, crossing, refused = np.int64(0), np.int64(0), np.int64(0)
    for k in range(n):
        a, b, kind = s[_A + k], s[_B + k], s[_KIND + k]
        binade = float_of(bits(s[_LARGEST + k]) & _EXPONENT)
        to_unit = binade * _TO_UNIT
        lowered = binade * (_TO_UNIT - (raise_by if kind == _EXACT else 0.0))
        head = (a + lowered) - to_unit
        span = (b + lowered) - to_unit
        tail = (a - head) + s[_A_LOW + k]
        span_tail = ((b - span) + s[_B_LOW + k]) - tail
        span -= head
        step = (span * (1 / div) + to_unit) - to_unit
        step_tail = ((span - step * div) + span_tail) * (1 / div)
        good = kind != _REFUSED
        error = binade * width if kind == _TESTED else 0.0
        place = a / step
        close = (kind == _EXACT) & ((a < 0) != (b < 0)) & (abs(place - np.rint(place)) < near)
        s[_HEAD + k] = head if good else 0.0
        s[_TAIL + k] = tail + error if good else 0.0
        s[_STEP + k] = step if good else 0.0
        s[_STEP_TAIL + k] = step_tail if good else 0.0
        s[_ERROR + k] = 2.0 * error
        s[_NEAR + k] = 1.0 if close else 0.0
        tested += np.int64(kind == _TESTED)
        refused += np.int64(kind == _REFUSED)
        crossing += np.int64(close)
    return tested, crossing, refused


@_compiled()
def _prepare_plain(
    s: Any,
    n: Any,
    a: Any,
    b: Any,
    first: Any,
    div: Any,
    narrow: Any,
    grid: Any,
    raise_by: Any,
) -> Any:
    """The same of lanes that are all exact; how many are not, and how many cross zero.

    Most lanes are: ends without low parts and of about the same size.  Of a tile with others the
    sums are not used.
    """
    others, crossing, share = np.int64(0), np.int64(0), 1 / div
    starts, stops = a[first : first + n], b[first : first + n]
    for k in range(n):
        x, y = starts[k], stops[k]
        largest = max(abs(x), abs(y))
        binade = float_of(bits(largest) & _EXPONENT)
        to_unit, to_grid = binade * _TO_UNIT, binade * grid
        lowered = binade * (_TO_UNIT - raise_by)
        good = (largest >= _TINY) & (abs(x) <= _HUGE) & (abs(y) <= _HUGE)
        good &= (bits(x) != _NEGATIVE_ZERO) & (bits(y) != _NEGATIVE_ZERO)
        if narrow:
            good &= ((x + to_grid) - to_grid == x) & ((y + to_grid) - to_grid == y)
        else:
            good &= _is_multiple(x, to_unit, to_grid) & _is_multiple(y, to_unit, to_grid)
        head, span = (x + lowered) - to_unit, (y + lowered) - to_unit
        tail, span_tail = x - head, y - span
        span -= head
        step = (span * share + to_unit) - to_unit
        s[_HEAD + k] = head
        s[_TAIL + k] = tail
        s[_STEP + k] = step
        s[_STEP_TAIL + k] = ((span - step * div) + (span_tail - tail)) * share
        others += np.int64(not good)
        crossing += np.int64((x < 0.0) != (y < 0.0))
    return others, crossing


@_compiled()
def _mark_near(s: Any, n: Any, a: Any, b: Any, first: Any, near: Any) -> Any:
    """Which of these lanes may come near zero without being zero, for `_next_to_zero`."""
    starts, stops, count = a[first : first + n], b[first : first + n], np.int64(0)
    for k in range(n):
        x, y = starts[k], stops[k]
        place = x / s[_STEP + k]
        close = ((x < 0.0) != (y < 0.0)) & (abs(place - np.rint(place)) < near)
        s[_A + k] = x
        s[_LARGEST + k] = max(abs(x), abs(y))
        s[_NEAR + k] = 1.0 if close else 0.0
        count += np.int64(close)
    return count


@_compiled()
def _fill_exact(out: Any, s: Any, first: Any, n: Any) -> None:
    rounded = out.dtype.type
    for i in range(out.shape[0]):
        row, number = out[i, first : first + n], float(i)
        for k in range(n):
            p = s[_HEAD + k] + number * s[_STEP + k]
            row[k] = rounded(p + (number * s[_STEP_TAIL + k] + s[_TAIL + k]))


@_compiled()
def _next_to_zero(
    s: Any, shape: Any, first: Any, n: Any, small: Any, places: Any, count: Any
) -> Any:
    """The element next to zero of lanes that cross it, if it is not zero but too small."""
    for k in range(n):
        if s[_NEAR + k] != 0.0:
            i = np.rint(-s[_A + k] / s[_STEP + k])
            x = (s[_HEAD + k] + i * s[_STEP + k]) + (s[_TAIL + k] + i * s[_STEP_TAIL + k])
            if 0.0 < abs(x) < s[_LARGEST + k] * small and i < shape[0]:
                if count < places.size:
                    places[count] = np.int64(i) * shape[1] + first + k
                count += 1
    return count


@_compiled()
def _bounds(s: Any, k: Any, number: Any) -> Any:
    """What an element lies between, before it is rounded."""
    p = s[_HEAD + k] + number * s[_STEP + k]
    c = number * s[_STEP_TAIL + k] + s[_TAIL + k]
    return p + c, p + (c - s[_ERROR + k])


@_compiled()
def _fill_tested(
    out: Any,
    s: Any,
    a: Any,
    b: Any,
    first: Any,
    n: Any,
    div: Any,
    known: Any,
    places: Any,
    count: Any,
) -> Any:
    """Tiles with a lane that is tested; ends that are ``known`` are written as they are."""
    rounded = out.dtype.type
    for i in range(out.shape[0]):
        row, number, differ = out[i, first : first + n], float(i), 0
        if known and (i == 0 or i == div):
            end = a[first : first + n] if i == 0 else b[first : first + n]
            for k in range(n):
                row[k] = rounded(end[k])
            continue
        for k in range(n):
            upper, lower = _bounds(s, k, number)
            row[k] = rounded(upper)
            # Zeros of two signs are equal, and may come of bounds that are not zero.
            differ += (rounded(upper) != rounded(lower)) | ((upper < 0.0) != (lower < 0.0))
        if differ:
            for k in range(n):
                upper, lower = _bounds(s, k, number)
                if row[k] != rounded(lower) or (upper < 0.0) != (lower < 0.0):
                    if count < places.size:
                        places[count] = i * out.shape[1] + first + k
                    count += 1
    return count


def _fill(
    out: Any,
    a: Any,
    a_low: Any,
    b: Any,
    b_low: Any,
    div: Any,
    narrow: Any,
    known: Any,
    grid: Any,
    raise_by: Any,
    width: Any,
    near: Any,
    small: Any,
    good: Any,
    places: Any,
) -> Any:
    """Everything; how many elements are doubtful, and how many lanes refused."""
    s = aligned(_SCRATCH)
    count, bad, steps = 0, 0, float(div)
    single = a_low.size == b_low.size == 0 and grid > 0.0
    plain = single
    for first in range(0, out.shape[1], _WIDTH):
        n = min(_WIDTH, out.shape[1] - first)
        if plain or (single and first % _AGAIN == 0):
            others, crossing = _prepare_plain(s, n, a, b, first, steps, narrow, grid, raise_by)
            plain = others == 0
            if plain:
                _fill_exact(out, s, first, n)
                if crossing and _mark_near(s, n, a, b, first, near):
                    count = _next_to_zero(s, out.shape, first, n, small, places, count)
                continue
        take(s[_A:], n, a, first, 0.0)
        take(s[_A_LOW:], n, a_low, first, 0.0)
        take(s[_B:], n, b, first, 0.0)
        take(s[_B_LOW:], n, b_low, first, 0.0)
        _classify(s, n, narrow, grid)
        tested, crossing, refused = _prepare(s, n, steps, raise_by, width, near)
        if tested:
            count = _fill_tested(out, s, a, b, first, n, div, known, places, count)
        else:
            _fill_exact(out, s, first, n)
        if crossing:
            count = _next_to_zero(s, out.shape, first, n, small, places, count)
        if refused:
            for k in range(n):
                good[first + k] = s[_KIND + k] != _REFUSED
            bad += refused
    return count, bad


@lru_cache
def compiled_sums(letters: str) -> Any:
    """The loops for elements of a type: those for float32 are compiled when they are needed."""
    ends = f"{READ}, {READ}, {READ}, {READ}"
    numbers = "i8, b1, b1, f8, f8, f8, f8, f8"
    signature = f"UniTuple(i8, 2)({letters}[:, ::1], {ends}, {numbers}, b1[::1], i8[::1])"
    return _compiled(signature)(_fill)


def parts(*ends: End) -> list[Array]:
    """High and low parts of ends; the empty array for a number."""
    return [
        np.ascontiguousarray(word) if isinstance(word, np.ndarray) else _NONE
        for end in ends
        for word in end
    ]


def fill_sums(out: Array, start: End, stop: End, div: int) -> Made:
    """Write the elements of lanes into contiguous ``out``, float64 or float32."""
    b, narrow = div.bit_length(), out.itemsize < 8
    if b > LONGEST:
        return Made(np.empty(0, np.intp), np.arange(out.shape[1]))
    raise_by = 1.5 * 2.0 ** (2 + b - 50)
    if narrow:
        # Where a low part is rounded away, an end may be on a midpoint of the format.
        known = not any(isinstance(end.low, np.ndarray) for end in (start, stop))
        grid, width, small = 1.5 * 2.0 ** (b - 1), 0.5, 2.0 ** (b - 29)
        if b > LONGEST_NARROW:
            grid = 0.0  # no lane is exact
    else:
        known, grid = True, 1.5 * 2.0 ** (2 + 2 * b - 50)
        width, small = 2.0 ** (b + 4 - 53), 2.0 ** (2 * b - 47)
    near = small * 2.0 ** (b + 1)
    rest = (*parts(start, stop), div, narrow, known, grid, raise_by, width * 2.0**-50, near, small)
    good = np.ones(out.shape[1], np.bool_)
    places = np.empty(1 + (out.size >> 10), np.int64)
    fill = compiled_sums("f4" if narrow else "f8")
    found, refused = fill(out, *rest, good, places)
    if found > places.size:
        places = np.empty(found, np.int64)
        fill(out, *rest, good, places)
    return Made(places[:found], np.flatnonzero(~good) if refused else np.empty(0, np.intp))
