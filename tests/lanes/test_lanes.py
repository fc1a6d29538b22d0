"""Arrays as start, stop and base: each lane has the bits of the grid that its scalars make."""

from __future__ import annotations

import math
import operator
import re
import warnings
from decimal import Decimal
from fractions import Fraction

import array_api_strict as strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from counting import count_calls
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.array_api import make_strategies_namespace

import xspace
from xspace import geomspace, linspace, logspace
from xspace.libraries import find_backend
from xspace.testing import assert_identical

INF, NAN = math.inf, math.nan
FUNCTIONS = [linspace, logspace, geomspace]
LIBRARIES = {"numpy": np, "torch": torch, "jax": jnp, "strict": strict}


@pytest.fixture(params=LIBRARIES)
def xp(request):
    with jax.enable_x64(True):
        yield LIBRARIES[request.param]


def host(value):
    """The elements of an end in host memory; of a scalar, the scalar."""
    if isinstance(value, np.generic) or not hasattr(value, "ndim"):
        return value
    return find_backend(None, {"value": value}).to_host(value)


def lane(value, shape, place):
    """The end of one lane as a scalar."""
    if not isinstance(value, np.ndarray):
        return value
    return np.broadcast_to(value, shape)[place].item()


def check(function, *ends, num=7, axis=0, xp=np, dtype=None, **keywords):
    """Every lane equals the scalar call; returns the batch. A third end is the base."""
    names = ("start", "stop", "base")[: len(ends)]
    given_ends = dict(zip(names, ends, strict=True))
    how = {} if dtype is None else {"dtype": dtype}
    with np.errstate(all="raise"):  # overflow and NaN are results, not events
        batch = function(num=num, axis=axis, **given_ends, **how, **keywords)
    hosts = {name: host(value) for name, value in given_ends.items()}
    shapes = [v.shape for v in hosts.values() if isinstance(v, np.ndarray)]
    shape = np.broadcast_shapes(*shapes)
    place = axis % (len(shape) + 1)
    assert tuple(batch.shape) == (*shape[:place], num, *shape[place:])
    how = {"dtype": batch.dtype, "xp": xp, **keywords}
    for index in np.ndindex(shape):
        scalars = {name: lane(value, shape, index) for name, value in hosts.items()}
        one = batch[(*index[:place], slice(None), *index[place:])]
        assert_identical(one, function(num=num, **scalars, **how), err_msg=f"lane {index}")
    return batch


def ends_of(function, xp=np, **how):
    """Two arrays that broadcast to three by two lanes, good for any function."""
    start = xp.asarray([[0.1], [1.5], [3.0]], **how)
    return start, xp.asarray([2.5, 0.75], **how)


