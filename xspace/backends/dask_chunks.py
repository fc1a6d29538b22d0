"""dask.array: every chunk is a task of its own, which makes a slice of the grid.

What a task carries is the grid's definition, a few numbers, and which slice it is.
"""

from __future__ import annotations

from typing import Any

import dask.array as da
import numpy as np
from dask.array.core import normalize_chunks
from dask.base import tokenize

__all__ = ["from_parts"]

_normalized: Any = normalize_chunks  # dask is partly typed
_from_array: Any = da.from_array


def from_parts(parts: Any, chunks: Any) -> Any:
    """The dask array of a grid (`Parts`).

    Its name depends on the grid, its dtype and the chunks alone.  ``fancy=False`` lets dask move
    slices of the array into the tasks, but nothing that `Parts` cannot do.
    """
    pieces = _normalized(chunks, parts.shape, dtype=parts.dtype)
    return _from_array(
        parts,
        pieces,
        name=f"{parts.caller}-{tokenize(parts, pieces)}",
        fancy=False,
        meta=np.empty(0, parts.dtype),
        inline_array=True,
    )
