"""Whole grids by the compiled engine, past all other layers.

Reading arguments with care takes longer than fifty elements.  So numbers of Python, and numbers and
arrays of NumPy, go to the engine as they are, and what it answers with None, a grid or an argument
that is not plain, goes the long way: with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.native import ENGINE

__all__ = [
    "QUICK",
    "quick_arange",
    "quick_geomspace",
    "quick_linspace",
    "quick_logspace",
    "quick_step",
]


def _refuse(*_: Any) -> None:
    """What a missing engine makes."""


#: ``(start, stop, num, endpoint, dtype, axis, base)``, of which only `quick_logspace` has the last.
quick_logspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.logspace
quick_geomspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.geomspace
quick_linspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.linspace
#: ``(start, stop, num, endpoint)``: the step of a linspace between numbers
quick_step: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.step
#: ``(start, stop, step, dtype)``
quick_arange: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.arange

#: By the name of the function.
QUICK = {"logspace": quick_logspace, "geomspace": quick_geomspace, "linspace": quick_linspace}
