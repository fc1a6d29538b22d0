"""Any library's array, brought to the host as the bits of its elements.

NumPy alone is imported.  Libraries are told apart by what their arrays can do, so that one nobody
has heard of is read like the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "COMPLEX_PARTS",
    "FLOAT_INFINITY",
    "INT_NAMES",
    "dtype_name",
    "host_bits",
    "host_values",
]

#: The floating dtypes that can be compared, and the bits of their infinity: what lies above it is
#: NaN.
FLOAT_INFINITY = {
    "float64": 0x7FF << 52,
    "float32": 0xFF << 23,
    "float16": 0x1F << 10,
    "bfloat16": 0xFF << 7,
}

#: The dtypes of the parts of complex ones.
COMPLEX_PARTS = {"complex128": "float64", "complex64": "float32"}

INT_NAMES = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))


def dtype_name(dtype: Any) -> str:
    """The standard's name of any library's dtype: ``torch.float32`` is ``"float32"``."""
    # The name of a NumPy dtype is free of its byte order, its text is not.
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


def host_bits(array: Any) -> tuple[str, NDArray[Any]]:
    """The name of the dtype, and the elements reinterpreted as unsigned integers, on the host.

    Complex elements become two integers, along a last axis of their own.
    """
    if not hasattr(array, "dtype"):
        raise TypeError(f"expected an array, not {type(array).__name__}: {array!r:.60}")
    name = dtype_name(array.dtype)
    if name not in FLOAT_INFINITY and name not in INT_NAMES and name not in COMPLEX_PARTS:
        raise TypeError(f"arrays of dtype {name} cannot be compared")
    host = _as_numpy(array, name)
    host = host.astype(host.dtype.newbyteorder("="), copy=False)
    if name in COMPLEX_PARTS:
        parts = np.stack([host.real, host.imag], axis=-1)
        return name, parts.view(f"u{parts.dtype.itemsize}")
    return name, host.view(f"u{host.dtype.itemsize}")


def host_values(name: str, bits: NDArray[Any]) -> NDArray[Any]:
    """The values that `host_bits` took the bits of, exactly."""
    if name == "bfloat16":  # the upper half of a float32, and NumPy knows only that
        return (bits.astype(np.uint32) << 16).view(np.float32)
    if name in COMPLEX_PARTS:
        return np.ascontiguousarray(bits).view(name)[..., 0]
    return bits.view(name)


def _as_numpy(array: Any, name: str) -> NDArray[Any]:
    if isinstance(array, np.ndarray | np.generic):
        return np.asarray(array)
    if hasattr(array, "detach"):  # torch, whose bfloat16 NumPy does not know
        array = array.detach().cpu()
        if name == "bfloat16":
            from array_api_compat import array_namespace

            array = array.view(array_namespace(array).int16)
        return np.asarray(array.numpy())
    if hasattr(array, "__cuda_array_interface__") and hasattr(array, "get"):  # CuPy
        return np.asarray(array.get())
    try:
        return np.asarray(array)
    except (BufferError, RuntimeError, TypeError, ValueError):
        # The standard's own way from another device; it cannot be the first because several
        # libraries decline to export bfloat16.
        return np.from_dlpack(array, device="cpu")
