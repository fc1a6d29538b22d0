"""Whole grids by the compiled engine, past all other layers.

Reading arguments with care takes longer than fifty elements.  So numbers of Python, and numbers and
arrays of NumPy, go to the engine as they are, and what it answers with None, a grid or an argument
that is not plain, goes the long way: with the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from ..engine.native import ENGINE
from ..ground.float_environment import in_standard_environment
from ..ground.loaded import makes_jax_array, makes_tensor
from ..ground.thresholds import DEVICE_GRID

__all__ = [
    "QUICK",
    "quick_arange",
    "quick_arange_elsewhere",
    "quick_elsewhere",
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


def quick_elsewhere(
    caller: str,
    xp: Any,
    device: Any,
    start: Any,
    stop: Any,
    num: Any,
    endpoint: Any,
    dtype: Any,
    axis: Any,
    *base: Any,
) -> Any:
    """The same for another library: that of the namespace, of an end or of the base."""
    if makes_tensor(xp, start, stop, *base):
        make = _maker("torch_quick", "quick_tensor")
        return make(caller, device, start, stop, num, endpoint, dtype, axis, *base)
    if ENGINE is None or device is not None or (type(num) is int and num >= DEVICE_GRID):
        return None  # a long one is worth a copy less, or another way
    if makes_jax_array(xp, start, stop, *base):
        make = _maker("jax_quick", "quick_jax_array")
        return make(caller, start, stop, num, endpoint, dtype, axis, *base)
    if xp is None or np.ndarray in map(type, (start, stop, *base)):
        return None
    return _adopted(QUICK[caller], xp, dtype, (start, stop, num, endpoint), (axis, *base))


def quick_arange_elsewhere(xp: Any, start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    """An ``arange`` of torch, or None."""
    if ENGINE is None or not makes_tensor(xp, start, stop):
        return None
    return _maker("torch_quick", "quick_tensor_arange")(dtype, start, stop, step)


@lru_cache
def _maker(module: str, name: str) -> Callable[..., Any]:
    """A function of a module that imports its library."""
    maker: Callable[..., Any] = getattr(import_module(f".{module}", __package__), name)
    return maker


@in_standard_environment
def _adopted(
    make: Callable[..., Any], xp: Any, dtype: Any, before: tuple[Any, ...], after: tuple[Any, ...]
) -> Any:
    """An array of a library that takes NumPy's memory as it is, or None."""
    from ..libraries import find_backend

    backend = find_backend(xp, {})
    shared = backend.shared_dtype(dtype)
    array = None if shared is None else make(*before, shared, *after)
    return None if array is None else backend.adopt(array)
