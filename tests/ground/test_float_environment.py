"""Flushed subnormal numbers and other directions of rounding: the same bits, and put back as found.

Ends are made before a state is set, and results are compared after it: what a test itself computes
is not in question.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import subprocess
import sys
import threading
import warnings
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from engines import choose
from float_states import STATES, state, under

import xspace
from xspace import GeomRange, LinRange, LogRange
from xspace.__main__ import main
from xspace.dropin import numpy as dropin
from xspace.engine.native import ENGINE
from xspace.ground import float_environment
from xspace.ground.float_environment import describe, in_standard_environment, is_standard
from xspace.testing import assert_identical

TINY = 5e-324
FLOATS = ("float64", "float32", "float16")
INTS = ("int64", "uint8")
#: Ends in the subnormal range of a dtype and above it, and near its largest number.
ZONES = {
    "float64": [(TINY, 2e-308), (-3e-320, 1e-300), (1e300, 1.7e308), (0.1, 7.3)],
    "float32": [(1e-45, 3e-38), (-7e-42, 1e-30), (1e30, 3.4e38), (0.1, 7.3)],
    "bfloat16": [(1e-40, 3e-38), (-7e-40, 1e-30), (1e30, 3.3e38), (0.1, 7.3)],
    "float16": [(6e-8, 1e-4), (-9e-6, 1e-2), (10.0, 65e3), (0.1, 7.3)],
}


@pytest.fixture(params=STATES)
def name(request):
    return request.param


@pytest.fixture(params=["both", "upward", "all"])
def some(request):
    """The states that are most unlike each other, for what takes its time."""
    return request.param


def assert_unchanged(name, make):
    """The same bits in a state as by default."""
    wanted = make()
    got = under(name, make)
    if isinstance(wanted, np.ndarray) and wanted.dtype.kind in "mM":
        wanted, got = wanted.view(np.int64), got.view(np.int64)
    assert_identical(np.asarray(got), np.asarray(wanted))


# The state itself.


def test_by_default_there_is_nothing_to_say():
    assert is_standard()
    assert describe() == ""


def test_a_state_is_told_and_changed_for_a_function_alone(name):
    @in_standard_environment
    def inside(*words, **named):
        return is_standard(), describe(), words, named

    with state(name):
        seen = is_standard(), describe(), inside(1, two=2), describe()
    assert seen == (False, STATES[name], (True, "", (1,), {"two": 2}), STATES[name])


def test_an_exception_leaves_the_state_as_it_was(name):
    with state(name), pytest.raises(OverflowError, match="element 5"):  # the state is checked, too
        xspace.logspace(0, 5, 6, dtype=np.int16)


def test_flags_are_left_as_they_were(name):
    """Not raised for others to find, and not cleared either."""
    library = ctypes.CDLL(None)
    library.feclearexcept(0xFFFFFFFF & 0x1F)
    with state(name):
        before = library.fetestexcept(0x1F)
        xspace.logspace(-330, 310, 5000)
        xspace.geomspace(1, np.inf, 5)
        after = library.fetestexcept(0x1F)
        library.feclearexcept(0x1F)
        library.feraiseexcept(1)  # an invalid operation, somewhere else
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            xspace.logspace(-330, 310, 5000)
        kept = library.fetestexcept(1)
    library.feclearexcept(0x1F)
    assert (before | 0x20) == (after | 0x20)
    assert kept == 1


def test_where_the_state_cannot_be_changed_an_error_names_it(name, monkeypatch):
    choose("numpy", monkeypatch)  # the engine sets a register by itself
    monkeypatch.setattr(float_environment, "_WAYS", {sys.platform: lambda: lambda: None})
    calls = [
        lambda: xspace.linspace(0.0, 1.0),
        lambda: xspace.logspace(0, 1, 5, dtype=np.float32),
        lambda: xspace.arange(0, 1, 0.1),
        lambda: LinRange(0, 1, 3),
    ]
    for call in calls:
        with state(name), pytest.raises(RuntimeError) as caught:
            call()
        assert f"this thread {STATES[name]}, in which grids would" in str(caught.value)


@pytest.mark.parametrize("error", [OSError, AttributeError, ImportError])
def test_a_system_without_the_functions_is_one_where_it_cannot(error, monkeypatch):
    def way():
        raise error("no such function")

    choose("numpy", monkeypatch)
    monkeypatch.setattr(float_environment, "_WAYS", {sys.platform: way})
    with state("upward"), pytest.raises(RuntimeError, match="rounds upward"):
        xspace.linspace(0.0, 1.0)


def test_every_thread_has_its_own(some, monkeypatch):
    """One that is in a state, beside one that is not, and workers of both."""
    monkeypatch.setattr("xspace.engine.workers.PIECE", 1 << 10)
    monkeypatch.setattr("xspace.engine.fill.is_free", lambda: True)
    seen = {}

    def make(key, set_state):
        seen[key] = under(some, grid) if set_state else grid()

    def grid():
        return xspace.logspace(-323, 3, 1 << 13, workers=3)

    wanted = xspace.logspace(-323, 3, 1 << 13)
    threads = [threading.Thread(target=make, args=(k, k % 2)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [0, 1, 2, 3]
    for grid in seen.values():
        assert_identical(grid, wanted)


# Grids of NumPy.


@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("num", [1, 2, 50, 3001, 70_000])
def test_scalars(name, function, num):
    for dtype in FLOATS:
        for first, last in ZONES[dtype]:
            if function == "geomspace":
                first = abs(first)
            ends = (np.log10(abs(first)) - 1, np.log10(last)) if function == "logspace" else None
            assert_unchanged(
                name,
                lambda ends=ends or (first, last), dtype=dtype: getattr(xspace, function)(
                    *ends, num, dtype=dtype
                ),
            )


@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
def test_calls_with_nothing_but_numbers(name, function):
    """Those that have a quick way by default."""
    for first, last in [(0.1, 7.3), (1e-5, 300.0), (-307.9, -300.1), (TINY, 1.0), (3, 7)]:
        if function == "geomspace":
            first, last = abs(first), abs(last)
        assert_unchanged(name, lambda a=first, b=last: getattr(xspace, function)(a, b))


@pytest.mark.parametrize("dtype", INTS)
def test_integers(name, dtype):
    assert_unchanged(name, lambda: xspace.geomspace(1, 255, 200, dtype=dtype))
    assert_unchanged(name, lambda: xspace.linspace(TINY, 255 - 2.0**-40, 200, dtype=dtype))
    assert_unchanged(name, lambda: xspace.logspace(0, 2.4, 200, dtype=dtype))
    assert_unchanged(name, lambda: xspace.arange(0, 200, 0.7, dtype=dtype))


@pytest.mark.parametrize(
    "end",
    [Fraction(1, 3 * 10**320), Decimal("3e-322"), np.float32(1e-45), np.longdouble(1e-300) ** 2],
)
def test_kinds_of_ends(name, end):
    """Exact numbers, and scalars of NumPy that are subnormal as such."""
    assert_unchanged(name, lambda: xspace.linspace(end, 1, 40))
    assert_unchanged(name, lambda: xspace.geomspace(end, 1e-30, 40))
    if isinstance(end, np.floating):
        array = np.array(end)
        assert_unchanged(name, lambda: xspace.linspace(array, 1e-40, 40, dtype=np.float64))


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_complex(name, dtype):
    small = 3e-315 if dtype == "complex128" else 2e-41
    start, stop = complex(0, small), complex(2, -small)
    assert_unchanged(name, lambda: xspace.linspace(start, stop, 60, dtype=dtype))
    assert_unchanged(name, lambda: xspace.geomspace(start, 1j, 60, dtype=dtype))
    assert_unchanged(name, lambda: xspace.logspace(-40, 3 + 2j, 60, base=2 - 1j, dtype=dtype))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("num", [3, 400])
def test_lanes(name, dtype, num):
    lanes = np.array(ZONES[dtype], dtype)
    start, stop = lanes[:, 0], lanes[:, 1]
    assert_unchanged(name, lambda: xspace.linspace(start, stop, num))
    assert_unchanged(name, lambda: xspace.geomspace(np.abs(start), stop, num))
    exponents = np.log10(np.abs(start).astype(np.float64)).astype(dtype)
    assert_unchanged(name, lambda: xspace.logspace(exponents, 0, num))
    assert_unchanged(name, lambda: xspace.logspace(-0.5, 1, num, base=np.abs(start)))


def test_steps(name):
    assert_unchanged(name, lambda: xspace.linspace(0, 3e-322, 8, retstep=True)[1])
    lanes = np.array([3e-322, 1.0, 7e-310])
    assert_unchanged(name, lambda: xspace.linspace(TINY, lanes, 8, retstep=True)[1])
    assert_unchanged(name, lambda: dropin.linspace(TINY, lanes, 8, True, True)[1])
    small = np.array([1e-45, 3e-42], np.float32)
    assert_unchanged(name, lambda: dropin.linspace(small, small[::-1], 3, True, True)[1])


def test_arange(name):
    many, few = 400 * TINY, 3 * TINY
    assert_unchanged(name, lambda: xspace.arange(TINY, many, few))
    assert_unchanged(name, lambda: xspace.arange(1, 1.3, 0.1))
    assert_unchanged(name, lambda: xspace.arange(0, 1, Decimal("0.01"), dtype=np.float32))
    assert_unchanged(name, lambda: dropin.arange(0, 4e-320, 1e-322))


def test_dates(name):
    first, last = np.datetime64("2024-02-28"), np.datetime64("2031-03-02T01:02:03.123457")
    assert_unchanged(name, lambda: xspace.linspace(first, last, 1000))
    assert_unchanged(name, lambda: xspace.linspace(first, np.array([last, last + 1]), 1000))
    assert_unchanged(name, lambda: xspace.arange(first, first + 900))


# Ranges.

RANGES = [
    (LinRange, (TINY, 3e-322, 40), {}),
    (LinRange, (-1e-310, 0.3, 40), {}),
    (LogRange, (-323.1, -300, 40), {}),
    (GeomRange, (TINY, 1e-300, 40), {}),
]


@pytest.mark.parametrize(("kind", "ends", "options"), RANGES)
def test_ranges(name, kind, ends, options):
    grid = kind(*ends, **options)
    values = list(grid)
    near = np.array([0.0, TINY, 3 * TINY, *values])

    def seen():
        made = kind(*ends, **options)
        return [
            made == grid,
            hash(made) == hash(grid),
            repr(made),
            made[7],
            list(made),
            [made.index(x) for x in values],
            [made.count(x) for x in near],
            [x in made for x in near],
            made.searchsorted(near).tolist(),
            [made.searchsorted(x, side="right") for x in near],
            made[::3].to_array(dtype=np.float32),
        ]

    wanted, got = seen(), under(name, seen)
    assert_identical(got.pop(), wanted.pop())
    assert pickle.dumps(got) == pickle.dumps(wanted)  # the floats by their bits


# Parts of arrays, made by others and elsewhere.


def test_dask(some):
    da = pytest.importorskip("dask.array")
    ends = np.array([TINY, 1e-310, 3.0])
    lazy = da.from_array(ends, chunks=2)

    def computed(array):
        """By a thread that is in the state, with arrays that were put together in it as well."""
        return array.compute(scheduler="synchronous")

    for make in (
        lambda: computed(xspace.linspace(TINY, 1e-309, 1000, xp=da, chunks=300)),
        lambda: computed(xspace.logspace(-323, 2, 1000, xp=da, chunks=300)),
        lambda: computed(xspace.geomspace(TINY, 2.0, 1000, xp=da, dtype="float32", chunks=300)),
        lambda: computed(xspace.arange(0, 1e-320, TINY, xp=da, chunks=300)),
        lambda: computed(xspace.linspace(0, lazy, 90, chunks=40)),
        lambda: computed(xspace.geomspace(lazy, 7, 90)),
        lambda: computed(xspace.linspace(0, lazy, 90, retstep=True)[1]),
    ):
        assert_unchanged(some, make)


def test_dask_computes_in_its_own_threads(some):
    da = pytest.importorskip("dask.array")
    from concurrent.futures import ThreadPoolExecutor

    lazy = xspace.geomspace(TINY, 1e-300, 4000, xp=da, chunks=500)
    wanted = lazy.compute(scheduler="synchronous")
    with state(some), ThreadPoolExecutor(2) as pool:  # its threads are born into the state
        got = lazy.compute(pool=pool)
    assert_identical(got, wanted)


def test_cubed(some):
    cubed = pytest.importorskip("cubed")
    import cubed.array_api as xp

    spec = cubed.Spec(allowed_mem="200MB")
    assert_unchanged(
        some, lambda: xspace.linspace(TINY, 1e-309, 100, xp=xp, spec=spec, chunks=30).compute()
    )


def test_parts_of_a_file(some):
    from xspace.deferred.parts import Parts
    from xspace.exact.rounding import FORMATS
    from xspace.grids.from_scalars import source_of
    from xspace.libraries.scalars import read_scalar

    ends = read_scalar("start", TINY), read_scalar("stop", 1e-300)
    parts = Parts(source_of("geomspace", ends, 1000, True, FORMATS["float64"]), "float64")
    assert_unchanged(some, lambda: parts[100:300])


# Other libraries.


@pytest.mark.parametrize("num", [5, 70_000])
def test_another_namespace(some, num):
    xp = pytest.importorskip("array_api_strict")
    low, lanes = (TINY if num < 70_000 else 1e-3), xp.asarray(np.array([TINY, 1.0]))
    assert_unchanged(some, lambda: np.from_dlpack(xspace.geomspace(low, 2.0, num, xp=xp)))
    assert_unchanged(some, lambda: np.from_dlpack(xspace.linspace(lanes, 3.0, min(num, 90))))


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_torch(some, dtype):
    torch = pytest.importorskip("torch")
    kind = getattr(torch, dtype)
    zones = ZONES[dtype]
    ends = torch.tensor(zones, dtype=torch.float64).to(kind)
    magnitudes = ends[:, 0].abs()
    for make in (
        lambda: xspace.linspace(*zones[0], 50, dtype=kind, xp=torch),
        lambda: xspace.linspace(*zones[1], 40_000, dtype=kind, xp=torch),
        lambda: xspace.geomspace(*zones[0], 50, dtype=kind, xp=torch),
        lambda: xspace.logspace(-50, 3, 70, dtype=kind, xp=torch),
        lambda: xspace.linspace(ends[:, 0], ends[:, 1], 40),
        lambda: xspace.geomspace(magnitudes, ends[:, 1], 40),
        lambda: xspace.linspace(ends[0, 0], ends[0, 1], 40),  # numbers that can be read
    ):
        wanted, got = make(), under(some, make)
        assert_identical(got, wanted)


def test_compiled_torch(some):
    """Compiled in the state and run in it."""
    torch = pytest.importorskip("torch")
    ends = torch.tensor([TINY, 1e-310, 3.0], dtype=torch.float64)
    small = -3 * TINY

    def grids(stop):
        return (
            xspace.geomspace(TINY, stop, 30),
            xspace.linspace(small, stop, 30),
            xspace.logspace(0.1, 1, 30, base=stop),
        )

    wanted = grids(ends)
    torch.compiler.reset()
    run = torch.compile(grids, backend="eager", fullgraph=True)
    for got, right in zip(under(some, lambda: run(ends)), wanted, strict=True):
        assert_identical(got, right)


def test_gradients_of_torch(some):
    """The incoming gradient is one, so that PyTorch's own product changes nothing."""
    torch = pytest.importorskip("torch")

    def slopes():
        stop = torch.tensor([0.3, 7.0], dtype=torch.float64, requires_grad=True)
        grid = xspace.geomspace(1e-5, stop, 3)
        return torch.autograd.grad(grid[1, 0] + grid[1, 1], stop)[0]

    wanted, got = slopes(), under(some, slopes)
    assert_identical(got, wanted)


