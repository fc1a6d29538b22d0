"""The functions of the engine's headers: exact where they say so, and their bounds, by MPFR.

`docs/method/engine.rst` proves these bounds, in units of 2**-128; here the largest errors are
looked for, with random arguments and with those where something changes.
"""

from __future__ import annotations

import math
import random
import re
import struct
from fractions import Fraction

import gmpy2
import pytest
from engine_program import SOURCE, build_here
from gmpy2 import mpfr, mpq, mpz

WORD, WIDE = 1 << 64, 1 << 128
TOP = 1 << 63
MARGIN = 1 << 40
#: Precision and largest exponent of a format.
FORMATS = {"float64": (53, 1023), "float32": (24, 127), "float16": (11, 15), "bfloat16": (8, 127)}
COUNT = 4000


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    return build_here(tmp_path_factory.mktemp("engine"))


@pytest.fixture
def rng(request):
    return random.Random(request.node.name)


@pytest.fixture(autouse=True)
def _precise():
    with gmpy2.context(precision=500, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max()):
        yield


def word(rng, bits=64):
    """A word of any length, near its ends as often as not."""
    x = rng.getrandbits(bits) >> rng.choice([0, 0, rng.randrange(bits)])
    if rng.random() < 0.4:
        x = (rng.choice([0, 1 << bits - 1, 1 << rng.randrange(bits)]) + rng.randrange(-3, 4)) % (
            1 << bits
        )
    return x


def wide(x):
    """A number of two words as the program reads it."""
    return f"{x >> 64 & WORD - 1:x} {x & WORD - 1:x}"


def fixed(x):
    """A number in units, as whole part and fraction."""
    return f"{x >> 128} {wide(x)}"


def read_wide(text):
    high, low = text.split()
    return (int(high, 16) << 64) + int(low, 16)


def read_fixed(text):
    whole, rest = text.split(maxsplit=1)
    return (int(whole) << 128) + read_wide(rest)


def read_power(text):
    rest, expo = text.rsplit(maxsplit=1)
    return read_wide(rest), int(expo)


def significand(rng, bits=128):
    """One with its leading bit set."""
    return word(rng, bits - 1) | 1 << bits - 1


def ask(program, name, cases, spell):
    """Pairs of a case and its answer."""
    cases = list(cases)
    return zip(cases, program.ask(f"{name} {spell(*case)}" for case in cases), strict=True)


def test_upper_words_of_products_are_exact(program, rng):
    cases = [(word(rng), word(rng)) for _ in range(COUNT)]
    for (a, b), answer in ask(program, "high", cases, lambda a, b: f"{a:x} {b:x}"):
        assert answer == f"{a * b >> 64:x} {a * b >> 64:x}"


def test_products_of_fractions_lose_less_than_3_units(program, rng):
    cases = [(word(rng, 128), word(rng, 128)) for _ in range(COUNT)]
    cases += [(WIDE - 1, WIDE - 1), (WORD - 1, WORD - 1), (WIDE - 1, WORD - 1)]
    largest = Fraction(0)
    for (a, b), answer in ask(program, "times", cases, lambda a, b: f"{wide(a)} {wide(b)}"):
        error = Fraction(a * b, WIDE) - read_wide(answer)
        assert 0 <= error < 3
        largest = max(largest, error)
    assert largest > 2  # and they do lose that


def test_products_of_powers_lose_less_than_12_units(program, rng):
    cases = [(significand(rng), significand(rng), *rng.choices(range(-2000, 2000), k=2))]
    cases = [
        (significand(rng), significand(rng), rng.randrange(-2000, 2000), rng.randrange(-2000, 2000))
        for _ in range(COUNT)
    ]
    cases += [(1 << 127, 1 << 127, 0, 0), (WIDE - 1, WIDE - 1, 5, -7), (1 << 127, WIDE - 1, 1, 1)]

    def spell(a, b, e, f):
        return f"{wide(a)} {e} {wide(b)} {f}"

    for (a, b, e, f), answer in ask(program, "product", cases, spell):
        man, expo = read_power(answer)
        assert man >> 127 == 1
        exact = Fraction(a * b) * Fraction(2) ** (e + f - 254)
        got = man * Fraction(2) ** (expo - 127)
        assert 0 <= (exact - got) / exact * WIDE < 12


