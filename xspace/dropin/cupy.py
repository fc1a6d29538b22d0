"""`linspace`, `logspace` and `arange` with the signatures of CuPy 14, and a `geomspace`."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

import cupy
import numpy as np

from ..arange import arange as _arange
from ..call.arguments import read_flag
from ..call.samples import step_of
from ..call.target import read_target
from ..functions import geomspace as _geomspace
from ..functions import linspace as _linspace
from ..functions import logspace as _logspace
from ..libraries.scalars import check_class
from ._shared import check_base, floating_dtype, is_number, read_range, weak

if TYPE_CHECKING:
    from .._typing import ArrayLike

__all__ = ["arange", "geomspace", "linspace", "logspace"]


@overload
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> cupy.ndarray: ...
@overload
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> tuple[cupy.ndarray, Any]: ...
@overload
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex,
    endpoint: bool,
    retstep: Literal[True],
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> tuple[cupy.ndarray, Any]: ...
def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> Any:
    """``cupy.linspace`` with `xspace.linspace`'s elements, on the current device.

    Examples
    --------
    >>> from xspace.dropin.cupy import linspace
    >>> linspace(0, 1, 3)
    array([0. , 0.5, 1. ])
    """
    ends = _read("start", start), _read("stop", stop)
    if dtype is None:
        dtype = floating_dtype(*ends)
    endpoint, retstep = read_flag("endpoint", endpoint), read_flag("retstep", retstep)
    samples = _linspace(*ends, num, endpoint=endpoint, dtype=dtype, axis=axis, xp=cupy)
    return (samples, _step(*ends, operator.index(num), endpoint)) if retstep else samples


def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> cupy.ndarray:
    """``cupy.logspace`` with `xspace.logspace`'s elements, on the current device.

    Examples
    --------
    >>> from xspace.dropin.cupy import logspace
    >>> logspace(0, 3, 4)
    array([   1.,   10.,  100., 1000.])
    """
    first, last, radix = _read("start", start), _read("stop", stop), _read("base", base)
    check_base(radix, first, last, axis)
    if dtype is None:
        dtype = np.result_type(floating_dtype(first, last), weak(radix))
    options: Any = {"endpoint": endpoint, "base": radix, "dtype": dtype, "axis": axis}
    return _logspace(first, last, num, **options, xp=cupy)


def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> cupy.ndarray:
    """`xspace.geomspace` in the spelling of the others: CuPy has none.

    Examples
    --------
    >>> from xspace.dropin.cupy import geomspace
    >>> geomspace(1, 8, 4, dtype=int)
    array([1, 2, 4, 8])
    """
    ends = _read("start", start), _read("stop", stop)
    if dtype is None:
        dtype = floating_dtype(*ends)
    return _geomspace(*ends, num, endpoint=endpoint, dtype=dtype, axis=axis, xp=cupy)


def arange(
    start: ArrayLike,
    stop: ArrayLike | None = None,
    step: ArrayLike | None = 1,
    dtype: Any = None,
) -> cupy.ndarray:
    """``cupy.arange`` with ``xspace.arange``'s elements, and as many as there are exactly.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from xspace.dropin.cupy import arange
    >>> arange(1, Decimal("1.3"), Decimal("0.1"))
    array([1. , 1.1, 1.2])
    """
    bounds: dict[str, Any] = {"stop": start} if stop is None else {"start": start, "stop": stop}
    bounds |= {"step": 1 if step is None else step}
    if dtype is None:  # of 64 bits always
        kinds = (np.result_type(weak(bound)).kind for bound in bounds.values())
        dtype = np.float64 if any(kind == "f" for kind in kinds) else np.int64
    return _arange(*read_range(**bounds), dtype=dtype, xp=cupy)


def _step(start: Any, stop: Any, num: int, endpoint: bool) -> Any:
    """The step as CuPy returns it: its dtype comes from the ends, whatever that of the samples."""
    ends = {"start": start, "stop": stop}
    if not any(isinstance(end, cupy.ndarray) for end in ends.values()):
        return step_of(ends, num, endpoint, read_target("linspace", ends, None, None, cupy))
    if num < 2:
        return math.nan
    dtype = np.result_type(_inexact(start), _inexact(stop))
    step = step_of(ends, num, endpoint, read_target("linspace", ends, dtype, None, cupy))
    return cupy.asarray(step, dtype)


def _inexact(end: Any) -> Any:
    """The dtype in which CuPy computes with an end beside an array."""
    dtype = np.result_type(weak(end))
    return dtype if dtype.kind in "fc" else np.dtype(np.float64)


def _read(name: str, value: Any) -> Any:
    """A number, or an array as CuPy makes it of lists and of NumPy's arrays."""
    if is_number(value) or isinstance(value, (cupy.ndarray, str)) or value is None:
        return value
    check_class(name, value)
    return cupy.asarray(value)
