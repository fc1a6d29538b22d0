"""How many elements an `arange` has: a float stands for every real number that rounds to it.

``arange(0, 1.1, 0.1)`` means eleven elements, but eleven times the float ``0.1`` is less than the
float ``1.1``.  What was typed is one of the numbers that round to these floats; so each float is
read as the interval of all of them, and integers, fractions and decimals as the points that they
are.  If such numbers make ``(stop - start) / step`` a whole number, and only one whole number, that
is the length; else it is the ceiling of the quotient of the numbers themselves.

**The quotients are an interval, too**, and no interval arithmetic is lost on it.  Start, stop and
step are taken to be independent, also if one object was passed twice.  So ``stop - start`` takes
every value of the interval between the differences of opposite ends, an end included if both of
its ends are.  No interval of a step contains zero: zero rounds to zero, and half the least
subnormal number, being midway, does so as well.  With a negative step, ``start`` and ``stop``
change places and the step its sign, which changes no quotient.  Then, for a step ``c > 0`` and a
difference ``d``, ``d/c`` is monotone in both: rising in ``d``, and in ``c`` falling where ``d > 0``
and rising where ``d < 0``.  Hence the least quotient is that of the least ``d`` and, by its sign,
the largest or the least ``c``, and it is one of the quotients if both of these ends are included;
of ``d = 0`` it is zero with every ``c``, so that only ``d`` counts.  Upwards it is the same.
Between the two lies every number, as a continuous function takes it on a connected set.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np

from ..exact.lines import arange_line
from ..exact.number import Scalar
from ..exact.progression import Arithmetic
from ..exact.rounding import FORMATS, FloatFormat
from ..ground.sizes import check_length
from ..libraries import NUMPY, find_backend
from ..libraries.scalars import is_array
from .arguments import read_finite

__all__ = [
    "INCLUSIVE",
    "Reals",
    "count_elements",
    "progression_of_bounds",
    "read_bounds",
    "read_reals",
]

#: Which of the ends belong to the elements: start, stop.
INCLUSIVE = {
    "left": (True, False),
    "both": (True, True),
    "right": (False, True),
    "neither": (False, False),
}


class Reals(NamedTuple):
    """The real numbers from ``low / den`` to ``high / den``, around ``value / den``.

    Both ends belong to them or none.
    """

    low: int
    value: int
    high: int
    den: int
    closed: bool = True

    @property
    def negated(self) -> Reals:
        """The numbers of the other sign."""
        return Reals(-self.high, -self.value, -self.low, self.den, self.closed)


def read_reals(name: str, value: Any, number: Scalar) -> Reals:
    """What an argument stands for, whose exact value is ``number``."""
    if isinstance(value, float):
        return _rounding_to(number, 53, -1074)
    bits = _precision_and_quantum(name, value)
    if bits is None:
        return Reals(number.n, number.n, number.n, number.d)
    return _rounding_to(number, *bits)


def _rounding_to(number: Scalar, precision: int, quantum: int) -> Reals:
    """All that rounds to a number of a binary format whose least positive one is ``2**quantum``.

    They are those at most half a unit away, and below a power of two a quarter; what is midway
    rounds to an even significand.  The largest finite number is no exception: a real number from
    half a unit above it on rounds to infinity.
    """
    n, d = number.n, number.d
    expo = max(n.bit_length() - d.bit_length() - precision + 1, quantum) if n else quantum
    man = (n << max(-expo, 0)) // (d << max(expo, 0))  # an integer: d is a power of two
    size = abs(man)
    quarter = size == 1 << (precision - 1) and expo > quantum
    inner, outer = 4 * size - (1 if quarter else 2), 4 * size + 2
    up, den = 1 << max(expo - 2, 0), 1 << max(2 - expo, 0)
    reals = Reals(inner * up, 4 * size * up, outer * up, den, man % 2 == 0)
    return reals.negated if n < 0 else reals


def _precision_and_quantum(name: str, value: Any) -> tuple[int, int] | None:
    """Bits of the significand, and exponent of the least number, of a float's format."""
    if getattr(value, "dtype", None) is None:
        return None
    backend = find_backend(None, {name: value}) if is_array(value) else NUMPY
    format_name = backend.dtype_name(value.dtype)
    fmt = FORMATS.get(format_name)
    if isinstance(fmt, FloatFormat):
        return fmt.precision, fmt.quantum
    if fmt is not None or "bool" in format_name or "int" in format_name:
        return None
    # NumPy does not know the formats of ml_dtypes, which are dtypes of NumPy all the same.
    home = sys.modules.get(getattr(getattr(value.dtype, "type", None), "__module__", ""))
    info = getattr(home, "finfo", backend.xp.finfo)(value.dtype)
    unit = _exponent(info.eps)
    return 1 - unit, _exponent(info.smallest_normal) + unit


