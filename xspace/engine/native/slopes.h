// First derivatives of grids by their ends: a power times short factors, rounded once.
//
// Rows are made in float64 first, with a rounding test, as those of elements are; what fails is made
// of two words.  There all factors are normalised before they are multiplied, so that a derivative
// is off by less than MARGIN, as an element is; what is nearer to a midpoint than that is open.  None
// leaves the range on the way: exponents are words.  The bounds are in docs/method/engine.
#pragma once

#include "pairs.h"
#include "plans.h"

namespace xspace {

// The end that derivatives are by: start, stop, base; or none, of the elements themselves.
enum { ELEMENTS = -1, BY_START, BY_STOP, BY_BASE };

// Element i is line.first * line.ratio**i times a weight: i or the rest of i to the end, or an
// exponent.  All are zero if the first one has a significand that is.
struct Slopes {
    Powers line;
    int by;
    i64 div;
    Power inverse;  // 1/div
    Sums exponents;
};

// A number that is not zero, as a power.
inline Power power_of(Number x) { return {{x.man, 0}, x.expo}; }
inline Power power_of(u64 count) { return power_of(number_of(false, count, 63)); }

// x * 2**expo / 2**127 as a power; a man of zero if it is none.
inline Power normalised(Wide x, i64 expo) {
    if ((x.high | x.low) == 0) return {{0, 0}, 0};
    int zeros = x.high ? leading_zeros(x.high) : 64 + leading_zeros(x.low);
    return {shifted_up(x, zeros), expo - zeros};
}

// Magnitude of a logarithm as a power.
inline Power size_of(Fixed x) {
    if (x.whole < 0) x = negative(x);
    u64 whole = static_cast<u64>(x.whole);
    if (whole == 0) return normalised(x.rest, -1);
    int zeros = leading_zeros(whole);
    Wide rest = shifted_down(x.rest, 64 - zeros);
    return {{whole << zeros | rest.high, rest.low}, 63 - zeros};
}

// 1/div, as a quotient of 2**k by it, between 1 and 2.
inline Power inverse_of(i64 div) {
    u64 rest, count = static_cast<u64>(div);
    int k = 64 - leading_zeros(count);
    Power inverse = size_of(divided(Fixed{static_cast<i64>(ONE << k), {0, 0}}, count, rest));
    inverse.expo -= k;
    return inverse;
}

// |ln(base)| by its log2, less than 2**28 units of itself off: that is by 200 of 2**-128, and here
// 2**-19.5 at least.  Nearer to 1 than 2**-20, base = 1 +- z and ln(base) = +-z (1 -+ z/2 + ...) with
// an exact z, which leaves out z**6/7.
inline Power natural_logarithm(Number base, Fixed log) {
    bool below = base.expo < 0;
    u64 z = below ? 0 - base.man : (base.man - TOP) << 1;
    if (base.expo < -1 || base.expo > 0 || z >> 44) return times(size_of(log), Power{LN2, -1});
    if (z == 0) return {{0, 0}, 0};
    constexpr Wide TERMS[] = {FIFTH, {TOP >> 1, 0}, THIRD, {HALF, 0}};
    Wide series = SIXTH;
    for (Wide term : TERMS) {
        Wide rest = times(Wide{z, 0}, series);
        series = below ? plus(term, rest) : minus(term, rest);
    }
    Wide rest = times(Wide{z, 0}, series);
    Power factor = {negative(rest), -1};
    if (below) factor = {plus(Wide{TOP, 0}, halved(rest)), 0};
    return times(normalised(Wide{z, 0}, -1), factor);
}

// What the derivatives of a lane by one of its ends are made from, or false if an end is not plain.
inline bool plan_slopes(Function function, int by, Number start, Number stop, Number base, i64 num,
                        i64 div, Slopes &slopes) {
    Logs logs;
    bool plain = function == GEOMSPACE ? read_geomspace(start, stop, div, logs)
                                       : read_logspace(start, stop, base, div, logs);
    if (!plain) return false;
    slopes.by = by;
    slopes.div = div;
    slopes.inverse = inverse_of(div);
    Powers &line = slopes.line;
    line = {slopes.inverse, exp2(logs.step), num, false, UNKNOWN};
    if (function == GEOMSPACE) {
        // (stop/start)**w, or (start/stop)**v from start/stop on.
        if (by == BY_STOP) line.first = times(line.first, exp2(minus(logs.first, logs.last)));
        return true;
    }
    if (by == BY_BASE) {
        line.first = exp2(minus(logs.first, logs.base));
        return plan_linspace(start, stop, num, div, slopes.exponents);
    }
    line.is_negative = base.expo < 0;
    line.first = times(times(line.first, exp2(logs.first)), natural_logarithm(base, logs.base));
    return true;
}

// The magnitude of an exponent, off by less than 2**31 units of itself.
inline Power exponent_at(const Slopes &slopes, i64 i, bool &is_negative) {
    const Sums &line = slopes.exponents;
    Wide floor;
    Sum sum = sum_at(line, static_cast<u64>(i), floor);
    is_negative = sum.is_negative;
    Power size = normalised(sum.size, line.unit + 127);
    if (!sum.has_rest) return size;
    u64 rest = (line.first_rest + line.rest * static_cast<u64>(i)) % line.den;
    if (is_negative) rest = line.den - rest;
    if (size.man.high == 0) {
        size = times(power_of(rest), slopes.inverse);
        size.expo += line.unit;
        return size;
    }
    i64 up = line.unit + 127 - size.expo;
    if (up > 30) {
        Wide part = divided(Fixed{static_cast<i64>(rest), {0, 0}}, line.den, rest).rest;
        size.man = plus(size.man, shifted_down(part, 128 - up));
    }
    return size;
}

// Element i of magnitude `power` times its weight.
inline Rounded slope_of(const Slopes &slopes, i64 i, Power power, const Format &fmt) {
    bool is_negative = slopes.line.is_negative;
    i64 count = slopes.by == BY_STOP ? i : slopes.div - i;
    Power weight = {{0, 0}, 0};
    if (slopes.by == BY_BASE) weight = exponent_at(slopes, i, is_negative);
    else if (count) weight = power_of(static_cast<u64>(count));
    if (weight.man.high == 0 || power.man.high == 0) return {0, DONE};
    Rounded found = round_float(times(power, weight), MARGIN, false, fmt);
    if (is_negative) found.bits |= fmt.sign();
    return found;
}

// What the elements of a row are multiplied by: a sum of first.head + j*step.head, exactly, and of
// first.tail + j*step.tail, which is off by less than `error`.
struct Weights {
    Halves first, step;
    double error;
};

inline Weights weights_of(const Slopes &slopes, i64 i) {
    if (slopes.by != BY_BASE) {
        bool rises = slopes.by == BY_STOP;
        double count = static_cast<double>(rises ? i : slopes.div - i);
        return {{count, 0}, {rises ? 1.0 : -1.0, 0}, 0};
    }
    const Sums &line = slopes.exponents;
    double scale = power_of_two(line.unit + HEAD_UNITS);
    Wide floor;
    sum_at(line, static_cast<u64>(i), floor);
    return {halves_of(floor, scale), halves_of(line.step, scale), scale * 0x1p-40};
}

struct Entries {
    double head[MOST_COLUMNS], tail[MOST_COLUMNS], full[MOST_COLUMNS];
};

// One row; whether every derivative passed the test.
template <bool FUSED, class Float>
XSPACE_FORCE bool weigh(Float *out, const Entries &columns, Entry row, Weights by, i64 count) {
    constexpr double SHARE = sizeof(Float) == 8 ? DELTA : NARROW_DELTA;
    decltype(difference(Float(), Float())) differ = 0;
    for (i64 j = 0; j < count; ++j) {
        double k = static_cast<double>(static_cast<int>(j));
        double weight = multiply_add<FUSED>(k, by.step.head, by.first.head);
        double rest = multiply_add<FUSED>(k, by.step.tail, by.first.tail);
        double p = row.head * columns.head[j];
        double c = multiply_add<FUSED>(row.head, columns.tail[j], row.tail * columns.full[j]);
        Pair y = two_product<FUSED>(p, weight);
        double low = multiply_add<FUSED>(c, weight + rest, multiply_add<FUSED>(p, rest, y.low));
        double error = multiply_add<FUSED>(magnitude(y.high), SHARE, magnitude(p) * by.error);
        Float above = static_cast<Float>(y.high + (low + error));
        Float below = static_cast<Float>(y.high + (low - error));
        out[j] = above;
        differ |= difference(above, below);
    }
    return differ == 0;
}

template <bool FUSED>
inline void fill_slopes_with(const Slopes &slopes, Output &out) {
    const Powers &line = slopes.line;
    const Format fmt = out.fmt;
    i64 m = column_count(line.num), made = line.num < m ? line.num : m;
    Power column[MOST_COLUMNS];
    column[0] = {{TOP, 0}, 0};
    column[1] = line.ratio;
    for (i64 j = 2; j < made; ++j) column[j] = times(column[j / 2], column[j - j / 2]);
    Power step = line.num > m ? times(column[m - 1], line.ratio) : column[0], row = line.first;

    // Binades of the columns, and of weights or their heads.
    i64 span = column[made - 1].expo, least = 0, most = 31;
    if (slopes.by == BY_BASE) {
        most = slopes.exponents.unit + 125;
        least = most - 52;
    }
    bool wide = fmt.precision >= 24 && m >= 8 && -SPAN < span && span < SPAN && row.man.high &&
                least > -PLAIN;
    Entries columns;
    for (i64 j = 0; wide && j < m; ++j) {
        Entry entry = entry_of(column[j]);
        columns.head[j] = entry.head;
        columns.tail[j] = entry.tail;
        columns.full[j] = entry.full;
    }

    for (i64 begin = 0; begin < line.num; begin += m) {
        i64 count = line.num - begin < m ? line.num - begin : m;
        i64 low = row.expo + (span < 0 ? span : 0) - 1, high = row.expo + (span > 0 ? span : 0) + 2;
        bool good = false;
        if (wide && low > -PLAIN && low + least > -PLAIN && high < PLAIN && high + most < PLAIN) {
            Entry entry = entry_of(row);
            if (line.is_negative) entry = {-entry.head, -entry.tail, -entry.full};
            Weights by = weights_of(slopes, begin);
            auto make = [&](auto *place) { return weigh<FUSED>(place, columns, entry, by, count); };
            good = fmt.bytes == 8 ? make_row<double>(out, begin, count, make)
                                  : make_row<float>(out, begin, count, make);
        }
        for (i64 j = 0; !good && j < count; ++j)
            out.write(begin + j, slope_of(slopes, begin + j, times(row, column[j]), fmt), fmt);
        row = times(row, step);
    }
}

XSPACE_FOR_PROCESSORS(fill_slopes, (const Slopes &slopes, Output &out), (slopes, out))

}  // namespace xspace
