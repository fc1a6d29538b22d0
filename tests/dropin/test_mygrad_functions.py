"""MyGrad's signatures."""

from __future__ import annotations

import numpy as np
import pytest
from dropin_calls import FUNCTIONS, as_ends, load

import xspace
from xspace.testing import assert_identical


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
