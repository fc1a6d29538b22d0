"""JAX arrays on many devices: every device gets its own shard, with the bits of the whole.

Eight virtual devices of the CPU stand for them, in processes of their own: their number is fixed
when JAX starts.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytest.importorskip("jax")

PRELUDE = """
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import NamedSharding, PartitionSpec as P
import xspace
from xspace import geomspace, linspace, logspace
from xspace.testing import assert_identical

assert len(jax.devices()) == 8
mesh = jax.make_mesh((4, 2), ("a", "b"))
"""


def run(code: str, *, wide: bool = True) -> None:
    """Run the code where JAX has eight devices."""
    environment = {
        "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
        "JAX_PLATFORMS": "cpu",
        "JAX_ENABLE_X64": "1" if wide else "0",
    }
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", PRELUDE + code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("wide", [True, False])
def test_grids(wide):
    run(
        """
dtype = jnp.result_type(float)
for spec in P("a"), P("b"), P(("a", "b")), P(("b", "a")), P(), P(None):
    sharding = NamedSharding(mesh, spec)
    for function, ends, options in [
        (linspace, (0, 1), {}), (linspace, (1, -0.0), {}), (linspace, (-0.0, -0.0), {}),
        (linspace, (0, np.inf), {}), (linspace, (-np.inf, 3), {"endpoint": False}),
        (logspace, (-30, 30), {}), (logspace, (-30, 33), {"base": -1.5}),
        (logspace, (-3, 3), {"base": 0}),
        (geomspace, (-1, -9), {}), (geomspace, (1, -9), {}), (geomspace, (1e-45, 1), {}),
    ]:
        for kind in dtype, "float16", "bfloat16":
            kind = jnp.dtype(kind)
            grid = function(*ends, 48, **options, xp=jnp, device=sharding, dtype=kind)
            assert grid.sharding == sharding and grid.dtype == kind
            alone = function(*ends, 48, **options, xp=jnp, dtype=kind)
            assert_identical(grid, alone)
            for shard in grid.addressable_shards:
                assert_identical(shard.data, alone[shard.index])
grid = linspace(0, 100, 24, xp=jnp, device=NamedSharding(mesh, P(("b", "a"))), dtype=jnp.int8)
assert_identical(grid, linspace(0, 100, 24, dtype=np.int8))
""",
        wide=wide,
    )


def test_no_device_makes_more_than_its_shard():
    run(
        """
import xspace.engine.fill
lengths = []
fill = xspace.engine.fill.fill
def counted(out, line, fmt):
    lengths.append(line.num)
    fill(out, line, fmt)
xspace.engine.fill.fill = counted
logspace(0, 3, 8000, xp=jnp, device=NamedSharding(mesh, P(("a", "b"))))
assert lengths == [1000] * 8, lengths
lengths.clear()
logspace(0, 3, 8000, xp=jnp, device=NamedSharding(mesh, P("a")))  # on two devices each
assert lengths == [2000] * 4, lengths
"""
    )


def test_memory():
    """Of the 8 shards of 1 GiB, the host holds one or two at a time."""
    run(
        """
import resource
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
sharding = NamedSharding(mesh, P(("a", "b")))
logspace(0, 300, 1 << 20, xp=jnp, device=sharding)
before = peak()
grid = logspace(0, 300, 1 << 27, xp=jnp, device=sharding)
assert peak() - before < (1 << 30) * 1.4, peak() - before  # the grid, and a few shards
assert float(grid.max()) == 1e300
"""
    )


def test_lanes():
    run(
        """
stop = np.linspace(1, 9, 32).reshape(8, 4)
for spec in P(None, "a", "b"), P(None, ("a", "b")), P("a", "b"), P("b", None, "a"), P():
    sharding = NamedSharding(mesh, spec)
    for function in linspace, logspace, geomspace:
        grid = function(1, jnp.asarray(stop), 16, device=sharding)
        assert grid.sharding == sharding
        assert_identical(grid, function(1, stop, 16))
        # Ends that broadcast, and integers.
        start = np.arange(1, 5)
        grid = function(jnp.asarray(start), jnp.asarray(stop), 16, device=sharding, dtype=jnp.int64)
        assert_identical(grid, function(start, stop, 16, dtype=np.int64))
"""
    )


def test_errors_name_the_lane_among_all():
    run(
        """
stop = np.ones((4, 2)); stop[2, 1] = 500
sharding = NamedSharding(mesh, P(None, "a"))
try:
    linspace(0, jnp.asarray(stop), 8, device=sharding, dtype=jnp.int8)
except OverflowError as error:
    assert "element 2" in str(error) and "lane (2, 1)" in str(error), error
else:
    raise AssertionError
"""
    )


def test_a_length_that_does_not_divide_is_refused_as_jax_does():
    run(
        """
sharding = NamedSharding(mesh, P("a"))
try:
    linspace(0, 1, 11, xp=jnp, device=sharding)
except ValueError as error:
    assert "11" in str(error)
else:
    raise AssertionError
"""
    )


def test_a_constant_of_a_jitted_function():
    run(
        """
sharding = NamedSharding(mesh, P("a"))
grid = jax.jit(lambda x: logspace(0, 3, 16, xp=jnp, device=sharding) * x)(1.0)
assert_identical(grid, logspace(0, 3, 16))
"""
    )


def test_a_mesh_that_is_set_divides_no_grid():
    """Whatever its length is, and whichever way it goes."""
    run(
        """
lanes = jnp.ones(3)
with jax.set_mesh(mesh):
    for made in (linspace(1, 4, 5, xp=jnp), linspace(1, 4, 70_000, xp=jnp), geomspace(lanes, 4, 5)):
        assert not made.committed and len(made.devices()) == 1, made.sharding
"""
    )
