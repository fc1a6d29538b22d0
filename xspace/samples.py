"""From the arguments of a call to its samples: what is read first, and which way they go."""

from __future__ import annotations

from typing import Any

from .arguments import read_axis, read_flag, read_length
from .assemble import assemble
from .backends.target import Target
from .float_environment import in_standard_environment
from .grids import source_of
from .loaded import is_compiling, is_for_torch, is_symbolic, read_sizes
from .messages import shown
from .quantities import read_units
from .quick import quick_samples
from .scalars import read_scalar
from .target import is_default, read_target
from .workers import read_workers

__all__ = ["make_samples", "read_ends", "samples_of", "step_of"]


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
        from .backends.torch_compiled import compiled_grid

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
    if not default:  # else nothing of this is imported
        from .lanes import batch, has_lanes

        if has_lanes(ends, target) or is_symbolic(count):
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


def step_of(ends: dict[str, Any], num: int, endpoint: bool, target: Target) -> Any:
    """What ``linspace`` returns beside its samples, if it is asked to."""
    from .lanes import grid_step

    return grid_step(ends, num, endpoint, target)


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
