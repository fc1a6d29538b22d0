"""What libraries give for a few plain grids, beside the exact values: the table of `why.rst`.

    python docs/why.py

Exact values are fractions, or powers to 300 bits by MPFR.
"""

from __future__ import annotations

import os
import platform
import sys
from fractions import Fraction
from importlib.metadata import version

os.environ["JAX_ENABLE_X64"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

import gmpy2
import jax.numpy
import numpy
import torch

import xspace

LIBRARIES = {"NumPy": numpy, "PyTorch": torch, "JAX": jax.numpy}

#: Function, ends, number of elements, dtype, and the element to look at.
CASES = [
    ("linspace", 0, 1, 11, "float64", 3),
    ("linspace", -1, 1, 21, "float64", 11),
    ("linspace", -1, 1, 21, "float64", 10),
    ("linspace", 0, 2, 21, "float32", 9),
    ("logspace", -5, 0, 6, "float64", 0),
    ("logspace", -30, 30, 61, "float64", 53),
    ("logspace", -30, 30, 61, "float64", 39),
    ("logspace", -30, 30, 61, "float32", 42),
    ("geomspace", 1, 1024, 11, "float64", 6),
    ("geomspace", 1, 10**6, 7, "float32", 3),
]

gmpy2.get_context().precision = 300


def exact(function, start, stop, num, i):
    """The exact element: a fraction, or a power to 300 bits."""
    first, last, div = gmpy2.mpq(Fraction(start)), gmpy2.mpq(Fraction(stop)), num - 1
    if function == "linspace":
        return gmpy2.mpfr((first * (div - i) + last * i) / div)
    if function == "logspace":
        return gmpy2.exp10(gmpy2.mpfr((first * (div - i) + last * i) / div))
    return gmpy2.mpfr(first) * gmpy2.exp(gmpy2.log(gmpy2.mpfr(last / first)) * i / div)


def error_in_ulp(got, wanted, precision):
    """The distance from the exact value, in units of the last place of the exact value."""
    if not wanted:
        return "0.00 ulp" if not got else "not zero"
    ulp = gmpy2.exp2(gmpy2.get_exp(wanted) - precision)
    return f"{float(abs(gmpy2.mpfr(got) - wanted) / ulp):.2f} ulp"


def rows(case):
    """The lines of a case: who, the element, and how far it is off."""
    function, start, stop, num, dtype, i = case
    wanted = exact(function, start, stop, num, i)
    precision = {"float64": 53, "float32": 24}[dtype]
    yield "exact", "0" if not wanted else f"{wanted:.25g}", ""
    for name, xp in LIBRARIES.items():
        if hasattr(xp, function):
            array = getattr(xp, function)(start, stop, num, dtype=getattr(xp, dtype))
            yield name, *described(array[i], wanted, dtype, precision)
    ours = getattr(xspace, function)(start, stop, num, dtype=getattr(numpy, dtype))
    yield "xspace", *described(ours[i], wanted, dtype, precision)


def described(element, wanted, dtype, precision):
    """An element in the fewest digits that tell it from its neighbours, and its error."""
    number = getattr(numpy, dtype)(element)
    return str(number), error_in_ulp(float(number), wanted, precision)


def main():
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "torch", "jax", "gmpy2"))
    print(f"{versions}, Python {platform.python_version()}, {platform.machine()}")
    for case in CASES:
        function, start, stop, num, dtype, i = case
        print(f"\nelement {i} of {function}({start}, {stop}, {num}), {dtype}")
        for who, value, error in rows(case):
            print(f"  {who:8} {value:32} {error:>10}".rstrip())


if __name__ == "__main__":
    sys.exit(main())
