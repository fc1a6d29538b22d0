"""What a library does with grids that it does not want now, or as a whole."""

from __future__ import annotations

from typing import Any

from ..grids.source import Line, Source
from ..grids.target import Target
from ..lanes.plan import Ends, Plan
from ..libraries.generic import Backend

__all__ = ["Way"]


class Way:
    """A library whose arrays are made as wholes, at once; others override what differs."""

    def layout(self, backend: Backend, device: Any, chunks: Any = None, spec: Any = None) -> Any:
        """How the parts of an array lie that are made apart; None if it is made as a whole.

        ``chunks`` and ``spec`` are as the library itself spells them.
        """
        kinds = {"chunks": "whose arrays are made of chunks", "spec": "that are told their memory"}
        for (name, kind), value in zip(kinds.items(), (chunks, spec), strict=True):
            if value is not None:
                msg = f"{name} is for libraries {kind}: {backend.name} is not"
                raise TypeError(msg)

    def is_abstract(self, device: Any) -> bool:
        """Whether arrays made for this device have no elements now.

        A call is recorded to run later, or nothing but shape and dtype is computed.  Even a grid of
        scalars is a batch then.
        """
        return False

    def in_parts(self, source: Source, target: Target) -> Any:
        """The array of a grid, divided as ``target.layout`` says."""
        raise NotImplementedError  # for libraries that have a layout

    def recorded(self, source: Line, target: Target) -> Any:
        """A progression as operations of the program that is recorded; None if none is."""
        return None

    def samples(self, plan: Plan, ends: Ends) -> Any:
        """The samples of a batch, along axis 0."""
        from ..lanes.make import make_eagerly

        return make_eagerly(plan, ends)

    def steps(self, plan: Plan, ends: Ends) -> Any:
        """The steps of a batch, one a lane."""
        from ..lanes.make import make_steps

        return make_steps(plan, ends)

    def batch_in_parts(self, batch: Any, arrays: list[Any], layout: Any) -> Any:
        """The samples of a batch (`batch.Batch`) whose ends are these arrays."""
        raise NotImplementedError  # for libraries that have a layout, and dates

    def steps_in_parts(self, batch: Any, arrays: list[Any]) -> Any:
        """The steps of such a batch."""
        raise NotImplementedError

    def arange_of_sizes(self, bounds: dict[str, Any], target: Target) -> Any:
        """``arange`` between integers some of which are not known until the program runs."""
        raise NotImplementedError  # for libraries that have such sizes
