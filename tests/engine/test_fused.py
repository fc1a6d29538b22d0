"""The fused kernels without a GPU: CUDA C++ compiled for the host, Triton by its interpreter.

Their bits are compared with those of the host's kernels, which are other code, and with MPFR.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import pickle
import random
import shutil
import subprocess
import sys
import types
from fractions import Fraction
from functools import cache
from pathlib import Path

import gmpy2
import numpy as np
import pytest
import torch
from xspace_conformance.truth.oracle import Grid

import xspace
from xspace.engine.fill import fill
from xspace.engine.gpu import cupy_source, fused
from xspace.engine.gpu.fused import Job, constants, job_of
from xspace.engine.gpu.launch import launcher
from xspace.exact.lines import progression_of
from xspace.exact.progression import Arithmetic
from xspace.exact.rounding import FORMATS
from xspace.libraries import find_backend
from xspace.libraries.scalars import read_scalar
from xspace.testing import assert_identical

HERE = Path(__file__).parent
FLOATS = ["float64", "float32"]

GRIDS = [
    ("linspace", 0.1, 3.7),
    ("linspace", -1, 1),
    ("linspace", 1, 0),
    ("linspace", 0, 0),
    ("linspace", 5, 5),
    ("linspace", -0.3, 0.7),
    ("linspace", 1e-5, 1e5),
    ("linspace", 0.1, 1e15),
    ("linspace", 1e300, -1e300),
    ("linspace", 2**53, 2**53 + 20_000),
    ("linspace", Fraction(1, 3), Fraction(-22, 7)),
    ("logspace", 0.1, 3.7, 10.0),
    ("logspace", 37, -44, 10),
    ("logspace", -320, 300, 10.0),
    ("logspace", -5000, 5000, 10),
    ("logspace", 0, 64, 2),
    ("logspace", 0, 34, 3),
    ("logspace", 0, 23, 10),
    ("logspace", 3, 3, 10),
    ("logspace", 0, 1, 1),
    ("logspace", 0, 1, 1 + 2.0**-52),
    ("geomspace", -0.001, -1e7),
    ("geomspace", 256, 1),
    ("geomspace", 1e-320, 1e300),
    ("geomspace", 2.0**-1074, 2.0**-1060),
    ("geomspace", Fraction(1, 3), Fraction(22, 7)),
    ("geomspace", 2**53 + 3, 3),  # a midpoint that goes up
    # 2.5 subnormal spacings and a bit, which a word of a significand does not show
    ("geomspace", Fraction(5 * 2**49 + 1, 2**1124), 2.0**-1060),
]
NUMS = [1, 2, 3, 50, 1000, 70_001]


def line_of(grid, num, endpoint=True):
    function, *ends = grid
    return progression_of(function, tuple(read_scalar("end", end) for end in ends), num, endpoint)


def planned(grid, num, fmt):
    line, negative = line_of(grid, num)
    return job_of(line, FORMATS[fmt], negative=negative)


def on_host(grid, num, fmt):
    line, negative = line_of(grid, num)
    out = np.empty(num, fmt)
    fill(out, line, FORMATS[fmt])
    return -out if negative else out


def widened(plan, bits):
    """A plan whose rounding test leaves ``2**bits`` times as many elements open."""
    if plan.kind == "powers" and plan.fmt == "float32":
        return plan._replace(width=min(plan.width << bits, 1 << 28))
    return plan._replace(width=plan.width + (bits << 52) if plan.width else 0)


def random_grids(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        function = rng.choice(["linspace", "logspace", "geomspace"])
        if function == "linspace":
            yield function, rng.uniform(-1, 1) * 10 ** rng.randint(-5, 9), rng.uniform(-9, 9)
        elif function == "logspace":
            base = rng.choice([2, 10, math_e := 2.718281828459045, 0.3, rng.uniform(1, 99)])
            reach = 30 if base != math_e else 80
            yield function, rng.uniform(-reach, reach), rng.uniform(-reach, reach), base
        else:
            yield function, 10 ** rng.uniform(-37, 37), 10 ** rng.uniform(-37, 37)


class TestPlan:
    def test_constants(self):
        """Rounded down, and by less than a little more than one unit."""
        words = [int(w) for w in constants()]
        numbers = [a << 128 | b << 64 | c for a, b, c in zip(*[iter(words)] * 3, strict=True)]
        with gmpy2.context(precision=300):
            ln2 = gmpy2.log(gmpy2.mpfr(2))
            exact = [
                gmpy2.exp2(gmpy2.mpfr(j) / 256**k + 191) for k in (1, 2, 3, 4) for j in range(256)
            ]
            exact += [ln2**k / gmpy2.factorial(k) * gmpy2.exp2(192) for k in range(1, 6)]
            lost = [e - n for e, n in zip(exact, numbers, strict=True)]
        assert len(numbers) == 1029
        assert all(0 <= x < 1.001 for x in lost)

    @pytest.mark.parametrize("grid", [g for g in GRIDS if g != ("linspace", 0, 0)])
    def test_places(self, grid):
        """``start + i*step`` is the logarithm, or the element in units, to ``2**-208``."""
        plan = planned(grid, 1000, "float64")
        line, _ = line_of(grid, 1000)
        start, step = (signed(numbers) for numbers in (plan.start, plan.step))
        with gmpy2.context(precision=1200):
            for i in (0, 1, 500, 999):
                exponent = gmpy2.mpq(line.a + i * line.b, line.den)
                if isinstance(line, Arithmetic):
                    exact = exponent / gmpy2.mpfr(2) ** signed_word(plan.extra)
                else:
                    exact = exponent * gmpy2.log2(gmpy2.mpfr(gmpy2.mpq(*line.base)))
                    exact += gmpy2.log2(gmpy2.mpfr(gmpy2.mpq(*line.scale)))
                place = gmpy2.mpfr(start + i * step - (1 << 63)) / 2**256
                assert abs(place - exact) < gmpy2.mpfr(2) ** -208

    def test_what_is_left_to_others(self):
        """Ends made to come near a midpoint, other formats, and too many bits."""
        close = Fraction(1, 10**300)
        assert planned(("logspace", 23 - close, 24, 10), 100, "float64") is None
        assert planned(("logspace", 23, 24, 10 + close), 100, "float64") is None
        assert planned(("geomspace", 1 + Fraction(1, 2**53) + close, 2), 100, "float64") is None
        assert planned(("linspace", 1 + Fraction(1, 2**53) + close, 2), 100, "float64") is None
        assert planned(("linspace", 1e-310, 1e-300), 100, "float64") is None
        assert planned(("linspace", 0, 1e39), 100, "float32") is None
        assert planned(("linspace", 1e-300, 1), 100, "float32") is None
        assert planned(("logspace", 0, 1e300, 10), 100, "float64") is None
        for fmt in ("float16", "bfloat16", "int64"):
            assert planned(("linspace", 0, 1), 100, fmt) is None
        assert planned(("linspace", 0, 1), 2**41, "float64") is None


def signed(words):
    number = 0
    for word in words:
        number = number << 64 | word
    return number - (number >> 319 << 320)


def signed_word(word):
    return word - (word >> 63 << 64)


# CUDA C++ on the host.

COUNTED = "Place x = place(grid.start, grid.step, i);\n"
EXTRA = """
extern "C" { u64 settled = 0; }
extern "C" void power_words(const u64 *f, u64 *w) {
    Words p = power(Words{f[0], f[1], f[2]});
    w[0] = p.a, w[1] = p.b, w[2] = p.c;
}
"""


class OnHost:
    """The kernels of ``cupy_kernels.cu`` as functions of the host."""

    def __init__(self, folder: Path, options: list[str]) -> None:
        source, library = folder / "fused.cpp", folder / "fused.so"
        text = cupy_source.source()
        assert text.count(COUNTED) == 2
        text = text.replace(COUNTED, "settled++;\n" + COUNTED).replace(
            "typedef long long i64;\n", 'typedef long long i64;\nextern "C" u64 settled;\n'
        )
        source.write_text(f'#include "{HERE / "cuda_on_host.h"}"\n{text}{EXTRA}')
        command = ["g++", "-O2", "-std=c++17", "-shared", "-fPIC", "-Wall", "-Wno-unknown-pragmas"]
        done = subprocess.run(
            [*command, *options, "-o", library, source], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr
        self.binary = ctypes.CDLL(str(library))

    def run(self, plan: Job, most: int = 3):
        out = np.full(plan.num + 5, 77, plan.fmt)
        numbers = (ctypes.c_uint64 * 13)(*plan.numbers)
        address = ctypes.c_void_p(out.ctypes.data)
        blocks = cupy_source.grid_of(plan, most)
        kernel = getattr(self.binary, plan.name)
        apart = self.binary.launch(kernel, blocks, cupy_source.THREADS, address, numbers)
        assert not apart, "some threads of a block are at a barrier, and others at the end"
        assert (out[plan.num :] == 77).all(), "written beyond the end"
        return out[: plan.num]

    @property
    def settled(self) -> int:
        """How many elements stage 2 has made."""
        return ctypes.c_uint64.in_dll(self.binary, "settled").value

    def power(self, f: int) -> int:
        words = (ctypes.c_uint64 * 3)(*(f >> k & 2**64 - 1 for k in (128, 64, 0)))
        result = (ctypes.c_uint64 * 3)()
        self.binary.power_words(words, result)
        return result[0] << 128 | result[1] << 64 | result[2]


class StandIn(types.ModuleType):
    """As much of CuPy as its fused kernels use."""

    def __init__(self, on_host: OnHost) -> None:
        super().__init__("cupy")
        self.on_host, self.works = on_host, True
        self.empty = np.empty
        self.cuda = types.SimpleNamespace(Device=self.device)

    def device(self, number=0):
        return types.SimpleNamespace(id=number, attributes={"MultiProcessorCount": 2})

    def RawModule(self, code, options):
        assert code == cupy_source.source()
        self.options = options
        return types.SimpleNamespace(get_function=self.function)

    def function(self, name):
        def kernel(grid, block, arguments):
            out, *numbers = arguments
            assert {type(number) for number in numbers} == {np.uint64}
            words = (ctypes.c_uint64 * 13)(*map(int, numbers))
            address = ctypes.c_void_p(out.ctypes.data)
            launch, library = self.on_host.binary.launch, self.on_host.binary
            assert not launch(getattr(library, name), *grid, *block, address, words)

        def compiled():
            if not self.works:
                raise RuntimeError("no compiler")

        kernel.compile = compiled
        return kernel


FUSING = {"separate": ["-ffp-contract=off"], "fused": ["-ffp-contract=fast", "-march=native"]}


@pytest.fixture(scope="module", params=FUSING)
def cuda(request, tmp_path_factory):
    if shutil.which("g++") is None:
        pytest.skip("there is no C++ compiler")
    return OnHost(tmp_path_factory.mktemp("cuda"), FUSING[request.param])


class TestCuda:
    @pytest.mark.parametrize("fmt", FLOATS)
    @pytest.mark.parametrize("grid", GRIDS, ids=str)
    def test_the_bits_of_the_host(self, cuda, grid, fmt):
        for num in NUMS:
            plan = planned(grid, num, fmt)
            if plan is None:  # beyond float32
                assert fmt == "float32"
                assert max(map(abs, grid[1:])) == 1e300
                return
            assert_identical(cuda.run(plan), on_host(grid, num, fmt))

    @pytest.mark.parametrize("fmt", FLOATS)
    @pytest.mark.parametrize("grid", GRIDS, ids=str)
    def test_with_many_elements_open(self, cuda, grid, fmt, monkeypatch):
        """A wide test, so that a part of each row is made in stage 2."""
        monkeypatch.setattr(fused, "FUSED_ALONE", 0)
        for num in (1, 3, 50, 20_000):
            plan = planned(grid, num, fmt)
            if plan is not None:
                for bits in (10, 15):
                    wide = widened(plan, bits)
                    assert_identical(cuda.run(wide), on_host(grid, num, fmt))

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_stage_2_makes_what_is_open(self, cuda, fmt):
        plan = planned(("logspace", 0.1, 3.7, 10), 200_000, fmt)
        before = cuda.settled
        cuda.run(plan)
        narrow = cuda.settled - before
        cuda.run(widened(plan, 12))
        wide = cuda.settled - before - narrow
        assert narrow < 5
        assert 20 < wide < 10_000

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_random_grids(self, cuda, fmt):
        for grid in random_grids(7, 40):
            for num in (777, 66_000):
                plan = planned(grid, num, fmt)
                if plan is not None:
                    assert_identical(cuda.run(plan), on_host(grid, num, fmt))
                    assert_identical(cuda.run(widened(plan, 9)), on_host(grid, num, fmt))

    @pytest.mark.parametrize("short", [0, 10**6])
    @pytest.mark.parametrize("fmt", FLOATS)
    @pytest.mark.parametrize("grid", [GRIDS[0], GRIDS[11], GRIDS[21]], ids=str)
    def test_against_mpfr(self, cuda, grid, fmt, short, monkeypatch):
        """By stage 1 and by stage 2 alone."""
        monkeypatch.setattr(fused, "FUSED_ALONE", short)
        num = 20_000
        got = cuda.run(planned(grid, num, fmt))
        assert np.array_equal(got.view(f"u{got.itemsize}"), right(grid, num, fmt))

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_any_number_of_blocks(self, cuda, fmt):
        grid, num = ("logspace", 0.1, 3.7, 10), 300_001
        plan = widened(planned(grid, num, fmt), 10)
        for most in (1, 2, 7, 1000):
            assert_identical(cuda.run(plan, most), on_host(grid, num, fmt))

    def test_as_cupy_launches_it(self, cuda, monkeypatch):
        """With a stand-in for CuPy that runs kernels on the host."""
        stand_in = StandIn(cuda)
        monkeypatch.setitem(sys.modules, "cupy", stand_in)
        monkeypatch.delitem(sys.modules, "xspace.engine.gpu.cupy_kernels", raising=False)
        kernels = importlib.import_module("xspace.engine.gpu.cupy_kernels")
        monkeypatch.delitem(sys.modules, "xspace.engine.gpu.cupy_kernels")
        for num in (50, 200_001):
            for grid in (GRIDS[0], GRIDS[11], GRIDS[21]):
                for fmt in FLOATS:
                    plan = planned(grid, num, fmt)
                    array = kernels.make(plan, np.dtype(fmt))
                    assert_identical(array, on_host(grid, num, fmt))
        assert stand_in.options == ("--std=c++17",)
        stand_in.works = False
        kernels._kernel.cache_clear()
        assert kernels.make(plan, np.dtype(fmt)) is None

    def test_exact_cases(self, cuda):
        """Powers that are midpoints of float64 go to even."""
        got = cuda.run(planned(("logspace", 0, 40, 10), 41, "float64"))
        assert got.tolist() == [float(10**k) for k in range(41)]
        for base in (3, 7):  # 3**34 goes down and 7**19 up
            got = cuda.run(planned(("logspace", 0, 60, base), 61, "float64"))
            assert got.tolist() == [float(base**k) for k in range(61)]

    def test_the_error_of_a_power(self, cuda):
        """Too low, by less than 90 units: at the ends, and where digits are all zeros or ones."""
        rng = random.Random(5)
        full = (1 << 192) - 1
        places = [0, 1, full, full - 1, 1 << 160, (1 << 160) - 1, full - (1 << 160)]
        places += [rng.getrandbits(192) for _ in range(2000)]
        places += [rng.getrandbits(192) & ~(0xFF << 8 * k) for k in range(24) for _ in range(20)]
        places += [rng.getrandbits(192) | 0xFF << 8 * k for k in range(24) for _ in range(20)]
        with gmpy2.context(precision=400):
            lost = [gmpy2.exp2(gmpy2.mpfr(f) / 2**192 + 191) - cuda.power(f) for f in places]
        assert all(0 <= x < 90 for x in lost)
        assert max(lost) > 5  # else this measures something else


@cache
def right(grid, num, fmt):
    function, start, stop, *base = grid
    options = {"base": base[0]} if base else {}
    return Grid(function, start, stop, num, **options).bits(fmt)


class TestCompilers:
    """That the compilers of GPUs take the sources."""

    def test_nvcc(self, tmp_path):
        if shutil.which("nvcc") is None:
            pytest.skip("there is no nvcc")
        source = tmp_path / "fused.cu"
        source.write_text(cupy_source.source())
        for arch in ("sm_75", "sm_90"):
            command = ["nvcc", f"-arch={arch}", "-Xptxas", "-v", "-cubin", "-o", "fused.cubin"]
            done = subprocess.run(
                [*command, source], capture_output=True, text=True, cwd=tmp_path, timeout=300
            )
            assert done.returncode == 0, done.stderr
            assert "warning" not in done.stderr

    def test_nvrtc(self):
        """As CuPy compiles it."""
        if importlib.util.find_spec("cupy") is None:
            pytest.skip("CuPy is not installed")
        try:
            from cupy_backends.cuda.libs import nvrtc

            nvrtc.getVersion()
        except Exception as error:
            pytest.skip(f"CuPy finds no NVRTC: {error}")
        options = ("--std=c++17", "--gpu-architecture=sm_90", "-default-device")
        program = nvrtc.createProgram(cupy_source.source(), "fused.cu", (), ())
        nvrtc.compileProgram(program, options)
        binary = nvrtc.getCUBIN(program)
        for kind in ("powers", "sums", "short_powers", "short_sums"):
            for fmt in FLOATS:
                assert f"{kind}_{fmt}".encode() in binary

    @pytest.mark.parametrize("short", [True, False], ids=["short", "long"])
    @pytest.mark.parametrize("fmt", FLOATS)
    @pytest.mark.parametrize("kind", ["powers", "sums"])
    def test_triton(self, kind, fmt, short, tmp_path):
        """Machine code for a processor that is not here."""
        need_triton()
        code = COMPILE_TRITON.format(kind=kind, fmt=fmt, num=100 if short else 10**8)
        environment = {**os.environ, "TRITON_CACHE_DIR": str(tmp_path)}
        environment.pop("TRITON_INTERPRET", None)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment
        )
        assert done.returncode == 0, done.stderr
        assert "cubin" in done.stdout


COMPILE_TRITON = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from xspace.engine.gpu import torch_kernels, triton_kernels
from xspace.engine.gpu.fused import Job

plan = Job("{kind}", "{fmt}", {num}, 0, 0, (), ())
kernel = triton_kernels.fill_short if plan.is_short else triton_kernels.fill
constants = {{"POWERS": plan.kind == "powers", **torch_kernels.sizes_of(plan)}}
types = dict.fromkeys(kernel.arg_names, "u64") | dict.fromkeys(constants, "constexpr")
types |= {{"out": "*i64" if plan.fmt == "float64" else "*i32", "table": "*i64"}}
options = dict(torch_kernels.OPTIONS)
if not plan.is_short:
    options["maxnreg"] = torch_kernels.MOST_REGISTERS
aligned = {{(k,): [["tt.divisibility", 16]] for k in (0, 1)}}
source = ASTSource(kernel, types, constants, aligned)
print(*triton.compile(source, target=GPUTarget("cuda", 90, 32), options=options).asm)
"""


