"""Threads: xspace with ``workers=-1`` and all cores, beside libraries that may use them, too."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import numpy as np

import xspace

from .rows import FUNCTIONS, Row, vocabulary

__all__ = ["rows"]


def rows() -> Iterator[Row]:
    ours = vocabulary(xspace)
    all_of_them: dict[str, Any] = {"more": "workers=-1", "threads": True}
    for function in FUNCTIONS:
        call = f"{function}(a, b, 10**7)"
        yield Row.of(call, (vocabulary(np), ours), "workers=-1", **all_of_them)
    yield Row.of(call, (ours, ours), "workers=-1 beside one thread", **all_of_them)
    if find_spec("torch") is not None:
        import torch

        types = {"torch": torch, "float64": torch.float64}
        both = vocabulary(torch, **types), ours | types
        all_of_them["more"] = "xp=torch, workers=-1"
        for function in ("logspace", "linspace"):
            call = f"{function}(a, b, 10**7, dtype=float64)"
            yield Row.of(call, both, "torch, workers=-1", **all_of_them)
