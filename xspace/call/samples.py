"""From the arguments of a call to its samples: what is read first, and which way they go."""

from __future__ import annotations

from typing import Any

from ..deferred.ways import way_of
from ..engine.workers import read_workers
from ..exact.lines import complex_step, linspace_step
from ..exact.rounding import IntFormat
from ..grids.from_scalars import source_of
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..ground.loaded import is_compiling, is_for_torch, is_symbolic, read_sizes
from ..ground.messages import shown
from ..lanes.plan import Ends, Plan
from ..libraries.quantities import read_units
from ..libraries.scalars import check_array, is_array, read_scalar
from .arguments import read_axis, read_flag, read_length
from .assemble import assemble
from .quick import quick_samples
from .target import is_default, read_target

__all__ = ["make_samples", "read_ends", "samples_of", "step_array", "step_of"]


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
    default = is_default(target)
    if not default and (_has_lanes(ends, target) or is_symbolic(count)):
        return batch(ends, count, endpoint, axis, _with_workers(target, workers))
    read_axis(axis)
    if workers is None and not default:  # with defaults, that was tried before all this
        samples = quick_samples(ends, count, endpoint, target)
        if samples is not None:
            return samples
    scalars = tuple([read_scalar(name, end) for name, end in ends.items()])
    if workers is not None:
        target = _with_workers(target, workers)
    complex_ = target.is_complex
    source = source_of(target.caller, scalars, count, endpoint, target.fmt, is_complex=complex_)
    return assemble(source, target)


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
