// Grids in programs of XLA: a handler for its foreign-function interface on the CPU.
//
// The interface is one of C, with a version: xla/ffi/api/c_api.h of OpenXLA.  What is used of it is
// declared here, by the layout of versions 0.1 (jaxlib 0.8) to 0.3 (jaxlib 0.10), so that building
// needs no jaxlib.  A minor version may only add fields at the end of a structure, each of which
// begins with its size: a handler that finds another major version, or a structure that is
// shorter than the part used, says so and touches nothing.
//
// A program has a plan of words and the ends as buffers.  What the engine leaves open, a function
// of Python settles exactly, for which the handler takes the interpreter's lock: whoever waits for
// a program has let go of it.
#pragma once

#include <cstdlib>

#include "environment.h"
#include "lanes.h"

namespace xspace {
namespace xla {

struct Extension {
    size_t size;
    int kind;
    Extension *next;
};

struct Version {
    size_t size;
    Extension *extensions;
    int major, minor;
};

struct Failure {
    size_t size;
    Extension *extensions;
    const char *message;
    int code;
};

struct Interface {
    size_t size;
    Extension *extensions;
    Version version;
    const void *internal;
    void *(*fail)(Failure *);
};

struct Array {
    size_t size;
    Extension *extensions;
    int kind;
    void *memory;
    i64 rank;
    i64 *shape;
};

// Arguments or results.
struct Arrays {
    size_t size;
    Extension *extensions;
    i64 count;
    int *kinds;
    Array **arrays;
};

struct Text {
    const char *first;
    size_t length;
};

struct Words {
    int kind;
    size_t count;
    const i64 *words;
};

struct Attributes {
    size_t size;
    Extension *extensions;
    i64 count;
    int *kinds;
    Text **names;
    void **values;
};

struct Frame {
    size_t size;
    Extension *extensions;
    const Interface *api;
    void *context;
    int stage;
    Arrays arguments, results;
    Attributes attributes;
};

struct Metadata {
    size_t size;
    Version version;
    unsigned int traits;
};

struct MetadataExtension {
    Extension extension;
    Metadata *metadata;
};

constexpr int METADATA = 1, EXECUTE = 3, INVALID_ARGUMENT = 3, INTERNAL = 13;
constexpr int ATTRIBUTE_ARRAY = 1, ATTRIBUTE_TEXT = 4, SIGNED_WORDS = 5;
constexpr int MAJOR = 0, MINOR = 1;

}  // namespace xla

// Memory for the time of a call.
class Scratch {
    void *memory = nullptr;

public:
    Scratch() = default;
    ~Scratch() { std::free(memory); }
    Scratch(const Scratch &) = delete;
    Scratch &operator=(const Scratch &) = delete;
    template <class T>
    T *make(i64 count) {
        std::free(memory);
        memory = std::malloc(static_cast<size_t>(count > 0 ? count : 1) * sizeof(T));
        return static_cast<T *>(memory);
    }
};

constexpr int ENDS = 3, PLAN_WORDS = 6 + 4 * ENDS;
// What an end is: an argument of a format, or one of these.
constexpr i64 PLAIN_NUMBER = -1, OTHER_NUMBER = -2, NO_END = -3;
constexpr Function STEP = static_cast<Function>(3);  // of sums
constexpr i64 PLACES = 4096;

// A call: grids of `inner` lanes, `outer` of them one after the other.
struct Program {
    const i64 *plan;
    xla::Text text;
    const xla::Frame *frame;
    const xla::Array *out;
    i64 outer, inner;
    Format fmt;
    Lanes lanes;
    bool is_plain;  // whether the engine takes the numbers
    Scratch arrays[ENDS];
    Scratch open, refused, tile;
    i64 *places, *refusals;
    i64 open_count, refused_count;

