"""The verdict as a small picture for a README, which needs no network."""

from __future__ import annotations

from typing import Any

from .page.markup import el, size
from .page.summary import verdict

COLOURS = {"right": "#216e39", "wrong": "#b3261e", "none": "#595959"}
TITLE = "grids"
LETTER, EDGE, HEIGHT = 6.6, 8, 20  # in pixels: a letter of 11 pixels of a wide face, at most


def badge(data: dict[str, Any]) -> str:
    """Return the badge as SVG."""
    grade, sentence = verdict(data)
    words = {"right": "all bits right", "none": "nothing compared"}.get(grade, _faults(data))
    left, right = (len(text) * LETTER + 2 * EDGE for text in (TITLE, words))
    texts = [
        el("text", text, x=size(x), y=14, textLength=size(width - 2 * EDGE), fill="#fff")
        for text, x, width in ((TITLE, EDGE, left), (words, left + EDGE, right))
    ]
    return el(
        "svg",
        el("title", f"{TITLE}: {words}"),
        el("desc", sentence),
        el("rect", width=size(left), height=HEIGHT, fill="#444"),
        el("rect", x=size(left), width=size(right), height=HEIGHT, fill=COLOURS[grade]),
        el("g", texts, font_family="Verdana,DejaVu Sans,sans-serif", font_size=11),
        xmlns="http://www.w3.org/2000/svg",
        width=size(left + right),
        height=HEIGHT,
        role="img",
        aria_label=f"{TITLE}: {words}",
    )


def _faults(data: dict[str, Any]) -> str:
    kinds = {target["name"]: target["kind"] for target in data["targets"]}
    rows = [row for row in data["results"] if kinds[row["target"]] != "native"] or data["results"]
    wrong, raised = (sum(row[key] for row in rows) for key in ("wrong", "raised"))
    parts = [f"{wrong:,} wrong"] if wrong else []
    return ", ".join([*parts, f"{raised:,} raised"] if raised else parts)
