"""Correctly rounded grids, the same bits in every array library.

The public functions are `logspace`, `geomspace`, `linspace` and `arange`; `LogRange`, `GeomRange`
and `LinRange` are the same grids without an array.  `xspace.testing` has what a test of identical
arrays needs.
"""

from typing import TYPE_CHECKING, Any

from ._version import __version__
from .float_environment import StandardEnvironment, in_standard_environment

with StandardEnvironment():  # which the constants of modules need as well as the elements
    from .arange import arange
    from .functions import geomspace, linspace, logspace

if TYPE_CHECKING:
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


@in_standard_environment
def __getattr__(name: str) -> Any:
    """The ranges, at their first use."""
    if name not in ("GeomRange", "LinRange", "LogRange"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from . import ranges

    return getattr(ranges, name)
