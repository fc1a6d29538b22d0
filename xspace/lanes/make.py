"""Array endpoints: every lane of a batch is the grid of its scalars, bit for bit.

The ends of a batch are arrays and scalars that broadcast together to the shape of the lanes; the
samples lie along a new axis.  Here are those whose values can be read now (see `deferred`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..engine.narrow import host_dtype, to_bits
from ..exact.lines import complex_step, linspace_step
from ..exact.number import Scalar
from ..exact.rounding import FloatFormat
from ..grids.complex import complex_dtype
from ..ground.float_environment import in_standard_environment
from ..ground.sizes import check_size
from ..libraries.scalars import read_scalar
from .device import device_lanes
from .host import host_lanes, lane_shape
from .plan import Ends, Plan

__all__ = ["make_eagerly", "make_steps"]


@in_standard_environment
def make_steps(plan: Plan, ends: Ends) -> Any:
    """The step of every lane, from arrays whose values can be read."""
    target, fmt = plan.target, plan.target.fmt
    assert isinstance(fmt, FloatFormat)
    div = plan.num - 1 if plan.endpoint else plan.num
    hosts = _to_host(target.backend, ends)
    pairs = [lane for _, lane in _lanes(hosts)]
    if target.is_complex:
        steps = [complex_step(start, stop, div, fmt) for start, stop in pairs]
        host = np.array(steps, dtype=complex_dtype(fmt))
    else:
        bits = [to_bits(linspace_step(start, stop, div, fmt), fmt) for start, stop in pairs]
        host = np.array(bits, dtype=host_dtype(fmt))
    host = host.reshape(lane_shape(hosts))
    return target.backend.from_host(host, fmt, target.dtype, target.device)


@in_standard_environment
def make_eagerly(plan: Plan, ends: Ends) -> Any:
    """The samples along axis 0, from arrays whose values can be read."""
    target = plan.target
    check_size(plan.num, math.prod(lane_shape(ends)))
    on_host = any(plan.orders) or target.is_complex
    if not on_host and not target.backend.makes_on_host(target.device):
        here = {
            n: v if isinstance(v, Scalar) else target.backend.move(v, target.device)
            for n, v in ends.items()
        }
        samples = device_lanes(plan, here, lane_shape(here))
        if samples is not None:
            return samples
    values = _to_host(target.backend, ends)
    if any(plan.orders):
        from .derivatives import host_derivative

        with np.errstate(all="ignore"):  # what is beyond a shorter format is infinite in it
            dtype = complex_dtype(target.fmt) if target.is_complex else host_dtype(target.fmt)
            host = host_derivative(plan, values).astype(dtype, copy=False)
    else:
        host = host_lanes(plan, values)
    return target.backend.from_host(host, target.fmt, target.dtype, target.device)


def _to_host(backend: Any, ends: Ends) -> Ends:
    return {n: v if isinstance(v, Scalar) else backend.to_host(v) for n, v in ends.items()}


def _lanes(ends: Ends) -> Iterator[tuple[tuple[int, ...], Any]]:
    """The index of every lane, and its ends as scalars."""
    shape = lane_shape(ends)
    lanes = {n: v if isinstance(v, Scalar) else np.broadcast_to(v, shape) for n, v in ends.items()}
    for place in np.ndindex(shape):
        yield (
            place,
            tuple(
                v if isinstance(v, Scalar) else read_scalar(n, v[place].item())
                for n, v in lanes.items()
            ),
        )
