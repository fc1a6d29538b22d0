"""JAX's signatures."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from dropin_calls import FUNCTIONS, load, quietly

import xspace
from xspace.testing import assert_identical


class TestJax:
    @pytest.fixture(params=[False, True], ids=["32 bits", "64 bits"])
    def jax(self, request):
        jax = pytest.importorskip("jax", reason="jax is not installed")
        with jax.enable_x64(request.param):
            yield jax

    def check(self, jax, name, args, options=None):
        module, jnp = load("jax")
        options = options or {}
        ours = getattr(module, name)(*args, **options)
        native = quietly(jax.eval_shape, lambda: getattr(jnp, name)(*args, **options))
        pairs = zip(ours, native, strict=True) if isinstance(ours, tuple) else [(ours, native)]
        for got, theirs in pairs:
            assert isinstance(got, jax.Array)
            for word in ("shape", "dtype", "weak_type"):
                assert getattr(got, word) == getattr(theirs, word), word
        return ours

    def ends(self, jnp):
        return [
            (1, 5),
            (1.5, 3),
            (True, 3.5),
            (np.float32(1), 2),
            (np.float64(1), 2),
            (np.int64(1), 2),
            (np.array(1.5), np.float32(5)),
            (jnp.float16(1), jnp.bfloat16(2)),
            (jnp.bfloat16(1), 2),
            (jnp.int8(1), 2),
            (jnp.int32(1), np.float16(2)),
            (jnp.uint16(1), jnp.asarray(2.0)),
            (jnp.asarray([1.0, 2.0]), 3),
            (np.array([1, 2]), jnp.int8(3)),
            (np.array([[1.0], [2.0]], np.float32), jnp.asarray([3, 4])),
        ]

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize(
        ("dtype", "endpoint", "num"),
        [
            (None, True, 4),
            (None, False, 1),
            ("bfloat16", True, 1),
            (int, False, 4),
            (None, True, 0),
        ],
    )
    def test_calls(self, jax, name, dtype, endpoint, num):
        jnp = jax.numpy
        for ends in self.ends(jnp):
            ours = self.check(jax, name, (*ends, num, endpoint), {"dtype": dtype})
            first, last = (
                (jnp.asarray(e) if e.ndim else e.item()) if isinstance(e, np.ndarray) else e
                for e in ends
            )
            options = {"endpoint": endpoint, "dtype": ours.dtype, "xp": jnp}
            assert_identical(ours, getattr(xspace, name)(first, last, num, **options))

    @pytest.mark.parametrize(("num", "endpoint"), [(0, True), (1, True), (1, False), (4, True)])
    def test_steps(self, jax, num, endpoint):
        for ends in self.ends(jax.numpy):
            options = {"retstep": True, "endpoint": endpoint}
            _, step = self.check(jax, "linspace", (*ends, num), options)
            if num - endpoint < 1:
                assert math.isnan(step)

    def test_a_step_is_rounded_once(self, jax):
        """The step 1 + 2**-24 + 2**-54 rounds up; by way of float64 it would be a tie."""
        module, jnp = load("jax")
        stop = Fraction(1) + Fraction(1, 2**24) + Fraction(1, 2**54)
        _, step = module.linspace(0, stop, 2, retstep=True, dtype=jnp.float32)
        assert float(step) == 1 + 2**-23

    @pytest.mark.parametrize("axis", [1, -1])
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_axes(self, jax, name, axis):
        for ends in self.ends(jax.numpy):
            if any(np.ndim(end) for end in ends):
                self.check(jax, name, (*ends, 3), {"axis": axis})

    def test_bases(self, jax):
        jnp = jax.numpy
        for base in (2, 2.5, np.float16(2), jnp.float32(3)):
            for ends in self.ends(jnp):
                ours = self.check(jax, "logspace", (*ends, 3, True, base))
                if not any(np.ndim(end) for end in ends):
                    values = [e.item() if hasattr(e, "item") else e for e in (*ends, base)]
                    made = xspace.logspace(*values[:2], 3, base=values[2], dtype=ours.dtype, xp=jnp)
                    assert_identical(ours, made)
        lanes = np.array([0.0, 1.0], np.float32), 2, 3
        base = np.array([2.0, 3.0], np.float32)
        ours = self.check(jax, "logspace", (*lanes, True, base))
        assert_identical(ours[:, 1], xspace.logspace(1, 2, 3, base=3, dtype=ours.dtype, xp=jnp))

    @pytest.mark.parametrize("axis", [0, 1, -1])
    def test_bases_that_jax_pairs_with_the_samples(self, jax, axis):
        module, _ = load("jax")
        start = 0 if axis == 0 else np.array([0.0, 1.0])
        with pytest.raises(ValueError, match="base has 1 dimensions"):
            module.logspace(start, 2, 2, base=np.array([2.0, 3.0]), axis=axis)

    def test_devices(self, jax):
        module, jnp = load("jax")
        device = jax.devices()[0]
        sharding = jax.sharding.SingleDeviceSharding(device)
        here = jax.device_put(jnp.float32(0), device)
        for start, place in [(0, device), (0, sharding), (0, None), (here, None)]:
            ours, native = (m.linspace(start, 1, 3, device=place) for m in (module, jnp))
            assert (ours.device, ours.committed) == (native.device, native.committed)
        assert not module.logspace(jnp.float32(0), jnp.int8(1), 3).committed

    def test_in_a_compiled_function(self, jax):
        module, _ = load("jax")
        for name in FUNCTIONS:
            make = getattr(module, name)
            assert_identical(jax.jit(lambda m=make: m(1, 2, 5))(), make(1, 2, 5))

    def test_numbers_are_exact_without_64_bits(self, jax):
        module, jnp = load("jax")
        start = np.float64(1 + 2**-24 + 2**-50)  # in float32 first, this would be 1
        made = module.linspace(start, 2, 2, dtype=jnp.float32)
        assert float(made[0]) == 1 + 2**-23

    def test_lists(self, jax):
        module, jnp = load("jax")
        for make in (module.linspace, jnp.linspace):
            with pytest.raises(TypeError):
                make([0, 1], 2, 3)


class TestArange:
    def test_jax_formats(self):
        module, jnp = load("jax")
        step = jnp.asarray(0.3, jnp.float32)
        assert module.arange(0, np.float32(0.9), step).shape == (3,)
        assert module.arange(0, 0.9, float(step)).shape == (3,)

    def test_jax_sharding(self):
        module, jnp = load("jax")
        import jax

        axes = (jax.sharding.AxisType.Explicit,)
        mesh = jax.make_mesh((1,), ("x",), axis_types=axes)
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("x"))
        got, theirs = (m.arange(4, out_sharding=sharding) for m in (module, jnp))
        assert got.sharding == theirs.sharding
        for package in (module, jnp):
            with pytest.raises(ValueError, match="device"):
                package.arange(4, device=jax.devices()[0], out_sharding=sharding)
