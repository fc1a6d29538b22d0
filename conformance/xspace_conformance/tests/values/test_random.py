"""Random grids on every target, against the oracle: the same ones from the same seed."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache

import pytest

from ...cases.random_grids import FUNCTIONS, random_case, random_num
from ...checks.compare import check_target
from ...subjects.target import Target
from ...truth.answers import answer
from ...truth.case import Case

GRIDS = 40  # for each function and dtype
SIZES = 10  # different sizes: JAX compiles anew for each


@lru_cache(maxsize=64)
def grids(seed: int, function: str, dtype: str) -> list[Case]:
    """Return the random grids of a function in a dtype."""
    sizes = [random_num(random.Random(f"{seed} {number}"), 500) for number in range(SIZES)]
    rng = random.Random(f"{seed} {function} {dtype}")
    return [
        replace(random_case(rng, dtype, function), num=rng.choice(sizes), indices=None)
        for _ in range(GRIDS)
    ]


@pytest.mark.anyone
@pytest.mark.shares
@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_grids(target: Target, function: str, seed: int) -> None:
    asked = [case for d in target.dtypes for case in target.cases(grids(seed, function, d))]
    if not asked:
        pytest.skip(f"{target.name} takes none of them")
    for case in asked:
        check_target(target, case, answer(case))
