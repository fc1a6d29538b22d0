"""Arguments of array endpoints taken apart into integers, and results put together from them.

A backend reinterprets a float as an integer of its bits and gives them to `read_float`; what
`write_float` returns it reinterprets as floats again.  So no float is ever computed with.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ...exact.number import Scalar
from ...exact.rounding import FloatFormat, Format, IntFormat
from .limbs import Limbs, Words, any_bit, carry, constant, normalise, shift_right

__all__ = [
    "FAR",
    "SCALAR_BITS",
    "End",
    "infinite",
    "not_a_number",
    "read_float",
    "read_integer",
    "read_number",
    "sign_bit",
    "small",
    "snapped",
    "stacked",
    "write",
]

#: Binary exponents beyond this are cut to it: no format comes near.
FAR = 1 << 14

#: Significant bits of a scalar that is no binary fraction.
SCALAR_BITS = 176


class End(NamedTuple):
    """Numbers ``(-1)**negative * limbs * 2**expo`` with ``1 <= limbs < 2``, or what the flags say.

    Zeros, infinities and NaN have limbs that are zero.  ``bits`` bounds the significant bits.
    """

    negative: Any
    limbs: Limbs
    expo: Any
    zero: Any
    infinite: Any
    nan: Any
    bits: int
    scalar: Scalar | None = None  #: the exact value of a scalar
    exact: bool = True  #: whether the limbs are all of the number

    @property
    def finite(self) -> Any:
        """Where it is a number."""
        return ~(self.infinite | self.nan)


def read_float(words: Words, bits: Any, fmt: FloatFormat) -> End:
    """Floats of a format from their bits, an integer array (of any sign)."""
    bits = words.array(bits)
    low = fmt.precision - 1
    exponent_bits = fmt.emax.bit_length() + 1
    ones = (1 << exponent_bits) - 1
    biased = (bits >> low) & ones
    fraction = bits & ((1 << low) - 1)
    negative = ((bits >> (low + exponent_bits)) & 1) == 1
    special = biased == ones
    empty = fraction == 0
    subnormal = biased == 0
    missing = low - words.top_bit(fraction, low)  # of the leading bit of a subnormal number
    significand = words.where(subnormal, fraction << missing, fraction) & ((1 << low) - 1)
    expo = words.where(subnormal, 1 - missing, biased) + (fmt.emin - 1)
    zero = subnormal & empty
    none = zero | special
    limbs: Limbs = [words.where(none, 0, 1)]
    significand = words.where(none, 0, significand)
    for k in range(1, words.limbs(low) + 1):
        shift = low - k * words.w
        part = significand >> shift if shift >= 0 else significand << -shift
        limbs.append(part & words.mask)
    expo = words.where(none, -FAR, expo)
    return End(negative, limbs, expo, zero, special & empty, special & ~empty, fmt.precision)


def read_integer(words: Words, values: Any, *, signed: bool = True) -> End:
    """Integers of up to the width of the words; unsigned ones as their two's complement."""
    values = words.array(values)
    negative = (values < 0) if signed else (values != values)
    magnitude = words.where(negative, -values, values)
    count = words.limbs(words.width)
    limbs: Limbs = []
    for k in reversed(range(count)):
        # An arithmetic shift brings copies of the highest bit: -2**63 is its own magnitude.
        mask = (1 << min(words.w, words.width - k * words.w)) - 1
        limbs.append((magnitude >> (k * words.w)) & mask)
    limbs, expo = normalise(words, limbs)
    zero, never = limbs[0] == 0, values != values
    expo = words.where(zero, -FAR, expo + (count - 1) * words.w)
    return End(
        negative, limbs[: words.limbs(words.width - 1) + 1], expo, zero, never, never, words.width
    )


