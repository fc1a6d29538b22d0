"""What people write with NumPy, by NumPy and by xspace: the same text for both."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import numpy as np

import xspace

from .measure import Draw, numbers
from .rows import FUNCTIONS, Row, vocabulary

__all__ = ["rows"]

TYPES = {"float32": np.float32, "int32": np.int32}
NAMES = [vocabulary(library, arange=library.arange, **TYPES) for library in (np, xspace)]


def rows() -> Iterator[Row]:
    for num in ("5", "50", "500", "5000", "50_000", "10**6", "10**7"):
        for function in FUNCTIONS:
            yield Row.of(f"{function}(a, b, {num})", NAMES)
    full = {"logspace": lambda a, b, num: np.full(num, a)}
    yield Row.of("logspace(a, b, 10**7)", (full, NAMES[1]), "beside numpy.full")
    for function in FUNCTIONS:
        yield Row.of(f"{function}(a, b, 50)", NAMES, "NumPy scalars", draw=_scalars)
        yield Row.of(f"{function}(a, b, 50, dtype=float32)", NAMES)
        yield Row.of(f"{function}(a, b, 50, dtype=int)", NAMES, draw=_apart)
        yield Row.of(f"{function}(a, b, 50, endpoint=False)", NAMES)
    for call in (
        "logspace(-300, 300, 601)",
        "geomspace(1, 10**9, 10, dtype=int)",
        "logspace(-320, -300, 1000)",
        "arange(0, 100, 0.5)",
    ):
        yield Row.of(call, NAMES)
    for lanes, samples in ((3, 50), (10, 10), (1000, 1000), (100_000, 10)):
        for function in FUNCTIONS:
            kind = f"arrays of {lanes:,}"
            yield Row.of(f"{function}(a, b, {samples})", NAMES, kind, draw=_arrays(lanes))
    ends = np.ones(10_000), np.full(10_000, 999_983.0)
    kind = "arrays of 10,000 integers"
    yield Row.of("geomspace(a, b, 10, dtype=int32)", NAMES, kind, draw=lambda rng: ends)


def _scalars(rng: Random) -> tuple[Any, ...]:
    return tuple(map(np.float64, numbers(rng)))


def _apart(rng: Random) -> tuple[float, float]:
    """Ends of at least one."""
    return rng.uniform(1, 2), rng.uniform(3, 7)


def _arrays(lanes: int) -> Draw:
    def draw(rng: Random) -> tuple[Any, ...]:
        start, width = np.random.default_rng(rng.getrandbits(32)).uniform(0.1, 1, (2, lanes))
        return start, start + 4 * width

    return draw
