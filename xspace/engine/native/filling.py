"""Progressions and lanes by the compiled engine, and what it leaves open settled exactly."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ...exact.fixed import QUICK_BITS, normalise
from ...exact.number import Scalar
from ...exact.progression import LOG_BITS, Arithmetic, Geometric
from ...exact.rounding import FORMATS, Format, IntFormat
from ..blocks import settle
from ..narrow import to_bits
from . import ENGINE

__all__ = [
    "CODES",
    "ELEMENTS",
    "FUNCTIONS",
    "LONGEST",
    "fill_lanes",
    "fill_natively",
    "plain_number",
    "significand",
    "sum_words",
]

#: Two words, the upper one first.
Pair: TypeAlias = tuple[int, int]

#: The formats and the functions, as the engine numbers them.
CODES = {name: code for code, name in enumerate(FORMATS)}
FUNCTIONS = {"logspace": 0, "geomspace": 1, "linspace": 2}
#: In place of the end that derivatives are by.
ELEMENTS = -1

#: Grids are shorter, and their logarithms smaller; a word; room for indices of open elements.
LONGEST, _HUGE = 1 << 31, 1 << 40
_WORD = (1 << 64) - 1
_ROOM = 4096
#: Bits of integers that are divided at no cost: floats have fewer.
_SHORT = 1 << 12
#: Bits of a sum without its sign, one of which is left for a difference.
_SUM_BITS = 125


def fill_natively(out: npt.NDArray[Any], line: Arithmetic | Geometric, fmt: Format) -> bool:
    """Write the elements of a progression into contiguous memory of `host_dtype`, or say no."""
    if ENGINE is None or line.num >= LONGEST:
        return False
    code = CODES[out.dtype.name if isinstance(fmt, IntFormat) else fmt.name]
    places = np.empty(min(line.num, _ROOM), np.int64)
    if isinstance(line, Arithmetic):
        open_ = _fill_sums(ENGINE, out, line, code, places)
    else:
        open_ = _fill_powers(ENGINE, out, line, code, places)
    if not 0 <= open_ <= len(places):
        return False
    settle(out, places[:open_], lambda i: to_bits(line.rounded(i, fmt), fmt))
    return True


def _fill_powers(
    engine: Any, out: npt.NDArray[Any], line: Geometric, code: int, places: Any
) -> int:
    start, step = (log >> (LOG_BITS - QUICK_BITS) for log in line.log2_line())
    if max(abs(start), abs(step)) >> QUICK_BITS >= _HUGE:
        return -1
    man, expo = normalise(*line.scale, QUICK_BITS - 1)
    scale = *_words(man), expo
    logs = [(log >> QUICK_BITS, *_words(log)) for log in (start, step)]
    return int(engine.powers(out, code, line.num, scale, *logs, places))


def _fill_sums(engine: Any, out: npt.NDArray[Any], line: Arithmetic, code: int, places: Any) -> int:
    words = sum_words(line)
    return -1 if words is None else int(engine.sums(out, code, line.num, *words, places))


def sum_words(line: Arithmetic) -> tuple[int, Pair, Pair, tuple[int, int, int]] | None:
    """A progression as the engine takes it: its unit, first number, step, and their fractions."""
    unit = line.exponent() - _SUM_BITS
    if max(line.a.bit_length(), line.b.bit_length(), line.den.bit_length(), abs(unit)) > _SHORT:
        return None
    up, den = max(-unit, 0), line.den << max(unit, 0)
    (first, first_rest), (step, rest) = divmod(line.a << up, den), divmod(line.b << up, den)
    common = math.gcd(first_rest, rest, den) if den >> 32 else 1
    first_rest, rest, den = first_rest // common, rest // common, den // common
    if den >> 64 or (first_rest + line.num * rest) >> 64:
        return None
    return unit, _words(first), _words(step), (first_rest, rest, den)


def _words(x: int) -> Pair:
    """The lower two words of an integer."""
    return x >> 64 & _WORD, x & _WORD


def fill_lanes(
    out: npt.NDArray[Any],
    caller: str,
    ends: dict[str, Any],
    div: int,
    fmt: Format,
    by: int = ELEMENTS,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None:
    """Write lanes into contiguous memory of shape (num, lanes), or say no.

    Or, ``by`` one of the ends, their first derivatives in a float format.  What it returns is left
    to the caller: flat indices of elements, and lanes.
    """
    if ENGINE is None or fmt.name not in CODES or out.size >= LONGEST:
        return None
    start, stop, base = (_plain(ends.get(name, 1.0)) for name in ("start", "stop", "base"))
    if start is None or stop is None or base is None or not out.flags.c_contiguous:
        return None
    places, lanes = np.empty(_ROOM, np.int64), np.empty(out.shape[1], np.int64)
    function, code = FUNCTIONS[caller], CODES[fmt.name]
    where = out, code, function, by, len(out), div
    left = ENGINE.lanes(*where, start, stop, base, places, lanes)
    return None if left is None else (places[: left[0]], lanes[: left[1]])


def _plain(end: Any) -> Any:
    """An end as the engine reads it, or None."""
    return plain_number(end) if isinstance(end, Scalar) else end


def significand(x: Scalar) -> tuple[int, int, int] | None:
    """Sign, significand and exponent of a number, as `Number` of plans.h has it; None if long."""
    if not x.is_finite or x.d & (x.d - 1):
        return None
    if x.n == 0:
        return int(x.is_negative_zero), 0, 0
    size = abs(x.n)
    odd = size // (size & -size)
    if odd >> 64:
        return None
    expo = size.bit_length() - x.d.bit_length()
    return int(x.n < 0), odd << (64 - odd.bit_length()), expo


def plain_number(end: Scalar) -> int | float | None:
    """The number as a word or a float, if it is one."""
    if end.imag is not None:
        return None
    if end.d == 1 and (end.n or not end.is_negative_zero):
        return end.n
    try:
        number = end.n / end.d if end.n else end.special
    except (OverflowError, ZeroDivisionError):
        return None
    return number if end.n == 0 or number.as_integer_ratio() == (end.n, end.d) else None
