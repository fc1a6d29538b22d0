"""Numbers of Python, of NumPy and of numeric libraries, read at their exact values."""

from __future__ import annotations

import datetime
import math
import operator
import struct
from decimal import Decimal
from fractions import Fraction
from numbers import Complex, Integral, Number, Rational, Real
from typing import Any

import array_api_compat as compat
import numpy as np

from ..exact.number import Scalar
from ..ground.float_environment import is_standard
from ..ground.loaded import is_tensor
from ..ground.messages import describe, kind_of, shortened
from .quantities import is_quantity

__all__ = [
    "BUILTIN",
    "DATES_OF_PYTHON",
    "check_array",
    "check_class",
    "has_dates",
    "is_array",
    "is_complex",
    "is_date",
    "is_integer",
    "is_number",
    "read_scalar",
]

#: NumPy's scalars that are no numbers; it counts spans of time among its integers.
_NO_NUMBERS = (np.flexible, np.object_, np.datetime64, np.timedelta64)

#: NumPy's own classes of arrays, which are nothing but their elements.
_ARRAYS = frozenset({np.ndarray, np.memmap})

#: Types of dates and of spans of time; a datetime is a date, too.
DATES_OF_PYTHON = (datetime.date, datetime.timedelta)

#: Types of which nothing has to be asked.
BUILTIN = frozenset({int, float})

#: A Decimal with a larger exponent than this would be an integer of as many digits.
_LONGEST_DECIMAL = 1_000_000

#: The same of a binary one.
_LONGEST_BINARY = 3_321_928


_TEN = Scalar(10, 1)


def read_scalar(name: str, value: Any) -> Scalar:
    """The exact value of a scalar: Python's numbers, NumPy's scalars, concrete 0-d arrays."""
    kind = type(value)
    if kind is float:
        if value == 10.0:  # the default base
            return _TEN
        if value and value - value == 0:
            return Scalar(*value.as_integer_ratio())
        return _read_float(value) if value or is_standard() else _read_subnormal(value)
    if kind is int:
        return Scalar(value, 1)
    if is_number(value):
        return _read_number(name, value)
    check_class(name, value)
    if not (is_date(value) or isinstance(value, np.generic)):
        if is_array(value):
            return _read_array(name, value)
        if getattr(value, "ndim", None) == 0 and hasattr(kind, "__array__"):
            return read_scalar(name, np.asarray(value))
        if hasattr(kind, "__index__"):
            return Scalar(operator.index(value), 1)
    if isinstance(value, (list, tuple)):
        msg = f"{name} must be a number or an array, got a {kind.__name__}: pass xp.asarray({name})"
        raise TypeError(msg)
    msg = (
        f"{name} must be a real number or a complex one (int, float, complex, Fraction, Decimal, "
        f"a NumPy scalar) or an array, got {describe(value)}"
    )
    raise TypeError(msg)


def _read_number(name: str, value: Any) -> Scalar:
    """What `is_number` says is one, whatever its type: by how it gives its exact value."""
    if isinstance(value, (float, Fraction, np.floating)):
        return _read_float(value)
    if isinstance(value, Integral):
        return Scalar(int(value), 1)
    if is_complex(value):
        real, imag = (read_scalar(name, part) for part in (value.real, value.imag))
        return real._replace(imag=imag)
    if isinstance(value, Rational):
        return _read_float(Fraction(int(value.numerator), int(value.denominator)))
    if isinstance(value, np.generic):  # truth values; short formats, which a float holds
        return read_scalar(name, float(value))
    if isinstance(value, Decimal):
        return Scalar(*_read_decimal(name, value))
    binary = _binary(value)
    if binary is not None:
        man, expo = binary
        _check_exponent(name, value, expo + man.bit_length(), _LONGEST_BINARY)
        return _read_float(man * Fraction(2) ** expo)
    if hasattr(value, "as_integer_ratio"):
        return _read_float(value)
    try:
        special = float(value)
    except Exception:  # a number of another kind: an interval, say
        special = 0.0
    if math.isfinite(special):
        msg = f"{name} must be a number with an exact value, got {describe(value)}"
        raise TypeError(msg)
    return Scalar(0, 0, special)


def _read_decimal(name: str, value: Decimal) -> tuple[int, int, float]:
    if value.is_nan():  # a signaling one, too, which Decimal itself does not convert
        return 0, 0, math.nan
    if value.is_finite():
        _check_exponent(name, value, value.adjusted(), _LONGEST_DECIMAL)
    n, d, special, _ = _read_float(value)
    return n, d, special


# What `torch.compiler.assume_constant_result` does, without an import of torch: its compiler cannot
# follow a Decimal, and calls this function as it is.
_read_decimal._dynamo_marked_constant = True  # type: ignore[attr-defined]


def _read_float(value: Any) -> Scalar:
    """Anything with ``as_integer_ratio``, NaN and the infinities included."""
    try:
        n, d = value.as_integer_ratio()
    except (ValueError, OverflowError):  # NaN; infinity
        return Scalar(0, 0, float(value))
    return Scalar(int(n), int(d), -0.0 if n == 0 and math.copysign(1.0, value) < 0 else 0.0)


