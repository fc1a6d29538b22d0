"""What people write with PyTorch and JAX on the CPU: eager, compiled, and differentiated.

A row with ``compile`` makes a new program in each call, and the others run one that is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from random import Random
from typing import Any

import xspace

from .measure import Draw, numbers
from .rows import FUNCTIONS, Row, vocabulary

__all__ = ["made", "rows"]


def rows() -> Iterator[Row]:
    if find_spec("torch") is not None:
        yield from torch_rows()
    if find_spec("jax") is not None:
        yield from jax_rows()


def torch_rows() -> Iterator[Row]:
    import torch

    from xspace.dropin import torch as dropin

    def powers(a: Any, b: Any, num: int) -> Any:
        """What people write, as `torch.logspace` takes no lanes and has no derivatives."""
        t = torch.linspace(0, 1, num, dtype=a.dtype)
        return 10 ** (a + (b - a) * (t[:, None] if a.ndim else t))

    def tensors(rng: Random) -> tuple[Any, ...]:
        return tuple(map(torch.tensor, numbers(rng)))

    def variables(rng: Random) -> tuple[Any, ...]:
        return tuple(end.requires_grad_() for end in tensors(rng))

    def lanes(count: int) -> Draw:
        ends = torch.rand(2, count, dtype=torch.float64) + torch.tensor([[0.0], [2.0]])
        return lambda rng: tuple(ends)

    others = {"torch": torch, "float64": torch.float64, "compile": torch.compile}
    others["reset"] = torch.compiler.reset
    native, mine, same = (vocabulary(library, **others) for library in (torch, xspace, dropin))
    own, dropped = (native, mine), (native, same)
    formula = native | {"logspace": powers}, mine
    for num in ("50", "1000", "10**4", "10**6"):
        yield Row.of(f"logspace(a, b, {num})", own, "torch", "xp=torch")
        for call in (f"logspace(a, b, {num}, dtype=float64)", f"linspace(a, b, {num})"):
            yield Row.of(call, dropped, "torch drop-in")
    call = "logspace(a, b, 50)"
    yield Row.of(call, own, "torch 0-d tensors", draw=tensors)
    for count in (1000, 10):
        kind = f"torch tensors of {count:,}"
        yield Row.of(f"logspace(a, b, {count})", formula, kind, draw=lanes(count))
    yield Row.of(f"{call}.sum().backward()", formula, "torch gradient", draw=variables)
    program = f"compile(lambda a, b: {call} * 2, fullgraph=True)"
    compiled: dict[str, Any] = {"shown": f"{call} * 2", "draw": tensors}
    yield Row.of(f"reset() or {program}(a, b)", formula, "torch compile", **compiled)
    yield Row.of("f(a, b)", made(program, formula), "torch compiled", **compiled)


def jax_rows() -> Iterator[Row]:
    import jax
    import jax.numpy as jnp

    def scalars(rng: Random) -> tuple[Any, ...]:
        return tuple(map(jnp.float64, numbers(rng)))

    def lanes(rng: Random) -> tuple[Any, ...]:
        return jnp.linspace(0, 1, 1000), jnp.linspace(2, 3, 1000)

    others = {"jit": jax.jit, "vmap": jax.vmap, "grad": jax.grad, "jnp": jnp}
    both = vocabulary(jnp, **others), vocabulary(xspace, **others)
    wait = ".block_until_ready()"

    def compiled(program: str, draw: Draw = scalars) -> Row:
        call = f"{program}.lower(a, b).compile()"
        return Row.of(call, both, "jax compile", shown=program, draw=draw)

    def run(program: str, draw: Draw = scalars) -> Row:
        call = f"f(a, b){wait}"
        return Row.of(call, made(program, both), "jax", shown=program, draw=draw)

    nums = ("50", "10**4", "10**6")
    for num in nums:
        call = f"logspace(a, b, {num})"
        yield Row.of(call + wait, both, "jax", "xp=jnp", shown=call)
    for function in FUNCTIONS:
        programs = [f"jit(lambda a, b: {function}(a, b, {num}))" for num in nums]
        yield compiled(programs[0])
        yield from map(run, programs)
    many = "jit(vmap(lambda a, b: logspace(a, b, 100)))"
    slope = "jit(grad(lambda a, b: logspace(a, b, 50).sum()))"
    for program, draw in ((many, lanes), (slope, scalars)):
        yield compiled(program, draw)
        yield run(program, draw)
    yield run("jit(lambda a, b: logspace(-4.3, 3.7, 10**6))")


def made(program: str, names: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """``f`` is a program that is made once."""
    return [{"f": eval(program, dict(known))} for known in names]
