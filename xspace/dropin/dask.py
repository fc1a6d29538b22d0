"""`linspace` and `arange` with the signatures of dask.array, and `logspace` and `geomspace`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, overload

import dask.array as da
import numpy as np

from ..arange import arange as _arange
from ..functions import geomspace as _geomspace
from ..functions import linspace as _linspace
from ..functions import logspace as _logspace
from ..libraries.scalars import is_date
from ._shared import arange_dtype, has_dimensions, read_range

if TYPE_CHECKING:
    from .._typing import Complex, Date, Number, OfNumPy, Span

__all__ = ["arange", "geomspace", "linspace", "logspace"]


@overload
def linspace(
    start: Complex | OfNumPy | da.Array,
    stop: Complex | OfNumPy | da.Array,
    num: SupportsIndex | float = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    chunks: Any = "auto",
    dtype: Any = None,
) -> da.Array: ...
@overload
def linspace(
    start: Complex | OfNumPy | da.Array,
    stop: Complex | OfNumPy | da.Array,
    num: SupportsIndex | float = 50,
    endpoint: bool = True,
    *,
    retstep: Literal[True],
    chunks: Any = "auto",
    dtype: Any = None,
) -> tuple[da.Array, Any]: ...
@overload
def linspace(
    start: Complex | OfNumPy | da.Array,
    stop: Complex | OfNumPy | da.Array,
    num: SupportsIndex | float,
    endpoint: bool,
    retstep: Literal[True],
    chunks: Any = "auto",
    dtype: Any = None,
) -> tuple[da.Array, Any]: ...
def linspace(
    start: Complex | OfNumPy | da.Array,
    stop: Complex | OfNumPy | da.Array,
    num: SupportsIndex | float = 50,
    endpoint: bool = True,
    retstep: bool = False,
    chunks: Any = "auto",
    dtype: Any = None,
) -> Any:
    """`dask.array.linspace` with `xspace.linspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.dask import linspace
    >>> linspace(0, 1, 5, chunks=2)
    dask.array<linspace, shape=(5,), dtype=float64, chunksize=(2,), chunktype=numpy.ndarray>
    """
    ends = _read("start", start), _read("stop", stop)
    options: Any = {"endpoint": endpoint, "retstep": retstep, "dtype": _dtype(dtype)}
    return _linspace(*ends, _index(num), **options, xp=da, chunks=chunks)


def logspace(
    start: Complex | OfNumPy | da.Array,
    stop: Complex | OfNumPy | da.Array,
    num: SupportsIndex | float = 50,
    endpoint: bool = True,
    base: Complex | OfNumPy | da.Array = 10.0,
    chunks: Any = "auto",
    dtype: Any = None,
) -> da.Array:
    """`xspace.logspace` in the spelling of dask's ``linspace``: dask has none.

    Examples
    --------
    >>> from xspace.dropin.dask import logspace
    >>> logspace(0, 3, 4, chunks=2).compute()
    array([   1.,   10.,  100., 1000.])
    """
    ends = _read("start", start), _read("stop", stop)
    options: Any = {"endpoint": endpoint, "base": _read("base", base), "dtype": _dtype(dtype)}
    return _logspace(*ends, _index(num), **options, xp=da, chunks=chunks)


def geomspace(
    start: Complex | OfNumPy | da.Array,
    stop: Complex | OfNumPy | da.Array,
    num: SupportsIndex | float = 50,
    endpoint: bool = True,
    chunks: Any = "auto",
    dtype: Any = None,
) -> da.Array:
    """`xspace.geomspace` in the spelling of dask's ``linspace``: dask has none.

    Examples
    --------
    >>> from xspace.dropin.dask import geomspace
    >>> geomspace(1, 8, 4, chunks=2, dtype=int).compute()
    array([1, 2, 4, 8])
    """
    ends = _read("start", start), _read("stop", stop)
    options: Any = {"endpoint": endpoint, "dtype": _dtype(dtype)}
    return _geomspace(*ends, _index(num), **options, xp=da, chunks=chunks)


def arange(
    start: Number | Date | Span | OfNumPy | da.Array | None = None,
    /,
    stop: Number | Date | Span | OfNumPy | da.Array | None = None,
    step: Number | Span | OfNumPy | da.Array = 1,
    *,
    chunks: Any = "auto",
    like: Any = None,
    dtype: Any = None,
) -> da.Array:
    """`dask.array.arange` with ``xspace.arange``'s elements, and as many as there are exactly.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from xspace.dropin.dask import arange
    >>> arange(1, Decimal("1.3"), Decimal("0.1"), chunks=2).compute()
    array([1. , 1.1, 1.2])
    """
    if not isinstance(getattr(like, "_meta", like), np.ndarray | None):
        msg = f"like must be None or an array of NumPy's elements, got {type(like).__name__}"
        raise TypeError(msg)
    if start is None or stop is None:
        given = {"stop": start if stop is None else stop, "step": step}
    else:
        given = {"start": start, "stop": stop, "step": step}
    if given["stop"] is None:
        msg = "arange needs a stop, by its place or by its name"
        raise TypeError(msg)
    read = {name: _read(name, value) for name, value in given.items()}
    if any(map(is_date, read.values())):
        ends = [read[name] for name in ("start", "stop") if name in read]
        dates = ends[0], ends[1] if len(ends) > 1 else None, read["step"]
        return _arange(*dates, dtype=dtype, xp=da, chunks=chunks)
    if dtype is None:
        dtype = arange_dtype(*read.values())
    return _arange(*read_range(**read), dtype=dtype, xp=da, chunks=chunks)


def _read(name: str, value: Any) -> Any:
    """An endpoint: lazy numbers are computed, as dask does it; nothing with dimensions."""
    if has_dimensions(value):
        msg = f"{name} must be a scalar for a dask grid, got an array of shape {value.shape}"
        raise TypeError(msg)
    if isinstance(value, da.Array):
        value = value.compute()
    return value[()] if isinstance(value, np.ndarray) else value


def _dtype(dtype: Any) -> Any:
    """Dask's default does not depend on the dtypes of the endpoints."""
    return np.float64 if dtype is None else dtype


def _index(num: Any) -> Any:
    """Dask takes ``50.0`` elements, too; but not ``50.7`` here."""
    return int(num) if isinstance(num, float) and num.is_integer() else num
