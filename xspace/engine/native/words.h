// Numbers of two words: the arithmetic under every grid of the engine.
//
// C++17 without its library, so that a GPU's compiler takes it, too.  The one primitive is the
// upper half of a product of two words; everything else is unsigned arithmetic, which every
// processor and every compiler does alike.
//
// A *unit* is 2**-128, of a fraction, or of the leading bit of a significand.
#pragma once

#if defined(_MSC_VER) && !defined(__clang__) && !defined(__CUDACC__)
#include <intrin.h>
#endif

namespace xspace {

using u64 = unsigned long long;
using i64 = long long;
static_assert(sizeof(u64) == 8, "words have 64 bits");

// An integer of 128 bits, or a fraction in units.
struct Wide {
    u64 high, low;
};

// whole + rest * 2**-128; a negative number has a negative whole part, as in two's complement.
struct Fixed {
    i64 whole;
    Wide rest;
};

// man * 2**(expo - 127) with the leading bit of man set.
struct Power {
    Wide man;
    i64 expo;
};

constexpr u64 ONE = 1;
constexpr u64 TOP = ONE << 63;

constexpr u64 high_by_halves(u64 a, u64 b) {
    u64 a1 = a >> 32, a0 = a & 0xFFFFFFFF, b1 = b >> 32, b0 = b & 0xFFFFFFFF;
    u64 middle = a1 * b0 + (a0 * b0 >> 32);
    u64 other = a0 * b1 + (middle & 0xFFFFFFFF);
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

// floor(a * b / 2**64).
constexpr u64 high_word(u64 a, u64 b) {
    if (__builtin_is_constant_evaluated()) return high_by_halves(a, b);
#if defined(__CUDA_ARCH__)
    return __umul64hi(a, b);
#elif defined(_MSC_VER) && !defined(__clang__) && (defined(_M_X64) || defined(_M_ARM64))
    return __umulh(a, b);
#elif defined(__SIZEOF_INT128__)
    return static_cast<u64>(static_cast<unsigned __int128>(a) * b >> 64);
#else
    return high_by_halves(a, b);
#endif
}

constexpr Wide plus(Wide a, Wide b) {
    u64 low = a.low + b.low;
    return {a.high + b.high + (low < a.low), low};
}

constexpr Wide minus(Wide a, Wide b) {
    return {a.high - b.high - (a.low < b.low), a.low - b.low};
}

constexpr Wide negative(Wide a) { return minus(Wide{0, 0}, a); }

constexpr bool less(Wide a, Wide b) {
    return a.high < b.high || (a.high == b.high && a.low < b.low);
}

constexpr Wide doubled(Wide a) { return {a.high << 1 | a.low >> 63, a.low << 1}; }

constexpr Wide halved(Wide a) { return {a.high >> 1, a.high << 63 | a.low >> 1}; }

// The upper words of a product of fractions, less than 3 units too low: three floors.
constexpr Wide times(Wide a, Wide b) {
    u64 low = a.high * b.high, high = high_word(a.high, b.high);
    u64 cross = high_word(a.high, b.low);
    low += cross;
    high += low < cross;
    cross = high_word(a.low, b.high);
    low += cross;
    high += low < cross;
    return {high, low};
}

// A product, rounded down by less than 12 units of itself: 3 of 2**-128 where its leading bit may
// be 2**-2, which are 6 of its last bit, and each of those is 2 units at most.
constexpr Power times(Power a, Power b) {
    Wide p = times(a.man, b.man);
    u64 carry = p.high >> 63, up = 1 - carry;
    return {
        {p.high << up | (p.low >> 63 & up), p.low << up},
        a.expo + b.expo + static_cast<i64>(carry),
    };
}

constexpr Fixed plus(Fixed a, Fixed b) {
    Wide rest = plus(a.rest, b.rest);
    u64 whole = static_cast<u64>(a.whole) + static_cast<u64>(b.whole) + less(rest, a.rest);
    return {static_cast<i64>(whole), rest};
}

constexpr Fixed negative(Fixed a) {
    Wide rest = negative(a.rest);
    bool carry = (rest.high | rest.low) == 0;
    return {static_cast<i64>(~static_cast<u64>(a.whole) + carry), rest};
}

constexpr Fixed minus(Fixed a, Fixed b) { return plus(a, negative(b)); }

// floor(a / b) of an integer of 96 bits, where it is one of 32, and what is left.
inline u64 divide_step(u64 &rest, u64 next, u64 divisor) {
    rest = rest << 32 | next;
    u64 quotient = rest / divisor;
    rest -= quotient * divisor;
    return quotient;
}

// floor(a / divisor), 0 < divisor < 2**32, and what is left, in units.
inline Fixed divided(Fixed a, u64 divisor, u64 &rest) {
    i64 count = static_cast<i64>(divisor), whole = a.whole / count, left = a.whole % count;
    if (left < 0) {
        left += count;
        whole -= 1;
    }
    rest = static_cast<u64>(left);
    u64 words[2] = {a.rest.high, a.rest.low};
    for (u64 &word : words) {
        u64 upper = divide_step(rest, word >> 32, divisor);
        word = upper << 32 | divide_step(rest, word & 0xFFFFFFFF, divisor);
    }
    return {whole, {words[0], words[1]}};
}

// How many zeros are above the leading bit of a word that is not zero.
constexpr int leading_zeros(u64 a) {
#if defined(__GNUC__) || defined(__clang__)
    return __builtin_clzll(a);
#else
#if defined(__CUDA_ARCH__)
    if (!__builtin_is_constant_evaluated()) return __clzll(static_cast<i64>(a));
#endif
    int zeros = 0;
    for (int step = 32; step; step /= 2)
        if (a >> (64 - step) == 0) {
            a <<= step;
            zeros += step;
        }
    return zeros;
#endif
}

// a << shift, below 128.
inline Wide shifted_up(Wide a, i64 shift) {
    if (shift >= 64) return {a.low << (shift - 64), 0};
    if (shift == 0) return a;
    return {a.high << shift | a.low >> (64 - shift), a.low << shift};
}

// a >> shift, for any shift that is not negative.
inline Wide shifted_down(Wide a, i64 shift) {
    if (shift >= 128) return {0, 0};
    if (shift >= 64) return {0, a.high >> (shift - 64)};
    if (shift == 0) return a;
    return {a.high >> shift, a.high << (64 - shift) | a.low >> shift};
}

}  // namespace xspace
