"""`arange`: exact lengths, exact steps, and the dtype that the arguments ask for."""

from __future__ import annotations

import itertools
import math
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from counting import count_calls
from hypothesis import given
from hypothesis import strategies as st

from xspace import arange, linspace
from xspace.call.lengths import INCLUSIVE
from xspace.testing import assert_identical

EXACT = st.one_of(
    st.floats(-1e6, 1e6),
    st.integers(-(10**6), 10**6),
    st.fractions(-1000, 1000),
    st.decimals(-1000, 1000, places=3),
)
LIBRARIES = ["numpy", "torch", "jax.numpy", "array_api_strict", "dask.array"]

#: Steps of decimals, which floats are not.
DECIMALS = ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.01", "0.02", "0.001", "0.002"]


def exact(x):
    return Fraction(*x.as_integer_ratio())


def nearest(x):
    """Python's division of integers is correctly rounded."""
    return x.numerator / x.denominator


def ends_of(x):
    """The ends of the reals that round to a float64, or the number itself."""
    if not isinstance(x, float):
        return (exact(x), exact(x))
    around = (math.nextafter(x, -math.inf), math.nextafter(x, math.inf))
    return tuple((exact(x) + exact(y)) / 2 for y in around)


def rounds_to(value, x):
    return nearest(value) == x if isinstance(x, float) else value == exact(x)


def whole_quotients(start, stop, step):
    """The whole numbers that are quotients of what the arguments stand for: from all corners.

    Between the least and the greatest corner the quotients are all numbers; those two themselves
    are quotients if all three numbers of a corner round to the arguments.
    """
    corners = {}
    for a, b, c in itertools.product(*map(ends_of, (start, stop, step))):
        if c:  # the end of the least float is no step
            belongs = rounds_to(a, start) and rounds_to(b, stop) and rounds_to(c, step)
            corners[(b - a) / c] = corners.get((b - a) / c, False) or belongs
    low, high = min(corners), max(corners)
    found = [k for k in range(math.floor(low), math.ceil(high) + 1) if low < k < high]
    return found + [int(q) for q in {low, high} if q.denominator == 1 and corners[q]]


def wanted_length(start, stop, step):
    whole = whole_quotients(start, stop, step)
    if len(whole) == 1:
        return max(whole[0], 0)
    return max(math.ceil((exact(stop) - exact(start)) / exact(step)), 0)


def exact_elements(*call):
    start, step = exact(call[0]), exact(call[2])
    return [start + i * step for i in range(wanted_length(*call))]


@st.composite
def calls(draw):
    start, step = draw(EXACT), draw(EXACT.filter(lambda x: abs(x) > 1e-6))
    length = draw(st.fractions(-2, 40, max_denominator=7) | st.integers(-2, 40))
    return start, Fraction(start) + Fraction(step) * length, step


@st.composite
def typed(draw):
    """Calls between decimals, most of which are floats."""

    def number(value):
        kind = draw(st.integers(0, 5))
        return float(value) if kind else value

    start = draw(st.decimals(-100, 100, places=2))
    step = draw(st.decimals(-10, 10, places=3).filter(bool))
    stop = start + step * draw(st.integers(-3, 2000) | st.decimals(0, 50, places=1))
    return number(start), number(stop), number(step)


class TestElements:
    @given(calls())
    def test_are_correctly_rounded(self, call):
        got = arange(*call, dtype="float64")
        assert got.tolist() == [nearest(x) for x in exact_elements(*call)]

    @given(calls(), st.sampled_from([np.float32, np.float16]))
    def test_in_other_formats(self, call, dtype):
        start, _, step = call
        num = wanted_length(*call)
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


