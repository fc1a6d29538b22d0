"""Right or wrong: a table of function and dtype by target, and the worst case of each cell."""

from __future__ import annotations

from typing import Any

from . import worst
from .common import (
    KINDS,
    MEANINGS,
    SIGNS,
    dtypes_of,
    functions_of,
    grade,
    has_details,
    kinds_of,
    largest,
    ordered,
)
from .markup import Html, breakable, count, counted, el, join, only_read, share, table, table_row

TITLES = {
    "xspace": (
        "xspace on every backend",
        "The same call on each array library. Every element has to be the correctly rounded one.",
    ),
    "native": (
        "The libraries\u2019 own functions",
        "What the libraries\u2019 own functions of the same names give for the same arguments.",
    ),
    "callable": (
        "Functions named on the command line",
        "Judged as the others are.",
    ),
}


def section(data: dict[str, Any]) -> Html:
    """Return the section."""
    kinds = kinds_of(data)
    return join(
        [
            el(
                "p",
                "Each cell is one function in one dtype on one backend. Where elements are wrong, "
                "the cell says how many and by how much, and leads to its worst case.",
            ),
            _legend(),
            [_of_kind(data, kind, kinds) for kind in ordered(kinds.values(), KINDS)],
        ]
    )


def _legend() -> Html:
    entries = [
        el("li", el("span", SIGNS[name], class_=f"sign {name}", aria_hidden="true"), " ", words)
        for name, words in MEANINGS.items()
    ]
    return el("ul", entries, class_="legend", aria_label="What the signs mean")


def _of_kind(data: dict[str, Any], kind: str, kinds: dict[str, str]) -> Html | None:
    rows = [row for row in data["results"] if kinds[row["target"]] == kind]
    if not rows:
        return None
    names = [name for name, of in kinds.items() if of == kind]
    title, words = TITLES.get(kind, (kind, ""))
    anchors = {id(row): f"worst-{kind}-{number}" for number, row in enumerate(rows, 1)}
    matrix = table(
        f"{title}: wrong elements by function, dtype and backend",
        ["dtype", *map(breakable, names)],
        [_body(rows, function, names, kind, anchors) for function in functions_of(rows)],
        _foot(rows, names, kind),
        class_="matrix",
    )
    return join(
        [
            el("h3", title),
            el("p", words),
            matrix,
            worst.section([row for row in rows if has_details(row)], kind, anchors),
        ]
    )


def _body(
    rows: list[dict[str, Any]], function: str, names: list[str], kind: str, anchors: dict[int, str]
) -> Html:
    found = {(row["dtype"], row["target"]): row for row in rows if row["function"] == function}
    lines = [
        table_row(dtype, *(_cell(found.get((dtype, name)), kind, anchors) for name in names))
        for dtype in dtypes_of(rows, function)
    ]
    title = el("th", el("code", function), scope="rowgroup", colspan=len(names) + 1)
    return el("tbody", el("tr", title, class_="group"), lines)


def _foot(rows: list[dict[str, Any]], names: list[str], kind: str) -> Html:
    """The sums: one cell for each target."""
    sums = []
    for name in names:
        own = [row for row in rows if row["target"] == name]
        total = {
            key: sum(row[key] for row in own) for key in ("wrong", "raised", "elements", "cases")
        }
        sums.append(_cell({**total, "worst": None, "worst_ulp": None}, kind))
    return el("tfoot", table_row("all", *sums))


def _cell(row: dict[str, Any] | None, kind: str, anchors: dict[int, str] | None = None) -> Html:
    if row is None or grade(row, kind) == "none":
        return el("td", el("span", SIGNS["none"], aria_hidden="true"), only_read("not run"))
    name = grade(row, kind)
    sign = el("span", SIGNS[name], class_="sign", aria_hidden="true")
    first, second = _words(row, name)
    content = join([sign, " ", first, " ", el("small", second)])
    if anchors and has_details(row):
        case = row["worst"]
        hint = f"{case['snippet']}, element {case['index']}" if case else row["complaint"]
        content = el("a", content, href=f"#{anchors[id(row)]}", title=f"worst case: {hint}")
    return el("td", content, class_=name)


def _words(row: dict[str, Any], name: str) -> tuple[Any, str]:
    """What a cell says: what the eye meets first, and the small print."""
    if name == "right":
        return only_read("all right: "), count(row["elements"])
    if name == "raised":
        return f"{count(row['raised'])} raised", f"of {counted(row['cases'], 'call')}"
    raised = f", {count(row['raised'])} raised" if row["raised"] else ""
    amount = largest(row) if "dtype" in row else f"of {count(row['elements'])}"  # a sum has none
    return share(row["wrong"], row["elements"]), amount + raised
