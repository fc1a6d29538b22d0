"""The examples of the docstrings do what they show, and every public function has some."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import xspace
import xspace.testing

MODULES = [
    module.name
    for module in pkgutil.walk_packages(xspace.__path__, "xspace.")
    if not module.name.endswith("__main__")
]

PUBLIC = [
    *(getattr(xspace, name) for name in xspace.__all__ if not name.startswith("_")),
    *(getattr(xspace.testing, name) for name in xspace.testing.__all__),
]


@pytest.mark.parametrize("name", ["xspace", *MODULES])
def test_examples(name):
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        if error.name is None or error.name.startswith("xspace"):
            raise
        pytest.skip(f"{error.name} is not installed")
    failed = doctest.testmod(module).failed
    assert failed == 0, "see the output above"


@pytest.mark.parametrize(
    "thing", [t for t in PUBLIC if callable(t)], ids=lambda thing: thing.__name__
)
def test_every_public_function_has_examples(thing):
    finder = doctest.DocTestFinder(recurse=False)
    assert any(test.examples for test in finder.find(thing))
