"""Searching in ranges: one number or many, exactly, however long the range is."""

from __future__ import annotations

import bisect
import datetime as dt
import math
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from counting import count_calls
from hypothesis import given
from hypothesis import strategies as st

from xspace import GeomRange, LinRange, LogRange
from xspace.ranges.base import Range

FINITE = st.floats(allow_nan=False, allow_infinity=False)
EXACT = st.one_of(FINITE, st.integers(-(10**30), 10**30), st.fractions())
POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
SIDES = st.sampled_from(["left", "right"])


@st.composite
def ranges(draw):
    kind = draw(st.sampled_from([LinRange, LogRange, GeomRange]))
    num = draw(st.integers(0, 40))
    if kind is LinRange:
        ends = draw(st.tuples(EXACT, EXACT))
    elif kind is LogRange:
        ends = draw(st.tuples(st.floats(-400, 400), st.floats(-400, 400)))
    else:
        sign = draw(st.sampled_from([1, -1]))
        ends = [sign * x for x in draw(st.tuples(POSITIVE, POSITIVE))]
    r = kind(*ends, num, endpoint=draw(st.booleans()))
    return r[:: draw(st.sampled_from([1, -1, 2]))]


def exact(x):
    """A number that compares with any other one exactly."""
    return float(x) if isinstance(x, float) and not math.isfinite(x) else Fraction(x)


def wanted(elements, x, side):
    """By Python's bisection in a list, turned around zero if it falls."""
    if x != x:
        return len(elements)
    values, x = [exact(e) for e in elements], exact(x)
    if values and values[0] > values[-1]:
        values, x = [-v for v in values], -x
    return (bisect.bisect_left if side == "left" else bisect.bisect_right)(values, x)


@st.composite
def numbers(draw, r):
    """Numbers of all kinds, some of them elements or next to one."""
    elements = list(r)
    near = [x for e in elements[:4] for x in (e, math.nextafter(e, math.inf), -e)]
    near += [Fraction(e) + Fraction(1, 10**40) for e in elements[-3:] if math.isfinite(e)]
    special = [0, -0.0, math.inf, -math.inf, math.nan, 10**400, -(10**400), sys.float_info.max]
    return draw(st.lists(st.sampled_from(special + near + elements) | EXACT, max_size=12))


