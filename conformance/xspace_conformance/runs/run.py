"""What a run of the suite is asked, and what it has found."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass

from ..cases.random_grids import FUNCTIONS
from ..checks.scores import Tally
from ..subjects.selection import Selection, informative
from ..subjects.targets import Lineup
from ..truth.formats import DTYPES

#: The exit status.
RIGHT, WRONG, USAGE = 0, 1, 2


@dataclass
class Run:
    """A run: what was asked for, its targets and their scores."""

    arguments: argparse.Namespace
    selection: Selection
    lineup: Lineup
    tally: Tally
    command: str
    started: str
    clock: float

    @property
    def seconds(self) -> float:
        """How long the run has taken."""
        return time.monotonic() - self.clock

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions to ask for."""
        return tuple(self.arguments.function or FUNCTIONS)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """The dtypes to ask for, of those that some target has."""
        had = {dtype for target in self.lineup.targets for dtype in target.dtypes}
        return tuple(d for d in self.arguments.dtype or DTYPES if d in had)

    @property
    def status(self) -> int:
        """The exit status."""
        exempt = informative(self.lineup.targets)
        counted = [score for key, score in self.tally.scores.items() if key[0] not in exempt]
        if not counted:
            return USAGE
        return RIGHT if all(score.is_right for score in counted) else WRONG
