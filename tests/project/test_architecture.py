"""The rules of the house, checked in the source: what may import what, and what is never called."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import xspace

PACKAGE = Path(xspace.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
LIBRARIES = {"torch", "jax", "cupy", "dask", "array_api_strict", "ml_dtypes"}
LIBRARIES |= {"cubed", "mygrad", "astropy", "pint", "unyt"}
#: The folders that are about libraries.
PLACES = {"deferred", "dropin", "gpu", "libraries", "quantities"}
#: The command line has to name the libraries that it looks for.
COMMAND_LINE = {"cli/installed.py", "cli/selfcheck.py", "cli/program.py", "testing.py"}


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def own_library(path: Path) -> str:
    """The library that a file is about, by its name: torch, of torch.py and torch_lanes.py."""
    return path.stem.partition("_")[0]


@cache
def nodes(path: Path) -> list[ast.AST]:
    """Every node of a file's syntax, its module first."""
    return list(ast.walk(ast.parse(path.read_text())))


def imports(path: Path) -> set[str]:
    """Absolute module names that a file imports; relative ones begin with dots."""
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_inside_the_package_are_relative(path):
    assert not [name for name in imports(path) if name.split(".")[0] == "xspace"]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_the_exact_part_knows_no_arrays(path):
    name = name_of(path)
    if name.startswith("exact/"):
        outside = {n for n in imports(path) if n.startswith("..") or not n.startswith(".")}
        allowed = {"__future__", "bisect", "collections", "decimal", "functools", "math", "typing"}
        assert {n.split(".")[0] for n in outside} <= allowed


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_libraries_are_imported_by_their_own_backend_only(path):
    libraries = {n.split(".")[0] for n in imports(path)} & LIBRARIES
    assert libraries <= {own_library(path)}


@pytest.mark.parametrize("path", [p for p in SOURCES if p.parent.name == "dropin"], ids=name_of)
def test_drop_in_modules_import_their_own_library_and_numpy_only(path):
    absolute = {n.split(".")[0] for n in imports(path) if not n.startswith(".")}
    assert absolute - sys.stdlib_module_names <= {path.stem, "numpy"}


#: One file asks libraries that are loaded already, without importing one.
EXEMPT = COMMAND_LINE | {"ground/loaded.py"}
NEUTRAL = [
    path
    for path in SOURCES
    if path.parent.name not in PLACES
    and name_of(path) not in EXEMPT
    and own_library(path) not in LIBRARIES
]


@pytest.mark.parametrize("path", NEUTRAL, ids=name_of)
def test_libraries_are_named_in_backends_only(path):
    named = {
        node.id if isinstance(node, ast.Name) else node.value
        for node in nodes(path)
        if isinstance(node, ast.Name)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    }
    assert not named & LIBRARIES


LANGUAGE = re.compile(r"grid|lane|sample|(lin|log|geom)space|progression", re.IGNORECASE)


