"""JAX: arrays on another device and with another order of axes, every bit as it was."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

__all__ = ["moved", "placed"]


def placed(array: Any, device: Any) -> Any:
    """An array of the program on a device, or as a sharding says; anywhere if None."""
    if device is None:
        return array
    if isinstance(device, jax.Device):
        device = jax.sharding.SingleDeviceSharding(device)
    return lax.with_sharding_constraint(array, device)


@partial(jax.custom_jvp, nondiff_argnums=(0,))
def moved(place: int, array: Any) -> Any:
    """An array with its first axis moved."""
    # XLA transposes bfloat16 on the CPU by arithmetic: some subnormal numbers come out as zero
    # (jaxlib 0.10.2). Integers are left alone, if XLA does not move floats instead.
    if array.dtype != jnp.bfloat16:
        return jnp.moveaxis(array, 0, place)
    bits = jnp.moveaxis(jax.lax.bitcast_convert_type(array, jnp.uint16), 0, place)
    return jax.lax.bitcast_convert_type(lax.optimization_barrier(bits), jnp.bfloat16)


def _moved_jvp(place: int, array: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
    return moved(place, *array), jnp.moveaxis(tangents[0], 0, place)


moved.defjvp(_moved_jvp)
