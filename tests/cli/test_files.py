"""Files of the command line: complete or not there, whenever the process was stopped."""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import xspace
from xspace.__main__ import main
from xspace.cli import files as _files
from xspace.cli import lock as _lock
from xspace.cli import progress as _progress
from xspace.cli.ranged import RangeParts
from xspace.deferred.parts import Parts
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
            ("arange 20", xspace.arange(20)),
            ("arange 0 3 0.1", xspace.arange(0, 3, Fraction(1, 10))),
            (
                "arange 3 -3 -1/3 --inclusive right",
                xspace.arange(3, -3, Fraction(-1, 3), inclusive="right"),
            ),
            ("arange 9 --dtype float16", xspace.arange(9, dtype="float16")),
            ("arange 5 5", xspace.arange(5, 5)),
            ("arange 5 --dtype complex64", xspace.arange(5, dtype="complex64")),
            ("linspace 0 1+2j", xspace.linspace(0, 1 + 2j)),
            ("linspace 0 inf --dtype complex64", xspace.linspace(0, np.inf, dtype="complex64")),
            ("linspace -inf 1j", xspace.linspace(-np.inf, 1j)),
            ("geomspace 1 -9j --no-endpoint", xspace.geomspace(1, -9j, endpoint=False)),
            ("geomspace 1 -1 --dtype complex64", xspace.geomspace(1, -1, dtype="complex64")),
            ("logspace 0 3+1j --base 1j", xspace.logspace(0, 3 + 1j, base=1j)),
            ("logspace -1 1 --base 0j", xspace.logspace(-1, 1, base=0j)),
        ],
    )
    def test_kinds_of_grids(self, path, arguments, grid):
        write(path, *arguments.split(), "--chunks", "7")
        found = load(path)
        assert found.dtype == grid.dtype
        assert_identical(found, grid)

    @pytest.mark.parametrize(
        ("arguments", "grid"),
        [
            ("arange 2024-02-01 2024-03-10", np.arange("2024-02-01", "2024-03-10", dtype="M8[D]")),
            ("arange 0h 50h 7h", np.arange(0, 50, 7).astype("m8[h]")),
            (
                "linspace 2024-02-28 2024-03-08 -n 10",
                np.arange("2024-02-28", "2024-03-09", dtype="M8[D]"),
            ),
            (
                "linspace 2024-01-01 2024-01-02 -n 9 --dtype datetime64[h]",
                np.arange("2024-01-01T00", "2024-01-02T01", 3, dtype="M8[h]"),
            ),
        ],
    )
    def test_dates(self, path, arguments, grid):
        write(path, *arguments.split(), "--chunks", "7")
        found = load(path)
        assert found.dtype == grid.dtype
        assert found.tobytes() == grid.tobytes()

    @pytest.mark.parametrize("arguments", ["arange 0 3 0.1", "arange 2024-02-01 2024-03-10"])
    def test_what_is_there_is_not_made_again(self, path, arguments, monkeypatch):
        """A part of a range is that of the whole, so an unfinished file is gone on with."""
        words, made = [*arguments.split(), "--chunks", "7"], []
        whole = RangeParts.__getitem__

        def stop_at_three(self, places):
            made.append(places.start)
            if len(made) == 3:
                raise KeyboardInterrupt
            return whole(self, places)

        monkeypatch.setattr(RangeParts, "__getitem__", stop_at_three)
        assert main([*words, "--out", str(path)]) == 130
        assert names(path) != [path.name]
        write(path, *words)
        assert made == [0, 7, 14, *range(14, len(load(path)), 7)]
        monkeypatch.undo()
        again = path.with_stem("again")
        write(again, *words)
        assert load(path).tobytes() == load(again).tobytes()

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

    @pytest.mark.parametrize(
        ("grid", "message"),
        [
            ("linspace 0 1j --dtype float32", "stop is complex, and dtype 'float32' is not"),
            ("geomspace 0 1j", "start must not be zero"),
            (f"linspace 0 1j -n {'9' * 30}", "more than an array can have"),
            (f"linspace 0 1 -n {'9' * 30}", "more than an array can have"),
        ],
    )
    def test_a_grid_that_is_none_leaves_nothing(self, capsys, path, grid, message):
        assert message in fail(capsys, *grid.split(), "--out", str(path))
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


