"""The drop-in modules, each in its library's own signatures, against the oracle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from ...cases.hard import hard_cases
from ...cases.public_reports import REPORTS
from ...cases.steps import hard_steps
from ...checks.compare import check_target, report
from ...runs.plugin import LINEUP, ours
from ...subjects.dropins import LIBRARIES, Dropin, dropins
from ...subjects.target import Unavailable
from ...subjects.targets import Lineup
from ...truth.answers import answer
from ...truth.case import Case
from ...truth.formats import FLOAT_FORMATS, FloatFormat, format_of
from ...truth.oracle import exact
from ..values.test_arange import drawn
from ..values.test_random import grids

FUNCTIONS = ("linspace", "logspace", "geomspace", "arange")
HARD: list[Any] = [*hard_cases(), *(report.case for report in REPORTS), *hard_steps()]


#: The arguments of tests here: which modules they are for, by the words of ``linspace``.
MODULES: dict[str, Callable[[list[str]], bool]] = {
    "dropin": lambda words: True,
    "stepping": lambda words: "retstep" in words,
    "writing": lambda words: "steps" in words,  # PyTorch's has ``out``, too
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the modules of the run's targets; those that cannot run with the reason."""
    for argument, fits in MODULES.items():
        if argument in metafunc.fixturenames:
            metafunc.parametrize(argument, params(metafunc.config.stash[LINEUP], fits))


def params(lineup: Lineup, fits: Callable[[list[str]], bool]) -> list[Any]:
    """Return the modules that fit, as parameters of a test."""
    wanted = {name for name, words in LIBRARIES.items() if fits(words["linspace"].split())}
    absent = {name: why for name, why in lineup.absent.items() if name in wanted}
    found: list[Dropin] = []
    try:
        found += dropins(ours(lineup))
    except Unavailable as error:
        absent |= {"mygrad": str(error)} if "mygrad" in wanted else {}
    found = [one for one in found if fits(one.words["linspace"].split())]
    if not found and not absent:
        absent = {"none": "no target has such a drop-in module"}
    marked = [
        pytest.param(None, marks=pytest.mark.skip(reason=f"{name}: {why}"), id=name)
        for name, why in absent.items()
    ]
    return [*(pytest.param(one, id=one.name) for one in found), *marked]


def check(dropin: Dropin, cases: list[Any]) -> int:
    """Fail unless a module gives all the right answers; return how many cases it can say."""
    wrong, said = [], 0
    for case in filter(dropin.takes, cases):
        said += 1
        try:
            check_target(dropin, case, answer(case))
        except Exception as error:  # the other cases are to be seen, too
            wrong.append(str(error) if isinstance(error, AssertionError) else f"{error!r}")
            wrong[-1] += "" if "reproduce" in wrong[-1] else f"\n  reproduce: {case}"
    assert not wrong, f"{len(wrong)} of {said} cases\n" + "\n".join(wrong[:10])
    return said


@pytest.mark.parametrize("function", FUNCTIONS)
def test_hard_cases(dropin: Dropin, function: str) -> None:
    total = 0
    for dtype in dropin.dtypes:
        said = check(dropin, [c for c in HARD if c.function == function and c.dtype == dtype])
        assert said > 10 or dtype not in FLOAT_FORMATS
        total += said
    assert total > 60


@pytest.mark.parametrize("function", FUNCTIONS)
def test_random_calls(dropin: Dropin, function: str, seed: int) -> None:
    for dtype in dropin.dtypes:
        steps = function == "arange"
        assert check(dropin, drawn(seed, dtype) if steps else grids(seed, function, dtype)) > 10


STEPS = [
    (0, 1, 11, True),
    (Fraction(1, 3), -7, 50, True),
    (0.1, 0.7, 8, False),
    (0, 5e-324, 3, True),
    (-(2.0**60), 1, 3, True),
    (-1.7976931348623157e308, 1.7976931348623157e308, 4, True),
]


@pytest.mark.parametrize("call", STEPS, ids=str)
def test_steps(stepping: Dropin, call: tuple[Any, Any, int, bool]) -> None:
    """The step beside the samples, rounded once to the dtype that the library computes in."""
    start, stop, num, endpoint = call
    dtype = "float64" if stepping.has("float64") else "float32"
    case = Case("steps", "linspace", start, stop, num, dtype, endpoint=endpoint)
    said = stepping.values(case) | {"retstep": True, "dtype": None}
    with stepping.scope():
        words = stepping.words["linspace"].split()
        samples, step = stepping.module.linspace(*(said[word] for word in words))
        stepping.check_kind(case, samples)
        form = format_of(case.dtype)
        assert isinstance(form, FloatFormat)
        value = (exact(stop) - exact(start)) / (num - 1 if endpoint else num)
        bits = int(form.round_ratio(abs(value.numerator), value.denominator))
        assert form.from_float(float(step)) == bits | (form.sign_bit if value < 0 else 0)


def test_the_same_bits_in_a_tensor_that_is_there_already(writing: Dropin) -> None:
    for case in filter(writing.takes, HARD):
        wanted = answer(case)
        if wanted.bits is None:
            continue
        args, keywords = writing.call(case)
        dtype, device = keywords.pop("dtype"), keywords.pop("device")
        out = writing.xp.ones(case.num, dtype=dtype, device=device)
        made = getattr(writing.module, case.function)(*args, **keywords, out=out)
        assert made is out
        bits = writing.unsigned(out, case.dtype)[wanted.indices]
        message = report(case, wanted.indices, bits, wanted.bits, f"{case}, with out")
        assert message is None, message


def test_few_cases_cannot_be_said(dropin: Dropin) -> None:
    """None, but for open grids and ways that never arrive in PyTorch's words."""
    cases = [case for case in HARD if case.dtype == "float32"]
    left = [case for case in cases if not dropin.says(case)]
    assert bool(left) == ("steps" in dropin.words["linspace"].split())
    assert len(left) < len(cases) / 10
    assert all(case.function == "arange" or not case.endpoint for case in left)
