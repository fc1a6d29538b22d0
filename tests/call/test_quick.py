"""Short grids of plain numbers, with the engine and without: correctly rounded, limits, errors."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from engines import choose

from xspace import arange, geomspace, linspace, logspace
from xspace.call.samples import _QUICK
from xspace.engine.native import ENGINE
from xspace.testing import assert_identical


@pytest.fixture(params=["numpy", "engine"])
def mode(request, monkeypatch):
    choose(request.param, monkeypatch)


def test_the_public_functions_take_this_way(monkeypatch):
    for name in ("logspace", "geomspace", "linspace"):
        monkeypatch.setattr(f"xspace.functions.quick_{name}", lambda *_: "quick")
    for function in (logspace, geomspace, linspace):
        assert function(1, 2.5) == "quick"
        assert function(1, 2.5, 7, endpoint=False, axis=-1, dtype=np.int8) == "quick"
        assert function(1, 2.5, workers=1) == "quick"
        for options in ({"xp": np}, {"device": "cpu"}, {"workers": 2}, {"workers": np.int64(1)}):
            assert isinstance(function(1, 2.5, **options), np.ndarray)


@pytest.mark.skipif(ENGINE is None, reason="the engine is not installed, or switched off")
def test_nothing_else_is_asked_for_everyday_calls(monkeypatch):
    """What the engine makes, it makes alone: reading arguments takes longer than the elements."""
    monkeypatch.setattr("xspace.functions._make_samples", None)
    for number in (float, int, np.float64):
        for dtype in (None, float, np.float32, np.dtype("float16"), np.int32, np.uint64):
            low, high = number(1), number(1000)
            for function in (logspace, geomspace, linspace):
                assert len(function(low, number(4), dtype=dtype)) == 50
            assert len(linspace(low, high, 10**5, dtype=dtype, endpoint=False)) == 10**5
    assert len(logspace(-320, 300.5)) == len(geomspace(5e-324, 1e300)) == 50


@pytest.mark.skipif(ENGINE is None, reason="the engine is not installed, or switched off")
def test_the_engine_is_asked_again_only_for_what_it_could_not_read(monkeypatch):
    asked = []
    monkeypatch.setitem(_QUICK, "linspace", lambda *call: asked.append(call))
    third = Fraction(1, 3)
    for options in ({}, {"dtype": np.float32}, {"dtype": np.int8, "endpoint": False}):
        assert len(linspace(third, 7, **options)) == 50
    assert not asked
    for options in ({"dtype": "f4"}, {"device": "cpu"}, {"num": np.int64(9)}, {"retstep": True}):
        linspace(third, 7, **options)
    assert len(asked) == 4


@pytest.mark.parametrize("num", [2, 50, 1024, 8192])
def test_correctly_rounded(mode, num):
    """Against MPFR, with the exact exponents and quotients as rational numbers."""
    rng = random.Random(num)
    with gmpy2.context(precision=400):
        for _ in range(12 if num < 2000 else 2):
            a, b = rng.uniform(-20, 20), rng.uniform(-20, 20)
            step = (Fraction(b) - Fraction(a)) / (num - 1)
            line = [gmpy2.mpq(Fraction(a) + i * step) for i in range(num)]
            wanted = [float(gmpy2.mpfr(10) ** gmpy2.mpfr(x)) for x in line]
            assert logspace(a, b, num).tolist() == wanted
            wanted = [float(Fraction(x.numerator, x.denominator)) for x in line]
            assert linspace(a, b, num).tolist() == wanted
            a, b = math.exp(a), math.exp(b)
            ratio = gmpy2.mpfr(gmpy2.mpq(Fraction(b) / Fraction(a)))
            wanted = [float(a * ratio ** (gmpy2.mpfr(i) / (num - 1))) for i in range(num)]
            assert geomspace(a, b, num).tolist() == wanted


def sums():
    """Sums with midpoints, numbers next to them, zeros, and elements far smaller than the ends."""
    tick = 2.0**-52
    yield from [(1.0, 1 + tick, 3), (1.0, 1 + 3 * tick, 7), (-1 - 5 * tick, -1.0, 11)]
    yield from [(1.0, 1 + 2.0**-40, 8193), (2.0**70, 2.0**70 + 2.0**36, 2**17 + 1)]
    yield from [(-1.0, 1.0, 51), (-3.0, 7.0, 100_001), (0.0, 5.0, 9), (5, 0, 9), (-1e300, 1e300, 3)]
    yield from [(1e-9, 1.0, 3), (-1 - tick, 1.0, 3), (-1.0, 1 + tick, 5), (1e-200, -3e-200, 5)]
    yield from [(0.1, 0.1, 4), (-(2**53), 2**53, 2**18), (2.0**-799, -(2.0**-799), 7)]
    rng = random.Random(3)
    for _ in range(60):
        number, size = 1 + rng.randrange(1 << 20) * tick, rng.choice([3, 5, 7, 100, 1025])
        yield number, number + rng.randrange(2 * size) * tick, size


def test_sums_are_rounded_correctly(mode):
    for start, stop, num in sums():
        for div in (num - 1, num):
            got = linspace(start, stop, num, endpoint=div < num)
            first, step = Fraction(start), (Fraction(stop) - Fraction(start)) / div
            places = range(num) if num < 10_000 else range(0, num, 97)
            assert got[list(places)].tolist() == [float(first + i * step) for i in places]


def narrow_sums():
    """The same in float32: midpoints of float32, and numbers next to them by a bit of float64."""
    tick = 2.0**-23
    yield from [(1.0, 1 + tick, 3), (1.0, 1 + 3 * tick, 7), (1.0, 1 + 2.0**-12, 8193)]
    yield from [(2.0**70, 2.0**70 + 2.0**60, 2**17 + 1), (-1.0, 1.0, 51), (1e-9, 1.0, 3)]
    yield from [(0.0, 2.0**-120, 2**10 + 1), (1e38, -1e38, 9), (0.1, 0.1, 4), (1e-40, 1e-39, 5)]
    rng = random.Random(7)
    for _ in range(200):
        middle = 1 + (rng.randrange(1 << 20) + 0.5) * tick
        apart = rng.randrange(1, 2**12) * tick
        near = rng.choice([0, 1, -1, 2, -3]) * 2.0**-52
        yield middle - apart + near, middle + apart, rng.choice([3, 5, 9, 33])


def test_sums_in_float32_are_rounded_once(mode):
    with gmpy2.context(precision=24, emin=-148, emax=128, subnormalize=True):
        for start, stop, num in narrow_sums():
            got = linspace(start, stop, num, dtype=np.float32)
            assert got.dtype == np.float32
            first, step = Fraction(start), (Fraction(stop) - Fraction(start)) / (num - 1)
            places = range(num) if num < 10_000 else range(0, num, 97)
            want = [float(gmpy2.mpfr(gmpy2.mpq(first + i * step))) for i in places]
            assert got[list(places)].tolist() == want, (start, stop, num)


@pytest.mark.parametrize(
    ("function", "arguments", "options"),
    [
        (logspace, (-400, 2, 9), {}),
        (logspace, (300, 310, 11), {}),
        (logspace, (-1, 1, 5), {"base": -2}),
        (logspace, (0, 1, 3), {"base": 0}),
        (logspace, (0, 1, 3), {"base": 10**400}),
        (logspace, (math.nan, 1, 3), {}),
        (logspace, (0, math.inf, 3), {"base": math.inf}),
        (logspace, (22, 24, 3), {}),
        (geomspace, (5e-324, 1e308, 9), {}),
        (geomspace, (-1, 8, 4), {}),
        (geomspace, (2**60 + 1, 1, 4), {}),
        (geomspace, (1, math.inf, 3), {}),
        (linspace, (-0.0, -1.0, 5), {}),
        (linspace, (1, -0.0, 5), {}),
        (linspace, (0, 0, 5), {}),
        (linspace, (-0.5, 0.5, 11), {}),
        (linspace, (2**70 + 1, 0, 5), {}),
        (linspace, (1e-320, 1e308, 5), {}),
        (linspace, (1, math.nan, 5), {}),
        (linspace, (1, 1 + 2**-52, 3), {}),
        (linspace, (1, 1 + 3 * 2**-52, 7), {}),
    ],
)
def test_limits_and_midpoints(function, arguments, options, monkeypatch):
    """Whatever is made by the engine or refused, the bits are those of Python."""
    made = function(*arguments, **options)
    choose("numpy", monkeypatch)
    assert_identical(made, function(*arguments, **options))


def test_errors_are_those_of_the_long_way(mode):
    with pytest.raises(ValueError, match="start must not be zero"):
        geomspace(0, 1)
    with pytest.raises(ValueError, match="num must not be negative, got -1"):
        logspace(0, 1, -1)
    with pytest.raises(TypeError, match="num must be an integer"):
        linspace(0, 1, 5.0)
    with pytest.raises(TypeError, match="stop must be a real number"):
        linspace(0, "1")


def test_nothing_of_an_earlier_grid_is_shared(mode):
    for function in (logspace, geomspace, linspace):
        first, kept = function(1.5, 4.5), function(1.5, 4.5).tobytes()
        first[:] = 0
        assert function(1.5, 4.5).tobytes() == kept
    assert arange(0, 3, 0.5).tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
