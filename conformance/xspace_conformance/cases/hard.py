"""Hand-written cases, each aimed at something that goes wrong.

Parameters only: what is right comes from the oracle. Where a number is derived from a format
(its largest value, a midpoint), the derivation stands in the code.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..truth.case import FLOATS, INTS, Case, spread
from ..truth.formats import FLOAT_FORMATS, INT_FORMATS, FloatFormat

F = Fraction
Row = tuple[Any, ...]  # name, start, stop, num, and keywords if there are any
INF, NAN = float("inf"), float("nan")
# Fractions with thousands of digits.
LONG = F(10**3000 + 1, 7**3550)
LONG_NEAR_ONE = 1 + F(1, 10**3000)


def _cases(function: str, rows: Sequence[Row], dtypes: Sequence[str]) -> list[Case]:
    """Make cases of rows ``(name, start, stop, num[, keywords])``."""
    made = []
    for name, start, stop, num, *rest in rows:
        case = Case(f"{function}-{name}", function, start, stop, num, **(rest[0] if rest else {}))
        made += spread(case, dtypes)
    return made


LINSPACE: list[Row] = [
    ("empty", 0, 1, 0),
    ("empty-nan", NAN, INF, 0),
    ("one", 0.1, 7, 1),
    ("one-open", 0.1, 7, 1, {"endpoint": False}),
    ("two", F(1, 3), F(2, 3), 2),
    ("two-open", F(1, 3), F(2, 3), 2, {"endpoint": False}),
    ("tenths", 0, 1, 11),
    ("tenths-of-decimals", 0.1, 1.1, 11),
    ("open", 0, 1, 7, {"endpoint": False}),
    ("descending", 3.7, -0.1, 37),
    ("equal-ends", 0.1, 0.1, 5),
    ("equal-ends-third", F(1, 3), F(1, 3), 5),
    ("symmetric-odd", -0.7, 0.7, 51),
    ("symmetric-even", -0.7, 0.7, 50),
    ("almost-symmetric", -1.0, 1 - 2.0**-53, 3),
    ("cancellation", -(2.0**53), 2.0**53 - 1, 1001),
    ("crosses-zero-in-thirds", F(-1, 3), F(2, 3), 301),
    ("crosses-near-zero", -1e16, 1e16 + 2, 3),
    ("one-ulp-apart", 1.0, 1 + 2.0**-52, 9),
    ("one-ulp-apart-float32", 1.0, 1 + 2.0**-23, 9),
    ("one-ulp-apart-float16", 1.0, 1 + 2.0**-10, 9),
    ("one-ulp-apart-bfloat16", 1.0, 1 + 2.0**-7, 9),
    ("midpoints-to-even", 2**53, 2**53 + 8, 9),
    ("midpoints-to-even-float32", 2**24, 2**24 + 8, 9),
    ("midpoints-to-even-float16", 2**11, 2**11 + 8, 9),
    ("midpoints-to-even-bfloat16", 2**8, 2**8 + 8, 9),
    ("beside-midpoints", 2**53 + F(1, 10**40), 2**53 + 8 + F(1, 10**40), 9),
    ("below-midpoints", 2**53 - F(1, 10**40), 2**53 + 8 - F(1, 10**40), 9),
    ("beside-midpoints-float32", 2**24 + 2.0**-28, 2**24 + 8 + 2.0**-28, 9),
    ("subnormal-step", 0, 2e-323, 10),
    ("subnormal-step-float32", 0, 2.0**-147, 17),
    ("subnormal-step-float16", 0, 2.0**-22, 17),
    ("subnormal-step-bfloat16", 0, 2.0**-131, 17),
    ("across-the-smallest", -5e-324, 5e-324, 9),
    ("across-the-smallest-float16", -(2.0**-24), 2.0**-24, 9),
    ("across-the-smallest-bfloat16", -(2.0**-133), 2.0**-133, 9),
    ("below-the-smallest", F(-1, 10**400), F(1, 10**400), 4),
    ("subnormal-to-huge", 5e-324, 1.7976931348623157e308, 5),
    ("difference-overflows", -1.7976931348623157e308, 1.7976931348623157e308, 7),
    ("huge-integers", -(10**400), 10**400, 5),
    ("huge-integers-cancel", -(10**400) - 1, 10**400, 3),
    ("long-fractions", LONG, -LONG, 4),
    ("long-fractions-near-one", 1 - F(1, 10**3000), LONG_NEAR_ONE, 3),
    ("minus-zero-start", -0.0, 1, 3),
    ("minus-zero-stop", 1, -0.0, 3),
    ("minus-zero-stop-from-below", -1.0, -0.0, 3),
    ("minus-zero-both", -0.0, -0.0, 5),
    ("minus-zero-stop-open", 1, -0.0, 4, {"endpoint": False}),
    ("minus-zero-one", -0.0, 0.0, 1),
    ("minus-zero-decimal", Decimal("-0"), 1, 3),
    ("decimals-exact", Decimal("0.1"), Decimal("0.7"), 7),
    ("minus-zero-one-open", -0.0, -1.0, 1, {"endpoint": False}),
    ("minus-zero-to-zero", -0.0, 0.0, 2),
    ("zero-to-minus-zero", 0.0, -0.0, 2),
    ("minus-zero-to-infinity", -0.0, INF, 3),
    ("infinite-stop", 0, INF, 3),
    ("infinite-stop-open", 0, INF, 3, {"endpoint": False}),
    ("infinite-start", -INF, 0, 3),
    ("both-infinite", -INF, INF, 3),
    ("both-infinite-two", INF, -INF, 2),
    ("equal-infinities", INF, INF, 4),
    ("equal-minus-infinities", -INF, -INF, 4),
    ("infinite-stop-minus-start", -1e300, -INF, 4),
    ("nan-start", NAN, 1, 5),
    ("nan-stop", 0, NAN, 5),
    ("nan-and-infinity", NAN, INF, 3),
    ("both-nan", NAN, NAN, 3),
    ("infinite-one", 1, INF, 1),
]

LOGSPACE: list[Row] = [
    ("empty", 0, 1, 0),
    ("one", 0.1, 7, 1),
    ("one-open", 0.1, 7, 1, {"endpoint": False}),
    ("two", F(1, 3), F(2, 3), 2),
    ("open", 0, 1, 5, {"endpoint": False}),
    ("powers-of-ten", -300, 300, 601),
    ("powers-of-ten-beyond", -330, 312, 643),
    ("descending-powers-of-ten", 30, -30, 61),
    ("tenths", -3, 3, 61),
    ("decimals", 0.1, 3.7, 111),
    ("powers-of-two", -1080, 1030, 2111, {"base": 2}),
    ("halves-of-powers-of-two", -160, 130, 581, {"base": 2}),
    ("powers-of-half", -30, 150, 181, {"base": 0.5}),
    ("cube-roots-of-eight", -9, 9, 55, {"base": 8}),
    ("midpoint-10-to-23", 20, 26, 7),
    ("midpoint-3-to-34", 0, 60, 61, {"base": 3}),
    ("midpoint-5-to-23", 0, 30, 61, {"base": 5}),  # 5**23 has 54 bits
    ("midpoint-7-to-19", 0, 24, 25, {"base": 7}),  # 7**19 has 54 bits
    ("midpoint-11-to-7-float32", 0, 8, 9, {"base": 11}),  # 11**7 has 25 bits
    ("midpoint-17-to-6-float32", 0, 8, 17, {"base": 17}),  # 17**6 has 25 bits
    ("midpoint-3-to-7-float16", 0, 8, 9, {"base": 3}),  # 2187 has 12 bits
    ("midpoint-7-to-3-bfloat16", 0, 4, 9, {"base": 7}),  # 343 has 9 bits
    ("midpoint-scaled", -20, 20, 41, {"base": 12}),
    ("midpoint-root", 0, 34, 69, {"base": 9}),  # 9**(k/2) = 3**k
    ("midpoint-root-of-fraction", -4, 4, 33, {"base": F(6561, 256)}),  # (9/4)**(4*j/4)
    ("midpoint-base", 1, 1, 1, {"base": F(2**53 + 1, 2**53)}),
    ("above-midpoint-base", 1, 1, 1, {"base": F(2**53 + 1, 2**53) + F(1, 10**60)}),
    ("below-midpoint-base", 1, 1, 1, {"base": F(2**53 + 1, 2**53) - F(1, 10**60)}),
    ("above-midpoint-exponent", 34 + F(1, 10**50), 34, 2, {"base": 3}),
    ("below-midpoint-exponent", 34 - F(1, 10**50), 34, 2, {"base": 3}),
    ("above-midpoint-float-exponent", 1e-40, -1e-40, 5, {"base": 10}),
    ("exponents-around-zero", -1e-16, 1e-16, 41),
    ("exponents-around-zero-float32", -1e-7, 1e-7, 41),
    ("subnormal-exponents", -5e-324, 5e-324, 3),
    ("base-next-to-one", 0, 2**60, 17, {"base": 1 + 2.0**-52}),
    ("base-next-below-one", 0, 2**61, 17, {"base": 1 - 2.0**-53}),
    ("base-almost-one", 0, 10**30, 11, {"base": 1 + F(1, 10**30)}),
    ("base-almost-one-long", 0, 10**3000, 3, {"base": LONG_NEAR_ONE}),
    ("base-third", -20, 20, 41, {"base": F(1, 3)}),
    ("base-tenth-float", -20, 20, 41, {"base": 0.1}),
    ("base-tenth-fraction", -20, 20, 41, {"base": F(1, 10)}),
    ("base-e", -5, 5, 21, {"base": 2.718281828459045}),
    ("base-huge", F(-1, 2), F(1, 2), 9, {"base": 10**400}),
    ("base-tiny", F(-1, 2), F(1, 2), 9, {"base": F(1, 10**400)}),
    ("base-subnormal", -1, 1, 9, {"base": 5e-324}),
    ("base-long", -1, 1, 4, {"base": LONG}),
    ("long-exponents", LONG, -LONG, 4, {"base": 2}),
    ("thirds", F(1, 3), F(22, 7), 40),
    ("decimals-exact", Decimal("-2.1"), Decimal("2.1"), 43),
    ("decimal-infinity", Decimal(0), Decimal("Infinity"), 3),
    ("huge-stop", 0, 10**400, 3),
    ("huge-ends", -(10**400), 10**400, 3),
    ("huge-ends-base-below-one", -(10**400), 10**400, 3, {"base": 0.5}),
    ("base-one", -5, 5.5, 7, {"base": 1}),
    ("base-one-infinite", -INF, INF, 3, {"base": 1}),
    ("base-one-nan", NAN, 1, 3, {"base": 1.0}),
    ("base-zero", -2, 2, 5, {"base": 0}),
    ("base-minus-zero", -3, 3, 7, {"base": -0.0}),
    ("base-zero-infinite", -INF, INF, 2, {"base": 0.0}),
    ("base-infinite", -1, 1, 3, {"base": INF}),
    ("base-nan", 0, 1, 3, {"base": NAN}),
    ("negative-base", -5, 6, 12, {"base": -2}),
    ("negative-base-halves", 0, 3, 7, {"base": -2}),
    ("negative-base-midpoint", 33, 36, 4, {"base": -3}),
    ("negative-base-fraction", -3, 3, 13, {"base": F(-2, 3)}),
    ("negative-base-underflows", -402, -399, 4, {"base": -10}),
    ("negative-base-overflows", 399, 402, 4, {"base": -10}),
    ("base-minus-one", -2, 3, 11, {"base": -1}),
    ("huge-odd-exponent", 10**30 + 1, 10**30 + 3, 3, {"base": -2}),
    ("negative-base-infinite", -INF, 3, 3, {"base": -2}),
    ("infinite-stop", 0, INF, 3),
    ("infinite-start", -INF, 0, 3),
    ("both-infinite", -INF, INF, 3),
    ("both-infinite-base-below-one", -INF, INF, 2, {"base": 0.5}),
    ("nan-start", NAN, 1.0, 5),
    ("nan-stop", 0, NAN, 5),
]

GEOMSPACE: list[Row] = [
    ("empty", 1, 2, 0),
    ("one", 0.3, 7, 1),
    ("one-open", 0.3, 7, 1, {"endpoint": False}),
    ("two", F(1, 3), F(2, 3), 2),
    ("open", 1, 2, 12, {"endpoint": False}),
    ("powers-of-two", 1, 256, 9),
    ("powers-of-two-descending", 256, 1, 9),
    ("powers-of-ten", 1, 1000, 4),
    ("all-powers-of-ten", F(1, 10**320), 10**310, 631),
    ("all-powers-of-two", F(1, 2**1080), 2**1030, 2111),
    ("wide", 1e-300, 1e300, 100),
    ("full-range", 5e-324, 1.7976931348623157e308, 50),
    ("subnormal", 5e-324, 2e-308, 40),
    ("subnormal-float32", 2.0**-149, 2.0**-125, 40),
    ("subnormal-float16", 2.0**-24, 2.0**-13, 40),
    ("subnormal-bfloat16", 2.0**-133, 2.0**-125, 40),
    ("decimals", 0.3, 20.3, 31),
    ("negative", -1, -1000, 4),
    ("negative-decimals", -20.3, -0.3, 31),
    ("negative-underflows", -1e-20, F(-1, 10**400), 40),
    ("negative-overflows", -1e20, -(10**400), 40),
    ("opposite-signs", -1, 8, 4),
    ("opposite-signs-down", 8, -1, 4),
    ("opposite-signs-two", 1, -1, 2),
    ("opposite-signs-open", -1, 8, 2, {"endpoint": False}),
    ("equal-ends", 0.1, 0.1, 5),
    ("equal-ends-third", F(1, 3), F(1, 3), 5),
    ("equal-ends-midpoint", 2**53 + 1, 2**53 + 1, 4),
    ("one-ulp-apart", 1.0, 1 + 2.0**-52, 17),
    ("one-ulp-apart-float32", 1.0, 1 + 2.0**-23, 17),
    ("almost-equal", 1, 1 + F(1, 10**40), 5),
    ("almost-equal-at-midpoint", 2**53 + 1, 2**53 + 1 + F(1, 10**40), 3),
    ("midpoint-powers-of-three", 1, 3**60, 61),
    ("midpoint-powers-of-seven", F(1, 7**10), 7**30, 41),
    ("midpoint-at-the-middle", 2**53 + 2, F((2**53 + 1) ** 2, 2**53 + 2), 3),
    ("rational-ratio", F(81, 16), F(16, 81), 9),
    ("rational-roots", 16, 81, 5),
    ("big-integers", 1, 10**20, 50),
    ("huge-integers", 1, 10**400, 9),
    ("huge-to-tiny", 10**400, F(1, 10**400), 9),
    ("long-fractions", LONG, 1 / LONG, 5),
    ("long-fractions-near-one", LONG_NEAR_ONE, 1, 3),
    ("infinite-stop", 1, INF, 3),
    ("infinite-start", INF, 1, 3),
    ("both-infinite", INF, INF, 3),
    ("minus-infinite-start", -INF, -1, 3),
    ("infinite-opposite", -1, INF, 3),
    ("nan-start", NAN, 1, 3),
    ("nan-stop", 1, NAN, 3),
    ("zero-start", 0, 1, 5),
    ("zero-stop", 1, 0, 5),
    ("minus-zero-start", -0.0, 1, 5),
]

INTEGERS: dict[str, list[Row]] = {
    "linspace": [
        ("floor", -1.9, 9.1, 13),
        ("floor-thirds", -1, 1, 7),
        ("descending", 4.9, 3, 5),
        ("just-below", 3 - F(1, 10**30), 3, 2),
        ("int8", -128, 127, 256),
        ("uint8", 0, 255, 52),
        ("uint8-top", 0, 255 + F(99, 100), 2),
        ("uint8-too-large", 0, 256, 3),
        ("below-zero", F(-1, 2), 1, 4),
        ("int64", -(2**63), 2**63 - 1, 5),
        ("int64-too-large", 0, 2**63, 3),
        ("uint64", 0, 2**64 - 1, 6),
        ("above-2-to-53", 2**53, 2**53 + 9, 10),
        ("minus-zero", -0.0, -0.0, 2),
        ("infinite", 0, INF, 3),
        ("nan", 1, NAN, 3),
    ],
    "logspace": [
        ("hundreds", 0, 2, 3),
        ("powers-of-ten", 0, 18, 19),
        ("powers-of-ten-uint64", 0, 19, 20),
        ("powers-of-two", 0, 62, 63, {"base": 2}),
        ("powers-of-two-uint64", 0, 63, 64, {"base": 2}),
        ("powers-of-three", 0, 39, 40, {"base": 3}),
        ("cube-roots", 0, 2, 7, {"base": 8}),
        ("truncates-fractions", -3, 2, 11),
        ("just-below-power", 2, 2 - F(1, 10**40), 2),
        ("just-below-limit", 63 - F(1, 10**40), 64 - F(1, 10**40), 2, {"base": 2}),
        ("just-below-one", -1e-300, 1e-300, 3),
        ("negative-base", 0, 7, 8, {"base": -2}),
        ("negative-base-fraction", -1, 0, 2, {"base": -2}),
        ("infinite", 0, INF, 3),
        ("nan", 0, 1, 3, {"base": -10}),
        ("base-zero", 0, 2, 3, {"base": 0}),
        ("far-too-large", 0, 10**400, 3),
    ],
    "geomspace": [
        ("powers-of-two", 1, 16, 5),
        ("powers-of-two-down", 128, 1, 8),
        ("all-powers-of-two", 1, 2**63, 64),
        ("powers-of-ten", 1, 10**18, 19),
        ("powers-of-three", 3**39, 1, 40),
        ("negative", -1, -128, 8),
        ("truncates-toward-zero", -0.9, -7.9, 9),
        ("fractions", F(1, 3), F(81, 2), 9),
        ("large-and-close", 2**62 - 1, 2**62 + 3, 5),
    ],
}


def edges(form: FloatFormat) -> list[Case]:
    """Return grids over the ends of a format's range: overflow, ties, the least subnormal."""
    top = F(2) ** (form.max_exponent + 1)
    largest = top - F(2) ** (form.max_exponent + 1 - form.precision)
    tie = (largest + top) / 2
    hair = F(1, 10**400)
    least = F(2) ** form.unit_exponent
    normal = least * 2 ** (form.precision - 1)
    binades = form.max_exponent + 1
    rows: dict[str, list[Row]] = {
        "linspace": [
            ("tie-at-overflow", tie - hair, tie + hair, 3),
            ("over-the-top", largest, top, 17),
            ("below-the-top", -largest, largest, 5),
            ("tie-at-least", least / 2 - hair, least / 2 + hair, 3),
            ("to-least", 0, least * 4, 33),
            ("normal-to-subnormal", normal - 4 * least, normal + 4 * least, 33),
        ],
        "logspace": [
            ("over-the-top", binades - 1, binades, 65, {"base": 2}),
            ("last-bits-of-the-top", binades - F(1, 2**form.precision), binades, 33, {"base": 2}),
            ("below-least", form.unit_exponent - 2, form.unit_exponent + 2, 65, {"base": 2}),
            ("tie-at-least", form.unit_exponent - 1, form.unit_exponent - 1, 1, {"base": 2}),
            (
                "subnormals",
                form.unit_exponent,
                form.unit_exponent + form.precision,
                64,
                {"base": 2},
            ),
        ],
        "geomspace": [
            ("over-the-top", largest / 2, top, 33),
            ("tie-at-overflow", tie, tie + hair, 3),
            ("whole-range", least, largest, 97),
            ("across-subnormals", normal, least / 4, 65),
            ("negative-subnormals", -normal, -least / 4, 33),
        ],
    }
    return [
        case
        for function, group in rows.items()
        for case in _cases(function, [(f"edge-{r[0]}", *r[1:]) for r in group], (form.name,))
    ]


def integer_dtypes(name: str) -> tuple[str, ...]:
    """Return the dtypes in which an integer case is tried: named ones where it names any."""
    named = tuple(dtype for dtype in INT_FORMATS if name.startswith(dtype))
    return named or INTS


def hard_cases() -> list[Case]:
    """Return all hand-written cases."""
    cases = []
    for function, rows in (
        ("linspace", LINSPACE),
        ("logspace", LOGSPACE),
        ("geomspace", GEOMSPACE),
    ):
        cases += _cases(function, rows, FLOATS)
    for form in FLOAT_FORMATS.values():
        cases += edges(form)
    for function, rows in INTEGERS.items():
        for row in rows:
            cases += _cases(function, [(f"integer-{row[0]}", *row[1:])], integer_dtypes(row[0]))
    return cases
