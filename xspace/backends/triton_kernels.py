"""The fused kernel of PyTorch, by Triton: a whole grid in one launch, nothing copied or awaited.

The functions are those of ``cupy_kernels.cu`` in the same order (docs/method/fused).  Numbers are
words of 64 bits, the highest first.  Nothing else depends on this file: without it, or where
Triton is missing, grids are made as by any other library (`xspace.kernels.device`).
"""

# Triton reads the annotations of kernels: no future import, which makes strings of them.
# mypy: disable-error-code="no-any-return"
from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
import triton
import triton.language as tl

from ..kernels.fused import SHORT, Plan, constants

__all__ = ["COLUMNS", "ROWS", "make"]

Function = TypeVar("Function", bound=Callable[..., Any])
_jit = cast(Callable[[Function], Function], triton.jit)

#: Rows and columns that a program makes between two looks at the rounding test.
ROWS, COLUMNS = 32, 1024
_WARPS = 4
#: Programs on a multiprocessor, which share its 65,536 registers.
_PROGRAMS = 4
_SHORT_BLOCK = 128

# Stage 2: integers.


@_jit
def _words(a: Any, b: Any, c: Any, d: Any, e: Any) -> Any:
    return (
        a.to(tl.uint64),
        b.to(tl.uint64),
        c.to(tl.uint64),
        d.to(tl.uint64),
        e.to(tl.uint64),
    )


@_jit
def _carry(x: Any, y: Any) -> Any:
    """Return 1 where a sum ``x`` is below its term ``y``."""
    return (x < y).to(tl.uint64)


@_jit
def _add(xa: Any, xb: Any, xc: Any, ya: Any, yb: Any, yc: Any) -> Any:
    c = xc + yc
    carry = _carry(c, xc)
    b = xb + carry
    carry = _carry(b, carry)
    b += yb
    carry += _carry(b, yb)
    return xa + ya + carry, b, c


@_jit
def _multiply(xa: Any, xb: Any, xc: Any, ya: Any, yb: Any, yc: Any) -> Any:
    """Return the upper three words of a product, less than 6 units too low."""
    one = xa * yb
    c = one + xb * ya
    carry = _carry(c, one)
    one = tl.umulhi(xa, yc)
    c += one
    carry += _carry(c, one)
    one = tl.umulhi(xb, yb)
    c += one
    carry += _carry(c, one)
    one = tl.umulhi(xc, ya)
    c += one
    carry += _carry(c, one)
    b = xa * ya + carry
    carry = _carry(b, carry)
    one = tl.umulhi(xa, yb)
    b += one
    carry += _carry(b, one)
    one = tl.umulhi(xb, ya)
    b += one
    carry += _carry(b, one)
    return tl.umulhi(xa, ya) + carry, b, c


@_jit
def _doubled(a: Any, b: Any, c: Any) -> Any:
    return (a << 1) | (b >> 63), (b << 1) | (c >> 63), c << 1


@_jit
def _constant(table: Any, k: Any) -> Any:
    word = table + 3 * k.to(tl.int32)
    a, b, c = tl.load(word), tl.load(word + 1), tl.load(word + 2)
    return a.to(tl.uint64), b.to(tl.uint64), c.to(tl.uint64)


@_jit
def _term(table: Any, k: Any, ga: Any, gb: Any, gc: Any, ta: Any, tb: Any, tc: Any) -> Any:
    """Return a coefficient plus ``g * t``."""
    pa, pb, pc = _multiply(ga, gb, gc, ta, tb, tc)
    ca, cb, cc = _constant(table, k)
    return _add(ca, cb, cc, pa, pb, pc)


@_jit
def _power(table: Any, fa: Any, fb: Any, fc: Any) -> Any:
    """Return ``2**f`` in units of ``2**-191``, less than 90 units too low."""
    ga = fa & 0xFFFFFFFF
    zero = fa - fa
    ta, tb, tc = _constant(table, zero + 1028)
    ta, tb, tc = _term(table, zero + 1027, ga, fb, fc, ta, tb, tc)
    ta, tb, tc = _term(table, zero + 1026, ga, fb, fc, ta, tb, tc)
    ta, tb, tc = _term(table, zero + 1025, ga, fb, fc, ta, tb, tc)
    ta, tb, tc = _term(table, zero + 1024, ga, fb, fc, ta, tb, tc)
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
def _next_word(i: Any, step: Any, start: Any, high: Any, carry: Any) -> Any:
    """Return a word of ``start + i*step``, and what the next one takes over: twice."""
    low = i * step + high
    high = tl.umulhi(i, step) + _carry(low, high)
    low += carry
    carry = _carry(low, carry)
    word = low + start
    return word, high, carry + _carry(word, low)