def test_tables_are_the_powers_rounded_down(program):
    cases = [(level, digit) for level in range(3) for digit in range(128)]
    for (level, digit), answer in ask(program, "table", cases, lambda k, j: f"{k:x} {j:x}"):
        exact = gmpy2.exp2(mpfr(digit) / mpfr(2) ** (7 * level + 7)) * mpfr(2) ** 127
        assert read_wide(answer) == mpz(gmpy2.floor(exact)), (level, digit)


def test_constants_are_rounded_down():
    text = (SOURCE.parent / "power.h").read_text() + (SOURCE.parent / "plans.h").read_text()
    found = re.findall(r"(\w+) = (?:\{\d+, )?\{0x(\w+), 0x(\w+)\}", text)
    log2 = gmpy2.const_log2()
    wanted = {
        "LN2": log2,
        "INVERSE_LN2": 1 / log2 - 1,
        "LOG2_10": gmpy2.log2(mpfr(10)) - 3,
        "THIRD": mpfr(mpq(1, 3)),
        "FIFTH": mpfr(mpq(1, 5)),
        "SIXTH": mpfr(mpq(1, 6)),
    }
    assert {name for name, *_ in found} == set(wanted)
    for name, high, low in found:
        exact = mpz(gmpy2.floor(wanted[name] * mpfr(2) ** 128))
        assert (int(high, 16) << 64) + int(low, 16) == exact, name


def test_powers_of_two_are_off_by_less_than_100_units(program, rng):
    def logarithm():
        digits = [rng.choice([0, 1, 63, 64, 127, rng.randrange(128)]) for _ in range(3)]
        top = (digits[0] << 14 | digits[1] << 7 | digits[2]) << 107
        return (rng.randrange(-1100, 1100) << 128) + top + word(rng, 107)

    cases = [(logarithm(),) for _ in range(COUNT)]
    cases += [(x,) for x in (0, WIDE - 1, -1, 1, 1 << 107, (1 << 107) - 1, 1 << 121, -(1 << 121))]
    largest = mpfr(0)
    for (log,), answer in ask(program, "exp2", cases, fixed):
        man, expo = read_power(answer)
        assert man >> 127 == 1
        ratio = mpfr(man) / mpfr(2) ** 127 / gmpy2.exp2(mpfr(log) / WIDE - expo)
        largest = max(largest, abs(ratio - 1) * WIDE)
    assert 5 < largest < 100, largest


def significands_of_a_word(rng):
    """Of any kind, and next to an entry of a table."""
    powers = [int(gmpy2.exp2(mpfr(j) / 128) * TOP) for j in range(128)]
    digits = [int(gmpy2.exp2(mpfr(rng.getrandbits(21)) / 2**21) * TOP) for _ in range(200)]
    yield from (TOP, TOP + 1, WORD - 1, WORD - 2, 3 << 62)
    for x in (*powers, *digits):
        yield from (max(x + near, TOP) for near in (-1, 0, 1, 2))
    yield from (significand(rng, 64) for _ in range(COUNT))


def test_digits_of_a_logarithm(program, rng):
    cases = [(man,) for man in significands_of_a_word(rng)]
    for (man,), answer in ask(program, "log2_digits", cases, lambda man: f"{man:x}"):
        exact = int(gmpy2.floor(gmpy2.log2(mpfr(man) / TOP) * 2**21))
        assert int(answer, 16) in (exact, exact - 1)


