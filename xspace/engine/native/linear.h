// Arithmetic progressions: exact sums in two words, and before them float64 with a rounding test, or
// words with a fixed point for integers.
//
// Element i is, in units of 2**unit, first + i*step + (first_rest + i*rest)/den exactly.  In blocks
// it is made as (H + k*h) + (T + k*t): heads are multiples of 2**74 units and add exactly; what
// the rounding test leaves open is rounded from the exact sum.  The bounds are in
// docs/method/engine.
#pragma once

#include "elements.h"
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
template <bool FUSED, class Element>
XSPACE_FORCE bool add(const Element &element, typename Element::Item *out, Halves first, Halves step,
                      double error, i64 from, i64 to) {
    using Item = typename Element::Item;
    decltype(difference(Item(), Item())) differ = 0;
    double above = first.tail + error, below = first.tail - error;
    for (i64 k = from; k < to; ++k) {
        double times = static_cast<double>(static_cast<int>(k));
        double p = multiply_add<FUSED>(times, step.head, first.head);
        Item y = element.of(p + multiply_add<FUSED>(times, step.tail, above));
        Item z = element.of(p + multiply_add<FUSED>(times, step.tail, below));
        out[k - from] = y;
        differ |= difference(y, z);
    }
    return differ == 0;
}

// Whether elements are written as they are made, one behind the other.
template <class Element>
inline bool is_plain(const Output &out) {
    return out.stride == 1 && !Element::is_packed;
}

// The same, of elements that may lie apart.
template <bool FUSED, class Element>
inline bool add_apart(const Element &element, Output &out, i64 begin, Halves first, Halves step,
                      double error, i64 from, i64 to) {
    using Item = typename Element::Item;
    Item *place = static_cast<Item *>(out.memory) + (begin + from) * out.stride;
    if (is_plain<Element>(out)) return add<FUSED>(element, place, first, step, error, from, to);
    Item elements[APART];
    bool good = add<FUSED>(element, elements, first, step, error, from, to);
    if constexpr (Element::is_packed) {
        auto *memory = static_cast<unsigned short *>(out.memory) + (begin + from) * out.stride;
        for (i64 k = 0; k < to - from; ++k) memory[k * out.stride] = static_cast<unsigned short>(elements[k]);
    } else {
        for (i64 k = 0; k < to - from; ++k) place[k * out.stride] = elements[k];
    }
    return good;
}

