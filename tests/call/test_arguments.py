"""Wrong arguments: the usual exception, at once, naming the argument."""

from __future__ import annotations

import importlib
import inspect
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from counting import bytes_made, count_calls

import xspace
import xspace.dropin.numpy as xn
from xspace import GeomRange, LinRange, LogRange, geomspace, linspace, logspace
from xspace.testing import assert_identical

FUNCTIONS = [linspace, logspace, geomspace]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    ("num", "error", "words"),
    [
        (-1, ValueError, "num must not be negative, got -1"),
        (5.0, TypeError, "num must be an integer, got float 5.0"),
        ("5", TypeError, "num must be an integer, got str '5'"),
        (None, TypeError, "num must be an integer"),
        (2**59, ValueError, "num is 576460752303423488, which is more than an array can have"),
        pytest.param(
            *(10**5000, ValueError, "num is an integer of .* bits, which is more than an array"),
            id="huge",
        ),
        (np.array([5]), TypeError, "num must be an integer"),
    ],
)
def test_num(function, num, error, words):
    for stop in (2, np.array([2.0, 3.0])):
        with pytest.raises(error, match=words):
            function(1, stop, num)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_more_samples_in_all_lanes_than_an_array_can_have(function):
    stops = np.broadcast_to(2.0, (2**30, 2**29))
    with pytest.raises(ValueError, match=r"num is 3 in each of .* lanes, which is more than an"):
        function(1, stops, 3)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_num_is_read_by_index(function):
    assert function(1, 2, True).shape == (1,)
    assert function(1, 2, np.int8(3)).shape == function(1, 2, np.array(3)).shape == (3,)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("place", ["start", "stop"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1", "real number .* got str '1'"),
        ([1, 2], r"a number or an array, got a list: pass xp.asarray"),
        ((1,), "a number or an array, got a tuple"),
        (None, "got NoneType None"),
        (np.datetime64("2020-01-01"), "real number"),
        (object(), "real number"),
    ],
)
def test_ends(function, place, value, words):
    arguments = {"start": 1, "stop": 2, place: value}
    with pytest.raises(TypeError, match=rf"^{place}.*{words}"):
        function(**arguments)


@pytest.mark.parametrize("value", ["10", None, [10]])
def test_base(value):
    with pytest.raises(TypeError, match=r"^base"):
        logspace(0, 1, base=value)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_axis(function):
    assert function(1, 2, 3, axis=-1).shape == (3,)
    with pytest.raises(ValueError, match="axis must be 0 or -1"):
        function(1, 2, axis=1)
    with pytest.raises(TypeError, match="axis must be an integer"):
        function(1, 2, axis="x")


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(
    "dtype", [bool, "bool", np.clongdouble, object, "datetime64[s]", np.longdouble, "U3"]
)
def test_dtype(function, dtype):
    with pytest.raises(TypeError, match="dtype"):
        function(1, 2, dtype=dtype)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_device_and_namespace(function):
    assert function(1, 2, 3, device="cpu").shape == (3,)
    with pytest.raises(ValueError, match="device must be 'cpu' or None for numpy, got 'cuda'"):
        function(1, 2, device="cuda")
    with pytest.raises(TypeError, match=r"xp must be an array namespace .* got 'numpy'"):
        function(1, 2, xp="numpy")


