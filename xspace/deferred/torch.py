"""PyTorch: a batch is a call of an operator, which a compiler and the transforms know."""

from __future__ import annotations

from typing import Any

import torch

from ..exact.number import Scalar
from ..grids.from_scalars import source_of
from ..grids.source import Line
from ..grids.target import Target
from ..lanes.plan import Ends, Plan
from ..lanes.torch import has_modes
from .torch_lanes import grid_of
from .torch_lines import call_line
from .way import Way

__all__ = ["TorchWay"]


class TorchWay(Way):
    """PyTorch: operators."""

    def is_abstract(self, device: Any) -> bool:
        return bool(
            torch.compiler.is_compiling()
            or device.type == "meta"
            or has_modes()  # of fake tensors, say
            or torch._C._get_tracing_state() is not None  # of `torch.jit.trace`
        )

    def recorded(self, source: Line, target: Target) -> Any:
        if not self.is_abstract(target.device):
            return None
        if not torch.compiler.is_compiling():
            source.check()
        where = target.caller, target.dtype, target.device
        return call_line(source.line, *where, source.negative, source.zeros)

    def samples(self, plan: Plan, ends: Ends) -> Any:
        scalars = tuple(v for v in ends.values() if isinstance(v, Scalar))
        if len(scalars) == len(ends):
            target = plan.target
            kind = target.caller, scalars, plan.num, plan.endpoint, target.fmt
            source_of(*kind, is_complex=target.is_complex).check()
        return grid_of(plan, ends)

    def steps(self, plan: Plan, ends: Ends) -> Any:
        return grid_of(plan._replace(target=plan.target._replace(caller="step")), ends)[0]
