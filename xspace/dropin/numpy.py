"""`linspace`, `logspace`, `geomspace` and `arange` with the signatures of NumPy 2.4.

Type checkers are told the dtype of the array where it shows in the call, as NumPy tells them.
"""
# mypy: disable-error-code="overload-overlap"
# Every int is a float to a checker, and the overload that comes first is meant.

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Literal, SupportsIndex, TypeVar, cast, overload

import numpy as np

from ..arange import arange as _arange
from ..call.arguments import read_flag
from ..call.quick import (
    quick_arange,
    quick_geomspace,
    quick_linspace,
    quick_logspace,
    quick_step,
)
from ..functions import geomspace as _geomspace
from ..functions import linspace as _linspace
from ..functions import logspace as _logspace
from ..ground.float_environment import in_standard_environment
from ..ground.messages import kind_of
from ..libraries.numpy import numpy_dtype
from ..libraries.quantities import Scale, has_quantities, is_quantity, read_units
from ..libraries.scalars import check_class
from ._dates import arange_dates, is_range_of_dates
from ._shared import (
    arange_dtype,
    exact_step,
    floating_dtype,
    has_dimensions,
    is_number,
    read_range,
    weak,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from .._typing import ArrayLike, Date, Plain, Span

__all__ = ["arange", "geomspace", "linspace", "logspace"]

_S = TypeVar("_S", bound=np.generic)

#: With one of these, a class of arrays makes NumPy's functions return something of its own.
_OWN_RESULTS = ("__array_function__", "__array_wrap__")

_NOTHING: Any = object()
_PLAIN = frozenset({float, int})


@overload
def linspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    dtype: None = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> npt.NDArray[np.float64]: ...
@overload
def linspace(
    start: ArrayLike | Date | Span,
    stop: ArrayLike | Date | Span,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    *,
    dtype: type[_S] | np.dtype[_S],
    axis: SupportsIndex = 0,
    device: Any = None,
) -> npt.NDArray[_S]: ...
@overload
def linspace(
    start: ArrayLike | Date | Span,
    stop: ArrayLike | Date | Span,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> npt.NDArray[Any]: ...
@overload
def linspace(
    start: ArrayLike | Date | Span,
    stop: ArrayLike | Date | Span,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    axis: SupportsIndex = 0,
    device: Any = None,
) -> tuple[npt.NDArray[Any], Any]: ...
@overload
def linspace(
    start: ArrayLike | Date | Span,
    stop: ArrayLike | Date | Span,
    num: SupportsIndex,
    endpoint: bool,
    retstep: Literal[True],
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> tuple[npt.NDArray[Any], Any]: ...
def linspace(
    start: ArrayLike | Date | Span,
    stop: ArrayLike | Date | Span,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: SupportsIndex = 0,
    *,
    device: Any = None,
) -> Any:
    """`numpy.linspace` with `xspace.linspace`'s elements.

    Lists and array-likes are endpoints, too; the dtype is the one that NumPy would give.

    Examples
    --------
    >>> from xspace.dropin.numpy import linspace
    >>> linspace(0, 1, 3, True, True)
    (array([0. , 0.5, 1. ]), np.float64(0.5))
    >>> linspace([0, 10], [1, 20], 3)
    array([[ 0. , 10. ],
           [ 0.5, 15. ],
           [ 1. , 20. ]])
    """
    if device is None and (retstep is False or retstep is True):
        step = quick_step(start, stop, num, endpoint) if retstep else None
        if not retstep or step is not None:
            quick = quick_linspace(_laid(start), _laid(stop), num, endpoint, dtype, axis)
            if quick is not None:
                return (quick, np.float64(step)) if retstep else quick
    endpoint, retstep = read_flag("endpoint", endpoint), read_flag("retstep", retstep)
    given, scale = _read_all("linspace", {"start": start, "stop": stop})
    ends = given["start"], given["stop"]
    computed = floating_dtype(*ends)
    samples = _linspace(
        *ends,
        num,
        endpoint=endpoint,
        dtype=computed if dtype is None else dtype,
        device=device,
        axis=axis,
        xp=np,
    )
    step = _steps(*ends, num, endpoint, computed) if retstep else None
    if scale is not None:
        samples, step = scale.samples(samples), scale.step(step) if retstep else None
    return (samples, step) if retstep else samples


@overload
def logspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: Plain = 10.0,
    dtype: None = None,
    axis: SupportsIndex = 0,
) -> npt.NDArray[np.float64]: ...
@overload
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    *,
    dtype: type[_S] | np.dtype[_S],
    axis: SupportsIndex = 0,
) -> npt.NDArray[_S]: ...
@overload
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> npt.NDArray[Any]: ...
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> npt.NDArray[Any]:
    """`numpy.logspace` with `xspace.logspace`'s elements.

    Lists and array-likes are endpoints and bases, too; the dtype is the one that NumPy would give.

    Examples
    --------
    >>> from xspace.dropin.numpy import logspace
    >>> logspace(0, 3, 4, True, 2)
    array([1., 2., 4., 8.])
    >>> logspace(0, 2, 3, base=[2, 10], axis=1)
    array([[  1.,   2.,   4.],
           [  1.,  10., 100.]])
    """
    if type(base) is float or type(base) is int:  # others have a say in dtype and order
        quick = quick_logspace(_laid(start), _laid(stop), num, endpoint, dtype, axis, base)
        if quick is not None:
            return cast("npt.NDArray[Any]", quick)
    given, scale = _read_all("logspace", {"start": start, "stop": stop, "base": base})
    if dtype is None:
        dtype = _power_dtype(*given.values())
    samples = _logspace(**given, num=num, endpoint=endpoint, dtype=dtype, axis=axis, xp=np)
    if has_dimensions(given["base"]):
        samples = _in_order_of(given["base"], samples, axis, given["start"], given["stop"])
    grid: npt.NDArray[Any] = samples if scale is None else scale.samples(samples)
    return grid


def _in_order_of(base: Any, samples: Any, axis: Any, *ends: Any) -> Any:
    """The samples as they lie where NumPy raises a base with dimensions to its exponents.

    The exponents are in the order of their own axes, before the one of the samples is moved; the
    order of the powers is what NumPy makes of theirs and that of the base.
    """
    rank, lanes = samples.ndim - 1, np.broadcast_shapes(*map(np.shape, ends))
    shape = (samples.shape[axis], *(1,) * (rank - len(lanes)), *lanes)
    exponents = np.moveaxis(np.empty(shape, np.int8), 0, axis)
    base = np.expand_dims(np.array(base, copy=None, ndmin=rank), axis)
    kinds: Any = [["readonly"], ["readonly"], ["writeonly", "allocate"]]
    operands: Any = (base, exponents, None)
    dtypes = [base.dtype, np.dtype(np.int8), samples.dtype]
    powers = np.nditer(operands, ["zerosize_ok"], kinds, dtypes, order="K").operands[2]
    if powers.strides == samples.strides:
        return samples
    powers[...] = samples
    return powers


@overload
def geomspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: None = None,
    axis: SupportsIndex = 0,
) -> npt.NDArray[np.float64]: ...
@overload
def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    *,
    dtype: type[_S] | np.dtype[_S],
    axis: SupportsIndex = 0,
) -> npt.NDArray[_S]: ...
@overload
def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> npt.NDArray[Any]: ...
def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: Any = None,
    axis: SupportsIndex = 0,
) -> npt.NDArray[Any]:
    """`numpy.geomspace` with `xspace.geomspace`'s elements.

    Lists and array-likes are endpoints, too; the dtype is the one that NumPy would give.

    Examples
    --------
    >>> from xspace.dropin.numpy import geomspace
    >>> geomspace([1, 2], [100, 2000], 3)
    array([[1.00000000e+00, 2.00000000e+00],
           [1.00000000e+01, 6.32455532e+01],
           [1.00000000e+02, 2.00000000e+03]])
    """
    # NumPy promotes with float64: float32 ends give no float32 grid.
    wanted = np.float64 if dtype is None else dtype
    quick = quick_geomspace(_laid(start), _laid(stop), num, endpoint, wanted, axis)
    if quick is not None:
        return cast("npt.NDArray[Any]", quick)
    given, scale = _read_all("geomspace", {"start": start, "stop": stop})
    if dtype is None:
        dtype = np.result_type(floating_dtype(*given.values()), np.float64)
    samples = _geomspace(**given, num=num, endpoint=endpoint, dtype=dtype, axis=axis, xp=np)
    grid: npt.NDArray[Any] = samples if scale is None else scale.samples(samples)
    return grid


