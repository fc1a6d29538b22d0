"""Correctly rounded grids, the same bits in every array library.

The public functions are `logspace`, `geomspace`, `linspace` and `arange`; `LogRange`, `GeomRange`
and `LinRange` are the same grids without an array.  `xspace.testing` has what a test of identical
arrays needs.
"""

from ._version import __version__
from .arange import arange
from .functions import geomspace, linspace, logspace
from .ranges import GeomRange, LinRange, LogRange

__all__ = [
    "GeomRange",
    "LinRange",
    "LogRange",
    "__version__",
    "arange",
    "geomspace",
    "linspace",
    "logspace",
]
