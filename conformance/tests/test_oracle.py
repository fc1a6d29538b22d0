"""The oracle itself, against exact integers and its own bounds."""

from __future__ import annotations

import ast
import math
import random
from fractions import Fraction
from pathlib import Path

import gmpy2
import numpy as np
import pytest
from gmpy2 import mpq
from xspace_conformance.cases.random_grids import random_case
from xspace_conformance.truth import power
from xspace_conformance.truth.formats import (
    DTYPES,
    FLOAT_FORMATS,
    INT_FORMATS,
    FloatFormat,
    IntFormat,
    format_of,
)
from xspace_conformance.truth.oracle import Grid, Unrepresentable
from xspace_conformance.truth.power import Power

FORMATS = list(FLOAT_FORMATS.values())


def nearest_even(value: Fraction, form: FloatFormat) -> Fraction | float:
    """Round by trying: the nearest of two neighbours, found without any bit of `formats.round`."""
    low, high = Fraction(0), Fraction(2) ** (form.max_exponent + 1)  # past the largest
    low_index, high_index = 0, form.infinity
    while high_index - low_index > 1:
        middle = (low_index + high_index) // 2
        number = form.decode(middle)
        if Fraction(number) <= value:
            low_index, low = middle, Fraction(number)
        else:
            high_index, high = middle, Fraction(number)
    if value - low != high - value:
        index = low_index if value - low < high - value else high_index
    else:
        index = low_index if low_index % 2 == 0 else high_index
    return index


def floats_of(grid: Grid, dtype: str = "float64") -> list[float]:
    """Return the grid as binary64 numbers."""
    form = format_of(dtype)
    assert isinstance(form, FloatFormat)
    return [form.to_float(int(bits)) for bits in grid.bits(dtype)]


def same(got: list[float], wanted: list[float]) -> bool:
    """Compare floats by hexadecimal text: zero signs count, NaN equals NaN."""
    return [x.hex() for x in got] == [float(x).hex() for x in wanted]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_rounding_agrees_with_a_search(form: FloatFormat) -> None:
    rng = random.Random(1)
    for _ in range(300):
        expo = rng.randint(form.unit_exponent - 3, form.max_exponent)
        value = Fraction(rng.getrandbits(form.precision + 2) | 1) * Fraction(2) ** (
            expo - rng.randint(0, form.precision + 2)
        )
        if value >= Fraction(2) ** (form.max_exponent + 1):
            continue
        found = form.round_ratio(value.numerator, value.denominator)
        assert found == nearest_even(value, form), value


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_formats_meet_numpy(form: FloatFormat) -> None:
    patterns = np.random.default_rng(2).integers(0, 2**form.width, 500, dtype=form.view)
    if form.name == "bfloat16":  # the upper half of a float32
        values = (patterns.astype(np.uint32) << 16).view(np.float32)
    else:
        values = patterns.view(form.name)
    for bits, value in zip(patterns.tolist(), values.tolist(), strict=True):
        assert same([form.to_float(bits)], [value])
        if not math.isnan(value):
            assert form.from_float(value) == bits


def test_powers_of_ten_are_the_literals() -> None:
    grid = Grid("logspace", -330, 312, 643)
    assert same(floats_of(grid), [float(f"1e{k}") for k in range(-330, 313)])
    grid = Grid("geomspace", Fraction(1, 10**320), 10**300, 621)
    assert same(floats_of(grid), [float(f"1e{k}") for k in range(-320, 301)])


def test_powers_of_two_reach_the_subnormals() -> None:
    exponents = range(-1080, 1030)
    wanted = [math.inf if k > 1023 else 0.0 if k < -1074 else math.ldexp(1, k) for k in exponents]
    assert same(floats_of(Grid("logspace", -1080, 1029, 2110, base=2)), wanted)


@pytest.mark.parametrize(
    ("base", "exponent"), [(3, 34), (10, 23), (5, 23), (7, 19), (-3, 35), (9, Fraction(35, 2))]
)
def test_integer_powers(base: int, exponent: int | Fraction) -> None:
    """``int -> float`` in Python is correctly rounded, midpoints included."""
    root, whole = (base, int(exponent)) if exponent == int(exponent) else (3, int(2 * exponent))
    assert same(floats_of(Grid("logspace", exponent, exponent, 1, base=base)), [float(root**whole)])


