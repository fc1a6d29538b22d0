"""Where the array of a grid goes."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..exact.rounding import Format
from ..libraries.generic import Backend

__all__ = ["Target"]


class Target(NamedTuple):
    """The function called (for messages), and the backend, dtype and device of its grid.

    The format of a complex grid is that of its parts.
    """

    caller: str
    backend: Backend
    fmt: Format
    dtype: Any
    device: Any
    is_complex: bool = False
    layout: Any = None  #: how the array is divided, if its parts are made apart (`deferred.way`)
    workers: int = 1  #: threads that may make it, of a grid of scalars in host memory
