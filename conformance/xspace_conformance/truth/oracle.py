"""The right answer: any element of any grid, from the definition, rounded once.

The oracle shares no code with the library under test and imports none of it. With
``div = num - 1`` (``num`` when the stop is left out) element ``i`` is

=========== ==================================================
linspace    ``(start*(div - i) + stop*i) / div``
logspace    ``base ** ((start*(div - i) + stop*i) / div)``
geomspace   ``start * (stop/start) ** (i/div)``
=========== ==================================================

* A ``linspace`` element is rational: it is divided out in exact integers.
* A power is evaluated by MPFR as ``man * 2**expo`` with a proven error bound
  (`power.Power.enclose`). If both ends of that interval round alike, the answer is known; if
  not, the value is checked for being rational (then it is computed exactly), and otherwise the
  precision is doubled. An irrational value is no boundary of a rounding, so the doubling ends.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from .formats import FloatFormat, IntFormat, format_of
from .power import Power, settle_ratio


def exact(value: Any) -> mpq | float:
    """Return the exact value of a scalar; infinities and NaN stay floats."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Decimal):
        return exact(float(value)) if not value.is_finite() else mpq(Fraction(value))
    if isinstance(value, float) and not math.isfinite(value):
        return value
    if isinstance(value, (int, float, Fraction)) and not isinstance(value, bool):
        return mpq(*value.as_integer_ratio())
    raise TypeError(f"no real scalar: {value!r}")


def is_negative_zero(value: Any) -> bool:
    """Say whether a scalar is the number -0.0 of a format that has one."""
    signed = isinstance(value, (float, np.floating, Decimal))
    return signed and value == 0 and math.copysign(1.0, value) < 0


class Unrepresentable(OverflowError):
    """An element that does not fit the integer dtype, with its index; NaN is one."""

    def __init__(self, index: int, dtype: str, *, is_nan: bool = False) -> None:
        super().__init__(f"element {index} does not fit {dtype}")
        self.index = index
        self.dtype = dtype
        self.is_nan = is_nan


