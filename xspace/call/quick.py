"""Whole grids between plain numbers by the compiled engine, past all other layers.

Reading arguments with care takes longer than fifty elements.  So floats and integers of Python go
to the engine as they are, and what it answers with None, a grid or an argument that is not plain,
goes the long way: with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..engine.gpu.launch import launcher
from ..engine.narrow import host_dtype
from ..engine.native import ENGINE
from ..grids.target import Target
from ..ground.thresholds import DEVICE_GRID

__all__ = ["quick_arange", "quick_geomspace", "quick_linspace", "quick_logspace", "quick_samples"]


def _refuse(*_: Any) -> None:
    """What a missing engine makes."""


#: ``(start, stop, num, endpoint, dtype, axis, base)``, of which only `quick_logspace` has the last.
quick_logspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.logspace
quick_geomspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.geomspace
quick_linspace: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.linspace
#: ``(start, stop, step, dtype)``
quick_arange: Callable[..., Any] = _refuse if ENGINE is None else ENGINE.arange

_WAYS = {"logspace": quick_logspace, "geomspace": quick_geomspace, "linspace": quick_linspace}


def quick_samples(ends: dict[str, Any], num: int, endpoint: bool, target: Target) -> Any:
    """The array of a target, if it is made on the host, of numbers; or None."""
    if target.is_complex or target.layout is not None or target.workers > 1:
        return None
    backend, device, fmt = target.backend, target.device, target.fmt
    dtype = host_dtype(fmt)
    if dtype.name != fmt.name or launcher(backend, device) is not None:
        return None
    if num >= DEVICE_GRID and not backend.makes_on_host(device):
        return None
    start, stop, *base = ends.values()
    samples = _WAYS[target.caller](start, stop, num, endpoint, dtype, 0, *base)
    return None if samples is None else backend.from_host(samples, fmt, target.dtype, device)
