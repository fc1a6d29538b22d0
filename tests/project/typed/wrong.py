"""Calls that checkers must refuse: every line that says so, and no other."""

import numpy as np

from xspace import ArithRange, GeomRange, LinRange, arange, geomspace, linspace, logspace

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
linspace(0, 1, 5, endpoint=False)
