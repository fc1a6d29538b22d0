"""Grids of a function as an operator of PyTorch: compiled, exported, batched and differentiated.

What computes is the eager maker, inside an operator that a compiler cannot look into: so a compiled
program has the bits of the eager one.  `_Grid` brings PyTorch's transforms to it.  The derivative
of a grid is a grid of the same operator, with one order more (`derivatives`).  The steps of a
``linspace`` are a grid of one sample, which ``step`` names.
"""

from __future__ import annotations

import operator
from functools import lru_cache
from typing import Any

import torch
from torch import library as operators
from torch._functorch.utils import enable_single_level_autograd_function

from ..engine.native.filling import plain_number
from ..exact.number import Scalar
from ..grids.produce import produce
from ..grids.real import real_source
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..ground.sizes import check_size
from ..lanes.derivatives import host_derivative
from ..lanes.make import make_eagerly, make_steps
from ..lanes.plan import Plan
from ..lanes.torch import TENSORS, is_watched, samples_of_tensors
from ..libraries.scalars import read_scalar
from ..libraries.torch import TorchBackend

__all__ = [
    "NAMES",
    "NAMESPACE",
    "call_grid",
    "differentiable_grid",
    "grid_of",
    "read_text",
    "write_scalar",
]

#: The operators of a copy of this package inside another one have a name of their own.
NAMESPACE = __name__.rpartition(".deferred.")[0].replace(".", "_")
_GRID = f"{NAMESPACE}::grid"

#: The ends that may be tensors, in their order.
NAMES = ("start", "stop", "base")

_CPU = torch.device("cpu")
_unpack_dual = torch._C._VariableFunctions._unpack_dual
_TORCH = TorchBackend()
_FLOATS = {d: _TORCH.read_dtype(d) for d in (torch.float64, torch.complex128)}

# Defined by its schema: the decorator `custom_op` would import the compiler, for seconds, at the
# first eager call.  The device is text, as `torch.jit.trace` records none.
operators.define(
    _GRID,
    "(Tensor? start, Tensor? stop, Tensor? base, str scalars, str caller, SymInt num, "
    "bool endpoint, int[] orders, ScalarType dtype, str device) -> Tensor",
)


def grid_of(plan: Any, ends: dict[str, Any]) -> Any:
    """The samples of a batch, or a partial derivative, along axis 0."""
    for name, end in ends.items():
        if type(end) in TENSORS and end.is_meta and plan.target.device.type != "meta":
            msg = f"{name} is on meta, without a value, and the device is {plan.target.device}"
            raise ValueError(msg)
    tensors = [None if isinstance(ends.get(n), Scalar) else ends.get(n) for n in NAMES]
    orders = list(plan.orders) or [0] * len(ends)
    target = plan.target
    static = (
        ";".join(write_scalar(v) if isinstance(v, Scalar) else "" for v in ends.values()),
        target.caller,
        plan.num,
        plan.endpoint,
        orders,
        target.dtype,
        str(target.device),
    )
    return call_grid(static, tensors)


def differentiable_grid(
    caller: str, ends: dict[str, Any], num: int, endpoint: bool, dtype: torch.dtype
) -> Any:
    """The samples, where nothing but reverse mode looks on; all tensors are in host memory."""
    texts = ["" if type(v) in TENSORS else write_scalar(read_scalar(n, v)) for n, v in ends.items()]
    tensors = [v if type(v) in TENSORS else None for v in map(ends.get, NAMES)]
    static = ";".join(texts), caller, num, endpoint, [0] * len(ends), dtype, "cpu"
    return _Now.apply(static, *tensors)


def call_grid(static: tuple[Any, ...], tensors: list[Any]) -> Any:
    """The operator; ``static`` is what follows the tensors in its schema."""
    return _operator(*tensors, *static)


def _tangent(static: tuple[Any, ...], tensors: Any, tangents: Any) -> Any:
    parts = [
        tangent * _derivative(static, tensors, place)
        for place, tangent in enumerate(tangents)
        if tangent is not None
    ]
    return sum(parts[1:], parts[0]).to(_dtype(static))


class _Grid(torch.autograd.Function):  # type: ignore[misc]
    """The operator under reverse mode and forward mode; before torch 2.5 also under ``vmap``."""

    @staticmethod
    def forward(static: tuple[Any, ...], *tensors: Any) -> Any:
        with torch._C._AutoDispatchBelowAutograd():
            return _operator(*tensors, *static)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        ctx.static, *tensors = inputs
        ctx.save_for_backward(*tensors)
        ctx.save_for_forward(*tensors)
        # An end without a tangent is left out: zero times an infinite derivative were NaN.
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> tuple[Any, ...]:
        if gradient is None:
            return (None,) * len(ctx.needs_input_grad)
        wanted = ctx.needs_input_grad[1:]
        return (None, *_gradients(ctx.static, ctx.saved_tensors, wanted, gradient))

    @staticmethod
    def jvp(ctx: Any, _: Any, *tangents: Any) -> Any:
        return _tangent(ctx.static, ctx.saved_tensors, tangents)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], static: Any, *tensors: Any) -> tuple[Any, int]:
        return _Grid.apply(static, *_with_batch_axis(tensors, in_dims[1:])), 1

    @classmethod
    def apply_here(cls, static: tuple[Any, ...], *tensors: Any) -> Any:
        """The function at the level of ``torch.func`` that called the operator's kernel."""
        with enable_single_level_autograd_function():
            return super(torch.autograd.Function, cls).apply(static, *tensors)


