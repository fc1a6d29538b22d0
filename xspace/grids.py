"""One grid from scalars that have been read: which progression it is, or which limit."""

from __future__ import annotations

from typing import Any

from .arguments import Scalar
from .produce import produce
from .progression import Arithmetic, Geometric
from .special import (
    exponents,
    geomspace_limit,
    linspace_limit,
    logspace_limit,
    negative_base,
    with_signed_zeros,
)
from .target import Target

__all__ = [
    "geomspace_grid",
    "linspace_grid",
    "logspace_grid",
    "progression_of",
    "scalar_grid",
]

#: A progression of magnitudes, and whether the elements are their negatives.
Signed = tuple[Arithmetic | Geometric, bool]


def logspace_line(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool
) -> Signed | None:
    """The progression of ``logspace``, or None if it is a limit or has a base below zero."""
    if base.n <= 0 or not (start.d and stop.d and base.d):
        return None
    line = exponents(start, stop, num, endpoint)
    return Geometric((1, 1), (base.n, base.d), line.a, line.b, line.den, num), False


def geomspace_line(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> Signed | None:
    """The progression of ``geomspace``, or None if it is a limit or changes its sign."""
    if start.n * stop.n <= 0 or not (start.d and stop.d):
        return None
    scale = abs(start.n)
    ratio = abs(stop.n) * start.d, stop.d * scale
    div = max(num - 1 if endpoint else num, 1)
    return Geometric((scale, start.d), ratio, 0, 1, div, num), start.n < 0


def linspace_line(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> Signed | None:
    """The progression of ``linspace``, or None if it is a limit or has an end of ``-0.0``."""
    if not (start.d and stop.d) or start.is_negative_zero or stop.is_negative_zero:
        return None
    return exponents(start, stop, num, endpoint), False


def logspace_grid(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, target: Target
) -> Any:
    """The array of ``logspace``."""
    found = logspace_line(start, stop, base, num, endpoint)
    if found:
        return produce(found[0], target)
    if base.is_finite and base.n < 0 and start.is_finite and stop.is_finite:
        return negative_base(start, stop, base, num, endpoint, target)
    return logspace_limit(start, stop, base, num, endpoint, target)


def geomspace_grid(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """The array of ``geomspace``; a ValueError for an end that is zero."""
    found = geomspace_line(start, stop, num, endpoint)
    if found:
        return produce(found[0], target, negative=found[1])
    _refuse_zero(start, stop)
    return geomspace_limit(start, stop, num, endpoint, target)


def linspace_grid(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """The array of ``linspace``."""
    found = linspace_line(start, stop, num, endpoint)
    if found:
        return produce(found[0], target)
    if start.is_finite and stop.is_finite:
        return with_signed_zeros(start, stop, num, endpoint, target)
    return linspace_limit(start, stop, num, endpoint, target)


_LINES: dict[str, Any] = {
    "linspace": linspace_line,
    "logspace": logspace_line,
    "geomspace": geomspace_line,
}
_GRIDS: dict[str, Any] = {
    "linspace": linspace_grid,
    "logspace": logspace_grid,
    "geomspace": geomspace_grid,
}


def progression_of(
    caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool
) -> Signed | None:
    """The progression of the function named; a base is the third of ``ends``."""
    found: Signed | None = _LINES[caller](*ends, num, endpoint)
    return found


def scalar_grid(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> Any:
    """The array of the function that ``target.caller`` names."""
    return _GRIDS[target.caller](*ends, num, endpoint, target)


def _refuse_zero(start: Scalar, stop: Scalar) -> None:
    for name, end in (("start", start), ("stop", stop)):
        if end.sign == 0:
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)
