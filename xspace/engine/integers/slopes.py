"""First derivatives of grids by their ends, rounded once, with integer array operations only.

Each is a power times short factors, all of them on limbs, so that no factor can leave the range
before the derivative does.  The product has 8 bits more than the format, so that a derivative is
off by little more than half an ulp.
"""

from __future__ import annotations

from typing import Any

from ...exact.fixed import ln2_fixed
from ...exact.rounding import FloatFormat
from .ends import FAR, End, infinite, not_a_number, small, snapped, write
from .lanes import parity, slack_of
from .limbs import Limbs, Words, any_bit, carry, constant, multiply, normalise
from .lines import FARTHEST, Line, in_units, precision_of, read_line
from .outer import Places, power_of_line, power_of_logs
from .powers import log2, log2_of_both, log2_relative
from .steps import Steps

__all__ = ["geomspace_slope", "logspace_slope"]


def geomspace_slope(
    words: Words, start: End, stop: End, places: Places, fmt: FloatFormat, which: int
) -> Any:
    """``v * (stop/start)**w``, or ``w * (start/stop)**v`` for the stop.

    Between ends of opposite signs it is NaN; with an end that is zero or not finite, everywhere.
    """
    steps = places.steps(words)
    n, slack = _working_limbs(words, fmt, steps)
    low, high = log2_of_both(words, start, stop, n + 1)
    less = [x - y for x, y in zip(low, high, strict=True)]
    low, high = (less, [0]) if which else ([0], [-x for x in less])
    power = power_of_logs(words, low, high, places, n)
    weight = _weight(words, n, steps, which)
    factors = [carry(words, power.product(words)), weight]
    bits = _product(words, words.flag(False), factors, power.whole, fmt, slack)
    opposite = steps.pick(words, False, False, start.negative ^ stop.negative)
    nothing = start.zero | stop.zero | ~(start.finite & stop.finite)
    return words.where(opposite | nothing, not_a_number(fmt), bits)


def logspace_slope(
    words: Words, start: End, stop: End, base: End, places: Places, fmt: FloatFormat, which: int
) -> Any:
    """``v * ln(base) * base**x``, ``w`` in place of ``v`` for the stop, ``x * base**(x - 1)``.

    NaN where an end is not finite, and for a negative base but where the last is real.  At base 0
    it is the derivative of ``x`` at ``x = 1``, and that of 0 beyond.
    """
    steps = places.steps(words)
    n, slack = _working_limbs(words, fmt, steps)
    log = log2_relative(words, base, n + words.limbs(FARTHEST))
    less = log2(words, base, n) if which == 2 else None
    units = in_units(words, start, stop, steps.size, precision_of(words, n, start, stop))
    power = power_of_line(words, units, log, places, n, less=less)
    product = carry(words, power.product(words))
    line = read_line(words, units, steps)
    nan = ~(start.finite & stop.finite & base.finite)
    if which == 2:
        x = multiply(words, n + 1, (line.limbs[: n + 2], steps.inverse(words, n + 1)))
        integer, odd, _, _ = parity(words, units, places, steps)
        negative = line.negative ^ (base.negative & ~odd)
        expo = power.whole + line.expo
        bits = _product(words, negative, [product, x], expo, fmt, slack)
        bits = words.where(base.zero, _at_zero(words, line, x, slack, fmt), bits)
        nan = nan | (base.negative & ~base.zero & ~integer)
        return words.where(nan, not_a_number(fmt), bits)
    ln2 = constant(words, ln2_fixed(n * words.w), n)
    factor, shift = normalise(words, multiply(words, n, (log.limbs[: n + 1], ln2)))
    factors = [product, factor[: n + 1], _weight(words, n, steps, which)]
    expo = power.whole + (log.expo + shift)
    bits = _product(words, log.negative, factors, expo, fmt, slack)
    bits = words.where(base.zero, small(words, 0, words.flag(False), fmt), bits)
    nan = nan | (base.negative & ~base.zero) | (base.zero & (line.negative | line.zero))
    return words.where(nan, not_a_number(fmt), bits)


def _weight(words: Words, n: int, steps: Steps, which: int) -> Limbs:
    """``i / div``, or the rest to 1."""
    c = steps.rising if which else steps.falling
    return multiply(words, n, (c, steps.inverse(words, n)))


def _working_limbs(words: Words, fmt: FloatFormat, steps: Steps) -> tuple[int, int]:
    """Limbs of the factors, and how many of their last bits may be wrong.

    A weight is at least ``2**-size``, so that a product has 8 good bits more than the format.
    """
    bits = fmt.precision + 8 + steps.size
    n = 3
    while n * words.w - slack_of(n) < bits:
        n += 1
    return n, slack_of(n)


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


def _product(
    words: Words, negative: Any, factors: list[Limbs], expo: Any, fmt: FloatFormat, slack: int
) -> Any:
    """``+-`` the product of numbers in [0, 4), times ``2**expo``, rounded."""
    n = len(factors[0]) - 1
    product = factors[0]
    for factor in factors[1:]:
        product, shift = normalise(words, multiply(words, n, (product, factor)))
        expo = expo + shift
    zero = any_bit(product) == 0
    expo = words.where(zero, -FAR, expo)
    return write(words, negative & ~zero, product, expo, fmt, slack)
