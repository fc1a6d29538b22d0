"""How a grid is cut into rows, columns and blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["BLOCK", "blocks", "column_limit"]

#: Elements of a block: three scratch arrays of this size stay in a second-level cache.
BLOCK = 16384
#: Columns of a large grid: NumPy broadcasts a column faster along rows of this length and more.
_COLUMNS = 4096


def column_limit(num: int) -> int:
    """Columns for ``num`` elements: about the square root, up to a row that fills a cache."""
    if num < 1 << 14:
        return max(int(num**0.5), 1)
    return _COLUMNS if num >= 1 << 16 else 1024


def blocks(num: int, columns: int) -> Iterator[tuple[int, int, int]]:
    """``(first row, end row, columns)`` of blocks of whole rows, then the rest of the last row."""
    full = num // columns
    rows = max(BLOCK // columns, 1)
    for first in range(0, full, rows):
        yield first, min(first + rows, full), columns
    if num % columns:
        yield full, full + 1, num % columns
