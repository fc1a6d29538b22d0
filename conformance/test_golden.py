"""The golden vectors: what they are made of, and every target against them."""

from __future__ import annotations

import numpy as np
import pytest

from . import golden
from .answers import Answer
from .compare import canonical, check_error, report
from .golden import FUNCTIONS, digest_of
from .targets import Target


@pytest.mark.parametrize("function", FUNCTIONS)
def test_files_are_what_the_oracle_writes(function: str) -> None:
    kept = golden.path_of(function).read_text(encoding="ascii")
    assert kept == golden.render(function), "run python -m conformance.golden"


@pytest.mark.shares
@pytest.mark.parametrize("function", FUNCTIONS)
def test_target(target: Target, function: str) -> None:
    wrong = []
    checked = 0
    for vector in golden.load(function):
        case = vector.case
        if not target.takes(case):
            continue
        checked += 1
        try:
            if vector.error is not None:
                error = {"OverflowError": OverflowError, "ValueError": ValueError}[vector.error]
                check_error(target, case, Answer(np.empty(0), None, error))
                continue
            bits = target.bits(case)
            assert vector.bits is not None
            indices = np.array(case.indices or (), dtype=np.int64)
            message = report(case, indices, bits[indices], vector.bits, target.snippet(case))
            if message is None and vector.digest not in (
                None,
                digest_of(canonical(bits, case.dtype)),
            ):
                message = f"{case.name}: another element differs (digest)\n  {target.snippet(case)}"
        except Exception as error:
            message = f"{case.name}: {error!r}\n  {target.snippet(case)}"
        if message is not None:
            wrong.append(message)
    assert checked
    assert not wrong, f"{len(wrong)} of {checked} vectors\n" + "\n".join(wrong[:10])
