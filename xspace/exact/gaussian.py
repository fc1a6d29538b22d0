"""Gaussian rationals: complex numbers with rational parts, exactly."""

from __future__ import annotations

from functools import lru_cache
from math import gcd
from typing import NamedTuple

from .number import Scalar, complex_parts

__all__ = ["Gaussian", "direction_power", "power_parts", "product", "to_gaussian"]

IntPair = tuple[int, int]


class Gaussian(NamedTuple):
    """``(a + bi) / c`` with ``c > 0``, in lowest terms if it came from `reduced`."""

    a: int
    b: int
    c: int

    @classmethod
    def reduced(cls, a: int, b: int, c: int) -> Gaussian:
        """``(a + bi) / c`` for ``c`` not zero, in lowest terms."""
        common = gcd(a, b, c)
        if c < 0:
            common = -common
        return cls(a // common, b // common, c // common)

    @property
    def square(self) -> tuple[int, int]:
        """The square of the modulus, in any terms."""
        return self.a * self.a + self.b * self.b, self.c * self.c

    @property
    def norm(self) -> tuple[int, int]:
        """The square of the modulus, in lowest terms."""
        n, d = self.square
        common = gcd(n, d) if self.a and self.b else 1
        return n // common, d // common

    @property
    def bits(self) -> int:
        """The length of the longest of the three integers."""
        return max(self.a.bit_length(), self.b.bit_length(), self.c.bit_length())

    def times(self, other: Gaussian) -> Gaussian:
        """The product."""
        if not self.b or not other.b:  # a real factor: what is common, one has with one
            one, two = gcd(*self[:2], other.c), gcd(*other[:2], self.c)
            a, b = product((self.a // one, self.b // one), (other.a // two, other.b // two))
            return Gaussian(a, b, self.c // two * (other.c // one))
        return self.reduced(*product(self[:2], other[:2]), self.c * other.c)

    def inverse(self) -> Gaussian:
        """``1 / self``."""
        if not self.b:
            sign = 1 if self.a > 0 else -1
            return Gaussian(sign * self.c, 0, sign * self.a)
        return self.reduced(self.a * self.c, -self.b * self.c, self.a * self.a + self.b * self.b)

    def raised(self, n: int) -> Gaussian:
        """The ``n``-th power."""
        if n < 0:
            return self.inverse().raised(-n)
        return self.reduced(*power_parts(self[:2], n), self.c**n)


def product(x: IntPair, y: IntPair) -> IntPair:
    """``x * y`` of Gaussian integers."""
    return x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]


def power_parts(z: IntPair, n: int) -> IntPair:
    """``z**n`` of a Gaussian integer for ``n >= 0``."""
    result = (1, 0)
    while n:
        if n & 1:
            result = product(result, z)
        n >>= 1
        if n:
            z = product(z, z)
    return result


def direction_power(scale: IntPair, base: IntPair, p: int, q: int) -> IntPair:
    """A Gaussian integer in the direction of ``scale**q * base**p``, ``q >= 0``."""
    if p < 0:
        base, p = (base[0], -base[1]), -p
    return product(power_parts(scale, q), power_parts(base, p))


@lru_cache(maxsize=16)
def to_gaussian(x: Scalar) -> Gaussian:
    """A finite number as a Gaussian rational."""
    re, im = complex_parts(x)
    return Gaussian.reduced(re.n * im.d, im.n * re.d, re.d * im.d)
