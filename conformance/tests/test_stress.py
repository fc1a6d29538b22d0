"""Short runs of the stress test of files: all is well, and what is not is found."""

from __future__ import annotations

import os
import re

import pytest
from xspace_conformance.runs.processes import run_python

if not hasattr(os, "fork"):
    pytest.skip("processes are not forked here", allow_module_level=True)


def test_a_short_run(seed: int) -> None:
    done = run_python("-m", "xspace_conformance", "stress", "--seconds", "2", "--seed", str(seed))
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"seed {seed}" in done.stdout
    assert re.search(r"\d+ trials, 0 wrong: .*[1-9]\d* elements", done.stdout)


#: Records count one element that was not written, and are believed.
LIE = """
import sys
from xspace.cli import files as _files
from xspace_conformance.runs.stress import main

def count(self, array):
    done = self.record.done + len(array)
    self.record = _files.Record(self.record.grid, done + (done < self.file.num), 0)

_files._Journal.count = count
_files._File.is_sound = lambda self, record: self._open()
sys.exit(main(["--trials", "10", "--seed", "5"]))
"""


def test_a_missing_element_is_found() -> None:
    done = run_python("-c", LIE)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "what is in the file is none of" in done.stdout
