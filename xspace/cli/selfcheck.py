"""``xspace backends``: what is found, and whether it gives the right bits here and now.

What is right comes from integers, an element at a time, and not from the arithmetic of a library
that may be wrong in the same way.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import functions
from ..engine.native import WHICH
from ..exact.lines import progression_of
from ..exact.rounding import FORMATS
from ..ground.float_environment import describe, in_standard_environment
from ..libraries.host import dtype_name
from ..libraries.scalars import read_scalar
from ..testing import assert_identical
from .installed import KNOWN, allow_64_bits, devices, find_dtype, is_found, load

__all__ = ["report"]

#: The least subnormal number, also where this file is compiled by a thread that has none.
_LEAST = math.nextafter(0.0, 1.0)

#: function, start, stop, num, other arguments.  Between them: subnormal, overflowing, integral and
#: exactly representable elements, and enough of the others to fill several rows of a table.
_GRIDS: tuple[tuple[str, float, float, int, dict[str, Any]], ...] = (
    ("logspace", -330, 310, 1281, {}),
    ("logspace", -47.5, 39.5, 1001, {}),
    ("logspace", 0.1, 3.7, 5000, {"base": 2}),
    ("logspace", 0.3, 0.9, 50, {"endpoint": False}),
    ("geomspace", 1, 1000, 4096, {}),
    ("geomspace", -1e-40, -_LEAST, 700, {}),
    ("linspace", -1, 1, 3001, {}),
    ("linspace", 0.1, _LEAST, 50, {"endpoint": False}),
)

_DTYPES = ("float64", "float32")
_COLOURED = {
    "identical": "[green]identical[/]",
    "differs": "[red]differs[/]",
    "fails": "[red]fails[/]",
}
_TITLES = ("backend", "version", "device", "default", *_DTYPES)


def report(names: Sequence[str]) -> int:
    """Print a table of the named backends, or of all, and return 1 if any differs, else 0."""
    rows: list[tuple[str, ...]] = []
    notes = [f"Grids in host memory are made by: {WHICH}"]
    problems: list[str] = []
    for name in names or KNOWN:
        if not names and not is_found(name):
            rows.append((name, "not found"))
            continue
        rows += _examine(name, notes, problems)
    if state := describe():
        notes.append(f"This thread {state}: grids are made as by default all the same.")
    _print_table(rows)
    for note in notes:
        print(note)
    for problem in problems:
        print(f"xspace: {problem}", file=sys.stderr)
    return 1 if problems else 0


def _examine(name: str, notes: list[str], problems: list[str]) -> list[tuple[str, ...]]:
    """The rows of one backend, one for each of its devices."""
    xp = load(name)
    version = str(getattr(sys.modules[xp.__name__.partition(".")[0]], "__version__", "unknown"))
    try:
        found = devices(xp)
    except RuntimeError as error:  # CuPy without a driver
        notes.append(f"{name} has no device: {str(error).splitlines()[0]}")
        return [(name, version, "none")]
    defaults = {}
    for label, device in found.items():
        try:
            defaults[label] = dtype_name(functions.linspace(0, 1, 2, device=device, xp=xp).dtype)
        except Exception as error:  # whatever it is, the table goes on and the status says it
            defaults[label] = "fails"
            problems.append(f"{name}, {label}: {type(error).__name__}: {error}")
    allow_64_bits(xp)
    rows = []
    for label, device in found.items():
        verdicts = []
        for dtype in _DTYPES:
            difference = _difference(xp, device, dtype)
            verdicts.append("differs" if difference else "identical")
            if difference is None:
                verdicts[-1] = "not available"
            elif difference:
                problems.append(f"{name}, {label}, {difference}")
        rows.append((name, version, label, defaults[label], *verdicts))
    return rows


def _difference(xp: Any, device: Any, dtype: str) -> str | None:
    """The first difference from the right bits, empty if none; None without such a dtype."""
    try:
        functions.linspace(0, 1, 1, dtype=find_dtype(xp, dtype), device=device, xp=xp)
    except (RuntimeError, TypeError, ValueError):
        return None
    for function, start, stop, num, options in _GRIDS:
        arguments = [str(start), str(stop), str(num)]
        arguments += [f"{key}={value}" for key, value in options.items()]
        call = f"{function}({', '.join(arguments)})"
        compute = getattr(functions, function)
        try:
            wanted = _exact(function, start, stop, num, dtype, **options)
            own = find_dtype(xp, dtype)
            got = compute(start, stop, num, dtype=own, device=device, xp=xp, **options)
            assert_identical(got, wanted)
        except Exception as error:
            return f"{call}: {type(error).__name__}: {error}"
    return ""


@lru_cache
@in_standard_environment
def _exact(
    function: str,
    start: float,
    stop: float,
    num: int,
    dtype: str,
    *,
    endpoint: bool = True,
    base: float = 10,
) -> npt.NDArray[Any]:
    """The elements, each rounded from the exact progression."""
    given = {"start": start, "stop": stop} | ({"base": base} if function == "logspace" else {})
    ends = tuple(read_scalar(name, value) for name, value in given.items())
    progression = progression_of(function, ends, num, endpoint)
    assert progression is not None
    line, negative = progression
    elements = np.array([line.rounded(i, FORMATS[dtype]) for i in range(num)], dtype)
    return -elements if negative else elements


def _print_table(rows: Sequence[Sequence[str]]) -> None:
    full = [(*row, *[""] * (len(_TITLES) - len(row))) for row in rows]
    if find_spec("rich") is not None:
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(*_TITLES, box=SIMPLE_HEAD)
        for row in full:
            table.add_row(*(_COLOURED.get(cell, escape(cell)) for cell in row))
        # Into a file or a pipe a row is a line, however wide.
        Console(width=None if sys.stdout.isatty() else 200).print(table)
        return
    widths = [max(map(len, column)) for column in zip(_TITLES, *full, strict=True)]
    for row in (_TITLES, *full):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
