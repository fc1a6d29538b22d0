"""How far a file is: a line on a terminal, where that takes more than a moment."""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator

__all__ = ["progress"]

#: Seconds before the line is there, and before it is another one.
_PATIENCE, _INTERVAL = 1.0, 0.2


@contextlib.contextmanager
def progress(name: str, num: int, done: int) -> Iterator[Callable[[int], None]]:
    """The way to tell that so many elements more are done."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda count: None
        return
    line = _Line(name, num, done)
    try:
        yield line.advance
    finally:
        line.write("")


class _Line:
    """The last line of the terminal, which is written over again and again."""

    def __init__(self, name: str, num: int, done: int) -> None:
        self.name, self.num, self.first, self.done = name, num, done, done
        self.began = time.monotonic()
        self.due = self.began + _PATIENCE
        self.written = 0  # characters

    def advance(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now < self.due:
            return
        self.due = now + _INTERVAL
        left = (now - self.began) * (self.num - self.done) / (self.done - self.first)
        self.write(f"{self.name}: {100 * self.done // self.num}%, {_spoken(left)} left")

    def write(self, text: str) -> None:
        """Put a text in place of the last one."""
        if not (text or self.written):
            return
        text = text[: shutil.get_terminal_size().columns - 1]
        sys.stderr.write(f"\r{text.ljust(self.written)}\r{text}")
        sys.stderr.flush()
        self.written = len(text)


def _spoken(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
