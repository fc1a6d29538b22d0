"""Search for grids with an element as close as possible to where a rounding changes.

That is a midpoint between two neighbouring floats, or an integer. All parameters are numbers of
the dtype itself, so that a library in that dtype can be asked. Distances are in units in the last
place (ulp) of a float, or in units of an integer dtype.

* ``linspace`` and ``arange`` are linear in their parameters: one of them solves a congruence, and
  the element lies ``1 / (div * 2**k)`` from a midpoint.
* ``geomspace`` and ``logspace`` in float64: as a parameter runs through neighbouring numbers, an
  element moves almost on a line. Where a line modulo 1 comes close to 1/2 a Euclidean algorithm
  says at once (Lefèvre 1998), so that a billion candidates take seconds.
* In shorter formats: all in float64, millions at a time; the best are measured by MPFR.
* Integers: ``k**d - 1`` has a ``d``-th root just below ``k``; a power of a base comes close to an
  integer where its exponent is next to a logarithm.
"""

from __future__ import annotations

import heapq
import math
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

import gmpy2
import numpy as np
from gmpy2 import mpq

from ..truth.answers import answer, grid_of
from ..truth.case import Case
from ..truth.formats import FLOAT_FORMATS, INT_FORMATS, FloatFormat, IntFormat, format_of
from ..truth.oracle import Grid, exact
from ..truth.steps import StepGrid, Steps

Bits = np.ndarray[Any, Any]
BITS = 300  # of the numbers that distances are measured with
DIVS = (2, 3, 4, 5, 6, 7, 9, 10)
BASES = (10.0, 10.0, 2.0, 3.0, 7.0, 0.5)


# What is searched for.


def exact_element(grid: Grid | StepGrid, index: int) -> mpq | None:
    """Return an element of a grid of finite numbers, unless it is irrational or very long."""
    if isinstance(grid, StepGrid):
        return grid.start + index * grid.step
    if grid.function == "geomspace":
        ends = {0: grid.start, grid.div: grid.stop}
        if index in ends:
            return ends[index]
        value = None if grid.power is None else grid.power.rational(index, grid.div)
        return value if value is None or grid.start > 0 else -value
    assert grid.common is not None
    first, last, denominator = grid.common
    numerator = first * (grid.div - index) + last * index
    if grid.function == "linspace":
        return mpq(numerator, denominator)
    if grid.power is None or not numerator:
        return mpq(1)
    if isinstance(grid.power.enclose(numerator, denominator, BITS), int):
        return None  # far beyond every format
    return grid.power.rational(numerator, denominator)


def element(grid: Grid | StepGrid, index: int) -> mpq:
    """Return the magnitude of an element; an irrational one is off by ``2**-250`` of it at most."""
    value = exact_element(grid, index)
    if value is not None:
        return abs(value)
    assert grid.power is not None
    if grid.function == "geomspace":
        found = grid.power.enclose(index, grid.div, BITS)
    else:
        assert grid.common is not None
        first, last, denominator = grid.common
        found = grid.power.enclose(first * (grid.div - index) + last * index, denominator, BITS)
    if isinstance(found, int):
        raise OverflowError("far beyond every format")
    man, expo, _ = found
    return mpq(man) * mpq(2) ** expo


def in_ulps(value: mpq, form: FloatFormat) -> mpq:
    """Return a positive number in units of its last place in a format."""
    top = value.numerator.bit_length() - value.denominator.bit_length()
    top -= value < mpq(2) ** top
    return value / mpq(2) ** max(top + 1 - form.precision, form.unit_exponent)


def distance(grid: Grid | StepGrid, index: int, dtype: str) -> mpq:
    """Return how far an element is from the nearest midpoint, or from the nearest integer."""
    form, value = format_of(dtype), element(grid, index)
    scaled = value if isinstance(form, IntFormat) else in_ulps(value, form) + mpq(1, 2)
    nearest = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return abs(scaled - nearest)


def closest(case: Case, indices: Any) -> tuple[int, mpq]:
    """Return the index of the element that is closest, without being there, and its distance."""
    grid = grid_of(case)
    found = ((distance(grid, i, case.dtype), i) for i in indices)
    least, index = min((pair for pair in found if pair[0]), default=(mpq(1), 0))
    return index, least


# Congruences.


def linear_cases(rng: random.Random, dtype: str) -> Iterator[Case]:
    """Yield grids of ``linspace`` and ``arange`` with an element beside a boundary."""
    form = format_of(dtype)
    while True:
        yield _linspace(rng, dtype, form)
        yield _arange(rng, dtype, form)


