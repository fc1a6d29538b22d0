"""Lines as sums of what belongs to a row and to a column, in long words.

With ``i = q + r`` element ``i`` of a line is that at ``q`` and ``r`` steps more.  Both stand in two
short tables of fixed-point numbers in two's complement, so that nothing is multiplied for each
element: two numbers are added and rounded.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...exact.rounding import FloatFormat, Format, IntFormat
from .ends import End, infinite, sign_bit
from .limbs import Limbs, Words, any_bit, carry, multiply, negate_where
from .lines import Units, sums_of
from .outer import Places
from .steps import Steps

__all__ = ["LongSum", "long_ends", "quotient_of", "sum_of", "word_size", "write_sum"]

#: Units of a quotient that may be wrong: less than 32, and a quarter of a long unit.
_QUOTIENT_SLACK = 7

#: Bits of a sum that may be wrong: two numbers are rounded down, and two quotients are off.
_SLACK = 3


class LongSum(NamedTuple):
    """``(top + rest)*2**place``: a word with a sign and at least one more, of magnitude 1 at most.

    Each has `word_size` bits after its point.
    """

    top: Any
    rest: Limbs
    place: Any
    bits: int = 0  #: after the first point, that mean something


def word_size(words: Words) -> int:
    """Bits of a long word: a sum of two numbers below 2 has room with two more, and a sign."""
    return words.width - 3


def sum_of(words: Words, units: Units, places: Places, times: int = 0) -> LongSum:
    """A line over ``div``; no end stands for itself here.

    It has as many bits as its sums, and ``times`` those of ``div`` more.  What is as near to a
    number of so many bits as their last one is taken for it.

    So what is on a midpoint of floats is there: an exact line is a multiple of its unit, and a
    midpoint of that or of the last half bit of an element, which is no smaller than the unit over
    ``div``; so a quotient is on a midpoint, or as far from it as the bits of the sums say.
    """
    quotients, bits = _quotients(words, units, places.tabled(words), times)
    rows, columns = places.parts(words, words.settle(quotients))
    return _added(words, rows, columns, units.place + 1, bits)


def quotient_of(words: Words, units: Units, steps: Steps) -> LongSum:
    """The same of one number."""
    quotient, bits = _quotients(words, units, steps, 0)
    return _added(words, quotient, [0] * len(quotient), units.place + 1, bits)


def _quotients(words: Words, units: Units, steps: Steps, times: int) -> tuple[Limbs, int]:
    """Half of sums over ``div``, in long words, and how many bits of theirs mean something."""
    sums, size = sums_of(words, units, steps), word_size(words)
    n = len(sums) - 1
    bits = units.bits + times * steps.size + 1
    if not units.exact:
        bits = n * words.w - _SLACK - _QUOTIENT_SLACK + 1
    count = max(-(-(bits + _SLACK) // size), 2)
    if units.exact:
        n = words.limbs(count * size + _QUOTIENT_SLACK)
    quotients = multiply(words, n, (sums, steps.inverse(words, n)))
    return _long(words, quotients, count), bits


def _added(words: Words, a: Limbs, b: Limbs, place: Any, bits: int) -> LongSum:
    """A sum, rounded to so many bits."""
    size = word_size(words)
    slack = min(len(a) * size - bits, size)
    mask = (1 << size) - (1 << slack)
    rest: Limbs = []
    over: Any = 1 << (slack - 1)
    for x, y in zip(a[:0:-1], b[:0:-1], strict=True):
        total = (x + over) + y
        rest.insert(0, total & mask)
        over, mask = total >> size, (1 << size) - 1
    return LongSum(a[0] + b[0] + over, rest, place, bits)


def _long(words: Words, limbs: Limbs, count: int) -> Limbs:
    """Half of a number, in so many long words, rounded down."""
    w, size = words.w, word_size(words)
    out: Limbs = []
    for k in range(count):
        begin, end = max(k * size - 1, 0), (k + 1) * size - 1
        word = words.array(limbs[0]) << end if k == 0 else 0
        for j in range(begin // w + 1, min((end - 1) // w + 2, len(limbs))):
            drop = j * w - end
            word = word + (limbs[j] >> drop if drop >= 0 else limbs[j] << -drop)
        out.append(word & ((1 << size) - 1) if k else word)
    return out


def long_ends(words: Words, both: End) -> LongSum:
    """Ends as they are, without a progression."""
    limbs = carry(words, negate_where(words, both.negative, both.limbs))
    top, *rest = _long(words, limbs, 2 + both.bits // word_size(words))
    return LongSum(top, rest, both.expo + 1)


class _Leading(NamedTuple):
    """The leading `word_size` bits of a number and one more, what follows, and its exponent.

    A negative power of two has the exponent that is less by one.
    """

    sign: Any  #: -1 or 0
    word: Any
    after: Any
    is_exact: Any
    expo: Any


def _leading(words: Words, value: LongSum) -> _Leading:
    size, width = word_size(words), words.width
    top, rest, expo = value[:3]
    sign = top >> (width - 1)
    for _ in range(len(rest)):
        empty = top == sign
        top = words.where(empty, rest[0] + (sign << size), top)
        rest = [words.where(empty, y, x) for x, y in zip(rest, [*rest[1:], 0], strict=True)]
        expo = words.where(empty, expo - size, expo)
    place = words.top_bit(top ^ sign, width - 1)
    up = (size - place) & (width - 1)  # so that compilers see that it is a shift
    after = (rest[0] << up) & ((1 << size) - 1)
    word = (top << up) | (rest[0] >> place)
    return _Leading(sign, word, after, any_bit([after, *rest[1:]]) == 0, expo + (place - size))


def write_sum(words: Words, value: LongSum, zero: Any, fmt: Format, nudge: Any = None) -> Any:
    """The bits of a number rounded to nearest even, or the floor in an integer format.

    ``zero`` says which zeros are negative.  A ``nudge`` of 1 or -1 says on which side of a midpoint
    or an integer a magnitude is after all.
    """
    leading = _leading(words, value)
    if nudge is not None:
        nudge = words.where(leading.sign < 0, -nudge, nudge)
    if isinstance(fmt, IntFormat):
        return _floor(words, leading, fmt, nudge)
    return _rounded(words, leading, zero, fmt, nudge)


def _rounded(words: Words, leading: _Leading, zero: Any, fmt: FloatFormat, nudge: Any) -> Any:
    p, sign = fmt.precision, leading.sign
    word = leading.word | words.where(leading.is_exact, 0, 1)
    expo = leading.expo - fmt.emin
    missing = words.where(expo < 0, -expo, 0)
    shift = (word_size(words) + 1 - p) + words.where(missing < p + 1, missing, p + 1)
    shift = shift & (words.width - 1)
    half = ((words.array(1) << shift) - 1) >> 1
    if nudge is not None:
        word = words.where((word & half) == 0, word + nudge, word)
    kept = (word + (half + ((word >> shift) & 1))) >> shift
    bits = ((kept ^ sign) - sign) + (words.where(expo > 0, expo, 0) << (p - 1))
    beyond = infinite(words, words.flag(False), fmt)
    bits = words.where(expo > fmt.emax - fmt.emin, beyond, bits)
    is_zero = leading.word == 0
    bits = words.where(is_zero, 0, bits)
    negative = words.xp.where(is_zero, zero, sign < 0)
    return words.where(negative, bits | sign_bit(words, fmt), bits)


def _floor(words: Words, leading: _Leading, fmt: IntFormat, nudge: Any) -> Any:
    size, expo = word_size(words), leading.expo
    drop = words.where(expo < size, size - expo, 0)
    drop = words.where(drop < words.width, drop, words.width - 1)
    more = words.where(expo > size, expo - size, 0) & 3  # bits that a range may have beyond a word
    value = ((leading.word >> drop) << more) | (leading.after >> (size - more))
    if nudge is not None:
        rest = leading.word - ((leading.word >> drop) << drop)
        value = words.where((rest == 0) & leading.is_exact & (nudge < 0), value - 1, value)
    negative = leading.sign < 0
    bits = (fmt.high - fmt.low).bit_length() - bool(fmt.low)
    over = (expo >= bits) & (leading.word != 0)
    if not fmt.low:
        over = over | negative
    return words.where(over, infinite(words, negative, fmt), value)
