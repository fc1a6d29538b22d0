"""The suite for JAX arrays over eight devices, in a process of its own.

How many devices a CPU counts as is fixed when JAX starts, so the process is told before.
"""

from __future__ import annotations

import importlib
import re

import pytest

from ...runs.processes import run_python, run_suite
from ...subjects.parts import DEVICES, DEVICES_FLAG
from ...subjects.target import Target, Unavailable
from ...subjects.targets import line_up

EIGHT = {"XLA_FLAGS": DEVICES_FLAG, "JAX_PLATFORMS": "cpu"}
NAMES = ("arange", "cases", "golden", "identical", "random")
MODULES = (*(f"values.test_{name}" for name in NAMES), "contract.test_ranges")


@pytest.fixture(scope="module", autouse=True)
def _jax(targets: list[Target]) -> None:
    if not any(target.name.startswith("jax") for target in targets):
        pytest.skip("JAX is not among the targets")


def test_suite(seed: int) -> None:
    done = run_suite(*MODULES, "--backend", "jax-sharded", "--seed", str(seed), **EIGHT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "targets: jax-sharded-x64:cpu, jax-sharded-x32-pairs:cpu" in done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 900


def test_with_one_device_it_says_why_not() -> None:
    if len(importlib.import_module("jax").devices()) == DEVICES:
        pytest.skip(f"JAX has {DEVICES} devices in this process")
    with pytest.raises(Unavailable, match=rf"JAX has \d+ devices, wanted {DEVICES} "):
        line_up(["jax-sharded"])


#: Runs the hard cases with a flaw: the first two shards have changed places.
SWAPPED = """
from dataclasses import replace
import numpy as np
from xspace_conformance.checks.compare import check_target
from xspace_conformance.subjects.targets import line_up
from xspace_conformance.tests.values.test_cases import CASES
from xspace_conformance.truth.answers import answer

found = missed = 0
for target in line_up(["jax-sharded"]).targets:
    shards = dict(target.device.devices_indices_map((8,))).values()
    assert len({str(index) for index in shards}) == target.device.mesh.shape["x"]

    def swapped(array, read_out=target.read_out, parts=target.device.mesh.shape["x"]):
        first, second, *others = np.split(read_out(array), parts)
        return np.concatenate([second, first, *others])

    flawed = replace(target, read_out=swapped)
    for case in target.cases(CASES):
        wanted = answer(case)
        if not case.num or wanted.bits is None or len(np.unique(wanted.bits)) < case.num:
            continue
        try:
            check_target(flawed, case, wanted)
            missed += 1
        except AssertionError:
            found += 1
print("found", found, "missed", missed)
"""


def test_shards_in_the_wrong_order_are_found() -> None:
    done = run_python("-c", SWAPPED, **EIGHT)
    assert done.returncode == 0, done.stderr
    counts = re.search(r"found (\d+) missed (\d+)", done.stdout)
    assert counts is not None
    assert int(counts[1]) > 100
    assert int(counts[2]) == 0
