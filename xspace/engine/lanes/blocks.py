"""Lanes into NumPy memory: blocks that stay in a cache, with scratch that is used again.

Few samples a lane: each element is a look-up and a cubic polynomial (`_fill_direct`).  Many: two
tables a lane, and every element a product of their entries (`_fill_products`).  Elements that fail
the rounding test of the first kind are tested again with more precision, all at once; what is
still open is the caller's to make exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ...exact.rounding import FloatFormat, Format, IntFormat
from ...ground.thresholds import LANE_BLOCK, LANE_SCRATCH, LANE_TABLES, LANE_WIDTH
from ..narrow import round_into
from ..words import DoubleWord
from .exponents import DELTA, NARROW_DELTA, Exponents, exponents, lane_columns, lane_powers
from .tables import INDEX_BITS, Powers, host_tables

__all__ = ["Indices", "Remaining", "fill_powers", "some_lanes"]

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: Entries of a table that are multiplied with others to make the rest.
_FINE = 8

#: A block is flat if its logarithms differ by less, in steps of the table.
_FLAT = 4.0 * 2**INDEX_BITS

#: Half width of the test of one look-up and a cubic, relative to the entry of the table.
DIRECT_DELTA = 2.0**-66

_SIZE = 1 << INDEX_BITS
_STEP = math.log(2) / _SIZE
_MAGIC = 1.5 * 2.0**52
_BIAS = 1023.0 * _SIZE


class Remaining(NamedTuple):
    """What is left to the caller: flat indices into ``(num, lanes)``, and lanes as a whole."""

    doubtful: Indices
    refused: Indices


@lru_cache(maxsize=1)
def _direct_tables() -> tuple[Array, Array]:
    """``2**(j / 2**16)`` rounded, and the rest raised by `DIRECT_DELTA`."""
    tables = host_tables()
    full = tables.head + tables.tail
    return full, ((tables.head - full) + tables.tail) + DIRECT_DELTA


def fill_powers(
    out: npt.NDArray[Any],
    kind: str,
    start: DoubleWord,
    stop: DoubleWord,
    base: DoubleWord,
    div: int,
    fmt: Format,
) -> Remaining:
    """Write the elements of lanes into ``out``, of shape ``(num, lanes)`` and `host_dtype`."""
    with np.errstate(all="ignore"):  # overflow to infinity is a result, and so is underflow
        return _fill_powers(out, kind, (start, stop, base), div, fmt)


def _fill_powers(
    out: npt.NDArray[Any],
    kind: str,
    ends: tuple[DoubleWord, DoubleWord, DoubleWord],
    div: int,
    fmt: Format,
) -> Remaining:
    num, count = out.shape
    samples, places = ([np.empty(0, np.intp)] for _ in range(2))
    refused: list[Indices] = []
    width = LANE_WIDTH if num < LANE_TABLES else max(LANE_BLOCK // lane_columns(num), 1)
    for first in range(0, count, width):
        part = slice(first, first + width)
        lanes = _exponents(kind, ends, part, div)
        if isinstance(fmt, IntFormat):  # no 1 of a refused lane, which would be doubtful
            lanes = lanes._replace(head=np.where(lanes.good, lanes.head, 0.5))
        fill = _fill_direct if num < LANE_TABLES else _fill_products
        for sample, place in fill(out[:, part], lanes, fmt):
            samples.append(sample)
            places.append(first + place)
        if not lanes.good.all():
            refused.append(np.flatnonzero(~lanes.good) + first)
    i, lane = np.concatenate(samples), np.concatenate(places)
    if i.size and num < LANE_TABLES and fmt.name == "float64":
        i, lane = _test_again(out, _exponents(kind, ends, lane, div), i, lane)
    elif i.size and isinstance(fmt, IntFormat):
        which, number = np.unique(lane, return_inverse=True)  # all samples of a lane, it may be
        chosen = _exponents(kind, ends, which, div)
        parts = {name: getattr(chosen, name)[number] for name in chosen._fields[:5]}
        i, lane = _test_whole(out, chosen._replace(**parts), i, lane, fmt)
    return Remaining(i * count + lane, np.concatenate(refused) if refused else np.empty(0, np.intp))


def some_lanes(end: DoubleWord, part: Any) -> DoubleWord:
    """Some of the lanes of arrays; a number is for all of them."""
    return DoubleWord(*(w[part] if isinstance(w, np.ndarray) else w for w in end))


def _exponents(kind: str, ends: tuple[DoubleWord, ...], part: Any, div: int) -> Exponents:
    start, stop, base = (some_lanes(end, part) for end in ends)
    return exponents(np, host_tables(), kind, start, stop, base, div)


def _test_again(out: Array, lanes: Exponents, i: Indices, lane: Indices) -> tuple[Indices, Indices]:
    """Samples of lanes made and tested with more precision; those still open."""
    power = lane_powers(np, host_tables(), lanes, i.astype(np.float64))
    error = power.full * DELTA
    y = power.head + (power.tail + error)
    out[i, lane] = y
    open_ = np.flatnonzero(y != power.head + (power.tail - error))
    return i[open_], lane[open_]


def _test_whole(
    out: npt.NDArray[Any], lanes: Exponents, i: Indices, lane: Indices, fmt: IntFormat
) -> tuple[Indices, Indices]:
    """The same for integer parts; from ``2**53`` on every float64 number is an integer.

    ``y + rest`` is the element.  Below ``2**63`` the rest is at most ``2**9``, and a sum with it
    off by ``2**-44``.
    """
    power = lane_powers(np, host_tables(), lanes, i.astype(np.float64))
    y = power.head + power.tail
    below = power.tail - (y - power.head)
    whole = np.floor(y)
    below += y - whole
    error = power.full * DELTA + 2.0**-43
    high, low = np.floor(below + error), np.floor(below - error)
    inside = (y < 2.0**63) & (high == low) & lanes.good
    number = np.where(inside, whole, 0.0).astype(np.uint64) + low.astype(np.int64).view(np.uint64)
    inside &= number <= np.uint64(fmt.high)
    out[i[inside], lane[inside]] = number[inside].astype(out.dtype)
    return i[~inside], lane[~inside]


def _fill_direct(
    out: npt.NDArray[Any], lanes: Exponents, fmt: Format
) -> Iterator[tuple[Indices, Indices]]:
    num, width = out.shape
    height = max(LANE_BLOCK // width, 1)
    table, remainder = _direct_tables()
    head, x = lanes.head + _BIAS, np.empty((height, width))
    r, n, q, t = (np.empty_like(x) for _ in range(4))
    j, scale = (np.empty(x.shape, np.int64) for _ in range(2))
    bad, memory = _flags(x.shape)
    for top in range(0, num, height):
        end = min(top + height, num)
        if end - top < height:
            x, r, n, q, t = (s[: end - top] for s in (x, r, n, q, t))
            j, scale, bad = j[: end - top], scale[: end - top], bad[: end - top]
            memory[(end - top) * width :] = bytes((height - end + top) * width)
        i = np.arange(top, end, dtype=np.float64)[:, None]
        np.multiply(lanes.step_head, i, out=x)
        np.add(x, head, out=x)
        np.add(x, _MAGIC, out=n)
        bits = n.view(np.int64)
        np.bitwise_and(bits, _SIZE - 1, out=j)
        np.left_shift(bits, 52 - INDEX_BITS, out=scale)
        np.bitwise_and(scale, 0x7FF << 52, out=scale)
        np.subtract(n, _MAGIC, out=n)
        np.subtract(x, n, out=r)
        np.multiply(lanes.step_tail, i, out=x)
        np.add(x, lanes.tail, out=x)
        np.add(r, x, out=r)
        np.multiply(r, _STEP**3 / 6, out=q)
        np.add(q, _STEP**2 / 2, out=q)
        np.multiply(q, r, out=q)
        np.add(q, _STEP, out=q)
        np.multiply(q, r, out=q)
        table.take(j, out=t, mode="wrap")
        np.multiply(q, t, out=q)
        remainder.take(j, out=r, mode="wrap")
        np.add(q, r, out=q)
        np.add(t, q, out=x)
        np.subtract(q, 2 * DIRECT_DELTA, out=q)
        np.add(t, q, out=q)
        np.not_equal(x, q, out=bad)
        if fmt.name == "float64":
            np.multiply(x, scale.view(np.float64), out=out[top:end])
        else:
            x *= scale.view(np.float64)
            _finish(out[top:end], x, bad, fmt)
        yield from _found(memory, width, top)


def _fill_products(
    out: npt.NDArray[Any], lanes: Exponents, fmt: Format
) -> Iterator[tuple[Indices, Indices]]:
    num, width = out.shape
    columns = lane_columns(num)
    rows = -(-num // columns)
    zero = np.zeros(width)
    head, tail, high_full = _table(lanes, rows, columns)
    low_head, upper, full = _table(lanes._replace(head=zero, tail=zero), columns, 1)
    error = full * DELTA
    upper += error
    p, c, y = (np.empty((columns, width)) for _ in range(3))
    bad, memory = _flags(p.shape)
    wide, narrow = fmt.name == "float64", isinstance(fmt, FloatFormat) and fmt.precision < 53
    # Where a block is flat, the width of its largest element serves for all of them.
    flat = float(np.abs(lanes.step_head).max()) * columns < _FLAT
    lower = error if flat else upper - 2 * error
    for k in range(rows):
        top = k * columns
        n = min(columns, num - top)
        if n < columns:
            p, c, y, low_head, full = (s[:n] for s in (p, c, y, low_head, full))
            upper, lower, bad = upper[:n], lower[:n], bad[:n]
            memory[n * width :] = bytes((columns - n) * width)
        part = out[top : top + n]
        if narrow:
            np.multiply(full, high_full[k], out=y)
            _finish(part, y, bad, fmt)
            yield from _found(memory, width, top)
            continue
        if wide:
            y = part
        np.multiply(full, tail[k], out=p)
        np.multiply(upper, head[k], out=c)
        np.add(c, p, out=c)
        if flat:
            np.multiply(low_head, head[k], out=p)
            np.add(p, c, out=y)
            np.subtract(c, np.maximum(p[0], p[-1]) * (2.01 * DELTA), out=c)
        else:
            middle = p.copy()
            np.multiply(low_head, head[k], out=p)
            np.add(p, c, out=y)
            np.multiply(lower, head[k], out=c)
            np.add(c, middle, out=c)
        np.add(p, c, out=c)
        np.not_equal(y, c, out=bad)
        if not wide:
            _finish(part, y, bad, fmt)
        yield from _found(memory, width, top)


def _finish(part: npt.NDArray[Any], y: Array, bad: npt.NDArray[np.bool_], fmt: Format) -> None:
    """Round float64 numbers to another format; flag what they do not decide.

    For a shorter float they need to be right to half of `NARROW_DELTA`.  For an integer they are
    correctly rounded where not flagged: the integer part is right unless it is all of them.
    """
    if isinstance(fmt, FloatFormat):
        other = np.empty_like(part)
        round_into(other, y * (1 - NARROW_DELTA), fmt)
        round_into(part, y * (1 + NARROW_DELTA), fmt)
        np.not_equal(part, other, out=bad)
    else:
        whole = np.floor(y)
        bad |= (whole == y) | (whole > fmt.high)
        np.copyto(part, whole, casting="unsafe")


def _table(lanes: Exponents, rows: int, columns: int) -> Powers:
    """Every ``columns``-th element of the lanes, ``rows`` of them: a product of two for most."""
    if rows < 2 * _FINE:
        return _seeds(lanes, rows, columns)
    width = lanes.head.shape[0]
    zero = np.zeros(width)
    fine = _seeds(lanes._replace(head=zero, tail=zero), _FINE, columns)
    coarse = _seeds(lanes, -(-rows // _FINE), _FINE * columns)
    table = Powers(*(np.empty((rows, width)) for _ in range(3)))
    product = np.empty((_FINE, width))
    for k in range(coarse.head.shape[0]):
        part = slice(k * _FINE, (k + 1) * _FINE)
        head, tail, full = (numbers[part] for numbers in table)
        n = head.shape[0]
        p = product[:n]
        np.multiply(fine.head[:n], coarse.head[k], out=p)
        np.multiply(fine.full[:n], coarse.tail[k], out=tail)
        np.multiply(fine.tail[:n], coarse.head[k], out=full)
        np.add(tail, full, out=tail)
        np.add(p, tail, out=full)
        # The nearest number of 26 bits, by its bits: no splitting below 2**970.
        bits = head.view(np.int64)
        np.add(full.view(np.int64), 1 << 26, out=bits)
        np.bitwise_and(bits, -1 << 27, out=bits)
        np.subtract(p, head, out=p)
        np.add(tail, p, out=tail)
    return table


def _seeds(lanes: Exponents, rows: int, columns: int) -> Powers:
    """The same, one by one."""
    width = lanes.head.shape[0]
    table = Powers(*(np.empty((rows, width)) for _ in range(3)))
    height = max(LANE_SCRATCH // width, 1)
    for top in range(0, rows, height):
        end = min(top + height, rows)
        i = np.arange(top * columns, end * columns, columns, dtype=np.float64)[:, None]
        for part, new in zip(table, lane_powers(np, host_tables(), lanes, i), strict=True):
            part[top:end] = new
    return table


def _flags(shape: tuple[int, int]) -> tuple[npt.NDArray[np.bool_], bytearray]:
    """Booleans, and the memory they are in: it is searched faster than the array."""
    memory = bytearray(shape[0] * shape[1])
    return np.frombuffer(memory, np.bool_).reshape(shape), memory


def _found(memory: bytearray, width: int, top: int) -> Iterator[tuple[Indices, Indices]]:
    """Samples and lanes of the flags that are set, in a block that begins with sample ``top``.

    There are none, as a rule, and bytes tell that sooner than arrays.
    """
    if memory.find(1) >= 0:
        sample, lane = np.divmod(np.flatnonzero(np.frombuffer(memory, np.bool_)), width)
        yield sample + top, lane
