"""Ranges by step, by ratio and by points, their bounds, and exact arithmetic with them."""

from __future__ import annotations

import math
import operator
import pickle
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xspace
from xspace import ArithRange, GeomRange, LinRange, LogRange, arange, geomspace, linspace
from xspace.testing import assert_identical

FINITE = st.floats(-1e200, 1e200)
EXACT = st.one_of(FINITE, st.integers(-(10**20), 10**20), st.fractions(max_denominator=10**6))
SLICES = st.builds(slice, *[st.none() | st.integers(-9, 9)] * 2, st.sampled_from([None, 1, 2, -1]))


few = settings(max_examples=25)  # enough for each operator, sign and slice


def exact(start, stop, num, endpoint=True):
    """The numbers that `linspace` rounds."""
    div = max(num - 1 if endpoint else num, 1)
    start, stop = Fraction(start), Fraction(stop)
    return [(start * (div - i) + stop * i) / div for i in range(num)]


def rounded(x):
    try:
        return x.numerator / x.denominator
    except OverflowError:
        return math.inf if x > 0 else -math.inf


def again(r):
    names = {name: getattr(xspace, name) for name in xspace.__all__}
    return eval(repr(r), {"Fraction": Fraction, "np": np, **names})


class TestAffine:
    @pytest.mark.parametrize(
        "operate",
        [
            lambda x, c: c * x,
            lambda x, c: x * c,
            lambda x, c: x + c,
            lambda x, c: c + x,
            lambda x, c: x - c,
            lambda x, c: c - x,
            lambda x, c: -x,
            lambda x, c: +x,
            lambda x, c: x / c,
            lambda x, c: 1 - 2 * (x + c) / 3,
        ],
    )
    @few
    @given(EXACT, EXACT, st.integers(0, 9), st.booleans(), EXACT.filter(bool), SLICES)
    def test_one_rounding_of_what_is_exact(self, operate, start, stop, num, endpoint, c, cut):
        r = LinRange(start, stop, num, endpoint=endpoint)[cut]
        made = operate(r, c)
        assert type(made) is LinRange
        wanted = [operate(x, Fraction(c)) for x in exact(start, stop, num, endpoint)[cut]]
        assert [x + 0.0 for x in made] == [rounded(x) + 0.0 for x in wanted]
        assert again(made) == made
        assert operate(LinRange(start, stop, num, endpoint=endpoint), c)[cut] == made

    @pytest.mark.parametrize(
        "c", [3, 0.1, Fraction(1, 3), Decimal("0.3"), np.float64(0.1), np.float32(0.1), np.int8(3)]
    )
    def test_scalars_of_all_kinds(self, c):
        r, value = LinRange(0, 1, 11), Fraction(c if not isinstance(c, np.generic) else c.item())
        assert c * r == r * c == LinRange(0, value, 11)
        assert c - r == -(r - c) == LinRange(value, value - 1, 11)
        if isinstance(c, np.generic):
            assert np.array(c) * r == c * r

    def test_arrays_stay_arrays(self):
        r, a = LinRange(0, 1, 11), np.arange(11.0)
        for op in (operator.add, operator.sub, operator.mul):
            assert_identical(op(a, r), op(a, np.asarray(r)))
            assert_identical(op(r, a), op(np.asarray(r), a))
        g = GeomRange(1, 8, 4)
        assert_identical(np.ones(4) / g, np.ones(4) / np.asarray(g))

    @pytest.mark.parametrize("other", ["2", 2j, None, [1, 2], np.datetime64("2020")])
    def test_what_is_no_number(self, other):
        with pytest.raises(TypeError):
            LinRange(0, 1, 5) * other

    @pytest.mark.parametrize("r", [LinRange(0, 1), ArithRange(5), GeomRange(1, 2)])
    def test_what_is_not_finite(self, r):
        with pytest.raises(ValueError, match="must be finite"):
            r * math.inf
        with pytest.raises(ZeroDivisionError):
            r / 0

    def test_dates_and_exponents_have_none(self):
        for r in (LinRange(np.datetime64("2020"), np.datetime64("2021")), LogRange(0, 1)):
            with pytest.raises(TypeError, match="unsupported operand"):
                r * 2


