"""Dates and spans of time: exact in the finer unit, floored to the unit of the result."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xspace import GeomRange, LinRange, LogRange, arange, geomspace, linspace, logspace
from xspace.grids.units import _first_day, month_of

DATE, SPAN = np.datetime64, np.timedelta64
NAT = -(2**63)

#: Seconds of a unit, in a table of its own.
SECONDS = {"W": 7 * 86400, "D": 86400, "h": 3600, "m": 60, "s": 1}
SECONDS |= {"ms": Fraction(1, 10**3), "us": Fraction(1, 10**6), "ns": Fraction(1, 10**9)}
UNITS = st.sampled_from(list(SECONDS))
PYTHON = st.datetimes(dt.datetime(1600, 1, 1), dt.datetime(2400, 1, 1))


@st.composite
def instants(draw, kind=DATE):
    unit = draw(UNITS)
    bound = int(min(10**11 / SECONDS[unit], 2**62 // 10**9 * 10**9))
    return kind(draw(st.integers(-bound, bound) | st.integers(-100, 100)), unit)


def count(value):
    return int(value.astype(np.int64))


def seconds(value):
    """Since the epoch, exactly."""
    return count(value) * Fraction(SECONDS[np.datetime_data(value.dtype)[0]])


def floors(exact, dtype):
    """Counts of the unit of ``dtype``."""
    return [math.floor(x / SECONDS[np.datetime_data(dtype)[0]]) for x in exact]


def counts(array):
    return array.astype(np.int64).tolist()


def line(start, stop, num, div):
    return [start + (stop - start) * Fraction(i, max(div, 1)) for i in range(num)]


class TestLinspace:
    @pytest.mark.parametrize("kind", [DATE, SPAN])
    @given(data=st.data(), num=st.integers(0, 30), endpoint=st.booleans())
    def test_is_the_floor_of_the_exact_value(self, kind, data, num, endpoint):
        start, stop = data.draw(instants(kind)), data.draw(instants(kind))
        want_dtype = np.promote_types(start.dtype, stop.dtype)
        exact = line(seconds(start), seconds(stop), num, num - 1 if endpoint else num)
        try:
            got = linspace(start, stop, num, endpoint=endpoint)
        except OverflowError:
            assert any(not NAT < n < 2**63 for n in floors(exact, want_dtype))
            return
        assert got.dtype == want_dtype
        assert counts(got) == floors(exact, want_dtype)

    @pytest.mark.parametrize("kind", [DATE, SPAN])
    @given(data=st.data(), num=st.integers(0, 30), unit=UNITS)
    def test_dtype(self, kind, data, num, unit):
        start, stop = data.draw(instants(kind)), data.draw(instants(kind))
        dtype = kind(0, unit).dtype
        exact = floors(line(seconds(start), seconds(stop), num, num - 1), dtype)
        if all(NAT < n < 2**63 for n in exact):
            got = linspace(start, stop, num, dtype=dtype)
            assert got.dtype == dtype
            assert counts(got) == exact
        else:
            with pytest.raises(OverflowError, match=r"linspace: element \d+ .* int64"):
                linspace(start, stop, num, dtype=dtype)

    @given(PYTHON, PYTHON, st.integers(2, 30))
    def test_python_datetimes(self, start, stop, num):
        got = linspace(start, stop, num)
        assert got.dtype == "datetime64[us]"
        micro = dt.timedelta(microseconds=1)
        # timedelta // int is exact, and floors.
        wanted = [start + (stop - start) * i // micro // (num - 1) * micro for i in range(num)]
        assert got.tolist() == wanted
        assert linspace(start.date(), stop.date(), num).dtype == "datetime64[D]"
        assert linspace(stop - start, stop - stop, 3)[0].item() == stop - start

    def test_mixed_types(self):
        got = linspace(dt.date(2024, 2, 28), DATE("2024-03-01T12", "h"), 3)
        assert got.dtype == "datetime64[h]"
        assert got.tolist() == [
            dt.datetime(2024, 2, 28),
            dt.datetime(2024, 2, 29, 6),
            dt.datetime(2024, 3, 1, 12),
        ]
        assert linspace(np.array(5, "m8[D]"), dt.timedelta(hours=1), 2).dtype == "m8[us]"
        assert linspace(SPAN(3), SPAN(5, "D"), 3).tolist() == [dt.timedelta(d) for d in (3, 4, 5)]
        assert counts(linspace(SPAN(3), SPAN(5), 3)) == [3, 4, 5]
        big_endian = linspace(np.array("2024-01-01", ">M8[D]"), DATE("2024-01-03"), 3)
        assert big_endian.tolist() == [dt.date(2024, 1, d) for d in (1, 2, 3)]

    def test_an_own_datetime_with_more_digits(self):
        class Stamp(dt.datetime):
            def to_datetime64(self):
                return DATE(7, "ns")

        assert counts(linspace(Stamp(2020, 1, 1), DATE(9, "ns"), 3)) == [7, 8, 9]

    def test_arrays(self):
        start = np.array(["2024-01-01", "2024-01-02"], "M8[D]")
        stop = np.array([["2024-01-03"], ["NaT"], ["2024-01-08"]], "M8[D]")
        got = linspace(start, stop, 3)
        assert got.shape == (3, 3, 2)
        for i, j in np.ndindex(3, 2):
            lane = linspace(start[j], stop[i, 0], 3)
            assert np.array_equal(got[:, i, j].view(int), lane.view(int))
        assert np.array_equal(linspace(start, stop[0], 3, axis=-1), got[:, 0].T)
        _, steps = linspace(start, stop, 3, retstep=True)
        assert steps.dtype == "m8[D]"
        assert steps.view(int).tolist() == [[1, 0], [NAT, NAT], [3, 3]]
        with pytest.raises(ValueError, match="axis must be from -2 to 1, got 2"):
            linspace(start, start, axis=2)

    def test_step(self):
        samples, step = linspace(DATE("2024-01-01"), DATE("2024-01-02"), 4, retstep=True)
        assert samples.dtype == "M8[D]"
        assert (step, step.dtype) == (SPAN(0, "D"), "m8[D]")
        assert linspace(DATE("2024-01-01T00"), DATE("2024-01-02"), 4, retstep=True)[1] == SPAN(
            8, "h"
        )
        assert linspace(DATE("2024-01-02"), DATE("2024-01-01"), 3, retstep=True)[1] == SPAN(-1, "D")
        assert np.isnat(linspace(DATE("2024"), DATE("2025"), 1, retstep=True)[1])

    @pytest.mark.parametrize("num", [0, 1, 2, 5])
    @pytest.mark.parametrize("endpoint", [True, False])
    @pytest.mark.parametrize("kind", [DATE, SPAN])
    def test_nat_spreads_as_nan(self, num, endpoint, kind):
        day, nat = kind(3, "D"), kind("NaT")
        for start, stop in ((day, nat), (nat, day), (nat, nat)):
            got = linspace(start, stop, num, endpoint=endpoint)
            floats = [np.nan if np.isnat(x) else 3.0 for x in (start, stop)]
            wanted = linspace(*floats, num, endpoint=endpoint)
            assert got.dtype == np.promote_types(start.dtype, stop.dtype)
            assert np.array_equal(np.isnat(got), np.isnan(wanted))
            assert set(got[~np.isnat(got)].tolist()) <= {day.item()}

    def test_the_ends_of_int64(self):
        low, high = NAT + 1, 2**63 - 1
        assert counts(linspace(DATE(low, "s"), DATE(high, "s"), 3)) == [low, 0, high]
        assert counts(linspace(DATE(-(2**62), "s"), DATE(0, "s"), 2, dtype="M8[s]")) == [
            -(2**62),
            0,
        ]
        with pytest.raises(OverflowError, match=r"linspace: element 0 is -9\.2"):
            linspace(DATE(-(2**62), "s"), DATE(0, "s"), 2, dtype="M8[500ms]")  # would be NaT
        with pytest.raises(OverflowError, match=r"linspace: element 0 is .*, which int64"):
            linspace(DATE(high, "s"), DATE(0, "ms"), 3)
        with pytest.raises(OverflowError, match=r"linspace: element 1 is 1\.57"):
            linspace(DATE(0, "s"), DATE(10**16, "Y"), 3, dtype="M8[s]")
        with pytest.raises(OverflowError):
            linspace(dt.timedelta.max, dt.timedelta(0))
        with pytest.raises(OverflowError, match=r"^start in datetime64\[W\], stop .* counts both"):
            linspace(DATE(0, "W"), DATE(0, "3fs"))


class TestCalendar:
    @given(st.dates())
    def test_first_days(self, day):
        month = (day.year - 1970) * 12 + day.month - 1
        epoch = dt.date(1970, 1, 1).toordinal()
        assert _first_day(month) == day.replace(day=1).toordinal() - epoch
        assert month_of(day.toordinal() - epoch) == month

    @given(st.integers(-(10**15), 10**15))
    def test_as_numpy_has_them(self, n):
        assert _first_day(n) == count(DATE(n, "M").astype("M8[D]"))
        assert month_of(n) == count(DATE(n, "D").astype("M8[M]"))

    @given(st.integers(-5000, 5000), st.integers(-5000, 5000), st.integers(2, 20))
    def test_months_among_themselves(self, a, b, num):
        for unit in ("M", "Y"):
            got = linspace(DATE(a, unit), DATE(b, unit), num)
            assert counts(got) == [math.floor(x) for x in line(a, b, num, num - 1)]
            spans = linspace(SPAN(a, unit), SPAN(b, unit), num)
            assert counts(spans) == counts(got)
        mixed = linspace(DATE(a, "Y"), DATE(b, "M"), num)
        assert mixed.dtype == "M8[M]"
        assert counts(mixed) == [math.floor(x) for x in line(12 * a, b, num, num - 1)]

    @given(st.integers(-5000, 5000), st.integers(-(10**5), 10**5), st.integers(2, 20))
    def test_months_with_days_are_their_first_day(self, month, day, num):
        start, stop = DATE(month, "M"), DATE(day, "D")
        exact = line(count(start.astype("M8[D]")), day, num, num - 1)
        got = linspace(start, stop, num)
        assert got.dtype == "M8[D]"
        assert counts(got) == [math.floor(x) for x in exact]
        # Floored to months: of the exact value's day.
        days = np.array(counts(got)).astype("M8[D]")
        for dtype in ("M8[M]", "M8[Y]"):
            assert np.array_equal(linspace(start, stop, num, dtype=dtype), days.astype(dtype))

    def test_the_result_in_days(self):
        got = linspace(DATE("2024-01"), DATE("2024-03"), 3, dtype="M8[D]")
        assert got.tolist() == [dt.date(2024, 1, 1), dt.date(2024, 1, 31), dt.date(2024, 3, 1)]
        assert np.array_equal(got, linspace(DATE("2024-01-01"), DATE("2024-03-01"), 3))
        five = linspace(DATE("1969-01-01"), DATE("1971-01-01"), 5, dtype="M8[5M]")
        assert counts(five) == [-3, -2, 0, 1, 2]

    @pytest.mark.parametrize("units", [("M", "D"), ("Y", "ns"), ("W", "M")])
    def test_spans_do_not_mix(self, units):
        one, two = (SPAN(1, u) for u in units)
        for call in (
            lambda: linspace(one, two),
            lambda: LinRange(one, two),
            lambda: linspace(one, one, dtype=two.dtype),
            lambda: LinRange(one, one).to_array(dtype=two.dtype),
            lambda: arange(one, two),
            lambda: arange(one, one, two),
        ):
            with pytest.raises(TypeError, match="months and years have no fixed number of days"):
                call()


class TestArange:
    @pytest.mark.parametrize("kind", [DATE, SPAN])
    @given(data=st.data(), unit=UNITS, num=st.integers(-2, 30))
    def test_is_exact(self, kind, data, unit, num):
        start, step = data.draw(instants(kind)), SPAN(data.draw(st.integers(1, 99)), unit)
        rest = SPAN(data.draw(st.integers(0, 100)), unit)
        sign = data.draw(st.sampled_from([1, -1]))
        # A stop that NumPy computes, where it can.
        try:
            stop = kind(0, unit) + num * sign * step + sign * rest
            got = arange(kind(0, unit), stop, sign * step)
        except OverflowError:
            return
        wanted = range(0, count(stop), sign * count(step))
        assert counts(got) == list(wanted)
        both = np.promote_types(start.dtype, stop.dtype)
        size = Fraction(SECONDS[np.datetime_data(both)[0]])
        length = (seconds(stop) - seconds(start)) / seconds(sign * step)
        if length > 1000:
            return
        try:
            got = arange(start, stop, sign * step)
        except OverflowError:
            return
        assert len(got) == max(math.ceil(length), 0)
        assert counts(got) == [
            (seconds(start) + i * seconds(sign * step)) / size for i in range(len(got))
        ]

    def test_as_numpy(self):
        for call in (
            (DATE("2024-02-27"), DATE("2024-03-02")),
            (DATE("2024-02-27"), DATE("2024-03-02"), 2),
            (DATE("2024-02"), DATE("2025-03"), SPAN(5, "M")),
            (DATE("2024-02"), DATE("2025-03"), SPAN(1, "Y")),
            (DATE("2024-02"), DATE("2024-03"), SPAN(7, "D")),
            (DATE("2024-02-27"), DATE("2024-02-28"), SPAN(7, "h")),
            (DATE("2024-03-02"), DATE("2024-02-27"), -1),
            (SPAN(5, "D"),),
            (SPAN(1, "D"), SPAN(30, "h"), SPAN(90, "m")),
        ):
            ours, theirs = arange(*call), np.arange(*call)
            assert ours.dtype == theirs.dtype
            assert np.array_equal(ours, theirs)

    def test_dtype(self):
        got = arange(DATE("2024-01-01"), DATE("2024-01-03"), dt.timedelta(hours=18), dtype="M8[D]")
        assert got.tolist() == [dt.date(2024, 1, d) for d in (1, 1, 2)]
        months = arange(DATE("2024-01-31"), DATE("2024-03-05"), 17, dtype="M8[M]")
        assert months.tolist() == [dt.date(2024, m, 1) for m in (1, 2)]

    @pytest.mark.parametrize(
        ("call", "error", "words"),
        [
            ((DATE("2024"),), ValueError, "stop is missing"),
            ((DATE("2024"), DATE("2025"), 0), ValueError, "step must not be zero"),
            ((DATE("2024"), DATE("NaT")), ValueError, "stop must not be NaT"),
            ((DATE("2024"), DATE("2025"), SPAN("NaT")), ValueError, "step must not be NaT"),
            ((DATE("2024"), DATE("2025"), 0.5), TypeError, "step is float 0.5"),
            ((DATE("2024"), DATE("2025"), DATE("2025")), TypeError, "step must be a span"),
            ((1, DATE("2025")), TypeError, "start is int 1"),
            ((1, 2, SPAN(1, "D")), TypeError, "start is int 1"),
            ((DATE("2024-01-01"), DATE("2025"), SPAN(1, "M")), TypeError, "no fixed number"),
            ((np.array(["2024"], "M8[D]"), DATE("2025")), TypeError, r"start .* shape \(1,\)"),
        ],
    )
    def test_wrong_arguments(self, call, error, words):
        with pytest.raises(error, match=words):
            arange(*call)

    def test_a_long_step(self):
        """Of more than 64 bits, and of the one that would be NaT."""
        start = DATE("2024-01-02")
        for step in (2**70, 2**63, 2**63 - 1):
            assert arange(start, DATE("2024-01-09"), step).tolist() == [start.item()]
            assert arange(start, DATE("2024-01-01"), -step).tolist() == [start.item()]
            assert len(arange(start, DATE("2024-01-01"), step)) == 0
        years = arange(DATE("2024"), DATE("2026"), 1, dtype="M8[Y]")
        assert years.tolist() == [dt.date(2024, 1, 1), dt.date(2025, 1, 1)]

    def test_more_elements_than_an_array_can_have(self):
        with pytest.raises(
            ValueError, match=r"arange: \d+ elements, which is more than an array can have"
        ):
            arange(DATE(NAT + 1, "s"), DATE(2**63 - 1, "s"))
        with pytest.raises(MemoryError):
            arange(DATE(0, "s"), DATE(10**14, "s"))


class TestRange:
    @given(instants(), instants(), st.integers(1, 40), st.booleans(), st.data())
    def test_is_the_array(self, start, stop, num, endpoint, data):
        try:
            whole = linspace(start, stop, num, endpoint=endpoint)
        except OverflowError:
            with pytest.raises(OverflowError, match="LinRange"):
                LinRange(start, stop, num, endpoint=endpoint).to_array()
            return
        try:
            r = LinRange(start, stop, num, endpoint=endpoint)
        except OverflowError:  # of a stop that is not among the elements
            assert not endpoint or num == 1
            return
        step = data.draw(st.integers(-5, 5).filter(bool))
        for part, wanted in (
            (r, whole),
            (r[::step], whole[::step]),
            (r[3::2][1:], whole[3::2][1:]),
        ):
            array = part.to_array()
            assert array.dtype == wanted.dtype
            assert np.array_equal(array, wanted)
            assert list(part) == [part[i] for i in range(len(part))] == list(wanted)
            assert all(type(x) is DATE and x.dtype == wanted.dtype for x in part)
            again = eval(repr(part), {"np": np, "LinRange": LinRange})
            assert again == part
            assert hash(again) == hash(part)
            assert repr(again) == repr(part)

    @given(st.dates(), st.dates(), st.integers(1, 40))
    def test_searching(self, start, stop, num):
        r = LinRange(start, stop, num)
        elements = r.to_array()
        for x in (elements[num // 2], elements[0].item(), elements[-1].astype("M8[h]")):
            assert x in r
            assert r.count(x) == np.count_nonzero(elements == x)
            assert r.index(x) == np.flatnonzero(elements == x)[0]
        if start <= stop:
            for x in (elements[num // 2], DATE(start, "s") + 1, DATE(stop, "M")):
                for side in ("left", "right"):
                    assert r.searchsorted(x, side) == np.searchsorted(elements, x, side)
        assert DATE(start, "s") + 1 not in r
        assert r.searchsorted(DATE("NaT")) == num
        for x in (5, 5.0, "2024-01-01", SPAN(1, "D"), DATE("NaT")):
            assert x not in r
        with pytest.raises(TypeError, match="x must be a date or a span of time, got int 5"):
            r.searchsorted(5)

    def test_months(self):
        r = LinRange(DATE("2024-01"), DATE("2024-12"), 12)
        assert r.index(dt.date(2024, 5, 1)) == 4
        assert dt.date(2024, 5, 2) not in r
        assert r.searchsorted(dt.date(2024, 5, 2)) == 5
        days = r[::2].to_array(dtype="M8[D]")
        assert np.array_equal(
            days, linspace(DATE("2024-01"), DATE("2024-12"), 12, dtype="M8[D]")[::2]
        )

    def test_a_year_that_does_not_begin_with_a_unit(self):
        """Pairs of days, and a year that begins with the second one of a pair."""
        start, stop = DATE(2, "2Y"), DATE(10, "4D")
        for ends in ((start, stop), (stop, start)):
            r = LinRange(*ends, 4)
            assert list(r) == linspace(*ends, 4).tolist()
            assert r[0].dtype == "M8[2D]"
            for dtype in ("M8[D]", "M8[h]", "M8[3D]", "M8[M]"):
                assert np.array_equal(r.to_array(dtype=dtype), linspace(*ends, 4, dtype=dtype))
            again = eval(repr(r), {"np": np, "LinRange": LinRange})
            assert again == r
            assert again[0].dtype == "M8[2D]"
            assert repr(again) == repr(r)

    def test_equality(self):
        r = LinRange(DATE("2024-01-01"), DATE("2024-01-09"), 9)
        assert r[::2] == LinRange(dt.date(2024, 1, 1), dt.date(2024, 1, 9), 5)
        assert r != LinRange(DATE("2024-01-01T00"), DATE("2024-01-09"), 9)
        assert r != LinRange(SPAN(19723, "D"), SPAN(19731, "D"), 9)
        assert r != LinRange(19723, 19731, 9)
        assert r[9:] == LinRange(0, 1, 0)

    def test_as_an_array(self):
        r = LinRange(DATE("2024-01-01"), DATE("2024-01-09"), 3)
        assert np.asarray(r).dtype == "M8[D]"
        assert np.asarray(r, dtype="M8[h]").dtype == "M8[h]"
        assert np.asarray(r, dtype=object).tolist() == [dt.date(2024, 1, d) for d in (1, 5, 9)]
        with pytest.raises(TypeError, match="dtype"):
            r.to_array(dtype=float)

    def test_is_lazy(self):
        r = LinRange(DATE(0, "ns"), DATE(2**62, "ns"), 10**15)
        assert r[0] == DATE(0, "ns")
        assert r.searchsorted(DATE(2**61, "ns")) == 10**15 // 2

    @pytest.mark.parametrize(
        ("r", "text"),
        [
            (
                LinRange(dt.date(2024, 1, 1), DATE("2024-01-01T02"), 3)[1:],
                "LinRange(np.datetime64('2024-01-01T00', 'h'), "
                "np.datetime64('2024-01-01T02', 'h'), 3)[1:]",
            ),
            (
                LinRange(SPAN(1, "W"), SPAN(2, "D"), endpoint=False),
                "LinRange(np.timedelta64(7, 'D'), np.timedelta64(2, 'D'), 50, endpoint=False)",
            ),
            (LinRange(SPAN(1), SPAN(2), 3), "LinRange(np.timedelta64(1), np.timedelta64(2), 3)"),
        ],
    )
    def test_repr(self, r, text):
        assert repr(r) == text
        assert eval(text) == eval(text, {"np": np, "LinRange": LinRange}) == r

    def test_wrong_arguments(self):
        with pytest.raises(ValueError, match="start must not be NaT"):
            LinRange(DATE("NaT"), DATE("2024"))
        with pytest.raises(TypeError, match=r"stop must be a scalar .* shape \(1,\)"):
            LinRange(DATE("2024"), np.array(["2024"], "M8[D]"))
        with pytest.raises(OverflowError, match="LinRange"):
            LinRange(DATE(2**62, "D"), DATE(0, "ns"))


class TestArguments:
    @pytest.mark.parametrize("function", [logspace, geomspace, LogRange, GeomRange])
    @pytest.mark.parametrize("place", ["start", "stop"])
    @pytest.mark.parametrize(
        "value",
        [
            DATE("2024-01-01"),
            SPAN(1, "D"),
            dt.date(2024, 1, 1),
            dt.timedelta(1),
            np.array("2024-01-01", "M8[D]"),
            np.array(1, "m8[D]"),
        ],
    )
    def test_logarithms_have_no_dates(self, function, place, value):
        with pytest.raises(TypeError, match=f"^{place} must be a real number"):
            function(**{"start": 1, "stop": 2, place: value})

    @pytest.mark.parametrize("function", [linspace, LinRange, arange])
    @pytest.mark.parametrize("value", [DATE("2024"), SPAN(1, "D"), dt.date(2024, 1, 1)])
    @pytest.mark.parametrize("other", [1, 1.5, Fraction(1), np.int64(1), np.array(2.0), "2024"])
    def test_dates_and_numbers_do_not_mix(self, function, value, other):
        with pytest.raises(TypeError, match=r"^start is a date or a span of time, .* stop is"):
            function(value, other)
        with pytest.raises(TypeError, match=r"^stop is a date or a span of time, .* start is"):
            function(other, value)

    @pytest.mark.parametrize("function", [linspace, LinRange, arange])
    def test_dates_and_spans_do_not_mix(self, function):
        with pytest.raises(
            TypeError, match=r"start is a datetime64\[Y\] and stop a timedelta64\[D\]"
        ):
            function(DATE("2024"), SPAN(1, "D"))

    @pytest.mark.parametrize("function", [linspace, LinRange, arange])
    def test_time_zones(self, function):
        with pytest.raises(TypeError, match="stop has a time zone"):
            function(DATE("2024"), dt.datetime(2025, 1, 1, tzinfo=dt.UTC))

    @pytest.mark.parametrize("function", [linspace, arange])
    def test_dtype(self, function):
        for dtype in (float, int, "m8[D]"):
            with pytest.raises(TypeError, match="dtype"):
                function(DATE("2024"), DATE("2025"), dtype=dtype)
        with pytest.raises(TypeError, match="dtype"):
            function(0, 1, dtype="M8[D]")
        assert function(DATE("2024"), DATE("2025"), dtype="M8").dtype == "M8[Y]"

    @pytest.mark.parametrize("function", [linspace, arange])
    def test_only_numpy(self, function):
        xp = pytest.importorskip("array_api_strict")
        assert len(function(DATE("2024"), DATE("2025"), xp=np, device="cpu"))
        with pytest.raises(TypeError, match=r"only numpy and dask\.array have arrays"):
            function(DATE("2024"), DATE("2025"), xp=xp)
        with pytest.raises(ValueError, match="device must be 'cpu'"):
            function(DATE("2024"), DATE("2025"), device="cuda")
