"""Grids between ends without values: compiled, exported, batched, sharded and lazy ones.

A compiler must not change a bit.  So every result is compared with the eager one, on elements
where an operation rounded otherwise, fused or flushed would show.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from fractions import Fraction

import dask
import dask.array as da
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import xspace
from xspace.testing import assert_identical

# What torch's compiler says about its own caches, and functions that it scripts.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
]


def run(code, **environment):
    """Run code in a process of its own."""
    import os

    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=True,
        timeout=300,
        env={**os.environ, **environment},
    )


def hard_ends(dtype, seed=0):
    """Ends of every magnitude, subnormal ones too, and pairs that give exact and tied elements."""
    rng = np.random.default_rng(seed)
    info = np.finfo(dtype)
    expo = rng.integers(info.minexp - info.nmant, info.maxexp, (2, 200))
    wild = np.ldexp(rng.uniform(1, 2, (2, 200)), expo - 1)
    near = rng.uniform(1, 4, (2, 200))
    exact = np.array([[1, 1, 9, 2.0**-20, 1, 3], [1024, 3, 1, 2.0**20, 10**8, 3]])
    tiny = np.ldexp(rng.integers(1, 99, (2, 50)).astype(float), info.minexp - info.nmant)
    return [row.astype(dtype) for row in np.concatenate([wild, near, exact, tiny], axis=1)]


def exponent_ends(dtype, seed=1):
    rng = np.random.default_rng(seed)
    limit = np.log10(np.finfo(dtype).max)
    start, stop = rng.uniform(-1.15 * limit, 1.05 * limit, (2, 300))
    whole = np.round(rng.uniform(-limit, limit, (2, 100)))
    ends = np.concatenate([[start, stop], whole, [[0, -0.5], [22, 3]]], axis=1)
    return [row.astype(dtype) for row in ends]


GRIDS = [
    ("linspace", hard_ends),
    ("geomspace", hard_ends),
    ("logspace", exponent_ends),
]


def compiled(function, *args, **options):
    torch._dynamo.reset()
    return torch.compile(function, fullgraph=True, backend="aot_eager", **options)(*args)


class TestTorchCompile:
    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize(("name", "ends"), GRIDS)
    def test_bits(self, name, ends, dtype):
        start, stop = ends(dtype)
        function = getattr(xspace, name)
        got = compiled(lambda a, b: function(a, b, 9), torch.tensor(start), torch.tensor(stop))
        assert_identical(got, function(start, stop, 9))

    def test_scalars_are_constants(self):
        def scaled(x):
            return x * xspace.logspace(0.0, 3.0, 50, xp=torch)

        assert_identical(compiled(scaled, torch.tensor(1.0)), scaled(torch.tensor(1.0)))

    @pytest.mark.parametrize("dynamic", [None, True])
    def test_exact_scalars_beside_tensors(self, dynamic):
        def grid(x):
            return xspace.geomspace(Fraction(1, 3), x, 5, axis=-1)

        x = torch.tensor([3.0, 7.0], dtype=torch.float64)
        assert_identical(compiled(grid, x, dynamic=dynamic), grid(x))

    def test_variable_numbers(self):
        torch._dynamo.reset()
        grid = torch.compile(
            lambda x, stop, num: xspace.linspace(x, stop, num),
            fullgraph=True,
            backend="aot_eager",
        )
        x = torch.tensor([1.0, 2.0], dtype=torch.float64)
        for stop, num in ((2.5, 3), (-1.5, 4), (0.1, 5), (float("inf"), 3), (0.0, 2)):
            assert_identical(grid(x, stop, num), xspace.linspace(x, stop, num))

    def test_first_call_of_a_process(self):
        run("""
            import torch, xspace

            @torch.compile(fullgraph=True, backend="aot_eager")
            def grid(x):
                return xspace.logspace(x, 3.0, 5) + xspace.linspace(0, 1, 5, xp=torch)

            x = torch.tensor(1.5)
            assert torch.equal(grid(x), xspace.logspace(x, 3.0, 5) + torch.linspace(0, 1, 5))
        """)

    def test_no_value_is_read(self):
        """A 0-d tensor is no scalar for a compiler."""
        torch._dynamo.reset()
        graphs = []

        def backend(graph, _):
            graphs.append(graph)
            return graph

        grid = torch.compile(lambda x: xspace.linspace(x, 2, 3), fullgraph=True, backend=backend)
        for value in (1.0, 3.0):
            assert grid(torch.tensor(value)).tolist() == [value, (value + 2) / 2, 2]
        assert len(graphs) == 1

    def test_gradients(self):
        def total(a, b, c):
            return (xspace.logspace(a, b, 5, base=c) ** 2).sum()

        ends = [torch.tensor(v, dtype=torch.float64) for v in ([0.5, 1.0], 1.5, 2.5)]
        ends = [e.requires_grad_() for e in ends]
        torch._dynamo.reset()
        got = torch.autograd.grad(
            torch.compile(total, fullgraph=True, backend="aot_eager")(*ends), ends
        )
        for g, e in zip(got, torch.autograd.grad(total(*ends), ends), strict=True):
            assert torch.equal(g, e)

    def test_forward_mode(self):
        def tangent(x):
            return torch.func.jvp(lambda t: xspace.geomspace(t, 3, 5), (x,), (x,))[1]

        x = torch.tensor(2.0, dtype=torch.float64)
        assert torch.equal(compiled(tangent, x), tangent(x))

    def test_dual_numbers_from_outside(self):
        from torch.autograd import forward_ad

        with forward_ad.dual_level():
            x = forward_ad.make_dual(torch.tensor(2.0), torch.tensor(1.0))
            grid = compiled(lambda x: xspace.linspace(x, 4, 5), x)
            assert forward_ad.unpack_dual(grid).tangent.tolist() == [1, 0.75, 0.5, 0.25, 0]

    def test_vmap(self):
        grid = torch.func.vmap(lambda t: xspace.geomspace(t, 3, 5))
        x = torch.tensor([1.0, 2.0])
        assert torch.equal(compiled(grid, x), grid(x))

    def test_integers(self):
        def grid(x):
            return xspace.geomspace(1, x, 9, dtype=torch.int32)

        assert_identical(compiled(grid, torch.tensor(256.0)), grid(torch.tensor(256.0)))


class TestTorch:
    @pytest.mark.parametrize("strict", [True, False])
    def test_export(self, strict):
        class Grid(torch.nn.Module):
            def forward(self, a, b):
                return xspace.logspace(a, b, 5)

        a, b = torch.tensor([0.5, 1.0]), torch.tensor(2.0)
        program = torch.export.export(Grid(), (a, b), strict=strict)
        assert_identical(program.module()(a + 1, b), xspace.logspace(a + 1, b, 5))

    def test_fake_tensors(self):
        from torch._subclasses import FakeTensorMode

        with FakeTensorMode():
            x = torch.ones(3, requires_grad=True)
            y = xspace.logspace(x, torch.tensor(2.0), 5, dtype=torch.float64, axis=1)
            assert (tuple(y.shape), y.dtype) == ((3, 5), torch.float64)
            y.sum().backward()
            assert x.grad.shape == (3,)
            assert xspace.linspace(torch.tensor(1.0), 2, 7).shape == (7,)

    def test_meta_tensors(self):
        x = torch.tensor(1.0, device="meta")
        assert xspace.linspace(x, 2, 7).device.type == "meta"

    def test_vmap(self):
        a = torch.arange(6.0).reshape(3, 2)
        b = torch.tensor([7.0, 8.0, 9.0])
        got = torch.func.vmap(lambda a, b: xspace.linspace(a, b, 5, axis=-1))(a, b)
        rows = [xspace.linspace(x, y, 5, axis=-1) for x, y in zip(a, b, strict=True)]
        assert torch.equal(got, torch.stack(rows))
        nested = torch.func.vmap(
            torch.func.vmap(lambda a, b: xspace.linspace(a, b, 5), in_dims=(0, None)),
            in_dims=(1, 0),
            out_dims=2,
        )(a, b[:2])
        assert torch.equal(nested, xspace.linspace(a, b[:2], 5).movedim(0, 1))
        whole = torch.func.vmap(lambda b: xspace.linspace(0, b, 5, dtype=torch.int32))(b)
        assert torch.equal(whole, xspace.linspace(0, b, 5, dtype=torch.int32).T)

    def test_eager_calls_leave_the_compiler_alone(self):
        """Importing it takes seconds."""
        run("""
            import sys
            import torch, xspace
            x = torch.tensor([1.0, 2.0], requires_grad=True)
            xspace.logspace(x, torch.tensor(3.0), 5).sum().backward()
            xspace.geomspace(x, 3, 5).sum().backward()
            assert "torch._dynamo" not in sys.modules
        """)

    def test_xspace_imports_no_library(self):
        run("""
            import sys, xspace
            assert not {"torch", "jax", "dask"} & set(sys.modules)
        """)


class TestJax:
    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize(("name", "ends"), GRIDS)
    def test_bits(self, name, ends, dtype):
        """Random and hard elements, subnormal and overflowing ones, against the eager grids."""
        with jax.enable_x64(dtype == "float64"):
            start, stop = map(jnp.asarray, ends(dtype))
            function = getattr(xspace, name)
            got = jax.jit(lambda a, b: function(a, b, 9))(start, stop)
            assert_identical(got, function(start, stop, 9))
            assert_identical(got, function(*ends(dtype), 9))

    def test_one_program_serves_all_values(self):
        count = 0

        @jax.jit
        def grid(x):
            nonlocal count
            count += 1
            return xspace.linspace(x, 2, 3)

        for value in (1.0, 3.0, -0.0, np.inf):
            assert_identical(grid(jnp.float32(value)), xspace.linspace(jnp.float32(value), 2, 3))
        assert count == 1

    def test_exact_scalars(self):
        x = jnp.array([3.0, 7.0], jnp.float32)
        for start in (Fraction(1, 3), 0.0, -0.0, 10**30, 0.1):
            got = jax.jit(lambda x, start=start: xspace.linspace(start, x, 5))(x)
            assert_identical(got, xspace.linspace(start, x, 5))

    def test_no_callback_to_the_host(self):
        x = jnp.array([3.0, 7.0], jnp.float32)
        program = jax.jit(lambda x: xspace.linspace(0, x, 5)).lower(x).as_text()
        assert "callback" not in program

    def test_scan_and_vmap(self):
        x = jnp.array([1.0, 2.0, 4.0], jnp.float32)
        expected = xspace.linspace(x, 3, 4).T
        _, rows = jax.lax.scan(lambda c, s: (c, xspace.linspace(s, 3, 4)), 0, x)
        assert_identical(rows, expected)
        assert_identical(jax.vmap(lambda s: xspace.linspace(s, 3, 4))(x), expected)

    def test_integers(self):
        x = jnp.array([256, -5], jnp.int32)
        got = jax.jit(lambda x: xspace.linspace(1, x, 9, dtype=jnp.int16, axis=-1))(x)
        assert_identical(got, xspace.linspace(1, x, 9, dtype=jnp.int16, axis=-1))

    def test_the_step_of_traced_ends(self):
        def step(x):
            return xspace.linspace(x, 1, 4, retstep=True)[1]

        assert_identical(jax.jit(step)(jnp.float32(0.1)), step(jnp.float32([0.1]))[0])

    def test_sharded_lanes_stay_where_they_are(self):
        run(
            """
            import jax, numpy as np, xspace
            from jax.sharding import Mesh, NamedSharding, PartitionSpec
            from xspace.testing import assert_identical

            devices = jax.devices()
            assert len(devices) == 8
            lanes = NamedSharding(Mesh(np.array(devices), ("x",)), PartitionSpec("x"))
            host = np.linspace(1, 2, 64, dtype=np.float32)
            ends = jax.device_put(host, lanes)

            def grid(x):
                return xspace.linspace(x, 3.0, 5)

            expected = NamedSharding(lanes.mesh, PartitionSpec(None, "x"))
            program = jax.jit(grid).lower(ends).compile()
            for got in (grid(ends), program(ends)):
                assert_identical(got, grid(host))
                assert got.sharding.is_equivalent_to(expected, 2), got.sharding
            text = program.as_text()
            assert not [w for w in ("all-gather", "all-reduce", "all-to-all") if w in text]
            """,
            XLA_FLAGS="--xla_force_host_platform_device_count=8",
        )


def refuse(*_, **__):
    raise AssertionError("computed")


class TestDask:
    def test_lazy(self):
        rng = np.random.default_rng(3)
        rows, columns = rng.uniform(1, 9, (6, 1)), rng.uniform(1, 9, 8)
        a, b = da.from_array(rows, chunks=(2, 1)), da.from_array(columns, chunks=3)
        with dask.config.set(scheduler=refuse):
            grids = [
                (xspace.geomspace(a, b, 5), xspace.geomspace(rows, columns, 5)),
                (xspace.linspace(a, 3, 5, axis=-1), xspace.linspace(rows, 3, 5, axis=-1)),
                (xspace.logspace(0, 1, 5, base=b), xspace.logspace(0, 1, 5, base=columns)),
                (
                    xspace.linspace(a, 3, 4, dtype=np.int16),
                    xspace.linspace(rows, 3, 4, dtype=np.int16),
                ),
            ]
        for lazy, expected in grids:
            assert (lazy.shape, lazy.dtype) == (expected.shape, expected.dtype)
            assert lazy._meta.dtype == expected.dtype
            assert_identical(lazy.compute(), expected)

    def test_chunks_are_those_of_the_lanes(self):
        a = da.ones((6, 8), chunks=(2, 3))
        assert xspace.linspace(a, 3, 5).chunks == ((5,), (2, 2, 2), (3, 3, 2))
        assert xspace.linspace(a, 3, 5, axis=-1).chunks == ((2, 2, 2), (3, 3, 2), (5,))

    def test_one_lazy_number(self):
        number = da.from_array(np.array(2.0))
        with dask.config.set(scheduler=refuse):
            grid = xspace.geomspace(number, 8, 3)
        assert grid.chunks == ((3,),)
        assert grid.compute().tolist() == [2, 4, 8]

    def test_names(self):
        a = da.ones(4, chunks=2)
        names = {xspace.linspace(a, 3, 5).name, xspace.linspace(a, 3, 5).name}
        assert len(names) == 1
        names |= {xspace.linspace(a, 3, 6).name, xspace.linspace(a, Fraction(9, 2), 5).name}
        names |= {xspace.linspace(a, 3, 5, endpoint=False).name, xspace.geomspace(a, 3, 5).name}
        assert len(names) == 5

    def test_lanes_of_unknown_number(self):
        a = da.from_array(np.arange(8.0), chunks=3)
        assert_identical(
            xspace.linspace(a[a > 2], 0, 3).compute(), xspace.linspace(np.arange(3.0, 8), 0, 3)
        )
