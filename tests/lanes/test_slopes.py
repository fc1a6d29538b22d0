"""First derivatives by the ends: rounded as MPFR does, and with the same bits in every way."""

from __future__ import annotations

from fractions import Fraction

import gmpy2
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from engines import choose
from gmpy2 import mpfr, mpq

import xspace
from xspace.deferred import jax_call, jax_settle
from xspace.deferred.jax_lanes import _traced
from xspace.engine.native import ENGINE
from xspace.exact.rounding import FORMATS
from xspace.exact.slopes import rounded_slope
from xspace.grids.target import Target
from xspace.lanes.derivatives import host_derivative
from xspace.lanes.plan import Plan
from xspace.lanes.torch import samples_of_tensors
from xspace.libraries import NUMPY, find_backend
from xspace.libraries.scalars import read_scalar
from xspace.testing import assert_identical

# Some transforms of torch script their own functions.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")

NAMES = ("start", "stop", "base")
ENDS = {"linspace": 2, "geomspace": 2, "logspace": 3}
CASES = [(function, by) for function in ("geomspace", "logspace") for by in range(ENDS[function])]
#: A program each, in one of the formats: a compiler takes a second for it.
PROGRAMS = [(*case, 32 if k % 2 else 64) for k, case in enumerate(CASES)]


def exact(function, ends, by, i, div):
    """The derivative from its definition, in the precision of the context."""
    start, stop, *base = map(mpq, ends)
    w = mpq(i, div)
    weight = w if by == 1 else 1 - w
    if function == "geomspace":
        ratio = start / stop if by else stop / start
        return weight * mpfr(ratio) ** mpfr(1 - weight)
    x = start * (1 - w) + stop * w
    if by == 2:
        return x * mpfr(base[0]) ** mpfr(x - 1) if x else mpfr(0)
    if not weight or base[0] == 1:
        return mpfr(0)
    return weight * mpfr(base[0]) ** mpfr(x) * gmpy2.log(mpfr(base[0]))


def rounded(function, ends, by, i, div, dtype):
    """The same rounded once: with so many bits that it does not matter where these are cut."""
    info = np.finfo(dtype)
    fmt = {"precision": info.nmant + 1, "emax": info.maxexp, "emin": info.minexp - info.nmant + 1}
    precision = 250
    while True:
        with gmpy2.context(precision=precision, emax=1 << 60, emin=-(1 << 60)):
            slope = exact(function, ends, by, i, div)
            # An exponent that is rounded moves a power by as many bits as it has.
            lost = abs(gmpy2.frexp(slope)[0]).bit_length() + 40
            sides = [slope * (1 + sign * mpfr(2) ** (lost - precision)) for sign in (-1, 1)]
        with gmpy2.context(**fmt, subnormalize=True):
            low, high = (float(+side) for side in sides)
            middle = float(+slope)
        if low == high or precision > 10_000:  # a midpoint, which MPFR has exactly
            return middle
        precision *= 5


def true_slopes(function, ends, by, num, div):
    """Those of all lanes."""
    dtype = ends[0].dtype
    made = [
        [rounded(function, [float(e[k]) for e in ends], by, i, div, dtype) for k in range(e.size)]
        for e in ends[:1]
        for i in range(num)
    ]
    return np.array(made, dtype)


def wild(rng, count, dtype):
    """Numbers of all of the range of a format."""
    info = np.finfo(dtype)
    expo = rng.integers(info.minexp - info.nmant, info.maxexp, count)
    return np.ldexp(rng.uniform(1, 2, count), expo - 1).astype(dtype)


def near_one(rng, count, dtype):
    return (1 + rng.normal(size=count) * 10 ** rng.uniform(-16, -1, count)).astype(dtype)


def lanes(function, kind, count, dtype, seed):
    """Ends by kind: from all of the range, near to each other or to 1, whole, or such as people
    have."""
    rng = np.random.default_rng(seed)
    if function == "geomspace":
        start = wild(rng, count, dtype)
        if kind == "near":
            return [start, (start * near_one(rng, count, np.float64)).astype(dtype)]
        if kind == "wild":
            return [-start, -wild(rng, count, dtype)]
        ends = rng.uniform(0.1, 9, (2, count))
        return list((np.ceil(ends) if kind == "whole" else ends).astype(dtype))
    if kind == "wild":  # exponents up to the largest number, around bases on both sides of 1
        return [wild(rng, count, dtype), -wild(rng, count, dtype), wild(rng, count, dtype)]
    if kind == "near":
        base = near_one(rng, count, dtype)
        spread = 300 * rng.uniform(size=count) / np.maximum(abs(base - 1.0), np.finfo(dtype).eps)
        return [*(rng.normal(size=(2, count)) * spread).astype(dtype), base]
    ends = rng.normal(size=(3, count)) * 10 ** rng.uniform(-2, 2, (3, count))
    ends[2] = abs(ends[2])
    if kind == "whole":
        ends = np.round(ends)
        ends[2] += 1
    return list(ends.astype(dtype))


