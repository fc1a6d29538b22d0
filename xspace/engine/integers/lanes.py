"""Grids between arrays of ends, correctly rounded, with integer array operations only."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from ...exact.number import Scalar
from ...exact.rounding import FloatFormat, Format
from .ends import FAR, SCALAR_BITS, End, infinite, not_a_number, small, snapped, write
from .limbs import (
    Limbs,
    Words,
    any_bit,
    carry,
    constant,
    multiply,
    negate_where,
    normalise,
    select,
    shift_right,
    top_bit,
)
from .powers import exp2, log2, log2_relative

__all__ = [
    "LaneLine",
    "LaneSteps",
    "geomspace_bits",
    "linspace_bits",
    "logspace_bits",
    "parity",
    "read_line",
    "read_steps",
    "slack_of",
    "split",
    "step_bits",
]


class LaneSteps(NamedTuple):
    """``i`` and ``div - i`` as fractions of ``2**size``, and ``2**size / div``."""

    rising: Limbs
    falling: Limbs
    size: int  #: bits of ``div``
    first: Any
    last: Any
    div: Any

    def pick(self, words: Words, start: Any, stop: Any, inner: Any) -> Any:
        """Booleans: of the start, of the stop, and of all the elements between them."""
        where = words.xp.where
        return where(self.first, start, where(self.last, stop, inner))

    def inverse(self, words: Words, n: int) -> Limbs:
        """``2**size / div`` in [1, 2] with ``n`` limbs, rounded down."""
        if isinstance(self.div, int):
            return constant(words, (1 << (self.size + n * words.w)) // self.div, n)
        return _reciprocal(words, self.div, n)


def read_steps(words: Words, index: Any, div: Any) -> LaneSteps:
    """Each ``i`` of ``0 ... div`` as a fraction; ``div`` a Python integer or an array."""
    index = words.array(index)
    first, last = index == 0, index == div
    if isinstance(div, int):
        size = div.bit_length()
    else:  # (div - i) and i times a power of two, so that div has 31 bits
        size = 31
        div = words.array(div)
        shift = 30 - top_bit(words, div, 31)
        index, div = index << shift, div << shift
    rising, falling = _fraction(words, index, size), _fraction(words, div - index, size)
    return LaneSteps(rising, falling, size, first, last, div)


def _reciprocal(words: Words, div: Any, n: int) -> Limbs:
    """``2**31 / div`` for ``2**30 <= div < 2**31`` by long division, rounded down."""
    remainder = (((1 << 31) - 1) - div) + 1  # 2**31 - div
    whole = remainder >= div
    limbs: Limbs = [words.where(whole, 2, 1)]
    remainder = words.where(whole, remainder - div, remainder)
    for _ in range(n):
        if words.width == 64:
            digit = (remainder << words.w) // div
            remainder = (remainder << words.w) - digit * div
        else:
            digit = remainder - remainder
            for _ in range(words.w):  # a bit at a time, as 2 * rest may not fit
                bit = remainder >= div - remainder
                remainder = words.where(bit, remainder - (div - remainder), remainder + remainder)
                digit = words.where(bit, digit + digit + 1, digit + digit)
        limbs.append(digit)
    return limbs


def _fraction(words: Words, c: Any, size: int) -> Limbs:
    """``c / 2**size`` for ``0 <= c < 2**size``."""
    limbs: Limbs = [0]
    for k in range(1, words.limbs(size) + 1):
        shift = size - k * words.w
        part = c >> shift if shift >= 0 else (c & ((1 << (words.w + shift)) - 1)) << -shift
        limbs.append(part & words.mask)
    return limbs


class LaneLine(NamedTuple):
    """``(start*(div - i) + stop*i) / 2**size``: as ``limbs * 2**expo``, ``limbs`` 0 or in [1, 2).

    And as ``sums * 2**place``, with ``sums`` below 2 of fewer than ``bits`` bits after the point.
    """

    negative: Any
    zero: Any
    limbs: Limbs
    expo: Any
    sums: Limbs
    place: Any
    bits: int
    exact: bool
    lost: Any  #: where some bits of the smaller end were cut off


def read_line(words: Words, start: End, stop: End, steps: LaneSteps, precision: int) -> LaneLine:
    """The line between ends that are finite, of ``precision`` bits and more, or exact."""
    room = precision + 2 + 2 * steps.size
    bits = max(start.bits, stop.bits) + room
    n = words.limbs(bits - 1)
    expo = words.where(start.expo > stop.expo, start.expo, stop.expo)
    low, low_lost = _aligned(words, start, expo, n, bits, room)
    high, high_lost = _aligned(words, stop, expo, n, bits, room)
    lost = (low_lost | high_lost) & ~(steps.first | steps.last)
    # At its own end each of them stands alone, however small beside the other.
    low = select(words, steps.first, _signed(words, start), low)
    high = select(words, steps.last, _signed(words, stop), high)
    expo = words.where(steps.first, start.expo, words.where(steps.last, stop.expo, expo))
    n += len(steps.rising) - 1
    sums = multiply(words, n, (low, steps.falling), (high, steps.rising))
    negative = sums[0] < 0
    sums = carry(words, negate_where(words, negative, sums))
    exact = start.exact and stop.exact
    if not exact:  # rounded so that what should cancel does
        keep = (SCALAR_BITS - 8) // words.w
        if keep < n:
            half = sums[keep + 1] >> (words.w - 1)
            sums = carry(words, [*sums[:keep], sums[keep] + half])
        bits = keep * words.w
    zero = any_bit(sums) == 0
    limbs, shift = normalise(words, sums)
    bits += steps.size + 1
    shift = words.where(zero, -FAR, expo + shift)
    return LaneLine(negative, zero, limbs, shift, sums, expo, bits, exact, lost)


def _signed(words: Words, end: End) -> Limbs:
    return [words.where(end.negative, -x, x) for x in end.limbs]


def _aligned(words: Words, end: End, expo: Any, n: int, bits: int, room: int) -> tuple[Limbs, Any]:
    """An end in units of ``2**expo``, and where it has bits after the first ``bits``.

    These become one that is set.
    """
    away = expo - end.expo
    limbs = shift_right(words, end.limbs + [0] * (n + 1 - len(end.limbs)), away)
    lost = (away > room) & (end.limbs[0] != 0)
    last = n * words.w - (bits - 1)
    sticky = (limbs[-1] & ~((1 << last) - 1)) | (1 << last)
    limbs[-1] = words.where(lost, sticky, limbs[-1])
    return words.settle([words.where(end.negative, -x, x) for x in limbs]), lost


def _nudge(words: Words, start: End, stop: End, steps: LaneSteps, negative: Any) -> Any:
    """The sign of an end that is a trace beside the other one, turned where ``negative``; else 0.

    Without the trace the element may be exactly on a midpoint or an integer; so it is next to it.
    """
    far = min(max(start.bits, stop.bits), 64) + steps.size + 8
    nudge: Any = 0
    for end, other in ((start, stop), (stop, start)):
        trace = (other.expo - end.expo > far) & (end.limbs[0] != 0)
        nudge = words.where(trace, words.where(end.negative ^ negative, -1, 1), nudge)
    return words.where(steps.first | steps.last, 0, nudge)


#: A quotient is low by less than 32 units: the inverse by one, and 28 products of limbs at most.
QUOTIENT_SLACK = 6

#: Bits of a result beyond its precision.
MORE_BITS = 51

#: Powers of exponents below ``2**-NEAR`` are taken for 1, and for what lies next to it.
NEAR = 60


def _working_limbs(words: Words, fmt: Format) -> tuple[int, int]:
    """Limbs of the powers, and how many of their last bits may be wrong."""
    bits = MORE_BITS + (fmt.precision if isinstance(fmt, FloatFormat) else fmt.high.bit_length())
    n = 3
    while n * words.w - slack_of(n) < bits:
        n += 1
    return n, slack_of(n)


def slack_of(n: int) -> int:
    """Bits of twice the ``8*n*n`` units by which a power may be off."""
    return (8 * n * n - 1).bit_length() + 1


def linspace_bits(words: Words, start: End, stop: End, index: Any, div: Any, fmt: Format) -> Any:
    """``(start*(div - i) + stop*i) / div``, rounded once; the floor in an integer format."""
    steps = read_steps(words, index, div)
    inner = start.negative & stop.negative
    zero = steps.pick(words, start.negative, stop.negative, inner)
    bits = _quotient(words, start, stop, steps, zero, fmt)
    nan, infinity, negative = _limits(words, start, stop, steps)
    bits = words.where(infinity, infinite(words, negative, fmt), bits)
    return words.where(nan, not_a_number(fmt), bits)


def step_bits(words: Words, start: End, stop: End, div: Any, fmt: Format) -> Any:
    """``(stop - start) / div``, rounded once; NaN where an end is not finite."""
    steps = read_steps(words, 1, div)
    never = words.flag(False)
    steps = steps._replace(falling=steps.rising, first=never, last=never)
    nan = ~(start.finite & stop.finite)
    start = start._replace(negative=~start.negative)
    bits = _quotient(words, start, stop, steps, never, fmt)
    return words.where(nan, not_a_number(fmt), bits)


def _quotient(words: Words, start: End, stop: End, steps: LaneSteps, zero: Any, fmt: Format) -> Any:
    """The bits of a line over ``div``, for finite ends; ``zero`` says which zeros are negative."""
    precision = fmt.precision if isinstance(fmt, FloatFormat) else words.width
    line = read_line(words, start, stop, steps, precision)
    n = words.limbs(line.bits + QUOTIENT_SLACK)
    quotient = multiply(words, n, (line.limbs, steps.inverse(words, n)))
    negative = words.xp.where(line.zero, zero, line.negative)
    slack, nudge = QUOTIENT_SLACK, None
    if not line.exact:
        slack, nudge = words.w, _nudge(words, start, stop, steps, line.negative)
    return write(words, negative, quotient, line.expo, fmt, slack, floor=True, nudge=nudge)


def _limits(words: Words, start: End, stop: End, steps: LaneSteps) -> tuple[Any, Any, Any]:
    """Where the elements of a line are NaN or infinite, and the signs of the infinite ones."""
    both = start.infinite & stop.infinite
    nan = start.nan | stop.nan | (both & (start.negative ^ stop.negative))
    nan = steps.pick(words, start.nan, stop.nan, nan)
    infinity = steps.pick(words, start.infinite, stop.infinite, start.infinite | stop.infinite)
    negative = words.xp.where(start.infinite, start.negative, stop.negative)
    return nan, infinity, steps.pick(words, start.negative, stop.negative, negative)


def geomspace_bits(words: Words, start: End, stop: End, index: Any, div: Any, fmt: Format) -> Any:
    """``start * (stop/start)**(i/div)``, rounded once; truncated in an integer format."""
    n, slack = _working_limbs(words, fmt)
    steps = read_steps(words, index, div)
    low, high = (words.settle(log2(words, end, n + 1)) for end in (start, stop))
    sums = multiply(words, n + 1, (low, steps.falling), (high, steps.rising))
    log = multiply(words, n + 1, (sums, steps.inverse(words, n + 1)))
    power = exp2(words, [0, *log[1 : n + 1]])
    negative = steps.pick(words, start.negative, stop.negative, start.negative)
    bits = write(words, negative, power, log[0], fmt, slack)
    opposite = start.negative ^ stop.negative
    nan = steps.pick(words, start.nan, stop.nan, start.nan | stop.nan | opposite)
    _, infinity, _ = _limits(words, start, stop, steps)
    bits = words.where(infinity, infinite(words, negative, fmt), bits)
    return words.where(nan | start.zero | stop.zero, not_a_number(fmt), bits)


def logspace_bits(
    words: Words, start: End, stop: End, base: End, index: Any, div: Any, fmt: Format
) -> Any:
    """``base ** ((start*(div - i) + stop*i) / div)``, rounded once; truncated to an integer."""
    n, slack = _working_limbs(words, fmt)
    steps = read_steps(words, index, div)
    # Parity asks for 64; the errors of the sums are below 2**-(bits + precision - 1).
    precision = max(64, n * words.w + 15 - max(start.bits, stop.bits))
    line = read_line(words, start, stop, steps, precision)
    log = log2_relative(words, base, n + 1)
    slope = multiply(words, n + 1, (log.limbs, steps.inverse(words, n + 1)))
    product = multiply(words, n + 1, (line.limbs[: n + 2], slope))
    expo, falls = line.expo + log.expo, line.negative ^ log.negative
    huge = expo > 12
    whole, fraction = split(words, product, words.where(huge, 12, expo), falls)
    whole = words.where(huge, words.where(falls, -FAR, FAR), whole)
    power = exp2(words, fraction)

    if base.scalar is not None and not _has_sign(base.scalar):
        integer, odd = words.flag(True), words.flag(False)
    else:
        integer, odd = parity(words, line, steps)
    nan, infinity, negative = _limits(words, start, stop, steps)
    finite = ~(nan | infinity)
    zero = line.zero & finite
    # What lies next to 1 lies on the side that the exponent says.
    nudge = _nudge(words, start, stop, steps, log.negative)
    nudge = words.where(expo < -NEAR, words.where(falls, -1, 1), nudge)
    nudge = words.where(line.zero, 0, nudge)
    bits = write(words, base.negative & odd, power, whole, fmt, slack, nudge=nudge)

    # As IEEE 754's pow; the later a line, the more it counts.
    where = words.xp.where
    limit = base.zero | base.infinite
    negative = where(finite, line.negative, negative)
    grows = base.infinite | (~base.zero & ~log.negative)
    sign = base.negative & odd & limit & finite
    far = where(grows ^ negative, infinite(words, sign, fmt), small(words, 0, sign, fmt))
    bits = words.where(limit | infinity, far, bits)
    no_sign = base.negative & ~limit & (infinity | ~integer)
    bits = words.where(nan | base.nan | no_sign, not_a_number(fmt), bits)
    one = _is_one(base) | zero
    return words.where(one, small(words, 1, words.flag(False), fmt), bits)


def _has_sign(base: Scalar) -> bool:
    return base.n < 0 or base.is_negative_zero or base.special == -math.inf


def _is_one(base: End) -> Any:
    """Where the base is 1."""
    other = base.negative | (base.expo != 0) | (base.limbs[0] != 1)
    return ~(other | (any_bit(base.limbs[1:]) != 0))


def parity(words: Words, line: LaneLine, steps: LaneSteps) -> tuple[Any, Any]:
    """Where ``(start*(div - i) + stop*i) / div`` is an integer, and where an odd one.

    A multiple of the unit of the ends over a power of two has no bits after ``most`` places, and
    every other quotient has: so no more places count, however large the exponents are.  The sums
    are taken before they are normalised: sharing long chains of choices with the powers makes
    compilers repeat them.
    """
    w, most = words.w, line.bits + steps.size
    n = words.limbs(most + steps.size + QUOTIENT_SLACK)
    quotient = multiply(words, n, (line.sums, steps.inverse(words, n)))
    large = line.place > most
    unit = words.where(large, most, line.place)  # the place of the bit that is worth one
    lower: Any = 0
    last: Any = 0
    for k, limb in enumerate(snapped(words, quotient, QUOTIENT_SLACK)):
        after = k * w - unit
        before = after < 0
        after = words.where(before, 0, words.where(after < w, after, w))
        lower = (limb & ((words.array(1) << after) - 1)) | lower
        last = words.where(before, 0, (limb >> after) & 1) | last
    integer = (lower == 0) & ~line.lost
    return integer | line.zero, (last == 1) & integer & ~large & ~line.zero


def split(words: Words, product: Limbs, expo: Any, negative: Any) -> tuple[Any, Limbs]:
    """``floor(y)`` and ``[0, f1, ...]`` of ``y = +-product * 2**expo``, ``expo <= 12``."""
    shifted = shift_right(words, product, words.w - expo)
    y = [(shifted[0] << words.w) + shifted[1], *shifted[2:]]
    y = carry(words, negate_where(words, negative, y))
    return y[0], [0, *y[1:]]
