"""Elements of lanes that are powers: one look-up each, or products of two tables a lane."""

from __future__ import annotations

from typing import Any

from ...ground.thresholds import LANE_TABLES
from .bounds import Bounds, column
from .exponents import DELTA, NARROW_DELTA, Exponents, lane_columns, lane_powers
from .tables import Powers, Tables

__all__ = ["Products"]


class Products:
    """The `Kernel` of ``logspace`` and ``geomspace``; ``narrow`` is for 24 bits and less."""

    def __init__(
        self, xp: Any, tables: Tables, lanes: Exponents, num: int, *, narrow: bool
    ) -> None:
        self.xp, self.tables, self.lanes, self.narrow = xp, tables, lanes, narrow
        self.refused = ~lanes.good
        self.columns = 0
        if num >= LANE_TABLES:
            self.columns = columns = lane_columns(num)
            zero = xp.zeros_like(lanes.head)
            first_row = lanes._replace(head=zero, tail=zero)
            self.rows = self._powers(lanes, range(0, num, columns))
            self.row = self._powers(first_row, range(columns))

    def _powers(self, lanes: Exponents, samples: range) -> Powers:
        i = column(self.xp, samples, lanes.head)
        return lane_powers(self.xp, self.tables, lanes, i)

    def block(self, samples: range) -> Bounds:
        """Bounds of elements; the first of ``samples`` is one of a row where there are tables."""
        if not self.columns:
            power = self._powers(self.lanes, samples)
            error = power.full * DELTA
            if self.narrow:
                return _narrow(power.full)
            return Bounds(power.head + (power.tail + error), power.head + (power.tail - error))
        first, last = samples.start // self.columns, -(-samples.stop // self.columns)
        high = Powers(*(part[first:last, ...] for part in self.rows))
        low = self.row
        if self.narrow:
            return _narrow(self._outer(high.full, low.full, len(samples)))
        error = low.full * DELTA
        n = len(samples)
        p, rest = self._outer(high.head, low.head, n), self._outer(high.tail, low.full, n)
        return Bounds(
            p + (self._outer(high.head, low.tail + error, n) + rest),
            p + (self._outer(high.head, low.tail - error, n) + rest),
        )

    def _outer(self, a: Any, b: Any, count: int) -> Any:
        product = self.xp.expand_dims(a, axis=1) * self.xp.expand_dims(b, axis=0)
        return self.xp.reshape(product, (-1, *a.shape[1:]))[:count, ...]


def _narrow(full: Any) -> Bounds:
    """The same of rounded elements."""
    return Bounds(full * (1 + NARROW_DELTA), full * (1 - NARROW_DELTA))
