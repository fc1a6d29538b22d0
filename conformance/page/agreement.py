"""Who agrees with whom: for each function and dtype the elements in which two targets differ."""

from __future__ import annotations

from typing import Any

from .markup import Html, breakable, count, counted, el, join, only_read, scrolled, share
from .results import SIGNS, dtypes_of, functions_of


def section(data: dict[str, Any]) -> Html:
    """Return the section."""
    entries = data["agreement"]
    if not entries:
        return el("p", "No two targets were compared with each other in this run.")
    parts = []
    for function in functions_of(entries):
        parts.append(el("h3", el("code", function)))
        for dtype in dtypes_of(entries, function):
            same = [e for e in entries if (e["function"], e["dtype"]) == (function, dtype)]
            parts += [_matrix(entry) for entry in same]
    return join(
        [
            el(
                "p",
                "The targets are compared with each other bit for bit, whatever is right. "
                f"{SIGNS['right']} stands for the same bits in every element; otherwise the cell "
                "gives the share of the elements that differ.",
            ),
            parts,
        ]
    )


def pairs(entry: dict[str, Any]) -> tuple[int, int]:
    """Return how many pairs of targets differ, and how many were compared at all."""
    size = len(entry["targets"])
    compared = [(i, j) for i in range(size) for j in range(i) if _compared(entry, i, j)]
    return sum(entry["differ"][i][j] > 0 for i, j in compared), len(compared)


def _compared(entry: dict[str, Any], i: int, j: int) -> int:
    """How many elements of two targets were compared; some reports say so for each pair."""
    return int(entry["compared"][i][j] if "compared" in entry else entry["elements"])


def _matrix(entry: dict[str, Any]) -> Html:
    names = entry["targets"]
    different, compared = pairs(entry)
    elements = counted(entry["elements"], "element")
    words = (
        f"{different} of {counted(compared, 'pair')} of targets differ"
        if different
        else f"{counted(len(names), 'target')}, all with the same bits"
        if compared
        else "no two targets were compared"
    )
    title = f"{entry['function']}, {entry['dtype']}: elements that differ, of {elements}"
    head = [el("th", breakable(name), scope="col") for name in names]
    lines = [
        el(
            "tr",
            el("th", breakable(name), scope="row"),
            [_cell(entry, i, j) for j in range(len(names))],
        )
        for i, name in enumerate(names)
    ]
    table = el(
        "table",
        el("caption", title),
        el("thead", el("tr", el("th", "target", scope="col"), head)),
        el("tbody", lines),
        class_="matrix",
    )
    grade = "wrong" if different else "right" if compared else "none"
    return el(
        "details",
        el(
            "summary",
            el("span", SIGNS[grade], class_=f"sign {grade}", aria_hidden="true"),
            " ",
            el("strong", f"{entry['dtype']}: "),
            f"{words} ({elements})",
        ),
        scrolled(table, f"{title}, a table that scrolls"),
        open=different > 0,
        class_="case",
    )


def _cell(entry: dict[str, Any], i: int, j: int) -> Html:
    number, compared = entry["differ"][i][j], _compared(entry, i, j)
    if i == j:
        return el("td", el("span", "·", aria_hidden="true"), only_read("itself"))
    if not compared:
        return el("td", el("span", SIGNS["none"], aria_hidden="true"), only_read("not compared"))
    if not number:
        sign = el("span", SIGNS["right"], class_="sign", aria_hidden="true")
        return el("td", sign, only_read("the same bits"), class_="right")
    return el("td", share(number, compared), el("small", count(number)), class_="wrong")
