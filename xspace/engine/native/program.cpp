// The engine as a program, without Python: it reads calls, a line each, and prints bits.
//
//     logspace FORMAT NUM ENDPOINT START STOP BASE
//     geomspace FORMAT NUM ENDPOINT START STOP
//     linspace FORMAT NUM ENDPOINT START STOP
//     arange FORMAT START STOP STEP
//
// A format has its name in NumPy, and an endpoint is 0 or 1.  An end is an integer in decimal
// digits, or the bits of a float64 in hexadecimal ones after an x.  The answer is a line: the bits
// of each element in hexadecimal digits; ? for one that is left open, and ! for all if one does not
// fit an integer format; or the one word `refused` for a grid that is not plain.
//
// With `lanes` before a call its grid is made as each of many lanes, with `by` and the number of an
// end its derivatives by that are, and with `apart` elements do not lie side by side.  `rounding upward`, and so on, sets the direction of the thread,
// which changes no answer, and `flags` prints the exceptions that have been raised, which are none.
// The other words, at the end of this file, call the functions of the headers, with words in
// hexadecimal digits.

#include <cfenv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "environment.h"
#include "lanes.h"

namespace {

using namespace xspace;

constexpr int MOST_FIELDS = 16;

// The words of a line.
struct Line {
    char *field[MOST_FIELDS];
    int count = 0, next = 0;

    explicit Line(char *text) {
        for (char *word = std::strtok(text, " \n"); word && count < MOST_FIELDS;
             word = std::strtok(nullptr, " \n"))
            field[count++] = word;
    }
    const char *text() { return next < count ? field[next++] : ""; }
    bool starts_with(const char *word) {
        if (next == count || std::strcmp(field[next], word) != 0) return false;
        ++next;
        return true;
    }
    u64 word() { return std::strtoull(text(), nullptr, 16); }
    i64 integer() { return std::strtoll(text(), nullptr, 10); }
    Wide wide() {
        u64 high = word();
        return {high, word()};
    }
    Fixed fixed() {
        i64 whole = integer();
        return {whole, wide()};
    }
    Power power() {
        Wide man = wide();
        return {man, integer()};
    }
    Pair pair() {
        double high = from_bits(word());
        return {high, from_bits(word())};
    }
};

// An end, as it is for a call and for lanes.
struct Given {
    bool is_float;
    u64 bits;
    Number number;

