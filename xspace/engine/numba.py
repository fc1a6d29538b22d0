"""Compiled loops for NumPy memory, by numba: the optional extra ``fast``.

Every function here does what a kernel of the same kind does with NumPy, in one pass over the
elements instead of ten, with the same rounding test; the same elements, or a few others, go to
the exact fallback.  The bits are the same, and nothing else depends on this file: without it, or
where numba is missing or broken, the kernels use NumPy (`xspace.engine.compiled`).

Powers come as pairs of words: 128-bit significands in ``[2**127, 2**128)`` and an exponent,
multiplied in integers.  The bounds are in docs/method/compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.fixed import normalise
from ..exact.progression import LOG_BITS, Arithmetic, Geometric
from ..exact.rounding import FloatFormat
from .blocks import settle
from .narrow import to_bits
from .numba_words import POWER, aligned, compiled, exp2, product, words_of
from .tables import DELTA, NARROW_DELTA, SumTable

__all__ = ["LONGEST", "add_tested", "fill_powers", "fill_short_powers", "fill_sums"]

Array = npt.NDArray[Any]

#: Elements up to which each one is made of its own product.
LONGEST = 2048
#: Columns of a table: four arrays of them and a row of the result fit into a first-level cache.
_COLUMNS, _FEW_COLUMNS = 512, 128
#: Indices of open elements that one call can return.
_PLACES = 1 << 14

_ONE, _TOP = np.uint64(1), np.uint64(63)
#: Bits of a head; what a word has beyond it.
_HEAD = 26
_BEYOND = np.uint64(64 - _HEAD)
_HEAD_SHIFT = np.uint64(_HEAD)
#: Half width of the rounding test on significands of 128 bits, in units of the last one.  Each of
#: up to `LONGEST` products adds less than 96 to the error, and the logarithms less than 2**10.
_MARGIN = np.uint64(1 << 32)


@compiled()
def _start(scale: Any, log: Any) -> Any:
    """``scale * 2**log`` as a power."""
    ah, al, a_expo = words_of(scale)
    bh, bl, b_expo = exp2(log)
    return product(ah, al, a_expo, bh, bl, b_expo)


@compiled()
def _power_table(first: Any, ratio: Any, table: Any) -> Any:
    """Heads, tails and entries of a progression as the rows of ``table``; then the next power."""
    ah, al, expo = first
    bh, bl, ratio_expo = ratio
    heads = table[0].view(np.int64)
    scale_bits = np.empty(1, np.int64)
    scale = scale_bits.view(np.float64)
    for k in range(table.shape[1]):
        # The leading bit of a significand counts one up in the exponent field.
        heads[k] = ((expo + 1022) << 52) + (np.int64(ah >> _BEYOND) << (53 - _HEAD))
        scale_bits[0] = (expo + 1023) << 52
        rest = ah << _HEAD_SHIFT | al >> _BEYOND
        table[1, k] = rest * (scale[0] * 2.0 ** (1 - _HEAD - 64))
        table[2, k] = ah * (scale[0] * 2.0**-63)
        ah, al, expo = product(ah, al, expo, bh, bl, ratio_expo)
    return ah, al, expo


@compiled(f"void({POWER}, {POWER}, {POWER}, f8[:, ::1], f8[:, ::1])")
def _power_tables(scale: Any, start: Any, step: Any, rows: Any, columns: Any) -> None:
    """Both tables of a grid; ``start`` and ``step`` are logarithms."""
    one = np.uint64(1 << 63), np.uint64(0), 0
    ratio = _power_table(one, exp2(step), columns)
    _power_table(_start(scale, start), ratio, rows)


@compiled()
def round_elements(
    first: Any, ratio: Any, bits: Any, precision: Any, bias: Any, places: Any
) -> Any:
    """Elements as the bits of a format, each rounded from 128; how many are open.

    Which ones are open goes into ``places``, as far as that reaches.  A significand with its
    leading bit is added to one less than the exponent field: so a carry of the rounding goes where
    it belongs.
    """
    ah, al, expo = first
    bh, bl, ratio_expo = ratio
    drop = np.uint64(64 - precision)
    half = _ONE << (drop - _ONE)
    mask = (_ONE << drop) - _ONE
    count = 0
    for k in range(bits.size):
        rest = ah & mask
        field = (expo + bias - 1) << (precision - 1)
        bits[k] = field + np.int64((ah >> drop) + np.uint64(rest >= half))
        if (rest == half and al < _MARGIN) or (rest == half - _ONE and al > ~_MARGIN):
            if count < places.size:
                places[count] = k
            count += 1
        ah, al, expo = product(ah, al, expo, bh, bl, ratio_expo)
    return count


@compiled(
    *(f"i8({POWER}, {POWER}, {POWER}, {bits}[::1], i8, i8, i8[::1])" for bits in ("i8", "i4", "u2"))
)
def _round_powers(
    scale: Any, start: Any, step: Any, bits: Any, precision: Any, bias: Any, places: Any
) -> Any:
    """The same from a scale and the logarithms of the first element and of the ratio."""
    return round_elements(_start(scale, start), exp2(step), bits, precision, bias, places)


@compiled()
def _sum_table(start: Any, step: Any, unit: Any, head: Any, tail: Any) -> None:
    """Elements of a progression in ``unit``: the nearest integers, and what they leave over."""
    ah, al, whole = words_of(start)
    bh, bl, b_whole = words_of(step)
    for k in range(head.size):
        # The fraction as a signed number is negative from one half on: the integer above then.
        head[k] = (whole + np.int64(ah >> _TOP)) * unit
        tail[k] = np.int64(ah) * (unit * 2.0**-64)
        low = al + bl
        carry = np.uint64(low < al)
        high = ah + bh
        whole += b_whole + np.int64(high < ah)
        ah, al = high + carry, low
        whole += np.int64(ah < high)


@compiled(f"void(f8[::1], {POWER}, {POWER}, {POWER}, f8, i8)")
def _add(out: Any, start: Any, row_step: Any, step: Any, unit: Any, m: Any) -> None:
    """An outer sum that needs no test, of tables made here."""
    rows, columns = np.empty((2, (out.size + m - 1) // m)), aligned(2 * m).reshape(2, m)
    _sum_table(start, row_step, unit, rows[0], rows[1])
    _sum_table((0, 0, 0), step, unit, columns[0], columns[1])
    head, tail = columns[0], columns[1]
    for q in range(rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        a, b = rows[0, q], rows[1, q]
        for j in range(part.size):
            part[j] = (a + head[j]) + (b + tail[j])


_TESTED = [f"UniTuple(i8, 2)({f}[::1], f8[:, ::1], f8[:, ::1], i8, i8[::1])" for f in ("f8", "f4")]


@compiled(*_TESTED)
def _multiply(out: Any, rows: Any, columns: Any, first: Any, places: Any) -> Any:
    """Elements from row ``first`` on; where the test fails, the indices go into ``places``.

    Stops when ``places`` may be full; returns the next row and the number of places.
    """
    m, count, rounded = columns.shape[1], 0, out.dtype.type
    head, upper, lower, full = columns[0], columns[1], columns[2], columns[3]
    for q in range(first, rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        if count + part.size > places.size:
            return q, count
        row_head, row_tail = rows[0, q], rows[1, q]
        differ = 0
        for j in range(part.size):
            p = row_head * head[j]
            rest = row_tail * full[j]
            y = rounded(p + (row_head * upper[j] + rest))
            part[j] = y
            differ += y != rounded(p + (row_head * lower[j] + rest))
        if differ:
            for j in range(part.size):
                p = row_head * head[j]
                rest = row_tail * full[j]
                # Written again: a compiler may fuse these operations otherwise than those above.
                y = rounded(p + (row_head * upper[j] + rest))
                part[j] = y
                if y != rounded(p + (row_head * lower[j] + rest)):
                    places[count] = q * m + j
                    count += 1
    return rows.shape[1], count


@compiled(*_TESTED)
def _add_tested(out: Any, rows: Any, columns: Any, first: Any, places: Any) -> Any:
    """The same for an outer sum; a zero, whose sign may be open, fails the test, too."""
    m, count, rounded = columns.shape[1], 0, out.dtype.type
    head, upper, lower = columns[0], columns[1], columns[2]
    for q in range(first, rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        if count + part.size > places.size:
            return q, count
        row_head, row_tail = rows[0, q], rows[1, q]
        differ = 0
        for j in range(part.size):
            p = row_head + head[j]
            y = rounded(p + (row_tail + upper[j]))
            part[j] = y
            differ += (y != rounded(p + (row_tail + lower[j]))) | (y == 0.0)
        if differ:
            for j in range(part.size):
                y = part[j]
                lowest = rounded((row_head + head[j]) + (row_tail + lower[j]))
                if y != lowest or y == 0.0:
                    places[count] = q * m + j
                    count += 1
    return rows.shape[1], count


Power = tuple[int, int, int]

_BITS = 126
_LOW_BITS = (1 << 63) - 1
_FRACTION = (1 << _BITS) - 1
_UNITY = (1 << 62, 0, 0)


def _parameters(line: Geometric) -> tuple[Power, Power, Power]:
    """The scale, and the logarithms of the first element and of the ratio."""
    start, step = line.log2_line()
    drop = LOG_BITS - _BITS
    return _scale(line), _fraction(start >> drop), _fraction(step >> drop)


def _fraction(x: int) -> Power:
    """A number with 126 fractional bits."""
    return (x & _FRACTION) >> 63, x & _LOW_BITS, x >> _BITS


def _scale(line: Geometric) -> Power:
    if line.scale == (1, 1):
        return _UNITY
    value, expo = normalise(*line.scale, _BITS - 1)
    return value >> 63, value & _LOW_BITS, expo


_NO_PLACES = np.empty(0, np.int64)
_BIT_TYPES = {8: np.int64, 4: np.int32, 2: np.uint16}


def fill_short_powers(out: Array, line: Geometric, fmt: FloatFormat) -> None:
    """Write up to `LONGEST` normal numbers of a format."""
    bits = out.view(_BIT_TYPES[out.itemsize])
    scale, start, step = _parameters(line)
    if _round_powers(scale, start, step, bits, fmt.precision, fmt.emax, _NO_PLACES):
        places = np.empty(line.num, np.int64)
        count = _round_powers(scale, start, step, bits, fmt.precision, fmt.emax, places)
        settle(out, places[:count], lambda i: to_bits(line.rounded(i, fmt), fmt))


def _column_count(num: int) -> int:
    return min(num, _COLUMNS if num >= 1 << 15 else _FEW_COLUMNS)


def fill_powers(out: Array, line: Geometric, fmt: FloatFormat) -> bool:
    """Write a plain grid of float64 or float32; False for another format."""
    if fmt.precision < 24:
        return False
    m = _column_count(line.num)
    rows, table = np.empty((3, -(-line.num // m))), np.empty((3, m))
    _power_tables(*_parameters(line), rows, table)
    head, tail, full = table
    width = full * (DELTA if fmt.precision == 53 else NARROW_DELTA)
    columns = _tested(4, head, tail, width)
    columns[3] = full
    for places in _open(_multiply, out, rows, columns):
        settle(out, places, lambda i: line.rounded(i, fmt))
    return True


def fill_sums(out: Array, line: Arithmetic, unit: int) -> None:
    """Write a plain grid of float64 whose heads are multiples of ``2**unit``, without a test."""
    m = _column_count(line.num)
    shift = _BITS - unit
    up, den = (shift, line.den) if shift >= 0 else (0, line.den << -shift)
    start, row_step, step = (_fraction((n << up) // den) for n in (line.a, m * line.b, line.b))
    _add(out, start, row_step, step, 2.0**unit, m)


def add_tested(out: Array, rows: SumTable, cols: SumTable, error: float) -> Iterator[Array]:
    """Write an outer sum of float64 or float32; yields indices that a rounding test leaves open.

    ``error`` is the half width of the test.
    """
    head, tail = cols
    return _open(_add_tested, out, np.array(rows), _tested(3, head, tail, error))


def _tested(count: int, head: Array, tail: Array, error: Array | float) -> Array:
    """A table of so many rows: heads, and tails moved up and down by the width of the test."""
    table: Array = aligned(count * head.size).reshape(count, head.size)
    table[0] = head
    np.add(tail, error, out=table[1])
    np.subtract(tail, error, out=table[2])
    return table


def _open(loop: Any, out: Array, rows: Array, columns: Array) -> Iterator[Array]:
    """Run a loop to the end of the grid; yields the indices that it leaves open."""
    places = np.empty(_PLACES, np.int64)
    first = 0
    while first < rows.shape[1]:
        first, count = loop(out, rows, columns, first, places)
        if count:
            yield places[:count]
