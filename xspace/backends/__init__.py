"""Finding the backend of a call.  Nothing here imports an array library but NumPy."""

from __future__ import annotations

import sys
from typing import Any

import array_api_compat as compat

from ..messages import shown
from .generic import Backend
from .numpy import HostBackend, NumpyBackend

__all__ = [
    "HOST",
    "NUMPY",
    "Backend",
    "find_backend",
    "is_compiling",
    "is_for_torch",
    "is_symbolic",
    "is_tensor",
    "read_sizes",
    "unreadable",
]

NUMPY = NumpyBackend()
HOST = HostBackend()
_found: dict[int | str, Backend] = {}


def find_backend(xp: Any, arrays: dict[str, Any]) -> Backend:
    """The backend of ``xp``, else of the arrays among the arguments (by name), else NumPy's."""
    if xp is None and not arrays:
        return NUMPY
    backend = None if xp is None else _of_namespace(xp)
    owner = "xp"
    for name, array in arrays.items():
        other = _of_namespace(_namespace(array))
        if backend is None:
            backend, owner = other, name
        elif other is not backend:
            msg = (
                f"{owner} and {name} belong to two array libraries, {backend.name} and "
                f"{other.name}: convert one of them"
            )
            raise TypeError(msg)
    assert backend is not None
    return backend


def is_tensor(value: Any) -> bool:
    """Whether ``value`` is a tensor of torch, in a way that its compiler can follow."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_compiling() -> bool:
    """Whether the compiler of torch is following this call."""
    torch = sys.modules.get("torch")
    return torch is not None and bool(torch.compiler.is_compiling())


def is_for_torch(values: dict[str, Any], xp: Any) -> bool:
    """Whether a call that torch's compiler follows makes a tensor."""
    if xp is None:
        return any(map(is_tensor, values.values()))
    # Of a function with a cache, as the one of array-api-compat, the compiler warns its user.
    return getattr(_unwrapped(xp), "__name__", "") in ("torch", "array_api_compat.torch")


def is_symbolic(value: Any) -> bool:
    """Whether ``value`` is a size that JAX exports a program without knowing: any integer."""
    return getattr(value, "dimension_as_value", None) is not None  # as JAX itself tells them


def read_sizes(ends: dict[str, Any], num: Any, xp: Any) -> tuple[dict[str, Any], Any]:
    """The ends, and the namespace, where sizes that are not known yet are arrays of JAX."""
    if not any(map(is_symbolic, (num, *ends.values()))):
        return ends, xp
    jnp = sys.modules["jax"].numpy
    if xp is not None and not compat.is_jax_namespace(_unwrapped(xp)):
        msg = f"sizes that are not known yet are JAX's: wanted xp=jax.numpy, got {shown(xp)}"
        raise TypeError(msg)
    arrays = {n: jnp.asarray(v) if is_symbolic(v) else v for n, v in ends.items()}
    return arrays, xp or jnp


def unreadable(name: str, wanted: str, value: Any) -> TypeError | None:
    """The error for an argument that JAX traces and that has to be known; None for any other."""
    jax = sys.modules.get("jax")
    if jax is None or not isinstance(value, jax.core.Tracer):
        return None
    msg = (
        f"{name} must be {wanted} that is known when the function is traced: name it in the "
        "static_argnums or static_argnames of jax.jit"
    )
    error: TypeError = jax.errors.ConcretizationTypeError(value, msg)
    return error


def _namespace(array: Any) -> Any:
    return sys.modules["torch"] if is_tensor(array) else compat.array_namespace(array)


def _of_namespace(xp: Any) -> Backend:
    """One backend object for a library, however its namespace came wrapped."""
    # The compiler of torch knows no `id` of a module before 2.12.
    key = "torch" if xp is sys.modules.get("torch") else id(xp)
    if key not in _found:
        backend = _make(xp)
        same = (b for b in _found.values() if type(b) is type(backend) and type(b) is not Backend)
        _found[key] = next(same, backend)
    return _found[key]


def _unwrapped(xp: Any) -> Any:
    """The library behind a copy of array-api-compat that another package has vendored.

    SciPy's is ``scipy._lib.array_api_compat.torch``, for example.
    """
    name = getattr(xp, "__name__", "")
    _, wrapped, library = name.rpartition(".array_api_compat.")
    return sys.modules.get(library, xp) if wrapped else xp


def _make(xp: Any) -> Backend:
    xp = _unwrapped(xp)
    if not hasattr(xp, "asarray"):
        msg = f"xp must be an array namespace such as numpy or torch, got {shown(xp)}"
        raise TypeError(msg)
    name = getattr(xp, "__name__", "")
    if not name:
        return Backend(xp)  # libraries are known by their names
    if name == "torch" or compat.is_torch_namespace(xp):
        from .torch import TorchBackend

        return TorchBackend()
    if compat.is_numpy_namespace(xp):
        return NUMPY
    if compat.is_jax_namespace(xp):
        from .jax import JaxBackend

        return JaxBackend()
    if compat.is_cupy_namespace(xp):
        from .cupy import CupyBackend

        return CupyBackend()
    if compat.is_dask_namespace(xp):
        from .dask import DaskBackend

        return DaskBackend()
    if name.partition(".")[0] == "cubed":
        from .cubed import CubedBackend

        return CubedBackend()
    return Backend(xp)
