// Where elements go.
#pragma once

#include "formats.h"

namespace xspace {

// Memory, how many elements lie between two of the grid, and the indices that are left open.
struct Output {
    void *memory;
    i64 stride;
    Format fmt;
    i64 *places;
    i64 room;      // for places; more may be open
    i64 open;
    bool beyond;   // whether an integer does not fit

    void write(i64 i, Rounded found, const Format &as) {
        if (found.state == BEYOND) beyond = true;
        if (found.state == OPEN) {
            if (open < room) places[open] = i;
            ++open;
        }
        store(memory, i * stride, found.bits, as);
    }
};

}  // namespace xspace
