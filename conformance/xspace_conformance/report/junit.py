"""JUnit XML: one test case for each target, function and dtype."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

from ..checks.scores import Score, Tally
from ..subjects.native import kind_of
from ..subjects.target import Target

# What XML 1.0 has no way to write.
UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(
    tally: Tally, path: Path, *, counts: Callable[[Target], bool], seconds: float, started: str
) -> None:
    """Write the scores of a run.

    Parameters
    ----------
    tally : Tally
        The scores.
    path : Path
        The file.
    counts : callable
        Whether what is wrong in a target is a failure; if not, it is told as output.
    seconds : float
        How long the run took.
    started : str
        When it began, as ISO 8601.
    """
    root = ElementTree.Element("testsuites", name="xspace conformance", time=f"{seconds:.3f}")
    totals = {"tests": 0, "failures": 0}
    for target in tally.targets:
        scores = tally.of(target.name)
        failed = [cell for cell, score in scores.items() if not score.is_right and counts(target)]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=target.name,
            tests=str(len(scores)),
            failures=str(len(failed)),
            errors="0",
            skipped="0",
            timestamp=started,
        )
        totals["tests"] += len(scores)
        totals["failures"] += len(failed)
        for cell, score in scores.items():
            case = ElementTree.SubElement(
                suite,
                "testcase",
                classname=f"{kind_of(target)}.{target.name}",
                name=f"{cell[0]}-{cell[1]}",
                assertions=str(score.elements),
            )
            if cell in failed:
                failure = ElementTree.SubElement(case, "failure", message=headline(score))
                failure.text = writable(details(score))
            elif not score.is_right:
                output = ElementTree.SubElement(case, "system-out")
                output.text = writable(f"{headline(score)}\n{details(score)}")
    for name, count in totals.items():
        root.set(name, str(count))
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def headline(score: Score) -> str:
    """Say how much is wrong."""
    parts = [f"{score.wrong} of {score.elements} elements are wrong"]
    parts += [f"worst by {score.worst_ulp:.6g} ulp"] if score.wrong and score.worst_ulp else []
    parts += [f"{score.raised} of {score.cases} calls raised"] if score.raised else []
    return ", ".join(parts)


def details(score: Score) -> str:
    """Show the worst element and the first error."""
    lines = []
    if score.worst is not None:
        worst = score.worst
        lines += [worst.snippet, f"element {worst.index}"]
        lines += [f"got    {worst.got}", f"wanted {worst.wanted}"]
    lines += [score.complaint] if score.complaint is not None else []
    return "\n".join(lines)


def writable(text: str) -> str:
    """Replace characters that XML cannot hold."""
    return UNWRITABLE.sub("?", text)
