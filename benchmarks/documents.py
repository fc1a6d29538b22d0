"""Every measured table and drawing of the documentation, by one command.

Each is made by a process of its own: NumPy reads once which instructions it may use.  What is
measured is kept in ``_data`` as JSON, and the tables, that of the README too, follow from it.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from .measure import Result, Spread
from .table import amount, short, summary, title

__all__ = ["derived", "write_documents"]

#: What people know of their case, and the row that is like it; the README has the first five.
CASES = {
    "50 numbers": "logspace(a, b, 50)",
    "integers": "geomspace(1, 10**9, 10, dtype=int)",
    "a million numbers": "logspace(a, b, 10**6)",
    "arrays as ends": "arrays of 1,000: logspace(a, b, 1000)",
    "PyTorch": "torch: logspace(a, b, 10**4)",
    "JAX, compiled": "jax: jit(lambda a, b: logspace(a, b, 10**4))",
    "JAX, a gradient": "jax: jit(grad(lambda a, b: logspace(a, b, 50).sum()))",
    "all cores": "workers=-1: logspace(a, b, 10**7)",
}

HEAD = ["call", "the library's own", "xspace", "times as fast"]


def write_documents(docs: Path, *, quick: bool, seed: int) -> int:
    """Write ``_data`` and ``_static`` of the folder ``docs``, and the README beside it."""
    data, static = docs / "_data", docs / "_static"
    data.mkdir(parents=True, exist_ok=True)
    common = ["--seed", str(seed), *(["--quick"] if quick else [])]
    _run([*common, "--json", data / "benchmarks.json"])
    _run(["everyday", "--no-avx512", *common, "--json", data / "benchmarks-no-avx512.json"])
    _run([*common, "--plot", static / "time.svg", "--json", data / "curves.json"])
    with open(data / "profile.txt", "w", encoding="utf-8") as file:
        _run([*common, "--profile"], stdout=file)
    for path, text in derived(docs).items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 0


def derived(docs: Path) -> dict[Path, str]:
    """What follows from the measurements, by the file that it stands in."""
    data, readme = docs / "_data", docs.parent / "README.md"
    about, sections = _read(data / "benchmarks.json")
    _, plain = _read(data / "benchmarks-no-avx512.json")
    files = {data / f"{section}.csv": _csv(_table(rows)) for section, rows in sections.items()}
    everyday = zip(_table(sections["everyday"]), _table(plain["everyday"]), strict=True)
    wide = [[*line, other[-1]] for line, other in everyday]
    wide[0][-1] = "without AVX-512"
    files[data / "everyday.csv"] = _csv(wide)
    by_name = {row.work: row for rows in sections.values() for row in rows}
    cases = [[case, *_figures(by_name[work])[::-1], _code(work)] for case, work in CASES.items()]
    head = ["my case", *HEAD[::-1]]
    files[data / "cases.csv"] = _csv([head, *cases])
    files[data / "machine.txt"] = machine = f"{title(about)}.\n"
    if readme.exists():
        lines = [[_code(work), *_figures(by_name[work])] for work in [*CASES.values()][:5]]
        lines = [HEAD, *lines]
        rows = [f"| {' | '.join(line)} |\n".replace("``", "`") for line in lines]
        table = "".join([rows[0], "|---|---:|---:|---:|\n", *rows[1:]])
        machine = machine.partition(";")[0] + ".\n"
        before, mark, rest = readme.read_text(encoding="utf-8").partition("<!-- speed -->\n")
        _, end, after = rest.partition("<!-- /speed -->")
        files[readme] = f"{before}{mark}{table}\n{machine}{end}{after}"
    return files


def _read(path: Path) -> tuple[dict[str, Any], dict[str, list[Result]]]:
    """What the numbers depend on, and the rows of each section."""
    about = json.loads(path.read_text(encoding="utf-8"))
    sections = about.pop("sections")
    return about, {name: [Result(**row) for row in rows] for name, rows in sections.items()}


def _table(rows: list[Result]) -> list[list[str]]:
    """All rows of a section, their geometric mean, and the least of them."""
    lines = [[_code(row.work), *_figures(row)] for row in rows]
    if found := summary(rows):
        mean, least, worst = found
        lines += [["geometric mean", "", "", short(mean)]]
        lines += [[f"least, {_code(worst)}", "", "", short(least)]]
    return [HEAD.copy(), *lines]


def _code(work: str) -> str:
    """A kind, and a call as code."""
    kind, colon, call = work.partition(": ") if ": " in work else ("", "", work)
    return f"{kind}{colon}``{call}``"


def _figures(row: Result) -> list[str]:
    """Both medians, and that of their ratio; memory has none."""
    medians = [Spread.of(found).median for found in (row.native, row.xspace)]
    ratio = short(row.ratio.median) if row.unit == "s" else ""
    return [*(amount(median, row.unit, 2) for median in medians), ratio]


def _csv(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _run(arguments: list[str | Path], **how: Any) -> None:
    subprocess.run([sys.executable, "-m", "benchmarks", *map(str, arguments)], check=True, **how)
