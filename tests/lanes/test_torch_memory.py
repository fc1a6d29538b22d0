"""Tensors whose memory the engine reads and writes: bits of the long way, and nothing beside."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from engines import choose
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import TorchDispatchMode

import xspace
import xspace.dropin.torch as xt
from xspace.deferred import torch_lanes
from xspace.engine.native import ENGINE
from xspace.exact.rounding import FORMATS
from xspace.grids.target import Target
from xspace.lanes.derivatives import host_derivative
from xspace.lanes.plan import Plan
from xspace.lanes.torch import samples_of_tensors
from xspace.libraries import NUMPY
from xspace.libraries.scalars import read_scalar
from xspace.testing import assert_identical

pytestmark = [
    pytest.mark.skipif(ENGINE is None, reason="the engine is not installed, or switched off"),
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*torch.jit.trace:DeprecationWarning"),
]

FLOATS = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
INTEGERS = tuple(
    getattr(torch, f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16, 32, 64)
)
FUNCTIONS = (xspace.logspace, xspace.geomspace, xspace.linspace)


def layouts(tensor):
    """The same numbers, as they may lie."""
    yield tensor
    yield torch.stack([tensor, tensor], -1)[..., 0]
    if tensor.ndim == 1:
        yield tensor[:1].expand(tensor.shape)
    if tensor.ndim == 2:
        yield tensor.t().contiguous().t()
    if tensor.is_floating_point():
        yield torch._neg_view(-tensor)
        yield torch.nn.Parameter(tensor, requires_grad=False)


def tensors(dtype, shape, seed):
    numbers = np.random.default_rng(seed).uniform(1, 7, shape)
    return layouts(torch.tensor(numbers).to(dtype))


def everything():
    """Grids between tensors of every dtype and layout, and those of plain numbers."""
    for function in FUNCTIONS:
        for dtype in (*FLOATS, torch.int32, torch.uint64):
            yield function(0.25, 4.5, 9, dtype=dtype, xp=torch)
            yield getattr(xt, function.__name__)(1, 5.5, 70, dtype=dtype)
        for seed, kind in enumerate((*FLOATS, *INTEGERS)):
            for shape in ((), (1,), (5,), (2, 3)):
                for start in tensors(kind, shape, seed):
                    yield function(start, 7.75, 6)
                    yield function(1, start, 6, endpoint=False, axis=-1)
                    yield function(start, torch.tensor(8.0), 4, dtype=torch.bfloat16)
                    if function is xspace.logspace:
                        yield function(0.5, 3, 5, base=start, dtype=torch.float64)
                        yield function(start, start, 5, base=start)


def test_the_bits_are_those_without_the_engine(monkeypatch):
    made = [*everything()]
    choose("numpy", monkeypatch)
    monkeypatch.setattr("xspace.functions.quick_elsewhere", lambda *_: None)
    monkeypatch.setattr(xt, "quick_tensor", lambda *_: None)
    for got, wanted in zip(made, everything(), strict=True):
        assert_identical(got, wanted)
        assert got.stride() == wanted.stride()
        assert not got.requires_grad


def test_subnormal_ends_where_the_thread_takes_them_for_zero():
    ends = [
        torch.tensor([x, 2 * x, 5 * x, 0.0], dtype=d)
        for d, x in ((FLOATS[0], 5e-324), (FLOATS[1], 1e-45))
    ]
    ends += [torch.tensor(6e-8, dtype=torch.float16), torch.tensor(1e-40, dtype=torch.bfloat16)]
    calls = [lambda e=e: xspace.linspace(e, 1, 5) for e in ends]
    calls += [lambda e=e: xspace.geomspace(e, 1e-3, 5) for e in ends[2:]]
    calls += [lambda: xspace.geomspace(5e-324, 1e-310, 9, dtype=torch.float64, xp=torch)]
    wanted = [call() for call in calls]
    try:
        torch.set_flush_denormal(True)
        got = [call() for call in calls]
    finally:
        torch.set_flush_denormal(False)
    for one, other in zip(got, wanted, strict=True):
        assert_identical(one, other)


def test_nothing_else_is_asked(monkeypatch):
    monkeypatch.setattr("xspace.functions._make_samples", None)
    monkeypatch.setattr("xspace.functions._make_linspace", None)
    for name in ("_linspace", "_logspace", "_geomspace"):
        monkeypatch.setattr(xt, name, None)
    lanes = torch.tensor([0.5, 1.25, 3.0])
    for function in FUNCTIONS:
        for dtype in (None, *FLOATS, torch.int32, torch.uint64):
            function(1, 2.5, dtype=dtype, xp=torch)
            getattr(xt, function.__name__)(1, 2.5, 50, dtype=dtype)
            function(lanes, torch.tensor(4), dtype=dtype)
            function(lanes[0], np.float64(3), 3, dtype=dtype, axis=-1)
    assert len(xspace.linspace(0, 1, 2**20, xp=torch, dtype=torch.bfloat16)) == 2**20
    monkeypatch.setattr(torch_lanes, "_operator", None)
    end = torch.tensor(2.5, requires_grad=True)
    for function in FUNCTIONS:
        function(1, end, 7).sum().backward()


def test_what_the_engine_does_not_make():
    """Elsewhere, without memory, or of classes that say more."""

    class Marked(torch.Tensor):
        pass

    one = torch.tensor([1.0, 2.0])
    for end in (one.to("meta"), one.to_sparse(), one.as_subclass(Marked), one.to(torch.complex64)):
        assert samples_of_tensors("linspace", (end, 3, 1), 4, True, torch.float32) is None
    for num in (0, 2.0, True, 1 << 40):
        assert samples_of_tensors("linspace", (one, 3, 1), num, True, torch.float32) is None
    for ends in ((one, torch.ones(3), 1), (one[:0], 1, 1), (one, "1", 1), (one, 1j, 1)):
        assert samples_of_tensors("linspace", ends, 4, True, torch.float32) is None
    assert samples_of_tensors("linspace", (one, 3, 1), 4, True, torch.bool) is None


class Seen(TorchDispatchMode):
    """What operators a call asks for."""

    def __init__(self):
        self.names = []
        super().__init__()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.append(str(function))
        return function(*args, **(kwargs or {}))


def test_who_looks_on_sees_operators():
    lanes = torch.tensor([0.5, 1.25])
    with Seen() as seen:
        grid = xspace.linspace(lanes, 3, 5)
    assert any("grid" in name for name in seen.names)
    assert_identical(grid, xspace.linspace(lanes, 3, 5))


@pytest.mark.parametrize("early", [False, True])
def test_a_recorder_gets_operators(early):
    """One that stands before autograd has a stack of modes of its own."""
    for function in (
        lambda x: xspace.logspace(x, 3, 5) * 2,
        lambda x: xspace.linspace(0, 2.5, 2, xp=torch) + x,
    ):
        program = make_fx(function, pre_dispatch=early)(torch.tensor([0.5, 1.25]))
        other = torch.tensor([2.0, 0.25])
        assert_identical(program(other), function(other))


def test_an_end_without_a_value():
    for end in (torch.ones((), device="meta"), torch.ones(3, device="meta")):
        assert xspace.linspace(1, end, 5).is_meta
        with pytest.raises(ValueError, match="stop is on meta, without a value"):
            xspace.linspace(1, end, 5, device="cpu")
        with pytest.raises(ValueError, match="start is on meta, without a value"):
            xspace.linspace(end, 4, 5, retstep=True, device="cpu")


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning")
def test_a_tracer_gets_elements():
    """Memory that is written by its address is no step of a trace."""
    program = torch.jit.trace(lambda x: x + xspace.logspace(0, 2.5, 3, xp=torch), torch.zeros(3))
    assert_identical(program(torch.zeros(3)), xspace.logspace(0, 2.5, 3, xp=torch))


def test_a_default_device():
    with torch.device("meta"):
        assert xspace.linspace(0, 1, 5, xp=torch).is_meta
        assert xspace.linspace(torch.ones(2, device="cpu"), 3, 5).device.type == "cpu"
    with torch.inference_mode():
        assert xspace.linspace(0, 1, 5, xp=torch).is_inference()


def slope_cases():
    rng = random.Random(3)
    for name, ends in (("linspace", 2), ("geomspace", 2), ("logspace", 3)):
        for by in range(ends):
            for num in (1, 2, 3, 50, 300, 5000):
                for endpoint in (True, False):
                    spread = rng.choice([1, 5, 40])
                    numbers = [rng.uniform(-spread, spread) for _ in range(8)]
                    yield name, by, num, endpoint, numbers


@pytest.mark.parametrize("base", [2.5, 10, 0.3, 1 + 2.0**-40, 3e100, 1])
def test_slopes_are_those_of_the_host(base, monkeypatch):
    """Bit by bit, without the engine; those are held against MPFR (`test_slopes`)."""
    made = []
    for name, by, num, endpoint, numbers in slope_cases():
        numbers = [abs(x) + 0.01 for x in numbers] if name == "geomspace" else numbers
        ends = np.array(numbers[:4]), np.array(numbers[4:])
        given = *map(torch.from_numpy, ends), base
        got = samples_of_tensors(name, given, num, endpoint, torch.float64, by)
        if got is None:  # exponents themselves, among which are midpoints
            assert (base, by) == (1, 2)
        else:
            made.append((name, by, num, endpoint, ends, got))
    choose("python", monkeypatch)
    for name, by, num, endpoint, ends, got in made:
        values = dict(zip(("start", "stop"), ends, strict=True))
        if name == "logspace":
            values["base"] = read_scalar("base", base)
        target = Target(name, NUMPY, FORMATS["float64"], np.dtype(float), None)
        orders = tuple(int(k == by) for k in range(len(values)))
        wanted = host_derivative(Plan(num, endpoint, target, orders), values)
        assert np.array_equal(got.numpy().view(np.int64), wanted.view(np.int64))


@pytest.mark.parametrize("base", [10.0, torch.tensor(2.5, dtype=torch.float64)])
def test_backward_is_that_of_the_operator(base):
    """Also twice, and where a factor is beyond the normal numbers, which the engine leaves."""

    def total(start, stop):
        grid = xspace.logspace(start, stop, 9, base=base, dtype=torch.float64)
        return (grid * torch.arange(9)).sum()

    for first, last in ((0.3, 2.7), (-400.0, 2.0), (1.0, 1.0), (-0.0, 3.0)):
        ends = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (first, last)]
        grads = torch.autograd.grad(total(*ends), ends)
        twice = torch.autograd.grad(total(*ends), ends, create_graph=True)
        wanted = torch.func.grad(total, (0, 1))(*(e.detach() for e in ends))
        for one, other, third in zip(grads, twice, wanted, strict=True):
            assert_identical(one, other.detach())
            assert_identical(one, third)
        (second,) = torch.autograd.grad(twice[1], ends[1])
        assert torch.isfinite(second)


def test_a_compiled_call_asks_for_nothing_else(monkeypatch):
    ends = torch.tensor(0.5), torch.tensor([2.5, 3.5])
    torch._dynamo.reset()
    program = torch.compile(
        lambda a, b: xspace.logspace(a, b, 9) * 2, fullgraph=True, backend="eager"
    )
    wanted = program(*ends)
    for name in ("make_eagerly", "produce", "real_source"):
        monkeypatch.setattr(torch_lanes, name, None)
    assert_identical(program(*ends), wanted)
    assert_identical(wanted, xspace.logspace(*ends, 9) * 2)