class TestLengths:
    @given(typed() | calls())
    def test_of_what_was_typed(self, call):
        assert len(arange(*call)) == wanted_length(*call)

    @given(typed())
    def test_of_decimals(self, call):
        """As many as there are between the decimals, unless several lengths may be meant."""
        if len(whole_quotients(*call)) < 2:
            start, stop, step = (Fraction(str(x)) for x in call)
            assert len(arange(*call)) == max(math.ceil((stop - start) / step), 0)

    @pytest.mark.parametrize("step", DECIMALS)
    def test_grids_from_zero(self, step):
        pace = Decimal(step)
        for n in range(1, 400):
            assert len(arange(0, float(n * pace), float(step))) == n
            assert len(arange(float(n * pace), 0, -float(step))) == n
            assert len(arange(np.float32(n * pace), np.float32(0), -np.float32(step))) == n

    def test_quotients(self):
        assert [len(arange(0, 10, 10 / x)) for x in range(50, 201)] == [*range(50, 201)]

    @pytest.mark.parametrize(
        ("call", "num"),
        [
            ((1, 1.6, 0.1), 6),
            ((0.0, 60e-6, 1e-6), 60),
            ((1250, 1350 + 0.005, 0.005), 20001),
            ((0, 81.43, 0.01), 8143),
            ((0, 1, 1 / 49), 49),
            ((0.1, 0.5, 0.05), 8),
            ((np.float32(0), np.float32(379), np.float32(379 / 94)), 94),
        ],
    )
    def test_reports(self, call, num):
        assert len(arange(*call)) == num

    def test_points_are_points(self):
        tenth = Fraction(0.1)  # exactly the float
        assert len(arange(0, 1.1, 0.1)) == 11
        assert len(arange(0, Fraction(1.1), tenth)) == 12
        assert len(arange(0, 1.1, tenth)) == 11  # 11 times the float rounds to 1.1
        assert len(arange(0, 0.9, Fraction(0.3))) == 4  # 3 times the float to another one
        decimals = map(Decimal.from_float, (0.0, 1.1, 0.1))
        assert len(arange(*decimals)) == 12

    def test_a_whole_number_next_to_the_quotients(self):
        """They come up to 1, which an odd step leaves out, or to 3 but for 2**-54."""
        assert arange(0, 1.0, 1 + 2**-52, inclusive="both").tolist() == [0]
        assert arange(0, 3 - 2**-51, 1.0, inclusive="both").tolist() == [0, 1, 2]

    def test_several_whole_numbers(self):
        """Half-precision numbers of which up to three lengths may be meant: their own counts."""
        step = np.float16(0.1)
        few, many = np.float16(20), np.float16(2000)
        assert len(arange(0, few, step)) == 200
        assert len(arange(0, many, step)) == math.ceil(exact(many) / exact(step)) != 20000

    @pytest.mark.parametrize("library", ["numpy", "torch", "jax.numpy", "array_api_strict"])
    def test_a_float_of_another_format(self, library):
        """Arrays of no dimensions stand for what rounds to them in their own format."""
        xp = pytest.importorskip(library)
        single = xp.asarray(0.3, dtype=xp.float32)  # more than 0.3 by more than float64 rounds
        assert arange(0, xp.asarray(0.9, dtype=xp.float32), single).shape == (3,)
        assert arange(0, 0.9, float(single)).shape == (3,)
        assert arange(0, float(xp.asarray(1.2, dtype=xp.float32)), 0.3, xp=xp).shape == (5,)
        assert arange(0, xp.asarray(1.2, dtype=xp.float32), 0.3, xp=xp).shape == (4,)

    @pytest.mark.parametrize("name", ["bfloat16", "float16"])
    def test_formats_of_torch(self, name):
        torch = pytest.importorskip("torch")
        step = torch.tensor(0.3, dtype=getattr(torch, name))
        assert len(arange(0, torch.tensor(0.9, dtype=step.dtype), step)) == 3

    def test_long_doubles(self):
        tenth = np.longdouble("0.1")
        assert len(arange(0, np.longdouble("1.1"), tenth)) == 11
        assert len(arange(0, 1.1, tenth)) == 11
        if np.finfo(np.longdouble).nmant > 52:  # the float 1.1 exactly, as 53 bits say nothing
            assert len(arange(0, np.longdouble(1.1), tenth)) == 12

    @given(typed(), st.integers(1, 20))
    def test_more_with_a_later_stop(self, call, further):
        start, stop, step = call
        if not isinstance(stop, float):
            return
        later = stop
        for _ in range(further):
            later = math.nextafter(later, math.inf if step > 0 else -math.inf)
        if max(len(whole_quotients(start, end, step)) for end in (stop, later)) < 2:
            assert len(arange(start, stop, step)) <= len(arange(start, later, step))

    @given(typed())
    def test_downwards(self, call):
        """A grid and its mirror image have the same length."""
        assert len(arange(*call)) == len(arange(*(-x for x in call)))

    @given(st.fractions(-9, 9), st.integers(0, 50), st.fractions(-2, 2).filter(bool))
    def test_reversal_of_points(self, start, num, step):
        up = arange(start, start + num * step, step)
        down = arange(start + (num - 1) * step, start - step, -step)
        assert_identical(up, down[::-1].copy())


