// Numbers as unevaluated sums of two float64 numbers, high + low, for loops over lanes.
//
// A product is split exactly, by a fused operation where the processor has it and by Dekker's
// algorithm (1971) where not: what follows has the same bounds, and after a rounding test the same
// bits.  Results are off by less than 2**-100 of themselves, if nothing else is said.
#pragma once

#include "elements.h"
#include "power.h"
#include "processors.h"

namespace xspace {

// a + b exactly (Knuth, The Art of Computer Programming 2, 4.2.2).
XSPACE_FORCE Pair two_sum(double a, double b) {
    double sum = a + b, part = sum - a;
    return {sum, (a - (sum - part)) + (b - part)};
}

// The same where b is smaller, or a is zero (Dekker).
XSPACE_FORCE Pair fast_two_sum(double a, double b) {
    double sum = a + b;
    return {sum, b - (sum - a)};
}

// a * b exactly.
template <bool FUSED>
XSPACE_FORCE Pair two_product(double a, double b) {
    double p = a * b;
    if constexpr (FUSED) {
#if defined(__GNUC__) || defined(__clang__)
        return {p, __builtin_fma(a, b, -p)};
#endif
    }
    constexpr double SPLITTER = 134217729;  // 2**27 + 1
    double t = a * SPLITTER, a1 = t - (t - a), a2 = a - a1;
    t = b * SPLITTER;
    double b1 = t - (t - b), b2 = b - b1;
    return {p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2};
}

template <bool FUSED>
XSPACE_FORCE Pair times(Pair a, Pair b) {
    Pair p = two_product<FUSED>(a.high, b.high);
    return fast_two_sum(p.high, p.low + (a.high * b.low + a.low * b.high));
}

// A quotient that is corrected once: by a remainder, which is exact, times the inverse.
template <bool FUSED>
XSPACE_FORCE Pair corrected(double quotient, Pair a, double b, double inverse) {
    Pair p = two_product<FUSED>(quotient, b);
    return fast_two_sum(quotient, (((a.high - p.high) - p.low) + a.low) * inverse);
}

template <bool FUSED>
XSPACE_FORCE Pair divided(Pair a, double count, double inverse) {
    return corrected<FUSED>(a.high * inverse, a, count, inverse);
}

// 2**(j * 2**-9k), j < 512, k = 1, 2, by which powers of pairs are looked up.
constexpr int PAIR_DIGIT = 9;
constexpr u64 PAIR_SIZE = ONE << PAIR_DIGIT, PAIR_MASK = PAIR_SIZE - 1;

struct PairTable {
    double high[PAIR_SIZE], low[PAIR_SIZE];

    // From significands of two words, of which 106 bits are kept.
    constexpr explicit PairTable(const PowerTable<PAIR_SIZE> &table) : high(), low() {
        for (u64 j = 0; j < PAIR_SIZE; ++j) {
            Wide man = table.power[j];
            u64 rest = (man.high & 0x7FF) << 42 | man.low >> 22;
            high[j] = static_cast<double>(man.high >> 11) * 0x1p-52;
            low[j] = static_cast<double>(rest) * 0x1p-105;
        }
    }
};

constexpr PairTable PAIR_POWERS[2] = {
    PairTable(PowerTable<PAIR_SIZE>({0x802C6436D0E04F50, 0xFF8CE94A6797B3CE, 0x345F82F5B1FAE20E})),
    PairTable(PowerTable<PAIR_SIZE>({0x8000162E44EAF636, 0x526BE456600BDBE4, 0xECE6FB7B396CD143})),
};

// The power of two of a number below 2**10; off by less than 2**-89 of itself.
//
// Two digits are looked up, to nearest.  What is left is at most 2**-19, and with y for it times
// ln 2, exp(y) = 1 + y + y**2/2 + y**3/6 + y**4/24 omits less than 2**-104.  What is not done in
// pairs, from y**2/2 on, is below 2**-40 and rounded a few times.
template <bool FUSED>
XSPACE_FORCE Pair exp2(Pair x) {
    // Added to this, a number is rounded to a multiple of 2**-18 that counts from its last bit on,
    // whole numbers from the bias of an exponent.
    constexpr double MAGIC = 0x1.8p34 + 1023;
    double near = x.high + MAGIC;
    u64 bits = bits_of(near);
    double scale = from_bits(bits << (52 - 2 * PAIR_DIGIT) & 0x7FF0000000000000);
    u64 one = bits >> PAIR_DIGIT & PAIR_MASK, two = bits & PAIR_MASK;
    Pair rest = two_sum(x.high - (near - MAGIC), x.low);
    constexpr Pair LN2_PAIR = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
    Pair y = times<FUSED>(rest, LN2_PAIR);
    double more = y.high * y.high * (0.5 + y.high * (1.0 / 6 + y.high * (1.0 / 24)));
    Pair power = fast_two_sum(1.0, y.high);
    power = fast_two_sum(power.high, power.low + (y.low + more));
    Pair coarse = {PAIR_POWERS[0].high[one], PAIR_POWERS[0].low[one]};
    Pair fine = {PAIR_POWERS[1].high[two], PAIR_POWERS[1].low[two]};
    power = times<FUSED>(times<FUSED>(coarse, fine), power);
    return {power.high * scale, power.low * scale};
}

// The nearest pair of a number in two words of fractions, but for 2**-106.
constexpr Pair pair_of(Fixed x) {
    double whole = static_cast<double>(x.whole);
    double upper = static_cast<double>(x.rest.high >> 11) * 0x1p-53;
    double lower = static_cast<double>((x.rest.high & 0x7FF) << 42 | x.rest.low >> 22) * 0x1p-106;
    double sum = whole + upper, part = sum - whole, rest = (whole - (sum - part)) + (upper - part);
    double high = sum + (rest + lower);
    return {high, (rest + lower) - (high - sum)};
}

// Inverses of numbers from 1 to 2, n / 2**11, and logarithms to subtract when they are multiplied
// with; and the same for 1 - k * 2**-18.
constexpr int INVERSE_BITS = 11, NEAR_BITS = 18;
constexpr i64 NEAR_REACH = 384;

struct LogTables {
    double inverse[PAIR_SIZE], high[PAIR_SIZE], low[PAIR_SIZE];
    double near_high[2 * NEAR_REACH], near_low[2 * NEAR_REACH];

