"""Compiled loops for ``logspace`` and ``geomspace`` between array ends: the extra ``fast``.

The arithmetic is that of `lanes.blocks`, with a smaller table of powers, in tiles of lanes
that stay in a first-level cache.  Their logarithms, tables and flags are never arrays as long as
the lanes.  The same elements, or a few others, are left to the caller; the bits are the same.

All scratch is one array with offsets that the compiler knows, so that it need not ask whether
two of its parts overlap, and every inner loop runs in vectors.  The bounds are in
docs/method/compiled.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.fixed import ln2_fixed
from ..exact.progression import Geometric
from .lanes.blocks import Remaining
from .lanes.exponents import DELTA, DIRECT, NARROW_DELTA, lane_columns, log2_scalar
from .lanes.tables import INDEX_BITS, host_tables, log2_words, words_of
from .numba_lane_sums import READ, bits, compiled_sums, fill_sums, float_of, parts, take, two_sum
from .numba_words import aligned
from .numba_words import compiled as _compiled
from .tables import power_pairs
from .words import SPLITTER, DoubleWord

__all__ = ["fill_lanes", "fill_powers", "fill_sums", "loops"]

Array = npt.NDArray[Any]

#: Lanes of a tile, and columns of a table: the three numbers of each stay in a second-level cache.
_WIDTH, _COLUMNS = 512, 16
#: Places of a tile in the scratch array.
_A, _A_LOW, _B, _B_LOW, _LOG, _LOG_LOW, _HEAD, _TAIL, _STEP, _STEP_TAIL, _GOOD, _TABLE = (
    k * _WIDTH for k in range(12)
)
_ROW, _ROW_TAIL, _LOWER = _A, _A_LOW, _B  # where the ends are no longer needed
_TABLE_TAIL, _TABLE_FULL = (_TABLE + k * _WIDTH * _COLUMNS for k in (1, 2))
_SCRATCH = _TABLE + 3 * _WIDTH * _COLUMNS

#: Steps of the table of powers, as a power of two, and of the heads of logarithms.
_INDEX_BITS, _HEAD_BITS = 12, 40
_TO_INDEX, _TO_HEAD = (1.5 * 2.0 ** (52 - bits) for bits in (_INDEX_BITS, _HEAD_BITS))
_TO_UPPER = 1.5 * 2.0 ** (52 - 39)
_INDEX = np.uint64((1 << _INDEX_BITS) - 1)
#: ``ln 2``: 26 bits, and the rest; and coefficients of ``2**x - 1``.
_LN2 = math.log(2)
_LN2_HEAD = (ln2_fixed(128) >> 102) * 2.0**-26
_LN2_TAIL = (ln2_fixed(128) & ((1 << 102) - 1)) * 2.0**-128
_C2, _C3, _C4, _C5 = (_LN2**k / math.factorial(k) for k in (2, 3, 4, 5))

_FULL, _REST = power_pairs(Geometric((1, 1), (2, 1), 0, 1, 1 << _INDEX_BITS, 1 << _INDEX_BITS))
_T1 = (_FULL.copy().view(np.int64) & np.int64(-1 << 27)).view(np.float64)
_T2 = (_FULL - _T1) + _REST

#: The range of logarithms, of ends of logspace, and of those of geomspace; as in `lanes.exponents`.
_LOWEST, _HIGHEST, _LARGEST, _LARGEST_ROUNDED = -960.0, 1020.0, 2.0**60, 2.0**16
_TINY, _HUGE, _LONGEST = 2.0**-900, 2.0**1000, 1 << 17
_SQRT_HALF_BITS = int(np.float64(math.sqrt(0.5)).view(np.int64))
_CELLS, _FIRST_CELL = 1024.0, np.uint64(724)
_RECIPROCAL, _LOG_HEAD, _LOG_TAIL = host_tables()[3:]
_TO_24, _TO_INTEGER = 1.5 * 2.0**28, 1.5 * 2.0**52
_INTEGER = np.uint64((1 << 32) - 1)
_LOG2_E, _LOG2_E_LOW = words_of(Fraction(1 << 200, ln2_fixed(200)))
_THIRD, _LOW_52 = 1 / 3, (1 << 52) - 1


@_compiled()
def _split(a: Any) -> Any:
    t = a * SPLITTER
    high = t - (t - a)
    return high, a - high


@_compiled()
def _multiply(a: Any, a_low: Any, b: Any, b_low: Any) -> Any:
    """A product in double words, as `words.multiply`."""
    p = a * b
    a1, a2 = _split(a)
    b1, b2 = _split(b)
    e = (((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2) + (a * b_low + a_low * b)
    s = p + e
    return s, e - (s - p)


@_compiled()
def _add(a: Any, a_low: Any, b: Any, b_low: Any) -> Any:
    """A sum in double words, as `words.add`."""
    p, e = two_sum(a, b)
    e += a_low + b_low
    s = p + e
    return s, e - (s - p)


@_compiled()
def _take_logs(s: Any, n: Any) -> None:
    """Binary logarithms of a row, in place, off by less than ``2**-81``, as `log2_words`.

    Those of numbers out of range are not numbers.
    """
    for k in range(n):
        x, low = s[k], s[k + _WIDTH]
        good = (x >= _TINY) & (x <= _HUGE)
        place = bits(x if good else 1.0) - _SQRT_HALF_BITS
        exponent = place >> 52
        high = float_of((place & _LOW_52) + _SQRT_HALF_BITS)
        low *= float_of((1023 - exponent) << 52)
        cell = (np.uint64(bits(high * _CELLS + _TO_INTEGER)) & _INTEGER) - _FIRST_CELL
        c = _RECIPROCAL[cell]
        upper = (high + _TO_24) - _TO_24
        z, z_low = two_sum(upper * c - 1.0, (high - upper) * c)
        z, z_low = two_sum(z, z_low + low * c)
        square = z * z
        z1, z2 = _split(z)
        square_low = ((z1 * z1 - square) + 2.0 * (z1 * z2)) + z2 * z2
        series = _THIRD - z * (1 / 4 - z * (1 / 5 - z * (1 / 6 - z * (1 / 7))))
        p, e = two_sum(z, -0.5 * square)
        e += (z_low - (0.5 * square_low + z * z_low)) + z * square * series
        log, log_low = _multiply(p, e, _LOG2_E, _LOG2_E_LOW)
        whole, rest = _add(np.float64(exponent), 0.0, _LOG_HEAD[cell], _LOG_TAIL[cell])
        log, log_low = _add(whole, rest, log, log_low)
        s[k] = log if good else np.nan
        s[k + _WIDTH] = log_low


@_compiled()
def _line(
    s: Any, k: Any, x: Any, x_low: Any, span: Any, span_low: Any, good: Any, div: Any
) -> None:
    """The logarithms of a lane, in heads and tails, from the first one and the span."""
    head = (x + _TO_HEAD) - _TO_HEAD
    span_head = (span + _TO_HEAD) - _TO_HEAD
    last = head + span_head
    good = good & (head > _LOWEST) & (head < _HIGHEST) & (last > _LOWEST) & (last < _HIGHEST)
    step = (span_head / div + _TO_HEAD) - _TO_HEAD
    tail = ((span_head - step * div) + ((span - span_head) + span_low)) / div
    s[_HEAD + k] = head if good else 0.0
    s[_TAIL + k] = (x - head) + x_low if good else 0.0
    s[_STEP + k] = step if good else 0.0
    s[_STEP_TAIL + k] = tail if good else 0.0
    s[_GOOD + k] = 1.0 if good else 0.0


@_compiled()
def _logspace(s: Any, n: Any, div: Any, limit: Any) -> None:
    for k in range(n):
        a, a_low, b, b_low = s[_A + k], s[_A_LOW + k], s[_B + k], s[_B_LOW + k]
        log, log_low = s[_LOG + k], s[_LOG_LOW + k]
        good = (abs(a) < limit) & (abs(b) < limit)
        span, span_low = two_sum(b, -a)
        span, span_low = _multiply(span, span_low + (b_low - a_low), log, log_low)
        a, a_low = _multiply(a, a_low, log, log_low)
        _line(s, k, a, a_low, span, span_low, good, div)


@_compiled()
def _geomspace(s: Any, n: Any, div: Any) -> None:
    for k in range(n):
        a, b = s[_A + k], s[_B + k]
        span, span_low = two_sum(b, -a)
        _line(s, k, a, s[_A_LOW + k], span, span_low + (s[_B_LOW + k] - s[_A_LOW + k]), True, div)


@_compiled()
def _power(head: Any, tail: Any) -> Any:
    """The power of two of ``head + tail`` as ``(t + p + low) * scale``, ``t + p`` of 53 bits."""
    more = (tail + _TO_HEAD) - _TO_HEAD
    head += more
    tail -= more
    nearest = head + _TO_INDEX
    place = bits(nearest)
    r = head - (nearest - _TO_INDEX)
    x = r + tail
    rest = (x * x) * (_C2 + x * (_C3 + x * (_C4 + x * _C5))) + (r * _LN2_TAIL + tail * _LN2)
    r *= _LN2_HEAD
    upper = ((r + rest) + _TO_UPPER) - _TO_UPPER
    lower = (r - upper) + rest
    t1, t2 = _T1[np.uint64(place) & _INDEX], _T2[np.uint64(place) & _INDEX]
    scale = float_of(((place >> _INDEX_BITS) + 1023) << 52)
    return t1, t1 * upper, t2 + (t2 * upper + (t1 + t2) * lower), scale


@_compiled()
def _entry(head: Any, tail: Any) -> Any:
    """A power of two as an entry of a table: 26 bits, the rest, and all of it rounded."""
    t, p, low, scale = _power(head, tail)
    full = (t + p) + low
    more = full * SPLITTER
    head = more - (more - full)
    return head * scale, (((t - head) + p) + low) * scale, full * scale


@_compiled()
def _single(s: Any, k: Any, i: Any, delta: Any) -> Any:
    """Sample ``i`` of a lane, moved up and down by half the width of the test."""
    t, p, low, scale = _power(s[_HEAD + k] + i * s[_STEP + k], s[_TAIL + k] + i * s[_STEP_TAIL + k])
    full = t + p
    low += p - (full - t)
    error = full * delta
    return (full + (low + error)) * scale, (full + (low - error)) * scale


@_compiled()
def _product(s: Any, k: Any, j: Any, delta: Any) -> Any:
    """The product of the row's entry with that of column ``j``, moved up and down."""
    j = j * _WIDTH + k
    row = s[_ROW + k]
    p = row * s[_TABLE + j]
    c = row * s[_TABLE_TAIL + j] + s[_ROW_TAIL + k] * s[_TABLE_FULL + j]
    error = p * delta
    return p + (c + error), p + (c - error)


