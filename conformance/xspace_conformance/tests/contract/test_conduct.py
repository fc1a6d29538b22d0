"""What a call does besides giving values: defaults, inference, fresh results, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from ...checks.compare import check_target, differing
from ...subjects.target import Target, device_of
from ...truth.answers import answer
from ...truth.case import Case
from ...truth.formats import FLOAT_FORMATS, Bits

TENTHS = Case("tenths", "linspace", 0, 1, 11)
EXTREME = [
    Case("overflows", "logspace", -400, 400, 801),
    Case("overflows", "linspace", 0, 10**400, 7),
    Case("underflows", "geomspace", 1, Fraction(1, 10**400), 801),
    Case("not-a-number", "linspace", float("-inf"), float("inf"), 3),
    Case("not-a-number", "geomspace", -1, 1, 5),
]


def floating(target: Target) -> list[str]:
    """Return the target's floating dtypes."""
    return [dtype for dtype in FLOAT_FORMATS if target.has(dtype)]


def call(target: Target, function: str, *args: Any, **keywords: Any) -> Any:
    """Call the library with the target's device but not its namespace."""
    import xspace

    return getattr(xspace, function)(*args, **keywords)


@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
def test_default_dtype_is_the_namespaces(target: Target, function: str) -> None:
    with target.scope():
        wanted = target.xp.zeros((0,), **target.device_keyword)
        got = call(target, function, 1, 2, 5, xp=target.xp, **target.device_keyword)
        assert type(got) is type(wanted)
        assert got.dtype == wanted.dtype
        assert device_of(got) == device_of(wanted)
        case = Case("default", function, 1, 2, 5, dtype=_name(target, wanted.dtype))
        assert not differing(target.unsigned(got, case.dtype), _right(case), case.dtype).size


def test_torch_default_dtype_is_respected(targets: list[Target]) -> None:
    found = [target for target in targets if target.name.startswith("torch")]
    if not found:
        pytest.skip("torch: not among the targets")
    target = found[-1]
    before = target.xp.get_default_dtype()
    try:
        for dtype in ("float64", "float16", "float32"):
            target.xp.set_default_dtype(getattr(target.xp, dtype))
            got = call(target, "linspace", 0, 1, 11, xp=target.xp, **target.device_keyword)
            assert got.dtype == getattr(target.xp, dtype)
    finally:
        target.xp.set_default_dtype(before)


def _name(target: Target, dtype: Any) -> str:
    (name,) = (name for name in target.dtypes if getattr(target.xp, name) == dtype)
    return name


def _right(case: Case) -> Bits:
    bits = answer(case).bits
    assert bits is not None
    return bits


@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
def test_zero_dimensional_arrays_say_where(target: Target, function: str) -> None:
    """Namespace, device and dtype come from the array; its value is taken exactly."""
    for dtype in floating(target):
        with target.scope():
            value = target.xp.asarray(
                0.75, dtype=getattr(target.xp, dtype), **target.device_keyword
            )
            got = call(target, function, value, 2, 7)
            case = Case("zero-dimensional", function, 0.75, 2, 7, dtype=dtype)
            target.check_kind(case, got)
            assert not differing(target.unsigned(got, dtype), _right(case), dtype).size


def test_axis_of_a_flat_grid(target: Target) -> None:
    dtype = floating(target)[0]
    keywords = {"dtype": getattr(target.xp, dtype), "xp": target.xp, **target.device_keyword}
    with target.scope():
        for axis in (0, -1):
            got = call(target, "linspace", 0, 1, 11, axis=axis, **keywords)
            wanted = _right(replace(TENTHS, dtype=dtype))
            assert not differing(target.unsigned(got, dtype), wanted, dtype).size


