"""What the suite can be aimed at, by name: the targets of each backend.

JAX counts once with 64-bit types and once without.  Nothing is imported before it is asked for;
what cannot run says why.
"""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..truth.formats import DTYPES, Bits
from .parts import cubed_targets, dask_targets, sharded_targets
from .shares import WHOLE, Share
from .target import NARROW, WITHOUT_BFLOAT16, Target, Unavailable, need, read_any
from .transforms import jax_ways, torch_ways


def _numpy_targets() -> Iterator[Target]:
    def long_way(case: Any) -> dict[str, Any]:
        # With a number of threads a short grid of plain numbers does not go the quick one.
        return {} if case.function == "arange" else {"workers": 1}

    yield Target("numpy", np, WITHOUT_BFLOAT16, namespace_code="numpy", options=long_way)
    # As most calls are, without any keyword.
    yield Target("numpy-plain", np, ("float64", "int64"), namespace_code="numpy", is_plain=True)


def _torch_targets() -> Iterator[Target]:
    torch = need("torch")

    def read_out(tensor: Any) -> Bits:
        host = tensor.cpu()
        if host.dtype == torch.bfloat16:
            host = host.view(torch.int16)
        return np.asarray(host.numpy())

    def trace(function: Callable[..., Any]) -> Callable[..., Any]:
        # Programs of the same code share a limit on their number.
        torch.compiler.reset()
        # Without the code generator, which would want a C++ compiler on the machine.
        compiled: Callable[..., Any] = torch.compile(function, fullgraph=True, backend="aot_eager")
        return compiled

    kwargs: dict[str, Any] = {"namespace_code": "torch", "read_out": read_out, "trace": trace}
    kwargs["differentiate"] = torch_ways(torch, trace)
    yield Target("torch:cpu", torch, DTYPES, device="cpu", device_code='"cpu"', **kwargs)
    if torch.cuda.is_available():
        cuda = torch.device("cuda:0")
        yield Target("torch:cuda", torch, DTYPES, device=cuda, device_code='"cuda:0"', **kwargs)


def _cupy_targets() -> Iterator[Target]:
    cupy = need("cupy")
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise Unavailable(f"no GPU ({error})") from error
    if not count:
        raise Unavailable("no GPU")
    yield Target(
        "cupy:cuda", cupy, WITHOUT_BFLOAT16, namespace_code="cupy", read_out=lambda a: a.get()
    )


def _jax_targets(wide: bool) -> Iterator[Target]:
    jax = need("jax")

    def read_out(array: Any) -> Bits:
        host = np.asarray(array)
        return host.view(np.int16) if str(host.dtype) == "bfloat16" else host

    for device in {d.platform: d for d in [*jax.devices("cpu"), *jax.devices()]}.values():
        yield Target(
            f"jax-x{64 if wide else 32}:{device.platform}",
            jax.numpy,
            DTYPES if wide else NARROW,
            device=device,
            namespace_code="jax.numpy",
            device_code=f'jax.devices("{device.platform}")[0]',
            scope=lambda: jax.enable_x64(wide),
            read_out=read_out,
            trace=jax.jit,
            differentiate=jax_ways(jax),
            flushes=True,
            setup=f'jax.config.update("jax_enable_x64", {wide})',
        )


def _strict_targets(*, static: bool = False) -> Iterator[Target]:
    """Yield array-api-strict on its devices; or `static`, without what no tracing library has."""
    xp = need("array_api_strict")
    info = xp.__array_namespace_info__()
    host = info.default_device()

    def scope() -> contextlib.AbstractContextManager[Any]:
        if not static:
            return contextlib.nullcontext()
        flags = {"boolean_indexing": False, "data_dependent_shapes": False}
        found: contextlib.AbstractContextManager[Any] = xp.ArrayAPIStrictFlags(**flags)
        return found

    for device in info.devices()[:2] if static else info.devices():
        plain = str(device).rpartition("(")[2].strip("')")
        dtypes = tuple(name for name in DTYPES if name in info.dtypes(device=device))
        is_another = device != host and all(
            n in dtypes for n in info.dtypes(device=host) if n in DTYPES
        )
        yield Target(
            f"array_api_strict{'-static' if static else ''}:{plain}",
            xp,
            dtypes,
            device=device,
            namespace_code="array_api_strict",
            device_code=f'array_api_strict.Device("{plain}")',
            scope=scope,
            read_out=lambda array: np.asarray(array.to_device(host)),
            thinned=Share(one_in=3) if is_another else WHOLE,
        )


