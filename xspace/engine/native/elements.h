// From numbers of float64, and pairs of them, to elements of a format, without a branch.
#pragma once

#include "formats.h"
#include "processors.h"

namespace xspace {

// An unevaluated sum of two numbers.
struct Pair {
    double high, low;
};

// Half width of the test of products of pairs, relative to an element: 4096 factors that are off by
// 2**-89, and as many products, make less than 2**-76.  Rounded to float64 first, an element is not
// to meet a midpoint of a shorter format unnoticed.
constexpr double PAIR_DELTA = 0x1p-74, NARROW_PAIR_DELTA = 0x1p-51;
// The same of sums, in units of the heads.
constexpr double SUM_DELTA = 0x1p-38, NARROW_SUM_DELTA = 1;

XSPACE_FORCE double magnitude(double x) { return from_bits(bits_of(x) & ~TOP); }

// A pair as one number, moved by a share of it.
XSPACE_FORCE double moved(Pair x, double share) { return x.high + (x.low + x.high * share); }

// How numbers become samples of a format: `of` rounds a number of float64, and `power` a pair that
// is made a little too large or too small.  What `is_packed` are words, of which less is written.
struct Doubles {
    using Item = double;
    static constexpr bool is_packed = false, is_whole = false;
    static constexpr double SUM_WIDTH = SUM_DELTA;

    XSPACE_FORCE double of(double x) const { return x; }
    XSPACE_FORCE double power(Pair x, double side) const {
        return moved(x, side * PAIR_DELTA);
    }
};

struct Singles {
    using Item = float;
    static constexpr bool is_packed = false, is_whole = false;
    static constexpr double SUM_WIDTH = NARROW_SUM_DELTA;

    XSPACE_FORCE float of(double x) const { return static_cast<float>(x); }
    XSPACE_FORCE float power(Pair x, double side) const {
        return of(moved(x, side * NARROW_PAIR_DELTA));
    }
};

// Floats of 16 bits, as bits.
struct Shorts {
    using Item = u64;
    static constexpr bool is_packed = true, is_whole = false;
    static constexpr double SUM_WIDTH = NARROW_SUM_DELTA;
    int precision;
    u64 least, infinity;  // the exponent field of the least normal number, as float64 has it

    explicit Shorts(const Format &fmt)
        : precision(fmt.precision), least(static_cast<u64>(1024 - fmt.largest)), infinity(fmt.infinity()) {}

    // A number whose last bit counts as much as that of the sample is added: the bits behind it are
    // the sample's significand, rounded to nearest even.  Its leading bit counts one up in the
    // exponent field, as a carry does.
    XSPACE_FORCE u64 of(double x) const {
        u64 size = bits_of(x) & ~TOP, field = size >> 52;
        field = field > least ? field : least;
        double magic = from_bits((field + static_cast<u64>(53 - precision)) << 52);
        u64 kept = bits_of(from_bits(size) + magic) - bits_of(magic);
        u64 bits = ((field - least) << (precision - 1)) + kept;
        bits = bits < infinity ? bits : infinity;
        return bits | bits_of(x) >> 63 << 15;
    }
    XSPACE_FORCE u64 power(Pair x, double side) const {
        return of(moved(x, side * NARROW_PAIR_DELTA));
    }
};

// Integers, in two's complement.
struct Wholes {
    using Item = u64;
    static constexpr bool is_packed = true, is_whole = true;
    static constexpr double SUM_WIDTH = SUM_DELTA;

    // Rounded downwards.
    XSPACE_FORCE u64 of(double x) const { return of(x, 0); }

    // head + tail rounded downwards, of a head that is a multiple of 2**-52 and a tail below 1/4:
    // from the nearest integer, which leaves a rest that is exact.
    XSPACE_FORCE u64 of(double head, double tail) const {
        constexpr double MAGIC = 0x1.8p52;
        double near = head + MAGIC, rest = head - (near - MAGIC);
        return bits_of(near) - bits_of(MAGIC) - (tail < -rest);
    }

    // Rounded toward zero.  The low part of a pair is below 2**-2, the rest below 0.8, and two sums
    // of theirs are rounded by less than 2**-52, for which 2**-50 is added.
    XSPACE_FORCE u64 power(Pair x, double side) const {
        constexpr double MAGIC = 0x1p52;
        u64 sign = bits_of(x.high) & TOP;
        double size = magnitude(x.high), low = from_bits(bits_of(x.low) ^ sign);
        double near = size + MAGIC, whole = near - MAGIC;
        double rest = (size - whole) + (low + side * (size * PAIR_DELTA + 0x1p-50));
        u64 count = bits_of(near) - bits_of(MAGIC) - ((rest < 0) & (whole > 0));
        return sign ? 0 - count : count;
    }
};

// A row of samples of 64 bits, of which so many bytes are written.
template <class Item>
XSPACE_FORCE void pack(const u64 *row, i64 width, char *out) {
    for (i64 w = 0; w < width; ++w) reinterpret_cast<Item *>(out)[w] = static_cast<Item>(row[w]);
}

XSPACE_FORCE void pack(const u64 *row, i64 width, char *out, int bytes) {
    switch (bytes) {
    case 8: pack<u64>(row, width, out); break;
    case 4: pack<unsigned int>(row, width, out); break;
    case 2: pack<unsigned short>(row, width, out); break;
    default: pack<unsigned char>(row, width, out);
    }
}

XSPACE_FORCE void pack(const double *, i64, char *, int) {}
XSPACE_FORCE void pack(const float *, i64, char *, int) {}

}  // namespace xspace
