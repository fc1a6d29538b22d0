"""PyTorch's end of `quick`: calls between plain numbers and tensors in host memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..engine.native.filling import CODES, LONGEST
from ..ground.loaded import is_cpu
from ..lanes.torch import TENSORS, is_watched, samples_of_numbers, samples_of_tensors
from ..libraries.scalars import BUILTIN
from .quick import quick_arange

__all__ = ["quick_tensor", "quick_tensor_arange"]

_CPU = torch.device("cpu")
#: NumPy's dtypes of memory that a tensor takes as it is.
_SHARED = {getattr(torch, name): np.dtype(name) for name in CODES if name != "bfloat16"}


def quick_tensor(
    caller: str,
    device: Any,
    start: Any,
    stop: Any,
    num: Any,
    endpoint: Any,
    dtype: Any,
    axis: Any,
    base: Any = 1,
) -> Any:
    """The samples as a tensor in host memory, or None."""
    if is_watched() or type(axis) is not int or axis not in (0, -1):
        return None
    if not (device is None or is_cpu(device) or (type(device) is torch.device and device == _CPU)):
        return None
    if dtype is not None and type(dtype) is not torch.dtype:
        return None
    if not (type(start) in TENSORS or type(stop) in TENSORS or type(base) in TENSORS):
        if dtype is None:
            dtype = torch.get_default_dtype()
        place = None if device is None else _CPU
        return samples_of_numbers(caller, start, stop, base, num, endpoint, dtype, place)
    ends = start, stop, base
    tensors = [end for end in ends if type(end) in TENSORS]
    if dtype is None:
        dtype = _dtype_of(tensors)
    counts = torch.is_grad_enabled() and dtype.is_floating_point
    if counts and True in [tensor.requires_grad for tensor in tensors]:
        return _differentiable(caller, ends, num, endpoint, dtype, axis)
    samples = samples_of_tensors(caller, ends, num, endpoint, dtype)
    return samples if samples is None else _moved(samples, axis)


def quick_tensor_arange(dtype: Any, start: Any, stop: Any, step: Any = 1) -> Any:
    """An ``arange`` between plain numbers as a tensor in host memory, or None."""
    if dtype is None:
        kinds = {type(start), type(step), type(start if stop is None else stop)}
        if not kinds <= {int, float}:
            return None
        dtype = torch.get_default_dtype() if float in kinds else torch.int64
    shared = _SHARED.get(dtype) if type(dtype) is torch.dtype else None
    if shared is None or is_watched() or not torch.empty(0).is_cpu:
        return None
    samples = quick_arange(start, stop, step, shared)
    return None if samples is None else torch.from_numpy(samples)


def _differentiable(
    caller: str, ends: tuple[Any, ...], num: Any, endpoint: Any, dtype: torch.dtype, axis: int
) -> Any:
    """The same with a derivative, or None."""
    from ..deferred.torch_lanes import NAMES, differentiable_grid

    for end in ends:
        kind = type(end)
        if not (_is_dense(end) if kind in TENSORS else kind in BUILTIN):
            return None
    if type(num) is not int or not 1 < num < LONGEST or not isinstance(endpoint, bool):
        return None
    given = dict(zip(NAMES if caller == "logspace" else NAMES[:2], ends, strict=False))
    samples = differentiable_grid(caller, given, num, endpoint, dtype)
    return _moved(samples, axis)


def _moved(samples: torch.Tensor, axis: int) -> torch.Tensor:
    """The samples along the first axis or the last; of one axis themselves, which are no view."""
    return samples.movedim(0, -1) if axis and samples.ndim > 1 else samples


def _is_dense(end: torch.Tensor) -> bool:
    """Whether it is real and its memory, of the host, has a number for each element."""
    is_held = end.is_cpu and end.layout is torch.strided and not end._is_zerotensor()
    return is_held and not end.is_complex()


def _dtype_of(tensors: list[torch.Tensor]) -> torch.dtype:
    """The floating dtype of the tensors, else the default."""
    result = None
    for tensor in tensors:
        dtype = tensor.dtype
        if dtype is not result and dtype.is_floating_point:
            result = dtype if result is None else torch.promote_types(result, dtype)
    return torch.get_default_dtype() if result is None else result
