"""Calls, and the types that checkers find them to have."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import xspace
from xspace import (
    ArithRange,
    GeomRange,
    LinRange,
    LogRange,
    arange,
    geomspace,
    linspace,
    logspace,
)
from xspace.dropin import numpy as dropin

singles = np.zeros(3, np.float32)
integers = np.zeros(3, np.int8)
day, span = np.datetime64("2024-01-01"), datetime.timedelta(days=1)

# Numbers of Python make float64 arrays of NumPy.
assert_type(linspace(0, 1), NDArray[np.float64])
assert_type(linspace(0, Fraction(1, 3), 4, endpoint=False, axis=0), NDArray[np.float64])
assert_type(logspace(Decimal(1), 2.0, base=2), NDArray[np.float64])
assert_type(geomspace(True, np.int8(3), workers=2), NDArray[np.float64])
assert_type(linspace(0, 1, retstep=True), tuple[NDArray[np.float64], float])
assert_type(linspace(0, 1j), NDArray[np.complex128])
assert_type(logspace(0, 1, base=1j), NDArray[np.complex128])

# A dtype is the dtype of the array.
assert_type(linspace(0, 1, dtype=np.float32), NDArray[np.float32])
assert_type(logspace(0, 1, dtype=np.dtype(np.int16)), NDArray[np.int16])
assert_type(geomspace(1, 2, dtype=int), NDArray[np.int_])
assert_type(geomspace(1, 2, dtype=float), NDArray[np.float64])
assert_type(linspace(0, 1, dtype="float32"), NDArray[Any])
assert_type(linspace(0, singles, dtype=np.float16, retstep=True), tuple[NDArray[np.float16], Any])

# Arrays give theirs.
assert_type(linspace(0, singles), NDArray[np.float32])
assert_type(geomspace(singles, 5.0), NDArray[np.float32])
assert_type(logspace(0, 1, base=singles), NDArray[np.float32])
assert_type(logspace(integers, 2), NDArray[np.float64])
assert_type(linspace(np.float32(1), 2), NDArray[np.float32])
assert_type(linspace(np.float64(1), 2), NDArray[np.float64])

# Steps.
assert_type(arange(5), NDArray[np.int_])
assert_type(arange(0, 5, np.int8(2), inclusive="both"), NDArray[np.int_])
assert_type(arange(0, 1, 0.1), NDArray[np.float64])
assert_type(arange(0, 1, Fraction(1, 10)), NDArray[np.float64])
assert_type(arange(5, dtype=np.float32), NDArray[np.float32])

# Dates.
assert_type(linspace(day, day), NDArray[np.datetime64])
assert_type(linspace(day, datetime.date.today(), retstep=True), tuple[NDArray[np.datetime64], Any])
assert_type(arange(day, day, span), NDArray[np.datetime64])
assert_type(arange(span, span, span), NDArray[np.timedelta64])


def unknown(x: Any, flag: bool) -> None:
    """What is not known stays so."""
    assert_type(linspace(x, 1), Any)
    assert_type(logspace(0, 1, base=x), Any)
    assert_type(arange(x), Any)
    assert_type(linspace(0, 1, xp=x), Any)
    assert_type(linspace(0, 1, retstep=flag), Any)


def of_some_dtype(x: NDArray[Any]) -> list[NDArray[Any]]:
    """Nor does the array become unknown with its dtype, at which a strict checker says so."""

    def first() -> NDArray[Any]:
        return linspace(x, 1)

    def second() -> NDArray[Any]:
        return geomspace(1, x)

    def third() -> NDArray[Any]:
        return logspace(x, x)

    def fourth() -> NDArray[Any]:
        return arange(0, x)

    return [first(), second(), third(), fourth()]


# Ranges.
assert_type(LinRange(0, 1)[3], float)
assert_type(LinRange(0, 1)[3:], LinRange[float])
assert_type(LinRange(0, 1, 5)[np.int64(3)], float)
assert_type(GeomRange(1, 2)[::2], GeomRange)
assert_type(LogRange(1, 2, base=Fraction(1, 3))[0], float)
assert_type(LogRange(1, 2).base, float)
assert_type(GeomRange.per_octave(20, 20_000, 3).ratio, float)
assert_type(GeomRange.by_ratio(1, 2, 1.1)[-1], float)
assert_type(list(LinRange(0, 1)), list[float])
assert_type(LinRange(0, 1).start, float)
assert_type(LinRange(day, day)[0], np.datetime64)
assert_type(ArithRange(5)[0], int)
assert_type(ArithRange(5).stop, int)
assert_type(ArithRange(0, 1, 0.1)[0], float)
assert_type(ArithRange(day, day)[:2], ArithRange[np.datetime64])
assert_type(1 - 2 * LinRange(0, 1), LinRange[float])
assert_type(-GeomRange(1, 2) / np.float32(2), GeomRange)
assert_type(Fraction(1, 3) / GeomRange(1, 2), GeomRange)
assert_type(LinRange(0, 1).to_array(), NDArray[np.float64])
assert_type(ArithRange(5).to_array(), NDArray[np.int_])
assert_type(LogRange(0, 1).to_array(dtype=np.float32), NDArray[np.float32])
assert_type(LinRange(0, 1).searchsorted(0.5), int)
assert_type(LinRange(0, 1).searchsorted([0.5]), NDArray[np.intp])


def with_a_bare_name(r: LinRange) -> float:
    """The class without a parameter is that of floats."""
    return r[0] + xspace.LinRange(0, 1)[0]


# Drop-in functions: the dtype is known where the call tells it.
assert_type(dropin.linspace([0, 1], 2), NDArray[Any])
assert_type(dropin.linspace(([0.5, 1], [1, 2]), np.float32(2)), NDArray[Any])
assert_type(dropin.linspace(singles, LinRange(0, 1)), NDArray[Any])
assert_type(dropin.linspace(0, 1), NDArray[np.float64])
assert_type(dropin.linspace(0, 1, 5, True, False), NDArray[np.float64])
assert_type(dropin.linspace(0, 1, dtype=np.float32), NDArray[np.float32])
assert_type(dropin.linspace(0, 1, 3, True, False, np.float32), NDArray[Any])
assert_type(dropin.linspace(0, 1, retstep=True), tuple[NDArray[Any], Any])
assert_type(dropin.linspace(0, 1, 3, True, True), tuple[NDArray[Any], Any])
assert_type(dropin.logspace(0, Fraction(1, 3), 5, True, 2), NDArray[np.float64])
assert_type(dropin.logspace(0, 1, base=[2, 3], dtype=np.int16), NDArray[np.int16])
assert_type(dropin.geomspace(1, 2j), NDArray[Any])
assert_type(dropin.geomspace(1, range(1, 3), dtype=np.dtype(np.float16)), NDArray[np.float16])
assert_type(dropin.arange(5), NDArray[np.int_])
assert_type(dropin.arange(0, 1, 0.1), NDArray[np.float64])
assert_type(dropin.arange(0, 5, dtype=np.uint8), NDArray[np.uint8])
assert_type(dropin.arange("2024-01", "2024-03", dtype="M8[M]"), NDArray[Any])
assert_type(dropin.arange(start=1, stop=5), NDArray[Any])
assert_type(xspace.dropin.numpy.logspace(0, 1), NDArray[np.float64])
xspace.testing.assert_identical(arange(5), ArithRange(5).to_array())
