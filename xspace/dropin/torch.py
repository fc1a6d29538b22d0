"""`linspace`, `logspace` and `arange` with the signatures of PyTorch 2, and a `geomspace`.

As PyTorch has it, no dtype comes from a tensor among the endpoints, and no gradient goes to one.
"""

from __future__ import annotations

import operator
import re
import warnings
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

import numpy as np
import torch
from torch.autograd import forward_ad

from ..arange import arange as _arange
from ..call.torch_quick import quick_tensor, quick_tensor_arange
from ..functions import geomspace as _geomspace
from ..functions import linspace as _linspace
from ..functions import logspace as _logspace
from ..ground.messages import shown
from ..lanes.torch import TENSORS
from ..libraries import find_backend
from ..libraries.scalars import BUILTIN
from ._shared import exact_step, read_range

if TYPE_CHECKING:
    from .._typing import Complex, Number

__all__ = ["arange", "geomspace", "linspace", "logspace"]

#: As PyTorch reads Python's types.
_PYTHON_TYPES = {
    float: torch.float64,
    int: torch.int64,
    complex: torch.complex128,
    bool: torch.bool,
}

#: What the default dtypes become beside a complex number.
_COMPLEX = {
    dtype: dtype.to_complex()
    for dtype in (torch.float64, torch.float32, torch.float16, torch.bfloat16)
}

#: What `xspace` calls an argument, and PyTorch.
_NAMES = {"stop": "end", "num": "steps"}


def linspace(
    start: Complex | np.generic | torch.Tensor,
    end: Complex | np.generic | torch.Tensor,
    steps: SupportsIndex,
    *,
    out: torch.Tensor | None = None,
    dtype: torch.dtype | type[complex] | None = None,
    layout: torch.layout | None = torch.strided,
    device: torch.device | str | int | None = None,
    requires_grad: bool | None = False,
    pin_memory: bool | None = False,
) -> torch.Tensor:
    """`torch.linspace` with `xspace.linspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.torch import linspace
    >>> linspace(0, 1, steps=3)
    tensor([0.0000, 0.5000, 1.0000])
    """
    rest = out, dtype, layout, device, requires_grad, pin_memory
    quick = _quick("linspace", start, end, steps, 1, *rest)
    if quick is not None:
        return quick
    ends = _read("start", start), _read("end", end)
    options = _options(out, dtype, layout, device, _default_dtype(*ends))
    grid = _made(_linspace, *ends, _steps(steps), **options)
    return _finish(grid, out, requires_grad, pin_memory)


def logspace(
    start: Complex | np.generic | torch.Tensor,
    end: Complex | np.generic | torch.Tensor,
    steps: SupportsIndex,
    base: Complex | np.generic | torch.Tensor = 10.0,
    *,
    out: torch.Tensor | None = None,
    dtype: torch.dtype | type[complex] | None = None,
    layout: torch.layout | None = torch.strided,
    device: torch.device | str | int | None = None,
    requires_grad: bool | None = False,
    pin_memory: bool | None = False,
) -> torch.Tensor:
    """`torch.logspace` with `xspace.logspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.torch import logspace
    >>> logspace(0, 3, 4, 2)
    tensor([1., 2., 4., 8.])
    """
    rest = out, dtype, layout, device, requires_grad, pin_memory
    quick = _quick("logspace", start, end, steps, base, *rest)
    if quick is not None:
        return quick
    ends = _read("start", start), _read("end", end)
    options = _options(out, dtype, layout, device, _default_dtype(*ends))
    grid = _made(_logspace, *ends, _steps(steps), base=_read("base", base), **options)
    return _finish(grid, out, requires_grad, pin_memory)


def geomspace(
    start: Complex | np.generic | torch.Tensor,
    end: Complex | np.generic | torch.Tensor,
    steps: SupportsIndex,
    *,
    out: torch.Tensor | None = None,
    dtype: torch.dtype | type[complex] | None = None,
    layout: torch.layout | None = torch.strided,
    device: torch.device | str | int | None = None,
    requires_grad: bool | None = False,
    pin_memory: bool | None = False,
) -> torch.Tensor:
    """`xspace.geomspace` in the spelling of `torch.linspace`: PyTorch has none.

    Examples
    --------
    >>> from xspace.dropin.torch import geomspace
    >>> geomspace(1, 100, 3)
    tensor([  1.,  10., 100.])
    """
    rest = out, dtype, layout, device, requires_grad, pin_memory
    quick = _quick("geomspace", start, end, steps, 1, *rest)
    if quick is not None:
        return quick
    ends = _read("start", start), _read("end", end)
    options = _options(out, dtype, layout, device, _default_dtype(*ends))
    grid = _made(_geomspace, *ends, _steps(steps), **options)
    return _finish(grid, out, requires_grad, pin_memory)


