"""Short grids of plain numbers, with the engine and without: correctly rounded, limits, errors."""

from __future__ import annotations

import math
import random
import sys
from fractions import Fraction
from importlib import import_module

import array_api_compat.numpy as compat
import gmpy2
import numpy as np
import pytest
from engines import choose

from xspace import arange, geomspace, linspace, logspace
from xspace.call.quick import QUICK
from xspace.engine.native import ENGINE
from xspace.libraries.host import host_bits
from xspace.testing import assert_identical


@pytest.fixture(params=["numpy", "engine"])
def mode(request, monkeypatch):
    choose(request.param, monkeypatch)


def test_the_public_functions_take_this_way(monkeypatch):
    for name in ("logspace", "geomspace", "linspace"):
        monkeypatch.setattr(f"xspace.functions.quick_{name}", lambda *_: "quick")
    for function in (logspace, geomspace, linspace):
        assert function(1, 2.5) == "quick"
        assert function(1, 2.5, 7, endpoint=False, axis=-1, dtype=np.int8) == "quick"
        for options in ({"workers": 1}, {"xp": np}, {"device": "cpu"}, {"xp": compat}):
            assert function(1, 2.5, **options) == "quick"
        for options in ({"workers": 2}, {"workers": np.int64(1)}):
            assert isinstance(function(1, 2.5, **options), np.ndarray)


#: What calls are made with everyday: numbers of Python and NumPy, and arrays of any layout.
SCALARS = [
    1,
    2.5,
    True,
    np.float64(2.5),
    np.float32(2.5),
    np.float16(2.5),
    np.int8(2),
    np.uint64(3),
]
SCALARS += [np.array(2.5), np.array(2, np.int16), np.array(2.5, np.float32)]
LANES = [
    np.array([1.5, 2, 3]),
    np.array([1.5, 2, 3], np.float32),
    np.array([1.5, 2, 3], np.float16),
    np.array([1, 2, 3]),
    np.array([1, 2, 3], np.uint8),
    np.array([[1.5], [2]]),
    np.ones((2, 3)),
    np.asfortranarray(np.full((2, 3), 1.5)),
    np.arange(1.0, 7)[::2],
    np.arange(1.0, 13).reshape(2, 6)[:, ::2],
    np.broadcast_to(np.array(2.0), (3,)),
    np.array([[True, False, True]]),
]


@pytest.fixture
def nothing_else(monkeypatch):
    """What the engine makes, it makes alone: reading arguments takes longer than the elements."""
    if ENGINE is None:
        pytest.skip("the engine is not installed, or switched off")
    for place in ("_make_samples", "_make_linspace"):
        monkeypatch.setattr(f"xspace.functions.{place}", None)
    monkeypatch.setattr(sys.modules["xspace.arange"], "_make_arange", None)


def test_nothing_else_is_asked_for_everyday_calls(nothing_else):
    for number in SCALARS:
        for dtype in (None, float, np.float32, "float32", np.dtype("float16"), np.int32, "uint64"):
            for function in (logspace, geomspace, linspace):
                assert len(function(number, 4, dtype=dtype, xp=np)) == 50
                assert len(function(number, np.int64(4), np.int16(3), dtype=dtype)) == 3
                assert len(function(number, 4, 1, dtype=dtype)) == 1
            assert len(linspace(number, 1000, 10**5, dtype=dtype, endpoint=False)) == 10**5
    assert len(logspace(-320, 300.5)) == len(geomspace(5e-324, 1e300)) == 50
    assert linspace(0, 1.5, 4, retstep=True)[1] == 0.5
    assert len(arange(5)) == len(arange(0, 2.5, 0.5)) == len(arange(np.int8(0), np.int64(5))) == 5


def test_nothing_else_is_asked_for_arrays(nothing_else):
    for lanes in LANES:
        for axis in range(-lanes.ndim - 1, lanes.ndim + 1):
            assert linspace(lanes, 4, 5, axis=axis).shape[axis] == 5
            assert logspace(lanes, np.ones(3), 5, axis=axis, base=np.array([2, 3, 4])).size >= 15


