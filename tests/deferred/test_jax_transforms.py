"""Everything that JAX does with a function, done with grids: dtype and bits are those of the call.

What a call gives outside of all transformations is the reference, or what ``jax.numpy`` itself
gives where the question is not one of values.
"""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import export

import xspace
from xspace.dropin import jax as dropin
from xspace.testing import assert_identical

NAMES = ("linspace", "logspace", "geomspace")


@pytest.fixture(params=[True, False], ids=["x64", "x32"])
def x64(request):
    with jax.enable_x64(request.param):
        yield request.param


def kinds(x64):
    """Ends of every type, all of which have the value that they say."""
    yield from (2, 0.5, 1.5j, np.float16(1.5), np.float32(2), Fraction(1, 2))
    yield from (jnp.asarray(2), jnp.asarray(0.5), jnp.asarray(1.5j))  # weak
    names = ["float16", "bfloat16", "float32", "int8", "complex64", "bool"]
    for name in names + ["float64"] * x64:
        yield jnp.ones((), name)
    yield jnp.ones(2, jnp.float16)


class TestDtypes:
    def test_a_program_has_the_dtype_of_the_call(self, x64):
        """Numbers that become arrays of a program are as weak as they were."""
        for start in (0.5, jnp.ones(2, jnp.float16)):
            for stop in kinds(x64):
                if isinstance(stop, (Fraction, np.generic)):
                    continue  # JAX has no type for one, and makes an array of the other
                eager = xspace.linspace(start, stop, 2, xp=jnp)
                traced = jax.eval_shape(lambda a, b: xspace.linspace(a, b, 2, xp=jnp), start, stop)
                assert (traced.dtype, traced.weak_type) == (eager.dtype, False), (start, stop)

    @pytest.mark.parametrize("name", NAMES)
    def test_dropin(self, name, x64):
        """Type, dtype, weakness and shape are those of JAX's own."""
        for start in (1, 0.5, jnp.asarray(0.5), np.float16(1), jnp.ones(2, jnp.bfloat16), 1j):
            for stop in kinds(x64):
                if isinstance(stop, Fraction):
                    continue
                ours = getattr(dropin, name)(start, stop, 3)
                theirs = jax.eval_shape(lambda a=start, b=stop: getattr(jnp, name)(a, b, 3))
                for what in ("dtype", "weak_type", "shape"):
                    assert getattr(ours, what) == getattr(theirs, what), (start, stop)

    def test_one_weak_number_and_a_short_array(self):
        def grid(a, b):
            return xspace.linspace(a, b, 3)

        for a in (0.5, jnp.asarray(0.5), jnp.asarray(1)):
            assert grid(a, jnp.float16(1)).dtype == jax.jit(grid)(a, jnp.float16(1)).dtype
            assert grid(a, jnp.float16(1)).dtype == jnp.float16
        assert grid(jnp.asarray(1j), jnp.float16(1)).dtype == jnp.complex64

    @pytest.mark.parametrize("name", ["int2", "uint2", "int4", "uint4"])
    def test_small_integers(self, name):
        dtype = getattr(jnp, name)
        wide = np.int8 if name[0] == "i" else np.uint8
        for grid in (
            xspace.linspace(0, 1, 3, dtype=dtype, xp=jnp),
            xspace.geomspace(jnp.ones(2), 1, 3, dtype=dtype),
            xspace.arange(2, dtype=dtype, xp=jnp),
        ):
            assert grid.dtype == dtype
        traced = jax.jit(lambda x: xspace.linspace(0, x, 3, dtype=dtype))(1.0)
        assert traced.dtype == dtype
        assert traced.astype(wide).tolist() == [0, 0, 1]
        with pytest.raises(OverflowError, match=f"which {name} cannot hold"):
            xspace.linspace(0, 16, 3, dtype=dtype, xp=jnp)

    def test_what_is_not_made_is_said(self):
        for dtype in (jnp.float8_e5m2, jnp.float8_e4m3fn):
            with pytest.raises(TypeError, match=r"wanted one of float64.*uint4"):
                xspace.linspace(0, 1, 3, dtype=dtype, xp=jnp)


