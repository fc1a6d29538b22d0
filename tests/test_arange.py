"""`arange`: exact lengths, exact steps, and the dtype that the arguments ask for."""

from __future__ import annotations

import math
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xspace import arange, linspace
from xspace.testing import assert_identical

EXACT = st.one_of(
    st.floats(-1e6, 1e6),
    st.integers(-(10**6), 10**6),
    st.fractions(-1000, 1000),
    st.decimals(-1000, 1000, places=3),
)
LIBRARIES = ["numpy", "torch", "jax.numpy", "array_api_strict", "dask.array"]


def exact_elements(start, stop, step):
    """By counting, from the definition."""
    start, stop, step = Fraction(start), Fraction(stop), Fraction(step)
    found, x = [], start
    while x < stop if step > 0 else x > stop:
        found.append(x)
        x += step
    return found


def nearest(x):
    return x.numerator / x.denominator


@st.composite
def calls(draw):
    start, step = draw(EXACT), draw(EXACT.filter(lambda x: abs(x) > 1e-6))
    length = draw(st.fractions(-2, 40, max_denominator=7) | st.integers(-2, 40))
    return start, Fraction(start) + Fraction(step) * length, step


class TestElements:
    @given(calls())
    def test_are_correctly_rounded(self, call):
        got = arange(*call, dtype="float64")
        assert got.tolist() == [nearest(x) for x in exact_elements(*call)]

    @given(calls(), st.sampled_from([np.float32, np.float16]))
    def test_in_other_formats(self, call, dtype):
        start, _, step = call
        num = len(exact_elements(*call))
        # The same progression by its ends, which is tested against MPFR.
        end = Fraction(start) + num * Fraction(step)
        with np.errstate(over="ignore"):
            want = linspace(start, end, num, endpoint=False, dtype=dtype)
        assert np.array_equal(arange(*call, dtype=dtype), want)

    @given(calls())
    def test_integers_are_the_floor(self, call):
        assert arange(*call, dtype=int).tolist() == [math.floor(x) for x in exact_elements(*call)]

    @given(st.integers(-300, 300), st.integers(-300, 300), st.integers(-20, 20).filter(bool))
    def test_as_range(self, start, stop, step):
        got = arange(start, stop, step)
        assert got.dtype == np.int_
        assert got.tolist() == list(range(start, stop, step))

    @given(st.integers(0, 10**6), st.integers(1, 10**3), st.integers(1, 10**6))
    def test_a_whole_number_of_steps(self, start, num, denominator):
        step = Fraction(1, denominator)
        assert len(arange(start, start + num * step, step)) == num

    def test_a_large_one(self):
        got = arange(0, 10**6, Decimal("0.1"))
        assert_identical(got, linspace(0, 10**6, 10**7, endpoint=False))

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_ten_tenths(self, library):
        xp = pytest.importorskip(library)
        got = arange(0, 1, Decimal("0.1"), xp=xp, dtype=xp.float32)
        assert got.shape == (10,)
        assert_identical(got, linspace(0, Decimal("0.9"), 10, xp=xp, dtype=xp.float32))
        assert arange(0, 1, Fraction(1, 49), xp=xp).shape == (49,)

    def test_zeros_are_positive(self):
        for call in ((-0.0, 1, 0.5), (-1, 1, 0.5), (1, -1, -0.5)):
            assert [math.copysign(1, x) for x in arange(*call) if x == 0] == [1]


