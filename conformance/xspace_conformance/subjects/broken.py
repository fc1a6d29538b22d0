"""Namespaces with one flaw each, which the suite must find; and one without, for control."""

from __future__ import annotations

from typing import Any

import numpy as np

from .tiny import WIDE, Namespace


class LastBit(Namespace):
    """The middle element of every exported array is one unit in the last place too large."""

    def exported(self, values: Any) -> Any:
        """Return the elements, one of them with a wrong last bit."""
        if values.size == 0:
            return values
        values = values.copy()
        values.reshape(-1).view(f"uint{8 * values.itemsize}")[values.size // 2] += 1
        return values


class ZeroSign(Namespace):
    """Every zero in an exported array has the wrong sign."""

    def exported(self, values: Any) -> Any:
        """Return the elements, zeros negated."""
        return np.where(values == 0, -values, values) if values.dtype.kind == "f" else values


class WrongDtype(Namespace):
    """An exported array of 64-bit floats has gone through 32 bits."""

    def exported(self, values: Any) -> Any:
        """Return the elements in a narrower dtype."""
        return values.astype(np.float32) if values.dtype == np.float64 else values


sound = Namespace("sound", WIDE)
last_bit = LastBit("last_bit", WIDE)
zero_sign = ZeroSign("zero_sign", WIDE)
wrong_dtype = WrongDtype("wrong_dtype", WIDE)
