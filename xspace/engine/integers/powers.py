"""``log2`` of numbers and ``2**f`` of fractions on limbs: look-ups, then a short polynomial."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from ...exact.fixed import exp2_fixed, ln2_fixed, log2_fixed
from .ends import FAR, End
from .limbs import Limbs, Words, carry, constant, multiply, negate_where, normalise, table, take

__all__ = ["Log", "exp2", "log2", "log2_relative"]


class Log(NamedTuple):
    """``(-1)**negative * limbs * 2**expo`` with ``limbs`` zero or in [1, 2)."""

    negative: Any
    limbs: Limbs
    expo: Any


def exp2(words: Words, fraction: Limbs) -> Limbs:
    """``2**f`` for ``f = [0, f1, ..., fn]``: in [1, 2), low by less than ``7*n*n`` units.

    (Less than ``3*n*n`` with tables of ten bits.)  Tables take all of ``f1``, some bits at a
    time.  What is left, ``f - f1/B = g/B``, goes into ``1 + (g/B)*(c1 + (g/B)*(c2 + ...))`` with
    ``c_k = ln(2)**k / k!``.  Each ``1/B`` moves a limb out of sight, so that ``c_k`` needs but
    ``n - k`` limbs and ``n - 1`` terms suffice.
    """
    n, w = len(fraction) - 1, words.w
    small = [0, *fraction[2:]]
    inner = constant(words, _coefficient(n - 1, w), 1)
    for k in range(n - 2, -1, -1):
        inner = multiply(words, n - k - 1, (small[: n - k], inner))
        coefficient = constant(words, _coefficient(k, (n - k) * w), n - k)
        inner = carry(words, [x + y for x, y in zip(coefficient, [0, *inner], strict=True)])
    power = [1, *inner[1:]]
    done = 0
    while done < w:
        bits = min(words.power_table_bits, w - done)
        place = (fraction[1] >> (w - done - bits)) & ((1 << bits) - 1)
        rows = table(_power, (done + bits,), 1 << bits, n, w)
        # A product of floors of numbers whose exact product is in [1, 2) is there, too.
        power = [1, *multiply(words, n, (power, [1, *take(words, rows, place, n)]))[1:]]
        done += bits
    return power


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
    w = words.w
    first = end.limbs[1] >> (w - 8)
    u, total = _first_step(words, [1, *end.limbs[1:]], first, n)
    total[0] = total[0] + end.expo
    for place in STEPS[w]:
        u, log = _step(words, u, place, n)
        total = [x + y for x, y in zip(total, log, strict=True)]
    series = _series(words, [u[0] - 1, *u[1:]], n, STEPS[w][-1] // w)
    return carry(words, [x + y for x, y in zip(total, series, strict=True)])


#: After the first table the steps read ``z = u - 1`` to so many bits, by the size of a limb.
STEPS = {29: (14, 21, 29), 13: (13, 20, 26)}

#: The places after the first are read as an integer of at most this magnitude.
REACH = 256


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


def _step(words: Words, u: Limbs, place: int, n: int) -> tuple[Limbs, Limbs]:
    """``u * (1 - d)`` and ``-log2(1 - d)``, where ``d`` is ``u - 1`` rounded to ``place`` bits."""
    whole, w = -(-place // words.w), words.w
    digit = (u[0] - 1) << place
    for k in range(1, whole + 1):
        shift = place - k * w
        digit = digit + (u[k] << shift if shift >= 0 else u[k] >> -shift)
    shift = place - whole * w
    half = (u[whole] >> (-shift - 1)) & 1 if shift else u[whole + 1] >> (w - 1)
    digit = digit + half
    factor = [1, *[0] * (whole - 1), -(digit << -shift)]
    rows = table(_log2_of_step, (place,), 2 * REACH + 1, n, w)
    log = [words.where(digit < 0, -1, 0), *take(words, rows, digit + REACH, n)]
    return multiply(words, n, (u, factor)), log


def _log2_of_step(place: int, j: int, wp: int) -> int:
    """``-log2(1 - d)`` for ``d = (j - REACH) / 2**place``."""
    return _log2_of_ratio(1 << place, (1 << place) - (j - REACH), wp)


def _log2_of_ratio(p: int, q: int, wp: int) -> int:
    """``log2(p/q)`` with ``wp`` fractional bits, low by less than 1.01 units."""
    return log2_fixed(p, q, wp + 8) >> 8


def _series(words: Words, z: Limbs, n: int, empty: int) -> Limbs:
    """``log2(1 + z)`` for ``|z| < B**-empty``, of either sign."""
    negative = z[0] < 0
    z = carry(words, negate_where(words, negative, z))
    small = [0, *z[empty + 1 :]]
    terms = (n - 1) // empty
    inner: Limbs = [0]
    for k in range(terms - 1, -1, -1):
        length = n - empty * (k + 1)
        inner = multiply(words, max(length - empty, 0), (small[: length + 1], inner))
        inner = [0] * (length + 1 - len(inner)) + inner
        inner = negate_where(words, negative, inner)
        coefficient = constant(words, _log_coefficient(k, length * words.w), length)
        inner = carry(words, [x + y for x, y in zip(coefficient, inner, strict=True)])
    log = [0] * empty + multiply(words, n - empty, (small, inner))
    return negate_where(words, negative, log)


@lru_cache(maxsize=256)
def _log_coefficient(k: int, wp: int) -> int:
    """``(-1)**k / ((k+1) ln 2)`` with ``wp`` fractional bits, rounded down."""
    value = (1 << (2 * wp + 64)) // ((k + 1) * ln2_fixed(wp + 64))
    return -value if k % 2 else value


def _magnitude(end: End) -> tuple[int, int]:
    """A scalar as a positive ratio; 1 in place of what is none."""
    x = end.scalar
    return (abs(x.n), x.d) if x is not None and x.d and x.n else (1, 1)


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
