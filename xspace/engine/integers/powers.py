"""``log2`` of numbers and ``2**f`` of fractions on limbs: look-ups, then a short polynomial."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from ...exact.fixed import exp2_fixed, ln2_fixed, log2_fixed
from .ends import FAR, End, stacked
from .limbs import (
    Limbs,
    Rows,
    Words,
    carry,
    columns_of,
    constant,
    multiply,
    negate_where,
    normalise,
    table,
    take,
)

__all__ = ["Log", "exp2", "log2", "log2_of_both", "log2_relative"]


class Log(NamedTuple):
    """``(-1)**negative * limbs * 2**expo`` with ``limbs`` zero or in [1, 2)."""

    negative: Any
    limbs: Limbs
    expo: Any


#: So many bits of a fraction are looked up at a time.
TABLE_BITS = 10


def exp2(words: Words, y: Limbs) -> Limbs:
    """``[floor(y), 1, p1, ..., pn]`` with ``2**y`` in units of ``2**floor(y)``.

    That is in [1, 2), and low by less than ``3*n*n`` units.  Tables take all of the first limb of
    the fraction ``f``, some bits at a time.  What is left, ``f - f1/B = g/B``, goes into ``1 +
    (g/B)*(c1 + (g/B)*(c2 + ...))`` with ``c_k = ln(2)**k / k!``.  Each ``1/B`` moves a limb out of
    sight, so that ``c_k`` needs but ``n - k`` limbs and ``n - 1`` terms suffice.
    """
    n, w = len(y) - 1, words.w
    times = -(-w // TABLE_BITS)
    rows = _joined(
        [table(_power, (TABLE_BITS * k,), 1 << TABLE_BITS, n, w) for k in range(1, times + 1)]
    )

    def step(k: Any, state: Limbs) -> Limbs:
        y, power = state[: n + 1], state[n + 1 :]
        series = words.array(k) == 0
        k = words.where(series, times, words.array(k)) - 1
        place = (y[1] << (TABLE_BITS * times - w)) >> (TABLE_BITS * (times - 1 - k))
        entry = take(words, rows, (place & ((1 << TABLE_BITS) - 1)) + (k << TABLE_BITS), n)
        entry = [words.where(series, p, q) for p, q in zip(_series(words, y), entry, strict=True)]
        # A product of floors of numbers whose exact product is in [1, 2) is there, too.
        return [*y, *multiply(words, n, ([1, *power], [1, *entry]))[1:]]

    state = words.loop(times + 1, step, [*y, *[0] * n])
    return [state[0], 1, *state[n + 1 :]]


def _series(words: Words, y: Limbs) -> Limbs:
    """The limbs after the point of what tables leave of ``2**y``."""
    n, w = len(y) - 1, words.w
    small = [0, *y[2:]]
    inner = constant(words, _coefficient(n - 1, w), 1)
    for k in range(n - 2, -1, -1):
        inner = multiply(words, n - k - 1, (small[: n - k], inner))
        coefficient = constant(words, _coefficient(k, (n - k) * w), n - k)
        inner = carry(words, [x + y for x, y in zip(coefficient, [0, *inner], strict=True)])
    return inner[1:]


def _joined(tables: list[Rows]) -> Rows:
    """Tables one after the other."""
    return tuple(sum(rows, ()) for rows in zip(*tables, strict=True))


@lru_cache(maxsize=256)
def _coefficient(k: int, wp: int) -> int:
    """``ln(2)**k / k!`` with ``wp`` fractional bits, rounded down."""
    value = 1 << (wp + 64)
    for j in range(1, k + 1):
        value = (value * ln2_fixed(wp + 64) >> (wp + 64)) // j
    return value >> 64


def _power(place: int, j: int, wp: int) -> int:
    """``2**(j / 2**place)`` with ``wp`` fractional bits, low by less than 1.01 units."""
    return exp2_fixed(j << (wp + 8 - place), wp + 8) >> 8


def log2(words: Words, end: End, n: int) -> Limbs:
    """``log2`` of magnitudes, in the usual form with ``n`` limbs, off by less than 64 units.

    What is no positive number has some logarithm, of no meaning.

    Each step multiplies ``u`` by a short number that brings it nearer to 1 and adds the logarithm
    of its inverse from a table.  The last ``u = 1 + z`` goes into ``z*(c0 + z*(c1 + ...))``, ``c_k
    = (-1)**k / ((k+1) ln 2)``.  A number that is near 1 from the start is multiplied by ones and
    gets zeros from the tables, so that its logarithm has a small error in units.
    """
    if end.scalar is not None:
        value = _log2_of_ratio(*_magnitude(end), n * words.w)
        most = 4 * FAR << (n * words.w)  # beyond every format, and no column overflows
        return constant(words, min(max(value, -most), most), n)
    w, places, size = words.w, STEPS[words.w], 2 * REACH + 1
    u, total = _first_step(words, [1, *end.limbs[1:]], end.limbs[1] >> (w - 8), n)
    total[0] = total[0] + end.expo
    rows = _joined([table(_log2_of_step, (place,), size, n, w) for place in places])

    def step(k: Any, state: Limbs) -> Limbs:
        u, total = state[: n + 1], state[n + 1 :]
        shift = words.take((tuple(2 * w - place for place in places),), words.array(k))[0]
        digit = (_near(words, u) + (words.array(1) << (shift - 1))) >> shift
        d = digit << shift
        u = multiply(words, n, (u, [1, -(d >> w), -(d & words.mask)]))
        log = take(words, rows, digit + (REACH + k * size), n)
        log = [words.where(digit < 0, -1, 0), *log]
        return [*u, *(x + y for x, y in zip(total, log, strict=True))]

    state = words.loop(len(places), step, [*u, *total])
    u, total = state[: n + 1], state[n + 1 :]
    near: Limbs = [0, 0, _near(words, u), *u[3:]]
    terms = -(-n * w // (places[-1] + 1)) - 1
    coefficients = tuple(
        zip(*(constant(words, _log_coefficient(k, n * w), n) for k in range(terms)), strict=True)
    )

    def add_term(k: Any, inner: Limbs) -> Limbs:
        inner = columns_of(words, n, (near, inner))
        coefficient = words.take(coefficients, words.array(terms - 1 - k))
        return carry(words, [x + y for x, y in zip(inner, coefficient, strict=True)])

    inner = words.loop(terms, add_term, [near[2] - near[2]] * (n + 1))
    series = columns_of(words, n, (near, inner))
    return carry(words, [x + y for x, y in zip(total, series, strict=True)])


def _near(words: Words, u: Limbs) -> Any:
    """``u - 1`` in units of the second limb, for one that is near 1."""
    return ((u[0] - 1) << (2 * words.w)) + (u[1] << words.w) + u[2]


#: After the first table the steps read ``z = u - 1`` to so many bits, by the size of a limb.
STEPS = {29: (14, 21, 29), 13: (13, 19, 25)}

#: The places after the first are read as an integer of at most this magnitude.
REACH = 130


def _first_step(words: Words, m: Limbs, first: Any, n: int) -> tuple[Limbs, Limbs]:
    """``u = m * r`` with ``|u - 1| < 2**-7``, and ``-log2(r)``, for ``1 <= m < 2``."""
    factor = take(words, _factors(), first, 1)[0]
    u = multiply(words, n, (m, [0, factor << (words.w - 9)]))
    rows = table(_log2_of_factor, (), 256, n, words.w)
    return u, [words.where(factor == 256, 1, 0), *take(words, rows, first, n)]


@lru_cache(maxsize=1)
def _factors() -> tuple[tuple[int, ...], ...]:
    """``2**9 * r`` for the numbers ``1 + j/256`` up to the next; 1 at the lower end, then 1/2."""
    inner = [round(512 / (1 + (j + 0.5) / 256)) for j in range(1, 255)]
    return ((512, *inner, 256),)


def _log2_of_factor(j: int, wp: int) -> int:
    return _log2_of_ratio(512, _factors()[0][j], wp)


def _log2_of_step(place: int, j: int, wp: int) -> int:
    """``-log2(1 - d)`` for ``d = (j - REACH) / 2**place``."""
    return _log2_of_ratio(1 << place, (1 << place) - (j - REACH), wp)


def _log2_of_ratio(p: int, q: int, wp: int) -> int:
    """``log2(p/q)`` with ``wp`` fractional bits, low by less than 1.01 units."""
    return log2_fixed(p, q, wp + 8) >> 8


@lru_cache(maxsize=256)
def _log_coefficient(k: int, wp: int) -> int:
    """``(-1)**k / ((k+1) ln 2)`` with ``wp`` fractional bits, rounded down."""
    value = (1 << (2 * wp + 64)) // ((k + 1) * ln2_fixed(wp + 64))
    return -value if k % 2 else value


def _magnitude(end: End) -> tuple[int, int]:
    """A scalar as a positive ratio; 1 in place of what is none."""
    x = end.scalar
    return (abs(x.n), x.d) if x is not None and x.d and x.n else (1, 1)


def log2_of_both(words: Words, start: End, stop: End, n: int) -> tuple[Limbs, Limbs]:
    """``log2`` of two numbers, made in one go where both are arrays."""
    if start.scalar or stop.scalar:
        return log2(words, start, n), log2(words, stop, n)
    log = log2(words, stacked(words, start, stop), n)
    return [x[0, ...] for x in log], [x[1, ...] for x in log]


def log2_relative(words: Words, base: End, n: int) -> Log:
    """``log2`` of magnitudes with a relative error below ``2**-((n - 1)*w + 14)``; 0 for 1."""
    w = words.w
    if base.scalar is None:
        longer = words.limbs((n - 1) * w + 20 + base.bits)
        log = log2(words, base, longer)
        negative = log[0] < 0
        limbs, expo = normalise(words, carry(words, negate_where(words, negative, log)))
        sign, expo, *limbs = words.settle([words.where(negative, 1, 0), expo, *limbs[: n + 1]])
        return Log(sign == 1, limbs, expo)
    p, q = _magnitude(base)
    if p == q:
        return Log(words.flag(False), [0], words.array(0))
    longer = n * w + max(p.bit_length(), q.bit_length()) + 16
    value = log2_fixed(p, q, longer)
    size = abs(value).bit_length() - 1
    limbs = constant(words, abs(value) >> (size - n * w), n)
    return Log(words.flag(value < 0), limbs, words.array(size - longer))
