"""What a value is to a library that may have been loaded: asked without importing one."""

from __future__ import annotations

import sys
from typing import Any

from .messages import shown

__all__ = [
    "is_compiling",
    "is_cpu",
    "is_for_torch",
    "is_numpy",
    "is_symbolic",
    "is_tensor",
    "makes_jax_array",
    "makes_tensor",
    "read_sizes",
    "unreadable",
    "unwrapped",
]


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
    return xp is sys.modules.get("torch") or _is_torch(xp)


def is_cpu(device: Any) -> bool:
    """Whether a device is the host by its name; an array would compare with it one by one."""
    return type(device) is str and device == "cpu"


def is_numpy(xp: Any) -> bool:
    """Whether a namespace is NumPy's, as it is or in array-api-compat's wrapping."""
    name = getattr(xp, "__name__", "")
    return name == "numpy" or name.endswith("array_api_compat.numpy")


def makes_jax_array(xp: Any, start: Any, stop: Any, base: Any = 1) -> bool:
    """Whether an end or the base is an array of JAX, and the namespace says nothing else."""
    jax = sys.modules.get("jax")
    if jax is None or not (xp is None or xp is sys.modules.get("jax.numpy")):
        return False
    array = jax.Array
    return isinstance(start, array) or isinstance(stop, array) or isinstance(base, array)


def makes_tensor(xp: Any, start: Any, stop: Any, base: Any = 1) -> bool:
    """The same of a call that is not followed, in as little time as may be."""
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    if xp is not None:
        return xp is torch or _is_torch(xp)
    tensor = torch.Tensor
    return isinstance(start, tensor) or isinstance(stop, tensor) or isinstance(base, tensor)


def _is_torch(xp: Any) -> bool:
    """Whether it is torch in array-api-compat's wrapping."""
    # Of a function with a cache, as the one of array-api-compat, the compiler warns its user.
    return getattr(unwrapped(xp), "__name__", "") in ("torch", "array_api_compat.torch")


def is_symbolic(value: Any) -> bool:
    """Whether ``value`` is a size that JAX exports a program without knowing: any integer."""
    return getattr(value, "dimension_as_value", None) is not None  # as JAX itself tells them


def read_sizes(ends: dict[str, Any], num: Any, xp: Any) -> tuple[dict[str, Any], Any]:
    """The ends, and the namespace, where sizes that are not known yet are arrays of JAX."""
    if not any(map(is_symbolic, (num, *ends.values()))):
        return ends, xp
    import array_api_compat as compat

    jnp = sys.modules["jax"].numpy
    if xp is not None and not compat.is_jax_namespace(unwrapped(xp)):
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


def unwrapped(xp: Any) -> Any:
    """The library behind a copy of array-api-compat that another package has vendored.

    SciPy's is ``scipy._lib.array_api_compat.torch``, for example.
    """
    name = getattr(xp, "__name__", "")
    _, wrapped, library = name.rpartition(".array_api_compat.")
    return sys.modules.get(library, xp) if wrapped else xp