def every_kind(function, count, dtype, seed):
    kinds = [lanes(function, k, count, dtype, seed) for k in ("wild", "near", "whole", "usual")]
    return [np.concatenate(ends) for ends in zip(*kinds, strict=True)]


def plan_of(function, by, num, dtype, backend=NUMPY, endpoint=True):
    target = Target(function, backend, FORMATS[dtype.name], dtype, None)
    return Plan(num, endpoint, target, tuple(int(k == by) for k in range(ENDS[function])))


def on_host(function, ends, by, num, endpoint=True):
    (dtype,) = {end.dtype for end in ends if isinstance(end, np.ndarray)}
    plan = plan_of(function, by, num, dtype, endpoint=endpoint)
    return host_derivative(plan, dict(zip(NAMES, ends, strict=False)))


def in_program(function, ends, by, num):
    """What a program of JAX makes, before its arithmetic flushes subnormal numbers."""
    dtype = ends[0].dtype
    with jax.enable_x64(dtype == np.float64):
        static = plan_of(function, by, num, dtype, find_backend(jnp, {}))
        key = static, tuple((n, None) for n in NAMES[: len(ends)])
        return np.asarray(_traced(key, *map(jnp.asarray, ends)))


def without_handler(monkeypatch):
    """Programs are made of integers, as on other devices."""
    monkeypatch.setattr(jax_call, "is_registered", lambda: False)
    jax.clear_caches()


class TestRounding:
    @pytest.mark.parametrize("endpoint", [True, False])
    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    @pytest.mark.parametrize(("function", "by"), CASES)
    def test_host(self, function, by, dtype, endpoint, monkeypatch):
        """By the engine, by integers of NumPy, and one by one."""
        ends, num = every_kind(function, 12, dtype, 2 * by + endpoint), 7
        made = on_host(function, ends, by, num, endpoint)
        div = num - endpoint
        true = true_slopes(function, ends, by, num, div)
        assert_identical(made, true)
        choose("python", monkeypatch)
        assert_identical(on_host(function, ends, by, num, endpoint), true)
        fmt = FORMATS[made.dtype.name]
        for i, lane in np.ndindex(true.shape):
            numbers = tuple(read_scalar("", e[lane].item()) for e in ends)
            got = rounded_slope(function, numbers, by, i, div, fmt)
            assert_identical(np.array(got, dtype), true[i, lane])

    @pytest.mark.parametrize(("function", "by", "bits"), PROGRAMS)
    def test_programs(self, function, by, bits, monkeypatch):
        ends = every_kind(function, 25, np.dtype(f"float{bits}"), by)
        true = true_slopes(function, ends, by, 7, 6)
        assert_identical(in_program(function, ends, by, 7), true)
        without_handler(monkeypatch)
        assert_identical(in_program(function, ends, by, 7), true)

    @pytest.mark.parametrize("num", [50, 300, 70_000, 10**6])
    @pytest.mark.parametrize(("function", "by"), CASES)
    def test_long_lanes(self, function, by, num):
        """Rows in float64, and what these leave; all of the elements are held against integers."""
        rng = np.random.default_rng(num)
        ends = [e[:1] for e in lanes(function, "usual", 1, np.dtype(float), num + by)]
        made = on_host(function, ends, by, num)
        for i in rng.integers(0, num, 40).tolist():
            true = rounded(function, [e.item() for e in ends], by, i, num - 1, np.dtype(float))
            assert_identical(made[i, 0], np.float64(true))

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    @pytest.mark.parametrize(("function", "by"), CASES)
    def test_rows_and_integers(self, function, by, dtype, monkeypatch):
        """Elements by the thousand that pass the test of rows, or come near to failing it."""
        kinds = [lanes(function, kind, 30, dtype, by) for kind in ("usual", "whole")]
        if function == "logspace":  # one of 63 exponents is next to zero, where the others are not
            rng = np.random.default_rng(by)
            count = rng.integers(1, 63, 30)
            size = rng.uniform(0.01, 0.1, 30)
            crossing = -size * count, size * (63 - count), rng.uniform(0.5, 9, 30)
            kinds.append([end.astype(dtype) for end in crossing])
        ends = [np.concatenate(columns) for columns in zip(*kinds, strict=True)]
        made = [on_host(function, ends, by, num) for num in (64, 700)]
        choose("python", monkeypatch)
        for grid in made:
            assert_identical(grid, on_host(function, ends, by, len(grid)))


