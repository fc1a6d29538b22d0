"""The compiled engine switched off, within a process: what it would make, Python makes."""

from __future__ import annotations

import sys

import pytest

from xspace.engine.native import ENGINE

#: Where the engine was put when modules were imported.
_MODULES = ("engine.native.filling", "engine.fill", "lanes.derivatives", "lanes.torch")
_CALLS = {"xspace.functions": ("logspace", "geomspace", "linspace"), "xspace.arange": ("arange",)}


def choose(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the rest of a test run with the engine, if it is installed, or without it."""
    if mode == "engine":
        if ENGINE is None:
            pytest.skip("the engine is not installed, or switched off")
        return
    for name in _MODULES:
        if f"xspace.{name}" in sys.modules:
            monkeypatch.setattr(f"xspace.{name}.ENGINE", None)
    for module, functions in _CALLS.items():
        for function in functions:
            # By `sys.modules`: `xspace.arange` is a function.
            monkeypatch.setattr(sys.modules[module], f"quick_{function}", lambda *_: None)
    monkeypatch.setattr("xspace.call.samples._quick_samples", lambda *_: None)
