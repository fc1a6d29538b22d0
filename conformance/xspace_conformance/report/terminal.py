"""What a run prints when it is done: a few lines if all is right, else what is wrong and where.

Nothing is wider than 80 columns but names that are longer, and the programs that show a failure.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from ..checks.scores import Score, Tally
from ..subjects.native import kind_of, libraries_of
from ..subjects.target import Target
from ..truth.formats import FLOAT_FORMATS
from .page.markup import counted

Line = tuple[str, str | None]  # and its style
WIDTH = 80


def result_lines(tally: Tally, *, every: bool) -> Iterator[Line]:
    """Yield the targets, what was asked of each function, and the cells that are wrong, or all."""
    yield from _wrapped(targets_text(tally.targets))
    for kind in ("xspace", "callable", "native"):
        names = {target.name for target in tally.targets if kind_of(target) == kind}
        if names:
            yield from _functions(tally, kind, names)
    for target in tally.targets:
        cells = tally.of(target.name).items()
        shown = [(cell, score) for cell, score in cells if every or not score.is_right]
        if shown:
            yield f"{target.name}:", None
            bad = "yellow" if kind_of(target) == "native" else "red"
            for (function, dtype), score in shown:
                far = worst_text(score, " ulp" if dtype in FLOAT_FORMATS else "")
                line = f"  {function:<9} {dtype:<9} {numbers(score, far)}"
                yield from _wrapped(line, None if score.is_right else bad, indent=22)


def targets_text(targets: list[Target]) -> str:
    """Name the targets, those that differ in their devices together, and count their libraries."""
    libraries = len(libraries_of(targets))
    count = counted(len(targets), "target")
    count += f" of {counted(libraries, 'library', 'libraries')}" if libraries else ""
    alike: dict[str, list[str]] = {}
    for target in targets:
        name = target.name.rpartition(":")[0] if kind_of(target) == "xspace" else ""
        alike.setdefault(name or target.name, []).append(target.name)
    names = (
        f"{name} ({', '.join(one.rpartition(':')[2] for one in found)})" if found[1:] else found[0]
        for name, found in alike.items()
    )
    return f"{count}: {', '.join(names)}"


def absent_lines(absent: dict[str, str]) -> Iterator[Line]:
    """Yield what is not run, the names that have one reason together."""
    names: dict[str, list[str]] = {}
    for name, reason in absent.items():
        names.setdefault(reason, []).append(name)
    for reason, found in names.items():
        yield from _wrapped(f"not run: {', '.join(found)}: {reason}", "yellow")


def _wrapped(text: str, style: str | None = None, indent: int = 2) -> Iterator[Line]:
    lines = textwrap.wrap(
        text,
        WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return ((line, style) for line in lines)


def _functions(tally: Tally, kind: str, names: set[str]) -> Iterator[Line]:
    whose = {"xspace": "", "callable": "", "native": ", libraries' own"}[kind]
    sums: dict[str, Score] = {}
    dtypes: dict[str, set[str]] = {}
    for (name, function, dtype), score in tally.scores.items():
        if name in names:
            sums[function] = sums.get(function, Score()) + score
            dtypes.setdefault(function, set()).add(dtype)
    for function, score in sums.items():
        style = None if score.is_right else "yellow" if kind == "native" else "red"
        title = f"{function}{whose} ({counted(len(dtypes[function]), 'dtype')})"
        yield from _wrapped(f"{title}: {numbers(score)}", style)


def numbers(score: Score, far: str = "") -> str:
    """Say what came of some cases: how many elements, how many wrong, by how much."""
    parts = [f"{counted(score.elements, 'element')} of {counted(score.cases, 'grid')}"]
    if score.is_right:
        return f"{parts[0]}, all right"
    parts += [f"{score.wrong:,} wrong{far}"] if score.wrong else []
    parts += [f"{counted(score.raised, 'call')} raised"] if score.raised else []
    return ", ".join(parts)


def worst_text(score: Score, unit: str) -> str:
    """Say by how much elements are wrong, if it is no zero's sign, infinity or NaN alone."""
    far = score.worst_ulp or 0
    text = f"{far:,.0f}" if far < 1e6 else f"{far:.1e}".replace("e+", "e")
    return f" by up to {text}{unit}" if far else ""


def failure_lines(groups: Iterable[dict[str, object]]) -> Iterator[Line]:
    """Yield failures by cause, with a program that shows each."""
    for group in groups:
        style = "yellow" if group["kind"] == "native" else "red"
        times = counted(int(str(group["count"])), "time")
        yield from _wrapped(f"{group['cause']}: {times}, for example", style)
        yield textwrap.indent(str(group["program"]), "    "), None


def agreement_lines(tally: Tally) -> Iterator[Line]:
    """Yield lines that say whether all targets agree, if the verdict does not."""
    ours, own = _names(tally, "xspace"), _names(tally, "native")
    if len(ours) > 1 and not all_agree(tally):
        yield from _wrapped(*_agreement(tally, ours, "targets"))
    if len(own) > 1:
        line, style = _agreement(tally, own, "libraries' own functions")
        yield from _wrapped(line, "green" if style == "green" else "yellow")


def all_agree(tally: Tally) -> bool:
    """Say whether there are several targets of xspace, which gave the same bits."""
    ours = _names(tally, "xspace")
    return len(ours) > 1 and _agreement(tally, ours, "")[1] == "green"


def _names(tally: Tally, kind: str) -> list[str]:
    return [target.name for target in tally.targets if kind_of(target) == kind]


def _agreement(tally: Tally, names: list[str], what: str) -> tuple[str, str]:
    known = set(names)
    pairs = [
        (cell, pair, tally.agreement.differ[cell][pair], count)
        for cell, compared in tally.agreement.compared.items()
        for pair, count in compared.items()
        if known >= {*pair}
    ]
    differing = [one for one in pairs if one[2]]
    compared = sum(one[3] for one in pairs)
    if not compared:
        return f"no two {what} answered the same case", "yellow"
    if not differing:
        return f"all {len(names)} {what} agree on {compared:,} comparisons of elements", "green"
    cell, pair, count, of = max(differing, key=lambda one: one[2] / one[3])
    return (
        f"{what} disagree in {sum(one[2] for one in differing):,} of {compared:,} comparisons of "
        f"elements; most of all {pair[0]} and {pair[1]} in {cell[0]} {cell[1]}: {count:,} of {of:,}"
    ), "red"


def verdict(tally: Tally, exempt: set[str], seconds: float) -> tuple[str, str]:
    """Return the last line, and its style."""
    scores = [score for key, score in tally.scores.items() if key[0] not in exempt]
    elements, wrong = sum(s.elements for s in scores), sum(s.wrong for s in scores)
    raised = sum(score.raised for score in scores)
    number = len(tally.targets) - len(exempt)
    what = "one target" if number == 1 else f"{number} targets"
    line = f"{elements:,} elements on {what}: "
    line += f"{wrong:,} wrong" if wrong else "none is wrong"
    line += f", {counted(raised, 'call')} raised" if raised else ""
    line += ", and all agree" if all_agree(tally) else ""
    return f"{line} ({seconds:.1f} s)", "red" if wrong or raised else "green"