@pytest.mark.parametrize(
    ("start", "stop", "num", "endpoint"),
    [
        (0, 1, 11, True),
        (0, 1, 11, False),
        (Fraction(1, 3), -7, 50, True),
        (-1.7976931348623157e308, 1.7976931348623157e308, 4, True),
        (0, 5e-324, 3, True),
        (0.1, 7, 1, False),
    ],
)
def test_step(
    target: Target, start: float | Fraction, stop: float, num: int, endpoint: bool
) -> None:
    """The grid comes unchanged, with the exact step rounded once to a float."""
    dtype = floating(target)[0]
    case = Case("step", "linspace", start, stop, num, dtype=dtype, endpoint=endpoint)
    with target.scope():
        keywords = {"dtype": getattr(target.xp, dtype), "xp": target.xp, **target.device_keyword}
        grid, step = call(
            target, "linspace", start, stop, num, endpoint=endpoint, retstep=True, **keywords
        )
        target.check_kind(case, grid)
        assert not differing(target.unsigned(grid, dtype), _right(case), dtype).size
    div = num - 1 if endpoint else num
    steps = Case("step", "linspace", 0, Fraction(stop) - Fraction(start), div + 1)
    assert float(step).hex() == FLOAT_FORMATS["float64"].to_float(int(_right(steps)[1])).hex()


def test_no_step_of_a_single_element(target: Target) -> None:
    """One element with the stop included has no neighbour: NaN, as in NumPy."""
    dtype = getattr(target.xp, floating(target)[0])
    with target.scope():
        for num in (0, 1):
            keywords = {"dtype": dtype, "xp": target.xp, **target.device_keyword}
            _, step = call(target, "linspace", 0, 1, num, retstep=True, **keywords)
            assert np.isnan(float(step))


@pytest.mark.parametrize("extreme", EXTREME, ids=lambda case: f"{case.function}-{case.name}")
def test_no_floating_point_errors_escape(target: Target, extreme: Case) -> None:
    """Overflow, underflow and NaN are results, even where NumPy is told to raise."""
    for dtype in floating(target):
        one = replace(extreme, dtype=dtype)
        with np.errstate(all="raise"):
            check_target(target, one, answer(one))


@pytest.mark.parametrize("num", [5, 60, 40_000])
@pytest.mark.parametrize("function", ["linspace", "logspace", "geomspace"])
def test_results_are_fresh(target: Target, function: str, num: int) -> None:
    """Writing into a result changes no later one."""
    for dtype in floating(target):
        case = Case("fresh", function, 1, 4, num, dtype=dtype)
        with target.scope():
            first = target.array(case)
            before = target.unsigned(first, dtype).copy()
            try:
                first[:] = 0
            except TypeError:
                return  # the backend's arrays are immutable
            assert not target.unsigned(first, dtype).any()
            again = target.unsigned(target.array(case), dtype)
        assert not differing(again, before, dtype).size


def test_threads_do_not_disturb_each_other(target: Target) -> None:
    """Many grids at once give what they give one by one."""
    dtype = floating(target)[0]
    cases = [
        Case("thread", function, 1 + k / 7, 3 + k, 30_000, dtype=dtype)
        for k in range(4)
        for function in ("linspace", "logspace", "geomspace")
    ]
    alone = [target.bits(case) for case in cases]
    # The scopes of threads end in any order, and what they put back is then this one's.
    with target.scope(), ThreadPoolExecutor(4) as pool:
        for _ in range(2):
            together = list(pool.map(target.bits, cases))
            for case, one, other in zip(cases, alone, together, strict=True):
                assert not differing(one, other, dtype).size, case


def test_jax_can_change_its_mind(targets: list[Target]) -> None:
    """64-bit types on, off and on again in one process."""
    found = [target for target in targets if target.name.startswith("jax")]
    if not found:
        pytest.skip("jax: not among the targets")
    for target in (*found, *found):
        for function in ("linspace", "logspace", "geomspace"):
            for dtype in floating(target):
                case = Case("switch", function, 1, 7, 500, dtype=dtype)
                check_target(target, case, answer(case))
