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


def rows() -> Iterator[Race | ImportTime | PeakMemory | LaneRace]:
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
    yield from lane_rows()


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


# Arrays as ends.


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
        shape = f"{_amount(self.lanes)} lanes of {_amount(self.num)}"
        return f"{self.module} float64 {self.function}, {shape}"

    def measure(self, **how: Any) -> Result:
        compared = "base ** exponents" if self.module == "torch" else f"numpy.{self.function}"
        if find_spec(self.module) is None:
            note = f"{self.module} is not installed"
            return Result(self.work, compared, "ns/element", note=note)
        seconds = race(self._contenders(import_module(self.module)), self._draw, use, **how)
        scale = 1e9 / (self.lanes * self.num)
        samples = {name: [scale * s for s in found] for name, found in seconds.items()}
        target = f">= {self.at_least:.3g}"
        result = Result(self.work, compared, "ns/element", samples, target=target)
        reached = result.ratios("fast" if has_loops() else "xspace")
        assert reached is not None
        return replace(result, reached=reached, met=reached.median >= self.at_least)

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

    def _contenders(self, xp: Any) -> dict[str, Callable[..., Any]]:
        import xspace

        num, shape = self.num, (self.num, self.lanes)
        ours = getattr(xspace, self.function)
        native = _powers if self.module == "torch" else getattr(xp, self.function)
        if self.module == "torch":
            xp.set_num_threads(1)
        return {
            "native": lambda a, b: native(a, b, num),
            "xspace": lambda a, b: ours(a, b, num),
            **({"fast": lambda a, b: ours(a, b, num)} if has_loops() else {}),
            "full": lambda a, b: xp.full(shape, 1.0, dtype=xp.float64),
        }


def lane_rows() -> Iterator[LaneRace]:
    """What a batch of grids costs, of a few long ones and of many short ones."""
    yield LaneRace("logspace", "numpy", 1000, 1000, at_least=4)
    yield LaneRace("logspace", "numpy", 10**5, 10, at_least=1)
    yield LaneRace("geomspace", "numpy", 1000, 1000, at_least=4)
    yield LaneRace("geomspace", "numpy", 10**5, 10, at_least=1)
    yield LaneRace("linspace", "numpy", 1000, 1000, at_least=1 / 2)
    yield LaneRace("linspace", "numpy", 10**5, 10, at_least=1 / 2)
    yield LaneRace("logspace", "torch", 1000, 1000, at_least=1)


def _powers(start: Any, stop: Any, num: int) -> Any:
    """What people write in PyTorch, whose ``logspace`` takes no tensors."""
    import torch

    t = torch.linspace(0, 1, num, dtype=start.dtype)[:, None]
    return 10.0 ** (start + t * (stop - start))
