"""What a kernel needs that makes a whole grid in one launch, correctly rounded, without the host.

A `Job` is a few numbers: the kernel gets them by value and makes its tables itself, from constants
that do not depend on the grid (`constants`).  Elements are ``start + i*step`` in fixed point, with
four words of 64 bits for the fraction, or two to that power (docs/method/fused).
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.fixed import exp2_fixed, ln2_fixed, log2_fixed
from ...exact.progression import Arithmetic, Geometric
from ...exact.rounding import FORMATS, FloatFormat, Format
from ...ground.thresholds import FUSED_ALONE
from ..arithmetic import HEAD_BITS, REACH, indices_between

__all__ = ["LONGEST", "Job", "constants", "job_of", "power_places"]

#: Grids longer than this are left to others: the error of ``i*step`` grows with ``i``.
LONGEST = 1 << 40

_WORD = (1 << 64) - 1
_FRACTION_BITS = 256
#: One half of what a kernel keeps of a fraction, three words: cutting is then rounding.
_HALF = 1 << 63

#: Half widths of the rounding tests: of powers relative to the element, or in units of the last
#: place of float64; of sums as a power of two of their unit.
_WIDTHS = {
    ("powers", "float64"): int(np.float64(2.0**-74).view(np.uint64)),
    ("powers", "float32"): 8,
}
_SUM_WIDTHS = {"float64": -50, "float32": 2}

#: Bits by which neighbouring exact cases have to be apart, of logarithms, and of odd parts of ends.
_APART_BITS = 120
_ODD_BITS = 64


class Job(NamedTuple):
    """A grid as the kernels take it; words are below ``2**64``, the highest first."""

    kind: str  #: "powers" or "sums"
    fmt: str  #: the name of the format
    num: int
    extra: int  #: of powers the bit of the sign, of sums the exponent of the unit
    width: int  #: half width of the rounding test: bits of a float64 number, or a number of ulps
    start: tuple[int, ...]  #: a whole part and four words of a fraction, in two's complement
    step: tuple[int, ...]

    @property
    def is_short(self) -> bool:
        """Whether each element is made by itself."""
        return self.num <= FUSED_ALONE

    @property
    def numbers(self) -> tuple[int, ...]:
        """What a kernel is called with, after the memory that it fills."""
        return (self.num, self.extra, self.width, *self.start, *self.step)

    @property
    def name(self) -> str:
        """What the kernel is called."""
        return f"{'short_' if self.is_short else ''}{self.kind}_{self.fmt}"


def job_of(line: Arithmetic | Geometric, fmt: Format, *, negative: bool = False) -> Job | None:
    """The job of a progression, negated if ``negative``; None if it has to be made otherwise."""
    if fmt not in (FORMATS["float64"], FORMATS["float32"]) or not 0 < line.num <= LONGEST:
        return None
    assert isinstance(fmt, FloatFormat)
    if isinstance(line, Geometric):
        return _powers(line, fmt, negative)
    return None if negative else _sums(line, fmt)


def _powers(line: Geometric, fmt: FloatFormat, negative: bool) -> Job | None:
    places = power_places(line)
    if places is None:
        return None
    sign = 1 << (63 if fmt.precision == 53 else 31) if negative else 0
    return Job("powers", fmt.name, line.num, sign, _WIDTHS["powers", fmt.name], *places)


def power_places(line: Geometric) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    """The logarithms of the first element and of the ratio, in five words each.

    None where an element may come nearer to a midpoint, or an integer, than 180 bits tell.
    """
    if not all(_is_short(n) for n in (*line.base, *line.scale)):
        return None
    reach = max(abs(line.a), abs(line.a + (line.num - 1) * line.b)).bit_length()
    reach = max(reach - line.den.bit_length() + 1, 0)
    wp = _FRACTION_BITS + 8 + reach
    base, scale = _log2(*line.base, wp), _log2(*line.scale, wp)
    if (abs(base) >> wp) + 1 << reach >= 1 << 30 or abs(scale) >> wp >= 1 << 30:
        return None
    # Exponents of exact cases have denominators below 2**11; others are as far from them as this.
    den = line.den // gcd(line.a, line.b, line.den)
    if base and den.bit_length() + 11 + wp - base.bit_length() >= _APART_BITS:
        return None
    start = (line.a * base // line.den + scale) >> (wp - _FRACTION_BITS)
    step = (line.b * base // line.den) >> (wp - _FRACTION_BITS)
    return _words(start + _HALF), _words(step)


def _is_short(n: int) -> bool:
    return (n // _twos(n)).bit_length() <= _ODD_BITS


def _twos(n: int) -> int:
    """The largest power of two that divides an integer; 1 for zero."""
    return n & -n or 1


@lru_cache(maxsize=256)
def _log2(n: int, d: int, wp: int) -> int:
    return 0 if n == d else log2_fixed(n, d, wp)


def _sums(line: Arithmetic, fmt: FloatFormat) -> Job | None:
    if line.exponent() not in (REACH if fmt.precision == 53 else range(-120, 127)):
        return None
    unit = line.exponent() - HEAD_BITS
    # All elements are multiples of 1 / (odd * 2**twos), twos negative for large integers.
    slope = gcd(line.a, line.b)
    den = line.den // gcd(slope, line.den)
    odd = den // _twos(den)
    twos = _twos(line.den).bit_length() - _twos(slope).bit_length()
    # The theorem of docs/method/arithmetic with an error of 2**-192 units in place of 2**-42.
    room = 191 - unit - odd.bit_length()
    if twos > room:
        return None
    first, end = indices_between(line, max(53 - room, -124 if fmt.precision == 24 else -1000))
    if any(line.a + i * line.b for i in range(first, min(end, first + 2))):
        return None  # besides a zero
    exact = line.is_multiple(unit - 40 if fmt.precision == 53 else unit)
    width = 0 if exact else (unit + _SUM_WIDTHS[fmt.name] + 1023) << 52
    shift = _FRACTION_BITS - unit
    up, down = (shift, line.den) if shift >= 0 else (0, line.den << -shift)
    start, step = (_nearest(n << up, down) for n in (line.a, line.b))
    return Job("sums", fmt.name, line.num, unit & _WORD, width, _words(start + _HALF), _words(step))


def _nearest(n: int, d: int) -> int:
    return (2 * n + d) // (2 * d)


def _words(x: int) -> tuple[int, ...]:
    return tuple(x >> 64 * k & _WORD for k in (4, 3, 2, 1, 0))


@lru_cache(maxsize=1)
def constants() -> npt.NDArray[np.uint64]:
    """``2**(j / 2**(8*k))`` for ``k`` from 1 to 4, 256 each, in units of ``2**-191``, rounded down.

    Then ``ln(2)**k / k!`` for ``k`` from 1 to 5, in units of ``2**-192``.  Three words each.
    """
    wp = 192 + 64  # the products below are too low by less than 2**10 of the last of these places
    numbers = []
    for k in (1, 2, 3, 4):
        ratio = exp2_fixed(1 << (wp - 8 * k), wp) - 2
        value = 1 << wp
        for _ in range(256):
            numbers.append(value >> (wp - 191))
            value = value * ratio >> wp
    ln2 = ln2_fixed(wp) - 2
    term = 1 << wp
    for k in (1, 2, 3, 4, 5):
        term = (term * ln2 >> wp) // k
        numbers.append(term >> (wp - 192))
    words = [n >> 64 * k & _WORD for n in numbers for k in (2, 1, 0)]
    return np.array(words, np.uint64)
