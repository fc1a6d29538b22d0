"""A progression's elements written into host memory, by one thread or by several."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import Format
from .arithmetic import fill_arithmetic
from .geometric import fill_geometric
from .native import ENGINE
from .native.filling import fill_natively
from .workers import in_pieces, is_free

__all__ = ["fill", "fill_with_workers"]


def fill(out: npt.NDArray[Any], line: Arithmetic | Geometric, fmt: Format) -> None:
    """Write a progression's elements into host memory of `host_dtype`."""
    if line.num == 0 or fill_natively(out, line, fmt):
        return
    if isinstance(line, Arithmetic):
        fill_arithmetic(out, line, fmt)
    else:
        fill_geometric(out, line, fmt)


def fill_with_workers(
    out: npt.NDArray[Any], line: Arithmetic | Geometric, fmt: Format, workers: int
) -> None:
    """The same with so many threads, where they are faster than one."""
    if workers == 1 or (ENGINE is None and not is_free()):
        fill(out, line, fmt)
        return

    def make(first: int, last: int) -> None:
        fill(out[first:last], line.slice(first, 1, last - first), fmt)

    in_pieces(line.num, workers, make)
