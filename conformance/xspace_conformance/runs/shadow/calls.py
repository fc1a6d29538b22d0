"""Functions that stand in a library's place and call both: the library's own, and another."""

from __future__ import annotations

import functools
import importlib
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from ...checks.facts import shown
from .compare import Outcome, differences, outcome
from .log import LAST_BITS, Log

FUNCTIONS = ("linspace", "logspace", "geomspace", "arange")
#: The namespaces of libraries whose drop-in modules there are.
NAMESPACES = {
    "numpy": "numpy",
    "cupy": "cupy",
    "torch": "torch",
    "jax": "jax.numpy",
    "dask": "dask.array",
    "mygrad": "mygrad",
}
#: Of results that are larger no second one is made.
MOST_ELEMENTS = 10**8

_STATE = threading.local()
_HERE = __package__ or ""


class Shadowed:
    """A library's function to all who look at it, which calls another one, too.

    Parameters
    ----------
    name : str
        As a report calls it: ``numpy.linspace``.
    original, other : callable
        The library's function, and the one in its shadow.
    log : Log
        Where differences go.
    returns_other : bool
        Whether a caller gets what the other one returns or raises.
    """

    def __init__(
        self,
        name: str,
        original: Callable[..., Any],
        other: Callable[..., Any],
        log: Log,
        *,
        returns_other: bool = False,
    ) -> None:
        functools.update_wrapper(self, original)
        self._name, self._original, self._other = name, original, other
        self._log, self._returns_other = log, returns_other
        self._is_compiling = lambda: False
        if name.startswith("torch."):
            self._is_compiling = importlib.import_module("torch").compiler.is_compiling

    # Tables of functions, as of `__array_function__`, are asked for the original by NumPy and for
    # this by those who fill them: so both are the same key.
    def __hash__(self) -> int:
        return hash(self._original)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._original

    def __getattr__(self, name: str) -> Any:
        if name == "_original":  # of one that is not made yet
            raise AttributeError(name)
        return getattr(self._original, name)

    def __repr__(self) -> str:
        return repr(self._original)

    def __reduce__(self) -> Any:
        library, _, function = self._name.rpartition(".")
        return _named, (NAMESPACES.get(library, library), function)

    def __call__(self, /, *args: Any, **keywords: Any) -> Any:
        """Call both, unless the library calls itself; return or raise what one of them did."""
        if self._is_compiling() or getattr(_STATE, "inside", False):
            return self._original(*args, **keywords)
        caller = sys._getframe(1)
        if _is_ours(caller.f_globals.get("__name__", "")):
            return self._original(*args, **keywords)
        _STATE.inside = True
        try:
            given = self._both(args, keywords, f"{caller.f_code.co_filename}:{caller.f_lineno}")
        finally:
            _STATE.inside = False
        try:
            return given.get()
        finally:
            del given  # with the error in it, which knows this frame

    def _both(self, args: Any, keywords: Any, where: str) -> Outcome:
        first, second = self._original, self._other
        if self._returns_other:
            first, second = second, first
        again = keywords
        if keywords.get("out") is not None:
            again = keywords | {"out": _copy(keywords["out"])}
        given = outcome(first, args, keywords)
        if _size(given.value) > MOST_ELEMENTS:
            self._log.count(self._name, "too large to be made twice")
            return given
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            beside = outcome(second, args, again)
            theirs, ours = (beside, given) if self._returns_other else (given, beside)
            found, touched = differences(self._name.rpartition(".")[2], theirs, ours)
            self._log.count(self._name, *{one.cause for one in found} or [LAST_BITS] * touched)
            for one in found:
                call = _call_text(self._name, args, keywords)
                test = os.environ.get("PYTEST_CURRENT_TEST", "")
                facts = {"theirs": one.theirs, "ours": one.ours, "where": where, "test": test}
                self._log.add(self._name, one.cause, call=call, **facts)
        return given


def shadow(libraries: list[str], log: Log, *, returns_other: bool = False) -> Callable[[], None]:
    """Put functions in the place of libraries' own, wherever these are by now; return the way back.

    A library's own modules go on calling its own functions, as they would where an import has been
    changed; its tests do not.
    """
    placed: dict[int, Any] = {}
    undo: list[tuple[Any, Any]] = []
    for library in libraries:
        namespace = importlib.import_module(NAMESPACES[library])
        dropin = importlib.import_module(f"xspace.dropin.{library}")
        for name in FUNCTIONS:
            original = getattr(namespace, name, None)
            if original is None or not hasattr(dropin, name):
                continue
            stand_in = Shadowed(
                f"{library}.{name}",
                original,
                getattr(dropin, name),
                log,
                returns_other=returns_other,
            )
            placed[id(original)] = stand_in
            undo.append((stand_in, original))
    _replace(placed, libraries)

    def back() -> None:
        _replace({id(stand_in): original for stand_in, original in undo}, [])

    return back


def _replace(new: dict[int, Any], libraries: list[str]) -> None:
    for module in list(sys.modules.values()):
        name = getattr(module, "__name__", "")
        if not isinstance(name, str) or _is_ours(name) or _is_inside(name, libraries):
            continue
        for key, value in list(getattr(module, "__dict__", {}).items()):
            if id(value) in new and not key.startswith("__"):
                setattr(module, key, new[id(value)])


def _is_inside(name: str, libraries: list[str]) -> bool:
    """Say whether a module is a library's own, and neither its namespace nor a test."""
    root = name.partition(".")[0]
    is_own = root in libraries or (root == "jaxlib" and "jax" in libraries)
    return is_own and name not in NAMESPACES.values() and ".tests" not in name


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] == "xspace" or f"{name}.".startswith(f"{_HERE}.")


def _named(module: str, function: str) -> Any:
    return getattr(importlib.import_module(module), function)


def _size(value: Any) -> int:
    """Return the number of elements that a result has in memory."""
    first = value[0] if isinstance(value, tuple) and value else value
    if hasattr(first, "compute"):
        return 0
    count: Any = getattr(first, "numel", None) or getattr(first, "size", 0)
    try:
        return int(count() if callable(count) else count)
    except Exception:  # a size that is a symbol
        return 0


def _copy(out: Any) -> Any:
    """Return a copy of a tensor with the same strides, overlaps and all."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(out, torch.Tensor):
        return out.copy() if hasattr(out, "copy") else out
    storage = out.detach().untyped_storage().clone()
    made = torch.empty(0, dtype=out.dtype, device=out.device)
    made.set_(storage, out.storage_offset(), out.size(), out.stride())
    return made.requires_grad_(out.requires_grad)


def _call_text(name: str, args: Any, keywords: Any) -> str:
    return f"{name}({', '.join(_arguments(args, keywords))})"


def _arguments(args: Any, keywords: Any) -> Iterator[str]:
    yield from map(shown, args)
    for key, value in keywords.items():
        yield f"{key}={shown(value)}"
