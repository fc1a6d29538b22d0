// Grids side by side: every lane is the grid of its own ends, and the samples of a lane lie as far
// apart as there are lanes.
#pragma once

#include "slopes.h"
#include "tiles.h"

namespace xspace {

// The ends of lanes: one number for all, or an array of one for each.
enum Kind { SCALAR, DOUBLE, SINGLE, HALF_FLOAT, BRAIN_FLOAT, SIGNED, UNSIGNED };

// How an array of a format is read.
inline Kind kind_of(const Format &fmt) {
    if (fmt.is_integer()) return fmt.low ? SIGNED : UNSIGNED;
    return fmt.precision == 53   ? DOUBLE
           : fmt.precision == 24 ? SINGLE
           : fmt.precision == 11 ? HALF_FLOAT
                                 : BRAIN_FLOAT;
}

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
    int by = ELEMENTS;  // of which end the derivatives are, if not the elements
};

// What lanes leave to the caller: elements, as the place in memory, and whole lanes.
struct Left {
    i64 *places;
    i64 room, open;
    i64 *lanes;  // room for all, or nothing
    i64 refused;
    bool overflow;  // whether there was no room for a place
    bool cuts;      // whether an integer that does not fit is the end of the range

    void refuse(i64 lane) {
        if (lanes) lanes[refused] = lane;
        ++refused;
    }
};

