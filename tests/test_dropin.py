"""The drop-in modules: called as each library's own functions are, with xspace's elements.

What a call looks like, and the shape, dtype, device and type of what comes back, is compared with
the library itself; the elements with xspace's, bit for bit.
"""

from __future__ import annotations

import ast
import datetime as dt
import doctest
import importlib
import inspect
import itertools
import math
import os
import re
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import xspace
from xspace.testing import assert_identical

ROOT = Path(__file__).parents[1]
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


# Signatures.


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


# NumPy.

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


class TestNumpy:
    def check(self, name, args, options=None):
        """The same call of both: all but the elements as NumPy has it, the elements xspace's."""
        options = options or {}
        module, _ = load("numpy")
        ours = getattr(module, name)(*args, **options)
        native = quietly(getattr(np, name), *args, **options)
        assert type(ours) is type(native)
        assert (ours.shape, ours.dtype) == (native.shape, native.dtype)
        return ours

    @pytest.mark.parametrize("ends", ENDS, ids=repr)
    @pytest.mark.parametrize("num", [0, 1, 4])
    @pytest.mark.parametrize("endpoint", [True, False])
    @pytest.mark.parametrize("dtype", [None, "float32", np.float16, int, ">f8"])
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_calls(self, name, ends, num, endpoint, dtype):
        ours = self.check(name, (*ends, num, endpoint), {"dtype": dtype})
        made = getattr(xspace, name)(*as_ends(ends), num, endpoint=endpoint, dtype=ours.dtype)
        assert_identical(ours, made)

    @pytest.mark.parametrize("ends", [e for e in ENDS if np.ndim(e[0]) or np.ndim(e[1])], ids=repr)
    @pytest.mark.parametrize("axis", [0, 1, -1, -2])
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_axes(self, name, ends, axis):
        ours = self.check(name, (*ends, 3), {"axis": axis})
        made = getattr(xspace, name)(*as_ends(ends), 3, axis=axis, dtype=ours.dtype)
        assert_identical(ours, made)

    @pytest.mark.parametrize(
        "base", [2, 2.5, np.float32(2), np.float64(2), np.int64(2), [2, 3], np.array([2.0, 3.0])]
    )
    @pytest.mark.parametrize("ends", ENDS, ids=repr)
    @pytest.mark.parametrize("axis", [0, -1])
    def test_bases(self, base, ends, axis):
        ours = self.check("logspace", (*ends, 3, True, base, None, axis))
        (radix,) = as_ends([base])
        made = xspace.logspace(*as_ends(ends), 3, base=radix, dtype=ours.dtype, axis=axis)
        assert_identical(ours, made)

    @pytest.mark.parametrize("ends", ENDS, ids=repr)
    @pytest.mark.parametrize("num", [0, 1, 3, 8])
    @pytest.mark.parametrize("endpoint", [True, False])
    def test_steps(self, ends, num, endpoint):
        module, _ = load("numpy")
        samples, step = module.linspace(*ends, num, endpoint, True)
        native_samples, native = np.linspace(*ends, num, endpoint, True)
        assert samples.dtype == native_samples.dtype
        assert type(step) is type(native)
        if num - endpoint < 1:
            assert math.isnan(step)
            return
        assert (step.shape, step.dtype) == (native.shape, native.dtype)
        for got, first, last in np.broadcast(step, *as_ends(ends)):
            exact = (Fraction(last.item()) - Fraction(first.item())) / (num - endpoint)
            neighbours = [
                np.nextafter(step.dtype.type(got), step.dtype.type(way)) for way in (-9, 9)
            ]
            distance = abs(Fraction(float(got)) - exact)
            assert all(distance <= abs(Fraction(float(n)) - exact) for n in neighbours)

    def test_the_step_of_an_infinite_end(self):
        module, _ = load("numpy")
        assert math.isnan(module.linspace(0, math.inf, 3, retstep=True)[1])

    def test_device(self):
        module, _ = load("numpy")
        assert_identical(module.linspace(0, 1, 3, device="cpu"), np.array([0, 0.5, 1]))
        with pytest.raises(ValueError, match="device"):
            module.linspace(0, 1, 3, device="cuda")

    def test_fractions(self):
        module, _ = load("numpy")
        third = Fraction(1, 3)
        assert_identical(module.linspace(third, 1, 3), xspace.linspace(third, 1, 3))
        assert module.linspace(third, np.float32(3), 3).dtype == np.float32
        with pytest.raises(TypeError, match="start is an array of objects"):
            module.linspace([third, 0], 1, 3)

    def test_arrays_that_numpy_converts(self):
        module, _ = load("numpy")
        jnp = pytest.importorskip("jax.numpy", reason="jax is not installed")
        array = jnp.asarray([0.0, 1.0])
        assert_identical(module.linspace(array, 2, 3), xspace.linspace(np.asarray(array), 2, 3))

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize("shape", [(), (2,)])
    def test_arrays_that_numpy_gives_back(self, name, shape):
        """NumPy asks ``__array_wrap__`` of them, and so the result is of their library."""
        module, _ = load("numpy")
        torch = pytest.importorskip("torch", reason="torch is not installed")
        xarray = pytest.importorskip("xarray", reason="xarray is not installed")
        tensor = torch.full(shape, 3.0)
        assert isinstance(quietly(np.linspace, 1, tensor, 3), torch.Tensor)
        for end in (tensor, xarray.DataArray(np.full(shape, 3.0))):
            for ends in ((1, end), (end, 1)):
                with pytest.raises(TypeError, match=r"is a .*, for which .* pass numpy.asarray"):
                    getattr(module, name)(*ends, 3)
        made = getattr(module, name)(1, np.asarray(tensor), 3)
        assert_identical(made, getattr(module, name)(1, np.full(shape, np.float32(3)), 3))

    def test_objects_that_numpy_converts_without_a_word(self):
        """Those with a priority and nothing else: a column of pandas."""
        module, _ = load("numpy")
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        column = pandas.Series([1.0, 2.0])
        assert type(np.linspace(0, column, 3)) is np.ndarray
        assert_identical(module.linspace(0, column, 3), module.linspace(0, column.to_numpy(), 3))

    @pytest.mark.parametrize("kind", [np.ma.MaskedArray, np.recarray])
    def test_arrays_with_more_than_elements(self, kind):
        module, _ = load("numpy")
        end = np.array([1.0, 2.0]).view(kind)
        with pytest.raises(
            TypeError, match=r"stop is a .* pass (numpy.asarray\(stop\)|stop.filled)"
        ):
            module.linspace(0, end)

    def test_memory_maps(self, tmp_path):
        module, _ = load("numpy")
        ends = np.memmap(tmp_path / "ends", np.float64, "w+", shape=2)
        made = module.linspace(ends, 1, 3)
        assert type(made) is np.ndarray
        assert_identical(made, xspace.linspace(np.zeros(2), 1, 3))

    @pytest.mark.parametrize("value", [None, "0", b"0", object()])
    def test_what_is_no_number(self, value):
        module, _ = load("numpy")
        with pytest.raises(TypeError):
            module.linspace(value, 1, 3)


