"""dask.array: the chunks of a grid are made where and when they are wanted, a batch stays lazy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import array_api_compat.dask.array as compat_dask
import numpy as np

from ..exact.rounding import Format
from .generic import Backend

__all__ = ["DaskBackend"]


class DaskBackend(Backend):
    """dask.array, under the names of the standard."""

    has_dates = True

    def __init__(self) -> None:
        super().__init__(compat_dask)

    @property
    def name(self) -> str:
        return "dask.array"

    def makes_on_host(self, device: Any) -> bool:
        return True  # whether an element is in doubt would have to be computed

    def is_lane(self, array: Any) -> bool:
        return True  # a number that has yet to be computed

    def batch(self, plan: Any, ends: dict[str, Any], make: Callable[..., Any]) -> Any:
        from ..lane_parts import arrays_of, batch_of

        return self.batch_in_parts(batch_of(plan, ends), arrays_of(ends), plan.target.layout)

    def steps(self, plan: Any, ends: dict[str, Any], make: Callable[..., Any]) -> Any:
        from ..lane_parts import arrays_of, batch_of

        return self.steps_in_parts(batch_of(plan, ends), arrays_of(ends))

    def batch_in_parts(self, batch: Any, arrays: list[Any], layout: Any) -> Any:
        from .dask_chunks import lanes_in_chunks

        return lanes_in_chunks(batch, arrays, layout)

    def steps_in_parts(self, batch: Any, arrays: list[Any]) -> Any:
        from .dask_chunks import steps_in_chunks

        return steps_in_chunks(batch, arrays)

    def dtype_name(self, dtype: Any) -> str:
        name: str = np.dtype(dtype).name
        return name

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        native = np.dtype(dtype)
        return self.format_of(native.name, dtype), native

    def layout(self, device: Any, chunks: Any = None, spec: Any = None) -> Any:
        super().layout(device, spec=spec)
        return "auto" if chunks is None else chunks

    def from_parts(self, parts: Any, target: Any) -> Any:
        from .dask_chunks import from_parts

        return from_parts(parts, target.layout)