class TestGeometric:
    @few
    @given(
        st.floats(1e-100, 1e100),
        st.floats(1e-100, 1e100),
        st.integers(1, 9),
        EXACT.filter(lambda c: 1e-9 < abs(c) < 1e100),
        SLICES,
    )
    def test_products(self, start, stop, num, c, cut):
        r = GeomRange(start, stop, num)[cut]
        wanted = geomspace(Fraction(start) * Fraction(c), Fraction(stop) * Fraction(c), num)[cut]
        assert list(r * c) == list(c * r) == wanted.tolist()
        assert again(r * c) == r * c
        assert -(r * c) == r * -Fraction(c)
        assert r / c == r * (1 / Fraction(c))
        inverse = geomspace(Fraction(c) / Fraction(start), Fraction(c) / Fraction(stop), num)[cut]
        assert list(c / r) == inverse.tolist()

    def test_zero(self):
        with pytest.raises(ValueError, match="cannot include zero"):
            GeomRange(1, 2) * 0


class TestBySteps:
    @few
    @given(
        *[st.integers(-50, 50) | st.fractions(-9, 9, max_denominator=10) | st.floats(-9, 9)] * 2,
        st.sampled_from([1, -1, 3, 0.1, -0.3, Fraction(1, 3), 0.25, -2.0]),
        st.sampled_from(["left", "both", "right", "neither"]),
        SLICES,
    )
    def test_elements_are_those_of_arange(self, start, stop, step, inclusive, cut):
        r = ArithRange(start, stop, step, inclusive=inclusive)
        whole = arange(start, stop, step, inclusive=inclusive)
        assert_identical(r.to_array(), whole)
        assert list(r) == whole.tolist()
        assert [type(x) for x in r[cut]] == [type(x) for x in whole[cut].tolist()]
        assert_identical(np.asarray(r[cut]), whole[cut])
        assert again(r[cut]) == r[cut]
        assert list(map(type, again(r))) == list(map(type, r))
        assert pickle.loads(pickle.dumps(r[cut])) == r[cut]
        for c in (2, 0.1, Fraction(-1, 3)):
            scaled = c * r[cut] + 1
            line = [1 + Fraction(c) * (Fraction(start) + i * Fraction(step)) for i in range(1000)]
            first = 0 if inclusive in ("left", "both") else 1
            assert list(scaled) == [rounded(x) for x in line[first : first + r.num][cut]]
            assert again(scaled) == scaled

    def test_as_range_has_it(self):
        for arguments in [(5,), (2, 9), (9, 2, -3), (0, 0), (1, 10, 4)]:
            r, whole = ArithRange(*arguments), range(*arguments)
            assert list(r) == list(whole)
            assert (r.start, r.step) == (whole.start, whole.step)
            assert r.stop == whole.stop
            assert list(r[::-2]) == list(whole[::-2])
            for x in (3, 3.0, Fraction(5, 2), "3", math.inf, 10**30):
                assert (x in r) == (x in whole)
        r = ArithRange(10**15)
        assert r.searchsorted(np.array([5, 7], np.uint8)).tolist() == [5, 7]
        assert r.searchsorted([2.5, -math.inf, math.inf, 10**40]).tolist() == [3, 0, r.num, r.num]
        assert r == LinRange(0, 10**15 - 1, 10**15)
        assert hash(r) == hash(LinRange(0, 10**15 - 1, 10**15))
        big = 2**53 + 1
        assert ArithRange(big, big + 2) == LinRange(big, big + 1, 2)
        with pytest.raises(
            OverflowError, match=r"ArithRange: element 1 is 9\.223372036854776e\+18"
        ):
            ArithRange(2**63 - 1, 2**63 + 1)

    def test_libraries(self):
        torch = pytest.importorskip("torch")
        assert_identical(ArithRange(5).to_array(xp=torch), arange(5, xp=torch))
        assert_identical(
            ArithRange(5)[::2].to_array(dtype=torch.float32, xp=torch),
            arange(0, 5, 2, dtype=torch.float32, xp=torch),
        )

    def test_dates(self):
        start, stop = np.datetime64("2024-02-28"), np.datetime64("2024-03-03")
        r = ArithRange(start, stop, np.timedelta64(36, "h"))
        assert_identical_dates(r.to_array(), arange(start, stop, np.timedelta64(36, "h")))
        assert list(r) == list(r.to_array())
        assert (r.start, r.step) == (start, np.timedelta64(36, "h"))
        assert r[1:].start == r[1]
        assert again(r) == r
        assert r[1] in r
        months = ArithRange(np.datetime64("2024-01"), np.datetime64("2024-06"), 2)
        assert months[1] == np.datetime64("2024-03")
        assert again(months) == months


