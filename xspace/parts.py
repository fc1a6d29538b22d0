"""A grid that is made in parts: each one alone, where it is wanted, from a few exact numbers.

Chunks of a dask array, blocks of a file and shards of an array on many devices are slices of a
grid.  A slice of a progression is a progression (`Arithmetic.slice`), so a part has the bits that
it has in the whole, and nothing of a grid's length is made before a part is asked for.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_left
from functools import cached_property
from math import gcd
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from .backends import HOST, NUMPY
from .backends.numpy import NumpyBackend
from .exact.lines import exponents
from .exact.number import Scalar
from .exact.progression import Arithmetic, Geometric
from .exact.rounding import FORMATS, Format, IntFormat
from .float_environment import in_standard_environment
from .grids import logspace_grid, scalar_grid
from .kernels.narrow import host_dtype, to_bits
from .produce import check_range, make_on_host, produce, raise_range
from .target import Target

__all__ = [
    "UNMADE",
    "Limit",
    "Line",
    "Parts",
    "between_ends",
    "in_parts",
    "limit_in_parts",
    "number_key",
    "parts_of",
    "spread",
]

Host = npt.NDArray[Any]


def parts_of(caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, dtype: Any) -> Parts:
    """The grid of the function named, of which nothing is made yet."""
    fmt, native = NUMPY.read_dtype(dtype)
    target = Target(caller, UNMADE, fmt, native, None, layout=True)
    parts: Parts = scalar_grid(ends, num, endpoint, target)
    return parts


class _Unmade(NumpyBackend):
    """Grids for which their parts stand."""

    def from_parts(self, parts: Any, target: Any) -> Any:
        return parts


#: Stands for a library whose arrays are grids that nothing is made of yet.
UNMADE = _Unmade()


def in_parts(
    line: Arithmetic | Geometric, target: Target, *, negative: bool = False, zeros: range = range(0)
) -> Any:
    """The array of a progression, negated if ``negative`` and with ``-0.0`` at ``zeros``."""
    fmt = target.fmt
    if isinstance(fmt, IntFormat):
        check_range(line, target, fmt, range(line.num), negative=negative)
    return spread(Line(target.caller, line, fmt, negative, zeros), target)


def limit_in_parts(ends: tuple[Scalar, ...], num: int, endpoint: bool, target: Target) -> Any:
    """The array of a grid that is no progression, of the function ``target.caller``."""
    source = Limit(target.caller, ends, num, endpoint, target.fmt)
    source.check(target)
    return spread(source, target)


def spread(source: Source, target: Target) -> Any:
    """The array of a source, divided as ``target.layout`` says."""
    return target.backend.from_parts(Parts(source, target.dtype), target)


class Source(Protocol):
    """What the elements of a grid are made from."""

    caller: str

    @property
    def fmt(self) -> Format:
        """The format of the elements, or of their parts if they are complex."""

    @property
    def num(self) -> int:
        """How many elements there are."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""

    def make(self, places: range) -> Host:
        """The elements at these places, in host memory."""

    def make_on(self, places: range, target: Target) -> Any:
        """The same as an array of the target's library, on its device."""


class Line:
    """The elements of a progression, negated if ``negative`` and with ``-0.0`` at ``zeros``."""

    def __init__(
        self,
        caller: str,
        line: Arithmetic | Geometric,
        fmt: Format,
        negative: bool = False,
        zeros: range = range(0),
    ) -> None:
        self.caller, self.line, self.fmt, self.negative = caller, line, fmt, negative
        self.zeros = range(0) if isinstance(fmt, IntFormat) else zeros

    @property
    def num(self) -> int:
        """How many elements there are."""
        return self.line.num

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""
        line = self.line
        numbers = [line.a, line.b, line.den, line.num]
        if isinstance(line, Geometric):
            numbers += [*line.scale, *line.base]
        return (*map(hex, numbers), self.fmt.name, self.negative, *_bounds(self.zeros))

    def make(self, places: range) -> Host:
        """The elements at these places, as `host_dtype` stores them."""
        target = _on_host(self.caller, self.fmt)
        host = make_on_host(self.line, target, negative=self.negative, places=places)
        if self.zeros and places:
            host[_meeting(self.zeros, places)] = to_bits(-0.0, self.fmt)
        return host

    def make_on(self, places: range, target: Target) -> Any:
        """The same as an array of the target's library, on its device."""
        if self.zeros:
            return _moved(self.make(places), target)
        part = self.line.slice(places.start, places.step, len(places))
        return produce(part, target, negative=self.negative)


