"""A target: one namespace on one device, with its dtypes, and how its arrays are read out."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..truth.case import Case, show
from ..truth.formats import DTYPES, Bits, format_of
from .shares import WHOLE, Share
from .transforms import Way

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


def read_any(array: Any) -> Bits:
    """Read out an array of an unknown kind."""
    try:
        host = np.from_dlpack(array)
    except (AttributeError, TypeError, RuntimeError, BufferError):
        host = np.asarray(array)
    return host.view(np.int16) if str(host.dtype) == "bfloat16" else host
