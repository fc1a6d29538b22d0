"""Fixed-point ``log2`` and ``exp2`` on Python integers, with proven error bounds.

A fixed-point number with ``wp`` fractional bits is the integer ``v`` standing for ``v / 2**wp``.
One *unit* is ``2**-wp``.  Shifts round toward minus infinity, so each one is off by less than a
unit; the bounds below count them.

Two families:

* ``exp2_fixed``, ``log2_fixed``: any precision, for the exact fallback and for constants;
* ``exp2_quick``, ``log2_quick``: the one precision ``QUICK_BITS`` that the tables of the kernels
  are made with, by table look-up and a short polynomial.
"""

from __future__ import annotations

import math
from functools import lru_cache

__all__ = [
    "QUICK_BITS",
    "exp2_fixed",
    "exp2_quick",
    "ln2_fixed",
    "log2_fixed",
    "log2_quick",
    "normalise",
]

#: Fractional bits of the quick functions.  The relative error of a power made of ``n`` products
#: stays below ``n * 2**-122``; the table entries need ``2**-82`` (docs/method).
QUICK_BITS = 128

#: From so many bits on, a logarithm is made from one of a quarter of them.
_LONG = 2000


def _atanh_inverse(n: int, wp: int) -> int:
    """``atanh(1/n)`` for an integer ``n >= 2``; off by less than two units, from below.

    The series ``sum(1 / ((2k+1) * n**(2k+1)))``, with so many terms that the rest is below a unit,
    as one fraction (binary splitting; Brent and Zimmermann, *Modern Computer Arithmetic*, 4.9).
    """
    count = wp // (2 * (n.bit_length() - 1)) + 1
    top, bottom, power = _split(0, count, n * n)
    return (top << wp) * n // (bottom * power)


def _split(first: int, last: int, square: int) -> tuple[int, int, int]:
    """``(t, b, p)``: ``t / (b * p)`` is the sum of ``1 / ((2k+1) * square**(k+1-first))``."""
    if last - first == 1:
        return 1, 2 * first + 1, square
    half = (first + last) // 2
    t, b, p = _split(first, half, square)
    u, c, q = _split(half, last, square)
    return t * c * q + u * b, b * c, p * q


@lru_cache(maxsize=64)
def ln2_fixed(wp: int) -> int:
    """``ln 2`` with ``wp`` fractional bits, off by at most 1.1 units.

    ``ln 2 = 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749)`` (a Machin-like formula; Gourdon
    and Sebah, *The logarithmic constant: log 2*).  The three series together are off by less than
    56 units of the working precision, which the guard bits turn into less than a tenth.
    """
    guard = 10
    w = wp + guard
    total = 18 * _atanh_inverse(26, w) - 2 * _atanh_inverse(4801, w) + 8 * _atanh_inverse(8749, w)
    return total >> guard


def exp2_fixed(f: int, wp: int) -> int:
    """``2**(f / 2**wp)`` for ``0 <= f < 2**wp``, in ``[1, 2]``, off by at most 2 units.

    ``exp(x)`` with ``x = f * ln 2`` by Taylor's series on ``x / 2**k`` and ``k`` squarings.  With
    ``w`` working bits, ``x / 2**k`` is off by 3 units and a series of ``n`` terms (`_exp_series`)
    by ``3n + 5`` more; each squaring at most doubles the relative error and adds a unit.  In all
    less than ``2**(k+1) * (3n + 11)`` units of ``2**-w``, and ``n <= w``: the guard bits make that
    less than one unit of ``2**-wp``, and the last shift adds less than one.
    """
    k = math.isqrt(wp) // 4 + 4
    guard = k + (3 * wp + 6 * k + 96).bit_length() + 3
    w = wp + guard
    total = _exp_series((f << guard) * ln2_fixed(w) >> (w + k), w)
    for _ in range(k):
        total = total * total >> w
    return total >> guard


def _exp_series(x: int, w: int) -> int:
    """``exp(x / 2**w)`` for ``0 <= x < 2**(w-4)``, off by less than ``3n + 5`` units, ``n`` terms.

    The terms are summed in ``m`` columns, ``x**j`` times a series in ``x**m``, so that most steps
    are divisions by short numbers (Smith, *Efficient multiple-precision evaluation of elementary
    functions*, 1989).  A term has a floor for its division and, at times, one for its product: it
    is off by less than 3 units, and so is the ``m``-th power, made of floors on numbers below 1/16.
    The columns are off by less than ``3n`` together, and their sum by two units for its floors.
    """
    m = math.isqrt(w) // 10 + 1
    power = x
    for _ in range(m - 1):
        power = power * x >> w
    columns = [0] * m
    term, n = 1 << w, 0
    while term:
        for j in range(m):
            columns[j] += term
            n += 1
            term //= n
        term = term * power >> w
    total = 0
    for column in reversed(columns):
        total = column + (total * x >> w)
    return total


def normalise(n: int, d: int, wp: int) -> tuple[int, int]:
    """``(m, e)`` with ``n / d = m * 2**(e - wp)`` but for one floor; ``2**wp <= m < 2**(wp+1)``."""
    e = n.bit_length() - d.bit_length()
    shift = wp - e
    m = (n << shift) // d if shift >= 0 else n // (d << -shift)
    if m >> wp == 0:
        e -= 1
        m = (n << (shift + 1)) // d if shift + 1 >= 0 else n // (d << -(shift + 1))
    return m, e