@overload
def arange(
    start_or_stop: int | np.integer[Any] | np.bool_,
    /,
    stop: int | np.integer[Any] | np.bool_ | None = None,
    step: int | np.integer[Any] | np.bool_ | None = 1,
    dtype: None = None,
    *,
    device: Any = None,
    like: Any = None,
) -> npt.NDArray[np.int_]: ...
@overload
def arange(
    start_or_stop: Plain,
    /,
    stop: Plain | None = None,
    step: Plain | None = 1,
    dtype: None = None,
    *,
    device: Any = None,
    like: Any = None,
) -> npt.NDArray[np.float64]: ...
@overload
def arange(
    start_or_stop: ArrayLike | Date | Span | str,
    /,
    stop: ArrayLike | Date | Span | str | None = None,
    step: ArrayLike | Span | None = 1,
    *,
    dtype: type[_S] | np.dtype[_S],
    device: Any = None,
    like: Any = None,
) -> npt.NDArray[_S]: ...
@overload
def arange(
    start_or_stop: ArrayLike | Date | Span | str = ...,
    /,
    stop: ArrayLike | Date | Span | str | None = ...,
    step: ArrayLike | Span | None = 1,
    dtype: Any = None,
    *,
    device: Any = None,
    like: Any = None,
    start: ArrayLike | Date | Span | str = ...,
) -> npt.NDArray[Any]: ...
def arange(
    start_or_stop: ArrayLike | Date | Span | str = _NOTHING,
    /,
    stop: ArrayLike | Date | Span | str | None = _NOTHING,
    step: ArrayLike | Span | None = 1,
    dtype: Any = None,
    *,
    device: Any = None,
    like: Any = None,
    start: ArrayLike | Date | Span | str = _NOTHING,
) -> npt.NDArray[Any]:
    """`numpy.arange` with ``xspace.arange``'s elements, and as many as there are exactly.

    ``start`` and ``stop`` may be keywords, as NumPy has it without saying so, and the dtype may
    stand in the fourth place.

    Examples
    --------
    >>> from decimal import Decimal
    >>> from xspace.dropin.numpy import arange
    >>> arange(1, Decimal("1.3"), Decimal("0.1"))
    array([1. , 1.1, 1.2])
    """
    if start is _NOTHING and like is device is None:
        plain = start_or_stop, None if stop is _NOTHING else stop, 1 if step is None else step
        # NumPy promotes with int64: of uint64 it makes float64.
        is_plain = dtype is not None or np.uint64 not in map(type, plain)
        quick = quick_arange(*plain, dtype) if is_plain else None
        if quick is not None:
            return cast("npt.NDArray[Any]", quick)
    if not (like is None or type(like) is np.ndarray or is_quantity(like)):
        msg = f"like must be None or a numpy.ndarray, got {type(like).__name__}: pass xp to xspace"
        raise TypeError(msg)
    bounds = _bounds(start_or_stop, start, stop)
    bounds |= {"step": 1 if step is None else step}
    like = like if is_quantity(like) else None
    given, scale = read_units("arange", bounds, like=like, as_numpy=True)
    read = {name: _bound(name, value) for name, value in given.items()}
    wanted = None if dtype is None else numpy_dtype(dtype)
    if is_range_of_dates(read.values(), wanted):
        dates: npt.NDArray[Any] = arange_dates(
            read.get("start"), read["stop"], read["step"], wanted
        )
        return dates
    if wanted is None:
        wanted = arange_dtype(*read.values())
    range_ = read_range(**read, infinite=ValueError)
    samples = _arange(*range_, dtype=wanted, device=device, xp=np)
    grid: npt.NDArray[Any] = samples if scale is None else scale.samples(samples)
    return grid


