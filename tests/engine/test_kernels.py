"""The kernels: error bounds before the last addition, and every path against the exact engine."""

from __future__ import annotations

import random
from fractions import Fraction

import gmpy2
import numpy as np
import pytest

from xspace.engine import arithmetic, geometric, tables
from xspace.engine.arithmetic import fill_arithmetic, sum_grid
from xspace.engine.blocks import BLOCK, blocks, settle
from xspace.engine.geometric import fill_geometric, grid_tables
from xspace.engine.narrow import host_dtype, round_to_format, to_bits
from xspace.exact.progression import Arithmetic, Geometric
from xspace.exact.rounding import FORMATS


def powers(base, first, last, num, scale=Fraction(1)) -> Geometric:
    base, first, last, scale = (Fraction(x) for x in (base, first, last, scale))
    step = (last - first) / max(num - 1, 1)
    den = first.denominator * step.denominator
    return Geometric(
        (scale.numerator, scale.denominator),
        (base.numerator, base.denominator),
        int(first * den),
        int(step * den),
        den,
        num,
    )


def sums(first, last, num) -> Arithmetic:
    first, last = Fraction(first), Fraction(last)
    step = (last - first) / max(num - 1, 1)
    den = first.denominator * step.denominator
    return Arithmetic(int(first * den), int(step * den), den, num)


def exact(line: Geometric, i: int) -> gmpy2.mpfr:
    """Element ``i`` to the precision of the context."""
    log = gmpy2.log2(gmpy2.mpfr(line.base[0]) / line.base[1]) * (line.a + i * line.b) / line.den
    return gmpy2.exp2(log) * line.scale[0] / line.scale[1]


GRIDS = [
    powers(10, Fraction(1, 10), Fraction(37, 10), 10**5),
    powers(10, 3.5, -7.25, 70_001),
    powers(10, -70, 70, 20_000),
    powers(2, 0, Fraction(1, 7), 5_000, Fraction(3, 7)),
    powers(1.0000001, -1e8, 1e8, 30_000, Fraction(10**60, 3)),
    powers(10, 140, -5, 400),
]


@pytest.mark.parametrize("line", GRIDS, ids=range(len(GRIDS)))
def test_products_keep_the_bound_that_is_tested(line):
    """``|H1*h1 + c - y| < DELTA * y / 2``: a factor 2 to spare, and the products of heads exact."""
    rows, cols, m = grid_tables(line, 4096)
    rng = random.Random(1)
    with gmpy2.context(precision=400):
        for i in (0, line.num - 1, *(rng.randrange(line.num) for _ in range(800))):
            q, r = divmod(i, m)
            p = rows.head[q] * cols.head[r]
            assert Fraction(rows.head[q]) * Fraction(cols.head[r]) == Fraction(p)
            c = rows.head[q] * cols.tail[r] + rows.tail[q] * cols.full[r]
            want = exact(line, i)
            error = abs((gmpy2.mpfr(float(p)) + gmpy2.mpfr(float(c)) - want) / want)
            assert error < geometric.DELTA / 2, (i, gmpy2.log2(error))


