// Elements of a geometric progression that are integers times a power of two.
//
// Those alone can lie on a midpoint of a format or be integers, where no precision tells a side.
// They are found by roots of integers; what is not found here is left open.
#pragma once

#include "formats.h"

namespace xspace {

// a ** k, or 0 if that is no word; a > 0.
inline u64 word_power(u64 a, u64 k) {
    u64 value = 1;
    if (a == 1) return 1;
    if (k >= 64) return 0;
    for (; k; --k) {
        if (high_word(value, a)) return 0;
        value *= a;
    }
    return value;
}

// The integer whose q-th power is a, or 0 if there is none; a > 0.
inline u64 word_root(u64 a, u64 q) {
    if (q == 1 || a == 1) return a;
    if (q >= 64) return 0;
    u64 root = 0;
    for (u64 bit = ONE << (63 / q); bit; bit >>= 1) {
        u64 power = word_power(root | bit, q);
        if (power && power <= a) root |= bit;
    }
    return word_power(root, q) == a ? root : 0;
}

constexpr u64 common_divisor(u64 a, u64 b) {
    while (b) {
        u64 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

// How many zeros are below the last bit of a word that is set; that word is not zero.
inline int trailing_zeros(u64 a) { return 63 - leading_zeros(a & (0 - a)); }

inline u64 odd_part(Number x) { return x.man >> trailing_zeros(x.man); }
inline i64 least_exponent(Number x) { return x.expo - 63 + trailing_zeros(x.man); }

// scale * (upper / lower * 2**twos) ** (p / q), with odd integers.
struct Root {
    Number scale;
    u64 upper, lower;
    i64 twos;

    // The number, if it is a word times a power of two.
    bool find(i64 p, i64 q, Power &x) const {
        u64 size = p < 0 ? 0 - static_cast<u64>(p) : static_cast<u64>(p);
        u64 common = common_divisor(size, static_cast<u64>(q));
        u64 root = static_cast<u64>(q) / common;
        size /= common;
        u64 up = word_root(upper, root), down = word_root(lower, root);
        if (!up || !down || twos % static_cast<i64>(root)) return false;
        up = word_power(up, size);
        down = word_power(down, size);
        if (p < 0) {
            u64 other = up;
            up = down;
            down = other;
        }
        u64 odd = odd_part(scale);
        if (!up || !down || odd % down || high_word(odd / down, up)) return false;
        i64 expo = twos / static_cast<i64>(root) * static_cast<i64>(size);
        Number value = number_of(false, odd / down * up, p < 0 ? -expo : expo);
        x = {{value.man, 0}, value.expo + 63 + least_exponent(scale)};
        return true;
    }
};

// What a geometric progression lies between, where that is known: powers of a base, or ratios.
struct Between {
    enum { NOTHING, POWERS, RATIOS } kind;
    Number start, stop, base;
    i64 div;

    // Element i, if it is a word times a power of two and that is seen here.
    bool find(i64 i, Power &x) const {
        if (kind == RATIOS) {
            u64 upper = odd_part(stop), lower = odd_part(start);
            u64 common = common_divisor(upper, lower);
            i64 twos = least_exponent(stop) - least_exponent(start);
            return Root{start, upper / common, lower / common, twos}.find(i, div, x);
        }
        if (kind == NOTHING) return false;
        // The exponents as integers over 2**places.
        i64 ends[2] = {0, 0}, places = 0;
        const Number *numbers[2] = {&start, &stop};
        for (const Number *end : numbers)
            if (end->man && -least_exponent(*end) > places) places = -least_exponent(*end);
        if (places > 20) return false;
        for (int k = 0; k < 2; ++k) {
            const Number &end = *numbers[k];
            if (!end.man) continue;
            if (end.expo + places > 28) return false;
            ends[k] = static_cast<i64>(end.man >> (63 - end.expo - places));
            if (end.is_negative) ends[k] = -ends[k];
        }
        i64 p = ends[0] * div + i * (ends[1] - ends[0]), q = div * (static_cast<i64>(1) << places);
        return Root{{false, TOP, 0}, odd_part(base), 1, least_exponent(base)}.find(p, q, x);
    }
};

}  // namespace xspace
