"""How far a power is from a number, to very many digits: by Python's decimals.

``decimal`` multiplies long numbers by number-theoretic transforms (Krah's libmpdec), in a time that
hardly exceeds their length, where Python's integers take Karatsuba's method, and quadratic
divisions and square roots.  Beyond some thousand digits it is the faster arithmetic by far.

Errors are relative and counted in *units*, ``10**(1 - prec)`` for ``prec`` digits: an operation of
a context adds at most half of one.  docs/method/integers adds them up.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache
from math import comb

__all__ = ["as_decimal", "distance_by_logarithms", "distance_by_powers", "small_context"]

Ratio = tuple[int, int]

#: Digits beyond those that a distance is asked to.
_GUARD = 30
#: Integers up to this are one word of a decimal, and divide it quickly.
_WORD = 10**19
#: Bits of an integer that a decimal is made of at once.
_LEAF = 1024
_HALF = Decimal("0.5")


@lru_cache(maxsize=256)
def _context(prec: int) -> Context:
    return Context(prec, ROUND_HALF_EVEN, MIN_EMIN, MAX_EMAX, 1, 0, [], [])


def distance_by_logarithms(
    scale: Ratio, base: Ratio, p: int, q: int, c: Ratio, digits: int
) -> Decimal | None:
    """``log(scale * base**(p/q) / c)``, to 12 digits of itself; None below ``10**-digits``.

    The three logarithms are off by less than ``10**(14 - prec)`` each, as ``prec`` has fewer than
    9 digits itself, and ``|p/q| < 10**reach`` multiplies the one of the base.
    """
    reach = max((abs(p).bit_length() - q.bit_length() + 1) * 3 // 10 + 1, 0)
    prec = digits + reach + _GUARD
    context = _context(prec)
    with localcontext(context):
        total = _log(*base, prec) * _decimal(p, prec) / _decimal(q, prec)
        total += _log(*scale, prec) - _log(*c, prec)
    return _if_known(total, digits)


def distance_by_powers(
    scale: Ratio, base: Ratio, p: int, q: int, c: Ratio, digits: int
) -> Decimal | None:
    """The same by ``(scale / c)**q * base**p``, for ``p`` and ``q`` of up to 64 bits.

    Both powers are made at once, by squarings: after each, there are about as many factors ``base``
    as make up for the others, so that the product stays as near to 1 as one of them.  A squaring
    doubles the relative error: ``2**66`` and less than 10 units for each of 64 steps.
    """
    prec = digits + _GUARD + 24
    with localcontext(_context(prec)):
        x = _quotient(scale[0] * c[1], scale[1] * c[0], prec)
        y = _quotient(*(base if p > 0 else base[::-1]), prec)
        both = x * y
        p = abs(p)
        power = Decimal(1)
        for k in reversed(range(max(p, q).bit_length())):
            power *= power
            if p >> k & 1:
                power *= both if q >> k & 1 else y
            elif q >> k & 1:
                power *= x
        excess = power - 1
        # The distance is below 2**-90 here, or it is far from being small, and known.
        return _if_known((excess - excess * excess / 2) / q, digits)


def _if_known(distance: Decimal, digits: int) -> Decimal | None:
    """A distance that is off by less than ``10**-(digits + 12)``, if that tells 12 digits of it."""
    if not distance or distance.adjusted() < -digits:
        return None
    return small_context().plus(distance)


def small_context() -> Context:
    """That of distances."""
    return _context(30)


def as_decimal(man: int, expo: int) -> Decimal:
    """``man * 2**expo`` to 27 digits, for exponents of up to 64 bits."""
    context = small_context()
    power, result = Decimal(2), Decimal(man)
    step = context.multiply if expo >= 0 else context.divide
    expo = abs(expo)
    while expo:
        if expo & 1:
            result = step(result, power)
        power, expo = context.multiply(power, power), expo >> 1
    return context.plus(result)


def _decimal(n: int, prec: int) -> Decimal:
    """An integer, to ``prec`` digits; off by less than 60 units.

    It is cut in halves, each of which adds a rounding, as does each of the powers of two.
    """
    context = _context(prec)
    powers = [Decimal(1 << _LEAF)]
    while _LEAF << len(powers) < abs(n).bit_length():
        powers.append(context.multiply(powers[-1], powers[-1]))

    def convert(n: int, level: int) -> Decimal:
        if level < 0:
            return Decimal(n)
        bits = _LEAF << level
        high = n >> bits
        low = convert(n - (high << bits), level - 1)
        return context.fma(convert(high, level - 1), powers[level], low) if high else low

    magnitude = convert(abs(n), len(powers) - 1)
    return magnitude if n >= 0 else -magnitude


def _quotient(n: int, d: int, prec: int) -> Decimal:
    """``n / d`` for positive integers, without the zeros that both end with in binary."""
    return _context(prec).divide(_decimal(n, prec), _decimal(d, prec))


@lru_cache(maxsize=16)
def _log(n: int, d: int, prec: int) -> Decimal:
    """``log(n / d)`` for positive integers: off by less than ``10**(14 - prec)``."""
    if n == d:
        return Decimal(0)
    context = _context(prec)
    if max(n.bit_length(), d.bit_length()) > 2048:
        # Times a power of two the first means are as far apart as a tenth of the digits.
        shift = prec // 3 + d.bit_length() - n.bit_length()
        x = _quotient(n << max(shift, 0), d << max(-shift, 0), prec)
        return context.subtract(_log_of_large(x, prec), context.multiply(shift, _ln2(prec)))
    return context.subtract(_log_of_integer(n, prec), _log_of_integer(d, prec))


@lru_cache(maxsize=32)
def _log_of_integer(n: int, prec: int) -> Decimal:
    """The same of one that is no longer than a few thousand bits."""
    context = _context(prec)
    zeros = 0
    if n >= _WORD or n & (n - 1) == 0:
        zeros = (n & -n).bit_length() - 1
        n >>= zeros
    log = context.multiply(zeros, _ln2(prec)) if zeros else Decimal(0)
    if n == 1:
        return log
    times = max(64 // n.bit_length(), 1)
    large = _log_of_large(Decimal(n**times), prec)
    return context.add(log, context.divide(large, times))


def _log_of_large(x: Decimal, prec: int) -> Decimal:
    """``log(x)`` for ``x > 100``, by the arithmetic-geometric mean; off by less than 400 units.

    With Jacobi's ``theta_2`` and ``theta_3`` of ``x**-4``, it is a quarter of ``pi`` by the mean of
    their squares (Sasaki and Kanada; Brent and Zimmermann, *Modern Computer Arithmetic*, 4.8.3).
    The terms of the thetas are ``x**-n**2``, for odd ``n`` and for even ones, and each is needed to
    as many digits as it reaches into the sum.
    """
    context = _context(prec)
    term, sums, n = Decimal(1), [_HALF, Decimal(0)], 0
    power, square = x, context.multiply(x, x)
    while (left := prec + term.adjusted() + x.adjusted() + 4) > 0:
        term = _context(min(left, prec)).divide(term, power)
        n += 1
        sums[n & 1] = context.add(sums[n & 1], term)
        power = context.multiply(power, square)
    even, odd = (context.multiply(4, context.multiply(s, s)) for s in sums)
    return context.divide(_pi(prec), context.multiply(4, _mean(even, odd, prec)))


def _mean(a: Decimal, b: Decimal, prec: int) -> Decimal:
    """The arithmetic-geometric mean of ``a > b > 0``.

    Neither mean of two numbers is off by more than the numbers are: a step adds less than 2.5 units
    for its own roundings, and there are less than 64.  Near to each other, with
    ``t = ((a - b) / (a + b))**2``, their mean is ``(a + b)/2`` by
    ``2/pi K = sum((comb(2*n, n) / 4**n)**2 * t**n)`` (Gauss), of which 8 terms are enough for
    ``t**8 < 10**-prec``.
    """
    context = _context(prec)
    while True:
        middle = context.multiply(context.add(a, b), _HALF)
        half = context.subtract(middle, b)
        if not half or 16 * (middle.adjusted() - half.adjusted() - 1) > prec:
            break
        a, b = middle, _root(context.multiply(a, b), prec)
    t = context.divide(half, middle)
    t = context.multiply(t, t)
    series = Decimal(0)
    for n in reversed(range(8)):
        weight = _context(60).divide(comb(2 * n, n) ** 2, 16**n)  # exactly
        series = context.fma(series, t, weight)
    return context.divide(middle, series)


def _root(x: Decimal, prec: int) -> Decimal:
    """The square root of ``x > 0``, off by less than a unit.

    From half of the digits by one step of Newton's iteration (Karp and Markstein, *High-precision
    division and square root*, 1997): with ``y`` off by ``e`` and ``r`` by ``f``, of themselves,
    ``y + r*(x - y*y)/2`` is by less than ``e**2 + e*f``; the roundings of the square and of the sum
    add three quarters of a unit.
    """
    context, few = _context(prec), _context(prec // 2 + 4)
    start = few.plus(x)
    r = _inverse_root(start, few.prec)
    y = few.multiply(start, r)
    rest = context.subtract(x, context.multiply(y, y))
    return context.add(y, few.multiply(few.multiply(r, _HALF), rest))


def _inverse_root(x: Decimal, prec: int) -> Decimal:
    """``x**-0.5``, off by less than 2 units: Newton's iteration, from half of the digits.

    ``r + r*(1 - x*r*r)/2`` squares an error ``e`` to less than ``2 * e**2``.  ``x`` is rounded for
    ``r``: a quarter of a unit of those.  The two products add half a unit, the sum the other half.
    """
    if prec < 64:
        context = _context(prec + 4)
        return context.divide(1, context.sqrt(x))
    context, few = _context(prec), _context(prec // 2 + 4)
    r = _inverse_root(few.plus(x), few.prec)
    rest = context.subtract(1, context.multiply(x, context.multiply(r, r)))
    return context.add(r, few.multiply(few.multiply(r, _HALF), rest))


@lru_cache(maxsize=2)
def _pi(prec: int) -> Decimal:
    """``pi`` by the series of the Chudnovsky brothers, 14 digits a term; off by a few units."""

    def split(first: int, last: int) -> tuple[Decimal, Decimal, Decimal]:
        if last - first == 1:
            p = -(6 * first - 5) * (2 * first - 1) * (6 * first - 1)
            q = first**3 * 10939058860032000
            return Decimal(p), Decimal(q), Decimal(p * (13591409 + 545140134 * first))
        half = (first + last) // 2
        p, q, t = split(first, half)
        r, s, u = split(half, last)
        return p * r, q * s, t * s + p * u

    with localcontext(_context(prec + 10)):
        _, q, t = split(1, prec // 14 + 3)
        pi = 426880 * _root(Decimal(10005), prec + 10) * q / (13591409 * q + t)
    return _context(prec).plus(pi)


@lru_cache(maxsize=2)
def _ln2(prec: int) -> Decimal:
    """``ln 2`` as `ln2_fixed` makes it, off by a few units."""
    with localcontext(_context(prec + 10)):
        series = [(18, 26), (-2, 4801), (8, 8749)]
        total = sum((times * _atanh_inverse(n, prec + 10) for times, n in series), Decimal(0))
    return _context(prec).plus(total)


def _atanh_inverse(n: int, prec: int) -> Decimal:
    """``atanh(1/n)`` in the current context: its series, as one fraction."""

    def split(first: int, last: int) -> tuple[Decimal, Decimal, Decimal]:
        if last - first <= 8:
            top, bottom, power = 0, 1, 1
            for k in range(first, last):
                power *= square
                top, bottom = top * square * (2 * k + 1) + bottom, bottom * (2 * k + 1)
            return Decimal(top), Decimal(bottom), Decimal(power)
        half = (first + last) // 2
        t, b, p = split(first, half)
        u, c, q = split(half, last)
        return t * c * q + u * b, b * c, p * q

    square = n * n
    count = prec * 100 // (60 * (n.bit_length() - 1)) + 2  # log10(2) > 0.3
    t, b, p = split(0, count)
    return t * n / (b * p)
