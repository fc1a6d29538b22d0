// Whole grids in one launch, float64 and float32: docs/method/fused.
//
// An element is start + i*step in fixed point, or the power of two of it.  Stage 1 makes it of one
// row and one column entry in float64, with a rounding test; stage 2, for the few elements that the
// test leaves open, in integers of three words.  triton_kernels.py has the same functions in the
// same order.  CONSTANTS (fused.py), THREADS, BLOCKS
// and ROWS come before this text (cupy_source.py).

typedef unsigned long long u64;
typedef long long i64;

#define FN static __device__ __forceinline__
#define CALLED static __device__ __noinline__  // rarely: its registers are not the loop's

struct Words { u64 a, b, c; };             // of one number, the highest first
struct Place { u64 whole; Words rest; };   // whole + rest / 2**192, in two's complement
struct Grid { u64 num, extra, width, start[5], step[5]; };

// Stage 2: integers.

FN Words add(Words x, Words y) {
    Words s;
    s.c = x.c + y.c;
    u64 carry = s.c < x.c;
    u64 b = x.b + carry;
    carry = b < carry;
    s.b = b + y.b;
    carry += s.b < b;
    s.a = x.a + y.a + carry;
    return s;
}

// The upper three words of a product, less than 6 units too low.
FN Words multiply(Words x, Words y) {
    Words p;
    u64 one = x.a * y.b, two = x.b * y.a, carry;
    p.c = one + two;
    carry = p.c < one;
    one = __umul64hi(x.a, y.c);
    p.c += one;
    carry += p.c < one;
    one = __umul64hi(x.b, y.b);
    p.c += one;
    carry += p.c < one;
    one = __umul64hi(x.c, y.a);
    p.c += one;
    carry += p.c < one;
    p.b = x.a * y.a;
    p.b += carry;
    carry = p.b < carry;
    one = __umul64hi(x.a, y.b);
    p.b += one;
    carry += p.b < one;
    one = __umul64hi(x.b, y.a);
    p.b += one;
    carry += p.b < one;
    p.a = __umul64hi(x.a, y.a) + carry;
    return p;
}

FN Words doubled(Words x) {
    Words d = {x.a << 1 | x.b >> 63, x.b << 1 | x.c >> 63, x.c << 1};
    return d;
}

FN Words constant(u64 k) {
    Words w = {CONSTANTS[3 * k], CONSTANTS[3 * k + 1], CONSTANTS[3 * k + 2]};
    return w;
}

// 2**(f / 2**192) in units of 2**-191: in [2**191, 2**192), less than 90 units too low.
CALLED Words power(Words f) {
    Words g = {f.a & 0xFFFFFFFFULL, f.b, f.c};
    Words t = add(constant(1027), multiply(g, constant(1028)));
    t = add(constant(1026), multiply(g, t));
    t = add(constant(1025), multiply(g, t));
    t = add(constant(1024), multiply(g, t));
    t = multiply(g, t);
    Words upper = multiply(constant(f.a >> 56), constant(256 + (f.a >> 48 & 255)));
    Words lower = multiply(constant(512 + (f.a >> 40 & 255)), constant(768 + (f.a >> 32 & 255)));
    Words p = doubled(multiply(doubled(upper), doubled(lower)));
    return add(p, multiply(p, t));
}

static __device__ const u64 none[5] = {0, 0, 0, 0, 0};

