"""A short run of the fuzzer, in a process of its own: it limits time and memory."""

from __future__ import annotations

import importlib.util
from collections import Counter

import pytest

if importlib.util.find_spec("resource") is None:
    pytest.skip("no limits of processes: this system is no Unix", allow_module_level=True)

from xspace_conformance.cases.strange import Call
from xspace_conformance.runs import fuzz
from xspace_conformance.runs.processes import run_python


def test_a_short_run(seed: int) -> None:
    command = ("-m", "xspace_conformance", "fuzz", "--batches", "2", "--seed", str(seed))
    done = run_python(*command)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"seed {seed}" in done.stdout
    assert " result" in done.stdout


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division"),
        (ValueError(), "ValueError without a message"),
        (TypeError("unsupported operand type(s)"), "about something inside"),
        (MemoryError(), "MemoryError for 24 bytes"),
        (DeprecationWarning("old"), "DeprecationWarning: old"),
        (fuzz.Hang(), "more than 2.0 seconds"),
        (IndexError("no such place"), "IndexError"),
    ],
)
def test_wrong_conduct_is_found(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, words: str
) -> None:
    def fail(call: Call) -> None:
        raise error

    monkeypatch.setattr(fuzz, "run", fail)
    with pytest.raises(fuzz.Wrong, match=words):
        fuzz.check(Call("linspace", (0, 1, 3)))


def test_a_wrong_element_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    monkeypatch.setattr(fuzz, "run", lambda call: np.array([0.0, np.nextafter(0.5, 1), 1.0]))
    with pytest.raises(fuzz.Wrong, match="element 1 has the bits 3fe0000000000001"):
        fuzz.check(Call("linspace", (0, 1, 3)))


def test_a_hanging_call_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(call: Call) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz, "run", hang)
    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    with pytest.raises(fuzz.Wrong, match=r"more than 0\.1 seconds"):
        fuzz.check(Call("linspace", (0, 1, 3)))


def test_failures_are_reported_with_their_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(call: Call) -> None:
        raise KeyError(call.function)

    monkeypatch.setattr(fuzz, "run", fail)
    seen: Counter[str] = Counter()
    found = fuzz.draw(20, 1, Counter(), seen)
    assert found
    assert all("KeyError" in str(wrong) for wrong in found)
    assert all(wrong.__notes__[0].startswith("xspace.") for wrong in found)
    seen.update(map(fuzz.where, found))
    assert not fuzz.draw(20, 1, Counter(), seen)
    assert seen.total() > len(found)
