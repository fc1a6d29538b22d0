// First derivatives of powers by their ends: an element times short factors, in two words.
//
// All factors are off by less than 2**-64 of themselves, and their product is rounded once, so that
// a derivative is off by little more than half an ulp; one that is nearer to a midpoint than that
// can tell is rounded as the midpoint.  None leaves the range on the way: exponents are words.
#pragma once

#include "lanes.h"

namespace xspace {

// Element i is line.first * line.ratio**i times a weight, which is i, the rest of i to the end, or
// an exponent.
struct Slopes {
    Powers line;
    i64 div;
    enum { FALLING, RISING, EXPONENT } weight;
    bool is_negative, is_zero;
    Sums exponents;
};

// A number that is not zero, as a power.
inline Power power_of(Number x) { return {{x.man, 0}, x.expo}; }
inline Power power_of(u64 count) { return power_of(number_of(false, count, 63)); }

// Magnitude of a logarithm as a power; a man of zero if it is none.
inline Power size_of(Fixed x) {
    if (x.whole < 0) x = negative(x);
    u64 whole = static_cast<u64>(x.whole);
    if (whole) {
        int zeros = leading_zeros(whole);
        if (zeros == 0) return {{whole, x.rest.high}, 63};
        u64 low = x.rest.high << (64 - zeros) | x.rest.low >> zeros;
        return {{whole << zeros | x.rest.high >> (64 - zeros), low}, 63 - zeros};
    }
    if ((x.rest.high | x.rest.low) == 0) return {{0, 0}, 0};
    int zeros = x.rest.high ? leading_zeros(x.rest.high) : 64 + leading_zeros(x.rest.low);
    return {shifted_up(x.rest, zeros), -1 - zeros};
}

// What the derivatives of a lane by one of its ends are made from, or false if an end is not plain.
inline bool plan_slopes(Function function, int which, Number start, Number stop, Number base, i64 num,
                        i64 div, Slopes &slopes) {
    Power inverse = exp2(negative(log2(power_of(static_cast<u64>(div)).man.high,
                                       power_of(static_cast<u64>(div)).expo)));
    slopes.div = div;
    slopes.is_negative = slopes.is_zero = false;
    slopes.weight = which == 2 ? Slopes::EXPONENT : which == 1 ? Slopes::RISING : Slopes::FALLING;
    Powers &line = slopes.line;
    if (function == GEOMSPACE) {
        if (!plan_geomspace(start, stop, num, div, line)) return false;
        // (stop/start)**w, or (start/stop)**v from start/stop on.
        line.first = {{TOP, 0}, 0};
        if (which == 1)
            line.first = exp2(minus(log2(start.man, start.expo), log2(stop.man, stop.expo)));
        line.first = times(line.first, inverse);
        return true;
    }
    if (!plan_logspace(start, stop, base, num, div, line)) return false;
    Fixed log = log2(base.man, base.expo);
    if (which == 2) {
        line.first = times(line.first, exp2(negative(log)));
        return plan_linspace(start, stop, num, div, slopes.exponents);
    }
    Power size = size_of(log);
    slopes.is_negative = log.whole < 0;
    slopes.is_zero = size.man.high == 0;
    if (!slopes.is_zero) line.first = times(times(line.first, inverse), times(size, Power{LN2, -1}));
    return true;
}

// Element i of magnitude `power`, as bits; false if it takes more than two words.
inline bool write_slope(const Slopes &slopes, i64 i, Power power, const Format &fmt, u64 &bits) {
    bool negative = slopes.is_negative;
    bits = 0;
    if (slopes.weight == Slopes::EXPONENT) {
        Wide floor;
        Sum sum = sum_at(slopes.exponents, static_cast<u64>(i), floor);
        if ((sum.size.high | sum.size.low) == 0) return !sum.has_rest;
        int zeros = sum.size.high ? leading_zeros(sum.size.high) : 64 + leading_zeros(sum.size.low);
        if (sum.has_rest && zeros > 60) return false;
        negative = sum.is_negative;
        power = times(power, Power{shifted_up(sum.size, zeros), slopes.exponents.unit + 127 - zeros});
    } else {
        i64 weight = slopes.weight == Slopes::RISING ? i : slopes.div - i;
        if (weight == 0 || slopes.is_zero) return true;
        power = times(power, power_of(static_cast<u64>(weight)));
    }
    Rounded found = round_float(power, MARGIN, false, fmt);
    if (found.state == OPEN) {
        u64 up = power.man.low >> 63;
        power.man = {power.man.high + up, 0};
        if (power.man.high == 0) power = {{TOP, 0}, power.expo + 1};
        found = round_float(power, 0, false, fmt);
    }
    bits = negative ? found.bits | fmt.sign() : found.bits;
    return true;
}

// The derivatives of a lane, so far apart in memory; false if they are left to the caller.
inline bool fill_slopes(const Lanes &lanes, int which, i64 lane, void *memory, i64 stride,
                        const Format &fmt) {
    Number start, stop, base = {false, TOP, 0};
    Slopes slopes;
    if (!lanes.start.read(lane, start) || !lanes.stop.read(lane, stop)) return false;
    if (lanes.function == LOGSPACE && !lanes.base.read(lane, base)) return false;
    if (!plan_slopes(lanes.function, which, start, stop, base, lanes.num, lanes.div, slopes)) return false;
    const Powers &line = slopes.line;
    i64 m = column_count(line.num);
    Power column[MOST_COLUMNS];
    column[0] = {{TOP, 0}, 0};
    i64 made = line.num < m ? line.num : m;
    for (i64 j = 1; j < made; ++j) column[j] = times(column[j - 1], line.ratio);
    Power step = line.num > m ? times(column[m - 1], line.ratio) : column[0], row = line.first;
    for (i64 begin = 0; begin < line.num; begin += m) {
        i64 end = line.num - begin < m ? line.num : begin + m;
        for (i64 i = begin; i < end; ++i) {
            u64 bits;
            if (!write_slope(slopes, i, times(row, column[i - begin]), fmt, bits)) return false;
            store(memory, i * stride, bits, fmt);
        }
        row = times(row, step);
    }
    return true;
}

}  // namespace xspace
