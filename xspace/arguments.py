"""Reading arguments: every scalar at its exact value, every mistake named at once."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import array_api_compat as compat
import numpy as np

__all__ = ["Scalar", "is_array", "read_axis", "read_num", "read_scalar"]

#: A Decimal with a larger exponent than this would be an integer of as many digits.
_LONGEST_DECIMAL = 1_000_000


class Scalar(NamedTuple):
    """A real number ``n / d`` in lowest terms; or, with ``d == 0``, what ``special`` says.

    ``special`` is an infinity or NaN, and ``-0.0`` beside ``n == 0`` for a negative zero.
    A number of a complex type has an imaginary part of the same kind, be it zero.
    """

    n: int
    d: int
    special: float = 0.0
    imag: Scalar | None = None

    @property
    def is_finite(self) -> bool:
        """Whether it is a number ``n / d``."""
        return self.d != 0

    @property
    def is_negative_zero(self) -> bool:
        """Whether it is ``-0.0``."""
        return self.n == 0 and math.copysign(1.0, self.special) < 0 and self.d != 0

    @property
    def sign(self) -> float:
        """1.0 or -1.0, 0.0 for zero, NaN for NaN."""
        if self.d:
            return float((self.n > 0) - (self.n < 0))
        return self.special if math.isnan(self.special) else math.copysign(1.0, self.special)


def read_scalar(name: str, value: Any) -> Scalar:
    """The exact value of a scalar: Python's numbers, NumPy's scalars, concrete 0-d arrays."""
    kind = type(value)
    if kind is float:
        if value and value - value == 0:
            return Scalar(*value.as_integer_ratio())
        return _read_float(value)
    if kind is int:
        return Scalar(value, 1)
    if isinstance(value, (int, np.integer, np.bool_)):
        return Scalar(int(value), 1)
    if isinstance(value, (Fraction, float, np.floating)):
        return _read_float(value)
    if isinstance(value, Decimal):
        if value.is_finite() and abs(value.adjusted()) > _LONGEST_DECIMAL:
            msg = f"{name}: a Decimal with the exponent {value.adjusted()} is too long to be exact"
            raise ValueError(msg)
        return _read_float(value)
    if isinstance(value, (complex, np.complexfloating)):
        return _read_float(value.real)._replace(imag=_read_float(value.imag))
    if is_array(value):
        return _read_array(name, value)
    msg = (
        f"{name} must be a real number or a complex one (int, float, complex, Fraction, Decimal, "
        f"a NumPy scalar or a 0-d array), got {_describe(value)}"
    )
    raise TypeError(msg)


def _read_float(value: Any) -> Scalar:
    """Anything with ``as_integer_ratio``, NaN and the infinities included."""
    try:
        n, d = value.as_integer_ratio()
    except (ValueError, OverflowError):  # NaN; infinity
        return Scalar(0, 0, float(value))
    return Scalar(n, d, -0.0 if n == 0 and math.copysign(1.0, value) < 0 else 0.0)


def _describe(value: Any) -> str:
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) < 60 else text[:57] + '...'}"


def is_array(value: Any) -> bool:
    """Whether ``value`` is an array of some library (NumPy scalars are not)."""
    if isinstance(value, np.generic):
        return False
    return hasattr(value, "__array_namespace__") or compat.is_array_api_obj(value)


def _read_array(name: str, value: Any) -> Scalar:
    if getattr(value, "ndim", 0):
        msg = (
            f"{name} must be a scalar or a 0-d array, got an array of shape {tuple(value.shape)}: "
            "array endpoints are not supported"
        )
        raise TypeError(msg)
    if getattr(value, "requires_grad", False):
        msg = f"{name} requires gradients, which are not supported: pass {name}.detach()"
        raise TypeError(msg)
    if compat.is_lazy_array(value) and not compat.is_jax_array(value):
        msg = f"{name} must be concrete, got a lazy {type(value).__name__}: compute it first"
        raise TypeError(msg)
    xp = compat.array_namespace(value)
    number: int | float | complex
    try:
        if xp.isdtype(value.dtype, "complex floating"):
            number = complex(value)
        else:
            number = int(value) if xp.isdtype(value.dtype, ("integral", "bool")) else float(value)
    except TypeError as error:  # JAX's tracers and other arrays without a value
        msg = f"{name} must be concrete, got a traced array: traced endpoints are not supported"
        raise TypeError(msg) from error
    return read_scalar(name, number)


def read_num(num: Any) -> int:
    """``num`` as NumPy reads it: anything with ``__index__``, not negative."""
    count = _read_index("num", num)
    if count < 0:
        msg = f"num must not be negative, got {count}"
        raise ValueError(msg)
    return count


def read_axis(axis: Any) -> None:
    """Scalar endpoints give one dimension, so ``axis`` can only be that one."""
    place = _read_index("axis", axis)
    if place not in (0, -1):
        msg = f"axis must be 0 or -1 for scalar endpoints, got {place}"
        raise ValueError(msg)


def _read_index(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        msg = f"{name} must be an integer, got {_describe(value)}"
        raise TypeError(msg) from None
