"""Real grids and their first derivatives as operations on JAX's integers.

What a compiler sees are operations on integers, which it cannot change, and so a traced grid has
the bits of the eager one.  Floats are reinterpreted as the integers of their bits, which keeps the
subnormal numbers that XLA's arithmetic would flush.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..engine.integers.ends import End, read_float, read_integer, read_number
from ..engine.integers.lanes import geomspace_bits, linspace_bits, logspace_bits, step_bits
from ..engine.integers.limbs import Limbs, Words
from ..engine.integers.slopes import geomspace_slope, logspace_slope
from ..exact.number import Scalar
from ..exact.rounding import FORMATS, FloatFormat, Format, IntFormat
from ..ground.loaded import is_symbolic

__all__ = ["div_of", "index_of", "real_grid", "real_logarithm", "real_slope", "real_step"]


def real_grid(caller: str, plan: Any, ends: dict[str, Any], rank: int) -> Any:
    """The elements of a function, in the dtype of the plan."""
    words, read = _read_all(ends)
    make, _ = _BITS[caller]
    bits = make(words, *read, index_of(plan, rank), div_of(plan), plan.target.fmt)
    return _from_bits(bits, plan.target)


def real_slope(caller: str, plan: Any, ends: dict[str, Any], rank: int, which: int) -> Any:
    """The first derivative by one of the ends."""
    words, read = _read_all(ends)
    index, div = index_of(plan, rank), div_of(plan)
    _, make = _BITS[caller]
    assert make is not None
    bits = make(words, *read, index, div, plan.target.fmt, which)
    return _from_bits(bits, plan.target)


def real_logarithm(plan: Any, base: Any, rank: int) -> Any:
    """``ln(base)``, the derivative of a power with the exponent zero."""
    zero = Scalar(0, 1)
    origin = {"start": zero, "stop": zero, "base": base}
    return real_slope("logspace", plan._replace(num=1, endpoint=False), origin, rank, 0)


def real_step(plan: Any, ends: dict[str, Any]) -> Any:
    """The step of ``linspace``, of the shape of the lanes; NaN where there is none."""
    words, (start, stop) = _read_all(ends)
    bits = step_bits(words, start, stop, div_of(plan), plan.target.fmt)
    step = _from_bits(bits, plan.target)
    steps = jnp.asarray(plan.num) - bool(plan.endpoint)
    return jnp.where(steps < 1, jnp.asarray(jnp.nan, step.dtype), step)


#: What makes the bits of a function's elements, and of their derivatives by an end.
_BITS: dict[str, tuple[Callable[..., Any], Callable[..., Any] | None]] = {
    "linspace": (linspace_bits, None),
    "logspace": (logspace_bits, logspace_slope),
    "geomspace": (geomspace_bits, geomspace_slope),
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


def index_of(plan: Any, rank: int) -> Any:
    """The numbers of the samples, along the first of ``rank + 1`` axes."""
    # Counted where the program runs: as a constant, the program would be as large as the grid.
    index = lax.iota(jnp.int64 if jax.config.jax_enable_x64 else jnp.int32, plan.num)
    return index.reshape((plan.num,) + (1,) * rank)


def div_of(plan: Any) -> Any:
    """How many steps lie between the ends, at least one: an integer or an array of one."""
    if not is_symbolic(plan.num):
        return plan.div
    return jnp.maximum(jnp.asarray(plan.num) - bool(plan.endpoint), 1)


def _read_all(ends: dict[str, Any]) -> tuple[Words, list[End]]:
    words = _JaxWords()
    return words, [_read(words, v) for v in ends.values()]


def _read(words: Words, end: Any) -> End:
    """An end, with an axis for the samples by broadcasting."""
    if isinstance(end, Scalar):
        return read_number(words, end)
    fmt = FORMATS.get(np.dtype(end.dtype).name)
    if isinstance(fmt, FloatFormat):
        width = 1 + fmt.emax.bit_length() + fmt.precision
        return read_float(words, lax.bitcast_convert_type(end, f"int{width}"), fmt)
    if fmt is None and jnp.issubdtype(end.dtype, jnp.floating):  # shorter formats
        end = end.astype(jnp.float32)
        return read_float(words, lax.bitcast_convert_type(end, "int32"), _FLOAT32)
    if end.dtype == jnp.bool_:
        end = end.astype(jnp.int8)
    limits = jnp.iinfo(end.dtype)
    signed = limits.bits < words.width or limits.min < 0
    return read_integer(words, end.astype(words.dtype), signed=signed)


_FLOAT32: Any = FORMATS["float32"]


def _from_bits(bits: Any, target: Any) -> Any:
    fmt: Format = target.fmt
    if isinstance(fmt, IntFormat):
        return bits.astype(target.dtype)
    width = 8 * np.dtype(target.dtype).itemsize
    return lax.bitcast_convert_type(bits.astype(f"uint{width}"), target.dtype)
