"""Short arithmetic progressions between two floats: two sums and a rounding test.

As in `arithmetic`, an element is ``p + c`` with ``p = A1 + i*D1`` exact in multiples of one unit
and ``c = A2 + i*D2``, off by less than ``2**-39`` units.  Which elements need a test is not asked
here: all are tested, which for a short grid takes less time than to find out.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["LONGEST", "fill_between"]

Array: TypeAlias = "npt.NDArray[np.float64]"

#: Elements up to which the error bound holds.
LONGEST = 8192

#: Bits of a head, and of a unit that start and step are known to.
_HEAD_BITS = 51
_UNIT_BITS = 112
_HALF_UNIT = 1 << (_UNIT_BITS - 1)
#: Half width of the rounding test, in units.
_ERROR = 2.0**-39


def fill_between(out: Array, start: float, stop: float, div: int) -> bool:
    """Write ``start + i*(stop - start)/div``; False if an element is open, or out of range."""
    expo = math.frexp(max(abs(start), abs(stop)))[1]
    if not -700 < expo < 1000:
        return False
    n, d = start.as_integer_ratio()
    m, other = stop.as_integer_ratio()
    den = max(d, other)  # powers of two
    n, m = n * (den // d), m * (den // other)
    # Both in 2**-_UNIT_BITS of a unit, rounded down.
    shift = _UNIT_BITS + _HEAD_BITS - expo - den.bit_length() + 1
    if shift < 0:
        return False
    first = n << shift
    step = (m - n << shift) // div
    first_head, step_head = first + _HALF_UNIT >> _UNIT_BITS, step + _HALF_UNIT >> _UNIT_BITS
    first -= first_head << _UNIT_BITS
    step -= step_head << _UNIT_BITS
    # In units: the test is that of the significands.
    tail_unit = 2.0**-_UNIT_BITS
    weights = [step_head, first_head, step * tail_unit, first * tail_unit + _ERROR]
    p, c = np.array(weights, dtype=np.float64).reshape(2, 2).dot(_indices(out.size))
    high = p + c
    c -= 2 * _ERROR
    c += p
    zero = None if n == m else _zero(n * div, m - n, out.size)
    if zero is not None:
        high[zero] = c[zero] = 0.0
    np.multiply(high, 2.0 ** (expo - _HEAD_BITS), out=out)
    return bool(high.tobytes() == c.tobytes())


@lru_cache(maxsize=64)
def _indices(num: int) -> Array:
    """Rows of ``i`` and of 1, to be multiplied with a step and a start."""
    return np.stack([np.arange(num, dtype=np.float64), np.ones(num)])


def _zero(first: int, step: int, num: int) -> int | None:
    """Which element of ``first + i*step`` is zero."""
    place, rest = divmod(-first, step)
    return place if not rest and 0 <= place < num else None
