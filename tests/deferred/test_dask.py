"""Grids on dask: chunks that are made where they are wanted, with the bits of the whole."""

from __future__ import annotations

import datetime as dt
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from counting import bytes_made, count_calls
from covering import covering

from xspace import GeomRange, LinRange, arange, geomspace, linspace, logspace
from xspace.testing import assert_identical

da = pytest.importorskip("dask.array")
tokenize = pytest.importorskip("dask.base").tokenize

INF, NAN = np.inf, np.nan

#: A call of every kind of grid.
GRIDS = [
    (linspace, (0, 1), {}),
    (linspace, (-5, 7.5), {"endpoint": False}),
    (logspace, (-300, 300), {}),
    (logspace, (0, 1), {"base": 7}),
    (geomspace, (1e-300, 3), {}),
    (geomspace, (-1, -9), {}),
    # Zeros with a sign.
    (linspace, (-0.0, 1), {}),
    (linspace, (1, -0.0), {}),
    (linspace, (1, -0.0), {"endpoint": False}),
    (linspace, (-0.0, -0.0), {}),
    # Limits.
    (linspace, (-INF, 3), {}),
    (linspace, (0, INF), {"endpoint": False}),
    (linspace, (-INF, INF), {}),
    (linspace, (NAN, 1), {}),
    (geomspace, (1, -9), {}),
    (geomspace, (3, INF), {}),
    (logspace, (-INF, 3), {}),
    (logspace, (-3, 3), {"base": 0}),
    (logspace, (-3, 96), {"base": -0.0}),
    (logspace, (-3, 96), {"base": -INF}),
    (logspace, (-3, 96), {"base": NAN}),
    # Negative bases.
    (logspace, (-3, 96), {"base": -2}),
    (logspace, (-20, 30), {"base": -1.5}),
    (logspace, (0, 49.5), {"base": -1}),
]
#: And of every kind of complex grid.
COMPLEX = [
    (linspace, (0, 1j), {}),
    (linspace, (complex(-0.0, 1), complex(2, -0.0)), {"endpoint": False}),
    (linspace, (complex(0, INF), 1 - 1j), {}),
    # Spirals, with elements on axes, and rays.
    (geomspace, (1, 1j), {}),
    (geomspace, (-1 + 0j, 1), {}),
    (geomspace, (3 - 4j, 1e-300j), {"endpoint": False}),
    (geomspace, (1 + 1j, 5 + 5j), {}),
    (geomspace, (-1j, -9j), {}),
    (geomspace, (2 + 1j, 2 + 1j), {}),
    (logspace, (0, 2 + 3j), {}),
    (logspace, (0, 99), {"base": 1j}),
    (logspace, (-3, 3), {"base": -2 + 0j}),
    (logspace, (-3, 3j), {"base": 1 + 0j}),
    # Limits.
    (geomspace, (1 + 0j, INF), {}),
    (geomspace, (1 + 1j, INF), {"endpoint": False}),
    (logspace, (-3, complex(INF, 0)), {}),
    (logspace, (complex(-3, -3), complex(96, 96)), {"base": 0}),
    (logspace, (-3, 96), {"base": complex(INF, 0)}),
    (logspace, (-3, 96 + 1j), {"base": complex(0, NAN)}),
]
CHUNKS = [1, 7, (64, 36), ((1, 0, 99),), 100, -1, "auto", "80B"]


@pytest.mark.parametrize(("function", "ends", "options"), GRIDS + COMPLEX)
@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
def test_bits_do_not_depend_on_the_chunks(function, ends, options, chunks):
    lazy = function(*ends, 100, **options, xp=da, chunks=chunks)
    assert lazy.chunks == da.core.normalize_chunks(chunks, (100,), dtype=lazy.dtype)
    assert_identical(lazy.compute(), function(*ends, 100, **options))


@pytest.mark.parametrize(("function", "ends", "options"), GRIDS + COMPLEX)
@pytest.mark.parametrize("num", [0, 1, 2, 3])
def test_short_grids(function, ends, options, num):
    lazy = function(*ends, num, **options, xp=da, chunks=1)
    assert_identical(lazy.compute(), function(*ends, num, **options))