// start + i*step, without the last of four words of the fraction.
FN Place place(const u64 *start, const u64 *step, u64 i) {
    u64 lo = i * step[4], hi = __umul64hi(i, step[4]), carry;
    lo += start[4];
    carry = lo < start[4];

    Place p;
    lo = i * step[3] + hi;
    hi = __umul64hi(i, step[3]) + (lo < hi);
    lo += carry;
    carry = lo < carry;
    p.rest.c = lo + start[3];
    carry += p.rest.c < lo;

    lo = i * step[2] + hi;
    hi = __umul64hi(i, step[2]) + (lo < hi);
    lo += carry;
    carry = lo < carry;
    p.rest.b = lo + start[2];
    carry += p.rest.b < lo;

    lo = i * step[1] + hi;
    hi = __umul64hi(i, step[1]) + (lo < hi);
    lo += carry;
    carry = lo < carry;
    p.rest.a = lo + start[1];
    carry += p.rest.a < lo;

    p.whole = i * step[0] + hi + start[0] + carry;
    return p;
}

// A significand with its leading bit set, and more than it if `rest`, rounded to nearest even.
template <int PRECISION, int EMAX>
FN u64 round_word(u64 top, u64 rest, i64 expo) {
    i64 shift = 1 - EMAX - expo;  // of a subnormal number
    shift = shift < 0 ? 0 : shift;
    shift = shift > 63 ? 63 : shift;
    u64 cut = top & ((1ULL << shift) - 1);
    top >>= shift;
    rest |= cut;
    u64 kept = top >> (64 - PRECISION), half = 1ULL << (63 - PRECISION);
    u64 below = top & (2 * half - 1);
    u64 up = below > half || (below == half && (rest != 0 || (kept & 1)));
    // The leading bit of a significand counts one up in the exponent field.
    u64 field = shift == 0 ? (u64)(expo + EMAX - 1) << (PRECISION - 1) : 0;
    return expo > EMAX ? (2ULL * EMAX + 1) << (PRECISION - 1) : field + kept + up;
}

// An element that is a power of two, and its sign.
template <int PRECISION, int EMAX>
CALLED u64 settle_power(Grid grid, u64 i) {
    Place x = place(grid.start, grid.step, i);
    Words w = power(x.rest);
    // To 180 bits: what is as near to a midpoint as this is on it.
    u64 c = w.c + 2048, b = w.b + (c < 2048), carry = b < (u64)(c < 2048);
    c &= ~4095ULL;
    u64 a = w.a + carry, over = a < carry;
    u64 bits = round_word<PRECISION, EMAX>(a | over << 63, b | c, (i64)(x.whole + over));
    return bits | grid.extra;
}

// An element of an arithmetic progression in units of 2**extra.
template <int PRECISION, int EMAX>
CALLED u64 settle_sum(Grid grid, u64 i) {
    Place x = place(grid.start, grid.step, i);
    u64 sign = x.whole >> 63, flip = 0 - sign;
    u64 c = (x.rest.c ^ flip) + sign, carry = c < sign;
    u64 b = (x.rest.b ^ flip) + carry;
    carry = b < carry;
    u64 a = (x.rest.a ^ flip) + carry;
    carry = a < carry;
    u64 top = (x.whole ^ flip) + carry;
    i64 expo = (i64)grid.extra + 63;
    for (int k = 0; k < 3; k++) {
        u64 empty = top == 0;
        top = empty ? a : top;
        a = empty ? b : a;
        b = empty ? c : b;
        c = empty ? 0 : c;
        expo -= empty ? 64 : 0;
    }
    u64 zero = top == 0;
    for (int shift = 32; shift > 0; shift >>= 1) {
        u64 empty = top >> (64 - shift) == 0;
        top = empty ? top << shift | a >> (64 - shift) : top;
        a = empty ? a << shift : a;
        expo -= empty ? shift : 0;
    }
    u64 bits = round_word<PRECISION, EMAX>(top, a | b | c, expo) | sign << (PRECISION == 53 ? 63 : 31);
    return zero ? 0 : bits;
}

// Stage 1: one row entry, one column entry, and a test.

FN double as_double(u64 bits) { return __longlong_as_double((i64)bits); }
FN u64 as_bits(double x) { return (u64)__double_as_longlong(x); }