    constexpr LogTables() : inverse(), high(), low(), near_high(), near_low() {
        for (u64 j = 0; j < PAIR_SIZE; ++j) {
            // 2**11 over the middle of an interval, to nearest.
            u64 middle = 2 * (PAIR_SIZE + j) + 1, n = (((2 * PAIR_SIZE) << (INVERSE_BITS + 1)) / middle + 1) / 2;
            Pair log = log_of(n, INVERSE_BITS);
            inverse[j] = static_cast<double>(n) / (1 << INVERSE_BITS);
            high[j] = log.high;
            low[j] = log.low;
        }
        for (i64 k = -NEAR_REACH; k < NEAR_REACH; ++k) {
            Pair log = log_of((ONE << NEAR_BITS) - static_cast<u64>(k), NEAR_BITS);
            near_high[k + NEAR_REACH] = log.high;
            near_low[k + NEAR_REACH] = log.low;
        }
    }

    // -log2(n / 2**bits)
    static constexpr Pair log_of(u64 n, i64 bits) {
        int zeros = leading_zeros(n);
        return pair_of(negative(log2(n << zeros, 63 - zeros - bits)));
    }
};

constexpr LogTables LOGS{};

// log2(b / a) of positive normal numbers, off by less than 2**-86.
//
// The significands are divided, and the quotient m * 2**e is multiplied with an inverse that makes
// it 1 + z, |z| < 2**-9, exactly, and with another one that makes |z| < 2**-17.  Then log1p(z) is
// z - z**2/2 + z**3/3 - z**4/4; it omits less than 2**-87 / 5, and from z**2/2 on, below 2**-35, it
// is rounded a few times.
template <bool FUSED>
XSPACE_FORCE Pair log2_ratio(double a, double b) {
    constexpr u64 MANTISSA = (ONE << 52) - 1, BIAS = 1023ULL << 52;
    u64 a_bits = bits_of(a), b_bits = bits_of(b);
    u64 top = b_bits & MANTISSA, bottom = a_bits & MANTISSA, below = (top - bottom) >> 63;
    // Exponent fields as floats, by way of the last bits of a large one.
    constexpr u64 LARGE = 0x4330000000000000;  // 2**52
    double expo = from_bits(LARGE | b_bits >> 52) - from_bits(LARGE | ((a_bits >> 52) + below));
    double upper = from_bits((top | BIAS) + (below << 52)), lower = from_bits(bottom | BIAS);
    Pair m = divided<FUSED>(Pair{upper, 0.0}, lower, 1 / lower);
    u64 j = (bits_of(m.high) - BIAS) >> (52 - PAIR_DIGIT);
    j -= j >> PAIR_DIGIT;  // of 2, which a quotient just below may be rounded to
    double inverse = LOGS.inverse[j];
    Pair z = two_product<FUSED>(m.high, inverse);
    z = fast_two_sum(z.high - 1.0, z.low + m.low * inverse);
    constexpr double MAGIC = 0x1.8p34;  // whose last bit is 2**-18
    double near = z.high + MAGIC, kappa = near - MAGIC;
    u64 k = (bits_of(near) + NEAR_REACH) & 0x3FF;
    Pair moved = two_product<FUSED>(z.high, kappa);
    Pair rest = two_sum(z.high - kappa, -moved.high);
    z = fast_two_sum(rest.high, rest.low + ((z.low - moved.low) - z.low * kappa));
    double y = z.high;
    double more = y * y * (-0.5 + y * (1.0 / 3 - y * 0.25));
    constexpr Pair INVERSE = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};  // 1 / ln 2
    Pair log = times<FUSED>(fast_two_sum(z.high, z.low + more), INVERSE);
    Pair sum = two_sum(expo, LOGS.high[j]);
    Pair next = two_sum(sum.high, LOGS.near_high[k]);
    Pair all = two_sum(next.high, log.high);
    double low = (LOGS.low[j] + LOGS.near_low[k] + log.low) + (sum.low + next.low + all.low);
    return fast_two_sum(all.high, low);
}

}  // namespace xspace
