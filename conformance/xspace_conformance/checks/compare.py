"""Comparison to the last bit: unsigned views, never a tolerance.

A failure says which element is wrong, what it is and what it should be in hexadecimal, how
many units in the last place lie between, and gives the call that reproduces it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..truth.case import Case
from ..truth.formats import Bits, FloatFormat, IntFormat, format_of
from .causes import line

if TYPE_CHECKING:
    from ..subjects.target import Target
    from ..truth.answers import Answer


def canonical(bits: Bits, dtype: str) -> Bits:
    """Return bits in which every NaN is the same one: a NaN's sign and payload mean nothing."""
    form = format_of(dtype)
    if isinstance(form, IntFormat):
        return bits
    magnitude = bits & form.view.type(form.sign_bit - 1)
    return np.where(magnitude > form.view.type(form.infinity), form.view.type(form.nan), bits)


def differing(got: Bits, wanted: Bits, dtype: str) -> Bits:
    """Return the positions at which two arrays of bits differ."""
    return np.flatnonzero(canonical(got, dtype) != canonical(wanted, dtype))


def ulps_between(got: int, wanted: int, form: FloatFormat) -> str:
    """Say how far apart two encodings are."""
    magnitudes = [bits & (form.sign_bit - 1) for bits in (got, wanted)]
    if max(magnitudes) > form.infinity:
        return "one of them is NaN"
    distance = form.ordinal(got) - form.ordinal(wanted)
    return f"{distance:+d} ulp" if distance else "the zero's sign is wrong"


def show_bits(bits: int, dtype: str) -> str:
    """Return the value of an encoding for a reader: hexadecimal, decimal and the bits."""
    form = format_of(dtype)
    if isinstance(form, IntFormat):
        return str(form.to_int(bits))
    value = form.to_float(bits)
    return f"{value.hex()} ({value!r}, bits {bits:#0{form.width // 4 + 2}x})"


def report(
    case: Case, indices: Bits, got: Bits, wanted: Bits, snippet: str, source: str = "wanted"
) -> str | None:
    """Return None if two arrays of bits are equal, else what is wrong.

    Parameters
    ----------
    case : Case
        The call.
    indices : array of int
        The elements' places in the grid.
    got, wanted : array of unsigned int
        The elements, of equal length.
    snippet : str
        Code that reproduces the call.
    source : str
        Where the wanted bits come from.
    """
    wrong = differing(got, wanted, case.dtype)
    if not wrong.size:
        return None
    form = format_of(case.dtype)
    lines = [f"{wrong.size} of {len(indices)} elements are wrong in {case.name} ({case.dtype})"]
    for place in wrong[:5]:
        mine, theirs = int(got[place]), int(wanted[place])
        lines.append(f"  element {indices[place]} of {case.num}")
        lines.append(f"    got     {show_bits(mine, case.dtype)}")
        lines.append(f"    {source:<7} {show_bits(theirs, case.dtype)}")
        if isinstance(form, FloatFormat):
            lines.append(f"    off by  {ulps_between(mine, theirs, form)}")
    lines.append(f"  reproduce: {snippet}")
    return "\n".join(lines)


def check_each(cases: Iterable[Any], check: Callable[[Any], None]) -> None:
    """Fail, and say what is wrong in each, unless a check passes for all cases."""
    wrong = []
    for case in cases:
        try:
            check(case)
        except AssertionError as error:
            wrong.append(str(error))
    assert not wrong, "\n".join(wrong)


def check_target(target: Target, case: Case, wanted: Answer) -> None:
    """Fail unless a target gives the right answer, be it a grid or an error."""
    if wanted.error is not None:
        check_error(target, case, wanted)
        return
    assert wanted.bits is not None
    bits = target.bits(case)[wanted.indices]
    message = report(case, wanted.indices, bits, wanted.bits, line(target, case))
    if message is not None:
        raise AssertionError(message)


def check_error(target: Target, case: Case, wanted: Answer) -> None:
    """Fail unless the error that is due is raised; an overflow names an element that overflows."""
    assert wanted.error is not None
    due = target.overflow if wanted.error is OverflowError else wanted.error
    code = f"\n  reproduce: {line(target, case)}"
    try:
        with target.scope():
            target.array(case)
    except due as error:
        if wanted.misfit is not None:
            named = [int(number) for number in re.findall(r"\d+", str(error))]
            if not any(map(wanted.is_misfit, named)):
                raise AssertionError(
                    f"{case.name}: the error names no element that does not fit "
                    f"(element {wanted.misfit} does not): {error}{code}"
                ) from error
        return
    raise AssertionError(f"{case.name}: no {due.__name__} was raised{code}")
