"""Lanes that are constant between their ends, and zeros of a sign, many at a time.

An infinite end makes a constant of what lies between, and so do ends of two signs of ``geomspace``
(see `grids.real`).  An end of ``linspace`` that is ``-0.0`` keeps its sign, and is a zero besides.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine.narrow import stored, to_bits
from ..engine.words import DoubleWord
from ..exact.rounding import FloatFormat

__all__ = ["fill_limits", "set_zeros"]

Flags = npt.NDArray[np.bool_]


def fill_limits(
    out: npt.NDArray[Any],
    caller: str,
    start: DoubleWord,
    stop: DoubleWord,
    div: int,
    fmt: FloatFormat,
) -> Flags:
    """Write the lanes of a ``linspace`` or ``geomspace`` that have a limit; which these are.

    A low part may decide the only rounding, and beside an infinity it says that this is a number
    beyond all floats: such lanes are left alone.
    """
    a, b = start.high, stop.high
    with np.errstate(all="ignore"):
        limit = np.where(np.isfinite(a), b, np.where(np.isfinite(b), a, a + b))
    which: Flags = ~(np.isfinite(a) & np.isfinite(b))
    if caller == "geomspace":
        opposite = np.sign(a) * np.sign(b) < 0
        limit[opposite] = np.nan
        which = (which | opposite) & (a != 0) & (b != 0)
    for low in (start.low, stop.low):
        which &= np.zeros(a.shape) + low == 0
    values = np.repeat(limit[None, which], len(out), axis=0)
    values[:1] = a[which]
    if 0 < div < len(out):
        values[div] = b[which]
    out[:, which] = stored(values, fmt)
    return which


def set_zeros(out: npt.NDArray[Any], start: Flags, stop: Flags, div: int, fmt: FloatFormat) -> None:
    """Give the zeros of lanes of ``linspace`` a sign, whose ends have one where the flags are."""
    zero = to_bits(-0.0, fmt)
    out[:1, start] = zero
    if div < len(out):
        out[div, stop] = zero
    out[:, start & stop] = zero
