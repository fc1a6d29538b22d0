"""Namespaces that no library has heard of: a small part of the array API, and strict about it.

`float64_only` has one floating dtype and 64-bit integers; `float32_only` has nothing wider than
32 bits, like some GPUs. Both offer what moves and combines bits (creation, indexing, element-wise
arithmetic, bitwise operations) and leave out ``pow``, ``exp``, ``log`` and ``linspace``, on whose
accuracy a correct grid must not depend. Arrays are of an own type, live on an own device, and
refuse to mix with NumPy's.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

CREATION = ("zeros", "ones", "full", "empty", "arange")
ELEMENTWISE = (
    *("add", "subtract", "multiply", "divide", "negative", "positive", "abs", "sign", "signbit"),
    *("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"),
    *("logical_and", "logical_or", "logical_not", "logical_xor", "isnan", "isinf", "isfinite"),
    *("zeros_like", "ones_like"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert"),
    *("bitwise_left_shift", "bitwise_right_shift", "floor", "ceil", "trunc", "round"),
    *("floor_divide", "remainder", "copysign", "maximum", "minimum", "square", "sqrt", "where"),
)
SHAPING = (
    *("reshape", "broadcast_to", "expand_dims", "squeeze", "permute_dims", "moveaxis", "flip"),
    *("take", "nonzero", "all", "any", "sum", "prod", "max", "min", "argmax", "searchsorted"),
    *("count_nonzero", "repeat", "tile", "roll", "astype", "matrix_transpose", "cumulative_sum"),
)
COMBINING = ("concat", "stack", "broadcast_arrays", "meshgrid")
OPERATORS = (
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "and_", "or_", "xor", "lshift", "rshift"),
    *("eq", "ne", "lt", "le", "gt", "ge"),
)
NARROW = ("bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "float32")
WIDE = (*NARROW[:-1], "int64", "uint64", "float64")


class Device:
    """The one device of a tiny namespace."""

    def __repr__(self) -> str:
        """Return the device's name."""
        return "tiny device"


DEVICE = Device()


