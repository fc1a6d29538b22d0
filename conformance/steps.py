"""Calls of ``arange``: what they are, their right answer, hand-written and random ones.

Element ``i`` is ``start + i*step``, rounded once (to the floor in an integer dtype), in exact
rationals. Their number is ``k`` if numbers that round to the floats of the call make
``(stop - start) / step`` the whole number ``k`` and no other whole number; else it is the ceiling
of the quotient of the floats themselves, or none. Whether ``k`` is made is asked of every ``k``
that it can be: do the numbers that ``stop - start`` stands for meet ``k`` times those of the step?
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from gmpy2 import mpq

from .cases import FLOATS, INTS, show
from .formats import FloatFormat, IntFormat, format_of
from .oracle import Unrepresentable, exact
from .random_grids import random_case, random_num

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


HAIR = F(1, 10**60)
LONG = F(10**3000 + 1, 7**3550)

CALLS: list[tuple[Any, ...]] = [
    ("tenths", 0, 1, Decimal("0.1")),
    ("tenths-of-floats", 0, 1, 0.1),
    ("as-many-as-typed", 1, 1.3, 0.1),
    ("as-many-as-exact", 1, Decimal("1.3"), Decimal("0.1")),
    ("three-of-three-tenths", 0, 0.9, 0.3),
    ("four-of-exact-three-tenths", 0, 0.9, F(0.3)),
    ("eleven-tenths", 0, 1.1, 0.1),
    ("eleven-tenths-down", 1.1, 0, -0.1),
    ("between-two-lengths", 0, 0.95, 0.1),
    ("singles", np.float32(0), np.float32(379), np.float32(379 / 94)),
    ("a-single-step", 0, 1, np.float32(0.1)),
    ("a-half-step", 0, 1, np.float16(0.1)),
    ("halves-of-many-lengths", 0, np.float16(500), np.float16(0.1)),
    ("a-single-and-a-double", np.float32(0.1), 0.1, 1),
    ("a-power-of-two", 0, 1 - 2.0**-54, 2.0**-3),
    ("beside-a-power-of-two", 0, 1 - 2.0**-53, 2.0**-3),
    ("least-of-many-lengths", 0, 5e-323, 1e-323 + 5e-324),
    ("least-halves", 0, np.float16(6e-7), np.float16(6e-8)),
    ("down", 0.5, -3, -0.3),
    ("down-across-zero", 1, -1, F(-1, 4)),
    ("sevenths", -2.0, 2, F(1, 7)),
    ("huge", 1e308, 1.5e308, 1e306),
    ("overflows", 1e308, 10**309, 2.0**1020),
    ("overflows-float32", 3e38, F(4) * 10**38, 1e37),
    ("overflows-float16", 65000, 66000, 8),
    ("subnormal", 0, 1e-310, 3e-313),
    ("subnormal-float32", -(2.0**-140), 2.0**-140, 2.0**-149),
    ("subnormal-float16", 0, 2.0**-20, 2.0**-26),
    ("least", 0, 5e-323, 5e-324),
    ("underflows", -HAIR / 10**400, HAIR / 10**400, HAIR / 10**401),
    ("close", 10**15, 10**15 + 1, F(1, 300)),
    ("midpoints", 2**53, 2**53 + 40, 1),
    ("midpoints-float32", 2**24, 2**24 + 40, 1),
    ("midpoints-float16", 2**11, 2**11 + 40, 1),
    ("midpoints-bfloat16", 2**8, 2**8 + 40, 1),
    ("beside-midpoints", 2**53 + HAIR, 2**53 + 40, 1),
    ("below-midpoints", 2**53 - HAIR, 2**53 + 40, 1),
    ("empty", 5, 5, 1),
    ("empty-of-floats", 0.1, 0.1, -0.1),
    ("wrong-way", 5, 4, 1),
    ("wrong-way-down", 4, 5, -0.5),
    ("one", 0.3, 0.3 + 2.0**-54, 1),
    ("one-large-step", 1, 2, 10**400),
    ("exactly-to-the-stop", 0, 60 * F(1, 3), F(1, 3)),
    ("just-over-the-stop", 0, 60 * F(1, 3) + HAIR, F(1, 3)),
    ("just-under-the-stop", 0, 60 * F(1, 3) - HAIR, F(1, 3)),
    ("exactly-to-the-stop-down", 0, -60 * F(1, 3), F(-1, 3)),
    ("just-over-the-stop-down", 0, -60 * F(1, 3) - HAIR, F(-1, 3)),
    ("minus-zero", -0.0, 1, 0.25),
    ("through-zero", -0.75, 1, 0.25),
    ("steps-of-seven", -100, 100, 7),
    ("from-the-top", 255, -1, -5),
    ("long-fractions", LONG, LONG + 40, 1 + LONG / 10),
    ("cancellation", -1e16, 1e16 + 2, F(10**15)),
    ("sums-of-a-rounded-step", 0.1, 101, 0.1),
]
INTEGERS: list[tuple[Any, ...]] = [
    ("floor", F(-19, 10), 9, F(2, 3)),
    ("floor-down", 4.9, -3, -0.7),
    ("a-step-below-one", 0, 3, 0.25),
    ("just-below", 3 - HAIR, 9, 1),
    ("int8", -128, 128, 1),
    ("int8-too-large", 100, 129, 7),
    ("uint8-below-zero", 3, -2, -1),
    ("int64-top", 2**63 - 5, 2**63, 1),
    ("int64-bottom", -(2**63) + 3, -(2**63) - 1, -1),
    ("int64-too-large", 2**63 - 5, 2**63 + 1, 1),
    ("uint64-top", 2**64 - 9, 2**64, 2),
    ("below-the-top", 2**63 - F(1, 3) - 2, 2**63, F(1, 7)),
]


def hard_steps() -> list[Steps]:
    """Return all hand-written calls."""
    floats = [Steps(*row, dtype=dtype) for row in CALLS for dtype in FLOATS]
    narrow = ("empty", "wrong-way", "steps-of-seven", "from-the-top", "tenths", "down")
    rows = [*(row for row in CALLS if row[0] in narrow), *INTEGERS]
    return [*floats, *(Steps(*row, dtype=dtype) for row in rows for dtype in INTS)]


def inclusive_steps() -> list[Steps]:
    """Return some of them with other ends, and some that meet their stop and some that do not."""
    names = ("as-many-as-typed", "down", "between-two-lengths", "eleven-tenths-down", "empty")
    names += (
        "exactly-to-the-stop-down",
        "just-over-the-stop",
        "wrong-way",
        "halves-of-many-lengths",
    )
    rows = [row for row in CALLS if row[0] in names]
    others = ("both", "right", "neither")
    return [
        Steps(*row, dtype=dtype, inclusive=inclusive)
        for row in rows
        for dtype in ("float64", "float32", "int64")
        for inclusive in others
    ]


def random_steps(rng: random.Random, dtype: str, largest: int = 500) -> Steps:
    """Draw a call: a step that divides some way evenly, or nearly, and a stop beside its end."""
    form = format_of(dtype)
    case = random_case(rng, dtype, "linspace")
    start, stop = F(case.start), F(case.stop)
    num = random_num(rng, largest)
    step = _spelled(rng, (stop - start) / num) if start != stop else F(1, num)
    length = F(num) + rng.choice((0, 0, HAIR, -HAIR, F(rng.uniform(-1, 1))))
    end: Any = start + F(step) * length
    if rng.random() < 0.5:
        end = _as_float(end)
    if isinstance(form, FloatFormat) and rng.random() < 0.05:
        end = start - F(step)  # the wrong way
    drawn = Steps("random", case.start, end, step, dtype)
    # A stop that was rounded may lie any number of steps away.
    return drawn if drawn.num <= 2 * largest else replace(drawn, stop=start + F(step) * length)


def _spelled(rng: random.Random, value: Fraction) -> Any:
    kind = rng.random()
    near = _as_float(value)
    if kind < 0.4 or not near:
        return value
    if kind < 0.8 or not isinstance(near, float):
        return near
    return float(f"{near:.{rng.randint(1, 6)}g}") or value


def _as_float(value: Fraction) -> Any:
    """Return the nearest binary64 number where that is finite."""
    return float(value) if abs(value) < 2**1023 else value
