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
#: Bits of an integer that a decimal is made of at once.
_LEAF = 1024
_HALF = Decimal("0.5")
#: A number below this is not squared until it is large.
_NEAR_ONE = Decimal("1.1")
#: ``pi/4``, to as many digits as a distance has.
_QUARTER = Decimal("0.785398163397448309615660845820")


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
    prec = _rounded_up(digits + reach + _GUARD)
    context = _context(prec)
    with localcontext(context):
        zeros = (c[0] & -c[0]).bit_length() - 1 if base == (2, 1) else 0  # log(2) is needed anyhow
        c = c[0] >> zeros, c[1]
        known = c[0] if c[1] == 1 < c[0] and c[0].bit_length() <= _LEAF else 2
        total = _log(*base, prec, known) * (_decimal(p, prec) / _decimal(q, prec) - zeros)
        total += _log(*scale, prec, known) - _log(*c, prec, known)
        total *= _QUARTER
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
        # log(1 + z) is z / (1 + z/2) but for z**3/12, and has its sign for every z > -1.
        return _if_known(excess / (1 + excess * _HALF) / q, digits)


def _rounded_up(prec: int) -> int:
    """A precision that other elements of a grid are likely to ask for, too."""
    return -(-prec // 256) * 256


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
    return magnitude if n >= 0 else magnitude.copy_negate()


def _quotient(n: int, d: int, prec: int) -> Decimal:
    """``n / d`` for positive integers, without the zeros that both end with in binary."""
    return _context(prec).divide(_decimal(n, prec), _decimal(d, prec))


def _log(n: int, d: int, prec: int, known: int) -> Decimal:
    """``4/pi * log(n / d)`` for positive integers: off by less than ``10**(14 - prec)``.

    ``known`` is a short integer above 1 whose logarithm is needed anyhow.
    """
    if n < d:
        return _log(d, n, prec, known).copy_negate()
    if n == d:
        return Decimal(0)
    return _log_of_short(n, d, prec) if n.bit_length() <= _LEAF else _log_of_long(n, d, prec, known)


@lru_cache(maxsize=16)
def _log_of_long(n: int, d: int, prec: int, known: int) -> Decimal:
    """The same for ``n > d``, of any length.

    The means begin as far apart as their logarithms are large: the number is squared until that
    saves more of them, or, if it is too near to 1, multiplied by a power of the known one.
    """
    context = _context(prec)
    x, times = _quotient(n, d, prec), 0
    large = max(prec // 24, 3)
    if x < _NEAR_ONE:
        times = 4 * large // known.bit_length() + 1
        x = context.multiply(x, _decimal(known**times, prec))
        part = context.multiply(times, _log_of_short(known, 1, prec))
        return context.subtract(_log_of_large(x, prec), part)
    while x.adjusted() < large:
        x, times = context.multiply(x, x), times + 1
    return context.divide(_log_of_large(x, prec), 2**times)


@lru_cache(maxsize=32)
def _log_of_short(n: int, d: int, prec: int) -> Decimal:
    """The same for ``n > d`` of up to `_LEAF` bits."""
    if d == 1 and n > 2 and n & (n - 1) == 0:
        return _context(prec).multiply(n.bit_length() - 1, _log_of_short(2, 1, prec))
    times = 64 // max(n.bit_length() - d.bit_length(), 1) + 1
    is_far = 2 * n >= 3 * d  # from 1, so that the power is large
    if is_far and d & (d - 1) == 0 and times * d.bit_length() <= _LEAF:  # a decimal of few digits
        ratio = _context(4 * _LEAF).divide(n**times, d**times)
    elif is_far and n & (n - 1) == 0 and times * n.bit_length() <= _LEAF:
        ratio = _context(4 * _LEAF).divide(d**times, n**times)
    else:
        parts = (_log_of_short(k, 1, prec) if k > 1 else Decimal(0) for k in (n, d))
        return _context(prec).subtract(*parts)
    return _context(prec).divide(_log_of_large(ratio, prec), times)


def _log_of_large(x: Decimal, prec: int) -> Decimal:
    """``4/pi * log(x)`` for ``x > 100``, or of ``1/x`` for one below 1; off by less than 400 units.

    It is one by the arithmetic-geometric mean of the squares of Jacobi's ``theta_2`` and
    ``theta_3`` of ``x**-4`` (Sasaki and Kanada; Brent and Zimmermann, *Modern Computer Arithmetic*,
    4.8.3).  Their terms are ``x**-n**2``, for odd ``n`` and for even ones, and each is needed to as
    many digits as it reaches into the sum.  Numbers of few digits divide, or multiply, at no cost.
    """
    context = _context(prec)
    if x.adjusted() >= _LEAF:
        x = context.divide(1, x)
    step = Context.multiply if x < 1 else Context.divide
    size = abs(x.adjusted())
    power, square = x, context.multiply(x, x)
    term, sums, n = Decimal(1), [_HALF, Decimal(0)], 0
    while (left := prec + term.adjusted() + size + 4) > 0:
        term = step(_context(min(left, prec)), term, power)
        n += 1
        sums[n & 1] = context.add(sums[n & 1], term)
        power = context.multiply(power, square)
    even, odd = (context.multiply(4, context.multiply(s, s)) for s in sums)
    return context.divide(1, _mean(even, odd, prec))


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
