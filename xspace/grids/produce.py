"""From a grid to an array of a library, whole and now: which kernel runs where."""

from __future__ import annotations

from typing import Any

from ..engine.gpu.launch import launcher
from ..ground.thresholds import DEVICE_GRID
from .source import Line, Source
from .target import Target

__all__ = ["produce"]


def produce(source: Source, target: Target, places: range | None = None) -> Any:
    """The array of a grid, or of the elements at some of its places."""
    places = range(source.num) if places is None else places
    if not isinstance(source, Line):
        host = source.make(places)
    else:
        array = None if source.zeros else _on_device(source, target, places)
        if array is not None:
            return array
        host = source.make(places, target.backend.host_memory, target.workers)
    return target.backend.from_host(host, target.fmt, target.dtype, target.device)


def _on_device(source: Line, target: Target, places: range) -> Any:
    """The same of a progression, where the device makes it; or None."""
    line, fmt, negative = source.at(places), target.fmt, source.negative
    make = launcher(target.backend, target.device)
    if make is not None:
        array = make(line, fmt, negative, target.dtype, target.device)
        if array is not None:
            return array
    if line.num < DEVICE_GRID or target.backend.makes_on_host(target.device):
        return None
    from ..engine.device import make_on_device

    array = make_on_device(line, target.backend, fmt, target.dtype, target.device)
    return -array if negative and array is not None else array
