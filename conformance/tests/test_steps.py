"""The oracle for ``arange`` against the definition, and the generator of calls."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from xspace_conformance.cases.public_reports import RANGES
from xspace_conformance.cases.steps import CALLS, hard_steps, random_steps
from xspace_conformance.truth.answers import grid_of
from xspace_conformance.truth.formats import DTYPES, FLOAT_FORMATS, FloatFormat, format_of
from xspace_conformance.truth.steps import Steps, meant

HARD = hard_steps()
REPORTED = [case for case, _ in RANGES]


def counted(case: Steps) -> list[Fraction]:
    """Return the exact elements before the stop, one after the other."""
    start, stop, step = (as_fraction(number) for number in case.arguments)
    found = []
    while (start < stop) if step > 0 else (start > stop):
        found.append(start)
        start += step
    return found


def as_fraction(number: Any) -> Fraction:
    """Return the exact value of a scalar."""
    return Fraction(*number.as_integer_ratio())


def nearest(value: Fraction) -> float:
    """Return the nearest binary64 number: Python's division is correctly rounded."""
    return value.numerator / value.denominator


@pytest.mark.parametrize(("case", "num"), RANGES, ids=[case.name for case in REPORTED])
def test_the_oracle_agrees_with_reporters(case: Steps, num: int) -> None:
    assert case.num == num


@pytest.mark.parametrize("name", [row[0] for row in CALLS])
def test_the_oracle_counts(name: str) -> None:
    (case,) = (case for case in HARD if case.name == name and case.dtype == "float64")
    elements = counted(case)
    assert len(elements) - case.num in (0, 1)
    form = format_of("float64")
    assert isinstance(form, FloatFormat)
    oracle = grid_of(case)
    whole = grid_of(Steps(name, *case.arguments, dtype="int64"))
    for index, value in enumerate(elements[: case.num]):
        if abs(value) < 2**1023:
            assert oracle.element(index, "float64") == form.from_float(nearest(value))
        if abs(value) < 2**60:
            assert whole.element(index, "int64") == math.floor(value)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_oracle_finds_numbers_that_are_meant(dtype: str) -> None:
    """Where one element is left out: three numbers that round to the call's, as many steps apart.

    Their quotient is the length, so it is one that may have been meant. No other is: for one more
    and one less, the closest such numbers do not round to the call's.
    """
    kind = np.dtype(dtype).type
    rng = random.Random(dtype)
    shorter = 0
    for _ in range(400):
        step, num = kind(rng.randint(1, 999) / 10 ** rng.randint(0, 3)), rng.randint(1, 500)
        stop = kind(nearest(num * Fraction(str(step))))
        case = Steps("decimals", kind(0), stop, step)
        assert case.num == num
        shorter += len(counted(case)) - num
        last, pace = meant(stop), meant(step)
        low, high = max(last.low / num, pace.low), min(last.high / num, pace.high)
        between = (low + high) / 2
        exact_step = Fraction(int(between.numerator), int(between.denominator))
        if dtype == "float64":
            assert (nearest(exact_step), nearest(num * exact_step)) == (step, stop)
        for other in (num - 1, num + 1):
            assert other * pace.high < last.low or last.high < other * pace.low
    assert shorter > 20


@pytest.mark.parametrize("number", [0.1, 1.0, 2.0**-1022, 5e-324, 0.0, -3.0, np.float16(65504)])
def test_what_a_float_stands_for(number: Any) -> None:
    """Numbers beside the ends round to it or do not; the ends do if they belong to it."""
    form = format_of(np.asarray(number).dtype.name)
    assert isinstance(form, FloatFormat)
    interval = meant(number)
    bits = form.from_float(abs(float(number)))

    def rounds_to_it(value: Any) -> bool:
        if value * number < 0:
            return False  # of another sign
        return form.round_ratio(int(abs(value.numerator)), int(value.denominator)) == bits

    hair = (interval.high - interval.low) / 2**40
    for end, inwards in ((interval.low, hair), (interval.high, -hair)):
        assert rounds_to_it(end + inwards)
        assert not rounds_to_it(end - inwards)
        assert rounds_to_it(end) == interval.closed


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_generator_varies(dtype: str) -> None:
    """Lengths that a rounded quotient would miss, either way, and empty ones are drawn, too."""
    calls = [random_steps(random.Random(f"{k} {dtype}"), dtype) for k in range(300)]
    lengths = [case.num for case in calls]
    fewer = [len(counted(c)) - num for c, num in zip(calls, lengths, strict=True)]
    assert set(fewer) == {0, 1}
    quotients = [(Fraction(c.stop) - Fraction(c.start)) / Fraction(c.step) for c in calls]
    off = [num - math.ceil(float(q)) for num, q in zip(lengths, quotients, strict=True) if num]
    assert len(set(off) & {-1, 0, 1}) > 1
    assert any(q.denominator == 1 and q > 1 for q in quotients)
    assert len(set(lengths)) > 50
    assert dtype not in FLOAT_FORMATS or 0 in lengths