    i64 size() const { return outer * inner; }
    char *element(i64 place) const { return static_cast<char *>(out->memory) + place * fmt.bytes; }
};

// An argument as an end of all lanes: as it lies there, or copied where that is not an array of all.
// One number may have any shape.  Others have the axes of the lanes, each as long or 1, and maybe
// one more at the end, of length 1, for the samples.
inline const char *read_argument(Program &call, const xla::Array &array, const Format &fmt, Scratch &copy,
                                 End &end) {
    const xla::Array &out = *call.out;
    i64 axis = out.rank - 1 - call.plan[3], rank = out.rank - 1, count = 1, strides[64];
    for (i64 k = 0; k < array.rank; ++k) count *= array.shape[k];
    end = {kind_of(fmt), fmt.bytes, static_cast<const char *>(array.memory), fmt.bytes, {false, 0, 0}};
    if (count == 1) {
        end.stride = 0;
        return nullptr;
    }
    bool is_whole = true, has_samples = array.rank == rank + 1 && array.shape[rank] == 1;
    if (array.rank != rank && !has_samples) return "an end has another number of dimensions than the lanes";
    if (rank > 64) return "an end has too many dimensions";
    count = 1;
    for (i64 k = rank - 1; k >= 0; --k) {
        i64 length = out.shape[k < axis ? k : k + 1];
        if (array.shape[k] != 1 && array.shape[k] != length) return "an end does not fit the lanes";
        strides[k] = array.shape[k] == 1 ? 0 : count;
        is_whole = is_whole && array.shape[k] == length;
        count *= array.shape[k];
    }
    if (is_whole) return nullptr;
    char *there = copy.make<char>(call.size() * fmt.bytes);
    if (there == nullptr) return "no memory for an end";
    end.memory = there;
    for (i64 lane = 0; lane < call.size(); ++lane) {
        i64 from = 0, rest = lane;
        for (i64 k = rank - 1; k >= 0; --k) {
            i64 length = out.shape[k < axis ? k : k + 1];
            from += rest % length * strides[k];
            rest /= length;
        }
        const char *place = static_cast<const char *>(array.memory) + from * fmt.bytes;
        for (int k = 0; k < fmt.bytes; ++k) *there++ = place[k];
    }
    return nullptr;
}

// What a frame asks for; a message if it is not understood.
inline const char *read_program(const xla::Frame *frame, Program &call) {
    const xla::Interface *api = frame->api;
    if (frame->size < sizeof(xla::Frame) || api->size < sizeof(xla::Interface) ||
        api->version.major != xla::MAJOR || frame->arguments.size != sizeof(xla::Arrays) ||
        frame->results.size != sizeof(xla::Arrays) || frame->attributes.size != sizeof(xla::Attributes))
        return "this version of XLA has another interface than the engine: set XSPACE_NATIVE=0";
    call.frame = frame;
    const xla::Attributes &attributes = frame->attributes;
    if (attributes.count != 2 || attributes.kinds[0] != xla::ATTRIBUTE_ARRAY ||
        attributes.kinds[1] != xla::ATTRIBUTE_TEXT || frame->results.count != 1)
        return "wanted a plan, a text and one result";
    const xla::Words *words = static_cast<const xla::Words *>(attributes.values[0]);
    call.text = *static_cast<const xla::Text *>(attributes.values[1]);
    if (words->count != PLAN_WORDS || words->kind != xla::SIGNED_WORDS) return "wanted a plan of words";
    call.plan = words->words;
    call.out = frame->results.arrays[0];
    const xla::Array &out = *call.out;
    i64 axis = out.rank - 1 - call.plan[3];
    if (call.plan[0] < LOGSPACE || call.plan[0] > STEP || call.plan[1] < 0 ||
        call.plan[1] >= FORMAT_COUNT || axis < 0 || axis >= out.rank)
        return "the plan asks for what there is not";
    i64 by = call.plan[4], ends_of = call.plan[0] == LOGSPACE ? BY_BASE : BY_STOP;
    bool is_real = !FORMATS[call.plan[1]].is_integer() && call.plan[0] != STEP;
    if (by != ELEMENTS && (by < BY_START || by > ends_of || !is_real))
        return "the plan asks for a derivative that there is not";
    call.fmt = FORMATS[call.plan[1]];
    call.outer = call.inner = 1;
    for (i64 k = 0; k < out.rank; ++k) {
        if (k < axis) call.outer *= out.shape[k];
        if (k > axis) call.inner *= out.shape[k];
    }
    i64 num = out.shape[axis], div = call.plan[5];
    call.lanes = {static_cast<Function>(call.plan[0]), {}, {}, {}, num, div, call.inner,
                  static_cast<int>(by)};
    call.is_plain = num < MOST_ELEMENTS && div < MOST_ELEMENTS;
    End *ends[ENDS] = {&call.lanes.start, &call.lanes.stop, &call.lanes.base};
    i64 argument = 0;
    for (int k = 0; k < ENDS; ++k) {
        const i64 *end = call.plan + 6 + 4 * k;
        *ends[k] = {SCALAR, 8, nullptr, 0, {false, TOP, 0}};
        if (end[0] == PLAIN_NUMBER)
            ends[k]->number = {end[1] != 0, static_cast<u64>(end[2]), end[3]};
        else if (end[0] == OTHER_NUMBER)
            call.is_plain = false;
        else if (end[0] != NO_END) {
            if (end[0] < 0 || end[0] >= FORMAT_COUNT || argument >= frame->arguments.count)
                return "the plan has an end that is not there";
            const xla::Array &array = *frame->arguments.arrays[argument++];
            const char *error = read_argument(call, array, FORMATS[end[0]], call.arrays[k], *ends[k]);
            if (error) return error;
            Number number;
            if (ends[k]->stride == 0 && ends[k]->read(0, number))
                *ends[k] = {SCALAR, 8, nullptr, 0, number};
        }
    }
    call.open_count = call.refused_count = 0;
    call.places = call.open.make<i64>(PLACES);
    call.refusals = call.refused.make<i64>(call.size());
    return call.places && call.refusals ? nullptr : "no memory for what is left open";
}

// So many lanes from one on.
inline Lanes lanes_from(const Program &call, i64 first, i64 count) {
    Lanes lanes = call.lanes;
    End *ends[ENDS] = {&lanes.start, &lanes.stop, &lanes.base};
    for (End *end : ends)
        if (end->kind != SCALAR) end->memory += first * end->stride;
    lanes.count = count;
    return lanes;
}

// Lanes side by side in memory, of which the places that are left open are put where they go.
template <class Place>
inline void fill_beside(Program &call, i64 first, i64 count, void *memory, Place place) {
    Lanes lanes = lanes_from(call, first, count);
    Left left = {call.places + call.open_count, PLACES - call.open_count, 0,
                 call.refusals + call.refused_count, 0, false, true};
    fill_lanes(lanes, memory, call.fmt, left);
    if (left.overflow) {  // all of them
        for (i64 lane = 0; lane < count; ++lane) left.lanes[lane] = lane;
        left.open = 0;
        left.refused = count;
    }
    for (i64 k = 0; k < left.open; ++k) left.places[k] = place(left.places[k] / count, left.places[k] % count);
    for (i64 k = 0; k < left.refused; ++k) left.lanes[k] += first;
    call.open_count += left.open;
    call.refused_count += left.refused;
}

// Lanes whose samples lie together: several are made side by side, and turned.
template <int BYTES>
inline void fill_turned(Program &call, char *tile) {
    i64 num = call.lanes.num;
    for (i64 first = 0; first < call.outer; first += WIDTH) {
        i64 count = call.outer - first < WIDTH ? call.outer - first : WIDTH;
        fill_beside(call, first, count, tile,
                    [&](i64 sample, i64 lane) { return (first + lane) * num + sample; });
        for (i64 lane = 0; lane < count; ++lane) {
            char *out = call.element((first + lane) * num);
            for (i64 k = 0; k < num; ++k)
                XSPACE_COPY(out + k * BYTES, tile + (k * count + lane) * BYTES, BYTES);
        }
    }
}

inline bool fill_step(const Program &call, i64 lane) {
    Number start, stop;
    Sums line;
    if (!call.lanes.start.read(lane, start) || !call.lanes.stop.read(lane, stop) ||
        !plan_linspace(start, stop, 2, call.lanes.div, line))
        return false;
    line.first = line.step;
    line.first_rest = line.rest;
    Rounded found = round_sum(line, 0, call.fmt);
    if (found.state == DONE) store(call.out->memory, lane, found.bits, call.fmt);
    return found.state == DONE;
}

inline void fill_program(Program &call) {
    i64 num = call.lanes.num, size = call.size();
    bool is_turned = call.fmt.precision >= 24 && num <= MOST_SAMPLES && call.inner == 1 &&
                     call.outer >= FEWEST && call.lanes.by == ELEMENTS;
    char *tile = is_turned && call.is_plain ? call.tile.make<char>(num * WIDTH * call.fmt.bytes) : nullptr;
    if (!call.is_plain) {
        for (i64 lane = 0; lane < size; ++lane) call.refusals[call.refused_count++] = lane;
    } else if (call.lanes.function == STEP) {
        for (i64 lane = 0; lane < size; ++lane)
            if (!fill_step(call, lane)) call.refusals[call.refused_count++] = lane;
    } else if (tile) {
        if (call.fmt.bytes == 8) fill_turned<8>(call, tile);
        else fill_turned<4>(call, tile);
    } else {
        for (i64 block = 0; block < call.outer; ++block) {
            i64 begin = block * num * call.inner;
            fill_beside(call, block * call.inner, call.inner, call.element(begin),
                        [&](i64 sample, i64 lane) { return begin + sample * call.inner + lane; });
        }
    }
}

}  // namespace xspace
