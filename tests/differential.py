"""Is every element the correctly rounded one?  Millions of them, judged by MPFR.

``python -m tests.differential`` makes random grids, scalars and lanes, half of them at lengths and
ranges where the library takes another way (`engine/switch_overs.py`), and compares every element
with the right one, which a program in C makes (`engine/judge.c`).  It needs a C compiler and the
headers of MPFR.  The exit status is 1 if an element is wrong.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent / "engine"))

import engine_calls
import numpy as np
import switch_overs
from engine_calls import Call, LaneCall
from judge import FUNCTIONS, Missing, build, wrong

SHOWN = 20  # wrong grids that are printed
#: Elements of a call at most: many calls are short, and few are as long as any switch-over.
MOST = (300, 300, 300, 1200, 1200, 5000, 1 << 17)


class Count(NamedTuple):
    """What has been judged."""

    calls: int = 0
    elements: int = 0
    refused: int = 0  # calls that are an error, of which one element at least does not fit
    wrong: int = 0

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(*map(sum, zip(self, other, strict=True)))


def grids(rng: random.Random, dtype: str) -> Iterator[Call]:
    """Grids of plain numbers, without end."""
    while True:
        for function in FUNCTIONS:
            for _ in range(4):
                yield switch_overs.edge_call(rng, function, dtype, rng.choice(MOST))
                num = rng.choice(engine_calls.LENGTHS)
                yield engine_calls.call(rng, function, dtype, num)


def lanes(rng: random.Random, dtype: str) -> Iterator[LaneCall]:
    """Grids side by side, without end."""
    while True:
        for function in FUNCTIONS[:3]:
            for _ in range(4):
                yield switch_overs.edge_lanes(rng, function, dtype, rng.choice(MOST))
        for _ in range(4):
            made = engine_calls.lane_call(rng)._replace(dtype=dtype)
            ends = [np.asarray(end, float) for end in made.ends]
            zeros = made.function == "geomspace" and not all(end.all() for end in ends)
            if not zeros and all(np.isfinite(end).all() for end in ends):
                yield made


def judged(judge: Any, call: Call | LaneCall) -> Count:
    """Make a grid and count what is wrong."""
    try:
        grid = call.make()
    except OverflowError as error:
        count, _ = wrong(judge, call)
        if not count:
            print(f"{error}, but all elements fit: {call}")
        return Count(1, 0, 1, not count)
    count, first = wrong(judge, call, grid) if grid.size else (0, -1)
    if count:
        with np.printoptions(threshold=4, precision=20):
            print(f"{count} wrong, the first of them {first}: {call}")
    return Count(1, grid.size, 0, count)


def run(judge: Any, calls: Iterator[Call | LaneCall], elements: int) -> Count:
    """Judge so many elements."""
    total, shown = Count(), 0
    for call in calls:
        found = judged(judge, call)
        total = total.plus(found)
        shown += found.wrong > 0
        if total.elements >= elements or shown >= SHOWN:
            break
    return total


def main(arguments: list[str] | None = None) -> int:
    """Judge all formats, or some."""
    parser = argparse.ArgumentParser(prog="python -m tests.differential", description=__doc__)
    add = parser.add_argument
    add("--elements", type=int, default=10**6, help="of each format and kind (default: 10**6)")
    add("--dtype", action="append", choices=engine_calls.formats(), help="repeatable; default all")
    add("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    total = Count()
    with tempfile.TemporaryDirectory(prefix="judge-") as folder:
        try:
            judge = build(Path(folder))
        except Missing as reason:
            print(f"no differential: {reason}")
            return 2
        print("format    of      calls   elements  errors  wrong  seconds")
        for dtype in options.dtype or engine_calls.formats():
            for name, draw in (("grids", grids), ("lanes", lanes)):
                rng = random.Random(f"{name} {dtype} {options.seed}")
                start = time.process_time()
                found = run(judge, draw(rng, dtype), options.elements)
                total = total.plus(found)
                seconds = time.process_time() - start
                print(
                    f"{dtype:9} {name} {found.calls:7} {found.elements:10} {found.refused:7}"
                    f" {found.wrong:6} {seconds:8.1f}",
                    flush=True,
                )
    print(f"{total.elements} elements, {total.wrong} wrong")
    return int(total.wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