@pytest.mark.parametrize("wide", [True, False])
def test_jax(some, wide):
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    with jax.enable_x64(wide):
        dtype = "float64" if wide else "float32"
        zones = np.array(ZONES[dtype], dtype)
        ends = jnp.asarray(zones)
        first, last = (float(x) for x in zones[0])
        for make in (
            lambda: xspace.linspace(first, last, 50, xp=jnp, dtype=dtype),
            lambda: xspace.geomspace(first, last, 50, xp=jnp, dtype=dtype),
            lambda: xspace.geomspace(first, last, 50, xp=jnp, dtype="bfloat16"),
            lambda: xspace.linspace(ends[:, 0], ends[:, 1], 40),
        ):
            wanted = make()
            assert_identical(under(some, make), wanted)


def test_traced_jax():
    """Constants of a program are computed while it is traced; in the state, with nothing cached."""
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        end = jax.numpy.asarray(3.0)
        for make in (
            lambda: jax.jit(lambda stop: xspace.linspace(TINY, stop, 9))(end),
            lambda: jax.jacfwd(jax.jit(lambda stop: xspace.linspace(0.1, stop, 30)))(end),
        ):
            wanted = make()
            jax.clear_caches()
            assert_identical(under("all", make), wanted)


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_drop_in_modules(some, library):
    pytest.importorskip(library)
    from importlib import import_module

    module = import_module(f"xspace.dropin.{library}")
    for make in (
        lambda: module.linspace(1e-45, 3e-38, 50),
        lambda: module.geomspace(1e-45, 3e-38, 50),
        lambda: module.arange(0, 1e-43, 1e-45),
    ):
        wanted = make()
        assert_identical(under(some, make), wanted)