def test_logarithms_are_off_by_less_than_200_units(program, rng):
    cases = [(man, rng.randrange(-1074, 1024)) for man in significands_of_a_word(rng)]
    largest = mpfr(0)
    for (man, expo), answer in ask(program, "log2", cases, lambda man, expo: f"{man:x} {expo}"):
        exact = gmpy2.log2(mpfr(man) / TOP) + expo
        largest = max(largest, abs(exact * WIDE - read_fixed(answer)))
        if man == TOP:
            assert read_fixed(answer) == expo << 128
    assert 5 < largest < 200, largest


def test_natural_logarithms_are_relative(program, rng):
    """Off by less than 2**7 units of themselves next to 1, and by less than 2**28 elsewhere."""
    near = [1 + (rng.getrandbits(60) >> rng.randrange(60)) for _ in range(COUNT)]
    cases = [(TOP + x, 0) for x in near] + [(WORD - x, -1) for x in near]
    cases += [(man, rng.choice([-1074, -1, 0, 1, 5, 1023])) for man in significands_of_a_word(rng)]
    largest = {False: mpfr(0), True: mpfr(0)}
    for (man, expo), answer in ask(program, "ln", cases, lambda man, expo: f"{man:x} {expo}"):
        got, scale = read_power(answer)
        x = mpfr(man) * mpfr(2) ** (expo - 63)
        if x == 1:
            assert got == 0
            continue
        error = abs(got * mpfr(2) ** (scale - 127) / abs(gmpy2.log(x)) - 1) * WIDE
        is_near = abs(x - 1) < mpfr(2) ** -20
        largest[is_near] = max(largest[is_near], error)
    assert 1 << 20 < largest[False] < 1 << 28, largest
    assert 5 < largest[True] < 1 << 7, largest


def test_inverses_are_off_by_less_than_4_units(program, rng):
    cases = [(max(word(rng, 31), 1),) for _ in range(COUNT)] + [(1 << k,) for k in range(31)]
    for (div,), answer in ask(program, "inverse", cases, str):
        man, expo = read_power(answer)
        assert man >> 127 == 1
        assert 0 <= 1 - man * Fraction(2) ** (expo - 127) * div < Fraction(4, WIDE)


def test_exponents_are_relative(program, rng):
    """Off by less than 2**31 units of themselves, however near to zero: where ends cancel."""

    def case():
        div = rng.choice([1, 2, 3, 49, 4096, (1 << 31) - 2, rng.randrange(1, 1 << 31)])
        i = rng.randrange(div + 1)
        start = rng.choice([-1, 1]) * gmpy2.exp2(rng.uniform(-20, 20))
        cancels = -start * (div - i) / max(i, 1) * (1 + mpfr(2) ** -rng.randrange(5, 60))
        return float(start), rng.choice([rng.uniform(-99, 99), float(cancels)]), div, i

    cases = [case() for _ in range(COUNT)] + [(0.0, 0.0, 5, 2), (1.0, -1.0, 2, 1), (5.0, 0.0, 9, 9)]
    largest, small = Fraction(0), 0

    def spell(start, stop, div, i):
        return f"x{bits_of_float(start)} x{bits_of_float(stop)} {div} {i}"

    for (start, stop, div, i), answer in ask(program, "exponent", cases, spell):
        if answer == "refused":  # ends that are no multiples of one unit of two words
            continue
        exact = (Fraction(start) * (div - i) + Fraction(stop) * i) / div
        negative, power = answer.split(maxsplit=1)
        man, expo = read_power(power)
        if not exact:
            assert man == 0
            continue
        assert (negative == "1") == (exact < 0)
        got = man * Fraction(2) ** (expo - 127)
        largest = max(largest, abs(got / abs(exact) - 1) * WIDE)
        small += abs(exact) < Fraction(abs(start)) / (1 << 45)
    assert 1 << 20 < largest < 1 << 31, largest
    assert small > 20


