// Arithmetic progressions: exact sums in two words, and float64 with a rounding test before them.
//
// Element i is, in units of 2**unit, first + i*step + (first_rest + i*rest)/den exactly.  In blocks
// it is made as (H + k*h) + (T + k*t): heads are multiples of 2**74 units and add exactly; what
// the rounding test leaves open is rounded from the exact sum.  The bounds are in
// docs/method/engine.
#pragma once

#include "output.h"
#include "processors.h"

namespace xspace {

// first and step in two's complement; first_rest and rest are below den.
struct Sums {
    Wide first, step;
    u64 first_rest, rest, den;
    i64 unit, num;
};

constexpr i64 BLOCK = 4096;
// Elements that are made from their exact sums at once, and pieces that a part is cut into.
constexpr i64 FEW = 8, PIECES = 8;
// Elements that are made together before they are written apart.
constexpr i64 APART = 512;
// Units of a head, 2**HEAD_UNITS, of which the elements of a block have fewer than 2**52.
constexpr i64 HEAD_UNITS = 74;

struct Sum {
    bool is_negative, has_rest;
    Wide size;
};

// Element i: the integer part of its magnitude, and whether there is more.
inline Sum sum_at(const Sums &line, u64 i, Wide &floor) {
    u64 rest = line.first_rest + line.rest * i, more = rest / line.den;
    Wide moved = {line.step.high * i + high_word(line.step.low, i), line.step.low * i};
    floor = plus(plus(line.first, moved), Wide{0, more});
    bool has_rest = rest != more * line.den;
    if (floor.high >> 63 == 0) return {false, has_rest, floor};
    // -(x + f) with 0 < f < 1 has the integer part -x - 1, which are the bits of x inverted.
    return {true, has_rest, has_rest ? Wide{~floor.high, ~floor.low} : negative(floor)};
}

inline Rounded round_sum(const Sums &line, u64 i, const Format &fmt) {
    Wide floor;
    Sum sum = sum_at(line, i, floor);
    if (fmt.is_integer()) {  // downwards, and a rest is above the floor
        if (line.unit > 0) return {0, BEYOND};
        i64 down = -line.unit;
        bool below = floor.high >> 63;
        if (below) floor = {~floor.high, ~floor.low};
        floor = shifted_down(floor, down);
        if (below) floor = plus(floor, Wide{0, 1});
        return signed_integer({floor.low, floor.high ? BEYOND : DONE}, below, fmt);
    }
    if ((sum.size.high | sum.size.low) == 0) return {0, sum.has_rest ? OPEN : DONE};
    int zeros = sum.size.high ? leading_zeros(sum.size.high) : 64 + leading_zeros(sum.size.low);
    if (sum.has_rest && 128 - zeros <= fmt.precision + 1) return {0, OPEN};
    Power x = {shifted_up(sum.size, zeros), line.unit + 127 - zeros};
    Rounded found = round_float(x, 0, sum.has_rest, fmt);
    if (sum.is_negative) found.bits |= fmt.sign();
    return found;
}

inline void write_sum(Output &out, const Sums &line, i64 i) {
    out.write(i, round_sum(line, static_cast<u64>(i), out.fmt), out.fmt);
}

// A number as the nearest multiple of 2**HEAD_UNITS units, and what is left, in units of which that
// is `scale`.
struct Halves {
    double head, tail;
};

inline Halves halves_of(Wide x, double scale) {
    constexpr int DROP = HEAD_UNITS - 64;
    i64 head = static_cast<i64>(x.high + (ONE << (DROP - 1))) >> DROP;
    i64 rest = static_cast<i64>(x.high) - head * (static_cast<i64>(1) << DROP);
    double tail = static_cast<double>(rest) * 0x1p64 + static_cast<double>(x.low);
    return {static_cast<double>(head) * scale, tail * (0x1p-74 * scale)};
}

// Elements of a block from one to another, the first of them at `out`; whether all passed the
// test.  A zero, whose sign is open, fails it.
template <bool FUSED, class Float>
XSPACE_FORCE bool add(Float *out, Halves first, Halves step, double error, i64 from, i64 to) {
    decltype(difference(Float(), Float())) differ = 0;
    double above = first.tail + error, below = first.tail - error;
    for (i64 k = from; k < to; ++k) {
        double times = static_cast<double>(static_cast<int>(k));
        double p = multiply_add<FUSED>(times, step.head, first.head);
        Float y = static_cast<Float>(p + multiply_add<FUSED>(times, step.tail, above));
        Float z = static_cast<Float>(p + multiply_add<FUSED>(times, step.tail, below));
        out[k - from] = y;
        differ |= difference(y, z);
    }
    return differ == 0;
}

// The same, of elements that may lie apart.
template <bool FUSED, class Float>
inline bool add_apart(Output &out, i64 begin, Halves first, Halves step, double error, i64 from,
                      i64 to) {
    Float *memory = static_cast<Float *>(out.memory) + (begin + from) * out.stride;
    if (out.stride == 1) return add<FUSED>(memory, first, step, error, from, to);
    Float elements[APART];
    bool good = add<FUSED>(elements, first, step, error, from, to);
    for (i64 k = 0; k < to - from; ++k) memory[k * out.stride] = elements[k];
    return good;
}

// A block that starts at element `begin`.  Where the test fails, a part is cut in pieces, down to a
// few elements that are made from their exact sums.
template <bool FUSED, class Float>
inline void add_block(Output &out, const Sums &line, i64 begin, Halves first, Halves step,
                      double error, i64 count) {
    i64 most = out.stride == 1 ? BLOCK : APART, size = most;
    while (size > FEW && size / PIECES >= count) size /= PIECES;
    for (i64 from = 0; from < count;) {
        i64 to = from + size < count ? from + size : count;
        if (!add_apart<FUSED, Float>(out, begin, first, step, error, from, to)) {
            if (size > FEW) {
                size /= PIECES;
                continue;
            }
            for (i64 k = from; k < to; ++k) write_sum(out, line, begin + k);
        }
        from = to;
        while (size < most && from % (size * PIECES) == 0) size *= PIECES;
    }
}

template <bool FUSED>
inline void fill_sums_with(const Sums &line, Output &out) {
    const Format &fmt = out.fmt;
    i64 most = line.unit + 125;
    bool wide = fmt.precision >= 24 && most > -800 &&
                most < (fmt.precision == 24 ? 126 : 1000);
    if (!wide) {
        for (i64 i = 0; i < line.num; ++i) write_sum(out, line, i);
        return;
    }
    double scale = power_of_two(line.unit + HEAD_UNITS);
    // A block is off by less than 2**-40.9 of that, by products of up to 2**12 with a half and
    // their sums.  Rounded to float64 first, an element is not to meet a midpoint of float32 unnoticed.
    double error = fmt.precision == 24 ? scale : scale * 0x1p-40;
    Halves step = halves_of(line.step, scale);
    for (i64 begin = 0; begin < line.num; begin += BLOCK) {
        i64 count = line.num - begin < BLOCK ? line.num - begin : BLOCK;
        Wide floor;
        sum_at(line, static_cast<u64>(begin), floor);
        Halves first = halves_of(floor, scale);
        if (fmt.bytes == 8) add_block<FUSED, double>(out, line, begin, first, step, error, count);
        else add_block<FUSED, float>(out, line, begin, first, step, error, count);
    }
}

XSPACE_FOR_PROCESSORS(fill_sums, (const Sums &line, Output &out), (line, out))

}  // namespace xspace
