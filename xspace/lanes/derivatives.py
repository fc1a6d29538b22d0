"""Partial derivatives of grids with respect to their ends, of every order, in host memory.

The partial derivatives of a grid are a family that is closed under differentiation.  With the
weights ``v = (div - i)/div`` and ``w = i/div`` of the ends, falling factorials
``(z)_n = z (z - 1) ... (z - n + 1)`` and ``y`` for the element itself,

* ``linspace``: ``v`` and ``w``, and zero beyond; its step: ``-1/div`` and ``1/div``;
* ``geomspace``: ``(v)_a (w)_b y / start**a / stop**b``, as ``y = start**v * stop**w``;
* ``logspace``: ``v**a w**c Q(x, L) y / base**n`` for ``n`` derivatives by the base, where ``x`` is
  the exponent, ``L = ln(base)`` and ``Q`` the ``(a + c)``-th derivative of ``(x)_n base**x`` with
  respect to ``x``, over ``base**x``.

So a backend differentiates a derivative by asking for the next one.  Those of the first order are
correctly rounded (`slopes`).  The others are computed here, from grids that are; where a factor
leaves the range of normal numbers its lane is computed again from exact parameters, scaled by a
power of two.

Where an end is not finite there is no derivative, but of ``linspace``: NaN.  Those of complex grids
are in `complex_derivatives`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..engine.fill import fill
from ..engine.native import ENGINE
from ..engine.native.filling import plain_number
from ..exact.lines import exponents, progression_of
from ..exact.number import Scalar
from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import FORMATS
from ..grids.target import Target
from ..libraries import NUMPY
from ..libraries.scalars import read_scalar
from .derivative_factors import falling, natural_logarithm, polynomial, scalars_of_lane, weights
from .host import host_lanes, lane_shape
from .slopes import host_slopes

if TYPE_CHECKING:
    from .plan import Ends, Plan

__all__ = [
    "host_derivative",
]

Floats = npt.NDArray[np.float64]

_FLOAT64 = FORMATS["float64"]
_TINY, _HUGE = 2.0**-1022, math.inf

#: By how much a grid is scaled where it leaves the range: more than a weight and a logarithm can
#: bring a derivative back, ``2**53 * 2**31 * 2**10``, with room for higher orders.
_SHIFT = 256

#: Ends of a linear grid from which no nonzero element is subnormal: ``2**-900 * 2**-53 / div``.
_SMALL = 2.0**-900


def host_derivative(plan: Plan, ends: Ends) -> npt.NDArray[Any]:
    """The partial derivative of ``plan.orders``, with the elements along axis 0.

    It is in float64, or in complex128 if the grid is complex; in the plan's format if it is one of
    the first order of a real ``logspace`` or ``geomspace``.
    """
    caller, is_complex = plan.target.caller, plan.target.is_complex
    values = {n: v if isinstance(v, Scalar) else np.asarray(v) for n, v in ends.items()}
    shape = lane_shape(values)
    with np.errstate(all="ignore"):
        if is_complex and caller not in _LINEAR:
            from .complex_derivatives import complex_derivative

            return complex_derivative(plan, values, shape)
        if sum(plan.orders) == 1 and caller not in _LINEAR:
            return host_slopes(plan, values)
        samples = _RULES[caller](plan, values)
        if caller not in _LINEAR:
            for v in values.values():
                if isinstance(v, Scalar):
                    if not v.is_finite:
                        samples = np.full_like(samples, np.nan)
                elif not (finite := np.isfinite(v)).all():
                    samples = np.where(finite, samples, np.nan)
    whole = 1 if caller == "step" else plan.num, *shape
    dtype = np.complex128 if is_complex else np.float64
    if samples.shape != whole or samples.dtype != dtype:
        samples = np.array(np.broadcast_to(samples, whole), dtype)
    made: npt.NDArray[Any] = samples
    return made


def _linear(plan: Plan, ends: Ends) -> Floats:
    a, c = plan.orders
    rank = max(getattr(v, "ndim", 0) for v in ends.values())
    if a + c > 1:
        return np.zeros((plan.num,) + (1,) * rank)
    return weights(plan, rank, stop=c)


def _step(plan: Plan, ends: Ends) -> Floats:
    first, last = plan.orders
    div = plan.num - 1 if plan.endpoint else plan.num
    rank = max(getattr(v, "ndim", 0) for v in ends.values())
    slope = math.nan if div < 1 else 0.0 if first + last > 1 else (last - first) / div
    return np.full((1,) * (rank + 1), slope)


def _geometric(plan: Plan, ends: Ends) -> Floats:
    a, b = plan.orders
    rank = max(getattr(v, "ndim", 0) for v in ends.values())
    factor = falling(plan, rank, a, stop=False) * falling(plan, rank, b, stop=True)
    y = _grid("geomspace", plan, ends)
    quotients = _divided(y, [ends["start"]] * a + [ends["stop"]] * b)
    slope = quotients[-1] * factor
    for place in _lanes_out_of_range(quotients):
        start, stop = scalars_of_lane(ends, y.shape[1:], place)
        if start.n and stop.n and start.d and stop.d:
            at: Any = (slice(None), *place)
            slope[at] = _exact_geometric(start, stop, (a, b), plan, factor.reshape(plan.num))
    return slope


def _exact_geometric(
    start: Scalar, stop: Scalar, orders: tuple[int, int], plan: Plan, factor: Floats
) -> Floats:
    """A lane with ends of one sign: ``factor * start**(1 - a) / stop**b * (stop/start)**w``."""
    a, b = orders
    sign = (1.0 if start.n > 0 else -1.0) ** (1 + a + b)
    first, last = (abs(start.n), start.d), (abs(stop.n), stop.d)
    scale = _ratio((first, 1 - a), (last, -b))
    line = Geometric(scale, _ratio((last, 1), (first, -1)), 0, 1, plan.div, plan.num)
    return _times(line, sign * factor)


def _exponential(plan: Plan, ends: Ends) -> Floats:
    n = plan.orders[2]
    y = _grid("logspace", plan, ends)
    rank = y.ndim - 1
    quotients = _divided(y, [ends["base"]] * n)
    factor = _exponential_factor(plan, ends, rank)
    slope = _singular_bases(quotients[-1] * factor, y, ends, plan)
    small = _small_ends(ends, y.shape[1:]) if n else None
    for place in _lanes_out_of_range(quotients, small):
        start, stop, base = scalars_of_lane(ends, y.shape[1:], place)
        if start.d and stop.d and base.d and base.n and base.n != base.d:
            at: Any = (slice(None), *place)
            slope[at] = _exact_exponential(start, stop, base, y[at], plan)
    return slope


def _exponential_factor(plan: Plan, ends: Ends, rank: int) -> Floats:
    a, c, n = plan.orders
    x = _grid("linspace", plan, {"start": ends["start"], "stop": ends["stop"]})
    log = _logarithms(ends["base"]) if a + c else np.zeros(())
    factor: Floats = polynomial(_aligned(x, rank), log, a + c, n)
    return factor * weights(plan, rank, stop=False) ** a * weights(plan, rank, stop=True) ** c


def _exact_exponential(
    start: Scalar, stop: Scalar, base: Scalar, lane: Floats, plan: Plan
) -> Floats:
    """A lane with finite ends and a finite base, neither 0 nor 1."""
    a, c, n = plan.orders
    line = exponents(start, stop, plan.num, plan.endpoint)
    factor = _exponential_factor(plan, {"start": start, "stop": stop, "base": base}, 0)
    expo = np.zeros(plan.num, np.int64)
    if n and not a + c:  # near zero (x)_n is (-1)**(n - 1) (n - 1)! x, and x may be subnormal
        x = _filled(line)
        small = np.abs(x) < _SMALL
        root = float((-1) ** (n - 1) * math.factorial(n - 1))
        factor = np.where(small, root * _filled(line.scaled(_SHIFT)), factor)
        expo[small] = -_SHIFT
    factor = factor * np.copysign(1.0, lane) * (1.0 if base.n > 0 else -1.0) ** n
    magnitude = (abs(base.n), base.d)
    powers = Geometric(_ratio((magnitude, -n)), magnitude, line.a, line.b, line.den, plan.num)
    return np.where(np.isnan(lane), np.nan, _times(powers, factor, expo))


def _times(line: Geometric, factor: Floats, expo: Any = 0) -> Floats:
    """``factor * 2**expo`` times a progression whose elements may leave the range of floats."""
    grid = _filled(line)
    result = np.ldexp(grid * factor, expo)
    for outside, shift in ((grid < _TINY, _SHIFT), (grid == _HUGE, -_SHIFT)):
        if outside.any():
            near = np.ldexp(_filled(line.scaled(shift)) * factor, expo - shift)
            result = np.where(outside, near, result)
    return np.where(factor == 0, 0.0, result)


def _filled(line: Arithmetic | Geometric) -> Floats:
    values = np.empty(line.num)
    fill(values, line, _FLOAT64)
    return values


def _singular_bases(slope: Floats, y: Floats, ends: Ends, plan: Plan) -> Floats:
    """Bases that are zero: ``0**x`` is constant where it is 0, and ``x`` at ``x = 1``.

    Between the integer exponents of a negative one there is no derivative by the ends.
    """
    base, (a, c, n) = ends["base"], plan.orders
    sign = np.sign(np.asarray(base.sign if isinstance(base, Scalar) else base, np.float64))
    if (sign > 0).all():
        return slope
    zero = np.equal(sign, 0)
    if a + c:
        slope = np.where(np.less(sign, 0), np.nan, slope)
    if not np.any(zero):
        return slope
    line = {"start": ends["start"], "stop": ends["stop"]}
    x = _aligned(_grid("linspace", plan, line), y.ndim - 1)
    if a + c:
        return np.where(zero, np.where(x > n, 0.0, np.nan), slope)
    product = polynomial(x, np.zeros(()), 0, n)
    power = np.where(x == n, 1.0, np.where(x > n, 0.0, np.inf))
    return np.where(zero, np.where(product == 0, 0.0, product * power), slope)


def _logarithm(base: Scalar) -> float:
    """``ln(base)`` rounded to float64, with the conventions of IEEE 754."""
    if base.d and base.n > 0:
        return _to_float(natural_logarithm(base.n, base.d))
    if base.sign == 0:
        return -math.inf
    return math.inf if base.special == math.inf else math.nan


def _logarithms(base: Any) -> Floats:
    if isinstance(base, Scalar):
        return np.array(_logarithm(base))
    values, places = np.unique(np.asarray(base, np.float64), return_inverse=True)
    logs = [_logarithm(read_scalar("base", v)) for v in values.tolist()]
    return np.array(logs)[places].reshape(np.shape(base))


def _to_float(x: Scalar) -> float:
    if not x.d:
        return x.special
    try:
        return x.n / x.d
    except OverflowError:
        return math.inf if x.n > 0 else -math.inf


def _floats(end: Any) -> Floats:
    return np.asarray(_to_float(end) if isinstance(end, Scalar) else end, np.float64)


def _grid(caller: str, plan: Plan, ends: Ends) -> Floats:
    """The lanes of a function in float64."""
    if ENGINE is not None:
        make = getattr(ENGINE, caller)
        start, stop, *base = map(_plain, ends.values())
        samples: Floats | None = make(start, stop, plan.num, plan.endpoint, np.float64, 0, *base)
        if samples is not None:
            return samples
    start, stop = ends["start"], ends["stop"]
    if caller == "linspace" and isinstance(start, Scalar) and isinstance(stop, Scalar):
        found = progression_of(caller, (start, stop), plan.num, plan.endpoint)
        if found is not None:
            return _filled(found[0])
    target = Target(caller, NUMPY, _FLOAT64, np.dtype(np.float64), None)
    return host_lanes(plan._replace(target=target, orders=()), ends)


def _plain(end: Any) -> Any:
    """An end as the engine reads it."""
    if isinstance(end, Scalar):
        return plain_number(end)
    return end if end.ndim else end.item()


def _aligned(grid: Floats, rank: int) -> Floats:
    """The grid of some of the ends with as many axes as that of all."""
    return grid.reshape(grid.shape[:1] + (1,) * (rank + 1 - grid.ndim) + grid.shape[1:])


def _divided(y: Floats, divisors: list[Any]) -> list[Floats]:
    """``y``, and its quotients by the first of the divisors, the first two, and so on."""
    quotients = [y]
    for divisor in divisors:
        quotients.append(quotients[-1] / _floats(divisor))
    return quotients


def _lanes_out_of_range(quotients: list[Floats], small: Any = None) -> Any:
    """The places of lanes with an element that is subnormal or infinite."""
    outside = np.zeros(quotients[0].shape[1:], bool) if small is None else small.copy()
    for values in quotients:
        size = np.abs(values)
        if not size.size or (size.min() >= _TINY and size.max() < _HUGE):
            continue
        outside |= ((size < _TINY) | (size == _HUGE)).any(axis=0)
    if not outside.any():
        return []
    return [tuple(int(k) for k in place) for place in np.argwhere(outside)]


def _small_ends(ends: Ends, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Lanes whose exponents may be subnormal without being zero."""
    small = np.zeros(shape, bool)
    for name in ("start", "stop"):
        size = np.abs(_floats(ends[name]))
        small = small | ((size < _SMALL) & (size > 0))
    return small


def _ratio(*factors: tuple[tuple[int, int], int]) -> tuple[int, int]:
    """The product of powers of ratios, with exponents of either sign."""
    n = d = 1
    for (p, q), expo in factors:
        n *= p**expo if expo >= 0 else q**-expo
        d *= q**expo if expo >= 0 else p**-expo
    return n, d


#: Those that are linear in their ends, which may be complex or infinite.
_LINEAR = ("linspace", "step")

_RULES: dict[str, Any] = {
    "linspace": _linear,
    "step": _step,
    "logspace": _exponential,
    "geomspace": _geometric,
}