@pytest.mark.parametrize("line", GRIDS, ids=range(len(GRIDS)))
def test_one_product_keeps_the_narrow_bound(line):
    rows, cols, m = grid_tables(line, 4096)
    with gmpy2.context(precision=400):
        for i in range(0, line.num, 97):
            y = rows.full[i // m] * cols.full[i % m]
            error = abs(gmpy2.mpfr(float(y)) / exact(line, i) - 1)
            assert error < geometric.NARROW_DELTA / 2


@pytest.mark.parametrize(("first", "last"), [(0.1, 3.7), (-1, 1), (1e-200, -1e-199), (0, 1e300)])
def test_tails_of_sums_keep_their_bound(first, last):
    line = sums(first, last, 50_001)
    rows, cols, m, unit, _ = sum_grid(line)
    for i in range(0, line.num, 37):
        p = rows.head[i // m] + cols.head[i % m]
        c = rows.tail[i // m] + cols.tail[i % m]
        assert Fraction(rows.head[i // m]) + Fraction(cols.head[i % m]) == Fraction(p)
        want = Fraction(line.a + i * line.b, line.den)
        error = abs(Fraction(p) + Fraction(c) - want)
        assert error < Fraction(2) ** (unit - arithmetic._ERROR_BITS)


def test_heads_are_exact_where_differences_are_twice_the_elements():
    """Grids across zero whose multiples of a step need a bit more than the elements."""
    for den, num in ((191517250487848657944, 19457), (56801240835351164806, 27649)):
        end = Fraction(den - 1, den)
        line = sums(-end, end, num)
        out = np.empty(num)
        fill_arithmetic(out, line, FORMATS["float64"])
        assert out[-1] == 1.0 == -out[0]
        rows, cols, m, unit, _ = sum_grid(line)
        for table, step in ((rows, m), (cols, 1)):
            for k, head in enumerate(table.head.tolist()):
                assert Fraction(head) % Fraction(2) ** unit == 0
                want = Fraction(line.a * (table is rows) + k * step * line.b, line.den)
                assert abs(Fraction(head) + Fraction(table.tail[k]) - want) < Fraction(2) ** (
                    unit - 42
                )


def test_untested_sums_are_those_that_cannot_be_near_a_midpoint():
    """The theorem behind `_doubtful`."""
    rng = random.Random(5)
    looked_at = 0
    for _ in range(300):
        line = sums(rng.uniform(-4, 4), rng.uniform(-4, 4), rng.randrange(2, 400))
        unit = line.exponent() - 52
        doubtful = arithmetic._doubtful(line, unit)
        if doubtful is None or line.is_multiple(unit - 40):  # tested, or exact before rounding
            continue
        error = Fraction(2) ** (unit - arithmetic._ERROR_BITS)
        for i in set(range(line.num)) - set(doubtful):
            x = Fraction(line.a + i * line.b, line.den)
            low, high = float(x - error), float(x + error)
            assert low == high, (line.a, line.b, line.den, i)
            looked_at += 1
    assert looked_at > 10_000


def check(fill, line, name, indices):
    fmt = FORMATS[name]
    out = np.empty(line.num, host_dtype(fmt))
    fill(out, line, fmt)
    for i in indices:
        want = np.array(to_bits(line.rounded(i, fmt), fmt)).astype(out.dtype)
        assert out[i : i + 1].tobytes() == want.tobytes(), (name, i, out[i], want)


FLOATS = ["float64", "float32", "float16", "bfloat16"]
#: Around every border of the paths: short grids, one block, several blocks, a last row cut off.
NUMS = [1, 2, 3, 50, 8192, 8193, BLOCK, BLOCK + 1, 70_000]


@pytest.mark.parametrize("num", NUMS)
@pytest.mark.parametrize("name", [*FLOATS, "int64", "uint64", "int32"])
def test_geometric_paths(name, num):
    rng = random.Random(num)
    for kind in range(6):
        low, high = [(-5, 5), (-45, 39), (-330, 310), (-324, -306), (305, 309), (-6, 3)][kind]
        if "int" in name:
            low, high = -3, (9 if name == "int32" else 18.5)
        first, last = rng.uniform(low, high), rng.uniform(low, high)
        line = powers(10, first, last, num)
        indices = {0, num - 1, *(rng.randrange(num) for _ in range(60))}
        check(fill_geometric, line, name, indices)


@pytest.mark.parametrize("num", NUMS)
@pytest.mark.parametrize("name", FLOATS)
def test_arithmetic_paths(name, num):
    rng = random.Random(num)
    for scale in (1.0, 1e-300, 1e-310, 3e-323, 1e300, 1.7e308, 1e-40, 1e-6, 6e4, 10**320):
        first = Fraction(rng.uniform(-1, 1)) * Fraction(scale)
        last = rng.choice([-first, 0, Fraction(rng.uniform(-1, 1)) * Fraction(scale)])
        line = sums(first, last, num)
        indices = {0, num // 2, num - 1, *(rng.randrange(num) for _ in range(60))}
        check(fill_arithmetic, line, name, indices)


@pytest.mark.parametrize("num", NUMS)
@pytest.mark.parametrize("name", ["int8", "uint8", "int64", "uint64"])
def test_integer_sums(name, num):
    rng = random.Random(num)
    fmt = FORMATS[name]
    for den in (1, 7, 2**60, 3**50, 10**40):
        span = (fmt.high - fmt.low) * den
        first, last = (Fraction(fmt.low * den + rng.randrange(span), den) for _ in range(2))
        indices = {0, num - 1, *(rng.randrange(num) for _ in range(60))}
        check(fill_arithmetic, sums(first, last, num), name, indices)


@pytest.mark.parametrize("name", ["float64", "float32"])
def test_grids_of_midpoints(name):
    """Every other element of these is exactly a midpoint, every third of the others."""
    precision = FORMATS[name].precision
    for num, last in ((30_001, 30_000), (30_001, 20_000)):
        line = sums(2**precision, 2**precision + last, num)
        check(fill_arithmetic, line, name, range(0, num, 7))


@pytest.mark.parametrize("first", range(-4, 5))
def test_ties_of_subnormal_sums(first):
    """Every other element is midway between two subnormal numbers, or between one and zero."""
    check(fill_arithmetic, Arithmetic(2 * first, 1, 2**1075, 50), "float64", range(50))
    check(fill_arithmetic, Arithmetic(6 * first, 3, 3 * 2**1075, 50), "float64", range(50))


def test_round_to_format_is_the_one_rounding():
    rng = np.random.default_rng(4)
    x = np.ldexp(rng.standard_normal(20_000), rng.integers(-160, 140, 20_000))
    ties = np.ldexp(rng.integers(0, 1 << 13, 20_000) * 2.0 + 1, rng.integers(-150, 110, 20_000))
    values = np.concatenate([x, ties, -ties])
    for name in ("float32", "float16", "bfloat16"):
        fmt = FORMATS[name]
        with np.errstate(over="ignore", under="ignore"):
            got = round_to_format(values, fmt)
        for value, bits in zip(values[::11], got[::11], strict=True):
            magnitude = _rounded(abs(Fraction(value)), fmt)
            want = np.array(to_bits(float(np.copysign(magnitude, value)), fmt))
            assert bits.tobytes() == want.astype(got.dtype).tobytes(), (name, value)


def _rounded(x: Fraction, fmt) -> float:
    line = Arithmetic(x.numerator, 0, x.denominator, 1)
    return float(line.rounded(0, fmt))


@pytest.mark.parametrize("num", [1, 4096, 4097, 100_000])
@pytest.mark.parametrize("columns", [1, 7, 4096])
def test_blocks_cover_every_element_once(num, columns):
    if columns == 1 and num > 5000:
        num = 5000
    at = 0
    for first, end, width in blocks(num, columns):
        assert first * columns == at
        at += (end - first) * width
    assert at == num


@pytest.mark.parametrize("limit", [1, 5, 32, 33, 100, 511, 1024, 4096])
def test_column_count_is_made_without_a_rest(limit):
    count = tables.column_count(limit)
    assert count <= limit
    assert np.prod(tables._levels(count)) == count


@pytest.mark.parametrize("turn", [0, 1, 17, 63, 64])
def test_settled_zeros_keep_their_signs(turn):
    out = np.full(64, np.nan)
    settle(out, np.arange(64), lambda i: -0.0 if i < turn else 0.0)
    assert np.signbit(out).tolist() == [i < turn for i in range(64)]
    assert not out.any()


def test_a_run_of_equal_elements_costs_the_logarithm_of_its_length():
    asked = []
    out = np.zeros(10_000)
    settle(out, np.arange(10_000), lambda i: asked.append(i) or 1.0 + (i > 6000))
    assert out.sum() == 13_999
    assert len(asked) < 40


@pytest.mark.parametrize("num", [3, 50, 3000])
@pytest.mark.parametrize("h", [3**70, 5**60, 7**60])
def test_elements_a_hair_beside_midpoints(num, h):
    """Fractions of an odd denominator so long that no float tells them from a midpoint."""
    for hair in (Fraction(1, h), Fraction(-1, h)):
        for n in (2**53 + 1, 2**53 + 3):
            first = Fraction(n, 2**53) + hair
            out = np.empty(num)
            fill_arithmetic(out, sums(first, first + Fraction(1, 4), num), FORMATS["float64"])
            assert out[0] == float(first)
