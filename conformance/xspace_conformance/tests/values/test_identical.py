"""Large grids: whole arrays bit for bit between all targets, and samples against the oracle."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from ...cases.lanes import Batch
from ...cases.random_grids import FUNCTIONS, random_case
from ...checks.causes import line
from ...checks.compare import report
from ...subjects.target import Target
from ...subjects.targets import line_up
from ...truth.answers import answer
from ...truth.case import Case, sampled
from ...truth.formats import FLOAT_FORMATS, Bits

LARGE = [
    Case("decimals", "logspace", -3.1, 4.7, 1_000_000),
    Case("overflow-to-subnormals", "logspace", 310, -325, 100_003),
    Case("base-two", "logspace", -140, 127, 100_000, base=2),
    Case("close", "logspace", 0.1, 0.1000001, 100_001, base=2.718281828459045),
    Case("decimals", "geomspace", 0.3, 20.3, 1_000_000),
    Case("negative", "geomspace", -1e30, -1e-44, 100_003),
    Case("open", "geomspace", 1, 2, 100_000, endpoint=False),
    Case("decimals", "linspace", 0.1, 0.7, 1_000_000),
    Case("across-zero", "linspace", -1.0, math.pi, 100_003),
    Case("subnormal", "linspace", -1e-310, 1e-320, 100_003),
    Case("integers", "linspace", 0, 99_999, 100_000),
    Case("cancellation", "linspace", -1e16, 1e16 + 2, 100_001),
    Case("whole-range", "linspace", -1.7976931348623157e308, 1.7976931348623157e308, 100_001),
    Case("far-apart", "linspace", 5e-324, 1e300, 65_537),
    Case("integer-powers", "logspace", 0, 65_535, 65_536, base=1 + 2.0**-8),
    Case("midpoints", "logspace", 0, 1000 - 1, 99_901, base=3),
    Case("near-one", "logspace", -1e-15, 1e-15, 65_537),
    Case("fractions", "geomspace", Fraction(1, 3), Fraction(10**40, 7), 70_000),
    Case("whole-range", "geomspace", 5e-324, 1.7976931348623157e308, 100_001),
    Case("one-ulp-apart", "geomspace", 1.0, 1 + 2.0**-23, 66_000),
]


def reference_first(targets: list[Target], case: Case | Batch) -> Iterator[Target]:
    """Yield the targets that take a case, with NumPy for company where there is but one."""
    able = [target for target in targets if target.takes(case)]
    if len(able) == 1 and able[0].name != "numpy":
        yield from (target for target in line_up(["numpy"]).targets if target.takes(case))
    yield from able


def compare_all(targets: list[Target], case: Case) -> None:
    """Fail unless all targets give the same bits, and the oracle's where it was asked."""
    first: tuple[Bits, str] | None = None
    wrong = []
    for target in reference_first(targets, case):
        try:
            bits = target.bits(case)
        except Exception as error:  # one target's error must not hide what the others do
            wrong.append(f"{target.name}: {error!r}\n  reproduce: {line(target, case)}")
            continue
        first = first or (bits, target.name)
        message = compare_one(target, case, bits, *first)
        if message is not None:
            wrong.append(f"{target.name}: {message}")
    assert not wrong, "\n".join(wrong)


def compare_one(target: Target, case: Case, bits: Bits, reference: Bits, source: str) -> str | None:
    """Compare one target's whole array with another's, and a sample with the oracle."""
    wanted = answer(case)
    assert wanted.bits is not None
    snippet = line(target, case)
    message = report(case, wanted.indices, bits[wanted.indices], wanted.bits, snippet)
    return message or report(case, np.arange(case.num), bits, reference, snippet, source=source)


def check(targets: list[Target], cases: list[Case]) -> None:
    """Compare the cases that some target takes; skip the test if there is none."""
    taken = [case for case in cases if any(target.takes(case) for target in targets)]
    if not taken:
        pytest.skip(f"no target takes {cases[0].id}")
    for case in taken:
        compare_all(targets, case)


@pytest.mark.anyone
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("case", LARGE, ids=lambda case: f"{case.function}-{case.name}")
def test_large_grids(case: Case, dtype: str, everyone: list[Target]) -> None:
    check(everyone, [sampled(replace(case, dtype=dtype))])


@pytest.mark.anyone
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int32", "uint64"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_other_dtypes(function: str, dtype: str, everyone: list[Target]) -> None:
    stop = 60_000 if dtype in FLOAT_FORMATS else 2**31 - 1
    case = Case("other", function, 1, stop, 50_000, dtype=dtype)
    if function == "logspace":
        case = replace(case, start=0, stop=math.log10(stop))
    check(everyone, [sampled(case)])


@pytest.mark.anyone
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_large_grids(function: str, dtype: str, everyone: list[Target], seed: int) -> None:
    rng = random.Random(f"{seed} {function} {dtype} large")
    check(everyone, [random_case(rng, dtype, function, largest=100_000) for _ in range(3)])