@_compiled()
def _note(s: Any, row: Any, place: Any, places: Any, count: Any) -> Any:
    """Where the test has failed in a row; how many of those there are by now."""
    for k in range(row.size):
        if row[k] != s[_LOWER + k]:
            if count < places.size:
                places[count] = place + k
            count += 1
    return count


@_compiled()
def _fill_singles(out: Any, s: Any, first: Any, n: Any, delta: Any, places: Any, count: Any) -> Any:
    rounded = out.dtype.type
    for i in range(out.shape[0]):
        row = out[i, first : first + n]
        number, differ = float(i), 0
        for k in range(n):
            upper, lower = _single(s, k, number, delta)
            y, z = rounded(upper), rounded(lower)
            row[k] = y
            s[_LOWER + k] = z
            differ += y != z
        if differ:
            count = _note(s, row, i * out.shape[1] + first, places, count)
    return count


@_compiled()
def _fill_row(s: Any, n: Any, i: Any) -> None:
    for k in range(n):
        head, tail, _ = _entry(
            s[_HEAD + k] + i * s[_STEP + k], s[_TAIL + k] + i * s[_STEP_TAIL + k]
        )
        s[_ROW + k] = head
        s[_ROW_TAIL + k] = tail


@_compiled()
def _fill_column(s: Any, at: Any, n: Any, i: Any) -> None:
    for k in range(n):
        head, tail, full = _entry(i * s[_STEP + k], i * s[_STEP_TAIL + k])
        s[_TABLE + at + k] = head
        s[_TABLE_TAIL + at + k] = tail
        s[_TABLE_FULL + at + k] = full


