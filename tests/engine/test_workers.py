"""``workers=``: the same bits with any number of threads, and mistakes are named."""

from __future__ import annotations

import os
import threading
from fractions import Fraction

import numpy as np
import pytest
from engines import choose

from xspace import geomspace, linspace, logspace
from xspace.engine import workers
from xspace.engine.native import ENGINE
from xspace.testing import assert_identical

CORES = workers._cores()


@pytest.fixture(params=["numpy", "engine"])
def mode(request, monkeypatch):
    choose(request.param, monkeypatch)


@pytest.fixture
def short_pieces(monkeypatch):
    """Threads for grids of a few thousand elements, without the engine, too."""
    monkeypatch.setattr(workers, "PIECE", 500)
    monkeypatch.setattr("xspace.engine.fill.is_free", lambda: True)


GRIDS = [
    (logspace, (-5, 5), {}),
    (logspace, (-330, 320), {}),
    (logspace, (3, -3), {"base": 0.3}),
    (logspace, (-3, 3), {"base": -2}),
    (geomspace, (-1e-320, -1e300), {}),
    (geomspace, (1, 1 + 2**-20), {}),
    (geomspace, (2**53, 2**53 + 2**16), {}),
    (linspace, (-3.3, 2.2), {}),
    (linspace, (0.3, -0.0), {}),
    (linspace, (-1e-310, 1e-300), {}),
    (linspace, (-1.7e308, 1e308), {}),
    # Every other element is a midpoint, and all of them need the test: the repair is long.
    (linspace, (Fraction(-(2**53)), Fraction(2**53) + Fraction(10**5, 3)), {"num": 20_000}),
    (logspace, (0, 40), {"num": 20_001, "endpoint": False}),
]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("grid", GRIDS, ids=range(len(GRIDS)))
def test_the_same_bits(mode, short_pieces, grid, dtype):
    function, ends, options = grid
    options = {"num": 4999, "dtype": dtype, **options}
    alone = function(*ends, **options)
    for count in (1, 2, 3, 7, 64):
        assert_identical(function(*ends, workers=count, **options), alone)


def test_elements_that_the_test_leaves_open(mode, short_pieces, monkeypatch):
    """Their indices are those of a piece, and so are the places where they are repaired."""
    from xspace.engine import blocks

    settled = []
    for module in ("geometric", "arithmetic", "native.filling"):
        monkeypatch.setattr(
            f"xspace.engine.{module}.settle",
            lambda out, places, exact: settled.extend(places) or blocks.settle(out, places, exact),
        )
    options = {"num": 40_000, "dtype": np.float32}  # where the test leaves more of them open
    assert_identical(geomspace(1, 2**20, workers=5, **options), geomspace(1, 2**20, **options))
    assert_identical(
        logspace(0, 22.5, 40_001, dtype=np.int64, base=5, workers=5),
        logspace(0, 22.5, 40_001, dtype=np.int64, base=5),
    )
    assert settled


def test_integers(short_pieces):
    for function, ends in ((logspace, (0, 9)), (geomspace, (-(2**31), -1)), (linspace, (-99, 7))):
        options = {"num": 5000, "dtype": np.int32}
        assert_identical(function(*ends, workers=3, **options), function(*ends, **options))
    with pytest.raises(OverflowError, match="element 3750 is"):
        logspace(0, 20, 5000, base=2, dtype=np.int16, endpoint=False, workers=4)


def test_torch(short_pieces):
    torch = pytest.importorskip("torch")
    for dtype in (torch.float64, torch.bfloat16):
        options = {"num": 5000, "xp": torch, "dtype": dtype}
        assert_identical(logspace(-9, 9, workers=3, **options), logspace(-9, 9, **options))


def test_lanes_and_complex_grids_take_one_thread():
    ends = np.array([1.0, 2.0])
    assert_identical(logspace(0, ends, 9, workers=2), logspace(0, ends, 9))
    assert_identical(geomspace(1, 1j, 9, workers=2), geomspace(1, 1j, 9))


def test_each_piece_has_a_thread(short_pieces):
    barrier, threads = threading.Barrier(3, timeout=30), set()

    def make(first, last):
        barrier.wait()  # passes only if all three are there at a time
        threads.add((threading.get_ident(), first, last))

    workers.in_pieces(3000, 3, make)
    assert {(first, last) for _, first, last in threads} == {(0, 1000), (1000, 2000), (2000, 3000)}
    assert len({ident for ident, *_ in threads}) == 3
    assert threading.get_ident() in {ident for ident, *_ in threads}


def test_short_grids_need_no_thread(monkeypatch):
    monkeypatch.setattr(workers, "_pool", None)
    assert logspace(0, 1, 1000, workers=4).size == 1000


@pytest.mark.skipif(workers.is_free(), reason="this interpreter has no lock")
@pytest.mark.skipif(ENGINE is None, reason="the engine is not installed, or switched off")
def test_numpy_alone_takes_one_thread(monkeypatch):
    monkeypatch.setattr(workers, "PIECE", 500)
    monkeypatch.setattr(workers, "_pool", None)
    with monkeypatch.context() as context:
        choose("numpy", context)
        assert logspace(0, 1, 5000, workers=4).size == 5000
    with pytest.raises(TypeError, match="not callable"):  # what stands in for the threads
        logspace(0, 1, 5000, workers=4)


@pytest.mark.parametrize("bad", [0, 1000])
def test_an_error_in_a_piece_is_raised(short_pieces, bad):
    done = []

    def make(first, last):
        if first == bad:
            raise ZeroDivisionError
        done.append(first)

    with pytest.raises(ZeroDivisionError):
        workers.in_pieces(3000, 3, make)
    assert sorted(done) == sorted({0, 1000, 2000} - {bad})


def test_negative_numbers_count_from_the_cores():
    assert workers.read_workers(None) == 1
    assert workers.read_workers(-1) == CORES
    assert workers.read_workers(-CORES) == 1
    assert workers.read_workers(np.int64(5)) == 5


@pytest.mark.parametrize("function", [logspace, geomspace, linspace])
def test_mistakes_are_named(function):
    with pytest.raises(TypeError, match=r"workers must be an integer or None, got float 2\.0"):
        function(1, 2, workers=2.0)
    with pytest.raises(TypeError, match="got str 'all'"):
        function(np.ones(3), 2, workers="all")
    with pytest.raises(ValueError, match=r"workers must be positive, or from -[0-9]+ to -1"):
        function(1, 2, workers=0)
    with pytest.raises(ValueError, match=f"got -{CORES + 1}"):
        function(1, 2, workers=-CORES - 1)
    with pytest.raises(TypeError, match="workers must be an integer"):
        linspace(np.datetime64("2024-01-01"), np.datetime64("2024-02-01"), 3, workers="all")


def test_dask_has_workers_of_its_own():
    da = pytest.importorskip("dask.array")
    with pytest.raises(ValueError, match=r"workers is for grids that this call makes.*dask"):
        logspace(0, 1, 10, xp=da, workers=2)
    assert_identical(logspace(0, 1, 10, xp=da, workers=1).compute(), logspace(0, 1, 10))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning", "ignore:.*fork:RuntimeWarning")
def test_a_forked_process_has_threads_of_its_own(short_pieces):
    want = logspace(0, 1, 5000, workers=3).tobytes()
    child = os.fork()
    if child == 0:
        os._exit(logspace(0, 1, 5000, workers=3).tobytes() != want)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
