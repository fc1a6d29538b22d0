"""Each library: its dtypes, devices, defaults and errors, and grids made on a device.

That the bits are the same everywhere is what the conformance suite checks.
"""

from __future__ import annotations

import array_api_strict as strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from xspace import arange, geomspace, linspace, logspace
from xspace.exact.rounding import FORMATS
from xspace.libraries import find_backend
from xspace.testing import assert_identical

FUNCTIONS = [linspace, logspace, geomspace]


@pytest.fixture
def x64():
    with jax.enable_x64(True):
        yield


class TestNamespace:
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_is_that_of_the_arrays(self, function):
        assert isinstance(function(torch.tensor(1.0), 2, 3), torch.Tensor)
        assert isinstance(function(1, jnp.asarray(2.0), 3), jax.Array)
        assert type(function(strict.asarray(1.0), 2, 3)) is type(strict.asarray(1.0))
        assert type(function(np.array(1.0), 2, 3)) is np.ndarray

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_arrays_of_two_libraries(self, function):
        words = "start and stop belong to two array libraries, torch and numpy"
        with pytest.raises(TypeError, match=words):
            function(torch.tensor(1.0), np.array(2.0))
        with pytest.raises(TypeError, match=r"xp and stop belong .* torch and jax.numpy"):
            function(1, jnp.asarray(2.0), xp=torch)

    def test_numpy_scalars_belong_to_no_library(self):
        assert isinstance(linspace(np.float64(1), torch.tensor(2.0), 3), torch.Tensor)
        assert linspace(np.float64(0), 1, 3, xp=torch).dtype == torch.float32

    def test_one_library_has_one_backend(self):
        import array_api_compat.numpy
        import array_api_compat.torch

        assert find_backend(array_api_compat.torch, {}) is find_backend(torch, {})
        assert find_backend(array_api_compat.numpy, {}) is find_backend(None, {})


class TestTorch:
    def test_default_dtype(self):
        assert linspace(0, 1, 3, xp=torch).dtype == torch.float32
        torch.set_default_dtype(torch.float64)
        try:
            assert linspace(0, 1, 3, xp=torch).dtype == torch.float64
        finally:
            torch.set_default_dtype(torch.float32)

    def test_dtype_of_arrays(self):
        half, double = torch.tensor(1.0).half(), torch.tensor(2.0).double()
        assert linspace(half, 2, 3).dtype == torch.float16
        assert linspace(half, double, 3).dtype == torch.float64
        assert linspace(torch.tensor(1), 2, 3).dtype == torch.float32
        assert linspace(half.bfloat16(), half, 3).dtype == torch.float32

    def test_pythons_types_as_torch_reads_them(self):
        assert linspace(0, 1, 3, dtype=float, xp=torch).dtype == torch.float64
        assert linspace(0, 2, 3, dtype=int, xp=torch).dtype == torch.int64

    @pytest.mark.parametrize("dtype", ["float32", np.float32, torch.bool, torch.complex32])
    def test_wrong_dtypes(self, dtype):
        with pytest.raises(TypeError, match="dtype"):
            linspace(0, 1, 3, dtype=dtype, xp=torch)

    def test_wrong_devices(self):
        with pytest.raises(RuntimeError):
            linspace(0, 1, 3, device="nowhere", xp=torch)


class TestJax:
    def test_default_dtype(self, x64):
        assert logspace(0, 1, 3, xp=jnp).dtype == np.float64
        with jax.enable_x64(False):
            assert logspace(0, 1, 3, xp=jnp).dtype == np.float32

    def test_no_64_bits(self):
        with jax.enable_x64(False):
            for dtype in (jnp.float64, "float64", np.int64):
                with pytest.raises(ValueError, match="64 is not available in jax"):
                    logspace(0, 1, 3, dtype=dtype, xp=jnp)
            assert logspace(0, 1, 3, dtype=float, xp=jnp).dtype == np.float32

    def test_devices(self):
        device = jax.devices()[0]
        assert logspace(0, 1, 3, device=device, xp=jnp).device == device
        with pytest.raises(TypeError, match=r"device must be a jax.Device or a Sharding"):
            logspace(0, 1, 3, device="cpu", xp=jnp)

    def test_subnormal_numbers_are_kept(self, x64):
        x = logspace(-320, -310, 11, xp=jnp)
        assert np.asarray(x).tolist() == [float(f"1e{k}") for k in range(-320, -309)]


