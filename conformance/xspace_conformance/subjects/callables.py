"""Anybody's function as a target: ``--target package.module:function``.

The dtypes come from the module that holds the function if it has them (as ``jax.numpy`` has),
else from torch or NumPy, as the signature says. A dtype counts as present if a grid of two
elements can be asked for in it.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
from dataclasses import replace
from typing import Any

from ..truth.case import Case
from ..truth.formats import DTYPES
from .native import NUMPY_LIKE, SIGNATURES, Foreign
from .target import Unavailable, read_any

PROBES = {"linspace": (0, 1), "logspace": (0, 1), "geomspace": (1, 2)}
ARRAYS_OF = {"numpy": "numpy", "torch": "torch", "array-api": "numpy"}


def function_named(name: str, told: str | None = None) -> str:
    """Return which function of the suite a callable is: what was told, else what its name says."""
    if told is not None:
        return told
    found = [function for function in NUMPY_LIKE if function in name.lower()]
    if len(found) != 1:
        raise Unavailable(
            f"{name}: its name does not say which function it is; give one of "
            f"{', '.join(NUMPY_LIKE)} as --function"
        )
    return found[0]


def import_object(spec: str) -> tuple[Any, Any]:
    """Return a module and the object in it that ``package.module:name`` names."""
    module_name, colon, path = spec.partition(":")
    if not colon or not path:
        raise Unavailable(f"{spec}: wanted package.module:function")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Unavailable(f"{module_name}: cannot be imported ({error})") from error
    try:
        return module, functools.reduce(getattr, path.split("."), module)
    except AttributeError as error:
        raise Unavailable(f"{module_name} has no {path}") from error


def callable_target(spec: str, signature: str = "numpy", told: str | None = None) -> Foreign:
    """Return the target of ``package.module:function``.

    Parameters
    ----------
    spec : str
        Where the function is.
    signature : {"numpy", "torch", "array-api"}
        How it is called: ``(start, stop, num, endpoint=, base=, dtype=)``, ``(start, end, steps,
        base=, dtype=)`` or ``(start, stop, /, num, *, dtype=, endpoint=)``.
    told : str, optional
        Which function it is; default what its name says.

    Raises
    ------
    Unavailable
        If there is no such function, or none that answers in any dtype.
    """
    if signature not in SIGNATURES:
        raise Unavailable(f"{signature}: no such signature; known: {', '.join(SIGNATURES)}")
    module, function = import_object(spec)
    if not callable(function):
        raise Unavailable(f"{spec} is a {type(function).__name__}, wanted a function")
    name = function_named(spec.rpartition(":")[2], told)
    xp, code = _namespace(module, signature)
    target = Foreign(
        spec,
        xp,
        (),
        namespace_code=code,
        read_out=_read,
        functions={name: function},
        codes={name: spec.replace(":", ".")},
        signature=signature,
        kind="callable",
        package=spec.partition(".")[0].partition(":")[0],
    )
    reasons = {dtype: _refusal(target, name, dtype) for dtype in DTYPES if hasattr(xp, dtype)}
    dtypes = tuple(dtype for dtype, reason in reasons.items() if reason is None)
    if not dtypes:
        raise Unavailable(f"{spec} answers in no dtype; in float64: {reasons.get('float64')}")
    return replace(target, dtypes=dtypes)


def _namespace(module: Any, signature: str) -> tuple[Any, str]:
    if hasattr(module, "float64") or hasattr(module, "float32"):
        return module, module.__name__
    name = ARRAYS_OF[signature]
    return importlib.import_module(name), name


def _refusal(target: Foreign, function: str, dtype: str) -> str | None:
    """Return why a dtype cannot be asked for, or None."""
    case = Case("probe", function, *PROBES[function], 2, dtype=dtype)
    try:
        target.bits(case)
    except Exception as error:  # whatever the function says by way of refusal
        return f"{type(error).__name__}: {error}"
    return None


def _read(array: Any) -> Any:
    """Read out an array of any library; a tensor may want to be detached."""
    with contextlib.suppress(AttributeError):
        array = array.detach().cpu()
        if str(array.dtype) == "torch.bfloat16":
            array = array.view(importlib.import_module("torch").int16)
    return read_any(array)
