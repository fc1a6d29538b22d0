// From the ends of a grid to what its elements are made from.
#pragma once

#include "geometric.h"
#include "linear.h"

namespace xspace {

enum Function { LOGSPACE, GEOMSPACE, LINSPACE };

constexpr Fixed LOG2_10 = {3, {0x5269E12F346E2BF9, 0x24AFDBFD36BF6D33}};
// Exponents are below 2**24, and grids shorter than 2**31.
constexpr i64 MOST_EXPONENT = 24, MOST_ELEMENTS = ONE << 31;

// x times a logarithm, |x| < 2**24: off by two units and by x times what the logarithm is off.
inline Fixed times_log(Number x, Fixed log) {
    if (x.man == 0) return {0, {0, 0}};
    bool below = log.whole < 0;
    if (below) log = negative(log);
    u64 words[3] = {log.rest.low, log.rest.high, static_cast<u64>(log.whole)};
    u64 product[4] = {0, 0, 0, 0};  // the lowest word first
    u64 carry = 0;
    for (int k = 0; k < 3; ++k) {
        u64 low = x.man * words[k], high = high_word(x.man, words[k]);
        low += carry;
        carry = high + (low < carry);
        product[k] = low;
    }
    product[3] = carry;
    i64 drop = 63 - x.expo;
    Wide upper = {product[3], product[2]}, lower = {product[1], product[0]};
    Wide rest = shifted_down(lower, drop), whole = shifted_down(upper, drop);
    // What comes down from the upper words.
    Wide moved = drop < 128 ? shifted_up(upper, 128 - drop) : shifted_down(upper, drop - 128);
    rest = {rest.high | moved.high, rest.low | moved.low};
    Fixed value = {static_cast<i64>(whole.low), rest};
    return x.is_negative != below ? negative(value) : value;
}

[[maybe_unused]] constexpr Between UNKNOWN = {
    Between::NOTHING, {false, 0, 0}, {false, 0, 0}, {false, 0, 0}, 1,
};

// Logarithms of the first element, of the last one, or what comes behind it, and of a ratio between
// two; and of the base of a logspace.
struct Logs {
    Fixed first, last, step, base;
};

inline void read_step(i64 div, Logs &logs) {
    u64 rest;
    logs.step = divided(minus(logs.last, logs.first), static_cast<u64>(div), rest);
}

// The same of powers of a base, or false if an argument is not plain.
inline bool read_logspace(Number start, Number stop, Number base, i64 div, Logs &logs) {
    if (base.man == 0 || base.is_negative) return false;
    if (start.expo >= MOST_EXPONENT || stop.expo >= MOST_EXPONENT) return false;
    bool ten = base.man == 0xA000000000000000 && base.expo == 3;
    logs.base = ten ? LOG2_10 : log2(base.man, base.expo);
    logs.first = times_log(start, logs.base);
    logs.last = times_log(stop, logs.base);
    read_step(div, logs);
    return true;
}

// The same of magnitudes.
inline bool read_geomspace(Number start, Number stop, i64 div, Logs &logs) {
    if (start.man == 0 || stop.man == 0 || start.is_negative != stop.is_negative) return false;
    logs.first = log2(start.man, start.expo);
    logs.last = log2(stop.man, stop.expo);
    logs.base = {0, {0, 0}};
    read_step(div, logs);
    return true;
}

// base ** (start + i*(stop - start)/div), or false if an argument is not plain.
inline bool plan_logspace(Number start, Number stop, Number base, i64 num, i64 div, Powers &line) {
    Logs logs;
    if (!read_logspace(start, stop, base, div, logs)) return false;
    line = {exp2(logs.first), exp2(logs.step), num, false, {Between::POWERS, start, stop, base, div}};
    return true;
}

// start * (stop/start) ** (i/div), or false if an argument is not plain.
inline bool plan_geomspace(Number start, Number stop, i64 num, i64 div, Powers &line) {
    Logs logs;
    if (!read_geomspace(start, stop, div, logs)) return false;
    Power one = {{start.man, 0}, start.expo};
    line = {one, exp2(logs.step), num, start.is_negative, {Between::RATIOS, start, stop, stop, div}};
    return true;
}

// An end as a multiple of 2**unit, if it is one below 2**125.
inline bool aligned(Number x, i64 unit, Wide &value) {
    i64 up = x.expo - 63 - unit;
    if (x.man == 0) up = 0;
    if (up < 0 && (up < -63 || x.man & ((ONE << -up) - 1))) return false;
    value = up < 0 ? Wide{0, x.man >> -up} : shifted_up(Wide{0, x.man}, up);
    if (x.is_negative) value = negative(value);
    return true;
}

// start + i*(stop - start)/div, or false if an argument is not plain.
inline bool plan_linspace(Number start, Number stop, i64 num, i64 div, Sums &line) {
    if ((start.man == 0 && start.is_negative) || (stop.man == 0 && stop.is_negative)) return false;
    i64 most = start.man && (!stop.man || start.expo > stop.expo) ? start.expo : stop.expo;
    Wide first, last;
    line.unit = most + 1 - 125;
    if (!aligned(start, line.unit, first) || !aligned(stop, line.unit, last)) return false;
    Wide change = minus(last, first);
    Fixed step = divided(Fixed{change.high >> 63 ? -1 : 0, change}, static_cast<u64>(div), line.rest);
    line.first = first;
    line.step = step.rest;
    line.first_rest = 0;
    line.den = static_cast<u64>(div);
    line.num = num;
    return true;
}

// Whether it is a multiple of 2**-6 below 2**28.  Numbers within half a unit in the last place of
// two or three of them make no quotient whole that is not whole already.
inline bool is_short(Number x) {
    return x.man == 0 || (x.expo < 28 && least_exponent(x) >= -6);
}

inline Wide magnitude(Wide a) { return a.high >> 63 ? negative(a) : a; }

// start, start + step, ... before stop, or false if that is not plain.
//
// A length takes a float for every number that rounds to it.  Where these may make another length
// than the floats themselves, as the quotient is whole to 2**-40 of the largest one, the grid is
// not plain.
inline bool plan_arange(Number start, Number stop, Number step, Sums &line) {
    if (step.man == 0 || (start.man == 0 && start.is_negative)) return false;
    i64 most = step.expo;
    if (start.man && start.expo > most) most = start.expo;
    if (stop.man && stop.expo > most) most = stop.expo;
    line.unit = most + 1 - 125;
    Wide first, last, change;
    if (!aligned(start, line.unit, first) || !aligned(stop, line.unit, last) ||
        !aligned(step, line.unit, change))
        return false;
    Wide way = minus(last, first);
    if ((way.high | way.low) == 0 || (way.high ^ change.high) >> 63) return false;
    Wide length = magnitude(way), pace = magnitude(change);
    if (less(length, pace)) return false;
    // Two quotients: of the leading bits, which is off by 2**-30 at most, and the true one.
    int zeros = leading_zeros(length.high | 1);
    Wide top = shifted_up(length, zeros), part = shifted_up(pace, zeros);
    if (part.high >> 33 == 0) return false;
    u64 count = top.high / part.high;
    Wide product = {pace.high * count + high_word(pace.low, count), pace.low * count};
    while (less(length, product)) {
        product = minus(product, pace);
        --count;
    }
    Wide rest = minus(length, product);
    while (!less(rest, pace)) {
        rest = minus(rest, pace);
        ++count;
    }
    if (!(is_short(start) && is_short(stop) && is_short(step))) {
        Wide near = {ONE << (125 - 40 - 64), 0};
        if (!less(near, rest) || !less(near, minus(pace, rest))) return false;
    }
    line.num = static_cast<i64>(count) + ((rest.high | rest.low) != 0);
    if (line.num < 2 || line.num >= MOST_ELEMENTS) return false;
    line.first = first;
    line.step = change;
    line.first_rest = line.rest = 0;
    line.den = 1;
    return true;
}

}  // namespace xspace
