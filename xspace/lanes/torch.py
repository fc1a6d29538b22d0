"""Tensors in host memory, as ends and as what is made: the engine reads and writes their memory.

Nothing lies between a call and the engine here.  What the engine leaves, and what a mode, a
transform or a tracer of PyTorch looks at, is None and goes the long way, with the same bits.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch._C import _functorch as functorch
from torch.autograd import forward_ad

from ..engine import native
from ..engine.native.filling import CODES, ELEMENTS, FUNCTIONS, LONGEST

__all__ = [
    "TENSORS",
    "has_modes",
    "is_watched",
    "samples_of_numbers",
    "samples_of_tensors",
]

ENGINE: Any = native.ENGINE

#: Classes of tensors that say no more than their elements.
TENSORS = frozenset({torch.Tensor, torch.nn.Parameter})

#: Numbers that the engine reads: what else it is given, it may take for the place of a tensor.
_NUMBERS = frozenset({bool, int, float, np.float64})

_FORMATS = {getattr(torch, name): code for name, code in CODES.items()}
_CPU = torch.device("cpu")
#: Elements from which on large pages tell.
_LARGE = 1 << 19

_modes, _tracer = torch._C._len_torch_dispatch_stack, torch._C._get_tracing_state
_transforms = functorch.peek_interpreter_stack
_is_included = torch._C._dispatch_tls_is_dispatch_key_included
_BEFORE_AUTOGRAD = torch._C.DispatchKey.PreDispatch


def has_modes() -> bool:
    """Whether a mode of dispatch sees what is called now, before autograd or after it."""
    return bool(_modes() > 0 or _is_included(_BEFORE_AUTOGRAD))


def is_watched() -> bool:
    """Whether what is called now is recorded or transformed."""
    return (
        has_modes()
        or _transforms() is not None
        or _tracer() is not None
        or forward_ad._current_level >= 0
    )


def samples_of_numbers(
    caller: str, start: Any, stop: Any, base: Any, num: Any, endpoint: Any, dtype: Any, device: Any
) -> Any:
    """A grid between plain numbers in a new tensor, by default on the default device; or None.

    A base that there is not is 1.
    """
    code = _FORMATS.get(dtype)
    if code is None or ENGINE is None or type(num) is not int or not 0 < num < LONGEST:
        return None
    if not _NUMBERS.issuperset(map(type, (start, stop, base))):
        return None
    samples = torch.empty(num if num < _LARGE else 0, dtype=dtype, device=device)
    if type(samples) is not torch.Tensor or not samples.is_cpu:
        return None
    if num >= _LARGE:
        samples = _large((num,), dtype)
    function, address = FUNCTIONS[caller], samples.data_ptr()
    where = address, code, function, ELEMENTS, num, endpoint, 1
    if ENGINE.samples(*where, start, stop, base):
        return samples
    return None


def samples_of_tensors(
    caller: str,
    ends: tuple[Any, ...],
    num: Any,
    endpoint: Any,
    dtype: Any,
    by: int = ELEMENTS,
) -> Any:
    """The samples of a batch along axis 0, between tensors and plain numbers, or None.

    Or, ``by`` one of the ends, their first derivatives.  There are three ends, of which the last
    is a base, or 1.
    """
    code = _FORMATS.get(dtype)
    if code is None or ENGINE is None or type(num) is not int or not 0 < num < LONGEST:
        return None
    found = _places(ends, num)
    if found is None:
        return None
    samples = _empty((num, *found.shape), dtype)
    where = samples.data_ptr(), code, FUNCTIONS[caller], by, num, endpoint, found.width
    return samples if ENGINE.samples(*where, *found.places) else None


class _Found(NamedTuple):
    """Ends as the engine reads them, the lanes between them, and what holds their memory."""

    places: list[Any]
    shape: tuple[int, ...]
    width: int
    holders: tuple[Any, ...]


def _places(ends: tuple[Any, ...], num: int, is_laid: bool = False) -> _Found | None:
    """A number as it is, a tensor as its format, its address and the bytes between two lanes."""
    shape: Any = ()
    places = []
    for end in ends:  # in one function: under `torch.compile` each call of one takes long
        if type(end) in TENSORS:
            code = _FORMATS.get(end.dtype)
            if code is None or not end.is_cpu or end.layout is not torch.strided or end.is_neg():
                return None
            if functorch.is_functorch_wrapped_tensor(end):
                return None
            stride = 0
            if end.ndim:
                if shape and end.shape != shape:
                    return None if is_laid else _laid_places(ends, num)
                shape = end.shape
                if end.ndim == 1:
                    stride = end.stride(0) * end.element_size()
                elif end.is_contiguous():
                    stride = end.element_size()
                else:
                    return None if is_laid else _laid_places(ends, num)
            end = code, end.data_ptr(), stride
        elif type(end) not in _NUMBERS:
            return None
        places.append(end)
    width = shape.numel() if shape else 1
    return _Found(places, shape, width, ends) if 0 < width < LONGEST // num else None


def _laid_places(ends: tuple[Any, ...], num: int) -> _Found | None:
    """The same of tensors that are broadcast, or lie otherwise, by way of copies."""
    tensors = [end for end in ends if type(end) in TENSORS]
    try:
        laid = iter([t.contiguous() for t in torch.broadcast_tensors(*tensors)])
    except RuntimeError:  # their shapes do not fit, or one is sparse
        return None
    copies = tuple([next(laid) if type(v) in TENSORS else v for v in ends])
    return _places(copies, num, True)


def _empty(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """New memory on the host."""
    size = shape[0] if len(shape) == 1 else math.prod(shape)
    return torch.empty(shape, dtype=dtype, device=_CPU) if size < _LARGE else _large(shape, dtype)


def _large(shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """New memory, for which NumPy asks the system for large pages."""
    return torch.from_numpy(np.empty(shape, f"i{dtype.itemsize}")).view(dtype)
