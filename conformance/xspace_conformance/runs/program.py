"""The suite as a program: ``python -m xspace_conformance``.

It asks targets for grids, compares every element with the right one, prints a table, and writes
a report if one is wanted. Exit status: 0 if all is right, 1 if something is wrong, 2 if the run
was not possible as asked for. What is wrong in libraries' own functions (``--native``) counts
only if nothing else was asked.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..cases.questions import questions
from ..cases.random_grids import FUNCTIONS
from ..checks.scores import Tally
from ..report.against import comparison, in_words
from ..report.badge import badge
from ..report.data import SCHEMA, failures, report_data
from ..report.html import write_html
from ..report.junit import write_junit
from ..report.lines import summary_lines
from ..report.terminal import (
    absent_lines,
    agreement_lines,
    failure_lines,
    result_lines,
    verdict,
)
from ..subjects.native import SIGNATURES
from ..subjects.selection import ALSO, ONLY, Selection, informative
from ..subjects.target import Unavailable
from ..subjects.targets import BACKENDS, GROUPS
from ..truth.formats import DTYPES
from .run import USAGE, Run

QUICK_ELEMENTS, ELEMENTS = 20_000, 200_000
PLAIN_WIDTH = 120  # in a file or a log


def program() -> str:
    """Return how the program was called."""
    return "python -m xspace_conformance"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    known = ", ".join((*BACKENDS, *GROUPS))
    made = argparse.ArgumentParser(
        prog=program(),
        description="Ask array libraries for grids, and compare every element with the right one.",
        epilog="Exit status: 0 all right, 1 something is wrong, 2 not possible as asked for. "
        "Libraries' own functions count only if nothing else was asked.",
    )
    add = made.add_argument
    add(
        "--backend",
        action="append",
        default=[],
        metavar="NAME",
        help=f"xspace on a backend, repeatable; {known}, or module:name for any other namespace",
    )
    add("--device", action="append", default=[], metavar="DEV", help="device, repeatable")
    add(
        "--native",
        nargs="?",
        const=ALSO,
        default="",
        choices=(ALSO, ONLY),
        help="the libraries' own functions as well; 'only' them",
    )
    add(
        "--target",
        action="append",
        default=[],
        metavar="MODULE:FUNCTION",
        help="any function, repeatable; without --backend only these are asked",
    )
    add("--signature", choices=SIGNATURES, default="numpy", help="how --target is called")
    add(
        "--function",
        action="append",
        choices=FUNCTIONS,
        help="repeatable; default all. Of --target: which one it is, if its name does not say",
    )
    add("--dtype", action="append", choices=DTYPES, metavar="NAME", help="repeatable; default all")
    add("--quick", action="store_true", help="golden vectors and few random grids: seconds")
    add(
        "--elements",
        type=int,
        metavar="N",
        help=f"random elements, default {ELEMENTS:,}; with --quick {QUICK_ELEMENTS:,}",
    )
    add("--seed", type=int, metavar="N", help="default: a random one, which the run prints")
    add("--deep", type=float, metavar="MINUTES", help="go on with random grids for so long")
    add("--processes", type=int, default=2, metavar="N", help="of --deep; default 2")
    add("--found", type=Path, metavar="DIR", help="where --deep keeps the failures that it finds")
    add("--report", type=Path, metavar="DIR", help="write report.json, index.html and others")
    add("--json", type=Path, metavar="PATH", help="write report.json alone")
    add("--against", type=Path, metavar="PATH", help="say what changed since that report.json")
    add("--rows", action="store_true", help="print a line for each target, function and dtype")
    return made


def read(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    command_line = parser()
    arguments = command_line.parse_args(argv)
    arguments.seed_is_drawn = arguments.seed is None
    if arguments.seed_is_drawn:
        arguments.seed = random.SystemRandom().randrange(2**32)
    if arguments.elements is None:
        arguments.elements = QUICK_ELEMENTS if arguments.quick else ELEMENTS
    if arguments.elements < 0:
        command_line.error(f"--elements is {arguments.elements}, wanted 0 or more")
    if arguments.deep is not None and not arguments.deep > 0:
        command_line.error(f"--deep is {arguments.deep}, wanted a number of minutes above 0")
    if arguments.processes < 1:
        command_line.error(f"--processes is {arguments.processes}, wanted 1 or more")
    if arguments.signature != "numpy" and not arguments.target:
        command_line.error("--signature goes with --target")
    return arguments


def selection_of(arguments: argparse.Namespace) -> Selection:
    """Return which targets a command line asks for."""
    functions = arguments.function or []
    return Selection(
        backends=tuple(arguments.backend),
        devices=tuple(arguments.device),
        native=arguments.native,
        callables=tuple(arguments.target),
        signature=arguments.signature,
        told=functions[0] if arguments.target and len(functions) == 1 else None,
    )


def prepare(argv: Sequence[str] | None, command: str) -> Run:
    """Read the command line and collect the targets.

    Raises
    ------
    Unavailable
        If nothing can be asked.
    """
    arguments = read(argv)
    if arguments.seed_is_drawn:
        command += f" --seed {arguments.seed}"  # so that the command asks the same again
    arguments.earlier = earlier_report(arguments.against)
    selection = selection_of(arguments)
    lineup = selection.collect()
    started = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    tally = Tally(lineup.targets)
    run = Run(arguments, selection, lineup, tally, command, started, time.monotonic())
    if not lineup.targets:
        reasons = "; ".join(f"{name}: {why}" for name, why in lineup.absent.items())
        raise Unavailable(f"there is no target ({reasons})")
    if not run.dtypes:
        raise Unavailable(f"no target has {', '.join(arguments.dtype)}")
    return run


def earlier_report(path: Path | None) -> dict[str, Any] | None:
    """Read the report of `--against`, before the run takes its time."""
    if path is None:
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unavailable(f"{path}: no report can be read there ({error})") from error
    if found.get("schema") != SCHEMA:
        raise Unavailable(f"{path}: got schema {found.get('schema')!r}, wanted {SCHEMA}")
    return found


def bar(console: Console) -> Progress:
    """Return a progress bar, which goes when it is done: the last line of a run says as much."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    found = TextColumn("{task.fields[found]}")
    return Progress(
        *columns,
        TimeElapsedColumn(),
        found,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def found_text(tally: Tally, exempt: set[str]) -> str:
    """Say how far a run has come."""
    scores = [score for key, score in tally.scores.items() if key[0] not in exempt]
    elements, wrong = sum(s.elements for s in scores), sum(s.wrong for s in scores)
    return f"{elements:,} elements, {wrong:,} wrong"


def ask_all(run: Run, console: Console) -> None:
    """Ask every question of every target."""
    arguments = run.arguments
    asked = questions(
        run.functions,
        run.dtypes,
        quick=arguments.quick,
        elements=arguments.elements,
        seed=arguments.seed,
    )
    exempt = informative(run.lineup.targets)
    with bar(console) as progress:
        task = progress.add_task("cases", total=len(asked), found="")
        for question in asked:
            run.tally.ask(question)
            progress.update(task, advance=1, found=found_text(run.tally, exempt))


def write_reports(run: Run, console: Console) -> None:
    """Write what `--report` and `--json` ask for, and say what has changed (`--against`)."""
    folder, path = run.arguments.report, run.arguments.json
    earlier = run.arguments.earlier
    if folder is None and path is None and earlier is None:
        return
    data = report_data(
        run.tally,
        run.lineup.absent,
        command=run.command,
        seed=run.arguments.seed,
        started=run.started,
        seconds=round(run.seconds, 3),
        functions=run.functions,
        dtypes=run.dtypes,
    )
    if earlier is not None:
        data["against"] = comparison(data, earlier)
        for line in in_words(data["against"]):
            console.print(line, markup=False, soft_wrap=True)
    if path is not None:
        write_json(data, path)
    if folder is not None:
        write_folder(run, data, folder)
        console.print(f"report: {folder / 'index.html'}", markup=False, soft_wrap=True)


def write_folder(run: Run, data: dict[str, Any], folder: Path) -> None:
    """Write a report in each of its forms."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(data, folder / "report.json")
    exempt = informative(run.lineup.targets)
    write_junit(
        run.tally,
        folder / "junit.xml",
        counts=lambda target: target.name not in exempt,
        seconds=data["seconds"],
        started=run.started,
    )
    lines = "".join(f"{line}\n" for line in summary_lines(data))
    (folder / "summary.txt").write_text(lines, encoding="utf-8", newline="\n")
    (folder / "badge.svg").write_text(badge(data), encoding="utf-8", newline="\n")
    write_html(data, folder / "index.html")


def write_json(data: dict[str, Any], path: Path) -> None:
    """Write JSON that every reader takes: without NaN and infinities."""
    path.write_text(json.dumps(data, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Run, report, and return the exit status."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    words = sys.argv[1:] if argv is None else argv
    try:
        run = prepare(argv, shlex.join([*program().split(), *words]))
    except Unavailable as error:
        console.print(f"cannot run: {error}", style="red", markup=False, soft_wrap=True)
        return USAGE
    console.print(f"seed {run.arguments.seed} (--seed {run.arguments.seed} repeats it)")
    for line, style in absent_lines(run.lineup.absent):
        console.print(line, style=style, markup=False, soft_wrap=True)
    ask_all(run, console)
    if run.arguments.deep is not None:
        from .deep import deepen

        deepen(run, console, lambda: bar(console))
    lines = result_lines(run.tally, every=run.arguments.rows)
    for line, style in (*lines, *failure_lines(failures(run.tally)), *agreement_lines(run.tally)):
        console.print(line, style=style, markup=False, soft_wrap=True)
    write_reports(run, console)
    line, style = verdict(run.tally, informative(run.lineup.targets), run.seconds)
    console.print(line, style=style, markup=False, soft_wrap=True)
    if run.status == USAGE:
        console.print("cannot run: no target has such a function", style="red")
    return run.status
