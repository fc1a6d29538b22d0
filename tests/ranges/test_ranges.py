"""Lazy ranges: sequences of exactly the grids' elements, however they are cut."""

from __future__ import annotations

import bisect
import collections.abc
import copy
import itertools
import math
import pickle
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from counting import bytes_made, count_calls
from hypothesis import given
from hypothesis import strategies as st

from xspace import GeomRange, LinRange, LogRange, arange, geomspace, linspace, logspace
from xspace.exact.products import is_one
from xspace.testing import assert_identical

FINITE = st.floats(allow_nan=False, allow_infinity=False)
EXACT = st.one_of(FINITE, st.integers(-(10**30), 10**30), st.fractions())
POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
SMALL = st.one_of(st.integers(-4, 4), st.fractions(-4, 4, max_denominator=6))
FUNCTIONS = {LinRange: linspace, LogRange: logspace, GeomRange: geomspace}
KINDS = list(FUNCTIONS)


@st.composite
def calls(draw, least=0):
    """A kind of range with its arguments."""
    kind = draw(st.sampled_from(KINDS))
    keywords = {"endpoint": draw(st.booleans())}
    if kind is LinRange:
        ends = draw(st.tuples(EXACT, EXACT))
    elif kind is LogRange:
        ends = draw(st.tuples(*[st.floats(-300, 300)] * 2))
        base = draw(st.sampled_from([None, 2, math.e, 0.3, Fraction(1, 3), 1]))
        keywords |= {} if base is None else {"base": base}
    else:
        sign = draw(st.sampled_from([1, -1]))
        ends = [sign * x for x in draw(st.tuples(POSITIVE, POSITIVE))]
    return kind, (*ends, draw(st.integers(least, 40))), keywords


@st.composite
def ranges(draw, least=0):
    kind, arguments, keywords = draw(calls(least))
    return kind(*arguments, **keywords)


@st.composite
def slices(draw):
    ends = st.none() | st.integers(-5, 5) | st.integers(-50, 50)
    step = st.none() | st.integers(-7, 7).filter(bool)
    return slice(draw(ends), draw(ends), draw(step))


def bits(values):
    """Floats with the signs of their zeros."""
    return [float(x).hex() for x in values]


