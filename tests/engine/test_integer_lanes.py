"""Grids between arrays of ends in integers: against the scalar functions, and against MPFR."""

from __future__ import annotations

import math
from fractions import Fraction

import array_api_compat.torch as torch
import array_api_strict as strict
import gmpy2
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from covering import covering

import xspace
from xspace.deferred.jax_words import _JaxWords as JaxWords
from xspace.engine.integers.ends import read_float, read_integer, read_number
from xspace.engine.integers.lanes import geomspace_bits, linspace_bits, logspace_bits
from xspace.engine.integers.limbs import Words, carry, constant, multiply, normalise, shift_right
from xspace.engine.integers.outer import Places
from xspace.engine.integers.powers import exp2, log2
from xspace.exact.rounding import FORMATS, IntFormat
from xspace.libraries.scalars import read_scalar as read_argument

FUNCTIONS = {"linspace": linspace_bits, "logspace": logspace_bits, "geomspace": geomspace_bits}
NAN, INF = math.nan, math.inf


def bits_of(x, width):
    """The bits of floats, or integers themselves, as integers that words of this width take."""
    narrow = x.view(f"int{x.dtype.itemsize * 8}")
    return narrow.astype(f"int{width}")


def read(words, x, bits=None):
    if not isinstance(x, np.ndarray):
        return read_number(words, read_argument("x", x))
    bits = words.xp.asarray(bits_of(x, words.width)) if bits is None else bits
    if x.dtype.kind == "f":
        return read_float(words, bits, FORMATS[x.dtype.name])
    return read_integer(words, bits, signed=x.dtype.kind == "i")


def grids(name, args, num, *, endpoint=True, dtype="float64", xp=np, width=64, jit=False):
    """One row for every lane."""
    words = JaxWords() if jit else Words(xp, width)
    places = places_of(words, num, max(num - 1 if endpoint else num, 1))

    def run(*bits):
        bits = iter(bits)
        ends = [read(words, a, next(bits) if isinstance(a, np.ndarray) else None) for a in args]
        return FUNCTIONS[name](words, *ends, places, FORMATS[dtype])

    arrays = [words.xp.asarray(bits_of(a, width)) for a in args if isinstance(a, np.ndarray)]
    out = np.asarray((jax.jit(run) if jit else run)(*arrays))
    size = np.dtype(dtype).itemsize * 8
    out = np.ascontiguousarray(out.reshape(-1, out.shape[-1])[:num].T)
    return out.astype(f"int{size}").view(dtype)


