"""Where the time of a call goes: the parts of it one by one, and the whole.

The parts are those that the functions call, measured alone with arguments as they get them.  What
is left of the whole is `the rest`, such as calls between them; what is less than nothing has been
done at the same time, such as products while memory is written.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from .measure import Spread
from .races import ARGUMENTS, has_loops, use

__all__ = ["print_profile"]

Parts = dict[str, Callable[[], Any]]

SHORT, LONG = 50, 10**7


def print_profile(path: Path | None, *, seed: int) -> None:
    """Print the tables, and write them to a file, too."""
    from .table import environment

    about = environment()
    lines = [", ".join(f"{name} {number}" for name, number in about["versions"].items())]
    lines.append(f"{about['processor']}, NumPy uses {about['simd']}, one thread, medians")
    for mode in ("xspace", "fast") if has_loops() else ("xspace",):
        how = "compiled loops" if mode == "fast" else "NumPy alone"
        for function in ("logspace", "geomspace", "linspace"):
            use(mode)
            start, stop = _plain_arguments(function, seed)
            parts = _short_parts(function, start, stop, mode)
            lines += _table(f"{function}, {SHORT} elements, {how}", "us", 1e6, parts, 2000, 15)
        use(mode)
        parts = _long_parts(*ARGUMENTS["logspace"](random.Random(seed)), mode)
        lines += _table(f"logspace, 10**7 elements, {how}", "ms", 1e3, parts, 1, 11)
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if path:
        path.write_text(text)


def _plain_arguments(function: str, seed: int) -> tuple[float, float]:
    """Random ends of a short grid of which no element goes to the exact fallback."""
    from xspace.call import quick

    generator = random.Random(seed)
    call = getattr(quick, f"quick_{function}")
    base = (10.0,) if function == "logspace" else ()
    while True:
        start, stop = ARGUMENTS[function](generator)
        with patch.object(quick, "_settle") as settle:
            made = call(start, stop, SHORT, True, *base) is not None
        if made and not settle.called:
            return start, stop


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
    whole, *rest = medians
    left = medians[whole] - sum(medians[name] for name in rest)
    medians["the rest" if left > 0 else "parts that overlap"] = left
    lines = ["", f"{title:58}{unit:>8}{'part':>8}"]
    for name, median in medians.items():
        lines.append(f"  {name:56}{median:8.3g}{median / medians[whole]:8.0%}")
    return lines


def _short_parts(function: str, start: float, stop: float, mode: str) -> Parts:
    import numpy as np
    from xspace.engine.compiled import short_loops

    import xspace
    from xspace.call import quick
    from xspace.engine import small, small_sums
    from xspace.exact.fixed import log2_quick

    ours = getattr(xspace, function)
    out, div = np.empty(SHORT), SHORT - 1
    parts: Parts = {"the call": lambda: ours(start, stop), "numpy.empty": lambda: np.empty(SHORT)}
    if mode == "fast":
        loops: Any = short_loops()
        words = quick._log_words(10.0)
        compiled = {
            "logspace": lambda: loops.powers(start, stop, words, div, out),
            "geomspace": lambda: loops.ratios(start, stop, div, out),
            "linspace": lambda: loops.linear(start, stop, div, out),
        }
        return {**parts, "the compiled function": compiled[function]}
    if function == "linspace":
        parts["integers, two sums and the test"] = lambda: small_sums.fill_between(
            out, start, stop, div
        )
        return parts
    if function == "geomspace":

        def logarithms() -> tuple[int, int]:
            first = log2_quick(*start.as_integer_ratio()) << 48
            return first, ((log2_quick(*stop.as_integer_ratio()) << 48) - first) // div

        parts["two logarithms, and the step"] = logarithms
    else:

        def logarithms() -> tuple[int, int]:
            log = quick._log_base(10.0)
            n, d = start.as_integer_ratio()
            first = n * log >> (63 + d.bit_length())
            n, d = stop.as_integer_ratio()
            return first, ((n * log >> (63 + d.bit_length())) - first) // div

        parts["two products with log2(10), and the step"] = logarithms
    line = logarithms()
    entry, q, _ = small._parts(SHORT, *line)
    parts["entries of the table, and what is added (19 steps)"] = lambda: small._parts(SHORT, *line)
    parts["sums from above and below (3 steps)"] = lambda: small._both(entry, q.copy())
    return parts


def _long_parts(start: float, stop: float, mode: str) -> Parts:
    import numpy as np

    import xspace
    from xspace.exact.lines import logspace_line
    from xspace.libraries.scalars import read_scalar

    ends = [read_scalar("end", end) for end in (start, stop, 10.0)]

    def line() -> Any:  # a new one each time: its logarithms are kept
        return logspace_line(*ends, LONG, True)

    whole: Parts = {"the call": lambda: xspace.logspace(start, stop, LONG)}
    memory = {"fresh memory, written once (numpy.full)": lambda: np.full(LONG, 1.0)}
    if mode == "fast":
        return {**whole, **_compiled_parts(line), **memory}
    return {**whole, **_numpy_parts(line), **memory}


def _compiled_parts(line: Callable[[], Any]) -> Parts:
    import numpy as np

    from xspace.engine import numba as loops
    from xspace.exact.rounding import FORMATS

    m = loops._column_count(LONG)
    rows, table = np.empty((3, -(-LONG // m))), np.empty((3, m))

    def tables() -> None:
        loops._power_tables(*loops._parameters(line()), rows, table)

    tables()
    width = table[2] * loops.DELTA
    columns = np.array([table[0], table[1] + width, table[1] - width, table[2]])
    # Of a part that stays in a second-level cache, as often as it takes.
    part, places = np.empty(1 << 16), np.empty(loops._PLACES, np.int64)
    few, times = np.ascontiguousarray(rows[:, : part.size // m]), LONG // part.size
    found = line()
    found.log2_line()

    def products() -> None:
        for _ in range(times):
            loops._multiply(part, few, columns, 0, places)

    def fallback() -> None:
        for i in range(13):
            found.rounded(i * 700_001, FORMATS["float64"])

    return {
        f"two tables, of {m} and {rows.shape[1]:,} entries": tables,
        "products and rounding test, in the cache": products,
        "13 elements by the exact fallback": fallback,
    }


def _numpy_parts(line: Callable[[], Any]) -> Parts:
    import numpy as np

    from xspace.engine.blocks import BLOCK, column_limit
    from xspace.engine.geometric import grid_tables
    from xspace.engine.tables import DELTA

    rows, columns, m = grid_tables(line(), column_limit(LONG))
    count = BLOCK // m
    head, times = rows.head[:count, None], LONG // BLOCK
    left = np.array([rows.head, rows.tail]).T[:count]
    p, high = np.empty((count, m)), np.empty((count, m))
    memory = bytearray(8 * BLOCK)
    c = np.frombuffer(memory).reshape(count, m)
    np.multiply(head, columns.head, out=p)

    def passes(call: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[[], None]:
        def run() -> None:
            for _ in range(times):
                call(*arguments, **options)

        return run

    np.dot(left, columns.pair, out=c)
    np.add(p, c, out=high)
    return {
        "tables": lambda: grid_tables(line(), column_limit(LONG)),
        "p = H1*h1, in blocks in the cache": passes(np.multiply, head, columns.head, out=p),
        "c = H1*h2 + H2*h, a matrix product": passes(np.dot, left, columns.pair, out=c),
        "y = p + c": passes(np.add, p, c, out=high),
        "c lowered by twice the width": passes(np.subtract, high, p.item(-1) * DELTA, out=high),
        "y from below": passes(np.add, p, c, out=p),
        "comparison": passes(memory.__eq__, c),
    }
