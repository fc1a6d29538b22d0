"""`ArithRange`: the elements of `arange`, of which none is held."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, TypeAlias, overload

import numpy as np

from ..call.lengths import read_bounds
from ..call.steps import with_default_integer
from ..call.target import read_target
from ..exact.lines import arange_line
from ..exact.number import Scalar
from ..exact.progression import Arithmetic
from ..exact.rounding import DATES, FORMATS, IntFormat
from ..grids.source import check_range
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..ground.sizes import check_length
from ..libraries import NUMPY
from ..libraries.scalars import is_date, is_integer
from .base import Range, T_co
from .operators import Affine, as_fraction, as_scalar
from .spelling import evaluated, evaluated_real, spell, spell_date, spell_real

if TYPE_CHECKING:
    from .._typing import Date, Span
    from .spaced import EndLike

    Whole: TypeAlias = int | np.integer[Any] | np.bool_
    Inclusive: TypeAlias = Literal["left", "both", "right", "neither"]

__all__ = ["ArithRange"]

INT64 = IntFormat("int64", -(1 << 63), (1 << 63) - 1)

_NAMES = ("start", "stop", "step")


class Steps(NamedTuple):
    """The arguments of a range by its step, read; ``unit`` says what they count if they are dates.

    Elements are ``start + i*step`` for ``num`` integers ``i`` from ``first`` on; integers if all
    three were.
    """

    ends: tuple[Scalar, Scalar, Scalar]  #: start, stop and step
    first: int
    num: int
    inclusive: str
    is_integer: bool
    unit: np.dtype[Any] | None = None

    @property
    def endpoint(self) -> bool:
        """Of a slice, `ArithRange.stop` is what would follow."""
        return False


class ArithRange(Affine, Range[T_co]):
    """Numbers a step apart, as `arange` has them, of which none is held.

    Parameters
    ----------
    start : int, float, Fraction, Decimal, NumPy scalar, 0-d array or date
        The first element, taken at its exact value.  If it is the only one of the three, it is
        ``stop``, and the first element is 0.
    stop : the same, optional
        Where the elements end; it is not one of them.
    step : the same, default: 1
        The distance between two elements, not zero; a negative one counts down.
    inclusive : {"left", "both", "right", "neither"}, default: "left"
        Which ends belong to the elements: ``start``, both, ``stop`` or none.

    Raises
    ------
    TypeError
        If an argument is no real number or date, or an array with dimensions.
    ValueError
        If ``step`` is zero, or an argument is infinite, NaN or NaT.
    OverflowError
        If the elements are integers or dates, and one of them does not fit into 64 bits.

    See Also
    --------
    arange : the same as an array, and how many elements there are.
    LinRange : evenly spaced numbers by how many they are, and what all ranges can do.

    Notes
    -----
    The elements are Python integers if all arguments are integers, else floats, or NumPy's dates.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from xspace import ArithRange
    >>> list(ArithRange(5)), list(ArithRange(1, 1.3, 0.1))
    ([0, 1, 2, 3, 4], [1.0, 1.1, 1.2])
    >>> r = ArithRange(0, 10**9, Fraction(1, 10))
    >>> r.num, r[-1], r.step
    (10000000000, 999999999.9, 0.1)
    >>> 2 * ArithRange(3) + 1
    ArithRange(1, 7, 2)
    """

    __slots__ = ()

    @overload
    def __init__(
        self: ArithRange[int],
        start: Whole,
        stop: Whole | None = None,
        step: Whole = 1,
        *,
        inclusive: Inclusive = "left",
    ) -> None: ...
    @overload
    def __init__(
        self: ArithRange[np.datetime64],
        start: Date,
        stop: Date,
        step: Span | int = 1,
        *,
        inclusive: Inclusive = "left",
    ) -> None: ...
    @overload
    def __init__(
        self: ArithRange[np.timedelta64],
        start: Span,
        stop: Span | None = None,
        step: Span | int = 1,
        *,
        inclusive: Inclusive = "left",
    ) -> None: ...
    @overload
    def __init__(
        self: ArithRange[float],
        start: EndLike,
        stop: EndLike | None = None,
        step: EndLike = 1,
        *,
        inclusive: Inclusive = "left",
    ) -> None: ...
    @in_standard_environment
    def __init__(
        self, start: Any, stop: Any = None, step: Any = 1, *, inclusive: str = "left"
    ) -> None:
        if is_date(start) or is_date(stop) or is_date(step):
            from ..call.dates import read_steps

            read, places, unit, _ = read_steps(start, stop, step, inclusive)
            whole, dtype = False, unit.dtype
        else:
            given = dict(zip(_NAMES, (start, stop, step), strict=True))
            if stop is None:
                del given["stop"]
            read, places = read_bounds(given, inclusive)
            whole, dtype = all(map(is_integer, given.values())), None
        ends = read["start"], read["stop"], read["step"]
        self._become(Steps(ends, *places, inclusive, whole, dtype))

    def _become(self, steps: Steps) -> None:
        """Take on what has been read; an OverflowError for integers that are too large."""
        self._set(steps, range(steps.num))
        if self._is_counted and steps.num:
            fmt = DATES if steps.unit is not None else INT64
            target = Target("ArithRange", NUMPY, fmt, self.dtype, None)
            check_range(self._line, target.caller, fmt, range(steps.num), negative=False)

    @staticmethod
    def _progression(grid: Steps) -> Arithmetic:
        start, _, step = grid.ends
        return arange_line(start, step, grid.first, grid.num)

    @property
    def _is_counted(self) -> bool:
        return self._grid.is_integer or self._grid.unit is not None

    def _element(self, i: int) -> Any:
        return self._dated(self._rounded(i), self._grid.unit)

    def _dated(self, value: Any, unit: np.dtype[Any] | None) -> Any:
        if unit is None:
            return value
        from ..call.dates import date_value

        return date_value(value, unit)

    @property
    def step(self) -> Any:
        """The exact step, rounded once.

        Examples
        --------
        >>> from xspace import ArithRange
        >>> ArithRange(0, 1, 0.1).step, ArithRange(10)[::2].step
        (0.1, 2)
        """
        return self._step()

    @in_standard_environment
    def _step(self) -> Any:
        line, unit = self._line, self._grid.unit
        if unit is not None:
            from ..call.dates import span_of

            unit = span_of(unit)
        return self._dated(self._at(Arithmetic(line.b, 0, line.den, 1)), unit)

    def _value_of(self, bound: Scalar) -> Any:
        return self._dated(self._at(Arithmetic(bound.n, 0, bound.d, 1)), self._grid.unit)

    def _value_at(self, index: int) -> Any:
        return self._dated(self._at(self._line.slice(index, 1, 1)), self._grid.unit)

    def _at(self, line: Arithmetic) -> float | int:
        return line.rounded(0, DATES if self._is_counted else FORMATS["float64"])

    @in_standard_environment
    def _array(self, dtype: Any, device: Any, xp: Any) -> Any:
        check_length(self._line, "ArithRange")
        if self._grid.unit is not None:
            from ..call.dates import date_array

            return date_array(self._line, self._grid.unit, dtype, "ArithRange", device, xp)
        target = read_target("ArithRange", {}, dtype, device, xp)
        if dtype is None and self._grid.is_integer:
            target = with_default_integer(target)
        return self._produce(target)

    def _affine(self, factor: Fraction, offset: Fraction) -> Self:
        grid = self._grid
        if not factor:
            msg = "an ArithRange times zero is none: its step must not be zero"
            raise ValueError(msg)
        start, stop, step = map(as_fraction, grid.ends)
        ends = factor * start + offset, factor * stop + offset, factor * step
        whole = grid.is_integer and factor.denominator == offset.denominator == 1
        moved = self._part(
            grid._replace(ends=tuple(map(as_scalar, ends)), is_integer=whole), range(0)
        )
        moved._become(moved._grid)
        return moved._part(moved._grid, self._places)

    def _spelled(self) -> tuple[str, int]:
        grid = self._grid
        ends = grid.ends
        if grid.unit is not None:
            from ..call.dates import span_of

            units = grid.unit, grid.unit, span_of(grid.unit)
            words, num = [spell_date(x, u) for x, u in zip(ends, units, strict=True)], grid.num
        else:
            while (num := _count(ends, grid)) < grid.num:
                stop = as_scalar(as_fraction(ends[1]) + as_fraction(ends[2]))
                ends = ends[0], stop, ends[2]
            words = [spell(x) if grid.is_integer else spell_real(x) for x in ends]
            if ends[2][:2] == (1, 1):
                words.pop()
        if grid.inclusive != "left":
            words.append(f"inclusive={grid.inclusive!r}")
        return f"ArithRange({', '.join(words)})", num


def _count(ends: tuple[Scalar, ...], grid: Steps) -> int:
    """How many elements there are by what is written."""
    evaluate = evaluated if grid.is_integer else evaluated_real
    given = {name: evaluate(x) for name, x in zip(_NAMES, ends, strict=True)}
    if ends[2][:2] == (1, 1):
        given["step"] = 1
    return read_bounds(given, grid.inclusive)[1][1]
