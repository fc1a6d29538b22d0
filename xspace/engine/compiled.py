"""The compiled loops of the optional extra ``fast``, once they are worth their import.

Importing the compiler takes about half a second, as long as some 400 million elements gain by it.
So it happens neither with ``import xspace`` nor for a short grid, but when `_WORTH` elements of
long grids have been made; after that, short grids use compiled loops, too.  The environment
variable ``XSPACE_NUMBA`` is read once: 0 switches this off, 1 loads the loops for the first grid.
The bits are the same in every case.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from types import ModuleType
from typing import Any

__all__ = ["compiled", "compiled_lanes", "short_loops", "use"]

#: Elements of long grids, all of them together, that are made before the loops are loaded.
_WORTH = 1 << 20
#: Grids shorter than this do not count.
_LONG = 1 << 14

_loops: ModuleType | None = None
_short: ModuleType | None = None
#: Elements still to be made, or None if loading is out of the question.
_wait: float | None = None


def compiled(num: int) -> ModuleType | None:
    """The module of compiled loops if it is loaded, or gets loaded for ``num`` more elements."""
    if _loops is not None or _wait is None:
        return _loops
    return _count(num)


def compiled_lanes(num: int, kind: str, fmt: str) -> Callable[..., Any] | None:
    """What fills contiguous lanes of a function and a format with compiled loops, if it is there.

    ``num`` counts the elements of all lanes.
    """
    return None if compiled(num) is None else _lane_loops(kind, fmt)


@lru_cache
def _lane_loops(kind: str, fmt: str) -> Callable[..., Any] | None:
    try:
        from . import numba_lanes

        return numba_lanes.loops(kind, fmt)
    except Exception:  # as below; it is not tried again
        return None


def short_loops() -> ModuleType | None:
    """The compiled loops for whole short grids, if they are loaded, or have to be at once."""
    if _short is not None or _wait is None or _wait > 0:
        return _short
    return None if _count(0) is None else _short


def use(choice: str) -> None:
    """Set what ``XSPACE_NUMBA`` says: ``"0"``, ``"1"``, or anything else for the default."""
    global _loops, _short, _wait
    _loops = _short = None
    _wait = {"0": None, "1": 0}.get(choice, _WORTH)


def _count(num: int) -> ModuleType | None:
    """Count elements, and load the loops if these were enough.

    Threads may come here together.  Python imports a module once, and the worst that can happen
    otherwise is that some elements are not counted.
    """
    global _loops, _short, _wait
    wait = _wait
    if wait is None:  # another thread was here before
        return _loops
    if num >= _LONG:
        wait -= num
    if wait > 0:
        _wait = wait
        return None
    try:
        from . import numba as loops
        from . import numba_short as short
    except Exception:  # missing, broken, or nowhere to keep what it compiles: NumPy will do
        _wait = None
        return None
    _loops, _short, _wait = loops, short, None
    return _loops


use(os.environ.get("XSPACE_NUMBA", ""))
