"""What the tests of the drop-in modules share: libraries, calls, ends and ranges."""

from __future__ import annotations

import importlib
import inspect
import warnings

import numpy as np
import pytest

from xspace.testing import assert_identical

FUNCTIONS = ["linspace", "logspace", "geomspace"]


LIBRARIES = {
    "numpy": "numpy",
    "cupy": "cupy",
    "torch": "torch",
    "jax": "jax.numpy",
    "dask": "dask.array",
    "mygrad": "mygrad",
}


def load(name: str):
    """The drop-in module of a library and the library itself, or the reason for a skip."""
    library = pytest.importorskip(LIBRARIES[name], reason=f"{name} is not installed")
    return importlib.import_module(f"xspace.dropin.{name}"), library


def quietly(function, *args, **options):
    """A call of a library's own function, whose warnings about values are not the question."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return function(*args, **options)


def has_arrays(ends):
    """Whether one is a list or an array, even of no dimensions, and would go to a device."""
    return any(np.ndim(end) or isinstance(end, np.ndarray) for end in ends)


def parameters(function):
    """Name, kind and default of each parameter."""
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def assert_same_dates(ours, theirs):
    assert ours.dtype == theirs.dtype
    if ours.dtype.kind in "mM":
        ours, theirs = ours.view(np.int64), theirs.view(np.int64)
    assert_identical(ours, theirs)


def result_or_error(function, *args, **options):
    """The array's dtype and elements, or TypeError for one."""
    try:
        made = function(*args, **options)
    except TypeError:
        return TypeError
    return made.dtype, np.asarray(made).tolist()


#: Endpoints of every kind of promotion.
ENDS = [
    (1, 5),
    (1.5, 3),
    (True, 3.5),
    (np.float32(1), 2),
    (np.float32(1.5), np.float64(2)),
    (np.float16(1), np.float32(2)),
    (np.int8(1), 5),
    (np.int8(1), np.float16(5)),
    (np.int32(1), np.float32(5)),
    (np.array(1.5), np.float32(5)),
    ([1, 2], [3, 4]),
    ([1, 2], np.float32(3.5)),
    (np.array([1, 2], np.float32), 3.5),
    (np.array([[1.0], [2.0]]), np.array([3, 4], np.int16)),
    ((1.0, 2.0), np.array(2, np.float16)),
]


def as_ends(ends):
    """Endpoints as `xspace` takes them: arrays for lists."""
    return [np.asarray(end) if isinstance(end, (list, tuple)) else end for end in ends]


#: Arguments for which every library counts right: all the numbers are small multiples of 1/4.
RANGES = [
    (5,),
    (5.0,),
    (1, 5),
    (1, 5.0),
    (1.5, 5),
    (1, 5, 2),
    (1, 5, 0.25),
    (5, 1, -1),
    (1, 5, 7),
    (5, 5),
    (np.int8(1), 5),
    (np.float32(1.5), 5),
    (1, np.float64(5)),
    (np.uint8(5),),
]


#: With an integer dtype the libraries round the bounds and the step before they count, so that only
#: integers mean the same to all.
RANGES_AND_DTYPES = [
    (args, dtype)
    for args in RANGES
    for dtype in (None, "float32", "int32")
    if dtype != "int32" or not any(value % 1 for value in args)
]