FN double head_of(Words w) { return (double)(w.a >> 38) * 0x1p-25; }
FN double tail_of(Words w) { return (double)(w.a << 26 | w.b >> 38) * 0x1p-89; }
FN double full_of(Words w) { return (double)w.a * 0x1p-63; }

// Whether elements between two exponents are not safely normal numbers.
template <int EMAX>
FN bool is_far(const Grid &grid, u64 whole, u64 columns) {
    u64 next = whole + place(none, grid.step, columns).whole;
    return whole + (EMAX - 3) > 2 * EMAX - 6 || next + (EMAX - 3) > 2 * EMAX - 6;
}

struct Powers64 {
    typedef u64 Bits;
    struct Row { double head, tail; u64 shift; };
    struct Column { double head, upper, lower, full; u64 shift; };

    FN u64 settle(const Grid &grid, u64 i) { return settle_power<53, 1023>(grid, i); }

    FN Row row(const Grid &grid, Place x, u64 columns) {
        Words w = power(x.rest);
        Row r = {head_of(w), tail_of(w), (x.whole << 52) + grid.extra};
        if (is_far<1023>(grid, x.whole, columns)) r.tail = as_double(0x7FF8ULL << 48);  // all open
        return r;
    }

    FN Column column(const Grid &grid, Place x) {
        Words w = power(x.rest);
        double tail = tail_of(w), full = full_of(w), width = full * as_double(grid.width);
        Column c = {head_of(w), tail + width, tail - width, full, x.whole << 52};
        return c;
    }

    FN u64 element(const Row &row, const Column &column, bool &open) {
        double p = row.head * column.head, rest = row.tail * column.full;
        double high = p + (row.head * column.upper + rest);
        double low = p + (row.head * column.lower + rest);
        open = high != low;
        return as_bits(high) + (row.shift + column.shift);
    }
};

struct Powers32 {
    typedef unsigned Bits;
    struct Row { double full; unsigned shift, width; };
    struct Column { double full; unsigned shift; };

    FN u64 settle(const Grid &grid, u64 i) { return settle_power<24, 127>(grid, i); }

    FN Row row(const Grid &grid, Place x, u64 columns) {
        bool far = is_far<127>(grid, x.whole, columns);
        Row r = {full_of(power(x.rest)), ((unsigned)x.whole << 23) + (unsigned)grid.extra,
                 far ? 1u << 28 : (unsigned)grid.width};
        return r;
    }

    FN Column column(const Grid &grid, Place x) {
        Column c = {full_of(power(x.rest)), (unsigned)x.whole << 23};
        return c;
    }

    FN unsigned element(const Row &row, const Column &column, bool &open) {
        double y = row.full * column.full;
        // What float32 cuts off is compared with one half.
        unsigned distance = ((unsigned)as_bits(y) + row.width - (1u << 28)) & ((1u << 29) - 1);
        open = distance < 2 * row.width;
        return __float_as_uint((float)y) + (row.shift + column.shift);
    }
};

struct Sums64 {
    typedef u64 Bits;
    struct Row { double head, tail; };
    struct Column { double head, upper, lower; };

    FN u64 settle(const Grid &grid, u64 i) { return settle_sum<53, 1023>(grid, i); }

    FN Row row(const Grid &grid, Place x, u64 columns) {
        double unit = as_double((grid.extra + 1023) << 52);
        // The fraction as a signed number is negative from one half on: the integer above then.
        Row r = {(double)(i64)(x.whole + (x.rest.a >> 63)) * unit,
                 (double)(i64)x.rest.a * (unit * 0x1p-64)};
        return r;
    }

    FN Column column(const Grid &grid, Place x) {
        Row r = row(grid, x, 0);
        double width = as_double(grid.width);
        Column c = {r.head, r.tail + width, r.tail - width};
        return c;
    }

    FN u64 element(const Row &row, const Column &column, bool &open) {
        double p = row.head + column.head;
        double high = p + (row.tail + column.upper), low = p + (row.tail + column.lower);
        open = high != low;
        return as_bits(high);
    }
};

