"""PyTorch's transforms over every function: in each of them a grid has the bits of the eager one.

What is made of numbers alone is a constant of a transform, and has to get through it; what is made
of tensors is batched, differentiated, compiled or has no values at all.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch._dynamo.backends.debugging import aot_eager
from torch._subclasses import FakeTensorMode

import xspace
import xspace.dropin.torch as xt
from xspace.testing import assert_identical

# What torch's compiler says about its own caches, and functions that it scripts.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*isinstance.treespec:FutureWarning"),
]

func = torch.func

#: Two ends of each kind, not zero and of one sign.
ENDS = {
    "integers": (1, 3),
    "long integers": (10**30, 3 * 10**30),
    "truth values": (True, True),
    "floats": (0.1, 0.7),
    "subnormal": (5e-324, 1e-310),
    "infinite": (1.5, math.inf),
    "fractions": (Fraction(1, 3), Fraction(22, 7)),
    "decimals": (Decimal("0.1"), Decimal("0.7")),
    "long decimals": (Decimal("1e-400"), Decimal("0.3")),
    "NumPy's floats": (np.float64(0.1), np.float32(0.7)),
    "NumPy's integers": (np.int64(2), np.int16(9)),
    "mixed": (Fraction(1, 3), 3.5),
    "complex": (0.1 + 1j, -2.5j),
    "complex beside real": (2, 3 + 4j),
    "complex with -0.0": (complex(1.0, -0.0), complex(2.0, -0.0)),
    "NumPy's complex": (np.complex128(1 - 2j), np.complex64(2j)),
}
REAL = {n: e for n, e in ENDS.items() if "complex" not in n}
FINITE = {n: e for n, e in REAL.items() if n != "infinite"}
#: A compiler shows NumPy's scalars as arrays whose values it does not know.
READABLE = {n: e for n, e in FINITE.items() if "NumPy" not in n}
SHORT = {n: e for n, e in READABLE.items() if n != "long integers"}
FEW = {n: e for n, e in FINITE.items() if "long" not in n}


def signs(ends):
    return {**ends, "zeros": (-0.0, -0.0), "a zero": (-0.0, 1.0), "nothing": (0, 0.0)}


#: Of which a range can be built in a compiled function; from outside it may be any.
BUILT = {n: e for n, e in READABLE.items() if "decimals" not in n}
RANGES = {n: xspace.GeomRange(*ends, 5)[1:] for n, ends in FINITE.items()}


def close(ends):
    """Bounds of a short arange, whose length says nothing of how floats are read."""
    return {n: (a, a + 5, 1) for n, (a, b) in ends.items() if n != "mixed"} | {"one": (4,)}


#: By name: the function of some numbers, and the numbers.
CONSTANT = {
    "linspace": (lambda a, b: xspace.linspace(a, b, 5, xp=torch), signs(ENDS)),
    "linspace, step": (
        lambda a, b: xspace.linspace(a, b, 5, xp=torch, retstep=True)[0],
        signs(ENDS),
    ),
    "linspace, float16": (
        lambda a, b: xspace.linspace(a, b, 5, xp=torch, dtype=torch.float16),
        signs(REAL),
    ),
    "linspace, int32": (
        lambda a, b: xspace.linspace(a, b, 5, xp=torch, dtype=torch.int32),
        {n: e for n, e in FINITE.items() if n != "long integers"},
    ),
    "logspace": (
        lambda a, b: xspace.logspace(a, b, 5, xp=torch, dtype=complex),
        {n: e for n, e in ENDS.items() if n != "long integers"},
    ),
    "logspace, base": (lambda a, b: xspace.logspace(0, 1, 5, base=b, xp=torch), ENDS),
    "geomspace": (lambda a, b: xspace.geomspace(a, b, 5, xp=torch, endpoint=False), ENDS),
    "arange": (lambda *ends: xspace.arange(*ends, xp=torch), close(SHORT)),
    "arange, float64": (
        lambda *ends: xspace.arange(*ends, xp=torch, dtype=torch.float64),
        close(READABLE),
    ),
    "LinRange": (lambda a, b: xspace.LinRange(a, b, 5).to_array(xp=torch), signs(BUILT)),
    "LogRange": (
        lambda a, b: xspace.LogRange(a, b, 5)[::2].to_array(xp=torch),
        {n: e for n, e in BUILT.items() if n != "long integers"},
    ),
    "GeomRange": (lambda a, b: xspace.GeomRange(a, b, 5).to_array(xp=torch), BUILT),
    "ranges from outside": (lambda r: r.to_array(xp=torch), {n: (r,) for n, r in RANGES.items()}),
    "drop-in linspace": (
        lambda a, b: xt.linspace(a, b, 5),
        signs({**FEW, "complex": ENDS["complex"]}),
    ),
    "drop-in logspace": (lambda a, b: xt.logspace(a, b, 5, base=Fraction(7, 3)), FEW),
    "drop-in geomspace": (lambda a, b: xt.geomspace(a, b, 5, dtype=torch.float64), FINITE),
    "drop-in arange": (lambda *ends: xt.arange(*ends), close(SHORT)),
    "drop-in arange, out": (
        lambda *ends: xt.arange(*ends, out=torch.empty(4 if len(ends) == 1 else 5)),
        close(READABLE),
    ),
}


def nested_gradients(make):
    def inner(s):
        return func.grad(lambda t: (t * s, make()), has_aux=True)(s)

    return func.grad(lambda s: inner(s), has_aux=True)(torch.tensor(1.0))[1]


def exported(strict):
    def through(make):
        class Module(torch.nn.Module):
            def forward(self, x):
                return [x + 1, *make()]

        program = torch.export.export(Module(), (torch.ones(2),), strict=strict)
        return program.module()(torch.ones(2))[1:]

    return through


def compiled(backend):
    def through(make):
        torch._dynamo.reset()
        return torch.compile(make, fullgraph=True, backend=backend)()

    return through


def first(grids):
    """Of a batch, whose rows are all the same."""
    for grid in grids:
        assert_identical(grid[0], grid[1])
    return [grid[0] for grid in grids]


ONE, TWO = torch.tensor(1.0), torch.ones(2)

#: What becomes of grids that do not depend on what is transformed.
THROUGH = {
    "vmap": lambda make: first(func.vmap(lambda s: make())(TWO)),
    "vmap of vmap": lambda make: first(
        first(func.vmap(func.vmap(lambda s: make()))(torch.ones(2, 2)))
    ),
    "grad": lambda make: func.grad(lambda s: (s, make()), has_aux=True)(ONE)[1],
    "grad of grad": nested_gradients,
    "jvp": lambda make: func.jvp(lambda s: (s, make()), (ONE,), (ONE,), has_aux=True)[2],
    "jacrev": lambda make: func.jacrev(lambda s: (s, make()), has_aux=True)(ONE)[1],
    "jacfwd": lambda make: func.jacfwd(lambda s: (s, make()), has_aux=True)(ONE)[1],
    "functionalize": lambda make: func.functionalize(make)(),
}

#: One program has the grids of all functions.
PROGRAMS = {
    "compile": compiled("eager"),
    "export": exported(strict=True),
    "export, not strict": exported(strict=False),
}


@pytest.mark.parametrize("transform", THROUGH)
@pytest.mark.parametrize("name", CONSTANT)
def test_constants(name, transform):
    function, numbers = CONSTANT[name]
    got = THROUGH[transform](lambda: [function(*ends) for ends in numbers.values()])
    for grid, ends in zip(got, numbers.values(), strict=True):
        assert type(grid) is torch.Tensor
        assert_identical(grid, function(*ends))


@pytest.mark.parametrize("transform", PROGRAMS)
def test_constants_of_programs(transform):
    calls = [
        (kind, function, ends)
        for function, numbers in CONSTANT.values()
        for kind, ends in numbers.items()
    ]
    # One compiler reads both, half of the calls each. A strict export makes constants without
    # values of NumPy's scalars.
    half = [call for call in calls if "NumPy" not in call[0]][::2]
    if transform == "export":
        calls = half
    elif transform == "compile":
        calls = [call for call in calls if call not in half]
    got = PROGRAMS[transform](lambda: [function(*ends) for _, function, ends in calls])
    for grid, (kind, function, ends) in zip(got, calls, strict=True):
        assert type(grid) is torch.Tensor, kind
        assert_identical(grid, function(*ends), err_msg=kind)


@pytest.mark.parametrize("name", CONSTANT)
def test_constants_without_values(name):
    function, numbers = CONSTANT[name]
    for ends in numbers.values():
        expected = function(*ends)
        with torch.device("meta"):
            meta = function(*ends)
        with FakeTensorMode():
            fake = function(*ends)
        assert meta.device.type == "meta"
        assert type(fake) is not torch.Tensor
        assert fake.device == expected.device
        for got in (meta, fake):
            assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
            assert got.stride() == expected.stride()


TENTH = Decimal("0.1")
LANES = torch.tensor([0.5, 1.25, 3.0], dtype=torch.float64)
TURNED = torch.tensor([1 + 2j, -0.5j, -3.0], dtype=torch.complex64)

#: Functions of lanes in one axis, which they broadcast over.
VARIABLE = {
    "linspace": (lambda x: xspace.linspace(x, 7, 5), LANES),
    "linspace, a fraction": (lambda x: xspace.linspace(Fraction(1, 3), x, 5), LANES),
    "linspace, a decimal": (lambda x: xspace.linspace(x, TENTH, 5), LANES),
    "linspace, a NumPy scalar": (lambda x: xspace.linspace(x, np.float64(0.1), 5), LANES),
    "linspace, a complex number": (lambda x: xspace.linspace(x, 3 + 4j, 5), LANES),
    "linspace, complex": (lambda x: xspace.linspace(x, -7, 5), TURNED),
    "linspace, short": (lambda x: xspace.linspace(x, 7, 5, dtype=torch.bfloat16), LANES),
    "linspace, 0-d": (lambda x: xspace.linspace(x, torch.tensor(2.0), 5), LANES),
    "linspace, both": (lambda x: xspace.linspace(x, 2 * x, 5, endpoint=False), LANES),
    "linspace, step": (lambda x: xspace.linspace(x, 7, 5, retstep=True)[1], LANES),
    "linspace, complex step": (lambda x: xspace.linspace(x, 1j, 5, retstep=True)[1], LANES),
    "logspace": (lambda x: xspace.logspace(x, 2.5, 5), LANES),
    "logspace, a complex exponent": (lambda x: xspace.logspace(x, 1 + 2j, 5), LANES),
    "logspace, a complex base": (lambda x: xspace.logspace(x, 1, 5, base=2j), LANES),
    "logspace, bases": (lambda x: xspace.logspace(0, 1, 5, base=x), LANES),
    "logspace, complex": (lambda x: xspace.logspace(1, x, 5), TURNED),
    "geomspace": (lambda x: xspace.geomspace(x, 7, 5), LANES),
    "geomspace, a complex number": (lambda x: xspace.geomspace(x, 3 + 4j, 5), LANES),
    "geomspace, complex": (lambda x: xspace.geomspace(2 + 1j, x, 5), TURNED),
}
INTEGERS = {
    "linspace, int32": (lambda x: xspace.linspace(x, 7, 5, dtype=torch.int32), LANES),
    "geomspace, int32": (lambda x: xspace.geomspace(1, x, 5, dtype=torch.int32), 4 * LANES),
}


def batched(make, x):
    return func.vmap(make, out_dims=-1)(x)


def batched_twice(make, x):
    rows = torch.stack([x, x.flip(0)])
    return func.vmap(func.vmap(make, out_dims=-1), out_dims=0)(rows)[0]


def exported_with(strict):
    def through(make, *lanes):
        class Module(torch.nn.Module):
            def forward(self, *lanes):
                return make(*lanes)

        size = {0: torch.export.Dim("n", min=1, max=100)}
        program = torch.export.export(
            Module(), lanes, dynamic_shapes=((size,) * len(lanes),), strict=strict
        )
        longer = [torch.cat([x, x]) for x in lanes]
        for got, wanted in zip(program.module()(*longer), make(*longer), strict=True):
            assert_identical(got, wanted)
        return program.module()(*lanes)

    return through


def compiled_with(backend):
    def through(make, *lanes):
        torch._dynamo.reset()
        return torch.compile(make, fullgraph=True, backend=backend)(*lanes)

    return through


WITH = {
    "vmap": batched,
    "vmap of vmap": batched_twice,
    "vjp": lambda make, x: func.vjp(make, x)[0],
    "jvp": lambda make, x: func.jvp(make, (x,), (x,))[0],
    "jvp of jvp": lambda make, x: func.jvp(lambda t: func.jvp(make, (t,), (t,))[0], (x,), (x,))[0],
    "functionalize": lambda make, x: func.functionalize(make)(x),
    "functionalize of vmap": lambda make, x: func.functionalize(func.vmap(make, out_dims=-1))(x),
}

#: Of which one program has all of the functions.
WHOLE = {
    "compile": compiled_with("aot_eager"),
    "compile of vmap": lambda make, *lanes: compiled_with("eager")(
        func.vmap(make, out_dims=-1), *lanes
    ),
    "export": exported_with(strict=True),
    "export, not strict": exported_with(strict=False),
}


@pytest.mark.parametrize("transform", WITH)
@pytest.mark.parametrize("name", [*VARIABLE, *INTEGERS])
def test_values(name, transform):
    make, x = {**VARIABLE, **INTEGERS}[name]
    if name in INTEGERS and transform == "vjp":
        pytest.skip("integers have no derivatives")
    assert_identical(WITH[transform](make, x), make(x))


@pytest.mark.parametrize("transform", WHOLE)
def test_values_of_programs(transform):
    cases = {**VARIABLE, **INTEGERS}
    if transform == "export":  # as above
        del cases["linspace, a NumPy scalar"]

    def make(real, large, turned):
        lanes = {id(LANES): real, id(TURNED): turned}
        return [function(lanes.get(id(x), large)) for function, x in cases.values()]

    lanes = LANES, 4 * LANES, TURNED
    got = WHOLE[transform](make, *lanes)
    for name, grid, wanted in zip(cases, got, make(*lanes), strict=True):
        assert type(grid) is torch.Tensor, name
        assert_identical(grid, wanted)


@pytest.mark.parametrize("name", [*VARIABLE, *INTEGERS])
def test_without_values(name):
    make, x = {**VARIABLE, **INTEGERS}[name]
    expected = make(x)
    meta = make(x.to("meta")) if "0-d" not in name else None
    with FakeTensorMode() as mode:
        fake = make(mode.from_tensor(x))
    for got in (meta, fake):
        if got is not None:
            assert (got.dtype, got.shape) == (expected.dtype, expected.shape)


def weighted(make):
    """A real function of the grid in which the elements count differently."""

    def total(x):
        grid = make(x)
        weight = torch.linspace(1, 2, grid.numel(), dtype=grid.dtype).reshape(grid.shape)
        return (grid * weight).abs().square().sum()

    return total


def gradient(make, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(make(x), x)[0]


SMOOTH = {n: case for n, case in VARIABLE.items() if "short" not in n}


@pytest.mark.parametrize("name", SMOOTH)
def test_gradients(name):
    """Eager, by ``torch.func`` and in either mode: one number."""
    make, x = SMOOTH[name]
    total = weighted(make)
    expected = gradient(total, x)
    assert torch.equal(func.grad(total)(x), expected)
    assert torch.equal(func.functionalize(func.grad(total))(x), expected)
    if not x.is_complex():  # to which these are not open
        assert torch.equal(func.jacrev(total)(x), expected)
        torch.testing.assert_close(func.jacfwd(total)(x), expected, rtol=1e-13, atol=0)
        func.hessian(total)(x)


def test_gradients_of_a_program():
    def total(real, turned):
        lanes = {id(LANES): real, id(TURNED): turned}
        return sum(weighted(make)(lanes[id(x)]) for make, x in SMOOTH.values())

    torch._dynamo.reset()
    whole = torch.compile(total, fullgraph=True, backend="aot_eager")
    ends = [x.clone().requires_grad_() for x in (LANES, TURNED)]
    wanted = torch.autograd.grad(total(*ends), ends)
    for got, true in zip(torch.autograd.grad(whole(*ends), ends), wanted, strict=True):
        torch.testing.assert_close(got, true, rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes(name):
    """Against differences, as PyTorch itself does that."""
    make, x = SMOOTH[name]
    dtype = torch.complex128 if x.is_complex() else torch.float64
    x = x.to(dtype).requires_grad_()
    assert torch.autograd.gradcheck(make, (x,), check_forward_ad=True)


class TestVariableNumbers:
    """One program serves all values of an argument that is a number."""

    @staticmethod
    def count(function, calls, **options):
        torch._dynamo.reset()
        programs = []

        def backend(graph, inputs):
            programs.append(graph)
            return aot_eager(graph, inputs)

        whole = torch.compile(function, fullgraph=True, backend=backend, **options)
        for args in calls:
            assert_identical(whole(*args), function(*args))
        return len(programs)

    @pytest.mark.parametrize(
        "function",
        [
            lambda stop: xspace.linspace(Fraction(1, 3), stop, 4, xp=torch),
            lambda stop: xspace.logspace(0, 1, 4, base=stop, xp=torch),
            lambda stop: xt.linspace(0, stop, 4),
        ],
    )
    def test_floats(self, function):
        values = [0.1, 0.2, 1.5, 1e300, 5e-324, math.inf, 2.0, 3.0, 4.0, 5.0, 6.0]
        assert self.count(function, [(v,) for v in values]) == 2

    @pytest.mark.parametrize(
        "function",
        [
            lambda n: xspace.linspace(0, 1, n, xp=torch),
            lambda n: xspace.geomspace(1, n, n, xp=torch),
            lambda n: xspace.arange(n, xp=torch),
            lambda n: xspace.arange(n, 3 * n, xp=torch, dtype=torch.float16),
            lambda n: xt.linspace(0, n, steps=n),
            lambda n: xt.arange(-n, n, 3),
        ],
    )
    def test_integers(self, function):
        assert self.count(function, [(n,) for n in range(3, 14)]) == 2
        assert self.count(function, [(n,) for n in range(3, 14)], dynamic=True) <= 2

    def test_bounds_that_are_no_integers(self):
        """Each length is a program of its own."""

        def grid(stop):
            return xspace.arange(0, stop, 0.25, xp=torch)

        assert self.count(grid, [(1.5,), (2.25,), (3.0,)]) > 2

    def test_signs_of_zeros(self):
        """A variable keeps its sign, once the compiler knows that it is one."""

        def grid(start):
            return xspace.linspace(start, 1, 3, xp=torch)

        self.count(grid, [(1.0,), (2.0,), (-0.0,), (0.0,), (-0.0,)])


class TestSymbolicSizes:
    """Exported programs whose sizes are open."""

    CASES: ClassVar = {
        "arange": lambda x: xspace.arange(x.shape[0], xp=torch),
        "arange, a start": lambda x: xspace.arange(2, x.shape[0] + 3, 2, xp=torch),
        "arange, a float dtype": lambda x: xspace.arange(
            x.shape[0], 3 * x.shape[0], xp=torch, dtype=torch.float32
        ),
        "linspace": lambda x: xspace.linspace(0, 1, x.shape[0], xp=torch),
        "linspace, an end": lambda x: xspace.linspace(0, x.shape[0], 5, xp=torch),
        "linspace, lanes": lambda x: xspace.linspace(x, 7, 2 * x.shape[0]),
        "linspace, a step": lambda x: xspace.linspace(x, 7, x.shape[0], retstep=True)[1],
        "logspace": lambda x: xspace.logspace(0, 1, x.shape[0], xp=torch),
        "geomspace": lambda x: xspace.geomspace(1, x.shape[0], x.shape[0], xp=torch),
        "drop-in arange": lambda x: xt.arange(x.shape[0]),
        "drop-in arange, down": lambda x: xt.arange(x.shape[0], 0, -1),
        "drop-in linspace": lambda x: xt.linspace(0, 1, x.shape[0]),
        "drop-in logspace": lambda x: xt.logspace(0, 1, x.shape[0]),
    }

    @pytest.mark.parametrize("strict", [True, False])
    @pytest.mark.parametrize("name", CASES)
    def test_export(self, name, strict):
        make = self.CASES[name]

        class Module(torch.nn.Module):
            def forward(self, x):
                return make(x)

        shapes = ({0: torch.export.Dim("n")},)
        program = torch.export.export(Module(), (LANES,), dynamic_shapes=shapes, strict=strict)
        for count in (3, 2, 7, 100):
            x = torch.arange(1.0, count + 1, dtype=torch.float64)
            assert_identical(program.module()(x), make(x))


class TestNothingIsComputed:
    """Tensors without values: what is asked for may be larger than any memory."""

    @pytest.mark.parametrize("num", [0, 1, 65_535, 65_536, 10**8, 10**15])
    def test_sizes(self, num):
        step = 1.0 if num < 2 else 1 / (num - 1)
        for device in ("meta", torch.device("meta")):
            where = {"xp": torch, "device": device}
            grids = [
                xspace.linspace(0, 1, num, **where),
                xspace.logspace(0, 1, num, **where),
                xspace.geomspace(1, 1j, num, dtype=torch.complex64, **where),
                xspace.linspace(0, 1, num, retstep=True, **where)[0],
                xspace.arange(0, num, dtype=torch.float16, **where),
                xspace.LinRange(0, 1, num).to_array(**where),
                xt.linspace(0, 1, num, device=device),
                xt.arange(num, device=device),
            ]
            assert all(g.shape == (num,) and g.device.type == "meta" for g in grids)
        if num > 1:
            assert xspace.linspace(0, 1, num, xp=torch, device="meta", retstep=True)[1] == step

    def test_steps(self):
        end = torch.ones(3, 1, device="meta")
        for start in (0, torch.ones(2, device="meta"), 1j):
            grid, step = xspace.linspace(start, end, 10**9, retstep=True)
            assert (10**9, *step.shape) == grid.shape
            assert (step.dtype, step.device) == (grid.dtype, grid.device)

    def test_devices_that_are_not_there(self):
        with FakeTensorMode():
            for grid in (
                xspace.linspace(0, 1, 5, xp=torch, device="cuda"),
                xspace.arange(5, xp=torch, device="cuda"),
                xt.logspace(0, 1, 5, device="cuda"),
            ):
                assert (grid.device.type, grid.shape) == ("cuda", (5,))

    @pytest.mark.parametrize(
        ("error", "call"),
        [
            (ValueError, lambda w: xspace.geomspace(0, 1, 3, **w)),
            (ValueError, lambda w: xspace.geomspace(1j, 0, 3, **w)),
            (ValueError, lambda w: xspace.linspace(0, 1, -1, **w)),
            (ValueError, lambda w: xspace.linspace(0, 1, 10**30, **w)),
            (ValueError, lambda w: xspace.arange(0, 1, 0, **w)),
            (TypeError, lambda w: xspace.linspace("a", 1, 3, **w)),
            (TypeError, lambda w: xspace.linspace(0, 1j, 3, dtype=torch.float32, **w)),
            (OverflowError, lambda w: xspace.linspace(0, 1000, 3, dtype=torch.int8, **w)),
            (OverflowError, lambda w: xspace.linspace(0, math.inf, 3, dtype=torch.int8, **w)),
            (OverflowError, lambda w: xspace.arange(1000, dtype=torch.int8, **w)),
        ],
    )
    def test_errors(self, error, call):
        with pytest.raises(error) as there:
            call({"xp": torch})
        for device, mode in (("meta", None), ("cpu", FakeTensorMode())):
            with pytest.raises(error) as found, mode or torch.device("cpu"):
                call({"xp": torch, "device": device})
            assert str(found.value) == str(there.value)


def test_programs_hold_no_grids():
    """They are made where a program runs."""
    graphs = []

    def backend(graph, _):
        graphs.append(graph)
        return graph

    torch._dynamo.reset()
    whole = torch.compile(
        lambda: (xspace.arange(10**6, xp=torch), xt.linspace(0, 1, 10**6)),
        fullgraph=True,
        backend=backend,
    )
    assert [grid.shape for grid in whole()] == [(10**6,)] * 2
    (graph,) = graphs
    assert not [node for node in graph.graph.nodes if node.op == "get_attr"]
    assert not [*graph.parameters(), *graph.buffers()]


POINT = torch.tensor(2.0, dtype=torch.float64)


def summed(t):
    return xspace.geomspace(t, 3, 5).sum() + xspace.logspace(0.5, 1, 5, base=t).sum()


#: Derivatives that a compiled function takes by itself.
INSIDE = {
    "grad": lambda t: func.grad(summed)(t),
    "grad of grad": lambda t: func.grad(func.grad(summed))(t),
    "value and step": lambda t: func.grad(
        lambda s: (
            xspace.linspace(s, 3, 5, retstep=True)[0].sum()
            * xspace.linspace(s, 3, 5, retstep=True)[1]
        )
    )(t),
    "complex": lambda t: func.grad(lambda s: xspace.geomspace(s, 3 + 4j, 5).abs().sum())(t),
    "vmap of grad": lambda t: func.vmap(func.grad(summed))(torch.stack([t, 2 * t])),
    "jvp": lambda t: func.jvp(summed, (t,), (t,))[1],
    "jvp of grad": lambda t: func.jvp(func.grad(summed), (t,), (t,))[1],
    "jacrev of jacfwd": lambda t: func.jacrev(func.jacfwd(summed))(t),
    "hessian": lambda t: func.hessian(summed)(t),
}


def both_ways(graph, inputs):
    """A backend: a program as it was read, and as it is traced once more."""
    traced = aot_eager(graph, inputs)

    def run(*args):
        read, again = graph(*args), traced(*args)
        assert all(map(torch.equal, read, again))
        return read

    return run


@pytest.mark.parametrize("name", INSIDE)
def test_derivatives_inside_of_a_compiled_function(name):
    slope = INSIDE[name]
    assert torch.equal(compiled_with(both_ways)(slope, POINT), slope(POINT))
