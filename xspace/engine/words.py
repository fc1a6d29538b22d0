"""Double-word arithmetic: a number as an unevaluated sum ``high + low`` of two float64 arrays.

The building blocks are error-free transforms of basic IEEE operations (Knuth's TwoSum, Dekker's
product with Veltkamp's splitting; chapter 4 of the *Handbook of Floating-Point Arithmetic*).
They are exact only where each operation is rounded by itself, as in eager array libraries.
``=`` in a docstring is exact, ``~`` is not, with its bound.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "SPLITTER",
    "TRACE",
    "DoubleWord",
    "add",
    "fast_two_sum",
    "multiply",
    "split",
    "two_product",
    "two_sum",
]

SPLITTER = 134217729.0  # 2**27 + 1

#: The least low part of an end: what is smaller counts as this, and not as nothing.  It is normal,
#: so that no processor flushes it to zero, and below ``2**-106`` of every end that the kernels
#: for lanes take, or of a unit of its lane.
TRACE = 2.0**-1022


class DoubleWord(NamedTuple):
    """A number, or an array of numbers: the unevaluated sum of two floats or float64 arrays."""

    high: Any
    low: Any = 0.0

    def at(self, places: Any) -> DoubleWord:
        """Some of the numbers of arrays; one number is for all places."""
        return DoubleWord(*(w if isinstance(w, (float, int)) else w[places] for w in self))


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """``s + e = a + b`` with ``s = fl(a + b)`` (Knuth)."""
    s = a + b
    t = s - a
    return s, (a - (s - t)) + (b - t)


def fast_two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """``s + e = a + b`` if ``|a| >= |b|`` (Dekker)."""
    s = a + b
    return s, b - (s - a)


def split(a: Any) -> tuple[Any, Any]:
    """``a = high + low``, both of at most 26 bits, below ``2**970`` (Veltkamp)."""
    t = a * SPLITTER
    high = t - (t - a)
    return high, a - high


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """``p + e = a * b`` with ``p = fl(a * b)``, but for underflow (Dekker)."""
    p = a * b
    a1, a2 = split(a)
    b1, b2 = split(b)
    return p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2


def add(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """``~ x + y``, off by less than ``2**-103`` of ``|x| + |y|``."""
    s, e = two_sum(x.high, y.high)
    return DoubleWord(*fast_two_sum(s, e + (x.low + y.low)))


def multiply(x: DoubleWord, y: DoubleWord) -> DoubleWord:
    """``~ x * y``, off by less than ``2**-102`` of it."""
    p, e = two_product(x.high, y.high)
    return DoubleWord(*fast_two_sum(p, e + (x.high * y.low + x.low * y.high)))
