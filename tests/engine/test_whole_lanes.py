"""Elements of lanes that are integers: against roots and quotients of integers."""

from __future__ import annotations

import math
from fractions import Fraction

import gmpy2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import xspace
from xspace.engine.lanes.whole import to_integers, whole_powers, whole_sums
from xspace.engine.words import DoubleWord
from xspace.testing import assert_identical

WORDS = st.integers(-(2**63), 2**63 - 1)


def lanes(elements, dtype=np.int64):
    return arrays(dtype, 3, elements=elements)


@given(lanes(WORDS), lanes(WORDS), st.integers(1, 2**31 - 1), st.data())
def test_sums_are_floors(a, b, div, data):
    i = data.draw(st.integers(0, div), "i")
    found = whole_sums(a, b, i, div).tolist()
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    assert found == [(x * (div - i) + y * i) // div for x, y in pairs]


@given(lanes(WORDS), st.sampled_from([0, 1, -1, 512]))
def test_ends_are_integers_if_both_words_are(n, low):
    high = n.astype(np.float64)
    rest = n - np.clip(high, -(2.0**63), 2.0**63 - 1024).astype(np.int64)
    value, known = to_integers(DoubleWord(high, rest.astype(np.float64)))
    inside = np.abs(high) < 2.0**63
    assert (known == inside).all()
    assert (value[inside] == n[inside]).all()
    assert not to_integers(DoubleWord(high, np.full(3, 2.0**-1022)))[1].any()


def power_roots(a, b, i, div):
    """The integer part of ``a**((div - i)/div) * b**(i/div)``."""
    return int(gmpy2.iroot(gmpy2.mpz(a) ** (div - i) * gmpy2.mpz(b) ** i, div)[0])


#: Integers that have roots, and such that have none.
ROOTED = st.one_of(
    st.builds(lambda x, k: x**k, st.integers(1, 60), st.integers(1, 10)), st.integers(1, 10**6)
)


@given(lanes(ROOTED), lanes(ROOTED), st.integers(1, 13), st.booleans())
def test_geomspace_between_integers(a, b, num, endpoint):
    div = max(num - endpoint, 1)
    found = xspace.geomspace(a, b, num, endpoint=endpoint, dtype=np.int64)
    pairs = list(zip(a.tolist(), b.tolist(), strict=True))
    wanted = [[power_roots(x, y, i, div) for x, y in pairs] for i in range(num)]
    assert_identical(found, np.array(wanted))
    assert_identical(xspace.geomspace(-a, -b, num, endpoint=endpoint, dtype=np.int64), -found)


@given(
    st.sampled_from([2, 4, 8, 10, 27, 64, 1024, 6.0]),
    lanes(st.integers(0, 24)),
    lanes(st.integers(0, 24)),
    st.sampled_from([1, 2, 4]),
    st.integers(1, 13),
)
def test_logspace_of_integer_powers(base, a, b, unit, num):
    div = max(num - 1, 1)
    a, b = (np.minimum(x, 6) / unit for x in (a, b))
    found = xspace.logspace(a, b, num, base=base, dtype=np.int64)
    for lane, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        for i in range(num):
            e = (Fraction(x) * (div - i) + Fraction(y) * i) / div
            power = gmpy2.mpz(int(base)) ** e.numerator
            assert found[i, lane] == gmpy2.iroot(power, e.denominator)[0]


def test_what_is_no_integer_is_not_called_one():
    """Neither irrational elements nor ends with a trace, nor what does not fit."""
    i, lane = np.array([0, 1, 2, 1]), np.array([0, 0, 0, 1])
    ends = (
        DoubleWord(np.array([2.0, 4.0]), 0.0),
        DoubleWord(np.array([3.0, 9.0]), 0.0),
        DoubleWord(1.0),
    )
    value, known = whole_powers("geomspace", ends, i, lane, 2, truncate=False)
    assert known.tolist() == [True, False, True, True]
    assert value[known].tolist() == [2, 3, 6]
    ends = (
        DoubleWord(np.array([0.0, 30.0]), 0.0),
        DoubleWord(np.array([1.0, 40.0]), 0.0),
        DoubleWord(10.0, 0.0),
    )
    value, known = whole_powers("logspace", ends, i, lane, 2, truncate=False)
    assert known.tolist() == [True, False, True, False]
    assert value[known].tolist() == [1, 10]


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "float16", "float32"])
def test_other_types_and_ends_of_the_range(dtype):
    top = 127.0 if dtype in ("int8", "float16") else 2.0**31 if dtype == "int64" else 255.0
    top = 2.0**31 - 1 if dtype == "int32" else top
    grid = xspace.geomspace(np.array([1.0, top]), np.array([top, 1.0]), 3, dtype=dtype)
    for lane, ends in enumerate(((1, int(top)), (int(top), 1))):
        assert_identical(grid[:, lane], xspace.geomspace(*ends, 3, dtype=dtype))
    if np.dtype(dtype).kind == "i":
        low = float(np.iinfo(dtype).min)
        grid = xspace.geomspace(np.array([-1.0]), np.array([low]), 2, dtype=dtype)
        assert grid[:, 0].tolist() == [-1, int(low)]
        with pytest.raises(OverflowError, match=r"in lane \(0,\)"):
            xspace.geomspace(np.array([1.0]), np.array([-low]), 2, dtype=dtype)
    if np.dtype(dtype).kind == "u":
        with pytest.raises(OverflowError, match=r"in lane \(0,\)"):
            xspace.geomspace(np.array([-1.0]), np.array([-2.0]), 2, dtype=dtype)


