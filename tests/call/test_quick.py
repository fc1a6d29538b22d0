"""Short grids past the layers: used where they can be, the same bits, and their bounds."""

from __future__ import annotations

import math
import os
import random
from fractions import Fraction

import gmpy2
import numpy as np
import pytest

from xspace import geomspace, linspace, logspace
from xspace.call import quick
from xspace.engine import compiled, small_sums
from xspace.engine import numba_short as loops
from xspace.testing import assert_identical

#: With a number of threads a grid is made the long way.
LONG = {"workers": 1}


@pytest.fixture(autouse=True)
def _as_before():
    yield
    compiled.use(os.environ.get("XSPACE_NUMBA", ""))


@pytest.fixture(params=["0", "1"], ids=["numpy", "numba"])
def mode(request):
    compiled.use(request.param)


def exponents(rng):
    return rng.choice(
        [
            rng.uniform(-300, 300),
            rng.uniform(-5, 5),
            float(rng.randrange(-10, 10)),
            rng.randrange(-20, 20),
            rng.randrange(-2000, 2000) / 8,
            rng.uniform(-1, 1) * 10 ** rng.randrange(-300, 3),
        ]
    )


def ends(rng):
    return rng.choice(
        [
            math.exp(rng.uniform(-700, 700)),
            math.exp(rng.uniform(-9, 9)),
            10.0 ** rng.randrange(-10, 10),
            rng.randrange(1, 100),
            rng.uniform(0.9, 1.1),
            1 + rng.randrange(4) * 2.0**-52,
            2.0 ** rng.randrange(-1021, 1020),
        ]
    )


def calls(rng):
    """One call of each function: the function that may refuse, the public one, and arguments."""
    num, endpoint = rng.choice([2, 3, 5, 9, 50, 51, 601, 1024, 2048, 8192]), rng.random() < 0.7
    base = rng.choice([10, 10.0, 2, math.e, 0.3, 1.0000001, 1e-5, 1e300, 8, 1])
    a, b = exponents(rng), exponents(rng)
    yield quick.quick_logspace(a, b, num, endpoint, base), logspace, (a, b, num), endpoint, base
    a, b = ends(rng), ends(rng)
    if rng.random() < 0.3:
        a, b = -a, -b
    yield quick.quick_geomspace(a, b, num, endpoint), geomspace, (a, b, num), endpoint, None
    a, b = exponents(rng), rng.choice([exponents(rng), -a, 0, 0.0, a * (1 + 3 * 2.0**-52)])
    yield quick.quick_linspace(a, b, num, endpoint), linspace, (a, b, num), endpoint, None


def test_the_same_bits_as_the_long_way(mode):
    rng = random.Random(5)
    made = dict.fromkeys((logspace, geomspace, linspace), 0)
    for _ in range(900):
        for got, function, arguments, endpoint, base in calls(rng):
            options = {} if base is None else {"base": base}
            if got is not None:
                made[function] += 1
                long = function(*arguments, endpoint=endpoint, **options, **LONG)
                assert got.tobytes() == long.tobytes(), (function, arguments, endpoint, base)
    assert min(made.values()) > 350, made  # and not because all were refused


def test_float32_has_the_bits_of_the_long_way():
    compiled.use("1")
    rng = random.Random(6)
    ways = {
        logspace: quick.quick_logspace,
        geomspace: quick.quick_geomspace,
        linspace: quick.quick_linspace,
    }
    made = dict.fromkeys(ways, 0)
    for _ in range(600):
        for _, function, arguments, endpoint, base in calls(rng):
            options = {} if base is None else {"base": base}
            got = ways[function](*arguments, endpoint, *options.values(), narrow=True)
            public = function(*arguments, endpoint=endpoint, **options, dtype=np.float32)
            long = function(*arguments, endpoint=endpoint, **options, dtype=np.float32, **LONG)
            assert public.tobytes() == long.tobytes(), (function, arguments, endpoint, base)
            if got is not None:
                made[function] += 1
                assert got.tobytes() == long.tobytes(), (function, arguments, endpoint, base)
    assert min(made.values()) > 100, made


