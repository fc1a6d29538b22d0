"""Arguments as nobody expects them: hypothesis strategies for calls of any public function.

A call is data (`Call`): what is called, with what, and for a range what is done with it then.
Everything is drawn from lists of values that once mattered somewhere, with numbers of hypothesis's
own between them, so that a failing call shrinks to a short one.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, field
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any

import gmpy2
import numpy as np
from hypothesis import strategies as st

INF, NAN = math.inf, math.nan


class Whole(int):
    """An integer of a type of its own."""


class Real(float):
    """A float of a type of its own."""


class Ratio(Fraction):
    """A fraction of a type of its own."""


class Dollars:
    """Something with a float in it."""

    def __float__(self) -> float:
        return 2.5

    def __repr__(self) -> str:
        return "Dollars()"


class Place:
    """Something with an index in it."""

    def __index__(self) -> int:
        return 3

    def __repr__(self) -> str:
        return "Place()"


class Liar:
    """Something whose index is no integer, whose length is negative and whose truth is unknown."""

    def __index__(self) -> Any:
        return 2.5

    def __len__(self) -> int:
        return -1

    def __repr__(self) -> str:
        return "Liar()"


class Pretender:
    """Something that says it is an array, and is none."""

    dtype = np.dtype("float64")
    shape = (2,)
    ndim = 1

    def __array_namespace__(self, api_version: str | None = None) -> Any:
        return np

    def __repr__(self) -> str:
        return "Pretender()"


class View(np.ndarray[Any, Any]):
    """An array of a type of its own."""


@dataclass(frozen=True)
class Made:
    """An argument that is made anew for each call; the code that makes it is what is shown."""

    code: str

    def __repr__(self) -> str:
        return self.code

    def make(self) -> Any:
        """Return the argument."""
        return eval(self.code, NAMES)


NAMES: dict[str, Any] = {"np": np, "datetime": datetime, "View": View, "Fraction": Fraction}


@dataclass(frozen=True)
class Call:
    """One call of a public function or type, and operations on the range that comes of it."""

    function: str
    values: tuple[Any, ...]
    keywords: dict[str, Any] = field(default_factory=dict)
    then: tuple[tuple[str, Any], ...] = ()

    def __repr__(self) -> str:
        words = [brief(value) for value in self.values]
        words += [f"{name}={brief(value)}" for name, value in self.keywords.items()]
        return f"xspace.{self.function}({', '.join(words)})" + "".join(
            f".{name}({brief(value)})" for name, value in self.then
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # hypothesis prints with it
        printer.text(repr(self))


def brief(value: Any) -> str:
    """Return the code of an argument; of a long one, how long it is."""
    if isinstance(value, int) and value.bit_length() > 10_000:
        return f"<an int of {value.bit_length()} bits>"
    if isinstance(value, Fraction) and max(map(int.bit_length, value.as_integer_ratio())) > 1000:
        return f"Fraction({brief(value.numerator)}, {brief(value.denominator)})"
    return repr(value)


# Numbers.

INTEGERS = (0, 1, -1, 2, 3, 10, -7, 255, 256, 2**31, 2**53 + 1, -(2**63), 2**64, 10**23, 3**34)
HUGE = (10**400, -(10**400), 2**20_000, 10**4300, -(10**5000), 7**9000, 1 << 100_000)
FLOATS = (0.0, -0.0, 1.0, 0.1, -2.5, 10.0, 1e300, 5e-324, 1.7976931348623157e308, INF, -INF, NAN)
DECIMALS = tuple(
    Decimal(text)
    for text in (
        *("0", "-0", "0.1", "1e-7", "3.30", "1e400", "-1e-400", "1e5000", "1e-5000", "1e20000"),
        *("1e-20000", "1e1000001", "1e-1000001", "1e999999999999999999"),
        *("1e-999999999999999999", "Infinity", "-Infinity", "NaN", "-NaN", "sNaN", "NaN123"),
    )
)
FRACTIONS = (
    *(Fraction(1, 3), Fraction(-22, 7), Fraction(0), Fraction(1, 10**400), Fraction(10**400, 3)),
    *(Fraction(10**3000 + 1, 7**3550), 1 + Fraction(1, 10**3000), Fraction(2**53 + 1, 2**53)),
    *(1 - Fraction(1, 2**4000), Ratio(1, 3)),
)
#: Next to a number whose root or power is an integer: told from it by all of their digits.
NEXT = (
    *(9 - Fraction(1, 10**10_000), 9 + Fraction(1, 10**90_000), 10 - Fraction(1, 2**100_000)),
    *(Fraction(2**100_000, 2**100_000 + 1), 2 + Fraction(1, 2**100_000), Fraction(1, 10**90_000)),
    *(Fraction(10**20_000 + 1, 10**20_000), (2**53 + 1) * (1 - Fraction(1, 10**50_000))),
)
#: Digits of long numbers.
LONG = st.sampled_from([10_000, 20_000, 50_000, 99_990])


def _near(number: float, sign: int, digits: int, as_decimal: bool) -> Fraction | Decimal:
    """Return a number so near to another one that so many digits are needed to see it."""
    if not as_decimal:
        return Fraction(number) + Fraction(sign, 10**digits)
    with localcontext(Context(prec=digits + 60, Emin=-(10**6), Emax=10**6)):
        return Decimal(number) + Decimal(sign).scaleb(-digits)


def _any(seed: int, digits: int, halves: int) -> Fraction:
    """Return a number of so many digits, of which some make the denominator."""
    draw = Random(seed)
    bits = 3 * digits
    below = bits * halves // 2
    return Fraction(draw.getrandbits(bits - below // 2) | 1, draw.getrandbits(below // 2 + 1) | 1)


@lru_cache(maxsize=32)
def _logarithm(number: int, base: int, digits: int) -> Fraction:
    """Return an exponent whose power of the base is a number but for its last digits."""
    bits = 10 * digits // 3
    with gmpy2.context(precision=bits + 100):
        cut = gmpy2.mul_2exp(gmpy2.log(gmpy2.mpfr(number)) / gmpy2.log(gmpy2.mpfr(base)), bits)
        return Fraction(int(gmpy2.floor(cut)), 1 << bits)


long_numbers = st.one_of(
    st.builds(
        _near,
        st.sampled_from([0, 0.5, 1, 2, 9, 10, 2049, 2**24 + 1, 2**53 + 1]),
        st.sampled_from([-1, 1]),
        LONG,
        st.booleans(),
    ),
    st.builds(_any, st.integers(0, 50), LONG, st.sampled_from([0, 1, 2])),
    st.builds(
        _logarithm,
        st.sampled_from([3, 7, 1000, 10**6 + 3, 2**53 + 1]),
        st.sampled_from([2, 10]),
        st.sampled_from([10_000, 30_000]),
    ),
)
SCALARS = (
    *(True, False, Whole(3), Whole(0), Real(0.5), Real("nan"), np.float64(0.1), np.float32(0.1)),
    *(np.float16(3), np.longdouble("0.1"), np.longdouble("1e4000"), np.longdouble("nan")),
    *(np.int8(-128), np.uint64(2**64 - 1), np.bool_(True), np.int64(0), np.float32("inf")),
)
COMPLEX = (
    *(1j, 0j, complex(-0.0, 0.0), 2 + 3j, complex(INF, NAN), complex(NAN, 0), 1e300 + 1e-300j),
    *(np.complex64(1 - 1j), np.complex128(-4), np.clongdouble(1j)),
)
STRINGS = ("", "1", "abc", b"1", "nan", "float64", "\ud800", "x" * 200)
ARRAYS = tuple(
    map(
        Made,
        (
            *("np.array(0.1)", "np.array(3)", "np.array([1.0, 2.0])", "np.array([[1], [3]])"),
            *("np.empty((0,))", "np.empty((2, 0, 3))", "np.ones((2, 1, 3))", "np.float32([1, 7])"),
            *("np.array([np.nan, np.inf, -0.0])", "np.array([True, False])", "np.array(None)"),
            *("np.array(['a', 'b'])", "np.array([1, None], dtype=object)", "np.array([b'x'])"),
            *("np.array(['2024-01-01', 'NaT'], 'M8[D]')", "np.array([1, 2], 'm8[s]')"),
            *(
                "np.array([1 + 2j, 0])",
                "np.array(1j)",
                "np.longdouble([1, 2])",
                "np.array(2, '>f8')",
            ),
            *("np.array([(1, 2.0)], dtype='i4,f8')", "np.ma.array([1.0, 2.0], mask=[0, 1])"),
            *("np.asmatrix([[1.0, 2.0]])", "np.array([1.0, 2.0]).view(View)", "np.float16([1, 3])"),
            *("np.array([0, 2**64 - 1], dtype=np.uint64)", "np.array([-(2**63)])"),
            *("np.arange(6.0)[::-2]", "np.broadcast_to(np.array(3.0), (2, 2))"),
            *("np.array([5e-324, 1e308, -1e308])", "np.zeros((1,) * 64)", "np.recarray(2, 'f8')"),
        ),
    )
)
DATES = (
    *(datetime.date(2024, 2, 29), datetime.date.min, datetime.date.max, datetime.datetime.max),
    *(datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC), datetime.time(1)),
    *(datetime.timedelta(1), datetime.timedelta.max, -datetime.timedelta.resolution),
    *(np.datetime64("2024-02-29"), np.datetime64("NaT"), np.datetime64("2024")),
    *(
        Made("np.timedelta64(3)"),
        np.datetime64("1970-01-01T00:00:00.000000000000000001"),
        np.datetime64(2**62, "Y"),
    ),
    *(np.timedelta64(5, "M"), np.timedelta64(7, "s"), np.timedelta64("NaT", "D")),
    *(np.datetime64(-(2**63) + 1, "D"), np.timedelta64(2**63 - 1, "as"), np.datetime64(5, "25s")),
    *(np.timedelta64(0, "D"), np.timedelta64(-1, "Y"), np.datetime64("2024-03", "M")),
)
OTHERS = (
    *(None, [], [1, 2], (1,), {}, {1}, set(), slice(1), ..., NotImplemented, object, int, len),
    *(range(3), Dollars(), Place(), Liar(), np, np.float64, np.dtype("f4")),
    *(bytearray(b"12"), memoryview(b"12345678"), Made("memoryview(np.ones(2))"), iter(())),
)

bounded_reals = st.one_of(
    st.integers(-1000, 1000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.fractions(max_denominator=10**30),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.integers(),
    st.sampled_from(INTEGERS),
)
numbers = st.one_of(
    bounded_reals,
    bounded_reals,
    st.sampled_from(FLOATS),
    st.sampled_from(DECIMALS),
    st.sampled_from(NEXT),
    long_numbers,
    st.sampled_from(FRACTIONS),
    st.sampled_from(SCALARS),
    st.sampled_from(HUGE),
)
anything = st.one_of(
    numbers,
    st.sampled_from(ARRAYS),
    st.sampled_from(ARRAYS),
    st.sampled_from(COMPLEX),
    st.sampled_from(DATES),
    st.sampled_from((*OTHERS, *STRINGS)),
)
ends = st.one_of(bounded_reals, numbers, numbers, anything)
dates = st.one_of(st.sampled_from(DATES), st.sampled_from(DATES), anything)

# The other arguments.

ORDINARY_NUMS = (0, 1, 2, 3, 5, 50, 1000, 2500, 20_000)
STRANGE_NUMS = (
    *(-1, -(10**5000), True, False, 5.0, 2**31, 2**40, 2**62, 2**63 - 1, 2**63, 2**64, 10**30),
    *(10**5000, np.int8(3), np.uint64(4), np.bool_(True), Whole(4), Place(), Liar(), Dollars()),
    *("5", None, [3], NAN, INF, Decimal(3), Fraction(4), Made("np.array(4)"), 3j, b"3"),
    *(Made("np.array([4])"), Made("np.timedelta64(3)"), slice(3), 1 << 100_000),
)
nums = st.one_of(st.sampled_from(ORDINARY_NUMS), st.integers(0, 300), st.sampled_from(STRANGE_NUMS))
DTYPES = (
    *("float64", "float32", "float16", "bfloat16", "int8", "int16", "int32", "int64"),
    *("uint8", "uint16", "uint32", "uint64", "complex64", "complex128"),
)
STRANGE_DTYPES = (
    *(float, int, complex, bool, str, object, bytes, type, "f8", ">f8", "<i2", "f4,f4", "(2,3)f8"),
    *("M8[D]", "m8[3s]", "M8[generic]", "datetime64", "U3", "V8", "bool", "", "nonsense"),
    *(np.float32, np.int_, np.longdouble, np.clongdouble, np.generic, np.floating, np.void),
    *(np.dtype("f8"), np.dtype(">f4"), np.dtype("i4,f4"), np.dtype((np.float64, (2,))), 5, 1.5, []),
    *(["f8"], [("a", "f8")], {"a": 1}, (), (float,), ("f8", 2), ..., b"f8", "\ud800", "f8,,", "{"),
    *(Fraction, Decimal, Whole, Real, NotImplemented, Dollars(), Made("np.array(1.0)"), range(2)),
)
dtypes = st.one_of(st.sampled_from(DTYPES), st.sampled_from(STRANGE_DTYPES))
FLAGS = (
    *(True, False, None, 0, 1, "", "no", 2.5, NAN, [], [0], np.bool_(False), object, Dollars()),
    *(Made("np.array([True, False])"), Made("np.array(True)"), Made("np.empty(0)"), Liar()),
)
AXES = (
    *(0, -1, 1, 2, -2, 5, True, "0", None, 0.0, 10**5000, -(10**30), Place(), Liar(), np.int8(-1)),
    *((0,), Made("np.array(0)"), Made("np.array([0])"), NAN),
)
DEVICES = (
    *("cpu", "cuda", "", None, 0, -1, object, Made("np.array(['cpu', 'cpu'])"), ["cpu"], b"cpu"),
    *(Dollars(), NAN, "\ud800", "cpu:0", "meta"),
)
NAMESPACES = (
    *("numpy", 5, None, np, object, int, Made("np.array([1.0])"), [], math, np.float64, Dollars()),
    *(Made("__import__('array_api_compat.numpy').numpy"), Made("__import__('array_api_strict')")),
    *(Made("__import__('torch')"), Pretender(), np.linalg),
)
INCLUSIVE = ("left", "both", "right", "neither", "Both", "", None, True, b"left", Dollars(), [])
CHUNKS = ("auto", 3, (2, 2), -1, 0, "5MB", {}, Dollars())


def _optional(values: Any) -> Any:
    return st.sampled_from(values)


common = {
    "dtype": dtypes,
    "device": _optional(DEVICES),
    "xp": _optional(NAMESPACES),
    "chunks": _optional(CHUNKS),
    "spec": _optional(CHUNKS),
}
of_grids = common | {"endpoint": _optional(FLAGS), "axis": _optional(AXES)}
KEYWORDS = {
    "linspace": of_grids | {"retstep": _optional(FLAGS)},
    "logspace": of_grids | {"base": ends},
    "geomspace": of_grids,
    "arange": common | {"inclusive": _optional(INCLUSIVE)},
    "LinRange": {"endpoint": _optional(FLAGS)},
    "LogRange": {"endpoint": _optional(FLAGS), "base": ends},
    "GeomRange": {"endpoint": _optional(FLAGS)},
}
#: Two keywords of five at most: with more of them, nearly all calls fail for the first one.
MOST_KEYWORDS = 2

keys = st.one_of(
    st.integers(-300, 300),
    st.builds(slice, *[st.one_of(st.none(), st.integers(-50, 50), st.integers())] * 3),
    st.sampled_from(STRANGE_NUMS),
)
STEPS = st.one_of(
    st.tuples(st.just("__getitem__"), keys),
    st.tuples(st.sampled_from(("searchsorted", "index", "count", "__contains__", "__eq__")), ends),
    st.tuples(
        st.sampled_from(("__hash__", "__repr__", "__len__", "__bool__", "to_array", "first")),
        st.none(),
    ),
    st.tuples(st.sampled_from(("__array__", "rebuilt", "pickled", "backwards")), st.none()),
    st.tuples(st.just("__array__"), dtypes),
)


@st.composite
def calls(draw: Any, function: str | None = None) -> Call:
    """Draw a call."""
    name = function or draw(st.sampled_from(sorted(KEYWORDS)))
    kind = draw(st.integers(0, 9))
    value = dates if kind == 0 and name != "LogRange" else ends
    if name == "arange":
        values = _steps(draw, value)
    elif kind == 1:  # too few, or more than there are places
        values = tuple(draw(st.lists(ends, max_size=5)))
    else:
        values = (draw(value), draw(value), draw(nums))
    possible = KEYWORDS[name]
    chosen = draw(st.lists(st.sampled_from(sorted(possible)), max_size=MOST_KEYWORDS, unique=True))
    keywords = {key: draw(possible[key]) for key in chosen}
    steps = tuple(draw(st.lists(STEPS, max_size=4))) if name.endswith("Range") else ()
    return Call(name, values, keywords, steps)


def _steps(draw: Any, value: Any) -> tuple[Any, ...]:
    """The arguments of an `arange`: mostly a bounded number of elements."""
    if draw(st.integers(0, 2)):
        start, step = draw(bounded_reals), draw(bounded_reals)
        return start, Fraction(start) + draw(st.integers(-5, 5000)) * Fraction(step), step
    return tuple(draw(st.lists(value, min_size=1, max_size=3)))
