"""Derivatives of grids by their ends under every transformation, and complex ones against MPFR."""

from __future__ import annotations

import itertools

import gmpy2
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from covering import covering
from engines import choose
from gmpy2 import mpfr
from torch.autograd import forward_ad, gradcheck, gradgradcheck

import xspace
from xspace.exact.rounding import FORMATS
from xspace.grids.target import Target
from xspace.lanes.derivatives import host_derivative
from xspace.lanes.plan import Plan
from xspace.libraries import NUMPY

# Some transforms of torch script their own functions.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")

FIRST = [
    ("geomspace", (1, 0)),
    ("geomspace", (0, 1)),
    ("logspace", (1, 0, 0)),
    ("logspace", (0, 1, 0)),
    ("logspace", (0, 0, 1)),
]
NAMES = ("start", "stop", "base")


@pytest.fixture(autouse=True)
def precise():
    """MPFR with so many bits that its own errors are nothing, and exponents without bounds."""
    with gmpy2.context(precision=3000, emax=1 << 50, emin=-(1 << 50)):
        yield


def error_ulp(got, true, dtype):
    """How far a number is from the exact one, in units of the last place of its format."""
    info = np.finfo(dtype)
    precision = info.nmant + 1
    largest = (2 - mpfr(2) ** (1 - precision)) * mpfr(2) ** (info.maxexp - 1)
    if abs(true) > largest * (1 + mpfr(2) ** -precision):
        # Beyond the range: infinite, or within the bound of the largest number.
        return 0 if np.isinf(got) and (got > 0) == (true > 0) else error_ulp(got, largest, dtype)
    if np.isnan(got) or np.isinf(got):
        return np.inf
    expo = gmpy2.frexp(abs(true))[0] if true else info.minexp
    last = max(expo - precision, info.minexp - info.nmant)
    return float(abs(mpfr(float(got)) - true) / mpfr(2) ** last)


def test_a_bound_that_can_fail():
    true = mpfr(1) / 3
    assert error_ulp(np.float64(1 / 3), true, np.float64) < 0.5
    assert 4.4 < error_ulp(np.float64(1 / 3 - 5 * 2.0**-54), true, np.float64) < 5.6
    assert error_ulp(np.float64("inf"), true, np.float64) == np.inf


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_torch_short_formats(dtype):
    """The Jacobian of a short format comes from float64."""
    start, stop = torch.tensor(0.3, dtype=dtype), torch.tensor(7.5, dtype=dtype)
    got = torch.func.jacrev(lambda a: xspace.geomspace(a, stop, 9))(start)
    assert got.dtype == dtype
    for i, value in enumerate(got):
        true = mpfr(1 - i / 8) * (mpfr(float(stop)) / mpfr(float(start))) ** mpfr(i / 8)
        unit = torch.finfo(dtype).eps * 2.0 ** (gmpy2.frexp(true)[0] - 1 if true else -14)
        assert abs(float(value) - true) <= unit / 2 * (1 + 1e-6)


def test_overflowing_elements_with_finite_derivatives():
    """Half of ``(1e400 / 1e300)**(1/2)``, where the element is ``1e350``."""
    start = torch.tensor(1e300, dtype=torch.float64, requires_grad=True)
    grid = xspace.geomspace(start, 10**400, 3)
    (slope,) = torch.autograd.grad(grid[1], start)
    assert torch.isinf(grid[1])
    assert slope == 0.5e50


SECOND = [
    *(("geomspace", orders) for orders in ((2, 0), (1, 1), (0, 2))),
    *(("logspace", orders) for orders in ((2, 0, 0), (1, 1, 0), (0, 1, 1), (0, 0, 2))),
]


def exact_second(function, orders, ends, i, div):
    """A second derivative from its formula, and the sum of the magnitudes of its terms."""
    start, stop, base = (mpfr(e) for e in (*ends, 1)[:3])
    v, w = mpfr(div - i) / div, mpfr(i) / div
    if function == "geomspace":
        a, b = orders
        factor = {(2, 0): v * (v - 1), (1, 1): v * w, (0, 2): w * (w - 1)}[orders]
        slope = factor * start ** (v - a) * stop ** (w - b) if factor else mpfr(0)
        return slope, abs(slope)
    a, c, n = orders
    x, log = start * v + stop * w, gmpy2.log(base)
    terms = {0: [log * log], 1: [mpfr(1), x * log], 2: [x * x, -x]}[n]
    power = v**a * w**c * base ** (x - n)
    if not power or not any(terms):
        return mpfr(0), mpfr(0)
    return power * sum(terms), abs(power * sum(map(abs, terms)))


