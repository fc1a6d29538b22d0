"""The fused kernels of PyTorch, by Triton: stage 1, and what goes through a grid.

The functions are those of ``cupy_kernels.cu`` in the same order (docs/method/fused).
"""

# Triton evaluates annotations, and knows its own alone.
# mypy: disable-error-code="no-untyped-def,no-untyped-call"
from collections.abc import Callable
from typing import Any, TypeVar, cast

import triton
import triton.language as tl

from .triton_words import carry_of, place, power, settle, words_of

__all__ = ["NUMBERS", "fill", "fill_short"]

Function = TypeVar("Function", bound=Callable[..., Any])
_jit = cast(Callable[[Function], Function], triton.jit)


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
def _is_far(whole, more, PRECISION: tl.constexpr):
    """Whether elements between two exponents are not safely normal numbers."""
    EMAX: tl.constexpr = 1023 if PRECISION == 53 else 127
    return (whole + (EMAX - 3) > 2 * EMAX - 6) | (whole + more + (EMAX - 3) > 2 * EMAX - 6)


@_jit
def _element(row, columns, more, extra, width, POWERS: tl.constexpr, PRECISION: tl.constexpr):
    """Return the bits of some elements of a row, and where they are open.

    ``more`` is what a row has in its exponent beyond the row before, or one less.
    """
    whole, a, b = row
    head, upper, lower, full, shift = columns
    if POWERS:
        row_head, row_tail, row_full = _power_entry(a, b)
        far = _is_far(whole, more, PRECISION)
        if PRECISION == 53:
            row_tail = tl.where(far, float("nan"), row_tail)  # all open
            p, rest = row_head * head, row_tail * full
            high = p + (row_head * upper + rest)
            low = p + (row_head * lower + rest)
            bits = high.to(tl.uint64, bitcast=True) + (((whole << 52) + extra) + shift)
            is_open = high != low
        else:
            y = row_full * full
            # What float32 cuts off is compared with one half.
            half = tl.where(far, 1 << 28, width).to(tl.uint32)
            cut = y.to(tl.uint64, bitcast=True).to(tl.uint32)
            is_open = ((cut + (half - (1 << 28))) & ((1 << 29) - 1)) < 2 * half
            short = y.to(tl.float32).to(tl.uint32, bitcast=True)
            bits = short + (((whole << 23) + extra).to(tl.uint32) + shift.to(tl.uint32))
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
    whole, a, b, c = place(i, start, step)
    if POWERS:
        a, b, c = power(table, a, b, c)
    return whole, a, b


@_jit
def _times(x, y):
    """Return the product of two powers of two words, less than 12 units of ``2**-128`` too low."""
    whole, xa, xb = x
    more, ya, yb = y
    low, high = xa * ya, tl.umulhi(xa, ya)
    cross = tl.umulhi(xa, yb)
    low += cross
    high += carry_of(low, cross)
    cross = tl.umulhi(xb, ya)
    low += cross
    high += carry_of(low, cross)
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
        carry = carry_of(b, yb)
        a += carry
        carry = carry_of(a, carry)
        a += ya
        row = (whole + more + carry + carry_of(a, ya), a, b)
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

    An entry is a head, a tail moved up and down, a rounded number, and an exponent in its column.
    """
    zero = extra - extra
    group, column = tl.arange(0, GROUPS)[:, None], tl.arange(0, PART).to(tl.uint64)
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
        whole, a, b = _row(table, column, none, step, True)
        entry = (whole[None, :], a[None, :], b[None, :])
        whole, a, b = _times((wholes, heads, tails), entry)
        head, tail, full = _power_entry(a, b)
        half = full * _float(width) if PRECISION == 53 else full
        shift = whole << (52 if PRECISION == 53 else 23)
    else:
        ratio = _row(table, zero + GROUPS * PART, none, step, False)
        whole, a, b = _row(table, group.to(tl.uint64) * PART + column[None, :], none, step, False)
        head, tail = _sum_entry(whole, a, extra)
        full = head
        half = _float(width)
        shift = whole
    return (head, tail + half, tail - half, full, shift), ratio


# The kernels.


@_jit
def _store(out, first, column, bits, num, BLOCK: tl.constexpr):
    bits = bits.to(out.dtype.element_ty)
    if first + BLOCK <= num:  # without a mask, so that a store is as wide as it can be
        tl.store(out + first + column, bits)
    else:
        tl.store(out + first + column, bits, mask=first + column < num)


NUMBERS = ("num", "extra", "width", *(f"{name}{k}" for name in "ad" for k in range(5)))


def _kernel(function: Function) -> Function:
    """A kernel whose numbers are words, whatever their values."""
    kernel: Function = triton.jit(function, do_not_specialize=NUMBERS)
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
    PART: tl.constexpr,
):
    """Each element of a short grid by itself, all in stage 2."""
    count, more = num.to(tl.int64), extra.to(tl.uint64)
    start = words_of(a0, a1, a2, a3, a4)
    step = words_of(d0, d1, d2, d3, d4)
    first = tl.program_id(0).to(tl.int64) * PART
    column = tl.arange(0, PART)
    i = (first + column).to(tl.uint64)
    bits = settle(table, i, more, start, step, POWERS, PRECISION)
    _store(out, first, column, bits, count, PART)


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
    start = words_of(a0, a1, a2, a3, a4)
    step = words_of(d0, d1, d2, d3, d4)
    zero = more - more
    none = (zero, zero, zero, zero, zero)
    part = tl.arange(0, PART)
    column = tl.arange(0, GROUPS)[:, None] * PART + part[None, :]
    # One element a thread: a store of two would move all elements between threads first.
    column = tl.max_contiguous(column, (1, 1))
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
            bits, is_open = _element(row, columns, ratio[0], more, half, POWERS, PRECISION)
            _store(out, first, column, bits, count, COLUMNS)
            found = found | is_open.to(tl.int32)
            whole, a, b = _next_row(row, ratio, POWERS)
        if tl.max(found) != 0:
            whole, a, b = row0, row1, row2
            for first in range(begin, end, COLUMNS):
                row = (whole, a, b)
                bits, is_open = _element(row, columns, ratio[0], more, half, POWERS, PRECISION)
                # Written again: a compiler may fuse operations otherwise than before.
                _store(out, first, column, bits, count, COLUMNS)
                if tl.max(is_open.to(tl.int32)) != 0:
                    tl.debug_barrier()  # other threads write the same elements now
                    for at in range(first, tl.minimum(first + COLUMNS, count), PART):
                        i = (part + at).to(tl.uint64)
                        exact = settle(table, i, more, start, step, POWERS, PRECISION)
                        _store(out, at, part, exact, count, PART)
                whole, a, b = _next_row(row, ratio, POWERS)
