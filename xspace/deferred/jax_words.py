"""Real grids and their first derivatives as operations on JAX's integers.

What a compiler sees are operations on integers, which it cannot change, and so a traced grid has
the bits of the eager one.  Floats are reinterpreted as the integers of their bits, which keeps the
subnormal numbers that XLA's arithmetic would flush.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..engine.integers.ends import End, read_float, read_integer, read_number
from ..engine.integers.lanes import (
    geomspace_bits,
    linspace_bits,
    linspace_parts,
    logspace_bits,
    step_bits,
)
from ..engine.integers.limbs import Limb, Limbs, Rows, Words
from ..engine.integers.outer import Places
from ..engine.integers.slopes import SLOPES
from ..engine.narrow import host_dtype
from ..exact.number import Scalar
from ..exact.rounding import FORMATS, FloatFormat, Format, IntFormat
from ..ground.loaded import is_symbolic

__all__ = [
    "BITS",
    "Grid",
    "Word",
    "div_of",
    "index_of",
    "integer_grid",
    "scalar_of",
    "word_of",
]

#: A number in a key: by name, and a sign of zero counts.  The imaginary part is one, too.
Word = tuple[Any, ...]


def word_of(x: Scalar) -> Word:
    """A scalar as plain numbers and words."""
    return x.n, x.d, repr(x.special), x.imag and word_of(x.imag)


def scalar_of(word: Word) -> Scalar:
    """The scalar that it was."""
    n, d, special, imag = word
    return Scalar(n, d, float(special), imag and scalar_of(imag))


class Grid(NamedTuple):
    """What is known of a grid when a program is traced; the other ends are arrays."""

    function: str  #: of the three, or ``step``
    num: Any
    endpoint: bool
    fmt: Format
    which: int  #: the end that a derivative is by, or `filling.ELEMENTS`
    words: tuple[tuple[str, Word | str], ...]  #: the ends by name, the format for an array
    after: int  #: how many axes of lanes follow that of the samples

    @property
    def length(self) -> Any:
        """How many elements there are along that axis."""
        return 1 if self.function == "step" else self.num


def integer_grid(grid: Grid, arrays: list[Any], *, is_divided: bool) -> Any:
    """The elements, as `host_dtype` stores them, before the last ``after`` axes of the lanes."""
    lanes = lax.broadcast_shapes((1,) * grid.after, *(array.shape for array in arrays))
    words = _JaxWords()
    values = iter(arrays)
    ends = [
        _read(words, next(values), FORMATS[word])
        if isinstance(word, str)
        else read_number(words, scalar_of(word))
        for _, word in grid.words
    ]
    elements = _in_rows(words, grid, ends, lanes, is_divided)
    rows, columns = elements.shape[:2]
    elements = jnp.broadcast_to(elements, (rows, columns, *lanes))
    elements = elements.reshape((rows * columns, *lanes))
    return jnp.moveaxis(elements[: grid.length], 0, len(lanes) - grid.after)


def _in_rows(
    words: Words, grid: Grid, ends: list[End], lanes: tuple[int, ...], is_divided: bool
) -> Any:
    """The elements along the first two axes."""
    fmt, div = grid.fmt, div_of(grid.num, grid.endpoint)
    if grid.function == "step":
        start, stop = ends
        return _stored(step_bits(words, start, stop, div, fmt)[None, None, ...], fmt)
    places = _places(grid, div, len(lanes))
    if grid.which >= 0:
        return _stored(SLOPES[grid.function](words, *ends, places, fmt, grid.which), fmt)
    if grid.function == "linspace" and not is_divided:
        start, stop = ends
        parts = linspace_parts(words, start, stop, places, fmt)
        return _with_ends(places, lanes, *(_stored(bits, fmt) for bits in parts))
    return _stored(BITS[grid.function](words, *ends, places, fmt), fmt)


def _with_ends(places: Places, lanes: tuple[int, ...], first: Any, last: Any, inner: Any) -> Any:
    """A scatter, as choices would be made for all elements.

    Nothing that follows is part of the loop over rows and columns before it, which as one over all
    elements would be half as fast.  Not if a compiler divides the program: a scatter is made by
    each device, of all elements.
    """
    rows, columns = jnp.divmod(jnp.array([0, places.div]), inner.shape[1])
    ends = jnp.stack([jnp.broadcast_to(end, lanes) for end in (first, last)])
    inner = jnp.broadcast_to(inner, (*inner.shape[:2], *lanes))
    return inner.at[rows, columns].set(ends, mode="drop")


def _stored(bits: Any, fmt: Format) -> Any:
    """Elements as `host_dtype` stores them."""
    dtype = host_dtype(fmt)
    if isinstance(fmt, IntFormat) or fmt.precision < 24:
        return bits.astype(dtype)
    return lax.bitcast_convert_type(bits.astype(f"uint{8 * dtype.itemsize}"), dtype)


#: Elements in a row of a grid whose length is not known.
_ROW = 64


def _places(grid: Grid, div: Any, rank: int) -> Places:
    """The numbers of the samples, in rows."""
    num = grid.num
    row = _ROW if is_symbolic(num) else _row_of(num)
    rows = index_of((num + row - 1) // row, rank + 1) * row
    return Places(rows, index_of(row, rank)[None, ...], div)


def _row_of(num: int) -> int:
    """About the square root, and a divisor if there is one near it."""
    root = math.isqrt(num - 1) + 1
    near = (k for k in range(root, root // 4, -1) if num % k == 0)
    return next(near, root)


#: What makes the bits of a function's elements.
BITS: dict[str, Callable[..., Any]] = {
    "linspace": linspace_bits,
    "logspace": logspace_bits,
    "geomspace": geomspace_bits,
}


class _JaxWords(Words):
    """int64, or int32 without 64-bit types."""

    def __init__(self) -> None:
        super().__init__(jnp, 64 if jax.config.jax_enable_x64 else 32)

    def where(self, condition: Any, yes: Limb, no: Limb) -> Limb:
        if isinstance(yes, int) and isinstance(no, int) and yes == no:
            return yes
        shape = lax.broadcast_shapes(*(jnp.shape(x) for x in (condition, yes, no)))
        cases = (
            lax.full(shape, x, self.dtype) if isinstance(x, int) else jnp.broadcast_to(x, shape)
            for x in (no, yes)
        )
        return lax.select_n(jnp.broadcast_to(condition, shape), *cases)

    def take(self, rows: Rows, place: Any) -> Limbs:
        table = jnp.asarray(np.array(rows, self.dtype))
        return list(table.at[:, place].get(mode="promise_in_bounds"))

    def top_bit(self, x: Any, width: int) -> Any:
        return jnp.maximum(self.width - 1 - lax.clz(x), 0)

    def loop(self, count: int, step: Callable[[Any, Limbs], Limbs], a: Limbs) -> Limbs:
        def again(k: Any, array: Any) -> Any:
            return self._stacked(step(k, list(array)), k)

        first = self._stacked(a)  # of the shape of all that follow
        with jax.disable_jit(False):  # else it is written out
            return list(lax.fori_loop(0, count, again, first))

    def settle(self, a: Limbs) -> Limbs:
        # XLA would compute what belongs to a lane again for every element, and for every use, but
        # it repeats no division of integers.  That this one is by 1 is seen later, by LLVM;
        # `lax.optimization_barrier` does not keep XLA from it.
        one = np.ones((), self.dtype)
        stack = self._stacked(a)
        return list(lax.div(stack, lax.clamp(one, stack, one)))

    def _stacked(self, a: Limbs, turn: Any = 0) -> Any:
        """As one array.  Choices make all of them in one go, where a concatenation makes each."""
        arrays = jnp.broadcast_arrays(*(self.array(x) for x in a))
        turn = jnp.asarray(turn, self.dtype)  # so that nothing is moved out of a loop
        k = lax.iota(self.dtype, len(a)).reshape((-1,) + (1,) * arrays[0].ndim) + turn
        chosen = arrays[-1]
        for j, array in enumerate(arrays[:-1]):
            chosen = jnp.where(k == turn + j, array, chosen)
        return chosen


def index_of(num: Any, rank: int) -> Any:
    """The numbers of the samples, along the first of ``rank + 1`` axes."""
    # Counted where the program runs: as a constant, the program would be as large as the grid.
    index = lax.iota(jnp.int64 if jax.config.jax_enable_x64 else jnp.int32, num)
    return index.reshape((num,) + (1,) * rank)


def div_of(num: Any, endpoint: bool) -> Any:
    """How many steps lie between the ends, at least one: an integer or an array of one."""
    if not is_symbolic(num):
        return max(num - bool(endpoint), 1)
    return jnp.maximum(jnp.asarray(num) - bool(endpoint), 1)


def _read(words: Words, array: Any, fmt: Format) -> End:
    """An end that is an array."""
    if isinstance(fmt, IntFormat):
        limits = jnp.iinfo(array.dtype)
        signed = limits.bits < words.width or limits.min < 0
        return read_integer(words, array.astype(words.dtype), signed=signed)
    assert isinstance(fmt, FloatFormat)
    if fmt.precision >= 24:
        array = lax.bitcast_convert_type(array, f"int{8 * array.dtype.itemsize}")
    return read_float(words, array.astype(words.dtype), fmt)
