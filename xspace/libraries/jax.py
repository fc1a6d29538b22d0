"""JAX: XLA flushes subnormal numbers, a copy from the host keeps them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

from ..exact.rounding import FORMATS, SMALL_INTS, FloatFormat, Format
from ..ground.messages import shown
from .generic import Backend
from .jax_moves import moved
from .numpy import dtype_name

__all__ = ["JaxBackend", "is_recording"]


#: Where float64 is that of IEEE 754; TPUs emulate it.
_GPUS = ("gpu", "cuda", "rocm")

#: Bytes that XLA's arrays are aligned to.
_ALIGNMENT = 64

#: Dtypes that JAX has only with 64-bit types.
_WIDE = ("float64", "int64", "uint64", "complex128")


#: The default dtypes without and with 64-bit types.
_FLOATS = np.dtype(np.float32), np.dtype(np.float64)
_INTEGERS = np.dtype(np.int32), np.dtype(np.int64)
#: Dtypes by what NumPy and JAX have for them, but Python's types, of which JAX makes its own.
_TYPES = {
    kind: np.dtype(name)
    for name in FORMATS
    if name != "bfloat16"
    for kind in (getattr(np, name), getattr(jnp, name))
}


def _type(kind: Any) -> np.dtype[Any] | None:
    try:
        return _TYPES.get(kind)
    except TypeError:  # it has no hash
        return None


def is_recording() -> bool:
    """Whether JAX records a program, so that nothing is computed now."""
    return isinstance(jax.lax.neg(np.int32(0)), jax.core.Tracer)


class JaxBackend(Backend):
    """JAX, eager; with or without 64-bit types."""

    package = "jax"

    def __init__(self) -> None:
        super().__init__(jnp)

    def makes_on_host(self, device: Any) -> bool:
        if not jax.config.jax_enable_x64:
            return True
        if device is None:
            return jax.default_backend() not in _GPUS
        devices = device.device_set if hasattr(device, "device_set") else {device}
        return any(d.platform not in _GPUS for d in devices)

    def read_device(self, device: Any) -> Any:
        if device is None or isinstance(device, (jax.Device, jax.sharding.Sharding)):
            return device
        msg = f"device must be a jax.Device or a Sharding, got {shown(device)}"
        raise TypeError(msg)

    def device_of(self, array: Any) -> Any:
        if isinstance(array, jax.core.Tracer) or len(array.devices()) > 1:
            return None  # where the others are; results stay there
        return array.device

    def follows(self, array: Any) -> bool:
        if isinstance(array, jax.core.Tracer):
            return False
        return not array.committed or is_recording()  # of a program it is a constant

    def is_weak(self, array: Any) -> bool:
        return bool(array.aval.weak_type)

    def default_dtype(self, device: Any) -> Any:
        return jnp.result_type(float)

    def default_integer(self, device: Any) -> Any:
        return jnp.result_type(int)

    def dtype_name(self, dtype: Any) -> str:
        return dtype_name(np.dtype(dtype))

    @staticmethod
    def _format(name: str) -> Format | None:
        return Backend._format(name) or SMALL_INTS.get(name)

    def read_dtype(self, dtype: Any) -> tuple[Format, Any]:
        if dtype in (float, int, complex):  # as JAX reads Python's types
            dtype = jnp.result_type(dtype)
        native = np.dtype(dtype)
        if not native.isnative:
            msg = f"dtype {shown(dtype)} is not in the machine's byte order"
            raise TypeError(msg)
        name = dtype_name(native)
        fmt = self.format_of(name, dtype)
        if name in _WIDE and not jax.config.jax_enable_x64:
            msg = (
                f"dtype {name} is not available in jax without 64-bit types: "
                "set jax_enable_x64, or ask for a 32-bit dtype"
            )
            raise ValueError(msg)
        return fmt, native

    def result_dtype(self, dtypes: list[Any]) -> Any:
        floats = [d for d in dtypes if jnp.issubdtype(d, jnp.inexact)]
        return jnp.result_type(*floats) if floats else None

    def host_memory(self, num: int, dtype: Any) -> npt.NDArray[Any]:
        # On the CPU JAX takes memory as it is, instead of copying it, if it is aligned.
        size = num * np.dtype(dtype).itemsize
        memory = np.empty(size + _ALIGNMENT, np.uint8)
        first = -memory.__array_interface__["data"][0] % _ALIGNMENT
        return memory[first : first + size].view(dtype)

    def shared_dtype(self, dtype: Any) -> np.dtype[Any] | None:
        wide = jax.config.jax_enable_x64
        if dtype is None or dtype is float:
            return _FLOATS[wide]
        if dtype is int:
            return _INTEGERS[wide]
        native = dtype if isinstance(dtype, np.dtype) else _type(dtype)
        known = native is not None and native.isnative and (wide or native.name not in _WIDE)
        return native if known else None

    def adopt(self, array: npt.NDArray[Any]) -> Any:
        if not jax.sharding.get_abstract_mesh().empty:  # it would go to all devices of the mesh
            return None
        try:  # half as long as `jax.device_put` takes
            return jnp.asarray(array)
        except jax.errors.JaxRuntimeError:  # for a guard against such transfers
            return None

    def from_host(self, host: npt.NDArray[Any], fmt: Format, dtype: Any, device: Any) -> Any:
        if isinstance(fmt, FloatFormat) and fmt.precision < 24:
            host = host.view(dtype)
        elif fmt.name in SMALL_INTS:
            host = host.astype(dtype)
        array = jax.device_put(host, device)
        if device is None or not isinstance(array, jax.core.Tracer):
            return array
        from .jax_moves import placed

        return placed(array, device)

    def is_many(self, array: Any) -> bool:
        return bool(array.ndim) or isinstance(array, jax.core.Tracer) or len(array.devices()) > 1

    def with_first_axis_at(self, place: int, array: Any) -> Any:
        return moved(place, array)

    def put(self, array: Any, places: list[int], values: npt.NDArray[Any]) -> Any:
        return array.at[np.array(places)].set(values)
