"""Calls of ``arange``: what they are, and their right answer.

Element ``i`` is ``start + i*step``, rounded once (to the floor in an integer dtype), in exact
rationals. Their number is ``k`` if numbers that round to the floats of the call make
``(stop - start) / step`` the whole number ``k`` and no other whole number; else it is the ceiling
of the quotient of the floats themselves, or none. Whether ``k`` is made is asked of every ``k``
that it can be: do the numbers that ``stop - start`` stands for meet ``k`` times those of the step?
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from gmpy2 import mpq

from .case import show
from .formats import IntFormat, format_of
from .oracle import Unrepresentable, exact

F = Fraction


@dataclass(frozen=True)
class Steps:
    """One call of ``arange`` in one dtype.

    Parameters
    ----------
    name : str
        What the call is about.
    start, stop, step : int, float, Fraction or Decimal
        The arguments, finite, each taken at its exact value.
    dtype : str
        Name of the dtype.
    inclusive : {"left", "both", "right", "neither"}
        Which of the ends belong to the elements.
    """

    name: str
    start: Any
    stop: Any
    step: Any
    dtype: str = "float64"
    inclusive: str = "left"
    function = "arange"
    indices = None

    @cached_property
    def num(self) -> int:
        """The number of elements."""
        before, meets = length(self.start, self.stop, self.step)
        at_stop = meets and self.inclusive in ("both", "right")
        return max(before + at_stop - self.first, 0)

    @property
    def first(self) -> int:
        """Which multiple of the step the first element is away from the start."""
        return 0 if self.inclusive in ("left", "both") else 1

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        """The numbers of the call."""
        return self.start, self.stop, self.step

    @property
    def keywords(self) -> dict[str, Any]:
        """Keyword arguments of the call, the dtype apart."""
        return {} if self.inclusive == "left" else {"inclusive": self.inclusive}

    @property
    def id(self) -> str:
        """Identify the call in a test report."""
        ends = "" if self.inclusive == "left" else f"-{self.inclusive}"
        return f"arange-{self.name}{ends}-{self.dtype}"

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What a target needs to have."""
        return (self.dtype,)

    def in_multiples(self, multiple: int) -> Steps:
        """Return the call with a later stop, so that its length is divisible."""
        num = self.num + -self.num % multiple
        steps = num + {"both": -1, "neither": 1}.get(self.inclusive, 0)
        return replace(self, stop=F(exact(self.start) + exact(self.step) * steps))

    def snippet(self, dtype: str, namespace: str, device: str | None = None) -> str:
        """Return the call as code that reproduces it."""
        args = [*map(show, self.arguments), *(f"{k}={v!r}" for k, v in self.keywords.items())]
        args += [f"dtype={dtype}", f"xp={namespace}"]
        args += [f"device={device}"] if device is not None else []
        return f"xspace.arange({', '.join(args)})"


@dataclass(frozen=True)
class Interval:
    """Numbers between two ends, which belong to them or do not."""

    low: mpq
    high: mpq
    closed: bool

    def meets(self, other: Interval) -> bool:
        """Say whether there is a number in both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return bool(low < high)
        return all(x.closed or x.low < low < x.high for x in (self, other))


def meant(value: Any) -> Interval:
    """Return the numbers that a scalar stands for: of a float, those that round to it."""
    middle = exact(value)
    if not isinstance(value, float | np.floating):
        return Interval(middle, middle, closed=True)
    number = np.asarray(value)
    infinity = number.dtype.type(np.inf)
    gaps = []
    for direction in (-infinity, infinity):
        with np.errstate(all="ignore"):
            neighbour = np.nextafter(number, direction)
            if np.isinf(neighbour):  # as far as the other one, if exponents had no end
                neighbour = np.nextafter(number, -direction)
        gaps.append(abs(exact(neighbour[()]) - middle) / 2)
    last_bit = number.tobytes()[0 if sys.byteorder == "little" else -1] & 1
    return Interval(middle - gaps[0], middle + gaps[1], closed=not last_bit)


def length(start: Any, stop: Any, step: Any) -> tuple[int, bool]:
    """Return how many steps there are before the stop, and whether one more meets it.

    The number is negative if the steps go the wrong way.
    """
    first, last, pace = meant(start), meant(stop), meant(step)
    closed = first.closed and last.closed
    way = Interval(last.low - first.high, last.high - first.low, closed)
    quotient = (exact(stop) - exact(start)) / exact(step)
    below = int(quotient.numerator // quotient.denominator)

    def is_made(k: int) -> bool:
        ends = sorted((k * pace.low, k * pace.high))
        return way.meets(Interval(*ends, closed=pace.closed or k == 0))

    # The quotients are an interval around this one: if more than one whole number is in it, then
    # two of the four that are nearest are.
    made = [k for k in range(below - 1, below + 3) if is_made(k)]
    if len(made) == 1:
        return made[0], True
    return below + (quotient.denominator != 1), quotient.denominator == 1


class StepGrid:
    """The elements of a call, as `oracle.Grid` has them."""

    def __init__(self, case: Steps) -> None:
        self.num = case.num
        self.step = exact(case.step)
        self.start = exact(case.start) + case.first * self.step

    def element(self, index: int, dtype: str) -> int:
        """Return element `index` in `dtype`: the bits of a float, the value of an integer."""
        if not 0 <= index < self.num:
            raise IndexError(index)
        form = format_of(dtype)
        value = self.start + index * self.step
        if isinstance(form, IntFormat):
            whole = int(value.numerator // value.denominator)
            if not form.low <= whole <= form.high:
                raise Unrepresentable(index, dtype)
            return whole
        magnitude = int(form.round_ratio(abs(value.numerator), value.denominator))
        return magnitude | form.sign_bit if value < 0 else magnitude

    def bits(self, dtype: str, indices: Iterable[int] | None = None) -> np.ndarray[Any, Any]:
        """Return the elements at `indices` (default: all) as an array of unsigned bits."""
        form = format_of(dtype)
        mask = (1 << form.width) - 1
        wanted = range(self.num) if indices is None else indices
        return np.array([self.element(int(i), dtype) & mask for i in wanted], dtype=form.view)