#: Lets the command line be killed, by a signal, when it has made so many chunks.
KILLED = """
import json, os, signal, sys
from xspace.cli import files as _files
from xspace.deferred import parts
from xspace.__main__ import main

def run(last, by, interval, *argv):
    made, make = 0, parts.Parts.__getitem__

    def count(self, key):
        nonlocal made
        if made == last:
            os.kill(os.getpid(), getattr(signal, by))
        made += 1
        return make(self, key)

    parts.Parts.__getitem__ = count
    _files._INTERVAL = interval
    status = main(argv)
    print(made)
    sys.exit(status)
"""
#: Of a process of its own, from its start.
ALONE = f"{KILLED}\nrun(*json.loads(sys.argv[1]))"
#: Of a process for each line, which shares the imports.
SERVER = f"""
{KILLED}
try:
    import zarr
except ImportError:
    pass
for line in sys.stdin:
    call, *texts = json.loads(line)
    child = os.fork()
    if not child:
        for stream, path in enumerate(texts, 1):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        run(*call)
    print(os.waitpid(child, 0)[1], flush=True)
"""

GRID = ("logspace", "-300", "300", "-n", "1000", "--chunks", "10")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Write a file in another process, which may be killed."""
    texts = [tmp_path_factory.mktemp("said") / name for name in ("out", "err")]

    def run(path: Path, last: int, *, by: str = "SIGKILL", interval: float = 0, grid=GRID):
        call = [last, by, interval, *grid, "--out", str(path)]
        process.stdin.write(json.dumps([call, *map(str, texts)]) + "\n")
        code = os.waitstatus_to_exitcode(int(process.stdout.readline()))
        return subprocess.CompletedProcess(call, code, *(text.read_text() for text in texts))

    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, bufsize=1) as process:
        yield run
        process.stdin.close()


class TestInterruption:
    @pytest.mark.parametrize("last", [0, 1, 37, 99])
    def test_killed_and_resumed(self, run, path, last):
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

    def test_killed_again_and_again(self, run, path):
        for _ in range(5):
            assert run(path, 19).returncode == -signal.SIGKILL
            assert not path.exists()
        assert run(path, 19).stdout == "5\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_what_was_not_recorded_is_made_again(self, run, path):
        """A record is older than the file, never younger."""
        assert run(path, 50, interval=1000).returncode == -signal.SIGKILL
        assert run(path, -1).stdout == "100\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_interrupted_from_the_keyboard(self, run, path):
        """How far it is, is recorded on the way out."""
        stopped = run(path, 37, by="SIGINT", interval=1000)
        assert stopped.returncode == 130
        assert stopped.stderr == "xspace: interrupted; the same command goes on from here\n"
        assert not path.exists()
        assert run(path, -1).stdout == "63\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_another_grid_does_not_go_on(self, run, path):
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

    def test_a_file_stays_until_its_successor_is_finished(self, run, path):
        write(path, "linspace", "0", "1", "-n", "20")
        assert run(path, 37, grid=(*GRID, "--overwrite")).returncode == -signal.SIGKILL
        assert_identical(load(path), xspace.linspace(0, 1, 20))
        assert run(path, -1, grid=(*GRID, "--overwrite")).stdout == "63\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    def test_an_unfinished_zarr_says_so_whatever_its_name(self, run, tmp_path):
        zarr = pytest.importorskip("zarr")
        run(tmp_path / "grid.zarr", 37)
        (tmp_path / "grid.zarr.partial").rename(tmp_path / "renamed.zarr")
        found = zarr.open_array(tmp_path / "renamed.zarr", mode="r")
        assert found.attrs["xspace"]["complete"] is False

    def test_killed_from_outside(self, path):
        """At no known place, in the midst of hundreds of small chunks."""
        grid = ("linspace", "0", "1", "-n", "2000000", "--chunks", "2500")
        argv = [sys.executable, "-m", "xspace", *grid, "--out", str(path)]
        wanted = path.with_name(f"{path.name}.partial.json")
        with subprocess.Popen(argv) as process:
            while not wanted.exists():
                assert process.poll() is None, "finished before it could be killed"
                time.sleep(0.01)
            time.sleep(0.01)
            process.kill()
        assert process.returncode == -signal.SIGKILL
        assert not path.exists()
        assert subprocess.run(argv, timeout=100, check=False).returncode == 0
        assert_identical(load(path), xspace.linspace(0, 1, 2_000_000))


@pytest.fixture
def meanwhile(monkeypatch):
    """Let something happen when so many chunks have been made, and records be written always."""
    make, made = Parts.__getitem__, itertools.count()
    happens: dict[int, Callable[[], object]] = {}

    def making(self, key):
        happens.get(next(made), lambda: None)()
        return make(self, key)

    monkeypatch.setattr(Parts, "__getitem__", making)
    monkeypatch.setattr(_files, "_INTERVAL", 0.0)
    return happens.__setitem__


def beside(path: Path, more: str = "") -> Path:
    return path.with_name(f"{path.name}.partial{more}")


@pytest.fixture(scope="module")
def unfinished(run, tmp_path_factory):
    """Unfinished files, as killed processes left them."""

    @functools.cache
    def make(suffix: str, grid: tuple[str, ...], last: int) -> Path:
        path = tmp_path_factory.mktemp("unfinished") / f"grid{suffix}"
        assert run(path, last, grid=grid).returncode == -signal.SIGKILL
        beside(path, ".lock").unlink()
        return path

    return make


@pytest.fixture
def begin(unfinished):
    """Leave an unfinished file of 370 elements behind."""

    def begin(path: Path, grid=GRID, last: int = 37) -> Path:
        left = unfinished(path.suffix, tuple(grid), last)
        for more in ("", ".json"):
            found, new = beside(left, more), beside(path, more)
            shutil.copytree(found, new) if found.is_dir() else shutil.copy(found, new)
        return beside(path)

    return begin


def finish(path: Path, grid=GRID) -> int:
    """Run the command in this process; how many chunks it made."""
    made = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        make = Parts.__getitem__
        patch.setattr(Parts, "__getitem__", lambda self, key: (next(made), make(self, key))[1])
        write(path, *grid)
    return next(made)


def content(path: Path) -> dict[str, bytes]:
    """All files at and below the folder that a file is in."""
    found = [p for p in path.parent.rglob("*") if p.is_file()]
    return {p.relative_to(path.parent).as_posix(): p.read_bytes() for p in found}


def size(path: Path) -> int:
    return sum(p.stat().st_size for p in path.rglob("*")) if path.is_dir() else path.stat().st_size


def change(path: Path) -> None:
    """Another last bit of the element 123, whatever the file is."""
    file, place = (path / "c" / "12", 3) if path.is_dir() else (path, 16 + 123)
    data = bytearray(file.read_bytes())
    data[8 * place] ^= 1
    file.write_bytes(data)


class TestOneWriter:
    @pytest.fixture
    def stopped(self, path):
        """A process that is in the midst of writing, and does not go on."""
        call = json.dumps([37, "SIGSTOP", 0, *GRID, "--out", str(path)])
        process = subprocess.Popen([sys.executable, "-c", ALONE, call], stdout=-1, stderr=-1)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        yield process
        process.kill()
        process.communicate()

    def refuse(self, capsys, process, name, *more):
        text = fail(capsys, *GRID, *more, "--out", str(name))
        assert f"is being written by process {process.pid} on" in text

    @pytest.mark.parametrize("more", [[], ["--overwrite"], ["--dtype", "float32", "--overwrite"]])
    def test_a_second_one_is_told_who_writes(self, capsys, path, stopped, more):
        before = content(path)
        self.refuse(capsys, stopped, path, *more)
        assert content(path) == before
        stopped.send_signal(signal.SIGCONT)
        assert stopped.communicate()[0] == b"100\n"
        assert stopped.returncode == 0
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    def test_it_may_be_killed_while_stopped(self, run, path, stopped):
        stopped.kill()
        stopped.communicate()
        assert run(path, -1).stdout == "63\n"
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    def test_however_the_name_is_spelled(self, capsys, path, stopped, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path.parent)
        links = tmp_path.parent / f"{tmp_path.name}-links"
        links.mkdir()
        (links / "folder").symlink_to(tmp_path)
        (links / path.name).symlink_to(path)
        dots = Path(tmp_path.name) / ".." / tmp_path.name / path.name
        spellings = (dots, links / "folder" / path.name, links / path.name, f"{path}/")
        for spelling in spellings:
            self.refuse(capsys, stopped, spelling)

    def test_two_calls_of_one_process(self, capsys, path, meanwhile):
        """A lock of the process would let the second one in."""
        texts = []
        meanwhile(37, lambda: texts.append(fail(capsys, *GRID, "--out", str(path))))
        write(path, *GRID)
        assert f"process {os.getpid()} on" in texts[0]
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_threads_of_one_process(self, path):
        """One of them writes the file; the others find it written, or being written."""
        found = []
        argv = [*GRID, "--out", str(path)]
        threads = [threading.Thread(target=lambda: found.append(main(argv))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [0, 2, 2, 2]
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    def test_what_a_killed_process_left_stops_nobody(self, path):
        """Not even if another process has its number by now: this one."""
        beside(path, ".lock").write_text(f"process {os.getpid()} on this host")
        write(path, "linspace", "0", "1")
        assert names(path) == [path.name]

    def test_a_lock_without_a_file(self, path, monkeypatch):
        """Who has the lock removes the file while another one has it open, and waits."""
        take, lock = _lock._take, beside(path, ".lock")
        there = []

        def removed_meanwhile(descriptor, name):
            there.append(lock.exists())
            if len(there) < 3:
                lock.unlink()
                lock.write_text("another one's") if len(there) == 1 else None
            return take(descriptor, name)

        monkeypatch.setattr(_lock, "_take", removed_meanwhile)
        write(path, "linspace", "0", "1")
        assert there == [True] * 3
        assert names(path) == [path.name]

    @pytest.mark.parametrize("another", [None, "another one's"])
    def test_a_lock_that_was_removed(self, capsys, path, meanwhile, another):
        """Another process may write by now: this one does not go on."""
        lock = beside(path, ".lock")

        def remove():
            lock.unlink()
            if another:
                lock.write_text(another)

        meanwhile(37, remove)
        text = fail(capsys, *GRID, "--out", str(path))
        assert "partial.lock was removed or replaced" in text
        assert json.loads(beside(path, ".json").read_text())["done"] == 370
        assert lock.exists() == bool(another)
        assert not path.exists()

    @pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda p: os.symlink("/dev/null", p)])
    def test_a_lock_that_is_no_file(self, capsys, path, make):
        make(beside(path, ".lock"))
        fail(capsys, *GRID, "--out", str(path))
        assert names(path) == [beside(path, ".lock").name]

    def test_where_files_cannot_be_locked(self, capsys, path, monkeypatch):
        fcntl = pytest.importorskip("fcntl")

        def cannot(*_):
            raise OSError(95, "Operation not supported")

        monkeypatch.setattr(fcntl, "flock", cannot)
        text = fail(capsys, *GRID, "--out", str(path))
        assert "files cannot be locked here (Operation not supported)" in text


class TestTheNameIsTaken:
    """By somebody else, while the file is being written."""

    @pytest.mark.parametrize(
        "make", [Path.touch, Path.mkdir, lambda p: p.symlink_to(p.with_name("nothing"))]
    )
    def test_it_is_not_replaced(self, capsys, path, meanwhile, make):
        meanwhile(99, lambda: make(path))
        text = fail(capsys, *GRID, "--out", str(path))
        assert f"{path} appeared while it was being written" in text
        there = path.lstat().st_ino
        assert "is there already" in fail(capsys, *GRID, "--out", str(path)) or path.is_symlink()
        assert path.lstat().st_ino == there
        path.rmdir() if path.is_dir() else path.unlink()
        assert finish(path) == 0
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    @pytest.mark.parametrize("more", [[], ["--overwrite"]])
    def test_at_the_last_moment(self, capsys, tmp_path, monkeypatch, more):
        path, link = tmp_path / "grid.npy", os.link

        def late(old, new):
            path.write_text("mine")
            link(old, new)

        monkeypatch.setattr(os, "link", late)
        status = main([*GRID, "--out", str(path), *more])
        if not more:
            assert (status, path.read_text()) == (2, "mine")
            assert main([*GRID, "--out", str(path), "--overwrite"]) == 0
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    @pytest.mark.parametrize("taken", [False, True])
    def test_without_hard_links(self, capsys, tmp_path, monkeypatch, meanwhile, taken):
        path = tmp_path / "grid.npy"

        def cannot(*_):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "link", cannot)
        if taken:
            meanwhile(99, lambda: path.write_text("mine"))
        assert main([*GRID, "--out", str(path)]) == 2 * taken
        if taken:
            assert path.read_text() == "mine"
            assert "appeared" in capsys.readouterr().err
        else:
            assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_what_cannot_be_replaced_is_found_before_the_work(self, capsys, path, meanwhile):
        meanwhile(0, lambda: pytest.fail("an element was made"))
        unfit = [os.mkfifo, os.mkdir] if path.suffix == ".npy" else [os.mkfifo]
        for make in unfit:
            make(path)
            for more, text in (([], "is there already"), (["--overwrite"], "cannot be replaced")):
                assert text in fail(capsys, *GRID, "--out", str(path), *more)
                assert names(path) == [path.name]
            path.rmdir() if path.is_dir() else path.unlink()

    def test_a_zarr_in_the_place_of_anything(self, tmp_path):
        """A file, an empty folder, a full one; what is called .old is nobody's but the user's."""
        pytest.importorskip("zarr")
        path, old = tmp_path / "grid.zarr", tmp_path / "grid.zarr.old"
        old.write_text("mine")
        path.write_text("a file")
        for k in range(4):
            write(path, "linspace", "0", str(k), "--overwrite")
            assert_identical(load(path), xspace.linspace(0, k))
            assert names(path) == [path.name, old.name]
            if k == 1:
                shutil.rmtree(path)
                path.mkdir()
        assert old.read_text() == "mine"

    def test_a_link_is_what_it_leads_to(self, capsys, path):
        target = path.with_name(f"target{path.suffix}")
        path.symlink_to(target)
        write(path, "linspace", "0", "1")
        assert "is there already" in fail(capsys, "linspace", "0", "2", "--out", str(path))
        write(path, "linspace", "0", "3", "--overwrite")
        assert path.is_symlink()
        assert_identical(load(target), xspace.linspace(0, 3))
        assert names(path) == [path.name, target.name]

    def test_a_link_to_itself(self, capsys, path):
        path.symlink_to(path)
        for more in ([], ["--overwrite"]):
            fail(capsys, *GRID, "--out", str(path), *more)
        assert names(path) == [path.name]


#: Records that no writer leaves, by what is changed in one of them.
NONSENSE = [
    *("", "{", "[]", "null", "1", "NaN", '"grid"', "{}", "\0" * 100, "[" * 900, "[" * 100_000),
    *({"done": x} for x in (-5, -1, True, False, 370.0, 1e400, "370", None, [370], {}, "")),
    *({"crc32": x} for x in (-1, 2**32, True, 0.5, None, "0")),
    *({"grid": x} for x in (None, 7, ["a"])),
    {"more": 1},
]


class TestRecords:
    """What is found is believed if it is what a writer leaves behind."""

    @pytest.mark.parametrize("wrong", NONSENSE, ids=lambda w: repr(w)[:20])
    def test_nonsense(self, begin, capsys, tmp_path, wrong):
        path = tmp_path / "grid.npy"
        begin(path)
        record = beside(path, ".json")
        if isinstance(wrong, dict):
            wrong = json.dumps(json.loads(record.read_text()) | wrong)
        record.write_text(wrong)
        before = content(path)
        for more in ([], ["--overwrite"]):
            text = fail(capsys, *GRID, "--out", str(path), *more)
            assert f"{record} is not what this version of xspace makes: remove it, and" in text
        assert content(path) == before

    def test_a_word_is_missing(self, begin, capsys, tmp_path):
        path = tmp_path / "grid.npy"
        begin(path)
        record = beside(path, ".json")
        whole = json.loads(record.read_text())
        for word in whole:
            record.write_text(json.dumps({k: v for k, v in whole.items() if k != word}))
            assert "remove it" in fail(capsys, *GRID, "--out", str(path))

    @pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda p: os.symlink("/dev/null", p)])
    def test_no_file(self, capsys, path, make):
        make(beside(path, ".json"))
        assert "remove it" in fail(capsys, *GRID, "--out", str(path))
        assert names(path) == [beside(path, ".json").name]

    def refuse(self, capsys, path, words="is not what"):
        """Neither is the unfinished file believed nor is it touched; then all is made anew."""
        before = content(path)
        text = fail(capsys, *GRID, "--out", str(path))
        assert f"{path.name}.partial {words}" in text
        assert content(path) == before
        assert finish(path, (*GRID, "--overwrite")) == 100
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        assert names(path) == [path.name]

    @pytest.mark.parametrize("done", [1, 369, 371, 1000, 1001, 1_000_000, 10**30])
    def test_another_count(self, begin, capsys, path, done):
        begin(path)
        record = beside(path, ".json")
        record.write_text(json.dumps(json.loads(record.read_text()) | {"done": done}))
        self.refuse(capsys, path)

    def test_another_bit(self, begin, capsys, path):
        change(begin(path))
        self.refuse(capsys, path)

    def test_a_bit_that_is_not_counted_is_written_again(self, begin, path):
        """What a process did after its last record is not looked at."""
        partial = begin(path, last=5)
        if partial.is_dir():
            (partial / "c" / "12").write_bytes(b"half a chunk")
            (partial / "c" / "13.0123456789abcdef.partial").write_bytes(b"what zarr was writing")
        else:
            change(partial)
        assert finish(path) == 95
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        if path.is_dir():
            assert sorted(int(p.name) for p in (path / "c").iterdir()) == list(range(100))

    @pytest.mark.parametrize("length", [0, 100, 2000, 8127, 8129])
    def test_another_length(self, begin, capsys, tmp_path, length):
        path = tmp_path / "grid.npy"
        os.truncate(begin(path), length)
        self.refuse(capsys, path)

    def test_another_header(self, begin, capsys, tmp_path):
        path = tmp_path / "grid.npy"
        with open(begin(path), "r+b") as file:
            file.write(b"\x92")
        self.refuse(capsys, path)

    def test_another_name_of_the_file(self, begin, capsys, tmp_path):
        """To write would change that file, too."""
        path, other = tmp_path / "grid.npy", tmp_path / "other"
        os.link(begin(path), other)
        before = other.read_bytes()
        text = fail(capsys, *GRID, "--out", str(path))
        assert "is not what" in text
        write(path, *GRID, "--overwrite")
        assert other.read_bytes() == before

    @pytest.mark.parametrize(
        "damage",
        [
            lambda p: (p / "c" / "7").unlink(),
            lambda p: os.truncate(p / "c" / "7", 72),
            lambda p: (p / "zarr.json").unlink(),
            lambda p: (p / "zarr.json").write_text("{"),
            lambda p: (p / "zarr.json").write_text("[]"),
            lambda p: _replace(p / "zarr.json", "float64", "float32"),
            lambda p: _replace(p / "zarr.json", "1000", "1001"),
            lambda p: _replace(p / "zarr.json", '"little"', '"big"'),
            lambda p: _replace(
                p / "zarr.json", '"chunk_shape": [\n        10', '"chunk_shape": [5'
            ),
            lambda p: shutil.rmtree(p / "c"),
        ],
    )
    def test_another_zarr(self, begin, capsys, tmp_path, damage):
        pytest.importorskip("zarr")
        path = tmp_path / "grid.zarr"
        damage(begin(path))
        self.refuse(capsys, path)

    @pytest.mark.parametrize("more", [[], ["--overwrite"]])
    def test_a_link_is_refused(self, begin, capsys, path, more):
        """It is not followed, be what it leads to ever so right."""
        partial = begin(path)
        target = path.with_name("elsewhere")
        partial.rename(target)
        partial.symlink_to(target)
        before = content(path)
        text = fail(capsys, *GRID, "--out", str(path), *more)
        assert f"{partial} is no {'file' if path.suffix == '.npy' else 'folder'}" in text
        assert content(path) == before

    @pytest.mark.parametrize("more", [[], ["--overwrite"]])
    @pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
    def test_an_unfinished_file_without_a_record(self, capsys, path, make, more):
        """It is somebody else's."""
        make(beside(path))
        assert "remove it" in fail(capsys, *GRID, "--out", str(path), *more)
        assert names(path) == [beside(path).name]

    def test_a_record_without_a_file(self, begin, path):
        """There is nothing to go on with, and nothing to lose."""
        partial = begin(path)
        shutil.rmtree(partial) if partial.is_dir() else partial.unlink()
        assert finish(path) == 100
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_zeros_of_both_signs_after_a_kill(self, begin, path):
        """A chunk of them is not left out as one that has not been written."""
        for zero in ("0", "-0.0"):
            grid = ("linspace", zero, zero, *GRID[3:], "--overwrite")
            begin(path, grid)
            assert finish(path, grid) == 63
            assert_identical(load(path), xspace.linspace(float(zero), float(zero), 1000))
            assert not path.is_dir() or len(list((path / "c").iterdir())) == 100

    @pytest.mark.parametrize("more", [[], ["--overwrite"]])
    def test_killed_after_it_had_its_name(self, begin, capsys, path, more):
        """What is left is removed by the next process, whatever that wants."""
        begin(path)
        record = beside(path, ".json").read_bytes()
        write(path, *GRID)
        beside(path, ".json").write_bytes(record)
        if path.suffix == ".npy":
            os.link(path, beside(path))
        else:
            beside(path, ".old").mkdir()
        assert main(["linspace", "0", "1", "--out", str(path), *more]) == (0 if more else 2)
        assert names(path) == [path.name]
        wanted = xspace.linspace(0, 1) if more else xspace.logspace(-300, 300, 1000)
        assert_identical(load(path), wanted)

    def test_other_calls_have_other_records(self, path):
        """By all that a call depends on, to the last bit, and by the version."""
        from xspace.exact.rounding import COMPLEX_PARTS, FORMATS
        from xspace.grids.from_scalars import source_of
        from xspace.libraries.scalars import read_scalar

        half = Fraction(1, 2)
        tiny = Fraction(1, 10**400)
        numbers = (0, 1, -0.0, half, half + tiny, 0.1, Fraction(1, 10), float("inf"), 10**400)
        calls = [
            (function, ends, num, endpoint, dtype, chunk)
            for function in ("linspace", "logspace")
            for ends in itertools.permutations(numbers, 2)
            for num, endpoint in ((10, True), (11, True), (10, False))
            for dtype in ("float64", "float32")
            for chunk in (5, 6)
        ]
        calls += [
            (function, ends, 10, True, dtype, 5)
            for function in ("linspace", "logspace")
            for ends in itertools.permutations((0, 1, 1j, 1 + 1j, complex(-0.0, 1)), 2)
            for dtype in ("complex128", "complex64")
        ]
        made = {}
        for function, ends, num, endpoint, dtype, chunk in calls:
            given = (*ends, 10) if function == "logspace" else ends
            scalars = tuple(read_scalar("x", x) for x in given)
            is_complex = dtype in COMPLEX_PARTS
            fmt = COMPLEX_PARTS[dtype] if is_complex else FORMATS[dtype]
            how = (function, scalars, num, endpoint, fmt)
            parts = Parts(source_of(*how, is_complex=is_complex), dtype)
            file = _files.SUFFIXES[path.suffix](path, parts, chunk)
            chunks = chunk if path.suffix == ".zarr" else None
            made.setdefault(file.identity, set()).add((parts[:].tobytes(), dtype, chunks))
        assert all(len(same) == 1 for same in made.values())

    def test_another_version_began_it(self, begin, capsys, path, monkeypatch):
        begin(path)
        monkeypatch.setattr(_files, "__version__", "another")
        self.refuse(capsys, path, "is of another grid, or another version of xspace")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


