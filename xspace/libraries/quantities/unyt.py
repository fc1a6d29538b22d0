"""Quantities of unyt: subclasses of NumPy's array."""

from __future__ import annotations

from typing import Any

import numpy as np
import unyt

from .scale import Library, Scale, fits_all_units, in_numpy

__all__ = ["QUANTITIES"]

_ONE = unyt.Unit()


class _Unyt(Library):
    def has(self, value: Any) -> bool:
        return isinstance(value, unyt.unyt_array)

    def unit(self, caller: str, ends: dict[str, Any], quantities: list[Any], as_numpy: bool) -> Any:
        return quantities[0].units

    def number(self, value: Any, scale: Scale) -> Any:
        return _number(value, scale.unit)

    def pace(self, step: Any, scale: Scale) -> Any:
        return _number(step, _span(scale.unit))

    def exponents(self, ends: dict[str, Any], as_numpy: bool) -> tuple[dict[str, Any], Scale]:
        base, unit = ends["base"], _ONE
        if self.has(base) and not base.units.is_dimensionless:
            unit = base.units  # as unyt has it for NumPy's function
        numbers = {n: _number(v, _ONE) for n, v in ends.items() if n != "base"}
        model = next(filter(self.has, ends.values()))
        return numbers | {"base": _number(base, unit)}, Scale(self, unit, model)

    def quantity(self, samples: Any, scale: Scale) -> Any:
        return _quantity(samples, scale.unit)

    def difference(self, step: Any, scale: Scale) -> Any:
        return _quantity(step, _span(scale.unit))


def _number(value: Any, unit: Any) -> Any:
    if not isinstance(value, unyt.unyt_array):
        if fits_all_units(value) or unit == _ONE:
            return value
        value = unyt.unyt_array(value, _ONE)
    if value.units != unit:  # else integers stay what they are
        value = value.to(unit)
    return value.view(np.ndarray)[()]


def _quantity(numbers: Any, unit: Any) -> Any:
    array = in_numpy(numbers, "unyt")
    return unyt.unyt_array(array, unit) if array.ndim else unyt.unyt_quantity(array, unit)


def _span(unit: Any) -> Any:
    """The unit of a difference: between temperatures in degrees, it is another one."""
    zero = unyt.unyt_quantity(0.0, unit)
    return (zero - zero).units


QUANTITIES = _Unyt()
