"""What samples are multiplied by to be derivatives: weights, and polynomials of the ends."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.fixed import ln2_fixed, log2_fixed
from ..exact.number import Scalar
from ..libraries.scalars import read_scalar
from .plan import Ends, Plan

__all__ = [
    "falling",
    "natural_logarithm",
    "polynomial",
    "scalars_of_lane",
    "weights",
]

Floats = npt.NDArray[np.float64]


def falling(plan: Plan, rank: int, times: int, *, stop: bool) -> Floats:
    """``(w)_times`` or ``(v)_times``."""
    product = np.ones(plan.num)
    if times:
        index = np.arange(plan.num, dtype=np.float64)
        steps = index if stop else plan.div - index
        for k in range(times):
            product = product * ((steps - k * plan.div) / plan.div)
    return product.reshape((plan.num,) + (1,) * rank)


@lru_cache(maxsize=256)
def natural_logarithm(n: int, d: int) -> Scalar:
    """``ln(n/d)`` for positive integers, as a dyadic rational of 112 bits.

    It is off by less than ``2**-90`` of itself.
    """
    if n == d:
        return Scalar(0, 1)
    wp = 192
    while True:
        log = log2_fixed(n, d, wp)
        if abs(log).bit_length() > 100:
            log *= ln2_fixed(wp)
            excess = max(log.bit_length() - 112, 0)
            return Scalar(log >> excess, 1 << (2 * wp - excess))
        wp *= 2


def polynomial(x: Any, log: Any, m: int, n: int) -> Any:
    """``Q``: the sum of ``C(m, j) * (d/dx)**j (x)_n * log**(m - j)``, of any library's arrays."""
    if not m:  # as a product, which is accurate near its roots
        product = x if n else 1.0
        for k in range(1, n):
            product = product * (x - k)
        return product
    roots = np.polynomial.Polynomial.fromroots
    falling_factorial = roots(range(n)) if n else np.polynomial.Polynomial([1.0])
    total: Any = 0.0
    for j in range(min(m, n) + 1):
        part: Any = 0.0
        for coefficient in reversed(falling_factorial.deriv(j).coef.tolist()):
            part = part * x + coefficient
        total = total + math.comb(m, j) * part * log ** (m - j)
    return total


def scalars_of_lane(
    ends: Ends, shape: tuple[int, ...], place: tuple[int, ...]
) -> tuple[Scalar, ...]:
    """The ends of a lane as scalars."""
    return tuple(
        v if isinstance(v, Scalar) else read_scalar(n, np.broadcast_to(v, shape)[place].item())
        for n, v in ends.items()
    )


def weights(plan: Plan, rank: int, *, stop: int) -> Floats:
    """``w`` or ``v``, each a quotient of integers and so rounded once."""
    index = np.arange(plan.num, dtype=np.float64)
    quotients = (index if stop else plan.div - index) / plan.div
    return quotients.reshape((plan.num,) + (1,) * rank)
