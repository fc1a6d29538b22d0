"""Comparing arrays bit for bit, whatever library and device they are on.

A correctly rounded grid has one right answer, so a test needs no tolerance:

>>> import numpy as np
>>> import xspace
>>> from xspace.testing import assert_identical, ulp_distance
>>> assert_identical(xspace.logspace(0, 3, 4), np.asarray([1.0, 10.0, 100.0, 1000.0]))

Where something else is measured against it, `ulp_distance` says how far off each element is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ground.float_environment import in_standard_environment
from .libraries.host import COMPLEX_PARTS, FLOAT_INFINITY, host_bits, host_values

__all__ = ["assert_identical", "ulp_distance"]

#: How many differing elements a message lists.
_LISTED = 5

_NAN_DISTANCE = np.iinfo(np.uint64).max


def ulp_distance(actual: Any, expected: Any) -> NDArray[np.uint64]:
    """Count the steps from each element to the expected one.

    A step leads from a floating-point number to the next one of its dtype, so the distance
    is 0 for equal numbers and 1 for neighbours.

    Parameters
    ----------
    actual, expected : array
        Arrays of the same dtype and shape: float64, float32, float16, bfloat16, complex128 or
        complex64.  They may belong to different libraries and be on different devices.

    Returns
    -------
    numpy.ndarray of uint64
        The distances, in the shape of the arguments; for a complex number the larger one of those
        of its parts.

    Raises
    ------
    TypeError
        If an argument is not an array, or not of one of these dtypes.
    ValueError
        If the dtypes or the shapes differ.

    See Also
    --------
    assert_identical : a distance of 0, and the sign of zeros too.

    Notes
    -----
    ``-0.0`` and ``0.0`` are the same number: their distance is 0.  Infinity is one step beyond
    the largest finite number.  Two NaNs are at distance 0, and a NaN is at distance
    ``2**64 - 1`` from any number, which is farther than any two numbers are.

    The result is unsigned, because the distance of two float64 numbers need not fit into int64:
    compare it, but convert it before subtracting from it.

    Examples
    --------
    >>> import numpy as np
    >>> ulp_distance(np.asarray([0.1 + 0.2, 1.0, -0.0]), np.asarray([0.3, 1.0, 0.0]))
    array([1, 0, 0], dtype=uint64)

    The largest error of NumPy's own grid, in units in the last place:

    >>> import xspace
    >>> theirs = np.linspace(0, 1, 11)
    >>> int(ulp_distance(theirs, xspace.linspace(0, 1, 11)).max())
    1
    """
    name, (got, wanted) = _comparable(actual, expected)
    part = COMPLEX_PARTS.get(name, name)
    if part not in FLOAT_INFINITY:
        raise TypeError(f"ulp distances are between floating-point numbers, not {name}")
    distances = _ulps(part, got, wanted)
    return distances if part == name else distances.max(axis=-1)


def assert_identical(
    actual: Any, expected: Any, *, check_namespace: bool = False, err_msg: str = ""
) -> None:
    """Raise an `AssertionError` unless two arrays are the same, bit for bit.

    The dtypes and the shapes must be equal, and every element must have the same bits: ``-0.0``
    differs from ``0.0``.  NaN equals NaN, whatever its sign and payload.

    Parameters
    ----------
    actual, expected : array
        Arrays of any library, on any device, of a floating, complex or integer dtype.
    check_namespace : bool, default: False
        Whether the arrays must belong to the same library, too.
    err_msg : str, optional
        What the message of the error begins with.

    Raises
    ------
    AssertionError
        If they differ.  The message lists the first differing elements: the index, both values in
        hexadecimal and decimal, and how many units in the last place lie between them.
    TypeError
        If an argument is not an array, or not of a floating, complex or integer dtype.

    See Also
    --------
    ulp_distance : how far off each element is.

    Examples
    --------
    >>> import numpy as np
    >>> import xspace
    >>> assert_identical(xspace.geomspace(1, 256, 9, dtype=np.int64), 2 ** np.arange(9))
    >>> assert_identical(np.linspace(0, 1, 6), xspace.linspace(0, 1, 6))
    Traceback (most recent call last):
        ...
    AssertionError: 1 of 6 elements differ (float64, at most 1 ulp)
      [3]: got 0x1.3333333333334p-1 (0.6000000000000001), wanted 0x1.3333333333333p-1 (0.6), 1 ulp
    """
    __tracebackhide__ = True  # pytest then points at the test
    prefix = f"{err_msg}\n" if err_msg else ""
    if check_namespace:
        libraries = [_library(array) for array in (actual, expected)]
        if libraries[0] != libraries[1]:
            raise AssertionError(f"{prefix}got an array of {libraries[0]}, wanted {libraries[1]}")
    try:
        name, (got, wanted) = _comparable(actual, expected)
    except ValueError as error:
        raise AssertionError(f"{prefix}{error}") from None

    differ = got != wanted
    part = COMPLEX_PARTS.get(name, name)
    if part in FLOAT_INFINITY:
        differ &= ~(_is_nan(part, got) & _is_nan(part, wanted))
    if differ.any():
        raise AssertionError(prefix + _report(name, got, wanted, differ))


def _comparable(actual: Any, expected: Any) -> tuple[str, tuple[NDArray[Any], NDArray[Any]]]:
    """The dtype that both arrays have, and their bits; a `ValueError` if they are not alike."""
    name, got = host_bits(actual)
    wanted_name, wanted = host_bits(expected)
    if name != wanted_name:
        raise ValueError(f"dtypes differ: got {name}, wanted {wanted_name}")
    if got.shape != wanted.shape:
        depth = -1 if name in COMPLEX_PARTS else None
        shapes = f"got {got.shape[:depth]}, wanted {wanted.shape[:depth]}"
        raise ValueError(f"shapes differ: {shapes}")
    return name, (got, wanted)


def _magnitude(bits: NDArray[Any]) -> NDArray[np.uint64]:
    """The bits without the sign: in this order the numbers of a sign are a run of integers."""
    sign = 1 << (8 * bits.dtype.itemsize - 1)
    magnitude: NDArray[np.uint64] = bits.astype(np.uint64) & np.uint64(sign - 1)
    return magnitude


def _is_nan(name: str, bits: NDArray[Any]) -> NDArray[np.bool_]:
    return np.asarray(_magnitude(bits) > FLOAT_INFINITY[name])


def _ulps(name: str, got: NDArray[Any], wanted: NDArray[Any]) -> NDArray[np.uint64]:
    a, b = _magnitude(got), _magnitude(wanted)
    same_sign = (got ^ wanted) >> (8 * got.dtype.itemsize - 1) == 0
    # The sum cannot wrap: each magnitude of a number is at most 0x7ff << 52.
    distance = np.where(same_sign, np.maximum(a, b) - np.minimum(a, b), a + b)
    nans = _is_nan(name, got).astype(np.uint8) + _is_nan(name, wanted)
    return np.where(nans == 0, distance, np.where(nans == 2, np.uint64(0), _NAN_DISTANCE))


@in_standard_environment
def _report(name: str, got: NDArray[Any], wanted: NDArray[Any], differ: NDArray[np.bool_]) -> str:
    part = COMPLEX_PARTS.get(name, name)
    what = "elements" if part == name else "parts"
    indices = np.argwhere(differ)
    summary = f"{len(indices)} of {differ.size} {what} differ ({name}"
    ulps = _ulps(part, got, wanted) if part in FLOAT_INFINITY else None
    if ulps is not None:
        summary += f", at most {_ulp_text(int(ulps[differ].max()))}"
    lines = [summary + ")"]
    for index in map(tuple, indices[:_LISTED]):
        place, suffix = index, ""
        if part != name:
            place, suffix = index[:-1], (".real", ".imag")[index[-1]]
        line = (
            f"  [{', '.join(map(str, place))}]{suffix}: got {_value_text(part, got[index])}"
            f", wanted {_value_text(part, wanted[index])}"
        )
        if ulps is not None:
            line += f", {_ulp_text(int(ulps[index]))}"
        lines.append(line)
    if len(indices) > _LISTED:
        lines.append(f"  and {len(indices) - _LISTED} more")
    return "\n".join(lines)


def _value_text(name: str, bits: Any) -> str:
    value = host_values(name, np.asarray(bits)).item()
    return f"{value.hex()} ({value!r})" if isinstance(value, float) else f"{value:#x} ({value})"


def _ulp_text(ulps: int) -> str:
    return "NaN against a number" if ulps == _NAN_DISTANCE else f"{ulps} ulp"


def _library(array: Any) -> str:
    """The name of the namespace that an array belongs to."""
    from array_api_compat import array_namespace

    return str(array_namespace(array).__name__).removeprefix("array_api_compat.")