def arange(
    *bounds: Number | np.generic | torch.Tensor,
    out: torch.Tensor | None = None,
    dtype: torch.dtype | type[complex] | None = None,
    layout: torch.layout | None = torch.strided,
    device: torch.device | str | int | None = None,
    requires_grad: bool | None = False,
    pin_memory: bool | None = False,
    **named: Number | np.generic | torch.Tensor,
) -> torch.Tensor:
    """`torch.arange` with ``xspace.arange``'s elements, and as many as there are exactly.

    It is called as ``arange(end)``, ``arange(start, end)`` or ``arange(start, end, step)``, by
    place or by name.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from xspace.dropin.torch import arange
    >>> arange(1, Decimal("1.3"), Decimal("0.1"))
    tensor([1.0000, 1.1000, 1.2000])
    """
    plain = not named and device is None and _is_plain(out, layout, requires_grad, pin_memory)
    if plain and not requires_grad and BUILTIN.issuperset(map(type, bounds)):
        padded = (0, *bounds) if len(bounds) == 1 else bounds
        quick = quick_tensor_arange(dtype, *padded) if 2 <= len(padded) <= 3 else None
        if quick is not None:
            return cast(torch.Tensor, quick)
    given = {name: _read(name, bound) for name, bound in _bounds(bounds, named).items()}
    floating = any(map(_is_floating, given.values()))
    default = torch.get_default_dtype() if floating else torch.int64
    options = _options(out, dtype, layout, device, default)
    is_known = not torch.compiler.is_compiling()
    start, end, step = _range(**given) if is_known else given.values()
    if _steps_away(start, end, step):
        msg = f"arange never gets from {shown(start)} to {shown(end)} with the step {shown(step)}"
        raise RuntimeError(msg)
    grid = _made(_arange, start, end, step, **options)
    if out is not None and 0 != out.numel() != grid.numel():
        msg = f"out has {out.numel()} elements and is resized to {grid.numel()}"
        warnings.warn(msg, UserWarning, stacklevel=2)
    return _finish(grid, out, requires_grad, pin_memory)


def _quick(
    caller: str,
    start: Any,
    end: Any,
    steps: Any,
    base: Any,
    out: Any,
    dtype: Any,
    layout: Any,
    device: Any,
    requires_grad: Any,
    pin_memory: Any,
) -> Any:
    """A grid between plain numbers where nothing else is asked for, or None."""
    if not _is_plain(out, layout, requires_grad, pin_memory):
        return None
    ends = start, end, base
    if not BUILTIN.issuperset(map(type, ends)):
        if not all(type(v) in BUILTIN or _is_number(v) for v in ends):
            return None
        dtype = torch.get_default_dtype() if dtype is None else dtype
    samples = quick_tensor(caller, device, start, end, steps, True, dtype, 0, base)
    if requires_grad and samples is not None:
        return samples.requires_grad_() if samples.is_floating_point() else None
    return samples


def _is_plain(out: Any, layout: Any, requires_grad: Any, pin_memory: Any) -> bool:
    """Whether nothing is asked for but a dtype, a device and a gradient."""
    plain = out is None and pin_memory is False and layout is torch.strided
    is_asked = requires_grad is False or requires_grad is True
    return plain and is_asked and not torch.compiler.is_compiling()


def _is_number(value: Any) -> bool:
    """Whether it is a real number in a tensor that says nothing else."""
    return type(value) in TENSORS and value.ndim == 0 and not value.requires_grad


def _read(name: str, value: Any) -> Any:
    """An endpoint: a number or a tensor of no dimensions, without its gradient."""
    if not isinstance(value, torch.Tensor):
        is_hidden = torch.compiler.is_compiling() and isinstance(value, np.ndarray)
        return torch.as_tensor(value) if is_hidden else value  # it was a NumPy scalar
    if value.ndim:
        msg = f"{name} must be a number or a 0-d tensor, got one of {value.ndim} dimensions"
        raise RuntimeError(msg)
    # In a transform, a tensor without its gradient is one whose value cannot be read.
    return value.detach() if _has_gradient(value) else value


def _has_gradient(tensor: torch.Tensor) -> bool:
    if torch.compiler.is_compiling():
        return True
    return tensor.requires_grad or forward_ad.unpack_dual(tensor).tangent is not None


def _made(function: Any, *args: Any, **options: Any) -> Any:
    """A grid, or an error as PyTorch has it: of its type, with its name of the argument."""
    try:
        return function(*args, **options)
    except (OverflowError, TypeError, ValueError) as error:
        kind = RuntimeError if isinstance(error, OverflowError) else type(error)
        names = "|".join(_NAMES)
        text = re.sub(rf"\b({names})\b", lambda found: _NAMES[found[1]], str(error), count=1)
        raise kind(text) from None


def _steps_away(start: Any, end: Any, step: Any) -> bool:
    if torch.compiler.is_compiling():
        from ..call.torch_compiled import steps_away

        return bool(steps_away(start, end, step))
    return bool(exact_step(start, end, 1) * exact_step(0, step, 1) < 0)


