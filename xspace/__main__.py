"""The command line: ``python -m xspace``, or ``xspace`` where it is installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from .cli.program import run

__all__ = ["main"]

#: What a shell reports for a process that wrote to a closed pipe (128 + SIGPIPE) and for one that
#: was interrupted (128 + SIGINT).
_CLOSED_PIPE, _INTERRUPTED = 141, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; no error leaves a traceback.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, those of the process by default.

    Returns
    -------
    int
        0; 1 if ``xspace backends`` found a difference; 2 after an error; 130 or 141 if interrupted
        or if the reader of the output went away.
    """
    try:
        status = _status(sys.argv[1:] if argv is None else argv)
        if sys.stdout is not None:  # it may be closed
            sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return _CLOSED_PIPE
    except KeyboardInterrupt:
        return _INTERRUPTED
    except OSError as error:  # a full disk
        _forget_output()
        print(f"xspace: error: {error}", file=sys.stderr)
        return 2
    return status


def _status(argv: Sequence[str]) -> int:
    try:
        return run(argv)
    except SystemExit as stop:  # how argparse ends --help and errors
        return stop.code if isinstance(stop.code, int) else 0


def _forget_output() -> None:
    """Let the interpreter's last flush succeed: what is still buffered has nowhere to go."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