@pytest.mark.parametrize("function", [logspace, geomspace, linspace])
def test_the_dtype_and_the_order_are_those_of_the_long_way(function, monkeypatch):
    """Whatever is beside each other; and what is refused, with its words."""
    strange = [-0.0, np.float32(-0.0), np.float32(1e-45), np.float32("nan"), math.inf, 2**70, 1j]
    strange += [np.array([1.5, 2, 3], ">f8"), np.array([]), np.zeros((0, 3)), np.ones((2, 2)), "2"]
    strange += [3 - 0.5j, np.complex128(2 + 1j), np.complex64(1 - 2j), complex(0, -1)]
    strange += [np.array([1.0, np.nan, 2]), np.array([0.0, -0.0, 1]), np.ones(3, np.longdouble)]
    options = [{}, {"axis": -1}, {"axis": 2}, {"dtype": np.float32}, {"num": 1}, {"num": 0}]
    given = SCALARS + LANES + strange
    calls = [
        (a, b, options[(7 * i + k) % 6]) for i, a in enumerate(given) for k, b in enumerate(given)
    ]
    quick = [outcome(function, *call) for call in calls]
    monkeypatch.setattr(f"xspace.functions.quick_{function.__name__}", lambda *_: None)
    monkeypatch.setattr("xspace.functions.quick_elsewhere", lambda *_: None)
    for call, found in zip(calls, quick, strict=True):
        assert found == outcome(function, *call), call


def outcome(function, start, stop, options):
    """All that tells two results apart: bits, dtype, order in memory; or the error."""
    try:
        grid = function(start, stop, **{"num": 4, **options})
    except (OverflowError, TypeError, ValueError) as error:
        return type(error), str(error)
    return grid.dtype, grid.shape, grid.strides, grid.tobytes()


def test_steps_are_those_of_the_long_way(monkeypatch):
    rng = random.Random(5)
    ends = [0, 1, -3, 0.1, 1e308, -1e308, 5e-324, 2**63 - 1, True]
    ends += [rng.uniform(-1, 1) * 2.0 ** rng.randint(-300, 300) for _ in range(30)]
    calls = [(a, b, n, flag) for a in ends for b in ends for n, flag in ((2, True), (7, False))]
    found = [linspace(a, b, n, endpoint=e, retstep=True)[1] for a, b, n, e in calls]
    monkeypatch.setattr("xspace.functions.quick_step", lambda *_: None)
    for (a, b, n, e), step in zip(calls, found, strict=True):
        assert type(step) is float
        wanted = linspace(a, b, n, endpoint=e, retstep=True)[1]
        assert (step, math.copysign(1, step)) == (wanted, math.copysign(1, wanted))


def test_the_engine_is_not_asked_twice(monkeypatch):
    """What it leaves is made the long way at once."""
    asked = []
    monkeypatch.setitem(QUICK, "linspace", lambda *call: asked.append(call))
    others = {"device": "cpu"}, {"retstep": True}, {"xp": np}, {"num": np.int64(50)}
    for options in ({}, {"dtype": np.float32}, {"dtype": "int8", "endpoint": False}, *others):
        linspace(Fraction(1, 3), 7, **options)
    assert not asked


@pytest.mark.parametrize("num", [2, 50, 1024, 8192])
def test_correctly_rounded(mode, num):
    """Against MPFR, with the exact exponents and quotients as rational numbers."""
    rng = random.Random(num)
    with gmpy2.context(precision=400):
        for _ in range(12 if num < 2000 else 2):
            a, b = rng.uniform(-20, 20), rng.uniform(-20, 20)
            step = (Fraction(b) - Fraction(a)) / (num - 1)
            line = [gmpy2.mpq(Fraction(a) + i * step) for i in range(num)]
            wanted = [float(gmpy2.mpfr(10) ** gmpy2.mpfr(x)) for x in line]
            assert logspace(a, b, num).tolist() == wanted
            wanted = [float(Fraction(x.numerator, x.denominator)) for x in line]
            assert linspace(a, b, num).tolist() == wanted
            a, b = math.exp(a), math.exp(b)
            ratio = gmpy2.mpfr(gmpy2.mpq(Fraction(b) / Fraction(a)))
            wanted = [float(a * ratio ** (gmpy2.mpfr(i) / (num - 1))) for i in range(num)]
            assert geomspace(a, b, num).tolist() == wanted


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
def test_limits_and_midpoints(function, arguments, options, monkeypatch):
    """Whatever is made by the engine or refused, the bits are those of Python."""
    made = function(*arguments, **options)
    choose("numpy", monkeypatch)
    assert_identical(made, function(*arguments, **options))


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
        first, kept = function(1.5, 4.5), function(1.5, 4.5).tobytes()
        first[:] = 0
        assert function(1.5, 4.5).tobytes() == kept
    assert arange(0, 3, 0.5).tolist() == [0, 0.5, 1, 1.5, 2, 2.5]


def tensors():
    """Ends of PyTorch: what the engine reads, and what it leaves."""
    torch = pytest.importorskip("torch")
    plain = [torch.tensor(2.5), torch.tensor(3), torch.tensor(2.5, dtype=torch.float64)]
    plain += [torch.tensor(2.5).half(), torch.tensor(2.5).bfloat16(), torch.tensor([1.5, 2, 3])]
    plain += [torch.tensor([[1.5], [2]]), torch.arange(6.0)[::2] + 1, torch.tensor([2.0]).expand(3)]
    plain += [torch.ones(2, 3).T.contiguous().T, torch.nn.Parameter(torch.tensor(2.0))]
    strange = [torch.tensor(-0.0), torch.tensor(1j), torch.zeros(0), torch.ones(2, 2)]
    strange += [torch.ones(3).to_sparse(), torch._efficientzerotensor((3,))]
    return torch, plain, strange


