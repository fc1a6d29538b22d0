"""The drop-in modules: called as each library's own functions are, with xspace's elements.

What a call looks like, and the shape, dtype, device and type of what comes back, is compared with
the library itself; the elements with xspace's, bit for bit.  Here is what all modules have alike.
"""

from __future__ import annotations

import ast
import doctest
import inspect
import itertools
import math
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from dropin_calls import (
    FUNCTIONS,
    LIBRARIES,
    RANGES_AND_DTYPES,
    load,
    parameters,
    quietly,
    result_or_error,
)

from xspace.testing import assert_identical

ROOT = Path(__file__).parents[2]


class TestSignatures:
    @pytest.mark.parametrize("library", ["numpy", "cupy", "jax", "dask", "mygrad"])
    @pytest.mark.parametrize("name", [*FUNCTIONS, "arange"])
    def test_are_those_of_the_library(self, library, name):
        module, native = load(library)
        if not hasattr(native, name):
            assert (library, name) in {
                ("cupy", "geomspace"),
                ("dask", "logspace"),
                ("dask", "geomspace"),
            }
            return
        ours = parameters(getattr(module, name))
        if (library, name) == ("numpy", "arange"):
            # NumPy takes start and stop by name, too, and the dtype by its place, though its
            # signature does not say so; what is left out is told from None.
            assert np.arange(start=1, stop=3).tolist() == [1, 2]
            assert np.arange(1, 3, 1, "f4").dtype == "f4"
            assert ours.pop()[:2] == ("start", inspect.Parameter.KEYWORD_ONLY)
            (first, kind, left_out), (second, second_kind, also), *rest = ours
            assert left_out is also
            assert rest[1] == ("dtype", inspect.Parameter.POSITIONAL_OR_KEYWORD, None)
            rest[1] = "dtype", inspect.Parameter.KEYWORD_ONLY, None
            ours = [(first, kind, inspect.Parameter.empty), (second, second_kind, None), *rest]
        assert ours == parameters(getattr(native, name))

    def test_where_the_library_has_no_such_function(self):
        """The spelling of the neighbour, without what does not apply and with the base."""
        dask, _ = load("dask")
        names = [name for name, _, _ in parameters(dask.linspace)]
        names.remove("retstep")
        assert [name for name, _, _ in parameters(dask.geomspace)] == names
        names.insert(names.index("endpoint") + 1, "base")
        assert [name for name, _, _ in parameters(dask.logspace)] == names
        torch, _ = load("torch")
        assert parameters(torch.geomspace) == parameters(torch.linspace)

    def test_cupy_has_no_geomspace(self):
        cupy, _ = load("cupy")
        wanted = [p for p in parameters(cupy.logspace) if p[0] != "base"]
        assert parameters(cupy.geomspace) == wanted

    @pytest.mark.parametrize("name", ["linspace", "logspace"])
    def test_torch_as_documented(self, name):
        module, torch = load("torch")
        text = re.search(rf"^{name}\((.*?)\) ->", getattr(torch, name).__doc__, re.M | re.S)[1]
        documented = ast.parse(f"def f({text}): pass").body[0].args
        required = len(documented.args) - len(documented.defaults)
        defaults = [inspect.Parameter.empty] * required
        defaults += [ast.literal_eval(d) for d in documented.defaults]
        wanted = [
            (arg.arg, inspect.Parameter.POSITIONAL_OR_KEYWORD, default)
            for arg, default in zip(documented.args, defaults, strict=True)
        ]
        layouts = {"torch.strided": torch.strided}
        for arg, value in zip(documented.kwonlyargs, documented.kw_defaults, strict=True):
            text = ast.unparse(value)
            default = layouts[text] if text in layouts else ast.literal_eval(value)
            wanted.append((arg.arg, inspect.Parameter.KEYWORD_ONLY, default))
        # Its messages name one more.
        with pytest.raises(TypeError, match="bool pin_memory = False"):
            getattr(torch, name)()
        wanted.append(("pin_memory", inspect.Parameter.KEYWORD_ONLY, False))
        assert parameters(getattr(module, name)) == wanted

    def test_torch_arange_as_documented(self):
        module, torch = load("torch")
        text = re.search(r"^arange\((.*?)\) ->", torch.arange.__doc__, re.M | re.S)[1]
        options = re.findall(r"(\w+)=", text.partition("*, ")[2])
        ours = [name for name, kind, _ in parameters(module.arange) if kind is kind.KEYWORD_ONLY]
        assert ours == [*options, "pin_memory"]


