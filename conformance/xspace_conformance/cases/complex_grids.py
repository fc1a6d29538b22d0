"""Complex cases: hand-written ones, NumPy's own, and random ones from a seed.

Parameters only: what is right comes from `complex_oracle`.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..truth.case import Case, sampled

F = Fraction
COMPLEX = ("complex128", "complex64")
FUNCTIONS = ("linspace", "logspace", "geomspace")
Row = tuple[Any, ...]  # name, start, stop, num, and keywords if there are any
E = 2.718281828459045
SMALLEST, LARGEST = 5e-324, 1.7976931348623157e308

LINSPACE: list[Row] = [
    ("empty", 1j, 2, 0),
    ("one", 0.1 + 0.2j, 7, 1),
    ("numpy-test", 1 + 2j, 3 + 4j, 5),
    ("numpy-test-mixed", 1j, 10, 5),
    ("real-ends", F(1, 3), 2, 7),
    ("open", 0.1 - 1j, 1 + 0.7j, 10, {"endpoint": False}),
    ("through-zero", -0.7 + 0.7j, 0.7 - 0.7j, 51),
    ("negative-zeros", complex(-0.0, 1), complex(1, -0.0), 4),
    ("subnormal", complex(SMALLEST, 0), complex(0, -7 * SMALLEST), 15),
    ("midpoints", 2**53 + 0j, 2**53 + 8 + 8j, 9),
]

GEOMSPACE: list[Row] = [
    ("empty", 1j, 2, 0),
    ("one", 0.1 + 0.2j, 7, 1),
    ("one-negative", -0.1, 0.1, 1),
    ("two", 0.1 + 0.2j, -0.3j, 2),
    # numpy/_core/tests/test_function_base.py, TestGeomspace
    ("numpy-imaginary", 1j, 16j, 5),
    ("numpy-negative-imaginary", -4j, -324j, 5),
    ("numpy-diagonal", 1 + 1j, 1000 + 1000j, 4),
    ("numpy-other-diagonal", -1 + 1j, -1000 + 1000j, 4),
    ("numpy-half-turn", -1, 1, 3),
    ("numpy-quarter-turn-up", 3j, -3, 3),
    ("numpy-quarter-turn-right", 3j, 3, 3),
    ("numpy-quarter-turn-down", -3, -3j, 3),
    ("numpy-spiral", -2 - 3j, 5 + 7j, 7),
    ("numpy-two", 3j, -5, 2),
    ("numpy-two-from-negative", -5, 3j, 2),
    ("numpy-shortest", 1.2 + 3.4j, -1.533438609542889 - 3.263214062914474j, 5),
    ("numpy-docstring", -1, 1, 5),
    # axes
    ("imaginary-thousands", 1j, 1000j, 4),
    ("half-turn-in-degrees", 1, -1, 181),
    ("half-turn-from-below", -1j, 1j, 13),
    ("half-turn-from-above", 1j, -1j, 13),
    ("half-turn-oblique", 1 + 2j, -3 - 6j, 25),
    ("half-turn-oblique-back", -3 - 6j, 1 + 2j, 25),
    ("half-turn-growing", -1, 4096, 49),
    ("just-above-half-turn", 1, complex(-1, SMALLEST), 7),
    ("just-below-half-turn", 1, complex(-1, -SMALLEST), 7),
    ("crosses-the-axis", 2 + 1j, 2 - 1j, 3),
    ("crosses-the-axis-at-a-third", 2 + 1j, 3 - 4j, 7),
    ("crosses-other-axis", 1 + 2j, -1 + 2j, 9),
    ("misses-the-axis", 2 + 1j, 2.0000000000000004 - 1j, 3),
    ("quarter-turn", 1, 1j, 10),
    ("eighths", 1, 1 + 1j, 9),
    ("diagonal-to-axis", 1 + 1j, -16, 13),
    # exact
    ("gaussian-squares", 1, 3 + 4j, 3),
    ("gaussian-powers", 1, -117 + 44j, 4),
    ("gaussian-quotients", 3 + 4j, 5, 5),
    ("thirds-of-a-turn", 8, -8, 4),
    ("thirds-with-root-three", 3, -81, 4),
    ("sixths", 1, -64, 7),
    ("open-twelfths", 1, 1j, 3, {"endpoint": False}),
    ("midpoints", 1, (2**27 + 1) ** 2 + 0j, 3),
    ("gaussian-midpoints", 1, complex((2**27 + 1) ** 2 - 1, 2 * (2**27 + 1)), 3),
    ("gaussian-midpoints-float32", 1, complex(4097**2 - 4099**2, 2 * 4097 * 4099), 3),
    # tiny beside large
    ("nearly-real", 1 + 1e-8j, 2 + 1e-3j, 33),
    ("very-nearly-real", 1 + 1e-100j, 2 + 1e-101j, 33),
    ("most-nearly-real", complex(1, SMALLEST), complex(2, SMALLEST), 9),
    ("nearly-imaginary", 1e-30 - 1j, -1e-40 - 7j, 33),
    ("nearly-negative", -1 + 1e-20j, -3 + 1e-60j, 17),
    ("real-to-nearly-real", 1, 2 + 1e-300j, 9),
    ("tiny-turn", 1 + 1e-16j, 1 + 2e-16j, 50),
    # the ends of the range
    ("whole-range", complex(SMALLEST, 0), complex(0, LARGEST), 201),
    ("overflowing-corner", complex(1, 1), complex(LARGEST, LARGEST), 101),
    ("overflows-between", LARGEST, complex(0, LARGEST), 50),
    ("overflow-on-the-way", complex(LARGEST, LARGEST), complex(LARGEST, -LARGEST), 11),
    ("subnormal", complex(1e-320, 1e-321), complex(-1e-318, 1e-310), 61),
    ("subnormal-circle", complex(10 * SMALLEST, 0), complex(-10 * SMALLEST, 0), 61),
    ("into-subnormal", 1 + 1j, complex(-1e-315, 1e-323), 61),
    ("subnormal-float32", complex(1e-44, 1e-40), complex(-1e-38, 1e-42), 61),
    ("overflow-float32", complex(1e38, 1e38), complex(3.4e38, -3.4e38), 61),
    ("fractions", F(1, 3), F(-7, 5), 17),
    ("steep", 1e-300 + 1e-300j, 1e300 - 1e299j, 3),
    ("many", 0.3 + 0.1j, -20.3 - 7j, 3001),
    ("open-many", 1, 1j, 2000, {"endpoint": False}),
]

LOGSPACE: list[Row] = [
    ("empty", 1j, 2, 0),
    ("one", 0.5, 7, 1, {"base": -2}),
    ("complex-exponents", 1j, 2 + 3j, 9),
    ("imaginary-exponents", 0, 10j, 50),
    ("parallel-exponents", 1j, 3 + 1j, 9),
    ("complex-everything", 1 - 2j, -0.5 + 3j, 17, {"base": 2 - 1j}),
    ("crosses-real-exponents", 1 - 1j, 3 + 1j, 5, {"base": 2 + 1j}),
    ("crosses-zero", -1 - 2j, 1 + 2j, 5, {"base": 3 + 4j}),
    ("base-e", 0, 6.283185307179586j, 33, {"base": E}),
    ("positive-base", -3, 3, 31),
    ("cube-roots", 0, 1, 4, {"base": -8}),
    ("negative-base-halves", -3, 3, 13, {"base": -2}),
    ("negative-base-integers", -40, 40, 81, {"base": -10}),
    ("negative-base-tenths", 0, F(12), 121, {"base": -0.1}),
    ("negative-base-complex-exponents", 0.5 - 1j, 0.5 + 1j, 7, {"base": -3}),
    ("unit-base-on-axis", 0.5 - 1j, 0.5 + 1j, 7, {"base": -1}),
    ("minus-one", 0, 6, 37, {"base": -1}),
    ("turns", 0, 40, 121, {"base": 1j}),
    ("turns-back", 5, -5, 61, {"base": -1j}),
    ("base-one", -1j, 3, 7, {"base": 1}),
    ("diagonal-base", 0, 24, 25, {"base": 1 + 1j}),
    ("diagonal-base-thirds", -2, 2, 13, {"base": -1 - 1j}),
    ("gaussian-powers", -20, 20, 41, {"base": 2 + 1j}),
    ("gaussian-half-powers", -5, 5, 21, {"base": 3 + 4j}),
    ("unit-circle", 0, 30, 61, {"base": 0.6 + 0.8j}),
    ("exact-unit-circle", 0, 3, 7, {"base": F(-1)}),
    ("short-parts-of-long-powers", 0, 90, 91, {"base": 1.5 + 0.5j}),
    ("twelfths", 0, 4, 25, {"base": -3}),
    ("into-subnormal", -300, -330, 61, {"base": 8 + 6j}),
    ("overflow", 300, 312, 61, {"base": -6 + 8j}),
    ("overflow-float32", 37, 40, 31, {"base": -6 + 8j}),
    ("far-beyond", -1e6, 1e6, 9, {"base": 2 + 1j}),
    ("huge-exponents", -1e300, 1e300, 5, {"base": 0.6 + 0.8j}),
    ("huge-imaginary-exponents", -1e30j, 1e30j, 5, {"base": 2}),
    ("tiny-exponents", 1e-300, 1e-300j, 5, {"base": 3 + 1j}),
    ("base-near-one", 0, 1e17, 9, {"base": complex(1, 1e-17)}),
    ("subnormal-base", 0.5, 0.25, 5, {"base": complex(SMALLEST, -SMALLEST)}),
    ("many", 0, 5 + 2j, 3001, {"base": 1.1 - 0.3j}),
]


def _cases(function: str, rows: Sequence[Row]) -> list[Case]:
    made = []
    for name, start, stop, num, *rest in rows:
        case = Case(f"{function}-{name}", function, start, stop, num, **(rest[0] if rest else {}))
        made += [replace(sampled(case), dtype=dtype) for dtype in COMPLEX]
    return made


def complex_cases() -> list[Case]:
    """Return all hand-written cases."""
    return [
        *_cases("linspace", LINSPACE),
        *_cases("geomspace", GEOMSPACE),
        *_cases("logspace", LOGSPACE),
    ]


def random_complex_case(rng: random.Random, function: str, dtype: str, num: int) -> Case:
    """Draw one call with finite arguments."""
    largest = 1000 if dtype == "complex128" else 120
    kinds = rng.choice([(0, 1), (0, 1, 2), (1, 2), (0, 3), (3,), (0, 1, 4), (5, 0)])
    base: Any = 10.0
    if function == "logspace":
        kinds = (0, 1, 2)
        base = _number(rng, (0, 1, 2, 4), 8) or 2 + 1j
    start, stop = _number(rng, kinds, largest), _number(rng, kinds, largest)
    if function == "logspace" and rng.random() < 0.5:
        start, stop = start.real, stop.real
    elif function == "geomspace":
        start, stop = start or 1j, stop or -1 + 0j
        stop = rng.choice([stop] * 8 + [-start, start.conjugate()])
    endpoint = rng.random() < 0.75
    return Case(f"random-{function}", function, start, stop, num, dtype, endpoint, base)


def _number(rng: random.Random, kinds: Sequence[int], largest: int) -> complex:
    return complex(*(_part(rng, rng.choice(kinds), largest) for _ in range(2)))


def _part(rng: random.Random, kind: int, largest: int) -> float:
    sign = rng.choice((-1, 1))
    if kind == 0:
        return rng.uniform(-3, 3)
    if kind == 1:
        return float(rng.randint(-4, 4))
    if kind == 2:
        return rng.choice((0.0, 1.0, -1.0, 0.5, -0.25))
    if kind == 3:
        return sign * 2.0 ** rng.uniform(-largest, largest)
    if kind == 4:
        return sign * 2.0 ** rng.uniform(-60, 0)
    return sign * 2.0 ** rng.uniform(-largest * 1.07, -largest * 0.9)
