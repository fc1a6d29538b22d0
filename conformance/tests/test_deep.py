"""Deep runs: a failure is found, made as simple as it gets, kept, and asked again."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xspace_conformance.cases import found
from xspace_conformance.cases.found import from_data, keep, load, to_data
from xspace_conformance.cases.lanes import Batch, Ends, column, row
from xspace_conformance.checks.compare import check_target
from xspace_conformance.checks.lanes import check_batch
from xspace_conformance.runs.deep import draw, simplest, tasks
from xspace_conformance.runs.program import main, prepare
from xspace_conformance.runs.run import RIGHT, WRONG
from xspace_conformance.runs.simpler import cost, shrink
from xspace_conformance.subjects.target import Target
from xspace_conformance.subjects.targets import line_up
from xspace_conformance.truth.answers import answer
from xspace_conformance.truth.case import Case, show

BROKEN = "xspace_conformance.subjects.broken"
LAST_BIT = f"{BROKEN}:last_bit"


@pytest.fixture
def broken() -> Target:
    """A namespace of which every exported array has one wrong element."""
    (target,) = line_up([LAST_BIT]).targets
    return target


# Shrinking.


def test_elements_go_first_and_numbers_after() -> None:
    case = Case("long", "logspace", 0.1234567, Fraction(31, 7), 1000, endpoint=False, base=3)
    assert shrink(case, lambda one: True) == replace(
        case, start=0, stop=0, num=1, endpoint=True, base=10.0
    )


@pytest.mark.parametrize("least", [2, 7, 100, 817, 1000])
def test_the_least_number_of_elements_is_found(least: int) -> None:
    case = Case("long", "linspace", 0.1, 0.7, 1000)
    assert shrink(case, lambda one: one.num >= least).num == least


def test_numbers_become_short() -> None:
    case = Case("long", "linspace", -123.456789, 1e-7, 3)
    found = shrink(case, lambda one: one.start < -20 and show(one.stop) != "0")
    assert (show(found.start), show(found.stop), found.num) == ("-21", "1", 1)


def test_a_step_never_leads_to_what_passes_or_cannot_be_judged() -> None:
    case = Case("long", "logspace", 0.3, 17.25, 40)

    def fails(one: Case) -> bool:
        if one.stop < 3:
            raise ValueError("nobody knows")
        return one.num > 4

    found = shrink(case, fails)
    assert found.stop >= 3
    assert found.num == 5
    assert cost(found) < cost(case)


def test_time_is_up() -> None:
    case = Case("long", "linspace", 0.1, 0.7, 1000)
    assert shrink(case, lambda one: True, seconds=-1) is case


def test_lanes_become_one() -> None:
    batch = Batch(
        "wide", "geomspace", column(0.1, 0.7, 3.3), row(2.5, 0.75, 1e-5, 1e30), 33, axis=1
    )

    def fails(one: Batch) -> bool:
        return any(case.stop == 1e-5 for case in one.lanes.values()) and one.num > 1

    found = shrink(batch, fails)
    assert (len(found.lanes), found.num, found.axis) == (1, 2, 0)
    (lane,) = found.lanes.values()
    assert (lane.start, lane.stop) == (0, 1e-5)


def test_a_flaw_of_scalars_is_told_as_a_scalar_call(broken: Target) -> None:
    batch = Batch("wide", "linspace", column(0.1, 0.7), row(2.5, 0.75), 33)
    with np.errstate(all="ignore"):
        found = simplest(broken, batch)
    assert isinstance(found, Case)
    assert found.num == 1


def test_a_flaw_of_lanes_alone_stays_a_call_with_arrays(
    broken: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = Batch("wide", "linspace", column(0.1, 0.7), row(2.5, 0.75), 33)
    (sound,) = line_up([f"{BROKEN}:sound"]).targets

    class Half(Target):
        """Wrong with arrays, right without."""

        def bits(self, case: Case) -> Any:
            return sound.bits(case)

    half = Half(**{name: getattr(broken, name) for name in broken.__dataclass_fields__})
    found = simplest(half, batch)
    assert isinstance(found, Batch)
    assert (len(found.lanes), found.num) == (1, 1)
    with pytest.raises(AssertionError, match="elements are wrong"):
        check_batch(half, found)


# Keeping.


@pytest.mark.parametrize(
    "call",
    [
        Case("found", "linspace", 0.1, Fraction(1, 3), 5, dtype="float32", endpoint=False),
        Case("found", "logspace", -0.0, 10**400, 5, base=0.1),
        Case("found", "logspace", 0, float("inf"), 5),
        Batch("found", "geomspace", column(0.1, 3.0), 7, 5, axis=1, dtype="float16"),
        Batch("found", "logspace", 0, row(1.0, -0.0), 5, base=Ends.of([2, 3], "int8")),
    ],
    ids=["fraction", "huge", "infinite", "lanes", "base"],
)
def test_a_call_comes_back_from_its_file(call: Case | Batch, tmp_path: Path) -> None:
    data = to_data(call, target="one", seed=1)
    path = keep(data, tmp_path)
    assert keep(data | {"found": {"target": "another"}}, tmp_path) == path  # the same call
    (again,) = load(tmp_path)
    assert again == replace(call, name=path.stem)
    assert show(again.start) == show(call.start)  # -0.0 equals 0
    assert from_data(to_data(call)) == call


# Whole runs.


def test_a_deep_run_finds_and_keeps(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--quick", "--elements", "0", "--seed", "1", "--dtype", "float64")
    folder = tmp_path / "kept"
    deep = ("--deep", "0.02", "--processes", "1", "--found", str(folder))
    with np.errstate(all="ignore"):
        assert main([*arguments, *deep, "--backend", LAST_BIT]) == WRONG
    assert "kept: " in capsys.readouterr().out
    found = load(folder)
    assert {call.function for call in found} == {"linspace", "logspace", "geomspace"}
    assert all(call.num == 1 for call in found)
    (broken,) = line_up([LAST_BIT]).targets
    for path, call in zip(sorted(folder.glob("*.json")), found, strict=True):
        assert json.loads(path.read_text())["found"]["target"] == LAST_BIT
        assert isinstance(call, Case)
        with np.errstate(all="ignore"), pytest.raises(AssertionError, match="1 of 1 elements"):
            check_target(broken, call, answer(call))
        for sound in line_up(["numpy"]).targets:
            check_target(sound, call, answer(call))


def test_several_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--quick", "--elements", "0", "--seed", "1", "--backend", "numpy")
    deep = ("--deep", "0.05", "--processes", "2", "--found", str(tmp_path / "kept"))
    assert main([*arguments, *deep]) == RIGHT
    assert not (tmp_path / "kept").exists()
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("deep: "))
    assert re.fullmatch(r"deep: [1-9][\d,]* calls, [\d,]+ elements, 0 wrong", line.rstrip())


def test_draws_repeat_and_vary() -> None:
    run = prepare(["--quick", "--seed", "5", "--backend", "numpy", "--native"], "")
    targets = {target.name: target for target in run.lineup.targets}
    endless = tasks(run, run.lineup.targets)
    first = [next(endless) for _ in range(500)]
    assert {task.target for task in first} == {*targets}
    drawn = [draw(task, targets[task.target]) for task in first]
    assert repr(drawn) == repr([draw(task, targets[task.target]) for task in first])
    assert any(isinstance(call, Batch) for call in drawn)
    assert len({repr(call) for call in drawn}) > 200


@pytest.mark.parametrize("path", sorted(found.FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_files_are_what_is_written(path: Path, tmp_path: Path) -> None:
    data = json.loads(path.read_text(encoding="ascii"))
    again = to_data(from_data(data), **data["found"])
    written = keep(again, tmp_path)
    assert written.name == path.name
    assert written.read_bytes() == path.read_bytes()
