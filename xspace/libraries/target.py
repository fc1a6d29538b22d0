"""Where the array of a grid goes."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..exact.rounding import Format
from .generic import Backend

__all__ = ["Target", "common_device"]


class Target(NamedTuple):
    """The function called (for messages), and the backend, dtype and device of its grid.

    The format of a complex grid is that of its parts.
    """

    caller: str
    backend: Backend
    fmt: Format
    dtype: Any
    device: Any
    is_complex: bool = False
    layout: Any = None  #: how the array is divided, if its parts are made apart (`deferred.way`)
    workers: int = 1  #: threads that may make it, of a grid of scalars in host memory


def common_device(backend: Backend, arrays: dict[str, Any]) -> Any:
    """The one device of all array arguments; None if it is not known, or can be any."""
    names = [n for n, a in arrays.items() if not backend.follows(a)]
    devices = [backend.device_of(arrays[n]) for n in names]
    if not devices or None in devices:
        return None
    for name, device in zip(names, devices, strict=True):
        if device != devices[0]:
            msg = f"{names[0]} is on {devices[0]} and {name} on {device}: wanted one device"
            raise ValueError(msg)
    return devices[0]
