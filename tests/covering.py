"""Fewer tests than all combinations of what they are about, and no two values that never meet."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product
from math import comb
from typing import Any


def covering(*factors: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Choose combinations, one of each factor, in which each two of different factors occur."""
    chosen, met = [], set()
    for least in range(comb(len(factors), 2), 0, -1):  # those first that have most to show
        for places in product(*(range(len(factor)) for factor in factors)):
            pairs = set(combinations(enumerate(places), 2))
            if len(pairs - met) >= least:
                met |= pairs
                chosen.append(tuple(f[k] for f, k in zip(factors, places, strict=True)))
    return chosen
