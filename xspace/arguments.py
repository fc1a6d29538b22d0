"""Reading arguments: every scalar at its exact value, every mistake named at once."""

from __future__ import annotations

import datetime
import math
import operator
import struct
import sys
from decimal import Decimal
from fractions import Fraction
from numbers import Complex, Integral, Number, Rational, Real
from typing import Any, NamedTuple

import array_api_compat as compat
import numpy as np

from .backends import find_backend, is_symbolic, is_tensor, unreadable
from .float_environment import is_standard
from .messages import describe, describe_integer, kind_of, shortened
from .quantities import is_quantity

__all__ = [
    "DATES_OF_PYTHON",
    "LARGEST",
    "Scalar",
    "check_array",
    "check_class",
    "check_size",
    "has_dates",
    "is_array",
    "is_complex",
    "is_date",
    "is_integer",
    "is_number",
    "read_axis",
    "read_finite",
    "read_flag",
    "read_length",
    "read_num",
    "read_scalar",
    "read_single",
]

#: NumPy's scalars that are no numbers; it counts spans of time among its integers.
_NO_NUMBERS = (np.flexible, np.object_, np.datetime64, np.timedelta64)

#: NumPy's own classes of arrays, which are nothing but their elements.
_ARRAYS = frozenset({np.ndarray, np.memmap})

#: Types of dates and of spans of time; a datetime is a date, too.
DATES_OF_PYTHON = (datetime.date, datetime.timedelta)

#: Types of which nothing has to be asked.
_PLAIN = frozenset({int, float})

#: A Decimal with a larger exponent than this would be an integer of as many digits.
_LONGEST_DECIMAL = 1_000_000
#: The same of a binary one.
_LONGEST_BINARY = 3_321_928

#: Elements of complex128 that a 64-bit address space holds.
LARGEST = sys.maxsize // 16


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


def read_single(name: str, value: Any) -> Scalar:
    """The exact value of a scalar, where an array of lanes will not do."""
    if type(value) not in _PLAIN and is_array(value):
        if value.ndim:
            shape = tuple(value.shape)
            msg = f"{name} must be a scalar or a 0-d array, got an array of shape {shape}"
            raise TypeError(msg)
        if find_backend(None, {name: value}).is_lane(value):
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
    if type(start) in _PLAIN and type(stop) in _PLAIN:
        return False
    return is_date(start) or is_date(stop)


def is_date(value: Any) -> bool:
    """Whether it is a date or a span of time, of NumPy or of Python, or an array of them."""
    if type(value) in _PLAIN:
        return False
    return isinstance(value, DATES_OF_PYTHON) or _kind(value) in ("m", "M")


def _kind(value: Any) -> str:
    """NumPy's letter for the kind of an array's dtype: ``"M"`` for dates, ``"m"`` for spans."""
    return getattr(getattr(value, "dtype", None), "kind", "")


def check_array(name: str, array: Any) -> None:
    """A TypeError for an array of anything but numbers, or of a class that says more than that."""
    check_class(name, array)
    dtype = array.dtype
    # Dtypes like NumPy's have kinds; ``V`` is that of bfloat16 as well as of records.
    if getattr(dtype, "kind", "f") in "MOSTUm" or getattr(dtype, "type", None) is np.void:
        msg = (
            f"{name} must be an array of real or complex numbers, got one of "
            f"dtype {shortened(str(dtype))}"
        )
        raise TypeError(msg)


def is_integer(value: Any) -> bool:
    """Whether the type of a number says that it is an integer, or a truth value."""
    if type(value) in _PLAIN:
        return type(value) is int
    if isinstance(value, (np.ndarray, np.generic)):  # also the short integers of other packages
        return value.dtype.name.startswith(("int", "uint", "bool"))
    if is_array(value):
        xp = compat.array_namespace(value)
        return bool(xp.isdtype(value.dtype, ("integral", "bool")))
    return isinstance(value, Integral)


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


def check_size(num: int, lanes: int = 1) -> None:
    """A ValueError for arrays of more elements than have addresses, whatever the dtype."""
    if num * lanes > LARGEST:
        many = f" in each of {lanes} lanes" if lanes > 1 else ""
        msg = f"num is {describe_integer(num)}{many}, which is more than an array can have"
        raise ValueError(msg)


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
        return operator.index(value)
    except TypeError:
        msg = f"{name} must be an integer, got {describe(value)}"
        raise (unreadable(name, "an integer", value) or TypeError(msg)) from None
