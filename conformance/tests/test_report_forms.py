"""What a run prints and writes besides the page: lines, failures, a badge, a comparison."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from xspace_conformance.checks.causes import of_element, of_error
from xspace_conformance.checks.scores import Tally
from xspace_conformance.report.against import comparison
from xspace_conformance.report.terminal import absent_lines, result_lines
from xspace_conformance.runs.program import main
from xspace_conformance.runs.run import RIGHT, USAGE, WRONG
from xspace_conformance.subjects.selection import Selection
from xspace_conformance.truth.formats import FLOAT_FORMATS

BROKEN = "xspace_conformance.subjects.broken"
SAMPLES = "xspace_conformance.subjects.sample_callables"
SHORT = ("--quick", "--elements", "500")


def run(folder: Path, *arguments: str, status: int = RIGHT) -> dict[str, Any]:
    """Run the program, and return its report."""
    with np.errstate(all="ignore"):
        assert main([*SHORT, *arguments, "--report", str(folder)]) == status
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


# In the terminal.


def test_all_right_is_said_in_ten_lines(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--backend", "numpy", "--backend", "generic", "--backend", f"{BROKEN}:sound")
    assert main([*SHORT, *arguments]) == RIGHT
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 10
    assert max(map(len, lines)) <= 80
    said = " ".join(line.strip() for line in lines)
    names = f"numpy, numpy-plain, generic-float64, generic-float32, {BROKEN}:sound"
    assert f"5 targets of 1 library: {names} " in said
    assert "none is wrong, and all agree (" in said


def test_targets_of_all_libraries_and_what_is_not_there_take_few_lines() -> None:
    """With three lines for functions, one for the seed and the verdict, these make ten."""
    strict = ("CPU_DEVICE", "device1", "device2", "no_float64", "no_x64")
    others = ("torch:cpu", "jax-x64:cpu", "jax-x32:cpu", "dask", "dask-odd", "cubed")
    names = ("numpy", "numpy-plain", *others, *(f"array_api_strict:{one}" for one in strict))
    names += (*(f"array_api_strict-static:{one}" for one in strict[:2]), "generic-float64")
    (target,) = Selection(("numpy",)).collect().targets[:1]
    targets = [replace(target, name=name) for name in (*names, "generic-float32")]
    told = [line for line, _ in result_lines(Tally(targets), every=False)]
    assert len(told) == 4
    assert "array_api_strict (CPU_DEVICE, device1, device2, " in " ".join(map(str.strip, told))
    missing = dict.fromkeys((*others, "array_api_strict", "array_api_strict-static"), "not there")
    missing["cupy"] = "no GPU"
    absent = [line for line, _ in absent_lines(missing)]
    assert absent[0].startswith("not run: torch:cpu, jax-x64:cpu, ")
    assert absent[-1] == "not run: cupy: no GPU"
    assert max(map(len, (*told, *absent))) <= 80


def test_what_is_said_of_the_wrong_ones_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with np.errstate(all="ignore"):
        assert main([*SHORT, "--backend", "numpy", "--native", "--seed", "1"]) == RIGHT
    lines = capsys.readouterr().out.splitlines()
    programs = [line for line in lines if line.startswith("    ") and "(" in line]
    assert any(programs)
    assert max(len(line) for line in lines if line not in programs) <= 80
    assert " 1 calls" not in " ".join(lines)


def test_every_row_can_be_had(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--backend", "numpy", "--function", "linspace", "--rows"]) == RIGHT
    said = capsys.readouterr().out
    assert "numpy:\n  linspace  float64 " in said
    assert "numpy-plain:\n  linspace  float64 " in said


def test_what_is_wrong_is_said_with_whole_names(capsys: pytest.CaptureFixture[str]) -> None:
    with np.errstate(all="ignore"):
        assert main([*SHORT, "--backend", f"{BROKEN}:last_bit", "--dtype", "float64"]) == WRONG
    said = capsys.readouterr().out
    assert f"\n{BROKEN}:last_bit:\n  linspace  float64 " in said
    assert "\nthe last bit: " in said
    assert f"\n    import {BROKEN}\n" in said


# The report.


def test_the_command_of_a_report_asks_the_same_again(tmp_path: Path) -> None:
    first = run(tmp_path / "one", "--backend", "numpy")
    words = shlex.split(first["command"])
    assert words[:3] == ["python", "-m", "xspace_conformance"]
    assert words[-2:] == ["--seed", str(first["seed"])]
    assert main(words[3:]) == RIGHT
    again = json.loads((tmp_path / "one" / "report.json").read_text(encoding="utf-8"))
    assert again["results"] == first["results"]
    assert again["command"] == first["command"]


def test_nothing_is_said_of_libraries_that_were_not_run(tmp_path: Path) -> None:
    data = run(tmp_path, "--backend", "numpy", "--native", "--seed", "1")
    others = {"torch", "jax", "jaxlib", "dask", "cubed", "cupy-cuda12x", "array-api-strict"}
    assert not others & {*data["versions"]}
    assert {"numpy", "gmpy2", "array-api-compat"} <= {*data["versions"]}
    assert {report["id"].partition("#")[0] for report in data["reports"]} == {"numpy/numpy"}
    assert not data["absent"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--backend", f"{BROKEN}:last_bit"),
        ("--target", f"{SAMPLES}:stubborn_linspace"),
        ("--backend", "jax-x64", "--native", "only", "--function", "linspace"),
    ],
    ids=["xspace", "anybody", "native"],
)
def test_failures_are_shown_by_programs(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Each runs by itself, and gives what is wrong."""
    if "jax-x64" in arguments:
        pytest.importorskip("jax")
    wanted = ("--dtype", "float64", "--dtype", "int16", "--seed", "1")
    data = run(tmp_path, *arguments, *wanted, status=WRONG)
    counted = sum(row["wrong"] + row["raised"] for row in data["results"])
    assert counted == sum(group["count"] for group in data["failures"])
    for group in data["failures"]:
        said = io.StringIO()
        names: dict[str, Any] = {}
        if group["cause"].startswith("raised"):
            with pytest.raises(Exception, match=r".*") as caught:
                exec(group["program"], names)
            assert of_error(caught.value) == group["cause"]
            continue
        with contextlib.redirect_stdout(said), np.errstate(all="ignore"):
            exec(group["program"], names)
        found, right = said.getvalue().strip(), group["program"].rpartition("  # ")[2]
        assert found, group["program"]
        assert right.endswith(" is right") or group["cause"].startswith("no "), group["program"]
        if BROKEN not in group["program"]:  # which is wrong only where whole arrays are exported
            assert right != f"{found} is right", group["program"]


