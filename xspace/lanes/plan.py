"""All of a batch of lanes but the values of its ends."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..grids.target import Target

__all__ = ["Ends", "Plan"]

#: The ends by name, in the order of the function: arrays of the target's library, or scalars.
Ends = dict[str, Any]


class Plan(NamedTuple):
    """All of a batch but the values of its ends."""

    num: int
    endpoint: bool
    target: Target
    orders: tuple[int, ...] = ()  #: of the partial derivative by the ends, if it is one

    @property
    def div(self) -> int:
        """How many steps lie between the ends, at least one."""
        return max(self.num - 1 if self.endpoint else self.num, 1)