def test_a_multiple_of_a_logarithm_is_off_by_less_than_2_units(program, rng):
    def case():
        x = rng.choice([-1, 1]) * gmpy2.exp2(rng.uniform(-80, 24))
        x = float(x) if rng.random() < 0.7 else float(rng.randrange(-(1 << 24) + 1, 1 << 24))
        return x, rng.randrange(-1075 << 128, 1024 << 128) >> rng.choice([0, 0, 100, 136])

    cases = [case() for _ in range(COUNT)]
    cases += [
        (5e-324, 5 << 128),
        (-5e-324, -1),
        (0.0, 7 << 128),
        (2.0**24 - 1, -1),
        (1.0, -(1 << 128)),
    ]

    def spell(x, log):
        return f"x{bits_of_float(x)} {fixed(log)}"

    for (x, log), answer in ask(program, "times_log", cases, spell):
        assert abs(Fraction(x) * log - read_fixed(answer)) < 2


def bits_of_float(x):
    return struct.pack(">d", x).hex()


def test_quotients_are_exact(program, rng):
    def case():
        value = rng.randrange(-(1 << 165), 1 << 165) >> rng.randrange(165)
        return value, rng.choice([1, 2, (1 << 32) - 1, rng.randrange(1, 1 << rng.randrange(1, 33))])

    cases = [case() for _ in range(COUNT)]
    for (value, divisor), answer in ask(
        program, "divided", cases, lambda value, divisor: f"{fixed(value)} {divisor:x}"
    ):
        rest, quotient = answer.split(maxsplit=1)
        assert (read_fixed(quotient), int(rest, 16)) == divmod(value, divisor)


def rounded(value, name):
    """The bits of a magnitude rounded to nearest even."""
    precision, largest = FORMATS[name]
    least = 1 - largest
    expo = value.numerator.bit_length() - value.denominator.bit_length()
    while Fraction(2) ** expo > value:
        expo -= 1
    ulp = Fraction(2) ** (max(expo, least) - precision + 1)
    whole = round(value / ulp)  # to even
    if expo >= least:
        whole += (expo - least) << (precision - 1)
    return min(whole, (2 * largest + 1) << (precision - 1))


def near_midpoints(rng, name):
    """Significands and exponents, many of them next to a midpoint, and their distance from it."""
    precision, largest = FORMATS[name]
    for _ in range(COUNT):
        expo = rng.choice(
            [
                rng.randrange(-largest - precision - 4, largest + 3),
                1 - largest - rng.randrange(precision + 3),
                largest,
            ]
        )
        drop = max(1 - largest - expo, 0) + 128 - precision
        near = rng.choice([0, 0, 1, -1, MARGIN - 1, MARGIN, -MARGIN, -MARGIN - 1, word(rng, 50)])
        if drop > 128 or rng.random() < 0.2:
            man = significand(rng)
        else:
            man = (word(rng, 128) >> drop << drop) + (1 << drop - 1) + near
        if man >> 127 == 1:
            yield man, expo


@pytest.mark.parametrize("name", FORMATS)
def test_rounding(program, rng, name):
    cases = [
        (man, expo, *rng.choice([(0, 0), (0, 1), (MARGIN, 0)]))
        for man, expo in near_midpoints(rng, name)
    ]

    def spell(man, expo, margin, rest):
        return f"{name} {wide(man)} {expo} {margin:x} {rest}"

    open_ = 0
    for (man, expo, margin, rest), answer in ask(program, "round", cases, spell):
        bits, state = answer.split()
        unit = Fraction(2) ** (expo - 127)
        if margin:  # it is off by less than that
            low, high = ((man + side * (margin - Fraction(1, 9))) * unit for side in (-1, 1))
        else:
            low = high = (man + Fraction(rest, 2)) * unit
        ends = {rounded(low, name), rounded(high, name)}
        if state == "0":
            assert {int(bits, 16)} == ends
        else:
            assert margin
            wider = (max(man + side * (margin + Fraction(1, 9)), 1) * unit for side in (-1, 1))
            assert len({rounded(x, name) for x in wider}) == 2
            open_ += 1
    assert open_ > 50


