"""Complex batches under JAX's transformations.

A line has two real parts, which are traced as real grids are.  Spirals are made by the host, which
the program calls: their angles are reduced by as many bits of pi as they ask for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jax import lax

from ..exact.number import Scalar
from ..ground.loaded import is_symbolic
from ..lanes.host import lane_shape
from ..lanes.make import make_eagerly
from ..libraries import NUMPY
from .jax_factors import exponential_derivative, geometric_derivative, number_of, quotients
from .jax_grid import real_grid, real_logarithm, real_step

__all__ = ["complex_derivative", "complex_samples", "complex_step"]

Shape = tuple[int, ...]

_ZERO = Scalar(0, 1)


def complex_samples(plan: Any, ends: dict[str, Any], shape: Shape) -> Any:
    """The elements of a function, along the first axis."""
    if plan.target.caller == "linspace":
        parts = (real_grid("linspace", half, end, len(shape)) for half, end in _parts(plan, ends))
        return lax.complex(*jnp.broadcast_arrays(*parts))
    return _from_host(plan, ends, shape)


def complex_step(plan: Any, ends: dict[str, Any]) -> Any:
    """The step of ``linspace``."""
    steps = (real_step(half, part) for half, part in _parts(plan, ends))
    return lax.complex(*jnp.broadcast_arrays(*steps))


def complex_derivative(plan: Any, ends: dict[str, Any], shape: Shape) -> Any:
    """A partial derivative: a multiple of the samples, but for a line."""
    orders, target, rank = plan.orders, plan.target, len(shape)
    if target.caller == "linspace":
        weights = quotients(plan, rank, stop=orders[1]) * (sum(orders) == 1)
        return jnp.asarray(weights, target.dtype)
    samples = complex_samples(plan, ends, shape)
    if target.caller == "geomspace":
        return geometric_derivative(plan, ends, samples, rank)
    line = plan._replace(target=target._replace(caller="linspace"))
    exponents = complex_samples(line, {n: ends[n] for n in ("start", "stop")}, shape)
    log = _logarithm(plan, jnp.asarray(number_of(ends["base"]), target.dtype), rank)
    return exponential_derivative(plan, ends, samples, rank, exponents, log)


def _logarithm(plan: Any, base: Any, rank: int) -> Any:
    """The natural logarithm of the base, on the principal branch."""
    half, _ = _parts(plan, {})[0]
    size = real_logarithm(
        half._replace(target=half.target._replace(caller="logspace")), jnp.abs(base), rank
    )
    return lax.complex(size, jnp.angle(base))


def _parts(plan: Any, ends: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """The real parts and the imaginary ones, each with the plan of its grid."""
    target = plan.target
    kind = np.dtype(f"f{np.dtype(target.dtype).itemsize // 2}")
    half = plan._replace(target=target._replace(dtype=kind, is_complex=False))
    return [(half, {n: part(v) for n, v in ends.items()}) for part in (_real, _imag)]


def _real(end: Any) -> Any:
    return end._replace(imag=None) if isinstance(end, Scalar) else jnp.real(end)


def _imag(end: Any) -> Any:
    if isinstance(end, Scalar):
        return end.imag or _ZERO
    return jnp.imag(end) if jnp.iscomplexobj(end) else _ZERO


def _from_host(plan: Any, ends: dict[str, Any], shape: Shape) -> Any:
    """The elements, which the host makes while the program waits."""
    if is_symbolic(plan.num):
        msg = f"num of a complex {plan.target.caller} must be known: it is made by the host"
        raise TypeError(msg)
    plan = plan._replace(orders=(), target=plan.target._replace(device=None))
    known = tuple((n, v if isinstance(v, Scalar) else np.dtype(v.dtype)) for n, v in ends.items())
    result = jax.ShapeDtypeStruct((plan.num, *shape), plan.target.dtype)
    # Of one rank, so that an axis that `vmap` brings is the first of each.
    parts = [
        jnp.broadcast_to(part, shape)
        for v in ends.values()
        if not isinstance(v, Scalar)
        for part in _bits(v)
    ]
    call = partial(_on_host, plan, known, len(shape))
    return jax.pure_callback(call, result, *parts, vmap_method="expand_dims")


def _bits(array: Any) -> list[Any]:
    """The integers that an array is made of: XLA's copies of complex ones flush subnormals."""
    if jnp.iscomplexobj(array):
        return [*_bits(jnp.real(array)), *_bits(jnp.imag(array))]
    if jnp.issubdtype(array.dtype, jnp.floating):
        return [lax.bitcast_convert_type(array, f"int{8 * array.dtype.itemsize}")]
    return [array]


def _on_host(plan: Any, known: Any, rank: int, *parts: Any) -> npt.NDArray[Any]:
    """The samples, after the axes that `vmap` has brought."""
    values = map(np.asarray, parts)
    ends = {n: v if isinstance(v, Scalar) else _whole(v, values) for n, v in known}
    none = np.zeros(lane_shape(ends), bool)
    if plan.target.caller == "geomspace":  # NaN where there is no progression, as in real grids
        for name, end in ends.items():
            if not isinstance(end, Scalar):
                none |= _is_zero(end)
                ends[name] = np.where(_is_zero(end), end.dtype.type(1), end)
    host = make_eagerly(plan._replace(target=plan.target._replace(backend=NUMPY)), ends)
    host[:, none] = complex(np.nan, np.nan)
    return np.moveaxis(host, 0, none.ndim - rank)


def _is_zero(end: npt.NDArray[Any]) -> Any:
    """Where an array is zero, in a thread of XLA's, which takes subnormal numbers for it."""
    if end.dtype.kind in "iub":
        return end == 0
    size = end.itemsize // (2 if end.dtype.kind == "c" else 1)
    bits = np.asarray(end, order="C")[..., np.newaxis].view(f"u{size}")
    return ((bits << 1) == 0).all(axis=-1)  # but for the sign


def _whole(dtype: np.dtype[Any], parts: Iterator[Any]) -> npt.NDArray[Any]:
    """An array put together from its integers."""
    first: npt.NDArray[Any] = next(parts)
    if dtype.kind != "c":
        return first.view(dtype) if first.dtype != dtype else first
    second = next(parts)
    whole = np.empty(np.broadcast_shapes(first.shape, second.shape), dtype)
    whole.real, whole.imag = first.view(whole.real.dtype), second.view(whole.real.dtype)
    return whole
