"""Time against ``num``: one call of ``logspace``, of the libraries and of xspace."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from .measure import Call, numbers, race

__all__ = ["NAMES", "curves"]

#: The curves, by the contender's name, in the order in which they are drawn.
NAMES = {
    "numpy": "numpy.logspace",
    "torch": "torch.logspace",
    "jax": "jax.numpy.logspace",
    "xspace": "xspace",
    "full": "numpy.full",
}

SIZES = [round(10 ** (k / 2)) for k in range(2, 15)]


def curves(**how: Any) -> dict[str, dict[int, list[float]]]:
    """Seconds a call, by contender and ``num``: a sample of each in every round."""
    found: dict[str, dict[int, list[float]]] = {}
    for num in SIZES:
        for name, samples in race(_contenders(num), numbers, **how).items():
            found.setdefault(name, {})[num] = samples
    return found


def _contenders(num: int) -> dict[str, Call]:
    import numpy as np

    import xspace

    calls: dict[str, Call] = {"numpy": lambda a, b: np.logspace(a, b, num)}
    if find_spec("torch") is not None:
        import torch

        calls["torch"] = lambda a, b: torch.logspace(a, b, num, dtype=torch.float64)
    if find_spec("jax") is not None:
        import jax.numpy as jnp

        calls["jax"] = lambda a, b: jnp.logspace(a, b, num).block_until_ready()
    calls["xspace"] = lambda a, b: xspace.logspace(a, b, num)
    calls["full"] = lambda a, b: np.full((num,), a)
    return calls
