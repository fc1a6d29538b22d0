// Geometric progressions: an outer product of powers, each element rounded with a test.
//
// Element q*m + j is row q times column j, both to two words.  Where rows are long, elements are
// first made in float64 of heads of 26 bits and tails, with Ziv's rounding test; what that leaves
// open is rounded from two words, and what is open even then is left to the caller.  The bounds are
// in docs/method/engine.
#pragma once

#include "exact.h"
#include "output.h"
#include "power.h"
#include "processors.h"

namespace xspace {

// Half width of the test on two words, in units.  Of up to 2**31 elements, the logarithm of the
// ratio, rounded down, adds a unit each; those of the ends less than 2**32, as an exponent below
// 2**24 multiplies them.  Element i has i factors of the ratio, each less than 100 off, and so many
// products, each less than 12, and rows some more: less than 2**38 in all.
constexpr u64 MARGIN = ONE << 40;
// The same of the test in float64, relative to an element: head and tail of a product are off by
// less than 7.1 * 2**-78; and of a product of two entries in float64, off by less than 2**-50.
constexpr double DELTA = 0x1p-73, NARROW_DELTA = 0x1p-46;

constexpr i64 MOST_COLUMNS = 256;
// Binades that the columns may span, and between which rows are plain for float64.
constexpr i64 SPAN = 100, PLAIN = 800;

struct Powers {
    Power first, ratio;
    i64 num;
    bool is_negative;
    Between between;
};

// A table of columns for rows in float64: heads, tails a little too large and too small, entries.
struct Columns {
    double head[MOST_COLUMNS], upper[MOST_COLUMNS], lower[MOST_COLUMNS], full[MOST_COLUMNS];
};

struct Entry {
    double head, tail, full;
};

// A column of them: its head, what is multiplied with the head of a row, a little too large and too
// small, and the entry.
struct Column {
    double head, upper, lower, full;
};

inline Entry entry_of(Power x) {
    constexpr int HEAD = 26;
    double scale = power_of_two(x.expo);
    u64 bits = (static_cast<u64>(x.expo + 1022) << 52) + (x.man.high >> (64 - HEAD) << (53 - HEAD));
    // Of 63 bits, so that no sign has to be looked at.
    i64 rest = static_cast<i64>((x.man.high << (HEAD - 1) & ~TOP) | x.man.low >> (65 - HEAD));
    return {
        from_bits(bits),
        static_cast<double>(rest) * (scale * 0x1p-88),  // 2**(1 - HEAD - 63)
        static_cast<double>(x.man.high) * (scale * 0x1p-63),
    };
}

inline Column column_of(Power x, bool is_narrow) {
    Entry entry = entry_of(x);
    double width = entry.full * (is_narrow ? NARROW_DELTA : DELTA);
    double tail = is_narrow ? entry.full : entry.tail;
    return {entry.head, tail + width, tail - width, entry.full};
}

// An element, a little too large and too small.
template <class Float>
struct Sides {
    Float high, low;
};

template <bool FUSED>
XSPACE_FORCE Sides<double> multiply(Entry row, Column column, double) {
    double p = row.head * column.head, rest = row.tail * column.full;
    return {p + multiply_add<FUSED>(row.head, column.upper, rest),
            p + multiply_add<FUSED>(row.head, column.lower, rest)};
}

template <bool FUSED>
XSPACE_FORCE Sides<float> multiply(Entry row, Column column, float) {
    return {static_cast<float>(row.full * column.upper), static_cast<float>(row.full * column.lower)};
}

// One row; whether every element passed the test.
template <bool FUSED, class Float>
XSPACE_FORCE bool multiply(Float *out, const Columns &columns, Entry row, i64 count) {
    decltype(difference(Float(), Float())) differ = 0;
    for (i64 j = 0; j < count; ++j) {
        Column column = {columns.head[j], columns.upper[j], columns.lower[j], columns.full[j]};
        Sides<Float> sides = multiply<FUSED>(row, column, Float());
        out[j] = sides.high;
        differ |= difference(sides.high, sides.low);
    }
    return differ == 0;
}

// A row that may lie apart, of elements that are made side by side.
template <class Float, class Make>
XSPACE_FORCE bool make_row(Output &out, i64 begin, i64 count, Make make) {
    Float *place = static_cast<Float *>(out.memory) + begin * out.stride;
    if (out.stride == 1) return make(place);
    Float elements[MOST_COLUMNS];
    bool good = make(elements);
    for (i64 j = 0; j < count; ++j) place[j * out.stride] = elements[j];
    return good;
}

// One element of a float format, from two words.
inline void write_float(Output &out, const Powers &line, i64 i, Power x, const Format &fmt) {
    Rounded found = round_float(x, MARGIN, false, fmt);
    if (found.state == OPEN && line.between.find(i, x)) found = round_float(x, 0, false, fmt);
    if (line.is_negative) found.bits |= fmt.sign();
    out.write(i, found, fmt);
}

// The same of an integer format.
inline void write_integer(Output &out, const Powers &line, i64 i, Power x) {
    Rounded found = integer_part(x, MARGIN);
    if (found.state == OPEN && line.between.find(i, x)) found = integer_part(x, 0);
    out.write(i, signed_integer(found, line.is_negative, out.fmt), out.fmt);
}

inline void write_row(Output &out, const Powers &line, i64 begin, Power row, const Power *column,
                      i64 count) {
    const Format &fmt = out.fmt;
    if (fmt.precision == 53)
        for (i64 j = 0; j < count; ++j)
            write_float(out, line, begin + j, times(row, column[j]), FLOAT64);
    else if (fmt.precision)
        for (i64 j = 0; j < count; ++j) write_float(out, line, begin + j, times(row, column[j]), fmt);
    else
        for (i64 j = 0; j < count; ++j) write_integer(out, line, begin + j, times(row, column[j]));
}

inline i64 column_count(i64 num) {
    i64 count = 4;
    while (count < MOST_COLUMNS && count * count < num) count *= 2;
    return count;
}

// Whether elements of these exponents are normal numbers of a format, and so are their tails.
inline bool is_plain(i64 low, i64 high, const Format &fmt) {
    i64 most = fmt.precision == 53 ? PLAIN : fmt.largest - 2;
    return low > -most && high < most;
}

template <bool FUSED>
inline void fill_powers_with(const Powers &line, Output &out) {
    const Format &fmt = out.fmt;
    i64 m = column_count(line.num);
    Power column[MOST_COLUMNS];
    column[0] = {{TOP, 0}, 0};
    column[1] = line.ratio;
    i64 made = line.num < m ? line.num : m;
    // Of two halves, so that a processor makes several at once.
    for (i64 j = 2; j < made; ++j) column[j] = times(column[j / 2], column[j - j / 2]);
    Power step = line.num > m ? times(column[m - 1], line.ratio) : column[0];

    i64 span = column[made - 1].expo;
    bool wide = fmt.precision >= 24 && m >= 8 && -SPAN < span && span < SPAN;
    Columns columns;
    if (wide)
        for (i64 j = 0; j < m; ++j) {
            Column entry = column_of(column[j], fmt.precision == 24);
            columns.head[j] = entry.head;
            columns.upper[j] = entry.upper;
            columns.lower[j] = entry.lower;
            columns.full[j] = entry.full;
        }

    Power row = line.first;
    for (i64 begin = 0; begin < line.num; begin += m) {
        i64 count = line.num - begin < m ? line.num - begin : m;
        i64 low = row.expo + (span < 0 ? span : 0) - 1, high = row.expo + (span > 0 ? span : 0) + 2;
        if (wide && is_plain(low, high, fmt)) {
            Entry entry = entry_of(row);
            if (line.is_negative) entry = {-entry.head, -entry.tail, -entry.full};
            auto make = [&](auto *place) { return multiply<FUSED>(place, columns, entry, count); };
            bool good = fmt.bytes == 8 ? make_row<double>(out, begin, count, make)
                                       : make_row<float>(out, begin, count, make);
            if (!good) write_row(out, line, begin, row, column, count);
        } else {
            write_row(out, line, begin, row, column, count);
        }
        row = times(row, step);
    }
}

XSPACE_FOR_PROCESSORS(fill_powers, (const Powers &line, Output &out), (line, out))

}  // namespace xspace
