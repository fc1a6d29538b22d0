"""CuPy's signatures, on NumPy where there is no GPU."""

from __future__ import annotations

import importlib
import itertools
import math
import sys

import numpy as np
import pytest
from dropin_calls import ENDS, FUNCTIONS, as_ends, has_arrays, load, quietly

import xspace
from xspace.testing import assert_identical


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
