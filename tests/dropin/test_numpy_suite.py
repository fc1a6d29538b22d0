"""NumPy's own tests of the three functions, with those of xspace and of its drop-in in their place.

The cases are the methods of ``TestLogspace``, ``TestGeomspace`` and ``TestLinspace`` in the
installed ``numpy/_core/tests/test_function_base.py``.  Those that ask for something else than the
contract gives are named below, each with the reason, and have to fail: one that passes no longer
belongs on the list.  What they ask besides is asked again at the end.
"""

from __future__ import annotations

import importlib
import itertools

import numpy as np
import pytest

import xspace
import xspace.dropin.numpy as xn

MODULE = "numpy._core.tests.test_function_base"
FUNCTIONS = ("linspace", "logspace", "geomspace")
CLASSES = ("TestLogspace", "TestGeomspace", "TestLinspace")

SUBCLASS = "a subclass of ndarray is refused, as the result would be a plain array"
LONG = "longdouble is none of the output dtypes"

#: What the contract rules out, of xspace's functions and of the drop-in for NumPy.
LEFT_OUT = {
    "xspace": {
        "TestLogspace.test_subclass": SUBCLASS,
        "TestGeomspace.test_subclass": SUBCLASS,
        "TestLinspace.test_subclass": SUBCLASS,
        "TestLinspace.test_array_interface": (
            "an object with nothing but __array_interface__ is no number and no array: TypeError"
        ),
        "TestLinspace.test_object": "an array of dtype object has no exact real values: TypeError",
        "TestLinspace.test_denormal_numbers": LONG,
    },
    "dropin": {
        "TestLogspace.test_subclass": SUBCLASS,
        "TestGeomspace.test_subclass": SUBCLASS,
        "TestLinspace.test_subclass": SUBCLASS,
        "TestLinspace.test_denormal_numbers": LONG,
    },
}


def standing_in(place, name):
    """The function in NumPy's place; xspace's own for lists too, which NumPy takes for arrays."""
    if place == "dropin":
        return getattr(xn, name)
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
        return [pytest.param("", None, None, {}, marks=skip, id="none")]
    found = []
    for place, owner in itertools.product(LEFT_OUT, CLASSES):
        kind = getattr(module, owner)
        for name in sorted(n for n in vars(kind) if n.startswith("test")):
            for parameters in parameters_of(getattr(kind, name)):
                key = f"{owner}.{name}"
                why = LEFT_OUT[place].get(key)
                marks = [pytest.mark.xfail(reason=why, strict=True)] if why else []
                values = "-".join(map(str, parameters.values()))
                label = f"{key}[{values}]" if values else key
                case = place, kind, name, parameters
                found.append(pytest.param(*case, marks=marks, id=f"{place}-{label}"))
    return found


def parameters_of(method):
    """The keyword arguments of each call that pytest would make."""
    (mark,) = [m for m in getattr(method, "pytestmark", []) if m.name == "parametrize"] or [None]
    if mark is None:
        return [{}]
    name, values = mark.args
    assert name.isidentifier(), f"{method} has several parameters: teach this function about it"
    return [{name: value} for value in values]


@pytest.mark.parametrize(("place", "kind", "name", "parameters"), cases())
def test_numpys(place, kind, name, parameters, monkeypatch):
    module = suite()
    for function in FUNCTIONS:
        monkeypatch.setattr(module, function, standing_in(place, function))
        monkeypatch.setattr(np, function, standing_in(place, function))  # some say ``np.geomspace``
    getattr(kind(), name)(**parameters)


def test_every_name_on_the_lists_is_a_test():
    module = suite()
    if module is None:
        pytest.skip("this NumPy has been installed without its tests")
    for key in itertools.chain(*LEFT_OUT.values()):
        owner, _, name = key.partition(".")
        assert hasattr(getattr(module, owner), name), key
    assert sum(len(parameter.marks) == 0 for parameter in cases()) >= 50


# The rest of the tests left out: what they ask besides, or what holds in its place.


@pytest.mark.parametrize("place", [xspace, xn])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_subclass_as_an_argument(place, function):
    """In place of ``test_subclass``: no result of another type without a word."""

    class Quantity(np.ndarray):
        __array_priority__ = 10

    start, stop = np.array(1).view(Quantity), np.array(7).view(Quantity)
    call = getattr(place, function)
    for num in (1, 50):
        with pytest.raises(TypeError, match="for which the result would be a plain"):
            call(start, stop, num)
        np.testing.assert_equal(call(np.asarray(start), np.asarray(stop), num), call(1.0, 7.0, num))
