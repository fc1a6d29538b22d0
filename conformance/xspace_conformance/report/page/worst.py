"""The worst case of each cell, with the line that reproduces it."""

from __future__ import annotations

from typing import Any

from .common import SIGNS, functions_of, grade, largest, snippet, value
from .markup import Html, count, counted, el, join


def section(rows: list[dict[str, Any]], kind: str, anchors: dict[int, str]) -> Html | None:
    """Return the details of all cells in which something is wrong, function by function."""
    if not rows:
        return None
    parts = []
    for function in functions_of(rows):
        own = [row for row in rows if row["function"] == function]
        title = [el("code", function), f": {counted(len(own), 'worst case')}"]
        entries = [_case(row, anchors[id(row)], kind) for row in own]
        parts.append(el("details", el("summary", title), el("div", entries), class_="case"))
    return join([el("h4", "Worst cases, and the lines that reproduce them"), parts])


def _case(row: dict[str, Any], anchor: str, kind: str) -> Html:
    """The details of a cell; a link to what is inside them opens them."""
    name = grade(row, kind)
    place = f"{row['target']}, {row['dtype']}: "
    amount = f"{count(row['wrong'])} of {counted(row['elements'], 'element')} wrong"
    amount += f", {largest(row)}" if row["wrong"] else ""
    if row["raised"]:
        amount += f", {count(row['raised'])} of {counted(row['cases'], 'call')} raised"
    sign = el("span", SIGNS[name], class_=f"sign {name}", aria_hidden="true")
    return el(
        "details",
        el("summary", sign, " ", el("strong", place), amount),
        el("div", _element(row["worst"]), _complaint(row), id=anchor, tabindex=-1),
        class_="case",
    )


def _element(worst: dict[str, Any] | None) -> Html | None:
    if not worst:
        return None
    facts = [
        ("element", el("code", worst["index"])),
        ("got", value(worst["got"])),
        ("correctly rounded", value(worst["wanted"])),
    ]
    return join(
        [
            snippet(worst["snippet"]),
            el("dl", [(el("dt", key), el("dd", content)) for key, content in facts]),
        ]
    )


def _complaint(row: dict[str, Any]) -> Html | None:
    """The first of the errors that calls raised, where the report has it."""
    words = row.get("complaint")
    return join([el("p", "The first error:"), snippet(words)]) if words else None
