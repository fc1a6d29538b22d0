"""The source of CuPy's fused kernels, complete, and how they have to be launched; needs no CuPy."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from .fused import Job, constants

__all__ = ["BLOCKS", "THREADS", "grid_of", "source"]

#: Threads of a block.
THREADS = 256
#: Blocks that a multiprocessor is sure to run at a time.
BLOCKS = 3
_ROWS = 32
_STORE_BYTES = 16


@lru_cache(maxsize=1)
def source() -> str:
    """CUDA C++: the constants, then ``cupy_kernels.cu``."""
    words = ", ".join(f"{int(word):#x}ULL" for word in constants())
    text = Path(__file__).with_suffix("").with_name("cupy_kernels.cu").read_text()
    sizes = f"#define THREADS {THREADS}\n#define BLOCKS {BLOCKS}\n#define ROWS {_ROWS}\n"
    return f"{sizes}static __device__ const unsigned long long CONSTANTS[] = {{{words}}};\n{text}"


def grid_of(job: Job, most: int) -> int:
    """How many blocks make a job; ``most`` are enough for a long grid."""
    if job.is_short:
        return -(-job.num // THREADS)
    wide = _STORE_BYTES // (8 if job.fmt == "float64" else 4)
    return min(-(-job.num // (_ROWS * THREADS * wide)), most)
