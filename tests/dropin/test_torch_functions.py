"""PyTorch's signatures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from dropin_calls import FUNCTIONS, load

import xspace
from xspace.testing import assert_identical


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


class TestArange:
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
