"""Rounding float64 numbers into the shorter formats, once.

NumPy's own cast to float32 rounds once.  The 16-bit formats are rounded in the bits of float32,
by way of a number that is rounded *to odd*: what is cut off leaves a trace in the last bit, so
that the second rounding, thirteen or sixteen bits further up, sees on which side of a midpoint
it was (S. Boldo and G. Melquiond, 2008).  They are stored as their bits (uint16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact.rounding import FORMATS, SMALL_INTS, FloatFormat, Format, IntFormat

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["host_dtype", "round_into", "round_to_format", "stored", "to_bits"]


def host_dtype(fmt: Format) -> np.dtype[Any]:
    """The NumPy dtype that a grid of this format is made in; the 16-bit floats as their bits."""
    return _HOST_DTYPES[fmt.name]


_HOST_DTYPES = {
    **{name: np.dtype("uint16" if name in ("float16", "bfloat16") else name) for name in FORMATS},
    **{name: np.dtype("uint8" if name[0] == "u" else "int8") for name in SMALL_INTS},
}


def to_bits(value: float | int, fmt: Format) -> Any:
    """One number of the format, as `host_dtype` stores it."""
    if isinstance(fmt, IntFormat):
        return int(value)
    if fmt.name == "float16":
        return np.float16(value).view(np.uint16)
    if fmt.name == "bfloat16":
        return np.uint16(np.float32(value).view(np.uint32) >> 16)
    return value


def round_to_format(x: npt.NDArray[np.float64], fmt: FloatFormat) -> npt.NDArray[Any]:
    """Each element rounded to nearest even in ``fmt``, as `host_dtype` stores it."""
    if fmt.precision == 24:
        return x.astype(np.float32)
    odd = _rounded_to_odd(x)
    return _to_half(odd) if fmt.name == "float16" else _to_bfloat16(odd, x)


def stored(values: npt.NDArray[np.float64], fmt: FloatFormat) -> npt.NDArray[Any]:
    """The same of numbers of any size, infinities and NaN among them."""
    if fmt.precision == 53:
        return values
    with np.errstate(all="ignore"):
        host = round_to_format(values, fmt)
    if fmt.precision < 24:  # a NaN has no place in the arithmetic of bits
        host[np.isnan(values)] = to_bits(np.nan, fmt)
    return host


#: What float64 has after the bits of float32.
_CUT = (1 << 29) - 1


def _rounded_to_odd(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """Numbers of 24 bits: toward zero, and the last bit set if anything was cut off."""
    bits = x.view(np.int64)
    kept = bits & _CUT
    kept += _CUT  # carries into the last bit, if anything is there
    kept |= bits
    kept &= ~_CUT
    return kept.view(np.float64).astype(np.float32)  # exact, unless float32 is subnormal there


_HALF_LEAST_NORMAL = (127 - 14) << 23  #: the bits of 2**-14 in float32
_HALF_INFINITY = 0x7C00


def _to_half(y: npt.NDArray[np.float32]) -> npt.NDArray[np.uint16]:
    """The bits of float16, by NumPy's integers: its cast takes five times as long."""
    bits = y.view(np.uint32)
    size = bits & 0x7FFFFFFF
    half = (size >> 13) & 1
    half += size
    half += 0xFFF - ((127 - 15) << 23) & 0xFFFFFFFF  # half a unit, less than it if even; the bias
    half >>= 13
    np.minimum(half, _HALF_INFINITY, out=half)
    tiny = size < _HALF_LEAST_NORMAL
    if tiny.any():  # the unit of 1/2 is the quantum, 2**-24
        sums = np.abs(y[tiny]) + np.float32(0.5)
        half[tiny] = sums.view(np.uint32) - np.float32(0.5).view(np.uint32)
    bits >>= 16
    bits &= 0x8000
    half |= bits
    return half.astype(np.uint16)


def _to_bfloat16(y: npt.NDArray[np.float32], x: npt.NDArray[np.float64]) -> npt.NDArray[np.uint16]:
    """The bits of bfloat16, the upper half of float32: beyond its range both are infinite."""
    bits = y.view(np.uint32)
    tiny = (bits & 0x7F800000) == 0
    if tiny.any():  # where the cast rounded: adding 1.5 * 2**52 quanta rounds x instead
        magic = 1.5 * 2.0 ** (52 - 133)
        small = x[tiny]
        y[tiny] = np.copysign((small + magic) - magic, small)
    upper = (bits >> 16) & 1
    upper += bits
    upper += 0x7FFF
    upper >>= 16
    return upper.astype(np.uint16)


def round_into(out: npt.NDArray[Any], x: npt.NDArray[np.float64], fmt: FloatFormat) -> None:
    """The same into memory of `host_dtype`."""
    if fmt.precision == 24:
        np.copyto(out, x, casting="same_kind")
    else:
        out[...] = round_to_format(x, fmt)
