"""Kernels that make a whole grid in one launch, of the libraries that have such."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ...libraries.generic import Backend

__all__ = ["launcher"]


def launcher(backend: Backend, device: Any) -> Callable[[Any, Any, Any], Any] | None:
    """What makes the array of a `Job`, a dtype and a device; None if there is no such.

    It returns None for a job that it cannot make after all.
    """
    return _find(backend.package) if backend.runs_kernels(device) else None


@lru_cache
def _find(library: str) -> Callable[[Any, Any, Any], Any] | None:
    try:
        if library == "torch":
            from .torch_kernels import make
        else:
            from .cupy_kernels import make
    except Exception:  # a compiler is missing, too old, or broken: there is another way
        return None
    return make
