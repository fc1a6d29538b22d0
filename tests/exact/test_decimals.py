"""Distances of powers from numbers, to very many digits: against MPFR."""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

import gmpy2
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from xspace.exact import decimals, sides
from xspace.exact.decimals import as_decimal, distance_by_logarithms, distance_by_powers
from xspace.exact.progression import Arithmetic
from xspace.exact.rounding import FORMATS, round_ratio

DIGITS = st.sampled_from([40, 100, 700, 3000])
LONG = st.builds(
    lambda n, bits: Fraction(n << bits | 1, 1 << bits),
    st.integers(1, 50),
    st.sampled_from([3, 60, 1023, 1024, 3000]),
)
NUMBERS = st.one_of(
    st.integers(2, 2**70).map(Fraction),
    st.floats(2.0**-60, 2.0**60).map(Fraction),
    st.fractions(Fraction(1, 10**9), 10**9, max_denominator=10**30),
    st.integers(1, 1200).map(lambda k: Fraction(2) ** k),
    st.sampled_from([Fraction(2**15 + 1, 2**15), Fraction(2**15, 2**15 - 1), Fraction(3, 2)]),
    LONG,
    LONG.map(lambda x: 1 / x),
).filter(lambda x: x != 1)


def ratio(x) -> tuple[int, int]:
    return x.numerator, x.denominator


def mpfr(x, bits):
    if isinstance(x, Decimal):
        return gmpy2.mpfr(str(x), bits)
    return gmpy2.mpfr(gmpy2.mpq(x), bits)


def is_close(found: Decimal, wanted, digits: int, bits: int) -> bool:
    """Whether two numbers agree in so many digits."""
    return abs(mpfr(found, bits) - wanted) <= abs(wanted) * gmpy2.mpfr(10) ** -digits


def distance(scale, base, p, q, c, bits):
    logs = [gmpy2.log(mpfr(x, bits)) for x in (scale, base, c)]
    return logs[0] + logs[1] * p / q - logs[2]


@settings(deadline=None)
@given(NUMBERS, DIGITS)
def test_a_logarithm(x, digits):
    """To as many digits after the point as promised."""
    prec = digits + 24
    bits = 10 * prec // 3 + 200
    with gmpy2.context(precision=bits):
        wanted = 4 / gmpy2.const_pi() * gmpy2.log(mpfr(x, bits))
        found = mpfr(decimals._log(*ratio(x), prec, 3), bits)
        assert abs(found - wanted) < gmpy2.mpfr(10) ** (7 - prec)


@settings(deadline=None)
@given(NUMBERS, NUMBERS, st.integers(-50, 50).filter(bool), st.integers(1, 50), NUMBERS, DIGITS)
def test_two_ways_of_a_distance(scale, base, p, q, c, digits):
    bits = 4 * digits + 4000
    numbers = ratio(scale), ratio(base), p, q, ratio(c)
    with gmpy2.context(precision=bits):
        wanted = distance(scale, base, p, q, c, bits)
        found = distance_by_logarithms(*numbers, digits)
        if found is None:
            assert abs(wanted) < gmpy2.mpfr(10) ** (1 - digits)
        else:
            assert is_close(found, wanted, 12, bits)


@settings(deadline=None)
@given(
    st.sampled_from([2, 3, 10, Fraction(0.1), 10**6 + 3]),
    st.integers(2, 2**54).filter(lambda n: n & (n - 1)),
    st.sampled_from([100, 1000, 4000]),
    st.integers(-3, 3),
)
@example(2, 3, 1000, 0)
def test_an_exponent_that_is_a_logarithm_cut_short(base, c, digits, more):
    """Distances far below the first digits asked for, on the side where the cut is."""
    bits = 10 * digits // 3
    with gmpy2.context(precision=2 * bits + 400):
        log = gmpy2.log(mpfr(c, 2 * bits + 400)) / gmpy2.log(mpfr(base, 2 * bits + 400))
        assume(Fraction(base) ** int(gmpy2.rint(log)) != c)  # which MPFR tells from nothing near
        p, q = int(gmpy2.floor(gmpy2.mul_2exp(log, bits))) + more, 1 << bits
        wanted = distance(1, base, p, q, c, 2 * bits + 400)
        found = sides._distance((1, 1), ratio(Fraction(base)), p, q, (c, 1))
        assert is_close(found, wanted, 9, 2 * bits + 400)
        sign = sides.side((1, 1), ratio(Fraction(base)), p, q, (c, 1))
        assert sign == (wanted > 0) - (wanted < 0)