class Array:
    """An array of a tiny namespace."""

    __array_priority__ = 1000
    __array_ufunc__ = None  # no silent mixing with NumPy's arrays

    def __init__(self, namespace: Namespace, values: Any) -> None:
        values = np.asarray(values)
        if values.dtype.name not in namespace.dtype_names:
            raise TypeError(f"{namespace.__name__} has no {values.dtype.name}")
        self._namespace = namespace
        self._values = values

    def __array_namespace__(self, *, api_version: str | None = None) -> Namespace:
        """Return the namespace to which the array belongs."""
        return self._namespace

    @property
    def dtype(self) -> Any:
        """Return the dtype."""
        return self._values.dtype

    @property
    def device(self) -> Device:
        """Return the device."""
        return DEVICE

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape."""
        return tuple(self._values.shape)

    @property
    def ndim(self) -> int:
        """Return the number of axes."""
        return int(self._values.ndim)

    @property
    def size(self) -> int:
        """Return the number of elements."""
        return int(self._values.size)

    @property
    def T(self) -> Array:
        """Return the transpose."""
        return Array(self._namespace, self._values.T)

    def to_device(self, device: Device, /, *, stream: Any = None) -> Array:
        """Return the array itself: there is one device."""
        self._namespace.check_device(device)
        return self

    def __getitem__(self, key: Any) -> Array:
        """Return a part of the array."""
        return Array(self._namespace, self._values[self._namespace.open(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        """Write a part of the array."""
        self._values[self._namespace.open(key)] = self._namespace.open(value)

    def __len__(self) -> int:
        """Return the length of the first axis."""
        return len(self._values)

    def __bool__(self) -> bool:
        """Return the only element as a bool."""
        return bool(self._values)

    def __int__(self) -> int:
        """Return the only element as an int."""
        return int(self._values)

    def __index__(self) -> int:
        """Return the only element as an index."""
        return operator.index(self._values[()])

    def __float__(self) -> float:
        """Return the only element as a float."""
        return float(self._values)

    def __neg__(self) -> Array:
        """Return the negative."""
        return Array(self._namespace, -self._values)

    def __abs__(self) -> Array:
        """Return the magnitude."""
        return Array(self._namespace, abs(self._values))

    def __invert__(self) -> Array:
        """Return the inverted bits."""
        return Array(self._namespace, ~self._values)

    def __dlpack__(self, **keywords: Any) -> Any:
        """Export the elements."""
        return self._namespace.exported(self._values).__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        """Return where the export lives: in host memory."""
        kind, number = self._values.__dlpack_device__()
        return kind, number

    def __repr__(self) -> str:
        """Return the elements."""
        return f"{self._namespace.__name__}.{self._values!r}"

    __hash__ = None  # type: ignore[assignment]


def _install_operators() -> None:
    def forward(function: Any) -> Any:
        def method(self: Array, other: Any) -> Array:
            return Array(self._namespace, function(self._values, self._namespace.open(other)))

        return method

    def backward(function: Any) -> Any:
        def method(self: Array, other: Any) -> Array:
            return Array(self._namespace, function(self._namespace.open(other), self._values))

        return method

    for name in OPERATORS:
        function = getattr(operator, name)
        plain = name.strip("_")
        setattr(Array, f"__{plain}__", forward(function))
        if plain not in ("eq", "ne", "lt", "le", "gt", "ge"):
            setattr(Array, f"__r{plain}__", backward(function))


_install_operators()


class Info:
    """The namespace's description of itself, as the standard asks for."""

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def capabilities(self) -> dict[str, Any]:
        """Return what the namespace can do."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> Device:
        """Return the one device."""
        return DEVICE

    def devices(self) -> list[Device]:
        """Return all devices."""
        return [DEVICE]

    def default_dtypes(self, *, device: Any = None) -> dict[str, Any]:
        """Return the dtypes chosen when none is given."""
        integer = self._namespace.integer
        return {"real floating": self._namespace.floating, "integral": integer, "indexing": integer}

    def dtypes(self, *, device: Any = None, kind: Any = None) -> dict[str, Any]:
        """Return the dtypes, of a kind if one is given."""
        names = self._namespace.dtype_names
        kinds = (kind,) if isinstance(kind, str) else kind
        return {n: np.dtype(n) for n in names if kinds is None or _is_of_kind(n, kinds)}


def _is_of_kind(name: str, kinds: tuple[str, ...]) -> bool:
    families = {"b": ("bool",), "i": ("signed integer", "integral", "numeric")}
    families["u"] = ("unsigned integer", "integral", "numeric")
    families["f"] = ("real floating", "numeric")
    return bool(set(families[np.dtype(name).kind]) & set(kinds))


class Namespace:
    """A part of the array API over `Array`."""

    __array_api_version__ = "2024.12"

    def __init__(self, name: str, dtype_names: tuple[str, ...]) -> None:
        self.__name__ = name
        self.dtype_names = dtype_names
        self.floating = np.dtype(dtype_names[-1])
        self.integer = np.dtype(dtype_names[3] if "int64" not in dtype_names else "int64")
        self.inf, self.nan, self.pi, self.e, self.newaxis = np.inf, np.nan, np.pi, np.e, None
        for dtype_name in dtype_names:
            setattr(self, dtype_name, np.dtype(dtype_name))
        for function in CREATION:
            setattr(self, function, self._creator(getattr(np, function)))
        for function in (*ELEMENTWISE, *SHAPING, *COMBINING):
            setattr(self, function, self._wrapped(getattr(np, function)))

    def __repr__(self) -> str:
        """Return the name."""
        return f"<namespace {self.__name__}>"

    def __array_namespace_info__(self) -> Info:
        """Return the description of the namespace."""
        return Info(self)

    def exported(self, values: Any) -> Any:
        """Return the elements as they leave the namespace (a place for a lie, see `broken`)."""
        return values

    def check_device(self, device: Any) -> None:
        """Refuse a device that there is not."""
        if device is not None and device is not DEVICE:
            raise ValueError(f"{self.__name__} has no device {device!r}")

    def open(self, value: Any) -> Any:
        """Return a value with NumPy's arrays in place of ours; NumPy's own are refused."""
        if isinstance(value, Array):
            if value._namespace is not self:
                raise TypeError("arrays of two namespaces")
            return value._values
        if isinstance(value, np.ndarray):
            raise TypeError(f"{self.__name__} does not take NumPy arrays here")
        if isinstance(value, (list, tuple)):
            return type(value)(self.open(part) for part in value)
        return value

    def close(self, value: Any) -> Any:
        """Return a value with our arrays in place of NumPy's."""
        if isinstance(value, (list, tuple)):
            return type(value)(self.close(part) for part in value)
        return Array(self, value) if isinstance(value, (np.ndarray, np.generic)) else value

    def asarray(
        self, obj: Any, /, *, dtype: Any = None, device: Any = None, copy: bool | None = None
    ) -> Array:
        """Make an array of numbers, nested sequences or anything with a buffer."""
        self.check_device(device)
        values = self.open(obj) if isinstance(obj, Array) else np.asarray(obj)
        if dtype is None and not isinstance(obj, Array) and not hasattr(obj, "dtype"):
            dtype = {"f": self.floating, "i": self.integer}.get(values.dtype.kind)
        return Array(self, np.array(values, dtype=dtype, copy=True if copy is None else copy))

    def from_dlpack(self, obj: Any, /, *, device: Any = None, copy: bool | None = None) -> Array:
        """Make an array of another library's."""
        self.check_device(device)
        return Array(self, np.from_dlpack(obj))

    def finfo(self, dtype: Any, /) -> Any:
        """Return the limits of a floating dtype."""
        return np.finfo(self.open(dtype))

    def iinfo(self, dtype: Any, /) -> Any:
        """Return the limits of an integer dtype."""
        return np.iinfo(self.open(dtype))

    def isdtype(self, dtype: Any, kind: Any) -> bool:
        """Say whether a dtype is of a kind."""
        return bool(np.isdtype(dtype, kind))

    def result_type(self, *args: Any) -> Any:
        """Return the dtype of a combination."""
        return np.result_type(*(self.open(arg) for arg in args))

    def can_cast(self, from_: Any, to: Any, /) -> bool:
        """Say whether a cast is safe."""
        return bool(np.can_cast(self.open(from_), to))

    def _creator(self, function: Any) -> Any:
        def create(*args: Any, dtype: Any = None, device: Any = None) -> Array:
            self.check_device(device)
            opened = [self.open(arg) for arg in args]
            if dtype is None:
                integral = function in (np.full, np.arange) and not any(
                    isinstance(arg, float) for arg in opened
                )
                dtype = self.integer if integral else self.floating
            return Array(self, function(*opened, dtype=dtype))

        create.__name__ = function.__name__
        return create

    def _wrapped(self, function: Any) -> Any:
        def call(*args: Any, **keywords: Any) -> Any:
            opened = {key: self.open(value) for key, value in keywords.items()}
            return self.close(function(*(self.open(arg) for arg in args), **opened))

        call.__name__ = function.__name__
        return call


float64_only = Namespace("float64_only", WIDE)
float32_only = Namespace("float32_only", NARROW)
