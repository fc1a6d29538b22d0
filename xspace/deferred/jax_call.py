"""How a program of XLA is told to call the engine, on one device or on many, here or elsewhere.

A program names the handler and holds a plan of words, so that a version is part of the name: a
reader that has another version finds none of that name, and says so.  A compiler that divides a
program among devices divides the lanes of a call if all of them come first: then every device
calls the engine with the lanes that it has.  Their samples stay together.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import numpy as np
from jax.extend.mlir import ir
from jax.extend.mlir.dialects import sdy, stablehlo
from jax.interpreters import mlir

from ..engine.native import ENGINE, WHICH
from ..engine.native.filling import CODES, significand
from ..exact.number import Scalar
from ..ground.loaded import is_symbolic
from ..ground.thresholds import JAX_DIVIDED
from .jax_settle import FUNCTIONS, settle
from .jax_words import Grid, div_of, scalar_of

__all__ = [
    "HANDLER",
    "engine_call",
    "exports_with_calls",
    "is_call",
    "is_divided",
    "is_registered",
    "register",
]

#: The handler's name in programs, with the version of what a program gives it.
HANDLER = "xspace_grid_2"
#: What an end is for the handler, if it is no argument of a format; how many ends there are.
_PLAIN_NUMBER, _OTHER_NUMBER, _NO_END = -1, -2, -3
_ENDS = 3


def register() -> None:
    """Tell XLA the handler, or raise an error that says why not."""
    if ENGINE is None:
        raise RuntimeError(f"there is no engine: {WHICH}")
    jax.ffi.register_ffi_target(HANDLER, ENGINE.xla_handler(settle), platform="cpu")
    jax.ffi.register_ffi_target_as_batch_partitionable(HANDLER)


@cache
def is_registered() -> bool:
    """Whether XLA knows the handler, which is told when it is needed first."""
    try:
        register()
    except Exception:  # of another version of the interface, however that is said
        return False
    return True


@cache
def exports_with_calls() -> Any:
    """Whether exported programs call the engine: a context, of which JAX's caches know.

    It is made when it is asked for, as JAX traces every function anew when there is one more.
    """
    return jax.make_user_context(False)


def is_call(context: Any, grid: Grid) -> bool:
    """Whether a grid is a call of the engine in the program that is written."""
    if is_symbolic(grid.num) or not _is_engine_there(context.module_context):
        return False
    # Integers have the memory of long lanes divided, too, where samples are what is divided.
    is_shared = grid.length >= JAX_DIVIDED and is_divided(context)
    return (not is_shared or _is_divided_by_types(context)) and is_registered()


def _is_engine_there(module: Any) -> bool:
    """Whether whoever runs a program has the engine, as far as that is known."""
    if not module.lowering_parameters.for_export:
        return True
    return bool(exports_with_calls.cache_info().currsize and exports_with_calls().value)


def is_divided(context: Any) -> bool:
    """Whether a compiler divides a program among devices."""
    axes = context.module_context.axis_context
    if hasattr(axes, "manual_axes"):  # of a mesh whose other axes are the compiler's
        return set(axes.manual_axes) != set(axes.mesh.axis_names)
    return getattr(axes, "num_devices", 1) > 1


def _is_divided_by_types(context: Any) -> bool:
    """Whether arrays are sharded by their types, which a look-up in a table has no rule for."""
    kinds = (axis for aval in context.avals_in for axis in aval.sharding.mesh.axis_types)
    return jax.sharding.AxisType.Explicit in kinds


def engine_call(context: Any, ends: Any, grid: Grid, lanes: tuple[Any, ...]) -> Any:
    """The call as operations of a program."""
    known = {"text": repr(grid.words)}
    is_exported = context.module_context.lowering_parameters.for_export
    is_one = not (is_divided(context) or is_exported)
    if is_one or any(map(is_symbolic, lanes)):
        known["plan"] = _plan(grid, grid.after)
        return jax.ffi.ffi_lowering(HANDLER)(context, *ends, **known)
    avals = [jax.core.ShapedArray(_beside(a.shape, lanes), a.dtype) for a in context.avals_in]
    made = jax.core.ShapedArray((*lanes, grid.length), context.avals_out[0].dtype)
    values = [_spread(value, aval.shape) for value, aval in zip(ends, avals, strict=True)]
    first = context.replace(avals_in=avals, avals_out=[made])
    rule = jax.ffi.ffi_lowering(
        HANDLER, extra_attributes=_division([aval.shape for aval in avals], made.shape)
    )
    (elements,) = rule(first, *values, plan=_plan(grid, 0), **known)
    axis, last = len(lanes) - grid.after, len(lanes)
    order = [*range(axis), last, *range(axis, last)]
    return [stablehlo.transpose(elements, mlir.dense_int_array(order))]


def _beside(shape: tuple[int, ...], lanes: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of an end beside the elements of lanes: no axes for one number, or one sample.

    XLA takes what has no axis beyond those of a batch for an array that every device needs.
    """
    return () if all(length == 1 for length in shape) else (*lanes, 1)