@pytest.mark.parametrize("zero", [0, 0.0, -0.0, Fraction(0), np.array(0)])
def test_geomspace_cannot_include_zero(zero):
    with pytest.raises(ValueError, match="start must not be zero"):
        geomspace(zero, 1)
    with pytest.raises(ValueError, match="stop must not be zero"):
        geomspace(float("inf"), zero)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: linspace(-2, 2, 5, dtype="uint8"),
            OverflowError,
            "element 0 is -2.0, which uint8",
        ),
        (lambda: linspace(0, 300, 4, dtype="uint8"), OverflowError, "element 3 is 300.0"),
        (lambda: linspace(0, 512, 5, dtype="uint8"), OverflowError, "element 2 is 256.0"),
        (lambda: logspace(0, 20, 21, dtype="int64"), OverflowError, r"element 19 is 1e\+19"),
        (lambda: logspace(0, 10**400, 3, dtype=int), OverflowError, "element 1 is inf"),
        (lambda: geomspace(-1, -129, 2, dtype="int8"), OverflowError, "element 1 is -129.0"),
        (lambda: geomspace(-1, -4, 3, dtype="uint8"), OverflowError, "element 0 is -1.0"),
        (lambda: linspace(0, np.inf, 3, dtype=int), OverflowError, "element 1 is inf"),
        (lambda: linspace(0, np.nan, 3, dtype=int), ValueError, "element 1 is nan"),
        (lambda: geomspace(-1, 4, 3, dtype=int), ValueError, "element 1 is nan"),
        (lambda: logspace(0, 1, 3, base=-2, dtype=int), ValueError, "element 1 is nan"),
        (lambda: logspace(0, 8, 9, base=-2, dtype="int8"), OverflowError, "element 8 is 256"),
    ],
)
def test_integers_never_wrap(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_the_last_integers_that_fit():
    assert geomspace(-1, -128, 8, dtype="int8").tolist() == [-(2**k) for k in range(8)]
    assert logspace(0, 63, 64, base=2, dtype="uint64").tolist() == [2**k for k in range(64)]
    assert linspace(-128, 127, 2, dtype="int8").tolist() == [-128, 127]
    assert linspace(255.9, 0, 2, dtype="uint8").tolist() == [255, 0]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_more_elements_than_memory(function):
    def ask():
        with pytest.raises(MemoryError):
            function(1, 2, 10**14)
        with pytest.raises((MemoryError, ValueError)):
            function(1, 2, 10**30)

    assert count_calls(ask) < 10_000


def test_huge_exact_arguments_take_few_digits_more():
    assert bytes_made(_huge_exact_arguments) < 2**23
    assert count_calls(_huge_exact_arguments) < 10_000


def _huge_exact_arguments():
    long = Fraction(7**10_000, 3**15_000)
    assert np.all(geomspace(long, 1 / long, 20) >= 0)
    assert np.all(logspace(-(10**4000), 10**4000, 5)[[0, 1, 3, 4]] == [0, 0, np.inf, np.inf])
    assert np.all(linspace(long, -long, 11)[5:6] == 0)
    far = 1 << 3_000_000
    assert logspace(-far, far, 3).tolist() == [0, 1, np.inf]
    assert logspace(far, -far, 3, base=0.5).tolist() == [0, 1, np.inf]
    assert linspace(-far, far, 3).tolist() == [-np.inf, 0, np.inf]
    assert logspace(long, long, 2, base=1 + Fraction(1, 10**3000)).tolist() == [1, 1]


def test_a_decimal_too_long_to_be_exact():
    with pytest.raises(ValueError, match="start: a Decimal with the exponent 999999999"):
        linspace(Decimal("1e999999999"), 0)


def test_numbers_of_a_million_digits_take_few_digits_more():
    assert bytes_made(_numbers_of_a_million_digits) < 2**23
    assert count_calls(_numbers_of_a_million_digits) < 10_000


def _numbers_of_a_million_digits():
    long = Decimal("1e999999")
    assert linspace(long, 1 << 1_000_000, 2).tolist() == [np.inf, np.inf]
    assert linspace(long.copy_negate(), long, 5).tolist() == [-np.inf, -np.inf, 0, np.inf, np.inf]
    assert logspace(0, long, 3).tolist() == [1, np.inf, np.inf]


@pytest.mark.parametrize("num", [np.int8(100), np.uint8(0), np.array(3), True])
def test_the_step_for_a_num_that_is_no_int(num):
    samples, step = linspace(0, 1e300, num, retstep=True)
    wanted, wanted_step = linspace(0, 1e300, int(num), retstep=True)
    assert samples.tolist() == wanted.tolist()
    assert step == wanted_step or int(num) < 2


SPACES = [*FUNCTIONS, LinRange, LogRange, GeomRange, xn.linspace, xn.logspace, xn.geomspace]

NO_FLAGS = [
    np.array([True, False]),
    np.array([True]),
    type("", (), {"__len__": None})(),
    "none",
    "",
    (False, True),
    [],
    None,
    2,
    -1,
    1.0,
    np.float64(0),
    np.array(1.0),
    Fraction(1),
]


@pytest.mark.parametrize("value", NO_FLAGS, ids=lambda value: type(value).__name__)
def test_what_is_no_flag(value):
    for function in SPACES:
        with pytest.raises(TypeError, match="endpoint must be true or false, got"):
            function(1, 2, 3, endpoint=value)
    for function in (linspace, xn.linspace):
        with pytest.raises(TypeError, match="retstep must be true or false, got"):
            function(1, 2, 3, retstep=value)


@pytest.mark.parametrize("library", ["torch", "jax.numpy", "array_api_strict"])
def test_flags_of_libraries(library):
    xp = pytest.importorskip(library, reason=f"{library} is not installed")
    for truth in (False, True):
        flag = xp.asarray(truth)
        for function in SPACES:
            assert list(function(1, 2, 3, endpoint=flag)) == list(function(1, 2, 3, endpoint=truth))
    for function in SPACES:
        with pytest.raises(TypeError, match="endpoint must be true or false, got"):
            function(1, 2, 3, endpoint=xp.ones(2))


@pytest.mark.parametrize("kind", [int, np.int8, np.bool_, np.array])
def test_flags_that_are_numbers(kind):
    for function in SPACES:
        for truth in (False, True):
            wanted = function(1, 2, 3, endpoint=truth)
            assert list(function(1, 2, 3, endpoint=kind(truth))) == list(wanted)


def test_counts_are_typed_as_what_is_taken():
    """A type checker lets ``np.int64(5)`` through."""
    places = [*FUNCTIONS, LinRange, LogRange, GeomRange]
    modules = [("numpy", "numpy"), ("jax", "jax"), ("mygrad", "mygrad"), ("cupy", "cupy")]
    for module, library in modules:
        if importlib.util.find_spec(library) is not None:
            drop_in = importlib.import_module(f"xspace.dropin.{module}")
            places += [drop_in.linspace, drop_in.logspace, drop_in.geomspace]
    for function in places:
        assert inspect.signature(function).parameters["num"].annotation == "SupportsIndex"


def test_a_signaling_nan_is_a_nan():
    assert np.isnan(linspace(0, Decimal("sNaN"), 3)[1:]).all()
    assert np.isnan(logspace(Decimal("-sNaN12"), 1, 3)[:2]).all()
    with pytest.raises(ValueError, match="start must be finite, got nan"):
        xspace.arange(Decimal("sNaN"))


@pytest.mark.parametrize("value", [np.float64, np.ndarray, np.datetime64])
def test_a_type_is_no_number(value):
    for function in (*FUNCTIONS, xspace.arange, LinRange, GeomRange):
        with pytest.raises(TypeError, match=r"start must be .*, got type <class 'numpy"):
            function(value, 2)


HUGE = 10**5000  # Python refuses to write it


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: linspace(1, 2, -HUGE), "num must not be negative, got an integer of 16610 bits"),
        (lambda: linspace(1, 2, axis=HUGE), "axis must be 0 or -1 .* got an integer of 16610 bits"),
        (lambda: LinRange(0, 1, 3)[HUGE], "index an integer of 16610 bits is out of range for 3"),
        (lambda: LinRange(0, 1, HUGE)[HUGE], "out of range for an integer of 16610 bits elements"),
        (lambda: LinRange(0, 1, 3).index(HUGE), "int of 16610 bits is not in the range"),
        (lambda: LogRange(0, 1, base=-HUGE), "base must be positive, got int of 16610 bits"),
        (lambda: GeomRange(1, Fraction(-HUGE, 7)), "got int 1 and Fraction of thousands of digits"),
    ],
)
def test_messages_about_huge_integers(call, words):
    with pytest.raises((ValueError, IndexError), match=words):
        call()