class TestCupy:
    """What does not need a GPU: CuPy makes no array without one."""

    @pytest.mark.parametrize("ends", [e for e in ENDS if not has_arrays(e)])
    def test_dtype(self, ends, monkeypatch):
        module, cupy = load("cupy")
        seen = []
        for name in FUNCTIONS:
            monkeypatch.setattr(module, f"_{name}", lambda *a, **o: seen.append(o))
            getattr(module, name)(*ends, 3)
        wanted = cupy.result_type(*ends, 3.0)
        assert [call["dtype"] for call in seen] == [wanted] * 3
        assert all(call["xp"] is cupy for call in seen)

    @pytest.fixture
    def on_numpy(self, monkeypatch):
        """The drop-in with NumPy in CuPy's place, which it is written as."""
        monkeypatch.setitem(sys.modules, "cupy", np)
        monkeypatch.delitem(sys.modules, "xspace.dropin.cupy", raising=False)
        yield importlib.import_module("xspace.dropin.cupy")
        sys.modules.pop("xspace.dropin.cupy")

    @pytest.mark.parametrize("dtype", [None, float, complex, np.float32, int])
    @pytest.mark.parametrize("endpoint", [True, False])
    def test_steps_between_numbers(self, on_numpy, dtype, endpoint):
        """CuPy's ``_linspace_scalar``: ``float(stop - start) / div``, or NaN."""
        for num in (0, 1, 2, 5):
            samples, step = on_numpy.linspace(0, 10, num, endpoint, True, dtype)
            assert samples.dtype == (dtype or float)
            assert type(step) is float
            div = num - endpoint
            assert step == 10 / div if div > 0 else math.isnan(step)

    @pytest.mark.parametrize("dtype", [None, float, complex, np.float32, int])
    @pytest.mark.parametrize(
        ("ends", "wanted"),
        [
            ((np.array([0.0, 1.0]), 10), np.float64),
            ((np.array([0.0, 1.0], np.float32), 10), np.float64),
            ((np.array([0.0, 1.0], np.float32), np.array(10, np.float32)), np.float32),
            ((np.array([0, 1], np.int8), 10), np.float64),
            (([0, 1], np.float32(10)), np.float64),
        ],
    )
    def test_steps_between_arrays(self, on_numpy, ends, wanted, dtype):
        """CuPy's ``linspace``: the difference of the ends, all else as float64, over ``div``."""
        for num in (0, 1, 2, 5):
            samples, step = on_numpy.linspace(*ends, num, True, True, dtype)
            assert samples.shape == (num, 2)
            if num < 2:
                assert type(step) is float
                assert math.isnan(step)
                continue
            first, last = (np.asarray(end, wanted) for end in ends)
            assert_identical(step, ((last - first) / (num - 1)).astype(wanted))

    def test_a_step_in_the_plane(self, on_numpy):
        ends = np.array([0, 1j]), np.array([4, 5 + 1j])
        _, step = on_numpy.linspace(*ends, 5, retstep=True)
        assert_identical(step, np.array([1, 1.25 + 0j]))

    def test_with_a_gpu(self):
        module, cupy = load("cupy")
        try:
            cupy.cuda.runtime.getDeviceCount()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            pytest.skip(f"cupy finds no GPU: {error}")
        for name, ends, num in itertools.product(FUNCTIONS, ENDS, [0, 1, 5]):
            ours = getattr(module, name)(*ends, num)
            assert isinstance(ours, cupy.ndarray)
            made = getattr(xspace, name)(*as_ends(ends), num, dtype=ours.dtype)
            assert_identical(ours, made)
            if name == "linspace":
                assert ours.dtype == quietly(cupy.linspace, *ends, num).dtype


