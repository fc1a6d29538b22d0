"""The array libraries that the command line knows by name, their devices and dtypes.

This is for the command line alone: the functions themselves take any namespace.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = [
    "HINTS",
    "KNOWN",
    "allow_64_bits",
    "devices",
    "did_you_mean",
    "find_device",
    "find_dtype",
    "is_found",
    "load",
]

#: What ``xspace backends`` looks for.
KNOWN = ("numpy", "torch", "jax", "cupy", "array_api_strict")

#: Libraries whose namespace is not the package itself.
_NAMESPACES = {"jax": "jax.numpy", "dask": "dask.array", "cubed": "cubed.array_api"}

#: What installs a library that is not there.
HINTS = {
    "torch": "torch",
    "jax": "jax",
    "cupy": "cupy-cuda13x (or cupy-cuda12x, for CUDA 12)",
    "dask": "'dask[array]'",
    "cubed": "cubed",
    "mygrad": "mygrad",
    "array_api_strict": "array-api-strict",
}

_64_BITS = ("float64", "int64", "uint64")


def is_found(name: str) -> bool:
    """Whether a library is there to be imported."""
    return find_spec(_module_name(name).partition(".")[0]) is not None


def load(name: str, dtype: str | None = None) -> Any:
    """Import the namespace of a library; `dtype` is what it will be asked for."""
    module = _module_name(name)
    if module == "jax.numpy" and dtype in _64_BITS:
        # JAX reads this when it is first imported; whoever has set it otherwise is left alone.
        os.environ.setdefault("JAX_ENABLE_X64", "1")
    try:
        xp = import_module(module)
    except ImportError as error:
        if is_found(name):
            raise ValueError(f"backend {name!r} cannot be imported: {error}") from None
        raise ValueError(_absent(name)) from None
    if not hasattr(xp, "asarray"):
        raise ValueError(f"{name!r} does not follow the array API standard")
    return xp


def _absent(name: str) -> str:
    """What to do about a library that is not there."""
    package = _module_name(name).partition(".")[0]
    if package in HINTS:
        return f"{name} is not installed: pip install {HINTS[package]}"
    return f"there is no backend {name!r}{did_you_mean(name, ['numpy', *HINTS])}"


def did_you_mean(word: str, words: Iterable[str]) -> str:
    """The end of a message about a word that is none of those that there are."""
    near = get_close_matches(word, words, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


def allow_64_bits(xp: Any) -> None:
    """Make float64 available where it has to be asked for."""
    if xp.__name__ == "jax.numpy":
        sys.modules["jax"].config.update("jax_enable_x64", True)


def find_dtype(xp: Any, name: str) -> Any:
    """The dtype of that name, as the namespace spells it."""
    dtype = getattr(xp, name, None)
    if dtype is None:
        raise TypeError(f"{xp.__name__} has no dtype {name!r}")
    return dtype


def find_device(xp: Any, label: str) -> Any:
    """The device of that name; without its number, the first of its kind."""
    found = devices(xp)
    for name, device in found.items():
        if label in (name, name.partition(":")[0]):
            return device
    raise ValueError(f"{xp.__name__} has no device {label!r}, only {', '.join(found)}")


def devices(xp: Any) -> dict[str, Any]:
    """The devices that a namespace can compute on, by name; the default one first."""
    name = xp.__name__
    if name == "torch":
        # Not the standard's inquiry: it tries everything that torch was ever ported to.
        labels = ["cpu", *(f"cuda:{i}" for i in range(xp.cuda.device_count()))]
        if xp.backends.mps.is_available():
            labels.append("mps")
        return {label: xp.device(label) for label in labels}
    if name == "cupy":
        return {f"cuda:{i}": xp.cuda.Device(i) for i in range(xp.cuda.runtime.getDeviceCount())}
    if name == "jax.numpy":
        return {str(device): device for device in sys.modules["jax"].devices()}
    if not hasattr(xp, "__array_namespace_info__"):
        return {"default": None}
    found = xp.__array_namespace_info__().devices()
    return {_label(device): device for device in found if device is not None}


def _label(device: Any) -> str:
    text = str(device)
    named = re.search(r"\('(.+)'\)", text)  # array_api_strict.Device('device1')
    return named.group(1) if named else text


def _module_name(name: str) -> str:
    module = name.replace("-", "_")
    return _NAMESPACES.get(module, module)
