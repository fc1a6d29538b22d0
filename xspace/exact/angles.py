"""Fixed-point angles on Python integers, with proven error bounds.

As in `fixed`, a number with ``wp`` fractional bits is the integer ``v`` standing for
``v / 2**wp``, a *unit* is ``2**-wp``, and shifts round toward minus infinity.  Angles are counted
in turns, so that their reduction is exact: one turn is ``1 << wp``.
"""

from __future__ import annotations

import math
from functools import lru_cache

from .fixed import ln2_fixed

__all__ = ["arg_fixed", "cos_sin_fixed", "nepers_per_turn", "octant", "pi_fixed"]

#: Bits of the angle that a double gives `arg_fixed` to begin with.
_GUESS_BITS = 48


def _atan_inverse(n: int, wp: int) -> int:
    """``atan(1/n)`` for an integer ``n >= 5``; off by less than ``wp / 4 + 2`` units.

    Floors in a row are one floor, so each of the terms is low by less than a unit; fewer than
    ``wp / 4.6 + 1`` are not zero, and those left out are less than a unit.
    """
    power = (1 << wp) // n
    square = n * n
    total = 0
    k = 1
    while power:
        total += power // k if k & 2 == 0 else -(power // k)
        power //= square
        k += 2
    return total


@lru_cache(maxsize=64)
def pi_fixed(wp: int) -> int:
    """``pi`` with ``wp >= 16`` fractional bits, off by at most 1.1 units.

    ``pi = 16 atan(1/5) - 4 atan(1/239)`` (Machin).  The two series together are off by less than
    ``5 wp + 40`` units of the working precision: less than a tenth after the guard bits.
    """
    guard = wp.bit_length() + 8
    w = wp + guard
    return 16 * _atan_inverse(5, w) - 4 * _atan_inverse(239, w) >> guard


@lru_cache(maxsize=64)
def nepers_per_turn(wp: int) -> int:
    """``2 pi / ln 2``, about 9.06: off by at most 20 units."""
    return (pi_fixed(wp) << (wp + 1)) // ln2_fixed(wp)


def cos_sin_fixed(f: int, wp: int) -> tuple[int, int]:
    """Cosine and sine of ``f / 2**wp`` turns, ``0 <= f < 2**wp``, each off by at most 2 units.

    The angle is the nearest quarter turn and ``x``, ``|x| <= pi/4``.  ``z = exp(i|x|)`` comes by
    Taylor's series of ``|x| / 2**k`` and ``k`` squarings.  With ``w`` working bits and ``n``
    terms, the series is off by less than ``3n + 6`` units in modulus; a squaring doubles that, as
    ``|z| = 1``, and its floors add less than 1.5.  In all less than ``2**k * (3w + 8)`` units of
    ``2**-w``: half a unit of ``2**-wp``, and the last shift adds less than one.
    """
    quarter = ((f << 2) + (1 << (wp - 1))) >> wp
    rest = (f << 2) - (quarter << wp)
    k = math.isqrt(wp) // 2 + 2
    guard = k + (4 * wp + 8 * k + 64).bit_length() + 3
    w = wp + guard
    x = (abs(rest) << guard) * pi_fixed(w) >> (w + 1 + k)
    c = s = 0
    term = 1 << w
    n = 0
    while term:  # 1, x, -x**2/2!, -x**3/3!, ...
        c += term if n & 2 == 0 else -term
        term = (term * x >> w) // (n + 1)
        s += term if n & 2 == 0 else -term
        term = (term * x >> w) // (n + 2)
        n += 2
    for _ in range(k):
        c, s = (c + s) * (c - s) >> w, c * s >> (w - 1)
    c >>= guard
    s >>= guard
    if rest < 0:
        s = -s
    return ((c, s), (-s, c), (-c, -s), (s, -c))[quarter & 3]


def octant(a: int, b: int) -> int | None:
    """``m`` in -3 ... 4 if ``a + bi``, not zero, has the angle of ``m`` eighths of a turn."""
    if b == 0:
        return 0 if a > 0 else 4
    if a == 0:
        return 2 if b > 0 else -2
    if a == b or a == -b:
        m = 1 if a > 0 else 3
        return m if b > 0 else -m
    return None


@lru_cache(maxsize=256)
def arg_fixed(a: int, b: int, wp: int) -> int:
    """The angle of ``a + bi``, not zero, in turns, in (-1/2, 1/2]; off by at most 2 units.

    A double gives it to 46 bits; turned back by that, the number has the tangent ``y``, about
    ``2**-46``, whose arc tangent is summed here.  In units of ``2**-w``: cosine and sine are off
    by 2, which makes less than 6 of ``y``; the cut numbers add less than 3 and the quotient 1.
    A series of ``k`` terms adds ``2k + 1``, the division by ``2 pi`` less than 1.  Nothing relies
    on the double but the number of terms.
    """
    eighths = octant(a, b)
    if eighths is not None:
        return eighths << (wp - 3)
    w = max(wp + wp.bit_length() + 10, 64)
    excess = max(a.bit_length(), b.bit_length()) - w
    a, b = (a >> excess, b >> excess) if excess > 0 else (a << -excess, b << -excess)
    down = w - 60
    guess = math.atan2(b >> down, a >> down) / math.tau
    turn = int(guess * (1 << _GUESS_BITS)) << (w - _GUESS_BITS)
    c, s = cos_sin_fixed(turn & ((1 << w) - 1), w)
    y = ((b * c - a * s) << w) // (a * c + b * s)
    square = y * y >> w
    power, total, k = y, 0, 1
    while power not in (0, -1):  # a floor of a negative power ends at -1
        total += power // k if k & 2 == 0 else -(power // k)
        power = power * square >> w
        k += 2
    return turn + (total << (w - 1)) // pi_fixed(w) >> (w - wp)
