"""Interleaved timing, and what is made of the samples."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Result", "Spread", "race"]

#: A sample is as many calls as take this long, so that the clock's own cost does not show.
SAMPLE_SECONDS = 0.004

Call = Callable[..., Any]


@dataclass(frozen=True)
class Spread:
    """The median of some samples, and the quartiles around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, samples: Iterable[float]) -> Spread:
        ordered = sorted(samples)
        if len(ordered) == 1:
            return cls(*ordered * 3)
        low, median, high = statistics.quantiles(ordered, n=4, method="inclusive")
        return cls(low, median, high)


@dataclass(frozen=True)
class Result:
    """What one row of the table shows.

    `samples` has the contenders' names as keys: seconds an element, seconds a call or bytes,
    as `unit` says.  `reached` is the ratio or the amount that `target` is about.
    """

    work: str
    compared: str
    unit: str
    samples: dict[str, list[float]] = field(default_factory=dict)
    reached: Spread | None = None
    target: str = ""
    met: bool | None = None
    note: str = ""

    def ratio(self, one: str, other: str) -> Spread:
        """How many times as long as ``other`` ``one`` took, in each round."""
        pairs = zip(self.samples[one], self.samples[other], strict=True)
        return Spread.of(a / b for a, b in pairs)


def race(
    contenders: dict[str, Call],
    draw: Callable[[random.Random], tuple[float, float]],
    **how: Any,
) -> dict[str, list[float]]:
    """Seconds a call of each contender, a sample of each in every round.

    Every call gets arguments of its own, so that nobody profits from having seen them; within a
    round all contenders get the same ones.
    """
    quick, seed = how["quick"], how["seed"]
    budget, rounds = (0.5, range(3, 15)) if quick else (3.0, range(9, 61))
    generator = random.Random(seed)
    _settle_allocator()
    calls = {}
    for name, call in contenders.items():
        # The first calls compile, fill tables and grow the memory allocator's pool.
        seconds = [_sample(call, [draw(generator)]) for _ in range(3)]
        calls[name] = max(1, round(SAMPLE_SECONDS / seconds[-1]))

    samples: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.disable()  # for all rounds: a collection before each sample would empty the caches
    try:
        start = time.perf_counter()
        for done in range(rounds.stop):
            if done >= rounds.start and time.perf_counter() - start > budget:
                break
            arguments = [draw(generator) for _ in range(max(calls.values()))]
            for name, call in contenders.items():
                samples[name].append(_sample(call, arguments[: calls[name]]))
    finally:
        gc.enable()
    return samples


def _settle_allocator() -> None:
    """Bring glibc's malloc into the state that a program is in once it has used large arrays.

    Until something of 32 MB has been freed, it hands every array back to the system, and the next
    one costs a page fault for each 4 KiB.  What is measured would depend on the rows before it.
    """
    del_me = bytearray((32 << 20) - (64 << 10))
    del del_me


def _sample(call: Call, arguments: list[tuple[float, float]]) -> float:
    start = time.perf_counter()
    for pair in arguments:
        call(*pair)
    return (time.perf_counter() - start) / len(arguments)