class Grid:
    """One call of a grid function, of which any element can be asked for.

    Parameters
    ----------
    function : {"linspace", "logspace", "geomspace"}
        What is computed.
    start, stop : int, float, Fraction or Decimal
        The ends, taken at their exact value.
    num : int
        Number of elements.
    endpoint : bool
        Whether `stop` is the last element.
    base : int, float, Fraction or Decimal
        Only for ``logspace``.

    Raises
    ------
    ValueError
        If ``geomspace`` has an endpoint that is zero.
    """

    def __init__(
        self,
        function: str,
        start: Any,
        stop: Any,
        num: int,
        *,
        endpoint: bool = True,
        base: Any = 10.0,
    ) -> None:
        self.function = function
        self.num = num
        self.div = (num - 1 if endpoint else num) or 1
        self.start, self.stop, self.base = exact(start), exact(stop), exact(base)
        self.negative_zero = (is_negative_zero(start), is_negative_zero(stop))
        self.negative_zero_base = is_negative_zero(base)
        self.power: Power | None = None
        if function == "linspace":
            self.evaluate = self._linspace
        elif function == "logspace":
            self.evaluate = self._logspace
            if not isinstance(self.base, float) and self.base not in (0, 1, -1):
                self.power = Power(mpq(1), abs(self.base))
        elif function == "geomspace":
            self.evaluate = self._geomspace
            if self.start == 0 or self.stop == 0:
                raise ValueError("a geometric progression has no zero")
            if not isinstance(self.start, float) and not isinstance(self.stop, float):
                self.power = Power(abs(self.start), abs(self.stop / self.start))
        else:
            raise ValueError(f"no such function: {function}")
        self._prepare_sum()

    def _prepare_sum(self) -> None:
        """Bring the ends to a common denominator, so that an element costs integers alone."""
        self.common: tuple[Any, Any, Any] | None = None
        if not isinstance(self.start, float) and not isinstance(self.stop, float):
            shared = gmpy2.lcm(self.start.denominator, self.stop.denominator)
            self.common = (
                self.start.numerator * (shared // self.start.denominator),
                self.stop.numerator * (shared // self.stop.denominator),
                shared * self.div,
            )

    def element(self, index: int, dtype: str) -> int:
        """Return element `index` in `dtype`: the bits of a float, the value of an integer.

        Raises
        ------
        Unrepresentable
            If `dtype` is an integer dtype that does not hold the value.
        """
        if not 0 <= index < self.num:
            raise IndexError(index)
        form = format_of(dtype)
        value = int(self.evaluate(index, form))  # not the mpz that may come out
        if isinstance(form, IntFormat) and not form.low <= value <= form.high:
            raise Unrepresentable(index, dtype)
        return value

    def bits(self, dtype: str, indices: Iterable[int] | None = None) -> np.ndarray[Any, Any]:
        """Return the elements at `indices` (default: all) as an array of unsigned bits."""
        form = format_of(dtype)
        mask = (1 << form.width) - 1
        wanted = range(self.num) if indices is None else indices
        return np.array([self.element(int(i), dtype) & mask for i in wanted], dtype=form.view)

    # The functions: each returns bits (FloatFormat) or an unbounded integer (IntFormat).

    def _linspace(self, index: int, form: FloatFormat | IntFormat) -> int:
        if self._end_is_negative_zero(index):
            return settle_special(-0.0, form, index)
        if self.common is None:
            return settle_special(self._special_sum(index), form, index)
        first, last, denominator = self.common
        numerator = first * (self.div - index) + last * index
        if isinstance(form, IntFormat):
            return int(numerator // denominator)
        magnitude = form.round_ratio(abs(numerator), denominator)
        return magnitude | form.sign_bit if numerator < 0 else magnitude

    def _logspace(self, index: int, form: FloatFormat | IntFormat) -> int:
        if self.common is None:
            exponent = self._special_sum(index)
            if isinstance(exponent, float):
                return settle_special(self._special_power(exponent), form, index)
            numerator, denominator = exponent.numerator, exponent.denominator
        else:
            first, last, denominator = self.common
            numerator = first * (self.div - index) + last * index
        if self.power is None or not numerator:
            exponent = mpq(numerator, denominator)
            return settle_special(self._special_power(exponent), form, index)
        sign = 1
        if self.base < 0:
            if numerator % denominator:
                return settle_special(math.nan, form, index)
            sign = -1 if (numerator // denominator) & 1 else 1
        return with_sign(self.power.round(numerator, denominator, form), sign, form)

    def _geomspace(self, index: int, form: FloatFormat | IntFormat) -> int:
        ends = {0: self.start, self.div: self.stop}  # at num == 1 only index 0 is asked for
        if self.power is None and index not in ends:
            return settle_special(self._special_mean(), form, index)
        if self.power is None or index in ends:
            value = ends[index]
            if isinstance(value, float):
                return settle_special(value, form, index)
            return with_sign(settle_ratio(abs(value), form), -1 if value < 0 else 1, form)
        if (self.start < 0) != (self.stop < 0):
            return settle_special(math.nan, form, index)
        sign = -1 if self.start < 0 else 1
        return with_sign(self.power.round(index, self.div, form), sign, form)

    # Limits: infinities, NaN, zeros.

    def _end_is_negative_zero(self, index: int) -> bool:
        """Say whether an element is an end that is -0.0, or lies between two of them."""
        at_start, at_stop = self.negative_zero
        if at_start and at_stop:
            return True
        return (at_start and index == 0) or (at_stop and index == self.div)

    def _special_sum(self, index: int) -> mpq | float:
        """Return the weighted sum of ends of which one is infinite or NaN.

        A term of weight zero is dropped; what remains follows IEEE addition.
        """
        terms = [
            end for end, weight in ((self.start, self.div - index), (self.stop, index)) if weight
        ]
        if len(terms) == 1:
            return terms[0]
        return sum(end for end in terms if isinstance(end, float))

    def _special_mean(self) -> float:
        """Return an inner element of a geometric progression with an end infinite or NaN."""
        if _is_nan(self.start) or _is_nan(self.stop):
            return math.nan
        if (self.start < 0) != (self.stop < 0):
            return math.nan
        return math.inf if self.start > 0 else -math.inf

    def _special_power(self, exponent: Any) -> mpq | float:
        """Return IEEE 754's ``pow`` where the base or the exponent is no ordinary number.

        A negative number as base has powers at integer exponents alone.
        """
        base = self.base
        if base == 1 or exponent == 0:
            return mpq(1)
        if _is_nan(base) or _is_nan(exponent):
            return math.nan
        whole = not isinstance(exponent, float) and exponent.denominator == 1
        odd = whole and exponent.numerator & 1
        if base < 0 and not isinstance(base, float) and not whole:
            return math.nan  # also at an infinite exponent, where the powers have no one sign
        if base == -1:
            return mpq(-1 if odd else 1)
        if base == 0 or isinstance(base, float):
            grows = (exponent > 0) == (base != 0)
            magnitude = math.inf if grows else 0.0
            return -magnitude if (base < 0 or self.negative_zero_base) and odd else magnitude
        assert isinstance(exponent, float)  # an infinite exponent of an ordinary base
        return math.inf if (exponent > 0) == (abs(base) > 1) else 0.0


def _is_nan(value: mpq | float) -> bool:
    return isinstance(value, float) and math.isnan(value)


def settle_special(value: mpq | float, form: FloatFormat | IntFormat, index: int) -> int:
    """Bring a limit (a float) or a small exact value into a format."""
    if not isinstance(value, float):
        return with_sign(settle_ratio(abs(value), form), -1 if value < 0 else 1, form)
    if isinstance(form, FloatFormat):
        return form.from_float(value)
    if value == 0:
        return 0
    raise Unrepresentable(index, form.name, is_nan=math.isnan(value))


def with_sign(magnitude: int, sign: int, form: FloatFormat | IntFormat) -> int:
    """Give a magnitude its sign: a float that underflowed keeps it, an integer zero has none."""
    if sign > 0:
        return magnitude
    return magnitude | form.sign_bit if isinstance(form, FloatFormat) else -magnitude
