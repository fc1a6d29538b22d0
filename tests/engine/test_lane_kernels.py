"""Lanes: error bounds, and every element that is not handed back against MPFR."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import array_api_strict
import gmpy2
import numpy as np
import pytest

import xspace
from xspace.engine.lanes import exponents as lanes
from xspace.engine.lanes import products
from xspace.engine.lanes import tables as lane_tables
from xspace.engine.lanes.fill import fill_lanes
from xspace.engine.lanes.kernels import kernel_of
from xspace.engine.lanes.tables import Tables, host_tables, log2_words, powers
from xspace.engine.narrow import host_dtype
from xspace.engine.words import DoubleWord, add, multiply, split, two_product, two_sum
from xspace.exact.rounding import FORMATS

KINDS = ["linspace", "logspace", "geomspace"]
FLOATS = ["float64", "float32", "float16", "bfloat16"]
#: Around every border of the paths: look-ups, tables of each width, a last row cut off.
NUMS = [1, 2, 3, 10, 23, 24, 31, 32, 33, 127, 128, 513, 1000]
TEN = DoubleWord(10.0)

CONTEXTS = {
    "float64": gmpy2.ieee(64),
    "float32": gmpy2.ieee(32),
    "float16": gmpy2.ieee(16),
    # bfloat16 has the exponents of float32
    "bfloat16": gmpy2.context(precision=8, emax=128, emin=-132, subnormalize=True),
}


def number(end: DoubleWord, lane: int) -> gmpy2.mpq:
    high, low = (
        float(w[lane]) if isinstance(w, np.ndarray) else float(w) for w in (end.high, end.low)
    )
    return gmpy2.mpq(high) + gmpy2.mpq(low)


def exact(kind, start, stop, base, div, i, lane):
    """An element: a rational number, or a power to 250 bits."""
    a, b = number(start, lane), number(stop, lane)
    with gmpy2.context(precision=250):
        if kind == "linspace":
            return (a * (div - i) + b * i) / div
        if kind == "logspace":
            x = gmpy2.log2(gmpy2.mpfr(number(base, lane))) * ((a * (div - i) + b * i) / div)
            nearest = gmpy2.rint(x * 2**60) / 2**60  # powers that are rational come out exactly
            if abs(x - nearest) < gmpy2.mpfr(2) ** -190:
                return gmpy2.mpfr(number(base, lane)) ** ((a * (div - i) + b * i) / div)
            return gmpy2.exp2(x)
        return gmpy2.mpfr(a) * gmpy2.exp2(gmpy2.log2(gmpy2.mpfr(b / a)) * i / div)


def rounded(x, name):
    if "int" in name:
        with gmpy2.context(precision=250):
            return int(gmpy2.floor(gmpy2.mpfr(x)))
    with gmpy2.context(CONTEXTS[name]):
        return float(gmpy2.mpfr(x))


def values(out, name):
    """Elements as Python numbers."""
    if name == "float16":
        out = out.view(np.float16)
    if name == "bfloat16":
        out = (out.astype(np.uint32) << 16).view(np.float32)
    return out


def left_over(made, shape):
    left = np.zeros(shape, bool)
    left.ravel()[made.doubtful] = True
    left[:, made.refused] = True
    return left


def check(kind, start, stop, base, num, div, name, *, sample=400, rng=None):
    """Make lanes, compare those not handed back; the share that is handed back."""
    count = start.high.shape[0]
    out = np.empty((num, count), host_dtype(FORMATS[name]))
    made = fill_lanes(out, kind, start, stop, base, div, FORMATS[name])
    left = left_over(made, out.shape)
    rng = rng or np.random.default_rng(0)
    got = values(out, name)
    for place in rng.choice(out.size, min(out.size, sample), replace=False).tolist():
        i, lane = divmod(place, count)
        if not left[i, lane]:
            want = rounded(exact(kind, start, stop, base, div, i, lane), name)
            assert got[i, lane].item() == want, (kind, name, i, lane, num, div)
    return left.mean()


def ends(kind, rng, count, style):
    a, b = rng.uniform(-3, 3, count), rng.uniform(-3, 3, count)
    if style == "wide":
        a, b = a * 90, b * 90
    elif style == "whole":
        a, b = np.ceil(a * 4) + 20, np.ceil(b * 4) + 20
    elif style == "near":
        b = a * (1 + rng.uniform(-1, 1, count) * 2.0**-30)
    elif style == "tiny":
        a = a * 2.0 ** rng.uniform(-90, 0, count)
    if kind == "geomspace" and style != "whole":
        a, b = 10**a, 10**b
    a, b = a + 0.0, b + 0.0
    if style == "words":
        words = (x * 2.0**-54 * rng.uniform(-1, 1, count) for x in (a, b))
        return tuple(DoubleWord(*pair) for pair in zip((a, b), words, strict=True))
    return DoubleWord(a), DoubleWord(b)


STYLES = ["plain", "wide", "whole", "near", "tiny", "words"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FLOATS)
def test_elements_are_correctly_rounded(kind, style, name):
    rng = np.random.default_rng([KINDS.index(kind), STYLES.index(style), FLOATS.index(name)])
    for num in NUMS:
        start, stop = ends(kind, rng, 40, style)
        div = max(num - int(rng.integers(0, 2)), 1)
        share = check(kind, start, stop, TEN, num, div, name, sample=150, rng=rng)
        # 10**23 is a midpoint; numbers very near to the ends are very near to midpoints
        assert share < (0.1 if num < 100 else 0.002) or style == "near"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["int64", "uint8", "int32"])
def test_integers_are_integer_parts(kind, name):
    rng = np.random.default_rng(KINDS.index(kind))
    for num in NUMS:
        start, stop = (DoubleWord(abs(e.high) * 20) for e in ends("linspace", rng, 40, "plain"))
        if kind == "logspace":
            start, stop = (DoubleWord(e.high / 30) for e in (start, stop))
        if kind == "geomspace":
            start, stop = (DoubleWord(e.high + 1) for e in (start, stop))
        assert check(kind, start, stop, TEN, num, max(num - 1, 1), name, rng=rng) < 0.1


@pytest.mark.parametrize("base", [2.0, 0.5, 1.1, 1e300, 1e-270, 1 + 2.0**-40, 7.0])
def test_one_base_for_all(base):
    rng = np.random.default_rng(3)
    reach = 900 / abs(np.log2(base))
    for num in (5, 40, 300):
        start, stop = (DoubleWord(rng.uniform(-reach, reach, 50)) for _ in range(2))
        assert (
            check("logspace", start, stop, DoubleWord(base), num, num, "float64", rng=rng) < 0.001
        )


def test_a_base_for_each():
    rng = np.random.default_rng(4)
    far = 2.0 ** rng.uniform(-30, 30, 60)
    near = 1 + rng.choice([-1, 1], 60) * 2.0 ** rng.uniform(-40, -2, 60)
    for base in (far, near):
        reach = 900 / np.abs(np.log2(base))
        for num in (5, 40, 300):
            start, stop = (DoubleWord(rng.uniform(-1, 1, 60) * reach) for _ in range(2))
            share = check("logspace", start, stop, DoubleWord(base), num, num, "float64", rng=rng)
            assert share < 0.001


def test_ties_of_sums_are_settled_without_a_fallback():
    """Half of the elements of these are midpoints, or one in three of those that may be."""
    rng = np.random.default_rng(5)
    for div in (2, 3, 6, 9, 10, 1000, 1024, 999):
        unit = 2.0 ** rng.integers(-3, 3, 300)
        a = rng.integers(2**52, 2**53, 300) * unit
        b = rng.integers(2**52, 2**53, 300) * -1.0
        assert (
            check(
                "linspace", DoubleWord(a), DoubleWord(b), TEN, div + 1, div, "float64", sample=2000
            )
            < 2e-4
        )


def test_symmetric_lanes_are_symmetric_with_a_zero():
    a = np.random.default_rng(6).uniform(-5, 5, 500)
    out = np.empty((101, 500))
    made = fill_lanes(out, "linspace", DoubleWord(a), DoubleWord(-a), TEN, 100, FORMATS["float64"])
    assert made.doubtful.size == made.refused.size == 0
    assert np.array_equal(out, -out[::-1])
    assert not np.signbit(out[50]).any()


def test_powers_of_ten_pass_without_a_fallback():
    start, stop = DoubleWord(np.zeros(3)), DoubleWord(np.array([10.0, 20.0, 22.0]))
    out = np.empty((11, 3))
    made = fill_lanes(out, "logspace", start, stop, TEN, 10, FORMATS["float64"])
    assert made.doubtful.size == made.refused.size == 0
    assert out[:, 0].tolist() == [float(f"1e{k}") for k in range(11)]
    assert out[-1].tolist() == [1e10, 1e20, 1e22]


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_arithmetic_does_not_hold_for_is_refused(kind):
    bad = [np.inf, -np.inf, np.nan, 1e308]
    bad += [-0.0] if kind == "linspace" else [1e5]
    if kind == "geomspace":
        bad = [np.inf, -1.0, 0.0, np.nan, 5e-324]
    for num in (3, 100):
        for swap in (False, True):
            start, stop = np.array([*bad, 1.0]), np.ones(len(bad) + 1)
            if swap:
                start, stop = stop, start
            out = np.empty((num, start.size))
            made = fill_lanes(
                out, kind, DoubleWord(start), DoubleWord(stop), TEN, num, FORMATS["float64"]
            )
            assert made.refused.tolist() == list(range(len(bad)))
            assert (out[:, -1] == (10 if kind == "logspace" else 1)).all()


def test_bases_that_have_no_powers_are_refused():
    base = np.array([-2.0, 0.0, np.inf, np.nan, 2.0])
    out = np.empty((3, 5))
    made = fill_lanes(
        out,
        "logspace",
        DoubleWord(np.zeros(5)),
        DoubleWord(np.ones(5)),
        DoubleWord(base),
        2,
        FORMATS["float64"],
    )
    assert made.refused.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num", [10, 200])
def test_the_layout_of_memory_changes_nothing(kind, num):
    start, stop = ends(kind, np.random.default_rng(7), 3000, "plain")
    out, turned = np.empty((num, 3000)), np.empty((3000, num))
    fmt = FORMATS["float64"]
    made = fill_lanes(out, kind, start, stop, TEN, num, fmt)
    other = fill_lanes(turned.T, kind, start, stop, TEN, num, fmt)
    left = left_over(made, out.shape)
    assert np.array_equal(left, left_over(other, out.shape))
    assert np.array_equal(out[~left], turned.T[~left])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num", [5, 40])
def test_many_lanes_are_the_lanes_one_by_one(kind, num):
    """Several blocks of lanes, the last one cut off, and rows that are blocks of their own."""
    count, fmt = 40_000, FORMATS["float64"]
    start, stop = ends(kind, np.random.default_rng(15), count, "plain")
    assert check(kind, start, stop, TEN, num, num, "float64", sample=1500) < 0.001
    out = np.empty((num, count))
    left = left_over(fill_lanes(out, kind, start, stop, TEN, num, fmt), out.shape)
    for first in range(0, count, 3700):
        part = slice(first, first + 30)
        few = np.empty((num, len(range(count)[part])))
        some = DoubleWord(start.high[part]), DoubleWord(stop.high[part])
        both = left[:, part] | left_over(fill_lanes(few, kind, *some, TEN, num, fmt), few.shape)
        assert np.array_equal(few[~both], out[:, part][~both])


@pytest.mark.parametrize("name", ["float64", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_any_namespace_makes_the_same(kind, name):
    xp, fmt = array_api_strict, FORMATS[name]
    tables = Tables(*(xp.asarray(table) for table in host_tables()))
    rng = np.random.default_rng(8)
    for num, style in [(1, "plain"), (9, "whole"), (25, "tiny"), (100, "words"), (600, "near")]:
        start, stop = ends(kind, rng, 30, style)
        base = DoubleWord(rng.uniform(0.5, 20, 30)) if num == 100 else TEN
        out = np.empty((num, 30), host_dtype(fmt))
        made = fill_lanes(out, kind, start, stop, base, num, fmt)
        arrays = [
            DoubleWord(*(xp.asarray(w) if isinstance(w, np.ndarray) else w for w in end))
            for end in (start, stop, base)
        ]
        narrow = fmt.precision < 53
        kernel = kernel_of(xp, tables, kind, *arrays, num, num, narrow=narrow)
        bounds = kernel.block(range(num))
        up, down = (np.asarray(x, dtype=out.dtype) for x in (bounds.up, bounds.down))
        open_ = (up != down) | np.asarray(kernel.refused)
        if bounds.unsure is not None:
            open_ |= np.asarray(bounds.unsure)
        left = left_over(made, out.shape)
        assert np.array_equal(open_, left)
        assert np.array_equal(up[~left], out[~left])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("num", [9, 600])
def test_blocks_of_samples_are_the_samples_of_all(kind, num):
    start, stop = ends(kind, np.random.default_rng(16), 30, "plain")
    kernel = kernel_of(np, host_tables(), kind, start, stop, TEN, num, num - 1, narrow=False)
    whole, height = kernel.block(range(num)), lanes.lane_columns(num)
    for first in range(0, num, height):
        samples = range(first, min(first + height, num))
        part = kernel.block(samples)
        assert np.array_equal(part.up, whole.up[first : samples.stop])
        assert np.array_equal(part.down, whole.down[first : samples.stop])


def test_lanes_of_any_shape():
    xp = array_api_strict
    tables = Tables(*(xp.asarray(table) for table in host_tables()))
    start, stop = np.random.default_rng(9).uniform(1, 3, (2, 3, 4))
    for kind in KINDS:
        for num in (5, 50):
            some = DoubleWord(xp.asarray(start)), DoubleWord(xp.asarray(stop)), TEN
            kernel = kernel_of(xp, tables, kind, *some, num, num, narrow=False)
            assert kernel.block(range(num)).up.shape == (num, 3, 4)
            assert kernel.refused.shape == (3, 4)


def test_error_free_transforms():
    rng = np.random.default_rng(10)
    a, b = rng.standard_normal((2, 500)) * 2.0 ** rng.integers(-40, 40, (2, 500))
    for pair, want in (
        (two_sum(a, b), lambda x, y: x + y),
        (two_product(a, b), lambda x, y: x * y),
        (split(a), lambda x, _: x),
    ):
        for high, low, x, y in zip(*pair, a, b, strict=True):
            assert Fraction(high) + Fraction(low) == want(Fraction(x), Fraction(y))
    tails = rng.uniform(-1, 1, (2, 500)) * 2.0**-54
    x, y = DoubleWord(a, a * tails[0]), DoubleWord(b, b * tails[1])
    for got, operation in ((add(x, y), "+"), (multiply(x, y), "*")):
        for k in range(500):
            p, q = (Fraction(w.high[k]) + Fraction(w.low[k]) for w in (x, y))
            want = p + q if operation == "+" else p * q
            error = abs(Fraction(got.high[k]) + Fraction(got.low[k]) - want)
            assert error * 2**102 < (abs(p) + abs(q) if operation == "+" else abs(want))


def test_powers_of_two_keep_their_bound():
    rng = np.random.default_rng(11)
    head = np.round(rng.uniform(-(2.0**25), 2.0**25, 3000) * 2.0**24) * 2.0**-24
    tail = rng.uniform(-(2.0**-10), 2.0**-10, 3000)
    power = powers(np, host_tables(), head, tail)
    with gmpy2.context(precision=300):
        for k in range(3000):
            x = (gmpy2.mpfr(float(head[k])) + float(tail[k])) / 65536
            error = (gmpy2.mpfr(float(power.head[k])) + float(power.tail[k])) / gmpy2.exp2(x) - 1
            assert abs(error) < 2.0**-77
            assert abs(power.full[k] / gmpy2.exp2(x) - 1) < 2.0**-51.8
    assert (power.head.view(np.int64) & ((1 << 27) - 1) == 0).all()


@pytest.mark.parametrize("reach", [0.01, 1.0, 900.0])
def test_logarithms_keep_their_bound(reach):
    rng = np.random.default_rng(12)
    x = 2.0 ** rng.uniform(-reach, reach, 1500)
    x = DoubleWord(x, x * rng.uniform(-1, 1, 1500) * 2.0**-54 * (reach > 0.01))
    log = log2_words(np, host_tables(), x, relative=True)
    short = log2_words(np, host_tables(), x, relative=False)
    with gmpy2.context(precision=300):
        for k in range(1500):
            want = gmpy2.log2(gmpy2.mpfr(float(x.high[k])) + float(x.low[k]))
            got = gmpy2.mpfr(float(log.high[k])) + float(log.low[k])
            assert abs(got / want - 1) < 2.0**-84
            got = gmpy2.mpfr(float(short.high[k])) + float(short.low[k])
            assert abs(got - want) < 2.0**-82


def test_exponents_are_taken_apart_without_the_library_function():
    class Without:
        where, ones_like, zeros_like = np.where, np.ones_like, np.zeros_like

    x = 2.0 ** np.random.default_rng(13).uniform(-1000, 1000, 2000)
    with np.errstate(over="ignore"):
        mantissa, exponent = lane_tables.frexp(Without, x)
    assert np.array_equal(mantissa, np.frexp(x)[0])
    assert np.array_equal(exponent, np.frexp(x)[1])


@pytest.mark.parametrize("num", [20, 500])
def test_with_half_of_the_width_nothing_goes_wrong(monkeypatch, num):
    """The bounds that are tested have room."""
    monkeypatch.setattr(products, "DELTA", lanes.DELTA / 2)
    rng = np.random.default_rng(14)
    start, stop = (DoubleWord(rng.uniform(-280, 280, 300)) for _ in range(2))
    check("logspace", start, stop, TEN, num, num, "float64", sample=4000, rng=rng)


@pytest.mark.parametrize("num", [3, 4, 7, 12])
@pytest.mark.parametrize("bits", [40, 44, 48])
def test_the_element_next_to_zero_is_not_lost(num, bits):
    """Ends of few bits that cancel: what is left has more bits than a lane counts in units."""
    div = num - 1
    for i in range(1, div):
        hair = 2.0**-bits
        stop = np.array([div - i + hair, div - i - hair])
        lanes = xspace.linspace(np.array([-float(i), -float(i)]), stop, num)
        for lane, end in zip(lanes.T, stop, strict=True):
            want = float((Fraction(-i) * (div - i) + Fraction(end) * i) / div)
            assert lane[i] == want


@pytest.mark.parametrize("div", [2, 3, 5, 7, 10, 50])
def test_elements_of_exact_lanes_next_to_midpoints(div):
    """Starts that solve a congruence: an element is ``1 / (div * 2**k)`` from a midpoint."""
    rng = random.Random(div)
    places = [i for i in range(1, div) if math.gcd(div - i, 2 * div) == 1]
    ends = []
    for k in range(4, 50):
        modulus = div << k
        for _ in range(20):
            i, stop = rng.choice(places), rng.randrange(1 << 52, 1 << 53)
            wanted = modulus // 2 + rng.choice((-1, 1)) - (stop * i << k)
            start = wanted * pow(div - i, -1, modulus) % modulus
            start += modulus * rng.randrange(max((1 << 53) // modulus, 1))
            if start < 1 << 53:
                ends.append((start / 2**k, float(stop)))
    lanes = xspace.linspace(*np.array(ends).T, div + 1).T
    for (start, stop), lane in zip(ends, lanes, strict=True):
        first, last = Fraction(start), Fraction(stop)
        assert lane.tolist() == [
            float((first * (div - j) + last * j) / div) for j in range(div + 1)
        ]