def test_the_public_functions_take_this_way(mode, monkeypatch):
    for name in ("quick_logspace", "quick_geomspace", "quick_linspace"):
        monkeypatch.setattr(f"xspace.functions.{name}", lambda *_: "quick")
    for function in (logspace, geomspace, linspace):
        assert function(1, 2.5) == "quick"
        assert function(1, 2.5, 7, endpoint=False, axis=-1) == "quick"
        for options in ({"dtype": float}, {"xp": np}, {"device": "cpu"}):
            assert isinstance(function(1, 2.5, **options), np.ndarray)
        with pytest.raises(ValueError, match="axis"):
            function(1, 2.5, axis=1)


@pytest.mark.parametrize("num", [2, 50, 1024, 8192])
def test_correctly_rounded(mode, num):
    """Against MPFR, with the exact exponents and quotients as rational numbers."""
    rng = random.Random(num)
    with gmpy2.context(precision=400):
        for _ in range(12 if num < 2000 else 2):
            a, b = rng.uniform(-20, 20), rng.uniform(-20, 20)
            step = (Fraction(b) - Fraction(a)) / (num - 1)
            line = [gmpy2.mpq(Fraction(a) + i * step) for i in range(num)]
            got = quick.quick_logspace(a, b, num, True, 10)
            if got is not None:
                assert got.tolist() == [float(gmpy2.mpfr(10) ** gmpy2.mpfr(x)) for x in line]
            got = quick.quick_linspace(a, b, num, True)
            if got is not None:
                assert got.tolist() == [float(Fraction(x.numerator, x.denominator)) for x in line]
            a, b = math.exp(a), math.exp(b)
            ratio = gmpy2.mpfr(gmpy2.mpq(Fraction(b) / Fraction(a)))
            got = quick.quick_geomspace(a, b, num, True)
            if got is not None:
                want = [a * ratio ** (gmpy2.mpfr(i) / (num - 1)) for i in range(num)]
                assert got.tolist() == [float(x) for x in want]


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


def test_compiled_sums_leave_nothing_to_others():
    rng = random.Random(4)
    cases = [*sums(), *((rng.gauss(0, 1), rng.gauss(0, 1), 50) for _ in range(1000))]
    made = [loops.linear(a, b, num - 1, np.empty(num)) for a, b, num in cases]
    assert made == [0] * len(cases)


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
def test_limits_and_midpoints(mode, function, arguments, options):
    """Whatever is made here or refused: the public function gives what the long way gives."""
    assert_identical(function(*arguments, **options), function(*arguments, **options, **LONG))


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
        first = function(1.5, 4.5)
        again = function(1.5, 4.5)
        first[:] = 0
        assert_identical(again, function(1.5, 4.5, **LONG))


def fixed(words):
    whole, high, low = (int(word) for word in words)
    return gmpy2.mpfr(whole) + gmpy2.mpfr((high << 64) + low) / gmpy2.mpfr(2) ** 128


def test_logarithms_keep_their_bounds():
    rng = random.Random(3)
    unit = gmpy2.mpfr(2) ** -128
    with gmpy2.context(precision=400):
        for _ in range(2000):
            base = rng.choice([2.0, 10.0, 0.3, 1e300, 1e-5, 1.0000001])
            x = exponents(rng)
            sign, whole, *words = quick._log_words(base)
            got = loops._times_log(float(x), sign, whole, tuple(np.uint64(w) for w in words))
            assert abs(fixed(got) - x * gmpy2.log2(gmpy2.mpfr(base))) < 2 * unit
            man, expo = math.frexp(abs(ends(rng)))
            got, good = loops._log2(np.uint64(int(man * 2**53) << 11), expo - 1)
            assert good
            want = gmpy2.log2(gmpy2.mpfr(man)) + expo
            assert abs(fixed(got) - want) < 200 * unit


def test_quotients_are_exact():
    rng = random.Random(4)
    for _ in range(500):
        value = rng.randrange(-(1 << 150), 1 << 150) >> rng.randrange(150)
        div = rng.randrange(1, 1 << rng.randrange(1, 31))
        word = (1 << 64) - 1
        number = value >> 128, np.uint64(value >> 64 & word), np.uint64(value & word)
        (whole, high, low), rest = loops._divided(number, div)
        got = (int(whole) << 128) + (int(high) << 64) + int(low), int(rest)
        assert got == divmod(value, div)


def test_a_grid_with_an_open_element_is_refused(monkeypatch):
    """By a test so wide that every element fails it."""
    out = np.empty(50)
    assert small_sums.fill_between(out, -3.3, 2.2, 49)
    monkeypatch.setattr(small_sums, "_ERROR", 4.0)
    assert not small_sums.fill_between(out, -3.3, 2.2, 49)