def jax_arrays():
    """Ends of JAX, the same."""
    jnp = pytest.importorskip("jax.numpy")
    plain = [jnp.float32(2.5), jnp.float16(2.5), jnp.asarray([1.5, 2, 3]), jnp.ones((1, 3))]
    plain += [jnp.asarray([[1.5], [2]]), jnp.asarray([1.5, 2, 3], dtype=jnp.float16)]
    strange = [jnp.asarray(3), jnp.bfloat16(2.5), jnp.asarray([1, 2, 3]), jnp.full(3, 2.0), 1j]
    strange += [jnp.zeros(0), jnp.ones((2, 2)), jnp.asarray([1.5, np.nan, 2]), jnp.ones(3)]
    strange[-1].delete()
    return jnp, plain, strange


@pytest.mark.parametrize("ends", [tensors, jax_arrays])
def test_nothing_else_is_asked_for_arrays_of_a_library(ends, nothing_else):
    xp, plain, _ = ends()
    for function in (logspace, geomspace, linspace):
        for end in plain:
            samples = function(end, 4, 5)
            assert type(samples).__module__ == type(xp.zeros(1)).__module__
            assert samples.shape == (5, *end.shape)
            assert function(end, 4, 5, axis=-1, dtype=xp.float32).shape == (*end.shape, 5)
        assert function(1, 4, 5, xp=xp, dtype=xp.int32).shape == function(1, 4, 5, xp=xp).shape


@pytest.mark.parametrize("function", [logspace, geomspace, linspace])
@pytest.mark.parametrize("ends", [tensors, jax_arrays])
def test_arrays_of_a_library_are_read_as_on_the_long_way(ends, function, monkeypatch):
    xp, plain, strange = ends()
    given = [2, 0.5, np.float32(1.5), np.array([1.5, 2, 3]), *plain, *strange]
    options = [{}, {"axis": -1}, {"dtype": xp.float32}, {"num": 1}, {"xp": xp}, {"endpoint": False}]
    options += [{"device": "cpu"}, {"dtype": xp.int32, "xp": xp}, {"dtype": {}}]
    options += [{"device": np.array(["cpu", "cpu"])}]
    calls = [
        (a, b, options[(3 * i + k) % 10]) for i, a in enumerate(given) for k, b in enumerate(given)
    ]
    quick = [outcome_elsewhere(function, *call) for call in calls]
    monkeypatch.setattr(f"xspace.functions.quick_{function.__name__}", lambda *_: None)
    monkeypatch.setattr("xspace.functions.quick_elsewhere", lambda *_: None)
    for call, found in zip(calls, quick, strict=True):
        assert found == outcome_elsewhere(function, *call), call


def outcome_elsewhere(function, start, stop, options):
    try:
        grid = function(start, stop, **{"num": 4, **options})
    except (OverflowError, TypeError, ValueError, RuntimeError) as error:
        return type(error), str(error)
    facts = type(grid), str(grid.dtype), grid.shape, str(grid.device)
    facts += tuple(
        getattr(grid, name, None) for name in ("committed", "weak_type", "requires_grad")
    )
    if hasattr(grid, "grad_fn"):
        facts += grid.grad_fn is None, grid.stride(), grid._is_view()
    return *facts, host_bits(grid)[1].tobytes()


def test_a_tuple_is_no_place_in_memory():
    """The engine is told of tensors by tuples of three integers, one of them an address."""
    torch = pytest.importorskip("torch")
    memory = np.ones(3)
    place = 0, memory.ctypes.data, 8
    for end in (place, torch.Size(place)):
        for call in (
            lambda end: linspace(end, 4, 5, xp=torch),
            lambda end: geomspace(torch.ones(3), end, 5),
            lambda end: logspace(torch.ones(3, requires_grad=True), 4, 5, base=end),
            lambda end: import_module("xspace.dropin.torch").linspace(1, end, 5),
        ):
            with pytest.raises(TypeError, match="must be a number"):
                call(end)


def test_numpys_arrays_are_no_ends_for_another_namespace():
    """Whatever their dtype is."""
    for xp in (pytest.importorskip("torch"), pytest.importorskip("jax.numpy")):
        for dtype in (np.float64, np.float32, np.int64):
            for end in (np.ones(3, dtype), np.ones((), dtype)):
                with pytest.raises(TypeError, match="belong to two array libraries"):
                    linspace(end, 4, 5, xp=xp)
