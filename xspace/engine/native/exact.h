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
        // The exponent is a sum of both, divided by div, in units of 2**-places.
        const Number *numbers[2] = {&start, &stop};
        const u64 factors[2] = {static_cast<u64>(div - i), static_cast<u64>(i)};
        i64 places = 0;
        for (int k = 0; k < 2; ++k)
            if (factors[k] && numbers[k]->man && -least_exponent(*numbers[k]) > places)
                places = -least_exponent(*numbers[k]);
        Wide sum = {0, 0};
        for (int k = 0; k < 2; ++k) {
            const Number &end = *numbers[k];
            if (!factors[k] || !end.man) continue;
            i64 up = end.expo - 63 + places;
            if (up > 30) return false;  // with a factor below 2**31, the sum would pass two words
            Wide size = up < 0 ? Wide{0, end.man >> -up} : shifted_up(Wide{0, end.man}, up);
            Wide term = {size.high * factors[k] + high_word(size.low, factors[k]), size.low * factors[k]};
            sum = end.is_negative ? minus(sum, term) : plus(sum, term);
        }
        bool below = sum.high >> 63;
        if (below) sum = negative(sum);
        Root root = {{false, TOP, 0}, odd_part(base), 1, least_exponent(base)};
        if ((sum.high | sum.low) == 0) return root.find(0, 1, x);
        int zeros = sum.low ? trailing_zeros(sum.low) : 64 + trailing_zeros(sum.high);
        u64 odd = static_cast<u64>(div);
        i64 twos = places + trailing_zeros(odd);
        odd >>= trailing_zeros(odd);
        i64 common = zeros < twos ? zeros : twos;
        sum = shifted_down(sum, common);
        // No word but 1 is a 64th power.
        if (twos - common >= 6 || sum.high || sum.low >> 62) return false;
        i64 p = static_cast<i64>(sum.low), q = static_cast<i64>(odd << (twos - common));
        return root.find(below ? -p : p, q, x);
    }
};

}  // namespace xspace
