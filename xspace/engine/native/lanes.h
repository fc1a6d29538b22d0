// Grids side by side: every lane is the grid of its own ends, and the samples of a lane lie as far
// apart as there are lanes.
#pragma once

#include "plans.h"
#include "tiles.h"

namespace xspace {

// The ends of lanes: one number for all, or an array of one for each.
enum Kind { SCALAR, DOUBLE, SINGLE, HALF_FLOAT, BRAIN_FLOAT, SIGNED, UNSIGNED };

struct End {
    Kind kind;
    int bytes;  // of a number of the array
    const char *memory;
    i64 stride;
    Number number;  // of a scalar

    // The end of a lane, if it is finite.
    bool read(i64 lane, Number &x) const {
        if (kind == SCALAR) {
            x = number;
            return true;
        }
        const char *place = memory + lane * stride;
        switch (kind) {
        case DOUBLE: {
            double value = load<double>(place);
            x = number_of(value);
            return is_finite(value);
        }
        case SINGLE: return read_short(load<unsigned int>(place), FLOAT32, x);
        case HALF_FLOAT: return read_short(load<unsigned short>(place), FLOAT16, x);
        case BRAIN_FLOAT: return read_short(load<unsigned short>(place), BFLOAT16, x);
        case SIGNED: {
            i64 value = bytes == 8   ? load<i64>(place)
                        : bytes == 4 ? load<int>(place)
                        : bytes == 2 ? load<short>(place)
                                     : load<signed char>(place);
            x = number_of(value < 0, value < 0 ? 0 - static_cast<u64>(value) : static_cast<u64>(value), 63);
            return true;
        }
        default: {
            u64 value = bytes == 8   ? load<u64>(place)
                        : bytes == 4 ? load<unsigned int>(place)
                        : bytes == 2 ? load<unsigned short>(place)
                                     : load<unsigned char>(place);
            x = number_of(false, value, 63);
            return true;
        }
        }
    }

    template <class T>
    static T load(const char *place) {
        T value;
        XSPACE_COPY(&value, place, sizeof value);
        return value;
    }

private:
    // A shorter float is read by its bits, whatever is done with subnormal operands.
    static bool read_short(u64 bits, const Format &fmt, Number &x) {
        int places = fmt.precision - 1;
        u64 most = 2ULL * fmt.largest + 1, field = bits >> places & most;
        u64 man = bits & ((ONE << places) - 1);
        if (field) man |= ONE << places;
        x = number_of(bits & fmt.sign(), man,
                      static_cast<i64>(field ? field : 1) - fmt.largest - places + 63);
        return field != most;
    }
};

// Lanes from which on a tile is faster.
constexpr i64 FEWEST = 4;

struct Lanes {
    Function function;
    End start, stop, base;
    i64 num, div, count;
};

// What lanes leave to the caller: elements, as the place in memory, and whole lanes.
struct Left {
    i64 *places;
    i64 room, open;
    i64 *lanes;  // room for all, or nothing
    i64 refused;
    bool overflow;  // whether there was no room for a place

