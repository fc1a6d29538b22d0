"""The kernels in CUDA C++: as functions of the host, as compiled for GPUs, and on a GPU.

Their bits are compared with MPFR, and with those of the host, which makes grids by other loops.
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import re
import shutil
import subprocess
import sys
import types
from fractions import Fraction
from pathlib import Path

import gmpy2
import numpy as np
import pytest
import torch
from engine_calls import FLOATS as FLOAT_FORMATS
from engine_calls import INTEGERS, calls, lane_calls
from gpu_grids import FLOATS, GRIDS, NUMS, gpu_libraries, line_of, on_host, random_grids, right
from gpu_on_host import (
    NumpyKernels,
    Nvrtc,
    OnHost,
    StandIn,
    run_torch_on_host,
    torch_kernels,
)

import xspace
from xspace.engine.gpu import launch, launches
from xspace.engine.gpu.cupy_source import FILES, OPTIONS, source
from xspace.engine.gpu.launch import lanes_launcher, launcher
from xspace.engine.gpu.launches import Launch, grid_launch, scalar_end
from xspace.engine.narrow import host_dtype
from xspace.engine.native.filling import CODES
from xspace.exact.rounding import FORMATS
from xspace.grids.real import real_source
from xspace.grids.source import Line
from xspace.lanes.host import host_lanes
from xspace.lanes.plan import Plan
from xspace.libraries import find_backend
from xspace.libraries.scalars import is_array, read_scalar
from xspace.testing import assert_identical

FORMAT_NAMES = [*FLOAT_FORMATS, *INTEGERS]
#: Grids that are within every format.
RIGHT = [("linspace", 0.1, 3.7), ("logspace", 0.1, 2.3, 10.0), ("geomspace", 1, 200)]
#: How g++ may deal with products that are added: no bit depends on it.
FUSING = {
    "separate": ["-ffp-contract=off"],
    "fused": ["-ffp-contract=fast", "-march=native"],
    "many open": ["-ffp-contract=off"],
}


@pytest.fixture(scope="module", params=FUSING)
def cuda(request, tmp_path_factory):
    if shutil.which("g++") is None:
        pytest.skip("there is no g++")
    folder = tmp_path_factory.mktemp("cuda")
    return OnHost(folder, FUSING[request.param], wider=request.param == "many open")


@pytest.fixture
def kernels(cuda):
    return NumpyKernels(cuda)


def bits(array):
    return array.view(f"u{array.itemsize}")


def made(kernels, grid, num, fmt, endpoint=True):
    """The bits that a kernel makes, or None."""
    line, negative = line_of(grid, num, endpoint)
    array = kernels.make(line, FORMATS[fmt], negative, host_dtype(FORMATS[fmt]), None)
    return None if array is None else bits(array)


def expected(grid, num, fmt):
    """The bits that the host makes, or None where it raises an error."""
    try:
        return bits(on_host(grid, num, fmt))
    except OverflowError:
        return None


class TestGrids:
    @pytest.mark.parametrize("fmt", FLOATS)
    @pytest.mark.parametrize("grid", GRIDS, ids=str)
    def test_the_bits_of_the_host(self, kernels, grid, fmt):
        for num in NUMS:
            got = made(kernels, grid, num, fmt)
            assert got is not None
            assert np.array_equal(got, expected(grid, num, fmt))

    @pytest.mark.parametrize("fmt", FORMAT_NAMES)
    def test_every_format(self, kernels, fmt):
        for grid in GRIDS:
            for num in (1, 2, 50, 777):
                got, want = made(kernels, grid, num, fmt), expected(grid, num, fmt)
                assert (got is None) == (want is None)
                assert got is None or np.array_equal(got, want)

    @pytest.mark.parametrize("short", [0, 1 << 16], ids=["long", "short"])
    def test_calls(self, kernels, short, monkeypatch):
        """Of every size and kind, by the kernels of long grids and element by element.

        Every other one runs where float32 has no subnormal numbers.
        """
        monkeypatch.setattr(launches, "FUSED_ALONE", short)
        none, count = 0, 0
        for call in calls(11, 8):
            if call.function == "arange":
                continue
            ends = tuple(read_scalar("end", end) for end in call.ends)
            kind = call.function, ends, call.num, call.endpoint, FORMATS[call.dtype]
            grid = real_source(*kind)
            if not isinstance(grid, Line) or grid.zeros:
                continue
            kernels.flushing = bool(count % 2)
            dtype = host_dtype(grid.fmt)
            array = kernels.make(grid.line, grid.fmt, grid.negative, dtype, None)
            try:
                host = grid.make(range(call.num))
            except OverflowError:
                assert array is None
                continue
            count += array is not None
            none += array is None
            assert array is None or np.array_equal(bits(array), bits(host)), call
        assert count > 200
        assert none < 0.05 * count

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_random_grids(self, kernels, fmt):
        for grid in random_grids(7, 20):
            for num in (777, 66_000):
                got = made(kernels, grid, num, fmt)
                assert got is not None
                assert np.array_equal(got, expected(grid, num, fmt))

    @pytest.mark.parametrize("short", [0, 1 << 16], ids=["long", "short"])
    @pytest.mark.parametrize("fmt", ["float64", "float32", "float16", "bfloat16", "int32", "uint8"])
    @pytest.mark.parametrize("grid", RIGHT, ids=str)
    def test_against_mpfr(self, kernels, grid, fmt, short, monkeypatch):
        monkeypatch.setattr(launches, "FUSED_ALONE", short)
        assert np.array_equal(made(kernels, grid, 5000, fmt), right(grid, 5000, fmt))

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_any_number_of_blocks(self, cuda, fmt):
        grid, num = ("logspace", 0.1, 3.7, 10), 300_001
        for most in (1, 2, 7, 1000):
            got = made(NumpyKernels(cuda, most), grid, num, fmt)
            assert np.array_equal(got, expected(grid, num, fmt))

    def test_single_elements_in_steps(self, cuda, monkeypatch):
        monkeypatch.setattr(launches, "_MOST_BLOCKS", 2)
        for fmt in ("float16", "int64"):
            for grid in (GRIDS[0], ("geomspace", 1, 2**50)):
                got = made(NumpyKernels(cuda), grid, 5000, fmt)
                assert np.array_equal(got, expected(grid, 5000, fmt))

    def test_exact_cases(self, kernels, monkeypatch):
        """Powers that are midpoints of float64 go to even, and no integer is one too low."""
        for short in (0, 100):
            monkeypatch.setattr(launches, "FUSED_ALONE", short)
            for base in (10, 3, 7):  # 3**34 goes down and 7**19 up
                got = made(kernels, ("logspace", 0, 40, base), 41, "float64")
                assert got.view("f8").tolist() == [float(base**k) for k in range(41)]
        for base in (2, 3, 7, 10):
            most = max(k for k in range(64) if base**k < 2**63)
            got = made(kernels, ("logspace", 0, most, base), most + 1, "int64")
            assert got.tolist() == [base**k for k in range(most + 1)]
        for base in (3, 5, 7):  # down to 1, which logarithms that are not whole approach
            most = max(k for k in range(64) if base**k < 2**63)
            got = made(kernels, ("geomspace", base**most, 1), most + 1, "int64")
            assert got.tolist() == [base**k for k in reversed(range(most + 1))]
        got = made(kernels, ("geomspace", -1, -128), 8, "int8")
        assert got.view("i1").tolist() == [-(2**k) for k in range(8)]

    def test_next_to_a_power_of_two(self, kernels):
        """A place that is nearer to a whole number than words tell is that number."""
        full = (1 << 64) - 1
        for whole, power in ((0, 1), (5, 32), (62, 2**62)):
            start = ((whole - 1) & full, full, full, full, full)
            words = (CODES["int64"], 1, 0, *start, 0, 0, 0, 0, 0)
            out = kernels.empty((1,), np.int64)
            kernels.run(Launch("powers", 1, words), kernels.address(out))
            assert out.tolist() == [power]

    def test_how_many_are_settled(self, cuda):
        """In three words: none, most often, and more if the margin is wider."""
        cuda.launched.clear()
        before = cuda.settled
        made(NumpyKernels(cuda), ("logspace", 0.1, 3.7, 10), 50_000, "float64")
        assert cuda.launched == ["powers"]
        least, most = (10, 100) if cuda.wider else (0, 1)
        assert least <= cuda.settled - before < most

    def test_the_error_of_a_power(self, cuda):
        """Too low, by less than 90 units: at the ends, and where digits are all zeros or ones."""
        rng = random.Random(5)
        full = (1 << 192) - 1
        places = [0, 1, full, full - 1, 1 << 160, (1 << 160) - 1, full - (1 << 160)]
        places += [rng.getrandbits(192) for _ in range(2000)]
        places += [rng.getrandbits(192) & ~(0xFF << 8 * k) for k in range(24) for _ in range(20)]
        places += [rng.getrandbits(192) | 0xFF << 8 * k for k in range(24) for _ in range(20)]
        with gmpy2.context(precision=400):
            lost = [gmpy2.exp2(gmpy2.mpfr(f) / 2**192 + 191) - cuda.half_power(f) for f in places]
        assert all(0 <= x < 90 for x in lost)
        assert max(lost) > 5  # else this measures something else


class TestLaunches:
    def test_what_is_left_to_others(self):
        """Ends made to come near a midpoint, and too many bits."""
        close = Fraction(1, 10**300)
        for grid, fmt in [
            (("logspace", 23 - close, 24, 10), "float64"),
            (("logspace", 23, 24, 10 + close), "float64"),
            (("geomspace", 1 + Fraction(1, 2**53) + close, 2), "float64"),
            (("linspace", 1 + Fraction(1, 2**53) + close, 2), "float64"),
            (("linspace", 1e-300, 1), "float32"),
            (("linspace", 1e-30, 1), "float64"),
            (("logspace", 0, 1e300, 10), "float64"),
            (("logspace", 0, 3, 10), "int8"),
            (("geomspace", -1, -129), "int8"),
            (("linspace", -1, 2), "uint8"),
        ]:
            line, negative = line_of(grid, 100)
            assert grid_launch(line, FORMATS[fmt], negative, 3) is None
        line, negative = line_of(("linspace", 0, 1), 2**41)
        assert grid_launch(line, FORMATS["float64"], negative, 3) is None

    def test_small_sums_of_float32_are_made_alone(self):
        """As their sums in float32 may be flushed to zero."""
        for grid, kernel in {
            ("linspace", 0, 1): "sums_float32",
            ("linspace", -1e-36, 1e-36): "sums",
            ("linspace", 0, 1e38): "sums",
        }.items():
            line, negative = line_of(grid, 100_001)
            assert grid_launch(line, FORMATS["float32"], negative, 3).kernel == kernel

    def test_scalar_ends(self):
        for value in (0, 1, -3, 0.1, -5e-324, 1.7e308, 2**64 - 1, -(2**300), Fraction(5, 2**90)):
            kind, negative, man, expo = scalar_end(read_scalar("end", value))
            assert kind == 0
            expo -= expo >> 63 << 64
            assert (-1) ** negative * man * Fraction(2) ** (expo - 63) == Fraction(value)
            assert man >> 63 or man == 0
        assert scalar_end(read_scalar("end", -0.0)) == (0, 1, 0, 0)
        for value in (Fraction(1, 3), 2**64 + 1, float("inf"), float("nan")):
            assert scalar_end(read_scalar("end", value)) is None


def plan_of(caller, fmt, num, endpoint=True):
    target = types.SimpleNamespace(caller=caller, fmt=FORMATS[fmt], is_complex=False)
    return Plan(num, endpoint, target)


def lanes_of(call):
    """The ends of a call, and all else that there is of it."""
    names = ("start", "stop", "base")[: len(call.ends)]
    ends = {
        n: v if is_array(v) else read_scalar(n, v) for n, v in zip(names, call.ends, strict=True)
    }
    return ends, plan_of(call.function, call.dtype, call.num, call.endpoint)


class TestLanes:
    def test_calls(self, kernels):
        """Every element that is not left open is the host's; and few are open."""
        elements, open_, none = 0, 0, 0
        for call in lane_calls(5, 250):
            ends, plan = lanes_of(call)
            arrays = [v for v in ends.values() if is_array(v)]
            if not arrays or call.num * arrays[0].size > 20_000:
                continue
            shape, fmt = arrays[0].shape, plan.target.fmt
            kind = plan.num, plan.div, fmt, host_dtype(fmt), None
            found = kernels.make_lanes(call.function, ends, shape, *kind)
            try:
                want = host_lanes(plan, ends)
            except (OverflowError, ValueError):
                assert found is None or found[1].places.size or found[1].lanes.size
                continue
            if found is None:
                none += 1
                continue
            samples, left = found
            known = np.ones(samples.shape, np.bool_)
            known.reshape(-1)[left.places] = False
            known[:, left.lanes] = False
            assert np.array_equal(bits(samples)[known], bits(want)[known]), call
            elements += known.size
            open_ += int((~known).sum())
        assert elements > 50_000
        assert none < 20
        if not kernels.on_host.wider:
            assert open_ < elements / 20

    def test_chunks_of_samples(self, kernels, monkeypatch):
        """Few lanes with many samples are made by several threads each, each from its own start."""
        ends = {"start": np.array([1.0, 2.0, 5.0]), "stop": np.array([7.0, 1e-9, 1e200])}
        plan = plan_of("geomspace", "float64", 5000)
        want = host_lanes(plan, ends)
        for threads in (1, 7, 100, 1 << 18):
            monkeypatch.setattr(launches, "LANE_THREADS", threads)
            kind = 5000, plan.div, FORMATS["float64"], np.float64, None
            samples, left = kernels.make_lanes("geomspace", ends, (3,), *kind)
            assert left.lanes.size == 0
            samples.reshape(-1)[left.places] = want.reshape(-1)[left.places]
            assert left.places.size < 10 or kernels.on_host.wider
            assert np.array_equal(bits(samples), bits(want))

    def test_what_is_left(self, kernels):
        """Ends that are no numbers, signed zeros, and integers beyond the format."""
        nan, inf = float("nan"), float("inf")
        ends = {
            "start": np.array([1.0, nan, 1.0, -0.0, 0.0]),
            "stop": np.array([2.0, 2.0, inf, 1.0, 1.0]),
        }
        kind = 20, 19, FORMATS["float64"], np.float64, None
        _, left = kernels.make_lanes("linspace", ends, (5,), *kind)
        assert left.lanes.tolist() == [1, 2, 3]
        ends = {"start": np.array([1.0, 1.0]), "stop": np.array([100.0, 200.0])}
        kind = 4, 3, FORMATS["int8"], np.int8, None
        samples, left = kernels.make_lanes("linspace", ends, (2,), *kind)
        assert left.places.tolist() == [5, 7]
        assert samples[:, 0].tolist() == [1, 34, 67, 100]
        wanted = launches._MOST_ELEMENTS // 2
        assert kernels.make_lanes("linspace", ends, (2,), wanted, wanted, *kind[2:]) is None

    def test_more_than_there_is_room_for(self, kernels):
        """Left to the host as a whole."""
        ends = {"start": np.full(5000, np.nan), "stop": np.ones(5000)}
        kind = 2, 1, FORMATS["float64"], np.float64, None
        assert kernels.make_lanes("linspace", ends, (5000,), *kind) is None

    @pytest.mark.parametrize("dtype", ["float32", "int16", "uint64"])
    def test_arrays_of_ends(self, kernels, dtype):
        """Backwards, apart, and the same for all."""
        values = np.arange(1, 41).astype(dtype)
        for start in (values[::-1], np.repeat(values, 3)[::3], np.broadcast_to(values[:1], 40)):
            ends = {"start": start, "stop": read_scalar("stop", 2**60)}
            want = host_lanes(plan_of("geomspace", "int64", 9), ends)
            kind = 9, 8, FORMATS["int64"], np.int64, None
            samples, left = kernels.make_lanes("geomspace", ends, (40,), *kind)
            assert left.lanes.size == 0
            samples.reshape(-1)[left.places] = want.reshape(-1)[left.places]
            assert np.array_equal(samples, want)


