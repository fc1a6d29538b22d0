"""Grids in files: made and written a chunk at a time, never in memory as a whole.

A file has its name when it is finished, and not before.  Until then it is ``NAME.partial``, and
``NAME.partial.json`` says what it will be, how many of its first elements are there for sure, and
their checksum: it is replaced as a whole, after these elements have been written.  So a process can
be stopped at any time, and the same command goes on where the last one is known to have been.

One process writes at a time: it has the lock ``NAME.partial.lock``.  What is found is believed if
it is exactly what such a process leaves behind; anything else is an error, and is left alone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import stat
import sys
import threading
import time
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from .._version import __version__
from ..ground.thresholds import FILE_READ
from .lock import locked
from .progress import progress

__all__ = ["SUFFIXES", "write_grid"]

#: Seconds between two records of how far it is.
_INTERVAL = 1.0

#: A record is shorter than this.
_LONGEST_RECORD = 1000

Array = npt.NDArray[Any]


class Parts(Protocol):
    """A grid of which slices can be made, and its `key`: the same for the same elements."""

    @property
    def caller(self) -> str: ...
    @property
    def shape(self) -> tuple[int]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def key(self) -> tuple[Any, ...]: ...
    def __getitem__(self, places: slice, /) -> Array: ...


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
        Whether a file of this name, and an unfinished one that this call does not go on with, may
        be replaced.

    Raises
    ------
    ValueError
        If there is a file and it may not be replaced, another process writes it, something that
        no writer left is in the way, or the name is of no known kind.
    """
    path = Path(os.path.realpath(path))  # one file has one lock, however its name is spelled
    if path.suffix not in SUFFIXES:
        msg = f"{path}: wanted a name that ends with {' or '.join(SUFFIXES)}"
        raise ValueError(msg)
    file = SUFFIXES[path.suffix](path, parts, chunk)
    with locked(_partial(path, ".lock"), path.name) as check, contextlib.closing(file):
        journal = _Journal(file)
        journal.tidy()
        file.check_name(overwrite=overwrite)
        _go_on(file, journal, overwrite=overwrite)
        _fill(file, journal, check)
        file.finish(overwrite=overwrite)
        _sync(path.parent)  # the name is there before the record is not
        journal.tidy()


def _go_on(file: _File, journal: _Journal, *, overwrite: bool) -> None:
    """Take up an unfinished file if it is what its record says; make way for a new one if not."""
    found = journal.read()
    if found is None:
        if _kind(file.partial) != "nothing":
            msg = f"{file.partial} is there without the record of a writer: remove it"
            raise ValueError(msg)
        return
    if _kind(file.partial) not in ("nothing", file.kind):  # a link, perhaps
        msg = f"{file.partial} is no {file.kind}, and not what xspace makes: remove it"
        raise ValueError(msg)
    name = file.partial.name
    complaint = ""
    if found.grid != file.identity:
        complaint = f"{name} is of another grid, or another version of xspace began it: finish it"
    elif found.done > file.num or (found.done and not file.is_sound(found)):
        # It is not made again in silence: something else writes there, or the disk is failing.
        complaint = f"{name} is not what {journal.path.name} says"
    if not complaint and found.done:
        journal.record = found
        print(
            f"xspace: {file.path}: {found.done} of {file.num} elements are there", file=sys.stderr
        )
    elif not complaint or overwrite:
        file.close()
        file.remove()
    else:
        msg = f"{complaint}, remove it, or say --overwrite"
        raise ValueError(msg)


def _fill(file: _File, journal: _Journal, check: Callable[[], None]) -> None:
    """Make the file if it is not there, write the rest, and record again and again how far it is.

    ``check`` raises an error if another process may have the lock.
    """
    due = time.monotonic() + _INTERVAL
    try:
        if not journal.record.done:
            journal.write()
            file.create()
        with progress(file.path.name, file.num, journal.record.done) as advance:
            while (first := journal.record.done) < file.num:
                array = file.parts[first : min(first + file.chunk, file.num)]
                file.put(first, array)
                journal.count(array)
                advance(len(array))
                if time.monotonic() >= due:
                    _record(file, journal, check)
                    due = time.monotonic() + _INTERVAL
        _record(file, journal, check)
    except BaseException:
        with contextlib.suppress(OSError, ValueError):  # the same that is raised, perhaps
            _leave(file, journal, check)
        raise