def read_number(words: Words, x: Scalar) -> End:
    """A scalar: all of it if it is a binary fraction that fits, else its leading bits."""
    n, d = abs(x.n), x.d
    expo, bits, exact = -FAR, 1, True
    limbs: Limbs = [0]
    if d and n:
        expo = n.bit_length() - d.bit_length()
        expo -= (n << max(-expo, 0)) < (d << max(expo, 0))
        shift = SCALAR_BITS - expo
        top, remainder = divmod(n << max(shift, 0), d << max(-shift, 0))
        exact = remainder == 0 and abs(expo) < FAR
        bits = SCALAR_BITS + 2 - (top & -top).bit_length()
        count = words.limbs(bits - 1)
        missing = count * words.w - SCALAR_BITS
        limbs = constant(words, top << missing if missing >= 0 else top >> -missing, count)
        expo = min(max(expo, -FAR), FAR)
    negative = x.n < 0 or x.is_negative_zero or (d == 0 and x.special < 0)
    nan = x.special != x.special
    return End(
        words.flag(negative),
        limbs,
        words.array(expo),
        words.flag(d != 0 == n),
        words.flag(d == 0 and not nan),
        words.flag(nan),
        bits,
        x,
        exact,
    )


def stacked(words: Words, start: End, stop: End) -> End:
    """Both ends along a new first axis, so that what is made of each is made in one go."""
    count = max(len(start.limbs), len(stop.limbs))
    parts = [
        [end.negative, end.expo, end.zero, end.infinite, end.nan]
        + end.limbs
        + [0] * (count - len(end.limbs))
        for end in (start, stop)
    ]
    arrays = words.xp.broadcast_arrays(
        *(words.array(x) if isinstance(x, int) else x for part in parts for x in part)
    )
    size = len(parts[0])
    pairs = [words.xp.stack([arrays[k], arrays[k + size]]) for k in range(size)]
    negative, expo, zero, infinity, nan, *limbs = pairs
    bits, exact = max(start.bits, stop.bits), start.exact and stop.exact
    return End(negative, limbs, expo, zero, infinity, nan, bits, None, exact)


def snapped(words: Words, columns: Limbs, slack: int) -> Limbs:
    """Half of ``2**slack`` units of the last limb added, the last ``slack`` bits then left out.

    A number that is nearer than ``2**(slack - 1)`` units to a multiple of ``2**slack`` becomes it,
    if it lies below, and so it does at any distance up to ``2**(slack - 1)`` above.
    """
    limbs = carry(words, columns, 1 << (slack - 1))
    return [*limbs[:-1], limbs[-1] & ~((1 << slack) - 1)]


def write(
    words: Words,
    negative: Any,
    columns: Limbs,
    expo: Any,
    fmt: Format,
    slack: int,
    *,
    nudge: Any = 0,
) -> Any:
    """``+-columns * 2**expo`` in a format, for a number that is zero or in [1, 4).

    A float format rounds to nearest even, and what is within the slack of a midpoint counts as the
    midpoint.  An integer format truncates toward zero; what is within the slack of an integer
    counts as the integer, and what is out of the range as the end of the range.
    A ``nudge`` of 1 or -1 says on which side of a midpoint or integer such a number is after all.
    """
    limbs = snapped(words, columns, slack)
    four = limbs[0] >= 4  # nothing else, then
    limbs[0] = words.where(four, 2, limbs[0])
    expo = words.where(four, expo + 1, expo)
    if isinstance(fmt, FloatFormat):
        return _write_float(words, negative, limbs, expo, fmt, nudge)
    return _write_int(words, negative, limbs, expo, fmt, nudge)


