"""The differential run: the library against the oracle over as many random elements as asked for.

``python -m xspace_conformance differential --elements 1000000 --dtype float64`` draws random
grids until they have that many elements, compares every element (of grids too large for the
oracle, a sample), and exits with status 1 if any is wrong. The same seed draws the same grids,
however many processes share the work. With ``--lanes`` the grids come many at a time, as the
lanes of calls with arrays; with ``--lanes --traced`` such calls are traced and compiled, and
compared with the eager ones."""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ..cases.lanes import Batch, random_batch
from ..cases.random_grids import FUNCTIONS, random_case
from ..checks.compare import check_error, differing, report
from ..checks.lanes import check_batch_error, compare
from ..checks.traced import Programs
from ..subjects.target import Target, Unavailable
from ..subjects.targets import line_up
from ..truth.answers import answer
from ..truth.case import Case, sampled
from ..truth.formats import DTYPES

LARGEST = 1_000_000
LARGE_SHARE = 0.02
SHOWN = 20  # wrong grids of which the report is printed


@dataclass(frozen=True)
class Job:
    """One grid to check: everything a process needs to draw it."""

    number: int
    backend: str
    device: str | None
    dtype: str
    function: str | None
    smallest: int
    seed: int
    lanes: bool = False
    traced: bool = False

    def case(self) -> Case:
        """Draw the grid; one in fifty has up to a million elements, of which a sample counts."""
        rng = random.Random(f"{self.seed} {self.dtype} {self.function} {self.number}")
        largest = LARGEST if rng.random() < LARGE_SHARE else 3000
        case = random_case(rng, self.dtype, self.function, largest)
        if case.num < self.smallest:
            num = rng.randint(self.smallest, max(2 * self.smallest, largest))
            case = sampled(replace(case, num=num))
        return case

    def batch(self, target: Target) -> Batch:
        """Draw a call with arrays; one in ten has many samples a lane, one in ten many lanes."""
        rng = random.Random(f"{self.seed} {self.dtype} {self.function} {self.number} lanes")
        inputs = tuple(name for name in ("float64", "float32") if target.has(name))
        kind = rng.random()
        largest, sides = (3000, 4) if kind < 0.1 else (12, 30) if kind < 0.2 else (200, 5)
        batch = random_batch(rng, self.dtype, self.function, inputs, largest, sides)
        return replace(batch, num=batch.num + self.smallest) if self.smallest else batch


@dataclass(frozen=True)
class Outcome:
    """What came of one grid."""

    elements: int
    wrong: int
    message: str | None


@cache
def target_of(backend: str, device: str | None) -> Target:
    """Return the one target to test; once a process."""
    lineup = line_up([backend], [device] if device else None)
    if not lineup.targets:
        raise Unavailable("; ".join(f"{name}: {why}" for name, why in lineup.absent.items()))
    return lineup.targets[0]


def check(job: Job) -> Outcome:
    """Compare one grid."""
    target = target_of(job.backend, job.device)
    if job.traced:
        return check_traced(job)
    if job.lanes:
        return check_lanes(target, job.batch(target))
    case = job.case()
    wanted = answer(case)
    count = len(wanted.indices)
    try:
        if wanted.bits is None:
            check_error(target, case, wanted)
            return Outcome(count, 0, None)
        bits = target.bits(case)[wanted.indices]
    except Exception as error:  # whatever goes wrong is the run's finding, not its end
        return Outcome(count, max(count, 1), f"{error!r}\n  reproduce: {target.snippet(case)}")
    message = report(case, wanted.indices, bits, wanted.bits, target.snippet(case))
    return Outcome(count, differing(bits, wanted.bits, case.dtype).size, message)


def check_lanes(target: Target, batch: Batch) -> Outcome:
    """Compare all lanes of one call."""
    count = len(batch.lanes) * batch.num
    try:
        if any(answer(case).error for case in batch.lanes.values()):
            check_batch_error(target, batch)
            return Outcome(count, 0, None)
        wrong, messages = compare(target, batch, batch.bits(target))
    except Exception as error:
        return Outcome(count, max(count, 1), f"{error!r}\n  reproduce: {batch.snippet(target)}")
    return Outcome(count, wrong, "\n".join(messages[:3]) or None)


