"""Quantities of astropy: subclasses of NumPy's array."""

from __future__ import annotations

from typing import Any

import numpy as np
from astropy import units

from .scale import Library, Scale, first_and_last, fits_all_units, in_numpy

__all__ = ["QUANTITIES"]

_ONE = units.dimensionless_unscaled


class _Astropy(Library):
    def has(self, value: Any) -> bool:
        return isinstance(value, units.Quantity)

    def read(
        self, caller: str, ends: dict[str, Any], like: Any, as_numpy: bool
    ) -> tuple[dict[str, Any], Scale]:
        with_units = any(map(self.has, ends.values()))
        _, stop = first_and_last(ends)
        if as_numpy and caller == "arange" and with_units and not self.has(stop):
            np.arange(*ends.values(), like=units.Quantity(0.0))  # astropy's error
        if like is not None and not with_units:
            ends = {n: units.Quantity(v, like.unit) for n, v in ends.items()}
        numbers, scale = super().read(caller, ends, like, as_numpy)
        if like is not None:  # of its class, and not always of its unit
            model = units.Quantity([], scale.unit).view(type(like))
            scale = scale._replace(model=model)
        return numbers, scale

    def model(self, quantities: list[Any]) -> Any:
        # Of a class and its subclass, the result of astropy's operations is of the subclass.
        model = quantities[0]
        for other in quantities[1:]:
            if issubclass(type(other), type(model)):
                model = other
        return model

    def unit(self, caller: str, ends: dict[str, Any], quantities: list[Any], as_numpy: bool) -> Any:
        if caller != "geomspace":
            for quantity in quantities:
                if isinstance(quantity, units.FunctionQuantity):
                    np.subtract(quantity, quantity)  # astropy's error: magnitudes have no steps
        if not as_numpy:
            return quantities[0].unit
        # NumPy's functions take the unit of the stop with astropy, and none beside a plain number.
        first, stop = first_and_last(ends)
        decisive = (stop,) if caller == "geomspace" else (first, stop)
        if not all(self.has(v) or fits_all_units(v) for v in decisive):
            return _ONE
        return stop.unit if self.has(stop) else quantities[0].unit

    def number(self, value: Any, scale: Scale) -> Any:
        if self.has(value):
            return value.to_value(scale.unit)
        if fits_all_units(value) or scale.unit == _ONE:
            return value
        return _ONE.to(scale.unit, value)

    def exponents(self, ends: dict[str, Any], as_numpy: bool) -> tuple[dict[str, Any], Scale]:
        logarithms = [v for v in ends.values() if isinstance(v, units.FunctionQuantity)]
        numbers = dict(ends)
        unit = _ONE
        if logarithms:  # numbers of a magnitude are the exponents of a physical quantity
            unit = logarithms[-1 if as_numpy else 0].unit.physical_unit
            for name in ("start", "stop"):
                numbers[name] = units.Quantity(ends[name], subok=True).to_value(units.dex(unit))
        for name, value in numbers.items():
            if self.has(value):
                numbers[name] = value.to_value(_ONE)
        return numbers, Scale(self, unit, units.Quantity(0.0, unit))

    def quantity(self, samples: Any, scale: Scale) -> Any:
        model = scale.model
        result = in_numpy(samples, "astropy").view(type(model))
        # As NumPy does it where a subclass is made from an array and another one of its kind.
        result.__array_finalize__(
            model if model.unit is scale.unit else _empty(model).to(scale.unit)
        )
        return result

    def difference(self, step: Any, scale: Scale) -> Any:
        empty = _empty(scale.model)
        return self.quantity(step, scale._replace(model=empty - empty))


def _empty(quantity: Any) -> Any:
    """One without numbers of the same kind."""
    return quantity.ravel()[:0]


QUANTITIES = _Astropy()
