"""The benchmarks: what is shown of the samples, and that every row does the same work twice."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.__main__ import SECTIONS, main
from benchmarks.callers import rows as callers
from benchmarks.documents import derived
from benchmarks.everyday import rows as everyday
from benchmarks.measure import Result, Spread, numbers, race
from benchmarks.table import amount, as_json, print_table, summary

ROOT = Path(__file__).parents[2]

RESULTS = [
    Result("jax: logspace(a, b, 50)", [2.0, 4.0, 9.0], [1.0, 1.0, 3.0]),
    Result("arange(a, b)", [1e-6], [2e-6]),
]


def test_ratios_are_those_of_a_round_with_their_quartiles(capsys):
    assert RESULTS[0].ratio == Spread(2.5, 3.0, 3.5)
    mean, least, worst = summary(RESULTS)
    assert (round(mean**2, 9), least, worst) == (1.5, 0.5, "arange(a, b)")
    assert summary([Result("memory", [1.0], [1.0], "MiB"), *RESULTS]) is None
    pytest.importorskip("rich")
    print_table("tensors", RESULTS)
    printed = capsys.readouterr().out
    assert "3.00 (2.50-3.50)" in printed
    assert "geometric mean 1.22; least 0.50, arange(a, b)" in printed


def test_amounts_have_a_unit_that_goes_with_them():
    shown = [amount(x, "s", 2) for x in (2.34567, 0.45678, 1e-3, 123.4e-6, 8.765e-6, 2e-8)]
    assert shown == ["2.3 s", "460 ms", "1 ms", "120 µs", "8.8 µs", "0.02 µs"]
    assert amount(76.29, "MiB") == "76.3 MiB"


def test_data_keep_every_sample():
    found = json.loads(as_json({"processor": "a processor"}, samples=[[1.0, 1 / 3], []]))
    assert found == {"processor": "a processor", "samples": [[1.0, 0.3333], []]}


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


def test_quick_calls_make_samples_of_many():
    counts = {"a": 0, "b": 0}

    def count(name):
        counts[name] += 1

    contenders = {name: lambda a, b, name=name: count(name) for name in counts}
    samples = race(contenders, numbers, quick=True, seed=3)
    assert all(len(found) >= 3 for found in samples.values())
    assert all(count > 256 * 3 for count in counts.values())


def _same_work(row):
    """Whether both calls make the same kind of array, or of several."""
    ends = row.draw(random.Random(1))
    made = [call(*ends) for call in (row.native, row.xspace)]
    kinds = [(type(x), *(getattr(x, name, None) for name in ("shape", "dtype"))) for x in made]
    assert kinds[0] == kinds[1], row.work


def test_everyday_rows_do_the_same_work():
    assert len({row.work for row in everyday()}) == 51
    for row in (*everyday(), *callers()):
        _same_work(row)


# PyTorch (2.13) warns of itself when its compiler is loaded.
@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_rows_of_tensors_do_the_same_work():
    jax, torch = pytest.importorskip("jax"), pytest.importorskip("torch")
    from benchmarks import portable, tensors

    wide = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        works = [_same_work(row) or row.work for row in (*tensors.rows(), *portable.rows())]
    finally:
        jax.config.update("jax_enable_x64", wide)
        torch.compiler.reset()
    assert len(works) == len(set(works)) == 51


def test_a_row_is_measured(tmp_path):
    """In processes of their own: each keeps itself on one core."""
    pytest.importorskip("rich")
    path = tmp_path / "samples.json"
    only = r"^(beside import numpy: |logspace\(a, b, 50\)$)"
    arguments = ["everyday", "process", "--quick", "--only", only, "--json", str(path)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert "engine: " in done.stdout
    assert "geometric mean" in done.stdout
    sections = json.loads(path.read_text())["sections"]
    works = [[row["work"] for row in rows] for rows in sections.values()]
    assert works == [["logspace(a, b, 50)"], ["beside import numpy: import xspace"]]


def test_a_section_that_is_not_there(capsys):
    with pytest.raises(SystemExit):
        main(["lanes"])
    assert f"no section is called lanes; there are {', '.join(SECTIONS)}" in capsys.readouterr().err


def test_the_documents_show_what_was_measured():
    """Tables of the documentation, and that of the README, follow from the data."""
    for path, text in derived(ROOT / "docs").items():
        assert path.read_text(encoding="utf-8") == text, path.name


def test_the_drawing_has_a_dark_variant(tmp_path):
    pytest.importorskip("matplotlib")
    from benchmarks.plot import draw

    curves = {"numpy": {10: [1e-6, 2e-6], 100: [3e-6, 4e-6]}, "full": {10: [1e-7], 100: [1e-6]}}
    light, dark = draw(curves, tmp_path / "time.svg")
    assert (light.name, dark.name) == ("time.svg", "time-dark.svg")
    assert light.read_text() != dark.read_text()
    again, _ = draw(curves, tmp_path / "again.svg")
    assert again.read_text() == light.read_text()  # nothing of the day or of chance
