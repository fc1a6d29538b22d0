"""``python -m benchmarks.gpu``: how much of a GPU's bandwidth a grid reaches, beside other writers.

Each row is one function and dtype.  xspace, the library's own function, ``full`` (nothing but
writing) and a copy (one byte read for each one written) take turns in one run, timed with CUDA
events, and every ratio is of times taken a moment apart.  Short grids are timed by the clock, as a
call costs more than its kernel.  These are measurements, not tests: nothing fails.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

__all__ = ["main"]

#: The part of the bandwidth of `full` that a long grid is meant to reach.
TARGET = 0.85

#: Calls of a sample of a long grid, and of a short one.
IN_A_ROW, CALLS = 8, 100

#: Random ends, such that the elements are neither subnormal nor infinite in float32.
ENDS: dict[str, Callable[[random.Random], tuple[float, float]]] = {
    "logspace": lambda rng: (rng.uniform(-5, -1), rng.uniform(1, 5)),
    "geomspace": lambda rng: (10 ** rng.uniform(-5, -1), 10 ** rng.uniform(1, 5)),
    "linspace": lambda rng: (rng.uniform(-5, -1), rng.uniform(1, 5)),
}


@dataclass
class Row:
    """What was measured: seconds a call of each contender, one for each round."""

    package: str
    function: str
    dtype: str
    num: int
    seconds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def is_short(self) -> bool:
        return self.num < 10**6

    def bandwidth(self, name: str) -> float | None:
        """Bytes a second, of an array that is written once (a copy reads it, too)."""
        if name not in self.seconds:
            return None
        size = self.num * (8 if self.dtype == "float64" else 4) * (2 if name == "copy" else 1)
        return size / median(self.seconds[name])

    def reached(self) -> float:
        """The part of the bandwidth of `full`, round by round."""
        pairs = zip(self.seconds["full"], self.seconds["xspace"], strict=True)
        return median(full / ours for full, ours in pairs)


class Torch:
    """PyTorch's way to a GPU and to its clock."""

    name = "torch"

    def __init__(self) -> None:
        self.xp = import_module("torch")
        if not self.xp.cuda.is_available():
            raise RuntimeError("torch finds no GPU")
        self.options = {"device": "cuda"}

    @property
    def gpu(self) -> str:
        return str(self.xp.cuda.get_device_name())

    def native(self, function: str) -> Any:
        return getattr(self.xp, function, None)  # there is no torch.geomspace

    def copy(self, array: Any) -> Any:
        return array.clone()

    def wait(self) -> None:
        self.xp.cuda.synchronize()

    def event(self) -> Any:
        event = self.xp.cuda.Event(enable_timing=True)
        event.record()
        return event

    def between(self, first: Any, last: Any) -> float:
        last.synchronize()
        return float(first.elapsed_time(last)) / 1e3


class Cupy:
    """CuPy's."""

    name = "cupy"

    def __init__(self) -> None:
        self.xp = import_module("cupy")
        if not self.xp.cuda.runtime.getDeviceCount():
            raise RuntimeError("cupy finds no GPU")
        self.options: dict[str, Any] = {}

    @property
    def gpu(self) -> str:
        name = self.xp.cuda.runtime.getDeviceProperties(self.xp.cuda.Device().id)["name"]
        return str(name.decode())

    def native(self, function: str) -> Any:
        return getattr(self.xp, function, None)

    def copy(self, array: Any) -> Any:
        return array.copy()

    def wait(self) -> None:
        self.xp.cuda.Device().synchronize()

    def event(self) -> Any:
        event = self.xp.cuda.Event()
        event.record()
        return event

    def between(self, first: Any, last: Any) -> float:
        last.synchronize()
        return float(self.xp.cuda.get_elapsed_time(first, last)) / 1e3


Library = Torch | Cupy


def libraries() -> tuple[list[Library], list[str]]:
    """Those that have a GPU here, and why the others have none."""
    found: list[Library] = []
    reasons = []
    for kind in (Torch, Cupy):
        try:
            found.append(kind())
        except Exception as error:  # not installed, or no driver: libraries differ in the error
            reasons.append(f"{kind.name}: {error}")
    return found, reasons


