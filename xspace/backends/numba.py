"""Compiled loops for NumPy memory, by numba: the optional extra ``fast``.

Every function here does what a kernel of the same kind does with NumPy, in one pass over the
elements instead of ten, with the same rounding test; the same elements, or a few others, go to
the exact fallback.  The bits are the same, and nothing else depends on this file: without it, or
where numba is missing or broken, the kernels use NumPy (`xspace.kernels.compiled`).

Powers come as pairs of words: 128-bit significands in ``[2**127, 2**128)`` and an exponent,
multiplied in integers.  The bounds are in docs/method/compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numba
import numpy as np
import numpy.typing as npt

from ..exact.fixed import QUICK_BITS, exp2_quick
from ..exact.rounding import FloatFormat
from ..kernels.blocks import settle
from ..kernels.geometric import DELTA, NARROW_DELTA
from ..kernels.narrow import to_bits
from ..kernels.tables import SumTable
from ..progression import LOG_BITS, Geometric

__all__ = ["LONGEST", "add", "add_tested", "column_count", "fill_powers", "fill_short_powers"]

Array = npt.NDArray[Any]
Function = TypeVar("Function", bound=Callable[..., Any])

if numba.config.DISABLE_JIT:
    raise ImportError("numba is told not to compile")


def _compiled(*signatures: str) -> Callable[[Function], Function]:
    """Compile at once, or load what was compiled before; no GIL and no checks in the loops."""
    options = {"cache": True, "nogil": True, "error_model": "numpy", "boundscheck": False}
    decorator: Callable[[Function], Function] = numba.njit(list(signatures) or None, **options)
    return decorator


#: Elements up to which each one is made of its own product.
LONGEST = 2048
#: Columns of a table: four arrays of them and a row of the result fit into a first-level cache.
_COLUMNS, _FEW_COLUMNS = 512, 128
#: Indices of open elements that one call can return.
_PLACES = 1 << 14

_HALF_WORD = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)
_ONE, _TWO, _TOP = np.uint64(1), np.uint64(2), np.uint64(63)
#: Bits of a head; what a word has beyond it.
_HEAD = 26
_BEYOND = np.uint64(64 - _HEAD)
_HEAD_SHIFT = np.uint64(_HEAD)
#: A significand of 128 bits that is off by less than this is rounded right by its leading bits,
#: unless it is this near to a midpoint: `49 * 2**-128` for each of up to `LONGEST` products.
_MARGIN = np.uint64(1 << 24)


@_compiled()
def _high_word(a: Any, b: Any) -> Any:
    """``floor(a * b / 2**64)`` of two words."""
    a1, a0 = a >> _HALF_WORD, a & _LOW_HALF
    b1, b0 = b >> _HALF_WORD, b & _LOW_HALF
    middle = a1 * b0 + (a0 * b0 >> _HALF_WORD)
    other = a0 * b1 + (middle & _LOW_HALF)
    return a1 * b1 + (middle >> _HALF_WORD) + (other >> _HALF_WORD)


@_compiled()
def _product(ah: Any, al: Any, a_expo: Any, bh: Any, bl: Any, b_expo: Any) -> Any:
    """The product of two powers; of its words of low weight, less than 3 units are left out."""
    low = ah * bh
    high = _high_word(ah, bh)
    cross = _high_word(ah, bl)
    low += cross
    high += np.uint64(low < cross)
    cross = _high_word(al, bh)
    low += cross
    high += np.uint64(low < cross)
    carry = high >> _TOP
    up = _ONE - carry
    high = high << up | low >> _TOP & up
    return high, low << up, a_expo + b_expo + np.int64(carry)


@_compiled()
def _words(power: Any) -> Any:
    """A power from the 63 leading bits of its significand, the 63 that follow, and its exponent."""
    high, low = np.uint64(power[0]), np.uint64(power[1])
    return high << _ONE | low >> np.uint64(62), low << _TWO, power[2]


@_compiled("UniTuple(i8, 3)(UniTuple(i8, 3), UniTuple(i8, 3), f8[:, ::1])")
def _power_table(first: Any, ratio: Any, table: Any) -> Any:
    """Heads, tails and entries of a progression as the rows of ``table``; then the next power."""
    ah, al, expo = _words(first)
    bh, bl, ratio_expo = _words(ratio)
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
        ah, al, expo = _product(ah, al, expo, bh, bl, ratio_expo)
    return np.int64(ah >> _ONE), np.int64((ah & _ONE) << np.uint64(62) | al >> _TWO), expo


@_compiled("UniTuple(i8, 2)(f8[::1], f8[:, ::1], f8[:, ::1], i8, i8[::1])")
def _multiply(out: Any, rows: Any, columns: Any, first: Any, places: Any) -> Any:
    """Elements from row ``first`` on; where the test fails, the indices go into ``places``.

    Stops when ``places`` may be full; returns the next row and the number of places.
    """
    m, count = columns.shape[1], 0
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
            y = p + (row_head * upper[j] + rest)
            part[j] = y
            differ += y != p + (row_head * lower[j] + rest)
        if differ:
            for j in range(part.size):
                p = row_head * head[j]
                rest = row_tail * full[j]
                # A compiler may fuse these operations otherwise than those above.
                y = p + (row_head * upper[j] + rest)
                part[j] = y
                if y != p + (row_head * lower[j] + rest):
                    places[count] = q * m + j
                    count += 1
    return rows.shape[1], count


@_compiled("UniTuple(i8, 2)(f4[::1], f8[:, ::1], f8[:, ::1], i8, i8[::1])")
def _multiply_narrow(out: Any, rows: Any, columns: Any, first: Any, places: Any) -> Any:
    """The same in float32, from one product of float64 numbers."""
    m, count = columns.shape[1], 0
    upper, lower = columns[0], columns[1]
    for q in range(first, rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        if count + part.size > places.size:
            return q, count
        full = rows[2, q]
        differ = 0
        for j in range(part.size):
            y = np.float32(full * upper[j])
            part[j] = y
            differ += y != np.float32(full * lower[j])
        if differ:
            for j in range(part.size):
                if part[j] != np.float32(full * lower[j]):
                    places[count] = q * m + j
                    count += 1
    return rows.shape[1], count


@_compiled(
    *(
        f"i8(UniTuple(i8, 3), UniTuple(i8, 3), {bits}[::1], i8, i8, i8[::1])"
        for bits in ("i8", "i4", "u2")
    )
)
def _round_powers(first: Any, ratio: Any, bits: Any, precision: Any, bias: Any, places: Any) -> Any:
    """Elements as the bits of a format, each rounded from 128; how many are open, into ``places``.

    A significand of ``precision`` bits, its leading one included, is added to one less than the
    exponent field: so a carry of the rounding goes where it belongs.
    """
    ah, al, expo = _words(first)
    bh, bl, ratio_expo = _words(ratio)
    drop = np.uint64(64 - precision)
    half = _ONE << (drop - _ONE)
    mask = (_ONE << drop) - _ONE
    count = 0
    for k in range(bits.size):
        rest = ah & mask
        field = (expo + bias - 1) << (precision - 1)
        bits[k] = field + np.int64((ah >> drop) + np.uint64(rest >= half))
        if (rest == half and al < _MARGIN) or (rest == half - _ONE and al > ~_MARGIN):
            places[count] = k
            count += 1
        ah, al, expo = _product(ah, al, expo, bh, bl, ratio_expo)
    return count


@_compiled("void(f8[::1], f8[::1], f8[::1], f8[::1], f8[::1])")
def _add(out: Any, row_head: Any, row_tail: Any, head: Any, tail: Any) -> None:
    """An outer sum that needs no test."""
    m = head.size
    for q in range(row_head.size):
        part = out[q * m : (q + 1) * m]
        a, b = row_head[q], row_tail[q]
        for j in range(part.size):
            part[j] = (a + head[j]) + (b + tail[j])


@_compiled("UniTuple(i8, 2)(f8[::1], f8[:, ::1], f8[:, ::1], i8, i8[::1])")
def _add_tested(out: Any, rows: Any, columns: Any, first: Any, places: Any) -> Any:
    """An outer sum with a rounding test; a zero, whose sign may be open, fails it."""
    m, count = columns.shape[1], 0
    head, upper, lower = columns[0], columns[1], columns[2]
    for q in range(first, rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        if count + part.size > places.size:
            return q, count
        row_head, row_tail = rows[0, q], rows[1, q]
        differ = 0
        for j in range(part.size):
            p = row_head + head[j]
            y = p + (row_tail + upper[j])
            part[j] = y
            differ += (y != p + (row_tail + lower[j])) | (y == 0.0)
        if differ:
            for j in range(part.size):
                y = part[j]
                if y == 0.0 or y != (row_head + head[j]) + (row_tail + lower[j]):
                    places[count] = q * m + j
                    count += 1
    return rows.shape[1], count


@_compiled("UniTuple(i8, 2)(f4[::1], f8[:, ::1], f8[:, ::1], i8, i8[::1])")
def _add_narrow(out: Any, rows: Any, columns: Any, first: Any, places: Any) -> Any:
    """The same in float32, from one sum of float64 numbers."""
    m, count = columns.shape[1], 0
    upper, lower = columns[0], columns[1]
    for q in range(first, rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        if count + part.size > places.size:
            return q, count
        full = rows[0, q]
        differ = 0
        for j in range(part.size):
            y = np.float32(full + upper[j])
            part[j] = y
            differ += (y != np.float32(full + lower[j])) | (y == 0.0)
        if differ:
            for j in range(part.size):
                y = part[j]
                if y == 0.0 or y != np.float32(full + lower[j]):
                    places[count] = q * m + j
                    count += 1
    return rows.shape[1], count


_SIGNIFICAND = 126
_LOW_BITS = (1 << 63) - 1
_MASK = (1 << QUICK_BITS) - 1
_DROP = LOG_BITS - QUICK_BITS


Power = tuple[int, int, int]


def _power(value: int, expo: int) -> Power:
    """``value * 2**(expo - QUICK_BITS)`` as 63 bits, 63 more, and the exponent of the first."""
    length = value.bit_length()
    value >>= length - _SIGNIFICAND
    return value >> 63, value & _LOW_BITS, expo + length - 1 - QUICK_BITS


def _start_and_ratio(line: Geometric) -> tuple[Power, Power]:
    """The first element and the ratio of two neighbours, as the compiled functions want them."""
    start, step = line.log2_line()
    start >>= _DROP
    step >>= _DROP
    expo = (start >> QUICK_BITS) + line.scale_exponent()
    first = _power(line.scaled_power(start & _MASK), expo)
    return first, _power(exp2_quick(step & _MASK), step >> QUICK_BITS)


_BIT_TYPES = {8: np.int64, 4: np.int32, 2: np.uint16}


def fill_short_powers(out: Array, line: Geometric, fmt: FloatFormat) -> None:
    """Write up to `LONGEST` normal numbers of a format."""
    places = np.empty(line.num, np.int64)
    bits = out.view(_BIT_TYPES[out.itemsize])
    count = _round_powers(*_start_and_ratio(line), bits, fmt.precision, fmt.emax, places)
    if count:
        settle(out, places[:count], lambda i: to_bits(line.rounded(i, fmt), fmt))


def column_count(num: int) -> int:
    """Columns for ``num`` elements."""
    return min(num, _COLUMNS if num >= 1 << 15 else _FEW_COLUMNS)


def fill_powers(out: Array, line: Geometric, fmt: FloatFormat) -> bool:
    """Write a plain grid of float64 or float32; False for another format."""
    if fmt.precision < 24:
        return False
    m = column_count(line.num)
    rows, table = np.empty((3, -(-line.num // m))), np.empty((3, m))
    start, ratio = _start_and_ratio(line)
    _power_table(start, _power_table(_UNITY, ratio, table), rows)
    head, tail, full = table
    if fmt.precision == 53:
        wide = full * DELTA
        columns = np.array([head, tail + wide, tail - wide, full])
        loop = _multiply
    else:
        columns = np.array([full * (1 + NARROW_DELTA), full * (1 - NARROW_DELTA)])
        loop = _multiply_narrow
    for places in _open(loop, out, rows, columns):
        settle(out, places, lambda i: line.rounded(i, fmt))
    return True


_UNITY = _power(1 << QUICK_BITS, 0)


def add(out: Array, rows: SumTable, cols: SumTable) -> None:
    """Write an outer sum that needs no rounding test."""
    _add(out, *rows, *cols)


def add_tested(out: Array, rows: SumTable, cols: SumTable, error: float) -> Iterator[Array]:
    """Write an outer sum of float64 or float32; yields indices that a rounding test leaves open.

    ``error`` is the half width of the test.
    """
    head, tail = cols
    if out.itemsize == 8:
        columns = np.array([head, tail + error, tail - error])
        return _open(_add_tested, out, np.array(rows), columns)
    full = head + tail
    columns = np.array([full + error, full - error])
    return _open(_add_narrow, out, (rows.head + rows.tail)[None], columns)


def _open(loop: Any, out: Array, rows: Array, columns: Array) -> Iterator[Array]:
    """Run a loop to the end of the grid; yields the indices that it leaves open."""
    places = np.empty(_PLACES, np.int64)
    first = 0
    while first < rows.shape[1]:
        first, count = loop(out, rows, columns, first, places)
        if count:
            yield places[:count]
