"""The kernels in Triton without a GPU, by its interpreter, and their jobs.

Their bits are compared with those of the host's kernels, which are other code, and with MPFR.
"""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import gmpy2
import numpy as np
import pytest
from gpu_grids import FLOATS, GRIDS, line_of, on_host, random_grids, right

import xspace
from xspace.engine.gpu.fused import constants, job_of
from xspace.exact.progression import Arithmetic
from xspace.exact.rounding import FORMATS
from xspace.testing import assert_identical

HERE = Path(__file__).parent


def planned(grid, num, fmt):
    line, negative = line_of(grid, num)
    return job_of(line, FORMATS[fmt], negative=negative)


def widened(plan, bits):
    """A plan whose rounding test leaves ``2**bits`` times as many elements open."""
    if plan.kind == "powers" and plan.fmt == "float32":
        return plan._replace(width=min(plan.width << bits, 1 << 28))
    return plan._replace(width=plan.width + (bits << 52) if plan.width else 0)


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


class TestCompiler:
    """That Triton takes the source."""

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