class TestBroadcasting:
    SHAPES = (
        ((), (3,), ()),
        ((3,), (), ()),
        ((), (), (3,)),
        ((3,), (3,), (3,)),
        ((2, 1), (3,), ()),
        ((2, 1), (), (1, 3)),
        ((2, 3), (1,), (3,)),
        ((2, 1, 1), (3, 1), (2,)),
        ((1, 2, 1, 2), (3, 1), (2, 1, 1, 1)),
        ((1,), (), ()),
        ((), (1, 1, 1, 1), ()),
    )

    @staticmethod
    def filled(shape, first):
        """Different numbers, none of them the same in two places."""
        return first + np.arange(math.prod(shape)).reshape(shape) / 8

    @pytest.mark.parametrize("shapes", SHAPES)
    def test_any_mix_of_ranks(self, shapes):
        start, stop, base = map(self.filled, shapes, (0.3, 2.5, 1.5))
        check(logspace, start, stop, base)
        if shapes[0] or shapes[1]:
            check(linspace, start, stop)
            check(geomspace, start, stop)

    @pytest.mark.parametrize(
        "scalar",
        [
            2,
            10**30,
            0.1,
            Fraction(1, 3),
            Decimal("0.1"),
            np.float32(0.1),
            np.int8(3),
            np.bool_(True),
            np.array(0.1),
            np.array(3, np.uint8),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_any_scalar_beside_an_array(self, function, scalar):
        lanes = np.array([[0.25, 3.0, 0.1]])
        check(function, lanes, scalar)
        check(function, scalar, lanes)
        if function is logspace:
            check(function, lanes, 1, scalar)
            check(function, scalar, 1, lanes)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_scalars_stay_exact_beside_an_array(self, function):
        """A fraction or a long integer has no dtype to be squeezed into."""
        third, lanes = Fraction(1, 3), np.ones(1, np.float32)
        for value in (third, 10**20 + 1, Decimal("0.1")):
            got = check(function, lanes, value, num=9, dtype="float64")
            assert got[-1, 0] == function(1, value, 2, dtype="float64")[-1]

    def test_arrays_of_every_library(self, xp):
        check(linspace, *ends_of(linspace, xp), xp=xp)
        check(geomspace, *ends_of(geomspace, xp), xp=xp)
        base = xp.asarray([10.0, 0.3])
        check(logspace, *ends_of(logspace, xp), base, xp=xp)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_arrays_of_dask(self, function):
        da = pytest.importorskip("dask.array")
        start, stop = ends_of(function)
        lazy = da.from_array(start, chunks=1), da.from_array(stop, chunks=1)
        for axis in (0, 1, -1):
            got = function(*lazy, 50, axis=axis)
            assert isinstance(got, da.Array)
            assert_identical(got.compute(), function(start, stop, 50, axis=axis))

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_shapes_that_do_not_broadcast(self, function, xp):
        with pytest.raises((ValueError, RuntimeError)):
            function(xp.ones((3,)), xp.ones((4,)))

    @pytest.mark.parametrize("shape", [(0,), (2, 0), (0, 3, 1)])
    @pytest.mark.parametrize("num", [0, 1, 5])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_no_lanes(self, function, num, shape, xp):
        for ends in ((xp.ones(shape), 2), (1, xp.ones(shape)), (xp.ones(shape), xp.ones((1,)))):
            check(function, *ends, num=num, xp=xp)
            assert function(*ends, num, axis=-1).shape == (*shape, num)

    @pytest.mark.parametrize("num", [0, 1, 2])
    @pytest.mark.parametrize("endpoint", [True, False])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_few_samples(self, function, endpoint, num, xp):
        check(function, *ends_of(function, xp), num=num, endpoint=endpoint, xp=xp)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_one_lane_is_still_a_lane(self, function):
        assert function(np.array([1.0]), 2, 5).shape == (5, 1)
        assert function(np.array(1.0), 2, 5).shape == (5,)


class TestAxis:
    @pytest.mark.parametrize("shapes", TestBroadcasting.SHAPES)
    def test_shapes_are_numpys(self, shapes):
        start, stop, base = (np.ones(shape) for shape in shapes)
        rank = max(map(len, shapes))
        for axis in range(-rank - 1, rank + 1):
            wanted = np.logspace(start, stop, 5, base=base, axis=axis).shape
            assert logspace(start, stop, 5, base=base, axis=axis).shape == wanted
        rank = max(map(len, shapes[:2]))
        for axis in range(-rank - 1, rank + 1):
            for function in FUNCTIONS:
                wanted = getattr(np, function.__name__)(start, stop, 5, axis=axis).shape
                assert function(start, stop, 5, axis=axis).shape == wanted

    @pytest.mark.parametrize("axis", [-3, -2, -1, 0, 1, 2])
    def test_only_the_place_changes(self, axis, xp):
        for function in FUNCTIONS:
            start, stop = ends_of(function, xp)
            check(function, start, stop, axis=axis, xp=xp)
        base = xp.asarray([[2.0], [0.5], [10.0]])
        check(logspace, 0.3, xp.asarray([1.5, 2.5]), base, axis=axis, xp=xp)

    @pytest.mark.parametrize("axis", [-4, 3, 17])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_places_that_are_not_there(self, function, axis):
        start, stop = ends_of(function)
        with pytest.raises(ValueError, match=f"axis must be from -3 to 2, got {axis}"):
            function(start, stop, axis=axis)
        with pytest.raises(ValueError):
            getattr(np, function.__name__)(start, stop, axis=axis)

    @pytest.mark.parametrize("axis", [1.0, None, "0"])
    def test_axes_that_are_no_integers(self, axis):
        with pytest.raises(TypeError, match="axis must be an integer"):
            linspace(np.ones(2), 1, axis=axis)

    def test_a_base_counts_in_the_rank(self):
        base = np.array([2.0, 10.0])
        assert logspace(0, 1, 5, base=base, axis=-1).shape == (2, 5)
        assert logspace(0, 1, 5, base=base, axis=1).shape == (2, 5)
        with pytest.raises(ValueError, match="axis"):
            logspace(0, 1, 5, base=base, axis=2)


class TestDtypes:
    @pytest.mark.parametrize("name", ["int8", "uint8", "int16", "uint32", "int64", "uint64"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_integer_arrays(self, function, name):
        top = int(np.iinfo(name).max)
        lanes = np.array([1, 3, 100, top], name)
        got = check(function, lanes, 5)
        assert got.dtype == np.float64
        check(function, 2, lanes, num=5, dtype="float32")

    def test_integers_are_taken_exactly(self):
        odd = np.array([2**63 - 1, 2**53 + 1])
        assert linspace(odd, 0, 2, dtype="int64")[0].tolist() == odd.tolist()
        assert geomspace(odd, 1, 2, dtype="int64")[0].tolist() == odd.tolist()
        big = np.array([2**64 - 1], np.uint64)
        assert linspace(big, 0, 2, dtype="uint64")[0, 0] == 2**64 - 1

    @pytest.mark.parametrize("function", [linspace, logspace])
    def test_bool_arrays_are_zeros_and_ones(self, function, xp):
        flags = xp.asarray([True, False])
        got = function(flags, 3, 4, xp=xp)
        assert_identical(got, function(xp.asarray([1, 0]), 3, 4))
        assert got.dtype == linspace(0, 1, 2, xp=xp).dtype
        check(logspace, 0, flags, flags, xp=xp)

    @pytest.mark.parametrize("name", ["float16", "float32", "float64", "bfloat16"])
    @pytest.mark.parametrize("output", [None, "float16", "float32", "float64", "bfloat16"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_floating_arrays(self, function, output, name):
        """The values are exact whatever the output is; torch has all formats."""
        dtype = getattr(torch, name)
        start, stop = (end.to(dtype) for end in ends_of(function, torch, dtype=torch.float64))
        wanted = None if output is None else getattr(torch, output)
        got = check(function, start, stop, num=12, dtype=wanted, xp=torch)
        assert got.dtype == (wanted or dtype)

    @pytest.mark.parametrize("name", ["float16", "float32", "bfloat16"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_narrow_arrays_of_jax(self, function, name):
        for wide in (False, True):
            with jax.enable_x64(wide):
                start, stop = ends_of(function, jnp, dtype=getattr(jnp, name))
                got = check(function, start, stop, xp=jnp)
                assert got.dtype.name == name

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_output_dtypes_across(self, function, xp):
        narrow, wide = (ends_of(function, xp, dtype=d) for d in (xp.float32, xp.float64))
        got = check(function, *narrow, num=50, dtype=xp.float64, xp=xp)
        assert got.dtype == xp.float64
        got = check(function, *wide, num=50, dtype=xp.float32, xp=xp)
        assert got.dtype == xp.float32

    NAMES = ("float16", "float32", "float64", "int8", "int32", "int64", "uint8", "uint64")

    @pytest.mark.parametrize("first", NAMES)
    @pytest.mark.parametrize("second", NAMES)
    def test_promotion_is_numpys(self, first, second):
        start, stop = np.ones(2, first), np.full(2, 2, second)
        wanted = np.linspace(start, stop, 2).dtype
        for function in FUNCTIONS:
            assert function(start, stop, 2).dtype == wanted
            assert function(start, stop[0], 2).dtype == wanted  # a NumPy scalar counts
        base = logspace(start, 1, 2, base=stop).dtype
        assert base == np.result_type(start, stop, 1.0)

    @pytest.mark.parametrize("scalar", [1, 1.5, 10**30, Fraction(1, 3), Decimal(1)], ids=repr)
    @pytest.mark.parametrize("name", ["float16", "float32", "float64"])
    def test_pythons_scalars_have_no_say(self, name, scalar):
        lanes = np.ones(2, name)
        for function in FUNCTIONS:
            assert function(lanes, scalar, 3).dtype == name
        assert logspace(0, 1, 3, base=lanes).dtype == name
        assert logspace(lanes, 1, 3, base=scalar).dtype == name

    def test_promotion_is_the_librarys(self):
        half, brain = torch.ones(2).half(), torch.ones(2).bfloat16()
        assert linspace(half, brain, 2).dtype == torch.promote_types(half.dtype, brain.dtype)
        assert linspace(half, torch.ones(2, dtype=torch.int64), 2).dtype == torch.float16
        assert linspace(torch.ones(2, dtype=torch.int64), 2, 2).dtype == torch.float32
        a, b = strict.ones(2, dtype=strict.float32), strict.ones(2, dtype=strict.float64)
        assert linspace(a, b, 2).dtype == strict.float64
        assert linspace(a, strict.ones(2, dtype=strict.int64), 2).dtype == strict.float32

    def test_longdouble_is_taken_exactly(self):
        tenth = np.longdouble(1) / 10
        assert_identical(
            linspace(np.array([tenth]), Fraction(1, 7), 9)[:, 0], linspace(tenth, Fraction(1, 7), 9)
        )
        assert_identical(linspace(np.array(tenth), 1, 9), linspace(tenth, 1, 9))

    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize("output", ["int8", "int32", "int64", "uint8", "uint64"])
    def test_integer_output(self, function, output):
        start, stop = ends_of(function)
        base = [2] if function is logspace else []
        check(function, start, stop, *base, num=11, dtype=output)
        check(function, start, stop, *base, num=11, dtype=output, axis=1, endpoint=False)
        if function is not logspace and not output.startswith("u"):
            check(function, -start, -stop, num=11, dtype=output)

    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize("axis", [0, 1, -1])
    def test_what_does_not_fit_is_named(self, function, axis):
        stop = np.array([[3.0, 5.0], [6.0, 7.0], [300.0, 2.0]])
        stop = np.log10(stop) if function is logspace else stop
        with pytest.raises(OverflowError, match=function.__name__) as caught:
            function(0 if function is logspace else 1, stop, 5, dtype="int8", axis=axis)
        text = str(caught.value)
        index = int(re.search(r"element (\d+) ", text).group(1))
        assert "lane (2, 0)" in text
        assert "int8" in text
        alone = function(0 if function is logspace else 1, float(stop[2, 0]), 5)
        assert abs(alone[index]) >= 128

    def test_nan_does_not_fit_either(self):
        with pytest.raises(ValueError, match=r"element 1 is nan.*int64.*lane \(2,\)"):
            geomspace(np.array([1, 2, -1]), 1, 3, dtype="int64")

    @pytest.mark.parametrize("dtype", [">f8", ">f4", ">i4"])
    def test_another_byte_order_of_the_output(self, dtype):
        got = linspace(np.array([0.0, 1.0]), 10, 5, dtype=dtype)
        assert got.dtype == np.dtype(dtype)
        assert_identical(
            got.astype(got.dtype.newbyteorder("=")),
            linspace(np.array([0.0, 1.0]), 10, 5, dtype=np.dtype(dtype).newbyteorder("=")),
        )


class TestStep:
    @pytest.mark.parametrize("endpoint", [True, False])
    @pytest.mark.parametrize("axis", [0, 1, -1])
    def test_a_step_a_lane(self, endpoint, axis, xp):
        start = xp.asarray([[0.1], [1.5], [-3.0]], dtype=xp.float64)
        stop = xp.asarray([2.5, 0.75], dtype=xp.float64)
        keywords = {"endpoint": endpoint, "retstep": True}
        samples, step = linspace(start, stop, 8, axis=axis, **keywords)
        assert_identical(samples, linspace(start, stop, 8, endpoint=endpoint, axis=axis))
        assert tuple(step.shape) == (3, 2)
        assert type(step) is type(samples)
        assert step.dtype == xp.float64
        for i, a in enumerate((0.1, 1.5, -3.0)):
            for j, b in enumerate((2.5, 0.75)):
                _, wanted = linspace(a, b, 8, **keywords)
                assert float(step[i, j]).hex() == wanted.hex()

    @pytest.mark.parametrize("name", ["float64", "float32", "float16"])
    def test_is_rounded_once_to_the_samples_dtype(self, name):
        # To float64 it is a midpoint of two of the shorter dtype; in truth it lies above.
        bits = {"float64": 60, "float32": 24, "float16": 11}[name]
        stop = 1 + Fraction(1, 2**bits) + Fraction(1, 2**80)
        _, step = linspace(np.zeros(2, name), stop, 2, retstep=True)
        assert step.dtype == name
        assert_identical(step, np.full(2, 1 + np.finfo(name).eps * (name != "float64"), name))

    def test_is_numpys_dtype(self):
        for name in ("float64", "float32", "float16", "int64"):
            ends = np.array([0, 1], name), np.array([1, 3], name)
            wanted = np.linspace(*ends, 5, retstep=True)[1]
            assert_identical(linspace(*ends, 5, retstep=True)[1], wanted)
        _, step = linspace(np.array([0, 1]), 4, 5, retstep=True, dtype="int64")
        assert_identical(step, np.array([1, 0.75]))

    def test_of_the_16_bit_formats_of_torch(self):
        for dtype in (torch.float16, torch.bfloat16):
            _, step = linspace(torch.zeros(2, dtype=dtype), 0.3, 4, retstep=True)
            assert_identical(step, torch.tensor([0.1, 0.1], dtype=dtype))

    def test_is_on_the_arrays_device(self):
        device = strict.Device("device1")
        samples, step = linspace(strict.zeros(2, device=device), 1, 3, retstep=True)
        assert samples.device == step.device == device

    def test_no_step(self):
        lanes = np.array([0.0, 1.0])
        assert np.isnan(linspace(lanes, 2, 1, retstep=True)[1]).all()
        assert np.isnan(linspace(lanes, 2, 0, retstep=True)[1]).all()
        assert linspace(lanes, 2, 1, endpoint=False, retstep=True)[1].tolist() == [2, 1]
        step = linspace(np.array([0, INF, NAN, 1]), 2, 5, retstep=True)[1]
        assert_identical(step, np.array([0.5, NAN, NAN, 0.25]))


#: Ends that ask for something special; each is put beside each.
NASTY = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.1, -2.5, 3.0, 5e-324, -1e308, 1e308, 23.0, 400.0]


class TestSpecialLanes:
    """No lane touches another."""

    @pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
    @pytest.mark.parametrize("num", [1, 6, 70])
    def test_every_pair_of_ends(self, num, dtype):
        column, row = np.array(NASTY)[:, None], np.array(NASTY)
        check(linspace, column, row, num=num, dtype=dtype)
        check(logspace, column, row, num=num, dtype=dtype)
        good = row[row != 0]
        check(geomspace, good[:, None], good, num=num, dtype=dtype)

    @pytest.mark.parametrize("num", [1, 5, 70])
    def test_every_base(self, num):
        bases = np.array([*NASTY, 0.5, -0.5, 8.0, 1 + 2.0**-52])
        ends = np.array([0.0, 1.0, -3.0, 0.5, INF, NAN, 23.0])
        check(logspace, ends[:, None], 2, bases, num=num)
        check(logspace, -4, ends[:, None], bases, num=num, endpoint=False)

    def test_good_lanes_among_bad_ones(self, xp):
        lanes = xp.asarray([1.0, NAN, 2.0, INF, 3.0, -INF], dtype=xp.float64)
        good = xp.asarray([1.0, 2.0, 3.0], dtype=xp.float64)
        for function in FUNCTIONS:
            assert_identical(function(lanes, 7.5, 33)[:, ::2], function(good, 7.5, 33))
            assert_identical(function(0.1, lanes, 33)[:, ::2], function(0.1, good, 33))

    def test_zeros_keep_their_signs(self):
        signs = np.array([0.0, -0.0])
        got = linspace(signs[:, None], signs, 3)
        assert np.signbit(got[0]).tolist() == [[False, False], [True, True]]
        assert np.signbit(got[-1]).tolist() == [[False, True], [False, True]]
        assert np.signbit(got[1]).tolist() == [[False, False], [False, True]]

    def test_geometric_lanes_of_either_sign(self):
        start = np.array([1.0, -1.0, 3.0, -0.1, 2.0])
        stop = np.array([8.0, -8.0, 0.5, -1e300, -2.0])
        got = check(geomspace, start, stop, num=40)
        assert (got[:, 1] == -got[:, 0]).all()
        assert np.isnan(got[1:-1, 4]).all()
        assert got[[0, -1], 4].tolist() == [2.0, -2.0]
        check(geomspace, start[:4], stop[:4], num=9, dtype="float32")

    @pytest.mark.parametrize("zero", [0.0, -0.0, 0])
    @pytest.mark.parametrize("num", [0, 1, 5])
    def test_a_geometric_lane_has_no_zero(self, num, zero, xp):
        lanes = xp.asarray([[1, 2], [zero, 3]])
        with pytest.raises(ValueError, match="start must not be zero"):
            geomspace(lanes, 5, num)
        with pytest.raises(ValueError, match="stop must not be zero"):
            geomspace(5, lanes, num)
        with pytest.raises(ValueError, match=r"lane \(1, 0\)"):
            geomspace(lanes, 5, num)

    def test_subnormal_lanes(self, xp):
        """Also where the library's arithmetic would flush them to zero."""
        tiny = xp.asarray(np.array([5e-324, 1e-310, 2.0**-1022, -3e-320]))
        check(linspace, tiny, 0, num=5, xp=xp)
        check(geomspace, xp.abs(tiny), 1e-300, num=5, xp=xp)
        small = xp.asarray(np.array([1e-45, 1e-40], np.float32))
        check(linspace, small, 0, num=5, xp=xp)


class TestHardLanes:
    """What a kernel of double words cannot decide by itself, among lanes that it can."""

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_exact_powers_and_midpoints(self, dtype):
        bases = np.array([10.0, 3.0, 2.0, 9.0, 0.25, 1.5, 7.3, 2.0**53 + 2])
        check(logspace, 0, np.arange(20, 60.0, 5)[:, None], bases, num=61, dtype=dtype)
        check(logspace, -20, 20, bases, num=81, dtype=dtype)

    @pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
    def test_midpoints_of_sums(self, dtype):
        one = np.float64(1)
        ulps = one + np.arange(8) * 2.0**-52
        check(linspace, ulps[:, None], ulps, num=33, dtype=dtype)
        integers = 2.0**53 + np.arange(0, 16, 2)
        check(linspace, integers, 1, num=65, dtype=dtype)

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    def test_exact_roots(self, dtype):
        start = np.array([1.0, 3.0, 7.0, 2.0**-30])
        ratio = np.array([[2.0**20], [3.0**16], [5.0**8], [1.0]])
        check(geomspace, start, start * ratio, num=9, dtype=dtype)

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_ranges_that_leave_the_format(self, function, dtype):
        ends = [-400.0, -310.0, -40.0, -1.0, 1.0, 40.0, 310.0, 400.0]
        if function is geomspace:
            ends = [5e-324, 1e-310, 1e-45, 1e-39, 1.0, 1e38, 1e308]
        if function is linspace:
            ends = [-1.7976931348623157e308, -1e300, -5e-324, 0.0, 1e-310, 1.7976931348623157e308]
        check(function, np.array(ends)[:, None], np.array(ends), num=35, dtype=dtype)

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize(("num", "count"), [(3, 3000), (700, 30), (9000, 3)])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_batches_long_and_broad(self, function, num, count, dtype):
        random = np.random.default_rng(count)
        start, stop = random.uniform(0.1, 30, (2, count))
        check(function, start, stop, num=num, dtype=dtype)
        if function is logspace:
            check(function, 0.3, 7, random.uniform(0.2, 12, count), num=num, dtype=dtype)


class TestMemory:
    """How the ends lie in memory changes nothing, and nothing is written into them."""

    @staticmethod
    def views():
        plain = np.linspace(0.1, 4, 12).reshape(3, 4)
        yield "transposed", plain.T
        yield "reversed", plain[::-1, ::-1]
        yield "strided", np.repeat(plain, 2, 1)[:, ::2]
        yield "fortran", np.asfortranarray(plain)
        yield "swapped", plain.astype(plain.dtype.newbyteorder())
        yield "broadcast", np.broadcast_to(plain[0], (3, 4))
        yield "unaligned", np.frombuffer(b"x" + plain.tobytes(), offset=1).reshape(3, 4)
        frozen = plain.copy()
        frozen.flags.writeable = False
        yield "read-only", frozen

    @pytest.mark.parametrize(("name", "view"), [*views()], ids=operator.itemgetter(0))
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_views_of_numpy(self, function, name, view):
        plain, before = np.array(view, dtype=float, order="C"), view.tobytes()
        for axis in (0, -1):
            assert_identical(function(view, 5, 40, axis=axis), function(plain, 5, 40, axis=axis))
            assert_identical(function(5, view, 40, axis=axis), function(5, plain, 40, axis=axis))
        if function is logspace:
            got = function(view, 2, 40, base=view)
            assert_identical(got, function(plain, 2, 40, base=plain))
        assert view.tobytes() == before

    def test_swapped_integers(self):
        assert_identical(
            linspace(np.array([1, 500], ">i4"), 7, 5), linspace(np.array([1, 500]), 7, 5)
        )
        assert linspace(np.array([1.5], ">f4"), 7, 5).dtype == np.float32

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_views_of_torch(self, function):
        plain = torch.linspace(0.1, 4, 12).reshape(3, 4)
        negated = torch.view_as_complex(torch.stack([plain, -plain], -1)).conj().imag
        assert negated.is_neg()
        for view in (plain.T, plain[:, ::2], plain[0].expand(3, 4), negated):
            assert_identical(function(view, 5, 9), function(view.clone().contiguous(), 5, 9))

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_inputs_are_never_changed(self, function, xp):
        start, stop = ends_of(function, xp)
        before = [host(end).copy() for end in (start, stop)]
        for keywords in ({}, {"axis": -1}, {"endpoint": False}, {"dtype": xp.float32}):
            function(start, stop, 100, **keywords)
        for end, old in zip((start, stop), before, strict=True):
            assert_identical(host(end), old)

    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize("num", [1, 5, 5000])
    def test_results_are_new_and_writable(self, function, num):
        start, stop = np.array([1.0, 2.0]), np.array([2.0, 3.0])
        first, second = function(start, stop, num), function(start, stop, num)
        for other in (second, start, stop):
            assert not np.shares_memory(first, other)
        first[...] = 0
        assert second.all()


class TestWrongArguments:
    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize("wrong", [[1.0, 2.0], (1.0, 2.0), [[1]]])
    def test_lists_are_no_arrays(self, function, wrong):
        words = r"got a (list|tuple): pass xp.asarray\({}\)"
        for other in (1, np.ones(2)):
            with pytest.raises(TypeError, match=words.format("start")):
                function(wrong, other)
            with pytest.raises(TypeError, match=words.format("stop")):
                function(other, wrong)
        with pytest.raises(TypeError, match=words.format("base")):
            logspace(np.ones(2), 1, base=wrong)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_two_libraries(self, function):
        with pytest.raises(TypeError, match="start and stop belong to two array libraries"):
            function(np.ones(2), torch.ones(2))
        with pytest.raises(TypeError, match="xp and stop belong to two array libraries"):
            function(1, strict.ones(2), xp=np)
        with pytest.raises(TypeError, match="start and base belong to two array libraries"):
            logspace(np.ones(2), 1, base=jnp.ones(2))

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_two_devices(self, function):
        here, there = strict.Device("CPU_DEVICE"), strict.Device("device1")
        a, b = strict.ones(2, device=here), strict.ones(2, device=there)
        with pytest.raises(ValueError, match=r"start is on .* and stop on .*: wanted one device"):
            function(a, b)
        with pytest.raises(ValueError, match=r"start is on .* and base on .*: wanted one device"):
            logspace(a, 1, base=b)
        got = function(a, b, 3, device=there)
        assert got.device == there
        assert got.shape == (3, 2)

    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize(
        ("array", "words"),
        [
            (np.array([1, None]), "array of real or complex numbers, got one of dtype object"),
            (np.array(["1", "2"]), "array of real or complex numbers"),
            (np.array(["2020-01-01"], "M8[ns]"), "(number|a date or a span)"),
            (np.array("2020-01-01", "M8[ns]"), "(number|a date or a span)"),
            (np.array([1], "m8[ns]"), "(number|a date or a span)"),
            (np.zeros(2, "i4,i4"), "array of real or complex numbers"),
            (np.empty(0, object), "array of real or complex numbers"),
        ],
        ids=lambda value: str(getattr(value, "dtype", "")),
    )
    def test_arrays_of_no_real_numbers(self, function, array, words):
        with pytest.raises(TypeError, match=f"^start.*{words}"):
            function(array, 2)
        with pytest.raises(TypeError, match=f"^stop.*{words}"):
            function(2, array)
        with pytest.raises(TypeError, match=f"^base.*{words}"):
            logspace(1, 2, base=array)

    def test_a_time_span_is_no_number(self):
        with pytest.raises(TypeError, match="real number"):
            linspace(np.timedelta64(5, "s"), 7)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_num(self, function):
        with pytest.raises(ValueError, match="num must not be negative"):
            function(np.ones(2), 1, -1)
        with pytest.raises(TypeError, match="num must be an integer"):
            function(np.ones(2), 1, 3.0)


class TestPlaces:
    """Namespace, device and type of the result."""

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_stay_those_of_the_arrays(self, function, xp):
        start, stop = ends_of(function, xp)
        for ends in ((start, stop), (start, 2), (0.5, stop)):
            got = function(*ends, 5)
            assert type(got) is type(start)
            assert got.dtype == start.dtype
            assert got.device == start.device

    @pytest.mark.parametrize("name", ["CPU_DEVICE", "device1", "device2", "no_float64", "no_x64"])
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_devices_of_strict(self, function, name):
        device = strict.Device(name)
        start, stop = ends_of(function, strict, dtype=strict.float32, device=device)
        for num in (5, 2000):
            got = function(start, stop, num, axis=1)
            assert got.device == device
            assert got.dtype == strict.float32
            there = got.to_device(strict.Device("CPU_DEVICE"))
            wanted = function(*ends_of(function, np, dtype="float32"), num, axis=1)
            assert_identical(np.asarray(there), wanted)

    def test_a_subclass_is_refused(self):
        class Plain(np.ndarray):
            pass

        with pytest.raises(TypeError, match=r"pass numpy\.asarray\(start\)"):
            linspace(np.array([1.0, 2.0]).view(Plain), 3, 4)

    def test_nothing_warns(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for function in FUNCTIONS:
                function(np.array([NAN, INF, 1e308, 5e-324]), np.array([-1e308, 2, 3, 4]), 9)


# Properties, over shapes, dtypes and values that the strategies of the array API draw.

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    STRATEGIES = {
        "numpy": (np, make_strategies_namespace(np, api_version="2024.12")),
        "strict": (strict, make_strategies_namespace(strict, api_version="2024.12")),
    }

NUM = st.integers(2, 12)


def nonzero_of(value):
    """The number, or one in place of zero."""
    return value or type(value)(1)


@st.composite
def calls(draw, xps, xp, *, nonzero=False, floats=False):
    """A function, its ends (arrays and scalars that broadcast), and their lanes' shape."""
    function = draw(st.sampled_from(FUNCTIONS))
    count = 3 if function is logspace else 2
    shapes = draw(xps.mutually_broadcastable_shapes(count, max_dims=3, max_side=3))
    ends = []
    for shape in shapes.input_shapes:
        real = xps.floating_dtypes() if floats else xps.real_dtypes()
        dtype = draw(real)
        elements = (
            xps.from_dtype(dtype, allow_subnormal=True)
            if "float" in str(dtype)
            else xps.from_dtype(dtype)
        )
        if nonzero or function is geomspace:
            elements = elements.map(nonzero_of)
        ends.append(draw(xps.arrays(dtype, shape, elements=elements)))
    if function is logspace and draw(st.booleans()):  # exponents that stay in the range
        bounds = {"min_value": -30, "max_value": 30}
        small = xps.from_dtype(xp.float64, **bounds)
        small = small.map(nonzero_of) if nonzero else small
        ends[0] = draw(xps.arrays(xp.float64, shapes.input_shapes[0], elements=small))
    if not any(end.ndim for end in ends):
        ends[0] = xp.reshape(ends[0], (1,))
    return function, ends


def apply(function, ends, num, **keywords):
    """The call with the ends in order."""
    names = ("start", "stop", "base")
    return function(num=num, **dict(zip(names, ends, strict=False)), **keywords)


@pytest.mark.parametrize("library", STRATEGIES)
class TestProperties:
    @settings(max_examples=150)
    @given(st.data())
    def test_a_lane_is_the_scalar_call(self, library, data):
        xp, xps = STRATEGIES[library]
        function, ends = data.draw(calls(xps, xp))
        rank = max(end.ndim for end in ends)
        axis = data.draw(st.integers(-rank - 1, rank))
        num = data.draw(st.integers(0, 12))
        dtype = data.draw(st.sampled_from([None, xp.float32, xp.float64]))
        endpoint = data.draw(st.booleans())
        got = check(function, *ends, num=num, axis=axis, xp=xp, dtype=dtype, endpoint=endpoint)
        floats = [end.dtype for end in ends if xp.isdtype(end.dtype, "real floating")]
        dtypes = [end.dtype for end in ends] if xp is np and floats else floats
        assert got.dtype == (dtype or (xp.result_type(*dtypes) if dtypes else xp.float64))

    @settings(max_examples=60)
    @given(st.data())
    def test_reversal(self, library, data):
        """But for a zero's sign, which belongs to one end."""
        xp, xps = STRATEGIES[library]
        function, ends = data.draw(calls(xps, xp, nonzero=True))
        num, dtype = data.draw(NUM), data.draw(st.sampled_from([xp.float32, xp.float64]))
        forward = apply(function, ends, num, dtype=dtype)
        backward = apply(function, [ends[1], ends[0], *ends[2:]], num, dtype=dtype)
        assert_identical(xp.flip(forward, axis=0), backward)

    @settings(max_examples=60)
    @given(st.data())
    def test_refinement(self, library, data):
        xp, xps = STRATEGIES[library]
        function, ends = data.draw(calls(xps, xp))
        num, dtype = data.draw(NUM), data.draw(st.sampled_from([xp.float32, xp.float64]))
        fine = apply(function, ends, 2 * num - 1, dtype=dtype)
        assert_identical(fine[::2, ...], apply(function, ends, num, dtype=dtype))
        whole = apply(function, ends, num + 1, dtype=dtype)
        assert_identical(whole[:-1, ...], apply(function, ends, num, dtype=dtype, endpoint=False))

    @settings(max_examples=60)
    @given(st.data())
    def test_some_lanes_are_those_of_all(self, library, data):
        """A batch of a part of the lanes is that part of the batch, along any axis."""
        xp, xps = STRATEGIES[library]
        function, ends = data.draw(calls(xps, xp))
        num = data.draw(NUM)
        shape = np.broadcast_shapes(*(tuple(end.shape) for end in ends))
        full = [xp.broadcast_to(end, shape) for end in ends]
        part = data.draw(xps.indices(shape, allow_newaxis=False, allow_ellipsis=False))
        part = part if isinstance(part, tuple) else (part,)
        whole = apply(function, full, num, axis=0, dtype=xp.float64)
        one = apply(function, [end[part] for end in full], num, dtype=xp.float64, xp=xp)
        assert_identical(whole[(slice(None), *part)], one)

    @settings(max_examples=60)
    @given(st.data())
    def test_the_ends_are_met(self, library, data):
        xp, xps = STRATEGIES[library]
        function, ends = data.draw(calls(xps, xp, floats=True))
        if function is logspace:
            ends = ends[:2]
            function = linspace
        start, stop = (xp.astype(end, xp.float64) for end in ends)
        num = data.draw(NUM)
        got = function(start, stop, num) + 0.0 if start.ndim or stop.ndim else None
        if got is not None:
            shape = got.shape[1:]
            assert_identical(got[0, ...], xp.broadcast_to(start, shape) + 0.0)
            assert_identical(got[num - 1, ...], xp.broadcast_to(stop, shape) + 0.0)


def test_the_namespace_is_the_public_one():
    """The wrappers of array-api-compat stand for the libraries themselves."""
    import array_api_compat.numpy
    import array_api_compat.torch

    lanes = np.ones(2)
    assert_identical(
        xspace.linspace(lanes, 2, 5, xp=array_api_compat.numpy), xspace.linspace(lanes, 2, 5)
    )
    got = xspace.linspace(torch.ones(2), 2, 5, xp=array_api_compat.torch)
    assert_identical(got, xspace.linspace(torch.ones(2), 2, 5))


@pytest.mark.parametrize("traced", [False, True])
def test_subnormal_numbers_keep_their_bits_when_the_axis_moves(traced):
    """XLA on the CPU takes some of them for zero when it transposes bfloat16."""

    def grids(stop):
        return xspace.logspace(-126.5, stop, 17, base=2, axis=-1, dtype=jnp.bfloat16)

    stops = jnp.array([-126.75, -129.5, -124.0])
    lanes = (jax.jit(grids) if traced else grids)(stops)
    for lane, stop in zip(lanes, stops, strict=True):
        alone = xspace.logspace(-126.5, float(stop), 17, base=2, dtype=jnp.bfloat16, xp=jnp)
        assert_identical(np.asarray(lane), np.asarray(alone))
        assert np.asarray(lane).view(np.uint16).all()


@pytest.mark.parametrize("count", [17, 33, 65])
def test_subnormal_numbers_keep_their_bits_beside_another_result(count):
    """Where XLA would choose another order of axes, and copy bfloat16."""

    def grids(start):
        return xspace.linspace(start, start, 3, axis=-1, retstep=True)

    lanes = jnp.asarray(np.arange(1, 1 + count, dtype=np.uint16).view(jnp.bfloat16))
    assert_identical(*(np.asarray(made(lanes)[0]) for made in (jax.jit(grids), grids)))


def test_the_derivative_of_moved_samples():
    def total(stop):
        grid = xspace.linspace(0, stop, 5, axis=-1, dtype=jnp.bfloat16)
        return (grid * jnp.arange(5, dtype=jnp.bfloat16)).sum()

    slopes = jax.grad(total)(jnp.array([1.0, 2.0], dtype=jnp.bfloat16))
    assert slopes.tolist() == [7.5, 7.5]


def test_lanes_on_an_axis_cost_a_grid_each():
    """Not one for each of their elements, which all have a part that no test settles."""
    start = 1j * np.arange(1.5, 21.5)
    geomspace(start, 5j, 5)  # what is imported and kept comes first
    for end in (5j, -5j):
        make = {num: lambda num=num, end=end: geomspace(start, end, num) for num in (5, 50)}
        few, many = (count_calls(make[num]) for num in (5, 50))
        assert many < 2 * few
        alone = [geomspace(complex(x), end, 50) for x in start]
        assert_identical(make[50](), np.stack(alone, axis=1))
