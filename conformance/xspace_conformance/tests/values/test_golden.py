"""The golden vectors on every target."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ...cases import golden
from ...cases.golden import Vector, digest_of
from ...cases.lanes import Batch, Ends
from ...checks.causes import line
from ...checks.compare import canonical, check_error, report
from ...subjects.native import Foreign
from ...subjects.target import Target
from ...truth.answers import Answer
from ...truth.case import Case
from ...truth.complex_oracle import PARTS
from ...truth.formats import FLOAT_FORMATS

FILES = golden.paths()
ERRORS = {"OverflowError": OverflowError, "ValueError": ValueError}
READER = golden.FOLDER / "reader.c"
MOST_BYTES = 1_500_000


@pytest.mark.anyone
@pytest.mark.shares
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_target(target: Target, path: Path) -> None:
    wrong = []
    checked = 0
    for vector in golden.load(path):
        case = vector.case
        part = PARTS.get(case.dtype, case.dtype)
        if case.dtype in PARTS:
            taken = target.has_complex(case.dtype, part) and case.num % target.share.multiple == 0
        else:
            taken = target.takes(case)
        if not taken or (isinstance(target, Foreign) and vector.error is not None):
            continue
        checked += 1
        try:
            message = check_vector(target, vector)
        except Exception as error:
            message = f"{case.name}: {error!r}\n  {line(target, case)}"
        if message is not None:
            wrong.append(message)
    if not checked:
        pytest.skip(why_nothing(target, {vector.case.dtype for vector in golden.load(path)}))
    assert not wrong, f"{len(wrong)} of {checked} vectors\n" + "\n".join(wrong[:10])


def check_vector(target: Target, vector: Vector) -> str | None:
    """Return what a target does wrong in a vector."""
    case = vector.case
    if vector.error is not None:
        check_error(target, case, Answer(np.empty(0), None, ERRORS[vector.error]))
        return None
    assert vector.bits is not None
    if case.dtype in PARTS:
        return check_parts(target, vector)
    bits = target.bits(case)
    indices = np.array(vector.indices, dtype=np.int64)
    message = report(case, indices, bits[indices], vector.bits, line(target, case))
    digest = digest_of(canonical(bits, case.dtype))
    if message is None and vector.digest not in (None, digest):
        message = f"{case.name}: another element differs (digest)\n  {line(target, case)}"
    return message


def why_nothing(target: Target, dtypes: set[str]) -> str:
    """Return why none of the cases of these dtypes is checked."""
    reals = any(target.has(dtype) for dtype in dtypes - set(PARTS))
    if reals or any(target.has_complex(dtype, PARTS[dtype]) for dtype in dtypes & set(PARTS)):
        return f"{target.name}: its share of the cases has none of these"
    return f"{target.name} lacks {', '.join(sorted(dtypes))}"


def check_parts(target: Target, vector: Vector) -> str | None:
    """Return what a target does wrong in a complex vector."""
    from .test_complex import parts

    case, wanted = vector.case, vector.bits
    assert wanted is not None
    got = parts(target, case)
    indices = vector.indices
    for k, name in enumerate(("real", "imaginary")):
        part = Case(f"{case.name}, {name} part", "", 0, 0, case.num, PARTS[case.dtype])
        found = report(part, np.array(indices), got[indices, k], wanted[:, k], target.snippet(case))
        if found is not None:
            return found
    return None


def hard_vectors(target: Target, function: str) -> list[tuple[dict[str, Any], Vector]]:
    """Return the hard vectors of a function in the dtypes of a target."""
    items = [item for name, item in golden.hard_items() if name == function]
    found = [(item, golden.vector_of(function, item)) for item in items]
    return [(item, vector) for item, vector in found if target.takes(vector.case)]


@pytest.mark.anyone
@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("times", [250, 3001])
def test_hard_ones_within_finer_grids(target: Target, function: str, times: int) -> None:
    """A finer grid has the same elements; long ones are made in another way than short ones."""
    found = hard_vectors(target, function)
    if not found:
        pytest.skip(why_nothing(target, set(FLOAT_FORMATS)))
    for _, vector in found:
        assert vector.bits is not None
        case = vector.case
        finer = replace(case, num=(case.num - 1) * times + 1)
        got = target.bits(finer)[::times]
        message = report(case, np.arange(case.num), got, vector.bits, line(target, finer))
        assert message is None, message


@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("times", [1, 40])
def test_hard_ones_as_lanes(target: Target, function: str, times: int) -> None:
    """All hard grids of one length and dtype at once, as lanes."""
    lanes: dict[tuple[str, int], list[Vector]] = {}
    for _, vector in hard_vectors(target, function):
        if isinstance(vector.case.start, float) and isinstance(vector.case.stop, float):
            lanes.setdefault((vector.case.dtype, vector.case.num), []).append(vector)
    for (dtype, num), vectors in lanes.items():
        wide = "float64" if target.has("float64") else dtype
        names = ("start", "stop", "base") if function == "logspace" else ("start", "stop")
        if wide != "float64" and dtype not in FLOAT_FORMATS:
            continue
        ends = {
            name: Ends.of([getattr(vector.case, name) for vector in vectors], wide)
            for name in names
        }
        batch = Batch("hard", function, num=(num - 1) * times + 1, dtype=dtype, **ends)
        got = batch.bits(target)[:, ::times]
        for vector, lane in zip(vectors, got, strict=True):
            assert vector.bits is not None
            code = batch.snippet(target)
            message = report(vector.case, np.arange(num), lane, vector.bits, code)
            assert message is None, message
