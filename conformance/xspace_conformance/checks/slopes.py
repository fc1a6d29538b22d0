"""Derivatives against the exact ones, and the samples beside them against their bits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..cases.lanes import Batch, Ends
from ..cases.slopes import array_names
from ..subjects.target import Target
from ..subjects.transforms import is_reverse
from ..truth.formats import FLOAT_FORMATS, INT_FORMATS, Bits, FloatFormat
from ..truth.slopes import BOUND, exact_slopes, off_by, overflows
from .compare import differing, show_bits


@dataclass(frozen=True)
class Judged:
    """The formats of a derivative: that of its dtype, and the one whose units count."""

    dtype: str
    unit: FloatFormat

    @classmethod
    def of(cls, batch: Batch, name: str, way: str) -> Judged:
        """Return what is promised of an end's derivative: short formats go by float32 at least."""
        grid = FLOAT_FORMATS[batch.dtype]
        if not is_reverse(way):
            return cls(batch.dtype, grid)
        end: Ends = getattr(batch, name)
        wide = max(grid, FLOAT_FORMATS["float32"], key=lambda form: form.precision)
        unit = min(wide, FLOAT_FORMATS[end.dtype], key=lambda form: form.precision)
        return cls(end.dtype, unit)


def differentiated(target: Target, batch: Batch, name: str, way: str) -> tuple[Any, Any]:
    """Return samples and their derivatives by an end, as arrays of the target."""
    ends = batch.inputs(target)
    arrays = {other: ends.pop(other) for other in array_names(batch)}

    def grid(**given: Any) -> Any:
        return batch.call(target, **ends, **given)

    return target.differentiate[way](grid, arrays, name)


def check_slopes(target: Target, batch: Batch, way: str, by: Sequence[str] = ()) -> None:
    """Fail unless all derivatives are right, and the samples keep their bits beside them.

    Parameters
    ----------
    target, batch, way
        What is asked for its derivatives, of which grids, and how.
    by : sequence of str, optional
        The ends to take them by; without it, all that are arrays.
    """
    with target.scope():
        plain = batch.read(target, batch.call(target, **batch.inputs(target)))
        for name in by or array_names(batch):
            values, slopes = differentiated(target, batch, name, way)
            title = f"{target.name}, {way}, by the {name}: {batch.id}"
            code = f"\n  reproduce: {batch.snippet(target)}"
            wrong = differing(batch.read(target, values).ravel(), plain.ravel(), batch.dtype)
            assert not wrong.size, f"{title}: {wrong.size} samples lose their bits{code}"
            shape = tuple(slopes.shape)
            assert shape == batch.result_shape, f"{title}: derivatives of shape {shape}{code}"
            if batch.dtype in INT_FORMATS:
                host = np.asarray(target.read_out(slopes))
                assert not host.any(), f"{title}: of integers, and not zero{code}"
                continue
            judged = Judged.of(batch, name, way)
            bits = target.unsigned(slopes, judged.dtype).reshape(batch.num, -1).T
            message = slope_report(batch, name, way, bits, flushes=target.flushes)
            assert message is None, f"{title}: {message}{code}"


def slope_report(
    batch: Batch, name: str, way: str, bits: Bits, *, flushes: bool = False
) -> str | None:
    """Return None if all derivatives, by lanes, are within the bound, else which are not."""
    judged = Judged.of(batch, name, way)
    form = FLOAT_FORMATS[judged.dtype]
    lines: list[str] = []
    for case, lane in zip(batch.lanes.values(), bits, strict=True):
        exact = exact_slopes(case, name)
        if is_reverse(way) and any(overflows(slope, judged.unit) for slope in exact):
            continue  # the sum over the samples has a term 0 * inf
        for index, slope in enumerate(exact):
            got = int(lane[index])
            error = off_by(form.to_float(got), slope, judged.unit, flushes=flushes)
            if error > BOUND:
                lines.append(
                    f"  element {index} of {case.num}: {case.snippet(judged.dtype, '...')}\n"
                    f"    got     {show_bits(got, judged.dtype)}\n"
                    f"    exact   {slope:.20g}\n"
                    f"    off by  {error:.3g} ulp"
                )
    if not lines:
        return None
    return "\n".join([f"{len(lines)} derivatives are wrong", *lines[:5]])
