"""The grids under the signatures of one library's own functions: change an import, nothing else.

``xspace.dropin.numpy``, ``cupy``, ``torch``, ``jax``, ``dask`` and ``mygrad`` each have
``linspace``, ``logspace``, ``geomspace`` and ``arange`` with the positional order, the names and
the defaults that this library gives them.  A module is imported, and its library with it, only
where somebody asks for it.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import cupy as cupy
    from . import dask as dask
    from . import jax as jax
    from . import mygrad as mygrad
    from . import numpy as numpy
    from . import torch as torch

_MODULES = ("cupy", "dask", "jax", "mygrad", "numpy", "torch")


def __getattr__(name: str) -> ModuleType:
    """The module of a library, at its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f".{name}", __name__)


def __dir__() -> list[str]:
    """Those whose library is installed."""
    return [name for name in _MODULES if find_spec(name) is not None]