@pytest.mark.parametrize("dtype", ["float32", "float16", ">f8", ">f2"])
@pytest.mark.parametrize(("function", "ends", "options"), GRIDS[:10])
def test_dtypes(function, ends, options, dtype):
    lazy = function(*ends, 100, **options, xp=da, chunks=30, dtype=dtype)
    made, wanted = lazy.compute(), function(*ends, 100, **options, dtype=dtype)
    assert lazy.dtype == made.dtype == wanted.dtype
    assert_identical(made, wanted)


@pytest.mark.parametrize("dtype", ["complex64", ">c16"])
@pytest.mark.parametrize(("function", "ends", "options"), COMPLEX)
def test_complex_dtypes(function, ends, options, dtype):
    lazy = function(*ends, 100, **options, xp=da, chunks=30, dtype=dtype)
    made, wanted = lazy.compute(), function(*ends, 100, **options, dtype=dtype)
    assert lazy.dtype == made.dtype == wanted.dtype
    assert_identical(made, wanted)


@pytest.mark.parametrize(("function", "ends", "options"), GRIDS[::3] + COMPLEX)
def test_slices_are_made_alone(function, ends, options):
    lazy = function(*ends, 100, **options, xp=da, chunks=30)
    whole = function(*ends, 100, **options)
    for cut in (slice(5, 90, 7), slice(None, None, -1), slice(98, 3, -11), slice(50, 50), 99):
        assert_identical(lazy[cut].compute(), whole[cut])


def test_integers():
    assert_identical(
        linspace(-5, 5, 40, dtype=int, xp=da, chunks=3).compute(), linspace(-5, 5, 40, dtype=int)
    )
    assert_identical(
        logspace(0, 7, 8, base=-2, dtype="int8", xp=da, chunks=3).compute(),
        np.array([1, -2, 4, -8, 16, -32, 64, -128], "int8"),
    )
    made = geomspace(-128, -1, 8, dtype="int8", xp=da, chunks=3).compute()
    assert made.tolist() == [-128, -64, -32, -16, -8, -4, -2, -1]

    # What truncation brings into the range fits.
    made = logspace(-1, 0, 2, base=-2, dtype="uint8", xp=da, chunks=1).compute()
    assert made.tolist() == [0, 1]
    tiny = Fraction(1 - 10**20, 10**20)
    made = geomspace(tiny, 1, 2, dtype="uint8", xp=da, chunks=1).compute()
    assert made.tolist() == geomspace(tiny, 1, 2, dtype="uint8").tolist() == [0, 1]


def test_an_infinite_exponent_does_not_hide_what_does_not_fit():
    """In host memory, too: it wrapped there."""
    for more in ({}, {"xp": da}):
        with pytest.raises(OverflowError, match=r"element 2 is 100000.0, which int8 cannot hold"):
            logspace(-INF, 5, 3, dtype="int8", **more)


def test_long_numbers():
    """More digits than Python writes as decimals."""
    ends = Fraction(1, 10**6000), 10**6000
    assert_identical(geomspace(*ends, 9, xp=da, chunks=2).compute(), geomspace(*ends, 9))


@pytest.mark.parametrize("step", [1, 0.1, -3])
def test_arange(step):
    ends = (50, 1, step) if step < 0 else (1, 50, step)
    lazy = arange(*ends, xp=da, chunks=6)
    assert_identical(lazy.compute(), arange(*ends))


def test_ranges():
    """The lazy sequences of this library are lazy arrays of dask's, too."""
    part = GeomRange(-1, -(3**99), 100)[5:80:3]
    assert_identical(part.to_array(xp=da).compute(), part.to_array())
    part = LinRange(1, -0.0, 100)[::-1]
    assert_identical(part.to_array(xp=da).compute(), part.to_array())