class TestDask:
    @pytest.mark.parametrize("num", [5, 100_000])
    def test_grids(self, num):
        import dask.array as da

        for function in FUNCTIONS:
            x = function(1, 3, num, xp=da)
            assert isinstance(x, da.Array)
            assert_identical(x.compute(), function(1, 3, num))
        assert linspace(0, 1, 3, dtype=np.float32, xp=da).compute().dtype == np.float32


class TestStrict:
    @pytest.mark.parametrize("function", FUNCTIONS)
    @pytest.mark.parametrize("num", [3, 70_000])
    def test_devices(self, function, num):
        device = strict.Device("device1")
        x = function(1, 2, num, device=device, xp=strict)
        assert x.device == device
        there = strict.asarray(1.0, device=device)
        assert function(there, 2, num).device == device

    def test_no_data_dependent_shapes(self):
        """The elements in doubt could not be picked on the device."""
        with strict.ArrayAPIStrictFlags(boolean_indexing=False, data_dependent_shapes=False):
            for function in FUNCTIONS:
                x = function(0.3, 20.3, 100_000, xp=strict)
                assert_identical(x, function(0.3, 20.3, 100_000))

    def test_two_devices(self):
        a = strict.asarray(1.0, device=strict.Device("device1"))
        with pytest.raises(ValueError, match=r"start is on .* and stop on .*: wanted one device"):
            linspace(a, strict.asarray(2.0))

    def test_wrong_devices(self):
        with pytest.raises(ValueError, match="nowhere"):
            linspace(0, 1, xp=strict, device="nowhere")

    @pytest.mark.parametrize("dtype", [strict.bool, "float32", float])
    def test_wrong_dtypes(self, dtype):
        with pytest.raises((TypeError, ValueError), match="dtype"):  # ours, or the library's own
            linspace(0, 1, xp=strict, dtype=dtype)


#: Plain grids that a device makes itself, and grids that it has to leave to the host.
LARGE = [
    (linspace, 0.1, 3.7),
    (linspace, -1, 1),
    (linspace, 2**53, 2**53 + 200_000),
    (linspace, 1e-310, 1e-300),
    (logspace, 0.1, 3.7),
    (logspace, 37, -44),
    (logspace, -320, 300),
    (geomspace, -0.001, -1e7),
]


class TestOnDevice:
    """Libraries that share memory with the host are made to go without it here."""

    @pytest.fixture(params=["strict", "torch", "jax"])
    def xp(self, request, monkeypatch, x64):
        xp = {"strict": strict, "torch": torch, "jax": jnp}[request.param]
        backend = find_backend(xp, {})
        monkeypatch.setattr(type(backend), "makes_on_host", lambda self, device: False)
        return xp

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize(("function", "start", "stop"), LARGE)
    def test_the_bits_of_the_host(self, xp, function, start, stop, dtype):
        got = function(start, stop, 100_003, dtype=getattr(xp, dtype), xp=xp)
        assert_identical(got, function(start, stop, 100_003, dtype=dtype))

    def test_several_blocks(self, xp, monkeypatch):
        from xspace.engine import device

        monkeypatch.setattr(device, "DEVICE_BLOCK", 3 * 4096)
        for function, start, stop in LARGE:
            got = function(start, stop, 70_001, dtype=xp.float64, xp=xp)
            assert_identical(got, function(start, stop, 70_001))

    def test_flagged_elements_are_replaced(self, xp, monkeypatch):
        """With a test so wide that it flags one element in thousands, they come out right."""
        from xspace.engine import device

        monkeypatch.setattr(device, "DELTA", 2.0**-64)
        got = logspace(0.1, 3.7, 70_000, dtype=xp.float64, xp=xp)
        assert_identical(got, logspace(0.1, 3.7, 70_000))

    def test_no_shortcut_to_the_host(self, xp, monkeypatch):
        from xspace.engine import fill as filling

        def refuse(*_):
            raise AssertionError("made on the host")

        monkeypatch.setattr(filling, "fill", refuse)
        logspace(0.1, 3.7, 70_000, dtype=xp.float64, xp=xp)
        linspace(0.1, 3.7, 70_000, dtype=xp.float64, xp=xp)