@pytest.mark.parametrize("mode", ["engine", "python"])
@pytest.mark.parametrize(("function", "orders"), SECOND)
def test_second_derivatives_of_any_size(function, orders, mode, monkeypatch):
    """Of elements that overflow or are subnormal, too: from exact parameters."""
    choose(mode, monkeypatch)
    rng = np.random.default_rng(4)
    ends = 2.0 ** rng.uniform(-1000, 1000, (2, 60))
    ends = [*ends] if function == "geomspace" else [*rng.normal(size=(2, 60)), ends[0]]
    target = Target(function, NUMPY, FORMATS["float64"], np.dtype(np.float64), None)
    got = host_derivative(Plan(7, True, target, orders), dict(zip(NAMES, ends, strict=False)))
    ordinary = 0
    for i, k in np.ndindex(got.shape):
        true, size = exact_second(function, orders, [float(e[k]) for e in ends], i, 6)
        if size < mpfr(2) ** 1023:
            assert abs(mpfr(float(got[i, k])) - true) <= 8 * 2.0**-53 * size + mpfr(2) ** -1073
            ordinary += size > mpfr(2) ** -1000
    assert ordinary > 50


F64 = {"dtype": torch.float64, "requires_grad": True}


def torch_cases():
    two = [torch.tensor([0.5, 1.25], **F64), torch.tensor([[3.0], [1.5], [2.0]], **F64)]
    yield "linspace", lambda a, b: xspace.linspace(a, b, 4), two
    yield "geomspace", lambda a, b: xspace.geomspace(a, b, 4, axis=-1), two
    yield "geomspace", lambda a, b: xspace.geomspace(-a, -b, 4, endpoint=False), two
    base = torch.tensor(2.5, **F64)
    yield "logspace", lambda a, b, c: xspace.logspace(a, b, 4, base=c, axis=1), [*two, base]
    yield "mixed", lambda a: xspace.logspace(a, 3, 4), [base]


@pytest.mark.parametrize(("name", "function", "ends"), list(torch_cases()))
class TestTorch:
    def test_first_derivatives(self, name, function, ends):
        assert gradcheck(
            function,
            ends,
            check_forward_ad=True,
            check_batched_grad=True,
            check_batched_forward_grad=True,
        )

    def test_second_derivatives(self, name, function, ends):
        assert gradgradcheck(function, ends, check_fwd_over_rev=True, check_rev_over_rev=True)

    def test_values_keep_their_bits(self, name, function, ends):
        plain = function(*(e.detach() for e in ends))
        assert torch.equal(function(*ends), plain)
        values, _ = torch.func.vjp(function, *ends)
        assert torch.equal(values, plain)

    def test_jacobians(self, name, function, ends):
        places = tuple(range(len(ends)))
        ends = [e.detach() for e in ends]
        reverse = torch.func.jacrev(function, places)(*ends)
        forward = torch.func.jacfwd(function, places)(*ends)
        for r, f in zip(reverse, forward, strict=True):
            torch.testing.assert_close(r, f, rtol=1e-15, atol=0)

    def test_hessians(self, name, function, ends):
        def total(*ends):
            return (function(*ends) ** 2).sum()

        places = tuple(range(len(ends)))
        ends = [e.detach() for e in ends]
        forward = torch.func.hessian(total, places)(*ends)
        reverse = torch.func.jacrev(torch.func.jacrev(total, places), places)(*ends)
        for f, r in zip(itertools.chain(*forward), itertools.chain(*reverse), strict=True):
            torch.testing.assert_close(f, r, rtol=1e-12, atol=1e-12)


class TestTorchDetails:
    def test_integers_have_no_gradient(self):
        start = torch.tensor(1.0, requires_grad=True)
        grid = xspace.geomspace(start, 256, 9, dtype=torch.int32)
        assert not grid.requires_grad
        assert grid.tolist() == [1, 2, 4, 8, 16, 32, 64, 128, 256]
        _, tangent = torch.func.jvp(
            lambda t: xspace.geomspace(t, 4, 3, dtype=torch.int32), (start,), (start,)
        )
        assert not tangent.any()

    def test_gradients_have_the_dtype_of_the_ends(self):
        start = torch.tensor(1.0, dtype=torch.float16, requires_grad=True)
        stop = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
        xspace.linspace(start, stop, 5).sum().backward()
        assert (start.grad.dtype, stop.grad.dtype) == (torch.float16, torch.float64)
        assert (float(start.grad), float(stop.grad)) == (2.5, 2.5)

    def test_dual_numbers(self):
        with forward_ad.dual_level():
            start = forward_ad.make_dual(torch.tensor(2.0), torch.tensor(1.0))
            primal, tangent = forward_ad.unpack_dual(xspace.linspace(start, 4, 5))
        assert primal.tolist() == [2, 2.5, 3, 3.5, 4]
        assert tangent.tolist() == [1, 0.75, 0.5, 0.25, 0]

    def test_no_grad(self):
        start = torch.tensor([2.0], requires_grad=True)
        with torch.no_grad():
            assert not xspace.linspace(start, 3, 4).requires_grad
        with torch.inference_mode():
            assert xspace.linspace(start, 3, 2).tolist() == [[2], [3]]

    def test_gradients_of_vmap(self):
        starts = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)

        def total(start):
            return xspace.geomspace(start, 9, 5).sum()

        got = torch.func.vmap(torch.func.grad(total))(starts)
        assert got.tolist() == [float(torch.func.grad(total)(s)) for s in starts]


