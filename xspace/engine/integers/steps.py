"""The places of a grid's elements between its ends, as fractions."""

from __future__ import annotations

from typing import Any, NamedTuple

from .limbs import Limbs, Words, constant

__all__ = ["UNKNOWN_SIZE", "Steps", "read_steps"]

#: Bits of a ``div`` that is an array.
UNKNOWN_SIZE = 31


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
        size = UNKNOWN_SIZE
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