@_compiled()
def _fill_products(
    out: Any, s: Any, first: Any, n: Any, m: Any, delta: Any, places: Any, count: Any
) -> Any:
    rounded = out.dtype.type
    num = out.shape[0]
    for j in range(m):
        _fill_column(s, j * _WIDTH, n, float(j))
    for top in range(0, num, m):
        _fill_row(s, n, float(top))
        for j in range(min(m, num - top)):
            row = out[top + j, first : first + n]
            differ = 0
            for k in range(n):
                upper, lower = _product(s, k, j, delta)
                y, z = rounded(upper), rounded(lower)
                row[k] = y
                s[_LOWER + k] = z
                differ += y != z
            if differ:
                count = _note(s, row, (top + j) * out.shape[1] + first, places, count)
    return count


def _fill(
    out: Any,
    a: Any,
    a_low: Any,
    b: Any,
    b_low: Any,
    log: Any,
    log_low: Any,
    one_log: Any,
    one_low: Any,
    limit: Any,
    div: Any,
    m: Any,
    delta: Any,
    good: Any,
    places: Any,
) -> Any:
    """Everything; how many elements are doubtful.

    ``m`` columns, or 0 for single powers; ``limit`` is that of the ends, or 0 for geomspace.
    """
    s = aligned(_SCRATCH)
    count, steps = 0, float(div)
    for first in range(0, out.shape[1], _WIDTH):
        n = min(_WIDTH, out.shape[1] - first)
        take(s[_A:], n, a, first, 0.0)
        take(s[_A_LOW:], n, a_low, first, 0.0)
        take(s[_B:], n, b, first, 0.0)
        take(s[_B_LOW:], n, b_low, first, 0.0)
        if limit > 0:
            take(s[_LOG:], n, log, first, one_log)
            take(s[_LOG_LOW:], n, log_low, first, one_low)
            _logspace(s, n, steps, limit)
        else:
            _take_logs(s[_A:], n)
            _take_logs(s[_B:], n)
            _geomspace(s, n, steps)
        for k in range(n):
            good[first + k] = s[_GOOD + k] != 0.0
        if m:
            count = _fill_products(out, s, first, n, m, delta, places, count)
        else:
            count = _fill_singles(out, s, first, n, delta, places, count)
    return count


