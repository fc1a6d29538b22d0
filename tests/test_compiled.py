"""The compiled loops of the extra ``fast``: the same bits, their bounds, and doing without them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import gmpy2
import numpy as np
import pytest
from test_kernels import FLOATS, check, exact, powers, sums

from xspace.engine import compiled
from xspace.engine import numba as loops
from xspace.engine import numba_words as words
from xspace.engine.arithmetic import fill_arithmetic
from xspace.engine.geometric import fill_geometric
from xspace.engine.narrow import host_dtype
from xspace.engine.tables import DELTA
from xspace.exact.rounding import FORMATS

FLOAT64 = FORMATS["float64"]
PACKAGE = Path(words.__file__).parents[1]


@pytest.fixture(autouse=True)
def _as_before():
    yield
    compiled.use(os.environ.get("XSPACE_NUMBA", ""))


def grid(mode, fill, line, name):
    compiled.use(mode)
    out = np.empty(line.num, host_dtype(FORMATS[name]))
    fill(out, line, FORMATS[name])
    return out


def assert_same_bits(fill, line, name):
    alone, fast = (grid(mode, fill, line, name) for mode in "01")
    assert alone.tobytes() == fast.tobytes(), (line.num, np.flatnonzero(alone != fast)[:5])


#: Around the borders of the paths: rows cut off, one row, short grids and tables.
NUMS = [1, 2, 3, 50, 127, 129, 640, 2048, 2049, 5000, 8193, (1 << 15) - 1, (1 << 15) + 1, 70_001]


@pytest.mark.parametrize("num", NUMS)
@pytest.mark.parametrize("name", FLOATS)
def test_powers_have_the_same_bits(name, num):
    rng = random.Random(num)
    for low, high in [(-5, 5), (-45, 39), (-330, 310), (-324, -306), (305, 309), (-6, 3)]:
        line = powers(10, rng.uniform(low, high), rng.uniform(low, high), num)
        assert_same_bits(fill_geometric, line, name)
        scale = Fraction(rng.uniform(0.1, 10))
        assert_same_bits(fill_geometric, powers(0.3, -1, 2, num, scale), name)


@pytest.mark.parametrize("num", NUMS)
@pytest.mark.parametrize("name", FLOATS)
def test_sums_have_the_same_bits(name, num):
    rng = random.Random(num)
    for scale in (1.0, 1e-300, 1e-310, 3e-323, 1e300, 1.7e308, 1e-40, 6e4, 10**320):
        first = Fraction(rng.uniform(-1, 1)) * Fraction(scale)
        last = rng.choice([-first, 0, Fraction(rng.uniform(-1, 1)) * Fraction(scale)])
        assert_same_bits(fill_arithmetic, sums(first, last, num), name)


@pytest.mark.parametrize("num", [1000, 40_001])
@pytest.mark.parametrize("name", ["float64", "float32"])
def test_sums_that_need_the_test_have_the_same_bits(name, num):
    """Long denominators, and every other element a midpoint, across zero and away from it."""
    for first in (Fraction(-1, 3**80), Fraction(1, 7**60), -(Fraction(2) ** 53)):
        line = sums(first, first + 2 * num * Fraction(10**40 + 1, 10**40), num)
        assert_same_bits(fill_arithmetic, line, name)
        assert_same_bits(fill_arithmetic, sums(-first, first, num), name)


@pytest.mark.parametrize("name", FLOATS)
def test_compiled_elements_are_the_exact_ones(name):
    compiled.use("1")
    rng = random.Random(9)
    for num in (2000, 40_001):
        indices = {0, num - 1, *(rng.randrange(num) for _ in range(200))}
        check(fill_geometric, powers(10, -4.3, 4.1, num), name, indices)
        check(fill_arithmetic, sums(-4.3, 4.1, num), name, indices)
    assert compiled.compiled(1) is loops


def parameters(value, bits=126):
    return (value >> 63) & ((1 << 63) - 1), value & ((1 << 63) - 1), value >> bits


def exp2(log):
    """The compiled function's result, as it takes it back: unsigned words."""
    high, low, expo = words.exp2(parameters(log))
    return np.uint64(high), np.uint64(low), expo


def significand(power):
    high, low, expo = (int(x) for x in power)
    assert high >> 63
    return gmpy2.mpfr((high << 64) + low) * gmpy2.exp2(expo - 127)


