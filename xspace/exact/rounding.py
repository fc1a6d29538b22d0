"""The output formats, and the one rounding of an exact magnitude into one of them."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = [
    "COMPLEX_PARTS",
    "DATES",
    "FORMATS",
    "NAT",
    "SMALL_INTS",
    "FloatFormat",
    "Format",
    "IntFormat",
    "round_ratio",
    "round_scaled",
]


class FloatFormat(NamedTuple):
    """A binary floating format of IEEE 754 (or bfloat16)."""

    name: str
    precision: int  #: bits of the significand, the leading one included
    emin: int  #: exponent of the smallest normal number
    emax: int  #: exponent of the largest finite number

    @property
    def quantum(self) -> int:
        """Exponent of the smallest subnormal number, the spacing of all subnormals."""
        return self.emin - self.precision + 1


class IntFormat(NamedTuple):
    """An integer format with its range, both ends included."""

    name: str
    low: int
    high: int


Format = FloatFormat | IntFormat

FORMATS: dict[str, Format] = {
    "float64": FloatFormat("float64", 53, -1022, 1023),
    "float32": FloatFormat("float32", 24, -126, 127),
    "float16": FloatFormat("float16", 11, -14, 15),
    "bfloat16": FloatFormat("bfloat16", 8, -126, 127),
    **{
        f"int{b}": IntFormat(f"int{b}", -(1 << (b - 1)), (1 << (b - 1)) - 1)
        for b in (8, 16, 32, 64)
    },
    **{f"uint{b}": IntFormat(f"uint{b}", 0, (1 << b) - 1) for b in (8, 16, 32, 64)},
}

#: Integers of less than a byte, which some libraries have.
SMALL_INTS: dict[str, Format] = {
    **{f"int{b}": IntFormat(f"int{b}", -(1 << (b - 1)), (1 << (b - 1)) - 1) for b in (2, 4)},
    **{f"uint{b}": IntFormat(f"uint{b}", 0, (1 << b) - 1) for b in (2, 4)},
}

#: NumPy's NaT, and what its dates count in: all of int64 but NaT.
NAT = -(1 << 63)
DATES = IntFormat("int64", NAT + 1, (1 << 63) - 1)

#: The formats of the parts of complex numbers.
COMPLEX_PARTS: dict[str, Format] = {
    "complex128": FORMATS["float64"],
    "complex64": FORMATS["float32"],
}


def round_scaled(man: int, expo: int, fmt: Format) -> float | int:
    """``man * 2**expo`` for ``man >= 0``: to nearest even in a float format, else its integer part.

    The result of a float format is returned as a Python float, which holds every format exactly.
    An integer is not checked against the range of its format, but from ``2**128`` on it is
    returned as infinity, so that nothing of that size is ever built.
    """
    top = man.bit_length() + expo - 1
    if isinstance(fmt, IntFormat):
        if man and top >= 128:
            return math.inf
        return man << expo if expo >= 0 else man >> -expo
    if man == 0 or top < fmt.quantum - 1:
        return 0.0
    if top > fmt.emax:
        return math.inf
    last = max(top - fmt.precision + 1, fmt.quantum)
    shift = last - expo
    if shift > 0:
        kept = man >> shift
        rest = man - (kept << shift)
        half = 1 << (shift - 1)
        man = kept + (rest > half or (rest == half and kept & 1))
        expo = last
    if man.bit_length() + expo - 1 > fmt.emax:
        return math.inf
    return math.ldexp(man, expo)


def round_ratio(n: int, d: int, fmt: Format, expo: int = 0) -> float | int:
    """``n / d * 2**expo`` for ``n >= 0`` and ``d > 0``, rounded as in `round_scaled`.

    The quotient is taken to 130 bits or more, with a last bit that says whether anything is left:
    it lies below every bit that the rounding looks at but for being zero or not.
    """
    shift = 130 + d.bit_length() - n.bit_length()
    quotient, rest = divmod(n << shift, d) if shift >= 0 else divmod(n, d << -shift)
    return round_scaled(quotient << 1 | (rest != 0), expo - shift - 1, fmt)