def named_namespace(
    spec: str, label: str | None = None, devices: list[str] | None = None
) -> Iterator[Target]:
    """Make targets of ``module:name`` (or ``module:``), a namespace never heard of.

    A device is one that the namespace lists and in whose text the name occurs, else the name
    itself. Of bfloat16, which is not in the standard, nothing is known.
    """
    module, _, name = spec.partition(":")
    try:
        xp: Any = importlib.import_module(module)
    except ImportError as error:
        raise Unavailable(f"cannot be imported ({error})", missing=True) from error
    for part in filter(None, name.split(".")):
        if not hasattr(xp, part):
            raise Unavailable(f"{module} has no {part}", missing=True)
        xp = getattr(xp, part)
    dtypes = tuple(name for name in WITHOUT_BFLOAT16 if hasattr(xp, name))
    code = spec.replace(":", ".").rstrip(".")
    plain = Target(label or spec, xp, dtypes, namespace_code=code, read_out=read_any)
    if not devices:
        yield plain
        return
    info = getattr(xp, "__array_namespace_info__", None)
    listed = list(info().devices()) if info else []
    for device in devices:
        found = next((one for one in listed if device in str(one)), device)
        named = f"{plain.name}:{device}"
        yield replace(plain, name=named, device=found, device_code=repr(device))


_TINY = f"{__package__}.tiny"
BACKENDS: dict[str, Callable[[], Iterator[Target]]] = {
    "numpy": _numpy_targets,
    "torch": _torch_targets,
    "cupy": _cupy_targets,
    "jax-x64": lambda: _jax_targets(True),
    "jax-x32": lambda: _jax_targets(False),
    "dask": dask_targets,
    "cubed": cubed_targets,
    "array_api_strict": _strict_targets,
    "array_api_strict-static": lambda: _strict_targets(static=True),
    "generic-float64": lambda: named_namespace(f"{_TINY}:float64_only", "generic-float64"),
    "generic-float32": lambda: named_namespace(f"{_TINY}:float32_only", "generic-float32"),
}
# Those that a process has to be started for: `test_sharded.py` does it.
BY_NAME_ONLY: dict[str, Callable[[], Iterator[Target]]] = {
    "jax-sharded": sharded_targets,
}
GROUPS = {
    "jax": ("jax-x64", "jax-x32"),
    "strict": ("array_api_strict", "array_api_strict-static"),
    "generic": ("generic-float64", "generic-float32"),
}


@dataclass
class Lineup:
    """The targets of a run, and what is not among them."""

    targets: list[Target]
    absent: dict[str, str]


def line_up(backends: list[str] | None = None, devices: list[str] | None = None) -> Lineup:
    """Collect the targets that were asked for, by default all.

    Raises
    ------
    Unavailable
        If a backend or a device was asked for by name and is not there. (Of those that are not
        asked for by name, the ones that cannot run are among the absent.)
    """
    wanted = [name for group in backends or [*BACKENDS] for name in GROUPS.get(group, (group,))]
    lineup = Lineup([], {})
    known_makers = BACKENDS | BY_NAME_ONLY
    for name in wanted:
        if name not in known_makers and ":" not in name:
            raise Unavailable(f"{name}: no such backend; known: {', '.join(known_makers)}")
        try:
            known = name in known_makers
            found = list(known_makers[name]() if known else named_namespace(name, devices=devices))
        except Unavailable as error:
            if backends:
                raise Unavailable(f"{name}: {error}") from error
            lineup.absent[name] = str(error)
            continue
        kept = [
            target for target in found if not (known and devices) or _is_on(target, devices or [])
        ]
        if not kept:
            if backends:
                raise Unavailable(f"{name}: {_no_device(devices or [])}")
            lineup.absent[name] = _no_device(devices or [])
        lineup.targets += kept
    if devices and not lineup.targets:
        raise Unavailable(_no_device(devices))
    return lineup


def _no_device(devices: list[str]) -> str:
    if {"cuda", "gpu"} & {device.partition(":")[0] for device in devices}:
        return f"no GPU (asked for device {', '.join(devices)})"
    return f"no device {', '.join(devices)}"


def _is_on(target: Target, devices: list[str]) -> bool:
    named = target.name.rpartition(":")[2] if ":" in target.name else "cpu"
    gpu = {"cuda", "gpu"}
    return any(
        named == device or str(target.device) == device or {named, device} <= gpu
        for device in devices
    )
