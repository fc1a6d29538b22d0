/* The right elements of grids by MPFR, and how many of an array differ from them.
 *
 * It shares no code with the library.  Sums are exact, in integers.  A power has WORK bits, of which
 * SURE are right: begun anew every ANEW elements, and multiplied by the ratio in between.  Where
 * all of these bits after a place of rounding are the same, so that it may be a midpoint or an
 * integer, it is made again by itself with MORE bits; what is one to MORE_SURE bits is one.
 */
#include <math.h>
#include <mpfr.h>
#include <stdint.h>
#include <string.h>

enum { WORK = 512, SURE = 384, MORE = 3200, MORE_SURE = 3000, ANEW = 4096 };
/* Exponents are below 2**REACH and off by a few times 2**(REACH - WORK), and so is what is made of
 * them; as is each of ANEW ratios.  Together that is far less than 2**-SURE. */
enum { REACH = 40 };
enum { LOGSPACE, GEOMSPACE, LINSPACE, ARANGE };
enum { FLOAT, SIGNED, UNSIGNED };

/* Numbers of lanes, 8 bytes each: float64, or integers. */
typedef struct {
    const char *memory;
    int64_t stride;
    int kind;
} End;

/* A binary format with its precision and its largest exponent; of integers the precision is 0. */
typedef struct {
    int bytes, precision, largest, is_signed;
} Format;

typedef struct {
    int function;
    int64_t num, div, lanes;
    End start, stop, base; /* the step, of arange */
} Grid;

typedef struct {
    uint64_t bits;
    int fits;
} Element;

static uint64_t read_bits(const char *place, int bytes) {
    uint64_t eight = 0;
    uint32_t four;
    uint16_t two;
    switch (bytes) {
    case 8: memcpy(&eight, place, 8); return eight;
    case 4: memcpy(&four, place, 4); return four;
    case 2: memcpy(&two, place, 2); return two;
    default: return (unsigned char)*place;
    }
}

static double as_float(End end, int64_t lane) {
    double x = 1;
    if (end.kind == FLOAT) memcpy(&x, end.memory + lane * end.stride, 8);
    return x;
}

static void read_end(mpfr_t x, End end, int64_t lane) {
    uint64_t word = read_bits(end.memory + lane * end.stride, 8);
    if (end.kind == FLOAT) mpfr_set_d(x, as_float(end, lane), MPFR_RNDN);
    else if (end.kind == SIGNED) mpfr_set_si(x, (int64_t)word, MPFR_RNDN);
    else mpfr_set_ui(x, word, MPFR_RNDN);
}

static uint64_t signed_bits(uint64_t size, int negative, Format fmt) {
    uint64_t mask = fmt.bytes == 8 ? ~(uint64_t)0 : ((uint64_t)1 << 8 * fmt.bytes) - 1;
    if (fmt.precision) return negative ? size | (uint64_t)1 << (8 * fmt.bytes - 1) : size;
    return (negative ? 0 - size : size) & mask;
}

/* An integer in its format, if it fits. */
static Element whole(mpz_t size, int negative, Format fmt) {
    Element found = {0, 0};
    int bits = 8 * fmt.bytes - fmt.is_signed;
    mp_bitcnt_t count = mpz_sgn(size) ? mpz_sizeinbase(size, 2) : 0;
    if (negative && count && !fmt.is_signed) return found;
    int least = negative && mpz_scan1(size, 0) == (mp_bitcnt_t)bits; /* -2**bits */
    if (count > (mp_bitcnt_t)(bits + least)) return found;
    found.fits = 1;
    found.bits = signed_bits(mpz_get_ui(size), negative, fmt);
    return found;
}

