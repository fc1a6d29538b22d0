"""What all lazy grids have in common: a progression, and the places in it that a range has.

The elements are made by the machinery that makes arrays, from a slice of the progression; so a
slice is exact, however often it is sliced again, and its elements are those of the whole grid.
"""

from __future__ import annotations

import operator
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self, SupportsIndex, overload

import numpy as np

from ..call.arguments import read_single
from ..call.assemble import assemble
from ..call.target import read_target
from ..exact.equality import have_same_elements
from ..exact.number import Scalar
from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import DATES, FORMATS, Format, round_ratio
from ..grids.source import Line
from ..grids.target import Target
from ..ground.float_environment import in_standard_environment
from ..ground.messages import describe, describe_integer, shown
from ..ground.sizes import check_length
from ..ground.thresholds import ITERATION
from ..libraries import find_backend
from ..libraries.numpy import numpy_dtype
from ..libraries.scalars import check_class, is_array, is_complex
from .searching import Search, read_queries
from .spelling import spell_slice

if TYPE_CHECKING:
    import numpy.typing as npt
    from typing_extensions import TypeVar

    from .._typing import Date, Namespace, Number, Span, Tensors

    #: What indexing gives: floats, if nothing is said.
    T_co = TypeVar("T_co", covariant=True, default=float)
    N = TypeVar("N")
    S = TypeVar("S", bound=np.generic)
else:
    from typing import TypeVar

    T_co = TypeVar("T_co", covariant=True)

__all__ = ["Grid", "Range", "cut", "length"]


#: Elements that are shown at each end.
_SHOWN = 3


class Grid(NamedTuple):
    """The arguments of a range, read; ``unit`` says what the ends count if they are dates."""

    ends: tuple[Any, ...]  #: of `Scalar`
    num: int
    endpoint: bool
    unit: np.dtype[Any] | None = None
    pace: tuple[Scalar, Scalar] | None = None  #: ratio and points, if it is given by them


