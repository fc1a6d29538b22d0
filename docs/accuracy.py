"""How far off the libraries' own grids are: the table of the README.

    python docs/accuracy.py [--grids 60] [--seed 1]

Every element is compared with the exact value, which MPFR gives to 300 bits.  The endpoints are
random numbers that float32 holds exactly, so that no library loses anything by reading them.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
from importlib.metadata import version

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import gmpy2
import jax.numpy
import numpy
import torch

import xspace

NUM = 1000
PRECISION = {"float64": 53, "float32": 24}
LIBRARIES = {"NumPy": numpy, "PyTorch": torch, "JAX": jax.numpy}
OWN = {
    "logspace": ("NumPy", "PyTorch", "JAX"),
    "geomspace": ("NumPy", "JAX"),
    "linspace": ("NumPy", "PyTorch", "JAX"),
}

gmpy2.get_context().precision = 300


def draw(function, generator):
    """The endpoints of a grid."""
    if function == "geomspace":
        return tuple(float(numpy.float32(10 ** generator.uniform(-30, 30))) for _ in range(2))
    return tuple(float(numpy.float32(generator.uniform(-30, 30))) for _ in range(2))


def exact(function, start, stop):
    """The exact elements, to 300 bits."""
    first, last = gmpy2.mpq(start), gmpy2.mpq(stop)
    between = [(first * (NUM - 1 - i) + last * i) / (NUM - 1) for i in range(NUM)]
    if function == "linspace":
        return [gmpy2.mpfr(x) for x in between]
    if function == "logspace":
        return [gmpy2.exp10(gmpy2.mpfr(x)) for x in between]
    log = gmpy2.log(gmpy2.mpfr(last / first))
    return [gmpy2.mpfr(first) * gmpy2.exp(log * i / (NUM - 1)) for i in range(NUM)]


def judge(elements, wanted, precision):
    """How many elements are not the correctly rounded ones, and the largest error in ulp."""
    wrong, largest = 0, gmpy2.mpfr(0)
    for element, value in zip(elements, wanted, strict=True):
        ulp = gmpy2.exp2(gmpy2.get_exp(value) - precision) if value else gmpy2.exp2(-1074)
        rounded = gmpy2.mpfr(value, precision)
        wrong += gmpy2.mpfr(element) != rounded
        largest = max(largest, abs(gmpy2.mpfr(element) - value) / ulp)
    return wrong, largest


def grids_of(source, function, grids, dtype):
    """The grids of one row; xspace's are made on every library, and have to be the same."""
    if source != "xspace":
        xp = LIBRARIES[source]
        return [getattr(xp, function)(*g, NUM, dtype=getattr(xp, dtype)).tolist() for g in grids]
    first, *others = (
        [
            getattr(xspace, function)(*g, NUM, dtype=getattr(xp, dtype), xp=xp).tolist()
            for g in grids
        ]
        for xp in LIBRARIES.values()
    )
    assert all(other == first for other in others)
    return first


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--grids", type=int, default=60, help="of 1000 elements each")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch", "jax", "gmpy2"))
    print(f"{versions}, Python {platform.python_version()}, {platform.machine()}")
    print(f"{arguments.grids * NUM} elements a row, seed {arguments.seed}\n")
    print("| function | library | dtype | wrong elements | largest error (ulp) |")
    print("| --- | --- | --- | ---: | ---: |")
    for function, libraries in OWN.items():
        generator = random.Random(arguments.seed)
        ends = [draw(function, generator) for _ in range(arguments.grids)]
        wanted = [exact(function, *pair) for pair in ends]
        for dtype, precision in PRECISION.items():
            for source in (*libraries, "xspace"):
                grids = grids_of(source, function, ends, dtype)
                verdicts = [judge(*pair, precision) for pair in zip(grids, wanted, strict=True)]
                wrong = sum(count for count, _ in verdicts) / (len(ends) * NUM)
                largest = max(error for _, error in verdicts)
                label = f"**{source}**, on each" if source == "xspace" else source
                share = f"{100 * wrong:.1f}%" if wrong else "none"
                size = f"{float(largest):.1f}" if largest < 10 else f"{float(largest):,.0f}"
                print(f"| `{function}` | {label} | {dtype} | {share} | {size} |", flush=True)


if __name__ == "__main__":
    main()
