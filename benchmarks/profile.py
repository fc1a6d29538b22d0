"""Where the time of a call goes: the parts of it one by one, and the whole.

The parts are measured alone, with arguments as they get them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .measure import Spread
from .races import ARGUMENTS

__all__ = ["print_profile"]

Parts = dict[str, Callable[[], Any]]

SHORT, LONG = 50, 10**7


def print_profile(path: Path | None, *, seed: int) -> None:
    """Print the tables, and write them to a file, too."""
    from .table import environment

    about = environment()
    lines = [", ".join(f"{name} {number}" for name, number in about["versions"].items())]
    lines.append(f"{about['processor']}, engine: {about['engine']}, one thread, medians")
    for function, draw in ARGUMENTS.items():
        ends = draw(random.Random(seed))
        parts = _parts(function, *ends, SHORT)
        lines += _table(f"{function}, {SHORT} elements", "us", 1e6, parts, 2000, 15)
    for function, draw in ARGUMENTS.items():
        ends = draw(random.Random(seed))
        parts = _parts(function, *ends, LONG)
        lines += _table(f"{function}, 10**7 elements", "ms", 1e3, parts, 1, 11)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if path:
        path.write_text(text)


def _table(title: str, unit: str, scale: float, parts: Parts, calls: int, rounds: int) -> list[str]:
    """The median of each part; the first one is the whole, of which the others are taken."""
    samples: dict[str, list[float]] = {name: [] for name in parts}
    for call in parts.values():  # tables are filled, the allocator's pool grows
        call()
    for _ in range(rounds):
        for name, call in parts.items():
            start = time.perf_counter()
            for _ in range(calls):
                call()
            samples[name].append(scale * (time.perf_counter() - start) / calls)
    medians = {name: Spread.of(found).median for name, found in samples.items()}
    whole = next(iter(medians))
    lines = ["", f"{title:58}{unit:>8}{'part':>8}"]
    for name, median in medians.items():
        lines.append(f"  {name:56}{median:8.3g}{median / medians[whole]:8.0%}")
    return lines


def _parts(function: str, start: float, stop: float, num: int) -> Parts:
    import numpy as np

    import xspace
    from xspace.engine.native import ENGINE

    ours = getattr(xspace, function)
    parts: Parts = {"the call": lambda: ours(start, stop, num)}
    if num == LONG:
        return {**parts, "fresh memory, written once (numpy.full)": lambda: np.full(num, 1.0)}
    if ENGINE is not None:
        made, base = getattr(ENGINE, function), (10.0,) * (function == "logspace")
        parts["the engine's function, which makes the array, too"] = lambda: made(
            start, stop, num, True, None, 0, *base
        )
    return {**parts, "numpy.empty": lambda: np.empty(num)}
