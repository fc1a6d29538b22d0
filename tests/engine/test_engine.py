"""The compiled engine: the bits of Python and of MPFR, in every state, thread and interpreter."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import random
import subprocess
import sys
import tracemalloc
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import gmpy2
import numpy as np
import pytest
from engine_calls import FLOATS, INTEGERS, Call, calls, formats, lane_calls
from float_states import STATES, flags_after, under
from gmpy2 import mpfr, mpq

from xspace import arange, geomspace, linspace, logspace
from xspace.engine.native import ENGINE

pytestmark = pytest.mark.skipif(
    ENGINE is None, reason="the engine is not installed, or switched off"
)
HERE = Path(__file__).parent
PATH = (HERE.parents[1], HERE.parent, HERE)
#: Precision and largest exponent of a format.
SHAPES = {"float64": (53, 1023), "float32": (24, 127), "float16": (11, 15), "bfloat16": (8, 127)}


def python(*arguments: str, **environment: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATH)), **environment},
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return done.stdout


# The same bits as without it.


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_with_the_engine_and_without(seed):
    """Thousands of calls, of each function and format, with scalars and lanes."""
    program = str(HERE / "engine_calls.py")
    with_it, without = (
        python(program, str(seed), "12", "300", XSPACE_NATIVE=native).splitlines()
        for native in ("1", "0")
    )
    assert len(with_it) > 800
    assert with_it == without


def test_it_makes_nearly_all_of_these_calls():
    """So that the test above is one of the engine."""
    made = dict.fromkeys(("logspace", "geomspace", "linspace", "arange"), 0)
    refused = dict.fromkeys(made, 0)
    for call in calls(3, 12):
        if call.dtype not in FLOATS or call.dtype == "bfloat16":
            continue  # of integers many are beyond the format, which is Python's to say
        ends, dtype = call.ends, np.dtype(call.dtype)
        if call.function == "arange":
            found = ENGINE.arange(*ends, dtype)
        else:
            given = ends[0], ends[1], call.num, call.endpoint, dtype, 0, *ends[2:]
            found = getattr(ENGINE, call.function)(*given)
        (refused if found is None else made)[call.function] += 1
    assert made["logspace"] > 4 * refused["logspace"]
    assert made["geomspace"] > 4 * refused["geomspace"]
    assert made["linspace"] > refused["linspace"]
    assert made["arange"] > refused["arange"]


# What is right, by MPFR and rational numbers alone.


def exact_element(call: Call, i: int) -> mpq | mpfr:
    """An element to 600 bits; one that is short is exact."""
    ends = [mpq(Fraction(end)) for end in call.ends]
    if call.function == "arange":
        return ends[0] + i * ends[2]
    part = mpq(i, call.num - 1 if call.endpoint else call.num)
    if call.function == "linspace":
        return ends[0] + part * (ends[1] - ends[0])
    if call.function == "geomspace":
        value = abs(ends[0]) * gmpy2.exp2(mpfr(part) * gmpy2.log2(mpfr(ends[1] / ends[0])))
    else:
        value = gmpy2.exp2(mpfr(ends[0] + part * (ends[1] - ends[0])) * gmpy2.log2(mpfr(ends[2])))
    with gmpy2.context(gmpy2.get_context(), precision=200):
        short = +value
    value = short if abs(value - short) < abs(value) * mpfr(2) ** -520 else value
    return -value if call.function == "geomspace" and ends[0] < 0 else value


def bits_of(x: mpq | mpfr, call: Call) -> int | None:
    """The bits of a rounded element, or None if there are none."""
    if call.dtype in INTEGERS:
        sums = call.function in ("linspace", "arange")
        whole = int(gmpy2.floor(x)) if sums else int(gmpy2.trunc(x))
        info = np.iinfo(call.dtype)
        return whole % (1 << info.bits) if info.min <= whole <= info.max else None
    precision, largest = SHAPES[call.dtype]
    size = {"float64": 64, "float32": 32}.get(call.dtype, 16)
    sign = (x < 0) << (size - 1)
    x = abs(x)
    if x == 0:
        return sign
    x = mpfr(x)
    expo = max(gmpy2.frexp(x)[0] - 1, 1 - largest)
    if expo > largest:
        return sign | (2 * largest + 1) << (precision - 1)
    whole = int(
        gmpy2.rint(
            gmpy2.mul_2exp(x, precision - 1 - expo)
            if expo < precision
            else gmpy2.div_2exp(x, expo - precision + 1)
        )
    )
    return sign | min(
        whole + ((expo + largest - 1) << (precision - 1)), (2 * largest + 1) << (precision - 1)
    )


@pytest.mark.parametrize("dtype", formats())
def test_correctly_rounded(dtype):
    """Some elements of each grid, and more than that of short ones."""
    rng = random.Random(dtype)
    checked = 0
    with gmpy2.context(precision=600, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max()):
        for call in (call for call in calls(8, 12) if call.dtype == dtype):
            if _overflows(call):
                continue
            grid = call.make()
            found = np.ascontiguousarray(grid).view(f"u{grid.dtype.itemsize}").tolist()
            for i in {0, len(found) - 1, *(rng.randrange(len(found)) for _ in range(12))}:
                assert found[i] == bits_of(exact_element(call, i), call), (call, i)
                checked += 1
    assert checked > 200


def _overflows(call: Call) -> bool:
    """Whether an end does not fit an integer format, which is an error elsewhere tested."""
    try:
        call.make()
    except (OverflowError, ValueError):
        return True
    return call.function == "arange" and call.make().size == 0


# Lengths, exponents and ends where it does something else, or nothing.


def test_grids_that_are_too_long_are_left_to_python():
    for num in (2**31, 2**31 + 1, 2**40, 2**63, 2**64, -1, 0, True, 5.0, "5", None):
        assert ENGINE.logspace(0, 1, num, True, None, 0, 10) is None
        assert ENGINE.geomspace(1, 2, num, True, None, 0) is None
        assert ENGINE.linspace(0, 1, num, True, None, 0) is None
    assert ENGINE.arange(0, 2**31, 1, np.int8) is None
    assert ENGINE.arange(0.0, 2.0**62, 0.5, None) is None


def test_exponents_from_2_to_the_24_on_are_left_to_python():
    base = 1 + 2.0**-30
    assert ENGINE.logspace(0, 2.0**24 - 1, 9, True, None, 0, base) is not None
    for end in (2.0**24, -(2.0**24), 2**24, 1e300):
        assert ENGINE.logspace(0, end, 9, True, None, 0, base) is None
        assert ENGINE.logspace(end, 0, 9, True, None, 0, base) is None


def test_what_is_not_plain_is_left_to_python():
    class Float(float):
        pass

    class Integer(int):
        pass

    strange = [Float(2.0), Integer(2), np.bool_(True), "2", None, np.complex64(2), 2**64]
    strange += [Fraction(2), float("inf"), float("nan"), -(2**63) - 1, np.longdouble(2), [2.0]]
    strange += [np.float32("nan"), np.array(np.inf), np.array([1.0, -np.inf]), np.array("2")]
    strange += [np.array([2.0], ">f8"), np.ones(2).view(np.recarray)]
    for end in strange:
        for ends in ((end, 3.0), (1.0, end)):
            assert ENGINE.logspace(*ends, 5, True, None, 0, 10) is None
            assert ENGINE.geomspace(*ends, 5, True, None, 0) is None
            assert ENGINE.linspace(*ends, 5, True, None, 0) is None
            if end is not None:
                assert ENGINE.arange(*ends, 1.0, None) is None
        assert ENGINE.logspace(0.0, 1.0, 5, True, None, 0, end) is None
    dtypes = ["double", "g8", ">f8", np.dtype(">f8"), complex, bool, [], object(), np.longdouble]
    for dtype in dtypes:
        assert ENGINE.linspace(0.0, 1.0, 5, True, dtype, 0) is None
    for axis in (1, -2, 2**70, 0.0, None, True):
        assert ENGINE.linspace(0.0, 1.0, 5, True, None, axis) is None
    for endpoint in (1, 0, None, np.True_):
        assert ENGINE.linspace(0.0, 1.0, 5, endpoint, None, 0) is None


# The state of the thread is the caller's.


@pytest.mark.parametrize("name", STATES)
def test_states_of_the_thread(name):
    """Of the functions themselves, which nothing else protects; a state is put back as it was."""
    tiny = np.array([5e-324, 1e-310, 2.0, 7e300])
    exponents = np.array([5e-324, 1e-310, 2.0, 300.0])
    narrow = np.array([1e-45, 3e-42, 2.0, 3e38], np.float32)
    near = np.array([7e-42, 1e-44, 0.1, 1e38], np.float32)

    def lanes(function, ends, num, dtype):
        out = np.zeros((num, 4), dtype)
        places, refused = np.empty(4096, np.int64), np.empty(4, np.int64)
        code = list(FLOATS).index(np.dtype(dtype).name)
        left = ENGINE.lanes(out, code, function, -1, num, num - 1, *ends, 10.0, places, refused)
        for lane in refused[: left[1]]:
            out[:, lane] = 0
        out.reshape(-1)[places[: left[0]]] = 0
        return out

    def memory(function, *arguments):
        out, places = np.zeros(5000), np.empty(4096, np.int64)
        count = getattr(ENGINE, function)(out, 0, 5000, *arguments, places)
        assert 0 <= count < 4096
        out[places[:count]] = 0
        return out

    top = 1 << 63
    makers = [
        lambda: ENGINE.linspace(0.1, 7.3, 5000, True, None, 0),
        lambda: ENGINE.linspace(narrow[0], near[1], 50, True, None, 0),
        lambda: ENGINE.linspace(np.float16(6e-8), np.float16(1e-6), 50, True, None, 0),
        lambda: ENGINE.linspace(narrow[:2], near[0], 9, True, None, -1),
        lambda: ENGINE.linspace(complex(5e-324, 0.1), 1e-307 + 1j, 70, True, None, 0),
        lambda: ENGINE.linspace(5e-324, 1e-307, 700, True, None, 0),
        lambda: ENGINE.linspace(-1e-40, 3e-38, 5000, False, np.float32, 0),
        lambda: ENGINE.logspace(-330.0, 300.0, 5000, True, None, 0, 10),
        lambda: ENGINE.logspace(-50.0, 38.0, 50, True, np.float32, 0, 10),
        lambda: ENGINE.geomspace(5e-324, 1e300, 5000, False, None, 0),
        lambda: ENGINE.geomspace(3, 1000, 70_000, True, np.int16, 0),
        lambda: ENGINE.arange(-1.0, 1.0, 0.0123, np.float16),
        lambda: lanes(0, (-300.0, exponents), 70, np.float64),
        lambda: lanes(1, (tiny, 3.0), 70, np.float64),
        lambda: lanes(2, (tiny, 1e-320), 70, np.float64),
        lambda: lanes(1, (narrow, narrow[::-1]), 9, np.float32),
        lambda: lanes(2, (narrow, near), 3000, np.float32),
        lambda: memory("powers", (top, 0, -300), (-700, 5, 7), (0, 1 << 60, 3)),
        lambda: memory("sums", -200, (1 << 50, 5), (1 << 44, 77), (0, 1, 3)),
    ]
    for make in makers:
        wanted = make()
        assert np.asarray(wanted).any()
        assert under(name, make).tobytes() == wanted.tobytes()


@pytest.mark.parametrize("raised", range(6))
def test_flags_of_exceptions_are_put_back(raised):
    """Grids with rounded, subnormal and infinite elements raise none, and clear none."""
    lanes, out = np.array([1e-310, 2.0, 3.0, 4.0, 5e307]), np.empty((9, 5))
    places, refused = np.empty(64, np.int64), np.empty(5, np.int64)
    for make in (
        lambda: ENGINE.linspace(0.1, 1.7, 9, True, np.float32, 0),
        lambda: ENGINE.logspace(-320.0, 310.0, 50, True, None, 0, 10),
        lambda: ENGINE.geomspace(5e-324, 1e308, 40_000, True, None, 0),
        lambda: ENGINE.lanes(out, 0, 1, -1, 9, 8, lanes, 3.5, 1.0, places, refused),
        lambda: ENGINE.samples(out.ctypes.data, 1, 2, -1, 9, True, 1, 1e-320, 1.7, 1.0),
    ):
        before, after = flags_after(raised, make)
        assert before.bit_count() >= raised
        assert after == before


# Threads and interpreters.

COLD = """
import sys, threading
sys.setswitchinterval(1e-6)
import engine_calls
made = [call for call in engine_calls.calls(4, 1) if call.num < 5000]
made += [call for call in engine_calls.lane_calls(4, 40)]
barrier, found = threading.Barrier(8), [None] * 8
def work(k):
    barrier.wait()
    found[k] = []
    for call in made:
        try:
            found[k].append(call.make().tobytes())
        except (OverflowError, ValueError) as error:
            found[k].append(str(error))
    import xspace
    found[k].append(xspace.logspace(0, 1, 200_000).tobytes())
threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
assert all(some == found[0] for some in found)
print(len(found[0]))
"""


def test_threads_from_a_cold_start():
    """The first calls of a process, eight at a time."""
    assert int(python("-c", COLD)) > 60


INTERPRETERS = """
import importlib.util, sys, types
path = {path!r}
code = '''
import importlib.util, sys, types
numpy = types.ModuleType("numpy")  # which has one interpreter alone
numpy.empty = lambda num, dtype=None: bytearray(8 * num)
class Kind(tuple):
    str = property(lambda self: "<" + self[0].__name__)
numpy.float64, numpy.dtype, numpy.ndarray = float, lambda kind: Kind((kind,)), memoryview
numpy.copyto = numpy.complex64 = numpy.complex128 = None
for name in {names!r}:
    setattr(numpy, name, type(name, (), {{}}))
sys.modules["numpy"] = numpy
spec = importlib.util.spec_from_file_location("_native", {path!r})
native = importlib.util.module_from_spec(spec)
spec.loader.exec_module(native)
grid = native.logspace(0, 3.5, 50, True, None, 0, 10)
assert type(grid) is bytearray
assert native.logspace(0, 3.5, 50, True, numpy.int8, 0, 10) is None
import hashlib
print(hashlib.sha256(grid).hexdigest())
'''
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
for _ in range(3):
    number = interpreters.create()
    failed = interpreters.run_string(number, code)
    assert failed is None, failed
    interpreters.destroy(number)
