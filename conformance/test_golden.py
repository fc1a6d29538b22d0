"""The golden vectors: what they are made of, how others read them, and every target."""

from __future__ import annotations

import json
import math
import random
import re
import shutil
import struct
import subprocess
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from . import golden
from .answers import Answer
from .cases import Case, scalar_from_json
from .compare import canonical, check_error, report
from .complex_oracle import PARTS
from .formats import DTYPES, FLOAT_FORMATS, FloatFormat, format_of
from .golden import Vector, digest_of
from .golden_cases import FUNCTIONS, KINDS, expected_kinds
from .hard_search import distance, first_in_range, near_a_half
from .lanes import Batch, Ends
from .oracle import Grid
from .targets import Target

FILES = golden.paths()
ERRORS = {"OverflowError": OverflowError, "ValueError": ValueError}
READER = golden.FOLDER / "reader.c"
MOST_BYTES = 1_500_000


def test_files_are_what_the_oracle_writes() -> None:
    assert not golden.differences(), "run python -m conformance.golden"


def test_a_changed_file_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in FILES:
        shutil.copy(path, tmp_path)
    shutil.copy(golden.FOUND, tmp_path)
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    path = tmp_path / "linspace-exact.json"
    path.write_text(path.read_text().replace('"0x1p+0"', '"0x1.0000000000001p+0"', 1))
    (tmp_path / "arange-exact.json").unlink()
    (tmp_path / "linspace-more.json").write_text("")
    names = ["arange-exact.json", "linspace-exact.json", "linspace-more.json"]
    assert golden.differences() == names
    assert golden.main(["--check"]) == 1


def test_there_are_vectors_of_every_kind_for_every_dtype() -> None:
    found: dict[tuple[str, str], set[str]] = {}
    for path in FILES:
        function, kind = path.stem.split("-")
        assert kind in KINDS
        for vector in golden.load(path):
            found.setdefault((function, vector.case.dtype), set()).add(kind)
    for function in FUNCTIONS:
        for dtype in (*DTYPES, *PARTS):
            missing = set(expected_kinds(function, dtype)) - found.get((function, dtype), set())
            assert not missing, f"{function} in {dtype}: no {missing}"
    assert sum(path.stat().st_size for path in golden.FOLDER.iterdir()) < MOST_BYTES


