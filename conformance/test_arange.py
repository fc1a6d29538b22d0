"""``arange`` on every target, against exact rationals: how many elements, and every bit of them."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

import xspace

from .answers import answer, grid_of
from .compare import check_target, differing
from .formats import DTYPES, FLOAT_FORMATS, FloatFormat, format_of
from .public_reports import RANGES
from .steps import CALLS, Steps, hard_steps, inclusive_steps, meant, random_steps
from .targets import Target

HARD = hard_steps()
REPORTED = [case for case, _ in RANGES]
CASES = [*HARD, *inclusive_steps(), *REPORTED]
DRAWN = 40  # for each dtype
INPUTS = ("float64", "float32", "int32")


@pytest.mark.shares
def test_hard_steps(target: Target, case: Steps) -> None:
    wanted = answer(case)
    check_target(target, case, wanted)
    if wanted.misfit is not None:
        message = f"arange: element {wanted.misfit} is"  # the first one, here
        with target.scope(), pytest.raises(OverflowError, match=message):
            target.array(case)


@lru_cache(maxsize=16)
def drawn(seed: int, dtype: str) -> list[Steps]:
    """Return the random calls in a dtype."""
    rng = random.Random(f"{seed} arange {dtype}")
    return [random_steps(rng, dtype) for _ in range(DRAWN)]


@pytest.mark.shares
def test_random_steps(target: Target, seed: int) -> None:
    for dtype in target.dtypes:
        for case in target.cases(drawn(seed, dtype)):
            check_target(target, case, answer(case))


@pytest.mark.parametrize("dtype", INPUTS)
def test_arguments_that_are_arrays(target: Target, dtype: str) -> None:
    """Each of the three as an array of no dimensions, with the others as plain numbers."""
    if not target.has(dtype):
        pytest.skip(f"{target.name} lacks {dtype}")
    floating = dtype in FLOAT_FORMATS
    numbers = (-0.75, 40, 0.375) if floating else (-7, 40, 3)
    with target.scope():
        default = dtype if floating else default_of(target, 0)
        case = Steps("arrays", *numbers, dtype=default)
        for place in range(3):
            given: list[Any] = [*numbers]
            kind = getattr(target.xp, dtype)
            given[place] = target.xp.asarray(numbers[place], dtype=kind, **target.device_keyword)
            if target.name == "dask":  # which would have to compute it to know the length
                with pytest.raises(TypeError, match="must be a number that can be read now"):
                    xspace.arange(*given)
                continue
            array = xspace.arange(*given)
            target.check_array(array, default, (case.num,), f"xspace.arange(*{given})")
            assert not differing(target.unsigned(array, default), right(case), default).size


def default_of(target: Target, number: Any) -> str:
    """Return the name of the dtype that the target gives a number by itself."""
    found = target.xp.asarray(number, **target.device_keyword).dtype
    (name,) = (name for name in target.dtypes if getattr(target.xp, name) == found)
    return name


def right(case: Steps) -> np.ndarray[Any, Any]:
    """Return the oracle's bits."""
    bits = answer(case).bits
    assert bits is not None
    return bits


SHORT = [((5,), (0, 5, 1)), ((5.5,), (0, 5.5, 1)), ((2, 9), (2, 9, 1)), ((0.5, 3), (0.5, 3, 1))]


@pytest.mark.parametrize(("given", "meant"), [*SHORT, ((-3, 12, 4), (-3, 12, 4))])
def test_defaults(target: Target, given: tuple[Any, ...], meant: tuple[Any, ...]) -> None:
    """The start, the step and the dtype that are not said."""
    whole = all(isinstance(number, int) for number in given)
    with target.scope():
        default = default_of(target, 0 if whole else 0.5)
        array = xspace.arange(*given, xp=target.xp, **target.device_keyword)
        case = Steps("defaults", *meant, dtype=default)
        target.check_array(array, default, (case.num,), f"xspace.arange{given}")
        assert not differing(target.unsigned(array, default), right(case), default).size


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan, None])
def test_no_range(target: Target, place: int, number: float | None) -> None:
    """A number that is not finite, or a step of zero."""
    call: list[Any] = [1, 2, 0.5]
    if number is None and place < 2:
        call[2] = (0, -0.0)[place]
    else:
        call[place] = Decimal(0) if number is None else number
    with target.scope(), pytest.raises(ValueError, match=r"start|stop|step"):
        xspace.arange(*call, xp=target.xp, **target.device_keyword)


# The oracle against the definition.


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
