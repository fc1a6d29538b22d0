"""One operation of JAX that makes a grid: by the engine on the CPU, by integers elsewhere.

It is a primitive with a rule for each platform, as JAX's guide to primitives describes them.  On
the CPU, XLA calls the engine through its foreign-function interface, so that compilers neither see
the arithmetic nor take time for it.  Integers are what a program is made of where there is no
engine, on accelerators, where the number of samples is not known yet, and in programs that are
exported, unless their reader has the engine, too.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.extend.core import Primitive
from jax.interpreters import batching, mlir

from ..engine.narrow import host_dtype
from ..engine.native.filling import ELEMENTS
from ..exact.number import Scalar
from ..exact.rounding import FORMATS
from .jax_call import engine_call, is_call, is_divided
from .jax_words import Grid, integer_grid, word_of

__all__ = ["real_grid", "real_logarithm", "real_slope", "real_step"]


def real_grid(caller: str, plan: Any, ends: dict[str, Any], rank: int) -> Any:
    """The elements of a function, in the dtype of the plan."""
    return _made(caller, plan, ends, rank)


def real_slope(caller: str, plan: Any, ends: dict[str, Any], rank: int, which: int) -> Any:
    """The first derivative by one of the ends."""
    return _made(caller, plan, ends, rank, which)


def real_logarithm(plan: Any, base: Any, rank: int) -> Any:
    """``ln(base)``, the derivative of a power with the exponent zero."""
    zero = Scalar(0, 1)
    origin = {"start": zero, "stop": zero, "base": base}
    return real_slope("logspace", plan._replace(num=1, endpoint=False), origin, rank, 0)


def real_step(plan: Any, ends: dict[str, Any]) -> Any:
    """The step of ``linspace``, of the shape of the lanes; NaN where there is none."""
    rank = max(getattr(v, "ndim", 0) for v in ends.values())
    step = _made("step", plan, ends, rank)[0]
    steps = jnp.asarray(plan.num) - bool(plan.endpoint)
    return jnp.where(steps < 1, jnp.asarray(jnp.nan, step.dtype), step)


def _made(function: str, plan: Any, ends: dict[str, Any], rank: int, which: int = ELEMENTS) -> Any:
    words: list[tuple[str, Any]] = []
    arrays = []
    for name, end in ends.items():
        if isinstance(end, Scalar):
            words.append((name, word_of(end)))
        else:
            array, kind = _given(end)
            words.append((name, kind))
            arrays.append(lax.expand_dims(array, range(rank - array.ndim)))
    target = plan.target
    fmt = target.fmt
    if fmt.name not in FORMATS:  # a short integer, within a byte
        fmt = FORMATS["int8" if fmt.low else "uint8"]
    grid = Grid(function, plan.num, plan.endpoint, fmt, which, tuple(words), rank)
    elements = _bind(grid, arrays)
    if fmt is not target.fmt:
        return jnp.clip(elements, target.fmt.low, target.fmt.high).astype(target.dtype)
    if elements.dtype == target.dtype:
        return elements
    return lax.bitcast_convert_type(elements, target.dtype)


def _given(end: Any) -> tuple[Any, str]:
    """An end as an argument of the operation, and its format; a short float by its bits."""
    name = np.dtype(end.dtype).name
    if end.dtype == jnp.bool_:
        return end.astype(jnp.int8), "int8"
    if name in ("float16", "bfloat16"):  # XLA's arithmetic would flush them
        return lax.bitcast_convert_type(end, jnp.uint16), name
    if name in FORMATS:
        return end, name
    if jnp.issubdtype(end.dtype, jnp.floating):
        name = "float32"
    else:
        name = "int8" if jnp.iinfo(end.dtype).min else "uint8"
    return end.astype(name), name


_primitive = Primitive("xspace_grid")


def _bind(grid: Grid, arrays: list[Any]) -> Any:
    """The elements, as `host_dtype` stores them, before the last ``after`` axes of the lanes."""
    lanes = lax.broadcast_shapes((1,) * grid.after, *(a.shape for a in arrays))
    axis = len(lanes) - grid.after
    shape, dtype = (*lanes[:axis], grid.length, *lanes[axis:]), host_dtype(grid.fmt)
    kind = jax.core.ShapedArray(shape, dtype)
    if not all(jax.typeof(a).sharding.mesh.empty for a in arrays):  # that of a sum, if unused
        parts = (jnp.expand_dims(array, axis).astype(dtype) for array in arrays)
        kind = jax.typeof(sum(parts, jnp.zeros(shape, dtype)))
    return _primitive.bind(*arrays, grid=grid, kind=kind)


def _kind(*_: Any, grid: Grid, kind: Any) -> Any:
    return kind


def _run(*arrays: Any, **known: Any) -> Any:
    with jax.disable_jit(False):
        return jax.jit(lambda *arrays: _primitive.bind(*arrays, **known))(*arrays)


_primitive.def_abstract_eval(_kind)
_primitive.def_impl(_run)


def _batched(arrays: Any, places: Any, *, grid: Grid, kind: Any) -> Any:
    rows = [
        jnp.expand_dims(array, 0) if place is None else jnp.moveaxis(array, place, 0)
        for array, place in zip(arrays, places, strict=True)
    ]
    return _bind(grid, rows), 0


batching.primitive_batchers[_primitive] = _batched


def _lower_integers(context: Any, *operands: Any, grid: Grid, kind: Any) -> Any:
    def made(*arrays: Any) -> Any:
        with jax.disable_jit():  # functions of `jnp` would all be calls, which take time to trace
            return integer_grid(grid, list(arrays), is_divided=is_divided(context))

    return mlir.lower_fun(made, multiple_results=False)(context, *operands)


mlir.register_lowering(_primitive, _lower_integers)


def _lower_engine(context: Any, *operands: Any, grid: Grid, kind: Any) -> Any:
    if not is_call(context, grid):
        return _lower_integers(context, *operands, grid=grid, kind=kind)
    axis = len(kind.shape) - 1 - grid.after
    return engine_call(context, operands, grid, kind.shape[:axis] + kind.shape[axis + 1 :])


mlir.register_lowering(_primitive, _lower_engine, platform="cpu")