def test_integer_parts(program, rng):
    def case():
        expo = rng.randrange(-3, 66)
        man = significand(rng)
        if 0 <= expo < 64 and rng.random() < 0.7:
            near = rng.choice([0, 1, -1, MARGIN - 1, MARGIN, -MARGIN, -MARGIN - 1])
            man = ((man >> 127 - expo << 127 - expo) + near) % WIDE | 1 << 127
        return man, expo, rng.choice([0, MARGIN])

    cases = [case() for _ in range(COUNT)]
    open_ = 0
    for (man, expo, margin), answer in ask(
        program, "integer", cases, lambda man, expo, margin: f"{wide(man)} {expo} {margin:x}"
    ):
        whole, state = answer.split()
        unit = Fraction(2) ** (expo - 127)
        low, high = (man - margin) * unit, (man + margin) * unit
        if expo > 63:
            assert state == "2"
        elif state == "0":
            assert int(whole, 16) == low // 1 == man * unit // 1
            assert not margin or high // 1 == low // 1 or high % 1 == 0
        else:
            assert margin
            assert low // 1 != high // 1 or low % 1 == 0
            open_ += 1
    assert open_ > 50


def test_roots(program, rng):
    def case():
        q = rng.choice([1, 2, 3, 5, 7, 62, 63, 64, rng.randrange(1, 70)])
        root = rng.randrange(1, 1 << max(64 // q, 1))
        power = root**q
        return (power if power < WORD and rng.random() < 0.8 else significand(rng, 64)), q

    cases = [case() for _ in range(COUNT)] + [
        (WORD - 1, 2),
        ((1 << 32) - 1, 1),
        (1, 63),
        (1, 2**50),
    ]
    for (a, q), answer in ask(program, "root", cases, lambda a, q: f"{a:x} {q:x}"):
        root, is_exact = gmpy2.iroot(mpz(a), q) if q < 10**6 else (mpz(1), True)
        assert int(answer, 16) == (root if is_exact and (root > 1 or a == 1) else 0)


def test_exact_elements(program, rng):
    """Those that are found have their value; an integer power of short numbers is found."""

    def case():
        scale, q = rng.randrange(1, 1 << rng.randrange(1, 30)), rng.choice([1, 2, 3, 4, 12])
        upper = (rng.randrange(1, 1 << rng.randrange(1, 40 // q + 2)) | 1) ** q
        lower = rng.choice([x for x in (1, 1, 3, 5, 7) if math.gcd(x, upper) == 1]) ** q
        twos = q * rng.randrange(-20, 20)
        den = q * rng.randrange(1, 9)
        return (
            scale,
            upper,
            lower,
            twos,
            den * rng.randrange(-3, 4),
            den // q,
            den,
            rng.randrange(9),
        )

    cases = [c for c in (case() for _ in range(COUNT)) if max(c[1:3]) < WORD]

    def spell(scale, upper, lower, twos, a, b, den, i):
        return f"{scale} {upper:x} {lower:x} {twos} {a} {b} {den} {i}"

    found = 0
    for (scale, upper, lower, twos, a, b, den, i), answer in ask(program, "exact", cases, spell):
        exponent = Fraction(a + i * b, den)
        p, q = exponent.numerator, exponent.denominator
        # The q-th power of the element, which is a rational number.
        power = Fraction(scale) ** q * (Fraction(upper, lower) * Fraction(2) ** twos) ** p
        if answer == "none":
            root, is_exact = gmpy2.iroot(mpz(power.numerator), q)
            below, too = gmpy2.iroot(mpz(power.denominator), q)
            short = is_exact and too and below & (below - 1) == 0 and root < 1 << 20
            # Intermediate powers have to be words, too.
            assert not short or max(upper, lower) ** abs(exponent) * scale > 2**60
        else:
            found += 1
            man, expo = read_power(answer)
            assert (man * Fraction(2) ** (expo - 127)) ** q == power
    assert found > COUNT / 8


# Pairs of floats.


def pair(rng, expo):
    """A pair of a size, with a lower part that its upper part does not swallow."""
    high = math.ldexp(rng.uniform(1, 2), expo)
    low = rng.uniform(-0.5, 0.5) * math.ulp(high) * rng.choice([1, 1, 0, 2.0**-30])
    return high, low


def pairs_of(answer):
    """What both ways to split a product have made: sums of two floats."""
    words = [float_of(word) for word in answer.split()]
    return mpfr(words[0]) + mpfr(words[1]), mpfr(words[2]) + mpfr(words[3])


def float_of(bits):
    return struct.unpack(">d", int(bits, 16).to_bytes(8))[0]


def spell_floats(*numbers):
    return " ".join(bits_of_float(x) for x in numbers)


def test_products_of_pairs_are_off_by_less_than_2_to_the_minus_100(program, rng):
    cases = [(*pair(rng, rng.randrange(-300, 300)), *pair(rng, 3)) for _ in range(COUNT)]
    largest = 0
    for (a, b, c, d), answer in ask(program, "pair_times", cases, spell_floats):
        exact = (mpfr(a) + mpfr(b)) * (mpfr(c) + mpfr(d))
        for got in pairs_of(answer):
            largest = max(largest, abs(got / exact - 1) * mpfr(2) ** 100)
    assert largest < 1, largest


def test_powers_of_pairs_are_off_by_less_than_2_to_the_minus_89(program, rng):
    def case():
        step = rng.choice([2.0**-18, 2.0**-9, 1.0])
        near = round(rng.uniform(-800, 800) / step) * step
        x = near + rng.choice([0, 0.5, -0.5, rng.uniform(-0.5, 0.5)]) * 2.0**-18
        return x, rng.uniform(-0.5, 0.5) * math.ulp(x)

    largest = 0
    cases = [(0.0, 0.0), *(case() for _ in range(COUNT))]
    for (high, low), answer in ask(program, "pair_exp2", cases, spell_floats):
        exact = gmpy2.exp2(mpfr(high) + mpfr(low))
        for got in pairs_of(answer):
            largest = max(largest, abs(got / exact - 1) * mpfr(2) ** 89)
    assert 0.1 < largest < 1, largest


def test_logarithms_of_ratios_are_off_by_less_than_2_to_the_minus_86(program, rng):
    def case():
        a = math.ldexp(rng.uniform(1, 2), rng.randrange(-800, 800))
        b = math.ldexp(rng.uniform(1, 2), rng.randrange(-800, 800))
        kind = rng.randrange(5)
        if kind == 0:
            b = a * (1 + rng.randrange(-9, 10) * 2.0**-52)
        elif kind == 1:
            b = a * 2.0 ** rng.randrange(-9, 9)
        elif kind == 2:  # next to where another inverse is looked up
            b = a * (1 + rng.randrange(512) / 512) * (1 + rng.randrange(-3, 4) * 2.0**-52)
        elif kind == 3:
            a, b = float(rng.randrange(1, 100)), float(rng.randrange(1, 100))
        return a, b

    largest = 0
    cases = [(1.0, 1.0), (1.0, 2.0), (1.0, math.nextafter(2, 1)), *(case() for _ in range(COUNT))]
    for (a, b), answer in ask(program, "pair_log2", cases, spell_floats):
        exact = gmpy2.log2(mpfr(mpq(b) / mpq(a)))
        for got in pairs_of(answer):
            largest = max(largest, abs(got - exact) * mpfr(2) ** 86)
    assert 0.05 < largest < 1, largest
