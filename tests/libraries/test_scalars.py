"""Numbers of other libraries are ends, bases and steps at their exact value.

What that is comes from the number itself, as fractions of Python's integers; the elements have to
be those of the ``Fraction``.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import xspace
import xspace.dropin.numpy as xn
from xspace import GeomRange, LinRange, LogRange, arange, geomspace, linspace, logspace
from xspace.testing import assert_identical

RANGES = [LinRange, LogRange, GeomRange]


def load(name):
    return pytest.importorskip(name, reason=f"{name} is not installed")


def precise(make):
    """A number of gmpy2 or mpmath with more bits than a float has."""
    gmpy2, mpmath = load("gmpy2"), load("mpmath")
    with gmpy2.context(precision=200), mpmath.workprec(200):
        return make(gmpy2, mpmath)


#: Makers of numbers, each with the fraction that it is.
EXACT = {
    "mpz": (lambda: load("gmpy2").mpz(3), Fraction(3)),
    "mpq": (lambda: load("gmpy2").mpq(10, 3), Fraction(10, 3)),
    "mpfr": (
        lambda: precise(lambda g, m: g.mpfr(10) / 3),
        Fraction(round(Fraction(10, 3) * 2**198), 2**198),
    ),
    "mpf": (
        lambda: precise(lambda g, m: m.mpf(10) / 3),
        Fraction(round(Fraction(10, 3) * 2**198), 2**198),
    ),
    "mpf of an integer": (lambda: load("mpmath").mpf(3), Fraction(3)),
    "sympy.Rational": (lambda: load("sympy").Rational(10, 3), Fraction(10, 3)),
    "sympy.Integer": (lambda: load("sympy").Integer(3), Fraction(3)),
    "sympy.Half": (lambda: load("sympy").S.Half, Fraction(1, 2)),
    "sympy.Float": (lambda: load("sympy").Float(1.7), Fraction(1.7)),
    "bfloat16": (lambda: load("ml_dtypes").bfloat16(1.5), Fraction(3, 2)),
    "float8": (lambda: load("ml_dtypes").float8_e4m3fn(1.5), Fraction(3, 2)),
    "float4": (lambda: load("ml_dtypes").float4_e2m1fn(1.5), Fraction(3, 2)),
    "int4": (lambda: load("ml_dtypes").int4(3), Fraction(3)),
    "xarray": (lambda: load("xarray").DataArray(1.7), Fraction(1.7)),
    "mygrad": (lambda: load("mygrad").tensor(1.7), Fraction(1.7)),
    "longdouble": (lambda: np.longdouble(1) + np.longdouble(2) ** -60, 1 + Fraction(1, 2**60)),
    "0-d": (lambda: np.array(1.7), Fraction(1.7)),
    "truth": (lambda: np.True_, Fraction(1)),
}


@pytest.mark.parametrize(("make", "exact"), EXACT.values(), ids=EXACT)
class TestExact:
    @pytest.mark.parametrize("function", [linspace, logspace, geomspace])
    def test_ends(self, make, exact, function):
        for place in (0, 1):
            ends, wanted = [Fraction(7, 11), Fraction(7, 11)], [Fraction(7, 11), Fraction(7, 11)]
            ends[place], wanted[place] = make(), exact
            made = function(*ends, 7, dtype=np.float64)
            assert_identical(np.asarray(made), function(*wanted, 7))
            assert_identical(
                np.asarray(function(*ends, 7, dtype=np.float32)),
                function(*wanted, 7, dtype=np.float32),
            )

    def test_bases(self, make, exact):
        base = make()
        made = logspace(0, Fraction(7, 3), 7, base=base, dtype=np.float64)
        assert_identical(np.asarray(made), logspace(0, Fraction(7, 3), 7, base=exact))

    def test_bounds_and_steps(self, make, exact):
        number = make()
        options = {"dtype": np.float64}
        made = arange(number, Fraction(71, 11), Fraction(1, 3), **options)
        assert_identical(np.asarray(made), arange(exact, Fraction(71, 11), Fraction(1, 3)))
        stop = exact * Fraction(5, 2)  # no number that rounds to a short float divides it
        made = arange(0, stop, number, **options)
        assert_identical(np.asarray(made), arange(0, stop, exact, dtype=np.float64))

    def test_ranges(self, make, exact):
        for kind in RANGES:
            assert kind(make(), 5, 4) == kind(exact, 5, 4)
        assert LogRange(0, 1, 4, base=make()) == LogRange(0, 1, 4, base=exact)
        assert (make() in LinRange(exact, 5, 4)) == (float(exact) == exact)


@pytest.mark.parametrize("kind", RANGES)
def test_arrays_of_no_dimensions_in_ranges(kind):
    torch, jnp = load("torch"), load("jax.numpy")
    for number in (torch.tensor(1.5), jnp.asarray(1.5), np.array(1.5)):
        assert kind(number, 5, 4) == kind(Fraction(3, 2), 5, 4)


@pytest.mark.parametrize("name", ["linspace", "logspace", "geomspace", "arange"])
def test_bfloat16(name):
    bfloat16 = load("ml_dtypes").bfloat16
    function = getattr(xspace, name)
    rest = (2,) if name == "arange" else (2, 3)
    wanted = function(1.5, *rest, dtype=bfloat16)
    assert wanted.dtype == bfloat16
    assert_identical(function(bfloat16(1.5), *rest), wanted)
    assert_identical(function(np.array(bfloat16(1.5)), *rest), wanted)


def test_short_dtypes_that_are_not_made():
    ml_dtypes = load("ml_dtypes")
    for name in ("float8_e4m3fn", "float8_e5m2", "int4", "float4_e2m1fn"):
        with pytest.raises(TypeError, match=rf"dtype .*{name}.* not supported for numpy"):
            linspace(0, 1, 3, dtype=getattr(ml_dtypes, name))


def test_complex_numbers():
    gmpy2, mpmath = load("gmpy2"), load("mpmath")
    for number in (gmpy2.mpc(1, 2), mpmath.mpc(1, 2)):
        for function in (linspace, logspace, geomspace):
            assert_identical(function(number, 3, 5), function(1 + 2j, 3, 5))
        assert_identical(logspace(0, 1, 5, base=number), logspace(0, 1, 5, base=1 + 2j))
        with pytest.raises(TypeError, match="must be a real number"):
            LinRange(number, 3)
        assert number - number in LinRange(0, 1, 3)


def test_infinities_zeros_and_nan():
    gmpy2, mpmath, sympy = load("gmpy2"), load("mpmath"), load("sympy")
    for inf in (gmpy2.inf(), mpmath.inf, sympy.oo):
        assert_identical(linspace(0, inf, 3), linspace(0, np.inf, 3))
        assert_identical(linspace(0, -inf, 3), linspace(0, -np.inf, 3))
    for nan in (gmpy2.nan(), mpmath.nan, sympy.nan):
        assert np.isnan(linspace(nan, 1, 3)[:2]).all()
    assert_identical(linspace(-1, gmpy2.mpfr("-0.0"), 3), linspace(-1, -0.0, 3))
    assert_identical(linspace(mpmath.mpf(0), 1, 3), linspace(0, 1, 3))


def test_numbers_too_long_to_be_exact():
    gmpy2, mpmath = load("gmpy2"), load("mpmath")
    for number in (gmpy2.mpfr("1e100000000"), mpmath.mpf("1e-100000000")):
        with pytest.raises(
            ValueError, match=r"start: a mpf.? with the exponent -?332192.* is too long"
        ):
            linspace(number, 1)


def test_numbers_without_an_exact_value():
    mpmath, sympy = load("mpmath"), load("sympy")
    for number in (mpmath.iv.mpf([1, 2]), sympy.pi, sympy.Symbol("x")):
        for function in (linspace, logspace, geomspace, arange, LinRange):
            with pytest.raises(TypeError, match="start must be"):
                function(number, 3)


def test_integers_make_integers():
    """The default dtype of `arange`."""
    gmpy2, sympy, ml_dtypes = load("gmpy2"), load("sympy"), load("ml_dtypes")
    for five in (gmpy2.mpz(5), sympy.Integer(5), ml_dtypes.int4(5), np.int8(5)):
        assert_identical(arange(five), arange(5))
        assert_identical(xn.arange(five), xn.arange(5))


@pytest.mark.parametrize("name", ["mpz", "mpq", "mpfr", "sympy.Rational", "bfloat16", "longdouble"])
def test_the_drop_in_for_numpy(name):
    make, exact = EXACT[name]
    for function in ("linspace", "logspace", "geomspace"):
        made = getattr(xn, function)(make(), 5, 7, dtype=np.float64)
        assert_identical(made, getattr(xn, function)(exact, 5, 7, dtype=np.float64))
        if name not in ("bfloat16", "longdouble"):
            assert getattr(xn, function)(make(), 5, 7).dtype == np.float64
    assert_identical(xn.arange(make(), 5, dtype=np.float64), xn.arange(exact, 5, dtype=np.float64))


def test_the_dtype_of_the_drop_in_is_numpys():
    ml_dtypes = load("ml_dtypes")
    for kind in (ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.int4):
        assert xn.linspace(kind(1), 2, 3).dtype == np.linspace(kind(1), 2, 3).dtype


def test_a_number_of_objects():
    """NumPy's arrays of objects with no dimensions hold one exact number."""
    third = np.array(Fraction(1, 3))
    for function in ("linspace", "logspace", "geomspace"):
        made = getattr(xn, function)(third, 1, 5)
        assert_identical(made, getattr(xspace, function)(Fraction(1, 3), 1, 5))


def test_an_index_is_an_integer():
    class Whole:
        def __index__(self):
            return 2**70 + 1

    for function in (linspace, logspace, geomspace):
        assert_identical(function(0.5, Whole(), 5), function(0.5, 2**70 + 1, 5))
    assert LinRange(Whole(), 1, 3) == LinRange(2**70 + 1, 1, 3)
