"""The fused kernel of PyTorch, by Triton: a whole grid in one launch, nothing copied or awaited.

The functions are those of ``cupy_kernels.cu`` in the same order (docs/method/fused).  Numbers are
words of 64 bits, the highest first.  Nothing else depends on this file: without it, or where
Triton is missing, grids are made as by any other library (`xspace.kernels.device`).
"""

# Triton evaluates annotations, and knows its own alone.
# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from collections.abc import Callable
from typing import Any, TypeVar, cast

import torch
import triton
import triton.language as tl

from ..kernels.fused import SHORT, Plan, constants

__all__ = ["make"]

Function = TypeVar("Function", bound=Callable[..., Any])
_jit = cast(Callable[[Function], Function], triton.jit)

#: Rows that a program makes between two looks at the rounding test; their columns are some groups
#: of one column a thread.
ROWS, GROUPS, PART = 32, 8, 128
#: Fusing multiplications and additions changes no bit.
OPTIONS = {"num_warps": 4, "enable_fp_fusion": True}
#: Programs on a multiprocessor, which share its 65,536 registers.
_PROGRAMS = 4

# Stage 2: integers.


@_jit
def _words(a, b, c, d, e):
    return (
        a.to(tl.uint64),
        b.to(tl.uint64),
        c.to(tl.uint64),
        d.to(tl.uint64),
        e.to(tl.uint64),
    )


@_jit
def _carry(x, y):
    """Return 1 where a sum ``x`` is below its term ``y``."""
    return (x < y).to(tl.uint64)


@_jit
def _add(xa, xb, xc, ya, yb, yc):
    c = xc + yc
    carry = _carry(c, xc)
    b = xb + carry
    carry = _carry(b, carry)
    b += yb
    carry += _carry(b, yb)
    return xa + ya + carry, b, c


@_jit
def _multiply(xa, xb, xc, ya, yb, yc):
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
def _power(table, fa, fb, fc):
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
    high = tl.umulhi(i, step) + _carry(low, high)
    low += carry
    carry = _carry(low, carry)
    word = low + start
    return word, high, carry + _carry(word, low)


@_jit
def _place(i, start, step):
    """Return ``start + i*step``, without the last of four words of the fraction."""
    low = i * step[4] + start[4]
    carry = _carry(low, start[4])
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
def _settle_sum(i, extra, start, step, PRECISION: tl.constexpr):
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
        empty = (top >> (64 - (32 >> k))) == 0
        top = tl.where(empty, (top << (32 >> k)) | (a >> (64 - (32 >> k))), top)
        a = tl.where(empty, a << (32 >> k), a)
        expo = tl.where(empty, expo - (32 >> k), expo)
    bits = _round_word(top, a | b | c, expo, PRECISION)
    bits = bits | (sign << (63 if PRECISION == 53 else 31))
    return tl.where(zero, 0, bits)


@_jit
def _settle(
    table,
    i,
    extra,
    start,
    step,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
):
    if POWERS:
        bits = _settle_power(table, i, extra, start, step, PRECISION)
    else:
        bits = _settle_sum(i, extra, start, step, PRECISION)
    return bits


# Stage 1: one row entry, one column entry, and a test.


@_jit
def _float(bits):
    return bits.to(tl.float64, bitcast=True)


@_jit
def _power_of_two(expo):
    """Return ``2**expo`` for an exponent in a word."""
    return _float((expo + 1023) << 52)


_HEAD_UNIT, _TAIL_UNIT = tl.constexpr(2.0**-25), tl.constexpr(2.0**-89)
_FULL_UNIT = tl.constexpr(2.0**-63)


@_jit
def _power_entry(a, b):
    """Return head, tail and rounded number from the upper two words of a significand."""
    head = (a >> 38).to(tl.float64) * _HEAD_UNIT
    tail = ((a << 26) | (b >> 38)).to(tl.float64) * _TAIL_UNIT
    return head, tail, a.to(tl.float64) * _FULL_UNIT


@_jit
def _sum_entry(whole, a, extra):
    """Return head and tail from a whole part and the upper word of a fraction."""
    # The fraction as a signed number is negative from one half on: the integer above then.
    head = (whole + (a >> 63)).to(tl.int64).to(tl.float64) * _power_of_two(extra)
    return head, a.to(tl.int64).to(tl.float64) * _power_of_two(extra - 64)


@_jit
def _element(row, columns, extra, width, POWERS: tl.constexpr, PRECISION: tl.constexpr):
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
def _row(table, i, start, step, POWERS: tl.constexpr):
    """Return a whole part and the upper two words of what follows, of an entry."""
    whole, a, b, c = _place(i, start, step)
    if POWERS:
        a, b, c = _power(table, a, b, c)
    return whole, a, b


@_jit
def _times(x, y):
    """Return the product of two powers of two words, less than 12 units of ``2**-128`` too low."""
    whole, xa, xb = x
    more, ya, yb = y
    low, high = xa * ya, tl.umulhi(xa, ya)
    cross = tl.umulhi(xa, yb)
    low += cross
    high += _carry(low, cross)
    cross = tl.umulhi(xb, ya)
    low += cross
    high += _carry(low, cross)
    carry = high >> 63
    up = 1 - carry
    return whole + more + carry, (high << up) | ((low >> 63) & up), low << up


@_jit
def _next_row(row, ratio, POWERS: tl.constexpr):
    if POWERS:
        row = _times(row, ratio)
    else:
        whole, a, b = row
        more, ya, yb = ratio
        b += yb
        carry = _carry(b, yb)
        a += carry
        carry = _carry(a, carry)
        a += ya
        row = (whole + more + carry + _carry(a, ya), a, b)
    return row


