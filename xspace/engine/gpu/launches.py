"""What the kernels in CUDA C++ are called with: a few whole numbers that are all of a grid.

Scalars need nothing else: what a kernel cannot decide by itself does not get there.  Of lanes it
leaves elements to the host, which it counts in memory that it is given.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple, TypeAlias

from ...exact.number import Scalar
from ...exact.progression import Arithmetic, Geometric
from ...exact.rounding import FloatFormat, Format, IntFormat
from ...ground.thresholds import FUSED_ALONE, LANE_SAMPLES, LANE_THREADS
from ..arithmetic import indices_between
from ..native.filling import CODES, FUNCTIONS, significand, sum_words
from .cupy_source import COLUMN_BYTES, ROWS, THREADS
from .fused import LONGEST, power_places

__all__ = ["ARRAYS", "NO_END", "Launch", "Words", "grid_launch", "lanes_launch", "scalar_end"]

Words: TypeAlias = tuple[int, ...]

_WORD = (1 << 64) - 1
#: More blocks than that go through a grid of single elements in steps.
_MOST_BLOCKS = 1 << 20
#: Lanes and their samples have fewer elements.
_MOST_ELEMENTS = 1 << 31
#: Exponents of sums whose heads and tails are normal numbers of float64, and of float32 the sums.
_SUMS = {"float64": range(-799, 1000), "float32": range(-799, 126)}
#: Compilers may take numbers of float32 below this for zeros.
_LEAST_FLOAT32 = -125

#: Arrays of ends, by the names of their dtypes: `Kind` of lanes.h, and bytes a number.
ARRAYS = {
    "float64": (1, 8),
    "float32": (2, 4),
    "float16": (3, 2),
    "bfloat16": (4, 2),
    **{f"int{8 * size}": (5, size) for size in (1, 2, 4, 8)},
    **{f"uint{8 * size}": (6, size) for size in (1, 2, 4, 8)},
}


class Launch(NamedTuple):
    """A kernel, how many blocks run it, and its arguments behind the address of the memory."""

    kernel: str
    blocks: int
    words: Words


def grid_launch(
    line: Arithmetic | Geometric, fmt: Format, negative: bool, most: int
) -> Launch | None:
    """What makes a progression, or None; ``most`` blocks are enough for a long grid."""
    if fmt.name not in CODES or not 0 < line.num <= LONGEST:
        return None
    if isinstance(fmt, IntFormat) and not _fits(line, fmt, negative):
        return None
    if isinstance(line, Geometric):
        places = power_places(line)
        if places is None:
            return None
        start, step = places
        words: Words = (CODES[fmt.name], line.num, int(negative), *start, *step)
        return _launch("powers", line.num, fmt, most, words, line.num > FUSED_ALONE)
    if negative:
        return None
    sums = sum_words(line)
    if sums is None:
        return None
    unit, first, step, rests = sums
    if isinstance(fmt, FloatFormat) and _leaves_open(line, fmt, unit):
        return None
    words = (CODES[fmt.name], line.num, unit & _WORD, *first, *step, *rests)
    long = line.num > FUSED_ALONE and line.exponent() in _SUMS.get(fmt.name, ())
    long = long and not (fmt.name == "float32" and _has_below(line, _LEAST_FLOAT32))
    return _launch("sums", line.num, fmt, most, words, long)


def _launch(kind: str, num: int, fmt: Format, most: int, words: Words, long: bool) -> Launch:
    if long and fmt.name in _SUMS:
        wide = COLUMN_BYTES // (8 if fmt.name == "float64" else 4)
        return Launch(f"{kind}_{fmt.name}", min(-(-num // (ROWS * THREADS * wide)), most), words)
    return Launch(kind, min(-(-num // THREADS), _MOST_BLOCKS), words)


def _fits(line: Arithmetic | Geometric, fmt: IntFormat, negative: bool) -> bool:
    """Whether all elements are in the range of an integer format; the grid is monotone."""
    ends = (line.rounded(i, fmt) for i in (0, line.num - 1))
    return all(fmt.low <= (-end if negative else end) <= fmt.high for end in ends)


def _leaves_open(line: Arithmetic, fmt: FloatFormat, unit: int) -> bool:
    """Whether elements may be no multiples of the unit and reach down to it with a midpoint."""
    return not line.is_multiple(unit) and _has_below(line, unit + fmt.precision + 1)


def _has_below(line: Arithmetic, expo: int) -> bool:
    """Whether elements have a magnitude below ``2**expo``, or equal, and are not zero."""
    first, end = indices_between(line, expo)
    return any(line.a + i * line.b for i in range(first, min(end, first + 2)))


#: The words of an end that a function does not have.
NO_END: Words = (0, 0, 1 << 63, 0)


def scalar_end(x: Scalar) -> Words | None:
    """A number as words for the kernel; None if it is long."""
    found = significand(x)
    return None if found is None else (0, *found[:2], found[2] & _WORD)


def lanes_launch(
    caller: str,
    fmt: Format,
    shape: tuple[int, ...],
    num: int,
    div: int,
    ends: tuple[Words, Words, Words],
    report: int,
    room: int,
) -> Launch | None:
    """What makes lanes, or None; at ``report`` is memory for 2 counts and twice ``room`` indices.

    The first count is of elements, and the second of lanes, that are left to the host.
    """
    count = prod(shape)
    if fmt.name not in CODES or not 0 < num * count < _MOST_ELEMENTS or div >= _MOST_ELEMENTS:
        return None
    samples = min(max(LANE_SAMPLES, -(-num * count // LANE_THREADS)), num)
    threads = -(-num // samples) * count
    words = (CODES[fmt.name], FUNCTIONS[caller], num, div, count, samples, report, room)
    return Launch("lanes", -(-threads // THREADS), (*words, *(w for end in ends for w in end)))