def _write_float(
    words: Words, negative: Any, limbs: Limbs, expo: Any, fmt: FloatFormat, nudge: Any
) -> Any:
    """The bits of the number rounded to nearest even."""
    w, p = words.w, fmt.precision
    word = (limbs[0] << (2 * w)) | (limbs[1] << w) | limbs[2]
    big = limbs[0] >= 2
    word = words.where(big, word, word << 1)
    expo = words.where(big, expo + 1, expo)
    word = (word << 1) | (words.where(any_bit(limbs[3:]) != 0, 1, 0) if len(limbs) > 3 else 0)
    # The word now has 2*w + 3 bits; one that is subnormal keeps fewer.
    over = expo > fmt.emax
    expo = words.where(expo < fmt.emin - p - 1, fmt.emin - p - 1, expo)
    expo = words.where(over, fmt.emax, expo) - fmt.emin
    shift = (2 * w + 3 - p) + words.where(expo < 0, -expo, 0)
    shift = words.where(shift < words.width - 2, shift, words.width - 2)
    kept = word >> shift
    dropped = word - (kept << shift)
    half = words.array(1) << (shift - 1)
    up = (dropped > half) | ((dropped == half) & ((kept & 1) + 2 * nudge > 0))
    bits = words.where(up, kept + 1, kept)
    bits = bits + (words.where(expo > 0, expo, 0) << (p - 1))
    bits = words.where(over, _infinity(fmt), bits)
    return words.where(negative, bits | sign_bit(words, fmt), bits)


def _infinity(fmt: FloatFormat) -> int:
    return (2 * fmt.emax + 1) << (fmt.precision - 1)


def sign_bit(words: Words, fmt: FloatFormat) -> int:
    """The bit of the sign; the lowest number there is where it is the highest bit of a word."""
    place = fmt.precision + fmt.emax.bit_length()
    return -(1 << place) if place == words.width - 1 else 1 << place


def _write_int(
    words: Words,
    negative: Any,
    limbs: Limbs,
    expo: Any,
    fmt: IntFormat,
    nudge: Any,
) -> Any:
    """The integer part as two's complement; the ends of the range beyond it."""
    width = words.width
    whole = words.limbs(width)  # so many limbs of the integer part follow the first
    over = words.where(limbs[0] >= 2, expo + 1, expo) >= width
    expo = words.where(over, 0, words.where(expo < -2, -2, expo))
    is_nudged = not isinstance(nudge, int)  # what lies after the integer part counts, then
    more = whole + 1 if is_nudged else max(whole + 1 - len(limbs), 0)
    shifted = shift_right(words, limbs + [0] * more, whole * words.w - expo)
    value = shifted[whole]
    for k in range(1, whole + 1):
        value = value | (shifted[whole - k] << (k * words.w))
    if is_nudged:
        exact = any_bit(shifted[whole + 1 :]) == 0
        value = words.where(exact & (nudge < 0), value - 1, value)
    if fmt.high >> (width - 1) == 0:  # else all of the word is the range
        limit = words.where(negative, min(-fmt.low, fmt.high), fmt.high)
        over = over | (value < 0) | (value > limit)
    value = words.where(over, 0, value)
    value = words.where(negative, -value if fmt.low else 0, value)
    return words.where(over, infinite(words, negative, fmt), value)


def infinite(words: Words, negative: Any, fmt: Format) -> Any:
    """Infinity of a sign in a float format; the end of the range on that side of another one."""
    if isinstance(fmt, IntFormat):
        wraps = fmt.high >> (words.width - 1)
        return words.where(negative, fmt.low, -1 if wraps else fmt.high)
    bits = _infinity(fmt)
    return words.where(negative, bits | sign_bit(words, fmt), bits)


def not_a_number(fmt: Format) -> int:
    """The NaN that every library has; 0 in an integer format."""
    return 0 if isinstance(fmt, IntFormat) else _infinity(fmt) | 1 << (fmt.precision - 2)


def small(words: Words, value: int, negative: Any, fmt: Format) -> Any:
    """0 or 1 of a sign."""
    if isinstance(fmt, IntFormat):
        return words.where(negative, -value if fmt.low else 0, value)
    bits = (fmt.emax << (fmt.precision - 1)) * value
    return words.where(negative, bits | sign_bit(words, fmt), bits)
