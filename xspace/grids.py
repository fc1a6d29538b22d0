"""One grid from scalars that have been read: which progression it is, or which limit."""

from __future__ import annotations

import math
from typing import Any

from .arguments import LARGEST, Scalar
from .backends import HOST
from .exact.rounding import FloatFormat, IntFormat
from .messages import describe_integer
from .produce import check_range, produce
from .progression import Arithmetic, Geometric
from .special import (
    exponents,
    geomspace_limit,
    linspace_limit,
    logspace_limit,
    negative_base,
    negative_zeros,
    with_negative_zeros,
)
from .target import Target

__all__ = [
    "arange_line",
    "check_grid",
    "check_length",
    "geomspace_grid",
    "geomspace_line",
    "linspace_grid",
    "logspace_grid",
    "logspace_line",
    "progression_of",
    "refuse_zero",
    "scalar_grid",
]


def arange_line(start: Scalar, step: Scalar, first: int, num: int) -> Arithmetic:
    """``start + i*step`` for ``num`` integers ``i`` from ``first`` on."""
    den = math.lcm(start.d, step.d)
    pace = step.n * (den // step.d)
    return Arithmetic(start.n * (den // start.d) + first * pace, pace, den, num)


def check_length(line: Arithmetic | Geometric, caller: str) -> Any:
    """The progression, if an array can be so long."""
    if line.num > LARGEST:
        msg = (
            f"{caller}: {describe_integer(line.num)} elements, which is more than an array can have"
        )
        raise ValueError(msg)
    return line


def logspace_line(start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool) -> Geometric:
    """The powers of a positive base."""
    line = exponents(start, stop, num, endpoint)
    return Geometric((1, 1), (base.n, base.d), line.a, line.b, line.den, num)


def geomspace_line(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> Geometric:
    """The magnitudes between ends of one sign."""
    scale = abs(start.n)
    ratio = abs(stop.n) * start.d, stop.d * scale
    div = max(num - 1 if endpoint else num, 1)
    return Geometric((scale, start.d), ratio, 0, 1, div, num)


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


def progression_of(
    caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool
) -> tuple[Arithmetic | Geometric, bool] | None:
    """The progression of magnitudes of the function named, and whether it has to be negated.

    None for a grid that is none: a limit, one of several signs, or one with a zero of a sign.
    """
    start, stop, *base = ends
    if not all(end.is_finite for end in ends):
        return None
    if caller == "linspace":
        if start.is_negative_zero or stop.is_negative_zero:
            return None
        return exponents(start, stop, num, endpoint), False
    if caller == "geomspace":
        if start.n * stop.n <= 0:
            return None
        return geomspace_line(start, stop, num, endpoint), start.n < 0
    return None if base[0].n <= 0 else (logspace_line(start, stop, base[0], num, endpoint), False)


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


def refuse_zero(start: Scalar, stop: Scalar) -> None:
    """A ValueError that names the end that is zero."""
    for name, end in (("start", start), ("stop", stop)):
        if end.sign == 0:
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)
