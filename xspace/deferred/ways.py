"""Which module of this folder knows a library: found by name, imported when it is needed."""

from __future__ import annotations

from ..libraries.generic import Backend
from .way import Way

__all__ = ["way_of"]

_NOW = Way()
_found: dict[str, Way] = {}


def way_of(backend: Backend) -> Way:
    """The way of a library."""
    package = backend.package
    if package not in _found:
        _found[package] = _make(package)
    return _found[package]


def _make(package: str) -> Way:
    if package == "torch":
        from .torch import TorchWay

        return TorchWay()
    if package == "jax":
        from .jax import JaxWay

        return JaxWay()
    if package == "dask":
        from .dask import DaskWay

        return DaskWay()
    if package == "cubed":
        from .cubed import CubedWay

        return CubedWay()
    return _NOW