#: Odd numbers whose squares, times 3, have one bit more than the format.
BASES = {
    np.dtype(np.float64): np.arange(54_794_159.0, 54_794_259, 2),
    np.dtype(np.float32): np.arange(2_365, 2_465, 2).astype(np.float32),
}


class TestMidpoints:
    """Where no precision tells a side: ``3 * base**2`` at ``x = 3``, and ``3/4`` of a root."""

    @pytest.mark.parametrize("dtype", BASES)
    @pytest.mark.parametrize("away", [0, 1, -1])
    def test_by_the_base(self, dtype, away, monkeypatch):
        base = BASES[dtype]
        three = np.full_like(base, 3)
        ends = [np.nextafter(three, three + away).astype(dtype), three, base]
        true = true_slopes("logspace", ends, 2, 3, 2)
        assert len(set(true[2])) > 10
        assert_identical(in_program("logspace", ends, 2, 3), true)
        assert_identical(on_host("logspace", ends, 2, 3), true)
        choose("python", monkeypatch)
        assert_identical(on_host("logspace", ends, 2, 3), true)
        if not away:
            without_handler(monkeypatch)
            assert_identical(in_program("logspace", ends, 2, 3), true)

    @pytest.mark.parametrize("by", [0, 1])
    @pytest.mark.parametrize("beside", [-1, 0, 1])
    def test_of_exact_numbers(self, by, beside):
        """Roots of integers with hundreds of bits, and of what comes before and after them."""
        one = torch.tensor(1.0, dtype=torch.float64)
        for root in range(3_002_399_751_580_331, 3_002_399_751_580_351, 2):
            far = root**4 + beside
            if by:
                _, got = torch.func.jvp(lambda x, n=far: xspace.geomspace(n, x, 5), (one,), (one,))
                true = [rounded("geomspace", (far, 1), 1, i, 4, np.dtype(float)) for i in range(5)]
            else:
                _, got = torch.func.jvp(lambda x, n=far: xspace.geomspace(x, n, 5), (one,), (one,))
                true = [rounded("geomspace", (1, far), 0, i, 4, np.dtype(float)) for i in range(5)]
            assert got.tolist() == true

    @pytest.mark.parametrize(("away", "true"), [(1, 0.0), (-1, -(2.0**-1074)), (3, 2.0**-1074)])
    def test_next_to_a_midpoint(self, away, true):
        """Halves of the least numbers, but for a share that is as small: logarithms next to 1."""
        base = read_scalar("base", 1 + Fraction(away, 2**1074))
        zero = read_scalar("start", 0)
        fmt = FORMATS["float64"]
        assert rounded_slope("logspace", (zero, zero, base), 0, 1, 2, fmt) == true

    def test_exact_derivatives(self):
        got = on_host("geomspace", [np.array([1.0]), np.array([4.0])], 0, 3)
        assert got.ravel().tolist() == [1, 1, 0]
        got = on_host("geomspace", [np.array([1.0]), np.array([2.0**200])], 1, 5)
        assert got.ravel().tolist() == [0, 2.0**-152, 2.0**-101, 0.75 * 2.0**-50, 1]
        ends = [np.array([x]) for x in (-2.0, 4.0, 10.0)]
        assert on_host("logspace", ends, 2, 7).ravel().tolist() == [
            *(-2e-3, -1e-2, 0, 1, 20, 300, 4000),
        ]


