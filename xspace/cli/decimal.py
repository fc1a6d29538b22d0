"""The shortest decimals that read back as the same numbers of their dtype."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

__all__ = ["shortest"]


def shortest(name: str, values: Any) -> Iterator[str]:
    """The texts of an array's values, whose dtype was the one named.

    bfloat16 values come as the float32 numbers that they are.
    """
    if name == "bfloat16":
        return map(_shortest_bfloat16, values.tolist())
    if name in ("float32", "float16", "complex64"):
        return map(str, values)  # NumPy knows their shortest decimals, Python those of float64
    return map(repr, values.tolist())


def _shortest_bfloat16(value: float) -> str:
    # The magnitude alone, because the cache takes -0.0 for 0.0.
    text = _shortest_magnitude(abs(value))
    return text if math.isnan(value) or math.copysign(1, value) > 0 else f"-{text}"


@lru_cache(maxsize=1 << 15)  # there are no more
def _shortest_magnitude(value: float) -> str:
    if not math.isfinite(value) or value == 0:
        return repr(value)
    exact = Fraction(value)
    low, high, inclusive = _rounds_to(value)
    for digits in range(1, 5):  # four decimal digits tell any two bfloat16 numbers apart
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        unit = Fraction(10) ** (int(exponent) - digits + 1)
        nearest = int(mantissa.replace(".", ""))
        # Below a power of two lie numbers half as far apart: the nearest decimal may miss the
        # interval on that side while the next one is inside on the other.
        inside = [
            candidate
            for candidate in (nearest * unit, (nearest + 1) * unit)
            if low < candidate < high or (inclusive and candidate in (low, high))
        ]
        if inside:
            best = min(inside, key=lambda candidate: abs(candidate - exact))
            return repr(float(best))
    raise AssertionError(f"no short decimal for {value!r}")  # see the four digits above


def _rounds_to(value: float) -> tuple[Fraction, Fraction, bool]:
    """The ends of the interval that rounds to a positive number, and whether they do too."""
    (bits,) = struct.unpack(">I", struct.pack(">f", value))
    upper = bits >> 16
    middle = Fraction(_from_upper(upper))
    below = Fraction(_from_upper(upper - 1))
    # The largest finite number rounds as if another one came after it.
    above = 2 * middle - below if upper == 0x7F7F else Fraction(_from_upper(upper + 1))
    return (below + middle) / 2, (middle + above) / 2, upper % 2 == 0


def _from_upper(upper: int) -> float:
    (value,) = struct.unpack(">f", struct.pack(">I", upper << 16))
    return float(value)
