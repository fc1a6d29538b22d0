"""Lanes that are made in parts: a block of the lanes, and of their samples, in host memory.

A library whose arrays are made of chunks carries a `Batch` into its tasks: a few numbers.  The ends
that are arrays come in blocks, in the order in which they are named.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.number import Scalar
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..lanes.host import host_lanes
from ..lanes.make import make_steps
from ..lanes.plan import Plan
from ..libraries import NUMPY

__all__ = ["Batch", "arrays_of", "batch_of", "sample_chunks", "with_axes"]

Host = npt.NDArray[Any]


class Batch(NamedTuple):
    """All of a batch but its arrays."""

    caller: str
    num: int
    endpoint: bool
    dtype: np.dtype[Any]
    ends: tuple[tuple[str, Scalar | None], ...]  #: None for an array

    @property
    def plan(self) -> Plan:
        """The same for host memory."""
        fmt, dtype = NUMPY.read_dtype(self.dtype)
        target = Target(self.caller, NUMPY, fmt, dtype, None, dtype.kind == "c")
        return Plan(self.num, self.endpoint, target)

    @property
    def step_dtype(self) -> np.dtype[Any]:
        """That of the steps, if they are asked for."""
        return self.dtype

    def _filled(self, blocks: tuple[Host, ...]) -> dict[str, Any]:
        arrays = iter(blocks)
        return {n: next(arrays) if v is None else v for n, v in self.ends}

    @in_standard_environment
    def samples(self, samples: range, *blocks: Host) -> Host:
        """Some samples of a block of lanes, along axis 0."""
        plan = self.plan
        host = host_lanes(plan, self._filled(blocks), samples)
        array: Host = NUMPY.from_host(host, plan.target.fmt, self.dtype, None)
        return array

    @in_standard_environment
    def steps(self, *blocks: Host) -> Host:
        """The steps of a block of lanes."""
        array: Host = make_steps(self.plan, self._filled(blocks))
        return array


def batch_of(plan: Plan, ends: dict[str, Any]) -> Batch:
    """A batch without its arrays."""
    target = plan.target
    scalars = ((n, v if isinstance(v, Scalar) else None) for n, v in ends.items())
    return Batch(target.caller, plan.num, plan.endpoint, np.dtype(target.dtype), tuple(scalars))


def arrays_of(ends: dict[str, Any]) -> list[Any]:
    """The ends that are arrays."""
    return [v for v in ends.values() if not isinstance(v, Scalar)]


def with_axes(arrays: list[Any]) -> list[Any]:
    """Arrays, each followed by the numbers of its axes among those of the lanes."""
    rank = max(a.ndim for a in arrays)
    pairs = [(a, tuple(range(rank - a.ndim, rank))) for a in arrays]
    return [item for pair in pairs for item in pair]


def sample_chunks(normalize: Any, batch: Any, lanes: list[Any], chunks: Any) -> tuple[int, ...]:
    """The lengths of the chunks along the samples, beside those of the lanes.

    ``normalize`` is the library's own function that reads ``chunks``.
    """
    if isinstance(chunks, tuple) and len(chunks) == 1:
        (chunks,) = chunks
    shape: tuple[Any, ...] = (batch.num,)
    whole: tuple[Any, ...] = (chunks,)
    if all(n > 0 for lengths in lanes for n in lengths):
        shape, whole = (*shape, *map(sum, lanes)), (*whole, *lanes)
    elif isinstance(chunks, str):  # a size in bytes, of lanes of no size or an unknown one
        whole = (-1,)
    found: tuple[int, ...] = normalize(whole, shape, dtype=batch.dtype)[0]
    return found
