"""CuPy: kernels run on the current device, wherever the arrays are."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import cupy
import numpy as np
import numpy.typing as npt

from ..exact.rounding import Format
from ..ground.messages import shown
from .generic import Backend

__all__ = ["CupyBackend"]


class CupyBackend(Backend):
    """CuPy; a device is a ``cupy.cuda.Device`` or its number."""

    package = "cupy"

    def __init__(self) -> None:
        super().__init__(cupy)

    def makes_on_host(self, device: Any) -> bool:
        return False

    def runs_kernels(self, device: Any) -> bool:
        return not cupy.cuda.runtime.is_hip

    def read_device(self, device: Any) -> Any:
        if device is None or isinstance(device, cupy.cuda.Device):
            return device
        if not isinstance(device, int):
            msg = f"device must be a cupy.cuda.Device or an int, got {shown(device)}"
            raise TypeError(msg)
        return cupy.cuda.Device(device)

    def default_dtype(self, device: Any) -> Any:
        return np.dtype(np.float64)

    def default_integer(self, device: Any) -> Any:
        return np.dtype(np.int_)

    def dtype_name(self, dtype: Any) -> str:
        name: str = np.dtype(dtype).name
        return name

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        native = np.dtype(dtype)
        if not native.isnative:
            msg = f"dtype {shown(dtype)} is not in the machine's byte order"
            raise TypeError(msg)
        return self.format_of(native.name, dtype), native

    def from_host(self, host: npt.NDArray[Any], fmt: Format, dtype: Any, device: Any) -> Any:
        with self.on(device):
            return cupy.asarray(host).view(dtype)

    def to_host(self, array: Any) -> npt.NDArray[Any]:
        return cupy.asnumpy(array)  # type: ignore[no-any-return]

    def on(self, device: Any) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = nullcontext() if device is None else device
        return context

    def put(self, array: Any, places: list[int], values: npt.NDArray[Any]) -> Any:
        array[cupy.asarray(places)] = cupy.asarray(values).view(array.dtype)
        return array

    def ops(self) -> Any:
        import array_api_compat.cupy as ops

        return ops