def measure(library: Library, row: Row, rounds: int, seed: int) -> Row:
    """Let the contenders take turns."""
    import xspace

    xp, num = library.xp, row.num
    dtype = getattr(xp, row.dtype)
    options = {"dtype": dtype, **library.options}
    ours, native = getattr(xspace, row.function), library.native(row.function)
    source = xp.ones(num, **options)
    contenders: dict[str, Callable[[float, float], Any]] = {
        "xspace": lambda a, b: ours(a, b, num, xp=xp, **options),
        "full": lambda a, b: xp.full((num,), a, **options),
        "copy": lambda a, b: library.copy(source),
    }
    if native is not None:
        contenders["native"] = lambda a, b: native(a, b, num, **options)
    clock = by_clock if row.is_short else by_events
    rng = random.Random(seed)
    for call in contenders.values():
        for _ in range(3):  # compiles, and grows the memory allocator's pool
            clock(library, call, ENDS[row.function](rng))
    for _ in range(rounds):
        ends = ENDS[row.function](rng)
        for name, call in contenders.items():
            row.seconds.setdefault(name, []).append(clock(library, call, ends))
    return row


def by_events(library: Library, call: Callable[..., Any], ends: tuple[float, float]) -> float:
    """Seconds a call of some in a row: the host prepares one while the GPU makes another."""
    library.wait()
    first = library.event()
    for _ in range(IN_A_ROW):
        call(*ends)
    return library.between(first, library.event()) / IN_A_ROW


def by_clock(library: Library, call: Callable[..., Any], ends: tuple[float, float]) -> float:
    """Seconds a call of many, until the GPU has made the last of them."""
    library.wait()
    start = time.perf_counter()
    for _ in range(CALLS):
        call(*ends)
    library.wait()
    return (time.perf_counter() - start) / CALLS


def rows(found: Sequence[Library], num: int) -> Iterator[tuple[Library, Row]]:
    for library in found:
        for size in (num, 50):
            for function in ENDS:
                for dtype in ("float64", "float32"):
                    yield library, Row(library.name, function, dtype, size)


def print_table(about: dict[str, Any], results: Sequence[Row]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    table = Table(title=f"{about['gpu']}\n{versions}", box=SIMPLE_HEAD)
    for name in ("work", "unit"):
        table.add_column(name, no_wrap=True)
    for name in (*NAMES, "of full"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in results:
        work = f"{row.package} {row.dtype} {row.function}, {row.num:,}"
        if row.is_short:
            cells = [
                f"{1e6 * median(row.seconds[n]):.1f}" if n in row.seconds else "" for n in NAMES
            ]
            table.add_row(work, "us/call", *cells, "")
        else:
            speeds = [row.bandwidth(name) for name in NAMES]
            cells = ["" if speed is None else f"{speed / 1e9:,.0f}" for speed in speeds]
            colour = "green" if row.reached() >= TARGET else "red"
            table.add_row(work, "GB/s", *cells, f"[{colour}]{row.reached():.0%}[/]")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


NAMES = ("native", "xspace", "full", "copy")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--num", type=int, default=10**8, help="elements of the long grids")
    parser.add_argument("--rounds", type=int, default=25, help="how often all take turns")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all samples there, too")
    parser.add_argument("--seed", type=int, default=1, help="of the random ends (default: 1)")
    arguments = parser.parse_args(argv)
    found, reasons = libraries()
    if not found:
        print("there is no GPU to measure:", "; ".join(reasons), file=sys.stderr)
        return 2
    versions = {}
    for name in ("xspace", "torch", "triton", "cupy-cuda12x", "cupy-cuda13x"):
        with suppress(PackageNotFoundError):
            versions[name] = version(name)
    about = {"gpu": found[0].gpu, "versions": versions, "seed": arguments.seed}
    results = []
    for library, row in rows(found, arguments.num):
        print(f"measuring {row.package} {row.dtype} {row.function}, {row.num}", file=sys.stderr)
        results.append(measure(library, row, arguments.rounds, arguments.seed))
    print_table(about, results)
    if arguments.json:
        data = {**about, "rows": [asdict(row) for row in results]}
        arguments.json.write_text(json.dumps(data, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
