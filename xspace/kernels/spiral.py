"""Spirals into NumPy memory."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from ..complex_progression import Spiral
from ..exact.rounding import FloatFormat

__all__ = ["fill_spiral"]


def fill_spiral(re: npt.NDArray[Any], im: npt.NDArray[Any], line: Spiral, fmt: FloatFormat) -> None:
    """Write the correctly rounded parts of the elements of ``line``."""
    for i in range(line.num):
        re[i], im[i] = line.rounded(i, fmt)
