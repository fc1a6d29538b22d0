"""One grid from scalars that have been read: which progression it is, or which limit."""

from __future__ import annotations

from typing import Any

from .arguments import LARGEST
from .backends import HOST
from .exact.lines import (
    exponents,
    geomspace_line,
    logspace_line,
    negative_zeros,
    progression_of,
    refuse_zero,
)
from .exact.number import Scalar
from .exact.progression import Arithmetic, Geometric
from .exact.rounding import FloatFormat, IntFormat
from .messages import describe_integer
from .produce import check_range, produce
from .special import (
    geomspace_limit,
    linspace_limit,
    logspace_limit,
    negative_base,
    with_negative_zeros,
)
from .target import Target

__all__ = [
    "check_grid",
    "check_length",
    "geomspace_grid",
    "linspace_grid",
    "logspace_grid",
    "scalar_grid",
]


def check_length(line: Arithmetic | Geometric, caller: str) -> Any:
    """The progression, if an array can be so long."""
    if line.num > LARGEST:
        msg = (
            f"{caller}: {describe_integer(line.num)} elements, which is more than an array can have"
        )
        raise ValueError(msg)
    return line


def logspace_grid(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, target: Target
) -> Any:
    """The array of ``logspace``."""
    if base.n <= 0 or not (start.d and stop.d and base.d):  # a denominator of 0 is not finite
        if target.layout is not None:
            return _limit_in_parts((start, stop, base), num, endpoint, target)
        if base.is_finite and base.n < 0 and start.is_finite and stop.is_finite:
            return negative_base(start, stop, base, num, endpoint, target)
        return logspace_limit(start, stop, base, num, endpoint, target)
    return produce(logspace_line(start, stop, base, num, endpoint), target)


def geomspace_grid(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """The array of ``geomspace``; a ValueError for an end that is zero."""
    if start.n * stop.n <= 0 or not (start.d and stop.d):
        refuse_zero(start, stop)
        if target.layout is not None:
            return _limit_in_parts((start, stop), num, endpoint, target)
        return geomspace_limit(start, stop, num, endpoint, target)
    return produce(geomspace_line(start, stop, num, endpoint), target, negative=start.n < 0)


def linspace_grid(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """The array of ``linspace``."""
    if not (start.d and stop.d):
        if target.layout is not None:
            return _limit_in_parts((start, stop), num, endpoint, target)
        return linspace_limit(start, stop, num, endpoint, target)
    line = exponents(start, stop, num, endpoint)
    if start.is_negative_zero or stop.is_negative_zero:
        return with_negative_zeros(line, negative_zeros(start, stop, num, endpoint), target)
    return produce(line, target)


def _limit_in_parts(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> Any:
    from .parts import limit_in_parts

    return limit_in_parts(ends, num, endpoint, target)


def scalar_grid(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> Any:
    """The array of the function that ``target.caller`` names; a base is the third of ``ends``."""
    return _GRIDS[target.caller](*ends, num, endpoint, target)


_GRIDS: dict[str, Any] = {
    "linspace": linspace_grid,
    "logspace": logspace_grid,
    "geomspace": geomspace_grid,
}


def check_grid(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> None:
    """The errors of a grid of scalars, without making it."""
    if target.is_complex:
        from .complex_grids import ComplexGrid

        assert isinstance(target.fmt, FloatFormat)
        ComplexGrid(target.caller, ends, num, endpoint, target.fmt).make(range(0))
        return
    if target.caller == "geomspace":
        refuse_zero(ends[0], ends[1])
    if not isinstance(target.fmt, IntFormat):
        return
    found = progression_of(target.caller, ends, num, endpoint)
    if found is None:  # constant between its ends
        here = target._replace(backend=HOST, device=None)
        scalar_grid(ends, min(num, 3), endpoint, here)
    else:
        check_range(found[0], target, target.fmt, range(num), negative=found[1])
