"""The array of an `arange`: its bounds read, its length found, its numbers handed on."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..deferred.ways import way_of
from ..exact.number import Scalar
from ..exact.progression import Arithmetic
from ..exact.rounding import FloatFormat
from ..grids.source import Line, Source
from ..grids.target import Target
from ..ground.loaded import is_compiling, is_for_torch, is_symbolic, read_sizes
from ..libraries.quantities import read_units
from ..libraries.scalars import is_date, is_integer
from .assemble import assemble
from .lengths import progression_of_bounds
from .target import read_target

__all__ = ["make_arange", "with_default_integer"]


def make_arange(start: Any, stop: Any, step: Any, inclusive: str, where: tuple[Any, ...]) -> Any:
    """The array; ``where`` is what `read_target` reads."""
    dtype, device, xp, chunks, spec = where
    if is_date(start) or is_date(stop) or is_date(step):
        from .dates import arange_dates, date_place

        place = date_place(device, xp, chunks, spec)
        return arange_dates(start, stop, step, inclusive, dtype, place)
    given = {"start": start, "stop": stop, "step": step}
    if is_compiling() and is_for_torch(given, xp):
        from .torch_compiled import compiled_arange

        return compiled_arange(start, stop, step, inclusive, dtype, device)
    if any(map(is_symbolic, given.values())):
        return _arange_of_sizes(start, stop, step, inclusive, dtype, device, xp)
    if stop is None:
        del given["stop"]
    given, scale = read_units("arange", given)
    target = read_target("arange", given, dtype, device, xp, chunks, spec)
    if dtype is None and all(map(is_integer, given.values())):
        target = with_default_integer(target)
    line = progression_of_bounds(given, inclusive)
    source = _complex(line, target) if target.is_complex else Line("arange", line, target.fmt)
    samples = assemble(source, target)
    return samples if scale is None else scale.samples(samples)


def _arange_of_sizes(
    start: Any, stop: Any, step: Any, inclusive: str, dtype: Any, device: Any, xp: Any
) -> Any:
    """The same between integers that are not all known yet."""
    if inclusive != "left":
        msg = f"inclusive must be 'left' beside a size that is not known yet, got {inclusive!r}"
        raise ValueError(msg)
    if stop is None:
        start, stop = 0, start
    bounds = {"start": start, "stop": stop, "step": step}
    _, xp = read_sizes(bounds, None, xp)
    target = read_target("arange", {}, dtype, device, xp)
    if dtype is None:
        target = with_default_integer(target)
    return way_of(target.backend).arange_of_sizes(bounds, target)


def with_default_integer(target: Target) -> Target:
    """The same place, for the library's default integers."""
    dtype = target.backend.default_integer(target.device)
    fmt, native = target.backend.read_dtype(dtype)
    return target._replace(fmt=fmt, dtype=native)


def _complex(line: Arithmetic, target: Target) -> Source:
    """The complex grid of a real progression: a ``linspace`` between its own ends."""
    from ..grids.complex import ComplexGrid

    ends = (Fraction(line.a + i * line.b, line.den) for i in (0, line.num))
    exact = tuple(Scalar(end.numerator, end.denominator) for end in ends)
    assert isinstance(target.fmt, FloatFormat)
    return ComplexGrid("arange", exact, line.num, False, target.fmt)