@_jit
def _place(i: Any, start: Any, step: Any) -> Any:
    """Return ``start + i*step``, without the last of four words of the fraction."""
    low = i * step[4] + start[4]
    carry = _carry(low, start[4])
    c, high, carry = _next_word(i, step[3], start[3], tl.umulhi(i, step[4]), carry)
    b, high, carry = _next_word(i, step[2], start[2], high, carry)
    a, high, carry = _next_word(i, step[1], start[1], high, carry)
    return i * step[0] + high + start[0] + carry, a, b, c


@_jit
def _round_word(top: Any, rest: Any, expo: Any, PRECISION: tl.constexpr) -> Any:
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
def _settle_power(
    table: Any, i: Any, extra: Any, start: Any, step: Any, PRECISION: tl.constexpr
) -> Any:
    """Return the bits of an element that is a power of two, with its sign."""
    whole, a, b, c = _place(i, start, step)
    a, b, c = _power(table, a, b, c)
    # To 180 bits: what is as near to a midpoint as this is on it.
    c += 2048
    carry = (c < 2048).to(tl.uint64)
    b += carry
    carry = _carry(b, carry)
    a += carry
    over = _carry(a, carry)
    c = (c >> 12) << 12
    expo = (whole + over).to(tl.int64)
    return _round_word(a | (over << 63), b | c, expo, PRECISION) | extra


@_jit
def _settle_sum(i: Any, extra: Any, start: Any, step: Any, PRECISION: tl.constexpr) -> Any:
    """Return the bits of an element of an arithmetic progression in units of ``2**extra``."""
    top, a, b, c = _place(i, start, step)
    sign = top >> 63
    flip = (sign - sign) - sign
    c = (c ^ flip) + sign
    carry = _carry(c, sign)
    b = (b ^ flip) + carry
    carry = _carry(b, carry)
    a = (a ^ flip) + carry
    carry = _carry(a, carry)
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
        shift: tl.constexpr = 32 >> k
        empty = (top >> (64 - shift)) == 0
        top = tl.where(empty, (top << shift) | (a >> (64 - shift)), top)
        a = tl.where(empty, a << shift, a)
        expo = tl.where(empty, expo - shift, expo)
    bits = _round_word(top, a | b | c, expo, PRECISION)
    bits = bits | (sign << (63 if PRECISION == 53 else 31))
    return tl.where(zero, 0, bits)


@_jit
def _settle(
    table: Any,
    i: Any,
    extra: Any,
    start: Any,
    step: Any,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
) -> Any:
    if POWERS:
        bits = _settle_power(table, i, extra, start, step, PRECISION)
    else:
        bits = _settle_sum(i, extra, start, step, PRECISION)
    return bits


# Stage 1: one row entry, one column entry, and a test.


@_jit
def _float(bits: Any) -> Any:
    return bits.to(tl.float64, bitcast=True)


@_jit
def _power_of_two(expo: Any) -> Any:
    """Return ``2**expo`` for an exponent in a word."""
    return _float((expo + 1023) << 52)


_HEAD_UNIT, _TAIL_UNIT = tl.constexpr(2.0**-25), tl.constexpr(2.0**-89)
_FULL_UNIT = tl.constexpr(2.0**-63)


@_jit
def _power_entry(a: Any, b: Any) -> Any:
    """Return head, tail and rounded number from the upper two words of a significand."""
    head = (a >> 38).to(tl.float64) * _HEAD_UNIT
    tail = ((a << 26) | (b >> 38)).to(tl.float64) * _TAIL_UNIT
    return head, tail, a.to(tl.float64) * _FULL_UNIT


@_jit
def _sum_entry(whole: Any, a: Any, extra: Any) -> Any:
    """Return head and tail from a whole part and the upper word of a fraction."""
    # The fraction as a signed number is negative from one half on: the integer above then.
    head = (whole + (a >> 63)).to(tl.int64).to(tl.float64) * _power_of_two(extra)
    return head, a.to(tl.int64).to(tl.float64) * _power_of_two(extra - 64)


@_jit
def _columns(
    table: Any,
    i: Any,
    extra: Any,
    width: Any,
    none: Any,
    step: Any,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
) -> Any:
    """Return heads, tails moved up and down, rounded numbers, and exponents."""
    whole, a, b, c = _place(i, none, step)
    if POWERS:
        a, b, c = _power(table, a, b, c)
        head, tail, full = _power_entry(a, b)
        half = full * _float(width) if PRECISION == 53 else full
    else:
        head, tail = _sum_entry(whole, a, extra)
        full = head
        half = _float(width)
    return head, tail + half, tail - half, full, whole.to(tl.int32)


