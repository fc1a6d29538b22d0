"""What a call costs, counted: the same on any machine, however busy it is."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

__all__ = ["bytes_made", "count_calls"]


def count_calls(call: Callable[[], Any]) -> int:
    """How many functions a call enters, those in C that Python calls among them."""
    entered = 0

    def count(frame: Any, event: str, _: Any) -> None:
        nonlocal entered
        entered += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(before)
    return entered


def bytes_made(call: Callable[[], Any]) -> int:
    """The most memory that a call holds beyond what was there, its result included."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = call()
        del result
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
