"""The suite tests itself: backends with one flaw must make it fail, and for that reason."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from xspace_conformance.cases.lanes import Batch, narrowed
from xspace_conformance.cases.slopes import lanes_of
from xspace_conformance.checks.compare import report
from xspace_conformance.checks.slopes import check_slopes
from xspace_conformance.checks.traced import Program, compare_traced
from xspace_conformance.runs.processes import run_python, run_suite
from xspace_conformance.subjects.target import Target, Unavailable
from xspace_conformance.subjects.targets import line_up
from xspace_conformance.subjects.transforms import Way
from xspace_conformance.truth.answers import answer
from xspace_conformance.truth.case import Case
from xspace_conformance.truth.formats import FLOAT_FORMATS, FloatFormat, format_of

BROKEN = "xspace_conformance.subjects.broken"
SELECTION = "tenths or symmetric-odd or powers-of-ten or powers-of-two"


def run_cases(*backends: str) -> subprocess.CompletedProcess[str]:
    """Run some of the cases on backends."""
    chosen = [word for backend in backends for word in ("--backend", backend)]
    return run_suite("values.test_cases", "-k", SELECTION, *chosen)


def test_a_sound_stranger_passes() -> None:
    done = run_cases(f"{BROKEN}:sound")
    assert done.returncode == 0, done.stdout
    assert f"conformance: targets: {BROKEN}:sound" in done.stdout


def test_flaws_are_found() -> None:
    flaws = {
        "last_bit": "off by  +1 ulp",
        "zero_sign": "the zero's sign is wrong",
        "wrong_dtype": "read out as float32, wanted float64",
    }
    done = run_cases(*(f"{BROKEN}:{flaw}" for flaw in flaws))
    assert done.returncode == 1, done.stdout + done.stderr
    _, *failures = re.split(r"^_+ test_case\[", done.stdout, flags=re.MULTILINE)
    for flaw, message in flaws.items():
        found = [text for text in failures if text.startswith(f"{BROKEN}:{flaw}-")]
        assert any(message in text for text in found), done.stdout
        assert flaw == "wrong_dtype" or any(f"xp={BROKEN}.{flaw})" in text for text in found)


NAMES = ("golden", "random", "identical", "lanes", "arange")
MODULES = (*(f"values.test_{name}" for name in NAMES), "contract.test_ranges")


def test_every_part_finds_a_wrong_last_bit(tmp_path: Path) -> None:
    select = "test_target or random_grids or (large_grids and float64 and linspace-integers)"
    select += " or (hard_lanes and decimals) or (test_range and open) or hard_steps"
    backend = ("--backend", f"{BROKEN}:last_bit", "--seed", "1")
    done = run_suite(*MODULES, "-k", select, f"--junitxml={tmp_path / 'found.xml'}", *backend)
    assert done.returncode == 1, done.stdout + done.stderr
    failures = [
        (test.get("classname", ""), failure.text or "")
        for test in ElementTree.parse(tmp_path / "found.xml").iter("testcase")
        for failure in test.iter("failure")
    ]
    for module in MODULES:
        # A negative number's value moves down where its bits, as an integer, move up.
        texts = [text for name, text in failures if name.endswith(module)]
        assert any(re.search(r"off by  [+-]1 ulp", text) for text in texts), module


@pytest.mark.parametrize("lanes", [(), ("--lanes",)], ids=["scalars", "lanes"])
def test_the_differential_run_finds_a_wrong_last_bit(lanes: tuple[str, ...]) -> None:
    command = ["-m", "xspace_conformance", "differential", "--elements", "2000", *lanes]
    command += ["--seed", "1", "--processes", "1", "--backend"]
    for backend, status in ((f"{BROKEN}:last_bit", 1), (f"{BROKEN}:sound", 0)):
        done = run_python(*command, backend)
        assert done.returncode == status, done.stdout + done.stderr
        assert "seed 1" in done.stdout


SAMPLES = "xspace_conformance.subjects.sample_callables"


@pytest.mark.parametrize(("name", "status"), [("linspace", 0), ("wrong_linspace", 1)])
def test_what_is_true_for_anyone_is_asked_of_anybodys_function(name: str, status: int) -> None:
    done = run_suite("values", "contract", "--target", f"{SAMPLES}:{name}", "--seed", "1", "-x")
    assert done.returncode == status, done.stdout + done.stderr
    if status:
        assert f"reproduce: import numpy; import {SAMPLES}; print({SAMPLES}.{name}(" in done.stdout
        return
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 300
    assert "asked of xspace alone" in done.stdout


def with_a_flaw(target: Target, change: Callable[[Any, Any], None]) -> Target:
    """Return a target whose ways to derivatives change the samples or the derivatives."""

    def flawed(way: Way) -> Way:
        def changed(*given: Any) -> tuple[Any, Any]:
            held = [np.array(target.read_out(array)) for array in way(*given)]
            change(*held)
            values, slopes = (target.xp.asarray(array, **target.device_keyword) for array in held)
            return values, slopes

        return changed

    ways = {name: flawed(way) for name, way in target.differentiate.items()}
    return replace(target, differentiate=ways)


@pytest.mark.derivatives
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
@pytest.mark.parametrize("way", ["forward", "reverse"])
@pytest.mark.parametrize("place", [(1, 0), (3, 1)])
def test_a_wrong_last_bit_of_a_derivative_is_found(
    target: Target, way: str, place: tuple[int, int]
) -> None:
    batch = narrowed(lanes_of("flaw", "geomspace", (0.1, 2.5), (-3.0, -0.7), dtype="float32"))

    def nothing(values: Any, slopes: Any) -> None:
        pass

    def off(values: Any, slopes: Any) -> None:
        slopes.view(np.int32)[place] += 1

    def infinite(values: Any, slopes: Any) -> None:
        slopes[place] = np.inf

    def last_bit(values: Any, slopes: Any) -> None:
        values.view(np.int32)[place] += 1

    check_slopes(with_a_flaw(target, nothing), batch, way)
    for change, message in ((off, "off by  [01]"), (infinite, "off by  inf")):
        with pytest.raises(AssertionError, match=f"1 derivatives are wrong\n +element {place[0]}"):
            check_slopes(with_a_flaw(target, change), batch, way)
        with pytest.raises(AssertionError, match=message):
            check_slopes(with_a_flaw(target, change), batch, way)
    with pytest.raises(AssertionError, match="1 samples lose their bits"):
        check_slopes(with_a_flaw(target, last_bit), batch, way)


@pytest.mark.derivatives
def test_a_derivative_of_integers_that_is_not_zero_is_found(target: Target) -> None:
    batch = narrowed(lanes_of("flaw", "linspace", (1.0, 4.0), dtype="int32"))

    def one(values: Any, slopes: Any) -> None:
        slopes[2] = 1

    with pytest.raises(AssertionError, match="of integers, and not zero"):
        check_slopes(with_a_flaw(target, one), batch, "reverse")


def test_a_wrong_bit_of_a_traced_call_is_found(target: Target) -> None:
    if not target.has("float32"):
        pytest.skip(f"{target.name} lacks float32")
    program = Program(Batch("flaw", "linspace", 0, 1, 5, dtype="float32"), ("stop",), "float32")
    batch = program.batch(random.Random(1), 20)
    flips: list[tuple[int, int]] = []

    def traced(**ends: Any) -> Any:  # the eager call, so that any target will do
        samples = np.array(target.read_out(batch.call(target, start=0, **ends)))
        for place in flips:
            samples.view(np.int32)[place] ^= 1
        return target.xp.asarray(samples, **target.device_keyword)

    assert compare_traced(target, batch, traced) == (0, [])
    flips += [(1, 3), (2, 3), (4, 17)]
    wrong, messages = compare_traced(target, batch, traced)
    assert wrong == 3
    assert [message.partition(":")[0] for message in messages] == ["lane 3 of 20", "lane 17 of 20"]


def test_an_unknown_backend_is_an_error() -> None:
    with pytest.raises(Unavailable, match="no such backend"):
        line_up(["nonesuch"])
    with pytest.raises(Unavailable, match="cannot be imported"):
        line_up(["nonesuch.module:name"])


def test_want_of_a_gpu_is_said() -> None:
    """A backend or a device that is asked for by name and is not there ends the run."""
    with pytest.raises(Unavailable, match=r"numpy: no GPU \(asked for device cuda\)"):
        line_up(["numpy"], ["cuda"])
    with pytest.raises(Unavailable, match="no device tpu"):
        line_up([], ["tpu"])
    done = run_suite("values.test_random", "--backend", "numpy", "--device", "cuda")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: numpy: no GPU (asked for device cuda)" in done.stderr


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
