"""What has changed since an earlier report."""

from __future__ import annotations

from typing import Any

from .markup import Html, counted, el, join, table, table_row


def section(data: dict[str, Any]) -> Html:
    """Return the section."""
    found = data.get("against")
    if not found:
        return el("p", "No earlier report was given (--against).")
    alike = counted(found["alike"], "cell")
    words = (
        f"Since {found['started']}: {alike} as before, {found['added']} new, {found['gone']} gone."
    )
    parts = [el("p", words)]
    if found["changed"]:
        lines = [
            table_row(name, el("td", old), el("td", new)) for name, old, new in found["changed"]
        ]
        parts.append(table("What the runs were of", ("", "then", "now"), el("tbody", lines)))
    for word in ("worse", "better"):
        if found[word]:
            head = ("target", "function", "dtype", "wrong", "raised")
            parts.append(table(f"Cells that are {word}", head, el("tbody", _rows(found[word]))))
    return join(parts)


def _rows(cells: list[dict[str, Any]]) -> list[Html]:
    return [
        table_row(
            cell["target"],
            el("td", cell["function"]),
            el("td", cell["dtype"]),
            *(el("td", f"{cell[key][0]} \u2192 {cell[key][1]}") for key in ("wrong", "raised")),
        )
        for cell in cells
    ]