class TestLibraries:
    """With stand-ins for what launches kernels."""

    def test_cupy(self, cuda, monkeypatch):
        stand_in = StandIn(cuda)
        monkeypatch.setitem(sys.modules, "cupy", stand_in)
        name = "xspace.engine.gpu.cupy_kernels"
        monkeypatch.delitem(sys.modules, name, raising=False)
        kernels = importlib.import_module(name).KERNELS
        module = sys.modules[name]
        monkeypatch.delitem(sys.modules, name)
        for fmt in (*FLOATS, "int16"):
            for num in (50, 200_001):
                line, negative = line_of(("logspace", 0.1, 3.7, 10), num)
                array = kernels.make(line, FORMATS[fmt], negative, np.dtype(fmt), None)
                assert_identical(np.asarray(array), on_host(("logspace", 0.1, 3.7, 10), num, fmt))
        ends = {"start": np.ones(3, np.float16).view(type(array)), "stop": read_scalar("stop", 9)}
        kind = 5, 4, FORMATS["float32"], np.dtype("float32"), None
        samples, left = kernels.make_lanes("linspace", ends, (3,), *kind)
        assert np.asarray(samples).tolist() == [[x] * 3 for x in (1, 3, 5, 7, 9)]
        assert not left.places.size
        assert stand_in.options == {OPTIONS}
        stand_in.works = False
        module._kernel.cache_clear()
        assert kernels.make(line, FORMATS[fmt], negative, np.dtype(fmt), None) is None

    def test_torch(self, cuda, monkeypatch):
        """By public calls: what is made where, and what is left open settled."""
        module = torch_kernels(monkeypatch)
        driver = run_torch_on_host(monkeypatch, module, cuda)
        backend = type(find_backend(torch, {}))
        monkeypatch.setitem(launch._MODULES, "torch", "torch_launch")
        launch._find.cache_clear()
        monkeypatch.setattr(backend, "runs_kernels", lambda *_: True)
        monkeypatch.setattr(backend, "makes_on_host", lambda *_: False)
        for name in ("functions.quick_elsewhere", "deferred.torch_lanes.samples_of_tensors"):
            monkeypatch.setattr(f"xspace.{name}", lambda *_: None)
        try:
            self.check_torch(cuda)
        finally:
            launch._find.cache_clear()
        assert driver.streams == {12345}

    @staticmethod
    def check_torch(cuda):
        def same(function, *ends, dtype=torch.float64, **options):
            cuda.launched.clear()
            got = getattr(xspace, function)(*ends, dtype=dtype, xp=torch, **options)
            kernels = list(cuda.launched)
            arrays = [end.numpy() if is_array(end) else end for end in ends]
            name = str(dtype).removeprefix("torch.")
            if name == "bfloat16":
                name = pytest.importorskip("ml_dtypes").bfloat16
            want = getattr(xspace, function)(*arrays, dtype=np.dtype(name), **options)
            assert got.dtype == dtype
            if dtype.is_floating_point:
                got, want = (
                    got.view(getattr(torch, f"int{8 * got.itemsize}")),
                    want.view(f"i{got.itemsize}"),
                )
            assert np.array_equal(got.numpy(), want)
            return kernels

        assert same("logspace", 0, 3, num=50) == ["powers"]
        assert same("geomspace", -1, -2, num=70_000, dtype=torch.float32) == ["powers_float32"]
        assert same("linspace", 0, 1, num=70_000) == ["sums_float64"]
        for dtype in (torch.float16, torch.bfloat16, torch.int8, torch.uint16, torch.int64):
            assert same("logspace", 0, 2, num=30, dtype=dtype) == ["powers"]
            assert same("linspace", 0, 100, num=30, dtype=dtype) == ["sums"]
            start = torch.tensor([[1.0, 2.0], [3.0, 5.0]], dtype=torch.float32)
            # The last of these are exact only as numbers of Python.
            for stop in (7, start + 60, Fraction(22, 7)):
                kernels = same("geomspace", start, stop, num=30, dtype=dtype, axis=-1)
                assert kernels == ([] if isinstance(stop, Fraction) else ["lanes"])
        # Midpoints, which are found, and lanes that are left to the host.
        ends = torch.tensor([1.0, -0.0, 2.0**53]), torch.tensor([2.0**53, 1.0, 2.0**53 + 2])
        ends = tuple(end.double() for end in ends)
        for dtype in (torch.float64, torch.float16, torch.bfloat16):
            assert same("linspace", *ends, num=3, dtype=dtype) == ["lanes"]
        with pytest.raises(OverflowError, match=r"element 2 is .* \(in lane \(1,\)\)"):
            xspace.linspace(0, torch.tensor([1.0, 300.0]), 3, dtype=torch.uint8)


