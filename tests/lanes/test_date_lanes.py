"""Arrays of dates as ends: every lane is the grid of its ends, from integers of Python."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction

import numpy as np
import pytest
from counting import bytes_made, count_calls
from hypothesis import given
from hypothesis import strategies as st

from xspace import linspace
from xspace.grids.units import _first_day, month_of

NAT, HIGH = -(2**63), 2**63 - 1

#: Nanoseconds of a unit, in a table of its own.
SIZES = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
SIZES |= {"D": 86400 * 10**9, "W": 7 * 86400 * 10**9}
UNITS = st.sampled_from(list(SIZES))
COUNTS = (
    st.integers(-(2**63), HIGH)
    | st.integers(-100, 100)
    | st.integers(-(10**9), 10**9)
    | st.sampled_from([NAT, NAT + 1, NAT + 2, -1, 0, 1, HIGH - 1, HIGH])
)
NUMS = st.integers(0, 12) | st.just(100)


@st.composite
def batches(draw, units=UNITS):
    """Counts of ends that broadcast together, and the units that they count."""
    shape = draw(st.sampled_from([(1,), (3,), (2, 2)]))
    size = math.prod(shape)
    values = draw(st.lists(COUNTS, min_size=1, max_size=7))
    more = draw(st.lists(COUNTS, min_size=1, max_size=5))
    start = np.resize(np.array(values, np.int64), shape)
    stop = np.resize(np.array(more, np.int64), draw(st.sampled_from([shape, shape[-1:], ()])))
    assert start.size == size
    return start, draw(units), stop, draw(units)


def element(a, b, i, div):
    """The exact value between two fractions; NaT spreads as NaN does, but an end is itself."""
    if a is not None and b is not None:
        return (a * (div - i) + b * i) / div
    return None


def wanted(a, b, num, endpoint, size):
    """Counts of a lane between two Fractions, or None for NaT; an index of one that is too long."""
    div = num - 1 if endpoint else num
    counts = []
    for i in range(num):
        value = element(a, b, i, max(div, 1))
        if i == 0:
            value = a
        elif endpoint and i == num - 1:
            value = b
        count = NAT if value is None else math.floor(value / size)
        if value is not None and not NAT < count <= HIGH:
            raise OverflowError(i)
        counts.append(count)
    return counts


def exact(count, size):
    return None if count == NAT else Fraction(count * size)


def check(start, start_dtype, stop, stop_dtype, num, endpoint, dtype, sizes):
    """Compare with integers of Python, and with the grids of scalars."""
    both = np.broadcast_arrays(start, stop)
    ends = start.view(start_dtype), np.asarray(stop).view(stop_dtype)
    rows, failed = [], None
    for lane in np.ndindex(both[0].shape):
        a, b = (exact(int(x[lane]), s) for x, s in zip(both, sizes[:2], strict=True))
        try:
            rows.append(wanted(a, b, num, endpoint, sizes[2]))
        except OverflowError as error:
            failed = lane, error.args[0]
            break
    if failed:
        place = ", ".join(map(str, failed[0])) + ("," if len(failed[0]) == 1 else "")
        with pytest.raises(OverflowError, match=rf"element {failed[1]} is .*lane \({place}\)"):
            linspace(*ends, num, endpoint=endpoint, dtype=dtype)
        return
    got = linspace(*ends, num, endpoint=endpoint, dtype=dtype)
    assert got.shape == (num, *both[0].shape)
    assert got.reshape(num, both[0].size).T.view(np.int64).tolist() == rows
    for lane in list(np.ndindex(both[0].shape))[:7]:
        alone = linspace(
            both[0][lane].view(start_dtype),
            both[1][lane].view(stop_dtype),
            num,
            endpoint=endpoint,
            dtype=dtype,
        )
        assert got.dtype == alone.dtype
        assert got[(slice(None), *lane)].tobytes() == alone.tobytes()


class TestLanes:
    @pytest.mark.parametrize("letter", ["M", "m"])
    @given(batches(), NUMS, st.booleans(), st.none() | UNITS)
    def test_are_the_floors_of_the_exact_values(self, letter, batch, num, endpoint, unit):
        start, one, stop, two = batch
        finer = min(one, two, key=SIZES.__getitem__)
        check(
            start,
            f"{letter}8[{one}]",
            stop,
            f"{letter}8[{two}]",
            num,
            endpoint,
            unit and f"{letter}8[{unit}]",
            (SIZES[one], SIZES[two], SIZES[unit or finer]),
        )

    @pytest.mark.parametrize("letter", ["M", "m"])
    @given(batches(st.sampled_from(["M", "Y", "5M"])), NUMS, st.booleans())
    def test_months(self, letter, batch, num, endpoint):
        sizes = {"M": 1, "Y": 12, "5M": 5}
        start, one, stop, two = batch
        common = math.gcd(sizes[one], sizes[two])
        check(
            start,
            f"{letter}8[{one}]",
            stop,
            f"{letter}8[{two}]",
            num,
            endpoint,
            None,
            (sizes[one], sizes[two], common),
        )

    @given(
        st.lists(st.integers(-(10**5), 10**5) | st.just(NAT), min_size=1, max_size=9),
        st.lists(st.integers(-(10**7), 10**7) | st.just(NAT), min_size=1, max_size=9),
        st.integers(1, 9),
        st.sampled_from([None, "M8[M]", "M8[Y]", "M8[7M]", "M8[W]"]),
    )
    def test_months_beside_days(self, months, days, num, dtype):
        """A month is its first day; and the exact value is floored to months by its day."""
        start, stop = np.array(months).view("M8[M]"), np.array(days)[:, None].view("M8[D]")
        got = linspace(start, stop, num, dtype=dtype)
        for i, j in np.ndindex(len(days), len(months)):
            alone = linspace(start[j], stop[i, 0], num, dtype=dtype)
            assert alone.dtype == got.dtype
            assert np.array_equal(got[:, i, j].view(int), alone.view(int))
            if NAT not in (months[j], days[i]):
                first = int(start[j].astype("M8[D]").view(int))
                floors = [
                    math.floor(first + Fraction((days[i] - first) * k, max(num - 1, 1)))
                    for k in range(num)
                ]
                if dtype and dtype != "M8[7M]":
                    floors = np.array(floors, "M8[D]").astype(dtype).view(int).tolist()
                if dtype != "M8[7M]":
                    assert alone.view(int).tolist() == floors

    def test_months_far_away(self):
        """Beyond the calendar of 64 bits, as alone."""
        far = np.array([2**62, -(2**62), 5]).view("M8[M]")
        with pytest.raises(OverflowError, match=r"element 0 is 1\.4.*\(in lane \(0,\)\)"):
            linspace(far, np.datetime64(0, "D"), 3)
        edge = np.array([2**58, -(2**58), 2**58 + 1, 3 * 10**17]).view("M8[M]")
        got = linspace(edge, np.datetime64(0, "D"), 3)
        for k in range(4):
            assert np.array_equal(got[:, k], linspace(edge[k], np.datetime64(0, "D"), 3))
        assert got[0].view(int).tolist() == [_first_day(int(n)) for n in edge.view(int)]

    @given(st.integers(NAT + 1, HIGH) | st.sampled_from([NAT + 1, HIGH]))
    def test_months_of_all_days(self, day):
        """NumPy's own conversion overflows near the end of the range."""
        month = int(linspace(*np.full((2, 1), day).view("M8[D]"), 1, dtype="M8[M]").view(int)[0, 0])
        assert _first_day(month) <= day < _first_day(month + 1)
        assert month_of(day) == month

    def test_units_that_are_not_multiples_of_each_other(self):
        """NumPy brings years and pairs of days to pairs of days: a year begins in the middle."""
        start, stop = np.array([1, 2, 3]).view("M8[2Y]"), np.array([10, 11, 13]).view("M8[4D]")
        for endpoint in (True, False):
            got, steps = linspace(start, stop, 4, endpoint=endpoint, retstep=True)
            assert got.dtype == "M8[2D]"
            for k in range(3):
                lane, step = linspace(start[k], stop[k], 4, endpoint=endpoint, retstep=True)
                assert np.array_equal(got[:, k], lane)
                assert steps[k] == step

    def test_a_unit_that_all_numbers_are_below(self):
        start = np.array([HIGH, NAT + 1, 0]).view("m8[as]")
        got = linspace(start, start, 2, dtype="m8[1000W]")
        assert got.view(int).tolist() == [[0, -1, 0]] * 2

    def test_axis_and_order(self):
        start = np.arange(6).reshape(2, 3).view("M8[D]")
        stop = start + np.arange(6).reshape(2, 3)[::-1] * 7
        whole = linspace(start, stop, 5)
        for axis in (0, 1, 2, -1, -2, -3):
            got = linspace(start, stop, 5, axis=axis)
            assert np.array_equal(got, np.moveaxis(whole, 0, axis))
        assert np.array_equal(linspace(start.T, stop.T, 5), whole.transpose(0, 2, 1))
        assert np.array_equal(linspace(start[:, ::-1], stop[:, ::-1], 5), whole[:, :, ::-1])
        big_endian = linspace(start.astype(">M8[D]"), stop, 5)
        assert np.array_equal(big_endian, whole)
        assert big_endian.dtype == "M8[D]"

    @pytest.mark.parametrize("num", [0, 1, 5])
    def test_no_lanes(self, num):
        none = np.empty((0, 3), "M8[D]")
        samples, steps = linspace(none, np.datetime64("2024"), num, retstep=True)
        assert (samples.shape, steps.shape) == ((num, 0, 3), (0, 3))
        assert (samples.dtype, steps.dtype) == ("M8[D]", "m8[D]")

    def test_beside_scalars(self):
        start = np.array(["2024-01-01", "2024-01-03"], "M8[D]")
        for stop in (
            dt.date(2024, 1, 5),
            np.datetime64("2024-01-05"),
            np.array("2024-01-05", "M8"),
        ):
            got = linspace(start, stop, 3)
            assert got.dtype == "M8[D]"
            assert got.T.astype(str).tolist() == [
                ["2024-01-01", "2024-01-03", "2024-01-05"],
                ["2024-01-03", "2024-01-04", "2024-01-05"],
            ]
        assert linspace(start, dt.datetime(2024, 1, 5), 3).dtype == "M8[us]"
        spans = linspace(np.array([1, 2], "m8[h]"), dt.timedelta(hours=3), 2, axis=-1)
        assert spans.tolist() == [[dt.timedelta(hours=h), dt.timedelta(hours=3)] for h in (1, 2)]

    @pytest.mark.parametrize("lanes", [2, 127, 128, 20_000])
    def test_many_samples_and_lanes(self, lanes):
        """Blocks of both layouts join."""
        num = 400_000 // lanes
        rng = np.random.default_rng(lanes)
        start, stop = rng.integers(NAT + 1, HIGH, (2, lanes))
        got = linspace(start.view("M8[us]"), stop.view("M8[us]"), num).view(np.int64)
        for i in (0, 1, num // 3, num - 2, num - 1):
            row = [
                (a * (num - 1 - i) + b * i) // (num - 1)
                for a, b in zip(start.tolist(), stop.tolist(), strict=True)
            ]
            assert got[i].tolist() == row


class TestSteps:
    @given(batches(), st.integers(0, 5), st.booleans())
    def test_are_those_of_scalars(self, batch, num, endpoint):
        start, one, stop, two = batch
        ends = start.view(f"M8[{one}]"), np.asarray(stop).view(f"M8[{two}]")
        finer = SIZES[min(one, two, key=SIZES.__getitem__)]
        both = np.broadcast_arrays(start, stop)
        div = num - 1 if endpoint else num
        rows = []
        for a, b in zip(*(x.reshape(-1).tolist() for x in both), strict=True):
            pair = exact(a, SIZES[one]), exact(b, SIZES[two])
            step = NAT if div < 1 or None in pair else (pair[1] - pair[0]) // (div * finer)
            rows.append(step)
        try:
            samples, steps = linspace(*ends, num, endpoint=endpoint, retstep=True)
        except OverflowError:
            try:
                linspace(*ends, num, endpoint=endpoint)
            except OverflowError:
                return  # of the samples
            assert any(step != NAT and not NAT < step <= HIGH for step in rows)
            return
        assert steps.shape == samples.shape[1:]
        assert steps.dtype == str(samples.dtype).replace("datetime", "timedelta")
        assert steps.reshape(-1).view(np.int64).tolist() == rows

    def test_too_long(self):
        start = np.array([0, NAT + 1]).view("M8[s]")
        assert linspace(start, np.datetime64(0, "s"), 2, retstep=True)[1].view(int).tolist() == [
            0,
            HIGH,
        ]
        with pytest.raises(OverflowError, match=r"which int64 cannot hold .* \(in lane \(1,\)\)"):
            linspace(start, np.datetime64(1, "s"), 2, retstep=True)


class TestCost:
    def test_lanes_are_made_together(self):
        start = np.arange(100_000).view("M8[s]")
        samples = linspace(start, np.datetime64(10**9, "s"), 10)
        assert samples.shape == (10, 100_000)
        assert count_calls(lambda: linspace(start, np.datetime64(10**9, "s"), 10)) < 10_000

    @pytest.mark.parametrize("dtype", ["M8[s]", "M8[D]", "M8[M]"])
    @pytest.mark.parametrize("lanes", [(), (2,), (500,)])
    def test_memory(self, lanes, dtype):
        """The result, and a few blocks."""
        start = np.full(lanes, 0).view("M8[s]")[()]
        num = 1_000_000 // math.prod(lanes)
        stop = np.datetime64(10**9 + 1, "s")
        made = linspace(start, stop, num, dtype=dtype)
        peak = bytes_made(lambda: linspace(start, stop, num, dtype=dtype))
        assert peak < made.nbytes + 1_500_000
