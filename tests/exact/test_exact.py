"""The integer engine against MPFR: its stated error bounds, powers, and the one rounding."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xspace.exact.fixed import (
    QUICK_BITS,
    exp2_fixed,
    exp2_quick,
    ln2_fixed,
    log2_fixed,
    log2_quick,
    normalise,
)
from xspace.exact.powers import integer_root, rational_power
from xspace.exact.rounding import FORMATS, FloatFormat, round_ratio, round_scaled

FLOATS = [fmt for fmt in FORMATS.values() if isinstance(fmt, FloatFormat)]


def scaled(function, x: Fraction, wp: int) -> gmpy2.mpfr:
    """``function(x) * 2**wp``, far beyond ``wp`` bits."""
    with gmpy2.context(precision=2 * wp + 1200):
        value = function(gmpy2.mpfr(x.numerator) / gmpy2.mpfr(x.denominator))
        return gmpy2.mul_2exp(value, wp)


def some_fractions(wp: int, count: int = 150) -> list[int]:
    """Fixed-point numbers below 1 of all magnitudes, with both ends."""
    rng = random.Random(wp)
    some = [rng.getrandbits(rng.randrange(1, wp + 1)) for _ in range(count)]
    return [0, 1, (1 << wp) - 1, 1 << (wp - 1), *some]


def some_ratios(count: int = 150) -> list[tuple[int, int]]:
    rng = random.Random(7)
    near = [(n + 1, n) for n in (1 << 40, 10**30, 10**200)]
    pairs = [
        (rng.getrandbits(300) + 1, rng.getrandbits(rng.randrange(1, 300)) + 1) for _ in range(count)
    ]
    return [
        (1, 1),
        (2, 1),
        (1, 2),
        (10, 1),
        (1, 10**300),
        *near,
        *pairs,
        *((d, n) for n, d in near),
    ]


@pytest.mark.parametrize("wp", [16, 53, 64, 128, 320, 2000])
def test_exp2_fixed_keeps_its_bound(wp):
    for f in some_fractions(wp):
        want = scaled(gmpy2.exp2, Fraction(f, 1 << wp), wp)
        assert abs(exp2_fixed(f, wp) - want) <= 2, (f, wp)


@pytest.mark.parametrize("wp", [4, 64, 128, 320, 2000])
def test_log2_fixed_keeps_its_bound(wp):
    for n, d in some_ratios():
        assert abs(log2_fixed(n, d, wp) - scaled(gmpy2.log2, Fraction(n, d), wp)) <= 2, (n, d, wp)


@pytest.mark.parametrize("wp", [8, 100, 1000, 1687])
def test_ln2_fixed_keeps_its_bound(wp):
    assert abs(ln2_fixed(wp) - scaled(gmpy2.log, Fraction(2), wp)) <= 1.1


def test_exp2_quick_keeps_its_bound():
    for f in some_fractions(QUICK_BITS, 3000):
        want = scaled(gmpy2.exp2, Fraction(f, 1 << QUICK_BITS), QUICK_BITS)
        assert abs(exp2_quick(f) - want) <= 16, f


def test_log2_quick_keeps_its_bound():
    for n, d in some_ratios(2000):
        want = scaled(gmpy2.log2, Fraction(n, d), QUICK_BITS)
        assert abs(log2_quick(n, d) - want) <= 64, (n, d)


@given(st.integers(1, 10**40), st.integers(1, 10**40), st.integers(60, 200))
def test_normalise_leaves_less_than_a_unit(n, d, wp):
    m, e = normalise(n, d, wp)
    assert 1 << wp <= m < 1 << (wp + 1)
    assert 0 <= Fraction(n, d) / Fraction(2) ** (e - wp) - m < 1


@given(st.integers(1, 10**30), st.integers(1, 12))
def test_integer_root_finds_exactly_the_perfect_powers(r, k):
    assert integer_root(r**k, k) == r
    if k > 1 and r > 1:
        assert integer_root(r**k + 1, k) is None
        assert integer_root(r**k - 1, k) in (None, 1)  # 2**k - 1 is 1 for k = 1 only


@given(
    st.fractions(Fraction(1, 50), 50, max_denominator=1000),
    st.fractions(Fraction(1, 50), 50, max_denominator=1000),
    st.integers(-6, 6),
    st.integers(1, 6),
)
def test_rational_power_is_exact_on_perfect_powers(scale, root, p, q):
    base = root**q
    found = rational_power(
        (scale.numerator, scale.denominator), (base.numerator, base.denominator), p, q
    )
    assert found is not None
    n, d, expo = found
    assert Fraction(n, d) * Fraction(2) ** expo == scale * root**p


def test_rational_power_leaves_the_irrational_and_the_long():
    assert rational_power((1, 1), (10, 1), 1, 2) is None
    assert rational_power((3, 1), (2, 1), 1, 3) is None
    assert rational_power((1, 1), (3, 1), 10**6, 1) is None  # rational, but of 1.6 million bits
    assert rational_power((1, 1), (8, 1), 10**400, 3) == (1, 1, 10**400)


def nearest(x: Fraction, fmt: FloatFormat) -> Fraction | float:
    """Rounding by its definition: the nearest of the numbers around, the even one of two."""
    expo = max(x.numerator.bit_length() - x.denominator.bit_length() - 1, fmt.emin)
    while x >= Fraction(2) ** (expo + 1):
        expo += 1
    while expo > fmt.emin and x < Fraction(2) ** expo:
        expo -= 1
    quantum = Fraction(2) ** (expo - fmt.precision + 1)
    whole, rest = divmod(x, quantum)
    up = rest > quantum / 2 or (rest == quantum / 2 and whole % 2)
    value = (whole + up) * quantum
    return math.inf if value >= Fraction(2) ** (fmt.emax + 1) else value


@given(st.sampled_from(FLOATS), st.integers(1, 1 << 70), st.integers(-1120, 1030))
def test_round_scaled_to_the_definition(fmt, man, expo):
    x = man * Fraction(2) ** expo
    want = nearest(x, fmt) if x < Fraction(2) ** 1030 else math.inf
    assert round_scaled(man, expo, fmt) == want


@given(st.sampled_from(FLOATS), st.integers(1, 1 << 12), st.integers(-160, 135), st.data())
def test_midpoints_go_to_even_and_nothing_beside_them_does(fmt, man, expo, data):
    mid = (2 * man + 1) * Fraction(2) ** expo
    for x in (mid, mid * (1 + Fraction(1, 10**60)), mid * (1 - Fraction(1, 10**60))):
        assert round_ratio(x.numerator, x.denominator, fmt) == nearest(x, fmt)


@given(st.integers(0, 10**40), st.integers(1, 10**40))
def test_integers_are_truncated(n, d):
    whole = n // d  # integers of more than 128 bits are not built
    assert round_ratio(n, d, FORMATS["int64"]) == (whole if whole < 1 << 128 else math.inf)


def test_what_no_integer_format_holds_is_not_built():
    assert round_scaled(1, 10**400, FORMATS["int64"]) == math.inf
    assert round_scaled(1, -(10**400), FORMATS["int64"]) == 0


@pytest.mark.parametrize("name", ["float64", "float32", "float16", "bfloat16"])
def test_the_ends_of_a_format(name):
    fmt = FORMATS[name]
    least, top = 2.0**fmt.quantum, fmt.emax - fmt.precision
    assert fmt.emin == 1 - fmt.emax
    if name != "bfloat16":
        assert least == np.finfo(name).smallest_subnormal
    assert round_scaled(1, fmt.quantum - 1, fmt) == 0.0  # half of it, a tie
    assert round_scaled((1 << 99) + 1, fmt.quantum - 100, fmt) == least
    assert round_scaled(3, fmt.quantum - 2, fmt) == least
    assert round_scaled(3, fmt.quantum - 1, fmt) == 2 * least
    largest = math.ldexp((1 << fmt.precision) - 1, top + 1)
    assert round_scaled((1 << fmt.precision) - 1, top + 1, fmt) == largest
    assert round_scaled((1 << (fmt.precision + 2)) - 3, top - 1, fmt) == largest
    assert round_scaled((1 << (fmt.precision + 1)) - 1, top, fmt) == math.inf  # a tie
    assert round_scaled(1, fmt.emax, fmt) == math.ldexp(1, fmt.emax)
