"""Grids of ``arange`` as cases: a start, a stop and a step, and the number of elements they make.

Element ``i`` is ``start + i*step``; that is element ``i`` of a ``linspace`` that ends, without its
stop, where the steps lead. A zero is positive, whatever the sign of the start's.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from .cases import Case
from .oracle import exact


@dataclass(frozen=True)
class StepCase(Case):
    """A call of ``arange``, in the terms of the ``linspace`` that has its elements."""

    given: tuple[Any, Any, Any] = (0, 1, 1)

    @classmethod
    def of(
        cls, name: str, start: Any, stop: Any, step: Any = 1, dtype: str = "float64"
    ) -> StepCase:
        """Make it of the arguments of ``arange``, which are finite, and the step not zero."""
        first, last, pace = (as_fraction(exact(value)) for value in (start, stop, step))
        num = max(-((first - last) // pace), 0)  # ceil((last - first) / pace)
        end = first + num * pace
        given = start, stop, step
        return cls(name, "linspace", first, end, num, dtype, endpoint=False, given=given)

    @property
    def function_name(self) -> str:
        """The function that is called."""
        return "arange"

    @property
    def positional(self) -> tuple[Any, ...]:
        """Arguments of the call."""
        return self.given

    @cached_property
    def keywords(self) -> dict[str, Any]:
        """Keyword arguments of the call, the dtype apart."""
        return {}


def as_fraction(value: Any) -> Fraction:
    """Return an exact number as one of Python's, which print and compare as such."""
    return Fraction(int(value.numerator), int(value.denominator))
