"""The bounds that the pages on the method prove for grids between numbers, and the largest errors.

    python docs/check_bounds.py [--seed 1] [--seconds 60]

Random arguments, MPFR with 400 bits as the judge.  No error may exceed its bound; the exit status
is 1 if one does.  This is about one grid, of NumPy's kernels and of the engine, compiled as a
program for that: lanes, spirals and integer lanes are tested elsewhere (`docs/method/index.rst`).
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from itertools import chain
from pathlib import Path

import gmpy2
import numpy as np
from gmpy2 import mpfr, mpq

from xspace.engine.arithmetic import sum_grid
from xspace.engine.blocks import column_limit
from xspace.engine.geometric import grid_tables
from xspace.exact.fixed import exp2_fixed, exp2_quick, ln2_fixed, log2_fixed, log2_quick
from xspace.exact.progression import Arithmetic, Geometric

gmpy2.get_context().precision = 400
ULP = mpfr(2) ** 53  # errors in units of 2**-53
WORD, UNIT = (1 << 64) - 1, mpfr(2) ** 128
SOURCE = Path(__file__).parents[1] / "xspace" / "engine" / "native" / "program.cpp"


def fixed_point(generator):
    """The functions on integers, in units of their last bit."""
    wp = generator.randrange(64, 350)
    yield "ln2_fixed", 1.1, abs(ln2_fixed(wp) - gmpy2.const_log2() * mpfr(2) ** wp)
    f = generator.randrange(1 << wp)
    exact = gmpy2.exp2(mpfr(f) / mpfr(2) ** wp) * mpfr(2) ** wp
    yield "exp2_fixed", 1.5, abs(exp2_fixed(f, wp) - exact)
    n, d = (generator.randrange(1, 1 << generator.randrange(1, 200)) for _ in range(2))
    logarithm = gmpy2.log2(mpfr(n)) - gmpy2.log2(mpfr(d))
    yield "log2_fixed", 1.1, abs(log2_fixed(n, d, wp) - logarithm * mpfr(2) ** wp)
    yield "log2_quick", 29, abs(log2_quick(n, d) - logarithm * mpfr(2) ** 128)
    f = generator.randrange(1 << 128)
    exact = gmpy2.exp2(mpfr(f) / mpfr(2) ** 128) * mpfr(2) ** 128
    yield "exp2_quick", 10, abs(exp2_quick(f) - exact)


def geometric(generator, num):
    """A random geometric progression, as `logspace` and `geomspace` make them."""
    base = mpq(generator.uniform(1.5, 20))
    low, high = sorted(generator.uniform(-50, 50) for _ in range(2))
    if generator.random() < 0.5:
        low, high = high, low
    first, last = mpq(low), mpq(high)
    den = first.denominator * last.denominator * (num - 1)
    a = first.numerator * last.denominator * (num - 1)
    b = last.numerator * first.denominator - first.numerator * last.denominator
    scale = mpq(generator.uniform(1, 2)) if generator.random() < 0.5 else mpq(1)
    pair = int(scale.numerator), int(scale.denominator)
    return Geometric(
        pair, (int(base.numerator), int(base.denominator)), int(a), int(b), int(den), num
    )


def element(line, i):
    """Element ``i`` of a geometric progression."""
    log = gmpy2.log(mpfr(mpq(*line.base))) * mpq(line.a + i * line.b, line.den)
    return mpfr(mpq(*line.scale)) * gmpy2.exp(log)


def long_geometric(generator):
    """The outer product: its tables' last bits, and the correction."""
    num = generator.choice([3000, 20000, 10**5, 10**6, 10**7])
    line = geometric(generator, num)
    rows, columns, m = grid_tables(line, column_limit(num))
    left = np.array([rows.head, rows.tail]).T
    for _ in range(40):
        q = generator.randrange(num // m)
        r = generator.randrange(m)
        exact = element(line, q * m + r)
        p = rows.head[q] * columns.head[r]
        c = np.dot(left[q], np.array([columns.tail[r], columns.full[r]]))
        yield "geometric kernel, 2**-78", 15.1, abs((exact - p - mpfr(c)) / exact) * 2**78
        product = rows.full[q] * columns.full[r]
        yield "one float64 product, 2**-53", 36.1, abs(product / exact - 1) * ULP
    for table, levels in ((rows, 25), (columns, 9)):
        loss = np.abs(((table.full - table.head) - table.tail) / table.full).max()
        yield f"entries beyond their float, 2**-53 (at most {levels})", levels, loss * ULP


class Engine:
    """The engine as a program, to which a question is a line."""

    def __init__(self, folder):
        path = Path(folder) / "program"
        flags = ["-std=c++17", "-O2", "-ffp-contract=off"]
        subprocess.run(["c++", *flags, "-o", str(path), str(SOURCE)], check=True)
        self.path = path

    def ask(self, lines):
        done = subprocess.run(
            [self.path], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()


def wide(x):
    """A number of two words, as the program reads it."""
    return f"{x >> 64 & WORD:x} {x & WORD:x}"


def engine_functions(generator, engine):
    """Numbers of two words, in units of 2**-128."""
    logs = [generator.randrange(-500 << 128, 500 << 128) for _ in range(50)]
    for log, answer in zip(
        logs, engine.ask(f"exp2 {x >> 128} {wide(x)}" for x in logs), strict=True
    ):
        high, low, expo = answer.split()
        got = mpfr((int(high, 16) << 64) + int(low, 16)) / 2**127
        error = abs(got / gmpy2.exp2(mpfr(log) / UNIT - int(expo)) - 1)
        yield "engine, powers of two, 2**-128", 100, error * UNIT
    mans = [generator.randrange(1 << 63, 1 << 64) for _ in range(50)]
    for man, answer in zip(mans, engine.ask(f"log2 {x:x} 0" for x in mans), strict=True):
        _, high, low = answer.split()
        error = gmpy2.log2(mpfr(man) / 2**63) * UNIT - ((int(high, 16) << 64) + int(low, 16))
        yield "engine, logarithms, 2**-128", 200, abs(error)
    pairs = [[generator.randrange(1 << 127, 1 << 128) for _ in range(2)] for _ in range(50)]
    lines = (f"product {wide(a)} 0 {wide(b)} 0" for a, b in pairs)
    for (a, b), answer in zip(pairs, engine.ask(lines), strict=True):
        high, low, expo = answer.split()
        got = mpfr((int(high, 16) << 64) + int(low, 16)) / 2**127 * 2 ** int(expo)
        yield "engine, products, 2**-128", 12, (1 - got / (mpfr(a) / 2**127 * b / 2**127)) * UNIT


def engine_rows(generator):
    """Rows in float64, as the engine's `entry_of` and `multiply` make them, in steps of 2**-78."""

    def entry(x):
        head, rest = x >> 102, x >> 38 & WORD
        return float(head) * 2.0**-25, float(rest) * 2.0**-89, float(x >> 64) * 2.0**-63

    for _ in range(50):
        a, b = (generator.randrange(1 << 127, 1 << 128) for _ in range(2))
        (head, tail, _), (other, other_tail, full) = entry(a), entry(b)
        width = full * 2.0**-73
        c = head * (other_tail + width) + tail * full
        exact = mpfr(a) * b / mpfr(2) ** 254
        error = exact + mpq(head) * mpq(width) - mpq(head * other) - mpq(c)
        yield "engine, rows, 2**-78", 7.1, abs(error / exact) * 2**78


def engine_blocks(generator):
    """Blocks of sums, in units of 2**-41 of the unit of the heads."""
    for _ in range(50):
        tails = [mpq(generator.getrandbits(160) - (1 << 159), 1 << 160) for _ in range(2)]
        first, step = map(float, tails)
        k = generator.choice([4095, generator.randrange(4096)])
        c = float(k) * step + (first + 2.0**-40)
        error = tails[0] + mpq(1, 1 << 40) + k * tails[1] - mpq(c)
        yield "engine, blocks, 2**-41 units", 1.01, abs(error) * 2**41


def arithmetic(generator):
    """The tails of an outer sum, in units of 2**-49 of the unit of the heads."""
    num = generator.choice([100, 3000, 20000, 10**6])
    first, last = (mpq(generator.uniform(-5, 5)) for _ in range(2))
    den = first.denominator * last.denominator * (num - 1)
    a = first.numerator * last.denominator * (num - 1)
    b = last.numerator * first.denominator - first.numerator * last.denominator
    line = Arithmetic(int(a), int(b), int(den), num)
    grid = sum_grid(line)
    for _ in range(40):
        q = generator.randrange(num // grid.columns)
        r = generator.randrange(grid.columns)
        exact = mpq(line.a + (q * grid.columns + r) * line.b, line.den)
        p = mpq(float(grid.rows.head[q])) + mpq(float(grid.cols.head[r]))
        assert p == mpq(float(grid.rows.head[q] + grid.cols.head[r])), "heads add exactly"
        c = mpq(float(grid.rows.tail[q] + grid.cols.tail[r]))
        yield "arithmetic kernel, 2**-49 units", 50, abs(exact - p - c) * mpq(2) ** (49 - grid.unit)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    found: dict[str, tuple[float, float, int]] = {}
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(folder)
        while time.monotonic() - start < arguments.seconds:
            for name, bound, error in chain(
                fixed_point(generator),
                long_geometric(generator),
                arithmetic(generator),
                engine_functions(generator, engine),
                engine_rows(generator),
                engine_blocks(generator),
            ):
                _, largest, count = found.get(name, (0, 0, 0))
                found[name] = bound, max(largest, float(error)), count + 1
    print(f"seed {arguments.seed}\n")
    print(f"{'error of, in units of':55}  {'bound':>6}  {'largest':>8}  {'samples':>8}")
    for name, (bound, largest, count) in found.items():
        print(f"{name:55}  {bound:6.4g}  {largest:8.3f}  {count:8}")
    return int(any(largest > bound for bound, largest, _ in found.values()))


if __name__ == "__main__":
    sys.exit(main())
