"""Calls that checkers must refuse: every line that says so, and no other."""

import numpy as np
import torch

from xspace import ArithRange, GeomRange, LinRange, arange, geomspace, linspace, logspace
from xspace.dropin import jax as dropin_jax
from xspace.dropin import numpy as dropin
from xspace.dropin import torch as dropin_torch

logspace("0", 1)  # wrong
linspace(0, 1, "5")  # wrong
linspace(0, 1, 5.0)  # wrong
linspace([0, 1], 2)  # wrong
linspace(0, 1, dtyp=float)  # wrong
linspace(0, 1, 5, True)  # wrong
geomspace(None, 1)  # wrong
geomspace(1, 2, endpoint="no")  # wrong
arange("5")  # wrong
arange(0, 5, inclusive="middle")  # wrong
linspace(LinRange(0, 1), 2)  # wrong
logspace(0, 1, base="10")  # wrong
LinRange("0", 1)  # wrong
LinRange(0, 1)["3"]  # wrong
LinRange(0, 1).searchsorted(0.5, side="middle")  # wrong
LinRange(0, 1) * "2"  # wrong
GeomRange.per_decade(1, 10, "3")  # wrong
ArithRange("5")  # wrong
x: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = linspace(0, 1)  # wrong
dropin.linspace("0", 1)  # wrong
dropin.linspace(0, ["1"])  # wrong
dropin.logspace(0, 1, 5, True, "2")  # wrong
dropin.geomspace(None, 1)  # wrong
dropin.linspace(0, 1, 5.0)  # wrong
y: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = dropin.linspace(0, 1)  # wrong
dropin_torch.linspace("0", 1, 5)  # wrong
dropin_torch.linspace([0], 1, 5)  # wrong
dropin_torch.linspace(0, 1)  # wrong
dropin_torch.logspace(0, 1, 5, dtype="float32")  # wrong
dropin_torch.arange("5")  # wrong
dropin_jax.linspace("0", 1)  # wrong
dropin_jax.geomspace([1], 2)  # wrong
dropin_jax.arange(None)  # wrong
linspace(0, 1, 5, endpoint=False)
dropin.linspace([0], torch.zeros(3), 5, False)
