"""JAX: shards, and programs that are traced and differentiated."""

from __future__ import annotations

from typing import Any

from ..backends.generic import Backend
from ..backends.target import Target
from ..exact.progression import Arithmetic
from ..lane_plan import Ends, Plan
from ..sources import Line, Source
from .jax_lanes import grid_of, is_traced, steps_of
from .jax_lines import arange_of_sizes, line_in_program
from .jax_shards import from_parts, is_divided, lanes_in_shards, undivided
from .way import Way

__all__ = ["JaxWay"]


class JaxWay(Way):
    """JAX: operations on integers, where a program is traced."""

    def layout(self, backend: Backend, device: Any, chunks: Any = None, spec: Any = None) -> Any:
        super().layout(backend, device, chunks, spec)
        return device if is_divided(device) else None

    def in_parts(self, source: Source, target: Target) -> Any:
        return from_parts(source, target)

    def recorded(self, source: Line, target: Target) -> Any:
        line = source.line
        if source.zeros or not isinstance(line, Arithmetic):
            return None
        return line_in_program(line, target)

    def samples(self, plan: Plan, ends: Ends) -> Any:
        if plan.target.layout is not None and not is_traced(ends):
            return lanes_in_shards(plan, ends)
        return grid_of(plan, ends)

    def steps(self, plan: Plan, ends: Ends) -> Any:
        if plan.target.layout is not None:
            where = undivided(plan.target.device)
            plan = plan._replace(target=plan.target._replace(layout=None, device=where))
        return steps_of(plan, ends)

    def arange_of_sizes(self, bounds: dict[str, Any], target: Target) -> Any:
        return arange_of_sizes(bounds, target)
