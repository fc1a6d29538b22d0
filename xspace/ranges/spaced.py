"""Lazy grids: `LinRange`, `LogRange` and `GeomRange` know a grid without holding its elements.

Each is the progression that the function of the same kind makes an array of.
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Self, SupportsIndex, TypeAlias, overload

import numpy as np

from ..call.arguments import read_finite, read_flag, read_num
from ..call.assemble import assemble
from ..call.lengths import Reals, read_reals
from ..exact.lines import exponents, geomspace_line, logspace_line, negative_zeros, refuse_zero
from ..exact.number import Scalar
from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import FORMATS
from ..grids.source import Line
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..ground.messages import describe
from ..ground.sizes import check_length
from ..libraries.scalars import has_dates
from .base import Grid, Range, T_co, cut, length
from .operators import Affine, Scaled, as_fraction, as_scalar
from .ratios import count_powers
from .spelling import evaluated, spell, spell_date, spell_int

if TYPE_CHECKING:
    from .._typing import Array, Date, Number, Span

    #: A number, or an array of one.
    EndLike: TypeAlias = Number | np.floating[Any] | Array

__all__ = ["GeomRange", "LinRange", "LogRange"]

_ONE = (1, 1)


class LinRange(Affine, Range[T_co]):
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
    ArithRange : evenly spaced numbers by their step.
    LogRange, GeomRange : numbers whose logarithms are evenly spaced.

    Notes
    -----
    A slice is a range with exactly these elements, however often it is sliced again.

    Two ranges are equal if their exact elements are, before any rounding, as real numbers: whatever
    their ends, and whatever their kinds.  ``x in r`` is what it is for ``list(r)``: whether a
    *rounded* element is equal to ``x``, at its exact value.

    With exact scalars ``c``, the results of ``c*r``, ``r/c``, ``r + c``, ``c - r`` and ``-r`` are
    ranges again, and no element is rounded twice.  With arrays a range is an array.

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
    >>> 1 - 2*r
    LinRange(1, -1, 11)
    """

    __slots__ = ()

    @overload
    def __init__(
        self: LinRange[np.datetime64],
        start: Date,
        stop: Date,
        num: SupportsIndex = 50,
        *,
        endpoint: bool = True,
    ) -> None: ...
    @overload
    def __init__(
        self: LinRange[np.timedelta64],
        start: Span,
        stop: Span,
        num: SupportsIndex = 50,
        *,
        endpoint: bool = True,
    ) -> None: ...
    @overload
    def __init__(
        self: LinRange[float],
        start: EndLike,
        stop: EndLike,
        num: SupportsIndex = 50,
        *,
        endpoint: bool = True,
    ) -> None: ...
    @in_standard_environment
    def __init__(
        self, start: Any, stop: Any, num: SupportsIndex = 50, *, endpoint: bool = True
    ) -> None:
        count = read_num(num)
        unit = None
        if has_dates(start, stop):
            from ..call.dates import date_ends

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
        from ..call.dates import date_array, rescaled_ends

        ends, unit = rescaled_ends(grid.ends, grid.unit, dtype)
        line = cut(self._progression(grid._replace(ends=ends)), self._places)
        check_length(line, "LinRange")
        return date_array(line, unit, dtype, "LinRange", device, xp)

    @property
    def step(self) -> Any:
        """The exact step, rounded once; NaN if there is no second element to tell it.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1, 11).step, LinRange(0, 1, 11)[::-2].step
        (0.1, -0.2)
        """
        return self._step()

    @in_standard_environment
    def _step(self) -> Any:
        line, unit = self._line, self._grid.unit
        if unit is None:
            pace = Arithmetic(line.b, 0, line.den, 1)
            return pace.rounded(0, FORMATS["float64"]) if self._has_pace else math.nan
        from ..call.dates import date_value, span_of

        return date_value(line.b // line.den if self._has_pace else None, span_of(unit))

    @property
    def endpoint(self) -> bool:
        """Whether ``stop`` is the last element.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1).endpoint
        True
        """
        return bool(self._grid.endpoint)

    def _value_of(self, bound: Scalar) -> Any:
        if self._grid.unit is None:
            return super()._value_of(bound)
        from ..call.dates import date_value

        return date_value(bound.n // bound.d, self._grid.unit)

    def _value_at(self, index: int) -> Any:
        if self._grid.unit is None and index in self._negative_zeros():
            return -0.0
        if self._grid.unit is None:
            return super()._value_at(index)
        line = self._line
        return self._value_of(Scalar(line.a + index * line.b, line.den))

    def _affine(self, factor: Fraction, offset: Fraction) -> Self:
        grid = self._grid
        ends = tuple(as_scalar(factor * as_fraction(end) + offset) for end in grid.ends)
        return self._part(grid._replace(ends=ends), self._places)

    def _spelled(self) -> tuple[str, int]:
        return spell_grid("LinRange", self._grid)

    def _produce(self, target: Target) -> Any:
        zeros = self._negative_zeros()
        return assemble(Line(target.caller, self._line, target.fmt, zeros=zeros), target)

    def _element(self, i: int) -> Any:
        if self._grid.unit is not None:
            from ..call.dates import date_value

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


class LogRange(Range[float]):
    """Numbers whose logarithms are evenly spaced, as `logspace` has them, of which none is held.

    Its ``start`` and ``stop`` are exponents; its elements are Python floats.

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
        start: EndLike,
        stop: EndLike,
        num: SupportsIndex = 50,
        *,
        endpoint: bool = True,
        base: EndLike = 10.0,
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

    @property
    def base(self) -> float:
        """The base, rounded once.

        Examples
        --------
        >>> from xspace import LogRange
        >>> LogRange(0, 3, 4).base
        10.0
        """
        return float(self._value_of(self._grid.ends[2]))

    @property
    def ratio(self) -> float:
        """The exact ratio of two neighbours, rounded once; NaN if there is no second element.

        Examples
        --------
        >>> from xspace import LogRange
        >>> LogRange(0, 3, 4)[::2].ratio
        100.0
        """
        return ratio_of(self._line) if self._has_pace else math.nan

    @property
    def endpoint(self) -> bool:
        """Whether ``stop`` is the exponent of the last element.

        Examples
        --------
        >>> from xspace import LogRange
        >>> LogRange(0, 3, 4).endpoint
        True
        """
        return bool(self._grid.endpoint)

    def _value_at(self, index: int) -> float:
        line = self._line  # of which the bounds are the exponents
        exponent = Arithmetic(line.a + index * line.b, 0, line.den, 1)
        return exponent.rounded(0, FORMATS["float64"])

    def _spelled(self) -> tuple[str, int]:
        return spell_grid("LogRange", self._grid)


class GeomRange(Scaled, Range[float]):
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
        self, start: EndLike, stop: EndLike, num: SupportsIndex = 50, *, endpoint: bool = True
    ) -> None:
        count = read_num(num)
        read = {"start": read_finite("start", start), "stop": read_finite("stop", stop)}
        _check_signs(start, stop, read)
        ends = read["start"], read["stop"]
        self._set(Grid(ends, count, read_flag("endpoint", endpoint)), range(count))

    @classmethod
    @in_standard_environment
    def by_ratio(
        cls,
        start: EndLike,
        stop: EndLike,
        ratio: EndLike,
        *,
        points: EndLike = 1,
        endpoint: bool = True,
    ) -> Self:
        """Return the range whose neighbours have a given ratio, from ``start`` on.

        Element ``i`` is the exact ``start * ratio**(i/points)``, rounded once, up to and including
        ``stop``; which is the last element only if it is one of them.

        Parameters
        ----------
        start, stop : int, float, Fraction, Decimal, NumPy scalar or 0-d array
            The first element, and where the elements end: both positive or both negative.
        ratio : int, float, Fraction, Decimal, NumPy scalar or 0-d array
            Positive and not 1: the magnitudes rise or fall with it.
        points : int, float, Fraction, Decimal, NumPy scalar or 0-d array, default: 1
            How many steps make up the ratio: positive.
        endpoint : bool, default: True
            Whether an element that is ``stop`` belongs to the range.

        Returns
        -------
        GeomRange
            The range, which is empty if ``stop`` lies in the other direction.

        Raises
        ------
        TypeError
            If an argument is no real number, or an array with dimensions.
        ValueError
            If an argument is infinite or NaN, an end is zero, the ends have opposite signs,
            ``ratio`` is 1 or not positive, or ``points`` is not positive.

        See Also
        --------
        per_octave, per_decade : the same for the ratios 2 and 10, up and down.

        Notes
        -----
        The number of elements is the one that was meant, as `arange` has it: a float stands for
        every real number that rounds to it, and if such numbers make ``stop`` an element, and only
        one, it is the last.  Integers, fractions and decimals are what they are.

        Examples
        --------
        >>> from xspace import GeomRange
        >>> list(GeomRange.by_ratio(0.1, 100, 10))
        [0.1, 1.0, 10.0, 100.0]
        >>> list(GeomRange.by_ratio(1, 0.1, 0.5))
        [1.0, 0.5, 0.25, 0.125]
        """
        given = {"start": start, "stop": stop, "ratio": ratio, "points": points}
        read = {name: read_finite(name, value) for name, value in given.items()}
        _check_signs(start, stop, read)
        if read["ratio"].n <= 0 or read["ratio"].n == read["ratio"].d:
            msg = f"ratio must be positive and not 1, got {describe(ratio)}"
            raise ValueError(msg)
        if read["points"].n <= 0:
            msg = f"points must be positive, got {describe(points)}"
            raise ValueError(msg)
        endpoint = read_flag("endpoint", endpoint)
        ends, pace = (read["start"], read["stop"]), (read["ratio"], read["points"])
        reals = [read_reals(name, given[name], read[name]) for name in ("start", "stop", "ratio")]
        num = _count(reals, pace[1], endpoint)
        return cls._part(Grid(ends, num, endpoint, None, pace), range(num))

    @classmethod
    def per_octave(
        cls, start: EndLike, stop: EndLike, points: EndLike, *, endpoint: bool = True
    ) -> Self:
        """Return the range with so many points in every octave, a factor of two, from ``start`` on.

        Parameters
        ----------
        start, stop : int, float, Fraction, Decimal, NumPy scalar or 0-d array
            The first element, and where the elements end: both positive or both negative.
        points : int, float, Fraction, Decimal, NumPy scalar or 0-d array
            How many elements an octave has: positive.
        endpoint : bool, default: True
            Whether an element that is ``stop`` belongs to the range.

        Returns
        -------
        GeomRange
            Element ``i`` is the exact ``start * 2**(i/points)``, rounded once; or with ``-i`` if
            the magnitude of ``stop`` is less.

        Raises
        ------
        TypeError, ValueError
            As by `by_ratio`.

        Examples
        --------
        >>> from xspace import GeomRange
        >>> r = GeomRange.per_octave(20, 20_000, 3)
        >>> len(r), r[:7:3].to_array().tolist(), r[-1]
        (30, [20.0, 40.0, 80.0], 16254.986772154363)
        """
        return cls.by_ratio(start, stop, _towards(start, stop, 2), points=points, endpoint=endpoint)

    @classmethod
    def per_decade(
        cls, start: EndLike, stop: EndLike, points: EndLike, *, endpoint: bool = True
    ) -> Self:
        """Return the range with so many points in every decade, a factor of ten, from ``start`` on.

        Parameters
        ----------
        start, stop : int, float, Fraction, Decimal, NumPy scalar or 0-d array
            The first element, and where the elements end: both positive or both negative.
        points : int, float, Fraction, Decimal, NumPy scalar or 0-d array
            How many elements a decade has: positive.
        endpoint : bool, default: True
            Whether an element that is ``stop`` belongs to the range.

        Returns
        -------
        GeomRange
            Element ``i`` is the exact ``start * 10**(i/points)``, rounded once; or with ``-i`` if
            the magnitude of ``stop`` is less.

        Raises
        ------
        TypeError, ValueError
            As by `by_ratio`.

        Examples
        --------
        >>> from xspace import GeomRange
        >>> GeomRange.per_decade(1e-3, 1e3, 10)
        GeomRange.by_ratio(0.001, 1000, 10, points=10)
        >>> len(GeomRange.per_decade(1e-3, 1e3, 10))
        61
        """
        return cls.by_ratio(
            start, stop, _towards(start, stop, 10), points=points, endpoint=endpoint
        )

    @property
    def ratio(self) -> float:
        """The exact ratio of two neighbours, rounded once; NaN if there is no second element.

        Examples
        --------
        >>> from xspace import GeomRange
        >>> GeomRange(1, 256, 9).ratio, GeomRange.per_octave(1, 256, 12).ratio
        (2.0, 1.0594630943592953)
        """
        return ratio_of(self._line) if self._has_pace or self._grid.pace else math.nan

    @property
    def endpoint(self) -> bool:
        """Whether ``stop`` belongs to the elements, if it is one.

        Examples
        --------
        >>> from xspace import GeomRange
        >>> GeomRange(1, 16, 4, endpoint=False).endpoint
        False
        """
        return bool(self._grid.endpoint)

    def _times(self, factor: Fraction) -> Self:
        if not factor:
            msg = "a GeomRange times zero is none: a geometric progression cannot include zero"
            raise ValueError(msg)
        ends = tuple(as_scalar(factor * as_fraction(end)) for end in self._grid.ends)
        return self._part(self._grid._replace(ends=ends), self._places)

    def __rtruediv__(self, other: Number | np.floating[Any]) -> Self:
        return self._reflected(operator.truediv, other, self._inverse)

    def _inverse(self, above: Fraction) -> Self:
        grid = self._times(1 / above)._grid
        ends = tuple(as_scalar(1 / as_fraction(end)) for end in grid.ends)
        pace = grid.pace and (as_scalar(1 / as_fraction(grid.pace[0])), grid.pace[1])
        return self._part(grid._replace(ends=ends, pace=pace), self._places)

    def _spelled(self) -> tuple[str, int]:
        grid = self._grid
        if grid.pace is None:
            return spell_grid("GeomRange", grid)
        (start, stop), (ratio, points) = grid.ends, grid.pace
        while (
            num := _count([_spelled_reals(x) for x in (start, stop, ratio)], points, grid.endpoint)
        ) < grid.num:
            stop = as_scalar(as_fraction(stop) * as_fraction(ratio))
        words = [*map(spell, (start, stop, ratio)), f"points={spell(points)}"]
        if points[:2] == (1, 1):
            words.pop()
        if not grid.endpoint:
            words.append("endpoint=False")
        return f"GeomRange.by_ratio({', '.join(words)})", num

    @property
    def _negative(self) -> bool:
        return bool(self._grid.ends[0].n < 0)

    @staticmethod
    def _progression(grid: Grid) -> Geometric:
        start, stop = grid.ends
        if grid.pace is None:
            return geomspace_line(start, stop, grid.num, grid.endpoint)
        ratio, points = grid.pace
        return Geometric((abs(start.n), start.d), ratio[:2], 0, points.d, points.n, grid.num)


def _check_signs(start: Any, stop: Any, read: dict[str, Scalar]) -> None:
    """A ValueError for ends between which there is no geometric progression."""
    refuse_zero(read["start"], read["stop"])
    if read["start"].sign != read["stop"].sign:
        msg = f"stop must have the sign of start, got {describe(start)} and {describe(stop)}"
        raise ValueError(msg)


@in_standard_environment
def _towards(start: Any, stop: Any, ratio: int) -> Fraction:
    """The ratio, or its reciprocal if the magnitudes fall."""
    first, last = (as_fraction(read_finite(n, x)) for n, x in (("start", start), ("stop", stop)))
    return Fraction(1, ratio) if abs(last) < abs(first) else Fraction(ratio)


def _count(reals: list[Reals], points: Scalar, endpoint: bool) -> int:
    """The number of elements of a range by its ratio, whichever sign its ends have."""
    start, stop = (x.negated if x.value < 0 else x for x in reals[:2])
    return count_powers(start, stop, reals[2], (points.d, points.n), endpoint=endpoint)


def _spelled_reals(x: Scalar) -> Reals:
    """What a number stands for as `spell` writes it."""
    value = evaluated(x)
    return read_reals("x", value, read_finite("x", value))


@in_standard_environment
def ratio_of(line: Geometric) -> float:
    """What one step multiplies with, rounded once."""
    return Geometric(_ONE, line.base, line.b, 0, line.den, 1).rounded(0, FORMATS["float64"])


def spell_grid(name: str, grid: Grid) -> tuple[str, int]:
    """The call that makes a grid of so many elements, and how many they are."""
    ends = [spell(e) if grid.unit is None else spell_date(e, grid.unit) for e in grid.ends[:2]]
    words = [*ends, spell_int(grid.num)]
    if not grid.endpoint:
        words.append("endpoint=False")
    if grid.ends[2:] and grid.ends[2][:3] != (10, 1, 0.0):
        words.append(f"base={spell(grid.ends[2])}")
    return f"{name}({', '.join(words)})", grid.num
