"""The quick way for arrays of other libraries: those that hold, or take, memory of the host."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..engine.native import ENGINE
from ..ground.float_environment import in_standard_environment
from ..ground.loaded import makes_jax_array, makes_tensor
from ..ground.thresholds import DEVICE_GRID
from .quick import QUICK

__all__ = ["quick_arange_elsewhere", "quick_elsewhere"]


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
    """The samples for another library, which the namespace, an end or the base says; or None."""
    if makes_tensor(xp, start, stop, *base):
        return _torch().quick_tensor(caller, device, start, stop, num, endpoint, dtype, axis, *base)
    if ENGINE is None or device is not None or (type(num) is int and num >= DEVICE_GRID):
        return None  # a long one is worth a copy less, or another way
    if np.ndarray in map(type, (start, stop, *base)):  # of NumPy, or of two libraries
        return None
    if makes_jax_array(xp, start, stop, *base):
        return _jax().quick_jax_array(caller, start, stop, num, endpoint, dtype, axis, *base)
    if xp is None:
        return None
    return _adopted(QUICK[caller], xp, dtype, (start, stop, num, endpoint), (axis, *base))


def quick_arange_elsewhere(xp: Any, start: Any, stop: Any, step: Any, dtype: Any) -> Any:
    """An ``arange`` of torch, or None."""
    if ENGINE is None or not makes_tensor(xp, start, stop):
        return None
    return _torch().quick_tensor_arange(dtype, start, stop, step)


@lru_cache(maxsize=1)
def _torch() -> Any:
    from . import torch_quick

    return torch_quick


@lru_cache(maxsize=1)
def _jax() -> Any:
    from . import jax_quick

    return jax_quick


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