class TestImports:
    def imported(self, code: str) -> set[str]:
        code += "; import sys; print(*{m.partition('.')[0] for m in sys.modules})"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        result = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            timeout=100,
            env=environment,
        )
        return set(result.stdout.split())

    def test_none_by_xspace(self):
        assert not self.imported("import xspace, xspace.dropin") & (set(LIBRARIES) - {"numpy"})

    @pytest.mark.parametrize("library", LIBRARIES)
    def test_one_does_not_bring_another(self, library):
        load(library)
        own = self.imported(f"import {LIBRARIES[library]}")
        found = self.imported(f"import xspace.dropin.{library}")
        assert (found - own) & set(LIBRARIES) <= {"numpy"}

    def test_names(self):
        for library in LIBRARIES:
            source = (ROOT / "xspace" / "dropin" / f"{library}.py").read_text()
            assert '__all__ = ["arange", "geomspace", "linspace", "logspace"]' in source


@pytest.mark.parametrize("library", ["numpy", "torch", "jax", "dask", "mygrad"])
@pytest.mark.parametrize("name", [*FUNCTIONS, "arange"])
def test_nothing_is_lost_without_a_word(library, name):
    module, _ = load(library)
    ends = [np.ma.masked, np.ma.array(1.0, mask=True), np.ones(2).view(np.recarray)]
    units = pytest.importorskip("astropy.units", reason="astropy is not installed")
    if library != "numpy":  # which keeps them
        ends += [1 * units.m, [1.0, 2.0] * units.m]
    for end in ends:
        for pair in ((end, 3), (3, end)):
            with pytest.raises((TypeError, RuntimeError, ValueError)):
                getattr(module, name)(*pair, 3)


class TestArange:
    @pytest.mark.parametrize("library", ["numpy", "torch", "jax", "dask"])
    @pytest.mark.parametrize(("args", "dtype"), RANGES_AND_DTYPES, ids=repr)
    def test_calls(self, library, args, dtype):
        module, native = load(library)
        dtype = getattr(native, dtype) if dtype and library == "torch" else dtype
        ours = module.arange(*args, dtype=dtype)
        theirs = quietly(native.arange, *args, dtype=dtype)
        assert type(ours) is type(theirs)
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        assert_identical(np.asarray(ours), np.asarray(theirs))
        assert getattr(ours, "device", None) == getattr(theirs, "device", None)

    @pytest.mark.parametrize("library", ["numpy", "jax", "dask"])
    def test_names(self, library):
        module, native = load(library)
        options = {"stop": 5, "step": 2}
        assert module.arange(1, **options).tolist() == [1, 3] if library != "dask" else True
        for call in ({"step": 2}, {"stop": 5}, options):
            got, theirs = module.arange(3, **call), native.arange(3, **call)
            assert np.asarray(got).tolist() == np.asarray(theirs).tolist()

    @pytest.mark.parametrize("library", ["numpy", "mygrad"])
    def test_all_spellings(self, library):
        """Every way to give the arguments, by place, by name, as None: the same, or a TypeError."""
        module, native = load(library)
        said = itertools.product([(), (None,), (2,)], repeat=3)
        names = [
            dict(part for words in parts for part in words)
            for parts in itertools.product(
                *([(), ((name, None),), ((name, 9.5),)] for name in ("start", "stop", "step")),
                [(), (("dtype", "f4"),)],
            )
        ]
        for places in {sum(places, ()) for places in said} | {(1, 9, 2, "f4"), (1, 9, 2, None)}:
            for named in names:
                got, theirs = (
                    result_or_error(package.arange, *places, **named)
                    for package in (module, native)
                )
                assert got == theirs, (places, named)

    @pytest.mark.parametrize("library", ["numpy", "mygrad", "dask", "jax", "torch"])
    def test_no_such_range(self, library):
        """The exceptions are the library's own."""
        module, native = load(library)
        zeros = [(0, 5, 0), (0.0, 5.0, 0.0)]
        nans = [(0, math.nan), (math.nan, 1), (0, 1, math.nan)]
        if library == "dask":  # which lets some of them pass for empty
            nans = []
        for args in [*zeros, *nans, (0, math.inf)]:
            kinds = []
            for package in (module, native):
                with pytest.raises((ArithmeticError, ValueError, RuntimeError)) as caught:
                    quietly(package.arange, *args)
                kinds.append(caught.type)
            assert kinds[0] is kinds[1], args

    def test_infinite_steps(self):
        module, _ = load("numpy")
        for step in (math.inf, -math.inf, np.float32(math.inf)):
            for ends in [(0, 1), (1, 0), (0.5, 7), (3, 3), (2.5, 2.25)]:
                assert_identical(module.arange(*ends, step), np.arange(*ends, step))
            assert_identical(module.arange(2, step=step), np.arange(2, step=step))

    @pytest.mark.parametrize("library", ["numpy", "torch", "jax", "dask"])
    def test_complex_dtypes(self, library):
        module, native = load(library)
        dtype = native.complex64
        made = np.asarray(module.arange(5, dtype=dtype))
        assert_identical(made, np.arange(5, dtype="c8"))
        for call in ((3 + 0j,), (0, 3, 1j)):
            with pytest.raises(TypeError, match="must be a real number, got a complex one"):
                module.arange(*call, dtype=dtype)

    def test_scalars_of_other_libraries(self):
        """NumPy's range is an array of NumPy's, whatever its ends are: in the ends' own formats."""
        module, _ = load("numpy")
        for library in ("torch", "jax.numpy", "mygrad", "xarray", "array_api_strict"):
            xp = pytest.importorskip(library)
            make = {"xarray": "DataArray", "torch": "tensor"}.get(library, "asarray")
            if library == "mygrad":
                make = "tensor"
            single = np.asarray(0.3, np.float32)
            if library == "array_api_strict":
                make = "asarray"
            step = getattr(xp, make)(single)
            assert_identical(module.arange(3, step=step), module.arange(3, step=single[()]))
            assert module.arange(0, np.float32(0.9), step).shape == (3,)
            with pytest.raises(TypeError, match=r"stop must be a scalar .* shape \(1,\)"):
                module.arange(0, getattr(xp, make)(single[None]))


