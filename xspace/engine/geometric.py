"""Geometric progressions into NumPy memory: an outer product, a rounding test, an exact rest.

``y = p + c`` with ``p = H1*h1`` exact and ``c = H1*h2 + H2*h``.  With ``c`` moved up and down by
more than its error, two equal roundings of ``p + c`` are the correct rounding (Ziv's test); the
few elements that differ are rounded exactly by `Geometric.rounded`.  The error bound, ``2**-73.5``
of the element against the ``2**-73`` that is tested, is derived in docs/method.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from ..exact.progression import LOG_BITS, Geometric
from ..exact.rounding import FloatFormat, Format, IntFormat
from ..ground.thresholds import BLOCK
from .blocks import blocks, column_limit, settle
from .narrow import round_into, to_bits
from .tables import DELTA, NARROW_DELTA, ProductTable, column_count, product_tables

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["fill_geometric", "grid_tables", "is_in_reach"]

Array: TypeAlias = "npt.NDArray[np.float64]"

#: What rounding `(p - floor(p)) + c` adds to the error when an integer is taken.
INTEGER_SLACK = 2.0**-51

#: The largest float64 below 2**64.
_TOP = 2.0**64 - 2048

#: Binary logarithms between which the kernels work as they are.
REACH = (-700, 650)
REACH_SPAN = 500


def is_in_reach(line: Geometric) -> bool:
    """Whether all of the grid lies where neither its tables nor its products leave the range."""
    low, high = line.ends()
    return REACH[0] <= low and high <= REACH[1] and high - low <= REACH_SPAN


def fill_geometric(out: npt.NDArray[Any], line: Geometric, fmt: Format) -> None:
    """Write the correctly rounded elements of ``line`` into ``out``.

    ``out`` is contiguous, of `host_dtype(fmt)`; the 16-bit formats are written as their bits.
    """
    if line.is_constant():
        out[...] = to_bits(line.rounded(0, fmt), fmt)
    elif is_in_reach(line):
        _fill_in_reach(out, line, fmt)
    else:
        with np.errstate(all="ignore"):  # overflow and underflow are results here
            _fill_zones(out, line, fmt)


def _fill_in_reach(out: npt.NDArray[Any], line: Geometric, fmt: Format) -> None:
    if isinstance(fmt, IntFormat):
        _fill_integers(out, line, fmt, nearest=False)
        return
    if fmt.name == "float64":
        _fill_float64(out, line)
    else:
        with np.errstate(all="ignore"):
            _fill_narrow(out, line, fmt)


def _fill_zones(out: npt.NDArray[Any], line: Geometric, fmt: Format) -> None:
    """Cut the grid where its magnitude asks for another treatment; every part is a progression."""
    n = line.num
    falling = line.log2(n - 1) < line.log2(0)
    rising = line.slice(n - 1, -1, n) if falling else line
    bounds, zones = _zones(fmt)
    cuts = [0, *(rising.first_at_least(bound) for bound in bounds), n]
    for zone, first, last in zip(zones, cuts[:-1], cuts[1:], strict=True):
        if first >= last:
            continue
        begin = n - last if falling else first
        part, piece = out[begin : begin + last - first], line.slice(begin, 1, last - first)
        if zone.constant is not None:
            part[...] = to_bits(zone.constant, fmt)
        elif piece.is_constant():  # a piece of one element, too, however steep the grid is
            part[...] = to_bits(piece.rounded(0, fmt), fmt)
        elif zone.in_quanta:
            _fill_integers(part, piece.scaled(_QUANTUM), fmt, nearest=True)
        else:
            _fill_in_reach(part, piece.scaled(-zone.scale), fmt)
            if zone.scale:
                part *= 2.0**zone.scale


#: The smallest float64 number is ``2**-_QUANTUM``.
_QUANTUM = 1074


class _Zone(NamedTuple):
    """How the elements of some magnitudes are made."""

    scale: int = 0  #: they are divided by this power of two, and multiplied with it at last
    constant: float | None = None  #: all of them are this
    in_quanta: bool = False  #: they are whole numbers of the smallest number


_ZERO, _AS_THEY_ARE, _INFINITE = _Zone(constant=0.0), _Zone(), _Zone(constant=math.inf)


def _zones(fmt: Format) -> tuple[list[float], list[_Zone]]:
    """Bounds on the binary logarithm, and the zones below, between and above them.

    Bounds lie half a binade off the places where the treatment has to change, as `Geometric.log2`
    is an approximation: below 2**-1021 the spacing of float64 is that of the subnormals, from
    2**-1022 on scaling is exact.
    """
    if isinstance(fmt, IntFormat):
        return [-0.5], [_ZERO, _AS_THEY_ARE]
    if fmt.name == "float64":
        bounds = [-1075.5, -1021.5, -699.0, -250.0, 200.0, 649.0, 1024.5]
        low = [_ZERO, _Zone(in_quanta=True), _Zone(-500)]
        return bounds, [*low, *3 * [_AS_THEY_ARE], _Zone(500), _INFINITE]
    return [-250.0, 200.0], [_ZERO, _AS_THEY_ARE, _INFINITE]


def grid_tables(line: Geometric, limit: int) -> tuple[ProductTable, ProductTable, int]:
    """Row and column tables of a grid in reach, and the number of columns, at most ``limit``.

    A row spans at most 100 binades, so that a last row that is not full stays in range.
    """
    steepest = (100 << LOG_BITS) // (abs(line.log2_line()[1]) or 1)
    columns = column_count(max(min(limit, steepest), 1))
    rows, cols = product_tables(line, -(-line.num // columns), columns)
    return rows, cols, columns


def _fill_float64(out: Array, line: Geometric) -> None:
    rows, cols, m = grid_tables(line, column_limit(line.num))
    left = np.array([rows.head, rows.tail]).T
    perturbation = cols.full * DELTA
    upper, lower = cols.pair, None
    upper[0] += perturbation
    head, heads = rows.head[:, None], cols.head
    size = min(BLOCK // m * m, line.num)
    memory = bytearray(8 * size)
    low, product = np.frombuffer(memory), np.empty(size)
    shape = 0, 0
    for first, end, width in blocks(line.num, m):
        count = (end - first) * width
        if shape != (end - first, width):  # the same for all blocks but the last one or two
            shape = end - first, width
            c, p = low[:count].reshape(shape), product[:count].reshape(shape)
            heads, upper = heads[:width], upper[:, :width]
        high = out[first * m : first * m + count].reshape(shape)
        np.multiply(head[first:end], heads, out=p)
        np.dot(left[first:end], upper, out=c)
        np.add(p, c, out=high)
        # The test needs c lowered by twice the error of the largest element: one subtraction
        # where the block is flat enough for that not to flag its small elements.
        least, most = sorted((p.item(0), p.item(-1)))
        if most < 16 * least:
            np.subtract(c, most * (2.01 * DELTA), out=c)
        else:
            if lower is None:
                lower = np.array([upper[0] - 2 * perturbation[:width], upper[1]])
            np.dot(left[first:end], lower[:, :width], out=c)
        np.add(p, c, out=c)
        # bytearray compares with memcmp, far faster than an array of booleans
        if not (memory.__eq__(high) if count == size else np.array_equal(high, c)):
            places = np.flatnonzero(high != c) + first * m
            settle(out, places, lambda i: line.rounded(i, _FLOAT64))


_FLOAT64 = FloatFormat("float64", 53, -1022, 1023)


def _fill_narrow(out: npt.NDArray[Any], line: Geometric, fmt: FloatFormat) -> None:
    """Formats that one float64 product is wide enough for."""
    rows, cols, m = grid_tables(line, column_limit(line.num))
    head = rows.full[:, None]
    upper, lower = cols.full * (1 + NARROW_DELTA), cols.full * (1 - NARROW_DELTA)
    size = min(BLOCK // m * m, line.num)
    memory = bytearray(out.itemsize * size)
    rounded, product = np.frombuffer(memory, out.dtype), np.empty(size)
    for first, end, width in blocks(line.num, m):
        count, shape = (end - first) * width, (end - first, width)
        high = out[first * m : first * m + count].reshape(shape)
        low, p = rounded[:count].reshape(shape), product[:count].reshape(shape)
        np.multiply(head[first:end], upper[:width], out=p)
        round_into(high, p, fmt)
        np.multiply(head[first:end], lower[:width], out=p)
        round_into(low, p, fmt)
        if not (memory.__eq__(high) if count == size else np.array_equal(high, low)):
            places = np.flatnonzero(high != low) + first * m
            settle(out, places, lambda i: to_bits(line.rounded(i, fmt), fmt))


def _fill_integers(out: npt.NDArray[Any], line: Geometric, fmt: Format, *, nearest: bool) -> None:
    """Integer parts (or nearest integers) of elements below 2**64, as ``out``'s type.

    The nearest integers of a grid scaled by ``2**1074`` are the bits of float64 numbers below
    ``2**-1021``: so the subnormal ones come out with one rounding, without subnormal arithmetic.
    """
    rows, cols, m = grid_tables(line, column_limit(line.num))
    left = np.stack([rows.head, rows.tail], axis=1)
    right = np.stack([cols.tail, cols.full])
    exact = line.scaled(-_QUANTUM) if nearest else line
    half = 0.5 if nearest else 0.0
    bits = out.view(np.uint64) if nearest else out
    for first, end, width in blocks(line.num, m):
        p = np.multiply.outer(rows.head[first:end], cols.head[:width])
        c = np.dot(left[first:end], right[:, :width])
        slack = p * DELTA + INTEGER_SLACK
        whole = np.floor(np.minimum(p, _TOP))  # p may pass 2**64 where the element does not
        p -= whole
        p += half
        high, low = np.floor(p + (c + slack)), np.floor(p + (c - slack))
        # Sums in uint64 wrap, and `high` may be negative: as int64 it wraps alike.
        number = whole.astype(np.uint64) + high.astype(np.int64).view(np.uint64)
        bits[first * m : first * m + number.size] = number.ravel().astype(bits.dtype)
        places = np.flatnonzero(high != low) + first * m
        settle(out, places, lambda i: exact.rounded(i, fmt))