class _Now(torch.autograd.Function):  # type: ignore[misc]
    """The same for reverse mode alone, at which PyTorch looks on for a shorter time."""

    @staticmethod
    def forward(ctx: Any, static: tuple[Any, ...], *tensors: Any) -> Any:
        ctx.static = static
        ctx.save_for_backward(*tensors)
        ctx.set_materialize_grads(False)
        samples = _samples_now(static, tensors)
        return _make(*tensors, *static) if samples is None else samples

    backward = _Grid.backward


def _with_batch_axis(tensors: Any, dims: Any) -> list[Any]:
    """The axis of the batch as the first axis of the lanes."""
    pairs = list(zip(tensors, dims, strict=True))
    rank = max(0 if t is None else t.ndim - (d is not None) for t, d in pairs)
    return [t if d is None else _leading(t.movedim(d, 0), rank) for t, d in pairs]


def _leading(tensor: Any, rank: int) -> Any:
    """A batch of tensors with as many axes behind that of the batch as the lanes have."""
    shape = tensor.shape
    return tensor.reshape(shape[:1] + (1,) * (rank + 1 - tensor.ndim) + shape[1:])


def _gradients(static: Any, tensors: Any, wanted: Any, gradient: Any) -> list[Any]:
    results: list[Any] = []
    for place, (tensor, is_wanted) in enumerate(zip(tensors, wanted, strict=True)):
        if tensor is None or not is_wanted:
            results.append(None)
            continue
        slope = _derivative(static, tensors, place)
        if not slope.is_complex():
            product = (gradient * slope).sum(0)
        else:
            product = (gradient * slope.conj()).sum(0)
        if product.is_complex() and not tensor.is_complex():
            product = product.real  # a real end moves along the real numbers
        if product.shape != tensor.shape:
            product = product.sum_to_size(tensor.shape)
        results.append(product.to(tensor.dtype))
    return results


def _derivative(static: Any, tensors: Any, place: int) -> Any:
    """The partial derivative by one of the ends, in float64 where the device has it.

    A grid is holomorphic, so a tangent is multiplied by it and a gradient, as PyTorch defines that,
    by its conjugate.
    """
    scalars, caller, num, endpoint, orders, _, device = static
    raised = [n + (k == place) for k, n in enumerate(orders)]
    dtypes = (torch.float64, torch.complex128)
    if device.startswith("mps"):
        dtypes = (torch.float32, torch.complex64)
    dtype = dtypes[_dtype(static).is_complex]
    static = scalars, caller, num, endpoint, raised, dtype, device
    if device == "cpu" and not (torch.is_grad_enabled() or is_watched()):
        return _slopes_now(static, tensors)
    return call_grid(static, list(tensors))


@in_standard_environment
def _slopes_now(static: Any, tensors: Any) -> Any:
    """A derivative in host memory, as the operator makes it."""
    scalars, caller, num, endpoint, orders, dtype, _ = static
    if dtype is torch.float64 and sum(orders) == 1 and caller != "step":
        ends = _plain_ends(scalars, tensors)
        slopes = ends and samples_of_tensors(caller, ends, num, endpoint, dtype, orders.index(1))
        if slopes is not None:
            return slopes
    target = Target(caller, _TORCH, *_FLOATS[dtype], _CPU, dtype.is_complex)
    values = _values(tensors, scalars)
    hosts = {n: v if isinstance(v, Scalar) else _TORCH.to_host(v) for n, v in values.items()}
    return torch.from_numpy(host_derivative(Plan(num, endpoint, target, tuple(orders)), hosts))


def _dtype(static: tuple[Any, ...]) -> torch.dtype:
    dtype: torch.dtype = static[5]
    return dtype


def _is_differentiable(static: tuple[Any, ...]) -> bool:
    dtype = _dtype(static)
    return bool(dtype.is_floating_point or dtype.is_complex)


def write_scalar(number: Scalar) -> str:
    """A scalar as text; a number that the compiler took for a variable becomes a constant."""
    parts = [number] if number.imag is None else [number, number.imag]
    return "+".join(map(_write_part, parts))