class TestLaziness:
    def test_ten_billion_elements(self):
        """The graph is small, and quick to build."""
        lazy = logspace(-300, 300, 10**10, xp=da)
        assert count_calls(lambda: logspace(-300, 300, 10**10, xp=da)) < 20_000
        assert lazy.shape == (10**10,)
        assert lazy.nbytes == 8 * 10**10
        assert lazy.numblocks == (597,)  # of 128 MiB, dask's default
        assert len(pickle.dumps(lazy)) < 20_000

    @pytest.mark.parametrize(("function", "ends", "options"), GRIDS + COMPLEX)
    def test_ten_billion_of_every_kind(self, function, ends, options):
        lazy = function(*ends, 10**10, **options, xp=da)
        assert len(pickle.dumps(lazy)) < 30_000
        assert count_calls(lambda: function(*ends, 10**10, **options, xp=da)) < 20_000
        assert lazy.shape == (10**10,)
        # Two elements, each in a chunk that is made whole, and so not of dask's 128 MiB.
        places = slice(10**10 // 2 + 17, None, 10**10 // 4)
        made, again = (
            function(*ends, 10**10, **options, xp=da, chunks=chunks)[places].compute()
            for chunks in (10**6, 7 * 10**5)
        )
        assert len(made) == 2
        assert_identical(made, again)

    def test_elements_of_ten_billion(self):
        lazy = linspace(0, 1, 10**10 + 1, xp=da, chunks=10_000)
        assert lazy[10**9 : 10**10 : 3 * 10**9].compute().tolist() == [0.1, 0.4, 0.7]

    def test_limits_of_ten_billion(self):
        lazy = linspace(0, INF, 10**10, xp=da, chunks=10**6)
        assert lazy[:2].compute().tolist() == [0, INF]

    def test_nothing_is_computed_at_first(self):
        def refuse(dsk, keys, **options):
            raise AssertionError("computed")

        import dask

        with dask.config.set(scheduler=refuse):
            for function, ends, options in GRIDS + COMPLEX:
                lazy = function(*ends, 100, **options, xp=da, chunks=7)
                assert type(lazy._meta) is np.ndarray
                assert lazy._meta.shape == (0,)
                dtype = np.complex128 if (function, ends, options) in COMPLEX else np.float64
                assert lazy._meta.dtype == lazy.dtype == dtype
            with pytest.raises(AssertionError, match="computed"):
                lazy.compute()

    def test_too_many_elements(self):
        with pytest.raises(ValueError, match="more than an array can have"):
            linspace(0, 1, 10**30, xp=da)
        with pytest.raises(ValueError, match="more than an array can have"):
            linspace(0, INF, 10**30, xp=da)


STARTS = np.array([[0.5, -0.0, 7.0, 1e-300, 3.0], [1.0, 2.0, -4.0, 1e300, np.inf]])
STOPS = np.array([[9.0], [-2.5]])


class TestLanes:
    """Arrays as ends: blocks of lanes, and of their samples."""

    @pytest.mark.parametrize("function", [linspace, logspace, geomspace])
    @pytest.mark.parametrize(
        ("num", "chunks"),
        [
            *((num, chunks) for num in (0, 1, 2, 50) for chunks in (None, 7, "1kB")),
            (50, ((1, 0, 3, 46),)),
            *((5000, chunks) for chunks in (None, 1000, "10kB")),
        ],
        ids=str,
    )
    def test_bits_do_not_depend_on_the_chunks(self, function, num, chunks):
        starts = np.where(STARTS == 0, 1.5, STARTS) if function is geomspace else STARTS
        ends = da.from_array(starts, chunks=(1, 2)), da.from_array(STOPS, chunks=(2, 1))
        lazy = function(*ends, num, chunks=chunks)
        assert lazy.chunks[1:] == ((1, 1), (2, 2, 1))
        if isinstance(chunks, tuple):
            assert lazy.chunks[:1] == chunks
        elif num and isinstance(chunks, str):
            assert lazy.chunks[0][0] * 2 * 8 <= (10_000 if num == 5000 else 1000)
        elif num and chunks:
            assert lazy.chunks[0][0] == min(chunks, num)
        assert_identical(lazy.compute(), function(starts, STOPS, num))
        few = lazy[1::3, 1, ::2].compute()
        assert_identical(few, function(starts, STOPS, num)[1::3, 1, ::2])

    @pytest.mark.parametrize("num", [60, 5000])
    @pytest.mark.parametrize("dtype", ["float32", "float16", "int64", "int8", "complex64", ">f8"])
    def test_dtypes(self, num, dtype):
        start, stop = np.arange(1.0, 7), np.arange(50.0, 44, -1)
        ends = [da.from_array(x, chunks=4) for x in (start, stop)]
        for function in (linspace, geomspace):
            lazy = function(*ends, num, dtype=dtype, chunks=17, endpoint=False, axis=-1)
            wanted = function(start, stop, num, dtype=dtype, endpoint=False, axis=-1)
            assert lazy.dtype == wanted.dtype
            assert_identical(lazy.compute(), wanted)

    def test_complex(self):
        start, stop = np.array([1, 1j, -1 + 0j, 3 - 4j]), np.array([1j, 9j, 1, complex(INF, 0)])
        ends = [da.from_array(x, chunks=3) for x in (start, stop)]
        for function in (linspace, geomspace, logspace):
            lazy = function(*ends, 40, chunks=9)
            assert_identical(lazy.compute(), function(start, stop, 40))

    @pytest.mark.parametrize("chunks", [1, 3, -1])
    def test_broadcasting(self, chunks):
        """Axes of length 1, and missing ones, before and after those that they go with."""
        shapes = [((3, 1), (4,)), ((4,), (3, 1)), ((1, 1), (2, 4)), ((), (2,)), ((2, 1, 3), (4, 1))]
        for one, two in shapes:
            start, stop = np.random.default_rng(1).random((2, 24)) + 0.5
            ends = [np.resize(x, shape) for x, shape in ((start, one), (stop, two))]
            lazy = [da.from_array(x, chunks=chunks) for x in ends]
            samples, steps = linspace(*lazy, 33, retstep=True)
            wanted, wanted_steps = linspace(*ends, 33, retstep=True)
            assert (samples.shape, steps.shape) == (wanted.shape, wanted_steps.shape)
            assert_identical(samples.compute(), wanted)
            assert_identical(steps.compute(), wanted_steps)

    def test_a_lane_of_ten_billion(self):
        stop = da.from_array(np.array([1.0, 2.0, 0.3]), chunks=2)
        lazy, widths = linspace(0, stop, 10**10 + 1, retstep=True)
        assert count_calls(lambda: linspace(0, stop, 10**10 + 1, retstep=True)) < 20_000
        assert lazy.shape == (10**10 + 1, 3)
        assert max(lazy.chunks[0]) * 2 * 8 <= 2**27  # dask's default
        assert len(pickle.dumps(lazy)) < 100_000
        assert widths.compute().tolist() == [1e-10, 2e-10, float(Fraction(0.3) / 10**10)]
        small = linspace(0, stop, 10**10 + 1, chunks=10**5)
        few = small[3 * 10**9 : 3 * 10**9 + 2, 0].compute()
        assert few.tolist() == [0.3, float(Fraction(3 * 10**9 + 1, 10**10))]

    def test_nothing_is_computed_at_first(self):
        def refuse(dsk, keys, **options):
            raise AssertionError("computed")

        import dask

        ends = da.from_array(STARTS, chunks=2), da.from_array(STOPS)
        with dask.config.set(scheduler=refuse):
            samples, steps = linspace(*ends, 10**9, retstep=True)
            assert samples.shape == (10**9, 2, 5)
            assert steps.shape == (2, 5)
            assert samples.dtype == steps.dtype == np.float64
            for lazy in (samples, steps):
                with pytest.raises(AssertionError, match="computed"):
                    lazy.compute()

    @pytest.mark.parametrize("dtype", [None, "float32", "int64", "complex128"])
    def test_steps(self, dtype):
        ends = da.from_array(STARTS[:, :3], chunks=(1, 2)), da.from_array(STOPS)
        _, steps = linspace(*ends, 7, retstep=True, dtype=dtype)
        _, wanted = linspace(STARTS[:, :3], STOPS, 7, retstep=True, dtype=dtype)
        assert steps.dtype == wanted.dtype
        assert_identical(steps.compute(), wanted)

    def test_lanes_of_no_size_and_of_an_unknown_one(self):
        for num in (0, 5):
            lazy = linspace(da.from_array(np.ones((0, 3))), 2, num)
            assert lazy.compute().shape == (num, 0, 3)
        some = da.from_array(np.arange(6.0), chunks=2)
        some = some[some > 2]
        for chunks in (None, 4, "1kB"):
            lazy = linspace(some, 9, 11, chunks=chunks)
            assert_identical(lazy.compute(), linspace(np.arange(3.0, 6), 9, 11))

    def test_a_number_that_is_yet_to_be_computed(self):
        lazy = logspace(0, da.from_array(np.array([1.0, 2.0])).sum(), 10**4, chunks=999)
        assert lazy.numblocks == (11,)
        assert_identical(lazy.compute(), logspace(0, 3, 10**4))

    def test_what_does_not_fit(self):
        """An error that names the sample and the lane."""
        stop = da.from_array(np.array([1.0, 500.0, 9.0]))
        for num in (10, 5001):
            lazy = linspace(0, stop, num, dtype="int8", chunks=3)
            with pytest.raises(OverflowError, match=r"element \d+ is .* int8 .*lane \(1,\)"):
                lazy.compute()

    def test_names(self):
        def name(stop, **options):
            return linspace(0, da.from_array(np.array([1.0, stop])), 100, **options).name

        assert name(2.0, chunks=9) == name(2.0, chunks=9)
        names = {
            name(*call, **options)
            for call, options in (
                ((2.0,), {}),
                ((3.0,), {}),
                ((2.0,), {"endpoint": False}),
                ((2.0,), {"chunks": 9}),
                ((2.0,), {"dtype": "float32"}),
            )
        }
        assert len(names) == 5

    def test_memory(self):
        """Short lanes that are many: only some of them are made with all of their samples."""
        from xspace.call.target import read_target
        from xspace.lanes.host import host_lanes
        from xspace.lanes.plan import Plan

        start, stop = np.arange(20_000.0), np.arange(20_000.0, 0, -1)
        ends = {"start": start, "stop": stop}
        plan = Plan(4000, True, read_target("linspace", ends, None, None, None))
        made = host_lanes(plan, ends, range(1000, 1010))
        peak = bytes_made(lambda: host_lanes(plan, ends, range(1000, 1010)))
        assert_identical(made[3], ((start * 2996) + stop * 1003) / 3999)
        assert peak < made.nbytes + 16_000_000  # of 640


DATE, SPAN = np.datetime64, np.timedelta64

#: Calls with dates as ends.
DATES = [
    (linspace, (DATE("2024-01-01"), DATE("2025-01-01T00:00:01")), {}),
    (linspace, (DATE("2024-01-01"), DATE("1900-01-01")), {"endpoint": False}),
    (linspace, (DATE("2024-01"), DATE("2034-01")), {"dtype": "M8[D]"}),
    (linspace, (DATE("2024-01-01"), DATE("2034-01-05")), {"dtype": "M8[5M]"}),
    (linspace, (DATE("1969"), DATE("2034")), {}),
    (linspace, (SPAN(1, "h"), SPAN(99, "us")), {}),
    (linspace, (dt.datetime(2024, 1, 1), dt.date(2025, 1, 1)), {}),
    (linspace, (DATE(-(2**63) + 1, "ns"), DATE(2**63 - 1, "ns")), {}),
    (linspace, (DATE("2024"), DATE("NaT")), {}),
    (linspace, (SPAN("NaT", "s"), SPAN(3, "D")), {}),
    (linspace, (DATE("NaT"), DATE("2024")), {"endpoint": False, "dtype": "M8[D]"}),
]


class TestDates:
    """Dates of NumPy, in chunks."""

    @pytest.mark.parametrize(
        ("call", "num", "chunks"), covering(DATES, [0, 1, 2, 3, 100], [1, 7, -1, "auto", "80B"])
    )
    def test_do_not_depend_on_the_chunks(self, call, num, chunks):
        function, ends, options = call
        lazy = function(*ends, num, **options, xp=da, chunks=chunks)
        wanted = function(*ends, num, **options)
        made = lazy.compute()
        assert lazy.chunks == da.core.normalize_chunks(chunks, (num,), dtype=wanted.dtype)
        assert lazy.dtype == made.dtype == wanted.dtype
        assert made.tobytes() == wanted.tobytes()
        assert lazy[1:90:4][::-1].compute().tobytes() == wanted[1:90:4][::-1].tobytes()

    @pytest.mark.parametrize(("function", "ends", "options"), DATES)
    def test_ten_billion(self, function, ends, options):
        lazy = function(*ends, 10**10, **options, xp=da)
        assert len(pickle.dumps(lazy)) < 30_000
        assert count_calls(lambda: function(*ends, 10**10, **options, xp=da)) < 20_000
        assert lazy.shape == (10**10,)
        names = {function(*ends, 10**10, **options, xp=da).name for _ in range(2)}
        assert names == {lazy.name}

    def test_an_element_of_ten_billion(self):
        lazy = linspace(DATE(0, "ns"), DATE(10**18 + 7, "ns"), 10**10 + 1, xp=da)
        for i in (0, 3 * 10**9 + 1, 10**10):
            assert int(lazy[i].compute().view(np.int64)) == (10**18 + 7) * i // 10**10

    def test_arange_and_ranges(self):
        call = DATE("2024-01-31"), DATE("2024-05-01"), SPAN(36, "h")
        assert np.array_equal(arange(*call, xp=da, chunks=7).compute(), arange(*call))
        part = LinRange(*call[:2], 100)[5:80:3]
        lazy = part.to_array(xp=da, dtype="M8[s]")
        assert isinstance(lazy, da.Array)
        assert np.array_equal(lazy.compute(), part.to_array(dtype="M8[s]"))
        _, step = linspace(*call[:2], 7, retstep=True, xp=da)
        assert step == linspace(*call[:2], 7, retstep=True)[1]
        assert arange(DATE(0, "s"), DATE(10**10, "s"), xp=da).shape == (10**10,)

    def test_names(self):
        names = [f(*ends, 100, **options, xp=da).name for f, ends, options in DATES]
        names += [linspace(DATE("2024"), DATE("2025"), num, xp=da).name for num in (100, 101)]
        names += [linspace(SPAN(54, "Y"), SPAN(55, "Y"), 100, xp=da).name]
        names += [linspace(DATE("NaT"), DATE("2025"), num, xp=da).name for num in (100, 101)]
        assert len(set(names)) == len(names)

    def test_errors_come_at_the_call(self):
        for more in ({}, {"xp": da, "chunks": 3}):
            with pytest.raises(OverflowError, match=r"linspace: element 5 is 1\.02"):
                linspace(DATE(0, "s"), DATE(2**62, "s"), 10, dtype="M8[250ms]", **more)
            with pytest.raises(OverflowError, match=r"linspace: element 9 is .*, which int64"):
                linspace(SPAN("NaT"), SPAN(2**62, "D"), 10, dtype="m8[h]", **more)
        with pytest.raises(ValueError, match="more than an array can have"):
            linspace(DATE("2024"), DATE("2025"), 10**30, xp=da)
        with pytest.raises(TypeError, match="start is an array of dates of another library"):
            arange(da.from_array(np.array("2024", "M8[D]")), DATE("2025"))

    def test_arrays_of_two_libraries(self):
        days = np.array(["2024"], "M8[D]")
        for call, options in (
            ((days, DATE("2025")), {"xp": da}),
            ((days, da.from_array(days)), {}),
            ((da.from_array(days), days), {}),
            ((da.from_array(days), DATE("2025")), {"xp": np}),
        ):
            with pytest.raises(TypeError, match="belong to two array libraries"):
                linspace(*call, **options)

    @pytest.mark.parametrize(
        ("num", "endpoint", "dtype", "chunks"),
        covering([0, 1, 2, 3, 40], [True, False], [None, "M8[h]", "M8[M]"], [None, 1, 7]),
    )
    def test_lanes(self, num, endpoint, dtype, chunks):
        start = np.array([["2024-01-01", "2024-02-09", "NaT"], ["1950-01-01", "NaT", "2030-01-02"]])
        start, stop = start.astype(">M8[D]"), np.array([["2025-06"], ["NaT"]], "M8[M]")
        options = {"num": num, "endpoint": endpoint, "dtype": dtype, "axis": 1, "retstep": True}
        for one, two in (
            (da.from_array(start, chunks=(2, 2)), da.from_array(stop, chunks=1)),
            (da.from_array(start, chunks=1), dt.date(2023, 5, 6)),
            (DATE("2023-05-06T07"), da.from_array(stop, chunks=1)),
        ):
            ends = [x.compute() if isinstance(x, da.Array) else x for x in (one, two)]
            samples, steps = linspace(one, two, **options, chunks=chunks)
            wanted, wanted_steps = linspace(*ends, **options)
            assert (samples.dtype, steps.dtype) == (wanted.dtype, wanted_steps.dtype)
            assert samples.shape == wanted.shape
            assert samples.compute().tobytes() == wanted.tobytes()
            assert steps.compute().tobytes() == wanted_steps.tobytes()
            few = (slice(None), slice(1, 30, 4), 0)
            assert samples[few].compute().tobytes() == wanted[few].tobytes()

    def test_lanes_that_are_made_alone(self):
        """An end of more than 64 bits that is no element, and more than 2**32 steps."""
        stop = np.array([5, 2**62]).view("M8[D]")
        call = DATE(0, "s"), da.from_array(stop), 10**4
        lazy = linspace(*call, endpoint=False, chunks=999)
        with pytest.raises(OverflowError, match=r"which int64 .* \(in lane \(1,\)\)"):
            lazy.compute()
        few = linspace(DATE(0, "D"), da.from_array(stop), 10**4, endpoint=False, chunks=999)
        assert np.array_equal(few.compute(), linspace(DATE(0, "D"), stop, 10**4, endpoint=False))
        call = DATE(0, "D"), da.from_array(stop), 10**10 + 1
        lazy = linspace(*call)
        assert count_calls(lambda: linspace(*call)) < 20_000
        assert lazy.shape == (10**10 + 1, 2)
        lazy = linspace(DATE(0, "D"), da.from_array(stop), 10**10 + 1, chunks=10**5)
        counts = lazy[10**9].compute().view(np.int64).tolist()
        assert counts == [0, 2**62 // 10]

    def test_names_of_lanes(self):
        def name(stop, **options):
            stop = da.from_array(np.array([stop], "M8[D]"))
            return linspace(DATE("2024-01-01"), stop, 9, **options).name

        assert name("2025-01-01") == name("2025-01-01")
        calls = {name("2025-01-01"), name("2025-01-02"), name("2025-01-01", dtype="M8[h]")}
        assert len(calls | {name("2025-01-01", endpoint=False)}) == 4


class TestNames:
    def test_the_same_call_has_the_same_name(self):
        names = {logspace(0, 1, 100, xp=da, chunks=10).name for _ in range(3)}
        assert len(names) == 1
        (name,) = names
        assert name.startswith("logspace-")

    def test_and_in_another_process(self):
        code = "import dask.array as da, xspace; print(xspace.logspace(0, 0.3, 9, xp=da).name)"
        found = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
        )
        assert found.stdout.strip() == logspace(0, 0.3, 9, xp=da).name

    def test_different_calls_have_different_names(self):
        calls = [
            *(f(*ends, 100, **options, xp=da) for f, ends, options in GRIDS + COMPLEX),
            linspace(0, 1, 100, xp=da, dtype=complex),
            linspace(0, 1, 100, xp=da, dtype="complex64"),
            linspace(0, 2j, 100, xp=da),
            linspace(0j, complex(0, -1), 100, xp=da),
            geomspace(1, -1 + 0j, 100, xp=da),
            linspace(0, 1, 101, xp=da),
            linspace(0, 1, 100, xp=da, dtype="float32"),
            linspace(0, 1, 100, xp=da, dtype=">f8"),
            linspace(0, 1, 100, xp=da, chunks=10),
            linspace(0, 2, 100, xp=da),
            linspace(0.0, -1, 100, xp=da),
        ]
        assert len({lazy.name for lazy in calls}) == len(calls)


class TestErrors:
    @pytest.mark.parametrize("function", [linspace, geomspace, logspace, arange])
    @pytest.mark.parametrize("xp", ["numpy", "torch", "jax.numpy", "array_api_strict", None])
    @pytest.mark.parametrize("name", ["chunks", "spec"])
    def test_libraries_without_chunks(self, function, xp, name):
        xp = xp and pytest.importorskip(xp)
        with pytest.raises(TypeError, match=f"^{name} is for libraries .*: .* is not$"):
            function(1, 2, xp=xp, **{name: 3})

    def test_spec_is_cubeds(self):
        with pytest.raises(TypeError, match=r"^spec is for .*: dask.array is not"):
            linspace(0, 1, xp=da, spec=object())

    def test_dates_have_no_chunks(self):
        days = np.datetime64("2024-01-01"), np.datetime64("2024-02-01")
        with pytest.raises(TypeError, match=r"^chunks is for"):
            linspace(*days, 32, chunks=3)
        with pytest.raises(TypeError, match=r"^chunks is for"):
            arange(*days, chunks=3)

    @pytest.mark.parametrize(
        ("function", "ends", "options", "index"),
        [
            (linspace, (0, 1000), {}, 13),
            (linspace, (-1000, 0), {}, 0),
            (geomspace, (-1, -1000), {}, 70),
            (geomspace, (1, -9), {}, 1),
            (linspace, (0, INF), {}, 1),
            (logspace, (-INF, 5), {}, 99),
            (logspace, (0, 99), {"base": -3}, 5),
            (logspace, (0, 9.9), {"base": -3}, 1),
        ],
    )
    def test_what_does_not_fit_is_named_before_anything_is_made(
        self, function, ends, options, index
    ):
        """As in host memory, at the call."""
        with pytest.raises((OverflowError, ValueError), match=f": element {index} is ") as lazy:
            function(*ends, 100, **options, dtype="int8", xp=da, chunks=7)
        with pytest.raises(lazy.type):
            function(*ends, 100, **options, dtype="int8")


CLUSTER = """
import resource
import dask.array as da
import numpy as np
from distributed import Client, LocalCluster
import xspace
from xspace.testing import assert_identical

CHUNK = 1 << 20


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        memory_limit="2GiB",
    )
    with cluster, Client(cluster) as client:
        client.wait_for_workers(2)
        for function, ends, options in [
            (xspace.linspace, (0, 1), {}),
            (xspace.logspace, (-300, 300), {}),
            (xspace.geomspace, (-1, -9), {"endpoint": False}),
            (xspace.linspace, (1, -0.0), {}),
            (xspace.linspace, (0, np.inf), {}),
            (xspace.logspace, (-20, 30), {"base": -1.5}),
            (xspace.geomspace, (3 - 4j, 1e-300j), {}),
            (xspace.linspace, (0, 1j), {}),
        ]:
            lazy = function(*ends, 10_001, **options, xp=da, chunks=999)
            assert_identical(client.compute(lazy).result(), function(*ends, 10_001, **options))
        stop = np.arange(1.0, 7)
        lanes = xspace.geomspace(0.5, da.from_array(stop, chunks=4), 5001, chunks=999)
        wanted = xspace.geomspace(0.5, stop, 5001)
        assert_identical(client.compute(lanes).result(), wanted)
        days = np.datetime64("2024-01-01"), np.datetime64("2034-01-01T00:00:01")
        dates = xspace.linspace(*days, 10_001, xp=da, chunks=999)
        assert (client.compute(dates).result() == xspace.linspace(*days, 10_001)).all()
        # 2 GiB in chunks of 8 MiB: both workers make some, and neither holds more than a few.
        grid = xspace.logspace(0, 300, 1 << 28, xp=da, chunks=CHUNK)
        client.compute(grid[: 4 * CHUNK].max()).result()
        before = client.run(peak)
        assert float(client.compute(grid.max()).result()) == 1e300
        made = client.run(lambda dask_worker: dask_worker.state.executed_count)
        more = {worker: size - before[worker] for worker, size in client.run(peak).items()}
        assert len(more) == 2 and min(made.values()) > 20, made
        assert max(more.values()) < 12 * 8 * CHUNK, more
        print("grown by at most", max(more.values()) >> 20, "MiB")
"""


def test_a_cluster_of_several_processes(tmp_path):
    """Workers make their chunks from a few numbers, and hold a few of them at a time."""
    pytest.importorskip("distributed", reason="a cluster needs distributed")
    script = tmp_path / "cluster.py"
    script.write_text(CLUSTER)
    found = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=240, check=False
    )
    assert found.returncode == 0, found.stderr
    assert "grown by at most" in found.stdout