class TestWhatCannotBeWritten:
    def test_the_unfinished_file_goes_away(self, capsys, path, meanwhile):
        """Then it is not finished, as zeros would be in the place of what is gone."""
        partial = beside(path)
        meanwhile(37, lambda: shutil.rmtree(partial) if partial.is_dir() else partial.unlink())
        text = fail(capsys, *GRID, "--out", str(path))
        assert "was removed or replaced while it was being written" in text
        assert not path.exists()
        shutil.rmtree(partial, ignore_errors=True)
        write(path, *GRID)
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    def test_the_unfinished_file_is_replaced(self, capsys, path, meanwhile):
        partial = beside(path)

        def replace():
            copy = shutil.copytree if partial.is_dir() else shutil.copy
            copy(partial, path.with_name("copy"))
            shutil.rmtree(partial) if partial.is_dir() else partial.unlink()
            path.with_name("copy").rename(partial)

        meanwhile(37, replace)
        assert "was removed or replaced" in fail(capsys, *GRID, "--out", str(path))
        assert not path.exists()

    def test_a_chunk_goes_away(self, capsys, tmp_path, meanwhile):
        pytest.importorskip("zarr")
        path = tmp_path / "grid.zarr"
        meanwhile(99, lambda: (beside(path) / "c" / "7").unlink())
        assert "was removed or replaced" in fail(capsys, *GRID, "--out", str(path))
        assert not path.exists()

    def test_a_file_gets_shorter(self, capsys, tmp_path, meanwhile):
        """Written through a map this would be a crash."""
        path = tmp_path / "grid.npy"
        meanwhile(37, lambda: os.truncate(beside(path), 5))
        assert "was removed or replaced" in fail(capsys, *GRID, "--out", str(path))
        assert not path.exists()

    def test_the_folder_goes_away(self, capsys, path, meanwhile):
        path = path.parent / "folder" / path.name
        path.parent.mkdir()
        meanwhile(37, lambda: shutil.rmtree(path.parent))
        fail(capsys, *GRID, "--out", str(path))
        assert not path.exists()

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_for_reading(self, capsys, path):
        path.parent.chmod(0o500)
        assert "Permission denied" in fail(capsys, *GRID, "--out", str(path))
        path.parent.chmod(0o700)
        assert names(path) == []

    @pytest.mark.parametrize("at", [0, 1, 37])
    def test_a_disk_that_fills_up(self, capsys, path, monkeypatch, meanwhile, at):
        """Nothing is left if nothing was done; else the same command goes on."""
        kind, blocks = _files.SUFFIXES[path.suffix], itertools.count()
        put = kind.put

        def full(self, first, array):
            if next(blocks) == at:
                raise OSError(28, "No space left on device")
            put(self, first, array)

        monkeypatch.setattr(kind, "put", full)
        assert "No space left" in fail(capsys, *GRID, "--out", str(path))
        assert bool(names(path)) == (at > 0)
        monkeypatch.undo()
        assert finish(path) == 100 - at
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    @pytest.mark.parametrize("bytes_", [0, 20, 79, 500, 4000])
    def test_a_limit_of_a_files_length(self, path, bytes_):
        """Of a Zarr array, one in a thread of another library: its error is not lost."""
        pytest.importorskip("resource")
        limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_}, {bytes_}));"
        call = json.dumps([-1, "", 0, *GRID, "--out", str(path)])
        found = subprocess.run(
            [sys.executable, "-c", limit + ALONE, call],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if path.suffix == ".zarr" and bytes_ == 4000:
            assert_identical(load(path), xspace.logspace(-300, 300, 1000))
        else:
            assert "File too large" in found.stderr
            assert found.stderr.count("\n") == 1
            assert names(path) == []

    def test_a_full_disk_for_zarr_is_found_before_the_work(self, capsys, tmp_path, monkeypatch):
        pytest.importorskip("zarr")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 7999))
        assert "No space left" in fail(capsys, *GRID, "--out", str(tmp_path / "grid.zarr"))
        assert names(tmp_path / "grid.zarr") == []

    def test_a_small_disk(self, path):
        """A real one, where this process may make one."""
        script = """
            mount -t tmpfs -o size=100k none "$1" && cd "$1" || exit 77
            head -c 90k /dev/zero > ballast
            "$2" -m xspace logspace -300 300 -n 10000 --chunks 10 --out "$3"; echo $? *
            rm ballast; truncate -s 98304 ballast; fallocate -l 60k ballast
            "$2" -m xspace logspace -300 300 -n 1000 --chunks 10 --out "$3"; echo $? *
            rm ballast
            "$2" -m xspace logspace -300 300 -n 1000 --chunks 500 --out "$3" --overwrite; echo $? *
        """
        words = ["unshare", "-rm", "sh", "-c", script, "sh", str(path.parent), sys.executable]
        try:
            found = subprocess.run(
                [*words, path.name],
                capture_output=True,
                text=True,
                check=False,
                env=os.environ | {"PYTHONPATH": str(Path(xspace.__file__).parents[1])},
            )
        except FileNotFoundError:
            pytest.skip("no unshare here")
        if found.returncode:
            pytest.skip(f"no disk may be mounted here: {found.stderr}")
        first, _, last = found.stdout.splitlines()
        assert first == "2 ballast"
        assert "No space left" in found.stderr.splitlines()[0]
        assert last == f"0 {path.name}"

    def test_terminated(self, run, path):
        """As if killed: the record is on the disk at any time."""
        assert run(path, 37, by="SIGTERM").returncode == -signal.SIGTERM
        assert finish(path) == 63
        assert_identical(load(path), xspace.logspace(-300, 300, 1000))

    @pytest.mark.parametrize("at", ["_record", "_Journal.write", "_Zarr.create", "_Zarr.finish"])
    def test_interrupted_anywhere(self, path, monkeypatch, at):
        """Whatever it was doing, and with it done or not."""
        *owner, name = at.split(".")
        where = getattr(_files, owner[0]) if owner else _files
        if where is _files._Zarr:
            where = _files.SUFFIXES[path.suffix]
        do = getattr(where, name)
        for before in (True, False):
            calls = itertools.count()

            def interrupted(*given, before=before, calls=calls, **keywords):
                first = next(calls) == 0
                if first and before:
                    raise KeyboardInterrupt
                do(*given, **keywords)
                if first:
                    raise KeyboardInterrupt

            monkeypatch.setattr(where, name, interrupted)
            assert main([*GRID, "--out", str(path)]) == 130
            monkeypatch.undo()
            if path.exists():
                assert main([*GRID, "--out", str(path)]) == 2
            else:
                write(path, *GRID)
            assert_identical(load(path), xspace.logspace(-300, 300, 1000))
            assert names(path) == [path.name]
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def test_zarr_is_not_interrupted_while_it_writes(self, tmp_path, monkeypatch):
        """Its threads would go on after the lock has ended."""
        pytest.importorskip("zarr")
        events = []
        put = _files._Zarr.put

        class Slow:
            def __init__(self, array):
                self.array = array

            def __getattr__(self, name):
                return getattr(self.array, name)

            def __setitem__(self, key, value):
                signal.raise_signal(signal.SIGINT)
                self.array[key] = value
                events.append("written")

        def slow(self, first, array):
            self._array = Slow(self._array)
            put(self, first, array)

        monkeypatch.setattr(_files._Zarr, "put", slow)
        assert main([*GRID, "--out", str(tmp_path / "grid.zarr")]) == 130
        assert events == ["written"]
        assert names(tmp_path / "grid.zarr") == []


