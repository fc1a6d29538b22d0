"""What is wrong, by cause, each with a program that shows it."""

from __future__ import annotations

from typing import Any

from .common import snippet
from .markup import Html, count, el, join, listed

NAMES = {
    "xspace": "xspace",
    "native": "libraries\u2019 own functions",
    "callable": "functions named",
}


def section(data: dict[str, Any]) -> Html:
    """Return the section: a cause an entry, that which is met most first."""
    if "failures" not in data:
        return el("p", "This report does not say.")
    groups = data["failures"]
    if not groups:
        return el("p", "Nothing is wrong.")
    return join([_group(group) for group in groups])


def _group(group: dict[str, Any]) -> Html:
    who = NAMES.get(group["kind"], group["kind"])
    where = (
        f"{listed(group['functions'])} in {listed(group['dtypes'])}, by {listed(group['targets'])}"
    )
    return el(
        "details",
        el(
            "summary",
            el("strong", group["cause"]),
            f", {count(group['count'])} times, {who}",
        ),
        el("p", where),
        snippet(group["program"]),
        class_="case",
    )
