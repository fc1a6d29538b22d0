"""Functions that are not the library under test: other libraries' own ones, and anybody's.

`Foreign` makes a target of them, so that they are asked, read out and compared as every other
target is. They are asked only what they claim to take: numbers that are floats or integers of 64
bits, and calls that have an answer (what is an error here may be something else there).
"""

from __future__ import annotations

import contextlib
import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from ..truth.answers import answer
from ..truth.case import Case, show
from ..truth.formats import Bits
from .target import WITHOUT_BFLOAT16, Target, Unavailable, need

Function = Callable[..., Any]
NUMPY_LIKE = ("linspace", "logspace", "geomspace")
# A backend's name: the functions of its own that it has, and how they are called.
NATIVE: dict[str, tuple[tuple[str, ...], str]] = {
    "numpy": (NUMPY_LIKE, "numpy"),
    "torch": (("linspace", "logspace"), "torch"),
    "cupy": (NUMPY_LIKE, "numpy"),
    "jax-x64": (NUMPY_LIKE, "numpy"),
    "jax-x32": (NUMPY_LIKE, "numpy"),
    "dask": (("linspace",), "numpy"),
    "cubed": (("linspace",), "numpy"),
    "array_api_strict": (("linspace",), "array-api"),
}
# JAX compiles its own functions anew for every number of elements: most of a run's time.
MOST_COMPILED = 20
SIGNATURES = ("numpy", "torch", "array-api")


@dataclass(frozen=True)
class Foreign(Target):
    """A target whose functions are given, and called in one of `SIGNATURES`.

    Parameters
    ----------
    functions : dict of str to callable
        By which function of the suite it is.
    codes : dict of str to str
        Source code for the functions, for reports.
    signature : str
        How they are called.
    kind : {"native", "callable"}
        What a report calls it.
    package : str
        Where they come from.
    most : int, optional
        How many cases of a function and dtype are asked at most.
    """

    functions: Mapping[str, Function] = field(default_factory=dict, compare=False)
    codes: Mapping[str, str] = field(default_factory=dict, compare=False)
    signature: str = "numpy"
    kind: str = "native"
    package: str = ""
    most: int | None = None

    def takes(self, case: Case) -> bool:
        """Say whether a case is one that the function claims to answer."""
        if case.function not in self.functions or not self.has(case.dtype):
            return False
        if self.signature == "torch" and not case.endpoint:
            return False
        return all(is_plain(value) for value in (case.start, case.stop, case.base))

    def has_complex(self, dtype: str, part: str) -> bool:
        """Say that complex numbers are not asked for."""
        return False

    def cases(self, cases: Iterable[Any]) -> Iterator[Any]:
        """Yield the cases that the function claims to answer and that have an answer."""
        return (case for case in cases if self.takes(case) and answer(case).error is None)

    def arguments(self, case: Case) -> tuple[list[Any], dict[str, Any]]:
        """Return what a case's call gets, the dtype and the device apart."""
        keywords = {key: plain(value) for key, value in case.keywords.items()}
        return [plain(case.start), plain(case.stop), case.num], keywords

    def array(self, case: Case) -> Any:
        """Call the function."""
        function = self.functions[case.function]
        arguments, keywords = self.arguments(case)
        if self.device is not None and takes_device(function):
            keywords["device"] = self.device
        return function(*arguments, dtype=getattr(self.xp, case.dtype), **keywords)

    def bits(self, case: Case) -> Bits:
        """Return the grid's bits, without warnings of overflow and the like: the elements tell."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return super().bits(case)

    def snippet(self, case: Case) -> str:
        """Return the call as code."""
        arguments, keywords = self.arguments(case)
        parts = [show(value) for value in arguments]
        parts += [f"{key}={show(value)}" for key, value in keywords.items()]
        parts.append(f"dtype={self.namespace_code}.{case.dtype}")
        if self.device_code is not None and takes_device(self.functions[case.function]):
            parts.append(f"device={self.device_code}")
        return f"{self.codes[case.function]}({', '.join(parts)})"

    def check_kind(self, case: Case, array: Any) -> None:
        """Fail unless the shape is as asked for; reading the bits out checks the dtype."""
        shape = tuple(array.shape)
        assert shape == (case.num,), f"got the shape {shape}, wanted {(case.num,)}"


def takes_device(function: Function) -> bool:
    """Say whether a function has a parameter for the device."""
    try:
        return "device" in inspect.signature(function).parameters
    except ValueError:  # torch's functions have no signature, and take a device
        return True


def is_plain(value: Any) -> bool:
    """Say whether a number is a float or an integer of 64 bits."""
    if isinstance(value, (bool, np.bool_)):
        return False
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, (float, np.integer, np.floating))


def plain(value: Any) -> Any:
    """Return a number as Python's own, at the same value."""
    return value.item() if isinstance(value, np.generic) else value


def kind_of(target: Target) -> str:
    """Return what a target is: ``xspace``, ``native`` or ``callable``."""
    return target.kind if isinstance(target, Foreign) else "xspace"


def library_of(target: Target) -> str:
    """Return the array library of a target."""
    return target.package if isinstance(target, Foreign) else target.namespace_code


def libraries_of(targets: list[Target]) -> list[str]:
    """Return the libraries of some targets, each once; the suite's own namespaces are none."""
    own = __name__.partition(".")[0]
    names = dict.fromkeys(library_of(target).partition(".")[0] for target in targets)
    return [name for name in names if name != own]


def takes(target: Target, case: Any) -> bool:
    """Say whether a target is asked a case."""
    return target.takes(case)


def natives(targets: list[Target]) -> Iterator[Foreign]:
    """Yield the own functions of the libraries of some targets, once a library and device."""
    seen = set()
    for target in targets:
        backend = target.name.partition(":")[0]
        if backend not in NATIVE or (backend == "array_api_strict" and backend in seen):
            continue
        seen.add(backend)
        names, signature = NATIVE[backend]
        found = {name: getattr(target.xp, name) for name in names if hasattr(target.xp, name)}
        yield foreign(
            target,
            name=f"native:{target.name}",
            functions=found,
            codes={name: f"{target.namespace_code}.{name}" for name in found},
            signature=signature,
            package=target.namespace_code,
            scope=_scope(target),
            most=MOST_COMPILED if target.namespace_code == "jax.numpy" else None,
        )
    if "numpy" in seen:
        yield from _mygrad()


def _scope(target: Target) -> Callable[[], contextlib.AbstractContextManager[Any]]:
    """Return a target's scope, in which JAX makes arrays on its device without being told."""
    if target.namespace_code != "jax.numpy":
        return target.scope

    @contextlib.contextmanager
    def scope() -> Iterator[None]:
        jax = need("jax")
        with target.scope(), jax.default_device(target.device):
            yield

    return scope


def foreign(target: Target, **changes: Any) -> Foreign:
    """Return the foreign target that has the namespace, device and dtypes of a target."""
    kept = {one.name: getattr(target, one.name) for one in fields(Target)}
    return Foreign(**(kept | changes))


def _mygrad() -> Iterator[Foreign]:
    """Yield MyGrad's functions, whose tensors hold NumPy's arrays."""
    try:
        mygrad = need("mygrad")
    except Unavailable:
        return
    found = {name: getattr(mygrad, name) for name in NUMPY_LIKE}
    yield Foreign(
        "native:mygrad",
        np,
        WITHOUT_BFLOAT16,
        namespace_code="numpy",
        read_out=lambda tensor: np.asarray(tensor.data),
        functions=found,
        codes={name: f"mygrad.{name}" for name in found},
        package="mygrad",
    )
