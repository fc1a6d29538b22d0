"""What `mutation` changes: one line of the engine at a time, and which tests should notice.

``survives`` says why a mutant may live: mostly since a bound is wider than needed (it is
proved, not fitted), or since the change costs time and not a bit of a result: the exact fallback is
right.
"""

from __future__ import annotations

from dataclasses import dataclass

EXACT = ("tests/exact/test_exact.py",)
LINES = ("tests/exact/test_progression.py",)
KERNELS = ("tests/engine/test_kernels.py",)
LANES = ("tests/engine/test_lane_kernels.py",)
SUMS = (*KERNELS, "tests/test_functions.py")
GRIDS = ("tests/test_functions.py", "tests/call/test_arguments.py")
STEPS = ("tests/test_arange.py",)
RANGES = ("tests/ranges/test_ranges.py",)
INTEGERS = ("tests/engine/test_integer_lanes.py",)
LANE_EDGES = ("tests/engine/test_lane_edges.py", "-k", "logspace")
#: The functions of the engine's headers, and grids of the engine as a program.
BOUNDS = ("tests/engine/test_engine_bounds.py",)
PROGRAM = ("tests/engine/test_engine_program.py", "-k", "compilers and flto")
#: The extension module.
MODULE = (
    *("tests/engine/test_engine.py", "-k"),
    "rounded or flags or plain or lanes or with_the_engine",
)
TENSORS = ("tests/lanes/test_torch_memory.py",)
TRACED = ("tests/deferred/test_jax_engine.py", "-k", "bits")
#: Derivatives, but for what a compiler takes long for.
SLOPES = ("tests/lanes/test_slopes.py", "-k", "not everywhere and not programs")
#: The kernels of GPUs as functions of the host, with few elements left open, and with many.
ON_HOST = ("tests/engine/test_gpu_kernels.py", "-k", "separate or many or Launches")
VALUES = "conformance/xspace_conformance/tests/values"
#: Golden vectors, on NumPy alone, each also as a lane and as part of a finer grid.
VECTORS = (
    *(f"{VALUES}/test_golden.py", "--backend", "numpy", "--seed", "1"),
    *("-k", "test_target or finer or lanes"),
)
#: The same, and lanes against the oracle.
BATCHES = (*VECTORS, f"{VALUES}/test_lanes.py")


@dataclass(frozen=True)
class Mutant:
    """A change: `old`, which stands once in `file` of the package, becomes `new`."""

    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]  #: arguments of pytest
    survives: str = ""

    @property
    def is_of_module(self) -> bool:
        """Whether the tests run the extension module, which has to be compiled for them."""
        return self.tests in (MODULE, TENSORS, TRACED, SLOPES)


_FIXED = "exact/fixed.py"
_ROUNDING = "exact/rounding.py"
_POWERS = "exact/powers.py"
_LINE = "exact/progression.py"
_GEOMETRIC = "engine/geometric.py"
_ARITHMETIC = "engine/arithmetic.py"
_SUMS = "engine/lanes/sums.py"