def _steps(steps: Any) -> Any:
    if type(steps) is int or isinstance(steps, torch.SymInt):
        if steps < 0:
            msg = f"steps must not be negative, got {steps}"
            raise RuntimeError(msg)
        return steps
    return _steps(_integer(steps))


def _integer(steps: Any) -> int:
    try:
        if isinstance(steps, (bool, np.bool_)):
            raise TypeError
        return operator.index(steps)
    except TypeError:
        msg = f"steps must be an integer, got {shown(steps)}"
        raise TypeError(msg) from None


def _bounds(bounds: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """``start``, ``end`` and ``step`` by one of the three spellings."""
    given = dict(zip(("start", "end", "step"), bounds, strict=False))
    if len(bounds) == 1 and not named:
        given = {"end": bounds[0]}
    names = given.keys() | named.keys()
    wrong = len(bounds) > 3 or given.keys() & named.keys()
    if wrong or names not in ({"end"}, {"start", "end"}, {"start", "end", "step"}):
        msg = (
            f"arange got {len(bounds)} arguments by place and {sorted(named)} by name: wanted "
            "(end), (start, end) or (start, end, step)"
        )
        raise TypeError(msg)
    read = {"start": 0, "end": None, "step": 1, **given, **named}
    for name, value in read.items():
        if value is None:
            msg = f"{name} must be a number, got None"
            raise TypeError(msg)
    return read


def _range(start: Any, end: Any, step: Any) -> tuple[Any, Any, Any]:
    """The three of a range that there is, else PyTorch's error."""
    errors = dict.fromkeys(("zero", "infinite", "nan"), RuntimeError)
    return read_range(end, step, start, names=("start", "end", "step"), **errors)


def _is_floating(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return bool(value.is_floating_point())
    return not isinstance(value, (int, np.integer, np.bool_, torch.SymInt))


def _is_complex(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return bool(value.is_complex())
    return isinstance(value, (complex, np.complexfloating))


def _default_dtype(*ends: Any) -> torch.dtype:
    """PyTorch's default dtype, or its complex one if an end is complex."""
    dtype = torch.get_default_dtype()
    return _COMPLEX[dtype] if any(map(_is_complex, ends)) else dtype


def _options(out: Any, dtype: Any, layout: Any, device: Any, default: Any) -> dict[str, Any]:
    """Where the grid goes: as asked for, or where ``out`` is, which has to agree."""
    if layout not in (None, torch.strided):
        msg = f"layout must be torch.strided, got {shown(layout)}"
        raise NotImplementedError(msg)
    dtype = _PYTHON_TYPES.get(dtype, dtype)
    _check_dtype(dtype, default)
    if out is None:
        return {"dtype": default if dtype is None else dtype, "device": device, "xp": torch}
    if not isinstance(out, torch.Tensor):
        msg = f"out must be a tensor, got {type(out).__name__}"
        raise TypeError(msg)
    if out.requires_grad and torch.is_grad_enabled():
        msg = "out requires gradients: write into it under torch.no_grad()"
        raise RuntimeError(msg)
    if dtype not in (None, out.dtype):
        msg = f"dtype {shown(dtype)} does not agree with that of out, {out.dtype}"
        raise RuntimeError(msg)
    if device is not None and torch.device(device).type != out.device.type:
        msg = f"device {shown(device)} does not agree with that of out, {out.device}"
        raise RuntimeError(msg)
    _check_dtype(out.dtype, default)
    return {"dtype": out.dtype, "device": out.device, "xp": torch}


def _check_dtype(dtype: Any, default: torch.dtype) -> None:
    """PyTorch's errors for a dtype that was asked for, or that of ``out``."""
    if not isinstance(dtype, torch.dtype) or torch.compiler.is_compiling():
        return
    if default.is_complex and not dtype.is_complex:
        msg = f"the ends are complex, and dtype {dtype} is not: wanted a complex dtype"
        raise RuntimeError(msg)
    try:
        find_backend(torch, {}).read_dtype(dtype)
    except TypeError as error:
        raise NotImplementedError(str(error)) from None


def _finish(grid: Any, out: Any, requires_grad: Any, pin_memory: Any) -> torch.Tensor:
    """The new tensor, or ``out`` with its elements: resized only if it has not as many."""
    if not (requires_grad is None or isinstance(requires_grad, bool)):
        msg = f"requires_grad must be true or false, got {requires_grad!r}"
        raise TypeError(msg)
    if out is None:
        result = torch.empty_like(grid, pin_memory=True).copy_(grid) if pin_memory else grid
    else:
        result = out
        with torch.no_grad():
            if out.numel() != grid.numel():
                out.resize_(grid.shape)
            out.copy_(grid.reshape(out.shape))
    if result.requires_grad != bool(requires_grad):  # transforms allow no call of this
        result.requires_grad_(bool(requires_grad))
    return result
