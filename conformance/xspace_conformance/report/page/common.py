"""What the sections share: the order of names, the kinds of targets, and how rows are marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .markup import Html, el, join, size

KINDS = ("xspace", "native", "callable")
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
        # Without a distance it is an infinity, NaN or the sign of a zero that is wrong.
        is_near = kind != "xspace" and worst and worst <= 1 and not row["raised"]
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


def largest(row: dict[str, Any]) -> str:
    """Say how far off a row's worst element is: in ulp, or of an integer in units."""
    if not row["worst_ulp"]:
        return "inf, NaN or ±0"
    if row["dtype"].startswith(("int", "uint")):
        return f"off by {size(row['worst_ulp'])}"
    return f"{size(row['worst_ulp'])} ulp"


def has_details(row: dict[str, Any]) -> bool:
    """Say whether there is anything to tell about what is wrong in a row."""
    return bool((row["wrong"] or row["raised"]) and (row["worst"] or row.get("complaint")))


def chip(grade: str, words: Any) -> Html:
    """A short verdict in a summary."""
    sign = el("span", SIGNS[grade], aria_hidden="true")
    return el("span", sign, " ", words, class_=f"chip {grade}")


def snippet(code: str) -> Html:
    """A line of code that scrolls in itself."""
    return el("pre", el("code", code), role="group", aria_label="Code", tabindex=0)


def value(written: str) -> Html:
    """A number in hexadecimal, with its decimal reading beside it."""
    try:
        decimal = repr(float.fromhex(written)) if "0x" in written and "p" in written else None
    except (ValueError, OverflowError):
        decimal = None
    shown = el("code", written)
    return join([shown, " = ", el("code", decimal)]) if decimal else shown
