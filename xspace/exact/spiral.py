"""The mathematics of complex grids: a logarithmic spiral with exact parameters.

A `Spiral` knows its elements exactly and rounds the parts of any one of them correctly
(`rounded`); a slice of it is again a spiral.  No array library is imported here.  The theorems
that the exact cases rest on are in docs/method/complex.rst.
"""

from __future__ import annotations

from functools import lru_cache
from math import gcd, lcm

from .angles import arg_fixed, cos_sin_fixed, nepers_per_turn, octant
from .fixed import exp2_fixed, log2_fixed
from .gaussian import Gaussian, direction_power, product, to_gaussian
from .lines import exponents
from .number import Scalar, complex_parts
from .powers import integer_root, rational_power
from .progression import Arithmetic, Geometric
from .rounding import FloatFormat, round_ratio, round_scaled

__all__ = ["ONE", "Spiral", "exponent_lines", "logspace_spiral", "spiral_of_ends"]

ONE = Gaussian(1, 0, 1)

Exponent = tuple[int, int]  #: numerators of the real and the imaginary part

#: Working precision at which the ladder of `Spiral.rounded` begins, and where it ends (from
#: there on, and 8 times as many bits as the arguments have).
_FIRST_BITS = 128
_LAST_BITS = 1 << 14

#: Exact powers are not built beyond this many bits (and 8 times those of the parameters).
_LONGEST_POWER = 1 << 16

#: Units by which `Spiral.interval` may be off.
_ERROR = 128

#: Four times the squares of the cosines of multiples of 30 degrees.
_FOUR_SQUARES = (4, 3, 1, 0, 1, 3, 4, 3, 1, 0, 1, 3)

_log2_cached = lru_cache(maxsize=256)(log2_fixed)


