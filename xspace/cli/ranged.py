"""A lazy range as the parts of a file: what has a step, and dates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ground.sizes import check_size
from ..ranges.base import Range

__all__ = ["RangeParts"]


class RangeParts:
    """It has the shape, the dtype and the slices of `Parts`, each slice made by the range."""

    def __init__(self, caller: str, range_: Range[Any], dtype: str | None) -> None:
        check_size(range_.num)
        range_._check(caller, dtype=dtype, xp=np)
        self.caller, self.range = caller, range_
        self.shape = (range_.num,)
        self.dtype: np.dtype[Any] = range_[:0].to_array(dtype=dtype, xp=np).dtype

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements and their dtype depend on: a range is spelled exactly."""
        return (self.caller, repr(self.range), self.dtype.str, self.dtype.name)

    def __getitem__(self, places: slice) -> Any:
        return self.range[places].to_array(dtype=self.dtype, xp=np)
