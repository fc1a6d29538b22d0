"""NumPy's own tests of the three functions, with those of xspace in the place of NumPy's.

The cases are the methods of ``TestLogspace``, ``TestGeomspace`` and ``TestLinspace`` in the
installed ``numpy/_core/tests/test_function_base.py``.  Those that ask for something else than the
contract gives are named below, each with the reason, and have to fail: one that passes no longer
belongs on the list.  What they ask besides is asked again at the end.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest

import xspace

MODULE = "numpy._core.tests.test_function_base"
FUNCTIONS = ("linspace", "logspace", "geomspace")
CLASSES = ("TestLogspace", "TestGeomspace", "TestLinspace")

SUBCLASS = "the result is a plain array: a subclass of ndarray is read as the array that it is"

#: What the contract rules out.
LEFT_OUT = {
    "TestLogspace.test_subclass": SUBCLASS,
    "TestGeomspace.test_subclass": SUBCLASS,
    "TestLinspace.test_subclass": SUBCLASS,
    "TestLinspace.test_array_interface": (
        "an object with nothing but __array_interface__ is no number and no array: TypeError"
    ),
    "TestLinspace.test_object": "an array of dtype object has no exact real values: TypeError",
    "TestLinspace.test_denormal_numbers": "longdouble is none of the output dtypes",
}

#: What wants complex numbers, in some of its lines at least.
COMPLEX = (
    "TestGeomspace.test_complex",
    "TestGeomspace.test_complex_shortest_path",
    "TestGeomspace.test_dtype",
    "TestGeomspace.test_start_stop_array",
    "TestLinspace.test_complex",
)


def standing_in(name):
    """The function of xspace, for lists too, which NumPy takes for arrays."""
    function = getattr(xspace, name)

    def call(*args, **kwargs):
        args = [np.asarray(a) if isinstance(a, (list, tuple)) else a for a in args]
        return function(*args, **kwargs)

    return call


def suite():
    """The module of NumPy's tests, or None where NumPy came without them."""
    try:
        return importlib.import_module(MODULE)
    except ImportError:
        return None


def cases():
    """Every method of the three classes with each of its parameters."""
    module = suite()
    if module is None:
        skip = pytest.mark.skip(reason="this NumPy has been installed without its tests")
        return [pytest.param(None, None, {}, marks=skip, id="none")]
    found = []
    for owner in CLASSES:
        kind = getattr(module, owner)
        for name in sorted(n for n in vars(kind) if n.startswith("test")):
            for parameters in parameters_of(getattr(kind, name)):
                key = f"{owner}.{name}"
                why = "complex numbers" if key in COMPLEX else LEFT_OUT.get(key)
                marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
                values = "-".join(map(str, parameters.values()))
                label = f"{key}[{values}]" if values else key
                found.append(pytest.param(kind, name, parameters, marks=marks, id=label))
    return found


def parameters_of(method):
    """The keyword arguments of each call that pytest would make."""
    (mark,) = [m for m in getattr(method, "pytestmark", []) if m.name == "parametrize"] or [None]
    if mark is None:
        return [{}]
    name, values = mark.args
    assert name.isidentifier(), f"{method} has several parameters: teach this function about it"
    return [{name: value} for value in values]


@pytest.mark.parametrize(("kind", "name", "parameters"), cases())
def test_numpys(kind, name, parameters, monkeypatch):
    module = suite()
    for function in FUNCTIONS:
        monkeypatch.setattr(module, function, standing_in(function))
        monkeypatch.setattr(np, function, standing_in(function))  # some say ``np.geomspace``
    getattr(kind(), name)(**parameters)


def test_every_name_on_the_lists_is_a_test():
    module = suite()
    if module is None:
        pytest.skip("this NumPy has been installed without its tests")
    for key in (*LEFT_OUT, *COMPLEX):
        owner, _, name = key.partition(".")
        assert hasattr(getattr(module, owner), name), key
    assert sum(len(parameter.marks) == 0 for parameter in cases()) >= 25


# The rest of the tests left out: what they ask besides, or what holds in its place.


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_subclass_as_an_argument(function):
    """As ``test_subclass``, but for the type."""

    class Quantity(np.ndarray):
        __array_priority__ = 10

    start, stop = np.array(1).view(Quantity), np.array(7).view(Quantity)
    call = getattr(xspace, function)
    for num in (1, 50):
        got = call(start, stop, num)
        assert type(got) is np.ndarray
        np.testing.assert_equal(got, call(1.0, 7.0, num))


def test_dtypes_of_geomspace():
    """As ``TestGeomspace.test_dtype``, without complex."""
    for dtype in ("float32", "float64", "int32", float):
        assert xspace.geomspace(1, 1e6, dtype=dtype).dtype == np.dtype(dtype)


def test_lanes_of_geomspace():
    """As ``TestGeomspace.test_start_stop_array``, without complex."""
    start = np.array([1.0e0, 32.0, -1, 4.0, -4.0])
    stop = np.array([1.0e4, 2.0, 1, 324.0, -324.0])
    together = xspace.geomspace(start, stop, 5)
    alone = [xspace.geomspace(a, b, 5) for a, b in zip(start, stop, strict=True)]
    np.testing.assert_equal(together, np.stack(alone, axis=1))
    together = xspace.geomspace(start, stop[0], 5)
    alone = [xspace.geomspace(a, stop[0], 5) for a in start]
    np.testing.assert_equal(together, np.stack(alone, axis=1))
    turned = xspace.geomspace(start, stop, 5, axis=-1)
    np.testing.assert_equal(turned, xspace.geomspace(start, stop, 5).T)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_denormal_numbers(dtype):
    """As ``TestLinspace.test_denormal_numbers``, without longdouble."""
    stop = np.nextafter(dtype(0), dtype(1)) * dtype(5)
    assert any(xspace.linspace(0, stop, 10, endpoint=False, dtype=dtype))
