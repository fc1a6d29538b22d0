"""Calls of ``arange``: what they are, their right answer, hand-written and random ones.

Element ``i`` is ``start + i*step``, rounded once (to the floor in an integer dtype), and there are
``ceil((stop - start) / step)`` of them, or none: all of it in exact rationals.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

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
    """

    name: str
    start: Any
    stop: Any
    step: Any
    dtype: str = "float64"
    function = "arange"
    indices = None

    @cached_property
    def num(self) -> int:
        """The number of elements."""
        # The ceiling of x is minus the floor of -x.
        return max(int(-((exact(self.start) - exact(self.stop)) // exact(self.step))), 0)

    @property
    def arguments(self) -> tuple[Any, Any, Any]:
        """The numbers of the call."""
        return self.start, self.stop, self.step

    @property
    def keywords(self) -> dict[str, Any]:
        """Keyword arguments of the call, the dtype apart."""
        return {}

    @property
    def id(self) -> str:
        """Identify the call in a test report."""
        return f"arange-{self.name}-{self.dtype}"

    @property
    def dtypes(self) -> tuple[str, ...]:
        """What a target needs to have."""
        return (self.dtype,)

    def in_multiples(self, multiple: int) -> Steps:
        """Return the call with a later stop, so that its length is divisible."""
        more = -self.num % multiple
        return replace(self, stop=F(self.start) + F(self.step) * (self.num + more))

    def snippet(self, dtype: str, namespace: str, device: str | None = None) -> str:
        """Return the call as code that reproduces it."""
        args = [*map(show, self.arguments), f"dtype={dtype}", f"xp={namespace}"]
        args += [f"device={device}"] if device is not None else []
        return f"xspace.arange({', '.join(args)})"


class StepGrid:
    """The elements of a call, as `oracle.Grid` has them."""

    def __init__(self, case: Steps) -> None:
        self.num = case.num
        self.start, self.step = exact(case.start), exact(case.step)

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
    ("one-too-many", 1, 1.3, 0.1),
    ("as-many-as-meant", 1, Decimal("1.3"), Decimal("0.1")),
    ("four-of-three-tenths", 0, 0.9, 0.3),
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
