"""Real grids and their first derivatives as operations on JAX's integers.

What a compiler sees are operations on integers, which it cannot change, and so a traced grid has
the bits of the eager one.  Floats are reinterpreted as the integers of their bits, which keeps the
subnormal numbers that XLA's arithmetic would flush.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ..engine.integers.ends import End, read_float, read_integer, read_number
from ..engine.integers.lanes import geomspace_bits, linspace_bits, logspace_bits, step_bits
from ..engine.integers.limbs import Limbs, Words
from ..engine.integers.slopes import geomspace_slope, logspace_slope
from ..engine.narrow import host_dtype
from ..exact.number import Scalar
from ..exact.rounding import FORMATS, FloatFormat, Format, IntFormat
from ..ground.loaded import is_symbolic

__all__ = [
    "SAMPLES",
    "SLOPES",
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

#: In place of the end that a derivative is by.
SAMPLES = -1


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
    which: int  #: the end that a derivative is by, or `SAMPLES`
    words: tuple[tuple[str, Word | str], ...]  #: the ends by name, the format for an array
    after: int  #: how many axes of lanes follow that of the samples

    @property
    def length(self) -> Any:
        """How many elements there are along that axis."""
        return 1 if self.function == "step" else self.num


def integer_grid(grid: Grid, arrays: list[Any]) -> Any:
    """The elements, as `host_dtype` stores them, before the last ``after`` axes of the lanes."""
    words = _JaxWords()
    values = iter(arrays)
    ends = [
        _read(words, next(values), FORMATS[word], grid.after)
        if isinstance(word, str)
        else read_number(words, scalar_of(word))
        for _, word in grid.words
    ]
    fmt, div = grid.fmt, div_of(grid.num, grid.endpoint)
    index = index_of(grid.length, grid.after)
    if grid.function == "step":
        start, stop = ends
        bits = step_bits(words, start, stop, div, fmt)
    elif grid.which >= 0:
        bits = SLOPES[grid.function](words, *ends, index, div, fmt, grid.which)
    else:
        bits = _BITS[grid.function](words, *ends, index, div, fmt)
    shapes = [_spread(array, grid.after).shape for array in arrays]
    bits = jnp.broadcast_to(bits, lax.broadcast_shapes(index.shape, *shapes))
    dtype = host_dtype(fmt)
    if isinstance(fmt, IntFormat) or fmt.precision < 24:
        return bits.astype(dtype)
    return lax.bitcast_convert_type(bits.astype(f"uint{8 * dtype.itemsize}"), dtype)


def _spread(array: Any, after: int) -> Any:
    """An end with an axis for the samples."""
    return jnp.expand_dims(array, array.ndim - after)


#: What makes the bits of a function's elements, and of their derivatives by an end.
_BITS: dict[str, Callable[..., Any]] = {
    "linspace": linspace_bits,
    "logspace": logspace_bits,
    "geomspace": geomspace_bits,
}
SLOPES: dict[str, Callable[..., Any]] = {"logspace": logspace_slope, "geomspace": geomspace_slope}


class _JaxWords(Words):
    """int64, or int32 without 64-bit types."""

    def __init__(self) -> None:
        super().__init__(jnp, 64 if jax.config.jax_enable_x64 else 32)

    def take(self, row: Sequence[int], place: Any) -> Any:
        return jnp.take(np.array(row, self.dtype), place, axis=0, mode="clip")

    def settle(self, a: Limbs) -> Limbs:
        # XLA would compute what belongs to a lane again for every element, but sorts nothing twice;
        # `lax.optimization_barrier` does not keep it from that.
        most = np.array((1 << (self.width - 1)) - 1, self.dtype)
        return [
            jnp.sort(jnp.stack(jnp.broadcast_arrays(self.array(x), most)), axis=0)[0] for x in a
        ]


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


def _read(words: Words, array: Any, fmt: Format, after: int) -> End:
    """An end that is an array, with an axis for the samples."""
    array = _spread(array, after)
    if isinstance(fmt, IntFormat):
        limits = jnp.iinfo(array.dtype)
        signed = limits.bits < words.width or limits.min < 0
        return read_integer(words, array.astype(words.dtype), signed=signed)
    assert isinstance(fmt, FloatFormat)
    if fmt.precision >= 24:
        array = lax.bitcast_convert_type(array, f"int{8 * array.dtype.itemsize}")
    return read_float(words, array.astype(words.dtype), fmt)