@pytest.mark.parametrize("device", [np.array(["cpu", "cpu"]), ["cpu"], b"cpu"])
def test_a_device_that_is_no_text(device):
    for function in FUNCTIONS:
        with pytest.raises(ValueError, match="device must be 'cpu' or None for numpy"):
            function(1, 2, device=device)
        if type(device) is not bytes:  # which PyTorch takes for text
            with pytest.raises((TypeError, RuntimeError), match="device"):
                function(1, 2, device=device, xp=torch)


@pytest.mark.parametrize("dtype", ["f8,,", "{", "\ud800", "(2,", [("a", 5)], 1.5])
def test_dtypes_that_numpy_cannot_even_read(dtype):
    for call in (*FUNCTIONS, lambda a, b, dtype: LinRange(a, b).to_array(dtype=dtype)):
        with pytest.raises(TypeError, match="dtype"):
            call(1, 2, dtype=dtype)
    with pytest.raises(TypeError, match="dtype"):
        linspace(np.datetime64("2024-01-01"), np.datetime64("2024-01-03"), dtype=dtype)
    with pytest.raises(TypeError, match="dtype"):
        LinRange(1, 2).__array__(dtype)


def test_ends_beyond_float64_into_integers():
    for start in (-(2**1025), 2**1025):
        assert linspace(start, np.nan, 0, dtype=np.int8).shape == (0,)
        with pytest.raises(OverflowError, match=r"element 0 is -?inf, which int8 cannot hold"):
            linspace(start, np.nan, 3, dtype=np.int8)


