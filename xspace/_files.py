"""Grids in files: made and written a chunk at a time, never in memory as a whole.

A file has its name when it is finished, and not before.  Until then it is ``NAME.partial``, and
``NAME.partial.json`` says what it will be and how many of its first elements are there for sure:
it is replaced as a whole, after these elements have been written.  So a process can be stopped at
any time, and the same command goes on where the last one is known to have been.  The bits are the
same whoever writes them, so that even two processes at once could do no harm to them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .parts import Parts

__all__ = ["CHUNK", "SUFFIXES", "write_grid"]

#: Elements of a chunk, if nothing is said.
CHUNK = 1 << 20

#: Seconds between two records of how far it is.
_INTERVAL = 1.0


def write_grid(path: Path, parts: Parts, chunk: int, *, overwrite: bool = False) -> None:
    """Write a grid into a file, the kind of which its name tells, or finish an unfinished one.

    Parameters
    ----------
    path : Path
        Where the file will be: ``.npy`` or ``.zarr``.
    parts : Parts
        The grid.
    chunk : int
        How many elements are made at a time; the chunks of a Zarr array.
    overwrite : bool, default: False
        Whether a file of this name, and an unfinished one of another grid, may be replaced.

    Raises
    ------
    ValueError
        If there is a file and it may not be replaced, or the name is of no known kind.
    """
    if path.suffix not in SUFFIXES:
        msg = f"{path}: wanted a name that ends with {' or '.join(SUFFIXES)}"
        raise ValueError(msg)
    if path.exists() and not overwrite:
        msg = f"{path} is there already (--overwrite replaces it)"
        raise ValueError(msg)
    file = SUFFIXES[path.suffix](path, parts, chunk)
    journal = _Journal(path, file.identity)
    first = journal.read(overwrite=overwrite)
    if first and file.is_there():
        print(f"xspace: {path}: {first} of {file.num} elements are there", file=sys.stderr)
    else:
        first = 0
        journal.remove()
        file.create()
    _fill(file, journal, first)
    file.finish()
    journal.remove()


def _fill(file: _File, journal: _Journal, first: int) -> None:
    """Write the elements from ``first`` on, and record again and again how far it is."""
    done, due = first, time.monotonic() + _INTERVAL
    journal.write(done)
    try:
        with _bar(file.path.name, file.num, done) as advance:
            while done < file.num:
                past = min(done + file.chunk, file.num)
                file.put(done, file.parts[done:past])
                advance(past - done)
                done = past
                if time.monotonic() >= due:
                    file.sync()
                    journal.write(done)
                    due = time.monotonic() + _INTERVAL
    except KeyboardInterrupt:
        file.sync()
        journal.write(done)
        raise


class _Journal:
    """How many elements of an unfinished file are there: ``NAME.partial.json``."""

    def __init__(self, path: Path, identity: str) -> None:
        self.name, self.identity = path.name, identity
        self.path = _partial(path, ".json")

    def read(self, *, overwrite: bool) -> int:
        """How far it was, zero if there is none; a ValueError if it is of another grid."""
        try:
            state = json.loads(self.path.read_text())
            same: bool = state["grid"] == self.identity
            done: int = state["done"]
        except (FileNotFoundError, KeyError, ValueError):
            return 0
        if same:
            return done
        if overwrite:
            return 0
        msg = f"{self.name}.partial is of another grid: finish it, remove it, or say --overwrite"
        raise ValueError(msg)

    def write(self, done: int) -> None:
        """Replace what it says, as a whole."""
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({"grid": self.identity, "done": done}))
        os.replace(new, self.path)

    def remove(self) -> None:
        """Forget."""
        self.path.unlink(missing_ok=True)


class _File(ABC):
    """A file of some kind, under its unfinished name."""

    def __init__(self, path: Path, parts: Parts, chunk: int) -> None:
        self.path, self.parts, self.chunk = path, parts, chunk
        self.partial = _partial(path)
        self.num = parts.shape[0]

    @property
    def identity(self) -> str:
        """What the file will be: the same for the same grid."""
        return hashlib.sha256(repr(self._key()).encode()).hexdigest()

    def _key(self) -> tuple[Any, ...]:
        return (self.path.suffix, *self.parts.key)

    @abstractmethod
    def is_there(self) -> bool:
        """Whether there is an unfinished file as `create` makes it."""

    @abstractmethod
    def create(self) -> None:
        """Make the unfinished file."""

    @abstractmethod
    def put(self, first: int, array: npt.NDArray[Any]) -> None:
        """Write elements."""

    @abstractmethod
    def sync(self) -> None:
        """Have the system write down what was put, so that it outlives a loss of power."""

    @abstractmethod
    def finish(self) -> None:
        """Give the file its name."""


class _Npy(_File):
    """NumPy's own format, through a map of the part of the file that is being written."""

    def _header(self) -> bytes:
        import io

        header = io.BytesIO()
        fields = {
            "descr": np.lib.format.dtype_to_descr(self.parts.dtype),
            "fortran_order": False,
            "shape": (self.num,),
        }
        np.lib.format.write_array_header_1_0(header, fields)
        return header.getvalue()

    def _size(self) -> int:
        size: int = len(self._header()) + self.num * self.parts.dtype.itemsize
        return size

    def is_there(self) -> bool:
        return self.partial.is_file() and self.partial.stat().st_size == self._size()

    def create(self) -> None:
        try:
            with open(self.partial, "wb") as file:
                file.write(self._header())
                file.flush()
                _reserve(file.fileno(), self._size())
        except OSError:  # what there was of space is not kept
            self.partial.unlink(missing_ok=True)
            raise

    def put(self, first: int, array: npt.NDArray[Any]) -> None:
        offset = len(self._header()) + first * array.itemsize
        window = np.memmap(self.partial, array.dtype, "r+", offset, array.shape)
        window[...] = array

    def sync(self) -> None:
        with open(self.partial, "r+b") as file:
            os.fsync(file.fileno())

    def finish(self) -> None:
        self.sync()
        os.replace(self.partial, self.path)


