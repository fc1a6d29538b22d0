"""dask.array: a grid is made in host memory and cut into chunks."""

from __future__ import annotations

from typing import Any

import array_api_compat.dask.array as compat_dask

from .generic import Backend

__all__ = ["DaskBackend"]


class DaskBackend(Backend):
    """dask.array, under the names of the standard."""

    def __init__(self) -> None:
        super().__init__(compat_dask)

    @property
    def name(self) -> str:
        return "dask.array"

    def makes_on_host(self, device: Any) -> bool:
        return True  # whether an element is in doubt would have to be computed
