"""Batches on a device, by a kernel or by the library's own arithmetic: lanes stay there.

What synchronises: the counts of what a kernel leaves open, or one truth value a block of
`DEVICE_BLOCK` elements; and only if something is open, its indices and the ends of its lanes, which
are made exactly on the host.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..engine.gpu.launch import lanes_launcher
from ..engine.lanes.bounds import Bounds
from ..engine.lanes.exponents import lane_columns
from ..engine.lanes.kernels import kernel_of
from ..engine.lanes.tables import Tables, host_tables
from ..engine.words import DoubleWord, fast_two_sum
from ..exact.number import Scalar
from ..exact.rounding import FORMATS
from ..ground.thresholds import DEVICE_BLOCK
from ..libraries import Backend
from .host import Repair, scalar_words

if TYPE_CHECKING:
    from .plan import Plan

__all__ = ["device_lanes"]

_MADE = frozenset({FORMATS["float64"], FORMATS["float32"]})


def device_lanes(plan: Plan, ends: dict[str, Any], shape: tuple[int, ...]) -> Any:
    """The samples along axis 0, or None for what has to be made on the host.

    That is: nothing at all and, without a kernel that makes it, formats other than float64 and
    float32, and ends in unsigned integers of 64 bits, which libraries differ in.
    """
    backend, fmt = plan.target.backend, plan.target.fmt
    if plan.num == 0 or math.prod(shape) == 0:
        return None
    lanes = _Lanes(plan, ends, shape)
    samples = lanes.launch()
    if samples is not None:
        return samples
    arrays = [v for v in ends.values() if not isinstance(v, Scalar)]
    if fmt not in _MADE or any(backend.dtype_name(a.dtype) == "uint64" for a in arrays):
        return None
    # Warnings of libraries that compute with NumPy say nothing: infinities are answers here.
    with backend.on(plan.target.device), np.errstate(all="ignore"):
        return lanes.make()


@lru_cache(maxsize=16)
def _tables(backend: Backend, device: Any) -> Tables:
    return Tables(
        *(
            backend.from_host(table, FORMATS["float64"], backend.ops().float64, device)
            for table in host_tables()
        )
    )


class _Lanes:
    """A batch on its way: the ends on the device."""

    def __init__(self, plan: Plan, ends: dict[str, Any], shape: tuple[int, ...]) -> None:
        self.plan, self.ends, self.shape = plan, ends, shape
        self.backend = plan.target.backend
        self.xp = self.backend.ops()
        self.device = plan.target.device
        self.fmt: Any = plan.target.fmt

    def launch(self) -> Any:
        """The samples by a kernel that makes all of them, and what it leaves by the host."""
        plan, target = self.plan, self.plan.target
        make = lanes_launcher(self.backend, self.device)
        kind = plan.num, plan.div, target.fmt, target.dtype, self.device
        made = make and make(target.caller, self.ends, self.shape, *kind)
        if made is None:
            return None
        values, left = made
        with self.backend.on(self.device):
            samples = np.arange(plan.num)[:, None] * math.prod(self.shape)
            places = np.concatenate([left.places, (samples + left.lanes).reshape(-1)])
            return self.xp.reshape(self._settled(values, places), (plan.num, *self.shape))

    def make(self) -> Any:
        """The samples by the library's arithmetic."""
        xp, plan = self.xp, self.plan
        tables = _tables(self.backend, self.device)
        start, stop = self._words(self.ends["start"]), self._words(self.ends["stop"])
        base = self.ends.get("base", Scalar(1, 1))
        base = scalar_words(base) if isinstance(base, Scalar) else self._words(base)
        sign = None
        if plan.target.caller == "geomspace":
            one = xp.ones_like(start.high)
            sign = xp.where((start.high < 0) & (stop.high < 0), -one, one)
            start, stop = (DoubleWord(e.high * sign, e.low * sign) for e in (start, stop))
        kernel = kernel_of(
            xp,
            tables,
            plan.target.caller,
            start,
            stop,
            base,
            plan.num,
            plan.div,
            narrow=self.fmt.precision < 53,
        )
        refused = xp.expand_dims(kernel.refused, axis=0)
        columns = lane_columns(plan.num)
        height = max(DEVICE_BLOCK // math.prod(self.shape) // columns, 1) * columns
        parts = []
        for first in range(0, plan.num, height):
            bounds = kernel.block(range(first, min(first + height, plan.num)))
            values, open_ = self._rounded(bounds)
            if sign is not None:
                values = values * xp.astype(sign, values.dtype)
            parts.append(self._repaired(values, open_ | refused, first))
        return parts[0] if len(parts) == 1 else xp.concat(parts)

    def _rounded(self, bounds: Bounds) -> tuple[Any, Any]:
        """Elements in the format, and which of them the bounds leave open."""
        up, down = bounds.up, bounds.down
        if self.fmt.precision < 53:
            up, down = (self.xp.astype(x, self.xp.float32) for x in (up, down))
        return up, up != down if bounds.unsure is None else (up != down) | bounds.unsure

    def _words(self, end: Any) -> DoubleWord:
        """An end on the device, of the shape of the lanes."""
        xp = self.xp
        if isinstance(end, Scalar):
            words = scalar_words(end)
            place = {} if self.device is None else {"device": self.device}
            return DoubleWord(
                *(xp.full(self.shape, word, dtype=xp.float64, **place) for word in words)
            )
        end = xp.broadcast_to(end, self.shape)
        if self.backend.dtype_name(end.dtype) == "int64":
            low = end & 0xFFFFFFFF
            upper = xp.astype((end - low) // 2**32, xp.float64) * 2.0**32
            return DoubleWord(*fast_two_sum(upper, xp.astype(low, xp.float64)))
        high = xp.astype(end, xp.float64)
        return DoubleWord(high, xp.zeros_like(high))

    def _repaired(self, values: Any, left: Any, first: int) -> Any:
        """A block of samples with what was left open made exactly."""
        xp = self.xp
        if not bool(xp.any(left)):
            return values
        places = self._indices(xp.reshape(left, (-1,)))
        return self._settled(values, places, first)

    def _settled(self, values: Any, places: npt.NDArray[np.intp], first: int = 0) -> Any:
        """Samples from one on with those at flat places made exactly."""
        if not places.size:
            return values
        xp, count = self.xp, math.prod(self.shape)
        lanes, number = np.unique(places % count, return_inverse=True)
        repair = Repair(self.plan, self._ends_of(lanes), self.shape, lanes)
        samples = places // count + first
        exact = np.empty((self.plan.num, lanes.size), repair.dtype)
        for i, lane, value in repair.elements(exact, samples * lanes.size + number):
            exact[i, lane] = value
        flat = xp.reshape(values, (-1,))
        flat = self.backend.put(flat, places.tolist(), exact[samples, number])
        return xp.reshape(flat, values.shape)

    def _indices(self, flags: Any) -> npt.NDArray[np.intp]:
        try:
            (places,) = self.xp.nonzero(flags)
        except RuntimeError:  # a namespace without shapes that depend on data
            return np.flatnonzero(self.backend.to_host(flags))
        return np.asarray(self.backend.to_host(places), dtype=np.intp)

    def _ends_of(self, lanes: npt.NDArray[np.intp]) -> dict[str, Any]:
        """The ends of some lanes, on the host."""
        xp = self.xp
        index = self.backend.from_host(lanes, FORMATS["int64"], xp.int64, self.device)
        ends = {}
        for name, end in self.ends.items():
            if not isinstance(end, Scalar):
                flat = xp.reshape(xp.broadcast_to(end, self.shape), (-1,))
                end = self.backend.to_host(xp.take(flat, index, axis=0))
            ends[name] = end
        return ends
