"""`linspace`, `logspace`, `geomspace` and `arange` with the signatures of jax.numpy in JAX 0.10.

The dtypes are those that JAX's promotion gives; numbers are taken at their exact value, whether
64-bit types are enabled or not.
"""

from __future__ import annotations

import operator
from typing import Any, SupportsIndex

import jax
import jax.numpy as jnp
import numpy as np

from ..arange import arange as _arange
from ..arguments import check_class
from ..functions import geomspace as _geomspace
from ..functions import linspace as _linspace
from ..functions import logspace as _logspace
from ._shared import check_base, exact_step, read_range, weak

__all__ = ["arange", "geomspace", "linspace", "logspace"]


def linspace(
    start: Any,
    stop: Any,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> Any:
    """``jax.numpy.linspace`` with `xspace.linspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.jax import linspace
    >>> linspace(0, 1, 3, True, True)
    (Array([0. , 0.5, 1. ], dtype=float32), Array(0.5, dtype=float32))
    """
    ends = _read(start), _read(stop)
    wanted = _dtype(*ends) if dtype is None else dtype
    options: Any = {"endpoint": endpoint, "retstep": retstep, "device": device, "xp": jnp}
    made = _linspace(_value(ends[0]), _value(ends[1]), num, dtype=wanted, axis=axis, **options)
    if not retstep:
        return made
    samples, step = made
    count = operator.index(num)
    return samples, _step(*ends, count - 1 if endpoint else count, step, _inexact(samples.dtype))


def logspace(
    start: Any,
    stop: Any,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> Any:
    """``jax.numpy.logspace`` with `xspace.logspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.jax import logspace
    >>> logspace(0, 3, 4, True, 2)
    Array([1., 2., 4., 8.], dtype=float32)
    """
    first, last, radix = _read(start), _read(stop), _read(base)
    check_base(radix, first, last, axis)
    wanted = _dtype(first, last) if dtype is None else dtype  # the base does not count
    options: Any = {"endpoint": endpoint, "base": _value(radix), "dtype": wanted, "axis": axis}
    return _logspace(_value(first), _value(last), num, **options, xp=jnp)


def geomspace(
    start: Any,
    stop: Any,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> Any:
    """``jax.numpy.geomspace`` with `xspace.geomspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.jax import geomspace
    >>> geomspace(1, 100, 3)
    Array([  1.,  10., 100.], dtype=float32)
    """
    ends = _read(start), _read(stop)
    wanted = _dtype(*ends) if dtype is None else dtype
    options: Any = {"endpoint": endpoint, "dtype": wanted, "axis": axis}
    return _geomspace(_value(ends[0]), _value(ends[1]), num, **options, xp=jnp)


def arange(
    start: Any,
    stop: Any = None,
    step: Any = None,
    dtype: Any = None,
    *,
    device: Any = None,
    out_sharding: Any = None,
) -> Any:
    """``jax.numpy.arange`` with ``xspace.arange``'s elements, and as many as there are exactly.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from xspace.dropin.jax import arange
    >>> arange(1, Decimal("1.3"), Decimal("0.1"))
    Array([1. , 1.1, 1.2], dtype=float32)
    """
    if device is not None and out_sharding is not None:
        msg = "only one of device and out_sharding can be set, got both"
        raise ValueError(msg)
    bounds = {"start": start, "stop": stop} if stop is not None else {"stop": start}
    bounds |= {"step": 1 if step is None else step}
    read = {name: _read(value) for name, value in bounds.items()}
    if dtype is None:
        dtype = jnp.result_type(*map(_kind, read.values()))
    numbers = {name: _number(value) for name, value in read.items()}
    samples = _arange(*read_range(**numbers), dtype=dtype, device=device, xp=jnp)
    return samples if out_sharding is None else jax.device_put(samples, out_sharding)


def _read(value: Any) -> Any:
    """An endpoint or base: NumPy's arrays become JAX's, but for a scalar, which stays exact."""
    check_class("an endpoint or base", value)
    if isinstance(value, np.ndarray):
        return jnp.asarray(value) if value.ndim else value[()]
    return value


def _value(value: Any) -> Any:
    """The number in an array of no dimensions that is committed to no device: nor will the grid."""
    if isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer):
        return value if value.ndim or value.committed else value.item()
    return value


def _number(value: Any) -> Any:
    """The same for an ``arange``, to which it matters which numbers round to the value."""
    number = _value(value)
    return np.asarray(value)[()] if number is not value else value


def _kind(value: Any) -> Any:
    """What promotes as the value does; JAX's arrays know by themselves whether they are weak."""
    if isinstance(value, jax.Array):
        return value
    kind = weak(value)
    return np.zeros((), kind) if isinstance(kind, np.dtype) else kind


def _dtype(*ends: Any) -> Any:
    """The dtype that JAX gives a grid between these ends; None for its default."""
    if all(type(end) in (int, float) for end in ends):
        return None
    return _inexact(jnp.result_type(*map(_kind, ends)))


def _inexact(dtype: Any) -> Any:
    """The dtype itself, or the floating one in which JAX computes for an integer dtype."""
    if jnp.issubdtype(dtype, jnp.inexact):
        return dtype
    return jnp.dtype(jnp.float64 if dtype.itemsize == 8 else jnp.float32)


def _step(start: Any, stop: Any, div: int, step: Any, dtype: Any) -> Any:
    """The step as JAX returns it: an array of the dtype that it computes in."""
    if div < 1:
        return jnp.asarray(jnp.nan, dtype)
    if isinstance(step, float):  # of scalars: rounded once, and not to float64 before
        exact = exact_step(start, stop, div)
        return _linspace(exact, exact, 1, dtype=dtype, xp=jnp).reshape(())
    return jnp.asarray(step, dtype)