def _exponent(power: Any) -> int:
    """``k`` of ``2**k``, which may be beyond the range of float64."""
    n, d = (power if isinstance(power, np.floating) else float(power)).as_integer_ratio()
    return int(n).bit_length() - int(d).bit_length()


def count_elements(
    numbers: dict[str, Scalar], inclusive: Any = "left", given: dict[str, Any] | None = None
) -> tuple[int, int]:
    """The index ``i`` of the first element ``start + i*step``, and how many there are.

    ``numbers`` are start, stop and step, and ``given`` the arguments that they were read from;
    without them they are points.
    """
    with_start, with_stop = _read_inclusive(inclusive)
    start, stop, step = numbers["start"], numbers["stop"], numbers["step"]
    if step.n == 0:
        msg = "step must not be zero"
        raise ValueError(msg)
    difference = stop.n * start.d - start.n * stop.d
    steps, remainder = _ceil(difference * step.d, start.d * stop.d * step.n)
    # A quotient that is whole is the length in any case, be there others or not.
    whole = None if remainder else steps
    if remainder and given is not None:
        whole = _only_whole_number(*(read_reals(n, given[n], x) for n, x in numbers.items()))
    num = steps if whole is None else whole + with_stop
    first = 0 if with_start else 1
    return first, max(num - first, 0)


def _read_inclusive(inclusive: Any) -> tuple[bool, bool]:
    if isinstance(inclusive, str) and inclusive in INCLUSIVE:
        return INCLUSIVE[inclusive]
    msg = f"inclusive must be one of {', '.join(map(repr, INCLUSIVE))}, got {inclusive!r}"
    raise (ValueError if isinstance(inclusive, str) else TypeError)(msg)


def _only_whole_number(start: Reals, stop: Reals, step: Reals) -> int | None:
    """The whole number among the quotients (see above), if there is just one."""
    if step.value < 0:
        start, stop, step = stop, start, step.negated
    den = start.den * stop.den
    low = stop.low * start.den - start.high * stop.den
    high = stop.high * start.den - start.low * stop.den
    closed = start.closed and stop.closed
    at_low = closed and (step.closed or low == 0)
    at_high = closed and (step.closed or high == 0)
    first, remainder = _ceil(low * step.den, den * (step.high if low > 0 else step.low))
    if not (remainder or at_low):
        first += 1
    last, remainder = _ceil(high * step.den, den * (step.low if high > 0 else step.high))
    if remainder or not at_high:  # the greatest whole number below the end
        last -= 1
    return first if first == last else None


def _ceil(n: int, d: int) -> tuple[int, int]:
    """The ceiling of ``n / d``, and what it exceeds it by in units of ``1 / d``."""
    quotient, remainder = divmod(-n, d)
    return -quotient, remainder


def progression_of_bounds(given: dict[str, Any], inclusive: str) -> Arithmetic:
    """The elements between bounds, exactly; the only one of a call is named ``start``."""
    read, places = read_bounds(given, inclusive)
    line: Arithmetic = check_length(arange_line(read["start"], read["step"], *places), "arange")
    return line


def read_bounds(given: dict[str, Any], inclusive: str) -> tuple[dict[str, Scalar], tuple[int, int]]:
    """The bounds and the step; the index of the first element, and how many there are."""
    read = {name: read_finite(name, value) for name, value in given.items()}
    if "stop" not in given:
        read, given = _from_zero(read, _ZERO), _from_zero(given, 0)
    return read, count_elements(read, inclusive, given)


def _from_zero(given: dict[str, Any], zero: Any) -> dict[str, Any]:
    """The arguments of a call whose only end is its stop."""
    return {"start": zero, "stop": given["start"], "step": given["step"]}


_ZERO = Scalar(0, 1)
