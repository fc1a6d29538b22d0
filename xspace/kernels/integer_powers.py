"""``log2`` of numbers and ``2**f`` of fractions on limbs: look-ups, then a short polynomial."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from ..exact.fixed import exp2_fixed, ln2_fixed, log2_fixed
from .integer_ends import FAR, End
from .limbs import (
    Limbs,
    Words,
    carry,
    constant,
    multiply,
    negate_where,
    normalise,
    select,
    table,
    take,
)

__all__ = ["Log", "exp2", "log2", "log2_relative"]


class Log(NamedTuple):
    """``(-1)**negative * limbs * 2**expo`` with ``limbs`` zero or in [1, 2)."""

    negative: Any
    limbs: Limbs
    expo: Any


def exp2(words: Words, fraction: Limbs) -> Limbs:
    """``2**f`` for ``f = [0, f1, ..., fn]``: in [1, 2), low by less than ``3*n*n`` units.

    Tables take all of ``f1``, ten bits at most at a time.  What is left, ``f - f1/B = g/B``, goes
    into ``1 + (g/B)*(c1 + (g/B)*(c2 + ...))`` with ``c_k = ln(2)**k / k!``.  Each ``1/B`` moves a
    limb out of sight, so that ``c_k`` needs but ``n - k`` limbs and ``n - 1`` terms suffice.
    """
    n, w = len(fraction) - 1, words.w
    rest = [0, *fraction[2:]]
    inner = constant(words, _coefficient(n - 1, w), 1)
    for k in range(n - 2, -1, -1):
        inner = multiply(words, n - k - 1, (rest[: n - k], inner))
        coefficient = constant(words, _coefficient(k, (n - k) * w), n - k)
        inner = carry(words, [x + y for x, y in zip(coefficient, [0, *inner], strict=True)])
    power = [1, *inner[1:]]
    done = 0
    while done < w:
        bits = min(10, w - done)
        place = (fraction[1] >> (w - done - bits)) & ((1 << bits) - 1)
        rows = table(_power, (done + bits,), 1 << bits, n, w)
        # A product of floors of numbers whose exact product is in [1, 2) is there, too.
        power = [1, *multiply(words, n, (power, [1, *take(words, rows, place, n)]))[1:]]
        done += bits
    return power


@lru_cache(maxsize=256)
def _coefficient(k: int, wp: int) -> int:
    """``ln(2)**k / k!`` with ``wp`` fractional bits, rounded down."""
    value = 1 << (wp + 64)
    for j in range(1, k + 1):
        value = (value * ln2_fixed(wp + 64) >> (wp + 64)) // j
    return value >> 64


def _power(place: int, j: int, wp: int) -> int:
    """``2**(j / 2**place)`` with ``wp`` fractional bits, low by less than 1.01 units."""
    return exp2_fixed(j << (wp + 8 - place), wp + 8) >> 8


def log2_relative(words: Words, base: End, n: int) -> Log:
    if base.scalar is None:
        raise NotImplementedError
    p, q = abs(base.scalar.n), base.scalar.d
    if p == 0 or p == q or q == 0:
        return Log(words.flag(False), [0], words.array(-FAR))
    guard = max(p.bit_length(), q.bit_length()) + 16
    log = log2_fixed(p, q, n * words.w + guard)
    size = abs(log)
    expo = size.bit_length() - 1 - n * words.w - guard
    down = size.bit_length() - 1 - n * words.w
    size = size >> down if down >= 0 else size << -down
    return Log(words.flag(log < 0), constant(words, size, n), words.array(expo))
