"""Exported programs of JAX that call the compiled engine.

What `jax.export` writes runs where xspace is not installed: its grids are made of operations on
integers.  If whoever reads a program has xspace, too, the program can call the engine instead, as
programs of the CPU do that are not exported.  The writer says so with `engine_in_exports`, and the
reader calls `register_engine`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jax import export

from .deferred.jax_call import HANDLER, exports_with_calls, is_registered, register

__all__ = ["engine_in_exports", "register_engine"]


@contextmanager
def engine_in_exports() -> Iterator[tuple[export.DisabledSafetyCheck, ...]]:
    """Let programs that are exported inside of it call the engine where they run on a CPU.

    It gives what is to be passed as ``disabled_checks`` of `jax.export.export`, which else refuses
    calls that it does not know.  Derivatives are written by ``serialize``: call it inside, too.
    Without the engine, and on other platforms, a program is made of integers, as outside.

    Yields
    ------
    tuple of jax.export.DisabledSafetyCheck
        That the engine may be called.  The name of the call has a version: of an xspace with
        another version, XLA says that there is no such call.

    See Also
    --------
    register_engine : what a process calls that reads such a program.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, xspace.jax
    >>> def grid(x):
    ...     return xspace.geomspace(x, 8, 4)
    >>> with xspace.jax.engine_in_exports() as checks:
    ...     program = jax.export.export(jax.jit(grid), disabled_checks=checks)(jnp.float32(1))
    ...     written = program.serialize()

    And where it is read, after `register_engine`:

    >>> jax.export.deserialize(written).call(jnp.float32(1))
    Array([1., 2., 4., 8.], dtype=float32)
    """
    with exports_with_calls()(True):
        yield (export.DisabledSafetyCheck.custom_call(HANDLER),)


def register_engine() -> None:
    """Make the engine known to XLA, for exported programs that call it.

    Raises
    ------
    RuntimeError
        If there is no engine; JAX raises what it raises if it does not take it.

    See Also
    --------
    engine_in_exports : how such a program is written.

    Examples
    --------
    >>> import xspace.jax
    >>> if xspace.show_config("dicts")["engine"] == "compiled":
    ...     xspace.jax.register_engine()
    """
    if not is_registered():
        register()  # again, which says why
