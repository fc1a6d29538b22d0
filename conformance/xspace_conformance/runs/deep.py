"""The deep run: random grids and lanes on all targets, in several processes, for minutes on end.

Each failure is made simpler for as long as it fails (`simpler`), and kept in a file (`found`).
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from ..cases.found import default_folder, keep, to_data
from ..cases.lanes import Batch, random_batch
from ..cases.questions import Question
from ..cases.random_grids import random_case
from ..checks.causes import Failures, program
from ..checks.scores import Score, Worst, is_asked, judge
from ..subjects.native import Foreign, takes
from ..subjects.selection import Selection, informative, targets_of
from ..subjects.target import Target
from ..truth.case import Case
from .differential import LARGE_SHARE, check_lanes
from .simpler import shrink

if TYPE_CHECKING:
    from .run import Run

SIZES = 25  # of grids: JAX compiles its own functions anew for each
LARGE = 200_000
DRAWS = 100  # until a call is one that a function takes
SHRUNK = 2  # failures of a target, function and dtype that a process makes simpler
LANES_SHARE = 0.3
STARTING = 120.0  # seconds in which other processes have to be up
PATIENCE = 1.0  # seconds until the clock is looked at again


@dataclass(frozen=True)
class Task:
    """Some random calls of one target: everything a process needs to draw them."""

    selection: Selection
    target: str
    function: str
    dtype: str
    number: int
    seed: int

    @property
    def rng(self) -> random.Random:
        """Where the numbers come from."""
        return random.Random(f"{self.seed} {self.function} {self.dtype} {self.number} deep")


@dataclass(frozen=True)
class Finding:
    """What came of a task."""

    task: Task
    score: Score
    failure: dict[str, Any] | None = None


_shrunk: dict[tuple[str, str, str], int] = {}  # in this process


def check(task: Task) -> Finding:
    """Draw a call, compare it, and if it fails make it simpler."""
    target = targets_of(task.selection)[task.target]
    call = draw(task, target)
    if call is None:
        return Finding(task, Score())
    score = score_of(target, call)
    if score.is_right:
        return Finding(task, score)
    key = (task.target, task.function, task.dtype)
    refused = isinstance(target, Foreign) and not score.wrong  # a dtype that it lacks, perhaps
    if refused or _shrunk.get(key, 0) >= SHRUNK:
        return Finding(task, score)
    _shrunk[key] = _shrunk.get(key, 0) + 1
    least = simplest(target, call)
    failure = to_data(least, target=task.target, seed=task.seed, number=task.number)
    return Finding(task, score, failure)


def draw(task: Task, target: Target) -> Case | Batch | None:
    """Draw a call that the target takes; None if there seems to be none."""
    rng = task.rng
    if not isinstance(target, Foreign) and rng.random() < LANES_SHARE:
        inputs = tuple(name for name in ("float64", "float32") if target.has(name))
        batch = random_batch(rng, task.dtype, task.function, inputs, 200, 5)
        return batch if takes(target, batch) else None
    sizes = random.Random(f"{task.seed} sizes")
    nums = [round(2 ** sizes.uniform(0, 11.5)) for _ in range(SIZES)]
    for _ in range(DRAWS):
        case = random_case(rng, task.dtype, task.function, LARGE)
        if case.num < LARGE // 40 or rng.random() > LARGE_SHARE:
            case = replace(case, num=rng.choice(nums), indices=None)
        if is_asked(target, Question(case)):
            return case
    return None


def score_of(target: Target, call: Case | Batch) -> Score:
    """Score one call."""
    if isinstance(call, Case):
        return judge(target, Question(call))[0]
    outcome = check_lanes(target, call)
    score = Score(len(call.lanes), outcome.elements, outcome.wrong, complaint=outcome.message)
    if not outcome.wrong:
        return score
    code = call.snippet(target)
    return replace(
        score,
        worst=Worst(code, 0, "see the failure that is kept", ""),
        causes={"lanes that are not right": Failures(outcome.wrong, program(target, code))},
    )


def simplest(target: Target, call: Case | Batch) -> Case | Batch:
    """Return a simpler call that fails, a scalar one if such a one does."""

    def fails(candidate: Any) -> bool:
        if isinstance(candidate, Case) and not is_asked(target, Question(candidate)):
            return False
        score = score_of(target, candidate)
        return bool(score.wrong) if isinstance(target, Foreign) else not score.is_right

    if isinstance(call, Case):
        return shrink(call, fails)
    for lane in call.lanes.values():
        if takes(target, lane) and fails(lane):
            return shrink(lane, fails)
    return shrink(call, fails)


def tasks(run: Run, targets: list[Target]) -> Iterator[Task]:
    """Yield tasks without end: every function, dtype and target in turn."""
    cells = [
        (target.name, function, dtype)
        for function in run.functions
        for dtype in run.dtypes
        for target in targets
        if _can(target, function, dtype)
    ]
    for number in itertools.count():
        for name, function, dtype in cells:
            yield Task(run.selection, name, function, dtype, number, run.arguments.seed)


def _can(target: Target, function: str, dtype: str) -> bool:
    return target.has(dtype) and (not isinstance(target, Foreign) or function in target.functions)


@contextlib.contextmanager
def findings(endless: Iterator[Task], processes: int) -> Iterator[Iterator[Finding | None]]:
    """Check tasks in this process or in several; None where nothing has come for a while."""
    if processes == 1:
        yield map(check, endless)
        return
    # Not fork: the parent may hold the threads of an array library.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield _batches(pool, endless, 64 * processes)


def _batches(pool: Any, endless: Iterator[Task], size: int) -> Iterator[Finding | None]:
    while True:  # batch by batch, since a pool would draw an endless iterator to its end
        coming = pool.imap_unordered(check, [*itertools.islice(endless, size)])
        while True:
            try:
                yield coming.next(timeout=PATIENCE)
            except multiprocessing.TimeoutError:
                yield None
            except StopIteration:
                break


@dataclass
class Depth:
    """How far a deep run has come."""

    calls: int = 0
    elements: int = 0
    wrong: int = 0
    raised: int = 0

    def add(self, score: Score) -> None:
        """Count a score."""
        self.calls += score.cases
        self.elements += score.elements
        self.wrong += score.wrong
        self.raised += score.raised

    def __str__(self) -> str:
        """Return it for a reader."""
        text = f"{self.elements:,} elements, {self.wrong:,} wrong"
        return f"{text}, {self.raised:,} calls raised" if self.raised else text


def deepen(run: Run, console: Console, progress: Callable[[], Progress]) -> list[Path]:
    """Go on for the minutes that were asked for; return the files of the failures that are kept."""
    exempt = informative(run.lineup.targets)
    targets = [target for target in run.lineup.targets if target.name not in exempt]
    folder = run.arguments.found or default_folder()
    seconds = 60 * run.arguments.deep
    total, deadline = round(seconds), time.monotonic() + seconds + STARTING
    kept: dict[Path, None] = {}
    depth = Depth()
    with findings(tasks(run, targets), run.arguments.processes) as found, progress() as bar:
        line = bar.add_task("deep (s)", total=total, found="")
        for finding in found:
            if finding is not None:
                if not depth.calls:  # the processes are up: from here the time counts
                    deadline = time.monotonic() + seconds
                depth.add(finding.score)
                _add(run, finding)
                if finding.failure is not None:
                    path = keep(finding.failure, folder)
                    if path not in kept:
                        bar.console.print(f"kept: {path}", markup=False, soft_wrap=True)
                    kept[path] = None
            left = deadline - time.monotonic()
            bar.update(line, completed=min(total, max(0, total - round(left))), found=str(depth))
            if left <= 0:
                break
    console.print(f"deep: {depth.calls:,} calls, {depth}")
    return [*kept]


def _add(run: Run, finding: Finding) -> None:
    if finding.score.cases:
        task = finding.task
        run.tally.add(task.target, task.function, task.dtype, finding.score)
