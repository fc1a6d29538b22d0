"""Several threads for one grid: its slices are progressions, so each thread makes one.

The bits do not depend on how a grid is divided.  Compiled loops run without the interpreter's lock
from the first element of a slice to the last.  NumPy gives it back, too, but for a few microseconds
at a time, and two threads that hand it to each other so often are slower than one.  So NumPy alone
takes one thread, unless the interpreter has no such lock.
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..ground.messages import describe
from ..ground.thresholds import PIECE

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["in_pieces", "is_free", "read_workers"]


def read_workers(workers: Any) -> int:
    """How many threads a call may use: SciPy's convention, with None for one.

    Negative numbers count from the cores that this process may use: -1 is all of them.
    """
    if workers is None:
        return 1
    try:
        count = operator.index(workers)
    except TypeError:
        msg = (
            f"workers must be an integer or None, got {describe(workers)}: "
            f"the number of threads, or -1 for as many as there are cores"
        )
        raise TypeError(msg) from None
    if count > 0:
        return count
    cores = _cores()
    if count == 0 or count < -cores:
        msg = f"workers must be positive, or from -{cores} to -1 to count from {cores} cores down"
        raise ValueError(f"{msg}, got {count}")
    return count + 1 + cores


def in_pieces(num: int, workers: int, make: Callable[[int, int], None]) -> None:
    """Call ``make(first, last)`` for consecutive slices of ``range(num)``, at most one a thread.

    The calling thread makes one of them.
    """
    pieces = min(workers, num // PIECE)
    if pieces < 2:
        make(0, num)
        return
    bounds = [num * k // pieces for k in range(pieces + 1)]
    pool = _pool(os.getpid(), pieces - 1)
    futures = [pool.submit(make, *pair) for pair in pairwise(bounds[1:])]
    try:
        make(0, bounds[1])
    finally:  # the memory is the caller's: nobody writes there any more when this returns
        errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None:
            raise error


def is_free() -> bool:
    """Whether this interpreter runs several threads at a time."""
    return not getattr(sys, "_is_gil_enabled", lambda: True)()


@lru_cache(maxsize=2)
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Threads of this process; those of a process that was forked are gone."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads, thread_name_prefix="xspace")


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