# As compiled for GPUs.

#: Bytes that a kernel may keep in slow memory as registers do not suffice, and registers of a
#: thread, of which a multiprocessor has 65,536: long grids have three blocks of 256 threads there,
#: lanes two.
MOST_SPILLED, MOST_REGISTERS, MOST_OF_LANES = 16, 85, 128
CAPABILITIES = (75, 80, 86, 89, 90, 100, 120)


NVRTC, PTXAS = ("lib/libnvrtc.so.12", "bin/nvrtc64_120_0.dll"), ("bin/ptxas", "bin/ptxas.exe")


def nvidia(package, names):
    """A file of one of NVIDIA's packages, by its name on one system or another."""
    spec = importlib.util.find_spec("nvidia")
    folders = [Path(folder, package) for folder in spec.submodule_search_locations] if spec else []
    for place in (folder / name for folder in folders for name in names):
        if place.exists():
            return place
    return pytest.skip(f"the package nvidia-{package.replace('_', '-')}-cu12 is not installed")


class TestCompilers:
    @pytest.mark.parametrize("capability", CAPABILITIES)
    @pytest.mark.parametrize("name", sorted(set(FILES.values())))
    def test_nvrtc(self, name, capability, tmp_path):
        """All processors from compute capability 7.5 on; what the compiler says is nothing."""
        nvrtc, ptxas = Nvrtc(nvidia("cuda_nvrtc", NVRTC)), nvidia("cuda_nvcc", PTXAS)
        program = nvrtc.nvrtcCreateProgram(source(name).encode(), b"kernels.cu", 0, [], [])[1]
        options = [o.encode() for o in (*OPTIONS, f"--gpu-architecture=compute_{capability}")]
        (error,) = nvrtc.nvrtcCompileProgram(program, len(options), options)
        assert (error.value, nvrtc.log(program)) == (0, b"")
        text = bytearray(nvrtc.nvrtcGetPTXSize(program)[1])
        nvrtc.nvrtcGetPTX(program, text)
        nvrtc.nvrtcDestroyProgram(program)
        path = tmp_path / "kernels.ptx"
        path.write_bytes(text.rstrip(b"\0"))
        command = [ptxas, "-v", f"-arch=sm_{capability}", "-o", tmp_path / "kernels.cubin", path]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr, done.stderr
        found = set()
        for part in done.stderr.split("Compiling entry function ")[1:]:
            kernel = part.split("'")[1]
            found.add(kernel)
            most = MOST_OF_LANES if kernel == "lanes" else MOST_REGISTERS
            assert int(re.search(r"Used (\d+) registers", part)[1]) <= most, part
            spilled = re.findall(r"(\d+) bytes spill (?:stores|loads)", part)
            assert len(spilled) >= 2
            assert max(map(int, spilled)) <= MOST_SPILLED, part
        assert found == {kernel for kernel, file in FILES.items() if file == name}

    def test_as_torch_compiles_it(self, monkeypatch):
        """For a processor that the compiler knows, and for one that it does not."""
        module = torch_kernels(monkeypatch, Nvrtc(nvidia("cuda_nvrtc", NVRTC)))
        assert module.compiled("grids", 90).startswith(b"\x7fELF")
        assert module.compiled("grids", 999).lstrip().startswith(b"//")

    def test_nothing_is_included(self):
        for name in set(FILES.values()):
            assert not re.search(r'^\s*#\s*include\s+"', source(name), re.MULTILINE)


