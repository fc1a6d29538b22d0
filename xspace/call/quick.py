"""Whole grids between plain numbers by the compiled engine, past all other layers.

Reading arguments with care takes longer than fifty elements.  So floats and integers of Python go
to the engine as they are, and what it answers with None, a grid or an argument that is not plain,
goes the long way: with the same bits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..engine.native import ENGINE

__all__ = ["quick_arange", "quick_elsewhere", "quick_geomspace", "quick_linspace", "quick_logspace"]


def _refuse(*_: Any) -> None:
    """What a missing engine makes."""


#: ``(start, stop, num, endpoint, dtype, axis, base)``, of which only `quick_logspace` has the last.
quick_logspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.logspace
quick_geomspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.geomspace
quick_linspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.linspace
#: ``(start, stop, step, dtype)``
quick_arange: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.arange


def quick_elsewhere(xp: Any, make: Callable[..., Any], *arguments: Any) -> Any:
    """The same for an array of another library, where that takes NumPy's memory as it is."""
    if ENGINE is None or xp is not sys.modules.get("torch"):
        return None
    from ..libraries.torch import tensor_of

    return tensor_of(make, *arguments)