@pytest.mark.parametrize(("base", "exponent"), [(3, 34), (10, 23), (5, 23)])
def test_these_are_midpoints(base: int, exponent: int) -> None:
    exact = base**exponent
    odd = exact >> ((exact & -exact).bit_length() - 1)
    assert odd.bit_length() == 54, "one bit more than a float64 has"


def test_a_hair_beside_a_midpoint() -> None:
    hair = Fraction(1, 10**50)
    above, at, below = (
        floats_of(Grid("logspace", 34 + e, 34 + e, 1, base=3))[0] for e in (hair, 0, -hair)
    )
    assert 3**34 % 2 == 1
    assert below < 3**34 < above
    assert at == (below if int(math.ldexp(math.frexp(below)[0], 53)) % 2 == 0 else above)


@pytest.mark.parametrize("exponent", [64, 65, 70, 150, 2000])
def test_integers_of_hundreds_of_digits_are_beyond_every_dtype(exponent: int) -> None:
    for dtype in INT_FORMATS:
        with pytest.raises(Unrepresentable):
            Grid("logspace", exponent, 0, 1).element(0, dtype)
    with pytest.raises(Unrepresentable):
        Grid("geomspace", 3**90, 1, 91).element(40, "uint64")
    assert Grid("geomspace", 3**90, 1, 91).element(50, "uint64") == 3**40


def test_integers_truncate_or_floor() -> None:
    hair = Fraction(1, 10**60)
    assert Grid("logspace", 2 - hair, 2, 2).bits("int8").tolist() == [99, 100]
    assert Grid("linspace", 3 - hair, 3, 2).bits("int8").tolist() == [2, 3]
    assert Grid("linspace", -hair, hair, 2).bits("int8").view(np.int8).tolist() == [-1, 0]
    assert Grid("geomspace", -0.9, -7.9, 2).bits("int8").view(np.int8).tolist() == [0, -7]
    top = Grid("logspace", 64 - hair, 64, 2, base=2)
    assert top.element(0, "uint64") == 2**64 - 1
    with pytest.raises(Unrepresentable, match="element 1 does not fit uint64"):
        top.element(1, "uint64")


INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (("linspace", 0, INF, 3), [0, INF, INF]),
        (("linspace", -INF, 0, 3), [-INF, -INF, 0]),
        (("linspace", -INF, INF, 3), [-INF, NAN, INF]),
        (("linspace", INF, INF, 3), [INF] * 3),
        (("linspace", NAN, 1, 3), [NAN, NAN, 1]),
        (("linspace", 1, NAN, 3), [1, NAN, NAN]),
        (("linspace", -0.0, 1, 3), [-0.0, 0.5, 1]),
        (("linspace", -1, -0.0, 3), [-1, -0.5, -0.0]),
        (("linspace", -0.0, -0.0, 3), [-0.0, -0.0, -0.0]),
        (("linspace", -5e-324, 5e-324, 5), [-5e-324, -0.0, 0.0, 0.0, 5e-324]),
        (("geomspace", 1, INF, 3), [1, INF, INF]),
        (("geomspace", INF, 1, 3), [INF, INF, 1]),
        (("geomspace", -1, 4, 3), [-1, NAN, 4]),
        (("geomspace", -1, -4, 3), [-1, -2, -4]),
        (("logspace", -INF, INF, 2), [0, INF]),
        (("logspace", NAN, 1, 2), [NAN, 10]),
    ],
)
def test_limits(call: tuple[str, float, float, int], wanted: list[float]) -> None:
    assert same(floats_of(Grid(*call)), wanted)


@pytest.mark.parametrize("base", [0.0, -0.0, 1.0, -1.0, INF, -INF, NAN, 0.5, -2.0, 2.0])
@pytest.mark.parametrize("exponent", [-INF, -3.0, -2.0, -0.75, -0.0, 0.0, 0.75, 2.0, 3.0, INF, NAN])
def test_special_powers_are_those_of_ieee(base: float, exponent: float) -> None:
    with np.errstate(all="ignore"):  # not 0.5, where NumPy takes the square root instead
        wanted = float(np.power(base, exponent))
    if -INF < base < 0 and math.isinf(exponent):
        wanted = NAN  # IEEE takes an infinity for an even integer; here the powers have no sign
    assert same(floats_of(Grid("logspace", exponent, exponent, 1, base=base)), [wanted])


