"""The places of a grid's elements between its ends, as fractions, and lines at them."""

from __future__ import annotations

from typing import Any, NamedTuple

from .ends import FAR, SCALAR_BITS, End
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
)

__all__ = [
    "FARTHEST",
    "QUOTIENT_SLACK",
    "Line",
    "Steps",
    "is_trace",
    "precision_of",
    "read_line",
    "read_steps",
    "split",
]

#: A quotient is low by less than 32 units: the inverse by one, and 28 products of limbs at most.
QUOTIENT_SLACK = 6

#: Exponents of two are split where they are below ``2**(FARTHEST + 1)``.
FARTHEST = 20


class Steps(NamedTuple):
    """Weights of the stop and of the start, as fractions of ``2**size``, and ``2**size / div``."""

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


def read_steps(words: Words, rising: Any, falling: Any, div: Any) -> Steps:
    """Integers as fractions; ``div`` a Python integer or an array."""
    rising, falling = words.array(rising), words.array(falling)
    first, last = rising == 0, falling == 0
    if isinstance(div, int):
        size = div.bit_length()
    else:  # all times a power of two, so that div has 31 bits
        size = 31
        div = words.array(div)
        shift = 30 - words.top_bit(div, 31)
        rising, falling, div = rising << shift, falling << shift, div << shift
    steps = _fraction(words, rising, size), _fraction(words, falling, size)
    return Steps(*steps, size, first, last, div)


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
    """``c / 2**size`` for ``-2**size < c < 2**size``."""
    limbs: Limbs = [0]
    for k in range(1, words.limbs(size) + 1):
        shift = size - k * words.w
        part = c >> shift if shift >= 0 else (c & ((1 << (words.w + shift)) - 1)) << -shift
        limbs.append(part & words.mask if k > 1 else c << -shift if shift < 0 else part)
    return limbs


class Line(NamedTuple):
    """``(start*falling + stop*rising) / 2**size``.

    As ``limbs * 2**expo`` with its sign apart, ``limbs`` 0 or in [1, 2).  And as ``sums``, of
    either sign and below 2 in magnitude, times ``2**place``; they have fewer than ``bits`` bits
    after the point.
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


def precision_of(words: Words, n: int, start: End, stop: End) -> int:
    """Bits of lines that exponents with ``n`` limbs are made from; one for all that a grid needs.

    So compilers find ends in the same units once.
    """
    return max(64, (n + words.limbs(FARTHEST)) * words.w - max(start.bits, stop.bits))


def read_line(words: Words, start: End, stop: End, steps: Steps, precision: int) -> Line:
    """The line between ends that are finite, of ``precision`` bits and more, or exact."""
    room = precision + 2 + 2 * steps.size
    bits = max(start.bits, stop.bits) + room
    n = words.limbs(bits - 1)
    place = words.where(start.expo > stop.expo, start.expo, stop.expo)
    lost = is_trace(start, place, room) | is_trace(stop, place, room)
    low = _aligned(words, start, place, n, bits, room)
    high = _aligned(words, stop, place, n, bits, room)
    both = words.settle([*low, *high])
    low, high = both[: n + 1], both[n + 1 :]
    # At its own end each of them stands alone, however small beside the other.
    low = select(words, steps.first, _signed(words, start), low)
    high = select(words, steps.last, _signed(words, stop), high)
    place = words.where(steps.first, start.expo, words.where(steps.last, stop.expo, place))
    n += len(steps.rising) - 1
    sums = multiply(words, n, (low, steps.falling), (high, steps.rising))
    negative = sums[0] < 0
    sums = carry(words, negate_where(words, negative, sums))
    exact = start.exact and stop.exact
    keep = (SCALAR_BITS - 8) // words.w
    if not exact:  # rounded so that what should cancel does
        if keep < n:
            half = sums[keep + 1] >> (words.w - 1)
            sums = carry(words, sums[: keep + 1], half)
        bits = keep * words.w
    zero = any_bit(sums) == 0
    limbs, shift = normalise(words, sums)
    bits += steps.size + 1
    shift = words.where(zero, -FAR, place + shift)
    sums = negate_where(words, negative, sums)
    return Line(negative, zero, limbs, shift, sums, place, bits, exact, lost)


def _signed(words: Words, end: End) -> Limbs:
    return negate_where(words, end.negative, end.limbs)


def _aligned(words: Words, end: End, place: Any, n: int, bits: int, room: int) -> Limbs:
    """An end in units of ``2**place``; bits after the first ``bits`` become one that is set."""
    limbs = end.limbs + [0] * (n + 1 - len(end.limbs))
    limbs = shift_right(words, limbs, place - end.expo)
    last = n * words.w - (bits - 1)
    sticky = (limbs[-1] & ~((1 << last) - 1)) | (1 << last)
    limbs[-1] = words.where(is_trace(end, place, room), sticky, limbs[-1])
    return negate_where(words, end.negative, limbs)


def is_trace(end: End, place: Any, room: int) -> Any:
    """Where an end is not zero, and more binades than ``room`` below a place."""
    return (place - end.expo > room) & (end.limbs[0] != 0)


def split(words: Words, product: Limbs, expo: Any, negative: Any, n: int) -> Limbs:
    """The floor and ``n`` limbs of ``+-product * 2**expo``, for ``expo <= FARTHEST``."""
    k = words.limbs(FARTHEST)
    shifted = shift_right(words, product, k * words.w - expo)
    whole = shifted[0]
    for limb in shifted[1 : k + 1]:
        whole = (whole << words.w) + limb
    y = [whole, *shifted[k + 1 : k + 1 + n]]
    return carry(words, negate_where(words, negative, y))
