"""Lazy grids: `LinRange`, `LogRange` and `GeomRange` know a grid without holding its elements.

Each is the progression that the function of the same kind makes an array of.
"""

from __future__ import annotations

from typing import Any, SupportsIndex

from .arguments import read_finite, read_flag, read_num
from .assemble import assemble
from .backends.target import Target
from .exact.lines import exponents, geomspace_line, logspace_line, negative_zeros, refuse_zero
from .exact.progression import Arithmetic, Geometric
from .float_environment import in_standard_environment
from .lazy import Grid, Range, cut, length
from .messages import describe
from .scalars import has_dates
from .sizes import check_length
from .sources import Line

__all__ = ["GeomRange", "LinRange", "LogRange"]


class LinRange(Range):
    """Evenly spaced numbers, as `linspace` has them, of which none is held.

    An immutable sequence, like Python's ``range``: it knows the exact progression, and makes what
    is asked for.  The elements are Python floats, each the exact value rounded once; those between
    dates are NumPy's dates.

    Parameters
    ----------
    start, stop : int, float, Fraction, Decimal, NumPy scalar or 0-d array; or two dates
        The first and the last element, taken at their exact values.
    num : int, default: 50
        How many elements; more than fit into any memory are allowed.
    endpoint : bool, default: True
        Whether ``stop`` is the last element.  If not, it is the one that would follow.

    Raises
    ------
    TypeError
        If an end is no real number or date, or an array with dimensions, or ``num`` no integer.
    ValueError
        If an end is infinite, NaN or NaT, or ``num`` is negative.

    See Also
    --------
    linspace : the same as an array.
    LogRange, GeomRange : numbers whose logarithms are evenly spaced.

    Notes
    -----
    A slice is a range with exactly these elements, however often it is sliced again.

    Two ranges are equal if their exact elements are, before any rounding, as real numbers: whatever
    their ends, and whatever their kinds.  ``x in r`` is what it is for ``list(r)``: whether a
    *rounded* element is equal to ``x``, at its exact value.

    Examples
    --------
    >>> from fractions import Fraction
    >>> import numpy as np
    >>> from xspace import LinRange
    >>> r = LinRange(0, 1, 11)
    >>> r[3], r[-1], len(r), 0.3 in r
    (0.3, 1.0, 11, True)
    >>> r[1::2]
    LinRange(0, 1, 11)[1::2]
    >>> list(r[1::2])
    [0.1, 0.3, 0.5, 0.7, 0.9]
    >>> r[1::2] == LinRange(Fraction(1, 10), Fraction(9, 10), 5)
    True
    >>> LinRange(0, 1, 10**15 + 1).searchsorted(0.25)
    250000000000000
    >>> r[::5].to_array(dtype=np.float32)
    array([0. , 0.5, 1. ], dtype=float32)
    """

    __slots__ = ()

    @in_standard_environment
    def __init__(
        self, start: Any, stop: Any, num: SupportsIndex = 50, *, endpoint: bool = True
    ) -> None:
        count = read_num(num)
        unit = None
        if has_dates(start, stop):
            from .dates import date_ends

            *ends, unit = date_ends(start, stop)
        else:
            ends = [read_finite("start", start), read_finite("stop", stop)]
        self._set(Grid(tuple(ends), count, read_flag("endpoint", endpoint), unit), range(count))

    @staticmethod
    def _progression(grid: Grid) -> Arithmetic:
        start, stop = grid.ends
        return exponents(start, stop, grid.num, grid.endpoint)

    @in_standard_environment
    def _array(self, dtype: Any, device: Any, xp: Any) -> Any:
        grid = self._grid
        if grid.unit is None:
            return super()._array(dtype, device, xp)
        from .dates import date_array, rescaled_ends

        ends, unit = rescaled_ends(grid.ends, grid.unit, dtype)
        line = cut(self._progression(grid._replace(ends=ends)), self._places)
        check_length(line, "LinRange")
        return date_array(line, unit, dtype, "LinRange", device, xp)

    def _produce(self, target: Target) -> Any:
        zeros = self._negative_zeros()
        return assemble(Line(target.caller, self._line, target.fmt, zeros=zeros), target)

    def _element(self, i: int) -> Any:
        if self._grid.unit is not None:
            from .dates import date_value

            return date_value(int(self._rounded(i)), self._grid.unit)
        return -0.0 if i in self._negative_zeros() else self._rounded(i)

    def _negative_zeros(self) -> range:
        """The indices of the elements that are ``-0.0``, because an end is."""
        grid, places = self._grid, self._places
        start, stop = grid.ends
        zeros = negative_zeros(start, stop, grid.num, grid.endpoint)
        if length(zeros) > 1:
            return range(self.num)
        if not zeros or zeros[0] not in places:
            return range(0)
        index = places.index(zeros[0])
        return range(index, index + 1)


