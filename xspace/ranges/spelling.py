"""How a range is written, so that reading it gives the same range."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from ..exact.number import Scalar
from ..grids.units import DAY, month_of, unit_of

__all__ = [
    "evaluated",
    "evaluated_real",
    "spell",
    "spell_date",
    "spell_int",
    "spell_real",
    "spell_slice",
]

#: Integers of more bits are written as floats where these are exact, and else in hexadecimal:
#: Python neither writes nor reads thousands of decimal digits.
_LONG_BITS = 128


def spell(x: Scalar) -> str:
    """An exact number: an int, a float or a Fraction."""
    return _spell_number(evaluated(x))


def spell_real(x: Scalar) -> str:
    """The same, but that it is no integer."""
    return _spell_number(evaluated_real(x))


def _spell_number(value: int | float | Fraction) -> str:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int):
        return spell_int(value)
    return f"Fraction({spell_int(value.numerator)}, {spell_int(value.denominator)})"


def evaluated(x: Scalar) -> int | float | Fraction:
    """An exact number as what `spell` writes evaluates to."""
    if x.d == 1 and x.n.bit_length() <= _LONG_BITS and not x.is_negative_zero:
        return x.n
    value = evaluated_real(x)
    return x.n if x.d == 1 and isinstance(value, Fraction) else value


def evaluated_real(x: Scalar) -> float | Fraction:
    """A float if it is one, else a fraction."""
    if x.is_negative_zero:
        return -0.0
    try:
        value = x.n / x.d
    except OverflowError:
        value = 0.0
    return value if value.as_integer_ratio() == (x.n, x.d) else Fraction(x.n, x.d)


def spell_date(x: Scalar, unit: np.dtype[Any]) -> str:
    """A date or span of so many units."""
    name, count = np.datetime_data(unit)
    if x.d != 1:  # the beginning of a month, which is no whole number of, say, pairs of days
        day = x.n * unit_of(unit).size / (x.d * unit_of(DAY).size)
        x, unit, name = Scalar(month_of(int(day)) // count, 1), np.dtype(f"M8[{count}M]"), "M"
    value = np.array(x.n, np.int64).view(unit)[()]
    words = f"{count}{name}" if count > 1 else name
    if unit.kind == "M":
        return f"np.datetime64({str(value)!r}, {words!r})"
    return f"np.timedelta64({x.n})" if name == "generic" else f"np.timedelta64({x.n}, {words!r})"


def spell_slice(places: range, num: int) -> str:
    """The slice of ``range(num)`` that has these places; nothing if it is all of it."""
    if places == range(num):
        return ""
    if not places:
        return "[:0]"
    step = places.step if places[1:] else 1
    following = places[-1] + step
    start = "" if places[0] == (0 if step > 0 else num - 1) else spell_int(places[0])
    stop = spell_int(places[-1] + (1 if step > 0 else -1)) if 0 <= following < num else ""
    return f"[{start}:{stop}]" if step == 1 else f"[{start}:{stop}:{spell_int(step)}]"


def spell_int(n: int) -> str:
    """An integer of any length."""
    return str(n) if n.bit_length() <= _LONG_BITS else hex(n)
