"""A grid as something like an array, whose slices are made where and when they are wanted."""

from __future__ import annotations

import operator
from functools import cached_property
from typing import Any

import numpy as np

from ..grids.source import Host, Source
from ..ground.float_environment import in_standard_environment
from ..libraries import NUMPY

__all__ = ["Parts"]


class Parts:
    """A grid as something like an array: it has a shape and a dtype, and a slice makes elements.

    It can be pickled, and it is as large as the numbers that the grid is defined by.
    """

    ndim = 1

    def __init__(self, source: Source, dtype: Any) -> None:
        self.source = source
        self.dtype = np.dtype(dtype)

    @property
    def caller(self) -> str:
        """The name of the function whose grid it is."""
        return self.source.caller

    @cached_property
    def places(self) -> range:
        """The indices of all elements."""
        return range(self.source.num)

    @property
    def shape(self) -> tuple[int]:
        """The shape of the whole."""
        return (self.source.num,)

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements and their dtype depend on: the same for the same call."""
        return (self.caller, *self.source.key, self.dtype.str, self.dtype.name)

    def __dask_tokenize__(self) -> tuple[Any, ...]:
        return self.key

    def __getitem__(self, key: Any) -> Any:
        """An element or a slice of them, as a NumPy array."""
        if isinstance(key, tuple):
            (key,) = key or (slice(None),)
        if isinstance(key, slice):
            return self._array(self.places[key])
        index = self.places[operator.index(key)]
        return self._array(range(index, index + 1))[0]

    @in_standard_environment
    def _array(self, places: range) -> Host:
        array: Host = NUMPY.from_host(self.source.make(places), self.source.fmt, self.dtype, None)
        return array