TRANSFORMS = {
    "jit": jax.jit,
    "vmap": lambda f: lambda x: jax.vmap(f)(jnp.stack([x, x]))[1],
    "jit of vmap": lambda f: jax.jit(lambda x: jax.vmap(f)(jnp.stack([x, x]))[1]),
    "checkpoint": jax.checkpoint,
    "jvp": lambda f: lambda x: jax.jvp(f, (x,), (jnp.ones_like(x),))[0],
    "vjp": lambda f: lambda x: jax.vjp(f, x)[0],
    "linearize": lambda f: lambda x: jax.linearize(f, x)[0],
    "scan": lambda f: lambda x: jax.lax.scan(lambda c, s: (c, f(s)), 0, x[None])[1][0],
    "cond": lambda f: lambda x: jax.lax.cond(x.sum() > 0, f, lambda x: 2 * f(x), x),
    "jacfwd": lambda f: lambda x: jax.jacfwd(lambda y: (f(y), f(y)), has_aux=True)(x)[1],
}


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_bits(transform):
    x = jnp.array([0.1, 1e-40, 3.0], jnp.float32)

    def grid(x):
        return xspace.linspace(x, Fraction(7, 3), 4)

    assert_identical(TRANSFORMS[transform](grid)(x), grid(x))


@pytest.mark.parametrize("name", ["logspace", "geomspace"])
def test_bits_of_powers(name):
    x = jnp.array([0.1, 30.0], jnp.float16)

    def grid(x):
        return getattr(xspace, name)(x, 2, 4)

    expected = grid(x)
    assert_identical(jax.jit(jax.vmap(grid, out_axes=1))(x), expected)
    assert_identical(jax.vjp(grid, x)[0], expected)


class TestPlainNumbers:
    """A number of Python or NumPy is differentiated by as an array of its value is."""

    CASES = (
        ("linspace", (1.0, 8.0)),
        ("geomspace", (1.0, 8.0)),
        ("logspace", (0.5, 2.0)),
        ("logspace", (0.5, 2.0, 3.0)),
    )

    @staticmethod
    def total(name, module=xspace):
        def total(*ends):
            base = {"base": ends[2]} if len(ends) > 2 else {}
            more = {} if module is dropin else {"xp": jnp}
            return getattr(module, name)(*ends[:2], 3, **base, **more).sum()

        return total

    def test_the_number_of_the_report(self):
        def total(z):
            return xspace.geomspace(1, z, 3).sum()

        true = np.float32(1 + 0.5 * 8**-0.5)
        for z in (8.0, np.float32(8), np.float64(8), np.array(8.0), jnp.float32(8)):
            assert jax.grad(total)(z) == true
            value, slope = jax.value_and_grad(total)(z)
            assert (value, slope) == (total(jnp.float32(8)), true)
            assert jax.jvp(total, (z,), (z * 0 + 1,))[1] == true
            assert jax.linearize(total, z)[1](jnp.float32(1)) == true
            assert jax.jacfwd(total)(z) == jax.jacrev(total)(z) == true
            assert jax.vjp(total, z)[1](jnp.float32(1)) == (true,)
        assert jax.grad(jax.checkpoint(total))(8.0) == true
        assert jax.jit(jax.grad(total))(8.0) == true

    @pytest.mark.parametrize(("name", "ends"), CASES)
    def test_every_end(self, name, ends):
        places = tuple(range(len(ends)))
        arrays = tuple(map(jnp.float32, ends))
        for module in (xspace, dropin):
            derivative = jax.grad(self.total(name, module), places)
            for got, true in zip(derivative(*ends), derivative(*arrays), strict=True):
                assert_identical(got, true)

    def test_second_derivatives(self):
        derivative = jax.hessian(self.total("geomspace"))
        assert_identical(derivative(1.0, 8.0), derivative(jnp.float32(1), jnp.float32(8)))

    def test_the_value_is_that_of_the_number(self):
        """0.1 is no number of float32, and rounded once all the same."""
        value, _ = jax.value_and_grad(lambda z: xspace.linspace(z, 1, 3, xp=jnp)[1])(0.1)
        assert_identical(value, xspace.linspace(0.1, 1, 3, xp=jnp)[1])

    def test_beside_lanes(self):
        def total(z, lanes):
            return xspace.linspace(z, lanes, 3).sum()

        lanes = jnp.arange(3.0)
        assert jax.grad(total)(1.0, lanes) == 4.5
        assert jax.vmap(total, (None, 0))(1.0, lanes).tolist() == [1.5, 3, 4.5]


