"""HTML and SVG built from Python values: whatever is not markup already gets escaped.

`el` makes an element. Its children are strings, which are escaped, or `Html`, which is what
`el` returns. So text that came from elsewhere cannot become markup by being forgotten.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import Any

VOID = {"meta", "link", "br", "hr", "wbr", "col"}

# Characters that would hide or reorder text: controls (except tab and newline) and the marks
# that override the direction of writing.
_CONTROLS = [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F)]
_VISIBLE = dict.fromkeys(
    [*_CONTROLS, *range(0x2066, 0x206A), 0x200E, 0x200F], "\N{REPLACEMENT CHARACTER}"
)


class Html(str):
    """A string that is markup."""

    __slots__ = ()


def text(value: Any) -> Html:
    """Escape a value, unless it is markup."""
    if isinstance(value, Html):
        return value
    plain = str(value).encode("utf-8", "replace").decode("utf-8").translate(_VISIBLE)
    return Html(html.escape(plain))


def join(children: Iterable[Any], between: str = "") -> Html:
    """Put pieces, of which lists are flattened and None is left out, after one another."""
    return Html(text(between).join(_pieces(children)))


def _pieces(children: Iterable[Any]) -> Iterable[str]:
    for child in children:
        if isinstance(child, (list, tuple)):
            yield from _pieces(child)
        elif child is not None:
            yield text(child)


def el(tag: str, /, *children: Any, **attributes: Any) -> Html:
    """Make an element.

    Parameters
    ----------
    tag : str
        Its name.
    *children : Html, str, number, list of these, or None
        What is in it.
    **attributes : str, number, bool or None
        ``class_`` stands for ``class``, ``aria_label`` for ``aria-label``. True makes a bare
        attribute; None and False leave it out.
    """
    opening = tag
    for key, value in attributes.items():
        name = key.rstrip("_").replace("_", "-")
        if value is True:
            opening += f" {name}"
        elif value is not None and value is not False:
            opening += f' {name}="{text(value)}"'
    if tag in VOID:
        return Html(f"<{opening}>")
    return Html(f"<{opening}>{join(children)}</{tag}>")


def only_read(words: str) -> Html:
    """Text for screen readers, where a sign says it to the eye."""
    return el("span", words, class_="only-read")


def table(caption: str, head: Sequence[Any], *bodies: Any, class_: str | None = None) -> Html:
    """Make a table in a region of its own, which scrolls if need be and which the keyboard reaches.

    Parameters
    ----------
    caption : str
        What the table shows.
    head : sequence
        The columns' names.
    *bodies : Html or list of Html
        Its ``tbody`` and ``tfoot`` elements.
    class_ : str, optional
        What it looks like.
    """
    names = el("thead", el("tr", [el("th", name, scope="col") for name in head]))
    # A caption is as wide as its table: its text stays in sight while the table scrolls.
    made = el("table", el("caption", el("span", caption)), names, *bodies, class_=class_)
    label = f"{caption}; scrolls if it is wide"
    return el("div", made, class_="scroll", role="region", aria_label=label, tabindex=0)


def table_row(first: Any, *cells: Html) -> Html:
    """Make a row of a table from its name and its cells."""
    return el("tr", el("th", first, scope="row"), *cells)


def breakable(name: str) -> Html:
    """A long name that may be broken behind its punctuation."""
    pieces: list[Any] = []
    for character in name:
        pieces.append(character)
        if character in ":_-./":
            pieces.append(el("wbr"))
    return join(pieces)


def count(number: float) -> str:
    """Write a count: 1234567 is 1,234,567."""
    return f"{number:,}"


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """Write a count with its noun."""
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"


def share(part: int, whole: int) -> str:
    """Write a share in percent that is 0% or 100% only if it is none or all."""
    if not part:
        return "0%"
    if part >= whole:
        return "100%"
    percent = 100 * part / whole
    if percent < 0.1:
        return "under 0.1%"
    return f"{percent:.1f}%" if percent < 99.95 else "over 99.9%"


def size(ulps: float | None) -> str:
    """Write an error in ulp to two or three digits."""
    if ulps is None or math.isnan(ulps):
        return "not a number"
    if math.isinf(ulps):
        return "infinite"
    magnitude = abs(ulps)
    sign = "\N{MINUS SIGN}" if ulps < 0 else ""
    if magnitude >= 1e6:
        return f"{sign}{magnitude:.1e}".replace("e+0", "e").replace("e+", "e")
    if magnitude >= 9.995:
        return f"{sign}{magnitude:,.0f}"
    return f"{sign}{magnitude:.2f}".rstrip("0").rstrip(".")


def listed(names: Iterable[str]) -> str:
    """Write names as an enumeration: a, b and c."""
    *most, last = [str(name) for name in names] or [""]
    return f"{', '.join(most)} and {last}" if most else last