    void refuse(i64 lane) {
        if (lanes) lanes[refused] = lane;
        ++refused;
    }
};

// One lane alone.
inline void fill_lane(const Lanes &lanes, void *memory, const Format &fmt, i64 lane, Left &left) {
    i64 places[64];
    Number start, stop, base;
    void *place = static_cast<char *>(memory) + lane * fmt.bytes;
    Output out = {place, lanes.count, fmt, places, 64, 0, false};
    bool plain = lanes.start.read(lane, start) && lanes.stop.read(lane, stop);
    if (lanes.function == LINSPACE) {
        Sums line;
        plain = plain && plan_linspace(start, stop, lanes.num, lanes.div, line);
        if (plain) fill_sums(line, out);
    } else {
        Powers line;
        if (lanes.function == GEOMSPACE)
            plain = plain && plan_geomspace(start, stop, lanes.num, lanes.div, line);
        else
            plain = plain && lanes.base.read(lane, base) &&
                    plan_logspace(start, stop, base, lanes.num, lanes.div, line);
        if (plain) fill_powers(line, out);
    }
    if (!plain || out.beyond || out.open > out.room || left.open + out.open > left.room) {
        left.refuse(lane);
        return;
    }
    for (i64 k = 0; k < out.open; ++k) left.places[left.open++] = places[k] * lanes.count + lane;
}

// The exact sums of those lanes and samples of a tile that failed the test.
template <class Float>
inline void settle_sums(const Lanes &lanes, const Tile &tile, void *memory, const Format &fmt,
                        i64 first, Left &left) {
    for (i64 k = 0; k < tile.num; ++k) {
        if (!tile.is_row_open[k]) continue;
        double i = static_cast<double>(static_cast<int>(k));
        for (i64 w = 0; w < tile.width; ++w) {
            Float y = sum_of<Float>(tile, w, i, tile.above[w]);
            bool open = difference(y, sum_of<Float>(tile, w, i, tile.below[w])) != 0;
            if (sizeof(Float) == 8) open = open && is_unknown(tile, w, y);
            if (!open || !tile.is_good[w]) continue;
            i64 place = k * lanes.count + first + w;
            Number start, stop;
            Sums line;
            Rounded found = {0, OPEN};
            if (lanes.start.read(first + w, start) && lanes.stop.read(first + w, stop) &&
                plan_linspace(start, stop, lanes.num, lanes.div, line))
                found = round_sum(line, static_cast<u64>(k), fmt);
            if (found.state == DONE) store(memory, place, found.bits, fmt);
            else if (left.open < left.room) left.places[left.open++] = place;
            else left.overflow = true;
        }
    }
}

// The ends of the lanes of a tile, of which those are not good that are not plain: +0.0, or a
// number that lies well inside of the normal range.
XSPACE_FORCE void read_ends(const End &end, i64 first, i64 width, double *x, unsigned char *is_good) {
    if (end.kind == DOUBLE || end.kind == SINGLE)
        for (i64 w = 0; w < width; ++w) {
            const char *place = end.memory + (first + w) * end.stride;
            x[w] = end.kind == DOUBLE ? End::load<double>(place)
                                      : static_cast<double>(End::load<float>(place));
        }
    else
        for (i64 w = 0; w < width; ++w) {
            Number number;
            bool short_ = end.read(first + w, number) && !(number.man & 0x7FF) && number.expo > -1000;
            x[w] = short_ ? number_as_float(number) : from_bits(TOP);
        }
    for (i64 w = 0; w < width; ++w) {
        u64 bits = bits_of(x[w]), field = bits >> 52 & 0x7FF;
        is_good[w] &= (bits == 0) | ((field > 23) & (field < 2023));
    }
}

// Ends of a tile; those of lanes that are not plain, and are made alone, are replaced.
XSPACE_FORCE void read_tile(const Lanes &lanes, const Format &fmt, i64 first, Tile &tile) {
    for (i64 w = 0; w < tile.width; ++w) tile.is_good[w] = true;
    read_ends(lanes.start, first, tile.width, tile.start, tile.is_good);
    read_ends(lanes.stop, first, tile.width, tile.stop, tile.is_good);
    double most = fmt.precision == 24 ? fmt.largest - 6 : PLAIN;
    double least_size = power_of_two(-PLAIN), most_size = power_of_two(static_cast<i64>(most));
    for (i64 w = 0; w < tile.width; ++w) {
        double a = tile.start[w], b = tile.stop[w], a_size = a < 0 ? -a : a, b_size = b < 0 ? -b : b;
        bool good;
        if (lanes.function == LOGSPACE) {
            double low = a * tile.log.high, high = b * tile.log.high, step = (high - low) / tile.div;
            good = (-most < low) & (low < most) & (-most < high) & (high < most) & (-500 < step) &
                   (step < 500);
        } else {
            double size = a_size > b_size ? a_size : b_size, least = a_size > b_size ? b_size : a_size;
            good = size < most_size;
            if (lanes.function == LINSPACE) good &= size > least_size;
            else {
                good &= (least * most_size > 1) & ((a < 0) == (b < 0));
                good &= size < least * 0x1p500 || tile.div > 4;
            }
        }
        tile.is_good[w] &= good;
        tile.start[w] = tile.is_good[w] ? a : 1;
        tile.stop[w] = tile.is_good[w] ? b : 1;
    }
}

// The first and the last sample of sums, which are the ends themselves.
XSPACE_FORCE void set_ends(const Lanes &lanes, void *memory, const Format &fmt, i64 first, const Tile &tile) {
    i64 last = lanes.div == lanes.num - 1 ? lanes.num - 1 : 0;
    for (i64 w = 0; w < tile.width; ++w) {
        if (!tile.is_good[w]) continue;
        double ends[2] = {tile.start[w], tile.stop[w]};
        for (int k = 0; k < (last ? 2 : 1); ++k) {
            i64 place = (k ? last * lanes.count : 0) + first + w;
            if (fmt.bytes == 8) static_cast<double *>(memory)[place] = ends[k];
            else static_cast<float *>(memory)[place] = static_cast<float>(ends[k]);
        }
    }
}

template <bool FUSED>
XSPACE_FORCE void fill_tiles(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    Tile tile;
    tile.function = lanes.function;
    tile.num = lanes.num;
    tile.stride = lanes.count;
    tile.div = static_cast<double>(static_cast<int>(lanes.div));
    tile.is_narrow = fmt.precision == 24;
    if (lanes.function == LOGSPACE)
        tile.log = pair_of(log2(lanes.base.number.man, lanes.base.number.expo));
    for (i64 first = 0; first < lanes.count; first += WIDTH) {
        tile.width = lanes.count - first < WIDTH ? lanes.count - first : WIDTH;
        read_tile(lanes, fmt, first, tile);
        make_tile<FUSED>(tile, static_cast<char *>(memory) + first * fmt.bytes);
        if (lanes.function == LINSPACE) {
            if (tile.is_narrow) settle_sums<float>(lanes, tile, memory, fmt, first, left);
            else settle_sums<double>(lanes, tile, memory, fmt, first, left);
            set_ends(lanes, memory, fmt, first, tile);
        }
        for (i64 w = 0; w < tile.width; ++w)
            if (!tile.is_good[w] || (lanes.function != LINSPACE && tile.is_open[w]))
                fill_lane(lanes, memory, fmt, first + w, left);
    }
}

#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
constexpr bool ALWAYS_FUSED = true;
#else
constexpr bool ALWAYS_FUSED = false;
#endif

inline void fill_tiles_anywhere(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    fill_tiles<ALWAYS_FUSED>(lanes, memory, fmt, left);
}

using FillTiles = void (*)(const Lanes &, void *, const Format &, Left &);

#if defined(__GNUC__) && defined(__x86_64__) && !defined(XSPACE_ONE_TARGET)

__attribute__((target("avx2,fma"))) inline void
fill_tiles_avx2(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    fill_tiles<true>(lanes, memory, fmt, left);
}

__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))) inline void
fill_tiles_avx512(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    fill_tiles<true>(lanes, memory, fmt, left);
}

// What this processor runs.
inline FillTiles tile_filler() {
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return fill_tiles_avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fill_tiles_avx2;
    return fill_tiles_anywhere;
}

#else

inline FillTiles tile_filler() { return fill_tiles_anywhere; }

#endif

// Write all lanes: as tiles, where there are several of a float format and not too long, and else
// alone.
inline void fill_lanes(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    const Number &base = lanes.base.number;
    bool scalar = lanes.base.kind == SCALAR && base.man && !base.is_negative;
    if (fmt.precision >= 24 && lanes.num <= MOST_SAMPLES && lanes.div <= MOST_SAMPLES &&
        lanes.count >= FEWEST && (lanes.function != LOGSPACE || scalar)) {
        tile_filler()(lanes, memory, fmt, left);
        return;
    }
    for (i64 lane = 0; lane < lanes.count; ++lane) fill_lane(lanes, memory, fmt, lane, left);
}

}  // namespace xspace
