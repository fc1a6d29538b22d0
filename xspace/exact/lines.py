"""The progression that lies between two ends, for each of the functions."""

from __future__ import annotations

import math

from .number import Scalar, complex_parts
from .progression import Arithmetic, Geometric
from .rounding import FORMATS, Format, round_ratio

__all__ = [
    "arange_line",
    "complex_step",
    "exponents",
    "geomspace_line",
    "linspace_step",
    "logspace_line",
    "negative_zeros",
    "progression_of",
    "refuse_zero",
]


def exponents(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> Arithmetic:
    """``(start*(div - i) + stop*i) / div`` as a progression; ``start`` alone for one element."""
    div = num - 1 if endpoint else num
    if div < 1:
        div = 1
    d, e = start.d, stop.d
    if d == e:
        return Arithmetic(start.n * div, stop.n - start.n, d * div, num)
    first = start.n * e
    return Arithmetic(first * div, stop.n * d - first, d * e * div, num)


def arange_line(start: Scalar, step: Scalar, first: int, num: int) -> Arithmetic:
    """``start + i*step`` for ``num`` integers ``i`` from ``first`` on."""
    den = math.lcm(start.d, step.d)
    pace = step.n * (den // step.d)
    return Arithmetic(start.n * (den // start.d) + first * pace, pace, den, num)


def geomspace_line(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> Geometric:
    """The magnitudes between ends of one sign."""
    scale = abs(start.n)
    ratio = abs(stop.n) * start.d, stop.d * scale
    div = max(num - 1 if endpoint else num, 1)
    return Geometric((scale, start.d), ratio, 0, 1, div, num)


def logspace_line(start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool) -> Geometric:
    """The powers of a positive base."""
    line = exponents(start, stop, num, endpoint)
    return Geometric((1, 1), (base.n, base.d), line.a, line.b, line.den, num)


def refuse_zero(start: Scalar, stop: Scalar) -> None:
    """A ValueError that names the end that is zero."""
    for name, end in (("start", start), ("stop", stop)):
        if end.sign == 0:
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)


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


def negative_zeros(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> range:
    """The indices at which a ``linspace`` between such ends is ``-0.0``.

    An end of ``-0.0`` keeps its sign; between two of them everything is ``-0.0``.
    """
    if start.is_negative_zero:
        return range(num if stop.is_negative_zero else min(num, 1))
    if stop.is_negative_zero and endpoint and num > 1:
        return range(num - 1, num)
    return range(0)


def linspace_step(start: Scalar, stop: Scalar, div: int, fmt: Format = FORMATS["float64"]) -> float:
    """The exact step of a ``linspace``, rounded once; NaN where there is none."""
    if div < 1 or not (start.is_finite and stop.is_finite):
        return math.nan
    n = stop.n * start.d - start.n * stop.d
    step = float(round_ratio(abs(n), start.d * stop.d * div, fmt))
    return -step if n < 0 else step


def complex_step(
    start: Scalar, stop: Scalar, div: int, fmt: Format = FORMATS["float64"]
) -> complex:
    """The exact step of a ``linspace``, its parts rounded once to the format."""
    re, im = (
        linspace_step(first, last, div, fmt)
        for first, last in zip(complex_parts(start), complex_parts(stop), strict=True)
    )
    return complex(re, im)
