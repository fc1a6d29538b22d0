"""What the contract says and implies, on NumPy: outputs, exact properties, special values."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xspace import geomspace, linspace, logspace
from xspace.testing import assert_identical

NUM = st.integers(1, 300)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
MODERATE = st.floats(-300, 300)
POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
EXACT = st.one_of(FINITE, st.integers(-(10**30), 10**30), st.fractions())
DTYPES = st.sampled_from(["float64", "float32", "float16"])


def grids():
    """A function with its two ends, and keywords."""
    linear = st.tuples(st.just(linspace), EXACT, EXACT, st.just({}))
    base = st.one_of(st.sampled_from([2, 10, 0.3, math.e]), st.floats(1e-3, 1e3))
    logs = base.flatmap(
        lambda b: st.tuples(st.just(logspace), MODERATE, MODERATE, st.just({"base": b}))
    )
    geometric = st.tuples(st.just(geomspace), POSITIVE, POSITIVE, st.just({}))
    return st.one_of(linear, logs, geometric)


class TestDocumentedOutputs:
    """The examples of the functions that these stand in for, rounded as they print them."""

    def test_torch(self):
        got = logspace(0, 3, 5, dtype="float32")
        assert [f"{x:.4f}" for x in got] == ["1.0000", "5.6234", "31.6228", "177.8279", "1000.0000"]
        assert [f"{x:.4f}" for x in logspace(0, 1, 3)] == ["1.0000", "3.1623", "10.0000"]

    def test_mygrad(self):
        def shown(x):
            return [f"{v:.8f}".rstrip("0").rstrip(".") for v in x]

        assert shown(logspace(2.0, 3.0, num=4)) == ["100", "215.443469", "464.15888336", "1000"]
        assert shown(logspace(2.0, 3.0, num=4, endpoint=False)) == [
            "100",
            "177.827941",
            "316.22776602",
            "562.34132519",
        ]
        assert shown(logspace(2.0, 3.0, num=4, base=2.0)) == ["4", "5.0396842", "6.34960421", "8"]

    def test_contract(self):
        powers = logspace(-300, 300, 601)
        assert powers.tolist() == [float(f"1e{k}") for k in range(-300, 301)]
        assert geomspace(1, 256, 9, dtype=int).tolist() == [2**k for k in range(9)]
        assert logspace(0, 1, 4, base=8).tolist() == [1, 2, 4, 8]
        assert linspace(-0.1, 0.1, 7)[3] == 0.0


class TestProperties:
    @given(grids(), NUM, DTYPES)
    def test_reversal(self, grid, num, dtype):
        f, a, b, kw = grid
        with np.errstate(all="raise"):  # overflow and underflow are results, not events
            forward = f(a, b, num, dtype=dtype, **kw)
            backward = f(b, a, num, dtype=dtype, **kw)
        if num > 1 and not (f is linspace and 0 in (a, b)):  # -0.0 belongs to one end
            assert_identical(forward[::-1].copy(), backward)

    @given(grids(), st.integers(2, 200), DTYPES)
    def test_refinement(self, grid, num, dtype):
        f, a, b, kw = grid
        fine = f(a, b, 2 * num - 1, dtype=dtype, **kw)
        assert_identical(fine[::2].copy(), f(a, b, num, dtype=dtype, **kw))

    @given(grids(), NUM, DTYPES)
    def test_endpoint_leaves_out_the_last(self, grid, num, dtype):
        f, a, b, kw = grid
        whole = f(a, b, num + 1, dtype=dtype, **kw)
        assert_identical(whole[:-1].copy(), f(a, b, num, endpoint=False, dtype=dtype, **kw))

    @given(grids(), st.integers(2, 300), DTYPES)
    def test_monotone(self, grid, num, dtype):
        f, a, b, kw = grid
        with np.errstate(over="ignore"):
            x = f(a, b, num, dtype=dtype, **kw)
            down = x[0] > x[-1]
            x = x[::-1] if down else x
            assert bool(np.all(x[:-1] <= x[1:]))

    @given(EXACT, st.data())
    def test_ends_are_the_rounded_ends(self, a, data):
        b = data.draw(EXACT)
        x = linspace(a, b, data.draw(st.integers(2, 100)))
        for got, want in ((x[0], a), (x[-1], b)):
            try:
                value = float(want)
            except OverflowError:
                value = math.copysign(math.inf, want)
            assert_identical(got, np.float64(value))

    @given(POSITIVE, POSITIVE, st.integers(2, 100))
    def test_geometric_ends_are_the_ends(self, a, b, num):
        x = geomspace(a, b, num)
        assert (x[0], x[-1]) == (a, b)
        assert_identical(geomspace(-a, -b, num), -x)

    @given(FINITE.filter(bool), st.integers(1, 100))
    def test_a_symmetric_grid(self, a, half):
        x = linspace(-a, a, 2 * half + 1)
        assert np.array_equal(x, -x[::-1])
        assert_identical(x[half], np.float64(0.0))

    @given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62), st.integers(2, 500))
    def test_integers_are_the_floor(self, a, b, num):
        x = linspace(a, b, num, dtype="int64")
        assert x.tolist() == [(a * (num - 1 - i) + b * i) // (num - 1) for i in range(num)]

    @given(st.integers(2, 10**6))
    def test_integers_of_powers(self, base):
        last = max(k for k in range(63) if base**k < 2**63)
        x = logspace(0, last, last + 1, base=base, dtype="int64")
        assert x.tolist() == [base**k for k in range(last + 1)]

    @given(st.integers(2, 10**9), st.integers(2, 10**9), st.integers(2, 200))
    def test_truncated_roots(self, a, b, num):
        """``x <= a**(1-t) * b**t < x + 1``, with both sides raised to the power of ``num - 1``."""
        div = num - 1
        for i, x in enumerate(geomspace(a, b, num, dtype="int64").tolist()):
            assert x**div <= a ** (div - i) * b**i < (x + 1) ** div


def test_a_steep_grid_with_one_subnormal_element():
    assert logspace(1e30, -1073, 3, base=2).tolist() == [np.inf, np.inf, 2.0**-1073]


class TestExactScalars:
    def test_a_float_is_its_binary_value_and_a_fraction_itself(self):
        assert logspace(Fraction(1, 3), Fraction(1, 3), 1, base=8, dtype=int).tolist() == [2]
        assert logspace(1 / 3, 1 / 3, 1, base=8, dtype=int).tolist() == [1]
        tenth = linspace(Decimal("0.1"), Decimal("0.3"), 3).tolist()
        assert tenth == [0.1, 0.2, 0.3]
        assert linspace(0.1, 0.3, 3)[1] == 0.2

    def test_huge_integers_and_fractions(self):
        assert geomspace(1, 10**400, 3).tolist() == [1.0, 1e200, math.inf]
        assert linspace(2**53 + 1, 2**53 + 1, 1, dtype="int64").tolist() == [2**53 + 1]
        assert linspace(0, 2**64 - 1, 2, dtype="uint64").tolist() == [0, 2**64 - 1]
        long = Fraction(10**5000 + 1, 10**5000)
        assert geomspace(long, long**2, 3).tolist() == [1.0, 1.0, 1.0]
        assert geomspace(long, 1 / long, 3, dtype=int).tolist() == [1, 1, 0]
        assert logspace(0, 10**400, 3).tolist() == [1.0, math.inf, math.inf]
        assert logspace(0, -(10**400), 3).tolist() == [1.0, 0.0, 0.0]

    @pytest.mark.parametrize(
        "zero_d", [np.array(2.0), np.float32(2), np.int8(2), np.array(2), np.True_ + 1]
    )
    def test_numpy_scalars_and_arrays(self, zero_d):
        want = linspace(0, 2, 5).tolist()
        assert linspace(0, zero_d, 5).tolist() == want

    def test_the_dtype_of_numpy_scalars(self):
        one, two = np.float32(1), np.float32(2)
        assert {f(one, two, 3).dtype for f in (linspace, logspace, geomspace)} == {np.dtype("f4")}
        assert logspace(one, two, 3, base=10.0).dtype == np.float32
        assert linspace(np.float16(1), two, 3).dtype == np.float32
        assert linspace(np.int64(1), 2, 3).dtype == np.float64
        assert linspace(one, two, 3, dtype="float64").dtype == np.float64

    def test_another_byte_order(self):
        x = linspace(0, 1, 5, dtype=">f8")
        assert x.dtype == np.dtype(">f8")
        assert x.tolist() == [0, 0.25, 0.5, 0.75, 1]


INF, NAN = math.inf, math.nan


class TestSpecialValues:
    @pytest.mark.parametrize(
        ("start", "stop", "want"),
        [
            (0, INF, [0, INF, INF]),
            (-INF, 0, [-INF, -INF, 0]),
            (INF, INF, [INF, INF, INF]),
            (-INF, INF, [-INF, NAN, INF]),
            (NAN, 1, [NAN, NAN, 1]),
            (0, NAN, [0, NAN, NAN]),
        ],
    )
    def test_linspace(self, start, stop, want):
        assert_identical(linspace(start, stop, 3), np.array(want, dtype=float))

    @pytest.mark.parametrize(
        ("start", "stop", "want"),
        [
            (1, INF, [1, INF, INF]),
            (INF, 1, [INF, INF, 1]),
            (-1, -INF, [-1, -INF, -INF]),
            (-1, 1, [-1, NAN, 1]),
            (NAN, 2, [NAN, NAN, 2]),
            (INF, INF, [INF, INF, INF]),
        ],
    )
    def test_geomspace(self, start, stop, want):
        assert_identical(geomspace(start, stop, 3), np.array(want, dtype=float))

    @pytest.mark.parametrize(
        ("start", "stop", "base", "want"),
        [
            (NAN, 1, 10, [NAN, NAN, 10]),
            (-INF, 1, 10, [0, 0, 10]),
            (0, INF, 0.5, [1, 0, 0]),
            (-INF, INF, 1, [1, 1, 1]),
            (-1, 1, 0, [INF, 1, 0]),
            (-1, 1, INF, [0, 1, INF]),
            (0, 1, NAN, [1, NAN, NAN]),
            (-1, 1, 1, [1, 1, 1]),
            (0, 2, -2, [1, -2, 4]),
            (0, 1, -2, [1, NAN, -2]),
            (1, 1, -0.5, [-0.5, -0.5, -0.5]),
            (-1, 1, -0.0, [-INF, 1, -0.0]),
        ],
    )
    def test_logspace(self, start, stop, base, want):
        assert_identical(logspace(start, stop, 3, base=base), np.array(want, dtype=float))

    def test_a_negative_zero_stays_at_its_end(self):
        assert_identical(linspace(-0.0, 1, 2), np.array([-0.0, 1.0]))
        assert_identical(linspace(1, -0.0, 2), np.array([1.0, -0.0]))
        assert_identical(linspace(-0.0, -0.0, 3), np.array([-0.0, -0.0, -0.0]))
        assert_identical(linspace(-0.0, -1, 1, dtype="float32"), np.array([-0.0], "float32"))
        assert linspace(-0.0, 2, 3, dtype=int).tolist() == [0, 1, 2]

    @pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
    @pytest.mark.parametrize("num", [2, 22, 1025, 70_001])
    @pytest.mark.parametrize("stop", [-2.0, -(2.0**-80), -0.1, -1e-310, -1e305, 5])
    def test_a_zero_is_positive_whichever_way_the_grid_runs(self, stop, num, dtype):
        with np.errstate(all="ignore"):
            for x, zero in (
                (linspace(0, stop, num, dtype=dtype), 0),
                (linspace(stop, 0, num, dtype=dtype), -1),
                (linspace(-stop, stop, 2 * num - 1, dtype=dtype), num - 1),
            ):
                assert_identical(x[zero], np.dtype(dtype).type(0.0))

    def test_a_negative_number_underflows_to_negative_zero(self):
        x = linspace(-5e-324, 0, 5)
        assert np.signbit(x).tolist() == [True, True, True, True, False]

    @pytest.mark.parametrize("dtype", ["float32", "float16"])
    def test_narrow_formats(self, dtype):
        x = linspace(-INF, INF, 3, dtype=dtype)
        assert np.isneginf(x[0])
        assert np.isnan(x[1])
        assert np.isposinf(x[2])
        assert np.isnan(logspace(0, 1, 3, base=-2, dtype=dtype)[1])

    @pytest.mark.parametrize("num", [0, 1, 2])
    @pytest.mark.parametrize("function", [linspace, logspace, geomspace])
    def test_few_elements(self, function, num):
        for a, b in ((2, 3), (INF, 3), (2, NAN)):
            x = function(a, b, num)
            assert x.shape == (num,)
            assert x.dtype == np.float64
            assert x.tolist()[:1] == ([function(a, b, 2)[0]] if num else [])


class TestStep:
    def test_step(self):
        x, step = linspace(0, 1, 5, retstep=True)
        assert (x.tolist(), step) == ([0, 0.25, 0.5, 0.75, 1], 0.25)
        assert linspace(0, 1, 10, endpoint=False, retstep=True)[1] == 0.1
        assert linspace(3, 0, 4, retstep=True)[1] == -1.0

    def test_no_step(self):
        assert math.isnan(linspace(0, 1, 1, retstep=True)[1])
        assert math.isnan(linspace(0, 1, 0, retstep=True)[1])
        assert linspace(0, 1, 1, endpoint=False, retstep=True)[1] == 1.0
        assert math.isnan(linspace(0, INF, 3, retstep=True)[1])


def test_results_are_new_and_writable():
    x, y = (logspace(0, 1, 10_000) for _ in range(2))
    assert not np.shares_memory(x, y)
    x[0] = 7
    assert y[0] == 1
    assert x.flags.c_contiguous
