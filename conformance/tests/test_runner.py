"""The suite as a program: exit statuses, what is found, and what reports say."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from xspace_conformance.cases.questions import Question, questions
from xspace_conformance.checks.scores import distances, is_asked, judge
from xspace_conformance.report.curves import CALLS, PRECISION, error_ulp, exact_value
from xspace_conformance.runs import program
from xspace_conformance.runs.program import main
from xspace_conformance.runs.run import RIGHT, USAGE, WRONG
from xspace_conformance.subjects.native import natives
from xspace_conformance.subjects.targets import line_up
from xspace_conformance.truth.case import Case
from xspace_conformance.truth.formats import DTYPES, FLOAT_FORMATS, format_of

SAMPLES = "xspace_conformance.subjects.sample_callables"
BROKEN = "xspace_conformance.subjects.broken"
SHORT = ("--quick", "--elements", "500", "--seed", "1")
KEYS = {
    "schema": int,
    "xspace": str,
    "command": str,
    "seed": int,
    "started": str,
    "seconds": float,
    "platform": dict,
    "versions": dict,
    "devices": list,
    "libraries": list,
    "targets": list,
    "absent": dict,
    "results": list,
    "failures": list,
    "agreement": list,
    "curves": list,
    "reports": list,
}
ITEMS: dict[str, dict[str, Any]] = {
    "targets": {"name": str, "kind": str, "library": str, "device": (str, type(None))},
    "results": {
        "target": str,
        "function": str,
        "dtype": str,
        "cases": int,
        "elements": int,
        "wrong": int,
        "raised": int,
        "worst_ulp": (float, type(None)),
        "worst": (dict, type(None)),
    },
    "failures": {
        "kind": str,
        "cause": str,
        "count": int,
        "program": str,
        "targets": list,
        "functions": list,
        "dtypes": list,
    },
    "agreement": {"function": str, "dtype": str, "targets": list, "elements": int, "differ": list},
    "curves": {
        "target": str,
        "function": str,
        "dtype": str,
        "call": str,
        "num": int,
        "index": list,
        "ulp": list,
    },
    "reports": {
        "id": str,
        "library": str,
        "title": str,
        "url": str,
        "snippet": str,
        "wanted": str,
        "answers": dict,
        "right": dict,
    },
}


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in for the page, and keep what it is given."""
    given: list[dict[str, Any]] = []

    def write_html(data: dict[str, Any], path: Path) -> None:
        given.append(data)
        path.write_text("page", encoding="utf-8")

    monkeypatch.setattr(program, "write_html", write_html)
    return given


def result_of(data: dict[str, Any], target: str, function: str, dtype: str) -> dict[str, Any]:
    """Return one row of a report."""
    wanted = (target, function, dtype)
    (row,) = (r for r in data["results"] if (r["target"], r["function"], r["dtype"]) == wanted)
    return row


# Exit statuses.


def test_all_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--backend", "numpy"]) == RIGHT
    said = capsys.readouterr().out
    assert "--seed 1 repeats it" in said
    assert "none is wrong" in said


@pytest.mark.parametrize("flaw", ["last_bit", "zero_sign", "wrong_dtype"])
def test_a_broken_backend_is_found(flaw: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--backend", f"{BROKEN}:{flaw}", "--function", "linspace", "--dtype", "float64")
    with np.errstate(all="ignore"):
        assert main([*SHORT, *arguments]) == WRONG
    assert ("raised" if flaw == "wrong_dtype" else "wrong") in capsys.readouterr().out


def test_a_sound_stranger_passes() -> None:
    assert main([*SHORT, "--backend", f"{BROKEN}:sound", "--function", "logspace"]) == RIGHT


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--backend", "nonesuch"), "no such backend"),
        (("--backend", "numpy", "--device", "cuda"), "numpy: no GPU (asked for device cuda)"),
        (("--backend", "numpy", "--dtype", "bfloat16"), "no target has bfloat16"),
        (
            (
                "--target",
                f"{SAMPLES}:linspace",
                "--function",
                "logspace",
                "--function",
                "geomspace",
            ),
            "no target has such a function",
        ),
        (("--target", "nonesuch.module:linspace"), "cannot be imported"),
        (("--target", "numpy:nonesuch_linspace"), "numpy has no nonesuch_linspace"),
        (("--target", "numpy"), "wanted package.module:function"),
        (("--target", "numpy:pi"), "is a float, wanted a function"),
        (("--target", f"{SAMPLES}:grid"), "does not say which function it is"),
        (("--target", f"{SAMPLES}:useless_linspace"), "RuntimeError: not today"),
    ],
)
def test_what_cannot_run_is_said(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SHORT, *arguments]) == USAGE
    assert message in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--deep", "0"),
        ("--elements", "-1"),
        ("--processes", "0"),
        ("--dtype", "float128"),
        ("--signature", "torch"),
        ("--native", "never"),
    ],
)
def test_a_wrong_command_line(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments])
    assert caught.value.code == USAGE
    assert arguments[0] in capsys.readouterr().err


