"""cubed: every chunk is made by a task of its own, within the memory that a ``Spec`` allows."""

from __future__ import annotations

from typing import Any

import cubed
import cubed.array_api
import numpy as np

from ..exact.rounding import Format
from .generic import Backend

__all__ = ["CubedBackend"]


class CubedBackend(Backend):
    """cubed.array_api, whose arrays are computed chunk by chunk, through files."""

    package = "cubed"

    def __init__(self) -> None:
        super().__init__(cubed.array_api)

    @property
    def name(self) -> str:
        return "cubed"

    def makes_on_host(self, device: Any) -> bool:
        return True

    def dtype_name(self, dtype: Any) -> str:
        name: str = np.dtype(dtype).name
        return name

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        native = np.dtype(dtype)
        return self.format_of(native.name, dtype), native

    def with_first_axis_at(self, place: int, array: Any) -> Any:
        axes = [*range(1, place + 1), 0, *range(place + 1, array.ndim)]
        return self.xp.permute_dims(array, tuple(axes))  # moveaxis uses what NumPy has deprecated

    def to_host(self, array: Any) -> Any:
        return np.asarray(array.compute())
