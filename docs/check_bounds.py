"""The bounds that the pages on the method prove for grids between numbers, and the largest errors.

    python docs/check_bounds.py [--seed 1] [--seconds 60]

Random arguments, MPFR with 400 bits as the judge.  No error may exceed its bound; the exit status
is 1 if one does.  This is about the kernels of NumPy and the compiled loops for one grid: lanes,
spirals and integer lanes are tested elsewhere (`docs/method/index.rst`).
"""

from __future__ import annotations

import argparse
import random
import sys
import time

import gmpy2
import numpy as np
from gmpy2 import mpfr, mpq

from xspace.call import quick
from xspace.engine import numba as loops
from xspace.engine import numba_short as short
from xspace.engine import numba_words as words
from xspace.engine import small, small_sums
from xspace.engine.arithmetic import sum_grid
from xspace.engine.blocks import column_limit
from xspace.engine.geometric import grid_tables
from xspace.exact.fixed import exp2_fixed, exp2_quick, ln2_fixed, log2_fixed, log2_quick
from xspace.exact.progression import Arithmetic, Geometric

gmpy2.get_context().precision = 400
ULP = mpfr(2) ** 53  # errors in units of 2**-53


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


def compiled_geometric(generator):
    """The compiled loops' powers in two words and their tables."""
    log = generator.randrange(-500 << 126, 500 << 126)
    parts = log >> 63 & (1 << 63) - 1, log & (1 << 63) - 1, log >> 126
    high, low, expo = (int(x) for x in words.exp2(parts))
    exact = gmpy2.exp2(mpfr(log) / mpfr(2) ** 126)
    error = abs(mpfr((high << 64) + low) * gmpy2.exp2(expo - 127) / exact - 1)
    yield "powers in two words, 2**-128", 80, error * mpfr(2) ** 128
    num = generator.choice([3000, 20000, 10**5, 10**6, 10**7])
    line = geometric(generator, num)
    m = loops._column_count(num)
    rows, columns = np.empty((3, -(-num // m))), np.empty((3, m))
    loops._power_tables(*loops._parameters(line), rows, columns)
    for _ in range(40):
        q, r = generator.randrange(num // m), generator.randrange(m)
        exact = element(line, q * m + r)
        c = rows[0, q] * columns[1, r] + rows[1, q] * columns[2, r]
        error = abs((exact - rows[0, q] * columns[0, r] - mpfr(c)) / exact)
        yield "compiled geometric kernel, 2**-78", 7.2, error * 2**78


def short_geometric(generator):
    """The look-up and the cubic polynomial, in units of 2**-72 for entries of a table below 2."""
    num = generator.randrange(2, small.LONGEST + 1)
    line = geometric(generator, num)
    table, rest = small._table()
    start, step = line.log2_line()
    start += line.log2_scale()
    weights = [
        ((x >> small._SHIFT) * small._TOP_UNIT, (x & small._MASK) * small._REST_UNIT)
        for x in (step, start)
    ]
    c = [x[0] for x in small._longest()[1:4]]
    yield "rests of the table for short grids, 2**-53", 10.3, np.abs(rest - small.DELTA).max() * ULP
    for _ in range(40):
        i = generator.randrange(num)
        top, low = np.array([i, 1.0]) @ np.array(weights)
        nearest = np.rint(top)
        r = (top - nearest) + low
        j, power = int(nearest) % 65536, int(nearest) // 65536
        q = (((r * c[2] + c[1]) * r + c[0]) * r) * table[j] + (rest[j] - small.DELTA)
        exact = element(line, i) / mpfr(2) ** power
        yield "short grids, 2**-72", 54, abs(exact - table[j] - mpfr(q)) * mpfr(2) ** 72


def fixed(number):
    """A fixed-point number of the compiled loops."""
    whole, high, low = (int(word) for word in number)
    return mpfr(whole) + mpfr((high << 64) + low) / mpfr(2) ** 128


def compiled_logarithms(generator):
    """What whole short grids are compiled from, in units of 2**-128."""
    base, x = generator.uniform(0.01, 100), generator.uniform(-300, 300)
    sign, whole, *rest = quick._log_words(base)
    got = short._times_log(x, sign, whole, tuple(np.uint64(word) for word in rest))
    error = abs(fixed(got) - mpfr(x) * gmpy2.log2(mpfr(base)))
    yield "exponent times log2 of a base, 2**-128", 2, error * 2**128
    word = generator.randrange(1 << 52, 1 << 53) << 11
    got, _ = short._log2(np.uint64(word), 0)
    yield (
        "compiled log2, 2**-128",
        150,
        abs(fixed(got) - gmpy2.log2(mpfr(word)) + 63) * mpfr(2) ** 128,
    )


def short_arithmetic(generator):
    """Two sums an element, in units of 2**-41 of the unit of the heads."""
    num = generator.randrange(2, small_sums.LONGEST + 1)
    step, start = (mpq(generator.getrandbits(166) - (1 << 165), 1 << 112) for _ in range(2))
    step /= num
    heads = [int(gmpy2.rint(mpfr(x))) for x in (step, start)]
    tails = [float(x - head) for x, head in zip((step, start), heads, strict=True)]
    indices = small_sums._indices(num)
    c = np.array([tails]).dot(indices)[0]
    for i in (num - 1, generator.randrange(num)):
        exact = (step * i + start) - (heads[0] * i + heads[1])
        yield "short sums, 2**-41 units", 2.6, abs(exact - mpq(float(c[i]))) * 2**41


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
    while time.monotonic() - start < arguments.seconds:
        for family in (
            fixed_point,
            long_geometric,
            compiled_geometric,
            short_geometric,
            compiled_logarithms,
            arithmetic,
            short_arithmetic,
        ):
            for name, bound, error in family(generator):
                _, largest, count = found.get(name, (0, 0, 0))
                found[name] = bound, max(largest, float(error)), count + 1
    print(f"seed {arguments.seed}\n")
    print(f"{'error of, in units of':55}  {'bound':>6}  {'largest':>8}  {'samples':>8}")
    for name, (bound, largest, count) in found.items():
        print(f"{name:55}  {bound:6.4g}  {largest:8.3f}  {count:8}")
    return int(any(largest > bound for bound, largest, _ in found.values()))


if __name__ == "__main__":
    sys.exit(main())
