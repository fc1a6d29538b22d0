"""Arithmetic of ranges with exact scalars, where a range is what comes out.

The numbers that define a range are computed with, exactly, and never its elements: so an element of
the result is still one rounding of an exactly defined number.  With arrays, ranges are arrays.
"""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np

from ..call.arguments import read_finite
from ..exact.number import Scalar
from ..ground.float_environment import in_standard_environment
from ..libraries.quantities import is_quantity
from ..libraries.scalars import is_array, is_complex, is_number

if TYPE_CHECKING:
    from .._typing import Number

    Operand: TypeAlias = Number | np.floating[Any]

__all__ = ["Affine", "Scaled", "as_fraction", "as_scalar"]


def as_fraction(number: Scalar) -> Fraction:
    """A finite number."""
    return Fraction(number.n, number.d)


def as_scalar(number: Fraction) -> Scalar:
    """The same back; a zero has no sign."""
    return Scalar(number.numerator, number.denominator)


class _Operators:
    """What ranges of every kind do about operators."""

    __slots__ = ()

    _grid: Any

    @in_standard_environment
    def _with(self, other: Any, make: Callable[[Fraction], Self]) -> Self:
        """What ``make`` makes of an exact number; for anything else it is not implemented."""
        number = None if self._grid.unit is not None else _read_operand(other)
        return NotImplemented if number is None else make(number)

    def _reflected(self, operate: Any, other: Any, make: Callable[[Fraction], Self]) -> Self:
        """The same for an operand on the left, where NumPy's arrays leave it to the range."""
        if isinstance(other, np.ndarray) and other.ndim:
            result: Self = operate(other, np.asarray(self))
            return result
        return self._with(other, make)


class Scaled(_Operators):
    """Ranges that can be multiplied."""

    __slots__ = ()

    @abstractmethod
    def _times(self, factor: Fraction) -> Self:
        """The range of elements that many times as large."""

    def __mul__(self, other: Operand) -> Self:
        return self._with(other, self._times)

    def __rmul__(self, other: Operand) -> Self:
        return self._reflected(operator.mul, other, self._times)

    def __truediv__(self, other: Operand) -> Self:
        return self._with(other, lambda c: self._times(1 / c))

    def __neg__(self) -> Self:
        return self._with(-1, self._times)

    def __pos__(self) -> Self:
        return self


class Affine(Scaled):
    """Ranges that can be multiplied and shifted."""

    __slots__ = ()

    def _times(self, factor: Fraction) -> Self:
        return self._affine(factor, Fraction(0))

    @abstractmethod
    def _affine(self, factor: Fraction, offset: Fraction) -> Self:
        """The range of ``factor*x + offset``."""

    def __add__(self, other: Operand) -> Self:
        return self._with(other, lambda c: self._affine(Fraction(1), c))

    def __radd__(self, other: Operand) -> Self:
        return self._reflected(operator.add, other, lambda c: self._affine(Fraction(1), c))

    def __sub__(self, other: Operand) -> Self:
        return self._with(other, lambda c: self._affine(Fraction(1), -c))

    def __rsub__(self, other: Operand) -> Self:
        return self._reflected(operator.sub, other, lambda c: self._affine(Fraction(-1), c))


def _read_operand(value: Any) -> Fraction | None:
    """The exact value of a real number; None for what is none, and computes in its own way."""
    if is_quantity(value) or is_complex(value):
        return None
    if not (is_number(value) or (is_array(value) and not value.ndim)):
        return None
    return as_fraction(read_finite("a number beside a range", value))
