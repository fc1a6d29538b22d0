"""Calls made to take forever: each one ends soon, in little memory, with the right elements.

Each runs in a process of its own, which is stopped after a time that only an endless call takes;
what a call may take, 2 seconds, is the fuzzer's to look after (`xspace_conformance fuzz`).
"""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Megabytes beyond those of an import: of Python's own integers, mainly.
MEMORY = 100
#: Seconds of a processor.
LIMIT = 20

PRELUDE = """
import math, os, resource, sys
from decimal import Decimal as D
from fractions import Fraction as F
import gmpy2
import numpy as np
from xspace import GeomRange, LinRange, LogRange, arange, geomspace, linspace, logspace
def log(x, base=2, bits=333334):
    "The logarithm, cut after so many bits."
    with gmpy2.context(precision=bits + 64, round=gmpy2.RoundDown):
        value = gmpy2.log(gmpy2.mpfr(x)) / gmpy2.log(gmpy2.mpfr(F(base)))
        return F(int(gmpy2.floor(gmpy2.mul_2exp(value, bits))), 1 << bits)
def partner(start, c, i, div, bits):
    "The stop with which element i is c, from below."
    with gmpy2.context(precision=bits + 256, round=gmpy2.RoundDown):
        s = gmpy2.mpfr(start)
        stop = s * gmpy2.exp(gmpy2.log(c / s) * div / i)
        return F(int(gmpy2.floor(gmpy2.mul_2exp(stop, bits))), 1 << bits)
LONG = 1 + F(3**200000, 1 << 332192)
LAST = F(1, 10**99990)
def root(n, q, bits):
    "The q-th root of n to so many bits, from below, by bisection."
    low, high = 0, n << bits
    x = 1 << (bits + n.bit_length() // q + 1)
    while True:
        y = ((q - 1) * x + (n << (q * bits)) // x ** (q - 1)) // q
        if y >= x:
            return F(x, 1 << bits)
        x = y
sys.set_int_max_str_digits(0)
"""
#: Makes each call that it reads in a process of its own, which shares the imports.
SERVER = f"""
{PRELUDE}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for call in sys.stdin:
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_CPU, ({LIMIT}, {LIMIT}))
        before = peak()
        result = eval(call)
        used = peak() - before
        print(result.tolist() if result.size < 20 else result[[0, 1, -1]].tolist(), used >> 10)
        sys.exit()
    print("status", os.waitpid(child, 0)[1], flush=True)
"""

