"""Races: a library's own function against xspace's on that library, and `full`."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from .cores import ALL_CORES, all_cores
from .measure import Result, race

__all__ = ["ARGUMENTS", "JitRace", "LaneRace", "Race", "amount"]

Call = Callable[..., Any]

#: Random endpoints, such that the elements are neither subnormal nor infinite in float32.
ARGUMENTS: dict[str, Callable[[random.Random], tuple[float, float]]] = {
    "logspace": lambda rng: (rng.uniform(-5, -1), rng.uniform(1, 5)),
    "geomspace": lambda rng: (10 ** rng.uniform(-5, -1), 10 ** rng.uniform(1, 5)),
    "linspace": lambda rng: (rng.uniform(-5, -1), rng.uniform(1, 5)),
}


def amount(num: int) -> str:
    """A number of elements as a table shows it."""
    exponent = len(str(num)) - 1
    return f"10**{exponent}" if num == 10**exponent and num > 10 else str(num)


@dataclass(frozen=True)
class Race:
    """The library's own function, xspace as it is installed, and `full`.

    The targets say how many times as fast as the library's own function xspace has to be, or how
    many times as long as `full` it may take; with workers, if these take part.
    """

    function: str
    module: str
    dtype: str
    num: int
    at_least: float = 0.0
    at_most_full: float = 0.0
    #: The default number of elements is about the cost of a call, not of an element.
    per_call: bool = False
    #: With as many threads as there are cores, too.
    workers: bool = False

    @property
    def backend(self) -> str:
        return self.module.partition(".")[0]

    @property
    def work(self) -> str:
        cores = ", all cores" if self.workers else ""
        return f"{self.backend} {self.dtype} {self.function}, {amount(self.num)}{cores}"

    def measure(self, **how: Any) -> Result:
        compared = f"{self.module}.{self.function}"
        unit = "us/call" if self.per_call else "ns/element"
        if find_spec(self.backend) is None:
            return Result(self.work, compared, unit, note=f"{self.backend} is not installed")
        with all_cores() if self.workers else nullcontext():
            contenders = self._contenders(import_module(self.module))
            seconds = race(contenders, ARGUMENTS[self.function], **how)
        scale = 1e6 if self.per_call else 1e9 / self.num
        samples = {name: [scale * s for s in times] for name, times in seconds.items()}
        return self._judged(Result(self.work, compared, unit, samples))

    def _judged(self, result: Result) -> Result:
        ours = "workers" if self.workers else "xspace"
        if self.at_most_full:
            reached = result.ratio(ours, "full")
            met = reached.median <= self.at_most_full
            return replace(
                result, reached=reached, met=met, target=f"<= {self.at_most_full:g} full"
            )
        reached = result.ratio("native", ours)
        met = reached.median >= self.at_least
        return replace(result, reached=reached, met=met, target=f">= {self.at_least:.3g}")

    def _contenders(self, xp: Any) -> dict[str, Call]:
        import xspace

        if self.backend == "torch":
            xp.set_num_threads(max(len(ALL_CORES), 1) if self.workers else 1)
        finish = _blocked if self.backend == "jax" else _as_it_is
        dtype, num = getattr(xp, self.dtype), self.num
        theirs, ours = getattr(xp, self.function), getattr(xspace, self.function)
        # float64 is what NumPy takes anyway: there, and only there, nothing is asked for, so that
        # the call is the one that everybody writes.
        options = {} if (self.backend, self.dtype) == ("numpy", "float64") else {"dtype": dtype}
        space = {} if self.backend == "numpy" else {"xp": xp}

        def in_threads(a: float, b: float) -> Any:
            return finish(ours(a, b, num, workers=-1, **options, **space))

        return {
            "native": lambda a, b: finish(theirs(a, b, num, **options)),
            "xspace": lambda a, b: finish(ours(a, b, num, **options, **space)),
            **({"workers": in_threads} if self.workers else {}),
            "full": lambda a, b: finish(xp.full((num,), a, dtype=dtype)),
        }


@dataclass(frozen=True)
class JitRace(Race):
    """Functions that JAX has compiled; what that takes is not measured.

    The ends are part of the program, or its arguments.
    """

    traced: bool = False

    @property
    def work(self) -> str:
        ends = "ends traced" if self.traced else "constant ends"
        return f"jax {self.dtype} {self.function}, {amount(self.num)}, jitted, {ends}"

    def _contenders(self, xp: Any) -> dict[str, Call]:
        import jax

        import xspace

        dtype, num = getattr(xp, self.dtype), self.num
        theirs, ours = getattr(xp, self.function), getattr(xspace, self.function)
        calls: dict[str, Call] = {
            "native": lambda a, b: theirs(a, b, num, dtype=dtype),
            "xspace": lambda a, b: ours(a, b, num, dtype=dtype, xp=xp),
            "full": lambda a, b: xp.full((num,), a, dtype=dtype),
        }

        def compiled(call: Call) -> Call:
            if self.traced:
                made = jax.jit(call)
                return lambda a, b: made(a, b).block_until_ready()
            made = jax.jit(lambda: call(-4.3, 3.7))
            return lambda a, b: made().block_until_ready()

        return {name: compiled(call) for name, call in calls.items()}


@dataclass(frozen=True)
class LaneRace:
    """A library's own way against xspace's, from random arrays of `lanes` starts and stops."""

    function: str
    module: str
    lanes: int
    num: int
    at_least: float

    @property
    def work(self) -> str:
        shape = f"{amount(self.lanes)} lanes of {amount(self.num)}"
        return f"{self.module} float64 {self.function}, {shape}"

    def measure(self, **how: Any) -> Result:
        compared = "base ** exponents" if self.module == "torch" else f"numpy.{self.function}"
        if find_spec(self.module) is None:
            note = f"{self.module} is not installed"
            return Result(self.work, compared, "ns/element", note=note)
        seconds = race(self._contenders(import_module(self.module)), self._draw, **how)
        scale = 1e9 / (self.lanes * self.num)
        samples = {name: [scale * s for s in found] for name, found in seconds.items()}
        result = Result(self.work, compared, "ns/element", samples)
        reached = result.ratio("native", "xspace")
        met = reached.median >= self.at_least
        return replace(result, reached=reached, met=met, target=f">= {self.at_least:.3g}")

    def _draw(self, rng: random.Random) -> tuple[Any, Any]:
        import numpy as np

        seed = rng.getrandbits(32)
        start, stop = np.random.default_rng(seed).uniform([[-5], [1]], [[-1], [5]], (2, self.lanes))
        if self.function == "geomspace":
            start, stop = 10**start, 10**stop
        if self.module == "numpy":
            return start, stop
        xp = import_module(self.module)
        return xp.asarray(start), xp.asarray(stop)

    def _contenders(self, xp: Any) -> dict[str, Call]:
        import xspace

        num, shape = self.num, (self.num, self.lanes)
        ours = getattr(xspace, self.function)
        native = _powers if self.module == "torch" else getattr(xp, self.function)
        if self.module == "torch":
            xp.set_num_threads(1)
        return {
            "native": lambda a, b: native(a, b, num),
            "xspace": lambda a, b: ours(a, b, num),
            "full": lambda a, b: xp.full(shape, 1.0, dtype=xp.float64),
        }


def _powers(start: Any, stop: Any, num: int) -> Any:
    """What people write in PyTorch, whose ``logspace`` takes no tensors."""
    import torch

    t = torch.linspace(0, 1, num, dtype=start.dtype)[:, None]
    return 10.0 ** (start + t * (stop - start))


def _blocked(array: Any) -> Any:
    return array.block_until_ready()


def _as_it_is(array: Any) -> Any:
    return array