@lru_cache
def _compiled_fill(letters: str) -> Any:
    """The loops for elements of a type: those for float32 are compiled when they are needed."""
    ends = ", ".join([READ] * 6)
    numbers = "f8, f8, f8, i8, i8, f8"
    return _compiled(f"i8({letters}[:, ::1], {ends}, {numbers}, b1[::1], i8[::1])")(_fill)


def loops(kind: str, fmt: str) -> Callable[..., Remaining]:
    """`fill_lanes`, once what it needs for a function and a format is compiled, or loaded."""
    letters = {"float64": "f8", "float32": "f4"}[fmt]
    prepare = compiled_sums if kind == "linspace" else _compiled_fill
    prepare(letters)
    return fill_lanes


def fill_lanes(
    out: Array, kind: str, start: DoubleWord, stop: DoubleWord, base: DoubleWord, div: int
) -> Remaining:
    """What `lanes.fill` does, for contiguous ``out`` of float64 or float32."""
    if kind != "linspace":
        return fill_powers(out, kind, start, stop, base, div)
    return fill_sums(out, start, stop, div)


def fill_powers(
    out: Array, kind: str, start: DoubleWord, stop: DoubleWord, base: DoubleWord, div: int
) -> Remaining:
    """Write the elements of lanes into contiguous ``out``, float64 or float32."""
    num, count = out.shape
    if div >= _LONGEST:
        return Remaining(np.empty(0, np.intp), np.arange(count))
    log, limit = _log_of(base) if kind == "logspace" else (DoubleWord(0.0), 0.0)
    m = min(lane_columns(num), _COLUMNS) if num >= DIRECT else 0
    delta = DELTA if out.itemsize == 8 else NARROW_DELTA
    good = np.empty(count, np.bool_)
    one = (0.0 if isinstance(word, np.ndarray) else word for word in log)
    rest = (*parts(start, stop, log), *one, limit, div, m, delta, good)
    places = np.empty(1 + (out.size >> 10), np.int64)
    fill = _compiled_fill("f8" if out.itemsize == 8 else "f4")
    found = fill(out, *rest, places)
    if found > places.size:
        places = np.empty(found, np.int64)
        fill(out, *rest, places)
    return Remaining(places[:found], np.flatnonzero(~good))


def _log_of(base: DoubleWord) -> tuple[DoubleWord, float]:
    """The binary logarithm of a base, or of arrays of them, and the limit of exponents."""
    if isinstance(base.high, np.ndarray):
        fits = (base.high >= _TINY) & (base.high <= _HUGE)
        safe = DoubleWord(np.where(fits, base.high, 1.0), base.low)
        logs = log2_words(np, host_tables(), safe, relative=True)
        rounded = isinstance(base.low, np.ndarray)
        limit = _LARGEST_ROUNDED if rounded else _LARGEST
        return DoubleWord(np.where(fits, logs.high, np.nan), logs.low), limit
    if not _TINY <= base.high <= _HUGE:  # no lane is made then
        return DoubleWord(np.nan, 0.0), _LARGEST
    log = log2_scalar(base.high, base.low)
    unit = 2.0**-INDEX_BITS
    return DoubleWord(log.high * unit, log.low * unit), _LARGEST_ROUNDED if base.low else _LARGEST
