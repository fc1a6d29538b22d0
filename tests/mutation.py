"""Do the tests notice a wrong bound, a wrong constant, a wrong comparison?

``python -m tests.mutation`` changes one thing in the engine at a time, in a temporary copy
of the library, and runs the few tests that should notice. A mutant that they fail is killed; one
that they pass survived, and is either a gap or explained in its row of the table
(`mutants.MUTANTS`). ``--only WORDS`` picks mutants by file or text, ``--text FILE`` also writes the
report without colours; the exit status is 1 if a mutant survived that should not have.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from .mutants import MUTANTS, Mutant

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("xspace", "tests", "conformance", "pyproject.toml", "setup.py", "README.md")
SUITE = "conformance/xspace_conformance/"
SECONDS = 600  # after which tests that hang have noticed, too
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: the test that noticed, if one did."""

    mutant: Mutant
    killer: str | None
    seconds: float

    @property
    def is_gap(self) -> bool:
        """Whether it survived without an explanation."""
        return self.killer is None and not self.mutant.survives


def source_of(mutant: Mutant, root: Path = ROOT) -> str:
    """Return the text of the file that a mutant changes."""
    return (root / "xspace" / mutant.file).read_text(encoding="utf-8")


def apply(mutant: Mutant, root: Path) -> None:
    """Change a copy of the library."""
    text = source_of(mutant, root)
    count = text.count(mutant.old)
    if count != 1:
        raise ValueError(f"{mutant.file}: {mutant.old!r} is there {count} times")
    path = root / "xspace" / mutant.file
    path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")


def copy(folder: Path) -> None:
    """Copy what the tests need."""
    for name in PARTS:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "_native*.so")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)


def compile_engine(folder: Path) -> None:
    """Make the extension module of a copy."""
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode or not [*folder.glob("xspace/engine/_native*")][1:]:  # beside its types
        raise RuntimeError(f"the engine was not compiled:\n{done.stderr}")


def run_tests(folder: Path, tests: tuple[str, ...], native: str = "0") -> str | None:
    """Return the name of the first test that fails, or None."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {
        "XSPACE_NATIVE": native,  # the compiled engine is another copy of the arithmetic
        "PYTHONPATH": os.pathsep.join([str(folder), str(folder / "conformance")]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",  # the same examples every time
    }
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return "out of time"
    if done.returncode == 0:
        return None
    found = FAILED.search(done.stdout)
    if done.returncode != 1 and not found:
        raise RuntimeError(f"the tests did not run:\n{done.stdout}{done.stderr}")
    return found[1] if found else "unknown"


def judge(mutant: Mutant) -> Outcome:
    """Say what becomes of a mutant."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = Path(name)
        copy(folder)
        apply(mutant, folder)
        if mutant.is_of_module:
            compile_engine(folder)
        killer = run_tests(folder, mutant.tests, str(int(mutant.is_of_module)))
    return Outcome(mutant, killer, time.monotonic() - start)


def check_unchanged(mutants: list[Mutant]) -> None:
    """Fail unless all tests pass on the library as it is."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        copy(Path(name))
        if any(mutant.is_of_module for mutant in mutants):
            compile_engine(Path(name))
        # Each set is a command of its own, with options of its own.
        for tests, of_module in sorted({(m.tests, m.is_of_module) for m in mutants}):
            failed = run_tests(Path(name), tests, str(int(of_module)))
            if failed:
                raise RuntimeError(f"{failed} fails without any mutant")


def report(outcomes: list[Outcome]) -> Table:
    """Return the table of all mutants."""
    table = Table("file", "what is changed", "noticed by", title="Mutants", show_lines=True)
    for outcome in outcomes:
        mutant = outcome.mutant
        change = f"{mutant.why}\n[dim]- {_short(mutant.old)}\n+ {_short(mutant.new)}[/dim]"
        if outcome.killer:
            verdict = f"[green]{outcome.killer.removeprefix(SUITE).removeprefix('tests/')}[/green]"
        elif mutant.survives:
            verdict = f"[yellow]survives[/yellow]: {mutant.survives}"
        else:
            verdict = "[bold red]nothing[/bold red]"
        table.add_row(mutant.file, change, verdict)
    return table


def _short(text: str) -> str:
    """Return the changed lines on one, with nothing in it that looks like markup."""
    return " / ".join(line.strip() for line in text.strip().splitlines()).replace("[", r"\[")


def summary(outcomes: list[Outcome]) -> str:
    """Say how many mutants were noticed."""
    killed = sum(outcome.killer is not None for outcome in outcomes)
    gaps = sum(outcome.is_gap for outcome in outcomes)
    survived = len(outcomes) - killed - gaps
    text = f"{len(outcomes)} mutants: {killed} noticed, {survived} explained survivors"
    return text + (f", {gaps} UNEXPLAINED" if gaps else "")


def main(arguments: list[str] | None = None) -> int:
    """Judge all mutants."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--only", default="", help="mutants with these words in file, text, reason")
    parser.add_argument("--text", type=Path, help="where the report goes besides")
    parser.add_argument("--jobs", type=int, default=2, help="mutants at a time (default: 2)")
    parser.add_argument("--trust", action="store_true", help="do not run the tests unchanged first")
    options = parser.parse_args(arguments)
    mutants = [m for m in MUTANTS if options.only in f"{m.file} {m.old} {m.why}"]
    if not options.trust:
        check_unchanged(mutants)
    console = Console()
    with ThreadPoolExecutor(options.jobs) as pool:
        running = pool.map(judge, mutants)
        outcomes = list(track(running, "mutants", total=len(mutants), console=console))
    console.print(report(outcomes), summary(outcomes))
    if options.text is not None:
        with options.text.open("w", encoding="utf-8") as file:
            Console(file=file, width=110).print(report(outcomes), summary(outcomes))
    return int(any(outcome.is_gap for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
