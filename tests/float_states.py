"""Threads that do not compute as IEEE 754 has it by default: how tests get one, and back.

A state is set through C's library, on the processors whose control words are known here.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

#: What each state does to a thread, as `describe` says it.
STATES = {
    "flush": "flushes subnormal results to zero",
    "zero operands": "takes subnormal operands for zero",
    "both": "flushes subnormal results to zero and takes subnormal operands for zero",
    "upward": "rounds upward",
    "downward": "rounds downward",
    "toward zero": "rounds toward zero",
    "all": "rounds downward and flushes subnormal results to zero "
    "and takes subnormal operands for zero",
}

#: For a processor: which 32-bit word of a ``fenv_t`` is the control word, and its bits.
_X86 = 7, {"flush": 0x8000, "zero operands": 0x40, "both": 0x8040, "all": 0x8040}
_ARM = 0, {"both": 1 << 24, "all": 1 << 24}
_WORDS = {"x86_64": _X86, "aarch64": _ARM}

#: What ``fesetround`` takes.
_DIRECTIONS = {
    "x86_64": {"downward": 0x400, "upward": 0x800, "toward zero": 0xC00, "all": 0x400},
    "aarch64": {"upward": 0x400000, "downward": 0x800000, "toward zero": 0xC00000, "all": 0x800000},
}


@contextlib.contextmanager
def state(name: str) -> Iterator[None]:
    """A context in which this thread is in a state; the test is skipped where that cannot be."""
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _WORDS:
        pytest.skip(f"how to set the state of a thread is not written down for {machine}")
    library = ctypes.CDLL(None)
    before, changed = ((ctypes.c_uint32 * 64)() for _ in range(2))
    library.fegetenv(before)
    try:
        word, bits = _WORDS[machine]
        if name in bits:
            library.fegetenv(changed)
            changed[word] |= bits[name]
            library.fesetenv(changed)
        if name in _DIRECTIONS[machine]:
            library.fesetround(_DIRECTIONS[machine][name])
        from xspace.ground.float_environment import describe  # which may be imported in the state

        if describe() != STATES[name]:
            pytest.skip(f"this processor has no state of its own that {STATES[name]}")
        yield
        assert describe() == STATES[name], "the state was not put back"
    finally:
        library.fesetenv(before)
        assert describe() == ""


#: The flags that exceptions raise, each a bit of `fetestexcept`.
_FLAGS = {"x86_64": (0x01, 0x04, 0x08, 0x10, 0x20), "aarch64": (0x01, 0x02, 0x04, 0x08, 0x10)}


def flags_after(raised: int, make: Callable[[], Any]) -> tuple[int, int]:
    """The flags of exceptions before and after ``make()``, the first so many of them raised."""
    machine = platform.machine()
    if not sys.platform.startswith("linux") or machine not in _FLAGS:
        pytest.skip(f"how flags of exceptions are raised is not written down for {machine}")
    library, flags = ctypes.CDLL(None), _FLAGS[machine]
    library.feclearexcept(sum(flags))
    library.feraiseexcept(sum(flags[:raised]))
    before = library.fetestexcept(sum(flags))
    make()
    after = library.fetestexcept(sum(flags))
    library.feclearexcept(sum(flags))
    return before, after


def under(name: str, make: Callable[[], Any]) -> Any:
    """What ``make()`` returns in a state; an exception comes out, too."""
    with state(name):
        return make()
