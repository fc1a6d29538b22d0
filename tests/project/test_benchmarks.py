"""The benchmarks: what is shown of the samples, and that every row can be measured."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from benchmarks.measure import Result, Spread, race
from benchmarks.plot import draw
from benchmarks.rows import rows
from benchmarks.table import as_json, as_text

ABOUT = {
    "versions": {"xspace": "1"},
    "engine": "compiled",
    "processor": "a processor",
    "simd": "SSE",
    "seed": 1,
}


def test_ratios_are_those_of_a_round_with_their_quartiles():
    samples = {"native": [2.0, 4.0, 9.0], "xspace": [1.0, 1.0, 3.0], "full": [1.0, 0.5, 0.5]}
    result = Result("work", "numpy.logspace", "ns/element", samples)
    assert result.ratio("native", "xspace") == Spread(2.5, 3.0, 3.5)
    text = as_text(ABOUT, [result])
    assert "3 (2.5-3.5)" in text
    assert "2 (1.5-4)" in text  # xspace / full
    found = json.loads(as_json(ABOUT, rows=[samples]))
    assert found["rows"] == [samples]
    assert found["processor"] == "a processor"


def test_rounds_take_turns_with_the_same_arguments():
    calls = []

    def call(name, *ends):
        time.sleep(0.005)  # as long as a sample: one call each
        calls.append((name, ends))

    contenders = {name: lambda a, b, name=name: call(name, a, b) for name in "ab"}
    samples = race(contenders, lambda rng: (rng.random(), 1.0), quick=True, seed=3)
    rounds = len(samples["a"])
    assert rounds == len(samples["b"]) >= 3
    turns = calls[-2 * rounds :]
    assert [name for name, _ in turns] == ["a", "b"] * rounds
    ends = [ends for _, ends in turns]
    assert ends[::2] == ends[1::2]
    assert len(set(ends)) == rounds


def test_every_row_has_a_name_of_its_own():
    names = [row.work for row in rows()]
    assert len(names) == len(set(names))
    for wanted in ("logspace, 50", "workers", "jitted", "linspace", "lanes", "torch", "jax"):
        assert any(wanted.replace("workers", "all cores") in name for name in names), wanted


@pytest.mark.parametrize("function", ["logspace", "linspace"])
def test_a_row_is_measured(function):
    """In a process of its own: it keeps itself on one core."""
    pytest.importorskip("rich")
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--only", f"^numpy float64 {function}, 50"],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert f"numpy float64 {function}, 50" in done.stdout
    assert "met" in done.stdout or "missed" in done.stdout


def test_the_drawing_has_a_dark_variant(tmp_path):
    pytest.importorskip("matplotlib")
    curves = {"numpy": {10: [1e-6, 2e-6], 100: [3e-6, 4e-6]}, "full": {10: [1e-7], 100: [1e-6]}}
    light, dark = draw(curves, tmp_path / "time.svg")
    assert (light.name, dark.name) == ("time.svg", "time-dark.svg")
    assert light.read_text() != dark.read_text()
    again, _ = draw(curves, tmp_path / "again.svg")
    assert again.read_text() == light.read_text()  # nothing of the day or of chance