# Triton, interpreted.


def need_triton():
    if importlib.util.find_spec("triton") is None:
        pytest.skip("Triton is not installed")


def interpreted(plans, short=0, rows=3):
    """The arrays of some plans; few rows a chunk, so that short grids have several."""
    need_triton()
    done = subprocess.run(
        [sys.executable, HERE / "fused_in_triton.py"],
        input=pickle.dumps((short, rows, [tuple(plan) for plan in plans])),
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(Path(xspace.__file__).parents[1])},
    )
    assert done.returncode == 0, done.stderr.decode()
    return pickle.loads(done.stdout)


class TestTriton:
    @pytest.mark.parametrize("short", [0, 10**6], ids=["stage 1", "stage 2 alone"])
    def test_the_bits_of_the_host(self, short):
        num = 4000 if short == 0 else 300
        cases = [(grid, fmt) for grid in GRIDS for fmt in FLOATS if planned(grid, num, fmt)]
        assert len(cases) == 2 * len(GRIDS) - 1  # one is beyond float32
        arrays = interpreted([planned(grid, num, fmt) for grid, fmt in cases], short)
        for (grid, fmt), array in zip(cases, arrays, strict=True):
            assert_identical(array, on_host(grid, num, fmt))

    def test_with_many_elements_open(self):
        cases = [
            (grid, fmt, bits)
            for grid in (GRIDS[0], GRIDS[5], GRIDS[11], GRIDS[21])
            for fmt in FLOATS
            for bits in (9, 14)
        ]
        plans = [widened(planned(grid, 5000, fmt), bits) for grid, fmt, bits in cases]
        for (grid, fmt, _), array in zip(cases, interpreted(plans), strict=True):
            assert_identical(array, on_host(grid, 5000, fmt))

    def test_random_grids(self):
        cases = [(grid, fmt) for grid in random_grids(8, 12) for fmt in FLOATS]
        cases = [(grid, fmt) for grid, fmt in cases if planned(grid, 1500, fmt)]
        arrays = interpreted([planned(grid, 1500, fmt) for grid, fmt in cases])
        for (grid, fmt), array in zip(cases, arrays, strict=True):
            assert_identical(array, on_host(grid, 1500, fmt))

    def test_exact_cases(self):
        bases = (10, 3, 7)
        plans = [planned(("logspace", 0, 40, base), 41, "float64") for base in bases]
        for short in (0, 100):
            for base, array in zip(bases, interpreted(plans, short), strict=True):
                assert array.tolist() == [float(base**k) for k in range(41)]

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_against_mpfr(self, fmt):
        grids = [GRIDS[0], GRIDS[11], GRIDS[21]]
        arrays = interpreted([planned(grid, 20_000, fmt) for grid in grids])
        for grid, array in zip(grids, arrays, strict=True):
            assert np.array_equal(array.view(f"u{array.itemsize}"), right(grid, 20_000, fmt))