class Limit:
    """A grid that is no progression: with ends that are not finite, of two signs, or base <= 0."""

    def __init__(
        self, caller: str, ends: tuple[Scalar, ...], num: int, endpoint: bool, fmt: Format
    ) -> None:
        self.caller, self.ends, self.num = caller, ends, num
        self.endpoint, self.fmt = bool(endpoint), fmt

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements depend on, as plain numbers and words."""
        ends = (word for end in self.ends for word in number_key(end))
        return (*ends, self.num, self.endpoint, self.fmt.name)

    @property
    def _is_power(self) -> bool:
        """Whether the elements are powers with finite exponents; else they are constant inside."""
        start, stop = self.ends[:2]
        return self.caller == "logspace" and start.is_finite and stop.is_finite

    def make(self, places: range) -> Host:
        """The elements at these places, as `host_dtype` stores them."""
        target = _on_host(self.caller, self.fmt)
        if self._is_power:
            return self._powers(places, target)
        # A constant between its ends: three elements show them all.
        short = min(self.num, 3 if self.endpoint else 2)
        few: Host = scalar_grid(self.ends, short, self.endpoint, target)
        return between_ends(few, self.num, self.endpoint, places)

    def make_on(self, places: range, target: Target) -> Any:
        """The same as an array of the target's library, on its device."""
        return _moved(self.make(places), target)

    def _powers(self, places: range, target: Target) -> Host:
        """Exponents that are finite: those of a slice lie evenly between two exact numbers."""
        start, stop, base = self.ends
        line = exponents(start, stop, self.num, self.endpoint)
        part = line.slice(places.start, places.step, len(places))
        first, last = part.a, part.a + (part.num - 1) * part.b
        made: Host = logspace_grid(
            _ratio(first, part.den), _ratio(last, part.den), base, part.num, True, target
        )
        return made

    def check(self, target: Target) -> None:
        """The error of an element that an integer format cannot hold.

        Those next to the ends tell: between infinite ends all others are the same, and of powers
        those of one sign are monotone.
        """
        fmt = self.fmt
        if not isinstance(fmt, IntFormat):
            return
        if not self._is_power:
            try:
                self.make(range(0))
            except (OverflowError, ValueError):
                pass
            else:
                return
        near = sorted({i for i in (0, 1, self.num - 2, self.num - 1) if 0 <= i < self.num})
        index = next(filter(self._fails, near), None)
        if index is None:
            return
        if index > 1:
            index = bisect_left(range(index), True, key=self._fails)
        raise_range(target, index, self._float(index), fmt)

    def _fails(self, i: int) -> bool:
        """Whether the integer format cannot hold an element."""
        if self._is_power:
            try:
                self.make(range(i, i + 1))
            except (OverflowError, ValueError):
                return True
            return False
        value = self._float(i)
        assert isinstance(self.fmt, IntFormat)
        return not math.isfinite(value) or not self.fmt.low <= int(value) <= self.fmt.high

    def _float(self, i: int) -> float:
        exact = Limit(self.caller, self.ends, self.num, self.endpoint, FORMATS["float64"])
        return float(exact.make(range(i, i + 1))[0])


class Parts:
    """A grid as something like an array: it has a shape and a dtype, and a slice makes elements.

    It can be pickled, and it is as large as the numbers that the grid is defined by.
    """

    ndim = 1

    def __init__(self, source: Source, dtype: Any) -> None:
        self.source = source
        self.dtype = np.dtype(dtype)

    @property
    def caller(self) -> str:
        """The name of the function whose grid it is."""
        return self.source.caller

    @cached_property
    def places(self) -> range:
        """The indices of all elements."""
        return range(self.source.num)

    @property
    def shape(self) -> tuple[int]:
        """The shape of the whole."""
        return (self.source.num,)

    @property
    def key(self) -> tuple[Any, ...]:
        """What the elements and their dtype depend on: the same for the same call."""
        return (self.caller, *self.source.key, self.dtype.str, self.dtype.name)

    def __dask_tokenize__(self) -> tuple[Any, ...]:
        return self.key

    def __getitem__(self, key: Any) -> Any:
        """An element or a slice of them, as a NumPy array."""
        if isinstance(key, tuple):
            (key,) = key or (slice(None),)
        if isinstance(key, slice):
            return self._array(self.places[key])
        index = self.places[operator.index(key)]
        return self._array(range(index, index + 1))[0]

    @in_standard_environment
    def _array(self, places: range) -> Host:
        array: Host = NUMPY.from_host(self.source.make(places), self.source.fmt, self.dtype, None)
        return array


def between_ends(few: Host, num: int, endpoint: bool, places: range) -> Host:
    """These places of a grid of ``num`` elements that is a constant between its ends.

    ``few`` is the same grid with 3 elements at most, or 2 without the endpoint.
    """
    host = np.empty(len(places), few.dtype)
    if len(few) > 1:
        host[...] = few[1]
    if 0 in places:
        host[places.index(0)] = few[0]
    if endpoint and num - 1 in places:
        host[places.index(num - 1)] = few[-1]
    return host


def number_key(x: Scalar) -> tuple[str, ...]:
    """A number in words: hexadecimal digits may be any number, decimal ones not."""
    words = hex(x.n), hex(x.d), repr(x.special)
    return words if x.imag is None else (*words, *number_key(x.imag))


def _on_host(caller: str, fmt: Format) -> Target:
    return Target(caller, HOST, fmt, host_dtype(fmt), None)


def _moved(host: Host, target: Target) -> Any:
    return target.backend.from_host(host, target.fmt, target.dtype, target.device)


def _ratio(n: int, d: int) -> Scalar:
    common = gcd(n, d)
    return Scalar(n // common, d // common)


def _bounds(places: range) -> tuple[int, int]:
    return places.start, places.stop


def _meeting(few: range, places: range) -> slice:
    """Where the elements of ``few``, which are neighbours, are among the places."""
    found = [i for i in (few[0], few[-1]) if i in places]
    if len(few) > 1:  # all of a grid
        return slice(None)
    return slice(places.index(found[0]), places.index(found[0]) + 1) if found else slice(0)
