"""From the arguments of a call to its samples: what is read first, and which way they go."""

from __future__ import annotations

from typing import Any

from ..deferred.ways import way_of
from ..engine.gpu.launch import launcher
from ..engine.narrow import host_dtype
from ..engine.workers import read_workers
from ..exact.lines import complex_step, linspace_step
from ..exact.rounding import IntFormat
from ..grids.from_scalars import source_of
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..ground.loaded import is_compiling, is_for_torch, is_symbolic, read_sizes
from ..ground.messages import shown
from ..ground.thresholds import DEVICE_GRID
from ..lanes.plan import Ends, Plan
from ..libraries import NUMPY
from ..libraries.quantities import read_units
from ..libraries.scalars import check_array, has_dates, is_array, read_scalar
from .arguments import read_axis, read_flag, read_length
from .assemble import assemble
from .quick import QUICK
from .target import is_default, read_target

__all__ = [
    "make_linspace",
    "make_samples",
    "read_ends",
    "samples_of",
    "step_array",
    "step_of",
]


@in_standard_environment
def make_samples(
    caller: str,
    ends: dict[str, Any],
    num: Any,
    endpoint: bool,
    axis: Any,
    where: tuple[Any, ...],
    workers: Any,
) -> Any:
    """The array of the function that ``caller`` names; ``where`` is what `read_target` reads."""
    if is_compiling() and is_for_torch(ends, where[2]):
        from .torch_compiled import compiled_grid

        return compiled_grid(caller, ends, num, endpoint, axis, where)
    count, endpoint = read_length(num), read_flag("endpoint", endpoint)
    ends, scale = read_units(caller, ends)
    ends, target = read_ends(caller, ends, count, *where)
    samples = samples_of(ends, count, endpoint, axis, target, workers)
    return samples if scale is None else scale.samples(samples)


@in_standard_environment
def make_linspace(
    ends: dict[str, Any],
    num: Any,
    endpoint: Any,
    retstep: Any,
    axis: Any,
    where: tuple[Any, ...],
    workers: Any,
) -> Any:
    """The samples, and the step if it is asked for; ``where`` is what `read_target` reads."""
    num = read_length(num)
    endpoint, retstep = read_flag("endpoint", endpoint), read_flag("retstep", retstep)
    ends, scale = read_units("linspace", ends)
    start, stop = ends.values()
    if scale is None and has_dates(start, stop):
        from .dates import date_place, linspace_dates

        dtype, device, xp, chunks, spec = where
        place = date_place(device, xp, chunks, spec, (start, stop))
        read_workers(workers)
        return linspace_dates((start, stop), num, endpoint, dtype, axis, retstep, place)
    ends, target = read_ends("linspace", ends, num, *where)
    samples = samples_of(ends, num, endpoint, axis, target, workers)
    step = step_of(ends, num, endpoint, target) if retstep else None
    if scale is not None:
        samples, step = scale.samples(samples), scale.step(step) if retstep else None
    return (samples, step) if retstep else samples


def read_ends(
    caller: str, ends: dict[str, Any], count: Any, dtype: Any, device: Any, xp: Any, *parts: Any
) -> tuple[dict[str, Any], Target]:
    """The ends, sizes that are not known yet as arrays, and where the samples go."""
    ends, xp = read_sizes(ends, count, xp)
    return ends, read_target(caller, ends, dtype, device, xp, *parts)


def samples_of(
    ends: dict[str, Any], count: int, endpoint: bool, axis: Any, target: Target, workers: Any
) -> Any:
    """The same, of what has been read."""
    if not is_default(target) and (_has_lanes(ends, target) or is_symbolic(count)):
        return batch(ends, count, endpoint, axis, _with_workers(target, workers))
    read_axis(axis)
    if workers is None and target.backend is not NUMPY:  # of NumPy, it said no before all this
        samples = _quick_samples(ends, count, endpoint, target)
        if samples is not None:
            return samples
    scalars = tuple([read_scalar(name, end) for name, end in ends.items()])
    if workers is not None:
        target = _with_workers(target, workers)
    complex_ = target.is_complex
    source = source_of(target.caller, scalars, count, endpoint, target.fmt, is_complex=complex_)
    return assemble(source, target)


def _quick_samples(ends: dict[str, Any], num: int, endpoint: bool, target: Target) -> Any:
    """The array of a target, if the engine makes it on the host, of numbers; or None."""
    if target.is_complex or target.layout is not None or target.workers > 1:
        return None
    backend, device, fmt = target.backend, target.device, target.fmt
    dtype = host_dtype(fmt)
    if dtype.name != fmt.name or launcher(backend, device) is not None:
        return None
    if num >= DEVICE_GRID:  # made by the device, or in memory of the library
        return None
    start, stop, *base = ends.values()
    samples = QUICK[target.caller](start, stop, num, endpoint, dtype, 0, *base)
    return None if samples is None else backend.from_host(samples, fmt, target.dtype, device)


def _has_lanes(ends: Ends, target: Target) -> bool:
    """Whether an end is an array of lanes, or one whose value cannot be taken out now."""
    way = way_of(target.backend)
    return way.is_abstract(target.device) or _is_lane_among(ends, target)


def _is_lane_among(ends: Ends, target: Target) -> bool:
    return any(is_array(v) and target.backend.is_many(v) for v in ends.values())


def batch(ends: Ends, num: int, endpoint: bool, axis: Any, target: Target) -> Any:
    """The array of ``num`` samples a lane, along ``axis`` of the result."""
    values = _read_ends(ends)
    rank = max(getattr(v, "ndim", 0) for v in values.values())
    place = read_axis(axis, rank + 1)
    samples = way_of(target.backend).samples(Plan(num, endpoint, target), values)
    return target.backend.with_first_axis_at(place, samples) if place else samples


def step_of(ends: Ends, num: int, endpoint: bool, target: Target) -> Any:
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
    return way_of(target.backend).steps(Plan(num, endpoint, target), _read_ends(ends))


def _read_ends(ends: Ends) -> Ends:
    for name, value in ends.items():
        if is_array(value):
            check_array(name, value)
    return {n: v if is_array(v) else read_scalar(n, v) for n, v in ends.items()}


def _with_workers(target: Any, workers: Any) -> Any:
    """The target with a number of threads; an error where the library has its own."""
    count = read_workers(workers)
    if count > 1 and target.layout is not None:
        msg = (
            f"workers is for grids that this call makes, got {shown(workers)}: "
            f"{target.backend.name} makes each chunk in a worker of its own, as many at a time "
            "as its scheduler has"
        )
        raise ValueError(msg)
    return target._replace(workers=count)
