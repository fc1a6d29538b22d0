"""NumPy's signatures."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from covering import covering
from dropin_calls import ENDS, FUNCTIONS, as_ends, assert_same_dates, load, quietly

import xspace
from xspace.testing import assert_identical


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

    @pytest.mark.parametrize("name", FUNCTIONS)
    @pytest.mark.parametrize(
        ("ends", "num", "endpoint", "dtype"),
        covering(ENDS, [0, 1, 4], [True, False], [None, "float32", np.float16, int, ">f8"]),
    )
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


class TestArange:
    def test_numpy_names(self):
        module, _ = load("numpy")
        assert_identical(module.arange(start=1, stop=4), np.arange(start=1, stop=4))
        assert_identical(module.arange(stop=4), np.arange(stop=4))
        with pytest.raises(TypeError, match="start twice"):
            module.arange(1, 4, start=1)

    def test_numpy_dtypes(self):
        module, _ = load("numpy")
        scalars = [np.dtype(kind).type(3) for kind in "bhilqBHILQefd"]
        for start in (0, *scalars):
            for stop in (7, 7.5, *(type(number)(7) for number in scalars)):
                assert_identical(module.arange(start, stop), np.arange(start, stop))
                assert_identical(module.arange(stop), np.arange(stop))

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

    def test_masked(self):
        module, _ = load("numpy")
        for call in ((np.ma.masked,), (np.ma.masked, 3), (0, 3, np.ma.array(1.0, mask=False))):
            with pytest.raises(TypeError, match="Masked"):
                module.arange(*call)

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
