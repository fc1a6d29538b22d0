"""Random grids: a wide variety of parameters, the same ones from the same seed.

The parameters are drawn so that results fill the dtype's whole range (subnormals and the
first values beyond both ends included), at every width of grid from a few units in the last
place up, in the spellings that people use: short decimals, integers, fractions, arbitrary bits.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

from ..truth.case import Case, sampled
from ..truth.formats import FloatFormat, IntFormat, format_of

FUNCTIONS = ("linspace", "logspace", "geomspace")
BASES = (10.0, 10.0, 10, 2, 2.0, 8, 3, 7, 0.5, 0.1, 1.1, 2.718281828459045, Fraction(1, 3))


def random_case(
    rng: random.Random, dtype: str, function: str | None = None, largest: int = 3000
) -> Case:
    """Draw one call.

    Parameters
    ----------
    rng : random.Random
        Where the numbers come from.
    dtype : str
        The dtype to draw for.
    function : str, optional
        The function; default any.
    largest : int
        The largest number of elements.
    """
    function = function or rng.choice(FUNCTIONS)
    form = format_of(dtype)
    base: Any = 10.0
    if function == "linspace":
        start, stop = _linear_ends(rng, form)
    elif function == "logspace":
        base = _base(rng)
        start, stop = _exponents(rng, form, base)
    else:
        start, stop = _geometric_ends(rng, form)
    case = Case(
        f"random-{function}",
        function,
        start,
        stop,
        random_num(rng, largest),
        dtype=dtype,
        endpoint=rng.random() < 0.75,
        base=base,
    )
    return sampled(case)


def random_num(rng: random.Random, largest: int) -> int:
    """Draw a number of elements, all sizes alike likely."""
    kind = rng.random()
    if kind < 0.1:
        return rng.randint(1, 5)
    return round(math.exp(rng.uniform(math.log(min(6, largest)), math.log(largest))))


def _spelling(rng: random.Random, value: float) -> int | float | Fraction:
    """Replace a number by one nearby that somebody might write."""
    kind = rng.random()
    if kind < 0.4:
        return value
    if kind < 0.7:
        return float(f"{value:.{rng.randint(1, 6)}g}")
    if kind < 0.8 and abs(value) >= 1:
        return int(value)
    if kind < 0.9:
        return Fraction(value).limit_denominator(rng.choice((7, 1000, 10**30)))
    mantissa, exponent = math.frexp(value)
    bits = rng.randint(1, 30)
    return math.ldexp(round(math.ldexp(mantissa, bits)), exponent - bits)


def _power_of_two(exponent: float) -> float | Fraction:
    """Return ``2**exponent``, as a Fraction where it is no binary64 number."""
    whole = math.floor(exponent)
    part = 2.0 ** (exponent - whole)
    if -1000 < whole < 1000:
        return math.ldexp(part, whole)
    return Fraction(part) * Fraction(2) ** whole


def _binade(rng: random.Random, form: FloatFormat | IntFormat) -> float:
    """Draw an exponent of two: anywhere in the range, often at its very ends or beyond them."""
    if isinstance(form, IntFormat):
        return rng.uniform(-2, form.width - form.signed - 0.01)
    low, high = form.unit_exponent, form.max_exponent + 1
    kind = rng.random()
    if kind < 0.1:
        return rng.uniform(low - 3, low + form.precision)
    if kind < 0.2:
        return rng.uniform(high - 3, high + 1)
    return rng.uniform(low, high)


def _magnitude(rng: random.Random, form: FloatFormat | IntFormat) -> Any:
    """Draw a positive number of the dtype's range or just beyond it."""
    ordinary = isinstance(form, FloatFormat) and rng.random() < 0.4
    value = _power_of_two(rng.uniform(-8, 8) if ordinary else _binade(rng, form))
    return _nonzero(_spelling(rng, value), value) if isinstance(value, float) else value


def _nonzero(value: Any, otherwise: Any) -> Any:
    return value if value else otherwise


def _nudged(rng: random.Random, value: Any, form: FloatFormat | IntFormat) -> Any:
    """Return a number a little off: some units in the last place up to the number's own size."""
    bits = form.precision if isinstance(form, FloatFormat) else form.width
    return Fraction(value) * (1 + Fraction(rng.uniform(-1, 1)) / 2 ** rng.randint(0, bits + 2))


def _sign(rng: random.Random, form: FloatFormat | IntFormat) -> int:
    if isinstance(form, IntFormat) and not form.signed:
        return 1 if rng.random() < 0.97 else -1
    return rng.choice((1, -1))


def _linear_ends(rng: random.Random, form: FloatFormat | IntFormat) -> tuple[Any, Any]:
    start: Any = _sign(rng, form) * _magnitude(rng, form)
    kind = rng.random()
    if kind < 0.5:
        stop = _sign(rng, form) * _magnitude(rng, form)
    elif kind < 0.7:
        stop = _nudged(rng, start, form)
    elif kind < 0.85:
        stop = -start if rng.random() < 0.5 else -_nudged(rng, start, form)
    else:
        stop = 0
    stop = _as_float(rng, stop)
    return (start, stop) if rng.random() < 0.5 else (stop, start)


def _geometric_ends(rng: random.Random, form: FloatFormat | IntFormat) -> tuple[Any, Any]:
    sign = _sign(rng, form)
    start = sign * _magnitude(rng, form)
    kind = rng.random()
    if kind < 0.6:
        stop = sign * _magnitude(rng, form)
    elif kind < 0.9:
        stop = _nonzero(_as_float(rng, _nudged(rng, start, form)), start)
    else:
        root = rng.randint(2, 12)
        stop = start * Fraction(root) ** rng.randint(1, 12)
    return (start, stop) if rng.random() < 0.5 else (stop, start)


def _as_float(rng: random.Random, value: Any) -> Any:
    """Turn most fractions into the nearest binary64 number, where that is finite."""
    if isinstance(value, Fraction) and rng.random() < 0.7:
        try:
            return float(value)
        except OverflowError:
            return value
    return value


def _base(rng: random.Random) -> Any:
    kind = rng.random()
    if kind < 0.7:
        return rng.choice(BASES)
    if kind < 0.9:
        return math.exp(rng.uniform(-4, 4))
    return 1 + rng.choice((-1, 1)) * 2.0 ** -rng.randint(1, 52)


def _exponents(rng: random.Random, form: FloatFormat | IntFormat, base: Any) -> tuple[Any, Any]:
    log = math.log2(base)
    kind = rng.random()
    first = _binade(rng, form)
    if kind < 0.35:
        last = _binade(rng, form)
    elif kind < 0.55:
        top = 6 if isinstance(form, IntFormat) else 8
        first, last = rng.uniform(-top, top), rng.uniform(-2, top)
    elif kind < 0.8:
        last = first + rng.choice((-1, 1)) * 2.0 ** rng.uniform(-60, 2)
    elif kind < 0.9:
        first = rng.choice((-1, 1)) * 2.0 ** rng.uniform(-70, -5)
        last = -first if rng.random() < 0.5 else 0.0
    else:
        scale = rng.choice((1, 2, 4, 10))
        ends = [Fraction(int(end / log), scale) for end in (first, _binade(rng, form))]
        return ends[0], ends[1]
    return _spelling(rng, first / log), _spelling(rng, last / log)
