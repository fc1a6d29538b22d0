"""Spirals between arrays of complex ends: modulus and angle of each element in two words.

As in `exponents`, with a second line for angles, in turns.  The parts of an element are a product
of a power of two with a cosine and a sine, both from a table and short series, and each is tested
by itself.  No part is right to more than a share of the modulus, so that one next to an axis is
doubtful.  The bounds are derived in docs/method/complex.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.angles import arg_fixed, cos_sin_fixed, nepers_per_turn, pi_fixed
from ...exact.rounding import FloatFormat
from ..narrow import host_dtype
from ..words import DoubleWord, add, fast_two_sum, multiply, two_product, two_sum
from .exponents import Exponents, exponents_of, in_steps
from .tables import INDEX_BITS, host_tables, log2_number, log2_words, powers, words_of

__all__ = ["LONGEST", "Point", "Spirals", "fill_spirals"]

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

#: From so many steps on, tails grow: such a lane is made as a grid of its own.
LONGEST = 1 << 14
#: Half width of the rounding test, relative to the modulus: of two words, and of one.
_DELTA, _NARROW_DELTA = 2.0**-70, 2.0**-48

#: Parts that are not zero lie between these, and binary logarithms of moduli below `_REACH`.
_SMALL, _LARGE, _REACH = 2.0**-400, 2.0**400, 900.0
#: Parts of exponents of one base, and of arrays of bases: they multiply the errors of logarithms.
_LARGEST, _LARGEST_ROUNDED = 2.0**9, 2.0**4
#: Angles of more turns are refused, and so are spans this near to half a turn that are not one.
_TURNS, _NEAR = 2.0**10, 2.0**-40

#: Cells of the table of arc tangents, and of that of cosines and sines.
_CELLS, _CIRCLE = 512, 1024
_WP = 160


class Point(NamedTuple):
    """Complex numbers by their parts: float64 arrays, or two Python floats for all lanes."""

    re: Any
    im: Any


class Spirals(NamedTuple):
    """Both parts of the elements, samples first; where one is open, and lanes not made."""

    re: npt.NDArray[Any]
    im: npt.NDArray[Any]
    doubtful: Flags
    refused: Flags


class _Polar(NamedTuple):
    """Binary logarithm of the modulus, and angle in turns; and where they are right."""

    log: DoubleWord
    turn: DoubleWord
    good: Any


def fill_spirals(
    kind: str, num: int, start: Point, stop: Point, base: Point, div: int, fmt: FloatFormat
) -> Spirals:
    """Elements of the lanes of a ``logspace`` or ``geomspace``; ``div`` is below `LONGEST`."""
    with np.errstate(all="ignore"):  # of lanes that are refused
        if kind == "geomspace":
            first, span = _between(start, stop)
        else:
            first, span = _exponentials(start, stop, base)
        good = first.good & span.good
        lines: list[Exponents] = []
        for line, step, reach in (
            (first.log, span.log, _REACH),
            (first.turn, span.turn, _TURNS),
        ):
            limit = reach * 2.0**INDEX_BITS
            limits = (-limit, limit)
            lines.append(exponents_of(np, in_steps(line), in_steps(step), good, div, limits))
            good = lines[-1].good
        spirals = _elements(num, lines[0], lines[1], fmt)._replace(refused=~good)
        _write_known(spirals, kind, start, stop, div)
    return spirals


# Lines


def _between(start: Point, stop: Point) -> tuple[_Polar, _Polar]:
    """The first element and the span of the shortest spiral: of half a turn, as `grids.complex`."""
    a, b = _polar(start), _polar(stop)
    turn = add(b.turn, DoubleWord(-a.turn.high, -a.turn.low))
    turn = add(turn, DoubleWord(-np.rint(turn.high), np.zeros_like(turn.high)))
    p, p_low = two_product(start.re, stop.im)
    q, q_low = two_product(start.im, stop.re)
    dot = start.re * stop.re + start.im * stop.im
    is_half = (p == q) & (p_low == q_low) & (dot < 0)
    below = (start.re < 0) | ((start.re == 0) & (start.im > 0))
    half = np.where(below, -0.5, 0.5)
    good = is_half | (np.abs(turn.high) < 0.5 - _NEAR)
    turn = DoubleWord(np.where(is_half, half, turn.high), np.where(is_half, 0.0, turn.low))
    log = add(b.log, DoubleWord(-a.log.high, -a.log.low))
    return a, _Polar(log, turn, a.good & b.good & good)


def _exponentials(start: Point, stop: Point, base: Point) -> tuple[_Polar, _Polar]:
    """The same of powers: the exponents times the logarithm of the base."""
    if isinstance(base.re, float):
        polar, largest = _polar_scalar(base), _LARGEST
    else:
        polar, largest = _polar(base), _LARGEST_ROUNDED
    good = polar.good
    for part in (*start, *stop):
        good = good & (np.abs(part) <= largest)
    spans = [DoubleWord(*two_sum(b, -a)) for a, b in zip(start, stop, strict=True)]
    nepers = _nepers_per_turn()
    lines = []
    for x, y in ((DoubleWord(start.re, 0.0), DoubleWord(start.im, 0.0)), spans):
        falls = multiply(multiply(y, polar.turn), nepers[0])
        turns = multiply(multiply(y, polar.log), nepers[1])
        log = add(multiply(x, polar.log), DoubleWord(-falls.high, -falls.low))
        lines.append(_Polar(log, add(multiply(x, polar.turn), turns), good))
    return lines[0], lines[1]


@lru_cache(maxsize=1)
def _nepers_per_turn() -> tuple[DoubleWord, DoubleWord]:
    """``2 pi / ln 2`` and its inverse."""
    value = Fraction(nepers_per_turn(_WP), 1 << _WP)
    return words_of(value), words_of(1 / value)


@lru_cache(maxsize=64)
def _polar_scalar(base: Point) -> _Polar:
    """Modulus and angle of one number, from integers."""
    if not (np.isfinite(base.re) and np.isfinite(base.im)):
        return _Polar(DoubleWord(0.0, 0.0), DoubleWord(0.0, 0.0), False)
    re, im = Fraction(base.re), Fraction(base.im)
    norm = re * re + im * im
    if not norm or norm.numerator.bit_length() > 2000 or norm.denominator.bit_length() > 2000:
        return _Polar(DoubleWord(0.0, 0.0), DoubleWord(0.0, 0.0), False)
    log = log2_number(norm.numerator, norm.denominator)
    den = re.denominator * im.denominator
    turn = arg_fixed(int(re * den), int(im * den), _WP)
    turn_words = words_of(Fraction(turn, 1 << _WP))
    return _Polar(DoubleWord(log.high / 2, log.low / 2), turn_words, True)


def _polar(z: Point) -> _Polar:
    """Modulus and angle, off by less than ``2**-81`` and ``2**-82``."""
    a, b = np.abs(z.re), np.abs(z.im)
    good = (a > 0) | (b > 0)
    for part in (a, b):
        good &= (part == 0) | ((part >= _SMALL) & (part <= _LARGE))
    a, b = np.where(good, a, 1.0), np.where(good, b, 1.0)
    (p, p_low), (q, q_low) = two_product(a, a), two_product(b, b)
    s, e = two_sum(p, q)
    norm = DoubleWord(*fast_two_sum(s, e + (p_low + q_low)))
    log = log2_words(np, host_tables(), norm, relative=False)
    turn = _angle(a, b)
    # By reflections, all of them exact but for the last place of the low word.
    zero = np.zeros_like(a)
    for which, centre in ((b > a, 0.25), (z.re < 0, 0.5)):
        other = add(DoubleWord(zero + centre, zero), DoubleWord(-turn.high, -turn.low))
        turn = DoubleWord(
            np.where(which, other.high, turn.high), np.where(which, other.low, turn.low)
        )
    sign = np.where(z.im < 0, -1.0, 1.0)
    return _Polar(
        DoubleWord(log.high / 2, log.low / 2), DoubleWord(turn.high * sign, turn.low * sign), good
    )


def _angle(a: Array, b: Array) -> DoubleWord:
    """The angle of ``(max, min)`` in turns, from 0 to 1/8.

    It is that of ``(512, j)`` and of what is left: their quotient, ``y``, is below ``2**-9.9``.
    """
    x, w = np.maximum(a, b), np.minimum(a, b)
    j = np.rint(_CELLS * w / x)
    p, p_low = two_product(j, x)
    s, e = two_sum(_CELLS * w, -p)
    error = s, e - p_low
    p, p_low = two_product(j, w)
    s, e = two_sum(_CELLS * x, p)
    length = s, e + p_low
    y = error[0] / length[0]
    p, p_low = two_product(y, length[0])
    low = (((error[0] - p) - p_low) + (error[1] - y * length[1])) / length[0]
    square = y * y
    series = square * (-1 / 3 + square * (1 / 5 - square * (1 / 7 - square / 9)))
    # The low part, up to 2**-53, counts in the cube, too.
    angle = multiply(
        DoubleWord(*fast_two_sum(y, (low - low * square) + y * series)), _inverse_turn()
    )
    table = _arc_tangents()
    index = j.astype(np.intp)
    return add(DoubleWord(table[0][index], table[1][index]), angle)


@lru_cache(maxsize=1)
def _inverse_turn() -> DoubleWord:
    """``1 / (2 pi)``."""
    return words_of(Fraction(1 << _WP, 2 * pi_fixed(_WP)))


@lru_cache(maxsize=1)
def _step_angle() -> DoubleWord:
    """``2 pi`` over the steps of a turn."""
    return words_of(Fraction(2 * pi_fixed(_WP), 1 << (_WP + INDEX_BITS)))


def _table(numbers: list[int]) -> tuple[Array, Array]:
    """Numbers with `_WP` fractional bits as two arrays."""
    words = [words_of(Fraction(n, 1 << _WP)) for n in numbers]
    return np.array([w.high for w in words]), np.array([w.low for w in words])


@lru_cache(maxsize=1)
def _arc_tangents() -> tuple[Array, Array]:
    """The angles of ``(512, j)``, in turns."""
    return _table([arg_fixed(_CELLS, j, _WP) for j in range(_CELLS + 1)])


@lru_cache(maxsize=1)
def _circle() -> tuple[Array, Array, Array, Array]:
    """Cosines and sines of the 1024 parts of a turn, and the first again."""
    points = [cos_sin_fixed(j * (1 << _WP) // _CIRCLE, _WP) for j in range(_CIRCLE)]
    points.append(points[0])
    cos, sin = zip(*points, strict=True)
    return (*_table(list(cos)), *_table(list(sin)))


# Elements


def _elements(num: int, logs: Exponents, turns: Exponents, fmt: FloatFormat) -> Spirals:
    i = np.arange(num, dtype=np.float64)[:, None]
    unit = 2.0**-INDEX_BITS
    head, tail = logs.head + i * logs.step_head, logs.tail + i * logs.step_tail
    expo = np.floor(head * unit)
    power = powers(np, host_tables(), head - expo * 2.0**INDEX_BITS, tail)
    modulus = DoubleWord(*fast_two_sum(power.head, power.tail))
    head, tail = turns.head + i * turns.step_head, turns.tail + i * turns.step_tail
    head -= np.floor(head * unit) * 2.0**INDEX_BITS
    delta = _DELTA if fmt.precision == 53 else _NARROW_DELTA
    error = power.full * delta
    expo = expo.astype(np.int64)
    parts = []
    doubtful = np.zeros(head.shape, np.bool_)
    for part in _cos_sin(head, tail):
        p, low = two_product(part.high, modulus.high)
        low += part.high * modulus.low + part.low * modulus.high
        up, down = (np.ldexp(p + (low + e), expo) for e in (error, -error))
        value, other = (x.astype(host_dtype(fmt)) for x in (up, down))
        bits = f"i{value.itemsize}"
        doubtful |= value.view(bits) != other.view(bits)  # also zeros of two signs
        parts.append(value)
    return Spirals(parts[0], parts[1], doubtful, ~logs.good)


def _cos_sin(head: Array, tail: Array) -> tuple[DoubleWord, DoubleWord]:
    """Cosine and sine of an angle in steps, of which a turn has ``2**16``."""
    part = 2.0**INDEX_BITS / _CIRCLE
    j = np.rint(head * (1 / part))
    angle = multiply(DoubleWord(*two_sum(head - j * part, tail)), _step_angle())
    x, x_low = angle
    q, q_low = two_product(x, x)
    # cos = 1 + (fall + fall_low), sin = x + sin_low
    fall = -0.5 * q
    fall_low = q * q * (1 / 24 - q * (1 / 720 - q / 40320)) - (0.5 * q_low + x * x_low)
    sin_low = x_low + x * q * (-1 / 6 + q * (1 / 120 - q / 5040))
    index = j.astype(np.intp)
    cos, cos_low, sin, sin_low_table = (table[index] for table in _circle())

    def turned(c: Array, c_low: Array, s: Array, s_low: Array) -> DoubleWord:
        """``c * cos(x) + s * sin(x)``."""
        p, p_low = two_product(c, fall)
        r, r_low = two_product(s, x)
        high, e = two_sum(c, r)
        high, f = two_sum(high, p)
        low = c_low + (c * fall_low + c_low * fall) + (s * sin_low + s_low * x)
        return DoubleWord(*two_sum(high, low + ((e + f) + (p_low + r_low))))

    return turned(cos, cos_low, -sin, -sin_low_table), turned(sin, sin_low_table, cos, cos_low)


def _write_known(spirals: Spirals, kind: str, start: Point, stop: Point, div: int) -> None:
    """The ends of a ``geomspace``, and 1 where the exponent of a ``logspace`` is zero at one."""
    for i, end in ((0, start), (div, stop)):
        if i >= len(spirals.re):
            continue
        which: Any = slice(None)
        values: tuple[Any, Any] = end.re + 0.0, end.im + 0.0  # zeros have no sign here
        if kind == "logspace":
            which = (end.re == 0) & (end.im == 0)
            values = 1.0, 0.0
        spirals.re[i, which], spirals.im[i, which] = values
        spirals.doubtful[i, which] = False