/* z * 2**unit, and more if there is a rest, rounded to nearest even. */
static Element nearest(mpz_t z, int64_t unit, int rest, int negative, Format fmt) {
    Element found = {0, 1};
    int p = fmt.precision;
    uint64_t infinity = (2 * (uint64_t)fmt.largest + 1) << (p - 1);
    int64_t size = (int64_t)mpz_sizeinbase(z, 2), top = size + unit - 1;
    int64_t kept = top - (2 - fmt.largest - p) + 1; /* bits down to the least number's */
    if (mpz_sgn(z) == 0 || kept < 0) kept = top = 0;
    else {
        if (kept > p) kept = p;
        int64_t drop = size - kept;
        mpz_t man;
        mpz_init(man);
        mpz_tdiv_q_2exp(man, z, (mp_bitcnt_t)drop);
        found.bits = mpz_get_ui(man);
        mpz_clear(man);
        int more = rest || mpz_scan1(z, 0) < (mp_bitcnt_t)(drop - 1);
        if (mpz_tstbit(z, (mp_bitcnt_t)(drop - 1)) && (more || found.bits & 1)) ++found.bits;
        if (top > fmt.largest) found.bits = infinity;
        else if (kept == p) found.bits += (uint64_t)(top + fmt.largest - 1) << (p - 1);
        if (found.bits > infinity) found.bits = infinity;
    }
    found.bits = signed_bits(found.bits, negative, fmt);
    return found;
}

/* Whether bits from `low` up leave open what z * 2**unit is rounded to. */
static int is_unsure(mpz_t z, int64_t unit, mp_bitcnt_t low, Format fmt) {
    if (fmt.precision == 0) {
        if (unit >= 0) return 0;
        mp_bitcnt_t drop = (mp_bitcnt_t)-unit;
        return mpz_scan0(z, low) >= drop || mpz_scan1(z, low) >= drop;
    }
    int64_t size = (int64_t)mpz_sizeinbase(z, 2);
    int64_t kept = size + unit - (2 - fmt.largest - fmt.precision);
    if (kept < 0) return 0;
    if (kept > fmt.precision) kept = fmt.precision;
    mp_bitcnt_t half = (mp_bitcnt_t)(size - kept - 1);
    return (mpz_tstbit(z, half) ? mpz_scan1(z, low) : mpz_scan0(z, low)) >= half;
}

static Element rounded(mpz_t z, int64_t unit, int negative, Format fmt) {
    if (fmt.precision) return nearest(z, unit, 0, negative, fmt);
    if (unit < 0) mpz_tdiv_q_2exp(z, z, (mp_bitcnt_t)-unit);
    else if (unit < 64) mpz_mul_2exp(z, z, (mp_bitcnt_t)unit);
    else mpz_setbit(z, 100); /* far beyond any format */
    return whole(z, negative, fmt);
}

/* Elements of a lane of powers, to a precision: each is the one before, times the ratio. */
typedef struct {
    mpfr_t log, ratio, x, y;
    int64_t at; /* which element `y` is, or -1 */
    int is_begun;
} Row;

typedef struct {
    const Grid *grid;
    mpfr_t start, stop, base;
    int negative;
    Row row, more;
} Powers;

static void init_row(Row *row, mpfr_prec_t precision) {
    mpfr_inits2(precision, row->log, row->ratio, row->x, row->y, NULL);
}

static void clear_row(Row *row) { mpfr_clears(row->log, row->ratio, row->x, row->y, NULL); }

/* The exponent of element i, in base two, without the start of a geomspace. */
static void set_exponent(const Powers *line, Row *row, int64_t i) {
    const Grid *grid = line->grid;
    if (grid->function == GEOMSPACE) {
        mpfr_mul_si(row->x, row->log, i, MPFR_RNDN);
    } else {
        mpfr_mul_si(row->x, line->start, grid->div - i, MPFR_RNDN);
        mpfr_mul_si(row->y, line->stop, i, MPFR_RNDN);
        mpfr_add(row->x, row->x, row->y, MPFR_RNDN);
        mpfr_mul(row->x, row->x, row->log, MPFR_RNDN);
    }
    mpfr_div_si(row->x, row->x, grid->div, MPFR_RNDN);
}

