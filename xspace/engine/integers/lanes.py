"""Grids between arrays of ends, correctly rounded, with integer array operations only."""

from __future__ import annotations

from typing import Any

from ...exact.number import Scalar
from ...exact.rounding import FloatFormat, Format, IntFormat
from .ends import End, infinite, not_a_number, small, stacked, write
from .limbs import Limbs, Words, any_bit
from .lines import Units, in_units, is_trace, precision_of
from .outer import Places, power_of_line, power_of_logs
from .powers import log2_of_both, log2_relative
from .steps import Steps, read_steps
from .sums import long_ends, quotient_of, sum_of, word_size, write_sum

__all__ = [
    "geomspace_bits",
    "linspace_bits",
    "linspace_parts",
    "logspace_bits",
    "parity",
    "slack_of",
    "step_bits",
]

#: Bits of a result beyond its precision.
MORE_BITS = 51

#: Integers have powers of exponents below ``2**NEAR`` as if these were larger.
NEAR = -9


def _working_limbs(words: Words, fmt: Format) -> tuple[int, int]:
    """Limbs of the powers, and how many of their last bits may be wrong."""
    bits = MORE_BITS + (fmt.precision if isinstance(fmt, FloatFormat) else fmt.high.bit_length())
    n = 3
    while n * words.w - slack_of(n) < bits:
        n += 1
    return n, slack_of(n)


def slack_of(n: int) -> int:
    """Bits of twice the ``32*n*n`` units by which a product of two powers may be off."""
    return (32 * n * n - 1).bit_length() + 1


def linspace_bits(words: Words, start: End, stop: End, places: Places, fmt: Format) -> Any:
    """``(start*(div - i) + stop*i) / div``, rounded once; the floor in an integer format."""
    first, last, inner = linspace_parts(words, start, stop, places, fmt)
    return places.steps(words).pick(words, first, last, inner)


def linspace_parts(
    words: Words, start: End, stop: End, places: Places, fmt: Format
) -> tuple[Any, Any, Any]:
    """The first and the last element, which stand alone, and those of all places but theirs."""
    precision = fmt.precision if isinstance(fmt, FloatFormat) else words.width
    units = in_units(words, start, stop, places.size, precision)
    value = sum_of(words, units, places)
    nudge = None
    if not units.exact:
        far, steps = value.bits - 2 - places.size, places.steps(words)
        nudge = _nudge(words, start, stop, steps, value.top < 0, far)
    bits = write_sum(words, value, start.negative & stop.negative, fmt, nudge)
    both = start.infinite & stop.infinite
    nan = start.nan | stop.nan | (both & (start.negative ^ stop.negative))
    negative = words.xp.where(start.infinite, start.negative, stop.negative)
    bits = _limited(words, bits, nan, start.infinite | stop.infinite, negative, fmt)
    return *_alone(words, start, stop, fmt), bits


def _alone(words: Words, start: End, stop: End, fmt: Format) -> tuple[Any, Any]:
    """Ends, each by itself."""
    both = stacked(words, start, stop)
    nudge = None
    if not both.exact:  # of those bits were cut off
        cut = words.array([int(not end.exact) for end in (start, stop)])
        nudge = words.xp.reshape(cut, (2,) + (1,) * (both.expo.ndim - 1))
    bits = write_sum(words, long_ends(words, both), both.negative, fmt, nudge)
    bits = _limited(words, bits, both.nan, both.infinite, both.negative, fmt)
    return bits[0, ...], bits[1, ...]


def _limited(words: Words, bits: Any, nan: Any, infinity: Any, negative: Any, fmt: Format) -> Any:
    """Bits, where a lane has numbers, and what it has elsewhere."""
    limit = words.where(nan, not_a_number(fmt), infinite(words, negative, fmt))
    return words.where(nan | infinity, limit, bits)