"""


def test_interpreters_of_their_own():
    """Each has a module of its own, with its own state, and takes it along when it ends."""
    names = (*INTEGERS, "float32", "float16")
    said = python("-c", INTERPRETERS.format(path=ENGINE.__file__, names=names)).split()
    grid = ENGINE.logspace(0, 3.5, 50, True, None, 0, 10)
    assert said == [hashlib.sha256(grid.tobytes()).hexdigest()] * 3


# Memory and references.


def test_nothing_is_kept_and_no_reference_lost():
    ends, dtype = (1.25, 1e300), np.dtype("float32")
    lanes, out = np.array([1.0, 2.0, 3.0]), np.empty((9, 3))
    places, refused = np.empty(16, np.int64), np.empty(3, np.int64)
    watched = [*ends, dtype, lanes, out, places, refused, np.float64, 12345, 10.5]

    def work():
        for kind in (None, dtype, np.int16, np.int64, float, [], 3):
            ENGINE.logspace(1.25, 3.5, 99, True, kind, 0, 10.5)
            ENGINE.geomspace(*ends, 12345, False, kind, -1)  # also beyond the format
            ENGINE.linspace(*ends, 70_000, True, kind, 0)
            ENGINE.arange(1.25, 99, 0.5, kind)
        ENGINE.lanes(out, 0, 1, -1, 9, 8, lanes, 3.5, 1.0, places, refused)
        ENGINE.powers(out.reshape(-1), 0, 27, (1 << 63, 0, 0), (0, 0, 0), (0, 9, 9), places)
        ENGINE.sums(out.reshape(-1), 0, 27, -100, (1, 5), (3, 9), (0, 1, 3), places)
        for arguments in NONSENSE[::3]:
            for name in NAMES:
                with contextlib.suppress(*ERRORS):
                    getattr(ENGINE, name)(*arguments)

    work()
    gc.collect()
    counts = [sys.getrefcount(x) for x in watched]
    tracemalloc.start()
    try:
        work()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            work()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert [sys.getrefcount(x) for x in watched] == counts
    assert grown < 5000


# Nonsense.

#: What nonsense may raise.
ERRORS = (TypeError, ValueError, OverflowError, BufferError, ZeroDivisionError)
NAMES = ("logspace", "geomspace", "linspace", "arange", "powers", "sums", "lanes")
JUNK = [
    *(None, True, 0, -1, 1, 5, 2**31 - 1, 2**31, 2**63 - 1, -(2**63), 2**64, 2**70, 0.0, -1.5),
    *(float("nan"), 1e300, "x", b"bytes", bytearray(40), bytearray(8), memoryview(b"12345678")),
    *((), (1,), (1, 2), (1, 2, 3), (2**63, 0, 2**62), (-1, -1, -1), ("a", "b", "c"), (0, 0, 0)),
    *(np.empty(5), np.empty(5, np.int64), np.empty(0), np.empty((5, 1)), np.float64(3.0)),
    *(np.arange(3.0)[::-1], np.empty(5, np.float16), np.empty(5, ">f8"), np.empty(5, object)),
    *(
        np.empty(41, np.uint8)[1:].view(),
        np.zeros(5, "M8[s]"),
        np.empty(5, bool),
        object(),
        [1],
        {},
    ),
]


def _nonsense():
    rng = random.Random(6)
    for count in range(13):
        for _ in range(40):
            yield tuple(rng.choice(JUNK) for _ in range(count))
    memory, words = np.empty(5), np.empty(8, np.int64)
    right = {
        "powers": (memory, 0, 5, (1 << 63, 0, 0), (0, 0, 0), (0, 1, 1), words),
        "sums": (memory, 0, 5, -100, (1, 5), (3, 9), (0, 1, 3), words),
        "lanes": (memory, 0, 1, 1, 1, np.ones(5), 2.0, 1.0, words, np.empty(5, np.int64)),
    }
    for arguments in right.values():  # one or two of them wrong
        for _ in range(300):
            wrong = list(arguments)
            for _ in range(rng.randrange(1, 3)):
                wrong[rng.randrange(len(wrong))] = rng.choice(JUNK)
            yield tuple(wrong)


NONSENSE = list(_nonsense())


def test_nonsense_is_an_error_or_refused():
    """And writes nowhere: the memory beside each array is looked at by the sanitizers."""
    raised = 0
    for arguments in NONSENSE:
        for name in NAMES:
            try:
                getattr(ENGINE, name)(*arguments)
            except ERRORS:
                raised += 1
    assert raised > 1000


def test_what_does_not_fit_is_named():
    words = np.empty(8, np.int64)
    one, zeros = (1 << 63, 0, 0), (0, 0, 0)
    with pytest.raises(ValueError, match="does not fit the format and the length"):
        ENGINE.powers(np.empty(5), 0, 6, one, zeros, zeros, words)
    with pytest.raises(ValueError, match="does not fit"):
        ENGINE.powers(np.empty(5), 12, 5, one, zeros, zeros, words)
    with pytest.raises(ValueError, match="does not fit"):
        ENGINE.powers(bytearray(41)[1:], 0, 6, one, zeros, zeros, words)
    with pytest.raises(ValueError, match="does not fit"):
        ENGINE.powers(memoryview(bytearray(41))[1:], 0, 5, one, zeros, zeros, words)
    with pytest.raises(ValueError, match="an exponent is out of range"):
        ENGINE.powers(np.empty(5), 0, 5, (1 << 63, 0, 2**62), zeros, zeros, words)
    with pytest.raises(ValueError, match="an exponent is out of range"):
        ENGINE.sums(np.empty(5), 0, 5, 2**62, (0, 1), (0, 1), (0, 0, 1), words)
    with pytest.raises(ZeroDivisionError, match="denominator"):
        ENGINE.sums(np.empty(5), 0, 5, 0, (0, 1), (0, 1), (0, 0, 0), words)
    with pytest.raises(ValueError, match="no function of this number"):
        ENGINE.lanes(np.empty(5), 0, 3, -1, 1, 1, 1.0, 2.0, 1.0, words, np.empty(5, np.int64))
    here = (out := np.empty(8)).ctypes.data
    with pytest.raises(TypeError, match="wanted"):
        ENGINE.samples(here, 0)
    with pytest.raises(ValueError, match="no function of this number"):
        ENGINE.samples(here, 0, 3, -1, 4, True, 1, 1.0, 2.0, 1.0)
    for code, function, by in ((0, 2, 2), (0, 0, 3), (0, 0, -2), (7, 0, 1)):
        with pytest.raises(ValueError, match="no derivatives by an end of this number"):
            ENGINE.samples(here, code, function, by, 4, True, 1, 1.0, 2.0, 1.0)
    for by in (-1, 0):
        with pytest.raises(TypeError, match="a tuple of 3 integers"):
            ENGINE.samples(here, 0, 2, by, 4, True, 1, (0, here), 2.0, 1.0)
        assert ENGINE.samples(0, 0, 2, by, 4, True, 1, 1.0, 2.0, 1.0) is False
        for end in ("1", None, np.inf, (12, here, 8), (0, 0, 8)):
            assert ENGINE.samples(here, 0, 2, by, 4, True, 1, 1.0, end, 1.0) is False
        assert ENGINE.samples(here, 0, 2, by, 4, True, 2, 1.0, 2.0, 1.0) is True
    assert ENGINE.samples(here, 12, 2, -1, 4, True, 1, 1.0, 2.0, 1.0) is False
    assert out.tolist() == [1, 1, 2 / 3, 2 / 3, 1 / 3, 1 / 3, 0, 0]
    with pytest.raises(BufferError):
        ENGINE.sums(b"12345678", 0, 1, 0, (0, 1), (0, 1), (0, 0, 1), words)
    assert ENGINE.sums(np.empty(0), 0, 0, 0, (0, 1), (0, 1), (0, 0, 1), words) == 0
    assert ENGINE.powers(np.empty(0), 0, 0, one, zeros, zeros, words) == 0


# By cases.


def test_midpoints_and_integers_are_made_without_python(monkeypatch):
    """Exact elements, which no precision decides, are told by roots of integers."""
    monkeypatch.setattr("xspace.functions._make_samples", None)
    assert logspace(0, 40, 41, base=2, dtype=np.float32).tolist() == [2.0**k for k in range(41)]
    assert geomspace(1, 10**18, 19, dtype=np.int64).tolist() == [10**k for k in range(19)]
    assert geomspace(2**20, 1, 41).tolist()[::2] == [2.0**k for k in range(20, -1, -1)]
    assert linspace(1.0, 1 + 2.0**-52, 3).tolist() == [1.0, 1.0, 1 + 2.0**-52]
    assert linspace(1.0, 1 + 2.0**-51, 5).tolist()[1::2] == [1.0, 1 + 2.0**-51]
    assert logspace(0, 3.5, 8, base=4, dtype=np.uint8).tolist() == [1, 2, 4, 8, 16, 32, 64, 128]


def test_grids_are_monotone():
    """Rows follow each other without a step back, whatever made them."""
    for call in calls(9, 3):
        if call.dtype in ("float64", "float32") and not _overflows(call):
            grid = call.make()
            pairs = list(pairwise(grid.tolist()))
            assert all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs), call


def test_numpy_lengths_of_arange():
    assert arange(0.0, 100.0, 0.5).tolist() == [k / 2 for k in range(200)]
    assert arange(7).dtype == np.int64


def test_lanes_are_the_grids_of_their_ends():
    """Element by element, with the scalars of each lane."""
    checked = 0
    for call in lane_calls(17, 60):
        try:
            grid = call.make()
        except (OverflowError, ValueError):
            continue
        ends = np.broadcast_arrays(*call.ends)
        lanes = np.moveaxis(grid, call.axis, 0).reshape(call.num, -1)
        for lane in range(0, lanes.shape[1], 7):
            alone = call._replace(ends=tuple(end.reshape(-1)[lane] for end in ends), axis=0).make()
            assert lanes[:, lane].tobytes() == alone.tobytes(), call
            checked += 1
    assert checked > 50