@pytest.mark.parametrize("ends", [(0, 1), (1, 0.0), (-0.0, 1)])
def test_geometric_progressions_have_no_zero(ends: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="zero"):
        Grid("geomspace", *ends, 5)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", ["logspace", "geomspace"])
def test_two_precisions_agree(
    function: str, dtype: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(f"{seed} {function} {dtype}")
    cases = [random_case(rng, dtype, function, largest=40) for _ in range(20)]

    def evaluate() -> list[int | str]:
        found: list[int | str] = []
        for case in cases:
            grid = Grid(
                function, case.start, case.stop, case.num, endpoint=case.endpoint, base=case.base
            )
            for index in range(case.num):
                try:
                    found.append(grid.element(index, dtype))
                except Unrepresentable as error:
                    found.append(str(error))
        return found

    first = evaluate()
    monkeypatch.setattr(power, "START_PRECISION", 4 * power.START_PRECISION)
    assert evaluate() == first


def test_the_bound_holds(seed: int) -> None:
    """The enclosure of low precision contains the value of high precision, and is used up."""
    rng = random.Random(seed)
    closest = Fraction(0)
    for _ in range(2000):
        ratio = mpq(
            Fraction(rng.choice((2.0 ** rng.uniform(-900, 900), 1 + 2.0 ** -rng.uniform(1, 52))))
        )
        scale = rng.choice((mpq(1), mpq(rng.randint(1, 99), rng.randint(1, 99))))
        one = Power(scale, ratio)
        n, d = rng.randint(-99, 99), rng.randint(1, 99)
        coarse, fine = one.enclose(n, d, 90), one.enclose(n, d, 400)
        if isinstance(coarse, int) or isinstance(fine, int):
            assert coarse == fine
            continue
        man, expo, err = coarse
        value = fine[0] * Fraction(2) ** (fine[1] - expo)
        assert abs(value - man) < err
        closest = max(closest, abs(value - man) / err)
    assert closest > Fraction(1, 100), "a bound far too wide would test nothing"


def test_conversion_to_mpfr_rounds_once() -> None:
    rng = random.Random(3)
    ctx = gmpy2.context(precision=100)
    for _ in range(500):
        value = Fraction(rng.getrandbits(300) | 1, rng.getrandbits(300) | 1)
        man, expo = power._to_mpfr(mpq(value), ctx).as_mantissa_exp()
        error = abs(int(man) * Fraction(2) ** int(expo) - value)
        assert error <= value * Fraction(1, 2**100)


@pytest.mark.parametrize(
    ("ratio", "n", "d", "wanted"),
    [
        (mpq(8), 1, 3, mpq(2)),
        (mpq(8, 27), 2, 3, mpq(4, 9)),
        (mpq(8, 27), -2, 6, mpq(3, 2)),
        (mpq(10), 1, 2, None),
        (mpq(2), 1000, 1, mpq(2**1000)),
        (mpq(3), 1000, 1, None),  # rational, with far too many bits for a boundary
        (mpq(2), 1, 10**30, None),
        (mpq(1), 1, 10**30, mpq(1)),
    ],
)
def test_rational_powers(ratio: mpq, n: int, d: int, wanted: mpq | None) -> None:
    assert Power(mpq(1), ratio).rational(n, d) == wanted


def test_integer_formats_have_numpys_limits() -> None:
    for dtype in DTYPES:
        form = format_of(dtype)
        if isinstance(form, IntFormat):
            assert (form.low, form.high) == (np.iinfo(dtype).min, np.iinfo(dtype).max)


def test_independence() -> None:
    """Nothing that leads to an answer imports the library under test."""
    home = Path(power.__file__).parents[1]
    paths = [
        *(home / "truth").glob("*.py"),
        home / "cases" / "hard.py",
        home / "cases" / "golden.py",
    ]
    assert len(paths) > 9
    for path in paths:
        tree = ast.parse(path.read_text())
        roots = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                roots |= {alias.name.partition(".")[0] for alias in node.names}
            if isinstance(node, ast.ImportFrom) and not node.level:
                roots.add((node.module or "").partition(".")[0])
        assert "xspace" not in roots, path.name
