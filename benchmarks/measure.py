"""Interleaved timing, and what is made of the samples."""

from __future__ import annotations

import gc
import random
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Call", "Draw", "Result", "Spread", "numbers", "race"]

#: A sample is as many calls as take this long, so that the clock's own cost does not show.
SAMPLE_SECONDS = 0.004

#: At most so many arguments are drawn for a sample; then they come again.
DRAWN = 256

Call = Callable[..., Any]
Draw = Callable[[random.Random], tuple[Any, ...]]


def numbers(rng: random.Random) -> tuple[float, float]:
    """Random ends, such that no element is subnormal or infinite, in float32 neither."""
    return rng.uniform(0.1, 1), rng.uniform(2, 7)


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
    """What was measured of one row: seconds or MiB, in each round."""

    work: str
    native: list[float]
    xspace: list[float]
    unit: str = "s"

    @property
    def ratio(self) -> Spread:
        """How many times as long as xspace the library's own call took, round by round."""
        return Spread.of(a / b for a, b in zip(self.native, self.xspace, strict=True))


def race(contenders: dict[str, Call], draw: Draw, **how: Any) -> dict[str, list[float]]:
    """Seconds a call of each contender, a sample of each in every round.

    In each round there are new arguments, so that nobody profits from having seen them; all
    contenders get the same ones.
    """
    quick, seed = how["quick"], how["seed"]
    budget, rounds = (0.2, range(3, 15)) if quick else (0.75, range(5, 61))
    generator = random.Random(seed)
    _settle_allocator()
    calls = {name: _settle(call, draw(generator)) for name, call in contenders.items()}
    samples: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    gc.disable()  # for all rounds: a collection before each sample would empty the caches
    try:
        start = time.perf_counter()
        for done in range(rounds.stop):
            if done >= rounds.start and time.perf_counter() - start > budget:
                break
            most = max(calls.values())
            arguments = [draw(generator) for _ in range(min(most, DRAWN))] * (most // DRAWN + 1)
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


def _settle(call: Call, arguments: tuple[Any, ...]) -> int:
    """How many calls make a sample; the first one compiles, and grows the allocator's pool."""
    call(*arguments)
    for calls in (1, 100):
        seconds = _sample(call, [arguments] * calls)
        if seconds > SAMPLE_SECONDS:
            return 1
    return max(1, round(SAMPLE_SECONDS / seconds))


def _sample(call: Call, arguments: list[tuple[Any, ...]]) -> float:
    start = time.perf_counter()
    for given in arguments:
        call(*given)
    return (time.perf_counter() - start) / len(arguments)
