"""Complex grids: straight lines and spirals.

Each part of each element is rounded by itself.  Where the parts are real progressions, the
kernels for those make them.  Grids are made in host memory.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .arguments import Scalar
from .backends import HOST
from .complex_limits import (
    complex_geomspace_limit,
    complex_logspace_limit,
    complex_parts,
    is_finite,
    is_zero,
    to_gaussian,
)
from .complex_progression import ONE, Spiral
from .exact.rounding import FloatFormat, Format
from .grids import linspace_grid
from .kernels.narrow import host_dtype
from .kernels.spiral import fill_spiral
from .produce import make_on_host
from .progression import Geometric
from .special import exponents, linspace_step
from .target import Target

__all__ = ["complex_dtype", "complex_grid", "complex_step"]

Host = npt.NDArray[Any]

#: Exponents of more bits than this would need their angle reduced by as many bits of pi.
_LONGEST_EXPONENT = 1 << 15


def complex_linspace(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """``linspace``: its parts are those of the ends."""
    part = _part_target(target)
    re, im = (
        linspace_grid(first, last, num, endpoint, part)
        for first, last in zip(complex_parts(start), complex_parts(stop), strict=True)
    )
    return _join(re, im, target)


def complex_step(start: Scalar, stop: Scalar, div: int) -> complex:
    """The exact step of a ``linspace``, its parts rounded."""
    re, im = (
        linspace_step(first, last, div)
        for first, last in zip(complex_parts(start), complex_parts(stop), strict=True)
    )
    return complex(re, im)


def complex_geomspace(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """``geomspace``: the shortest spiral; of two half turns the one above zero.

    That is the one through the upper half plane, or through the positive numbers.
    """
    for name, end in (("start", start), ("stop", stop)):
        if is_zero(end):
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)
    if not (is_finite(start) and is_finite(stop)):
        fmt = _float_format(target)
        values = complex_geomspace_limit(start, stop, num, endpoint, fmt)
        return _join(values.real, values.imag, target)
    scale = to_gaussian(start)
    base = to_gaussian(stop).times(scale.inverse())
    turn = -1 if scale.a < 0 or (scale.a == 0 < scale.b) else 1
    div = max(num - 1 if endpoint else num, 1)
    return _spiral(Spiral(scale, base, (0, 0), (1, 0), div, num, turn), target)


def complex_logspace(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, target: Target
) -> Any:
    """``logspace``: powers of a base on the principal branch."""
    if not (is_finite(start) and is_finite(stop) and is_finite(base)) or is_zero(base):
        fmt = _float_format(target)
        values = complex_logspace_limit(start, stop, base, num, endpoint, fmt)
        return _join(values.real, values.imag, target)
    real, imag = (
        exponents(first, last, num, endpoint)
        for first, last in zip(complex_parts(start), complex_parts(stop), strict=True)
    )
    den = math.lcm(real.den, imag.den)
    m, n = den // real.den, den // imag.den
    a, b = (real.a * m, imag.a * n), (real.b * m, imag.b * n)
    return _spiral(Spiral(ONE, to_gaussian(base), a, b, den, num), target)


def complex_dtype(fmt: Format) -> np.dtype[Any]:
    """The NumPy dtype of numbers whose parts are of the format."""
    return np.dtype(f"c{2 * host_dtype(fmt).itemsize}")


def complex_grid(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> Any:
    """The array of the function that ``target.caller`` names; a base is the third of ``ends``."""
    return _GRIDS[target.caller](*ends, num, endpoint, target)


_GRIDS: dict[str, Any] = {
    "linspace": complex_linspace,
    "logspace": complex_logspace,
    "geomspace": complex_geomspace,
}


def _spiral(line: Spiral, target: Target) -> Any:
    """The array of a spiral; on a ray from zero its parts are real progressions."""
    if line.base == ONE:  # whatever the exponents are
        line = Spiral(line.scale, ONE, (0, 0), (0, 0), 1, line.num)
    base, part = line.base, _part_target(target)
    dtype = host_dtype(part.fmt)
    if base.b or base.a < 0 or line.a[1] or line.b[1]:
        if line.reach() > _LONGEST_EXPONENT:
            msg = f"{target.caller}: exponents of {line.reach()} bits are too long for an angle"
            raise ValueError(msg)
        re, im = np.empty((2, line.num), dtype)
        fill_spiral(re, im, line, _float_format(target))
        return _join(re, im, target)
    made = [np.zeros(line.num, dtype)] * 2
    for k, x in enumerate(line.scale[:2]):
        if x:
            scale, ratio = (abs(x), line.scale.c), (base.a, base.c)
            powers = Geometric(scale, ratio, line.a[0], line.b[0], line.den, line.num)
            made[k] = make_on_host(powers, part, negative=x < 0)
    return _join(made[0], made[1], target)


def _float_format(target: Target) -> FloatFormat:
    assert isinstance(target.fmt, FloatFormat)
    return target.fmt


def _part_target(target: Target) -> Target:
    """Where the real and the imaginary parts are made: in host memory."""
    return Target(target.caller, HOST, target.fmt, host_dtype(target.fmt), None)


def _join(re: Host, im: Host, target: Target) -> Any:
    host = np.empty(len(re), complex_dtype(target.fmt))
    with np.errstate(all="ignore"):  # limits that overflow float32
        host.real, host.imag = re, im
    backend = target.backend
    array = backend.from_host(host, target.fmt, target.dtype, target.device)
    return array if target.layout is None else backend.in_layout(array, target.layout)
