"""The kernels in CUDA C++ in PyTorch's memory, on its current stream.

They are compiled by NVRTC and launched by the driver, both through ``cuda.bindings``, NVIDIA's own
interface in Python.  Kernels that were made before a capture can be captured in a CUDA graph.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from cuda.bindings import driver, nvrtc

from .cupy_source import BLOCKS, FILES, OPTIONS, THREADS, source
from .kernels import Kernels
from .launches import Launch

__all__ = ["KERNELS", "compiled"]

#: The current device.
_CUDA = "cuda"


class _TorchKernels(Kernels):
    def on(self, device: Any) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = torch.cuda.device(device)
        return context

    def most_blocks(self) -> int:
        return BLOCKS * int(torch.cuda.get_device_properties(_device()).multi_processor_count)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return torch.empty(shape, dtype=dtype, device=_CUDA)

    def zeros(self, count: int) -> Any:
        return torch.zeros(count, dtype=torch.int64, device=_CUDA)

    def address(self, array: Any) -> int:
        return int(array.data_ptr())

    def flat(self, array: Any, shape: tuple[int, ...]) -> tuple[str, Any]:
        name = str(array.dtype).removeprefix("torch.")
        return name, array.detach().broadcast_to(shape).reshape(-1)

    def stride(self, array: Any) -> int:
        return int(array.stride(0) * array.element_size())

    def read(self, array: Any) -> npt.NDArray[Any]:
        host: npt.NDArray[Any] = array.cpu().numpy()
        return host

    def run(self, launch: Launch, address: int) -> bool:
        kernel = _kernel(launch.kernel, _device())
        if kernel is None:
            return False
        words = np.array((address, *launch.words), np.uint64)
        pointers = words.ctypes.data + words.itemsize * np.arange(len(words), dtype=np.uint64)
        stream = torch.cuda.current_stream().cuda_stream
        where = launch.blocks, 1, 1, THREADS, 1, 1, 0, stream
        _checked(driver.cuLaunchKernel(kernel, *where, pointers.ctypes.data, 0))
        return True


#: What makes grids and lanes.
KERNELS = _TorchKernels()


def _device() -> int:
    device: int = torch.cuda.current_device()
    return device


def _checked(answer: tuple[Any, ...]) -> Any:
    """What a function of CUDA returns behind the number of its error."""
    error, *values = answer
    if error.value:
        raise RuntimeError(f"CUDA: {error.name}")
    return values[0] if values else None


@lru_cache
def _kernel(name: str, device: int) -> Any:
    if torch.cuda.is_current_stream_capturing():
        raise RuntimeError(
            f"the kernel {name} is not compiled yet, and a capture is no time to do it: "
            "make a grid of this kind before"
        )
    try:
        return _checked(driver.cuModuleGetFunction(_module(FILES[name], device), name.encode()))
    except Exception:  # no compiler, or a driver of another version: there is another way
        return None


@lru_cache
def _module(name: str, device: int) -> Any:
    major, minor = torch.cuda.get_device_capability(device)
    return _checked(driver.cuModuleLoadData(compiled(name, 10 * major + minor)))


def compiled(name: str, capability: int) -> bytes:
    """The kernels of a file for processors of a compute capability, 90 for 9.0.

    For those that the compiler does not know it is a text that the driver compiles.
    """
    known = _checked(nvrtc.nvrtcGetSupportedArchs())
    kind = "sm" if capability in known else "compute"
    number = max(k for k in known if k <= capability)
    text = source(name).encode(), f"{name}.cu".encode()
    program = _checked(nvrtc.nvrtcCreateProgram(*text, 0, [], []))
    options = [option.encode() for option in (*OPTIONS, f"--gpu-architecture={kind}_{number}")]
    try:
        _checked(nvrtc.nvrtcCompileProgram(program, len(options), options))
        if kind == "sm":
            code = bytearray(_checked(nvrtc.nvrtcGetCUBINSize(program)))
            _checked(nvrtc.nvrtcGetCUBIN(program, code))
        else:
            code = bytearray(_checked(nvrtc.nvrtcGetPTXSize(program)))
            _checked(nvrtc.nvrtcGetPTX(program, code))
    finally:
        _checked(nvrtc.nvrtcDestroyProgram(program))
    return bytes(code)
