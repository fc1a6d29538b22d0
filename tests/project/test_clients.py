"""Libraries that are given grids, or given xspace in place of their own: real calls of each."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import xspace
from xspace.testing import assert_identical

ROOT = Path(__file__).parents[2]


def need(name: str):
    """A module of a client, or the reason for a skip."""
    return pytest.importorskip(name, reason=f"{name.partition('.')[0]} is not installed")


def run(code: str, **options) -> None:
    """Run code in a fresh interpreter; it fails the test if it raises."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCIPY_ARRAY_API": "1"}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        timeout=110,
        env=environment,
        check=False,
        **options,
    )
    assert result.returncode == 0, result.stderr


class TestScipy:
    """Frequency responses: of an integrator with a corner at 1, exactly known there."""

    SYSTEM = np.array([1.0]), np.array([1.0, 1.0])

    def test_freqs(self):
        signal = need("scipy.signal")
        grid = xspace.logspace(-5, 5, 11)
        frequencies, response = signal.freqs(*self.SYSTEM, worN=grid)
        assert_identical(frequencies, np.array([float(f"1e{k}") for k in range(-5, 6)]))
        assert response[5] == 0.5 - 0.5j

    def test_bode(self):
        signal = need("scipy.signal")
        grid = xspace.logspace(-5, 5, 11)
        frequencies, magnitude, phase = signal.bode(self.SYSTEM, w=grid)
        assert_identical(frequencies, grid)
        assert (magnitude[5], phase[5]) == (20 * np.log10(abs(0.5 - 0.5j)), -45)

    def test_findfreqs(self):
        """The frequencies that SciPy chooses are its logspace between decades; ours is exact."""
        signal = need("scipy.signal")
        chosen = np.asarray(signal.findfreqs(*self.SYSTEM, 31))
        ends = np.log10(chosen[[0, -1]]).round()
        grid = xspace.logspace(*ends, 31)
        np.testing.assert_allclose(chosen, grid, rtol=1e-14)
        assert grid[[0, 10, 20, 30]].tolist() == [0.01, 0.1, 1, 10]

    def test_on_torch_tensors(self):
        need("scipy.signal")
        need("torch")
        run("""
import numpy as np, torch, xspace
from scipy import signal
b, a = torch.tensor([1.0], dtype=torch.float64), torch.tensor([1.0, 1.0], dtype=torch.float64)
grid = xspace.logspace(-2, 2, 5, xp=torch, dtype=torch.float64)
frequencies, response = signal.freqs(b, a, worN=grid)
assert frequencies is grid
assert response[2] == 0.5 - 0.5j
other, _ = signal.freqs(b.numpy(), a.numpy(), worN=xspace.logspace(-2, 2, 5))
assert frequencies.tolist() == other.tolist()
""")

    def test_in_place_of_scipys_own(self):
        """With xspace as its logspace, SciPy chooses the same frequencies on every library."""
        design = need("scipy.signal._filter_design")
        need("torch")
        need("array_api_strict")
        if not hasattr(design, "_logspace"):
            pytest.skip("this SciPy has no logspace of its own")
        run("""
import numpy as np, torch, array_api_strict, xspace
from scipy.signal import _filter_design as design
from xspace.testing import assert_identical

def frequencies(xp):
    numerator, denominator = (xp.asarray(x, dtype=xp.float64) for x in ([1.0], [1.0, 3.0, 1.0]))
    return design.findfreqs(numerator, denominator, 200)

calls = []
def logspace(*args, **options):
    calls.append(options["xp"])
    return xspace.logspace(*args, **options)

assert not np.array_equal(np.asarray(frequencies(torch)), frequencies(np))
design._logspace = logspace
expected = frequencies(np)
assert_identical(frequencies(torch), expected)
assert_identical(frequencies(array_api_strict), expected)
assert len(calls) == 3
""")


@pytest.mark.parametrize("owner", ["scipy._lib", "sklearn.externals"])
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_wrappers_that_clients_have_vendored(owner, library):
    """A client passes its own copy of array-api-compat as the namespace: the library is meant."""
    xp = need(f"{owner}.array_api_compat.{library}")
    array = xp.asarray(1.0, dtype=xp.float64)
    made = xspace.logspace(array, 2, 2, xp=xp)
    assert type(made) is type(array)
    assert made.tolist() == [10, 100]
    assert xspace.linspace(0, 1, 3, xp=xp).dtype == need(library).linspace(0, 1, 3).dtype


