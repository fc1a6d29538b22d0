"""dask.array: nothing is computed before it is asked for, not even a number."""

from __future__ import annotations

from typing import Any

import array_api_compat.dask.array as compat_dask
import numpy as np

from ..exact.rounding import Format
from .generic import Backend

__all__ = ["DaskBackend"]


class DaskBackend(Backend):
    """dask.array, under the names of the standard."""

    package = "dask"
    has_dates = True

    def __init__(self) -> None:
        super().__init__(compat_dask)

    @property
    def name(self) -> str:
        return "dask.array"

    def makes_on_host(self, device: Any) -> bool:
        return True  # whether an element is in doubt would have to be computed

    def is_many(self, array: Any) -> bool:
        return True  # a number that has yet to be computed

    def dtype_name(self, dtype: Any) -> str:
        name: str = np.dtype(dtype).name
        return name

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        native = np.dtype(dtype)
        return self.format_of(native.name, dtype), native