class Spiral:
    """``scale * base**((a + i*b) / den)`` for ``i`` in ``range(num)``, on the principal branch.

    ``a`` and ``b`` are Gaussian integers; they are real unless ``scale`` is 1.  ``base`` is not
    zero.  A negative real base has the angle of ``turn`` half turns, 1 or -1.
    """

    __slots__ = ("a", "b", "base", "den", "num", "scale", "turn")

    def __init__(
        self,
        scale: Gaussian,
        base: Gaussian,
        a: Exponent,
        b: Exponent,
        den: int,
        num: int,
        turn: int = 1,
    ) -> None:
        self.scale, self.base = scale, base
        self.a, self.b, self.den, self.num = a, b, den, num
        self.turn = turn

    def slice(self, first: int, step: int, num: int) -> Spiral:
        """The elements ``first, first + step, ...``, ``num`` of them: exactly a spiral."""
        b = self.b[0] * step, self.b[1] * step
        return Spiral(self.scale, self.base, self.exponent(first), b, self.den, num, self.turn)

    def exponent(self, i: int) -> Exponent:
        """The numerators of exponent ``i``, over ``den``."""
        return self.a[0] + i * self.b[0], self.a[1] + i * self.b[1]

    def reach(self) -> int:
        """Bits of the integer part of the largest exponent."""
        ends = *self.a, *self.exponent(max(self.num - 1, 0))
        return max(max(n.bit_length() for n in ends) - self.den.bit_length() + 1, 0)

    def polar(self, p: Exponent, wp: int) -> tuple[int, int]:
        """Binary logarithm and angle, in turns, of the element with exponent ``p / den``.

        Both with ``wp`` fractional bits and off by less than 2 units, the scale left out.  A
        binary logarithm is ``2 pi / ln 2`` times smaller as an angle in turns.
        """
        (re, im), den = p, self.den
        square = self.base.square
        w = wp + self.reach() + max(map(int.bit_length, square)).bit_length() + 16
        log = _log2_cached(*square, w)
        angle = self._angle(w)
        if im == 0:
            return re * log // (2 * den) >> (w - wp), re * angle // den >> (w - wp)
        k = nepers_per_turn(w)
        more = 2 * w - wp
        return (
            ((re * log << (w - 1)) - im * angle * k) // den >> more,
            ((re * angle << w) + (im * log << (2 * w - 1)) // k) // den >> more,
        )

    def polar_scale(self, wp: int) -> tuple[int, int]:
        """The same of the scale: off by less than 2 units."""
        if self.scale == ONE:
            return 0, 0
        return _log2_cached(*self.scale.square, wp) >> 1, self._turn_of_scale(wp)

    def _turn(self, n: int, d: int, wp: int) -> int:
        """The angle of ``base**(n/d)`` as `polar` gives it, without the logarithm's expense."""
        w = wp + max(n.bit_length() - d.bit_length() + 1, 0) + 16
        return n * self._angle(w) // d >> (w - wp)

    def _turn_of_scale(self, wp: int) -> int:
        a, b, _ = self.scale
        return arg_fixed(a, b, wp)

    def _angle(self, wp: int) -> int:
        a, b, _ = self.base
        return arg_fixed(a, b, wp) if b or a > 0 else self.turn << (wp - 1)

    def interval(self, p: Exponent, wp: int) -> tuple[int, int, int]:
        """``(re, im, expo)``: the parts are ``(re +- _ERROR) * 2**expo``, and ``(im +- _ERROR)``.

        Logarithm and angle are off by less than 4 units.  The modulus, in ``[1, 2]``, is off by
        ``4 * 1.39 + 2``, cosine and sine by ``4 * 2 pi + 2``: a product by less than 64.
        """
        log, turn = self.polar(p, wp)
        log_scale, turn_scale = self.polar_scale(wp)
        log += log_scale
        expo = log >> wp
        modulus = exp2_fixed(log - (expo << wp), wp)
        c, s = cos_sin_fixed((turn + turn_scale) & ((1 << wp) - 1), wp)
        return modulus * c >> wp, modulus * s >> wp, expo - wp

    def rounded(self, i: int, fmt: FloatFormat) -> tuple[float, float]:
        """Both parts of element ``i``, correctly rounded; an exact zero is ``0.0``.

        Ziv's strategy, as in `Geometric.rounded`: the exact cases are looked for when the first
        precision leaves a part open.
        """
        p = self.exponent(i)
        wp = _FIRST_BITS
        re, im, expo = self.interval(p, wp)
        parts = [_settled(man, expo, fmt) for man in (re, im)]
        last = 0
        if None in parts:
            if self._is_positive(p):
                magnitude = self._line(p).rounded(0, fmt)
                return _signed(float(magnitude), self.scale.a), 0.0
            known = self._exact_parts(p, fmt)
            parts = [x if y is None else y for x, y in zip(parts, known, strict=True)]
            last = _LAST_BITS + 8 * self._bits(p)
        while None in parts:
            wp *= 2
            mans = self.interval(p, wp)
            for k in (0, 1):
                if parts[k] is None:
                    parts[k] = _settled(mans[k], mans[2], fmt, wp if wp >= last else 0)
                if parts[k] is None and _rounds_to_zero(mans[k], mans[2], fmt):
                    parts[k] = self._signed_zero(p, k)
        re_part, im_part = parts
        assert re_part is not None
        assert im_part is not None
        return re_part, im_part

    def _signed_zero(self, p: Exponent, part: int) -> float | None:
        """A part that rounds to zero, by the sign of an angle that is rational; else None."""
        m, k = octant(*self.scale[:2]), octant(*self.base[:2])
        if p[1] or m is None or k is None:
            return None
        turn = 8 * self.den
        angle = m * self.den + (k if k != 4 else k * self.turn) * p[0] - 2 * part * self.den
        cosine = abs(2 * (angle % turn) - turn) - turn // 2  # it has this one's sign
        return _signed(0.0, cosine)

    def _is_positive(self, p: Exponent) -> bool:
        """Whether the element is a real power of a positive number, times a real scale."""
        return self.base.b == 0 < self.base.a and self.scale.b == 0 == p[1]

    def _line(self, p: Exponent) -> Geometric:
        (a, _, c), (n, _, d) = self.scale, self.base
        return Geometric((abs(a), c), (n, d), p[0], 0, self.den, 1)

    def _bits(self, p: Exponent) -> int:
        """The size of what defines an element, in bits."""
        lengths = self.scale.bits, self.base.bits, self.den.bit_length()
        return sum(lengths) + sum(n.bit_length() for n in p)

    def _exact_parts(self, p: Exponent, fmt: FloatFormat) -> list[float | None]:
        """Parts that are zero or rational, rounded; None for those that are neither.

        Also None for a rational part that is too long to be a midpoint.
        """
        re, im = p
        common = gcd(re, self.den)
        n, d = re // common, self.den // common
        if im:
            return self._exact_zeros(n, d)
        if d == 1 and 0 <= n <= 1:  # an end, whose common divisors do not matter
            base = self.base if n else ONE
            parts = product(self.scale[:2], base[:2])
            return [_signed(round_ratio(abs(x), self.scale.c * base.c, fmt), x) for x in parts]
        twelfths = self._twelfths(n, d)
        if twelfths is not None:
            return [
                self._on_twelfth(n, d, twelfths, fmt),
                self._on_twelfth(n, d, (twelfths - 3) % 12, fmt),
            ]
        value = self._gaussian_value(n, d)
        if value is None:
            return [None, None]
        return [_signed(round_ratio(abs(x), value.c, fmt), x) for x in value[:2]]

    def _exact_zeros(self, n: int, d: int) -> list[float | None]:
        """Parts that are zero beside an exponent that is not real, of real part ``n/d``.

        That takes a base of modulus 1 (Baker) or 1 itself; the other part is transcendental.
        """
        if self.base == ONE:
            return [1.0, 0.0]
        if self.base.norm != (1, 1):
            return [None, None]
        twelfths = self._twelfths(n, d)
        if twelfths is None or twelfths % 3:
            return [None, None]
        return [None, 0.0] if twelfths % 6 == 0 else [0.0, None]

    def _twelfths(self, n: int, d: int) -> int | None:
        """The angle of ``scale * base**(n/d)`` in twelfths of a turn, if it is exactly that.

        ``n/d`` is in lowest terms.  If scale and base are multiples of eighths, this is
        arithmetic.  Else the angle is rational for one exponent at most, which unique
        factorisation of Gaussian integers bounds.
        """
        scale, base = self.scale[:2], self.base[:2]
        m, k = octant(*scale), octant(*base)
        if n == 0:  # the scale itself
            return None if m is None or m % 2 else 3 * m // 2 % 12
        nearest = 0
        for wp in (96, 96 + 2 * (self.base.bits + self.scale.bits)):
            turn = self._turn(n, d, wp) + self._turn_of_scale(wp)
            nearest = (12 * turn + (1 << (wp - 1))) >> wp
            if abs(12 * turn - (nearest << wp)) >> 16:
                return None
        if m is not None and k is not None:
            if k == 4:
                k *= self.turn
            return nearest % 12 if 3 * (m * d + n * k) == 2 * d * nearest % (24 * d) else None
        # Each Gaussian prime beside 1 + i has a norm of 5 or more, so 2**(2d) <= |base|**2.
        if d > self.base.bits or abs(n) > self.scale.bits:
            return None
        if octant(*direction_power(scale, base, n, d)) is None:
            return None
        return nearest % 12

    def _on_twelfth(self, n: int, d: int, twelfths: int, fmt: FloatFormat) -> float | None:
        """``|element| * cos(twelfths / 12 of a turn)``, if its square is that of a rational."""
        weight = _FOUR_SQUARES[twelfths]
        if weight == 0:
            return 0.0
        n_scale, d_scale = self.scale.norm
        scale = _lowest(weight * n_scale, 4 * d_scale)
        square = rational_power(scale, self.base.norm, n, d)
        if square is None:
            return None
        top, bottom = _lowest(*square[:2])
        expo = square[2] - (shift := square[2] & 1)
        top, bottom = _lowest(top << shift, bottom)
        root, root_below = integer_root(top, 2), integer_root(bottom, 2)
        if root is None or root_below is None:
            return None
        magnitude = round_ratio(root, root_below, fmt, expo // 2)
        return _signed(magnitude, -1 if 3 < twelfths < 9 else 1)

    def _gaussian_value(self, n: int, d: int) -> Gaussian | None:
        """``scale * base**(n/d)``, lowest terms, if it is a Gaussian rational and not too long."""
        root = self._root(d)
        if root is None:
            return None
        if abs(n) * root.bits > _LONGEST_POWER + 8 * (self.base.bits + self.scale.bits):
            return None
        return self.scale.times(root.raised(n))

    def _root(self, d: int) -> Gaussian | None:
        """The principal ``d``-th root of the base, if it is a Gaussian rational.

        Times the base's denominator it is then a Gaussian integer: the one next to the root as
        computed, which is tried.
        """
        a, b, c = self.base
        if d == 1:
            return self.base
        if d > 2 * self.base.bits + 1:
            return ONE if self.base == ONE else None
        wp = 64 + self.base.bits
        line = Spiral(ONE, self.base, (1, 0), (0, 0), d, 1, self.turn)
        re, im, expo = line.interval((1, 0), wp)
        nearest = []
        for part in (re, im):
            fixed = part * c << wp >> -expo if expo < 0 else part * c << (wp + expo)
            whole = (fixed + (1 << (wp - 1))) >> wp
            if abs(fixed - (whole << wp)) >> (wp - 20):
                return None
            nearest.append(whole)
        x, y = nearest
        power = direction_power((1, 0), (x, y), d, 1)
        unit = c ** (d - 1)
        return Gaussian.reduced(x, y, c) if power == (a * unit, b * unit) else None


def _lowest(n: int, d: int) -> tuple[int, int]:
    common = gcd(n, d)
    return n // common, d // common


def _signed(magnitude: float, sign: int) -> float:
    return -magnitude if sign < 0 else magnitude


def _rounds_to_zero(man: int, expo: int, fmt: FloatFormat) -> bool:
    """Whether all that lies within `_ERROR` of a part rounds to a zero."""
    return (abs(man) + _ERROR).bit_length() + expo < fmt.quantum


def _settled(man: int, expo: int, fmt: FloatFormat, last: int = 0) -> float | None:
    """``man * 2**expo`` rounded, if all that lies within `_ERROR` of it rounds alike.

    On the last step of the ladder, which has ``last`` bits, the simplest number within reach, a
    midpoint or zero, is taken for the value.
    """
    low, high = abs(man) - _ERROR, abs(man) + _ERROR
    if low > 0:
        magnitude = round_scaled(low, expo, fmt)
        if magnitude == round_scaled(high, expo, fmt):
            return _signed(float(magnitude), man)
    if not last:
        return None
    drop = last // 2
    whole = (abs(man) + (1 << (drop - 1))) >> drop
    return _signed(float(round_scaled(whole, expo + drop, fmt)), man if whole else 1)


def spiral_of_ends(start: Scalar, stop: Scalar, num: int, endpoint: bool) -> Spiral:
    """The one of ``geomspace`` between finite ends, not zero."""
    scale = to_gaussian(start)
    base = to_gaussian(stop).times(scale.inverse())
    turn = -1 if scale.a < 0 or (scale.a == 0 < scale.b) else 1
    return Spiral(scale, base, (0, 0), (1, 0), max(num - 1 if endpoint else num, 1), num, turn)


def logspace_spiral(start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool) -> Spiral:
    """The one of ``logspace`` with finite exponents and a finite base, not zero."""
    real, imag = exponent_lines(start, stop, num, endpoint)
    den = lcm(real.den, imag.den)
    m, n = den // real.den, den // imag.den
    a, b = (real.a * m, imag.a * n), (real.b * m, imag.b * n)
    return Spiral(ONE, to_gaussian(base), a, b, den, num)


def exponent_lines(
    start: Scalar, stop: Scalar, num: int, endpoint: bool
) -> tuple[Arithmetic, Arithmetic]:
    """The real and the imaginary parts of the exponents."""
    pairs = zip(complex_parts(start), complex_parts(stop), strict=True)
    real, imag = (exponents(first, last, num, endpoint) for first, last in pairs)
    return real, imag