class TestInclusive:
    @given(typed() | calls())
    def test_ends(self, call):
        made = {which: arange(*call, inclusive=which) for which in INCLUSIVE}
        assert_identical(made["left"], arange(*call))
        whole = whole_quotients(*call)
        quotient = (exact(call[1]) - exact(call[0])) / exact(call[2])
        if len(whole) != 1:
            whole = [int(quotient)] if quotient.denominator == 1 else []
        before = wanted_length(*call)
        meets = bool(whole) and whole[0] >= 0
        both = [exact(call[0]) + i * exact(call[2]) for i in range(before + meets)]
        assert made["both"].tolist() == list(map(nearest, both))
        assert_identical(made["right"], made["both"][1:])
        assert_identical(made["neither"], made["left"][1:])

    @pytest.mark.parametrize("which", ["left", "both", "right", "neither"])
    def test_as_pandas(self, which):
        pd = pytest.importorskip("pandas")
        for days in (0, 1, 2, 5):
            for step in (1, 2, 3):
                start, stop = np.datetime64("2024-02-27"), np.datetime64("2024-02-27") + days
                theirs = pd.date_range(start, stop, freq=f"{step}D", inclusive=which)
                ours = arange(start, stop, step, inclusive=which)
                assert ours.tolist() == [x.date() for x in theirs]

    def test_the_last_one(self):
        assert arange(0, 0.3, 0.1, inclusive="both").tolist() == [
            0,
            0.1,
            0.2,
            nearest(3 * exact(0.1)),
        ]
        assert arange(4, inclusive="both").tolist() == [0, 1, 2, 3, 4]
        assert arange(4, inclusive="neither").tolist() == [1, 2, 3]
        assert arange(5, 5, inclusive="both").tolist() == [5]
        assert arange(5, 4, inclusive="both").tolist() == []

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_on_libraries(self, library):
        xp = pytest.importorskip(library)
        got = arange(0, 1, Decimal("0.1"), inclusive="both", xp=xp, dtype=xp.float32)
        assert_identical(got, linspace(0, 1, 11, xp=xp, dtype=xp.float32))

    def test_other_words(self):
        for word in ("Left", "", "last"):
            with pytest.raises(ValueError, match="inclusive must be one of 'left', 'both'"):
                arange(3, inclusive=word)
        for word in (None, True, 1):
            with pytest.raises(TypeError, match="inclusive must be one of 'left', 'both'"):
                arange(np.datetime64("2024"), np.datetime64("2025"), inclusive=word)


class TestComplex:
    @pytest.mark.parametrize("library", ["numpy", "torch", "jax.numpy", "array_api_strict"])
    @given(call=calls())
    def test_parts(self, library, call):
        xp = pytest.importorskip(library)
        scope = nullcontext()
        if library == "jax.numpy":
            scope = pytest.importorskip("jax").enable_x64(True)
        for name, part in (("complex64", "float32"), ("complex128", "float64")):
            with scope:
                got = arange(*call, dtype=getattr(xp, name), xp=xp)
                real = np.asarray(arange(*call, dtype=getattr(xp, part), xp=xp))
            assert str(got.dtype).endswith(name)
            assert_identical(np.asarray(got).real.copy(), real)
            assert_identical(np.asarray(got).imag.copy(), np.zeros_like(real))

    def test_in_parts(self):
        da = pytest.importorskip("dask.array")
        lazy = arange(-0.0, 2, 0.3, dtype=complex, xp=da, chunks=3)
        assert lazy.chunks == ((3, 3, 1),)
        assert_identical(lazy.compute(), arange(0, 2, 0.3, dtype=complex))

    def test_numpy(self):
        assert_identical(arange(10, dtype=complex), np.arange(10, dtype=complex))
        assert_identical(arange(5, 0, -2, dtype="c8"), np.arange(5, 0, -2, dtype="c8"))

    @pytest.mark.parametrize("value", [2 + 0j, np.complex64(2), np.array(2j)])
    def test_no_complex_bounds(self, value):
        for call in ((value,), (0, value), (0, 5, value)):
            for dtype in (None, complex):
                with pytest.raises(TypeError, match="must be a real number, got a complex one"):
                    arange(*call, dtype=dtype)


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

    @pytest.mark.parametrize("dtype", [bool, object, "datetime64[D]"])
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
        assert count_calls(self.ask_for_more_than_memory) < 10_000

    def ask_for_more_than_memory(self):
        for dtype in ("float64", "int64", "float32"):
            with pytest.raises(MemoryError):
                arange(10**14, dtype=dtype)
            for stop in (10**30, 10**400):
                with pytest.raises(ValueError, match=r"arange: .* elements, which is more than"):
                    arange(stop, dtype=dtype)
        with pytest.raises(ValueError, match="elements"):
            arange(0, 1e300, 5e-324)

    def test_keywords_are_keywords(self):
        with pytest.raises(TypeError):
            arange(0, 1, 1, float)
        with pytest.raises(ValueError, match="device must be 'cpu'"):
            arange(3, device="cuda")