def test_more_axes_than_numpy_broadcasts():
    for axes in (40, 64):
        with pytest.raises(ValueError, match="start and stop cannot be broadcast together"):
            geomspace(np.ones((1,) * axes), np.array([2.0]), 3)


@pytest.mark.parametrize("step", [2**63 - 1, 2**63, 10**5000], ids=["in", "above", "huge"])
def test_a_step_of_dates_that_no_int64_holds(step):
    start = np.datetime64("2024-01-01")
    assert xspace.arange(start, start + 5, step).tolist() == [start.item()]
    assert xspace.arange(start, start - 5, -step).tolist() == [start.item()]
    assert xspace.arange(start, start + 5, -step).tolist() == []


def test_a_step_of_dates_that_nobody_asked_for():
    ends = np.timedelta64(15251, "W"), np.timedelta64(0, "ns")  # more ns than an int64 counts
    first, last = linspace(*ends, 2, dtype="m8[h]")
    assert first == ends[0]
    assert last == ends[1]
    with pytest.raises(OverflowError):
        linspace(*ends, 2, dtype="m8[h]", retstep=True)


@pytest.mark.parametrize(
    "cut",
    [slice(None), slice(HUGE // 3, None), slice(None, None, -(HUGE // 7))],
    ids=["all", "end", "steps"],
)
def test_a_range_of_a_huge_length_is_written(cut):
    grid = LinRange(0, 1, HUGE)[cut]
    assert eval(repr(grid)) == grid


@pytest.mark.parametrize("base", [-0.0, -np.inf])
@pytest.mark.parametrize("start", [-3, -2, -1, 0.5, 1, 2, 3])
def test_the_sign_of_a_limit_beside_an_infinite_exponent(base, start):
    for num in (1, 2, 3):
        first = logspace(start, np.inf, num, base=base)[0]
        with np.errstate(all="ignore"):
            want = np.float64(base) ** np.float64(start)
        assert first == want
        assert np.signbit(first) == np.signbit(want)


def test_a_range_as_a_complex_array_is_rounded_once():
    beyond = 2.0**128 - 2.0**103  # halfway to infinity in float32
    assert np.isinf(np.asarray(GeomRange(1, beyond, 2), dtype="complex64")[1])
    # 1 + 2**-24 is a midpoint of float32, and float64 has nothing next to it within 2**-60
    above = 1 + Fraction(1, 2**23) + Fraction(1, 2**80)
    assert np.asarray(LinRange(above, 2, 2), dtype="complex64")[0] == 1 + 2.0**-23
    assert np.asarray(LinRange(0, 1, 3), dtype=np.longdouble).tolist() == [0, 0.5, 1]


class Silent:
    """Its ``repr`` is a mistake."""

    def __repr__(self):
        raise RuntimeError("no words")


class Endless:
    """Its ``repr`` is long."""

    def __repr__(self):
        return "x" * 10_000


ARGUMENTS = ["start", "stop", "base", "step", "num", "endpoint", "retstep", "axis"]
ARGUMENTS += ["dtype", "device", "xp", "workers", "chunks", "spec"]


@pytest.mark.parametrize("kind", [Silent, Endless])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_messages_say_little_of_a_long_argument(name, kind):
    called = 0
    for function in (*FUNCTIONS, xspace.arange, *SPACES[3:], xn.arange, LinRange(0, 1, 3).to_array):
        parameters = inspect.signature(function).parameters
        if name not in parameters:
            continue
        called += 1
        given = {"start": 1, "stop": 2} if "start" in parameters else {}
        with pytest.raises((TypeError, ValueError)) as caught:
            function(**{**given, name: kind()})
        assert "x" * 200 not in str(caught.value)
        assert name in str(caught.value)
        if name not in ("chunks", "spec"):  # for which no value is right
            assert ("repr raises RuntimeError" if kind is Silent else "xxx...") in str(caught.value)
    assert called


def test_a_namespace_without_a_name():
    xp = pytest.importorskip("array_api_strict", reason="array_api_strict is not installed")

    class Namespace:
        def __getattr__(self, name):
            if name == "__name__":
                raise AttributeError(name)
            return getattr(xp, name)

    for function in (*FUNCTIONS, xspace.arange):
        assert isinstance(function(1, 2, 3, xp=Namespace()), type(xp.ones(1)))
    with pytest.raises(TypeError, match="not supported for Namespace"):
        linspace(1, 2, 3, dtype=object, xp=Namespace())


@pytest.mark.parametrize("function", FUNCTIONS)
def test_long_doubles_that_are_not_finite(function):
    long = np.array([np.inf, -np.inf, np.nan, 2], np.longdouble)
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        made = function(long, 1, 3)
    assert_identical(made, function(long.astype(float), 1, 3))


class Tagged(np.ndarray):
    """A subclass that NumPy's functions keep."""


#: Arrays that say more than their elements, and numbers of them.
MORE = {
    "masked": (lambda x: np.ma.array(x, mask=True), "whose mask would be lost"),
    "matrix": (np.matrix, "for which the result would be a plain"),
    "subclass": (lambda x: np.asarray(x).view(Tagged), "for which the result would be a plain"),
    "records": (lambda x: np.asarray(x).view(np.recarray), "for which the result would be a plain"),
}


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(("make", "words"), MORE.values(), ids=MORE)
@pytest.mark.parametrize("number", [1.5, [1.5, 2.5], np.datetime64("2024-01-01")], ids=str)
def test_arrays_that_say_more_than_their_elements(make, words, number):
    value = make(number)
    for function in (linspace, logspace, geomspace, *SPACES[6:]):
        for ends in ((value, 3), (3, value)):
            if isinstance(number, np.datetime64):
                if function not in (linspace, xn.linspace):
                    continue
                ends = tuple(np.datetime64("2024-02-01") if end == 3 else end for end in ends)
            with pytest.raises(TypeError, match=words):
                function(*ends, 3)
    if not isinstance(number, np.datetime64):
        with pytest.raises(TypeError, match=words):
            logspace(0, 1, 3, base=value)


def test_a_masked_number():
    for function in (*SPACES, xspace.arange, xn.arange):
        for ends in ((np.ma.masked, 3), (3, np.ma.masked)):
            with pytest.raises(TypeError, match="whose mask would be lost"):
                function(*ends)


def test_looking_for_what_is_masked():
    grid = LinRange(0, 1, 11)
    for call in (grid.searchsorted, grid.index, grid.count, grid.__contains__):
        with pytest.raises(TypeError, match="whose mask would be lost"):
            call(np.ma.masked)
    with pytest.raises(TypeError, match="whose mask would be lost"):
        grid.searchsorted(np.ma.array([0.5], mask=[True]))


def test_a_file_in_memory_is_an_array(tmp_path):
    mapped = np.memmap(tmp_path / "ends", dtype=float, mode="w+", shape=3)
    mapped[:] = [1, 2, 3]
    for function in (*FUNCTIONS, *SPACES[6:]):
        made = function(mapped, 5, 4)
        assert type(made) is np.ndarray
        assert_identical(made, function(np.array([1.0, 2.0, 3.0]), 5, 4))


@pytest.mark.parametrize("value", [np.True_, np.False_])
def test_a_truth_value_of_numpy_is_no_number_of_elements(value):
    """In no version: old ones take it for an index, with a warning."""
    with pytest.raises(TypeError, match="num must be an integer"):
        linspace(0, 1, value)
