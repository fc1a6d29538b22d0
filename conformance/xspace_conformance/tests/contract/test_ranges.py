"""Lazy ranges on every target, against the oracle: they and their slices have a grid's elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import xspace

from ...cases.hard import hard_cases
from ...checks.compare import check_each, report
from ...subjects.target import Target
from ...truth.answers import answer, grid_of
from ...truth.case import Case
from ...truth.formats import FloatFormat, format_of
from ...truth.oracle import exact

KINDS = {
    "linspace": xspace.LinRange,
    "logspace": xspace.LogRange,
    "geomspace": xspace.GeomRange,
}


def is_progression(case: Case) -> bool:
    """Say whether a range describes the grid: finite ends of one sign, a positive base."""
    ends = exact(case.start), exact(case.stop)
    if any(isinstance(end, float) for end in ends):
        return False
    if case.function == "geomspace":
        return bool(ends[0] * ends[1] > 0)
    base = exact(case.base)
    return case.function == "linspace" or not (isinstance(base, float) or base <= 0)


CASES = [case for case in hard_cases() if case.num <= 5000 and is_progression(case)]
SLICES = [slice(None), slice(None, None, -1), slice(1, -1, 3), slice(-2, 1, -7)]


def range_of(case: Case) -> Any:
    """Return the range that describes a case's grid."""
    return KINDS[case.function](case.start, case.stop, case.num, **case.keywords)


@pytest.mark.shares
def test_range(target: Target, cases: list[Case]) -> None:
    """One slice for each dtype, in turns that begin elsewhere for each name and target."""
    first = len(cases[0].name) + len(target.name)
    cuts = [SLICES[(first + k) % len(SLICES)] for k in range(len(cases))]
    check_each(zip(cases, cuts, strict=True), lambda pair: check_range(target, *pair))


def check_range(target: Target, case: Case, cut: slice) -> None:
    """Fail unless a slice of a range has the elements of the grid."""
    wanted = answer(case)
    grid = range_of(case)
    keywords = {"xp": target.xp, "dtype": getattr(target.xp, case.dtype)} | target.device_keyword
    snippet = f"{grid!r}, of which a slice: {target.snippet(case)}"
    if wanted.error is not None:
        with target.scope(), pytest.raises(wanted.error):
            grid.to_array(**keywords)
        return
    assert wanted.bits is not None
    if len(grid[cut]) % target.share.multiple:
        return
    with target.scope():
        got = target.unsigned(grid[cut].to_array(**keywords), case.dtype)
    indices = np.arange(case.num)[cut]
    # Of a large grid the oracle was asked for a sample.
    asked = np.isin(indices, wanted.indices)
    places = np.searchsorted(wanted.indices, indices[asked])
    assert len(got) == len(indices)
    message = report(case, indices[asked], got[asked], wanted.bits[places], snippet)
    assert message is None, message


def unique_grids() -> Iterator[Any]:
    """Yield each grid once, whatever the dtype: what `list` returns has none."""
    seen = set()
    for case in CASES:
        if case.dtype == "float64" and case.name not in seen and case.num <= 300:
            seen.add(case.name)
            yield pytest.param(case, id=case.name)


@pytest.mark.parametrize("grid", list(unique_grids()))
def test_elements(grid: Case) -> None:
    form = format_of("float64")
    assert isinstance(form, FloatFormat)
    oracle = grid_of(grid)
    wanted = [oracle.element(i, "float64") for i in range(grid.num)]
    found = range_of(grid)
    assert [form.from_float(x) for x in found] == wanted
    assert [form.from_float(x) for x in reversed(found)] == wanted[::-1]
    assert [form.from_float(found[i]) for i in range(grid.num)] == wanted
