"""Short grids of floats between plain numbers, past most of the layers.

Fifty elements take less time than reading the arguments with care, so the commonest call gets a
way of its own: from floats or integers straight to logarithms in fixed point and the kernel of
short grids, or with compiled loops to one call for everything.  Whatever is not plain is refused
with None and made the long way, and so is a grid of which a compiled loop leaves an element open,
which hardly one does.  The bits are the same; nothing that depends on an earlier grid is kept.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..engine.blocks import settle
from ..engine.compiled import short_loops
from ..engine.gpu.launch import launcher
from ..engine.small import LONGEST, fill_logarithms
from ..engine.small_sums import LONGEST as LONGEST_SUM
from ..engine.small_sums import fill_between
from ..exact.fixed import QUICK_BITS, log2_fixed, log2_quick
from ..exact.lines import geomspace_line, logspace_line
from ..exact.progression import LOG_BITS, Geometric
from ..exact.rounding import FORMATS
from ..grids.produce import SHORT
from ..libraries.scalars import BUILTIN, read_scalar
from ..libraries.target import Target

__all__ = ["is_first", "quick_geomspace", "quick_linspace", "quick_logspace", "quick_samples"]

_FLOAT64, _FLOAT32 = FORMATS["float64"], FORMATS["float32"]

#: Fractional bits of the logarithm of a base, which an exponent below `_EXPONENT` multiplies.
_BASE_BITS = 240
_EXPONENT = 2048
#: Fractional bits that compiled loops take, in words of 63.
_WORD_BITS, _WORD = 189, (1 << 63) - 1
#: Integers up to this are floats.
_EXACT = 1 << 53
#: Whole parts of logarithms of elements that are normal numbers, far enough from the ends.
_LOW, _HIGH = -1021 << LOG_BITS, 1022 << LOG_BITS
_SMALLEST, _LARGEST = 2.0**-1020, 2.0**1020


def is_first(axis: Any) -> bool:
    """Whether ``axis`` is an integer that names the only axis of a grid of scalars."""
    return type(axis) is int and (axis == 0 or axis == -1)


def quick_samples(ends: dict[str, Any], num: int, endpoint: bool, target: Target) -> Any:
    """The array of a target, if its grid is short and made on the host, of numbers; or None."""
    fmt = target.fmt
    if not (fmt is _FLOAT64 or fmt is _FLOAT32) or target.is_complex or target.layout is not None:
        return None
    if num >= SHORT or launcher(target.backend, target.device) is not None:
        return None
    start, stop, *base = ends.values()
    samples = _WAYS[target.caller](start, stop, num, endpoint, *base, narrow=fmt is _FLOAT32)
    if samples is None:
        return None
    return target.backend.from_host(samples, fmt, target.dtype, target.device)


def quick_logspace(
    start: Any, stop: Any, num: Any, endpoint: Any, base: Any, *, narrow: bool = False
) -> Any:
    """The grid of ``logspace``, or None; in float32 if ``narrow``."""
    if not (
        type(start) in BUILTIN
        and type(stop) in BUILTIN
        and type(base) in BUILTIN
        and type(num) is int
        and type(endpoint) is bool
        and 2 <= num <= LONGEST
        and -_EXPONENT < start < _EXPONENT
        and -_EXPONENT < stop < _EXPONENT
    ):
        return None
    div, loops = num - 1 if endpoint else num, short_loops()
    if loops is not None:
        words = _log_words(base)
        if words is None or num > loops.LONGEST:
            return None
        out = np.empty(num, np.float32) if narrow else np.empty(num)
        powers = loops.narrow_powers if narrow else loops.powers
        return None if powers(start, stop, words, div, out) else out
    log = None if narrow else _log_base(base)
    if log is None:
        return None
    out = np.empty(num)
    n, d = start.as_integer_ratio()
    first = n * log >> (_BASE_BITS - LOG_BITS - 1 + d.bit_length())
    n, d = stop.as_integer_ratio()
    last = n * log >> (_BASE_BITS - LOG_BITS - 1 + d.bit_length())
    if _LOW < first < _HIGH and _LOW < last < _HIGH:
        places = fill_logarithms(out, first, (last - first) // div)
        if places is not None:
            ends = read_scalar("start", start), read_scalar("stop", stop), read_scalar("base", base)
            _settle(out, places, logspace_line(*ends, num, endpoint))
        return out
    return None


def quick_geomspace(start: Any, stop: Any, num: Any, endpoint: Any, *, narrow: bool = False) -> Any:
    """The grid of ``geomspace``, or None; in float32 if ``narrow``."""
    if not (
        type(start) in BUILTIN
        and type(stop) in BUILTIN
        and type(num) is int
        and type(endpoint) is bool
        and 2 <= num <= LONGEST
        and _SMALLEST < abs(start) < _LARGEST
        and _SMALLEST < abs(stop) < _LARGEST
        and (start < 0) == (stop < 0)
        and _is_float(start)
        and _is_float(stop)
    ):
        return None
    div, loops = num - 1 if endpoint else num, short_loops()
    if loops is not None:
        if num > loops.LONGEST:
            return None
        out = np.empty(num, np.float32) if narrow else np.empty(num)
        ratios = loops.narrow_ratios if narrow else loops.ratios
        return None if ratios(start, stop, div, out) else out
    if narrow:
        return None
    out = np.empty(num)
    n, d = start.as_integer_ratio()
    first = log2_quick(abs(n), d) << (LOG_BITS - QUICK_BITS)
    n, d = stop.as_integer_ratio()
    last = log2_quick(abs(n), d) << (LOG_BITS - QUICK_BITS)
    places = fill_logarithms(out, first, (last - first) // div)
    if places is not None:
        ends = read_scalar("start", start), read_scalar("stop", stop)
        _settle(out, places, geomspace_line(*ends, num, endpoint))
    return np.negative(out, out=out) if start < 0 else out


def quick_linspace(start: Any, stop: Any, num: Any, endpoint: Any, *, narrow: bool = False) -> Any:
    """The grid of ``linspace``, or None; in float32 if ``narrow``."""
    if not (
        type(start) in BUILTIN
        and type(stop) in BUILTIN
        and type(num) is int
        and type(endpoint) is bool
        and num >= 2
        and abs(start) < _LARGEST
        and abs(stop) < _LARGEST
        and _is_float(start)
        and _is_float(stop)
        and (start or math.copysign(1.0, start) > 0)  # the sign of a zero is kept
        and (stop or math.copysign(1.0, stop) > 0)
    ):
        return None
    div, loops = num - 1 if endpoint else num, short_loops()
    if loops is not None:
        if num > loops.LONGEST_SUM:
            return None
        made = np.empty(num, np.float32) if narrow else np.empty(num)
        return None if loops.linear(start, stop, div, made) else made
    if narrow or num > LONGEST_SUM:
        return None
    out = np.empty(num)
    return out if fill_between(out, start, stop, div) else None


_WAYS: dict[str, Callable[..., Any]] = {
    "logspace": quick_logspace,
    "geomspace": quick_geomspace,
    "linspace": quick_linspace,
}


def _settle(out: Any, places: Any, line: Geometric) -> None:
    """Write the elements that the rounding test has left open."""
    line.log2_line()  # from which most of them can be rounded
    settle(out, places, lambda i: line.rounded(i, _FLOAT64))


def _is_float(number: int | float) -> bool:
    """Whether a number is one that a float holds."""
    return type(number) is float or -_EXACT <= number <= _EXACT


@lru_cache(maxsize=64)
def _log_base(base: int | float) -> int | None:
    """The binary logarithm of a base that has one, in ``2**-_BASE_BITS``."""
    if not 0 < base < math.inf or not _is_float(base):
        return None
    return log2_fixed(*base.as_integer_ratio(), _BASE_BITS)


@lru_cache(maxsize=64)
def _log_words(base: int | float) -> tuple[int, ...] | None:
    """The same as compiled loops take it."""
    log = _log_base(base)
    if log is None:
        return None
    magnitude = abs(log) >> (_BASE_BITS - _WORD_BITS)
    words = [magnitude >> shift & _WORD for shift in range(_WORD_BITS - 63, -1, -63)]
    return -1 if log < 0 else 1, magnitude >> _WORD_BITS, *words
