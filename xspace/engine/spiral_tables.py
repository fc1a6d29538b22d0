"""Tables whose outer product is a spiral, made on the host from integers.

An entry is a modulus times a rotation.  Rotations come from a recurrence of more than 200 bits,
so that parts much smaller than their entry are known to a relative precision, too.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ..exact.angles import cos_sin_fixed
from ..exact.fixed import QUICK_BITS, exp2_quick
from ..exact.spiral import Spiral

__all__ = ["SpiralTable", "spiral_tables"]

Array = npt.NDArray[np.float64]

#: Fractional bits of rotations; of the logarithms and angles of a grid, which are multiplied with
#: up to 2**40 indices; and what the rounding test adds to every part, relative to the entry.
_TURN_BITS = 224
_MORE_BITS = 64
_ALPHA_BITS = 57
#: A grid this near to an axis, in bits, gets tables of twice as many more bits.
_NEAREST = 380

#: What is added to every part besides: the square of it, times the half width of the test, is
#: above every underflow on the way.
_FLOOR = 2.0**-490

#: Columns at most, the binades that they may span, and the binary logarithms up to which rows are
#: made as they are, without an exponent of their own.
_COLUMNS = 1024
_COLUMN_SPAN = 200
_UNSCALED_SPAN = 400


class SpiralTable(NamedTuple):
    """Entries, in rows of real and of imaginary parts.

    ``head + tail`` is a part to ``2**-78``, relative to itself, and a little more relative to the
    entry; ``full`` is it rounded; ``size`` its magnitude, enlarged to cover that little.
    """

    head: Array
    tail: Array
    full: Array
    size: Array
    expo: npt.NDArray[np.int64]  #: the binary exponents that entries are still to be scaled by


def spiral_tables(line: Spiral) -> tuple[SpiralTable, SpiralTable, int]:
    """Tables ``H``, ``h`` of rows and of columns, and the number of columns."""
    extra_bits, near = 0, 0
    while True:
        extra_bits = min(near, _NEAREST)
        bits = _TURN_BITS + _MORE_BITS + 2 * extra_bits
        start, step = _line(line, bits)
        near = _nearness(start[1], start[1] + (line.num - 1) * step[1], bits)
        if near <= extra_bits + 8 or extra_bits == _NEAREST:
            break
    steepest = (_COLUMN_SPAN << bits) // (abs(step[0]) or 1)
    columns = max(min(math.isqrt(line.num), _COLUMNS, steepest), 1)
    count = -(-line.num // columns)
    rows = _table(start, (columns * step[0], columns * step[1]), count, extra_bits)
    return rows, _table((0, 0), step, columns, extra_bits), columns


def _line(line: Spiral, wp: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Logarithm and angle of the first element, and their steps."""
    log, turn = line.polar(line.a, wp)
    log_scale, turn_scale = line.polar_scale(wp)
    return (log + log_scale, turn + turn_scale), line.polar(line.b, wp)


def _nearness(first: int, last: int, wp: int) -> int:
    """For angles next to one axis, how many bits; else 0."""
    axis = (4 * first + (1 << (wp - 1))) >> wp
    distance = max(abs(4 * first - (axis << wp)), abs(4 * last - (axis << wp)))
    return max(wp - distance.bit_length(), 0)


def _table(
    start: tuple[int, int], step: tuple[int, int], count: int, extra_bits: int
) -> SpiralTable:
    """The entries ``start + k*step``.

    The first rotation and that of a step are off by less than 10 units of ``2**-wp`` in modulus:
    4 for cosine and sine, 2 pi for a floor of the angle.  Each product adds that of the step and
    1.5 for its floors.
    """
    wp, bits = _TURN_BITS + 2 * extra_bits, _TURN_BITS + _MORE_BITS + 2 * extra_bits
    mask = (1 << wp) - 1
    log, down = start[0], bits - QUICK_BITS
    c, s = cos_sin_fixed(start[1] >> _MORE_BITS & mask, wp)
    dc, ds = cos_sin_fixed(step[1] >> _MORE_BITS & mask, wp)
    fulls: list[float] = []
    rests: list[float] = []
    expos: list[int] = []
    for _ in range(count):
        expo = log >> bits
        modulus = exp2_quick(log - (expo << bits) >> down)
        for part in (modulus * c >> QUICK_BITS, modulus * s >> QUICK_BITS):
            full = float(part)
            fulls.append(full)
            rests.append(float(part - int(full)))
        expos.append(expo)
        c, s = (c * dc - s * ds) >> wp, (c * ds + s * dc) >> wp
        log += step[0]
    unit = 2.0**-wp
    full_parts, rest = (np.array(x).reshape(count, 2).T * unit for x in (fulls, rests))
    return _cut(full_parts, rest, expos, extra_bits)


def _cut(full: Array, rest: Array, expos: list[int], extra_bits: int) -> SpiralTable:
    """Heads of 26 bits and tails; exponents go into the numbers where these stay in range."""
    limit = 5000  # beyond every format, whatever the parts are
    expo = np.array([min(max(e, -limit), limit) for e in expos])
    if np.all(np.abs(expo) <= (_COLUMN_SPAN if extra_bits else _UNSCALED_SPAN)):
        full, rest = np.ldexp(full, expo), np.ldexp(rest, expo)
        expo = np.zeros_like(expo)
    full = np.ascontiguousarray(full)
    head = (full.view(np.int64) & np.int64(-1 << 27)).view(np.float64)
    tail = (full - head) + rest
    magnitude = np.abs(full)
    size = magnitude + (magnitude.sum(axis=0) * 2.0 ** -(_ALPHA_BITS + extra_bits) + _FLOOR)
    return SpiralTable(head, tail, full, size, expo)
