"""Grids of which derivatives are asked, hand-written and random ones.

They are lanes side by side, so that a program is compiled once for many.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..truth.formats import FLOAT_FORMATS, FloatFormat
from .lanes import Batch, Ends, narrowed, row
from .random_grids import random_case

NUM = 7


def array_names(batch: Batch) -> list[str]:
    """Return the arguments of a batch that are arrays."""
    return [name for name, end in batch.arguments.items() if isinstance(end, Ends)]


def lanes_of(name: str, function: str, *lanes: tuple[float, ...], **more: Any) -> Batch:
    """Make a batch of its lanes: start and stop of each, and the base of ``logspace``."""
    names = ("start", "stop", "base")
    ends = {key: row(*values) for key, values in zip(names, zip(*lanes, strict=True), strict=False)}
    return Batch(name, function, **{"num": NUM, **ends, **more})


WIDE = {
    "linspace": [
        (0.1, 2.5),
        (-3.0, 0.75),
        (0.1, 0.1),
        (0.0, -0.0),
        (1e308, -1e308),
        (5e-324, 1e-310),
        (-1e16, 1.0),
    ],
    "geomspace": [
        (0.1, 2.5),
        (8.0, 1.0),
        (0.1, 0.1),  # equal ends: the derivatives are the weights
        (5e-324, 5e-324),
        (1.7e308, 1.7e308),
        (5e-324, 1e-310),  # subnormal elements, ordinary derivatives
        (1e-310, 1e-322),
        (1e-320, 1e-5),
        (5e-324, 1.7e308),  # ordinary elements, derivatives out of range on either side
        (1.7e308, 5e-324),
        (1e-300, 1e300),
        (1.0, 1 + 2.0**-52),
        (-0.1, -2.5),
        (-1e300, -1e-300),
        (-5e-324, -1e308),
        (-3.0, -3.0),
    ],
    "logspace": [
        (0.1, 2.5, 10.0),
        (-3.0, 0.75, 7.3),
        (0.0, 0.0, 3.0),  # x is 0: a derivative by the base that is 0
        (-3.0, 3.0, 2.0),  # and in the middle only
        (2.0, 2.0, 0.3),
        (2.0, 3.0, 1.0),  # base 1: no dependence on the ends
        (-1e300, 1e300, 1.0),
        (300.0, 320.0, 10.0),  # to where elements overflow
        (-330.0, -300.0, 10.0),  # and underflow
        (1.03, 1.1, 1e300),  # elements overflow, and their derivatives by the base do not
        (1.03, 1.07, 1e-300),  # elements are subnormal, their derivatives by the base ordinary
        (0.003, 0.01, 5e-324),  # ordinary elements, and derivatives by the base that overflow
        (-0.1, 1.0, 5e-324),
        (-1.06, -1.04, 1e300),  # subnormal elements, and derivatives that are not, or are zero
        (5e-324, 1e-310, 1e-300),  # subnormal exponents, ordinary derivatives by the base
        (-1e-310, 5e-324, 1e-310),
        (5e-324, -1e-310, 1e300),
        (3.19e18, 3.21e18, 1 + 2.0**-52),  # the logarithm brings back what overflows
        (-3.21e18, 3.2e18, 1 - 2.0**-53),
        (-1e-15, 1e-17, 1 + 2.0**-52),
        (1e17, -1e17, 0.9999999999999999),
        (0.5, 22.0, 9.0),
    ],
}
SHORT = {
    "linspace": [(0.1, 2.5), (3e38, -3e38), (1e-45, 1e-40), (0.1, 0.1)],
    "geomspace": [
        (0.1, 2.5),
        (1e-45, 1e-45),
        (1e-45, 1e-39),
        (1e-42, 1e-2),
        (1e-45, 3e38),
        (3e38, 1e-45),
        (-1e-45, -3e38),
        (-3.0, -3.0),
        (1.0, 1 + 2.0**-23),
    ],
    "logspace": [
        (0.1, 2.5, 10.0),
        (-3.0, 3.0, 2.0),
        (2.0, 3.0, 1.0),
        (-1e30, 1e30, 1.0),
        (36.0, 40.0, 10.0),
        (-46.0, -36.0, 10.0),
        (1.1, 1.3, 1e35),
        (1.1, 1.25, 1e-35),
        (0.003, 0.05, 1e-45),
        (-1.2, -1.1, 1e35),
        (1e-45, 1e-40, 1e-35),
        (7.4e8, 7.55e8, 1 + 2.0**-23),
        (-1e-7, 1e-9, 1 + 2.0**-23),
        (1.5e9, -1.5e9, 1 - 2.0**-24),
    ],
}


def hard_slopes() -> Iterator[Batch]:
    """Yield hand-written batches, the arrays of each of the shape of the lanes."""
    for function, lanes in WIDE.items():
        plain = lanes_of("hard", function, *lanes)
        yield plain
        yield replace(plain, name="open", endpoint=False)
        yield lanes_of("single", function, *lanes, num=1)
    for function, lanes in SHORT.items():
        plain = narrowed(lanes_of("hard", function, *lanes, dtype="float32"))
        yield plain
        yield replace(plain, name="open", endpoint=False)
        yield replace(plain, name="longer", dtype="float64")
        wider = {name: Ends.of(getattr(plain, name).host) for name in array_names(plain)}
        yield replace(plain, name="shorter", **wider)
        for dtype in ("float16", "bfloat16"):
            yield replace(plain, name="short", dtype=dtype)
    yield from scalar_slopes()
    yield from integer_slopes()


def scalar_slopes() -> Iterator[Batch]:
    """Yield batches in which some of the ends are exact numbers, beyond the range too."""
    for dtype, large, huge in (("float64", 1e300, 10**400), ("float32", 1e30, 10**60)):
        above = Ends.of([large, 1.0, large / 3], dtype)
        below = Ends.of([1 / large, 1.0, 3 / large], dtype)
        tiny = Fraction(1, huge)
        yield Batch("overflow", "geomspace", above, huge, NUM, dtype=dtype)
        yield Batch("overflow", "geomspace", huge, above, NUM, dtype=dtype)
        yield Batch("underflow", "geomspace", below, tiny, NUM, dtype=dtype)
        yield Batch("overflow", "linspace", above, huge, NUM, dtype=dtype)
        yield Batch("exact-scalars", "logspace", Ends.of([0.1, 2.0], dtype), Fraction(1, 3), NUM,
                    dtype=dtype, base=Fraction(22, 7))  # fmt: skip
        yield Batch("exact-scalars", "logspace", Fraction(1, 3), 2, NUM, dtype=dtype, base=above)
        yield Batch("huge-base", "logspace", Ends.of([0.1, -0.2], dtype), Fraction(1, 3), NUM,
                    dtype=dtype, base=huge)  # fmt: skip


def integer_slopes() -> Iterator[Batch]:
    """Yield batches of integers, which are constant but for their steps."""
    lanes = [(1.0, 4.0, 3.0), (2.0, 2.0, 2.5)]
    for function, dtype in (("linspace", "int32"), ("geomspace", "uint8"), ("logspace", "int16")):
        width = 3 if function == "logspace" else 2
        yield narrowed(
            lanes_of("integers", function, *(lane[:width] for lane in lanes), dtype=dtype)
        )


def compiled_slopes() -> Iterator[Batch]:
    """Yield the few batches for ways that compile: one program for all lanes of each."""
    for function in WIDE:
        yield lanes_of("compiled", function, *WIDE[function])
        yield narrowed(lanes_of("compiled", function, *SHORT[function], dtype="float32"))
    lanes = WIDE["geomspace"]
    yield lanes_of("compiled-open", "geomspace", *lanes, endpoint=False)
    yield lanes_of("compiled-integers", "linspace", (1.0, 4.0), (2.0, 2.0), dtype="int32")


# Random ones.


def random_slopes(rng: random.Random, dtype: str, function: str, count: int) -> Batch:
    """Draw lanes of numbers of a dtype that have derivatives, as one batch."""
    lanes = [_random_ends(rng, dtype, function) for _ in range(count)]
    width = 3 if function == "logspace" else 2
    batch = lanes_of(
        "random", function, *(lane[:width] for lane in lanes), endpoint=rng.random() < 0.75
    )
    return replace(batch if dtype == "float64" else narrowed(batch, dtype), dtype=dtype)


def _random_ends(rng: random.Random, dtype: str, function: str) -> tuple[float, ...]:
    form = FLOAT_FORMATS[dtype]
    while True:
        case = random_case(rng, dtype, function)
        ends = [_rounded(value, form) for value in (case.start, case.stop, case.base)]
        nonzero = ends[2:] if function != "geomspace" else ends
        if np.isfinite(ends).all() and all(nonzero):
            return tuple(ends)


def _rounded(value: Any, form: FloatFormat) -> float:
    """Round an exact number once to a format."""
    exact = Fraction(value)
    number = form.to_float(form.round_ratio(abs(exact.numerator), exact.denominator))
    return -number if exact < 0 else number
