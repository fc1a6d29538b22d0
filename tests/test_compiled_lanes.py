"""The compiled loops for lanes of the extra ``fast``: the same bits, and their bounds."""

from __future__ import annotations

import os

import gmpy2
import numpy as np
import pytest
from test_lane_kernels import KINDS, STYLES, TEN, check, ends

import xspace
from xspace.engine import compiled, numba_lane_sums, numba_lanes
from xspace.engine.lanes.fill import fill_lanes
from xspace.engine.words import DoubleWord
from xspace.exact.rounding import FORMATS

FLOATS = ["float64", "float32"]
#: Around the borders of the paths: single powers, tables of each width, a last row cut off.
NUMS = [0, 1, 2, 10, 23, 24, 31, 33, 129, 1000]


@pytest.fixture(autouse=True)
def _as_before():
    yield
    compiled.use(os.environ.get("XSPACE_NUMBA", ""))


def assert_same_bits(function, *args, **options):
    grids = []
    for mode in "01":
        compiled.use(mode)
        grids.append(getattr(xspace, function)(*args, **options))
    alone, fast = grids
    assert alone.dtype == fast.dtype
    assert alone.shape == fast.shape
    assert alone.tobytes() == fast.tobytes(), np.argwhere(alone != fast)[:5]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FLOATS)
def test_the_loops_are_in_use(kind, name):
    compiled.use("1")
    assert compiled.compiled_lanes(1, kind, name) is numba_lanes.fill_lanes
    compiled.use("0")
    assert compiled.compiled_lanes(1 << 30, kind, name) is None


def test_without_loops_for_lanes_there_is_numpy(monkeypatch):
    compiled.use("1")
    compiled._lane_loops.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(numba_lanes, "_compiled_fill", None)  # not to be called
        assert compiled.compiled_lanes(1, "logspace", "float64") is None
        assert xspace.logspace(np.zeros(3), 2.0, 3)[1].tolist() == [10.0] * 3
    compiled._lane_loops.cache_clear()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num", NUMS)
@pytest.mark.parametrize("name", FLOATS)
def test_random_lanes_have_the_same_bits(kind, num, name):
    """More lanes than a tile, the last one cut off; axis 0, and samples side by side."""
    rng = np.random.default_rng([KINDS.index(kind), num])
    for style in STYLES[:-1]:
        start, stop = (e.high for e in ends(kind, rng, 600 if num < 200 else 70, style))
        for options in ({}, {"axis": -1}, {"endpoint": False}):
            assert_same_bits(kind, start, stop, num, dtype=name, **options)


SPECIAL = [0.0, 1.0, -1.0, 5e-324, 2.2e-308, 1e-300, 1e-45, 3e38, 1.7e308, -1e308, 2.0**53, 1 / 3]


@pytest.mark.parametrize("num", [2, 7, 10, 50, 1000])
@pytest.mark.parametrize("name", FLOATS)
def test_special_lanes_have_the_same_bits(num, name):
    """Every pair of these: refused lanes, tested ones and exact ones in one tile."""
    a, b = (x.ravel() for x in np.meshgrid([*SPECIAL, -0.0, np.inf, np.nan], [*SPECIAL, -np.inf]))
    assert_same_bits("linspace", a, b, num, dtype=name)
    a, b = (x.ravel() for x in np.meshgrid(SPECIAL[1:], SPECIAL[1:]))
    some = (a < 0) == (b < 0)
    assert_same_bits("geomspace", a[some], b[some], num, dtype=name)
    x = [-400.0, -330.0, -310.0, -46.0, -0.0, 1e-300, 0.5, 22.0, 23.0, 38.0, 308.2, 400.0, 1e70]
    a, b = (x.ravel() for x in np.meshgrid(x, x))
    assert_same_bits("logspace", a, b, num, dtype=name)


@pytest.mark.parametrize("num", [2, 3, 10, 33])
@pytest.mark.parametrize("name", FLOATS)
def test_tiles_with_a_few_other_lanes_have_the_same_bits(num, name):
    """Tested, refused, crossing and zero lanes, alone in tiles of lanes that are all exact."""
    rng = np.random.default_rng(num)
    start, stop = rng.uniform(-5, 5, (2, 40_000))
    others = [1e-30, -0.0, np.nan, 1e-310, np.inf, 0.0, 2.0**-40]
    places = [700, 5000, 13_000, 22_000, 22_100, 30_001, 39_999]
    start[places] = others
    stop[[p - 300 for p in places]] = others
    near = slice(10_000, 10_100)
    start[near] = -rng.integers(1, 100, 100)  # sample 1 is next to zero, or zero
    stop[near] = start[near] * (2 - num) * (1 + rng.integers(-2, 3, 100) * 2.0**-52)
    assert_same_bits("linspace", start, stop, num, dtype=name)


