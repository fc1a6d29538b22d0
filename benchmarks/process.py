"""What a fresh process pays: imports, its first call, and memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from .measure import Result
from .rows import FUNCTIONS

__all__ = ["FreshProcess", "rows"]

#: A statement, and how long it takes.
TIMED = "import time; start = time.perf_counter(); {}; print(time.perf_counter() - start)"
#: How much more memory a process has held than before a call, less what the call returns, in MiB.
MEMORY = """
def peak(): return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
{0}, 1000); before = peak(); grid = {0}, 10**7)
print((peak() - before) / 2**10 - grid.nbytes / 2**20)
"""


@dataclass(frozen=True)
class FreshProcess:
    """Two programs; each prints one number."""

    work: str
    native: str
    xspace: str
    unit: str = "s"

    def measure(self, *, quick: bool, **_: Any) -> Result:
        samples: dict[str, list[float]] = {"native": [], "xspace": []}
        with TemporaryDirectory() as cache:
            # An installed package comes compiled: here the first turn does that, uncounted.
            environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            for turn in range(4 if quick else 12):
                for name, found in samples.items():
                    program = [sys.executable, "-c", getattr(self, name)]
                    printed = float(subprocess.check_output(program, env=environment))
                    found.extend([printed] * (turn > 0))
        return Result(self.work, samples["native"], samples["xspace"], self.unit)


def rows() -> Iterator[FreshProcess]:
    both = "import numpy, xspace; "
    yield FreshProcess(
        "beside import numpy: import xspace",
        TIMED.format("import numpy"),
        "import numpy; " + TIMED.format("import xspace"),
    )
    first = [both + TIMED.format(f"{name}.logspace(0, 1.25, 50)") for name in ("numpy", "xspace")]
    yield FreshProcess("first call: logspace(0, 1.25, 50)", *first)
    if Path("/proc/self/status").exists():
        for function in FUNCTIONS:
            calls = [MEMORY.format(f"{name}.{function}(0.1, 5.2") for name in ("numpy", "xspace")]
            work = f"memory beyond the result: {function}(0.1, 5.2, 10**7)"
            yield FreshProcess(work, both + calls[0], both + calls[1], "MiB")
