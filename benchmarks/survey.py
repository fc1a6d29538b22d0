"""What each way of making lanes costs: ``python -m benchmarks.survey``.

Every function, dtype and zone of ends, for few and for many samples, beside the ordinary way: a
float64 ``logspace`` of that shape.  Times are in one run, medians of a few.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import timeit
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

import xspace

#: Lanes and samples.
SHAPES = ((4000, 10), (200, 200))
#: More than so many times an ordinary element is too much.
LIMIT = 20
DTYPES = ("float64", "float32", "float16", "int64", "int8", "complex128")

RNG = np.random.default_rng(1)

Ends = Callable[[int], Any]


def _signed(ends: Ends) -> Ends:
    return lambda n: ends(n) * RNG.choice([-1.0, 1.0], n)


#: Magnitudes of ends of linspace and geomspace.
ZONES: dict[str, Ends] = {
    "ordinary": lambda n: RNG.uniform(1, 100, n),
    "integers": lambda n: RNG.integers(1, 100, n).astype(float),
    "long integers": lambda n: RNG.integers(1, 2**62, n),
    "powers of two": lambda n: 2.0 ** RNG.integers(0, 6, n),
    "subnormal": lambda n: RNG.integers(1, 2**50, n) * 5e-324,
    "least normal": lambda n: 2.0 ** RNG.uniform(-1030, -1015, n),
    "large": lambda n: 2.0 ** RNG.uniform(1000, 1023.9, n),
    "everywhere": lambda n: 2.0 ** RNG.uniform(-1070, 1023, n),
    "infinite": lambda n: np.where(RNG.random(n) < 0.5, np.inf, 1.0),
    "nan": lambda n: np.where(RNG.random(n) < 0.5, np.nan, 1.0),
    "long doubles": lambda n: RNG.uniform(1, 100, n).astype(np.longdouble) / 3,
    "equal": lambda n: np.full(n, 7.5),
    "complex": lambda n: RNG.normal(size=n) + 1j * RNG.normal(size=n),
    "imaginary": lambda n: 1j * RNG.uniform(1, 100, n),
}
#: Exponents, and a base.
EXPONENTS: dict[str, tuple[Ends, Any]] = {
    "ordinary": (lambda n: RNG.uniform(-1, 1.9, n), 10.0),
    "integers": (lambda n: RNG.integers(0, 3, n), 10),
    "halves, base 4": (lambda n: RNG.integers(0, 6, n) / 2, 4),
    "edges": (lambda n: RNG.uniform(-330, 310, n), 10.0),
    "far beyond": (lambda n: RNG.uniform(-5000, 5000, n), 10.0),
    "bases": (lambda n: RNG.uniform(-1, 1.9, n), lambda n: RNG.uniform(2, 9, n)),
    "small bases": (lambda n: RNG.uniform(-1, 1, n), lambda n: RNG.uniform(1, 2, n) * 1e-300),
    "negative base": (lambda n: RNG.integers(-2, 3, n), -2.0),
    "infinite": (lambda n: np.where(RNG.random(n) < 0.5, np.inf, 1.0), 10.0),
    "nan": (lambda n: np.where(RNG.random(n) < 0.5, np.nan, 1.0), 10.0),
    "complex": (lambda n: RNG.normal(size=n) + 1j * RNG.normal(size=n), 10.0),
    "complex base": (lambda n: RNG.normal(size=n), 1 + 2j),
}


def seconds(make: Callable[[], Any]) -> float:
    """The median of three calls after the first."""
    return statistics.median(timeit.repeat(make, number=1, repeat=4)[1:])


def cases(lanes: int) -> Any:
    """Names, and the positional and keyword arguments but ``num`` and ``dtype``."""
    for function, (zone, ends) in itertools.product(("linspace", "geomspace"), ZONES.items()):
        yield function, zone, (ends(lanes), ends(lanes)), {}
        if function == "linspace":
            make = _signed(ends)
            yield function, f"{zone}, of any sign", (make(lanes), make(lanes)), {}
        elif zone != "complex":
            yield function, f"{zone}, negative", (-ends(lanes), -ends(lanes)), {}
    for zone, (ends, base) in EXPONENTS.items():
        given = base(lanes) if callable(base) else base
        yield "logspace", zone, (ends(lanes), ends(lanes)), {"base": given}


def main() -> None:
    """Print what costs more than the limit, or everything."""
    parser = argparse.ArgumentParser(prog="benchmarks.survey", description=__doc__)
    parser.add_argument("--all", action="store_true", help="print every line")
    show_all = parser.parse_args().all
    for lanes, num in SHAPES:
        ends = [RNG.uniform(-3, 3, lanes) for _ in range(2)]
        ordinary = seconds(partial(xspace.logspace, *ends, num))
        print(f"{lanes} x {num}: ordinary {ordinary / lanes / num * 1e9:.0f} ns an element")
        for function, zone, values, keywords in cases(lanes):
            for dtype in DTYPES:
                make = partial(getattr(xspace, function), *values, num, dtype=dtype, **keywords)
                try:
                    time_taken = seconds(make)
                except (TypeError, ValueError, OverflowError):
                    continue
                ratio = time_taken / ordinary
                if show_all or ratio > LIMIT:
                    print(f"  {ratio:7.1f}  {function:9} {dtype:10} {zone}", flush=True)


if __name__ == "__main__":
    main()
