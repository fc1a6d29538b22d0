"""Each library's own transforms over every public function and drop-in module."""

from __future__ import annotations

import pytest

from ...checks.seams.check import Check, checks, covering
from ...runs.plugin import LINEUP, whole

pytestmark = [
    # Some transforms of PyTorch script their own functions.
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    # Of `torch.func.linearize`, whatever the function is that closes over a tensor.
    pytest.mark.filterwarnings("ignore:Attempted to insert a get_attr Node:UserWarning"),
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give the test a selection of the checks of each target, or all of them."""
    if "check" not in metafunc.fixturenames:
        return
    found: list[Check] = []
    for target in whole(metafunc.config.stash[LINEUP]):
        if not target.is_plain:
            found += checks(target)
    if not metafunc.config.option.all_seams:
        found = covering(found)
    metafunc.parametrize("check", found, ids=lambda check: check.id)


def test_seams(check: Check) -> None:
    check.run()
