"""Arrays as start, stop and base, on every target: the oracle, the scalar call, each other."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from ...cases.lanes import Batch, Ends, column, hard_batches, narrowed, random_batch, row
from ...cases.random_grids import FUNCTIONS
from ...checks.compare import check_each, differing, report
from ...checks.lanes import check_batch
from ...subjects.target import Target
from ...truth.answers import answer
from .test_identical import reference_first

CASES = [*hard_batches()]
BATCHES = 3  # for each function and dtype
INPUTS = ("float64", "float32")


@pytest.mark.shares
@pytest.mark.filterwarnings(r"ignore:numpy\.core\.numeric:DeprecationWarning")  # cubed's own
def test_hard_lanes(target: Target, cases: list[Batch]) -> None:
    check_each(cases, lambda case: check_batch(target, case))


@lru_cache(maxsize=256)
def batches(seed: int, function: str, dtype: str, inputs: tuple[str, ...]) -> list[Batch]:
    """Return the random batches of a function in a dtype, from arrays of certain dtypes."""
    rng = random.Random(f"{seed} {function} {dtype} lanes")
    return [random_batch(rng, dtype, function, inputs, largest=60) for _ in range(BATCHES)]


def inputs_of(target: Target) -> tuple[str, ...]:
    """Return the dtypes of arrays that a target may be given."""
    return tuple(name for name in INPUTS if target.has(name))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_lanes(target: Target, function: str, seed: int) -> None:
    for dtype in target.dtypes:
        for batch in batches(seed, function, dtype, inputs_of(target)):
            check_batch(target, batch)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_lane_is_the_scalar_call(target: Target, function: str, seed: int) -> None:
    """Bit for bit, on the same target."""
    for dtype in target.dtypes:
        for batch in batches(seed, function, dtype, inputs_of(target))[:2]:
            if any(answer(case).error for case in batch.lanes.values()):
                continue
            bits = batch.bits(target)
            for (place, case), lane in zip(batch.lanes.items(), bits, strict=True):
                message = report(
                    case,
                    np.arange(case.num),
                    lane,
                    target.bits(case),
                    batch.snippet(target),
                    source="scalar",
                )
                assert message is None, f"lane {place}: {message}"


def uniform(seed: int, shape: tuple[int, ...], low: float, high: float, dtype: str) -> Ends:
    """Return an array of uniform random numbers."""
    return Ends.of(np.random.default_rng(seed).uniform(low, high, shape), dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("source", INPUTS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_targets_agree(
    function: str, source: str, dtype: str, targets: list[Target], seed: int
) -> None:
    """Whole arrays, bit for bit, between all targets; the oracle sees some lanes."""
    low = 0.01 if function == "geomspace" else -30.0
    start = uniform(seed, (40, 1), low, 30, source)
    base: Any = uniform(seed + 1, (6,), 0.1, 12, source) if function == "logspace" else 10.0
    stop = uniform(seed + 2, (6,), low, 30, source)
    batch = Batch("agreement", function, start, stop, 150, dtype=dtype, base=base, axis=1)
    able = [t for t in targets if all(map(t.has, batch.dtypes))]
    if not able:
        pytest.skip(f"no target has {source} and {dtype}")
    first: tuple[Any, str] | None = None
    for target in reference_first(able, batch):
        bits = batch.bits(target)
        first = first or (bits, target.name)
        for place in (0, len(bits) // 2, len(bits) - 1):
            case = [*batch.lanes.values()][place]
            wanted = answer(case)
            assert wanted.bits is not None
            message = report(case, wanted.indices, bits[place], wanted.bits, batch.snippet(target))
            assert message is None, f"{target.name}: {message}"
        wrong = differing(bits.ravel(), first[0].ravel(), dtype)
        assert not wrong.size, (
            f"{target.name} and {first[1]} differ in {wrong.size} elements, the first in lane "
            f"{[*batch.lanes][wrong[0] // batch.num]}\n  reproduce: {batch.snippet(target)}"
        )


# Traced as against eager.

TRACED = [
    batch
    for plain in (
        Batch("traced", "linspace", column(0.1, -3.0), row(2.5, 0.75, 1e300), 40),
        Batch("traced", "logspace", column(0.1, -3.0), row(2.5, 0.75), 40, base=row(7.3, 10.0)),
        Batch("traced", "geomspace", column(0.1, 3.0), row(2.5, 0.75, 1e-37), 40, endpoint=False),
    )
    for batch in (plain, narrowed(Batch(**{**plain.__dict__, "dtype": "float32"})))
]


@pytest.mark.tracing
@pytest.mark.parametrize("batch", TRACED, ids=lambda batch: batch.id)
def test_traced_is_eager(target: Target, batch: Batch) -> None:
    """``jax.jit`` and ``torch.compile`` over all arrays among the ends, bit for bit."""
    if missing := {dtype for dtype in batch.dtypes if not target.has(dtype)}:
        pytest.skip(f"{target.name} lacks {', '.join(sorted(missing))}")
    with target.scope():
        ends = batch.inputs(target)
        plain = {n: end for n, end in ends.items() if not isinstance(getattr(batch, n), Ends)}
        arrays = {n: end for n, end in ends.items() if n not in plain}
        traced = target.trace(lambda **given: batch.call(target, **plain, **given))
        got = batch.read(target, traced(**arrays))
        eager = batch.read(target, batch.call(target, **ends))
    wrong = differing(got.ravel(), eager.ravel(), batch.dtype)
    assert not wrong.size, f"{wrong.size} elements differ, the first {wrong[:5]}"
