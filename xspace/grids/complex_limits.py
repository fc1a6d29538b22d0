"""Complex grids that are no spiral: infinite or NaN arguments, and the base zero.

As in `real`, such a grid is constant between its ends.  Both parts are NaN where an infinite
number would have no direction.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from ..exact.gaussian import to_gaussian
from ..exact.lines import exponents
from ..exact.number import Scalar, complex_parts, is_finite, is_zero
from ..exact.progression import Arithmetic
from ..exact.rounding import FloatFormat, round_ratio
from ..exact.spiral import ONE, Spiral

__all__ = [
    "complex_geomspace_limit",
    "complex_logspace_limit",
    "powers_by_sign",
]

Grid = npt.NDArray[np.complex128]

_UNDEFINED = complex(math.nan, math.nan)


def complex_geomspace_limit(
    start: Scalar, stop: Scalar, num: int, endpoint: bool, fmt: FloatFormat
) -> Grid:
    """Between ends on one ray of an axis the real limit; between others NaN."""
    rays = [tuple(part.sign for part in complex_parts(end)) for end in (start, stop)]
    inner = _UNDEFINED
    if rays[0] == rays[1] and 0 in rays[0]:  # a NaN is not equal to itself
        re, im = (math.inf * sign if sign else 0.0 for sign in rays[0])
        inner = complex(re, im)
    return _with_ends(inner, _rounded(start, fmt), _rounded(stop, fmt), num, endpoint)


def complex_logspace_limit(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, fmt: FloatFormat
) -> Grid:
    """Powers of zero, of a base that is not finite, or with such exponents."""
    ends = list(zip(complex_parts(start), complex_parts(stop), strict=True))
    if not (is_finite(start) and is_finite(stop)):
        re, im = (_limit(first, last) for first, last in ends)
        at_start, at_stop = (_power(base, x, fmt) for x in (start, stop))
        return _with_ends(_power_limit(base, re, im), at_start, at_stop, num, endpoint)
    real, imag = (exponents(first, last, num, endpoint) for first, last in ends)
    return powers_by_sign(base, real, imag)


def powers_by_sign(base: Scalar, real: Arithmetic, imag: Arithmetic) -> Grid:
    """Powers of zero, or of a base that is not finite, with the parts of finite exponents."""
    signs, is_real = _signs(real), _signs(imag) == 0
    values = np.full(real.num, _UNDEFINED)
    if is_zero(base):
        values[signs > 0] = 0
    elif not _has_nan(base):  # infinite
        values[signs < 0] = 0
        if base.special == math.inf and complex_parts(base)[1].sign == 0:
            values[is_real & (signs > 0)] = complex(math.inf, 0)
    values[is_real & (signs == 0)] = 1
    return values


def _has_nan(x: Scalar) -> bool:
    return any(math.isnan(part.sign) for part in complex_parts(x))


def _limit(first: Scalar, last: Scalar) -> float:
    """What lies between: an infinity or NaN, and 0 for any finite number."""
    ends = [0.0 if x.is_finite else x.special for x in (first, last)]
    return ends[0] + ends[1]


def _signs(line: Arithmetic) -> npt.NDArray[np.float64]:
    """The sign of every element."""
    a, b = (line.a, line.b) if line.b >= 0 else (-line.a, -line.b)
    signs = np.ones(line.num)
    if b == 0:
        signs[:] = (a > 0) - (a < 0)
        return signs
    zero = -(a // b)  # the first index that is not below zero
    signs[: min(max(zero, 0), line.num)] = -1
    if a % b == 0 and 0 <= zero < line.num:
        signs[zero] = 0
    return signs if line.b > 0 else -signs


def _power(base: Scalar, x: Scalar, fmt: FloatFormat) -> complex:
    """``base**x`` of one end."""
    if is_finite(x) and (is_zero(base) or not is_finite(base)):
        return complex(complex_logspace_limit(x, x, base, 1, True, fmt)[0])
    if is_finite(x):
        exponent = to_gaussian(x)
        line = Spiral(ONE, to_gaussian(base), exponent[:2], (0, 0), exponent.c, 1)
        return complex(*line.rounded(0, fmt))
    re, im = (0.0 if part.is_finite else part.special for part in complex_parts(x))
    return _power_limit(base, re, im)


def _power_limit(base: Scalar, re: float, im: float) -> complex:
    """``base**(re + i*im)``; a part that is finite is given as 0, and one of them is not."""
    if math.isnan(re) or math.isnan(im) or _has_nan(base):
        return _UNDEFINED
    base_re, base_im = complex_parts(base)
    if base_im.sign == 0 and base_re.n == base_re.d != 0:
        return 1 + 0j
    growth, angle = _growth(base), 0.0 if base_im.sign == 0 < base_re.sign else base_im.sign or 1.0
    if is_zero(base):
        return 0j if re == math.inf and im == 0 else _UNDEFINED
    # The logarithm of the modulus, re * growth - im * angle, where each factor is but a sign.
    terms = [x * y for x, y in ((re, growth), (-im, angle)) if x]
    log = sum(terms)
    if log == -math.inf:
        return 0j
    if log == math.inf and im == 0 == angle:
        return complex(math.inf, 0)
    return _UNDEFINED


def _growth(base: Scalar) -> float:
    """The sign of the logarithm of the modulus."""
    if not is_finite(base):
        return 1.0
    n, d = to_gaussian(base).norm
    return float((n > d) - (n < d))


def _rounded(x: Scalar, fmt: FloatFormat) -> complex:
    parts = []
    for part in complex_parts(x):
        if part.is_finite:
            magnitude = float(round_ratio(abs(part.n), part.d, fmt))
            parts.append(-magnitude if part.n < 0 else magnitude)
        else:
            parts.append(part.special)
    return complex(parts[0], parts[1])


def _with_ends(inner: complex, first: complex, last: complex, num: int, endpoint: bool) -> Grid:
    values = np.full(num, inner, np.complex128)
    values[:1] = first
    if endpoint and num > 1:
        values[-1] = last
    return values
