"""What is not a race: the time of an import, and memory."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import Any

from .measure import Result, Spread
from .races import ARGUMENTS, amount

__all__ = ["ImportTime", "PeakMemory"]


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
        return Result(self.work, compared, "ms", samples, reached, "< 10 ms", reached.median < 10)


@dataclass(frozen=True)
class PeakMemory:
    """What a grid takes beyond its own memory while it is made, by the peak of tracemalloc."""

    function: str
    num: int = 10**7

    @property
    def work(self) -> str:
        return f"numpy float64 {self.function}, {amount(self.num)}, extra memory"

    def measure(self, *, seed: int, **_: Any) -> Result:
        import numpy as np

        import xspace

        pair = ARGUMENTS[self.function](random.Random(seed))
        samples = {
            name: [_excess(getattr(library, self.function), *pair, self.num)]
            for name, library in (("native", np), ("xspace", xspace))
        }
        reached = Spread.of(samples["xspace"])
        compared = f"numpy.{self.function}"
        met = reached.median <= 4
        return Result(self.work, compared, "MiB", samples, reached, "<= 4 MiB", met)


def _excess(call: Callable[..., Any], *arguments: float) -> float:
    """The peak of the memory that a call allocates, less its result, in MiB."""
    call(*arguments[:2], 1000)  # what is made once and kept does not count
    tracemalloc.start()
    try:
        grid = call(*arguments)
        return float(tracemalloc.get_traced_memory()[1] - grid.nbytes) / 2**20
    finally:
        tracemalloc.stop()
