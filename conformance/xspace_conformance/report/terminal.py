"""What a run prints when it is done: a table of scores, and whether the targets agree."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from ..cases.random_grids import FUNCTIONS
from ..checks.scores import Score, Tally
from ..subjects.native import kind_of


def results_table(tally: Tally) -> Table:
    """Return the scores as a table: target by target, a row for each function and dtype."""
    table = Table()
    table.add_column("target", overflow="fold")
    for title in ("function", "dtype"):
        table.add_column(title, no_wrap=True)
    for title in ("cases", "elements", "wrong", "raised", "worst (ulp)"):
        table.add_column(title, justify="right", no_wrap=True)
    for target in tally.targets:
        table.add_section()
        name = target.name
        for (function, dtype), score in sorted(tally.of(target.name).items(), key=_in_order):
            style = None if score.is_right else "yellow" if kind_of(target) == "native" else "red"
            table.add_row(name, function, dtype, *_numbers(score), style=style)
            name = ""
    return table


def _in_order(item: tuple[tuple[str, str], Score]) -> int:
    return FUNCTIONS.index(item[0][0])  # a stable sort: the dtypes stay as they were asked


def _numbers(score: Score) -> list[str]:
    counts = [f"{score.cases:,}", f"{score.elements:,}", _count(score.wrong), _count(score.raised)]
    if score.worst_ulp:
        return [*counts, f"{score.worst_ulp:.6g}"]
    # What is wrong is then a zero's sign, an infinity or a NaN.
    return [*counts, "no number" if score.wrong else "0" if score.elements else ""]


def _count(number: int) -> str:
    return f"{number:,}" if number else "none"


def agreement_lines(tally: Tally) -> Iterator[tuple[str, str]]:
    """Yield lines that say whether all backends agree, with their styles."""
    ours = [target.name for target in tally.targets if kind_of(target) == "xspace"]
    if len(ours) > 1:
        yield _agreement(tally, ours, "backends")
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
