"""What the kernels of lanes say of elements: bounds, in whole arrays of any namespace.

A kernel is prepared once from the ends of all lanes, and makes blocks of samples.  No value is read
by the host, and nothing has a shape that depends on the data.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

__all__ = ["Bounds", "Kernel", "column"]


class Bounds(NamedTuple):
    """Float64 numbers on both sides of elements, samples first.

    They are rounded sums: an element between them that is no float64 number may lie beyond them,
    but no float64 number lies between it and the one that it is beyond.
    """

    up: Any
    down: Any
    #: Elements that are open though both round alike, or None.
    unsure: Any = None


class Kernel(Protocol):
    """Elements of lanes."""

    @property
    def refused(self) -> Any:
        """Lanes that are not made, as booleans."""

    def block(self, samples: range) -> Bounds:
        """Samples of all lanes; ``samples`` has step 1."""


def column(xp: Any, samples: range, like: Any) -> Any:
    """Sample numbers as float64, to be broadcast against lanes."""
    place = {} if getattr(like, "device", None) is None else {"device": like.device}
    i = xp.arange(samples.start, samples.stop, samples.step, dtype=xp.float64, **place)
    return xp.reshape(i, (-1, *(1 for _ in like.shape)))