// One lane alone.
XSPACE_ALONE void fill_lane(const Lanes &lanes, void *memory, const Format &fmt, i64 lane, Left &left) {
    i64 places[64];
    Number start, stop, base;
    void *place = static_cast<char *>(memory) + lane * fmt.bytes;
    Output out = {place, lanes.count, fmt, places, 64, 0, false};
    bool plain = lanes.start.read(lane, start) && lanes.stop.read(lane, stop);
    if (lanes.by != ELEMENTS) {
        Slopes slopes;
        plain = plain && lanes.function != LINSPACE && lanes.base.read(lane, base) &&
                plan_slopes(lanes.function, lanes.by, start, stop, base, lanes.num, lanes.div, slopes);
        if (plain) fill_slopes(slopes, out);
    } else if (lanes.function == LINSPACE) {
        Sums line;
        plain = plain && plan_linspace(start, stop, lanes.num, lanes.div, line) &&
                !(left.cuts && fmt.is_integer() && line.unit > 0);
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
    if (!plain || (out.beyond && !left.cuts) || out.open > out.room || left.open + out.open > left.room) {
        left.refuse(lane);
        return;
    }
    for (i64 k = 0; k < out.open; ++k) left.places[left.open++] = places[k] * lanes.count + lane;
}

// The exact sum of a sample that failed the test.
XSPACE_ALONE void settle_sum(const Lanes &lanes, void *memory, const Format &fmt, i64 lane, i64 k,
                             Left &left) {
    Number start, stop;
    Sums line;
    Rounded found = {0, OPEN};
    if (lanes.start.read(lane, start) && lanes.stop.read(lane, stop) &&
        plan_linspace(start, stop, lanes.num, lanes.div, line))
        found = round_sum(line, static_cast<u64>(k), fmt);
    i64 place = k * lanes.count + lane;
    if (found.state == DONE) store(memory, place, found.bits, fmt);
    else if (left.open < left.room) left.places[left.open++] = place;
    else left.overflow = true;
}

// All of a tile: in rows where one failed, each is asked again.
template <bool FUSED, class Element>
XSPACE_FORCE void settle_sums(const Lanes &lanes, const Tile &tile, const Element &element,
                              void *memory, const Format &fmt, i64 first, Left &left) {
    for (i64 k = 0; k < tile.num; ++k) {
        if (!tile.is_row_open[k]) continue;
        double i = static_cast<double>(static_cast<int>(k));
        for (i64 w = 0; w < tile.width; ++w) {
            double y = sum_of<FUSED>(tile, w, i, tile.above[w]);
            double z = sum_of<FUSED>(tile, w, i, tile.below[w]);
            bool open = difference(element.of(y), element.of(z)) != 0;
            if (fmt.precision == 53) open = open && is_unknown(tile, w, y);
            if (open && tile.is_good[w]) settle_sum(lanes, memory, fmt, first + w, k, left);
        }
    }
}

// The ends of the lanes of a tile; -0.0 for one that is no short number.
XSPACE_FORCE void read_ends(const End &end, i64 first, i64 width, double *x) {
    const char *place = end.memory + first * end.stride;
    if (end.kind == DOUBLE && end.stride == 8) {
        XSPACE_COPY(x, place, static_cast<u64>(width) * 8);
    } else if (end.kind == DOUBLE) {
        for (i64 w = 0; w < width; ++w) x[w] = End::load<double>(place + w * end.stride);
    } else if (end.kind == SINGLE) {
        for (i64 w = 0; w < width; ++w)
            x[w] = static_cast<double>(End::load<float>(place + w * end.stride));
    } else {
        for (i64 w = 0; w < width; ++w) {
            Number number;
            bool short_ = end.read(first + w, number) && !(number.man & 0x7FF) && number.expo > -1000;
            x[w] = short_ ? number_as_float(number) : from_bits(TOP);
        }
    }
}

// +0.0, or a number that lies well inside of the normal range.
XSPACE_FORCE u64 is_moderate(double x) {
    u64 bits = bits_of(x);
    return all_bits(bits == 0) | all_bits((bits & ~TOP) - (24ULL << 52) < 2000ULL << 52);
}

// Between which numbers the ends of lanes are, and their exponents of two: elements of float64 and
// of float32 are normal numbers, and integers fit their format.
struct Bounds {
    double low, high, least_size, low_exponent, high_exponent;

    Bounds(Function function, const Format &fmt) {
        i64 most = fmt.precision == 24 ? fmt.largest - 6 : PLAIN, least = -PLAIN;
        low_exponent = static_cast<double>(-most);
        high_exponent = static_cast<double>(most);
        high = power_of_two(most);
        low = -high;
        if (fmt.precision == 24 && function != LINSPACE) least = -most;
        if (fmt.is_integer()) {
            i64 bits = 8 * fmt.bytes - (fmt.low != 0);
            i64 reach = function == LINSPACE ? MOST_WHOLE_SUM : MOST_WHOLE;
            if (bits < reach) reach = bits;
            high = power_of_two(reach) - 1;
            low = fmt.low ? -high : 0;
            high_exponent = static_cast<double>(reach) - 0x1p-20;
            if (function == LINSPACE) least = 0;
        }
        least_size = power_of_two(least);
    }
};

XSPACE_FORCE u64 is_between(double x, double low, double high) {
    return all_bits(low <= x) & all_bits(x <= high);
}

// Whether the ends of a lane are plain, as all bits or none.
XSPACE_FORCE u64 are_exponents(double a, double b, const Tile &tile, const Bounds &bounds) {
    double low = a * tile.log.high, high = b * tile.log.high, step = (high - low) / tile.div;
    return is_between(low, bounds.low_exponent, bounds.high_exponent) &
           is_between(high, bounds.low_exponent, bounds.high_exponent) & is_between(step, -500, 500);
}

XSPACE_FORCE u64 are_terms(double a, double b, const Bounds &bounds) {
    return is_between(a, bounds.low, bounds.high) & is_between(b, bounds.low, bounds.high);
}

XSPACE_FORCE u64 are_ratios(double a, double b, const Tile &tile, const Bounds &bounds) {
    double a_size = magnitude(a), b_size = magnitude(b);
    double most = a_size > b_size ? a_size : b_size, least = a_size > b_size ? b_size : a_size;
    u64 one_sign = ((bits_of(a) ^ bits_of(b)) >> 63) - 1;
    return are_terms(a, b, bounds) & one_sign & all_bits(least >= bounds.least_size) &
           (all_bits(most <= least * 0x1p500) | all_bits(tile.div > 4));
}

XSPACE_FORCE u64 are_sums(double a, double b, u64 far, const Bounds &bounds) {
    double a_size = magnitude(a), b_size = magnitude(b);
    double most = a_size > b_size ? a_size : b_size, least = a_size > b_size ? b_size : a_size;
    return are_terms(a, b, bounds) & all_bits(most >= bounds.least_size) &
           (far | all_bits(least == 0) | all_bits(least * NEAR > most));
}

// Ends of lanes that are not plain, and are made alone, are replaced.
template <class Plain>
XSPACE_FORCE void keep_plain(Tile &tile, Plain plain) {
    const u64 one = bits_of(1.0);
    for (i64 w = 0; w < tile.width; ++w) {
        double a = tile.start[w], b = tile.stop[w];
        u64 good = is_moderate(a) & is_moderate(b) & plain(a, b);
        tile.is_good[w] = good;
        tile.start[w] = from_bits((bits_of(a) & good) | (one & ~good));
        tile.stop[w] = from_bits((bits_of(b) & good) | (one & ~good));
    }
}

XSPACE_FORCE void read_tile(const Lanes &lanes, const Format &fmt, const Bounds &bounds, i64 first,
                            Tile &tile) {
    read_ends(lanes.start, first, tile.width, tile.start);
    read_ends(lanes.stop, first, tile.width, tile.stop);
    u64 far = all_bits(!fmt.is_integer());
    if (lanes.function == LOGSPACE)
        keep_plain(tile, [&](double a, double b) { return are_exponents(a, b, tile, bounds); });
    else if (lanes.function == GEOMSPACE)
        keep_plain(tile, [&](double a, double b) { return are_ratios(a, b, tile, bounds); });
    else
        keep_plain(tile, [&](double a, double b) { return are_sums(a, b, far, bounds); });
}

template <bool FUSED, class Element>
XSPACE_FORCE void fill_tiles_as(const Lanes &lanes, const Element &element, void *memory,
                                const Format &fmt, Left &left) {
    Tile tile;
    Bounds bounds(lanes.function, fmt);
    tile.function = lanes.function;
    tile.num = lanes.num;
    tile.stride = lanes.count * fmt.bytes;
    tile.div = static_cast<double>(static_cast<int>(lanes.div));
    tile.inverse = 1 / tile.div;
    if (lanes.function == LOGSPACE)
        tile.log = pair_of(log2(lanes.base.number.man, lanes.base.number.expo));
    for (i64 first = 0; first < lanes.count; first += WIDTH) {
        tile.width = lanes.count - first < WIDTH ? lanes.count - first : WIDTH;
        read_tile(lanes, fmt, bounds, first, tile);
        make_tile<FUSED>(tile, element, static_cast<char *>(memory) + first * fmt.bytes, fmt.bytes);
        if (lanes.function == LINSPACE)
            settle_sums<FUSED>(lanes, tile, element, memory, fmt, first, left);
        for (i64 w = 0; w < tile.width; ++w)
            if (!tile.is_good[w] || (lanes.function != LINSPACE && tile.is_open[w]))
                fill_lane(lanes, memory, fmt, first + w, left);
    }
}

template <bool FUSED>
XSPACE_FORCE void fill_tiles_with(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    if (fmt.precision == 53) fill_tiles_as<FUSED>(lanes, Doubles{}, memory, fmt, left);
    else if (fmt.precision == 24) fill_tiles_as<FUSED>(lanes, Singles{}, memory, fmt, left);
    else if (fmt.is_integer()) fill_tiles_as<FUSED>(lanes, Wholes{}, memory, fmt, left);
    else fill_tiles_as<FUSED>(lanes, Shorts(fmt), memory, fmt, left);
}

XSPACE_FOR_PROCESSORS(fill_tiles,
                      (const Lanes &lanes, void *memory, const Format &fmt, Left &left),
                      (lanes, memory, fmt, left))

// Derivatives of a linspace, which are the same for all ends.
inline void fill_weights(const Lanes &lanes, double *memory) {
    for (i64 i = 0; i < lanes.num; ++i) {
        double count = static_cast<double>(lanes.by == BY_STOP ? i : lanes.div - i);
        double weight = count / static_cast<double>(lanes.div);
        for (i64 lane = 0; lane < lanes.count; ++lane) *memory++ = weight;
    }
}

// Write all lanes: as tiles, where there are several and not too long, and else alone.
inline void fill_lanes(const Lanes &lanes, void *memory, const Format &fmt, Left &left) {
    const Number &base = lanes.base.number;
    bool scalar = lanes.base.kind == SCALAR && base.man && !base.is_negative;
    if (lanes.by != ELEMENTS && lanes.function == LINSPACE && fmt.precision == 53) {
        fill_weights(lanes, static_cast<double *>(memory));
        return;
    }
    if (lanes.by == ELEMENTS && lanes.num <= MOST_SAMPLES && lanes.div <= MOST_SAMPLES &&
        lanes.count >= FEWEST && (lanes.function != LOGSPACE || scalar)) {
        fill_tiles(lanes, memory, fmt, left);
        return;
    }
    for (i64 lane = 0; lane < lanes.count; ++lane) fill_lane(lanes, memory, fmt, lane, left);
}

}  // namespace xspace