class TestScikitLearn:
    def test_the_regularisation_of_a_classifier(self):
        linear = need("sklearn.linear_model")
        points = np.linspace(-1, 1, 40)[:, None] + np.sin(np.arange(40.0))[:, None] / 2
        labels = (np.arange(40) >= 20).astype(int)
        grid = xspace.logspace(-3, 3, 7)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            model = linear.LogisticRegressionCV(Cs=grid, cv=3).fit(points, labels)
        assert_identical(np.asarray(model.Cs_), grid)
        assert set(np.ravel(model.C_).tolist()) <= {0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0}

    def test_validation_curve(self):
        selection = need("sklearn.model_selection")
        linear = need("sklearn.linear_model")
        points, values = np.eye(12)[:, :4] + 0.1, np.arange(12.0)
        grid = xspace.geomspace(1e-4, 1e4, 9)
        found = selection.validation_curve(
            linear.Ridge(), points, values, param_name="alpha", param_range=grid, cv=3
        )
        again = selection.validation_curve(
            linear.Ridge(), points, values, param_name="alpha", param_range=grid[::2], cv=3
        )
        for scores, some in zip(found, again, strict=True):
            assert scores.shape == (9, 3)
            assert_identical(some, scores[::2].copy())

    def test_a_search_finds_what_was_written(self):
        selection = need("sklearn.model_selection")
        linear = need("sklearn.linear_model")
        points, values = np.eye(12)[:, :4] + 0.1, np.arange(12.0)
        search = selection.GridSearchCV(
            linear.Ridge(), {"alpha": xspace.logspace(-5, 0, 6)}, cv=3
        ).fit(points, values)
        tried = [setting["alpha"] for setting in search.cv_results_["params"]]
        assert tried == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]

    def test_a_path_on_torch_tensors(self):
        need("sklearn")
        need("torch")
        run("""
import numpy as np, sklearn, torch, xspace
from sklearn.linear_model import Ridge

def path(xp):
    points, values = xp.eye(3, dtype=xp.float64), xp.asarray([1.0, 2.0, 3.0], dtype=xp.float64)
    for alpha in xspace.logspace(-2, 2, 5, xp=xp, dtype=xp.float64):
        model = Ridge(alpha=float(alpha), solver="svd", fit_intercept=False)
        yield float(alpha), model.fit(points, values).coef_

with sklearn.config_context(array_api_dispatch=True):
    ours, theirs = list(path(torch)), list(path(np))
assert [alpha for alpha, _ in ours] == [alpha for alpha, _ in theirs] == [0.01, 0.1, 1, 10, 100]
for (alpha, got), (_, expected) in zip(ours, theirs):
    assert isinstance(got, torch.Tensor)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12)
    np.testing.assert_allclose(expected, np.asarray([1.0, 2.0, 3.0]) / (1 + alpha), rtol=1e-12)
""")


class TestMatplotlib:
    @pytest.fixture
    def axes(self):
        need("matplotlib").use("Agg")
        from matplotlib.figure import Figure

        return Figure().add_subplot()

    def test_ticks_of_a_logarithmic_axis(self, axes):
        axes.semilogx(xspace.logspace(-5, 5, 101), np.zeros(101))
        ticks = [tick for tick in axes.get_xticks() if 1e-5 <= tick <= 1e5]
        assert len(ticks) >= 5
        assert set(ticks) <= set(xspace.logspace(-5, 5, 11).tolist())

    def test_a_line_keeps_its_grid(self, axes):
        grid = xspace.geomspace(1e-3, 1e3, 61)
        (line,) = axes.loglog(grid, grid)
        axes.figure.canvas.draw()
        assert_identical(line.get_xdata(), grid)

    def test_bins_have_their_decades(self, axes):
        decades = [float(f"1e{k}") for k in range(-5, 5)]
        counts, edges, _ = axes.hist(decades, bins=xspace.logspace(-5, 5, 11))
        assert counts.tolist() == [1] * 10
        assert edges.tolist() == [*decades, 1e5]
        wrong, _ = np.histogram(decades, bins=np.logspace(-5, 5, 11))
        assert len(wrong) == 10  # whether each has its own depends on the processor


