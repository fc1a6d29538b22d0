"""``arange`` on every target, against exact rationals: how many elements, and every bit of them."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

import xspace

from ...cases.public_reports import RANGES
from ...cases.steps import hard_steps, inclusive_steps, random_steps
from ...checks.compare import check_each, check_target, differing
from ...subjects.target import Target
from ...truth.answers import answer
from ...truth.formats import FLOAT_FORMATS
from ...truth.steps import Steps

HARD = hard_steps()
REPORTED = [case for case, _ in RANGES]
CASES = [*HARD, *inclusive_steps(), *REPORTED]
DRAWN = 40  # for each dtype
INPUTS = ("float64", "float32", "int32")


@pytest.mark.shares
def test_hard_steps(target: Target, cases: list[Steps]) -> None:
    check_each(cases, lambda case: check_steps(target, case))


def check_steps(target: Target, case: Steps) -> None:
    """Fail unless elements are right, or the error that is due names the first that is wrong."""
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
