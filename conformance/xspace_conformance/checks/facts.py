"""What a program can notice of a result: its type, dtype, shape, place, and its elements.

Of any library's array; and of what is none, such as a step that is a Python float.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

#: The elements of larger results are not looked at.
MOST_ELEMENTS = 10**7


def shown(value: Any) -> str:
    """Return a value as text of one line."""
    try:
        text = str(value) if isinstance(value, Exception) else repr(value)
    except Exception as error:
        text = f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    text = " ".join(text.split())
    return text if len(text) <= 300 else f"{text[:200]} ... {text[-90:]}"


def facts_of(value: Any) -> dict[str, Any]:
    """Return what is to be known of a result besides its elements, as far as it has it."""
    kind = type(value)
    found = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    for fact, read in FACTS.items():
        with contextlib.suppress(Exception):  # a tracer, say, does not know it yet
            found[fact] = read(value)
    return found


def _memory(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        # Of one element, or none, the strides mean nothing to NumPy.
        return value.strides if value.size > 1 else ()
    return value.stride()


def _device(value: Any) -> str:
    device = value.device
    return str(device() if callable(device) else device)


FACTS: dict[str, Callable[[Any], Any]] = {
    "dtype": lambda value: str(value.dtype),
    "shape": lambda value: tuple(value.shape),
    "memory": _memory,
    "writeable": lambda value: value.flags.writeable,
    "device": _device,
    "sharding": lambda value: str(value.sharding),
    "committed": lambda value: value.committed,
    "weak type": lambda value: value.weak_type,
    "gradient": lambda value: value.requires_grad,
    "layout": lambda value: str(value.layout),
    "constant": lambda value: value.constant,
    "unit": lambda value: str(value.unit),
    "units": lambda value: str(value.units),
    "mask": lambda value: value.mask.tolist(),
    "chunks": lambda value: value.chunks,
}


def host(value: Any) -> np.ndarray[Any, Any] | None:
    """Return the elements as an array of NumPy; None if there are none yet, or too many."""
    size = getattr(value, "size", 0)
    if isinstance(size, int) and size > MOST_ELEMENTS:
        return None
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        if type(value) is not torch.Tensor or value.is_meta or value.numel() > MOST_ELEMENTS:
            return None
        plain = value.detach().cpu().resolve_conj().resolve_neg()
        return np.asarray((plain.double() if plain.dtype == torch.bfloat16 else plain).numpy())
    if hasattr(value, "compute"):
        return np.asarray(value.compute(scheduler="synchronous"))
    for part in ("magnitude", "data"):  # of pint's, MyGrad's
        if not isinstance(value, (np.ndarray, np.generic)) and hasattr(value, part):
            value = getattr(value, part)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array = np.ma.getdata(value) if isinstance(value, np.ma.MaskedArray) else value
            return np.asarray(array).view(np.ndarray)
    except Exception:  # a tracer
        return None
