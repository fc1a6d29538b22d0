"""Fixed-point arithmetic on limbs, with integer array operations only.

A number is a list ``[a0, a1, ..., an]`` of *limbs* that stands for ``a0 + a1/B + ... + an/B**n``,
``B = 2**w``.  Limbs are integer arrays, or Python's integers where they are known in advance.  In
the usual form ``a1 ... an`` are in ``[0, B)``, and the sign of ``a0`` is that of the number.

Nothing here looks at values: the same operations are done for every element, so that a grid can be
traced.  And there is nothing that a compiler may change: no rounding, no overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

__all__ = [
    "Limb",
    "Limbs",
    "Words",
    "any_bit",
    "carry",
    "columns_of",
    "constant",
    "multiply",
    "negate_where",
    "normalise",
    "select",
    "shift_right",
    "table",
    "take",
]

Limb = Any  #: an integer array or a Python integer
Limbs = list[Limb]
#: A table of words, by rows.
Rows = tuple[tuple[int, ...], ...]


class Words:
    """The integers that limbs are made of: a namespace, its dtype of 32 or 64 bits, a device.

    A product of two limbs has ``2*w`` bits and a column of up to 31 of them fits: ``w`` is 29 in
    64 bits and 13 in 32.
    """

    def __init__(self, xp: Any, width: int, device: Any = None) -> None:
        self.xp, self.width, self.device = xp, width, device
        self.dtype = xp.int64 if width == 64 else xp.int32
        self.w = 29 if width == 64 else 13
        self.mask = (1 << self.w) - 1

    def array(self, value: Any) -> Any:
        """``value`` as an array of these integers."""
        if isinstance(value, int) or not hasattr(value, "dtype"):
            place = {} if self.device is None else {"device": self.device}
            return self.xp.asarray(value, dtype=self.dtype, **place)
        return value if value.dtype == self.dtype else self.xp.astype(value, self.dtype)

    def flag(self, value: bool) -> Any:
        """``value`` as a boolean array."""
        place = {} if self.device is None else {"device": self.device}
        return self.xp.asarray(value, dtype=self.xp.bool, **place)

    def where(self, condition: Any, yes: Limb, no: Limb) -> Limb:
        """``yes`` where the condition holds, else ``no``."""
        if isinstance(yes, int) and isinstance(no, int) and yes == no:
            return yes
        return self.xp.where(condition, self.array(yes), self.array(no))

    def take(self, rows: Rows, place: Any) -> Limbs:
        """The columns of a table at every ``place``; the standard knows one axis of indices."""
        xp = self.xp
        flat = xp.reshape(place, (-1,))
        return [xp.reshape(xp.take(self.array(r), flat, axis=0), place.shape) for r in rows]

    def top_bit(self, x: Any, width: int) -> Any:
        """The place of the leading bit of ``0 <= x < 2**width``; 0 for zero."""
        place: Limb = 0
        step = 1 << (width - 1).bit_length()
        while step > 1:
            step //= 2
            big = x >= 1 << step
            x = self.where(big, x >> step, x)
            place = self.where(big, place + step, place)
        return place

    def loop(self, count: int, step: Callable[[Any, Limbs], Limbs], a: Limbs) -> Limbs:
        """``step(count - 1, ... step(1, step(0, a)))``, which a backend need not write out."""
        for k in range(count):
            a = step(k, a)
        return a

    def settle(self, a: Limbs) -> Limbs:
        """``a``, from which much is made.

        A backend whose compiler would compute it anew for each use can prevent that here.
        """
        return a

    def limbs(self, bits: int) -> int:
        """How many limbs hold so many bits."""
        return -(-bits // self.w)


def constant(words: Words, value: int, n: int) -> Limbs:
    """``value / 2**(n*w)`` for a Python integer: limbs known in advance."""
    w, mask = words.w, words.mask
    return [value >> (n * w)] + [(value >> ((n - k) * w)) & mask for k in range(1, n + 1)]


def carry(words: Words, columns: Sequence[Limb], over: Limb = 0) -> Limbs:
    """Columns of any sign, and what comes to the last of them, in the usual form."""
    out: Limbs = []
    for column in reversed(columns[1:]):
        total = _plus(column, over)
        out.append(total & words.mask)
        over = total >> words.w
    out.append(_plus(columns[0], over))
    return out[::-1]


def columns_of(words: Words, n: int, *factors: tuple[Limbs, Limbs]) -> Limbs:
    """``a*b + c*d + ...`` for pairs of numbers, in ``n + 1`` columns that are not yet carried.

    Low by less than ``m`` units of ``B**-n``, where ``m`` is the number of products of limbs in
    column ``n + 2`` and one more: at most ``n`` for two numbers of ``n`` limbs.  Exact if no pair
    has more than ``n`` limbs together.
    """
    columns: Limbs = [0] * (n + 2)
    for a, b in factors:
        for i, x in enumerate(a):
            for j, y in enumerate(b[: n + 2 - i]):
                columns[i + j] = _plus(columns[i + j], _times(x, y))
    return [*columns[:n], _plus(columns[n], columns[n + 1] >> words.w)]


def multiply(words: Words, n: int, *factors: tuple[Limbs, Limbs]) -> Limbs:
    """The same number in the usual form."""
    return carry(words, columns_of(words, n, *factors))


def _plus(x: Limb, y: Limb) -> Limb:
    if isinstance(x, int) and x == 0:
        return y
    return x if isinstance(y, int) and y == 0 else x + y


def _times(x: Limb, y: Limb) -> Limb:
    for a, b in ((x, y), (y, x)):
        if isinstance(a, int) and a in (0, 1):
            return b if a else 0
    return x * y


def select(words: Words, condition: Any, yes: Limbs, no: Limbs) -> Limbs:
    """One of two numbers, limb by limb; the shorter one is continued with zeros."""
    length = max(len(yes), len(no))
    pairs = zip(yes + [0] * (length - len(yes)), no + [0] * (length - len(no)), strict=True)
    return [words.where(condition, x, y) for x, y in pairs]


def negate_where(words: Words, condition: Any, a: Limbs) -> Limbs:
    """``-a`` where the condition holds, in columns that are still to be carried."""
    return [x if isinstance(x, int) and x == 0 else words.where(condition, -x, x) for x in a]


def any_bit(a: Limbs) -> Limb:
    """Not zero exactly if one of the limbs is not."""
    total: Limb = 0
    for x in a:
        total = x if isinstance(total, int) and total == 0 else total | x
    return total


def shift_right(words: Words, a: Limbs, amount: Any) -> Limbs:
    """``floor(a / 2**amount)`` in units of the last limb, for ``a >= 0`` and an array ``amount``.

    From ``len(a) * w`` on the result is zero.
    """
    most = len(a) * words.w
    amount = words.where(amount < most, amount, most)
    step = 1
    while step * 2 <= len(a):
        step *= 2
    while step:
        far = amount >= step * words.w
        a = select(words, far, [0] * step + a[:-step], a)
        amount = words.where(far, amount - step * words.w, amount)
        step //= 2
    return _shift_bits(words, a, amount)


def _shift_bits(words: Words, a: Limbs, bits: Any) -> Limbs:
    """The same for ``0 <= bits < w``."""
    out: Limbs = []
    above: Limb = 0
    for x in a:
        zero = isinstance(x, int) and x == 0
        out.append(_plus(0 if zero else x >> bits, above))
        above = 0 if zero else (x << (words.w - bits)) & words.mask
    return out


def normalise(words: Words, a: Limbs) -> tuple[Limbs, Any]:
    """``(m, e)`` with ``a = m * 2**e`` exactly and ``1 <= m < 2``, for ``a >= 0`` and ``a0 < B``.

    ``m`` has one limb more than ``a``.  Zero stays zero.
    """
    expo: Limb = 0
    step = 1
    while step * 2 < len(a):
        step *= 2
    while step and len(a) > 1:
        empty = any_bit(a[:step]) == 0
        a = select(words, empty, a[step:] + [0] * step, a)
        expo = words.where(empty, expo - step * words.w, expo)
        step //= 2
    bits = words.top_bit(a[0], words.w)
    return _shift_bits(words, [*a, 0], bits), expo + bits


@lru_cache(maxsize=64)
def table(entry: Callable[..., int], key: tuple[int, ...], size: int, n: int, w: int) -> Rows:
    """Rows of ``size`` words: the limbs of ``entry(*key, j, n * w)``, two in a word.

    Entries are fixed-point numbers with ``n`` limbs; their integer parts are left out.
    """
    values = [entry(*key, j, n * w) for j in range(size)]
    mask = (1 << w) - 1
    rows = []
    for k in range(1, n + 1, 2):
        low = (n - k - 1) * w
        # The last row of an odd number of limbs holds one.
        rows.append(tuple(v >> low & (mask << w | mask) if low >= 0 else v & mask for v in values))
    return tuple(rows)


def take(words: Words, rows: Rows, place: Any, n: int) -> Limbs:
    """``[a1, ..., an]`` of the entries at ``place`` of a `table`."""
    out: Limbs = []
    for pair in words.take(rows, words.array(place)):
        out += [pair >> words.w, pair & words.mask] if len(out) + 1 < n else [pair]
    return out
