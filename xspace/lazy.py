"""What all lazy grids have in common: a progression, and the places in it that a range has.

The elements are made by the machinery that makes arrays, from a slice of the progression; so a
slice is exact, however often it is sliced again, and its elements are those of the whole grid.
"""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple, Self

import numpy as np

from .arguments import describe, describe_integer, is_array, read_single
from .backends.numpy import numpy_dtype
from .comparison import have_same_elements
from .dates import DATES, date_count
from .exact.rounding import COMPLEX_PARTS, FORMATS
from .grids import check_length
from .produce import produce
from .progression import Arithmetic, Geometric
from .spelling import spell, spell_date, spell_int, spell_slice
from .target import Target, read_target

__all__ = ["Grid", "Range", "cut", "length"]

#: Elements that an iteration makes at a time.
_BLOCK = 1 << 12


class Grid(NamedTuple):
    """The arguments of a range, read; ``unit`` says what the ends count if they are dates."""

    ends: tuple[Any, ...]  #: of `Scalar`
    num: int
    endpoint: bool
    unit: np.dtype[Any] | None = None


class Range(Sequence[Any]):
    """A lazy grid, but for the kind of its progression."""

    __slots__ = ("_grid", "_line", "_places")

    _grid: Grid
    _line: Any  #: the progression of the elements at `_places`
    _places: range

    @classmethod
    def _part(cls, grid: Grid, places: range) -> Self:
        part = cls.__new__(cls)
        part._set(grid, places)
        return part

    def _set(self, grid: Grid, places: range) -> None:
        self._grid, self._places = grid, places
        self._line = cut(self._progression(grid), places)

    @staticmethod
    @abstractmethod
    def _progression(grid: Grid) -> Arithmetic | Geometric:
        """The whole grid, or its magnitudes."""

    @property
    def _negative(self) -> bool:
        """Whether the elements are those of the progression, negated."""
        return False

    @property
    def num(self) -> int:
        """How many elements there are; ``len`` cannot tell more than ``sys.maxsize``."""
        num: int = self._line.num
        return num

    def __len__(self) -> int:
        return self.num

    def __bool__(self) -> bool:
        return self.num > 0

    # Elements.

    def _rounded(self, i: int) -> float | int:
        """Element ``i`` as a float, or as a count of the unit; ``-0.0`` may be ``0.0``."""
        value: float | int = self._line.rounded(
            i, FORMATS["float64"] if self._grid.unit is None else DATES
        )
        return -value if self._negative else value

    def _element(self, i: int) -> Any:
        return self._rounded(i)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return self._part(self._grid, self._places[key])
        try:
            index = operator.index(key)
        except TypeError:
            msg = f"indices must be integers or slices, got {describe(key)}"
            raise TypeError(msg) from None
        if not -self.num <= index < self.num:
            places = f"{describe_integer(index)} is out of range for {describe_integer(self.num)}"
            msg = f"index {places} elements"
            raise IndexError(msg)
        return self._element(index % self.num)

    def __iter__(self) -> Iterator[Any]:
        for first in range(0, self.num, _BLOCK):
            array = self[first : first + _BLOCK].to_array()
            yield from array.tolist() if self._grid.unit is None else array

    def __reversed__(self) -> Iterator[Any]:
        return iter(self[::-1])

    # Arrays.

    def to_array(self, *, xp: Any = None, dtype: Any = None, device: Any = None) -> Any:
        """Return the elements as an array.

        Parameters
        ----------
        xp : namespace, optional
            The array library.  By default NumPy.
        dtype : dtype, optional
            A real floating or integer dtype of the namespace, as that library spells it: the
            exact elements are rounded to it once.  By default the library's default.
        device : device, optional
            Where the array goes.  By default to the library's default.

        Returns
        -------
        array
            What the function of the same kind returns, or that part of it: an array of shape
            ``(num,)``.
        """
        return self._array(dtype, device, xp)

    def _array(self, dtype: Any, device: Any, xp: Any) -> Any:
        check_length(self._line, type(self).__name__)
        return self._produce(read_target(type(self).__name__, {}, dtype, device, xp))

    def _produce(self, target: Target) -> Any:
        return produce(self._line, target, negative=self._negative)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        if copy is False:
            msg = f"a {type(self).__name__} has no memory that an array could share"
            raise ValueError(msg)
        native = None if dtype is None else numpy_dtype(dtype)
        if native is None or native.name in FORMATS or native.kind in ("m", "M"):
            return self.to_array(dtype=native)
        part = COMPLEX_PARTS.get(native.name)  # a cast of float64 would round twice
        return self.to_array(dtype=part and part.name).astype(native)

    # Searching.

    def _read(self, x: Any) -> float | Fraction:
        """A number to compare elements with, exactly; a TypeError for what is none."""
        unit = self._grid.unit
        number = read_single("x", x) if unit is None else date_count(x, unit)
        return Fraction(number.n, number.d) if number.is_finite else number.special

    def _bisect(self, x: float | Fraction, side: str) -> int:
        """How many elements come before ``x``, in the order of the range; rounding keeps it."""
        low, high = 0, self.num
        falling = high > 0 and self._rounded(0) > self._rounded(high - 1)
        is_past = _PAST[falling, side]
        while low < high:
            middle = (low + high) // 2
            if is_past(self._rounded(middle), x):
                high = middle
            else:
                low = middle + 1
        return low

    def _find(self, value: Any) -> range:
        """The places of the elements that are equal to ``value``."""
        if isinstance(value, complex) and value.imag == 0:
            value = value.real
        try:
            x = self._read(value)
        except (TypeError, ValueError):
            if is_array(value):  # more than one value, or one that cannot be read now
                raise
            return range(0)
        first = self._bisect(x, "left")
        if first == self.num or self._rounded(first) != x:
            return range(0)
        return range(first, self._bisect(x, "right"))

    def searchsorted(self, x: Any, side: Literal["left", "right"] = "left") -> int:
        """Return where ``x`` would have to be inserted to keep the order.

        Takes about ``log2(num)`` elements, and no array.

        Parameters
        ----------
        x : int, float, Fraction, Decimal, NumPy scalar or 0-d array; or a date
            The number, taken at its exact value and compared with the rounded elements.
        side : {"left", "right"}, default: "left"
            Whether before the elements that are equal to ``x`` or after them.

        Returns
        -------
        int
            The number of elements that come before ``x``.  In a rising range these are the
            smaller ones, in a falling range the larger ones, so that in both ``x`` can be put in.
            After all of them for NaN.
        """
        if side not in ("left", "right"):
            msg = f"side must be 'left' or 'right', got {side!r}"
            raise ValueError(msg)
        return self._bisect(self._read(x), side)

    def __contains__(self, value: Any) -> bool:
        return bool(self._find(value))

    def count(self, value: Any) -> int:
        """Return how many elements are equal to ``value``."""
        places = self._find(value)
        return places.stop - places.start

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """Return the first index of an element that is equal to ``value``.

        Parameters
        ----------
        value : object
            What to look for.
        start, stop : int, optional
            Look only at the elements of ``range[start:stop]``.

        Raises
        ------
        ValueError
            If there is none.
        """
        places = self._find(value)
        first, past, _ = slice(start, stop).indices(self.num)
        first, past = max(first, places.start), min(past, places.stop)
        if first >= past:
            msg = f"{describe(value)} is not in the range"
            raise ValueError(msg)
        return first

    # Identity.

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        if self.num != other.num or not self.num:
            return self.num == other.num
        if self._grid.unit != other._grid.unit or self._rounded(0) != other._rounded(0):
            return False
        signs = self._negative, other._negative
        return have_same_elements(self._line, other._line, negative=signs)

    def __hash__(self) -> int:
        # Equal elements are equal when rounded.
        ends = (self._rounded(0), self._rounded(self.num - 1)) if self.num else ()
        return hash((self.num, ends))

    def __reduce__(self) -> Any:
        return _restore, (type(self), self._grid, self._places)

    def __repr__(self) -> str:
        grid = self._grid
        ends = [spell(e) if grid.unit is None else spell_date(e, grid.unit) for e in grid.ends[:2]]
        words = [*ends, spell_int(grid.num)]
        if not grid.endpoint:
            words.append("endpoint=False")
        if grid.ends[2:] and grid.ends[2][:3] != (10, 1, 0.0):
            words.append(f"base={spell(grid.ends[2])}")
        return f"{type(self).__name__}({', '.join(words)}){spell_slice(self._places, grid.num)}"


_PAST = {
    (False, "left"): operator.ge,
    (False, "right"): operator.gt,
    (True, "left"): operator.le,
    (True, "right"): operator.lt,
}


def length(places: range) -> int:
    """``len``, which itself cannot be larger than ``sys.maxsize``."""
    past = places.stop + places.step - (1 if places.step > 0 else -1)
    return max((past - places.start) // places.step, 0)


def cut(line: Any, places: range) -> Any:
    """The elements of a progression at these places."""
    return line.slice(places.start, places.step, length(places))


def _restore(kind: type[Range], grid: Grid, places: range) -> Range:
    return kind._part(grid, places)
