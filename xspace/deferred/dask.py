"""dask.array: every chunk is a task of its own, which makes a slice of the grid.

What a task carries is the grid's definition, a few numbers, and which slice it is.  Of
arrays as ends it gets a block, and makes a slice of the samples of these lanes.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import dask.array as da
import numpy as np
from dask.array.core import normalize_chunks, unify_chunks
from dask.base import tokenize
from dask.layers import ArraySliceDep

from ..grids.source import Source
from ..grids.target import Target
from ..lanes.plan import Ends, Plan
from ..libraries.generic import Backend
from .batch import arrays_of, batch_of, sample_chunks, with_axes
from .parts import Parts
from .way import Way

__all__ = ["DaskWay"]

_normalized: Any = normalize_chunks  # dask is partly typed
_unified: Any = unify_chunks
_from_array: Any = da.from_array
_blockwise: Any = da.blockwise
_slices: Any = ArraySliceDep


class DaskWay(Way):
    """dask.array: a batch is lazy, and so are the chunks of a grid."""

    def layout(self, backend: Backend, device: Any, chunks: Any = None, spec: Any = None) -> Any:
        super().layout(backend, device, spec=spec)
        return "auto" if chunks is None else chunks

    def in_parts(self, source: Source, target: Target) -> Any:
        return _from_parts(Parts(source, target.dtype), target.layout)

    def samples(self, plan: Plan, ends: Ends) -> Any:
        return self.batch_in_parts(batch_of(plan, ends), arrays_of(ends), plan.target.layout)

    def steps(self, plan: Plan, ends: Ends) -> Any:
        return self.steps_in_parts(batch_of(plan, ends), arrays_of(ends))

    def batch_in_parts(self, batch: Any, arrays: list[Any], layout: Any) -> Any:
        return _lanes_in_chunks(batch, arrays, layout)

    def steps_in_parts(self, batch: Any, arrays: list[Any]) -> Any:
        return _steps_in_chunks(batch, arrays)


def _from_parts(parts: Parts, chunks: Any) -> Any:
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


def _lanes_in_chunks(batch: Any, arrays: list[Any], layout: Any) -> Any:
    """The samples of a batch, along axis 0: divided as its arrays are, and as ``layout`` says."""
    lanes, pairs = _aligned(arrays)
    rank = len(lanes)
    samples = sample_chunks(_normalized, batch, lanes, layout)
    return _blockwise(
        partial(_make_samples, batch),
        (rank, *range(rank)),
        _slices((samples,)),
        (rank,),
        *pairs,
        name=f"{batch.caller}-{tokenize(batch, samples, pairs)}",
        dtype=batch.dtype,
        meta=np.empty((0,) * (rank + 1), batch.dtype),
        align_arrays=False,
        adjust_chunks=dict(enumerate(lanes)),  # an axis of length 1 may come first
    )


def _steps_in_chunks(batch: Any, arrays: list[Any]) -> Any:
    """The steps of a batch, divided as its arrays are."""
    lanes, pairs = _aligned(arrays)
    rank = len(lanes)
    return _blockwise(
        batch.steps,
        tuple(range(rank)),
        *pairs,
        name=f"{batch.caller}-step-{tokenize(batch, pairs)}",
        dtype=batch.step_dtype,
        meta=np.empty((0,) * rank, batch.step_dtype),
        align_arrays=False,
        adjust_chunks=dict(enumerate(lanes)),
    )


def _aligned(arrays: list[Any]) -> tuple[list[Any], list[Any]]:
    """The chunks of the lanes, and the arrays in such chunks, each followed by its axes."""
    pairs = with_axes(arrays)
    chunks, pairs[::2] = _unified(*pairs)
    return [chunks[axis] for axis in range(len(chunks))], pairs


def _make_samples(batch: Any, place: tuple[slice], *blocks: Any) -> Any:
    return batch.samples(range(place[0].start, place[0].stop), *blocks)