@_jit
def _element(
    row: Any, columns: Any, extra: Any, width: Any, POWERS: tl.constexpr, PRECISION: tl.constexpr
) -> Any:
    """Return the bits of some elements of a row, and where they are open."""
    whole, a, b = row
    head, upper, lower, full, more = columns
    if POWERS:
        row_head, row_tail, row_full = _power_entry(a, b)
        expo = whole.to(tl.int32) + more
        if PRECISION == 53:
            p, rest = row_head * head, row_tail * full
            high = p + (row_head * upper + rest)
            low = p + (row_head * lower + rest)
            far = (expo + 1022).to(tl.uint32) > 2043
            bits = high.to(tl.uint64, bitcast=True) + (expo.to(tl.uint64) << 52) + extra
            is_open = (high != low) | far
        else:
            y = row_full * full
            distance = (y.to(tl.uint64, bitcast=True) + width - (1 << 28)) & ((1 << 29) - 1)
            far = (expo + 126).to(tl.uint32) > 251
            short = y.to(tl.float32).to(tl.uint32, bitcast=True)
            bits = short + (expo.to(tl.uint32) << 23) + extra.to(tl.uint32)
            is_open = (distance < 2 * width) | far
    else:
        row_head, row_tail = _sum_entry(whole, a, extra)
        p = row_head + head
        high, low = p + (row_tail + upper), p + (row_tail + lower)
        if PRECISION == 53:
            bits = high.to(tl.uint64, bitcast=True)
            is_open = high != low
        else:
            narrow = high.to(tl.float32)
            bits = narrow.to(tl.uint32, bitcast=True)
            is_open = narrow != low.to(tl.float32)
    return bits, is_open


@_jit
def _row(
    table: Any, i: Any, start: Any, step: Any, POWERS: tl.constexpr
) -> Any:
    """Return a whole part and the upper two words of what follows, for a row or for a ratio."""
    whole, a, b, c = _place(i, start, step)
    if POWERS:
        a, b, c = _power(table, a, b, c)
    return whole, a, b


@_jit
def _next_row(row: Any, ratio: Any, POWERS: tl.constexpr) -> Any:
    """Return a whole part and two words after it, multiplied or added."""
    whole, a, b = row
    more, ya, yb = ratio
    if POWERS:
        low, high = a * ya, tl.umulhi(a, ya)
        cross = tl.umulhi(a, yb)
        low += cross
        high += _carry(low, cross)
        cross = tl.umulhi(b, ya)
        low += cross
        high += _carry(low, cross)
        carry = high >> 63
        up = 1 - carry
        a, b = (high << up) | ((low >> 63) & up), low << up
        whole = whole + more + carry
    else:
        b += yb
        carry = _carry(b, yb)
        a += carry
        carry = _carry(a, carry)
        a += ya
        whole = whole + more + carry + _carry(a, ya)
    return whole, a, b


# The kernels.


@_jit
def _store(out: Any, first: Any, bits: Any, num: Any, BLOCK: tl.constexpr) -> Any:
    place = tl.arange(0, BLOCK)
    bits = bits.to(out.dtype.element_ty)
    if first + BLOCK <= num:  # without a mask, so that a store is as wide as it can be
        tl.store(out + first + place, bits)
    else:
        tl.store(out + first + place, bits, mask=first + place < num)


_NUMBERS = ("num", "extra", "width", *(f"{name}{k}" for name in "ad" for k in range(5)))


def _kernel(function: Function) -> Function:
    """A kernel whose numbers are words, whatever their values."""
    kernel: Function = triton.jit(function, do_not_specialize=_NUMBERS)
    return kernel


@_kernel
def fill_short(
    out: Any,
    table: Any,
    num: tl.uint64,
    extra: tl.uint64,
    width: tl.uint64,
    a0: tl.uint64,
    a1: tl.uint64,
    a2: tl.uint64,
    a3: tl.uint64,
    a4: tl.uint64,
    d0: tl.uint64,
    d1: tl.uint64,
    d2: tl.uint64,
    d3: tl.uint64,
    d4: tl.uint64,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
    BLOCK: tl.constexpr,
) -> None:
    """Each element of a short grid by itself, all in stage 2."""
    count, more = num.to(tl.int64), extra.to(tl.uint64)
    start = _words(a0, a1, a2, a3, a4)
    step = _words(d0, d1, d2, d3, d4)
    first = tl.program_id(0).to(tl.int64) * BLOCK
    i = (first + tl.arange(0, BLOCK)).to(tl.uint64)
    _store(out, first, _settle(table, i, more, start, step, POWERS, PRECISION), count, BLOCK)


