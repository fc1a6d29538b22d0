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
from .lanes import LaneLine, LaneSteps, parity, read_line, read_steps, slack_of, split
from .limbs import Limbs, Words, any_bit, carry, constant, multiply, normalise
from .powers import exp2, log2, log2_relative

__all__ = ["geomspace_slope", "logspace_slope"]


def geomspace_slope(
    words: Words, start: End, stop: End, index: Any, div: Any, fmt: FloatFormat, which: int
) -> Any:
    """``v * (stop/start)**w``, or ``w * (start/stop)**v`` for the stop.

    Between ends of opposite signs it is NaN; with an end that is zero or not finite, everywhere.
    """
    steps = read_steps(words, index, div)
    n, slack = _working_limbs(words, fmt, steps)
    low, high = (words.settle(log2(words, end, n + 1)) for end in (start, stop))
    ratio, away, near = (low, high, steps.falling) if which else (high, low, steps.rising)
    sums = carry(words, [x - y for x, y in zip(ratio, away, strict=True)])
    inverse = steps.inverse(words, n + 1)
    log = multiply(words, n + 1, (multiply(words, n + 1, (sums, near)), inverse))
    power = exp2(words, [0, *log[1 : n + 1]])
    weight = _weight(words, n, steps, inverse, which)
    bits = _product(words, words.flag(False), [power, weight], log[0], fmt, slack)
    opposite = steps.pick(words, False, False, start.negative ^ stop.negative)
    nothing = start.zero | stop.zero | ~(start.finite & stop.finite)
    return words.where(opposite | nothing, not_a_number(fmt), bits)


def logspace_slope(
    words: Words,
    start: End,
    stop: End,
    base: End,
    index: Any,
    div: Any,
    fmt: FloatFormat,
    which: int,
) -> Any:
    """``v * ln(base) * base**x``, ``w`` in place of ``v`` for the stop, ``x * base**(x - 1)``.

    NaN where an end is not finite, and for a negative base but where the last is real.  At base 0
    it is the derivative of ``x`` at ``x = 1``, and that of 0 beyond.
    """
    steps = read_steps(words, index, div)
    n, slack = _working_limbs(words, fmt, steps)
    line = read_line(words, start, stop, steps, fmt.precision + 24)
    log = log2_relative(words, base, n + 1)
    inverse = steps.inverse(words, n + 1)
    slope = multiply(words, n + 1, (log.limbs, inverse))
    product = multiply(words, n + 1, (line.limbs[: n + 2], slope))
    expo, falls = line.expo + log.expo, line.negative ^ log.negative
    far = expo > 12
    whole, fraction = split(words, product, words.where(far, 12, expo), falls)
    huge = far & (any_bit(log.limbs) != 0)  # at base 1 the product is 0, however large x is
    whole = words.where(huge, words.where(falls, -FAR, FAR), whole)
    nan = ~(start.finite & stop.finite & base.finite)
    if which == 2:
        x = multiply(words, n + 1, (line.limbs[: n + 2], inverse))
        bits = _by_base(words, base, (whole, fraction), (line, x), steps, fmt, slack)
        integer, _ = parity(words, line, steps)
        nan = nan | (base.negative & ~base.zero & ~integer)
        return words.where(nan, not_a_number(fmt), bits)
    ln2 = constant(words, ln2_fixed(n * words.w), n)
    weight = _weight(words, n, steps, inverse, which)
    factors = [exp2(words, fraction), log.limbs[: n + 1], ln2, weight]
    bits = _product(words, log.negative, factors, whole + log.expo, fmt, slack)
    bits = words.where(base.zero, small(words, 0, words.flag(False), fmt), bits)
    nan = nan | (base.negative & ~base.zero) | (base.zero & (line.negative | line.zero))
    return words.where(nan, not_a_number(fmt), bits)


def _weight(words: Words, n: int, steps: LaneSteps, inverse: Limbs, which: int) -> Limbs:
    """``i / div``, or the rest to 1."""
    return words.settle(multiply(words, n, (steps.rising if which else steps.falling, inverse)))


def _working_limbs(words: Words, fmt: FloatFormat, steps: LaneSteps) -> tuple[int, int]:
    """Limbs of the factors, and how many of their last bits may be wrong.

    A weight is at least ``2**-size``, so that a product has 8 good bits more than the format.
    """
    bits = fmt.precision + 8 + steps.size
    n = 3
    while n * words.w - slack_of(n) < bits:
        n += 1
    return n, slack_of(n)


def _by_base(
    words: Words,
    base: End,
    power: tuple[Any, Limbs],
    exponent: tuple[LaneLine, Limbs],
    steps: LaneSteps,
    fmt: FloatFormat,
    slack: int,
) -> Any:
    """``x * base**(x - 1)`` from ``x log2(base)``, and ``x`` as a line and its limbs."""
    (whole, fraction), (line, x) = power, exponent
    n = len(fraction) - 2
    log = words.settle(log2(words, base, n + 1))
    less = carry(
        words, [whole - log[0], *(f - g for f, g in zip(fraction[1:], log[1:], strict=True))]
    )
    _, odd = parity(words, line, steps)
    negative = line.negative ^ (base.negative & ~odd)
    factors = [exp2(words, [0, *less[1:]]), x]
    bits = _product(words, negative, factors, less[0] + line.expo, fmt, slack)

    x, shift = normalise(words, snapped(words, x, slack))
    expo = line.expo + shift
    one = (expo == 0) & (any_bit(x[1:]) == 0) & ~line.negative
    beyond = line.zero | ((expo >= 0) & ~line.negative & ~one)
    zero = words.flag(False)
    limit = words.where(beyond, small(words, 0, zero, fmt), infinite(words, line.negative, fmt))
    limit = words.where(one, small(words, 1, zero, fmt), limit)
    return words.where(base.zero, limit, bits)


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