def naive(function, start, stop, base, num=4):
    """The definitions in JAX's own arithmetic."""
    w = jnp.arange(num) / (num - 1)
    x = start * (1 - w) + stop * w
    return {"linspace": x, "logspace": base**x, "geomspace": start * (stop / start) ** w}[function]


class TestJax:
    @staticmethod
    def make(function):
        if function == "logspace":
            return lambda a, b, c: xspace.logspace(a, b, 4, base=c)
        return lambda a, b, c: getattr(xspace, function)(a, b, 4)

    @pytest.mark.parametrize(
        ("function", "transform", "bits"),
        covering(
            ["linspace", "geomspace", "logspace"], [jax.jacfwd, jax.jacrev, jax.hessian], [64, 32]
        ),
    )
    def test_eager(self, function, transform, bits):
        places, rtol = (0, 1, 2), 1e-12 if bits == 64 else 3e-5
        with jax.enable_x64(bits == 64):
            ends = [jnp.asarray(v, f"float{bits}") for v in (1.25, 2.75, 3.5)]
            got = transform(self.make(function), places)(*ends)
            true = transform(lambda *e: naive(function, *e), places)(*ends)
        for g, t in zip(jax.tree.leaves(got), jax.tree.leaves(true), strict=True):
            assert g.dtype == t.dtype
            np.testing.assert_allclose(g, t, rtol=rtol, atol=1e-5)

    @pytest.mark.parametrize("function", ["linspace", "geomspace"])
    def test_traced(self, function):
        """Values, first and second derivatives through jit and vmap, in one program."""

        def both(make, a, b):
            values, pull = jax.vjp(lambda b: make(function, a, b), b)
            slope = jax.grad(lambda a: (make(function, a, b) ** 2).sum())
            return values, pull(values), jax.jvp(slope, (a,), (a,))

        def ours(function, a, b):
            return getattr(xspace, function)(a, b, 4)

        def theirs(function, a, b):
            return naive(function, a, b, 10.0)

        with jax.enable_x64(True):
            a, b = jnp.array([0.5, 0.75]), jnp.array([1.25, 0.25])
            got = jax.jit(jax.vmap(lambda a, b: both(ours, a, b)))(a, b)
            true = jax.vmap(lambda a, b: both(theirs, a, b))(a, b)
            for g, t in zip(jax.tree.leaves(got), jax.tree.leaves(true), strict=True):
                np.testing.assert_allclose(g, t, rtol=1e-12)
            assert np.array_equal(np.asarray(got[0]).T, np.asarray(ours(function, a, b)))

    def test_integers_have_no_gradient(self):
        def total(start):
            return xspace.geomspace(start, 4, 3, dtype=jnp.int32).sum().astype(jnp.float32)

        assert float(jax.grad(total)(jnp.float32(1))) == 0

    def test_integer_ends(self):
        got = jax.grad(lambda a: xspace.linspace(a, jnp.asarray(4), 5).sum())(jnp.float32(1))
        assert float(got) == 2.5

    def test_short_formats(self):
        got = jax.jacfwd(lambda a: xspace.linspace(a, 3, 5, dtype=jnp.bfloat16))(jnp.float32(1))
        assert got.dtype == jnp.float32 or got.dtype == jnp.bfloat16
        assert got.astype(jnp.float32).tolist() == [1, 0.75, 0.5, 0.25, 0]


def exact_complex(function, orders, ends, i, div):
    """A first derivative from its definition, in MPFR's complex numbers."""
    start, stop = (gmpy2.mpc(e) for e in ends[:2])
    v, w = mpfr(div - i) / div, mpfr(i) / div
    if function == "geomspace":
        turned = gmpy2.exp(w * gmpy2.log(stop / start))
        return w * turned * start / stop if orders[1] else v * turned
    log = gmpy2.log(gmpy2.mpc(ends[2]))
    x = (start * (div - i) + stop * i) / div
    if orders[2]:
        return x * gmpy2.exp((x - 1) * log)
    return (w if orders[1] else v) * log * gmpy2.exp(x * log)


@pytest.mark.parametrize(("function", "orders"), FIRST)
def test_complex_accuracy(function, orders):
    rng = np.random.default_rng(7)
    ends = rng.normal(size=(3, 2, 40)) * 10 ** rng.uniform(-2, 0.5, (3, 1, 40))
    ends = list(ends[:, 0] + 1j * ends[:, 1])[: len(orders)]
    # Where start and stop are not almost opposite, the principal branch is the shortest way.
    dtype = np.dtype(np.complex128)
    target = Target(function, NUMPY, FORMATS["float64"], dtype, None, True)
    got = host_derivative(Plan(7, True, target, orders), dict(zip(NAMES, ends, strict=False)))
    for i, k in np.ndindex(got.shape):
        true = exact_complex(function, orders, [complex(e[k]) for e in ends], i, 6)
        if function == "geomspace":
            for part, wanted in ((got[i, k].real, true.real), (got[i, k].imag, true.imag)):
                assert error_ulp(part, wanted, np.float64) <= 2.5
        elif true:
            error = abs(gmpy2.mpc(complex(got[i, k])) - true)
            assert error <= mpfr(6.3) * mpfr(2) ** -53 * abs(true)
        else:
            assert got[i, k] == 0
