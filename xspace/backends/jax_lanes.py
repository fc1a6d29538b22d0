"""Batches under JAX's transformations: traced with integers, differentiated by a rule.

What a compiler sees are operations on integers, which it cannot change, and so a traced grid has
the bits of the eager one.  Floats are reinterpreted as the integers of their bits, which keeps the
subnormal numbers that XLA's arithmetic would flush.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..arguments import Scalar
from ..derivatives import falling, polynomial
from ..derivatives import weights as _weights
from ..exact.rounding import FORMATS, FloatFormat, Format, IntFormat
from ..float_environment import in_standard_environment
from ..kernels.integer_ends import End, read_float, read_integer, read_scalar
from ..kernels.integer_lanes import geomspace_bits, linspace_bits, logspace_bits
from ..kernels.integer_slopes import geomspace_slope, logspace_slope
from ..kernels.limbs import Limbs, Words

__all__ = ["grid_of", "is_traced", "moved"]

#: A plan and its scalar ends, hashable: the ends are named, and a sign of zero counts.
Static = tuple[Any, tuple[tuple[str, int, int, str], ...]]


def is_traced(ends: dict[str, Any]) -> bool:
    """Whether the values of the ends are not here: traced, or spread over several devices."""
    return any(
        isinstance(v, jax.core.Tracer) or (isinstance(v, jax.Array) and len(v.devices()) > 1)
        for v in ends.values()
    )


def grid_of(plan: Any, ends: dict[str, Any], make: Callable[..., Any]) -> Any:
    """The samples of a batch, or a partial derivative, along axis 0."""
    if not is_traced(ends):
        return make(plan, ends)
    if plan.target.is_complex:
        msg = f"{plan.target.caller}: complex grids cannot be traced: their ends must be concrete"
        raise TypeError(msg)
    names = tuple(ends)
    scalars = tuple(
        (n, v.n, v.d, repr(v.special)) if isinstance(v, Scalar) else (n, 0, 0, "")
        for n, v in ends.items()
    )
    arrays = [ends[n] for n in names if not isinstance(ends[n], Scalar)]
    static = (plan, scalars)
    if isinstance(plan.target.fmt, IntFormat):  # constant but for its steps
        return _traced(static, *(lax.stop_gradient(a) for a in arrays))
    return _samples(static, *arrays)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def _samples(static: Static, *arrays: Any) -> Any:
    plan = static[0]
    if any(isinstance(a, jax.core.Tracer) or len(a.devices()) > 1 for a in arrays):
        return _traced(static, *arrays)
    from ..lanes import make_eagerly

    return make_eagerly(plan, _ends(static, arrays))


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def moved(place: int, samples: Any) -> Any:
    """Samples with their first axis moved."""
    # XLA transposes bfloat16 on the CPU by arithmetic: some subnormal numbers come out as zero
    # (jaxlib 0.10.2). Integers are left alone.
    if samples.dtype != jnp.bfloat16:
        return jnp.moveaxis(samples, 0, place)
    bits = jnp.moveaxis(jax.lax.bitcast_convert_type(samples, jnp.uint16), 0, place)
    return jax.lax.bitcast_convert_type(bits, jnp.bfloat16)


def _moved_jvp(place: int, samples: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    return moved(place, *samples), jnp.moveaxis(tangents[0], 0, place)


def _jvp(static: Static, arrays: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    samples = _samples(static, *arrays)
    names = [s[0] for s in static[1] if not s[3]]
    total = None
    for name, tangent in zip(names, tangents, strict=True):
        if type(tangent) is jax.custom_derivatives.SymbolicZero:
            continue
        if tangent.dtype == jax.dtypes.float0:
            continue
        part = tangent * _samples(_derived(static, name), *arrays)
        total = part if total is None else total + part
    if total is None:
        total = jnp.zeros_like(samples)
    return samples, jnp.astype(total, samples.dtype)


moved.defjvp(_moved_jvp)
_samples.defjvp(_jvp, symbolic_zeros=True)


def _derived(static: Static, name: str) -> Static:
    """The derivative by one of the ends, in float64 or float32."""
    plan, scalars = static
    target = plan.target
    wide = np.dtype(np.float64 if target.fmt.name == "float64" else np.float32)
    orders = plan.orders or (0,) * len(scalars)
    more = tuple(k + (s[0] == name) for k, s in zip(orders, scalars, strict=True))
    target = target._replace(fmt=FORMATS[wide.name], dtype=wide)
    return plan._replace(target=target, orders=more), scalars


def _ends(static: Static, arrays: Sequence[Any]) -> dict[str, Any]:
    rest = iter(arrays)
    return {n: Scalar(p, q, float(x)) if x else next(rest) for n, p, q, x in static[1]}


@partial(jax.jit, static_argnums=0)
@in_standard_environment
def _traced(static: Static, *arrays: Any) -> Any:
    plan, ends = static[0], _ends(static, arrays)
    shape = np.broadcast_shapes(*(a.shape for a in arrays))
    target = plan.target
    if plan.num == 0:
        samples = jnp.zeros((0, *shape), target.dtype)
    elif any(plan.orders):
        samples = _derivative(plan, ends, len(shape))
    else:
        samples = _grid(target.caller, plan, ends, len(shape))
    samples = jnp.broadcast_to(samples, (plan.num, *shape))
    return samples if target.device is None else jax.device_put(samples, target.device)


def _grid(caller: str, plan: Any, ends: dict[str, Any], rank: int) -> Any:
    """The elements of a function, in the dtype of the plan."""
    words = _JaxWords()
    read = [_read(words, v) for v in ends.values()]
    fmt = plan.target.fmt
    bits = _GRIDS[caller](words, *read, _index(plan, rank), plan.div, fmt)
    return _from_bits(bits, fmt, plan.target.dtype)


def _slope(caller: str, plan: Any, ends: dict[str, Any], rank: int, which: int) -> Any:
    """The first derivative by one of the ends."""
    words = _JaxWords()
    read = [_read(words, v) for v in ends.values()]
    fmt = plan.target.fmt
    bits = _SLOPES[caller](words, *read, _index(plan, rank), plan.div, fmt, which)
    return _from_bits(bits, fmt, plan.target.dtype)


_GRIDS: dict[str, Callable[..., Any]] = {
    "linspace": linspace_bits,
    "logspace": logspace_bits,
    "geomspace": geomspace_bits,
}

_SLOPES: dict[str, Callable[..., Any]] = {
    "logspace": logspace_slope,
    "geomspace": geomspace_slope,
}


class _JaxWords(Words):
    """int64, or int32 without 64-bit types."""

    def __init__(self) -> None:
        super().__init__(jnp, 64 if jax.config.jax_enable_x64 else 32)

    def take(self, row: Sequence[int], place: Any) -> Any:
        return jnp.take(np.array(row, self.dtype), place, axis=0, mode="clip")

    def settle(self, a: Limbs) -> Limbs:
        # XLA would compute what belongs to a lane again for every element, but sorts nothing twice;
        # `lax.optimization_barrier` does not keep it from that.
        most = np.array((1 << (self.width - 1)) - 1, self.dtype)
        return [
            jnp.sort(jnp.stack(jnp.broadcast_arrays(self.array(x), most)), axis=0)[0] for x in a
        ]


def _index(plan: Any, rank: int) -> Any:
    return np.arange(plan.num).reshape((-1,) + (1,) * rank)


def _read(words: Words, end: Any) -> End:
    """An end, with an axis for the samples by broadcasting."""
    if isinstance(end, Scalar):
        return read_scalar(words, end)
    fmt = FORMATS.get(np.dtype(end.dtype).name)
    if isinstance(fmt, FloatFormat):
        width = 1 + fmt.emax.bit_length() + fmt.precision
        return read_float(words, lax.bitcast_convert_type(end, f"int{width}"), fmt)
    if fmt is None and jnp.issubdtype(end.dtype, jnp.floating):  # shorter formats
        end = end.astype(jnp.float32)
        return read_float(words, lax.bitcast_convert_type(end, "int32"), _FLOAT32)
    signed = np.iinfo(end.dtype).bits < words.width or np.iinfo(end.dtype).min < 0
    return read_integer(words, end.astype(words.dtype), signed=signed)


_FLOAT32: Any = FORMATS["float32"]


def _from_bits(bits: Any, fmt: Format, dtype: Any) -> Any:
    if isinstance(fmt, IntFormat):
        return bits.astype(dtype)
    width = 8 * np.dtype(dtype).itemsize
    return lax.bitcast_convert_type(bits.astype(f"uint{width}"), dtype)


def _derivative(plan: Any, ends: dict[str, Any], rank: int) -> Any:
    """A partial derivative: of the first order from integers, of a higher one from floats."""
    orders, caller = plan.orders, plan.target.caller
    if caller == "linspace":
        weights = _weights(plan, rank, stop=orders[1]) * (sum(orders) == 1)
        return jnp.asarray(weights, plan.target.dtype)
    if sum(orders) == 1:
        return _slope(caller, plan, ends, rank, orders.index(1))
    divided = _grid(caller, plan, ends, rank)
    last = "base" if caller == "logspace" else "stop"
    for name, times in (("start", orders[0] * (last == "stop")), (last, orders[-1])):
        for _ in range(times):
            divided = divided / ends[name]
    factor = (_exponential_factor if caller == "logspace" else _geometric_factor)(plan, ends, rank)
    return (divided * factor).astype(plan.target.dtype)


def _geometric_factor(plan: Any, ends: dict[str, Any], rank: int) -> Any:
    a, b = plan.orders
    factor = falling(plan, rank, a, stop=False) * falling(plan, rank, b, stop=True)
    return jnp.asarray(factor, plan.target.dtype)


def _exponential_factor(plan: Any, ends: dict[str, Any], rank: int) -> Any:
    a, c, n = plan.orders
    x = _grid("linspace", plan, {"start": ends["start"], "stop": ends["stop"]}, rank)
    zero = Scalar(0, 1)
    origin = {"start": zero, "stop": zero, "base": ends["base"]}
    log = _slope("logspace", plan._replace(num=1, endpoint=False), origin, rank, 0)
    weights = _weights(plan, rank, stop=False) ** a * _weights(plan, rank, stop=True) ** c
    return polynomial(x, log, a + c, n) * jnp.asarray(weights, plan.target.dtype)
