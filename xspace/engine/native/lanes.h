// Grids side by side: every lane is the grid of its own ends, and the samples of a lane lie as far
// apart as there are lanes.
#pragma once

#include "plans.h"

namespace xspace {

// The ends of lanes: one number for all, or an array of one for each.
enum Kind { SCALAR, DOUBLE, SINGLE, SIGNED, UNSIGNED };

struct End {
    Kind kind;
    int bytes;  // of a number of the array
    const char *memory;
    i64 stride;
    Number number;  // of a scalar

    // The end of a lane, if it is finite.
    bool read(i64 lane, Number &x) const {
        const char *place = memory + lane * stride;
        switch (kind) {
        case SCALAR: x = number; return true;
        case DOUBLE: return read_float<double>(place, x);
        case SINGLE: return read_float<float>(place, x);
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

private:
    template <class T>
    static T load(const char *place) {
        T value;
        XSPACE_COPY(&value, place, sizeof value);
        return value;
    }

    // A shorter float is one of float64 by its bits, whatever is done with subnormal operands.
    template <class T>
    static bool read_float(const char *place, Number &x) {
        if constexpr (sizeof(T) == 8) {
            double value = load<double>(place);
            x = number_of(value);
            return is_finite(value);
        } else {
            unsigned int bits = load<unsigned int>(place), field = bits >> 23 & 0xFF;
            u64 man = bits & 0x7FFFFF;
            if (field) man |= 0x800000;
            x = number_of(bits >> 31, man, static_cast<i64>(field ? field : 1) - 127 - 23 + 63);
            return field != 0xFF;
        }
    }
};

enum Function { LOGSPACE, GEOMSPACE, LINSPACE };

struct Lanes {
    Function function;
    End start, stop, base;
    i64 num, div, count;
};

// What lanes leave to the caller: elements, as the place in memory, and whole lanes.
struct Left {
    i64 *places;
    i64 room, open;
    i64 *lanes;  // room for all
    i64 refused;
};

// Write lanes from one to another.
inline void fill_lanes(const Lanes &lanes, void *memory, const Format &fmt, i64 from, i64 to,
                       Left &left) {
    i64 places[64];
    for (i64 lane = from; lane < to; ++lane) {
        Number start, stop, base;
        Output out = {static_cast<char *>(memory) + lane * fmt.bytes, lanes.count, fmt, places, 64, 0, false};
        bool plain = lanes.start.read(lane, start) && lanes.stop.read(lane, stop);
        if (lanes.function == LINSPACE) {
            Sums line;
            plain = plain && plan_linspace(start, stop, lanes.num, lanes.div, line);
            if (plain) fill_sums(line, out);
        } else {
            Powers line;
            plain = plain && (lanes.function == GEOMSPACE
                                  ? plan_geomspace(start, stop, lanes.num, lanes.div, line)
                                  : lanes.base.read(lane, base) &&
                                        plan_logspace(start, stop, base, lanes.num, lanes.div, line));
            if (plain) fill_powers(line, out);
        }
        if (!plain || out.beyond || out.open > out.room || left.open + out.open > left.room) {
            left.lanes[left.refused++] = lane;
            continue;
        }
        for (i64 k = 0; k < out.open; ++k) left.places[left.open++] = places[k] * lanes.count + lane;
    }
}

}  // namespace xspace