class Range(Sequence[T_co]):
    """A lazy grid, but for the kind of its progression."""

    __slots__ = ("_grid", "_line", "_places")

    #: What the elements are: one of NumPy's operators leaves a range to its own.
    __array_priority__ = 1000

    _grid: Any  #: `Grid`, or what has its ``ends``, ``num`` and ``unit``
    _line: Any  #: the progression of the elements at `_places`
    _places: range

    @classmethod
    def _part(cls, grid: Any, places: range) -> Self:
        part = cls.__new__(cls)
        part._set(grid, places)
        return part

    def _set(self, grid: Any, places: range) -> None:
        self._grid, self._places = grid, places
        self._line = cut(self._progression(grid), places)

    @staticmethod
    @abstractmethod
    def _progression(grid: Any) -> Arithmetic | Geometric:
        """The whole grid, or its magnitudes."""

    @abstractmethod
    def _spelled(self) -> tuple[str, int]:
        """What evaluates to the whole grid, or to a longer one, and how many elements that has."""

    @property
    def _negative(self) -> bool:
        """Whether the elements are those of the progression, negated."""
        return False

    @property
    def num(self) -> int:
        """How many elements there are; ``len`` cannot tell more than ``sys.maxsize``.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1, 10**30).num
        1000000000000000000000000000000
        """
        num: int = self._line.num
        return num

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy's dtype of the elements.

        Examples
        --------
        >>> from xspace import ArithRange, LinRange
        >>> LinRange(0, 1).dtype, ArithRange(5).dtype
        (dtype('float64'), dtype('int64'))
        """
        unit: np.dtype[Any] | None = self._grid.unit
        return np.dtype(np.int64 if self._is_counted else np.float64) if unit is None else unit

    @property
    def shape(self) -> tuple[int]:
        """``(num,)``, as an array of the elements has it.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1, 11).shape
        (11,)
        """
        return (self.num,)

    @property
    def ndim(self) -> int:
        """One.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1).ndim
        1
        """
        return 1

    def __len__(self) -> int:
        return self.num

    def __bool__(self) -> bool:
        return self.num > 0

    # Elements.

    @property
    def _is_counted(self) -> bool:
        """Whether the elements are integers: of themselves, or counts of a unit."""
        return self._grid.unit is not None

    def _rounded(self, i: int) -> float | int:
        """Element ``i`` as a float, or as an integer; ``-0.0`` may be ``0.0``."""
        return self._round(self._line, i, DATES if self._is_counted else FORMATS["float64"])

    def _round(self, line: Any, i: int, fmt: Format) -> float | int:
        value: float | int = line.rounded(i, fmt)
        return -value if self._negative else value

    def _element(self, i: int) -> Any:
        return self._rounded(i)

    @overload
    def __getitem__(self, key: SupportsIndex, /) -> T_co: ...
    @overload
    def __getitem__(self, key: slice, /) -> Self: ...
    @in_standard_environment
    def __getitem__(self, key: Any, /) -> Any:
        if isinstance(key, tuple) and len(key) == 1:  # as of an array
            (key,) = key
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

    def __iter__(self) -> Iterator[T_co]:
        for first in range(0, self.num, ITERATION):
            array = self[first : first + ITERATION].to_array()
            yield from array.tolist() if self._grid.unit is None else array

    def __reversed__(self) -> Iterator[T_co]:
        return iter(self[::-1])

    # Bounds.

    @property
    def start(self) -> T_co:
        """The start that was given, rounded once; of a slice its own.

        Examples
        --------
        >>> from xspace import LinRange, LogRange
        >>> LinRange(0, 1, 11).start, LinRange(0, 1, 11)[3:].start
        (0.0, 0.3)
        >>> LogRange(-3, 3, 7)[1:].start
        -2.0
        """
        start: T_co = self._bound(0, 0)
        return start

    @property
    def stop(self) -> T_co:
        """The stop that was given, rounded once; of a slice its own.

        That is the last element, or without the endpoint the one that would follow.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1, 11).stop, LinRange(0, 1, 11)[:5].stop
        (1.0, 0.4)
        >>> LinRange(0, 1, 10, endpoint=False)[:5].stop
        0.5
        """
        stop: T_co = self._bound(1, max(self.num - self._grid.endpoint, 0))
        return stop

    @in_standard_environment
    def _bound(self, which: int, index: int) -> Any:
        """A bound as it was given, or of a slice the one that is at an index."""
        if self._is_whole:
            return self._value_of(self._grid.ends[which])
        return self._value_at(index)

    @property
    def _is_whole(self) -> bool:
        return bool(self._places == range(self._grid.num))

    def _value_of(self, bound: Scalar) -> Any:
        magnitude = float(round_ratio(abs(bound.n), bound.d, FORMATS["float64"]))
        return -magnitude if bound.n < 0 or bound.is_negative_zero else magnitude

    def _value_at(self, index: int) -> Any:
        """A bound of a slice: an element, or what would follow the last one."""
        return self._round(self._line.slice(index, 1, 1), 0, FORMATS["float64"])

    @property
    def _has_pace(self) -> bool:
        """Whether there are two elements to tell the step, or the range is given by it."""
        return self.num > int(self._grid.endpoint)

    # Arrays.

    @overload
    def to_array(
        self: Range[int], *, xp: None = None, dtype: None = None, device: Any = None
    ) -> npt.NDArray[np.int_]: ...
    @overload
    def to_array(
        self: Range[float], *, xp: None = None, dtype: None = None, device: Any = None
    ) -> npt.NDArray[np.float64]: ...
    @overload
    def to_array(
        self, *, xp: None = None, dtype: type[S] | np.dtype[S], device: Any = None
    ) -> npt.NDArray[S]: ...
    @overload
    def to_array(
        self, *, xp: None = None, dtype: Any = None, device: Any = None
    ) -> npt.NDArray[Any]: ...
    @overload
    def to_array(
        self, *, xp: Namespace[N] | Tensors[N], dtype: Any = None, device: Any = None
    ) -> N: ...
    @overload
    def to_array(self, *, xp: Any = None, dtype: Any = None, device: Any = None) -> Any: ...
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

        Raises
        ------
        TypeError, ValueError, OverflowError
            As by the function of the same kind.

        Examples
        --------
        >>> import numpy as np
        >>> from xspace import GeomRange
        >>> GeomRange(1, 256, 9)[::4].to_array(dtype=np.int16)
        array([  1,  16, 256], dtype=int16)
        """
        return self._array(dtype, device, xp)

    @in_standard_environment
    def _array(self, dtype: Any, device: Any, xp: Any) -> Any:
        check_length(self._line, type(self).__name__)
        return self._produce(read_target(type(self).__name__, {}, dtype, device, xp))

    @in_standard_environment
    def _check(self, caller: str, dtype: Any = None, device: Any = None, xp: Any = None) -> None:
        """The error of ``caller`` for an element that does not fit, and nothing else."""
        if self._grid.unit is not None:
            self[:0].to_array(dtype=dtype, device=device, xp=xp)
            return
        target = read_target(caller, {}, dtype, device, xp)
        Line(caller, self._line, target.fmt, self._negative).check()

    def _produce(self, target: Target) -> Any:
        source = Line(target.caller, self._line, target.fmt, self._negative)
        return assemble(source, target)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False:
            msg = f"a {type(self).__name__} has no memory that an array could share"
            raise ValueError(msg)
        native = None if dtype is None else numpy_dtype(dtype)
        if native is None or native.kind in "mMc" or native.name in FORMATS:
            return self.to_array(dtype=native)
        if native.kind == "V":  # records of numbers, and bytes
            msg = f"dtype must be one of single numbers, got {native}"
            raise TypeError(msg)
        try:
            return self.to_array().astype(native)
        except RuntimeError as error:  # of dates, as text that is too short for them
            msg = f"dtype {native}: {error}"
            raise ValueError(msg) from error

    # Searching.

    def _read(self, x: Any) -> float | Fraction:
        """A number to compare elements with, exactly; a TypeError for what is none."""
        unit = self._grid.unit
        if unit is None:
            number = read_single("x", x)
        else:
            from ..call.dates import date_count

            number = date_count(x, unit)
        return Fraction(number.n, number.d) if number.is_finite else number.special

    def _search(self) -> Search:
        return Search(self._line, self._negative, self._is_counted, self._rounded)

    @in_standard_environment
    def _find(self, value: Any) -> range:
        """The places of the elements that are equal to ``value``."""
        if isinstance(value, np.ndarray) and not value.ndim:
            value = value[()]
        if is_complex(value) and value.imag == 0:
            value = value.real
        try:
            x = self._read(value)
        except (TypeError, ValueError):
            if is_array(value):  # more than one value, or one that cannot be read now
                raise
            return range(0)
        search = self._search()
        first = search.place(x, "left")
        if first == self.num or self._rounded(first) != x:
            return range(0)
        return range(first, search.place(x, "right"))

    @overload
    def searchsorted(
        self, x: Number | np.floating[Any] | Date | Span, side: Literal["left", "right"] = "left"
    ) -> int: ...
    @overload
    def searchsorted(
        self, x: Any, side: Literal["left", "right"] = "left"
    ) -> npt.NDArray[np.intp]: ...
    def searchsorted(self, x: Any, side: Literal["left", "right"] = "left") -> Any:
        """Return where numbers would have to be inserted to keep the order.

        Takes a few elements for a number, however long the range is.

        Parameters
        ----------
        x : int, float, Fraction, Decimal, NumPy scalar or array; or dates; or a list of such
            The numbers, taken at their exact values and compared with the rounded elements.
        side : {"left", "right"}, default: "left"
            Whether before the elements that are equal to a number or after them.

        Returns
        -------
        int or array of numpy.intp
            The number of elements that come before ``x``, an array of the shape of ``x`` if that
            has dimensions.  In a rising range these are the smaller elements, in a falling range
            the larger ones, so that in both ``x`` can be put in.  After all of them for NaN.

        Raises
        ------
        TypeError
            If ``x`` holds something that is no number, or no date in a range of dates.
        ValueError
            If ``side`` is something else.

        Examples
        --------
        >>> from xspace import LogRange
        >>> r = LogRange(0, 12, 10**15)
        >>> r.searchsorted(1000.0)
        250000000000000
        >>> r[::-1].searchsorted(1000.0, side="right")
        750000000000000
        >>> r.searchsorted([1.0, 1000.0, 10**12])
        array([              0, 250000000000000, 999999999999999])
        """
        if side not in ("left", "right"):
            msg = f"side must be 'left' or 'right', got {shown(side)}"
            raise ValueError(msg)
        return self._places_of(x, side)

    @in_standard_environment
    def _places_of(self, x: Any, side: str) -> Any:
        many = _read_many(x)
        if many is None:
            return self._search().place(self._read(x), side)
        unit = self._grid.unit
        queries = read_queries(many.reshape(-1), unit, self._is_counted, self._read)
        places = self._search().places(queries, side, self._host)
        return places.reshape(many.shape)

    def _host(self) -> Any:
        """All elements, in the order in which they are compared."""
        array = self.to_array()
        return array if self._grid.unit is None else array.view(np.int64)

    def __contains__(self, value: Any) -> bool:
        return bool(self._find(value))

    def count(self, value: Any) -> int:
        """Return how many elements are equal to ``value``.

        Parameters
        ----------
        value : object
            What to look for: a number is taken at its exact value.

        Returns
        -------
        int
            More than one only where neighbours are rounded to the same float.

        Examples
        --------
        >>> from xspace import LinRange
        >>> LinRange(0, 1, 11).count(0.3), LinRange(0, 0, 7).count(0)
        (1, 7)
        """
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

        Returns
        -------
        int
            The index in the range itself.

        Raises
        ------
        ValueError
            If there is none.

        Examples
        --------
        >>> from xspace import LogRange
        >>> LogRange(-300, 300, 601).index(1e23)
        323
        """
        places = self._find(value)
        first, past, _ = slice(start, stop).indices(self.num)
        first, past = max(first, places.start), min(past, places.stop)
        if first >= past:
            msg = f"{describe(value)} is not in the range"
            raise ValueError(msg)
        return first

    # Identity.

    @in_standard_environment
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        if self.num != other.num or not self.num:
            return self.num == other.num
        if self._grid.unit != other._grid.unit or self._key(0) != other._key(0):
            return False
        signs = self._negative, other._negative
        return have_same_elements(self._line, other._line, negative=signs)

    @in_standard_environment
    def __hash__(self) -> int:
        ends = (self._key(0), self._key(self.num - 1)) if self.num else ()
        return hash((self.num, ends))

    def _key(self, i: int) -> float | int:
        """What equal elements have in common: they are equal when rounded."""
        fmt = FORMATS["float64"] if self._grid.unit is None else DATES
        return self._round(self._line, i, fmt)

    def __reduce__(self) -> Any:
        return _restore, (type(self), self._grid, self._places)

    @in_standard_environment
    def __repr__(self) -> str:
        text, num = self._spelled()
        return text + spell_slice(self._places, num)

    def _repr_html_(self) -> str:
        shown = [_in_short(x) for x in islice(self, 2 * _SHOWN)]
        if self.num > 2 * _SHOWN:
            shown[_SHOWN:] = ["…", *(_in_short(self[i]) for i in range(-_SHOWN, 0))]
        elements = escape(", ".join(shown)) or "no elements"
        return f"<code>{escape(repr(self))}</code><br><small>{elements}</small>"


def _in_short(element: Any) -> str:
    return repr(element) if isinstance(element, (float, int)) else str(element)


def _read_many(x: Any) -> Any:
    """Numbers in a NumPy array, as they are; None for a single one."""
    check_class("x", x)
    if isinstance(x, (list, tuple, range)):
        return np.array(x, dtype=object)
    if is_array(x):
        return find_backend(None, {"x": x}).to_host(x) if x.ndim else None
    if hasattr(x, "__array__") and not isinstance(x, np.generic):  # another range, or a column
        return np.asarray(x)
    return None


def length(places: range) -> int:
    """``len``, which itself cannot be larger than ``sys.maxsize``."""
    past = places.stop + places.step - (1 if places.step > 0 else -1)
    return max((past - places.start) // places.step, 0)


def cut(line: Any, places: range) -> Any:
    """The elements of a progression at these places."""
    return line.slice(places.start, places.step, length(places))


def _restore(kind: type[Range[Any]], grid: Any, places: range) -> Range[Any]:
    return kind._part(grid, places)
