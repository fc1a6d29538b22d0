"""Which module of this folder knows a library: found by name, imported when it is needed."""

from __future__ import annotations

from ..backends.generic import Backend
from .way import Way

__all__ = ["way_of"]

_NOW = Way()
_found: dict[str, Way] = {}


def way_of(backend: Backend) -> Way:
    """The way of a library."""
    library = backend.library
    if library not in _found:
        _found[library] = _make(library)
    return _found[library]


def _make(library: str) -> Way:
    if library == "torch":
        from .torch import TorchWay

        return TorchWay()
    if library == "jax":
        from .jax import JaxWay

        return JaxWay()
    if library == "dask":
        from .dask import DaskWay

        return DaskWay()
    if library == "cubed":
        from .cubed import CubedWay

        return CubedWay()
    return _NOW