# Callables.


@pytest.mark.parametrize(
    ("name", "signature", "module"),
    [
        ("linspace", "numpy", "numpy"),
        ("standard_linspace", "array-api", "numpy"),
        ("torch_logspace", "torch", "torch"),
    ],
)
def test_a_right_callable_of_each_signature(
    name: str, signature: str, module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if module != "numpy":
        pytest.importorskip(module)
    arguments = ("--target", f"{SAMPLES}:{name}", "--signature", signature)
    assert main([*SHORT, *arguments]) == RIGHT
    said = capsys.readouterr().out
    assert f"\n{name.rpartition('_')[2]} (" in said
    assert "on one target: none is wrong" in said


def test_a_wrong_callable_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--target", f"{SAMPLES}:naive_geomspace"]) == WRONG
    assert "geomspace" in capsys.readouterr().out


def test_a_callable_that_raises_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--target", f"{SAMPLES}:stubborn_linspace", "--dtype", "float64")
    assert main([*SHORT, *arguments]) == WRONG
    assert "none is wrong, " in capsys.readouterr().out


def test_the_function_can_be_told() -> None:
    arguments = ("--target", f"{SAMPLES}:grid", "--dtype", "float32")
    assert main([*SHORT, *arguments, "--function", "linspace"]) == RIGHT
    assert main([*SHORT, *arguments, "--function", "logspace"]) == WRONG


# Native functions.


def test_native_functions_are_told_and_do_not_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.json"
    arguments = (*SHORT, "--backend", "numpy", "--dtype", "float64", "--json", str(path))
    assert main([*arguments, "--native"]) == RIGHT
    data = json.loads(path.read_text(encoding="utf-8"))
    row = result_of(data, "native:numpy", "logspace", "float64")
    assert row["wrong"] > 0
    assert row["worst"]["snippet"].startswith("numpy.logspace(")
    namespace: dict[str, Any] = {"numpy": np}
    with np.errstate(all="ignore"):
        again = eval(row["worst"]["snippet"], namespace)[row["worst"]["index"]]
    assert again == float.fromhex(row["worst"]["got"]) != float.fromhex(row["worst"]["wanted"])
    assert result_of(data, "numpy", "logspace", "float64")["wrong"] == 0
    assert main([*arguments, "--native", "only"]) == WRONG
    assert "numpy" not in {t["name"] for t in json.loads(path.read_text())["targets"]}


@pytest.mark.parametrize("native", [*natives(line_up(["numpy"]).targets)], ids=str)
def test_native_functions_answer_what_they_can(native: Any) -> None:
    for function in native.functions:
        case = Case("plain", function, 1, 4, 3)
        score, bits = judge(native, Question(case))
        assert (score.cases, score.elements, score.raised) == (1, 3, 0)
        assert bits is not None
    exact = Case("exact", "linspace", Fraction(1, 3), 10**30, 3)
    assert not is_asked(native, Question(exact))
    assert not is_asked(native, Question(Case("due", "geomspace", 0, 1, 3)))


# Reports.


def test_the_report(tmp_path: Path, page: list[dict[str, Any]]) -> None:
    folder = tmp_path / "new" / "folder"
    backends = ("--backend", "numpy", "--backend", f"{BROKEN}:last_bit", "--native")
    with np.errstate(all="ignore"):
        status = main(
            [*SHORT, *backends, "--dtype", "float64", "--dtype", "int32", "--report", str(folder)]
        )
    assert status == WRONG
    assert sorted(path.name for path in folder.iterdir()) == [
        *("badge.svg", "index.html", "junit.xml", "report.json", "summary.txt")
    ]
    data = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert page == [data]
    check_schema(data)
    check_junit(folder / "junit.xml", data)
    check_agreement(data)
    for row in data["curves"]:
        if row["target"] == "numpy":
            assert max(map(abs, row["ulp"])) <= 0.5
    assert any(max(map(abs, row["ulp"])) > 1 for row in data["curves"])
    for report in data["reports"]:
        assert report["right"]["numpy"], report
        assert report["answers"]["numpy"] == report["wanted"]
    assert not all(report["right"].get("native:numpy", True) for report in data["reports"])


def check_schema(data: dict[str, Any]) -> None:
    """Check names and types, and that the lists belong together."""
    assert {key: type(data[key]) for key in KEYS} == KEYS
    assert data["schema"] == 1
    assert {*data["platform"]} == {"system", "machine", "processor", "cores", "python"}
    for name, kinds in ITEMS.items():
        assert data[name], name
        for item in data[name]:
            assert {*kinds} <= {*item}, (name, item)
            assert all(isinstance(item[key], kind) for key, kind in kinds.items()), (name, item)
    names = {target["name"] for target in data["targets"]}
    assert {result["target"] for result in data["results"]} == names
    for curve in data["curves"]:
        assert len(curve["index"]) == len(curve["ulp"]) <= 400
        assert curve["target"] in names
    for result in data["results"]:
        assert (result["worst"] is not None) == (result["wrong"] > 0)
        assert result["dtype"] in DTYPES


def check_junit(path: Path, data: dict[str, Any]) -> None:
    """Check that the test cases are the results, and fail where these are wrong and count."""
    root = ElementTree.parse(path).getroot()
    found = {}
    for suite in root.findall("testsuite"):
        for case in suite.findall("testcase"):
            found[suite.get("name"), case.get("name")] = case.find("failure") is not None
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert suite.get("failures") == str(len(suite.findall("testcase/failure")))
    wanted = {
        (row["target"], f"{row['function']}-{row['dtype']}"): bool(row["wrong"] or row["raised"])
        and not row["target"].startswith("native:")
        for row in data["results"]
    }
    assert found == wanted
    assert any(found.values())
    assert root.get("tests") == str(len(found))
    assert root.get("failures") == str(sum(found.values()))
    failure = root.find("testsuite/testcase/failure")
    assert failure is not None
    assert f"xp={BROKEN}.last_bit" in (failure.text or "")


def check_agreement(data: dict[str, Any]) -> None:
    """Check that the matrices are square and symmetric, and see the flaw."""
    for group in data["agreement"]:
        matrix = np.array(group["differ"])
        size = len(group["targets"])
        assert matrix.shape == (size, size)
        assert (matrix == matrix.T).all()
        assert not np.diag(matrix).any()
        assert matrix.max() <= group["elements"]
    (floats,) = (
        group
        for group in data["agreement"]
        if (group["function"], group["dtype"]) == ("linspace", "float64")
    )
    place = floats["targets"].index(f"{BROKEN}:last_bit")
    assert floats["differ"][floats["targets"].index("numpy")][place] > 0


# Parts.


def test_questions_come_in_order_and_again() -> None:
    def ask(seed: int) -> list[Question]:
        wanted = (("linspace", "geomspace"), ("float32", "int8"))
        return questions(*wanted, quick=True, elements=4000, seed=seed)

    cells = [(q.case.function, q.case.dtype) for q in ask(1)]
    assert [*dict.fromkeys(cells)] == [
        *(("linspace", "float32"), ("linspace", "int8")),
        *(("geomspace", "float32"), ("geomspace", "int8")),
    ]
    assert sum(q.case.num for q in ask(1) if q.known is None) == 4000
    assert repr(ask(1)) == repr(ask(1)) != repr(ask(2))


@pytest.mark.parametrize("dtype", [*DTYPES])
def test_distances_are_those_of_integers(dtype: str) -> None:
    form = format_of(dtype)
    rng = np.random.default_rng(1)
    got, wanted = rng.integers(0, 1 << form.width, (2, 500), form.view, endpoint=False)
    found = distances(got, wanted, dtype)
    for one, other, ulp in zip(got.tolist(), wanted.tolist(), found, strict=True):
        if dtype in FLOAT_FORMATS:
            exact: float = abs(form.ordinal(one) - form.ordinal(other))
            finite = all(bits & (form.sign_bit - 1) < form.infinity for bits in (one, other))
            exact = float(exact) if finite else float("nan")
        else:
            signed = [
                bits - (bits >> (form.width - 1) << form.width if form.signed else 0)
                for bits in (one, other)
            ]
            exact = float(abs(signed[0] - signed[1]))
        assert ulp == exact or np.isnan([ulp, exact]).all()


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.function}-{call.name}")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_errors_are_counted_from_the_exact_value(call: Case, dtype: str) -> None:
    form = FLOAT_FORMATS[dtype]
    exact = exact_value(call, 333)
    assert exact.precision == PRECISION
    nearest = form.from_float(float(exact))
    errors = [error_ulp(form.to_float(nearest + step), exact, form) for step in (-1, 0, 1)]
    assert all(error is not None for error in errors)
    assert abs(errors[1]) <= 0.5
    steps = np.diff(errors)
    assert np.allclose(np.abs(steps), 1, rtol=0, atol=1e-9)
    assert error_ulp(float("inf"), exact, form) is None
