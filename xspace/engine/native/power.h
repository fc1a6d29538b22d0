// 2**x and log2 in two words, to less than 100 and 200 units: docs/method/engine.
//
// The bounds that are derived here are half of these, and these are what all others are made of.
#pragma once

#include "words.h"

namespace xspace {

// A digit of an exponent has 7 bits; three of them are looked up.
constexpr int DIGIT = 7, DIGITS = 3;
constexpr u64 SIZE = ONE << DIGIT, MASK = SIZE - 1;

// The significands of count powers of a ratio that is given in three words, in units of 2**-191.
//
// Each product loses less than 8 units of 2**-191, and what is kept less than one of its own last
// bit, 2**-127, and these: 2 units at most, as a test finds of all.
template <u64 COUNT>
struct PowerTable {
    Wide power[COUNT];

    constexpr explicit PowerTable(const u64 (&ratio)[3]) : power() {
        u64 x[3] = {TOP, 0, 0};
        for (Wide &entry : power) {
            entry = {x[0], x[1]};
            u64 product[6] = {0, 0, 0, 0, 0, 0};  // the highest word first
            for (int a = 2; a >= 0; --a) {
                u64 carry = 0;
                for (int b = 2; b >= 0; --b) {
                    u64 low = x[a] * ratio[b], high = high_by_halves(x[a], ratio[b]);
                    low += carry;
                    high += low < carry;
                    u64 sum = product[a + b + 1] + low;
                    carry = high + (sum < low);
                    product[a + b + 1] = sum;
                }
                product[a] = carry;
            }
            // Below 2 until the last product, which is not kept.
            for (int a = 0; a < 3; ++a) x[a] = product[a] << 1 | product[a + 1] >> 63;
        }
    }
};

// 2**(j * 2**-7k), j < 128, k = 1, 2, 3; the ratios are rounded down (MPFR has the same).
constexpr PowerTable<SIZE> POWERS[DIGITS] = {
    PowerTable<SIZE>({0x80B1ED4FD999AB6C, 0x25335719B6E6FD20, 0x01F60261B05F1202}),
    PowerTable<SIZE>({0x800162E61BED4A48, 0xE84C2E1A463473D9, 0xEA82EC9CEC34DCF3}),
    PowerTable<SIZE>({0x800002C5C8678F36, 0xCBFCE50A6DE60B14, 0x4FD3AFFE858A6792}),
};

constexpr Wide LN2 = {0xB17217F7D1CF79AB, 0xC9E3B39803F2F6AF};
constexpr Wide INVERSE_LN2 = {0x71547652B82FE177, 0x7D0FFDA0D23A7D11};  // 1 / ln 2 - 1

// A third, a fifth and so on, rounded down to a word and, as their bits repeat, to two.
constexpr u64 HALF = TOP;
constexpr Wide THIRD = {0x5555555555555555, 0x5555555555555555};
constexpr Wide SIXTH = {0x2AAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA};
constexpr Wide FIFTH = {0x3333333333333333, 0x3333333333333333};
constexpr u64 FOURTH_TERM = 0x0AAAAAAAAAAAAAAA;  // 1/24

// The power of two of a number; less than 100 units off.
//
// Three digits are looked up.  What is left is below 2**-21, and with z < 2**-21.5 for it times
// ln 2, exp(z) = 1 + z + z**2/2 + ... + z**5/120 omits less than 2**-138.  z is off by 3 units,
// the polynomial by 4 more and 2 when it is halved, each of 3 entries by 2, and each of 3 products
// by 12: 51 in all.
inline Power exp2(Fixed x) {
    constexpr int DROP = 64 - DIGIT * DIGITS;
    u64 f = x.rest.high;
    Wide z = times(Wide{f & ((ONE << DROP) - 1), x.rest.low}, LN2);
    Wide p = times(Wide{FOURTH_TERM + z.high / 120, 0}, z);
    p = times(plus(p, SIXTH), z);
    p = times(Wide{p.high + HALF, p.low}, z);
    p = plus(times(p, z), z);
    Power one = {POWERS[0].power[f >> (64 - DIGIT)], x.whole};
    Power two = {POWERS[1].power[f >> (64 - 2 * DIGIT) & MASK], 0};
    Power three = {POWERS[2].power[f >> DROP & MASK], 0};
    p = halved(p);
    p.high |= TOP;
    return times(times(one, two), times(three, Power{p, 0}));
}

// The digits of log2(man * 2**-63), or one unit of 2**-21 less.
//
// Nothing relies on them but the length of what is left.
constexpr u64 log2_digits(u64 man) {
    const Wide *table = POWERS[0].power;
    u64 f = man << 1;
    // log2(1 + f) is near f + 0.344 f (1 - f): to a few entries of the table.
    u64 digit = (f + high_word(high_word(f, ~f), 0x5810624DD2F1A9FC)) >> (64 - DIGIT);
    while (digit && table[digit].high >= man) --digit;
    while (digit < MASK && table[digit + 1].high < man) ++digit;
    if (digit) {
        u64 p = high_word(man, table[SIZE - digit].high);
        f = p >> 63 ? p << 1 : 0;  // between 1 and 2**(1/128), or just below 1
    }
    // log2(1 + f) from below, f < 2**-7.5: f - f**2/2 + f**3/3 - f**4/4, and then less 2**-42.
    u64 square = high_word(f, f) + 1, cube = high_word(square - 1, f);
    u64 log = f - (square >> 1) + cube / 3 - ((high_word(square, square) + 1) >> 2);
    log += high_word(log, INVERSE_LN2.high);
    log = log > ONE << 22 ? log - (ONE << 22) : 0;
    return digit << (DIGIT * (DIGITS - 1)) | log >> (64 - DIGIT * DIGITS);
}

// log2 of a power whose significand has one word: less than 200 units off.
//
// The digits d of the logarithm, and log2(m / 2**d) by a series: z = m * 2**-d - 1 is below
// 2**-20.5, and z - z**2/2 + ... + z**5/5 omits less than 2**-125.  z is off by less than 43
// units, of 3 products and 3 entries, its series by 12 more, and 1 / ln 2 makes less than 83 of
// that with its own floor.
constexpr Fixed log2(u64 man, i64 expo) {
    constexpr int DROP = 64 - DIGIT * DIGITS;
    u64 digits = log2_digits(man);
    Power m = {{man, 0}, 0};
    if (digits) {
        // 2**-d is half of 2**(1 - d).
        u64 other = (ONE << (DIGIT * DIGITS)) - digits;
        Power one = {POWERS[0].power[other >> (2 * DIGIT)], 0};
        Power two = {POWERS[1].power[other >> DIGIT & MASK], 0};
        Power three = {POWERS[2].power[other & MASK], 0};
        m = times(times(m, one), times(two, three));
        if (m.expo == 0) m = {{TOP, 0}, 1};  // below 1 by floors only
    }
    Wide z = doubled(m.man);
    Wide s = minus(Wide{TOP >> 1, 0}, times(z, FIFTH));
    s = minus(THIRD, times(z, s));
    s = minus(Wide{HALF, 0}, times(z, s));
    s = minus(z, times(z, times(z, s)));
    s = plus(s, times(s, INVERSE_LN2));
    return plus(Fixed{expo, {digits << DROP, 0}}, Fixed{0, s});
}

}  // namespace xspace
