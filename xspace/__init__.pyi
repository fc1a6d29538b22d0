"""The signatures that type checkers read: what a call returns, by what it is given.

Every signature at run time is the plain one, in `arange.py` and `functions.py`.  Where an argument
is of type ``Any``, checkers compare what the first few overloads return: numbers of Python come
first, and complex ones later, so that they find it to be ``Any``, too.  The overloads that come
last, for a namespace of no known type, take part only if it is given: so an array whose dtype is
not known gives an array.
"""
# mypy: disable-error-code="overload-overlap"
# Every float is a complex number to a checker, and the overload that comes first is meant.

from typing import Any, Literal, SupportsIndex, TypeAlias, TypedDict, TypeVar, overload

import numpy as np
from numpy.typing import NDArray
from typing_extensions import Unpack

from . import dropin as dropin
from . import testing as testing
from ._typing import Array, Complex, Date, Namespace, Number, Plain, Span, Tensors
from ._version import __version__ as __version__
from .config import show_config as show_config
from .ranges.arith_range import ArithRange as ArithRange
from .ranges.spaced import GeomRange as GeomRange
from .ranges.spaced import LinRange as LinRange
from .ranges.spaced import LogRange as LogRange

__all__ = [
    "ArithRange",
    "GeomRange",
    "LinRange",
    "LogRange",
    "__version__",
    "arange",
    "geomspace",
    "linspace",
    "logspace",
    "show_config",
]

_A = TypeVar("_A", bound=Array)
_F = TypeVar("_F", bound=np.inexact[Any])
_N = TypeVar("_N")
_S = TypeVar("_S", bound=np.generic)

#: Ends that leave the dtype to NumPy: numbers, and arrays of whole ones.
_Default: TypeAlias = Number | NDArray[np.integer[Any] | np.bool_]
_Floats: TypeAlias = _F | NDArray[_F]
_NumPy: TypeAlias = Complex | NDArray[Any]
_Any: TypeAlias = Complex | Array
_Time: TypeAlias = Date | Span | Array
_Bound: TypeAlias = Number | Date | Span | Array

_Inclusive: TypeAlias = Literal["left", "both", "right", "neither"]

class _Place(TypedDict, total=False):
    device: Any
    chunks: Any
    spec: Any

class _How(_Place, total=False):
    endpoint: bool
    axis: SupportsIndex
    workers: SupportsIndex | None

