"""Calls of ``arange``, hand-written and random ones."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from ..truth.case import FLOATS, INTS
from ..truth.formats import FloatFormat, format_of
from ..truth.steps import Steps
from .random_grids import random_case, random_num

F = Fraction
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
