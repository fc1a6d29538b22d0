"""Derivatives as multiples of the samples, with factors in JAX's floating-point numbers.

The formulas are those of `derivatives`; here they are of arrays that may be traced.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from ..exact.number import Scalar
from ..ground.loaded import is_symbolic
from ..lanes.derivative_factors import polynomial
from .jax_words import div_of, index_of

__all__ = ["exponential_derivative", "geometric_derivative", "number_of", "quotients"]


def quotients(plan: Any, rank: int, *, stop: int, less: int = 0) -> Any:
    """``w - less``, or ``v - less``: quotients of integers and so rounded once."""
    if is_symbolic(plan.num):
        index, div = index_of(plan.num, rank), div_of(plan.num, plan.endpoint)
    else:
        index = np.arange(plan.num, dtype=np.float64).reshape((plan.num,) + (1,) * rank)
        div = plan.div
    return ((index if stop else div - index) - less * div) / div


def geometric_derivative(plan: Any, ends: dict[str, Any], samples: Any, rank: int) -> Any:
    """``(v)_a (w)_b y / start**a / stop**b`` from the samples ``y``."""
    factor: Any = 1.0
    for name, order in zip(("start", "stop"), plan.orders, strict=True):
        for k in range(order):
            samples = samples / number_of(ends[name])
            factor = factor * quotients(plan, rank, stop=name == "stop", less=k)
    return _product(samples, factor)


def exponential_derivative(
    plan: Any, ends: dict[str, Any], samples: Any, rank: int, exponents: Any, log: Any
) -> Any:
    """``v**a w**c Q(x, L) y / base**n`` from the samples ``y`` and their exponents ``x``."""
    a, c, n = plan.orders
    for _ in range(n):
        samples = samples / number_of(ends["base"])
    weights = quotients(plan, rank, stop=False) ** a * quotients(plan, rank, stop=True) ** c
    return _product(samples, polynomial(exponents, log, a + c, n) * _cast(weights, samples))


def number_of(end: Any) -> Any:
    """An end to compute with: a scalar as a number of Python."""
    if not isinstance(end, Scalar):
        return end
    real = end.n / end.d if end.d else end.special
    return real if end.imag is None else complex(real, number_of(end.imag))


def _product(samples: Any, factor: Any) -> Any:
    return jnp.astype(samples * _cast(factor, samples), samples.dtype)


def _cast(factor: Any, samples: Any) -> Any:
    """A factor in the precision of the samples."""
    kind = jnp.promote_types(samples.dtype, jnp.complex64)
    wide = samples.dtype if not jnp.iscomplexobj(factor) else kind
    return jnp.asarray(factor, wide)
