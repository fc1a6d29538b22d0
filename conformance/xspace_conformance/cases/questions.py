"""What a run asks: golden vectors, hand-written cases, reported ones and random ones."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..truth.answers import Answer, answer
from ..truth.case import Case
from . import golden
from .hard import hard_cases
from .public_reports import REPORTS
from .random_grids import random_case, random_num

ERRORS: dict[str, type[Exception]] = {"OverflowError": OverflowError, "ValueError": ValueError}
SIZES = 12  # different sizes of random grids: JAX compiles its own functions anew for each
LARGEST = 3000


@dataclass(frozen=True)
class Question:
    """A case, and its answer if that is known without the oracle.

    Parameters
    ----------
    case : Case
        The call.
    known : Answer, optional
        The answer that stands in the golden vectors.
    digest : str, optional
        The digest of all elements there.
    """

    case: Case
    known: Answer | None = None
    digest: str | None = None

    @property
    def answer(self) -> Answer:
        """The right answer."""
        return self.known or answer(self.case)


def from_golden(functions: Sequence[str], dtypes: Sequence[str]) -> Iterator[Question]:
    """Yield the golden vectors of some functions in some dtypes."""
    for path in golden.paths():
        for vector in golden.load(path):
            case = vector.case
            if case.function not in functions or case.dtype not in dtypes:
                continue
            if vector.error is not None:
                error = ERRORS[vector.error]
                yield Question(case, Answer(np.empty(0, int), None, error))
                continue
            indices = np.array(vector.indices, dtype=np.int64)
            yield Question(case, Answer(indices, vector.bits), vector.digest)


def drawn(function: str, dtype: str, elements: int, seed: int) -> Iterator[Question]:
    """Yield random grids of so many elements in all."""
    sizes_rng = random.Random(f"{seed} sizes")
    sizes = [random_num(sizes_rng, min(LARGEST, max(elements, 6))) for _ in range(SIZES)]
    rng = random.Random(f"{seed} {function} {dtype}")
    left = elements
    while left > 0:
        num = min(rng.choice(sizes), left)
        left -= num
        yield Question(replace(random_case(rng, dtype, function), num=num, indices=None))


def questions(
    functions: Sequence[str],
    dtypes: Sequence[str],
    *,
    quick: bool,
    elements: int,
    seed: int,
) -> list[Question]:
    """Return what is asked, in the order of functions and dtypes, of each the random grids first.

    Parameters
    ----------
    functions, dtypes : sequence of str
        What to ask for.
    quick : bool
        Whether to leave the cases out that cost the oracle's time.
    elements : int
        Number of random elements, shared by the functions and dtypes.
    seed : int
        Seed of the random grids.
    """
    asked = list(from_golden(functions, dtypes))
    if not quick:
        written: list[Any] = [*hard_cases(), *(report.case for report in REPORTS)]
        asked += [Question(case) for case in written]
    share = -(-elements // max(1, len(functions) * len(dtypes)))
    kept: list[Question] = []
    for function in functions:
        for dtype in dtypes:
            kept += drawn(function, dtype, share, seed) if share else ()
    kept += [q for q in asked if q.case.function in functions and q.case.dtype in dtypes]
    order = {name: place for place, name in enumerate((*functions, *dtypes))}
    return sorted(kept, key=lambda q: (order[q.case.function], order[q.case.dtype]))