def test_causes() -> None:
    form = FLOAT_FORMATS["float32"]
    one, sign = form.from_float(1.0), form.sign_bit
    wanted = {
        (one + 1, one): "the last bit",
        (one + 2, one): "more than the last bit",
        (sign, 0): "the sign of a zero",
        (sign | 1, 0): "the last bit",
        (form.nan, one): "NaN where a number is due",
        (one, form.nan): "a number where NaN is due",
        (form.infinity, one): "infinite where it is not due",
        (one, form.infinity): "not infinite",
        (sign | form.infinity, form.infinity): "more than the last bit",
    }
    assert {pair: of_element(*pair, "float32") for pair in wanted} == wanted
    assert of_element(3, 4, "int8") == "another integer"
    errors = [ValueError(f"num: got {n}, wanted 1 or more\nmore") for n in (0, -7)]
    assert {of_error(error) for error in errors} == {
        "raised ValueError: num: got N, wanted N or more"
    }


def test_summaries_of_the_same_run_are_the_same_bytes(tmp_path: Path) -> None:
    wanted = ("--backend", "numpy", "--seed", "1")
    run(tmp_path / "one", *wanted)
    run(tmp_path / "other", *wanted)
    one, other = ((tmp_path / n / "summary.txt").read_bytes() for n in ("one", "other"))
    assert one == other
    assert b"\nnumpy logspace float64: " in one


@pytest.mark.parametrize(
    ("flaw", "status", "words"), [("sound", RIGHT, "all bits right"), ("last_bit", WRONG, " wrong")]
)
def test_the_badge(tmp_path: Path, flaw: str, status: int, words: str) -> None:
    run(tmp_path, "--backend", f"{BROKEN}:{flaw}", "--seed", "1", status=status)
    root = ElementTree.parse(tmp_path / "badge.svg").getroot()
    assert words in root.attrib["aria-label"]
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert root.attrib["aria-label"] == ": ".join(map(str, texts))


# Against an earlier one.


def test_what_has_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = ("--backend", "numpy", "--dtype", "float64", "--seed", "1")
    earlier = run(tmp_path / "one", *wanted)
    path = tmp_path / "one" / "report.json"
    changed = json.loads(json.dumps(earlier))
    changed["results"][0] |= {"wrong": 3, "worst_ulp": 2.0}
    changed["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(changed), encoding="utf-8")
    capsys.readouterr()
    data = run(tmp_path / "two", *wanted, "--against", str(path))
    found = data["against"]
    assert [row["wrong"] for row in found["better"]] == [[3, 0]]
    assert (found["worse"], found["added"], found["gone"]) == ([], 0, 0)
    assert found["alike"] == len(data["results"]) - 1
    assert ["numpy", "1.0", earlier["versions"]["numpy"]] in found["changed"]
    said = capsys.readouterr().out
    assert "1 better" in said
    assert "better: numpy linspace float64: wrong 3, now 0" in said
    assert "Cells that are better" in (tmp_path / "two" / "index.html").read_text("utf-8")
    assert [row["wrong"] for row in comparison(changed, earlier)["worse"]] == [[0, 3]]


def test_an_earlier_report_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    assert main([*SHORT, "--backend", "numpy", "--against", str(path)]) == USAGE
    path.write_text('{"schema": 0}', encoding="utf-8")
    assert main([*SHORT, "--backend", "numpy", "--against", str(path)]) == USAGE
