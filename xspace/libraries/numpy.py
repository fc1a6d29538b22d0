"""NumPy: an array of the host is one of its own."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..exact.rounding import COMPLEX_PARTS, FORMATS, FloatFormat, Format
from ..ground.loaded import is_cpu
from ..ground.messages import shown
from .generic import Backend

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["NumpyBackend", "dtype_name", "numpy_dtype", "numpy_scalar_dtypes"]

_FLOAT64 = np.dtype(np.float64)


class NumpyBackend(Backend):
    """NumPy itself."""

    has_dates = True

    def __init__(self) -> None:
        super().__init__(np)

    def makes_on_host(self, device: Any) -> bool:
        return True

    def read_device(self, device: Any) -> Any:
        if device is not None and not is_cpu(device):
            msg = f"device must be 'cpu' or None for numpy, got {shown(device)}"
            raise ValueError(msg)
        return device

    def default_dtype(self, device: Any) -> Any:
        return _FLOAT64

    def result_dtype(self, dtypes: list[Any]) -> Any:
        # Integers count in NumPy: of int64 and float32 comes float64.
        formats = {d: self._format(dtype_name(d)) for d in dtypes}
        is_real = any(isinstance(fmt, FloatFormat) for fmt in formats.values())
        return np.result_type(*[d for d in dtypes if formats[d]]) if is_real else None

    def default_integer(self, device: Any) -> Any:
        return np.dtype(np.int_)

    def dtype_name(self, dtype: Any) -> str:
        return dtype_name(np.dtype(dtype))

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        native = numpy_dtype(dtype)
        return self.format_of(dtype_name(native), dtype), native

    def from_host(self, host: npt.NDArray[Any], fmt: Format, dtype: Any, device: Any) -> Any:
        if host.dtype == dtype:
            return host
        if isinstance(fmt, FloatFormat) and fmt.precision < 24:
            host = host.view(np.float16 if fmt.name == "float16" else dtype)
        return host.astype(dtype, copy=False)  # another byte order

    def to_host(self, array: Any) -> npt.NDArray[Any]:
        return np.asarray(array)


def numpy_dtype(dtype: Any) -> np.dtype[Any]:
    """What NumPy understands by a dtype; a TypeError if that is nothing."""
    try:
        native: np.dtype[Any] = np.dtype(dtype)
    except Exception as error:  # of text it may be a SyntaxError, a UnicodeError, a ValueError
        msg = f"dtype {shown(dtype)} is none that numpy understands"
        raise TypeError(msg) from error
    return native


def numpy_scalar_dtypes(values: list[Any]) -> list[Any]:
    """Dtypes of the NumPy scalars among the arguments that are of a known format."""
    dtypes = [v.dtype for v in values if isinstance(v, np.generic)]
    return [d for d in dtypes if dtype_name(d) in FORMATS or dtype_name(d) in COMPLEX_PARTS]


@lru_cache(maxsize=256)
def dtype_name(dtype: np.dtype[Any]) -> str:
    """The name of a dtype, which NumPy puts together anew each time."""
    return dtype.name
