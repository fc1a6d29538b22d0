"""What is shipped, the version, and what `import xspace` imports."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import xspace

ROOT = Path(__file__).parents[2]
SHIPPED = ("*.py", "*.pyi", "*.cu", "*.h", "*.cpp", "README.md")
COMPILER = next((c for c in ("c++", "g++", "clang++") if shutil.which(c)), None)


def _path_of(attribute: str) -> str:
    """The file of a module's attribute."""
    return attribute.rpartition(".")[0].replace(".", "/") + ".py"


#: What the build needs of a checkout.
PARTS = ("xspace", "LICENSE", "README.md", "pyproject.toml", "setup.py")
#: CPython without its lock has no limited API.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")
PURE, NO_COMPILER = {"XSPACE_BUILD_NATIVE": "0"}, {"CC": "false", "CXX": "false"}


def checkout(folder: Path) -> Path:
    """A copy of this checkout without anything that was built in it."""
    built = ("__pycache__", "*.so", "*.pyd", "build", "*.egg-info")
    for name in PARTS:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns(*built)
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, folder / name)
    return folder


def build(source: Path, folder: Path, *options: str, **environment: str) -> tuple[Path, str]:
    """The wheel of a folder or an sdist, and what was said, with nothing fetched from anywhere."""
    pytest.importorskip("setuptools", minversion="77", reason="the wheel is built with setuptools")
    command = [sys.executable, "-m", "pip", "wheel", "--no-build-isolation", "--no-deps"]
    result = subprocess.run(
        [*command, "--no-index", "--verbose", "-w", str(folder), *options, str(source)],
        env={**os.environ, "XSPACE_BUILD_NATIVE": "", **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    (path,) = folder.glob("*.whl")
    return path, result.stdout + result.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout, of pure Python."""
    source = checkout(tmp_path_factory.mktemp("checkout"))
    path, _ = build(source, tmp_path_factory.mktemp("wheel"), **PURE)
    assert path.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """The source distribution."""
    pytest.importorskip("setuptools", minversion="77", reason="it is made by setuptools")
    source = checkout(tmp_path_factory.mktemp("source"))
    folder = tmp_path_factory.mktemp("sdist")
    code = f"from setuptools.build_meta import build_sdist; build_sdist({str(folder)!r})"
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=120)
    (path,) = folder.glob("*.tar.gz")
    return path


def metadata(archive: zipfile.ZipFile, name: str) -> str:
    (path,) = [n for n in archive.namelist() if n.endswith(f".dist-info/{name}")]
    return archive.read(path).decode()


class TestWheel:
    def test_every_module_and_the_typing_marker_ship(self, wheel):
        shipped = {n for n in wheel.namelist() if n.startswith("xspace/")}
        files = [p for kind in SHIPPED for p in (ROOT / "xspace").rglob(kind)]
        sources = {p.relative_to(ROOT).as_posix() for p in files}
        assert shipped == sources | {"xspace/py.typed"}

    def test_nothing_else_ships(self, wheel):
        tops = {n.partition("/")[0] for n in wheel.namelist()}
        assert {t for t in tops if not t.endswith(".dist-info")} == {"xspace"}

    def test_licence(self, wheel):
        assert metadata(wheel, "licenses/LICENSE") == (ROOT / "LICENSE").read_text()
        assert "License-Expression: BSD-3-Clause\n" in metadata(wheel, "METADATA")

    def test_script_and_no_plugin_of_pytest(self, wheel):
        entry_points = metadata(wheel, "entry_points.txt")
        assert "xspace = xspace.__main__:main" in entry_points
        assert "pytest" not in entry_points

    def test_version(self, wheel):
        assert f"\nVersion: {xspace.__version__}\n" in metadata(wheel, "METADATA")


@pytest.fixture
def hasty(tmp_path):
    """A compiler that does not optimise: the engine of all other tests is built as it should be."""
    path = tmp_path / "compiler"
    path.write_text(f'#!/bin/sh\nexec {COMPILER} "$@" -O0\n', encoding="utf-8")
    path.chmod(0o700)
    return {"CC": str(path), "CXX": str(path)}


class TestEngine:
    """With a compiler, without one, and left out."""

    @pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler here")
    @pytest.mark.skipif(os.name == "nt", reason="compilers are found in another way")
    def test_a_wheel_with_the_engine_from_the_sdist(self, sdist, wheel, tmp_path, hasty):
        path, _ = build(sdist, tmp_path / "made", **hasty)
        assert re.search(r"-cp311-abi3-\w+\.whl$", path.name) or not LIMITED
        with zipfile.ZipFile(path) as archive:
            assert not archive.testzip()
            extra = {name for name in archive.namelist() if "dist-info" not in name}
            extra -= set(wheel.namelist())
            (module,) = extra
            assert re.fullmatch(r"xspace/engine/_native\.[\w.-]+", module)
            archive.extractall(tmp_path / "site")
        said = self.config(tmp_path / "site", XSPACE_NATIVE="1")
        assert "engine:   compiled\n" in said
        assert str(tmp_path / "site" / "xspace" / "engine") in said

    @pytest.mark.skipif(os.name == "nt", reason="compilers are found in another way")
    def test_no_compiler_is_no_error_and_said_in_a_line(self, sdist, tmp_path):
        path, said = build(sdist, tmp_path / "made", **NO_COMPILER)
        lines = [line for line in said.splitlines() if "xspace: no compiled engine here" in line]
        assert len(lines) == 1
        with zipfile.ZipFile(path) as archive:
            assert not [
                name for name in archive.namelist() if "_native." in name and ".pyi" not in name
            ]
            archive.extractall(tmp_path / "site")
        assert "the compiled engine is not installed" in self.config(tmp_path / "site")

    @pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler here")
    @pytest.mark.skipif(os.name == "nt", reason="compilers are found in another way")
    def test_an_editable_install(self, tmp_path, hasty):
        """Of which setuptools says in the wheel where the checkout is."""
        source = checkout(tmp_path / "checkout")
        code = f"from setuptools.build_meta import build_editable as b; b({str(tmp_path)!r})"
        command = [sys.executable, "-c", code]
        environment = os.environ | hasty
        subprocess.run(command, cwd=source, check=True, capture_output=True, env=environment)
        assert list((source / "xspace" / "engine").glob("_native.*so"))
        assert "engine:   compiled\n" in self.config(source, XSPACE_NATIVE="1")

    @pytest.mark.skipif(COMPILER is None, reason="there is no C++ compiler here")
    @pytest.mark.skipif(sys.platform != "linux", reason="the command is that of Linux")
    def test_a_vendored_copy_that_is_compiled(self, tmp_path, hasty):
        """By the command that the documentation has for it."""
        text = (ROOT / "docs/howto/vendoring.rst").read_text(encoding="utf-8")
        command = text[text.index("   c++ -std") : text.index("_native.abi3.so") + 15]
        home = tmp_path / "mypackage" / "vendored"
        shutil.copytree(ROOT / "xspace", home / "xspace", ignore=shutil.ignore_patterns("*.so"))
        command = command.replace("c++ ", f"{hasty['CXX']} ", 1).replace("python3", sys.executable)
        subprocess.run(command, shell=True, cwd=home, check=True, timeout=120)
        code = "from mypackage.vendored.xspace import show_config; show_config()"
        said = self.config(tmp_path, code, XSPACE_NATIVE="1")
        assert f"module:   {home}/xspace/engine/_native.abi3.so" in said

    def config(self, folder, code="import xspace; xspace.show_config()", **environment):
        """What a copy of the package says of itself."""
        result = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "XSPACE_NATIVE": "", **environment},
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return result.stdout


SUITE = ROOT / "conformance"


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    """The wheel of the suite, built from a copy: a build leaves things in its folder."""
    pytest.importorskip("setuptools", minversion="77", reason="setuptools builds the wheel")
    home = tmp_path_factory.mktemp("suite")
    shutil.copytree(SUITE, home / "source", ignore=shutil.ignore_patterns("*.egg-info", "build"))
    code = f"from setuptools.build_meta import build_wheel; build_wheel({str(home)!r})"
    build = [sys.executable, "-c", code]
    subprocess.run(build, cwd=home / "source", check=True, capture_output=True, timeout=120)
    (path,) = home.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        yield archive


class TestWheelOfTheSuite:
    def test_all_of_the_package_ships_and_nothing_else(self, suite):
        shipped = {n for n in suite.namelist() if ".dist-info/" not in n}
        sources = {
            p.relative_to(SUITE).as_posix()
            for p in (SUITE / "xspace_conformance").rglob("*")
            if p.is_file() and "__pycache__" not in p.parts
        }
        assert any("/golden/linspace" in name for name in sources)
        assert shipped == sources

    def test_licence(self, suite):
        assert metadata(suite, "licenses/LICENSE") == (ROOT / "LICENSE").read_text()

    def test_version_is_that_of_the_library(self, suite):
        assert f"\nVersion: {xspace.__version__}\n" in metadata(suite, "METADATA")


@pytest.fixture(scope="module")
def python(wheel, suite, tmp_path_factory):
    """The interpreter of an environment that has both wheels, and finds all else in this one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    paths = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", paths))
    for archive in (wheel, suite):
        archive.extractall(site)  # all that an installer does to a wheel of pure Python
    others = [p for p in sys.path if p and Path(p).is_dir() and Path(p) not in (ROOT, SUITE)]
    (site / "others.pth").write_text("\n".join(others), encoding="utf-8")
    scripts = Path(sysconfig.get_path("scripts", "venv", paths))
    return scripts / ("python.exe" if os.name == "nt" else "python")


class TestConformance:
    """The suite from its wheel, run in an environment of its own and from an empty folder."""

    def run(self, python, folder, *arguments, status=0):
        """What a module prints that is run in a folder."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
        environment.pop("PYTHONPATH", None)
        result = subprocess.run(
            [python, "-m", *arguments],
            cwd=folder,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert result.returncode == status, result.stdout + result.stderr
        return result.stdout

    def test_nothing_comes_from_the_checkout(self, python, tmp_path):
        code = "from xspace_conformance.cases import golden as g; print(g.__file__, g.paths()[0])\n"
        (tmp_path / "where.py").write_text(code, encoding="utf-8")
        for path in self.run(python, tmp_path, "where").split():
            assert Path(path).is_relative_to(python.parents[1]), path

    def test_a_quick_run(self, python, tmp_path):
        options = ("--quick", "--backend", "numpy", "--seed", "1")
        said = self.run(python, tmp_path, "xspace_conformance", *options)
        assert "on 2 targets: none is wrong" in said

    def test_a_flaw_is_found(self, python, tmp_path):
        backend = ("--backend", "xspace_conformance.subjects.broken:last_bit", "--elements", "0")
        self.run(python, tmp_path, "xspace_conformance", "--quick", *backend, status=1)

    def test_pytest(self, python, tmp_path):
        options = ("--backend", "numpy", "-k", "hard_lanes or hard_steps", "-q")
        said = self.run(python, tmp_path, "pytest", "--pyargs", "xspace_conformance", *options)
        assert "conformance: targets: numpy, numpy-plain\n" in said
        assert re.search(r"^\d{3,} passed", said, re.MULTILINE)

    def test_pytest_in_several_processes(self, python, tmp_path):
        pytest.importorskip("xdist", reason="pytest-xdist starts them")
        options = ("--backend", "numpy", "-k", "hard_steps and tenths", "-q", "-n", "2")
        said = self.run(python, tmp_path, "pytest", "--pyargs", "xspace_conformance", *options)
        assert re.search(r"^\d{2,} passed", said, re.MULTILINE)

    def test_any_other_run_of_pytest_has_none_of_its_options(self, python, tmp_path):
        (tmp_path / "test_nothing.py").write_text("def test_nothing(): pass\n", encoding="utf-8")
        self.run(python, tmp_path, "pytest", "-q")
        self.run(python, tmp_path, "pytest", "-q", "--backend", "numpy", status=4)


class TestVersion:
    def test_installed(self):
        try:
            installed = importlib.metadata.version("xspace")
        except importlib.metadata.PackageNotFoundError:
            pytest.skip("xspace runs from the checkout without being installed")
        assert installed == xspace.__version__

    def test_is_written_in_one_place(self):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        assert project["project"]["dynamic"] == ["version"]
        assignment = re.compile(r"^\s*(_*version_*|release)\s*(:.*)?=\s*[\"']\d", re.MULTILINE)
        files = [ROOT / "pyproject.toml"]
        for folder in ("xspace", "docs"):
            files += sorted((ROOT / folder).rglob("*.py"))
        found = [p.relative_to(ROOT).as_posix() for p in files if assignment.search(p.read_text())]
        assert found == [_path_of(project["tool"]["setuptools"]["dynamic"]["version"]["attr"])]

    def test_changelog_begins_with_it(self):
        first = re.search(r"^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
        assert first is not None
        assert first.group(1) == xspace.__version__


def requirements_of_the_suite() -> list[str]:
    """What the conformance suite needs besides the library."""
    project = tomllib.loads((SUITE / "pyproject.toml").read_text())["project"]
    return [requirement for requirement in project["dependencies"] if requirement != "xspace"]


class TestRequirements:
    def test_bounds_are_open(self):
        """No upper bounds for users: a new release of a dependency must not lock them out."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = project["optional-dependencies"].values()
        wanted = [*project["dependencies"], *(r for extra in extras for r in extra)]
        for requirement in [*wanted, *requirements_of_the_suite()]:
            bound = r"xspace\[[\w,-]+\]|[\w-]+(\[\w+\])?>=[\d.]+(; sys_platform [^;]+)?"
            assert re.fullmatch(bound, requirement), requirement

    def test_every_extra_of_the_tests_is_pinned(self):
        pinned = {
            re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower()
            for line in (ROOT / "constraints.txt").read_text().splitlines()
            if line and not line.startswith("#")
        }
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        extras = project["optional-dependencies"]
        wanted = [*project["dependencies"], *requirements_of_the_suite()]
        pending = ["test"]
        while pending:
            for requirement in extras[pending.pop()]:
                if nested := re.fullmatch(r"xspace\[(.+)\]", requirement):
                    pending += nested.group(1).split(",")
                else:
                    wanted.append(requirement)
        assert {r.partition(">=")[0].partition("[")[0] for r in wanted} <= pinned


class TestImport:
    def imported(self, code: str) -> set[str]:
        """The packages that are imported once `code` has run in a fresh interpreter."""
        code += "; import sys; print(*{m.partition('.')[0] for m in sys.modules})"
        result = subprocess.run(
            [sys.executable, "-W", "error", "-c", code],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
            # As it is by default, whatever the tests of the engine run with.
            env={**os.environ, "PYTHONPATH": str(ROOT), "XSPACE_NATIVE": ""},
        )
        return set(result.stdout.split())

    def test_no_backend_but_numpy(self):
        ours = self.imported("import xspace")
        others = ours - self.imported("import numpy") - sys.stdlib_module_names
        assert others <= {"xspace", "array_api_compat"}

    def test_no_backend_is_imported_by_a_grid_on_numpy(self):
        code = "import xspace; xspace.logspace(0, 1); xspace.geomspace(1, 2); xspace.linspace(0, 1)"
        others = self.imported(code) - self.imported("import numpy") - sys.stdlib_module_names
        assert others <= {"xspace", "array_api_compat"}

    def test_one_backend_does_not_bring_another(self):
        pytest.importorskip("array_api_strict")
        code = "import array_api_strict as xp, xspace; xspace.logspace(0, 1, xp=xp)"
        assert not self.imported(code) & {"torch", "jax", "cupy", "dask"}
