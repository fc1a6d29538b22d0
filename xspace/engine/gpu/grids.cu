// Whole grids between scalars in one launch, in every format: docs/method/fused.
//
// geometric.h and linear.h come before this text, and so do THREADS, BLOCKS, ROWS and the words
// of CONSTANTS (cupy_source.py).  Powers are made from their places: in float64 with a rounding test, or in
// numbers of two words, and what these leave open in numbers of three.  Sums are exact.

#define RARELY __noinline__  // called: its registers are not those of the loop

namespace xspace {

// What fused.py has under this name, three words each.
static __device__ const u64 CONSTANTS[] = {CONSTANT_WORDS};

// Three words of a fraction, the highest first: a *triple unit* is 2**-192.
struct Triple {
    u64 a, b, c;
};

// whole + rest, in two's complement.
struct Place {
    i64 whole;
    Triple rest;
};

// A geometric progression by the logarithms of its start and its step: a whole part and four words
// of a fraction.
struct Grid {
    u64 num;
    Format fmt;
    bool is_negative;
    u64 start[5], step[5];
};

inline Triple plus(Triple x, Triple y) {
    u64 c = x.c + y.c;
    Wide upper = plus(plus(Wide{x.a, x.b}, Wide{y.a, y.b}), Wide{0, c < x.c});
    return {upper.high, upper.low, c};
}

inline Triple doubled(Triple x) { return {x.a << 1 | x.b >> 63, x.b << 1 | x.c >> 63, x.c << 1}; }

// A product of fractions, less than 6 triple units too low.
inline Triple times(Triple x, Triple y) {
    Wide low = {0, x.a * y.b};
    u64 parts[4] = {x.b * y.a, high_word(x.a, y.c), high_word(x.b, y.b), high_word(x.c, y.a)};
    for (u64 part : parts) low = plus(low, Wide{0, part});
    Wide high = {high_word(x.a, y.a), x.a * y.a};
    u64 upper[3] = {low.high, high_word(x.a, y.b), high_word(x.b, y.a)};
    for (u64 part : upper) high = plus(high, Wide{0, part});
    return {high.high, high.low, low.low};
}

inline Triple constant(u64 k) { return {CONSTANTS[3 * k], CONSTANTS[3 * k + 1], CONSTANTS[3 * k + 2]}; }

// One half of the power of two of a fraction: less than 90 triple units too low.
RARELY Triple half_power(Triple f) {
    Triple g = {f.a & 0xFFFFFFFF, f.b, f.c};
    Triple t = constant(1028);
    for (u64 k = 1028; k-- > 1024;) t = plus(constant(k), times(g, t));
    t = times(g, t);
    Triple upper = times(constant(f.a >> 56), constant(256 + (f.a >> 48 & 255)));
    Triple lower = times(constant(512 + (f.a >> 40 & 255)), constant(768 + (f.a >> 32 & 255)));
    Triple p = doubled(times(doubled(upper), doubled(lower)));
    return plus(p, times(p, t));
}

// start + i*step, without the last of four words of the fraction.
inline Place place_of(const u64 *start, const u64 *step, u64 i) {
    u64 words[5], carry = 0;
    for (int k = 4; k >= 0; --k) {
        Wide sum = plus(Wide{high_word(i, step[k]), i * step[k]}, Wide{0, carry});
        sum = plus(sum, Wide{0, start[k]});
        words[k] = sum.low;
        carry = sum.high;
    }
    return {static_cast<i64>(words[0]), {words[1], words[2], words[3]}};
}

// The power of two of a place, less than 101 units off.
inline Power power_at(Place x) { return exp2(Fixed{x.whole, {x.rest.a, x.rest.b}}); }

inline Rounded rounded(const Grid &grid, Power x, u64 margin, bool rest) {
    if (grid.fmt.is_integer())
        return signed_integer(integer_part(x, margin), grid.is_negative, grid.fmt);
    Rounded found = round_float(x, margin, rest, grid.fmt);
    if (grid.is_negative) found.bits |= grid.fmt.sign();
    return found;
}

// The bits of an element from three words.  They are rounded to 180 bits: what is as near to a
// midpoint, or to an integer, as that is on it.
RARELY u64 settled(const Grid &grid, u64 i) {
    Place x = place_of(grid.start, grid.step, i);
    Triple w = half_power(x.rest), near = plus(w, Triple{0, 0, 2048});
    u64 carry = near.a < w.a;
    Power power = {{near.a | carry << 63, near.b}, x.whole + static_cast<i64>(carry)};
    return rounded(grid, power, 0, near.c >> 12 != 0).bits;
}

// The bits of an element, from two words if that does.
inline u64 element(const Grid &grid, u64 i) {
    Rounded found = rounded(grid, power_at(place_of(grid.start, grid.step, i)), MARGIN, false);
    return found.state == DONE ? found.bits : settled(grid, i);
}

// Long grids of floats: a row entry, a column entry, and a test.

template <class Number>
struct LongPowers {
    typedef Number Float;
    typedef Grid Line;
    typedef Entry Row;
    typedef xspace::Column Column;