# On a GPU, where there is one.


def gpu_libraries():
    """PyTorch and CuPy, each with the reason why it cannot be tried here, if there is one."""
    reasons = {"torch": "" if torch.cuda.is_available() else "torch finds no GPU"}
    if not reasons["torch"] and importlib.util.find_spec("triton") is None:
        reasons["torch"] = "Triton is not installed"
    try:
        cupy = importlib.import_module("cupy")
        reasons["cupy"] = "" if cupy.cuda.runtime.getDeviceCount() else "cupy finds no GPU"
    except ImportError:
        reasons["cupy"] = "no GPU library: cupy is not installed"
    except Exception as error:  # cupy's own errors, where there is no driver
        reasons["cupy"] = f"cupy finds no GPU: {error}"
    return [
        pytest.param(name, marks=pytest.mark.skipif(bool(why), reason=why), id=name)
        for name, why in reasons.items()
    ]


@pytest.mark.parametrize("library", gpu_libraries())
class TestGpu:
    @staticmethod
    def make(library, plan):
        xp = importlib.import_module(library)
        backend = find_backend(xp, {})
        device = "cuda" if library == "torch" else None
        array = launcher(backend, device)(plan, getattr(xp, plan.fmt), device)
        assert array is not None, "the kernel does not compile"
        return backend.to_host(array)

    @pytest.mark.parametrize("fmt", FLOATS)
    @pytest.mark.parametrize("grid", GRIDS, ids=str)
    def test_the_bits_of_the_host(self, library, grid, fmt):
        for num in (*NUMS, 1_000_003):
            plan = planned(grid, num, fmt)
            if plan is not None:
                assert_identical(self.make(library, plan), on_host(grid, num, fmt))
                wide = self.make(library, widened(plan, 12))
                assert_identical(wide, on_host(grid, num, fmt))

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_random_grids(self, library, fmt):
        for grid in random_grids(9, 40):
            plan = planned(grid, 400_000, fmt)
            if plan is not None:
                assert_identical(self.make(library, plan), on_host(grid, 400_000, fmt))

    @pytest.mark.parametrize("num", [50, 10**6])
    def test_one_launch_and_no_waiting(self, library, num):
        if library != "torch":
            pytest.skip("only torch says what waits and what was launched")
        make = xspace.logspace
        options = {"dtype": torch.float64, "device": "cuda", "xp": torch}
        make(0, 1, num, **options)
        torch.cuda.set_sync_debug_mode("error")
        try:
            make(0.1, 3.7, num, **options)
        finally:
            torch.cuda.set_sync_debug_mode("default")
        torch.cuda.synchronize()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
            make(0.2, 3.7, num, **options)
            torch.cuda.synchronize()
        kind = torch.autograd.DeviceType.CUDA
        assert len([e for e in profile.events() if e.device_type == kind]) == 1

    @pytest.mark.parametrize("num", [50, 10**6])
    def test_in_a_graph(self, library, num):
        if library != "torch":
            pytest.skip("graphs are torch's")
        options = {"dtype": torch.float64, "device": "cuda", "xp": torch}
        xspace.logspace(0, 1, num, **options)  # compiles
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            x = xspace.logspace(0.1, 3.7, num, **options)
        for _ in range(2):
            x.zero_()
            graph.replay()
            assert_identical(x.cpu().numpy(), xspace.logspace(0.1, 3.7, num))


