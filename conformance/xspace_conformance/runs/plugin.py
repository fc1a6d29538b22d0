"""The suite's plugin of pytest: its options, the targets of a run, and the report of what ran.

What tests get of it (targets, cases, the seed) is in `tests.conftest`, for the suite's own alone.
Functions that are not xspace's (``--target``) are asked by the tests marked ``anyone`` only: what
is right is the same for all, and the rest is what xspace promises.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from ..report.terminal import absent_lines
from ..subjects.native import SIGNATURES, Foreign
from ..subjects.selection import Selection
from ..subjects.shares import WHOLE
from ..subjects.target import Target, Unavailable
from ..subjects.targets import Lineup

#: The same random grids at every run of CI, which tells whether a change is good; developers and
#: the weekly run look for grids that nobody has tried.
SEED_OF_CI = 1
LINEUP = pytest.StashKey[Lineup]()
# Markers of tests that only some targets can run, and of those that anybody's function can.
ABILITIES = {
    "derivatives": lambda target: bool(target.differentiate),
    "tracing": lambda target: target.trace is not None,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    group = parser.getgroup("conformance")
    group.addoption(
        "--backend",
        action="append",
        metavar="NAME",
        help="backend to test, repeatable; module:name for a namespace never heard of",
    )
    group.addoption("--device", action="append", metavar="DEV", help="device to test, repeatable")
    group.addoption(
        "--target",
        action="append",
        metavar="MODULE:FUNCTION",
        help="anybody's function, repeatable; without --backend only these are asked",
    )
    group.addoption("--signature", choices=SIGNATURES, default="numpy", help="how it is called")
    group.addoption(
        "--seed",
        type=int,
        metavar="N",
        help="seed of the random grids (default: a new one; 1 in CI)",
    )
    group.addoption(
        "--all-seams",
        action="store_true",
        help="every transform with every call and ends, not only each two of them: half an hour",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Fix the seed and find the targets."""
    config.addinivalue_line("markers", "shares: targets with a share of the cases take part")
    config.addinivalue_line("markers", "anyone: functions that are not xspace's take part")
    for name in ABILITIES:
        config.addinivalue_line("markers", f"{name}: targets that have none take no part")
    if config.option.seed is None:
        drawn = random.SystemRandom().randrange(2**32)
        config.option.seed = SEED_OF_CI if os.environ.get("CI") else drawn
    try:
        config.stash[LINEUP] = _selection(config.option).collect()
    except Unavailable as error:
        raise pytest.UsageError(str(error)) from error


def _selection(options: Any) -> Selection:
    return Selection(
        backends=tuple(options.backend or ()),
        devices=tuple(options.device or ()),
        callables=tuple(options.target or ()),
        signature=options.signature,
    )


def _status(config: pytest.Config) -> list[str]:
    lineup = config.stash[LINEUP]
    ran = ", ".join(target.name for target in lineup.targets) or "nothing"
    lines = [f"conformance: seed {config.option.seed} (--seed {config.option.seed} repeats it)"]
    lines.append(f"conformance: targets: {ran}")
    lines += [f"conformance: {line}" for line, _ in absent_lines(lineup.absent)]
    return lines


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is going to run, and on which seed."""
    return _status(config)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what ran, also at the end and in quiet runs."""
    terminalreporter.section("conformance")
    for line in _status(config):
        terminalreporter.line(line)


def ours(lineup: Lineup) -> list[Target]:
    """Return the targets that are xspace."""
    return [target for target in lineup.targets if not isinstance(target, Foreign)]


def whole(lineup: Lineup) -> list[Target]:
    """Return those of them that get all cases as they are."""
    return [target for target in ours(lineup) if target.share == WHOLE]