def places_of(words, num, div):
    """In rows as long as there are of them, or one longer, with an axis for the lanes."""
    length = math.isqrt(num - 1) + 1
    rows, columns = (np.arange(k, dtype=f"int{words.width}") for k in (-(-num // length), length))
    rows, columns = rows[:, None, None] * length, columns[None, :, None]
    return Places(words.xp.asarray(rows), words.xp.asarray(columns), div)


def scalar_grid(name, args, num, endpoint, dtype):
    base = {"base": args[2]} if name == "logspace" else {}
    function = getattr(xspace, name)
    return function(*args[:2], num, endpoint=endpoint, dtype=dtype, **base)


def assert_same(found, expected, what=""):
    if expected.dtype.kind == "f":  # the sign of inf - inf is the processor's
        expected = np.where(np.isnan(expected), np.array(NAN, expected.dtype), expected)
    view = f"int{expected.dtype.itemsize * 8}"
    wrong = np.flatnonzero(np.ascontiguousarray(found).view(view) != expected.view(view))
    assert not len(wrong), (what, wrong[:3], found[wrong[:3]], expected[wrong[:3]])


def check(name, args, num, *, endpoint=True, dtype="float64", **how):
    """Every lane against the scalar function; how many elements were compared."""
    lanes = max(len(a) for a in args if isinstance(a, np.ndarray))
    found = grids(name, args, num, endpoint=endpoint, dtype=dtype, **how)
    compared = 0
    for k in range(lanes):
        lane = [a[k] if isinstance(a, np.ndarray) else a for a in args]
        try:
            expected = scalar_grid(name, lane, num, endpoint, dtype)
        except (OverflowError, ValueError):
            continue
        assert_same(found[k], expected, (name, lane, num, endpoint))
        compared += num
    return compared


def anything(rng, count, dtype):
    """Any finite numbers of a format, half of them of moderate size."""
    limits = np.iinfo(f"int{np.dtype(dtype).itemsize * 8}")
    x = rng.integers(limits.min, limits.max, count).astype(limits.dtype).view(dtype)
    x[~(abs(x) < np.finfo(dtype).max / 2)] = 1.5
    x[::2] = (rng.uniform(-1, 1, count) * 10.0 ** rng.integers(-3, 3, count)).astype(dtype)[::2]
    return x


#: namespace, bits of a word, whether compiled, the widest float
WORDS = [
    pytest.param((np, 64, False, "float64"), id="numpy-64"),
    pytest.param((np, 32, False, "float32"), id="numpy-32"),
    pytest.param((jnp, 64, True, "float64"), id="jax-64"),
    pytest.param((jnp, 32, True, "float32"), id="jax-32"),
    pytest.param((torch, 64, False, "float64"), id="torch-64"),
    pytest.param((strict, 64, False, "float64"), id="strict-64"),
    pytest.param((strict, 32, False, "float32"), id="strict-32"),
]


@pytest.fixture(params=WORDS)
def how(request):
    xp, width, jit, widest = request.param
    with jax.enable_x64(width == 64):
        yield {"xp": xp, "width": width, "jit": jit}, widest


def test_every_namespace(how):
    how, dtype = how
    rng = np.random.default_rng(5)
    for _ in range(1 if how["jit"] else 3):
        a, b = anything(rng, 60, dtype), anything(rng, 60, dtype)
        base = abs(anything(rng, 60, dtype))
        assert check("linspace", [a, b], 31, dtype=dtype, **how) == 60 * 31
        assert check("geomspace", [abs(a) + 1, abs(b) + 1], 31, dtype=dtype, **how) == 60 * 31
        if not how["jit"]:
            assert check("logspace", [a, b, 10], 31, dtype=dtype, **how) == 60 * 31
        assert check("logspace", [a, b, base], 31, dtype=dtype, **how) == 60 * 31


@pytest.mark.parametrize("width", [64, 32])
@pytest.mark.parametrize("num", [1, 2, 7, 120])
@pytest.mark.parametrize("endpoint", [True, False])
def test_formats(width, num, endpoint):
    rng = np.random.default_rng(num)
    outputs = ["float16", "float32", "int8", "uint8", "int16", "int32", "uint32"]
    outputs += ["float64", "int64", "uint64"] if width == 64 else []
    inputs = ["float16", "float32", "float64"] if width == 64 else ["float16", "float32"]
    how = {"num": num, "endpoint": endpoint, "width": width}
    compared = 0
    for dtype in outputs:
        for source in inputs:
            a, b, base = (anything(rng, 24, source) for _ in range(3))
            base = abs(base)
            if dtype[0] in "iu":  # within the range, most of them
                a, b, base = (np.clip(x, -20, 20).astype(source) for x in (a, b, base))
            compared += check("linspace", [a, b], dtype=dtype, **how)
            compared += check("logspace", [a, b, base], dtype=dtype, **how)
            compared += check("logspace", [a / 8, b / 8, 10], dtype=dtype, **how)
            same = np.copysign(b, a)
            same, a = (np.where(x == 0, np.ones(1, source), x) for x in (same, a))
            if dtype[0] == "u":
                same, a = abs(same), abs(a)
            compared += check("geomspace", [a, same], dtype=dtype, **how)
    assert compared > 24 * num * len(outputs) * len(inputs)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, -2.0, -3.0, 0.5, -0.5, 3.5, INF, -INF, NAN]


@pytest.mark.parametrize(
    ("dtype", "num", "endpoint"),
    covering(["float64", "float32", "float16"], [1, 2, 3, 5], [True, False]),
)
def test_special_values(dtype, num, endpoint):
    pairs = np.array([(a, b) for a in SPECIAL for b in SPECIAL], dtype)
    a, b = pairs.T.copy()
    for width in (64,) if dtype == "float64" else (64, 32):
        how = {"num": num, "endpoint": endpoint, "dtype": dtype, "width": width}
        assert check("linspace", [a, b], **how) == num * len(pairs)
        assert check("geomspace", [a, b], **how)
        zeros = grids("geomspace", [a, b], **how)[(a == 0) | (b == 0)]
        assert np.isnan(zeros).all()
        for k, base in enumerate([*SPECIAL, 1.0000001], num):  # as an array and as a number in turn
            bases = np.full(len(pairs), base, dtype)
            given = bases if k % 2 else float(bases[0])
            assert check("logspace", [a, b, given], **how) == num * len(pairs)


def test_negative_bases_at_integers():
    rng = np.random.default_rng(3)
    a, b = (rng.integers(-40, 40, 200) * 2.0 ** rng.integers(-3, 3, 200) for _ in range(2))
    base = -rng.choice([1.0, 2.0, 3.0, 0.5, 1.25, 1e-3], 200)
    for num in (2, 5, 9, 13, 48):
        assert check("logspace", [a, b, base], num) == 200 * num
    far = np.array([2.0**60 + 2.0**9, 2.0**63, 3e15 + 1, 2.0**53 - 1])
    for num in (1, 3, 4, 9):
        assert check("logspace", [far, far[::-1].copy(), np.full(4, -1.0)], num) == 4 * num


@pytest.mark.parametrize("width", [64, 32])
def test_exact_and_middle_values_of_powers(width):
    dtype = "float64" if width == 64 else "float32"
    a = np.zeros(1, dtype)
    how = {"dtype": dtype, "width": width}
    for base in (2, 3, 5, 7, 10, 8, 0.5, Fraction(1, 10), Fraction(3, 2)):
        assert check("logspace", [a, a + 45, base], 46, **how)  # 10**23, 3**34, ...
        assert check("logspace", [a - 45, a, base], 46, **how)
    for k in (2, 3, 4, 5, 6):
        assert check("logspace", [a, a + 1, np.full(1, 7.0**k, dtype)], k + 1, **how)
        assert check("geomspace", [a + 1, a + 5.0**k], k + 1, **how)
    integers = {"dtype": "int32", "width": width}
    assert check("geomspace", [a + 1, a + 2**20], 21, **integers) == 21
    assert check("logspace", [a, a + 9, 10], 10, **integers) == 10
    below = np.nextafter(a, a - 1)
    assert check("logspace", [below, below, 10], 2, **integers) == 2  # below 1, however near


@pytest.mark.parametrize("width", [64, 32])
def test_near_one_and_the_ends_of_the_range(width):
    dtype = "float64" if width == 64 else "float32"
    rng = np.random.default_rng(8)
    info = np.finfo(dtype)
    tiny = np.ldexp(rng.uniform(-1, 1, 200), rng.integers(-70, -10, 200)).astype(dtype)
    assert check("logspace", [tiny, -tiny[::-1], 10], 7, dtype=dtype, width=width)
    # Bases next to 1 with exponents that make up for it.
    base = (1 + rng.integers(-3, 4, 200) * info.eps / 2).astype(dtype)
    huge = (rng.uniform(-1, 1, 200) * 700 / info.eps).astype(dtype)
    assert check("logspace", [huge, huge[::-1].copy(), base], 7, dtype=dtype, width=width)
    for edge in (info.maxexp, info.minexp, info.minexp - info.nmant):
        x = (edge + rng.uniform(-3, 3, 200)).astype(dtype)
        assert check("logspace", [x, x[::-1].copy(), 2], 7, dtype=dtype, width=width)
    small = rng.integers(1, 1000, 200).astype(f"int{width}").view(dtype)
    assert check("geomspace", [small, small[::-1].copy()], 7, dtype=dtype, width=width)
    assert check("linspace", [small, -small[::-1]], 7, dtype=dtype, width=width)


@pytest.mark.parametrize("width", [64, 32])
@pytest.mark.parametrize("num", [2, 3, 4, 50, 101, 500])
def test_steps_that_leave_the_range(num, width):
    rng = np.random.default_rng(num)
    dtype = "float64" if width == 64 else "float32"
    sizes = (10.0 ** rng.uniform(2, 37, (2, 60))).astype(dtype)
    a, b = sizes * rng.choice([1, -1], (2, 60)).astype(dtype)
    b[:20] = -a[:20]  # with zero, or on both sides of it
    b[20:30] = np.nextafter(a[20:30], 0)
    for base in (10, np.full(60, 1 - 2.0**-20, dtype), rng.uniform(0, 3, 60).astype(dtype)):
        assert check("logspace", [a, b, base], num, dtype=dtype, width=width) == 60 * num


@pytest.mark.parametrize(("num", "lanes"), [(3, 40), (200, 20), (8193, 4)])
def test_linspace_cancels_exactly(num, lanes):
    rng = np.random.default_rng(num)
    a = anything(rng, lanes, "float64")
    near = np.nextafter(a, 0)
    far = np.ldexp(a, rng.integers(-200, 0, lanes))
    for stop in (-a, -near, near, -far, far):
        assert check("linspace", [a, stop], num) == lanes * num


def test_mapped_and_scanned():
    x = np.linspace(-3, 7, 12)

    def lane(bits):
        ends = read_float(words, bits, FORMATS["float64"]), read(words, 0.1)
        places = Places(jnp.arange(9)[:, None], jnp.zeros((1, 1), int), 8)
        return linspace_bits(words, *ends, places, FORMATS["float64"])[:, 0]

    with jax.enable_x64(True):
        words = JaxWords()
        mapped = jax.vmap(lane)(x.view("int64"))
        _, scanned = jax.lax.scan(lambda c, bits: (c, lane(bits)), 0, x.view("int64"))
    for k in range(12):
        for found in (mapped, scanned):
            assert_same(np.asarray(found)[k].view("float64"), xspace.linspace(x[k], 0.1, 9))


def test_linspace_between_floats_and_middles_of_a_shorter_format():
    rng = np.random.default_rng(2)
    a = rng.uniform(1, 2, 100).astype("float32").astype("float64")
    middle = a + np.spacing(a.astype("float32")) / 2
    for b in (middle, np.nextafter(middle, 0), np.nextafter(middle, 4)):
        for dtype in ("float32", "float16"):
            assert check("linspace", [a, b], 5, dtype=dtype) == 500
            assert check("geomspace", [a, b], 5, dtype=dtype) == 500


@pytest.mark.parametrize("div", [3, 7, 11, 75])
def test_middles_that_are_sums_of_quotients(div):
    first = np.float64(2**24)  # whole numbers from here on are even in float32, or middles
    a = first + 2.0 * np.arange(20)
    for stop in (a + div, a - div, -a - div):
        found = grids("linspace", [np.copysign(a, stop), stop], div + 1, dtype="float32")
        steps = np.arange(div + 1) * ((stop - np.copysign(a, stop)) / div)[:, None]
        exact = np.copysign(a, stop)[:, None] + steps  # nothing is rounded here
        assert_same(found, exact.astype("float32"))


def test_integer_ends():
    rng = np.random.default_rng(4)
    for source in ("int64", "uint64", "int32"):
        limits = np.iinfo(source)
        a, b = rng.integers(limits.min, limits.max, (2, 50), source, endpoint=True)
        a[:2], b[:2] = (limits.min, limits.max), (limits.max, limits.max)
        for dtype in ("float64", "float32", source):
            assert check("linspace", [a, b], 9, dtype=dtype) == 450
        assert check("logspace", [a % 300, b % 300, 10], 9) == 450
        same = [abs(x // 2) + 1 for x in (a, b)]
        assert check("geomspace", same, 9, dtype=source) == 450


def test_scalar_ends():
    rng = np.random.default_rng(6)
    a = anything(rng, 50, "float64")
    for other in (0, -7, 0.1, Fraction(1, 3), Fraction(-7, 10), 10**30, Fraction(1, 10**400), INF):
        for num in (2, 5, 100):
            assert check("linspace", [a, other], num)
            assert check("linspace", [other, a], num, dtype="float32")
            assert check("logspace", [other, a, 10], num)
            if other > 0:
                assert check("geomspace", [abs(a) + 1, other], num)
                assert check("logspace", [a / 100, a, other], num)
    one = np.array([-1.0])
    assert check("linspace", [one, Fraction(1, 3)], 5) == 5  # zero at element 3
    assert check("linspace", [one, Fraction(1, 3)], 5, dtype="int64") == 5


def test_a_divisor_that_is_an_array_and_large_indices():
    rng = np.random.default_rng(7)
    for width, dtype in ((64, "float64"), (32, "float32")):
        words = Words(np, width)
        a, b = anything(rng, 30, dtype), anything(rng, 30, dtype)
        div = np.asarray(rng.integers(1, 2**31 - 1, 40)).astype(words.dtype)
        div[:4] = 1, 2, 2**30, 2**31 - 1
        index = (div * rng.uniform(0, 1, 40)).astype(words.dtype)
        args = [abs(a) + dtype_one(dtype), abs(b) + dtype_one(dtype)]
        for name, ends in (("linspace", [a, b]), ("logspace", [a, b, 10]), ("geomspace", args)):
            ends = [read(words, x) for x in ends]
            fmt = FORMATS[dtype]
            found = []
            for k in range(40):
                places = np.reshape(index[k], (1, 1, 1)), np.zeros((1, 1, 1), words.dtype)
                array = FUNCTIONS[name](words, *ends, Places(*places, div[k : k + 1]), fmt)
                alone = FUNCTIONS[name](words, *ends, Places(*places, int(div[k])), fmt)
                assert (array == alone).all()
                found.append(array[0, 0])
        elements = np.array(found).T.astype(f"int{width}").view(dtype)
        for k in range(40):
            for row in range(30):
                x, y = (gmpy2.mpq(float(e[row])) for e in args)
                value = rounded(power(x, y / x, gmpy2.mpq(int(index[k]), int(div[k]))), dtype)
                assert elements[row, k] == value


def dtype_one(dtype):
    return np.ones((), dtype)


def power(scale, base, exponent):
    with gmpy2.context(gmpy2.get_context(), precision=400):
        return scale * gmpy2.exp2(gmpy2.log2(base) * exponent)


def rounded(x, dtype):
    """An MPFR number rounded to a format, with gradual underflow."""
    with gmpy2.context(gmpy2.ieee(np.dtype(dtype).itemsize * 8)):
        return float(gmpy2.mpfr(x))


@pytest.mark.parametrize(("width", "dtype"), [(64, "float64"), (64, "float32"), (32, "float32")])
def test_against_mpfr(width, dtype):
    rng = np.random.default_rng(11)
    reach = 300 if dtype == "float64" else 37
    a, b = rng.uniform(-reach, reach, (2, 40)).astype(dtype)
    base = rng.uniform(0.1, 12, 40).astype(dtype)
    num = 26
    logs = grids("logspace", [a, b, base], num, dtype=dtype, width=width)
    with np.errstate(over="ignore"):
        x, y = (np.abs(10.0 ** v.astype("float64")).astype(dtype) for v in (a, b))
    powers = grids("geomspace", [x, y], num, dtype=dtype, width=width)
    sums = grids("linspace", [x, -y], num, dtype=dtype, width=width)
    with gmpy2.context(gmpy2.get_context(), precision=400):
        for k in range(40):
            p, q, r = (gmpy2.mpfr(float(v[k])) for v in (a, b, base))
            s, t = (gmpy2.mpfr(float(v[k])) for v in (x, y))
            for i in range(num):
                at = gmpy2.mpfr(i) / 25
                assert logs[k, i] == rounded(power(1, r, p + (q - p) * at), dtype)
                assert powers[k, i] == rounded(power(s, t / s, at), dtype)
                assert sums[k, i] == rounded((s * (25 - i) - t * i) / 25, dtype)


def value_of(words, limbs, k=None):
    """Limbs as one integer in units of the last."""
    total = 0
    for x in limbs:
        total = (total << words.w) + int(x if k is None or isinstance(x, int) else x[k])
    return total


@pytest.fixture(params=[64, 32])
def words(request):
    return Words(np, request.param)


def test_limbs_are_exact(words):
    rng = np.random.default_rng(1)
    n, w = 4, words.w
    numbers = [[words.array(rng.integers(0, 1 << w, 50)) for _ in range(n + 1)] for _ in range(2)]
    a, b = numbers
    product = multiply(words, 2 * n, (a, b))
    short = multiply(words, n, (a, b))
    bits = words.array(rng.integers(0, 6 * w, 50))
    shifted = shift_right(words, a, bits)
    signed = carry(words, [-x for x in a])
    small = [a[0] % 2, *[part + 0 for part in a[1:]]]
    for part in small[: n - 1]:
        part[:25] = 0
    shape, expo = normalise(words, small)
    for k in range(50):
        x, y = value_of(words, a, k), value_of(words, b, k)
        assert value_of(words, product, k) == x * y
        assert 0 <= x * y - (value_of(words, short, k) << (n * w)) < (n + 1) << (n * w)
        assert value_of(words, shifted, k) == x >> int(bits[k])
        assert value_of(words, signed, k) == -x
        assert all(0 <= limb[k] < 1 << w for limb in signed[1:])
        z = value_of(words, small, k)
        assert shape[0][k] == 1
        assert Fraction(value_of(words, shape, k), 1 << w) * Fraction(2) ** int(expo[k]) == z
    assert value_of(words, constant(words, -12345, n)) == -12345


def test_error_of_powers(words):
    rng = np.random.default_rng(1)
    worst = 0
    for n in (3, 4, 7):
        fraction = [0, *[words.array(rng.integers(0, 1 << words.w, 300)) for _ in range(n)]]
        for limb in fraction[1:]:
            limb[0], limb[1] = 0, words.mask
        _, *found = exp2(words, fraction)
        with gmpy2.context(gmpy2.get_context(), precision=400):
            unit = gmpy2.mpfr(2) ** (n * words.w)
            for k in range(300):
                exact = gmpy2.exp2(value_of(words, fraction, k) / unit) * unit
                error = exact - value_of(words, found, k)
                assert 0 <= error < 3 * n * n
                worst = max(worst, error / n)
    assert worst > 1


def test_error_of_logarithms(words):
    rng = np.random.default_rng(1)
    dtype = f"float{words.width}"
    bits = rng.integers(1, np.array(INF, dtype).view(f"int{words.width}"), 300)
    x = np.concatenate([bits.astype(f"int{words.width}").view(dtype), rng.uniform(1, 2, 300)])
    near = 1 + np.ldexp(rng.uniform(-1, 1, 300), rng.integers(-52, 0, 300))
    x = np.concatenate([x, near]).astype(dtype)
    x = x[x > 0]
    for n in (5, 7, 11):
        found = log2(words, read(words, x), n)
        assert all(((limb >= 0) & (limb <= words.mask)).all() for limb in found[1:])
        with gmpy2.context(gmpy2.get_context(), precision=500):
            for k in range(len(x)):
                exact = gmpy2.log2(gmpy2.mpfr(float(x[k]))) * gmpy2.mpfr(2) ** (n * words.w)
                assert abs(exact - value_of(words, found, k)) < 64


def test_out_of_range_integers_saturate():
    a = np.array([-1e30, 1e30, -5.0, INF, -INF, NAN])
    for dtype in ("int8", "uint8", "int64", "uint64", "int32"):
        fmt = FORMATS[dtype]
        assert isinstance(fmt, IntFormat)
        expected = [fmt.low, fmt.high, max(-5, fmt.low), fmt.high, fmt.low, 0]
        for name in ("linspace", "geomspace"):
            assert grids(name, [a, a], 1, dtype=dtype)[:, 0].tolist() == expected
    # Just beyond a range, where one more bit would do.
    for dtype in ("int8", "uint8", "int16", "int32", "uint32"):
        fmt = FORMATS[dtype]
        a = np.array([3.0 * fmt.high, -3.0 * fmt.high])
        for start in (a, np.zeros(2)):
            exact = np.linspace(start, a, 7, axis=1)  # halves, without rounding
            expected = np.clip(np.floor(exact), fmt.low, fmt.high).astype(dtype)
            assert_same(grids("linspace", [start, a], 7, dtype=dtype), expected)
    powers = grids("logspace", [np.zeros(1), np.full(1, 40.0), 10], 5, dtype="uint64")
    assert powers.tolist() == [[1, 10**10, 2**64 - 1, 2**64 - 1, 2**64 - 1]]
