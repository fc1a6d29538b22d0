"""Spirals into NumPy memory: an outer product of complex tables, a rounding test, an exact rest.

With ``i = q*m + r`` an element is ``H[q] * h[r]``, and each of its parts a sum of two products,

    H.re*h.re + (-H.im)*h.im    and    H.im*h.re + H.re*h.im.

Heads of 26 bits make exact products, which TwoSum adds exactly; what follows is a small
correction ``c``.  Its error is below ``2**-74`` of ``|first product| + |second product|``, half of
what the rounding test allows for (docs/method/complex).  Elements with a part that it leaves open
are rounded exactly by `Spiral.rounded`.
"""

from __future__ import annotations

from math import gcd
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.angles import octant
from ..exact.progression import Geometric
from ..exact.rounding import FloatFormat
from ..exact.spiral import Spiral
from ..ground.thresholds import SPIRAL_BLOCK
from .blocks import blocks
from .geometric import fill_geometric
from .spiral_tables import SpiralTable, spiral_tables

__all__ = ["fill_spiral"]

Array = npt.NDArray[np.float64]

#: Half width of the rounding test, relative to the sum of the magnitudes of two products.
DELTA = 2.0**-73
#: The same for single products of float64 numbers, off by less than ``2**-50``.
NARROW_DELTA = 2.0**-49

#: Float64 numbers below this have the spacing of the subnormal ones, which is 2**-_QUANTUM.
_TINY = 2.0**-1021
_QUANTUM = 1074


class _Operands(NamedTuple):
    """What the products of one part are made of: ``left`` of rows, ``right`` of columns."""

    heads: Array  #: of both factors of rows, a column each
    left: Array  #: heads and tails of both factors
    full: Array
    size: Array


def fill_spiral(re: npt.NDArray[Any], im: npt.NDArray[Any], line: Spiral, fmt: FloatFormat) -> None:
    """Write the correctly rounded parts of the elements of ``line``."""
    if line.num == 0:
        return
    first, period = _axis_places(line)
    if period != 1:
        with np.errstate(all="ignore"):  # overflow and underflow are results here
            places = _fill_products(re, im, line, fmt)
        for i in places:
            if i < first or (i - first) % period:
                re[i], im[i] = line.rounded(i, fmt)
    if first < line.num:
        _fill_axes(re, im, line, fmt, range(first, line.num, period))


def _fill_products(
    re: npt.NDArray[Any], im: npt.NDArray[Any], line: Spiral, fmt: FloatFormat
) -> list[int]:
    """Write rounded products, and return the indices of the elements that are left open."""
    rows, cols, m = spiral_tables(line)
    parts = (re, _operands(rows, 0, 1, -1.0)), (im, _operands(rows, 1, 0, 1.0))
    right = np.array([cols.tail[0], cols.full[0], cols.tail[1], cols.full[1]])
    scaled = bool(rows.expo.any())
    found = []
    for first, end, width in blocks(line.num, m, SPIRAL_BLOCK):
        begin, shape = first * m, (end - first, width)
        expo = rows.expo[first:end, None] if scaled else None
        for out, left in parts:
            block = out[begin : begin + (end - first) * width].reshape(shape)
            part = _Operands(*(x[first:end] for x in left))
            if fmt.precision == 53:
                is_open = _fill_wide(block, part, cols, right[:, :width], expo)
            else:
                is_open = _fill_narrow(block, part, cols, expo)
            if is_open.any():
                found.append(np.flatnonzero(is_open) + begin)
    places: list[int] = np.unique(np.concatenate(found)).tolist() if found else []
    return places


def _operands(rows: SpiralTable, a: int, b: int, sign: float) -> _Operands:
    """The factors of the real parts of columns, and of the imaginary parts."""
    head, tail, full = (np.array([x[a], sign * x[b]]).T for x in rows[:3])
    left = np.stack([head, tail], axis=2).reshape(len(head), 4)
    return _Operands(head, left, full, np.ascontiguousarray(rows.size[[a, b]].T))


def _fill_wide(
    out: Array,
    left: _Operands,
    cols: SpiralTable,
    right: Array,
    expo: npt.NDArray[np.int64] | None,
) -> npt.NDArray[np.bool_]:
    """Write parts in float64, and tell where they are open."""
    width = out.shape[1]
    p = left.heads[:, :1] * cols.head[0, :width]
    q = left.heads[:, 1:] * cols.head[1, :width]
    s = p + q
    # TwoSum (Knuth): p becomes what s has lost.
    t = s - p
    q -= t
    np.subtract(s, t, out=t)
    p -= t
    p += q
    c = np.dot(left.left, right, out=q)
    c += p
    bound = np.dot(left.size, cols.size[:, :width] * DELTA, out=p)
    np.add(c, bound, out=t)
    t += s
    if expo is None:
        out[...] = t
        c -= bound
        c += s
        return _differ(t, c)
    np.ldexp(t, expo, out=out)
    low = s + (c - bound)
    is_open = _differ(t, low)
    tiny = np.abs(out) < _TINY
    if tiny.any():
        expos = np.broadcast_to(expo, out.shape)[tiny]
        out[tiny], open_tiny = _round_tiny(s[tiny], c[tiny], bound[tiny], expos)
        is_open[tiny] = open_tiny
    return is_open


