"""A small report of real measurements, to look at the page and to test it.

    python -m xspace_conformance sample report.html [--num 1000]

It asks NumPy, PyTorch and JAX for a few grids, as xspace makes them there and as they make them
themselves, and compares them with the oracle. The full report comes from the suite.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.metadata
import os
import platform
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from ..checks.compare import differing
from ..truth.case import Case
from ..truth.formats import FLOAT_FORMATS, FloatFormat, IntFormat, format_of
from ..truth.oracle import Grid
from .html import write_html

ENDS = {"linspace": (0.1, 12.7), "logspace": (-30.0, 30.0), "geomspace": (0.001, 1000.0)}
DTYPES = ("float64", "float32", "int32")
THREADS = (
    ("numpy/numpy#19664", "0.3 is not in linspace(0, 1, 11)", ("linspace", 0, 1, 11), 3),
    ("pytorch/pytorch#58758", "The middle is not 2", ("linspace", -77, 81, 31), 15),
    ("numpy/numpy#9987", "geomspace of integers is not exact", ("geomspace", 2, 8, 3), 1),
)
Bits = np.ndarray[Any, Any]


class Asked:
    """A function of grids: a library's own or xspace's, with its name in a report.

    Parameters
    ----------
    name, kind, package : str
        As in the report.
    make : callable
        Called with function, start, stop, num and dtype; returns an array of bits, or None if
        the library has no such function.
    """

    def __init__(self, name: str, kind: str, package: str, make: Callable[..., Bits | None]):
        self.name, self.kind, self.package, self.make = name, kind, package, make

    def call(self, case: Case) -> str:
        """Return the line that makes a grid."""
        code = "jax.numpy" if self.package == "jax" else self.package
        if self.kind == "xspace":
            return case.snippet(f"{code}.{case.dtype}", code)
        ends = f"{case.start}, {case.stop}, {case.num}"
        return f"{code}.{case.function}({ends}, dtype={code}.{case.dtype})"

    def bits(self, case: Case) -> Bits | None:
        """Return a grid's bits."""
        found = self.make(case.function, case.start, case.stop, case.num, case.dtype)
        return None if found is None else found.view(format_of(case.dtype).view)


def namespaces() -> dict[str, Any]:
    """Return what is installed of the libraries."""
    found: dict[str, Any] = {"numpy": np}
    with contextlib.suppress(ImportError):
        import torch

        found["torch"] = torch
    with contextlib.suppress(ImportError):
        import jax

        found["jax"] = jax.numpy
    return found


def lineup(libraries: dict[str, Any]) -> list[Asked]:
    """Return everything that is asked."""
    import xspace

    def scope(name: str) -> contextlib.AbstractContextManager[Any]:
        if name != "jax":
            return contextlib.nullcontext()
        import jax

        found: contextlib.AbstractContextManager[Any] = jax.enable_x64(True)
        return found

    def maker(name: str, types: Any, owner: Any, **extra: Any) -> Callable[..., Bits | None]:
        def make(function: str, start: Any, stop: Any, num: int, dtype: str) -> Bits | None:
            if not hasattr(owner, function):
                return None
            with scope(name):
                array = getattr(owner, function)(
                    start, stop, num, dtype=getattr(types, dtype), **extra
                )
                return np.asarray(array)

        return make

    ours = [
        Asked(f"{name}:cpu", "xspace", name, maker(name, xp, xspace, xp=xp))
        for name, xp in libraries.items()
    ]
    theirs = [
        Asked(f"{name}.own", "native", name, maker(name, xp, xp)) for name, xp in libraries.items()
    ]
    return [*ours, *theirs]


def errors(case: Case, bits: Bits) -> list[float | None]:
    """Return the signed errors of a grid's elements in ulp, None where one is not finite."""
    grid, form = Grid(case.function, case.start, case.stop, case.num), FLOAT_FORMATS[case.dtype]
    return [_error(grid, form, i, int(element)) for i, element in enumerate(bits)]


def _error(grid: Grid, form: FloatFormat, index: int, bits: int) -> float | None:
    value = form.decode(bits)
    if isinstance(value, float) and value:
        return None
    exact = _exact(grid, index)
    if not exact:
        return float(Fraction(value) * 2**-form.unit_exponent)
    numerator, denominator = exact.as_integer_ratio()
    low = numerator.bit_length() - denominator.bit_length() - 1  # or one more
    top = low + 1 if exact >= Fraction(2) ** (low + 1) else low
    ulp = Fraction(2) ** max(top + 1 - form.precision, form.unit_exponent)
    return float((Fraction(value) - exact) / ulp)


def _exact(grid: Grid, index: int) -> Fraction:
    """Return an element to 300 bits, from the oracle; all ends here are positive or exponents."""
    assert grid.common is not None
    first, last, denominator = grid.common
    numerator = first * (grid.div - index) + last * index
    if grid.power is None:
        return Fraction(int(numerator), int(denominator))
    if grid.function == "geomspace":
        numerator, denominator = index, grid.div
    found = grid.power.enclose(numerator, denominator, 300)
    assert not isinstance(found, int)
    man, expo, _ = found
    return man * Fraction(2) ** expo


