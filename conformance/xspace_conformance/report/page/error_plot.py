"""The plot of a grid's errors: one mark for every element, in ulp, as a small SVG.

The scale is linear within one ulp and logarithmic beyond, to both sides ("symlog"). Marks that
fall on the same spot are drawn once, so that a plot of a million elements stays small; no
element is left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from .markup import Html, el, join

WIDTH, HEIGHT = 300, 190
LEFT, RIGHT, TOP, BOTTOM = 42, 8, 8, 26
MINUS = "\N{MINUS SIGN}"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Axis:
    """The errors' axis: from `-limit` (or 0) to `limit` ulp.

    Parameters
    ----------
    limit : float
        The largest error that has a place, at least 1.
    signed : bool
        Whether errors have signs.
    """

    limit: float
    signed: bool = True

    @property
    def top(self) -> float:
        """Where the axis ends, in units of `place`: a little behind the largest error."""
        return 1.04 * self.place(self.limit)

    @staticmethod
    def place(ulps: float) -> float:
        """Return the error's place: itself up to 1, and one unit more for every decade."""
        magnitude = abs(ulps)
        return ulps if magnitude <= 1 else math.copysign(1 + math.log10(magnitude), ulps)

    def part(self, ulps: float) -> float:
        """Return where an error lies: 0 at the upper end of the axis, 1 at the lower end."""
        span = 2 * self.top if self.signed else self.top
        return (self.top - self.place(ulps)) / span

    @cached_property
    def ticks(self) -> list[float]:
        """The errors that get a label."""
        decades = math.floor(math.log10(self.limit))
        upper = [10.0**power for power in range(0, decades + 1, max(math.ceil(decades / 4), 1))]
        if not decades:
            upper.insert(0, 0.5)
        return [*(-u for u in reversed(upper) if self.signed), 0.0, *upper]


def axis_for(curves: Sequence[Sequence[float | None]]) -> Axis:
    """Return the axis on which every finite error of some curves has its place."""
    finite = [e for errors in curves for e in errors if e is not None and math.isfinite(e)]
    return Axis(max([1.0, *map(abs, finite)]), signed=min(finite, default=0.0) < 0)


def label(ulps: float) -> str:
    """Write an error of a tick."""
    magnitude = abs(ulps)
    sign = MINUS if ulps < 0 else ""
    if magnitude >= 10_000:
        return f"{sign}10{str(round(math.log10(magnitude))).translate(_RAISED)}"
    return f"{sign}{magnitude:g}"


@dataclass(frozen=True)
class Frame:
    """The rectangle in which errors are drawn, in units of the picture."""

    left: float
    top: float
    width: int
    height: int

    def marks(
        self, index: Sequence[int], ulps: Sequence[float | None], last: int, axis: Axis
    ) -> tuple[str, list[int]]:
        """Return the path of the marks, and the columns of errors that are no finite numbers."""
        columns: dict[int, set[int]] = {}
        lost = set()
        for i, error in zip(index, ulps, strict=True):
            column = round(i / max(last, 1) * self.width)
            if error is None or not math.isfinite(error):
                lost.add(column)
            else:
                columns.setdefault(column, set()).add(round(axis.part(error) * self.height))
        path = [
            f"M{self.left + column:g} {self.top + begin:g}v{length or '.01'}"
            for column in sorted(columns)
            for begin, length in runs(sorted(columns[column]))
        ]
        return "".join(path), sorted(lost)


def runs(rows: list[int]) -> Iterator[tuple[int, int]]:
    """Put neighbours together: beginning and length of each run of consecutive numbers."""
    begin = previous = rows[0]
    for row in rows[1:]:
        if row != previous + 1:
            yield begin, previous - begin
            begin = row
        previous = row
    yield begin, previous - begin


def stroke(elements: int) -> float:
    """How thick marks are: fewer ones are thicker."""
    return 3.6 if elements <= 120 else 2.4 if elements <= 1200 else 1.6


def error_plot(
    index: Sequence[int],
    ulps: Sequence[float | None],
    num: int,
    axis: Axis,
    *,
    kind: str,
    described_by: tuple[str, str],
    words: tuple[str, str],
) -> Html:
    """Draw one curve.

    Parameters
    ----------
    index, ulps : sequence
        The elements' indices and errors; None, NaN and infinities are marked on the upper edge.
    num : int
        How many elements the grid has.
    axis : Axis
        The scale, the same for all curves that are to be compared.
    kind : str
        Class of the marks, which gives them their colour.
    described_by : pair of str
        Ids for title and description.
    words : pair of str
        The title and the description, for those who do not see the plot.
    """
    frame = Frame(LEFT, TOP, WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM)
    path, lost = frame.marks(index, ulps, num - 1, axis)
    return el(
        "svg",
        el("title", words[0], id=described_by[0]),
        el("desc", words[1], id=described_by[1]),
        _band(frame, axis),
        _levels(frame, axis),
        _indices(frame, num),
        el("path", d=path, class_=f"marks {kind}", stroke_width=stroke(len(index))),
        el("path", d=_triangles(frame, lost), class_="lost") if lost else None,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=described_by[0],
        aria_describedby=described_by[1],
    )


def _row(frame: Frame, axis: Axis, ulps: float) -> float:
    return round(frame.top + axis.part(ulps) * frame.height, 1)


def _band(frame: Frame, axis: Axis) -> Html:
    """Where correctly rounded elements lie: within half an ulp."""
    upper = _row(frame, axis, 0.5)
    lower = _row(frame, axis, -0.5 if axis.signed else 0.0)
    height = round(lower - upper, 1)
    return el("rect", x=frame.left, y=upper, width=frame.width, height=height, class_="band")


def _levels(frame: Frame, axis: Axis) -> Html:
    """The lines across, with their labels."""
    rows = [(_row(frame, axis, tick), label(tick)) for tick in axis.ticks]
    lines = "".join(f"M{frame.left} {row:g}h{frame.width}" for row, _ in rows)
    labels = [
        el("text", words, x=frame.left - 6, y=round(row + 3.8, 1), class_="level")
        for row, words in rows
    ]
    return join([el("path", d=lines, class_="line"), *labels])


def _indices(frame: Frame, num: int) -> Html:
    """The labels below: the first and the last index, and what is counted."""
    y = frame.top + frame.height + 16
    right = frame.left + frame.width
    return join(
        [
            el("text", "0", x=frame.left, y=y, class_="first"),
            el("text", "element", x=frame.left + frame.width / 2, y=y, class_="middle"),
            el("text", f"{num - 1:,}", x=right, y=y, class_="level"),
            el("text", "ulp", x=frame.left - 6, y=y, class_="level"),
        ]
    )


def _triangles(frame: Frame, columns: list[int]) -> str:
    """Marks on the upper edge for errors that are no finite numbers."""
    return "".join(f"M{frame.left + c - 3:g} {frame.top + 6:g}l3-6 3 6z" for c in columns)
