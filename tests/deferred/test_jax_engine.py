"""Traced grids of JAX on the CPU by the engine: against kernels in NumPy, layouts, and failures."""

from __future__ import annotations

import math
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import xspace
from tests.engines import choose
from tests.processes import run
from xspace.deferred import jax_call, jax_settle
from xspace.engine.native import ENGINE
from xspace.exact.rounding import FORMATS, FloatFormat
from xspace.ground.thresholds import JAX_LONG_CONSTANT
from xspace.testing import assert_identical

NAMES = ("linspace", "logspace", "geomspace")
NAN, INF = math.nan, math.inf

needs_engine = pytest.mark.skipif(ENGINE is None, reason="no engine, or switched off")


@pytest.fixture(autouse=True)
def _wide():
    with jax.enable_x64(True):
        yield


def text_of(grid, *ends):
    return jax.jit(grid).lower(*ends).as_text()


def random_ends(name, kind, rng, count):
    """Ends of a format, or between which it holds all elements; whole ones among them."""
    fmt = FORMATS[kind]
    if isinstance(fmt, FloatFormat):
        largest, low = fmt.emax, fmt.emin - fmt.precision + 2
    else:
        largest, low = fmt.high.bit_length() - 1.4, 0
    if name == "logspace":
        ends = rng.uniform(low, largest, (2, count)) * math.log10(2)
    else:
        expo = rng.integers(low, int(largest), (2, count))
        ends = np.ldexp(rng.uniform(1, 2, (2, count)), expo)
        if name == "linspace" and fmt is not FORMATS["float64"]:
            ends[:, ::2] = rng.uniform(0, 50, (2, -(-count // 2)))
    ends[:, ::5] = np.round(ends[:, ::5]) + (name == "geomspace") * (ends[:, ::5] < 0.5)
    return [row.astype(jnp.dtype(kind)) if isinstance(fmt, FloatFormat) else row for row in ends]


@needs_engine
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", FORMATS)
def test_bits(name, kind, monkeypatch):
    """Of many lanes, of a few long ones, and of lanes that `vmap` has put first."""
    rng = np.random.default_rng(len(kind))
    traced = []
    for num, count in ((7, 200), (601, 3)):
        ends = random_ends(name, kind, rng, count)

        def grid(a, b, num=num):
            return getattr(xspace, name)(a, b, num, dtype=kind)

        assert "@xspace_grid" in text_of(grid, *ends)
        traced.append((ends, num, jax.jit(grid)(*ends), jax.jit(jax.vmap(grid))(*ends)))
    choose("python", monkeypatch)
    for ends, num, beside, together in traced:
        true = getattr(xspace, name)(*map(jnp.asarray, ends), num, dtype=kind)
        assert_identical(beside, true)
        assert_identical(together, np.asarray(true).T.copy())


@pytest.mark.parametrize("base", [2, 0.1, Fraction(1, 3), 10**400, "lanes"])
def test_bases(base):
    start, stop = jnp.asarray([0.0, -1.5, 3.0]), jnp.asarray([2.5, 0.25, -0.75])
    if base == "lanes":
        base = jnp.asarray([2.0, 0.5, 1e-300])
    for kind in ("float64", "float32", "bfloat16"):

        def grid(a, b, kind=kind):
            return xspace.logspace(a, b, 5, base=base, dtype=kind, endpoint=False)

        assert_identical(jax.jit(grid)(start, stop), grid(start, stop))


def test_layouts():
    """Ends that broadcast, the samples along any axis, and lanes around them."""
    rng = np.random.default_rng(4)
    first, last = jnp.asarray(rng.uniform(1, 2, (6, 3, 1))), jnp.asarray(rng.uniform(2, 4, 4))
    for axis in (0, 1, 2, -1):
        for kind in ("float64", "float16"):

            def grid(a, b, axis=axis, kind=kind):
                return xspace.geomspace(a, b, 5, axis=axis, dtype=kind)

            assert_identical(jax.jit(grid)(first[0], last), grid(first[0], last))

    def lanes(a):
        return xspace.logspace(a, last, 5)

    every = jnp.stack([lanes(a) for a in first], 2)
    assert_identical(jax.jit(jax.vmap(lanes, out_axes=2))(first), every)
    pairs = jax.vmap(jax.vmap(lambda a, b: xspace.linspace(a, b, 5), (None, 0)), (0, None))
    expected = xspace.linspace(first[:, 0], last, 5)
    assert_identical(jax.jit(pairs)(first[:, 0, 0], last), jnp.moveaxis(expected, 0, 2))
    nothing = jax.jit(lambda a: xspace.linspace(a, 1, 5))(jnp.zeros((0, 2)))
    assert nothing.shape == (5, 0, 2)


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "int8", "uint16", "bool", "int4"])
def test_ends_of_every_type(kind):
    ends = jnp.asarray([0, 1, 1, 0, 1]).astype(kind)
    got = jax.jit(lambda x: xspace.linspace(x, 7, 5, dtype="float32"))(ends)
    assert_identical(got, xspace.linspace(np.array([0.0, 1, 1, 0, 1]), 7, 5, dtype="float32"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["float64", "float32", "float16", "bfloat16"])
def test_ends_that_are_no_plain_numbers(name, kind):
    start = jnp.asarray([1, 1, NAN, INF, -INF, 1, -1, -0.0, 5e-324, -5, 2, 1e300])
    stop = jnp.asarray([NAN, INF, 1, INF, INF, -INF, -8, -0.0, 1, -1e-310, 2, 1e-300])
    if name == "geomspace":
        start, stop = (jnp.where(jnp.arange(12) == 7, 3.0, end) for end in (start, stop))
    for num in (1, 2, 5):
        for endpoint in (True, False):

            def grid(a, b, num=num, endpoint=endpoint):
                return getattr(xspace, name)(a, b, num, endpoint=endpoint, dtype=kind)

            assert_identical(jax.jit(grid)(start, stop), grid(start, stop))


def test_what_a_program_cannot_refuse():
    """The ends of the range beyond it, and 0 or NaN for what has no value."""

    def traced(name, start, stop, num, kind, **options):
        function = getattr(xspace, name)
        grid = jax.jit(lambda a, b: function(a, b, num, dtype=kind, **options))
        return grid(jnp.float64(start), jnp.float64(stop)).tolist()

    assert traced("linspace", -200, 200, 5, "int8") == [-128, -100, 0, 100, 127]
    assert traced("linspace", 100, 1e30, 3, "int64") == [100, 2**63 - 1, 2**63 - 1]
    assert traced("linspace", 127.25, 128.25, 5, "int8") == [127] * 5
    assert traced("linspace", -3, 3, 4, "uint8") == [0, 0, 1, 3]
    assert traced("linspace", NAN, 5, 3, "int32") == [0, 0, 5]
    assert traced("linspace", -7, INF, 3, "int16") == [-7, 2**15 - 1, 2**15 - 1]
    assert traced("logspace", 1, 4, 4, "int8") == [10, 100, 127, 127]
    assert traced("logspace", 0, 3, 4, "int8", base=-6) == [1, -6, 36, -128]
    assert traced("logspace", 0, 1, 3, "int8", base=-6) == [1, 0, -6]
    assert traced("geomspace", -1, -1000, 4, "int8") == [-1, -10, -100, -128]
    assert traced("geomspace", -1, -100, 3, "uint8") == [0, 0, 0]
    assert traced("geomspace", 0, 9, 3, "uint8") == [0, 0, 0]
    assert all(map(math.isnan, traced("geomspace", 0, 9, 3, "float32")))


@needs_engine
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["float16", "float32", "uint8", "int32", "uint64"])
def test_lanes_are_settled_together_as_alone(name, kind, monkeypatch):
    few = [0.0, -0.0, 1.0, -1.0, 2.5, 7.0, 20.0, -3.0, 1e30, -1e30, 1e-300, INF, -INF, NAN]
    start, stop = map(jnp.asarray, zip(*[(a, b) for a in few for b in few], strict=True))

    def alone(call, lanes):
        for lane in lanes.tolist():
            row, column = divmod(lane, call.out.shape[2])
            call.out[row, :, column] = jax_settle._lane(call, call.of(lane))

    def made():
        grids = []
        for num, endpoint in ((1, True), (2, True), (5, True), (5, False)):

            def grid(a, b, num=num, endpoint=endpoint):
                return getattr(xspace, name)(a, b, num, endpoint=endpoint, dtype=kind)

            grids.append(jax.jit(grid)(start, stop).block_until_ready())
        return grids

    together = made()
    monkeypatch.setattr(jax_settle, "_write_lanes", alone)
    for got, expected in zip(together, made(), strict=True):
        assert_identical(got, expected)


@needs_engine
class TestWhereIntegersStay:
    """Programs for other machines."""

    def test_exported(self):
        def grid(x):
            return xspace.geomspace(x, 9.0, 5)

        x = jnp.asarray([1.0, 2.0])
        program = jax.export.export(jax.jit(grid))(x)
        assert "@xspace_grid" not in program.mlir_module()
        assert_identical(program.call(x), grid(x))
        elsewhere = jax.export.export(jax.jit(grid), platforms=["cuda"])(x)
        assert "@xspace_grid" not in elsewhere.mlir_module()

    def test_lanes_of_unknown_number(self):
        (n,) = jax.export.symbolic_shape("n")
        program = jax.export.export(jax.jit(lambda x: xspace.linspace(x, 9.0, 5)))
        made = program(jax.ShapeDtypeStruct((n,), jnp.float64))
        x = jnp.asarray([1.0, 2.0])
        assert_identical(made.call(x), xspace.linspace(x, 9.0, 5))

    def test_another_version_of_the_interface(self, monkeypatch):
        def refuse(*_, **__):
            raise ValueError("API version mismatch")

        jax_call.is_registered.cache_clear()
        monkeypatch.setattr(jax.ffi, "register_ffi_target", refuse)
        try:
            assert "@xspace_grid" not in text_of(lambda x: xspace.linspace(x, 1, 4), 0.5)
        finally:
            jax_call.is_registered.cache_clear()


@needs_engine
def test_an_error_is_raised():
    def grid(x):
        return xspace.logspace(x, 2.0, 5, base=Fraction(1, 3))

    def refuse(*_):
        raise RuntimeError("a reason")

    program = jax.jit(grid)
    program(1.0)
    ENGINE.xla_handler(refuse)
    try:
        with pytest.raises(ValueError, match="xspace: a reason"):
            program(1.0).block_until_ready()
    finally:
        ENGINE.xla_handler(jax_settle.settle)
    assert_identical(program(1.0), grid(jnp.float64(1.0)))


def test_nobody_waits_for_another():
    """Python settles elements while programs run in threads, at once and within callbacks."""
    run(
        """
        import threading
        from fractions import Fraction

        a, b = jnp.linspace(0, 1, 50), jnp.linspace(2, 3, 50)

        def grid(a, b):
            return xspace.logspace(a, b, 20, base=Fraction(1, 3))

        program, want, good = jax.jit(grid), grid(a, b), []

        def work():
            for _ in range(20):
                assert_identical(program(a, b), want)
            good.append(True)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(good) == 6
        for later in (True, False):
            jax.config.update("jax_cpu_enable_async_dispatch", later)
            for found in [program(a, b) for _ in range(50)]:
                assert_identical(found, want)
        shape = jax.ShapeDtypeStruct(want.shape, want.dtype)
        within = jax.jit(lambda x: jax.pure_callback(lambda _: program(a, b), shape, x))
        assert_identical(within(1.0), want)
        with jax.disable_jit():
            assert_identical(jax.vmap(grid)(a, b), want.T)
        """
    )


def test_long_grids_that_are_left_are_made_as_eager_ones(monkeypatch):
    """Between numbers that are no floats; integers of NumPy are for many short lanes."""
    monkeypatch.setattr("xspace.deferred.jax_settle._by_integers", None)
    num = JAX_LONG_CONSTANT
    grid = jax.jit(lambda: xspace.arange(0, num / 10, 0.1, xp=jnp))()
    assert_identical(grid, xspace.arange(0, num / 10, 0.1, xp=jnp))
    ends = jnp.asarray([1.0, 1e30], jnp.float32)  # beside a number that is no float
    lanes = jax.jit(lambda x: xspace.linspace(Fraction(1, 3), x, 300))(ends)
    assert_identical(lanes, xspace.linspace(Fraction(1, 3), ends, 300))