# The engine, and Python without it.


@pytest.mark.parametrize("mode", ["numpy", "engine"])
def test_with_the_engine_and_without(some, mode, monkeypatch):
    choose(mode, monkeypatch)
    lanes = np.array([TINY, 1e-300, 2.0] * 400)
    narrow, small = np.array([1e-42, 1e-30, 2.0] * 400, np.float32), np.float32(1e-42)
    for make in (
        lambda: xspace.logspace(0.1, 3.7),
        lambda: xspace.linspace(0.1, 3.7),
        lambda: xspace.logspace(-330, 310, 50_000),
        lambda: xspace.linspace(TINY, 1e-308, 50_000),
        lambda: xspace.linspace(-3e-42, 1e-40, 5000, dtype=np.float32),
        lambda: xspace.geomspace(lanes, 7.0, 20),
        lambda: xspace.linspace(lanes, 7.0, 20),
        lambda: xspace.linspace(narrow, small, 20),
    ):
        assert_unchanged(some, make)


# The command line.


def test_what_is_printed(name, capsys):
    words = ["geomspace", "5e-324", "1e-300", "-n", "40"]
    assert main(words) == 0
    wanted = capsys.readouterr()
    with state(name):
        status = main(words)
    assert status == 0
    assert capsys.readouterr() == wanted


