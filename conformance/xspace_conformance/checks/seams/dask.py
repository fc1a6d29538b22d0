"""How dask computes what functions made, and how it gives them numbers."""

from __future__ import annotations

import pickle
from typing import Any

import dask
import dask.array as da
import numpy as np

from .check import Call, Ends, Function, Transform

NATIVE = da
DTYPES = np  # it has not all of them itself
NAMES = {"da": da}
#: What its signatures cannot say.
DROPIN_LACKS = ("axis",)

ENDS = (
    Ends("zero-dimensional", "da.asarray(0.5)", "da.asarray(3.0)"),
    Ends("lanes", "da.asarray([0.5, 1.0], chunks=1)", "da.asarray([3.0, 2.0], chunks=2)"),
    Ends("lanes-beside-number", "da.asarray([0.5, 1.0], chunks=1)", "3"),
    Ends("short-lanes", "da.asarray(np.array([0.5, 1.0], np.float16))", "3"),
    Ends("lanes-beside-complex", "da.asarray([1.0, 2.0])", "3+4j"),
    Ends("complex-lanes", "da.asarray([1+2j, 2-1j])", "da.asarray([3-1j, 2.5+0.5j])"),
)

Pair = tuple[Any, Any]


def eager(f: Function, ends: Pair) -> Any:
    return f(*ends)


def persist(f: Function, ends: Pair) -> Any:
    return dask.persist(f(*ends), scheduler="synchronous")[0]


def optimize(f: Function, ends: Pair) -> Any:
    return dask.optimize(f(*ends))[0]


def pickled(f: Function, ends: Pair) -> Any:
    return pickle.loads(pickle.dumps(f(*ends)))


def rechunked(f: Function, ends: Pair) -> Any:
    made = f(*ends)
    results = made if isinstance(made, tuple) else (made,)
    return [one.rechunk(-1) if isinstance(one, da.Array) else one for one in results]


def _are_known(ends: Ends, call: Call) -> bool:
    # As many elements as a lazy number says are not known before it is computed.
    return not (call.is_fixed and any(isinstance(end, da.Array) for end in ends.make()))


WAYS = (eager, persist, optimize, pickled)

TRANSFORMS = (
    *(Transform(apply, takes=_are_known) for apply in WAYS),
    Transform(rechunked, keeps=("type", "dtype", "shape"), takes=_are_known),
)