def text_of(bits: int, dtype: str) -> str:
    """Write an element as reports do: a hexadecimal float, or an integer."""
    form = format_of(dtype)
    if isinstance(form, IntFormat):
        return str(form.to_int(bits))
    return form.to_float(bits).hex()


def result(target: Asked, case: Case, bits: Bits, wanted: Bits) -> dict[str, Any]:
    """Return the score of one grid."""
    form = format_of(case.dtype)
    places = differing(bits, wanted, case.dtype)
    ordinal = form.ordinal if isinstance(form, FloatFormat) else int
    apart = [abs(ordinal(int(bits[i])) - ordinal(int(wanted[i]))) for i in places]
    place = int(places[apart.index(max(apart))]) if apart else None
    worst = None
    if place is not None:
        texts = [text_of(int(one[place]), case.dtype) for one in (bits, wanted)]
        snippet = f"{target.call(case)}[{place}]"
        worst = {"snippet": snippet, "index": place, "got": texts[0], "wanted": texts[1]}
    return {
        "target": target.name,
        "function": case.function,
        "dtype": case.dtype,
        "cases": 1,
        "elements": case.num,
        "wrong": len(places),
        "raised": 0,
        "worst_ulp": float(max(apart, default=0)),
        "worst": worst,
    }


def measure(targets: Sequence[Asked], num: int) -> dict[str, list[Any]]:
    """Ask everybody for every function and dtype."""
    found: dict[str, list[Any]] = {"results": [], "agreement": [], "curves": []}
    for function, (start, stop) in ENDS.items():
        for dtype in DTYPES:
            upper = 9.0 if (function, dtype) == ("logspace", "int32") else stop
            case = Case("sample", function, start, upper, num, dtype)
            wanted = Grid(function, start, upper, num).bits(dtype)
            grids = {t.name: bits for t in targets if (bits := t.bits(case)) is not None}
            asked = [t for t in targets if t.name in grids]
            found["results"] += [result(t, case, grids[t.name], wanted) for t in asked]
            differ = [[len(differing(a, b, dtype)) for b in grids.values()] for a in grids.values()]
            agreement = {"function": function, "dtype": dtype, "targets": [*grids]}
            found["agreement"].append({**agreement, "elements": num, "differ": differ})
            if dtype in FLOAT_FORMATS:
                found["curves"] += [curve(t, case, grids[t.name]) for t in asked]
    return found


def curve(target: Asked, case: Case, bits: Bits) -> dict[str, Any]:
    """Return the errors along a grid."""
    return {
        "target": target.name,
        "function": case.function,
        "dtype": case.dtype,
        "call": f"{case.function}({case.start}, {case.stop}, {case.num})",
        "num": case.num,
        "index": [*range(case.num)],
        "ulp": errors(case, bits),
    }


def thread(targets: Sequence[Asked], name: str, title: str, call: Any, place: int) -> Any:
    """Return what everybody answers to a public report."""
    function, start, stop, num = call
    dtype = "int32" if function == "geomspace" else "float64"
    case = Case(name, function, start, stop, num, dtype=dtype)
    wanted = text_of(Grid(*call).element(place, dtype), dtype)
    grids = {t.name: bits for t in targets if (bits := t.bits(case)) is not None}
    answers = {target: text_of(int(bits[place]), dtype) for target, bits in grids.items()}
    owner, _, number = name.partition("#")
    return {
        "id": name,
        "library": owner.partition("/")[2],
        "title": title,
        "url": f"https://github.com/{owner}/issues/{number}",
        "snippet": f"{function}({start}, {stop}, {num})[{place}]",
        "wanted": wanted,
        "answers": answers,
        "right": {target: answer == wanted for target, answer in answers.items()},
    }


def sample(num: int = 1000) -> dict[str, Any]:
    """Measure, and return a report."""
    import xspace

    libraries = namespaces()
    targets = lineup(libraries)
    return {
        "schema": 1,
        "xspace": xspace.__version__,
        "seed": 1,
        "command": f"python -m xspace_conformance sample --num {num}",
        "started": "2026-01-01T00:00:00+00:00",
        "seconds": 1.5,
        "platform": {
            "system": platform.system(),
            "machine": platform.machine(),
            "processor": platform.processor(),
            "cores": os.cpu_count() or 1,
            "python": platform.python_version(),
        },
        "versions": {name: importlib.metadata.version(name) for name in (*libraries, "gmpy2")},
        "devices": ["cpu"],
        "targets": [
            {"name": t.name, "kind": t.kind, "library": t.package, "device": "cpu"} for t in targets
        ],
        "absent": {"cupy": "not installed"},
        **measure(targets, num),
        "reports": [thread(targets, *one) for one in THREADS],
    }


def main(arguments: list[str] | None = None) -> None:
    """Write the page of a sample."""
    parser = argparse.ArgumentParser(
        prog="python -m xspace_conformance sample", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("path", type=Path)
    parser.add_argument("--num", type=int, default=1000, help="elements of a grid")
    options = parser.parse_args(arguments)
    write_html(sample(options.num), options.path)
