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

Line = tuple[str, str | None]  # and its style
WIDTH = 80


def result_lines(tally: Tally, *, every: bool) -> Iterator[Line]:
    """Yield the targets, what was asked of each function, and the cells that are wrong, or all."""
    yield from ((line, None) for line in _wrapped(targets_text(tally.targets)))
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
                unit = "ulp" if dtype in FLOAT_FORMATS else "units"
                line = f"  {function:<9} {dtype:<9} {numbers(score, unit)}"
                yield line, None if score.is_right else bad


def targets_text(targets: list[Target]) -> str:
    """Name the targets, and count their libraries."""
    libraries = len(libraries_of(targets))
    count = _counted(len(targets), "target")
    count += f" of {_counted(libraries, 'library')}" if libraries else ""
    return f"{count}: {', '.join(target.name for target in targets)}"


def _counted(number: int, singular: str) -> str:
    plural = singular[:-1] + "ies" if singular.endswith("y") else singular + "s"
    return f"{number} {singular if number == 1 else plural}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


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
        title = f"{function}{whose} ({_counted(len(dtypes[function]), 'dtype')})"
        yield f"{title}: {numbers(score)}", style


def numbers(score: Score, unit: str | None = None) -> str:
    """Say what came of some cases: how many elements, how many wrong, by how much."""
    parts = [f"{score.elements:,} elements of {score.cases:,} grids"]
    if score.is_right:
        return f"{parts[0]}, all right"
    if score.wrong:
        # Without a distance it is a zero's sign, an infinity or a NaN that is wrong.
        far = f"up to {score.worst_ulp:.6g} {unit}" if score.worst_ulp else "no number"
        parts.append(f"{score.wrong:,} wrong" + (f" ({far})" if unit else ""))
    parts += [f"{score.raised:,} calls raised"] if score.raised else []
    return ", ".join(parts)


def failure_lines(groups: Iterable[dict[str, object]]) -> Iterator[Line]:
    """Yield failures by cause, with a program that shows each."""
    for group in groups:
        style = "yellow" if group["kind"] == "native" else "red"
        yield f"{group['cause']}: {group['count']:,} times, for example", style
        yield textwrap.indent(str(group["program"]), "    "), None


def agreement_lines(tally: Tally) -> Iterator[Line]:
    """Yield lines that say whether all targets agree."""
    ours = [target.name for target in tally.targets if kind_of(target) == "xspace"]
    if len(ours) > 1:
        yield _agreement(tally, ours, "targets")
    own = [target.name for target in tally.targets if kind_of(target) == "native"]
    if len(own) > 1:
        line, style = _agreement(tally, own, "libraries' own functions")
        yield line, "green" if style == "green" else "yellow"


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
    line += f", {raised:,} calls raised" if raised else ""
    return f"{line} ({seconds:.1f} s)", "red" if wrong or raised else "green"