def _write_part(number: Scalar) -> str:
    special = "-0.0" if number.is_negative_zero else "0.0"
    if not number.is_finite:
        x = number.special
        special = "nan" if x != x else "inf" if x > 0 else "-inf"
    return f"{operator.index(number.n):x}/{operator.index(number.d):x}/{special}"


@lru_cache(maxsize=256)
def read_text(text: str) -> Scalar:
    """What `write_scalar` wrote."""
    real, *imag = map(_read_part, text.split("+"))
    return real._replace(imag=imag[0]) if imag else real


def _read_part(text: str) -> Scalar:
    n, d, special = text.split("/")
    return Scalar(int(n, 16), int(d, 16), float(special))


@in_standard_environment
def _make(start: Any, stop: Any, base: Any, *static: Any) -> Any:
    """The operator on tensors with values."""
    scalars, caller, num, endpoint, orders, dtype, device = static
    samples = _samples_now(static, (start, stop, base))
    if samples is not None:
        return samples
    if device == "meta":
        return _fake(start, stop, base, *static)
    check_size(num)
    place = torch.device(device)
    target = Target(caller, _TORCH, *_TORCH.read_dtype(dtype), place, dtype.is_complex)
    values = _values((start, stop, base), scalars)
    plan = Plan(num, endpoint, target, tuple(orders))
    if any(orders):
        return make_eagerly(plan, values)
    if caller == "step":
        return make_steps(plan, values).unsqueeze(0)
    if target.is_complex or not all(isinstance(v, Scalar) for v in values.values()):
        return make_eagerly(plan, values)
    source = real_source(caller, tuple(values.values()), num, endpoint, target.fmt)
    return produce(source, target)


def _samples_now(static: Any, tensors: tuple[Any, ...]) -> Any:
    """The samples in host memory by the engine, or None."""
    scalars, caller, num, endpoint, orders, dtype, device = static
    if caller == "step" or device != "cpu" or any(orders) or is_watched():
        return None
    ends = _plain_ends(scalars, tensors)
    return ends and samples_of_tensors(caller, ends, num, endpoint, dtype)


def _plain_ends(scalars: str, tensors: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The tensors, and numbers that the engine reads in place of those that there are not."""
    numbers = _plain_numbers(scalars)
    if numbers is None:
        return None
    return tuple([n if t is None else t for t, n in zip(tensors, numbers, strict=True)])


@lru_cache(maxsize=256)
def _plain_numbers(scalars: str) -> tuple[Any, ...] | None:
    """The numbers among the ends as the engine reads them, 1 for a base that there is not."""
    texts = [*scalars.split(";"), "1/1/0.0"][: len(NAMES)]
    numbers = [plain_number(read_text(text)) if text else 0 for text in texts]
    return None if None in numbers else (*numbers,)


def _values(tensors: Any, scalars: str) -> dict[str, Any]:
    """The ends by name: numbers, and tensors that are none."""
    return {
        name: read_text(text) if tensor is None else _number_in(name, tensor)
        for name, tensor, text in zip(NAMES, tensors, scalars.split(";"), strict=False)
    }


def _number_in(name: str, tensor: Any) -> Any:
    """The number in a tensor of no dimensions that lies in host memory; others as they are."""
    return (
        tensor if tensor.ndim or tensor.device.type != "cpu" else read_scalar(name, tensor.item())
    )


def _fake(start: Any, stop: Any, base: Any, *static: Any) -> Any:
    """The operator on tensors without values: shape, dtype and device."""
    _, caller, num, _, _, dtype, device = static
    shape = torch.broadcast_shapes(*(t.shape for t in (start, stop, base) if t is not None))
    return torch.empty((1 if caller == "step" else num, *shape), dtype=dtype, device=device)


def _differentiable(start: Any, stop: Any, base: Any, *static: Any) -> Any:
    """The operator where a level of differentiation meets it."""
    tensors = [t for t in (start, stop, base) if t is not None]
    reverse = torch.is_grad_enabled() and True in [t.requires_grad for t in tensors]
    # By the level: within a compiled program Python's own variable says that there is none.
    forward = [t for t in tensors if _unpack_dual(t, level=0)[1] is not None]
    if (reverse or forward) and _is_differentiable(static):
        return _Grid.apply_here(static, start, stop, base)
    if not forward:
        samples = _samples_now(static, (start, stop, base))
        if samples is not None:
            return samples
    with torch._C._AutoDispatchBelowAutograd():
        return _operator(start, stop, base, *static)


def _batched(info: Any, in_dims: Any, *inputs: Any) -> tuple[Any, int]:
    return _operator(*_with_batch_axis(inputs[:3], in_dims[:3]), *inputs[3:]), 1


operators.impl(_GRID, "CompositeExplicitAutograd", _make)
operators.register_fake(_GRID, _fake)
operators.impl(_GRID, "Autograd", _differentiable)
operators.register_vmap(_GRID, _batched)
_operator = getattr(torch.ops, NAMESPACE).grid