def _linspace(rng: random.Random, dtype: str, form: FloatFormat | IntFormat) -> Case:
    """Make the start solve ``start*(div - i) + stop*i == div * (boundary +- a hair)``."""
    if isinstance(form, IntFormat):
        bits, k, scale = min(form.width - form.signed - 1, 28), 20, 0
    else:
        bits, k, scale = form.precision, form.precision - 5, rng.randint(-8, 8) + 1 - form.precision
    div = rng.choice([d for d in DIVS if d < 1 << bits - 2])
    i = rng.choice([i for i in range(1, div) if math.gcd(div - i, 2 * div) == 1])
    stop = rng.randrange(1 << bits - 1, 1 << bits)
    modulus = div << k
    half = modulus // 2 if isinstance(form, FloatFormat) else 0
    wanted = half + rng.choice((-1, 1)) - (stop * i << k)
    start = wanted * pow(div - i, -1, modulus) % modulus
    start += modulus * rng.randrange(max((1 << bits) // modulus, 1))
    unit = mpq(2) ** scale
    ends = _number(start * unit / 2**k), _number(stop * unit)
    return Case(f"linspace-beside-{div}", "linspace", *ends, div + 1, dtype)


def _arange(rng: random.Random, dtype: str, form: FloatFormat | IntFormat) -> Case:
    """Make the step solve ``start + i*step == boundary +- a hair``."""
    i = rng.randrange(3, 12, 2)
    if isinstance(form, IntFormat):
        k, start, scale, half = 40, rng.randrange(1 << form.width - form.signed - 2), 0, 0
    else:
        k, scale = form.precision - 5, rng.randint(-8, 8) + 1 - form.precision
        start, half = rng.randrange(1 << form.precision - 1, 1 << form.precision), 1 << k - 1
    step = (half + rng.choice((-1, 1))) * pow(i, -1, 1 << k) % (1 << k)
    unit = mpq(2) ** scale
    first, pace = _number(start * unit), _number(step * unit / 2**k)
    stop = exact(first) + (i + 1) * exact(pace)
    if isinstance(form, IntFormat):
        end: int | float = -int(-stop // 1)
    else:
        end = form.to_float(form.round_ratio(int(stop.numerator), int(stop.denominator)))
    return Steps(f"arange-beside-{i}", first, end, pace, dtype)


def _number(value: mpq) -> int | float:
    """Return a number that a float holds exactly, or an integer."""
    whole = value.denominator == 1 and abs(value) > 2**53
    return int(value) if whole else int(value.numerator) / int(value.denominator)


# Lines modulo 1.


def first_in_range(a: int, m: int, low: int, high: int) -> int | None:
    """Return the least ``x >= 0`` with ``low <= a*x % m <= high``, for ``0 <= low <= high < m``.

    If no multiple of ``a`` lies between, ``a*x - m*y`` does for the least ``y`` for which
    ``m*y % a`` lies between ``-high`` and ``-low``: the same question about smaller numbers.
    """
    if low == 0:
        return 0
    if a == 0:
        return None
    x = -(-low // a)
    if a * x <= high:
        return x
    y = first_in_range(m % a, a, -high % a, -low % a)
    return None if y is None else -(-(low + m * y) // a)


def near_a_half(slope: mpq, value: mpq, count: int, width: mpq) -> Iterator[int]:
    """Yield the ``x < count`` for which ``value + slope*x`` is near a half of an odd integer."""
    m = 1 << 80
    a, w = int(slope * m) % m, int(2 * width * m)
    x = 0
    while True:
        low = int((mpq(1, 2) - width - value - slope * x) * m) % m
        step = 0 if low + w >= m else first_in_range(a, m, low, low + w)
        if step is None or x + step >= count:
            return
        yield x + step
        x += step + 1


def neighbours(
    make: Callable[[float], Case], stop: float, index: int, width: float = 2.0**-23
) -> Iterator[Case]:
    """Yield grids whose stop is near a given one, and one element of which is near a midpoint."""
    ulp = math.ulp(stop)
    count = min(1 << 22, round((2.0 ** math.frexp(stop)[1] - stop) / ulp))

    def at(x: int) -> mpq:
        case = make(stop + x * ulp)
        return element(grid_of(case), index) / unit

    value = element(grid_of(make(stop)), index)
    unit = value / in_ulps(value, format_of("float64"))  # type: ignore[arg-type]
    first = at(0)
    while count > 16:
        last = at(count)
        if abs(first - 2 * at(count // 2) + last) < width / 2:
            break
        count >>= 2
    slope = (last - first) / count
    for x in near_a_half(slope, first, count, mpq(width)):
        yield make(stop + x * ulp)


def curved_cases(rng: random.Random) -> Iterator[tuple[Case, int]]:
    """Yield grids of ``geomspace`` and ``logspace`` in float64, and the element that is close."""
    while True:
        div = rng.choice(DIVS)
        i = rng.randint(1, div)
        start, stop = (rng.uniform(1, 2) * 2.0 ** rng.randint(-20, 20) for _ in range(2))

        def geometric(x: float, start: float = start, num: int = div + 1) -> Case:
            return Case(f"geomspace-beside-{num - 1}", "geomspace", start, x, num)

        if i < div:
            for case in neighbours(geometric, stop, i):
                yield case, i
        base = rng.choice(BASES)
        stop = rng.choice((-1, 1)) * rng.uniform(1, 2) * 2.0 ** rng.randint(-8, 6)

        def power(x: float, num: int = div + 1, base: float = base) -> Case:
            return Case(f"logspace-beside-{num - 1}", "logspace", 0.0, x, num, base=base)

        if abs(stop) < 300:
            for case in neighbours(power, abs(stop), i):
                yield case, i


# Brute force in float64.


def narrow_cases(rng: random.Random, dtype: str, count: int) -> Iterator[tuple[Case, int]]:
    """Yield grids of a shorter format with an element near a midpoint: the best of many."""
    form = format_of(dtype)
    assert isinstance(form, FloatFormat)
    generator = np.random.default_rng(rng.randrange(2**32))
    for _ in range(max(count >> 18, 1)):
        div, base = rng.choice(DIVS), rng.choice(BASES)
        i = rng.randint(1, div - 1) if div > 1 else 1
        start, stop = (_random_numbers(generator, form, 1 << 18) for _ in range(2))
        values = start * (stop / start) ** (i / div)
        for at in _best(values, form):
            ends = float(start[at]), float(stop[at])
            yield Case(f"geomspace-beside-{div}", "geomspace", *ends, div + 1, dtype), i
        for at in _best(base ** (stop * i / div), form):
            yield (
                Case(
                    f"logspace-beside-{div}",
                    "logspace",
                    0.0,
                    float(stop[at]),
                    div + 1,
                    dtype,
                    base=base,
                ),
                i,
            )


def _random_numbers(generator: np.random.Generator, form: FloatFormat, count: int) -> Bits:
    man = generator.integers(1 << form.precision - 1, 1 << form.precision, count)
    expo = generator.integers(-5, 4, count) - form.precision + 1
    numbers: Bits = np.ldexp(man.astype(np.float64), expo)
    return numbers


def _best(values: Bits, form: FloatFormat) -> Bits:
    """Return the places of the values that are nearest to midpoints, exact ones left out."""
    man, _ = np.frexp(values)
    scaled = np.ldexp(man, form.precision)
    gap = np.abs(scaled - np.floor(scaled) - 0.5)
    gap[gap < 2.0 ** (form.precision - 51)] = 1  # within the error of float64, ties among them
    return np.argsort(gap)[:3]


# Integers.


def integer_cases(rng: random.Random, dtype: str) -> Iterator[tuple[Case, int]]:
    """Yield grids of an integer dtype with an element beside an integer."""
    form = format_of(dtype)
    assert isinstance(form, IntFormat)
    while True:
        div = rng.choice((2, 3, 4))
        most = int(gmpy2.iroot(form.high, div)[0])
        if most > 2:
            stop = rng.randint(2, most) ** div - 1
            yield Case(f"geomspace-beside-{div}", "geomspace", 1, stop, div + 1, dtype), 1
        base = rng.choice((10.0, 2.0, 3.0, 7.0))
        whole = round(math.exp(rng.uniform(math.log(2), math.log(form.high))))
        exponent = float(gmpy2.log(gmpy2.mpfr(whole, 100)) / gmpy2.log(gmpy2.mpfr(base, 100)))
        yield Case("logspace-beside", "logspace", 0.0, 2 * exponent, 3, dtype, base=base), 1


# The search.


def search(seed: int, seconds: float, keep: int = 5) -> list[Case]:
    """Return the grids whose closest element is closest, ``keep`` for each function and dtype."""
    best: dict[tuple[str, str], list[Any]] = {}

    def offer(case: Case, indices: Any) -> None:
        index, least = closest(case, indices)
        heap = best.setdefault((case.function, case.dtype), [])
        text = case.snippet("", "")
        item = (-least, text, index, case)
        if least < 1 and all(other[1] != text for other in heap):
            (heapq.heappush if len(heap) < keep else heapq.heappushpop)(heap, item)

    def until(cases: Iterator[Any], most: float) -> None:
        end = time.process_time() + most
        for case, *index in cases:
            if answers(case):
                offer(case, index or range(case.num))
            if time.process_time() > end:
                return

    for dtype in (*FLOAT_FORMATS, *INT_FORMATS):
        rng = random.Random(f"{seed} {dtype}")
        until(((case,) for case in linear_cases(rng, dtype)), seconds / 20)
        if dtype == "float64":
            until(curved_cases(rng), seconds)
        elif dtype in FLOAT_FORMATS:
            until(narrow_cases(rng, dtype, 1 << 40), seconds / 5)
        else:
            until(integer_cases(rng, dtype), seconds / 20)
    return [
        item[3]
        for heap in best.values()
        for item in sorted(heap, key=lambda it: it[:3], reverse=True)
    ]


def answers(case: Case) -> bool:
    """Say whether a grid has values: an integer may not fit."""
    return answer(case).error is None
