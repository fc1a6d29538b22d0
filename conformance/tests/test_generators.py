"""What is drawn at random: the same calls from the same seed, and hardly any two alike."""

from __future__ import annotations

import random

import pytest
from xspace_conformance.cases.lanes import random_batch
from xspace_conformance.cases.random_grids import random_case
from xspace_conformance.truth.formats import DTYPES, FLOAT_FORMATS


@pytest.mark.parametrize("dtype", DTYPES)
def test_grids(dtype: str) -> None:
    def draw(seed: int) -> list[str]:
        return [repr(random_case(random.Random(f"{seed} {k}"), dtype)) for k in range(40)]

    assert draw(1) == draw(1)
    assert len({*draw(1), *draw(2)}) > 70, "hardly any two alike"


@pytest.mark.parametrize("dtype", DTYPES)
def test_lanes(dtype: str) -> None:
    def draw(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [repr(random_batch(rng, dtype)) for _ in range(20)]

    assert draw(1) == draw(1)
    assert len({*draw(1), *draw(2)}) == 40
    if dtype in FLOAT_FORMATS:
        drawn = [random_batch(random.Random(k), dtype) for k in range(60)]
        assert {len(batch.shape) for batch in drawn} == {1, 2, 3}
        assert any(batch.axis < 0 for batch in drawn)
        assert any(len(batch.arrays) == 1 for batch in drawn)