def _spread(value: Any, shape: tuple[int, ...]) -> Any:
    """An end of that shape."""
    kind = ir.RankedTensorType.get(shape, ir.RankedTensorType(value.type).element_type)
    if not shape:
        return stablehlo.reshape(kind, value)
    return stablehlo.broadcast_in_dim(kind, value, mlir.dense_int_array(range(len(shape) - 1)))


def _division(ends: list[tuple[int, ...]], made: tuple[int, ...]) -> dict[str, Any]:
    """What compilers read to divide a call: the axes of lanes are those of a batch."""
    lanes = len(made) - 1
    attributes = {"mhlo.frontend_attributes": mlir.ir_attribute({"num_batch_dims": str(lanes)})}
    if jax.config.jax_use_shardy_partitioner:
        attributes["sdy.sharding_rule"] = _sharding_rule(ends, made)
    return attributes


def _sharding_rule(ends: list[tuple[int, ...]], made: tuple[int, ...]) -> Any:
    """Which axes are the same: those of lanes; the last one is each array's own."""
    sizes: dict[Any, int] = {}
    arrays = []
    for k, shape in enumerate([*ends, made]):
        axes = [*range(len(shape) - 1), (k, "last")][: len(shape)]
        for axis, size in zip(axes, shape, strict=True):
            sizes.setdefault(axis, size)
        places = [list(sizes).index(axis) for axis in axes]
        factors = [sdy.DimMappingAttr.get(factor_indices=[place]) for place in places]
        arrays.append(sdy.TensorMappingAttr.get(dim_mappings=factors))
    return sdy.OpShardingRuleAttr.get(
        factor_sizes=list(sizes.values()),
        operand_mappings=arrays[:-1],
        result_mappings=arrays[-1:],
        is_custom=True,
    )


def _plan(grid: Grid, after: int) -> Any:
    """What the handler reads of a grid, and of each of its ends."""
    words = [
        FUNCTIONS.index(grid.function),
        CODES[grid.fmt.name],
        int(grid.endpoint),
        after,
        grid.which,
        div_of(grid.num, grid.endpoint),
    ]
    for _, word in grid.words:
        words += [CODES[word], 0, 0, 0] if isinstance(word, str) else _number(scalar_of(word))
    words += [_NO_END, 0, 0, 0] * (_ENDS - len(grid.words))
    return np.array(words, np.int64)


def _number(x: Scalar) -> list[int]:
    """A scalar as its sign, its leading bits and its exponent, if it is a word or a float64."""
    found = significand(x)
    if found is None or not -1074 <= found[2] <= 1023:
        return [_OTHER_NUMBER, 0, 0, 0]
    negative, man, expo = found
    return [_PLAIN_NUMBER, negative, man - (1 << 64) if man >> 63 else man, expo]
