"""What a run with functions in the shadow of a library's own found: a log, and a table of it.

The log has a JSON object a line. ``"kind": "difference"`` is the first call of its place in the
code with that difference; ``"kind": "count"`` says, at the end of each process, how many calls of
a function came to what: ``calls`` are all of them, ``last bits`` those that are different in
nothing else, and every other cause those with such a difference.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

ALL = "calls"
LAST_BITS = "last bits"
PLAIN: dict[str, Any] = {"markup": False, "highlight": False, "soft_wrap": True}


@dataclass
class Log:
    """The log of a process; several processes may write into one file.

    Parameters
    ----------
    path : Path
        The file, to which lines are added.
    project : str
        Whose tests are run.
    """

    path: Path
    project: str
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: set[tuple[Any, ...]] = field(default_factory=set)
    lock: Any = field(default_factory=threading.Lock)

    def count(self, function: str, *causes: str) -> None:
        """Count a call."""
        with self.lock:
            self.counts.update((function, cause) for cause in (ALL, *causes))

    def add(self, function: str, cause: str, **facts: Any) -> None:
        """Write down a difference, unless there was one at this place before."""
        key = (function, cause, facts.get("where"))
        with self.lock:
            if key in self.seen:
                return
            self.seen.add(key)
        self._write([{"kind": "difference", "function": function, "cause": cause, **facts}])

    def close(self) -> None:
        """Write the counts, once."""
        with self.lock:
            counts, self.counts = self.counts, Counter()
        self._write(
            {"kind": "count", "function": function, "cause": cause, "count": count}
            for (function, cause), count in counts.items()
        )

    def _write(self, records: Iterable[dict[str, Any]]) -> None:
        lines = "".join(json.dumps({"project": self.project, **one}) + "\n" for one in records)
        # A single write at the end of the file, so that processes do not cut each other's lines.
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(handle, lines.encode())
        finally:
            os.close(handle)


def read(path: Path, offset: int = 0) -> list[dict[str, Any]]:
    """Return the records of a log, from a place in it on."""
    if not path.exists():
        return []
    text = path.read_bytes()[offset:].decode()
    return [json.loads(line) for line in text.splitlines()]


def summarize(records: list[dict[str, Any]], console: Console) -> None:
    """Print how many calls of which function were different in what, with an example each."""
    counts: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in records:
        key = (one["project"], one["function"], one["cause"])
        if one["kind"] == "count":
            counts[key] += one["count"]
        else:
            examples.setdefault(key, one)
            counts.setdefault(key, 0)  # a process that did not come to its end
    if not counts:
        console.print("no call of a function in shadow")
        return
    table = Table(box=SIMPLE_HEAD)
    for heading in ("project", "function", "what differs"):
        table.add_column(heading)
    table.add_column("calls", justify="right")
    order = sorted(counts, key=lambda key: (*key[:2], key[2] != ALL, -counts[key]))
    for project, function, cause in order:
        first = cause == ALL
        names = (project, function, "") if first else ("", "", cause)
        table.add_row(*names, str(counts[project, function, cause]))
    console.print(table, markup=False)
    for key in order:
        if key in examples:
            one = examples[key]
            console.print(f"{', '.join(key)}, in {one['where']}", style="bold", **PLAIN)
            for line in (one["call"], f"theirs: {one['theirs']}", f"ours: {one['ours']}"):
                console.print(f"    {line}", **PLAIN)
