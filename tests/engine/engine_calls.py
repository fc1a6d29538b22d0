"""Random calls that go through every way of the engine, and a program that prints what they make.

``python engine_calls.py SEED COUNT LANES`` makes so many calls of each function in each format, and
with arrays.  It prints a line for each: a digest of the bits or the error, and the call.  With
``XSPACE_NATIVE=0`` and ``1`` the lines have to be the same.
"""

from __future__ import annotations

import hashlib
import math
import random
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import xspace

FLOATS = ("float64", "float32", "float16", "bfloat16")
INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
#: Around every length at which something else is done, and in between.
LENGTHS = (*range(2, 10), *range(15, 18), 50, *range(63, 66), *range(255, 258), 601, 1025)
LONG = (4095, 4096, 4097, 32_767, 32_768, 32_769, 70_000)
#: The exponents of the largest number of a format.
LARGEST = {"float64": 1023, "float32": 127, "bfloat16": 127, "float16": 15} | {
    name: int(name.partition("int")[2]) - (name[0] == "i") for name in INTEGERS
}
TICK = 2.0**-52


class Call(NamedTuple):
    """A call of a public function: a grid of plain numbers."""

    function: str
    dtype: str
    ends: tuple[float | int, ...]
    num: int
    endpoint: bool

    def make(self) -> Any:
        """What xspace makes of it."""
        dtype = dtype_of(self.dtype)
        if self.function == "arange":
            return xspace.arange(*self.ends, dtype=dtype)
        start, stop, *base = self.ends
        options = {"base": base[0]} if base else {}
        call = getattr(xspace, self.function)
        return call(start, stop, self.num, endpoint=self.endpoint, dtype=dtype, **options)

    def line(self) -> str:
        """The same for the engine as a program."""
        ends = " ".join(spelled(end) for end in self.ends)
        if self.function == "arange":
            return f"arange {self.dtype} {ends}"
        return f"{self.function} {self.dtype} {self.num} {int(self.endpoint)} {ends}"


def spelled(end: float | int) -> str:
    """An end as the program reads it."""
    return f"x{int(np.float64(end).view(np.uint64)):x}" if isinstance(end, float) else str(end)


def dtype_of(name: str) -> Any:
    """The dtype of NumPy, or of ml_dtypes."""
    if name == "bfloat16":
        import ml_dtypes

        return ml_dtypes.bfloat16
    return np.dtype(name)


def formats() -> tuple[str, ...]:
    """Those that there are here."""
    from importlib.util import find_spec

    names = (*FLOATS, *INTEGERS)
    return names if find_spec("ml_dtypes") else tuple(n for n in names if n != "bfloat16")


def magnitude(rng: random.Random, largest: float) -> float:
    """A positive float, most often below 2**largest: of every size and kind."""
    least = -1074.0 if largest > 200 else -largest - 30
    kind = rng.randrange(8)
    if kind == 0:
        return math.ldexp(rng.uniform(0.5, 1), rng.randrange(int(least), int(largest) + 2))
    if kind == 1:
        return math.ldexp(1.0, rng.randrange(int(least), int(largest) + 1))
    if kind == 2:
        return float(rng.randrange(1, 100))
    if kind == 3:
        return rng.uniform(0.9, 1.1)
    if kind == 4:
        return 1 + rng.randrange(8) * TICK
    if kind == 5:
        return rng.randrange(1, 64) * 2.0**-6
    if kind == 6:
        return max(rng.randrange(1, 100) * math.ldexp(1.0, int(least)), 5e-324)
    return math.exp(rng.uniform(-9, 9))


def number(rng: random.Random, largest: float) -> float | int:
    """A float or an integer of either sign, or zero."""
    if rng.random() < 0.25:
        return rng.randrange(-(1 << rng.randrange(1, 63)), 1 << rng.randrange(1, 63))
    if rng.random() < 0.05:
        return rng.choice([0, 0.0, -0.0])
    return rng.choice([-1, 1]) * magnitude(rng, largest)