TICK = Fraction(1, 10**400)


NEXT_TO_NUMBERS = [
    (1 - TICK, 10.0, 10),
    (1 + TICK, 10.0, 10),
    (-TICK, 10.0, 3),
    (TICK, 2.0**52 + 3, 5),
    (-TICK, 2.0**52 + 3, 5),
    (2**107 + 1, 2.0**107, 5),
    (8 - TICK, 27.0, 4),
]


@pytest.mark.parametrize(
    ("function", "dtype", "start", "stop", "num"),
    [
        (function, dtype, *case)
        for function in ("linspace", "geomspace")
        for dtype in ("int64", "float64", "float32")
        for case in NEXT_TO_NUMBERS
        if (function == "linspace" or case[0] > 0) and (dtype != "int64" or case[0] < 2**63)
    ],
)
def test_what_two_words_do_not_hold_is_no_plain_end(function, start, stop, num, dtype):
    """Beside an array, an end that is next to a number is not that number."""
    make = getattr(xspace, function)
    for ends in ((start, stop), (stop, start)):
        wanted = make(*ends, num, dtype=dtype)
        mixed = [np.array([x]) if x is stop else x for x in ends]
        assert_identical(make(*mixed, num, dtype=dtype)[:, 0], wanted)
    if function == "linspace" and dtype == "int64":
        values = [(start * (num - 1 - i) + Fraction(stop) * i) / (num - 1) for i in range(num)]
        wanted = [value.numerator // value.denominator for value in values]
        assert make(start, np.array([stop]), num, dtype=dtype)[:, 0].tolist() == wanted


@pytest.mark.skipif(np.finfo(np.longdouble).minexp > -16000, reason="long doubles are doubles")
@pytest.mark.parametrize("sign", [1, -1])
def test_long_doubles_that_float64_calls_zero(sign):
    tiny = np.array([sign * np.longdouble("1e-400")])
    zero = math.copysign(0, sign)
    for other in (tiny, 2 * tiny, Fraction(sign, 10**400)):
        for ends in ((tiny, other), (other, tiny)):
            for dtype in ("float64", "float32"):
                grid = xspace.linspace(*ends, 4, dtype=dtype)
                assert_identical(grid, np.full((4, 1), zero, dtype))
    grid = xspace.linspace(tiny, np.array([2.0**52 + 3]), 5)
    wanted = Fraction(sign, 10**400) / 4 + Fraction(3, 4) * (2**52 + 3)
    assert grid[3, 0] == wanted.numerator / wanted.denominator
    grid = xspace.linspace(tiny, np.array([10.0]), 3, dtype=int)
    assert grid[:, 0].tolist() == ([0, 5, 10] if sign > 0 else [-1, 4, 10])


@pytest.mark.parametrize(
    "scalar", [1 - Fraction(1, 10**400), Fraction(1, 10**400), 1 + Fraction(1, 7**300)]
)
@pytest.mark.parametrize("end", ["10", "-3", "4503599627370499", "1e-400", "-1e-400", "1e-4000"])
@pytest.mark.parametrize("dtype", ["int64", "float64", "float32"])
def test_long_doubles_beside_scalars_whose_low_part_underflows(scalar, end, dtype):
    """The lane is a long double, the scalar no sum of two floats: each counts at its value."""
    lane = np.array([np.longdouble(end)])
    exact = Fraction(*lane[0].as_integer_ratio())
    for ends, values in (((scalar, lane), (scalar, exact)), ((lane, scalar), (exact, scalar))):
        grid = xspace.linspace(*ends, 10, dtype=dtype)[:, 0]
        wanted = xspace.linspace(*values, 10, dtype=dtype)
        assert_identical(grid, wanted)
        if dtype != "float32":
            steps = [(values[0] * (9 - i) + values[1] * i) / 9 for i in range(10)]
            rounded = [
                x.numerator // x.denominator if dtype == "int64" else float(x) for x in steps
            ]
            assert grid.tolist() == rounded