class TestComplex:
    START, STOP = np.complex64([1 + 2j, 3 - 1j, -1e-40 + 1e-42j]), np.complex64(2 - 1j)

    @pytest.mark.parametrize("stop", [3, 3j, np.float16(3), np.complex64(3j)])
    @pytest.mark.parametrize("start", [[0.5, 1.5], [0.5j, 1.5], [[1.0], [2.0]]])
    def test_a_part_that_is_a_number_beside_lanes(self, start, stop):
        """In a compiled program, and in one of integers."""
        lanes = jnp.asarray(start)

        def grid(lanes):
            return xspace.linspace(lanes, jnp.asarray(stop), 5, dtype=jnp.complex64)

        wanted = grid(lanes)
        assert_identical(jax.jit(grid)(lanes), wanted)
        assert_identical(jax.export.export(jax.jit(grid))(lanes).call(lanes), wanted)

    @pytest.mark.parametrize("name", NAMES)
    def test_bits(self, name):
        start, stop = jnp.asarray(self.START), jnp.asarray(self.STOP)

        def grid(a, b):
            return getattr(xspace, name)(a, b, 5)

        expected = grid(start, stop)
        assert_identical(jax.jit(grid)(start, stop), expected)
        if name != "linspace":  # made by the host: of lanes that `vmap` has put first
            assert_identical(jax.vmap(grid, (0, None))(start, stop), expected.T)
            assert_identical(jax.jit(jax.vmap(grid, (None, 0)))(stop, start), grid(stop, start).T)
            assert_identical(jax.jit(lambda b: grid(1, b))(start), grid(1, start))

    def test_lines_stay_in_the_program(self):
        text = jax.jit(lambda z: xspace.linspace(z, 1j, 3)).lower(self.STOP).as_text()
        assert "callback" not in text

    def test_zero_is_no_end_of_a_progression(self):
        start = jnp.asarray([0j, 1j], jnp.complex64)
        got = jax.jit(lambda z: xspace.geomspace(z, 2j, 3))(start)
        assert np.isnan(got[:, 0]).all()
        assert_identical(got[:, 1], xspace.geomspace(start[1], 2j, 3))

    @pytest.mark.parametrize("name", NAMES)
    def test_derivatives(self, name):
        """Holomorphic, by both ends: ``t`` times the derivative, in single precision."""
        with jax.enable_x64(True):
            a, b = 1.5 + 0.5j, 0.5 - 1j
            w = np.arange(4) / 3
            got = jax.jvp(lambda a, b: getattr(xspace, name)(a, b, 4, xp=jnp), (a, b), (1.0j, 2.0j))
            y = np.asarray(got[0])
            slope = {
                "linspace": (1 - w) * 1j + w * 2j,
                "logspace": y * np.log(10) * ((1 - w) * 1j + w * 2j),
                "geomspace": y * ((1 - w) * 1j / a + w * 2j / b),
            }[name]
            assert np.all(abs(np.asarray(got[1]) - slope) <= 16 * 2.0**-52 * abs(slope))
            # A real function of complex ends has the gradient that JAX's own grid has.
            mine, own = (
                jax.grad(lambda z, m=m: jnp.abs(getattr(m, name)(z, b, 4)).sum())(a)
                for m in (dropin, jnp)
            )
            assert abs(mine - own) <= 256 * 2.0**-52 * abs(own)


