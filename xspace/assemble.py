"""From a grid to its array: whole or in parts, now or when a program runs."""

from __future__ import annotations

from typing import Any

from .backends.target import Target
from .exact.progression import Arithmetic
from .parts import Parts
from .produce import produce
from .sources import Line, Source

__all__ = ["assemble"]

#: Shorter sums are constants where a program is recorded: 2 MB at most.
LONG = 1 << 18


def assemble(source: Source, target: Target) -> Any:
    """The array of a grid, where and as the target says."""
    backend = target.backend
    if target.layout is not None:
        source.check()
        return backend.from_parts(Parts(source, target.dtype), target)
    if isinstance(source, Line):
        if backend.is_abstract(target.device):
            return backend.from_abstract(
                source.line, target, negative=source.negative, zeros=source.zeros
            )
        if isinstance(source.line, Arithmetic) and source.num >= LONG and not source.zeros:
            array = backend.in_program(source.line, target)
            if array is not None:
                return array
    return produce(source, target)
