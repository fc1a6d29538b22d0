"""The suite, or any other program, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).parents[2]  # where the package is found
TESTS = "xspace_conformance.tests"
PLUGIN = "xspace_conformance.runs.plugin"


def run_python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a process that finds the modules that this one finds."""
    found = os.pathsep.join([str(HOME), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=HOME,
        env={**os.environ, "PYTHONPATH": found, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def run_suite(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run parts of the suite, named as ``values.test_cases``, with options of pytest."""
    parts = [name for name in arguments if name.startswith(("values", "contract"))]
    rest = [name for name in arguments if name not in parts]
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN, *rest, "--pyargs"]
    return run_python(*command, *(f"{TESTS}.{name}" for name in parts), **environment)
