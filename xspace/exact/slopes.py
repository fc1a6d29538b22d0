"""First derivatives of real grids by their ends: any element, correctly rounded.

With ``w = i/div``, ``v = 1 - w`` and the exponent ``x`` they are ``v * (stop/start)**w`` or
``w * (start/stop)**v`` of ``geomspace``, and ``x * base**(x - 1)`` of ``logspace`` by its base:
elements of geometric progressions, each with a scale of its own.  Those by its ends,
``v * ln(base) * base**x`` or ``w * ln(base) * base**x``, are zero or transcendental, as logarithms
of rational numbers other than 1 are and their rational powers are not: so they are no midpoints,
and an interval tells the side of one at some precision (Ziv's strategy).

``docs/gradients.rst`` has the limits where there is no derivative.
"""

from __future__ import annotations

import math
from math import gcd

from .fixed import ln2_fixed, log2_fixed
from .number import Scalar
from .progression import HUGE, Geometric, Ratio, interval
from .rounding import Format, round_scaled

__all__ = ["rounded_slope"]


def rounded_slope(
    caller: str, ends: tuple[Scalar, ...], by: int, i: int, div: int, fmt: Format
) -> float:
    """Element ``i`` of the derivative by the end of that number, in a float format."""
    if not all(end.is_finite for end in ends):
        return math.nan
    counts = div - i, i
    if caller == "geomspace":
        return _of_ratio(ends[by], ends[1 - by], counts[by], div, fmt)
    start, stop, base = ends
    n = start.n * stop.d * counts[0] + stop.n * start.d * counts[1]
    q = start.d * stop.d * div
    common = gcd(n, q)
    x = n // common, q // common
    return _by_base(base, x, fmt) if by == 2 else _by_exponent(base, x, (counts[by], div), fmt)


def _of_ratio(near: Scalar, far: Scalar, count: int, div: int, fmt: Format) -> float:
    """``c * (far/near)**(1 - c)`` with ``c = count / div``."""
    if near.n * far.n <= 0:
        return float(count == div) if near.n * far.n and count in (0, div) else math.nan
    if not count:
        return 0.0
    ratio = abs(far.n) * near.d, far.d * abs(near.n)
    return float(Geometric((count, div), ratio, div - count, 0, div, 1).rounded(0, fmt))


def _by_base(base: Scalar, x: Ratio, fmt: Format) -> float:
    """``x * base**(x - 1)``."""
    n, q = x
    if base.n < 0 and q != 1:
        return math.nan
    if not n:
        return 0.0
    if not base.n:
        return float(n == q) if n >= q else math.copysign(math.inf, n)
    line = Geometric((abs(n), q), (abs(base.n), base.d), n - q, 0, q, 1)
    slope = float(line.rounded(0, fmt))
    return -slope if (n < 0) != (base.n < 0 and n % 2 == 0) else slope


def _by_exponent(base: Scalar, x: Ratio, weight: Ratio, fmt: Format) -> float:
    """``weight * ln(base) * base**x``."""
    p, q = base.n, base.d
    if p <= 0:
        return math.nan if p or x[0] <= 0 else 0.0
    if p == q or not weight[0]:
        return 0.0
    longest = max(p.bit_length(), q.bit_length())
    near = longest - abs(p - q).bit_length()  # |log2(base)| is between 2**-(near + 1) and longest
    scale = weight[0] << longest, weight[1] << longest  # so that a huge power is, times that
    line = Geometric(scale, (p, q), x[0], 0, x[1], 1)
    huge = line.log2(0)
    sign = 1 if p > q else -1
    if abs(huge) == HUGE:
        return sign * (math.inf if huge > 0 else 0.0)
    wp = 128
    while True:
        man, error, expo = interval(weight, (p, q), *x, wp)
        log, ln2 = abs(log2_fixed(p, q, wp + near)), ln2_fixed(wp)
        sides = ((man + k * error) * (log + 2 * k) * (ln2 + 2 * k) for k in (-1, 1))
        low, high = (float(round_scaled(side, expo - 2 * wp - near, fmt)) for side in sides)
        if low == high:
            return sign * low
        wp *= 2
