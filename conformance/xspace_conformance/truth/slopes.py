"""The exact derivatives of grids, and how far from them a number is.

With ``div`` as in `oracle`, ``w = i/div``, ``v = 1 - w`` and the exponent
``x = (start*(div - i) + stop*i) / div`` the derivatives of element ``i`` are

=========== ======================= ======================= ====================
\\           by the start            by the stop             by the base
=========== ======================= ======================= ====================
linspace    ``v``                   ``w``
geomspace   ``v*(stop/start)**w``   ``w*(start/stop)**v``
logspace    ``v*ln(base)*base**x``  ``w*ln(base)*base**x``  ``x*base**(x - 1)``
=========== ======================= ======================= ====================

Nothing here is imported from the library under test.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from .case import Case
from .formats import FloatFormat

#: In units in the last place. A correctly rounded derivative is within half of one, and what a
#: library then rounds to a dtype that is shorter by 13 bits, or more, adds less than a thousandth.
BOUND = 0.501

#: MPFR computes with so many bits. A derivative that is neither out of range nor zero is a power
#: ``2**e`` with ``|e| < 2**12`` times a factor below ``2**1100``. The roundings of the formulas, of
#: ``2**-400`` relative, thus make an error below ``2**-380`` of it.
PRECISION = 400


def exact_slopes(case: Case, name: str, precision: int = PRECISION) -> list[Any]:
    """Return the derivatives of all elements by an end or the base, as MPFR numbers.

    What is beyond the exponents of MPFR becomes 0 or infinite; its ends are finite, its
    `geomspace` ends of one sign, its base positive.
    """
    with gmpy2.context(precision=precision, emax=1 << 50, emin=-(1 << 50)):
        return [_slope(case, name, index) for index in range(case.num)]


def _slope(case: Case, name: str, index: int) -> Any:
    div = case.num - 1 if case.endpoint and case.num > 1 else case.num
    start, stop = mpq(Fraction(case.start)), mpq(Fraction(case.stop))
    w = mpq(index, div)
    weight = w if name == "stop" else 1 - w
    if case.function == "linspace":
        return gmpy2.mpfr(weight)
    if case.function == "geomspace":
        ratio, expo = (start / stop, 1 - w) if name == "stop" else (stop / start, w)
        return weight * gmpy2.mpfr(ratio) ** gmpy2.mpfr(expo)
    base = gmpy2.mpfr(mpq(Fraction(case.base)))
    x = start * (1 - w) + stop * w
    if name == "base":
        return x * base ** gmpy2.mpfr(x - 1) if x else gmpy2.mpfr(0)
    return weight * gmpy2.log(base) * base ** gmpy2.mpfr(x) if weight else gmpy2.mpfr(0)


def overflows(exact: Any, form: FloatFormat) -> bool:
    """Say whether a number rounds to infinity in a format."""
    ulp = gmpy2.mpfr(2) ** (form.max_exponent + 1 - form.precision)
    return bool(abs(exact) >= gmpy2.mpfr(2) ** (form.max_exponent + 1) - ulp / 2)


def off_by(number: float, exact: Any, form: FloatFormat, *, flushes: bool = False) -> float:
    """Return how many units in the last place of the exact number lie between.

    Parameters
    ----------
    number : float
        The derivative to judge.
    exact : mpfr
        The exact one.
    form : FloatFormat
        The format whose units count.
    flushes : bool
        Whether a subnormal number may have become zero.
    """
    if not np.isfinite(number):
        right = not np.isnan(number) and overflows(exact, form) and (number > 0) == (exact > 0)
        return 0.0 if right else np.inf
    if gmpy2.is_infinite(exact):
        return np.inf
    with gmpy2.context(precision=PRECISION, emax=1 << 50, emin=-(1 << 50)):
        top = gmpy2.frexp(abs(exact))[0] if exact else form.unit_exponent
        distance = abs(gmpy2.mpfr(number) - exact)
        ulps = distance / gmpy2.mpfr(2) ** max(top - form.precision, form.unit_exponent)
        # A number that rounds to the smallest normal one may have been below it by the bound.
        normal = gmpy2.mpfr(2) ** (form.unit_exponent + form.precision - 1)
        if flushes and not number and abs(exact) < normal * (1 + BOUND * 2.0**-form.precision * 2):
            return 0.0
        return float(ulps)