def base_of(rng: random.Random) -> float | int:
    """A base: those in use, next to one, tiny, huge."""
    near = rng.choice([-1, 1]) * 2.0 ** -rng.randrange(1, 53)
    plain = [10, 10.0, 2, 3, math.e, 0.5, 0.3, 8, 1, 100, 1e-5, 1e-300, 5e-324, 1e300, 2**53 + 1]
    return rng.choice([*plain, 1 + near, 1 + near, 0.5 + abs(near) / 4, rng.uniform(0.1, 20)])


def exponents(rng: random.Random, base: float, largest: float) -> tuple[float | int, float | int]:
    """Two exponents between which elements are numbers of a format, most often."""
    log = abs(math.log2(base)) or 1e-9
    most = min(1.1 * largest / log, 2.0**24 - 1)
    kind = rng.randrange(5)
    if kind == 0:
        low, high = (rng.uniform(-most, most) for _ in range(2))
    elif kind == 1:
        low, high = 0.0, rng.uniform(0, most)
    elif kind == 2:
        low, high = (float(rng.randrange(-int(most) - 1, int(most) + 2)) for _ in range(2))
    elif kind == 3:
        low, high = (rng.randrange(-int(8 * most) - 1, int(8 * most) + 2) / 8 for _ in range(2))
    else:
        low, high = (rng.uniform(-1, 1) * 2.0 ** -rng.randrange(60) for _ in range(2))
    if rng.random() < 0.3 and low.is_integer() and high.is_integer():
        return int(low), int(high)
    return low, high


def call(rng: random.Random, function: str, dtype: str, num: int) -> Call:
    """A random call with a format and a length."""
    largest, endpoint = LARGEST[dtype], rng.random() < 0.7
    if function == "logspace":
        base = base_of(rng)
        low, high = exponents(rng, base, largest)
        if dtype in INTEGERS and rng.random() < 0.8:
            low, high = abs(low), abs(high)
            if 0 < base < 1:
                low, high = -low, -high
        return Call(function, dtype, (low, high, base), num, endpoint)
    if function == "geomspace":
        low, high = magnitude(rng, largest), magnitude(rng, largest)
        if rng.random() < 0.3 and max(low, high) < 2.0**62:
            low, high = max(int(low), 1), max(int(high), 1)
        if rng.random() < 0.3 and dtype[0] != "u":
            low, high = -low, -high
        return Call(function, dtype, (low, high), num, endpoint)
    if function == "linspace":
        low = number(rng, largest)
        high = rng.choice([number(rng, largest), -low, 0, low * (1 + 3 * TICK), low + num - 1])
        if dtype[0] == "u":
            low, high = abs(low), abs(high)
        return Call(function, dtype, _finite(low, high), num, endpoint)
    kind = rng.randrange(3)
    if kind == 0:
        step: float | int = rng.randrange(1, 100)
        low = rng.randrange(-1000, 1000)
        high: float | int = low + step * num - rng.randrange(step)
    elif kind == 1:
        step, low = rng.randrange(1, 64) / 64, rng.randrange(-1000, 1000) / 64
        high = low + step * (num - rng.choice([0.0, 0.5]))
    else:
        step, low = magnitude(rng, 20), rng.uniform(-3, 3)
        high = low + step * (num - rng.random())
    if rng.random() < 0.3:
        low, high, step = -low, -high, -step
    if (high - low) / step > 10**5:
        return call(rng, function, dtype, num)
    return Call(function, dtype, _finite(low, high, step), num, True)


def _finite(*ends: float | int) -> tuple[float | int, ...]:
    return tuple(end if math.isfinite(end) and abs(end) < 2.0**1023 else 1.0 for end in ends)


def calls(seed: int, count: int) -> Iterator[Call]:
    """So many calls of each function in each format."""
    rng = random.Random(seed)
    for function in ("logspace", "geomspace", "linspace", "arange"):
        for dtype in formats():
            for k in range(count):
                length = rng.choice(LONG) if k % 40 == 39 else rng.choice(LENGTHS)
                yield call(rng, function, dtype, length)


