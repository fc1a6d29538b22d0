"""Rounding float64 numbers into the shorter formats, once.

NumPy's own cast to float32 rounds once.  The 16-bit formats go through float64 numbers that are
already rounded to their precision, so that neither a cast by way of float32 nor a missing
bfloat16 matters; they are stored as their bits (uint16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact.rounding import FORMATS, SMALL_INTS, FloatFormat, Format, IntFormat

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["host_dtype", "round_into", "round_to_format", "to_bits"]


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
    if fmt.precision < 24:
        return _pack(np.array(value, dtype=np.float64), fmt)
    return value


def round_to_format(x: npt.NDArray[np.float64], fmt: FloatFormat) -> npt.NDArray[Any]:
    """Each element rounded to nearest even in ``fmt``, as `host_dtype` stores it."""
    if fmt.precision == 24:
        return x.astype(np.float32)
    # Normal numbers: add just under half of the last kept place to the bits, drop the rest.
    drop = 53 - fmt.precision
    bits = x.view(np.int64)
    kept = bits + (((bits >> drop) & 1) + ((1 << (drop - 1)) - 1))
    normal = (kept & -(1 << drop)).view(np.float64)
    # Subnormal ones: adding 1.5 * 2**52 quanta rounds to a multiple of the quantum.
    magic = 1.5 * 2.0 ** (52 + fmt.quantum)
    tiny = np.copysign(np.abs((x + magic) - magic), x)
    return _pack(np.where(np.abs(x) < 2.0**fmt.emin, tiny, normal), fmt)


def round_into(out: npt.NDArray[Any], x: npt.NDArray[np.float64], fmt: FloatFormat) -> None:
    """The same into memory of `host_dtype`."""
    if fmt.precision == 24:
        np.copyto(out, x, casting="same_kind")
    else:
        out[...] = round_to_format(x, fmt)


def _pack(x: npt.NDArray[np.float64], fmt: FloatFormat) -> npt.NDArray[np.uint16]:
    """The bits of numbers that are exact in ``fmt``, or too large for it."""
    if fmt.name == "float16":
        return x.astype(np.float16).view(np.uint16)
    # bfloat16 is the upper half of float32; beyond its range float32 gives infinity too,
    # as numbers of 8 bits jump from the largest bfloat16 to 2**128.
    return (x.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