class TestSteps:
    @pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
    def test_bits(self, dtype):
        rng = np.random.default_rng(5)
        expo = rng.integers(-30, 15, (2, 300)) if dtype == "float16" else rng.integers(-149, 127)
        wild = np.ldexp(rng.uniform(-2, 2, (2, 300)), expo)
        few = np.array([[1, 1, 0, -1, 1, np.inf, np.nan], [1, 1.5, -0.0, 3, 0.1, 2, 1]])
        start, stop = (jnp.asarray(x, dtype) for x in np.concatenate([wild, few], axis=1))

        def step(a, b, endpoint=True):
            return xspace.linspace(a, b, 8, endpoint=endpoint, retstep=True)[1]

        got, made = jax.jit(step)(start, stop), step(start, stop)
        assert_identical(got, made)
        for a, b, s in zip(start.tolist(), stop.tolist(), got.tolist(), strict=True):
            if np.isfinite(a) and np.isfinite(b):
                exact = xspace.linspace((Fraction(b) - Fraction(a)) / 7, 0, 1, dtype=dtype, xp=jnp)
                assert s == exact[0], (a, b)
            else:
                assert np.isnan(s)

    def test_derivatives_and_lanes(self):
        def step(a, b):
            return xspace.linspace(a, b, 5, retstep=True)[1]

        assert jax.grad(step, (0, 1))(0.1, 0.7) == (-0.25, 0.25)
        assert jax.hessian(step, (0, 1))(0.1, 0.7) == ((0, 0), (0, 0))
        lanes = jnp.arange(3.0)
        assert_identical(jax.vmap(step, (None, 0))(1.0, lanes), step(1.0, lanes))

    def test_complex(self):
        start = jnp.asarray([0.1 + 0.3j, 1e-40j], jnp.complex64)

        def step(z):
            return xspace.linspace(z, 1 - 1j, 4, retstep=True)[1]

        assert_identical(jax.jit(step)(start), step(start))

    @pytest.mark.parametrize("num", [0, 1])
    def test_none(self, num):
        for endpoint in (True, False):
            step = jax.jit(lambda x, e=endpoint: dropin.linspace(x, 2, num, e, True)[1])(1.0)
            assert_identical(step, dropin.linspace(1.0, 2, num, endpoint, True)[1])


class TestWhatHasToBeKnown:
    CASES = (
        lambda m, k: m.linspace(0.0, 1.0, k),
        lambda m, k: m.linspace(0.0, 1.0, 3, axis=k),
        lambda m, k: m.linspace(0.0, 1.0, 3, endpoint=k),
        lambda m, k: m.linspace(0.0, 1.0, 3, retstep=k),
        lambda m, k: m.logspace(0.0, 1.0, k),
        lambda m, k: m.geomspace(1.0, 2.0, 3, endpoint=k),
        lambda m, k: m.arange(k),
        lambda m, k: m.arange(0, 3, k),
    )

    @pytest.mark.parametrize("call", CASES)
    @pytest.mark.parametrize("module", [xspace, dropin])
    def test_error(self, call, module):
        error = jax.errors.ConcretizationTypeError
        with pytest.raises(error, match="static_argnums"):
            jax.jit(lambda k: call(module, k))(1)
        with pytest.raises((TypeError, ValueError)):  # of a flag it says that it has no hash
            jax.jit(lambda k: call(jnp, k))(1)


SIZES = (
    lambda b: (b,),
    lambda b: (0, 5 * b + 1, 2),
    lambda b: (b, 5 * b + 2, 2),
    lambda b: (0, b - 3, 2),
    lambda b: (0, -b, 2),
    lambda b: (b, -1, -1),
    lambda b: (5 * b + 2, 0, -2),
    lambda b: (0, 10, b),
    lambda b: (b, 1, -b),
)


