"""The worked example of CONTRIBUTING.md: a backend for `sparrow`, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = "conformance/xspace_conformance/tests"


def block(name: str) -> str:
    """The block of code that stands after a comment with its name."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {re.escape(name)} -->\n```python\n(.*?)```", text, re.DOTALL)
    assert found is not None, f"CONTRIBUTING.md has no block {name}"
    return found.group(1)


def insert(path: Path, before: str, text: str) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count(before) == 1
    path.write_text(source.replace(before, text + before), encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project, in which the steps have been followed."""
    home = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("xspace", "conformance"):
        shutil.copytree(ROOT / folder, home / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", home)
    shutil.copy(ROOT / "tests" / "project" / "sparrow.py", home)
    libraries = home / "xspace" / "libraries"
    targets = home / "conformance" / "xspace_conformance" / "subjects" / "targets.py"
    (libraries / "sparrow.py").write_text(block("xspace/libraries/sparrow.py"), encoding="utf-8")
    insert(
        libraries / "__init__.py", "    return Backend(xp)\n", block("xspace/libraries/__init__.py")
    )
    insert(targets, "BACKENDS: dict", block("subjects/targets.py") + "\n\n")
    insert(targets, '    "numpy": _numpy_targets,\n', '    "sparrow": _sparrow_targets,\n')
    return home


def run(project: Path, *command: str) -> str:
    result = subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(project), str(project / "conformance")]),
        },
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_what_users_see(project):
    run(project, "-c", block("use"))


def test_the_conformance_suite_passes(project):
    pytest.importorskip("gmpy2", reason="the oracle of the suite is MPFR")
    files = [f"{SUITE}/values/test_golden.py", f"{SUITE}/contract/test_conduct.py"]
    # The example makes arrays of lists alone, so it has no lanes; long grids are compiled anew in
    # every copy of the project, which takes long.
    chosen = "not as_lanes and not finer_grids"
    words = ("-p", "no:cacheprovider", "--backend", "sparrow", "-k", chosen)
    printed = run(project, "-m", "pytest", *words, *files)
    assert "conformance: targets: sparrow:branch, sparrow:wire" in printed
    assert " passed" in printed


def test_a_wrong_backend_would_be_found(project, tmp_path):
    """One that rounds float32 to fewer bits does not pass the same tests."""
    pytest.importorskip("gmpy2", reason="the oracle of the suite is MPFR")
    broken = tmp_path / "project"
    shutil.copytree(project, broken)
    file = broken / "xspace" / "libraries" / "sparrow.py"
    insert(
        file,
        "        return sparrow.wrap(host, device)\n",
        '        if fmt.name == "float32":\n            host = host * np.float32(1.0000001)\n',
    )
    with pytest.raises(AssertionError, match=r"failed"):
        run(broken, "-m", "pytest", "-x", "--backend", "sparrow", f"{SUITE}/values/test_golden.py")


def test_the_file_is_formatted_and_typed(project):
    """Whoever copies it should not have to mend it first."""
    pytest.importorskip("ruff", reason="ruff checks it")
    file = "xspace/libraries/sparrow.py"
    assert len((project / file).read_text(encoding="utf-8").splitlines()) < 80
    run(project, "-m", "ruff", "format", "--check", file)
    # Here sparrow is a neighbour, which ruff would set apart from libraries.
    run(project, "-m", "ruff", "check", "--ignore", "D102,I001", file)
