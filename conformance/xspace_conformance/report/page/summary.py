"""The verdict on top, in one sentence and a few numbers, and what was run below."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .common import kinds_of, snippet
from .markup import Html, count, counted, el, join, listed, share, table, table_row


def verdict(data: dict[str, Any]) -> tuple[str, str]:
    """Return the verdict, as a grade (right, wrong or none) and a sentence."""
    kinds = kinds_of(data)
    ours = total(data, kinds, "xspace")
    theirs = total(data, kinds, "native")
    if not ours["elements"] and not ours["raised"]:
        return _of_others(data, kinds)
    known = data.get("libraries", [])  # what else was run are targets of the suite's own
    names = {t["library"].partition(".")[0] for t in data["targets"] if t["kind"] == "xspace"}
    names &= {*known}
    asked = counted(len(ours["targets"]), "target")
    asked += f" of {counted(len(names), 'library', 'libraries')}" if names else ""
    if ours["wrong"] or ours["raised"]:
        faults = [
            f"{count(ours['wrong'])} of {counted(ours['elements'], 'element')} are wrong"
            if ours["wrong"]
            else None,
            f"{counted(ours['raised'], 'call')} raised" if ours["raised"] else None,
        ]
        where = listed(ours["faulty"])
        return "wrong", f"xspace fails on {where}: {listed(f for f in faults if f)}."
    words = (
        f"Every one of the {counted(ours['elements'], 'element')} that xspace gave on {asked} "
        "is the correctly rounded one"
    )
    if theirs["elements"]:
        part = share(theirs["wrong"], theirs["elements"])
        words += f"; of those that the libraries\u2019 own functions gave, {part} are not"
    return "right", f"{words}."


def _of_others(data: dict[str, Any], kinds: dict[str, str]) -> tuple[str, str]:
    """The verdict of a run without xspace."""
    found = {"elements": 0, "wrong": 0, "raised": 0}
    for row in data["results"]:
        found = {key: found[key] + row[key] for key in found}
    if not found["elements"] and not found["raised"]:
        return "none", "Nothing was compared in this run."
    elements = counted(found["elements"], "element")
    if not found["wrong"] and not found["raised"]:
        return "right", f"Every one of {elements} is the correctly rounded one."
    raised = f", and {counted(found['raised'], 'call')} raised" if found["raised"] else ""
    return "wrong", f"{count(found['wrong'])} of {elements} are not correctly rounded{raised}."


def total(data: dict[str, Any], kinds: dict[str, str], kind: str) -> dict[str, Any]:
    """Sum up the results of one kind of targets."""
    rows = [row for row in data["results"] if kinds[row["target"]] == kind]
    sums: dict[str, Any] = {
        key: sum(row[key] for row in rows) for key in ("elements", "wrong", "raised", "cases")
    }
    sums["targets"] = list(dict.fromkeys(row["target"] for row in rows))
    sums["faulty"] = list(
        dict.fromkeys(row["target"] for row in rows if row["wrong"] or row["raised"])
    )
    return sums


def figures(data: dict[str, Any]) -> Html:
    """The numbers under the verdict."""
    kinds = kinds_of(data)
    entries = []
    for kind, name in (
        ("xspace", "xspace"),
        ("native", "the libraries\u2019 own functions"),
        ("callable", "the functions named"),
    ):
        sums = total(data, kinds, kind)
        if sums["targets"]:
            part = share(sums["wrong"], sums["elements"])
            among = (
                f"of {count(sums['elements'])} elements, {counted(len(sums['targets']), 'target')}"
            )
            entries.append((f"wrong elements, {name}", part if sums["wrong"] else "none", among))
    cases = sum(row["cases"] for row in data["results"])
    entries.append(
        ("grids compared", count(cases), f"in {data['seconds']:,.0f} seconds, seed {data['seed']}")
    )
    return el(
        "dl",
        [
            el("div", el("dt", name), el("dd", el("strong", big), " ", el("span", small)))
            for name, big, small in entries
        ],
        class_="figures",
    )


def moment(written: str) -> str:
    """Write a time of ISO 8601 for people."""
    try:
        return f"{datetime.fromisoformat(written).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except ValueError:
        return written


def run(data: dict[str, Any]) -> Html:
    """Return the section about the machine, the versions and the call."""
    platform = data["platform"]
    machine, processor = platform["machine"], platform["processor"]
    facts = [
        ("xspace", data["xspace"]),
        ("started", el("time", moment(data["started"]), datetime=data["started"])),
        ("took", f"{data['seconds']:,.1f} seconds"),
        ("seed", data["seed"]),
        ("system", platform["system"]),
        ("processor", ", ".join(dict.fromkeys(filter(None, (processor, machine))))),
        ("cores", platform["cores"]),
        ("Python", platform["python"]),
        ("devices", el("ul", [el("li", device) for device in data["devices"]])),
    ]
    entries = [(el("dt", key), el("dd", content)) for key, content in facts]
    versions = _table("Versions", ("library", "version"), sorted(data["versions"].items()))
    targets = _table(
        "What was compared",
        ("target", "kind", "library", "device"),
        [(t["name"], t["kind"], t["library"], t["device"] or "–") for t in data["targets"]],
    )
    return join(
        [
            el("p", "The same command, with the same versions, gives the same numbers."),
            snippet(data["command"]),
            el("div", el("dl", entries, class_="facts"), versions, targets, class_="beside"),
        ]
    )


def absent(data: dict[str, Any]) -> Html:
    """Return the section about what was not run."""
    if not data["absent"]:
        return el("p", "Everything that the suite knows was run.")
    return _table("Not run", ("name", "reason"), sorted(data["absent"].items()))


def _table(caption: str, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> Html:
    lines = [table_row(first, *(el("td", content) for content in rest)) for first, *rest in rows]
    return table(caption, head, el("tbody", lines))
