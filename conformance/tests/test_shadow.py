"""The plugin that runs a project's tests with functions in a library's shadow, on a made-up one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xspace_conformance.runs.processes import HOME, run_python
from xspace_conformance.runs.shadow.calls import Shadowed, shadow
from xspace_conformance.runs.shadow.compare import Outcome, differences
from xspace_conformance.runs.shadow.log import Log, read

PLUGIN = "xspace_conformance.runs.shadow"

PROJECT = """
import threading
import numpy as np
from numpy import linspace as by_name, logspace

TABLE = {np.linspace: "a grid"}

def grid(n):
    return by_name(0, 3, n)
"""

TESTS = """
import pickle
import threading
import warnings
import numpy as np
import pytest
import project

def test_by_name():
    assert project.grid(4)[1] == np.linspace(0, 3, 4)[1]

def test_refused():
    assert np.arange(3, dtype=object).dtype == object

def test_length():
    assert len(np.arange(0.1, 0.4, 0.1)) == 4

def test_both_raise():
    with pytest.raises(ValueError, match="-1"):
        np.linspace(0, 1, -1)

def test_the_same_function():
    assert project.TABLE[np.linspace] == "a grid"
    assert np.linspace.__name__ == "linspace"
    assert pickle.loads(pickle.dumps(np.linspace)) is np.linspace

def test_threads():
    made = []
    def work():
        made.extend(len(np.geomspace(1, 8, 2)) for _ in range(50))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert made == [2] * 200

def test_subclass():
    class Meters(np.ndarray):
        pass
    ends = np.zeros(2).view(Meters), np.ones(2).view(Meters)
    assert type(np.linspace(*ends, 3)) is Meters
