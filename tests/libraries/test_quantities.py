"""Quantities: the unit is kept, and the numbers are those of the grid between the converted ends.

How an end is converted is the library's business: each test asks the library itself for the numbers
and gives these to the plain functions, whose bits have to come back.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import subprocess
import sys
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import xspace
import xspace.dropin.numpy as xn
from xspace import GeomRange, LinRange, LogRange
from xspace.testing import assert_identical


def load(name):
    return pytest.importorskip(name, reason=f"{name} is not installed")


class Astropy:
    """What the tests have to know of a library."""

    def __init__(self):
        self.units = load("astropy.units")
        self.error = self.units.UnitConversionError
        self.array = self.scalar = self.units.Quantity

    def make(self, number, unit):
        return self.units.Quantity(number, unit, dtype=np.asarray(number).dtype)

    def number(self, quantity, unit):
        return quantity.to_value(unit)

    def unit_of(self, quantity):
        return str(quantity.unit)


class Pint:
    def __init__(self):
        self.pint = load("pint")
        self.registry = self.pint.UnitRegistry()
        self.error = self.pint.DimensionalityError
        self.array = self.scalar = self.registry.Quantity

    def make(self, number, unit):
        return self.registry.Quantity(number, unit)

    def number(self, quantity, unit):
        return quantity.m_as(unit)

    def unit_of(self, quantity):
        return f"{quantity.units:~}"


class Unyt:
    def __init__(self):
        self.unyt = load("unyt")
        self.error = self.unyt.exceptions.UnitConversionError
        self.array, self.scalar = self.unyt.unyt_array, self.unyt.unyt_quantity

    def make(self, number, unit):
        kind = self.array if np.ndim(number) else self.scalar
        return kind(number, unit, dtype=np.asarray(number).dtype)

    def number(self, quantity, unit):
        same = quantity.units == self.unyt.Unit(unit)
        return (quantity if same else quantity.to(unit)).view(np.ndarray)[()]

    def unit_of(self, quantity):
        return str(quantity.units)


@pytest.fixture(
    params=[Astropy, Pint, Unyt], ids=lambda kind: kind.__name__.lower(), scope="module"
)
def library(request):
    return request.param()


#: The ends in metres and in kilometres, numbers and arrays of two dtypes.
ENDS = [
    (1000.0, 10.0),
    (0.1, 0.7),
    (np.array([1000.0, 2000.0]), 10.0),
    (3.0, np.array([[0.5], [0.25]])),
    (np.float32(1.5), np.float32(2.5)),
    (np.array([1.5, 0.3], np.float32), np.array([2.5, 0.1], np.float32)),
]
PLACES = [xspace, xn]


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
@pytest.mark.parametrize("ends", ENDS, ids=str)
@pytest.mark.parametrize("name", ["linspace", "geomspace"])
def test_ends_in_two_units(library, place, name, ends):
    start, stop = library.make(ends[0], "m"), library.make(ends[1], "km")
    unit = "km" if place is xn and isinstance(library, Astropy) else "m"  # as NumPy has it there
    made = getattr(place, name)(start, stop, 7)
    wanted = getattr(place, name)(library.number(start, unit), library.number(stop, unit), 7)
    assert type(made) is library.array
    assert library.unit_of(made) == unit
    assert_identical(np.asarray(library.number(made, unit)), wanted)


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
@pytest.mark.parametrize("options", [{"dtype": np.float32}, {"dtype": int}, {"endpoint": False}])
def test_options(library, place, options):
    ends = library.make(0.5, "m"), library.make(99.5, "m")
    for name in ("linspace", "geomspace"):
        made = getattr(place, name)(*ends, 5, **options)
        wanted = getattr(place, name)(0.5, 99.5, 5, **options)
        assert library.unit_of(made) == "m"
        assert_identical(np.asarray(library.number(made, "m")), wanted)


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
@pytest.mark.parametrize("stop", [7.0, np.array([7.0, 2.0])], ids=["scalar", "lanes"])
def test_the_step(library, place, stop):
    ends = library.make(0.1, "m"), library.make(stop, "m")
    samples, step = place.linspace(*ends, 4, retstep=True)
    wanted, wanted_step = place.linspace(0.1, stop, 4, retstep=True)
    assert library.unit_of(samples) == library.unit_of(step) == "m"
    assert type(step) is (library.array if np.ndim(stop) else library.scalar)
    assert_identical(np.asarray(library.number(samples, "m")), wanted)
    assert_identical(np.asarray(library.number(step, "m")), np.asarray(wanted_step))


def test_the_axis(library):
    stop = np.array([7.0, 2.0])
    made = xspace.linspace(library.make(0.1, "m"), library.make(stop, "m"), 4, axis=-1)
    assert_identical(np.asarray(library.number(made, "m")), xspace.linspace(0.1, stop, 4, axis=-1))


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
def test_a_plain_number_that_goes_with_every_unit(library, place):
    one = library.make(1.0, "km")
    for ends in ((0, one), (one, 0), (one, np.inf), (np.nan, one), (np.zeros(2), one)):
        made = place.linspace(*ends, 3)
        plain = (library.number(end, "km") if end is one else end for end in ends)
        assert library.unit_of(made) == "km"
        assert_identical(np.asarray(library.number(made, "km")), place.linspace(*plain, 3))


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
@pytest.mark.parametrize("name", ["linspace", "geomspace", "arange"])
def test_no_common_unit_is_the_librarys_own_error(library, place, name):
    one = library.make(1.0, "km")
    for other in (library.make(2.0, "s"), 2.0, np.array([0.0, 2.0]), Fraction(1, 3)):
        if name == "arange" and np.ndim(other):
            continue
        for ends in ((one, other), (other, one)):
            # astropy has its own words for a stop of arange that is without a unit
            with pytest.raises((library.error, TypeError)):
                getattr(place, name)(*ends)


@pytest.mark.parametrize("name", ["linspace", "geomspace"])
def test_errors_are_the_librarys(library, name):
    with pytest.raises(library.error):
        getattr(xspace, name)(library.make(1.0, "km"), library.make(2.0, "s"))


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
def test_arange(library, place):
    ends = library.make(0.0, "m"), library.make(1.0, "km")
    unit = "km" if place is xn and isinstance(library, Astropy) else "m"
    made = place.arange(*ends, library.make(250.0, "m"))
    numbers = [library.number(q, unit) for q in (*ends, library.make(250.0, "m"))]
    assert type(made) is library.array
    assert library.unit_of(made) == unit
    assert_identical(np.asarray(library.number(made, unit)), place.arange(*numbers))
    made = place.arange(library.make(3.0, "m"))  # a step that is left out is one unit
    assert_identical(np.asarray(library.number(made, "m")), place.arange(3.0))
    made = place.arange(0, library.make(3.0, "m"), 0.5)  # and a plain one so many
    assert_identical(np.asarray(library.number(made, "m")), place.arange(0.0, 3.0, 0.5))


@pytest.mark.parametrize("place", PLACES, ids=["xspace", "numpy"])
def test_exponents_have_no_dimension(library, place):
    one, two = library.make(1.0, ""), library.make(200.0, "percent")
    for ends in ((one, two), (one, 2.0), (1.0, two)):
        made = place.logspace(*ends, 5)
        assert type(made) is library.array
        assert_identical(np.asarray(library.number(made, "")), place.logspace(1.0, 2.0, 5))
    made = place.logspace(1, 2, 5, base=library.make(2.0, ""))
    assert_identical(np.asarray(library.number(made, "")), place.logspace(1, 2, 5, base=2.0))
    with pytest.raises(library.error):
        place.logspace(library.make(1.0, "m"), 2)


def test_integers_stay_exact(library):
    most = 2**63 - 1
    ends = library.make(np.array([0, most]), "m"), library.make(np.array([most, most]), "m")
    made = xspace.linspace(*ends, 3, dtype=np.int64)
    wanted = xspace.linspace(np.array([0, most]), most, 3, dtype=np.int64)
    assert_identical(
        np.asarray(library.number(made, made.units if hasattr(made, "units") else "m")), wanted
    )


@pytest.mark.parametrize("kind", [LinRange, LogRange, GeomRange])
def test_ranges_have_no_units(library, kind):
    for number in (1.0, np.array(1.0)):
        with pytest.raises(TypeError, match=r"start is a .*, whose unit would be lost: pass"):
            kind(library.make(number, "m"), 2, 3)


def test_searching_in_a_range(library):
    grid = LinRange(0, 1, 11)
    for call in (grid.searchsorted, grid.index):
        with pytest.raises((TypeError, ValueError)):
            call(library.make(0.5, "m"))
    with pytest.raises(TypeError, match=r"x is a .*, whose unit would be lost"):
        grid.searchsorted(library.make(np.array([0.5]), "m"))


def test_two_libraries():
    kinds = [Astropy(), Pint(), Unyt()]
    for one, other in itertools.permutations(kinds, 2):
        for name, place in itertools.product(("linspace", "geomspace", "arange"), PLACES):
            with pytest.raises(TypeError, match=r"start is a quantity of .* convert one of them"):
                getattr(place, name)(one.make(1.0, "m"), other.make(1.0, "m"))


@pytest.mark.parametrize("kind", [Astropy, Unyt])
def test_quantities_that_hold_numpys_arrays(kind):
    torch = load("torch")
    library = kind()
    for start, xp in ((0, torch), (torch.tensor(0.0), None)):
        with pytest.raises(TypeError, match=r"holds a numpy.ndarray, and this .* torch.Tensor"):
            xspace.linspace(start, library.make(1.0, "m"), 3, xp=xp)


@pytest.mark.parametrize("library_name", ["numpy", "torch", "jax.numpy", "dask.array"])
def test_pint_holds_every_array(library_name):
    xp, pint = load(library_name), Pint()
    stop = xp.asarray([1.0, 2.0])
    made = xspace.linspace(pint.make(0.0, "m"), pint.make(stop, "km"), 3)
    wanted = xspace.linspace(0.0, pint.make(stop, "km").m_as("m"), 3)
    assert type(made.magnitude) is type(wanted)
    assert_identical(made.magnitude, wanted)


@pytest.mark.parametrize("number", [Fraction(1, 3), Decimal("0.1"), 2**70])
def test_pint_keeps_exact_numbers(number):
    pint = Pint()
    for place, name in itertools.product(PLACES, ("linspace", "geomspace")):
        made = getattr(place, name)(pint.make(number, "m"), pint.make(5, "m"), 7)
        assert_identical(made.magnitude, getattr(place, name)(number, 5, 7))
    made = xspace.linspace(pint.make(5, "m"), pint.make(Fraction(1, 3), "cm"), 7)
    assert_identical(made.magnitude, xspace.linspace(5, Fraction(1, 300), 7))


class TestOffsets:
    """Temperatures: a difference is of another unit than its terms."""

    @pytest.fixture(params=[Pint, Unyt], ids=["pint", "unyt"])
    def degrees(self, request):
        return request.param()

    def test_linspace(self, degrees):
        start, stop = degrees.make(0.0, "degC"), degrees.make(300.0, "K")
        samples, step = xspace.linspace(start, stop, 3, retstep=True)
        wanted, exact = xspace.linspace(0.0, degrees.number(stop, "degC"), 3, retstep=True)
        assert_identical(np.asarray(degrees.number(samples, "degC")), wanted)
        assert degrees.number(step, "delta_degC") == exact

    def test_arange(self, degrees):
        ends = degrees.make(0.0, "degC"), degrees.make(10.0, "degC")
        for step in (degrees.make(2.5, "K"), degrees.make(2.5, "delta_degC"), 2.5):
            made = xspace.arange(*ends, step)
            assert_identical(
                np.asarray(degrees.number(made, "degC")), xspace.arange(0.0, 10.0, 2.5)
            )

    def test_geomspace_of_pint(self):
        pint = Pint()
        with pytest.raises(pint.pint.OffsetUnitCalculusError):
            xspace.geomspace(pint.make(1.0, "degC"), pint.make(300.0, "K"))
        registry = pint.pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
        ends = registry.Quantity(1.0, "degC"), registry.Quantity(300.0, "K")
        made = xspace.geomspace(*ends, 5)
        assert made.units == registry.kelvin
        assert_identical(made.magnitude, xspace.geomspace(ends[0].m_as("K"), 300.0, 5))

    def test_logarithms_of_pint_have_no_steps(self):
        pint = Pint()
        ends = pint.make(1.0, "dBm"), pint.make(3.0, "dBm")
        assert_identical(xspace.linspace(*ends, 5).magnitude, xspace.linspace(1.0, 3.0, 5))
        # In versions before 0.25 pint itself finds no unit for them.
        with pytest.raises(
            (TypeError, pint.pint.UndefinedUnitError), match=r"no steps|not defined"
        ):
            xspace.linspace(*ends, 5, retstep=True)


ASTROPY_CALLS = [
    ("linspace", lambda u, c: (c.Angle(0, "deg"), c.Angle(1, "rad"))),
    ("linspace", lambda u, c: (c.Angle(0, "deg"), 1 * u.rad)),
    ("linspace", lambda u, c: (0 * u.deg, c.Angle(1, "rad"))),
    ("linspace", lambda u, c: (c.Longitude(0, "deg"), c.Longitude(300, "deg"))),
    ("geomspace", lambda u, c: (c.Latitude(1, "deg"), c.Latitude(64, "deg"))),
    ("linspace", lambda u, c: (1 * u.mag, 5 * u.mag)),
    ("linspace", lambda u, c: (5, 10 * u.percent)),
    ("linspace", lambda u, c: (10 * u.percent, 5)),
    ("geomspace", lambda u, c: (16 * u.percent, 1)),
    ("geomspace", lambda u, c: (1 * u.dex(u.m), 16 * u.dex(u.m))),
    ("logspace", lambda u, c: (1 * u.dex(u.m), 5 * u.dex(u.m))),
    ("logspace", lambda u, c: (1 * u.dex(u.km), 5 * u.dex(u.m))),
    ("linspace", lambda u, c: (1 * u.ABmag, 5 * u.ABmag)),
    ("linspace", lambda u, c: (1 * u.dex(u.m), 5 * u.dex(u.m))),
    ("linspace", lambda u, c: (1 * u.m, 5 * u.s)),
    ("linspace", lambda u, c: (u.Quantity(1, u.m, dtype=int), u.Quantity(1, u.km, dtype=int))),
    ("geomspace", lambda u, c: (np.float32(1) * u.m, np.float32(16) * u.m)),
]


class TestAstropy:
    """Its classes, and its magnitudes, as NumPy's own functions have them with it."""

    @pytest.mark.parametrize(("name", "ends"), ASTROPY_CALLS, ids=range(len(ASTROPY_CALLS)))
    def test_as_numpy(self, name, ends):
        given = ends(load("astropy.units"), load("astropy.coordinates"))
        try:
            wanted = getattr(np, name)(*given, 5)
        except Exception as error:
            with pytest.raises(type(error)):
                getattr(xn, name)(*given, 5)
            return
        made = getattr(xn, name)(*given, 5)
        assert type(made) is type(wanted)
        assert made.unit == wanted.unit
        assert made.dtype == wanted.dtype
        np.testing.assert_allclose(made.value, wanted.value, rtol=1e-6, atol=1e-14)

    def test_a_step_between_longitudes_is_an_angle(self):
        c = load("astropy.coordinates")
        ends = (
            c.Longitude(-10, "deg", wrap_angle="180d"),
            c.Longitude(170, "deg", wrap_angle="180d"),
        )
        samples, step = xspace.linspace(*ends, 3, retstep=True)
        assert type(samples) is c.Longitude
        assert samples.wrap_angle == ends[0].wrap_angle
        assert type(step) is c.Angle
        assert step.to_value("deg") == 90

    def test_magnitudes_are_exponents_of_physical_quantities(self):
        u = load("astropy.units")
        made = xspace.logspace(10 * u.STmag, 20 * u.STmag, 5)
        assert made.unit == u.ST
        assert_identical(made.value, xspace.logspace(-4.0, -8.0, 5))

    def test_masked_quantities(self):
        u, masked = load("astropy.units"), load("astropy.utils.masked")
        for place, name in itertools.product(PLACES, ("linspace", "geomspace")):
            with pytest.raises(TypeError, match="whose mask would be lost"):
                getattr(place, name)(masked.Masked(1 * u.m), 2 * u.m)

    def test_structured_units(self):
        u = load("astropy.units")
        unit = u.StructuredUnit(("m", "s"), names=("f0", "f1"))
        pair = u.Quantity(np.array((1.0, 2.0), dtype="f8,f8"), unit)
        for place, name in itertools.product(PLACES, ("linspace", "geomspace")):
            with pytest.raises(TypeError):
                getattr(place, name)(pair, pair, 3)


