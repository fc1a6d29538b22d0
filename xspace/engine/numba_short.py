"""Whole short grids between two floats in one compiled call: the extra ``fast``.

For fifty elements the way from Python's numbers to a progression costs more than the elements.
Here all of it is compiled: logarithms in fixed point, the step, the elements and their rounding
test.  A grid that is anything but plain, or that has an open element, is refused as a whole; then
the caller makes it the long way, with the same bits.  The bounds are in docs/method/compiled.

A fixed-point number is a whole part and two words of fractions; a negative one has a negative
whole part, as Python's integers and two's complement have it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..exact.fixed import QUICK_BITS, ln2_fixed
from .numba import round_elements
from .numba_words import (
    compiled,
    constant_words,
    exp2_words,
    high_word,
    high_words,
    product,
    sum_of,
)

__all__ = [
    "LONGEST",
    "LONGEST_SUM",
    "linear",
    "narrow_powers",
    "narrow_ratios",
    "powers",
    "ratios",
]

#: Elements up to which the error bounds hold.
LONGEST = 2048
#: Terms of a sum up to which no other loop is faster, and its error bound holds.
LONGEST_SUM = 1 << 18

#: What a function returns that has made the grid, and one that has not; or how many are open.
_MADE, _REFUSED = 0, -1

_HALF_WORD = np.uint64(32)
_LOW_HALF = np.uint64(0xFFFFFFFF)
_HALF_HEAD = np.uint64(1 << 9)
_ZERO, _ONE, _NINE, _TOP = np.uint64(0), np.uint64(1), np.uint64(9), np.uint64(63)

#: ``1 / ln 2 - 1`` in two words of fractions.
_INVERSE_LN2 = constant_words([((1 << 2 * QUICK_BITS) // ln2_fixed(QUICK_BITS)) % (1 << 128)])[0]


@compiled()
def _full_product(a: Any, b: Any) -> Any:
    """The product of two words as two words."""
    return high_word(a, b), a * b


@compiled()
def _negative(whole: Any, high: Any, low: Any) -> Any:
    """A fixed-point number with the other sign."""
    low = ~low + _ONE
    carry = np.uint64(low == _ZERO)
    high = ~high + carry
    return ~whole + np.int64(carry & np.uint64(high == _ZERO)), high, low


@compiled()
def _difference(a: Any, b: Any) -> Any:
    """``a - b`` of two fixed-point numbers."""
    low = a[2] - b[2]
    borrow = np.uint64(a[2] < b[2])
    high = a[1] - b[1]
    other = np.uint64(a[1] < b[1]) | np.uint64(high < borrow)
    return a[0] - b[0] - np.int64(other), high - borrow, low


@compiled()
def _divided(a: Any, div: Any) -> Any:
    """``(floor(a / div), remainder)`` of a fixed-point number, ``0 < div < 2**31``."""
    whole = a[0] // div
    rest = np.uint64(a[0] - whole * div)
    step = np.uint64(div)
    rest = rest << _HALF_WORD | a[1] >> _HALF_WORD
    high = rest // step
    rest = (rest - high * step) << _HALF_WORD | a[1] & _LOW_HALF
    part = rest // step
    high = high << _HALF_WORD | part
    rest = (rest - part * step) << _HALF_WORD | a[2] >> _HALF_WORD
    low = rest // step
    rest = (rest - low * step) << _HALF_WORD | a[2] & _LOW_HALF
    part = rest // step
    return (whole, high, low << _HALF_WORD | part), rest - part * step


@compiled()
def _times_log(x: Any, sign: Any, whole: Any, words: Any) -> Any:
    """``x`` times the logarithm of a base, ``|x| < 2**11``, off by less than 2 units."""
    fraction, expo = math.frexp(abs(x))
    man = np.uint64(fraction * 2.0**53)
    # 189 bits by 63 become three words, the least bits of the last one zero.
    one = words[0] << _ONE | words[1] >> np.uint64(62)
    two = words[1] << np.uint64(2) | words[2] >> np.uint64(61)
    three = words[2] << np.uint64(3)
    b, low = _full_product(man, two)
    rest = high_word(man, three)
    low += rest
    b += np.uint64(low < rest)
    a, high = _full_product(man, one)
    high += b
    a += np.uint64(high < b)
    top, r = _full_product(man, np.uint64(whole))
    r += a
    top += np.uint64(r < a)
    drop = 53 - expo
    while drop >= 64:
        top, r, high, low = _ZERO, top, r, high
        drop = drop - 64 if r | high | low else 0
    if drop:
        right, left = np.uint64(drop), np.uint64(64 - drop)
        low = low >> right | high << left
        high = high >> right | r << left
        r = r >> right | top << left
    if (x < 0) != (sign < 0):
        return _negative(np.int64(r), high, low)
    return np.int64(r), high, low


@compiled()
def _log2(man: Any, expo: Any) -> Any:
    """``log2(man * 2**(expo - 63))`` of a word with its leading bit, and whether to trust it.

    As `log2_quick`: off by less than 200 units of ``2**-128``.
    """
    near = np.int64(math.log2(man * 2.0**-63) * 2.0**50)
    ph, pl, _ = exp2_words(np.uint64((1 << 50) - near) << np.uint64(14), _ZERO, 0)
    ph, pl, _ = product(man, _ZERO, 0, ph, pl, 0)
    # A power of two times 1 + z, or 1 - z.
    below = ph >> np.uint64(62) & _ONE
    if below:
        zl = ~pl + _ONE
        zh = ~ph + np.uint64(zl == _ZERO)
    else:
        zh, zl = ph << _ONE | pl >> _TOP, pl << _ONE
    sh, sl = high_words(zh, zl, zh, zl)
    sh, sl = sh >> _ONE, sh << _TOP | sl >> _ONE
    if below:
        wh, wl = sum_of(zh, zl, sh, sl)
    else:
        _, wh, wl = _difference((0, zh, zl), (0, sh, sl))
    mh, ml = high_words(wh, wl, _INVERSE_LN2[0], _INVERSE_LN2[1])
    wh, wl = sum_of(wh, wl, mh, ml)
    correction = np.int64(0), wh, wl
    if not below:
        correction = _negative(*correction)
    start = np.int64(expo), np.uint64(near) << np.uint64(14), _ZERO
    if near >> 50:
        start = np.int64(expo) + 1, _ZERO, _ZERO
    return _difference(start, correction), zh >> np.uint64(19) == _ZERO


@compiled()
def _powers(start: Any, stop: Any, log: Any, div: Any, bits: Any, precision: Any, bias: Any) -> Any:
    if not (abs(start) < 2048 and abs(stop) < 2048):
        return _REFUSED
    words = np.uint64(log[2]), np.uint64(log[3]), np.uint64(log[4])
    first = _times_log(start, log[0], log[1], words)
    last = _times_log(stop, log[0], log[1], words)
    if min(first[0], last[0]) < 2 - bias or max(first[0], last[0]) > bias - 2:
        return _REFUSED
    step, _ = _divided(_difference(last, first), div)
    one = exp2_words(first[1], first[2], first[0])
    ratio = exp2_words(step[1], step[2], step[0])
    return round_elements(one, ratio, bits, precision, bias, bits[:0])


_LOG = "UniTuple(i8, 5)"


@compiled(f"i8(f8, f8, {_LOG}, i8, f8[::1])")
def powers(start: Any, stop: Any, log: Any, div: Any, out: Any) -> Any:
    """Write ``base ** (start + i*(stop - start)/div)``; how many elements are open.

    The base comes as the sign of its logarithm, a whole part, and 189 more bits by 63.
    """
    return _powers(start, stop, log, div, out.view(np.int64), 53, 1023)


@compiled(f"i8(f8, f8, {_LOG}, i8, f4[::1])")
def narrow_powers(start: Any, stop: Any, log: Any, div: Any, out: Any) -> Any:
    """The same in float32."""
    return _powers(start, stop, log, div, out.view(np.int32), 24, 127)


@compiled()
def _ratios(start: Any, stop: Any, div: Any, out: Any, bits: Any, precision: Any, bias: Any) -> Any:
    a, b, largest = abs(start), abs(stop), 2.0 ** (bias - 2)
    if not (1 / largest < min(a, b) and max(a, b) < largest and (start < 0) == (stop < 0)):
        return _REFUSED
    fraction, expo = math.frexp(a)
    man = np.uint64(fraction * 2.0**53) << np.uint64(11)
    fraction, other = math.frexp(b)
    first, good = _log2(man, expo - 1)
    last, too = _log2(np.uint64(fraction * 2.0**53) << np.uint64(11), other - 1)
    if not (good and too):
        return _REFUSED
    step, _ = _divided(_difference(last, first), div)
    ratio = exp2_words(step[1], step[2], step[0])
    one = man, _ZERO, np.int64(expo - 1)
    count = round_elements(one, ratio, bits, precision, bias, bits[:0])
    if start < 0:
        for k in range(out.size):
            out[k] = -out[k]
    return count


@compiled("i8(f8, f8, i8, f8[::1])")
def ratios(start: Any, stop: Any, div: Any, out: Any) -> Any:
    """Write ``start * (stop/start) ** (i/div)``; how many elements are open."""
    return _ratios(start, stop, div, out, out.view(np.int64), 53, 1023)


@compiled("i8(f8, f8, i8, f4[::1])")
def narrow_ratios(start: Any, stop: Any, div: Any, out: Any) -> Any:
    """The same in float32."""
    return _ratios(start, stop, div, out, out.view(np.int32), 24, 127)


@compiled()
def _aligned(x: Any, unit: Any) -> Any:
    """``x / 2**unit`` as an integer of 128 bits in two words, if it is one below ``2**125``."""
    fraction, expo = math.frexp(abs(x))
    man = np.uint64(fraction * 2.0**53)
    shift = expo - 53 - unit
    if man == _ZERO:
        shift = 0
    if shift >= 64:
        high, low = man << np.uint64(shift - 64), _ZERO
    elif shift > 0:
        high, low = man >> np.uint64(64 - shift), man << np.uint64(shift)
    else:
        high, low = _ZERO, man
    if x < 0:
        _, high, low = _negative(np.int64(0), high, low)
    return (-1 if x < 0 else 0, high, low), shift >= 0


@compiled()
def _is_negative_zero(x: Any) -> Any:
    return x == 0.0 and math.copysign(1.0, x) < 0.0


@compiled()
def _parts(high: Any, low: Any, scale: Any) -> Any:
    """An integer of 128 bits as a multiple of ``2**74``, the nearest, and a rest.

    Both as floats, in units of which ``2**74`` is ``scale``.
    """
    head = np.int64(high + _HALF_HEAD) >> 10
    rest = np.int64(high) - (head << 10)
    return head * scale, (rest * 2.0**64 + low) * (2.0**-74 * scale)


@compiled()
def _term(
    first: Any, step: Any, step_rest: Any, parts: Any, unit: Any, lowest: Any, i: Any, rounded: Any
) -> Any:
    """Element ``i`` of a sum, rounded to a type; False if it may be below ``2**lowest``.

    The sum is exact: an integer of 128 bits in units of ``2**unit`` and a rest in units of
    ``1/parts``.  So is its rounding, if 55 bits are known: with a bit that stands for all that
    follow, they round as the whole does.
    """
    rest = step_rest * i
    more = rest // parts
    sticky = np.uint64(rest != more * parts)
    low = step[2] * i
    high = step[1] * i + high_word(step[2], i)
    low += more
    high += np.uint64(low < more)
    top, bottom = sum_of(high, low, first[1], first[2])
    negative = top >> _TOP
    if negative:
        top, bottom = ~top, ~bottom
        if not sticky:
            bottom += _ONE
            top += np.uint64(bottom == _ZERO)
    if top | bottom == _ZERO:
        return rounded(0.0), sticky == _ZERO
    expo, known = unit + 64, 64
    while top >> np.uint64(54) == _ZERO:
        top, bottom = top << _NINE | bottom >> np.uint64(55), bottom << _NINE
        expo, known = expo - 9, known - 9
    number = rounded(np.int64(top | np.uint64(bottom != _ZERO) | sticky))
    good = (sticky == _ZERO or known >= 0) and expo + 54 >= lowest
    return math.ldexp(-number if negative else number, expo), good


@compiled("i8(f8, f8, i8, f8[::1])", "i8(f8, f8, i8, f4[::1])")
def linear(start: Any, stop: Any, div: Any, out: Any) -> Any:
    """Write ``start + i*(stop - start)/div``: an exact sum, a correction and a rounding test.

    The elements that it leaves open, and zeros, are made exactly.
    """
    rounded, narrow = out.dtype.type, out.itemsize < 8
    most = max(abs(start), abs(stop))
    if not 2.0**-800 < most < (2.0**126 if narrow else 2.0**1000):
        return _REFUSED
    lowest = -126 if narrow else -1022
    if _is_negative_zero(start) or _is_negative_zero(stop):
        return _REFUSED
    unit = math.frexp(most)[1] - 125
    first, good = _aligned(start, unit)
    last, too = _aligned(stop, unit)
    if not (good and too):
        return _REFUSED
    step, step_rest = _divided(_difference(last, first), div)
    scale = math.ldexp(1.0, unit + 74)
    head, tail = _parts(first[1], first[2], scale)
    step_head, step_tail = _parts(step[1], step[2], scale)
    # Rounded to float64 first, an element is not to meet a midpoint of float32 unnoticed.
    error = scale if narrow else scale * 2.0**-51 * out.size
    tail, twice, differ = tail + error, 2.0 * error, 0
    for k in range(out.size):
        p = head + k * step_head
        c = tail + k * step_tail
        y = rounded(p + c)
        out[k] = y
        differ += y != rounded(p + (c - twice))
    if differ:
        for k in range(out.size):
            p = head + k * step_head
            c = tail + k * step_tail
            # Written again: a compiler may fuse these operations otherwise than those above.
            y = rounded(p + c)
            out[k] = y
            if y != rounded(p + (c - twice)):
                out[k], good = _term(
                    first, step, step_rest, np.uint64(div), unit, lowest, np.uint64(k), rounded
                )
                if not good:
                    return _REFUSED
    return _MADE