# What no library's arrays hold.


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


# PyTorch.


@pytest.fixture(params=["float32", "float64"])
def default_dtype(request):
    """PyTorch with each of its usual defaults."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.set_default_dtype(getattr(torch, request.param))
    yield getattr(torch, request.param)
    torch.set_default_dtype(torch.float32)


class TestTorch:
    @pytest.fixture
    def torch(self):
        return load("torch")[1]

    @pytest.fixture
    def ours(self):
        return load("torch")[0]

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize("steps", [0, 1, 5])
    @pytest.mark.parametrize("dtype", [None, "float16", "bfloat16", "int64", float, int])
    @pytest.mark.parametrize("requires_grad", [False, True])
    def test_calls(self, torch, ours, default_dtype, name, steps, dtype, requires_grad):
        dtype = getattr(torch, dtype) if isinstance(dtype, str) else dtype
        options = {"dtype": dtype, "requires_grad": requires_grad, "device": "cpu"}
        native = getattr(torch, "linspace" if name == "geomspace" else name)
        makers = [getattr(ours, name), native]
        for first, last in self.ends(torch):
            if requires_grad and dtype in (int, torch.int64):
                for make in makers:
                    with pytest.raises(RuntimeError, match="floating point"):
                        make(first, last, steps, **options)
                continue
            got, theirs = (make(first, last, steps, **options) for make in makers)
            for word in ("shape", "dtype", "device", "layout", "requires_grad", "is_leaf"):
                assert getattr(got, word) == getattr(theirs, word), word
            assert type(got) is torch.Tensor
            values = [e.item() if isinstance(e, torch.Tensor) else e for e in (first, last)]
            made = getattr(xspace, name)(*values, steps, dtype=got.dtype, xp=torch)
            assert_identical(got.detach(), made)

    def ends(self, torch):
        return [
            (1, 4),
            (1.5, 4),
            (True, 3),
            (torch.tensor(1), torch.tensor(3.5)),
            (torch.tensor(1.5, dtype=torch.float64), 3),
            (1, torch.tensor(2.5, requires_grad=True)),
            (np.float32(1.5), np.int64(3)),
        ]

    def test_names(self, ours):
        made = ours.linspace(start=0, end=1, steps=3)
        assert_identical(made, ours.linspace(0, 1, 3))
        made = ours.logspace(end=1, start=0, base=2, steps=3)
        assert_identical(made, ours.logspace(0, 1, 3, 2))

    def test_bases(self, torch, ours):
        made = ours.logspace(0, 3, 4, torch.tensor(2.0))
        assert_identical(made, ours.logspace(0, 3, 4, 2))

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize("steps", [np.int64(3), "tensor"])
    def test_steps(self, torch, ours, name, steps):
        steps = torch.tensor(3) if steps == "tensor" else steps
        assert getattr(ours, name)(1, 2, steps).shape == (3,)

    @pytest.mark.parametrize("name", ["linspace", "logspace"])
    @pytest.mark.parametrize(
        ("args", "error", "words"),
        [
            ((0, 1, -1), RuntimeError, "steps must not be negative, got -1"),
            ((0, 1, 3.0), TypeError, r"steps must be an integer, got 3\.0"),
            ((0, 1), TypeError, "steps"),
            (([0], 1, 3), TypeError, "start"),
            (("0", 1, 3), TypeError, "start"),
        ],
    )
    def test_errors(self, torch, ours, name, args, error, words):
        with pytest.raises(error, match=words):
            getattr(ours, name)(*args)
        with pytest.raises(error):
            getattr(torch, name)(*args)

    def test_dimensions(self, torch, ours):
        for module in (ours, torch):
            with pytest.raises(RuntimeError, match="dimension"):
                module.linspace(torch.tensor([0.0]), 1, 3)

    def test_layout(self, torch, ours):
        for module in (ours, torch):
            with pytest.raises(NotImplementedError):
                module.linspace(0, 1, 3, layout=torch.sparse_coo)

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_pinned_memory(self, torch, ours, name):
        if torch.cuda.is_available():
            assert getattr(ours, name)(1, 2, 3, pin_memory=True).is_pinned()
            return
        for module in (ours, torch):
            if hasattr(module, name):
                with pytest.raises(RuntimeError, match="pin"):
                    getattr(module, name)(1, 2, 3, pin_memory=True)

    def test_gradients_do_not_pass(self, torch, ours):
        end = torch.tensor(2.0, requires_grad=True)
        for module in (ours, torch):
            assert not module.linspace(1, end, 3).requires_grad
            leaf = module.linspace(1, end, 3, requires_grad=True)
            leaf.sum().backward()
            assert leaf.grad.tolist() == [1, 1, 1]
        assert end.grad is None

    def test_default_device(self, torch, ours):
        with torch.device("meta"):
            assert ours.linspace(0, 1, 3).device.type == "meta"
        assert ours.linspace(torch.tensor(0.0, device="cpu"), 1, 3, device="meta").is_meta


class TestTorchOut:
    """The rules of ``out=``: what may disagree, when it is resized, which memory is written."""

    @pytest.fixture
    def torch(self):
        return load("torch")[1]

    @pytest.fixture
    def ours(self):
        return load("torch")[0]

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16", "int32"])
    @pytest.mark.parametrize("shape", [(5,), (5, 1), (0,), (3,), (2, 4)])
    def test_is_written_and_returned(self, torch, ours, name, dtype, shape):
        native = getattr(torch, "linspace" if name == "geomspace" else name)
        outs = [torch.zeros(shape, dtype=getattr(torch, dtype)) for _ in range(2)]
        got = getattr(ours, name)(1, 4, 5, out=outs[0])
        assert got is outs[0]
        theirs = native(1, 4, 5, out=outs[1])
        assert (got.shape, got.dtype) == (theirs.shape, theirs.dtype)
        made = getattr(xspace, name)(1, 4, 5, dtype=got.dtype, xp=torch)
        assert_identical(got.reshape(5), made)

    def test_a_view(self, torch, ours):
        whole = torch.full((6,), -1.0)
        ours.linspace(0, 1, 3, out=whole[::2])
        assert whole.tolist() == [0, -1, 0.5, -1, 1, -1]

    @pytest.mark.parametrize(
        "options", [{"dtype": "float32"}, {"device": "meta"}, {"dtype": int}, {"layout": "sparse"}]
    )
    def test_what_must_agree(self, torch, ours, options):
        out = torch.zeros(3, dtype=torch.float64)
        if options.get("dtype") == "float32":
            options = {"dtype": torch.float32}
        if "layout" in options:
            options = {"layout": torch.sparse_coo}
        for module in (ours, torch):
            with pytest.raises(RuntimeError):
                module.linspace(0, 1, 3, out=out, **options)
        assert out.tolist() == [0, 0, 0]

    def test_what_agrees(self, torch, ours):
        out = torch.zeros(3, dtype=torch.float64)
        made = ours.linspace(0, 1, 3, out=out, dtype=float, device="cpu", layout=torch.strided)
        assert made is out

    def test_no_tensor(self, torch, ours):
        for module in (ours, torch):
            with pytest.raises(TypeError, match="out"):
                module.linspace(0, 1, 3, out=[0, 0, 0])

    def test_requires_grad(self, torch, ours):
        for module in (ours, torch):
            out = torch.zeros(3)
            assert module.linspace(0, 1, 3, out=out, requires_grad=True) is out
            assert out.requires_grad
            with pytest.raises(RuntimeError, match="grad"):
                module.linspace(0, 2, 3, out=out)
            assert out.tolist() == [0, 0.5, 1]
            with torch.no_grad():
                module.linspace(0, 2, 3, out=out)
            assert not out.requires_grad
            assert out.tolist() == [0, 1, 2]


# JAX.


class TestJax:
    @pytest.fixture(params=[False, True], ids=["32 bits", "64 bits"])
    def jax(self, request):
        jax = pytest.importorskip("jax", reason="jax is not installed")
        with jax.enable_x64(request.param):
            yield jax

    def check(self, jax, name, args, options=None):
        module, jnp = load("jax")
        options = options or {}
        ours = getattr(module, name)(*args, **options)
        native = quietly(jax.eval_shape, lambda: getattr(jnp, name)(*args, **options))
        pairs = zip(ours, native, strict=True) if isinstance(ours, tuple) else [(ours, native)]
        for got, theirs in pairs:
            assert isinstance(got, jax.Array)
            for word in ("shape", "dtype", "weak_type"):
                assert getattr(got, word) == getattr(theirs, word), word
        return ours

    def ends(self, jnp):
        return [
            (1, 5),
            (1.5, 3),
            (True, 3.5),
            (np.float32(1), 2),
            (np.float64(1), 2),
            (np.int64(1), 2),
            (np.array(1.5), np.float32(5)),
            (jnp.float16(1), jnp.bfloat16(2)),
            (jnp.bfloat16(1), 2),
            (jnp.int8(1), 2),
            (jnp.int32(1), np.float16(2)),
            (jnp.uint16(1), jnp.asarray(2.0)),
            (jnp.asarray([1.0, 2.0]), 3),
            (np.array([1, 2]), jnp.int8(3)),
            (np.array([[1.0], [2.0]], np.float32), jnp.asarray([3, 4])),
        ]

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize(
        ("dtype", "endpoint", "num"),
        [
            (None, True, 4),
            (None, False, 1),
            ("bfloat16", True, 1),
            (int, False, 4),
            (None, True, 0),
        ],
    )
    def test_calls(self, jax, name, dtype, endpoint, num):
        jnp = jax.numpy
        for ends in self.ends(jnp):
            ours = self.check(jax, name, (*ends, num, endpoint), {"dtype": dtype})
            first, last = (
                (jnp.asarray(e) if e.ndim else e.item()) if isinstance(e, np.ndarray) else e
                for e in ends
            )
            options = {"endpoint": endpoint, "dtype": ours.dtype, "xp": jnp}
            assert_identical(ours, getattr(xspace, name)(first, last, num, **options))

    @pytest.mark.parametrize(("num", "endpoint"), [(0, True), (1, True), (1, False), (4, True)])
    def test_steps(self, jax, num, endpoint):
        for ends in self.ends(jax.numpy):
            options = {"retstep": True, "endpoint": endpoint}
            _, step = self.check(jax, "linspace", (*ends, num), options)
            if num - endpoint < 1:
                assert math.isnan(step)

    def test_a_step_is_rounded_once(self, jax):
        """The step 1 + 2**-24 + 2**-54 rounds up; by way of float64 it would be a tie."""
        module, jnp = load("jax")
        stop = Fraction(1) + Fraction(1, 2**24) + Fraction(1, 2**54)
        _, step = module.linspace(0, stop, 2, retstep=True, dtype=jnp.float32)
        assert float(step) == 1 + 2**-23

    @pytest.mark.parametrize("axis", [1, -1])
    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_axes(self, jax, name, axis):
        for ends in self.ends(jax.numpy):
            if any(np.ndim(end) for end in ends):
                self.check(jax, name, (*ends, 3), {"axis": axis})

    def test_bases(self, jax):
        jnp = jax.numpy
        for base in (2, 2.5, np.float16(2), jnp.float32(3)):
            for ends in self.ends(jnp):
                ours = self.check(jax, "logspace", (*ends, 3, True, base))
                if not any(np.ndim(end) for end in ends):
                    values = [e.item() if hasattr(e, "item") else e for e in (*ends, base)]
                    made = xspace.logspace(*values[:2], 3, base=values[2], dtype=ours.dtype, xp=jnp)
                    assert_identical(ours, made)
        lanes = np.array([0.0, 1.0], np.float32), 2, 3
        base = np.array([2.0, 3.0], np.float32)
        ours = self.check(jax, "logspace", (*lanes, True, base))
        assert_identical(ours[:, 1], xspace.logspace(1, 2, 3, base=3, dtype=ours.dtype, xp=jnp))

    @pytest.mark.parametrize("axis", [0, 1, -1])
    def test_bases_that_jax_pairs_with_the_samples(self, jax, axis):
        module, _ = load("jax")
        start = 0 if axis == 0 else np.array([0.0, 1.0])
        with pytest.raises(ValueError, match="base has 1 dimensions"):
            module.logspace(start, 2, 2, base=np.array([2.0, 3.0]), axis=axis)

    def test_devices(self, jax):
        module, jnp = load("jax")
        device = jax.devices()[0]
        sharding = jax.sharding.SingleDeviceSharding(device)
        here = jax.device_put(jnp.float32(0), device)
        for start, place in [(0, device), (0, sharding), (0, None), (here, None)]:
            ours, native = (m.linspace(start, 1, 3, device=place) for m in (module, jnp))
            assert (ours.device, ours.committed) == (native.device, native.committed)
        assert not module.logspace(jnp.float32(0), jnp.int8(1), 3).committed

    def test_in_a_compiled_function(self, jax):
        module, _ = load("jax")
        for name in FUNCTIONS:
            make = getattr(module, name)
            assert_identical(jax.jit(lambda m=make: m(1, 2, 5))(), make(1, 2, 5))

    def test_numbers_are_exact_without_64_bits(self, jax):
        module, jnp = load("jax")
        start = np.float64(1 + 2**-24 + 2**-50)  # in float32 first, this would be 1
        made = module.linspace(start, 2, 2, dtype=jnp.float32)
        assert float(made[0]) == 1 + 2**-23

    def test_lists(self, jax):
        module, jnp = load("jax")
        for make in (module.linspace, jnp.linspace):
            with pytest.raises(TypeError):
                make([0, 1], 2, 3)


# Dask.


class TestDask:
    @pytest.mark.parametrize("ends", [(1, 5), (1.5, 3), (np.float32(1), 2), (np.int8(1), 5)])
    @pytest.mark.parametrize("num", [0, 1, 5, 5.0])
    @pytest.mark.parametrize("chunks", ["auto", 2, ((3, 2),), -1])
    @pytest.mark.parametrize("dtype", [None, "float32", int])
    def test_calls(self, ends, num, chunks, dtype):
        module, da = load("dask")
        if isinstance(chunks, tuple) and num != 5:
            chunks = ((int(num),),)
        for endpoint in (True, False):
            native = da.linspace(*ends, num, endpoint, False, chunks, dtype)
            ours = module.linspace(*ends, num, endpoint, False, chunks, dtype)
            for word in ("shape", "dtype", "chunks"):
                assert getattr(ours, word) == getattr(native, word), word
            assert type(ours) is type(native)
            assert type(ours.compute()) is type(native.compute())
            assert ours.name.startswith("linspace-")
            for name in FUNCTIONS:
                got = getattr(module, name)(
                    *ends, num, endpoint=endpoint, chunks=chunks, dtype=dtype
                )
                assert got.chunks == native.chunks
                assert got.dtype == native.dtype
                made = getattr(xspace, name)(
                    *map(float, ends), int(num), endpoint=endpoint, dtype=got.dtype
                )
                assert_identical(got.compute(), made)

    def test_names_depend_on_the_elements_alone(self):
        module, _ = load("dask")
        assert module.linspace(0, 1).name == module.linspace(0.0, 1).name
        assert module.linspace(0, 1).name != module.linspace(0, 2).name

    @pytest.mark.parametrize("endpoint", [True, False])
    def test_steps(self, endpoint):
        module, da = load("dask")
        ours = module.linspace(0, 1, 5, endpoint, True)
        native = da.linspace(0, 1, 5, endpoint, True)
        assert type(ours[1]) is type(native[1]) is float
        assert ours[1] == (0.25 if endpoint else 0.2)

    def test_bases(self):
        module, _ = load("dask")
        assert module.logspace(0, 3, 4, True, 2).compute().tolist() == [1, 2, 4, 8]

    def test_lazy_numbers(self):
        module, da = load("dask")
        made = module.linspace(da.asarray(0), da.asarray(1.0).sum(), 3)
        assert made.compute().tolist() == [0, 0.5, 1]

    def test_dimensions(self):
        module, da = load("dask")
        for end in (np.array([1]), da.asarray([1])):
            with pytest.raises(TypeError, match="stop must be a scalar"):
                module.linspace(0, end)

    def test_a_count_that_is_no_integer(self):
        module, _ = load("dask")
        with pytest.raises(TypeError, match=r"num must be an integer, got float 5\.7"):
            module.linspace(0, 1, 5.7)


# MyGrad.


class TestMygrad:
    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize("dtype", [None, np.float32, int])
    @pytest.mark.parametrize("constant", [None, True, False])
    @pytest.mark.parametrize("ends", [(1, 5), (1.5, np.float32(3)), ([1, 2], 3), ((1.0, 2.0), 3)])
    def test_calls(self, name, dtype, constant, ends):
        module, mygrad = load("mygrad")
        makers = getattr(module, name), getattr(mygrad, name)
        options = {"dtype": dtype, "constant": constant}
        if dtype is int and constant is False:
            for make in makers:
                with pytest.raises(ValueError, match="must be treated as constants"):
                    make(*ends, 5, **options)
            return
        ours, native = (make(*ends, 5, **options) for make in makers)
        assert type(ours) is type(native) is mygrad.Tensor
        for word in ("shape", "dtype", "constant", "creator"):
            assert getattr(ours, word) == getattr(native, word), word
        made = getattr(xspace, name)(*as_ends(ends), 5, dtype=ours.dtype)
        assert_identical(ours.data, made)

    def test_gradients(self):
        module, _ = load("mygrad")
        grid = module.linspace(0, 1, 3)
        (grid**2).sum().backward()
        assert grid.grad.tolist() == [0, 1, 2]

    def test_tensors_are_no_endpoints(self):
        module, mygrad = load("mygrad")
        for package in (module, mygrad):
            with pytest.raises(TypeError):
                package.linspace(mygrad.tensor(0.0), 1, 3)

    def test_arange(self):
        module, mygrad = load("mygrad")
        for args in [(3,), (1, 4), (1.5, 4), (1, 4, 0.5)]:
            ours, native = module.arange(*args), mygrad.arange(*args)
            assert type(ours) is type(native)
            assert (ours.dtype, ours.constant) == (native.dtype, native.constant)
            assert ours.data.tolist() == native.data.tolist()


# Ranges.

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

    def test_numpy_names(self):
        module, _ = load("numpy")
        assert_identical(module.arange(start=1, stop=4), np.arange(start=1, stop=4))
        assert_identical(module.arange(stop=4), np.arange(stop=4))
        with pytest.raises(TypeError, match="start twice"):
            module.arange(1, 4, start=1)

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

    def test_numpy_like(self):
        module, _ = load("numpy")
        assert_identical(module.arange(3, like=np.ones(2)), np.arange(3, like=np.ones(2)))
        for like in (1, np.ma.array([1])):
            with pytest.raises(TypeError, match=r"like must be None or a numpy\.ndarray"):
                module.arange(3, like=like)
        assert_identical(module.arange(3, device="cpu"), np.arange(3))

    def test_numpy_dtype_by_its_place(self):
        module, _ = load("numpy")
        for dtype in (np.dtype("int64"), np.float32, complex, None, "M8[D]"):
            assert_same_dates(module.arange(9, 12, 1, dtype), np.arange(9, 12, 1, dtype))

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

    def test_masked(self):
        module, _ = load("numpy")
        for call in ((np.ma.masked,), (np.ma.masked, 3), (0, 3, np.ma.array(1.0, mask=False))):
            with pytest.raises(TypeError, match="Masked"):
                module.arange(*call)

    def test_jax_formats(self):
        module, jnp = load("jax")
        step = jnp.asarray(0.3, jnp.float32)
        assert module.arange(0, np.float32(0.9), step).shape == (3,)
        assert module.arange(0, 0.9, float(step)).shape == (3,)

    def test_numpy_dates(self):
        module, _ = load("numpy")
        bounds = np.datetime64("2024-02-28"), np.datetime64("2024-03-02")
        made = module.arange(*bounds)
        assert made.dtype == "datetime64[D]"
        assert made.tolist() == np.arange(*bounds).tolist()

    def test_numpy_dates_of_all_kinds(self):
        """Whatever NumPy makes dates or spans of, the same here."""
        module, _ = load("numpy")
        date, span = np.datetime64, np.timedelta64
        common = [None, 5, True, np.int8(3), span(7)]
        days = [dt.date(2020, 1, 5), date("2020-01"), date("2020-02-03"), span(3, "D")]
        days += [span(2, "M"), span(3, "h"), "2020-01", "2020-03-05", np.array(date("2020-01-03"))]
        moments = [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 0, 0, 0, 10)]
        moments += [dt.timedelta(microseconds=2), "2020-01-01T00:00:00.000005", span(3, "us")]
        same = 0
        for kinds, unit in ((days, "D"), (moments, "us")):  # not together: days of microseconds
            dtypes = [None, f"M8[{unit}]", f"m8[{unit}]", "M8", "m8", f"M8[2{unit}]"]
            dtypes += ["M8[M]", "m8[M]"] if unit == "D" else []
            for count in (1, 2, 3):
                for call in itertools.product([*common, *kinds], repeat=count):
                    for dtype in dtypes:
                        try:
                            theirs = np.arange(*call, dtype=dtype)
                        except (ArithmeticError, MemoryError, TypeError, ValueError):
                            continue
                        if theirs.dtype.kind in "mM":
                            made = module.arange(*call, dtype=dtype)
                            assert_same_dates(made, theirs)
                            same += 1
        assert same > 5000

    def test_numpy_dates_far_apart(self):
        """Where NumPy's own length wraps around."""
        module, _ = load("numpy")
        ends = np.datetime64("1700", "ns"), np.datetime64("2200", "ns")
        step = np.timedelta64(36525, "D")
        assert len(np.arange(*ends, step)) == 0
        made = module.arange(*ends, step)
        assert made.tolist() == [
            ends[0].astype(int).item() + i * 36525 * 86400 * 10**9 for i in range(5)
        ]

    def test_numpy_no_dates(self):
        module, _ = load("numpy")
        day = np.datetime64("2020-01-01")
        for call in (
            (day,),
            (day, day, day),
            (np.timedelta64(1, "D"), day),
            (day, np.datetime64("NaT")),
        ):
            for package in (module, np):
                with pytest.raises((TypeError, ValueError)):
                    package.arange(*call)
        with pytest.raises(ValueError, match="step must not be zero"):
            module.arange(day, 5, 0)

    @pytest.mark.parametrize(
        ("args", "options"),
        [
            ((5,), {}),
            ((1, 5), {}),
            ((1, 5, 2), {}),
            ((), {"end": 5}),
            ((1,), {"end": 5}),
            ((), {"start": 1, "end": 5}),
            ((1, 5), {"step": 2}),
            ((), {"start": 1, "end": 5, "step": 2}),
            ((1,), {"end": 5, "step": 2}),
        ],
    )
    def test_torch_spellings(self, args, options):
        module, torch = load("torch")
        assert_identical(module.arange(*args, **options), torch.arange(*args, **options))

    @pytest.mark.parametrize(
        ("args", "options"),
        [
            ((), {}),
            ((5,), {"step": 2}),
            ((), {"end": 5, "step": 2}),
            ((), {"start": 1}),
            ((1, 5, 2, 3), {}),
            ((1, 5), {"end": 5}),
            ((), {"stop": 5}),
            ((1, None), {}),
        ],
    )
    def test_torch_misspellings(self, args, options):
        for module in load("torch"):
            with pytest.raises(TypeError):
                module.arange(*args, **options)

    def test_torch_dtypes(self, default_dtype):
        module, torch = load("torch")
        double = torch.tensor(1.0, dtype=torch.float64)
        for args in [
            (True,),
            (torch.tensor(5, dtype=torch.int8),),
            (double, 5),
            (1, 5, double),
            (np.float32(5),),
            (np.int64(5),),
        ]:
            assert_identical(module.arange(*args), torch.arange(*args))
        with pytest.raises(RuntimeError, match="floating point"):
            module.arange(5, requires_grad=True)
        assert module.arange(5.0, requires_grad=True).requires_grad

    def test_torch_wrong_ways(self):
        for module in load("torch"):
            for args in [(5, 0), (0, 5, -1), (0.5, 0.25)]:
                with pytest.raises(RuntimeError):
                    module.arange(*args)
            for args in [(0, 5, 0), (0, math.nan), (0, math.inf)]:
                with pytest.raises(RuntimeError):
                    module.arange(*args)

    def test_torch_out(self):
        module, torch = load("torch")
        for package in (module, torch):
            out = torch.zeros(3, 1, dtype=torch.int64)
            assert package.arange(3, out=out) is out
            assert out.tolist() == [[0], [1], [2]]
            with pytest.warns(UserWarning, match="resized"):
                package.arange(5, out=out)
            assert out.tolist() == [0, 1, 2, 3, 4]
            empty = torch.zeros(0)
            assert package.arange(3, out=empty).tolist() == [0, 1, 2]
            with pytest.raises(RuntimeError):
                package.arange(3, out=out, dtype=torch.float32)
            with pytest.raises(RuntimeError, match="grad"):
                package.arange(3, out=torch.zeros(3, requires_grad=True))

    def test_jax_sharding(self):
        module, jnp = load("jax")
        import jax

        axes = (jax.sharding.AxisType.Explicit,)
        mesh = jax.make_mesh((1,), ("x",), axis_types=axes)
        sharding = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("x"))
        got, theirs = (m.arange(4, out_sharding=sharding) for m in (module, jnp))
        assert got.sharding == theirs.sharding
        for package in (module, jnp):
            with pytest.raises(ValueError, match="device"):
                package.arange(4, device=jax.devices()[0], out_sharding=sharding)

    def test_dask_chunks(self):
        module, da = load("dask")
        for options in [{}, {"chunks": 2}, {"like": np.ones(2)}, {"like": da.ones(2)}]:
            got, theirs = module.arange(5, **options), da.arange(5, **options)
            assert got.chunks == theirs.chunks
            assert_identical(got.compute(), theirs.compute())
        assert module.arange(None, 3).compute().tolist() == [0, 1, 2]
        for call in ((), (None,), (None, None)):
            for package in (module, da):
                with pytest.raises(TypeError):
                    package.arange(*call)
        with pytest.raises(TypeError, match="like"):
            module.arange(5, like=1)


# The order in memory.


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


# The differences.


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
