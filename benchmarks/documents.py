"""Every measured table and drawing of the documentation, by one command.

Each is made by a process of its own: NumPy reads once which instructions it may use.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["write_documents"]


def write_documents(docs: Path, *, quick: bool, seed: int) -> int:
    """Write ``_data`` and ``_static`` of the folder ``docs``."""
    data, static = docs / "_data", docs / "_static"
    for folder in (data, static):
        folder.mkdir(parents=True, exist_ok=True)
    common = ["--seed", str(seed), *(["--quick"] if quick else [])]
    for options, name in (([], "benchmarks"), (["--no-avx512"], "benchmarks-no-avx512")):
        text = data / f"{name}.txt"
        _run([*options, *common, "--text", text, "--json", data / f"{name}.json"])
    _run([*common, "--plot", static / "time.svg", "--json", data / "curves.json"])
    _run([*common, "--profile", "--text", data / "profile.txt"])
    return 0


def _run(arguments: list[str | Path]) -> None:
    subprocess.run([sys.executable, "-m", "benchmarks", *map(str, arguments)], check=True)