class TestArguments:
    def test_one_end(self):
        assert arange(3).tolist() == arange(3, None).tolist() == [0, 1, 2]
        assert arange(1.5).tolist() == [0.0, 1.0]
        assert arange(3, step=2).tolist() == [0, 2]
        assert arange(0).tolist() == arange(-3).tolist() == arange(5, 1).tolist() == []
        assert arange(-3, step=-1).tolist() == [0, -1, -2]

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_default_dtype(self, library):
        xp = pytest.importorskip(library)
        integer, real = xp.arange(3).dtype, linspace(0, 1, xp=xp).dtype
        for call in ((3,), (0, 3), (0, 3, True), (np.int8(0), 3), (np.array(3),)):
            if library != "numpy" and isinstance(call[0], np.ndarray):
                continue
            assert arange(*call, xp=xp).dtype == integer
        for call in ((3.0,), (0, 3.0), (0, 3, 1.0), (0, 3, Fraction(1)), (Decimal(0), 3)):
            assert arange(*call, xp=xp).dtype == real

    @pytest.mark.parametrize("library", ["numpy", "torch", "jax.numpy", "array_api_strict"])
    def test_dtype_of_arrays(self, library):
        xp = pytest.importorskip(library)
        single = xp.asarray(3, dtype=xp.float32)
        assert arange(single).dtype == arange(0, single).dtype == xp.float32
        assert arange(xp.asarray(3, dtype=xp.int8)).dtype == xp.arange(3).dtype
        assert arange(xp.asarray(3), dtype=xp.int16).dtype == xp.int16
        with pytest.raises(TypeError, match=r"stop must be a scalar or a 0-d array, .*\(1,\)"):
            arange(0, xp.asarray([3]))

    @pytest.mark.parametrize("place", [0, 1, 2])
    @pytest.mark.parametrize(
        ("value", "error", "words"),
        [
            ("1", TypeError, "must be a real number"),
            (1j, TypeError, "complex"),
            ([1], TypeError, "a number or an array, got a list"),
            (math.inf, ValueError, "must be finite, got inf"),
            (-math.inf, ValueError, "must be finite, got -inf"),
            (np.float32("nan"), ValueError, "must be finite, got nan"),
        ],
    )
    def test_wrong_ones(self, place, value, error, words):
        call = [1, 2, 1]
        call[place] = value
        with pytest.raises(error, match=f"^{('start', 'stop', 'step')[place]}.*{words}"):
            arange(*call)

    @pytest.mark.parametrize("zero", [0, 0.0, -0.0, Fraction(0), np.int8(0)])
    def test_step_zero(self, zero):
        with pytest.raises(ValueError, match="step must not be zero"):
            arange(0, 1, zero)

    @pytest.mark.parametrize("dtype", [bool, complex, object, "datetime64[D]"])
    def test_dtype(self, dtype):
        with pytest.raises(TypeError, match="dtype"):
            arange(3, dtype=dtype)

    def test_integers_never_wrap(self):
        with pytest.raises(OverflowError, match=r"arange: element 128 is 128\.0, which int8"):
            arange(200, dtype="int8")
        with pytest.raises(OverflowError, match=r"arange: element 2 is -1\.0, which uint8"):
            arange(1, -5, -1, dtype="uint8")
        with pytest.raises(OverflowError, match=r"arange: element 0 is 9\.2"):
            arange(2**63, 2**63 + 2)
        assert arange(2**64 - 2, 2**64, dtype="uint64").tolist() == [2**64 - 2, 2**64 - 1]
        assert arange(-(2**63), -(2**63) + 2).tolist() == [-(2**63), -(2**63) + 1]

    def test_more_elements_than_memory(self):
        started = time.monotonic()
        for dtype in ("float64", "int64", "float32"):
            with pytest.raises(MemoryError):
                arange(10**14, dtype=dtype)
            for stop in (10**30, 10**400):
                with pytest.raises(ValueError, match=r"arange: .* elements, which is more than"):
                    arange(stop, dtype=dtype)
        with pytest.raises(ValueError, match="elements"):
            arange(0, 1e300, 5e-324)
        assert time.monotonic() - started < 5

    def test_keywords_are_keywords(self):
        with pytest.raises(TypeError):
            arange(0, 1, 1, float)
        with pytest.raises(ValueError, match="device must be 'cpu'"):
            arange(3, device="cuda")
