"""Files of the command line: complete or not there, whenever the process was stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import xspace
from xspace.__main__ import main
from xspace.testing import assert_identical

KINDS = ["npy", "zarr"]


@pytest.fixture(params=KINDS)
def path(request, tmp_path):
    if request.param == "zarr":
        pytest.importorskip("zarr", reason="files of Zarr need zarr")
    return tmp_path / f"grid.{request.param}"


def load(path: Path) -> np.ndarray:
    """What any reader of such files finds."""
    if path.suffix == ".npy":
        return np.load(path)
    import zarr

    array = zarr.open_array(path, mode="r")
    assert array.attrs["xspace"]["complete"] is True
    return array[:]


def write(path: Path, *arguments: str) -> None:
    assert main([*arguments, "--out", str(path)]) == 0


def fail(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    return error.removeprefix("xspace: error: ")


def names(path: Path) -> list[str]:
    return sorted(p.name for p in path.parent.iterdir())


class TestElements:
    @pytest.mark.parametrize("num", [0, 1, 2, 1000])
    @pytest.mark.parametrize("chunks", ["1", "7", "5000"])
    def test_are_those_of_the_function(self, path, num, chunks):
        if (num, chunks) == (1000, "1"):
            chunks = "99"
        write(path, "logspace", "-300", "1/3", "-n", str(num), "--chunks", chunks)
        assert_identical(load(path), xspace.logspace(-300, Fraction(1, 3), num))
        assert names(path) == [path.name]

    @pytest.mark.parametrize(
        ("arguments", "grid"),
        [
            ("linspace -0.0 1", xspace.linspace(-0.0, 1)),
            ("linspace -0.0 -0.0", xspace.linspace(-0.0, -0.0)),
            ("linspace 0 0", xspace.linspace(0, 0)),
            ("linspace 0 inf", xspace.linspace(0, np.inf)),
            ("linspace 0 1 --no-endpoint", xspace.linspace(0, 1, endpoint=False)),
            ("logspace 0 49 --base -2", xspace.logspace(0, 49, base=-2)),
            ("geomspace -1 -9", xspace.geomspace(-1, -9)),
            ("geomspace 1 9 --dtype float32", xspace.geomspace(1, 9, dtype="float32")),
            ("geomspace 1 9 --dtype float16", xspace.geomspace(1, 9, dtype="float16")),
            ("linspace 0 100 --dtype uint8", xspace.linspace(0, 100, dtype="uint8")),
        ],
    )
    def test_kinds_of_grids(self, path, arguments, grid):
        write(path, *arguments.split(), "--chunks", "7")
        found = load(path)
        assert found.dtype == grid.dtype
        assert_identical(found, grid)

    def test_npy_is_a_memory_map(self, tmp_path):
        write(tmp_path / "grid.npy", "linspace", "0", "1", "-n", "11")
        mapped = np.load(tmp_path / "grid.npy", mmap_mode="r")
        assert mapped.tolist() == xspace.linspace(0, 1, 11).tolist()

    def test_chunks_of_zarr(self, tmp_path):
        zarr = pytest.importorskip("zarr")
        write(tmp_path / "grid.zarr", "linspace", "0", "1", "-n", "100", "--chunks", "30")
        assert zarr.open_array(tmp_path / "grid.zarr").chunks == (30,)


class TestErrors:
    def test_a_file_is_not_replaced_unasked(self, capsys, path):
        write(path, "linspace", "0", "1")
        assert "is there already" in fail(capsys, "linspace", "0", "2", "--out", str(path))
        assert load(path)[-1] == 1
        write(path, "linspace", "0", "2", "--overwrite")
        assert load(path)[-1] == 2
        assert names(path) == [path.name]

    def test_unknown_kind(self, capsys, tmp_path):
        text = fail(capsys, "linspace", "0", "1", "--out", str(tmp_path / "grid.txt"))
        assert "wanted a name that ends with .npy or .zarr" in text

    @pytest.mark.parametrize(
        "more", ["--format %g", "--backend torch", "--device cpu", "--chunks 0", "--chunks 1.5"]
    )
    def test_what_does_not_go_with_a_file(self, capsys, path, more):
        text = fail(capsys, "linspace", "0", "1", "--out", str(path), *more.split())
        assert more.split()[0] in text
        assert names(path) == []

    @pytest.mark.parametrize("more", [["--chunks", "3"], ["--overwrite"]])
    def test_what_goes_with_a_file_only(self, capsys, more):
        assert "--out" in fail(capsys, "linspace", "0", "1", *more)

    def test_a_value_that_does_not_fit_leaves_nothing(self, capsys, path):
        text = fail(capsys, "linspace", "0", "999", "--dtype", "int8", "--out", str(path))
        assert "element 7 is" in text
        assert names(path) == []

    def test_no_such_folder(self, capsys, tmp_path):
        text = fail(capsys, "linspace", "0", "1", "--out", str(tmp_path / "no" / "grid.npy"))
        assert "No such file" in text

    def test_a_full_disk(self, capsys, tmp_path, monkeypatch):
        """It is found before anything is written: in a memory map it would be a crash."""
        if not hasattr(os, "posix_fallocate"):
            pytest.skip("space cannot be reserved here")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "posix_fallocate", full)
        text = fail(capsys, "linspace", "0", "1", "--out", str(tmp_path / "grid.npy"))
        assert "No space left" in text
        assert names(tmp_path / "grid.npy") == []

    def test_without_zarr(self, capsys, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "zarr", None)
        text = fail(capsys, "linspace", "0", "1", "--out", str(tmp_path / "grid.zarr"))
        assert "zarr is not installed" in text


#: Runs the command line, and kills itself when so many chunks have been made.
KILLED = """
import os, signal, sys
from xspace import _files, parts
from xspace.__main__ import main

