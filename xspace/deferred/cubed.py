"""cubed: every chunk is made by a task of its own, within the memory that a ``Spec`` allows."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

import cubed
import cubed.array_api
import cubed.core
import numpy as np
from cubed.core.ops import normalize_chunks

from ..grids.source import Source
from ..grids.target import Target
from ..ground.thresholds import CUBED_IN_MEMORY
from ..lanes.plan import Ends, Plan
from ..libraries.generic import Backend
from .batch import Batch, arrays_of, batch_of, sample_chunks, with_axes
from .parts import Parts
from .way import Way

__all__ = ["CubedWay"]

_core: Any = cubed.core  # cubed is partly typed


class _Layout(NamedTuple):
    chunks: Any
    spec: Any


class CubedWay(Way):
    """cubed: a task for each block of the arrays that are ends, and of the samples of its lanes."""

    def layout(self, backend: Backend, device: Any, chunks: Any = None, spec: Any = None) -> Any:
        return _Layout("auto" if chunks is None else chunks, spec)

    def in_parts(self, source: Source, target: Target) -> Any:
        chunks, spec = target.layout
        return cubed.from_array(Parts(source, target.dtype), chunks, asarray=False, spec=spec)

    def samples(self, plan: Plan, ends: Ends) -> Any:
        return _lanes_in_chunks(plan, ends)

    def steps(self, plan: Plan, ends: Ends) -> Any:
        return _steps_in_chunks(plan, ends)


def _lanes_in_chunks(plan: Any, ends: dict[str, Any]) -> Any:
    """The samples of a batch, along axis 0: divided as its arrays are, and as its layout says.

    Where the samples of a block begin is an array, too, with a number for each block.
    """
    batch = batch_of(plan, ends)
    lanes, pairs = _aligned(ends)
    rank = len(lanes)
    samples = sample_chunks(normalize_chunks, batch, lanes, plan.target.layout.chunks)
    firsts = np.array([0, *accumulate(samples)][:-1], np.int64)
    make = cubed.array_api.asarray if firsts.nbytes < CUBED_IN_MEMORY else cubed.from_array
    first = make(firsts, chunks=(1,), spec=pairs[0].spec)
    return _core.blockwise(
        partial(_make_samples, batch, samples[0] if samples else 0),
        (rank, *range(rank)),
        first,
        (rank,),
        *pairs,
        dtype=batch.dtype,
        adjust_chunks={rank: samples, **dict(enumerate(lanes))},
        align_arrays=False,
    )


def _steps_in_chunks(plan: Any, ends: dict[str, Any]) -> Any:
    """The steps of a batch, divided as its arrays are."""
    batch = batch_of(plan, ends)
    lanes, pairs = _aligned(ends)
    return _core.blockwise(
        batch.steps,
        tuple(range(len(lanes))),
        *pairs,
        dtype=batch.dtype,
        adjust_chunks=dict(enumerate(lanes)),
        align_arrays=False,
    )


def _aligned(ends: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The chunks of the lanes, and the arrays in such chunks, each followed by its axes."""
    pairs = with_axes(arrays_of(ends))
    chunks, pairs[::2] = _core.unify_chunks(*pairs)
    return [chunks[axis] for axis in range(len(chunks))], pairs


def _make_samples(batch: Batch, length: int, first: Any, *blocks: Any) -> Any:
    """All chunks but the last one are of one length."""
    begin = int(first[0])
    return batch.samples(range(begin, min(begin + length, batch.num)), *blocks)
