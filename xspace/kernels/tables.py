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
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.fixed import QUICK_BITS, exp2_quick
from ..progression import LOG_BITS, Arithmetic

__all__ = ["ProductTable", "SumTable", "column_count", "product_tables", "split", "sum_tables"]

Array = npt.NDArray[np.float64]
Pairs = tuple[Array, Array]

#: Longest list of seeds; a longer table is an outer product of lists of `_LEVEL` and less.
_DIRECT = 32
_LEVEL = 16

#: Entries of one level of a table of sums; fractional bits of a unit that a step is known to.
_SUM_LEVEL = 64
_UNIT_BITS = 112

_SPLITTER = 134217729.0  # 2**27 + 1
_MASK = (1 << QUICK_BITS) - 1

#: Powers below 2**_FLAT are cut at one place: 53 bits at most above it, and 53 + 24 below, of which
#: a float keeps 53, the least of them 2**-105 of the smallest power.
_FLAT = 5
_REST_BITS = QUICK_BITS + _FLAT - 53
_REST_MASK = (1 << _REST_BITS) - 1


class ProductTable(NamedTuple):
    """``head + tail`` is the entry to a relative ``2**-78``; ``full`` is it to ``2**-52``."""

    head: Array
    tail: Array
    full: Array


class SumTable(NamedTuple):
    """``head + tail`` is the entry to ``2**-53`` of the unit that every head is a multiple of."""

    head: Array
    tail: Array


def split(x: Array) -> Array:
    """The upper 26 bits of each element, to nearest (Veltkamp; Dekker 1971)."""
    t = x * _SPLITTER
    return t - (t - x)