class TestXarray:
    def test_labels_are_the_numbers_that_one_writes(self):
        xarray = need("xarray")
        da = need("dask.array")
        grid = xspace.logspace(-5, 5, 11)
        data = xarray.DataArray(da.arange(11, chunks=4), coords={"f": grid}, dims="f")
        for k in range(-5, 6):
            assert int(data.sel(f=float(f"1e{k}"))) == k + 5

    def test_a_coarse_grid_is_a_part_of_the_fine_one(self):
        xarray = need("xarray")
        need("dask.array")
        fine, coarse = xspace.geomspace(1, 1000, 31), xspace.geomspace(1, 1000, 11)
        data = xarray.DataArray(np.arange(31), coords={"f": fine}, dims="f").chunk(f=8)
        other = xarray.DataArray(np.arange(11), coords={"f": coarse}, dims="f").chunk(f=4)
        both = xarray.align(data, other, join="inner")
        assert [part.compute().values.tolist() for part in both] == [
            list(range(0, 31, 3)),
            list(range(11)),
        ]

    def test_data_that_is_lazy(self):
        xarray = need("xarray")
        da = need("dask.array")
        from xspace.dropin.dask import logspace

        data = xarray.DataArray(logspace(0, 3, 1000, chunks=100), dims="f")
        assert isinstance(data.data, da.Array)
        assert data.chunks == ((100,) * 10,)
        assert_identical(data.compute().values, xspace.logspace(0, 3, 1000))
        same = xspace.logspace(0, 3, 1000, xp=da)
        assert_identical(xarray.DataArray(same, dims="f").compute().values, data.compute().values)


class TestVendored:
    """A copy inside another package, under another name, with no xspace anywhere."""

    @pytest.fixture
    def home(self, tmp_path):
        home = tmp_path / "other" / "_vendored"
        home.mkdir(parents=True)
        (tmp_path / "other" / "__init__.py").touch()
        (home / "__init__.py").touch()
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(xspace.__file__).parent, home / "grids", ignore=ignored)
        return tmp_path

    def run(self, home, code):
        run(f"import sys; sys.modules['xspace'] = None; sys.path.insert(0, '.')\n{code}", cwd=home)

    def test_functions(self, home):
        self.run(
            home,
            """
import numpy as np
from other._vendored.grids import geomspace, linspace, logspace
from other._vendored.grids.testing import assert_identical
assert logspace(-5, 0, 6).tolist() == [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0]
assert geomspace(1, 8, 4, dtype=int).tolist() == [1, 2, 4, 8]
assert_identical(linspace(0, 1, 100_000), linspace(1, 0, 100_000)[::-1].copy())
assert logspace(np.asarray([0, 1]), 2, 2).tolist() == [[1, 10], [100, 100]]
""",
        )

    @pytest.mark.parametrize("library", ["numpy", "torch", "jax", "dask"])
    def test_drop_in_modules(self, home, library):
        need(library)
        self.run(
            home,
            f"""
import numpy as np
from other._vendored.grids import logspace
from other._vendored.grids.dropin import {library} as dropin
made = np.asarray(dropin.logspace(0, 3, 4))
assert made.tolist() == [1, 10, 100, 1000]
assert not hasattr(__import__("other._vendored.grids")._vendored.grids, "arange") or (
    np.asarray(dropin.arange(3)).tolist() == [0, 1, 2]
)
""",
        )

    def test_command_line(self, home):
        code = "import runpy; sys.argv = ['grids', 'logspace', '0', '2', '--num', '3']\n"
        self.run(home, code + "runpy.run_module('other._vendored.grids', run_name='__main__')")


# The page of the documentation.


def sections():
    text = (ROOT / "docs" / "clients.rst").read_text()
    parts = re.split(r"^(.+)\n-{3,}\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


MODULES_OF_SECTIONS = {
    "SciPy": ["scipy.signal"],
    "scikit-learn": ["sklearn.linear_model"],
    "Matplotlib": ["matplotlib"],
    "xarray and dask": ["xarray", "dask.array"],
    "A copy inside your package": [],
}


@pytest.mark.parametrize(("title", "modules"), MODULES_OF_SECTIONS.items())
def test_documented_examples(title, modules):
    for module in modules:
        need(module)
    test = doctest.DocTestParser().get_doctest(sections()[title], {}, title, "docs/clients.rst", 0)
    assert bool(test.examples) == bool(modules)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test)
    assert result.failed == 0, "see the output above"


def test_no_section_is_left_out():
    assert set(sections()) == set(MODULES_OF_SECTIONS)
