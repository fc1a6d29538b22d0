"""Grids on cubed: chunks that are made where they are wanted, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from counting import count_calls

from xspace import arange, geomspace, linspace, logspace
from xspace.testing import assert_identical

cubed = pytest.importorskip("cubed", reason="these are the tests of cubed")
xp = pytest.importorskip("cubed.array_api")

INF = np.inf
GRIDS = [
    (linspace, (0, 1), {}),
    (linspace, (-5, 7.5), {"endpoint": False}),
    (linspace, (1, -0.0), {}),
    (linspace, (0, INF), {}),
    (logspace, (-300, 300), {}),
    (logspace, (-20, 30), {"base": -1.5}),
    (logspace, (-3, 3), {"base": 0}),
    (geomspace, (-1, -9), {}),
    (geomspace, (1, -9), {}),
    # Complex ones.
    (linspace, (0, complex(1, -0.0)), {}),
    (geomspace, (3 - 4j, 1e-300j), {"endpoint": False}),
    (geomspace, (1 + 1j, 5 + 5j), {}),
    (logspace, (0, 99), {"base": 1j}),
    (logspace, (-3, complex(INF, 0)), {}),
    (logspace, (-3, 96 + 1j), {"base": 0}),
]


@pytest.fixture
def spec(tmp_path):
    return cubed.Spec(work_dir=str(tmp_path), allowed_mem="100MB")


@pytest.mark.parametrize(("function", "ends", "options"), GRIDS)
@pytest.mark.parametrize("chunks", [7, 100, "auto", ((64, 36),)], ids=str)
def test_bits_do_not_depend_on_the_chunks(function, ends, options, chunks, spec):
    lazy = function(*ends, 100, **options, xp=xp, chunks=chunks, spec=spec)
    assert isinstance(lazy, cubed.Array)
    assert lazy.spec == spec
    assert_identical(lazy.compute(), function(*ends, 100, **options))


@pytest.mark.parametrize("dtype", ["float32", "float16", "int64"])
def test_dtypes(dtype, spec):
    lazy = linspace(-5, 5, 100, dtype=getattr(np, dtype), xp=xp, chunks=30, spec=spec)
    assert lazy.dtype == np.dtype(dtype)
    assert_identical(lazy.compute(), linspace(-5, 5, 100, dtype=dtype))


def test_arange(spec):
    assert_identical(arange(1, 50, 0.1, xp=xp, chunks=6, spec=spec).compute(), arange(1, 50, 0.1))


@pytest.mark.parametrize("num", [0, 1, 2])
def test_short_grids(num, spec):
    assert_identical(linspace(0, 1, num, xp=xp, chunks=1, spec=spec).compute(), linspace(0, 1, num))


def test_an_array_as_an_end_names_the_library(spec):
    lazy = linspace(0, xp.asarray(3.0, spec=spec), 4, spec=spec)
    assert isinstance(lazy, cubed.Array)
    assert lazy.compute().tolist() == [0, 1, 2, 3]


def test_with_other_arrays(spec):
    """A grid goes with arrays of the same spec."""
    lazy = linspace(0, 1, 11, xp=xp, chunks=4, spec=spec) + xp.ones(11, chunks=4, spec=spec)
    assert_identical(lazy.compute(), linspace(0, 1, 11) + 1)


@pytest.mark.parametrize(("function", "ends", "options"), GRIDS)
def test_ten_billion_elements(function, ends, options, spec):
    lazy = function(*ends, 10**10, **options, xp=xp, spec=spec)
    assert count_calls(lambda: function(*ends, 10**10, **options, xp=xp, spec=spec)) < 50_000
    assert lazy.shape == (10**10,)


@pytest.mark.parametrize("function", [linspace, logspace, geomspace])
@pytest.mark.parametrize("chunks", [None, 7, ((64, 36),)], ids=str)
@pytest.mark.parametrize("dtype", [None, "complex128"])
def test_lanes(function, chunks, dtype, spec):
    """Blocks of the arrays, and of the samples."""
    start, stop = np.linspace(0.1, 3, 6).reshape(2, 3), np.array([[5.0], [7.0]])
    ends = xp.asarray(start, chunks=(1, 2), spec=spec), xp.asarray(stop, spec=spec)
    dtype = dtype and getattr(np, dtype)
    lazy = function(*ends, 100, chunks=chunks, spec=spec, axis=1, dtype=dtype)
    assert isinstance(lazy, cubed.Array)
    assert lazy.chunks[::2] == ((1, 1), (2, 1))
    assert lazy.chunks[1] == {None: (100,), 7: (7,) * 14 + (2,)}.get(chunks, (64, 36))
    assert_identical(lazy.compute(), function(start, stop, 100, axis=1, dtype=dtype))


@pytest.mark.parametrize("shapes", [((3, 1), (4,)), ((4,), (3, 1)), ((1, 1), (2, 4)), ((), (2,))])
def test_broadcasting(shapes, spec):
    """Axes of length 1, and missing ones, before and after those that they go with."""
    ends = [np.random.default_rng(1).random(shape) for shape in shapes]
    lazy = [xp.asarray(x, chunks=2 if x.ndim else (), spec=spec) for x in ends]
    samples, steps = linspace(*lazy, 33, retstep=True, chunks=10, spec=spec)
    wanted, wanted_steps = linspace(*ends, 33, retstep=True)
    assert (samples.shape, steps.shape) == (wanted.shape, wanted_steps.shape)
    assert_identical(samples.compute(), wanted)
    assert_identical(steps.compute(), wanted_steps)


def test_long_lanes(spec):
    stop = np.array([1.0, 0.3])
    ends, how = (0, xp.asarray(stop, spec=spec)), {"retstep": True, "spec": spec}
    lazy, widths = linspace(*ends, 10**10 + 1, **how)
    assert count_calls(lambda: linspace(*ends, 10**10 + 1, **how)) < 50_000
    assert lazy.shape == (10**10 + 1, 2)
    assert widths.compute().tolist() == [1e-10, float(Fraction(0.3) / 10**10)]
    lazy = linspace(0, xp.asarray(stop, spec=spec), 10**4 + 1, chunks=10**3, spec=spec)
    assert_identical(lazy[3_000:3_003, :].compute(), linspace(0, stop, 10**4 + 1)[3_000:3_003])


@pytest.mark.parametrize("num", [0, 1, 2])
def test_short_lanes(num, spec):
    stop = np.array([1.0, 2.0])
    lazy = linspace(0, xp.asarray(stop, spec=spec), num, spec=spec)
    assert_identical(lazy.compute(), linspace(0, stop, num))


def test_errors_come_at_the_call(spec):
    with pytest.raises(OverflowError, match="element 13 is"):
        linspace(0, 1000, 100, dtype=np.int8, xp=xp, chunks=7, spec=spec)


def test_a_chunk_beyond_the_allowed_memory_is_refused_by_cubed(spec):
    lazy = linspace(0, 1, 10**8, xp=xp, chunks=-1, spec=spec)
    with pytest.raises(ValueError, match="exceeds allowed_mem"):
        lazy.compute()


def test_zarr(spec, tmp_path):
    """A grid goes to storage without being anywhere as a whole."""
    zarr = pytest.importorskip("zarr")
    path = str(tmp_path / "grid.zarr")
    cubed.to_zarr(logspace(0, 3, 1000, xp=xp, chunks=100, spec=spec), path)
    stored = zarr.open_array(path, mode="r")
    assert stored.chunks == (100,)
    assert_identical(stored[:], logspace(0, 3, 1000))


MEMORY = """
import resource, sys
import cubed, cubed.array_api as xp, xspace

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

spec = cubed.Spec(work_dir=sys.argv[1], allowed_mem="100MB")
def largest(num):
    return float(xp.max(xspace.logspace(0, 300, num, xp=xp, chunks=1 << 18, spec=spec)).compute())

largest(1 << 20)
before = peak()
assert largest(1 << 24) == 1e300
assert peak() - before < 50_000_000, peak() - before
"""


def test_memory_is_bounded(tmp_path):
    """Of 128 MiB in chunks of 2 MiB, a few are there at a time."""
    found = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert found.returncode == 0, found.stderr
