"""What is different between two outcomes of one call: of a library's function, and of another.

Everything that a program can notice counts, but for last bits: these are what a correctly rounded
grid is there to change. How far two grids may lie apart follows from how libraries compute them,
and is stated at `_allowed`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...checks.facts import facts_of, host, shown

_BINADES = {"float64": 52, "float32": 23, "float16": 10, "bfloat16": 7}


@dataclass(frozen=True)
class Outcome:
    """What came of a call: a value, or an error."""

    value: Any = None
    error: Exception | None = None

    def get(self) -> Any:
        """Return the value or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value

    def __str__(self) -> str:
        """Return it as text of one line."""
        if self.error is not None:
            return f"{type(self.error).__name__}: {shown(self.error)}"
        return shown(self.value)


def outcome(function: Callable[..., Any], args: Any, keywords: Any) -> Outcome:
    """Call a function, whatever comes of it."""
    try:
        return Outcome(function(*args, **keywords))
    except Exception as error:
        return Outcome(error=error)


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same, and how it is on both sides."""

    cause: str
    theirs: str
    ours: str


def differences(name: str, theirs: Outcome, ours: Outcome) -> tuple[list[Difference], bool]:
    """Return what is different, and whether any element is, be it in its last bits.

    Parameters
    ----------
    name : str
        Of the function: ``linspace``, ``logspace``, ``geomspace`` or ``arange``.
    theirs, ours : Outcome
        Of the library's function and of the one in its place.
    """
    if theirs.error is not None or ours.error is not None:
        cause = _of_errors(theirs.error, ours.error)
        return ([Difference(cause, str(theirs), str(ours))] if cause else []), False
    found: list[Difference] = []
    touched = False
    if isinstance(theirs.value, tuple) and isinstance(ours.value, tuple):
        if len(theirs.value) != len(ours.value):
            return [Difference("number of results", str(theirs), str(ours))], False
        for prefix, one, other in zip(("", "step: "), theirs.value, ours.value, strict=False):
            some, changed = _of_values(name if not prefix else "linspace", one, other)
            found += [Difference(prefix + d.cause, d.theirs, d.ours) for d in some]
            touched |= changed
        return found, touched
    return _of_values(name, theirs.value, ours.value)


def _of_errors(theirs: Exception | None, ours: Exception | None) -> str | None:
    if theirs is None:
        return f"refused: {type(ours).__name__}"
    if isinstance(theirs, Warning):  # a test in which warnings are errors
        return None if isinstance(ours, type(theirs)) else f"no warning: {type(theirs).__name__}"
    if ours is None:
        return f"taken: {type(theirs).__name__}"
    if isinstance(ours, type(theirs)):
        return None
    return f"exception: {type(ours).__name__} for {type(theirs).__name__}"


def _of_values(name: str, theirs: Any, ours: Any) -> tuple[list[Difference], bool]:
    facts, others = facts_of(theirs), facts_of(ours)
    unequal = [fact for fact in facts if fact in others and facts[fact] != others[fact]]
    if "shape" in unequal:  # which says what the others are
        name = "length" if len(facts["shape"]) == len(others["shape"]) == 1 else "shape"
        texts = (f"{f['shape']}: {shown(one)}" for f, one in ((facts, theirs), (others, ours)))
        kept = [f for f in unequal if f not in ("shape", "memory", "chunks", "mask")]
        return [*_as_differences(kept, facts, others), Difference(name, *texts)], True
    if "dtype" in unequal:
        return _as_differences([f for f in unequal if f != "memory"], facts, others), True
    found = _as_differences(unequal, facts, others)
    arrays = host(theirs), host(ours)
    if arrays[0] is None or arrays[1] is None:
        return found, False
    # Of bfloat16, which NumPy has not, the elements come as longer ones.
    dtype = facts.get("dtype", str(arrays[0].dtype)).rpartition(".")[2]
    cause, touched = _of_elements(name, dtype, *arrays)
    if cause:
        found.append(Difference(cause, shown(theirs), shown(ours)))
    return found, touched


def _as_differences(names: list[str], facts: Any, others: Any) -> list[Difference]:
    return [Difference(fact, str(facts[fact]), str(others[fact])) for fact in names]


def _of_elements(name: str, dtype: str, theirs: Any, ours: Any) -> tuple[str | None, bool]:
    """Return what is wrong with the elements, and whether any is different at all."""
    kind = dtype.replace("complex128", "float64").replace("complex64", "float32")
    if kind not in _BINADES:
        return (None, False) if np.array_equal(theirs, ours) else ("elements", True)
    binades = _BINADES[kind]
    if theirs.dtype.kind == "c":
        return _of_complex(theirs, ours, binades, name)
    theirs, ours = (array.astype(np.float64).ravel() for array in (theirs, ours))
    if np.array_equal(theirs.view(np.int64), ours.view(np.int64)):
        return None, False
    if (np.isnan(theirs) != np.isnan(ours)).any():
        return "not a number", True
    known = ~np.isnan(theirs)
    theirs, ours = theirs[known], ours[known]
    if (np.isinf(theirs) | np.isinf(ours))[theirs != ours].any():
        return "infinite", True
    if (np.signbit(theirs) != np.signbit(ours))[(theirs == 0) & (ours == 0)].any():
        return "sign of zero", True
    finite = np.isfinite(theirs)
    theirs, ours = theirs[finite], ours[finite]
    if (abs(theirs - ours) > _allowed(name, theirs, ours, binades)).any():
        return "elements", True
    return None, bool((theirs != ours).any())


def _of_complex(theirs: Any, ours: Any, binades: int, name: str) -> tuple[str | None, bool]:
    """Compare complex elements by their distance: a part may be nothing but error."""
    if np.array_equal(theirs, ours, equal_nan=True):
        return None, False
    theirs, ours = (array.astype(np.complex128).ravel() for array in (theirs, ours))
    if (np.isfinite(theirs) != np.isfinite(ours)).any():
        return "not finite", True
    finite = np.isfinite(theirs)
    theirs, ours = theirs[finite], ours[finite]
    far = abs(theirs - ours) > 2 * _allowed(name, theirs, ours, binades)
    return ("elements" if far.any() else None), True


def _allowed(name: str, theirs: Any, ours: Any, binades: int) -> Any:
    """Return how far apart elements may lie.

    Libraries round a handful of times on their way to an element of ``linspace``, each time by an
    ulp of the larger end at most. ``arange`` multiplies a rounded step by up to its length. The
    logarithm of an element of ``logspace`` and ``geomspace`` has the relative error of a
    ``linspace``; so the element has that error times the logarithm. Whatever is below the normal
    numbers may have been flushed to zero.
    """
    largest = max(abs(theirs).max(initial=0), abs(ours).max(initial=0))
    smallest = {52: 2.0**-1022, 10: 2.0**-14}.get(binades, 2.0**-126)
    unit = 2.0**-binades
    if name == "arange":
        return largest * unit * (8 + theirs.size) + smallest
    if name == "linspace":
        return largest * unit * 8 + smallest
    sizes = np.maximum(abs(theirs), abs(ours))
    log = abs(np.log(sizes[sizes > 0])).max(initial=1)
    return sizes * unit * (16 + 8 * log) + smallest