def test_the_schema_holds() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((golden.FOLDER / "schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in FILES:
        validator.validate(json.loads(path.read_text()))
    broken = json.loads(FILES[0].read_text())
    broken["cases"][0]["start"] = 0.1
    assert not validator.is_valid(broken)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_keep_to_the_schema(path: Path) -> None:
    """The same in short, where there is no validator: keys, patterns, lengths."""
    schema = json.loads((golden.FOLDER / "schema.json").read_text())
    known = schema["$defs"]["case"]["properties"]
    patterns = [re.compile(schema["$defs"][name]["pattern"]) for name in ("float", "integer")]
    for line in path.read_text(encoding="ascii").splitlines()[1:-1]:
        item = json.loads(line.rstrip(","))
        assert item.keys() <= known.keys()
        values = item.get("values", [])
        assert len(values) == len(item.get("indices", range(item["num"] if values else 0)))
        for value in values:
            for text in value if isinstance(value, list) else [value]:
                assert patterns[item["dtype"] not in (*FLOAT_FORMATS, *PARTS)].fullmatch(text)


# Hard ones.


def hard_items() -> list[tuple[str, dict[str, Any]]]:
    """Return the cases of all files of hard ones, with their functions."""
    found = []
    for path in FILES:
        data = json.loads(path.read_text())
        if data["kind"] == "hard":
            found += [(data["function"], item) for item in data["cases"]]
    return found


@pytest.mark.parametrize(
    ("function", "dtype", "bits"),
    [
        *(("linspace", name, form.precision - 2) for name, form in FLOAT_FORMATS.items()),
        *(("arange", name, form.precision - 5) for name, form in FLOAT_FORMATS.items()),
        *((f, "float64", 27) for f in ("logspace", "geomspace")),
        *((f, "float32", 20) for f in ("logspace", "geomspace")),
        *((f, name, 12) for f in ("logspace", "geomspace") for name in ("float16", "bfloat16")),
        *(("linspace", name, 20) for name in ("int8", "uint64")),
        *(("logspace", name, 40) for name in ("int8", "int64")),
        *(("geomspace", name, 40) for name in ("int64", "uint64")),
    ],
)
def test_hard_ones_are_hard(function: str, dtype: str, bits: int) -> None:
    items = [item for name, item in hard_items() if name == function and item["dtype"] == dtype]
    assert len(items) >= 4
    for item in items:
        assert 0 < float.fromhex(item["closest"]["distance"]) <= 2.0**-bits


def test_distances_are_those_of_exact_arithmetic() -> None:
    tie = Grid("linspace", 2**53, 2**53 + 2, 3)
    beside = Grid("linspace", 2**53 + Fraction(1, 1024), 2**53 + 2, 3)
    root = Grid("geomspace", 1, 2**80 - 1, 3)
    assert distance(tie, 1, "float64") == 0
    assert distance(beside, 1, "float64") == Fraction(1, 2048) / 2
    assert distance(tie, 0, "float64") == Fraction(1, 2)
    assert distance(root, 1, "int64") * 2**41 == pytest.approx(1, abs=1e-9)
    assert distance(Grid("linspace", 0.1, 1, 2), 1, "int8") == 0


def test_first_in_range_against_brute_force() -> None:
    rng = random.Random(7)
    for _ in range(3000):
        m = rng.randint(1, 150)
        a, low = rng.randrange(m), rng.randrange(m)
        high = rng.randrange(low, m)
        wanted = next((x for x in range(m) if low <= a * x % m <= high), None)
        assert first_in_range(a, m, low, high) == wanted


def test_near_a_half_against_brute_force() -> None:
    rng = random.Random(8)
    for _ in range(20):
        slope, value = Fraction(rng.random()), Fraction(rng.random())
        width, count = Fraction(1, 64), 500
        wanted = [x for x in range(count) if abs((value + slope * x) % 1 - Fraction(1, 2)) <= width]
        assert list(near_a_half(slope, value, count, width)) == wanted


# Readers in another language.


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler (cc)")
def test_the_reader_in_c(tmp_path: Path) -> None:
    program = tmp_path / "reader"
    warnings = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off")
    subprocess.run(["cc", *warnings, "-o", program, READER], check=True)
    checked = 0
    for path in FILES:
        if path.stem.startswith("linspace") and not path.stem.endswith("complex"):
            text = path.read_text()
            done = subprocess.run([program], input=text, text=True, capture_output=True, check=True)
            wanted = naive_score(path)
            assert done.stdout == f"{wanted['right']} of {wanted['all']} elements are right\n"
            checked += wanted["all"]
            if path.stem == "linspace-hard":
                assert wanted["right"] < wanted["all"]
    assert checked > 200


def is_double(x: Any) -> bool:
    """Say whether the reader takes a parameter."""
    return math.isfinite(x) if isinstance(x, float) else x.denominator == 1 and abs(x) < 2**53


def naive_score(path: Path) -> Counter[str]:
    """Do what the reader does: count the elements that the naive formula gets right."""
    score: Counter[str] = Counter()
    for item in json.loads(path.read_text())["cases"]:
        start, stop = (scalar_from_json(item[name]) for name in ("start", "stop"))
        if item["dtype"] != "float64" or not (is_double(start) and is_double(stop)):
            continue
        if "values" not in item:
            continue
        start, stop = float(start), float(stop)
        div = item["num"] - item.get("endpoint", True)
        for i, text in zip(item.get("indices", range(item["num"])), item["values"], strict=True):
            mine = start + i * ((stop - start) / div) if div else start
            score["all"] += 1
            score["right"] += struct.pack("d", mine) == struct.pack("d", float.fromhex(text))
    return score


# Targets.


@pytest.mark.shares
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_target(target: Target, path: Path) -> None:
    wrong = []
    checked = 0
    for vector in golden.load(path):
        case = vector.case
        part = PARTS.get(case.dtype, case.dtype)
        if case.dtype in PARTS:
            taken = target.has(part) and hasattr(target.xp, case.dtype)
            taken = taken and case.num % target.share.multiple == 0
        else:
            taken = target.takes(case)
        if not taken:
            continue
        checked += 1
        try:
            message = check_vector(target, vector)
        except Exception as error:
            message = f"{case.name}: {error!r}\n  {target.snippet(case)}"
        if message is not None:
            wrong.append(message)
    if not checked:
        pytest.skip(f"{target.name} has none of the dtypes")
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
    message = report(case, indices, bits[indices], vector.bits, target.snippet(case))
    digest = digest_of(canonical(bits, case.dtype))
    if message is None and vector.digest not in (None, digest):
        message = f"{case.name}: another element differs (digest)\n  {target.snippet(case)}"
    return message


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
    items = [item for name, item in hard_items() if name == function]
    return [(item, golden.vector_of(function, item)) for item in items if target.has(item["dtype"])]


@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
@pytest.mark.parametrize("times", [250, 3001])
def test_hard_ones_within_finer_grids(target: Target, function: str, times: int) -> None:
    """A finer grid has the same elements; long ones are made in another way than short ones."""
    for _, vector in hard_vectors(target, function):
        assert vector.bits is not None
        case = vector.case
        finer = replace(case, num=(case.num - 1) * times + 1)
        got = target.bits(finer)[::times]
        message = report(case, np.arange(case.num), got, vector.bits, target.snippet(finer))
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


def test_the_vectors_say_which_format_they_are_of() -> None:
    for name in DTYPES:
        form = format_of(name)
        for text in ("0x1p+0", "-0x0p+0", "inf") if isinstance(form, FloatFormat) else ("1", "0"):
            assert golden.value_to_json(golden.value_from_json(text, name), name) == text