    // Of elements that are not plain numbers, all fail the test.
    static Row row(const Grid &grid, u64 i, u64 count) {
        const u64 none[5] = {0, 0, 0, 0, 0};
        i64 span = place_of(none, grid.step, count).whole;
        Power x = power_at(place_of(grid.start, grid.step, i));
        i64 low = x.expo + (span < 0 ? span : 0) - 1, high = x.expo + (span > 0 ? span : 0) + 2;
        double nan = from_bits(0x7FF8ULL << 48);
        if (span < -SPAN || span >= SPAN || !is_plain(low, high, grid.fmt)) return {nan, nan, nan};
        Entry entry = entry_of(x);
        if (grid.is_negative) entry = {-entry.head, -entry.tail, -entry.full};
        return entry;
    }
    static Column column(const Grid &grid, u64 j) {
        const u64 none[5] = {0, 0, 0, 0, 0};
        Power x = power_at(place_of(none, grid.step, j));
        if (x.expo < -2 * SPAN || x.expo > 2 * SPAN) x.expo = 0;  // for rows that fail
        return column_of(x, sizeof(Float) == 4);
    }
    static Sides<Float> sides(const Row &row, const Column &column) {
        return multiply<false>(row, column, Float());
    }
    static u64 settle(const Grid &grid, u64 i) { return element(grid, i); }
};

struct SumGrid {
    Sums line;
    Format fmt;
    double scale, error;  // a unit of the heads, and the half width of the test
};

template <class Number>
struct LongSums {
    typedef Number Float;
    typedef SumGrid Line;
    struct Row {
        double head, above, below;
    };
    typedef Halves Column;

    static Row row(const SumGrid &grid, u64 i, u64) {
        Wide floor;
        sum_at(grid.line, i, floor);
        Halves first = halves_of(floor, grid.scale);
        return {first.head, first.tail + grid.error, first.tail - grid.error};
    }
    static Column column(const SumGrid &grid, u64 j) {
        Halves step = halves_of(grid.line.step, grid.scale);
        double times = static_cast<double>(static_cast<int>(j));
        return {times * step.head, times * step.tail};
    }
    static Sides<Float> sides(const Row &row, const Column &column) {
        double p = row.head + column.head;
        return {static_cast<Float>(p + (column.tail + row.above)),
                static_cast<Float>(p + (column.tail + row.below))};
    }
    static u64 settle(const SumGrid &grid, u64 i) { return round_sum(grid.line, i, grid.fmt).bits; }
};

template <class Kind>
RARELY void settle(typename Kind::Float *out, const typename Kind::Line &grid, u64 i) {
    store(out, static_cast<i64>(i), Kind::settle(grid, i), grid.fmt);
}

// A thread keeps the entries of some columns and goes through rows, which a block shares.
template <class Kind>
inline void fill_long(typename Kind::Float *out, const typename Kind::Line &grid, u64 num) {
    typedef typename Kind::Float Float;
    constexpr u64 WIDE = 16 / sizeof(Float);  // what one store writes
    constexpr u64 COLUMNS = THREADS * WIDE, CHUNK = ROWS * COLUMNS;
    struct alignas(16) Store {
        Float element[WIDE];
    };
    __shared__ typename Kind::Row rows[ROWS];
    typename Kind::Column columns[WIDE];
#pragma unroll
    for (u64 k = 0; k < WIDE; ++k) columns[k] = Kind::column(grid, threadIdx.x * WIDE + k);
    for (u64 first = blockIdx.x * CHUNK; first < num; first += gridDim.x * CHUNK) {
        if (threadIdx.x < ROWS) rows[threadIdx.x] = Kind::row(grid, first + threadIdx.x * COLUMNS, COLUMNS);
        __syncthreads();
        u64 i = first + threadIdx.x * WIDE;
#pragma unroll 4
        for (int r = 0; r < ROWS; ++r, i += COLUMNS) {
            if (i >= num) break;
            Store all;
            unsigned int open = 0;
#pragma unroll
            for (u64 k = 0; k < WIDE; ++k) {
                Sides<Float> sides = Kind::sides(rows[r], columns[k]);
                all.element[k] = sides.high;
                open |= static_cast<unsigned int>(!(sides.high == sides.low)) << k;
            }
            if (i + WIDE <= num) *reinterpret_cast<Store *>(out + i) = all;
            else
                for (u64 k = 0; k < WIDE; ++k)
                    if (i + k < num) out[i + k] = all.element[k];
            for (u64 k = 0; open >> k; ++k)
                if (open >> k & 1 && i + k < num) settle<Kind>(out, grid, i + k);
        }
        __syncthreads();
    }
}

}  // namespace xspace

