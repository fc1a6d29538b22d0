"""Fixed-point angles and the spirals' kernel: the errors that the page on the method proves."""

from __future__ import annotations

import random

import gmpy2
import numpy as np
import pytest
from gmpy2 import mpfr, mpq

from xspace.engine.spiral import DELTA
from xspace.engine.spiral_tables import spiral_tables
from xspace.exact.angles import arg_fixed, cos_sin_fixed, nepers_per_turn, octant, pi_fixed
from xspace.exact.gaussian import Gaussian, direction_power
from xspace.exact.rounding import FORMATS
from xspace.exact.spiral import ONE, Spiral

PRECISIONS = [16, 64, 96, 128, 224, 288, 700, 2100]


@pytest.fixture(autouse=True)
def precise():
    with gmpy2.context(precision=4500):
        yield


@pytest.mark.parametrize("wp", PRECISIONS)
def test_constants(wp):
    unit = mpfr(2) ** wp
    assert abs(pi_fixed(wp) - gmpy2.const_pi() * unit) < 1.1
    exact = 2 * gmpy2.const_pi() / gmpy2.const_log2()
    assert abs(nepers_per_turn(wp) - exact * unit) < 20


@pytest.mark.parametrize("wp", PRECISIONS)
def test_cosines_and_sines(wp):
    generator = random.Random(wp)
    unit, tau = mpfr(2) ** wp, 2 * gmpy2.const_pi()
    angles = [generator.getrandbits(wp) for _ in range(40)]
    eighths = [k << (wp - 3) for k in range(8)]
    for f in [*angles, *eighths, *(e + 1 for e in eighths), (1 << wp) - 1]:
        c, s = cos_sin_fixed(f, wp)
        assert abs(c - gmpy2.cos(tau * f / unit) * unit) < 1.5
        assert abs(s - gmpy2.sin(tau * f / unit) * unit) < 1.5


@pytest.mark.parametrize("wp", PRECISIONS)
def test_arguments(wp):
    generator = random.Random(wp)
    unit, tau = mpfr(2) ** wp, 2 * gmpy2.const_pi()
    for _ in range(60):
        a, b = (
            generator.choice([-1, 1]) * generator.getrandbits(generator.choice([2, 60, 900]))
            for _ in range(2)
        )
        if a or b:
            exact = gmpy2.atan2(mpfr(b), mpfr(a)) / tau * unit
            assert abs(arg_fixed(a, b, wp) - exact) < 1.1


def test_octants():
    points = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]
    assert [octant(7 * a, 7 * b) for a, b in points] == [0, 1, 2, 3, 4, -3, -2, -1]
    assert octant(2, 1) is None
    assert [arg_fixed(a, b, 16) for a, b in points[:5]] == [k << 13 for k in range(5)]


def test_gaussian_rationals():
    z = Gaussian.reduced(6, -8, -10)
    assert z == (-3, 4, 5)
    assert z.norm == (1, 1)
    assert z.times(z.inverse()) == ONE
    assert z.raised(-3).times(z.raised(3)) == ONE
    assert z.raised(2) == (-7, -24, 25)
    assert direction_power((2, 1), (2, -1), 3, 3) == (125, 0)
    assert direction_power((2, 1), (2, 1), -3, 3) == (125, 0)


@pytest.mark.parametrize(
    ("scale", "base", "n", "d", "value"),
    [
        (ONE, Gaussian(3, 4, 1), 1, 2, Gaussian(2, 1, 1)),
        (ONE, Gaussian(3, 4, 1), -3, 2, Gaussian(2, -11, 125)),
        (ONE, Gaussian(-7, 24, 625), 1, 4, Gaussian(2, 1, 5)),
        (Gaussian(1, 0, 3), Gaussian(-1, 0, 4), 1, 2, Gaussian(0, 1, 6)),
        (ONE, Gaussian(0, 1, 1), 1, 2, None),
        (ONE, Gaussian(2, 1, 1), 1, 2, None),
        (ONE, Gaussian(2, 1, 1), 1, 10**6 + 3, None),
        (ONE, Gaussian(0, -1, 1), 1, 10**6 + 3, None),
    ],
)
def test_rational_powers(scale, base, n, d, value):
    line = Spiral(scale, base, (n, 0), (0, 0), d, 1)
    assert line._gaussian_value(n, d) == value


