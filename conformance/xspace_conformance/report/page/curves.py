"""Errors along the grid: for each function and dtype the plots of all targets on one scale."""

from __future__ import annotations

import math
from typing import Any

from .common import dtypes_of, functions_of, kinds_of, snippet
from .error_plot import Axis, axis_for, error_plot
from .markup import Html, breakable, count, counted, el, join, listed, share, size, table, table_row

HALF = 0.5  # a correctly rounded element is off by half an ulp at most


class Summary:
    """What a curve says in numbers.

    Parameters
    ----------
    curve : dict
        One of the report's curves.
    """

    def __init__(self, curve: dict[str, Any]) -> None:
        pairs = list(zip(curve["index"], curve["ulp"], strict=True))
        finite = sorted((abs(e), i) for i, e in pairs if e is not None and math.isfinite(e))
        self.elements = len(pairs)
        self.lost = self.elements - len(finite)
        self.wrong = sum(size > HALF for size, _ in finite) + self.lost
        self.largest: float | None = finite[-1][0] if finite else None
        self.at: int | None = finite[-1][1] if finite else None
        self.median = finite[len(finite) // 2][0] if finite else None
        self.most = finite[(99 * (len(finite) - 1)) // 100][0] if finite else None

    def sentence(self) -> str:
        """Say it."""
        elements = counted(self.elements, "element")
        if not self.elements:
            return "No element was measured."
        if not self.wrong:
            return f"All {elements} are correctly rounded: at most {size(self.largest)} ulp off."
        words = f"{share(self.wrong, self.elements)} of {elements} are not correctly rounded"
        if self.largest is not None:
            words += f"; the median error is {size(self.median)} ulp"
            words += f", the largest {size(self.largest)} ulp at element {count(self.at or 0)}"
        if self.lost:
            words += f"; {counted(self.lost, 'error')} not finite (triangles on the edge)"
        return words + "."


def section(data: dict[str, Any]) -> Html:
    """Return the section."""
    curves = data["curves"]
    if not curves:
        return el("p", "No grid was measured along its length in this run.")
    kinds = kinds_of(data)
    parts: list[Html] = []
    number = 0
    for function in functions_of(curves):
        parts.append(el("h3", el("code", function)))
        for group in groups(curves, function):
            number += 1
            parts.append(_group(group, kinds, f"curve-{number}"))
    return join(
        [
            el(
                "p",
                "One mark for each element, at its distance from the exact value, in units in the "
                "last place (ulp). The shaded band is half an ulp to each side: a correctly "
                "rounded grid stays in it. The scale is linear up to one ulp and logarithmic "
                "beyond, and the same for all plots under one heading.",
            ),
            parts,
        ]
    )


def groups(curves: list[dict[str, Any]], function: str) -> list[list[dict[str, Any]]]:
    """Put together what belongs side by side: the same call in the same dtype, dtypes in order."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for dtype in dtypes_of(curves, function):
        for curve in curves:
            if (curve["function"], curve["dtype"]) == (function, dtype):
                found.setdefault((dtype, arguments(curve)), []).append(curve)
    return list(found.values())


def arguments(curve: dict[str, Any]) -> str:
    """Return a curve's call from the function's name on, without the library's name."""
    call: str = curve["call"]
    return call[max(call.find(curve["function"]), 0) :]


def _group(curves: list[dict[str, Any]], kinds: dict[str, str], anchor: str) -> Html:
    axis = axis_for([curve["ulp"] for curve in curves])
    ours = merged([curve for curve in curves if kinds.get(curve["target"]) == "xspace"])
    theirs = merged([curve for curve in curves if kinds.get(curve["target"]) != "xspace"])
    ours = [{**curve, "target": f"xspace on {curve['target']}"} for curve in ours]
    # The libraries' own first, and xspace beside them.
    pairs = [(curve, Summary(curve)) for curve in (*theirs, *ours)]
    figures = [
        _figure(*pair, axis, place > len(theirs), f"{anchor}-{place}")
        for place, pair in enumerate(pairs, 1)
    ]
    name = f"{arguments(curves[0])}, {curves[0]['dtype']}"
    return join(
        [
            el("h4", el("code", arguments(curves[0])), f", {curves[0]['dtype']}"),
            el("div", figures, class_="plots"),
            _table(pairs, f"{name}: errors"),
        ]
    )


def merged(curves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make one curve of those that are the same on several targets."""
    found: list[tuple[dict[str, Any], list[str]]] = []
    for curve in curves:
        for other, names in found:
            if (curve["index"], curve["ulp"]) == (other["index"], other["ulp"]):
                names.append(curve["target"])
                break
        else:
            found.append((curve, [curve["target"]]))
    return [{**curve, "target": listed(names)} for curve, names in found]


def _figure(
    curve: dict[str, Any], summary: Summary, axis: Axis, is_ours: bool, anchor: str
) -> Html:
    sentence = summary.sentence()
    title = f"Error in ulp along {curve['function']} in {curve['dtype']}, {curve['target']}"
    plot = error_plot(
        curve["index"],
        curve["ulp"],
        curve["num"],
        axis,
        kind="ours" if is_ours else "theirs",
        described_by=(f"{anchor}-title", f"{anchor}-words"),
        words=(title, sentence),
    )
    line = snippet(curve["call"]) if curve["call"] != arguments(curve) else None
    caption = el("figcaption", el("strong", curve["target"]), el("p", sentence), line)
    return el("figure", plot, caption)


def _table(pairs: list[tuple[dict[str, Any], Summary]], caption: str) -> Html:
    names = ("target", "elements", "not correctly rounded", "median", "99%", "largest", "at")
    lines = [
        table_row(
            breakable(curve["target"]),
            el("td", count(found.elements)),
            el("td", share(found.wrong, found.elements)),
            *(el("td", _ulps(error)) for error in (found.median, found.most, found.largest)),
            el("td", "–" if found.at is None else count(found.at)),
        )
        for curve, found in pairs
    ]
    numbers = table(f"{caption} (ulp)", names, el("tbody", lines), class_="numbers")
    return el("details", el("summary", "The same in numbers"), numbers, class_="case")


def _ulps(error: float | None) -> str:
    return "–" if error is None else size(error)
