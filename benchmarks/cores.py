"""Which cores the measurements run on: one, but where threads are measured."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["all_cores", "one_core"]

#: As they were when this process started; empty where a process cannot be kept on some of them.
ALL_CORES = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set[int]()


def one_core() -> None:
    """Keep this thread, and those that it starts, on one core: the one way to limit XLA's, too."""
    _allow({max(ALL_CORES, default=0)})


@contextmanager
def all_cores() -> Iterator[None]:
    """Let this thread, and those that it starts, use every core."""
    _allow(ALL_CORES)
    try:
        yield
    finally:
        one_core()


def _allow(cores: set[int]) -> None:
    if ALL_CORES:
        os.sched_setaffinity(0, cores)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(len(cores) or os.cpu_count())
