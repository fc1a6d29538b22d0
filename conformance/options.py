"""The suite's options of pytest: a plugin of its own, so that `entry_point` can load it early."""

from __future__ import annotations

import pytest


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