def _laid(end: Any) -> Any:
    """An end as `quick` takes it: a list of numbers as an array."""
    is_plain = type(end) is list and _PLAIN.issuperset(map(type, end))
    return np.asarray(end) if is_plain else end


def _bounds(placed: Any, start: Any, stop: Any) -> dict[str, Any]:
    """The stop, and the start unless it is left out, as NumPy finds them."""
    if placed is not _NOTHING and start is not _NOTHING:
        msg = "arange got start twice, by its place and by its name"
        raise TypeError(msg)
    if placed is _NOTHING and stop is _NOTHING:
        msg = "arange needs a stop, by its place or by its name"
        raise TypeError(msg)
    first = start if placed is _NOTHING else placed
    if stop is _NOTHING or (stop is None and first is not _NOTHING):
        return {"stop": first}
    return {"stop": stop} if first is _NOTHING else {"start": first, "stop": stop}


def _bound(name: str, value: Any) -> Any:
    """A bound or a step: a number, or that of another library, as the result is NumPy's anyway."""
    if type(value) in (int, float) or is_number(value) or value is None or isinstance(value, str):
        return value
    check_class(name, value)
    return np.asarray(value)[()]


def _read_all(caller: str, given: dict[str, Any]) -> tuple[dict[str, Any], Scale | None]:
    """Endpoints and a base as numbers and NumPy's arrays, and the unit that they are in."""
    read = {name: _read(name, value) for name, value in given.items()}
    return read_units(caller, read, as_numpy=True)


