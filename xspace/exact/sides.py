"""On which side of a number a power lies, exactly, and in a time that its arguments bound.

An interval that contains a midpoint or an integer leaves a rounding open.  As the two are nearly
equal, there is a reason for it, and the reason tells the side.  ``scale * base**e`` and ``c`` are

* equal, which unique factorisation decides;
* or each of ``scale``, ``base`` and ``e`` is next to a simple number, for which they are equal;
  then the first terms of three logarithms tell the side, however near it is;
* or the integers ``n**q`` of both are far enough apart for their leading bits.

The bounds are derived in docs/method/integers.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd

from .fixed import ln2_fixed, log2_fixed
from .products import is_one

__all__ = ["leading_log2", "side"]

Ratio = tuple[int, int]
Float = tuple[int, int]  #: ``(man, expo)``, about ``man * 2**expo``

#: Bits of a short number, which is its own simple one, and of what others are looked at with.
_SHORT = 256
_LOOK = 1 << 12
#: A number is next to a simple one if that is nearer than ``2**-_NEAR`` of it.
_NEAR = 100
#: Significant bits of first terms; their relative error is below ``2**-_GOOD``.
_TERM = 128
_GOOD = 80
#: Exponents up to this many bits are raised to in integers.
_WORD = 64
#: Primes by which numbers that differ are told apart at once.
_PRIMES = (2**61 - 1, 2**89 - 1, 2**107 - 1, 2**127 - 1)


def side(scale: Ratio, base: Ratio, p: int, q: int, c: Ratio) -> int | None:
    """The sign of ``scale * base**(p/q) - c``, for positive ratios of any terms and ``q > 0``.

    None where it takes more: logarithms, to as many bits as the arguments have.
    """
    f = _simple_fraction(p, q)
    more = p * f[1] - q * f[0]
    if not more:
        p, q = f
    if _are_equal(scale, base, p, q, c):
        return 0
    sign = _next_to_simple(scale, base, more, q, f, c)
    if sign is None and max(abs(p), q).bit_length() <= _WORD:
        return _compare_powers(scale, base, p, q, c)
    return sign


def _are_equal(scale: Ratio, base: Ratio, p: int, q: int, c: Ratio) -> bool:
    """Whether ``scale**q * base**p == c**q``."""
    factors = [
        *((scale[0], q), (scale[1], -q), (base[0], p), (base[1], -p)),
        *((c[0], -q), (c[1], q)),
    ]
    return not any(_differs_from_one(factors, prime) for prime in _PRIMES) and is_one(factors)


def _differs_from_one(factors: list[tuple[int, int]], prime: int) -> bool:
    """Whether the product of ``n**e`` is another number than 1 modulo a prime."""
    product = 1
    for n, e in factors:
        rest = n % prime
        if not rest:  # its inverse has no residue
            return False
        product = product * pow(rest, e % (prime - 1), prime) % prime
    return product != 1


def _next_to_simple(scale: Ratio, base: Ratio, more: int, q: int, f: Ratio, c: Ratio) -> int | None:
    """The sign by way of ``s * b**f == c`` with simple numbers, if they exist.

    With the exponent ``e = f + more / (q * f[1])``, the logarithm of ``scale * base**e / c`` is
    ``log(scale/s) + (e - f) log(base) + f log(base/b)``.
    """
    s, b = _simple(*scale), _simple(*base)
    if not _are_equal(s, b, *f, c):
        return None
    terms = [_log(scale[0] * s[1], scale[1] * s[0])]
    if more:
        terms.append(_times(_log(*base), more, q * f[1]))
    terms.append(_times(_log(base[0] * b[1], base[1] * b[0]), *f))
    return _sign_of_sum(terms)


def _sign_of_sum(terms: list[Float]) -> int | None:
    """The sign of a sum of terms that are good to `_GOOD` bits; None if these do not tell it.

    It is taken in ``2**-256`` of the unit of the largest exponent, with a floor a term.
    """
    terms = [(man, expo) for man, expo in terms if man]
    top = max((expo for _, expo in terms), default=0)
    total = slack = 0
    for man, expo in terms:
        total += (man << 256) >> (top - expo)
        slack += (abs(man) << 256) >> (top - expo)
    if abs(total) <= (slack >> _GOOD) + 2 * len(terms):
        return None
    return 1 if total > 0 else -1


@lru_cache(maxsize=64)
def _simple(n: int, d: int) -> Ratio:
    """A simple ratio nearer to ``n/d`` than ``2**-_NEAR`` of it, or ``n/d`` itself."""
    zeros = ((n & -n).bit_length() - 1) - ((d & -d).bit_length() - 1)
    n, d = n >> max(zeros, 0), d >> max(-zeros, 0)
    a, b, expo = n, d, zeros
    if max(n.bit_length(), d.bit_length()) > _SHORT:
        more = n.bit_length() - d.bit_length()
        top = _quotient(n, d, _LOOK - more)
        found = _next_fraction(top, 1 << _LOOK)
        if found is not None:
            (a, b), expo = found, zeros + more
    return (a << expo, b) if expo >= 0 else (a, b << -expo)


@lru_cache(maxsize=64)
def _simple_fraction(p: int, q: int) -> Ratio:
    """The same of any fraction, with an absolute distance; ``p/q`` itself if there is none."""
    if q.bit_length() <= _WORD:
        common = gcd(p, q)
        return p // common, q // common
    return _next_fraction(_quotient(p, q, _LOOK), 1 << _LOOK) or (p, q)


def _quotient(n: int, d: int, shift: int) -> int:
    return (n << shift) // d if shift >= 0 else n // (d << -shift)


def _next_fraction(n: int, d: int) -> Ratio | None:
    """The convergent of a continued fraction before a denominator of `_NEAR` bits; or None.

    The distance of a convergent ``a/b`` is less than ``1 / (b*b*k)`` with the next ``k``.
    """
    a, b = (1, n // d), (0, 1)
    n, d = d, n % d
    while d:
        k, rest = divmod(n, d)
        if k.bit_length() > _NEAR:
            break
        a, b = (a[1], a[0] + k * a[1]), (b[1], b[0] + k * b[1])
        if b[1].bit_length() > (_LOOK - _NEAR) // 2:  # beyond this the cut number has no meaning
            return None
        n, d = d, rest
    return a[1], b[1]


def _log(n: int, d: int) -> Float:
    """``log(n / d)``, to `_TERM` bits but the last few; ``(0, 0)`` for 1."""
    near = max(n.bit_length(), d.bit_length()) - abs(n - d).bit_length()
    if n == d:
        return 0, 0
    if near > _NEAR - 2:  # log(1 + z) = z*(1 - z/2 + ...)
        return _float(n - d, d)
    wp = _TERM + 4 + near  # the logarithm is at least 2**-(near + 1)
    return log2_fixed(n, d, wp) * ln2_fixed(wp), -2 * wp


def _float(n: int, d: int) -> Float:
    """``n / d`` cut to `_TERM` bits or one more, for ``d > 0``."""
    expo = n.bit_length() - d.bit_length() - _TERM
    return _quotient(n, d, -expo), expo


def _times(x: Float, n: int, d: int) -> Float:
    man, expo = _float(n, d)
    product = x[0] * man
    drop = max(product.bit_length() - _TERM, 0)
    return product >> drop, x[1] + expo + drop


def leading_log2(n: int, d: int) -> Float:
    """``log2(n / d)`` to 64 bits, in a time that does not grow with its smallness."""
    return _times(_log(n, d), 1 << _TERM, ln2_fixed(_TERM))


def _compare_powers(scale: Ratio, base: Ratio, p: int, q: int, c: Ratio) -> int:
    """The sign of ``scale**q * base**p - c**q``, which are not equal: it ends.

    Powers are multiplied with so many leading bits.  ``_power`` of ``n**e`` is low by less than
    ``(2e - 1) * 2**(1 - wp)`` of it, a product of six by less than all of these and 5 more.
    """
    if p < 0:
        base, p = (base[1], base[0]), -p
    over = [(scale[0], q), (base[0], p), (c[1], q)]
    under = [(scale[1], q), (base[1], p), (c[0], q)]
    units = 4 * (2 * q + p) + 12  # twice as many, as 1/(1 - r) < 1 + 2*r
    wp = 256
    while True:
        (x, x_expo), (y, y_expo) = (_product(part, wp) for part in (over, under))
        shift = x_expo - y_expo
        top = x.bit_length() - y.bit_length() + shift
        if abs(top) > 1:  # units are far below one half
            return 1 if top > 0 else -1
        x, y = (x << shift, y) if shift >= 0 else (x, y << -shift)
        slack = max(x, y) * units >> (wp - 1)  # 0 where nothing was cut
        if abs(x - y) > slack:
            return 1 if x > y else -1
        wp *= 2


def _product(factors: list[tuple[int, int]], wp: int) -> Float:
    man, expo = 1, 0
    for n, e in factors:
        power, more = _power(n, e, wp)
        man, expo = _cut(man * power, expo + more, wp)
    return man, expo


def _power(n: int, e: int, wp: int) -> Float:
    """``n**e`` from below; of fewer bits it is exact."""
    man, expo = 1, 0
    n, place = _cut(n, 0, wp)
    for bit in bin(e)[2:]:
        man, expo = _cut(man * man, 2 * expo, wp)
        if bit == "1":
            man, expo = _cut(man * n, expo + place, wp)
    return man, expo


def _cut(man: int, expo: int, wp: int) -> Float:
    """The leading ``wp`` bits, and without zeros at the end."""
    drop = max(man.bit_length() - wp, 0)
    man >>= drop
    zeros = (man & -man).bit_length() - 1
    return man >> zeros, expo + drop + zeros
