"""Quantities: numbers and arrays with a unit.

A grid between quantities is made from plain numbers, those of its ends in one unit, and is a
quantity in that unit again.  How an end is converted, and what has no common unit, is up to the
library whose quantity it is: each has a file of its own, which is found when a quantity turns up.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

from ...ground.loaded import is_tensor
from .scale import Library, Scale

__all__ = ["Scale", "has_quantities", "is_quantity", "read_units"]

#: The class of all quantities of a library, by the module that has it, and the file here.
_KINDS = {
    "astropy.units": ("Quantity", "astropy"),
    "pint": ("Quantity", "pint"),
    "unyt": ("unyt_array", "unyt"),
}

#: The commonest types and modules without quantities, of which nothing more has to be asked.
_PLAIN = frozenset({int, float, np.ndarray})
_UNITLESS = frozenset({"builtins", "numpy", "fractions", "decimal", "datetime"})


def read_units(
    caller: str, ends: dict[str, Any], *, like: Any = None, as_numpy: bool = False
) -> tuple[dict[str, Any], Scale | None]:
    """The ends as plain numbers in one unit, and that unit; None if there is no quantity.

    The unit is that of the first quantity; if ``as_numpy``, that of ``numpy``'s own function, where
    the library has a rule for it.  A quantity ``like`` says which kind is wanted.
    """
    owner = key = None
    for name, value in ends.items() if like is None else (*ends.items(), ("like", like)):
        if type(value) in _PLAIN or is_tensor(value):
            continue
        other = _key_of(type(value))
        if key is None:
            owner, key = name, other
        elif other not in (None, key):
            msg = f"{owner} is a quantity of {key} and {name} one of {other}: convert one of them"
            raise TypeError(msg)
    if key is None:
        return ends, None
    module = importlib.import_module(f".{_KINDS[key][1]}", __name__)
    quantities: Library = module.QUANTITIES
    return quantities.read(caller, ends, like, as_numpy)


def is_quantity(value: Any) -> bool:
    """Whether it is a number or an array with a unit."""
    return _key_of(type(value)) is not None


def has_quantities(items: list[Any] | tuple[Any, ...]) -> bool:
    """Whether there are quantities among the items, or in lists among them."""
    kinds = set(map(type, items))
    if not kinds.isdisjoint((list, tuple)) and any(
        has_quantities(item) for item in items if isinstance(item, (list, tuple))
    ):
        return True
    return any(map(_key_of, kinds))


def _key_of(kind: type) -> str | None:
    """The module of the library that a class of quantities is of; None for any other class."""
    if kind.__module__ in _UNITLESS:
        return None
    for key, (name, _) in _KINDS.items():
        module = sys.modules.get(key)
        if module is not None and issubclass(kind, getattr(module, name, ())):
            return key
    return None
