"""What xspace runs with here: versions, and which code makes the elements."""

from __future__ import annotations

import platform
from typing import Literal

import numpy as np

from ._version import __version__
from .engine.native import ENGINE, WHICH

__all__ = ["show_config"]


def show_config(mode: Literal["stdout", "dicts"] = "stdout") -> dict[str, str] | None:
    """Print what xspace runs with here, or return it, with ``mode="dicts"``.

    The compiled engine changes no bit, only the time; ``XSPACE_NATIVE=0`` in the environment
    switches it off.

    Examples
    --------
    >>> import xspace
    >>> sorted(xspace.show_config("dicts"))
    ['engine', 'machine', 'module', 'numpy', 'python', 'xspace']
    """
    about = {
        "xspace": __version__,
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "numpy": np.__version__,
        "machine": f"{platform.machine()}, {platform.system()}",
        "engine": WHICH,
        "module": str(getattr(ENGINE, "__file__", "none")),
    }
    if mode == "dicts":
        return about
    if mode != "stdout":
        raise ValueError(f'mode must be "stdout" or "dicts", got {mode!r}')
    for name, value in about.items():
        print(f"{name + ':':10}{value}")
    return None