CALLS = {
    # Between ends of many digits: a logarithm of as many bits is a matter of minutes.
    "geomspace(F(1, 10**20000), 3, 3, dtype=int)": [0, 0, 3],
    "geomspace(F(1, 10**99999), 3, 3)": [0.0, 0.0, 3.0],
    "geomspace(10**99999, 10**99998, 3)": ["inf", "inf", "inf"],
    "geomspace(D('1e-100000'), 1, 3)": [0.0, 0.0, 1.0],
    # Next to the root of an integer, which is then the integer below.
    "geomspace(1, D(9) - D('1e-20'), 3, dtype=int)": [1, 2, 8],
    "geomspace(1, F(9) - F(1, 10**10000), 3, dtype=int)": [1, 2, 8],
    "geomspace(1, F(9) - F(1, 10**99999), 3, dtype=int)": [1, 2, 8],
    "geomspace(1, F(9) + F(1, 10**99999), 3, dtype=int)": [1, 3, 9],
    "geomspace(F(2**10**5, 2**10**5 + 1), 10**9, 10, dtype=int)": [0, 9]
    + [10**k - 1 for k in range(2, 9)]
    + [10**9],
    "geomspace(F(2**300000 + 1, 2**300000), 10**9, 10, dtype=int)": [10**k for k in range(10)],
    "geomspace(F(3**200000), F(1, 3**200000), 3, dtype=float)": ["inf", 1.0, 0.0],
    "geomspace(F(1, 3**200000), F(2, 3) ** 10000, 3, dtype=int)": [0, 0, 0],
    # A midpoint, and what lies beside it: 2**53 + 1 is between two numbers.
    "geomspace(2**53 + 1, (2**53 + 1) * 2 * (1 + F(1, 10**50000)), 2)": [
        float(2**53),
        float(2**54 + 4),
    ],
    # Exponents and bases next to rational powers.
    "logspace(0, 2 + F(1, 2**100000), 3, dtype=int)": [1, 10, 100],
    "logspace(0, 2 - F(1, 2**300000), 3, dtype=int)": [1, 9, 99],
    "logspace(0, 34 + F(1, 2**100000), 2, base=3)": [1.0, float(3**34 + 1)],
    "logspace(0, 34 - F(1, 2**100000), 2, base=3)": [1.0, float(3**34 - 1)],
    "logspace(0, 2, 3, base=10 - F(1, 2**100000), dtype=int)": [1, 9, 99],
    "logspace(0, F(3, 2), 4, base=root(16, 3, 5000), dtype=int)": [1, 1, 2, 3],
    "logspace(0, 3, 4, base=1 + F(1, 10**100000), dtype=int)": [1, 1, 1, 1],
    "logspace(0, 3, 4, base=1 - F(1, 10**1000000), dtype=int)": [1, 0, 0, 0],
    # Exponents as long as a base is near to 1: about e, 1, 1/e.
    "logspace(10**40000, -10**40000, 3, base=1 + F(1, 10**40000), dtype=int)": [2, 1, 0],
    "logspace(10**99999, -(10**99999), 3, base=-3)": ["inf", 1.0, 0.0],
    # Exponents that agree with an irrational logarithm in all of their digits, 100,000 or fewer.
    "logspace(0, log(3), 2, base=2, dtype=int)": [1, 2],
    "logspace(0, log(3, 2, 10**5) + F(1, 2**100000), 2, base=2, dtype=int)": [1, 3],
    "logspace(0, log(7, 10, 33334), 2, dtype=int)": [1, 6],
    "logspace(0, -log(3, 2, 33334), 2, base=0.5, dtype=int)": [1, 2],
    "logspace(0, log(2**53 + 1, 2, 10**5), 2, base=2)": [1.0, float(2**53)],
    "logspace(0, log(2**53 + 3, 2, 33334), 2, base=2)": [1.0, float(2**53 + 2)],
    "logspace(0, log(10**6 + 3, LONG), 2, base=LONG, dtype=int)": [1, 10**6 + 2],
    "logspace(log(2**53 + 1), log(2**53 + 1) + 900, 901, base=2)": [
        float(2**53),
        float(2**54),
        2.0**953,
    ],
    "logspace(0, 12 * log(3, 2, 10**5), 13, base=2, dtype=int)": [1]
    + [3**k - 1 for k in range(1, 13)],
    "logspace(log(2**53 + 1, 2, 10**5), np.arange(500.0), 3, base=2)[:, 7]": None,
    "LogRange(log(2**53 + 1), log(2**53 + 1) + 900, 901, base=2).searchsorted("
    "np.ldexp(2.0**53, np.arange(900)))": [0, 1, 899],
    # Ends of which some element agrees with an integer, or a midpoint, in all of their digits.
    "geomspace(LONG, partner(LONG, 12345, 1, 2, 332192), 3, dtype=int)[1:2]": [12344],
    "geomspace(LONG, partner(LONG, 12345, 377, 1000, 332192), 1001, dtype=int)[377:378]": [12344],
    "geomspace(LONG, partner(LONG, 2**53 + 1, 6, 11, 332192), 12)[6:7]": [float(2**53)],
    "np.array(GeomRange(LONG, partner(LONG, 2**53 + 1, 2**61 + 1, 2**62 + 1, 332192), 2**62 + 2)"
    "[2**61 + 1])": float(2**53),
    "geomspace((2**53 + 1) * (1 + LAST), (2**53 + 1) * 2**900, 901)": [
        float(2**53 + 2),
        float(2**54 + 4),
        2.0**953,
    ],
    # Complex ones.
    "geomspace(LONG, partner(LONG, 2**53 + 1, 6, 11, 332192), 12, dtype=complex)[6:7]": [
        complex(2**53)
    ],
    "geomspace(LONG, 1j, 50)[-1:]": [1j],
    "geomspace(LONG, np.array([1j, 2j, 3 + 1j] * 10), 5)[-1, :3]": [1j, 2j, 3 + 1j],
    "logspace(log(2**53 + 1, 2, 10**5), 1j, 3, base=2)[:1]": [complex(2**53)],
    "logspace(2 + LAST, 3 - LAST, 2, base=1j)": [complex(-1, -0.0), complex(-0.0, -1)],
    "logspace(2 - LAST, 3 + LAST, 2, base=1j)": [complex(-1, 0.0), complex(0.0, -1)],
    # Sums.
    "linspace(5 - LAST, 5 + LAST, 10**6, dtype=int)": [4, 4, 5],
    "linspace(2**53 + 1 + LAST, 2**53 + 200001 - LAST, 10**5 + 1)": [
        float(2**53 + 2),
        float(2**53 + 4),
        float(2**53 + 200000),
    ],
    "arange(LAST, 10**6, 1 - LAST, dtype=int)": [0, 1, 999999],
    "linspace(-1e306, 1.7e306, 10**6, dtype=np.float16)": ["-inf", "-inf", "inf"],
    "linspace(F(1, 3**200000), F(1, 7**100000), 10**5)": [0.0, 0.0, 0.0],
    "linspace(F(1, 3**200000), 10**9 + F(1, 7**100000), 10**5, dtype=int)": [0, 10000, 10**9],
    "arange(0, F(10**99999 + 1, 10**99999), F(10**99998 + 1, 10**99999))": None,
    # Exponents beyond all measure, of which only the order counts.
    "logspace(F(3**1500000, 7**780000), 2**200000, 10**5)": ["inf", "inf", "inf"],
    # Infinite elements of a line of many bits, along which nothing can be found.
    "np.array([LinRange(F(3**94000), 10**400, 1 << 16610).searchsorted(x) for x in range(5)])": [0]
    * 5,
    # Long lines that are one, in other words, and that are not.
    "np.array([LinRange(LONG**9, x, 3) == LinRange(LONG**9, y, 5)[::2] for x, y in"
    " ((LAST, LAST), (LAST, 2 * LAST), (7, 7 + LAST))])": [True, False, False],
}


@pytest.fixture(scope="module")
def server():
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, bufsize=1) as process:
        yield process
        process.stdin.close()


@pytest.mark.parametrize("call", CALLS)
def test_it_ends(call, server):
    server.stdin.write(f"{call}\n")
    line = server.stdout.readline()
    status = line if line.startswith("status") else server.stdout.readline()
    assert status == "status 0\n", status  # else its own message is among the output
    elements, _, used = line.strip().rpartition(" ")
    if CALLS[call] is not None:
        assert elements.replace("inf", "'inf'").replace("-'inf'", "'-inf'") == repr(CALLS[call])
    assert int(used) < MEMORY
