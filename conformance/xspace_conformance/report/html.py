"""The report as one page of HTML that needs nothing else: no network, no script.

    write_html(json.loads(Path("report.json").read_text()), Path("report.html"))

The same data give the same bytes. Text from the data is always escaped (`page.markup`), and a
content security policy forbids the page to load or to run anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

from .page import agreement, curves, failures, public, results, since, summary
from .page.common import SIGNS
from .page.markup import Html, el, text

FOLDER = Path(__file__).parent / "page"
SCHEMA = 1

SECTIONS: dict[str, tuple[str, Callable[[dict[str, Any]], Html]]] = {
    "results": ("Right or wrong", results.section),
    "failures": ("What is wrong, by cause", failures.section),
    "curves": ("Errors along the grid", curves.section),
    "agreement": ("Agreement between backends", agreement.section),
    "reports": ("Public bug reports, today", public.section),
    "since": ("Since an earlier report", since.section),
    "run": ("This run", summary.run),
    "absent": ("What was not run, and why", summary.absent),
}


def write_html(data: dict[str, Any], path: Path) -> None:
    """Write the report as a page.

    Parameters
    ----------
    data : dict
        What ``report.json`` holds.
    path : Path
        The file to write.

    Raises
    ------
    ValueError
        If the data are of another schema.
    """
    path.write_text(page(data), encoding="utf-8", newline="\n")


def page(data: dict[str, Any]) -> str:
    """Return the page."""
    if data.get("schema") != SCHEMA:
        raise ValueError(f"data: got schema {data.get('schema')!r}, wanted {SCHEMA}")
    grade, sentence = summary.verdict(data)
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    template = Template((FOLDER / "page.html").read_text(encoding="utf-8"))
    return template.substitute(
        style=style,
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        version=text(data["xspace"]),
        grade=grade,
        sign=SIGNS[grade],
        verdict=text(sentence),
        figures=summary.figures(data),
        links="".join(_link(name, title) for name, (title, _) in SECTIONS.items()),
        sections="\n".join(_section(data, name, *rest) for name, rest in SECTIONS.items()),
        started=text(data["started"]),
        moment=text(summary.moment(data["started"])),
    )


def _link(name: str, title: str) -> Html:
    return el("li", el("a", title, href=f"#{name}"))


def _section(
    data: dict[str, Any], name: str, title: str, content: Callable[[dict[str, Any]], Html]
) -> Html:
    heading = el("h2", title, id=f"{name}-title")
    return el("section", heading, content(data), id=name, aria_labelledby=f"{name}-title")