@pytest.mark.parametrize(
    "shapes", [*itertools.product([(), (3,), (2, 3), (4, 1), (1, 3)], repeat=3)]
)
def test_powers_of_an_array_lie_as_in_numpy(shapes):
    module, _ = load("numpy")
    try:
        rank = len(np.broadcast_shapes(*shapes))
    except ValueError:
        return
    start, stop, base = (np.full(shape, 1.5) if shape else 1.5 for shape in shapes)
    for axis in range(rank + 1) if rank else ():
        for order in "CF":
            for dtype in (None, "f4", int):
                options = {"base": np.asarray(base, order=order), "axis": axis, "dtype": dtype}
                ours = module.logspace(start, stop, 5, **options)
                theirs = np.logspace(start, stop, 5, **options)
                assert ours.shape == theirs.shape
                places = [i for i, length in enumerate(ours.shape) if length > 1]
                assert [ours.strides[i] for i in places] == [theirs.strides[i] for i in places]
                assert ours.flags.c_contiguous == theirs.flags.c_contiguous


def sections():
    """The sections of docs/dropin.rst that have examples, by title."""
    text = (ROOT / "docs" / "dropin.rst").read_text()
    parts = re.split(r"^(.+)\n-{3,}\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


LIBRARIES_OF_SECTIONS = {
    "Everywhere": ["numpy"],
    "NumPy": ["numpy"],
    "CuPy": [],
    "PyTorch": ["torch"],
    "JAX": ["jax"],
    "dask": ["dask"],
    "MyGrad": ["mygrad"],
    "Ranges": ["numpy", "torch", "jax"],
}


@pytest.mark.parametrize(("title", "libraries"), LIBRARIES_OF_SECTIONS.items())
def test_documented_differences(title, libraries):
    for library in libraries:
        load(library)
    body = sections()[title]
    test = doctest.DocTestParser().get_doctest(body, {}, title, "docs/dropin.rst", 0)
    assert bool(test.examples) == bool(libraries)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert result.failed == 0, "see the output above"


def test_no_section_of_differences_is_left_out():
    assert set(sections()) == set(LIBRARIES_OF_SECTIONS)
