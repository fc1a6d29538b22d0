"""Whole grids between plain numbers by the compiled engine, past all other layers.

Reading arguments with care takes longer than fifty elements.  So floats and integers of Python go
to the engine as they are, and what it answers with None, a grid or an argument that is not plain,
goes the long way: with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ..engine.native import ENGINE
from ..ground.loaded import makes_tensor

__all__ = ["quick_arange", "quick_elsewhere", "quick_geomspace", "quick_linspace", "quick_logspace"]


def _refuse(*_: Any) -> None:
    """What a missing engine makes."""


#: ``(start, stop, num, endpoint, dtype, axis, base)``, of which only `quick_logspace` has the last.
quick_logspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.logspace
quick_geomspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.geomspace
quick_linspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.linspace
#: ``(start, stop, step, dtype)``
quick_arange: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.arange


def quick_elsewhere(
    caller: str,
    xp: Any,
    start: Any,
    stop: Any,
    num: Any,
    endpoint: Any,
    dtype: Any,
    axis: Any,
    base: Any = 1,
) -> Any:
    """The same as a tensor, if the namespace, an end or the base says so."""
    if makes_tensor(xp, start, stop, base):
        return _tensor_maker()(caller, start, stop, num, endpoint, dtype, axis, base)
    return None


@lru_cache(maxsize=1)
def _tensor_maker() -> Callable[..., Any]:
    from .torch_quick import quick_tensor

    return quick_tensor
