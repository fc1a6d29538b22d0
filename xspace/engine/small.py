"""Short geometric progressions: a look-up and a cubic polynomial an element.

Tables made for one grid cost more than a short grid.  Here ``2**x`` is split as
``2**e * 2**(j / 2**16) * 2**r`` with ``|r| <= 2**-17``, from one table made at the first use::

    y = T[j] + (T[j] * q + t[j]),    q = r' + r'**2/2 + r'**3/6,    r' = r * ln 2

``T[j] + t[j]`` is off by ``2**-99``.  The error before the last addition is below ``2**-66.1`` of
``T[j]`` (docs/method), which a rounding test with `DELTA` covers.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy import add, multiply, subtract

from ..exact.progression import LOG_BITS, Geometric
from ..exact.rounding import FloatFormat
from .blocks import settle
from .narrow import round_to_format, to_bits
from .tables import power_pairs

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["DELTA", "LONGEST", "fill_logarithms", "fill_small"]

Array: TypeAlias = "npt.NDArray[np.float64]"

#: Elements from which on the tables of a grid of its own pay.
LONGEST = 8192

#: Half width of the rounding test, relative to the entry of the table.
DELTA = 2.0**-66
_NARROW_DELTA = 2.0**-50

_INDEX_BITS = 16
#: Bits that the upper part of a logarithm keeps below a step of the table: its multiples that are
#: logarithms of elements are exact in float64, whatever the index, as is the sum with a start.
_PART_BITS = 20
_SHIFT = LOG_BITS - _INDEX_BITS - _PART_BITS
_MASK = (1 << _SHIFT) - 1
_BIAS = 1023 << LOG_BITS  # of the exponent of float64, whose bits are made directly
_INT64 = np.dtype(np.int64)
_TOP_UNIT = 2.0**-_PART_BITS
_REST_UNIT = 2.0 ** (_INDEX_BITS - LOG_BITS)


@lru_cache(maxsize=1)
def _table() -> tuple[Array, Array]:
    """``2**(j / 2**16)`` as two floats each, the second one raised by `DELTA`."""
    size = 1 << _INDEX_BITS
    full, rest = power_pairs(Geometric((1, 1), (2, 1), 0, 1, size, size))
    return full.copy(), rest + DELTA


class _Constants(NamedTuple):
    """Constants as long as a grid: NumPy takes twice as long to broadcast one to a short array."""

    indices: Array  #: rows of ``i`` and of 1, to be multiplied with a step and a start
    c1: Array
    c2: Array
    c3: Array
    twice_delta: Array
    to_integer: Array
    index_mask: npt.NDArray[np.int64]
    to_exponent: npt.NDArray[np.int64]
    exponent_mask: npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def _longest() -> _Constants:
    indices = np.stack([np.arange(LONGEST, dtype=np.float64), np.ones(LONGEST)])
    step = math.log(2) / (1 << _INDEX_BITS)
    floats = step, step**2 / 2, step**3 / 6, 2 * DELTA, 1.5 * 2.0**52
    ints = (1 << _INDEX_BITS) - 1, 52 - _INDEX_BITS, 0x7FF << 52
    constants: list[Any] = [np.full(LONGEST, c) for c in (*floats, *ints)]
    return _Constants(indices, *constants)


@lru_cache(maxsize=64)
def _constants(num: int) -> _Constants:
    parts: list[Any] = [np.ascontiguousarray(constant[..., :num]) for constant in _longest()]
    return _Constants(*parts)


def fill_small(out: npt.NDArray[Any], line: Geometric, fmt: FloatFormat) -> None:
    """Write up to `LONGEST` elements between ``2**-1021`` and ``2**1023`` into ``out``."""
    start, step = line.log2_line()
    entry, q, scale = _parts(line.num, start + line.log2_scale(), step)
    if fmt.precision < 53:
        _round_narrow(out, line, fmt, (entry + q) * scale)
        return
    high, low = _both(entry, q)
    np.multiply(high, scale, out=out)
    if low.tobytes() != high.tobytes():
        settle(out, np.flatnonzero(low != high), lambda i: line.rounded(i, fmt))


def fill_logarithms(out: Array, start: int, step: int) -> npt.NDArray[np.intp] | None:
    """The same of binary logarithms in ``2**-LOG_BITS``; which elements are open, if any are."""
    entry, q, scale = _parts(out.size, start, step)
    high, low = _both(entry, q)
    multiply(high, scale, out)
    return None if low.tobytes() == high.tobytes() else np.flatnonzero(low != high)


def _parts(num: int, start: int, step: int) -> tuple[Array, Array, Array]:
    """``T[j]``, what is added to it, raised by `DELTA`, and the power of two of each element.

    The time is that of two dozen calls to NumPy, so each has its memory and no conversion.
    """
    k = _constants(num)
    table, rest = _table()
    start += _BIAS
    # Logarithms in steps of the table, in two rows; the first is exact in whatever order.
    weights = np.array(
        [
            (step >> _SHIFT) * _TOP_UNIT,
            (start >> _SHIFT) * _TOP_UNIT,
            (step & _MASK) * _REST_UNIT,
            (start & _MASK) * _REST_UNIT,
        ]
    )
    r, low = weights.reshape(2, 2).dot(k.indices)
    # Beside 1.5 * 2**52 there is place for an integer only, in the last bits.
    nearest = add(r, k.to_integer)
    places = nearest.view(_INT64)
    subtract(r, subtract(nearest, k.to_integer), r)
    add(r, low, r)
    j = places & k.index_mask
    places <<= k.to_exponent
    places &= k.exponent_mask
    q = multiply(r, k.c3, low)
    add(q, k.c2, q)
    multiply(q, r, q)
    add(q, k.c1, q)
    multiply(q, r, q)
    entry = table[j]
    multiply(q, entry, q)
    add(q, rest[j], q)
    return entry, q, nearest


def _both(entry: Array, q: Array) -> tuple[Array, Array]:
    """The significands, rounded from above and from below; ``q`` is no longer needed."""
    high = add(entry, q)
    subtract(q, _constants(q.size).twice_delta, q)
    add(q, entry, q)
    return high, q


def _round_narrow(out: npt.NDArray[Any], line: Geometric, fmt: FloatFormat, y: Array) -> None:
    high = round_to_format(y * (1 + _NARROW_DELTA), fmt)
    low = round_to_format(y * (1 - _NARROW_DELTA), fmt)
    out[...] = high
    if high.tobytes() != low.tobytes():
        settle(out, np.flatnonzero(high != low), lambda i: to_bits(line.rounded(i, fmt), fmt))
