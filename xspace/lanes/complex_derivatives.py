"""Partial derivatives of complex grids with respect to their ends, in host memory.

A complex grid is holomorphic in its ends and base, away from the branch cut, so the formulas of
`derivatives` hold as they stand.  What they multiply is a spiral again, whose scale or exponents
are exact: ``start**(1 - a) / stop**b * (stop/start)**w``, and ``base**(x - n)``.  Its parts are
correctly rounded.  A first derivative of ``geomspace`` is such a number times a weight: three
roundings, the last of which is half an ulp, so each of its parts is off by less than 2.5 ulp.  One
of ``logspace`` is a weight times a product of two complex numbers, which are rounded once and whose
product is off by ``sqrt(5) * 2**-53`` (Brent, Percival and Zimmermann, "Error bounds on complex
floating-point multiplication", 2007): together less than ``6.3 * 2**-53`` of its modulus.

There is no derivative beside an infinity or NaN, at a zero end or at the base zero: NaN.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..exact.angles import arg_fixed, pi_fixed
from ..exact.gaussian import Gaussian, to_gaussian
from ..exact.number import Scalar, is_finite, is_zero
from ..exact.rounding import FORMATS, FloatFormat
from ..exact.spiral import logspace_spiral, spiral_of_ends
from ..grids.complex import ComplexGrid, spiral_parts
from .derivative_factors import falling, natural_logarithm, polynomial, scalars_of_lane, weights

if TYPE_CHECKING:
    from ..exact.spiral import Spiral
    from .plan import Ends, Plan

__all__ = ["complex_derivative"]

Grid = npt.NDArray[np.complex128]

_UNDEFINED = complex(math.nan, math.nan)


def complex_derivative(plan: Plan, ends: Ends, shape: tuple[int, ...]) -> Grid:
    """The partial derivative of ``plan.orders``, with the elements along axis 0.

    It is that of a ``logspace`` or ``geomspace``: that of a ``linspace`` is real.
    """
    slope: Grid = np.empty((plan.num, *shape), np.complex128)
    rule = _exponential if plan.target.caller == "logspace" else _geometric
    for place in np.ndindex(shape):
        lane = scalars_of_lane(ends, shape, place)
        defined = all(map(is_finite, lane)) and not is_zero(lane[-1])
        slope[(slice(None), *place)] = rule(plan, lane) if defined else _UNDEFINED
    return slope


def _geometric(plan: Plan, lane: tuple[Scalar, ...]) -> Any:
    start, stop = lane
    a, b = plan.orders
    if is_zero(start):
        return _UNDEFINED
    line = spiral_of_ends(start, stop, plan.num, plan.endpoint)
    line.scale = to_gaussian(start).raised(1 - a).times(to_gaussian(stop).raised(-b))
    factor = falling(plan, 0, a, stop=False) * falling(plan, 0, b, stop=True)
    re, im = _parts(plan, line)
    slope = np.empty(plan.num, np.complex128)
    slope.real, slope.imag = re * factor, im * factor
    return np.where(factor == 0, 0.0, slope)


def _exponential(plan: Plan, lane: tuple[Scalar, ...]) -> Any:
    a, c, n = plan.orders
    start, stop, base = lane
    line = logspace_spiral(start, stop, base, plan.num, plan.endpoint)
    x = np.empty(plan.num, np.complex128)
    x.real, x.imag = (_quotients(line, k) for k in (0, 1))
    factor = polynomial(x, _logarithm(to_gaussian(base)), a + c, n)
    line.a = line.a[0] - n * line.den, line.a[1]
    power = np.empty(plan.num, np.complex128)
    power.real, power.imag = _parts(plan, line)
    weight = weights(plan, 0, stop=False) ** a * weights(plan, 0, stop=True) ** c
    return weight * factor * power


def _parts(plan: Plan, line: Spiral) -> Any:
    """The real and the imaginary parts of a spiral, each rounded once to float64."""
    fmt = FORMATS["float64"]
    assert isinstance(fmt, FloatFormat)
    grid = ComplexGrid(plan.target.caller, (), plan.num, plan.endpoint, fmt)
    return spiral_parts(line, grid, range(plan.num))


def _quotients(line: Spiral, part: int) -> list[float]:
    """One part of the exponents of a spiral, each a quotient of integers and so rounded once."""
    return [(line.a[part] + i * line.b[part]) / line.den for i in range(line.num)]


def _logarithm(base: Gaussian) -> complex:
    """The principal logarithm of a base that is not zero, each part rounded once."""
    log = natural_logarithm(*base.norm)
    wp = 128 + max(base.a.bit_length() - base.b.bit_length(), 0)
    turn = arg_fixed(base.a, base.b, wp)
    return complex(log.n / (2 * log.d), turn * pi_fixed(wp) / (1 << (2 * wp - 1)))
