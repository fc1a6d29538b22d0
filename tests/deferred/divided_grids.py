"""Grids in programs that a compiler divides among eight devices: bits, calls, nothing sent.

`test_jax_call` runs it in a process that has them.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import xspace
from xspace.deferred import jax_call

MESH = Mesh(np.array(jax.devices()).reshape(4, 2), ("a", "b"))
X, Y = np.linspace(1, 2, 64), np.linspace(3, 9, 16)
ROWS = X.reshape(16, 4)
SPECIAL = np.array([-np.inf, np.inf, np.nan, 5e-324, -1, 1, 2, 9])


def grid(x, **options):
    return xspace.geomspace(x, 9.0, 5, **options)


def outer(x, y):
    return xspace.logspace(x[:, None], y, 5, base=y)


def line(x, **options):
    return xspace.linspace(x, 9.0, 16, **options)


def of(kind):
    return lambda x: xspace.linspace(x.astype(kind), 7, 5, dtype=kind)


def steps(x):
    return jax.lax.scan(lambda x, _: (1.5 * x, grid(x)), x, None, length=4)[1]


def total(x):
    return grid(x)[3].sum()


def both(x):
    return jax.jvp(grid, (x,), (x,))


def inside(function, specs, out, **options):
    return jax.shard_map(function, mesh=MESH, in_specs=specs, out_specs=out, **options)


ALL = inside(grid, P("a"), P(None, "a"))
SOME = inside(grid, P("a"), P(None, "a"), axis_names={"a"})

#: What makes a grid, its ends and where they lie, where it goes, if that is said, and what a call
#: makes on each device, the samples last.
CASES = [
    (grid, [X], [P("a")], None, "f64[16,5]"),
    (grid, [X], [P(("a", "b"))], None, "f64[8,5]"),
    (grid, [X], [P()], P(None, "a"), "f64[16,5]"),
    (grid, [SPECIAL], [P("a")], None, "f64[2,5]"),
    (grid, [ROWS], [P("a", "b")], None, "f64[4,2,5]"),
    (partial(grid, axis=1), [ROWS], [P("a", "b")], None, "f64[4,2,5]"),
    (partial(grid, axis=-1), [ROWS], [P("a", "b")], None, "f64[4,2,5]"),
    (jax.vmap(grid), [ROWS], [P("a", "b")], None, "f64[4,2,5]"),
    (outer, [X, Y], [P("a"), P("b")], None, "f64[16,8,5]"),
    (outer, [X, Y], [P(), P()], P(None, "a", "b"), "f64[16,8,5]"),
    (line, [X], [P("b")], P("a", "b"), "f64[32,16]"),
    (line, [2.0], [P()], P("a"), "f64[16]"),
    (line, [2.0], [P()], P(), "f64[16]"),
    (partial(line, retstep=True), [X], [P("a")], None, "f64[16,16]"),
    (steps, [X], [P("a")], None, "f64[16,5]"),
    (jax.jit(grid), [X], [P("a")], None, "f64[16,5]"),
    (jax.jit(jax.grad(total)), [X], [P("a")], None, "f64[16,5]"),
    (jax.jit(both), [X], [P("a")], None, "f64[16,5]"),
    (ALL, [X], [P("a")], None, "f64[5,16]"),
    (SOME, [ROWS], [P("a", "b")], None, "f64[4,2,5]"),
    (of("float32"), [X], [P("a")], None, "f32[16,5]"),
    (of("bfloat16"), [X], [P("a")], None, "u16[16,5]"),
    (of("float16"), [X], [P("a")], None, "u16[16,5]"),
    (of("int64"), [X], [P("a")], None, "s64[16,5]"),
    (of("uint16"), [X], [P("a")], None, "u16[16,5]"),
    (of("int4"), [X], [P("a")], None, "s8[16,5]"),
]


def texts(function, ends, **options):
    program = jax.jit(function, **options).lower(*ends)
    return program.as_text(), program.compile().as_text()


def check(function, ends, want, out, lanes):
    options = {} if out is None else {"out_shardings": out}
    written, compiled = texts(function, ends, **options)
    assert "@xspace_grid" in written, written
    calls = [text for text in compiled.splitlines() if '"xspace_grid' in text]
    assert any(f" {lanes}{{" in call for call in calls), (lanes, calls)
    for word in ("all-gather", "all-reduce", "all-to-all", "collective-permute"):
        assert word not in compiled, compiled
    made = jax.jit(function, **options)(*ends)
    same(made, want)
    assert out is None or jax.tree.leaves(made)[0].sharding.spec == out.spec


def same(made, want):
    for got, true in zip(jax.tree.leaves(made), jax.tree.leaves(want), strict=True):
        assert (got.dtype, got.shape) == (true.dtype, true.shape)
        assert np.asarray(got).tobytes() == np.asarray(true).tobytes()


def on_mesh(spec, mesh=MESH):
    return None if spec is None else NamedSharding(mesh, spec)


for function, ends, specs, out, lanes in CASES:
    alone = grid if function in (ALL, SOME) else function
    want = alone(*map(jnp.asarray, ends))
    there = [jax.device_put(e, on_mesh(s)) for e, s in zip(ends, specs, strict=True)]
    check(function, there, want, on_mesh(out), lanes)

for first in (AxisType.Explicit, AxisType.Auto):
    for second in (AxisType.Explicit, AxisType.Auto):
        mesh = jax.make_mesh((4, 2), ("a", "b"), axis_types=(first, second))
        with jax.set_mesh(mesh):
            rows = jax.device_put(ROWS, on_mesh(P("a", "b"), mesh))
            check(grid, [rows], grid(ROWS), None, "f64[4,2,5]")
            assert jax.jit(grid)(rows).sharding.spec == P(None, "a", "b")

# Lanes of which devices have no whole number, two meshes in a program, and memory that is given.
few = jax.device_put(X[:11], on_mesh(P()))
some = jax.jit(lambda x: grid(jax.lax.with_sharding_constraint(x, on_mesh(P("a")))))
same(some(few), grid(X[:11]))
row = jax.device_put(X, NamedSharding(Mesh(np.array(jax.devices()), ("i",)), P("i")))
check(grid, [row], grid(X), on_mesh(P(None, ("a", "b"))), "f64[8,5]")
one = jax.jit(lambda x: xspace.linspace(x, 9.0, 1), donate_argnums=0)
same(one(row), xspace.linspace(X, 9.0, 1))

# Long lanes are made of integers, which are divided as the samples are, and as the lanes are.
jax_call.JAX_DIVIDED = 5
for ends, spec, out in ((2.0, P(), P("a")), (ROWS, P("a", "b"), P(None, "a", "b"))):
    there = jax.device_put(ends, on_mesh(spec))
    written, compiled = texts(lambda x: line(x), [there], out_shardings=on_mesh(out))
    assert "@xspace_grid" not in written
    made = jax.jit(lambda x: line(x), out_shardings=on_mesh(out))(there)
    same(made, line(jnp.asarray(ends)))
    assert made.sharding.spec == out
assert "all-gather" not in compiled
assert "@xspace_grid" in texts(lambda x: line(x), [2.0])[0]  # on one device

# ... and no device has the memory of a whole lane.
NUM, PARTS = 1 << 21, on_mesh(P(("a", "b")))
for function in (xspace.linspace, xspace.geomspace):
    long = jax.jit(partial(function, stop=9.0, num=NUM), out_shardings=PARTS)
    needs = long.lower(jnp.float64(2.0)).compile().memory_analysis()
    assert needs.output_size_in_bytes == NUM
    assert needs.temp_size_in_bytes < NUM, function