class LogRange(Range):
    """Numbers whose logarithms are evenly spaced, as `logspace` has them, of which none is held.

    Parameters
    ----------
    start, stop : int, float, Fraction, Decimal, NumPy scalar or 0-d array
        The exponents of the first and of the last element, taken at their exact values.
    num : int, default: 50
        How many elements; more than fit into any memory are allowed.
    endpoint : bool, default: True
        Whether ``base**stop`` is the last element.  If not, it is the one that would follow.
    base : int, float, Fraction, Decimal, NumPy scalar or 0-d array, default: 10.0
        The base, taken at its exact value: positive.

    Raises
    ------
    TypeError
        If an argument is no real number, or an array with dimensions, or ``num`` no integer.
    ValueError
        If an argument is infinite or NaN, ``base`` is not positive, or ``num`` is negative.

    See Also
    --------
    logspace : the same as an array.
    LinRange : evenly spaced numbers, and what all ranges can do.

    Examples
    --------
    >>> from xspace import LogRange
    >>> r = LogRange(-300, 300, 601)
    >>> r[301], r.index(1e23)
    (10.0, 323)
    >>> list(LogRange(0, 1, 4, base=8))
    [1.0, 2.0, 4.0, 8.0]
    """

    __slots__ = ()

    @in_standard_environment
    def __init__(
        self,
        start: Any,
        stop: Any,
        num: SupportsIndex = 50,
        *,
        endpoint: bool = True,
        base: Any = 10.0,
    ) -> None:
        count = read_num(num)
        given = {"start": start, "stop": stop, "base": base}
        ends = tuple(read_finite(name, value) for name, value in given.items())
        if ends[2].n <= 0:
            msg = f"base must be positive, got {describe(base)}"
            raise ValueError(msg)
        self._set(Grid(ends, count, read_flag("endpoint", endpoint)), range(count))

    @staticmethod
    def _progression(grid: Grid) -> Geometric:
        start, stop, base = grid.ends
        return logspace_line(start, stop, base, grid.num, grid.endpoint)


class GeomRange(Range):
    """Numbers in geometric progression, as `geomspace` has them, of which none is held.

    Parameters
    ----------
    start, stop : int, float, Fraction, Decimal, NumPy scalar or 0-d array
        The first and the last element, taken at their exact values: both positive or both negative.
    num : int, default: 50
        How many elements; more than fit into any memory are allowed.
    endpoint : bool, default: True
        Whether ``stop`` is the last element.  If not, it is the one that would follow.

    Raises
    ------
    TypeError
        If an end is no real number, or an array with dimensions, or ``num`` no integer.
    ValueError
        If an end is zero, infinite or NaN, the ends have opposite signs, or ``num`` is negative.

    See Also
    --------
    geomspace : the same as an array.
    LinRange : evenly spaced numbers, and what all ranges can do.

    Examples
    --------
    >>> from xspace import GeomRange, LogRange
    >>> r = GeomRange(1, 256, 9)
    >>> list(r[::2])
    [1.0, 4.0, 16.0, 64.0, 256.0]
    >>> r == LogRange(0, 8, 9, base=2)
    True
    >>> GeomRange(1, 10, 4)[1:3]
    GeomRange(1, 10, 4)[1:3]
    """

    __slots__ = ()

    @in_standard_environment
    def __init__(
        self, start: Any, stop: Any, num: SupportsIndex = 50, *, endpoint: bool = True
    ) -> None:
        count = read_num(num)
        ends = read_finite("start", start), read_finite("stop", stop)
        refuse_zero(*ends)
        if ends[0].sign != ends[1].sign:
            msg = f"stop must have the sign of start, got {describe(start)} and {describe(stop)}"
            raise ValueError(msg)
        self._set(Grid(ends, count, read_flag("endpoint", endpoint)), range(count))

    @property
    def _negative(self) -> bool:
        return bool(self._grid.ends[0].n < 0)

    @staticmethod
    def _progression(grid: Grid) -> Geometric:
        start, stop = grid.ends
        return geomspace_line(start, stop, grid.num, grid.endpoint)