"""

COUNTS = {
    ("numpy.arange", "calls"): 2,
    ("numpy.arange", "refused: TypeError"): 1,
    ("numpy.arange", "length"): 1,
    ("numpy.geomspace", "calls"): 200,
    ("numpy.linspace", "calls"): 4,
    ("numpy.linspace", "refused: TypeError"): 1,
}


def run(folder: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], list[Any]]:
    """Run the project's tests; return what was printed, and the log."""
    (folder / "project.py").write_text(PROJECT)
    (folder / "test_project.py").write_text(TESTS)
    path = os.pathsep.join([str(HOME), str(folder), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--shadow-log", "log.jsonl", *options, "test_project.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, read(folder / "log.jsonl")


def counts(log: list[Any]) -> dict[tuple[str, str], int]:
    """Add up the counts of all processes."""
    found: dict[tuple[str, str], int] = {}
    for one in log:
        if one["kind"] == "count":
            key = one["function"], one["cause"]
            found[key] = found.get(key, 0) + one["count"]
    return found


def test_a_projects_tests_pass_and_what_differs_is_written_down(tmp_path: Path) -> None:
    done, log = run(tmp_path, "--shadow-project", "made up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert counts(log) == COUNTS
    by_cause = {one["cause"]: one for one in log if one["kind"] == "difference"}
    length = by_cause["length"]
    assert length["project"] == "made up"
    assert length["call"] == "numpy.arange(0.1, 0.4, 0.1)"
    assert length["theirs"].startswith("(4,): ")
    assert length["ours"].startswith("(3,): ")
    assert "test_project.py:" in length["where"]
    assert "test_length" in length["test"]
    for said in ("made up", "length", "numpy.arange(0.1, 0.4, 0.1)"):
        assert said in done.stdout
    printed = printed_again(tmp_path / "log.jsonl")
    for cause in by_cause:
        assert cause in printed


def test_several_processes_write_one_log(tmp_path: Path) -> None:
    """What the drop-ins return may be what tests get: then those fail that depend on it."""
    pytest.importorskip("xdist")
    done, log = run(tmp_path, "--shadow-return", "dropin", "-p", "xdist", "-n", "2")
    printed = re.findall(r"^FAILED \S+::(\w+)", done.stdout, re.MULTILINE)
    assert set(printed) == {"test_refused", "test_length", "test_subclass"}
    assert counts(log) == COUNTS


def printed_again(*logs: Path) -> str:
    done = run_python("-m", "xspace_conformance", "shadow", *map(str, logs))
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_is_left_in_place(tmp_path: Path) -> None:
    before = np.linspace
    back = shadow(["numpy"], Log(tmp_path / "log.jsonl", "here"))
    try:
        assert isinstance(np.linspace, Shadowed)
        assert np.linspace == before
        assert np.linspace(0, 1, 3).tolist() == [0, 0.5, 1]
    finally:
        back()
    assert np.linspace is before


def test_a_library_that_calls_itself_is_counted_once(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl", "here")

    def original(n: int) -> Any:
        return stand_in(n - 1) if n else np.zeros(1)

    stand_in: Any = Shadowed("numpy.arange", original, original, log)
    assert stand_in(3).tolist() == [0]
    assert log.counts == {("numpy.arange", "calls"): 1}


def of(value: Any = None, error: Exception | None = None) -> Outcome:
    return Outcome(value, error)


GRID = np.linspace(0, 1, 6)
CAUSES = [
    ("linspace", of(GRID), of(GRID.astype(np.float32)), ["dtype"]),
    ("linspace", of(GRID), of(GRID.view(np.ma.MaskedArray)), ["type"]),
    ("linspace", of(GRID), of(np.repeat(GRID, 2)[::2]), ["memory"]),
    ("linspace", of(GRID), of(GRID[:-1]), ["length"]),
    ("linspace", of(GRID), of(GRID.reshape(2, 3)), ["shape"]),
    ("linspace", of(GRID), of(GRID * (1 + 2.0**-52)), []),
    ("linspace", of(GRID), of(GRID + 20 * 2.0**-52), ["elements"]),
    ("linspace", of(GRID), of(np.where(GRID == 1, np.nan, GRID)), ["not a number"]),
    ("linspace", of(GRID), of(np.where(GRID == 1, np.inf, GRID)), ["infinite"]),
    ("linspace", of(GRID), of(np.where(GRID == 0, -0.0, GRID)), ["sign of zero"]),
    ("linspace", of(GRID * 1j), of(GRID * 0j), ["elements"]),
    ("linspace", of((GRID, 0.2)), of((GRID, np.float64(0.2))), ["step: type"]),
    ("linspace", of((GRID, 0.2)), of((GRID, 0.3)), ["step: elements"]),
    ("linspace", of((GRID, 0.2)), of(GRID), ["type"]),
    ("arange", of(np.arange(3)), of(np.arange(1, 4)), ["elements"]),
    ("logspace", of(np.array([1e300])), of(np.array([1e300 * (1 + 1e-13)])), []),
    ("logspace", of(np.array([1e300])), of(np.array([1e300 * (1 + 1e-11)])), ["elements"]),
    ("linspace", of(error=TypeError()), of(error=TypeError()), []),
    ("linspace", of(error=ArithmeticError()), of(error=OverflowError()), []),
    ("linspace", of(error=TypeError()), of(error=ValueError()),
     ["exception: ValueError for TypeError"]),
    ("linspace", of(error=TypeError()), of(GRID), ["taken: TypeError"]),
    ("linspace", of(error=RuntimeWarning()), of(GRID), ["no warning: RuntimeWarning"]),
    ("linspace", of(GRID), of(error=TypeError()), ["refused: TypeError"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "theirs", "ours", "causes"), CAUSES)
def test_causes(name: str, theirs: Outcome, ours: Outcome, causes: list[str]) -> None:
    assert [one.cause for one in differences(name, theirs, ours)[0]] == causes
    assert differences(name, theirs, theirs) == ([], False)


def test_last_bits_are_counted() -> None:
    assert differences("linspace", of(GRID), of(GRID * (1 + 2.0**-52))) == ([], True)


def test_jax_arrays_live_somewhere() -> None:
    jax = pytest.importorskip("jax")
    plain = jax.numpy.linspace(0, 1, 3)
    there = jax.device_put(plain, jax.devices()[0])
    assert [d.cause for d in differences("linspace", of(plain), of(there))[0]] == ["committed"]
    weak = jax.numpy.asarray(1.0)
    strong = jax.numpy.asarray(1.0, weak.dtype)
    assert [d.cause for d in differences("linspace", of(weak), of(strong))[0]] == ["weak type"]


def test_last_bits_of_short_formats() -> None:
    torch = pytest.importorskip("torch")
    grid = torch.linspace(1, 2, 9, dtype=torch.bfloat16)
    assert differences("linspace", of(grid), of(grid * (1 + 2.0**-7))) == ([], True)
    (found,), _ = differences("linspace", of(grid), of(grid * 1.25))
    assert found.cause == "elements"


def test_out_is_written_into_once(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    log = Log(tmp_path / "log.jsonl", "here")
    back = shadow(["torch"], log)
    try:
        out = torch.zeros(2, 4)[:, ::2]
        assert torch.linspace(0, 3, 4, out=out) is out
        assert out.stride() == (4, 2)
    finally:
        back()
    assert log.counts["torch.linspace", "calls"] == 1
    assert len(log.counts) == 1, log.counts


def test_lines_of_a_log_are_objects(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl", "here")
    log.count("numpy.arange", "length")
    log.add("numpy.arange", "length", where="here:1", call="numpy.arange(3)", theirs="", ours="")
    log.add("numpy.arange", "length", where="here:1", call="numpy.arange(4)", theirs="", ours="")
    log.close()
    log.close()
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [one["kind"] for one in lines] == ["difference", "count", "count"]
