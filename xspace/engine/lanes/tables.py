"""Binary logarithms and powers of two in double-word arithmetic, for lanes of a grid.

``2**x`` by one look-up and a polynomial, ``log2`` by one look-up and a series, on float64 arrays of
any namespace.  Places in a table are gathered with ``take``; nothing has a shape that depends on
the data.  The bounds are derived in docs/method.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.fixed import ln2_fixed, log2_fixed
from ...exact.progression import Geometric
from ..tables import power_pairs
from ..words import SPLITTER, DoubleWord, add, fast_two_sum, multiply, two_product, two_sum

__all__ = [
    "HEAD_BITS",
    "INDEX_BITS",
    "TO_HEAD",
    "Powers",
    "Tables",
    "frexp",
    "host_tables",
    "log2_number",
    "log2_words",
    "power_of_two",
    "powers",
]

Array = npt.NDArray[np.float64]

#: The table of powers has steps of ``2**-INDEX_BITS``; logarithms are counted in them.
INDEX_BITS = 16
#: Heads of logarithms are multiples of ``2**-HEAD_BITS`` steps.
HEAD_BITS = 24

_SIZE = 1 << INDEX_BITS
#: Powers of two are looked up at their exponent and this.
_SCALE_OFFSET = 1074
_STEP = math.log(2) / _SIZE

#: ``ln 2`` in steps: 28 bits, and the rest.
_STEP_HEAD = (ln2_fixed(128) >> 100) * 2.0 ** (-28 - INDEX_BITS)
_STEP_TAIL = (ln2_fixed(128) & ((1 << 100) - 1)) * 2.0 ** (-128 - INDEX_BITS)
#: Adding and subtracting it leaves a multiple of ``2**-HEAD_BITS``.
TO_HEAD = 1.5 * 2.0 ** (52 - HEAD_BITS)
#: Adding and subtracting it leaves a multiple of ``2**-43`` (with 16 bits).
_TO_GRID = 1.5 * 2.0 ** (25 - INDEX_BITS)

#: Cells of the table of logarithms in [1, 2), and the fractional bits of its reciprocals.
_CELLS = 1024
_RECIPROCAL_BITS = 13
_FIRST_CELL, _LAST_CELL = 724, 1449  # of mantissas between sqrt(1/2) and sqrt(2)
_SQRT_HALF = 0.7071067811865476
#: Adding and subtracting it leaves a multiple of ``2**-24``.
_TO_24 = 1.5 * 2.0**28

_FULL_BITS = 160


class Tables(NamedTuple):
    """What look-ups need, in the namespace and on the device of the lanes."""

    head: Any  #: ``2**(j / 2**16)``: its upper 26 bits
    tail: Any  #: and the rest, to ``2**-79``
    scale: Any  #: powers of two
    reciprocal: Any  #: about the reciprocal of a mantissa, in few bits
    log_head: Any  #: minus its binary logarithm
    log_tail: Any


class Powers(NamedTuple):
    """Powers of two: ``head + tail``, with a head of 26 bits, and rounded."""

    head: Any
    tail: Any
    full: Any


@lru_cache(maxsize=1)
def host_tables() -> Tables:
    """The tables as NumPy arrays; made at the first use."""
    full, rest = power_pairs(Geometric((1, 1), (2, 1), 0, 1, _SIZE, _SIZE))
    head = (full.copy().view(np.int64) & np.int64(-1 << 27)).view(np.float64)
    scale = np.array([math.ldexp(1.0, e) for e in range(-_SCALE_OFFSET, 1024)])
    one = 1 << _RECIPROCAL_BITS
    cells = range(_FIRST_CELL, _LAST_CELL + 1)
    numbers = [(one * _CELLS * 2 + j) // (2 * j) for j in cells]
    logs = [log2_number(one, n) for n in numbers]
    return Tables(
        head,
        (full - head) + rest,
        scale,
        np.array(numbers) / one,
        np.array([log.high for log in logs]),
        np.array([log.low for log in logs]),
    )


def look_up(xp: Any, table: Any, places: Any) -> Any:
    """The entries at places in an array of any shape."""
    return xp.reshape(xp.take(table, xp.reshape(places, (-1,)), axis=0), places.shape)


def power_of_two(xp: Any, tables: Tables, exponent: Any) -> Any:
    """``2**exponent`` of integers that float64 has a power for."""
    return look_up(xp, tables.scale, exponent + _SCALE_OFFSET)


def words_of(x: Fraction) -> DoubleWord:
    """A number as two floats."""
    high = float(x)
    return DoubleWord(high, float(x - Fraction(high)))


def log2_number(n: int, d: int) -> DoubleWord:
    """``log2(n / d)`` as two floats, off by less than ``2**-105`` of it."""
    if n == d:
        return DoubleWord(0.0, 0.0)
    # log2(1 + z) is about z: as many more bits as the base is close to 1.
    near = max(n.bit_length() - abs(n - d).bit_length(), 0)
    wp = _FULL_BITS + near
    return words_of(Fraction(log2_fixed(n, d, wp), 1 << wp))


def powers(xp: Any, tables: Tables, head: Any, tail: Any) -> Powers:
    """``2**(x / 2**16)`` of ``x = head + tail``, off by less than ``2**-76`` of it.

    Heads are multiples of ``2**-HEAD_BITS`` below ``2**28`` in magnitude, tails below ``2**-10``.
    """
    # A name is of one meaning; arrays that have had their use lend their memory to the next.
    nearest = xp.round(head)
    near = head - nearest
    place = xp.astype(nearest, xp.int64)
    index = place & (_SIZE - 1)
    entry, entry_tail = look_up(xp, tables.head, index), look_up(xp, tables.tail, index)
    place >>= INDEX_BITS
    scale = power_of_two(xp, tables, place)
    # exp(x * step) - 1 of x = near + tail, as upper + lower: the first term is exact, of 24 by 28
    # bits, and what the upper part takes of it has so few bits that its product is exact, too.
    x = near + tail
    lower = x * (_STEP**4 / 24)
    lower += _STEP**3 / 6
    lower *= x
    lower += _STEP**2 / 2
    lower *= x
    lower *= x
    lower += near * _STEP_TAIL
    lower += tail * _STEP
    first = near
    first *= _STEP_HEAD
    upper = first + lower
    upper += _TO_GRID
    upper -= _TO_GRID
    first -= upper
    lower += first
    # The power in its binade: (entry + entry_tail) * (1 + upper + lower), rounded.
    power = upper + lower
    both = entry + entry_tail
    power *= both
    lower *= both
    power += both
    full = power * scale
    # Its head is what `split` gives.
    power_head = power * SPLITTER
    power -= power_head
    power_head += power
    lower += entry_tail * upper
    lower += entry_tail
    product = upper
    product *= entry  # exact, of 26 by 26 bits
    power_tail = entry
    power_tail -= power_head
    power_tail += product
    power_tail += lower
    power_head *= scale
    power_tail *= scale
    return Powers(power_head, power_tail, full)


#: Coefficients of ``log1p(z) = z*(1 - z*(1/2 - z*(1/3 - z*R(z))))``.
_HALF, _THIRD = DoubleWord(0.5, 0.0), words_of(Fraction(1, 3))
_ONE = DoubleWord(1.0, 0.0)
_INVERSE_LN2 = words_of(Fraction(1 << _FULL_BITS, ln2_fixed(_FULL_BITS)))


def log2_words(xp: Any, tables: Tables, x: DoubleWord, *, relative: bool) -> DoubleWord:
    """``log2(x)``, off by less than ``2**-83`` of it, or by less than ``2**-81``.

    ``x`` is normal and below ``2**1000``; its low part is exact, or the error of the logarithm is
    that of ``x`` besides.
    """
    high, low, exponent = _mantissa(xp, tables, x)
    cell = xp.round(high * _CELLS)
    index = xp.astype(cell, xp.int64) - _FIRST_CELL
    c = look_up(xp, tables.reciprocal, index)
    log_head, log_tail = (look_up(xp, t, index) for t in (tables.log_head, tables.log_tail))
    # z = c*x - 1: products of few bits, all of them exact but the last
    upper = (high + _TO_24) - _TO_24
    z1, z2 = two_sum(upper * c - 1.0, (high - upper) * c)
    z = DoubleWord(*two_sum(z1, z2 + low * c))
    log = multiply(_log1p(z) if relative else _log1p_short(z), _INVERSE_LN2)
    return add(add(DoubleWord(exponent, 0.0), DoubleWord(log_head, log_tail)), log)


def _log1p(z: DoubleWord) -> DoubleWord:
    """``log1p(z)`` for ``|z| < 2**-10``, off by less than ``2**-83.7`` of it."""
    x = z.high
    tail = 1 / 4 - x * (1 / 5 - x * (1 / 6 - x * (1 / 7 - x * (1 / 8 - x * (1 / 9)))))
    p, e = fast_two_sum(_THIRD.high, -(x * tail))
    total = DoubleWord(p, e + _THIRD.low)
    for coefficient in (_HALF, _ONE):
        product = multiply(z, total)
        p, e = fast_two_sum(coefficient.high, -product.high)
        total = DoubleWord(p, e - product.low)
    return multiply(z, total)


def _log1p_short(z: DoubleWord) -> DoubleWord:
    """The same, off by less than ``2**-82``: enough where nothing multiplies the logarithm."""
    x = z.high
    square, error = two_product(x, x)
    series = 1 / 3 - x * (1 / 4 - x * (1 / 5 - x * (1 / 6 - x * (1 / 7))))
    s, e = fast_two_sum(x, -0.5 * square)
    rest = (z.low - (0.5 * error + x * z.low)) + x * square * series
    return DoubleWord(*fast_two_sum(s, e + rest))


def _mantissa(xp: Any, tables: Tables, x: DoubleWord) -> tuple[Any, Any, Any]:
    """``(high, low, e)`` with ``x = (high + low) * 2**e`` and ``high`` in about [0.707, 1.414]."""
    high, exponent = frexp(xp, x.high)
    small = high < _SQRT_HALF
    high = xp.where(small, 2.0 * high, high)
    exponent = xp.where(small, exponent - 1.0, exponent)
    return high, x.low * power_of_two(xp, tables, xp.astype(-exponent, xp.int64)), exponent


def frexp(xp: Any, x: Any) -> tuple[Any, Any]:
    """``x = m * 2**e`` with ``m`` in [0.5, 1), and ``e`` a float64, of positive numbers."""
    if hasattr(xp, "frexp"):
        mantissa, exponent = xp.frexp(x)
        return mantissa, xp.astype(exponent, xp.float64)
    exponent = xp.zeros_like(x)
    for k in (512, 256, 128, 64, 32, 16, 8, 4, 2, 1):
        large, small = x >= 2.0 ** (k - 1), x < 2.0**-k
        x = xp.where(large, x * 2.0**-k, xp.where(small, x * 2.0**k, x))
        exponent = xp.where(large, exponent + k, xp.where(small, exponent - k, exponent))
    return x, exponent
