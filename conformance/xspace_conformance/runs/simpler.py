"""Shrinking: a call that fails made simpler for as long as it still fails.

A call is simpler if it has fewer elements, then fewer lanes, then plainer options, then numbers
that take less to write. Every step goes to a simpler call, so the search ends.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any, TypeVar

from ..cases.lanes import Batch, Ends
from ..truth.case import Case, show

Call = TypeVar("Call", Case, Batch)
SECONDS = 20.0
LANES_TRIED = 16
DIGITS = (1, 2, 3, 5, 8, 12, 15)


def shrink(call: Call, fails: Callable[[Call], bool], seconds: float = SECONDS) -> Call:
    """Return the simplest call on the way down that still fails.

    Parameters
    ----------
    call : Case or Batch
        A call that fails.
    fails : callable
        Whether a call fails. What raises an error does not count as failing.
    seconds : float
        For how long to search at most.
    """
    deadline = time.monotonic() + seconds
    progress = True
    while progress:
        progress = False
        for candidate in simpler(call):
            if time.monotonic() > deadline:
                return call
            if cost(candidate) < cost(call) and _fails(fails, candidate):
                call, progress = candidate, True
                break
    return call


def _fails(fails: Callable[[Call], bool], call: Call) -> bool:
    try:
        return fails(call)
    except Exception:  # a call that nobody can judge
        return False


def cost(call: Case | Batch) -> tuple[Any, ...]:
    """Return how far a call is from being simple."""
    numbers = [number_cost(value) for value in (call.start, call.stop)]
    base = (0, 0, 0.0) if _is_default(call.base) else number_cost(call.base)
    lanes = len(call.lanes) if isinstance(call, Batch) else 0
    axis = abs(call.axis) if isinstance(call, Batch) else 0
    total = [sum(parts) for parts in zip(*numbers, base, strict=True)]
    return (call.num, lanes, not call.endpoint, axis, *total)


def _is_default(base: Any) -> bool:
    return not isinstance(base, Ends) and show(base) == "10.0"


def number_cost(value: Any) -> tuple[int, int, float]:
    """Return the cost of a number: its lanes, the length of its text, and its size."""
    if isinstance(value, Ends):
        costs = [number_cost(one) for one in value.values]
        rank = len(value.shape)
        return rank + sum(c[0] for c in costs), sum(c[1] for c in costs), sum(c[2] for c in costs)
    size = abs(float(math.log2(abs(value)))) if _is_ordinary(value) else 0.0
    return 0, len(show(value)), size


def _is_ordinary(value: Any) -> bool:
    """Say whether a number has a logarithm that a float holds."""
    if isinstance(value, Fraction):
        return False  # its text says it all
    return bool(value) and (isinstance(value, int) or math.isfinite(value))


def simpler(call: Call) -> Iterator[Call]:
    """Yield calls that may be simpler, the most different ones first."""
    if isinstance(call, Batch):
        yield from fewer_lanes(call)
    for num in fewer(call.num):
        yield _with(call, num=num)
    if not call.endpoint:
        yield _with(call, endpoint=True)
    if isinstance(call, Batch) and call.axis:
        yield replace(call, axis=0)
    if not _is_default(call.base):
        for base in (10.0, *simpler_numbers(call.base)):
            yield _with(call, base=base)
    for name in ("start", "stop"):
        for value in simpler_numbers(getattr(call, name)):
            yield _with(call, **{name: value})
    yield _with(call, start=call.stop, stop=call.start)


def _with(call: Call, **changes: Any) -> Call:
    if isinstance(call, Case):
        changes["indices"] = None
    return replace(call, **changes)


def fewer(num: int) -> Iterator[int]:
    """Yield smaller numbers of elements."""
    step = 1
    for small in (1, 2, 3):
        if small < num:
            yield small
    steps = []
    while step < num - 3:
        steps.append(step)
        step *= 2
    yield from (num - step for step in reversed(steps))


def fewer_lanes(batch: Batch) -> Iterator[Batch]:
    """Yield batches of one lane, which may be a scalar call's numbers in arrays of one element."""
    if len(batch.lanes) <= 1:
        for name, end in batch.arguments.items():
            if isinstance(end, Ends) and len(batch.arrays) > 1:
                yield replace(batch, **{name: end.values[0]})
        return
    lanes = [*batch.lanes.values()]
    for lane in lanes[: LANES_TRIED // 2] + lanes[-LANES_TRIED // 2 :]:
        ends = {
            name: Ends.of([getattr(lane, name)], end.dtype)
            for name, end in batch.arguments.items()
            if isinstance(end, Ends)
        }
        yield replace(batch, axis=0, **ends)
    yield from _halves(batch)


def _halves(batch: Batch) -> Iterator[Batch]:
    """Yield batches of half the places along each axis of the lanes."""
    for axis in range(-len(batch.shape), 0):
        for part in (0, 1):
            ends = {
                name: _half(end, axis, part)
                for name, end in batch.arguments.items()
                if isinstance(end, Ends)
            }
            yield replace(batch, **ends)


def _half(end: Ends, axis: int, part: int) -> Ends:
    host = end.host
    if host.ndim < -axis or host.shape[axis] < 2:
        return end
    middle = host.shape[axis] // 2
    index: list[Any] = [slice(None)] * host.ndim
    index[axis] = slice(middle, None) if part else slice(0, middle)
    return Ends.of(host[tuple(index)].tolist(), end.dtype)


def simpler_numbers(value: Any) -> Iterator[Any]:
    """Yield numbers near a number, or of its kind, that take less to write."""
    if isinstance(value, Ends):
        if len(value.values) == 1:
            for one in simpler_numbers(value.values[0]):
                yield Ends.of([one], value.dtype)
        return
    yield from (0, 1)
    if not isinstance(value, (int, Fraction)) and not math.isfinite(value):
        return
    if value < 0:
        yield -value
    if isinstance(value, int):
        yield from _shorter_integers(value)
        return
    if abs(value) < 2**200:
        yield round(value)
    if isinstance(value, Fraction):
        yield from (value.limit_denominator(10**digits) for digits in DIGITS)
        if abs(value) < 2**1000:
            yield float(value)
        return
    number = float(value)
    yield from (float(f"{number:.{digits - 1}e}") for digits in DIGITS)
    yield from (math.ldexp(1.0, math.frexp(number)[1] - 1) * sign for sign in (1, -1))
    yield number / 2
    yield number * 2


def _shorter_integers(value: int) -> Iterator[int]:
    size = len(str(abs(value))) if abs(value) < 10**400 else 0
    for digits in range(1, size):
        unit = 10 ** (size - digits)
        yield value // unit * unit
    yield from (value // 10, value // 2, value - (1 if value > 0 else -1))