def assert_identical_dates(one, two):
    assert one.dtype == two.dtype
    assert one.tolist() == two.tolist()


class TestByRatio:
    @few
    @given(
        st.sampled_from([20, 0.1, 3.7, Fraction(1, 3), 1e-300]),
        st.sampled_from([2, 10, 1.5, Fraction(4, 3), 1.0000001]),
        st.sampled_from([1, 2, 3, 7, Fraction(3, 2)]),
        st.integers(0, 60),
        st.booleans(),
    )
    def test_a_stop_that_is_meant_is_reached(self, start, ratio, points, k, endpoint):
        """Also as the float that the last element is rounded to."""
        power = LogRange(0, Fraction(k) / points, 2, base=ratio)[1]
        stop = start * power if isinstance(start, int) else float(Fraction(start) * Fraction(power))
        exactly = Fraction(k) / points
        if exactly.denominator == 1:
            stop = float(Fraction(start) * Fraction(ratio) ** int(exactly))
        r = GeomRange.by_ratio(start, stop, ratio, points=points, endpoint=endpoint)
        if exactly.denominator == 1 and k:
            assert r.num == k + endpoint
        assert abs(r.num - k - endpoint) <= 1
        assert again(r) == r

    def test_elements(self):
        r = GeomRange.per_octave(20, 20_000, 3)
        assert r.num == 30  # 3 * log2(1000) is 29.9
        assert r[::3] == GeomRange(20, 20 * 2**9, 10)
        assert r == GeomRange.by_ratio(20, 20_000, 2, points=3)
        assert r == GeomRange.by_ratio(20, 20_000, 8, points=9)
        assert r[1:3] == 20 * GeomRange(1, 2, 4)[1:3]
        falling = GeomRange.per_octave(20_480, 20, 3)
        assert falling == GeomRange.per_octave(20, 20_480, 3)[::-1]
        assert falling.num == 31
        assert list(GeomRange.per_decade(Fraction(1, 1000), 1000, 10)) == list(LogRange(-3, 3, 61))
        assert list(GeomRange.per_decade(-0.1, -100, 1)) == [-0.1, -1.0, -10.0, -100.0]

    @pytest.mark.parametrize("endpoint", [True, False])
    def test_the_last_one(self, endpoint):
        def count(*arguments):
            return GeomRange.by_ratio(*arguments, endpoint=endpoint).num - endpoint

        assert count(1, 8, 2) == 3
        assert count(0.1, 100, 10) == 3  # the float is a little more than a tenth
        assert count(Fraction(0.1), 100, 10) == 3 - endpoint  # and here it is what it is
        assert count(1, 8, 0.5) == 0 - endpoint
        assert count(8, 1, 0.5) == 3
        assert count(1, Fraction(8) - Fraction(1, 10**40), 2) == 3 - endpoint
        assert count(1, Fraction(8) + Fraction(1, 10**40), 2) == 4 - endpoint
        assert count(1, 2, Fraction(1, 3) + 1) == 3 - endpoint

    def test_near_one_and_far_away(self):
        r = GeomRange.by_ratio(1e-300, 1e300, math.nextafter(1, 2))
        assert r.num > 10**18
        assert r[-1] <= 1e300
        assert r[0] == 1e-300
        long = GeomRange.by_ratio(1, 2, 1 + Fraction(1, 10**30), points=7)
        assert 4 * 10**30 < long.num < 5 * 10**30

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ((1, 2, 1), "ratio must be positive and not 1"),
            ((1, 2, -2), "ratio must be positive and not 1"),
            ((1, -2, 2), "stop must have the sign of start"),
            ((0, 2, 2), "start must not be zero"),
            ((1, math.inf, 2), "stop must be finite"),
        ],
    )
    def test_errors(self, arguments, words):
        with pytest.raises(ValueError, match=words):
            GeomRange.by_ratio(*arguments)
        with pytest.raises(ValueError, match="points must be positive"):
            GeomRange.per_octave(1, 2, 0)