@pytest.mark.parametrize("path", [*(PACKAGE / "libraries").glob("*.py")], ids=name_of)
def test_a_library_file_says_dtypes_devices_and_memory_and_nothing_of_grids(path):
    names = {n.id for n in nodes(path) if isinstance(n, ast.Name)}
    names |= {n.attr for n in nodes(path) if isinstance(n, ast.Attribute)}
    names |= {n.name for n in nodes(path) if isinstance(n, (ast.FunctionDef, ast.ClassDef))}
    assert not [name for name in names if LANGUAGE.search(name)]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_kernel_calls_what_libraries_round_differently(path):
    """Elements come from multiplications, additions and integers: backends only carry bits."""
    forbidden = {"pow", "power", "float_power", "exp", "exp2", "log", "log2", "log10"}
    forbidden |= {"linspace", "logspace", "geomspace"}
    allowed_owners = {"math", "line", "self", "rising"}  # integers, or a length to reserve
    calls = [
        node.func
        for node in nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    found = [
        call.attr
        for call in calls
        if call.attr in forbidden
        and not (isinstance(call.value, ast.Name) and call.value.id in allowed_owners)
    ]
    # The command line compares with them, and derivatives of complex powers are no elements.
    assert name_of(path) in ("cli/selfcheck.py", "deferred/jax_complex.py") or not found


def test_all_names_are_defined_and_sorted():
    for path in SOURCES:
        tree = nodes(path)[0]
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                names = ast.literal_eval(node.value)
                defined = {n.name for n in tree.body if hasattr(n, "name")}
                later = [n for n in tree.body if isinstance(n, (ast.If, ast.With))]  # more imports
                for other in [*tree.body, *(n for branch in later for n in branch.body)]:
                    if isinstance(other, (ast.Assign, ast.AnnAssign)):
                        targets = getattr(other, "targets", [getattr(other, "target", None)])
                        names_of = (node for t in targets for node in ast.walk(t))
                        defined |= {getattr(node, "id", None) for node in names_of}
                    if isinstance(other, (ast.Import, ast.ImportFrom)):
                        defined |= {a.asname or a.name for a in other.names}
                assert set(names) <= defined, path


def test_a_copy_inside_another_package_works(tmp_path):
    """The package can be vendored: copied, renamed, and used without xspace being there."""
    home = tmp_path / "other" / "_vendored"
    home.mkdir(parents=True)
    (tmp_path / "other" / "__init__.py").touch()
    (home / "__init__.py").touch()
    shutil.copytree(PACKAGE, home / "grids", ignore=shutil.ignore_patterns("__pycache__"))
    code = """
import sys
sys.modules["xspace"] = None
from other._vendored.grids import logspace
from other._vendored.grids.testing import assert_identical
import array_api_strict
assert logspace(-2, 2, 5).tolist() == [0.01, 0.1, 1, 10, 100]
assert_identical(logspace(0, 1, 70_000, xp=array_api_strict), logspace(0, 1, 70_000))
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house():
    """The script that reads the imports of the whole house."""
    spec = importlib.util.spec_from_file_location("architecture", ROOT / "docs" / "architecture.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def arrows(house):
    return sorted(set(house.imports(house.files())))


def test_every_import_goes_down(house, arrows):
    """Those inside functions, too, and those for type checkers."""
    found = house.climbing(arrows)
    assert not found, "\n".join(map(house.describe, found))


def test_no_files_import_each_other_in_a_circle(house, arrows):
    assert house.circles(arrows) == []


@pytest.mark.parametrize(
    "late",
    [
        "from ..functions import linspace",
        "from importlib import import_module; import_module('xspace.functions')",
        "import importlib; importlib.import_module('..functions', __package__)",
    ],
)
def test_an_import_that_climbs_is_named_with_its_line_and_floors(
    house, tmp_path, monkeypatch, late
):
    (tmp_path / "xspace" / "engine").mkdir(parents=True)
    (tmp_path / "xspace" / "functions.py").write_text("from .engine import workers\n")
    (tmp_path / "xspace" / "engine" / "workers.py").write_text(f"def late():\n    {late}\n")
    monkeypatch.setattr(house, "ROOT", tmp_path)
    names = house.files()
    arrows = sorted(house.imports(names))
    (climbing,) = house.climbing(arrows)
    assert house.describe(climbing) == (
        "xspace/engine/workers.py:2 (engine, floor 4) imports xspace/functions.py "
        "(what users call, floor 9)"
    )
    assert house.circles(arrows) == [names]


THRESHOLDS = PACKAGE / "ground" / "thresholds.py"
SET = [n for n in ast.parse(THRESHOLDS.read_text()).body if isinstance(n, ast.AnnAssign)]


@pytest.mark.parametrize("node", SET, ids=lambda node: node.target.id)
def test_a_threshold_says_its_unit_and_is_used(node):
    lines = THRESHOLDS.read_text().splitlines()
    above = node.lineno - 2
    while not lines[above].startswith("#:"):  # one comment may be of two of them
        assert lines[above], f"{node.target.id} says nothing"
        above -= 1
    while lines[above - 1].startswith("#:"):
        above -= 1
    units = ("Elements", "Samples", "Lanes", "Columns", "Bits", "Bytes", "Entries", "The same")
    assert lines[above].startswith(tuple(f"#: {unit} " for unit in units))
    users = [
        path
        for path in SOURCES
        if path != THRESHOLDS
        and any(
            isinstance(other, ast.ImportFrom)
            and (other.module or "").endswith("thresholds")
            and node.target.id in {alias.name for alias in other.names}
            for other in nodes(path)
        )
    ]
    assert users


FOLDERS = sorted({path.parent for path in SOURCES})


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.relative_to(PACKAGE).as_posix())
def test_a_folder_says_what_it_is(house, arrows, folder):
    """What comes in, what goes out, what it may import, and where to start."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 18
    (listed,) = (line for line in text.splitlines() if line.startswith("May import: "))
    named = listed.removeprefix("May import: ").rstrip(".").split(", ")
    may = set(named) - {"nothing"}
    here = folder.relative_to(house.ROOT).as_posix()
    room = len(house.FLOORS) - house.floor(f"{here}/any.py")
    rooms = [name for name, _ in house.FLOORS]
    nested = folder.parent != PACKAGE and folder != PACKAGE
    assert may <= {*rooms[room + 1 :], *(rooms[room : room + 1] if nested else ())}
    used = {rooms[-house.floor(a.imported)] for a in arrows if a.importer.startswith(f"{here}/")}
    assert used - {rooms[room]} <= may
    starts = text.partition("Start with ")[2].splitlines()[0].split("`")[1::2]
    files = [name for name in starts if "." in name]
    assert files
    assert all((folder / name).exists() for name in files)
