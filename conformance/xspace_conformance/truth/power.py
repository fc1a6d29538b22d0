"""Powers of rational numbers, rounded once: MPFR between proven bounds, exact where rational.

This is the only part of the oracle that evaluates a transcendental function.
"""

from __future__ import annotations

from typing import Any

import gmpy2
from gmpy2 import mpq

from .formats import FloatFormat, IntFormat

START_PRECISION = 120
# Beyond |ln(value)| = 2000 every format here has overflowed (float64 and bfloat16 end at
# 2**1024 and 2**128, uint64 at 2**64) or rounds to zero (float64 below 2**-1075 = e**-745).
LOG_LIMIT = 2000
# A power of an integer >= 3 that is no power of two has more than 65 significant bits from
# this exponent on: 3**42 > 2**66. No rounding boundary has more (53 + 1 in float64, 64 in uint64).
LONGEST_BOUNDARY_POWER = 64
# No integer dtype holds a number of so many bits.
BEYOND_BITS = 70


def settle_ratio(value: mpq, form: FloatFormat | IntFormat) -> int:
    """Round a rational number that is not negative: to nearest, or truncated to an integer."""
    if isinstance(form, IntFormat):
        return int(value.numerator // value.denominator)
    return form.round_ratio(value.numerator, value.denominator)


class Power:
    """The numbers ``scale * ratio ** (n/d)`` of one grid, for positive rational scale and ratio."""

    def __init__(self, scale: mpq, ratio: mpq) -> None:
        self.scale = scale
        self.ratio = ratio
        self.contexts: dict[int, tuple[Any, Any, Any]] = {}

    def context(self, wp: int) -> tuple[Any, Any, Any]:
        """Return an MPFR context of `wp` bits with ``ln(ratio)`` and the scale in it.

        ``ln(ratio)`` is good to ``2**(2 - wp)`` relative: rounding the argument of ``log``
        (at ``ratio`` outside (1/2, 2), where ``|ln| > 0.69``) costs at most ``1.45 * 2**-wp``,
        rounding the argument ``u`` of ``log1p`` in ``[-1/2, 1]`` at most
        ``u / ((1 + u) * log1p(u)) <= 1.45`` of them, and the function's own rounding one.
        """
        if wp not in self.contexts:
            ctx = gmpy2.context(precision=wp)
            if mpq(1, 2) < self.ratio < 2:
                log = ctx.log1p(_to_mpfr(self.ratio - 1, ctx))
            else:
                log = ctx.log(_to_mpfr(self.ratio, ctx))
            self.contexts[wp] = ctx, log, _to_mpfr(self.scale, ctx)
        return self.contexts[wp]

    def enclose(self, numerator: Any, denominator: Any, wp: int) -> tuple[int, int, int] | int:
        """Return ``man, expo, err``: the value is within ``(man - err, man + err) * 2**expo``.

        Or the sign of the logarithm where it is beyond `LOG_LIMIT`.

        With ``t`` the exact ``ln(ratio) * n/d``: the computed one is off by the logarithm's
        ``2**(2 - wp)``, the conversions of ``n`` and ``d``, the product and the quotient, each
        ``2**-wp``: together less than ``|t| * 8.01 * 2**-wp <= 8.01 * 2**(b - wp)``, where
        ``2**b > |t|`` and ``b >= 0``. ``exp`` turns that into a relative error at most 1.01
        times as large (it is below ``2**-20``), and its rounding, the scale's and the
        product's add ``3 * 2**-wp``: in all less than ``11.2 * 2**(b - wp)``. Of `man`, which
        is below ``2**wp``, that is less than ``2**(b + 4)`` units, the change from "relative
        to the value" to "relative to the result" included.
        """
        ctx, log, scale = self.context(wp)
        t = ctx.div(ctx.mul(log, numerator), denominator)
        if not t:  # the ratio is exactly 1
            bound = 0
        else:
            bound = max(gmpy2.get_exp(t), 0)
            if bound > 11 and self.scale == 1:
                return 1 if t > 0 else -1
            if bound + 60 > wp:
                return self.enclose(numerator, denominator, 2 * wp)
        value = ctx.exp(t) if self.scale == 1 else ctx.mul(scale, ctx.exp(t))
        man, expo = value.as_mantissa_exp()
        missing = wp - man.bit_length()
        return int(man) << missing, int(expo) - missing, 1 << (bound + 4)

    def round(self, numerator: Any, denominator: Any, form: FloatFormat | IntFormat) -> int:
        """Round ``scale * ratio ** (numerator/denominator)`` into a format, once."""
        settle = form.round if isinstance(form, FloatFormat) else truncate
        wp = START_PRECISION
        checked = False
        while True:
            found = self.enclose(numerator, denominator, wp)
            if isinstance(found, int):  # beyond every format, up or down
                return settle(1, 4096 * found)
            man, expo, err = found
            low = settle(man - err, expo)
            if low == settle(man + err, expo):
                return low
            if not checked:
                checked = True
                rational = self.rational(numerator, denominator)
                if rational is not None:
                    return settle_ratio(rational, form)
            wp *= 2

    def rational(self, numerator: Any, denominator: Any) -> mpq | None:
        """Return the exact value if it may lie on a boundary of a rounding, else None.

        ``ratio ** (n/d)`` in lowest terms is rational only if both parts of the ratio are
        perfect ``d``-th powers. Its ``n``-th power is a boundary (a binary fraction of few
        bits, scaled) only if ``n`` is small or the root is a power of two.
        """
        n, d = _lowest(numerator, denominator)
        root = _exact_root(self.ratio, d)
        if root is None:
            return None
        if self.scale == 1 and abs(n) > LONGEST_BOUNDARY_POWER and not _is_power_of_two(root):
            return None
        return self.scale * root**n


def truncate(man: int, expo: int) -> int:
    """Return ``man * 2**expo`` truncated; all that is beyond every integer dtype is one number.

    So a power that is an integer of hundreds of digits, exactly on the edge of a truncation, needs
    no precision at which it is told from its neighbours.
    """
    if man.bit_length() + expo > BEYOND_BITS:
        return 1 << BEYOND_BITS
    if expo >= 0:
        return man << expo
    return man >> min(-expo, man.bit_length())


def _to_mpfr(value: mpq, ctx: Any) -> Any:
    """Round a rational number once, to nearest, at the context's precision."""
    return gmpy2.mpfr(value, ctx.precision)


def _lowest(numerator: Any, denominator: Any) -> tuple[int, int]:
    fraction = mpq(numerator, denominator)
    return int(fraction.numerator), int(fraction.denominator)


def _is_power_of_two(value: mpq) -> bool:
    part = max(value.numerator, value.denominator)
    return min(value.numerator, value.denominator) == 1 and bool(part & (part - 1) == 0)


def _exact_root(value: mpq, degree: int) -> mpq | None:
    """Return the rational `degree`-th root of a positive rational number, if there is one."""
    parts = []
    for part in (value.numerator, value.denominator):
        if part == 1:
            parts.append(part)
            continue
        if degree >= part.bit_length():  # 2**degree > part > 1
            return None
        root, is_exact = gmpy2.iroot(part, degree)
        if not is_exact:
            return None
        parts.append(root)
    return mpq(*parts)
