"""Finding the backend of a call.  Nothing here imports an array library but NumPy."""

from __future__ import annotations

import sys
from typing import Any

import array_api_compat as compat

from ..ground.loaded import is_tensor, unwrapped
from ..ground.messages import shown
from .generic import Backend
from .numpy import NumpyBackend

__all__ = [
    "NUMPY",
    "Backend",
    "common_device",
    "find_backend",
]

NUMPY = NumpyBackend()
_found: dict[int | str, Backend] = {}


def find_backend(xp: Any, arrays: dict[str, Any]) -> Backend:
    """The backend of ``xp``, else of the arrays among the arguments (by name), else NumPy's."""
    if xp is None and not arrays:
        return NUMPY
    backend = None if xp is None else _of_namespace(xp)
    owner = "xp"
    for name, array in arrays.items():
        other = _of_namespace(_namespace(array))
        if backend is None:
            backend, owner = other, name
        elif other is not backend:
            msg = (
                f"{owner} and {name} belong to two array libraries, {backend.name} and "
                f"{other.name}: convert one of them"
            )
            raise TypeError(msg)
    assert backend is not None
    return backend


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


def _namespace(array: Any) -> Any:
    return sys.modules["torch"] if is_tensor(array) else compat.array_namespace(array)


def _of_namespace(xp: Any) -> Backend:
    """One backend object for a library, however its namespace came wrapped."""
    # The compiler of torch knows no `id` of a module before 2.12.
    key = "torch" if xp is sys.modules.get("torch") else id(xp)
    if key not in _found:
        backend = _make(xp)
        same = (b for b in _found.values() if type(b) is type(backend) and type(b) is not Backend)
        _found[key] = next(same, backend)
    return _found[key]


def _make(xp: Any) -> Backend:
    xp = unwrapped(xp)
    if not hasattr(xp, "asarray"):
        msg = f"xp must be an array namespace such as numpy or torch, got {shown(xp)}"
        raise TypeError(msg)
    name = getattr(xp, "__name__", "")
    if not name:
        return Backend(xp)  # libraries are known by their names
    if name == "torch" or compat.is_torch_namespace(xp):
        from .torch import TorchBackend

        return TorchBackend()
    if compat.is_numpy_namespace(xp):
        return NUMPY
    if compat.is_jax_namespace(xp):
        from .jax import JaxBackend

        return JaxBackend()
    if compat.is_cupy_namespace(xp):
        from .cupy import CupyBackend

        return CupyBackend()
    if compat.is_dask_namespace(xp):
        from .dask import DaskBackend

        return DaskBackend()
    if name.partition(".")[0] == "cubed":
        from .cubed import CubedBackend

        return CubedBackend()
    return Backend(xp)
