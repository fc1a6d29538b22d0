"""Grids that the kernels of GPUs are tried on, and what is right of them."""

from __future__ import annotations

import importlib
import importlib.util
import random
from fractions import Fraction
from functools import cache

import pytest
import torch
from xspace_conformance.truth.oracle import Grid

from xspace.exact.lines import progression_of
from xspace.exact.rounding import FORMATS
from xspace.grids.source import Line
from xspace.libraries.scalars import read_scalar

FLOATS = ["float64", "float32"]

GRIDS = [
    ("linspace", 0.1, 3.7),
    ("linspace", -1, 1),
    ("linspace", 1, 0),
    ("linspace", 0, 0),
    ("linspace", 5, 5),
    ("linspace", -0.3, 0.7),
    ("linspace", 1e-5, 1e5),
    ("linspace", 0.1, 1e15),
    ("linspace", 1e300, -1e300),
    ("linspace", 2**53, 2**53 + 20_000),
    ("linspace", Fraction(1, 3), Fraction(-22, 7)),
    ("logspace", 0.1, 3.7, 10.0),
    ("logspace", 37, -44, 10),
    ("logspace", -320, 300, 10.0),
    ("logspace", -5000, 5000, 10),
    ("logspace", 0, 64, 2),
    ("logspace", 0, 34, 3),
    ("logspace", 0, 23, 10),
    ("logspace", 3, 3, 10),
    ("logspace", 0, 1, 1),
    ("logspace", 0, 1, 1 + 2.0**-52),
    ("geomspace", -0.001, -1e7),
    ("geomspace", 256, 1),
    ("geomspace", 1e-320, 1e300),
    ("geomspace", 2.0**-1074, 2.0**-1060),
    ("geomspace", Fraction(1, 3), Fraction(22, 7)),
    ("geomspace", 2**53 + 3, 3),  # a midpoint that goes up
    # 2.5 subnormal spacings and a bit, which a word of a significand does not show
    ("geomspace", Fraction(5 * 2**49 + 1, 2**1124), 2.0**-1060),
]
NUMS = [1, 2, 3, 50, 1000, 70_001]


def line_of(grid, num, endpoint=True):
    function, *ends = grid
    return progression_of(function, tuple(read_scalar("end", end) for end in ends), num, endpoint)


def on_host(grid, num, fmt):
    """The elements as the host makes them, 16-bit floats as their bits."""
    line, negative = line_of(grid, num)
    return Line(grid[0], line, FORMATS[fmt], negative).make(range(num))


def random_grids(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        function = rng.choice(["linspace", "logspace", "geomspace"])
        if function == "linspace":
            yield function, rng.uniform(-1, 1) * 10 ** rng.randint(-5, 9), rng.uniform(-9, 9)
        elif function == "logspace":
            base = rng.choice([2, 10, math_e := 2.718281828459045, 0.3, rng.uniform(1, 99)])
            reach = 30 if base != math_e else 80
            yield function, rng.uniform(-reach, reach), rng.uniform(-reach, reach), base
        else:
            yield function, 10 ** rng.uniform(-37, 37), 10 ** rng.uniform(-37, 37)


@cache
def right(grid, num, fmt):
    function, start, stop, *base = grid
    options = {"base": base[0]} if base else {}
    return Grid(function, start, stop, num, **options).bits(fmt)


def gpu_libraries():
    """Whose kernels there are, each with the reason why they cannot be tried here, if there is one.

    PyTorch has those in CUDA C++ and those in Triton.
    """
    reasons = {"torch": "" if torch.cuda.is_available() else "torch finds no GPU"}
    reasons["triton"] = reasons["torch"]
    for name, module in {"torch": "cuda", "triton": "triton"}.items():
        if not reasons[name] and importlib.util.find_spec(module) is None:
            reasons[name] = f"{module} is not installed"
    try:
        cupy = importlib.import_module("cupy")
        reasons["cupy"] = "" if cupy.cuda.runtime.getDeviceCount() else "cupy finds no GPU"
    except ImportError:
        reasons["cupy"] = "no GPU library: cupy is not installed"
    except Exception as error:  # cupy's own errors, where there is no driver
        reasons["cupy"] = f"cupy finds no GPU: {error}"
    return [
        pytest.param(name, marks=pytest.mark.skipif(bool(why), reason=why), id=name)
        for name, why in reasons.items()
    ]