@_jit
def _columns(
    table,
    extra,
    width,
    none,
    step,
    POWERS: tl.constexpr,
    PRECISION: tl.constexpr,
    GROUPS: tl.constexpr,
    PART: tl.constexpr,
):
    """Return the entries of all columns, and what takes a row to the next one.

    An entry is a head, a tail moved up and down, a rounded number, and an exponent.
    """
    zero = extra - extra
    group, place = tl.arange(0, GROUPS)[:, None], tl.arange(0, PART).to(tl.uint64)
    if POWERS:
        # Powers of the power that is PART columns away, one a group; the next one is of a row.
        part = _row(table, zero + PART, none, step, True)
        whole, a, b = zero, zero + (1 << 63), zero
        wholes, heads, tails = group.to(tl.uint64), group.to(tl.uint64), group.to(tl.uint64)
        for k in tl.static_range(GROUPS):
            wholes = tl.where(group == k, whole, wholes)
            heads = tl.where(group == k, a, heads)
            tails = tl.where(group == k, b, tails)
            whole, a, b = _times((whole, a, b), part)
        ratio = (whole, a, b)
        whole, a, b = _row(table, place, none, step, True)
        entry = (whole[None, :], a[None, :], b[None, :])
        whole, a, b = _times((wholes, heads, tails), entry)
        head, tail, full = _power_entry(a, b)
        half = full * _float(width) if PRECISION == 53 else full
    else:
        ratio = _row(table, zero + GROUPS * PART, none, step, False)
        whole, a, b = _row(table, group.to(tl.uint64) * PART + place[None, :], none, step, False)
        head, tail = _sum_entry(whole, a, extra)
        full = head
        half = _float(width)
    return (head, tail + half, tail - half, full, whole.to(tl.int32)), ratio


# The kernels.


@_jit
def _store(out, first, place, bits, num, BLOCK: tl.constexpr):
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
    out,
    table,
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
):
    """Each element of a short grid by itself, all in stage 2."""
    count, more = num.to(tl.int64), extra.to(tl.uint64)
    start = _words(a0, a1, a2, a3, a4)
    step = _words(d0, d1, d2, d3, d4)
    first = tl.program_id(0).to(tl.int64) * BLOCK
    place = tl.arange(0, BLOCK)
    i = (first + place).to(tl.uint64)
    bits = _settle(table, i, more, start, step, POWERS, PRECISION)
    _store(out, first, place, bits, count, BLOCK)


@_kernel
def fill(
    out,
    table,
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
    GROUPS: tl.constexpr,
    PART: tl.constexpr,
):
    """A program keeps the entries of all columns and goes through rows."""
    count, more, half = num.to(tl.int64), extra.to(tl.uint64), width.to(tl.uint64)
    start = _words(a0, a1, a2, a3, a4)
    step = _words(d0, d1, d2, d3, d4)
    zero = more - more
    none = (zero, zero, zero, zero, zero)
    part = tl.arange(0, PART)
    place = tl.arange(0, GROUPS)[:, None] * PART + part[None, :]
    # One element a thread: a store of two would move all elements between threads first.
    place = tl.max_contiguous(place, (1, 1))
    columns, ratio = _columns(table, more, half, none, step, POWERS, PRECISION, GROUPS, PART)
    COLUMNS: tl.constexpr = GROUPS * PART
    CHUNK: tl.constexpr = ROWS * COLUMNS
    for begin in range(tl.program_id(0).to(tl.int64) * CHUNK, count, tl.num_programs(0) * CHUNK):
        end = tl.minimum(begin + CHUNK, count)
        row0, row1, row2 = _row(table, zero + begin, start, step, POWERS)
        whole, a, b = row0, row1, row2
        found = tl.zeros((GROUPS, PART), tl.int32)
        for first in range(begin, end, COLUMNS):
            row = (whole, a, b)
            bits, is_open = _element(row, columns, more, half, POWERS, PRECISION)
            _store(out, first, place, bits, count, COLUMNS)
            found = found | is_open.to(tl.int32)
            whole, a, b = _next_row(row, ratio, POWERS)
        if tl.max(found) != 0:
            whole, a, b = row0, row1, row2
            for first in range(begin, end, COLUMNS):
                row = (whole, a, b)
                bits, is_open = _element(row, columns, more, half, POWERS, PRECISION)
                # Written again: a compiler may fuse operations otherwise than before.
                _store(out, first, place, bits, count, COLUMNS)
                if tl.max(is_open.to(tl.int32)) != 0:
                    tl.debug_barrier()  # other threads write the same elements now
                    for at in range(first, tl.minimum(first + COLUMNS, count), PART):
                        i = (part + at).to(tl.uint64)
                        exact = _settle(table, i, more, start, step, POWERS, PRECISION)
                        _store(out, at, part, exact, count, PART)
                whole, a, b = _next_row(row, ratio, POWERS)


def make(plan: Plan, dtype: Any, device: Any) -> Any:
    """The array of a plan on a device."""
    out = torch.empty(plan.num, dtype=dtype, device=device)
    bits = out.view(torch.int64 if dtype == torch.float64 else torch.int32)
    how = {"POWERS": plan.kind == "powers", "PRECISION": 53 if dtype == torch.float64 else 24}
    table = _table(out.device)
    with torch.cuda.device_of(out):  # where Triton launches
        if plan.num <= SHORT:
            grid = (-(-plan.num // PART),)
            fill_short[grid](bits, table, *plan.numbers, **how, BLOCK=PART, **OPTIONS)
        else:
            grid = (min(-(-plan.num // (ROWS * GROUPS * PART)), _program_count(out.device)),)
            fill[grid](
                bits,
                table,
                *plan.numbers,
                **how,
                ROWS=ROWS,
                GROUPS=GROUPS,
                COLUMNS=COLUMNS,
                PART=PART,
                **OPTIONS,
            )
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
