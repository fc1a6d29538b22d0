"""Complex grids on every target that has a complex dtype, against MPC."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any

import numpy as np
import pytest

from ...cases.complex_grids import COMPLEX, FUNCTIONS, complex_cases, random_complex_case
from ...checks.compare import report
from ...subjects.target import Target
from ...truth.case import Case
from ...truth.complex_oracle import PARTS, complex_answer
from ...truth.formats import FLOAT_FORMATS, Bits, format_of

HARD = complex_cases()
GRIDS = 40  # for each function and dtype
SIZES = 12  # different sizes: JAX compiles anew for each


def dtypes_of(target: Target) -> list[str]:
    """Return the complex dtypes of a target; skip the test if it has none."""
    found = [d for d in COMPLEX if target.has_complex(d, PARTS[d])]
    if not found:
        pytest.skip(f"{target.name} has no complex dtype")
    return found


def parts(target: Target, case: Case) -> Bits:
    """Return the bits of both parts of a grid, having checked everything else."""
    with target.scope():
        array = target.array(case)
        target.check_kind(case, array)
        host = target.read_out(array)
    assert str(host.dtype) == case.dtype
    return np.ascontiguousarray(host).view(format_of(PARTS[case.dtype]).view).reshape(-1, 2)


def check(target: Target, case: Case) -> None:
    """Fail unless both parts of all elements are right."""
    got, wanted = parts(target, case), complex_answer(case)
    indices = np.arange(case.num) if case.indices is None else np.array(case.indices)
    for k, name in enumerate(("real", "imaginary")):
        part = _PartCase(case, name)
        message = report(part, indices, got[indices, k], wanted[:, k], target.snippet(case))
        assert message is None, message


class _PartCase:
    """A case as `report` wants it: its elements are numbers of the parts' dtype."""

    def __init__(self, case: Case, part: str) -> None:
        self.name, self.num, self.dtype = f"{case.name}, {part} part", case.num, PARTS[case.dtype]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_hard_cases(target: Target, function: str) -> None:
    for dtype in dtypes_of(target):
        for case in HARD:
            if case.function == function and case.dtype == dtype:
                check(target, case)


@lru_cache(maxsize=16)
def grids(seed: int, function: str, dtype: str) -> list[Case]:
    """Return the random grids of a function in a dtype."""
    rng = random.Random(f"{seed} complex {function} {dtype}")
    sizes = [random.Random(f"{seed} {k}").randrange(1, 90) for k in range(SIZES)]
    return [random_complex_case(rng, function, dtype, rng.choice(sizes)) for _ in range(GRIDS)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_grids(target: Target, function: str, seed: int) -> None:
    for dtype in dtypes_of(target):
        for case in grids(seed, function, dtype):
            check(target, case)


def test_the_default_dtype_holds_the_default_parts(target: Target) -> None:
    import xspace

    dtypes_of(target)
    with target.scope():
        real = target.xp.zeros((0,), **target.device_keyword).dtype
        wanted = {str(getattr(target.xp, p)): d for d, p in PARTS.items() if target.has(p)}
        grid = xspace.geomspace(1, 2j, 5, xp=target.xp, **target.device_keyword)
        assert grid.dtype == getattr(target.xp, wanted[str(_plain(target, real))])


def _plain(target: Target, dtype: Any) -> Any:
    (name,) = (n for n in FLOAT_FORMATS if target.has(n) and getattr(target.xp, n) == dtype)
    return getattr(target.xp, name)


# The oracle against what can be known without it.

KNOWN = [
    (Case("", "geomspace", 1j, 1000j, 4), [1j, 10j, 100j, 1000j]),
    (Case("", "geomspace", -1, 1, 3), [-1, 1j, 1]),
    (Case("", "geomspace", 1, -1, 3), [1, 1j, -1]),
    (Case("", "geomspace", -1j, 1j, 3), [-1j, 1, 1j]),
    (Case("", "geomspace", 1, -8, 4), [1, 1 + 3**0.5 * 1j, -2 + 12**0.5 * 1j, -8]),
    (Case("", "geomspace", 1, -117 + 44j, 4), [1, 3 + 4j, -7 + 24j, -117 + 44j]),
    (Case("", "logspace", 0, 8, 9, base=1 + 1j), [(1 + 1j) ** k for k in range(9)]),
    (Case("", "logspace", 0, 3, 4, base=2 - 1j), [1, 2 - 1j, 3 - 4j, 2 - 11j]),
    (Case("", "logspace", 0, 1, 3, base=-4), [1, 2j, -4]),
    (Case("", "linspace", 1 + 2j, 3 + 4j, 3), [1 + 2j, 2 + 3j, 3 + 4j]),
]


@pytest.mark.parametrize(("case", "values"), KNOWN)
def test_the_oracle_knows_simple_numbers(case: Case, values: list[complex | None]) -> None:
    from dataclasses import replace

    bits = complex_answer(replace(case, dtype="complex128"))
    found = bits.view(np.float64)
    for row, value in zip(found, values, strict=True):
        if value is not None:
            assert complex(*row) == value
            assert not np.signbit(row[row == 0]).any(), "an exact zero is positive"


def test_a_wrong_bit_is_found() -> None:
    """The check itself: one bit of one part of one element."""
    case = next(c for c in HARD if c.name == "geomspace-numpy-spiral")
    wanted = complex_answer(case)
    for k, name in enumerate(("real", "imaginary")):
        got = wanted.copy()
        got[3, k] ^= 1
        message = report(
            _PartCase(case, name), np.arange(case.num), got[:, k], wanted[:, k], "the call"
        )
        assert message is not None
        assert f"{name} part" in message
        assert "element 3 of 7" in message
