"""From a grid to its array: whole or in parts, now or when a program runs."""

from __future__ import annotations

from typing import Any

from ..deferred.ways import way_of
from ..grids.produce import produce
from ..grids.source import Line, Source
from ..grids.target import Target

__all__ = ["assemble"]


def assemble(source: Source, target: Target) -> Any:
    """The array of a grid, where and as the target says."""
    way = way_of(target.backend)
    if target.layout is not None:
        source.check()
        return way.in_parts(source, target)
    array = way.recorded(source, target) if isinstance(source, Line) else None
    return produce(source, target) if array is None else array
