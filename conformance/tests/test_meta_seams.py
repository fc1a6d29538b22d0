"""The suite tests itself: transforms that lie, each in one way, and a program that shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from xspace_conformance.checks.seams.check import (
    CALLS,
    NUMBERS,
    Call,
    Check,
    Ends,
    Subject,
    Transform,
    checks,
    covering,
    subjects,
)
from xspace_conformance.subjects.target import Target
from xspace_conformance.subjects.targets import line_up

PLAIN, STEPPING, RANGE = CALLS[0], CALLS[2], CALLS[-1]
FLOATS = next(ends for ends in NUMBERS if ends.name == "floats")
COMPLEX = Ends("complex", "1+2j", "3-1j")


@pytest.fixture(scope="module")
def numpy_target() -> Target:
    return line_up(["numpy"]).targets[0]


def check_of(
    target: Target, apply: Callable[..., Any], call: Call = PLAIN, ends: Ends = FLOATS, **more: Any
) -> Check:
    subject = next(subjects(target))
    return Check(subject, Transform(apply, **more), call, ends)


def honest(f: Any, ends: Any) -> Any:
    return f(*ends)


def without_imaginary_part(f: Any, ends: Any) -> Any:
    made = f(*ends)
    return made.real.astype(made.dtype)


def of_another_dtype(f: Any, ends: Any) -> Any:
    return f(*ends).astype(np.float32)


def with_a_bit_flipped(f: Any, ends: Any) -> Any:
    made = f(*ends)
    made.view(np.int64)[1] ^= 1
    return made


def with_a_negative_zero(f: Any, ends: Any) -> Any:
    made = f(*ends)
    made[made == 0] = -0.0
    return made


def of_another_shape(f: Any, ends: Any) -> Any:
    return f(*ends)[:, None]


def of_other_strides(f: Any, ends: Any) -> Any:
    return np.repeat(f(*ends), 2)[::2]


def of_another_type(f: Any, ends: Any) -> Any:
    return f(*ends).view(np.ma.MaskedArray)


def with_half_a_step(f: Any, ends: Any) -> Any:
    grid, step = f(*ends)
    return grid, step / 2


def without_a_step(f: Any, ends: Any) -> Any:
    return f(*ends)[0]


def that_raises(f: Any, ends: Any) -> Any:
    raise NotImplementedError("no grids today")


LIES = [
    (without_imaginary_part, PLAIN, COMPLEX, "elements: got"),
    (of_another_dtype, PLAIN, FLOATS, "dtype: got float32, without the transform float64"),
    (with_a_bit_flipped, PLAIN, FLOATS, "elements: got"),
    (with_a_negative_zero, PLAIN, Ends("zero", "0", "4.0"), "elements: got"),
    (of_another_shape, PLAIN, FLOATS, "shape: got"),
    (of_other_strides, PLAIN, FLOATS, "memory: got"),
    (of_another_type, PLAIN, FLOATS, "type: got"),
    (with_half_a_step, STEPPING, FLOATS, "step: elements: got"),
    (without_a_step, STEPPING, FLOATS, "1 results for 2"),
    (that_raises, PLAIN, FLOATS, "raised NotImplementedError: no grids today"),
]


@pytest.mark.parametrize(("lie", "call", "ends", "said"), LIES)
def test_a_transform_that_lies_is_found(
    numpy_target: Target, lie: Any, call: Call, ends: Ends, said: str
) -> None:
    check_of(numpy_target, honest, call, ends).run()
    with pytest.raises(AssertionError, match=re.escape(said)) as caught:
        check_of(numpy_target, lie, call, ends).run()
    shown = str(caught.value)
    assert f"def {lie.__name__}(f: Any, ends: Any)" in shown
    assert f"f = lambda start, stop: xspace.{call.code[:-1]}, xp=xp)" in shown
    assert f"{lie.__name__}(f, ({ends.start}, {ends.stop}))" in shown


def slope_of(f: Any, ends: Any, place: int) -> Any:
    weights = np.arange(5) / 4
    return weights if place else 1 - weights


def some_slopes(f: Any, ends: Any, place: int) -> Any:
    return slope_of(f, ends, place)[[0, 3]]


def other_slopes(f: Any, ends: Any, place: int) -> Any:
    return slope_of(f, ends, place)[[0, 2]]


def too_few_slopes(f: Any, ends: Any, place: int) -> Any:
    return slope_of(f, ends, place)[:3]


def no_slope(f: Any, ends: Any, place: int) -> Any:
    return np.zeros(5)


def slope_of_the_other_end(f: Any, ends: Any, place: int) -> Any:
    return slope_of(f, ends, 1 - place)


def slope_with_a_wrong_last_bit(f: Any, ends: Any, place: int) -> Any:
    return np.nextafter(slope_of(f, ends, place), 2)


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(
    "lie",
    [no_slope, slope_of_the_other_end, slope_with_a_wrong_last_bit, other_slopes, too_few_slopes],
    ids=lambda lie: lie.__name__,
)
def test_a_wrong_derivative_is_found(numpy_target: Target, lie: Any, place: int) -> None:
    check_of(numpy_target, slope_of, slopes_of=place).run()
    check_of(numpy_target, some_slopes, slopes_of=place).run()
    with pytest.raises(AssertionError, match=r"derivative \d by the st.*: off by|wanted 5 or 2"):
        check_of(numpy_target, lie, slopes_of=place).run()


def test_what_is_wrong_without_any_transform_is_found(numpy_target: Target) -> None:
    """In a lane of complex numbers, too: the plain call is judged by the oracle."""

    def of_real_parts(start: Any, stop: Any, num: int, **more: Any) -> Any:
        ends = np.asarray(start).real, np.asarray(stop).real
        return np.linspace(*ends, num).astype(complex)

    plain = next(subjects(numpy_target))
    lanes = Ends("lanes", "np.array([1.0, 2.0])", "3+4j", {"np": np})
    liar = replace(plain, module=SimpleNamespace(linspace=of_real_parts), code="liar")
    Check(plain, Transform(honest), PLAIN, lanes).run()
    with pytest.raises(AssertionError, match="without the transform, too: "):
        Check(liar, Transform(honest), PLAIN, lanes).run()


def test_a_drop_in_module_has_to_be_like_the_library(numpy_target: Target) -> None:
    """In everything but elements; and may refuse what the library refuses."""
    dropin = [*subjects(numpy_target)][1]
    Check(dropin, Transform(honest), PLAIN, FLOATS).run()
    short = SimpleNamespace(linspace=lambda *ends: np.linspace(*ends, dtype=np.float16))
    with pytest.raises(AssertionError, match="dtype: got float64, the library's own has float16"):
        Check(replace(dropin, native=short), Transform(honest), PLAIN, FLOATS).run()
    with pytest.raises(AssertionError, match="raised NotImplementedError"):
        Check(dropin, Transform(that_raises_for_us), PLAIN, FLOATS).run()
    Check(dropin, Transform(that_raises), PLAIN, FLOATS).run()


def that_raises_for_us(f: Any, ends: Any) -> Any:
    made = f(*ends)
    if made[1] == np.linspace(*ends, 5)[1] and "module" in f.__globals__:
        ours = f.__globals__["module"].__name__.startswith("xspace")
        if ours:
            raise NotImplementedError
    return made


def test_a_selection_has_what_it_promises(numpy_target: Target) -> None:
    every = [*checks(numpy_target)]
    chosen = covering(every)

    def pairs(some: list[Check]) -> set[Any]:
        others = [c for c in some if c.transform.name != "eager"]
        return {
            *((c.transform.name, c.ends.name) for c in others),
            *((c.transform.name, c.call.code) for c in others),
            *((c.transform.name, c.subject.name) for c in others),
            *(
                (c.transform.name, c.subject.name, c.call.function)
                for c in others
                if not c.transform.traces
            ),
            *((c.subject.name, c.call.code, c.ends.name) for c in some if c not in others),
        }

    assert pairs(chosen) == pairs(every)
    assert len(chosen) < len(every) / 2
    assert len({c.id for c in every}) == len(every)
    assert [c.id for c in covering(every)] == [c.id for c in chosen]


def test_the_tables_have_every_public_function() -> None:
    import xspace

    functions = {name for name in xspace.__all__ if not name.startswith("__")} - {"show_config"}
    every = {check.call.function for check in checks(line_up(["numpy"]).targets[0])}
    assert every == functions


def test_a_subject_without_tables_has_no_checks() -> None:
    for target in line_up(["generic"]).targets:
        assert not [*checks(target)]
        assert isinstance(next(subjects(target)), Subject)
