// Lanes in one launch, in every format, in numbers of two words: docs/method/fused.
//
// lanes.h comes before this text, and so does THREADS (cupy_source.py).  What is open is counted,
// and left to the host.

namespace xspace {

// What lanes leave to the host, behind two counts: elements, as their place in memory, and lanes.
struct Report {
    u64 *count;
    u64 room;

    void add(int kind, i64 number) const {
        u64 k = atomicAdd(count + kind, ONE);
        if (k < room) count[2 + static_cast<u64>(kind) * room + k] = static_cast<u64>(number);
    }
};

// x**n, with as many units lost as by a product at a time.
inline Power raised(Power x, u64 n) {
    Power result = {{TOP, 0}, 0};
    for (; n; n >>= 1) {
        if (n & 1) result = times(result, x);
        if (n > 1) x = times(x, x);
    }
    return result;
}

// Samples of one lane.
inline void fill_samples(const Lanes &lanes, char *memory, const Format &fmt, i64 lane, i64 first,
                         i64 end, Report report) {
    Number start, stop, base;
    Sums sums;
    Powers powers;
    Power x = {{TOP, 0}, 0};
    bool plain = lanes.start.read(lane, start) && lanes.stop.read(lane, stop), is_sum = false;
    if (lanes.function == LINSPACE) {
        is_sum = true;
        plain = plain && plan_linspace(start, stop, lanes.num, lanes.div, sums);
    } else {
        if (lanes.function == GEOMSPACE)
            plain = plain && plan_geomspace(start, stop, lanes.num, lanes.div, powers);
        else
            plain = plain && lanes.base.read(lane, base) &&
                    plan_logspace(start, stop, base, lanes.num, lanes.div, powers);
        if (plain) x = times(powers.first, raised(powers.ratio, static_cast<u64>(first)));
    }
    if (!plain) {
        if (first == 0) report.add(1, lane);
        return;
    }
    Output out = {memory + lane * fmt.bytes, lanes.count, fmt, nullptr, 0, 0, false};
    for (i64 i = first; i < end; ++i) {
        if (is_sum) write_sum(out, sums, i);
        else {
            if (fmt.is_integer()) write_integer(out, powers, i, x);
            else write_float(out, powers, i, x, fmt);
            x = times(x, powers.ratio);
        }
        if (out.open || out.beyond) report.add(0, i * lanes.count + lane);
        out.open = 0;
        out.beyond = false;
    }
}

// An end by four words: those of a number, or of an array.
inline End end_of(u64 kind, u64 a, u64 b, u64 c) {
    if (kind == SCALAR) return {SCALAR, 0, nullptr, 0, {a != 0, b, static_cast<i64>(c)}};
    return {static_cast<Kind>(kind), static_cast<int>(a), reinterpret_cast<const char *>(b),
            static_cast<i64>(c), {false, 0, 0}};
}

}  // namespace xspace

using namespace xspace;

// A thread makes so many samples of one lane, and its neighbours those of the next lanes.  Whole
// numbers by value, the first of them the address of the memory; ends as `end_of` takes them.
extern "C" __global__ void __launch_bounds__(THREADS, 2)
lanes(u64 out, u64 code, u64 function, u64 num, u64 div, u64 count, u64 samples, u64 report, u64 room,
      u64 start, u64 start_a, u64 start_b, u64 start_c, u64 stop, u64 stop_a, u64 stop_b, u64 stop_c,
      u64 base, u64 base_a, u64 base_b, u64 base_c) {
    u64 thread = static_cast<u64>(blockIdx.x) * THREADS + threadIdx.x, first = thread / count * samples;
    if (first >= num) return;
    Lanes all = {
        static_cast<Function>(function),
        end_of(start, start_a, start_b, start_c),
        end_of(stop, stop_a, stop_b, stop_c),
        end_of(base, base_a, base_b, base_c),
        static_cast<i64>(num),
        static_cast<i64>(div),
        static_cast<i64>(count),
    };
    u64 end = first + samples < num ? first + samples : num;
    fill_samples(all, reinterpret_cast<char *>(out), FORMATS[code], static_cast<i64>(thread % count),
                 static_cast<i64>(first), static_cast<i64>(end),
                 Report{reinterpret_cast<u64 *>(report), room});
}
