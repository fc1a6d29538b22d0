"""PyTorch's end of `quick`: calls between plain numbers and tensors in host memory."""

from __future__ import annotations

from typing import Any

import torch

from ..lanes.torch import TENSORS, is_watched, samples_of_numbers, samples_of_tensors

__all__ = ["quick_tensor"]


def quick_tensor(
    caller: str,
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
    if not (type(start) in TENSORS or type(stop) in TENSORS or type(base) in TENSORS):
        if dtype is None:
            dtype = torch.get_default_dtype()
        return samples_of_numbers(caller, start, stop, base, num, endpoint, dtype)
    ends = start, stop, base
    tensors = [end for end in ends if type(end) in TENSORS]
    if dtype is None:
        dtype = _dtype_of(tensors)
    elif type(dtype) is not torch.dtype:
        return None
    if dtype.is_floating_point and torch.is_grad_enabled():
        for tensor in tensors:
            if tensor.requires_grad:
                return None
    samples = samples_of_tensors(caller, ends, num, endpoint, dtype)
    return samples if samples is None or not axis else samples.movedim(0, -1)


def _dtype_of(tensors: list[torch.Tensor]) -> torch.dtype:
    """The floating dtype of the tensors, else the default."""
    result = None
    for tensor in tensors:
        dtype = tensor.dtype
        if dtype is not result and dtype.is_floating_point:
            result = dtype if result is None else torch.promote_types(result, dtype)
    return torch.get_default_dtype() if result is None else result
