"""dask.array: the chunks of a grid are made where and when they are wanted, a batch stays lazy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import array_api_compat.dask.array as compat_dask
import dask.array as da
import numpy as np
from dask.base import tokenize

from ..arguments import Scalar
from ..exact.rounding import Format
from .generic import Backend
from .numpy import NumpyBackend

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

    def is_lane(self, array: Any) -> bool:
        return True  # a number that has yet to be computed

    def batch(self, plan: Any, ends: dict[str, Any], make: Callable[..., Any]) -> Any:
        """A block of lanes is a block of the result, with all of its samples."""
        target = plan.target
        dtype = np.dtype(target.dtype)
        static = (target.caller, plan.num, plan.endpoint, dtype)
        scalars = {n: v if isinstance(v, Scalar) else None for n, v in ends.items()}
        arrays = [v for v in ends.values() if not isinstance(v, Scalar)]
        rank = max(a.ndim for a in arrays)
        pairs: list[Any] = []
        for array in arrays:
            pairs += [array, tuple(range(rank - array.ndim, rank))]
        samples = da.blockwise(
            partial(_make_block, static, scalars),
            (rank, *range(rank)),
            *pairs,
            new_axes={rank: plan.num},
            dtype=dtype,
            meta=np.empty((0,) * (rank + 1), dtype),
            name=f"{target.caller}-{tokenize(static, scalars, *arrays)}",
        )
        return samples if target.layout == "auto" else samples.rechunk({0: target.layout})

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


def _make_block(static: tuple[Any, ...], scalars: dict[str, Any], *blocks: Any) -> Any:
    """The samples of a block of lanes, in NumPy."""
    from ..lanes import Plan, make_eagerly
    from ..target import Target

    caller, num, endpoint, dtype = static
    backend = NumpyBackend()
    target = Target(caller, backend, *backend.read_dtype(dtype), None)
    rest = iter(blocks)
    ends = {n: next(rest) if v is None else v for n, v in scalars.items()}
    return make_eagerly(Plan(num, endpoint, target), ends)
