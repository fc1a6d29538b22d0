"""Lanes into NumPy memory of any layout."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...exact.rounding import Format
from ...ground.thresholds import LANE_TURNED
from ..words import DoubleWord
from .blocks import Indices, Remaining, fill_powers, some_lanes
from .sums import fill_sums

__all__ = ["fill_lanes"]


def fill_lanes(
    out: npt.NDArray[Any],
    kind: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    div: int,
    fmt: Format,
) -> Remaining:
    """Write samples ``0, 1, ...`` of lanes into ``out``, but for those that are returned.

    Parameters
    ----------
    out : array of shape (num, lanes)
        Memory of `host_dtype`, as a view of any layout; fastest where lanes are contiguous.
    kind : {"linspace", "logspace", "geomspace"}
        The function.
    start, stop : DoubleWord
        Contiguous float64 arrays of shape ``(lanes,)``: the ends, of which ``high`` is the nearest
        float.  ``low`` is the rest, to ``2**-106`` of the number, or 0.0 where there is none.
    base : DoubleWord
        Of ``logspace``: one number, as two Python floats, or arrays like the ends.
    div : int
        The number of steps from ``start`` to ``stop``.
    fmt : Format
        The format of the elements.

    Returns
    -------
    doubtful : array of indices
        Flat indices into ``(num, lanes)`` of elements to be made exactly: near a midpoint or on
        it, or integers that the next one below is too near to.
    refused : array of indices
        Lanes to be made as grids of their own: out of range, not finite, of a sign that this
        kind does not allow, or with a zero that has a sign.
    """
    num, count = out.shape
    if out.strides[1] == out.itemsize or count == 1 or num == 1:
        return _fill(out, kind, start, stop, base, div, fmt)
    doubtful: list[Indices] = []
    refused: list[Indices] = []
    width = max(LANE_TURNED // num, 64)
    for first in range(0, count, width):
        part = slice(first, first + width)
        block = np.empty((num, min(width, count - first)), out.dtype)
        a, b, c = (some_lanes(end, part) for end in (start, stop, base))
        remaining = _fill(block, kind, a, b, c, div, fmt)
        out[:, part] = block
        sample, lane = np.divmod(remaining.doubtful, block.shape[1])
        doubtful.append(sample * count + (lane + first))
        refused.append(remaining.refused + first)
    empty = np.empty(0, np.intp)
    return Remaining(np.concatenate([empty, *doubtful]), np.concatenate([empty, *refused]))


def _fill(
    out: npt.NDArray[Any],
    kind: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    div: int,
    fmt: Format,
) -> Remaining:
    if kind == "linspace":
        return fill_sums(out, start, stop, div, fmt)
    return fill_powers(out, kind, start, stop, base, div, fmt)