static void begin_row(const Powers *line, Row *row) {
    if (line->grid->function == GEOMSPACE) {
        mpfr_div(row->log, line->stop, line->start, MPFR_RNDN);
        mpfr_log2(row->log, row->log, MPFR_RNDN);
        mpfr_set(row->x, row->log, MPFR_RNDN);
    } else {
        mpfr_log2(row->log, line->base, MPFR_RNDN);
        mpfr_sub(row->x, line->stop, line->start, MPFR_RNDN);
        mpfr_mul(row->x, row->x, row->log, MPFR_RNDN);
    }
    mpfr_div_si(row->x, row->x, line->grid->div, MPFR_RNDN);
    mpfr_exp2(row->ratio, row->x, MPFR_RNDN);
    row->at = -1;
    row->is_begun = 1;
}

/* Make `y` element i. */
static void move_to(const Powers *line, Row *row, int64_t i) {
    if (!row->is_begun) begin_row(line, row);
    if (i % ANEW && row->at == i - 1) {
        mpfr_mul(row->y, row->y, row->ratio, MPFR_RNDN);
    } else {
        set_exponent(line, row, i);
        mpfr_exp2(row->y, row->x, MPFR_RNDN);
        if (line->grid->function == GEOMSPACE) mpfr_mul(row->y, row->y, line->start, MPFR_RNDN);
    }
    row->at = i;
}

static Element power_at(Powers *line, int64_t i, mpz_t z, Format fmt) {
    move_to(line, &line->row, i);
    int64_t unit = mpfr_get_z_2exp(z, line->row.y);
    if (is_unsure(z, unit, WORK - SURE, fmt)) {
        move_to(line, &line->more, i);
        unit = mpfr_get_z_2exp(z, line->more.y);
        mp_bitcnt_t low = MORE - MORE_SURE;
        if (is_unsure(z, unit, low, fmt)) { /* it is what it is next to */
            mpz_tdiv_q_2exp(z, z, low - 1);
            mpz_add_ui(z, z, 1);
            mpz_tdiv_q_2exp(z, z, 1);
            unit += (int64_t)low;
        }
    }
    return rounded(z, unit, line->negative, fmt);
}

/* What is compared, and what came of it. */
typedef struct {
    Format fmt;
    const char *memory; /* or nothing: then elements that do not fit are counted */
    int64_t stride, lane_stride;
    int64_t count, first; /* of those that are wrong; and which is the first */
} Report;

static void compare(Report *report, Element right, int64_t i, int64_t lane) {
    int wrong = !right.fits;
    if (report->memory && right.fits) {
        const char *place = report->memory + i * report->stride + lane * report->lane_stride;
        wrong = read_bits(place, report->fmt.bytes) != right.bits;
    }
    if (wrong && report->count++ == 0) report->first = i;
}

/* Whether a lane of powers was judged: its exponents are not larger than they may be. */
static int judge_powers(Powers *line, int64_t lane, Report *report, mpz_t z) {
    const Grid *grid = line->grid;
    read_end(line->start, grid->start, lane);
    read_end(line->stop, grid->stop, lane);
    if (grid->function == LOGSPACE) read_end(line->base, grid->base, lane);
    line->negative = grid->function == GEOMSPACE && mpfr_sgn(line->start) < 0;
    if (line->negative) {
        mpfr_neg(line->start, line->start, MPFR_RNDN);
        mpfr_neg(line->stop, line->stop, MPFR_RNDN);
    }
    begin_row(line, &line->row);
    line->more.is_begun = 0;
    int64_t ends[2] = {0, grid->div};
    for (int k = 0; k < 2; ++k) {
        set_exponent(line, &line->row, ends[k]);
        if (mpfr_sgn(line->row.x) && mpfr_get_exp(line->row.x) >= REACH) return 0;
    }
    for (int64_t i = 0; i < grid->num; ++i)
        compare(report, power_at(line, i, z, report->fmt), i, lane);
    return 1;
}

