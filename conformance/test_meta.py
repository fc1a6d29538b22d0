"""The suite tests itself: backends with one flaw must make it fail, and for that reason."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from .answers import answer
from .cases import Case
from .compare import report
from .formats import FLOAT_FORMATS, FloatFormat, format_of
from .targets import Unavailable, line_up

ROOT = Path(__file__).resolve().parents[1]
FOLDER = Path(__file__).parent.name
SELECTION = "tenths or symmetric-odd or powers-of-ten or powers-of-two"


def run_suite(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the suite, or a part of it, in a process of its own."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def run_cases(backend: str) -> subprocess.CompletedProcess[str]:
    """Run some of the cases on one backend."""
    return run_suite(f"{FOLDER}/test_cases.py", "-k", SELECTION, "--backend", backend)


def test_a_sound_stranger_passes() -> None:
    done = run_cases("conformance.broken:sound")
    assert done.returncode == 0, done.stdout
    assert "conformance: targets: conformance.broken:sound" in done.stdout


@pytest.mark.parametrize(
    ("flaw", "message"),
    [
        ("last_bit", "off by  +1 ulp"),
        ("zero_sign", "the zero's sign is wrong"),
        ("wrong_dtype", "read out as float32, wanted float64"),
    ],
)
def test_a_flaw_is_found(flaw: str, message: str) -> None:
    done = run_cases(f"conformance.broken:{flaw}")
    assert done.returncode == 1, done.stdout + done.stderr
    assert message in done.stdout
    assert f"xp=conformance.broken.{flaw})" in done.stdout or flaw == "wrong_dtype"


@pytest.mark.parametrize(
    "module", ["test_golden.py", "test_random.py", "test_identical.py", "test_lanes.py"]
)
def test_every_part_finds_a_wrong_last_bit(module: str) -> None:
    select = "test_target or random_grids or (large_grids and float64 and linspace-integers)"
    select += " or (hard_lanes and decimals)"
    path = f"{FOLDER}/{module}"
    backend = ("--backend", "conformance.broken:last_bit", "--seed", "1")
    done = run_suite(path, "-k", select, "-x", *backend)
    assert done.returncode == 1, done.stdout + done.stderr
    # A negative number's value moves down where its bits, as an integer, move up.
    assert re.search(r"off by  [+-]1 ulp", done.stdout)


@pytest.mark.parametrize("lanes", [(), ("--lanes",)], ids=["scalars", "lanes"])
def test_the_differential_run_finds_a_wrong_last_bit(lanes: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "conformance.differential", "--elements", "2000", *lanes]
    command += ["--seed", "1", "--processes", "1", "--backend"]
    for backend, status in (("conformance.broken:last_bit", 1), ("conformance.broken:sound", 0)):
        done = subprocess.run(
            [*command, backend], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "seed 1" in done.stdout


def test_an_unknown_backend_is_an_error() -> None:
    with pytest.raises(Unavailable, match="no such backend"):
        line_up(["nonesuch"])
    with pytest.raises(Unavailable, match="cannot be imported"):
        line_up(["nonesuch.module:name"])


def test_want_of_a_gpu_is_said() -> None:
    lineup = line_up(["numpy"], ["cuda"])
    assert not lineup.targets
    assert "no GPU" in lineup.absent["numpy"]


@pytest.mark.parametrize("form", FLOAT_FORMATS.values(), ids=lambda form: form.name)
def test_comparison_sees_every_single_bit(form: FloatFormat) -> None:
    case = Case("tenths", "linspace", 0, 1, 11, dtype=form.name)
    wanted = answer(case).bits
    assert wanted is not None
    for place in range(case.num):
        for bit in range(form.width):
            flipped = wanted.copy()
            flipped[place] ^= form.view.type(1 << bit)
            message = report(case, np.arange(case.num), flipped, wanted, "the call")
            assert message is not None
            assert f"element {place} of 11" in message
            assert "reproduce: the call" in message


def test_comparison_takes_any_nan_for_nan() -> None:
    case = Case("nan", "linspace", 0, float("nan"), 2)
    form = format_of("float64")
    assert isinstance(form, FloatFormat)
    nan = form.view.type(form.nan)
    negative, payload = nan | form.view.type(form.sign_bit), nan | form.view.type(5)
    wanted = np.array([nan, nan])
    assert report(case, np.arange(2), np.array([negative, payload]), wanted, "") is None
    infinite = np.array([nan, form.view.type(form.infinity)])
    message = report(case, np.arange(2), infinite, wanted, "")
    assert message is not None
    assert "one of them is NaN" in message
