"""First derivatives of grids by their ends, correctly rounded, with integer array operations only.

Each is a power times short factors, all of them on limbs and in [1, 4), so that no factor can leave
the range before the derivative does, or loses bits.  The product has as many bits more than the
format as an element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ...exact.fixed import ln2_fixed
from ...exact.rounding import FloatFormat
from .ends import FAR, End, infinite, not_a_number, small, snapped, write
from .lanes import MORE_BITS, parity, slack_of
from .limbs import Limbs, Words, any_bit, carry, constant, multiply, normalise
from .lines import FARTHEST, Line, in_units, precision_of, read_line, split
from .outer import Places, power_of_line, power_of_logs
from .powers import log2_of_both, log2_relative
from .steps import Steps

__all__ = ["SLOPES"]


def _geomspace_slope(
    words: Words,
    start: End,
    stop: End,
    places: Places,
    fmt: FloatFormat,
    which: int,
    nudge: Any = 0,
) -> Any:
    """``v * (stop/start)**w``, or ``w * (start/stop)**v`` for the stop.

    Between ends of opposite signs it is NaN, but 1 and 0 at the ends; with an end that is zero or
    not finite, everywhere.  A ``nudge`` is that of `write`.
    """
    steps = places.steps(words)
    n, slack = _working_limbs(words, fmt)
    low, high = log2_of_both(words, start, stop, n + 1)
    less = [x - y for x, y in zip(low, high, strict=True)]
    low, high = (less, [0]) if which else ([0], [-x for x in less])
    power = power_of_logs(words, low, high, places, n)
    product = _Product(carry(words, power.product(words)), power.whole)
    product = product.times(words, n, *_weight(words, n, steps, which))
    bits = product.written(words, words.flag(False), fmt, slack, nudge)
    opposite = steps.pick(words, False, False, start.negative ^ stop.negative)
    nothing = start.zero | stop.zero | ~(start.finite & stop.finite)
    return words.where(opposite | nothing, not_a_number(fmt), bits)


def _logspace_slope(
    words: Words,
    start: End,
    stop: End,
    base: End,
    places: Places,
    fmt: FloatFormat,
    which: int,
    nudge: Any = 0,
) -> Any:
    """``v * ln(base) * base**x``, ``w`` in place of ``v`` for the stop, ``x * base**(x - 1)``.

    NaN where an end is not finite, and for a negative base but where the last is real.  At base 0
    it is the derivative of ``x`` at ``x = 1``, and that of 0 beyond.
    """
    steps = places.steps(words)
    n, slack = _working_limbs(words, fmt)
    log = log2_relative(words, base, n + words.limbs(FARTHEST))
    limbs = log.limbs + [0] * (n + words.limbs(FARTHEST) + 1 - len(log.limbs))
    less = split(words, limbs, log.expo, log.negative, n) if which == 2 else None
    units = in_units(words, start, stop, places.size, precision_of(words, n, start, stop))
    power = power_of_line(words, units, log, places, n, less=less)
    product = _Product(carry(words, power.product(words)), power.whole)
    nan = ~(start.finite & stop.finite & base.finite)
    if which != 2:
        ln2 = constant(words, ln2_fixed(n * words.w), n)
        factor = multiply(words, n, (log.limbs[: n + 1], ln2))
        product = product.times(words, n, factor, log.expo)
        product = product.times(words, n, *_weight(words, n, steps, which))
        bits = product.written(words, log.negative, fmt, slack, nudge)
        if base.scalar is not None and base.scalar.n > 0:
            return words.where(nan, not_a_number(fmt), bits)
    line = read_line(words, units, steps)
    if which == 2:
        x = multiply(words, n, (line.limbs[: n + 1], steps.inverse(words, n)))
        integer, odd, _, _ = parity(words, units, places, steps)
        negative = line.negative ^ (base.negative & ~odd)
        product = product.times(words, n, x, line.expo)
        bits = product.written(words, negative, fmt, slack, nudge)
        zero, real = _at_zero(words, line, x, slack, fmt), integer
    else:
        zero, real = small(words, 0, words.flag(False), fmt), words.flag(False)
        nan = nan | (base.zero & (line.negative | line.zero))
    bits = words.where(base.zero, zero, bits)
    nan = nan | (base.negative & ~base.zero & ~real)
    return words.where(nan, not_a_number(fmt), bits)


def _weight(words: Words, n: int, steps: Steps, which: int) -> tuple[Limbs, Any]:
    """``i / div``, or the rest to 1, as limbs in [1, 4) and an exponent."""
    c, expo = normalise(words, steps.rising if which else steps.falling)
    return multiply(words, n, (c, steps.inverse(words, n))), expo


def _working_limbs(words: Words, fmt: FloatFormat) -> tuple[int, int]:
    """Limbs of the factors, and how many of the last bits of a derivative may be wrong.

    An element is off by less than ``2**(slack_of(n) - 1)`` units, a weight, an exponent or a
    logarithm by ``2*n + 8`` at most, and either product by ``n`` more: brought to [1, 2), together
    less than twice ``32*n*n + 8*n + 30``.
    """
    n = 3
    while n * words.w - slack_of(n) - 2 < MORE_BITS + fmt.precision:
        n += 1
    return n, slack_of(n) + 2


def _at_zero(words: Words, line: Line, x: Limbs, slack: int, fmt: FloatFormat) -> Any:
    """By a base that is zero, where the exponent is ``x * 2**line.expo``."""
    x, shift = normalise(words, snapped(words, x, slack))
    expo = line.expo + shift
    rest = any_bit(x[1:])
    one = (expo == 0) & (rest == 0) & ~line.negative
    beyond = line.zero | ((expo >= 0) & ~line.negative & ~one)
    zero = words.flag(False)
    limit = words.where(beyond, small(words, 0, zero, fmt), infinite(words, line.negative, fmt))
    return words.where(one, small(words, 1, zero, fmt), limit)


class _Product(NamedTuple):
    """``limbs * 2**expo`` with limbs that are zero or in [1, 4)."""

    limbs: Limbs
    expo: Any

    def times(self, words: Words, n: int, factor: Limbs, expo: Any) -> _Product:
        """Times another such number, and in [1, 2)."""
        limbs, shift = normalise(words, multiply(words, n, (self.limbs, factor)))
        return _Product(limbs[: n + 1], self.expo + expo + shift)

    def written(self, words: Words, negative: Any, fmt: FloatFormat, slack: int, nudge: Any) -> Any:
        """The bits of its magnitude with a sign, rounded."""
        zero = any_bit(self.limbs) == 0
        expo = words.where(zero, -FAR, self.expo)
        return write(words, negative & ~zero, self.limbs, expo, fmt, slack, nudge=nudge)


#: What makes the bits of derivatives: of words, ends, places, a format, and the end they are by.
SLOPES: dict[str, Callable[..., Any]] = {
    "logspace": _logspace_slope,
    "geomspace": _geomspace_slope,
}
