"""Targets whose arrays are made in parts: chunks of dask and cubed, shards of JAX.

Such an array has the bits of the whole, however it is cut. To ask so, dask comes with chunks of
many lengths, cubed with few, and JAX with a sharding over eight devices, of which a CPU may have
as many virtual ones as it is told to before JAX starts.
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ..truth.formats import DTYPES, Bits
from .shares import Share, odd_chunks
from .target import NARROW, WITHOUT_BFLOAT16, Target, Unavailable, need

DEVICES = 8
#: The environment in which JAX has the devices.
DEVICES_FLAG = f"--xla_force_host_platform_device_count={DEVICES}"


def dask_targets() -> Iterator[Target]:
    """Yield dask with large chunks, of which large grids have many, and with odd ones."""
    da = need("dask.array")
    dask = need("dask")

    def scope() -> contextlib.AbstractContextManager[Any]:
        found: contextlib.AbstractContextManager[Any] = dask.config.set(
            {"array.chunk-size": "40KiB", "scheduler": "synchronous"}
        )
        return found

    def odd(case: Any) -> dict[str, Any]:
        return {"chunks": odd_chunks(case.num)}

    names = tuple(name for name in WITHOUT_BFLOAT16 if hasattr(da, name))
    kwargs: dict[str, Any] = {"namespace_code": "dask.array", "scope": scope}
    yield Target("dask", da, names, **kwargs)
    yield Target("dask-odd", da, names, options=odd, share=Share(one_in=6), **kwargs)


def cubed_targets() -> Iterator[Target]:
    """Yield cubed with three chunks; a call takes it some 20 ms, hence a share of the cases."""
    xp = need("cubed.array_api")
    spec = need("cubed").Spec(work_dir=_folder(), allowed_mem="200MB")

    def options(case: Any) -> dict[str, Any]:
        return {"chunks": case.num // 3 | 1, "spec": spec}

    names = tuple(n for n in ("float64", "float32", "int64", "uint8") if hasattr(xp, n))
    yield Target(
        "cubed",
        xp,
        names,
        namespace_code="cubed.array_api",
        read_out=lambda array: np.asarray(array.compute()),
        options=options,
        share=Share(one_in=4),
    )


@cache
def _folder() -> str:
    """Return a folder for the files of cubed, which goes when the process does."""
    path = tempfile.mkdtemp(prefix="cubed-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def sharded_targets() -> Iterator[Target]:
    """Yield JAX with each array over all devices, and over four pairs that hold the same each."""
    jax = need("jax")
    found = len(jax.devices())
    if found != DEVICES:
        raise Unavailable(f"JAX has {found} devices, wanted {DEVICES} (XLA_FLAGS={DEVICES_FLAG})")

    def read_out(array: Any) -> Bits:
        host = np.asarray(array)
        return host.view(np.int16) if str(host.dtype) == "bfloat16" else host

    for name, wide, shape in (("x64", True, (DEVICES,)), ("x32-pairs", False, (DEVICES // 2, 2))):
        axes = ("x", "y")[: len(shape)]
        mesh = jax.make_mesh(shape, axes)
        yield Target(
            f"jax-sharded-{name}:{jax.devices()[0].platform}",
            jax.numpy,
            DTYPES if wide else NARROW,
            device=jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("x")),
            namespace_code="jax.numpy",
            device_code=f'NamedSharding(jax.make_mesh({shape}, {axes}), PartitionSpec("x"))',
            scope=lambda wide=wide: jax.enable_x64(wide),
            read_out=read_out,
            share=Share(one_in=6, multiple=DEVICES),
        )
