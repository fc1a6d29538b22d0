"""One grid from scalars that have been read: which progression it is, or which limit."""

from __future__ import annotations

from .exact.lines import exponents, negative_zeros, progression_of, refuse_zero
from .exact.number import Scalar
from .exact.rounding import FloatFormat, Format
from .limits import Limit
from .sources import Line, Source

__all__ = ["real_source", "source_of"]


def source_of(
    caller: str,
    ends: tuple[Scalar, ...],
    num: int,
    endpoint: bool,
    fmt: Format,
    *,
    is_complex: bool = False,
) -> Source:
    """The grid of the function that ``caller`` names; a base is the third of ``ends``."""
    if not is_complex:
        return real_source(caller, ends, num, endpoint, fmt)
    from .complex_grids import ComplexGrid

    assert isinstance(fmt, FloatFormat)
    return ComplexGrid(caller, ends, num, endpoint, fmt)


def real_source(
    caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, fmt: Format
) -> Line | Limit:
    """The same of real numbers; a ValueError for a ``geomspace`` with an end that is zero."""
    start, stop = ends[:2]
    if caller == "linspace" and start.d and stop.d:  # a denominator of 0 is not finite
        zeros = negative_zeros(start, stop, num, endpoint)
        return Line(caller, exponents(start, stop, num, endpoint), fmt, zeros=zeros)
    found = progression_of(caller, ends, num, endpoint)
    if found is None:
        if caller == "geomspace":
            refuse_zero(start, stop)
        return Limit(caller, ends, num, endpoint, fmt)
    return Line(caller, found[0], fmt, found[1])