def _record(file: _File, journal: _Journal, check: Callable[[], None]) -> None:
    """Write down how far it is, after the elements themselves."""
    check()
    file.sync()
    journal.write()


def _leave(file: _File, journal: _Journal, check: Callable[[], None]) -> None:
    """Stop so that the same command can go on, and with nothing left if there is nothing yet."""
    if journal.record.done:
        _record(file, journal, check)
    else:
        check()
        file.close()
        file.remove()
        journal.remove()


class Record(NamedTuple):
    """How much of a grid is there: the first elements, and the CRC-32 of their bytes.

    Of ``zlib`` and ``hashlib`` it is what is computed fastest: in a tenth of the time in which a
    disk takes the bytes.
    """

    grid: str
    done: int
    crc32: int

    @property
    def is_valid(self) -> bool:
        """Whether it can be the record of some grid."""
        kinds = type(self.grid), type(self.done), type(self.crc32)
        return kinds == (str, int, int) and self.done >= 0 and 0 <= self.crc32 < 1 << 32


class _Journal:
    """The record of an unfinished file: ``NAME.partial.json``."""

    def __init__(self, file: _File) -> None:
        self.file = file
        self.path = _partial(file.path, ".json")
        self._new = _partial(file.path, ".json.new")
        self.record = Record(file.identity, 0, 0)

    def read(self) -> Record | None:
        """What it says, None if there is none; a ValueError if no writer has left it like this."""
        if _kind(self.path) == "nothing":
            return None
        with contextlib.suppress(RecursionError, TypeError, ValueError):
            if _kind(self.path) == "file":
                with open(self.path, "rb") as file:
                    record = Record(**json.loads(file.read(_LONGEST_RECORD)))
                if record.is_valid:
                    return record
        msg = f"{self.path} is not what this version of xspace makes: remove it, and "
        raise ValueError(msg + self.file.partial.name)

    def count(self, array: Array) -> None:
        """Count elements that have been written."""
        grid, done, crc32 = self.record
        crc32 = zlib.crc32(_bytes(array), crc32)
        self.record = Record(grid, done + len(array), crc32)  # at once: Ctrl-C may come between

    def write(self) -> None:
        """Replace what it says, as a whole."""
        with _create(self._new) as file:
            file.write(json.dumps(self.record._asdict()).encode())
            os.fsync(file.fileno())
        os.replace(self._new, self.path)

    def remove(self) -> None:
        """Forget."""
        self.path.unlink(missing_ok=True)
        self._new.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what is left of a file that has got its name, and the record of no file."""
        if self.read() is None:
            return
        if _kind(self.file.path) != "nothing":
            _remove(self.file.old)
            if _is_same(self.file.partial, self.file.path):  # it had two names
                self.file.partial.unlink()
        if _kind(self.file.partial) == "nothing":
            self.remove()


class _File(ABC):
    """A file of some kind, under its unfinished name."""

    #: What it is for the system, and what it may replace.
    kind: str
    replaces: tuple[str, ...]

    def __init__(self, path: Path, parts: Parts, chunk: int) -> None:
        self.path, self.parts, self.chunk = path, parts, chunk
        self.partial, self.old = _partial(path), _partial(path, ".old")
        self.num = parts.shape[0]

    @property
    def identity(self) -> str:
        """What the file will be: the same for the same grid, and the same version of xspace."""
        return hashlib.sha256(repr(self._key()).encode()).hexdigest()

    def _key(self) -> tuple[Any, ...]:
        return (__version__, self.path.suffix, *self.parts.key)

    def check_name(self, *, overwrite: bool) -> None:
        """A ValueError if the name is taken by something that may not or cannot be replaced."""
        kind = _kind(self.path)
        if kind == "nothing":
            return
        if not overwrite:
            msg = f"{self.path} is there already (--overwrite replaces it)"
            raise ValueError(msg)
        if kind not in self.replaces or os.path.ismount(self.path):
            msg = f"{self.path} cannot be replaced: it is no {' or '.join(self.replaces)}"
            raise ValueError(msg)

    def is_sound(self, record: Record) -> bool:
        """Whether the unfinished file is what `create` and `put` make; then it is taken up."""
        if not self._open():
            return False
        crc32 = 0
        for block in self._blocks(record.done):
            crc32 = zlib.crc32(block, crc32)
        return crc32 == record.crc32

    def remove(self) -> None:
        """Remove the unfinished file, if there is one."""
        _remove(self.partial)

    @abstractmethod
    def create(self) -> None:
        """Make the unfinished file."""

    @abstractmethod
    def _open(self) -> bool:
        """Open the unfinished file, if it is as `create` makes it."""

    @abstractmethod
    def _blocks(self, done: int) -> Iterator[Any]:
        """The bytes of the first elements."""

    @abstractmethod
    def put(self, first: int, array: Array) -> None:
        """Write elements."""

    @abstractmethod
    def sync(self) -> None:
        """Have the system write down what was put, so that it outlives a loss of power.

        A ValueError if it is no longer where it was put.
        """

    @abstractmethod
    def finish(self, *, overwrite: bool) -> None:
        """Give the file its name; a ValueError if that is taken by now, and was not to be."""

    @abstractmethod
    def close(self) -> None:
        """Close what is open."""

    def _gone(self) -> ValueError:
        return ValueError(f"{self.partial} was removed or replaced while it was being written")

    def _taken(self) -> ValueError:
        return ValueError(
            f"{self.path} appeared while it was being written (--overwrite replaces it): "
            f"{self.partial.name} is complete"
        )


class _Npy(_File):
    """NumPy's own format.

    The file is written to and not mapped: the bytes of a map whose file becomes shorter, or for
    which there is no room, are a crash and not an error.
    """

    kind = "file"
    replaces = ("file",)
    _file: IO[bytes] | None = None

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

    def create(self) -> None:
        self._file = _create(self.partial)
        self._file.write(self._header())
        try:
            _reserve(self._file, self._size())
        except OSError as error:  # it does not know the name
            raise OSError(error.errno, error.strerror, str(self.partial)) from error

    def _open(self) -> bool:
        how = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self.partial, how)
        except FileNotFoundError:
            return False
        file = self._file = os.fdopen(descriptor, "r+b", buffering=0)
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            return False  # writing would change the file of another name
        return found.st_size == self._size() and file.read(len(self._header())) == self._header()

    def _blocks(self, done: int) -> Iterator[bytes]:
        left = done * self.parts.dtype.itemsize
        with open(self._opened.fileno(), "rb", closefd=False) as file:
            file.seek(len(self._header()))
            while left and (block := file.read(min(left, FILE_READ))):
                left -= len(block)
                yield block

    @property
    def _opened(self) -> IO[bytes]:
        assert self._file is not None
        return self._file

    def put(self, first: int, array: Array) -> None:
        self._opened.seek(len(self._header()) + first * array.itemsize)
        left = _bytes(array)
        while left:
            left = left[self._opened.write(left) :]

    def sync(self) -> None:
        os.fsync(self._opened.fileno())
        found = os.fstat(self._opened.fileno())
        there = _kind(self.partial) == "file" and os.path.samestat(found, os.lstat(self.partial))
        if not there or found.st_size != self._size():
            raise self._gone()

    def finish(self, *, overwrite: bool) -> None:
        self.close()
        if overwrite:
            os.replace(self.partial, self.path)
            return
        try:
            _rename_file(self.partial, self.path)
        except FileExistsError:
            raise self._taken() from None

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


class _Zarr(_File):
    """A Zarr array in a folder; it says of itself whether it is complete."""

    kind = "folder"
    replaces = ("file", "folder")

    def __init__(self, path: Path, parts: Parts, chunk: int) -> None:
        super().__init__(path, parts, chunk)
        try:
            import zarr
        except ImportError:
            msg = "zarr is not installed: pip install zarr"
            raise ValueError(msg) from None
        self._zarr: Any = zarr
        self._array: Any = None
        self._folder: os.stat_result | None = None
        self._new: list[Path] = []  # what has been put and not yet been written down

    def _key(self) -> tuple[Any, ...]:
        return (*super()._key(), self.chunk)

    def _chunk(self) -> int:
        return max(min(self.chunk, self.num), 1)

    def _state(self, *, complete: bool) -> dict[str, Any]:
        return {"function": self.parts.caller, "complete": complete}

    def create(self) -> None:
        size = self.num * self.parts.dtype.itemsize
        if shutil.disk_usage(self.path.parent).free < size:  # space cannot be reserved
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.partial))
        with _uninterrupted():
            self._array = self._zarr.create_array(
                self.partial,
                shape=(self.num,),
                chunks=(self._chunk(),),
                dtype=self.parts.dtype,
                zarr_format=3,
                compressors=None,  # the bits of a grid are too many to be packed
                config={"write_empty_chunks": True},  # -0.0 is not the 0.0 of what is not there
                attributes={"xspace": self._state(complete=False)},
            )
        self._folder = os.lstat(self.partial)

    def is_sound(self, record: Record) -> bool:
        try:
            return super().is_sound(record)
        except Exception as error:  # zarr's own, of many kinds, for what is no array
            if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
                raise  # it could not be read
            return False

    def _open(self) -> bool:
        self._folder = os.lstat(self.partial)
        for left in self.partial.rglob("*.partial"):  # what zarr was writing when it was stopped
            left.unlink()
        with self._zarr.config.set({"array.write_empty_chunks": True}):
            array = self._array = self._zarr.open_array(self.partial, mode="r+")
        layout = (self.num,), (self._chunk(),), self.parts.dtype
        return (array.shape, array.chunks, array.dtype) == layout

    def _blocks(self, done: int) -> Iterator[memoryview]:
        for first in range(0, done, self._chunk()):
            yield _bytes(self._array[first : min(first + self._chunk(), done)])

    def put(self, first: int, array: Array) -> None:
        with _uninterrupted():
            self._array[first : first + len(array)] = array
        key = self._array.metadata.encode_chunk_key((first // self._chunk(),))
        self._new.append(self.partial / key)

    def sync(self) -> None:
        """Where the folder is gone, zarr makes another one, in which older chunks are missing."""
        assert self._folder is not None
        try:
            for path in dict.fromkeys([*self._new, *(path.parent for path in self._new)]):
                _sync(path)
            self._new.clear()
            _sync(self.partial)
            same = os.path.samestat(os.lstat(self.partial), self._folder)
        except FileNotFoundError:
            same = False
        if not same:
            raise self._gone()

    def finish(self, *, overwrite: bool) -> None:
        if self._array.nchunks_initialized != self._array.nchunks:  # zeros for who reads it
            raise self._gone()
        with _uninterrupted():
            self._array.attrs["xspace"] = self._state(complete=True)
        self._new.append(self.partial / "zarr.json")
        self.sync()
        if _kind(self.path) != "nothing":
            if not overwrite:
                raise self._taken()
            _remove(self.old)
            os.rename(self.path, self.old)  # a folder does not replace another one
        os.rename(self.partial, self.path)  # nor a file: only an empty folder of this moment

    def close(self) -> None:
        """Nothing is open."""


SUFFIXES: dict[str, type[_File]] = {".npy": _Npy, ".zarr": _Zarr}


def _partial(path: Path, suffix: str = "") -> Path:
    return path.with_name(f"{path.name}.partial{suffix}")


def _kind(path: Path) -> str:
    """What has a name: a link is not what it leads to."""
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "nothing"
    if stat.S_ISREG(mode):
        return "file"
    return "folder" if stat.S_ISDIR(mode) else "other"


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names are there, and of one file."""
    try:
        return os.path.samestat(os.lstat(one), os.lstat(other))
    except FileNotFoundError:
        return False


