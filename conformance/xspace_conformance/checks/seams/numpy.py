"""How NumPy is used around functions, and how it gives them numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .check import Ends, Function, Transform

NATIVE = np
NAMES: dict[str, Any] = {}

ENDS = (
    Ends("zero-dimensional", "np.array(0.5)", "np.array(3.0, np.float32)"),
    Ends("lanes", "np.array([0.5, 1.0])", "np.array([3.0, 2.0])"),
    Ends("short-lanes", "np.array([0.5, 1.0], np.float16)", "np.float32(3)"),
    Ends("integer-lanes", "np.array([1, 2])", "np.array([4, 8])"),
    Ends("lanes-beside-complex", "np.array([1.0, 2.0])", "3+4j"),
    Ends("complex-lanes", "np.array([1+2j, 2-1j])", "np.array([3-1j, 2.5+0.5j])"),
)

Pair = tuple[Any, Any]


def eager(f: Function, ends: Pair) -> Any:
    return f(*ends)


def errors_raised(f: Function, ends: Pair) -> Any:
    with np.errstate(all="raise"):
        return f(*ends)


def in_a_thread(f: Function, ends: Pair) -> Any:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(f, *ends).result()


TRANSFORMS = (Transform(eager), Transform(errors_raised), Transform(in_a_thread))