def step_bits(words: Words, start: End, stop: End, div: Any, fmt: Format) -> Any:
    """``(stop - start) / div``, rounded once; NaN where an end is not finite."""
    assert isinstance(fmt, FloatFormat)
    never = words.flag(False)
    steps = read_steps(words, 1, 1, div)._replace(first=never, last=never)
    nan = ~(start.finite & stop.finite)
    start = start._replace(negative=~start.negative)
    units = in_units(words, start, stop, steps.size, fmt.precision)
    value = quotient_of(words, units, steps)
    nudge = None
    if not units.exact:
        far = value.bits - 2 - steps.size
        nudge = _nudge(words, start, stop, steps, value.top < 0, far)
    bits = write_sum(words, value, never, fmt, nudge)
    return words.where(nan, not_a_number(fmt), bits)


def _nudge(words: Words, start: End, stop: End, steps: Steps, negative: Any, far: int) -> Any:
    """The sign of an end ``far`` below the other one, turned where ``negative``; else 0.

    Without the trace the element may be exactly on a midpoint or an integer; so it is next to it.
    """
    nudge: Any = 0
    for end, other in ((start, stop), (stop, start)):
        sign = words.where(end.negative ^ negative, -1, 1)
        nudge = words.where(is_trace(end, other.expo, far), sign, nudge)
    return words.where(steps.first | steps.last, 0, nudge)


def _limits(words: Words, start: End, stop: End, steps: Steps) -> tuple[Any, Any, Any]:
    """Where the elements of a line are NaN or infinite, and the signs of the infinite ones."""
    both = start.infinite & stop.infinite
    nan = start.nan | stop.nan | (both & (start.negative ^ stop.negative))
    nan = steps.pick(words, start.nan, stop.nan, nan)
    infinity = steps.pick(words, start.infinite, stop.infinite, start.infinite | stop.infinite)
    negative = words.xp.where(start.infinite, start.negative, stop.negative)
    return nan, infinity, steps.pick(words, start.negative, stop.negative, negative)


def geomspace_bits(words: Words, start: End, stop: End, places: Places, fmt: Format) -> Any:
    """``start * (stop/start)**(i/div)``, rounded once; truncated in an integer format."""
    n, slack = _working_limbs(words, fmt)
    steps = places.steps(words)
    low, high = log2_of_both(words, start, stop, n + 1)
    power = power_of_logs(words, low, high, places, n)
    negative = steps.pick(words, start.negative, stop.negative, start.negative)
    bits = write(words, negative, power.product(words), power.whole, fmt, slack)
    opposite = start.negative ^ stop.negative
    nan = steps.pick(words, start.nan, stop.nan, start.nan | stop.nan | opposite)
    _, infinity, _ = _limits(words, start, stop, steps)
    bits = words.where(infinity, infinite(words, negative, fmt), bits)
    return words.where(nan | start.zero | stop.zero, not_a_number(fmt), bits)


