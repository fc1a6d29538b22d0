"""Arrays made by the kernels in CUDA C++, of any library that has memory and launches them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from math import prod
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.number import Scalar
from ...exact.progression import Arithmetic, Geometric
from ...exact.rounding import Format
from .launches import ARRAYS, NO_END, Launch, Words, grid_launch, lanes_launch, scalar_end

__all__ = ["Kernels", "Left"]

#: Elements of lanes, and lanes, that there is room to name.
_ROOM = 1 << 12


class Left(NamedTuple):
    """What a kernel leaves of lanes: flat indices of elements, and lanes."""

    places: npt.NDArray[np.int64]
    lanes: npt.NDArray[np.int64]


class Kernels(ABC):
    """The kernels of a library: its memory, and its way to launch them."""

    def make(
        self, line: Arithmetic | Geometric, fmt: Format, negative: bool, dtype: Any, device: Any
    ) -> Any:
        """The array of a progression, negated if ``negative``; None if it is not made here."""
        with self.on(device):
            launch = grid_launch(line, fmt, negative, self.most_blocks())
            if launch is None:
                return None
            out = self.empty((line.num,), dtype)
            return out if self.run(launch, self.address(out)) else None

    def make_lanes(
        self,
        caller: str,
        ends: dict[str, Any],
        shape: tuple[int, ...],
        num: int,
        div: int,
        fmt: Format,
        dtype: Any,
        device: Any,
    ) -> tuple[Any, Left] | None:
        """Samples of shape ``(num, lanes)``, and what is left of them; None if none are made here.

        It waits until that can be read.
        """
        with self.on(device):
            read = [self._end(ends[n], shape) for n in ("start", "stop", "base") if n in ends]
            words = [end[0] for end in read if end is not None]
            if len(words) < len(read):
                return None
            start, stop, base = [*words, NO_END][:3]
            report = self.zeros(2 + 2 * _ROOM)
            launch = lanes_launch(
                caller, fmt, shape, num, div, (start, stop, base), self.address(report), _ROOM
            )
            if launch is None:
                return None
            out = self.empty((num, prod(shape)), dtype)
            if not self.run(launch, self.address(out)):
                return None
            counts = self.read(report[:2]).tolist()
            if max(counts) > _ROOM:
                return None
            return out, Left(*(self._indices(report, 2 + k * _ROOM, counts[k]) for k in (0, 1)))

    def _indices(self, report: Any, first: int, count: int) -> npt.NDArray[np.int64]:
        if not count:
            return np.empty(0, np.int64)
        return np.sort(self.read(report[first : first + count]))

    def _end(self, end: Any, shape: tuple[int, ...]) -> tuple[Words, Any] | None:
        """An end as the kernel reads it, and the memory that has to stay until then; or None."""
        if isinstance(end, Scalar):
            words = scalar_end(end)
            return None if words is None else (words, None)
        name, end = self.flat(end, shape)
        if name not in ARRAYS:
            return None
        return (*ARRAYS[name], self.address(end), self.stride(end)), end

    @abstractmethod
    def on(self, device: Any) -> AbstractContextManager[Any]:
        """A context in which memory is taken, and kernels run, on a device."""

    @abstractmethod
    def most_blocks(self) -> int:
        """How many blocks of a long grid the device is sure to run at a time."""

    @abstractmethod
    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        """Contiguous memory."""

    @abstractmethod
    def zeros(self, count: int) -> Any:
        """So many zeros of int64."""

    @abstractmethod
    def address(self, array: Any) -> int:
        """Where the memory of an array begins."""

    @abstractmethod
    def flat(self, array: Any, shape: tuple[int, ...]) -> tuple[str, Any]:
        """An array broadcast to a shape, in one dimension, and the name of its dtype."""

    @abstractmethod
    def stride(self, array: Any) -> int:
        """Bytes between the numbers of an array of one dimension."""

    @abstractmethod
    def read(self, array: Any) -> npt.NDArray[Any]:
        """An array in the host's memory, when it has been made."""

    @abstractmethod
    def run(self, launch: Launch, address: int) -> bool:
        """Launch a kernel on the library's current stream; False if it cannot be compiled."""