def _read(name: str, value: Any) -> Any:
    """An endpoint or base: a number, a NumPy array, a quantity, or what NumPy makes an array of."""
    if is_number(value) or value is None or isinstance(value, str):
        return value  # what is wrong with the last two is said where the others are read
    if type(value) is not np.ndarray:
        if is_quantity(value):
            return value
        check_class(name, value)
        kind = type(value)
        if kind is not np.memmap and any(hasattr(kind, method) for method in _OWN_RESULTS):
            msg = (
                f"{name} is a {kind_of(value)}, for which the result would be a plain "
                f"numpy.ndarray: pass numpy.asarray({name}) if that is meant"
            )
            raise TypeError(msg)
        if isinstance(value, (list, tuple)) and has_quantities(value):
            msg = f"{name} is a {kind.__name__} of quantities: pass one quantity of many numbers"
            raise TypeError(msg)
    array = np.asarray(value)
    if array.dtype == object and not array.ndim:
        return array.item()  # a number of its own exact value, or an error where it is read
    if array.dtype == object:
        msg = f"{name} is an array of objects: exact numbers are taken one by one"
        raise TypeError(msg)
    return array


def _power_dtype(start: Any, stop: Any, base: Any) -> Any:
    """The dtype of a ``logspace``: beside a base with dimensions no scalar is weak any more."""
    if has_dimensions(base):
        start, stop = (end if hasattr(end, "dtype") else np.asarray(end) for end in (start, stop))
    exponents = floating_dtype(start, stop)
    return exponents if type(base) in (int, float) else np.result_type(exponents, weak(base))


@in_standard_environment
def _steps(start: Any, stop: Any, num: Any, endpoint: bool, dtype: Any) -> Any:
    """The steps in the dtype that NumPy computes in, each rounded once; NaN where there is none."""
    div = operator.index(num) - 1 if endpoint else operator.index(num)
    if div < 1:
        return math.nan
    if not (has_dimensions(start) or has_dimensions(stop)):
        return _step(_item(start), _item(stop), div, dtype)
    lanes = np.broadcast(start, stop)
    steps = [_step(_item(first), _item(last), div, dtype) for first, last in lanes]
    return np.array(steps, dtype).reshape(lanes.shape)


def _step(start: Any, stop: Any, div: int, dtype: Any) -> Any:
    """The exact ``(stop - start) / div``, rounded to the dtype as a grid of one element is."""
    if dtype.kind == "c":
        part = np.finfo(dtype).dtype
        real = _step(start.real, stop.real, div, part)
        return dtype.type(complex(real, _step(start.imag, stop.imag, div, part)))
    step = exact_step(start, stop, div)
    return _linspace(step, step, 1, dtype=dtype, xp=np)[0]


def _item(value: Any) -> Any:
    return value.item() if hasattr(value, "dtype") else value
