"""The judge of `judge.c`, compiled and called: how many elements of an array are wrong."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from engine_calls import INTEGERS, LARGEST, Call, LaneCall
from switch_overs import PRECISION

SOURCE = Path(__file__).parent / "judge.c"
FUNCTIONS = ("logspace", "geomspace", "linspace", "arange")
KINDS = {"f": (0, np.float64), "i": (1, np.int64), "u": (2, np.uint64)}


class Missing(Exception):
    """What the judge needs is not here."""


class _End(ctypes.Structure):
    _fields_ = [("memory", ctypes.c_void_p), ("stride", ctypes.c_int64), ("kind", ctypes.c_int)]


class _Format(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in ("bytes", "precision", "largest", "is_signed")]


class _Grid(ctypes.Structure):
    _fields_ = [
        ("function", ctypes.c_int),
        *((name, ctypes.c_int64) for name in ("num", "div", "lanes")),
        *((name, _End) for name in ("start", "stop", "base")),
    ]


class _Report(ctypes.Structure):
    _fields_ = [
        ("fmt", _Format),
        ("memory", ctypes.c_void_p),
        *((name, ctypes.c_int64) for name in ("stride", "lane_stride", "count", "first")),
    ]


def build(folder: Path) -> Any:
    """Compile the judge."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        raise Missing("there is no C compiler here")
    path = folder / "judge.so"
    command = [compiler, "-std=c11", "-O2", "-shared", "-fPIC", str(SOURCE), "-o", str(path)]
    command += ["-lmpfr", "-lgmp"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "mpfr.h" in done.stderr:
        raise Missing("there is no mpfr.h here, which Debian has in libmpfr-dev")
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(path)).judge


def wrong(judge: Any, call: Call | LaneCall, grid: Any = None) -> tuple[int, int]:
    """How many elements are wrong, and which is the first; without a grid, that do not fit."""
    flat = [np.ravel(end) for end in np.broadcast_arrays(*call.ends)]
    arrays = [end.astype(KINDS[end.dtype.kind][1]) for end in flat]  # which live as long as this
    start, stop, *base = (_End(a.ctypes.data, 8, KINDS[a.dtype.kind][0]) for a in arrays)
    num, lanes = call.num, arrays[0].size
    report = _Report(_format(call.dtype))
    if grid is not None:
        along = np.moveaxis(grid, getattr(call, "axis", 0), 0)
        num = len(along)
        table = along.reshape(num, -1)
        report.memory, report.stride, report.lane_stride = table.ctypes.data, *table.strides
    div = 1 if call.function == "arange" else max(call.num - call.endpoint, 1)
    ends = start, stop, base[0] if base else start
    made = _Grid(FUNCTIONS.index(call.function), num, div, lanes, *ends)
    assert judge(ctypes.byref(made), ctypes.byref(report)), "exponents that are not judged"
    return report.count, report.first


def _format(dtype: str) -> _Format:
    if dtype in INTEGERS:
        return _Format(int(dtype.partition("int")[2]) // 8, 0, 0, dtype[0] == "i")
    sizes = {"float64": 8, "float32": 4}
    return _Format(sizes.get(dtype, 2), PRECISION[dtype], LARGEST[dtype], 1)
