"""How many elements a geometric range has that is given by its ratio; `call.lengths`: by a step.

A float stands for every real number that rounds to it.  If such numbers make ``stop`` a power of
the ratio away from ``start``, and only one whole power, that is the last element; else the last one
is the last that is not beyond ``stop``.  All of it is decided exactly.
"""

from __future__ import annotations

from ..call.lengths import Reals
from ..exact.fixed import log2_fixed
from ..exact.sides import side

__all__ = ["count_powers"]

Ratio = tuple[int, int]

#: Bits of logarithms beyond those that a ratio near 1 costs.
_BITS = 192


def count_powers(start: Reals, stop: Reals, ratio: Reals, pace: Ratio, *, endpoint: bool) -> int:
    """How many elements ``start * ratio**(i*p/q)`` lie between two positive numbers.

    ``pace`` is ``p, q``.  An element that is ``stop`` counts only with ``endpoint``.
    """
    if ratio.value < ratio.den:  # the same elements, counted from the other end
        start, stop, ratio = stop, start, _inverse(ratio)
    exact, _ = last, is_stop = _last(_value(start), _value(ratio), pace, _value(stop))
    if not is_stop:
        # With the largest and the least numbers that are meant.
        closed = start.closed and stop.closed and ratio.closed
        most, meets = _last(_low(start), _low(ratio), pace, _high(stop))
        most -= meets and not closed
        least, meets = _last(_high(start), _high(ratio), pace, _low(stop))
        least += not (meets and closed)
        last, is_stop = (most, True) if most == least else (exact, False)
    return max(last + 1 if endpoint or not is_stop else last, 0)


def _last(start: Ratio, ratio: Ratio, pace: Ratio, stop: Ratio) -> tuple[int, bool]:
    """The largest ``k`` with ``start * ratio**(k*p/q) <= stop``, and whether they are equal."""
    p, q = pace
    near = max(ratio[1].bit_length() - (ratio[0] - ratio[1]).bit_length(), 0)
    wp = _BITS + 3 * near  # the logarithm of a ratio near 1 has as many bits less
    way = log2_fixed(stop[0] * start[1], stop[1] * start[0], wp)
    k = way * q // (log2_fixed(*ratio, wp) * p)
    while (sign := _compare(start, ratio, k * p, q, stop)) > 0:
        k -= 1
    while not sign or (following := _compare(start, ratio, (k + 1) * p, q, stop)) <= 0:
        if not sign:
            return k, True
        k, sign = k + 1, following
    return k, False


def _compare(start: Ratio, ratio: Ratio, p: int, q: int, stop: Ratio) -> int:
    """The sign of ``start * ratio**(p/q) - stop``: by logarithms, and by `side` if they are near.

    The three of them are off by 2 units each, one of them before it is multiplied, and by a floor.
    """
    quotient = start[0] * stop[1], start[1] * stop[0]
    wp, asked = 128, False
    while True:
        extra_bits = max(p.bit_length() - q.bit_length(), 0) + 2
        log = (p * log2_fixed(*ratio, wp + extra_bits) // q >> extra_bits) + log2_fixed(
            *quotient, wp
        )
        if abs(log) > 16:
            return 1 if log > 0 else -1
        found = None if asked else side(start, ratio, p, q, stop)
        if found is not None:
            return found
        wp, asked = 2 * wp, True


def _inverse(ratio: Reals) -> Reals:
    """The reciprocals, over one denominator."""
    low, value, high, den, closed = ratio
    ends = den * low * value, den * low * high, den * value * high
    return Reals(*ends, low * value * high, closed)


def _value(reals: Reals) -> Ratio:
    return reals.value, reals.den


def _low(reals: Reals) -> Ratio:
    return reals.low, reals.den


def _high(reals: Reals) -> Ratio:
    return reals.high, reals.den
