"""Stage 2 of PyTorch's fused kernels, by Triton: elements in integers of three words.

The functions are those of ``cupy_kernels.cu`` in the same order (docs/method/fused).  Numbers are
words of 64 bits, the highest first.
"""

# Triton evaluates annotations, and knows its own alone.
# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from collections.abc import Callable
from typing import Any, TypeVar, cast

import triton
import triton.language as tl

from .fused import constants

__all__ = ["carry_of", "place", "power", "settle", "words_of"]

Function = TypeVar("Function", bound=Callable[..., Any])
_jit = cast(Callable[[Function], Function], triton.jit)


@_jit
def words_of(a, b, c, d, e):
    """Return five numbers as words."""
    return (
        a.to(tl.uint64),
        b.to(tl.uint64),
        c.to(tl.uint64),
        d.to(tl.uint64),
        e.to(tl.uint64),
    )


@_jit
def carry_of(x, y):
    """Return 1 where a sum ``x`` is below its term ``y``."""
    return (x < y).to(tl.uint64)


@_jit
def _add(xa, xb, xc, ya, yb, yc):
    c = xc + yc
    carry = carry_of(c, xc)
    b = xb + carry
    carry = carry_of(b, carry)
    b += yb
    carry += carry_of(b, yb)
    return xa + ya + carry, b, c


@_jit
def _multiply(xa, xb, xc, ya, yb, yc):
    """Return the upper three words of a product, less than 6 units too low."""
    one = xa * yb
    c = one + xb * ya
    carry = carry_of(c, one)
    one = tl.umulhi(xa, yc)
    c += one
    carry += carry_of(c, one)
    one = tl.umulhi(xb, yb)
    c += one
    carry += carry_of(c, one)
    one = tl.umulhi(xc, ya)
    c += one
    carry += carry_of(c, one)
    b = xa * ya + carry
    carry = carry_of(b, carry)
    one = tl.umulhi(xa, yb)
    b += one
    carry += carry_of(b, one)
    one = tl.umulhi(xb, ya)
    b += one
    carry += carry_of(b, one)
    return tl.umulhi(xa, ya) + carry, b, c


@_jit
def _doubled(a, b, c):
    return (a << 1) | (b >> 63), (b << 1) | (c >> 63), c << 1


@_jit
def _constant(table, k):
    word = table + 3 * k.to(tl.int32)
    a, b, c = tl.load(word), tl.load(word + 1), tl.load(word + 2)
    return a.to(tl.uint64), b.to(tl.uint64), c.to(tl.uint64)


#: ``ln(2)**k / k!`` in words, one name each, as Triton wants them.
_1A, _1B, _1C, _2A, _2B, _2C, _3A, _3B, _3C, _4A, _4B, _4C, _5A, _5B, _5C = (
    tl.constexpr(int(word)) for word in constants()[3 * 1024 :]
)


@_jit
def power(table, fa, fb, fc):
    """Return ``2**f`` in units of ``2**-191``, less than 90 units too low."""
    ga = fa & 0xFFFFFFFF
    zero = fa - fa
    ta, tb, tc = _multiply(ga, fb, fc, zero + _5A, zero + _5B, zero + _5C)
    ta, tb, tc = _add(ta, tb, tc, zero + _4A, zero + _4B, zero + _4C)
    ta, tb, tc = _multiply(ga, fb, fc, ta, tb, tc)
    ta, tb, tc = _add(ta, tb, tc, zero + _3A, zero + _3B, zero + _3C)
    ta, tb, tc = _multiply(ga, fb, fc, ta, tb, tc)
    ta, tb, tc = _add(ta, tb, tc, zero + _2A, zero + _2B, zero + _2C)
    ta, tb, tc = _multiply(ga, fb, fc, ta, tb, tc)
    ta, tb, tc = _add(ta, tb, tc, zero + _1A, zero + _1B, zero + _1C)
    ta, tb, tc = _multiply(ga, fb, fc, ta, tb, tc)
    ua, ub, uc = _constant(table, fa >> 56)
    va, vb, vc = _constant(table, 256 + ((fa >> 48) & 255))
    ua, ub, uc = _multiply(ua, ub, uc, va, vb, vc)
    ua, ub, uc = _doubled(ua, ub, uc)
    va, vb, vc = _constant(table, 512 + ((fa >> 40) & 255))
    wa, wb, wc = _constant(table, 768 + ((fa >> 32) & 255))
    va, vb, vc = _multiply(va, vb, vc, wa, wb, wc)
    va, vb, vc = _doubled(va, vb, vc)
    pa, pb, pc = _multiply(ua, ub, uc, va, vb, vc)
    pa, pb, pc = _doubled(pa, pb, pc)
    ta, tb, tc = _multiply(pa, pb, pc, ta, tb, tc)
    return _add(pa, pb, pc, ta, tb, tc)


