"""From a progression to an array of a backend: checks, memory, and which kernel runs where."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np

from .exact.progression import Arithmetic, Geometric
from .exact.rounding import FORMATS, Format, IntFormat
from .kernels.arithmetic import fill_arithmetic
from .kernels.compiled import compiled
from .kernels.geometric import fill_geometric
from .kernels.narrow import host_dtype, round_to_format, to_bits
from .target import Target
from .workers import in_pieces, is_free

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "LONG",
    "SHORT",
    "abstract",
    "check_range",
    "fill",
    "fill_with_workers",
    "make_on_host",
    "produce",
    "produce_values",
    "raise_range",
]

#: Grids shorter than this are made on the host and moved: a few kernels on a device cost more.
SHORT = 1 << 16

#: Shorter sums are constants where a program is recorded: 2 MB at most.
LONG = 1 << 18


def produce(line: Arithmetic | Geometric, target: Target, *, negative: bool = False) -> Any:
    """The array of a progression's elements, negated if ``negative``."""
    fmt = target.fmt
    if target.layout is not None:
        from .parts import in_parts

        return in_parts(line, target, negative=negative)
    if target.backend.is_abstract(target.device):
        return abstract(line, target, negative=negative)
    if isinstance(line, Arithmetic) and line.num >= LONG:
        array = target.backend.in_program(line, target)
        if array is not None:
            return array
    make = target.backend.fused(target.device)
    if make is not None:
        from .kernels.fused import plan_of

        plan = plan_of(line, fmt, negative=negative)
        array = None if plan is None else make(plan, target.dtype)
        if array is not None:
            return array
    if line.num >= SHORT and not target.backend.makes_on_host(target.device):
        from .kernels.device import make_on_device

        array = make_on_device(line, target.backend, fmt, target.dtype, target.device)
        if array is not None:
            return -array if negative else array
    host = make_on_host(line, target, negative=negative)
    return target.backend.from_host(host, fmt, target.dtype, target.device)


def abstract(
    line: Arithmetic | Geometric,
    target: Target,
    *,
    negative: bool = False,
    zeros: range = range(0),
) -> Any:
    """The same where arrays have no elements yet, ``-0.0`` at the indices ``zeros``."""
    return target.backend.from_abstract(line, target, negative=negative, zeros=zeros)


def make_on_host(
    line: Arithmetic | Geometric,
    target: Target,
    *,
    negative: bool = False,
    places: range | None = None,
) -> npt.NDArray[Any]:
    """The same in host memory; ``places`` picks a slice of the elements."""
    fmt = target.fmt
    part = line if places is None else line.slice(places.start, places.step, len(places))
    if isinstance(fmt, IntFormat):
        check_range(part, target, fmt, places or range(line.num), negative=negative)
        if negative:  # a magnitude may exceed the format by one
            magnitudes = np.empty(part.num, np.uint64)
            fill_with_workers(magnitudes, part, fmt, target.workers)
            return np.negative(magnitudes).astype(host_dtype(fmt))
    host = target.backend.host_memory(part.num, host_dtype(fmt))
    fill_with_workers(host, part, fmt, target.workers)
    if negative:
        _negate(host)
    return host


def fill(out: npt.NDArray[Any], line: Arithmetic | Geometric, fmt: Format) -> None:
    """Write a progression's elements into host memory of `host_dtype`."""
    if line.num == 0:
        return
    if isinstance(line, Arithmetic):
        fill_arithmetic(out, line, fmt)
    else:
        fill_geometric(out, line, fmt)


def fill_with_workers(
    out: npt.NDArray[Any], line: Arithmetic | Geometric, fmt: Format, workers: int
) -> None:
    """The same with so many threads, where they are faster than one."""
    # Loops that are worth their import are imported here, by one thread for all.
    if workers == 1 or (compiled(line.num) is None and not is_free()):
        fill(out, line, fmt)
        return

    def make(first: int, last: int) -> None:
        fill(out[first:last], line.slice(first, 1, last - first), fmt)

    in_pieces(line.num, workers, make)


def _negate(host: npt.NDArray[Any]) -> None:
    """Change the signs of floats in place; those of 16 bits are bits."""
    if host.dtype == np.uint16:
        host ^= np.uint16(0x8000)
    else:
        np.negative(host, out=host)


def produce_values(values: npt.NDArray[np.float64], target: Target) -> Any:
    """The array of float64 numbers that are exact in the target's format, or not finite."""
    fmt = target.fmt
    if isinstance(fmt, IntFormat):
        for i in np.flatnonzero(~((values >= fmt.low) & (values < fmt.high + 1))):
            raise_range(target, int(i), float(values[i]), fmt)
        host = values.astype(host_dtype(fmt))
    elif fmt.name == "float64":
        host = values
    else:
        with np.errstate(all="ignore"):
            host = round_to_format(values, fmt)
        if fmt.precision < 24:  # a NaN has no place in the arithmetic of bits
            host[np.isnan(values)] = to_bits(math.nan, fmt)
    return target.backend.from_host(host, fmt, target.dtype, target.device)


def check_range(
    line: Arithmetic | Geometric,
    target: Target,
    fmt: IntFormat,
    places: range,
    *,
    negative: bool,
) -> None:
    """An OverflowError for the first element outside the integer format; the grid is monotone."""

    def outside(i: int) -> bool:
        value = line.rounded(i, fmt)
        return not fmt.low <= (-value if negative else value) <= fmt.high

    last = line.num - 1
    if line.num == 0 or not (outside(0) or outside(last)):
        return
    index = 0 if outside(0) else bisect_left(range(line.num), True, key=outside)
    value = line.rounded(index, FORMATS["float64"])
    raise_range(target, places[index], -value if negative else value, fmt)


def raise_range(target: Target, index: int, value: float, fmt: IntFormat) -> None:
    """The error of a value that is outside the integer format, or NaN."""
    msg = (
        f"{target.caller}: element {index} is {value!r}, which {fmt.name} cannot hold "
        f"({fmt.low} to {fmt.high})"
    )
    raise (ValueError if math.isnan(value) else OverflowError)(msg)