def exported(function, dtype=np.float32):
    """What a function of an array of any length gives, by the length."""
    (size,) = export.symbolic_shape("b")
    program = export.export(jax.jit(function))(jax.ShapeDtypeStruct((size,), dtype))
    return lambda b: program.call(jnp.zeros(b, dtype))


class TestSizesThatAreNotKnown:
    @pytest.mark.parametrize("bounds", SIZES)
    def test_arange(self, bounds):
        for module in (xspace, dropin):
            made = exported(lambda x, m=module: m.arange(*bounds(x.shape[0])))
            for b in (1, 2, 6):
                assert_identical(made(b), jnp.arange(*bounds(b)))

    def test_arange_of_floats(self):
        made = exported(lambda x: dropin.arange(0, x.shape[0], 1, np.float32))
        assert_identical(made(4), jnp.arange(4, dtype=jnp.float32))

    @pytest.mark.parametrize(
        ("bounds", "error", "match"),
        [
            (lambda b: (0.0, b), ValueError, "start is float"),
            (lambda b: (0, b, 0), ValueError, "step == 0"),
            (lambda b: (0, b, b - 2), jax.errors.InconclusiveDimensionOperation, "step is b - 2"),
        ],
    )
    def test_errors_of_arange(self, bounds, error, match):
        with pytest.raises(error, match=match):
            exported(lambda x: dropin.arange(*bounds(x.shape[0])))

    @pytest.mark.parametrize("name", NAMES)
    def test_num(self, name):
        def grid(num):
            return getattr(xspace, name)(0.3, 7, num, endpoint=False, xp=jnp)

        made = exported(lambda x: grid(x.shape[0]))
        for b in (1, 5):
            assert_identical(made(b), grid(b))

    def test_ends_and_steps(self):
        def both(x, b):
            return dropin.linspace(x[:1].sum() + 0.5, b, b, retstep=True)

        made = exported(lambda x: both(x, x.shape[0]))
        for b in (1, 4):
            for got, true in zip(made(b), both(jnp.zeros(b), b), strict=True):
                assert_identical(got, true)

    def test_other_libraries(self):
        with pytest.raises(TypeError, match=r"wanted xp=jax\.numpy"):
            exported(lambda x: xspace.linspace(0, 1, x.shape[0], xp=np))

    def test_spirals(self):
        with pytest.raises(TypeError, match="must be known"):
            exported(lambda x: xspace.geomspace(1, 1j, x.shape[0]))


class TestLongGridsInPrograms:
    @pytest.mark.parametrize(
        "grid",
        [
            lambda n: xspace.arange(n, xp=jnp),
            lambda n: xspace.arange(9, 9 - 3 * n, -3, dtype=jnp.int32, xp=jnp),
            lambda n: xspace.arange(n, dtype=jnp.uint32, xp=jnp),
            lambda n: xspace.arange(-1.0, n / 4 - 1, 0.25, xp=jnp),
            lambda n: xspace.arange(0, 0.1 * n, 0.1, xp=jnp),
            lambda n: xspace.linspace(Fraction(-1, 3), 0.7, n, endpoint=False, xp=jnp),
            lambda n: xspace.linspace(-100, 100, n, dtype=jnp.int8, xp=jnp),
        ],
    )
    def test_no_constant(self, grid):
        program = jax.jit(lambda: grid((1 << 20) + 5)).lower()
        assert len(program.as_text()) < 1 << 18
        assert_identical(program.compile()(), grid((1 << 20) + 5))

    def test_errors_are_those_of_the_call(self):
        with pytest.raises(OverflowError, match="element 128 is 128"):
            jax.jit(lambda: xspace.arange(1 << 20, dtype=jnp.int8, xp=jnp))()