@_jit
def _next_word(i, step, start, high, carry):
    """Return a word of ``start + i*step``, and what the next one takes over: twice."""
    low = i * step + high
    high = tl.umulhi(i, step) + carry_of(low, high)
    low += carry
    carry = carry_of(low, carry)
    word = low + start
    return word, high, carry + carry_of(word, low)


@_jit
def place(i, start, step):
    """Return ``start + i*step``, without the last of four words of the fraction."""
    low = i * step[4] + start[4]
    carry = carry_of(low, start[4])
    c, high, carry = _next_word(i, step[3], start[3], tl.umulhi(i, step[4]), carry)
    b, high, carry = _next_word(i, step[2], start[2], high, carry)
    a, high, carry = _next_word(i, step[1], start[1], high, carry)
    return i * step[0] + high + start[0] + carry, a, b, c


@_jit
def _round_word(top, rest, expo, PRECISION: tl.constexpr):
    """Round a significand with its leading bit set, and more if ``rest``, to nearest even."""
    EMAX: tl.constexpr = 1023 if PRECISION == 53 else 127
    shift = tl.minimum(tl.maximum(1 - EMAX - expo, 0), 63)  # of a subnormal number
    one = (top - top) + 1
    cut = top & ((one << shift.to(tl.uint64)) - 1)
    top = top >> shift.to(tl.uint64)
    rest = rest | cut
    half = one << (63 - PRECISION)
    kept, below = top >> (64 - PRECISION), top & (2 * half - 1)
    up = (below > half) | ((below == half) & ((rest != 0) | ((kept & 1) != 0)))
    # The leading bit of a significand counts one up in the exponent field.
    field = (expo + (EMAX - 1)).to(tl.uint64) << (PRECISION - 1)
    bits = tl.where(shift == 0, field, 0) + kept + up.to(tl.uint64)
    return tl.where(expo > EMAX, (one * (2 * EMAX + 1)) << (PRECISION - 1), bits)


@_jit
def _settle_power(table, i, extra, start, step, PRECISION: tl.constexpr):
    """Return the bits of an element that is a power of two, with its sign."""
    whole, a, b, c = place(i, start, step)
    a, b, c = power(table, a, b, c)
    # To 180 bits: what is as near to a midpoint as this is on it.
    c += 2048
    carry = (c < 2048).to(tl.uint64)
    b += carry
    carry = carry_of(b, carry)
    a += carry
    over = carry_of(a, carry)
    c = (c >> 12) << 12
    expo = (whole + over).to(tl.int64)
    return _round_word(a | (over << 63), b | c, expo, PRECISION) | extra


@_jit
def _settle_sum(i, extra, start, step, PRECISION: tl.constexpr):
    """Return the bits of an element of an arithmetic progression in units of ``2**extra``."""
    top, a, b, c = place(i, start, step)
    sign = top >> 63
    flip = (sign - sign) - sign
    c = (c ^ flip) + sign
    carry = carry_of(c, sign)
    b = (b ^ flip) + carry
    carry = carry_of(b, carry)
    a = (a ^ flip) + carry
    carry = carry_of(a, carry)
    top = (top ^ flip) + carry
    expo = (extra + (top - top)).to(tl.int64) + 63
    for _ in tl.static_range(3):
        empty = top == 0
        top = tl.where(empty, a, top)
        a = tl.where(empty, b, a)
        b = tl.where(empty, c, b)
        c = tl.where(empty, 0, c)
        expo = tl.where(empty, expo - 64, expo)
    zero = top == 0
    for k in tl.static_range(6):
        empty = (top >> (64 - (32 >> k))) == 0
        top = tl.where(empty, (top << (32 >> k)) | (a >> (64 - (32 >> k))), top)
        a = tl.where(empty, a << (32 >> k), a)
        expo = tl.where(empty, expo - (32 >> k), expo)
    bits = _round_word(top, a | b | c, expo, PRECISION)
    bits = bits | (sign << (63 if PRECISION == 53 else 31))
    return tl.where(zero, 0, bits)


@_jit
def settle(
    table,
    i,
    extra,
    start,
    step,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """Return the bits of elements of a grid."""
    if POWERS:
        bits = _settle_power(table, i, extra, start, step, PRECISION)
    else:
        bits = _settle_sum(i, extra, start, step, PRECISION)
    return bits
