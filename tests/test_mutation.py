"""The list of mutants: each still applies, and the machinery tells a killed one from a survivor."""

from __future__ import annotations

import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from rich.console import Console

from tests import mutation
from tests.mutants import MUTANTS, Mutant
from tests.mutation import Outcome, apply, copy, judge, report, source_of, summary

TRUE = Mutant("exact/rounding.py", "(rest != 0)", "(rest > 0)", "the same", ("tests/none.py",))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda m: f"{m.file}-{m.why}".replace(" ", "-"))
def test_it_applies(mutant: Mutant) -> None:
    assert source_of(mutant).count(mutant.old) == 1
    assert mutant.new != mutant.old
    if mutant.file.endswith(".py"):
        compile(source_of(mutant).replace(mutant.old, mutant.new), mutant.file, "exec")
    files = [test for test in mutant.tests if test.endswith(".py")]
    assert files
    for test in files:
        assert (mutation.ROOT / test).is_file()


@pytest.mark.parametrize("tests", sorted({m.tests for m in MUTANTS if "-k" in m.tests}))
def test_words_choose_tests(tests: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:xdist", *tests]
    done = subprocess.run(command, cwd=mutation.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_are_many_and_no_two_alike() -> None:
    assert len(MUTANTS) >= 40
    assert Counter((m.file, m.old, m.new) for m in MUTANTS).most_common(1)[0][1] == 1
    folders = {m.file.partition("/")[0] for m in MUTANTS}
    assert {"call", "engine", "exact"} <= folders


def test_a_text_that_is_not_there_once_is_refused(tmp_path: Path) -> None:
    copy(tmp_path)
    for old in ("no such text", "return"):
        with pytest.raises(ValueError, match="is there"):
            apply(Mutant("exact/progression.py", old, "", "", ()), tmp_path)


def test_killed_and_alive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test of two lines in place of the library's own: the mutant of one constant it sees."""
    for name in mutation.PARTS:
        if name == "pyproject.toml":
            (tmp_path / name).write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
        elif "." in name:
            (tmp_path / name).touch()
        else:
            (tmp_path / name).mkdir()
    (tmp_path / "xspace" / "__init__.py").write_text("A = 1\nB = 2\n")
    (tmp_path / "tests" / "test_it.py").write_text(
        "import xspace\n\n\ndef test_it():\n    assert xspace.A == 1\n"
    )
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    monkeypatch.setattr(source_of, "__defaults__", (tmp_path,))
    tests = ("tests/test_it.py",)
    killed = judge(Mutant("__init__.py", "A = 1", "A = 2", "seen", tests))
    assert killed.killer == "tests/test_it.py::test_it"
    alive = judge(Mutant("__init__.py", "B = 2", "B = 3", "not seen", tests))
    assert alive.killer is None
    assert alive.is_gap
    with pytest.raises(RuntimeError, match="did not run"):
        judge(Mutant("__init__.py", "B = 2", "B = 3", "no such test", ("tests/test_no.py",)))


def test_the_report() -> None:
    explained = Mutant("a.py", "x[0]", "x[1]", "an index", (), "it does not matter")
    outcomes = [
        Outcome(TRUE, "tests/exact/test_exact.py::test_it", 1.0),
        Outcome(TRUE, None, 1.0),
        Outcome(explained, None, 1.0),
    ]
    assert summary(outcomes) == "3 mutants: 1 noticed, 1 explained survivors, 1 UNEXPLAINED"
    text = io.StringIO()
    Console(file=text, width=100).print(report(outcomes))
    for words in ("test_exact.py::test_it", "nothing", "it does not matter", "x[0]"):
        assert words in text.getvalue()
