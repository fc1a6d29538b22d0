"""On which side of a number a power lies: against integers, however near they are."""

from __future__ import annotations

from fractions import Fraction

import gmpy2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xspace.exact.progression import Geometric
from xspace.exact.rounding import FORMATS
from xspace.exact.sides import leading_log2, side


def ratio(x) -> tuple[int, int]:
    x = Fraction(x)
    return x.numerator, x.denominator


def exact_side(scale, base, p, q, c) -> int:
    left = Fraction(scale) ** q * Fraction(base) ** p
    right = Fraction(c) ** q
    return (left > right) - (left < right)


SMALL = st.fractions(Fraction(1, 50), 50, max_denominator=60)
#: What an argument is off by: nothing, something, next to nothing.
TICKS = st.builds(
    lambda sign, bits: sign * Fraction(1, 2**bits),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from([3, 60, 130, 400, 3000]),
)


@given(SMALL, SMALL, st.integers(-12, 12), st.integers(1, 12), TICKS, TICKS)
def test_a_power_next_to_a_rational_one(scale, root, p, q, tick, other):
    """``scale * root**p`` is met from both sides, and where two ticks all but cancel."""
    c = scale * root**p
    near_scale, near_base = scale * (1 + tick), root**q * (1 + other)
    found = side(ratio(near_scale), ratio(near_base), p, q, ratio(c))
    assert found == exact_side(near_scale, near_base, p, q, c)


@given(SMALL, SMALL, st.integers(-12, 12), st.integers(1, 12), st.fractions(1, 50))
def test_a_power_beside_any_number(scale, base, p, q, c):
    assert side(ratio(scale), ratio(base), p, q, ratio(c)) == exact_side(scale, base, p, q, c)


@given(st.integers(2, 40), st.integers(2, 12), st.integers(3, 400), st.booleans())
def test_a_scale_that_is_an_irrational_power_to_all_of_its_bits(n, q, bits, above):
    """``n**(1/q)`` cut after so many bits, to the power ``q``: no simple number is near."""
    root = Fraction(int(gmpy2.iroot(gmpy2.mpz(n) << (q * bits), q)[0]) + above, 1 << bits)
    # root * (1/root) ** ((1 - q)/1) is root**q.
    wanted = exact_side(root, 1 / root, 1 - q, 1, n)
    assert side(ratio(root), ratio(1 / root), 1 - q, 1, (n, 1)) == wanted
    assert side((1, 1), ratio(root), q, 1, (n, 1)) == wanted


@pytest.mark.parametrize("bits", [100, 3000])
def test_ratios_in_any_terms_are_the_same(bits):
    big = 7**bits
    for tick in (-1, 0, 1):
        base = 9 * big + tick, big
        assert side((big, big), base, 2 * bits, 4 * bits, (3 * big, big)) == tick


@given(st.integers(1, 10**30), st.sampled_from([40, 400, 20_000]))
def test_exponents_longer_than_a_word_next_to_a_simple_one(n, digits):
    tick = Fraction(n, 10 ** (31 + digits))
    for exponent, wanted in ((2 + tick, 1), (2 - tick, -1), (Fraction(2), 0)):
        p, q = ratio(exponent)
        assert side((1, 1), (10, 1), p << 100, q << 100, (100, 1)) == wanted


def test_what_only_logarithms_tell():
    """An exponent of 100 bits of ``log2(3)``."""
    with gmpy2.context(precision=400):
        p = int(gmpy2.floor(gmpy2.mul_2exp(gmpy2.log2(3), 100)))
    for more, sign, wanted in ((0, -1, 2), (1, 1, 3)):
        assert side((1, 1), (2, 1), p + more, 1 << 100, (3, 1)) == sign
        line = Geometric((1, 1), (2, 1), p + more, 0, 1 << 100, 1)
        assert line.rounded(0, FORMATS["int8"]) == wanted


@given(st.integers(1, 10**40), st.integers(1, 10**40), st.sampled_from([0, 50, 97, 98, 99, 5000]))
def test_leading_bits_of_a_logarithm(n, d, near):
    n = (d << near) + n
    d <<= near
    man, expo = leading_log2(n, d)
    with gmpy2.context(precision=near + 600):
        wanted = gmpy2.log2(gmpy2.mpfr(n) / d)
        assert abs(gmpy2.mul_2exp(gmpy2.mpfr(man), expo) - wanted) <= abs(wanted) * 2.0**-64
