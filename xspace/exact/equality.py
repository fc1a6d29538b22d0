"""Whether two progressions have the same elements, as real numbers: exactly, in bounded time."""

from __future__ import annotations

from math import prod

from .products import is_one
from .progression import Arithmetic, Geometric

__all__ = ["have_same_elements"]

Progression = Arithmetic | Geometric

#: An element: its sign, and factors ``n**e`` whose product is a power of its magnitude, and which.
_Element = tuple[int, list[tuple[int, int]], int]


def have_same_elements(
    one: Progression, two: Progression, *, negative: tuple[bool, bool] = (False, False)
) -> bool:
    """Whether all elements are equal, with those of a line negated where ``negative`` says so.

    Three of them decide.  Two lines of one kind that agree in two elements agree in all; and if
    ``x, x + d, x + 2*d`` are in geometric progression, ``(x + d)**2 == x * (x + 2*d)``, so that
    ``d`` is zero, and both lines are constant.
    """
    if one.num != two.num:
        return False
    return all(
        _are_equal(_element(one, i, negative[0]), _element(two, i, negative[1]))
        for i in range(min(one.num, 3))
    )


def _element(line: Progression, i: int, negative: bool) -> _Element:
    n = line.a + i * line.b
    if isinstance(line, Arithmetic):
        sign = (n > 0) - (n < 0)
        return (-sign if negative else sign), [(abs(n), 1), (line.den, -1)], 1
    (top, bottom), (base_top, base_bottom) = line.scale, line.base
    scale = [(top, line.den), (bottom, -line.den)]
    return (-1 if negative else 1), [*scale, (base_top, n), (base_bottom, -n)], line.den


def _are_equal(one: _Element, two: _Element) -> bool:
    """``x == y``, where powers ``x**r`` and ``y**s`` are products: ``x**(r*s) == y**(r*s)``."""
    if one == two:  # in so many words
        return True
    (sign, factors, r), (other_sign, other_factors, s) = one, two
    if sign != other_sign or sign == 0:
        return sign == other_sign
    quotient = [(n, e * s) for n, e in factors] + [(n, -e * r) for n, e in other_factors]
    if all(abs(e) == 1 for _, e in quotient):  # long divisions take longer than products
        return prod(n for n, e in quotient if e > 0) == prod(n for n, e in quotient if e < 0)
    return is_one(quotient)
