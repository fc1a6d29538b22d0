"""The compiled engine, where it is installed.

It is optional, and changes no bit: its functions say with None what they leave to the kernels in
Python, and `filling` settles what is open.  ``XSPACE_NATIVE=0`` in the environment switches it off,
and ``1`` makes its absence an error.  The headers beside this file have the arithmetic, with the
bounds of its errors.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

__all__ = ["ENGINE", "WHICH"]


def _load() -> tuple[ModuleType | None, str]:
    """The extension module, unless it is missing or switched off, and which code runs and why."""
    choice = os.environ.get("XSPACE_NATIVE", "")
    if choice == "0":
        return None, "Python and NumPy alone: XSPACE_NATIVE=0 switches the compiled engine off"
    try:
        module = import_module(".._native", __name__)
    except ImportError as error:
        if choice == "1":
            raise
        if isinstance(error, ModuleNotFoundError):
            return None, "Python and NumPy alone: the compiled engine is not installed"
        return None, f"Python and NumPy alone: the compiled engine cannot be loaded: {error}"
    return module, "compiled"


_FOUND = _load()
#: The extension module, or None.
ENGINE = _FOUND[0]
#: Which code makes grids in host memory, and why, in words.
WHICH = _FOUND[1]
