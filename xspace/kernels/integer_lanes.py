"""Grids between arrays of ends, correctly rounded, with integer array operations only."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..exact.rounding import FloatFormat, Format, IntFormat
from .integer_ends import (
    FAR,
    End,
    nan_bits,
    infinity_bits,
    saturated,
    sign_bit,
    write_float,
    write_int,
)
from .integer_powers import Log, exp2, log2_relative
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


class Steps(NamedTuple):
    """``i`` and ``div - i`` as fractions of ``2**count``, and ``2**count / div``."""

    rising: Limbs
    falling: Limbs
    count: int
    first: Any
    last: Any
    div: Any

    def inverse(self, words: Words, n: int) -> Limbs:
        """``2**count / div`` in [1, 2] with ``n`` limbs, rounded down."""
        if isinstance(self.div, int):
            return constant(words, (1 << (self.count + n * words.w)) // self.div, n)
        return _reciprocal(words, self.div, n)


def read_steps(words: Words, index: Any, div: Any) -> Steps:
    """The places of the elements; ``div`` is a Python integer or an array."""
    index = words.array(index)
    first, last = index == 0, index == div
    if isinstance(div, int):
        count = div.bit_length()
    else:
        raise NotImplementedError
    rising = _fraction(words, index, count)
    return Steps(rising, _fraction(words, div - index, count), count, first, last, div)


def _fraction(words: Words, c: Any, count: int) -> Limbs:
    """``c / 2**count`` for ``0 <= c < 2**count``."""
    limbs: Limbs = [0]
    for k in range(1, words.limbs(count) + 1):
        shift = count - k * words.w
        part = c >> shift if shift >= 0 else (c & ((1 << (words.w + shift)) - 1)) << -shift
        limbs.append(part & words.mask)
    return limbs


class Line(NamedTuple):
    """``(start*(div - i) + stop*i) / 2**count`` as ``limbs * 2**expo``, ``limbs`` 0 or in [1, 2).

    ``bits`` bounds the significant bits of the sums.
    """

    negative: Any
    zero: Any
    limbs: Limbs
    expo: Any
    bits: int


def read_line(words: Words, start: End, stop: End, steps: Steps, precision: int) -> Line:
    room = precision + 2 + 2 * steps.count
    bits = max(start.bits, stop.bits) + room
    n = words.limbs(bits - 1)
    expo = words.where(start.expo > stop.expo, start.expo, stop.expo)
    low = _aligned(words, start, expo, n, room)
    high = _aligned(words, stop, expo, n, room)
    # At its own end each of them stands alone, however small beside the other.
    low = select(words, steps.first, _signed(words, start), low)
    high = select(words, steps.last, _signed(words, stop), high)
    expo = words.where(steps.first, start.expo, words.where(steps.last, stop.expo, expo))
    n += len(steps.rising) - 1
    sums = multiply(words, n, (low, steps.falling), (high, steps.rising))
    negative = sums[0] < 0
    sums = carry(words, negate_where(words, negative, sums))
    zero = any_bit(sums) == 0
    limbs, more = normalise(words, sums)
    return Line(negative, zero, limbs, expo + more, bits + steps.count + 1)


def _signed(words: Words, end: End) -> Limbs:
    return [words.where(end.negative, -x, x) for x in end.limbs]


def _aligned(words: Words, end: End, expo: Any, n: int, room: int) -> Limbs:
    away = expo - end.expo
    limbs = shift_right(words, end.limbs + [0] * (n + 1 - len(end.limbs)), away)
    lost = (away > room) & (end.limbs[0] != 0)
    limbs[-1] = words.where(lost, limbs[-1] | 1, limbs[-1])
    return [words.where(end.negative, -x, x) for x in limbs]


#: Bits of a result beyond its precision.
MORE_BITS = 51


def _working_limbs(words: Words, fmt: Format) -> tuple[int, int]:
    bits = fmt.precision if isinstance(fmt, FloatFormat) else fmt.high.bit_length()
    n = words.limbs(bits + MORE_BITS)
    while n * words.w < bits + MORE_BITS + _slack(n):
        n += 1
    return n, _slack(n)


def _slack(n: int) -> int:
    return (4 * n * n - 1).bit_length() + 1


def logspace_bits(
    words: Words, start: End, stop: End, base: End, index: Any, div: Any, fmt: Format
) -> Any:
    n, slack = _working_limbs(words, fmt)
    steps = read_steps(words, index, div)
    line = read_line(words, start, stop, steps, 64)
    log = log2_relative(words, base, n + 1)
    slope = multiply(words, n + 1, (log.limbs, steps.inverse(words, n + 1)))
    product = multiply(words, n + 1, (line.limbs[: n + 2], slope))
    expo = line.expo + log.expo
    negative = line.negative ^ log.negative
    huge = expo > 12
    whole, fraction = _split(words, product, words.where(huge, 12, expo), negative)
    whole = words.where(huge, words.where(negative, -FAR, FAR), whole)
    power = exp2(words, fraction)
    never = words.flag(False)
    if isinstance(fmt, FloatFormat):
        return write_float(words, never, power, whole, fmt, slack)
    return write_int(words, never, power, whole, fmt, slack)


def _split(words: Words, product: Limbs, expo: Any, negative: Any) -> tuple[Any, Limbs]:
    """``floor(y)`` and ``[0, f1, ...]`` of ``y = +-product * 2**expo``, ``expo <= 12``."""
    shifted = shift_right(words, product, words.w - expo)
    y = [(shifted[0] << words.w) + shifted[1], *shifted[2:]]
    y = carry(words, negate_where(words, negative, y))
    return y[0], [0, *y[1:]]
