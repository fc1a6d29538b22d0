"""Number formats: rounding an exact number into a dtype, and what a dtype's bits mean.

Everything here works on Python integers, so a value is rounded exactly once, whatever the
format: no intermediate ``float`` and no cast takes part. NumPy is used only for the names of
the unsigned types in which bits are compared.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

Bits = np.ndarray[Any, Any]


@dataclass(frozen=True)
class FloatFormat:
    """A binary interchange format with subnormals, infinities and NaN.

    Parameters
    ----------
    name : str
        The dtype's name.
    width : int
        Bits of the whole encoding.
    precision : int
        Bits of the significand, the implicit one included.
    """

    name: str
    width: int
    precision: int

    @cached_property
    def max_exponent(self) -> int:
        """Exponent ``e`` of the largest finite binade ``[2**e, 2**(e+1))``."""
        return int((1 << (self.width - self.precision - 1)) - 1)

    @cached_property
    def unit_exponent(self) -> int:
        """Exponent of the smallest subnormal, which is ``2**unit_exponent``."""
        return 2 - self.max_exponent - self.precision

    @cached_property
    def sign_bit(self) -> int:
        """The sign's place in the encoding."""
        return int(1 << (self.width - 1))

    @cached_property
    def infinity(self) -> int:
        """Encoding of positive infinity."""
        return ((1 << (self.width - self.precision)) - 1) << (self.precision - 1)

    @cached_property
    def nan(self) -> int:
        """The one encoding that stands for every NaN in this suite."""
        return self.infinity | (1 << (self.precision - 2))

    @cached_property
    def view(self) -> np.dtype[Any]:
        """The unsigned NumPy dtype of the same width."""
        return np.dtype(f"uint{self.width}")

    def round(self, man: int, expo: int) -> int:
        """Encoding of ``man * 2**expo`` (``man >= 0``), to nearest, ties to even."""
        if man == 0:
            return 0
        top = man.bit_length() + expo  # 2**(top-1) <= value < 2**top
        if top > self.max_exponent + 1:
            return self.infinity
        if top < self.unit_exponent:  # below half of the smallest subnormal
            return 0
        ulp_exponent = max(top - self.precision, self.unit_exponent)
        shift = ulp_exponent - expo
        if shift <= 0:
            kept = man << -shift
        else:
            kept = man >> shift
            rest = man & ((1 << shift) - 1)
            half = 1 << (shift - 1)
            if rest > half or (rest == half and kept & 1):
                kept += 1
        # In the subnormal range `kept` is the encoding itself; one binade up adds 2**(p-1).
        # A carry out of the significand lands in the exponent, and in infinity at the top.
        return ((ulp_exponent - self.unit_exponent) << (self.precision - 1)) + kept

    def round_ratio(self, numerator: int, denominator: int) -> int:
        """Encoding of ``numerator / denominator`` (both positive or numerator 0), rounded once."""
        return self.round(*odd_quotient(numerator, denominator, self.precision))

    def decode(self, bits: int) -> Fraction | float:
        """Return the value of an encoding: a Fraction, or a float for zeros, infinities and NaN."""
        sign = -1 if bits & self.sign_bit else 1
        magnitude = bits & (self.sign_bit - 1)
        if magnitude > self.infinity:
            return float("nan")
        if magnitude == self.infinity:
            return sign * float("inf")
        if magnitude == 0:
            return sign * 0.0
        biased, fraction = divmod(magnitude, 1 << (self.precision - 1))
        if biased:
            fraction += 1 << (self.precision - 1)
        expo = self.unit_exponent + max(biased - 1, 0)
        return sign * fraction * Fraction(2) ** expo

    def to_float(self, bits: int) -> float:
        """Return the value of an encoding as a binary64 number, which holds it exactly."""
        value = self.decode(bits)
        return value if isinstance(value, float) else value.numerator / value.denominator

    def from_float(self, value: float) -> int:
        """Encoding of a binary64 number, rounded once."""
        pattern = int.from_bytes(struct.pack(">d", value), "big")
        sign = self.sign_bit if pattern >> 63 else 0
        if math.isnan(value):
            return self.nan
        if math.isinf(value):
            return sign | self.infinity
        numerator, denominator = abs(value).as_integer_ratio()
        return sign | self.round_ratio(numerator, denominator)

    def ordinal(self, bits: int) -> int:
        """Place of a number in the format's order; both zeros are 0, infinities included."""
        magnitude = bits & (self.sign_bit - 1)
        return -magnitude if bits & self.sign_bit else magnitude


@dataclass(frozen=True)
class IntFormat:
    """An integer dtype."""

    name: str
    width: int
    signed: bool

    @cached_property
    def low(self) -> int:
        """The smallest value."""
        return -(1 << (self.width - 1)) if self.signed else 0

    @cached_property
    def high(self) -> int:
        """The largest value."""
        return int((1 << (self.width - self.signed)) - 1)

    @cached_property
    def view(self) -> np.dtype[Any]:
        """The unsigned NumPy dtype of the same width."""
        return np.dtype(f"uint{self.width}")

    def to_int(self, bits: int) -> int:
        """Return the integer that an encoding stands for."""
        return bits - (bits >> (self.width - 1) << self.width if self.signed else 0)


def odd_quotient(numerator: int, denominator: int, precision: int) -> tuple[int, int]:
    """Return ``man, expo`` that stand for a quotient in every rounding to `precision` bits.

    The quotient is cut to at least ``precision + 2`` bits, and one more bit below them says
    whether anything was lost ("rounding to odd"), so that the pair lies on the same side of
    every representable number and of every midpoint as the exact quotient does.
    """
    if numerator == 0:
        return 0, 0
    shift = precision + 3 + denominator.bit_length() - numerator.bit_length()
    if shift >= 0:
        quotient, rest = divmod(numerator << shift, denominator)
    else:
        quotient, rest = divmod(numerator, denominator << -shift)
    return (quotient << 1) | (rest != 0), -shift - 1


FLOAT_FORMATS = {
    form.name: form
    for form in (
        FloatFormat("float64", 64, 53),
        FloatFormat("float32", 32, 24),
        FloatFormat("float16", 16, 11),
        FloatFormat("bfloat16", 16, 8),
    )
}
INT_FORMATS = {
    f"{kind}{width}": IntFormat(f"{kind}{width}", width, kind == "int")
    for kind in ("int", "uint")
    for width in (8, 16, 32, 64)
}
DTYPES = (*FLOAT_FORMATS, *INT_FORMATS)


def format_of(dtype: str) -> FloatFormat | IntFormat:
    """Return the format of a dtype's name."""
    return FLOAT_FORMATS[dtype] if dtype in FLOAT_FORMATS else INT_FORMATS[dtype]
