"""Which kernels make whole grids and lanes in one launch: those of the library, if it has any."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

from ...libraries.generic import Backend

__all__ = ["lanes_launcher", "launcher"]

#: The module with the kernels of each library.  ``torch_launch`` has those of CuPy for PyTorch, in
#: place of Triton's: until a GPU has run them, they are only tested.
_MODULES = {"cupy": "cupy_kernels", "torch": "torch_kernels"}


def launcher(backend: Backend, device: Any) -> Callable[..., Any] | None:
    """What makes the array of a progression (`Kernels.make`); None if there is no such.

    It returns None for a progression that it cannot make.
    """
    return getattr(_kernels(backend, device), "make", None)


def lanes_launcher(backend: Backend, device: Any) -> Callable[..., Any] | None:
    """The same of lanes (`Kernels.make_lanes`)."""
    return getattr(_kernels(backend, device), "make_lanes", None)


def _kernels(backend: Backend, device: Any) -> Any:
    return _find(backend.package) if backend.runs_kernels(device) else None


@lru_cache
def _find(library: str) -> Any:
    try:
        return import_module(f".{_MODULES[library]}", __package__).KERNELS
    except Exception:  # a compiler is missing, too old, or broken: there is another way
        return None
