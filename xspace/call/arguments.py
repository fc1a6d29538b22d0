"""Reading arguments: every scalar at its exact value, every mistake named at once."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..exact.number import Scalar
from ..ground.loaded import is_symbolic, unreadable
from ..ground.messages import describe, describe_integer
from ..ground.sizes import check_size
from ..libraries import find_backend
from ..libraries.scalars import BUILTIN, is_array, read_scalar

__all__ = [
    "read_axis",
    "read_finite",
    "read_flag",
    "read_length",
    "read_num",
    "read_single",
]


def read_single(name: str, value: Any) -> Scalar:
    """The exact value of a scalar, where an array of lanes will not do."""
    if type(value) not in BUILTIN and is_array(value):
        if value.ndim:
            shape = tuple(value.shape)
            msg = f"{name} must be a scalar or a 0-d array, got an array of shape {shape}"
            raise TypeError(msg)
        if find_backend(None, {name: value}).is_many(value):
            msg = f"{name} must be a number that can be read now, not traced, without a gradient"
            raise unreadable(name, "a number", value) or TypeError(msg)
    number = read_scalar(name, value)
    if number.imag is not None:
        msg = f"{name} must be a real number, got a complex one: {describe(value)}"
        raise TypeError(msg)
    return number


def read_finite(name: str, value: Any) -> Scalar:
    """The same, where infinities and NaN will not do."""
    number = read_single(name, value)
    if not number.is_finite:
        msg = f"{name} must be finite, got {number.special}"
        raise ValueError(msg)
    return number


def read_num(num: Any) -> int:
    """``num`` as NumPy reads it: anything with ``__index__``, not negative."""
    count = _read_index("num", num)
    if count < 0:
        msg = f"num must not be negative, got {describe_integer(count)}"
        raise ValueError(msg)
    return count


def read_length(num: Any) -> Any:
    """``num`` of an array, which has fewer samples than a lazy range can have.

    A size that is not known until a program runs stays what it is.
    """
    if type(num) is not int and is_symbolic(num):
        return num
    count = read_num(num)
    check_size(count)
    return count


def read_axis(axis: Any, rank: int = 1) -> int:
    """``axis`` as a place from 0 to ``rank - 1``."""
    place = _read_index("axis", axis)
    if not -rank <= place < rank:
        wanted = "0 or -1 for scalar endpoints" if rank == 1 else f"from {-rank} to {rank - 1}"
        msg = f"axis must be {wanted}, got {describe_integer(place)}"
        raise ValueError(msg)
    return place % rank


def read_flag(name: str, value: Any) -> bool:
    """The truth of ``endpoint`` or ``retstep``: of a truth value, of an array of one, of 0 or 1."""
    if value is True or value is False:
        return value
    try:
        if _is_truth(value):
            return bool(value)
        number = operator.index(value)
    except (TypeError, ValueError) as error:
        raise (unreadable(name, "true or false", value) or _no_flag(name, value)) from error
    if number not in (0, 1):
        raise _no_flag(name, value)
    return number == 1


def _is_truth(value: Any) -> bool:
    """Whether it is a single truth value of an array library."""
    dtype = str(getattr(value, "dtype", ""))
    return getattr(value, "ndim", None) == 0 and dtype.rpartition(".")[2] == "bool"


def _no_flag(name: str, value: Any) -> TypeError:
    return TypeError(f"{name} must be true or false, got {describe(value)}")


def _read_index(name: str, value: Any) -> int:
    if type(value) is int:
        return value
    try:
        if isinstance(value, np.bool_):  # an index of old versions of NumPy, with a warning
            raise TypeError
        return operator.index(value)
    except TypeError:
        msg = f"{name} must be an integer, got {describe(value)}"
        raise (unreadable(name, "an integer", value) or TypeError(msg)) from None
