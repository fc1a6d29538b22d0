"""dask's signatures."""

from __future__ import annotations

import numpy as np
import pytest
from covering import covering
from dropin_calls import FUNCTIONS, load

import xspace
from xspace.testing import assert_identical


class TestDask:
    @pytest.mark.parametrize(
        ("ends", "num", "chunks", "dtype"),
        covering(
            [(1, 5), (1.5, 3), (np.float32(1), 2), (np.int8(1), 5)],
            [0, 1, 5, 5.0],
            ["auto", 2, ((3, 2),), -1],
            [None, "float32", int],
        ),
    )
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


class TestArange:
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
