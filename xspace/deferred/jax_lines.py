"""Long progressions and those of unknown length, made where a program runs.

Inside a function that JAX traces, a grid of numbers is a constant of its program.  One of many
elements makes the program as large as itself; so sums are counted where the program runs.  Powers
stay constants: as operations on integers they take more than ten times as long in every call.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..exact.number import Scalar
from ..exact.progression import Arithmetic
from ..exact.rounding import Format, IntFormat
from ..grids.source import Line
from ..ground.loaded import is_symbolic
from ..ground.messages import describe
from ..ground.thresholds import JAX_LONG_CONSTANT
from ..lanes.plan import Plan
from ..libraries.jax import is_recording
from ..libraries.jax_moves import placed
from .jax_grid import real_grid

__all__ = ["arange_of_sizes", "line_in_program"]


def line_in_program(line: Arithmetic, target: Any) -> Any:
    """The elements as operations of the program that is traced; None where there is none."""
    if not is_recording():
        return None
    if isinstance(target.fmt, IntFormat):
        Line(target.caller, line, target.fmt).check()
    samples = _counted(line, target.fmt, target.dtype)
    if samples is None and line.num >= JAX_LONG_CONSTANT:
        samples = _summed(line, target)
    return None if samples is None else placed(samples, target.device)


def _counted(line: Arithmetic, fmt: Format, dtype: Any) -> Any:
    """Multiples of a power of two that the format holds with all between; else None."""
    last, expo = line.a + (line.num - 1) * line.b, line.den.bit_length() - 1
    if isinstance(fmt, IntFormat):
        if line.den != 1:
            return None
        # All elements are in the range, so that it does not matter what wraps on the way.
        low, high, words = fmt.low, fmt.high, dtype
    elif line.den == 1 << expo and expo <= -fmt.emin:
        bits = min(fmt.precision, 31)
        low, high, words = -(1 << bits) + 1, (1 << bits) - 1, jnp.int32
        if not low <= min(line.a, last) <= max(line.a, last) <= high:
            return None
    else:
        return None
    first, step = (np.array((n - low) % (high - low + 1) + low, words) for n in (line.a, line.b))
    index = lax.iota(words, line.num)
    samples = index * step + first
    return samples if words is dtype else samples.astype(dtype) * np.array(2.0**-expo, dtype)


def _summed(line: Arithmetic, target: Any) -> Any:
    """The same by the integers that traced ends are made with."""
    num = line.num
    last = line.a + (num - 1) * line.b
    # Between two ends that are binary fractions, if these are any.
    endpoint = not _is_binary(last + line.b, line.den)
    ends = {
        "start": _ratio(line.a, line.den),
        "stop": _ratio(last if endpoint else last + line.b, line.den),
    }
    return real_grid("linspace", Plan(num, endpoint, target), ends, 0)


def _is_binary(n: int, d: int) -> bool:
    d //= math.gcd(n, d)
    return d & (d - 1) == 0


def _ratio(n: int, d: int) -> Scalar:
    common = math.gcd(n, d)
    return Scalar(n // common, d // common)


def arange_of_sizes(bounds: dict[str, Any], target: Any) -> Any:
    """``arange`` between integers some of which are sizes that are not known yet."""
    for name, value in bounds.items():
        if not (is_symbolic(value) or isinstance(value, (int, np.integer))):
            msg = (
                f"{name} is {describe(value)} beside a size that is not known yet: all bounds "
                "must be either dimension expressions or integers"
            )
            raise ValueError(msg)
    start, stop, step = bounds["start"], bounds["stop"], bounds["step"]
    if not is_symbolic(step) and step == 0:
        msg = "step must not be zero: arange has step == 0"
        raise ValueError(msg)
    try:
        rises = bool(step > 0)
    except jax.errors.InconclusiveDimensionOperation as error:
        msg = f"step is {step}: it must be resolved statically if it is > 0 or < 0"
        raise jax.errors.InconclusiveDimensionOperation(msg) from error
    way, gap = (stop - start, step) if rises else (start - stop, -step)
    num = jax.core.max_dim(way + gap - 1, 0) // gap
    first, width = jnp.asarray(start), jnp.asarray(step)
    samples = (lax.iota(first.dtype, num) * width + first).astype(target.dtype)
    return placed(samples, target.device)
