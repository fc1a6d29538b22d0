"""Ways to the derivatives of grids: the transformations of PyTorch and of JAX.

A way takes a function of named arrays, the arrays, and the name of one of them. It returns the
samples as they come while they are differentiated, and the derivative of each sample by its own
element of that array. All arrays have the shape of the lanes, and the samples lie along axis 0.
In forward mode a derivative has the dtype of the samples, in reverse mode that of the array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Grid = Callable[..., Any]
Way = Callable[[Grid, dict[str, Any], str], tuple[Any, Any]]

#: Ways that compile: seconds for each program.
COMPILED = ("compiled-forward", "compiled-reverse")


def is_reverse(way: str) -> bool:
    """Say whether a way takes derivatives in reverse mode."""
    return way.endswith("reverse")


def torch_ways(torch: Any, trace: Callable[[Grid], Grid]) -> dict[str, Way]:
    """Return the ways of PyTorch."""

    def forward(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        end = arrays[name]
        of_one = _of_one(function, arrays, name)
        values, slopes = torch.func.jvp(of_one, (end,), (torch.ones_like(end),))
        return values, slopes

    def reverse(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        end = arrays[name].detach().clone().requires_grad_()
        values = function(**arrays | {name: end})
        if not values.requires_grad:  # a constant
            return values, torch.zeros(values.shape, dtype=end.dtype, device=end.device)
        rows = []
        for index in range(len(values)):
            chosen = torch.zeros_like(values)
            chosen[index] = 1
            rows += torch.autograd.grad(values, end, chosen, retain_graph=True)
        return values.detach(), torch.stack(rows)

    def batched(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        one = torch.func.vmap(lambda lane: forward(function, lane, name), out_dims=-1)
        values, slopes = one(arrays)
        return values, slopes

    def compiled_reverse(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        return reverse(trace(function), arrays, name)

    return {
        "forward": forward,
        "reverse": reverse,
        "batched-forward": batched,
        "compiled-reverse": compiled_reverse,
    }


def jax_ways(jax: Any) -> dict[str, Way]:
    """Return the ways of JAX."""
    jnp = jax.numpy

    def forward(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        end = arrays[name]
        of_one = _of_one(function, arrays, name)
        values, slopes = jax.jvp(of_one, (end,), (jnp.ones_like(end),))
        if slopes.dtype == jax.dtypes.float0:  # of integers: a type with the one value zero
            slopes = jnp.zeros(values.shape, end.dtype)
        return values, slopes

    def reverse(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        end = arrays[name]
        of_one = _of_one(function, arrays, name)
        values, pull = jax.vjp(of_one, end)
        if not jnp.issubdtype(values.dtype, jnp.floating):
            _, pull = jax.vjp(lambda array: of_one(array).astype(end.dtype), end)
        kind = values.dtype if jnp.issubdtype(values.dtype, jnp.floating) else end.dtype
        zeros = jnp.zeros(values.shape, kind)
        rows = [pull(zeros.at[index].set(1))[0] for index in range(len(values))]
        return values, jnp.stack(rows)

    def batched(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
        one = jax.vmap(lambda lane: forward(function, lane, name), out_axes=-1)
        values, slopes = one(arrays)
        return values, slopes

    def compiled(way: Way) -> Way:
        def traced(function: Grid, arrays: dict[str, Any], name: str) -> tuple[Any, Any]:
            program = jax.jit(lambda given: way(function, given, name))
            values, slopes = program(arrays)
            return values, slopes

        return traced

    return {
        "forward": forward,
        "reverse": reverse,
        "batched-forward": batched,
        "compiled-forward": compiled(forward),
        "compiled-reverse": compiled(reverse),
    }


def _of_one(function: Grid, arrays: dict[str, Any], name: str) -> Grid:
    """Return the function of the one array."""
    rest = {other: array for other, array in arrays.items() if other != name}
    return lambda array: function(**{name: array}, **rest)
