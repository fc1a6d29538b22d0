"""Arrays that lie on many devices: every device gets its own shard, and no one makes the whole.

A shard of a grid is a slice of it, made as a grid for one device is.  Devices that hold
the same slice get copies of one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from ..exact.number import Scalar
from ..grids.produce import produce
from ..grids.source import Source
from ..lanes.host import lane_shape
from ..lanes.make import make_eagerly

__all__ = ["from_parts", "lanes_in_shards"]

Index = tuple[slice, ...]


def from_parts(source: Source, target: Any) -> Any:
    """The array of a grid, sharded as ``target.layout`` says."""

    def make(index: Index, device: Any) -> Any:
        here = target._replace(device=device, layout=None)
        return produce(source, here, range(source.num)[index[0]])

    return _assembled((source.num,), target.layout, make)


def lanes_in_shards(plan: Any, ends: dict[str, Any]) -> Any:
    """The samples of a batch along axis 0; a shard makes the lanes that it has."""
    lanes = lane_shape(ends)
    whole = {
        n: v if isinstance(v, Scalar) else np.broadcast_to(np.asarray(v), lanes)
        for n, v in ends.items()
    }

    def make_shard(index: Index, device: Any) -> Any:
        here = plan._replace(target=plan.target._replace(device=device, layout=None))
        cut = {
            n: v if isinstance(v, Scalar) else jax.device_put(v[index[1:]], device)
            for n, v in whole.items()
        }
        return make_eagerly(here, cut)[index[0]]

    try:
        return _assembled((plan.num, *lanes), plan.target.layout, make_shard)
    except (OverflowError, ValueError):
        # What does not fit is named by its lane among all of them.
        return make_eagerly(plan, ends)


def _assembled(shape: tuple[int, ...], sharding: Any, make: Callable[[Index, Any], Any]) -> Any:
    """The array whose shard at ``index`` is ``make(index, device)``."""
    made: dict[tuple[tuple[int, ...], ...], Any] = {}
    shards = []
    with jax.ensure_compile_time_eval():  # inside a jitted function it is a constant
        for device, index in sharding.addressable_devices_indices_map(shape).items():
            places = tuple(s.indices(n) for s, n in zip(index, shape, strict=True))
            if places not in made:
                made[places] = make(index, device)
            shards.append(jax.device_put(made[places], device).block_until_ready())
        array = jax.make_array_from_single_device_arrays(shape, sharding, shards)
    return jax.device_put(array, sharding)
