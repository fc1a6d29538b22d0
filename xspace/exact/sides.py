"""On which side of a number a power lies, exactly, and in a time that its arguments bound.

An interval that contains a midpoint or an integer leaves a rounding open.  As the two are nearly
equal, there is a reason for it, and the reason tells the side.  ``scale * base**e`` and ``c`` are

* equal, which unique factorisation decides;
* or each of ``scale``, ``base`` and ``e`` is next to a simple number, for which they are equal;
  then the first terms of three logarithms tell the side, however near it is;
* or two other elements are known to be as near to such numbers (`_Neighbours`);
* or powers, or logarithms, to as many digits as it takes.

The bounds are derived in docs/method/integers.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from functools import lru_cache
from math import gcd

from .decimals import as_decimal, distance_by_logarithms, distance_by_powers, small_context
from .fixed import ln2_fixed, log2_fixed
from .products import is_one

__all__ = ["leading_log2", "next_fraction", "side"]

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
#: Exponents up to this many bits are raised to.
_WORD = 64
#: Neighbours that are kept, and how near these are: ``x - 1`` is there ``log(x)`` to 15 digits.
_MOST = 4
_NEXT = Decimal("1e-15")


def side(scale: Ratio, base: Ratio, p: int, q: int, c: Ratio) -> int:
    """The sign of ``scale * base**(p/q) - c``, for positive ratios of any terms and ``q > 0``."""
    known = _neighbours(scale, base)
    distance = known.distance(p, q, c)
    if distance is None:
        distance = _distance(scale, base, p, q, c)
        known.add(p, q, c, distance)
    return (distance > 0) - (distance < 0)


def _distance(scale: Ratio, base: Ratio, p: int, q: int, c: Ratio) -> Decimal:
    """``log(scale * base**(p/q) / c)``, to 12 digits if it is small; else its sign is right."""
    f = _simple_fraction(p, q)
    more = p * f[1] - q * f[0]
    if not more:
        p, q = f
    if _are_equal(scale, base, p, q, c):
        return Decimal(0)
    distance = _next_to_simple(scale, base, more, q, f, c)
    if distance is not None:
        return distance
    is_short = max(abs(p), q).bit_length() <= _WORD
    by = distance_by_powers if is_short else distance_by_logarithms
    longest = max(n.bit_length() for n in (*scale, *base, p, q))
    for digits in _precisions(longest * 30103 // 100000):
        distance = by(scale, base, p, q, c, digits)
        if distance is not None:
            break
    assert distance is not None
    return distance


def _precisions(length: int) -> Iterator[int]:
    """Digits to try: some, as many as the arguments have, and as two of them have together.

    As many agree at most with one argument's digits, and twice as many if its fraction is a
    convergent; beyond that they double until the distance, which is not zero, shows (Ziv's
    strategy).
    """
    digits = 100
    while digits < length // 8:
        yield digits
        digits *= 8
    digits = length + 60
    while True:
        yield digits
        digits = 2 * digits


def _are_equal(scale: Ratio, base: Ratio, p: int, q: int, c: Ratio) -> bool:
    """Whether ``scale**q * base**p == c**q``."""
    factors = [
        *((scale[0], q), (scale[1], -q), (base[0], p), (base[1], -p)),
        *((c[0], -q), (c[1], q)),
    ]
    return is_one(factors)


def _next_to_simple(
    scale: Ratio, base: Ratio, more: int, q: int, f: Ratio, c: Ratio
) -> Decimal | None:
    """The distance by way of ``s * b**f == c`` with simple numbers, if they exist.

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
    return _sum(terms)


