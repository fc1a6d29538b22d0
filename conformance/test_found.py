"""Failures that deep runs have found, on every target, against the oracle."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .answers import answer
from .cases import Case
from .compare import check_target
from .found import FOLDER, from_data, keep, load, to_data
from .lanes import Batch, check_batch
from .targets import Target

CASES = load()


def test_case(target: Target, case: Case | Batch) -> None:
    if isinstance(case, Batch):
        check_batch(target, case)
    else:
        check_target(target, case, answer(case))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_files_are_what_is_written(path: Path, tmp_path: Path) -> None:
    data = json.loads(path.read_text(encoding="ascii"))
    again = to_data(from_data(data), **data["found"])
    written = keep(again, tmp_path)
    assert written.name == path.name
    assert written.read_bytes() == path.read_bytes()
