"""Which grids the golden vectors are of, and of what kind each of them is.

The kinds are found out, not declared: from the exact elements, and from their roundings.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..truth.answers import answer, grid_of
from ..truth.case import FLOATS, INTS, Case, scalar_to_json
from ..truth.complex_oracle import PARTS
from ..truth.formats import DTYPES, FLOAT_FORMATS, FloatFormat, format_of
from ..truth.oracle import exact, is_negative_zero
from ..truth.steps import Steps
from .complex_grids import complex_cases
from .hard import hard_cases
from .hard_search import exact_element, in_ulps
from .public_reports import REPORTS
from .random_grids import random_case

F = Fraction
FUNCTIONS = ("linspace", "logspace", "geomspace", "arange")
KINDS = ("ordinary", "hard", "exact", "midpoint", "subnormal", "overflow", "special", "complex")
LONGEST_PARAMETER = 420  # characters; the cases with fractions of thousands of digits stay out
LONGEST_GRID = 3000  # elements; of longer ones not all are looked at for their kind
SEED = 2  # of the random cases
RANDOM_CASES = 4  # for each function and dtype

Row = tuple[Any, ...]  # name, start, stop, step

ARANGE: list[Row] = [
    ("tenths", 0, 1, 0.1),
    ("tenths-exact", 0, 1, F(1, 10)),
    ("decimals-as-typed", 1, 1.3, 0.1),
    ("eleven-tenths", 0, 1.1, 0.1),
    ("sixty-millionths", 0, 60e-6, 1e-6),
    ("forty-ninths", 0, 1, 1 / 49),
    ("between-two-lengths", 0, 0.95, 0.1),
    ("four-of-exact-three-tenths", 0, 0.9, F(0.3)),
    ("beside-a-power-of-two", 0, 1 - 2.0**-53, 2.0**-3),
    ("decimals-exact", Decimal("1"), Decimal("1.3"), Decimal("0.1")),
    ("descending", 3.7, -0.1, -0.3),
    ("thirds", F(1, 3), 7, F(1, 3)),
    ("quarters", -1, 1, 0.25),
    ("empty", 1, 1, 1),
    ("empty-behind", 2, 1, 1),
    ("one", 0.1, 0.2, 7),
    ("through-zero", -0.7, 0.8, 0.1),
    ("from-minus-zero", -0.0, 3, 1),
    ("many", -1, 1, 0.001),
    ("below-the-smallest", F(-1, 10**400), F(1, 10**400), F(1, 10**401)),
    ("long-step", 0, 10**20, 10**19 + 1),
    ("stop-a-hair-further", 0, 1 + F(1, 10**50), F(1, 4)),
]
WHOLE: list[Row] = [
    ("integers", 0, 50, 7),
    ("descending-integers", 100, 3, -9),
    ("floor-of-halves", 0, 9, 0.5),
    ("floor-of-tenths", 0, 3, 0.1),
    ("floor-of-thirds", 1, 7, F(1, 3)),
    ("just-below", 1 - F(1, 10**30), 100, 1),
]


def golden_cases(found: Sequence[Case]) -> Iterator[Case]:
    """Yield all cases: hand-written, reported, random, complex, and those of a search."""
    yield from filter(_is_short, hard_cases())
    yield from filter(_is_short, (report.case for report in REPORTS))
    for function in ("linspace", "logspace", "geomspace"):
        for dtype in DTYPES:
            for number in range(RANDOM_CASES):
                rng = random.Random(f"{SEED} {dtype} {number}")
                case = random_case(rng, dtype, function, largest=1000)
                if _is_short(case):
                    yield replace(case, name=f"random-{function}-{number}")
    yield from _arange_cases()
    yield from extremes()
    yield from complex_cases()
    yield from found


def _is_short(case: Case) -> bool:
    texts = map(scalar_to_json, (case.start, case.stop, case.base))
    return max(map(len, texts)) <= LONGEST_PARAMETER


def _arange_cases() -> Iterator[Case]:
    for dtype in DTYPES:
        rows = (*ARANGE, *WHOLE) if dtype in FLOAT_FORMATS else WHOLE
        for name, start, stop, step in rows:
            yield Steps(f"arange-{name}", start, stop, step, dtype)
        for number in range(RANDOM_CASES):
            rng = random.Random(f"{SEED} arange {dtype} {number}")
            line = random_case(rng, dtype, "linspace", largest=300)
            start, stop = (F(*value.as_integer_ratio()) for value in (line.start, line.stop))
            step = (stop - start) / max(line.num, 2) * F(rng.uniform(0.9, 1.1))
            if step:
                pace = float(step) if 1e-300 < abs(step) < 1e300 else step
                ends = line.start, line.stop, pace
                yield Steps(f"random-arange-{number}", *ends, dtype)


def extremes() -> Iterator[Case]:
    """Yield grids at the ends of each dtype's range and on its midpoints."""
    for form in FLOAT_FORMATS.values():
        name, p = form.name, form.precision
        top, least = F(2) ** (form.max_exponent + 1), F(2) ** form.unit_exponent
        steps = [
            ("midpoints", 2**p, 2**p + 8, 1),
            ("midpoints-beside", 2**p + F(1, 10**40), 2**p + 8, 1),
            ("subnormals", 0, 9 * least, least),
            ("subnormal-halves", -2 * least, 2 * least, least / 2),
            ("normal-to-subnormal", least * 2 ** (p - 1) + 4 * least, 0, -least * 2 ** (p - 4)),
            ("overflow", 0, top + top / 4, top / 4),
            ("over-the-top", top - 4 * top / 2**p, top + top / 2**p, top / 2 ** (p + 1)),
        ]
        yield Case("geomspace-midpoint", "geomspace", 1, F(2**p + 1, 2**p) ** 2, 3, name)
        for title, start, stop, step in steps:
            yield Steps(f"arange-{title}", start, stop, step, name)
    for dtype in INTS:
        form = format_of(dtype)
        assert not isinstance(form, FloatFormat)
        low, high = form.low, form.high
        yield Steps("arange-to-the-top", high - 5, high + 1, 1, dtype)
        yield Steps("arange-over-the-top", high - 5, high + 2, 1, dtype)
        yield Steps("arange-under-the-bottom", low + 3, low - 2, -1, dtype)
        yield Case("linspace-whole-range", "linspace", low, high, 2, dtype)
        yield Case("linspace-over-the-top", "linspace", 0, high + 1, 2, dtype)
        yield Case("linspace-under-the-bottom", "linspace", low - F(1, 10), 0, 2, dtype)
        yield Case("logspace-over-the-top", "logspace", 0, form.width, 2, dtype, base=2)
        yield Case("geomspace-over-the-top", "geomspace", 1, high + 1, 3, dtype)
        yield Case("geomspace-to-the-top", "geomspace", 1, high, 2, dtype)


