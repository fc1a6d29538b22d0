"""``logspace``, ``geomspace`` and ``linspace``: read the arguments, build a progression, hand it on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .arguments import Scalar, is_array, read_axis, read_num, read_scalar
from .backends import NUMPY, Backend, find_backend
from .backends.numpy import numpy_scalar_dtypes
from .exact.rounding import FORMATS, round_ratio
from .produce import Target, produce
from .progression import Geometric
from .special import (
    exponents,
    geomspace_limit,
    linspace_limit,
    logspace_limit,
    negative_base,
    with_signed_zeros,
)

__all__ = ["geomspace", "linspace", "logspace"]

#: Types whose values say nothing of a backend, a dtype or a device.
_NUMBERS = frozenset({int, float})

#: Where a grid of such arguments alone goes.
_PLAIN_TARGETS = {
    name: Target(name, NUMPY, FORMATS["float64"], np.dtype(np.float64), None) for name in __all__
}


def logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    *,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    device: Any = None,
    axis: int = 0,
    xp: Any = None,
) -> Any:
    """DOC"""
    count = read_num(num)
    read_axis(axis)
    first, last, radix = (
        read_scalar("start", start),
        read_scalar("stop", stop),
        read_scalar("base", base),
    )
    target = _target("logspace", {"start": start, "stop": stop, "base": base}, dtype, device, xp)
    if not (first.is_finite and last.is_finite and radix.is_finite) or radix.n == 0:
        return logspace_limit(first, last, radix, count, endpoint, target)
    if radix.n < 0:
        return negative_base(first, last, radix, count, endpoint, target)
    line = exponents(first, last, count, endpoint)
    powers = Geometric((1, 1), (radix.n, radix.d), line.a, line.b, line.den, count)
    return produce(powers, target)


def geomspace(
    start: Any,
    stop: Any,
    num: int = 50,
    *,
    endpoint: bool = True,
    dtype: Any = None,
    device: Any = None,
    axis: int = 0,
    xp: Any = None,
) -> Any:
    """DOC"""
    count = read_num(num)
    read_axis(axis)
    first, last = read_scalar("start", start), read_scalar("stop", stop)
    target = _target("geomspace", {"start": start, "stop": stop}, dtype, device, xp)
    if not (first.is_finite and last.is_finite) or first.n * last.n <= 0:
        _refuse_zero(first, last)
        return geomspace_limit(first, last, count, endpoint, target)
    scale = abs(first.n)
    ratio = abs(last.n) * first.d, last.d * scale
    div = max(count - 1 if endpoint else count, 1)
    line = Geometric((scale, first.d), ratio, 0, 1, div, count)
    return produce(line, target, negative=first.n < 0)


def linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    *,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    device: Any = None,
    axis: int = 0,
    xp: Any = None,
) -> Any:
    """DOC"""
    count = read_num(num)
    read_axis(axis)
    first, last = read_scalar("start", start), read_scalar("stop", stop)
    target = _target("linspace", {"start": start, "stop": stop}, dtype, device, xp)
    if first.is_finite and last.is_finite:
        samples = _linspace(first, last, count, endpoint, target)
    else:
        samples = linspace_limit(first, last, count, endpoint, target)
    if not retstep:
        return samples
    return samples, _step(first, last, count - 1 if endpoint else count)


def _refuse_zero(first: Scalar, last: Scalar) -> None:
    for name, end in (("start", first), ("stop", last)):
        if end.sign == 0:
            msg = f"{name} must not be zero: a geometric progression cannot include zero"
            raise ValueError(msg)


def _linspace(first: Scalar, last: Scalar, count: int, endpoint: bool, target: Target) -> Any:
    line = exponents(first, last, count, endpoint)
    if first.is_negative_zero or last.is_negative_zero:
        return with_signed_zeros(line, first, last, endpoint, target)
    return produce(line, target)


def _step(first: Scalar, last: Scalar, div: int) -> float:
    """The exact step of a ``linspace``, rounded to a float; NaN where there is none."""
    if div < 1 or not (first.is_finite and last.is_finite):
        return math.nan
    n = last.n * first.d - first.n * last.d
    step = float(round_ratio(abs(n), first.d * last.d * div, FORMATS["float64"]))
    return -step if n < 0 else step


def _target(caller: str, values: dict[str, Any], dtype: Any, device: Any, xp: Any) -> Target:
    """Backend, dtype and device: as asked for, else of the array arguments, else the default."""
    if xp is dtype is device is None and _NUMBERS.issuperset(map(type, values.values())):
        return _PLAIN_TARGETS[caller]
    others = {n: v for n, v in values.items() if type(v) not in _NUMBERS}
    arrays = {n: v for n, v in others.items() if is_array(v)}
    backend = find_backend(xp, arrays)
    if device is None and arrays:
        device = _device(backend, arrays)
    place = backend.read_device(device)
    if dtype is None and others:
        dtypes = [v.dtype for v in arrays.values()]
        if backend.xp is np:
            dtypes += numpy_scalar_dtypes(list(others.values()))
        dtype = backend.result_dtype(dtypes)
    if dtype is None:
        dtype = backend.default_dtype(place)
    fmt, native = backend.read_dtype(dtype)
    return Target(caller, backend, fmt, native, place)


def _device(backend: Backend, arrays: dict[str, Any]) -> Any:
    """The one device of all array arguments."""
    names = list(arrays)
    devices = [backend.device_of(a) for a in arrays.values()]
    for name, device in zip(names, devices, strict=True):
        if device != devices[0]:
            msg = f"{names[0]} is on {devices[0]} and {name} on {device}: wanted one device"
            raise ValueError(msg)
    return devices[0]
