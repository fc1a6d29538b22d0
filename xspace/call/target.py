"""Where a grid goes: backend, dtype and device, from the arguments of a call."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..deferred.ways import way_of
from ..exact.rounding import COMPLEX_PARTS, FORMATS
from ..grids.target import Target
from ..ground.messages import shown
from ..libraries import NUMPY, Backend, common_device, find_backend
from ..libraries.numpy import numpy_scalar_dtypes
from ..libraries.scalars import BUILTIN, is_array, is_complex

__all__ = ["is_default", "read_target"]


@lru_cache
def _plain_target(caller: str) -> Target:
    """Where a grid of numbers of Python alone goes."""
    return Target(caller, NUMPY, FORMATS["float64"], np.dtype(np.float64), None)


def is_default(target: Target) -> bool:
    """Whether it is the one of numbers alone, as `read_target` gives it."""
    return target is _plain_target(target.caller)


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
    defaults = xp is dtype is device is chunks is spec is None
    if defaults and BUILTIN.issuperset(map(type, values.values())):
        return _plain_target(caller)
    others = {n: v for n, v in values.items() if type(v) not in BUILTIN}
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
    layout = way_of(backend).layout(backend, place, chunks, spec)
    return Target(caller, backend, fmt, native, place, is_complex, layout)


def _is_complex(backend: Backend, value: Any) -> bool:
    if is_complex(value):
        return True
    return is_array(value) and backend.dtype_name(value.dtype) in COMPLEX_PARTS


def _is_weakly_complex(value: Any) -> bool:
    """Whether it is a complex number that has no dtype, such as Python's."""
    return is_complex(value) and not hasattr(value, "dtype")
