"""Grids that are no progression: infinite or NaN arguments, and bases that are not positive.

Every such grid is a constant between its ends, or three constants; it is written as float64
numbers that are exact in the output format.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from .exact.lines import exponents
from .exact.number import Scalar
from .exact.progression import Arithmetic, Geometric
from .exact.rounding import Format, IntFormat, round_ratio
from .kernels.narrow import host_dtype, to_bits
from .produce import abstract, fill_with_workers, make_on_host, produce, produce_values
from .target import Target

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = [
    "geomspace_limit",
    "linspace_limit",
    "logspace_limit",
    "negative_base",
    "with_negative_zeros",
]

Floats: TypeAlias = "npt.NDArray[np.float64]"


def linspace_limit(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """``linspace`` with an end that is not finite: the limit, and each end itself.

    A finite end does not count beside an infinite one; two different infinities give NaN.
    """
    inner = _limit(start, stop)
    ends = _rounded(start, target.fmt), _rounded(stop, target.fmt)
    return produce_values(_with_ends(inner, ends, num, endpoint), target)


def geomspace_limit(start: Scalar, stop: Scalar, num: int, endpoint: bool, target: Target) -> Any:
    """``geomspace`` with an end that is not finite, or of opposite signs: NaN between those."""
    same = start.sign == stop.sign
    inner = _limit(start, stop) if same else math.nan
    ends = _rounded(start, target.fmt, truncate=True), _rounded(stop, target.fmt, truncate=True)
    return produce_values(_with_ends(inner, ends, num, endpoint), target)


def logspace_limit(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, target: Target
) -> Any:
    """``logspace`` with an end or a base that is not finite, or base zero: IEEE 754's ``pow``."""
    if start.is_finite and stop.is_finite:
        line = exponents(start, stop, num, endpoint)
        values = _by_sign(line, lambda x: _power_limit(base, x))
        if base.is_negative_zero or base.special == -math.inf:
            first, period = _integer_places(line)
            for i in range(first, num, period):
                if (line.a + i * line.b) // line.den % 2:
                    values[i] = -values[i]
        return produce_values(values, target)
    ends = [_power(base, end, target.fmt) for end in (start, stop)]
    inner = _power_limit(base, _limit(start, stop))
    return produce_values(_with_ends(inner, (ends[0], ends[1]), num, endpoint), target)


def negative_base(
    start: Scalar, stop: Scalar, base: Scalar, num: int, endpoint: bool, target: Target
) -> Any:
    """``logspace`` with a negative base: real at the integer exponents, NaN between them.

    The integer exponents are a slice of the exponents, and their powers a progression again.
    """
    fmt = target.fmt
    line = exponents(start, stop, num, endpoint)
    host = np.empty(num, host_dtype(fmt))
    first, period = _integer_places(line)
    if isinstance(fmt, IntFormat) and num and (first, period) != (0, 1):
        index = 0 if first else 1
        msg = f"{target.caller}: element {index} is nan, which {fmt.name} cannot hold"
        raise ValueError(msg)
    if not isinstance(fmt, IntFormat):
        host[...] = to_bits(math.nan, fmt)
    if first < num:
        powers = Geometric((1, 1), (-base.n, base.d), line.a, line.b, line.den, num)
        odd = (line.a + first * line.b) // line.den % 2
        turns = line.b * period // line.den % 2
        # The signs alternate, or all are the same: parts of one sign are progressions.
        for part in range(2 if turns else 1):
            places = range(first + part * period, num, period * (1 + turns))
            host[places.start :: places.step] = make_on_host(
                powers, target, negative=bool(odd ^ part), places=places
            )
    return target.backend.from_host(host, fmt, target.dtype, target.device)


def with_negative_zeros(line: Arithmetic, zeros: range, target: Target) -> Any:
    """The array of a progression whose zeros at the indices ``zeros`` are negative."""
    if isinstance(target.fmt, IntFormat) or not zeros:
        return produce(line, target)
    if target.layout is not None:
        from .parts import in_parts

        return in_parts(line, target, zeros=zeros)
    if target.backend.is_abstract(target.device):
        return abstract(line, target, zeros=zeros)
    host = np.empty(line.num, host_dtype(target.fmt))
    fill_with_workers(host, line, target.fmt, target.workers)
    host[zeros.start : zeros.stop] = to_bits(-0.0, target.fmt)
    return target.backend.from_host(host, target.fmt, target.dtype, target.device)


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


def _with_ends(inner: float, ends: tuple[float, float], num: int, endpoint: bool) -> Floats:
    values = np.full(num, inner)
    values[:1] = ends[0]
    if endpoint and num > 1:
        values[-1] = ends[1]
    return values


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
