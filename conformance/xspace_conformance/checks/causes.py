"""Failures by cause, each with a program that shows one of its kind.

A run may find thousands of wrong elements; that they are all zeros without a sign is what a
reader wants to know first.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

from ..subjects.native import Foreign
from ..subjects.target import Target
from ..truth.case import Case
from ..truth.formats import FloatFormat, format_of

LONGEST = 120  # characters of a message


@dataclass(frozen=True)
class Failures:
    """The failures of one cause: how many elements or calls, and the shortest program seen."""

    count: int
    program: str

    def __add__(self, other: Failures) -> Failures:
        """Put two together."""
        programs = filter(None, (self.program, other.program))
        return Failures(self.count + other.count, min(programs, key=len))


Causes = dict[str, Failures]


def together(one: Causes, other: Causes) -> Causes:
    """Return the failures of both, in the order in which causes were met."""
    found = dict(one)
    for cause, failures in other.items():
        found[cause] = found[cause] + failures if cause in found else failures
    return found


def of_element(got: int, wanted: int, dtype: str) -> str:
    """Say in which way the bits of an element are wrong."""
    form = format_of(dtype)
    if not isinstance(form, FloatFormat):
        return "another integer"
    sizes = [bits & (form.sign_bit - 1) for bits in (got, wanted)]
    if sizes[0] > form.infinity:
        return "NaN where a number is due"
    if sizes[1] > form.infinity:
        return "a number where NaN is due"
    if sizes == [0, 0]:
        return "the sign of a zero"
    if form.infinity in sizes and sizes[0] != sizes[1]:
        return "infinite where it is not due" if sizes[0] == form.infinity else "not infinite"
    distance = abs(form.ordinal(got) - form.ordinal(wanted))
    return "the last bit" if distance == 1 else "more than the last bit"


def of_error(error: BaseException) -> str:
    """Name what was raised; the same message about other numbers is the same cause."""
    first = str(error).strip().partition("\n")[0]
    message = re.sub(r"[-+]?\d[\w.+-]*", "N", first)[:LONGEST]
    return (
        f"raised {type(error).__name__}: {message}" if message else f"raised {type(error).__name__}"
    )


def program(target: Target, snippet: str, shown: str = "{}") -> str:
    """Return a call as a program of its own: with its imports, and what has to be set up first.

    `shown` is what of the call is printed.
    """
    words = f"{snippet} {target.setup}"
    functions = target.codes.values() if isinstance(target, Foreign) else ["xspace.linspace"]
    codes = [target.namespace_code, *functions]
    modules = {
        module_of(code) for code in codes if module_of(code).partition(".")[0] + "." in words
    }
    lines = [f"import {module}" for module in sorted(modules)]
    lines += ["import numpy as np"] if re.search(r"\bnp\.", words) else []
    for kind in ("decimal.Decimal", "fractions.Fraction"):
        module, _, name = kind.partition(".")
        lines += [f"from {module} import {name}"] if f"{name}(" in words else []
    lines += [target.setup] if target.setup else []
    return "\n".join([*lines, f"print({shown.format(snippet)})"])


def element_program(target: Target, case: Case, index: int, wanted: int) -> str:
    """Return a program that prints an element in all its digits, beside the right one."""
    form = format_of(case.dtype)
    right = form.to_float(wanted) if isinstance(form, FloatFormat) else form.to_int(wanted)
    shown = f"{type(right).__name__}({{}}[{index}])"
    return f"{program(target, target.snippet(case), shown)}  # {right!r} is right"


def line(target: Target, case: Case) -> str:
    """Return a call as a program of one line."""
    return "; ".join(program(target, target.snippet(case)).splitlines())


def module_of(code: str) -> str:
    """Return the module of a dotted name: its longest beginning that is loaded as one."""
    while "." in code and code not in sys.modules:
        code = code.rpartition(".")[0]
    return code