@pytest.mark.parametrize("num", [5, 40])
def test_ends_of_other_kinds_have_the_same_bits(num):
    rng = np.random.default_rng(1)
    a, b = rng.uniform(-3, 3, (2, 4, 30))
    base = 2.0 ** rng.uniform(-3, 3, (4, 30))
    base[0, :3] = 1.0, 1 + 2.0**-52, 10.0
    assert_same_bits("logspace", a, b, num, base=base)
    assert_same_bits("logspace", a, 3.0, num, base=base, axis=1)
    assert_same_bits("logspace", a, b, num, base=0.3)
    large = rng.integers(-(2**62), 2**62, (2, 30))
    assert_same_bits("linspace", *large, num, dtype="float64")
    assert_same_bits("linspace", *large, num, dtype="float32")
    assert_same_bits("geomspace", *abs(large), num, dtype="float64")
    assert_same_bits("linspace", a.astype(np.longdouble) / 3, b, num, dtype="float64")
    assert_same_bits("logspace", a.astype(np.longdouble) / 3, b, num, dtype="float64")
    assert_same_bits("geomspace", -abs(a), -abs(b[0]), num)
    for array in (a, b):
        array.flags.writeable = False
    assert_same_bits("linspace", a, b[::-1], num)
    assert_same_bits("logspace", a[:, ::2], b[:, ::2], num)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FLOATS)
def test_elements_are_correctly_rounded(kind, style, name):
    compiled.use("1")
    rng = np.random.default_rng([KINDS.index(kind), STYLES.index(style), FLOATS.index(name)])
    for num in NUMS[1:]:
        start, stop = ends(kind, rng, 40, style)
        div = max(num - int(rng.integers(0, 2)), 1)
        share = check(kind, start, stop, TEN, num, div, name, sample=150, rng=rng)
        assert share < (0.1 if num < 100 else 0.002) or style == "near"


def test_more_doubtful_elements_than_places():
    """10**23 is a midpoint, and three quarters of ``1 + 2**-52``, but for what is too small."""
    compiled.use("1")
    for kind, a, b, row in (("logspace", 23.0, 23.0, 0), ("linspace", 2.0**-100, 1 + 2.0**-52, 3)):
        out = np.empty((5, 5000))
        start, stop = DoubleWord(np.full(5000, a)), DoubleWord(np.full(5000, b))
        made = fill_lanes(out, kind, start, stop, TEN, 4, FORMATS["float64"])
        want = range(5000 * row, 5000 * row + (25_000 if kind == "logspace" else 5000))
        assert sorted(made.doubtful.tolist()) == list(want)


def test_long_lanes_are_refused_as_they_are_without():
    compiled.use("1")
    for kind, num in (("linspace", 1 << 15), ("logspace", 1 << 17)):
        out = np.empty((num, 2))
        start, stop = DoubleWord(np.ones(2)), DoubleWord(np.ones(2))
        made = fill_lanes(out, kind, start, stop, TEN, num, FORMATS["float64"])
        assert made.refused.tolist() == [0, 1]


def test_nothing_is_fused():
    assert not numba_lane_sums._fused(1 + 2.0**-30, 1 - 2.0**-30, -1.0)


def test_entries_keep_their_bound():
    """The width of the test has room for 2.75 units of ``2**-78`` from each entry."""
    rng = np.random.default_rng(3)
    worst = 0
    with gmpy2.context(precision=300):
        for _ in range(4000):
            head = float(rng.integers(-960 << 40, 1020 << 40)) * 2.0**-40
            tail = rng.uniform(-1, 1) * 2.0**-26
            high, low, full = numba_lanes._entry(head, tail)
            want = gmpy2.exp2(gmpy2.mpfr(head) + gmpy2.mpfr(tail))
            error = (gmpy2.mpfr(high) + gmpy2.mpfr(low)) / want - 1
            worst = max(worst, abs(error))
            assert abs(gmpy2.mpfr(full) / want - 1) < 2.0**-51
            assert not int(np.float64(high).view(np.int64)) & ((1 << 27) - 1)  # 26 bits
    assert 2.0**-81 < worst < 2.75 * 2.0**-78


def test_logarithms_keep_their_bound():
    rng = np.random.default_rng(4)
    width = numba_lanes._WIDTH
    s = np.zeros(numba_lanes._SCRATCH)
    x = 2.0 ** rng.uniform(-899, 999, width)
    x[:200] = 1 + rng.choice([-1, 1], 200) * 2.0 ** rng.uniform(-52, -1, 200)
    x[200:203] = 0.0, np.inf, np.nan
    low = x * rng.uniform(-1, 1, width) * 2.0**-53
    s[:width], s[width : 2 * width] = x, low
    numba_lanes._take_logs(s, width)
    assert np.isnan(s[200:203]).all()
    with gmpy2.context(precision=300):
        for k in [*range(200), *range(203, width)]:
            want = gmpy2.log2(gmpy2.mpfr(x[k]) + gmpy2.mpfr(low[k]))
            got = gmpy2.mpfr(s[k]) + gmpy2.mpfr(s[width + k])
            assert abs(got - want) < 2.0**-81 + abs(want) * 2.0**-100


def test_the_sign_of_a_float32_zero_is_not_lost():
    """Elements that float32 calls zero, nearer to it than the test is wide."""
    scale = 2.0**-110
    a = np.array([-scale, scale, -scale, -3 * scale])
    b = np.array([scale * (1 - 2.0**-53), scale * (2.0**-53 - 1), scale, scale * (1 - 2.0**-53)])
    for mode in "01":
        compiled.use(mode)
        grid = xspace.linspace(a, b, 5, dtype=np.float32)
        wanted = [
            [np.float32((x * (4 - i) + y * i) / 4) for x, y in zip(a, b, strict=True)]
            for i in range(5)
        ]
        # The sum is rounded once before, to the right sign or to a zero that is one.
        assert np.signbit(grid).tolist() == np.signbit(wanted).tolist()
        assert grid[2, :3].tolist() == [0.0] * 3