@cache
def programs_of(
    backend: str, device: str | None, dtype: str, function: str | None, seed: int
) -> Programs:
    """Return the compiled programs of the run; once a process."""
    return Programs(target_of(backend, device), dtype, function, seed)


def check_traced(job: Job) -> Outcome:
    """Compare a traced call with the eager one."""
    programs = programs_of(job.backend, job.device, job.dtype, job.function, job.seed)
    try:
        count, wrong, messages = programs.check(job.number)
    except Exception as error:
        return Outcome(1, 1, f"batch {job.number}: {error!r}")
    return Outcome(count, wrong, "\n".join(messages[:3]) or None)


def jobs(arguments: argparse.Namespace) -> Iterator[Job]:
    """Yield grids without end."""
    number = 0
    while True:
        yield Job(
            number,
            arguments.backend,
            arguments.device,
            arguments.dtype,
            arguments.function,
            arguments.smallest,
            arguments.seed,
            arguments.lanes,
            arguments.traced,
        )
        number += 1


@contextlib.contextmanager
def outcomes(arguments: argparse.Namespace) -> Iterator[Iterator[Outcome]]:
    """Check grids in order, in one process or several."""
    if arguments.processes == 1:
        yield map(check, jobs(arguments))
        return
    # Not fork: the parent may hold the threads of an array library.
    with multiprocessing.get_context("spawn").Pool(arguments.processes) as pool:
        yield _batches(pool, arguments)


def _batches(pool: Any, arguments: argparse.Namespace) -> Iterator[Outcome]:
    endless = jobs(arguments)
    while True:  # batch by batch, since a pool would draw an endless iterator to its end
        batch = [next(endless) for _ in range(32 * arguments.processes)]
        yield from pool.imap(check, batch, chunksize=4)


def parse(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m xspace_conformance differential", description=__doc__
    )
    parser.add_argument("--elements", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--dtype", choices=DTYPES, default="float64")
    parser.add_argument("--function", choices=FUNCTIONS, help="default: all three")
    parser.add_argument("--backend", default="numpy", metavar="NAME", help="or module:name")
    parser.add_argument("--device", metavar="DEV")
    parser.add_argument("--smallest", type=int, default=0, metavar="N", help="smallest grids")
    parser.add_argument("--lanes", action="store_true", help="calls with arrays")
    parser.add_argument("--traced", action="store_true", help="with --lanes: traced against eager")
    parser.add_argument("--seed", type=int, metavar="N", help="default: a random one")
    parser.add_argument("--processes", type=int, default=2, metavar="N")
    arguments = parser.parse_args(argv)
    if arguments.traced and (not arguments.lanes or arguments.smallest):
        parser.error("--traced goes with --lanes, and without --smallest")
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(2**32)
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Run, report, and return the exit status."""
    arguments = parse(argv)
    console = Console(highlight=False, soft_wrap=True)
    try:
        target = target_of(arguments.backend, arguments.device)
    except Unavailable as error:
        console.print(f"cannot run: {error}", style="red", markup=False)
        return 2
    if not target.has(arguments.dtype):
        console.print(f"cannot run: {target.name} has no {arguments.dtype}", markup=False)
        return 2
    if arguments.traced and target.trace is None:
        console.print(f"cannot run: {target.name} has no tracing", markup=False)
        return 2
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    grids = elements = wrong = wrong_grids = 0
    with (
        outcomes(arguments) as found,
        Progress(*columns, TimeElapsedColumn(), console=console) as bar,
    ):
        task = bar.add_task(f"{target.name} {arguments.dtype}", total=arguments.elements)
        for outcome in found:
            grids += 1
            elements += outcome.elements
            wrong += outcome.wrong
            bar.update(task, completed=min(elements, arguments.elements))
            if outcome.message is not None:
                wrong_grids += 1
                if wrong_grids <= SHOWN:
                    bar.console.print(outcome.message, markup=False)
            if elements >= arguments.elements:
                break
    unit = "batches" if arguments.lanes else "grids"
    console.print(
        f"{target.name} {arguments.dtype}: {grids} {unit}, {elements} elements, "
        f"{wrong} wrong elements in {wrong_grids} {unit}, seed {arguments.seed}",
        style="red" if wrong else "green",
        markup=False,
    )
    return 1 if wrong else 0