@pytest.mark.parametrize(
    ("scale", "base", "n", "d", "twelfths"),
    [
        (ONE, Gaussian(-5, 0, 1), 1, 3, 2),
        (ONE, Gaussian(-5, 0, 1), 1, 6, 1),
        (ONE, Gaussian(-5, 0, 1), 1, 7, None),
        (ONE, Gaussian(1, 1, 1), 2, 3, 1),
        (Gaussian(2, 1, 1), Gaussian(2, -1, 1), 1, 1, 0),
        (Gaussian(2, 1, 1), Gaussian(3, -4, 1), 1, 2, 0),
        (Gaussian(-1, 2, 1), Gaussian(2, -1, 7), 1, 1, 3),
        (Gaussian(2, 1, 1), Gaussian(10**40, -5 * 10**39 - 1, 1), 1, 1, None),
    ],
)
def test_angles_that_are_twelfths(scale, base, n, d, twelfths):
    assert Spiral(scale, base, (n, 0), (0, 0), d, 1)._twelfths(n, d) == twelfths


def test_the_ladder_takes_a_midpoint_where_it_must():
    # 2**(1/2) to 5000 bits is no midpoint; a part that no precision settles is one.
    from xspace.exact.spiral import _settled

    half = (1 << 16384) + (1 << (16384 - 53))
    form = FORMATS["float64"]
    assert _settled(half + 5, -16384, form) is None
    assert _settled(half + 5, -16384, form, 16384) == 1.0
    assert _settled(-7, -16384, form, 16384) == 0.0


def spirals():
    generator = random.Random(7)
    for near in (0, 0, 20, 90):
        for _ in range(4):
            re, im = (mpq(generator.uniform(-3, 3)) for _ in range(2))
            z = Gaussian.reduced(
                int(re.numerator * im.denominator) << near,
                int(im.numerator * re.denominator),
                int(re.denominator * im.denominator),
            )
            w = Gaussian.reduced(2 * z.a + (z.a >> 9), z.b, z.c) if near else Gaussian(-7, 5, 4)
            yield Spiral(z, w.times(z.inverse()), (0, 0), (1, 0), 999, 1000)


@pytest.mark.parametrize("line", list(spirals()))
def test_the_correction_keeps_its_bound(line):
    rows, cols, m = spiral_tables(line)
    generator = random.Random(3)
    with gmpy2.context(precision=700):
        log = gmpy2.log(gmpy2.mpc(mpq(line.base.a, line.base.c), mpq(line.base.b, line.base.c)))
        scale = gmpy2.mpc(mpq(line.scale.a, line.scale.c), mpq(line.scale.b, line.scale.c))
        for _ in range(60):
            i = generator.randrange(line.num)
            q, r = divmod(i, m)
            exact = scale * gmpy2.exp(log * mpq(i, line.den))
            for part, (a, b, sign) in enumerate([(0, 1, -1.0), (1, 0, 1.0)]):
                x1, x2, y1, y2 = cols.head[0, r], cols.tail[0, r], cols.head[1, r], cols.tail[1, r]
                p, t = rows.head[a, q] * x1, sign * rows.head[b, q] * y1
                s = p + t
                e = float(mpfr(p) + mpfr(t) - mpfr(s))
                c = rows.head[a, q] * x2 + rows.tail[a, q] * cols.full[0, r]
                c += sign * (rows.head[b, q] * y2 + rows.tail[b, q] * cols.full[1, r])
                c += e
                width = DELTA * float(
                    np.dot(rows.size[[a, b], q], [cols.size[0, r], cols.size[1, r]])
                )
                scaled = gmpy2.mul_2exp(mpfr(1), int(rows.expo[q]) + 5000) / mpfr(2) ** 5000
                wanted = (exact.imag if part else exact.real) / scaled
                assert abs(wanted - s - mpfr(c)) < 0.5 * width
