"""How JAX calls functions, and how it gives them numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.export
import jax.numpy as jnp
import numpy as np

from .check import SOME, Call, Ends, Function, Transform

NATIVE = jnp
NAMES = {"jnp": jnp, "jax": jax}

ENDS = (
    Ends("scalars", "jnp.float32(0.5)", "jnp.float32(3)"),
    Ends("weak-scalars", "jnp.asarray(0.5)", "jnp.asarray(3.0)"),
    Ends("weak-beside-short", "0.5", "jnp.float16(3)"),
    Ends("short-beside-numpy", "jnp.bfloat16(0.5)", "np.float32(3)"),
    Ends("integer-scalars", "jnp.int32(1)", "jnp.int32(4)"),
    Ends("long-scalars", "jnp.asarray(0.5, dtype=jnp.float64)", "3"),
    Ends("complex-scalars", "jnp.complex64(1+2j)", "3-1j"),
    Ends("lanes", "jnp.asarray([0.5, 1.0])", "jnp.asarray([3.0, 2.0])"),
    Ends("lanes-beside-number", "jnp.asarray([0.5, 1.0])", "3"),
    Ends("short-lanes", "jnp.asarray([0.5, 1.0], dtype=jnp.float16)", "jnp.float32(3)"),
    Ends("weak-lanes", "jnp.broadcast_to(jnp.asarray(0.5), 2)", "jnp.float16(3)"),
    Ends("numpy-beside-lanes", "np.float64(0.5)", "jnp.asarray([3.0, 2.0])"),
    Ends("lanes-beside-complex", "jnp.asarray([1.0, 2.0])", "3+4j"),
    Ends("complex-lanes", "jnp.asarray([1+2j, 2-1j])", "jnp.asarray([3-1j, 2.5+0.5j])"),
)

Pair = tuple[Any, Any]


def eager(f: Function, ends: Pair) -> Any:
    return f(*ends)


# The function closes over its ends: these are constants of a program, or of a batch.


def jit(f: Function, ends: Pair) -> Any:
    return jax.jit(lambda: f(*ends))()


def in_vmap(f: Function, ends: Pair) -> Any:
    rows = jax.vmap(lambda x: f(*ends), axis_size=2)(jnp.ones(2))
    return jax.tree.map(lambda row: row[1], rows)


def in_scan(f: Function, ends: Pair) -> Any:
    rows = jax.lax.scan(lambda carry, x: (carry, f(*ends)), 0, length=2)[1]
    return jax.tree.map(lambda row: row[1], rows)


def in_grad(f: Function, ends: Pair) -> Any:
    return jax.grad(lambda x: (x, f(*ends)), has_aux=True)(1.0)[1]


def in_jvp(f: Function, ends: Pair) -> Any:
    return jax.jvp(lambda x: (x, f(*ends)), (1.0,), (1.0,), has_aux=True)[2]


def in_cond(f: Function, ends: Pair) -> Any:
    return jax.lax.cond(jnp.asarray(True), lambda: f(*ends), lambda: f(*ends))


def exported(f: Function, ends: Pair) -> Any:
    return jax.export.export(jax.jit(lambda: f(*ends)))().call()


# The ends are arguments.


def jit_by_ends(f: Function, ends: Pair) -> Any:
    return jax.jit(f)(*ends)


def jit_by_start(f: Function, ends: Pair) -> Any:
    return jax.jit(lambda start: f(start, ends[1]))(ends[0])


def lower(f: Function, ends: Pair) -> Any:
    return jax.jit(f).lower(*ends).compile()(*ends)


def make_jaxpr(f: Function, ends: Pair) -> Any:
    closed, shape = jax.make_jaxpr(f, return_shape=True)(*ends)
    flat = jax.core.eval_jaxpr(closed.jaxpr, closed.consts, *ends)
    return jax.tree.unflatten(jax.tree.structure(shape), flat)


def export_by_ends(f: Function, ends: Pair) -> Any:
    arrays = [jnp.asarray(end) for end in ends]
    return jax.export.export(jax.jit(f))(*arrays).call(*arrays)


def checkpoint(f: Function, ends: Pair) -> Any:
    return jax.checkpoint(f)(*ends)


def vmap(f: Function, ends: Pair) -> Any:
    over = tuple(0 if np.ndim(end) else None for end in ends)
    return jax.vmap(f, in_axes=over, out_axes=-1)(*ends)


def linearize_value(f: Function, ends: Pair) -> Any:
    return jax.linearize(f, *ends)[0]


def eval_shape(f: Function, ends: Pair) -> Any:
    return jax.eval_shape(f, *ends)


# Derivatives by an end: Python's numbers, NumPy's and JAX's.


def by(which: int, f: Function, ends: Pair) -> tuple[Callable[[Any], Any], Any]:
    """Return the function of one end, and that end."""
    if which:
        return lambda stop: f(ends[0], stop), ends[1]
    return lambda start: f(start, ends[1]), ends[0]


def grad(f: Function, ends: Pair, which: int) -> Any:
    g = jax.grad(lambda start, stop, k: f(start, stop)[k], argnums=which)
    return jnp.stack([g(*ends, k) for k in SOME])


def value_and_grad(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return jnp.stack([jax.value_and_grad(lambda x, k=k: g(x)[k])(end)[1] for k in SOME])


def jvp(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return jax.jvp(g, (end,), (jnp.ones_like(end),))[1]


def linearize(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return jax.linearize(g, end)[1](jnp.ones_like(end))


def vjp(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    grid, pull = jax.vjp(g, end)
    return jnp.stack([pull(jnp.zeros_like(grid).at[k].set(1))[0] for k in range(5)])


def jacfwd(f: Function, ends: Pair, which: int) -> Any:
    return jax.jacfwd(f, argnums=which)(*ends)


def jacrev(f: Function, ends: Pair, which: int) -> Any:
    return jax.jacrev(f, argnums=which)(*ends)


def jit_jacfwd(f: Function, ends: Pair, which: int) -> Any:
    return jax.jit(jax.jacfwd(f, argnums=which))(*ends)


def vmap_jacrev(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return jax.vmap(jax.jacrev(g))(jnp.stack([end, end]))[1]


def _by_lanes(ends: Ends, call: Call) -> bool:
    return ends.has_lanes and call.axis == 0


def _is_floating(end: Any) -> bool:
    # Of fractions JAX knows nothing.
    kind = getattr(end, "dtype", None)
    return isinstance(end, float) if kind is None else jnp.issubdtype(kind, jnp.floating)


def _are_known(ends: Ends, call: Call) -> bool:
    # Of NumPy's numbers, which xspace takes as those of Python, JAX makes arrays of their dtype.
    given = ends.make()
    if "dtype" not in call.code and any(isinstance(end, np.generic) for end in given):
        return False
    return all(isinstance(end, int | float | complex) or hasattr(end, "dtype") for end in given)


def _are_exported(ends: Ends, call: Call) -> bool:
    # Complex powers are called for by the program, and JAX writes no such call.
    return _are_known(ends, call) and (call.function == "linspace" or not ends.is_complex)


CLOSED = (jit, in_vmap, in_scan, in_grad, in_jvp, in_cond, exported)
TRACED = (jit_by_ends, jit_by_start, lower, make_jaxpr, checkpoint)
SLOPES = (grad, value_and_grad, jvp, linearize, vjp, jacfwd, jacrev, jit_jacfwd, vmap_jacrev)
#: A step is a number of the program then, and no Python float.
IN_PROGRAM = ("dtype", "shape", "weak type")

TRANSFORMS = (
    Transform(eager),
    *(Transform(apply, keeps=IN_PROGRAM) for apply in CLOSED),
    *(Transform(one, traces=True, keeps=IN_PROGRAM, takes=_are_known) for one in TRACED),
    Transform(export_by_ends, traces=True, keeps=("dtype", "shape"), takes=_are_exported),
    Transform(vmap, traces=True, keeps=IN_PROGRAM, takes=_by_lanes),
    Transform(eval_shape, traces=True, keeps=IN_PROGRAM, has_elements=False, takes=_are_known),
    *Transform.slopes(*SLOPES, takes=_is_floating),
)
