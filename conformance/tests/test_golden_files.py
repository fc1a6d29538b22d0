"""The golden vectors: what they are made of, and how others read them."""

from __future__ import annotations

import json
import math
import random
import re
import shutil
import struct
import subprocess
from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from xspace_conformance.cases import golden
from xspace_conformance.cases.golden_cases import FUNCTIONS, KINDS, expected_kinds
from xspace_conformance.cases.hard_search import distance, first_in_range, near_a_half
from xspace_conformance.truth.case import scalar_from_json
from xspace_conformance.truth.complex_oracle import PARTS
from xspace_conformance.truth.formats import DTYPES, FLOAT_FORMATS, FloatFormat, format_of
from xspace_conformance.truth.oracle import Grid

FILES = golden.paths()
ERRORS = {"OverflowError": OverflowError, "ValueError": ValueError}
READER = golden.FOLDER / "reader.c"
MOST_BYTES = 1_500_000


def test_files_are_what_the_oracle_writes() -> None:
    assert not golden.differences(), "run python -m xspace_conformance golden"


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
    items = [
        item for name, item in golden.hard_items() if name == function and item["dtype"] == dtype
    ]
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


def test_the_vectors_say_which_format_they_are_of() -> None:
    for name in DTYPES:
        form = format_of(name)
        for text in ("0x1p+0", "-0x0p+0", "inf") if isinstance(form, FloatFormat) else ("1", "0"):
            assert golden.value_to_json(golden.value_from_json(text, name), name) == text
