// First derivatives of grids by their ends, in float64: products of factors that are rounded once.
//
// With the weights v = (div - i)/div and w = i/div, and y for an element, they are v and w for a
// linspace, y/start * v and y/stop * w for a geomspace, and y * (v log(base)), y * (w log(base)) and
// y/base * x for a logspace with exponents x: the bits of `lanes/derivatives.py`, where all factors
// are normal numbers.  `slopes.h` makes those of traced programs, which are rounded once.
#pragma once

#include "lanes.h"

namespace xspace {

// Of lanes by one of the ends: 0, 1, or 2 for the base.  The natural logarithm of the base, a
// number for all lanes, is an integer below 2**125 in two's complement, in units of 2**unit.
struct Derivatives {
    Lanes lanes;
    int by;
    Wide log;
    i64 unit;
};

// A number that is exactly a normal one of float64.
inline bool read_normal(Number x, double &value) {
    if (x.man == 0 || (x.man & 0x7FF) || x.expo < -1022 || x.expo > 1023) return false;
    value = number_as_float(x);
    return true;
}

// y/divisor, or y, in place; whether all of both are normal.
inline bool divide(double *y, i64 stride, i64 num, double divisor) {
    bool good = true;
    for (i64 i = 0; i < num; ++i) {
        double quotient = y[i * stride] / divisor;
        good &= ((bits_of(y[i * stride]) >> 52 & 0x7FF) - 1 < 0x7FE);
        good &= ((bits_of(quotient) >> 52 & 0x7FF) - 1 < 0x7FE);
        y[i * stride] = quotient;
    }
    return good;
}

inline double weight(const Derivatives &given, i64 i) {
    i64 div = given.lanes.div;
    return static_cast<double>(given.by ? i : div - i) / static_cast<double>(div);
}

// v log(base) or w log(base), as the sums that they are.
inline Sums multiples(const Derivatives &given) {
    u64 rest;
    Wide change = given.by ? given.log : negative(given.log);
    Fixed step = divided(Fixed{change.high >> 63 ? -1 : 0, change},
                         static_cast<u64>(given.lanes.div), rest);
    Wide first = given.by ? Wide{0, 0} : given.log;
    return {first, step.rest, 0, rest, static_cast<u64>(given.lanes.div), given.unit,
            given.lanes.num};
}

// One lane, with room for as many numbers as it has samples; or no.
inline bool fill_derivative(const Derivatives &given, i64 lane, double *memory, double *room) {
    const Lanes &lanes = given.lanes;
    double *y = memory + lane, divisor = 1;
    i64 num = lanes.num, stride = lanes.count;
    if (lanes.function == LINSPACE) {
        for (i64 i = 0; i < num; ++i) y[i * stride] = weight(given, i);
        return true;
    }
    Number start, stop, base;
    Powers powers;
    if (!lanes.start.read(lane, start) || !lanes.stop.read(lane, stop)) return false;
    bool of_base = lanes.function == LOGSPACE;
    bool plain = of_base ? lanes.base.read(lane, base) &&
                               plan_logspace(start, stop, base, num, lanes.div, powers)
                         : plan_geomspace(start, stop, num, lanes.div, powers);
    if (!plain) return false;
    if (!of_base && !read_normal(given.by ? stop : start, divisor)) return false;
    if (of_base && given.by == 2 && !read_normal(base, divisor)) return false;
    Output out = {y, stride, FLOAT64, nullptr, 0, 0, false};
    fill_powers(powers, out);
    if (out.open || !divide(y, stride, num, divisor)) return false;
    if (!of_base) {
        for (i64 i = 0; i < num; ++i) y[i * stride] *= weight(given, i);
        return true;
    }
    Sums sums = multiples(given);
    if (given.by == 2) {
        // Exponents near zero are scaled, elsewhere.
        if ((start.man && start.expo < -900) || (stop.man && stop.expo < -900)) return false;
        if (!plan_linspace(start, stop, num, lanes.div, sums)) return false;
    }
    Output factors = {room, 1, FLOAT64, nullptr, 0, 0, false};
    fill_sums(sums, factors);
    if (factors.open) return false;
    for (i64 i = 0; i < num; ++i) y[i * stride] *= room[i];
    return true;
}

}  // namespace xspace