/* A float as an integer times a power of two. */
static int64_t read_sum(mpz_t z, End end, int64_t lane) {
    mpfr_t x;
    mpfr_init2(x, 64);
    read_end(x, end, lane);
    int64_t unit = mpfr_zero_p(x) ? 0 : mpfr_get_z_2exp(z, x);
    if (mpfr_zero_p(x)) mpz_set_ui(z, 0);
    mp_bitcnt_t zeros = mpz_sgn(z) ? mpz_scan1(z, 0) : 0;
    mpz_tdiv_q_2exp(z, z, zeros);
    mpfr_clear(x);
    return mpz_sgn(z) ? unit + (int64_t)zeros : INT64_MAX;
}

/* sum / div * 2**unit, rounded to a float, or its floor. */
static Element round_sum(mpz_t sum, int64_t div, int64_t unit, mpz_t size, mpz_t rest, Format fmt) {
    int negative = mpz_sgn(sum) < 0;
    if (fmt.precision == 0) {
        mpz_set_si(rest, div);
        if (unit > 0) mpz_mul_2exp(size, sum, (mp_bitcnt_t)unit);
        else mpz_set(size, sum);
        if (unit < 0) mpz_mul_2exp(rest, rest, (mp_bitcnt_t)-unit);
        mpz_fdiv_q(size, size, rest);
        negative = mpz_sgn(size) < 0;
        mpz_abs(size, size);
        return whole(size, negative, fmt);
    }
    mpz_abs(size, sum);
    mp_bitcnt_t up = 160; /* more bits of the quotient than any format has */
    mpz_mul_2exp(size, size, up);
    unsigned long left = mpz_tdiv_q_ui(size, size, (unsigned long)div);
    return nearest(size, unit - (int64_t)up, left != 0, negative, fmt);
}

static int is_negative_zero(End end, int64_t lane) {
    double x = as_float(end, lane);
    return x == 0 && signbit(x);
}

static void judge_sums(const Grid *grid, int64_t lane, Report *report) {
    int is_arange = grid->function == ARANGE;
    End other = is_arange ? grid->base : grid->stop;
    mpz_t first, step, size, rest;
    mpz_inits(first, step, size, rest, NULL);
    int64_t unit = read_sum(first, grid->start, lane), second = read_sum(step, other, lane);
    int64_t least = unit < second ? unit : second;
    if (least == INT64_MAX) least = 0;
    if (mpz_sgn(first)) mpz_mul_2exp(first, first, (mp_bitcnt_t)(unit - least));
    if (mpz_sgn(step)) mpz_mul_2exp(step, step, (mp_bitcnt_t)(second - least));
    if (!is_arange) {
        mpz_sub(step, step, first);
        mpz_mul_si(first, first, grid->div);
    }
    int at_start = !is_arange && is_negative_zero(grid->start, lane);
    int at_stop = !is_arange && is_negative_zero(grid->stop, lane);
    for (int64_t i = 0; i < grid->num; ++i) {
        Element right = round_sum(first, grid->div, least, size, rest, report->fmt);
        if ((at_start && (at_stop || i == 0)) || (at_stop && i == grid->div))
            right.bits = signed_bits(0, 1, report->fmt);
        compare(report, right, i, lane);
        mpz_add(first, first, step);
    }
    mpz_clears(first, step, size, rest, NULL);
}

/* Compare an array with the right elements; whether that was possible. */
int judge(const Grid *grid, Report *report) {
    int good = 1;
    Powers line = {.grid = grid};
    mpz_t z;
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    report->count = 0;
    report->first = -1;
    mpz_init(z);
    mpfr_inits2(64, line.start, line.stop, line.base, NULL);
    init_row(&line.row, WORK);
    init_row(&line.more, MORE);
    for (int64_t lane = 0; lane < grid->lanes; ++lane) {
        if (grid->function >= LINSPACE) judge_sums(grid, lane, report);
        else good = judge_powers(&line, lane, report, z) && good;
    }
    mpz_clear(z);
    mpfr_clears(line.start, line.stop, line.base, NULL);
    clear_row(&line.row);
    clear_row(&line.more);
    return good;
}
