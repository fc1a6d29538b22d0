"""Public bug reports: what each library gives today for the line that the report is about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .markup import Html, counted, el, join, only_read, table, table_row
from .results import SIGNS, chip, kinds_of, ordered, snippet


def section(data: dict[str, Any]) -> Html:
    """Return the section."""
    reports = data["reports"]
    if not reports:
        return el("p", "No public report was run.")
    kinds = kinds_of(data)
    libraries = ordered((report["library"] for report in reports), ())
    return join(
        [
            el("p", verdict(data)),
            [
                (
                    el("h3", library),
                    [_report(r, kinds) for r in reports if r["library"] == library],
                )
                for library in libraries
            ],
        ]
    )


def verdict(data: dict[str, Any]) -> str:
    """Say in how many reports the libraries and xspace are right today."""
    kinds = kinds_of(data)
    reports = data["reports"]
    theirs = [r for r in reports if _answers(r, kinds, ours=False)]
    still = [r for r in theirs if not all(_answers(r, kinds, ours=False))]
    ours = [r for r in reports if _answers(r, kinds, ours=True)]
    right = [r for r in ours if all(_answers(r, kinds, ours=True))]
    words = f"{counted(len(reports), 'report')} from public trackers."
    if theirs:
        words += f" In {len(still)} of {len(theirs)} a library\u2019s own function is wrong today."
    if ours:
        words += (
            f" xspace is right in {len(right)} of {len(ours)}, on every backend that was asked."
        )
    return words


def _answers(report: dict[str, Any], kinds: dict[str, str], *, ours: bool) -> list[bool]:
    return [
        right for name, right in report["right"].items() if (kinds.get(name) == "xspace") == ours
    ]


def _report(report: dict[str, Any], kinds: dict[str, str]) -> Html:
    theirs = _answers(report, kinds, ours=False)
    ours = _answers(report, kinds, ours=True)
    return el(
        "details",
        el(
            "summary",
            el("span", el("strong", report["id"]), f" {report['title']} "),
            el("span", _chip("libraries", theirs), " ", _chip("xspace", ours), class_="chips"),
        ),
        _link(report["url"]),
        snippet(report["snippet"]),
        el("dl", el("dt", "right"), el("dd", el("code", report["wanted"]))),
        _table(report),
        class_="case",
    )


def _chip(name: str, answers: list[bool]) -> Html | None:
    if not answers:
        return None
    grade = "right" if all(answers) else "wrong"
    return chip(grade, join([name, only_read(f" {grade}")]))


def _link(url: str) -> Html:
    """A link, if the address is one of the web; else only its text."""
    is_web = urlsplit(url).scheme in ("http", "https") if "://" in url else False
    return el("p", el("a", url, href=url, rel="noreferrer") if is_web else url)


def _table(report: dict[str, Any]) -> Html:
    """One row for each different answer, with everybody who gives it."""
    rows: dict[tuple[str, bool | None], list[str]] = {}
    for name, answer in report["answers"].items():
        rows.setdefault((answer, report["right"].get(name)), []).append(name)
    lines = []
    for (answer, right), names in rows.items():
        grade = "none" if right is None else "right" if right else "wrong"
        words = {"none": "not judged"}.get(grade, grade)
        lines.append(
            table_row(
                ", ".join(names),
                el("td", el("code", answer)),
                el("td", el("span", SIGNS[grade], aria_hidden="true"), f" {words}", class_=grade),
            )
        )
    head = ("target", "gives", "verdict")
    caption = f"Answers to {report['id']}, {report['title']}"
    return table(caption, head, el("tbody", lines), class_="answers")
