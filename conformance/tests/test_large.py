"""Grids larger than memory: the run on a cluster, small here; and that it finds what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from xspace_conformance.cases.random_grids import FUNCTIONS
from xspace_conformance.checks.survey import Part, Verdict, judge, sample, surveyed, tasks
from xspace_conformance.runs.large import case_of
from xspace_conformance.runs.processes import run_python
from xspace_conformance.truth.case import Case

import xspace

da = pytest.importorskip("dask.array", reason="the large grids are dask's")
NUM, CHUNKS = 20_000, 777


def test_a_cluster_of_processes(seed: int) -> None:
    pytest.importorskip("distributed", reason="a cluster needs distributed")
    small = ("--num", "200000", "--chunks", "15555", "--sample", "600", "--seed", str(seed))
    done = run_python("-m", "xspace_conformance", "large", *small)
    assert done.returncode == 0, done.stdout + done.stderr
    line = r"200000 elements, 0 out of order; (\d+) compared with the oracle, 0 wrong"
    counts = [int(count) for count in re.findall(line, done.stdout)]
    assert len(counts) == len(FUNCTIONS), done.stdout
    assert min(counts) > 500
    peak = re.search(r"largest worker: (\d+) MiB", done.stdout)
    assert peak is not None
    assert int(peak[1]) > 0


#: One bit of one element is wrong, in one chunk that a worker makes.
LIE = """
import sys
import numpy as np
import xspace
from xspace_conformance.runs.large import main

sound = xspace.linspace

def flip(chunk, block_info=None):
    chunk = chunk.copy()
    if block_info[0]["chunk-location"] == (5,):
        chunk.view("uint64")[-1] ^= np.uint64(1)
    return chunk

def lying(*args, **keywords):
    return sound(*args, **keywords).map_blocks(flip, dtype=keywords["dtype"])

xspace.linspace = lying
sys.exit(main("--num 100000 --chunks 9999 --sample 100 --function linspace --seed 1".split()))
"""


def test_the_exit_status_of_a_wrong_element() -> None:
    pytest.importorskip("distributed", reason="a cluster needs distributed")
    done = run_python("-c", LIE)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "element 59993 of 100000" in done.stdout
    assert re.search(r"off by  [+-]1 ulp", done.stdout)
    assert re.search(r"0 out of order; \d+ compared with the oracle, 1 wrong", done.stdout)


def verdict(case: Case, change: Callable[[Any], None] | None = None) -> Verdict:
    """Survey a grid without a cluster; one of which something is changed, if asked for."""
    grid = getattr(xspace, case.function)(*case.arguments, xp=da, chunks=CHUNKS, dtype=case.dtype)
    case = surveyed(case, grid.chunks[0], 500, 1)
    if change is not None:
        host = grid.compute()
        change(host)
        grid = da.from_array(host, chunks=CHUNKS)
    return judge(case, da.compute(*tasks(grid, case), scheduler="synchronous"), "the call")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
@pytest.mark.parametrize("down", [False, True])
def test_a_right_grid(function: str, dtype: str, down: bool) -> None:
    case = case_of(function, NUM, dtype)
    if down:
        case = replace(case, start=case.stop, stop=case.start)
    found = verdict(case)
    assert found.is_right, found
    assert found.message is None
    assert (found.elements, found.sampled > 450) == (NUM, True)


def test_what_is_wrong_is_found() -> None:
    case = case_of("logspace", NUM, "float64")

    def last_bit(host: Any) -> None:
        host.view(np.uint64)[CHUNKS * 3] ^= 1

    def neighbours(host: Any) -> None:  # not in the sample, but seen
        host[[1234, 1235]] = host[[1235, 1234]]

    def over_an_edge(host: Any) -> None:
        host[CHUNKS], host[CHUNKS - 1] = host[CHUNKS - 1], host[CHUNKS]

    def not_a_number(host: Any) -> None:
        host[1234] = np.nan

    def chunks_exchanged(host: Any) -> None:
        host[: 2 * CHUNKS] = np.roll(host[: 2 * CHUNKS], CHUNKS)

    def backwards(host: Any) -> None:
        host[:] = host[::-1].copy()

    wanted: list[tuple[Callable[[Any], None], Callable[[Verdict], bool]]] = [
        (last_bit, lambda v: (v.unordered, v.wrong) == (0, 1)),
        (neighbours, lambda v: (v.unordered, v.wrong) == (1, 0)),
        (over_an_edge, lambda v: (v.unordered, v.wrong) == (1, 2)),
        (not_a_number, lambda v: (v.unordered, v.wrong) == (2, 0)),
        (chunks_exchanged, lambda v: v.unordered == 1 and v.wrong > 30),
        (backwards, lambda v: v.unordered == NUM - 1 and v.wrong > 400),
    ]
    for change, is_so in wanted:
        found = verdict(case, change)
        assert is_so(found), (change.__name__, found)
        assert not found.is_right
        assert bool(found.wrong) == (found.message is not None)


def test_a_part_that_is_missing_is_found() -> None:
    case = replace(Case("", "linspace", 0, 4, 5), indices=(0, 4))
    bits = np.array([0.0, 4.0]).view(np.uint64)
    halves = [Part(0, 3, 0, (0.0, 2.0), bits[:1]), Part(3, 2, 0, (3.0, 4.0), bits[1:])]
    assert judge(case, halves, "").is_right
    assert judge(case, halves[::-1], "").is_right
    for parts in (halves[:1], halves[1:], [halves[0], replace(halves[1], begin=2)]):
        with pytest.raises(AssertionError, match="seen"):
            judge(case, parts, "")


def test_the_sample() -> None:
    lengths = (3000, 1, 7000)
    places = sample(10_001, lengths, 1000, 1).tolist()
    assert {0, 2999, 3000, 3001, 10_000} <= set(places)
    assert 900 < len(places) <= 1006
    assert places == sorted(set(places))
    assert max(np.diff(places)) < 30
    assert sample(10_001, lengths, 1000, 2).tolist() != places
