"""Complex grids: straight lines and spirals.

Each part of each element is rounded by itself.  Where the parts are real progressions, the
kernels for those make them.  Grids are made in host memory, as a whole or in parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.narrow import host_dtype
from ..engine.spiral import fill_spiral
from ..exact.number import Scalar, complex_parts, is_finite, is_zero
from ..exact.progression import Geometric
from ..exact.rounding import FloatFormat, Format
from ..exact.spiral import ONE, Spiral, exponent_lines, logspace_spiral, spiral_of_ends
from .complex_limits import complex_geomspace_limit, complex_logspace_limit, powers_by_sign
from .real import real_source
from .source import Line, between_ends, number_key

__all__ = [
    "ComplexGrid",
    "complex_dtype",
    "spiral_parts",
]

Host = npt.NDArray[Any]
Pair = tuple[Host, Host]  #: the real and the imaginary ones

#: Exponents of more bits than this would need their angle reduced by as many bits of pi.
_LONGEST_EXPONENT = 1 << 15


class ComplexGrid:
    """A complex grid of which any part can be made (`source.Source`): no larger than its ends."""

    def __init__(
        self, caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, fmt: FloatFormat
    ) -> None:
        self.caller, self.ends, self.num = caller, ends, num
        self.endpoint, self.fmt = bool(endpoint), fmt

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""
        ends = (word for end in self.ends for word in (*number_key(end), "end"))
        return (*ends, self.num, self.endpoint, self.fmt.name)

    def make(self, places: range) -> Host:
        """The elements at these places, in host memory."""
        host = np.empty(len(places), complex_dtype(self.fmt))
        with np.errstate(all="ignore"):  # limits that overflow float32
            host.real, host.imag = _PARTS[self.caller](self, places)
        return host

    def check(self) -> None:
        """The error of ends that have no such grid, or of exponents that are too long."""
        self.make(range(0))


def complex_dtype(fmt: Format) -> np.dtype[Any]:
    """The NumPy dtype of numbers whose parts are of the format."""
    return np.dtype(f"c{2 * host_dtype(fmt).itemsize}")


def _linspace(grid: ComplexGrid, places: range) -> Pair:
    """``linspace``: its parts are those of the ends."""
    re, im = (
        real_source("linspace", ends, grid.num, grid.endpoint, grid.fmt).make(places)
        for ends in zip(*map(complex_parts, grid.ends), strict=True)
    )
    return re, im


def _geomspace(grid: ComplexGrid, places: range) -> Pair:
    """``geomspace``: the shortest spiral; of two half turns the one above zero.

    That is the one through the upper half plane, or through the positive numbers.
    """
    start, stop = grid.ends
    for name, end in (("start", start), ("stop", stop)):
        if is_zero(end):
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)
    if not (is_finite(start) and is_finite(stop)):
        return _between_ends(complex_geomspace_limit, grid, places)
    return spiral_parts(spiral_of_ends(start, stop, grid.num, grid.endpoint), grid, places)


def _logspace(grid: ComplexGrid, places: range) -> Pair:
    """``logspace``: powers of a base on the principal branch."""
    start, stop, base = grid.ends
    if not (is_finite(start) and is_finite(stop)):
        return _between_ends(complex_logspace_limit, grid, places)
    if not is_finite(base) or is_zero(base):
        real, imag = exponent_lines(start, stop, grid.num, grid.endpoint)
        part = places.start, places.step, len(places)
        values = powers_by_sign(base, real.slice(*part), imag.slice(*part))
        return values.real, values.imag
    return spiral_parts(logspace_spiral(start, stop, base, grid.num, grid.endpoint), grid, places)


_PARTS: dict[str, Any] = {
    "linspace": _linspace,
    "logspace": _logspace,
    "geomspace": _geomspace,
    "arange": _linspace,  # between exact ends
}


def _between_ends(limit: Any, grid: ComplexGrid, places: range) -> Pair:
    """A constant between two ends: three elements show all of them."""
    short = min(grid.num, 3 if grid.endpoint else 2)
    shown = limit(*grid.ends, short, grid.endpoint, grid.fmt)
    values = between_ends(shown, grid.num, grid.endpoint, places)
    return values.real, values.imag


def spiral_parts(line: Spiral, grid: ComplexGrid, places: range) -> Pair:
    """Some elements of a spiral; on a ray from zero its parts are real progressions."""
    if line.base == ONE:  # whatever the exponents are
        line = Spiral(line.scale, ONE, (0, 0), (0, 0), 1, line.num)
    base, dtype = line.base, host_dtype(grid.fmt)
    is_ray = not (base.b or base.a < 0 or line.a[1] or line.b[1])
    if not is_ray and line.reach() > _LONGEST_EXPONENT:
        msg = f"{grid.caller}: exponents of {line.reach()} bits are too long for an angle"
        raise ValueError(msg)
    line = line.slice(places.start, places.step, len(places))
    if not is_ray:
        re, im = np.empty((2, line.num), dtype)
        fill_spiral(re, im, line, grid.fmt)
        return re, im
    parts = [np.zeros(line.num, dtype)] * 2
    for k, x in enumerate(line.scale[:2]):
        if x:
            scale, ratio = (abs(x), line.scale.c), (base.a, base.c)
            powers = Geometric(scale, ratio, line.a[0], line.b[0], line.den, line.num)
            source = Line(grid.caller, powers, grid.fmt, x < 0)
            parts[k] = source.make(range(line.num))
    return parts[0], parts[1]
