"""Correctly rounded grids, the same bits in every array library.

The public functions are `logspace`, `geomspace` and `linspace`; `xspace.testing` has what a test
of identical arrays needs.
"""

from ._version import __version__
from .functions import geomspace, linspace, logspace

__all__ = ["__version__", "geomspace", "linspace", "logspace"]
