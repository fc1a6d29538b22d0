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

// Ends with a smaller ratio are multiples of 2**-72 of the leading bit of the larger one, and
// elements such multiples over up to 2**12 steps.  None is nearer to zero than 2**-84, but for being
// zero, and none of 2**-20 or more, whose midpoints are multiples of 2**-73, is nearer to a midpoint
// than 2**-85, but for being one: the half width of the test is 2**-88.
constexpr double NEAR = 0x1p20;
// 2**-87, in numbers whose last bit is 2**-73.
constexpr double GRID_WIDTH = 0x1p-66 / 1.5;
constexpr u64 INFINITY_BITS = 0x7FF0000000000000;
// Integers in tiles are smaller than 2**51, or sums than 2**38: what is added to their heads is
// below 2**12 units, 2**-50 of them, which is a quarter.
constexpr i64 MOST_WHOLE = 51, MOST_WHOLE_SUM = 38;

// Lanes, and all that is made of them.  Of exponents, `log` is the logarithm of the base, and
// `step_high + step_low` that of the ratio; of sums, heads are multiples of a unit.
struct Tile {
    Function function;
    i64 width, num, stride;  // the last of them between samples, in bytes
    double div, inverse;
    bool is_on_grid;  // whether sums of all lanes are far from zero, but for ends, and have no test
    Pair log;
    alignas(64) double start[WIDTH];  // each in cache lines of its own, like all that follow
    double stop[WIDTH];
    double high[WIDTH], low[WIDTH], step_high[WIDTH], step_low[WIDTH];
    double above[WIDTH], below[WIDTH];  // low, a little too large and too small
    // Sizes up to which a sum is a zero, and from which on it is a midpoint if it fails the test; and
    // what rounds a tail to a multiple of which midpoints are ones, too, if added.
    double zero[WIDTH], small[WIDTH], grid[WIDTH];
    u64 is_good[WIDTH];  // all bits or none, like the next
    u64 is_open[WIDTH];  // of powers, whether a sample of a lane is
    unsigned char is_row_open[MOST_SAMPLES];  // of sums, whether a lane of a sample is
};

XSPACE_FORCE bool is_near(double least, double most) {
    return (least == 0) | (least * NEAR > most);
}

XSPACE_FORCE u64 all_bits(bool set) { return 0 - static_cast<u64>(set); }

