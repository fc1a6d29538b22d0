"""Array endpoints: every lane of a batch is the grid of its scalars, bit for bit.

The ends of a batch are arrays and scalars that broadcast together to the shape of the lanes; the
samples lie along a new axis.  Here the ends are read and the way is chosen; what a backend does
with arrays that it traces or differentiates is its own (`Backend.batch`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .arguments import (
    Scalar,
    check_array,
    check_size,
    is_array,
    read_axis,
    read_scalar,
)
from .backends import is_symbolic
from .complex_grids import complex_dtype, complex_step
from .device_lanes import device_lanes
from .exact.rounding import FloatFormat, IntFormat
from .float_environment import in_standard_environment
from .host_lanes import host_lanes, lane_shape
from .kernels.narrow import host_dtype, to_bits
from .special import linspace_step
from .target import Target, is_default

__all__ = ["Ends", "Plan", "batch", "grid_step", "has_lanes", "make_eagerly", "step_array"]

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


def has_lanes(ends: Ends, target: Target) -> bool:
    """Whether an end is an array of lanes, or one whose value cannot be taken out now."""
    if is_default(target):
        return False
    return target.backend.is_abstract(target.device) or _is_lane_among(ends, target)


def _is_lane_among(ends: Ends, target: Target) -> bool:
    return any(is_array(v) and target.backend.is_lane(v) for v in ends.values())


def batch(ends: Ends, num: int, endpoint: bool, axis: Any, target: Target) -> Any:
    """The array of ``num`` samples a lane, along ``axis`` of the result."""
    values = _read_ends(ends)
    rank = max(getattr(v, "ndim", 0) for v in values.values())
    place = read_axis(axis, rank + 1)
    samples = target.backend.batch(Plan(num, endpoint, target), values, make_eagerly)
    return target.backend.with_samples_at(place, samples) if place else samples


def grid_step(ends: Ends, num: int, endpoint: bool, target: Target) -> Any:
    """The step of a ``linspace``: a Python number, or an array of one a lane.

    An array is of the samples' floating dtype, rounded once; beside integer samples it is of the
    namespace's default dtype.
    """
    backend = target.backend
    if isinstance(target.fmt, IntFormat):
        fmt, dtype = backend.read_dtype(backend.default_dtype(target.device))
        target = target._replace(fmt=fmt, dtype=dtype)
    if not (_is_lane_among(ends, target) or is_symbolic(num)):
        start, stop = (read_scalar(name, end) for name, end in ends.items())
        step = complex_step if target.is_complex else linspace_step
        return step(start, stop, num - 1 if endpoint else num)
    return step_array(ends, num, endpoint, target)


def step_array(ends: Ends, num: int, endpoint: bool, target: Target) -> Any:
    """The step as an array of the target's dtype, rounded once; one a lane."""
    return target.backend.steps(Plan(num, endpoint, target), _read_ends(ends), make_steps)


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


def _read_ends(ends: Ends) -> Ends:
    for name, value in ends.items():
        if is_array(value):
            check_array(name, value)
    return {n: v if is_array(v) else read_scalar(n, v) for n, v in ends.items()}


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
