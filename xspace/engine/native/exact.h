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

inline int trailing_zeros(u64 a) {
    int zeros = 0;
    for (; a & 1 ? false : zeros < 63; a >>= 1) ++zeros;
    return zeros;
}

// scale * (upper / lower * 2**twos) ** ((a + i*b) / den), with odd integers; not known if den is 0.
struct Exact {
    Number scale;
    u64 upper, lower;
    i64 twos, a, b, den;

    // Element i, if it is a word times a power of two.
    bool find(i64 i, Power &x) const {
        if (den == 0) return false;
        i64 p = a + i * b;
        u64 size = p < 0 ? 0 - static_cast<u64>(p) : static_cast<u64>(p);
        u64 common = common_divisor(size, static_cast<u64>(den));
        u64 q = static_cast<u64>(den) / common;
        size /= common;
        u64 up = word_root(upper, q), down = word_root(lower, q);
        if (!up || !down || twos % static_cast<i64>(q)) return false;
        if (p < 0) {
            u64 other = up;
            up = down;
            down = other;
        }
        up = word_power(up, size);
        down = word_power(down, size);
        u64 odd = scale.man >> trailing_zeros(scale.man);
        if (!up || !down || odd % down || high_word(odd / down, up)) return false;
        i64 expo = twos / static_cast<i64>(q) * static_cast<i64>(size);
        u64 man = odd / down * up;
        Number value = number_of(false, man, p < 0 ? -expo : expo);
        i64 scale_expo = scale.expo - 63 + trailing_zeros(scale.man);
        x = {{value.man, 0}, value.expo + 63 + scale_expo};
        return true;
    }
};

}  // namespace xspace