def gpu_namespaces():
    """The libraries that could use a GPU here, each with a reason if it cannot."""
    cases = []
    reason = "" if torch.cuda.is_available() else "torch finds no GPU"
    skip = pytest.mark.skipif(bool(reason), reason=reason)
    cases.append(pytest.param("torch", marks=skip, id="torch"))
    try:
        import cupy

        reason = "" if cupy.cuda.runtime.getDeviceCount() else "cupy finds no GPU"
    except ImportError:
        reason = "no GPU library: cupy is not installed"
    except Exception as error:  # cupy's own errors, where there is no driver
        reason = f"cupy finds no GPU: {error}"
    skip = pytest.mark.skipif(bool(reason), reason=reason)
    cases.append(pytest.param("cupy", marks=skip, id="cupy"))
    return cases


@pytest.mark.parametrize("library", gpu_namespaces())
@pytest.mark.parametrize("name", ["float64", "float32", "float16", "int64"])
@pytest.mark.parametrize(("function", "start", "stop"), LARGE)
def test_gpu(library, name, function, start, stop):
    import importlib

    xp = importlib.import_module(library)
    device = "cuda" if library == "torch" else None
    if name == "int64":
        start, stop = max(start, 1), min(max(stop, 1), 15)
    for num in (50, 1_000_003):
        got = function(start, stop, num, dtype=getattr(xp, name), device=device, xp=xp)
        assert_identical(got, function(start, stop, num, dtype=name))


def test_every_format_has_a_home():
    """torch has all formats; a format is not lost by a slip in the tables."""
    for name in FORMATS:
        x = linspace(0, 4, 5, dtype=getattr(torch, name), xp=torch)
        assert x.dtype == getattr(torch, name)
        assert [float(v) for v in x] == [0, 1, 2, 3, 4]


class TestMemoryThatJaxTakesOver:
    def test_nothing_is_copied_on_the_cpu(self, monkeypatch):
        backend, taken = find_backend(jnp, {}), []
        memory = backend.host_memory
        monkeypatch.setattr(
            backend, "host_memory", lambda *args: taken.append(memory(*args)) or taken[-1]
        )
        grid = logspace(-5, 5, 100_000, xp=jnp)
        if grid.devices() != {jax.devices("cpu")[0]}:
            pytest.skip("JAX puts arrays on another device")
        assert grid.unsafe_buffer_pointer() == taken[0].__array_interface__["data"][0]
        assert_identical(grid, logspace(-5, 5, 100_000, dtype=str(grid.dtype)))

    def test_what_becomes_of_it_is_jax_business(self):
        """Donated, dropped and made anew, with other arrays in between."""
        want = logspace(-5, 5, 50_001, dtype=np.float32)
        doubled = jax.jit(lambda x: 2 * x, donate_argnums=0)
        kept = [logspace(-5, 5, 50_001, xp=jnp, dtype=jnp.float32) for _ in range(5)]
        for _ in range(20):
            grid = logspace(-5, 5, 50_001, xp=jnp, dtype=jnp.float32)
            assert_identical(doubled(grid), 2 * want)
            np.full(50_001, 7, np.float32)
        for grid in kept:
            assert_identical(grid, want)
            assert not np.asarray(grid).flags.writeable


def test_a_dtype_that_cannot_be_hashed():
    for xp in (np, torch, jnp):
        with pytest.raises(TypeError, match="dtype"):
            arange(3, dtype=[], xp=xp)


@pytest.mark.parametrize("layout", ["sparse_coo", "sparse_csr"])
@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta:UserWarning")
def test_a_sparse_tensor_is_no_end(layout):
    ends = torch.eye(2).to_sparse(layout=getattr(torch, layout))
    with pytest.raises(TypeError, match=rf"start must be a dense tensor.*torch\.{layout}"):
        linspace(ends, 2, 3)
