"""JAX: shards, and programs that are traced and differentiated.

What makes them is imported when it is needed: not with a grid of numbers that lies on one device.
"""

from __future__ import annotations

from typing import Any

import jax

from ..exact.progression import Arithmetic
from ..grids.source import Line, Source
from ..grids.target import Target
from ..ground.thresholds import JAX_CONSTANT
from ..lanes.plan import Ends, Plan
from ..libraries.generic import Backend
from .way import Way

__all__ = ["JaxWay"]


class JaxWay(Way):
    """JAX: operations on integers, where a program is traced."""

    def layout(self, backend: Backend, device: Any, chunks: Any = None, spec: Any = None) -> Any:
        super().layout(backend, device, chunks, spec)
        return device if _is_divided(device) else None

    def in_parts(self, source: Source, target: Target) -> Any:
        from .jax_shards import from_parts

        return from_parts(source, target)

    def recorded(self, source: Line, target: Target) -> Any:
        line = source.line
        if source.zeros or line.num < JAX_CONSTANT or not isinstance(line, Arithmetic):
            return None
        from .jax_lines import line_in_program

        return line_in_program(line, target)

    def samples(self, plan: Plan, ends: Ends) -> Any:
        from .jax_lanes import grid_of, is_traced

        if plan.target.layout is not None and not is_traced(ends):
            from .jax_shards import lanes_in_shards

            return lanes_in_shards(plan, ends)
        return grid_of(plan, ends)

    def steps(self, plan: Plan, ends: Ends) -> Any:
        from .jax_lanes import steps_of

        if plan.target.layout is not None:
            where = _undivided(plan.target.device)
            plan = plan._replace(target=plan.target._replace(layout=None, device=where))
        return steps_of(plan, ends)

    def arange_of_sizes(self, bounds: dict[str, Any], target: Target) -> Any:
        from .jax_lines import arange_of_sizes

        return arange_of_sizes(bounds, target)


def _is_divided(device: Any) -> bool:
    """Whether an array there has several shards."""
    return isinstance(device, jax.sharding.Sharding) and len(device.device_set) > 1


def _undivided(sharding: Any) -> Any:
    """Where the devices of a sharding have a copy each; None if that is not known."""
    if isinstance(sharding, jax.sharding.NamedSharding):
        return jax.sharding.NamedSharding(sharding.mesh, jax.sharding.PartitionSpec())
    return None