def _binary(value: Any) -> tuple[int, int] | None:
    """``man, expo`` of a ``man * 2**expo`` of any length; None for what is not written so."""
    if hasattr(value, "_mpf_"):  # mpmath's numbers, and those that mpmath takes for its own
        sign, man, expo, _ = value._mpf_
        return (-int(man) if sign else int(man), int(expo)) if man or not expo else None
    if hasattr(value, "as_mantissa_exp") and value - value == 0:  # gmpy2's; else NaN, infinite
        man, expo = map(int, value.as_mantissa_exp())
        return (man, expo) if man else None  # a zero has a sign
    return None


def _read_subnormal(value: float) -> Scalar:
    """A float that this thread takes for zero, by its bits.

    A compiler that follows a call does so in the thread as it is (`in_standard_environment`).
    """
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    n = bits & ((1 << 52) - 1)
    if not n:
        return Scalar(0, 1, value)
    zeros = (n & -n).bit_length() - 1
    return Scalar((-n if bits >> 63 else n) >> zeros, 1 << (1074 - zeros))


def _check_exponent(name: str, value: Any, expo: int, longest: int) -> None:
    """A ValueError for a number that would be an integer of as many digits, or one over it."""
    if abs(expo) > longest:
        msg = f"{name}: a {type(value).__name__} with the exponent {expo} is too long to be exact"
        raise ValueError(msg)


def _read_array(name: str, value: Any) -> Scalar:
    check_array(name, value)
    if isinstance(value, np.ndarray):
        return read_scalar(name, value[()])  # a longdouble would not fit into a float
    xp = compat.array_namespace(value)
    number: int | float | complex
    if xp.isdtype(value.dtype, "complex floating"):
        number = complex(value)
    else:
        number = int(value) if xp.isdtype(value.dtype, ("integral", "bool")) else float(value)
    return read_scalar(name, number)


def check_class(name: str, value: Any) -> None:
    """A TypeError for an array or a number whose type says what no grid of plain numbers does."""
    if isinstance(value, np.ndarray):
        if type(value) in _ARRAYS:
            return
    elif not is_quantity(value):
        return
    if hasattr(value, "filled"):
        remedy = f"whose mask would be lost: pass {name}.filled(x), x being what is meant instead"
    elif is_quantity(value):
        remedy = "whose unit would be lost: pass the number that it is in the unit that is meant"
    else:
        remedy = (
            f"for which the result would be a plain numpy.ndarray: pass numpy.asarray({name}) if "
            "that is meant"
        )
    raise TypeError(f"{name} is a {kind_of(value)}, {remedy}")


def check_array(name: str, array: Any) -> None:
    """A TypeError for an array of anything but numbers, of a class that says more, or sparse."""
    check_class(name, array)
    dtype = array.dtype
    # Dtypes like NumPy's have kinds; ``V`` is that of bfloat16 as well as of records.
    if getattr(dtype, "kind", "f") in "MOSTUm" or getattr(dtype, "type", None) is np.void:
        msg = (
            f"{name} must be an array of real or complex numbers, got one of "
            f"dtype {shortened(str(dtype))}"
        )
        raise TypeError(msg)
    layout = str(getattr(array, "layout", ""))
    if layout.startswith("torch.sparse"):
        msg = f"{name} must be a dense tensor, as its to_dense() is, got one of layout {layout}"
        raise TypeError(msg)


def is_number(value: Any) -> bool:
    """Whether it is a single number by its type: of Python, of NumPy, of a numeric library."""
    if isinstance(value, np.generic):
        return not isinstance(value, _NO_NUMBERS)
    return isinstance(value, Number)


def is_complex(value: Any) -> bool:
    """Whether the type of a number says that it is complex, be its imaginary part zero."""
    return isinstance(value, Complex) and not isinstance(value, Real)


def is_array(value: Any) -> bool:
    """Whether ``value`` is an array of some library (NumPy scalars are not)."""
    if isinstance(value, np.ndarray):
        return True
    if isinstance(value, (int, float, Number, np.generic, type)):  # types have their methods, too
        return False
    return (
        hasattr(value, "__array_namespace__") or is_tensor(value) or compat.is_array_api_obj(value)
    )


def has_dates(start: Any, stop: Any) -> bool:
    """Whether one of the ends is a date or a span of time."""
    if type(start) in BUILTIN and type(stop) in BUILTIN:
        return False
    return is_date(start) or is_date(stop)


def is_date(value: Any) -> bool:
    """Whether it is a date or a span of time, of NumPy or of Python, or an array of them."""
    if type(value) in BUILTIN:
        return False
    return isinstance(value, DATES_OF_PYTHON) or _kind(value) in ("m", "M")


def _kind(value: Any) -> str:
    """NumPy's letter for the kind of an array's dtype: ``"M"`` for dates, ``"m"`` for spans."""
    return getattr(getattr(value, "dtype", None), "kind", "")


def is_integer(value: Any) -> bool:
    """Whether the type of a number says that it is an integer, or a truth value."""
    if type(value) in BUILTIN:
        return type(value) is int
    if isinstance(value, (np.ndarray, np.generic)):  # also the short integers of other packages
        return value.dtype.name.startswith(("int", "uint", "bool"))
    if is_array(value):
        xp = compat.array_namespace(value)
        return bool(xp.isdtype(value.dtype, ("integral", "bool")))
    return isinstance(value, Integral)
