"""Calls at, below and above what the library tells apart: lengths, sizes of ends, spans, lanes."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import numpy as np
from engine_calls import INTEGERS, LARGEST, Call, LaneCall, base_of, lane_ends

#: Blocks, tiles, tables and rows begin or end at a few more or less.
LENGTHS = (4, 8, 16, 32, 64, 256, 512, 1024, 4096, 1 << 14, 1 << 15, 1 << 16)
#: Binades at whose limits another way is taken, of all formats, and those that grids span.
EXPONENTS = (-1000, -960, -800, -700, -125, -1, 0, 20, 24, 38, 51, 53, 62, 63, 64)
EXPONENTS += (100, 125, 650, 700, 800, 960, 1000)
SPANS = (0, 1, 2, 20, 21, 24, 99, 100, 101, 499, 500, 501, 800, 1600, 2000)
LANES = (1, 2, 3, 4, 5, 63, 64, 65, 130)
#: Precision of a format of floats.
PRECISION = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}


def length(rng: random.Random, most: int) -> int:
    """A length about a switch-over, most often a short one."""
    places = [n for n in LENGTHS if n <= most] or [2]
    place = min(rng.choice(places), rng.choice(places))
    return min(max(place + rng.choice([-1, 0, 1, 2]), 2), most)


def exponent(rng: random.Random, dtype: str) -> int:
    """A binade about a switch-over of a format, or of all."""
    largest = LARGEST[dtype]
    if dtype in INTEGERS:
        places = [0, 0, 1, 7, 24, 38, 51, 53, largest - 1, largest]
        return max(min(rng.choice(places), largest) + rng.choice([-1, 0, 0, 0]), -3)
    least = 2 - largest - PRECISION[dtype]
    own = (least, 1 - largest, largest - 6, largest)
    return max(min(rng.choice(own + EXPONENTS) + rng.choice([-1, 0, 1]), largest + 1), least - 2)


def size(rng: random.Random, expo: float) -> float:
    """A positive float in a binade, next to its limits or between them."""
    expo = max(min(expo, 1023), -1074)
    factor = rng.choice([1.0, 1 + 2.0**-52, 2 - 2.0**-52, 1.5, rng.uniform(1, 2)])
    return math.ldexp(factor, int(expo)) or 5e-324


def ends(rng: random.Random, function: str, dtype: str, base: float) -> tuple[float, float]:
    """Two ends that span a number of binades."""
    first = exponent(rng, dtype)
    last = first + rng.choice(SPANS) * rng.choice([-1, 1])
    largest = LARGEST[dtype]
    least = 0 if dtype in INTEGERS else -largest - PRECISION[dtype]
    last = max(min(last, largest + 1 - (dtype in INTEGERS)), least)
    if function == "logspace":
        log = math.log2(base) or 1.0
        low, high = (
            (e + rng.choice([0.0, 2.0**-40, -(2.0**-40), 0.99, rng.random()])) / log
            for e in (first, last)
        )
        return (low, high) if max(abs(low), abs(high)) < 2.0**24 else (0.0, 1.0)
    low, high = size(rng, first), size(rng, last)
    if function == "geomspace":
        sign = rng.choice([-1, 1]) if dtype[0] != "u" else 1
        return sign * low, sign * high
    if rng.random() < 0.2:
        high = low * (1 + rng.choice([1, 2, 3, 2**20, 2**21]) * 2.0**-52)
    if rng.random() < 0.1:
        high = rng.choice([0.0, -0.0, high])
    signs = [rng.choice([-1, 1]) if dtype[0] != "u" else 1 for _ in range(2)]
    return _bounded(signs[0] * low), _bounded(signs[1] * high)


def _bounded(x: float) -> float:
    return x if abs(x) < 2.0**1023 else math.copysign(2.0**1023, x)


def edge_call(rng: random.Random, function: str, dtype: str, most: int = 1 << 17) -> Call:
    """A grid of plain numbers at a switch-over."""
    num = length(rng, most)
    if function == "arange":
        step = size(rng, exponent(rng, dtype) - math.log2(num) - rng.choice([0, 1]))
        low = size(rng, exponent(rng, dtype)) * rng.choice([0, 1, 1]) if num < 5 else step * num
        low *= rng.choice([-1, 0, 1, 0.5])
        if dtype[0] == "u":
            low = abs(low)
        high = low + step * (num - rng.choice([0.0, 0.5, 2.0**-40, 1.0]))
        return Call(function, dtype, tuple(map(_bounded, (low, high, step))), num, True)
    base = base_of(rng) if rng.random() < 0.5 else rng.choice([10, 2, 2.0, math.e, 3])
    low, high = ends(rng, function, dtype, base)
    bases = (base,) if function == "logspace" else ()
    if dtype in INTEGERS and rng.random() < 0.5 and max(abs(low), abs(high)) < 2.0**63:
        whole = [int(end) or (1 if end >= 0 else -1) for end in (low, high)]
        return Call(function, dtype, (*whole, *bases), num, True)
    return Call(function, dtype, (low, high, *bases), num, rng.random() < 0.7)


def edge_lanes(rng: random.Random, function: str, dtype: str, most: int = 1 << 17) -> LaneCall:
    """Many grids at switch-overs, of any kind of ends that hold them."""
    count = rng.choice(LANES)
    num = length(rng, min(most // count, 1 << 13))
    kind = rng.choice(["float64", "float64", "float32", "float16", "int64", "uint16"])
    base = base_of(rng) if rng.random() < 0.5 else rng.choice([10, 2.0, math.e])
    pairs = [ends(rng, function, dtype, base) for _ in range(count)]
    sides = [lane_ends(rng, kind, count, list(side)) for side in zip(*pairs, strict=True)]
    finite = all(np.isfinite(side).all() for side in sides)
    ratios = [np.sign(side.astype(float)) for side in sides]  # which have one sign, and no zeros
    if not finite or (function == "geomspace" and (ratios[0] * ratios[1] <= 0).any()):
        sides = [np.array(side) for side in zip(*pairs, strict=True)]
    bases = (base,) if function == "logspace" else ()
    return LaneCall(function, dtype, (*sides, *bases), num, rng.random() < 0.7, 0)


def edge_calls(seed: int, count: int, most: int = 1 << 17) -> Iterator[Call]:
    """So many grids of each function in each format."""
    from engine_calls import formats

    rng = random.Random(f"switch-overs {seed}")
    for function in ("logspace", "geomspace", "linspace", "arange"):
        for dtype in formats():
            for _ in range(count):
                yield edge_call(rng, function, dtype, most)
