"""Elements of lanes whose ends are integers, exactly, in integers of 64 bits.

A rounding test leaves open what lies on an integer or on a midpoint, and between integers that is
no rare event: every sample may be one.  Here they are found by what makes them exact.

* ``linspace``: ``a + floor(i*(b - a) / div)``, with the quotient and the remainder of
  ``(b - a) / div``, so that nothing is longer than a word.
* ``geomspace``: with ``a = g*s`` and ``b = g*r``, ``r`` and ``s`` coprime, and ``i/div = j/q`` in
  lowest terms, the element ``g * s**((q-j)/q) * r**(j/q)`` is rational exactly if ``r`` and ``s``
  are ``q``-th powers (docs/method/integers).  Then no factor exceeds the larger end.
* ``logspace``: ``base**(p/q)`` is rational exactly if ``base`` is a ``q``-th power.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..words import DoubleWord

__all__ = ["LONGEST", "Whole", "to_integers", "whole_powers", "whole_sums"]

Indices = npt.NDArray[np.intp]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: From so many steps on, a product of two indices may not fit into a word.
LONGEST = 1 << 31
#: Exponents are multiples of ``2**-_EXPONENT_BITS`` below ``_LARGEST``.
_EXPONENT_BITS, _LARGEST = 10, 2.0**20
_TOP = 2.0**63


class Whole(NamedTuple):
    """Integers, and where they are the numbers in question."""

    value: Integers
    known: Flags


def to_integers(end: DoubleWord) -> Whole:
    """Ends that are integers of 64 bits."""
    high, low = end
    known = np.isfinite(high) & (np.abs(high) < _TOP) & (np.rint(high) == high)
    value = np.where(known, high, 0.0).astype(np.int64)
    if isinstance(low, np.ndarray):
        # The low part of a number below 2**63 is below 2**10; the sum may be 2**63 - 1 at most.
        known &= np.rint(low) == low
        value = value + np.where(known, low, 0.0).astype(np.int64)
    return Whole(value, known)


def whole_sums(a: Integers, b: Integers, i: Any, div: int) -> Integers:
    """``floor((a*(div - i) + b*i) / div)`` for ``0 <= i <= div < LONGEST``."""
    rises = b >= a
    first, last = a.view(np.uint64), b.view(np.uint64)
    span = np.where(rises, last - first, first - last)  # below 2**64
    steps = np.uint64(div)
    quotient, remainder = np.divmod(span, steps)
    i = np.asarray(i, np.uint64)
    part = remainder * i
    part += np.where(rises, np.uint64(0), steps - np.uint64(1))  # a ceiling where it falls
    part //= steps
    part += quotient * i
    sums: Integers = np.where(rises, first + part, first - part).view(np.int64)
    return sums


def whole_powers(
    kind: str,
    ends: tuple[DoubleWord, DoubleWord, DoubleWord],
    i: Indices,
    lane: Indices,
    div: int,
    *,
    truncate: bool,
) -> Whole:
    """Samples ``i`` of lanes that are integers, of a ``logspace`` or ``geomspace``.

    Also integer parts of others that are known, if they are to be truncated.
    """
    start, stop, base = ends
    if not i.size or div >= LONGEST:
        return Whole(np.zeros(i.size, np.int64), np.zeros(i.size, np.bool_))
    start, stop, i = start.at(lane), stop.at(lane), i.astype(np.int64)
    with np.errstate(all="ignore"):  # what is not known may wrap
        if kind == "geomspace":
            value, known = _between(start, stop, i, div)
            if truncate:
                for at, end in ((i == 0, start), (i == div, stop)):
                    _set_floors(value, known, at, end)
            return Whole(value, known)
        if isinstance(base.high, float):
            base = DoubleWord(np.full(i.size, base.high), np.full(i.size, base.low))
        else:
            base = base.at(lane)
        value, exponent, known = _exponentials(start, stop, base, i, div)
        if not truncate:
            known &= exponent >= 0
        return Whole(value, known)


def _between(start: DoubleWord, stop: DoubleWord, i: Integers, div: int) -> Whole:
    (a, a_known), (b, b_known) = to_integers(start), to_integers(stop)
    known = a_known & b_known & (a > 0) & (b > 0)
    a, b = np.where(known, a, 1), np.where(known, b, 1)
    common = np.gcd(a, b)
    j, q = _lowest(i, np.full(i.size, div))
    r, s = _roots(b // common, q), _roots(a // common, q)
    known &= r.known & s.known
    return Whole(common * _power(s.value, q - j) * _power(r.value, j), known)


def _set_floors(value: Integers, known: Flags, at: Flags, end: DoubleWord) -> None:
    """The integer part of a positive end: of the low part, too, if the high one has no fraction."""
    floor = np.floor(end.high)
    carry = np.where(floor == end.high, np.floor(np.zeros_like(floor) + end.low), 0.0)
    at = at & (floor >= 0) & (floor < _TOP) & ~known
    value[at], known[at] = floor[at].astype(np.int64) + carry[at].astype(np.int64), True


def _exponentials(
    start: DoubleWord, stop: DoubleWord, base: DoubleWord, i: Integers, div: int
) -> tuple[Integers, Integers, Flags]:
    """Integer parts of powers, the exponents of a root of the base, and where they are known."""
    unit = 2.0**_EXPONENT_BITS
    known = np.ones(i.size, np.bool_)
    ends = []
    for high, low in (start, stop):
        scaled = high * unit
        known &= (np.rint(scaled) == scaled) & (np.abs(high) < _LARGEST) & (low + 0.0 == 0)
        ends.append(np.where(known, scaled, 0.0).astype(np.int64))
    root, base_known = to_integers(base)
    known &= base_known & (root > 1)
    # Below 2**30 * 2**31; the denominator below 2**41.
    p, q = _lowest(ends[0] * (div - i) + ends[1] * i, np.full(i.size, div << _EXPONENT_BITS))
    roots = _roots(np.where(known, root, 1), q)
    known &= roots.known
    value, exponent = roots.value, np.where(known, p, 0)
    known &= _fits(value, exponent)
    positive = np.where(known & (exponent > 0), exponent, 0)
    return np.where(exponent < 0, 0, _power(value, positive)), exponent, known


def _lowest(p: Integers, q: Integers) -> tuple[Integers, Integers]:
    common = np.gcd(p, q)
    return p // common, q // common


def _fits(x: Integers, exponent: Integers) -> Flags:
    """Whether a power is below ``2**63``, by far more than its float64 is off."""
    size = np.ones(x.size)
    square = x.astype(np.float64)
    e = np.where(exponent > 0, exponent, 0)
    e = np.where(x == 1, 0, e)
    fits = e < 64
    for _ in range(6):
        size = np.where(e & 1 == 1, size * square, size)
        square = square * square
        e = e >> 1
    return fits & (size < _TOP * (1 - 2.0**-40))


def _power(x: Integers, exponent: Integers) -> Integers:
    """Powers below ``2**63``; of more than 63 there is none but that of 1."""
    power, square, e = np.ones_like(x), x.copy(), np.where(x == 1, 0, exponent)
    for _ in range(6):
        power = np.where(e & 1 == 1, power * square, power)
        square = square * square
        e = e >> 1
    return power


def _roots(n: Integers, q: Integers) -> Whole:
    """The ``q``-th roots of numbers that are positive, where they are integers."""
    value, known = np.ones_like(n), n == 1
    for k in np.unique(q[~known]).tolist():
        if k > 62:
            continue
        where = (q == k) & ~known
        value[where], known[where] = _root(n[where], k)
    return Whole(value, known)


def _root(n: Integers, k: int) -> tuple[Integers, Flags]:
    if k == 1:
        return n, np.ones(n.size, np.bool_)
    if k < 4:  # tried near the root of the float, which is off by less than one half
        guess = np.sqrt(n.astype(np.float64)) if k == 2 else np.cbrt(n.astype(np.float64))
        root = np.rint(guess).astype(np.int64)
    else:
        table = _table(k)
        root = np.searchsorted(table, n) + 1
    return root, (_power(root, np.full(n.size, k)) == n) & (root < _limit(k))


def _limit(k: int) -> int:
    """The least integer whose ``k``-th power is not below ``2**63``."""
    low, high = 1, 1 << 32
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle**k < 1 << 63 else (low, middle)
    return low


@lru_cache(maxsize=64)
def _table(k: int) -> Integers:
    """The ``k``-th powers of 1, 2, ... below ``2**63``."""
    roots = np.arange(1, _limit(k), dtype=np.int64)
    return _power(roots, np.full(roots.size, k))