def test_the_report_names_the_state(name, capsys):
    with state(name):
        status = main(["backends", "numpy"])
    out = capsys.readouterr().out
    assert status == 0
    assert out.count("identical") == 2
    assert f"This thread {STATES[name]}" in out


def test_the_report_sees_bits_that_the_state_has_changed(some, capsys, monkeypatch):
    """NumPy's own, compared with themselves, would be identical."""
    assert main(["backends", "numpy"]) == 0  # what is right is kept from here on
    monkeypatch.setattr(float_environment, "is_standard", lambda: True)
    choose("numpy", monkeypatch)
    with state(some):
        status = main(["backends", "numpy"])
    captured = capsys.readouterr()
    assert status == 1
    assert "differs" in captured.out
    assert "numpy, cpu," in captured.err


# Modules that are compiled and imported in a state: their constants are numbers, too.

PROGRAM = """
import contextlib, hashlib, os, sys
sys.path.insert(0, {tests!r})
import numpy as np
from float_states import state

sys.pycache_prefix = {compiled!r}
tiny = np.array([1], np.int64).view(np.float64)[0]

def grids():
    import xspace
    from xspace.dropin import numpy as dropin
    lanes = np.array([1.0, 0.3, 1e-300, 1e200])
    for num in (9, 50, 3001, 40_001):
        for dtype in ("float64", "float32", "float16", "int64"):
            yield xspace.linspace(-7, 1 / 3, num, dtype=dtype)
            yield xspace.logspace(-3, 7, num, dtype=dtype)
            yield xspace.geomspace(3, 1000, num, dtype=dtype)
        yield xspace.geomspace(tiny, 3.0, num)
        yield xspace.linspace(lanes, lanes[::-1], num)
        yield xspace.geomspace(lanes, lanes[::-1], num)
        yield xspace.logspace(-0.5, 1, num, base=lanes)
        yield dropin.logspace(0, 2j, num)
        yield xspace.LogRange(-3, 7, num).to_array()
    yield xspace.arange(0, 7, 0.1)

with state({name!r}) if {name!r} else contextlib.nullcontext():
    made = list(grids())
for grid in made:
    print(hashlib.sha256(grid.tobytes()).hexdigest())
"""


@pytest.fixture(scope="module")
def digests(tmp_path_factory):
    """What a program prints in a state; the modules are compiled once for each."""
    home = tmp_path_factory.mktemp("compiled")

    @cache
    def run(name, native):
        compiled, tests = str(home / (name or "default")), str(Path(__file__).parents[1])
        program = PROGRAM.format(name=name, tests=tests, compiled=compiled)
        done = subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "XSPACE_NATIVE": native},
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


@pytest.mark.parametrize("native", ["0", "1"])
def test_a_state_from_before_the_import(some, native, digests):
    if native == "1" and ENGINE is None:
        pytest.skip("the engine is not installed, or switched off")
    wanted = digests("", "0")
    assert len(wanted) == 73
    assert digests(some, native) == wanted