// The logarithms of the ratios, and the first elements, of exponents.
template <bool FUSED>
XSPACE_FORCE void start_powers(Tile &tile) {
    for (i64 w = 0; w < tile.width; ++w) {
        Pair first = two_product<FUSED>(tile.start[w], tile.log.high);
        first = fast_two_sum(first.high, first.low + tile.start[w] * tile.log.low);
        Pair step = times<FUSED>(two_sum(tile.stop[w], -tile.start[w]), tile.log);
        step = divided<FUSED>(step, tile.div, tile.inverse);
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
        Pair log = log2_ratio<FUSED>(magnitude(a), magnitude(b));
        Pair step = divided<FUSED>(log, tile.div, tile.inverse);
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

// An integer is met exactly where an end is one, and is known there: it fails no test.
template <bool FUSED, class Element>
XSPACE_FORCE void multiply_lanes(Tile &tile, const Element &element, char *out, int bytes) {
    using Item = typename Element::Item;
    using Bits = decltype(difference(Item(), Item()));
    alignas(64) Bits differ[WIDTH] = {}, unused[WIDTH] = {};
    alignas(64) Item items[WIDTH];
    bool ratios = tile.function == GEOMSPACE;
    for (i64 i = 0; i < tile.num; ++i, out += tile.stride) {
        Item *row = Element::is_packed ? items : reinterpret_cast<Item *>(out);
        bool last = static_cast<double>(static_cast<int>(i)) == tile.div;
        bool known = Element::is_whole && ratios && (i == 0 || last);
        Bits *marks = known ? unused : differ;
        for (i64 w = 0; w < tile.width; ++w) {
            Pair x = {tile.high[w], tile.low[w]};
            Item y = element.power(x, 1);
            marks[w] |= difference(y, element.power(x, -1));
            row[w] = y;
            x = times<FUSED>(x, Pair{tile.step_high[w], tile.step_low[w]});
            tile.high[w] = x.high;
            tile.low[w] = x.low;
        }
        if (known) {
            const double *ends = i ? tile.stop : tile.start;
            for (i64 w = 0; w < tile.width; ++w) row[w] = element.power(Pair{ends[w], 0}, 0);
        } else if (Element::is_whole && i == 0) {
            for (i64 w = 0; w < tile.width; ++w) differ[w] = tile.start[w] == 0 ? 0 : differ[w];
        }
        pack(row, tile.width, out, bytes);
    }
    for (i64 w = 0; w < tile.width; ++w) tile.is_open[w] = differ[w];
}

// Heads are multiples of a unit that is 2**-50 of the leading bit of the larger end: numbers below
// 2**53 of them, as are all sums of a head and multiples of a step, are exact.
template <bool FUSED>
XSPACE_FORCE void split_ends(Tile &tile, double delta) {
    u64 off = 0;
    for (i64 w = 0; w < tile.width; ++w) {
        double a = tile.start[w], b = tile.stop[w];
        u64 a_bits = bits_of(a) & ~TOP, b_bits = bits_of(b) & ~TOP;
        u64 size = (a_bits > b_bits ? a_bits : b_bits) & INFINITY_BITS;
        double magic = 1.5 * from_bits(size + (2ULL << 52));
        Pair step = divided<FUSED>(two_sum(b, -a), tile.div, tile.inverse);
        double head = (a + magic) - magic, step_head = (step.high + magic) - magic;
        tile.high[w] = head;
        tile.low[w] = a - head;
        double error = from_bits(size) * (0x1p-50 * delta);
        tile.above[w] = (a - head) + error;
        tile.below[w] = (a - head) - error;
        double least = from_bits(a_bits < b_bits ? a_bits : b_bits), most = from_bits(size);
        bool near = is_near(least, most);
        tile.zero[w] = near ? 4 * error : 0;
        tile.small[w] = near ? most * (1 / NEAR) : from_bits(INFINITY_BITS);
        tile.grid[w] = most * (1.5 * 0x1p-21);  // whose last bit is 2**-73 of the leading one
        tile.step_high[w] = step_head;
        tile.step_low[w] = (step.high - step_head) + step.low;
        u64 sides = 0 - ((bits_of(a) ^ bits_of(b)) >> 63);
        off |= ~all_bits(near) | (sides & all_bits(least != 0));
    }
    tile.is_on_grid = off == 0;
}

// Sample i of a lane in two parts, of which the first is exact, and their sum; a little too large or
// too small with what was added to the tail.
template <bool FUSED>
XSPACE_FORCE double head_of(const Tile &tile, i64 w, double i) {
    return multiply_add<FUSED>(i, tile.step_high[w], tile.high[w]);
}

template <bool FUSED>
XSPACE_FORCE double tail_of(const Tile &tile, i64 w, double i, double tail) {
    return multiply_add<FUSED>(i, tile.step_low[w], tail);
}

template <bool FUSED>
XSPACE_FORCE double sum_of(const Tile &tile, i64 w, double i, double tail) {
    return head_of<FUSED>(tile, w, i) + tail_of<FUSED>(tile, w, i, tail);
}

// Two samples that follow each other, for which a lane is read once.
template <class Item>
struct Rows {
    Item *first, *second;
};

// Rows of sums; whether one may be another, if it is a little larger or smaller.
template <bool FUSED, class Element, class Item>
XSPACE_FORCE bool add_rows(const Tile &tile, const Element &element, double i, Rows<Item> rows) {
    Item *__restrict first = rows.first, *__restrict second = rows.second;
    decltype(difference(Item(), Item())) differ = 0;
    for (i64 w = 0; w < tile.width; ++w) {
        Item y = element.of(sum_of<FUSED>(tile, w, i, tile.above[w]));
        Item z = element.of(sum_of<FUSED>(tile, w, i + 1, tile.above[w]));
        differ |= difference(y, element.of(sum_of<FUSED>(tile, w, i, tile.below[w])));
        differ |= difference(z, element.of(sum_of<FUSED>(tile, w, i + 1, tile.below[w])));
        first[w] = y;
        second[w] = z;
    }
    return differ != 0;
}

// The same of integers.  Where the ends are near to each other, what may be an integer is one, and
// what is a little too large has its integer part: none is open.
template <bool FUSED>
XSPACE_FORCE bool add_rows(const Tile &tile, const Wholes &element, double i, Rows<u64> rows) {
    for (i64 w = 0; w < tile.width; ++w) {
        rows.first[w] = element.of(head_of<FUSED>(tile, w, i), tail_of<FUSED>(tile, w, i, tile.above[w]));
        rows.second[w] =
            element.of(head_of<FUSED>(tile, w, i + 1), tail_of<FUSED>(tile, w, i + 1, tile.above[w]));
    }
    return false;
}

// A sum of float64 without a test, of ends that are near to each other and on one side of zero: a
// tail that is next to a multiple of 2**(e - 73) is that multiple, and the sum, a midpoint or not,
// is rounded.
template <bool FUSED>
XSPACE_FORCE double sum_on_grid(const Tile &tile, i64 w, double i) {
    double tail = tail_of<FUSED>(tile, w, i, tile.low[w]), grid = tile.grid[w];
    double near = (tail + grid) - grid;
    return head_of<FUSED>(tile, w, i) + (magnitude(tail - near) < grid * GRID_WIDTH ? near : tail);
}

template <bool FUSED>
XSPACE_FORCE void add_on_grid(const Tile &tile, double i, Rows<double> rows) {
    double *__restrict first = rows.first, *__restrict second = rows.second;
    for (i64 w = 0; w < tile.width; ++w) {
        first[w] = sum_on_grid<FUSED>(tile, w, i);
        second[w] = sum_on_grid<FUSED>(tile, w, i + 1);
    }
}

// Whether a sum that fails the test is no zero and no midpoint, as far as that can be seen.
XSPACE_FORCE bool is_unknown(const Tile &tile, i64 w, double y) {
    double size = magnitude(y);
    return (size >= tile.zero[w]) & (size < tile.small[w]);
}

// A row of float64 with what is known of those that fail the test; whether one is open.  Sums of few
// steps are often midpoints: what fails is known to be one in most lanes, and of its neighbours the
// even one is right.  A sum of either sign is +0.0.
template <bool FUSED>
XSPACE_FORCE bool settle_row(const Tile &tile, double i, double *row) {
    u64 open = 0;
    for (i64 w = 0; w < tile.width; ++w) {
        double y = sum_of<FUSED>(tile, w, i, tile.above[w]);
        u64 differ = difference(y, sum_of<FUSED>(tile, w, i, tile.below[w]));
        double even = from_bits(bits_of(y) ^ (differ & (0 - (bits_of(y) & 1))));
        row[w] = magnitude(y) < tile.zero[w] ? 0 : even;
        open |= is_unknown(tile, w, y) ? differ : 0;
    }
    return open != 0;
}

// What is open in two rows, as the samples of a tile have it.
struct OpenRows {
    bool first, second;
};

// Steps up to which rows have most likely a midpoint.
constexpr double FEW_STEPS = 64;

template <bool FUSED>
XSPACE_FORCE OpenRows make_rows(const Tile &tile, const Doubles &element, double i, Rows<double> rows) {
    bool few = tile.div <= FEW_STEPS;
    if (few && tile.is_on_grid) {
        add_on_grid<FUSED>(tile, i, rows);
        return {false, false};
    }
    if (!few && !add_rows<FUSED>(tile, element, i, rows)) return {false, false};
    return {settle_row<FUSED>(tile, i, rows.first), settle_row<FUSED>(tile, i + 1, rows.second)};
}

template <bool FUSED, class Element, class Item>
XSPACE_FORCE OpenRows make_rows(const Tile &tile, const Element &element, double i, Rows<Item> rows) {
    bool open = add_rows<FUSED>(tile, element, i, rows);
    return {open, open};
}

// A row of ends, which are often zeros.
template <class Element>
XSPACE_FORCE void copy_ends(const Tile &tile, const Element &element, const double *ends, char *out,
                            int bytes) {
    using Item = typename Element::Item;
    alignas(64) Item items[WIDTH];
    Item *row = Element::is_packed ? items : reinterpret_cast<Item *>(out);
    for (i64 w = 0; w < tile.width; ++w) row[w] = element.of(ends[w]);
    pack(row, tile.width, out, bytes);
}

template <bool FUSED, class Element>
XSPACE_FORCE void add_lanes(Tile &tile, const Element &element, char *out, int bytes) {
    using Item = typename Element::Item;
    alignas(64) Item items[2][WIDTH];
    bool has_stop = tile.div < static_cast<double>(static_cast<int>(tile.num));
    i64 last = has_stop ? tile.num - 1 : tile.num;
    copy_ends(tile, element, tile.start, out, bytes);
    if (has_stop) copy_ends(tile, element, tile.stop, out + last * tile.stride, bytes);
    tile.is_row_open[0] = tile.is_row_open[tile.num - 1] = false;
    for (i64 k = 1; k < last; k += 2) {
        char *first = out + k * tile.stride, *second = first + tile.stride;
        bool both = k + 1 < last;
        Rows<Item> rows = {items[0], items[1]};
        if (!Element::is_packed) rows.first = reinterpret_cast<Item *>(first);
        if (!Element::is_packed && both) rows.second = reinterpret_cast<Item *>(second);
        OpenRows open = make_rows<FUSED>(tile, element, static_cast<double>(static_cast<int>(k)), rows);
        tile.is_row_open[k] = open.first;
        pack(rows.first, tile.width, first, bytes);
        if (!both) continue;
        tile.is_row_open[k + 1] = open.second;
        pack(rows.second, tile.width, second, bytes);
    }
}

template <bool FUSED, class Element>
XSPACE_FORCE void make_tile(Tile &tile, const Element &element, char *out, int bytes) {
    if (tile.function == LINSPACE) {
        split_ends<FUSED>(tile, Element::SUM_WIDTH);
        add_lanes<FUSED>(tile, element, out, bytes);
        return;
    }
    if (tile.function == LOGSPACE) start_powers<FUSED>(tile);
    else start_ratios<FUSED>(tile);
    raise_steps<FUSED>(tile);
    multiply_lanes<FUSED>(tile, element, out, bytes);
}

}  // namespace xspace
