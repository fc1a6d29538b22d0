"""Random grids on every target, against the oracle: the same ones from the same seed."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import lru_cache

import pytest

from .answers import answer
from .cases import Case
from .compare import check_target
from .formats import DTYPES
from .random_grids import FUNCTIONS, random_case, random_num
from .targets import Target

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


@pytest.mark.shares
@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_grids(target: Target, function: str, seed: int) -> None:
    for dtype in target.dtypes:
        for case in target.cases(grids(seed, function, dtype)):
            check_target(target, case, answer(case))


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_generator_repeats_and_varies(dtype: str) -> None:
    def draw(seed: int) -> list[str]:
        return [repr(random_case(random.Random(f"{seed} {k}"), dtype)) for k in range(40)]

    assert draw(1) == draw(1)
    assert len({*draw(1), *draw(2)}) > 70, "hardly any two alike"
