"""How a grid is cut into rows, columns and blocks of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ground.thresholds import BLOCK, COLUMNS, LONG_COLUMNS, LONG_GRID

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["blocks", "column_limit", "settle"]


def column_limit(num: int) -> int:
    """Columns for ``num`` elements: about the square root, up to a row that fills a cache."""
    if num < LONG_COLUMNS:
        return max(int(num**0.5), 1)
    return COLUMNS if num >= LONG_GRID else 1024


def blocks(num: int, columns: int, size: int = BLOCK) -> Iterator[tuple[int, int, int]]:
    """``(first row, end row, columns)`` of blocks of whole rows, then the rest of the last row."""
    full = num // columns
    rows = max(size // columns, 1)
    for first in range(0, full, rows):
        yield first, min(first + rows, full), columns
    if num % columns:
        yield full, full + 1, num % columns


def settle(
    out: npt.NDArray[Any], indices: npt.NDArray[np.intp], exact: Callable[[int], Any]
) -> None:
    """Write the exact values of the elements that a rounding test left open.

    Grids are monotone and so are their roundings: where two elements round alike, so do all
    between them.  A long run of open elements of the same value, such as the integer part of
    numbers close to 1, costs the logarithm of its length.
    """
    if indices.size == 0:
        return
    signed_zeros = out.dtype.kind == "f"  # equal, but not the same
    last = indices.size - 1
    at_first = out[indices[0]] = exact(int(indices[0]))
    at_last = out[indices[last]] = exact(int(indices[last])) if last else at_first
    runs = [(0, last, at_first, at_last)]
    while runs:
        low, high, at_low, at_high = runs.pop()
        if high - low < 2:
            continue
        if at_low == at_high and (at_low != 0 or not signed_zeros):
            out[indices[low + 1 : high]] = at_low
            continue
        middle = (low + high) // 2
        value = out[indices[middle]] = exact(int(indices[middle]))
        runs += [(low, middle, at_low, value), (middle, high, value, at_high)]
