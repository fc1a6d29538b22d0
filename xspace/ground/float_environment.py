"""The processor's floating-point environment: rounding to nearest, and subnormal numbers kept.

A thread can be told to round in another direction (``fesetround``), or to take numbers below the
normal range for zero (``torch.set_flush_denormal``, or the mere loading of a library that was built
with ``-ffast-math``).  Elements made there would have other bits, so they are made in the
environment of IEEE 754, which is set for that time and put back.  C's library does both, and
changes nothing but the thread that calls it.
"""

from __future__ import annotations

import functools
import struct
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

__all__ = [
    "StandardEnvironment",
    "describe",
    "in_standard_environment",
    "is_kept",
    "is_standard",
]

Function = TypeVar("Function", bound=Callable[..., Any])

#: Made without rounding in any environment.
_ONE, _LEAST = 1.0, sys.float_info.min
_MORE, _LITTLE = 1.5 * _LEAST, sys.float_info.epsilon / 4
_SUBNORMAL = struct.unpack("d", struct.pack("Q", 1))[0]


def is_standard() -> bool:
    """Whether this thread rounds to nearest and keeps subnormal numbers."""
    # Half of the least normal number is zero as a result or as an operand of the comparison. No
    # other direction takes both roundings back to one. Nothing here is a constant of the compiler.
    return _MORE - _LEAST > 0.0 and _ONE + _LITTLE - _LITTLE == _ONE


def describe() -> str:
    """What is not standard in the environment of this thread, in words; empty if nothing."""
    found = []
    if _ONE + _LITTLE != _ONE:
        found.append("rounds upward")
    elif -_ONE - _LITTLE != -_ONE:
        found.append("rounds downward")
    elif _ONE - _LITTLE != _ONE:
        found.append("rounds toward zero")
    if struct.pack("d", _MORE - _LEAST) == bytes(8):
        found.append("flushes subnormal results to zero")
    if _SUBNORMAL * 2.0**100 == 0:
        found.append("takes subnormal operands for zero")
    return " and ".join(found)


def in_standard_environment(function: Function) -> Function:
    """A function that computes as IEEE 754 has it by default, whoever calls it."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if is_kept():
            return function(*args, **kwargs)
        with StandardEnvironment():
            return function(*args, **kwargs)

    return cast(Function, wrapper)


def is_kept() -> bool:
    """Whether a call goes on as it is: in the standard environment, or followed by a compiler.

    A compiler cannot look into C's library, and need not: what its program calls is made in the
    standard environment when it runs.
    """
    if is_standard():
        return True
    from .loaded import is_compiling

    return is_compiling()


class StandardEnvironment:
    """A context with the environment of IEEE 754; then the one before is there again."""

    def __enter__(self) -> None:
        self._restore: Callable[[], object] = _do_nothing
        found = describe()
        if not found:
            return
        restore = _set_standard()
        if is_standard():
            self._restore = restore
            return
        restore()
        msg = (
            f"this thread {found}, in which grids would have other bits, and there is no way to "
            f"change that here ({sys.platform}): set the floating-point environment to the default"
        )
        raise RuntimeError(msg)

    def __exit__(self, *_: object) -> None:
        self._restore()


def _set_standard() -> Callable[[], object]:
    """Set it, where there is a way, and return what puts back the environment before."""
    try:
        return _WAYS.get(sys.platform, _with_c)()
    except (AttributeError, ImportError, OSError):  # no such library, or not with these functions
        return _do_nothing


def _do_nothing() -> None:
    pass


def _with_c() -> Callable[[], object]:
    """By ``fenv.h``, whose environment has flags and flushing in it on every processor."""
    import ctypes

    library, default = _library()
    before = (ctypes.c_uint64 * 64)()  # a ``fenv_t`` takes 32 bytes at most
    library.fegetenv(before)
    library.fesetenv(default)
    return lambda: library.fesetenv(before)


@lru_cache(maxsize=1)
def _library() -> tuple[Any, Any]:
    """C's mathematical library, and its ``FE_DFL_ENV``."""
    import ctypes
    import ctypes.util

    library = ctypes.CDLL(None)
    if not hasattr(library, "fesetenv"):
        library = ctypes.CDLL(ctypes.util.find_library("m"))
    library.fegetenv, library.fesetenv  # noqa: B018  an AttributeError where they are not
    for name in ("_FE_DFL_ENV", "__fe_dfl_env"):  # macOS; BSD, and Linux on some processors
        try:
            return library, ctypes.byref(ctypes.c_char.in_dll(library, name))
        except ValueError:
            continue
    if not sys.platform.startswith("linux"):
        raise OSError("FE_DFL_ENV is not known")
    return library, ctypes.c_void_p(-1)


def _with_windows() -> Callable[[], object]:
    """By ``_controlfp``, which has direction and flushing in one word."""
    import ctypes

    control = ctypes.CDLL("ucrtbase")._controlfp
    before = control(0, 0)
    control(0, _CONTROLS)
    return lambda: control(before, _CONTROLS)


#: ``_MCW_DN | _MCW_RC``; to nearest, with subnormal numbers, is zero.
_CONTROLS = 0x0300_0300
_WAYS = {"win32": _with_windows}
