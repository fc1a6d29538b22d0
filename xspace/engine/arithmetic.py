"""Arithmetic progressions into NumPy memory: an outer sum, a rounding test, an exact rest.

``y = p + c`` with ``p = S1 + s1`` exact, as heads are multiples of one unit, and ``c = S2 + s2``.
Ziv's test as for geometric progressions, but with an absolute bound: ``c`` is off by less than
``2**-42`` units (docs/method).  Where the tables are exact there is nothing to test.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from math import gcd, isqrt
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ..exact.progression import Arithmetic
from ..exact.rounding import FloatFormat, Format, IntFormat
from ..ground.thresholds import BLOCK, COLUMNS, EXACT_BITS, EXACT_ELEMENTS, EXACT_SHARE_BITS
from .blocks import blocks, column_limit, settle
from .narrow import round_to_format, to_bits
from .tables import SHORT_SUMS, SumTable, column_count, short_sums, sum_tables

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["HEAD_BITS", "REACH", "SumGrid", "fill_arithmetic", "indices_between", "sum_grid"]

Array: TypeAlias = "npt.NDArray[np.float64]"

#: Bits of a head: one less than a float has, as differences of elements are twice as large.
HEAD_BITS = 51

#: Bound of the error of ``c`` before the last addition, in units of the heads: 2**-42.
_ERROR_BITS = 42
#: The same for a sum of two float64 entries, relative to the bound of the grid.
_NARROW_ERROR = 2.0**-50

#: Exponents of grids whose tables stay in the normal range of float64.
REACH = range(-700, 1000)

_FLOAT64 = FloatFormat("float64", 53, -1022, 1023)
_INTEGER = IntFormat("int64", -(1 << 63), (1 << 63) - 1)


def fill_arithmetic(out: npt.NDArray[Any], line: Arithmetic, fmt: Format) -> None:
    """Write the correctly rounded elements of ``line`` into ``out``.

    ``out`` is contiguous, of `host_dtype(fmt)`; the 16-bit formats are written as their bits.
    """
    if line.b == 0 or line.num == 1:
        out[...] = to_bits(line.rounded(0, fmt), fmt)
    elif isinstance(fmt, IntFormat):
        _fill_integers(out, line)
    elif line.exponent() in REACH:
        _fill_in_reach(out, line, fmt)
    else:
        with np.errstate(all="ignore"):  # overflow and underflow are results here
            _fill_extreme(out, line, fmt)


def _fill_in_reach(out: npt.NDArray[Any], line: Arithmetic, fmt: FloatFormat) -> None:
    if line.num == 1:  # a step has no bound then
        out[...] = to_bits(line.rounded(0, fmt), fmt)
    elif fmt.name == "float64":
        _fill_float64(out, line)
    else:
        with np.errstate(all="ignore"):
            _fill_narrow(out, line, fmt)


def _fill_extreme(out: npt.NDArray[Any], line: Arithmetic, fmt: FloatFormat) -> None:
    """Grids near the ends of the range of float64, or beyond them.

    A large grid is made smaller by a power of two.  Of a tiny one, the elements below ``2**-1021``
    are multiples of the least subnormal number, made as integers; the others are scaled.
    """
    expo = line.exponent()
    if expo > 0:
        if fmt.name != "float64":
            _fill_overflowing(out, line, fmt)
            return
        _fill_float64(out, line.scaled(-expo))
        # Elements that are small beside the largest are exact ones, and few: scaled, they may
        # have been rounded as subnormal numbers.
        places = np.flatnonzero(np.abs(out) < 2.0**-60)
        np.ldexp(out, expo, out=out)
        settle(out, places, lambda i: line.rounded(i, fmt))
        return
    rising = line.b > 0
    up = line if rising else line.slice(line.num - 1, -1, line.num)
    cuts = [0, up.first_at_least(-1, -1021), up.first_at_least(0, 0), up.first_at_least(1, -1021)]
    for part, (first, last) in enumerate(zip(cuts, [*cuts[1:], line.num], strict=True)):
        if first >= last:
            continue
        begin = first if rising else line.num - last
        piece, place = line.slice(begin, 1, last - first), out[begin : begin + last - first]
        negative = part < 2
        if negative:
            piece = Arithmetic(-piece.a, -piece.b, piece.den, piece.num)
        if fmt.name != "float64":
            place[...] = to_bits(-0.0 if negative else 0.0, fmt)
            continue
        if part in (1, 2):
            _fill_nearest(place.view(np.uint64), piece.scaled(1074))
        else:
            _fill_in_reach(place, piece.scaled(-expo), fmt)
            place *= 2.0 ** (expo // 2)
            place *= 2.0 ** (expo - expo // 2)
        if negative:
            np.negative(place, out=place)


def _fill_overflowing(out: npt.NDArray[Any], line: Arithmetic, fmt: FloatFormat) -> None:
    """A shorter format between infinities: from twice the largest power of two on."""
    first, last = indices_between(line, fmt.emax + 2)
    below = -np.inf if line.b > 0 else np.inf
    out[:first] = to_bits(below, fmt)
    out[last:] = to_bits(-below, fmt)
    if first < last:
        fill_arithmetic(out[first:last], line.slice(first, 1, last - first), fmt)


class SumGrid(NamedTuple):
    """Tables of a grid in reach, the unit of their heads, and what `_doubtful` says of it."""

    rows: SumTable
    cols: SumTable
    columns: int
    unit: int
    doubtful: list[int] | None


def sum_grid(line: Arithmetic) -> SumGrid:
    """Everything that a kernel needs to know of a grid in reach."""
    columns = column_count(column_limit(line.num))
    unit = line.exponent() - HEAD_BITS
    rows, cols = sum_tables(line, -(-line.num // columns), columns, unit)
    return SumGrid(rows, cols, columns, unit, _doubtful(line, unit))


def _fill_float64(out: Array, line: Arithmetic) -> None:
    if line.num <= SHORT_SUMS:
        unit = line.exponent() - HEAD_BITS
        doubtful = _doubtful(line, unit)
        if doubtful is not None:
            np.add(*short_sums(line, unit), out=out)
            _write_exact(out, line, doubtful)
            return
    grid = sum_grid(line)
    if grid.doubtful is None:
        _fill_tested(out, line, grid)
        return
    col_head, col_tail = grid.cols
    row_head, row_tail = grid.rows.head[:, None], grid.rows.tail[:, None]
    m = grid.columns
    scratch = np.empty(min(2 * BLOCK // m * m, line.num))
    for first, end, width in blocks(line.num, m, 2 * BLOCK):
        count, shape = (end - first) * width, (end - first, width)
        p = out[first * m : first * m + count].reshape(shape)
        c = scratch[:count].reshape(shape)
        np.add(row_head[first:end], col_head[:width], out=p)
        np.add(row_tail[first:end], col_tail[:width], out=c)
        np.add(p, c, out=p)
    _write_exact(out, line, grid.doubtful)


def _write_exact(out: Array, line: Arithmetic, indices: list[int]) -> None:
    for index in indices:  # Python rounds a quotient of integers correctly
        out[index] = (line.a + index * line.b) / line.den


def _fill_tested(out: Array, line: Arithmetic, grid: SumGrid) -> None:
    """The same with a rounding test, as `geometric` has it, with an absolute bound."""
    m = grid.columns
    error = 2.0 ** (grid.unit - _ERROR_BITS)
    row_head, row_tail = grid.rows.head[:, None], grid.rows.tail[:, None]
    col_head, col_tail = grid.cols.head, grid.cols.tail + error
    size = min(BLOCK // m * m, line.num)
    memory = bytearray(8 * size)
    low, total = np.frombuffer(memory), np.empty(size)
    for first, end, width in blocks(line.num, m):
        count, shape = (end - first) * width, (end - first, width)
        high = out[first * m : first * m + count].reshape(shape)
        c, p = low[:count].reshape(shape), total[:count].reshape(shape)
        np.add(row_head[first:end], col_head[:width], out=p)
        np.add(row_tail[first:end], col_tail[:width], out=c)
        np.add(p, c, out=high)
        np.subtract(c, 2 * error, out=c)
        np.add(p, c, out=c)
        # bytearray compares with memcmp: bits, as zeros of two signs are not the same
        if not (memory == high.data if count == size else high.tobytes() == c.tobytes()):
            places = np.flatnonzero(high.view(np.int64) != c.view(np.int64)) + first * m
            settle(out, places, lambda i: line.rounded(i, _FLOAT64))


def _doubtful(line: Arithmetic, unit: int) -> list[int] | None:
    """The elements that ``fl(p + c)`` may round wrongly; None if they are too many to name.

    An element is a rational number with the denominator ``2**t * odd``, a midpoint of the binade
    ``[2**e, 2**(e+1))`` a multiple of ``2**(e-53)``.  Unless they are equal, they lie at least
    ``1 / (odd * 2**max(t, 53-e))`` apart, and where that exceeds the error of ``c``, the rounding
    is right without a test.  What is left are the elements too close to zero for that, and the
    dyadic ones, which may be midpoints: every ``odd / gcd(odd, b)``-th.
    """
    if line.is_multiple(unit - 40):  # then c, below 2**10 units, is exact
        return []
    if max(line.a.bit_length(), line.den.bit_length()) > EXACT_BITS:
        return None
    common = gcd(line.a, line.b, line.den)
    a, b, den = line.a // common, line.b // common, line.den // common
    t = (den & -den).bit_length() - 1
    odd = den >> t
    room = _ERROR_BITS - unit - odd.bit_length()  # odd * 2**max(t, 53 - e) < 2**room is enough
    if t > room:
        return None
    near_zero = indices_between(line, 53 - room)
    period = odd // gcd(odd, b)
    if near_zero[1] - near_zero[0] + line.num // period > max(
        EXACT_ELEMENTS, line.num >> EXACT_SHARE_BITS
    ):
        return None
    indices = set(range(*near_zero))
    scale = gcd(odd, b)
    if a % scale == 0:
        first = -(a // scale) * pow(b // scale, -1, period) % period
        indices |= set(range(first, line.num, period))
    return sorted(indices)


def indices_between(line: Arithmetic, expo: int) -> tuple[int, int]:
    """The range of indices of the elements of magnitude below ``2**expo`` (or equal)."""
    if line.b > 0:
        return line.first_at_least(-1, expo), line.first_at_least(1, expo)
    up = line.slice(line.num - 1, -1, line.num)
    return line.num - up.first_at_least(1, expo), line.num - up.first_at_least(-1, expo)


def _fill_narrow(out: npt.NDArray[Any], line: Arithmetic, fmt: FloatFormat) -> None:
    """Formats that one float64 sum is wide enough for; what is beyond their range is infinite."""
    if line.exponent() > fmt.emax + 2:
        first, last = indices_between(line, fmt.emax + 1)
        out[:first] = to_bits(-math.inf if line.b > 0 else math.inf, fmt)
        out[last:] = to_bits(math.inf if line.b > 0 else -math.inf, fmt)
        if first < last:
            fill_arithmetic(out[first:last], line.slice(first, 1, last - first), fmt)
        return
    unit = line.exponent() - HEAD_BITS
    m = column_count(column_limit(line.num))
    row, col = sum_tables(line, -(-line.num // m), m, unit)
    exact = line.is_multiple(unit)
    error = 0.0 if exact else _NARROW_ERROR * 2.0 ** (unit + HEAD_BITS)
    head = (row.head + row.tail)[:, None]
    full = col.head + col.tail
    upper, lower = full + error, full - error
    for first, end, width in blocks(line.num, m):
        part = out[first * m : first * m + (end - first) * width]
        high = round_to_format(head[first:end] + upper[:width], fmt)
        part[...] = high.ravel()
        if exact:
            continue
        low = round_to_format(head[first:end] + lower[:width], fmt)
        if high.tobytes() != low.tobytes():
            bits = np.dtype(f"u{high.itemsize}")
            places = np.flatnonzero(high.view(bits) != low.view(bits)) + first * m
            settle(out, places, lambda i: to_bits(line.rounded(i, fmt), fmt))


_FRACTION_BITS = 61
_WORD = (1 << 64) - 1


def _fill_integers(out: npt.NDArray[Any], line: Arithmetic) -> None:
    """Floors, in integers: whole parts add modulo ``2**64``, and a carry of the fractions.

    Of integers there are no fractions, and one block of multiples serves for all.
    """
    if line.den == 1:
        multiples = np.arange(min(line.num, BLOCK), dtype=np.uint64) * np.uint64(line.b & _WORD)
        for first in range(0, line.num, BLOCK):
            start = np.uint64(line.a + first * line.b & _WORD)
            part = out[first : first + BLOCK]
            part[...] = (multiples[: part.size] + start).astype(out.dtype)
        return
    sums = _WholeSums(line)
    for place, whole, fraction in sums.blocks():
        whole += fraction >= sums.limit
        out[place] = whole.astype(out.dtype)
        if not sums.exact:
            open_ = np.flatnonzero(fraction == sums.limit - 1) + place.start
            settle(out, open_, lambda i: line.rounded(i, _INTEGER))


def _fill_nearest(out: npt.NDArray[np.uint64], line: Arithmetic) -> None:
    """The nearest integers of elements that are not negative, ties to even.

    They are the floors of ``x + 1/2``, but for ties: those are whole numbers, and may be odd.
    """
    raised = Arithmetic(2 * line.a + line.den, 2 * line.b, 2 * line.den, line.num)
    sums = _WholeSums(raised)
    for place, whole, fraction in sums.blocks():
        whole += fraction >= sums.limit
        is_tie = (fraction == 0) | (fraction == sums.limit)
        if not sums.exact:
            for k in np.flatnonzero(is_tie | (fraction == sums.limit - 1)).tolist():
                floor, left = divmod(raised.a + (place.start + k) * raised.b, raised.den)
                whole[k], is_tie[k] = floor, left == 0
        whole -= is_tie & (whole & np.uint64(1) == 1)
        out[place] = whole


class _WholeSums:
    """Elements as sums of whole parts, modulo ``2**64``, and of fractions in units of their own.

    Fractions are numerators over ``den``, or where that is too long in ``2**-61``, rounded down:
    then a sum of two is low by less than two units, and does not tell whether there is a carry if
    it is one unit below ``limit``, nor whether it is whole if it looks like that.
    """

    def __init__(self, line: Arithmetic) -> None:
        zeros = line.a | line.b | line.den
        twos = (zeros & -zeros).bit_length() - 1
        self.a, self.b, self.den = line.a >> twos, line.b >> twos, line.den >> twos
        self.num, self.columns = line.num, column_count(column_limit(line.num))
        self.exact = self.den.bit_length() <= _FRACTION_BITS
        if not self.exact:  # entries are slow, the longer the slower: as few as there can be
            self.columns = min(isqrt(line.num), COLUMNS)
        self.limit = self.den if self.exact else 1 << _FRACTION_BITS

    def _table(self, start: int, step: int, count: int) -> tuple[Any, Any]:
        whole, fraction = np.empty(count, np.uint64), np.empty(count, np.int64)
        for k in range(count):
            n, r = divmod(start + k * step, self.den)
            whole[k] = n & _WORD
            fraction[k] = r if self.exact else (r << _FRACTION_BITS) // self.den
        return whole, fraction

    def blocks(self) -> Iterator[tuple[slice, npt.NDArray[np.uint64], npt.NDArray[np.int64]]]:
        """Their places, whole parts, and fractions below twice the limit."""
        m = self.columns
        row_whole, row_rest = self._table(self.a, m * self.b, -(-self.num // m))
        col_whole, col_rest = self._table(0, self.b, m)
        for first, end, width in blocks(self.num, m):
            fraction = np.add.outer(row_rest[first:end], col_rest[:width]).ravel()
            whole = np.add.outer(row_whole[first:end], col_whole[:width]).ravel()
            yield slice(first * m, first * m + whole.size), whole, fraction
