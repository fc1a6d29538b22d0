"""Public bug reports: what each library gives today for the line that the report is about."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .common import SIGNS, chip, kinds_of, ordered, snippet, value
from .markup import Html, counted, el, join, only_read, table, table_row

Thread = list[dict[str, Any]]  # the calls of one public report, each in one dtype


def section(data: dict[str, Any]) -> Html:
    """Return the section: first what is still wrong somewhere, by library."""
    found = threads(data["reports"])
    if not found:
        return el("p", "No public report was run.")
    kinds = kinds_of(data)
    open_ones = [t for t in found if not all(answers(t, kinds))]
    settled = [t for t in found if all(answers(t, kinds))]
    libraries = ordered((thread[0]["library"] for thread in open_ones), ())
    parts = [el("p", verdict(found, kinds))]
    for library in libraries:
        own = [_details(t, kinds) for t in open_ones if t[0]["library"] == library]
        parts += [el("h3", library), *own]
    if settled:
        parts += [el("h3", "Right everywhere today"), *(_details(t, kinds) for t in settled)]
    return join(parts)


def threads(reports: list[dict[str, Any]]) -> list[Thread]:
    """Put the calls of the same report together."""
    found: dict[tuple[str, str], Thread] = {}
    for report in reports:
        found.setdefault((report["id"], report["url"]), []).append(report)
    return list(found.values())


def answers(thread: Thread, kinds: dict[str, str], ours: bool | None = None) -> list[bool]:
    """Return which answers are right, of all targets, or of xspace's, or of the others."""
    return [
        right
        for report in thread
        for name, right in report["right"].items()
        if ours is None or (kinds.get(name) == "xspace") == ours
    ]


def verdict(found: list[Thread], kinds: dict[str, str]) -> str:
    """Say in how many reports the libraries and xspace are right today."""
    theirs = [of for thread in found if (of := answers(thread, kinds, ours=False))]
    ours = [of for thread in found if (of := answers(thread, kinds, ours=True))]
    words = f"{counted(len(found), 'report')} from public trackers."
    if theirs:
        wrong = sum(not all(of) for of in theirs)
        words += f" In {wrong} of {len(theirs)} some library\u2019s own function is wrong today."
    if ours:
        right = sum(all(of) for of in ours)
        words += f" xspace is right in {right} of {len(ours)}, on every target that was asked."
    return words


def _details(thread: Thread, kinds: dict[str, str]) -> Html:
    first = thread[0]
    more = f" and {counted(len(thread) - 1, 'more call')}" if len(thread) > 1 else ""
    chips = [
        _chip("libraries", answers(thread, kinds, ours=False)),
        " ",
        _chip("xspace", answers(thread, kinds, ours=True)),
    ]
    return el(
        "details",
        el(
            "summary",
            el("span", chips, class_="chips"),
            el("span", " ", el("strong", first["id"]), f" {first['title']}{more}"),
        ),
        _link(first["url"]),
        [_call(report, kinds) for report in thread],
        class_="case",
    )


def _call(report: dict[str, Any], kinds: dict[str, str]) -> list[Html]:
    facts = [("right", value(report["wanted"]))]
    if "dtype" in report:
        facts.append(("dtype", el("code", report["dtype"])))
    listed = el("dl", [(el("dt", key), el("dd", content)) for key, content in facts])
    return [snippet(report["snippet"]), listed, _table(report, kinds)]


def _chip(name: str, answers: list[bool]) -> Html | None:
    if not answers:
        return None
    grade = "right" if all(answers) else "wrong"
    return chip(grade, join([name, only_read(f" {grade}")]))


def _link(url: str) -> Html:
    """A link, if the address is one of the web; else only its text."""
    is_web = urlsplit(url).scheme in ("http", "https") if "://" in url else False
    return el("p", el("a", url, href=url, rel="noreferrer") if is_web else url)


def _table(report: dict[str, Any], kinds: dict[str, str]) -> Html:
    """One row for each different answer, with everybody who gives it."""
    rows: dict[tuple[str, bool | None], list[str]] = {}
    for name, answer in report["answers"].items():
        rows.setdefault((answer, report["right"].get(name)), []).append(name)
    ours = [name for name in report["answers"] if kinds.get(name) == "xspace"]
    lines = []
    for (answer, right), names in rows.items():
        grade = "none" if right is None else "right" if right else "wrong"
        words = {"none": "not judged"}.get(grade, grade)
        sign = el("span", SIGNS[grade], aria_hidden="true")
        verdict = el("td", sign, f" {words}", class_=grade)
        lines.append(table_row(value(answer), verdict, el("td", givers(names, ours))))
    caption = f"Answers to {report['id']}, {report['title']}"
    head = ("answer", "verdict", "given by")
    return table(caption, head, el("tbody", lines), class_="answers")


def givers(names: list[str], ours: list[str]) -> str:
    """List targets; all those of xspace, if there are several, in short."""
    if len(ours) < 2 or not set(ours) <= set(names):
        return ", ".join(names)
    others = [name for name in names if name not in ours]
    return ", ".join([f"xspace on all {len(ours)} targets", *others])
