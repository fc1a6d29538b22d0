"""`linspace`, `logspace`, `geomspace` and `arange` with the signatures of MyGrad 2.

A tensor that comes out is differentiable like any other that is made of numbers, and not with
respect to the endpoints, which MyGrad's own functions do not take as tensors either.  Tensors of
integers are constant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, SupportsIndex

from mygrad import Tensor

from ..libraries.scalars import check_class
from . import numpy as _numpy

if TYPE_CHECKING:
    from .._typing import ArrayLike

__all__ = ["arange", "geomspace", "linspace", "logspace"]


def linspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    constant: bool | None = None,
) -> Tensor:
    """``mygrad.linspace`` with `xspace.linspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.mygrad import linspace
    >>> linspace(0, 1, 3)
    Tensor([0. , 0.5, 1. ])
    """
    grid = _make("linspace", start, stop, num, endpoint, dtype=dtype, axis=axis)
    return Tensor(grid, constant=constant, copy=False)


def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    constant: bool | None = None,
) -> Tensor:
    """``mygrad.logspace`` with `xspace.logspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.mygrad import logspace
    >>> logspace(0, 3, 4)
    Tensor([   1.,   10.,  100., 1000.])
    """
    grid = _make("logspace", start, stop, num, endpoint, base=base, dtype=dtype, axis=axis)
    return Tensor(grid, constant=constant, copy=False)


def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    constant: bool | None = None,
) -> Tensor:
    """``mygrad.geomspace`` with `xspace.geomspace`'s elements.

    Examples
    --------
    >>> from xspace.dropin.mygrad import geomspace
    >>> geomspace(1, 8, 4, dtype=int).constant
    True
    """
    grid = _make("geomspace", start, stop, num, endpoint, dtype=dtype, axis=axis)
    return Tensor(grid, constant=constant, copy=False)


def arange(*args: Any, constant: bool | None = None, **kwargs: Any) -> Tensor:
    """``mygrad.arange`` with ``xspace.arange``'s elements, and as many as there are exactly.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from xspace.dropin.mygrad import arange
    >>> arange(1, Decimal("1.3"), Decimal("0.1"))
    Tensor([1. , 1.1, 1.2])
    """
    return Tensor(_make("arange", *args, **kwargs), constant=constant, copy=False)


def _make(name: str, *args: Any, **options: Any) -> Any:
    for value in (*args, *options.values()):
        check_class("an argument", value)  # NumPy's functions keep a unit, and a tensor has none
    return getattr(_numpy, name)(*args, **options)