# Kinds.


def kind_of(case: Case) -> str:
    """Say of what kind a case is, other than hard."""
    if case.dtype in PARTS:
        return "complex"
    if _is_special(case):
        return "special"
    wanted = answer(case)
    if wanted.error is not None:
        return "overflow" if wanted.error is OverflowError else "special"
    assert wanted.bits is not None
    indices = wanted.indices[:LONGEST_GRID].tolist()
    grid = grid_of(case)
    values = [exact_element(grid, i) for i in indices]
    form = format_of(case.dtype)
    if not isinstance(form, FloatFormat):
        whole = all(value is not None and value.denominator == 1 for value in values)
        return "exact" if whole else "ordinary"
    magnitudes = [int(bits) & (form.sign_bit - 1) for bits in wanted.bits[:LONGEST_GRID]]
    if form.infinity in magnitudes:
        return "overflow"
    places = [None if v is None else in_ulps(abs(v), form).denominator if v else 1 for v in values]
    if 2 in places:
        return "midpoint"
    least = 1 << (form.precision - 1)
    if any(m < least and v != 0 for m, v in zip(magnitudes, values, strict=True)):
        return "subnormal"
    return "exact" if set(places) == {1} else "ordinary"


def _is_special(case: Case) -> bool:
    """Say whether a grid is empty, or a limit: infinite, NaN, with signed zeros, of two signs."""
    given = case.arguments if isinstance(case, Steps) else (case.start, case.stop, case.base)
    values = [exact(value) for value in given]
    if case.num == 0 or any(map(is_negative_zero, given)):
        return True
    if any(isinstance(value, float) for value in values):
        return True
    if case.function == "logspace":
        return exact(case.base) <= 0
    return case.function == "geomspace" and exact(case.start) * exact(case.stop) <= 0


def expected_kinds(function: str, dtype: str) -> tuple[str, ...]:
    """Return the kinds of which there are vectors of a function in a dtype."""
    if dtype in PARTS:
        return ("complex",) if function != "arange" else ()
    kinds = ("ordinary", "hard", "exact", "overflow")
    return (*kinds, "midpoint", "subnormal") if dtype in FLOATS else kinds