def astropys():
    """Astropy's own tests of these functions, with the parameters of each."""
    try:
        module = importlib.import_module("astropy.units.tests.test_quantity_non_ufuncs")
    except ImportError:
        return [pytest.param(None, None, {}, id="none")]
    found = []
    for kind in vars(module).values():
        if not (inspect.isclass(kind) and kind.__module__ == module.__name__):
            continue
        for name, method in vars(kind).items():
            if name.startswith("test_") and name[5:].startswith(
                ("linspace", "logspace", "geomspace", "arange")
            ):
                marks = [m for m in getattr(method, "pytestmark", []) if m.name == "parametrize"]
                names, values = marks[0].args if marks else ((), [()])
                names = [n.strip() for n in names.split(",")] if isinstance(names, str) else names
                for case in values:
                    case = getattr(case, "values", case)
                    found.append(pytest.param(kind, name, dict(zip(names, case, strict=True))))
    return found


@pytest.mark.parametrize(("kind", "name", "parameters"), astropys())
def test_astropys_own(kind, name, parameters, monkeypatch):
    if kind is None:
        pytest.skip("astropy is not installed, or without its tests")
    for function in ("linspace", "logspace", "geomspace"):
        monkeypatch.setattr(np, function, getattr(xn, function))
    plain = np.arange  # which astropy's own error is raised by

    def arange(*args, like=None, **options):
        if like is None or type(like) is np.ndarray:
            return plain(*args, like=like, **options)
        monkeypatch.setattr(np, "arange", plain)
        try:
            return xn.arange(*args, like=like, **options)
        finally:
            monkeypatch.setattr(np, "arange", arange)

    monkeypatch.setattr(np, "arange", arange)
    test = kind()
    if hasattr(test, "setup_method"):
        test.setup_method()
    getattr(test, name)(**parameters)


def test_astropys_tests_are_found():
    load("astropy.units")
    if astropys()[0].values[0] is not None:
        assert len({case.values[1] for case in astropys()}) >= 7


def test_lists_of_quantities(library):
    """NumPy makes plain numbers of some, without a word."""
    for items in (
        [library.make(1.0, "m"), library.make(2.0, "km")],
        [[1.0, library.make(2.0, "m")]],
    ):
        with pytest.raises(TypeError, match="start is a list of quantities"):
            xn.linspace(items, 3)


def test_nothing_is_imported_for_plain_numbers():
    code = """
import sys
import numpy as np
import xspace, xspace.dropin.numpy
xspace.linspace(np.ones(2), 3, 4, dtype=np.float32)
xspace.dropin.numpy.arange(5)
print({"astropy", "pint", "unyt"} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_nothing_is_warned_of(library):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for place, name in itertools.product(PLACES, ("linspace", "geomspace")):
            getattr(place, name)(library.make(np.ones(2), "m"), library.make(2.0, "km"), 3)
