"""The right answer for complex grids: each part of each element, from the definition, rounded once.

As `oracle`, this shares no code with the library under test.  Powers are evaluated by MPC as
``exp(x * log(base))`` with an error bound, and the precision is doubled until both ends of the
interval of a part round alike.  A part that is zero or a midpoint never does; at `LAST_PRECISION`
the boundary is taken for the value.  Of that nothing is proved here: it is the one point in which
the oracle believes what thousands of bits say.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from .case import Case, show
from .formats import FLOAT_FORMATS, FloatFormat
from .oracle import Grid

START_PRECISION = 160
LAST_PRECISION = 1 << 13
LOG_LIMIT = 1_000_000
PARTS = {"complex128": "float64", "complex64": "float32"}

Pair = tuple[mpq, mpq]


def exact_pair(value: Any) -> Pair:
    """Return the exact real and imaginary part of a finite scalar."""
    if isinstance(value, (complex, np.complexfloating)):
        return mpq(float(value.real)), mpq(float(value.imag))
    return mpq(*value.as_integer_ratio()), mpq(0)


def product(x: Pair, y: Pair) -> Pair:
    """Return an exact product."""
    return x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]


def quotient(x: Pair, y: Pair) -> Pair:
    """Return an exact quotient."""
    norm = y[0] ** 2 + y[1] ** 2
    return product(x, (y[0] / norm, -y[1] / norm))


class ComplexGrid:
    """One call with finite arguments, of which the parts of any element can be asked for."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.div = (case.num - 1 if case.endpoint else case.num) or 1
        self.start, self.stop = exact_pair(case.start), exact_pair(case.stop)
        self.form = FLOAT_FORMATS[PARTS[case.dtype]]
        self.lower = False
        if case.function == "geomspace":
            self.scale, self.base = self.start, quotient(self.stop, self.start)
            re, im = self.start  # half a turn to the left leads below zero from here:
            self.lower = re < 0 or (re == 0 and im > 0)
        elif case.function == "logspace":
            self.scale, self.base = (mpq(1), mpq(0)), exact_pair(case.base)
        else:
            ends = [
                (getattr(s, "real", s), getattr(s, "imag", 0.0)) for s in (case.start, case.stop)
            ]
            self.lines = [
                Grid("linspace", first, last, case.num, endpoint=case.endpoint)
                for first, last in zip(*ends, strict=True)
            ]

    def exponent(self, index: int) -> Pair:
        """Return the exponent of an element."""
        if self.case.function == "geomspace":
            return mpq(index, self.div), mpq(0)
        re, im = (
            (first * (self.div - index) + last * index) / self.div
            for first, last in zip(self.start, self.stop, strict=True)
        )
        return re, im

    def element(self, index: int) -> tuple[int, int]:
        """Return the bits of both parts of an element."""
        if self.case.function == "linspace":
            re, im = (line.element(index, self.form.name) for line in self.lines)
            return re, im
        x = self.exponent(index)
        found: list[int | None] = [None, None]
        wp = START_PRECISION
        while None in found:
            enclosed = self.enclose(x, wp)
            last = wp >= LAST_PRECISION
            found = [
                settle(*part, self.form, last) if bits is None else bits
                for bits, part in zip(found, enclosed, strict=True)
            ]
            wp *= 2
        re, im = found
        assert re is not None
        assert im is not None
        return re, im

    def enclose(self, x: Pair, wp: int) -> list[tuple[Any, Any]]:
        """Return both parts, each with a bound of its error.

        Every function and operation of MPC rounds both parts correctly.  The logarithm of the
        rounded base is off by less than ``2**(3 - wp) * (1 + |log|)``, the product with the
        rounded exponent by less than ``2**b * 2**(5 - wp)`` with ``2**b >= |x| * (1 + |log|)``,
        so the exponential by that, and ``2**(2 - wp)``, of its modulus, and the product with the
        scale by less than ``2**(b + 8 - wp)`` of its modulus.
        """
        big = max(gmpy2.mpfr(abs(part)) for part in (*x, mpq(1)))
        wp += max(int(gmpy2.get_exp(big)), 0)
        ctx = gmpy2.context(precision=wp, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max())
        with ctx:
            base, scale = to_mpc(self.base, wp), to_mpc(self.scale, wp)
            log = gmpy2.log(base)
            if self.lower and self.base[1] == 0 > self.base[0]:
                log = log.conjugate()
            exponent = to_mpc(x, wp)
            product = exponent * log
            if abs(product.real) > LOG_LIMIT:  # far beyond every format, whatever the angle
                limit = gmpy2.copy_sign(gmpy2.mpfr(LOG_LIMIT), product.real)
                product = gmpy2.mpc(limit, product.imag)
            value = scale * gmpy2.exp(product)
            b = gmpy2.get_exp(gmpy2.mpfr((1 + abs(exponent)) * (1 + abs(log))))
            error = gmpy2.mul_2exp(abs(value), b) * gmpy2.exp2(8 - wp)
        return [(value.real, error), (value.imag, error)]

    def bits(self, indices: Iterable[int]) -> np.ndarray[Any, Any]:
        """Return the elements' bits, a row each."""
        rows = [self.element(int(index)) for index in indices]
        return np.array(rows, dtype=self.form.view).reshape(-1, 2)


def to_mpc(value: Pair, wp: int) -> Any:
    """Round an exact complex number, each part once."""
    return gmpy2.mpc(gmpy2.mpfr(value[0], wp), gmpy2.mpfr(value[1], wp), (wp, wp))


def settle(value: Any, error: Any, form: FloatFormat, last: bool) -> int | None:
    """Round a part if its whole interval rounds alike; on the last step to the boundary in it."""
    sign = form.sign_bit if value < 0 else 0
    with gmpy2.context(precision=2 * LAST_PRECISION):
        low, high = abs(value) - error, abs(value) + error
    if low > 0:
        bits = round_up(low, form)
        if bits == round_up(high, form):
            return bits | sign
    if not last:
        return None
    if low <= 0:
        return 0
    # The boundary within the interval has far fewer bits than this.
    with gmpy2.context(precision=LAST_PRECISION // 2):
        return round_up(+abs(value), form) | sign


def round_up(value: Any, form: FloatFormat) -> int:
    """Round a positive MPFR number into a format."""
    man, expo = value.as_mantissa_exp()
    return int(form.round(int(man), int(expo)))


@lru_cache(maxsize=1024)
def _answer(key: str, case: Case) -> np.ndarray[Any, Any]:
    indices = range(case.num) if case.indices is None else case.indices
    return ComplexGrid(case).bits(indices)


def complex_answer(case: Case) -> np.ndarray[Any, Any]:
    """Ask the oracle, once a case."""
    return _answer(f"{show(case.start)} {show(case.stop)} {show(case.base)}", case)


def is_finite(case: Case) -> bool:
    """Say whether the oracle knows what a case asks for."""
    values = (case.start, case.stop, case.base)
    return all(math.isfinite(abs(complex(value))) for value in values)
