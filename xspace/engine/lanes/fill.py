"""Lanes into NumPy memory: the kernels of any namespace, a block at a time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.rounding import FloatFormat, Format, IntFormat
from ...ground.thresholds import LANE_BLOCK, LANE_WIDTH
from ..narrow import round_to_format
from ..words import DoubleWord
from .bounds import Bounds
from .exponents import lane_columns
from .kernels import kernel_of
from .tables import host_tables

__all__ = ["Remaining", "fill_lanes"]

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.intp]


class Remaining(NamedTuple):
    """What is left to the caller: flat indices into ``(num, lanes)``, and lanes as a whole."""

    doubtful: Indices
    refused: Indices


def fill_lanes(
    out: npt.NDArray[Any],
    caller: str,
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
    caller : {"linspace", "logspace", "geomspace"}
        The function.
    start, stop, base : DoubleWord
        The ends, of arrays of shape ``(lanes,)``; see `kernel_of`.
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
        function does not allow, or with a zero that has a sign.
    """
    num, count = out.shape
    doubtful, refused = [np.empty(0, np.intp)], [np.empty(0, np.intp)]
    narrow = isinstance(fmt, FloatFormat) and fmt.precision < 53
    columns = lane_columns(num)
    with np.errstate(all="ignore"):  # overflow to infinity is a result, and so is underflow
        for left in range(0, count, LANE_WIDTH):
            lanes = slice(left, min(left + LANE_WIDTH, count))
            a, b, c = (end.at(lanes) for end in (start, stop, base))
            kernel = kernel_of(np, host_tables(), caller, a, b, c, num, div, narrow=narrow)
            refused.append(np.flatnonzero(kernel.refused) + left)
            height = max(LANE_BLOCK // (lanes.stop - left) // columns, 1) * columns
            for top in range(0, num, height):
                samples = range(top, min(top + height, num))
                bounds = kernel.block(samples)
                values, open_ = _rounded(bounds, fmt)
                out[top : samples.stop, lanes] = values
                open_ &= ~kernel.refused
                if open_.any():
                    sample, lane = np.nonzero(open_)
                    doubtful.append((sample + top) * count + (lane + left))
    return Remaining(np.concatenate(doubtful), np.concatenate(refused))


def _rounded(bounds: Bounds, fmt: Format) -> tuple[npt.NDArray[Any], Flags]:
    """Elements as `host_dtype` stores them, and which of them the bounds leave open."""
    up, down = bounds.up, bounds.down
    open_: Flags
    if isinstance(fmt, IntFormat):
        values = np.floor(down)
        # A bound that is whole may have been rounded to it from the other side.
        open_ = (values == down) | (values != np.floor(up))
        open_ |= (values < fmt.low) | (values > fmt.high)
        values = values.astype(np.int64)
    elif fmt.precision == 53:
        values, open_ = up, up != down
    else:
        values = round_to_format(up, fmt)
        open_ = values != round_to_format(down, fmt)
    return values, open_ if bounds.unsure is None else open_ | bounds.unsure
