"""The tests of `low_pass`: the same ones on every array library that is installed."""

import importlib

import numpy as np
import pytest
from low_pass import low_pass

import xspace
from xspace.testing import assert_identical, ulp_distance


@pytest.fixture(params=["numpy", "torch", "jax.numpy", "array_api_strict"])
def xp(request):
    """An array library."""
    package = request.param.partition(".")[0]
    pytest.importorskip(package, reason=f"{package} is not installed")
    return importlib.import_module(request.param)


def test_the_decades_are_met(xp):
    frequencies, _ = low_pass(1, 1e6, 7, 1e3, xp=xp, dtype=xp.float32)
    decades = np.asarray([1, 10, 100, 1e3, 1e4, 1e5, 1e6], dtype=np.float32)
    assert_identical(frequencies, decades)


def test_half_the_power_passes_at_the_corner(xp):
    _, power = low_pass(1, 1e6, 7, 1e3, xp=xp, dtype=xp.float32)
    assert float(power[3]) == 0.5


def test_every_library_has_the_same_frequencies(xp):
    ours, _ = low_pass(20, 20_000, 1000, 440, xp=xp, dtype=xp.float32)
    reference, _ = low_pass(20, 20_000, 1000, 440, dtype=np.float32)
    assert_identical(ours, reference)


def test_the_power_is_nearly_the_same(xp):
    """Divisions and products may be fused, so here a few last bits are allowed."""
    _, ours = low_pass(20, 20_000, 1000, 440, xp=xp, dtype=xp.float32)
    _, reference = low_pass(20, 20_000, 1000, 440, dtype=np.float32)
    assert ulp_distance(ours, reference).max() <= 8


def test_a_finer_grid_contains_the_coarser_one(xp):
    coarse, _ = low_pass(20, 20_000, 11, 440, xp=xp)
    fine, _ = low_pass(20, 20_000, 21, 440, xp=xp)
    assert_identical(fine[::2], coarse)


def test_many_filters_at_once():
    first, corner = np.asarray([1.0, 20.0]), np.asarray([10.0, 440.0])
    frequencies, power = low_pass(first, 20_000, 50, corner)
    for lane in range(2):
        alone = low_pass(float(first[lane]), 20_000, 50, float(corner[lane]))
        assert_identical(np.ascontiguousarray(frequencies[:, lane]), alone[0])
        assert_identical(np.ascontiguousarray(power[:, lane]), alone[1])


def test_a_compiled_function_has_the_same_frequencies():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    compiled = jax.jit(lambda last: low_pass(20, last, 100, 440)[0])
    eager = xspace.geomspace(20, jax.numpy.float32(20_000), 100)
    assert_identical(compiled(jax.numpy.float32(20_000)), eager)
