"""The results as a table and as JSON."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from .measure import Result, Spread

__all__ = ["as_json", "as_text", "environment", "print_table"]

_CONTENDERS = ("native", "xspace", "workers", "full")

#: What the second table shows, where both took part.
_RATIOS = (
    ("native", "xspace"),
    ("native", "workers"),
    ("xspace", "full"),
    ("workers", "full"),
)


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


def print_table(about: dict[str, Any], results: Sequence[Result]) -> None:
    title = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    title += f"\n{about['processor']}, NumPy uses {about['simd']}, one thread, seed {about['seed']}"
    table = Table(title=title, box=SIMPLE_HEAD)
    for name in ("work", "unit"):
        table.add_column(name, no_wrap=True)
    for name in (*_CONTENDERS, "reached"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    table.add_column("native is")
    for result in results:
        times = [_median(result.samples.get(name)) for name in _CONTENDERS]
        table.add_row(
            result.work, result.unit, *times, _reached(result), result.target, result.compared
        )
    # A file or a pipe gets the whole table, however wide.
    Console(width=None if sys.stdout.isatty() else 240).print(table)
    print(
        "medians, and in brackets the quartiles; `workers` is xspace with all cores, and `reached` "
        "the ratio of the target, or the amount"
    )


def as_text(about: dict[str, Any], results: Sequence[Result]) -> str:
    """The tables of the documentation: medians of the times; ratios with their quartiles."""
    lines = [
        ", ".join(f"{name} {number}" for name, number in about["versions"].items()),
        f"{about['processor']}, NumPy uses {about['simd']}, one thread, seed {about['seed']}",
        f"engine: {about['engine']}",
        "",
        f"{'time':58}{'unit':>11}" + "".join(f"{name:>10}" for name in _CONTENDERS),
    ]
    for result in results:
        found = [result.samples.get(name) for name in _CONTENDERS]
        times = "".join(f"{_short(Spread.of(m)) if m else '':>10}" for m in found)
        lines.append(f"{result.work:58}{result.unit:>11}{times}".rstrip())
    heads = "".join(f"{' / '.join(pair):>20}" for pair in _RATIOS)
    lines += ["", f"{'ratio, and its quartiles':58}{heads}"]
    for result in results:
        if "full" in result.samples:
            ratios = "".join(f"{_ratio(result, *pair):>20}" for pair in _RATIOS)
            lines.append(f"{result.work:58}{ratios}".rstrip())
    return "\n".join(lines) + "\n"


def _ratio(result: Result, one: str, other: str) -> str:
    if one not in result.samples or other not in result.samples:
        return ""
    return _spread(result.ratio(one, other))


def as_json(about: dict[str, Any], **measured: Any) -> str:
    """All samples, to four digits."""
    return json.dumps(_short_floats({**about, **measured}), indent=1) + "\n"


def _short_floats(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _short_floats(item) for key, item in value.items()}
    return [_short_floats(item) for item in value] if isinstance(value, list) else value


def _short(spread: Spread) -> str:
    return f"{spread.median:.3g}"


def _median(samples: list[float] | None) -> str:
    return _spread(Spread.of(samples)) if samples else ""


def _reached(result: Result) -> str:
    if result.reached is None:
        return result.note
    colour = "green" if result.met else "red"
    return f"[{colour}]{_spread(result.reached)}[/] {'met' if result.met else 'missed'}"


def _spread(spread: Spread) -> str:
    if spread.low == spread.high:
        return f"{spread.median:.3g}"
    return f"{spread.median:.3g} ({spread.low:.3g}-{spread.high:.3g})"


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
