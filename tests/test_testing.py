"""`xspace.testing`: what it tells apart, and what it says."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xspace.testing import assert_identical, ulp_distance

FAR = 2**64 - 1


def on_torch(values, dtype="float64"):
    torch = pytest.importorskip("torch")
    return torch.tensor(values, dtype=getattr(torch, dtype))


def on_jax(values, dtype="float32"):
    jnp = pytest.importorskip("jax.numpy")
    return jnp.asarray(values, dtype=dtype)


def on_strict(values, dtype="float64", device="CPU_DEVICE"):
    xp = pytest.importorskip("array_api_strict")
    return xp.asarray(values, dtype=getattr(xp, dtype), device=xp.Device(device))


class TestUlpDistance:
    @pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
    def test_neighbours(self, dtype):
        values = np.asarray([1.0, 1.5, -2.0, 0.0, 3e-8], dtype=dtype)
        up = np.nextafter(values, np.asarray(np.inf, dtype=dtype))
        assert ulp_distance(values, up).tolist() == [1] * 5
        assert ulp_distance(up, values).tolist() == [1] * 5

    @given(st.floats(width=32, allow_nan=False), st.integers(-50, 50))
    def test_counts_steps(self, value, steps):
        start = end = np.float32(value)
        taken = 0
        for _ in range(abs(steps)):
            with np.errstate(over="ignore"):
                following = np.nextafter(end, np.float32(math.copysign(math.inf, steps)))
            taken += int(following != end)  # there is nothing beyond infinity
            end = following
        assert ulp_distance(start, end) == taken

    def test_signed_zeros_are_one_number(self):
        assert ulp_distance(np.asarray([0.0, -0.0]), np.asarray([-0.0, -0.0])).tolist() == [0, 0]

    def test_across_zero(self):
        tiny = 5e-324
        assert ulp_distance(np.asarray([-tiny]), np.asarray([3 * tiny])).tolist() == [4]

    def test_infinity_follows_the_largest_number(self):
        largest = np.finfo(np.float64).max
        assert ulp_distance(np.asarray([largest]), np.asarray([np.inf])).tolist() == [1]

    def test_the_farthest_numbers(self):
        distance = ulp_distance(np.asarray([-np.inf]), np.asarray([np.inf]))
        assert distance.dtype == np.uint64
        assert distance.tolist() == [2 * (0x7FF << 52)]

    def test_nan(self):
        a = np.asarray([math.nan, math.nan, 1.0, -math.inf])
        b = np.asarray([-math.nan, 1.0, math.nan, math.nan])
        assert ulp_distance(a, b).tolist() == [0, FAR, FAR, FAR]

    def test_shape_is_kept(self):
        assert ulp_distance(np.zeros((2, 0, 3)), np.zeros((2, 0, 3))).shape == (2, 0, 3)
        assert ulp_distance(np.float64(1), np.asarray(1.0)).shape == ()

    def test_byte_order_does_not_matter(self):
        assert ulp_distance(np.asarray([1.0], dtype=">f8"), np.asarray([1.0])).tolist() == [0]

    def test_torch_bfloat16(self):
        a = on_torch([1.0, 256.0, -1.0, math.nan], "bfloat16")
        b = on_torch([1.0078125, 256.0, -1.015625, math.nan], "bfloat16")
        assert ulp_distance(a, b).tolist() == [1, 0, 2, 0]

    def test_bfloat16_of_two_libraries(self):
        a, b = on_torch([1.0, 3.0], "bfloat16"), on_jax([1.0078125, 3.0], "bfloat16")
        assert ulp_distance(a, b).tolist() == [1, 0]

    def test_a_tensor_with_a_gradient(self):
        a = on_torch([1.0]).requires_grad_()
        assert ulp_distance(a, np.asarray([1.0])).tolist() == [0]

    @pytest.mark.parametrize("device", ["CPU_DEVICE", "device1"])
    def test_strict(self, device):
        a = on_strict([1.0, 2.0], device=device)
        assert ulp_distance(a, np.asarray([1.0, 1.0])).tolist() == [0, 1 << 52]

    @pytest.mark.parametrize(
        ("a", "b", "error", "message"),
        [
            (np.zeros(2), np.zeros(3), ValueError, r"got \(2,\), wanted \(3,\)"),
            (np.zeros(2), np.zeros(2, np.float32), ValueError, "got float64, wanted float32"),
            (np.zeros(2, int), np.zeros(2, int), TypeError, "not int64"),
            (np.zeros(2, bool), np.zeros(2, bool), TypeError, "bool"),
            ([0.0], np.zeros(1), TypeError, "expected an array, not list"),
        ],
    )
    def test_what_cannot_be_compared(self, a, b, error, message):
        with pytest.raises(error, match=message):
            ulp_distance(a, b)


class TestAssertIdentical:
    @pytest.mark.parametrize("make", [on_torch, on_strict])
    def test_same_values_elsewhere(self, make):
        values = [0.1, -0.0, math.inf, 5e-324, math.nan]
        assert_identical(make(values), np.asarray(values))

    def test_jax(self):
        assert_identical(on_jax([0.1, -0.0]), np.asarray([0.1, -0.0], dtype=np.float32))

    def test_bfloat16(self):
        assert_identical(on_torch([0.1], "bfloat16"), on_jax([0.1], "bfloat16"))

    def test_integers(self):
        assert_identical(on_torch([1, 2], "int64"), np.asarray([1, 2], dtype=np.int64))
        with pytest.raises(AssertionError) as caught:
            assert_identical(np.asarray([1, 7]), np.asarray([1, 8]))
        assert str(caught.value) == (
            "1 of 2 elements differ (int64)\n  [1]: got 0x7 (7), wanted 0x8 (8)"
        )

    def test_nan_equals_nan_whatever_its_bits(self):
        nans = np.asarray([0x7FF8 << 48, 0xFFF8 << 48, (0x7FF8 << 48) + 5], dtype=np.uint64)
        assert_identical(nans.view(np.float64), np.full(3, np.nan))

    def test_one_flipped_bit(self):
        wanted = np.linspace(1, 2, 24).reshape(2, 3, 4)
        got = wanted.copy()
        got.view(np.uint64)[1, 2, 0] ^= 1
        with pytest.raises(AssertionError) as caught:
            assert_identical(got, wanted, err_msg="grid of 24")
        assert str(caught.value).splitlines() == [
            "grid of 24",
            "1 of 24 elements differ (float64, at most 1 ulp)",
            f"  [1, 2, 0]: got {float(got[1, 2, 0]).hex()} ({float(got[1, 2, 0])!r}), "
            f"wanted {float(wanted[1, 2, 0]).hex()} ({float(wanted[1, 2, 0])!r}), 1 ulp",
        ]

    def test_the_sign_of_zero(self):
        with pytest.raises(AssertionError, match=r"\[0\]: got -0x0.0p\+0 \(-0.0\), wanted 0x0.0p"):
            assert_identical(np.asarray([-0.0]), np.asarray([0.0]))

    def test_nan_differs_from_a_number(self):
        with pytest.raises(AssertionError, match="NaN against a number"):
            assert_identical(np.asarray([math.nan]), np.asarray([1.0]))

    def test_a_long_list_is_cut(self):
        with pytest.raises(AssertionError) as caught:
            assert_identical(np.zeros(1000), np.ones(1000))
        lines = str(caught.value).splitlines()
        assert lines[0].startswith("1000 of 1000 elements differ")
        assert lines[-1] == "  and 995 more"
        assert len(lines) == 7

    def test_dtype(self):
        with pytest.raises(AssertionError, match="dtypes differ: got float32, wanted float64"):
            assert_identical(np.zeros(2, np.float32), np.zeros(2))

    def test_shape(self):
        with pytest.raises(AssertionError, match=r"shapes differ: got \(2,\), wanted \(2, 1\)"):
            assert_identical(np.zeros(2), np.zeros((2, 1)))

    def test_namespace(self):
        a = on_torch([1.0])
        assert_identical(a, a, check_namespace=True)
        with pytest.raises(AssertionError, match="got an array of torch, wanted numpy"):
            assert_identical(a, np.asarray([1.0]), check_namespace=True)

    @pytest.mark.parametrize("wrong", [[1.0], 1.0, None, "1.0"])
    def test_not_an_array(self, wrong):
        with pytest.raises(TypeError, match="expected an array"):
            assert_identical(np.asarray([1.0]), wrong)
