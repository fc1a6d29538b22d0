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
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.rounding import FloatFormat
from ..progression import LOG_BITS, Geometric
from .blocks import settle
from .narrow import round_to_format, to_bits
from .tables import power_pairs

__all__ = ["DELTA", "LONGEST", "fill_small"]

Array = npt.NDArray[np.float64]

#: Elements from which on the tables of a grid of its own pay.
LONGEST = 2048

#: Half width of the rounding test, relative to the entry of the table.
DELTA = 2.0**-66
_NARROW_DELTA = 2.0**-50

_INDEX_BITS = 16
#: Bits that the upper part of a logarithm keeps below a step of the table: a multiple by an index
#: below 2**11 is exact in float64, as is its sum with another one.
_PART_BITS = 20
_SHIFT = LOG_BITS - _INDEX_BITS - _PART_BITS
_MASK = (1 << _SHIFT) - 1
_BIAS = 1023 << LOG_BITS  # of the exponent of float64, whose bits are made directly
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
    index_mask: npt.NDArray[np.int64]
    to_exponent: npt.NDArray[np.int64]
    exponent_mask: npt.NDArray[np.int64]


@lru_cache(maxsize=1)
def _longest() -> _Constants:
    indices = np.stack([np.arange(LONGEST, dtype=np.float64), np.ones(LONGEST)])
    step = math.log(2) / (1 << _INDEX_BITS)
    floats = step, step**2 / 2, step**3 / 6, 2 * DELTA
    ints = (1 << _INDEX_BITS) - 1, 52 - _INDEX_BITS, 0x7FF << 52
    constants: list[Any] = [np.full(LONGEST, c) for c in (*floats, *ints)]
    return _Constants(indices, *constants)


@lru_cache(maxsize=64)
def _constants(num: int) -> _Constants:
    parts: list[Any] = [np.ascontiguousarray(constant[..., :num]) for constant in _longest()]
    return _Constants(*parts)


def fill_small(out: npt.NDArray[Any], line: Geometric, fmt: FloatFormat) -> None:
    """Write up to `LONGEST` elements between ``2**-1021`` and ``2**1023`` into ``out``."""
    k = _constants(line.num)
    table, rest = _table()
    start, step = line.log2_line()
    start += line.log2_scale() + _BIAS
    # Logarithms in steps of the table, in two rows; the first is exact in whatever order.
    weights = [
        (step >> _SHIFT) * _TOP_UNIT,
        (start >> _SHIFT) * _TOP_UNIT,
        (step & _MASK) * _REST_UNIT,
        (start & _MASK) * _REST_UNIT,
    ]
    r, low = np.array(weights).reshape(2, 2).dot(k.indices)
    nearest = np.rint(r)
    r -= nearest
    r += low
    places = nearest.astype(np.int64)
    j = places & k.index_mask
    places <<= k.to_exponent
    places &= k.exponent_mask
    scale = places.view(np.float64)
    q = r * k.c3
    q += k.c2
    q *= r
    q += k.c1
    q *= r
    entry = table[j]
    q *= entry
    q += rest[j]
    if fmt.precision < 53:
        _round_narrow(out, line, fmt, (entry + q) * scale)
        return
    y = entry + q
    q -= k.twice_delta
    q += entry
    np.multiply(y, scale, out=out)
    if q.tobytes() != y.tobytes():
        settle(out, np.flatnonzero(q != y), lambda i: line.rounded(i, fmt))


def _round_narrow(out: npt.NDArray[Any], line: Geometric, fmt: FloatFormat, y: Array) -> None:
    high = round_to_format(y * (1 + _NARROW_DELTA), fmt)
    low = round_to_format(y * (1 - _NARROW_DELTA), fmt)
    out[...] = high
    if high.tobytes() != low.tobytes():
        settle(out, np.flatnonzero(high != low), lambda i: to_bits(line.rounded(i, fmt), fmt))
