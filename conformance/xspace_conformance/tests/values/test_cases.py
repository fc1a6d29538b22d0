"""Hand-written hard cases and public reports, each on every target, against the oracle."""

from __future__ import annotations

import pytest

from ...cases.hard import hard_cases
from ...cases.public_reports import REPORTS
from ...checks.compare import check_each, check_target
from ...subjects.target import Target
from ...truth.answers import answer
from ...truth.case import Case

CASES = [*hard_cases(), *(report.case for report in REPORTS)]


@pytest.mark.anyone
@pytest.mark.shares
def test_case(target: Target, cases: list[Case]) -> None:
    check_each(cases, lambda case: check_target(target, case, answer(case)))
