"""Hypothesis: the same examples at every run of CI, new ones at every run of a developer.

With several processes each takes whole files. Where an array library is not installed, the modules
that are about it are skipped and say so.
"""

import ast
import gc
import os
from importlib.util import find_spec

import hypothesis
import pytest

hypothesis.settings.register_profile("xspace", deadline=None, print_blob=True)
hypothesis.settings.register_profile(
    "ci", hypothesis.settings.get_profile("xspace"), derandomize=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "xspace")

#: What a test module may import without further ado, as these are optional.
LIBRARIES = {"array_api_strict", "cubed", "dask", "gmpy2", "jax", "ml_dtypes", "torch"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Several processes take a file each: its tests share programs, answers and servers."""
    if config.getoption("dist") != "load":  # a way that was asked for
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Modules and tests stay to the end: no search for garbage has to look at them again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        # What tests run pytest on needs no plugin of others: to import them takes a second.
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


class SkippedModule(pytest.Module):
    """A test module that cannot be imported here, and why."""

    reason = ""

    def collect(self):
        pytest.skip(self.reason, allow_module_level=True)


def pytest_pycollect_makemodule(module_path, parent):
    """Skip a module that imports, at its top, an array library that is not installed."""
    wanted = imported(module_path) & LIBRARIES
    absent = sorted(name for name in wanted if find_spec(name) is None)
    if not absent:
        return None
    module = SkippedModule.from_parent(parent, path=module_path)
    module.reason = f"{module_path.name} is about {', '.join(absent)}: not installed"
    return module


def imported(path):
    """The packages that a test module imports at its top, also by way of another one."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "xspace.engine":
            found |= {alias.name for alias in node.names}  # each imports its own library
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    neighbours = [path.with_name(f"{name}.py") for name in found if name.startswith("test_")]
    return found.union(*(imported(neighbour) for neighbour in neighbours))
