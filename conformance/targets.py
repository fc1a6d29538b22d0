"""What the suite can be aimed at: backends, their dtypes and devices, and how to read them out.

A target is one namespace on one device (JAX counts once with 64-bit types and once without).
Nothing is imported before it is asked for; what cannot run says why.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from .cases import Case
from .compare import Bits
from .formats import DTYPES, format_of
from .transforms import Way, jax_ways, torch_ways

NARROW = tuple(name for name in DTYPES if not name.endswith("64"))
WITHOUT_BFLOAT16 = tuple(name for name in DTYPES if name != "bfloat16")


class Unavailable(Exception):
    """A backend that cannot run here, and why."""

    def __init__(self, reason: str, *, missing: bool = False) -> None:
        super().__init__(reason)
        self.missing = missing  # not installed at all, as against: no such device


@dataclass(frozen=True)
class Target:
    """A namespace on a device, as one thing to test.

    Parameters
    ----------
    name : str
        How a report calls it.
    xp : namespace
        What is passed as ``xp=``, unwrapped.
    dtypes : tuple of str
        The dtypes that it has.
    device : object, optional
        What is passed as ``device=``; None leaves the choice to the backend.
    namespace_code, device_code : str
        Source code for `xp` and `device`, for reports.
    scope : callable
        Context manager in which the target is used.
    read_out : callable
        Turns an array of the backend into a NumPy array of the same bits.
    trace : callable, optional
        Turns a function of arrays into one that the backend traces and compiles.
    differentiate : dict
        By name, ways to the derivatives of a function's results (`transforms`); empty if the
        backend has none.
    flushes : bool
        Whether the backend's own arithmetic takes subnormal numbers for zero.
    """

    name: str
    xp: Any
    dtypes: tuple[str, ...]
    device: Any = None
    namespace_code: str = ""
    device_code: str | None = None
    scope: Callable[[], contextlib.AbstractContextManager[Any]] = contextlib.nullcontext
    read_out: Callable[[Any], Bits] = field(default=np.asarray)
    trace: Callable[[Callable[..., Any]], Callable[..., Any]] | None = None
    differentiate: dict[str, Way] = field(default_factory=dict, compare=False)
    flushes: bool = False

    def __str__(self) -> str:
        """Return the name, which is also the parameter's id in a test report."""
        return self.name

    def has(self, dtype: str) -> bool:
        """Say whether the target has a dtype of this name."""
        return dtype in self.dtypes

    def snippet(self, case: Case) -> str:
        """Return code that reproduces a case on this target."""
        code = self.namespace_code
        return case.snippet(f"{code}.{case.dtype}", code, self.device_code)

    def array(self, case: Case) -> Any:
        """Call the library: the one place in which the suite does."""
        import xspace

        function = getattr(xspace, case.function_name)
        dtype = getattr(self.xp, case.dtype)
        keywords = case.keywords if self.device is None else case.keywords | {"device": self.device}
        return function(*case.positional, dtype=dtype, xp=self.xp, **keywords)

    def bits(self, case: Case) -> Bits:
        """Return the grid's bits, having checked shape, dtype, namespace and device."""
        with self.scope():
            array = self.array(case)
            self.check_kind(case, array)
            return self.unsigned(array, case.dtype)

    def check_kind(self, case: Case, array: Any) -> None:
        """Fail unless everything but the values is as asked for."""
        self.check_array(array, case.dtype, (case.num,), self.snippet(case))

    def check_array(
        self, array: Any, dtype_name: str, wanted_shape: tuple[int, ...], snippet: str
    ) -> None:
        """Fail unless an array is of a type, shape, dtype and device."""
        asked = f"\n  reproduce: {snippet}"
        kind = type(self.sample_array(dtype_name))
        assert type(array) is kind, f"got a {type(array)}, wanted a {kind}{asked}"
        shape = tuple(array.shape)
        assert shape == wanted_shape, f"got the shape {shape}, wanted {wanted_shape}{asked}"
        dtype = getattr(self.xp, dtype_name)
        assert array.dtype == dtype, f"got the dtype {array.dtype}, wanted {dtype}{asked}"
        device = device_of(self.sample_array(dtype_name))
        got = device_of(array)
        assert got == device, f"got the device {got}, wanted {device}{asked}"

    def sample_array(self, dtype: str) -> Any:
        """Return an empty array as the backend itself makes one."""
        return self.xp.zeros((0,), dtype=getattr(self.xp, dtype), **self.device_keyword)

    @cached_property
    def device_keyword(self) -> dict[str, Any]:
        """Keyword for the backend's own creation functions."""
        return {} if self.device is None else {"device": self.device}

    def unsigned(self, array: Any, dtype: str) -> Bits:
        """Return an array's bits as unsigned integers in host memory."""
        host = self.read_out(array)
        form = format_of(dtype)
        named = str(host.dtype)
        expected = (dtype, f"int{form.width}") if dtype == "bfloat16" else (dtype,)
        assert named in expected, f"{self.name} read out as {named}, wanted {dtype}"
        return np.ascontiguousarray(host).view(form.view)


