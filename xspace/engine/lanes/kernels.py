"""The kernel of a function's lanes, in any namespace."""

from __future__ import annotations

from typing import Any

from ..words import DoubleWord
from .bounds import Kernel
from .exponents import exponents
from .products import Products
from .sums import Sums
from .tables import Tables

__all__ = ["kernel_of"]


def kernel_of(
    xp: Any,
    tables: Tables,
    caller: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    num: int,
    div: int,
    *,
    narrow: bool,
) -> Kernel:
    """What makes ``num`` samples of the lanes of the function that ``caller`` names.

    ``start``, ``stop`` are float64 arrays of one shape, as is ``base`` unless it is made of two
    Python floats; a low part may be the number 0.  ``high`` is the nearest float, ``low`` the rest,
    to ``2**-106`` of the number.  ``narrow`` kernels are for formats of 24 bits and less.
    """
    if caller == "linspace":
        return Sums(xp, tables, start, stop, div, narrow=narrow)
    lanes = exponents(xp, tables, caller, start, stop, base, div)
    return Products(xp, tables, lanes, num, narrow=narrow)