def _sum(terms: list[Float]) -> Decimal | None:
    """The sum of terms that are good to `_GOOD` bits; None if they leave less than half of these.

    It is taken in ``2**-256`` of the unit of the largest exponent, with a floor a term.
    """
    terms = [(man, expo) for man, expo in terms if man]
    top = max((expo for _, expo in terms), default=0)
    total = slack = 0
    for man, expo in terms:
        total += (man << 256) >> (top - expo)
        slack += (abs(man) << 256) >> (top - expo)
    if abs(total) <= (slack >> _GOOD // 2) + (2 * len(terms) << _GOOD // 2):
        return None
    return as_decimal(total, top - 256)


class _Neighbours:
    """Elements of the powers of one base that are next to numbers ``c``, and how far from them.

    The logarithm of ``scale * base**e / c`` is linear in ``e`` and ``log(c)``.  If three exponents
    and three numbers lie on one line, exactly, two distances tell the third.  So a grid full of
    elements next to midpoints costs no more than two of them do.
    """

    __slots__ = ("found",)

    def __init__(self, scale: Ratio) -> None:
        self.found: list[tuple[int, int, Ratio, Decimal]] = []
        if max(scale).bit_length() <= _LOOK:
            self.found.append((0, 1, scale, Decimal(0)))  # the scale itself

    def add(self, p: int, q: int, c: Ratio, distance: Decimal) -> None:
        """Keep one, if it is so near that its distance is a logarithm to 12 digits."""
        if len(self.found) < _MOST and abs(distance) < _NEXT:
            self.found.append((p, q, c, distance))

    def distance(self, p: int, q: int, c: Ratio) -> Decimal | None:
        """The distance of another one, good to 9 digits; None if it is on no line with two."""
        for k in reversed(range(len(self.found))):  # the latest ones are not the ends of a line
            for first in reversed(self.found[:k]):
                distance = _on_line(first, self.found[k], p, q, c)
                if distance is not None:
                    return distance
        return None


@lru_cache(maxsize=16)
def _neighbours(scale: Ratio, base: Ratio) -> _Neighbours:
    return _Neighbours(scale)


def _on_line(
    first: tuple[int, int, Ratio, Decimal],
    second: tuple[int, int, Ratio, Decimal],
    p: int,
    q: int,
    c: Ratio,
) -> Decimal | None:
    (p1, q1, (n1, d1), near1), (p2, q2, (n2, d2), near2) = first, second
    if q1 != q or q2 != q:  # floats among the ends have different powers of two
        longest = max(k.bit_length() for k in (q, q1, q2))
        (p, q), (p1, q1), (p2, q2) = (
            (n << (longest - d.bit_length()), d << (longest - d.bit_length()))
            for n, d in ((p, q), (p1, q1), (p2, q2))
        )
        if (p1 and q1 != q) or (p2 and q2 != q):
            return None
    part, whole = p - p1, p2 - p1
    a, b = _short_ratio(part, whole)
    if not b or a * whole != b * part:
        return None
    # c / c1 == (c2 / c1)**(a/b)
    factors = [(c[0], b), (c[1], -b), (n1, a - b), (d1, b - a), (n2, -a), (d2, a)]
    if not is_one(factors):
        return None
    with localcontext(small_context()):
        ratio = Decimal(a) / b
        distance = near1 + ratio * (near2 - near1)
        if abs(distance) * 1000 < abs(near1) + abs(ratio) * (abs(near1) + abs(near2)):
            return None
        return distance


def _short_ratio(n: int, d: int) -> Ratio:
    """``(a, b)`` that may be ``n/d`` in lowest terms; ``b`` is 0 if that is no short ratio."""
    drop = max(max(n.bit_length(), d.bit_length()) - 2 * _SHORT, 0)
    sign = -1 if (n < 0) != (d < 0) else 1
    n, d = abs(n) >> drop, abs(d) >> drop
    a, b = (d and next_fraction(n, d)) or (0, 0)
    return sign * a, b


@lru_cache(maxsize=64)
def _simple(n: int, d: int) -> Ratio:
    """A simple ratio nearer to ``n/d`` than ``2**-_NEAR`` of it, or ``n/d`` itself."""
    zeros = ((n & -n).bit_length() - 1) - ((d & -d).bit_length() - 1)
    n, d = n >> max(zeros, 0), d >> max(-zeros, 0)
    a, b, expo = n, d, zeros
    if max(n.bit_length(), d.bit_length()) > _SHORT:
        more = n.bit_length() - d.bit_length()
        top = _quotient(n, d, _LOOK - more)
        found = next_fraction(top, 1 << _LOOK)
        if found is not None:
            (a, b), expo = found, zeros + more
    return (a << expo, b) if expo >= 0 else (a, b << -expo)


@lru_cache(maxsize=64)
def _simple_fraction(p: int, q: int) -> Ratio:
    """The same of any fraction, with an absolute distance; ``p/q`` itself if there is none."""
    if q.bit_length() <= _WORD:
        common = gcd(p, q)
        return p // common, q // common
    return next_fraction(_quotient(p, q, _LOOK), 1 << _LOOK) or (p, q)


def _quotient(n: int, d: int, shift: int) -> int:
    return (n << shift) // d if shift >= 0 else n // (d << -shift)


def next_fraction(n: int, d: int, near: int = _NEAR) -> Ratio | None:
    """The convergent of a continued fraction before a quotient of ``near`` bits; or None.

    The distance of a convergent ``a/b`` is less than ``1 / (b*b*k)`` with the next ``k``.
    """
    longest = (_LOOK - near) // 2
    a, b = (1, n // d), (0, 1)
    n, d = d, n % d
    while d:
        k, rest = divmod(n, d)
        if k.bit_length() > near:
            break
        a, b = (a[1], a[0] + k * a[1]), (b[1], b[0] + k * b[1])
        if b[1].bit_length() > longest:  # beyond this the cut number has no meaning
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
