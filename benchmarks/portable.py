"""Programs that JAX exports, which run where no engine is: made of integers, as on accelerators.

A row with ``compile`` writes a new program in each call and compiles it.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from random import Random
from typing import Any

import xspace

from .measure import numbers
from .rows import FUNCTIONS, Row, vocabulary
from .tensors import made

__all__ = ["rows"]


def rows() -> Iterator[Row]:
    if find_spec("jax") is not None:
        yield from jax_rows()


def jax_rows() -> Iterator[Row]:
    import jax
    import jax.export
    import jax.numpy as jnp

    def scalars(rng: Random) -> tuple[Any, ...]:
        return tuple(map(jnp.float64, numbers(rng)))

    def export(function: Any) -> Any:
        """A program that is written, and read again by the one that calls it."""
        end = jax.ShapeDtypeStruct((), jnp.float64)
        return jax.jit(jax.export.export(jax.jit(function))(end, end).call)

    both = vocabulary(jnp, export=export), vocabulary(xspace, export=export)

    def compiled(program: str) -> Row:
        call = f"{program}.lower(a, b).compile()"
        return Row.of(call, both, "compile", shown=program, draw=scalars)

    for function in FUNCTIONS:
        yield compiled(f"export(lambda a, b: {function}(a, b, 50))")
        for num in ("50", "10**4", "10**6"):
            program = f"export(lambda a, b: {function}(a, b, {num}))"
            call = "f(a, b).block_until_ready()"
            yield Row.of(call, made(program, both), "run", shown=program, draw=scalars)
    yield compiled("export(lambda a, b: logspace(0, a, 50, base=b))")
