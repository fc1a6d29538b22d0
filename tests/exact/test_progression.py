"""Progressions: elements by their definition, slices, and the logarithms the tables start from."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import gmpy2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xspace.exact.progression import LOG_BITS, Arithmetic, Geometric
from xspace.exact.rounding import FORMATS

FLOAT64 = FORMATS["float64"]


def powers(base, first, last, num) -> Geometric:
    """``base**x`` for ``num`` exponents from ``first`` to ``last``."""
    base, first, last = Fraction(base), Fraction(first), Fraction(last)
    step = (last - first) / max(num - 1, 1)
    den = first.denominator * step.denominator
    ratio = base.numerator, base.denominator
    return Geometric((1, 1), ratio, int(first * den), int(step * den), den, num)


def test_powers_of_ten_are_the_literals():
    line = powers(10, -340, 320, 661)
    assert [line.rounded(i, FLOAT64) for i in range(661)] == [
        float(f"1e{k}") for k in range(-340, 321)
    ]


@pytest.mark.parametrize(
    ("base", "exponent", "fmt", "want"),
    [
        (3, 34, "float64", float(3**34)),  # a midpoint of 54 bits; libm's pow misses it
        (10, 23, "float64", 1e23),
        (2, Fraction(-1075), "float64", 0.0),  # half of the least subnormal number
        (2, Fraction(-1074), "float64", 5e-324),
        (8, Fraction(1, 3), "int64", 2),
        (10, 18, "int64", 10**18),
        (1 + Fraction(1, 10**400), 10**400, "float64", math.e),
        (10, 10**400, "float64", math.inf),
        (10, -(10**400), "float64", 0.0),
        (Fraction(1, 3), 0, "float64", 1.0),
    ],
)
def test_hard_powers(base, exponent, fmt, want):
    assert powers(base, exponent, exponent, 1).rounded(0, FORMATS[fmt]) == want


def geometric(start, stop, num) -> Geometric:
    """``num`` numbers from ``start`` to ``stop``."""
    ratio = Fraction(stop) / Fraction(start)
    scale, base = (Fraction(x).as_integer_ratio() for x in (start, ratio))
    return Geometric(scale, base, 0, 1, num - 1, num)


@pytest.mark.parametrize("digits", [17, 18, 19, 40, 20_000])
def test_powers_next_to_one_are_above_it_or_below(digits):
    small = Fraction(1, 10**digits)
    for base, is_up in ((10, True), (Fraction(1, 10), False), (Fraction(4, 3), True)):
        for exponent, is_more in ((small, is_up), (-small, not is_up)):
            element = powers(base, exponent, exponent, 1)
            assert element.rounded(0, FORMATS["int8"]) == is_more
            assert element.rounded(0, FORMATS["float32"]) == 1
            if digits > 17:
                assert element.rounded(0, FLOAT64) == 1


@pytest.mark.parametrize("digits", [17, 18, 20, 40, 20_000])
def test_numbers_next_to_a_midpoint_or_an_integer(digits):
    """Between an end on it and one beside it, however near: below it or above it."""
    tick, midpoint = Fraction(1, 10**digits), 1 + Fraction(1, 2**53)
    for sign, whole, wanted in ((1, 3, 1 + 2.0**-52), (-1, 2, 1.0)):
        ends = [(3, 3 + sign * tick), (3 + sign * tick, 3)]
        for start, stop in ends:
            line = geometric(start, stop, 5)
            assert [line.rounded(i, FORMATS["int8"]) for i in (1, 2, 3)] == [whole] * 3
        line = geometric(midpoint, midpoint + sign * tick, 5)
        assert [line.rounded(i, FLOAT64) for i in (1, 2, 3)] == [wanted] * 3
        power = powers(3 + sign * tick, 1, 2, 2)
        assert [power.rounded(i, FORMATS["int8"]) for i in (0, 1)] == [whole, 9 - (sign < 0)]


def test_an_exponent_of_thousands_of_digits_close_to_zero():
    tiny = Fraction(1, 10**2000)
    up, down = powers(10, tiny, tiny, 1), powers(10, -tiny, -tiny, 1)
    assert up.rounded(0, FLOAT64) == down.rounded(0, FLOAT64) == 1.0
    assert up.rounded(0, FORMATS["int64"]) == 1
    assert down.rounded(0, FORMATS["int64"]) == 0


RATIOS = st.fractions(Fraction(-300), 300, max_denominator=10**6)


@given(RATIOS, RATIOS, st.integers(2, 60), st.data())
def test_a_slice_is_a_progression(first, last, num, data):
    i = data.draw(st.integers(0, num - 1), "first")
    step = data.draw(st.integers(1, 5), "step")
    count = len(range(i, num, step))
    line = powers(10, first, last, num)
    part = line.slice(i, step, count)
    assert [part.rounded(k, FLOAT64) for k in range(count)] == [
        line.rounded(i + k * step, FLOAT64) for k in range(count)
    ]
    den = first.denominator * last.denominator * (num - 1)
    ramp = Arithmetic(int(first * den), int((last - first) * den) // (num - 1), den, num)
    part = ramp.slice(i, step, count)
    assert [part.rounded(k, FLOAT64) for k in range(count)] == [
        ramp.rounded(i + k * step, FLOAT64) for k in range(count)
    ]


@given(
    st.sampled_from([10, 2, Fraction(1, 3), Fraction(10**40 + 1, 10**40), 7]),
    RATIOS,
    RATIOS,
    st.integers(2, 10**7),
)
@settings(deadline=None)
def test_log2_line_keeps_its_bound(base, first, last, num):
    line = powers(base, first, last, num)
    start, step = line.log2_line()
    with gmpy2.context(precision=600):
        log = gmpy2.log2(gmpy2.mpfr(line.base[0]) / line.base[1])
        for i in (0, num // 2, num - 1):
            want = log * (line.a + i * line.b) / line.den
            assert abs((start + i * step) - gmpy2.mul_2exp(want, LOG_BITS)) < 2 ** (LOG_BITS - 120)


@pytest.mark.parametrize("k", [1, 8, 20, 40, 60])
def test_log2_line_keeps_its_bound_for_long_exponents(k):
    """A base next to 1 has small logarithms, whose error a long exponent multiplies."""
    base = 1 + Fraction(2**k - 1, 2 ** (2 * k + 3))
    for reach in (k, k + 2, k + 4):
        line = powers(base, -(2**reach) - Fraction(1, 3), 2**reach, 1001)
        start, step = line.log2_line()
        with gmpy2.context(precision=600):
            log = gmpy2.log2(gmpy2.mpfr(line.base[0]) / line.base[1])
            for i in (0, 1, 333, 1000):
                want = log * (line.a + i * line.b) / line.den
                error = abs((start + i * step) - gmpy2.mul_2exp(want, LOG_BITS))
                assert error < 2 ** (LOG_BITS - 120)


def test_first_at_least_of_equal_elements():
    for a, below in ((2, 40), (3, 0), (4, 0)):
        assert Arithmetic(a, 0, 3, 40).first_at_least(1, 0) == below


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**20), st.integers(1, 10**25))
def test_first_at_least_counts_what_is_below(a, b, den):
    line = Arithmetic(a, b, den, 40)
    for n, expo in ((-1, -20), (0, 0), (1, 3), (1, -1021)):
        bound = n * Fraction(2) ** expo
        below = sum(Fraction(a + i * b, den) < bound for i in range(40))
        assert line.first_at_least(n, expo) == below


@given(st.integers(-(10**40), 10**40), st.integers(-(10**40), 10**40), st.integers(1, 10**30))
def test_exponent_bounds_every_element(a, b, den):
    line = Arithmetic(a, b, den, 5)
    assert all(abs(Fraction(a + i * b, den)) < Fraction(2) ** line.exponent() for i in range(5))


def test_the_quick_rounding_is_the_exact_one_or_none():
    """From the logarithms of the tables, and at any precision: midpoints and integers included."""
    rng = random.Random(8)
    answers = {True: 0, False: 0}
    for name in ("float64", "float32", "bfloat16", "int64", "uint8"):
        fmt = FORMATS[name]
        for _ in range(60):
            num = rng.choice([2, 9, 50, 10**6])
            start, stop = sorted((rng.uniform(-40, 30), float(rng.randrange(-5, 19))))
            scale = rng.choice([(1, 1), (3, 7), (10**30 + 1, 10**31)])
            a, b = (int(x * 2**60) for x in (start, stop))
            line = Geometric(scale, (10, 1), a * (num - 1), b - a, (num - 1) << 60, num)
            for i in (0, num - 1, *(rng.randrange(num) for _ in range(5))):
                want = Geometric(scale, (10, 1), a * (num - 1), b - a, line.den, num).rounded(
                    i, fmt
                )
                line.log2_line()
                quick = line._rounded_quickly(i, fmt)
                answers[quick is not None] += 1
                assert quick in (want, None)
                assert line.rounded(i, fmt) == want
    assert answers[True] > 1000
    # 10**23 is a midpoint, and 1000 an integer: neither can pass a test.
    line = Geometric((1, 1), (10, 1), 0, 1, 1, 30)
    line.log2_line()
    assert line._rounded_quickly(23, FORMATS["float64"]) is None
    assert line._rounded_quickly(3, FORMATS["int64"]) is None
    assert line.rounded(3, FORMATS["int64"]) == 1000
