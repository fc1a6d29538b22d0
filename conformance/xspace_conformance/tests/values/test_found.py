"""Failures that deep runs have found, on every target, against the oracle."""

from __future__ import annotations

import pytest

from ...cases.found import load
from ...cases.lanes import Batch
from ...checks.compare import check_each, check_target
from ...checks.lanes import check_batch
from ...subjects.target import Target
from ...truth.answers import answer
from ...truth.case import Case

CASES = load()


@pytest.mark.anyone
def test_case(target: Target, cases: list[Case | Batch]) -> None:
    def check(case: Case | Batch) -> None:
        if isinstance(case, Batch):
            check_batch(target, case)
        else:
            check_target(target, case, answer(case))

    check_each(cases, check)
