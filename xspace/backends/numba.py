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

from ..exact.fixed import QUICK_BITS, exp2_quick, ln2_fixed, normalise
from ..exact.rounding import FloatFormat
from ..kernels.blocks import settle
from ..kernels.geometric import DELTA, NARROW_DELTA
from ..kernels.narrow import to_bits
from ..kernels.tables import SumTable
from ..progression import LOG_BITS, Arithmetic, Geometric

__all__ = ["LONGEST", "add_tested", "fill_powers", "fill_short_powers", "fill_sums"]

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
#: Half width of the rounding test on significands of 128 bits, in units of the last one.  Each of
#: up to `LONGEST` products adds less than 96 to the error, and the logarithms less than 2**10.
_MARGIN = np.uint64(1 << 32)


def _constant_words(values: list[int]) -> npt.NDArray[np.uint64]:
    """Numbers of 128 bits as two words each, the upper one first."""
    return np.array([[v >> 64, v & ((1 << 64) - 1)] for v in values], np.uint64)


#: Powers of ``2**(1/1024)`` and of ``2**(1/2**20)``, as significands, and ``ln 2``.
_COARSE = _constant_words([exp2_quick(j << 118) >> 1 for j in range(1024)])
_FINE = _constant_words([exp2_quick(j << 108) >> 1 for j in range(1024)])
_LN2 = _constant_words([ln2_fixed(QUICK_BITS)])[0]
#: Upper words of 1/2, 1/6 and 1/24; the lower ones are zero, the same, and not needed.
_HALF, _SIXTH, _FOURTH_TERM = np.uint64(1 << 63), np.uint64(2**64 // 6), np.uint64(2**64 // 24)
_LOW_44 = np.uint64((1 << 44) - 1)


@_compiled()
def _high_word(a: Any, b: Any) -> Any:
    """``floor(a * b / 2**64)`` of two words."""
    a1, a0 = a >> _HALF_WORD, a & _LOW_HALF
    b1, b0 = b >> _HALF_WORD, b & _LOW_HALF
    middle = a1 * b0 + (a0 * b0 >> _HALF_WORD)
    other = a0 * b1 + (middle & _LOW_HALF)
    return a1 * b1 + (middle >> _HALF_WORD) + (other >> _HALF_WORD)


@_compiled()
def _high_words(ah: Any, al: Any, bh: Any, bl: Any) -> Any:
    """The upper two words of a product of two numbers of two words, less than 3 units too low."""
    low = ah * bh
    high = _high_word(ah, bh)
    cross = _high_word(ah, bl)
    low += cross
    high += np.uint64(low < cross)
    cross = _high_word(al, bh)
    low += cross
    return high + np.uint64(low < cross), low


@_compiled()
def _product(ah: Any, al: Any, a_expo: Any, bh: Any, bl: Any, b_expo: Any) -> Any:
    """The product of two powers, rounded down by less than 12 units of ``2**-128`` of itself."""
    high, low = _high_words(ah, al, bh, bl)
    carry = high >> _TOP
    up = _ONE - carry
    return high << up | low >> _TOP & up, low << up, a_expo + b_expo + np.int64(carry)


@_compiled()
def _sum(ah: Any, al: Any, bh: Any, bl: Any) -> Any:
    """The sum of two numbers of two words."""
    low = al + bl
    return ah + bh + np.uint64(low < al), low


@_compiled()
def _exp2(log: Any) -> Any:
    """The power of two of a logarithm, as `exp2_quick`, off by less than 80 units of ``2**-128``.

    The leading 20 bits of the fraction are looked up; with ``z < 2**-20.5`` for the others,
    ``exp(z) = 1 + z + z**2/2 + ... + z**5/120`` in fractions of two words.
    """
    high, low, expo = _words(log)
    zh, zl = _high_words(high & _LOW_44, low, _LN2[0], _LN2[1])
    ph, pl = _high_words(_FOURTH_TERM + zh // np.uint64(120), np.uint64(0), zh, zl)
    ph, pl = _sum(ph, pl, _SIXTH, _SIXTH)
    ph, pl = _high_words(ph, pl, zh, zl)
    ph, pl = _high_words(ph + _HALF, pl, zh, zl)
    ph, pl = _high_words(ph, pl, zh, zl)
    ph, pl = _sum(ph, pl, zh, zl)
    coarse, fine = _COARSE[high >> np.uint64(54)], _FINE[high >> np.uint64(44) & np.uint64(1023)]
    ah, al, _ = _product(coarse[0], coarse[1], 0, fine[0], fine[1], 0)
    return _product(ah, al, expo, _HALF | ph >> _ONE, ph << _TOP | pl >> _ONE, 0)


#: What Python hands in: a significand, or a fraction, as 63 bits and 63 more, and an exponent.
_POWER = "UniTuple(i8, 3)"


@_compiled()
def _words(power: Any) -> Any:
    """Two words and an exponent from 63 bits, 63 more and the exponent, as Python hands them in."""
    high, low = np.uint64(power[0]), np.uint64(power[1])
    return high << _ONE | low >> np.uint64(62), low << _TWO, power[2]


@_compiled()
def _start(scale: Any, log: Any) -> Any:
    """``scale * 2**log`` as a power."""
    ah, al, a_expo = _words(scale)
    bh, bl, b_expo = _exp2(log)
    return _product(ah, al, a_expo, bh, bl, b_expo)


@_compiled()
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
        ah, al, expo = _product(ah, al, expo, bh, bl, ratio_expo)
    return ah, al, expo


@_compiled(f"void({_POWER}, {_POWER}, {_POWER}, f8[:, ::1], f8[:, ::1])")
def _power_tables(scale: Any, start: Any, step: Any, rows: Any, columns: Any) -> None:
    """Both tables of a grid; ``start`` and ``step`` are logarithms."""
    one = _HALF, np.uint64(0), 0
    ratio = _power_table(one, _exp2(step), columns)
    _power_table(_start(scale, start), ratio, rows)


@_compiled(
    *(
        f"i8({_POWER}, {_POWER}, {_POWER}, {bits}[::1], i8, i8, i8[::1])"
        for bits in ("i8", "i4", "u2")
    )
)
def _round_powers(
    scale: Any, start: Any, step: Any, bits: Any, precision: Any, bias: Any, places: Any
) -> Any:
    """Elements as the bits of a format, each rounded from 128; how many are open.

    Which ones those are goes into ``places``, as far as that reaches.  A significand with its
    leading bit is added to one less than the exponent field: so a carry of the rounding goes where
    it belongs.
    """
    ah, al, expo = _start(scale, start)
    bh, bl, ratio_expo = _exp2(step)
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
        ah, al, expo = _product(ah, al, expo, bh, bl, ratio_expo)
    return count


@_compiled()
def _sum_table(start: Any, step: Any, unit: Any, head: Any, tail: Any) -> None:
    """Elements of a progression in ``unit``: the nearest integers, and what they leave over."""
    ah, al, whole = _words(start)
    bh, bl, b_whole = _words(step)
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


@_compiled(f"void(f8[::1], {_POWER}, {_POWER}, {_POWER}, f8, i8)")
def _add(out: Any, start: Any, row_step: Any, step: Any, unit: Any, m: Any) -> None:
    """An outer sum that needs no test, of tables made here."""
    rows, columns = np.empty((2, (out.size + m - 1) // m)), np.empty((2, m))
    _sum_table(start, row_step, unit, rows[0], rows[1])
    _sum_table((0, 0, 0), step, unit, columns[0], columns[1])
    head, tail = columns[0], columns[1]
    for q in range(rows.shape[1]):
        part = out[q * m : (q + 1) * m]
        a, b = rows[0, q], rows[1, q]
        for j in range(part.size):
            part[j] = (a + head[j]) + (b + tail[j])


_TESTED = [f"UniTuple(i8, 2)({f}[::1], f8[:, ::1], f8[:, ::1], i8, i8[::1])" for f in ("f8", "f4")]


@_compiled(*_TESTED)
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


@_compiled(*_TESTED)
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
    columns = np.array([head, tail + width, tail - width, full])
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
    columns = np.array([head, tail + error, tail - error])
    return _open(_add_tested, out, np.array(rows), columns)


def _open(loop: Any, out: Array, rows: Array, columns: Array) -> Iterator[Array]:
    """Run a loop to the end of the grid; yields the indices that it leaves open."""
    places = np.empty(_PLACES, np.int64)
    first = 0
    while first < rows.shape[1]:
        first, count = loop(out, rows, columns, first, places)
        if count:
            yield places[:count]
