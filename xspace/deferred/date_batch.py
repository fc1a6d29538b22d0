"""Lanes of dates that are made in parts, as `batch` has it for numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..grids.units import Unit
from ..ground.float_environment import in_standard_environment
from ..lanes.dates import date_lanes, date_steps

__all__ = ["DateBatch"]

Host = npt.NDArray[Any]


class DateBatch(NamedTuple):
    """All of a ``linspace`` between arrays of dates but the arrays."""

    num: int
    endpoint: bool
    unit: Unit  #: of the exact grid
    out: Unit
    span: Unit  #: of the steps
    ends: tuple[Host | None, Host | None]  #: None for an array of the library

    @property
    def caller(self) -> str:
        """The name of the function."""
        return "linspace"

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the samples."""
        return self.out.dtype

    @property
    def step_dtype(self) -> np.dtype[Any]:
        """That of the steps."""
        return self.span.dtype

    def _filled(self, blocks: tuple[Host, ...]) -> tuple[Host, Host]:
        arrays = (block.astype(block.dtype.newbyteorder("="), copy=False) for block in blocks)
        start, stop = (next(arrays) if end is None else end for end in self.ends)
        first, last = np.broadcast_arrays(start, stop)
        return first, last

    @in_standard_environment
    def samples(self, samples: range, *blocks: Host) -> Host:
        """Some samples of a block of lanes, along axis 0."""
        start, stop = self._filled(blocks)
        return date_lanes(start, stop, self.num, self.endpoint, self.unit, self.out, samples)

    @in_standard_environment
    def steps(self, *blocks: Host) -> Host:
        """The steps of a block of lanes."""
        div = self.num - 1 if self.endpoint else self.num
        return date_steps(*self._filled(blocks), div, self.unit, self.span)