class _Zarr(_File):
    """A Zarr array in a folder; it says of itself whether it is complete."""

    def __init__(self, path: Path, parts: Parts, chunk: int) -> None:
        super().__init__(path, parts, chunk)
        try:
            import zarr
        except ImportError:
            msg = "zarr is not installed: pip install zarr"
            raise ValueError(msg) from None
        self._zarr: Any = zarr
        self._array: Any = None

    def _key(self) -> tuple[Any, ...]:
        return (*super()._key(), self.chunk)

    def is_there(self) -> bool:
        if not self.partial.is_dir():
            return False
        array = self._open()
        same: bool = array.shape == (self.num,) and array.chunks == (self._chunk(),)
        return same

    def _chunk(self) -> int:
        return max(min(self.chunk, self.num), 1)

    def _open(self) -> Any:
        if self._array is None:
            self._array = self._zarr.open_array(self.partial, mode="r+")
        return self._array

    def create(self) -> None:
        if self.partial.exists():
            shutil.rmtree(self.partial)
        self._array = self._zarr.create_array(
            self.partial,
            shape=(self.num,),
            chunks=(self._chunk(),),
            dtype=self.parts.dtype,
            compressors=None,  # the bits of a grid are too many to be packed
            config={"write_empty_chunks": True},  # -0.0 is not the 0.0 of what is not there
            attributes={"xspace": {"function": self.parts.caller, "complete": False}},
        )

    def put(self, first: int, array: npt.NDArray[Any]) -> None:
        self._open()[first : first + len(array)] = array

    def sync(self) -> None:
        if hasattr(os, "sync"):  # it is many files
            os.sync()

    def finish(self) -> None:
        self._open().attrs["xspace"] = {"function": self.parts.caller, "complete": True}
        self.sync()
        old = self.path.with_name(f"{self.path.name}.old")
        if self.path.exists():  # a folder does not replace another one
            shutil.rmtree(old, ignore_errors=True)
            os.replace(self.path, old)
        os.replace(self.partial, self.path)
        shutil.rmtree(old, ignore_errors=True)


SUFFIXES: dict[str, type[_File]] = {".npy": _Npy, ".zarr": _Zarr}


def _partial(path: Path, more: str = "") -> Path:
    return path.with_name(f"{path.name}.partial{more}")


def _reserve(descriptor: int, size: int) -> None:
    """Give a file its size; an OSError now if the disk is full, not a crash of the map later."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
    else:
        os.truncate(descriptor, size)


@contextlib.contextmanager
def _bar(name: str, num: int, done: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, if rich is there; the way to advance it."""
    try:
        from rich import progress
        from rich.console import Console
    except ImportError:
        yield lambda count: None
        return
    console = Console(stderr=True)
    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TaskProgressColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=num, completed=done)
        yield lambda count: bar.advance(task, count)
