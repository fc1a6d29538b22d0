"""Powers at all places of a grid as products of those at some of them.

With ``i = q + r`` element ``i`` is the power at ``q`` times the ratio of elements that are ``r``
apart: two short tables make a grid.  Only the product is made for each element.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .ends import End
from .limbs import Limbs, Words, carry, columns_of, multiply, select
from .lines import FARTHEST, Units, read_line, split
from .powers import Log, exp2
from .steps import UNKNOWN_SIZE, Steps, read_steps

__all__ = ["Outer", "Places", "power_of_line", "power_of_logs"]

#: In place of exponents of two that are farther.
BEYOND = 1 << (FARTHEST + 3)

#: In so many binades, and a few more, the ratios of elements in one row stay.
WIDEST = 16


class Places(NamedTuple):
    """The numbers of the samples, from 0 to ``div``, as sums along the first two axes."""

    rows: Any
    columns: Any
    div: Any

    @property
    def size(self) -> int:
        """Bits of ``div``, as steps have them."""
        return self.div.bit_length() if isinstance(self.div, int) else UNKNOWN_SIZE

    @property
    def index(self) -> Any:
        """Of every element."""
        return self.rows + self.columns

    def steps(self, words: Words) -> Steps:
        """Of every element."""
        return read_steps(words, self.index, self.div - self.index, self.div)

    def tabled(self, words: Words) -> Steps:
        """Of the rows, and then the differences in a column."""
        rising = self.joined(words, self.rows, self.columns)
        falling = self.joined(words, self.div - self.rows, -self.columns)
        return read_steps(words, rising, falling, self.div)

    def joined(self, words: Words, rows: Any, columns: Any) -> Any:
        """A table of what belongs to rows, and to columns."""
        columns = words.xp.reshape(columns, (columns.shape[1], 1, *columns.shape[2:]))
        rows = words.xp.broadcast_to(rows, (*rows.shape[:2], *columns.shape[2:]))
        return words.xp.concat([rows, columns], axis=0)

    def parts(self, words: Words, table: Limbs) -> tuple[Limbs, Limbs]:
        """What belongs to rows and columns, of limbs as `joined` has them."""
        count, columns = self.rows.shape[0], self.columns.shape[1]
        parts: tuple[Limbs, Limbs] = [], []
        for limb in table:
            if not getattr(limb, "ndim", 0):  # one for all of them
                first = second = limb
            else:
                shape = (1, columns, *limb.shape[2:])
                first, second = limb[:count, ...], words.xp.reshape(limb[count:, ...], shape)
            parts[0].append(first)
            parts[1].append(second)
        return parts


class Outer(NamedTuple):
    """``rows * columns * 2**whole``, with factors in [1, 2)."""

    rows: Limbs
    columns: Limbs
    whole: Any

    def product(self, words: Words) -> Limbs:
        """In [1, 4), in columns that are still to be carried."""
        return columns_of(words, len(self.rows) - 1, (self.rows, self.columns))


def power_of_logs(words: Words, low: Limbs, high: Limbs, places: Places, n: int) -> Outer:
    """``2**((low*(div - i) + high*i) / div)``."""
    steps = places.tabled(words)
    sums = multiply(words, n + 1, (low, steps.falling), (high, steps.rising))
    log = multiply(words, n + 1, (sums, steps.inverse(words, n + 1)))
    first, second = places.parts(words, exp2(words, log[: n + 1]))
    return Outer(first[1:], second[1:], first[0] + second[0])


def power_of_line(
    words: Words,
    units: Units,
    log: Log,
    places: Places,
    n: int,
    *,
    less: Limbs | None = None,
    least: int | None = None,
) -> Outer:
    """``2**(x*log)`` for the exponents ``x`` between the ends, or ``2**(x*log - less)``.

    If all of ``x*log`` are below ``2**least`` they are multiplied by a power of two.
    """
    top = units.place + log.expo
    far, steps, beyond = _spread(words, units, log, places)
    more = n + words.limbs(FARTHEST)
    line = read_line(words, units, steps)
    slope = multiply(words, more, (log.limbs, steps.inverse(words, more)))
    product = multiply(words, more, (line.limbs[: more + 1], slope))
    expo, falls = line.expo + log.expo, line.negative ^ log.negative
    if least is not None:
        expo = words.where(top < least, expo + (least - top), expo)
    huge = (expo > FARTHEST) & (log.limbs[0] != 0)
    y = split(words, product, words.where(huge, FARTHEST, expo), falls, n)
    if less is not None:
        ones = words.where(far, 0, places.rows * 0 + 1), words.where(far, 1, places.columns * 0)
        once = places.joined(words, *ones)  # for each row, or where those of columns are all
        y = carry(words, [whole - once * log for whole, log in zip(y, less, strict=True)])
    whole = words.where(huge, words.where(falls, -BEYOND, BEYOND), y[0])
    first, second = places.parts(words, exp2(words, [whole, *y[1:]]))
    first = select(words, far, [0, 1] + [0] * n, first)
    return Outer(first[1:], second[1:], first[0] + second[0] + beyond)


def _spread(words: Words, units: Units, log: Log, places: Places) -> tuple[Any, Steps, Any]:
    """Where exponents grow so fast that a ratio leaves the range, and the steps of the tables.

    All but a few neighbours leave it there.  Each column has the power at that one of its places
    that is among them, and the others get an exponent of two that is beyond all formats.
    """
    xp, m, div = words.xp, places.columns.shape[1], places.div
    if m == 1:
        return words.flag(False), places.tabled(words), 0
    size = div.bit_length() if isinstance(div, int) else words.top_bit(words.array(div), 31) + 1
    start, stop, place = units.start, units.stop, units.place
    far = place + log.expo + ((m - 1).bit_length() - size) > WIDEST
    low, high = _leading(words, start, place), _leading(words, stop, place)
    # Where the line is zero, or comes near to it; it need not be exact.
    total = low + high + 1
    near = words.where(low < high, 0, total)
    near = words.where(start.negative ^ stop.negative, low, near)
    share = xp.astype(near, xp.float32) / xp.astype(total, xp.float32)
    begin = xp.astype(xp.floor(share * xp.astype(words.array(div), xp.float32)), words.dtype)
    far, begin = words.settle([words.where(far, 1, 0), begin - (m - 1) // 2])
    far = far == 1
    there = begin + (places.columns - begin) % m
    inside = words.where(there < 0, 0, words.where(there > div, div, there))
    rising = words.where(far, inside, places.columns)
    falling = words.where(far, div - inside, -places.columns)
    rises = places.joined(words, places.rows, rising)
    falls = places.joined(words, div - places.rows, falling)
    moves = far & (log.limbs[0] != 0)
    sides = [
        words.where(moves, words.where(end.negative ^ log.negative, -2 * BEYOND, 2 * BEYOND), 0)
        for end in (start, stop)
    ]
    beyond = words.where(places.index > there, sides[1], 0)
    return (
        far,
        read_steps(words, rises, falls, div),
        words.where(places.index < there, sides[0], beyond),
    )


def _leading(words: Words, end: End, place: Any) -> Any:
    """The leading bits of an end in units of ``2**place``, of which there are 26 and more."""
    n = words.limbs(26) + 1
    word: Any = 0
    for limb in (end.limbs + [0] * n)[:n]:
        word = (word << words.w) + limb
    away = place - end.expo
    return word >> words.where(away < words.width, away, words.width - 1)
