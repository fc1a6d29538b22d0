"""Who agrees with whom: for each function and dtype the elements in which two targets differ."""

from __future__ import annotations

from typing import Any

from .common import SIGNS, chip, dtypes_of, functions_of, kinds_of
from .markup import (
    Html,
    breakable,
    count,
    counted,
    el,
    join,
    listed,
    only_read,
    share,
    table,
    table_row,
)


def section(data: dict[str, Any]) -> Html:
    """Return the section."""
    entries = data["agreement"]
    if not entries:
        return el("p", "No two targets were compared with each other in this run.")
    kinds = kinds_of(data)
    parts = []
    for function in functions_of(entries):
        parts.append(el("h3", el("code", function)))
        for place, dtype in enumerate(dtypes_of(entries, function)):
            same = [e for e in entries if (e["function"], e["dtype"]) == (function, dtype)]
            parts += [_details(entry, kinds, is_first=not place) for entry in same]
    return join(
        [
            el(
                "p",
                "The targets are compared with each other bit for bit, whatever is right. "
                f"{SIGNS['right']} stands for the same bits in every element; otherwise the cell "
                "gives the share of the elements that differ, and their number.",
            ),
            parts,
        ]
    )


def pairs(entry: dict[str, Any], kinds: dict[str, str], *, ours: bool) -> tuple[int, int]:
    """Return how many pairs of targets differ, and how many were compared.

    Both targets of a pair are those of xspace, or both are others.
    """
    names = entry["targets"]
    places = [i for i, name in enumerate(names) if (kinds.get(name) == "xspace") == ours]
    compared = [(i, j) for i in places for j in places if j < i and _compared(entry, i, j)]
    return sum(entry["differ"][i][j] > 0 for i, j in compared), len(compared)


def _compared(entry: dict[str, Any], i: int, j: int) -> int:
    """How many elements of two targets were compared; some reports say so for each pair."""
    return int(entry["compared"][i][j] if "compared" in entry else entry["elements"])


def merged(entry: dict[str, Any], kinds: dict[str, str]) -> dict[str, Any]:
    """Make one row and column of xspace's targets, if they all have the same bits.

    Towards each other target that of them counts which differs most.
    """
    names = entry["targets"]
    ours = [i for i, name in enumerate(names) if kinds.get(name) == "xspace"]
    different, compared = pairs(entry, kinds, ours=True)
    if different or not compared:
        return entry
    groups = [ours, *([i] for i in range(len(names)) if i not in ours)]
    worst = [[_worst(entry, rows, columns) for columns in groups] for rows in groups]
    return {
        **entry,
        "targets": [f"xspace ({len(ours)})", *(names[i] for (i, *_) in groups[1:])],
        "differ": [[number for number, _ in row] for row in worst],
        "compared": [[compared for _, compared in row] for row in worst],
    }


def _worst(entry: dict[str, Any], rows: list[int], columns: list[int]) -> tuple[int, int]:
    cells = [(entry["differ"][i][j], _compared(entry, i, j)) for i in rows for j in columns]
    return max(cells, key=lambda cell: (cell[0] / max(cell[1], 1), cell[1]))


def _details(entry: dict[str, Any], kinds: dict[str, str], *, is_first: bool) -> Html:
    """The matrix under a line that sums it up; open for the first dtype, and if xspace differs."""
    ours, theirs = (pairs(entry, kinds, ours=which) for which in (True, False))
    elements = counted(entry["elements"], "element")
    chips = [_chip("xspace", *ours), " ", _chip("others", *theirs)]
    heading = [el("strong", entry["dtype"]), f", {elements} "]
    caption = f"{entry['function']}, {entry['dtype']}: elements that differ, of {elements}"
    same = [name for name in entry["targets"] if kinds.get(name) == "xspace"]
    small = merged(entry, kinds)
    note = f"xspace ({len(same)}) stands for {listed(same)}." if small is not entry else None
    return el(
        "details",
        el("summary", el("span", heading), el("span", chips, class_="chips")),
        _matrix(small, caption),
        el("p", note, class_="note") if note else None,
        open=is_first or ours[0] > 0,
        class_="case",
    )


def _chip(name: str, different: int, compared: int) -> Html | None:
    if not compared:
        return None
    if not different:
        return chip("right", f"{name}: {counted(compared, 'pair')}, the same bits")
    return chip("wrong", f"{name}: {count(different)} of {counted(compared, 'pair')} differ")


def _matrix(entry: dict[str, Any], caption: str) -> Html:
    names = entry["targets"]
    places = range(len(names))
    lines = [
        table_row(breakable(name), *(_cell(entry, i, j) for j in places))
        for i, name in enumerate(names)
    ]
    return table(caption, ["target", *map(breakable, names)], el("tbody", lines), class_="matrix")


def _cell(entry: dict[str, Any], i: int, j: int) -> Html:
    number, compared = entry["differ"][i][j], _compared(entry, i, j)
    if i == j:
        return el("td", el("span", "·", aria_hidden="true"), only_read("itself"))
    if not compared:
        return el("td", el("span", SIGNS["none"], aria_hidden="true"), only_read("not compared"))
    if not number:
        sign = el("span", SIGNS["right"], class_="sign", aria_hidden="true")
        return el("td", sign, only_read("the same bits"), class_="right")
    return el("td", share(number, compared), " ", el("small", count(number)), class_="wrong")
