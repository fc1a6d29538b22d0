"""Where a grid goes: backend, dtype and device, from the arguments of a call."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .arguments import is_array, is_complex
from .backends import NUMPY, Backend, find_backend
from .backends.numpy import numpy_scalar_dtypes
from .exact.rounding import COMPLEX_PARTS, FORMATS, Format
from .messages import shown

__all__ = ["Target", "common_device", "is_default", "read_target"]


class Target(NamedTuple):
    """The function called (for messages), and the backend, dtype and device of its grid.

    The format of a complex grid is that of its parts.
    """

    caller: str
    backend: Backend
    fmt: Format
    dtype: Any
    device: Any
    is_complex: bool = False
    layout: Any = None  #: how the array is divided, if its parts are made apart (`Backend.layout`)
    workers: int = 1  #: threads that may make it, of a grid of scalars in host memory


#: Types whose values say nothing of a backend, a dtype or a device.
_NUMBERS = frozenset({int, float})

#: Where a grid of such arguments alone goes.
_PLAIN_TARGETS = {
    name: Target(name, NUMPY, FORMATS["float64"], np.dtype(np.float64), None)
    for name in (
        *("linspace", "logspace", "geomspace", "arange"),
        *("LinRange", "LogRange", "GeomRange", "ArithRange"),
    )
}


def is_default(target: Target) -> bool:
    """Whether it is the one of plain numbers, as `read_target` gives it."""
    return _PLAIN_TARGETS.get(target.caller) is target


def read_target(
    caller: str,
    values: dict[str, Any],
    dtype: Any,
    device: Any,
    xp: Any,
    chunks: Any = None,
    spec: Any = None,
) -> Target:
    """Backend, dtype and device: as asked for, else of the array arguments, else the default.

    ``values`` are the arguments that may be arrays, by name.
    """
    plain = xp is dtype is device is chunks is spec is None
    if plain and _NUMBERS.issuperset(map(type, values.values())):
        return _PLAIN_TARGETS[caller]
    others = {n: v for n, v in values.items() if type(v) not in _NUMBERS}
    arrays = {n: v for n, v in others.items() if is_array(v)}
    backend = find_backend(xp, arrays)
    if device is None and arrays:
        device = common_device(backend, arrays)
    place = backend.read_device(device)
    weak = {n for n, v in arrays.items() if backend.is_weak(v)}
    if dtype is None and others:
        dtypes = [v.dtype for n, v in arrays.items() if n not in weak]
        if backend.xp is np:
            dtypes += numpy_scalar_dtypes(list(others.values()))
        dtype = backend.result_dtype(dtypes)
        unnamed = [n for n, v in others.items() if n in weak or _is_weakly_complex(v)]
        if dtype is not None and any(_is_complex(backend, others[n]) for n in unnamed):
            dtype = backend.complex_dtype(dtype)
    names = [n for n, v in others.items() if _is_complex(backend, v)]
    if dtype is None:
        dtype = backend.default_dtype(place)
        if names:
            dtype = backend.complex_dtype(dtype)
    fmt, native = backend.read_dtype(dtype)
    is_complex = backend.dtype_name(native) in COMPLEX_PARTS
    if names and not is_complex:
        msg = f"{names[0]} is complex, and dtype {shown(dtype)} is not: wanted a complex dtype"
        raise TypeError(msg)
    layout = backend.layout(place, chunks, spec)
    return Target(caller, backend, fmt, native, place, is_complex, layout)


def _is_complex(backend: Backend, value: Any) -> bool:
    if is_complex(value):
        return True
    return is_array(value) and backend.dtype_name(value.dtype) in COMPLEX_PARTS


def _is_weakly_complex(value: Any) -> bool:
    """Whether it is a complex number that has no dtype, such as Python's."""
    return is_complex(value) and not hasattr(value, "dtype")


def common_device(backend: Backend, arrays: dict[str, Any]) -> Any:
    """The one device of all array arguments; None if it is not known, or can be any."""
    names = [n for n, a in arrays.items() if not backend.follows(a)]
    devices = [backend.device_of(arrays[n]) for n in names]
    if not devices or None in devices:
        return None
    for name, device in zip(names, devices, strict=True):
        if device != devices[0]:
            msg = f"{names[0]} is on {devices[0]} and {name} on {device}: wanted one device"
            raise ValueError(msg)
    return devices[0]
