"""How many elements an array can have."""

from __future__ import annotations

import sys
from typing import Any

from .messages import describe_integer

__all__ = ["LARGEST", "check_length", "check_size"]

#: Elements of complex128 that a 64-bit address space holds.
LARGEST = sys.maxsize // 16


def check_size(num: int, lanes: int = 1) -> None:
    """A ValueError for arrays of more elements than have addresses, whatever the dtype."""
    if num * lanes > LARGEST:
        many = f" in each of {lanes} lanes" if lanes > 1 else ""
        msg = f"num is {describe_integer(num)}{many}, which is more than an array can have"
        raise ValueError(msg)


def check_length(line: Any, caller: str) -> Any:
    """The progression, if an array can be so long."""
    if line.num > LARGEST:
        msg = (
            f"{caller}: {describe_integer(line.num)} elements, which is more than an array can have"
        )
        raise ValueError(msg)
    return line
