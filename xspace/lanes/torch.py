"""Tensors in host memory, as ends and as what is made: the engine reads and writes their memory.

Nothing lies between a call and the engine here.  What the engine leaves, and what a mode, a
transform or a tracer of PyTorch looks at, is None and goes the long way, with the same bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch._C import _functorch as functorch
from torch.autograd import forward_ad

from ..engine.native import ENGINE
from ..engine.native.filling import CODES, FUNCTIONS, LONGEST

__all__ = ["TENSORS", "is_watched", "samples_of_numbers", "samples_of_tensors"]

#: Classes of tensors that say no more than their elements.
TENSORS = frozenset({torch.Tensor, torch.nn.Parameter})

_FORMATS = {getattr(torch, name): code for name, code in CODES.items()}
_CPU = torch.device("cpu")
#: Elements from which on large pages tell.
_LARGE = 1 << 19

_modes, _tracer = torch._C._len_torch_dispatch_stack, torch._C._get_tracing_state
_transforms = functorch.peek_interpreter_stack


def is_watched() -> bool:
    """Whether what is called now is recorded or transformed, or the engine is missing."""
    return (
        ENGINE is None
        or _modes() > 0
        or _transforms() is not None
        or _tracer() is not None
        or forward_ad._current_level >= 0
    )


def samples_of_numbers(
    caller: str, start: Any, stop: Any, base: Any, num: Any, endpoint: Any, dtype: Any
) -> Any:
    """A grid between plain numbers in a new tensor on the default device, or None.

    A base that there is not is 1.
    """
    code = _FORMATS.get(dtype)
    if code is None or type(num) is not int or not 1 < num < LONGEST:
        return None
    samples = torch.empty(num if num < _LARGE else 0, dtype=dtype)
    if type(samples) is not torch.Tensor or not samples.is_cpu:
        return None
    if num >= _LARGE:
        samples = _large((num,), dtype)
    function, address = FUNCTIONS[caller], samples.data_ptr()
    if ENGINE.samples(address, code, function, num, endpoint, 1, start, stop, base):
        return samples
    return None


def samples_of_tensors(
    caller: str, ends: tuple[Any, ...], num: Any, endpoint: Any, dtype: Any
) -> Any:
    """The samples of a batch along axis 0, between tensors and plain numbers, or None.

    There are three ends, of which the last is a base, or 1.
    """
    code = _FORMATS.get(dtype)
    if code is None or type(num) is not int or not 1 < num < LONGEST:
        return None
    shape: Any = ()
    places = []
    # In one function: under `torch.compile` calls of Python are slow.
    for end in ends:
        if type(end) in TENSORS:
            form = _FORMATS.get(end.dtype)
            if form is None or not end.is_cpu or end.layout is not torch.strided or end.is_neg():
                return None
            if functorch.is_functorch_wrapped_tensor(end):
                return None
            stride = 0
            if end.ndim:
                if shape and end.shape != shape:
                    return None
                shape = end.shape
                if end.ndim == 1:
                    stride = end.stride(0) * end.element_size()
                elif end.is_contiguous():
                    stride = end.element_size()
                else:
                    return None
            end = form, end.data_ptr(), stride
        places.append(end)
    width = shape.numel() if shape else 1
    if not 0 < width < LONGEST // num:
        return None
    if width * num < _LARGE:
        samples = torch.empty((num, *shape), dtype=dtype, device=_CPU)
        if type(samples) is not torch.Tensor:
            return None
    else:
        samples = _large((num, *shape), dtype)
    function, address = FUNCTIONS[caller], samples.data_ptr()
    if ENGINE.samples(address, code, function, num, endpoint, width, *places):
        return samples
    return None


def _large(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """New memory, for which NumPy asks the system for large pages."""
    return torch.from_numpy(np.empty(shape, f"i{dtype.itemsize}")).view(dtype)