class TestProgress:
    def test_nothing_off_a_terminal(self, capsys, tmp_path):
        write(tmp_path / "grid.npy", "linspace", "0", "1")
        captured = capsys.readouterr()
        assert (captured.out, captured.err) == ("", "")

    def test_a_line_on_a_terminal(self, capsys, tmp_path, monkeypatch):
        terminal(monkeypatch)
        monkeypatch.setattr(_progress, "_PATIENCE", -1)
        monkeypatch.setattr(_progress, "_INTERVAL", 0)
        write(tmp_path / "grid.npy", "linspace", "0", "1", "-n", "100", "--chunks", "25")
        out, err = capsys.readouterr()
        assert out == ""
        told = re.findall(r"\rgrid\.npy: (\d+)%, \d+:\d\d:\d\d left", err)
        assert list(dict.fromkeys(told)) == ["25", "50", "75", "100"]
        assert err.endswith("\r")  # where the next text begins
        assert not err.split("\r")[-2].strip()  # and nothing of the line is left

    def test_nothing_of_what_is_soon_done(self, capsys, tmp_path, monkeypatch):
        terminal(monkeypatch)
        write(tmp_path / "grid.npy", "arange", "100", "--chunks", "10")
        assert capsys.readouterr() == ("", "")

    def test_a_line_is_no_wider_than_the_terminal(self, capsys, monkeypatch):
        terminal(monkeypatch)
        monkeypatch.setattr(_progress, "_PATIENCE", -1)
        monkeypatch.setenv("COLUMNS", "12")
        with _progress.progress("a long name of a file.npy", 10, 0) as advance:
            advance(5)
        assert max(map(len, capsys.readouterr().err.split("\r"))) == 11


def terminal(monkeypatch) -> None:
    """Whoever asks is told that the errors go to a terminal."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)


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
