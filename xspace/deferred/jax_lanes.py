"""Batches under JAX's transformations: traced with integers, differentiated by a rule."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..exact.number import Scalar
from ..exact.rounding import FORMATS, IntFormat
from ..ground.float_environment import in_standard_environment
from ..ground.loaded import is_symbolic
from ..lanes.make import make_eagerly, make_steps
from ..libraries import common_device
from ..libraries.jax_moves import placed
from ..libraries.scalars import read_scalar
from .jax_complex import complex_derivative, complex_samples, complex_step
from .jax_factors import exponential_derivative, geometric_derivative, quotients
from .jax_grid import real_grid, real_logarithm, real_slope, real_step
from .jax_words import Word, div_of, scalar_of, word_of

__all__ = ["grid_of", "is_traced", "steps_of"]

#: A plan and its scalar ends, hashable; None stands for an end that is an array.
Static = tuple[Any, tuple[tuple[str, Word | None], ...]]


def is_traced(ends: dict[str, Any]) -> bool:
    """Whether the values of the ends are not here: traced, or spread over several devices."""
    return any(
        isinstance(v, jax.core.Tracer) or (isinstance(v, jax.Array) and len(v.devices()) > 1)
        for v in ends.values()
    )


def grid_of(plan: Any, ends: dict[str, Any]) -> Any:
    """The samples of a batch, or a partial derivative, along axis 0."""
    if not is_traced(ends) and not is_symbolic(plan.num):
        return make_eagerly(plan, ends)
    static, arrays = _split(plan, ends)
    if isinstance(plan.target.fmt, IntFormat):  # constant but for its steps
        return _traced(static, *map(jax.lax.stop_gradient, arrays))
    return _samples(static, *arrays)


def steps_of(plan: Any, ends: dict[str, Any]) -> Any:
    """The steps of a batch of ``linspace``, one a lane."""
    if not is_traced(ends) and not is_symbolic(plan.num):
        return make_steps(plan, ends)
    static, arrays = _split(plan, ends)
    return _steps(static, *arrays)


def _split(plan: Any, ends: dict[str, Any]) -> tuple[Static, list[Any]]:
    """What a program is made for, and what it is given."""
    words = tuple((n, word_of(v) if isinstance(v, Scalar) else None) for n, v in ends.items())
    return (plan, words), [v for v in ends.values() if not isinstance(v, Scalar)]


def _ends(static: Static, arrays: Iterable[Any]) -> dict[str, Any]:
    values = iter(arrays)
    return {n: next(values) if word is None else scalar_of(word) for n, word in static[1]}


def _known(static: Static, arrays: Iterable[Any]) -> dict[str, Any]:
    """The ends, where a rule of differentiation may have been given numbers of Python and NumPy."""
    ends = _ends(static, arrays)
    for name, value in ends.items():
        if isinstance(value, np.ndarray):  # of a type of JAX's own
            value = jnp.asarray(value) if value.ndim else np.asarray(value)[()]
        ends[name] = value if isinstance(value, (Scalar, jax.Array)) else read_scalar(name, value)
    return ends


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _samples(static: Static, *arrays: Any) -> Any:
    plan, ends = static[0], _known(static, arrays)
    # Complex derivatives are made by one program, traced or not.
    if is_traced(ends) or is_symbolic(plan.num) or (plan.target.is_complex and any(plan.orders)):
        static, values = _split(plan, ends)
        return _traced(static, *values)
    return make_eagerly(_placed(plan, ends), ends)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _steps(static: Static, *arrays: Any) -> Any:
    plan, ends = static[0], _known(static, arrays)
    if is_traced(ends) or is_symbolic(plan.num):
        static, values = _split(plan, ends)
        return _traced_steps(static, *values)
    return make_steps(_placed(plan, ends), ends)


def _placed(plan: Any, ends: dict[str, Any]) -> Any:
    """The plan with the device of its ends, which a tracer may have hidden."""
    target = plan.target
    if target.device is not None:
        return plan
    arrays = {n: v for n, v in ends.items() if not isinstance(v, Scalar)}
    return plan._replace(target=target._replace(device=common_device(target.backend, arrays)))


def _jvp(static: Static, arrays: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    samples = _samples(static, *arrays)
    parts = [
        tangent * _samples(_derived(static, name), *arrays)
        for name, tangent in _moving(static, tangents)
    ]
    return samples, jnp.astype(sum(parts, jnp.zeros_like(samples)), samples.dtype)


def _steps_jvp(
    static: Static, arrays: tuple[Any, ...], tangents: tuple[Any, ...]
) -> tuple[Any, Any]:
    steps = _steps(static, *arrays)
    div = jnp.asarray(div_of(static[0].num, static[0].endpoint), steps.dtype)
    total = jnp.zeros_like(steps)
    for name, tangent in _moving(static, tangents):
        total = total + (tangent if name == "stop" else -tangent) / div
    return steps, jnp.astype(total, steps.dtype)


def _moving(static: Static, tangents: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """The ends that have a derivative, by name, and it."""
    names = [name for name, word in static[1] if word is None]
    return [
        (name, tangent)
        for name, tangent in zip(names, tangents, strict=True)
        if type(tangent) is not jax.custom_derivatives.SymbolicZero
        and getattr(tangent, "dtype", None) != jax.dtypes.float0  # or a number of Python
    ]


_samples.defjvp(_jvp, symbolic_zeros=True)
_steps.defjvp(_steps_jvp, symbolic_zeros=True)


def _derived(static: Static, name: str) -> Static:
    """The derivative by one of the ends, in double or single precision."""
    plan, words = static
    target = plan.target
    orders = plan.orders or (0,) * len(words)
    raised = tuple(k + (word[0] == name) for k, word in zip(orders, words, strict=True))
    if not target.is_complex:
        wide = np.dtype(np.float64 if target.fmt.name == "float64" else np.float32)
        target = target._replace(fmt=FORMATS[wide.name], dtype=wide)
    return plan._replace(target=target, orders=raised), words


@partial(jax.jit, static_argnums=0)
@in_standard_environment
def _traced(static: Static, *arrays: Any) -> Any:
    plan, ends = static[0], _ends(static, arrays)
    shape = jax.lax.broadcast_shapes(*(a.shape for a in arrays)) if arrays else ()
    target, rank = plan.target, len(shape)
    if not is_symbolic(plan.num) and plan.num == 0:
        samples = jnp.zeros((0, *shape), target.dtype)
    elif target.is_complex:
        make = complex_derivative if any(plan.orders) else complex_samples
        samples = make(plan, ends, shape)
    elif any(plan.orders):
        samples = _derivative(plan, ends, rank)
    else:
        samples = real_grid(target.caller, plan, ends, rank)
    samples = jnp.broadcast_to(samples, (plan.num, *shape))
    return placed(samples, target.device)


@partial(jax.jit, static_argnums=0)
def _traced_steps(static: Static, *arrays: Any) -> Any:
    plan, ends = static[0], _ends(static, arrays)
    steps = (complex_step if plan.target.is_complex else real_step)(plan, ends)
    return placed(steps, plan.target.device)


def _derivative(plan: Any, ends: dict[str, Any], rank: int) -> Any:
    """A partial derivative: of the first order from integers, of a higher one from floats."""
    orders, caller = plan.orders, plan.target.caller
    if caller == "linspace":
        weights = quotients(plan, rank, stop=orders[1]) * (sum(orders) == 1)
        return jnp.asarray(weights, plan.target.dtype)
    if sum(orders) == 1:
        return real_slope(caller, plan, ends, rank, orders.index(1))
    samples = real_grid(caller, plan, ends, rank)
    if caller == "geomspace":
        return geometric_derivative(plan, ends, samples, rank)
    line = {name: ends[name] for name in ("start", "stop")}
    exponents = real_grid("linspace", plan, line, rank)
    log = real_logarithm(plan, ends["base"], rank)
    return exponential_derivative(plan, ends, samples, rank, exponents, log)
