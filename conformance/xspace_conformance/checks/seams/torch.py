"""How PyTorch calls functions, and how it gives them numbers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import forward_ad
from torch.fx.experimental.proxy_tensor import make_fx

from .check import ABSTRACT, SOME, Call, Ends, Function, Transform

NATIVE = torch
NAMES = {"torch": torch}
#: What its signatures cannot say.
DROPIN_LACKS = ("endpoint", "retstep", "axis")
DROPIN_DIFFERENTIATES = False

ENDS = (
    Ends("tensors", "torch.tensor(0.5)", "torch.tensor(3.0)"),
    Ends("long-tensors", "torch.tensor(0.5, dtype=torch.float64)", "torch.tensor(3.0)"),
    Ends("short-tensor", "torch.tensor(0.5, dtype=torch.bfloat16)", "3"),
    Ends("integer-tensors", "torch.tensor(1)", "torch.tensor(4)"),
    Ends("tensor-beside-fraction", "Fraction(1, 2)", "torch.tensor(3.0)"),
    Ends("tensor-beside-complex", "torch.tensor(1.0)", "3+4j"),
    Ends("complex-tensors", "torch.tensor(1+2j)", "torch.tensor(3-1j)"),
    Ends("lanes", "torch.tensor([0.5, 1.0])", "torch.tensor([3.0, 2.0])"),
    Ends("lanes-beside-number", "torch.tensor([0.5, 1.0], dtype=torch.float64)", "3"),
    Ends("lanes-beside-tensor", "torch.tensor([0.5, 1.0])", "torch.tensor(3.0)"),
    Ends("short-lanes", "torch.tensor([0.5, 1.0], dtype=torch.float16)", "3"),
    Ends("lanes-beside-complex", "torch.tensor([1.0, 2.0])", "3+4j"),
    Ends("complex-lanes", "torch.tensor([1+2j, 2-1j])", "torch.tensor([3-1j, 2.5+0.5j])"),
    Ends("complex-beside-lanes", "1+2j", "torch.tensor([3.0, 2.0])"),
)

Pair = tuple[Any, Any]


def compiled(function: Callable[..., Any], backend: str = "eager", **options: Any) -> Any:
    torch.compiler.reset()  # programs of the same code share a limit on their number
    return torch.compile(function, fullgraph=True, backend=backend, **options)


class Around(torch.nn.Module):
    """A function as a module, which is what ``torch.export`` takes."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *arguments: Any) -> Any:
        return self.function(*arguments)


def eager(f: Function, ends: Pair) -> Any:
    return f(*ends)


# The function closes over its ends: these are constants of a program, or of a batch.


def inference_mode(f: Function, ends: Pair) -> Any:
    with torch.inference_mode():
        return f(*ends)


def compile(f: Function, ends: Pair) -> Any:
    return compiled(lambda: f(*ends), "aot_eager")()


def export(f: Function, ends: Pair) -> Any:
    program = torch.export.export(Around(lambda x: (x, f(*ends))), (torch.ones(2),))
    return program.module()(torch.ones(2))[1]


def make_graph(f: Function, ends: Pair) -> Any:
    return make_fx(lambda x: (x, f(*ends)))(torch.ones(2))(torch.ones(2))[1]


def in_vmap(f: Function, ends: Pair) -> Any:
    held = []

    def one(x: Any) -> Any:
        held.append(f(*ends))
        return x

    torch.func.vmap(one)(torch.ones(2))
    return held[0]


def in_vmap_times(f: Function, ends: Pair) -> Any:
    def one(x: Any) -> Any:
        made = f(*ends)
        return tuple(x * part for part in (made if isinstance(made, tuple) else (made,)))

    rows = torch.func.vmap(one)(torch.ones(2, dtype=torch.int8))  # which no dtype is below
    return [row[1] for row in rows]


def with_tensors(f: Function, ends: Pair) -> Any:
    """Return what may be beside a result: a step is a number of Python's, and may not."""
    made = f(*ends)
    return [*map(torch.as_tensor, made)] if isinstance(made, tuple) else made


def in_grad(f: Function, ends: Pair) -> Any:
    return torch.func.grad(lambda x: (x, with_tensors(f, ends)), has_aux=True)(torch.ones(()))[1]


def in_jvp(f: Function, ends: Pair) -> Any:
    one = torch.ones(())
    return torch.func.jvp(lambda x: (x, with_tensors(f, ends)), (one,), (one,), has_aux=True)[2]


def in_jacrev(f: Function, ends: Pair) -> Any:
    return torch.func.jacrev(lambda x: (x, with_tensors(f, ends)), has_aux=True)(torch.ones(()))[1]


def in_jacfwd(f: Function, ends: Pair) -> Any:
    return torch.func.jacfwd(lambda x: (x, with_tensors(f, ends)), has_aux=True)(torch.ones(()))[1]


def functionalize(f: Function, ends: Pair) -> Any:
    return torch.func.functionalize(lambda: f(*ends))()


# The ends are arguments.


def compile_by_ends(f: Function, ends: Pair) -> Any:
    return compiled(f)(*ends)


def compile_dynamic(f: Function, ends: Pair) -> Any:
    return compiled(f, "aot_eager", dynamic=True)(*ends)


def export_by_ends(f: Function, ends: Pair) -> Any:
    return torch.export.export(Around(f), ends).module()(*ends)


def jit_trace(f: Function, ends: Pair) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # which PyTorch gives for its tracer
        program = torch.jit.trace(Around(f), tuple(end + end for end in ends), check_trace=False)
        return program(*ends)


