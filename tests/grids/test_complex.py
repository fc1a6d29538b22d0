"""Complex grids: what NumPy's own tests ask for, exactly; symmetries, limits and errors."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import array_api_strict as strict
import gmpy2
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from counting import count_calls
from hypothesis import given, settings
from hypothesis import strategies as st
from xspace_conformance.subjects.tiny import float64_only

from xspace import geomspace, linspace, logspace
from xspace.cli.program import run
from xspace.engine.spiral import fill_spiral
from xspace.exact import spiral
from xspace.exact.gaussian import Gaussian, to_gaussian
from xspace.exact.rounding import FORMATS
from xspace.exact.spiral import ONE, Spiral
from xspace.libraries.scalars import read_scalar
from xspace.testing import assert_identical, ulp_distance

FUNCTIONS = [linspace, logspace, geomspace]
INF, NAN = math.inf, math.nan


def same(array, values, dtype=complex):
    """The array has these elements, and zeros of these signs."""
    assert_identical(array, np.array(values, dtype=dtype))


class TestNumpysTests:
    """numpy/_core/tests/test_function_base.py, with equality where it allows for an error."""

    def test_linspace(self):
        same(linspace(1 + 2j, 3 + 4j, 5), [1 + 2j, 1.5 + 2.5j, 2 + 3j, 2.5 + 3.5j, 3 + 4j])
        same(linspace(1j, 10, 5), [1j, 2.5 + 0.75j, 5 + 0.5j, 7.5 + 0.25j, 10])

    def test_purely_imaginary(self):
        same(geomspace(1j, 16j, num=5), [1j, 2j, 4j, 8j, 16j])
        same(geomspace(-4j, -324j, num=5), [complex(0, -4 * 3**k) for k in range(5)])
        same(geomspace(1j, 1000j, num=4), [1j, 10j, 100j, 1000j])

    def test_diagonals(self):
        same(geomspace(1 + 1j, 1000 + 1000j, 4), [(1 + 1j) * 10**k for k in range(4)])
        same(geomspace(-1 + 1j, -1000 + 1000j, 4), [(-1 + 1j) * 10**k for k in range(4)])

    def test_spirals(self):
        same(geomspace(-1, 1, num=3, dtype=complex), [-1, 1j, 1])
        x = math.sqrt(4.5)
        same(geomspace(3j, -3, 3), [3j, complex(-x, x), -3])
        same(geomspace(3j, 3 + 0j, 3), [3j, complex(x, x), 3])
        same(geomspace(-3 + 0j, -3j, 3), [-3, complex(-x, -x), -3j + 0])
        np.testing.assert_allclose(
            geomspace(-2 - 3j, 5 + 7j, 7),
            [
                -2 - 3j,
                -0.29058977 - 4.15771027j,
                2.08885354 - 4.34146838j,
                4.58345529 - 3.16355218j,
                6.41401745 - 0.55233457j,
                6.75707386 + 3.11795092j,
                5 + 7j,
            ],
        )

    def test_promotion(self):
        same(geomspace(3j, -5, 2), [3j, -5])
        same(geomspace(-5, 3j, 2), [-5, 3j])

    def test_shortest_path(self):
        x = 1.2 + 3.4j
        y = np.exp(1j * (np.pi - 0.1)) * x
        expected = [
            1.2 + 3.4j,
            -1.47384 + 3.2905616j,
            -3.33577588 + 1.36842949j,
            -3.36011056 - 1.30753855j,
            -1.53343861 - 3.26321406j,
        ]
        np.testing.assert_array_almost_equal(geomspace(x, y, 5), expected)

    def test_circle_of_the_docstring(self):
        x = math.sqrt(0.5)
        same(geomspace(-1 + 0j, 1 + 0j, num=5), [-1, complex(-x, x), 1j, complex(x, x), 1])

    @pytest.mark.parametrize("base", [2 + 1j, -0.5, 1j, 3 - 4j, 10.0])
    def test_logspace_is_near_numpys(self, base):
        theirs = np.logspace(-1 + 0.5j, 2 - 1j, 23, base=base)
        np.testing.assert_allclose(logspace(-1 + 0.5j, 2 - 1j, 23, base=base), theirs, rtol=1e-12)


class TestExactElements:
    def test_roots_of_a_negative_number(self):
        x = math.sqrt(3)
        same(logspace(0, 1, 4, base=-8, dtype=complex), [1, complex(1, x), complex(-2, 2 * x), -8])

    def test_gaussian_powers(self):
        powers = [1, 1 + 1j, 2j, -2 + 2j, -4, -4 - 4j, complex(0, -8), 8 - 8j, 16]
        same(logspace(0, 8, 9, base=1 + 1j), powers)
        same(logspace(0, 3, 4, base=2 - 1j), [1, 2 - 1j, 3 - 4j, 2 - 11j])
        same(logspace(-1, 0, 2, base=1 + 2j)[1:], [1])
        same(geomspace(1, -117 + 44j, 4), [1, 3 + 4j, -7 + 24j, -117 + 44j])
        same(logspace(0, 3, 4, base=1j), [1, 1j, -1, complex(0, -1)])

    def test_midpoints_go_to_even(self):
        odd = (2**27 + 1) ** 2  # 55 bits, ends in ...01
        grid = geomspace(1, complex(2 * odd, 0), 2)
        assert grid[1].real == 2.0 * odd
        # The square of this has real part a**2 - b**2 and imaginary part 2ab, both of 54 bits or
        # more: midpoints would be rounded wrongly from either side.
        a, b = 2**27 + 1, 2**26 - 1
        x = logspace(0, 2, 3, base=complex(a, b))[2]
        assert (x.real, x.imag) == (float(a * a - b * b), float(2 * a * b))

    def test_twelfths_of_a_turn(self):
        grid = geomspace(1, -1, 13, dtype=complex)
        half = math.sqrt(0.75)
        assert grid[2] == complex(half, 0.5)
        assert grid[4] == complex(0.5, half)
        assert grid[6] == 1j
        assert grid[8] == complex(-0.5, half)
        assert grid[10] == complex(-half, 0.5)

    def test_one_crossing_of_an_axis(self):
        grid = geomspace(2 + 1j, 2 - 1j, 3)
        assert grid[1] == complex(math.sqrt(5), 0)
        assert not np.signbit(grid[1].imag)
        third = geomspace(2 + 1j, 3 - 4j, 4)  # (2+i) * (2-i)**2 / (2+i), crossing at a third
        assert third[1].imag == 0 < third[1].real

    def test_beside_a_crossing(self):
        middle = geomspace(2 + 1j, np.nextafter(2, 3) - 1j, 3)[1]
        assert 0 < abs(middle.imag) < 1e-15

    def test_unit_base_with_complex_exponents(self):
        grid = logspace(0.5 - 1j, 0.5 + 1j, 3, base=-1)  # i * exp(pi), i, i * exp(-pi)
        assert np.all(grid.real == 0)
        assert not np.signbit(grid.real).any()
        assert grid[1] == 1j

    def test_large_powers_are_reduced_exactly(self):
        same(logspace(10**30, 10**30 + 4, 5, base=1j), [1, 1j, -1, complex(0, -1), 1])
        same(logspace(0, 10**6, 2, base=-1, dtype="complex64"), [1, 1], "complex64")

    def test_a_long_power_of_modulus_one(self):
        line = Spiral(ONE, Gaussian(3, 4, 5), (10**6, 0), (0, 0), 1, 1)
        re, im = line.rounded(0, FORMATS["float64"])
        assert math.hypot(re, im) == pytest.approx(1)


finite = st.floats(-1e3, 1e3).map(lambda x: x if abs(x) > 1e-30 else 0.0)
numbers = st.builds(complex, finite, finite)
directions = numbers.filter(lambda z: z != 0)
sizes = st.integers(1, 40)


def conjugated(grid):
    """The conjugate, with positive zeros for exact ones."""
    parts = np.conj(grid)
    return np.where(grid.imag == 0, grid, parts)


def is_half_turn(a, b):
    return (a.conjugate() * b).imag == 0 or (
        Fraction(a.real) * Fraction(b.imag) == Fraction(a.imag) * Fraction(b.real)
    )


@settings(max_examples=100, deadline=None)
@given(directions, directions, sizes)
def test_conjugation(a, b, num):
    if not is_half_turn(a, b):
        mirrored = geomspace(a.conjugate(), b.conjugate(), num)
        assert_identical(mirrored, conjugated(geomspace(a, b, num)))


@settings(max_examples=100, deadline=None)
@given(directions, directions, sizes)
def test_reversal(a, b, num):
    if num > 1:
        assert_identical(geomspace(a, b, num)[::-1], geomspace(b, a, num))
        assert_identical(geomspace(a, -a, num)[::-1], geomspace(-a, a, num))
    assert_identical(logspace(a, b, 7, base=2 - 3j)[::-1], logspace(b, a, 7, base=2 - 3j))


@settings(max_examples=60, deadline=None)
@given(directions, directions, sizes)
def test_refinement(a, b, num):
    assert_identical(geomspace(a, b, 2 * num - 1)[::2], geomspace(a, b, num)[: 2 * num - 1])


@settings(max_examples=60, deadline=None)
@given(directions, directions, sizes)
def test_turned_by_a_quarter(a, b, num):
    if not is_half_turn(a, b):
        grid, turned = geomspace(a, b, num), geomspace(a * 1j, b * 1j, num)
        assert np.array_equal(turned.real, -grid.imag)
        assert np.array_equal(turned.imag, grid.real)


@settings(max_examples=60, deadline=None)
@given(numbers, numbers, sizes, st.booleans())
def test_linspace_has_the_parts_of_its_ends(a, b, num, endpoint):
    grid = linspace(a, b, num, endpoint=endpoint)
    assert_identical(grid.real.copy(), linspace(a.real, b.real, num, endpoint=endpoint))
    assert_identical(grid.imag.copy(), linspace(a.imag, b.imag, num, endpoint=endpoint))


@settings(max_examples=40, deadline=None)
@given(directions, directions, st.integers(5, 200))
def test_slices_are_spirals(a, b, num):
    scale, last = to_gaussian(read_scalar("", a)), to_gaussian(read_scalar("", b))
    line = Spiral(scale, last.times(scale.inverse()), (0, 0), (1, 0), num - 1, num)
    whole = np.empty((2, num))
    fill_spiral(whole[0], whole[1], line, FORMATS["float64"])
    part = line.slice(num - 1, -3, num // 3)
    few = np.empty((2, part.num))
    fill_spiral(few[0], few[1], part, FORMATS["float64"])
    assert_identical(few, whole[:, ::-3][:, : part.num].copy())


@pytest.mark.parametrize("fmt", ["float64", "float32"])
@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1 + 2j, -3 + 0.5j),
        (1.5 + 1e-8j, 1.5 + 1e-2j),
        (1 + 1e-100j, 2 + 1e-101j),
        (1e-320 + 1e-321j, 1e-310j),
        (1e-300 + 1j, -1e300 + 1e290j),
        (1e38 + 1e38j, 1e39j),
    ],
)
def test_the_kernel_agrees_with_the_exact_elements(a, b, fmt):
    scale, last = to_gaussian(read_scalar("", a)), to_gaussian(read_scalar("", b))
    num = 2000
    line = Spiral(scale, last.times(scale.inverse()), (0, 0), (1, 0), num - 1, num)
    parts = np.empty((2, num), fmt)
    fill_spiral(parts[0], parts[1], line, FORMATS[fmt])
    exact = np.array([line.rounded(i, FORMATS[fmt]) for i in range(num)]).T
    assert_identical(parts, exact.astype(fmt))


@pytest.mark.parametrize("endpoint", [True, False])
def test_the_shortest_grids(endpoint):
    for num in (0, 1):
        for values in ((1j, 2 + 1j), (-1, 1), (1j, 3j), (INF, 1j), (1j, complex(NAN, INF))):
            for function in FUNCTIONS:
                grid = function(*values, num, endpoint=endpoint, dtype=complex)
                assert grid.shape == (num,)
                if function is not logspace:
                    same(grid, values[:num])
        for base in (0, 1, -1, 2 + 1j, 1j, INF):
            assert logspace(1j, 2 + 1j, num, base=base, endpoint=endpoint).shape == (num,)


def test_real_grids_with_a_complex_dtype():
    for function in FUNCTIONS:
        grid = function(0.5, 7, 50, dtype=complex)
        assert_identical(grid.real.copy(), function(0.5, 7, 50))
        assert np.all(grid.imag == 0)
        assert not np.signbit(grid.imag).any()


def test_long_grids_are_not_made_one_by_one():
    for call in (
        lambda: geomspace(1 + 2j, -3 + 0.5j, 100_000),
        lambda: logspace(0, 99_999, 100_000, base=1j),
        lambda: logspace(0, 3 + 4j, 100_000, base=1),
        lambda: geomspace(1e-320 + 1e-321j, 1e-318j, 100_000),
        lambda: geomspace(1.5 + 1e-100j, 1.5 + 1e-101j, 100_000, dtype="complex64"),
    ):
        assert call().shape == (100_000,)
        assert count_calls(call) < 20_000


class TestLimits:
    @pytest.mark.parametrize(
        ("grid", "values"),
        [
            (lambda: linspace(complex(1, INF), 3, 3), [complex(1, INF), complex(2, INF), 3]),
            (
                lambda: linspace(complex(NAN, 1), 3, 3),
                [complex(NAN, 1), complex(NAN, 0.5), complex(3, 0)],
            ),
            (
                lambda: linspace(complex(-0.0, -1), complex(0, -0.0), 2),
                [complex(-0.0, -1), complex(0, -0.0)],
            ),
            (
                lambda: geomspace(1, INF, 3, dtype=complex),
                [1, complex(INF, 0), complex(INF, 0)],
            ),
            (lambda: geomspace(2j, complex(0, INF), 3), [2j, complex(0, INF), complex(0, INF)]),
            (
                lambda: geomspace(-2j, complex(0, -INF), 2, endpoint=False),
                [complex(0, -2), complex(0, -INF)],
            ),
            (
                lambda: geomspace(1, complex(INF, 1), 3),
                [1, complex(NAN, NAN), complex(INF, 1)],
            ),
            (
                lambda: geomspace(complex(NAN, 0), 1, 3),
                [complex(NAN, 0), complex(NAN, NAN), 1],
            ),
            (
                lambda: logspace(-1, 1, 3, base=0, dtype=complex),
                [complex(NAN, NAN), 1, 0],
            ),
            (
                lambda: logspace(1j, 2, 3, base=0j),
                [complex(NAN, NAN), 0, 0],
            ),
            (
                lambda: logspace(0, INF, 3, dtype=complex),
                [1, complex(INF, 0), complex(INF, 0)],
            ),
            (lambda: logspace(0, -INF, 3, base=2 + 1j), [1, 0, 0]),
            (
                lambda: logspace(0, INF, 3, base=2 + 1j),
                [1, complex(NAN, NAN), complex(NAN, NAN)],
            ),
            (lambda: logspace(0, INF, 3, base=0.25j), [1, 0, 0]),
            (lambda: logspace(0, complex(0, INF), 2, base=1j), [1, 0]),
            (lambda: logspace(0, complex(0, -INF), 2, base=-1j), [1, 0]),
            (
                lambda: logspace(0, complex(0, INF), 2, base=2),
                [1, complex(NAN, NAN)],
            ),
            (lambda: logspace(1, complex(INF, NAN), 3, base=1 + 0j)[:1], [1]),
            (lambda: logspace(1, INF, 3, base=1 + 0j), [1, 1, 1]),
            (
                lambda: logspace(-1, 1, 3, base=complex(INF, 0)),
                [0, 1, complex(INF, 0)],
            ),
            (
                lambda: logspace(-1, 1, 3, base=complex(0, INF)),
                [0, 1, complex(NAN, NAN)],
            ),
            (
                lambda: logspace(-1, 1, 3, base=complex(NAN, 1)),
                [complex(NAN, NAN), 1, complex(NAN, NAN)],
            ),
        ],
    )
    def test_limit(self, grid, values):
        same(grid(), values)

    def test_overflow_and_underflow_of_one_part(self):
        grid = geomspace(complex(1e308, 0), complex(1.7e308, 1.7e308), 9, dtype="complex64")
        assert np.all(grid.real == INF)
        assert grid[0].imag == 0
        assert np.all(grid[1:].imag == INF)
        tiny = logspace(-400, -500, 11, base=-10 + 1j)
        assert np.all(tiny == 0)
        sign = np.signbit(tiny.real)
        assert sign.any()
        assert not sign.all()


class TestDtypes:
    def test_python_numbers(self):
        assert geomspace(1, 2j).dtype == np.complex128
        assert logspace(1, 2, base=-2).dtype == np.float64
        assert logspace(1, 2, base=-2 + 0j).dtype == np.complex128
        assert linspace(0, 1, dtype=complex).dtype == np.complex128
        assert linspace(0, 1j, dtype="complex64").dtype == np.complex64

    @pytest.mark.parametrize(
        ("value", "dtype"),
        [
            (np.float32(2), "complex64"),
            (np.float64(2), "complex128"),
            (np.float16(2), "complex64"),
            (np.int64(2), "complex128"),
            (np.complex64(2j), "complex64"),
            (np.complex128(2j), "complex128"),
            (np.array(2, np.float32), "complex64"),
            (np.array(2j, np.complex64), "complex64"),
        ],
    )
    def test_beside_a_python_number(self, value, dtype):
        for function in FUNCTIONS:
            assert function(value, 1j, 3).dtype == dtype
            assert function(1j, value, 3).dtype == dtype

    def test_beside_truth_values(self):
        for function in (geomspace, linspace, logspace):
            for end in (np.array([True, True]), np.array(True)):
                made = function(4j, end, 3)
                assert_identical(made, function(4j, end.astype(np.int8), 3))

    def test_two_numpy_scalars(self):
        assert linspace(np.complex64(1), np.float64(2), 3).dtype == np.complex128
        assert linspace(np.complex64(1), np.float32(2), 3).dtype == np.complex64

    def test_torch(self):
        grid = geomspace(1, torch.tensor(2j), 3)
        assert grid.dtype == torch.complex64
        assert geomspace(1, 2j, 3, xp=torch).dtype == torch.complex64
        assert geomspace(torch.tensor(1.0, dtype=torch.float64), 2j).dtype == torch.complex128
        assert geomspace(1, 2, 3, xp=torch, dtype=complex).dtype == torch.complex128
        assert geomspace(torch.tensor(1, dtype=torch.bfloat16), 2j).dtype == torch.complex64

    def test_jax(self):
        for wide, dtype in ((True, "complex128"), (False, "complex64")):
            with jax.enable_x64(wide):
                assert geomspace(1, 2j, 3, xp=jnp).dtype == dtype
                assert geomspace(1, 2, 3, xp=jnp, dtype=complex).dtype == dtype
                assert geomspace(jnp.asarray(1, dtype="float32"), 2j, 3).dtype == "complex64"
        with (
            jax.enable_x64(False),
            pytest.raises(ValueError, match="complex128 is not available in jax"),
        ):
            geomspace(1, 2, 3, xp=jnp, dtype="complex128")

    def test_strict(self):
        assert geomspace(1, 2j, 3, xp=strict).dtype == strict.complex128
        assert geomspace(strict.asarray(2j), 1, 3).dtype == strict.complex128

    def test_zero_dimensional_arrays_are_read_exactly(self):
        wanted = geomspace(0.1 + 0.2j, 3 - 1j, 9)
        assert_identical(geomspace(np.array(0.1 + 0.2j), 3 - 1j, 9), wanted)
        tensor = torch.tensor(0.1 + 0.2j, dtype=torch.complex128)
        assert_identical(geomspace(tensor, 3 - 1j, 9), wanted)
        assert_identical(geomspace(strict.asarray(0.1 + 0.2j), 3 - 1j, 9), wanted)


class TestErrors:
    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize("dtype", [float, np.float32, int, "uint8"])
    def test_a_real_dtype(self, function, dtype):
        with pytest.raises(TypeError, match=r"^start is complex, and dtype .* complex dtype"):
            function(1j, 2, dtype=dtype)
        with pytest.raises(TypeError, match=r"^stop is complex"):
            function(1, np.complex64(2), dtype=dtype)

    def test_a_complex_base(self):
        with pytest.raises(TypeError, match=r"^base is complex, and dtype .*float"):
            logspace(0, 1, base=1j, dtype=float)

    @pytest.mark.parametrize("zero", [0, 0j, complex(-0.0, -0.0), np.array(0j)])
    def test_geomspace_cannot_include_zero(self, zero):
        with pytest.raises(ValueError, match="start must not be zero"):
            geomspace(zero, 1j)
        with pytest.raises(ValueError, match="stop must not be zero"):
            geomspace(complex(INF, 1), zero, dtype=complex)

    def test_exponents_out_of_all_proportion(self):
        with pytest.raises(ValueError, match="too long for an angle"):
            logspace(0, 1 << 100_000, 3, base=2 + 1j)
        same(logspace(0, 1 << 100_000, 3, base=2, dtype=complex), [1, INF, INF])

    def test_a_library_without_complex_dtypes(self):
        with pytest.raises(TypeError, match="has no dtype complex128, which complex arguments"):
            geomspace(1, 2j, 3, xp=float64_only)


def test_lanes():
    start, stop = np.array([1j, 2, -1]), np.array([[8j], [3 + 1j]])
    for function in (linspace, geomspace):
        lanes = function(start, stop, 5)
        assert lanes.shape == (5, 2, 3)
        for i, j in np.ndindex(2, 3):
            alone = function(complex(start[j]), complex(stop[i, 0]), 5)
            assert lanes[:, i, j].tobytes() == alone.tobytes()


def test_the_step():
    samples, step = linspace(1 + 2j, 2, 4, retstep=True)
    assert step == complex(1 / 3, -2 / 3)
    assert samples.shape == (4,)
    step = linspace(1j, 2, 1, retstep=True)[1]
    assert math.isnan(step.real)
    assert math.isnan(step.imag)


class TestComparison:
    def test_a_wrong_part(self):
        wanted = geomspace(1, 2j, 5)
        got = wanted.copy()
        got.imag[2] = np.nextafter(got.imag[2], 9)
        message = r"1 of 10 parts differ \(complex128, at most 1 ulp\)\n  \[2\].imag: got 0x"
        with pytest.raises(AssertionError, match=message):
            assert_identical(got, wanted)
        assert ulp_distance(got, wanted).tolist() == [0, 0, 1, 0, 0]

    def test_signs_of_zeros_and_nans(self):
        assert_identical(np.array([complex(NAN, 1)]), np.array([complex(-NAN, 1)]))
        with pytest.raises(AssertionError, match=r"\[0\].real"):
            assert_identical(np.array([complex(-0.0, 1)]), np.array([1j]))

    def test_shapes(self):
        with pytest.raises(AssertionError, match=r"got \(2,\), wanted \(3,\)"):
            assert_identical(np.zeros(2, complex), np.zeros(3, complex))

    def test_other_libraries(self):
        assert_identical(geomspace(1, 2j, 9, xp=torch, dtype=complex), geomspace(1, 2j, 9))


class TestCommandLine:
    @pytest.mark.parametrize(
        ("argv", "lines"),
        [
            (["geomspace", "1", "-1", "-n", "3", "--dtype", "complex128"], "(1+0j) 1j (-1+0j)"),
            (["linspace", "1+2j", "-1j", "-n", "2"], "(1+2j) -1j"),
            (["linspace", "-1+2j", "-j", "-n", "2", "--format", ".1f"], "-1.0+2.0j 0.0-1.0j"),
            (["geomspace", "1j", "1+1j", "-n", "1", "--dtype", "complex64"], "1j"),
            (
                ["linspace", "0", "1j", "-n", "2", "--format", "hex"],
                "0x0.0p+0 0x0.0p+0 0x0.0p+0 " + (1.0).hex(),
            ),
        ],
    )
    def test_output(self, capsys, argv, lines):
        assert run(argv) == 0
        printed = " ".join(capsys.readouterr().out.split())
        assert printed == lines

    def test_shortest_decimals_of_complex64(self, capsys):
        run(["linspace", "0.1+0.2j", "1", "-n", "1", "--dtype", "complex64"])
        assert capsys.readouterr().out == "(0.1+0.2j)\n"

    def test_out_of_range(self, capsys):
        assert run(["linspace", "1e400j", "1"]) == 2
        assert "1e400j is outside the range of complex128" in capsys.readouterr().err


def test_a_complex_power_of_a_long_base_takes_a_short_logarithm(monkeypatch):
    """To all digits, as equality with a rational angle would want it, it takes seconds."""
    widths, cached = [], spiral._log2_cached
    monkeypatch.setattr(spiral, "_log2_cached", lambda *a: widths.append(a[2]) or cached(*a))
    power = logspace(0, 1j, 3, base=Decimal("1e20000"))[2]
    assert 0 < max(widths) < 1000
    with gmpy2.context(precision=300):
        angle = 20000 * gmpy2.log(10)
        assert power == complex(gmpy2.cos(angle), gmpy2.sin(angle))
