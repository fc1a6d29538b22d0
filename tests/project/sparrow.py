"""A small array library that is made up: CONTRIBUTING.md adds a backend for it.

It is like the array API standard, but not quite: its `asarray` takes no NumPy array (`wrap` does),
a device is a *perch*, and the default dtype can be set.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class DType(NamedTuple):
    """A dtype."""

    name: str


class Perch(NamedTuple):
    """Where an array sits."""

    name: str


float64, float32, float16 = DType("float64"), DType("float32"), DType("float16")
int8, int16, int32, int64 = DType("int8"), DType("int16"), DType("int32"), DType("int64")
uint8, uint16, uint32, uint64 = DType("uint8"), DType("uint16"), DType("uint32"), DType("uint64")

BRANCH, WIRE = Perch("branch"), Perch("wire")

_default = [float32]


def set_default_dtype(dtype: DType) -> None:
    """Make a dtype the default."""
    _default[0] = dtype


def get_default_dtype() -> DType:
    """The default dtype."""
    return _default[0]


class Array:
    """An array on a perch."""

    def __init__(self, values: Any, perch: Perch) -> None:
        self._values, self.device = values, perch

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        import sparrow

        return sparrow

    @property
    def dtype(self) -> DType:
        return DType(self._values.dtype.name)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self._values.shape)

    @property
    def ndim(self) -> int:
        return int(self._values.ndim)

    def numpy(self) -> Any:
        """The elements in NumPy's memory, without a copy."""
        return self._values

    def __int__(self) -> int:
        return int(self._values)

    def __float__(self) -> float:
        return float(self._values)

    def __repr__(self) -> str:
        return f"sparrow.wrap({self._values!r}, {self.device.name})"


def wrap(values: Any, perch: Perch | None = None) -> Array:
    """An array in the memory of one of NumPy's."""
    return Array(values, find_perch(perch))


def find_perch(perch: Perch | None) -> Perch:
    """A perch that there is; the branch if None."""
    if perch not in (None, BRANCH, WIRE):
        raise ValueError(f"no sparrow sits on {perch!r}")
    return perch or BRANCH


def asarray(numbers: Any, *, dtype: DType | None = None, device: Perch | None = None) -> Array:
    """An array of a list of numbers."""
    if isinstance(numbers, np.ndarray):
        raise TypeError("asarray takes lists: wrap takes NumPy's arrays")
    return wrap(np.asarray(numbers, (dtype or get_default_dtype()).name), device)


def zeros(shape: Any, *, dtype: DType | None = None, device: Perch | None = None) -> Array:
    """An array of zeros."""
    return wrap(np.zeros(shape, (dtype or get_default_dtype()).name), device)


def moveaxis(array: Array, source: int, destination: int) -> Array:
    """An array with an axis in another place."""
    return wrap(np.moveaxis(array.numpy(), source, destination), array.device)


def result_type(*dtypes: DType) -> DType:
    """The dtype that can hold them all."""
    return DType(np.result_type(*(dtype.name for dtype in dtypes)).name)


def isdtype(dtype: DType, kind: str) -> bool:
    """Whether a dtype is of a kind."""
    return bool(np.isdtype(np.dtype(dtype.name), kind))
