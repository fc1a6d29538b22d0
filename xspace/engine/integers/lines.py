"""Lines between two ends, as fixed-point numbers and as numbers with an exponent."""

from __future__ import annotations

from typing import Any, NamedTuple

from .ends import FAR, SCALAR_BITS, End
from .limbs import (
    Limbs,
    Words,
    any_bit,
    carry,
    columns_of,
    negate_where,
    normalise,
    select,
    shift_right,
)
from .steps import Steps

__all__ = [
    "FARTHEST",
    "Line",
    "Units",
    "in_units",
    "is_trace",
    "precision_of",
    "read_line",
    "split",
    "sums_of",
]

#: Exponents of two are split where they are below ``2**(FARTHEST + 1)``.
FARTHEST = 20


class Units(NamedTuple):
    """Two ends, of which at most one is zero, in units of ``2**place``: below 2, with a sign."""

    start: End
    stop: End
    low: Limbs
    high: Limbs
    place: Any
    bits: int  #: after the point, of sums of their fractions
    exact: bool
    lost: Any  #: where some bits of the smaller end were cut off


def precision_of(words: Words, n: int, start: End, stop: End) -> int:
    """Bits of lines that exponents with ``n`` limbs are made from."""
    return max(64, (n + words.limbs(FARTHEST)) * words.w - max(start.bits, stop.bits))


def in_units(words: Words, start: End, stop: End, size: int, precision: int) -> Units:
    """Ends that are finite, for lines of ``precision`` bits and more, or exact.

    The numbers of steps have ``size`` bits.
    """
    room = precision + 2 + 2 * size
    bits = max(start.bits, stop.bits) + room
    n = words.limbs(bits - 1)
    place = words.where(start.expo > stop.expo, start.expo, stop.expo)
    lost = is_trace(start, place, room) | is_trace(stop, place, room)
    low = _aligned(words, start, place, n, bits, room)
    high = _aligned(words, stop, place, n, bits, room)
    both = words.settle([*low, *high])
    exact = start.exact and stop.exact
    if not exact:
        bits = _cancelling(words) * words.w
    return Units(start, stop, both[: n + 1], both[n + 1 :], place, bits + size + 1, exact, lost)


def _cancelling(words: Words) -> int:
    """Limbs of sums with a scalar that is cut off."""
    return (SCALAR_BITS - 8) // words.w


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


def sums_of(words: Words, units: Units, steps: Steps) -> Limbs:
    """``(start*falling + stop*rising) / 2**(size + place)``, with a sign and below 2."""
    n = len(units.low) + len(steps.rising) - 2
    columns = columns_of(words, n, (units.low, steps.falling), (units.high, steps.rising))
    keep = _cancelling(words)
    if units.exact or keep >= n:
        return carry(words, columns)
    sums = carry(words, columns)  # and rounded, so that what should cancel does
    return carry(words, sums[: keep + 1], sums[keep + 1] >> (words.w - 1))


class Line(NamedTuple):
    """``(-1)**negative * limbs * 2**expo``, ``limbs`` 0 or in [1, 2)."""

    negative: Any
    zero: Any
    limbs: Limbs
    expo: Any


def read_line(words: Words, units: Units, steps: Steps) -> Line:
    """``(start*falling + stop*rising) / 2**size``."""
    start, stop = units.start, units.stop
    # At its own end each of them stands alone, however small beside the other.
    alone = units._replace(
        low=select(words, steps.first, _signed(words, start), units.low),
        high=select(words, steps.last, _signed(words, stop), units.high),
    )
    place = words.where(steps.last, stop.expo, units.place)
    place = words.where(steps.first, start.expo, place)
    sums = sums_of(words, alone, steps)
    negative = sums[0] < 0
    limbs, shift = normalise(words, carry(words, negate_where(words, negative, sums)))
    zero = any_bit(limbs) == 0
    return Line(negative, zero, limbs, words.where(zero, -FAR, place + shift))


def _signed(words: Words, end: End) -> Limbs:
    return negate_where(words, end.negative, end.limbs)


def split(words: Words, product: Limbs, expo: Any, negative: Any, n: int) -> Limbs:
    """The floor and ``n`` limbs of ``+-product * 2**expo``, for ``expo <= FARTHEST``."""
    k = words.limbs(FARTHEST)
    shifted = shift_right(words, product, k * words.w - expo)
    whole = shifted[0]
    for limb in shifted[1 : k + 1]:
        whole = (whole << words.w) + limb
    y = [whole, *shifted[k + 1 : k + 1 + n]]
    return carry(words, negate_where(words, negative, y))