    explicit Given(const char *text) {
        is_float = text[0] == 'x';
        if (is_float) {
            bits = std::strtoull(text + 1, nullptr, 16);
            number = number_of(from_bits(bits));
        } else if (text[0] == '-') {
            bits = 0 - std::strtoull(text + 1, nullptr, 10);
            number = number_of(true, 0 - bits, 63);
        } else {
            bits = std::strtoull(text, nullptr, 10);
            number = number_of(false, bits, 63);
        }
    }
    bool is_plain() const { return !is_float || is_finite(from_bits(bits)); }
    bool is_negative() const { return !is_float && number.is_negative; }
};

const Format *format_of(const char *name) {
    for (int code = 0; code < FORMAT_COUNT; ++code)
        if (std::strcmp(NAMES[code], name) == 0) return &FORMATS[code];
    return nullptr;
}

u64 load(const std::vector<char> &memory, i64 place, const Format &fmt) {
    const char *from = memory.data() + place * fmt.bytes;
    switch (fmt.bytes) {
    case 8: { u64 x; std::memcpy(&x, from, 8); return x; }
    case 4: { unsigned int x; std::memcpy(&x, from, 4); return x; }
    case 2: { unsigned short x; std::memcpy(&x, from, 2); return x; }
    default: return static_cast<unsigned char>(*from);
    }
}

void print(const std::vector<char> &memory, i64 stride, i64 num, const Format &fmt,
           const std::vector<i64> &open, i64 open_count, bool beyond) {
    if (beyond) {
        std::printf("!\n");
        return;
    }
    i64 next = 0;
    for (i64 i = 0; i < num; ++i) {
        if (i) std::putchar(' ');
        if (next < open_count && open[static_cast<size_t>(next)] == i) {
            std::putchar('?');
            ++next;
        } else {
            std::printf("%llx", load(memory, i * stride, fmt));
        }
    }
    std::putchar('\n');
}

// What fills a grid: powers or sums.
struct Plan {
    bool good, is_sum;
    Powers powers;
    Sums sums;
};

Plan plan_of(Function function, const Given *ends, i64 num, i64 div) {
    Plan plan{};
    plan.is_sum = function == LINSPACE;
    if (function == LOGSPACE)
        plan.good = plan_logspace(ends[0].number, ends[1].number, ends[2].number, num, div, plan.powers);
    else if (function == GEOMSPACE)
        plan.good = plan_geomspace(ends[0].number, ends[1].number, num, div, plan.powers);
    else
        plan.good = plan_linspace(ends[0].number, ends[1].number, num, div, plan.sums);
    return plan;
}

void make(const Plan &plan, i64 num, i64 stride, const Format &fmt) {
    size_t size = static_cast<size_t>(num);
    std::vector<char> memory(size * static_cast<size_t>(stride * fmt.bytes));
    std::vector<i64> open(size);
    Output out = {memory.data(), stride, fmt, open.data(), num, 0, false};
    {
        Environment standard;
        if (plan.is_sum) fill_sums(plan.sums, out);
        else fill_powers(plan.powers, out);
    }
    print(memory, stride, num, fmt, open, out.open, out.beyond);
}

// Lanes of more than a tile.
constexpr i64 LANES = WIDTH + 2;

// Lanes with the same ends, which lie two numbers apart; or, of the base, the same number.
void make_lanes(Function function, const Given *ends, i64 num, i64 div, int by, const Format &fmt) {
    u64 arrays[3][2 * LANES] = {};
    End end[3];
    for (int k = 0; k < 3; ++k) {
        for (int lane = 0; lane < LANES; ++lane) arrays[k][2 * lane] = ends[k].bits;
        Kind kind = ends[k].is_float ? DOUBLE : ends[k].is_negative() ? SIGNED : UNSIGNED;
        const char *place = reinterpret_cast<const char *>(arrays[k]);
        end[k] = {k == 2 ? SCALAR : kind, 8, place, 16, ends[k].number};
    }
    size_t size = static_cast<size_t>(num * LANES);
    std::vector<char> memory(size * static_cast<size_t>(fmt.bytes));
    std::vector<i64> places(size), refused(LANES), open;
    Lanes lanes = {function, end[0], end[1], end[2], num, div, LANES, by};
    Left left = {places.data(), num * LANES, 0, refused.data(), 0, false, false};
    {
        Environment standard;
        fill_lanes(lanes, memory.data(), fmt, left);
    }
    if (left.refused) {
        std::printf(left.refused == LANES ? "refused\n" : "lanes differ\n");
        return;
    }
    std::vector<bool> is_open(size);
    for (i64 k = 0; k < left.open; ++k) is_open[static_cast<size_t>(places[static_cast<size_t>(k)])] = true;
    for (i64 place = 0; place < num * LANES; ++place) {
        i64 i = place / LANES;
        bool here = is_open[static_cast<size_t>(place)];
        if (here && place % LANES == 0) open.push_back(i);
        if (here != is_open[static_cast<size_t>(i * LANES)] ||
            (!here && load(memory, place, fmt) != load(memory, i * LANES, fmt))) {
            std::printf("lanes differ\n");
            return;
        }
    }
    print(memory, LANES, num, fmt, open, static_cast<i64>(open.size()), false);
}

// Whether the line was a call of a function.
bool answer_call(Line &line) {
    int by = line.starts_with("by") ? static_cast<int>(line.integer()) : ELEMENTS;
    bool lanes = by != ELEMENTS || line.starts_with("lanes");
    i64 stride = line.starts_with("apart") ? 3 : 1;
    Function function = LINSPACE;
    bool arange = line.starts_with("arange");
    if (line.starts_with("logspace")) function = LOGSPACE;
    else if (line.starts_with("geomspace")) function = GEOMSPACE;
    else if (!arange && !line.starts_with("linspace")) return false;
    const Format *fmt = format_of(line.text());
    i64 num = arange ? 0 : line.integer();
    i64 div = arange ? 1 : num - line.integer();
    Given first(line.text()), second(line.text()), third(line.next < line.count ? line.text() : "1");
    Given ends[3] = {first, second, third};
    bool plain = fmt && first.is_plain() && second.is_plain() && third.is_plain();
    if (plain && arange) {
        Plan plan{};
        plan.is_sum = true;
        plan.good = plan_arange(first.number, second.number, third.number, plan.sums);
        if (plan.good) make(plan, plan.sums.num, stride, *fmt);
        else std::printf("refused\n");
    } else if (!plain || num < 2 || num >= MOST_ELEMENTS) {
        std::printf("refused\n");
    } else if (lanes) {
        make_lanes(function, ends, num, div, by, *fmt);
    } else {
        Plan plan = plan_of(function, ends, num, div);
        if (plan.good) make(plan, num, stride, *fmt);
        else std::printf("refused\n");
    }
    return true;
}

void print(Wide x) { std::printf("%llx %llx\n", x.high, x.low); }
void print(Fixed x) { std::printf("%lld %llx %llx\n", x.whole, x.rest.high, x.rest.low); }
void print(Power x) { std::printf("%llx %llx %lld\n", x.man.high, x.man.low, x.expo); }
void print(Rounded x) { std::printf("%llx %d\n", x.bits, static_cast<int>(x.state)); }

template <bool VALUE>
struct Flag {
    static constexpr bool value = VALUE;
};

// A function of a pair by both ways to split a product; with a fused operation or its like.
template <class Make>
void print_pair(Line &line, Make function) {
    Environment standard;
    Pair x = line.pair(), one = function(x, Flag<false>{}), other = function(x, Flag<true>{});
    std::printf("%llx %llx %llx %llx\n", bits_of(one.high), bits_of(one.low), bits_of(other.high),
                bits_of(other.low));
}

bool set_rounding(const char *name) {
    const char *names[] = {"nearest", "upward", "downward", "toward_zero"};
    const int directions[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int k = 0; k < 4; ++k)
        if (std::strcmp(name, names[k]) == 0) return std::fesetround(directions[k]) == 0;
    return false;
}

void answer(Line &line) {
    if (answer_call(line)) return;
    if (line.starts_with("rounding")) {
        std::printf("%s\n", set_rounding(line.text()) ? "set" : "refused");
    } else if (line.starts_with("flags")) {
        std::printf("%d\n", std::fetestexcept(FE_ALL_EXCEPT));
    } else if (line.starts_with("exp2")) {  // WHOLE HIGH LOW
        print(exp2(line.fixed()));
    } else if (line.starts_with("log2")) {  // MAN EXPO
        u64 man = line.word();
        print(log2(man, line.integer()));
    } else if (line.starts_with("ln")) {  // MAN EXPO
        u64 man = line.word();
        i64 expo = line.integer();
        print(natural_logarithm({false, man, expo}, log2(man, expo)));
    } else if (line.starts_with("inverse")) {  // DIV
        print(inverse_of(line.integer()));
    } else if (line.starts_with("exponent")) {  // START STOP DIV I
        Given start(line.text()), stop(line.text());
        Slopes slopes;
        slopes.div = line.integer();
        slopes.inverse = inverse_of(slopes.div);
        bool is_negative = false;
        if (plan_linspace(start.number, stop.number, slopes.div + 1, slopes.div, slopes.exponents)) {
            Power size = exponent_at(slopes, line.integer(), is_negative);
            std::printf("%d ", is_negative);
            print(size);
        } else std::printf("refused\n");
    } else if (line.starts_with("log2_digits")) {  // MAN
        std::printf("%llx\n", log2_digits(line.word()));
    } else if (line.starts_with("times")) {  // HIGH LOW HIGH LOW
        Wide a = line.wide();
        print(times(a, line.wide()));
    } else if (line.starts_with("product")) {  // HIGH LOW EXPO HIGH LOW EXPO
        Power a = line.power();
        print(times(a, line.power()));
    } else if (line.starts_with("times_log")) {  // END WHOLE HIGH LOW
        Given x(line.text());
        print(times_log(x.number, line.fixed()));
    } else if (line.starts_with("divided")) {  // WHOLE HIGH LOW DIVISOR
        Fixed a = line.fixed();
        u64 rest = 0;
        Fixed quotient = divided(a, line.word(), rest);
        std::printf("%llx ", rest);
        print(quotient);
    } else if (line.starts_with("round")) {  // FORMAT HIGH LOW EXPO MARGIN REST
        const Format *fmt = format_of(line.text());
        Power x = line.power();
        u64 margin = line.word();
        print(round_float(x, margin, line.word() != 0, fmt ? *fmt : FLOAT64));
    } else if (line.starts_with("integer")) {  // HIGH LOW EXPO MARGIN
        Power x = line.power();
        print(integer_part(x, line.word()));
    } else if (line.starts_with("root")) {  // A Q
        u64 a = line.word();
        std::printf("%llx\n", word_root(a, line.word()));
    } else if (line.starts_with("exact")) {  // SCALE UPPER LOWER TWOS A B DEN I
        Given scale(line.text());
        u64 upper = line.word(), lower = line.word();
        i64 twos = line.integer(), a = line.integer(), b = line.integer(), den = line.integer();
        Root root = {scale.number, upper, lower, twos};
        Power x = {{0, 0}, 0};
        if (root.find(a + line.integer() * b, den, x)) print(x);
        else std::printf("none\n");
    } else if (line.starts_with("table")) {  // LEVEL DIGIT
        u64 level = line.word() % DIGITS;
        print(POWERS[level].power[line.word() & MASK]);
    } else if (line.starts_with("pair_times")) {  // HIGH LOW HIGH LOW
        Pair a = line.pair();
        print_pair(line, [a](Pair b, auto fused) { return times<fused.value>(a, b); });
    } else if (line.starts_with("pair_exp2")) {  // HIGH LOW
        print_pair(line, [](Pair x, auto fused) { return exp2<fused.value>(x); });
    } else if (line.starts_with("pair_log2")) {  // A B
        print_pair(line, [](Pair x, auto fused) { return log2_ratio<fused.value>(x.high, x.low); });
    } else if (line.starts_with("high")) {  // A B, by both ways
        u64 a = line.word(), b = line.word();
        std::printf("%llx %llx\n", high_word(a, b), high_by_halves(a, b));
    } else {
        std::printf("what?\n");
    }
}

}  // namespace

int main() {
    char text[1024];
    while (std::fgets(text, sizeof text, stdin)) {
        Line line(text);
        answer(line);
    }
    return 0;
}
