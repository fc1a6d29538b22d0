"""The suite tests itself: drop-in modules that lie, or hear only half of what is said."""

from __future__ import annotations

import importlib
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import Any

import pytest
from test_meta_parts import last_bit, with_a_flaw
from xspace_conformance.subjects.dropins import Dropin
from xspace_conformance.tests.contract.test_dropins import (
    FUNCTIONS,
    HARD,
    check,
    pytest_generate_tests,
)
from xspace_conformance.truth.steps import Steps

__all__ = ["pytest_generate_tests"]  # gives the tests here their modules

NATIVE = {"jax": "jax.numpy", "dask": "dask.array"}
#: Plain floats, so that every library takes them, and gets some wrong.
PLAIN = (
    *("linspace-tenths-of-decimals", "linspace-descending", "logspace-decimals"),
    *("geomspace-decimals", "sums-of-a-rounded-step", "tenths-of-floats"),
)


def native_of(dropin: Dropin) -> Any:
    """Return what the module is put in the place of."""
    library = dropin.name.partition(":")[0].partition("-")[0]
    return importlib.import_module(NATIVE.get(library, library))


def plain_cases(dropin: Dropin, function: str, dtype: str) -> list[Any]:
    """Return cases that the library itself takes."""
    found = [c for c in HARD if c.name in PLAIN and c.function == function and c.dtype == dtype]
    return [case for case in found if dropin.says(case)]


def liar(dropin: Dropin, **said: Any) -> Dropin:
    """Return a module that takes some words for what they do not say."""

    class Liar(Dropin):
        def values(self, case: Any) -> dict[str, Any]:
            return super().values(case) | said

    return Liar(**{one.name: getattr(dropin, one.name) for one in fields(Dropin)})


def test_the_library_itself_is_no_drop_in(dropin: Dropin) -> None:
    """Put in the place of its drop-in module, it takes the same words and gives wrong bits."""
    native = replace(dropin, module=native_of(dropin), share=type(dropin.share)())
    sound = replace(dropin, share=native.share)
    wide = dropin.has("float64")
    found = 0
    for function in FUNCTIONS:
        if not hasattr(native.module, function):
            continue
        cases = plain_cases(dropin, function, "float64" if wide else "float32")
        check(sound, cases)
        with pytest.raises(AssertionError, match=r"off by|got the shape"):
            check(native, cases)
        found += 1
    assert found >= 2


def test_the_words_are_the_librarys_own(dropin: Dropin) -> None:
    """By place and by name."""
    native = replace(dropin, module=native_of(dropin), share=type(dropin.share)())
    ways = set()
    for function in FUNCTIONS:
        if not hasattr(native.module, function):
            continue
        for dtype in [name for name in ("float64", "float32", "float16") if native.has(name)]:
            for case in plain_cases(dropin, function, dtype):
                with native.scope():
                    array = native.array(case)
                    if function != "arange":  # whose length is what libraries get wrong
                        native.check_kind(case, array)
                ways.add(bool(native.call(case)[0]))
    assert ways == {False, True}


def test_a_word_that_is_not_heard_is_missed(dropin: Dropin) -> None:
    """An end, the length, the base, whether the stop is in; the dtype."""
    words = set(" ".join(dropin.words.values()).split())
    lies: dict[str, Any] = {"start": 1, "stop": 3, "end": 3, "num": 5, "steps": 5}
    lies |= {"base": 10.0, "endpoint": True, "step": 1, "dtype": dropin.xp.int8}
    cases = [case for case in HARD if case.dtype == "float32"][::4]
    check(dropin, cases)
    for word in words & set(lies):
        with pytest.raises(AssertionError, match=r"\d+ of \d+ cases"):
            check(liar(dropin, **{word: lies[word]}), cases)


def test_a_wrong_last_bit_is_found(dropin: Dropin) -> None:
    flawed = with_a_flaw(dropin, last_bit)
    for function in FUNCTIONS:
        cases = plain_cases(dropin, function, "float32")
        assert cases
        for case in filter(dropin.takes, cases):
            with pytest.raises(AssertionError, match="off by"):
                check(flawed, [case])


def test_an_error_that_is_not_raised_is_missed(dropin: Dropin) -> None:
    def silent(*args: Any, **keywords: Any) -> Any:
        return dropin.xp.zeros(0)

    module = SimpleNamespace(**dict.fromkeys(FUNCTIONS, silent))
    case = Steps("int8-too-large", 100, 129, 7, "int8")
    whole = replace(dropin, share=type(dropin.share)())
    check(whole, [case])
    with pytest.raises(AssertionError, match=f"no {dropin.overflow.__name__} was raised"):
        check(replace(whole, module=module), [case])


def test_one_element_too_many_is_found(dropin: Dropin) -> None:
    case = Steps("quarters", 0, 1, 0.25, "float32")
    whole = replace(dropin, share=type(dropin.share)())
    check(whole, [case])
    longer = SimpleNamespace(
        arange=lambda *args, **keywords: dropin.module.arange(
            *args[:1],
            *([1.25] if args[1:] else []),
            *args[2:],
            **{w: 1.25 if w in ("stop", "end") else v for w, v in keywords.items()},
        )
    )
    with pytest.raises(AssertionError, match=r"got the shape \(5,\), wanted \(4,\)"):
        check(replace(whole, module=longer), [case])
