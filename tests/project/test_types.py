"""What type checkers find: the types of right calls, and wrong ones."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import xspace

ROOT = Path(__file__).parents[2]
TYPED = ROOT / "tests" / "project" / "typed"
STUB = Path(xspace.__file__).with_suffix(".pyi")
FILES = ("libraries.py", "right.py", "wrong.py")
FUNCTIONS = ("arange", "geomspace", "linspace", "logspace")


def marked() -> set[int]:
    """The lines of the file of mistakes that say that they are wrong."""
    lines = (TYPED / "wrong.py").read_text().splitlines()
    return {i for i, line in enumerate(lines, 1) if line.endswith("# wrong")}


def environment() -> dict[str, str]:
    paths = [str(STUB.parents[1]), str(TYPED / "stubs")]
    return {**os.environ, "MYPYPATH": os.pathsep.join(paths), "MYPY_FORCE_COLOR": "0"}


@pytest.fixture(scope="module")
def found_by_mypy(tmp_path_factory) -> dict[str, set[int]]:
    """The lines with errors in each file."""
    pytest.importorskip("mypy")
    folder = tmp_path_factory.mktemp("mypy")
    config = folder / "mypy.ini"
    config.write_text(settings())
    options = [f"--config-file={config}", f"--cache-dir={folder}", "--no-error-summary"]
    return errors_of([sys.executable, "-m", "mypy", *options, *FILES])


def settings() -> str:
    """Strict, as a user may be; other libraries are not read, but PyTorch and JAX as they are here.

    Their own types take a minute.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (optional,) = [o["module"] for o in project["tool"]["mypy"]["overrides"]]
    lines = ["[mypy]", "strict = true"]
    for module in optional:
        lines += [f"[mypy-{module}]", "ignore_missing_imports = true", "follow_imports = skip"]
    for module in ("jax", "jax.numpy", "torch"):
        lines += [f"[mypy-{module}]", "follow_imports = normal"]
    return "\n".join(lines)


def errors_of(command: list[str]) -> dict[str, set[int]]:
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, env=environment(), cwd=TYPED
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found: dict[str, set[int]] = {name: set() for name in FILES}
    for name, line in re.findall(r"^(\w+\.py):(\d+): error", done.stdout, re.MULTILINE):
        found[name].add(int(line))
    return found


def test_mypy(found_by_mypy):
    assert found_by_mypy == {"right.py": set(), "libraries.py": set(), "wrong.py": marked()}


def test_pyright():
    """It reads the libraries as they are installed."""
    for module in ("jax", "pyright", "torch"):
        pytest.importorskip(module)
    options = ["-p", str(TYPED), "--pythonpath", sys.executable, "--outputjson"]
    command = [sys.executable, "-m", "pyright", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    found: dict[str, set[int]] = {}
    for note in json.loads(done.stdout)["generalDiagnostics"]:
        if note["severity"] == "error":
            line = note["range"]["start"]["line"] + 1
            found.setdefault(Path(note["file"]).name, set()).add(line)
    assert found == {"wrong.py": marked()}


def keywords_of(tree: ast.Module) -> dict[str, set[str]]:
    """The keys of each class of options, with those that it inherits."""
    found: dict[str, set[str]] = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = {a.target.id for a in node.body if isinstance(a, ast.AnnAssign)}
            found[node.name] |= set().union(*(found.get(b.id, set()) for b in node.bases))
    return found


@pytest.mark.parametrize("name", FUNCTIONS)
def test_overloads_have_the_arguments_of_the_function(name):
    tree = ast.parse(STUB.read_text())
    options = keywords_of(tree)
    real = inspect.signature(getattr(xspace, name)).parameters.values()
    placed = [p.name for p in real if p.kind is p.POSITIONAL_OR_KEYWORD]
    named = {p.name for p in real if p.kind is p.KEYWORD_ONLY}
    overloads = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == name]
    assert len(overloads) > 5
    for overload in overloads:
        assert [a.arg for a in overload.args.args] == placed
        assert overload.args.kwarg is not None
        keys = options[overload.args.kwarg.annotation.slice.id]
        assert {a.arg for a in overload.args.kwonlyargs} | keys == named


def test_stub_has_the_public_names():
    tree = ast.parse(STUB.read_text())
    names = next(n.value for n in tree.body if isinstance(n, ast.Assign))
    assert ast.literal_eval(names) == xspace.__all__
