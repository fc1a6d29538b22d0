"""One grid from scalars that have been read, real or complex."""

from __future__ import annotations

from ..exact.number import Scalar
from ..exact.rounding import FloatFormat, Format
from .real import real_source
from .source import Source

__all__ = ["source_of"]


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
    from .complex import ComplexGrid

    assert isinstance(fmt, FloatFormat)
    return ComplexGrid(caller, ends, num, endpoint, fmt)
