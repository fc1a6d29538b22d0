"""The rows of the table: what is compared with what, and the ratio to reach."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import Any

from .measure import Result, Spread, race

__all__ = ["rows"]


@dataclass(frozen=True)
class Race:
    """A library's own function against xspace's on that library, and `full`.

    xspace takes part twice, with NumPy alone and, if numba is installed, with the compiled loops of
    the extra ``fast``.  The target is about the better of them that is there.
    """

    function: str
    module: str
    dtype: str
    num: int
    at_least: float
    aim: float | None = None
    #: The default number of elements is about the cost of a call, not of an element.
    per_call: bool = False

    @property
    def backend(self) -> str:
        return self.module.partition(".")[0]

    @property
    def work(self) -> str:
        return f"{self.backend} {self.dtype} {self.function}, {_amount(self.num)}"

    def measure(self, **how: Any) -> Result:
        compared = f"{self.module}.{self.function}"
        unit = "us/call" if self.per_call else "ns/element"
        if find_spec(self.backend) is None:
            return Result(self.work, compared, unit, note=f"{self.backend} is not installed")
        contenders = self._contenders(import_module(self.module))
        seconds = race(contenders, _ARGUMENTS[self.function], use, **how)
        scale = 1e6 if self.per_call else 1e9 / self.num
        samples = {name: [scale * s for s in times] for name, times in seconds.items()}
        target = f">= {self.at_least:.3g}" + (f" (aim {self.aim:g})" if self.aim else "")
        result = Result(self.work, compared, unit, samples, target=target)
        reached = result.ratios("fast" if "fast" in samples else "xspace")
        assert reached is not None
        return replace(result, reached=reached, met=reached.median >= self.at_least)

    def _contenders(self, xp: Any) -> dict[str, Callable[..., Any]]:
        import xspace

        if self.backend == "torch":
            xp.set_num_threads(1)
        finish = _blocked if self.backend == "jax" else _as_it_is
        dtype, num = getattr(xp, self.dtype), self.num
        theirs, ours = getattr(xp, self.function), getattr(xspace, self.function)
        shape = (num,)
        # float64 is what NumPy takes anyway: there, and only there, nothing is asked for, so that
        # the call is the one that everybody writes.
        options = {} if (self.backend, self.dtype) == ("numpy", "float64") else {"dtype": dtype}
        space = {} if self.backend == "numpy" else {"xp": xp}

        def xspace_grid(a: float, b: float) -> Any:
            return finish(ours(a, b, num, **options, **space))

        return {
            "native": lambda a, b: finish(theirs(a, b, num, **options)),
            "xspace": xspace_grid,
            **({"fast": xspace_grid} if has_loops() else {}),
            "full": lambda a, b: finish(xp.full(shape, a, dtype=dtype)),
        }


@dataclass(frozen=True)
class ImportTime:
    """How long `import xspace` takes where NumPy is imported already, in fresh processes."""

    work: str = "import, beyond numpy"

    def measure(self, *, quick: bool, **_: Any) -> Result:
        code = (
            "import time; a = time.perf_counter(); import numpy; b = time.perf_counter();"
            "import xspace; print(b - a, time.perf_counter() - b)"
        )
        samples: dict[str, list[float]] = {"native": [], "xspace": []}
        with TemporaryDirectory() as cache:
            # An installed package comes compiled: here the first turn does that, uncounted.
            environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            for turn in range(6 if quick else 32):
                seconds = subprocess.run(
                    [sys.executable, "-c", code],
                    check=True,
                    capture_output=True,
                    text=True,
                    env=environment,
                ).stdout.split()
                if turn:
                    for name, amount in zip(samples, seconds, strict=True):
                        samples[name].append(1e3 * float(amount))
        reached = Spread.of(samples["xspace"])
        compared = "import numpy"
        return Result(self.work, compared, "ms", samples, reached, "< 20 ms", reached.median < 20)


@dataclass(frozen=True)
class PeakMemory:
    """What a grid takes beyond its own memory while it is made, by the peak of tracemalloc."""

    function: str
    num: int = 10**7

    @property
    def work(self) -> str:
        return f"numpy float64 {self.function}, {_amount(self.num)}, extra memory"

    def measure(self, *, seed: int, **_: Any) -> Result:
        import numpy as np

        import xspace

        pair = _ARGUMENTS[self.function](random.Random(seed))
        samples = {"native": [_excess(getattr(np, self.function), *pair, self.num)]}
        for name in ("xspace", "fast") if has_loops() else ("xspace",):
            use(name)
            samples[name] = [_excess(getattr(xspace, self.function), *pair, self.num)]
        reached = Spread.of([max(samples[name][0] for name in samples if name != "native")])
        compared = f"numpy.{self.function}"
        met = reached.median <= 4
        return Result(self.work, compared, "MiB", samples, reached, "<= 4 MiB", met)


def rows() -> Iterator[Race | ImportTime | PeakMemory]:
    sizes = (10**5, 10**6, 10**7)
    for num in sizes:
        yield Race("logspace", "numpy", "float64", num, at_least=5, aim=20)
    for num in sizes:
        yield Race("geomspace", "numpy", "float64", num, at_least=5)
    for num in sizes:
        yield Race("linspace", "numpy", "float64", num, at_least=1)
    yield Race("logspace", "numpy", "float32", 10**6, at_least=6)
    yield Race("linspace", "numpy", "float32", 10**6, at_least=1)
    yield Race("logspace", "torch", "float64", 10**6, at_least=4)
    yield Race("logspace", "torch", "float32", 10**6, at_least=4)
    yield Race("logspace", "jax.numpy", "float64", 10**6, at_least=3)
    yield Race("logspace", "numpy", "float64", 50, at_least=1 / 2, aim=1, per_call=True)
    yield Race("geomspace", "numpy", "float64", 50, at_least=1, per_call=True)
    yield ImportTime()
    for function in ("logspace", "geomspace", "linspace"):
        yield PeakMemory(function)


def use(contender: str) -> None:
    """Let xspace make its grids as this contender does."""
    from xspace.kernels import compiled

    compiled.use("1" if contender == "fast" else "0")
    compiled.compiled(1)  # imports the loops, before the clock starts


@cache
def has_loops() -> bool:
    """Whether the compiled loops of the extra ``fast`` can be used."""
    from xspace.kernels import compiled

    use("fast")
    return compiled.compiled(1) is not None


#: Random endpoints, such that the elements are neither subnormal nor infinite in float32.
_ARGUMENTS: dict[str, Callable[[random.Random], tuple[float, float]]] = {
    "logspace": lambda rng: (rng.uniform(-5, -1), rng.uniform(1, 5)),
    "geomspace": lambda rng: (10 ** rng.uniform(-5, -1), 10 ** rng.uniform(1, 5)),
    "linspace": lambda rng: (rng.uniform(-5, -1), rng.uniform(1, 5)),
}


def _excess(call: Callable[..., Any], *arguments: float) -> float:
    """The peak of the memory that a call allocates, less its result, in MiB."""
    call(*arguments[:2], 1000)  # what is made once and kept does not count
    tracemalloc.start()
    try:
        grid = call(*arguments)
        return float(tracemalloc.get_traced_memory()[1] - grid.nbytes) / 2**20
    finally:
        tracemalloc.stop()


def _amount(num: int) -> str:
    exponent = len(str(num)) - 1
    return f"10**{exponent}" if num == 10**exponent and num > 10 else str(num)


def _blocked(array: Any) -> Any:
    return array.block_until_ready()


def _as_it_is(array: Any) -> Any:
    return array