#: Exponents of which one is next to zero.
CANCEL = Fraction(1, 3), Fraction(1, 10**30) - Fraction(1, 3), None
#: Numbers that are no floats, beside lanes: long and short ones, and such as cancel each other.
EXACT = [
    ("geomspace", 0, (None, Fraction(22, 7))),
    ("geomspace", 1, (10**400, None)),
    ("logspace", 0, (None, Fraction(1, 3), Fraction(7, 3))),
    ("logspace", 1, (Fraction(-(10**30), 3), None, 1 + Fraction(1, 2**100))),
    ("logspace", 1, (Fraction(1, 3), None, 10**400)),
    ("logspace", 2, (Fraction(2, 3), Fraction(-1, 3), None)),
    ("logspace", 2, CANCEL),
    ("logspace", 2, (Fraction(1, 10**300), Fraction(0), None)),
]


@pytest.mark.parametrize(("function", "by", "given"), EXACT)
def test_numbers_that_are_no_floats(function, by, given):
    lane = np.array([0.1, 0.7, 2.5, 1e30 / 3, 1e-30])
    scalars = [None if end is None else read_scalar("", end) for end in given]
    ends = [lane if end is None else end for end in scalars]
    numbers = [
        [Fraction(x) if end is None else Fraction(end) for end in given] for x in lane.tolist()
    ]
    names = dict(zip(NAMES, given, strict=False))
    for num, endpoint in ((7, True), (4, False)):
        div = num - endpoint

        def grid_of(end, num=num, endpoint=endpoint):
            ends = {name: end if n is None else n for name, n in names.items()}
            return getattr(xspace, function)(num=num, endpoint=endpoint, **ends)

        true = [
            [rounded(function, n, by, i, div, np.dtype(float)) for n in numbers] for i in range(num)
        ]
        assert_identical(on_host(function, ends, by, num, endpoint), np.array(true))
        if ENGINE is None and given == CANCEL:  # of which integers keep as many bits as of others
            continue
        with jax.enable_x64(True):
            x = jnp.asarray(lane)
            made = jax.jit(lambda x: jax.jvp(grid_of, (x,), (jnp.ones_like(x),))[1])(x)
        assert_identical(np.asarray(made), np.array(true))


NAN, INF = np.nan, np.inf

#: Ends, and the first, the middle and the last of seven elements where a derivative has limits.
LIMITS = {
    ("geomspace", 0): [
        ((-1, 2), (1, NAN, 0)),
        ((1, INF), (NAN, NAN, NAN)),
        ((0, 1), (NAN, NAN, NAN)),
        ((-2, -2), (1, 0.5, 0)),
    ],
    ("geomspace", 1): [((-1, 2), (0, NAN, 1)), ((NAN, 1), (NAN, NAN, NAN))],
    ("logspace", 0): [
        ((1, 3, 0), (0, 0, 0)),
        ((-1, -3, 0), (NAN, NAN, NAN)),
        ((-3, 3, 0), (NAN, NAN, 0)),
        ((2, 3, 1), (0, 0, 0)),
        ((1, 3, -2), (NAN, NAN, NAN)),
        ((1, 3, INF), (NAN, NAN, NAN)),
    ],
    ("logspace", 1): [((2, 3, 1), (0, 0, 0)), ((1, INF, 2), (NAN, NAN, NAN))],
    ("logspace", 2): [
        ((0, 2, 0), (0, 1, 0)),
        ((0.25, 0.5, 0), (INF, INF, INF)),
        ((-3, 3, 0), (-INF, 0, 0)),
        ((2, 3, 1), (2, 2.5, 3)),
        ((1, 3, -2), (1, -4, 12)),
        ((0, 1, -2), (0, NAN, 1)),
        ((-0.0, 2, 3), (0, 1, 6)),
        ((1, INF, 2), (NAN, NAN, NAN)),
    ],
}


@pytest.mark.parametrize(("function", "by"), CASES)
def test_limits(function, by, monkeypatch):
    """Where there is no derivative, or no other."""
    given, wanted = zip(*LIMITS[function, by], strict=True)
    ends = [np.array(end, np.float64) for end in zip(*given, strict=True)]
    wanted = np.array(wanted).T
    for i, lane in np.ndindex(wanted.shape):
        numbers = tuple(read_scalar("", e[lane].item()) for e in ends)
        got = rounded_slope(function, numbers, by, 3 * i, 6, FORMATS["float64"])
        np.testing.assert_array_equal(got, wanted[i, lane])
    for _ in range(2):
        for made in (on_host(function, ends, by, 7), in_program(function, ends, by, 7)):
            np.testing.assert_array_equal(made[::3], wanted)
        choose("python", monkeypatch)
        without_handler(monkeypatch)


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize(("num", "endpoint"), [(1, True), (7, True), (7, False), (3000, True)])
def test_weights(num, endpoint, by):
    """Those of ``linspace``, whatever its ends are."""
    ends = {name: np.array([1.0, NAN, INF, 5e-324]) for name in NAMES[:2]}
    plan = plan_of("linspace", by, num, np.dtype(float), endpoint=endpoint)
    true = [float(Fraction(i if by else plan.div - i, plan.div)) for i in range(num)]
    assert host_derivative(plan, ends).T.tolist() == [true] * 4
    given = *map(torch.from_numpy, ends.values()), 1
    made = samples_of_tensors("linspace", given, num, endpoint, torch.float64, by)
    if ENGINE is not None:
        assert made.T.tolist() == [true] * 4