// The kernels: whole numbers by value, the first of them the address of the memory.

using namespace xspace;

#define KERNEL extern "C" __global__ void
// Long grids: as many registers as leave room for so many blocks.
#define BOUNDED KERNEL __launch_bounds__(THREADS, BLOCKS)

#define POWERS_WORDS \
    u64 out, u64 code, u64 num, u64 is_negative, u64 a4, u64 a3, u64 a2, u64 a1, u64 a0, u64 d4, \
        u64 d3, u64 d2, u64 d1, u64 d0
#define POWERS_GRID \
    {num, FORMATS[code], is_negative != 0, {a4, a3, a2, a1, a0}, {d4, d3, d2, d1, d0}}

#define SUMS_WORDS \
    u64 out, u64 code, u64 num, u64 unit, u64 a1, u64 a0, u64 d1, u64 d0, u64 a_rest, u64 d_rest, u64 den
#define SUMS_LINE \
    {{a1, a0}, {d1, d0}, a_rest, d_rest, den, static_cast<i64>(unit), static_cast<i64>(num)}

// Each element by itself.
KERNEL powers(POWERS_WORDS) {
    Grid grid = POWERS_GRID;
    for (u64 i = static_cast<u64>(blockIdx.x) * THREADS + threadIdx.x; i < num; i += gridDim.x * THREADS)
        store(reinterpret_cast<void *>(out), static_cast<i64>(i), element(grid, i), grid.fmt);
}

KERNEL sums(SUMS_WORDS) {
    Sums line = SUMS_LINE;
    Format fmt = FORMATS[code];
    for (u64 i = static_cast<u64>(blockIdx.x) * THREADS + threadIdx.x; i < num; i += gridDim.x * THREADS)
        store(reinterpret_cast<void *>(out), static_cast<i64>(i), round_sum(line, i, fmt).bits, fmt);
}

#define LONG_POWERS(NAME, FLOAT) \
    BOUNDED NAME(POWERS_WORDS) { \
        Grid grid = POWERS_GRID; \
        fill_long<LongPowers<FLOAT>>(reinterpret_cast<FLOAT *>(out), grid, num); \
    }
#define LONG_SUMS(NAME, FLOAT, ERROR) \
    BOUNDED NAME(SUMS_WORDS) { \
        Sums line = SUMS_LINE; \
        double scale = power_of_two(line.unit + HEAD_UNITS); \
        SumGrid grid = {line, FORMATS[code], scale, scale * ERROR}; \
        fill_long<LongSums<FLOAT>>(reinterpret_cast<FLOAT *>(out), grid, num); \
    }
LONG_POWERS(powers_float64, double)
LONG_POWERS(powers_float32, float)
LONG_SUMS(sums_float64, double, 0x1p-40)
LONG_SUMS(sums_float32, float, 1)
