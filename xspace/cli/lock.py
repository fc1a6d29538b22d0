"""A lock for one process at a time, which ends with the process, whatever ends that.

It is the system's lock of an open file.  Which process has it is written in the file, for the
message that others get; whether one has it, the system alone knows, so that what a killed process
leaves behind stops nobody.

``flock`` and not ``lockf``: that one lets a second call of the same process in, and is lost as soon
as any part of the process closes the file.  Over NFS, Linux asks the server for either in the same
way, and other hosts see it.  A file system that refuses has no lock to go by, and nothing is
written there.
"""

from __future__ import annotations

import contextlib
import os
import platform
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["locked"]

#: Seconds to wait for a process that is about to end, and for one to say who it is.
_PATIENCE = 0.2

#: Windows keeps others from reading what is locked: a byte that is never written is.
_BEYOND = 1 << 30


@contextlib.contextmanager
def locked(path: Path, name: str) -> Iterator[Callable[[], None]]:
    """Have the lock ``path`` for what is called ``name``; yield what checks that it is had still.

    A ValueError says which process has it.  The file goes away in the end.
    """
    descriptor = _wait_for(path, name)
    try:
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {platform.node()}".encode())
        yield lambda: _check(descriptor, path, name)
    finally:
        _give_back(descriptor, path)


def _wait_for(path: Path, name: str) -> int:
    until = time.monotonic() + _PATIENCE
    while True:
        descriptor = _open(path)
        try:
            if _take(descriptor, path):
                # Whoever had it may have removed the file since it was opened: then this is a
                # lock of nothing, and another process may have one of the new file.
                if _is_at(descriptor, path):
                    return descriptor
            elif time.monotonic() > until:
                who = os.pread(descriptor, 300, 0) if hasattr(os, "pread") else path.read_bytes()
                owner = who.decode(errors="replace") or "another process"
                msg = f"{name} is being written by {owner}: wait until it has ended, or stop it"
                raise ValueError(msg)
            else:
                time.sleep(_PATIENCE / 10)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _open(path: Path) -> int:
    """Open the file, or make it; a link would be someone else's."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    msg = f"{path} is no file that xspace makes: remove it"
    raise ValueError(msg)


def _take(descriptor: int, path: Path) -> bool:
    """Lock a file, if nobody has."""
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, _BEYOND, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            os.lseek(descriptor, 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX; Windows
        return False
    except OSError as error:
        msg = f"{path}: files cannot be locked here ({error.strerror}): write elsewhere, and move"
        raise ValueError(msg) from error
    return True


def _check(descriptor: int, path: Path, name: str) -> None:
    """Raise a ValueError if another process may have got a lock, as the file was removed."""
    if not _is_at(descriptor, path):
        msg = f"{path.name} was removed or replaced while {name} was being written"
        raise ValueError(msg)


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether an open file still has its name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except FileNotFoundError:
        return False


def _give_back(descriptor: int, path: Path) -> None:
    """Remove the file before its lock ends: it is ours until then."""
    with contextlib.suppress(OSError):  # the folder may be gone
        if _is_at(descriptor, path) and os.name != "nt":
            path.unlink()
    os.close(descriptor)
    if os.name == "nt":  # it removes no open file: neither ours, nor one that is another's by now
        with contextlib.suppress(OSError):
            path.unlink()
