"""The fused kernels of CuPy: a whole grid in one launch, with nothing copied or awaited.

Nothing else depends on this file, ``cupy_source.py`` and ``cupy_kernels.cu``.  Where they are
missing or do not compile, grids are made as by any other library (`xspace.engine.device`).
"""

from __future__ import annotations

from contextlib import nullcontext
from functools import lru_cache
from typing import Any

import cupy
import numpy as np

from .cupy_source import BLOCKS, THREADS, grid_of, source
from .fused import Job

__all__ = ["make"]


def make(job: Job, dtype: Any, device: Any = None) -> Any:
    """The array of a job on a device; None where its kernel does not compile."""
    with nullcontext() if device is None else device:
        return _make_here(job, dtype)


def _make_here(job: Job, dtype: Any) -> Any:
    device = cupy.cuda.Device().id
    kernel = _kernel(job.name, device)
    if kernel is None:
        return None
    out = cupy.empty(job.num, dtype)
    blocks = grid_of(job, _most_blocks(device))
    kernel((blocks,), (THREADS,), (out, *map(np.uint64, job.numbers)))
    return out


@lru_cache(maxsize=1)
def _module() -> Any:
    return cupy.RawModule(code=source(), options=("--std=c++17",))


@lru_cache
def _most_blocks(device: int) -> int:
    """How many blocks a device is sure to run at a time."""
    count: int = cupy.cuda.Device(device).attributes["MultiProcessorCount"]
    return BLOCKS * count


@lru_cache
def _kernel(name: str, device: int) -> Any:
    try:
        kernel = _module().get_function(name)
        kernel.compile()
        return kernel
    except Exception:  # no compiler, or an old one: there is another way
        return None
