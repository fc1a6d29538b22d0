"""The oracle against what public reports say is right."""

from __future__ import annotations

import numpy as np
import pytest
from xspace_conformance.cases.public_reports import REPORTS, Report
from xspace_conformance.truth.answers import answer
from xspace_conformance.truth.formats import FloatFormat, format_of

TOLD = [report for report in REPORTS if report.right]


@pytest.mark.parametrize("report", TOLD, ids=lambda report: report.case.id)
def test_oracle_agrees_with_the_report(report: Report) -> None:
    case, form = report.case, format_of(report.case.dtype)
    found = answer(case)
    assert found.bits is not None
    places = {int(index): place for place, index in enumerate(found.indices)}
    for index, right in report.right.items():
        bits = int(found.bits[places[index % case.num]])
        if isinstance(form, FloatFormat):
            assert bits == form.from_float(float(right)), (report.thread, index)
        else:
            assert bits == int(right) & ((1 << form.width) - 1), (report.thread, index)


def bits_of(thread: str, dtype: str) -> np.ndarray:
    """Return the oracle's bits for a report."""
    (case,) = (r.case for r in REPORTS if r.thread == thread and r.case.dtype == dtype)
    bits = answer(case).bits
    assert bits is not None
    return bits


def test_told_differences() -> None:
    """numpy/numpy#14832: the differences cannot be equal; these are the right ones."""
    grid = bits_of("numpy/numpy#14832", "float64").view(np.float64)
    differences = [grid[1] - grid[0], grid[4] - grid[3], grid[6] - grid[5]]
    assert differences == [0.005, 0.005000000000000001, 0.0049999999999999975]


@pytest.mark.parametrize("dtype", ["int64", "int32", "int16"])
def test_told_counts(dtype: str) -> None:
    """pytorch/pytorch#81996: how often each integer occurs."""
    grid = bits_of("pytorch/pytorch#81996", dtype).astype(np.int64)
    assert np.bincount(grid).tolist() == [13, 12, 12, 12, 1]


def test_told_steps() -> None:
    """numpy/numpy#31038: even the right float32 grid has two distinct steps."""
    grid = bits_of("numpy/numpy#31038", "float32").view(np.float32)
    assert len(np.unique(np.diff(grid))) == 2
