"""What the elements of a grid are made from: a few exact numbers, from which any part is made.

Whole arrays, chunks of a dask array, blocks of a file, shards of an array on many devices and lanes
of a batch are slices of a grid.  A slice of a progression is a progression (`Arithmetic.slice`), so
a part has the bits that it has in the whole, and nothing of a grid's length is made before.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ..engine.fill import fill_with_workers
from ..engine.narrow import host_dtype, to_bits
from ..exact.number import Scalar
from ..exact.progression import Arithmetic, Geometric
from ..exact.rounding import FORMATS, Format, IntFormat

__all__ = ["Host", "Line", "Source", "between_ends", "check_range", "number_key", "raise_range"]

Host = npt.NDArray[Any]
#: What reserves memory for so many numbers of a NumPy dtype.
Empty = Callable[[int, Any], Host]


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

    def check(self) -> None:
        """The error of a grid that cannot be made, before any of it is."""

    def make(self, places: range) -> Host:
        """The elements at these places, in host memory, as `host_dtype` stores them."""


class Line:
    """The elements of a progression, negated if ``negative`` and with ``-0.0`` at ``zeros``."""

    def __init__(
        self,
        caller: str,
        line: Arithmetic | Geometric,
        fmt: Format,
        negative: bool = False,
        zeros: range | None = None,
    ) -> None:
        self.caller, self.line, self.fmt, self.negative = caller, line, fmt, negative
        # No range as a default, which the compiler of torch cannot follow into a method.
        self.zeros = range(0) if zeros is None or isinstance(fmt, IntFormat) else zeros

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

    def at(self, places: range) -> Arithmetic | Geometric:
        """The progression of the elements at these places."""
        if places == range(self.num):
            return self.line
        return self.line.slice(places.start, places.step, len(places))

    def check(self) -> None:
        """The error of an element that an integer format cannot hold."""
        if isinstance(self.fmt, IntFormat):
            places = range(self.num)
            check_range(self.line, self.caller, self.fmt, places, negative=self.negative)

    def make(self, places: range, empty: Empty = np.empty, workers: int = 1) -> Host:
        """The elements at these places, in memory that ``empty`` reserves, by so many threads."""
        fmt, line = self.fmt, self.at(places)
        if isinstance(fmt, IntFormat):
            check_range(line, self.caller, fmt, places, negative=self.negative)
            if self.negative:  # a magnitude may exceed the format by one
                magnitudes = np.empty(line.num, np.uint64)
                fill_with_workers(magnitudes, line, fmt, workers)
                return np.negative(magnitudes).astype(host_dtype(fmt))
        host = empty(line.num, host_dtype(fmt))
        fill_with_workers(host, line, fmt, workers)
        if self.negative:
            _negate(host)
        if self.zeros and places:
            host[_meeting(self.zeros, places)] = to_bits(-0.0, fmt)
        return host


def check_range(
    line: Arithmetic | Geometric,
    caller: str,
    fmt: IntFormat,
    places: range,
    *,
    negative: bool,
) -> None:
    """An OverflowError for the first element outside the integer format; the grid is monotone."""

    def outside(i: int) -> bool:
        value = line.rounded(i, fmt)
        return not fmt.low <= (-value if negative else value) <= fmt.high

    last = line.num - 1
    if line.num == 0 or not (outside(0) or outside(last)):
        return
    index = 0 if outside(0) else bisect_left(range(line.num), True, key=outside)
    value = line.rounded(index, FORMATS["float64"])
    raise_range(caller, places[index], -value if negative else value, fmt)


def raise_range(caller: str, index: int, value: float, fmt: IntFormat) -> None:
    """The error of a value that is outside the integer format, or NaN."""
    msg = (
        f"{caller}: element {index} is {value!r}, which {fmt.name} cannot hold "
        f"({fmt.low} to {fmt.high})"
    )
    raise (ValueError if math.isnan(value) else OverflowError)(msg)


def between_ends(shown: Host, num: int, endpoint: bool, places: range) -> Host:
    """These places of a grid of ``num`` elements that is a constant between its ends.

    ``shown`` is the same grid with 3 elements at most, or 2 without the endpoint.
    """
    host = np.empty(len(places), shown.dtype)
    if len(shown) > 1:
        host[...] = shown[1]
    if 0 in places:
        host[places.index(0)] = shown[0]
    if endpoint and num - 1 in places:
        host[places.index(num - 1)] = shown[-1]
    return host


def number_key(x: Scalar) -> tuple[str, ...]:
    """A number in words: hexadecimal digits may be any number, decimal ones not."""
    words = hex(x.n), hex(x.d), repr(x.special)
    return words if x.imag is None else (*words, *number_key(x.imag))


def _bounds(places: range) -> tuple[int, int]:
    return places.start, places.stop


def _meeting(shown: range, places: range) -> slice:
    """Where the elements of ``shown``, which are neighbours, are among the places."""
    found = [i for i in (shown[0], shown[-1]) if i in places]
    if len(shown) > 1:  # all of a grid
        return slice(None)
    return slice(places.index(found[0]), places.index(found[0]) + 1) if found else slice(0)


def _negate(host: npt.NDArray[Any]) -> None:
    """Change the signs of floats in place; those of 16 bits are bits."""
    if host.dtype == np.uint16:
        host ^= np.uint16(0x8000)
    else:
        np.negative(host, out=host)
