"""The kernels in CUDA C++ as functions of the host, and libraries that launch them there."""

from __future__ import annotations

import ctypes
import importlib
import subprocess
import sys
import types
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import torch

from xspace.engine.gpu.cupy_source import FILES, THREADS, source
from xspace.engine.gpu.kernels import Kernels
from xspace.engine.gpu.launches import Launch

HERE = Path(__file__).parent
#: What an array has behind its end, and what nobody may write to.
GUARD = 77

SETTLED = "RARELY u64 settled(const Grid &grid, u64 i) {\n"
COUNT = 'extern "C" {\nunsigned long long settled_count = 0;\n}\n'
POWER = """
extern "C" void half_power_words(const u64 *f, u64 *w) {
    Triple p = half_power(Triple{f[0], f[1], f[2]});
    w[0] = p.a, w[1] = p.b, w[2] = p.c;
}
"""
#: Wider rounding tests, so that many elements are left open: what takes the place of what.
WIDER = {
    "MARGIN = ONE << 40": "MARGIN = ONE << 63",
    "DELTA = 0x1p-73, NARROW_DELTA = 0x1p-46": "DELTA = 0x1p-60, NARROW_DELTA = 0x1p-33",
}
WIDER_SUMS = {"double, 0x1p-40)": "double, 0x1p-30)", "float, 1)": "float, 0x1p15)"}


