"""Who else calls, and with what: a drop-in, a library given its namespace, other numbers."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import array_api_compat.numpy as compat
import numpy as np

import xspace
from xspace.dropin import numpy as dropin

from .measure import numbers
from .rows import FUNCTIONS, Row, vocabulary

__all__ = ["rows"]

WORDS = {"xp": compat, "float32": np.float32}
NAMES = [vocabulary(library, arange=library.arange, **WORDS) for library in (np, xspace)]
DROPIN = [NAMES[0], vocabulary(dropin, arange=dropin.arange, **WORDS)]


def rows() -> Iterator[Row]:
    for call in (
        "logspace(a, b, 50, False)",
        "linspace(a, b, 50, retstep=True)",
        "linspace([a, b], 3, 50)",
        "arange(100)",
    ):
        yield Row.of(call, DROPIN, "drop-in")
    for function in FUNCTIONS:
        yield Row.of(f"{function}(a, b, 50)", NAMES, "xp=array_api_compat.numpy", "xp=xp")
    for kind, dtype in (("float32", np.float32), ("int64", np.int64)):
        for function in ("logspace", "linspace"):  # geomspace has other dtypes in NumPy
            yield Row.of(f"{function}(a, b, 50)", NAMES, f"NumPy's {kind}", draw=_of(dtype))
    yield Row.of("linspace(a, b, 50)", NAMES, "0-d arrays", draw=_of(np.array))
    for kind, draw in (
        ("arrays of 10 float32", _of(lambda x: np.full(10, x, np.float32))),
        ("arrays of 10 integers", _of(lambda x: np.full(10, int(x)))),
        ("arrays of 3 x 1 and 10", lambda rng: (np.full((3, 1), rng.random()), np.full(10, 2.5))),
    ):
        yield Row.of("linspace(a, b, 50)", NAMES, kind, draw=draw)
        yield Row.of("logspace(a, b, 50, axis=-1)", NAMES, kind, draw=draw)
    yield Row.of("linspace(a, b, 50, retstep=True)", NAMES)
    yield Row.of("arange(100)", NAMES)
    for function in FUNCTIONS:
        yield Row.of(f"{function}(a, b, 50)", NAMES, "complex numbers", draw=_of(complex))


def _of(kind: Any) -> Any:
    """Random ends of at least one, as ``kind`` makes them of floats."""

    def draw(rng: Random) -> tuple[Any, ...]:
        return tuple(kind(1 + x) for x in numbers(rng))

    return draw
