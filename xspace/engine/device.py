"""Grids in reach made on a device by the array API alone, in double-word arithmetic of float64.

The same arithmetic as on the host, from the same tables: only basic operations, every sum of
exact products before the last correction, so that fused or reordered operations change nothing
that the rounding test would not notice.  What synchronises is one truth value a block, and the
indices of the few elements to be made exactly.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import numpy.typing as npt

from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import FORMATS, Format
from ..ground.thresholds import COLUMNS, DEVICE_BLOCK
from ..libraries import Backend
from .arithmetic import REACH, SumGrid, sum_grid
from .geometric import grid_tables, is_in_reach
from .tables import DELTA, NARROW_DELTA

__all__ = ["make_on_device"]

_FLOAT64, _FLOAT32 = FORMATS["float64"], FORMATS["float32"]


def make_on_device(
    line: Arithmetic | Geometric, backend: Backend, fmt: Format, dtype: Any, device: Any
) -> Any:
    """The array, or None for a grid that has to be made on the host.

    Those are constant grids, other formats than float64 and float32, and grids whose elements or
    tables come near overflow or underflow, where devices differ: XLA flushes subnormals.
    """
    if fmt not in (_FLOAT64, _FLOAT32):
        return None
    with backend.on(device):
        maker = _maker(line, backend, fmt, dtype, device)
        return maker and maker.make()


def _maker(
    line: Arithmetic | Geometric, backend: Backend, fmt: Format, dtype: Any, device: Any
) -> _Maker | None:
    if isinstance(line, Geometric):
        if line.is_constant() or not is_in_reach(line) or not _is_normal(line, fmt):
            return None
        return _Powers(line, backend, fmt, dtype, device)
    if fmt is _FLOAT32 or line.b == 0 or line.exponent() not in REACH:
        return None
    grid = sum_grid(line)
    return None if grid.doubtful is None else _Sums(line, grid, backend, device)


def _is_normal(line: Geometric, fmt: Format) -> bool:
    """Whether float32 elements keep clear of its subnormal and infinite numbers."""
    low, high = line.ends()
    return fmt is _FLOAT64 or (low >= -125 and high <= 127)


class _Maker(ABC):
    """A grid on a device: blocks of whole rows, and the rest of the last row cut off."""

    columns: int
    host_dtype: type = np.float64

    def __init__(self, line: Arithmetic | Geometric, backend: Backend, device: Any) -> None:
        self.line, self.backend, self.device = line, backend, device
        self.xp = backend.ops()

    def move(self, table: npt.NDArray[np.float64], shape: tuple[int, int]) -> Any:
        """A table on the device, as a row or a column."""
        dtype = self.xp.float64
        return self.backend.from_host(table.reshape(shape), _FLOAT64, dtype, self.device)

    @abstractmethod
    def block(self, first: int, end: int) -> tuple[Any, list[int]]:
        """The elements of some rows, flat, and which of them are doubtful."""

    def make(self) -> Any:
        num, m = self.line.num, self.columns
        rows = -(-num // m)
        height = max(DEVICE_BLOCK // m, 1)
        parts = []
        for first in range(0, rows, height):
            part, doubtful = self.block(first, min(first + height, rows))
            offset = first * m
            part = part[: num - offset] if num - offset < part.shape[0] else part
            places = [i for i in doubtful if offset + i < num]
            if places:
                exact: Any = np.array([self.rounded(offset + i) for i in places], self.host_dtype)
                part = self.backend.put(part, places, exact)
            parts.append(part)
        return parts[0] if len(parts) == 1 else self.xp.concat(parts)

    def rounded(self, i: int) -> float:
        return float(self.line.rounded(i, _FLOAT64))


class _Powers(_Maker):
    """A geometric progression in float64, or in float32 from one float64 product."""

    def __init__(
        self, line: Geometric, backend: Backend, fmt: Format, dtype: Any, device: Any
    ) -> None:
        super().__init__(line, backend, device)
        self.fmt, self.dtype = fmt, dtype
        rows, cols, self.columns = grid_tables(line, COLUMNS)
        column, row = (-1, 1), (1, -1)
        if fmt is _FLOAT64:
            self.heads = self.move(rows.head, column), self.move(cols.head, row)
            self.row_tail = self.move(rows.tail, column)
            self.upper = self.move(cols.tail + cols.full * DELTA, row)
            self.lower = self.move(cols.tail - cols.full * DELTA, row)
            self.full = self.move(cols.full, row)
        else:
            self.host_dtype = np.float32
            self.rows = self.move(rows.full, column)
            self.upper = self.move(cols.full * (1 + NARROW_DELTA), row)
            self.lower = self.move(cols.full * (1 - NARROW_DELTA), row)

    def rounded(self, i: int) -> float:
        return float(self.line.rounded(i, self.fmt))

    def block(self, first: int, end: int) -> tuple[Any, list[int]]:
        xp, rows = self.xp, slice(first, end)
        if self.fmt is _FLOAT64:
            head = self.heads[0][rows, :]
            p, rest = head * self.heads[1], self.row_tail[rows, :] * self.full
            high, low = p + (head * self.upper + rest), p + (head * self.lower + rest)
        else:
            high = xp.astype(self.rows[rows, :] * self.upper, self.dtype)
            low = xp.astype(self.rows[rows, :] * self.lower, self.dtype)
        high, low = xp.reshape(high, (-1,)), xp.reshape(low, (-1,))
        differ = high != low
        if not bool(xp.any(differ)):
            return high, []
        return high, [int(i) for i in xp.nonzero(differ)[0]]


class _Sums(_Maker):
    """An arithmetic progression in float64 whose doubtful elements are known beforehand."""

    def __init__(self, line: Arithmetic, grid: SumGrid, backend: Backend, device: Any) -> None:
        super().__init__(line, backend, device)
        self.columns, self.doubtful = grid.columns, grid.doubtful or []
        self.row = [self.move(t, (-1, 1)) for t in grid.rows]
        self.col = [self.move(t, (1, -1)) for t in grid.cols]

    def block(self, first: int, end: int) -> tuple[Any, list[int]]:
        head, tail = (t[first:end, :] for t in self.row)
        y = (head + self.col[0]) + (tail + self.col[1])
        low, high = first * self.columns, end * self.columns
        doubtful = [i - low for i in self.doubtful if low <= i < high]
        return self.xp.reshape(y, (-1,)), doubtful