# The way to them.


class TestHook:
    def test_processors_have_no_fused_kernel(self):
        for xp in (np, torch):
            assert launcher(find_backend(xp, {}), None) is None

    def test_a_plan_and_a_dtype(self, monkeypatch):
        seen = []

        def make(plan, dtype, device):
            seen.append((plan, dtype))
            return torch.zeros(plan.num, dtype=dtype) if plan.num == 10 else None

        # On a GPU no memory is the host's.
        monkeypatch.setattr("xspace.functions.quick_elsewhere", lambda *_: None)
        for module in ("grids.produce", "call.samples"):
            monkeypatch.setattr(f"xspace.{module}.launcher", lambda backend, device: make)
        assert xspace.geomspace(-1, -2, 10, dtype=torch.float64, xp=torch).tolist() == [0] * 10
        assert seen == [(planned(("geomspace", -1, -2), 10, "float64"), torch.float64)]
        # What it does not make, and what has no plan, is made as always.
        assert xspace.linspace(0, 1, 3, xp=torch).tolist() == [0, 0.5, 1]
        assert xspace.linspace(0, 4, 5, dtype=torch.int64, xp=torch).tolist() == [0, 1, 2, 3, 4]
        assert len(seen) == 2


def test_the_benchmark_without_a_gpu(capsys, monkeypatch):
    from benchmarks import gpu

    monkeypatch.setattr(gpu, "libraries", lambda: ([], ["torch: torch finds no GPU"]))
    assert gpu.main([]) == 2
    assert "torch finds no GPU" in capsys.readouterr().err
