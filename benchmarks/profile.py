"""Where the time of a call goes: the parts of it one by one, and the whole.

The parts are measured alone, with arguments as they get them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import xspace
from xspace.engine.native import ENGINE

from .measure import Call, Spread, numbers, race
from .rows import FUNCTIONS
from .table import environment, title

__all__ = ["print_profile"]

SHORT, LONG = 50, 10**7


def print_profile(**how: Any) -> None:
    """Print the tables."""
    print(title(environment()))
    for num, unit, scale in ((SHORT, "us", 1e6), (LONG, "ms", 1e3)):
        for function in FUNCTIONS:
            samples = race(_parts(function, num), numbers, **how)
            medians = [scale * Spread.of(found).median for found in samples.values()]
            print(f"\n{f'{function}, {num:,} elements':58}{unit:>8}{'part':>8}")
            for name, median in zip(samples, medians, strict=True):
                print(f"  {name:56}{median:8.3g}{median / medians[0]:8.0%}")


def _parts(function: str, num: int) -> dict[str, Call]:
    """The first one is the whole, of which the others are taken."""
    ours = getattr(xspace, function)
    parts: dict[str, Call] = {"the call": lambda a, b: ours(a, b, num)}
    if num == LONG:
        return parts | {"fresh memory, written once (numpy.full)": lambda a, b: np.full(num, a)}
    if ENGINE is not None:
        made, base = getattr(ENGINE, function), (10.0,) * (function == "logspace")
        parts["the engine's function, which makes the array, too"] = lambda a, b: made(
            a, b, num, True, None, 0, *base
        )
    return parts | {"numpy.empty": lambda a, b: np.empty(num)}
