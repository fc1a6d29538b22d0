"""Functions for the tests of ``--target``: right ones and wrong ones, in each signature."""

from __future__ import annotations

from typing import Any

import numpy as np


def linspace(
    start: float,
    stop: float,
    num: int = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    """Call the library, in NumPy's signature."""
    import xspace

    return xspace.linspace(start, stop, num, endpoint=endpoint, dtype=dtype, axis=axis)


def wrong_linspace(start: float, stop: float, num: int, **keywords: Any) -> Any:
    """Be the last bit off, here and there."""
    import xspace

    grid = xspace.linspace(start, stop, num, **keywords)
    if grid.dtype == np.float64:
        grid[num // 2 : num // 2 + 1] *= 1 + 2.0**-52
    return grid


def naive_geomspace(start: float, stop: float, num: int, **keywords: Any) -> Any:
    """Return NumPy's own grid, which is wrong in most elements."""
    return np.geomspace(start, stop, num, **keywords)


def torch_logspace(start: float, end: float, steps: int, **keywords: Any) -> Any:
    """Call the library for PyTorch, in its signature."""
    import torch

    import xspace

    return xspace.logspace(start, end, steps, xp=torch, **keywords)


def standard_linspace(
    start: float, stop: float, /, num: int, *, dtype: Any = None, endpoint: bool = True
) -> Any:
    """Call the library, in the standard's signature."""
    import xspace

    return xspace.linspace(start, stop, num, dtype=dtype, endpoint=endpoint)


def grid(start: float, stop: float, num: int, **keywords: Any) -> Any:
    """Have a name that tells nothing."""
    return linspace(start, stop, num, **keywords)


def stubborn_linspace(start: float, stop: float, num: int, **keywords: Any) -> Any:
    """Refuse grids of one element."""
    if num == 1:
        raise RuntimeError("one element is none")
    return linspace(start, stop, num, **keywords)


def useless_linspace(*arguments: Any, **keywords: Any) -> Any:
    """Refuse everything."""
    raise RuntimeError("not today")
