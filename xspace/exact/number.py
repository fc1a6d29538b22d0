"""A number that has been read exactly: what every grid begins with."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["Scalar", "complex_parts", "is_finite", "is_zero"]


class Scalar(NamedTuple):
    """A real number ``n / d`` in lowest terms; or, with ``d == 0``, what ``special`` says.

    ``special`` is an infinity or NaN, and ``-0.0`` beside ``n == 0`` for a negative zero.
    A number of a complex type has an imaginary part of the same kind, be it zero.
    """

    n: int
    d: int
    special: float = 0.0
    imag: Scalar | None = None

    @property
    def is_finite(self) -> bool:
        """Whether it is a number ``n / d``."""
        return self.d != 0

    @property
    def is_negative_zero(self) -> bool:
        """Whether it is ``-0.0``."""
        return self.n == 0 and math.copysign(1.0, self.special) < 0 and self.d != 0

    @property
    def sign(self) -> float:
        """1.0 or -1.0, 0.0 for zero, NaN for NaN."""
        if self.d:
            return float((self.n > 0) - (self.n < 0))
        return self.special if math.isnan(self.special) else math.copysign(1.0, self.special)


_ZERO = Scalar(0, 1)


def complex_parts(x: Scalar) -> tuple[Scalar, Scalar]:
    """The real and the imaginary part."""
    return x, _ZERO if x.imag is None else x.imag


def is_finite(x: Scalar) -> bool:
    """Whether both parts are."""
    return all(part.is_finite for part in complex_parts(x))


def is_zero(x: Scalar) -> bool:
    """Whether both parts are zero."""
    return all(part.sign == 0 for part in complex_parts(x))
