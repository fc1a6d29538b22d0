"""Any namespace of the array API standard, known or not.

What a backend has to say about its library: how it spells dtypes and devices, which dtype is the
default, how an array made on the host gets there, and whether a device can make one itself.
The other files of this folder override what differs.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import array_api_compat as compat
import numpy as np

from ..exact.rounding import COMPLEX_PARTS, FORMATS, SMALL_INTS, FloatFormat, Format
from ..ground.messages import shown

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["Backend"]


class Backend:
    """A namespace ``xp`` of which nothing is known but the array API standard."""

    package = ""  #: the name by which other folders know the library, if they do
    has_dates = False  #: whether its arrays may be of NumPy's dates and spans of time

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    @property
    def name(self) -> str:
        """What messages call the library."""
        name: str = getattr(self.xp, "__name__", type(self.xp).__name__)
        return name.removeprefix("array_api_compat.")

    def makes_on_host(self, device: Any) -> bool:
        """Whether arrays for this device are made in host memory and moved as a whole."""
        try:
            if not self._has_dynamic_shapes():  # to pick the elements in doubt
                return True
            self.xp.empty(0, dtype=self.xp.float64, device=device)
        except Exception:  # no such dtype, here or on this device: libraries differ in the error
            return True
        return False

    def runs_kernels(self, device: Any) -> bool:
        """Whether this device runs kernels that are compiled for NVIDIA's GPUs, now."""
        return False

    def _has_dynamic_shapes(self) -> bool:
        """Whether ``nonzero`` works, by what the library says of itself."""
        if not hasattr(self.xp, "__array_namespace_info__"):
            return True
        capabilities = self.xp.__array_namespace_info__().capabilities()
        return bool(capabilities.get("data-dependent shapes", True))

    def read_device(self, device: Any) -> Any:
        """The device to use; raises what the library raises for one that it lacks."""
        if device is not None:
            self.xp.empty(0, device=device)
        return device

    def device_of(self, array: Any) -> Any:
        """The device of one of the library's arrays."""
        return getattr(array, "device", None)

    def follows(self, array: Any) -> bool:
        """Whether an array goes where the others are, and so says nothing of a device."""
        return False

    def is_weak(self, array: Any) -> bool:
        """Whether an array says no more of a dtype than a Python number does."""
        return False

    def default_dtype(self, device: Any) -> Any:
        """The library's default real floating dtype."""
        if hasattr(self.xp, "__array_namespace_info__"):
            info = self.xp.__array_namespace_info__()
            return info.default_dtypes(device=device)["real floating"]
        return self.xp.asarray(0.0, device=device).dtype

    def default_integer(self, device: Any) -> Any:
        """The library's default integer dtype."""
        if hasattr(self.xp, "__array_namespace_info__"):
            info = self.xp.__array_namespace_info__()
            return info.default_dtypes(device=device)["integral"]
        return self.xp.asarray(0, device=device).dtype

    def complex_dtype(self, dtype: Any) -> Any:
        """The complex dtype that a floating one becomes beside a complex number."""
        name = self.dtype_name(dtype)
        if name in COMPLEX_PARTS:
            return dtype
        name = "complex128" if name == "float64" else "complex64"
        if not hasattr(self.xp, name):
            msg = f"{self.name} has no dtype {name}, which complex arguments ask for"
            raise TypeError(msg)
        return getattr(self.xp, name)

    def result_dtype(self, dtypes: list[Any]) -> Any:
        """The dtype that those of array arguments with fractions promote to; None without any."""
        floats = [d for d in dtypes if isinstance(self._format(self.dtype_name(d)), FloatFormat)]
        return self.xp.result_type(*floats) if floats else None

    def dtype_name(self, dtype: Any) -> str:
        """The standard's name of one of the library's dtypes, or how it prints."""
        for name in (*FORMATS, *COMPLEX_PARTS):
            native = getattr(self.xp, name, None)
            if native is not None and dtype == native:
                return name
        return str(dtype)

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        """The format that a dtype stands for, and the dtype as the library's own object."""
        return self.format_of(self.dtype_name(dtype), dtype), dtype

    def format_of(self, name: str, dtype: Any) -> Format:
        """The format of this name, or the error of a dtype that is of no number."""
        fmt = self._format(name)
        if fmt is not None:
            return fmt
        names = [n for n in (*FORMATS, *SMALL_INTS, *COMPLEX_PARTS) if self._format(n)]
        known = ", ".join(n for n in names if hasattr(self.xp, n))
        msg = f"dtype {shown(dtype)}: not supported for {self.name}; wanted one of {known}"
        raise TypeError(msg)

    @staticmethod
    def _format(name: str) -> Format | None:
        return FORMATS.get(name) or COMPLEX_PARTS.get(name)

    def host_memory(self, num: int, dtype: Any) -> npt.NDArray[Any]:
        """Host memory for ``num`` numbers of a NumPy dtype, which `from_host` will be given."""
        return np.empty(num, dtype)

    def shared_dtype(self, dtype: Any) -> np.dtype[Any] | None:
        """NumPy's dtype of memory that an array on the default device takes as it is, or None."""
        return None

    def adopt(self, array: npt.NDArray[Any]) -> Any:
        """The array that such memory becomes."""
        raise NotImplementedError

    def from_host(self, host: npt.NDArray[Any], fmt: Format, dtype: Any, device: Any) -> Any:
        """The library's array with these elements; 16-bit floats come as their bits."""
        if fmt.name == "bfloat16":  # exact in float32, so that a cast rounds nothing
            host = (host.astype(np.uint32) << 16).view(np.float32)
        elif fmt.name == "float16":
            host = host.view(np.float16)
        place = {} if device is None else {"device": device}
        return self.xp.asarray(host, dtype=dtype, **place)

    def is_many(self, array: Any) -> bool:
        """Whether an array stands for more than one number that can be read now."""
        return bool(array.ndim)

    def to_host(self, array: Any) -> npt.NDArray[Any]:
        """An array's elements in host memory, as a NumPy array of the same values."""
        try:
            host = np.asarray(array)
        except (BufferError, RuntimeError, TypeError, ValueError):
            return np.from_dlpack(array, device="cpu")  # from another device
        # What exports nothing but DLPack is taken for a sequence of objects.
        sequence = host.dtype == object or host.shape != tuple(array.shape)
        return np.from_dlpack(array) if sequence and hasattr(array, "__dlpack__") else host

    def move(self, array: Any, device: Any) -> Any:
        """An array on the device, which is anywhere if None."""
        return array if device is None else compat.to_device(array, device)

    def with_first_axis_at(self, place: int, array: Any) -> Any:
        """An array with its first axis moved."""
        return self.ops().moveaxis(array, 0, place)

    def on(self, device: Any) -> AbstractContextManager[Any]:
        """A context in which arithmetic on arrays of the device runs there."""
        return nullcontext()

    def ops(self) -> Any:
        """The namespace for arithmetic on the device: standard names and behaviour."""
        return self.xp

    def put(self, array: Any, places: list[int], values: npt.NDArray[Any]) -> Any:
        """An array of one dimension with some elements replaced, in place where that is allowed."""
        for i, value in zip(places, values.tolist(), strict=True):
            array[i] = value
        return array
