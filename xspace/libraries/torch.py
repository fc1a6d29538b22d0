"""PyTorch: on the CPU a tensor shares the host's memory, so nothing is copied."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from ..exact.rounding import Format
from ..ground.messages import shown
from .generic import Backend

__all__ = ["TorchBackend"]

#: As torch reads Python's types.
_PYTHON_TYPES = {float: torch.float64, int: torch.int64, complex: torch.complex128}


class TorchBackend(Backend):
    """PyTorch, CPU and accelerators."""

    package = "torch"

    def __init__(self) -> None:
        super().__init__(torch)

    def makes_on_host(self, device: Any) -> bool:
        # Apple's devices have no float64.
        return self._device(device).type in ("cpu", "mps")

    def _device(self, device: Any) -> torch.device:
        if device is not None:
            return torch.device(device)
        if torch.compiler.is_compiling():  # which knows the devices of tensors only
            return torch.empty(0).device
        return torch.get_default_device()

    def runs_kernels(self, device: Any) -> bool:
        is_cuda = self._device(device).type == "cuda"
        return is_cuda and not (torch.version.hip or torch.compiler.is_compiling())

    def read_device(self, device: Any) -> Any:
        place = self._device(device)
        if place.type != "cpu":
            torch.empty(0, device=place)
        return place

    def default_dtype(self, device: Any) -> Any:
        return torch.get_default_dtype()

    def default_integer(self, device: Any) -> Any:
        return torch.int64

    def result_dtype(self, dtypes: list[Any]) -> Any:
        floats = [d for d in dtypes if d.is_floating_point or d.is_complex]
        result = floats[0] if floats else None
        for dtype in floats[1:]:
            result = torch.promote_types(result, dtype)
        return result

    def dtype_name(self, dtype: Any) -> str:
        return str(dtype).removeprefix("torch.")

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        if isinstance(dtype, type):
            dtype = _PYTHON_TYPES.get(dtype, dtype)
        if not isinstance(dtype, torch.dtype):
            msg = f"dtype must be a torch.dtype, got {shown(dtype)}"
            raise TypeError(msg)
        return self.format_of(self.dtype_name(dtype), dtype), dtype

    def from_host(self, host: npt.NDArray[Any], fmt: Format, dtype: Any, device: Any) -> Any:
        if not host.size:  # with strides as PyTorch has them
            return torch.empty(host.shape, dtype=dtype, device=self._device(device))
        if fmt.name in ("float16", "bfloat16"):
            tensor = torch.from_numpy(host.view(np.int16)).view(dtype)
        else:
            tensor = torch.from_numpy(host)
        return tensor.to(device=self._device(device))

    def is_many(self, array: Any) -> bool:
        return bool(array.ndim) or array.requires_grad or not _has_value(array)

    def to_host(self, array: Any) -> npt.NDArray[Any]:
        array = array.detach().cpu().resolve_neg()
        if array.dtype == torch.bfloat16:  # NumPy has none; float32 holds its values
            array = array.to(torch.float32)
        return array.numpy()  # type: ignore[no-any-return]

    def with_first_axis_at(self, place: int, array: Any) -> Any:
        return array.movedim(0, place)

    def put(self, array: Any, places: list[int], values: npt.NDArray[Any]) -> Any:
        # As integers, which every device can move by index.
        bits = torch.from_numpy(values.view(f"i{values.itemsize}")).to(array.device)
        array.view(bits.dtype)[torch.tensor(places, device=array.device)] = bits
        return array

    def ops(self) -> Any:
        import array_api_compat.torch as ops

        return ops


def _has_value(tensor: Any) -> bool:
    """Whether the number in a 0-d tensor can be read, and nothing is lost by reading it."""
    hidden: bool = (
        torch.compiler.is_compiling()
        or tensor.is_meta
        or type(tensor) not in (torch.Tensor, torch.nn.Parameter)
        or torch._C._functorch.is_functorch_wrapped_tensor(tensor)
        or torch.autograd.forward_ad.unpack_dual(tensor).tangent is not None
    )
    return not hidden