@overload
def logspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    *,
    base: Plain = 10.0,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def logspace(
    start: _Floats[_F],
    stop: _Floats[_F] | _Default,
    num: SupportsIndex = 50,
    *,
    base: _Floats[_F] | _Default = 10.0,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def logspace(
    start: _Default,
    stop: _Floats[_F],
    num: SupportsIndex = 50,
    *,
    base: _Floats[_F] | _Default = 10.0,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def logspace(
    start: _Default,
    stop: _Default,
    num: SupportsIndex = 50,
    *,
    base: _Floats[_F],
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def logspace(
    start: _Default,
    stop: _Default,
    num: SupportsIndex = 50,
    *,
    base: _Default = 10.0,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def logspace(
    start: Complex,
    stop: Complex,
    num: SupportsIndex = 50,
    *,
    base: Complex = 10.0,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.complex128]: ...
@overload
def logspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    base: _NumPy = 10.0,
    dtype: type[_S] | np.dtype[_S],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_S]: ...
@overload
def logspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    base: _NumPy = 10.0,
    dtype: type[int],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.int_]: ...
@overload
def logspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    base: _NumPy = 10.0,
    dtype: type[float],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def logspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    base: _NumPy = 10.0,
    dtype: type[complex] | str,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[Any]: ...
@overload
def logspace(
    start: _A,
    stop: _A | Complex,
    num: SupportsIndex = 50,
    *,
    base: _A | Complex = 10.0,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def logspace(
    start: Complex,
    stop: _A,
    num: SupportsIndex = 50,
    *,
    base: _A | Complex = 10.0,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def logspace(
    start: Complex,
    stop: Complex,
    num: SupportsIndex = 50,
    *,
    base: _A,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def logspace(
    start: _Any,
    stop: _Any,
    num: SupportsIndex = 50,
    *,
    base: _Any = 10.0,
    dtype: Any = None,
    xp: Namespace[_N] | Tensors[_N],
    **how: Unpack[_How],
) -> _N: ...
@overload
def logspace(
    start: _Any,
    stop: _Any,
    num: SupportsIndex = 50,
    *,
    base: _Any = 10.0,
    dtype: Any = None,
    xp: Any,
    **how: Unpack[_How],
) -> Any: ...
@overload
def geomspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    *,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def geomspace(
    start: _Floats[_F],
    stop: _Floats[_F] | _Default,
    num: SupportsIndex = 50,
    *,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def geomspace(
    start: _Default,
    stop: _Floats[_F],
    num: SupportsIndex = 50,
    *,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def geomspace(
    start: _Default,
    stop: _Default,
    num: SupportsIndex = 50,
    *,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def geomspace(
    start: Complex,
    stop: Complex,
    num: SupportsIndex = 50,
    *,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.complex128]: ...
@overload
def geomspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    dtype: type[_S] | np.dtype[_S],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_S]: ...
@overload
def geomspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    dtype: type[int],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.int_]: ...
@overload
def geomspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    dtype: type[float],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def geomspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    dtype: type[complex] | str,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[Any]: ...
@overload
def geomspace(
    start: _A,
    stop: _A | Complex,
    num: SupportsIndex = 50,
    *,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def geomspace(
    start: Complex,
    stop: _A,
    num: SupportsIndex = 50,
    *,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def geomspace(
    start: _Any,
    stop: _Any,
    num: SupportsIndex = 50,
    *,
    dtype: Any = None,
    xp: Namespace[_N] | Tensors[_N],
    **how: Unpack[_How],
) -> _N: ...
@overload
def geomspace(
    start: _Any,
    stop: _Any,
    num: SupportsIndex = 50,
    *,
    dtype: Any = None,
    xp: Any,
    **how: Unpack[_How],
) -> Any: ...
@overload
def linspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def linspace(
    start: Plain,
    stop: Plain,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> tuple[NDArray[np.float64], float]: ...
@overload
def linspace(
    start: _Floats[_F],
    stop: _Floats[_F] | _Default,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def linspace(
    start: _Default,
    stop: _Floats[_F],
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_F]: ...
@overload
def linspace(
    start: _Default,
    stop: _Default,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def linspace(
    start: Complex,
    stop: Complex,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: None = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.complex128]: ...
@overload
def linspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: type[_S] | np.dtype[_S],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[_S]: ...
@overload
def linspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: type[_S] | np.dtype[_S],
    xp: None = None,
    **how: Unpack[_How],
) -> tuple[NDArray[_S], Any]: ...
@overload
def linspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: type[int],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.int_]: ...
@overload
def linspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: type[float],
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.float64]: ...
@overload
def linspace(
    start: _NumPy,
    stop: _NumPy,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: type[complex] | str,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[Any]: ...
@overload
def linspace(
    start: Date | NDArray[np.datetime64],
    stop: Date | NDArray[np.datetime64],
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: Any = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.datetime64]: ...
@overload
def linspace(
    start: Date | NDArray[np.datetime64],
    stop: Date | NDArray[np.datetime64],
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    xp: None = None,
    **how: Unpack[_How],
) -> tuple[NDArray[np.datetime64], Any]: ...
@overload
def linspace(
    start: Span | NDArray[np.timedelta64],
    stop: Span | NDArray[np.timedelta64],
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: Any = None,
    xp: None = None,
    **how: Unpack[_How],
) -> NDArray[np.timedelta64]: ...
@overload
def linspace(
    start: Span | NDArray[np.timedelta64],
    stop: Span | NDArray[np.timedelta64],
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    xp: None = None,
    **how: Unpack[_How],
) -> tuple[NDArray[np.timedelta64], Any]: ...
@overload
def linspace(
    start: _A,
    stop: _A | Complex,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def linspace(
    start: _A,
    stop: _A | Complex,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> tuple[_A, Any]: ...
@overload
def linspace(
    start: Complex,
    stop: _A,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> _A: ...
@overload
def linspace(
    start: Complex,
    stop: _A,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **how: Unpack[_How],
) -> tuple[_A, Any]: ...
@overload
def linspace(
    start: _Any | _Time,
    stop: _Any | _Time,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[False] = False,
    dtype: Any = None,
    xp: Namespace[_N] | Tensors[_N],
    **how: Unpack[_How],
) -> _N: ...
@overload
def linspace(
    start: _Any | _Time,
    stop: _Any | _Time,
    num: SupportsIndex = 50,
    *,
    retstep: Literal[True],
    dtype: Any = None,
    xp: Namespace[_N] | Tensors[_N],
    **how: Unpack[_How],
) -> tuple[_N, Any]: ...
@overload
def linspace(
    start: _Any | _Time,
    stop: _Any | _Time,
    num: SupportsIndex = 50,
    *,
    retstep: bool = False,
    dtype: Any = None,
    xp: Any,
    **how: Unpack[_How],
) -> Any: ...
@overload
def linspace(
    start: _Any | _Time,
    stop: _Any | _Time,
    num: SupportsIndex = 50,
    *,
    retstep: bool,
    dtype: Any = None,
    xp: Any = None,
    **how: Unpack[_How],
) -> Any: ...
@overload
def arange(
    start: int | np.integer[Any] | np.bool_,
    stop: int | np.integer[Any] | np.bool_ | None = None,
    step: int | np.integer[Any] | np.bool_ = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: None = None,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.int_]: ...
@overload
def arange(
    start: float,
    stop: float | None = None,
    step: float = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: None = None,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.float64]: ...
@overload
def arange(
    start: _Floats[_F],
    stop: _Floats[_F] | _Default | None = None,
    step: _Floats[_F] | _Default = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: None = None,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[_F]: ...
@overload
def arange(
    start: Number,
    stop: Number | None = None,
    step: Number = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: None = None,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.float64]: ...
@overload
def arange(
    start: _NumPy,
    stop: _NumPy | None = None,
    step: _NumPy = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: type[_S] | np.dtype[_S],
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[_S]: ...
@overload
def arange(
    start: _NumPy,
    stop: _NumPy | None = None,
    step: _NumPy = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: type[int],
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.int_]: ...
@overload
def arange(
    start: _NumPy,
    stop: _NumPy | None = None,
    step: _NumPy = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: type[float],
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.float64]: ...
@overload
def arange(
    start: _NumPy,
    stop: _NumPy | None = None,
    step: _NumPy = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: type[complex] | str,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[Any]: ...
@overload
def arange(
    start: Date,
    stop: Date,
    step: Span | int = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: Any = None,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.datetime64]: ...
@overload
def arange(
    start: Span,
    stop: Span | None = None,
    step: Span | int = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: Any = None,
    xp: None = None,
    **place: Unpack[_Place],
) -> NDArray[np.timedelta64]: ...
@overload
def arange(
    start: _A,
    stop: _A | Number | None = None,
    step: _A | Number = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **place: Unpack[_Place],
) -> _A: ...
@overload
def arange(
    start: Number,
    stop: _A,
    step: _A | Number = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: Any = None,
    xp: Namespace[_A] | Tensors[_A] | None = None,
    **place: Unpack[_Place],
) -> _A: ...
@overload
def arange(
    start: _Bound,
    stop: _Bound | None = None,
    step: _Bound = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: Any = None,
    xp: Namespace[_N] | Tensors[_N],
    **place: Unpack[_Place],
) -> _N: ...
@overload
def arange(
    start: _Bound,
    stop: _Bound | None = None,
    step: _Bound = 1,
    *,
    inclusive: _Inclusive = "left",
    dtype: Any = None,
    xp: Any,
    **place: Unpack[_Place],
) -> Any: ...
