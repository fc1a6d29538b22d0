"""JAX's end of `quick`: calls between its arrays, with their values, in the memory of the CPU."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..ground.float_environment import in_standard_environment
from ..libraries import find_backend
from .quick import QUICK

__all__ = ["quick_jax_array"]

_FLOATS = frozenset(map(np.dtype, ("float64", "float32", "float16")))


@in_standard_environment
def quick_jax_array(
    caller: str,
    start: Any,
    stop: Any,
    num: Any,
    endpoint: Any,
    dtype: Any,
    axis: Any,
    *base: Any,
) -> Any:
    """The samples as an array of JAX, or None."""
    ends = start, stop, *base
    arrays = [end for end in ends if isinstance(end, jax.Array)]
    dtypes = {array.dtype for array in arrays}
    if not _FLOATS.issuperset(dtypes) or not all(map(_is_plain, arrays)):
        return None
    if dtype is None:
        if len(dtypes) > 1:
            return None
        (dtype,) = dtypes
    backend = find_backend(jnp, {})
    shared = backend.shared_dtype(dtype)
    if shared is None:
        return None
    first, last, *radix = (np.asarray(v) if isinstance(v, jax.Array) else v for v in ends)
    samples = QUICK[caller](first, last, num, endpoint, shared, axis, *radix)
    return None if samples is None else backend.adopt(samples)


def _is_plain(array: Any) -> bool:
    """Whether it has its values here, and says nothing of a device or of another dtype."""
    if isinstance(array, jax.core.Tracer) or array.is_deleted():
        return False
    if array.committed or array.weak_type:
        return False
    return bool(array.device.platform == "cpu")
