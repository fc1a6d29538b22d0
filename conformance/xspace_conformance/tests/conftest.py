"""What the suite's tests get: targets, their cases, the seed.

A test module that has `CASES` gets its tests with ``target`` and ``cases`` in every combination:
those of one name in the dtypes that the target has. A backend that cannot run shows up as one
skipped test with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from ..runs.plugin import ABILITIES, LINEUP, ours, whole
from ..subjects.native import Foreign
from ..subjects.target import Target
from ..subjects.targets import Lineup


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its targets, with the cases of its module."""
    if "target" not in metafunc.fixturenames:
        return
    lineup = metafunc.config.stash[LINEUP]
    absent = list(_absent(lineup))
    found = ours(lineup)
    if metafunc.definition.get_closest_marker("shares") is None:
        found = whole(lineup)
        if not found and not absent:
            absent = [(target.name, "gets a share of the cases only") for target in ours(lineup)]
    if metafunc.definition.get_closest_marker("anyone") is not None:
        found = [*found, *(t for t in lineup.targets if isinstance(t, Foreign))]
    elif not ours(lineup) and not absent:
        absent = [("none", "asked of xspace alone, which is no target of this run")]
    for name, needed in ABILITIES.items():
        if metafunc.definition.get_closest_marker(name) is not None:
            found = [target for target in found if needed(target)]
            if not found and not absent:
                absent = [("none", f"no target has {name}")]
    if "cases" not in metafunc.fixturenames:
        params = [pytest.param(target, id=target.name) for target in found]
        metafunc.parametrize("target", [*params, *(_skip(*one, 1) for one in absent)])
        return
    pairs = [
        pytest.param(target, cases, id=f"{target.name}-{name}")
        for target in found
        for name, cases in _by_name(target.cases(metafunc.module.CASES)).items()
    ]
    metafunc.parametrize(("target", "cases"), [*pairs, *(_skip(*one, 2) for one in absent)])


def _by_name(cases: Iterable[Any]) -> dict[str, list[Any]]:
    """Return cases of one name together: a test of its own costs more than most grids do."""
    found: dict[str, list[Any]] = {}
    for case in cases:
        name = f"{case.function}-{case.name.removeprefix(f'{case.function}-')}"
        found.setdefault(name, []).append(case)
    return found


def _absent(lineup: Lineup) -> Iterator[tuple[str, str]]:
    yield from lineup.absent.items()
    if not lineup.targets and not lineup.absent:
        yield "none", "no target"


def _skip(name: str, reason: str, values: int) -> Any:
    mark = pytest.mark.skip(reason=f"{name}: {reason}")
    return pytest.param(*[None] * values, marks=mark, id=name)


@pytest.fixture(scope="session")
def targets(pytestconfig: pytest.Config) -> list[Target]:
    """Return the targets of the run that get all cases."""
    return _some(whole(pytestconfig.stash[LINEUP]), pytestconfig)


@pytest.fixture(scope="session")
def all_targets(pytestconfig: pytest.Config) -> list[Target]:
    """Return all targets of the run that are xspace."""
    return _some(ours(pytestconfig.stash[LINEUP]), pytestconfig)


@pytest.fixture(scope="session")
def everyone(pytestconfig: pytest.Config) -> list[Target]:
    """Return all targets of the run, functions that are not xspace's among them."""
    return _some(pytestconfig.stash[LINEUP].targets, pytestconfig)


def _some(found: list[Target], config: pytest.Config) -> list[Target]:
    if not found:
        absent = config.stash[LINEUP].absent
        pytest.skip("; ".join(f"{k}: {v}" for k, v in absent.items()) or "no target for this")
    return found


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """Return the seed of the random grids."""
    return int(pytestconfig.option.seed)