def logspace_bits(
    words: Words, start: End, stop: End, base: End, places: Places, fmt: Format
) -> Any:
    """``base ** ((start*(div - i) + stop*i) / div)``, rounded once; truncated to an integer."""
    n, slack = _working_limbs(words, fmt)
    steps = places.steps(words)
    log = log2_relative(words, base, n + words.limbs(20))
    least = NEAR if isinstance(fmt, IntFormat) else None
    units = in_units(words, start, stop, places.size, precision_of(words, n, start, stop))
    power = power_of_line(words, units, log, places, n, least=least)
    far = min(max(start.bits, stop.bits), 64) + steps.size + 8
    nudge = _nudge(words, start, stop, steps, log.negative, far)
    if least is not None:  # at an end that lies next to zero
        signs = [
            words.where(
                (end.expo + log.expo < NEAR) & ~end.zero,
                words.where(end.negative ^ log.negative, -1, 1),
                0,
            )
            for end in (start, stop)
        ]
        nudge = words.where(steps.first, signs[0], words.where(steps.last, signs[1], nudge))
    nan, infinity, negative = _limits(words, start, stop, steps)
    product = power.product(words)
    if base.scalar is not None and not _is_limit(base.scalar):
        bits = write(words, words.flag(False), product, power.whole, fmt, slack, nudge=nudge)
        far = words.where(negative ^ log.negative, *_far(words, fmt))
        bits = words.where(infinity, far, bits)
        bits = words.where(nan, not_a_number(fmt), bits)
        return words.where(_is_one(base), small(words, 1, words.flag(False), fmt), bits)

    # As IEEE 754's pow; the later a line, the more it counts.
    where = words.xp.where
    integer, odd, falls, zero = parity(words, units, places, steps)
    finite = ~(nan | infinity)
    zero = zero & finite
    bits = write(words, base.negative & odd, product, power.whole, fmt, slack, nudge=nudge)
    limit = base.zero | base.infinite
    negative = where(finite, falls, negative)
    grows = base.infinite | (~base.zero & ~log.negative)
    sign = base.negative & odd & limit & finite
    far = where(grows ^ negative, infinite(words, sign, fmt), small(words, 0, sign, fmt))
    bits = words.where(limit | infinity, far, bits)
    no_sign = base.negative & ~limit & (infinity | ~integer)
    bits = words.where(nan | base.nan | no_sign, not_a_number(fmt), bits)
    one = _is_one(base) | zero
    return words.where(one, small(words, 1, words.flag(False), fmt), bits)


def _far(words: Words, fmt: Format) -> tuple[Any, Any]:
    """0 and infinity."""
    never = words.flag(False)
    return small(words, 0, never, fmt), infinite(words, never, fmt)


def _is_limit(base: Scalar) -> bool:
    """Whether a base is not a positive number."""
    return base.n <= 0 or not base.d


def _is_one(base: End) -> Any:
    """Where the base is 1."""
    other = base.negative | (base.expo != 0) | (base.limbs[0] != 1)
    return ~(other | (any_bit(base.limbs[1:]) != 0))


def parity(words: Words, units: Units, places: Places, steps: Steps) -> tuple[Any, Any, Any, Any]:
    """Where the exponents are integers, odd ones, negative, and zero.

    A multiple of the unit of the ends over a power of two has no bits after so many places, and
    every other quotient has: so no more places count, however large the exponents are.
    """
    start, stop = units.start, units.stop
    value, size = sum_of(words, units, places, 2), word_size(words)
    bits = value.bits - places.size if units.exact else value.bits
    long = [value.top, *value.rest]
    zero = any_bit(long) == 0
    inner = _parity(words, long, value.place - size, bits - size, size)
    inner = ((inner[0] & ~units.lost) | zero, inner[1] & ~zero)
    low, high = (_parity(words, end.limbs, end.expo, end.bits, words.w) for end in (start, stop))
    integer = steps.pick(words, low[0] | start.zero, high[0] | stop.zero, inner[0])
    odd = steps.pick(words, low[1], high[1], inner[1]) & integer
    negative = steps.pick(words, start.negative, stop.negative, value.top < 0)
    return integer, odd, negative, steps.pick(words, start.zero, stop.zero, zero)


def _parity(words: Words, limbs: Limbs, place: Any, most: int, w: int) -> tuple[Any, Any]:
    """Where ``limbs * 2**place`` is an integer, and the bit of it that is worth one."""
    large = place > most
    unit = words.where(large, most, place)  # the place of that bit
    lower: Any = 0
    last: Any = 0
    for k, limb in enumerate(limbs):
        after = k * w - unit
        before = after < 0
        after = words.where(before, 0, words.where(after < w + 2, after, w + 2))
        lower = (limb & ((words.array(1) << after) - 1)) | lower
        last = words.where(before, 0, (limb >> after) & 1) | last
    return lower == 0, (last == 1) & ~large
