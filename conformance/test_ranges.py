"""Lazy ranges and ``arange`` on every target, against the oracle.

A range and its slices have the elements of the grid; ``arange`` has those of a ``linspace`` that
ends, without its stop, where the steps lead: ``start + n*step``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import xspace

from .answers import answer, grid_of
from .cases import Case
from .compare import report
from .formats import FloatFormat, format_of
from .hard_cases import hard_cases
from .oracle import exact
from .targets import Target

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


def test_range(target: Target, case: Case) -> None:
    wanted = answer(case)
    grid = range_of(case)
    keywords = {"xp": target.xp, "dtype": getattr(target.xp, case.dtype)} | target.device_keyword
    snippet = f"{grid!r}, of which a slice: {target.snippet(case)}"
    if wanted.error is not None:
        with target.scope(), pytest.raises(wanted.error):
            grid.to_array(**keywords)
        return
    assert wanted.bits is not None
    for cut in SLICES:
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


CALLS = [
    (0, 1, Decimal("0.1")),
    (0, 1, 0.1),
    (1, 1.3, 0.1),
    (1, Decimal("1.3"), Decimal("0.1")),
    (0.5, -3, -0.3),
    (-2.0, 2, Fraction(1, 7)),
    (1e308, 1.5e308, 1e306),
    (0, 1e-310, 3e-313),
    (10**15, 10**15 + 1, Fraction(1, 300)),
    (5, 5, 1),
    (5, 4, 1),
    (-100, 100, 7),
]


FORMATS = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int8")


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_arange(target: Target, call: tuple[Any, Any, Any]) -> None:
    start, stop, step = (Fraction(x) for x in call)
    num = max(math.ceil((stop - start) / step), 0)
    for dtype in filter(target.has, FORMATS):
        case = Case("arange", "linspace", start, start + num * step, num, dtype, endpoint=False)
        with target.scope():
            check_arange(target, call, case)


def check_arange(target: Target, call: tuple[Any, Any, Any], case: Case) -> None:
    """Fail unless ``arange`` gives a grid, or the error that is due."""
    wanted = answer(case)
    keywords = {"xp": target.xp, "dtype": getattr(target.xp, case.dtype)} | target.device_keyword
    if wanted.bits is None:
        assert wanted.error is not None
        with pytest.raises(wanted.error, match=f"arange: element {wanted.misfit} is"):
            xspace.arange(*call, **keywords)
        return
    array = xspace.arange(*call, **keywords)
    target.check_kind(case, array)
    bits = target.unsigned(array, case.dtype)
    message = report(case, wanted.indices, bits, wanted.bits, f"xspace.arange{call}")
    assert message is None, message


def test_arange_of_integers(target: Target) -> None:
    with target.scope():
        array = xspace.arange(-3, 12, 4, xp=target.xp, **target.device_keyword)
        assert array.dtype == target.xp.asarray(0, **target.device_keyword).dtype
        assert np.asarray(target.read_out(array)).tolist() == [-3, 1, 5, 9]
