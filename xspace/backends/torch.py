"""PyTorch: on the CPU a tensor shares the host's memory, so nothing is copied."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..exact.rounding import Format
from .generic import Backend

__all__ = ["TorchBackend"]

#: As torch reads Python's types.
_PYTHON_TYPES = {float: torch.float64, int: torch.int64, complex: torch.complex128}


class TorchBackend(Backend):
    """PyTorch, CPU and accelerators."""

    def __init__(self) -> None:
        super().__init__(torch)

    def makes_on_host(self, device: Any) -> bool:
        # Apple's devices have no float64.
        return self._device(device).type in ("cpu", "mps")

    def _device(self, device: Any) -> torch.device:
        return torch.get_default_device() if device is None else torch.device(device)

    def read_device(self, device: Any) -> Any:
        place = self._device(device)
        if place.type != "cpu":
            torch.empty(0, device=place)
        return place

    def default_dtype(self, device: Any) -> Any:
        return torch.get_default_dtype()

    def result_dtype(self, dtypes: list[Any]) -> Any:
        floats = [d for d in dtypes if d.is_floating_point or d.is_complex]
        result = floats[0] if floats else None
        for dtype in floats[1:]:
            result = torch.promote_types(result, dtype)
        return result

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype).removeprefix("torch.")

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        if dtype in _PYTHON_TYPES:
            dtype = _PYTHON_TYPES[dtype]
        if not isinstance(dtype, torch.dtype):
            msg = f"dtype must be a torch.dtype, got {dtype!r}"
            raise TypeError(msg)
        return self.format_of(self.dtype_name(dtype), dtype), dtype

    def from_host(self, host: npt.NDArray[Any], fmt: Format, dtype: Any, device: Any) -> Any:
        if fmt.name in ("float16", "bfloat16"):
            tensor = torch.from_numpy(host.view(np.int16)).view(dtype)
        else:
            tensor = torch.from_numpy(host)
        return tensor.to(device=self._device(device))

    def ops(self) -> Any:
        import array_api_compat.torch as ops

        return ops
