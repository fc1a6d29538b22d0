"""`linspace`, `logspace`, `geomspace` and `arange` with the signatures of jax.numpy in JAX 0.10.

The dtypes are those that JAX's promotion gives; numbers are taken at their exact value, whether
64-bit types are enabled or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, cast, overload

import jax
import jax.numpy as jnp
import numpy as np

from ..arange import arange as _arange
from ..call.arguments import read_flag, read_length
from ..call.elsewhere import quick_elsewhere
from ..call.samples import read_ends, step_array
from ..functions import geomspace as _geomspace
from ..functions import linspace as _linspace
from ..functions import logspace as _logspace
from ..ground.loaded import is_symbolic
from ..libraries.scalars import BUILTIN, check_class
from ._shared import check_base, read_range, weak

if TYPE_CHECKING:
    from .._typing import Complex, Number, OfNumPy

__all__ = ["arange", "geomspace", "linspace", "logspace"]


@overload
def linspace(
    start: Complex | OfNumPy | jax.Array,
    stop: Complex | OfNumPy | jax.Array,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> jax.Array: ...
@overload
def linspace(
    start: Complex | OfNumPy | jax.Array,
    stop: Complex | OfNumPy | jax.Array,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    axis: SupportsIndex = 0,
    device: Any = None,
) -> tuple[jax.Array, Any]: ...
@overload
def linspace(
    start: Complex | OfNumPy | jax.Array,
    stop: Complex | OfNumPy | jax.Array,
    num: SupportsIndex,
    endpoint: bool,
    retstep: Literal[True],
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> tuple[jax.Array, Any]: ...
def linspace(
    start: Complex | OfNumPy | jax.Array,
    stop: Complex | OfNumPy | jax.Array,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> Any:
    """`jax.numpy.linspace` with `xspace.linspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.jax import linspace
    >>> linspace(0, 1, 3, True, True)
    (Array([0. , 0.5, 1. ], dtype=float32), Array(0.5, dtype=float32))
    """
    if device is None and retstep is False:
        quick = _quick("linspace", start, stop, num, endpoint, dtype, axis)
        if quick is not None:
            return quick
    ends = _read(start), _read(stop)
    wanted = _dtype(*ends) if dtype is None else dtype
    options: Any = {"endpoint": endpoint, "dtype": wanted, "axis": axis, "device": device}
    samples = _linspace(*ends, num, **options, xp=jnp)
    if not read_flag("retstep", retstep):
        return samples
    return samples, _step(ends, num, endpoint, _inexact(samples.dtype), device)


def logspace(
    start: Complex | OfNumPy | jax.Array,
    stop: Complex | OfNumPy | jax.Array,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: Complex | OfNumPy | jax.Array = 10.0,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> jax.Array:
    """`jax.numpy.logspace` with `xspace.logspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.jax import logspace
    >>> logspace(0, 3, 4, True, 2)
    Array([1., 2., 4., 8.], dtype=float32)
    """
    quick = _quick("logspace", start, stop, num, endpoint, dtype, axis, base)
    if quick is not None:
        return cast(jax.Array, quick)
    first, last, radix = _read(start), _read(stop), _read(base)
    check_base(radix, first, last, axis)
    wanted = _dtype(first, last) if dtype is None else dtype  # the base does not count
    options: Any = {"endpoint": endpoint, "base": radix, "dtype": wanted, "axis": axis}
    return _logspace(first, last, num, **options, xp=jnp)


def geomspace(
    start: Complex | OfNumPy | jax.Array,
    stop: Complex | OfNumPy | jax.Array,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> jax.Array:
    """`jax.numpy.geomspace` with `xspace.geomspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.jax import geomspace
    >>> geomspace(1, 100, 3)
    Array([  1.,  10., 100.], dtype=float32)
    """
    quick = _quick("geomspace", start, stop, num, endpoint, dtype, axis)
    if quick is not None:
        return cast(jax.Array, quick)
    ends = _read(start), _read(stop)
    wanted = _dtype(*ends) if dtype is None else dtype
    options: Any = {"endpoint": endpoint, "dtype": wanted, "axis": axis}
    return _geomspace(*ends, num, **options, xp=jnp)


def arange(
    start: Number | OfNumPy | jax.Array,
    stop: Number | OfNumPy | jax.Array | None = None,
    step: Number | OfNumPy | jax.Array | None = None,
    dtype: Any = None,
    *,
    device: Any = None,
    out_sharding: Any = None,
) -> jax.Array:
    """`jax.numpy.arange` with ``xspace.arange``'s elements, and as many as there are exactly.

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
    if any(map(is_symbolic, numbers.values())):
        range_ = numbers.get("start", 0), numbers["stop"], numbers["step"]
    else:
        range_ = read_range(**numbers)
    samples = _arange(*range_, dtype=dtype, device=device, xp=jnp)
    return samples if out_sharding is None else jax.device_put(samples, out_sharding)


def _quick(
    caller: str, start: Any, stop: Any, num: Any, endpoint: Any, dtype: Any, axis: Any, *base: Any
) -> Any:
    """A grid between Python's numbers, of which the dtype is the default one; or None."""
    if not BUILTIN.issuperset(map(type, (start, stop, *base))):
        return None
    return quick_elsewhere(caller, jnp, None, start, stop, num, endpoint, dtype, axis, *base)


def _read(value: Any) -> Any:
    """An endpoint or base: NumPy's arrays become JAX's, but for a scalar, which stays exact."""
    check_class("an endpoint or base", value)
    if isinstance(value, np.ndarray):
        return jnp.asarray(value) if value.ndim else value[()]
    return value


def _value(value: Any) -> Any:
    """The number in an array of no dimensions: where it lies says nothing of an ``arange``."""
    concrete = isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
    return value.item() if concrete and not value.ndim else value


def _number(value: Any) -> Any:
    """The same for an ``arange``, to which it matters which numbers round to the value."""
    number = _value(value)
    return np.asarray(value)[()] if number is not value else value


def _kind(value: Any) -> Any:
    """What promotes as the value does; JAX's arrays know by themselves whether they are weak."""
    if isinstance(value, jax.Array):
        return value
    if is_symbolic(value):
        return 0
    kind = weak(value)
    return np.zeros((), kind) if isinstance(kind, np.dtype) else kind


def _dtype(*ends: Any) -> Any:
    """The dtype that JAX gives a grid between these ends."""
    if all(type(end) in (int, float) for end in ends):
        return jnp.result_type(float)
    return _inexact(jnp.result_type(*map(_kind, ends)))


def _inexact(dtype: Any) -> Any:
    """The dtype itself, or the floating one in which JAX computes for an integer dtype."""
    if jnp.issubdtype(dtype, jnp.inexact):
        return dtype
    return jnp.dtype(jnp.float64 if dtype.itemsize == 8 else jnp.float32)


def _step(ends: tuple[Any, Any], num: Any, endpoint: Any, dtype: Any, device: Any) -> Any:
    """The step as JAX returns it: an array of the dtype that it computes in."""
    count, named = read_length(num), {"start": ends[0], "stop": ends[1]}
    named, target = read_ends("linspace", named, count, dtype, device, jnp)
    inclusive = read_flag("endpoint", endpoint)
    if not is_symbolic(count) and count <= inclusive:  # one NaN, whatever the lanes are
        named = {"start": 0, "stop": 0}
    return step_array(named, count, inclusive, target)