def _remove(path: Path) -> None:
    """Remove what has a name, if anything."""
    if _kind(path) == "folder":
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _create(path: Path) -> IO[bytes]:
    """Open a new file: what had the name is not written to, as it may be a link."""
    path.unlink(missing_ok=True)
    return open(path, "xb", buffering=0)


def _rename_file(old: Path, new: Path) -> None:
    """Rename a file; a FileExistsError if the new name is taken, be it at the last moment."""
    if os.name == "nt":
        os.rename(old, new)
        return
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:  # a file system without links, which has no such promise either
        if _kind(new) != "nothing":
            raise FileExistsError(str(new)) from None
        os.rename(old, new)
    else:
        old.unlink()


def _reserve(file: IO[bytes], size: int) -> None:
    """Give a file its size: an OSError now, and not hours later, if the disk has no room for it."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
        else:
            return
    file.truncate(size)


def _sync(path: Path) -> None:
    """Have the system write down a file, or the names in a folder."""
    if os.name == "nt" and path.is_dir():  # it has no such promise
        return
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bytes(array: Array) -> memoryview:
    return np.ascontiguousarray(array).view(np.uint8).data


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait.

    zarr writes in threads of its own.  They would go on when this one is interrupted, and when the
    lock is another process's.
    """
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is None:
        yield
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)
