"""Elements at every switch-over against MPFR, and the judge of them against a wrong element."""

from __future__ import annotations

import random

import differential
import numpy as np
import pytest
from engine_calls import formats
from engines import choose
from judge import Missing, build, wrong

CALLS = 60


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    try:
        return build(tmp_path_factory.mktemp("judge"))
    except Missing as reason:
        pytest.skip(str(reason))


@pytest.mark.parametrize("mode", ["engine", "python"])
@pytest.mark.parametrize("draw", [differential.grids, differential.lanes])
@pytest.mark.parametrize("dtype", formats())
def test_every_element_is_right(judge, dtype, draw, mode, monkeypatch):
    choose(mode, monkeypatch)
    rng, found = random.Random(f"{mode} {dtype}"), differential.Count()
    for _, call in zip(range(CALLS), draw(rng, dtype), strict=False):
        found = found.plus(differential.judged(judge, call))
    assert found.wrong == 0
    assert found.elements > 10 * CALLS
    assert found.refused < 0.9 * CALLS


@pytest.mark.parametrize("draw", [differential.grids, differential.lanes])
@pytest.mark.parametrize("dtype", formats())
def test_one_wrong_bit_is_noticed(judge, dtype, draw):
    rng = random.Random(dtype)
    for _, call in zip(range(20), draw(rng, dtype), strict=False):
        try:
            grid = np.ascontiguousarray(call.make())
        except OverflowError:
            continue
        if grid.size == 0:
            continue
        bits = grid.view(f"u{grid.itemsize}").reshape(-1)
        assert wrong(judge, call, grid)[0] == 0
        bits[rng.randrange(bits.size)] ^= 1
        assert wrong(judge, call, grid)[0] == 1
