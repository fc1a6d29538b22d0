"""Real grids: progressions, and the limits that are none.

Limits have infinite or NaN arguments, ends of two signs, or a base that is not positive.  Every one
is a constant between its ends, or powers of a base that is zero, infinite or
negative: three constants, or a progression whose signs alternate.  Constants are float64 numbers
that are exact in the format of the elements.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from ..engine.narrow import host_dtype, stored, to_bits
from ..exact.lines import exponents, negative_zeros, progression_of, refuse_zero
from ..exact.number import Scalar
from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import FORMATS, Format, IntFormat, round_ratio
from .source import Host, Line, between_ends, number_key, raise_range

__all__ = ["Limit", "real_source"]

Floats: TypeAlias = "npt.NDArray[np.float64]"


def real_source(
    caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, fmt: Format
) -> Line | Limit:
    """The grid of the function that ``caller`` names; a base is the third of ``ends``.

    A ValueError for a ``geomspace`` with an end that is zero.
    """
    start, stop = ends[:2]
    if caller == "linspace" and start.d and stop.d:  # a denominator of 0 is not finite
        zeros = negative_zeros(start, stop, num, endpoint)
        return Line(caller, exponents(start, stop, num, endpoint), fmt, zeros=zeros)
    found = progression_of(caller, ends, num, endpoint)
    if found is None:
        if caller == "geomspace":
            refuse_zero(start, stop)
        return Limit(caller, ends, num, endpoint, fmt)
    return Line(caller, found[0], fmt, found[1])


class Limit:
    """A grid that is no progression: with ends that are not finite, of two signs, or base <= 0."""

    def __init__(
        self, caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, fmt: Format
    ) -> None:
        self.caller, self.ends, self.num = caller, ends, num
        self.endpoint, self.fmt = bool(endpoint), fmt

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""
        ends = (word for end in self.ends for word in number_key(end))
        return (*ends, self.num, self.endpoint, self.fmt.name)

    @property
    def is_power(self) -> bool:
        """Whether the elements are powers with finite exponents; else they are constant inside."""
        start, stop = self.ends[:2]
        return self.caller == "logspace" and start.is_finite and stop.is_finite

    def make(self, places: range) -> Host:
        """The elements at these places, as `host_dtype` stores them."""
        if self.is_power:
            return self._powers(places)
        # A constant between its ends: three elements show them all.
        first, inner, last = _three_values(self.caller, self.ends, self.fmt)
        shown = {0: first, 1: inner}
        if self.endpoint and self.num > 1:
            shown[self.num - 1] = last
        values = np.array([*shown.values()][: self.num])
        stored = self._stored(values, [*shown])
        return between_ends(stored, self.num, self.endpoint, places)

    def check(self) -> None:
        """The error of an element that an integer format cannot hold.

        Those next to the ends tell: between infinite ends all others are the same, and of powers
        those of one sign are monotone.
        """
        fmt = self.fmt
        if not isinstance(fmt, IntFormat):
            return
        if not self.is_power:
            try:
                self.make(range(0))
            except (OverflowError, ValueError):
                pass
            else:
                return
        near = sorted({i for i in (0, 1, self.num - 2, self.num - 1) if 0 <= i < self.num})
        index = next(filter(self._fails, near), None)
        if index is None:
            return
        if index > 1:
            index = bisect_left(range(index), True, key=self._fails)
        raise_range(self.caller, index, self._float(index), fmt)

    def _fails(self, i: int) -> bool:
        """Whether the integer format cannot hold an element."""
        if self.is_power:
            try:
                self.make(range(i, i + 1))
            except (OverflowError, ValueError):
                return True
            return False
        value = self._float(i)
        assert isinstance(self.fmt, IntFormat)
        return not math.isfinite(value) or not self.fmt.low <= int(value) <= self.fmt.high

    def _float(self, i: int) -> float:
        exact = Limit(self.caller, self.ends, self.num, self.endpoint, FORMATS["float64"])
        return float(exact.make(range(i, i + 1))[0])

    def _powers(self, places: range) -> Host:
        """Exponents that are finite are a progression, and a slice of them is one, too."""
        start, stop, base = self.ends
        line = exponents(start, stop, self.num, self.endpoint)
        line = line.slice(places.start, places.step, len(places))
        if base.is_finite and base.n < 0:
            return self._signed_powers(line, places)
        values = _by_sign(line, lambda x: _power_limit(base, x))
        if base.is_negative_zero or base.special == -math.inf:
            first, period = _integer_places(line)
            for i in range(first, line.num, period):
                if (line.a + i * line.b) // line.den % 2:
                    values[i] = -values[i]
        return self._stored(values, places)

    def _signed_powers(self, line: Arithmetic, places: range) -> Host:
        """Powers of a negative base: real at the integer exponents, NaN between them.

        The integer exponents are a slice of the exponents, and their powers a progression again.
        """
        fmt, base, num = self.fmt, self.ends[2], line.num
        host = np.empty(num, host_dtype(fmt))
        first, period = _integer_places(line)
        if isinstance(fmt, IntFormat):
            index = 0 if first else 1
            if (first, period) != (0, 1) and index < num:
                msg = f"{self.caller}: element {places[index]} is nan, which {fmt.name} cannot hold"
                raise ValueError(msg)
        else:
            host[...] = to_bits(math.nan, fmt)
        if first < num:
            powers = Geometric((1, 1), (-base.n, base.d), line.a, line.b, line.den, num)
            odd = (line.a + first * line.b) // line.den % 2
            turns = line.b * period // line.den % 2
            # The signs alternate, or all are the same: parts of one sign are progressions.
            for part in range(2 if turns else 1):
                alike = range(first + part * period, num, period * (1 + turns))
                source = Line(self.caller, powers, fmt, bool(odd ^ part))
                host[alike.start :: alike.step] = source.make(alike)
        return host

    def _stored(self, values: Floats, places: Sequence[int]) -> Host:
        """Numbers that are exact in the format, or not finite, as `host_dtype` stores them."""
        fmt = self.fmt
        if isinstance(fmt, IntFormat):
            for i in np.flatnonzero(~((values >= fmt.low) & (values < fmt.high + 1))):
                raise_range(self.caller, places[int(i)], float(values[i]), fmt)
            return values.astype(host_dtype(fmt))
        return stored(values, fmt)


def _three_values(caller: str, ends: tuple[Scalar, ...], fmt: Format) -> list[float]:
    """The first element, those between and the last one of a grid that is constant inside.

    A finite end does not count beside an infinite one; two different infinities give NaN, as do
    ends of two signs of a geometric progression.  Powers are those of IEEE 754's ``pow``.
    """
    start, stop, *base = ends
    inner = _limit(start, stop)
    if base:
        first, last = (_power(base[0], end, fmt) for end in (start, stop))
        return [first, _power_limit(base[0], inner), last]
    truncate = caller == "geomspace"
    if truncate and start.sign != stop.sign:
        inner = math.nan
    first, last = (_rounded(end, fmt, truncate=truncate) for end in (start, stop))
    return [first, inner, last]


def _integer_places(line: Arithmetic) -> tuple[int, int]:
    """``(first, period)`` of the indices with an integer element; ``first`` may be ``num``."""
    common = math.gcd(line.b, line.den)
    if line.a % common:
        return line.num, 1
    period = line.den // common
    return -(line.a // common) * pow(line.b // common, -1, period) % period, period


def _value(x: Scalar) -> float:
    """Infinities and NaN as they are; a finite number only as its sign."""
    return x.sign if x.is_finite else x.special


def _limit(start: Scalar, stop: Scalar) -> float:
    """What lies between two ends of which one at least is not finite."""
    if start.is_finite:
        return stop.special
    if stop.is_finite:
        return start.special
    return start.special + stop.special


def _rounded(x: Scalar, fmt: Format, *, truncate: bool = False) -> float:
    if not x.is_finite:
        return x.special
    if isinstance(fmt, IntFormat) and x.n < 0 and not truncate:
        floor = x.n // x.d
        return float(floor) if floor >> 128 == -1 else -math.inf  # as `round_ratio` does above
    magnitude = float(round_ratio(abs(x.n), x.d, fmt))
    return -magnitude if x.n < 0 or x.is_negative_zero else magnitude


def _by_sign(line: Arithmetic, value: Callable[[float], float]) -> Floats:
    """``value`` of the sign of every element of a progression."""

    def sign(n: int) -> float:
        return float((n > 0) - (n < 0))

    first, last = line.a, line.a + (line.num - 1) * line.b
    values = np.full(line.num, value(sign(last if last else first)))
    if line.b == 0 or line.num == 0:
        return values
    # ceil(-a / b) is the first index at or past the zero, whichever way the grid runs.
    zero = min(max(-(line.a // line.b), 0), line.num)
    values[:zero] = value(sign(first))
    if zero < line.num and line.a + zero * line.b == 0:
        values[zero] = value(0.0)
        values[zero + 1 :] = value(sign(line.b))
    return values


def _power(base: Scalar, x: Scalar, fmt: Format) -> float:
    """``base**x`` of one end, rounded if both are finite."""
    if base.is_finite and base.n > 0 and x.is_finite:
        number = Geometric((1, 1), (base.n, base.d), x.n, 0, x.d, 1)
        return float(number.rounded(0, fmt))
    if base.is_finite and base.n < 0 and x.is_finite:
        if x.d != 1:
            return math.nan
        number = Geometric((1, 1), (-base.n, base.d), x.n, 0, 1, 1)
        magnitude = float(number.rounded(0, fmt))
        return -magnitude if x.n % 2 else magnitude
    limit = _power_limit(base, _value(x))
    if (base.is_negative_zero or base.special == -math.inf) and x.d == 1 and x.n % 2:
        return -limit
    return limit


def _power_limit(base: Scalar, x: float) -> float:
    """``base**x`` where it depends on nothing but the sign of ``x``, or ``x`` is not finite."""
    if x == 0:
        return 1.0
    if base.n == base.d != 0:
        return 1.0
    if math.isnan(x) or math.isnan(base.special):
        return math.nan
    if base.is_finite and base.n < 0:
        return math.nan  # of no sign at an infinite exponent
    grows = not base.is_finite or base.n > base.d
    return math.inf if grows == (x > 0) else 0.0
