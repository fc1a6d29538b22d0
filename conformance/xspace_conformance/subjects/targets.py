"""What the suite can be aimed at: backends, their dtypes and devices, and how to read them out.

A target is one namespace on one device (JAX counts once with 64-bit types and once without).
Nothing is imported before it is asked for; what cannot run says why.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..truth.case import Case, show
from ..truth.formats import DTYPES, Bits, format_of
from .shares import WHOLE, Share
from .transforms import Way, jax_ways, torch_ways

NARROW = tuple(name for name in DTYPES if not name.endswith("64"))
WITHOUT_BFLOAT16 = tuple(name for name in DTYPES if name != "bfloat16")


def no_options(case: Any) -> dict[str, Any]:
    """Return the options of a call to a library that has none of its own."""
    return {}


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
    options : callable
        From a case, more keywords of its call: chunks, a number of threads.
    share : Share
        Which part of the cases the target gets.
    thinned : Share
        Which part of them it gets though it takes part in all else: another target of the library
        has all of them, and its elements are made in the same way.
    is_plain : bool
        Whether the dtype and ``xp`` of a grid between scalars are those that a call has without.
    overflow : type of Exception
        What is raised for a value that an integer dtype cannot hold.
    setup : str
        Code that a program needs before its first call, for reports.
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
    options: Callable[[Any], dict[str, Any]] = no_options
    share: Share = WHOLE
    thinned: Share = WHOLE
    is_plain: bool = False
    overflow: type[Exception] = OverflowError
    setup: str = ""

    def __str__(self) -> str:
        """Return the name, which is also the parameter's id in a test report."""
        return self.name

    def has(self, dtype: str) -> bool:
        """Say whether the target has a dtype of this name."""
        return dtype in self.dtypes

    def has_complex(self, dtype: str, part: str) -> bool:
        """Say whether the target has a complex dtype, whose parts are of the dtype `part`."""
        return self.has(part) and hasattr(self.xp, dtype)

    def takes(self, case: Any) -> bool:
        """Say whether a case (`Case`, `Steps`, `Batch`), as it is, is of the target's share."""
        return self._is_due(case) and case.num % self.share.multiple == 0

    def cases(self, cases: Iterable[Any]) -> Iterator[Any]:
        """Yield the target's share of cases, made finer where lengths have to be divisible."""
        multiple = self.share.multiple
        for case in filter(self._is_due, cases):
            finer = case if multiple == 1 else case.in_multiples(multiple)
            if finer is not None:
                yield finer

    def _is_due(self, case: Any) -> bool:
        if not all(map(self.has, case.dtypes)):
            return False
        text = f"{case.name} {show(case.start)} {show(case.stop)} {case.num}"
        place = self.dtypes.index(case.dtype)
        return self.share.takes(text, place) and self.thinned.takes(f"{self.name} {text}", place)

    def snippet(self, case: Case) -> str:
        """Return code that reproduces a case on this target."""
        code = self.namespace_code
        if self._is_plain(case):
            return case.snippet("", "").replace(", dtype=, xp=", "")
        call = case.snippet(f"{code}.{case.dtype}", code, self.device_code)
        options = "".join(f", {key}={value}" for key, value in self.options(case).items())
        return f"{call[:-1]}{options})"

    def _is_plain(self, case: Any) -> bool:
        # `arange` may have integers by default.
        return self.is_plain and isinstance(case, Case) and case.dtype == "float64"

    def array(self, case: Case) -> Any:
        """Call the library: the one place in which the suite does."""
        import xspace

        function = getattr(xspace, case.function)
        if self._is_plain(case):
            return function(*case.arguments, **case.keywords)
        dtype = getattr(self.xp, case.dtype)
        keywords = case.keywords | self.device_keyword | self.options(case)
        return function(*case.arguments, dtype=dtype, xp=self.xp, **keywords)

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


def need(module: str) -> Any:
    """Import a module, or say that it is not installed."""
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        raise Unavailable("not installed", missing=True)
    return importlib.import_module(module)


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


def _in_parts(maker: str) -> Callable[[], Iterator[Target]]:
    """Return a maker of `parts`, which imports this module in its turn."""

    def targets() -> Iterator[Target]:
        found: Iterator[Target] = getattr(importlib.import_module(".parts", __package__), maker)()
        return found

    return targets


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


_TINY = f"{__package__}.tiny"
BACKENDS: dict[str, Callable[[], Iterator[Target]]] = {
    "numpy": _numpy_targets,
    "torch": _torch_targets,
    "cupy": _cupy_targets,
    "jax-x64": lambda: _jax_targets(True),
    "jax-x32": lambda: _jax_targets(False),
    "dask": _in_parts("dask_targets"),
    "cubed": _in_parts("cubed_targets"),
    "array_api_strict": _strict_targets,
    "array_api_strict-static": lambda: _strict_targets(static=True),
    "generic-float64": lambda: named_namespace(f"{_TINY}:float64_only", "generic-float64"),
    "generic-float32": lambda: named_namespace(f"{_TINY}:float32_only", "generic-float32"),
}
# Those that a process has to be started for: `test_sharded.py` does it.
BY_NAME_ONLY: dict[str, Callable[[], Iterator[Target]]] = {
    "jax-sharded": _in_parts("sharded_targets"),
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
