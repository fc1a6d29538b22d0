"""What type checkers are told of arguments and results; nothing here does anything at run time."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "ArrayLike",
    "Complex",
    "Date",
    "Namespace",
    "Number",
    "OfNumPy",
    "Plain",
    "Real",
    "Samples",
    "Span",
    "Tensors",
]

A_co = TypeVar("A_co", covariant=True)


class Real(Protocol):
    """A number that knows its exact value: an int, a float, a Fraction, a Decimal, or the like."""

    def as_integer_ratio(self) -> tuple[Any, Any]:
        """Two integers whose quotient it is."""


class Array(Protocol):
    """An array of any library: it is told from numbers and from sequences."""

    @property
    def dtype(self) -> Any:
        """The dtype of its elements."""

    @property
    def ndim(self) -> Any:
        """How many dimensions it has."""

    @property
    def shape(self) -> Any:
        """How long it is in each."""

    @property
    def reshape(self) -> Any:
        """A method that no lazy range has."""


class Tensors(Protocol[A_co]):
    """An array library, by the class of its arrays."""

    @property
    def Tensor(self) -> type[A_co]:
        """The class."""


class Namespace(Protocol[A_co]):
    """An array library, by what its ``asarray`` returns."""

    @property
    def asarray(self) -> Callable[..., A_co]:
        """The function that makes its arrays."""


class HasArray(Protocol):
    """What NumPy makes an array of: a column of a table, a lazy range."""

    @property
    def __array__(self) -> Callable[..., Any]:
        """The array."""


Plain: TypeAlias = float | Fraction | Decimal | np.integer[Any] | np.bool_
Number: TypeAlias = Real | np.integer[Any] | np.bool_
Complex: TypeAlias = complex | Number
OfNumPy: TypeAlias = npt.NDArray[Any] | np.generic
Single: TypeAlias = Complex | Array | HasArray
#: Not nested without an end: text is a sequence of texts.
ArrayLike: TypeAlias = (
    Single | Sequence[Single] | Sequence[Sequence[Single]] | Sequence[Sequence[Sequence[Single]]]
)
Date: TypeAlias = np.datetime64 | datetime.date
Span: TypeAlias = np.timedelta64 | datetime.timedelta

#: The elements as an array of some library: which one, and of which dtype, the overloads of the
#: stub tell.
Samples: TypeAlias = Any