made, last = 0, int(sys.argv[1])
make = parts.Parts.__getitem__

def count(self, key):
    global made
    if made == last:
        os.kill(os.getpid(), getattr(signal, sys.argv[2]))
    made += 1
    return make(self, key)

parts.Parts.__getitem__ = count
_files._INTERVAL = float(sys.argv[3])
status = main(sys.argv[4:])
print(made)
sys.exit(status)
"""

GRID = ("logspace", "-300", "300", "-n", "1000", "--chunks", "10")


def run(path: Path, last: int, *, by: str = "SIGKILL", interval: float = 0, grid=GRID):
    argv = [str(last), by, str(interval), *grid, "--out", str(path)]
    return subprocess.run(
        [sys.executable, "-c", KILLED, *argv],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestInterruption:
    @pytest.mark.parametrize("last", [0, 1, 37, 99])
    def test_killed_and_resumed(self, path, last):
        """An unfinished file has another name; the same command makes the rest alone."""
        killed = run(path, last)
        assert killed.returncode == -signal.SIGKILL
        assert not path.exists()
        assert f"{path.name}.partial" in names(path)
        resumed = run(path, -1)
        assert resumed.returncode == 0, resumed.stderr
        assert int(resumed.stdout) == 100 - last
        assert ("elements are there" in resumed.stderr) == (last > 0)
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    def test_killed_again_and_again(self, path):
        for _ in range(5):
            assert run(path, 19).returncode == -signal.SIGKILL
            assert not path.exists()
        assert run(path, 19).stdout == "5\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_what_was_not_recorded_is_made_again(self, path):
        """A record is older than the file, never younger."""
        assert run(path, 50, interval=1000).returncode == -signal.SIGKILL
        assert run(path, -1).stdout == "100\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_interrupted_from_the_keyboard(self, path):
        """How far it is, is recorded on the way out."""
        stopped = run(path, 37, by="SIGINT", interval=1000)
        assert stopped.returncode == 130
        assert stopped.stderr == "xspace: interrupted; the same command goes on from here\n"
        assert not path.exists()
        assert run(path, -1).stdout == "63\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_another_grid_does_not_go_on(self, path):
        """Neither with other ends nor with another dtype."""
        assert run(path, 37).returncode == -signal.SIGKILL
        for more in (("linspace", "-300", "300", *GRID[3:]), (*GRID, "--dtype", "float32")):
            refused = run(path, -1, grid=more)
            assert refused.returncode == 2
            assert "partial is of another grid" in refused.stderr
        other = run(path, -1, grid=("linspace", "0", "1", "-n", "20", "--overwrite"))
        assert other.returncode == 0
        assert_identical(load(path), xspace.linspace(0, 1, 20))
        assert names(path) == [path.name]

    def test_a_file_stays_until_its_successor_is_finished(self, path):
        write(path, "linspace", "0", "1", "-n", "20")
        assert run(path, 37, grid=(*GRID, "--overwrite")).returncode == -signal.SIGKILL
        assert_identical(load(path), xspace.linspace(0, 1, 20))
        assert run(path, -1, grid=(*GRID, "--overwrite")).stdout == "63\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    def test_a_damaged_record_is_no_record(self, path):
        assert run(path, 37).returncode == -signal.SIGKILL
        record = path.with_name(f"{path.name}.partial.json")
        assert json.loads(record.read_text())["done"] == 370
        record.write_text("{")
        assert run(path, -1).stdout == "100\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_an_unfinished_zarr_says_so_whatever_its_name(self, tmp_path):
        zarr = pytest.importorskip("zarr")
        run(tmp_path / "grid.zarr", 37)
        (tmp_path / "grid.zarr.partial").rename(tmp_path / "renamed.zarr")
        found = zarr.open_array(tmp_path / "renamed.zarr", mode="r")
        assert found.attrs["xspace"]["complete"] is False

    def test_killed_from_outside(self, path):
        """At no known place, in the midst of thousands of small chunks."""
        grid = ("linspace", "0", "1", "-n", "2000000", "--chunks", "500")
        argv = [sys.executable, "-m", "xspace", *grid, "--out", str(path)]
        wanted = path.with_name(f"{path.name}.partial.json")
        with subprocess.Popen(argv) as process:
            while not wanted.exists():
                assert process.poll() is None, "finished before it could be killed"
                time.sleep(0.01)
            time.sleep(0.1)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert not path.exists()
        assert subprocess.run(argv, timeout=100, check=False).returncode == 0
        assert_identical(load(path), xspace.linspace(0, 1, 2_000_000))


class TestProgress:
    def test_nothing_off_a_terminal(self, capsys, tmp_path):
        write(tmp_path / "grid.npy", "linspace", "0", "1")
        captured = capsys.readouterr()
        assert (captured.out, captured.err) == ("", "")

    def test_a_bar_on_a_terminal(self, capsys, tmp_path, monkeypatch):
        pytest.importorskip("rich")
        monkeypatch.setenv("FORCE_COLOR", "1")
        write(tmp_path / "grid.npy", "linspace", "0", "1", "-n", "100", "--chunks", "10")
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "grid.npy" in captured.err
        assert "100%" in captured.err

    def test_none_without_rich(self, capsys, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "rich", None)
        monkeypatch.setenv("FORCE_COLOR", "1")
        write(tmp_path / "grid.npy", "linspace", "0", "1")
        assert capsys.readouterr().err == ""


MEMORY = """
import resource, sys
from xspace.__main__ import main

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

common = ["logspace", "0", "300", "--chunks", "262144", "--out"]
assert main([*common, sys.argv[1] + "/small." + sys.argv[2], "-n", "1000000"]) == 0
before = peak()
assert main([*common, sys.argv[1] + "/large." + sys.argv[2], "-n", "25000000"]) == 0
assert peak() - before < 20_000_000, peak() - before
"""


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_bounded(tmp_path, kind):
    """A file of 200 MB is written in chunks of 2 MiB."""
    if kind == "zarr":
        pytest.importorskip("zarr", reason="files of Zarr need zarr")
    found = subprocess.run(
        [sys.executable, "-c", MEMORY, str(tmp_path), kind],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    assert load(tmp_path / f"large.{kind}")[-1] == 1e300
