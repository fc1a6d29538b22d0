// Numbers that come in, and the formats that elements are rounded to.
#pragma once

#include "words.h"

#if defined(__CUDACC__)
#define XSPACE_COPY memcpy
#elif defined(_MSC_VER) && !defined(__clang__)
#include <string.h>
#define XSPACE_COPY memcpy
#else
#define XSPACE_COPY __builtin_memcpy
#endif

namespace xspace {

// man * 2**(expo - 63) with the leading bit of man set; man is 0 for zero.
struct Number {
    bool is_negative;
    u64 man;
    i64 expo;
};

inline u64 bits_of(double x) {
    u64 bits;
    static_assert(sizeof bits == sizeof x, "float64 is the format of double");
    XSPACE_COPY(&bits, &x, sizeof bits);
    return bits;
}

inline double from_bits(u64 bits) {
    double x;
    XSPACE_COPY(&x, &bits, sizeof x);
    return x;
}

// Bits in which two numbers differ: zeros of two signs are not the same.
inline u64 difference(double a, double b) { return bits_of(a) ^ bits_of(b); }

inline u64 difference(u64 a, u64 b) { return a ^ b; }

inline unsigned int difference(float a, float b) {
    unsigned int one, two;
    XSPACE_COPY(&one, &a, sizeof one);
    XSPACE_COPY(&two, &b, sizeof two);
    return one ^ two;
}

// 2**expo of a normal number.
inline double power_of_two(i64 expo) { return from_bits(static_cast<u64>(expo + 1023) << 52); }

inline Number number_of(bool is_negative, u64 man, i64 expo) {
    if (man == 0) return {is_negative, 0, 0};
    int zeros = leading_zeros(man);
    return {is_negative, man << zeros, expo - zeros};
}

// A finite float, by its bits alone: subnormal ones are not flushed.
inline Number number_of(double x) {
    u64 bits = bits_of(x), field = bits >> 52 & 0x7FF, man = bits & ((ONE << 52) - 1);
    if (field) man |= ONE << 52;
    return number_of(bits >> 63, man, static_cast<i64>(field ? field : 1) - 1023 - 52 + 63);
}

// A number of 53 bits at most in the normal range.
inline double number_as_float(Number x) {
    if (x.man == 0) return x.is_negative ? from_bits(TOP) : 0.0;
    u64 bits = (static_cast<u64>(x.expo + 1022) << 52) + (x.man >> 11);
    return from_bits(x.is_negative ? bits | TOP : bits);
}

inline bool is_finite(double x) { return (bits_of(x) >> 52 & 0x7FF) != 0x7FF; }

// A binary format of IEEE 754, or bfloat16, with its precision and its largest exponent; or
// integers, which have a precision of 0, from low up to high.
struct Format {
    int bytes, precision, largest;
    i64 low;
    u64 high;

    constexpr bool is_integer() const { return precision == 0; }
    constexpr u64 infinity() const { return (2ULL * largest + 1) << (precision - 1); }
    constexpr u64 sign() const { return ONE << (8 * bytes - 1); }
};

constexpr Format FLOAT64 = {8, 53, 1023, 0, 0}, FLOAT32 = {4, 24, 127, 0, 0};
constexpr Format FLOAT16 = {2, 11, 15, 0, 0}, BFLOAT16 = {2, 8, 127, 0, 0};

// All formats, and their names in NumPy.
constexpr int FORMAT_COUNT = 12;
constexpr Format FORMATS[FORMAT_COUNT] = {
    FLOAT64,
    FLOAT32,
    FLOAT16,
    BFLOAT16,
    {1, 0, 0, -0x80, 0x7F},
    {2, 0, 0, -0x8000, 0x7FFF},
    {4, 0, 0, -0x80000000LL, 0x7FFFFFFF},
    {8, 0, 0, -0x7FFFFFFFFFFFFFFF - 1, 0x7FFFFFFFFFFFFFFF},
    {1, 0, 0, 0, 0xFF},
    {2, 0, 0, 0, 0xFFFF},
    {4, 0, 0, 0, 0xFFFFFFFF},
    {8, 0, 0, 0, 0xFFFFFFFFFFFFFFFF},
};
[[maybe_unused]] constexpr const char *NAMES[FORMAT_COUNT] = {
    "float64", "float32", "float16", "bfloat16", "int8",   "int16",
    "int32",   "int64",   "uint8",   "uint16",   "uint32", "uint64",
};

// The bits of an element, and whether they are right: 0, or a reason why they are not known.
enum Found { DONE = 0, OPEN = 1, BEYOND = 2 };

struct Rounded {
    u64 bits;
    Found state;
};

// A magnitude rounded to nearest even, subnormal numbers and infinity included.
//
// The significand is off by less than `margin` of its last bit; with a margin of 0 it is exact but
// for a rest below it, if there is one.  An element that may be on either side of a midpoint, or on
// it, is open.
inline Rounded round_float(Power x, u64 margin, bool rest, const Format &fmt) {
    i64 least = 1 - fmt.largest;
    i64 drop = 64 - fmt.precision + (x.expo < least ? least - x.expo : 0);
    if (x.expo > fmt.largest) return {fmt.infinity(), DONE};
    u64 kept = 0, below = x.man.high, half = TOP, low = x.man.low;
    if (drop < 64) {
        kept = x.man.high >> drop;
        below = x.man.high & ((ONE << drop) - 1);
        half = ONE << (drop - 1);
    } else if (drop > 64) {  // below half of the least number
        bool near = drop == 65 && ~below == 0 && low > ~margin;
        return {0, near && margin ? OPEN : DONE};
    }
    u64 up = below >= half;
    Found state = DONE;
    if (margin) {
        if ((below == half && low < margin) || (below == half - 1 && low > ~margin)) state = OPEN;
    } else if (below == half && low == 0 && !rest) {
        up = kept & 1;
    }
    // The leading bit of a significand counts one up in the exponent field, as a carry does.
    u64 field = x.expo < least ? 0 : static_cast<u64>(x.expo - least) << (fmt.precision - 1);
    return {field + kept + up, state};
}

// The integer part of a magnitude below 2**64, and OPEN if it may be one more or less.
inline Rounded integer_part(Power x, u64 margin) {
    if (x.expo > 63) return {0, BEYOND};
    if (x.expo < -1) return {0, DONE};
    i64 up = x.expo + 1;  // from the last bit of the significand to the same below the unit
    u64 whole = up ? x.man.high >> (64 - up) : 0;
    Wide part = shifted_up(x.man, up), width = shifted_up(Wide{0, margin}, up);
    bool near = less(part, width) || less(Wide{~part.high, ~part.low}, width);
    return {whole, near ? OPEN : DONE};
}

// An integer with its sign, or the end of the range that it is beyond.
inline Rounded signed_integer(Rounded x, bool is_negative, const Format &fmt) {
    u64 low = static_cast<u64>(fmt.low), most = is_negative ? 0 - low : fmt.high;
    if (x.state == BEYOND || x.bits > most) return {is_negative ? low : fmt.high, BEYOND};
    return {is_negative ? 0 - x.bits : x.bits, x.state};
}

inline void store(void *out, i64 place, u64 bits, const Format &fmt) {
    switch (fmt.bytes) {
    case 8: static_cast<u64 *>(out)[place] = bits; break;
    case 4: static_cast<unsigned int *>(out)[place] = static_cast<unsigned int>(bits); break;
    case 2: static_cast<unsigned short *>(out)[place] = static_cast<unsigned short>(bits); break;
    default: static_cast<unsigned char *>(out)[place] = static_cast<unsigned char>(bits);
    }
}

}  // namespace xspace
