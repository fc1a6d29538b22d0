"""Quantities of pint: a unit beside a number or an array of any library."""

from __future__ import annotations

import operator
from typing import Any

import pint

from .scale import Library, Scale, fits_all_units

__all__ = ["QUANTITIES"]


class _Pint(Library):
    def has(self, value: Any) -> bool:
        return isinstance(value, pint.Quantity)

    def unit(self, caller: str, ends: dict[str, Any], quantities: list[Any], as_numpy: bool) -> Any:
        first = quantities[0]
        if as_numpy and caller == "geomspace" and not self.has(ends["start"]):
            return type(first)(1).units
        if caller == "geomspace" and _span(first) != first.units:  # a scale with another zero
            # Ratios are pint's error there, unless a registry has been told to convert them.
            operator.truediv(first, first)
            first = first.to_base_units()
        return first.units

    def number(self, value: Any, scale: Scale) -> Any:
        return _number(value, scale.unit, scale.model)

    def pace(self, step: Any, scale: Scale) -> Any:
        return step.m_as(_unit_of_steps(scale))

    def exponents(self, ends: dict[str, Any], as_numpy: bool) -> tuple[dict[str, Any], Scale]:
        one = type(next(filter(self.has, ends.values())))(1)
        numbers = {n: v.m_as(one.units) if self.has(v) else v for n, v in ends.items()}
        return numbers, Scale(self, one.units, one)

    def quantity(self, samples: Any, scale: Scale) -> Any:
        return type(scale.model)(samples, scale.unit)

    def difference(self, step: Any, scale: Scale) -> Any:
        return type(scale.model)(step, _unit_of_steps(scale))


def _number(value: Any, unit: Any, model: Any) -> Any:
    if isinstance(value, pint.Quantity):
        return value.m_as(unit)
    return value if fits_all_units(value) else type(model)(value).m_as(unit)


def _span(quantity: Any) -> Any:
    """The unit of a difference: between temperatures in degrees, it is another one."""
    zero = type(quantity)(0, quantity.units)
    return (zero - zero).units


def _unit_of_steps(scale: Scale) -> Any:
    unit = _span(type(scale.model)(0, scale.unit))
    if unit.dimensionality != scale.unit.dimensionality:  # of logarithms it is a ratio
        msg = f"{scale.unit} has no steps: a difference is in {unit or 'no unit'}"
        raise TypeError(msg)
    return unit


QUANTITIES = _Pint()