def vmap(f: Function, ends: Pair) -> Any:
    over = tuple(0 if isinstance(end, torch.Tensor) and end.ndim else None for end in ends)
    return torch.func.vmap(f, in_dims=over, out_dims=-1)(*ends)


def checkpoint(f: Function, ends: Pair) -> Any:
    return torch.utils.checkpoint.checkpoint(f, *ends, use_reentrant=False)


def fake(f: Function, ends: Pair) -> Any:
    with FakeTensorMode() as mode:
        return f(*(mode.from_tensor(e) if isinstance(e, torch.Tensor) else e for e in ends))


def meta(f: Function, ends: Pair) -> Any:
    with torch.device("meta"):
        return f(*(e.to("meta") if isinstance(e, torch.Tensor) else e for e in ends))


# Derivatives, by an end that is a tensor.


def by(which: int, f: Function, ends: Pair) -> tuple[Callable[[Any], Any], Any]:
    """Return the function of one end, and that end."""
    if which:
        return lambda stop: f(ends[0], stop), ends[1]
    return lambda start: f(start, ends[1]), ends[0]


def jacfwd(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return torch.func.jacfwd(g)(end)


def jacrev(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return torch.func.jacrev(g)(end)


def jvp(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return torch.func.jvp(g, (end,), (torch.ones_like(end),))[1]


def linearize(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return torch.func.linearize(g, end)[1](torch.ones_like(end))


def grad(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    return torch.stack([torch.func.grad(lambda x, k=k: g(x)[k])(end) for k in SOME])


def vmap_grad(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    each = [torch.func.vmap(torch.func.grad(lambda x, k=k: g(x)[k])) for k in SOME]
    return torch.stack([one(torch.stack([end, end]))[1] for one in each])


def backward(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    end = end.clone().requires_grad_()
    return torch.stack([torch.autograd.grad(g(end)[k], end)[0] for k in range(5)])


def forward(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    with forward_ad.dual_level():
        return forward_ad.unpack_dual(g(forward_ad.make_dual(end, torch.ones_like(end)))).tangent


def compiled_backward(f: Function, ends: Pair, which: int) -> Any:
    g, end = by(which, f, ends)
    end = end.clone().requires_grad_()
    grid = compiled(g, "aot_eager")(end)
    return torch.stack([torch.autograd.grad(grid[k], end, retain_graph=True)[0] for k in range(5)])


def _are_numbers(ends: Ends, call: Call) -> bool:
    # Of tensors, which may have gradients, PyTorch says: "NYI: Functionalize rule".
    return ends.are_numbers


def _are_torchs(ends: Ends, call: Call) -> bool:
    # Programs take tensors and Python's numbers.
    kinds = (torch.Tensor, int, float, complex)
    return all(isinstance(e, kinds) and not isinstance(e, np.generic) for e in ends.make())


def _are_exported(ends: Ends, call: Call) -> bool:
    # Of complex numbers of Python's, PyTorch says: "Unsupported input type".
    return _are_torchs(ends, call) and not any(isinstance(e, complex) for e in ends.make())


def _are_tensors(ends: Ends, call: Call) -> bool:
    # The tracer takes and returns nothing else, and warns of a constant that NumPy made.
    made_before = "arange" in call.code and "complex" in call.code
    tensors = all(isinstance(e, torch.Tensor) for e in ends.make())
    return tensors and not made_before and "retstep" not in call.code


def one_by_one(f: Function, ends: Pair) -> Any:
    """Return what ``vmap`` is like, for functions of scalars."""
    count = max(end.numel() for end in ends if isinstance(end, torch.Tensor))
    each = [end if isinstance(end, torch.Tensor) and end.ndim else [end] * count for end in ends]
    return torch.stack([f(*pair) for pair in zip(*each, strict=True)], -1)


DROPIN_BY_LANES = one_by_one


def _are_constants(ends: Ends, call: Call) -> bool:
    # Of tensors, and of NumPy's numbers, the compiler knows no values that a length could come of.
    return not (call.is_fixed and any(hasattr(end, "dtype") for end in ends.make()))


def _are_written(ends: Ends, call: Call) -> bool:
    # A complex number of Python's, as a step is then, is no result that a program can have.
    return _are_constants(ends, call) and not (ends.is_complex and "retstep" in call.code)


def _by_lanes(ends: Ends, call: Call) -> bool:
    return ends.has_lanes and call.axis == 0


def _is_floating(end: Any) -> bool:
    return isinstance(end, torch.Tensor) and end.is_floating_point()


CLOSED = (
    *(inference_mode, make_graph, in_vmap),
    *(in_grad, in_jvp, in_jacrev, in_jacfwd),
)
TRACED = (compile_by_ends, compile_dynamic, checkpoint)
SLOPES = (jacfwd, jacrev, jvp, linearize, grad, vmap_grad, backward, forward, compiled_backward)

TRANSFORMS = (
    Transform(eager),
    *(Transform(apply) for apply in CLOSED),
    Transform(compile, takes=_are_constants),
    Transform(export, takes=_are_written),
    Transform(in_vmap_times, keeps=("dtype", "shape")),
    Transform(functionalize, takes=_are_numbers),
    *(Transform(apply, traces=True, takes=_are_torchs) for apply in TRACED),
    Transform(export_by_ends, traces=True, takes=_are_exported),
    Transform(jit_trace, traces=True, takes=_are_tensors),
    Transform(vmap, traces=True, keeps=("dtype", "shape", "device"), takes=_by_lanes),
    Transform(fake, keeps=(*ABSTRACT, "device"), has_elements=False, traces=True),
    Transform(meta, keeps=ABSTRACT, has_elements=False, traces=True),
    *Transform.slopes(*SLOPES, takes=_is_floating),
)
