"""The kernels of CuPy, which compiles and launches them itself, and keeps what it compiled.

Where they do not compile, grids are made as by any other library (`xspace.engine.device`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

import cupy
import numpy as np
import numpy.typing as npt

from .cupy_source import BLOCKS, FILES, OPTIONS, THREADS, source
from .kernels import Kernels
from .launches import Launch

__all__ = ["KERNELS"]


class _CupyKernels(Kernels):
    def on(self, device: Any) -> AbstractContextManager[Any]:
        context: AbstractContextManager[Any] = nullcontext() if device is None else device
        return context

    def most_blocks(self) -> int:
        return _most_blocks(cupy.cuda.Device().id)

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        return cupy.empty(shape, dtype)

    def zeros(self, count: int) -> Any:
        return cupy.zeros(count, np.int64)

    def address(self, array: Any) -> int:
        return int(array.data.ptr)

    def flat(self, array: Any, shape: tuple[int, ...]) -> tuple[str, Any]:
        return array.dtype.name, cupy.broadcast_to(array, shape).reshape(-1)

    def stride(self, array: Any) -> int:
        return int(array.strides[0])

    def read(self, array: Any) -> npt.NDArray[Any]:
        host: npt.NDArray[Any] = cupy.asnumpy(array)
        return host

    def run(self, launch: Launch, address: int) -> bool:
        kernel = _kernel(launch.kernel, cupy.cuda.Device().id)
        if kernel is None:
            return False
        kernel((launch.blocks,), (THREADS,), tuple(map(np.uint64, (address, *launch.words))))
        return True


#: What makes grids and lanes.
KERNELS = _CupyKernels()


@lru_cache
def _module(name: str) -> Any:
    return cupy.RawModule(code=source(name), options=OPTIONS)


@lru_cache
def _most_blocks(device: int) -> int:
    count: int = cupy.cuda.Device(device).attributes["MultiProcessorCount"]
    return BLOCKS * count


@lru_cache
def _kernel(name: str, device: int) -> Any:
    try:
        kernel = _module(FILES[name]).get_function(name)
        kernel.compile()
        return kernel
    except Exception:  # no compiler, or an old one: there is another way
        return None
