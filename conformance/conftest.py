"""Options of the suite, its targets as fixtures, and the report of what ran.

A test module that has `CASES` gets its tests with ``target`` and ``case`` in every combination
in which the target has the case's dtype. A backend that cannot run shows up as one skipped test
with the reason.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from . import options
from .shares import WHOLE
from .targets import Lineup, Target, Unavailable, line_up

#: The same random grids at every run of CI, which tells whether a change is good; developers and
#: the weekly run look for grids that nobody has tried.
SEED_OF_CI = 1
LINEUP = pytest.StashKey[Lineup]()
# Markers of tests that only some targets can run.
ABILITIES = {
    "derivatives": lambda target: bool(target.differentiate),
    "tracing": lambda target: target.trace is not None,
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the suite's options, unless `entry_point` has."""
    if not pluginmanager.has_plugin(options.__name__):
        options.pytest_addoption(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Fix the seed and find the targets."""
    config.addinivalue_line("markers", "shares: targets with a share of the cases take part")
    for name in ABILITIES:
        config.addinivalue_line("markers", f"{name}: targets that have none take no part")
    if config.option.seed is None:
        drawn = random.SystemRandom().randrange(2**32)
        config.option.seed = SEED_OF_CI if os.environ.get("CI") else drawn
    try:
        config.stash[LINEUP] = line_up(config.option.backend, config.option.device)
    except Unavailable as error:
        raise pytest.UsageError(str(error)) from error


def _status(config: pytest.Config) -> list[str]:
    lineup = config.stash[LINEUP]
    ran = ", ".join(target.name for target in lineup.targets) or "nothing"
    lines = [f"conformance: seed {config.option.seed} (--seed {config.option.seed} repeats it)"]
    lines.append(f"conformance: targets: {ran}")
    lines += [f"conformance: not run: {name}: {why}" for name, why in lineup.absent.items()]
    return lines


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is going to run, and on which seed."""
    return _status(config)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what ran, also at the end and in quiet runs."""
    terminalreporter.section("conformance")
    for line in _status(config):
        terminalreporter.line(line)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test its targets, with the cases of its module."""
    if "target" not in metafunc.fixturenames:
        return
    lineup = metafunc.config.stash[LINEUP]
    absent = list(_absent(lineup))
    found = lineup.targets
    if metafunc.definition.get_closest_marker("shares") is None:
        found = whole(lineup)
        if not found and not absent:
            absent = [(target.name, "gets a share of the cases only") for target in lineup.targets]
    for name, needed in ABILITIES.items():
        if metafunc.definition.get_closest_marker(name) is not None:
            found = [target for target in found if needed(target)]
            if not found and not absent:
                absent = [("none", f"no target has {name}")]
    if "case" not in metafunc.fixturenames:
        params = [pytest.param(target, id=target.name) for target in found]
        metafunc.parametrize("target", [*params, *(_skip(*one, 1) for one in absent)])
        return
    pairs = [
        pytest.param(target, case, id=f"{target.name}-{case.id}")
        for target in found
        for case in target.cases(metafunc.module.CASES)
    ]
    metafunc.parametrize(("target", "case"), [*pairs, *(_skip(*one, 2) for one in absent)])


def whole(lineup: Lineup) -> list[Target]:
    """Return the targets that get all cases as they are."""
    return [target for target in lineup.targets if target.share == WHOLE]


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
    """Return all targets of the run."""
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