def test_where_results_lie():
    """Committed if a device is asked for or an array is committed, where JAX's own results lie."""
    code = """
import jax, jax.numpy as jnp
from jax.sharding import AxisType, NamedSharding, PartitionSpec as P
import xspace
from xspace.dropin import jax as dropin

devices = jax.devices()
assert len(devices) == 8
here, there = jax.device_put(jnp.ones(()), devices[1]), jax.device_put(jnp.ones(2), devices[1])
with jax.default_device(devices[2]):
    loose = jnp.ones(2)
mesh = jax.make_mesh((8,), ("a",), axis_types=(AxisType.Auto,))
divided = NamedSharding(mesh, P("a"))
copied = jax.device_put(jnp.ones(()), NamedSharding(mesh, P()))
CALLS = [
    lambda m: m.linspace(jnp.zeros(2), jnp.ones(2), 3),
    lambda m: m.linspace(jnp.zeros(2), here, 3, retstep=True),
    lambda m: m.linspace(loose, 1, 3, retstep=True),
    lambda m: m.linspace(loose, jnp.ones(2), 3),
    lambda m: m.linspace(0, 1, 3, retstep=True),
    lambda m: m.linspace(0, here, 3, retstep=True),
    lambda m: m.linspace(0, 1, 3, retstep=True, device=devices[3]),
    lambda m: m.linspace(0, jnp.ones(2), 3, retstep=True, device=devices[3]),
    lambda m: m.linspace(0, 1, 8, retstep=True, device=divided),
    lambda m: m.linspace(0, copied, 8),
    lambda m: m.logspace(0, 1, 3, base=here),
    lambda m: m.logspace(jnp.zeros(2), 1, 3),
    lambda m: m.geomspace(jnp.ones(2), 2, 3),
    lambda m: m.geomspace(there, jnp.asarray(2.0), 3),
    lambda m: m.arange(3),
    lambda m: m.arange(jnp.asarray(3)),
    lambda m: m.arange(here),
    lambda m: m.arange(3, device=devices[1]),
    lambda m: jax.jit(lambda: m.linspace(0, here, 3))(),
    lambda m: jax.jit(lambda x: m.linspace(x, here, 3))(1.0),
    lambda m: jax.jit(lambda x: m.linspace(x, 1, 3, device=devices[1], retstep=True))(1.0),
    lambda m: jax.jit(lambda: m.linspace(0, 1, 3, device=devices[1]))(),
    lambda m: jax.jit(lambda: m.arange(300_000, device=devices[1]))(),
    lambda m: jax.jit(lambda x: m.linspace(0, x, 8, device=divided, retstep=True))(1.0),
    lambda m: jax.vmap(lambda x: m.linspace(x, here, 3))(jnp.ones(2)),
    lambda m: jax.jacfwd(lambda x: m.linspace(x, here, 3))(1.0),
]
for k, call in enumerate(CALLS):
    ours, theirs = (jax.tree.leaves(call(m)) for m in (dropin, jnp))
    for x, y in zip(ours, theirs, strict=True):
        assert x.committed == y.committed, (k, x.committed)
        assert x.sharding.device_set == y.sharding.device_set, (k, x.sharding, y.sharding)
        assert x.sharding.is_equivalent_to(y.sharding, x.ndim), (k, x.sharding, y.sharding)
for call in CALLS[:4]:
    ours, theirs = (jax.tree.leaves(call(m))[0] for m in (xspace, dropin))
    assert (ours.committed, ours.device) == (theirs.committed, theirs.device)
assert xspace.arange(here).device == devices[1]  # as its other functions
on_1 = jax.device_put(jnp.ones(2), devices[1])
assert (dropin.linspace(jnp.zeros(2), jnp.ones(2), 3) + on_1).devices() == {devices[1]}
with jax.default_device(devices[2]):
    assert xspace.linspace(jnp.zeros(2), 1, 3).devices() == {devices[2]}
    assert xspace.arange(3, xp=jnp).devices() == {devices[2]}
"""
    environment = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=300, env={**os.environ, **environment}
    )