@_kernel
def fill(
    out: Any,
    table: Any,
    num: tl.uint64,
    extra: tl.uint64,
    width: tl.uint64,
    a0: tl.uint64,
    a1: tl.uint64,
    a2: tl.uint64,
    a3: tl.uint64,
    a4: tl.uint64,
    d0: tl.uint64,
    d1: tl.uint64,
    d2: tl.uint64,
    d3: tl.uint64,
    d4: tl.uint64,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
    ROWS: tl.constexpr,
    COLUMNS: tl.constexpr,
) -> None:
    """A program keeps the entries of all columns and goes through rows."""
    count, more, half = num.to(tl.int64), extra.to(tl.uint64), width.to(tl.uint64)
    start = _words(a0, a1, a2, a3, a4)
    step = _words(d0, d1, d2, d3, d4)
    zero = more - more
    none = (zero, zero, zero, zero, zero)
    place = tl.arange(0, COLUMNS).to(tl.uint64)
    columns = _columns(table, place, more, half, none, step, POWERS, PRECISION)
    ratio = _row(table, zero + COLUMNS, none, step, POWERS)
    chunk: tl.constexpr = ROWS * COLUMNS
    for begin in range(tl.program_id(0).to(tl.int64) * chunk, count, tl.num_programs(0) * chunk):
        whole, a, b = _row(table, zero + begin, start, step, POWERS)
        found = tl.zeros((COLUMNS,), tl.int32)
        for first in range(begin, tl.minimum(begin + chunk, count), COLUMNS):
            row = (whole, a, b)
            bits, is_open = _element(row, columns, more, half, POWERS, PRECISION)
            _store(out, first, bits, count, COLUMNS)
            found = found | is_open.to(tl.int32)
            whole, a, b = _next_row(row, ratio, POWERS)
        if tl.max(found, 0) != 0:
            whole, a, b = _row(table, zero + begin, start, step, POWERS)
            for first in range(begin, tl.minimum(begin + chunk, count), COLUMNS):
                row = (whole, a, b)
                bits, is_open = _element(row, columns, more, half, POWERS, PRECISION)
                if tl.max(is_open.to(tl.int32), 0) != 0:
                    i = place + first
                    exact = _settle(table, i, more, start, step, POWERS, PRECISION)
                    # The others are written again, too: what is tested here is what stays.
                    bits = tl.where(is_open, exact, bits.to(tl.uint64))
                    _store(out, first, bits, count, COLUMNS)
                whole, a, b = _next_row(row, ratio, POWERS)


def make(plan: Plan, dtype: Any, device: Any) -> Any:
    """The array of a plan on a device."""
    out = torch.empty(plan.num, dtype=dtype, device=device)
    bits = out.view(torch.int64 if dtype == torch.float64 else torch.int32)
    how = {"POWERS": plan.kind == "powers", "PRECISION": 53 if dtype == torch.float64 else 24}
    table = _table(out.device)
    with torch.cuda.device_of(out):  # where Triton launches
        if plan.num <= SHORT:
            grid = (-(-plan.num // _SHORT_BLOCK),)
            fill_short[grid](bits, table, *plan.numbers, **how, BLOCK=_SHORT_BLOCK)
        else:
            grid = (min(-(-plan.num // (ROWS * COLUMNS)), _program_count(out.device)),)
            sizes = {"ROWS": ROWS, "COLUMNS": COLUMNS, "num_warps": _WARPS}
            fill[grid](bits, table, *plan.numbers, **how, **sizes)
    return out


_tables: dict[Any, Any] = {}


def _table(device: Any) -> Any:
    """The constants on a device, where they stay from the first grid on."""
    table = _tables.get(device)
    if table is None:
        table = torch.from_numpy(constants().view("int64")).to(device)
        _tables[device] = table
    return table


_counts: dict[Any, int] = {}


def _program_count(device: Any) -> int:
    """How many programs a device runs at a time."""
    count = _counts.get(device)
    if count is None:
        count = 2
        if device.type == "cuda":
            count = _PROGRAMS * torch.cuda.get_device_properties(device).multi_processor_count
        _counts[device] = count
    return count
