"""Right or wrong: a table of function and dtype by target, and the worst case of each cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .markup import (
    Html,
    breakable,
    count,
    counted,
    el,
    join,
    only_read,
    share,
    size,
    table,
    table_row,
)

KINDS = {
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
_FUNCTIONS = ("linspace", "logspace", "geomspace", "arange")
_DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "complex128", "complex64"),
    *("int64", "int32", "int16", "int8", "uint64", "uint32", "uint16", "uint8"),
)


def ordered(names: Iterable[str], known: tuple[str, ...]) -> list[str]:
    """Names in the usual order, then those that are not known as they came."""
    unique = list(dict.fromkeys(names))
    return sorted(unique, key=lambda name: known.index(name) if name in known else len(known))


def functions_of(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return the functions of some rows, in the usual order."""
    return ordered((row["function"] for row in rows), _FUNCTIONS)


def dtypes_of(rows: Iterable[dict[str, Any]], function: str) -> list[str]:
    """Return a function's dtypes, in the usual order."""
    return ordered((row["dtype"] for row in rows if row["function"] == function), _DTYPES)


def kinds_of(data: dict[str, Any]) -> dict[str, str]:
    """Return the kind of every target, by its name."""
    kinds = {target["name"]: target["kind"] for target in data["targets"]}
    return {**{row["target"]: "callable" for row in data["results"]}, **kinds}


def grade(row: dict[str, Any], kind: str) -> str:
    """Return how a row is to be marked: right, near, wrong, raised or none.

    To be off by an ulp is near for others, and plainly wrong for xspace.
    """
    if row["wrong"]:
        worst = row["worst_ulp"]
        is_near = kind != "xspace" and worst is not None and worst <= 1 and not row["raised"]
        return "near" if is_near else "wrong"
    if row["raised"]:
        return "raised"
    return "right" if row["elements"] else "none"


SIGNS = {"right": "✓", "near": "≈", "wrong": "✗", "raised": "!", "none": "–"}
MEANINGS = {
    "right": "every element is the correctly rounded one",
    "wrong": "elements are wrong: their share, and the largest distance from the right ones",
    "near": "the same, and no finite element is off by more than one ulp",
    "raised": "calls raised an error instead of giving a grid",
    "none": "not run: the library has no such function or dtype",
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
            [_of_kind(data, kind, kinds) for kind in ordered(kinds.values(), tuple(KINDS))],
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
    title, words = KINDS.get(kind, (kind, ""))
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
            _worst_cases([row for row in rows if has_details(row)], kind, anchors),
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
        worst = [r["worst_ulp"] for r in own if r["wrong"] and r["worst_ulp"] is not None]
        total = {
            key: sum(row[key] for row in own) for key in ("wrong", "raised", "elements", "cases")
        }
        sums.append(_cell({**total, "worst": None, "worst_ulp": max(worst, default=None)}, kind))
    return el("tfoot", table_row("all", *sums))


def _cell(row: dict[str, Any] | None, kind: str, anchors: dict[int, str] | None = None) -> Html:
    if row is None or grade(row, kind) == "none":
        return el("td", el("span", SIGNS["none"], aria_hidden="true"), only_read("not run"))
    name = grade(row, kind)
    sign = el("span", SIGNS[name], class_="sign", aria_hidden="true")
    first, second = _words(row, name)
    content = join([sign, " ", first, el("small", second)])
    if anchors and has_details(row):
        worst = row["worst"]
        hint = f"{worst['snippet']}, element {worst['index']}" if worst else row["complaint"]
        content = el("a", content, href=f"#{anchors[id(row)]}", title=f"worst case: {hint}")
    return el("td", content, class_=name)


def _words(row: dict[str, Any], name: str) -> tuple[Any, str]:
    """What a cell says: what the eye meets first, and the small print."""
    if name == "right":
        return only_read("all right: "), count(row["elements"])
    if name == "raised":
        return f"{count(row['raised'])} raised", f"of {counted(row['cases'], 'call')}"
    raised = f", {count(row['raised'])} raised" if row["raised"] else ""
    return share(row["wrong"], row["elements"]), _largest(row) + raised


def has_details(row: dict[str, Any]) -> bool:
    """Say whether there is anything to tell about what is wrong in a cell."""
    return bool((row["wrong"] or row["raised"]) and (row["worst"] or row.get("complaint")))


def _worst_cases(rows: list[dict[str, Any]], kind: str, anchors: dict[int, str]) -> Html | None:
    if not rows:
        return None
    entries = [_worst_case(row, anchors[id(row)], kind) for row in rows]
    return join([el("h4", "Worst cases, and the lines that reproduce them"), entries])


def _worst_case(row: dict[str, Any], anchor: str, kind: str) -> Html:
    """The details of a cell; a link to what is inside them opens them."""
    name = grade(row, kind)
    place = f"{row['target']}, {row['function']}, {row['dtype']}: "
    amount = f"{count(row['wrong'])} of {counted(row['elements'], 'element')} wrong"
    amount += f", {_largest(row)}" if row["wrong"] else ""
    amount += f", {count(row['raised'])} of {counted(row['cases'], 'call')} raised" * bool(
        row["raised"]
    )
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


def _largest(row: dict[str, Any]) -> str:
    return "no finite distance" if row["worst_ulp"] is None else f"{size(row['worst_ulp'])} ulp"


def chip(grade: str, words: Any) -> Html:
    """A short verdict in a summary."""
    sign = el("span", SIGNS[grade], aria_hidden="true")
    return el("span", sign, " ", words, class_=f"chip {grade}")


def snippet(code: str) -> Html:
    """A line of code that scrolls in itself."""
    return el("pre", el("code", code), tabindex=0)


def value(written: str) -> Html:
    """A number in hexadecimal, with its decimal reading beside it."""
    try:
        decimal = repr(float.fromhex(written)) if "0x" in written and "p" in written else None
    except (ValueError, OverflowError):
        decimal = None
    shown = el("code", written)
    return join([shown, " = ", el("code", decimal)]) if decimal else shown