struct Sums32 : Sums64 {
    typedef unsigned Bits;

    FN u64 settle(const Grid &grid, u64 i) { return settle_sum<24, 127>(grid, i); }

    FN unsigned element(const Row &row, const Column &column, bool &open) {
        double p = row.head + column.head;
        float high = (float)(p + (row.tail + column.upper));
        float low = (float)(p + (row.tail + column.lower));
        open = high != low;
        return __float_as_uint(high);
    }
};

// The kernels.

// Each element of a short grid by itself, all in stage 2.
template <class Kind>
FN void fill_short(typename Kind::Bits *out, const Grid &grid) {
    u64 i = (u64)blockIdx.x * THREADS + threadIdx.x;
    if (i < grid.num) out[i] = (typename Kind::Bits)Kind::settle(grid, i);
}

// A thread keeps the entries of some columns and goes through rows, which a block shares.
template <class Kind>
FN void fill(typename Kind::Bits *out, const Grid &grid) {
    typedef typename Kind::Bits Bits;
    const int WIDE = 16 / sizeof(Bits);  // what one store writes
    const u64 COLUMNS = THREADS * WIDE;
    struct alignas(16) Store { Bits bits[WIDE]; };
    __shared__ typename Kind::Row rows[ROWS];
    typename Kind::Column columns[WIDE];
#pragma unroll
    for (int k = 0; k < WIDE; k++)
        columns[k] = Kind::column(grid, place(none, grid.step, (u64)threadIdx.x * WIDE + k));
    const u64 count = ROWS * COLUMNS;
    for (u64 first = blockIdx.x * count; first < grid.num; first += gridDim.x * count) {
        if (threadIdx.x < ROWS)
            rows[threadIdx.x] =
                Kind::row(grid, place(grid.start, grid.step, first + threadIdx.x * COLUMNS), COLUMNS);
        __syncthreads();
        u64 i = first + (u64)threadIdx.x * WIDE;
#pragma unroll 4
        for (int r = 0; r < ROWS; r++, i += COLUMNS) {
            if (i >= grid.num) break;
            Store store;
            unsigned open = 0;
#pragma unroll
            for (int k = 0; k < WIDE; k++) {
                bool here;
                store.bits[k] = Kind::element(rows[r], columns[k], here);
                open |= (unsigned)here << k;
            }
            if (i + WIDE <= grid.num) {
                *(Store *)(out + i) = store;
            } else {
#pragma unroll
                for (int k = 0; k < WIDE; k++)
                    if (i + k < grid.num) out[i + k] = store.bits[k];
            }
            if (open)
#pragma unroll 1
                for (int k = 0; k < WIDE; k++)
                    if (open >> k & 1 && i + k < grid.num) out[i + k] = (Bits)Kind::settle(grid, i + k);
        }
        __syncthreads();
    }
}

#define KERNEL(NAME, KIND, HOW)                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS)                                      \
    NAME(KIND::Bits *out, u64 num, u64 extra, u64 width, u64 a4, u64 a3, u64 a2, u64 a1, u64 a0, \
         u64 d4, u64 d3, u64 d2, u64 d1, u64 d0) {                                               \
        Grid grid = {num, extra, width, {a4, a3, a2, a1, a0}, {d4, d3, d2, d1, d0}};             \
        HOW<KIND>(out, grid);                                                                    \
    }

KERNEL(powers_float64, Powers64, fill)
KERNEL(powers_float32, Powers32, fill)
KERNEL(sums_float64, Sums64, fill)
KERNEL(sums_float32, Sums32, fill)
KERNEL(short_powers_float64, Powers64, fill_short)
KERNEL(short_powers_float32, Powers32, fill_short)
KERNEL(short_sums_float64, Sums64, fill_short)
KERNEL(short_sums_float32, Sums32, fill_short)