def log2_fixed(n: int, d: int, wp: int) -> int:
    """``log2(n / d)`` for positive integers, off by at most 2 units of ``2**-wp``.

    With ``n/d = m * 2**e``, ``1 <= m < 2``, and ``l`` about ``log2(m)``, of a double or of this
    function with a quarter of the bits, ``log2(m) = l + log1p(z)/ln 2``.  The number
    ``z = m * 2**-l - 1`` is computed here, and as small as ``l`` is good.  Nothing relies on that
    but the number of terms of the series: the loop runs until a term vanishes.
    """
    guard = max(wp.bit_length() + 10, 64 - wp)
    w = wp + guard
    bits = 50 if w < _LONG else w // 4
    approx = e = 0
    if abs(n - d).bit_length() + bits < d.bit_length():  # approx would be zero: z at once
        z = (n - d << w) // d
    else:
        m, e = normalise(n, d, w)
        if w < _LONG:
            approx = int(math.log2(m >> (w - 60)) * (1 << bits)) - (60 << bits)
        else:
            approx = log2_fixed(m >> (w - bits - 8), 1 << (bits + 8), bits)
        approx = max(min(approx, (1 << bits) - 1), 0)
        z = m - (1 << w)
    if approx:
        # m * 2**(1 - l) / 2: exp2 is off by 2 units, m by 1, the product by 4 in all.
        z = (m * exp2_fixed(((1 << bits) - approx) << (w - bits), w) >> (w + 1)) - (1 << w)
    total = power = z
    k = 2
    while power not in (0, -1):  # an arithmetic shift of a negative power ends at -1
        power = -(power * z >> w)
        total += power // k
        k += 1
    size = total.bit_length() + 16  # ln 2 as long as what it divides: less than a unit
    log = (total << size) // ln2_fixed(size) + (approx << (w - bits))
    return (e << wp) + (log >> guard)


class _QuickTables:
    """``2**(j/2**10)`` and ``2**(j/2**20)``, ``j < 2**10``; made at the first use."""

    __slots__ = ("coarse", "fine", "ln2")

    def __init__(self) -> None:
        self.ln2 = ln2_fixed(QUICK_BITS)
        self.coarse = self._powers(10)
        self.fine = self._powers(20)

    @staticmethod
    def _powers(bits: int) -> list[int]:
        """1024 powers of ``2**(2**-bits)``; 32 guard bits swallow the errors of 1024 products."""
        w = QUICK_BITS + 32
        ratio = exp2_fixed(1 << (w - bits), w)
        powers = [1 << w]
        for _ in range(1023):
            powers.append(powers[-1] * ratio >> w)
        return [v >> 32 for v in powers]


_tables: _QuickTables | None = None

_ONE = 1 << QUICK_BITS
_HALF = _ONE // 2
_SIXTH = _ONE // 6
_FOURTH_TERM = _ONE // 24
_LOW_MASK = (1 << (QUICK_BITS - 20)) - 1
_LOG_BITS = 1 << 50  # what a double gives of a logarithm, as an integer


def exp2_quick(f: int) -> int:
    """``2**(f / 2**128)`` for ``0 <= f < 2**128``, off by at most 16 units of ``2**-128``.

    Two look-ups take the leading 20 bits.  What is left is below ``2**-20``, and
    ``exp(z) = 1 + z + z**2/2 + ... + z**5/120`` for ``z < 0.694 * 2**-20`` omits less than
    ``2**-132``.  ``z`` is off by 1 unit, the polynomial by 2 more, each table entry by 2, and each
    of the two products, with factors below 2, adds at most twice the errors of its factors and 1.
    """
    global _tables
    tables = _tables
    if tables is None:
        tables = _tables = _QuickTables()
    z = (f & _LOW_MASK) * tables.ln2 >> 128
    p = _SIXTH + ((_FOURTH_TERM + z // 120) * z >> 128)
    p = _HALF + (p * z >> 128)
    p = _ONE + (p * z >> 128)
    p = _ONE + (p * z >> 128)
    return (tables.coarse[f >> 118] * tables.fine[(f >> 108) & 1023] >> 128) * p >> 128


@lru_cache(maxsize=1)
def _inverse_ln2() -> int:
    """``1 / ln 2`` with 128 fractional bits, off by at most 3 units."""
    return (_ONE << QUICK_BITS) // ln2_fixed(QUICK_BITS)


def log2_quick(n: int, d: int) -> int:
    """``log2(n / d)`` for positive integers, off by at most 64 units of ``2**-128``.

    As `log2_fixed`, with two terms of the series: ``z`` is below ``2**-45``, the third term below
    ``2**-136``.  `exp2_quick` is off by 16 units and the halved product by 16 + 2, which
    ``1 / ln 2 < 1.4427`` turns into less than 28; the other floors add less than 8.
    """
    m, e = normalise(n, d, QUICK_BITS)
    approx = int((math.log2(m >> 68) - 60.0) * 1125899906842624.0)
    if not 0 < approx < _LOG_BITS:
        return log2_fixed(n, d, QUICK_BITS)
    z = (m * exp2_quick((_LOG_BITS - approx) << 78) >> 129) - _ONE
    if abs(z) >> 83:  # 2**-45 is promised by the double; if it is not kept, the long way
        return log2_fixed(n, d, QUICK_BITS)
    return (e << 128) + (approx << 78) + ((z - (z * z >> 129)) * _inverse_ln2() >> 128)