def jvp_of(function, by):
    """What differentiates a grid of five elements by one of its ends."""

    def grid(*ends):
        more = {"base": ends[2]} if len(ends) > 2 else {}
        return getattr(xspace, function)(*ends[:2], 5, **more)

    def with_end(ends, end):
        return [*ends[:by], end, *ends[by + 1 :]]

    def in_torch(*ends, of=grid):
        end = ends[by].clone().requires_grad_()
        made = of(*with_end(ends, end))
        return torch.stack([torch.autograd.grad(e.sum(), end, retain_graph=True)[0] for e in made])

    def compiled(*ends):
        return in_torch(*ends, of=torch.compile(grid, fullgraph=True, backend="aot_eager"))

    def in_jax(*ends):
        one = jnp.ones_like(ends[by])
        return jax.jvp(lambda end: grid(*with_end(ends, end)), (ends[by],), (one,))[1]

    return in_torch, compiled, in_jax


@pytest.mark.parametrize(("function", "by"), CASES)
def test_the_same_bits_everywhere(function, by, monkeypatch):
    """PyTorch and JAX, eager and compiled, with the engine and without it."""
    kinds = ("usual", "whole")
    pairs = zip(*(lanes(function, k, 60, np.dtype(float), by) for k in kinds), strict=True)
    ends = [np.concatenate(pair) for pair in pairs]
    wanted = on_host(function, ends, by, 5)
    normal = np.isfinite(wanted).all(0) & ((abs(wanted) > 1e-300) | (wanted == 0)).all(0)
    ends, wanted = [e[normal] for e in ends], wanted[:, normal]
    assert wanted.shape[1] > 50
    in_torch, compiled, in_jax = jvp_of(function, by)
    tensors = [*map(torch.from_numpy, ends)]
    with jax.enable_x64(True):
        arrays = [*map(jnp.asarray, ends)]
        torch._dynamo.reset()
        assert_identical(compiled(*tensors).numpy(), wanted)
        for _ in range(2):
            assert_identical(in_torch(*tensors).numpy(), wanted)
            assert_identical(np.asarray(in_jax(*arrays)), wanted)
            assert_identical(np.asarray(jax.jit(in_jax)(*arrays)), wanted)
            choose("python", monkeypatch)
            without_handler(monkeypatch)


@pytest.mark.skipif(ENGINE is None, reason="the engine is not installed, or switched off")
def test_what_the_engine_leaves_open_is_settled():
    """Elements by their places, in a program whose lanes lie on both sides of the samples."""
    base = BASES[np.dtype(float)][:24].reshape(2, 3, 4)
    seen = []

    def watched(plan, text, arguments, out, places, lanes):
        seen.append((len(places), len(lanes)))
        return jax_settle.settle(plan, text, arguments, out, places, lanes)

    def slopes(base):
        one = jnp.ones_like(base)
        return jax.jvp(lambda c: xspace.logspace(0.0, 6.0, 3, base=c), (base,), (one,))[1]

    ENGINE.xla_handler(watched)
    try:
        with jax.enable_x64(True):
            made = np.asarray(jax.jit(jax.vmap(slopes))(base))
    finally:
        ENGINE.xla_handler(jax_settle.settle)
    wanted = on_host("logspace", [np.zeros(24), np.full(24, 6.0), base.reshape(-1)], 2, 3)
    assert_identical(made, wanted.reshape(3, 2, 3, 4).swapaxes(0, 1))
    assert [lanes for _, lanes in seen] == [0]
    assert 8 * 24 <= seen[0][0] <= 8 * 48
