"""Short tables whose outer product, or outer sum, is the whole grid.

With ``i = q*m + r`` an element of a geometric progression is ``H[q] * h[r]``, one of an
arithmetic progression ``S[q] + s[r]``.  The tables are made on the host: a few seeds as Python
integers, and for long tables outer products (or sums) of seeds in triple-word arithmetic.

Every entry is a pair ``head + tail``.  Heads of a product have 26 bits, so that the product of
two heads is exact in float64; heads of a sum are multiples of one unit, so that they add exactly.
All operations are separate NumPy calls: nothing here can be contracted or reordered.
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from ..exact.fixed import QUICK_BITS, exp2_quick
from ..exact.progression import LOG_BITS, Arithmetic, Geometric
from ..ground.thresholds import LIST, LIST_LEVEL, SUM_LEVEL

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "DELTA",
    "NARROW_DELTA",
    "ProductTable",
    "SumTable",
    "column_count",
    "power_pairs",
    "product_tables",
    "short_sums",
    "sum_tables",
]

#: Half width of the rounding test, relative to the element.
DELTA = 2.0**-73
#: The same for one product of two float64 entries (error below 2**-47.8).
NARROW_DELTA = 2.0**-46

Array: TypeAlias = "npt.NDArray[np.float64]"

#: Numbers in pieces, one a column: ``full``, its lower 26 bits, the rest that one float does not
#: hold, and its upper 26 bits.  The number is ``full + rest``.
Pieces: TypeAlias = "npt.NDArray[np.float64]"
_FULL, _LOW, _REST, _HIGH = range(4)
#: Several of them as slices, which copy nothing; rows of two of these meet in a product.
_HIGH_LOW, _LOW_HIGH = slice(_HIGH, _FULL, -2), slice(_LOW, None, 2)
_FULL_LOW_REST, _REST_LOW_FULL = slice(_HIGH), slice(_REST, None, -1)

#: Entries of the longest table of all sums, for the bound of its tails.
SHORT_SUMS = 1024
#: Fractional bits of a unit that a step is known to.
_UNIT_BITS = 112

_SPLITTER = 134217729.0  # 2**27 + 1
_MASK = (1 << QUICK_BITS) - 1

#: Powers below 2**_FLAT are cut at one place: 53 bits at most above it, and 53 + 24 below, of which
#: a float keeps 53, the least of them 2**-102 of the smallest power.
_FLAT = 5
_REST_BITS = QUICK_BITS + _FLAT - 53
_REST_UNIT = float(1 << _REST_BITS)
_UNITS = np.array([[2.0 ** (_REST_BITS - QUICK_BITS)], [2.0**-QUICK_BITS]])
_REST_MASK = (1 << _REST_BITS) - 1


class ProductTable(NamedTuple):
    """Entries as ``head + tail``, to a relative ``2**-78``, and as ``full``, to ``2**-48``."""

    head: Array
    pair: Array  #: ``tail`` and ``full``, one row each

    @property
    def tail(self) -> Array:
        """What the heads leave over."""
        tail: Array = self.pair[0]
        return tail

    @property
    def full(self) -> Array:
        """The entries, rounded."""
        full: Array = self.pair[1]
        return full


class SumTable(NamedTuple):
    """``head + tail`` is the entry to ``2**-53`` of the unit that every head is a multiple of."""

    head: Array
    tail: Array


def column_count(limit: int) -> int:
    """The largest number of columns up to ``limit`` that lists of seeds make without a rest."""
    return limit if limit <= LIST else LIST_LEVEL * column_count(limit // LIST_LEVEL)


def _levels(count: int) -> list[int]:
    """Lengths of the lists, fastest first, whose outer product has ``count`` entries or more."""
    return [count] if count <= LIST else [LIST_LEVEL, *_levels(-(-count // LIST_LEVEL))]


def product_tables(line: Geometric, rows: int, columns: int) -> tuple[ProductTable, ProductTable]:
    """Tables ``H``, ``h`` with ``H[q] * h[r]`` = element ``q*columns + r`` of the progression.

    ``columns`` is a `column_count`.  The elements must span less than 500 binades above
    ``2**-700`` and below ``2**650``, so that neither padded rows nor tails leave the range of
    float64.
    """
    levels = _levels(columns)
    lists = _seeds(line, levels + _levels(rows))
    return _table(lists[len(levels) :], rows), _table(lists[: len(levels)], columns)


def power_pairs(line: Geometric) -> tuple[Array, Array]:
    """Every element of a progression of a `column_count` as an unevaluated sum of two floats."""
    lists = _seeds(line, _levels(line.num))
    pieces = _all_but_last(lists)
    if len(lists) > 1:
        pieces = _outer(lists[-1], pieces)
    return pieces[_FULL], pieces[_REST]


def _table(lists: list[Pieces], count: int) -> ProductTable:
    """The outer product of lists, fastest first, with heads and tails as the kernels want them.

    A head takes the upper 26 bits of ``full`` by its bits, so that a tail is below ``2**-24`` in
    the binade of 1, and each of the additions that make it rounds by ``2**-78`` at most.
    """
    pair = np.empty((2, count))
    tail, full = pair
    if len(lists) == 1:
        (pieces,) = lists
        full[:] = pieces[_FULL, :count]
        head = _upper_bits(full)
        np.subtract(full, head, out=tail)
        tail += pieces[_REST, :count]
        return ProductTable(head, pair)
    top, mid, low = (t.ravel()[:count] for t in _products(lists[-1], _all_but_last(lists)))
    np.add(top, mid, out=full)
    head = _upper_bits(full)
    np.subtract(top, head, out=tail)
    tail += mid
    tail += low
    return ProductTable(head, pair)


def _upper_bits(x: Array) -> Array:
    """``x`` without its 27 lowest bits."""
    return (x.view(np.int64) & np.int64(-1 << 27)).view(np.float64)


def _seeds(line: Geometric, counts: list[int]) -> list[Pieces]:
    """Lists of powers whose outer product is the progression, fastest list first.

    ``counts`` are their lengths; the last list has the first element as its factor.  The
    recurrences run upwards, so that their numbers never get shorter; a falling grid is made from
    its end.  Each of the ``i`` products behind element ``i`` adds at most the 16 units of
    `exp2_quick` and 2 of floors: a relative error below ``i * 2**-122``.
    """
    start, step = line.log2_line()
    falling = step < 0
    if falling:
        start, step = start + (prod(counts) - 1) * step, -step
    start >>= LOG_BITS - QUICK_BITS
    step >>= LOG_BITS - QUICK_BITS
    ratio = exp2_quick(step & _MASK) << (step >> QUICK_BITS)
    numbers: list[float] = []
    rests: list[float] = []
    for level, count in enumerate(counts, 1):
        value = line.scaled_power(start & _MASK) if level == len(counts) else 1 << QUICK_BITS
        values = [value]
        for _ in range(count - 1):
            value = value * ratio >> QUICK_BITS
            values.append(value)
        ratio = value * ratio >> QUICK_BITS  # of the next list: this one began with 1
        if falling:
            values.reverse()
        if value >> QUICK_BITS + _FLAT:
            numbers += [float(v) / _REST_UNIT for v in values]
            rests += [float(v - int(float(v))) for v in values]
        else:
            numbers += [v >> _REST_BITS for v in values]
            rests += [v & _REST_MASK for v in values]
    pieces = np.empty((4, len(numbers)))
    full, low, rest, high = pieces
    numbers += rests
    both = np.array(numbers, dtype=np.float64).reshape(2, -1)
    both *= _UNITS
    both[:, -counts[-1] :] *= 2.0 ** ((start >> QUICK_BITS) + line.scale_exponent())
    top, tail = both
    np.add(top, tail, out=full)
    np.subtract(tail, full - top, out=rest)  # Fast2Sum: what full has lost is exact
    _split(full, high, low)
    ends = accumulate(counts)
    return [pieces[:, e - n : e] for n, e in zip(counts, ends, strict=True)]


def _split(full: Array, high: Array, low: Array) -> None:
    """The upper 26 bits to nearest and the lower 26 (Veltkamp; Dekker 1971)."""
    np.multiply(full, _SPLITTER, out=low)
    np.subtract(low, full, out=high)
    np.subtract(low, high, out=high)
    np.subtract(full, high, out=low)


def _products(a: Pieces, b: Pieces) -> tuple[Array, Array, Array]:
    """``top + mid + low``: the outer product of two lists, off by less than ``2**-97``.

    ``top``, of the high pieces, and ``mid``, of high and low ones, are exact: pieces of 26 bits,
    the second sum a multiple of ``2**-52`` of the first with fewer than 53 bits.  Exact sums do
    not depend on the order in which a matrix product adds, nor on fused operations.  What
    follows, of the low pieces and the rests, is below ``2**-50`` and rounded a few times.
    """
    top = np.dot(a[_HIGH, :, None], b[None, _HIGH])
    mid = np.dot(a[_HIGH_LOW].T, b[_LOW_HIGH])
    low = np.dot(a[_FULL_LOW_REST].T, b[_REST_LOW_FULL])
    return top, mid, low


def _outer(a: Pieces, b: Pieces) -> Pieces:
    """The outer product of two lists of numbers in pieces, as such a list."""
    pieces = np.empty((4, a.shape[1] * b.shape[1]))
    full, low, rest, high = pieces
    top, mid, bottom = (t.ravel() for t in _products(a, b))
    np.add(top, mid, out=full)
    top -= full  # Fast2Sum: the part of mid that full has lost is exact
    top += mid
    np.add(top, bottom, out=rest)
    _split(full, high, low)
    return pieces


def _all_but_last(lists: list[Pieces]) -> Pieces:
    pieces = lists[0]
    for slower in lists[1:-1]:
        pieces = _outer(slower, pieces)
    return pieces


def sum_tables(line: Arithmetic, rows: int, columns: int, unit: int) -> tuple[SumTable, SumTable]:
    """Tables ``S``, ``s`` with ``S[q] + s[r]`` = element ``q*columns + r`` of the progression.

    Heads are multiples of ``2**unit``; with ``2**(unit + 51)`` above every element, all heads,
    which may be differences of elements, and the sums of two are exact.  A sum of two tails is
    off by less than ``2**-43`` units: a table has up to three levels of 64 entries, with products
    below 32 units, each rounded twice by ``2**-49`` at most, and sums below 192 units.
    """
    step = _units(line.b, line.den, unit)
    return (
        _sums(_units(line.a, line.den, unit), columns * step, rows, 2.0**unit),
        _sums(0, step, columns, 2.0**unit),
    )


def short_sums(line: Arithmetic, unit: int) -> SumTable:
    """Every element of at most `SHORT_SUMS` as a sum like those of `sum_tables`.

    Products stay below ``2**9`` units, so that their roundings and the one of their sum are below
    ``2**-43`` units together.
    """
    start, step = _units(line.a, line.den, unit), _units(line.b, line.den, unit)
    return _level(start, step, line.num, 2.0**unit)


def _units(n: int, d: int, unit: int) -> int:
    """``n / d`` in ``2**(unit - _UNIT_BITS)``, rounded down."""
    shift = _UNIT_BITS - unit
    return (n << shift) // d if shift >= 0 else n // (d << -shift)


def _sums(start: int, step: int, count: int, scale: float) -> SumTable:
    """``start + k*step`` for ``k < count``, given in units of ``scale / 2**_UNIT_BITS``."""
    if count > SUM_LEVEL:
        slow = _sums(start, SUM_LEVEL * step, -(-count // SUM_LEVEL), scale)
        fast = _sums(0, step, SUM_LEVEL, scale)
        head = np.add.outer(slow.head, fast.head).ravel()
        return SumTable(head[:count], np.add.outer(slow.tail, fast.tail).ravel()[:count])
    return _level(start, step, count, scale)


def _level(start: int, step: int, count: int, scale: float) -> SumTable:
    """A table without an outer sum: the multiples of a head are exact, those of a tail small."""
    k = _counts(count)
    step_head, step_tail = _parts(step, scale)
    table = SumTable(k * step_head, k * step_tail)
    if start:
        start_head, start_tail = _parts(start, scale)
        np.add(table.head, start_head, out=table.head)
        np.add(table.tail, start_tail, out=table.tail)
    else:
        table.head[0] = table.tail[0] = 0.0  # not the -0.0 of 0.0 * negative
    return table


@lru_cache(maxsize=64)
def _counts(count: int) -> Array:
    """``0, 1, ..., count - 1``; not to be written to."""
    return np.arange(count, dtype=np.float64)


def _parts(x: int, scale: float) -> tuple[float, float]:
    """The nearest whole number of units, exactly, and the rest, as float64."""
    top = (x + (1 << (_UNIT_BITS - 1))) >> _UNIT_BITS
    return top * scale, math.ldexp(x - (top << _UNIT_BITS), -_UNIT_BITS) * scale
