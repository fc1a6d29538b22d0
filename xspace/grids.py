"""One grid from scalars that have been read: which progression it is, or which limit."""

from __future__ import annotations

from typing import Any

from .arguments import Scalar
from .produce import produce
from .progression import Geometric
from .special import (
    exponents,
    geomspace_limit,
    linspace_limit,
    logspace_limit,
    negative_base,
    with_signed_zeros,
)
from .target import Target

__all__ = ["geomspace_grid", "linspace_grid", "logspace_grid", "scalar_grid"]


def logspace_grid(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, target: Target
) -> Any:
    """The array of ``logspace``."""
    if not (start.is_finite and stop.is_finite and base.is_finite) or base.n == 0:
        return logspace_limit(start, stop, base, num, endpoint, target)
    if base.n < 0:
        return negative_base(start, stop, base, num, endpoint, target)
    line = exponents(start, stop, num, endpoint)
    powers = Geometric((1, 1), (base.n, base.d), line.a, line.b, line.den, num)
    return produce(powers, target)


def geomspace_grid(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """The array of ``geomspace``; a ValueError for an end that is zero."""
    if not (start.is_finite and stop.is_finite) or start.n * stop.n <= 0:
        _refuse_zero(start, stop)
        return geomspace_limit(start, stop, num, endpoint, target)
    scale = abs(start.n)
    ratio = abs(stop.n) * start.d, stop.d * scale
    div = max(num - 1 if endpoint else num, 1)
    line = Geometric((scale, start.d), ratio, 0, 1, div, num)
    return produce(line, target, negative=start.n < 0)


def linspace_grid(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """The array of ``linspace``."""
    if not (start.is_finite and stop.is_finite):
        return linspace_limit(start, stop, num, endpoint, target)
    if start.is_negative_zero or stop.is_negative_zero:
        return with_signed_zeros(start, stop, num, endpoint, target)
    return produce(exponents(start, stop, num, endpoint), target)


def scalar_grid(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> Any:
    """The array of the function that ``target.caller`` names; a base is the third of ``ends``."""
    return _GRIDS[target.caller](*ends, num, endpoint, target)


_GRIDS: dict[str, Any] = {
    "linspace": linspace_grid,
    "logspace": logspace_grid,
    "geomspace": geomspace_grid,
}


def _refuse_zero(start: Scalar, stop: Scalar) -> None:
    for name, end in (("start", start), ("stop", stop)):
        if end.sign == 0:
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)
