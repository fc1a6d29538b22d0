"""The fused kernels of PyTorch: a whole grid in one launch, with nothing copied or awaited.

Nothing else depends on this file, ``triton_kernels.py`` and ``triton_words.py``.  Without them, or
where Triton is missing, grids are made as by any other library (`xspace.engine.device`).
"""

from __future__ import annotations

from typing import Any

import torch
import triton

from ...exact.progression import Arithmetic, Geometric
from ...exact.rounding import Format
from .fused import Job, constants, job_of

if tuple(map(int, triton.__version__.split(".")[:2])) < (3, 3):
    raise ImportError("tuples as arguments came with Triton 3.3")

from .triton_kernels import fill, fill_short

__all__ = ["KERNELS", "launch", "make", "sizes_of"]

#: Rows that a program makes between two looks at the rounding test; their columns are some groups
#: of one column a thread.
ROWS, PART = 32, 128
GROUPS = {"powers_float32": 16}  # else 8: as many as registers allow
#: Fusing multiplications and additions changes no bit.
OPTIONS = {"num_warps": 4, "enable_fp_fusion": True}
#: Programs on a multiprocessor, and what each of their threads gets of its 65,536 registers.
_PROGRAMS, MOST_REGISTERS = 3, 168


class _TritonKernels:
    """Grids alone; lanes are made as by any other library."""

    def make(
        self, line: Arithmetic | Geometric, fmt: Format, negative: bool, dtype: Any, device: Any
    ) -> Any:
        """The array of a progression, or None if it is not made here."""
        job = job_of(line, fmt, negative=negative)
        return None if job is None else make(job, dtype, device)


#: What makes grids.
KERNELS = _TritonKernels()


def make(job: Job, dtype: Any, device: Any) -> Any:
    """The array of a job on a device; None where its kernel does not compile."""
    out = torch.empty(job.num, dtype=dtype, device=device)
    key = job.name, out.device
    if _works.get(key) is False:
        return None
    table, count = _table(out.device), _program_count(out.device)
    with torch.cuda.device_of(out):  # where Triton launches
        try:
            launch(job, out, table, count)
        except Exception:  # no C compiler, say; once a kernel has run, an error is of another kind
            if key in _works or torch.cuda.is_current_stream_capturing():
                raise  # and a capture is no time to compile
            _works[key] = False
            return None
    _works[key] = True
    return out


def launch(job: Job, out: Any, table: Any, count: int) -> None:
    """Fill a tensor with the elements of a job, by ``count`` programs at most."""
    bits = out.view(torch.int64 if job.fmt == "float64" else torch.int32)
    how: dict[str, Any] = {"POWERS": job.kind == "powers", **sizes_of(job)}
    if job.is_short:
        grid = (-(-job.num // PART),)
        fill_short[grid](  # type: ignore[index]
            bits, table, *job.numbers, **how, **OPTIONS
        )
    else:
        elements = how["ROWS"] * how["GROUPS"] * PART
        grid = (min(-(-job.num // elements), count),)
        fill[grid](  # type: ignore[index]
            bits, table, *job.numbers, **how, **OPTIONS, maxnreg=MOST_REGISTERS
        )


def sizes_of(job: Job) -> dict[str, int]:
    """The precision, and the rows and columns that a program makes at a time."""
    sizes = {"PRECISION": 53 if job.fmt == "float64" else 24, "PART": PART}
    if not job.is_short:
        sizes |= {"ROWS": ROWS, "GROUPS": GROUPS.get(job.name, 8)}
    return sizes


#: Kernels that have run on a device, and those that did not compile.
_works: dict[Any, bool] = {}
_tables: dict[Any, Any] = {}
_counts: dict[Any, int] = {}


def _table(device: Any) -> Any:
    """The powers of two on a device, where they stay from the first grid on."""
    table = _tables.get(device)
    if table is None:
        table = torch.from_numpy(constants().view("int64")).to(device)
        _tables[device] = table
    return table


def _program_count(device: Any) -> int:
    """How many programs a device runs at a time."""
    count = _counts.get(device)
    if count is None:
        count = 2  # in the interpreter
        if device.type == "cuda":
            count = _PROGRAMS * torch.cuda.get_device_properties(device).multi_processor_count
        _counts[device] = count
    return count
