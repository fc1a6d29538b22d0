"""From a case to its right answer, by way of the oracle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from .case import Case, show
from .oracle import Grid, Unrepresentable
from .steps import StepGrid, Steps


def grid_of(case: Case | Steps) -> Grid | StepGrid:
    """Return the grid of a case as the oracle sees it."""
    if isinstance(case, Steps):
        return StepGrid(case)
    return Grid(
        case.function, case.start, case.stop, case.num, endpoint=case.endpoint, base=case.base
    )


@dataclass(frozen=True)
class Answer:
    """The right answer: bits at some indices, or the error that is due."""

    indices: np.ndarray[Any, Any]
    bits: np.ndarray[Any, Any] | None
    error: type[Exception] | None = None
    misfit: int | None = None  # the first of the elements asked for that does not fit
    case: Case | Steps | None = None

    def is_misfit(self, index: int) -> bool:
        """Say whether any element, asked for before or not, does not fit the dtype."""
        assert self.case is not None
        if index >= self.case.num:
            return False
        try:
            grid_of(self.case).element(index, self.case.dtype)
        except Unrepresentable:
            return True
        return False


@lru_cache(maxsize=4096)
def _answer(key: str, case: Case | Steps) -> Answer:
    try:
        grid = grid_of(case)
    except ValueError:
        return Answer(np.empty(0, int), None, ValueError)
    sample = range(case.num) if case.indices is None else case.indices
    indices = np.array(sample, dtype=np.int64)
    try:
        return Answer(indices, grid.bits(case.dtype, sample))
    except Unrepresentable as first:
        error = ValueError if first.is_nan else OverflowError
        return Answer(indices, None, error, first.index, case)


def answer(case: Case | Steps) -> Answer:
    """Ask the oracle, once a case."""
    # Equality of numbers merges -0.0 with 0.0 and 1 with 1.0; `show` tells them apart.
    last = case.step if isinstance(case, Steps) else case.base
    return _answer(f"{show(case.start)} {show(case.stop)} {show(last)}", case)