# On a GPU, where there is one.


MODULES = {"cupy": "cupy_kernels", "torch": "torch_launch", "triton": "torch_kernels"}


@pytest.mark.parametrize("library", gpu_libraries())
class TestGpu:
    @staticmethod
    def kernels(library):
        """The kernels, the library of their arrays, and the device."""
        kernels = importlib.import_module(f"xspace.engine.gpu.{MODULES[library]}").KERNELS
        xp = importlib.import_module("cupy" if library == "cupy" else "torch")
        return kernels, xp, None if library == "cupy" else "cuda"

    def make(self, library, grid, num, fmt):
        kernels, xp, device = self.kernels(library)
        line, negative = line_of(grid, num)
        array = kernels.make(line, FORMATS[fmt], negative, getattr(xp, fmt), device)
        assert array is not None, "the kernel does not compile"
        return array

    def same(self, library, grid, num, fmt):
        array = self.make(library, grid, num, fmt)
        if library != "cupy":
            array = array.cpu().view(getattr(torch, f"int{8 * array.itemsize}")).numpy()
        else:
            array = array.get()
        return np.array_equal(bits(array), expected(grid, num, fmt))

    @pytest.mark.parametrize("fmt", FORMAT_NAMES)
    def test_every_format(self, library, fmt):
        if (library == "triton" and fmt not in FLOATS) or (library, fmt) == ("cupy", "bfloat16"):
            pytest.skip(f"there is no {fmt} of {library}")
        for grid in GRIDS:
            for num in (*NUMS, 200_003):
                if expected(grid, num, fmt) is not None:
                    assert self.same(library, grid, num, fmt)

    @pytest.mark.parametrize("fmt", FLOATS)
    def test_random_grids(self, library, fmt):
        for grid in random_grids(9, 40):
            assert self.same(library, grid, 400_000, fmt)

    def test_lanes(self, library):
        """All that is not left open."""
        if library == "triton":
            pytest.skip("Triton makes no lanes")
        kernels, xp, device = self.kernels(library)
        count = 0
        for call in lane_calls(9, 300):
            ends, plan = lanes_of(call)
            arrays = [v for v in ends.values() if is_array(v)]
            if not arrays or call.dtype == "bfloat16":
                continue
            try:
                want = host_lanes(plan, ends)
            except (OverflowError, ValueError):
                continue
            place = {"device": device} if device else {}
            there = {
                n: xp.asarray(np.ascontiguousarray(v), **place) if is_array(v) else v
                for n, v in ends.items()
            }
            kind = plan.num, plan.div, plan.target.fmt, getattr(xp, call.dtype), device
            found = kernels.make_lanes(call.function, there, arrays[0].shape, *kind)
            if found is None:
                continue
            samples, left = found
            got = samples.cpu().numpy() if library == "torch" else samples.get()
            got = np.array(got).view(want.dtype)
            got.reshape(-1)[left.places] = want.reshape(-1)[left.places]
            got[:, left.lanes] = want[:, left.lanes]
            assert np.array_equal(bits(got), bits(want)), call
            count += 1
        assert count > 50

    @pytest.mark.parametrize("num", [50, 10**6])
    def test_one_launch_and_no_waiting(self, library, num):
        if library == "cupy":
            pytest.skip("only torch says what waits and what was launched")
        grid = ("logspace", 0.1, 3.7, 10.0)
        self.make(library, grid, num, "float64")
        torch.cuda.set_sync_debug_mode("error")
        try:
            self.make(library, grid, num, "float64")
        finally:
            torch.cuda.set_sync_debug_mode("default")
        torch.cuda.synchronize()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
            self.make(library, grid, num, "float64")
            torch.cuda.synchronize()
        kind = torch.autograd.DeviceType.CUDA
        assert len([e for e in profile.events() if e.device_type == kind]) == 1

    @pytest.mark.parametrize("num", [50, 10**6])
    def test_in_a_graph(self, library, num):
        """On the stream that is captured, which is another one than that of everyday."""
        if library == "cupy":
            pytest.skip("graphs are torch's")
        grid = ("logspace", 0.1, 3.7, 10.0)
        self.make(library, grid, num, "float64")  # compiles
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            x = self.make(library, grid, num, "float64")
        for _ in range(2):
            x.zero_()
            graph.replay()
            assert_identical(x.cpu().numpy(), xspace.logspace(0.1, 3.7, num))