class LaneCall(NamedTuple):
    """A call with arrays for ends."""

    function: str
    dtype: str
    ends: tuple[Any, ...]
    num: int
    endpoint: bool
    axis: int

    def make(self) -> Any:
        """What xspace makes of it."""
        start, stop, *base = self.ends
        options = {"base": base[0]} if base else {}
        function = getattr(xspace, self.function)
        dtype = dtype_of(self.dtype)
        options |= {"endpoint": self.endpoint, "axis": self.axis, "dtype": dtype}
        return function(start, stop, self.num, **options)


def lane_ends(rng: random.Random, kind: str, count: int, values: list[float]) -> Any:
    """Values as an array of a dtype: contiguous, backwards, every other one, in a column, alone."""
    if kind in INTEGERS:
        info = np.iinfo(kind)
        most = info.max - 2**10 * (info.max > 2**60)
        # Next to zeros, that lanes cannot have all of them, which error is raised is not promised.
        values = [min(max(int(v), info.min), most) or 1 for v in values]
    with np.errstate(over="ignore"):
        array = np.array(values).astype(kind)
    shape = rng.randrange(5)
    if shape == 0:
        return array[::-1]
    if shape == 1:
        return np.repeat(array, 2)[::2]
    if shape == 2:
        return np.stack([array, array]).T[:, 1]
    if shape == 3:
        return np.broadcast_to(array[:1], (count,))
    return array


def lane_call(rng: random.Random) -> LaneCall:
    """A random call with arrays."""
    function = rng.choice(["logspace", "geomspace", "linspace"])
    dtype, kind = rng.choice(formats()), rng.choice(["float64", "float32", "int64", "uint8"])
    # Around the fewest lanes of a tile, its width, and the most of its samples.
    count = rng.choice([1, 2, 3, 4, 5, 10, 40, 63, 64, 65, 130])
    num = rng.choice([2, 3, 10, 17, 64, 65, 300])
    if count in (4, 65) and rng.random() < 0.1:
        num = rng.choice([4095, 4096, 4097, 4098])
    endpoint, axis = rng.random() < 0.7, rng.choice([0, -1])
    largest = LARGEST[dtype]
    if function == "logspace":
        base = base_of(rng)
        pairs = [exponents(rng, base, largest) for _ in range(count)]
        bases = rng.choice([base, np.full(count, float(base))])
        if dtype in INTEGERS:
            pairs = [(abs(a), abs(b)) if base > 1 else (-abs(a), -abs(b)) for a, b in pairs]
    elif function == "geomspace":
        pairs = [(magnitude(rng, largest), magnitude(rng, largest)) for _ in range(count)]
    else:
        pairs = [_finite(number(rng, largest), number(rng, largest)) for _ in range(count)]
        if dtype[0] == "u":
            pairs = [(abs(a), abs(b)) for a, b in pairs]
    sides = [[float(pair[k]) for pair in pairs] for k in range(2)]
    alone = rng.randrange(4)
    ends = [
        float(side[0]) if alone == k else lane_ends(rng, kind, count, side)
        for k, side in enumerate(sides)
    ]
    if function == "logspace":
        return LaneCall(function, dtype, (*ends, bases), num, endpoint, axis)
    return LaneCall(function, dtype, tuple(ends), num, endpoint, axis)


def lane_calls(seed: int, count: int) -> Iterator[LaneCall]:
    """So many calls with arrays."""
    rng = random.Random(seed)
    for _ in range(count):
        yield lane_call(rng)


def main() -> None:
    """Print the digest of each call."""
    seed, count, lanes = map(int, sys.argv[1:])
    elements = 0
    for made in (*calls(seed, count), *lane_calls(seed, lanes)):
        try:
            grid = made.make()
            elements += grid.size
            bits = hashlib.sha256(np.ascontiguousarray(grid).tobytes()).hexdigest()[:20]
            found = f"{grid.dtype}{grid.shape} {bits}"
        except (OverflowError, ValueError) as error:
            found = f"{type(error).__name__}: {error}"
            if isinstance(made, LaneCall):  # which lane it names is not promised
                found = found.partition("element")[0]
        print(found, "of", repr(made).replace("\n", " "))
    print(elements, "elements")


if __name__ == "__main__":
    main()