def test_powers_in_two_words_keep_their_bound():
    rng = random.Random(2)
    edges = [0, 1, (1 << 126) - 1, *(j << 106 for j in (1, 1023, 1024, (1 << 20) - 1))]
    with gmpy2.context(precision=400):
        for _ in range(2000):
            log = edges.pop() if edges else rng.randrange(-500 << 126, 500 << 126)
            want = gmpy2.exp2(gmpy2.mpfr(log) / gmpy2.mpfr(2) ** 126)
            got = significand(exp2(log))
            assert abs(got / want - 1) < 80 * gmpy2.mpfr(2) ** -128
            factor = exp2(rng.randrange(1 << 126))
            product = words.product(*factor, *exp2(log))
            want = got * significand(factor)
            assert 0 <= 1 - significand(product) / want < 12 * gmpy2.mpfr(2) ** -128


LINES = [
    powers(10, Fraction(1, 10), Fraction(37, 10), 10**5),
    powers(10, 3.5, -7.25, 70_001),
    powers(2, 0, Fraction(1, 7), 5_000, Fraction(3, 7)),
    powers(10, 140, -5, 40_000),
]


def tables(line, delta):
    m = loops._column_count(line.num)
    rows, table = np.empty((3, -(-line.num // m))), np.empty((3, m))
    loops._power_tables(*loops._parameters(line), rows, table)
    head, tail, full = table
    return rows, np.array([head, tail + full * delta, tail - full * delta, full])


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_products_keep_the_bound_that_is_tested(line):
    rows, columns = tables(line, 0.0)
    m = columns.shape[1]
    rng = random.Random(1)
    with gmpy2.context(precision=400):
        for i in (0, line.num - 1, *(rng.randrange(line.num) for _ in range(800))):
            q, r = divmod(i, m)
            p = rows[0, q] * columns[0, r]
            assert Fraction(rows[0, q]) * Fraction(columns[0, r]) == Fraction(p)
            c = rows[0, q] * columns[1, r] + rows[1, q] * columns[3, r]
            want = exact(line, i)
            error = abs((gmpy2.mpfr(float(p)) + gmpy2.mpfr(float(c)) - want) / want)
            assert error < DELTA / 2, (i, gmpy2.log2(error))


def run_multiply(line, rows, columns):
    out, places = np.empty(line.num), np.empty(line.num, np.int64)
    row, count = loops._multiply(out, rows, columns, 0, places)
    assert row == rows.shape[1]
    return out, places[:count]


def test_a_half_width_below_the_error_lets_wrong_elements_pass():
    """The test is one that can fail: with tables off by 2**-60, 2**-59 covers it, 2**-66 not."""
    line = LINES[0]
    right, _ = run_multiply(line, *tables(line, DELTA))
    passed_wrong = {}
    for delta in (2.0**-59, 2.0**-66):
        rows, columns = tables(line, delta)
        columns[1:3] += columns[3] * 2.0**-60
        out, open_places = run_multiply(line, rows, columns)
        closed = np.ones(line.num, bool)
        closed[open_places] = False
        passed_wrong[delta] = int(np.count_nonzero((out != right)[closed]))
        assert 0 < open_places.size < line.num // 4
    assert passed_wrong[2.0**-59] == 0
    assert passed_wrong[2.0**-66] > 100


def test_short_powers_leave_midpoints_open():
    """``10**23`` and ``3**34`` lie between two floats; no other power of ten below is open."""
    for line, places in ((powers(10, 0, 30, 31), [23]), (powers(3, 0, 36, 37), [34])):
        out, found = np.empty(line.num), np.empty(line.num, np.int64)
        arguments = loops._parameters(line)
        count = loops._round_powers(*arguments, out.view(np.int64), 53, 1023, found)
        assert found[:count].tolist() == places
        assert loops._round_powers(*arguments, out.view(np.int64), 53, 1023, found[:0]) == count
        assert grid("1", fill_geometric, line, "float64").tolist() == [
            float(line.base[0] ** i) for i in range(line.num)
        ]


@pytest.mark.parametrize("name", ["float64", "float32"])
def test_more_open_elements_than_one_call_returns(monkeypatch, name):
    """All of them open, with room for little more than a row: the loops go on where they were."""
    power, total = powers(10, -3.1, 2.2, 3000), sums(-Fraction(1, 3**80), 1, 3000)
    wanted = [grid("0", fill_geometric, power, name), grid("0", fill_arithmetic, total, name)]
    monkeypatch.setattr(loops, "_PLACES", 200)
    monkeypatch.setattr(loops, "DELTA", 2.0**-50)
    monkeypatch.setattr(loops, "NARROW_DELTA", 2.0**-20)
    seen = []
    settle = loops.settle
    monkeypatch.setattr(loops, "settle", lambda *args: seen.append(args[1].size) or settle(*args))
    assert grid("1", fill_geometric, power, name).tobytes() == wanted[0].tobytes()
    assert sum(seen) > 2900
    assert max(seen) <= 200
    assert grid("1", fill_arithmetic, total, name).tobytes() == wanted[1].tobytes()


def run(code, **environment):
    """The last word that a fresh interpreter prints."""
    variables = {k: v for k, v in os.environ.items() if k != "XSPACE_NUMBA"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**variables, **environment},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.split()[-1]


IMPORTED = "import sys; print('numba' in sys.modules)"


@pytest.mark.parametrize(
    ("setting", "code", "imported"),
    [
        ("", "", False),
        ("", "for _ in range(100): xspace.logspace(0, 1, 10_000)", False),
        ("", "xspace.logspace(0, 1, 10**6)", False),
        ("", "for _ in range(2): xspace.logspace(0, 1, 10**6)", True),
        ("", "for _ in range(30): xspace.linspace(0.1, 1, 50_000)", True),
        ("0", "for _ in range(2): xspace.logspace(0, 1, 10**6)", False),
        ("1", "", False),
        ("1", "xspace.logspace(0, 1)", True),
    ],
)
def test_when_the_compiler_is_imported(setting, code, imported):
    assert run(f"import xspace\n{code}\n{IMPORTED}", XSPACE_NUMBA=setting) == str(imported)


GRID = "import hashlib, xspace; print(hashlib.sha256(xspace.logspace(0, 1, 70_001)).hexdigest())"


def test_without_the_compiler(tmp_path):
    wanted = run(GRID, XSPACE_NUMBA="0")
    assert run(GRID, XSPACE_NUMBA="1") == wanted
    assert run("import sys; sys.modules['numba'] = None; " + GRID, XSPACE_NUMBA="1") == wanted
    assert run(GRID, XSPACE_NUMBA="1", NUMBA_DISABLE_JIT="1") == wanted


@pytest.mark.parametrize("text", ["raise OSError('libllvm')", "def njit(): pass", "1 +"])
def test_a_broken_compiler(tmp_path, text):
    (tmp_path / "numba.py").write_text(text)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    wanted = run(GRID, XSPACE_NUMBA="0")
    assert run(GRID, XSPACE_NUMBA="1", PYTHONPATH=path) == wanted


def test_nowhere_to_keep_what_is_compiled():
    """Where numba finds no place for its cache it raises; each process would compile anew."""
    code = "from numba.core.caching import CacheImpl; CacheImpl._locator_classes = []; " + GRID
    assert run(code, XSPACE_NUMBA="1") == run(GRID, XSPACE_NUMBA="0")
    code += "; from xspace.engine.compiled import compiled; print(compiled(1))"
    assert run(code, XSPACE_NUMBA="1") == "None"
    assert run(code.replace("_locator_classes", "_other"), XSPACE_NUMBA="1") != "None"


def test_other_threads_run_meanwhile():
    """The loops hold no lock of the interpreter."""
    for loop in (loops._multiply, loops._add, loops._add_tested, loops._round_powers):
        assert loop.targetoptions["nogil"]


PROGRAM = """
from grids.backends.numba_words import aligned, exp2

exp2((1 << 61, 0, 3))
found = [loop.stats for loop in (aligned, exp2)]
print([sum(s.cache_hits.values()) for s in found], [sum(s.cache_misses.values()) for s in found])
"""


def test_what_was_compiled_is_used_until_any_file_changes(tmp_path):
    """A constant of another file is compiled into a loop, and numba would not notice it."""
    package = tmp_path / "grids"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))

    def hits_and_misses():
        command = [sys.executable, "-c", PROGRAM]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": ""}
        return subprocess.check_output(command, text=True, env=environment, timeout=300).strip()

    assert hits_and_misses() == "[0, 0] [1, 1]"
    assert hits_and_misses() == "[1, 1] [0, 0]"
    path = package / "exact" / "fixed.py"
    path.write_text(path.read_text() + "\n_UNUSED = 1\n")
    assert hits_and_misses() == "[0, 0] [1, 1]"


def test_every_file_is_in_the_key(tmp_path):
    package = tmp_path / "grids"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    keys = {words.key_of(package)}
    paths = [*package.rglob("*.py"), package / "new.py"]
    for path in paths:
        path.touch()
        path.write_text(path.read_text() + "\n")
        words.key_of.cache_clear()
        keys.add(words.key_of(package))
    assert len(keys) == 1 + len(paths)