MUTANTS = [
    # Fixed point.
    Mutant(
        _FIXED,
        "guard = 10",
        "guard = 1",
        "ln 2 without its guard bits",
        EXACT,
    ),
    Mutant(_FIXED, "_atanh_inverse(4801, w)", "_atanh_inverse(4800, w)", "a wrong series", EXACT),
    Mutant(
        _FIXED,
        "guard = k + (3 * wp + 6 * k + 96).bit_length() + 3",
        "guard = k",
        "exp2 with guard bits for its squarings alone",
        EXACT,
    ),
    Mutant(
        _FIXED,
        "guard = max(wp.bit_length() + 10, 64 - wp)",
        "guard = max(1, 64 - wp)",
        "log2 without its guard bits",
        EXACT,
    ),
    Mutant(_FIXED, "z // 120)", "z // 119)", "the last coefficient of a series", EXACT),
    Mutant(_FIXED, "(z * z >> 129)", "(z * z >> 130)", "half of a quadratic term", EXACT),
    Mutant(_FIXED, "if m >> wp == 0:", "if m >> wp == 1:", "a mantissa out of its range", EXACT),
    Mutant(
        _FIXED,
        "if abs(z) >> 83:",
        "if abs(z) >> 95:",
        "less is asked of the logarithm of a double",
        EXACT,
        "the doubles of all systems that are known keep the promise that this line checks",
    ),
    # The one rounding.
    Mutant(
        _ROUNDING,
        "(rest > half or (rest == half and kept & 1))",
        "(rest >= half)",
        "ties away from zero",
        EXACT,
    ),
    Mutant(
        _ROUNDING,
        "rest == half and kept & 1",
        "rest == half and not kept & 1",
        "ties to odd",
        EXACT,
    ),
    Mutant(
        _ROUNDING,
        "top < fmt.quantum - 1",
        "top < fmt.quantum",
        "all below the least subnormal is zero",
        EXACT,
    ),
    Mutant(
        _ROUNDING, "if top > fmt.emax:", "if top >= fmt.emax:", "too early to infinity", VECTORS
    ),
    Mutant(
        _ROUNDING,
        "if man.bit_length() + expo - 1 > fmt.emax:",
        "if man.bit_length() + expo - 2 > fmt.emax:",
        "what rounds up past the largest number stays finite",
        EXACT,
    ),
    Mutant(
        _ROUNDING,
        "quotient << 1 | (rest != 0)",
        "quotient << 1 | 0",
        "a remainder is forgotten",
        EXACT,
    ),
    Mutant(_ROUNDING, "shift = 130 +", "shift = 50 +", "quotients of too few bits", EXACT),
    Mutant(
        _ROUNDING,
        '"float16": FloatFormat("float16", 11, -14, 15)',
        '"float16": FloatFormat("float16", 11, -15, 15)',
        "one binade more of a format",
        EXACT,
    ),
    Mutant(
        _ROUNDING,
        'IntFormat(f"uint{b}", 0, (1 << b) - 1) for b in (8, 16, 32, 64)',
        'IntFormat(f"uint{b}", 0, 1 << b) for b in (8, 16, 32, 64)',
        "an integer format that is too large by one",
        GRIDS,
    ),
    # Rational powers.
    Mutant(_POWERS, "if t % q:", "if t % q > 1:", "roots of two are taken for rational", EXACT),
    Mutant(
        _POWERS,
        "t // q * p",
        "t // q",
        "the power of two of a rational power",
        EXACT,
    ),
    Mutant(
        _POWERS,
        "if k >= n.bit_length():",
        "if k > n.bit_length():",
        "one more degree of roots is tried",
        EXACT,
        "a short cut: the root that is tried then is 1, and is refused at the end",
    ),
    Mutant(
        _POWERS,
        "> 256 + 2 *",
        "> 192 + 2 *",
        "fewer powers are made exactly",
        EXACT + LINES,
        "a boundary has 65 bits at most; 256 is four times as many",
    ),
    Mutant(
        "exact/products.py",
        "if n == 1 or e == 0:",
        "if n == 1:",
        "a power of exponent zero counts",
        RANGES,
    ),
    # Progressions.
    Mutant(_LINE, "return n // den", "return -(-n // den)", "ceilings for floors", SUMS),
    Mutant(
        _LINE,
        "if reach > 64 else 240",
        "if reach > 64 else 176",
        "a logarithm too short for its multiples",
        LINES,
    ),
    Mutant(
        _LINE,
        "if reach <= 0:  #",
        "if reach <= 12:  #",
        "the quick logarithm for large exponents",
        LINES,
    ),
    Mutant(
        _LINE,
        "more = max(p.bit_length() - den.bit_length(), 0) + 2",
        "more = 0",
        "the fallback forgets that exponents multiply an error",
        LINES + KERNELS,
    ),
    Mutant(
        _LINE,
        ", wp), 16, expo - wp",
        ", wp), 0, expo - wp",
        "the fallback believes its first digits",
        VECTORS,
    ),
    Mutant(_LINE, "HUGE = 1 << 20", "HUGE = 1 << 9", "large numbers pass for infinite", LINES),
    Mutant(
        _LINE,
        "low, high = (first, last + 1) if step >= 0 else (last, first + 1)",
        "low, high = (first, last) if step >= 0 else (last, first)",
        "the bound of a grid is a binade too low",
        KERNELS,
        "the kernels leave more than a binade of room at their limits",
    ),
    Mutant(
        _LINE,
        "- self.den.bit_length() + 1\n",
        "- self.den.bit_length()\n",
        "an exponent that does not exceed all elements",
        LINES,
    ),
    Mutant(
        _LINE,
        "if a >= bound:",
        "if a > bound:",
        "an element at a bound is taken to be below it",
        LINES,
    ),
    # Geometric kernels.
    Mutant(
        "engine/tables.py",
        "\nDELTA = 2.0**-73",
        "\nDELTA = 2.0**-77",
        "a rounding test that is too narrow",
        KERNELS,
    ),
    Mutant(
        "engine/tables.py",
        "\nDELTA = 2.0**-73",
        "\nDELTA = 2.0**-74",
        "half of the width of the rounding test",
        KERNELS,
        "2**-73 covers the error that is proved, 2**-73.5; measured, it is below 2**-75",
    ),
    Mutant(
        "engine/tables.py",
        "\nDELTA = 2.0**-73",
        "\nDELTA = 2.0**-62",
        "a rounding test that flags 2000 times as many elements",
        KERNELS,
        "slower, and right: flagged elements are made exactly",
    ),
    Mutant(
        "engine/tables.py",
        "NARROW_DELTA = 2.0**-46",
        "NARROW_DELTA = 2.0**-52",
        "a test of short formats that is too narrow",
        KERNELS,
    ),
    Mutant(
        _GEOMETRIC,
        "most * (2.01 * DELTA)",
        "most * (0.01 * DELTA)",
        "the rounding test looks to one side only",
        VECTORS,
    ),
    Mutant(
        _GEOMETRIC,
        "if most < 16 * least:",
        "if most < 2.0**60 * least:",
        "one width for a block that is not flat",
        KERNELS,
        "slower, and right: the width is that of the largest element",
    ),
    Mutant(
        _GEOMETRIC,
        "REACH = (-700, 650)",
        "REACH = (-1070, 1020)",
        "tails below the range of normal numbers",
        KERNELS,
    ),
    Mutant(
        _GEOMETRIC,
        "bounds = [-1075.5, -1021.5,",
        "bounds = [-1075.5, -1040.5,",
        "subnormal numbers are rounded twice",
        VECTORS,
    ),
    Mutant(
        _GEOMETRIC,
        "INTEGER_SLACK = 2.0**-51",
        "INTEGER_SLACK = 0.0",
        "a rounding that the test of integers forgets",
        VECTORS,
    ),
    Mutant(
        _GEOMETRIC,
        "half = 0.5 if nearest else 0.0",
        "half = 0.0",
        "subnormal numbers are truncated",
        KERNELS,
    ),
    # Arithmetic kernels.
    Mutant(
        _ARITHMETIC, "\nHEAD_BITS = 51", "\nHEAD_BITS = 53", "heads do not add exactly", KERNELS
    ),
    Mutant(
        _ARITHMETIC,
        "_ERROR_BITS = 42",
        "_ERROR_BITS = 48",
        "a bound of sums that is too small",
        KERNELS,
    ),
    Mutant(
        _ARITHMETIC,
        "room = _ERROR_BITS - unit - odd.bit_length()",
        "room = _ERROR_BITS - unit",
        "elements near midpoints pass without a test",
        KERNELS,
    ),
    Mutant(
        _ARITHMETIC,
        "indices |= set(range(first, line.num, period))",
        "indices |= set(range(first, first))",
        "midpoints are not settled",
        KERNELS,
    ),
    Mutant(
        _ARITHMETIC,
        "whole += fraction >= sums.limit\n        out[place] = whole.astype",
        "whole += fraction > sums.limit\n        out[place] = whole.astype",
        "a carry is lost",
        KERNELS,
    ),
    Mutant(
        _ARITHMETIC,
        "whole -= is_tie & (whole & np.uint64(1) == 1)",
        "whole -= is_tie & (whole & np.uint64(1) == 0)",
        "ties of subnormal numbers go to odd",
        KERNELS,
    ),
    Mutant(
        _ARITHMETIC,
        "np.subtract(c, 2 * error, out=c)",
        "np.subtract(c, 0 * error, out=c)",
        "the rounding test of sums tests nothing",
        SUMS,
    ),
    # Short grids, tables, short formats.
    Mutant(
        "engine/tables.py",
        "_UNIT_BITS = 112",
        "_UNIT_BITS = 54",
        "steps that are too short for their multiples",
        KERNELS,
    ),
    Mutant(
        "engine/tables.py",
        "_SPLITTER = 134217729.0",
        "_SPLITTER = 1048577.0",
        "numbers split at another place",
        KERNELS,
    ),
    Mutant(
        "engine/narrow.py",
        "half += 0xFFF",
        "half += 0x1000",
        "ties of float16 away from zero",
        KERNELS,
    ),
    Mutant(
        "engine/narrow.py",
        "2.0 ** (52 - 133)",
        "2.0 ** (51 - 133)",
        "subnormal bfloat16 of one bit more",
        KERNELS,
    ),
    Mutant(
        "engine/blocks.py",
        "if at_low == at_high and (at_low != 0 or not signed_zeros):",
        "if at_low == at_high:",
        "zeros of two signs pass for one",
        SUMS,
    ),
    # Lanes.
    Mutant(
        "engine/lanes/exponents.py",
        "\nDELTA = 2.0**-72",
        "\nDELTA = 2.0**-80",
        "a test of lanes that is too narrow",
        BATCHES,
    ),
    Mutant(
        "engine/lanes/exponents.py",
        "_LOWEST, _HIGHEST = -960.0",
        "_LOWEST, _HIGHEST = -1060.0",
        "lanes with tails below the range of normal numbers",
        LANE_EDGES,
    ),
    Mutant(
        "engine/lanes/tables.py",
        "DoubleWord(0.5, 0.0), words_of(Fraction(1, 3))",
        "DoubleWord(0.5, 0.0), DoubleWord(1 / 3, 0.0)",
        "a coefficient of a logarithm in one word",
        LANES,
    ),
    Mutant(
        "engine/words.py",
        "e + (x.high * y.low + x.low * y.high)",
        "e + x.high * y.low",
        "a part of a product is left out",
        LANES,
    ),
    Mutant(
        _SUMS,
        "return 3 - bits if narrow else 50 - 2 * bits",
        "return 3 - bits if narrow else 62 - 2 * bits",
        "lanes that are not exact pass for exact",
        BATCHES,
    ),
    Mutant(
        _SUMS,
        "unsure = (abs(up) < self.room) & (up != 0)",
        "unsure = (abs(up) < 0) & (up != 0)",
        "the element next to zero is not looked at",
        LANES,
    ),
    Mutant(
        _SUMS,
        "else 2.0 ** (bits + 4 - 53)",
        "else 0.0",
        "the rounding test of lanes of sums tests nothing",
        BATCHES,
    ),
    Mutant(
        _SUMS,
        "return 50 - bits\n",
        "return 50 - 2 * bits\n",
        "lanes are snapped to a grid that is too coarse",
        LANES,
    ),
    # Integer lanes, which compiled programs use.
    Mutant(
        "engine/integers/sums.py",
        "over: Any = 1 << (slack - 1)",
        "over: Any = 0",
        "a sum that is rounded down to just below a midpoint stays there",
        INTEGERS,
    ),
    Mutant(
        "engine/integers/sums.py",
        "words.limbs(count * size + _QUOTIENT_SLACK)",
        "words.limbs(size)",
        "quotients of a line are short of bits that tell",
        INTEGERS,
    ),
    Mutant(
        "engine/integers/sums.py",
        "*leading.rest]) == 0, 0, 1)",
        "*leading.rest]) == 0, 0, 0)",
        "what follows the leading bits of a sum does not count",
        INTEGERS,
    ),
    Mutant(
        "engine/integers/sums.py",
        "(expo >= bits)",
        "(expo > bits)",
        "an integer beyond its range",
        INTEGERS,
    ),
    Mutant(
        "engine/integers/sums.py",
        "missing < p + 1",
        "missing < p - 1",
        "a subnormal sum keeps bits",
        INTEGERS,
    ),
    # Grids and functions.
    Mutant(
        "call/lengths.py",
        "return first if first == last else None",
        "return first",
        "the least of several lengths that may be meant",
        STEPS,
    ),
    Mutant(
        "call/lengths.py",
        "if remainder or not at_high:",
        "if remainder:",
        "a length at an end that does not belong to the quotients",
        STEPS,
    ),
    Mutant(
        "call/lengths.py",
        "4 * size - (1 if quarter else 2)",
        "4 * size - 2",
        "as many numbers below a power of two round to it as above",
        STEPS,
    ),
    Mutant(
        "call/lengths.py",
        "quotient, remainder = divmod(-n, d)",
        "quotient, remainder = divmod(d - 1 - n, d)",
        "the length of an arange is rounded down",
        STEPS,
    ),
    Mutant(
        "ground/sizes.py",
        "if line.num > LARGEST:",
        "if line.num > LARGEST**2:",
        "lengths that no array has",
        STEPS,
    ),
    Mutant(
        "exact/lines.py",
        "if stop.is_negative_zero and endpoint and num > 1:",
        "if stop.is_negative_zero and num > 1:",
        "a negative zero at a stop that is left out",
        VECTORS,
    ),
    Mutant(
        "exact/lines.py",
        "div = num - 1 if endpoint else num\n    if div < 1:",
        "div = num if endpoint else num\n    if div < 1:",
        "the endpoint is never reached",
        GRIDS,
    ),
    Mutant("call/samples.py", "    read_axis(axis)\n", "", "the axis of a grid is not read", GRIDS),
    Mutant(
        "exact/equality.py",
        "min(one.num, 3)",
        "min(one.num, 2)",
        "two elements tell ranges apart",
        RANGES,
    ),
    Mutant(
        "exact/equality.py",
        "return sign == other_sign",
        "return True",
        "ranges of two signs are equal",
        RANGES,
    ),
    # The engine, of which tests compile the headers as a program.
    Mutant(
        "engine/native/words.h",
        "u64 middle = a1 * b0 + (a0 * b0 >> 32);",
        "u64 middle = a1 * b0;",
        "a carry between halves of words",
        BOUNDS,
    ),
    Mutant(
        "engine/native/words.h",
        "    if (left < 0) {",
        "    if (left <= 0) {",
        "a quotient by one too small where nothing is left",
        BOUNDS,
    ),
    Mutant(
        "engine/native/words.h",
        "static_cast<u64>(b.whole) + less(rest, a.rest);",
        "static_cast<u64>(b.whole);",
        "a carry into the whole part",
        PROGRAM,
    ),
    Mutant(
        "engine/native/words.h",
        "    if (shift >= 128) return {0, 0};",
        "    if (shift >= 192) return {0, 0};",
        "a shift by more than two words",
        BOUNDS,
    ),
    Mutant(
        "engine/native/power.h",
        "{0x2AAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA}",
        "{0x2AAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAB}",
        "a constant that is rounded up",
        BOUNDS,
    ),
    Mutant(
        "engine/native/power.h",
        "Wide{FOURTH_TERM + z.high / 120, 0}",
        "Wide{FOURTH_TERM, 0}",
        "the last term of a series",
        BOUNDS,
    ),
    Mutant(
        "engine/native/power.h",
        "    s = minus(THIRD, times(z, s));",
        "    s = THIRD;",
        "two terms of a series",
        BOUNDS,
    ),
    Mutant(
        "engine/native/formats.h",
        "(below == half - 1 && low > ~margin)",
        "(below == half - 1 && false)",
        "midpoints from below",
        BOUNDS,
    ),
    Mutant(
        "engine/native/formats.h",
        "        up = kept & 1;",
        "        up = 1;",
        "ties away from zero",
        BOUNDS,
    ),
    Mutant(
        "engine/native/formats.h",
        "drop == 65 && ~below == 0 && low > ~margin",
        "false",
        "next to half of the least number",
        BOUNDS,
    ),
    Mutant(
        "engine/native/formats.h",
        "(x.expo < least ? least - x.expo : 0)",
        "0",
        "subnormal numbers with too many bits",
        BOUNDS,
    ),
    Mutant(
        "engine/native/exact.h",
        "        if (high_word(value, a)) return 0;\n",
        "",
        "powers beyond a word",
        BOUNDS,
    ),
    Mutant(
        "engine/native/exact.h",
        "        if (p < 0) {\n            u64 other",
        "        if (p > 0) {\n            u64 other",
        "negative exponents the other way up",
        BOUNDS,
    ),
    Mutant(
        "engine/native/geometric.h",
        "        row = times(row, step);",
        "        row = times(row, column[m - 1]);",
        "rows by a column too few",
        PROGRAM,
    ),
    Mutant(
        "engine/native/geometric.h",
        "return low > -most && high < most;",
        "return low > -4 * most && high < most;",
        "subnormal elements as if they were normal",
        PROGRAM,
    ),
    Mutant(
        "engine/native/geometric.h",
        "{-entry.head, -entry.tail, -entry.full}",
        "{-entry.head, entry.tail, -entry.full}",
        "the sign of a tail",
        PROGRAM,
    ),
    Mutant(
        "engine/native/linear.h",
        "        if (below) floor = plus(floor, Wide{0, 1});\n",
        "",
        "the floor of negative numbers",
        PROGRAM,
    ),
    Mutant(
        "engine/native/linear.h",
        "element.of(p + multiply_add<FUSED>(times, step.tail, above));",
        "element.of(p + above);",
        "the tail of a step",
        PROGRAM,
    ),
    Mutant(
        "engine/native/plans.h",
        "    i64 drop = 63 - x.expo;",
        "    i64 drop = 62 - x.expo;",
        "a point in the wrong place",
        BOUNDS,
    ),
    Mutant(
        "engine/native/plans.h",
        "return x.is_negative != below ?",
        "return x.is_negative ?",
        "the sign of a logarithm",
        BOUNDS,
    ),
    Mutant(
        "engine/native/pairs.h",
        "p.low + (a.high * b.low + a.low * b.high)",
        "p.low + (a.high * b.low)",
        "a cross product",
        BOUNDS,
    ),
    Mutant(
        "engine/native/pairs.h",
        "(1.0 / 6 + y.high * (1.0 / 24))",
        "(1.0 / 6)",
        "the last term of a series",
        BOUNDS,
    ),
    Mutant(
        "engine/native/pairs.h",
        "(1.0 / 3 - y * 0.25)",
        "(1.0 / 3)",
        "the last term of a series",
        BOUNDS,
    ),
    Mutant(
        "engine/native/tiles.h",
        "from_bits(bits_of(y) ^ (differ & (0 - (bits_of(y) & 1))))",
        "y",
        "midpoints of lanes upwards",
        PROGRAM,
    ),
    Mutant(
        "engine/native/tiles.h",
        "            tile.high[w] = x.high;\n            tile.low[w] = x.low;\n",
        "            tile.high[w] = x.high;\n",
        "the lower part of a power",
        PROGRAM,
    ),
    Mutant(
        "engine/native/tiles.h",
        "bool has_stop = tile.div < static_cast<double>(static_cast<int>(tile.num));",
        "bool has_stop = true;",
        "the last sample of lanes without their end",
        PROGRAM,
    ),
    Mutant(
        "engine/native/environment.h",
        "        if ((before & (CONTROLS | MASKS)) != MASKS) _mm_setcsr(MASKS);\n",
        "",
        "the direction of rounding is the caller's",
        PROGRAM,
    ),
    Mutant(
        "engine/native/lanes.h",
        "places[k] * lanes.count + lane",
        "places[k] * lanes.count",
        "open elements of another lane",
        PROGRAM,
    ),
    Mutant(
        "engine/native/lanes.h",
        " & is_between(b, bounds.low, bounds.high);",
        ";",
        "a stop that is too large for pairs",
        PROGRAM,
    ),
    Mutant(
        "engine/native/environment.h",
        "    ~Environment() { _mm_setcsr(before); }\n",
        "    ~Environment() {}\n",
        "the environment is not put back",
        PROGRAM,
    ),
    Mutant(
        "engine/native/module.cpp",
        "        if (!read_word(value, word)) return false;\n    } else",
        "        read_word(value, word);\n    } else",
        "integers of more than a word",
        MODULE,
    ),
    Mutant(
        "engine/native/module.cpp",
        "    end.stride = view.strides[0];",
        "    end.stride = view.itemsize;",
        "lanes that do not lie side by side",
        MODULE,
    ),
    Mutant(
        "engine/native/filling.py",
        "    settle(out, places[:open_],",
        "    settle(out, places[:0],",
        "what the engine leaves open is left",
        MODULE,
    ),
    Mutant(
        "engine/native/slopes.h",
        "MARGIN, false, fmt);",
        "0, false, fmt);",
        "midpoints of derivatives",
        SLOPES,
    ),
    Mutant(
        "engine/native/slopes.h",
        "is_negative = sum.is_negative;",
        "is_negative = false;",
        "the sign of an exponent",
        SLOPES,
    ),
    Mutant(
        "engine/native/slopes.h",
        "return {halves_of(floor, scale), halves_of(line.step, scale), scale * 0x1p-40};",
        "return {halves_of(floor, scale), halves_of(line.step, scale), 0};",
        "exponents in float64 pass for exact",
        SLOPES,
    ),
    Mutant(
        "engine/integers/slopes.py",
        "return n, slack_of(n) + 2",
        "return n, 1",
        "integers that leave no derivative open",
        SLOPES,
    ),
    Mutant(
        "lanes/slopes.py",
        "    doubtful: npt.NDArray[np.bool_] = low != high\n",
        "    doubtful: npt.NDArray[np.bool_] = low != low\n",
        "derivatives that integers leave open",
        SLOPES,
    ),
    Mutant(
        "exact/slopes.py",
        "        if low == high:",
        "        if True:",
        "derivatives of whatever precision",
        SLOPES,
    ),
    # Kernels of GPUs.
    Mutant(
        "engine/gpu/grids.cu",
        "near = plus(w, Triple{0, 0, 2048});",
        "near = w;",
        "exact powers that look less than they are",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        "x.whole + static_cast<i64>(carry)}",
        "x.whole}",
        "a carry into the exponent",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        "for (u64 k = 1028; k-- > 1024;)",
        "for (u64 k = 1027; k-- > 1024;)",
        "a term of a series",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        "    if (grid.is_negative) found.bits |= grid.fmt.sign();\n",
        "",
        "the sign of single elements",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        " || !is_plain(low, high, grid.fmt))",
        ")",
        "rows beyond the normal numbers",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        "first.tail - grid.error};",
        "first.tail + grid.error};",
        "sums without a test",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        "found.state == DONE ? found.bits",
        "found.state != BEYOND ? found.bits",
        "powers that are open in two words",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/grids.cu",
        "if (i + WIDE <= num)",
        "if (i < num)",
        "more than there is memory for",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/lanes.cu",
        "        if (first == 0) report.add(1, lane);",
        "        report.add(1, lane);",
        "a lane that is left more than once",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/lanes.cu",
        "if (out.open || out.beyond)",
        "if (out.open)",
        "integers beyond the format",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/lanes.cu",
        "if (n & 1) result",
        "if (n & 2) result",
        "where a chunk of samples begins",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/launches.py",
        "_has_below(line, unit + fmt.precision + 1)",
        "_has_below(line, unit)",
        "sums of few bits, which are open",
        ON_HOST,
    ),
    Mutant(
        "engine/gpu/launches.py",
        "_LEAST_FLOAT32 = -125",
        "_LEAST_FLOAT32 = -800",
        "sums that may be flushed to zero",
        ON_HOST,
    ),
]
