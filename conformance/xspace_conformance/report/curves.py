"""Signed errors along a grid, against the exact values: what a plot of the error shows.

The exact value comes from MPFR at a precision at which its own error is far below what a plot
shows; the ends are numbers of every floating dtype, so that no library rounds them first.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpfr, mpq

from ..subjects.native import Foreign, takes
from ..subjects.target import Target
from ..truth.case import Case
from ..truth.formats import FLOAT_FORMATS, FloatFormat

PRECISION = 300
POINTS = 400
DTYPES = ("float64", "float32")
CALLS = (
    Case("along zero", "linspace", -1.0, 2.625, 1000),
    Case("above zero", "linspace", 0.125, 12.375, 1000),
    Case("sixty decades", "logspace", -30.0, 30.0, 1000),
    Case("two decades", "logspace", -1.0, 1.0, 1000),
    Case("six decades", "geomspace", 2.0**-10, 1000.0, 1000),
    Case("an octave", "geomspace", 1.0, 2.0, 1000),
)


def exact_value(case: Case, index: int) -> Any:
    """Return an element of a call with ordinary ends to `PRECISION` bits."""
    start, stop, div = mpq(case.start), mpq(case.stop), case.num - 1
    if case.function == "linspace":
        return mpfr((start * (div - index) + stop * index) / div, PRECISION)
    with gmpy2.context(precision=PRECISION):
        if case.function == "logspace":
            return mpfr(case.base) ** mpfr((start * (div - index) + stop * index) / div)
        return mpfr(start) * mpfr(stop / start) ** mpfr(mpq(index, div))


def error_ulp(value: float, exact: Any, form: FloatFormat) -> float | None:
    """Return ``value - exact`` in units in the last place of the exact value, if it is finite."""
    if not np.isfinite(value):
        return None
    # gmpy2's exponent is that of a significand in [1/2, 1).
    top = int(gmpy2.get_exp(exact)) if exact else form.unit_exponent
    unit = max(top - form.precision, form.unit_exponent)
    with gmpy2.context(precision=PRECISION):
        return float((mpfr(value) - exact) * mpfr(2) ** -unit)


def curve(target: Target, case: Case) -> dict[str, Any] | None:
    """Return the errors of a target along a call, or None if it cannot be asked."""
    form = FLOAT_FORMATS[case.dtype]
    try:
        bits = target.bits(case)
    except Exception:  # counted where the cases are
        return None
    places = sorted({*np.linspace(0, case.num - 1, POINTS).round().astype(int).tolist()})
    errors = [error_ulp(form.to_float(int(bits[i])), exact_value(case, i), form) for i in places]
    kept = [(i, error) for i, error in zip(places, errors, strict=True) if error is not None]
    return {
        "target": target.name,
        "function": case.function,
        "dtype": case.dtype,
        "call": f"{case.function}({case.start}, {case.stop}, {case.num})",
        "num": case.num,
        "index": [i for i, _ in kept],
        "ulp": [error for _, error in kept],
    }


def curves(
    targets: list[Target], functions: tuple[str, ...], dtypes: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the curves of all foreign targets, and of one of the library's own beside them."""
    found = []
    for call in CALLS:
        for dtype in DTYPES:
            if call.function not in functions or dtype not in dtypes:
                continue
            case = replace(call, dtype=dtype)
            able = [target for target in targets if takes(target, case)]
            ours = [target for target in able if not isinstance(target, Foreign)][:1]
            theirs = [target for target in able if isinstance(target, Foreign)]
            found += [curve(target, case) for target in (*ours, *theirs)]
    return [one for one in found if one is not None]
