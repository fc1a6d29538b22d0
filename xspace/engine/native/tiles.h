// Lanes side by side in float64, many in one step: what fails the rounding test is made again alone.
//
// Loops run over the lanes of a tile and are compiled for several processors.  A tile has its lanes
// as arrays, of which those that are not plain are only not looked at.
#pragma once

#include "geometric.h"
#include "linear.h"
#include "pairs.h"

namespace xspace {

constexpr i64 WIDTH = 64;
// Samples up to which the bounds hold.
constexpr i64 MOST_SAMPLES = 4096;

// Half width of the test of products of pairs, relative to an element: 4096 factors that are off by
// 2**-89, and as many products, make less than 2**-76.  Rounded to float64 first, an element is not
// to meet a midpoint of float32 unnoticed.
constexpr double PAIR_DELTA = 0x1p-74, NARROW_PAIR_DELTA = 0x1p-51;
// The same of sums, in units of the heads.
constexpr double SUM_DELTA = 0x1p-38, NARROW_SUM_DELTA = 1;
// Ends with a smaller ratio are multiples of 2**-72 of the leading bit of the larger one, and
// elements such multiples over up to 2**12 steps.  None is nearer to zero than 2**-84, but for being
// zero, and none of 2**-20 or more, whose midpoints are multiples of 2**-73, is nearer to a midpoint
// than 2**-85, but for being one: the half width of the test is 2**-88.
constexpr double NEAR = 0x1p20;
constexpr u64 INFINITY_BITS = 0x7FF0000000000000;

enum Function { LOGSPACE, GEOMSPACE, LINSPACE };

// Lanes, and all that is made of them.  Of exponents, `log` is the logarithm of the base, and
// `step_high + step_low` that of the ratio; of sums, heads are multiples of a unit.
struct Tile {
    Function function;
    i64 width, num, stride;
    double div;
    bool is_narrow;  // float32
    Pair log;
    alignas(64) double start[WIDTH];  // each in cache lines of its own, like all that follow
    double stop[WIDTH];
    double high[WIDTH], low[WIDTH], step_high[WIDTH], step_low[WIDTH];
    double above[WIDTH], below[WIDTH];  // low, a little too large and too small
    // Sizes up to which a sum is a zero, and from which on it is a midpoint if it fails the test.
    double zero[WIDTH], small[WIDTH];
    unsigned char is_good[WIDTH];
    unsigned char is_open[WIDTH];             // of powers, whether a sample of a lane is
    unsigned char is_row_open[MOST_SAMPLES];  // of sums, whether a lane of a sample is
};

// The logarithms of the ratios, and the first elements, of exponents.
template <bool FUSED>
XSPACE_FORCE void start_powers(Tile &tile) {
    for (i64 w = 0; w < tile.width; ++w) {
        Pair first = two_product<FUSED>(tile.start[w], tile.log.high);
        first = fast_two_sum(first.high, first.low + tile.start[w] * tile.log.low);
        Pair step = times<FUSED>(two_sum(tile.stop[w], -tile.start[w]), tile.log);
        step = divided<FUSED>(step, tile.div);
        tile.step_high[w] = step.high;
        tile.step_low[w] = step.low;
        Pair power = exp2<FUSED>(first);
        tile.high[w] = power.high;
        tile.low[w] = power.low;
    }
}

// The same of ends.
template <bool FUSED>
XSPACE_FORCE void start_ratios(Tile &tile) {
    for (i64 w = 0; w < tile.width; ++w) {
        double a = tile.start[w], b = tile.stop[w];
        Pair log = log2_ratio<FUSED>(a < 0 ? -a : a, b < 0 ? -b : b);
        Pair step = divided<FUSED>(log, tile.div);
        tile.step_high[w] = step.high;
        tile.step_low[w] = step.low;
        tile.high[w] = a;
        tile.low[w] = 0;
    }
}

template <bool FUSED>
XSPACE_FORCE void raise_steps(Tile &tile) {
    for (i64 w = 0; w < tile.width; ++w) {
        Pair ratio = exp2<FUSED>(Pair{tile.step_high[w], tile.step_low[w]});
        tile.step_high[w] = ratio.high;
        tile.step_low[w] = ratio.low;
    }
}

template <bool FUSED, class Float, class Bits>
XSPACE_FORCE void multiply_lanes(Tile &tile, Float *out) {
    constexpr double DELTA = sizeof(Float) == 8 ? PAIR_DELTA : NARROW_PAIR_DELTA;
    alignas(64) Bits differ[WIDTH] = {};
    for (i64 i = 0; i < tile.num; ++i, out += tile.stride)
        for (i64 w = 0; w < tile.width; ++w) {
            Pair x = {tile.high[w], tile.low[w]};
            double error = x.high * DELTA;
            Float y = static_cast<Float>(x.high + (x.low + error));
            differ[w] |= difference(y, static_cast<Float>(x.high + (x.low - error)));
            out[w] = y;
            x = times<FUSED>(x, Pair{tile.step_high[w], tile.step_low[w]});
            tile.high[w] = x.high;
            tile.low[w] = x.low;
        }
    for (i64 w = 0; w < tile.width; ++w) tile.is_open[w] = differ[w] != 0;
}

// Heads are multiples of a unit that is 2**-50 of the leading bit of the larger end: numbers below
// 2**53 of them, as are all sums of a head and multiples of a step, are exact.
template <bool FUSED>
XSPACE_FORCE void split_ends(Tile &tile, double delta) {
    for (i64 w = 0; w < tile.width; ++w) {
        double a = tile.start[w], b = tile.stop[w];
        u64 a_bits = bits_of(a) & ~TOP, b_bits = bits_of(b) & ~TOP;
        u64 size = (a_bits > b_bits ? a_bits : b_bits) & 0x7FF0000000000000;
        double magic = 1.5 * from_bits(size + (2ULL << 52));
        Pair step = divided<FUSED>(two_sum(b, -a), tile.div);
        double head = (a + magic) - magic, step_head = (step.high + magic) - magic;
        tile.high[w] = head;
        double error = from_bits(size) * (0x1p-50 * delta);
        tile.above[w] = (a - head) + error;
        tile.below[w] = (a - head) - error;
        double least = from_bits(a_bits < b_bits ? a_bits : b_bits), most = from_bits(size);
        bool near = (least == 0) | (least * NEAR > most);
        tile.zero[w] = near ? 4 * error : 0;
        tile.small[w] = near ? most * (1 / NEAR) : from_bits(INFINITY_BITS);
        tile.step_high[w] = step_head;
        tile.step_low[w] = (step.high - step_head) + step.low;
    }
}

// Sample i of a lane, a little too large or too small, with what was added to its tail.
template <class Float>
XSPACE_FORCE Float sum_of(const Tile &tile, i64 w, double i, double tail) {
    return static_cast<Float>((tile.high[w] + i * tile.step_high[w]) + (i * tile.step_low[w] + tail));
}

// A row of sums in float32, each rounded twice; whether one is open.
XSPACE_FORCE bool add_row(const Tile &tile, double i, float *out) {
    unsigned int differ = 0;
    for (i64 w = 0; w < tile.width; ++w) {
        float y = sum_of<float>(tile, w, i, tile.above[w]);
        differ |= difference(y, sum_of<float>(tile, w, i, tile.below[w]));
        out[w] = y;
    }
    return differ != 0;
}

// Whether a sum that fails the test is no zero and no midpoint, as far as that can be seen.
XSPACE_FORCE bool is_unknown(const Tile &tile, i64 w, double y) {
    double size = y < 0 ? -y : y;
    return (size >= tile.zero[w]) & (size < tile.small[w]);
}

// The same in float64.  Sums of few steps are often midpoints: what fails the test is known to be
// one in most lanes, and of its neighbours the even one is right.  A sum of either sign is +0.0.
XSPACE_FORCE bool add_row(const Tile &tile, double i, double *out) {
    u64 open = 0;
    for (i64 w = 0; w < tile.width; ++w) {
        double y = sum_of<double>(tile, w, i, tile.above[w]), size = y < 0 ? -y : y;
        u64 differ = difference(y, sum_of<double>(tile, w, i, tile.below[w]));
        double even = from_bits(bits_of(y) ^ (differ & (0 - (bits_of(y) & 1))));
        out[w] = size < tile.zero[w] ? 0 : even;
        open |= is_unknown(tile, w, y) ? differ : 0;
    }
    return open != 0;
}

template <class Float>
XSPACE_FORCE void add_lanes(Tile &tile, Float *out) {
    for (i64 k = 0; k < tile.num; ++k, out += tile.stride) {
        double i = static_cast<double>(static_cast<int>(k));
        // An end, which is often a zero, is copied later.
        tile.is_row_open[k] = k != 0 && i != tile.div && add_row(tile, i, out);
    }
}

template <bool FUSED, class Float, class Bits>
XSPACE_FORCE void make_tile(Tile &tile, Float *out) {
    if (tile.function == LINSPACE) {
        split_ends<FUSED>(tile, sizeof(Float) == 8 ? SUM_DELTA : NARROW_SUM_DELTA);
        add_lanes<Float>(tile, out);
        return;
    }
    if (tile.function == LOGSPACE) start_powers<FUSED>(tile);
    else start_ratios<FUSED>(tile);
    raise_steps<FUSED>(tile);
    multiply_lanes<FUSED, Float, Bits>(tile, out);
}

template <bool FUSED>
XSPACE_FORCE void make_tile(Tile &tile, void *out) {
    if (tile.is_narrow) make_tile<FUSED, float, unsigned int>(tile, static_cast<float *>(out));
    else make_tile<FUSED, double, u64>(tile, static_cast<double *>(out));
}

}  // namespace xspace