class OnHost:
    """The kernels as compiled by g++, each of whose blocks runs in one thread of the host."""

    def __init__(self, folder: Path, options: list[str], *, wider: bool = False) -> None:
        self.wider, self.launched = wider, list[str]()
        self.libraries = {
            name: self._build(folder, name, options, wider) for name in sorted(set(FILES.values()))
        }

    @staticmethod
    def _build(folder: Path, name: str, options: list[str], wider: bool) -> ctypes.CDLL:
        text = source(name)
        changes = dict(WIDER) if wider else {}
        if name == "grids":
            changes |= WIDER_SUMS if wider else {}
            assert text.count(SETTLED) == 1
            text = text.replace(SETTLED, f"{SETTLED}    ++settled_count;\n") + POWER
        for narrow, wide in changes.items():
            assert text.count(narrow) == 1
            text = text.replace(narrow, wide)
        path, library = folder / f"{name}.cpp", folder / f"{name}.so"
        path.write_text(f'#include "{HERE / "cuda_on_host.h"}"\n{COUNT}{text}')
        command = ["g++", "-O2", "-std=c++17", "-shared", "-fPIC", "-Wall", "-Wextra"]
        done = subprocess.run(
            [*command, "-Wno-unknown-pragmas", *options, "-o", library, path],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert "warning" not in done.stderr, done.stderr
        return ctypes.CDLL(str(library))

    def run(self, launch: Launch, address: int, *, flushing: bool = False) -> None:
        self.call(launch.kernel, launch.blocks, THREADS, (address, *launch.words), flushing)

    def call(
        self, kernel: str, blocks: int, threads: int, words: tuple[int, ...], flushing: bool = False
    ) -> None:
        library = self.libraries[FILES[kernel]]
        function = ctypes.cast(getattr(library, kernel), ctypes.c_void_p)
        numbers = (ctypes.c_uint64 * len(words))(*words)
        apart = library.launch(function, blocks, threads, numbers, len(words), int(flushing))
        assert not apart, "some threads of a block are at a barrier, and others at the end"
        self.launched.append(kernel)

    @property
    def settled(self) -> int:
        """How many elements of powers were made in three words."""
        return ctypes.c_uint64.in_dll(self.libraries["grids"], "settled_count").value

    def half_power(self, f: int) -> int:
        words = (ctypes.c_uint64 * 3)(*(f >> k & 2**64 - 1 for k in (128, 64, 0)))
        result = (ctypes.c_uint64 * 3)()
        self.libraries["grids"].half_power_words(words, result)
        return result[0] << 128 | result[1] << 64 | result[2]


class NumpyKernels(Kernels):
    """Kernels whose memory is NumPy's."""

    def __init__(self, on_host: OnHost, blocks: int = 3) -> None:
        self.on_host, self.blocks, self.flushing = on_host, blocks, False

    def on(self, device: Any) -> Any:
        return nullcontext()

    def most_blocks(self) -> int:
        return self.blocks

    def empty(self, shape: tuple[int, ...], dtype: Any) -> Any:
        size = int(np.prod(shape))
        self.memory = np.full(size + 5, GUARD, dtype)
        return self.memory[:size].reshape(shape)

    def zeros(self, count: int) -> Any:
        return np.zeros(count, np.int64)

    def address(self, array: Any) -> int:
        return int(array.ctypes.data)

    def flat(self, array: Any, shape: tuple[int, ...]) -> tuple[str, Any]:
        return array.dtype.name, np.broadcast_to(array, shape).reshape(-1)

    def stride(self, array: Any) -> int:
        return int(array.strides[0])

    def read(self, array: Any) -> Any:
        return array

    def run(self, launch: Launch, address: int) -> bool:
        self.on_host.run(launch, address, flushing=self.flushing)
        assert (self.memory[-5:] == GUARD).all(), "written beyond the end"
        return True


class Array(np.ndarray):
    """An array whose memory has an address, as CuPy says it."""

    @property
    def data(self) -> Any:
        return types.SimpleNamespace(ptr=self.ctypes.data)


class StandIn(types.ModuleType):
    """As much of CuPy as its kernels use."""

    def __init__(self, on_host: OnHost) -> None:
        super().__init__("cupy")
        self.on_host, self.works, self.options = on_host, True, set()
        self.cuda = types.SimpleNamespace(Device=self.device)
        self.broadcast_to = lambda array, shape: np.broadcast_to(array, shape, subok=True)
        self.asnumpy = np.asarray

    def empty(self, shape: Any, dtype: Any) -> Any:
        return np.empty(shape, dtype).view(Array)

    def zeros(self, count: int, dtype: Any) -> Any:
        return np.zeros(count, dtype).view(Array)

    def device(self, number: int = 0) -> Any:
        return types.SimpleNamespace(id=number, attributes={"MultiProcessorCount": 2})

    def RawModule(self, code: str, options: tuple[str, ...]) -> Any:
        assert code in map(source, set(FILES.values()))
        self.options.add(options)
        return types.SimpleNamespace(get_function=self.function)

    def function(self, name: str) -> Any:
        def kernel(grid: tuple[int], block: tuple[int], words: tuple[Any, ...]) -> None:
            assert {type(word) for word in words} == {np.uint64}
            self.on_host.call(name, *grid, *block, tuple(map(int, words)))

        def compiled() -> None:
            if not self.works:
                raise RuntimeError("no compiler")

        kernel.compile = compiled  # type: ignore[attr-defined]
        return kernel


class Driver:
    """As much of CUDA's driver as `torch_launch` uses, in the host's memory."""

    def __init__(self, on_host: OnHost) -> None:
        self.on_host, self.streams = on_host, set()

    def cuModuleLoadData(self, code: bytes) -> tuple[Any, ...]:
        return types.SimpleNamespace(value=0), code

    def cuModuleGetFunction(self, module: Any, name: bytes) -> tuple[Any, ...]:
        return types.SimpleNamespace(value=0), name.decode()

    def cuLaunchKernel(self, name: str, *numbers: int) -> tuple[Any, ...]:
        *grid, memory, stream, pointers, extra = numbers
        assert (grid[1:3], grid[4:], memory, extra) == ([1, 1], [1, 1], 0, 0)
        self.streams.add(stream)
        count = {"powers": 14, "sums": 11, "lanes": 21}[name.partition("_")[0]]
        places = (ctypes.c_void_p * count).from_address(pointers)
        words = tuple(ctypes.c_uint64.from_address(place).value for place in places)
        self.on_host.call(name, grid[0], grid[3], words)
        return (types.SimpleNamespace(value=0),)


class Nvrtc:
    """NVIDIA's compiler as `cuda.bindings.nvrtc` has it, from the package of the compiler alone.

    PyTorch's builds for CUDA ask for versions of `cuda.bindings` of their own.
    """

    def __init__(self, path: Path) -> None:
        self.functions = ctypes.CDLL(str(path))

    def _answer(self, name: str, *arguments: Any) -> Any:
        return types.SimpleNamespace(value=getattr(self.functions, name)(*arguments), name=name)

    def _size(self, name: str, program: Any) -> tuple[Any, int]:
        size = ctypes.c_size_t()
        return self._answer(name, program, ctypes.byref(size)), size.value

    def _fill(self, name: str, program: Any, memory: bytearray) -> tuple[Any]:
        place = (ctypes.c_char * len(memory)).from_buffer(memory)
        return (self._answer(name, program, place),)

    def nvrtcGetSupportedArchs(self) -> tuple[Any, list[int]]:
        count = ctypes.c_int()
        self._answer("nvrtcGetNumSupportedArchs", ctypes.byref(count))
        found = (ctypes.c_int * count.value)()
        return self._answer("nvrtcGetSupportedArchs", found), list(found)

    def nvrtcCreateProgram(
        self, text: bytes, name: bytes, count: int, headers: list[bytes], names: list[bytes]
    ) -> tuple[Any, Any]:
        assert (count, headers, names) == (0, [], [])
        program = ctypes.c_void_p()
        place = ctypes.byref(program)
        return self._answer("nvrtcCreateProgram", place, text, name, 0, None, None), program

    def nvrtcCompileProgram(self, program: Any, count: int, options: list[bytes]) -> tuple[Any]:
        texts = (ctypes.c_char_p * count)(*options)
        return (self._answer("nvrtcCompileProgram", program, count, texts),)

    def nvrtcGetCUBINSize(self, program: Any) -> tuple[Any, int]:
        return self._size("nvrtcGetCUBINSize", program)

    def nvrtcGetCUBIN(self, program: Any, memory: bytearray) -> tuple[Any]:
        return self._fill("nvrtcGetCUBIN", program, memory)

    def nvrtcGetPTXSize(self, program: Any) -> tuple[Any, int]:
        return self._size("nvrtcGetPTXSize", program)

    def nvrtcGetPTX(self, program: Any, memory: bytearray) -> tuple[Any]:
        return self._fill("nvrtcGetPTX", program, memory)

    def log(self, program: Any) -> bytes:
        """What the compiler says."""
        memory = bytearray(self._size("nvrtcGetProgramLogSize", program)[1])
        self._fill("nvrtcGetProgramLog", program, memory)
        return bytes(memory).strip(b"\0\n ")

    def nvrtcDestroyProgram(self, program: Any) -> tuple[Any]:
        return (self._answer("nvrtcDestroyProgram", ctypes.byref(program)),)


def torch_kernels(monkeypatch: Any, nvrtc: Any = None) -> Any:
    """The module `torch_launch`, with stand-ins for what it imports beside PyTorch."""
    bindings = types.ModuleType("cuda.bindings")
    bindings.driver, bindings.nvrtc = None, nvrtc  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cuda", types.ModuleType("cuda"))
    monkeypatch.setitem(sys.modules, "cuda.bindings", bindings)
    name = "xspace.engine.gpu.torch_launch"
    monkeypatch.setitem(sys.modules, name, None)  # so that it is gone when the test ends
    del sys.modules[name]
    return importlib.import_module(name)


def run_torch_on_host(monkeypatch: Any, kernels: Any, on_host: OnHost) -> Driver:
    """Let `torch_launch` take the host's memory and processor for those of a GPU."""
    driver = Driver(on_host)
    stream = types.SimpleNamespace(cuda_stream=12345)
    properties = types.SimpleNamespace(multi_processor_count=2)
    for name, value in {
        "device": lambda device: nullcontext(),
        "current_device": lambda: 0,
        "is_current_stream_capturing": lambda: False,
        "get_device_capability": lambda device: (9, 0),
        "get_device_properties": lambda device: properties,
        "current_stream": lambda: stream,
    }.items():
        monkeypatch.setattr(torch.cuda, name, value)
    monkeypatch.setattr(kernels, "driver", driver)
    monkeypatch.setattr(kernels, "compiled", lambda name, capability: b"")
    monkeypatch.setattr(kernels, "_CUDA", "cpu")
    return driver