class TestElements:
    @given(calls(), st.sampled_from(["float64", "float32", "float16"]))
    def test_are_those_of_the_function(self, call, dtype):
        kind, arguments, keywords = call
        r, function = kind(*arguments, **keywords), FUNCTIONS[kind]
        whole = function(*arguments, **keywords)
        assert_identical(r.to_array(dtype=dtype), function(*arguments, **keywords, dtype=dtype))
        assert len(r) == r.num == len(whole)
        assert bits(r) == bits(whole)
        assert bits(r[i] for i in range(len(r))) == bits(whole)
        assert bits(r[i - len(r)] for i in range(len(r))) == bits(whole)
        assert all(type(x) is float for x in r)

    @given(EXACT, EXACT, st.integers(2, 40))
    def test_are_correctly_rounded(self, start, stop, num):
        first, last = Fraction(start), Fraction(stop)
        for i, x in enumerate(LinRange(start, stop, num)):
            exact = (first * (num - 1 - i) + last * i) / (num - 1)
            try:
                assert x == exact.numerator / exact.denominator
            except OverflowError:
                assert math.isinf(x)

    @given(calls(), st.lists(slices(), max_size=4))
    def test_slices_have_those_of_the_list(self, call, cuts):
        kind, arguments, keywords = call
        r = kind(*arguments, **keywords)
        elements = list(r)
        for cut in cuts:
            r, elements = r[cut], elements[cut]
            assert type(r) is kind
            assert len(r) == len(elements)
            assert bits(r) == bits(elements)
            assert bits(r.to_array()) == bits(elements)
            assert bits(reversed(r)) == bits(elements[::-1])
            assert bits(r[i] for i in range(len(r))) == bits(elements)

    @given(st.lists(slices(), max_size=5))
    def test_slices_do_not_drift(self, cuts):
        r = LinRange(0, 1, 38)
        exact = [Fraction(i, 37) for i in range(38)]
        for cut in cuts:
            r, exact = r[cut], exact[cut]
        assert r == LinRange(exact[0], exact[-1], len(exact)) if exact else not r

    @pytest.mark.parametrize("kind", KINDS)
    def test_blocks_join(self, kind):
        r = kind(1, 2.5, 10_001)
        assert_identical(np.array(list(r)), FUNCTIONS[kind](1, 2.5, 10_001))
        assert_identical(np.array(list(r[7::2])), FUNCTIONS[kind](1, 2.5, 10_001)[7::2].copy())

    def test_zeros_keep_the_sign_of_their_end(self):
        ends = [0, 0.0, -0.0, 1, -5e-324]
        for start, stop, num, endpoint in itertools.product(
            ends, ends, (0, 1, 2, 5), (True, False)
        ):
            r = LinRange(start, stop, num, endpoint=endpoint)
            wanted = bits(linspace(start, stop, num, endpoint=endpoint))
            assert bits(r) == bits(r.to_array()) == wanted
            assert bits(r[i] for i in range(num)) == wanted
            assert bits(r[::-2]) == wanted[::-2]
            assert bits(r[1:][::2]) == wanted[1:][::2]

    def test_integers(self):
        assert LinRange(-5, 5, 4).to_array(dtype=int).tolist() == [-5, -2, 1, 5]
        assert GeomRange(-8, -1, 3)[1:].to_array(dtype="int8").tolist() == [-2, -1]
        with pytest.raises(OverflowError, match=r"LogRange: element 2 is 1000\.0, which int8"):
            LogRange(0, 5, 6)[1:].to_array(dtype="int8")


