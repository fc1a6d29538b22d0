"""The mathematics: arithmetic and geometric progressions with exact parameters.

A progression knows its elements exactly, can round any one of them correctly into any format
(`rounded`), and a slice of it is again a progression.  It gives the kernels what their tables are
made of as integers.  No array library is imported here.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import lru_cache
from math import gcd, lcm
from typing import NamedTuple

from .fixed import QUICK_BITS, exp2_fixed, exp2_quick, log2_fixed, log2_quick, normalise
from .powers import rational_power
from .rounding import Format, IntFormat, round_ratio, round_scaled
from .sides import leading_log2, next_fraction, side

__all__ = ["HUGE", "LOG_BITS", "LONGEST_LINE", "Arithmetic", "Geometric", "Ratio", "interval"]

#: Fractional bits of the logarithms that `Geometric.log2_line` returns: the 128 of the tables and
#: 48 more, so that 2**48 steps of a grid add less than a unit of 2**-128.
LOG_BITS = 176

#: A binary logarithm beyond this is called huge: overflow or underflow in every format.
HUGE = 1 << 20
#: One below this is of a number that has no trouble with its exponent.
_PLAIN = 1 << 12
_MASK = (1 << QUICK_BITS) - 1
#: Denominators of more bits are slow, and may be next to short ones.
_LONG = 1 << 11
#: Looking for a short line takes the time of about so many elements of the long one.
_PATIENCE = 256
#: Bits beyond which nothing is told from what it is next to: no midpoint is as fine.
_NEAR = 1100
#: Bits of integers whose roots take no time.
_SHORT = 1 << 11

Ratio = tuple[int, int]

_ONE = (1, 1)

#: Elements for which a unit of a step makes no difference to a logarithm.
LONGEST_LINE = 1 << 56

_log2_cached = lru_cache(maxsize=256)(log2_fixed)


class _NextLine(NamedTuple):
    """A line of short numbers, ``(a + i*b) / den``, so near to a long one that it rounds alike.

    Where an element is itself a number at which a rounding changes, the side tells: ``sign``
    before the index ``turn``, and its opposite after it.  At ``turn`` they meet if ``meets``.
    """

    a: int
    b: int
    den: int
    sign: int
    turn: int
    meets: bool

    def number(self, i: int) -> Ratio:
        if i == self.turn and self.meets:
            return self.a + i * self.b, self.den
        side = self.sign if i <= self.turn else -self.sign
        return (self.a + i * self.b << _NEAR) + side, self.den << _NEAR


def _next_line(a: int, b: int, den: int, num: int) -> _NextLine | None:
    """The short line next to ``(a + i*b) / den``, for ``i`` in ``range(num)``, if there is one.

    It is ``(c + i*d) / k``.  Midpoints and integers are multiples of ``2**-1075``: they are at
    least ``2**-1075 / k`` from its elements, or equal to them.  So what is nearer than
    ``2**-_NEAR / k`` may be replaced by anything as near on the same side.
    """
    (c, k), (d, m) = (_next_short(n, den) for n in (a, b))
    common = lcm(k, m)
    if not common or common.bit_length() > _NEAR:
        return None
    c, d = c * (common // k), d * (common // m)
    gap, change = a * common - c * den, b * common - d * den
    if (abs(gap) + num * abs(change)).bit_length() + _NEAR >= den.bit_length():
        return None
    if change == 0:
        return _NextLine(c, d, common, (gap > 0) - (gap < 0), num, False)
    turn, rest = divmod(-gap, change)
    return _NextLine(c, d, common, -1 if change > 0 else 1, turn, not rest)


def _next_short(n: int, d: int) -> Ratio:
    """``n / d`` by its first 8,192 bits, as a short ratio; ``(0, 0)`` if it is none."""
    places = 4 * _LONG
    found = next_fraction((abs(n) << places) // d if n else 0, 1 << places, _NEAR)
    if found is None:
        return 0, 0
    return (-found[0], found[1]) if n < 0 else found


class Arithmetic:
    """``(a + i*b) / den`` for ``i`` in ``range(num)``, with integers and ``den > 0``."""

    __slots__ = ("_short", "a", "b", "den", "num")

    def __init__(self, a: int, b: int, den: int, num: int) -> None:
        self.a, self.b, self.den, self.num = a, b, den, num
        #: The short line next to it; until that is looked for, how often it was missed.
        self._short: _NextLine | int | None = 0

    def slice(self, first: int, step: int, num: int) -> Arithmetic:
        """The elements ``first, first + step, ...``, ``num`` of them: exactly a progression."""
        return Arithmetic(self.a + first * self.b, self.b * step, self.den, num)

    def scaled(self, k: int) -> Arithmetic:
        """The progression times ``2**k``."""
        if k >= 0:
            return Arithmetic(self.a << k, self.b << k, self.den, self.num)
        return Arithmetic(self.a, self.b, self.den << -k, self.num)

    def rounded(self, i: int, fmt: Format) -> float | int:
        """Element ``i``, correctly rounded; the floor for an integer format.

        A negative element that rounds to zero is ``-0.0``, an element that is zero ``0.0``.
        """
        den = self.den
        if den.bit_length() <= _LONG:
            n = self.a + i * self.b
        else:
            n, den = self._same_rounding(i)
        if isinstance(fmt, IntFormat):
            return n // den
        magnitude = round_ratio(abs(n), den, fmt)
        return -magnitude if n < 0 else magnitude

    def _same_rounding(self, i: int) -> Ratio:
        """A number that rounds as element ``i`` in every format: a short one, if it is next to."""
        short = self._short
        if isinstance(short, int):
            if short < _PATIENCE:
                self._short, short = short + 1, None
            else:
                short = self._short = _next_line(self.a, self.b, self.den, self.num)
        return short.number(i) if short else (self.a + i * self.b, self.den)

    def exponent(self) -> int:
        """The least ``k`` for which ``2**k`` exceeds every magnitude, or one more than that."""
        last = self.a + (self.num - 1) * self.b
        return max(self.a.bit_length(), last.bit_length()) - self.den.bit_length() + 1

    def is_multiple(self, expo: int) -> bool:
        """Whether every element is a multiple of ``2**expo``."""
        up, down = max(expo, 0), max(-expo, 0)
        den = self.den << up
        return (self.a << down) % den == 0 == (self.b << down) % den

    def first_at_least(self, n: int, expo: int) -> int:
        """How many of the elements of an ascending progression are below ``n * 2**expo``."""
        up, down = max(expo, 0), max(-expo, 0)
        bound, a, b = n * self.den << up, self.a << down, self.b << down
        if a >= bound:
            return 0
        if a + (self.num - 1) * b < bound:  # else the quotient is as short as the grid
            return self.num
        return -((a - bound) // b)


class Geometric:
    """``scale * base**((a + i*b) / den)`` for ``i`` in ``range(num)``.

    ``scale`` and ``base`` are positive ratios of integers, ``den > 0``.
    """

    __slots__ = ("_line", "_log2_scale", "a", "b", "base", "den", "num", "scale")

    def __init__(self, scale: Ratio, base: Ratio, a: int, b: int, den: int, num: int) -> None:
        self.scale, self.base = scale, base
        self.a, self.b, self.den, self.num = a, b, den, num
        self._line: tuple[int, int] | None = None
        self._log2_scale = 0 if scale == _ONE else None

    def slice(self, first: int, step: int, num: int) -> Geometric:
        """The elements ``first, first + step, ...``, ``num`` of them: exactly a progression."""
        a = self.a + first * self.b
        return Geometric(self.scale, self.base, a, self.b * step, self.den, num)

    def scaled(self, k: int) -> Geometric:
        """The progression times ``2**k``."""
        n, d = self.scale
        scale = (n << k, d) if k >= 0 else (n, d << -k)
        return Geometric(scale, self.base, self.a, self.b, self.den, self.num)

    def is_constant(self) -> bool:
        """Whether all elements are the same number."""
        return self.b == 0 or self.num == 1 or self.base[0] == self.base[1]

    def log2_line(self) -> tuple[int, int]:
        """``(A, D)`` with ``log2(element i / scale) ~ A + i*D``, in ``2**-LOG_BITS``.

        Off by less than ``2**-120`` for every ``i < 2**56`` where the logarithm is not huge.  Only
        of a progression that is no longer it is kept, as `rounded` relies on it.
        """
        if self._line is not None:
            return self._line
        a, b, den = self.a, self.b, self.den
        reach = (abs(a) + (self.num - 1) * abs(b)).bit_length() - den.bit_length()
        if reach <= 0:  # exponents of at most 1 do not multiply the 64 units of 2**-128
            wp = QUICK_BITS
            log_base = log2_quick(*self.base)
        else:
            wp = LOG_BITS + reach if reach > 64 else 240
            if reach > 64 and (self._huge(a) or self._huge(a + (self.num - 1) * b)):
                # Its order is enough to see that the grid leaves every range: bounded time.
                man, expo = leading_log2(*self.base)
                wp = 240 + max(-expo - man.bit_length(), 0)
            log_base = _log2_cached(*self.base, wp)
        # One floor, by a shift and a division by an odd number, which is shorter.
        log_base = log_base << (LOG_BITS - wp) if wp < LOG_BITS else log_base
        zeros = (den & -den).bit_length() - 1
        odd, drop = den >> zeros, max(wp - LOG_BITS, 0) + zeros
        line = a and (a * log_base >> drop) // odd, (b * log_base >> drop) // odd
        if self.num <= LONGEST_LINE:
            self._line = line
        return line

    def log2_scale(self) -> int:
        """``log2(scale)`` in ``2**-LOG_BITS``, off by less than ``2**-120``."""
        log = self._log2_scale
        if log is None:
            log = self._log2_scale = log2_quick(*self.scale) << (LOG_BITS - QUICK_BITS)
        return log

    def scale_exponent(self) -> int:
        """``floor(log2(scale))``."""
        if self.scale == _ONE:
            return 0
        return normalise(*self.scale, QUICK_BITS)[1]

    def scaled_power(self, f: int) -> int:
        """``2**(f / 2**128)`` times the scale brought into ``[1, 2)``, as `exp2_quick`."""
        power = exp2_quick(f)
        if self.scale == _ONE:
            return power
        return power * normalise(*self.scale, QUICK_BITS)[0] >> QUICK_BITS

    def ends(self) -> tuple[int, int]:
        """Integer bounds of the binary logarithms of all elements, of a grid that is not huge."""
        start, step = self._line or self.log2_line()
        first, last = start >> LOG_BITS, (start + (self.num - 1) * step) >> LOG_BITS
        low, high = (first, last + 1) if step >= 0 else (last, first + 1)
        if self.scale == _ONE:
            return low, high
        # The lengths of two integers tell the logarithm of their ratio between two bounds.
        n, d = self.scale
        expo = n.bit_length() - d.bit_length()
        return low + expo - 1, high + expo + 1

    def log2(self, i: int) -> float:
        """The binary logarithm of element ``i`` to ``2**-16``; only its sign where it is huge."""
        p = self.a + i * self.b
        huge = self._huge(p)
        if huge:
            return huge
        wp = 64 + max(p.bit_length() - self.den.bit_length(), 0)
        log = p * _log2_cached(*self.base, wp) // self.den
        return math.ldexp(log + _log2_cached(*self.scale, wp) >> (wp - 32), -32)

    def _huge(self, p: int) -> int:
        """``+-HUGE`` if element's logarithm is huge with that sign, whatever the scale, else 0.

        The leading bits of the logarithm of the base show its order, however long ``p`` is.
        """
        n, d = self.base
        length = max(n.bit_length(), d.bit_length())  # |log2(base)| <= length
        if p.bit_length() - self.den.bit_length() + length.bit_length() < 19 or n == d:
            return 0
        man, expo = leading_log2(n, d)
        limit = HUGE + self.scale[0].bit_length() + self.scale[1].bit_length()
        sign = HUGE if (p > 0) == (man > 0) else -HUGE
        # |p*man/den| is from 2**(bits - 2) on and below 2**(bits + 1).
        bits = p.bit_length() + man.bit_length() - self.den.bit_length() + expo
        if abs(bits - limit.bit_length()) > 3:
            return sign if bits > limit.bit_length() else 0
        log = p * man // self.den
        log = log << expo if expo >= 0 else log >> -expo
        return sign if abs(log) > limit else 0

    def first_at_least(self, bound: float) -> int:
        """The first index whose `log2` reaches ``bound``, of an ascending progression."""
        return bisect_left(range(self.num), bound, key=self.log2)

    def rounded(self, i: int, fmt: Format) -> float | int:
        """Element ``i``, correctly rounded; its integer part for an integer format.

        An interval around the element is rounded at both ends.  If they differ, there is one
        number between them where the rounding changes, and `side` tells on which side of it the
        element lies.
        """
        if self._line is not None:
            quick = self._rounded_quickly(i, fmt)
            if quick is not None:
                return quick
        p = self.a + i * self.b
        huge = self._huge(p)
        if huge:
            return round_scaled(1, huge, fmt)
        if self._longest(p) <= _SHORT:
            ratio = rational_power(_reduced(self.scale), _reduced(self.base), p, self.den)
            if ratio is not None:
                n, d, expo = ratio
                return round_ratio(n, d, fmt, expo)
        wp = 128
        while True:
            man, error, expo = interval(self.scale, self.base, p, self.den, wp)
            low, high = (round_scaled(man + e, expo, fmt) for e in (-error, error))
            if low == high:
                return low
            change = _change_between(low, high, fmt)
            if change is None:
                wp *= 2
                continue
            found = side(self.scale, self.base, p, self.den, change)
            return round_ratio(*change, fmt) if found == 0 else low if found < 0 else high

    def _longest(self, p: int) -> int:
        """The length of the longest number that defines an element, in bits."""
        return max(n.bit_length() for n in (*self.scale, *self.base, p, self.den))

    def _rounded_quickly(self, i: int, fmt: Format) -> float | int | None:
        """The same from the logarithms that the tables were made of; None if they leave it open.

        The two of them are off by less than ``2**-119`` together, and `exp2_quick` by 16 units of
        ``2**-128``: the element by less than ``2**-118`` of itself, which is ``2**11`` units here.
        """
        assert self._line is not None
        start, step = self._line
        log = start + i * step + self.log2_scale() >> LOG_BITS - QUICK_BITS
        expo = log >> QUICK_BITS
        if not -_PLAIN < expo < _PLAIN:
            return None
        man = exp2_quick(log & _MASK)
        low = round_scaled(man - 2048, expo - QUICK_BITS, fmt)
        return low if low == round_scaled(man + 2048, expo - QUICK_BITS, fmt) else None


@lru_cache(maxsize=16)
def interval(scale: Ratio, base: Ratio, p: int, den: int, wp: int) -> tuple[int, int, int]:
    """``(man, error, expo)``: ``scale * base**(p/den)`` lies in ``(man +- error) * 2**expo``.

    The logarithm of the base is off by 2 units of its precision, which ``p/den`` multiplies;
    with the floors and the logarithm of the scale, the exponent is off by less than 8 units
    of ``2**-wp``.  ``2**x`` has a slope below 1.39 on ``[0, 1]``; `exp2_fixed` adds 2 units.
    An element is asked for more than once: whether it is in range, and what it is.
    """
    more = max(p.bit_length() - den.bit_length(), 0) + 2
    log = p * log2_fixed(*base, wp + more) // den >> more
    if scale != _ONE:
        log += log2_fixed(*scale, wp)
    expo = log >> wp
    return exp2_fixed(log - (expo << wp), wp), 16, expo - wp


def _change_between(low: float | int, high: float | int, fmt: Format) -> Ratio | None:
    """Where the rounding changes from one number of a format to the next one; None if not once.

    Infinity stands for what comes after the largest number, as in `round_scaled`.
    """
    if isinstance(fmt, IntFormat):
        above = 1 << 128 if high == math.inf else int(high)
        return (above, 1) if above - 1 == low else None
    (a, b), (c, d) = (
        (2 << fmt.emax, 1) if x == math.inf else float(x).as_integer_ratio() for x in (low, high)
    )
    return a * d + c * b, 2 * b * d


def _reduced(ratio: Ratio) -> Ratio:
    n, d = ratio
    common = gcd(n, d)
    return n // common, d // common
