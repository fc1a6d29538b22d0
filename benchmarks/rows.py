"""The rows of the table: what is compared with what, and the ratio to reach."""

from __future__ import annotations

from collections.abc import Iterator

from .footprint import ImportTime, PeakMemory
from .races import JitRace, LaneRace, Race

__all__ = ["rows"]

FUNCTIONS = ("logspace", "geomspace", "linspace")
SIZES = (10**5, 10**6, 10**7)


def rows() -> Iterator[Race | ImportTime | PeakMemory | LaneRace]:
    yield from numpy_rows()
    yield from other_rows()
    yield ImportTime()
    for function in FUNCTIONS:
        yield PeakMemory(function)
    yield from lane_rows()


def numpy_rows() -> Iterator[Race]:
    targets = {"logspace": 8, "geomspace": 8, "linspace": 1}
    for function in FUNCTIONS:
        for num in SIZES:
            yield Race(function, "numpy", "float64", num, at_least=targets[function])
    for function in FUNCTIONS:
        yield Race(function, "numpy", "float64", 10**7, at_most_full=1.5, workers=True)
    yield Race("logspace", "numpy", "float32", 10**6, at_least=8)
    yield Race("linspace", "numpy", "float32", 10**6, at_least=1)
    yield Race("logspace", "numpy", "float64", 50, at_least=1, per_call=True)
    yield Race("geomspace", "numpy", "float64", 50, at_least=3, per_call=True)
    yield Race("linspace", "numpy", "float64", 50, at_least=1, per_call=True)


def other_rows() -> Iterator[Race]:
    for function in ("logspace", "linspace"):
        for dtype in ("float64", "float32"):
            target = 8 if function == "logspace" else 1
            yield Race(function, "torch", dtype, 10**6, at_least=target)
            yield Race(function, "torch", dtype, 10**6, at_least=target, workers=True)
    targets = {"logspace": 8, "geomspace": 8, "linspace": 1}
    for function in FUNCTIONS:
        yield Race(function, "jax.numpy", "float64", 10**6, at_least=targets[function])
    for function in FUNCTIONS:
        yield JitRace(function, "jax.numpy", "float64", 10**6, at_least=targets[function])
    yield JitRace("logspace", "jax.numpy", "float64", 10**4, at_least=1 / 8, traced=True)


def lane_rows() -> Iterator[LaneRace]:
    """What a batch of grids costs, of a few long ones and of many short ones."""
    for function in FUNCTIONS:
        target = 4 if function != "linspace" else 1
        yield LaneRace(function, "numpy", 1000, 1000, at_least=target)
        yield LaneRace(function, "numpy", 10**5, 10, at_least=min(target, 1))
    yield LaneRace("logspace", "torch", 1000, 1000, at_least=4)