// A block that starts at element `begin`.  Where the test fails, a part is cut in pieces, down to a
// few elements that are made from their exact sums.
template <bool FUSED, class Element>
inline void add_block(const Element &element, Output &out, const Sums &line, i64 begin, Halves first,
                      Halves step, double error, i64 count) {
    i64 most = is_plain<Element>(out) ? BLOCK : APART, size = most;
    while (size > FEW && size / PIECES >= count) size /= PIECES;
    for (i64 from = 0; from < count;) {
        i64 to = from + size < count ? from + size : count;
        if (!add_apart<FUSED>(element, out, begin, first, step, error, from, to)) {
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

// A block is off by less than 2**-40.9 of the unit of heads, by products of up to 2**12 with a half
// and their sums.  Rounded to float64 first, an element is not to meet a midpoint of a shorter
// format unnoticed.
template <bool FUSED, class Element>
inline void add_blocks(const Element &element, Output &out, const Sums &line) {
    double scale = power_of_two(line.unit + HEAD_UNITS);
    double error = out.fmt.precision == 53 ? scale * 0x1p-40 : scale;
    Halves step = halves_of(line.step, scale);
    for (i64 begin = 0; begin < line.num; begin += BLOCK) {
        i64 count = line.num - begin < BLOCK ? line.num - begin : BLOCK;
        Wide floor;
        sum_at(line, static_cast<u64>(begin), floor);
        add_block<FUSED>(element, out, line, begin, halves_of(floor, scale), step, error, count);
    }
}

// A number of units as a word with so many places behind the point, rounded downwards, and whether
// it is that exactly.
inline u64 fixed_word(Wide x, i64 down, bool has_rest, bool &is_exact) {
    bool below = x.high >> 63;
    Wide kept = shifted_down(below ? Wide{~x.high, ~x.low} : x, down);
    if (below) kept = {~kept.high, ~kept.low};
    Wide back = shifted_up(kept, down);
    is_exact = !has_rest && down < 128 && back.high == x.high && back.low == x.low;
    return kept.low;
}

// Floors of sums of words with a fixed point.  Each is too small by less than `slack`, and where
// that makes another integer, the floor is open; whether any is.
template <class Int>
XSPACE_FORCE bool add_words(Int *out, u64 first, u64 step, u64 slack, int places, u64 bias, i64 count) {
    u64 differ = 0;
    for (i64 k = 0; k < count; ++k) {
        u64 value = first + static_cast<u64>(k) * step, floor = value >> places;
        differ |= floor ^ (value + slack) >> places;
        out[k] = static_cast<Int>(floor - bias);
    }
    return differ == 0;
}

// Integers between ends that the format holds, of fewer than 2**46.
template <class Int>
inline void add_whole_blocks(Output &out, const Sums &line, int bits) {
    int places = 62 - bits;
    i64 down = -(line.unit + places);
    u64 bias = ONE << bits;
    bool is_step_exact, is_first_exact;
    u64 step = fixed_word(line.step, down, line.rest != 0, is_step_exact);
    for (i64 begin = 0; begin < line.num; begin += APART) {
        i64 count = line.num - begin < APART ? line.num - begin : APART;
        Wide floor;
        bool has_rest = sum_at(line, static_cast<u64>(begin), floor).has_rest;
        u64 first = fixed_word(floor, down, has_rest, is_first_exact) + (bias << places);
        u64 slack = is_step_exact && is_first_exact ? 0 : static_cast<u64>(count);
        if (add_words(static_cast<Int *>(out.memory) + begin, first, step, slack, places, bias, count))
            continue;
        for (i64 k = 0; k < count; ++k) {
            u64 value = first + static_cast<u64>(k) * step;
            if ((value ^ (value + slack)) >> places) write_sum(out, line, begin + k);
        }
    }
}

// The same of any integers; or no.
inline bool fill_wholes(const Sums &line, Output &out) {
    const Format &fmt = out.fmt;
    if (out.stride != 1 || line.num < 2 || line.unit > -64 || line.unit < -180) return false;
    u64 most = 0;
    for (int k = 0; k < 2; ++k) {
        u64 i = k ? static_cast<u64>(line.num - 1) : 0;
        if (round_sum(line, i, fmt).state != DONE) return false;
        Wide floor;
        Wide size = shifted_down(sum_at(line, i, floor).size, -line.unit);
        if (size.high || size.low >> 45) return false;
        most |= size.low + 1;
    }
    int bits = 64 - leading_zeros(most);
    switch (fmt.bytes) {
    case 8: add_whole_blocks<u64>(out, line, bits); break;
    case 4: add_whole_blocks<unsigned int>(out, line, bits); break;
    case 2: add_whole_blocks<unsigned short>(out, line, bits); break;
    default: add_whole_blocks<unsigned char>(out, line, bits);
    }
    return true;
}

template <bool FUSED>
inline void fill_sums_with(const Sums &line, Output &out) {
    const Format &fmt = out.fmt;
    i64 most = line.unit + 125;
    if (fmt.is_integer() && fill_wholes(line, out)) return;
    i64 beyond = fmt.precision == 53 ? 1000 : fmt.precision == 24 ? 126 : 800;
    bool wide = !fmt.is_integer() && most > -800 && most < beyond;
    if (!wide)
        for (i64 i = 0; i < line.num; ++i) write_sum(out, line, i);
    else if (fmt.precision == 53)
        add_blocks<FUSED>(Doubles{}, out, line);
    else if (fmt.precision == 24)
        add_blocks<FUSED>(Singles{}, out, line);
    else
        add_blocks<FUSED>(Shorts(fmt), out, line);
}

XSPACE_FOR_PROCESSORS(fill_sums, (const Sums &line, Output &out), (line, out))

}  // namespace xspace
