"""Spirals between arrays of complex ends, against MPC and against the grids of their scalars."""

from __future__ import annotations

from fractions import Fraction

import gmpy2
import numpy as np
import pytest

import xspace
from xspace.engine.lanes.spirals import LONGEST, Point, _cos_sin, _polar, _polar_scalar
from xspace.testing import assert_identical

RNG = np.random.default_rng(17)
DTYPES = {"complex128": np.float64, "complex64": np.float32}


def points(count, reach=30):
    """Numbers of all moduli and angles, some of them next to an axis."""
    modulus, angle = 2.0 ** RNG.uniform(-reach, reach, count), RNG.uniform(-np.pi, np.pi, count)
    angle[: count // 8] *= 1e-9
    return modulus * np.exp(1j * angle)


def rounded(value, dtype):
    """Both parts of a number of many bits, each rounded once."""

    def part(x):
        ratio = Fraction(*map(int, x.as_integer_ratio()))
        if dtype == "complex128":
            return ratio.numerator / ratio.denominator
        with gmpy2.context(precision=24, emin=-148, emax=128, subnormalize=True):
            return float(gmpy2.mpfr(gmpy2.mpq(ratio.numerator, ratio.denominator)))

    return complex(part(value.real), part(value.imag))


def wanted(lanes, num, dtype, element):
    with gmpy2.context(precision=500):
        rows = [[rounded(element(*ends, i), dtype) for ends in lanes] for i in range(num)]
    return np.array(rows, dtype=dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("num", [2, 5, 40])
def test_geomspace(num, dtype):
    a, b = points(60), points(60)

    def element(x, y, i):
        if i in (0, num - 1):
            return gmpy2.mpc(y if i else x)
        return gmpy2.mpc(x) * (gmpy2.mpc(y) / gmpy2.mpc(x)) ** (gmpy2.mpfr(i) / (num - 1))

    lanes = list(zip(a.tolist(), b.tolist(), strict=True))
    assert_identical(xspace.geomspace(a, b, num, dtype=dtype), wanted(lanes, num, dtype, element))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("base", [10.0, 2.5, 1 + 2j, -3.0, 0.25j, "lanes"])
def test_logspace(base, dtype):
    num = 7
    a, b = (RNG.uniform(-4, 4, 40) + 1j * RNG.uniform(-2, 2, 40) for _ in range(2))
    bases = points(40, 3) if base == "lanes" else np.full(40, base)

    def element(x, y, z, i):
        x, y = gmpy2.mpc(x), gmpy2.mpc(y)
        return gmpy2.mpc(z) ** (x + (y - x) * i / (num - 1))

    lanes = list(zip(a.tolist(), b.tolist(), bases.tolist(), strict=True))
    found = xspace.logspace(a, b, num, base=bases if base == "lanes" else base, dtype=dtype)
    assert_identical(found, wanted(lanes, num, dtype, element))


@pytest.mark.parametrize("function", ["geomspace", "logspace"])
def test_what_is_exact_or_out_of_reach_is_the_grid_of_its_scalars(function):
    """Axes, diagonals, half turns, what is too large, subnormal, infinite or no number."""
    special = [1, -1, 1j, -1j, 1 + 1j, -1 - 1j, 2 - 1j, -4 + 0j, complex(-4, -0.0)]
    special += [1e-310 + 1j, 1e300 - 1e300j, complex(np.inf, 1), complex(np.nan, 0), 5e-324j]
    special += [] if function == "geomspace" else [0, 600.0, 30j]
    pairs = [(x, y) for x in special for y in special]
    a, b = (np.array(x, complex) for x in zip(*pairs, strict=True))
    make = getattr(xspace, function)
    for num, endpoint in ((1, True), (3, True), (9, True), (4, False)):
        grid = make(a, b, num, endpoint=endpoint)
        scalars = [make(complex(x), complex(y), num, endpoint=endpoint) for x, y in pairs]
        assert_identical(grid, np.stack(scalars, axis=1))


def test_ends_that_are_no_floats():
    """Exact numbers and long doubles beside complex arrays."""
    for end in (Fraction(1, 3), np.longdouble(1) / 3, 2**60 + 1):
        grid = xspace.geomspace(end, np.array([1j, 2 + 1j]), 4)
        for lane, stop in enumerate((1j, 2 + 1j)):
            assert_identical(grid[:, lane], xspace.geomspace(end, stop, 4, dtype=complex))


def test_samples_of_lanes_and_long_lanes():
    a, b = points(3), points(3)
    whole = xspace.geomspace(a, b, LONGEST + 2)
    assert_identical(whole[:, 1], xspace.geomspace(a[1].item(), b[1].item(), LONGEST + 2))
    assert xspace.geomspace(a, b, 0).shape == (0, 3)


def test_moduli_and_angles_keep_their_bounds():
    z = points(500, 300)
    polar = _polar(Point(z.real, z.imag))
    assert polar.good.all()
    with gmpy2.context(precision=400):
        turn = 2 * gmpy2.const_pi()
        for k, x in enumerate(z.tolist()):
            log = gmpy2.log2(gmpy2.norm(gmpy2.mpc(x))) / 2
            angle = gmpy2.phase(gmpy2.mpc(x)) / turn
            for words, exact, bits in ((polar.log, log, 81), (polar.turn, angle, 82)):
                found = gmpy2.mpfr(words.high[k]) + gmpy2.mpfr(words.low[k])
                assert abs(found - exact) < gmpy2.exp2(-bits)
            if k < 50:
                log_words, turn_words, _ = _polar_scalar(Point(x.real, x.imag))
                for words, exact in ((log_words, log), (turn_words, angle)):
                    found = gmpy2.mpfr(words.high) + gmpy2.mpfr(words.low)
                    assert abs(found - exact) <= abs(exact) * gmpy2.exp2(-104)


def test_cosines_and_sines_keep_their_bound():
    head = np.round(RNG.uniform(0, 65536, 2000) * 2.0**24) * 2.0**-24
    tail = RNG.uniform(-1, 1, 2000) * 2.0**-11
    cos, sin = _cos_sin(head, tail)
    with gmpy2.context(precision=400):
        for k in range(2000):
            steps = gmpy2.mpfr(head[k]) + gmpy2.mpfr(tail[k])
            angle = steps * 2 * gmpy2.const_pi() / 65536
            for words, exact in ((cos, gmpy2.cos(angle)), (sin, gmpy2.sin(angle))):
                found = gmpy2.mpfr(words.high[k]) + gmpy2.mpfr(words.low[k])
                assert abs(found - exact) < gmpy2.exp2(-76)