class TestSize:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("num", [10**15 + 1, 10**30 + 1])
    def test_takes_no_memory_and_no_time(self, kind, num):
        assert count_calls(lambda: self.use(kind, num)) < 100_000
        assert bytes_made(lambda: self.use(kind, num)) < 2**20

    def use(self, kind, num):
        r = kind(1, 2, num)
        coarse = list(kind(1, 2, 11))
        part = r[:: num // 10]
        assert len(part) == 11
        assert list(part) == coarse
        assert part == kind(1, 2, 11)
        assert [r[i * (num // 10)] for i in range(11)] == coarse
        assert r[-1] in r
        assert r.searchsorted(r[num // 3]) <= num // 3
        assert list(itertools.islice(r, 3)) == [r[0], r[1], r[2]]
        assert list(itertools.islice(reversed(r), 2)) == [r[-1], r[-2]]
        assert r == eval(repr(r))
        assert hash(r) == hash(eval(repr(r)))

    def test_len(self):
        assert len(LinRange(0, 1, sys.maxsize)) == sys.maxsize
        more = LinRange(0, 1, sys.maxsize + 1)
        assert more
        assert more.num == sys.maxsize + 1
        with pytest.raises(OverflowError):
            len(more)
        with pytest.raises(ValueError, match=rf"LinRange: {more.num} elements, which is more"):
            more.to_array()
        with pytest.raises(MemoryError):
            LinRange(0, 1, 10**14).to_array()

    def test_index(self):
        r = LinRange(0, 1, 3)
        assert r[np.int64(1)] == r[True] == 0.5
        for index in (3, -4, 10**20):
            with pytest.raises(IndexError, match=f"index {index} is out of range for 3 elements"):
                r[index]
        with pytest.raises(TypeError, match=r"integers or slices, got float 1\.0"):
            r[1.0]
        with pytest.raises(ValueError, match="zero"):
            r[::0]


class TestEquality:
    @given(calls(), slices())
    def test_the_same_elements_are_equal(self, call, cut):
        kind, arguments, keywords = call
        r, again = kind(*arguments, **keywords), kind(*arguments, **keywords)
        assert r == again
        assert r[cut] == again[cut]
        assert hash(r[cut]) == hash(again[cut])
        assert r[cut][::-1][::-1] == r[cut]

    @given(SMALL, SMALL, SMALL, SMALL, st.integers(0, 4), st.integers(0, 4))
    def test_as_exact_lists_are(self, a, b, c, d, m, n):
        def exact(start, stop, num):
            return [
                Fraction(start) + (stop - start) * Fraction(i, max(num - 1, 1)) for i in range(num)
            ]

        one, two = LinRange(a, b, m), LinRange(c, d, n)
        assert (one == two) == (exact(a, b, m) == exact(c, d, n))
        if one == two:
            assert hash(one) == hash(two)

    @given(
        st.fractions(Fraction(1, 20), 20, max_denominator=20),
        st.integers(-9, 9),
        st.integers(-9, 9),
        st.integers(1, 30),
    )
    def test_across_kinds(self, base, a, b, num):
        powers, numbers = LogRange(a, b, num, base=base), GeomRange(base**a, base**b, num)
        assert powers == numbers
        assert hash(powers) == hash(numbers)
        assert powers[::2] == numbers[::2]
        straight = LinRange(base**a, base**b, num)
        assert (straight == powers) == (num < 3 or a == b or base == 1)
        assert powers != GeomRange(-(base**a), -(base**b), num)

    def test_irrational_elements(self):
        fifth = GeomRange(2, 64, 26)  # 2**(1 + i/5)
        assert fifth[1:4] == LogRange(Fraction(6, 5), Fraction(8, 5), 3, base=2)
        assert fifth[1:4] == LogRange(Fraction(3, 5), Fraction(4, 5), 3, base=4)
        assert fifth[1:4] != LogRange(
            Fraction(6, 5), Fraction(8, 5) + Fraction(1, 10**40), 3, base=2
        )
        assert GeomRange(1, 10, 4)[1:3] == LogRange(Fraction(1, 3), Fraction(2, 3), 2)
        assert GeomRange(6, 35, 8)[1:3] != GeomRange(6, 36, 8)[1:3]

    def test_what_differs_below_the_rounding(self):
        one = LinRange(1, 2, 5)
        two = LinRange(1, 2 + Fraction(1, 10**30), 5)
        assert list(one) == list(two)
        assert one != two
        assert LogRange(0, 1, 5) != LogRange(0, 1 + Fraction(1, 10**30), 5)

    def test_two_elements_have_no_kind(self):
        assert LinRange(1, 4, 2) == GeomRange(1, 4, 2) == LogRange(0, 2, 2, base=2)
        assert LinRange(1, 2, 2) == GeomRange(1, 4, 3)[:2]
        assert LinRange(1, 3, 3) != GeomRange(1, 4, 3)
        assert LinRange(7, 7, 9) == GeomRange(7, 7, 9)
        assert LinRange(3, 4, 0) == GeomRange(1, 2, 0) == LinRange(0, 1)[3:3]
        assert (
            len({LinRange(3, 4, 0), GeomRange(1, 2, 0), LinRange(1, 4, 2), GeomRange(1, 4, 2)}) == 2
        )

    def test_with_other_things(self):
        r = LinRange(0, 4, 5)
        assert r != range(5)
        assert r != list(r)
        assert r.__eq__(5) is NotImplemented

    @given(st.lists(st.tuples(st.integers(1, 60), st.integers(-3, 3)), max_size=6))
    def test_products(self, factors):
        product = math.prod((Fraction(n) ** e for n, e in factors), start=Fraction(1))
        assert is_one(factors) == (product == 1)

    @given(st.lists(st.tuples(st.integers(1, 60), st.integers(-3, 3)), max_size=4), st.data())
    def test_products_that_are_one(self, factors, data):
        k, far = data.draw(st.integers(1, 5)), 10**20
        inverse = [(n**k, -e * far) for n, e in factors]
        assert is_one([(n, e * k * far) for n, e in factors] + inverse)
        assert not is_one([(n, e * k * far) for n, e in factors] + inverse + [(2, 1)])

    def test_long_numbers(self):
        """Powers of them would not fit into memory."""
        a, b = Fraction(7**4000, 3**6000), Fraction(2**20_000, 3**300)
        there, back = GeomRange(a, b, 10**15), GeomRange(b, a, 10**15)[::-1]
        assert there[5:9] == back[5:9]
        assert there[5:9] != back[6:10]
        assert bytes_made(lambda: (there[5:9] == back[5:9], there[5:9] == back[6:10])) < 2**20


class TestSearching:
    @given(ranges(), st.data())
    def test_as_in_a_list(self, r, data):
        elements = list(r)
        near = (
            [x for e in elements[:3] for x in (e, math.nextafter(e, math.inf), int(e))]
            if (elements and all(map(math.isfinite, elements[:3])))
            else []
        )
        x = data.draw(st.sampled_from([*near, *elements, 0, -0.0, math.inf]) | EXACT)
        assert (x in r) == (x in elements)
        assert r.count(x) == elements.count(x)
        if x in elements:
            assert r.index(x) == elements.index(x)
        else:
            with pytest.raises(ValueError, match="is not in the range"):
                r.index(x)
        rising = not elements or elements[0] <= elements[-1]
        # In a falling range "left" comes before what is equal, as in a rising one.
        for side, find in (("left", bisect.bisect_left), ("right", bisect.bisect_right)):
            got = r.searchsorted(x, side=side)
            if rising:
                assert got == find(elements, x)
            else:
                assert got == find([-e for e in elements], -Fraction(x) if math.isfinite(x) else -x)

    @given(ranges(least=1), st.data())
    def test_a_part_of_the_range(self, r, data):
        elements = list(r)
        x = data.draw(st.sampled_from(elements))
        start, stop = (data.draw(st.integers(-50, 50)) for _ in range(2))
        if x in elements[slice(start, stop)]:
            assert r.index(x, start, stop) == elements.index(x, start, stop)
        else:
            with pytest.raises(ValueError, match="is not in the range"):
                r.index(x, start, stop)

    def test_numbers_are_exact(self):
        r = LinRange(0, 1, 11)
        assert 0.1 in r
        assert np.float64(0.1) in r
        assert np.array(0.5) in r
        assert Fraction(0.1) in r
        assert Fraction(1, 10) not in r  # the element is a float
        assert Decimal("0.1") not in r
        assert np.float32(0.1) not in r
        assert 0.5 + 0j in r
        assert 0.5 + 1j not in r
        for x in (np.complex64(0.5), np.complex128(0.5), np.array(0.5 + 0j)):
            assert r.index(x) == 5
            assert x + 1j not in r
        assert LinRange(0, 1, 10**15 + 1).count(0.25) == 1
        assert LinRange(1, 1 + 2.0**-52, 10**15).count(1.0) == 5 * 10**14

    def test_what_is_no_number(self):
        r = LinRange(0, 1, 11)
        zero_d = np.array("0.1"), np.array(None), np.array(b"0.1"), np.array("2020", "M8")
        for x in ("0.1", None, math.nan, np.datetime64("2020"), [0.1], Decimal("sNaN"), *zero_d):
            assert x not in r
        assert r.searchsorted(math.nan) == r[::-1].searchsorted(math.nan) == 11
        with pytest.raises(TypeError, match="x must be a real number"):
            r.searchsorted("0.1")
        with pytest.raises(TypeError, match=r"x must be a scalar .* shape \(2,\)"):
            np.array([0.1, 0.2]) in r  # noqa: B015
        with pytest.raises(ValueError, match="side must be 'left' or 'right', got 'middle'"):
            r.searchsorted(0.1, side="middle")


class TestObject:
    @given(ranges(), slices())
    def test_repr_evaluates_back(self, r, cut):
        for part in (r, r[cut], r[cut][::-3]):
            again = eval(repr(part))
            assert again == part
            assert repr(again) == repr(part)
            assert bits(again) == bits(part)

    @pytest.mark.parametrize(
        ("r", "text"),
        [
            (LinRange(0, 1.0, 5), "LinRange(0, 1, 5)"),
            (LinRange(0.1, -0.0, 5, endpoint=False), "LinRange(0.1, -0.0, 5, endpoint=False)"),
            (LinRange(0, Decimal("0.3"), 4), "LinRange(0, Fraction(3, 10), 4)"),
            (LinRange(1e300, Fraction(1, 3), 4), "LinRange(1e+300, Fraction(1, 3), 4)"),
            (LogRange(0, 3, 4), "LogRange(0, 3, 4)"),
            (LogRange(0, 3, 4, base=2), "LogRange(0, 3, 4, base=2)"),
            (GeomRange(1, 10, 4)[1:3], "GeomRange(1, 10, 4)[1:3]"),
            (GeomRange(1, 10, 4)[::-1], "GeomRange(1, 10, 4)[::-1]"),
            (GeomRange(1, 10, 4)[2::-1], "GeomRange(1, 10, 4)[2::-1]"),
            (GeomRange(1, 10, 4)[:0:-1], "GeomRange(1, 10, 4)[:0:-1]"),
            (GeomRange(1, 10, 4)[:-1], "GeomRange(1, 10, 4)[:3]"),
            (GeomRange(1, 10, 9)[1:][::3], "GeomRange(1, 10, 9)[1::3]"),
            (GeomRange(1, 10, 9)[1:][::-3], "GeomRange(1, 10, 9)[::-3]"),
            (GeomRange(1, 10, 9)[3:][::-3], "GeomRange(1, 10, 9)[:4:-3]"),
            (GeomRange(1, 10, 9)[4:5], "GeomRange(1, 10, 9)[4:5]"),
            (GeomRange(1, 10, 9)[4:1], "GeomRange(1, 10, 9)[:0]"),
        ],
    )
    def test_repr(self, r, text):
        assert repr(r) == text

    def test_repr_of_long_numbers(self):
        long = LinRange(-(10**5000), Fraction(1, 10**5000), 3)
        assert eval(repr(long)) == long

    @given(ranges(), slices())
    def test_copies(self, r, cut):
        for part in (r, r[cut]):
            for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
                again = pickle.loads(pickle.dumps(part, protocol))
                assert again == part
                assert repr(again) == repr(part)
            assert copy.copy(part) == copy.deepcopy(part) == part

    def test_is_a_sequence(self):
        r = LinRange(0, 1, 3)
        assert isinstance(r, collections.abc.Sequence)
        assert isinstance(r, collections.abc.Hashable)
        assert not LinRange(0, 1, 0)
        match r:
            case [first, *_, last]:
                assert (first, last) == (0.0, 1.0)

    def test_is_immutable(self):
        r = LinRange(0, 1, 3)
        for name in ("num", "start", "other"):
            with pytest.raises(AttributeError):
                setattr(r, name, 5)
        with pytest.raises(TypeError):
            r[0] = 1.0

    def test_as_an_array(self):
        r = LinRange(0, 0.3, 4)
        assert_identical(np.asarray(r), linspace(0, 0.3, 4))
        assert_identical(np.asarray(r, dtype=np.float32), linspace(0, 0.3, 4, dtype=np.float32))
        assert_identical(np.asarray(r[::-1], dtype=int), np.zeros(4, int))
        assert np.asarray(r, dtype=complex).tolist() == list(r)
        assert np.asarray(r, dtype=object).tolist() == list(r)
        # Not by way of float64: 1 + 2**-24 + 2**-60 is just above a midpoint of float32.
        near = LinRange(1 + Fraction(1, 2**24) + Fraction(1, 2**60), 2, 2)
        for dtype in ("float32", "complex64"):
            assert np.asarray(near, dtype=dtype)[0] == 1 + 2.0**-23
        assert_identical(np.add(r, 1.0), linspace(0, 0.3, 4) + 1.0)
        assert np.searchsorted(r, 0.2) == r.searchsorted(0.2)
        with pytest.raises(ValueError, match="a LinRange has no memory"):
            np.asarray(r, copy=False)
        for dtype in ("i4,f4", "(2,)i4", "V8"):
            with pytest.raises(TypeError, match="dtype must be one of single numbers, got"):
                np.asarray(r, dtype=dtype)
        days = LinRange(np.datetime64("2024-02-28"), np.datetime64("2024-03-01"), 3)
        assert np.asarray(days, dtype="U10").tolist() == ["2024-02-28", "2024-02-29", "2024-03-01"]
        with pytest.raises(ValueError, match="dtype <U3: "):
            np.asarray(days, dtype="U3")

    @pytest.mark.parametrize("library", ["torch", "jax.numpy", "array_api_strict", "dask.array"])
    @pytest.mark.parametrize("kind", KINDS)
    def test_other_libraries(self, library, kind):
        xp = pytest.importorskip(library)
        r, function = kind(1, 2.5, 99), FUNCTIONS[kind]
        assert_identical(r.to_array(xp=xp), function(1, 2.5, 99, xp=xp))
        assert_identical(
            r[7::3].to_array(xp=xp, dtype=xp.float32),
            function(1, 2.5, 99, xp=xp, dtype=xp.float32)[7::3],
        )


class TestArguments:
    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("place", ["start", "stop"])
    @pytest.mark.parametrize(
        ("value", "error", "words"),
        [
            ("1", TypeError, "real number .* got str '1'"),
            (1j, TypeError, "complex"),
            (np.array([1.0]), TypeError, r"scalar or a 0-d array, got an array of shape \(1,\)"),
            (math.inf, ValueError, "must be finite, got inf"),
            (math.nan, ValueError, "must be finite, got nan"),
        ],
    )
    def test_ends(self, kind, place, value, error, words):
        with pytest.raises(error, match=rf"^{place}.*{words}"):
            kind(**{"start": 1, "stop": 2, place: value})

    @pytest.mark.parametrize("kind", [*KINDS, arange])
    def test_numbers_that_cannot_be_read(self, kind):
        torch, jax = pytest.importorskip("torch"), pytest.importorskip("jax")
        with pytest.raises(TypeError, match="start must be a number that can be read now"):
            kind(torch.tensor(1.0, requires_grad=True), 2)
        with pytest.raises(TypeError, match="stop must be a number that is known when"):
            jax.jit(lambda x: kind(1, x)[0])(2.0)

    def test_num(self):
        with pytest.raises(ValueError, match="num must not be negative"):
            LinRange(0, 1, -1)
        with pytest.raises(TypeError, match="num must be an integer"):
            LogRange(0, 1, 5.0)

    @pytest.mark.parametrize("base", [0, -2, -0.0])
    def test_base(self, base):
        with pytest.raises(ValueError, match="base must be positive"):
            LogRange(0, 1, base=base)

    def test_ends_of_a_geometric_range(self):
        with pytest.raises(ValueError, match="stop must not be zero"):
            GeomRange(1, 0)
        with pytest.raises(
            ValueError, match="stop must have the sign of start, got int -1 and int 1"
        ):
            GeomRange(-1, 1)

    def test_scalars_of_all_kinds(self):
        values = [1, 1.0, Fraction(1), Decimal(1), np.float32(1), np.int8(1), np.array(1.0), True]
        assert len({LinRange(x, 2, 5) for x in values}) == 1