def _round_tiny(
    s: Array, c: Array, bound: Array, expo: npt.NDArray[np.int64]
) -> tuple[Array, npt.NDArray[np.bool_]]:
    """``(s + c) * 2**expo``, which is below `_TINY`, as a multiple of the smallest number.

    In such units ``s`` is scaled exactly, or it is far below one; the rounding of the sum adds
    less than ``2**-52`` of a unit.
    """
    unit = expo + _QUANTUM
    top = np.ldexp(s, unit)
    whole = np.rint(top)
    top -= whole
    slack = np.ldexp(bound, unit) + 2.0**-52
    rest = np.ldexp(c, unit)
    high, low = np.rint(top + (rest + slack)), np.rint(top + (rest - slack))
    high += whole
    low += whole
    up, down = s + (c + bound), s + (c - bound)
    is_open = (high != low) | (np.signbit(up) != np.signbit(down))
    return np.copysign(np.ldexp(high, -_QUANTUM), up), is_open


def _fill_narrow(
    out: npt.NDArray[Any],
    left: _Operands,
    cols: SpiralTable,
    expo: npt.NDArray[np.int64] | None,
) -> npt.NDArray[np.bool_]:
    """Write parts in float32, by single products, and tell where they are open."""
    width = out.shape[1]
    y = np.dot(left.full, cols.full[:, :width])
    bound = np.dot(left.size, cols.size[:, :width] * NARROW_DELTA)
    high, low = y + bound, y - bound
    if expo is not None:
        np.ldexp(high, expo, out=high)
        np.ldexp(low, expo, out=low)
    out[...] = high
    return _differ(out, low.astype(np.float32))


def _differ(x: npt.NDArray[Any], y: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where two arrays have other bits: also zeros of two signs."""
    bits = f"i{x.itemsize}"
    result: npt.NDArray[np.bool_] = x.view(bits) != y.view(bits)
    return result


def _axis_places(line: Spiral) -> tuple[int, int]:
    """``(first, period)`` of the indices of elements on an axis; ``first`` may be ``num``.

    For a scale and a base on axes or diagonals, whose powers' angles are eighths of a turn times
    a rational.  On other spirals there is one such element at most.
    """
    m, k = octant(*line.scale[:2]), octant(*line.base[:2])
    if m is None or k is None or line.a[1] or line.b[1]:
        return line.num, 2
    k = line.turn * k if k == 4 else k
    # The angle in quarters of a turn is (a + i*b) / den.
    a, b, den = m * line.den + k * line.a[0], k * line.b[0], 2 * line.den
    common = gcd(b, den)
    if a % common:
        return line.num, 2
    period = den // common
    first = -(a // common) * pow(b // common, -1, period) % period
    return min(first, line.num), period


def _fill_axes(
    re: npt.NDArray[Any], im: npt.NDArray[Any], line: Spiral, fmt: FloatFormat, places: range
) -> None:
    """Write the elements on axes: parts that are zero, and real progressions.

    ``|base|**x`` is the square of the modulus to the power ``x/2``, a power of a rational.
    """
    m, k = octant(*line.scale[:2]), octant(*line.base[:2])
    assert m is not None
    assert k is not None
    if m % 2:  # the modulus of the scale is irrational
        for i in places:
            re[i], im[i] = line.rounded(i, fmt)
        return
    k = line.turn * k if k == 4 else k
    scale = max(map(abs, line.scale[:2])), line.scale.c
    powers = Geometric(scale, line.base.norm, line.a[0], line.b[0], 2 * line.den, line.num)
    quarters = [(m * line.den + k * line.exponent(i)[0]) // (2 * line.den) for i in places[:2]]
    turns = (quarters[-1] - quarters[0]) % 4
    count = 4 // gcd(4, turns)
    for part in range(min(count, len(places))):
        chosen = places[part::count]
        values = np.empty(len(chosen), re.dtype)
        fill_geometric(values, powers.slice(chosen.start, chosen.step, len(chosen)), fmt)
        quarter = (quarters[0] + part * turns) % 4
        where = slice(chosen.start, None, chosen.step)
        on, off = (im, re) if quarter & 1 else (re, im)
        on[where] = -values if quarter & 2 else values
        off[where] = 0.0