class TestBounds:
    @few
    @given(EXACT, EXACT, st.integers(0, 9), st.booleans(), SLICES)
    def test_of_lines(self, start, stop, num, endpoint, cut):
        r = LinRange(start, stop, num, endpoint=endpoint)
        assert (r.start, r.stop, r.num) == (rounded(Fraction(start)), rounded(Fraction(stop)), num)
        _, step = linspace(start, stop, num, endpoint=endpoint, retstep=True)
        assert r.step == step or (math.isnan(r.step) and math.isnan(step))
        part = r[cut]
        if part.num:
            assert part.start == part[0]
        if part.num and endpoint:
            assert part.stop == part[-1] or part.num == num == 1
        if part.num > 1:
            line = exact(start, stop, num, endpoint)
            difference = next(b - a for a, b in zip(line[cut], line[cut][1:], strict=False))
            assert part.step == rounded(difference)
            if not endpoint:
                assert part.stop == rounded(line[cut][-1] + difference)

    def test_of_powers(self):
        r = LogRange(-3, 3, 7, base=2)
        assert (r.start, r.stop, r.num, r.base, r.ratio) == (-3.0, 3.0, 7, 2.0, 2.0)
        assert (r[::-2].start, r[::-2].stop, r[::-2].ratio) == (3.0, -3.0, 0.25)
        g = GeomRange(-1, -256, 9)
        assert (g.start, g.stop, g.ratio) == (-1.0, -256.0, 2.0)
        assert (g[1:4].start, g[1:4].stop) == (-2.0, -8.0)
        assert GeomRange(1, 16, 4, endpoint=False)[::2].stop == 16.0
        assert math.isnan(GeomRange(1, 2, 1).ratio)
        assert GeomRange.per_octave(1, 1, 12).ratio == 2 ** (1 / 12)

    def test_zeros_keep_their_sign(self):
        bounds = [LinRange(-0.0, 1, 3).start, LinRange(1, -0.0, 3)[::-1].start]
        assert [math.copysign(1, x) for x in bounds] == [-1.0, -1.0]

    def test_of_dates(self):
        r = LinRange(np.datetime64("2024-01-01"), np.datetime64("2024-01-31"), 4)
        assert (r.start, r.stop) == (np.datetime64("2024-01-01"), np.datetime64("2024-01-31"))
        assert r.step == np.timedelta64(10, "D")
        assert r[1:3].stop == np.datetime64("2024-01-21")
        assert np.isnat(r[:1].step)


class TestInANotebook:
    @pytest.mark.parametrize(
        ("r", "text"),
        [
            (
                LinRange(0, 1, 10**20),
                "<code>LinRange(0, 1, 100000000000000000000)</code><br>"
                "<small>0.0, 1e-20, 2e-20, …, 1.0, 1.0, 1.0</small>",
            ),
            (ArithRange(3), "<code>ArithRange(0, 3)</code><br><small>0, 1, 2</small>"),
            (ArithRange(0), "<code>ArithRange(0, 0)</code><br><small>no elements</small>"),
            (
                ArithRange(np.datetime64("2024"), np.datetime64("2026"))[1:],
                "<code>ArithRange(np.datetime64(&#x27;2024&#x27;, &#x27;Y&#x27;), "
                "np.datetime64(&#x27;2026&#x27;, &#x27;Y&#x27;), "
                "np.timedelta64(1, &#x27;Y&#x27;))[1:]</code><br><small>2025</small>",
            ),
        ],
    )
    def test_html(self, r, text):
        assert r._repr_html_() == text

    def test_names(self):
        code = """
import sys, xspace
light = set(sys.modules)
assert not {"xspace.ranges", "xspace.testing", "xspace.dropin"} & light
assert set(xspace.__all__) | {"testing", "dropin"} == set(dir(xspace))
assert all(hasattr(xspace, name) for name in dir(xspace))
assert "numpy" in dir(xspace.dropin)
assert xspace.dropin.numpy.linspace(0, 1, 3).tolist() == [0, 0.5, 1]
assert xspace.testing.ulp_distance
assert not {"torch", "jax", "dask"} & set(sys.modules)
for module in (xspace, xspace.dropin):
    try:
        module.nothing
    except AttributeError as error:
        assert "has no attribute 'nothing'" in str(error)
"""
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_dask_takes_ranges():
    da = pytest.importorskip("dask.array")
    for r in (LinRange(0, 1, 101), ArithRange(101), GeomRange(1, 2, 101), LogRange(0, 1, 101)):
        array = da.from_array(r, chunks=10)
        assert array.chunks == ((*[10] * 10, 1),)
        assert_identical(array.compute(), r.to_array())
        assert_identical((array[3:50:2] + 1).compute(), r.to_array()[3:50:2] + 1)
    days = ArithRange(np.datetime64("2024-01-01"), np.datetime64("2025-01-01"))
    assert da.from_array(days).compute().tolist() == days.to_array().tolist()