@settings(deadline=None)
@given(st.integers(2, 2**54), st.integers(1, 2**64 - 1), st.integers(2, 2**64), st.booleans())
def test_ends_of_which_an_element_is_nearly_a_number(c, i, div, above):
    """By powers of up to 64 bits, which agree in a thousand digits."""
    div, i = max(i, div), min(i, div)
    bits = 4000
    with gmpy2.context(precision=2 * bits):
        start = gmpy2.sqrt(gmpy2.mpfr(3))
        scale = Fraction(int(gmpy2.mul_2exp(start, bits)), 1 << bits)
        base = gmpy2.exp(gmpy2.log(c / mpfr(scale, 2 * bits)) * div / i)
        if not 2.0**-900 < base < 2.0**900:
            return
        base = Fraction(int(gmpy2.floor(gmpy2.mul_2exp(base, bits))) + above, 1 << bits)
        wanted = distance(scale, base, i, div, c, 2 * bits)
        for digits in (100, 2000):
            found = distance_by_powers(ratio(scale), ratio(base), i, div, (c, 1), digits)
            assert (found is None) == (digits == 100)
        assert is_close(found, wanted, 9, 2 * bits)


@given(st.integers(-(2**200), 2**200), st.integers(-(10**6), 10**6))
def test_a_decimal_of_a_binary_number(man, expo):
    with gmpy2.context(precision=300, emax=gmpy2.get_emax_max(), emin=gmpy2.get_emin_min()):
        assert is_close(
            as_decimal(man, expo),
            gmpy2.mul_2exp(gmpy2.mpfr(man), expo)
            if expo >= 0
            else gmpy2.div_2exp(gmpy2.mpfr(man), -expo),
            26,
            300,
        )


def test_nobody_elses_context_counts():
    """Neither its digits nor its traps, and it comes back as it was."""
    numbers = (1, 1), (2, 1), 10**400, 6 * 10**399 + 1, (3, 1)
    wanted = distance_by_logarithms(*numbers, 500)
    strange = decimal.Context(3, decimal.ROUND_UP, -5, 5, traps=[decimal.Inexact])
    with decimal.localcontext(strange) as mine:
        decimals._log_of_short.cache_clear()
        decimals._log_of_long.cache_clear()
        assert distance_by_logarithms(*numbers, 500) == wanted
        assert not any(mine.flags.values())
        assert mine.prec == 3


@settings(deadline=None)
@given(st.integers(2, 9), st.sampled_from([2, 3, 10]), st.integers(1, 40), st.data())
def test_neighbours_tell_what_the_full_way_tells(n, base, count, data):
    """Exponents ``log(c) + k``, cut short, are next to ``c * base**k``: all of them on a line."""
    if n == base:
        n = 11
    bits = 3000
    with gmpy2.context(precision=bits + 400):
        log = gmpy2.log(gmpy2.mpfr(n)) / gmpy2.log(gmpy2.mpfr(base))
        first = int(gmpy2.floor(gmpy2.mul_2exp(log, bits)))
    slope = data.draw(st.integers(-3, 3))
    sides._neighbours.cache_clear()
    for k in data.draw(st.permutations(range(count))):
        p = first + (k << bits) + slope * (k - 3)
        numbers = (1, 1), (base, 1), p, 1 << bits, (n * base**k, 1)
        wanted = sides._distance(*numbers)
        assert sides.side(*numbers) == (wanted > 0) - (wanted < 0)


ENDS = st.builds(
    lambda whole, n, d: whole + Fraction(n, d),
    st.sampled_from([0, 5, -5, 2**53 + 1, 2049, -(2**53) - 3, 2.0**-1074]).map(Fraction),
    st.integers(-3, 3),
    st.sampled_from([1, 2, 3, 2**1074]),
)
OFFS = st.builds(
    Fraction,
    st.integers(-3, 3),
    st.sampled_from([2**1150, 2**2300, 3 * 2**4000, 10**3000]),
)


@given(ENDS, st.fractions(-3, 3, max_denominator=4), OFFS, OFFS, st.integers(1, 2000), st.data())
def test_a_line_next_to_a_short_one(start, step, off, more, num, data):
    """Elements on the sides of midpoints and integers, and where they cross."""
    start, step = start + off, step + more
    den = start.denominator * step.denominator
    line = Arithmetic(int(start * den), int(step * den), den, num)
    line._short = 10**9  # looks for the short line at once
    i = data.draw(st.integers(0, num - 1))
    x = start + i * step
    for name in ("int64", "float64", "float32", "float16"):
        if name == "int64":
            wanted = x.numerator // x.denominator
        else:
            wanted = round_ratio(abs(x.numerator), x.denominator, FORMATS[name])
            wanted = -wanted if x < 0 else wanted
        assert repr(line.rounded(i, FORMATS[name])) == repr(wanted)


def test_a_long_line_is_looked_at_for_a_short_one_after_a_while():
    den = 3**5000
    line = Arithmetic(5 * den - 1, 2, den, 10**4)
    assert [line.rounded(i, FORMATS["int64"]) for i in range(1000)] == [4] + [5] * 999
    assert not isinstance(line._short, int)
    assert line.rounded(0, FORMATS["int64"]) == 4


@pytest.mark.parametrize("prec", [20, 64, 65, 200, 5001])
def test_a_root(prec):
    for n in (2, 3, 10**50 + 7):
        x = Decimal(n)
        with gmpy2.context(precision=4 * prec + 200):
            wanted = gmpy2.sqrt(gmpy2.mpfr(n))
            assert is_close(decimals._root(x, prec), wanted, prec - 2, 4 * prec + 200)
