"""Derivatives on every target that has them, against the exact ones; samples beside them."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from gmpy2 import mpfr, mpq

from ...cases.lanes import Batch, narrowed
from ...cases.random_grids import FUNCTIONS
from ...cases.slopes import array_names, compiled_slopes, hard_slopes, lanes_of, random_slopes
from ...checks.compare import check_each
from ...checks.slopes import check_slopes, differentiated
from ...subjects.target import Target
from ...subjects.transforms import COMPILED
from ...truth.case import Case
from ...truth.formats import FLOAT_FORMATS
from ...truth.slopes import BOUND, exact_slopes, off_by

# Some transforms of PyTorch script their own functions.
pytestmark = [
    pytest.mark.derivatives,
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
]

CASES = [*hard_slopes()]
COMPILED_CASES = [*compiled_slopes()]
LANES = 16  # random ones for each function and dtype


def ways(target: Target, *, compiled: bool) -> list[str]:
    """Return the ways of a target that compile, or the others."""
    return [way for way in target.differentiate if (way in COMPILED) == compiled]


def test_hard_slopes(target: Target, cases: list[Batch]) -> None:
    for way in ways(target, compiled=False):
        if not way.startswith("batched"):
            check_each(cases, lambda case, way=way: check_slopes(target, case, way))


@pytest.mark.parametrize("batch", COMPILED_CASES, ids=lambda batch: batch.id)
def test_compiled_and_batched(target: Target, batch: Batch) -> None:
    """``jax.jit``, ``torch.compile`` and ``vmap``, each by one of the ends, in turn."""
    if missing := {dtype for dtype in batch.dtypes if not target.has(dtype)}:
        pytest.skip(f"{target.name} lacks {', '.join(sorted(missing))}")
    found = [*ways(target, compiled=True), "batched-forward"]
    names, turn = array_names(batch), COMPILED_CASES.index(batch)
    if batch.function == "geomspace":  # a program takes a compiler seconds: each way once
        turn = [case for case in COMPILED_CASES if case.function == "geomspace"].index(batch)
        found = [found[turn % len(found)]]
    elif batch.function == "logspace":
        found = found[:1]
    for k, way in enumerate(found):
        check_slopes(target, batch, way, by=[names[(turn + k + 1) % len(names)]])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_slopes(target: Target, function: str, seed: int) -> None:
    for dtype in FLOAT_FORMATS:
        if not target.has(dtype):
            continue
        batch = random_slopes(random.Random(f"{seed} {function} {dtype}"), dtype, function, LANES)
        for way in ("forward", "reverse"):
            check_slopes(target, batch, way)


def test_without_a_derivative(target: Target) -> None:
    """Between ends of opposite signs: NaN, but 1 and 0 at the ends."""
    batch = narrowed(lanes_of("opposite", "geomspace", (-1.0, 2.0), (3e38, -1e-45)))
    batch = replace(batch, dtype="float32")
    by_start, by_stop = ("start", 1, 0), ("stop", 0, 1)
    for way, tried in (("forward", [by_start, by_stop]), ("compiled-forward", [by_stop])):
        if way not in target.differentiate:
            continue
        for name, at_start, at_stop in tried:
            with target.scope():
                _, slopes = differentiated(target, batch, name, way)
                got = np.asarray(target.read_out(slopes))
            assert (got[0] == at_start).all()
            assert (got[-1] == at_stop).all()
            assert np.isnan(got[1:-1]).all()


# The oracle itself.

EXACT = [
    (Case("", "linspace", 0.1, 9, 5), "start", [1, mpq(3, 4), mpq(1, 2), mpq(1, 4), 0]),
    (Case("", "linspace", 0.1, 9, 4, endpoint=False), "stop", [0, mpq(1, 4), mpq(1, 2), mpq(3, 4)]),
    (Case("", "linspace", 0.1, 9, 1), "start", [1]),
    (Case("", "geomspace", 1, 16, 5), "start", [1, mpq(3, 2), 2, 2, 0]),
    (Case("", "geomspace", -1, -16, 5), "stop", [0, mpq(1, 32), mpq(1, 8), mpq(3, 8), 1]),
    (Case("", "geomspace", 5, 5, 3), "start", [1, mpq(1, 2), 0]),
    (Case("", "logspace", 1, 3, 3, base=Fraction(5, 2)), "base", [1, 5, mpq(75, 4)]),
    (Case("", "logspace", -2, 2, 3, base=2), "base", [mpq(-1, 4), 0, 4]),
    (Case("", "logspace", -2, 7, 4, base=1), "stop", [0, 0, 0, 0]),
    (Case("", "logspace", 10**400, 1, 2, base=2), "start", [mpfr("inf"), 0]),
]


@pytest.mark.parametrize(("case", "name", "wanted"), EXACT)
def test_rational_derivatives(case: Case, name: str, wanted: list[object]) -> None:
    assert exact_slopes(case, name) == wanted


def element(case: Case, index: int) -> mpfr:
    """Return an element from its definition, with the bits of the context."""
    div = max(case.num - case.endpoint, 1)
    start, stop, base = (mpq(Fraction(v)) for v in (case.start, case.stop, case.base))
    w = mpq(index, div)
    if case.function == "geomspace":
        return start * mpfr(stop / start) ** mpfr(w)
    x = start + (stop - start) * w
    return mpfr(x) if case.function == "linspace" else mpfr(base) ** mpfr(x)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_exact_is_the_limit_of_differences(function: str) -> None:
    """Central differences of the definition, with an error of the order ``2**-400``."""
    case = Case("", function, Fraction(7, 10), Fraction(5, 2), 6, base=Fraction(13, 4))
    step = Fraction(1, 2**200)
    for name in ("start", "stop", "base") if function == "logspace" else ("start", "stop"):
        up, down = (replace(case, **{name: getattr(case, name) + sign * step}) for sign in (1, -1))
        slopes = exact_slopes(case, name)
        with gmpy2.context(precision=1000):
            for index, slope in enumerate(slopes):
                limit = (element(up, index) - element(down, index)) / mpq(2 * step)
                assert abs(limit - slope) <= mpfr(2) ** -380


@pytest.mark.parametrize("batch", [batch for batch in CASES if batch.dtype in FLOAT_FORMATS][:9])
def test_exact_in_two_precisions(batch: Batch) -> None:
    """So that MPFR's own roundings are nothing."""
    for case in batch.lanes.values():
        for name in batch.arguments:
            once, again = exact_slopes(case, name), exact_slopes(case, name, 1600)
            for one, other in zip(once, again, strict=True):
                assert one == other or abs(one - other) <= abs(other) * mpfr(2) ** -300


def test_units_are_counted() -> None:
    form = FLOAT_FORMATS["float64"]
    with gmpy2.context(precision=400):
        third = mpfr(1) / 3
        assert off_by(1 / 3, third, form) < 0.5
        assert 4.4 < off_by(1 / 3 - 5 * 2.0**-54, third, form) < 5.6
        assert off_by(float("nan"), third, form) > BOUND
        assert off_by(float("inf"), third, form) > BOUND
        assert off_by(0.0, third, form, flushes=True) > BOUND
        huge, small = mpfr(2) ** 1024, mpfr(2) ** -1050
        assert off_by(float("inf"), huge, form) == 0
        assert off_by(float("-inf"), huge, form) > BOUND
        assert off_by(0.0, small, form) > BOUND
        assert off_by(0.0, small, form, flushes=True) == 0
        assert off_by(5 * 5e-324, mpfr(0), form) == 5