def column_count(limit: int) -> int:
    """The largest number of columns up to ``limit`` that lists of seeds make without a rest."""
    return limit if limit <= _DIRECT else _LEVEL * column_count(limit // _LEVEL)


def _levels(count: int) -> list[int]:
    """Lengths of the lists, fastest first, whose outer product has ``count`` entries or more."""
    return [count] if count <= _DIRECT else [_LEVEL, *_levels(-(-count // _LEVEL))]


def product_tables(
    start: int, step: int, rows: int, columns: int
) -> tuple[ProductTable, ProductTable]:
    """Tables of ``2**(start + q*columns*step)``, ``q < rows``, and ``2**(r*step)``, ``r < columns``.

    ``start`` and ``step`` are binary logarithms in ``2**-LOG_BITS``; ``columns`` is a
    `column_count`.  The entries must span less than 500 binades above ``2**-700`` and below
    ``2**650``, so that neither padded rows nor tails leave the range of float64.
    """
    levels = _levels(columns)
    lists = _seeds(start, step, levels + _levels(rows))
    return _table(lists[len(levels) :], rows), _table(lists[: len(levels)], columns)


def _table(lists: list[Pairs], count: int) -> ProductTable:
    pairs = lists[0]
    for slower in lists[1:]:
        pairs = _outer(slower, pairs)
    full, rest = pairs[0][:count], pairs[1][:count]
    head = split(full)
    return ProductTable(head, (full - head) + rest, full)


def _seeds(start: int, step: int, counts: list[int]) -> list[Pairs]:
    """Lists of powers whose outer product is ``2**(start + i*step)``, fastest list first.

    ``start`` and ``step`` are binary logarithms in ``2**-LOG_BITS``; ``counts`` are the lengths,
    and ``start`` goes into the last list.  Every power is an unevaluated sum of two floats.

    The recurrences run upwards, so that their numbers never get shorter; a falling grid is made
    from its end.  Each of the ``i`` products behind element ``i`` adds at most the 16 units of
    `exp2_quick` and 2 of floors: a relative error below ``i * 2**-122``.
    """
    falling = step < 0
    if falling:
        start, step = start + (prod(counts) - 1) * step, -step
    start >>= LOG_BITS - QUICK_BITS
    step >>= LOG_BITS - QUICK_BITS
    ratio = exp2_quick(step & _MASK) << (step >> QUICK_BITS)
    tops: list[int] = []
    rests: list[int] = []
    scales: list[float] = []
    units: list[float] = []
    ends = []
    value, expo = 1 << QUICK_BITS, -QUICK_BITS
    for level, count in enumerate(counts, 1):
        if level == len(counts):
            value, expo = exp2_quick(start & _MASK), (start >> QUICK_BITS) - QUICK_BITS
        values = [value]
        for _ in range(count - 1):
            value = value * ratio >> QUICK_BITS
            values.append(value)
        if falling:
            values.reverse()
        if value >> QUICK_BITS + _FLAT:
            pairs = [divmod(v, 1 << v.bit_length() - 53) for v in values]
            tops += [top for top, _ in pairs]
            rests += [rest for _, rest in pairs]
            scales += [2.0 ** (v.bit_length() - 53 + expo) for v in values]
        else:
            tops += [v >> _REST_BITS for v in values]
            rests += [v & _REST_MASK for v in values]
            scales += [2.0 ** (_REST_BITS + expo)] * count
        units += [2.0**expo] * count
        ends.append(len(tops))
        if level < len(counts):
            ratio, value = value * ratio >> QUICK_BITS, 1 << QUICK_BITS
    top, rest = np.array([tops, rests], dtype=np.float64) * np.array([scales, units])
    full = top + rest
    rest -= full - top  # Fast2Sum: what full has lost is exact
    return [(full[e - n : e], rest[e - n : e]) for n, e in zip(counts, ends, strict=True)]


def _outer(a: Pairs, b: Pairs) -> Pairs:
    """The outer product of two lists of pairs, as a list of pairs; off by less than ``2**-100``.

    With three pieces a factor, ``a1*b1`` and ``a1*b2 + a2*b1`` are exact: 26-bit pieces, the
    second sum a multiple of ``2**-52`` of the first with fewer than 53 bits.  Exact sums do not
    depend on the order in which a matrix product adds, nor on fused operations.  What follows
    is below ``2**-50`` and rounded a few times.
    """
    a1, b1 = split(a[0]), split(b[0])
    a2, b2 = a[0] - a1, b[0] - b1
    top = np.dot(a1[:, None], b1[None, :])
    mid = np.dot(np.array([a1, a2]).T, np.array([b2, b1]))
    low = np.dot(np.array([a2, *a]).T, np.array([b2, b[1], b[0]]))
    full = top + mid
    top -= full  # Fast2Sum: the part of mid that full lost is exact
    top += mid
    low += top
    return full.ravel(), low.ravel()


def sum_tables(line: Arithmetic, rows: int, columns: int, unit: int) -> tuple[SumTable, SumTable]:
    """Tables ``S``, ``s`` with ``S[q] + s[r]`` = element ``q*columns + r`` of the progression.

    Heads are multiples of ``2**unit``; with ``2**(unit + 52)`` above every element, all heads and
    the sums of two are exact.  A sum of two tails is off by less than ``2**-43`` units: a table
    has up to three levels of 64 entries, with products below 32 units, each rounded twice by
    ``2**-49`` at most, and sums below 192 units.
    """
    step = _units(line.b, line.den, unit)
    return (
        _sums(_units(line.a, line.den, unit), columns * step, rows, 2.0**unit),
        _sums(0, step, columns, 2.0**unit),
    )


def _units(n: int, d: int, unit: int) -> int:
    """``n / d`` in ``2**(unit - _UNIT_BITS)``, rounded down."""
    shift = _UNIT_BITS - unit
    return (n << shift) // d if shift >= 0 else n // (d << -shift)


def _sums(start: int, step: int, count: int, scale: float) -> SumTable:
    """``start + k*step`` for ``k < count``, given in units of ``scale / 2**_UNIT_BITS``."""
    if count > _SUM_LEVEL:
        slow = _sums(start, _SUM_LEVEL * step, -(-count // _SUM_LEVEL), scale)
        fast = _sums(0, step, _SUM_LEVEL, scale)
        head = np.add.outer(slow.head, fast.head).ravel()
        return SumTable(head[:count], np.add.outer(slow.tail, fast.tail).ravel()[:count])
    k = np.arange(count, dtype=np.float64)
    step_head, step_tail = _parts(step, scale)
    head, tail = _parts(start, scale)
    return SumTable(k * step_head + head, k * step_tail + tail)


def _parts(x: int, scale: float) -> tuple[float, float]:
    """The nearest whole number of units, exactly, and the rest, as float64."""
    top = (x + (1 << (_UNIT_BITS - 1))) >> _UNIT_BITS
    return top * scale, math.ldexp(x - (top << _UNIT_BITS), -_UNIT_BITS) * scale