class TestManyNumbers:
    @given(ranges(), st.data(), SIDES)
    def test_lists(self, r, data, side):
        xs = data.draw(numbers(r))
        elements = list(r)
        got = r.searchsorted(xs, side=side)
        assert got.dtype == np.intp
        assert got.tolist() == [wanted(elements, x, side) for x in xs]
        assert got.tolist() == [r.searchsorted(x, side=side) for x in xs]
        assert all(type(r.searchsorted(x, side=side)) is int for x in xs)

    @given(ranges(), st.data(), SIDES, st.sampled_from(["f8", "f4", "f2", ">f8", "longdouble"]))
    def test_floats(self, r, data, side, dtype):
        xs = [x for x in data.draw(numbers(r)) if isinstance(x, float)]
        with np.errstate(over="ignore"):
            array = np.array(xs).astype(dtype)
        got = r.searchsorted(array, side)
        assert got.tolist() == [wanted(list(r), float(x), side) for x in array]

    @given(ranges(), st.data(), SIDES, st.sampled_from(["i8", "u8", "i4", "u1", ">i8"]))
    def test_integers(self, r, data, side, dtype):
        info = np.iinfo(dtype)
        draw = st.integers(info.min, info.max) | st.integers(0, 100)
        xs = data.draw(st.lists(draw | st.sampled_from([info.min, info.max, info.max // 2 + 1])))
        got = r.searchsorted(np.array(xs, dtype), side)
        assert got.tolist() == [wanted(list(r), x, side) for x in xs]

    def test_integers_that_are_no_floats(self):
        r = LinRange(2**53, 2**53 + 8, 5)
        xs = np.arange(2**53 - 1, 2**53 + 10)
        for part in (r, r[::-1]):
            for side in ("left", "right"):
                want = [wanted(list(part), int(x), side) for x in xs]
                assert part.searchsorted(xs, side).tolist() == want
                assert part.searchsorted(xs.astype("u8"), side).tolist() == want
                assert part.searchsorted(xs.tolist(), side).tolist() == want

    @pytest.mark.parametrize("side", ["left", "right"])
    @pytest.mark.parametrize("step", [1, -1])
    def test_as_numpy_in_an_array(self, side, step):
        """On the longest arrays, and with each way of searching."""
        for r in (
            LinRange(-3, 5, 100_003),
            LogRange(-20, 3, 5001),
            GeomRange(-1e-300, -1e300, 999),
        ):
            array = r.to_array()
            xs = np.concatenate([np.random.default_rng(5).choice(array, 600), [0, 1, -9, 1e301]])
            if array[0] > array[-1]:
                want = len(array) - np.searchsorted(
                    array[::-1], xs, "right" if side == "left" else "left"
                )
            else:
                want = np.searchsorted(array, xs, side)
            assert np.array_equal(r.searchsorted(xs, side), want)
            assert [r.searchsorted(x, side) for x in xs] == want.tolist()
            few = r.searchsorted(xs[:3], side)  # fewer than an array would pay for
            assert few.tolist() == want[:3].tolist()

    def test_shapes(self):
        r = LinRange(0, 1, 11)
        assert r.searchsorted([[0.05, 0.95], [1, 2]]).tolist() == [[1, 10], [10, 11]]
        assert r.searchsorted(np.full((2, 0, 3), 0.5)).shape == (2, 0, 3)
        assert r.searchsorted([]).tolist() == []
        assert r.searchsorted(np.array([0.05, 0.95])[::-1]).tolist() == [10, 1]
        assert r.searchsorted((0.05, Decimal("0.95"))).tolist() == [1, 10]
        assert r.searchsorted(range(-1, 3)).tolist() == [0, 0, 10, 11]
        assert r.searchsorted(LinRange(0, 1, 3)).tolist() == [0, 5, 10]
        assert r.searchsorted(np.array(0.5)) == 5
        assert type(r.searchsorted(np.array(0.5))) is int
        assert LinRange(0, 1, 0).searchsorted([0.5, math.nan]).tolist() == [0, 0]
        assert r.searchsorted([True, False]).tolist() == [10, 0]
        assert r.searchsorted(np.array([True, False])).tolist() == [10, 0]

    @pytest.mark.parametrize("library", ["torch", "jax.numpy", "array_api_strict", "dask.array"])
    def test_other_libraries(self, library):
        xp = pytest.importorskip(library)
        got = LinRange(0, 1, 11).searchsorted(xp.asarray([0.0, 0.25, 2.0]), side="right")
        assert type(got) is np.ndarray
        assert got.tolist() == [1, 3, 11]

    def test_wrong_arguments(self):
        r = LinRange(0, 1, 11)
        for x in (["0.1"], [None], [1j], np.array([1j]), np.array(["a"]), [np.datetime64("2024")]):
            with pytest.raises(TypeError, match="x must be a real number"):
                r.searchsorted(x)
        with pytest.raises(ValueError, match="side must be 'left' or 'right', got 'middle'"):
            r.searchsorted([0.1], side="middle")
        with pytest.raises(TypeError, match="x must be a number or an array, got a list"):
            r.searchsorted([[0.1], [0.2, 0.3]])


LONG = [
    LinRange(0, 1, 10**15),
    LinRange(Fraction(1, 3), -(10**20), 10**15),
    LinRange(1, 1 + 2.0**-40, 10**15),
    LogRange(-300, 300, 10**15),
    LogRange(400, -400, 10**15),
    LogRange(0, 1e-9, 10**15),
    LogRange(0, 3, 10**15, base=Fraction(1, 7)),
    GeomRange(-1e-300, -1e300, 10**15)[3:-5:7],
    GeomRange(5e-324, 1, 10**15),
    LinRange(0, 5e-320, 10**15),
    LinRange(-1e308, 1e308, 10**30),
    LinRange(-(10**310), 10**309, 10**15),
    GeomRange(7, 9, 10**30)[::-1],
]


class TestLongRanges:
    @pytest.mark.parametrize("r", LONG, ids=lambda r: repr(r)[:40])
    @pytest.mark.parametrize("side", ["left", "right"])
    def test_the_elements_around_the_place(self, r, side):
        rng = np.random.default_rng(3)
        places = [*(int(p * (r.num - 1)) for p in rng.random(40)), 0, 1, r.num - 2, r.num - 1]
        xs = [r[i] for i in places]
        finite = [x for x in xs if math.isfinite(x)]
        xs += [math.nextafter(x, math.inf) for x in finite[:9]]
        xs += [Fraction(x) + Fraction(1, 10**400) for x in finite[:9]]
        xs += [0, -0.0, math.inf, -math.inf, 10**400, -(10**400)]
        falling = r[0] > r[-1]
        for x in xs:
            place = r.searchsorted(x, side)
            for i, is_before in ((place - 1, True), (place, False)):
                if not 0 <= i < r.num:
                    continue
                element, number = exact(r[i]), exact(x)
                before = element > number if falling else element < number
                if side == "right":
                    before = before or element == number
                assert before == is_before

    @pytest.mark.parametrize("r", LONG[:-1], ids=lambda r: repr(r)[:40])
    def test_takes_few_elements(self, r, monkeypatch):
        """An estimate is near, up to 2**48 steps of a geometric range."""
        calls = []
        rounded = Range._rounded
        monkeypatch.setattr(Range, "_rounded", lambda self, i: calls.append(i) or rounded(self, i))
        xs = [r[int(p * (r.num - 1))] for p in np.random.default_rng(4).random(50)]
        calls.clear()
        for x in xs:
            r.searchsorted(x)
        assert len(calls) <= 8 * len(xs)

    def test_is_quick(self):
        xs = np.random.default_rng(6).random(1000)
        r = LinRange(0, 1, 10**15 + 1)
        places = r.searchsorted(xs)
        assert count_calls(lambda: r.searchsorted(xs)) < 100 * len(xs)
        assert abs(places - xs * 10**15).max() <= 1

    def test_many_in_a_short_one_are_found_in_an_array(self):
        xs = np.random.default_rng(7).random(1_000_000)
        r = LogRange(-3, 0, 10_000)
        places = r.searchsorted(xs)
        assert count_calls(lambda: r.searchsorted(xs)) < len(xs) // 100
        assert np.array_equal(places, np.searchsorted(r.to_array(), xs))

    def test_beyond_the_indices_of_numpy(self):
        r = LinRange(0, 1, 10**30 + 1)
        assert r.searchsorted(0.5) > sys.maxsize
        assert r.searchsorted([-1, 0]).tolist() == [0, 0]
        for x in (0.5, math.nan):
            with pytest.raises(OverflowError, match="more elements come before x than an index"):
                r.searchsorted([0, x])
        with pytest.raises(OverflowError, match="an integer of 20001 bits"):
            GeomRange(2, 1, 1 << 20000).searchsorted([0.5])  # as long as Python does not write it

    @pytest.mark.parametrize("bits", [56, 57, 64, 100, 150, 20000])
    def test_powers_of_long_ranges_and_their_elements_after_a_search(self, bits):
        for make in (
            lambda: GeomRange(2, 1, 1 << bits),
            lambda: GeomRange(3, 7, (1 << bits) + 1),
            lambda: LogRange(-1, 3, 1 << bits, base=2),
        ):
            places = [(1 << bits) // k for k in (2, 3, 5, 7, 1 << 40)]
            fresh = [make()[i] for i in places]
            r = make()
            for x in (1.5, 1.0, 4.25, 0.75, 6.5):
                i = r.searchsorted(x)
                before = (lambda e, x=x: e > x) if r[0] > r[-1] else (lambda e, x=x: e < x)
                assert i == 0 or before(r[i - 1])
                assert i == r.num or not before(r[i])
            assert [r[i] for i in places] == fresh


DATE, SPAN = np.datetime64, np.timedelta64


class TestDates:
    @given(
        st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)),
        st.integers(0, 40),
        st.lists(st.integers(-(2 * 10**6), 2 * 10**6) | st.just(-(2**63))),
        st.sampled_from(["D", "h", "W", "us"]),
        SIDES,
    )
    def test_arrays(self, ends, num, counts, unit, side):
        sizes = {"D": 24, "h": 1, "W": 168, "us": Fraction(1, 3600 * 10**6)}
        r = LinRange(*(DATE(n, "h") for n in ends), num)
        elements = r.to_array().view(int).tolist()
        xs = np.array(counts, np.int64).view(f"M8[{unit}]")
        want = [
            wanted(elements, n * sizes[unit] if n != -(2**63) else math.nan, side) for n in counts
        ]
        assert r.searchsorted(xs, side).tolist() == want
        assert r.searchsorted(list(xs), side).tolist() == want
        assert [r.searchsorted(x, side) for x in xs] == want

    def test_ends_of_int64(self):
        low, high = -(2**63) + 1, 2**63 - 1
        xs = np.array([low, -1, 0, 1, high, -(2**63)]).view("M8[s]")
        for r in (LinRange(xs[0], xs[4], 3), LinRange(xs[4], xs[0], 3)):
            elements = r.to_array().view(int).tolist()
            for side in ("left", "right"):
                want = [wanted(elements, int(n), side) for n in xs.view(int)[:5]]
                assert r.searchsorted(xs, side).tolist() == [*want, 3]
                far = np.array([low, high]).view("M8[D]")
                falling = elements[0] > 0
                assert r.searchsorted(far, side).tolist() == ([3, 0] if falling else [0, 3])

    def test_months_and_python_dates(self):
        r = LinRange(DATE("2024-01"), DATE("2024-12"), 12)
        assert r.searchsorted([dt.date(2024, 5, 1), dt.date(2024, 5, 2)]).tolist() == [4, 5]
        assert r.searchsorted(np.array(["2024-05-01", "2024-05-02"], "M8[D]")).tolist() == [4, 5]
        assert r.searchsorted(np.array(["2024-05", "NaT"], "M8[M]")).tolist() == [4, 12]

    def test_long_ranges(self):
        r = LinRange(DATE(0, "ns"), DATE(2**62, "ns"), 10**15)
        xs = np.array([0, 2**61, 2**62, 2**62 + 1, -1]).view("M8[ns]")
        assert r.searchsorted(xs).tolist() == [0, 10**15 // 2, 10**15 - 1, 10**15, 0]

    def test_wrong_arguments(self):
        r = LinRange(DATE("2024-01-01"), DATE("2024-01-09"), 9)
        for x in ([5], np.array([5.0]), ["2024-01-01"]):
            with pytest.raises(TypeError, match="x must be a date or a span of time, got"):
                r.searchsorted(x)
        with pytest.raises(TypeError, match=r"x is a timedelta64\[D\]"):
            r.searchsorted(np.array([5], "m8[D]"))

    def test_units_without_a_common_one(self):
        """NumPy has no unit for both."""
        r = LinRange(DATE(0, "3fs"), DATE(9, "3fs"), 4)
        assert DATE(0, "W") in r
        assert DATE(1, "W") not in r
        assert r.searchsorted([DATE(0, "W"), DATE(1, "W")]).tolist() == [0, 4]
