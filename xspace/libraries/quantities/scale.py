"""What has to be said of a library of quantities."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...ground.messages import kind_of

__all__ = ["Library", "Scale", "first_and_last", "fits_all_units", "in_numpy"]


class Scale(NamedTuple):
    """The unit of a grid of plain numbers, and how they become a quantity."""

    owner: Library
    unit: Any
    model: Any  #: a quantity of the kind that the grid is to be

    def samples(self, samples: Any) -> Any:
        """A grid with its unit."""
        return self.owner.quantity(samples, self)

    def step(self, step: Any) -> Any:
        """The step of a grid with its unit, which is that of a difference."""
        return self.owner.difference(step, self)


class Library:
    """A library of quantities: how it converts them, and how it makes them."""

    def read(
        self, caller: str, ends: dict[str, Any], like: Any, as_numpy: bool
    ) -> tuple[dict[str, Any], Scale]:
        """The ends of a call as plain numbers in one unit, and that unit.

        ``like`` is a quantity of the kind that is wanted, or None.
        """
        if caller == "logspace":
            return self.exponents(ends, as_numpy)
        quantities = [value for value in ends.values() if self.has(value)]
        model = self.model(quantities or [like]) if like is None else like
        scale = Scale(self, self.unit(caller, ends, quantities or [like], as_numpy), model)
        numbers = {n: self.number(v, scale) for n, v in ends.items() if n != "step"}
        if "step" in ends:  # a plain one counts units
            step = ends["step"]
            numbers["step"] = self.pace(step, scale) if self.has(step) else step
        if all(type(number) is np.float64 for number in numbers.values()):
            numbers = {n: float(v) for n, v in numbers.items()}  # for which there is a quick way
        return numbers, scale

    def has(self, value: Any) -> bool:
        """Whether it is a quantity of this library."""
        raise NotImplementedError

    def model(self, quantities: list[Any]) -> Any:
        """The one of which kind the grid is."""
        return quantities[0]

    def unit(self, caller: str, ends: dict[str, Any], quantities: list[Any], as_numpy: bool) -> Any:
        """The unit in which the grid is made: that of the first quantity.

        If ``as_numpy``, that in which ``numpy``'s function makes it.
        """
        raise NotImplementedError

    def number(self, value: Any, scale: Scale) -> Any:
        """An end in the unit, be it a quantity or a plain number.

        The error of the library for what has no such unit.
        """
        raise NotImplementedError

    def pace(self, step: Any, scale: Scale) -> Any:
        """The step of an ``arange`` in the unit of a difference."""
        return self.number(step, scale)

    def exponents(self, ends: dict[str, Any], as_numpy: bool) -> tuple[dict[str, Any], Scale]:
        """The exponents and the base of a ``logspace``, and the unit of the powers."""
        raise NotImplementedError

    def quantity(self, samples: Any, scale: Scale) -> Any:
        """A quantity with these numbers."""
        raise NotImplementedError

    def difference(self, step: Any, scale: Scale) -> Any:
        """The difference of two quantities in the unit."""
        raise NotImplementedError


def first_and_last(ends: dict[str, Any]) -> tuple[Any, Any]:
    """The start and the stop; the only end of a call is both."""
    first = ends["start"] if "start" in ends else ends["stop"]
    return first, ends.get("stop", first)


def fits_all_units(value: Any) -> bool:
    """Whether a plain number goes with every unit: zero, infinity or NaN, as libraries have it."""
    if isinstance(value, np.ndarray):
        return bool(np.all((value == 0) | ~np.isfinite(value)))
    try:
        return bool(value == 0 or value - value != 0)
    except Exception:  # what is no number either says so where it is read
        return False


def in_numpy(samples: Any, library: str) -> Any:
    """The samples as an array of NumPy's; a TypeError if they are of another library."""
    if not isinstance(samples, (np.ndarray, np.generic, float, complex)):
        msg = (
            f"a quantity of {library} holds a numpy.ndarray, and this grid would be a "
            f"{kind_of(samples)}: pass xp=numpy, or numbers without a unit"
        )
        raise TypeError(msg)
    return np.asarray(samples)
