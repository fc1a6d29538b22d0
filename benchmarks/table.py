"""The results as tables on the screen, and as JSON."""

from __future__ import annotations

import json
import platform
import re
import statistics
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .measure import Result, Spread

__all__ = ["amount", "as_json", "environment", "print_table", "short", "summary", "title"]

#: A list of numbers in JSON.
_LINES = re.compile(r"\[[^][{}\"]*\]")


def environment() -> dict[str, Any]:
    """What the numbers depend on."""
    import xspace

    versions = {"xspace": xspace.__version__, "python": platform.python_version()}
    for name in ("numpy", "torch", "jax"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "engine": xspace.show_config("dicts")["engine"],
        "processor": _processor(),
        "system": platform.platform(),
        "simd": _simd(),
        "versions": versions,
    }


def title(about: dict[str, Any]) -> str:
    """What the numbers depend on, in a line."""
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    engine = f"engine: {about['engine']}"
    return f"{about['processor']}, NumPy uses {about['simd']}, one thread; {engine}; {versions}"


def print_table(section: str, results: Sequence[Result]) -> None:
    """The rows of a section; slower ones than the library's own are red."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    found = summary(results)
    caption = "geometric mean {:.2f}; least {:.2f}, {}".format(*found) if found else ""
    table = Table(title=section, caption=escape(caption), box=SIMPLE_HEAD)
    table.add_column("call", no_wrap=True)
    for name in ("native", "xspace", "native / xspace (quartiles)"):
        table.add_column(name, justify="right", no_wrap=True)
    for result in results:
        times = [amount(Spread.of(s).median, result.unit) for s in (result.native, result.xspace)]
        ratio = ""
        if result.unit == "s":
            spread = result.ratio
            colour = "green" if spread.median >= 1 else "red"
            ratio = f"[{colour}]{spread.median:.2f}[/] ({spread.low:.2f}-{spread.high:.2f})"
        table.add_row(escape(result.work), *times, ratio)
    # A file or a pipe gets the whole table, however wide.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def summary(results: Sequence[Result]) -> tuple[float, float, str] | None:
    """The geometric mean of the ratios, the least of them, and the row that has it."""
    ratios = {row.work: row.ratio.median for row in results if row.unit == "s"}
    if len(ratios) < len(results):
        return None  # not a section of times alone
    worst = min(ratios, key=ratios.__getitem__)
    return statistics.geometric_mean(ratios.values()), ratios[worst], worst


def amount(value: float, unit: str, digits: int = 3) -> str:
    """A median as it is shown: so many digits, and a unit that goes with it."""
    if unit == "s":
        scale, unit = (1.0, "s") if value >= 1 else (1e3, "ms") if value >= 1e-3 else (1e6, "µs")
        value *= scale
    return f"{short(value, digits)} {unit}"


def short(value: float, digits: int = 2) -> str:
    """So many digits, without an exponent."""
    return f"{float(f'{value:.{digits}g}'):g}"


def as_json(about: dict[str, Any], **measured: Any) -> str:
    """All samples, to four digits, those of a row in a line."""
    text = json.dumps(_short_floats({**about, **measured}), indent=1)
    return _LINES.sub(lambda found: " ".join(found[0].split()), text) + "\n"


def _short_floats(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short_floats(item) for key, item in value.items()}
    return [_short_floats(item) for item in value] if isinstance(value, list) else value


def _simd() -> str:
    """The vector instructions that NumPy found: its `pow` is twice as fast with AVX-512."""
    import numpy as np

    build: Any = np.show_config(mode="dicts")
    found = build.get("SIMD Extensions", {}).get("found", [])
    enabled = set(getattr(np._core._multiarray_umath, "__cpu_features__", {}).items())
    used = [name for name in found if (name, True) in enabled]
    return used[-1] if used else "its baseline"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
