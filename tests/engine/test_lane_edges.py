"""Lanes at the edges of the range: subnormal numbers, overflow, signed zeros, infinities, NaN.

References are quotients of Python's integers, which it rounds once, and MPFR with 500 bits.
"""

from __future__ import annotations

import math
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from engines import choose

import xspace
from xspace.testing import assert_identical

RNG = np.random.default_rng(31)
COUNT = 40


def wide(low, high, count=COUNT):
    return 2.0 ** RNG.uniform(low, high, count)


def subnormal(bits):
    return RNG.integers(1, 2**bits, COUNT) * 5e-324


def signs():
    return RNG.choice([-1.0, 1.0], COUNT)


#: Magnitudes: all subnormal, few bits, across the least normal number, large, everything.
ZONES = {
    "subnormal": lambda: subnormal(50),
    "short": lambda: subnormal(4),
    "least normal": lambda: wide(-1025, -1018),
    "small": lambda: wide(-1022, -880),
    "large": lambda: wide(980, 1023.99),
    "all": lambda: wide(-1074, 1023.99),
}


@pytest.fixture(autouse=True, params=["engine", "python"])
def _mode(request, monkeypatch):
    choose(request.param, monkeypatch)


def rounded(x: Fraction) -> float:
    """A number rounded once; its sign is kept by a zero."""
    try:
        value = abs(x.numerator) / x.denominator
    except OverflowError:
        value = math.inf
    return -value if x < 0 else value


def sums(a, b, num):
    div = max(num - 1, 1)
    return np.array(
        [
            [
                rounded((Fraction(x) * (div - i) + Fraction(y) * i) / div)
                for x, y in zip(a.tolist(), b.tolist(), strict=True)
            ]
            for i in range(num)
        ]
    )


@pytest.mark.parametrize("num", [1, 2, 3, 8, 33])
@pytest.mark.parametrize("stop", ZONES)
@pytest.mark.parametrize("start", ZONES)
def test_linspace(start, stop, num):
    a, b = ZONES[start]() * signs(), ZONES[stop]() * signs()
    assert_identical(xspace.linspace(a, b, num), sums(a, b, num))


def test_ties_between_subnormal_numbers():
    a = np.arange(-20, 20) * 5e-324
    for b in (np.zeros(40), a[::-1].copy(), np.full(40, 3e-323)):
        for num in (3, 5, 9, 17):
            assert_identical(xspace.linspace(a, b, num), sums(a, b, num))


def power(a: float, b: float, i: int, div: int) -> float:
    with gmpy2.context(precision=500, emin=-20000, emax=20000):
        ratio = gmpy2.mpfr(b) / gmpy2.mpfr(a)
        value = gmpy2.mpfr(a) * ratio ** (gmpy2.mpfr(i) / div)
        return rounded(Fraction(*map(int, value.as_integer_ratio())))


@pytest.mark.parametrize("num", [2, 3, 8, 33])
@pytest.mark.parametrize("stop", ZONES)
@pytest.mark.parametrize("start", ZONES)
def test_geomspace(start, stop, num):
    a, b = ZONES[start](), ZONES[stop]()
    grid = xspace.geomspace(a, b, num)
    wanted = [
        [power(x, y, i, num - 1) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
        for i in range(num)
    ]
    wanted[0], wanted[-1] = a.tolist(), b.tolist()
    assert_identical(grid, np.array(wanted))
    assert_identical(xspace.geomspace(-a, -b, num), -np.array(wanted))


@pytest.mark.parametrize("base", [10.0, 2, 0.1, 1.5, "lanes"])
def test_logspace(base):
    a, b = RNG.uniform(-330, -290, COUNT), RNG.uniform(-300, 320, COUNT)
    bases = RNG.uniform(1.2, 12, COUNT) if base == "lanes" else base
    grid = xspace.logspace(a, b, 8, base=bases)
    with gmpy2.context(precision=500, emin=-20000, emax=20000):
        for lane in range(COUNT):
            number = gmpy2.mpfr(float(np.broadcast_to(bases, COUNT)[lane]))
            for i in range(8):
                e = (Fraction(a[lane]) * (7 - i) + Fraction(b[lane]) * i) / 7
                value = number ** (gmpy2.mpfr(e.numerator) / e.denominator)
                assert grid[i, lane] == rounded(Fraction(*map(int, value.as_integer_ratio())))


@pytest.mark.parametrize("name", ["float64", "float32", "float16"])
@pytest.mark.parametrize("function", ["linspace", "geomspace"])
def test_ends_that_are_no_numbers_or_zeros_of_a_sign(function, name):
    """Lanes are the grids of their scalars, NaN and signs of zeros included."""
    special = [0.0, -0.0, math.inf, -math.inf, math.nan, 1.0, -2.5, 5e-324, -1.7e308]
    if function == "geomspace":
        special = [x for x in special if x]
    pairs = [(x, y) for x in special for y in special]
    a, b = (np.array(x) for x in zip(*pairs, strict=True))
    make = getattr(xspace, function)
    for num in (1, 2, 5):
        for endpoint in (True, False):
            grid = make(a, b, num, endpoint=endpoint, dtype=name)
            wanted = [make(x, y, num, endpoint=endpoint, dtype=name) for x, y in pairs]
            assert_identical(grid, np.stack(wanted, axis=1))


@pytest.mark.parametrize("name", ["float32", "float16", "int64"])
def test_other_types(name):
    """Between numbers that are zero in them, and to infinity."""
    ends = [(subnormal(50) * s, wide(-1000, -950)) for s in (1, -1)]
    if name != "int64":
        ends.append((wide(-5, 5), wide(1010, 1023)))
    for a, b in ends:
        grid = xspace.linspace(a, b, 6, dtype=name)
        wanted = [xspace.linspace(x, y, 6, dtype=name) for x, y in zip(a, b, strict=True)]
        assert_identical(grid, np.stack(wanted, axis=1))