# The way to them.


class TestHook:
    def test_processors_have_no_kernels(self):
        for xp in (np, torch):
            assert launcher(find_backend(xp, {}), None) is None
            assert lanes_launcher(find_backend(xp, {}), None) is None

    def test_a_line_and_a_dtype(self, monkeypatch):
        seen = []

        def make(line, fmt, negative, dtype, device):
            seen.append((line.num, fmt.name, negative, dtype))
            return torch.zeros(line.num, dtype=dtype) if line.num == 10 else None

        # On a GPU no memory is the host's.
        monkeypatch.setattr("xspace.functions.quick_elsewhere", lambda *_: None)
        for module in ("grids.produce", "call.samples"):
            monkeypatch.setattr(f"xspace.{module}.launcher", lambda backend, device: make)
        assert xspace.geomspace(-1, -2, 10, dtype=torch.float64, xp=torch).tolist() == [0] * 10
        assert seen == [(10, "float64", True, torch.float64)]
        # What it does not make is made as always, and what is no progression does not get there.
        assert xspace.linspace(0, 1, 3, xp=torch).tolist() == [0, 0.5, 1]
        assert xspace.linspace(0, 4, 5, dtype=torch.int64, xp=torch).tolist() == [0, 1, 2, 3, 4]
        assert xspace.linspace(-1, -0.0, 3, xp=torch).tolist() == [-1, -0.5, -0.0]
        assert len(seen) == 3


def test_the_benchmark_without_a_gpu(capsys, monkeypatch):
    from benchmarks import __main__, gpu

    monkeypatch.setattr(__main__, "ONE_THREAD", {})
    monkeypatch.setattr(gpu, "libraries", lambda: ([], ["torch: torch finds no GPU"]))
    assert __main__.main(["--gpu"]) == 2
    assert "torch finds no GPU" in capsys.readouterr().err