def device_of(array: Any) -> Any:
    """Return the device on which an array lives, in a form that compares."""
    device = getattr(array, "device", None)  # dask has none
    return device() if callable(device) else device


def _need(module: str) -> Any:
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        raise Unavailable("not installed", missing=True)
    return importlib.import_module(module)


def _numpy_targets() -> Iterator[Target]:
    yield Target("numpy", np, WITHOUT_BFLOAT16, namespace_code="numpy")


def _torch_targets() -> Iterator[Target]:
    torch = _need("torch")

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
    cupy = _need("cupy")
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
    jax = _need("jax")

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
        )


def _strict_targets(*, static: bool = False) -> Iterator[Target]:
    """Yield array-api-strict on its devices; or `static`, without what no tracing library has."""
    xp = _need("array_api_strict")
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
        yield Target(
            f"array_api_strict{'-static' if static else ''}:{plain}",
            xp,
            tuple(name for name in DTYPES if name in info.dtypes(device=device)),
            device=device,
            namespace_code="array_api_strict",
            device_code=f'array_api_strict.Device("{plain}")',
            scope=scope,
            read_out=lambda array: np.asarray(array.to_device(host)),
        )


def _dask_targets() -> Iterator[Target]:
    """Yield dask, with chunks of a few thousand elements, of which large grids have many."""
    da = _need("dask.array")
    dask = _need("dask")

    def scope() -> contextlib.AbstractContextManager[Any]:
        found: contextlib.AbstractContextManager[Any] = dask.config.set(
            {"array.chunk-size": "40KiB", "scheduler": "synchronous"}
        )
        return found

    names = tuple(name for name in WITHOUT_BFLOAT16 if hasattr(da, name))
    yield Target("dask", da, names, namespace_code="dask.array", scope=scope)


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


def read_any(array: Any) -> Bits:
    """Read out an array of an unknown kind."""
    try:
        host = np.from_dlpack(array)
    except (AttributeError, TypeError, RuntimeError, BufferError):
        host = np.asarray(array)
    return host.view(np.int16) if str(host.dtype) == "bfloat16" else host


BACKENDS: dict[str, Callable[[], Iterator[Target]]] = {
    "numpy": _numpy_targets,
    "torch": _torch_targets,
    "cupy": _cupy_targets,
    "jax-x64": lambda: _jax_targets(True),
    "jax-x32": lambda: _jax_targets(False),
    "dask": _dask_targets,
    "array_api_strict": _strict_targets,
    "array_api_strict-static": lambda: _strict_targets(static=True),
    "generic-float64": lambda: named_namespace("conformance.tiny:float64_only", "generic-float64"),
    "generic-float32": lambda: named_namespace("conformance.tiny:float32_only", "generic-float32"),
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
        If a backend was asked for by name that is not installed. (One that wants a GPU and
        finds none is among the absent instead.)
    """
    wanted = [name for group in backends or [*BACKENDS] for name in GROUPS.get(group, (group,))]
    lineup = Lineup([], {})
    for name in wanted:
        if name not in BACKENDS and ":" not in name:
            raise Unavailable(f"{name}: no such backend; known: {', '.join(BACKENDS)}")
        try:
            known = name in BACKENDS
            found = list(BACKENDS[name]() if known else named_namespace(name, devices=devices))
        except Unavailable as error:
            if backends and error.missing:
                raise Unavailable(f"{name}: {error}") from error
            lineup.absent[name] = str(error)
            continue
        kept = [
            target for target in found if not (known and devices) or _is_on(target, devices or [])
        ]
        if not kept:
            lineup.absent[name] = _no_device(devices or [])
        lineup.targets += kept
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
